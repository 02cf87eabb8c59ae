//! Payment references and account numbers: betalingskenmerk, OGM, RF (ISO 11649), IBAN (ISO 13616).
//! Checks the form and the check digits; never whether an account or an invoice exists.

/// A reference with valid check digits, in its canonical form (OGM as `+++123/1234/12345+++`, others without spaces).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    Betalingskenmerk(String),
    Ogm(String),
    Rf(String),
    Iban(String),
}

impl Reference {
    /// As in JSON: `betalingskenmerk`, `ogm`, `rf`, `iban`.
    pub fn kind(&self) -> &'static str {
        match self {
            Reference::Betalingskenmerk(_) => "betalingskenmerk",
            Reference::Ogm(_) => "ogm",
            Reference::Rf(_) => "rf",
            Reference::Iban(_) => "iban",
        }
    }

    /// The canonical form.
    pub fn value(&self) -> &str {
        match self {
            Reference::Betalingskenmerk(value)
            | Reference::Ogm(value)
            | Reference::Rf(value)
            | Reference::Iban(value) => value,
        }
    }
}

/// A payer's own reference, not a bank's word for none.
pub(super) fn is_given(end_to_end: &str) -> bool {
    !spells_one_of(end_to_end, &["", "NOTPROVIDED", "NONREF", "NIETOPGEGEVEN"])
}

/// Whether a text is one of these words, however it is spaced and written.
pub(super) fn spells_one_of(text: &str, words: &[&str]) -> bool {
    let plain = || text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_uppercase());
    words.iter().any(|word| plain().eq(word.bytes()))
}

/// Reads one reference; `None` when it is none or its check digits are wrong. Twelve bare digits that pass the check
/// of the Belgian form are read as such, other bare digits as betalingskenmerk.
pub fn parse(text: &str) -> Option<Reference> {
    let text = text.trim();
    if text.contains(['+', '*']) {
        return signed_ogm(text).map(Reference::Ogm);
    }
    let compact = compact(text)?;
    if compact.starts_with("RF") {
        return rf_is_valid(&compact).then_some(Reference::Rf(compact));
    }
    if let Some(account) = iban(&compact) {
        return Some(Reference::Iban(account));
    }
    let digits = compact.bytes().all(|b| b.is_ascii_digit()).then_some(compact)?;
    match ogm_of(&digits) {
        Some(ogm) => Some(Reference::Ogm(ogm)),
        None => betalingskenmerk_is_valid(&digits).then_some(Reference::Betalingskenmerk(digits)),
    }
}

/// The first structured reference in a payer's text: one with its signs (`+++…+++`, `RF…`, `123/1234/12345`), one that
/// is announced as such, or one that is all of the text. Other digits are none, even when a check happens to fit.
pub fn find(text: &str) -> Option<Reference> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits < 2 {
        return None;
    }
    let of_belgium = || signed_within(text).or_else(|| grouped_ogm_within(text));
    let whole = || parse(text).filter(|found| found.kind() != "iban" && digits != 7);
    of_belgium().or_else(|| rf_within(text)).or_else(|| announced_within(text)).or_else(whole)
}

