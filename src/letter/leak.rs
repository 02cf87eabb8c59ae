//! Whether a mail that is about to be fixed names another debtor: an invoice number, a name, an address, an account, a
//! telephone number, a reply token that is not its own debtor's. Whole words only, one walk over the text whatever the
//! number of debtors. Never decides what to do about it.

use crate::dunning::ids::DebtorId;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A name of one word that is shorter than this is too common a word to be looked for.
const SHORTEST_NAME: usize = 5;
/// A number is telling with so many letters and digits, or with one less when it has both.
const SHORTEST_NUMBER: usize = 6;
/// Between two words of a name there are not more characters than this: a space, a comma, the end of a line.
const WIDEST_GAP: usize = 4;
/// The longest IBAN (ISO 13616) and telephone number (ITU-T E.164), in letters and digits.
const LONGEST_IBAN: usize = 34;
const LONGEST_PHONE: usize = 15;
/// Shortest telephone number without country and trunk prefix.
const SHORTEST_PHONE: usize = 8;
/// Forms of companies: what stands before them is the name that people use.
const LEGAL_FORMS: [&[&str]; 22] = [
    &["b", "v"],
    &["bv"],
    &["n", "v"],
    &["nv"],
    &["v", "o", "f"],
    &["vof"],
    &["c", "v"],
    &["cv"],
    &["b", "v", "b", "a"],
    &["bvba"],
    &["s", "r", "l"],
    &["srl"],
    &["sprl"],
    &["s", "a"],
    &["sa"],
    &["sarl"],
    &["gmbh"],
    &["kg"],
    &["ag"],
    &["ltd"],
    &["llc"],
    &["inc"],
];
const TITLES: [&str; 14] = [
    "de heer", "dhr", "heer", "herrn", "herr", "monsieur", "mevrouw", "mevr", "mw", "mrs", "mr", "ms", "frau", "madame",
];

/// One thing by which a debtor can be told from all others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    pub kind: MarkKind,
    /// As the books write it.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkKind {
    /// An invoice, credit note, case or customer.
    Number,
    /// A payment reference. Several debtors may be given the same, so it tells no number as its debtor's own.
    Reference,
    Name,
    Contact,
    Address,
    Domain,
    Iban,
    Phone,
    /// Of a letter's Reply-To.
    Token,
}

impl Mark {
    pub fn new(kind: MarkKind, text: &str) -> Mark {
        Mark { kind, text: text.trim().to_owned() }
    }
}

/// What stands in a text and is another's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub kind: MarkKind,
    pub text: String,
    pub of: DebtorId,
}

/// The marks of all debtors, to be found by one walk over a text.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    /// By all words.
    phrases: HashMap<String, Vec<Phrase>>,
    /// How many phrases of each length begin with a word: only these are looked up.
    lengths: HashMap<String, BTreeMap<usize, usize>>,
    /// Without spaces.
    ibans: HashMap<String, Vec<DebtorId>>,
    phones: HashMap<String, Vec<DebtorId>>,
    /// The keys under which each debtor stands.
    of: HashMap<DebtorId, Vec<Key>>,
}

#[derive(Clone, Debug)]
struct Phrase {
    words: Vec<String>,
    mark: Mark,
    of: DebtorId,
}

#[derive(Clone, Debug)]
enum Key {
    Phrase(Vec<String>),
    Iban(String),
    Phone(String),
}

impl Marks {
    /// Replaces what is known of one debtor. `common`: the words that every letter says; a name made of nothing else
    /// tells nobody apart.
    pub fn put(&mut self, debtor: &DebtorId, marks: &[Mark], common: &HashSet<String>) {
        self.forget(debtor);
        let keys = marks.iter().flat_map(|mark| self.add(debtor, mark, common)).collect();
        self.of.insert(debtor.clone(), keys);
    }

    fn forget(&mut self, debtor: &DebtorId) {
        for key in self.of.remove(debtor).unwrap_or_default() {
            match key {
                Key::Phrase(words) => {
                    remove(&mut self.phrases, &words.join(" "), |phrase| phrase.of == *debtor);
                    self.forget_length(&words);
                }
                Key::Iban(iban) => remove(&mut self.ibans, &iban, |of| of == debtor),
                Key::Phone(phone) => remove(&mut self.phones, &phone, |of| of == debtor),
            }
        }
    }

