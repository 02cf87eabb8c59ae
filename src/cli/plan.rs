//! `plan`: what would be sent when, to whom, and why not now. The same decision as the daemon's, lived through ahead.

use super::{Cli, Exit, open, screen};
use crate::daemon::house::House;
use crate::daemon::waiting::Waiting;
use crate::daemon::world::Surroundings;
use crate::dunning::account::{Account, Letter};
use crate::dunning::gate::{GateClosed, bank_data_gate, needs_approval};
use crate::dunning::hold::Hold;
use crate::dunning::ids::CaseId;
use crate::dunning::instalments::due_letters;
use crate::dunning::outlook::{Ahead, Coming, Start, next_ahead, outlook};
use crate::dunning::policy::StepKind;
use crate::dunning::schedule::due_steps;
use anyhow::Result;
use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

/// Without --until the next thing of each debtor is looked for this far ahead.
const FAR: u64 = 400;

#[derive(clap::Args)]
pub struct Args {
    /// Everything up to this day, as if nothing more came in and every letter was approved; without it, the next thing
    /// of each debtor
    #[arg(long, value_name = "DATE")]
    until: Option<NaiveDate>,
}

pub fn plan(cli: &Cli, args: &Args) -> Result<Exit> {
    for config in open::load_all(cli)? {
        let Some(house) = open::look(config)? else { continue };
        let mut rows = rows(&house, args.until)?;
        rows.sort_by_key(|row| (row["on"].is_null(), row["on"].to_string(), row["debtor"].to_string()));
        for row in &rows {
            if cli.json { screen::line(row)? } else { screen::line(text(row))? }
        }
    }
    Ok(Exit::Done)
}

/// What comes of every debtor with an open case, and every letter that waits in the outbox.
fn rows(house: &House, until: Option<NaiveDate>) -> Result<Vec<Value>> {
    let (surroundings, start) = (house.surroundings()?, start(house)?);
    let waiting = house.waiting(&surroundings)?;
    let mut rows: Vec<Value> = waiting.iter().filter_map(|waiting| waiting_row(house, waiting)).collect();
    for account in house.accounts_with_letters_ahead()? {
        let waits = waiting.iter().any(|waiting| waiting.row.account.as_ref() == Some(&account.id));
        if waits && until.is_none() {
            // The letter in the outbox is the next thing, and nothing comes before it.
            continue;
        }
        let ahead = match until {
            Some(until) => outlook(&account, &house.config.policy, start, until),
            None => next_ahead(&account, &house.config.policy, start, far(house)).into_iter().collect(),
        };
        let why = why_not_now(house, &account, &surroundings);
        if ahead.is_empty() && until.is_none() && account.open_cases().next().is_some() {
            rows.push(nothing(&account, &why));
        }
        // Only the first thing is kept back by how things stand now; the others wait for it.
        for (at, ahead) in ahead.iter().enumerate() {
            let why = if at == 0 { why.as_slice() } else { &[] };
            rows.push(row(house, &account, ahead, why));
        }
    }
    Ok(rows)
}

/// A letter in the outbox that has not left; `None` for a digest.
pub fn waiting_row(house: &House, waiting: &Waiting) -> Option<Value> {
    let (account, letter) = waiting.letter.as_ref()?;
    let mut row = letter_row(house, account, letter);
    let why: Vec<Reason> = waiting.why.iter().map(Reason::of).collect();
    describe(&mut row, account, &why);
    let next_try = waiting.next_try.map(|at| at.format("%Y-%m-%dT%H:%M:%S").to_string());
    row["on"] = json!(waiting.next_try.map_or_else(|| house.today(), |at| at.date()));
    row["letter"] = json!(letter.id);
    row["state"] = json!(waiting.row.state.word());
    row["attempts"] = json!(waiting.row.attempts);
    row["last_reply"] = json!(waiting.last_reply());
    row["next_try"] = json!(next_try);
    row["needs_approval"] = json!(false);
    Some(row)
}

