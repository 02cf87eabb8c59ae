//! `instalments`: a plan (betalingsregeling) for one or more cases of a debtor, or its end. Prints the cases as they were
//! and as they are, and every instalment with its day.

use super::owner::{OWNER, house, print, rows, told};
use super::subject::Subject;
use super::{Cli, Exit, screen};
use crate::daemon::house::House;
use crate::dunning::account::Account;
use crate::dunning::hold::Scope;
use crate::dunning::ids::CaseId;
use crate::dunning::input::{Act, Input};
use crate::dunning::money::Money;
use crate::dunning::plan::{Every, Instalment, Plan, Terms, equal};
use anyhow::{Context, Result, bail, ensure};
use chrono::NaiveDate;
use serde_json::{Value, json};

#[derive(clap::Args)]
pub struct Args {
    /// Cases or invoice numbers of one debtor; of a debtor, every open case
    #[arg(required = true, value_name = "DEBTOR|CASE")]
    ids: Vec<String>,
    /// Equal instalments of this amount; the last takes the rest
    #[arg(long, value_name = "AMOUNT", requires_all = ["every", "from"], conflicts_with_all = ["pay", "end"])]
    of: Option<String>,
    /// How far apart: month, week, or a number of days
    #[arg(long, value_name = "month|week|DAYS", value_parser = every, requires = "of")]
    every: Option<Every>,
    /// The last day for the first instalment
    #[arg(long, value_name = "DATE", requires = "of")]
    from: Option<NaiveDate>,
    /// How many; without it, as many as it takes
    #[arg(long, value_name = "N", requires = "of")]
    count: Option<u32>,
    /// One instalment with its last day, such as 250.00@2027-01-31; once for each, together what is open
    #[arg(long, value_name = "AMOUNT@DATE", conflicts_with = "end")]
    pay: Vec<String>,
    /// It was agreed that the whole becomes due when an instalment is missed and not paid after a letter
    #[arg(long, conflicts_with = "end")]
    whole_becomes_due: bool,
    /// Banking days after an instalment's day before it counts as missed; without it, as for a promise
    #[arg(long, value_name = "N", conflicts_with = "end")]
    grace: Option<u32>,
    /// End the plan: the ladder goes on
    #[arg(long)]
    end: bool,
    /// Why, or what was agreed and how, for the journal
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
}

fn every(text: &str) -> Result<Every, String> {
    match text {
        "month" => Ok(Every::Month),
        "week" => Ok(Every::Days(7)),
        days => match days.parse::<u32>() {
            Ok(days @ 1..=366) => Ok(Every::Days(days)),
            Ok(_) | Err(_) => Err("write month, week, or a number of days from 1 to 366".to_owned()),
        },
    }
}

pub fn instalments(cli: &Cli, args: &Args) -> Result<Exit> {
    let mut house = house(cli)?;
    let subjects = subjects(&house, &args.ids)?;
    let Some(first) = subjects.first() else { bail!("name a debtor or a case") };
    let account = house.account(&first.debtor)?;
    let act = if args.end { end(&account, &subjects, args)? } else { agree(&house, &account, &subjects, args)? };
    let before = all_rows(&house, &subjects)?;
    let facts = house.step(&account.id, &Input::Owner { act, by: OWNER.to_owned() }, OWNER)?;
    print(cli, &before, &all_rows(&house, &subjects)?)?;
    if facts.is_empty() {
        return told(cli, "nothing changed");
    }
    match house.account(&account.id)?.living_plan() {
        Some(plan) => show(cli, plan),
        None => Ok(Exit::Done),
    }
}

/// What is meant, all of one debtor.
fn subjects(house: &House, ids: &[String]) -> Result<Vec<Subject>> {
    let accounts = house.accounts()?;
    let mut subjects: Vec<Subject> = Vec::new();
    for id in ids {
        let subject = Subject::find(&accounts, id)?;
        if let Some(first) = subjects.first().filter(|first| first.debtor != subject.debtor) {
            bail!("{id} is of debtor {}, not of {}: a plan is for one debtor", subject.debtor, first.debtor);
        }
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }
    Ok(subjects)
}

