//! What must hold for any claim and any payments.

use super::chance::{self, Claim};
use crate::sim::Chance;
use aanmaand::dunning::law::interest::{DayCount, Event, Rate, Reckoned};
use aanmaand::dunning::law::rates::RateTable;
use aanmaand::dunning::money::Money;
use chrono::TimeDelta;

const CASES: u64 = 20_000;

fn each(check: impl Fn(&mut Chance, &Claim, &dyn Fn(&Claim) -> Reckoned)) {
    let table = RateTable::built_in();
    for seed in 0..CASES {
        let mut chance = Chance::new(seed ^ 0xA5A5_0000);
        let claim = chance::claim(&mut chance);
        check(&mut chance, &claim, &|claim| {
            claim.reckon(&table).unwrap_or_else(|beyond| panic!("seed {seed}: {beyond}\n{claim:#?}"))
        });
    }
}

fn open(reckoned: &Reckoned) -> i64 {
    reckoned.left.total().unwrap().minor()
}

fn paid(event: &Event) -> i64 {
    match event {
        Event::Payment { amount, .. } => amount.minor(),
        Event::Settled { interest, principal, .. } => interest.minor() + principal.minor(),
    }
}

fn only_payments(claim: &Claim) -> bool {
    claim.events.iter().all(|event| matches!(event, Event::Payment { .. }))
}

#[test]
fn no_cent_is_made_or_lost_and_nothing_is_negative() {
    each(|_, claim, reckon| {
        let reckoned = reckon(claim);
        let mut settled = [0; 3];
        for (event, allocation) in claim.in_order().iter().zip(&reckoned.allocations) {
            let parts = [allocation.settled.costs, allocation.settled.interest, allocation.settled.principal];
            let parts = parts.map(|part| part.minor());
            assert!(parts.iter().chain([&allocation.rest.minor()]).all(|part| *part >= 0), "{claim:#?}\n{reckoned:#?}");
            assert_eq!(parts.iter().sum::<i64>() + allocation.rest.minor(), paid(event), "{claim:#?}");
            for (sum, part) in settled.iter_mut().zip(parts) {
                *sum += part;
            }
        }
        assert_eq!(reckoned.allocations.len(), claim.events.len());
        let left = &reckoned.left;
        let left = [left.costs, left.interest, left.principal].map(|part| part.minor());
        assert!(left.iter().all(|part| *part >= 0), "{claim:#?}\n{reckoned:#?}");
        let asked = [claim.costs, reckoned.interest.minor(), claim.principal];
        let accounted: Vec<i64> = settled.iter().zip(left).map(|(settled, left)| settled + left).collect();
        assert_eq!(accounted, asked, "{claim:#?}");
    });
}

#[test]
fn a_larger_payment_never_raises_the_claim() {
    each(|chance, claim, reckon| {
        let mut more = claim.clone();
        let count = more.events.len().max(1) as i64;
        let extra = chance.one_of(&[1, 2, 49, 1_000, 250_000]);
        match more.events.get_mut(chance.within(0, count - 1) as usize) {
            Some(Event::Payment { amount, .. }) => *amount = Money::eur_cents(amount.minor() + extra),
            Some(Event::Settled { .. }) | None => {
                let date = claim.due + TimeDelta::days(chance.within(0, (claim.until - claim.due).num_days()));
                more.events.push(Event::Payment { date, amount: Money::eur_cents(extra) });
            }
        }
        if only_payments(claim) {
            assert!(open(&reckon(&more)) <= open(&reckon(claim)), "{claim:#?}\n{more:#?}");
        }
    });
}

#[test]
fn a_payment_in_two_parts_on_one_day_is_one_payment() {
    each(|chance, claim, reckon| {
        let mut split = claim.clone();
        split.events.clear();
        for event in &claim.events {
            match event {
                Event::Payment { date, amount } if amount.minor() > 1 => {
                    let part = chance.within(1, amount.minor() - 1);
                    for cents in [part, amount.minor() - part] {
                        split.events.push(Event::Payment { date: *date, amount: Money::eur_cents(cents) });
                    }
                }
                Event::Payment { .. } | Event::Settled { .. } => split.events.push(*event),
            }
        }
        let (whole, parts) = (reckon(claim), reckon(&split));
        assert_eq!((whole.left, whole.interest), (parts.left, parts.interest), "{claim:#?}");
        assert_eq!(whole.segments, parts.segments, "{claim:#?}");
    });
}

#[test]
fn a_claim_that_moves_by_weeks_bears_the_same() {
    each(|chance, claim, reckon| {
        let percent = rust_decimal::Decimal::new(chance.within(0, 2_000), 2);
        let still = Claim { rate: Rate::Fixed(percent), day_count: DayCount::A, ..claim.clone() };
        let weeks = TimeDelta::days(7 * chance.within(-300, 300));
        let mut moved = still.clone();
        moved.due += weeks;
        moved.until += weeks;
        for event in &mut moved.events {
            match event {
                Event::Payment { date, .. } | Event::Settled { date, .. } => *date += weeks,
            }
        }
        let (here, there) = (reckon(&still), reckon(&moved));
        assert_eq!((here.left, here.interest, here.days), (there.left, there.interest, there.days), "{still:#?}");
        let lines = |reckoned: &Reckoned| reckoned.segments.iter().map(|line| line.interest).collect::<Vec<_>>();
        assert_eq!(lines(&here), lines(&there), "{still:#?}");
    });
}

#[test]
fn leap_years_never_cost_more_than_counting_365_days() {
    each(|_, claim, reckon| {
        let by = |day_count| reckon(&Claim { day_count, ..claim.clone() });
        let (a, b) = (by(DayCount::A), by(DayCount::B));
        assert!(b.interest.minor() <= a.interest.minor(), "{claim:#?}");
        assert!(open(&b) <= open(&a), "{claim:#?}");
    });
}

#[test]
fn a_later_day_never_lowers_the_claim_while_nobody_pays() {
    each(|chance, claim, reckon| {
        let mut earlier = claim.clone();
        earlier.events.clear();
        let later = earlier.clone();
        earlier.until = claim.due + TimeDelta::days(chance.within(0, (claim.until - claim.due).num_days()));
        assert!(reckon(&earlier).interest.minor() <= reckon(&later).interest.minor(), "{claim:#?}");
    });
}