    fn forget_length(&mut self, words: &[String]) {
        let Some(lengths) = words.first().and_then(|first| self.lengths.get_mut(first)) else { return };
        match lengths.get_mut(&words.len()) {
            Some(count) if *count > 1 => *count -= 1,
            Some(_) | None => drop(lengths.remove(&words.len())),
        }
        if lengths.is_empty() {
            words.first().map(|first| self.lengths.remove(first));
        }
    }

    fn add(&mut self, debtor: &DebtorId, mark: &Mark, common: &HashSet<String>) -> Vec<Key> {
        match mark.kind {
            MarkKind::Iban => match compact(&mark.text) {
                iban if iban.len() < 12 => Vec::new(),
                iban => {
                    self.ibans.entry(iban.clone()).or_default().push(debtor.clone());
                    vec![Key::Iban(iban)]
                }
            },
            MarkKind::Phone => match subscriber(&digits(&mark.text)) {
                None => Vec::new(),
                Some(phone) => {
                    self.phones.entry(phone.clone()).or_default().push(debtor.clone());
                    vec![Key::Phone(phone)]
                }
            },
            MarkKind::Number
            | MarkKind::Reference
            | MarkKind::Name
            | MarkKind::Contact
            | MarkKind::Address
            | MarkKind::Domain
            | MarkKind::Token => {
                let mut keys = Vec::new();
                for words in spellings(mark, common) {
                    let Some(first) = words.first().cloned() else { continue };
                    *self.lengths.entry(first).or_default().entry(words.len()).or_default() += 1;
                    let phrase = Phrase { words: words.clone(), mark: mark.clone(), of: debtor.clone() };
                    self.phrases.entry(words.join(" ")).or_default().push(phrase);
                    keys.push(Key::Phrase(words));
                }
                keys
            }
        }
    }

    /// The first mark of another debtor in a text. What `own` says too is nobody else's.
    pub fn stranger(&self, debtor: &DebtorId, own: &Own, text: &str, place: Place) -> Option<Found> {
        let tokens = tokens(text);
        (0..tokens.len()).find_map(|at| {
            let phrase = self.phrase_at(debtor, own, text, &tokens, at, place);
            phrase.or_else(|| self.account_at(debtor, own, text, &tokens, at))
        })
    }

    fn phrase_at(
        &self,
        debtor: &DebtorId,
        own: &Own,
        text: &str,
        tokens: &[Token],
        at: usize,
        place: Place,
    ) -> Option<Found> {
        let first = tokens.get(at)?;
        let stands = |phrase: &&Phrase| {
            phrase.of != *debtor
                && tokens.get(at..at + phrase.words.len()).is_some_and(|run| is_meant(text, run, phrase, place))
                && !own.says(phrase.mark.kind, &phrase.words)
        };
        let words = |length: &usize| {
            let words: Vec<&str> = tokens.get(at..at + length)?.iter().map(|token| token.word.as_str()).collect();
            self.phrases.get(&words.join(" "))
        };
        let phrase = self.lengths.get(&first.word)?.keys().filter_map(words).flatten().find(stands)?;
        Some(Found { kind: phrase.mark.kind, text: phrase.mark.text.clone(), of: phrase.of.clone() })
    }

    /// An IBAN or telephone number, however it is spaced.
    fn account_at(&self, debtor: &DebtorId, own: &Own, text: &str, tokens: &[Token], at: usize) -> Option<Found> {
        let first = tokens.get(at)?;
        let is_iban = first.word.len() >= 4
            && first.word.bytes().take(2).all(|b| b.is_ascii_alphabetic())
            && first.word.bytes().skip(2).take(2).all(|b| b.is_ascii_digit());
        let plus = text.get(..first.start).is_some_and(|before| before.ends_with('+'));
        let is_phone = first.word.starts_with('0') || (plus && first.word.bytes().all(|b| b.is_ascii_digit()));
        let (known, longest, kind) = match (is_iban, is_phone) {
            (true, _) => (&self.ibans, LONGEST_IBAN, MarkKind::Iban),
            (false, true) => (&self.phones, LONGEST_PHONE + 2, MarkKind::Phone),
            (false, false) => return None,
        };
        let mut joined = String::new();
        let mut end = first.start;
        for token in tokens.get(at..)? {
            let gap = text.get(end..token.start).unwrap_or_default();
            joined.push_str(&token.word);
            if !is_spacing(gap) || joined.len() > longest {
                return None;
            }
            end = token.end;
            let key = if is_iban { Some(joined.clone()) } else { subscriber(&joined) };
            let Some(key) = key.filter(|key| !own.accounts.contains(key)) else { continue };
            if let Some(of) = known.get(&key).and_then(|of| of.iter().find(|of| *of != debtor)) {
                let text = text.get(first.start..end).unwrap_or_default().to_owned();
                return Some(Found { kind, text, of: of.clone() });
            }
        }
        None
    }
}

