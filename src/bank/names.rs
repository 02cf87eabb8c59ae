//! Whether a payer on a statement is called like a debtor. A hint for a person; never proof of who paid.

use crate::dunning::spelling::without_accent;
use std::cmp::Ordering;

/// Jaro-Winkler likeness from which two names count as one.
const ALIKE: f64 = 0.93;
/// Letters at the beginning or the end of a word by which it is known in spite of a slip elsewhere in it.
const EDGE: usize = 3;

/// A name as it is compared: words in lower case and alphabetic order, without accents, titles and legal forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(Box<str>);

impl Name {
    pub fn of(name: &str) -> Name {
        Name(name_words(name).into())
    }

    /// Names that differ only in spelling, word order, titles or legal form: all words but one are the same, and the one
    /// is missing or begins or ends alike.
    pub fn is_like(&self, other: &Name) -> bool {
        self.is_enough() && other.is_enough() && self.differs_by_a_word(other) && self.resembles(other)
    }

    /// Two letters are no name.
    fn is_enough(&self) -> bool {
        self.0.chars().take(3).count() == 3
    }

    /// At most one word of each is not one of the other, and where both have such a one these begin or end alike.
    fn differs_by_a_word(&self, other: &Name) -> bool {
        let (mut ours, mut theirs) = (self.0.split(' ').peekable(), other.0.split(' ').peekable());
        let (mut only_ours, mut only_theirs) = (None, None);
        loop {
            let order = match (ours.peek(), theirs.peek()) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(our), Some(their)) => our.cmp(their),
            };
            let our = if order.is_le() { ours.next() } else { None };
            let their = if order.is_ge() { theirs.next() } else { None };
            let is_second = match order {
                Ordering::Less => only_ours.replace(our).is_some(),
                Ordering::Equal => false,
                Ordering::Greater => only_theirs.replace(their).is_some(),
            };
            if is_second {
                return false;
            }
        }
        match (only_ours.flatten(), only_theirs.flatten()) {
            (Some(our), Some(their)) => have_an_edge_in_common(our, their),
            _ => true,
        }
    }

    /// As likeness of letters goes.
    fn resembles(&self, other: &Name) -> bool {
        let likeness = if self.0.is_ascii() && other.0.is_ascii() {
            jaro_winkler(self.0.as_bytes(), other.0.as_bytes())
        } else {
            let letters = |name: &Name| name.0.chars().collect::<Vec<char>>();
            jaro_winkler(&letters(self), &letters(other))
        };
        likeness >= ALIKE
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

fn have_an_edge_in_common(one: &str, other: &str) -> bool {
    let begin = one.chars().take(EDGE).eq(other.chars().take(EDGE));
    begin || one.chars().rev().take(EDGE).eq(other.chars().rev().take(EDGE))
}

/// How alike two texts are, from 0 to 1: Jaro's measure, and a part of what it lacks for each of the first four letters that
/// are the same (Winkler).
fn jaro_winkler<T: PartialEq>(one: &[T], other: &[T]) -> f64 {
    let likeness = jaro(one, other);
    if likeness <= 0.7 {
        return likeness;
    }
    let same = one.iter().zip(other).take(4).take_while(|(a, b)| a == b).count();
    likeness + 0.1 * same as f64 * (1.0 - likeness)
}

/// By the letters that stand in both at about the same place, and by how many of these stand in another order.
fn jaro<T: PartialEq>(one: &[T], other: &[T]) -> f64 {
    let reach = (one.len().max(other.len()) / 2).saturating_sub(1);
    let mut is_taken = vec![false; other.len()];
    let mut ours: Vec<&T> = Vec::with_capacity(one.len());
    for (at, letter) in one.iter().enumerate() {
        let mut near = at.saturating_sub(reach)..other.len().min(at + reach + 1);
        if let Some(place) = near.find(|place| other[*place] == *letter && !is_taken[*place]) {
            is_taken[place] = true;
            ours.push(letter);
        }
    }
    if ours.is_empty() {
        return 0.0;
    }
    let theirs = other.iter().zip(&is_taken).filter(|(_, is_taken)| **is_taken).map(|(letter, _)| letter);
    let swapped = ours.iter().zip(theirs).filter(|(our, their)| **our != *their).count() / 2;
    let common = ours.len() as f64;
    (common / one.len() as f64 + common / other.len() as f64 + (common - swapped as f64) / common) / 3.0
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

    fn names_alike(payer: &str, debtor: &str) -> bool {
        Name::of(payer).is_like(&Name::of(debtor))
    }

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
        /// What is alike is found by its keys, and of what is found only letters are to be compared: an index by keys misses nobody.
        #[test]
        fn keys_find_what_is_alike(a in "[abж]{1,5}( [abж]{1,5}){0,3}", b in "[abж]{1,5}( [abж]{1,5}){0,3}") {
            let (payer, debtor) = (Name::of(&a), Name::of(&b));
            let found = payer.asked_keys().iter().any(|key| debtor.keys().contains(key));
            let is_enough = payer.is_enough() && debtor.is_enough();
            prop_assert_eq!(payer.is_like(&debtor), is_enough && found && payer.resembles(&debtor));
            prop_assert_eq!(payer.is_like(&debtor), debtor.is_like(&payer));
        }

        #[test]
        fn likeness_is_that_of_others(a in "[a-cж]{0,12}", b in "[a-cж]{1,12}") {
            let letters = |text: &str| text.chars().collect::<Vec<char>>();
            prop_assert_eq!(jaro_winkler(&letters(&a), &letters(&b)), strsim::jaro_winkler(&a, &b));
        }
    }
}
