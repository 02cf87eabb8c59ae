//! The wording of our letters, by which they are known again where somebody quotes them without a mark.
//! Only what stands in the templates: names, dates and amounts differ in every letter.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

/// As many words in a row are no chance.
const RUN: usize = 4;

/// Runs of four words that stand in the templates, as hashes.
#[derive(Clone, Debug, Default)]
pub struct Wording {
    runs: HashSet<u64, BuildHasherDefault<Hashed>>,
}

/// A run is a hash already, and all that are kept are of our templates.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = fnv(bytes.iter().copied());
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Wording {
    /// Reads the sources of templates; those in plain text say all that the others say.
    pub(super) fn of<'a>(sources: impl Iterator<Item = (&'a str, &'a str)>) -> Wording {
        let mut wording = Wording::default();
        for (_, source) in sources.filter(|(name, _)| name.ends_with(".txt") && !name.starts_with("digest/")) {
            for choice in 0..2 {
                for stretch in fixed_text(source, choice).split(BREAK) {
                    let words: Vec<u64> = words(stretch).iter().map(|word| hashed(word)).collect();
                    wording.runs.extend(words.windows(RUN).map(hash));
                }
            }
        }
        wording
    }

    /// For each of these words, as [`hashed`]: whether it stands in a run of words that our letters hold.
    pub fn holds(&self, words: &[u64]) -> Vec<bool> {
        let mut held = vec![false; words.len()];
        for (at, run) in words.windows(RUN).enumerate() {
            if self.runs.contains(&hash(run)) {
                held.iter_mut().skip(at).take(RUN).for_each(|held| *held = true);
            }
        }
        held
    }
}

/// The words of a text as [`Wording`] compares them.
pub fn words(text: &str) -> Vec<String> {
    split(text).map(str::to_lowercase).collect()
}

/// The same words as they lie in the text.
pub fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// A word by which it is compared; large and small letters are one.
pub fn hashed(word: &str) -> u64 {
    if word.is_ascii() {
        return fnv(word.bytes().map(|byte| byte.to_ascii_lowercase()));
    }
    fnv(word.to_lowercase().bytes())
}

fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

fn hash(run: &[u64]) -> u64 {
    run.iter().fold(0, |hash: u64, word| (hash.rotate_left(17) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// Stands where a letter has something of its own.
const BREAK: char = '\u{0}';

/// A template without its commands. Of an expression the text in quotes remains, where there are several the one
/// numbered `choice`; any other expression is a break.
fn fixed_text(source: &str, choice: usize) -> String {
    let mut text = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, tag)) = rest.split_once('{') {
        text.push_str(before);
        let (end, kind) = match tag.chars().next() {
            Some('%') => ("%}", ' '),
            Some('#') => ("#}", ' '),
            Some('{') => ("}}", BREAK),
            _ => {
                rest = tag;
                continue;
            }
        };
        let Some((inside, after)) = tag.split_once(end) else { return text };
        let literals: Vec<&str> = inside.split('"').skip(1).step_by(2).collect();
        match literals.get(choice.min(literals.len().saturating_sub(1))) {
            Some(literal) if kind == BREAK => text.push_str(literal),
            Some(_) | None => text.push(kind),
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_sentences_and_no_others() {
        let source = "{% if x %}Wij verzoeken u {{ \"het bedrag\" if one else \"de bedragen\" }} van {{ sum }} over te maken naar ons.{% endif %}";
        let wording = Wording::of([("nl/a.txt", source), ("nl/a.html", "een twee drie vier")].into_iter());
        let count = |text: &str| {
            wording.holds(&split(text).map(hashed).collect::<Vec<_>>()).into_iter().filter(|held| *held).count()
        };
        assert_eq!(count("Wij verzoeken u het bedrag van € 12,00 over te maken naar ons."), 11);
        assert_eq!(count("wij verzoeken U de bedragen van"), 6);
        assert_eq!(count("Wij zullen het bedrag van vorige week morgen betalen."), 0);
        assert_eq!(count("een twee drie vier"), 0);
    }
}
