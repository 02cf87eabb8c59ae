//! What a text is like: naive Bayes over the beginnings of words and pairs of them, learned when the program starts from
//! labelled examples (`config/phrases/examples.txt`) and from what the owner corrected. Its word alone is never sure.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::Label;
use super::sentences::{Word, plain, words};

/// The labels it knows.
const LABELS: [(&str, Label); 10] = [
    ("dispute", Label::Dispute),
    ("paid", Label::Paid),
    ("promise", Label::Promise),
    ("plan", Label::Plan),
    ("question", Label::Question),
    ("wrong_contact", Label::WrongContact),
    ("acknowledge", Label::Acknowledge),
    ("insolvency", Label::Insolvency),
    ("unrelated", Label::Unrelated),
    ("auto_reply", Label::AutoReply),
];
/// In how many examples of each label a feature stands.
type Counts = [f64; LABELS.len()];

/// Counted to every feature of every label, so that one chance word decides nothing.
const SMOOTHING: f64 = 0.3;
/// Letters of a word that count: "betaalde" and "betaald" are one.
const STEM: usize = 5;
/// Fewer known words and pairs say nothing.
const LEAST_KNOWN: usize = 6;
/// One correction by the owner counts as so many examples of ours: it is about the people who write to this owner.
const CORRECTED: f64 = 3.0;

/// What was learned from examples.
#[derive(Default)]
pub(super) struct Learned {
    features: HashMap<String, Counts>,
    /// All features of its examples, counted.
    totals: Counts,
}

static BUILT_IN: LazyLock<Learned> = LazyLock::new(|| {
    let mut learned = Learned::default();
    for (label, text) in include_str!("../../../config/phrases/examples.txt").lines().filter_map(example) {
        learned.learn(label, text, 1.0);
    }
    learned
});

/// How much a text is like each label.
pub(super) struct Like {
    /// For each label how far it lies below the likeliest: that one has 0.
    below: Counts,
    /// Words that count most for the likeliest label, the strongest first.
    strongest: Vec<String>,
}

impl Like {
    /// 0 for the likeliest label, less for the others; what it does not know is as unlikely as can be.
    pub fn below(&self, label: Label) -> f64 {
        LABELS.iter().zip(self.below).find(|(known, _)| known.1 == label).map_or(f64::NEG_INFINITY, |(_, below)| below)
    }

    /// How far the next label lies below this one; negative when another is likelier.
    pub fn lead(&self, label: Label) -> f64 {
        let others = LABELS.iter().zip(self.below).filter(|(known, _)| known.1 != label).map(|(_, below)| below);
        self.below(label) - others.fold(f64::NEG_INFINITY, f64::max)
    }

    pub fn strongest(&self) -> &[String] {
        &self.strongest
    }
}

/// The labels of people that likeness knows.
pub(super) fn labels() -> impl Iterator<Item = Label> {
    LABELS.iter().map(|(_, label)| *label).filter(|label| *label != Label::AutoReply)
}

impl Learned {
    /// Takes one of the owner's corrections to heart, "label: text"; false when the line is none.
    pub fn learn_line(&mut self, line: &str) -> bool {
        let found = example(line);
        if let Some((label, text)) = found {
            self.learn(label, text, CORRECTED);
        }
        found.is_some()
    }

    fn learn(&mut self, label: usize, text: &str, times: f64) {
        let seen = features(&words(&plain(text)));
        for feature in &seen {
            let counts = self.features.entry(feature.clone()).or_default();
            counts.iter_mut().skip(label).take(1).for_each(|count| *count += times);
        }
        self.totals.iter_mut().skip(label).take(1).for_each(|total| *total += times * seen.len() as f64);
    }

