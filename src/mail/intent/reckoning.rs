//! Reckoning with days: counted from the mail's own date. Never reads a word.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use super::day_names::Unit;

/// Further ahead a day without a year was rather meant as past.
const FARTHEST: i64 = 200;

/// The first such day from the mail on. Far ahead it was rather meant as past: then no day.
pub(super) fn next_such(day: u32, month: u32, mail: NaiveDate) -> Option<NaiveDate> {
    let found = match NaiveDate::from_ymd_opt(mail.year(), month, day) {
        Some(found) if found >= mail => found,
        _ => NaiveDate::from_ymd_opt(mail.year().checked_add(1)?, month, day)?,
    };
    not_too_far(found, mail)
}

fn not_too_far(day: NaiveDate, mail: NaiveDate) -> Option<NaiveDate> {
    ((day - mail).num_days() <= FARTHEST).then_some(day)
}

/// With a year, as it is; without one, the first such day.
pub(super) fn date(day: u32, month: u32, year: Option<i32>, mail: NaiveDate) -> Option<NaiveDate> {
    match year {
        Some(year) => NaiveDate::from_ymd_opt(if year < 100 { 2000 + year } else { year }, month, day),
        None => next_such(day, month, mail),
    }
}

/// The first day of the month so many months on.
pub(super) fn first_of(ahead: u32, mail: NaiveDate) -> Option<NaiveDate> {
    mail.with_day(1)?.checked_add_months(Months::new(ahead))
}

/// The first day of the first such month that is not over.
pub(super) fn first_of_named(month: u32, mail: NaiveDate) -> Option<NaiveDate> {
    (0..12).filter_map(|ahead| first_of(ahead, mail)).find(|first| first.month() == month)
}

/// The last day of a month.
pub(super) fn last_of(month: NaiveDate) -> Option<NaiveDate> {
    month.with_day(1)?.checked_add_months(Months::new(1))?.pred_opt()
}

/// The first such day of a month from the mail on.
pub(super) fn day_of_month(day: u32, mail: NaiveDate) -> Option<NaiveDate> {
    (0..4).filter_map(|ahead| first_of(ahead, mail)?.with_day(day)).find(|found| *found >= mail)
}

/// The last day of the quarter so many quarters on.
pub(super) fn end_of_quarter(ahead: u32, mail: NaiveDate) -> Option<NaiveDate> {
    last_of(first_of(2 - mail.month0() % 3 + 3 * ahead, mail)?)
}

/// That weekday of the week of a day.
pub(super) fn week_day(within: NaiveDate, weekday: Weekday) -> Option<NaiveDate> {
    NaiveDate::from_isoywd_opt(within.iso_week().year(), within.iso_week().week(), weekday)
}

/// That weekday so many weeks on, by ISO weeks.
pub(super) fn of_week_ahead(ahead: u32, weekday: Weekday, mail: NaiveDate) -> Option<NaiveDate> {
    week_day(plus(mail, ahead.checked_mul(7)?)?, weekday)
}

/// That weekday of a numbered week; none where the week lies half a year ahead.
pub(super) fn of_numbered_week(week: u32, weekday: Weekday, mail: NaiveDate) -> Option<NaiveDate> {
    let year = mail.iso_week().year();
    let this = NaiveDate::from_isoywd_opt(year, week, weekday).filter(|day| *day >= mail);
    not_too_far(this.or_else(|| NaiveDate::from_isoywd_opt(year.checked_add(1)?, week, weekday))?, mail)
}

/// The first such weekday strictly after the mail.
pub(super) fn weekday_after(mail: NaiveDate, weekday: Weekday) -> Option<NaiveDate> {
    mail.iter_days().skip(1).take(7).find(|day| day.weekday() == weekday)
}

/// That one of such weekdays in a month; the last where none is named.
pub(super) fn nth_weekday(nth: Option<u32>, weekday: Weekday, month: NaiveDate) -> Option<NaiveDate> {
    match nth {
        Some(nth) => {
            NaiveDate::from_weekday_of_month_opt(month.year(), month.month(), weekday, u8::try_from(nth).ok()?)
        }
        None => last_of(month)?.iter_days().rev().take(7).find(|day| day.weekday() == weekday),
    }
}

pub(super) fn plus(mail: NaiveDate, days: u32) -> Option<NaiveDate> {
    mail.checked_add_days(Days::new(u64::from(days)))
}

/// So many of a unit after the mail; working days are Monday to Friday, public holidays are ignored.
pub(super) fn after(count: u32, unit: Unit, mail: NaiveDate) -> Option<NaiveDate> {
    match unit {
        Unit::Hour => plus(mail, count.div_ceil(24)),
        Unit::Day => plus(mail, count),
        Unit::WorkingDay => {
            mail.iter_days().skip(1).filter(is_working).nth(usize::try_from(count).ok()?.checked_sub(1)?)
        }
        Unit::Week => plus(mail, count.checked_mul(7)?),
        Unit::Month => mail.checked_add_months(Months::new(count)),
        Unit::Quarter | Unit::Year => None,
    }
}

/// Monday to Friday.
pub(super) fn is_working(day: &NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}
