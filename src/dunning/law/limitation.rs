//! Limitation (verjaring): until when a claim can still be brought to court, and when to warn.
//! Art. 3:307, 3:308, 3:317-319 and 7:28 BW. No source was read for Belgium, so nothing is said about it.

use chrono::{Months, NaiveDate};

/// Which term runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limited {
    /// Performance of a contract: five years (art. 3:307 BW); interest too (art. 3:308).
    DutchContract,
    /// The price in a consumer sale: two years (art. 7:28 BW).
    DutchConsumerSale,
    Belgian,
}

impl Limited {
    fn years(self) -> Option<u32> {
        match self {
            Limited::DutchContract => Some(5),
            Limited::DutchConsumerSale => Some(2),
            Limited::Belgian => None,
        }
    }
}

/// Months before the last day at which to warn.
const WARNINGS: [u32; 2] = [6, 1];

/// The last day of the term: it runs from the day after `due`. A written demand that reserves all rights, or an
/// acknowledgement by the debtor, starts a new term of the same length, at most five years, on the next day (art. 3:317-319);
/// an interruption on or before `due`, or after the term has run out, starts none. A term that begins on 29 February ends on
/// 27 February of a common year, a day early rather than late.
pub fn limitation(kind: Limited, due: NaiveDate, interruptions: &[NaiveDate]) -> Option<NaiveDate> {
    let years = kind.years()?;
    let mut days: Vec<NaiveDate> = interruptions.iter().copied().filter(|day| *day > due).collect();
    days.sort_unstable();
    let first = last_day(due, years)?;
    days.into_iter().try_fold(first, |last, day| if day <= last { last_day(day, years) } else { Some(last) })
}

/// The days on which to warn before the last one: six months and one month before.
pub fn warnings(last_day: NaiveDate) -> [Option<NaiveDate>; 2] {
    WARNINGS.map(|months| last_day.checked_sub_months(Months::new(months)))
}

/// The last day of a term that begins on the day after `day`.
fn last_day(day: NaiveDate, years: u32) -> Option<NaiveDate> {
    day.succ_opt()?.checked_add_months(Months::new(years * 12))?.pred_opt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn terms_and_interruptions() {
        use Limited::*;
        let cases = [
            (DutchContract, "2026-03-10", &[][..], Some("2031-03-10")),
            (DutchConsumerSale, "2026-03-10", &[], Some("2028-03-10")),
            (DutchConsumerSale, "2026-03-31", &[], Some("2028-03-31")),
            (DutchContract, "2023-02-28", &[], Some("2028-02-29")),
            (DutchContract, "2024-02-28", &[], Some("2029-02-27")),
            (DutchContract, "2024-02-29", &[], Some("2029-02-28")),
            (DutchContract, "2026-03-10", &["2027-01-05"], Some("2032-01-05")),
            (DutchConsumerSale, "2026-03-10", &["2028-03-10", "2027-01-05"], Some("2030-03-10")),
            // Too late by a day, and before it was due.
            (DutchConsumerSale, "2026-03-10", &["2028-03-11"], Some("2028-03-10")),
            (DutchConsumerSale, "2026-03-10", &["2026-03-10"], Some("2028-03-10")),
            (DutchConsumerSale, "2026-03-10", &["2027-12-01", "2029-11-30"], Some("2031-11-30")),
            (Belgian, "2026-03-10", &["2027-01-05"], None),
        ];
        for (kind, due, interruptions, last) in cases {
            let interruptions: Vec<NaiveDate> = interruptions.iter().map(|text| day(text)).collect();
            assert_eq!(limitation(kind, day(due), &interruptions), last.map(day), "{kind:?} {due} {interruptions:?}");
        }
    }

    #[test]
    fn warnings_come_half_a_year_and_a_month_before() {
        assert_eq!(warnings(day("2031-03-10")), [Some(day("2030-09-10")), Some(day("2031-02-10"))]);
        assert_eq!(warnings(day("2028-03-31")), [Some(day("2027-09-30")), Some(day("2028-02-29"))]);
    }
}
