//! Days and amounts as they are typed on the command line, and the refusal of what makes no sense.

use super::Exit;
use crate::dunning::law::written_day;
use crate::dunning::money::{Currency, Money};
use anyhow::Result;
use chrono::{Datelike, NaiveDate};

/// The largest amount that is taken, in cents: a trillion euros.
const LARGEST: i64 = 100_000_000_000_000;

/// The years that a claim can be about; any other is a slip of the keyboard.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2999;

/// `YYYY-MM-DD`.
pub fn day(text: &str) -> Result<NaiveDate, String> {
    let day = written_day(text).filter(|day| YEARS.contains(&day.year()));
    day.ok_or_else(|| {
        format!("write a day of the calendar like 2026-11-30, in the years {} to {}", YEARS.start(), YEARS.end())
    })
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
        assert!(day("1900-01-01").is_ok() && day("2999-12-31").is_ok());
        let wrong = ["2025-02-29", "2026-1-1", "01-01-2026", "", "+2026-01-01", "tomorrow", "0206-01-01", "9999-12-31"];
        let slips = ["2026- 1- 1", " 2026-1-31", "2026-01-1 ", "-026-01-31", "2026\u{2011}01-1"];
        for wrong in wrong.into_iter().chain(slips) {
            assert!(day(wrong).is_err(), "{wrong}");
        }
        assert_eq!(amount("12.5"), Ok(Money::eur_cents(1250)));
        assert_eq!(any_amount("-1"), Ok(Money::eur_cents(-100)));
        for wrong in ["-0.01", "1.001", "1,00", "1e3", "", "1000000000000.01", "-9223372036854775808", "NaN"] {
            assert!(amount(wrong).is_err(), "{wrong}");
        }
    }
}
