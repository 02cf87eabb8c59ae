//! Money: an amount in minor units (cents) of one currency, and the only place that rounds.
//! Never floats, never an amount without its currency.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// An ISO 4217 currency code with its number of minor units.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

impl Currency {
    pub const EUR: Currency = Currency(*b"EUR");

    /// Reads a three-letter code, upper or lower case; `None` when ISO 4217 does not know it.
    pub fn parse(code: &str) -> Option<Currency> {
        // The table is searched from its beginning: nearly all money here is in euros.
        if code == "EUR" {
            return Some(Currency::EUR);
        }
        let upper = code.trim().to_ascii_uppercase();
        iso_currency::Currency::from_code(&upper)?;
        Some(Currency(upper.as_bytes().try_into().ok()?))
    }

    /// As `parse`, and also a currency that the euro replaced: old statements are written in them.
    pub fn parse_with_past(code: &str) -> Option<Currency> {
        const REPLACED: [&str; 13] =
            ["ATS", "BEF", "DEM", "ESP", "FIM", "FRF", "GRD", "IEP", "ITL", "LUF", "NLG", "PTE", "SKK"];
        let replaced = REPLACED.iter().find(|known| **known == code.trim());
        Currency::parse(code).or_else(|| Some(Currency(replaced?.as_bytes().try_into().ok()?)))
    }

    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Decimal places of the minor unit: 2 for EUR, 0 for JPY.
    pub fn exponent(&self) -> u32 {
        if *self == Currency::EUR {
            return 2;
        }
        iso_currency::Currency::from_code(self.code()).and_then(|c| c.exponent()).unwrap_or(2).into()
    }
}

/// An amount in one currency; may be negative. Arithmetic across currencies gives `None`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Interest and collection costs of one claim, in euros: what is asked, or was paid, beside the principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extras {
    pub interest: Money,
    pub costs: Money,
}

impl Default for Extras {
    fn default() -> Extras {
        Extras { interest: Money::zero(Currency::EUR), costs: Money::zero(Currency::EUR) }
    }
}

impl Extras {
    /// Both together.
    pub fn total(&self) -> Money {
        self.interest.checked_add(self.costs).unwrap_or(self.interest)
    }

    pub fn is_zero(&self) -> bool {
        self.interest.is_zero() && self.costs.is_zero()
    }

    pub fn plus(self, other: Extras) -> Extras {
        Extras {
            interest: self.interest.checked_add(other.interest).unwrap_or(self.interest),
            costs: self.costs.checked_add(other.costs).unwrap_or(self.costs),
        }
    }

    pub fn minus(self, other: Extras) -> Extras {
        Extras {
            interest: self.interest.checked_sub(other.interest).unwrap_or(self.interest),
            costs: self.costs.checked_sub(other.costs).unwrap_or(self.costs),
        }
    }
}

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyFault {
    #[error("{0:?} is not an amount: write it like 1210.00")]
    NotANumber(String),
    #[error("{0:?} has more decimals than {1} has")]
    TooPrecise(String, String),
    #[error("{0:?} is too large an amount")]
    TooLarge(String),
}

impl Money {
    pub const fn from_minor(minor: i64, currency: Currency) -> Money {
        Money { minor, currency }
    }

    pub const fn zero(currency: Currency) -> Money {
        Money { minor: 0, currency }
    }

    /// Reads a plain decimal with a point ("1210.00", "-5", "12.5"). Trailing zeros beyond the
    /// currency's decimals are accepted ("12.500"), other surplus decimals are a fault.
    pub fn parse(text: &str, currency: Currency) -> Result<Money, MoneyFault> {
        let not_a_number = || MoneyFault::NotANumber(text.to_owned());
        let trimmed = text.trim();
        if trimmed.is_empty() || trimmed.len() > 40 || trimmed.contains(['e', 'E', '_', '+']) {
            return Err(not_a_number());
        }
        let decimal = Decimal::from_str(trimmed).map_err(|_| not_a_number())?;
        Money::from_decimal(decimal, currency).ok_or_else(|| {
            if decimal.normalize().scale() > currency.exponent() {
                MoneyFault::TooPrecise(text.to_owned(), currency.code().to_owned())
            } else {
                MoneyFault::TooLarge(text.to_owned())
            }
        })
    }

