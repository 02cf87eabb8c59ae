//! `debtor ID merge|split`: two debtors are one, or one is two. Prints whose the cases were and whose they are now; decides
//! nothing that `daemon/moving.rs` does not.

use super::cases::{case_json, case_line};
use super::owner::{OWNER, house, told};
use super::subject::Subject;
use super::{Cli, Exit, open, screen};
use crate::config::Config;
use crate::daemon::house::House;
use crate::dunning::account::Account;
use crate::dunning::hold::Scope;
use crate::dunning::ids::{CaseId, DebtorId};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[derive(clap::Args)]
pub struct Merge {
    /// The debtor that is the same one; its cases become those of ID
    other: String,
}

#[derive(clap::Args)]
pub struct Split {
    /// A case or an invoice number that is another debtor's; may be given several times
    #[arg(long = "case", value_name = "CASE", required = true, num_args = 1..)]
    cases: Vec<String>,
    /// Whose it is: a debtor that is known, or a new one; without it, a new one under the number that its invoice names
    #[arg(long = "as", value_name = "ID")]
    to: Option<String>,
}

pub fn merge(cli: &Cli, id: &str, args: &Merge) -> Result<Exit> {
    let mut house = house(cli)?;
    let accounts = house.accounts()?;
    let debtor = debtor_named(&accounts, id)?;
    let other = debtor_named(&accounts, &args.other)?;
    let before = rows(&house, &[&debtor, &other])?;
    if !house.merge(&debtor, &other, OWNER)? {
        return told(cli, "nothing changed: they are one debtor already");
    }
    print(cli, "before", &before)?;
    print(cli, "after", &rows(&house, &[&debtor])?)?;
    Ok(Exit::Done)
}

pub fn split(cli: &Cli, id: &str, args: &Split) -> Result<Exit> {
    let mut house = house(cli)?;
    let accounts = house.accounts()?;
    let debtor = debtor_named(&accounts, id)?;
    let cases = args.cases.iter().map(|case| case_named(&accounts, case)).collect::<Result<BTreeSet<CaseId>>>()?;
    let cases: Vec<CaseId> = cases.into_iter().collect();
    let account = house.account(&debtor)?;
    let to = match &args.to {
        Some(text) => target(&accounts, text)?,
        None => house.id_for_split(&account, &cases)?,
    };
    let before = rows(&house, &[&debtor, &to])?;
    house.split(&debtor, &cases, &to, OWNER)?;
    print(cli, "before", &before)?;
    print(cli, "after", &rows(&house, &[&debtor, &to])?)?;
    Ok(Exit::Done)
}

/// What `same_as` of the configuration came to, a line for each number.
pub fn same_debtors(config: &Config) -> Vec<String> {
    // A database that cannot be read is the business of `check --store`.
    let house = open::look(config.clone()).ok().flatten();
    let line = |(id, debtor): (DebtorId, DebtorId)| {
        let state = house.as_ref().and_then(|house| state_of(house, &id, &debtor).ok());
        format!("{id} is {debtor}{}", state.unwrap_or_default())
    };
    config.policy.same_debtors().into_iter().map(line).collect()
}

fn state_of(house: &House, id: &DebtorId, debtor: &DebtorId) -> Result<String> {
    let (own, other) = (house.account(id)?, house.account(debtor)?);
    let open = own.open_cases().count();
    Ok(if other.debtor.is_none() {
        format!(", but no invoice names {debtor} yet")
    } else if own.id == other.id || open == 0 {
        String::new()
    } else {
        format!(", but {open} open invoice(s) are still of {id}: answer the question, or `debtor {debtor} merge {id}`")
    })
}

/// A debtor, not one of its cases: what is merged is all of it.
fn debtor_named(accounts: &[Account], typed: &str) -> Result<DebtorId> {
    let subject = Subject::find(accounts, typed)?;
    ensure!(subject.scope == Scope::Debtor, "{typed:?} is a case of debtor {}: write the debtor", subject.debtor);
    Ok(subject.debtor)
}

fn case_named(accounts: &[Account], typed: &str) -> Result<CaseId> {
    let subject = Subject::find(accounts, typed)?;
    match subject.scope {
        Scope::Case(case) => Ok(case),
        Scope::Debtor => anyhow::bail!("{typed:?} is a debtor: write a case or an invoice number"),
    }
}

/// One that was merged is itself again under its own id.
fn target(accounts: &[Account], typed: &str) -> Result<DebtorId> {
    let id = DebtorId::from_text(typed);
    ensure!(
        id.as_str() == typed.trim(),
        "--as {typed:?} is no debtor id: use letters, digits, dot, dash and underscore"
    );
    match accounts.iter().find(|account| account.id.as_str().eq_ignore_ascii_case(typed.trim())) {
        Some(known) => Ok(known.id.clone()),
        None => Ok(id),
    }
}

/// The debtors that have something, each with its cases.
fn rows(house: &House, debtors: &[&DebtorId]) -> Result<Vec<(Value, Vec<Value>)>> {
    let mut rows = Vec::new();
    for id in debtors {
        let account = house.account_as_stored(id)?;
        if account.debtor.is_some() {
            let cases = account.cases.values().map(|case| case_json(house, &account, case)).collect();
            rows.push((debtor_json(house, &account), cases));
        }
    }
    Ok(rows)
}

fn debtor_json(house: &House, account: &Account) -> Value {
    let policy = &house.config.policy;
    json!({
        "debtor": account.id,
        "name": account.debtor.as_ref().map(|debtor| &debtor.name),
        "kind": policy.kind(account),
        "email": policy.address(account),
        "vat": account.debtor.as_ref().and_then(|debtor| debtor.vat.as_ref()),
        "cases": account.cases.len(),
        "formerly": account.formerly,
    })
}

fn print(cli: &Cli, when: &str, rows: &[(Value, Vec<Value>)]) -> Result<()> {
    for (debtor, cases) in rows {
        if !cli.json {
            let text = |key: &str| screen::plain(&debtor[key]);
            let to = Some(text("email")).filter(|to| !to.is_empty()).unwrap_or("nobody".to_owned());
            let head = format!("{} {}: {}, letters to {to}", text("debtor"), text("name"), text("kind"));
            screen::line(format!("{when:<7}{head}, {} case(s)", text("cases")))?;
        }
        for row in std::iter::once(debtor).filter(|_| cli.json).chain(cases) {
            if cli.json {
                let mut row = row.clone();
                row["when"] = when.into();
                screen::line(row)?;
            } else {
                screen::line(format!("{:<7}{}", "", case_line(row)))?;
            }
        }
    }
    Ok(())
}
