//! Interest on one claim, exact to the last fraction until it is rounded.
//!
//! - The first day with interest is the day after `due`, the last one is `until`; the day of a payment bears interest too
//!   (art. 6:119a(1) BW; the same is taken for 6:119, which says "as long as in default").
//! - After each year, reckoned from the first interest day, interest that is still unpaid bears interest itself
//!   (art. 6:119(2), 119a(3), 119b(3)); interest that a payment covered never does (Hof Amsterdam 12-05-2005, LJN AT6027).
//!   A broken last year adds nothing. A rate agreed by contract, and Belgium, are simple.
//! - Anniversaries are counted from the first interest day itself: one on 29 February has them on 28 February in common
//!   years and on the 29th in leap years.
//! - The statutes do not say how days are counted: [`DayCount`].
//! - Rounding: half up, once, on the total. A payment settles whole cents of the interest, rounded on its day; what the
//!   rounding gave or took stays in the exact account, so that the total of all interest is still rounded only once.
//! - Of the interest, a payment settles the capitalised part first: it is the older one and the only one that bears interest
//!   (as art. 6:43(2) orders between claims).
//! - Printed lines are split at changes of the rate, anniversaries, payments, and with day count B at a 1 January that
//!   begins or ends a leap year (at any other nothing changes). They add up to what is printed as total at each payment
//!   and at the end: left-over cents go to the lines with the largest fractions.

use super::allocation::{Owed, take};
use super::rates::{OutOfRange, RateKind, RateTable};
use crate::dunning::money::Money;
use chrono::{Datelike, Days, Months, NaiveDate};
use num_bigint::BigInt;
use rust_decimal::Decimal;

/// Which rate a claim bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    Table(RateKind),
    /// Agreed by contract, in percent a year, not below zero: simple interest, needs no table (art. 6:119(3), 6:119a(8) BW).
    Fixed(Decimal),
}

/// The length of the year that a day is a part of. No statute decides; B is the default, a full calendar year then costs
/// exactly the percentage, and B never asks more than A.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DayCount {
    /// Always 365 days.
    A,
    /// 366 for a day in a leap calendar year, else 365.
    #[default]
    B,
    /// The length of the running interest year, from anniversary to anniversary.
    C,
}

/// What happened to the claim on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Money that settles costs, then interest, then the principal (art. 6:44 BW).
    Payment { date: NaiveDate, amount: Money },
    /// Money that was allocated before. Interest beyond what had accrued goes to the principal, principal beyond what is
    /// open to nothing.
    Settled { date: NaiveDate, interest: Money, principal: Money },
}

impl Event {
    pub fn date(&self) -> NaiveDate {
        match self {
            Event::Payment { date, .. } | Event::Settled { date, .. } => *date,
        }
    }
}

/// A claim whose interest is asked. Negative amounts count as nothing. Credit notes have been taken off the principal.
#[derive(Clone, Debug)]
pub struct Reckoning<'a> {
    pub table: &'a RateTable,
    pub rate: Rate,
    pub day_count: DayCount,
    pub principal: Money,
    /// Collection costs that are owed beside it, from the start.
    pub costs: Money,
    /// The last day to pay in time: interest runs from the next day.
    pub due: NaiveDate,
    /// The last day that bears interest. What happened later is not looked at.
    pub until: NaiveDate,
    /// In any order; on one day in the order given.
    pub events: &'a [Event],
}

/// A stretch of days with one rate on one amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub from: NaiveDate,
    /// Included.
    pub to: NaiveDate,
    pub days: i64,
    /// Percent a year.
    pub rate: Decimal,
    /// What bears interest: the principal with the capitalised interest, rounded for print.
    pub amount: Money,
    /// Rounded so that the segments add up.
    pub interest: Money,
}

/// What one event settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation {
    pub date: NaiveDate,
    pub settled: Owed,
    /// What was left over: a credit of the debtor.
    pub rest: Money,
}

/// Interest and what is open at the end of `until`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reckoned {
    /// All interest that accrued, paid or not.
    pub interest: Money,
    /// Days that bore interest.
    pub days: i64,
    pub segments: Vec<Segment>,
    /// One for each event up to `until`, in order of date.
    pub allocations: Vec<Allocation>,
    pub left: Owed,
}

