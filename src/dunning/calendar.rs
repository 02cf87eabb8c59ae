//! Days: holidays computed, equated days from data, sending days and hours, banking days. Civil dates only.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use std::collections::BTreeSet;

/// When letters may leave: days, hours, and no holiday of the administration's country.
#[derive(Clone, Debug)]
pub struct SendingDays {
    pub days: BTreeSet<u8>,
    /// From (included) and to (excluded), in the administration's time zone.
    pub window: (NaiveTime, NaiveTime),
    pub calendar: Calendar,
}

/// Holidays of one country with the days that are equated to holidays by decree.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    pub country: Country,
    /// Equated days (gelijkgestelde dagen, art. 3(3) Algemene termijnenwet) and the owner's own closing days.
    pub closed: BTreeSet<NaiveDate>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Country {
    #[default]
    Nl,
    Be,
}

impl Country {
    /// Reads an ISO 3166 code, upper or lower case; `None` for a country whose rules are not known here.
    pub fn parse(code: &str) -> Option<Country> {
        match code.trim().to_ascii_uppercase().as_str() {
            "NL" => Some(Country::Nl),
            "BE" => Some(Country::Be),
            _ => None,
        }
    }
}

impl SendingDays {
    /// Number of a weekday in `days`: Monday is 1.
    pub fn number(weekday: Weekday) -> u8 {
        weekday.number_from_monday() as u8
    }

    /// Letters may leave on this day; formal ones only Monday to Thursday.
    pub fn is_sending_day(&self, day: NaiveDate, formal: bool) -> bool {
        let weekday = day.weekday();
        let formal_day = !matches!(weekday, Weekday::Fri | Weekday::Sat | Weekday::Sun);
        let december = day.month() == 12 && matches!(day.day(), 24 | 31);
        self.days.contains(&Self::number(weekday))
            && (!formal || formal_day)
            && !december
            && !self.calendar.is_holiday(day)
    }

    /// The first sending day on or after `day`; `day` itself when none comes within 60 days.
    pub fn next_sending_day(&self, day: NaiveDate, formal: bool) -> NaiveDate {
        following(day).take(60).find(|d| self.is_sending_day(*d, formal)).unwrap_or(day)
    }

    pub fn is_open(&self, now: NaiveDateTime, formal: bool) -> bool {
        self.is_sending_day(now.date(), formal) && self.window.0 <= now.time() && now.time() < self.window.1
    }
}

impl Calendar {
    /// Public holidays: art. 3 Algemene termijnenwet for the Netherlands (5 May every year, Good Friday equated),
    /// the ten legal holidays for Belgium; and the days in `closed`.
    pub fn is_holiday(&self, day: NaiveDate) -> bool {
        self.closed.contains(&day) || is_fixed_holiday(self.country, day) || is_easter_holiday(self.country, day)
    }

    /// Monday to Friday and no holiday.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !self.is_holiday(day)
    }

    /// A day on which banks settle (TARGET2): closed on weekends, 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December.
    pub fn is_banking_day(&self, day: NaiveDate) -> bool {
        let easter = easter(day.year());
        let offset = (day - easter).num_days();
        let fixed = matches!((day.month(), day.day()), (1, 1) | (5, 1) | (12, 25) | (12, 26));
        !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !fixed && offset != -2 && offset != 1
    }

    /// The `n`-th banking day after `day`.
    pub fn banking_days_after(&self, day: NaiveDate, n: u32) -> NaiveDate {
        if n == 0 {
            return day;
        }
        following(day).skip(1).filter(|d| self.is_banking_day(*d)).nth(n as usize - 1).unwrap_or(day)
    }

    /// How many banking days lie after `from` up to and including `to`; 0 when `to` is not later.
    pub fn banking_days_between(&self, from: NaiveDate, to: NaiveDate) -> usize {
        following(from).skip(1).take_while(|d| *d <= to).filter(|d| self.is_banking_day(*d)).count()
    }

    /// The `n`-th working day after `day`.
    pub fn working_days_after(&self, day: NaiveDate, n: u32) -> NaiveDate {
        if n == 0 {
            return day;
        }
        following(day).skip(1).filter(|d| self.is_working_day(*d)).nth(n as usize - 1).unwrap_or(day)
    }
}

