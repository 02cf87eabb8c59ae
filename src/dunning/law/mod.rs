//! What the law lets a creditor ask: statutory interest, collection costs, terms, limitation, and which debt a payment
//! settles. Pure arithmetic over dated tables. Amounts are exact until one half-up rounding to whole cents; never floats.
//!
//! Not legal advice: each module names its articles, and says where practice differs and which side was chosen. BW is the
//! Dutch Civil Code (Burgerlijk Wetboek).

pub mod allocation;
pub mod costs;
pub mod interest;
pub mod limitation;
pub mod rates;
pub mod term;
pub mod terms;

use chrono::NaiveDate;

/// A day written like `2026-11-30`, in the tables and on the command line; nothing else, no blanks and no sign in it.
pub fn written_day(text: &str) -> Option<NaiveDate> {
    let digit_or_dash =
        |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    let plain = text.len() == 10 && text.bytes().enumerate().all(digit_or_dash);
    text.parse().ok().filter(|_| plain)
}
