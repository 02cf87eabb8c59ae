//! The engine and the clerk of [`super::oracle`] agree to the cent, and the printed lines are a true account.

use super::chance::{self, Claim};
use super::oracle;
use crate::sim::Chance;
use aanmaand::dunning::law::interest::{Reckoned, Segment};
use aanmaand::dunning::law::rates::RateTable;

const CASES: u64 = 100_000;

#[test]
fn a_hundred_thousand_claims_to_the_cent() {
    let table = RateTable::built_in();
    let mut capitalised = 0;
    let mut overpaid = 0;
    for seed in 0..CASES {
        let claim = chance::claim(&mut Chance::new(seed));
        let reckoned = claim.reckon(&table).unwrap_or_else(|beyond| panic!("seed {seed}: {beyond}"));
        assert_eq!(in_cents(&reckoned), oracle::reckon(&claim), "seed {seed}: {claim:#?}\n{reckoned:#?}");
        lines_are_true(seed, &claim, &reckoned);
        capitalised += u64::from(reckoned.segments.iter().any(|line| line.amount.minor() > claim.principal));
        overpaid += u64::from(reckoned.allocations.iter().any(|allocation| allocation.rest.is_positive()));
    }
    assert!(
        capitalised > CASES / 20 && overpaid > CASES / 20,
        "{capitalised} and {overpaid} claims of the harder kinds"
    );
}

fn in_cents(reckoned: &Reckoned) -> oracle::Found {
    let left = &reckoned.left;
    let allocations = reckoned
        .allocations
        .iter()
        .map(|a| [a.settled.costs.minor(), a.settled.interest.minor(), a.settled.principal.minor(), a.rest.minor()]);
    oracle::Found {
        interest: reckoned.interest.minor(),
        days: reckoned.days,
        allocations: allocations.collect(),
        left: [left.costs.minor(), left.interest.minor(), left.principal.minor()],
    }
}

/// The lines follow one another inside the claim's days, and at every payment what they come to is what was paid and what
/// is open of the interest.
fn lines_are_true(seed: u64, claim: &Claim, reckoned: &Reckoned) {
    let mut before = claim.due;
    for line in &reckoned.segments {
        assert!(line.from > before && line.to >= line.from && line.to <= claim.until, "seed {seed}: {line:?}");
        assert_eq!(line.days, (line.to - line.from).num_days() + 1);
        assert!(!line.interest.is_negative());
        before = line.to;
    }
    let sum = |lines: &mut dyn Iterator<Item = &Segment>| lines.map(|line| line.interest.minor()).sum::<i64>();
    assert_eq!(sum(&mut reckoned.segments.iter()), reckoned.interest.minor(), "seed {seed}");
    let mut paid = 0;
    for allocation in &reckoned.allocations {
        paid += allocation.settled.interest.minor();
        let until_then = sum(&mut reckoned.segments.iter().filter(|line| line.to <= allocation.date));
        let all = allocation.settled.principal.is_positive() && allocation.settled.costs.is_zero();
        assert!(paid <= until_then, "seed {seed}: paid more than the lines show on {}", allocation.date);
        let by_payment =
            claim.events.iter().all(|event| matches!(event, aanmaand::dunning::law::interest::Event::Payment { .. }));
        assert!(!(all && by_payment) || paid == until_then, "seed {seed}: the lines and the allocation differ");
    }
}
