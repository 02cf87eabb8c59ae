//! What a letter asks beside the open amounts: interest, costs, a missed instalment. How interest is shown in few
//! lines. Never computes interest or costs: those come from the law tables and stand here as they are asked.

use super::LetterData;
use crate::dunning::money::Money;
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// More lines than this about interest become one line per invoice.
const MOST_LINES: usize = 8;

/// Interest and costs that a letter asks beside the open amounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Asked interest up to and including the letter's day; `None` = not asked.
    pub interest: Option<Interest>,
    /// Collection costs asked; `None` = not asked. Zero never stands here.
    pub costs: Option<Money>,
    /// Why costs are owed, a code: `fixed-40` (art. 6:96(4) BW), `be-2002` (Act of 2 August 2002), `scale` (Besluit
    /// BIK), `after-fourteen-days`, `be-book-xix`.
    pub costs_basis: &'static str,
}

/// Interest that is asked, and how it was computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interest {
    pub total: Money,
    /// `6:119`, `6:119a`, `6:119b`, `be-2002`, `be-book-xix`, `contract`.
    pub basis: &'static str,
    /// How it was computed; the segments' interest adds up to `total`. Empty when part of it was paid before: then the
    /// letter offers the computation.
    pub segments: Vec<Segment>,
}

/// Interest on one invoice over one period with one rate and one principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The invoice.
    pub number: String,
    /// First and last interest day, both included.
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Percent a year.
    pub rate: Decimal,
    pub principal: Money,
    pub interest: Money,
}

/// The instalment that was not paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    pub amount: Money,
    pub due: NaiveDate,
    /// What is open of the whole plan.
    pub rest: Money,
    /// The agreement says that the whole becomes due.
    pub whole_becomes_due: bool,
}

impl LetterData {
    /// What the letter asks to pay now: the missed instalment, else the open amounts with the interest and costs that
    /// are claimed. `None` when these are not in one currency or too large.
    pub fn asked(&self) -> Option<Money> {
        match &self.missed {
            Some(missed) => Some(missed.amount),
            None => self.interest().into_iter().chain(self.costs()).try_fold(self.total, Money::checked_add),
        }
    }

    /// The total is the sum of the invoices, and the interest that of its segments. Without invoices it is not.
    pub(super) fn adds_up(&self) -> bool {
        let total = Money::sum(self.lines.iter().map(|line| line.open), self.total.currency());
        let mut interest = self.claim.iter().flat_map(|claim| &claim.interest);
        !self.lines.is_empty() && total == Some(self.total) && interest.all(Interest::adds_up)
    }

    /// The claimed interest, when it is more than nothing.
    pub(super) fn interest(&self) -> Option<Money> {
        let interest = self.claim.as_ref()?.interest.as_ref()?.total;
        (!interest.is_zero()).then_some(interest)
    }

    /// The claimed costs, when they are more than nothing.
    pub(super) fn costs(&self) -> Option<Money> {
        self.claim.as_ref()?.costs.filter(|costs| !costs.is_zero())
    }
}

impl Interest {
    /// Its segments add up to its total.
    fn adds_up(&self) -> bool {
        self.segments.is_empty()
            || Money::sum(self.segments.iter().map(|s| s.interest), self.total.currency()) == Some(self.total)
    }
}

/// One line about interest as the letter shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub number: String,
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Lowest and highest percentage in the period.
    pub rates: (Decimal, Decimal),
    /// `None` when it changed in the period.
    pub principal: Option<Money>,
    pub interest: Money,
}

/// The lines about interest: neighbours with the same rate and principal as one; one line per invoice when there would
/// be more than [`MOST_LINES`]. Lines of no interest are left out; what is shown adds up to the same total.
pub(super) fn shown(segments: &[Segment]) -> Vec<Shown> {
    let lines: Vec<Shown> = segments.iter().filter(|s| !s.interest.is_zero()).map(line).collect();
    let joined = join(lines, |last, next| same_terms(last, next) && follows(last, next));
    if joined.len() <= MOST_LINES {
        return joined;
    }
    let mut by_invoice = joined;
    let order: Vec<String> = by_invoice.iter().map(|line| line.number.clone()).collect();
    by_invoice.sort_by_key(|line| (order.iter().position(|number| *number == line.number), line.from));
    join(by_invoice, |last, next| last.number == next.number)
}