/// Reckons the interest on a claim up to and including `until`. Amounts beyond an `i64` of cents are cut off there.
///
/// # Errors
/// When interest runs on a day for which the table has no verified figure.
pub fn reckon(claim: &Reckoning<'_>) -> Result<Reckoned, OutOfRange> {
    let mut account = Account::new(claim);
    let mut events: Vec<&Event> = claim.events.iter().filter(|event| event.date() <= claim.until).collect();
    events.sort_by_key(|event| event.date());
    for event in events {
        account.run(event.date())?;
        account.close_stretch();
        account.apply(event);
    }
    account.run(claim.until)?;
    account.close_stretch();
    Ok(account.result())
}

/// 365 and 366 divide it: the days of a year as parts of one common whole.
const WHOLE: i64 = 365 * 366;

/// The claim while days pass. `whole` and `fine` are the denominators of the capitalised and of the unpaid interest, in
/// minor units; each capitalisation makes both finer, so nothing is ever rounded.
struct Account<'a> {
    claim: &'a Reckoning<'a>,
    first: Option<NaiveDate>,
    /// The next day to reckon.
    next: Option<NaiveDate>,
    /// Full years since `first`.
    years: u32,
    /// Denominator of one day's interest: of the percentage and of the year.
    grain: BigInt,
    /// Decimal places that all rates are written with.
    scale: u32,
    whole: BigInt,
    fine: BigInt,
    costs: Money,
    principal: Money,
    /// The part of the unpaid interest that bears interest, over `whole`.
    capitalised: BigInt,
    /// All unpaid interest, over `fine`; below zero by at most half a cent that a payment was rounded up.
    unpaid: BigInt,
    /// `unpaid` in whole cents when the running stretch began.
    stretch_from: i64,
    /// Lines of the running stretch with their exact interest, over `fine`.
    stretch: Vec<(Segment, BigInt)>,
    paid_interest: i64,
    segments: Vec<Segment>,
    allocations: Vec<Allocation>,
}

/// Days that are alike.
struct Span {
    last: NaiveDate,
    rate: Decimal,
    /// Days of the year that each of them is a part of.
    year: i64,
}