    /// What these words are like, each label being as likely beforehand; `None` where too little is known. Words of a
    /// text hang together, so that their weights are not simply added: the sum counts by the root of their number.
    pub fn like<'w>(&self, texts: impl Iterator<Item = &'w [Word]>) -> Option<Like> {
        let features: HashSet<String> = texts.flat_map(features).collect();
        let known: Vec<(&String, Counts)> =
            features.iter().filter_map(|feature| Some((feature, self.counts(feature)?))).collect();
        if known.len() < LEAST_KNOWN {
            return None;
        }
        let chances: Vec<(&String, Counts)> =
            known.iter().map(|(feature, counts)| (*feature, self.chances(counts))).collect();
        let sum: Counts = std::array::from_fn(|at| chances.iter().filter_map(|(_, chance)| chance.get(at)).sum());
        let best = sum.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let root = (known.len() as f64).sqrt();
        Some(Like { below: sum.map(|one| (one - best) / root), strongest: strongest(&chances, &sum) })
    }

    /// Our examples and the owner's corrections together.
    fn counts(&self, feature: &str) -> Option<Counts> {
        let (ours, own) = (BUILT_IN.features.get(feature), self.features.get(feature));
        let one = ours.or(own)?;
        Some(std::array::from_fn(|at| match (ours, own) {
            (Some(ours), Some(own)) => ours[at] + own[at],
            _ => one[at],
        }))
    }

    /// How likely a feature is under each label, as logarithms.
    fn chances(&self, counts: &Counts) -> Counts {
        let kinds = BUILT_IN.features.len() as f64;
        std::array::from_fn(|at| {
            let total = BUILT_IN.totals[at] + self.totals[at];
            ((counts[at] + SMOOTHING) / (total + SMOOTHING * kinds)).ln()
        })
    }
}

/// The features that speak most for the likeliest label, against the mean of all.
fn strongest(chances: &[(&String, Counts)], sum: &Counts) -> Vec<String> {
    let best = (0..LABELS.len()).max_by(|a, b| sum[*a].total_cmp(&sum[*b])).unwrap_or_default();
    let lead = |counts: &Counts| counts[best] - counts.iter().sum::<f64>() / LABELS.len() as f64;
    let mut by_lead: Vec<(f64, &String)> = chances.iter().map(|(feature, counts)| (lead(counts), *feature)).collect();
    by_lead.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    by_lead.into_iter().take(4).map(|(_, feature)| feature.clone()).collect()
}

/// Words by their beginnings, pairs of them, the first and the last word; a number is any number.
fn features(words: &[Word]) -> HashSet<String> {
    let stems: Vec<String> = words.iter().map(stem).collect();
    let pairs = stems.windows(2).map(|pair| pair.join(" "));
    let ends = stems.first().map(|first| format!("^ {first}")).into_iter();
    let ends = ends.chain(stems.last().map(|last| format!("{last} $")));
    pairs.chain(ends).chain(stems.iter().cloned()).collect()
}

fn stem(word: &Word) -> String {
    if word.text.bytes().any(|byte| byte.is_ascii_digit()) {
        "#".into()
    } else {
        word.text.chars().take(STEM).collect()
    }
}

/// "label: text"; a line that is none is passed over (a test reads them all).
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
        assert!(BUILT_IN.totals.iter().all(|total| *total >= 100.0), "{:?}", BUILT_IN.totals);
    }

    /// What it goes by, to read.
    #[test]
    fn its_strongest_words() {
        for (at, (name, _)) in LABELS.iter().enumerate() {
            let share = |counts: &Counts| counts[at] / counts.iter().sum::<f64>() * (counts[at] + 1.0).ln();
            let mut by_share: Vec<(f64, &String)> =
                BUILT_IN.features.iter().map(|(feature, counts)| (share(counts), feature)).collect();
            by_share.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
            let words: Vec<&str> = by_share.iter().take(14).map(|(_, feature)| feature.as_str()).collect();
            println!("likeness, {name}: {}", words.join(", "));
            assert!(by_share[0].0 > 0.5);
        }
    }

    fn guess(learned: &Learned, text: &str) -> Option<Label> {
        let like = learned.like(std::iter::once(words(&plain(text)).as_slice()))?;
        labels().find(|label| like.below(*label) == 0.0)
    }

    #[test]
    fn guesses_the_kin_of_its_examples_and_nothing_of_other_things() {
        let ours = Learned::default();
        assert_eq!(guess(&ours, "Het bedrag is vorige week van onze rekening gegaan"), Some(Label::Paid));
        assert_eq!(guess(&ours, "Geef me tot maart, ik zit zonder werk"), Some(Label::Plan));
        assert_eq!(guess(&ours, "xyzzy plugh"), None);
    }

    #[test]
    fn an_owners_correction_counts() {
        let text = "Zet maar op de pof bij Bertus";
        let mut corrected = Learned::default();
        assert!(corrected.learn_line(&format!("plan: {text}")));
        assert_ne!(guess(&Learned::default(), text), Some(Label::Plan));
        assert_eq!(guess(&corrected, text), Some(Label::Plan));
        let like = corrected.like(std::iter::once(words(&plain(text)).as_slice())).unwrap();
        assert!(!like.strongest().is_empty());
    }
}
