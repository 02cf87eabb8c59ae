//! Interest as a patient clerk reckons it: one day at a time, by its own table, in fractions that are never rounded.

use super::chance::Claim;
use super::wide::Wide;
use aanmaand::dunning::law::interest::{DayCount, Event, Rate};
use aanmaand::dunning::law::rates::RateKind;
use chrono::{Datelike, NaiveDate};

/// Year, month, day, hundredths of a percent.
type Figure = (i32, u32, u32, u64);

const STATUTORY: [Figure; 9] = [
    (2010, 1, 1, 300),
    (2011, 7, 1, 400),
    (2012, 7, 1, 300),
    (2015, 1, 1, 200),
    (2023, 1, 1, 400),
    (2023, 7, 1, 600),
    (2024, 1, 1, 700),
    (2025, 1, 1, 600),
    (2026, 1, 1, 400),
];
const COMMERCIAL: [Figure; 18] = [
    (2010, 1, 1, 800),
    (2011, 7, 1, 825),
    (2012, 1, 1, 800),
    (2013, 1, 1, 775),
    (2013, 3, 16, 875),
    (2013, 7, 1, 850),
    (2014, 1, 1, 825),
    (2014, 7, 1, 815),
    (2015, 1, 1, 805),
    (2016, 7, 1, 800),
    (2023, 1, 1, 1050),
    (2023, 7, 1, 1200),
    (2024, 1, 1, 1250),
    (2024, 7, 1, 1225),
    (2025, 1, 1, 1115),
    (2025, 7, 1, 1015),
    (2026, 7, 1, 1040),
    (2027, 1, 1, 0),
];
const BELGIAN: [Figure; 6] = [
    (2016, 7, 1, 800),
    (2023, 1, 1, 1050),
    (2023, 7, 1, 1200),
    (2024, 1, 1, 1250),
    (2025, 1, 1, 1150),
    (2025, 7, 1, 1050),
];

/// What the clerk found, in cents.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    pub interest: i64,
    pub days: i64,
    /// Costs, interest, principal, left over: one for each event.
    pub allocations: Vec<[i64; 4]>,
    /// Costs, interest, principal.
    pub left: [i64; 3],
}

/// Common denominator of the parts of a percentage (10 000) and of a year (365 x 366).
const GRAIN: u64 = 10_000 * 365 * 366;

struct Clerk {
    /// Factors of `GRAIN` in the denominator of all fractions: one more than there are anniversaries.
    depth: u32,
    one_cent: Wide,
    costs: i64,
    principal: i64,
    /// All interest that ever accrued.
    accrued: Wide,
    paid_interest: i64,
    capitalised: Wide,
    /// One day's interest for each hundredth of a percent and each part of a year.
    unit: Wide,
    days: i64,
}

pub fn reckon(claim: &Claim) -> Found {
    let first = claim.due.succ_opt().unwrap();
    let years = (claim.until.year() - first.year()).max(0) as u32;
    let depth = years + 2;
    let one_cent = (0..depth).fold(Wide::of(1), |wide, _| wide.times(GRAIN));
    let mut clerk = Clerk {
        depth,
        one_cent,
        costs: claim.costs,
        principal: claim.principal,
        accrued: Wide::ZERO,
        paid_interest: 0,
        capitalised: Wide::ZERO,
        unit: Wide::ZERO,
        days: 0,
    };
    let events = claim.in_order();
    let mut events = events.iter().peekable();
    let mut allocations = Vec::new();
    while let Some(early) = events.next_if(|event| event.date() <= claim.due) {
        allocations.push(clerk.takes(early));
    }
    clerk.weigh();
    let mut interest_year = year_length(first, first);
    let mut today = first;
    while today <= claim.until {
        if today > first && is_anniversary(first, today) {
            interest_year = year_length(first, today);
            if compounds(claim.rate) {
                clerk.capitalised = clerk.accrued.minus(&clerk.one_cent.times(clerk.paid_interest as u64));
                clerk.weigh();
            }
        }
        let year = match claim.day_count {
            DayCount::A => 365,
            DayCount::B if is_leap(today.year()) => 366,
            DayCount::B => 365,
            DayCount::C => interest_year,
        };
        clerk.one_day(hundredths(claim.rate, today), year);
        while let Some(event) = events.next_if(|event| event.date() == today) {
            allocations.push(clerk.takes(event));
            clerk.weigh();
        }
        today = today.succ_opt().unwrap();
    }
    Found {
        interest: clerk.rounded(),
        days: clerk.days,
        allocations,
        left: [clerk.costs, clerk.rounded() - clerk.paid_interest, clerk.principal],
    }
}

