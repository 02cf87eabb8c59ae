//! Collection costs out of court: what may be asked beside principal and interest. Never before the law opens them: for a
//! consumer only when the fourteen-day letter has run out ([`super::term`]).
//!
//! Sources: art. 6:96(4)-(7) BW, art. 2 Besluit vergoeding voor buitengerechtelijke incassokosten (the scale); Book XIX WER
//! and the Act of 2 August 2002 for Belgium.
#![expect(clippy::inconsistent_digit_grouping, reason = "100_00 is 100 euros in cents")]

use crate::dunning::money::{Currency, Money};
use rust_decimal::Decimal;

/// From which amount on, in euros, and how many thousandths of what lies above it (Besluit art. 2(1)).
const SCALE: [(i64, i64); 5] = [(0, 150), (2_500, 100), (5_000, 50), (10_000, 10), (200_000, 5)];
/// Art. 2(2) Besluit; for businesses also art. 6:96(4) BW.
const MINIMUM: Money = Money::eur_cents(40_00);
/// Art. 2(1) Besluit: reached at a principal of a million.
const MAXIMUM: Money = Money::eur_cents(6_775_00);
/// Book XIX WER: the largest compensation that may be agreed with a consumer.
const BELGIAN_MAXIMUM: Money = Money::eur_cents(2_000_00);
/// Percent, art. 2(3) Besluit.
const VAT: i64 = 21;

/// What may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Costs {
    pub costs: Money,
    pub vat: Money,
    pub total: Money,
    /// The least that this rule gives for a claim above zero; none where it has no least amount.
    pub minimum: Option<Money>,
    /// The articles, for a person.
    pub basis: &'static str,
}

/// No amount can be said by rule; a person must look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NeedsReview {
    /// Since 2024-10-01 missed instalments of one consumer are limited over six months. The statute's text could not be
    /// read and its summaries do not cover every case.
    #[error(
        "costs over periodic instalments of a consumer need review: since 2024-10-01 they are limited over six months, \
         and this program does not know every case of that rule"
    )]
    Periodic,
    #[error("the scale is in euros: a claim in another currency needs review")]
    Currency,
}

/// How the scale is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scale {
    /// The debtor is no consumer.
    pub business: bool,
    /// The creditor uses a collection service that charges VAT, cannot deduct that VAT, and expressly says both
    /// (Besluit art. 2(3)). A creditor who writes his own letters has no such service.
    pub vat_not_deductible: bool,
    /// The principals are instalments of a subscription or the like.
    pub periodic: bool,
}

/// The Dutch scale over the sum of the principals, VAT of the invoices included, without interest and costs. Claims on one
/// consumer that can be demanded together are demanded in one letter, with one fee (art. 6:96(7) BW); for businesses the
/// sum is the safe side, as parts never give less than the whole. Nothing for a sum of zero or less.
///
/// For a business it is default law where nothing else was agreed, and what exceeds 40 euro needs acts of collection: a
/// written demand at least.
///
/// # Errors
/// Periodic instalments of a consumer, and principals that are not in euros.
pub fn dutch_scale(principals: &[Money], scale: Scale) -> Result<Costs, NeedsReview> {
    if scale.periodic && !scale.business {
        return Err(NeedsReview::Periodic);
    }
    let principal = Money::sum(principals.iter().copied(), Currency::EUR).ok_or(NeedsReview::Currency)?;
    let costs = if principal.is_positive() { at_least_40(scale_of(principal)) } else { Money::zero(Currency::EUR) };
    let vat = if scale.vat_not_deductible { part_of(costs, VAT, 100) } else { Money::zero(Currency::EUR) };
    let basis = match (scale.business, scale.vat_not_deductible) {
        (false, false) => "art. 6:96(5)-(7) BW, art. 2 Besluit vergoeding voor buitengerechtelijke incassokosten",
        (false, true) => "art. 6:96(5)-(7) BW, art. 2(1)-(3) Besluit vergoeding voor buitengerechtelijke incassokosten",
        (true, false) => "art. 6:96(4)-(5) BW, art. 2 Besluit vergoeding voor buitengerechtelijke incassokosten",
        (true, true) => "art. 6:96(4)-(5) BW, art. 2(1)-(3) Besluit vergoeding voor buitengerechtelijke incassokosten",
    };
    Ok(Costs { costs, vat, total: costs.checked_add(vat).unwrap_or(costs), minimum: Some(MINIMUM), basis })
}

