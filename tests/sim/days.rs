//! Days and hours of the world, with its own calendar: nothing in it comes from the rules it judges.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, TimeZone, Utc, Weekday};

pub const DAYS: i64 = 365;

pub fn start() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 12).unwrap()
}

pub fn utc(at: NaiveDateTime) -> DateTime<Utc> {
    let zone = chrono_tz::Europe::Amsterdam;
    zone.from_local_datetime(&at).earliest().unwrap_or_else(|| zone.from_utc_datetime(&at)).with_timezone(&Utc)
}

pub fn hour(day: NaiveDate, minutes: i64) -> NaiveDateTime {
    day.and_hms_opt(0, 0, 0).unwrap() + Duration::minutes(minutes)
}

pub fn dutch(day: NaiveDate) -> String {
    const MONTHS: [&str; 12] = [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ];
    format!("{} {} {}", day.day(), MONTHS[day.month0() as usize], day.year())
}

/// Holidays of the Netherlands and the days on which no letter leaves, written out.
const NO_LETTERS: [(i32, u32, u32); 17] = [
    (2026, 1, 1),
    (2026, 1, 2),
    (2026, 4, 3),
    (2026, 4, 6),
    (2026, 4, 27),
    (2026, 5, 5),
    (2026, 5, 14),
    (2026, 5, 15),
    (2026, 5, 25),
    (2026, 12, 24),
    (2026, 12, 25),
    (2026, 12, 26),
    (2026, 12, 31),
    (2027, 1, 1),
    (2027, 3, 26),
    (2027, 3, 29),
    (2027, 4, 27),
];

/// Days on which banks are closed, beside weekends.
const NO_BANKING: [(i32, u32, u32); 6] =
    [(2026, 1, 1), (2026, 4, 3), (2026, 4, 6), (2026, 5, 1), (2026, 12, 25), (2027, 1, 1)];

pub fn is_banking_day(day: NaiveDate) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    !weekend && !NO_BANKING.contains(&(day.year(), day.month(), day.day()))
}

/// Banking days after `from` up to and including `to`.
pub fn banking_days(from: NaiveDate, to: NaiveDate) -> usize {
    from.iter_days().skip(1).take_while(|day| *day <= to).filter(|day| is_banking_day(*day)).count()
}

/// On some days no letter leaves at all.
pub fn no_letter_leaves(day: NaiveDate) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    weekend || NO_LETTERS.contains(&(day.year(), day.month(), day.day()))
}
