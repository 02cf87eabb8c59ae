//! The law as the judge understands it, written a second time: day by day, in whole numbers, with figures of its own. It
//! must not share a line with what it judges.

use super::days::{banking_day_after, is_working_day, working_day_on_or_after};
use chrono::{Duration, NaiveDate};
use std::fmt;

/// The law that governs a debtor, with what this administration asks.
#[derive(Clone, Copy, Debug)]
pub struct Regime {
    pub belgian: bool,
    pub consumer: bool,
    pub government: bool,
    /// The terms have the clause without which a Belgian consumer owes nothing but the invoice.
    pub clause: bool,
    pub asks_interest: bool,
    /// Agreed with businesses, in hundredths of a percent a year.
    pub agreed_rate: Option<i64>,
    pub asks_costs: bool,
    /// The administration is closed on the Dutch equated days too.
    pub dutch_office: bool,
}

impl fmt::Display for Regime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match (self.consumer, self.government) {
            (true, _) => "consumer",
            (_, true) => "government",
            _ => "business",
        };
        write!(f, "{} {kind}", if self.belgian { "BE" } else { "NL" })
    }
}

/// One payment as it was spread over a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: String,
    pub day: NaiveDate,
    pub principal: i64,
    pub interest: i64,
    pub costs: i64,
}

/// A term that the law gives a consumer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LegalTerm {
    pub last_day: NaiveDate,
    /// A transfer of the last day may be credited until then.
    pub waited: NaiveDate,
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

impl Regime {
    /// Hundredths of a percent a year; `None` where nobody has verified a figure.
    pub fn rate_on(&self, on: NaiveDate) -> Option<i64> {
        if let Some(agreed) = self.agreed_rate.filter(|_| self.is_business()) {
            return Some(agreed);
        }
        if on > day(2026, 12, 31) {
            return None;
        }
        Some(match (self.belgian, self.consumer) {
            (true, _) => 1050,
            (false, true) if on < day(2026, 1, 1) => 600,
            (false, true) => 400,
            (false, false) if on < day(2026, 7, 1) => 1015,
            (false, false) => 1040,
        })
    }

    /// An invoice names the debtor's country when it is not the office's own.
    pub fn country_said(&self, belgian_office: bool) -> Option<&'static str> {
        (self.belgian != belgian_office).then_some(if self.belgian { "BE" } else { "NL" })
    }

    pub fn is_business(&self) -> bool {
        !self.consumer && !self.government
    }

    /// What the law grants over principals of one debtor together, at most.
    pub fn costs_over(&self, principals: i64) -> i64 {
        match (self.belgian, self.consumer) {
            (false, _) => dutch_scale(principals),
            (true, true) => belgian_caps(principals),
            (true, false) => i64::from(principals > 0) * 4_000,
        }
    }

    /// The term that a fourteen-day letter or a first reminder opens, mailed on that day before five o'clock.
    pub fn term(&self, mailed: NaiveDate) -> LegalTerm {
        let works = |day: NaiveDate| is_working_day(self.belgian, self.dutch_office, day);
        let from = if self.belgian {
            mailed
        } else {
            let mut received = mailed + Duration::days(1);
            while !works(received) {
                received += Duration::days(1);
            }
            received
        };
        let last_day = working_day_on_or_after(from + Duration::days(14), works);
        LegalTerm { last_day, waited: banking_day_after(banking_day_after(last_day)) }
    }
}

/// 15, 10, 5, 1 and half a percent; at least 40 euros, at most 6775.
fn dutch_scale(principal: i64) -> i64 {
    if principal <= 0 {
        return 0;
    }
    let bands = [(250_000, 150), (250_000, 100), (500_000, 50), (19_000_000, 10), (i64::MAX, 5)];
    let (mut left, mut thousandths) = (i128::from(principal), 0_i128);
    for (width, per_mille) in bands {
        let part = left.min(i128::from(width));
        thousandths += part * per_mille;
        left -= part;
    }
    let cents = (thousandths + 500) / 1000;
    (cents as i64).clamp(4_000, 677_500)
}

/// Book XIX: 20; 30 and a tenth above 150; 65 and a twentieth above 500; at most 2000.
fn belgian_caps(balance: i64) -> i64 {
    match balance {
        i64::MIN..=0 => 0,
        1..=15_000 => 2_000,
        15_001..=50_000 => 3_000 + (balance - 15_000 + 5) / 10,
        _ => (6_500 + (balance - 50_000 + 10) / 20).min(200_000),
    }
}

/// A cent of interest in the fine unit: a hundredth of a percent of a cent for one day of 365.
const CENT: i128 = 365 * 100 * 100;

/// Interest that is still to be paid at the end of `until`, when the last day to pay in time was `in_time`. `None` when
/// a day has no rate. No year of these claims is full before the figures end, so nothing is ever capitalised.
pub fn interest(
    regime: &Regime,
    principal: i64,
    in_time: NaiveDate,
    until: NaiveDate,
    entries: &[Entry],
) -> Option<i64> {
    let (mut open, mut unpaid) = (principal, 0_i128);
    let earliest = entries.iter().map(|entry| entry.day).min().unwrap_or(until);
    let mut today = earliest.min(in_time + Duration::days(1));
    while today <= until {
        if today > in_time && open > 0 {
            unpaid += i128::from(open) * i128::from(regime.rate_on(today)?);
        }
        for entry in entries.iter().filter(|entry| entry.day == today) {
            let settled = entry.interest.min(rounded(unpaid));
            unpaid -= i128::from(settled) * CENT;
            open -= entry.principal + entry.interest - settled;
        }
        today += Duration::days(1);
    }
    Some(rounded(unpaid))
}

fn rounded(fine: i128) -> i64 {
    ((2 * fine + CENT).div_euclid(2 * CENT)).max(0) as i64
}

/// Spreads cents over weights; what is left over goes to the largest fractions, the first ones first.
pub fn share(cents: i64, weights: &[i64]) -> Vec<i64> {
    let all: i64 = weights.iter().sum();
    if all == 0 {
        return vec![0; weights.len()];
    }
    let exact = |weight: &i64| i128::from(cents) * i128::from(*weight);
    let mut parts: Vec<i64> = weights.iter().map(|weight| (exact(weight) / i128::from(all)) as i64).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|at| -(exact(&weights[*at]) % i128::from(all)));
    for at in order.into_iter().take((cents - parts.iter().sum::<i64>()) as usize) {
        parts[at] += 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_judge_knows_the_published_examples() {
        for (principal, fee) in [(0, 0), (26_666, 4_000), (30_000, 4_500), (250_001, 37_500), (600_000, 67_500)] {
            assert_eq!(dutch_scale(principal), fee, "{principal}");
        }
        for (balance, most) in [(15_000, 2_000), (50_000, 6_500), (100_000, 9_000), (3_920_000, 200_000)] {
            assert_eq!(belgian_caps(balance), most, "{balance}");
        }
        let business = Regime {
            belgian: false,
            consumer: false,
            government: false,
            clause: false,
            asks_interest: true,
            agreed_rate: None,
            asks_costs: true,
            dutch_office: true,
        };
        let due = |d, until| interest(&business, 840_000, d, until, &[]);
        assert_eq!(due(day(2026, 5, 30), day(2026, 6, 21)), Some(5_139));
        assert_eq!(due(day(2026, 12, 1), day(2027, 1, 1)), None);
        let consumer = Regime { consumer: true, ..business };
        assert_eq!(consumer.term(day(2026, 10, 2)).last_day, day(2026, 10, 19));
        assert_eq!(consumer.term(day(2026, 4, 13)).last_day, day(2026, 4, 28));
    }
}
