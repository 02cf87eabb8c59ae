//! Which debt a payment settles: art. 6:43 BW between claims, art. 6:44 BW within each. No cent is made or lost.

use crate::dunning::money::{Currency, Money};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::cmp::Reverse;

/// What a claim consists of, or what a payment settled of it. All in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owed {
    pub costs: Money,
    pub interest: Money,
    pub principal: Money,
}

impl Owed {
    pub const fn nothing(currency: Currency) -> Owed {
        Owed { costs: Money::zero(currency), interest: Money::zero(currency), principal: Money::zero(currency) }
    }

    /// `None` when the parts differ in currency or do not fit.
    pub fn total(&self) -> Option<Money> {
        self.costs.checked_add(self.interest)?.checked_add(self.principal)
    }

    /// What `amount` settles of this, and what is left of the amount: costs first, then interest, then the principal
    /// (art. 6:44(1) BW). An amount of zero or less, or in another currency, settles nothing.
    pub fn settle(&self, amount: Money) -> (Owed, Money) {
        let mut rest = amount;
        let settled = Owed {
            costs: take(&mut rest, self.costs),
            interest: take(&mut rest, self.interest),
            principal: take(&mut rest, self.principal),
        };
        (settled, rest)
    }
}

/// Takes up to `owed` out of `rest`; never a negative part.
pub(super) fn take(rest: &mut Money, owed: Money) -> Money {
    let none = Money::zero(owed.currency());
    if rest.currency() != owed.currency() || !rest.is_positive() || !owed.is_positive() {
        return none;
    }
    let part = rest.min(owed);
    match rest.checked_sub(part) {
        Some(left) => {
            *rest = left;
            part
        }
        None => none,
    }
}

/// A claim on the day of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimState {
    /// What is open on the day of payment, interest up to and including that day.
    pub owed: Owed,
    /// The last day on which it could be paid in time.
    pub due: NaiveDate,
    /// The debtor named it: in the payment's description or otherwise when paying (art. 6:43(1)).
    pub named: bool,
    /// How heavy it weighs on the debtor: the yearly interest in percent that it bears or will bear (art. 6:43(2)).
    pub burden: Decimal,
}

/// What one claim gets of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Position in the claims as they were given.
    pub claim: usize,
    pub settled: Owed,
}

/// Spreads a payment made on `date` over claims (art. 6:43 BW): those that the debtor named; of these, and then of the
/// others, what is due (its last day to pay has come) before what is not; then the most burdensome, that is the one with
/// the highest rate of interest; then the oldest, that is the one due first; equal ones in proportion to what is open.
/// Within a claim by [`Owed::settle`]. Parts come in the order of the claims, only where something was settled; the
/// second value is what no claim takes.
///
/// The statute does not say what burdens most. The rate is the only burden that grows here; costs are not weighed, as
/// they no longer grow.
pub fn spread(amount: Money, date: NaiveDate, claims: &[ClaimState]) -> (Vec<Part>, Money) {
    let rank = |claim: &ClaimState| (Reverse(claim.named), claim.due > date, Reverse(claim.burden), claim.due);
    let mut order: Vec<(usize, &ClaimState)> = claims.iter().enumerate().collect();
    order.sort_by_key(|(_, claim)| rank(claim));
    let mut rest = amount;
    let mut parts = Vec::new();
    for equals in order.chunk_by(|(_, one), (_, other)| rank(one) == rank(other)) {
        for ((position, claim), share) in equals.iter().zip(shares(rest, equals)) {
            let settled = claim.owed.settle(share).0;
            for part in [settled.costs, settled.interest, settled.principal] {
                take(&mut rest, part);
            }
            if settled != Owed::nothing(claim.owed.principal.currency()) {
                parts.push(Part { claim: *position, settled });
            }
        }
    }
    parts.sort_by_key(|part| part.claim);
    (parts, rest)
}

