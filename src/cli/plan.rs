//! `plan`: what would be sent when, to whom, and why not now. The same decision as the daemon's, lived through ahead.

use super::{Cli, Exit, open, screen};
use crate::daemon::house::House;
use crate::daemon::world::Surroundings;
use crate::dunning::account::{Account, Letter};
use crate::dunning::gate::{gate, needs_approval};
use crate::dunning::ids::CaseId;
use crate::dunning::instalments::due_letters;
use crate::dunning::outlook::{Ahead, Coming, Start, next_ahead, outlook};
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

/// What comes of every debtor with an open case.
fn rows(house: &House, until: Option<NaiveDate>) -> Result<Vec<Value>> {
    let (surroundings, start) = (house.surroundings()?, start(house)?);
    let mut rows = Vec::new();
    for account in house.accounts_with_open_cases()? {
        let ahead = match until {
            Some(until) => outlook(&account, &house.config.policy, start, until),
            None => next_ahead(&account, &house.config.policy, start, far(house)).into_iter().collect(),
        };
        let why = why_not_now(house, &account, &surroundings);
        if ahead.is_empty() && until.is_none() {
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

/// The letters and tasks of every debtor up to a day, for `status`.
pub fn coming_until(house: &House, until: NaiveDate) -> Result<Vec<Value>> {
    let mut rows = rows(house, Some(until))?;
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

/// Why nothing leaves for this debtor at this moment; none = something does.
fn why_not_now(house: &House, account: &Account, surroundings: &Surroundings) -> Vec<String> {
    let (policy, today) = (&house.config.policy, house.today());
    let Some(due) = due_letters(account, policy, today).into_iter().next() else {
        return nothing_due(house, account);
    };
    let mut why: Vec<String> = Vec::new();
    for reason in gate(account, &due.intended(today), policy, &surroundings.of(account)) {
        why.push(reason.to_string());
    }
    if needs_approval(due.formal, policy) && !account.approved.contains(&due.covers) {
        why.push(crate::dunning::gate::GateClosed::NotApproved.to_string());
    }
    why.dedup();
    why
}

/// No letter is due: its day has not come, it is held, or it has no address.
fn nothing_due(house: &House, account: &Account) -> Vec<String> {
    let policy = &house.config.policy;
    let mut why = Vec::new();
    if policy.never_dun(account) {
        why.push("this debtor is never dunned (never_dun)".to_owned());
    }
    for case in account.open_cases() {
        if let Some(hold) = account.hold_on(&case.id) {
            let until = hold.until.map(|day| format!(" until {day}")).unwrap_or_default();
            why.push(format!("case {} is held{until}: {}", case.id, hold.reason.code()));
        }
    }
    if policy.address(account).is_none() {
        why.push("no mail address is known".to_owned());
    }
    if why.is_empty() {
        let waits = due_steps(account, policy, house.today()).is_empty();
        why.push(if waits { "its day has not come" } else { "a task waits for you" }.to_owned());
    }
    why
}

fn row(house: &House, account: &Account, ahead: &Ahead, why: &[String]) -> Value {
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
fn nothing(account: &Account, why: &[String]) -> Value {
    let cases: Vec<&CaseId> = account.open_cases().map(|case| &case.id).collect();
    let invoices: Vec<_> = account.open_cases().map(|case| case.number()).collect();
    let mut row = json!({ "what": null, "on": null, "cases": cases, "invoices": invoices });
    describe(&mut row, account, why);
    row
}

fn describe(row: &mut Value, account: &Account, why: &[String]) {
    row["debtor"] = json!(account.id);
    row["name"] = json!(account.debtor.as_ref().map(|debtor| &debtor.name));
    row["why_not_now"] = json!(why);
}

/// One row for a person.
pub fn text(row: &Value) -> String {
    let text = |key: &str| screen::plain(&row[key]);
    let who = format!("{} {}", text("debtor"), text("name"));
    let mut line = match row["what"].as_str() {
        Some("letter") => format!(
            "{}  {:<16} {who} <{}>  {} {} for {}",
            text("on"),
            text("template"),
            text("to"),
            text("amount"),
            text("currency"),
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
    for why in row["why_not_now"].as_array().into_iter().flatten() {
        line.push_str(&format!("\n            not now: {}", screen::plain(why)));
    }
    line
}