impl<'a> Account<'a> {
    fn new(claim: &'a Reckoning<'a>) -> Account<'a> {
        let first = claim.due.succ_opt();
        let scale = match claim.rate {
            Rate::Table(_) => 4,
            Rate::Fixed(percent) => percent.scale(),
        };
        let grain: BigInt = BigInt::from(10).pow(scale) * 100 * WHOLE;
        let positive = |amount: Money| if amount.is_negative() { Money::zero(amount.currency()) } else { amount };
        Account {
            claim,
            first,
            next: first,
            years: 0,
            scale,
            whole: BigInt::from(1),
            fine: grain.clone(),
            grain,
            costs: positive(claim.costs),
            principal: positive(claim.principal),
            capitalised: BigInt::ZERO,
            unpaid: BigInt::ZERO,
            stretch_from: 0,
            stretch: Vec::new(),
            paid_interest: 0,
            segments: Vec::new(),
            allocations: Vec::new(),
        }
    }

    /// Lets all days up to and including `to` bear interest.
    fn run(&mut self, to: NaiveDate) -> Result<(), OutOfRange> {
        while let Some(day) = self.next.filter(|day| *day <= to) {
            if self.anniversary(self.years + 1) == Some(day) {
                self.years += 1;
                self.capitalise();
            }
            let last = if self.bears_interest() {
                let span = self.span(day, to)?;
                self.accrue(day, &span);
                span.last
            } else {
                self.year_end().map_or(to, |end| end.min(to))
            };
            self.next = last.succ_opt();
        }
        Ok(())
    }

    fn anniversary(&self, years: u32) -> Option<NaiveDate> {
        self.first?.checked_add_months(Months::new(years.checked_mul(12)?))
    }

    /// The last day of the running interest year.
    fn year_end(&self) -> Option<NaiveDate> {
        self.anniversary(self.years + 1)?.pred_opt()
    }

    fn compounds(&self) -> bool {
        match self.claim.rate {
            Rate::Table(kind) => kind.compounds(),
            Rate::Fixed(_) => false,
        }
    }

    fn bears_interest(&self) -> bool {
        self.principal.is_positive() || self.capitalised > BigInt::ZERO
    }

    /// The longest run of equal days from `day` on, at most to `to`.
    fn span(&self, day: NaiveDate, to: NaiveDate) -> Result<Span, OutOfRange> {
        let (rate, same_rate) = match self.claim.rate {
            Rate::Table(kind) => self.claim.table.on(kind, day).map(|step| (step.percent, step.last))?,
            Rate::Fixed(percent) => (percent.max(Decimal::ZERO), to),
        };
        let year_end = self.year_end().unwrap_or(to);
        let (year, same_year) = match self.claim.day_count {
            DayCount::A => (365, to),
            DayCount::B => (days_of_year(day.year()), end_of_alike_years(day.year()).unwrap_or(to)),
            DayCount::C => (self.interest_year(), year_end),
        };
        let compounding = if self.compounds() { year_end } else { to };
        Ok(Span { last: to.min(same_rate).min(same_year).min(compounding), rate, year })
    }

    fn interest_year(&self) -> i64 {
        let ends = self.anniversary(self.years).zip(self.anniversary(self.years + 1));
        ends.map_or(365, |(from, to)| (to - from).num_days())
    }

    fn accrue(&mut self, from: NaiveDate, span: &Span) {
        let days = (span.last - from).num_days() + 1;
        let mut rate = span.rate;
        rate.rescale(self.scale);
        let base = &self.whole * self.principal.minor() + &self.capitalised;
        let exact = &base * rate.mantissa() * days * (WHOLE / span.year);
        self.unpaid += &exact;
        let amount = self.money(half_up(&base, &self.whole));
        let interest = self.money(0);
        self.stretch.push((Segment { from, to: span.last, days, rate: span.rate, amount, interest }, exact));
    }

    /// After a year the unpaid interest bears interest too.
    fn capitalise(&mut self) {
        if !self.compounds() {
            return;
        }
        self.capitalised = self.unpaid.clone().max(BigInt::ZERO);
        self.whole.clone_from(&self.fine);
        self.fine *= &self.grain;
        self.unpaid *= &self.grain;
        for (_, exact) in &mut self.stretch {
            *exact *= &self.grain;
        }
    }

    /// Rounds the lines since the last payment: each down, then a cent to those with the largest fractions until they
    /// add up to the rounded total.
    fn close_stretch(&mut self) {
        let total = half_up(&self.unpaid, &self.fine) - self.stretch_from;
        let mut lines = std::mem::take(&mut self.stretch);
        let mut given = 0;
        for (line, exact) in &mut lines {
            let floor = to_i64(&*exact / &self.fine);
            line.interest = self.money(floor);
            given = floor.saturating_add(given);
            *exact %= &self.fine;
        }
        let mut by_fraction: Vec<&mut (Segment, BigInt)> = lines.iter_mut().collect();
        by_fraction.sort_by(|(_, one), (_, other)| other.cmp(one));
        for (line, _) in by_fraction.into_iter().take(usize::try_from(total.saturating_sub(given)).unwrap_or(0)) {
            line.interest = self.money(line.interest.minor().saturating_add(1));
        }
        self.segments.extend(lines.into_iter().map(|(line, _)| line));
        self.stretch_from += total;
    }

    fn open(&self) -> Owed {
        Owed { costs: self.costs, interest: self.money(self.stretch_from), principal: self.principal }
    }

    fn apply(&mut self, event: &Event) {
        let (settled, rest) = match *event {
            Event::Payment { amount, .. } => self.open().settle(amount),
            Event::Settled { interest, principal, .. } => self.settle_as_told(interest, principal),
        };
        let less = |amount: Money, part: Money| amount.checked_sub(part).unwrap_or(amount);
        self.costs = less(self.costs, settled.costs);
        self.principal = less(self.principal, settled.principal);
        self.settle_interest(settled.interest.minor());
        self.allocations.push(Allocation { date: event.date(), settled, rest });
    }

    fn settle_as_told(&self, interest: Money, principal: Money) -> (Owed, Money) {
        let open = self.open();
        let mut over = interest;
        let of_interest = take(&mut over, open.interest);
        let mut rest = principal.checked_add(over).unwrap_or(principal);
        let of_principal = take(&mut rest, open.principal);
        (Owed { costs: self.money(0), interest: of_interest, principal: of_principal }, rest)
    }

    /// Takes whole cents off the unpaid interest, off its capitalised part first. A claim of which nothing is open any
    /// more bears nothing any more.
    fn settle_interest(&mut self, cents: i64) {
        self.paid_interest = self.paid_interest.saturating_add(cents);
        self.stretch_from -= cents;
        self.unpaid -= &self.fine * cents;
        self.capitalised = (&self.capitalised - &self.whole * cents).max(BigInt::ZERO);
        if self.principal.is_zero() && self.stretch_from == 0 {
            self.capitalised = BigInt::ZERO;
            self.unpaid = BigInt::ZERO;
        }
    }

    fn money(&self, minor: i64) -> Money {
        Money::from_minor(minor, self.claim.principal.currency())
    }

    fn result(self) -> Reckoned {
        Reckoned {
            interest: self.money(self.paid_interest.saturating_add(self.stretch_from)),
            days: self.segments.iter().map(|segment| segment.days).sum(),
            left: self.open(),
            segments: self.segments,
            allocations: self.allocations,
        }
    }
}

