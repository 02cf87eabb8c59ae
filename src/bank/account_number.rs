//! Account numbers as statements write them, and whether one is a configured IBAN.

use crate::dunning::money::Currency;

/// Zeros stand where there is no account.
pub(super) fn is_none(written: &str) -> bool {
    written.trim_matches('0').is_empty()
}

/// Field 25: the number without the bank's name in front, spaces and dots, and the currency behind it.
pub(super) fn of_mt940(written: &str) -> (String, Option<Currency>) {
    // The slash of a SWIFT account line (`/BE71…`), where a bank leaves it in.
    let mut rest = written.trim().trim_start_matches('/');
    let mut currency = None;
    if let Some((head, tail)) = rest.split_at_checked(rest.len().saturating_sub(3))
        && head.ends_with(|c: char| c.is_ascii_digit() || matches!(c, ' ' | '/'))
        && let Some(found) = Currency::parse_with_past(tail)
        && tail.bytes().all(|byte| byte.is_ascii_uppercase())
    {
        (rest, currency) = (head.trim_end_matches([' ', '/']), Some(found));
    }
    // BPHKPLPK/320000546101: the bank, then the number. A German bank is digits, and belongs to the number.
    if let Some((bank, number)) = rest.split_once('/')
        && bank.bytes().any(|byte| byte.is_ascii_alphabetic())
    {
        rest = number;
    }
    (rest.chars().filter(|c| !c.is_whitespace() && *c != '.').collect(), currency)
}

/// A number as a bank writes it is this IBAN: the same, or its national part without the zeros in front.
pub fn is_iban_of(iban: &str, written: &str) -> bool {
    if iban == written {
        return true;
    }
    let (country, national) = (iban.get(..2).unwrap_or_default(), iban.get(4..).unwrap_or_default());
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let is_number = written.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '/' | '.' | ' '));
    let bare = digits.trim_start_matches('0');
    if !is_number || bare.len() < 6 {
        return false;
    }
    match country {
        "NL" => national.get(4..).is_some_and(|number| number.trim_start_matches('0') == bare),
        "BE" => national == digits,
        // Eight digits of the bank, a slash, and the number.
        "DE" => written.split_once('/').is_some_and(|(bank, number)| {
            let of = |from: usize, to: usize| national.get(from..to).unwrap_or_default().trim_start_matches('0');
            of(0, 8) == bank.trim_start_matches('0') && of(8, 18) == number.trim_start_matches('0')
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_25() {
        let rows = [
            ("NL62INGB0001234567EUR", "NL62INGB0001234567", Some("EUR")),
            ("NL50RABO0156750961 EUR", "NL50RABO0156750961", Some("EUR")),
            ("1291.99.348EUR", "129199348", Some("EUR")),
            ("NL92 KNAB 0123 4567 89", "NL92KNAB0123456789", None),
            ("/BE71096123456769", "BE71096123456769", None),
            ("TRIODOSBANK/1234567890", "1234567890", None),
            ("25040066/0123456789", "25040066/0123456789", None),
            ("UBRTHUHB/123456789150ABCDEF002/HUF", "123456789150ABCDEF002", Some("HUF")),
            ("517852257", "517852257", None),
            ("", "", None),
        ];
        for (written, number, currency) in rows {
            let (read, stated) = of_mt940(written);
            assert_eq!((read.as_str(), stated), (number, currency.and_then(Currency::parse)), "{written}");
        }
    }

    #[test]
    fn national_numbers() {
        assert!(is_iban_of("NL91ABNA0417164300", "417164300"));
        assert!(is_iban_of("NL91ABNA0417164300", "0417164300"));
        assert!(is_iban_of("BE68539007547034", "539-0075470-34"));
        assert!(is_iban_of("DE89370400440532013000", "37040044/532013000"));
        for other in ["417164301", "17164300", "41716430", "NL91ABNA041716430", "", "000"] {
            assert!(!is_iban_of("NL91ABNA0417164300", other), "{other}");
        }
        assert!(!is_iban_of("DE89370400440532013000", "532013000"), "a number without its bank");
    }
}
