//! Amounts, dates and account numbers as people in each language write them. Never rounds, never translates words.

use crate::dunning::debtor::Language;
use crate::dunning::money::{Currency, Money};
use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

/// In French digits are grouped by a narrow space at which no line is broken.
const NARROW: char = '\u{202F}';

/// `€ 1.210,00` in Dutch, `€1,210.00` in English, `1.210,00 €` in German, `1 210,00 €` in French; other currencies with
/// their code: `USD 1.210,00`, `1.210,00 USD`.
pub fn amount(money: Money, language: Language) -> String {
    let (thousands, point) = match language {
        Language::Nl | Language::De => ('.', ','),
        Language::En => (',', '.'),
        Language::Fr => (NARROW, ','),
    };
    let figures = figures(money, thousands, point);
    let sign = if money.is_negative() { "-" } else { "" };
    let currency = money.currency();
    match (currency == Currency::EUR, language) {
        (true, Language::Nl) => format!("€ {sign}{figures}"),
        (true, Language::En) => format!("{sign}€{figures}"),
        (false, Language::Nl | Language::En) => format!("{currency} {sign}{figures}"),
        (true, Language::De | Language::Fr) => format!("{sign}{figures} €"),
        (false, Language::De | Language::Fr) => format!("{sign}{figures} {currency}"),
    }
}

fn figures(money: Money, thousands: char, point: char) -> String {
    let exponent = money.currency().exponent() as usize;
    let digits = format!("{:0>width$}", money.minor().unsigned_abs(), width = exponent + 1);
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(exponent));
    let grouped = grouped(whole, thousands);
    if fraction.is_empty() { grouped } else { format!("{grouped}{point}{fraction}") }
}

fn grouped(whole: &str, separator: char) -> String {
    let mut out = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// A percentage without needless zeros: `10,4%` in Dutch, `10.4%` in English, `10,4 %` in German and French.
pub fn percent(rate: Decimal, language: Language) -> String {
    let plain = rate.normalize().to_string();
    match language {
        Language::Nl => format!("{}%", plain.replace('.', ",")),
        Language::En => format!("{plain}%"),
        Language::De | Language::Fr => format!("{} %", plain.replace('.', ",")),
    }
}

/// `3 november 2026`, `3 November 2026`, `3. November 2026`, `3 novembre 2026` and `1er novembre 2026`.
pub fn date(day: NaiveDate, language: Language) -> String {
    const NL: [&str; 12] = [
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
    const EN: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    const DE: [&str; 12] = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ];
    const FR: [&str; 12] = [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ];
    let (months, ordinal) = match (language, day.day()) {
        (Language::Nl, _) => (NL, ""),
        (Language::En, _) => (EN, ""),
        (Language::De, _) => (DE, "."),
        (Language::Fr, 1) => (FR, "er"),
        (Language::Fr, _) => (FR, ""),
    };
    let month = months.get(day.month0() as usize).copied().unwrap_or_default();
    format!("{}{ordinal} {month} {}", day.day(), day.year())
}

/// An IBAN in groups of four: `NL91 ABNA 0417 1643 00`.
pub fn iban(iban: &str) -> String {
    let bare: Vec<char> = iban.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
    bare.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_as_written_in_each_language() {
        let usd = Currency::parse("USD").unwrap();
        let jpy = Currency::parse("JPY").unwrap();
        let cases = [
            (Money::eur_cents(121_000), ["€ 1.210,00", "€1,210.00", "1.210,00 €", "1_210,00 €"]),
            (Money::eur_cents(5), ["€ 0,05", "€0.05", "0,05 €", "0,05 €"]),
            (Money::eur_cents(0), ["€ 0,00", "€0.00", "0,00 €", "0,00 €"]),
            (Money::eur_cents(-1_000), ["€ -10,00", "-€10.00", "-10,00 €", "-10,00 €"]),
            (Money::eur_cents(123_456_789), ["€ 1.234.567,89", "€1,234,567.89", "1.234.567,89 €", "1_234_567,89 €"]),
            (Money::from_minor(99_999, usd), ["USD 999,99", "USD 999.99", "999,99 USD", "999,99 USD"]),
            (Money::from_minor(100_000, jpy), ["JPY 100.000", "JPY 100,000", "100.000 JPY", "100_000 JPY"]),
            (
                Money::eur_cents(i64::MIN),
                [
                    "€ -92.233.720.368.547.758,08",
                    "-€92,233,720,368,547,758.08",
                    "-92.233.720.368.547.758,08 €",
                    "-92_233_720_368_547_758,08 €",
                ],
            ),
        ];
        for (money, expected) in cases {
            assert_eq!(Language::ALL.map(|language| amount(money, language).replace(NARROW, "_")), expected);
        }
    }

    #[test]
    fn percentages() {
        let cases = [
            ("10.40", ["10,4%", "10.4%", "10,4 %", "10,4 %"]),
            ("4", ["4%", "4%", "4 %", "4 %"]),
            ("100.00", ["100%", "100%", "100 %", "100 %"]),
        ];
        for (rate, expected) in cases {
            let rate = rate.parse().unwrap();
            assert_eq!(Language::ALL.map(|language| percent(rate, language)), expected);
        }
    }

    #[test]
    fn dates_and_accounts() {
        let day: NaiveDate = "2026-11-03".parse().unwrap();
        let written = |day| Language::ALL.map(|language| date(day, language));
        assert_eq!(written(day), ["3 november 2026", "3 November 2026", "3. November 2026", "3 novembre 2026"]);
        let first: NaiveDate = "2027-03-01".parse().unwrap();
        assert_eq!(written(first), ["1 maart 2027", "1 March 2027", "1. März 2027", "1er mars 2027"]);
        assert_eq!(iban("nl91abna 0417164300"), "NL91 ABNA 0417 1643 00");
        assert_eq!(iban(""), "");
    }
}
