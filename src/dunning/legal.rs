//! What the law says of a case that only the owner needs to know: when the claim lapses, that its term of payment is
//! longer than may be agreed, and that the tables of interest end. None of it stops a letter.

use super::account::{Account, Case, Letter, LetterState, PromiseState};
use super::calendar::Country;
use super::claim;
use super::debtor::DebtorKind;
use super::ids::CaseId;
use super::law::interest::Rate;
use super::law::limitation::{Limited, limitation, warnings};
use super::law::rates::{RateKind, RateTable};
use super::law::terms::{LongTerm, too_long};
use super::policy::Policy;
use chrono::{NaiveDate, TimeDelta};
use std::collections::{BTreeMap, BTreeSet};

/// The owner is told of a table's end so many days before.
const RATES_AHEAD_DAYS: i64 = 60;

/// When a claim lapses (verjaring).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lapse {
    /// The last day on which it can still be brought to court.
    pub last_day: NaiveDate,
    pub article: &'static str,
    /// What started a new term, in order of the days.
    pub interrupted: Vec<(NaiveDate, Interruption)>,
}

/// What starts a new term (art. 3:317-319 BW).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Interruption {
    /// A formal letter that arrived, as far as is known: it reserves all rights (art. 3:317(1) BW).
    Demand,
    /// The debtor acknowledged the debt (art. 3:318 BW).
    Promise,
    PartPayment,
    Plan,
}

impl Interruption {
    pub fn code(self) -> &'static str {
        match self {
            Interruption::Demand => "demand",
            Interruption::Promise => "promise",
            Interruption::PartPayment => "part_payment",
            Interruption::Plan => "plan",
        }
    }
}

impl Lapse {
    /// The last day on which a warning was due by then; `None` while none is due.
    pub fn warning_due(&self, today: NaiveDate) -> Option<NaiveDate> {
        warnings(self.last_day).into_iter().flatten().filter(|day| *day <= today).max()
    }
}

/// When the claim of an open case lapses; `None` where no source says so (Belgium). A consumer's debt counts as the price
/// of a consumer sale, whose term is the shortest: what was delivered is not known.
pub fn lapse(account: &Account, case: &Case, policy: &Policy) -> Option<Lapse> {
    let (limited, article) = match (policy.country(account), policy.kind(account)) {
        (Country::Be, _) => (Limited::Belgian, ""),
        (Country::Nl, DebtorKind::Consumer) => (Limited::DutchConsumerSale, "art. 7:28 BW"),
        (Country::Nl, DebtorKind::Business | DebtorKind::Government) => (Limited::DutchContract, "art. 3:307 BW"),
    };
    let interrupted = interruptions(account, case);
    let days: Vec<NaiveDate> = interrupted.iter().map(|(day, _)| *day).collect();
    Some(Lapse { last_day: limitation(limited, case.due_date, &days)?, article, interrupted })
}