/// Where a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Text,
    /// The name of a file: words and numbers are strung together in it.
    FileName,
}

/// What a letter's own debtor and the creditor are called: whatever of it another debtor is called too is no leak. Two
/// debtors may share a name, a contact, an address; but a number in a name is not the debtor's own number.
#[derive(Clone, Debug, Default)]
pub struct Own {
    names: Vec<Vec<String>>,
    /// Numbers and addresses, and what the owner allows.
    codes: Vec<Vec<String>>,
    references: Vec<Vec<String>>,
    accounts: BTreeSet<String>,
}

impl Own {
    /// `others`: what the creditor is called and known by, and what the owner allows.
    pub fn new<'a>(marks: &[Mark], others: impl IntoIterator<Item = &'a str>) -> Own {
        let mut own = Own::default();
        for mark in marks {
            match mark.kind {
                MarkKind::Name | MarkKind::Contact => own.names.push(words(&mark.text)),
                MarkKind::Reference => own.references.push(words(&mark.text)),
                MarkKind::Number
                | MarkKind::Address
                | MarkKind::Domain
                | MarkKind::Iban
                | MarkKind::Phone
                | MarkKind::Token => own.add(&mark.text),
            }
        }
        others.into_iter().for_each(|text| own.add(text));
        own
    }

    fn add(&mut self, text: &str) {
        self.codes.push(words(text));
        self.accounts.insert(compact(text));
        self.accounts.extend(subscriber(&digits(text)));
    }

    /// These words, one after the other, are part of something of its own.
    fn says(&self, kind: MarkKind, phrase: &[String]) -> bool {
        let holds = |text: &Vec<String>| text.windows(phrase.len().max(1)).any(|run| run == phrase);
        let is_name = matches!(kind, MarkKind::Name | MarkKind::Contact);
        self.codes.iter().any(holds)
            || (is_name && self.names.iter().any(holds))
            || (kind == MarkKind::Reference && self.references.iter().any(|own| own == phrase))
    }
}

fn remove<T>(map: &mut HashMap<String, Vec<T>>, key: &str, gone: impl Fn(&T) -> bool) {
    if let Some(values) = map.get_mut(key) {
        values.retain(|value| !gone(value));
        if values.is_empty() {
            map.remove(key);
        }
    }
}

/// The words to look for; none when the mark tells nobody apart.
fn spellings(mark: &Mark, common: &HashSet<String>) -> Vec<Vec<String>> {
    let all = words(&mark.text);
    match mark.kind {
        MarkKind::Iban | MarkKind::Phone => Vec::new(),
        MarkKind::Number | MarkKind::Reference => Some(all).filter(|_| is_telling(&mark.text)).into_iter().collect(),
        MarkKind::Address | MarkKind::Domain | MarkKind::Token => vec![all],
        MarkKind::Name => {
            let short = without_legal_form(&all);
            let short = Some(short).filter(|short| short.len() < all.len() && short.len() > 1);
            let names = short.map(<[String]>::to_vec).into_iter().chain([all]);
            names.filter(|name| is_name(name, common)).collect()
        }
        MarkKind::Contact => Some(words(without_title(&mark.text)))
            .filter(|name| name.len() > 1 && is_name(name, common))
            .into_iter()
            .collect(),
    }
}

fn is_telling(number: &str) -> bool {
    let count = |is: fn(&char) -> bool| number.chars().filter(is).count();
    let (letters, digits) = (count(|c| c.is_alphabetic()), count(|c| c.is_ascii_digit()));
    digits > 0 && letters + digits >= if letters > 0 { SHORTEST_NUMBER - 1 } else { SHORTEST_NUMBER }
}

