//! What stands in one cell: amounts and dates as bookkeeping programs write them. What can be read in two ways is not
//! read: the owner is asked to say which.

use crate::dunning::money::{Currency, Money};
use chrono::NaiveDate;

/// Between whole and fraction, as the file writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalSign {
    Comma,
    Point,
}

/// Which of the two numbers before a year is the month, where the year comes last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateOrder {
    #[default]
    DayFirst,
    MonthFirst,
}

/// An amount cut into its sign and the rest: digits, commas and points.
struct Written {
    negative: bool,
    digits: String,
}

/// The sign before, behind or as brackets; the currency's sign and blanks away. `None` when other characters are left.
fn written(text: &str) -> Option<Written> {
    let mut text: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '€')).collect();
    for code in ["EUR", "eur"] {
        text = text.strip_prefix(code).or(text.strip_suffix(code)).unwrap_or(&text).to_owned();
    }
    let text = text.replace('\u{2212}', "-");
    let signs: [(&str, &str, bool); 4] = [("-", "", true), ("", "-", true), ("(", ")", true), ("+", "", false)];
    let signed = |(before, behind, negative): (&str, &str, bool)| {
        let inner = text.strip_prefix(before)?.strip_suffix(behind)?;
        Some((inner.to_owned(), negative))
    };
    let (digits, negative) = signs.into_iter().find_map(signed).unwrap_or((text.clone(), false));
    let plain = digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',')) && digits.len() <= 30;
    (plain && digits.chars().any(|c| c.is_ascii_digit())).then_some(Written { negative, digits })
}

/// Which decimal sign an amount surely uses; `None` when it can be read in either way or says nothing.
pub fn decimal_sign_of(text: &str) -> Option<DecimalSign> {
    let digits = written(text)?.digits;
    let (comma, point) = (digits.rfind(','), digits.rfind('.'));
    let (last, sign) = match (comma, point) {
        (Some(comma), Some(point)) if comma > point => return Some(DecimalSign::Comma),
        (Some(_), Some(_)) => return Some(DecimalSign::Point),
        (Some(comma), None) => (comma, DecimalSign::Comma),
        (None, Some(point)) => (point, DecimalSign::Point),
        (None, None) => return None,
    };
    let behind = digits.len() - last - 1;
    let several = digits.matches([',', '.']).count() > 1;
    match (several, behind) {
        // 1.234.567: what stands there twice is between thousands.
        (true, _) => Some(sign.other()),
        (false, 3) if last > 0 => None,
        (false, _) => Some(sign),
    }
}

impl DecimalSign {
    fn other(self) -> DecimalSign {
        match self {
            DecimalSign::Comma => DecimalSign::Point,
            DecimalSign::Point => DecimalSign::Comma,
        }
    }

    fn char(self) -> char {
        match self {
            DecimalSign::Comma => ',',
            DecimalSign::Point => '.',
        }
    }
}

/// An amount. `sign` is what the file's other amounts use, or the owner said; without it `1.234` is not read.
///
/// # Errors
/// What was expected.
pub fn amount(text: &str, sign: Option<DecimalSign>, currency: Currency) -> Result<Money, String> {
    let shown = || text.chars().take(40).collect::<String>();
    let Written { negative, digits } = written(text)
        .ok_or_else(|| format!("{:?} is not an amount: expected one like 1.210,00 or 1210.00", shown()))?;
    let has_sign = digits.contains([',', '.']);
    let sign = match (sign, decimal_sign_of(text)) {
        (Some(sign), _) | (None, Some(sign)) => sign,
        (None, None) if !has_sign => DecimalSign::Comma,
        (None, None) => {
            return Err(format!(
                "{:?} may be thousands or decimals: write decimal = \",\" or \".\" in [[open_items]]",
                shown()
            ));
        }
    };
    let (whole, fraction) = digits.split_once(sign.char()).unwrap_or((&digits, ""));
    let whole = without_thousands(whole, sign.other().char());
    let plain = whole.filter(|_| !fraction.contains([',', '.']));
    let plain = plain.map(|whole| format!("{}{whole}.{fraction}0", if negative { "-" } else { "" }));
    plain.and_then(|plain| Money::parse(&plain, currency).ok()).ok_or_else(|| {
        let example = if sign == DecimalSign::Comma { "1.210,00" } else { "1,210.00" };
        format!("{:?} is not an amount in {}: expected one like {example}", shown(), currency.code())
    })
}

/// Groups of three digits, or one group of any length.
fn without_thousands(whole: &str, between: char) -> Option<String> {
    let groups: Vec<&str> = whole.split(between).collect();
    let (first, rest) = groups.split_first()?;
    let sound = rest.is_empty() || (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3);
    let whole = groups.concat();
    (sound && whole.chars().all(|c| c.is_ascii_digit())).then(|| if whole.is_empty() { "0".to_owned() } else { whole })
}

/// A date: 22-11-2026, 1/3/2026, 22.11.2026, 2026-11-22, 20261122; a time of day behind it is passed over.
///
/// # Errors
/// What was expected.
pub fn date(text: &str, order: DateOrder) -> Result<NaiveDate, String> {
    parts(text).and_then(|parts| parts.in_order(order)).ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        let example = if order == DateOrder::DayFirst { "22-11-2026" } else { "11/22/2026" };
        format!("{shown:?} is not a date: expected one like {example} or 2026-11-22")
    })
}

/// The month must come first: read as day, month, year this is no date.
pub fn is_month_first(text: &str) -> bool {
    let day = |order| parts(text).and_then(|parts| parts.in_order(order));
    day(DateOrder::DayFirst).is_none() && day(DateOrder::MonthFirst).is_some()
}

enum Parts {
    YearFirst(i32, u32, u32),
    YearLast(u32, u32, i32),
}

