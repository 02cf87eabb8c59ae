//! The term of the letter that opens collection costs of a consumer: the Dutch fourteen-day letter (art. 6:96(6) BW) and the
//! Belgian free reminder (Book XIX WER). The days here are internal: a Dutch letter names no date, since only receipt
//! counts (HR 25-11-2016, ECLI:NL:HR:2016:2704).

use crate::dunning::calendar::Calendar;
use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

/// How the letter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Mail,
    Post,
}

/// When the debtor may still pay without costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// The day on which the letter counts as received; none in Belgium, where the day of sending counts.
    pub received: Option<NaiveDate>,
    pub first_day: NaiveDate,
    /// Included.
    pub last_day: NaiveDate,
    /// Costs are owed from this day on, on what is not paid then.
    pub costs_from: NaiveDate,
}

/// From this hour on a mail counts as sent a day later.
const CLOSING_HOUR: u32 = 17;
const LENGTH: u64 = 14;

/// The day on which a Dutch letter counts as received, on the safe side.
/// Mail, with the time at which the receiving server accepted it: the next working day; accepted at 17:00 or later: the
/// working day after that. Post: the second day after the one of sending, where no Sunday, Monday or holiday counts.
pub fn received(channel: Channel, sent: NaiveDateTime, calendar: &Calendar) -> NaiveDate {
    match channel {
        Channel::Mail => {
            let late = NaiveTime::from_hms_opt(CLOSING_HOUR, 0, 0).is_some_and(|closing| sent.time() >= closing);
            calendar.working_days_after(sent.date(), if late { 2 } else { 1 })
        }
        Channel::Post => {
            let delivers =
                |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sun | Weekday::Mon) && !calendar.is_holiday(*day);
            sent.date().iter_days().skip(1).filter(delivers).nth(1).unwrap_or(sent.date())
        }
    }
}

/// The Dutch term: fourteen days from the day after receipt. A last day that is a Saturday, a Sunday, a holiday or a day
/// equated to one moves to the next working day (art. 1 and 3 Algemene termijnenwet).
pub fn fourteen_days(received: NaiveDate, calendar: &Calendar) -> Term {
    term(Some(received), after(received, 1), calendar)
}

/// The Belgian term: fourteen calendar days, of which the first is the third working day after posting, or the calendar day
/// after sending electronically. Saturdays are no working days here, and a last day that is none moves to the next working
/// day: the act says neither, and both give the consumer more time.
pub fn belgian_term(channel: Channel, sent: NaiveDate, calendar: &Calendar) -> Term {
    let first = match channel {
        Channel::Mail => after(sent, 1),
        Channel::Post => calendar.working_days_after(sent, 3),
    };
    term(None, first, calendar)
}

fn term(received: Option<NaiveDate>, first_day: NaiveDate, calendar: &Calendar) -> Term {
    let end = after(first_day, LENGTH - 1);
    let last_day = end.iter_days().find(|day| calendar.is_working_day(*day)).unwrap_or(end);
    Term { received, first_day, last_day, costs_from: after(last_day, 1) }
}

/// At the end of the calendar the day itself.
fn after(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dunning::calendar::Country;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn nl() -> Calendar {
        Calendar { country: Country::Nl, closed: [day("2027-05-07"), day("2026-05-15")].into() }
    }

    fn be() -> Calendar {
        Calendar { country: Country::Be, ..Calendar::default() }
    }

    #[test]
    fn the_dutch_term() {
        let cases = [
            ("2026-10-05", "2026-10-19", "2026-10-20"),
            ("2026-10-03", "2026-10-19", "2026-10-20"),
            ("2026-10-06", "2026-10-20", "2026-10-21"),
            // Ascension, the equated Friday, the weekend.
            ("2027-04-22", "2027-05-10", "2027-05-11"),
            // Christmas and a weekend: Friday to Monday.
            ("2026-12-11", "2026-12-28", "2026-12-29"),
            // Liberation day counts every year, King's day too.
            ("2026-04-21", "2026-05-06", "2026-05-07"),
            ("2026-04-13", "2026-04-28", "2026-04-29"),
            ("2026-03-20", "2026-04-07", "2026-04-08"),
        ];
        for (received, last_day, costs_from) in cases {
            let term = fourteen_days(day(received), &nl());
            assert_eq!((term.received, term.first_day), (Some(day(received)), day(received) + Days::new(1)));
            assert_eq!((term.last_day, term.costs_from), (day(last_day), day(costs_from)), "{received}");
        }
    }

    #[test]
    fn when_a_letter_counts_as_received() {
        let cases = [
            (Channel::Mail, "2026-10-05", 9, "2026-10-06"),
            (Channel::Mail, "2026-10-05", 16, "2026-10-06"),
            (Channel::Mail, "2026-10-05", 17, "2026-10-07"),
            (Channel::Mail, "2026-10-02", 9, "2026-10-05"),
            (Channel::Mail, "2026-10-01", 18, "2026-10-05"),
            (Channel::Mail, "2026-10-02", 18, "2026-10-06"),
            (Channel::Mail, "2026-05-13", 10, "2026-05-18"),
            (Channel::Post, "2026-10-02", 9, "2026-10-06"),
            (Channel::Post, "2026-10-05", 9, "2026-10-07"),
            (Channel::Post, "2026-10-01", 18, "2026-10-03"),
            (Channel::Post, "2026-10-03", 9, "2026-10-07"),
            // Good Friday is passed over, Sunday and Easter Monday too.
            (Channel::Post, "2026-04-02", 9, "2026-04-07"),
        ];
        for (channel, sent, hour, expected) in cases {
            let seen = received(channel, day(sent).and_hms_opt(hour, 0, 0).unwrap(), &nl());
            assert_eq!(seen, day(expected), "{channel:?} {sent} {hour}:00");
        }
    }

    #[test]
    fn the_belgian_term() {
        let cases = [
            (Channel::Mail, "2026-10-05", "2026-10-06", "2026-10-19"),
            (Channel::Mail, "2026-10-02", "2026-10-03", "2026-10-16"),
            (Channel::Mail, "2026-10-03", "2026-10-04", "2026-10-19"),
            (Channel::Mail, "2026-10-28", "2026-10-29", "2026-11-12"),
            (Channel::Post, "2026-10-05", "2026-10-08", "2026-10-21"),
            (Channel::Post, "2026-10-01", "2026-10-06", "2026-10-19"),
            // 11 November is a holiday: Tuesday, Thursday, Friday.
            (Channel::Post, "2026-11-09", "2026-11-13", "2026-11-26"),
        ];
        for (channel, sent, first, last) in cases {
            let term = belgian_term(channel, day(sent), &be());
            assert_eq!((term.first_day, term.last_day), (day(first), day(last)), "{channel:?} {sent}");
            assert_eq!((term.received, term.costs_from), (None, day(last) + Days::new(1)));
        }
    }

    #[test]
    fn nobody_gets_less_than_fourteen_days() {
        for offset in 0..1_500 {
            let from = day("2026-01-01") + Days::new(offset);
            let terms = [fourteen_days(from, &nl()), belgian_term(Channel::Post, from, &be())];
            for term in terms {
                assert!((term.costs_from - term.first_day).num_days() >= 14, "{from}: {term:?}");
            }
            assert!(nl().is_working_day(fourteen_days(from, &nl()).last_day));
        }
    }
}
