//! `status`: one screen about each administration, as of its last pass.

use super::{Cli, Exit, open, plan, screen};
use crate::daemon::digest::ages;
use crate::daemon::house::{House, case_state};
use crate::daemon::left_over::left_over;
use crate::daemon::waiting::Waiting;
use crate::daemon::world::Surroundings;
use crate::dunning::account::Account;
use crate::dunning::gate::{GateClosed, house_gate};
use crate::dunning::policy::Mode;
use crate::report::digest::{Age, Ages, LeftOverSum, sums};
use crate::store::{CaseState, OutboxState};
use anyhow::Result;
use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How far ahead the next letters are shown.
const DAYS_AHEAD: u64 = 7;

pub fn status(cli: &Cli) -> Result<Exit> {
    for config in open::load_all(cli)? {
        let (name, mode) = (config.name.clone(), format!("{:?}", config.policy.mode).to_lowercase());
        let Some(house) = open::look(config)? else {
            never_run(cli, &name, &mode)?;
            continue;
        };
        let status = of(&house, &name, &mode)?;
        if cli.json { screen::line(&status)? } else { show(&status)? }
    }
    Ok(Exit::Done)
}

fn never_run(cli: &Cli, name: &str, mode: &str) -> Result<()> {
    if cli.json {
        return screen::line(json!({ "administration": name, "mode": mode, "as_of": null }));
    }
    screen::line(format!("{name}: no pass was made yet; `aanmaand run --once` makes one"))
}

fn of(house: &House, name: &str, mode: &str) -> Result<Value> {
    let (accounts, today) = (house.accounts()?, house.today());
    let (health, surroundings) = (house.health()?, house.surroundings()?);
    let soon = today.checked_add_days(Days::new(DAYS_AHEAD)).unwrap_or(today);
    let questions: usize = accounts.iter().map(|account| account.questions.len()).sum();
    Ok(json!({
        "administration": name,
        "mode": mode,
        "as_of": house.local_now().format("%Y-%m-%dT%H:%M:%S").to_string(),
        "cases": states(&accounts),
        "ages": ages_json(&accounts, house),
        "held": held(&accounts),
        "questions": questions,
        "left_over": sums(&left_over(&accounts)).iter().map(|left| left_over_row(left, today)).collect::<Vec<_>>(),
        "quarantined": house.store.inputs_quarantined()?.len(),
        "unsettled": house.store.inputs_unsettled()?,
        "outbox": outbox(house)?,
        "gate": house_reasons(house, &surroundings),
        "waiting": waiting(house, &surroundings)?,
        "next": plan::coming_until(house, soon)?,
        "mailbox_read_at": health.mailbox_read_at.map(|at| at.format("%Y-%m-%dT%H:%M:%S").to_string()),
        "bank_data_until": health.bank_data_until,
        "digest_day": house.memo("digest_day")?,
        "warnings": health.warnings,
        "version": health.version,
    }))
}

fn states(accounts: &[Account]) -> Value {
    let count = |state: CaseState| {
        let cases =
            accounts.iter().flat_map(|account| account.cases.values().map(move |case| case_state(account, case)));
        cases.filter(|of| *of == state).count()
    };
    json!({ "open": count(CaseState::Open), "held": count(CaseState::Held), "closed": count(CaseState::Closed) })
}

/// Held cases by the reason that counts.
fn held(accounts: &[Account]) -> BTreeMap<&'static str, usize> {
    let mut reasons = BTreeMap::new();
    for account in accounts {
        for hold in account.open_cases().filter_map(|case| account.hold_on(&case.id)) {
            *reasons.entry(hold.reason.code()).or_insert(0) += 1;
        }
    }
    reasons
}

fn ages_json(accounts: &[Account], house: &House) -> Vec<Value> {
    ages(accounts, house.today()).iter().map(ages_row).collect()
}

fn ages_row(ages: &Ages) -> Value {
    let age = |age: &Age| json!({ "count": age.count, "sum": age.sum.to_string() });
    json!({
        "currency": ages.not_due.sum.currency(),
        "not_due": age(&ages.not_due),
        "days_1_30": age(&ages.days_1_30),
        "days_31_60": age(&ages.days_31_60),
        "days_61_90": age(&ages.days_61_90),
        "over_90": age(&ages.over_90),
    })
}

/// Money of one currency that is not placed.
fn left_over_row(left: &LeftOverSum, today: NaiveDate) -> Value {
    json!({
        "currency": left.currency.code(),
        "count": left.count,
        "sum": left.sum.map(|sum| sum.to_string()),
        "oldest": left.oldest,
        "days": (today - left.oldest).num_days(),
    })
}

fn left_over_line(row: &Value) -> String {
    let of = |key: &str| screen::plain(&row[key]);
    format!(
        "  not placed {} {} in {} payment(s), the oldest booked {}, {} day(s) ago",
        of("currency"),
        of("sum"),
        of("count"),
        of("oldest"),
        of("days")
    )
}