    /// Exact conversion; `None` when the value has more decimals than the currency or is too large.
    pub fn from_decimal(value: Decimal, currency: Currency) -> Option<Money> {
        let scaled = value.checked_mul(Decimal::from(10u64.pow(currency.exponent())))?.normalize();
        if scaled.scale() > 0 {
            return None;
        }
        Some(Money { minor: scaled.to_i64()?, currency })
    }

    /// Rounded to the minor unit, half away from zero; `None` when it is too large.
    pub fn rounded(value: Decimal, currency: Currency) -> Option<Money> {
        let strategy = RoundingStrategy::MidpointAwayFromZero;
        Money::from_decimal(value.round_dp_with_strategy(currency.exponent(), strategy), currency)
    }

    /// Euros from cents; for tests and constants.
    pub const fn eur_cents(minor: i64) -> Money {
        Money::from_minor(minor, Currency::EUR)
    }

    pub fn minor(&self) -> i64 {
        self.minor
    }

    pub fn currency(&self) -> Currency {
        self.currency
    }

    pub fn to_decimal(&self) -> Decimal {
        Decimal::new(self.minor, self.currency.exponent())
    }

    pub fn is_zero(&self) -> bool {
        self.minor == 0
    }

    pub fn is_positive(&self) -> bool {
        self.minor > 0
    }

    pub fn is_negative(&self) -> bool {
        self.minor < 0
    }

    /// `None` when the currencies differ or the sum does not fit.
    pub fn checked_add(self, other: Money) -> Option<Money> {
        (self.currency == other.currency)
            .then(|| self.minor.checked_add(other.minor))
            .flatten()
            .map(|minor| Money { minor, currency: self.currency })
    }

    /// `None` when the currencies differ or the difference does not fit.
    pub fn checked_sub(self, other: Money) -> Option<Money> {
        self.checked_add(Money { minor: other.minor.checked_neg()?, currency: other.currency })
    }

    pub fn abs(self) -> Money {
        Money { minor: self.minor.saturating_abs(), currency: self.currency }
    }

    /// The smaller of two amounts of one currency; `self` when the currencies differ.
    pub fn min(self, other: Money) -> Money {
        if self.currency == other.currency && other.minor < self.minor { other } else { self }
    }

    /// Spread over weights in proportion to them, in the same order; minor units that are left over go to the largest
    /// fractions, the first ones on equal fractions. No weight below zero counts; of no weight at all comes nothing.
    pub fn in_proportion(self, weights: &[i64]) -> Vec<Money> {
        let weights: Vec<i128> = weights.iter().map(|weight| i128::from(*weight).max(0)).collect();
        let all = weights.iter().sum::<i128>();
        let exact = |weight: &i128| i128::from(self.minor) * weight;
        let mut parts: Vec<i128> = weights.iter().map(|weight| exact(weight).checked_div(all).unwrap_or(0)).collect();
        let over = if all == 0 { 0 } else { i128::from(self.minor) - parts.iter().sum::<i128>() };
        let mut by_fraction: Vec<(usize, &i128)> = weights.iter().enumerate().collect();
        by_fraction.sort_by_key(|(_, weight)| std::cmp::Reverse(exact(weight).checked_rem(all)));
        for (position, _) in by_fraction.into_iter().take(usize::try_from(over).unwrap_or(0)) {
            if let Some(part) = parts.get_mut(position) {
                *part += 1;
            }
        }
        let minor = |part: i128| i64::try_from(part).unwrap_or(i64::MAX);
        parts.into_iter().map(|part| Money::from_minor(minor(part), self.currency)).collect()
    }

    /// The sum of amounts of one currency; `None` for a mix or an overflow, zero of `currency` for none.
    pub fn sum(amounts: impl IntoIterator<Item = Money>, currency: Currency) -> Option<Money> {
        amounts.into_iter().try_fold(Money::zero(currency), Money::checked_add)
    }
}

