//! How registration numbers, addresses and names are compared: what is only another way of writing is the same. Never says
//! who somebody is.

use crate::dunning::spelling::without_accent;
use std::borrow::Borrow;

pub(super) fn bare(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// A VAT number as it is compared. A Belgian one is the KBO number with `BE` before it (art. III.17 WER).
pub(super) fn registered(text: &str) -> Option<String> {
    let bare = bare(text);
    if let Some(digits) = bare.strip_prefix("BE").filter(|rest| is_kbo(rest)) {
        return Some(format!("BE{digits:0>10}"));
    }
    let is_dutch = bare.len() == 12 && bare.as_bytes().get(9) == Some(&b'B') && bare.as_bytes()[0].is_ascii_digit();
    let dutch = if is_dutch { format!("NL{bare}") } else { bare };
    Some(dutch).filter(|number| number.chars().any(|c| matches!(c, '1'..='9')))
}

/// A chamber number; a KBO number is the VAT number too.
pub(super) fn chamber(text: &str, country: Option<&str>) -> Option<String> {
    let number = bare(text);
    let digits = number.strip_prefix("BE").unwrap_or(&number);
    let is_belgian = number.starts_with("BE") || country == Some("BE") || digits.len() == 10;
    if is_kbo(digits) && is_belgian {
        return Some(format!("BE{digits:0>10}"));
    }
    Some(format!("KVK{number}")).filter(|_| number.chars().any(|c| matches!(c, '1'..='9')))
}

/// Ten digits, the first 0 or 1; an old one lacks the first.
fn is_kbo(digits: &str) -> bool {
    let all = digits.bytes().all(|byte| byte.is_ascii_digit());
    all && (digits.len() == 9 || (digits.len() == 10 && matches!(digits.as_bytes().first(), Some(b'0' | b'1'))))
}

pub(super) fn email(address: &str) -> String {
    address.trim().to_lowercase()
}

/// Street and town without spaces and punctuation; `None` when nothing is said.
pub(super) fn place(lines: &[String]) -> Option<String> {
    let text: String = lines.iter().flat_map(|line| line.chars()).collect();
    let place: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    Some(place).filter(|place| !place.is_empty())
}

/// Legal forms, which one invoice writes and the next leaves out.
#[rustfmt::skip]
const FORMS: [&str; 25] = [
    "bv", "nv", "vof", "cv", "cvba", "bvba", "sprl", "srl", "sa", "sc", "scrl", "asbl", "vzw", "snc", "eenmanszaak", "gmbh",
    "ag", "kg", "ug", "ltd", "limited", "inc", "llc", "sarl", "sas",
];

/// The words of a name in order, in lower case, without accents, punctuation and legal forms. `B.V.`, `B. V.` and `bv` are one.
pub(super) fn words(name: &str) -> Vec<String> {
    let letters = name.to_lowercase();
    let plain: String = letters.chars().map(without_accent).filter(|c| !matches!(c, '.' | '\'' | '’')).collect();
    let spaced: String = plain.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let mut words: Vec<String> = spaced.split_whitespace().map(str::to_owned).collect();
    join_last_letters(&mut words);
    let meant: Vec<String> = words.iter().filter(|word| !FORMS.contains(&word.as_str())).cloned().collect();
    if meant.is_empty() { words } else { meant }
}

/// `b v` at the end is `bv`.
fn join_last_letters(words: &mut Vec<String>) {
    let single = words.iter().rev().take_while(|word| word.chars().count() == 1).count();
    if (2..=5).contains(&single) {
        let joined: String = words.drain(words.len() - single..).collect();
        words.push(joined);
    }
}

/// One name says no more than the other: every word of the shorter stands in the longer, be it as its first letter.
pub(super) fn are_alike<T: Borrow<str> + PartialEq>(one: &[T], other: &[T]) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let is_first_letter = |a: &str, b: &str| a.chars().count() == 1 && b.starts_with(a);
    let same = |a: &str, b: &str| a == b || is_first_letter(a, b) || is_first_letter(b, a);
    let whole = |word: &T| word.borrow().chars().count() > 1 && long.contains(word);
    let stands = |word: &T| long.iter().any(|other| same(word.borrow(), other.borrow()));
    short.concat() == long.concat() || short.iter().any(whole) && short.iter().all(stands)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_of_writing_a_name() {
        let jansen = words("Jansen Bouw B.V.");
        for same in ["JANSEN  BOUW BV", "jansen bouw b. v.", "Jansen-Bouw b.v", "Jansen Bouw", "Jansén Bouw BV"] {
            assert_eq!(words(same), jansen, "{same}");
        }
        for other in ["Jansen Bouwt B.V.", "Bouw Jansen", "Jansen", "B.V."] {
            assert_ne!(words(other), jansen, "{other}");
        }
        assert_eq!(words("Société Générale S.R.L."), words("Societe Generale SRL"));
        assert_eq!(words("N.V."), ["nv"], "a name of legal forms alone is a name");
    }

    #[test]
    fn names_that_say_no_more_than_one_another() {
        let alike =
            |one: &str, other: &str| are_alike(&words(one), &words(other)) && are_alike(&words(other), &words(one));
        for (one, other) in [
            ("Jansen", "Bakkerij Jansen B.V."),
            ("J. de Vries", "Jan de Vries"),
            ("Verf & Co", "Verf Co NV"),
            ("KPN", "K.P.N. B.V."),
        ] {
            assert!(alike(one, other), "{one} / {other}");
        }
        for (one, other) in [
            ("Bakkerij Jansen", "Bakkerij de Vries"),
            ("Klant B.V.", "Andere B.V."),
            ("J. Smit", "J. Bakker"),
            ("A", "Bo"),
        ] {
            assert!(!alike(one, other), "{one} / {other}");
        }
    }

    #[test]
    fn a_belgian_number_is_one_with_and_without_be() {
        let all = [registered("BE 0123.456.749"), registered("BE123456749"), chamber("0123.456.749", None)];
        assert!(all.iter().all(|number| number.as_deref() == Some("BE0123456749")), "{all:?}");
        assert_eq!(chamber("123456749", Some("BE")).as_deref(), Some("BE0123456749"));
        assert_eq!(registered("001234567B01"), registered("NL 0012.34.567.B01"));
        assert_ne!(registered("NL001234567B01"), registered("NL001234567B02"));
        assert_eq!(chamber("12 34 56 78", Some("NL")).as_deref(), Some("KVK12345678"));
        assert_eq!((registered("-"), registered("0"), chamber("00000000", None)), (None, None, None));
    }
}