impl Clerk {
    fn weigh(&mut self) {
        let base = self.one_cent.times(self.principal as u64).plus(&self.capitalised);
        let (unit, remainder) = base.divided_by(GRAIN);
        assert_eq!(remainder, 0, "the denominator is fine enough");
        self.unit = unit;
    }

    fn one_day(&mut self, hundredths: u64, year: u64) {
        if !self.unit.is_zero() {
            self.days += 1;
            self.accrued = self.accrued.plus(&self.unit.times(hundredths * (365 * 366 / year)));
        }
    }

    /// All interest so far in whole cents, half up.
    fn rounded(&self) -> i64 {
        let doubled = self.accrued.times(2).plus(&self.one_cent);
        let whole = (0..self.depth).fold(doubled, |wide, _| wide.divided_by(GRAIN).0);
        whole.divided_by(2).0.to_i64()
    }

    fn takes(&mut self, event: &Event) -> [i64; 4] {
        let open = self.rounded() - self.paid_interest;
        let [costs, interest, principal, rest] = match event {
            Event::Payment { amount, .. } => {
                let amount = amount.minor();
                let costs = amount.min(self.costs);
                let interest = (amount - costs).min(open);
                let principal = (amount - costs - interest).min(self.principal);
                [costs, interest, principal, amount - costs - interest - principal]
            }
            Event::Settled { interest, principal, .. } => {
                let taken = interest.minor().min(open);
                let to_principal = principal.minor() + interest.minor() - taken;
                let principal = to_principal.min(self.principal);
                [0, taken, principal, to_principal - principal]
            }
        };
        self.costs -= costs;
        self.principal -= principal;
        self.paid_interest += interest;
        self.capitalised = self.capitalised.minus(&self.one_cent.times(interest as u64));
        if self.principal == 0 && open == interest {
            // Nothing is open: what rounding left bears nothing and is forgotten.
            self.capitalised = Wide::ZERO;
            self.accrued = self.one_cent.times(self.paid_interest as u64);
        }
        [costs, interest, principal, rest]
    }
}

fn compounds(rate: Rate) -> bool {
    match rate {
        Rate::Fixed(_) | Rate::Table(RateKind::BeCommercial) => false,
        Rate::Table(RateKind::NlStatutory | RateKind::NlCommercial | RateKind::NlGovernment) => true,
    }
}

fn hundredths(rate: Rate, today: NaiveDate) -> u64 {
    let figures: &[Figure] = match rate {
        Rate::Fixed(percent) => return u64::try_from(percent.mantissa()).unwrap() * 10u64.pow(2 - percent.scale()),
        Rate::Table(RateKind::NlStatutory) => &STATUTORY,
        Rate::Table(RateKind::NlCommercial | RateKind::NlGovernment) => &COMMERCIAL,
        Rate::Table(RateKind::BeCommercial) => &BELGIAN,
    };
    let today = (today.year(), today.month(), today.day());
    figures.iter().rev().find(|(year, month, day, _)| (*year, *month, *day) <= today).unwrap().3
}

fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn is_anniversary(first: NaiveDate, today: NaiveDate) -> bool {
    let (month, day) = (first.month(), first.day());
    let moved = (month, day) == (2, 29) && !is_leap(today.year());
    (today.month(), today.day()) == if moved { (2, 28) } else { (month, day) }
}

/// Days from one anniversary to the next.
fn year_length(first: NaiveDate, from: NaiveDate) -> u64 {
    from.iter_days().skip(1).position(|day| is_anniversary(first, day)).unwrap() as u64 + 1
}