/// How much each of equal claims may take: all that is open where the amount suffices, else in proportion to it.
fn shares(amount: Money, claims: &[(usize, &ClaimState)]) -> Vec<Money> {
    let open = |claim: &ClaimState| -> i64 {
        let parts = [claim.owed.costs, claim.owed.interest, claim.owed.principal];
        let same = parts.iter().filter(|part| part.currency() == amount.currency());
        same.fold(0, |sum, part| sum.saturating_add(part.minor().max(0)))
    };
    let open: Vec<i64> = claims.iter().map(|(_, claim)| open(claim)).collect();
    let all = open.iter().fold(0, |sum: i64, part| sum.saturating_add(*part));
    Money::from_minor(amount.minor().clamp(0, all), amount.currency()).in_proportion(&open)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(cents: i64) -> Money {
        Money::eur_cents(cents)
    }

    fn owed(costs: i64, interest: i64, principal: i64) -> Owed {
        Owed { costs: eur(costs), interest: eur(interest), principal: eur(principal) }
    }

    fn claim(principal: i64, due: &str, burden: i64) -> ClaimState {
        ClaimState { owed: owed(0, 0, principal), due: due.parse().unwrap(), named: false, burden: burden.into() }
    }

    fn spread_of(amount: i64, claims: &[ClaimState]) -> (Vec<(usize, i64)>, i64) {
        let (parts, rest) = spread(eur(amount), "2026-06-15".parse().unwrap(), claims);
        let total = |part: &Part| (part.claim, part.settled.total().unwrap().minor());
        (parts.iter().map(total).collect(), rest.minor())
    }

    #[test]
    fn costs_then_interest_then_principal() {
        let cases = [
            (5_000, (5_000, 0, 0), 0),
            (10_000, (10_000, 0, 0), 0),
            (12_000, (10_000, 2_000, 0), 0),
            (150_000, (10_000, 4_858, 135_142), 0),
            (400_000, (10_000, 4_858, 300_000), 85_142),
            (0, (0, 0, 0), 0),
            (-5, (0, 0, 0), -5),
        ];
        for (paid, (costs, interest, principal), rest) in cases {
            let settled = owed(10_000, 4_858, 300_000).settle(eur(paid));
            assert_eq!(settled, (owed(costs, interest, principal), eur(rest)), "{paid}");
        }
        let dollars = Money::from_minor(500, Currency::parse("USD").unwrap());
        assert_eq!(owed(1, 1, 1).settle(dollars), (owed(0, 0, 0), dollars));
        assert_eq!(owed(-1, 0, 5).settle(eur(9)).0, owed(0, 0, 5), "a negative part owes nothing");
    }

    #[test]
    fn the_order_between_claims() {
        let not_due = claim(100, "2026-07-01", 12);
        let heavy = claim(100, "2026-05-01", 10);
        let old = claim(100, "2026-03-01", 4);
        let young = claim(100, "2026-06-15", 4);
        let all = [not_due, young, old, heavy];
        assert_eq!(spread_of(150, &all), (vec![(2, 50), (3, 100)], 0));
        assert_eq!(spread_of(310, &all), (vec![(0, 10), (1, 100), (2, 100), (3, 100)], 0));
        assert_eq!(spread_of(500, &all).1, 100);
        let mut named = all.clone();
        named[0].named = true;
        assert_eq!(spread_of(150, &named), (vec![(0, 100), (3, 50)], 0));
        assert_eq!(spread_of(0, &all), (vec![], 0));
        assert_eq!(spread_of(-7, &all), (vec![], -7));
        assert_eq!(spread_of(7, &[]), (vec![], 7));
    }

    #[test]
    fn equal_claims_share_in_proportion() {
        let claims = [claim(100, "2026-03-01", 4), claim(200, "2026-03-01", 4), claim(0, "2026-03-01", 4)];
        assert_eq!(spread_of(30, &claims), (vec![(0, 10), (1, 20)], 0));
        assert_eq!(spread_of(100, &claims), (vec![(0, 33), (1, 67)], 0));
        assert_eq!(spread_of(1, &claims), (vec![(1, 1)], 0));
        let thirds = vec![claim(100, "2026-03-01", 4); 3];
        assert_eq!(spread_of(200, &thirds), (vec![(0, 67), (1, 67), (2, 66)], 0));
        assert_eq!(spread_of(301, &thirds), (vec![(0, 100), (1, 100), (2, 100)], 1));
    }

    #[test]
    fn each_claim_settles_its_costs_first() {
        let mut one = claim(100, "2026-03-01", 4);
        one.owed = owed(40, 5, 100);
        let mut two = claim(100, "2026-04-01", 4);
        two.owed = owed(40, 5, 100);
        let (parts, rest) = spread(eur(190), "2026-06-15".parse().unwrap(), &[two, one]);
        let expected = [Part { claim: 0, settled: owed(40, 5, 0) }, Part { claim: 1, settled: owed(40, 5, 100) }];
        assert_eq!((parts.as_slice(), rest), (expected.as_slice(), eur(0)));
    }
}