fn all_rows(house: &House, subjects: &[Subject]) -> Result<Vec<Value>> {
    let mut all: Vec<Value> = Vec::new();
    for subject in subjects {
        for row in rows(house, subject)? {
            if all.iter().all(|known| known["case"] != row["case"]) {
                all.push(row);
            }
        }
    }
    Ok(all)
}

fn end(account: &Account, subjects: &[Subject], args: &Args) -> Result<Act> {
    let plan = account.living_plan().with_context(|| format!("no plan runs for debtor {}", account.id))?;
    let is_meant = |subject: &Subject| match &subject.scope {
        Scope::Debtor => true,
        Scope::Case(case) => plan.cases.contains(case),
    };
    if let Some(Subject { scope: Scope::Case(case), .. }) = subjects.iter().find(|subject| !is_meant(subject)) {
        bail!("plan {} of debtor {} is not about case {case}", plan.number, account.id);
    }
    Ok(Act::EndPlan { plan: plan.number, reason: args.reason.clone() })
}

fn agree(house: &House, account: &Account, subjects: &[Subject], args: &Args) -> Result<Act> {
    let cases = cases(account, subjects)?;
    let grace_days = args.grace.unwrap_or(house.config.policy.promise_grace_days);
    let terms = Terms { cases, instalments: Vec::new(), grace_days, whole_becomes_due: args.whole_becomes_due };
    let open = terms.open(account)?;
    let instalments = parts(args, open)?;
    if let Some(past) = instalments.iter().find(|instalment| instalment.due < house.today()) {
        bail!("an instalment on {} is past: today is {}", past.due, house.today());
    }
    let terms = Terms { instalments, ..terms };
    terms.check(account)?;
    Ok(Act::Plan { terms, reason: args.reason.clone() })
}

/// The open cases meant; a case that is closed was a mistake.
fn cases(account: &Account, subjects: &[Subject]) -> Result<Vec<CaseId>> {
    let mut cases: Vec<CaseId> = Vec::new();
    for subject in subjects {
        let mut open = subject.cases(account).filter(|case| case.is_open()).map(|case| case.id.clone()).peekable();
        match (&subject.scope, open.peek()) {
            (Scope::Case(case), None) => bail!("case {case} is closed already"),
            (Scope::Debtor, None) => bail!("debtor {} has no open case", account.id),
            (_, Some(_)) => cases.extend(open),
        }
    }
    cases.sort();
    cases.dedup();
    Ok(cases)
}

fn parts(args: &Args, open: Money) -> Result<Vec<Instalment>> {
    let amount = |text: &str| {
        let currency = open.currency();
        Money::parse(text, currency).map_err(|fault| anyhow::anyhow!("{fault} (in {currency})"))
    };
    match (&args.of, args.every, args.from) {
        (Some(of), Some(every), Some(from)) => Ok(equal(open, amount(of)?, every, from, args.count)?),
        _ => {
            ensure!(
                !args.pay.is_empty(),
                "say how it is paid: --of AMOUNT --every month --from DATE, or --pay AMOUNT@DATE"
            );
            args.pay
                .iter()
                .map(|text| {
                    let wrong = || format!("{text:?}: write an amount and a day, such as 250.00@2027-01-31");
                    let (part, due) = text.split_once('@').with_context(wrong)?;
                    Ok(Instalment { due: due.trim().parse().with_context(wrong)?, amount: amount(part)? })
                })
                .collect()
        }
    }
}

/// The plan, an instalment a line.
fn show(cli: &Cli, plan: &Plan) -> Result<Exit> {
    for (at, instalment) in plan.instalments.iter().enumerate() {
        if cli.json {
            screen::line(json!({
                "when": "plan",
                "plan": plan.number,
                "instalment": at + 1,
                "due": instalment.due,
                "amount": instalment.amount.to_string(),
                "currency": instalment.amount.currency(),
            }))?;
        } else {
            let (due, amount) = (instalment.due, instalment.amount);
            screen::line(format!("plan {:<3}{due} {amount:>12} {}", plan.number, amount.currency()))?;
        }
    }
    if plan.whole_becomes_due {
        told(cli, "the whole becomes due when an instalment is missed and not paid after a letter")?;
    }
    Ok(Exit::Done)
}