/// Who owes the fixed 40 euro.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixed {
    DutchBusiness,
    BelgianBusiness,
}

/// The fixed 40 euro that a business owes from the day after the last day to pay, without any demand. Nothing for a
/// principal of zero or less.
pub fn fixed(principal: Money, owed_by: Fixed) -> Costs {
    let costs = if principal.is_positive() { MINIMUM } else { Money::zero(Currency::EUR) };
    let basis = match owed_by {
        Fixed::DutchBusiness => "art. 6:96(4) BW",
        Fixed::BelgianBusiness => "art. 6 Act of 2 August 2002",
    };
    Costs { costs, vat: Money::zero(Currency::EUR), total: costs, minimum: Some(MINIMUM), basis }
}

/// The most that a clause may ask of a Belgian consumer over a balance, after the free reminder and its term, and only when
/// the contract has such a clause: 20 up to 150; 30 and 10 percent of the part from 150 to 500; 65 and 5 percent of the
/// part above 500; at most 2000.
///
/// # Errors
/// A balance that is not in euros.
pub fn belgian_consumer(balance: Money) -> Result<Costs, NeedsReview> {
    if balance.currency() != Currency::EUR {
        return Err(NeedsReview::Currency);
    }
    let above = |floor: i64| Money::eur_cents(balance.minor().saturating_sub(floor));
    let plus = |fixed: i64, part: Money| Money::eur_cents(fixed.saturating_add(part.minor()));
    let most = match balance.minor() {
        ..=0 => Money::zero(Currency::EUR),
        1..=150_00 => Money::eur_cents(20_00),
        15_001..=500_00 => plus(30_00, part_of(above(150_00), 10, 100)),
        50_001.. => plus(65_00, part_of(above(500_00), 5, 100)),
    };
    let costs = most.min(BELGIAN_MAXIMUM);
    let vat = Money::zero(Currency::EUR);
    Ok(Costs { costs, vat, total: costs, minimum: None, basis: "art. XIX.4 WER" })
}

/// The brackets, unrounded until the end.
fn scale_of(principal: Money) -> Money {
    let principal = principal.to_decimal();
    let upper = SCALE.iter().skip(1).map(|(from, _)| Decimal::from(*from)).chain([principal]);
    let parts = SCALE.iter().zip(upper).map(|((from, thousandths), upper)| {
        let part = (principal.min(upper) - Decimal::from(*from)).max(Decimal::ZERO);
        part * Decimal::new(*thousandths, 3)
    });
    to_cents(parts.sum()).min(MAXIMUM)
}

fn at_least_40(costs: Money) -> Money {
    if costs.minor() < MINIMUM.minor() { MINIMUM } else { costs }
}

/// `numerator / denominator` of an amount, half up to the cent.
fn part_of(amount: Money, numerator: i64, denominator: i64) -> Money {
    to_cents(amount.to_decimal() * Decimal::from(numerator) / Decimal::from(denominator))
}

