//! `case show`: one case with everything that happened to it, why, and on what evidence; also as it stood on an
//! earlier day.

use super::cases::{case_json_on, case_line};
use super::history::{history, owner_on};
use super::questions::{question_json, question_text};
use super::subject::Subject;
use super::timeline::{concerns, evidence, tell};
use super::{Cli, Exit, open, screen};
use crate::daemon::house::House;
use crate::daemon::step::fact_of;
use crate::dunning::account::{Account, Case, Letter, LetterState, Payment, Promise, PromiseState};
use crate::dunning::hold::Scope;
use crate::dunning::ids::{CaseId, DebtorId};
use crate::dunning::legal::{Lapse, lapse, long_term_of};
use crate::dunning::money::{Extras, Money};
use crate::dunning::plan::Plan;
use crate::dunning::question::Question;
use crate::store::JournalRow;
use anyhow::{Result, bail};
use chrono::NaiveDate;
use serde_json::{Value, json};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// The whole timeline of a case, with its evidence
    Show {
        /// A case or an invoice number; of a debtor, every case
        id: String,
        /// As it stood at the end of this day
        #[arg(long, value_name = "DATE")]
        at: Option<NaiveDate>,
    },
}

pub fn case(cli: &Cli, args: &Args) -> Result<Exit> {
    let What::Show { id, at } = &args.what;
    let Some((house, subject)) = find(cli, id)? else {
        bail!("no pass was made yet, so there are no cases: `aanmaand run --once`")
    };
    let account = match at {
        Some(day) => house.replay(&whose(&house, &subject, *day)?, |row| row.on <= *day)?,
        None => house.account(&subject.debtor)?,
    };
    let cases: Vec<&Case> = subject.cases(&account).collect();
    if let (true, Some(day)) = (cases.is_empty(), at) {
        bail!("on {day} {id} was not known yet");
    }
    let own = journal(&house, &account.id, *at)?;
    for case in cases {
        let rows = history(&house, &account.id, own.clone(), &case.id, *at)?;
        let value = full(&house, &account, case, &rows, at.unwrap_or(house.today()))?;
        if cli.json { screen::line(&value)? } else { show(&account, case, &value)? }
    }
    Ok(Exit::Done)
}

/// The debtor whose it was on that day.
fn whose(house: &House, subject: &Subject, day: NaiveDate) -> Result<DebtorId> {
    match &subject.scope {
        Scope::Case(case) => owner_on(house, &subject.debtor, case, day),
        Scope::Debtor => Ok(subject.debtor.clone()),
    }
}

/// Looks in every administration.
pub fn find(cli: &Cli, id: &str) -> Result<Option<(House, Subject)>> {
    let mut unknown = None;
    for config in open::load_all(cli)? {
        let Some(house) = open::look(config)? else { continue };
        match Subject::find(&house.accounts()?, id) {
            Ok(subject) => return Ok(Some((house, subject))),
            Err(error) => unknown = Some(error),
        }
    }
    unknown.map_or(Ok(None), Err)
}

/// The rows of this debtor, up to the end of a day.
pub fn journal(house: &House, debtor: &DebtorId, at: Option<NaiveDate>) -> Result<Vec<JournalRow>> {
    let is_later = |row: &JournalRow| at.is_some_and(|day| row.on > day);
    house.journal_after(Some(debtor), 0).take_while(|row| !row.as_ref().is_ok_and(is_later)).collect()
}