/// Easter Sunday by the anonymous Gregorian computus.
pub fn easter(year: i32) -> NaiveDate {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let month = (h + l - 7 * m + 114) / 31;
    let day = (h + l - 7 * m + 114) % 31 + 1;
    NaiveDate::from_ymd_opt(year, month as u32, day as u32).unwrap_or(NaiveDate::MIN)
}

fn is_fixed_holiday(country: Country, day: NaiveDate) -> bool {
    let date = (day.month(), day.day());
    match country {
        Country::Nl => matches!(date, (1, 1) | (5, 5) | (12, 25) | (12, 26)) || is_kings_day(day),
        Country::Be => matches!(date, (1, 1) | (5, 1) | (7, 21) | (8, 15) | (11, 1) | (11, 11) | (12, 25)),
    }
}

/// 27 April, or the 26th when the 27th is a Sunday.
fn is_kings_day(day: NaiveDate) -> bool {
    match (day.month(), day.day()) {
        (4, 27) => day.weekday() != Weekday::Sun,
        (4, 26) => day.weekday() == Weekday::Sat,
        _ => false,
    }
}

fn is_easter_holiday(country: Country, day: NaiveDate) -> bool {
    let offset = (day - easter(day.year())).num_days();
    match country {
        Country::Nl => matches!(offset, -2 | 1 | 39 | 50),
        Country::Be => matches!(offset, 1 | 39 | 50),
    }
}

fn following(day: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (0..).map_while(move |n| day.checked_add_days(Days::new(n)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn easter_and_the_days_that_move_with_it() {
        for (year, date) in [
            (2026, "2026-04-05"),
            (2027, "2027-03-28"),
            (2028, "2028-04-16"),
            (2000, "2000-04-23"),
            (2038, "2038-04-25"),
        ] {
            assert_eq!(easter(year), day(date));
        }
        let nl = Calendar::default();
        for holiday in [
            "2026-01-01",
            "2026-04-03",
            "2026-04-06",
            "2026-04-27",
            "2026-05-05",
            "2026-05-14",
            "2026-05-25",
            "2026-12-25",
            "2026-12-26",
            "2025-04-26",
            "2031-04-26",
        ] {
            assert!(nl.is_holiday(day(holiday)), "{holiday}");
        }
        for workday in ["2025-04-27", "2026-04-26", "2026-05-01", "2026-11-11"] {
            assert!(!nl.is_holiday(day(workday)), "{workday}");
        }
    }

    #[test]
    fn banking_days() {
        let nl = Calendar::default();
        assert_eq!(nl.banking_days_after(day("2026-04-02"), 1), day("2026-04-07"));
        assert_eq!(nl.banking_days_after(day("2026-11-20"), 3), day("2026-11-25"));
        assert_eq!(nl.banking_days_between(day("2026-11-20"), day("2026-11-23")), 1);
        assert_eq!(nl.banking_days_between(day("2026-11-20"), day("2026-11-19")), 0);
    }

    #[test]
    fn formal_letters_leave_monday_to_thursday() {
        let sending = SendingDays {
            days: (1..=5).collect(),
            window: (NaiveTime::from_hms_opt(9, 0, 0).unwrap(), NaiveTime::from_hms_opt(17, 0, 0).unwrap()),
            calendar: Calendar::default(),
        };
        assert_eq!(sending.next_sending_day(day("2026-11-20"), false), day("2026-11-20"));
        assert_eq!(sending.next_sending_day(day("2026-11-20"), true), day("2026-11-23"));
        assert_eq!(sending.next_sending_day(day("2026-12-24"), false), day("2026-12-28"));
        assert!(sending.is_open(day("2026-11-20").and_hms_opt(16, 59, 0).unwrap(), false));
        assert!(!sending.is_open(day("2026-11-20").and_hms_opt(17, 0, 0).unwrap(), false));
    }
}