/// Some line stands for periods with different terms, so that the letter offers the whole computation.
pub(super) fn is_shortened(lines: &[Shown]) -> bool {
    lines.iter().any(|line| line.principal.is_none() || line.rates.0 != line.rates.1)
}

/// The last interest day of all.
pub(super) fn until(segments: &[Segment]) -> Option<NaiveDate> {
    segments.iter().map(|segment| segment.to).collect::<BTreeSet<_>>().into_iter().next_back()
}

fn line(segment: &Segment) -> Shown {
    Shown {
        number: segment.number.clone(),
        from: segment.from,
        to: segment.to,
        rates: (segment.rate, segment.rate),
        principal: Some(segment.principal),
        interest: segment.interest,
    }
}

fn same_terms(last: &Shown, next: &Shown) -> bool {
    last.number == next.number && last.rates == next.rates && last.principal == next.principal
}

fn follows(last: &Shown, next: &Shown) -> bool {
    last.to.checked_add_days(Days::new(1)) == Some(next.from)
}

/// Neighbours that belong together as one line. Amounts that cannot be added stay apart.
fn join(lines: Vec<Shown>, together: impl Fn(&Shown, &Shown) -> bool) -> Vec<Shown> {
    let mut out: Vec<Shown> = Vec::new();
    for next in lines {
        let sum = out.last().filter(|last| together(last, &next)).and_then(|l| l.interest.checked_add(next.interest));
        match (out.last_mut(), sum) {
            (Some(last), Some(interest)) => {
                last.interest = interest;
                last.from = last.from.min(next.from);
                last.to = last.to.max(next.to);
                last.rates = (last.rates.0.min(next.rates.0), last.rates.1.max(next.rates.1));
                last.principal = last.principal.filter(|principal| Some(*principal) == next.principal);
            }
            (_, _) => out.push(next),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(number: &str, from: &str, to: &str, rate: i64, principal: i64, interest: i64) -> Segment {
        Segment {
            number: number.to_owned(),
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            rate: Decimal::new(rate, 2),
            principal: Money::eur_cents(principal),
            interest: Money::eur_cents(interest),
        }
    }

    #[test]
    fn a_new_year_alone_is_no_new_line() {
        let lines = shown(&[
            segment("A", "2025-12-01", "2025-12-31", 1015, 100_000, 862),
            segment("A", "2026-01-01", "2026-06-30", 1015, 100_000, 5_033),
            segment("A", "2026-07-01", "2026-07-31", 1040, 100_000, 883),
            segment("B", "2026-08-01", "2026-08-31", 1040, 100_000, 883),
        ]);
        assert_eq!(lines.iter().map(|l| l.interest.minor()).collect::<Vec<_>>(), [5_895, 883, 883]);
        assert_eq!(lines[0].to, "2026-06-30".parse().unwrap());
        assert!(!is_shortened(&lines));
    }

    #[test]
    fn many_lines_become_one_per_invoice() {
        let mut segments = Vec::new();
        for month in 1..=9 {
            let day = |day: u32| format!("2026-{month:02}-{day:02}");
            segments.push(segment("A", &day(1), &day(20), 1000 + month, 100_000, 10));
            segments.push(segment("B", &day(1), &day(20), 1000, 50_000 - month, 5));
        }
        let lines = shown(&segments);
        assert_eq!(
            lines.iter().map(|l| (l.number.as_str(), l.interest.minor())).collect::<Vec<_>>(),
            [("A", 90), ("B", 45)]
        );
        assert_eq!(lines[0].rates, (Decimal::new(1001, 2), Decimal::new(1009, 2)));
        assert_eq!((lines[0].principal, lines[1].principal), (Some(Money::eur_cents(100_000)), None));
        assert!(is_shortened(&lines));
        assert_eq!(until(&segments), "2026-09-20".parse().ok());
    }

    #[test]
    fn nothing_is_not_shown() {
        assert_eq!(shown(&[segment("A", "2026-07-01", "2026-07-01", 1040, 1, 0)]), []);
        assert_eq!(shown(&[]), []);
    }
}