impl Parts {
    fn in_order(self, order: DateOrder) -> Option<NaiveDate> {
        let (year, month, day) = match (self, order) {
            (Parts::YearFirst(year, month, day), _) => (year, month, day),
            (Parts::YearLast(day, month, year), DateOrder::DayFirst)
            | (Parts::YearLast(month, day, year), DateOrder::MonthFirst) => (year, month, day),
        };
        NaiveDate::from_ymd_opt(year, month, day).filter(|_| (1990..=2100).contains(&year))
    }
}

fn parts(text: &str) -> Option<Parts> {
    let text = text.trim();
    let day = text.split([' ', 'T']).next().unwrap_or(text);
    let time = text.get(day.len()..).unwrap_or_default();
    if !time.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | 'T' | ':' | '.' | 'Z')) {
        return None;
    }
    let number = |text: &str, most: usize| {
        let sound = !text.is_empty() && text.len() <= most && text.chars().all(|c| c.is_ascii_digit());
        sound.then(|| text.parse::<u32>().ok()).flatten()
    };
    let year = |text: &str| number(text, 4).filter(|_| text.len() == 4).and_then(|year| i32::try_from(year).ok());
    let pieces: Vec<&str> = day.split(['-', '/', '.']).collect();
    match pieces.as_slice() {
        [whole] if whole.len() == 8 && whole.is_ascii() => {
            Some(Parts::YearFirst(year(whole.get(..4)?)?, number(whole.get(4..6)?, 2)?, number(whole.get(6..)?, 2)?))
        }
        [first, month, day] if first.len() == 4 => {
            Some(Parts::YearFirst(year(first)?, number(month, 2)?, number(day, 2)?))
        }
        [first, second, last] => Some(Parts::YearLast(number(first, 2)?, number(second, 2)?, year(last)?)),
        _ => None,
    }
}

/// Whether no more of this cell can follow: an amount with two decimals, a whole date, a currency.
pub fn is_closed_form(text: &str) -> bool {
    let decimals = text.rsplit_once([',', '.']).is_some_and(|(whole, cents)| {
        cents.len() == 2 && cents.chars().all(|c| c.is_ascii_digit()) && written(whole).is_some()
    });
    let whole_date = match parts(text) {
        Some(Parts::YearFirst(..)) => matches!(text.len(), 8 | 10),
        Some(Parts::YearLast(..)) => text.split([' ', 'T']).count() == 1,
        None => false,
    };
    decimals || whole_date || (text.len() == 3 && Currency::parse(text).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_in_every_spelling() {
        use DecimalSign::{Comma, Point};
        for (text, sign, cents) in [
            ("1.210,00", None, 121_000),
            ("1,210.00", None, 121_000),
            ("1210,5", None, 121_050),
            ("1210.5", None, 121_050),
            ("1210", None, 121_000),
            ("€ 1.210,00", None, 121_000),
            ("1 210,00 EUR", None, 121_000),
            ("-12,50", None, -1_250),
            ("12,50-", None, -1_250),
            ("(12,50)", None, -1_250),
            ("€ -12,50", None, -1_250),
            ("\u{2212}12,50", None, -1_250),
            ("+12,50", None, 1_250),
            (",50", None, 50),
            ("1.234", Some(Comma), 123_400),
            ("1,234", Some(Point), 123_400),
            ("1.234.567", None, 123_456_700),
            ("12,500", Some(Comma), 1_250),
            ("0,00", None, 0),
        ] {
            assert_eq!(amount(text, sign, Currency::EUR).map(|money| money.minor()), Ok(cents), "{text}");
        }
    }

    #[test]
    fn amounts_that_are_not_read() {
        use DecimalSign::{Comma, Point};
        for (text, sign) in [
            ("1.234", None),
            ("1,234", None),
            ("", None),
            ("-", None),
            ("veel", None),
            ("12,345", Some(Comma)),
            ("12.34", Some(Comma)),
            ("1,21", Some(Point)),
            ("1.2.3,4", None),
            ("12,3,4", Some(Point)),
            ("1,2,3", Some(Comma)),
            ("1e5", None),
            ("99999999999999999999999999999999,00", None),
            ("1.210,00 USD", None),
        ] {
            assert!(amount(text, sign, Currency::EUR).is_err(), "{text} {sign:?}");
        }
    }

    #[test]
    fn dates_in_every_spelling() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        for text in [
            "01-03-2026",
            "1-3-2026",
            "1/3/2026",
            "01.03.2026",
            "2026-03-01",
            "2026/03/01",
            "20260301",
            "2026-03-01T00:00:00",
            "01-03-2026 00:00:00",
            "2026-3-1",
            " 1-3-2026 ",
        ] {
            assert_eq!(date(text, DateOrder::DayFirst), Ok(day), "{text}");
        }
        assert_eq!(date("3/1/2026", DateOrder::MonthFirst), Ok(day));
        for text in
            ["", "1-3-26", "31-02-2026", "2026-13-01", "11/22/2026", "1-3", "03-2026", "0001-01-01", "1-3-2026 x"]
        {
            assert!(date(text, DateOrder::DayFirst).is_err(), "{text}");
        }
        assert!(is_month_first("11/22/2026") && !is_month_first("22/11/2026") && !is_month_first("11/12/2026"));
    }

    #[test]
    fn what_can_have_no_more_behind_it() {
        for text in ["12,50", "1.210,00", "-12.50", "22-11-2026", "2026-11-22", "20261122", "EUR"] {
            assert!(is_closed_form(text), "{text}");
        }
        for text in ["12", "12,5", "1.210", "22-11-202", "2026-11-2", "2026-1-22", "EU", "a@b.co", "", "12,500"] {
            assert!(!is_closed_form(text), "{text}");
        }
    }
}