fn days_of_year(year: i32) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

fn is_leap(year: i32) -> bool {
    NaiveDate::from_ymd_opt(year, 2, 29).is_some()
}

/// The last 31 December before the years become leap, or common, years.
fn end_of_alike_years(year: i32) -> Option<NaiveDate> {
    let other = (year + 1..year + 9).find(|other| is_leap(*other) != is_leap(year))?;
    NaiveDate::from_ymd_opt(other, 1, 1)?.checked_sub_days(Days::new(1))
}

/// Half up, for a fraction of at least minus a half.
fn half_up(numerator: &BigInt, denominator: &BigInt) -> i64 {
    to_i64((numerator * 2 + denominator) / (denominator * 2))
}

fn to_i64(number: BigInt) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn eur(cents: i64) -> Money {
        Money::eur_cents(cents)
    }

    fn payment(date: &str, cents: i64) -> Event {
        Event::Payment { date: day(date), amount: eur(cents) }
    }

    fn fixed(percent: &str) -> Rate {
        Rate::Fixed(percent.parse().unwrap())
    }

    struct Case {
        rate: Rate,
        day_count: DayCount,
        principal: i64,
        costs: i64,
        due: &'static str,
        until: &'static str,
        events: Vec<Event>,
    }

    fn case(rate: Rate, principal: i64, due: &'static str, until: &'static str) -> Case {
        Case { rate, day_count: DayCount::B, principal, costs: 0, due, until, events: Vec::new() }
    }

    fn table(kind: RateKind) -> Rate {
        Rate::Table(kind)
    }

    impl Case {
        fn by(mut self, day_count: DayCount) -> Case {
            self.day_count = day_count;
            self
        }

        fn with(mut self, events: &[Event]) -> Case {
            self.events = events.to_vec();
            self
        }

        fn costs(mut self, cents: i64) -> Case {
            self.costs = cents;
            self
        }

        fn try_reckon(&self) -> Result<Reckoned, OutOfRange> {
            reckon(&Reckoning {
                table: &RateTable::built_in(),
                rate: self.rate,
                day_count: self.day_count,
                principal: eur(self.principal),
                costs: eur(self.costs),
                due: day(self.due),
                until: day(self.until),
                events: &self.events,
            })
        }

        fn reckon(&self) -> Reckoned {
            let reckoned = self.try_reckon().unwrap();
            let lines: i64 = reckoned.segments.iter().map(|segment| segment.interest.minor()).sum();
            assert_eq!(lines, reckoned.interest.minor(), "lines add up");
            reckoned
        }

        fn interest(&self) -> i64 {
            self.reckon().interest.minor()
        }
    }

    fn lines(reckoned: &Reckoned) -> Vec<(String, String, String, i64, i64)> {
        let line = |s: &Segment| {
            (s.from.to_string(), s.to.to_string(), s.rate.to_string(), s.amount.minor(), s.interest.minor())
        };
        reckoned.segments.iter().map(line).collect()
    }

    #[test]
    fn worked_examples() {
        use DayCount::*;
        use RateKind::*;
        let cases = [
            (case(fixed("8"), 100_000, "2026-03-01", "2026-03-12"), &[A, B, C][..], 241, 11),
            (case(table(NlCommercial), 840_000, "2026-05-30", "2026-06-21"), &[A, B, C], 5_139, 22),
            (case(table(NlCommercial), 500_000, "2026-07-01", "2026-08-30"), &[A, B, C], 8_548, 60),
            (case(table(NlStatutory), 1_000_000, "2025-12-16", "2026-01-15"), &[A, B, C], 4_110, 30),
            (case(table(NlStatutory), 100_000, "2023-12-31", "2025-12-31"), &[B, C], 13_420, 731),
            (case(table(NlStatutory), 100_000, "2023-12-31", "2025-12-31"), &[A], 13_440, 731),
            (case(table(NlCommercial), 100_000, "2025-12-31", "2026-06-30"), &[A, B, C], 5_033, 181),
            (case(fixed("6"), 500_000, "2024-03-14", "2025-03-14"), &[A, C], 30_000, 365),
            (case(fixed("6"), 500_000, "2024-03-14", "2025-03-14"), &[B], 29_934, 365),
            // A public example of two lines: 24.66 and 16.44.
            (case(table(NlStatutory), 1_000_000, "2025-12-16", "2025-12-31"), &[A, B, C], 2_466, 15),
            // The same percentage for a public body.
            (case(table(NlGovernment), 840_000, "2026-05-30", "2026-06-21"), &[B], 5_139, 22),
        ];
        for (mut case, counts, interest, days) in cases {
            for day_count in counts {
                case.day_count = *day_count;
                let reckoned = case.reckon();
                assert_eq!((reckoned.interest.minor(), reckoned.days), (interest, days), "{day_count:?} {}", case.due);
            }
        }
    }

    #[test]
    fn lines_are_split_at_rates_years_and_leap_years() {
        let two = case(table(RateKind::NlStatutory), 1_000_000, "2025-12-16", "2026-01-15").reckon();
        let expected = [("2025-12-17", "2025-12-31", "6.00", 2_466), ("2026-01-01", "2026-01-15", "4.00", 1_644)];
        let seen = lines(&two);
        for ((from, to, rate, interest), line) in expected.into_iter().zip(&seen) {
            assert_eq!(line, &(from.to_owned(), to.to_owned(), rate.to_owned(), 1_000_000, interest));
        }
        let years = case(table(RateKind::NlStatutory), 100_000, "2023-12-31", "2025-12-31").reckon();
        let amounts: Vec<(i64, i64)> = years.segments.iter().map(|s| (s.amount.minor(), s.interest.minor())).collect();
        assert_eq!(amounts, [(100_000, 7_000), (107_000, 6_420)]);
        let leap = case(fixed("6"), 500_000, "2024-03-14", "2025-03-14").reckon();
        let days: Vec<(String, i64)> = leap.segments.iter().map(|s| (s.to.to_string(), s.days)).collect();
        assert_eq!(days, [("2024-12-31".to_owned(), 292), ("2025-03-14".to_owned(), 73)]);
        let common = case(fixed("6"), 500_000, "2024-12-31", "2027-12-31").reckon();
        assert_eq!(common.segments.len(), 1, "between common years nothing changes");
        let leap_years_only = case(fixed("6"), 500_000, "2024-12-31", "2027-12-31").by(DayCount::C).reckon();
        assert_eq!(leap_years_only.segments.len(), 3);
    }

    /// Public example: 3000 at 3 percent from 2014-05-29, costs 100, 1500 paid on 2014-12-12, that day excluded.
    #[test]
    fn a_payment_settles_costs_then_interest_then_principal() {
        let events = [payment("2014-12-11", 150_000)];
        let paid = case(table(RateKind::NlStatutory), 300_000, "2014-05-28", "2014-12-11").costs(10_000).with(&events);
        let reckoned = paid.reckon();
        let expected = Owed { costs: eur(10_000), interest: eur(4_858), principal: eur(135_142) };
        let allocation = Allocation { date: day("2014-12-11"), settled: expected, rest: eur(0) };
        assert_eq!(reckoned.allocations, [allocation]);
        assert_eq!(reckoned.left, Owed { costs: eur(0), interest: eur(0), principal: eur(164_858) });
        assert_eq!(reckoned.interest, eur(4_858));
    }

    #[test]
    fn the_payment_day_bears_interest_and_later_days_only_on_the_rest() {
        let half = case(fixed("36.5"), 100_000, "2026-03-01", "2026-03-21").with(&[payment("2026-03-11", 51_000)]);
        // Ten days at 1.00, then 1010 - 510 = 500 for ten days at 0.50.
        let reckoned = half.reckon();
        assert_eq!(reckoned.interest, eur(1_500));
        assert_eq!(reckoned.left, Owed { costs: eur(0), interest: eur(500), principal: eur(50_000) });
        assert_eq!(lines(&reckoned).iter().map(|line| line.3).collect::<Vec<_>>(), [100_000, 50_000]);
    }

    #[test]
    fn only_unpaid_interest_is_capitalised() {
        let due = "2023-12-31";
        let none = case(table(RateKind::NlStatutory), 100_000, due, "2025-12-31").interest();
        assert_eq!(none, 13_420);
        let on_the_last_day = [payment("2024-12-31", 7_000)];
        let paid = case(table(RateKind::NlStatutory), 100_000, due, "2025-12-31").with(&on_the_last_day).reckon();
        assert_eq!(paid.interest, eur(13_000), "interest that was paid bears none");
        // One day later the year is over: 70.00 and one day of 1070 at 6 percent (0.1759) were open; the payment takes the
        // capitalised part first.
        let later = [payment("2025-01-01", 7_018)];
        let paid = case(table(RateKind::NlStatutory), 100_000, due, "2025-12-31").with(&later).reckon();
        assert_eq!(paid.allocations.first().unwrap().settled.interest, eur(7_018));
        assert_eq!(paid.segments.last().unwrap().amount, eur(100_000));
        assert_eq!(paid.interest, eur(7_000 + 6_001));
    }

    #[test]
    fn contracts_and_belgium_are_simple() {
        let contract = case(fixed("7"), 100_000, "2022-12-31", "2025-12-31").by(DayCount::C);
        assert_eq!(contract.interest(), 21_000);
        let belgium = case(table(RateKind::BeCommercial), 100_000, "2016-12-31", "2018-12-31");
        assert_eq!(belgium.interest(), 16_000);
        let netherlands = case(table(RateKind::NlCommercial), 100_000, "2016-12-31", "2018-12-31");
        assert_eq!(netherlands.interest(), 16_640);
    }

    #[test]
    fn the_year_of_29_february() {
        // First interest day 29 February 2024; the years begin on 28 February 2025 and 2026.
        let reckoned = case(table(RateKind::NlStatutory), 100_000, "2024-02-28", "2026-03-31").by(DayCount::C).reckon();
        let starts: Vec<String> = reckoned.segments.iter().map(|s| s.from.to_string()).collect();
        assert_eq!(starts, ["2024-02-29", "2025-01-01", "2025-02-28", "2026-01-01", "2026-02-28"]);
        let leap = case(table(RateKind::NlStatutory), 100_000, "2020-02-28", "2024-03-31").by(DayCount::A).reckon();
        let starts: Vec<String> = leap.segments.iter().map(|s| s.from.to_string()).collect();
        assert!(starts.contains(&"2023-02-28".to_owned()) && starts.contains(&"2024-02-29".to_owned()), "{starts:?}");
        assert!(!starts.contains(&"2024-02-28".to_owned()), "counted from the original date");
    }

    #[test]
    fn all_day_counts_agree_while_no_leap_day_is_near() {
        let of = |until, day_count| case(fixed("9"), 123_456, "2024-12-31", until).by(day_count).interest();
        for until in ["2025-12-31", "2026-07-01", "2027-02-28"] {
            assert_eq!(of(until, DayCount::A), of(until, DayCount::B), "{until}");
            assert_eq!(of(until, DayCount::A), of(until, DayCount::C), "{until}");
        }
        assert!(of("2028-12-31", DayCount::B) < of("2028-12-31", DayCount::A));
        assert_eq!(of("2028-12-31", DayCount::B), 4 * 11_111);
    }

    #[test]
    fn nothing_runs_before_the_first_day_on_nothing_or_after_all_is_paid() {
        for (principal, due, until) in [
            (100_000, "2026-03-01", "2026-03-01"),
            (100_000, "2026-03-01", "2025-01-01"),
            (0, "2026-03-01", "2099-01-01"),
        ] {
            let reckoned = case(table(RateKind::NlStatutory), principal, due, until).reckon();
            assert_eq!((reckoned.interest.minor(), reckoned.days, reckoned.segments.len()), (0, 0, 0));
            assert_eq!(reckoned.left.principal, eur(principal));
        }
        let over = case(table(RateKind::NlStatutory), 100_000, "2026-03-01", "2030-01-01")
            .with(&[payment("2026-03-11", 200_000), payment("2026-04-01", 500)])
            .reckon();
        assert_eq!((over.interest.minor(), over.days), (110, 10), "paid before the table ends: no row is missed");
        assert_eq!(over.allocations.iter().map(|a| a.rest.minor()).collect::<Vec<_>>(), [99_890, 500]);
        assert_eq!(over.left, Owed::nothing(over.interest.currency()));
        let negative = case(table(RateKind::NlStatutory), -100, "2026-03-01", "2026-04-01").costs(-5).reckon();
        assert_eq!((negative.interest, negative.left), (eur(0), Owed::nothing(negative.interest.currency())));
    }

    #[test]
    fn payments_before_the_due_date_lower_the_principal_and_later_ones_are_not_seen() {
        let events = [payment("2026-05-01", 40_000), payment("2026-02-01", 50_000), payment("2026-04-02", 1)];
        let early = case(fixed("36.5"), 100_000, "2026-03-01", "2026-04-01").with(&events).reckon();
        assert_eq!(early.interest, eur(31 * 50));
        assert_eq!(early.allocations.len(), 1);
        assert_eq!(early.left.principal, eur(50_000));
    }

    #[test]
    fn money_that_was_allocated_before() {
        let told = |interest, principal| Event::Settled {
            date: day("2026-03-11"),
            interest: eur(interest),
            principal: eur(principal),
        };
        let of = |event| case(fixed("36.5"), 100_000, "2026-03-01", "2026-03-11").with(&[event]).reckon();
        let cases = [
            (told(400, 600), 400, 600, 0),
            (told(1_500, 600), 1_000, 1_100, 0),
            (told(0, 100_100), 0, 100_000, 100),
            (told(2_000, 100_000), 1_000, 100_000, 1_000),
        ];
        for (event, interest, principal, rest) in cases {
            let reckoned = of(event);
            let allocation = reckoned.allocations.first().unwrap();
            assert_eq!((allocation.settled.interest, allocation.settled.principal), (eur(interest), eur(principal)));
            assert_eq!(allocation.rest, eur(rest));
            assert_eq!(reckoned.left.interest, eur(1_000 - interest));
        }
    }

    #[test]
    fn a_half_cent_goes_up_once() {
        // 1 percent of 36.50 for 5 days: exactly half a cent.
        let half = |until| case(fixed("1"), 3_650, "2026-03-01", until).reckon();
        assert_eq!(half("2026-03-06").interest, eur(1));
        assert_eq!(half("2026-03-05").interest, eur(0));
        // Payments every five days: the total is rounded as a whole, the payments only settle what had been rounded.
        let paid = [payment("2026-03-06", 1), payment("2026-03-11", 0), payment("2026-03-16", 1)];
        let reckoned = case(fixed("1"), 3_650, "2026-03-01", "2026-03-21").with(&paid).reckon();
        assert_eq!(reckoned.interest, eur(2));
        assert_eq!(reckoned.allocations.iter().map(|a| a.settled.interest.minor()).collect::<Vec<_>>(), [1, 0, 1]);
        assert_eq!(lines(&reckoned).iter().map(|line| line.4).collect::<Vec<_>>(), [1, 0, 1, 0]);
    }

    #[test]
    fn left_over_cents_go_to_the_largest_fractions() {
        // 11.123 and 5.699 cents come to 16.82: printed 11 and 6, not 12 and 5.
        let reckoned = case(table(RateKind::NlCommercial), 10_000, "2026-06-26", "2026-07-02").reckon();
        assert_eq!(lines(&reckoned).iter().map(|line| line.4).collect::<Vec<_>>(), [11, 6]);
        // Equal fractions: the earlier line.
        let equal =
            case(fixed("10"), 10_000, "2027-12-30", "2028-01-01").by(DayCount::A).with(&[payment("2027-12-31", 1)]);
        assert_eq!(lines(&equal.reckon()).iter().map(|line| line.4).collect::<Vec<_>>(), [3, 2]);
    }

    #[test]
    fn outside_the_table_nothing_is_reckoned() {
        let beyond = case(table(RateKind::NlCommercial), 100_000, "2026-12-01", "2027-01-01").try_reckon().unwrap_err();
        assert_eq!(beyond.asked, day("2027-01-01"));
        assert_eq!((beyond.from, beyond.until), (Some(day("2010-01-01")), Some(day("2026-12-31"))));
        assert!(case(table(RateKind::NlCommercial), 100_000, "2009-12-30", "2010-02-01").try_reckon().is_err());
        assert_eq!(case(table(RateKind::NlCommercial), 100_000, "2009-12-31", "2010-01-01").reckon().days, 1);
        assert_eq!(
            case(fixed("5"), 100_000, "2027-12-31", "2028-12-31").interest(),
            5_000,
            "a contract needs no table"
        );
    }
}