/// Mails that are not at rest, and those of unknown fate.
fn outbox(house: &House) -> Result<BTreeMap<&'static str, usize>> {
    use OutboxState::{DotIntent, Ready, Rejected, Sending, Unknown};
    let mut counts = BTreeMap::new();
    for row in house.store.outbox_in(&[Ready, Sending, DotIntent, Unknown, Rejected])? {
        *counts.entry(row.state.word()).or_insert(0) += 1;
    }
    Ok(counts)
}

/// What keeps back every letter now; what is true of formal letters only says so.
fn house_reasons(house: &House, surroundings: &Surroundings) -> Vec<Value> {
    let (policy, world) = (&house.config.policy, surroundings.world());
    let all = house_gate(false, policy, world);
    let observing = Some(GateClosed::Observing).filter(|_| policy.mode == Mode::Observe);
    let formal = house_gate(true, policy, world).into_iter().filter(|closed| !all.contains(closed));
    let row = |closed: &GateClosed, formal_only: bool| json!({ "gate": closed.code(), "text": closed.to_string(), "formal_only": formal_only });
    let of_all: Vec<Value> = observing.iter().chain(&all).map(|closed| row(closed, false)).collect();
    of_all.into_iter().chain(formal.map(|closed| row(&closed, true))).collect()
}

/// Mails in the outbox that were tried in vain or are kept back.
fn waiting(house: &House, surroundings: &Surroundings) -> Result<Vec<Value>> {
    let waiting = house.waiting(surroundings)?.into_iter().filter(Waiting::is_kept);
    Ok(waiting.filter_map(|waiting| plan::waiting_row(house, &waiting)).collect())
}

fn show_gate(status: &Value) -> Result<()> {
    let each = |key: &str| status[key].as_array().cloned().unwrap_or_default();
    let reasons = each("gate");
    screen::line(format!("  letters    {}", if reasons.is_empty() { "may leave now" } else { "wait:" }))?;
    for reason in &reasons {
        let formal = if reason["formal_only"] == true { "formal ones: " } else { "" };
        screen::line(format!("    {formal}{}", screen::plain(&reason["text"])))?;
    }
    each("waiting").iter().try_for_each(|row| screen::line(format!("    {}", plan::text(row).replace('\n', "\n    "))))
}

fn show(status: &Value) -> Result<()> {
    let text = |key: &str| screen::plain(&status[key]);
    let or = |key: &str, none: &str| Some(text(key)).filter(|text| !text.is_empty()).unwrap_or(none.to_owned());
    screen::line(format!("{} ({}), as of {}", text("administration"), text("mode"), text("as_of").replace('T', " ")))?;
    let cases = |key: &str| screen::plain(&status["cases"][key]);
    screen::line(format!("  cases      {} open, {} held, {} closed", cases("open"), cases("held"), cases("closed")))?;
    status["ages"].as_array().into_iter().flatten().try_for_each(|ages| screen::line(ages_line(ages)))?;
    screen::line(format!("  held       {}", or("held", "none")))?;
    screen::line(format!("  questions  {} (`aanmaand questions`)", text("questions")))?;
    status["left_over"].as_array().into_iter().flatten().try_for_each(|row| screen::line(left_over_line(row)))?;
    screen::line(format!("  quarantine {}, not yet understood {}", text("quarantined"), text("unsettled")))?;
    screen::line(format!("  outbox     {}", or("outbox", "empty")))?;
    show_gate(status)?;
    screen::line(format!("  mailbox    read at {}", or("mailbox_read_at", "no time yet").replace('T', " ")))?;
    screen::line(format!("  bank data  until {}", or("bank_data_until", "unknown")))?;
    screen::line(format!("  digest     {}", or("digest_day", "none yet")))?;
    let each = |key: &str| status[key].as_array().cloned().unwrap_or_default();
    each("warnings").iter().try_for_each(|warning| screen::line(format!("  ! {}", screen::plain(warning))))?;
    screen::line(format!("  next {DAYS_AHEAD} days{}", if each("next").is_empty() { ": nothing" } else { "" }))?;
    each("next").iter().try_for_each(|row| screen::line(format!("    {}", plan::text(row).replace('\n', "\n    "))))
}

fn ages_line(ages: &Value) -> String {
    let age = |key: &str| format!("{} ({})", screen::plain(&ages[key]["sum"]), screen::plain(&ages[key]["count"]));
    format!(
        "  {}        not due {}, late 1-30 days {}, 31-60 {}, 61-90 {}, longer {}",
        screen::plain(&ages["currency"]),
        age("not_due"),
        age("days_1_30"),
        age("days_31_60"),
        age("days_61_90"),
        age("over_90")
    )
}