/// Only what is sure: a warning comes too early rather than too late.
fn interruptions(account: &Account, case: &Case) -> Vec<(NaiveDate, Interruption)> {
    let listed = |cases: &[CaseId], on: NaiveDate| cases.contains(&case.id) || cases.is_empty() && case.opened_on <= on;
    let demands = account.letters.iter().filter_map(|letter| Some((demand(letter, &case.id)?, Interruption::Demand)));
    let promises = account.promises.iter().filter(|promise| {
        let stands = match promise.state {
            PromiseState::Open
            | PromiseState::Kept
            | PromiseState::PartlyKept
            | PromiseState::Broken
            | PromiseState::Mentioned => true,
            PromiseState::Replaced => false,
        };
        stands && listed(&promise.cases, promise.made_on)
    });
    let payments = account
        .payments
        .iter()
        .filter(|payment| payment.allocations.iter().any(|(id, amount)| *id == case.id && amount.is_positive()));
    let plans = account.plans.iter().filter(|plan| plan.cases.contains(&case.id));
    let mut all: Vec<(NaiveDate, Interruption)> = demands
        .chain(promises.map(|promise| (promise.made_on, Interruption::Promise)))
        .chain(payments.map(|payment| (payment.booked, Interruption::PartPayment)))
        .chain(plans.map(|plan| (plan.agreed_on, Interruption::Plan)))
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The day of a formal letter about the case.
fn demand(letter: &Letter, case: &CaseId) -> Option<NaiveDate> {
    match letter.state {
        LetterState::Sent(on) if letter.formal && letter.has_effect() && letter.lists(case) => Some(on),
        LetterState::Sent(_)
        | LetterState::Requested
        | LetterState::Unknown(_)
        | LetterState::Withdrawn
        | LetterState::Rejected(_)
        | LetterState::Bounced(_) => None,
    }
}

/// The maximum that a term of payment exceeds. Whether the debtor is a large company is not known.
pub fn long_term(country: Country, kind: DebtorKind, issued: NaiveDate, due: NaiveDate) -> Option<LongTerm> {
    too_long(country, kind, false, u32::try_from((due - issued).num_days()).ok()?)
}

/// The same for a case.
pub fn long_term_of(account: &Account, case: &Case, policy: &Policy) -> Option<LongTerm> {
    long_term(policy.country(account), policy.kind(account), case.invoice.issue_date, case.due_date)
}

/// A table of interest that ends soon or has ended: the last verified day, and the kinds that need a new row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatesEnd {
    pub last_day: NaiveDate,
    pub kinds: Vec<RateKind>,
}

/// The ends that have come, or come within sixty days, among the rates that are needed.
pub fn rates_ending(table: &RateTable, needed: &BTreeSet<RateKind>, today: NaiveDate) -> Vec<RatesEnd> {
    let mut ends: BTreeMap<NaiveDate, Vec<RateKind>> = BTreeMap::new();
    for kind in needed {
        // A table without any row of the kind has ended before it began.
        let last = table.verified(*kind).map_or(NaiveDate::MIN, |(_, last)| last);
        if last <= today + TimeDelta::days(RATES_AHEAD_DAYS) {
            ends.entry(last).or_default().push(*kind);
        }
    }
    ends.into_iter().map(|(last_day, kinds)| RatesEnd { last_day, kinds }).collect()
}

/// The rates by which interest may be asked of anybody with an open case.
pub fn rates_needed<'a>(accounts: impl IntoIterator<Item = &'a Account>, policy: &Policy) -> BTreeSet<RateKind> {
    let open = accounts.into_iter().filter(|account| account.open_cases().next().is_some());
    let rates = open.filter_map(|account| claim::rate(account, policy));
    rates
        .filter_map(|rate| match rate {
            Rate::Table(kind) => Some(kind),
            Rate::Fixed(_) => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_end_of_the_rates_is_told_two_months_ahead_and_after() {
        let table = RateTable::built_in();
        let needed = BTreeSet::from([RateKind::NlStatutory, RateKind::NlCommercial]);
        let ending = |today: &str| rates_ending(&table, &needed, day(today));
        assert_eq!(ending("2026-10-31"), []);
        let end = RatesEnd { last_day: day("2026-12-31"), kinds: needed.iter().copied().collect() };
        assert_eq!(ending("2026-11-01"), std::slice::from_ref(&end));
        assert_eq!(ending("2027-03-01"), [end]);
        let none = rates_ending(&RateTable::default(), &needed, day("2020-01-01"));
        assert_eq!(none.len(), 1, "a table without rows has ended: {none:?}");
        assert_eq!(rates_ending(&table, &BTreeSet::new(), day("2027-03-01")), []);
    }

    #[test]
    fn a_term_is_counted_from_the_date_of_the_invoice() {
        let term = |due| long_term(Country::Nl, DebtorKind::Business, day("2026-01-01"), day(due));
        assert_eq!(term("2026-03-02"), None, "sixty days");
        assert_eq!(term("2026-03-03"), Some(LongTerm::DutchBusiness));
        assert_eq!(term("2025-12-31"), None);
    }
}