/// The letters and tasks of every debtor up to a day, for `status`.
pub fn coming_until(house: &House, until: NaiveDate) -> Result<Vec<Value>> {
    let mut rows = rows(house, Some(until))?;
    // What lies in the outbox is told apart.
    rows.retain(|row| row["state"].is_null());
    rows.sort_by_key(|row| (row["on"].to_string(), row["debtor"].to_string()));
    Ok(rows)
}

fn start(house: &House) -> Result<Start> {
    let today = house.today().to_string();
    let digest_made = house.memo("digest_day")?.is_some_and(|day| day >= today);
    Ok(Start { now: house.local_now(), digest_made })
}

fn far(house: &House) -> NaiveDate {
    house.today().checked_add_days(Days::new(FAR)).unwrap_or(NaiveDate::MAX)
}

/// Why something does not leave now: a word that never changes, and words for a person.
pub struct Reason {
    pub code: &'static str,
    pub text: String,
}

impl Reason {
    pub fn of(closed: &GateClosed) -> Reason {
        Reason { code: closed.code(), text: closed.to_string() }
    }
}

/// Why nothing leaves for this debtor at this moment; none = something does.
fn why_not_now(house: &House, account: &Account, surroundings: &Surroundings) -> Vec<Reason> {
    let (policy, today) = (&house.config.policy, house.today());
    let Some(due) = due_letters(account, policy, today).into_iter().next() else {
        return nothing_due(house, account, surroundings);
    };
    let closed = surroundings.why_not(account, &due.intended(today), policy);
    closed.iter().map(Reason::of).collect()
}

/// No letter is due: its day has not come, it is held, or it has no address.
fn nothing_due(house: &House, account: &Account, surroundings: &Surroundings) -> Vec<Reason> {
    let policy = &house.config.policy;
    let mut closed = Vec::new();
    if policy.never_dun(account) {
        closed.push(GateClosed::NeverDun);
    }
    for case in account.open_cases() {
        if let Some(Hold { reason, until, .. }) = account.hold_on(&case.id) {
            closed.push(GateClosed::Held { case: case.id.clone(), reason: *reason, until: *until });
        }
    }
    if policy.address(account).is_none() {
        closed.push(GateClosed::NoAddress);
    }
    let underway = account.letter_underway().map(|letter| GateClosed::LetterUnderway { letter: letter.id.clone() });
    closed.extend(underway);
    let due = due_steps(account, policy, house.today());
    let hands_over = due.iter().any(|next| next.step.kind == StepKind::Human);
    if hands_over {
        closed.extend(bank_data_gate(policy, surroundings.world()));
    }
    if !closed.is_empty() {
        return closed.iter().map(Reason::of).collect();
    }
    let (code, text) =
        if due.is_empty() { ("not_due", "its day has not come") } else { ("task", "a task waits for you") };
    vec![Reason { code, text: text.to_owned() }]
}

fn row(house: &House, account: &Account, ahead: &Ahead, why: &[Reason]) -> Value {
    let mut row = match &ahead.what {
        Coming::Letter(letter) => letter_row(house, account, letter),
        Coming::Instalment { plan, amount, cases } => {
            let invoices = cases.iter().filter_map(|case| account.cases.get(case)).map(|case| case.number());
            json!({
                "what": "instalment",
                "plan": plan,
                "amount": amount.to_string(),
                "currency": amount.currency(),
                "cases": cases,
                "invoices": invoices.collect::<Vec<_>>(),
            })
        }
        Coming::Task { kind, case, text } => {
            let invoice = case.as_ref().and_then(|case| account.cases.get(case)).map(|case| case.number().clone());
            let cases: Vec<&CaseId> = case.iter().collect();
            let invoices: Vec<_> = invoice.into_iter().collect();
            json!({ "what": kind.code(), "text": text, "cases": cases, "invoices": invoices })
        }
    };
    describe(&mut row, account, why);
    row["on"] = json!(ahead.on);
    row
}

