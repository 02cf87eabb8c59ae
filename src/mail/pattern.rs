//! Patterns of sentences whose words stand far apart: "ik ben … afwezig". Such a search is dear: it counts the length of a
//! gap for each beginning that it meets, and one letter with an accent slows it down a hundred times. So a mail is looked
//! through first by a looser pattern, over plain letters and without limits. It misses nothing, and only what may hold
//! such a sentence is searched exactly.

use crate::dunning::spelling::without_accent;
use regex::{Captures, Regex, RegexBuilder, bytes};
use std::borrow::Cow;
use std::sync::{LazyLock, OnceLock};

/// Limits of gaps below this stay.
const WIDE: usize = 8;

/// A pattern that finds what it says, and tells quickly that there is nothing.
pub(super) struct Pattern {
    text: String,
    /// Finds all that `exact` finds, and more; `None` where that cannot be said in plain letters.
    loose: Option<bytes::Regex>,
    exact: OnceLock<Regex>,
}

impl Pattern {
    /// Letters count alike, large or small.
    pub(super) fn new(text: &str) -> Pattern {
        Pattern { text: text.to_owned(), loose: loose(text), exact: OnceLock::new() }
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.may_match(text) && self.exact().is_match(text)
    }

    /// The first that it finds.
    pub(super) fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        let exact = self.may_match(text).then(|| self.exact())?;
        exact.find(text).map(|found| found.as_str())
    }

    /// All that it finds, one after another.
    pub(super) fn find_iter<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        let exact = self.may_match(text).then(|| self.exact());
        exact.into_iter().flat_map(move |exact| exact.find_iter(text)).map(|found| found.as_str())
    }

    /// What stands between all that it finds.
    pub(super) fn split<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        self.exact().split(text)
    }

    /// The text without all that it finds.
    pub(super) fn cut_from<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.may_match(text) { self.exact().replace_all(text, "") } else { Cow::Borrowed(text) }
    }

    fn may_match(&self, text: &str) -> bool {
        self.loose.as_ref().is_none_or(|loose| loose.is_match(plain(text).as_bytes()))
    }

    fn exact(&self) -> &Regex {
        let build = || RegexBuilder::new(&self.text).case_insensitive(true).build().expect("BUG: pattern");
        self.exact.get_or_init(build)
    }
}

/// The pattern in plain letters, without the limits of wide gaps.
fn loose(text: &str) -> Option<bytes::Regex> {
    static LIMIT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\{(\d+),(\d+)\}").expect("BUG: pattern"));
    // One plain character stands for many: what excludes it would exclude too much.
    static EXCLUDED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\[\^[^\]]*[^\x00-\x7f]").expect("BUG: pattern"));
    if EXCLUDED.is_match(text) || text.contains(r"\p") {
        return None;
    }
    let wide = |limit: &str| limit.parse().is_ok_and(|limit: usize| limit >= WIDE);
    let unlimited = |found: &Captures<'_>| {
        if wide(&found[2]) { format!("{{{},}}", &found[1]) } else { found[0].to_owned() }
    };
    let text = plain(&LIMIT.replace_all(text, unlimited)).into_owned();
    let built = bytes::RegexBuilder::new(&text).case_insensitive(true).unicode(false).build();
    Some(built.expect("BUG: pattern"))
}

/// The text character by character in ASCII: letters without accents, every other sign as one.
fn plain(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { text.chars().map(plain_character).collect() }
}

fn plain_character(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    match without_accent(c.to_lowercase().next().unwrap_or(c)) {
        c if c.is_ascii() => c,
        'ſ' => 's',
        c if c.is_alphabetic() => 'x',
        c if c.is_whitespace() => ' ',
        // Digits of other scripts; raised figures and fractions are no part of a word.
        c if c.is_numeric() && !matches!(c, '²' | '³' | '¹' | '¼'..='¾' | '\u{2000}'..='\u{2fff}') => '0',
        // Accents that stand alone belong to their word.
        '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}' => 'x',
        _ => '~',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_has_its_limit() {
        let pattern = Pattern::new(r"\bik ben\b[^.\n]{0,20}\bafwezig\b|\bdicht\b");
        for (text, found) in [
            ("Maandag ben ik er. Ik ben dinsdag afwezig.", Some("Ik ben dinsdag afwezig")),
            ("Ik ben, zoals u weet sinds wij elkaar spraken, afwezig.", None),
            ("Ik ben er. Zij is afwezig.", None),
            ("Ik ben, zoals u weet sinds wij elkaar spraken, afwezig; wij zijn DICHT.", Some("DICHT")),
        ] {
            assert_eq!(pattern.find(text), found, "{text}");
            assert_eq!(pattern.is_match(text), found.is_some(), "{text}");
            assert_eq!(pattern.find_iter(text).collect::<Vec<_>>(), Vec::from_iter(found), "{text}");
        }
    }

    #[test]
    fn a_loose_look_misses_nothing() {
        let texts = [
            "Wij zijn vandaag FERMÉ, écht waar",
            "Nous sommes fermés",
            "wirklich größer",
            "l’adresse n’est plus",
            "€ 12 op 3½ m²",
            "réponse\u{a0}automatique",
            "Re\u{301}ponse automatique",
            "Kelvin \u{212a}aas, \u{17f}ee",
            "٣ dagen",
            "…geſchlossen…",
            "",
        ];
        for pattern in [
            r"\bfermés?\b",
            r"\bgr(?:ö|oe)ßer\b",
            r"\bl['’]adresse n['’]est\b",
            r"€\s?\d",
            r"\d½",
            r"\bm²",
            r"\bréponse\sautomatique\b",
            r"\bkaas\b",
            r"\bsee\b",
            r"\d dagen",
            r"\bgeschlossen\b",
            r"[^.\n]{0,40}\w\b",
            r"\bponse\b",
            r"^\W*\w",
            r"é\W?t",
        ] {
            let pattern = Pattern::new(pattern);
            for text in texts {
                assert!(pattern.may_match(text) || !pattern.exact().is_match(text), "{:?} in {text:?}", pattern.text);
            }
        }
    }
}