fn is_name(name: &[String], common: &HashSet<String>) -> bool {
    let long = match name {
        [] => false,
        [word] => word.chars().count() >= SHORTEST_NAME,
        several => several.iter().map(|word| word.chars().count()).sum::<usize>() >= SHORTEST_NAME,
    };
    long && !name.iter().all(|word| common.contains(word))
}

fn without_legal_form(name: &[String]) -> &[String] {
    let ends =
        |form: &&&[&str]| name.len() > form.len() && name.iter().rev().zip(form.iter().rev()).all(|(a, b)| a == b);
    let form = LEGAL_FORMS.iter().filter(ends).map(|form| form.len()).max().unwrap_or(0);
    name.get(..name.len() - form).unwrap_or(name)
}

fn without_title(name: &str) -> &str {
    let after = |title: &&str| {
        let (start, rest) = (name.get(..title.len())?, name.get(title.len()..)?);
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        (start.eq_ignore_ascii_case(title) && rest.starts_with(' ')).then(|| rest.trim_start())
    };
    TITLES.iter().find_map(after).unwrap_or(name)
}

/// The words at this place are the mark, and not part of a longer one.
fn is_meant(text: &str, run: &[Token], phrase: &Phrase, place: Place) -> bool {
    if !run.iter().zip(&phrase.words).all(|(token, word)| token.word == *word) {
        return false;
    }
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return false };
    let (start, end) = (first.start, last.end);
    let before = text.get(..start).and_then(|text| text.chars().next_back());
    let mut after = text.get(end..).unwrap_or_default().chars();
    let (next, one_further) = (after.next(), after.next());
    let as_written = || text.get(start..end).is_some_and(|found| found.to_lowercase() == core(&phrase.mark.text));
    let joins = |c: Option<char>| matches!(c, Some('-' | '/'));
    match phrase.mark.kind {
        MarkKind::Number | MarkKind::Reference => {
            as_written() && (place == Place::FileName || !(joins(before) || joins(next)))
        }
        MarkKind::Address => as_written() && !matches!(before, Some('-' | '.' | '_' | '+')) && next != Some('-'),
        MarkKind::Domain => {
            let goes_on = next == Some('-') || (next == Some('.') && one_further.is_some_and(char::is_alphanumeric));
            as_written() && before != Some('-') && !goes_on
        }
        MarkKind::Token => as_written(),
        MarkKind::Name | MarkKind::Contact => is_name_there(text, run, &phrase.mark),
        MarkKind::Iban | MarkKind::Phone => false,
    }
}

/// Its words stand close together; a name of one word begins with a capital where the books write one.
fn is_name_there(text: &str, run: &[Token], mark: &Mark) -> bool {
    let gap = |two: &[Token]| match two {
        [a, b] => b.start.saturating_sub(a.end) <= WIDEST_GAP,
        _ => false,
    };
    let close = run.windows(2).all(gap);
    let capital = |text: Option<&str>| text.and_then(|text| text.chars().next()).is_some_and(char::is_uppercase);
    let [only] = run else { return close };
    capital(text.get(only.start..)) || !capital(Some(&mark.text))
}

/// A word of a text: letters and digits, in lower case, with its place.
struct Token {
    word: String,
    start: usize,
    end: usize,
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut open = false;
    for (at, c) in text.char_indices() {
        if !c.is_alphanumeric() {
            open = false;
            continue;
        }
        if !open {
            tokens.push(Token { word: String::new(), start: at, end: at });
            open = true;
        }
        if let Some(token) = tokens.last_mut() {
            token.word.extend(c.to_lowercase());
            token.end = at + c.len_utf8();
        }
    }
    tokens
}

/// The words of a text, in lower case.
pub fn words(text: &str) -> Vec<String> {
    tokens(text).into_iter().map(|token| token.word).collect()
}

