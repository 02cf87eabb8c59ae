//! What a text is like, where no phrase is recognised: naive Bayes over the beginnings of words, learned when the program
//! starts from the labelled examples of `config/phrases/examples.txt`. Its word is a guess, never sure.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::Label;
use super::sentences::{Word, plain, words};

/// The labels it knows.
const LABELS: [(&str, Label); 8] = [
    ("dispute", Label::Dispute),
    ("paid", Label::Paid),
    ("promise", Label::Promise),
    ("plan", Label::Plan),
    ("question", Label::Question),
    ("wrong_contact", Label::WrongContact),
    ("acknowledge", Label::Acknowledge),
    ("insolvency", Label::Insolvency),
];

/// Counted to every feature of every label, so that one chance word decides nothing.
const SMOOTHING: f64 = 0.4;
/// Letters of a word that count: "betaalde" and "betaald" are one.
const STEM: usize = 5;
/// Fewer known words and pairs say nothing.
const LEAST_KNOWN: usize = 4;

/// In how many examples of each label a feature stands.
struct Learned {
    features: HashMap<String, [f64; LABELS.len()]>,
    /// All features of its examples, counted.
    totals: [f64; LABELS.len()],
}

static LEARNED: LazyLock<Learned> = LazyLock::new(|| learn(include_str!("../../../config/phrases/examples.txt")));

/// The likeliest label of these words and its probability, each label being as likely beforehand; `None` where too little is known.
pub(super) fn likeliest<'w>(texts: impl Iterator<Item = &'w [Word]>) -> Option<(Label, f64)> {
    let features: HashSet<String> = texts.flat_map(features).collect();
    let known: Vec<&[f64; LABELS.len()]> =
        features.iter().filter_map(|feature| LEARNED.features.get(feature)).collect();
    if known.len() < LEAST_KNOWN {
        return None;
    }
    let kinds = LEARNED.features.len() as f64;
    let scores = LABELS.iter().zip(LEARNED.totals).enumerate().map(|(at, (name, total))| {
        let of_label = |counts: &&[f64; LABELS.len()]| {
            let count = counts.get(at).copied().unwrap_or(0.0);
            ((count + SMOOTHING) / (total + SMOOTHING * kinds)).ln()
        };
        (name.1, known.iter().map(of_label).sum::<f64>())
    });
    let scores: Vec<(Label, f64)> = scores.collect();
    let (label, best) = scores.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let sum: f64 = scores.iter().map(|(_, score)| (score - best).exp()).sum();
    Some((label, 1.0 / sum))
}

/// Words by their beginnings, and pairs of them; a number is any number.
fn features(words: &[Word]) -> Vec<String> {
    let stems: Vec<String> = words.iter().map(stem).collect();
    let pairs = stems.windows(2).map(|pair| pair.join(" "));
    pairs.chain(stems.iter().cloned()).collect()
}

fn stem(word: &Word) -> String {
    if word.text.bytes().any(|byte| byte.is_ascii_digit()) {
        "#".into()
    } else {
        word.text.chars().take(STEM).collect()
    }
}

/// Reads the examples; a line that is none is passed over (a test reads them all).
fn learn(examples: &str) -> Learned {
    let mut learned = Learned { features: HashMap::new(), totals: [0.0; LABELS.len()] };
    for (label, text) in examples.lines().filter_map(example) {
        let seen: HashSet<String> = features(&words(&plain(text))).into_iter().collect();
        for feature in &seen {
            let counts = learned.features.entry(feature.clone()).or_default();
            counts.iter_mut().skip(label).take(1).for_each(|count| *count += 1.0);
        }
        learned.totals.iter_mut().skip(label).take(1).for_each(|total| *total += seen.len() as f64);
    }
    learned
}

/// "label: text".
fn example(line: &str) -> Option<(usize, &str)> {
    let (label, text) = line.split_once(": ")?;
    let at = LABELS.iter().position(|(name, _)| *name == label)?;
    Some((at, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_an_example_or_a_remark() {
        for line in include_str!("../../../config/phrases/examples.txt").lines() {
            assert!(line.starts_with('#') || example(line).is_some(), "{line}");
        }
        assert!(LEARNED.totals.iter().all(|total| *total >= 100.0), "{:?}", LEARNED.totals);
    }

    /// What it goes by, to read.
    #[test]
    fn its_strongest_words() {
        for (at, (name, _)) in LABELS.iter().enumerate() {
            let share =
                |counts: &[f64; LABELS.len()]| counts[at] / counts.iter().sum::<f64>() * (counts[at] + 1.0).ln();
            let mut by_share: Vec<(f64, &String)> =
                LEARNED.features.iter().map(|(feature, counts)| (share(counts), feature)).collect();
            by_share.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
            let words: Vec<&str> = by_share.iter().take(14).map(|(_, feature)| feature.as_str()).collect();
            println!("likeness, {name}: {}", words.join(", "));
            assert!(by_share[0].0 > 0.5);
        }
    }

    #[test]
    fn guesses_the_kin_of_its_examples_and_nothing_of_other_things() {
        let guess = |text: &str| likeliest(std::iter::once(words(&plain(text)).as_slice())).map(|(label, _)| label);
        assert_eq!(guess("Het bedrag is vorige week van onze rekening gegaan"), Some(Label::Paid));
        assert_eq!(guess("Geef me tot maart, ik zit zonder werk"), Some(Label::Plan));
        assert_eq!(guess("xyzzy plugh"), None);
    }
}
