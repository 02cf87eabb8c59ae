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

pub fn dutch(day: NaiveDate) -> String {
    format!("{} {} {}", day.day(), MONTHS[day.month0() as usize], day.year())
}

/// Holidays of the Netherlands with the days equated to them.
const DUTCH: [(i32, u32, u32); 17] = [
    (2026, 1, 1),
    (2026, 1, 2),
    (2026, 4, 3),
    (2026, 4, 6),
    (2026, 4, 27),
    (2026, 5, 5),
    (2026, 5, 14),
    (2026, 5, 15),
    (2026, 5, 25),
    (2026, 12, 25),
    (2026, 12, 26),
    (2027, 1, 1),
    (2027, 3, 26),
    (2027, 3, 29),
    (2027, 4, 27),
    (2027, 5, 5),
    (2027, 5, 6),
];

/// Of these the ones that are no holidays by themselves: an office is closed, whatever country its customer lives in.
const EQUATED: [(i32, u32, u32); 2] = [(2026, 1, 2), (2026, 5, 15)];

const BELGIAN: [(i32, u32, u32); 13] = [
    (2026, 1, 1),
    (2026, 4, 6),
    (2026, 5, 1),
    (2026, 5, 14),
    (2026, 5, 25),
    (2026, 7, 21),
    (2026, 8, 15),
    (2026, 11, 1),
    (2026, 11, 11),
    (2026, 12, 25),
    (2027, 1, 1),
    (2027, 3, 29),
    (2027, 5, 1),
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

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

fn is_in(days: &[(i32, u32, u32)], day: NaiveDate) -> bool {
    days.contains(&(day.year(), day.month(), day.day()))
}

fn is_holiday(belgian: bool, day: NaiveDate) -> bool {
    if belgian { is_in(&BELGIAN, day) } else { is_in(&DUTCH, day) }
}

/// On some days no letter leaves the office at all.
pub fn no_letter_leaves(belgian_office: bool, day: NaiveDate) -> bool {
    let december = day.month() == 12 && matches!(day.day(), 24 | 31);
    is_weekend(day) || december || is_holiday(belgian_office, day)
}

/// No weekend, no holiday where the debtor lives, no day on which the office is closed.
pub fn is_working_day(belgian: bool, dutch_office: bool, day: NaiveDate) -> bool {
    let is_closed = dutch_office && is_in(&EQUATED, day);
    !(is_weekend(day) || is_holiday(belgian, day) || is_closed)
}

pub fn working_day_on_or_after(day: NaiveDate, works: impl Fn(NaiveDate) -> bool) -> NaiveDate {
    day.iter_days().find(|day| works(*day)).unwrap()
}

pub fn banking_day_after(day: NaiveDate) -> NaiveDate {
    day.iter_days().skip(1).find(|day| is_banking_day(*day)).unwrap()
}

/// `3 november 2026` as a Dutch letter writes it.
pub fn read_dutch(words: &str) -> Option<NaiveDate> {
    let mut words = words.split_whitespace();
    let number = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = MONTHS.iter().position(|name| *name == month)? as u32 + 1;
    let year: String = words.next()?.chars().take_while(char::is_ascii_digit).collect();
    NaiveDate::from_ymd_opt(year.parse().ok()?, month, number)
}

/// Every date that a Dutch text writes out.
pub fn dutch_dates(text: &str) -> Vec<NaiveDate> {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(3).filter_map(|three| read_dutch(&three.join(" "))).collect()
}
