//! One payment over several claims (art. 6:43 BW) against a clerk who gives cent by cent.

use crate::sim::Chance;
use aanmaand::dunning::law::allocation::{ClaimState, Owed, spread};
use aanmaand::dunning::money::Money;
use chrono::{NaiveDate, TimeDelta};
use rust_decimal::Decimal;

const CASES: u64 = 40_000;

fn paid_on() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 15).unwrap()
}

/// Up to six claims, many of them alike so that they have to share.
fn claims(chance: &mut Chance) -> Vec<ClaimState> {
    let largest = chance.one_of(&[3, 40, 300]);
    let part = |chance: &mut Chance| Money::eur_cents(chance.within(-largest / 2, largest).max(0));
    let claim = |chance: &mut Chance| ClaimState {
        owed: Owed { costs: part(chance), interest: part(chance), principal: part(chance) },
        due: paid_on() + TimeDelta::days(chance.one_of(&[-40, -3, 0, 1, 9])),
        named: chance.in_100(20),
        burden: Decimal::from(chance.one_of(&[4, 4, 10])),
    };
    (0..chance.within(0, 6)).map(|_| claim(chance)).collect()
}

/// True when `one` is settled before `other`.
fn goes_first(one: &ClaimState, other: &ClaimState) -> bool {
    if one.named != other.named {
        return one.named;
    }
    let (due, other_due) = (one.due <= paid_on(), other.due <= paid_on());
    if due != other_due {
        return due;
    }
    if one.burden != other.burden {
        return one.burden > other.burden;
    }
    one.due < other.due
}

/// Cents for each claim: costs, interest, principal; and what is left.
fn by_hand(mut money: i64, claims: &[ClaimState]) -> (Vec<[i64; 3]>, i64) {
    let mut open: Vec<[i64; 3]> = claims
        .iter()
        .map(|claim| [claim.owed.costs, claim.owed.interest, claim.owed.principal].map(|part| part.minor()))
        .collect();
    let mut given = vec![[0; 3]; claims.len()];
    let mut waiting: Vec<usize> = (0..claims.len()).collect();
    while !waiting.is_empty() && money > 0 {
        let first = |one: &usize| waiting.iter().all(|other| !goes_first(&claims[*other], &claims[*one]));
        let group: Vec<usize> = waiting.iter().copied().filter(first).collect();
        waiting.retain(|claim| !group.contains(claim));
        let all: i64 = group.iter().map(|claim| open[*claim].iter().sum::<i64>()).sum();
        let mut shares: Vec<i64> = group.iter().map(|claim| open[*claim].iter().sum()).collect();
        if all > money {
            // Whole cents of each share; then, cent by cent, to whom the most is missing.
            let exact: Vec<(i64, i64)> =
                shares.iter().map(|share| (share * money / all, share * money % all)).collect();
            shares = exact.iter().map(|(whole, _)| *whole).collect();
            let mut missing: Vec<i64> = exact.iter().map(|(_, fraction)| *fraction).collect();
            while shares.iter().sum::<i64>() < money {
                let most = *missing.iter().max().unwrap();
                let lucky = missing.iter().position(|fraction| *fraction == most).unwrap();
                shares[lucky] += 1;
                missing[lucky] = -1;
            }
        }
        for (claim, share) in group.iter().zip(shares) {
            for _ in 0..share {
                let part = open[*claim].iter().position(|part| *part > 0).unwrap();
                open[*claim][part] -= 1;
                given[*claim][part] += 1;
                money -= 1;
            }
        }
    }
    (given, money)
}

#[test]
fn forty_thousand_payments_to_the_cent() {
    for seed in 0..CASES {
        let mut chance = Chance::new(seed ^ 0x0643_0644);
        let claims = claims(&mut chance);
        let all: i64 = claims.iter().map(|claim| claim.owed.total().unwrap().minor()).sum();
        let money = chance.within(0, all + all / 5 + 3);
        let (parts, rest) = spread(Money::eur_cents(money), paid_on(), &claims);
        let mut given = vec![[0; 3]; claims.len()];
        for part in &parts {
            given[part.claim] = [part.settled.costs, part.settled.interest, part.settled.principal].map(|p| p.minor());
        }
        assert_eq!((given, rest.minor()), by_hand(money, &claims), "seed {seed}: {money} over {claims:#?}");
        let settled: i64 = parts.iter().map(|part| part.settled.total().unwrap().minor()).sum();
        assert_eq!(settled + rest.minor(), money, "seed {seed}");
        assert!(parts.is_sorted_by(|one, other| one.claim < other.claim), "seed {seed}");
    }
}
