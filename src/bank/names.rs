//! Whether a payer on a statement is called like a debtor. A hint for a person; never proof of who paid.

use crate::dunning::spelling::without_accent;
use std::collections::BTreeSet;

/// Jaro-Winkler likeness from which two names count as one.
const ALIKE: f64 = 0.93;
/// Letters at the beginning or the end of a word by which it is known in spite of a slip elsewhere in it.
const EDGE: usize = 3;

/// A name as it is compared: words in lower case and alphabetic order, without accents, titles and legal forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    pub fn of(name: &str) -> Name {
        Name(name_words(name))
    }

    /// Names that differ only in spelling, word order, titles or legal form: all words but one are the same, and the one
    /// is missing or begins or ends alike.
    pub fn is_like(&self, other: &Name) -> bool {
        let shares_key = || {
            let theirs: BTreeSet<String> = other.keys().into_iter().collect();
            self.asked_keys().iter().any(|key| theirs.contains(key))
        };
        self.resembles(other) && (self == other || shares_key())
    }

    /// Two letters are no name.
    fn is_enough(&self) -> bool {
        self.0.chars().count() >= 3
    }

    /// As likeness of letters goes: alike, where they share a key.
    pub fn resembles(&self, other: &Name) -> bool {
        self.is_enough() && other.is_enough() && strsim::jaro_winkler(&self.0, &other.0) >= ALIKE
    }

    /// The key under which only this name is kept, and those that leave out none of its words.
    pub fn whole(&self) -> String {
        format!("={}", self.0)
    }

    /// Under which a name is kept: whole, with each word left out, and with each word cut to its beginning and its end.
    pub fn keys(&self) -> Vec<String> {
        let whole = self.whole();
        let without = self.rests().into_iter().map(|(rest, _)| format!("-{rest}"));
        std::iter::once(whole).chain(without).chain(self.edges()).collect()
    }

    /// Under which names like this one are kept.
    pub fn asked_keys(&self) -> Vec<String> {
        let whole = [format!("={}", self.0), format!("-{}", self.0)];
        let without = self.rests().into_iter().map(|(rest, _)| format!("={rest}"));
        whole.into_iter().chain(without).chain(self.edges()).collect()
    }

    /// Each word with the others before it.
    fn rests(&self) -> Vec<(String, &str)> {
        let words: Vec<&str> = self.0.split(' ').collect();
        let rest = |left_out: usize| {
            let others = words.iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, word)| *word);
            others.collect::<Vec<_>>().join(" ")
        };
        words.iter().enumerate().map(|(at, word)| (rest(at), *word)).collect()
    }

    fn edges(&self) -> impl Iterator<Item = String> + '_ {
        self.rests().into_iter().flat_map(|(rest, word)| {
            let beginning: String = word.chars().take(EDGE).collect();
            let end: String = word.chars().rev().take(EDGE).collect();
            [format!("<{rest}|{beginning}"), format!(">{rest}|{end}")]
        })
    }
}

/// [`Name::is_like`] of two names as they are written.
pub fn names_alike(payer: &str, debtor: &str) -> bool {
    Name::of(payer).is_like(&Name::of(debtor))
}

/// Titles and legal forms, which people leave out.
#[rustfmt::skip]
const EMPTY_WORDS: [&str; 27] = [
    "bv", "nv", "vof", "cv", "bvba", "sprl", "srl", "sa", "gmbh", "ag", "ltd", "limited", "inc", "llc", "holding",
    "stichting", "stg", "maatschap", "mts", "firma", "fa", "de", "het", "hr", "dhr", "mevr", "mw",
];

/// Lower-case words in alphabetic order, without accents, titles and legal forms.
fn name_words(name: &str) -> String {
    let letters = name.chars().flat_map(char::to_lowercase).map(without_accent).filter(|c| *c != '.');
    let spaced: String = letters.map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let mut words: Vec<&str> = spaced.split_whitespace().filter(|word| !EMPTY_WORDS.contains(word)).collect();
    words.sort_unstable();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names() {
        assert!(names_alike("LAMBIOTTE VERONIQUE", "Véronique Lambiotte"));
        assert!(names_alike("Jansen Bouw B.V.", "JANSEN BOUW"));
        assert!(!names_alike("Jansen Bouw", "Pieters Transport"));
        assert!(!names_alike("B.V.", "B.V."));
    }

    #[test]
    fn one_word_may_differ() {
        for (payer, debtor) in [
            ("Janssen Bouw", "Jansen Bouw"),
            ("Bakkerij Jansen", "Bakkerij Jansen Utrecht"),
            ("JANSEN BOUWBEDR", "Jansen Bouwbedrijf B.V."),
            ("Smit", "Smits"),
        ] {
            assert!(names_alike(payer, debtor) && names_alike(debtor, payer), "{payer} {debtor}");
        }
        assert!(!names_alike("Jansen Bouw", "Hansen Bouv"), "two words differ");
    }

    proptest! {
        /// What is alike is found by its keys: an index by keys misses nobody.
        #[test]
        fn keys_find_what_is_alike(a in "[a-c]{1,5}( [a-c]{1,5}){0,3}", b in "[a-c]{1,5}( [a-c]{1,5}){0,3}") {
            let (payer, debtor) = (Name::of(&a), Name::of(&b));
            let found = payer.asked_keys().iter().any(|key| debtor.keys().contains(key));
            prop_assert!(!payer.is_like(&debtor) || found);
            prop_assert_eq!(payer.is_like(&debtor), debtor.is_like(&payer));
        }
    }
}