/// An amount that does not fit is above every maximum here.
fn to_cents(euros: Decimal) -> Money {
    Money::rounded(euros, Currency::EUR).unwrap_or(Money::eur_cents(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CONSUMER: Scale = Scale { business: false, vat_not_deductible: false, periodic: false };
    const BUSINESS: Scale = Scale { business: true, ..CONSUMER };

    fn eur(text: &str) -> Money {
        Money::parse(text, Currency::EUR).unwrap()
    }

    fn scale(principal: &str) -> String {
        let costs = dutch_scale(&[eur(principal)], CONSUMER).unwrap();
        assert_eq!(costs.total, costs.costs);
        costs.costs.to_string()
    }

    #[test]
    fn the_dutch_scale() {
        let cases = [
            ("25.00", "40.00"),
            ("150.00", "40.00"),
            ("250.00", "40.00"),
            ("266.66", "40.00"),
            ("266.67", "40.00"),
            ("266.70", "40.01"),
            ("300.00", "45.00"),
            ("500.00", "75.00"),
            ("1000.00", "150.00"),
            ("2500.00", "375.00"),
            ("2500.01", "375.00"),
            ("3500.00", "475.00"),
            ("5000.00", "625.00"),
            ("6000.00", "675.00"),
            ("10000.00", "875.00"),
            ("25000.00", "1025.00"),
            ("200000.00", "2775.00"),
            ("250000.00", "3025.00"),
            ("999999.99", "6775.00"),
            ("1000000.00", "6775.00"),
            ("2000000.00", "6775.00"),
            ("92233720368547758.07", "6775.00"),
            ("0.01", "40.00"),
            ("0.00", "0.00"),
            ("-500.00", "0.00"),
        ];
        for (principal, fee) in cases {
            assert_eq!(scale(principal), fee, "{principal}");
        }
        // Half a cent goes up: 15 percent of 300.10 is 45.015.
        assert_eq!(scale("300.10"), "45.02");
        assert_eq!(scale("300.03"), "45.00");
    }

    #[test]
    fn vat_only_when_told() {
        let told = dutch_scale(&[eur("3500.00")], Scale { vat_not_deductible: true, ..CONSUMER }).unwrap();
        assert_eq!((told.costs, told.vat, told.total), (eur("475.00"), eur("99.75"), eur("574.75")));
        assert!(told.basis.contains("2(1)-(3)"));
        assert!(dutch_scale(&[eur("3500.00")], CONSUMER).unwrap().vat.is_zero());
    }

    #[test]
    fn several_claims_on_one_consumer_give_one_fee() {
        let costs = dutch_scale(&[eur("100.00"), eur("100.00"), eur("2500.00")], CONSUMER).unwrap();
        assert_eq!(costs.costs, eur("395.00"));
        assert_eq!(dutch_scale(&[eur("300.00"), eur("-100.00")], CONSUMER).unwrap().costs, eur("40.00"));
        assert_eq!(dutch_scale(&[], CONSUMER).unwrap().costs, eur("0.00"));
    }

    #[test]
    fn what_a_person_must_look_at() {
        let periodic = Scale { periodic: true, ..CONSUMER };
        assert_eq!(dutch_scale(&[eur("100.00")], periodic), Err(NeedsReview::Periodic));
        assert!(dutch_scale(&[eur("100.00")], Scale { business: true, ..periodic }).is_ok());
        let dollars = Money::from_minor(100_00, Currency::parse("USD").unwrap());
        assert_eq!(dutch_scale(&[dollars], CONSUMER), Err(NeedsReview::Currency));
        assert_eq!(belgian_consumer(dollars), Err(NeedsReview::Currency));
    }

    #[test]
    fn businesses_owe_40_without_a_demand() {
        assert_eq!(fixed(eur("10.00"), Fixed::DutchBusiness).costs, eur("40.00"));
        assert_eq!(fixed(eur("99999.00"), Fixed::BelgianBusiness).costs, eur("40.00"));
        assert_eq!(fixed(eur("0.00"), Fixed::BelgianBusiness).costs, eur("0.00"));
        assert_eq!(fixed(eur("1.00"), Fixed::DutchBusiness).basis, "art. 6:96(4) BW");
        let costs = dutch_scale(&[eur("1000.00")], BUSINESS).unwrap();
        assert_eq!((costs.costs, costs.minimum), (eur("150.00"), Some(eur("40.00"))));
        assert!(costs.basis.contains("6:96(4)"));
    }

    #[test]
    fn belgian_consumers() {
        let cases = [
            ("-1.00", "0.00"),
            ("0.00", "0.00"),
            ("0.01", "20.00"),
            ("150.00", "20.00"),
            ("150.01", "30.00"),
            ("150.05", "30.01"),
            ("300.00", "45.00"),
            ("500.00", "65.00"),
            ("500.01", "65.00"),
            ("1000.00", "90.00"),
            ("39199.80", "1999.99"),
            ("39200.00", "2000.00"),
            ("92233720368547758.07", "2000.00"),
        ];
        for (balance, most) in cases {
            let costs = belgian_consumer(eur(balance)).unwrap();
            assert_eq!((costs.costs, costs.minimum), (eur(most), None), "{balance}");
        }
    }

    proptest! {
        #[test]
        fn a_larger_principal_never_costs_less_and_parts_never_less_than_the_whole(a in 0i64..2_000_000_00, b in 0i64..2_000_000_00) {
            let of = |cents: i64| dutch_scale(&[Money::eur_cents(cents)], CONSUMER).unwrap().costs.minor();
            prop_assert!(of(a + b) >= of(a));
            prop_assert!(of(a) + of(b) + 1 >= of(a + b));
            let both = dutch_scale(&[Money::eur_cents(a), Money::eur_cents(b)], CONSUMER).unwrap();
            prop_assert_eq!(both.costs.minor(), of(a + b));
        }
    }
}