/// As banks write it in a field of its own: a Belgian one without its signs.
pub fn bare(reference: &str) -> String {
    match parse(reference) {
        Some(Reference::Ogm(ogm)) => digits_of(&ogm),
        _ => reference.trim().to_owned(),
    }
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn signed_within(text: &str) -> Option<Reference> {
    const LONGEST: usize = 24;
    if !text.contains(['+', '*']) {
        return None;
    }
    ["+++", "***"].iter().find_map(|sign| {
        let starts = text.match_indices(sign).map(|(at, _)| at);
        starts
            .filter_map(|at| {
                let inner = text.get(at + 3..)?;
                let end = inner.find(sign).filter(|end| *end <= LONGEST)?;
                ogm_of(&digits_of(inner.get(..end)?)).map(Reference::Ogm)
            })
            .next()
    })
}

/// `123/1234/12345`, standing alone.
fn grouped_ogm_within(text: &str) -> Option<Reference> {
    if !text.contains('/') {
        return None;
    }
    text.split(|c: char| c.is_whitespace() || matches!(c, '+' | '*' | ',' | ';' | ':' | '(' | ')')).find_map(|word| {
        let groups: Vec<&str> = word.trim_end_matches('.').split('/').collect();
        match groups.as_slice() {
            [a, b, c] if (a.len(), b.len(), c.len()) == (3, 4, 5) => ogm_of(&groups.concat()).map(Reference::Ogm),
            _ => None,
        }
    })
}

/// The longest run of words from one that begins with RF and two digits.
fn rf_within(text: &str) -> Option<Reference> {
    if !text.as_bytes().windows(3).any(|three| three[..2].eq_ignore_ascii_case(b"RF") && three[2].is_ascii_digit()) {
        return None;
    }
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let begins = |word: &str| {
        let bytes = word.as_bytes();
        bytes.get(..2).is_some_and(|head| head.eq_ignore_ascii_case(b"RF"))
            && bytes.get(2..4).is_some_and(|check| check.iter().all(u8::is_ascii_digit))
    };
    let from = |start: usize| {
        let mut joined = String::new();
        let mut found = None;
        for word in words.get(start..).unwrap_or_default() {
            joined.push_str(&word.to_ascii_uppercase());
            if joined.len() > 25 {
                break;
            }
            found = rf_is_valid(&joined).then(|| joined.clone()).or(found);
            // It is printed in groups of four; a longer or shorter one is the last.
            if word.len() != 4 {
                break;
            }
        }
        found.map(Reference::Rf)
    };
    (0..words.len()).filter(|start| words.get(*start).is_some_and(|word| begins(word))).find_map(from)
}

/// Digits behind a word that announces a reference.
fn announced_within(text: &str) -> Option<Reference> {
    const WORDS: [&str; 4] = ["KENMERK", "KENM", "MEDEDELING", "OGM"];
    if text.bytes().filter(u8::is_ascii_digit).count() < 9 {
        return None;
    }
    // Nearly no text has one, and a look at the beginnings of all words at once is cheap.
    let begins = |three: &[u8]| [b"KEN", b"MED", b"OGM"].iter().any(|word| three.eq_ignore_ascii_case(*word));
    if !text.as_bytes().windows(3).any(begins) {
        return None;
    }
    let upper = text.to_ascii_uppercase();
    WORDS.iter().flat_map(|word| upper.match_indices(word).map(|(at, found)| at + found.len())).find_map(|from| {
        let rest = upper.get(from..)?.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        let mut digits = String::new();
        let mut found = None;
        for group in rest.split([' ', '.', '-', '/']) {
            if group.is_empty() || !is_digits(group) || digits.len() + group.len() > 24 {
                break;
            }
            digits.push_str(group);
            let without_zeros = digits.trim_start_matches('0');
            found = [digits.as_str(), without_zeros].into_iter().find_map(checked_number).or(found);
        }
        found
    })
}

/// A number that a check digit proves.
fn checked_number(digits: &str) -> Option<Reference> {
    parse(digits).filter(|found| digits.len() >= 9 && found.kind() != "iban")
}

/// Removes spaces and checks an IBAN (mod 97 and the length of the SEPA countries; others by mod 97 alone).
pub fn iban(text: &str) -> Option<String> {
    let account: String = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
    let shape = account.len() >= 15
        && account.len() <= 34
        && account.bytes().all(|b| b.is_ascii_alphanumeric())
        && account.bytes().take(2).all(|b| b.is_ascii_uppercase())
        && account.bytes().skip(2).take(2).all(|b| b.is_ascii_digit());
    if !shape || iban_length(&account[..2]).is_some_and(|length| length != account.len()) {
        return None;
    }
    (mod_97(account[4..].bytes().chain(account[..4].bytes())) == 1).then_some(account)
}

/// A betalingskenmerk of 16 digits from the 15 that follow the check digit; `None` unless there are 15 digits.
pub fn betalingskenmerk(payload: &str) -> Option<String> {
    let payload = payload.trim();
    (payload.len() == 15 && is_digits(payload)).then(|| format!("{}{payload}", dutch_check(payload)))
}

/// A Belgian structured reference from its first ten digits; `None` unless there are ten digits.
pub fn ogm(payload: &str) -> Option<String> {
    let payload = payload.trim();
    let number: u64 = (payload.len() == 10 && is_digits(payload)).then(|| payload.parse().ok()).flatten()?;
    ogm_of(&format!("{payload}{:02}", belgian_check(number)))
}

/// An RF reference (ISO 11649) from 1 to 21 letters and digits; `None` when it holds anything else.
pub fn rf(payload: &str) -> Option<String> {
    let payload = compact(payload.trim())?;
    if payload.len() > 21 {
        return None;
    }
    let check = 98 - mod_97(payload.bytes().chain(*b"RF00"));
    Some(format!("RF{check:02}{payload}"))
}

/// Letters and digits in upper case, without the spaces, dots and dashes of groups; `None` for anything else.
fn compact(text: &str) -> Option<String> {
    let grouping = |c: char| c.is_whitespace() || matches!(c, '.' | '-' | '/');
    let compact: String = text.chars().filter(|c| !grouping(*c)).map(|c| c.to_ascii_uppercase()).collect();
    (!compact.is_empty() && compact.bytes().all(|b| b.is_ascii_alphanumeric())).then_some(compact)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `+++ddd/dddd/ddddd+++` or `***ddd/dddd/ddddd***`, with or without the slashes.
fn signed_ogm(text: &str) -> Option<String> {
    let inner = ["+++", "***"].iter().find_map(|sign| text.strip_prefix(sign)?.strip_suffix(sign))?;
    if !inner.chars().all(|c| c.is_ascii_digit() || matches!(c, '/' | ' ' | '.')) {
        return None;
    }
    ogm_of(&inner.chars().filter(char::is_ascii_digit).collect::<String>())
}

/// The canonical form of twelve digits whose last two check the first ten.
fn ogm_of(digits: &str) -> Option<String> {
    if digits.len() != 12 || !is_digits(digits) {
        return None;
    }
    let (payload, check) = digits.split_at(10);
    let valid = belgian_check(payload.parse().ok()?) == check.parse::<u64>().ok()?;
    valid.then(|| format!("+++{}/{}/{}+++", &digits[..3], &digits[3..7], &digits[7..]))
}

/// Mod 97, where 0 is written as 97.
fn belgian_check(payload: u64) -> u64 {
    match payload % 97 {
        0 => 97,
        rest => rest,
    }
}

/// 7 digits have no check; 9 to 14 are check digit, length and number; 16 are check digit and number.
fn betalingskenmerk_is_valid(digits: &str) -> bool {
    let Some((check, payload)) = digits.split_at_checked(1) else { return false };
    match digits.len() {
        7 => true,
        9..=14 => length_digit(digits.len() - 2) == payload.chars().next() && dutch_check(payload).to_string() == check,
        16 => dutch_check(payload).to_string() == check,
        _ => false,
    }
}

/// The length as one digit: 7, 8, 9 as they are, 10 as 0, 11 as 1, 12 as 2.
fn length_digit(length: usize) -> Option<char> {
    (7..=12).contains(&length).then(|| char::from_digit((length % 10) as u32, 10)).flatten()
}

/// Weights from the right 2, 4, 8, 5, 10, 9, 7, 3, 6, 1, repeating; 11 minus the rest, 10 written 1 and 11 written 0.
fn dutch_check(payload: &str) -> u32 {
    const WEIGHTS: [u32; 10] = [2, 4, 8, 5, 10, 9, 7, 3, 6, 1];
    let digits = payload.chars().rev().filter_map(|c| c.to_digit(10));
    let sum: u32 = digits.zip(WEIGHTS.iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    match 11 - sum % 11 {
        10 => 1,
        11 => 0,
        check => check,
    }
}

fn rf_is_valid(compact: &str) -> bool {
    (5..=25).contains(&compact.len())
        && compact.bytes().skip(2).take(2).all(|b| b.is_ascii_digit())
        && mod_97(compact.bytes().skip(4).chain(compact.bytes().take(4))) == 1
}

/// ISO 7064 mod 97-10: letters count as A = 10 to Z = 35.
fn mod_97(characters: impl Iterator<Item = u8>) -> u32 {
    characters.fold(0, |rest, byte| match char::from(byte).to_digit(36) {
        Some(value) if value >= 10 => (rest * 100 + value) % 97,
        Some(value) => (rest * 10 + value) % 97,
        None => rest,
    })
}

/// Lengths in the SEPA area (SWIFT IBAN registry).
fn iban_length(country: &str) -> Option<usize> {
    const LENGTHS: [(&str, usize); 44] = [
        ("AD", 24),
        ("AL", 28),
        ("AT", 20),
        ("BE", 16),
        ("BG", 22),
        ("CH", 21),
        ("CY", 28),
        ("CZ", 24),
        ("DE", 22),
        ("DK", 18),
        ("EE", 20),
        ("ES", 24),
        ("FI", 18),
        ("FO", 18),
        ("FR", 27),
        ("GB", 22),
        ("GI", 23),
        ("GL", 18),
        ("GR", 27),
        ("HR", 21),
        ("HU", 28),
        ("IE", 22),
        ("IS", 26),
        ("IT", 27),
        ("LI", 21),
        ("LT", 20),
        ("LU", 20),
        ("LV", 21),
        ("MC", 27),
        ("MD", 24),
        ("ME", 22),
        ("MK", 19),
        ("MT", 31),
        ("NL", 18),
        ("NO", 15),
        ("PL", 28),
        ("PT", 25),
        ("RO", 24),
        ("RS", 22),
        ("SE", 24),
        ("SI", 19),
        ("SK", 24),
        ("SM", 27),
        ("VA", 22),
    ];
    LENGTHS.iter().find(|(code, _)| *code == country).map(|(_, length)| *length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn betalingskenmerk_as_published() {
        for valid in ["5000 0567 8901 2345", "12 2345 3462 2567", "6000000020260042", "1234567"] {
            assert!(matches!(parse(valid), Some(Reference::Betalingskenmerk(_))), "{valid}");
        }
        assert_eq!(betalingskenmerk("000056789012345").as_deref(), Some("5000056789012345"));
        assert_eq!(betalingskenmerk("000000020260042").as_deref(), Some("6000000020260042"));
        for wrong in ["4000056789012345", "5000056789012346", "123456", "12345678", "123456789012345", ""] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
        assert_eq!(betalingskenmerk("12345"), None);
    }

    #[test]
    fn belgian_reference_as_published() {
        for valid in ["+++312/4013/98067+++", "***312/4013/98067***", "+++312401398067+++", "312401398067"] {
            assert_eq!(parse(valid), Some(Reference::Ogm("+++312/4013/98067+++".into())), "{valid}");
        }
        assert!(parse("+++090/9337/55493+++").is_some());
        assert_eq!(parse("+++123/4567/89012+++"), None, "a picture of the format, not a reference");
        assert_eq!(ogm("1234567890").as_deref(), Some("+++123/4567/89002+++"));
        assert_eq!(ogm("0000000097").as_deref(), Some("+++000/0000/09797+++"), "0 is written as 97");
        assert_eq!(parse("+++312/4013/98067***"), None);
    }

    #[test]
    fn creditor_reference_as_published() {
        assert_eq!(rf("1234512345").as_deref(), Some("RF451234512345"));
        assert_eq!(rf("AB2G5").as_deref(), Some("RF68AB2G5"));
        assert_eq!(rf("tu06fx").as_deref(), Some("RF96TU06FX"));
        assert_eq!(parse("RF18 5390 0754 7034"), Some(Reference::Rf("RF18539007547034".into())));
        assert_eq!(parse("RF19539007547034"), None);
        assert_eq!(rf("1234567890123456789012"), None);
        assert_eq!(rf("A_B"), None);
    }

    #[test]
    fn within_the_text_of_a_payer() {
        let rows = [
            ("betaling +++090/9337/55493+++ dank", "+++090/9337/55493+++"),
            ("REF ***090/9337/55493***", "+++090/9337/55493+++"),
            ("+++ 090 / 9337 / 55493 +++", "+++090/9337/55493+++"),
            ("090/9337/55493", "+++090/9337/55493+++"),
            ("mededeling: 090933755493", "+++090/9337/55493+++"),
            ("uw ref RF18 5390 0754 7034, bedankt", "RF18539007547034"),
            ("rf18539007547034", "RF18539007547034"),
            ("betalingskenmerk 5000 0567 8901 2345", "5000056789012345"),
            ("BETALINGSKENM.  5000056789012345", "5000056789012345"),
            ("Betalingskenmerk: 5000.0567.8901.2345 factuur 12", "5000056789012345"),
            ("kenmerk 5000-0567-8901-2345", "5000056789012345"),
            ("JANSEN DELFT BET.KENM. 5000056789012345 3305330802", "5000056789012345"),
            ("betkenmerk 5000056789012345", "5000056789012345"),
            ("5000 0567 8901 2345", "5000056789012345"),
        ];
        for (text, expected) in rows {
            assert_eq!(find(text).as_ref().map(Reference::value), Some(expected), "{text}");
        }
        // Digits that only look like one.
        for text in [
            "factuur 090933755493 klant 7",
            "pas 5000056789012345 12:30",
            "+++090/9337/55494+++",
            "RF19 5390 0754 7034",
            "RFQ 2026",
            "kenmerk 2026-0412",
            "betalingskenmerk 5000056789012346",
            "1234567",
            "NL91ABNA0417164300",
            "tel 0612345678",
            "",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }

    #[test]
    fn accounts() {
        assert_eq!(iban("NL91 ABNA 0417 1643 00").as_deref(), Some("NL91ABNA0417164300"));
        assert_eq!(iban("be71096123456769").as_deref(), Some("BE71096123456769"));
        for wrong in ["NL92ABNA0417164300", "NL91ABNA041716430", "XX", "NL91-ABNA-0417", "€€€€€€€€€€€€€€€€"]
        {
            assert_eq!(iban(wrong), None, "{wrong}");
        }
        assert_eq!(parse("NL91ABNA0417164300").map(|r| r.kind()), Some("iban"));
    }

    proptest! {
        #[test]
        fn total(text in ".{0,40}") {
            let _ = (find(&text), bare(&text));
            let _ = (parse(&text), iban(&text), rf(&text), ogm(&text), betalingskenmerk(&text));
        }

        #[test]
        fn what_is_made_is_valid(number in 0u64..10_000_000_000, payload in "[A-Z0-9]{1,21}") {
            let made = ogm(&format!("{number:010}")).unwrap();
            prop_assert_eq!(parse(&made), Some(Reference::Ogm(made)));
            let made = rf(&payload).unwrap();
            prop_assert_eq!(parse(&made), Some(Reference::Rf(made)));
            let made = betalingskenmerk(&format!("{number:015}")).unwrap();
            prop_assert_eq!(parse(&made), Some(Reference::Betalingskenmerk(made)));
        }

        #[test]
        fn what_is_made_is_found(number in 0u64..10_000_000_000, payload in "[A-Z0-9]{3,15}", words in "[a-z ]{0,10}") {
            for made in [ogm(&format!("{number:010}")).unwrap(), rf(&payload).unwrap()] {
                let found = find(&format!("{words} {made}, {words}"));
                prop_assert_eq!(found.as_ref().map(Reference::value), Some(made.as_str()));
            }
            let made = betalingskenmerk(&format!("{number:015}")).unwrap();
            let found = find(&format!("{words} betalingskenmerk {made} {words}"));
            prop_assert_eq!(found.as_ref().map(Reference::value), Some(made.as_str()));
        }

        #[test]
        fn one_wrong_digit_is_found_in_an_account(place in 4usize..18, digit in 1u8..10) {
            let mut account = b"NL91ABNA0417164300".to_vec();
            prop_assume!(account[place].is_ascii_digit());
            account[place] = b'0' + (account[place] - b'0' + digit) % 10;
            prop_assert_eq!(iban(std::str::from_utf8(&account).unwrap()), None);
        }
    }
}
