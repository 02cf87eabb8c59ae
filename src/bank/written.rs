//! Amounts and dates as banks write them in mails: `€ 1.936,00`, `EUR 1234.56`, `€ 484,-`, `18 nov 2026`.
//! Reads a whole piece of text or nothing; never picks a number out of prose.

use crate::dunning::money::{Currency, Money};
use chrono::NaiveDate;
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// An amount as written, with the sign in front of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WrittenAmount {
    /// Never negative.
    pub amount: Money,
    pub sign: Sign,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    None,
    Plus,
    Minus,
}

/// For the patterns of profiles: what an amount looks like, without a group.
pub(super) const AMOUNT: &str = concat!(
    r"(?:[+\-−–]?\s*(?:€|£|\$|EUR|GBP|USD|CHF)\s*[+\-−–]?\s*[0-9][0-9.,'\u{a0}\u{202f} ]*(?:,-{1,2})?",
    r"(?:\s*(?:EUR|GBP|USD|CHF)\b)?|[+\-−–]?\s*[0-9][0-9.,'\u{a0}\u{202f} ]*(?:(?:€|£)(?:\s*(?:EUR|GBP)\b)?|(?:EUR|GBP|USD|CHF|euro)\b))"
);

static WHOLE_AMOUNT: LazyLock<Regex> = LazyLock::new(|| {
    let symbol = r"€|£|\$|EUR|GBP|USD|CHF|[Ee]uro";
    let pattern = format!(
        r"^\s*(?P<s1>[+\-−–])?\s*(?P<c1>{symbol})?\s*(?P<s2>[+\-−–])?\s*(?P<n>[0-9][0-9.,'\s]*?)(?P<dash>,\s?[-–=]{{1,2}})?(?P<s3>[-−+])?\s*(?P<c2>{symbol})?\s*(?P<c3>EUR|GBP|USD|CHF)?(?:\s(?P<way>C|D|CR|DR|[Bb]ij|BIJ|[Aa]f|AF))?\s*\.?\s*(?:\(\p{{L}}[^()€£$]{{2,80}}\))?\s*$"
    );
    Regex::new(&pattern).expect("BUG: pattern of amounts")
});

/// Reads a text that is an amount and nothing else; without a currency it counts as euros.
pub(super) fn amount(text: &str) -> Option<WrittenAmount> {
    let found = WHOLE_AMOUNT.captures(text)?;
    let currency = currency(&found)?;
    let number = decimal(&found["n"])?;
    if found.name("dash").is_some() && number.contains('.') {
        return None;
    }
    let amount = Money::parse(&number, currency).ok()?;
    let sign = match ["s1", "s2", "s3", "way"].iter().find_map(|name| found.name(name)).map(|sign| sign.as_str()) {
        None => Sign::None,
        Some("+" | "C" | "CR" | "bij" | "Bij" | "BIJ") => Sign::Plus,
        Some(_) => Sign::Minus,
    };
    Some(WrittenAmount { amount, sign })
}

/// The one currency that is named; `None` when two are.
fn currency(found: &Captures) -> Option<Currency> {
    let code = |symbol: &str| match symbol {
        "€" | "euro" | "Euro" => "EUR".to_owned(),
        "£" => "GBP".to_owned(),
        "$" => "USD".to_owned(),
        other => other.to_owned(),
    };
    let mut named = ["c1", "c2", "c3"].iter().filter_map(|name| found.name(name)).map(|symbol| code(symbol.as_str()));
    let first = named.next().unwrap_or_else(|| "EUR".to_owned());
    if named.any(|other| other != first) { None } else { Currency::parse(&first) }
}

/// Thousands by points, commas, apostrophes or spaces; decimals by comma or point. `1.500` is fifteen hundred.
fn decimal(number: &str) -> Option<String> {
    let number: String = number.chars().filter(|c| !c.is_whitespace() && *c != '\'').collect();
    let number = number.trim_end_matches(['.', ',']);
    let Some(last) = number.rfind(['.', ',']) else { return Some(number.to_owned()) };
    let (whole, fraction) = (&number[..last], &number[last + 1..]);
    let mark = &number[last..=last];
    let groups_fit = |text: &str| text.split(['.', ',']).skip(1).all(|group| group.len() == 3);
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    match fraction.len() {
        1 | 2 if groups_fit(whole) && !whole.contains(mark) => Some(format!("{}.{fraction}", digits(whole))),
        3 if groups_fit(number) && number.matches(['.', ',']).all(|one| one == mark) => Some(digits(number)),
        _ => None,
    }
}

static DATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^\s*(?:(?:ma|di|wo|do|vr|za|zo|mon|tue|wed|thu|fri|sat|sun|maan|dins|woens|donder|vrij|zater|zon)\w*,?\s+)?",
        r"(?:(?P<y1>\d{4})-(?P<m1>\d{1,2})-(?P<d1>\d{1,2})",
        r"|(?P<d2>\d{1,2})[-/.](?P<m2>\d{1,2})[-/.](?P<y2>\d{4})",
        r"|(?P<d3>\d{1,2})(?:er|st|nd|rd|th)?\.?\s+(?P<m3>\p{L}{3,9})\.?,?\s+(?P<y3>\d{4})",
        r"|(?P<m4>\p{L}{3,9})\.?\s+(?P<d4>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y4>\d{4}))\b"
    ))
    .expect("BUG: pattern of dates")
});

/// Reads the date that a text begins with; days come before months, as in Europe.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    let found = DATE.captures(text)?;
    let part = |name: &str| (1..=4).find_map(|n| found.name(&format!("{name}{n}"))).map(|part| part.as_str());
    let written = part("m")?;
    let month = written.parse().ok().or_else(|| month(written))?;
    NaiveDate::from_ymd_opt(part("y")?.parse().ok()?, month, part("d")?.parse().ok()?)
}

/// The text is a date, with at most a time or a remark behind it.
pub(super) fn is_date(text: &str) -> bool {
    let rest = DATE.find(text).map(|found| text[found.end()..].trim_start());
    date(text).is_some() && rest.is_some_and(|rest| !rest.starts_with(char::is_alphabetic))
}

/// Month by its name in Dutch, English, French or German, whole or cut short.
fn month(name: &str) -> Option<u32> {
    const NAMES: [&[&str]; 12] = [
        &["jan"],
        &["feb", "fev", "fév"],
        &["maart", "mrt", "mar", "mär"],
        &["apr", "avr"],
        &["mei", "may", "mai"],
        &["jun", "juin"],
        &["jul", "juil"],
        &["aug", "aoû", "aou"],
        &["sep"],
        &["oct", "okt"],
        &["nov"],
        &["dec", "déc", "dez"],
    ];
    let name = name.to_lowercase();
    let found = NAMES.iter().position(|names| names.iter().any(|start| name.starts_with(start)))?;
    u32::try_from(found + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_as_written() {
        let cases = [
            ("+ € 1.936,00", "1936.00", "EUR", Sign::Plus),
            ("- € 99,00", "99.00", "EUR", Sign::Minus),
            ("€ -86,50", "86.50", "EUR", Sign::Minus),
            ("-€155.00 EUR", "155.00", "EUR", Sign::Minus),
            ("EUR 1234.56", "1234.56", "EUR", Sign::None),
            ("1\u{202f}234,56 €", "1234.56", "EUR", Sign::None),
            ("€1,089.00", "1089.00", "EUR", Sign::None),
            ("€ 484,-", "484.00", "EUR", Sign::None),
            ("275,88- EUR", "275.88", "EUR", Sign::Minus),
            ("1.300 euro", "1300.00", "EUR", Sign::None),
            ("€ 1.500", "1500.00", "EUR", Sign::None),
            ("£ 410,00 GBP", "410.00", "GBP", Sign::None),
            ("748,99", "748.99", "EUR", Sign::None),
            ("€ 1.234.567,89", "1234567.89", "EUR", Sign::None),
        ];
        for (text, expected, code, sign) in cases {
            let found = amount(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((found.amount.to_string().as_str(), found.amount.currency().code()), (expected, code), "{text}");
            assert_eq!(found.sign, sign, "{text}");
        }
        for none in ["", "€", "€ 5 EUR GBP", "€ 12,34,56", "€ 5,00 ontvangen", "1.23.456", "€ 1,2345", "twaalf"]
        {
            assert_eq!(amount(none), None, "{none}");
        }
    }

    #[test]
    fn dates_as_written() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 5).unwrap();
        for text in [
            "5 november 2026",
            "05-11-2026 13:12",
            "5/11/2026",
            "Nov 5, 2026, 7:44 PM",
            "donderdag 5 nov. 2026",
            "2026-11-05",
            "05.11.2026",
            "5th November 2026",
        ] {
            assert_eq!(date(text), Some(day), "{text}");
        }
        for text in ["31-02-2026", "november 2026", "vandaag", "x 5-11-2026", ""] {
            assert_eq!(date(text), None, "{text}");
        }
        assert_eq!(date("1 mrt 2026"), NaiveDate::from_ymd_opt(2026, 3, 1));
        assert_eq!(date("12 août 2026"), NaiveDate::from_ymd_opt(2026, 8, 12));
    }

    proptest! {
        #[test]
        fn total(text in ".{0,40}", amounts in "[-+€ 0-9.,EUR']{0,20}") {
            let _ = (amount(&text), date(&text), amount(&amounts), date(&amounts));
        }
    }
}
