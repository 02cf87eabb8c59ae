//! `cases`: every case on a line.

use super::{Cli, Exit, open, screen};
use crate::daemon::house::House;
use crate::dunning::account::{Account, Case};
use crate::dunning::money::Money;
use crate::dunning::policy::Policy;
use crate::dunning::schedule::next_step;
use anyhow::Result;
use chrono::NaiveDate;
use serde_json::{Value, json};

#[derive(clap::Args)]
pub struct Args {
    /// Only cases in this state
    #[arg(long, value_parser = ["open", "held", "closed"])]
    state: Option<String>,
    /// Only cases of this debtor
    #[arg(long)]
    debtor: Option<String>,
}

pub fn cases(cli: &Cli, args: &Args) -> Result<Exit> {
    for config in open::load_all(cli)? {
        let Some(house) = open::look(config)? else { continue };
        for account in house.accounts()? {
            for case in account.cases.values() {
                let row = case_json(&house, &account, case);
                if wanted(&row, args) {
                    print_case(cli, &row)?;
                }
            }
        }
    }
    Ok(Exit::Done)
}

fn wanted(row: &Value, args: &Args) -> bool {
    let is = |key: &str, wanted: &Option<String>| wanted.as_ref().is_none_or(|wanted| row[key] == **wanted);
    is("state", &args.state) && is("debtor", &args.debtor)
}

/// One case as `cases --json` prints it.
pub fn case_json(house: &House, account: &Account, case: &Case) -> Value {
    case_json_on(&house.config.policy, account, case, house.today())
}

/// The same for an account as it stood on another day.
pub fn case_json_on(policy: &Policy, account: &Account, case: &Case, today: NaiveDate) -> Value {
    let hold = account.hold_on(&case.id).filter(|_| case.is_open());
    let next = next_step(account, case, policy, today);
    let state = match (&case.closed, hold) {
        (Some(_), _) => "closed",
        (None, Some(_)) => "held",
        (None, None) => "open",
    };
    json!({
        "case": case.id,
        "invoice": case.number(),
        "debtor": account.id,
        "name": account.debtor.as_ref().map(|debtor| debtor.name.clone()),
        "state": state,
        "hold": hold.map(|hold| hold.reason.code()),
        "hold_until": hold.and_then(|hold| hold.until),
        "step": case.last_step().map(|(step, _)| step),
        "next_step": next.as_ref().map(|next| &next.step.id),
        "next_on": next.as_ref().filter(|_| hold.is_none()).map(|next| next.on),
        "open": case.waived.map_or(case.open(), |rest| Money::zero(rest.currency())).to_string(),
        "closed_as": case.closed.as_ref().map(|closing| closing.how.code()),
        "currency": case.open().currency(),
        "due": case.due_date,
        "evidence": hold.and_then(|hold| hold.evidence.clone()),
    })
}

fn print_case(cli: &Cli, row: &Value) -> Result<()> {
    if cli.json { screen::line(row) } else { screen::line(case_line(row)) }
}

/// One case on a line, for a person.
pub fn case_line(row: &Value) -> String {
    let text = |key: &str| row[key].as_str().unwrap_or("").to_owned();
    let hold = match (text("hold"), text("hold_until")) {
        (hold, until) if !hold.is_empty() && !until.is_empty() => format!("{hold} until {until}"),
        (hold, _) => hold,
    };
    let next = if text("next_on").is_empty() {
        String::new()
    } else {
        format!("{} on {}", text("next_step"), text("next_on"))
    };
    let line = format!(
        "{:<18} {:<14} {:<24.24} {:<7} {:>12} {} due {}  {} {}{}",
        text("case"),
        text("debtor"),
        text("name"),
        text("state"),
        text("open"),
        text("currency"),
        text("due"),
        hold,
        next,
        text("closed_as"),
    );
    line.trim_end().to_owned()
}
