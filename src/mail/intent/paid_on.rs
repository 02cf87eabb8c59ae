//! The day in the past that a sentence names ("gisteren", "op 2 november", "on the 4th"). Never a day to come.

use std::sync::LazyLock;

use chrono::{Datelike, Days, Months, NaiveDate};
use regex::Regex;

use super::{day_names, reckoning};

static RELATIVE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\b(?:(?P<two>eergisteren|day before yesterday|vorgestern|avant-hier)",
        r"|(?P<one>gisteren|gister|gisteravond|gistermiddag|gisterochtend|yesterday|last night|gestern|hier)",
        r"|(?P<none>vanmorgen|vanochtend|vanmiddag|zojuist|zonet|daarnet|vandaag|today|this morning|just now|heute|soeben|ce matin|aujourd'hui))\b"
    ))
    .expect("BUG: pattern")
});
static DATED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\b(?P<y>20\d{2})-(?P<ym>\d{1,2})-(?P<yd>\d{1,2})\b",
        r"|\b(?P<d>\d{1,2})(?:\.|e|de|ste|er|st|nd|rd|th)?(?:\s?[./-]\s?(?P<m>\d{1,2})(?:\s?[./-]\s?(?P<my>20\d{2}|\d{2}))?\b| ?(?:of |van )?(?P<name>[a-z]{3,9})\.?(?: (?P<ny>20\d{2}))?)",
        r"|\b(?P<en>january|february|march|april|may|june|july|august|september|october|november|december) (?P<ed>\d{1,2})",
    ))
    .expect("BUG: pattern")
});
static DAY_ONLY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?:de|op|the|am|den|le) (\d{1,2})(?:\.(?:\s|,|$)|(?:e|de|ste|st|nd|rd|th|er)\b|(?:,|$| (?:betaald|overgemaakt|voldaan|overgeschreven|uberwiesen|bezahlt)))").expect("BUG: pattern")
});

/// The day named in a plain sentence, on or before the mail's date.
pub(super) fn past_day(plain: &str, mail: NaiveDate) -> Option<NaiveDate> {
    dated(plain, mail)
        .or_else(|| relative(plain, mail))
        .or_else(|| last_weekday(plain, mail))
        .or_else(|| day_only(plain, mail))
}

fn dated(plain: &str, mail: NaiveDate) -> Option<NaiveDate> {
    DATED.captures_iter(plain).find_map(|c| {
        let text = |name: &str| c.name(name).map(|found| found.as_str());
        let number = |name: &str| text(name).and_then(|digits| digits.parse::<u32>().ok());
        let day = number("d").or_else(|| number("yd")).or_else(|| number("ed"))?;
        let named = text("name").or_else(|| text("en"));
        let month = match named {
            Some(name) => day_names::month(name).filter(|_| name.len() >= 3)?,
            None => number("m").or_else(|| number("ym"))?,
        };
        let year =
            number("y").or_else(|| number("my")).or_else(|| number("ny")).and_then(|year| i32::try_from(year).ok());
        match year {
            Some(_) => reckoning::date(day, month, year, mail).filter(|d| *d <= mail),
            None => [0, 1]
                .iter()
                .filter_map(|back| NaiveDate::from_ymd_opt(mail.year() - back, month, day))
                .find(|d| *d <= mail),
        }
    })
}

fn relative(plain: &str, mail: NaiveDate) -> Option<NaiveDate> {
    let captures = RELATIVE.captures(plain)?;
    let back = if captures.name("two").is_some() { 2 } else { u64::from(captures.name("one").is_some()) };
    mail.checked_sub_days(Days::new(back))
}

fn last_weekday(plain: &str, mail: NaiveDate) -> Option<NaiveDate> {
    let named = plain.split(|c: char| !c.is_ascii_alphabetic());
    let wanted = named.filter_map(day_names::day_of_week).next()?;
    (1..=7).filter_map(|back| mail.checked_sub_days(Days::new(back))).find(|day| day.weekday() == wanted)
}

fn day_only(plain: &str, mail: NaiveDate) -> Option<NaiveDate> {
    let day = DAY_ONLY.captures(plain)?.get(1)?.as_str().parse().ok()?;
    let first = mail.with_day(1)?;
    (0..4).filter_map(|back| first.checked_sub_months(Months::new(back))?.with_day(day)).find(|d| *d <= mail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_days_from_a_wednesday() {
        let mail: NaiveDate = "2026-11-18".parse().unwrap();
        for (text, wanted) in [
            ("gisteren overgemaakt", Some("2026-11-17")),
            ("op 2 november betaald", Some("2026-11-02")),
            ("paid on the 4th", Some("2026-11-04")),
            ("op 20/12 betaald", Some("2025-12-20")),
            ("d.d. 6-11", Some("2026-11-06")),
            ("am 19.10. uberwiesen", Some("2026-10-19")),
            ("vrijdag overgeschreven", Some("2026-11-13")),
            ("2026-11-03 betaald", Some("2026-11-03")),
            ("vorige maand betaald", None),
            ("op 3 december 2027 overgemaakt", None),
        ] {
            assert_eq!(past_day(text, mail), wanted.map(|day| day.parse().unwrap()), "{text}");
        }
        let _ = past_day("gisteren op de 31e, vrijdag 29 februari", NaiveDate::MIN);
    }
}