/// The case as `cases` shows it, and all that hangs on it.
fn full(house: &House, account: &Account, case: &Case, rows: &[JournalRow], day: NaiveDate) -> Result<Value> {
    let mut value = case_json_on(&house.config.policy, account, case, day);
    let letters = account.letters.iter().filter(|letter| letter.lists(&case.id));
    let paid = account.payments.iter().filter(|payment| payment.allocations.iter().any(|(id, _)| *id == case.id));
    let promises = account.promises.iter().filter(|p| p.cases.is_empty() || p.cases.contains(&case.id));
    let lapse = lapse(account, case, &house.config.policy).filter(|_| case.is_open());
    value["limitation"] = lapse.map_or(Value::Null, |lapse| lapse_json(&lapse));
    value["long_term"] = json!(long_term_of(account, case, &house.config.policy).map(|term| term.to_string()));
    value["at"] = json!(day);
    value["file"] = json!(case.file);
    value["opened_on"] = json!(case.opened_on);
    value["issue_date"] = json!(case.invoice.issue_date);
    value["payable"] = json!(case.invoice.payable.to_string());
    value["payment_reference"] = json!(case.invoice.payment_reference);
    value["paid"] = json!(case.paid.to_string());
    value["credited"] = json!(case.credited.to_string());
    value["steps"] = case.steps.iter().map(|(step, on)| json!({ "step": step, "on": on })).collect();
    value["holds"] = account.holds.iter().filter(|hold| hold.covers(&case.id)).map(|hold| json!(hold)).collect();
    value["letters"] = letters.map(|letter| letter_json(account, letter)).collect();
    value["payments"] = paid.map(payment_json).collect();
    value["promises"] = promises.map(|promise| json!(promise)).collect();
    value["disputed"] = json!(case.disputed.map(|disputed| disputed.to_string()));
    value["asked"] = json!(case.asked().to_string());
    value["plans"] =
        account.plans.iter().filter(|plan| plan.cases.contains(&case.id)).map(|p| plan_json(account, p)).collect();
    value["questions"] = questions(account, case).map(|question| question_json(account, question)).collect();
    value["timeline"] = timeline(account, case, rows)?.into();
    Ok(value)
}

fn lapse_json(lapse: &Lapse) -> Value {
    let interrupted = lapse.interrupted.iter().map(|(day, how)| json!({ "on": day, "by": how.code() }));
    json!({
        "last_day": lapse.last_day,
        "article": lapse.article,
        "interrupted": interrupted.collect::<Vec<_>>(),
    })
}

fn letter_json(account: &Account, letter: &Letter) -> Value {
    let (state, on) = match letter.state {
        LetterState::Requested => ("requested", Some(letter.requested_on)),
        LetterState::Sent(on) => ("sent", Some(on)),
        LetterState::Unknown(on) => ("unknown", Some(on)),
        LetterState::Withdrawn => ("withdrawn", None),
        LetterState::Rejected(on) => ("rejected", Some(on)),
        LetterState::Bounced(on) => ("bounced", Some(on)),
    };
    json!({
        "letter": letter.id,
        "template": letter.template,
        "formal": letter.formal,
        "state": state,
        "on": on,
        "requested_on": letter.requested_on,
        "to": letter.recipient,
        "deadline": letter.deadline,
        "steps": letter.covers.iter().map(|(case, step)| json!({ "case": case, "step": step })).collect::<Vec<_>>(),
        "amounts": amounts(&letter.amounts),
        "asked": letter.intended().asked(account).map(|asked| asked.to_string()),
        "extras": extras(&letter.extras),
        "announced_costs": amounts(&letter.announced_costs),
        "law": letter.law,
        "void": letter.void,
    })
}

fn payment_json(payment: &Payment) -> Value {
    json!({
        "payment": payment.id,
        "amount": payment.amount.to_string(),
        "currency": payment.amount.currency(),
        "booked": payment.booked,
        "source": payment.source,
        "confirmed": payment.confirmed,
        "payer": payment.payer,
        "iban": payment.iban,
        "text": payment.text,
        "why": payment.why,
        "amounts": amounts(&payment.allocations),
        "extras": extras(&payment.extras),
    })
}

/// Interest and costs, case by case.
fn extras(extras: &[(CaseId, Extras)]) -> Vec<Value> {
    let of = |(case, extras): &(CaseId, Extras)| json!({ "case": case, "interest": extras.interest.to_string(), "costs": extras.costs.to_string() });
    extras.iter().map(of).collect()
}

fn plan_json(account: &Account, plan: &Plan) -> Value {
    let mut value = json!(plan);
    value["received"] = json!(plan.received(account).to_string());
    value["rest"] = json!(plan.rest(account).to_string());
    value
}

fn amounts(amounts: &[(CaseId, Money)]) -> Vec<Value> {
    let amount = |(case, amount): &(CaseId, Money)| json!({ "case": case, "amount": amount.to_string() });
    amounts.iter().map(amount).collect()
}

