//! `interest`: the interest on one claim with its lines, as the daemon reckons it. Needs no configuration.

use super::{Cli, ConfigFaults, Exit, screen, typed};
use crate::dunning::law::interest::{Allocation, DayCount, Event, Rate, Reckoned, Reckoning, Segment, reckon};
use crate::dunning::law::rates::{OutOfRange, RateKind, RateTable};
use crate::dunning::money::Money;
use anyhow::{Context, Result, anyhow};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    /// nl_wettelijk, nl_handel, nl_overheid, be_handel, or fixed:PERCENT for a rate agreed by contract
    #[arg(long, value_parser = rate)]
    kind: Rate,
    #[arg(long, value_name = "AMOUNT", value_parser = typed::amount, allow_negative_numbers = true)]
    principal: Money,
    /// Last day to pay in time: interest runs from the next day
    #[arg(long, value_name = "DATE", value_parser = typed::day)]
    due: NaiveDate,
    /// Last day that bears interest
    #[arg(long, value_name = "DATE", value_parser = typed::day)]
    until: NaiveDate,
    /// A: 365 days a year; B: 366 in leap years; C: the length of each interest year
    #[arg(long, value_name = "A|B|C", default_value = "B", value_parser = day_count)]
    day_count: DayCount,
    /// What was paid and when; as often as needed
    #[arg(long, value_name = "AMOUNT@DATE", value_parser = payment)]
    payment: Vec<Event>,
    /// Collection costs that are owed too
    #[arg(long, value_name = "AMOUNT", default_value = "0.00", value_parser = typed::amount, allow_negative_numbers = true)]
    costs: Money,
    /// Folder with tables of rates (*.csv) that replace or extend the built-in ones
    #[arg(long, value_name = "DIR")]
    rates: Option<PathBuf>,
}

fn rate(text: &str) -> Result<Rate, String> {
    let Some(percent) = text.strip_prefix("fixed:") else {
        let codes = RateKind::ALL.map(RateKind::code).join(", ");
        return RateKind::from_code(text).map(Rate::Table).ok_or_else(|| format!("write {codes} or fixed:PERCENT"));
    };
    let plain = percent.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let percent: Option<Decimal> = Some(percent).filter(|_| plain).and_then(|percent| percent.parse().ok());
    let sensible = percent.filter(|percent| *percent <= Decimal::ONE_HUNDRED && percent.scale() <= 8);
    sensible.map(Rate::Fixed).ok_or_else(|| "write a percentage from 0 to 100 with a point, like fixed:6.5".to_owned())
}

fn day_count(text: &str) -> Result<DayCount, String> {
    match text {
        "A" | "a" => Ok(DayCount::A),
        "B" | "b" => Ok(DayCount::B),
        "C" | "c" => Ok(DayCount::C),
        _ => Err("write A, B or C".to_owned()),
    }
}

fn payment(text: &str) -> Result<Event, String> {
    let (amount, date) = text.split_once('@').ok_or("write a payment like 100.00@2026-11-30")?;
    let (amount, date) = (typed::amount(amount)?, typed::day(date)?);
    if amount.is_zero() { Err("a payment is more than zero".to_owned()) } else { Ok(Event::Payment { date, amount }) }
}

pub fn interest(cli: &Cli, args: &Args) -> Result<Exit> {
    if let Some(why) = senseless(args) {
        return typed::refuse(why);
    }
    let table = table(args.rates.as_deref())?;
    let claim = Reckoning {
        table: &table,
        rate: args.kind,
        day_count: args.day_count,
        principal: args.principal,
        costs: args.costs,
        due: args.due,
        until: args.until,
        events: &args.payment,
    };
    match reckon(&claim) {
        Ok(reckoned) if cli.json => screen::line(to_json(&reckoned)).map(|()| Exit::Done),
        Ok(reckoned) => tell(&claim, &reckoned).map(|()| Exit::Done),
        Err(beyond) => {
            if cli.json {
                screen::line(range_to_json(&beyond))?;
            }
            eprintln!("aanmaand: {beyond}");
            Ok(Exit::Finding)
        }
    }
}

/// Payments that cannot be part of this claim.
fn senseless(args: &Args) -> Option<String> {
    let dates = || args.payment.iter().map(Event::date);
    if let Some(late) = dates().find(|date| *date > args.until) {
        return Some(format!(
            "the payment of {late} lies after --until {}: reckon up to that day or leave it out",
            args.until
        ));
    }
    let early = dates().find(|date| *date <= args.due).filter(|_| args.costs.is_positive())?;
    Some(format!(
        "the payment of {early} came in time (--due {}), when no costs could be owed: take it off --principal",
        args.due
    ))
}

/// The built-in rates with those of the folder.
fn table(folder: Option<&Path>) -> Result<RateTable> {
    let built_in = RateTable::built_in();
    let Some(folder) = folder else { return Ok(built_in) };
    let unreadable = || format!("{} cannot be read: --rates names a folder with tables (*.csv)", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            let bytes = std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            let foreign = |_| ConfigFaults(format!("{} is not UTF-8 text: save it with that encoding", path.display()));
            let text = String::from_utf8(bytes).map_err(foreign)?;
            files.push((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), text));
        }
    }
    if files.is_empty() {
        return Err(anyhow!(ConfigFaults(format!("there is no table (*.csv) in {}", folder.display()))));
    }
    files.sort();
    let files: Vec<(&str, &str)> = files.iter().map(|(file, text)| (file.as_str(), text.as_str())).collect();
    built_in.with(&files).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow!(ConfigFaults(lines.join("\n")))
    })
}

