//! Does a CAMT statement add up: its balances, and the bank's own totals, against the entries that were read.

use super::camt::{incoming, money, negated, plain};
use super::statement::{Entry, Status};
use super::xml::{Node, child, children, text};
use crate::dunning::money::{Currency, Money};

/// Opening plus booked entries against closing; `None` without both balances.
pub(super) fn check_balance(
    opening: Option<Money>,
    closing: Option<Money>,
    entries: &[Entry],
    currency: Currency,
    warnings: &mut Vec<String>,
) -> Option<bool> {
    let (opening, closing) = (opening?, closing?);
    let booked = entries.iter().filter(|entry| entry.status == Status::Booked).map(|entry| entry.amount);
    let expected = Money::sum(booked, currency).and_then(|sum| sum.checked_add(opening));
    if expected == Some(closing) {
        return Some(true);
    }
    warnings.push(match expected {
        Some(sum) => format!("opening balance plus booked entries is {sum}, but the closing balance says {closing}"),
        None => "balances and entries are in different currencies".to_owned(),
    });
    Some(false)
}

/// The bank's own totals (TxsSummry), when given, against what was read. Banks count entries, booked entries or
/// transactions; any of these will do.
pub(super) fn check_totals(node: Node, entries: &[Entry], currency: Currency, warnings: &mut Vec<String>) -> bool {
    let Some(summary) = child(node, "TxsSummry") else { return true };
    let tallies = [Tally::of_entries(node), Tally::of_booked(node), Tally::of_transactions(entries)];
    let mut agree = true;
    for (name, pick) in [("TtlNtries", Side::Both), ("TtlCdtNtries", Side::Credit), ("TtlDbtNtries", Side::Debit)] {
        let Some(total) = child(summary, name) else { continue };
        let count = text(total, &["NbOfNtries"]).and_then(|n| n.parse::<usize>().ok());
        if count.is_some_and(|n| !tallies.iter().any(|tally| tally.count(pick) == n)) {
            warnings.push(format!(
                "{name}: the bank counts {} entries, the file holds {}",
                count.unwrap_or(0),
                tallies[0].count(pick)
            ));
            agree = false;
        }
        let sum = text(total, &["Sum"]).and_then(|sum| Money::parse(plain(&sum).as_ref(), currency).ok());
        if sum.is_some_and(|sum| !tallies.iter().any(|tally| tally.sum(pick, currency) == Some(sum))) {
            warnings.push(format!(
                "{name}: the bank's total {} is not the sum of the entries",
                sum.unwrap_or(Money::zero(currency))
            ));
            agree = false;
        }
    }
    agree
}

#[derive(Clone, Copy)]
enum Side {
    Both,
    Credit,
    Debit,
}

/// Signed amounts to be counted and summed by side.
struct Tally(Vec<Money>);

impl Tally {
    fn of_entries(statement: Node) -> Tally {
        Tally(children(statement, "Ntry").filter_map(signed_entry).collect())
    }

    fn of_booked(statement: Node) -> Tally {
        let is_booked = |ntry: &Node| {
            text(*ntry, &["Sts", "Cd"]).or_else(|| text(*ntry, &["Sts"])).is_none_or(|code| code == "BOOK")
        };
        Tally(children(statement, "Ntry").filter(is_booked).filter_map(signed_entry).collect())
    }

    fn of_transactions(entries: &[Entry]) -> Tally {
        Tally(entries.iter().map(|entry| entry.amount).collect())
    }

    fn on(&self, side: Side) -> impl Iterator<Item = Money> {
        self.0.iter().copied().filter(move |amount| match side {
            Side::Both => true,
            Side::Credit => !amount.is_negative(),
            Side::Debit => amount.is_negative(),
        })
    }

    fn count(&self, side: Side) -> usize {
        self.on(side).count()
    }

    fn sum(&self, side: Side, currency: Currency) -> Option<Money> {
        Money::sum(self.on(side).map(Money::abs), currency)
    }
}

fn signed_entry(ntry: Node) -> Option<Money> {
    let amount = money(child(ntry, "Amt")?, None).ok()?;
    Some(if incoming(ntry).ok()?? { amount } else { negated(amount) })
}
