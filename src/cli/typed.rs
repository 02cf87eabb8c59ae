//! Days and amounts as they are typed on the command line, and the refusal of what makes no sense.

use super::Exit;
use crate::dunning::money::{Currency, Money};
use anyhow::Result;
use chrono::NaiveDate;

/// The largest amount that is taken, in cents: a trillion euros.
const LARGEST: i64 = 100_000_000_000_000;

/// `YYYY-MM-DD`.
pub fn day(text: &str) -> Result<NaiveDate, String> {
    let day = Some(text).filter(|text| text.len() == 10).and_then(|text| text.parse().ok());
    day.ok_or_else(|| "write a day of the calendar like 2026-11-30".to_owned())
}

/// Euros with a point, below zero too.
pub fn any_amount(text: &str) -> Result<Money, String> {
    let amount = Money::parse(text, Currency::EUR).map_err(|fault| fault.to_string())?;
    if amount.minor().abs() > LARGEST { Err("this is too large an amount".to_owned()) } else { Ok(amount) }
}

/// Euros with a point, zero or more.
pub fn amount(text: &str) -> Result<Money, String> {
    let amount = any_amount(text)?;
    if amount.is_negative() { Err("an amount of zero or more is expected".to_owned()) } else { Ok(amount) }
}

/// Tells what is wrong with the arguments together, as the parser tells what is wrong with one of them.
pub fn refuse(why: impl std::fmt::Display) -> Result<Exit> {
    eprintln!("error: {why}\n\nFor more information, try '--help'.");
    Ok(Exit::Usage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_typed() {
        assert_eq!(day("2024-02-29"), Ok(NaiveDate::from_ymd_opt(2024, 2, 29).unwrap()));
        for wrong in ["2025-02-29", "2026-1-1", "01-01-2026", "", "+2026-01-01", "tomorrow"] {
            assert!(day(wrong).is_err(), "{wrong}");
        }
        assert_eq!(amount("12.5"), Ok(Money::eur_cents(1250)));
        assert_eq!(any_amount("-1"), Ok(Money::eur_cents(-100)));
        for wrong in ["-0.01", "1.001", "1,00", "1e3", "", "1000000000000.01", "-9223372036854775808", "NaN"] {
            assert!(amount(wrong).is_err(), "{wrong}");
        }
    }
}