fn questions<'a>(account: &'a Account, case: &'a Case) -> impl Iterator<Item = &'a Question> {
    account.questions.values().filter(|question| question.case.as_ref().is_none_or(|id| *id == case.id))
}

fn timeline(account: &Account, case: &Case, rows: &[JournalRow]) -> Result<Vec<Value>> {
    let mut told = Vec::new();
    for row in rows {
        let fact = fact_of(row)?;
        if concerns(&fact, account, &case.id) {
            let raw: Value = serde_json::from_str(&row.fact)?;
            told.push(json!({
                "seq": row.seq,
                "on": row.on,
                "at": row.at,
                "cause": row.cause,
                "text": tell(&fact, account),
                "evidence": evidence(&fact),
                "fact": raw,
            }));
        }
    }
    Ok(told)
}

fn told_promise(promise: &Promise) -> String {
    let amount = promise.amount.as_deref().map(|amount| format!(" {amount}")).unwrap_or_default();
    let by = promise.by.as_deref().map(|by| format!(" by {by}")).unwrap_or_default();
    let state = match (promise.state, promise.paid) {
        (PromiseState::Open, _) => "awaited".to_owned(),
        (PromiseState::Kept, _) => "kept".to_owned(),
        (PromiseState::PartlyKept | PromiseState::Mentioned, Some(paid)) => format!("kept in part: {paid} came in"),
        (PromiseState::PartlyKept, None) => "kept in part".to_owned(),
        (PromiseState::Broken | PromiseState::Mentioned, _) => "broken".to_owned(),
        (PromiseState::Replaced, _) => "replaced or lifted".to_owned(),
    };
    format!("promised{amount} on {}{by}: {state}", promise.date)
}

fn told_plan(account: &Account, plan: &Plan) -> String {
    let next = match (plan.missed(), plan.first_unpaid(account)) {
        (Some((place, due)), _) => format!("instalment {place} of {due} is missed"),
        (None, Some((place, next))) => format!("next: instalment {place}, {} on {}", next.amount, next.due),
        (None, None) => "all paid".to_owned(),
    };
    format!("plan {}: {} of {} came in; {next}", plan.number, plan.received(account), plan.total())
}

fn show(account: &Account, case: &Case, value: &Value) -> Result<()> {
    screen::line(case_line(value))?;
    let invoice = &case.invoice;
    screen::line(format!(
        "    {} of {}: {} {}, paid {}, credited {}, open {}",
        invoice.number,
        invoice.issue_date,
        invoice.payable,
        invoice.payable.currency(),
        case.paid,
        case.credited,
        case.open()
    ))?;
    if let Some(disputed) = case.disputed {
        screen::line(format!("    {disputed} is disputed; asked {}", case.asked()))?;
    }
    for promise in account.promises.iter().filter(|p| p.cases.is_empty() || p.cases.contains(&case.id)) {
        screen::line(format!("    {}", told_promise(promise)))?;
    }
    for plan in account.plans.iter().filter(|plan| plan.is_living() && plan.cases.contains(&case.id)) {
        screen::line(format!("    {}", told_plan(account, plan)))?;
    }
    let limitation = &value["limitation"];
    if !limitation.is_null() {
        let text = |key: &str| screen::plain(&limitation[key]);
        let is_over = limitation["last_day"].as_str() < value["at"].as_str();
        let lapses = if is_over { "lapsed" } else { "lapses" };
        screen::line(format!("    the claim {lapses} after {} ({})", text("last_day"), text("article")))?;
    }
    if let Some(long) = value["long_term"].as_str() {
        screen::line(format!("    the term: {long}"))?;
    }
    for row in value["timeline"].as_array().into_iter().flatten() {
        let text = |key: &str| screen::plain(&row[key]);
        screen::line(format!("    {}  {}  [{}]", text("on"), text("text"), text("cause")))?;
        if let Some(evidence) = row["evidence"].as_str() {
            screen::line(format!("                \"{}\"", evidence.replace('\n', " ")))?;
        }
    }
    questions(account, case).try_for_each(|question| screen::line(question_text(question)))
}