fn letter_row(house: &House, account: &Account, letter: &Letter) -> Value {
    let asked = letter.intended().asked(account);
    let listed = letter.amounts.iter().filter_map(|(id, _)| account.cases.get(id));
    let steps: Vec<Value> = letter.covers.iter().map(|(case, step)| json!({ "case": case, "step": step })).collect();
    json!({
        "what": "letter",
        "template": letter.template,
        "formal": letter.formal,
        "to": letter.recipient,
        "steps": steps,
        "cases": letter.amounts.iter().map(|(case, _)| case).collect::<Vec<_>>(),
        "invoices": listed.map(|case| case.number()).collect::<Vec<_>>(),
        "amount": asked.map(|asked| asked.to_string()),
        "currency": asked.map(|asked| asked.currency()),
        "deadline": letter.deadline,
        "needs_approval": needs_approval(letter.formal, &house.config.policy) && !account.approved.contains(&letter.covers),
    })
}

/// Nothing will come by itself.
fn nothing(account: &Account, why: &[Reason]) -> Value {
    let cases: Vec<&CaseId> = account.open_cases().map(|case| &case.id).collect();
    let invoices: Vec<_> = account.open_cases().map(|case| case.number()).collect();
    let mut row = json!({ "what": null, "on": null, "cases": cases, "invoices": invoices });
    describe(&mut row, account, why);
    row
}

fn describe(row: &mut Value, account: &Account, why: &[Reason]) {
    row["debtor"] = json!(account.id);
    row["name"] = json!(account.debtor.as_ref().map(|debtor| &debtor.name));
    row["why_not_now"] = json!(why.iter().map(|why| &why.text).collect::<Vec<_>>());
    row["gate"] = json!(why.iter().map(|why| why.code).collect::<Vec<_>>());
}

/// How often a letter was tried, what came of it, and when it is tried again.
fn tried(row: &Value) -> String {
    let times = match row["attempts"].as_u64() {
        Some(1) => "tried once".to_owned(),
        attempts => format!("tried {} times", attempts.unwrap_or_default()),
    };
    let said = row["last_reply"].as_str().map(|reply| format!(", the last time: {reply}")).unwrap_or_default();
    let next = row["next_try"].as_str().map(|at| format!("; next try {}", at.replace('T', " "))).unwrap_or_default();
    format!("{times}{said}{next}")
}

/// One row for a person.
pub fn text(row: &Value) -> String {
    let text = |key: &str| screen::plain(&row[key]);
    let who = format!("{} {}", text("debtor"), text("name"));
    let mut line = match row["what"].as_str() {
        Some("letter") => format!(
            "{}  {:<16} {who} <{}>  {}for {}",
            text("on"),
            text("template"),
            text("to"),
            if row["amount"].is_null() { String::new() } else { format!("{} {} ", text("amount"), text("currency")) },
            text("invoices")
        ),
        Some("instalment") => format!(
            "{}  {:<16} {who}  {} {} for {}",
            text("on"),
            "instalment",
            text("amount"),
            text("currency"),
            text("invoices")
        ),
        Some(task) => format!("{}  {task:<16} {who}  {}  (for you)", text("on"), text("invoices")),
        None => format!("{:<10}  {:<16} {who}  {}", "-", "nothing", text("invoices")),
    };
    if row["needs_approval"] == true {
        line.push_str("  (needs your approval)");
    }
    if row["state"].is_string() {
        line.push_str("  (in the outbox)");
    }
    if row["attempts"].as_u64().is_some_and(|attempts| attempts > 0) {
        line.push_str(&format!("\n            {}", tried(row)));
    }
    for why in row["why_not_now"].as_array().into_iter().flatten() {
        line.push_str(&format!("\n            not now: {}", screen::plain(why)));
    }
    line
}