/// In lower case, from its first letter or digit to its last.
fn core(text: &str) -> String {
    text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

fn compact(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn digits(text: &str) -> String {
    let plus = if text.trim_start().starts_with('+') { "00" } else { "" };
    format!("{plus}{}", text.chars().filter(char::is_ascii_digit).collect::<String>())
}

/// A telephone number without the prefixes of country (the Netherlands, Belgium, Germany, France) and trunk; `None`
/// when it is none.
fn subscriber(digits: &str) -> Option<String> {
    let abroad = digits.strip_prefix("00").unwrap_or(digits);
    let country = ["31", "32", "33", "49"].iter().find_map(|code| abroad.strip_prefix(code));
    let is_abroad = digits.starts_with("00") || !digits.starts_with('0');
    let rest = if is_abroad { country? } else { digits };
    let rest = rest.strip_prefix('0').unwrap_or(rest);
    let fits = (SHORTEST_PHONE..=LONGEST_PHONE).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| rest.to_owned())
}

/// What may stand between the groups of one number.
fn is_spacing(gap: &str) -> bool {
    gap.chars().count() <= 2 && gap.chars().all(|c| c.is_whitespace() || matches!(c, '-' | '.' | '(' | ')' | '/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marks(kind: MarkKind, text: &str, common: &[&str]) -> Marks {
        let mut marks = Marks::default();
        let common = common.iter().map(|word| (*word).to_owned()).collect();
        marks.put(&"K2".into(), &[Mark::new(kind, text)], &common);
        marks
    }

    fn found(kind: MarkKind, mark: &str, own: &[&str], text: &str) -> bool {
        let own = Own::new(&[Mark::new(MarkKind::Name, own.first().unwrap_or(&""))], own.iter().skip(1).copied());
        marks(kind, mark, &["de", "bank"]).stranger(&"K1".into(), &own, text, Place::Text).is_some()
    }

    #[test]
    fn whole_marks_are_found_and_parts_of_longer_words_are_not() {
        use MarkKind::{Address, Contact, Domain, Iban, Name, Number, Phone, Token};
        let cases = [
            (Number, "2026-0412", "Factuur 2026-0412.", true),
            (Number, "2026-0412", "Order PO-2026-0412-7", false),
            (Number, "2026-0412", "in 2026, 0412", false),
            (Number, "INV/26/7", "uw inv/26/7!", true),
            (Number, "1234", "Dorpsstraat 1234", false),
            (Number, "ABCDEF", "abcdef", false),
            (Name, "Jansen Bouw B.V.", "het werk bij Jansen\n  Bouw, vorige week", true),
            (Name, "Jansen Bouw B.V.", "JANSEN BOUW BV", true),
            (Name, "Jansen Bouw B.V.", "Bouw Jansen", false),
            (Name, "Jansen Bouw B.V.", "Jansen. En dan: Bouw", false),
            (Name, "Bakker B.V.", "taart van Bakker", false),
            (Name, "Bakker B.V.", "taart van Bakker B.V.", true),
            (Name, "Bakker", "taart van de bakker", false),
            (Name, "Bakker", "taart van Bakker", true),
            (Name, "Smit", "Smit", false),
            (Name, "De Bank", "naar de bank", false),
            (Contact, "mevrouw Eva de Vries", "aan Eva de Vries", true),
            (Contact, "dhr. Jansen", "Jansen", false),
            (Contact, "administratie", "administratie", false),
            (Address, "piet@jansen.example", "(piet@jansen.example)", true),
            (Address, "piet@jansen.example", "van.piet@jansen.example", false),
            (Domain, "jansen.example", "https://www.jansen.example/x", true),
            (Domain, "jansen.example", "oud-jansen.example", false),
            (Domain, "jansen.example", "jansen.example.org", false),
            (Iban, "NL91ABNA0417164300", "NL91 ABNA 0417 1643 00", true),
            (Iban, "NL91ABNA0417164300", "NL91ABNA0417164300", true),
            (Iban, "NL91ABNA0417164300", "NL91 ABNA 0417 1643 01", false),
            (Phone, "010-1234567", "bel +31 (0)10 123 45 67 of", true),
            (Phone, "010-1234567", "bel 010 1234567", true),
            (Phone, "+31101234567", "bel 010-1234567", true),
            (Phone, "010-1234567", "bel 010-1234568", false),
            (Phone, "010-1234567", "kenmerk 101234567", false),
            (Token, "abcdefghij27", "debiteuren+abcdefghij27@wij.example", true),
        ];
        for (kind, mark, text, expected) in cases {
            assert_eq!(found(kind, mark, &[], text), expected, "{mark} in {text}");
        }
    }

    #[test]
    fn what_is_its_own_too_is_no_leak() {
        use MarkKind::{Address, Contact, Domain, Iban, Name, Number, Phone};
        let cases = [
            (Name, "Jansen Bouw", &["Jansen Bouw en Zonen"][..], "Jansen Bouw en Zonen", false),
            (Contact, "Eva de Vries", &["Praktijk Eva de Vries"], "Eva de Vries", false),
            (Name, "Bouwbedrijf", &["x", "Ons Bouwbedrijf B.V."], "Ons Bouwbedrijf", false),
            (Domain, "groep.example", &["x", "kas@groep.example"], "kas@groep.example", false),
            (Address, "kas@groep.example", &["x", "kas@groep.example"], "kas@groep.example", false),
            (Iban, "NL91ABNA0417164300", &["x", "NL91ABNA0417164300"], "NL91 ABNA 0417 1643 00", false),
            (Phone, "010-1234567", &["x", "+31 10 1234567"], "010-1234567", false),
            (Number, "2026-0412", &["Klant 2026-0412"], "Klant 2026-0412", true),
            (Number, "2026-0412", &["x", "2026-0412"], "2026-0412", false),
            (Name, "Jansen Bouw", &["Bouw", "Jansen"], "Jansen Bouw", true),
        ];
        for (kind, mark, own, text, expected) in cases {
            assert_eq!(found(kind, mark, own, text), expected, "{mark} in {text}");
        }
        let marks = marks(MarkKind::Number, "2026-0412", &[]);
        assert_eq!(marks.stranger(&"K2".into(), &Own::default(), "2026-0412", Place::Text), None, "it is K2's own");
    }

    #[test]
    fn names_of_files_are_strung_together() {
        let marks = marks(MarkKind::Number, "2026-0412", &[]);
        let named = |place| marks.stranger(&"K1".into(), &Own::default(), "factuur-2026-0412.pdf", place).is_some();
        assert!(named(Place::FileName) && !named(Place::Text));
    }

    #[test]
    fn what_a_debtor_was_called_is_forgotten() {
        let mut marks = Marks::default();
        let (k1, k2, none) = ("K1".into(), "K2".into(), HashSet::new());
        let all =
            [(MarkKind::Number, "2026-0412"), (MarkKind::Iban, "NL91ABNA0417164300"), (MarkKind::Phone, "010-1234567")];
        for (kind, text) in all {
            marks.put(&k2, &[Mark::new(kind, text)], &none);
            assert!(marks.stranger(&k1, &Own::default(), text, Place::Text).is_some(), "{text}");
            marks.put(&k2, &[], &none);
            assert_eq!(marks.stranger(&k1, &Own::default(), text, Place::Text), None, "{text}");
        }
        assert!(
            marks.phrases.is_empty() && marks.lengths.is_empty() && marks.ibans.is_empty() && marks.phones.is_empty()
        );
    }

    proptest! {
        #[test]
        fn a_mark_is_found_in_whatever_stands_around_it(before in "[a-z0-9 ,.:;€\n]{0,40}", after in "[a-z0-9 ,.:;€\n]{0,40}") {
            for (kind, mark) in [
                (MarkKind::Number, "F-2026-0412"),
                (MarkKind::Name, "Jansen Bouw B.V."),
                (MarkKind::Contact, "Eva de Vries"),
                (MarkKind::Address, "piet@jansen.example"),
                (MarkKind::Iban, "NL91ABNA0417164300"),
                (MarkKind::Token, "abcdefghij27"),
            ] {
                prop_assert!(found(kind, mark, &[], &format!("{before} ({mark}) {after}")), "{mark}");
            }
        }

        #[test]
        fn no_text_breaks_it(text in "\\PC{0,60}", mark in "\\PC{0,12}") {
            for kind in [MarkKind::Number, MarkKind::Name, MarkKind::Contact, MarkKind::Address, MarkKind::Iban, MarkKind::Phone] {
                let own = Own::new(&[Mark::new(kind, &mark)], []);
                prop_assert_eq!(marks(kind, &mark, &[]).stranger(&"K2".into(), &own, &text, Place::Text), None);
                marks(kind, &mark, &[]).stranger(&"K1".into(), &Own::default(), &text, Place::Text);
            }
        }
    }
}
