//! Claims by chance: the same seed gives the same ones.

use crate::sim::Chance;
use aanmaand::dunning::law::interest::{DayCount, Event, Rate, Reckoned, Reckoning, reckon};
use aanmaand::dunning::law::rates::{OutOfRange, RateKind, RateTable};
use aanmaand::dunning::money::Money;
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

/// A claim as the tests hold it; the engine's form is made of it.
#[derive(Clone, Debug)]
pub struct Claim {
    pub rate: Rate,
    pub day_count: DayCount,
    pub principal: i64,
    pub costs: i64,
    pub due: NaiveDate,
    pub until: NaiveDate,
    pub events: Vec<Event>,
}

impl Claim {
    pub fn reckon(&self, table: &RateTable) -> Result<Reckoned, OutOfRange> {
        reckon(&Reckoning {
            table,
            rate: self.rate,
            day_count: self.day_count,
            principal: Money::eur_cents(self.principal),
            costs: Money::eur_cents(self.costs),
            due: self.due,
            until: self.until,
            events: &self.events,
        })
    }

    pub fn in_order(&self) -> Vec<Event> {
        let mut events = self.events.clone();
        events.sort_by_key(Event::date);
        events
    }
}

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// A claim of some weeks to some years, with up to six payments, some of them before it was due or far too large. Rates
/// have at most two decimals.
pub fn claim(chance: &mut Chance) -> Claim {
    let tabled = chance.in_100(70);
    let rate = match chance.within(0, 3) {
        _ if !tabled => Rate::Fixed(Decimal::new(chance.within(0, 2_500), 2)),
        0 => Rate::Table(RateKind::NlStatutory),
        1 => Rate::Table(RateKind::NlCommercial),
        2 => Rate::Table(RateKind::NlGovernment),
        _ => Rate::Table(RateKind::BeCommercial),
    };
    let due = due(chance, rate);
    let days = match chance.within(0, 99) {
        0..=59 => chance.within(0, 120),
        60..=89 => chance.within(100, 500),
        _ => chance.within(400, 2_200),
    };
    let last = date(2026, 12, 31);
    let until = due + Days::new(days as u64);
    let until = if tabled { until.min(last) } else { until };
    let largest = 10i64.pow(chance.within(1, 9) as u32);
    let principal = chance.within(0, largest);
    let costs = if chance.in_100(30) { chance.within(1, 15_000) } else { 0 };
    let count = chance.within(-3, 6).max(0);
    let events = (0..count).map(|_| event(chance, principal, due, (until - due).num_days())).collect();
    let day_count = chance.one_of(&[DayCount::A, DayCount::B, DayCount::C]);
    Claim { rate, day_count, principal, costs, due, until, events }
}

/// Often near the turns: the end of February, of a year, of a half-year.
fn due(chance: &mut Chance, rate: Rate) -> NaiveDate {
    let from = match rate {
        Rate::Table(RateKind::NlGovernment) => date(2013, 3, 15),
        Rate::Table(RateKind::BeCommercial) => date(2016, 6, 30),
        Rate::Table(_) | Rate::Fixed(_) => date(2010, 1, 1),
    };
    let year = chance.within(2010, 2026) as i32;
    let day = match chance.within(0, 9) {
        0 => date(year, 2, 27),
        1 => date(year, 2, 28),
        2 => date(year, 3, 1).pred_opt().unwrap(),
        3 => date(year, 12, 30),
        4 => date(year, 6, 29),
        _ => date(year, 1, 1) + Days::new(chance.within(0, 364) as u64),
    };
    day.max(from).min(date(2026, 12, 20))
}

fn event(chance: &mut Chance, principal: i64, due: NaiveDate, days: i64) -> Event {
    let date = due + chrono::TimeDelta::days(chance.within(-10.min(days), days));
    let amount = match chance.within(0, 9) {
        0..=2 => chance.within(1, 2_000),
        3..=7 => chance.within(1, (principal / 3).max(1)),
        _ => chance.within(1, principal + 30_000),
    };
    let money = Money::eur_cents;
    if chance.in_100(10) {
        let interest = chance.within(0, amount.min(3_000));
        return Event::Settled { date, interest: money(interest), principal: money(amount - interest) };
    }
    Event::Payment { date, amount: money(amount) }
}