fn to_json(reckoned: &Reckoned) -> Value {
    json!({
        "interest": reckoned.interest.to_string(),
        "days": reckoned.days,
        "segments": reckoned.segments.iter().map(segment_to_json).collect::<Vec<Value>>(),
        "allocations": reckoned.allocations.iter().map(allocation_to_json).collect::<Vec<Value>>(),
        "left": {
            "costs": reckoned.left.costs.to_string(),
            "interest": reckoned.left.interest.to_string(),
            "principal": reckoned.left.principal.to_string(),
        },
        "credit": credit(reckoned).to_string(),
    })
}

fn segment_to_json(segment: &Segment) -> Value {
    json!({
        "from": segment.from.to_string(),
        "to": segment.to.to_string(),
        "days": segment.days,
        "rate": percent(segment.rate),
        "principal": segment.amount.to_string(),
        "interest": segment.interest.to_string(),
    })
}

fn allocation_to_json(allocation: &Allocation) -> Value {
    json!({
        "date": allocation.date.to_string(),
        "costs": allocation.settled.costs.to_string(),
        "interest": allocation.settled.interest.to_string(),
        "principal": allocation.settled.principal.to_string(),
        "rest": allocation.rest.to_string(),
    })
}

fn range_to_json(beyond: &OutOfRange) -> Value {
    json!({
        "error": beyond.to_string(),
        "kind": beyond.kind.code(),
        "asked": beyond.asked.to_string(),
        "from": beyond.from.map(|day| day.to_string()),
        "until": beyond.until.map(|day| day.to_string()),
    })
}

/// What the debtor paid too much.
fn credit(reckoned: &Reckoned) -> Money {
    let rests = reckoned.allocations.iter().map(|allocation| allocation.rest);
    Money::sum(rests, reckoned.interest.currency()).unwrap_or(reckoned.interest)
}

/// At least two decimals.
fn percent(rate: Decimal) -> String {
    let rate = rate.normalize();
    if rate.scale() < 2 { format!("{rate:.2}") } else { rate.to_string() }
}

fn tell(claim: &Reckoning<'_>, reckoned: &Reckoned) -> Result<()> {
    let (rate, basis) = match claim.rate {
        Rate::Table(kind) if kind.compounds() => {
            (kind.code().to_owned(), format!("{}, interest on unpaid interest after each year", kind.article()))
        }
        Rate::Table(kind) => (kind.code().to_owned(), format!("{}, simple interest", kind.article())),
        Rate::Fixed(rate) => {
            (format!("{} % by contract", percent(rate)), "art. 6:119(3), 6:119a(8) BW, simple interest".to_owned())
        }
    };
    screen::line(format!(
        "{} due on {}, reckoned up to and including {}: {rate} ({basis}), day count {:?}",
        claim.principal, claim.due, claim.until, claim.day_count
    ))?;
    screen::line("")?;
    screen::line(format!(
        "{:<10}  {:<10}  {:>5}  {:>8}  {:>15}  {:>13}",
        "from", "to", "days", "percent", "amount", "interest"
    ))?;
    for line in &reckoned.segments {
        let (rate, interest) = (percent(line.rate), line.interest.to_string());
        screen::line(format!(
            "{}  {}  {:>5}  {rate:>8}  {:>15}  {interest:>13}",
            line.from,
            line.to,
            line.days,
            line.amount.to_string()
        ))?;
    }
    screen::line(format!(
        "{:<22}  {:>5}  {:>8}  {:>15}  {:>13}",
        "in all",
        reckoned.days,
        "",
        "",
        reckoned.interest.to_string()
    ))?;
    tell_payments(claim, reckoned)
}

/// Where the order of payments stands. For Belgium the order is the same; no article was read.
fn order_article(rate: Rate) -> &'static str {
    match rate {
        Rate::Table(RateKind::NlStatutory | RateKind::NlCommercial | RateKind::NlGovernment) | Rate::Fixed(_) => {
            " (art. 6:44 BW)"
        }
        Rate::Table(RateKind::BeCommercial) => "",
    }
}

fn tell_payments(claim: &Reckoning<'_>, reckoned: &Reckoned) -> Result<()> {
    let row = |name: &str, cells: [String; 4]| {
        let [costs, interest, principal, over] = cells;
        let line = format!("{name:<10}  {costs:>13}  {interest:>13}  {principal:>15}  {over:>13}");
        screen::line(line.trim_end())
    };
    let (settled, left) = (&reckoned.allocations, &reckoned.left);
    screen::line("")?;
    if !settled.is_empty() {
        let article = order_article(claim.rate);
        screen::line(format!("Payments settle costs, then interest, then the principal{article}."))?;
    }
    row("paid on", ["costs", "interest", "principal", "left over"].map(str::to_owned))?;
    for payment in settled {
        let parts = [payment.settled.costs, payment.settled.interest, payment.settled.principal, payment.rest];
        row(&payment.date.to_string(), parts.map(|part| part.to_string()))?;
    }
    let open = [left.costs, left.interest, left.principal].map(|part| part.to_string());
    let [costs, interest, principal] = open;
    row("still open", [costs, interest, principal, String::new()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_asked() {
        assert_eq!(rate("nl_handel"), Ok(Rate::Table(RateKind::NlCommercial)));
        assert_eq!(rate("fixed:6.5"), Ok(Rate::Fixed(Decimal::new(65, 1))));
        for wrong in ["handel", "fixed:", "fixed:-1", "fixed:6,5", "fixed:101", "fixed:1e1", "fixed:.", "Fixed:6"] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
        for wrong in ["5", "0@2026-01-01", "-5@2026-01-01", "5@", "@2026-01-01", "5@2026-02-30", "5@2026-01-01@"] {
            assert!(payment(wrong).is_err(), "{wrong}");
        }
        assert_eq!(percent(Decimal::new(6, 0)), "6.00");
        assert_eq!(percent(Decimal::new(61250, 4)), "6.125");
    }
}