/// Plain decimal without the currency: `1210.00`. This is the form in JSON.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = self.currency.exponent() as usize;
        write!(f, "{:.*}", exponent, self.to_decimal())
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} {}", self.currency.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// In the journal: `"1210.00 EUR"`.
impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self} {}", self.currency))
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
        let text = String::deserialize(deserializer)?;
        let fault = || serde::de::Error::custom(format!("{text:?} is not an amount like \"12.00 EUR\""));
        let (amount, code) = text.split_once(' ').ok_or_else(fault)?;
        let currency = Currency::parse(code).ok_or_else(fault)?;
        Money::parse(amount, currency).map_err(|_| fault())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Currency, D::Error> {
        let text = String::deserialize(deserializer)?;
        Currency::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("{text:?} is not an ISO 4217 currency code like EUR")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rounds_halves_away_from_zero() {
        for (value, expected) in [("0.005", 1), ("0.0049999", 0), ("-0.005", -1), ("1.015", 102), ("40.0005", 4000)] {
            assert_eq!(
                Money::rounded(value.parse().unwrap(), Currency::EUR),
                Some(Money::eur_cents(expected)),
                "{value}"
            );
        }
        assert_eq!(Money::rounded(Decimal::MAX, Currency::EUR), None);
    }

    #[test]
    fn reads_and_prints() {
        let cases = [("1210.00", "1210.00"), ("5", "5.00"), ("-0.5", "-0.50"), ("12.500", "12.50"), (" 7.1 ", "7.10")];
        for (text, printed) in cases {
            assert_eq!(Money::parse(text, Currency::EUR).unwrap().to_string(), printed, "{text}");
        }
        for bad in ["", "1,00", "12.345", "1e5", "NaN", "99999999999999999999", "1_000", "+5"] {
            assert!(Money::parse(bad, Currency::EUR).is_err(), "{bad}");
        }
        assert_eq!(Money::parse("100", Currency::parse("jpy").unwrap()).unwrap().to_string(), "100");
        assert!(Money::parse("100.5", Currency::parse("JPY").unwrap()).is_err());
    }

    #[test]
    fn left_over_cents_go_to_the_largest_fractions() {
        let parts = |cents, weights: &[i64]| -> Vec<i64> {
            Money::eur_cents(cents).in_proportion(weights).iter().map(Money::minor).collect()
        };
        assert_eq!(parts(100, &[1, 2]), [33, 67]);
        assert_eq!(parts(200, &[5, 5, 5]), [67, 67, 66]);
        assert_eq!(parts(5, &[0, -3, 1]), [0, 0, 5]);
        assert_eq!(parts(5, &[0, 0]), [0, 0]);
    }

    #[test]
    fn currencies_do_not_mix() {
        let usd = Currency::parse("USD").unwrap();
        assert_eq!(Money::eur_cents(1).checked_add(Money::from_minor(1, usd)), None);
        assert_eq!(Currency::parse("XYZ"), None);
    }

    proptest! {
        #[test]
        fn prints_what_it_reads(minor in -1_000_000_000_000i64..1_000_000_000_000) {
            let money = Money::eur_cents(minor);
            prop_assert_eq!(Money::parse(&money.to_string(), Currency::EUR).unwrap(), money);
            let json = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
        }

        #[test]
        fn parts_in_proportion_are_the_whole(cents in 0i64..1_000_000_000, weights in prop::collection::vec(-5i64..1_000_000, 0..9)) {
            let parts = Money::eur_cents(cents).in_proportion(&weights);
            let all: i64 = weights.iter().map(|weight| weight.max(&0)).sum();
            prop_assert_eq!(parts.iter().map(Money::minor).sum::<i64>(), if all == 0 { 0 } else { cents });
            for (part, weight) in parts.iter().zip(&weights).filter(|_| all > 0) {
                let exact = i128::from(cents) * i128::from(*weight.max(&0));
                let part = i128::from(part.minor()) * i128::from(all);
                prop_assert!((part - exact).abs() < i128::from(all), "off by a cent or more");
            }
        }

        #[test]
        fn adding_and_subtracting_cancel(a in any::<i32>(), b in any::<i32>()) {
            let (a, b) = (Money::eur_cents(a.into()), Money::eur_cents(b.into()));
            prop_assert_eq!(a.checked_add(b).unwrap().checked_sub(b).unwrap(), a);
        }
    }
}
