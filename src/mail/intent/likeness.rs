//! What a text is like: naive Bayes over the beginnings of words and pairs of them, learned when the program starts from
//! labelled examples (`config/phrases/examples.txt`) and from what the owner corrected. Its word alone is never sure.

use std::sync::LazyLock;

use super::Label;
use super::quick::{QuickMap, Short, packed};
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
/// So many features are told.
const SHOWN: usize = 4;

/// What was learned from examples.
#[derive(Clone, Default)]
pub(super) struct Learned {
    stems: QuickMap<Short, u32>,
    features: QuickMap<u64, u32>,
    /// Of each stem the feature that it is alone.
    alone: Vec<u32>,
    /// Of each feature how it is shown, and in how many examples it stands.
    names: Vec<String>,
    counts: Vec<Counts>,
    /// How likely each feature is under each label, as logarithms.
    chances: Vec<Counts>,
    /// The mean of those of one feature, and the place of its name in the alphabet.
    means: Vec<f64>,
    places: Vec<u32>,
    /// All features of its examples, counted.
    totals: Counts,
    /// How many features our own examples have.
    kinds: usize,
}

/// What our own examples teach.
pub(super) static BUILT_IN: LazyLock<Learned> = LazyLock::new(|| {
    let mut learned = Learned::default();
    for (label, text) in include_str!("../../../config/phrases/examples.txt").lines().filter_map(example) {
        learned.learn(label, text, 1.0);
    }
    learned.kinds = learned.counts.len();
    learned.settle();
    learned
});

/// How much a text is like each label.
pub(super) struct Like<'l> {
    learned: &'l Learned,
    /// What of the text is known.
    features: Vec<u32>,
    sum: Counts,
    /// For each label how far it lies below the likeliest: that one has 0.
    below: Counts,
}

impl Like<'_> {
    /// 0 for the likeliest label, less for the others; what it does not know is as unlikely as can be.
    pub fn below(&self, label: Label) -> f64 {
        LABELS.iter().zip(self.below).find(|(known, _)| known.1 == label).map_or(f64::NEG_INFINITY, |(_, below)| below)
    }

    /// How far the next label lies below this one; negative when another is likelier.
    pub fn lead(&self, label: Label) -> f64 {
        let others = LABELS.iter().zip(self.below).filter(|(known, _)| known.1 != label).map(|(_, below)| below);
        self.below(label) - others.fold(f64::NEG_INFINITY, f64::max)
    }

    /// The features that speak most for the likeliest label, against the mean of all; the strongest first.
    pub fn strongest(&self) -> Vec<String> {
        let best = (0..LABELS.len()).max_by(|a, b| self.sum[*a].total_cmp(&self.sum[*b])).unwrap_or_default();
        let of_feature = |at: &u32| {
            let at = *at as usize;
            let lead = self.learned.chances.get(at)?[best] - self.learned.means.get(at)?;
            Some((lead, *self.learned.places.get(at)?, at))
        };
        let mut first: Vec<(f64, u32, usize)> = Vec::with_capacity(SHOWN + 1);
        for one in self.features.iter().filter_map(of_feature) {
            let is_before = |other: &(f64, u32, usize)| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)).is_gt();
            let at = first.iter().rposition(is_before).map_or(0, |at| at + 1);
            if at < SHOWN {
                first.insert(at, one);
                first.truncate(SHOWN);
            }
        }
        first.into_iter().filter_map(|(_, _, at)| self.learned.names.get(at).cloned()).collect()
    }
}

/// The labels of people that likeness knows.
pub(super) fn labels() -> impl Iterator<Item = Label> {
    LABELS.iter().map(|(_, label)| *label).filter(|label| *label != Label::AutoReply)
}

impl Learned {
    /// Takes the owner's corrections to heart, lines "label: text"; gives back those that are none.
    pub fn learn_lines<'t, L>(&mut self, lines: impl Iterator<Item = (L, &'t str)>) -> Vec<(L, &'t str)> {
        let mut none = Vec::new();
        for (place, line) in lines {
            match example(line) {
                Some((label, text)) => self.learn(label, text, CORRECTED),
                None => none.push((place, line)),
            }
        }
        self.settle();
        none
    }

    fn learn(&mut self, label: usize, text: &str, times: f64) {
        let text = plain(text);
        let words = words(&text);
        for stem in words.iter().filter_map(|word| packed(stem(word))) {
            let next = u32::try_from(self.stems.len()).unwrap_or(END);
            self.stems.entry(stem).or_insert(next);
        }
        let mut seen: Vec<(u64, String)> = Vec::new();
        features(&words, |word| self.number(word), |key, name| seen.push((key, name())));
        seen.sort();
        seen.dedup();
        self.totals.iter_mut().skip(label).take(1).for_each(|total| *total += times * seen.len() as f64);
        for (key, name) in seen {
            let counts = self.counts_of(key, name);
            counts.iter_mut().skip(label).take(1).for_each(|count| *count += times);
        }
    }

    fn counts_of(&mut self, key: u64, name: String) -> &mut Counts {
        let next = self.counts.len();
        let at = *self.features.entry(key).or_insert(u32::try_from(next).unwrap_or(u32::MAX)) as usize;
        if at == next {
            self.names.push(name);
            self.counts.push(Counts::default());
        }
        &mut self.counts[at]
    }

    /// After the last example.
    fn settle(&mut self) {
        let kinds = self.kinds as f64;
        let chance = |count: f64, total: f64| ((count + SMOOTHING) / (total + SMOOTHING * kinds)).ln();
        let totals = self.totals;
        let chances = |counts: &Counts| std::array::from_fn(|at| chance(counts[at], totals[at]));
        self.chances = self.counts.iter().map(chances).collect();
        let mut by_name: Vec<usize> = (0..self.names.len()).collect();
        by_name.sort_by_key(|at| &self.names[*at]);
        self.alone =
            (0..).take(self.stems.len()).filter_map(|stem| self.features.get(&key(ALONE, stem)).copied()).collect();
        self.places = vec![0; by_name.len()];
        (0..).zip(by_name).for_each(|(place, at)| self.places[at] = place);
        self.means = self.chances.iter().map(|counts| counts.iter().sum::<f64>() / LABELS.len() as f64).collect();
    }

    fn number(&self, word: &Word<'_>) -> Option<u32> {
        self.stems.get(&packed(stem(word))?).copied()
    }

    fn feature(&self, key: u64) -> Option<u32> {
        match apart(key) {
            (ALONE, stem) => self.alone.get(stem as usize).copied(),
            _ => self.features.get(&key).copied(),
        }
    }

    /// What these words are like, each label being as likely beforehand; `None` where too little is known. Words of a
    /// text hang together, so that their weights are not simply added: the sum counts by the root of their number.
    pub fn like<'w, W: AsRef<[Word<'w>]>>(&self, texts: impl Iterator<Item = W>) -> Option<Like<'_>> {
        let mut known: Vec<u32> = Vec::new();
        for words in texts {
            features(words.as_ref(), |word| self.number(word), |key, _| known.extend(self.feature(key)));
        }
        known.sort_unstable();
        known.dedup();
        if known.len() < LEAST_KNOWN {
            return None;
        }
        let mut sum = Counts::default();
        for chances in known.iter().filter_map(|at| self.chances.get(*at as usize)) {
            sum.iter_mut().zip(chances).for_each(|(sum, chance)| *sum += chance);
        }
        let best = sum.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let root = (known.len() as f64).sqrt();
        Some(Like { learned: self, features: known, sum, below: sum.map(|one| (one - best) / root) })
    }
}

/// Stand beside a stem in the key of a feature: it is alone, the first, the last.
const ALONE: u32 = u32::MAX;
const BEGIN: u32 = u32::MAX - 1;
const END: u32 = u32::MAX - 2;

fn key(one: u32, other: u32) -> u64 {
    u64::from(one) << 32 | u64::from(other)
}

fn apart(key: u64) -> (u32, u32) {
    ((key >> 32) as u32, key as u32)
}

/// Words by their beginnings, pairs of them, the first and the last word; those whose stems have a number. `found` is given
/// the key of each and what shows it.
fn features(
    words: &[Word<'_>],
    number: impl Fn(&Word<'_>) -> Option<u32>,
    mut found: impl FnMut(u64, &dyn Fn() -> String),
) {
    let mut before: Option<(&Word<'_>, u32)> = None;
    for (at, word) in words.iter().enumerate() {
        let Some(this) = number(word) else {
            before = None;
            continue;
        };
        let shown = stem(word);
        found(key(ALONE, this), &|| shown.to_owned());
        if at == 0 {
            found(key(BEGIN, this), &|| format!("^ {shown}"));
        }
        if at + 1 == words.len() {
            found(key(this, END), &|| format!("{shown} $"));
        }
        if let Some((other, that)) = before {
            found(key(that, this), &|| format!("{} {shown}", stem(other)));
        }
        before = Some((word, this));
    }
}

/// The beginning of a word, which is short in our languages (others are not learned); a number is any number.
fn stem<'w>(word: &Word<'w>) -> &'w str {
    if word.text.bytes().any(|byte| byte.is_ascii_digit()) {
        return "#";
    }
    let end = word.text.char_indices().nth(STEM).map_or(word.text.len(), |(end, _)| end);
    word.text.get(..end).unwrap_or(word.text)
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
                BUILT_IN.names.iter().zip(&BUILT_IN.counts).map(|(name, counts)| (share(counts), name)).collect();
            by_share.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
            let words: Vec<&str> = by_share.iter().take(14).map(|(_, feature)| feature.as_str()).collect();
            println!("likeness, {name}: {}", words.join(", "));
            assert!(by_share[0].0 > 0.5);
        }
    }

    fn guess(learned: &Learned, text: &str) -> Option<Label> {
        let like = learned.like(std::iter::once(words(&plain(text))))?;
        labels().find(|label| like.below(*label) == 0.0)
    }

    #[test]
    fn guesses_the_kin_of_its_examples_and_nothing_of_other_things() {
        let ours = &BUILT_IN;
        assert_eq!(guess(ours, "Het bedrag is vorige week van onze rekening gegaan"), Some(Label::Paid));
        assert_eq!(guess(ours, "Geef me tot maart, ik zit zonder werk"), Some(Label::Plan));
        assert_eq!(guess(ours, "xyzzy plugh"), None);
    }

    #[test]
    fn an_owners_correction_counts() {
        let text = "Zet maar op de pof bij Bertus";
        let mut corrected = BUILT_IN.clone();
        assert!(corrected.learn_lines(std::iter::once(((), format!("plan: {text}").as_str()))).is_empty());
        assert_ne!(guess(&BUILT_IN, text), Some(Label::Plan));
        assert_eq!(guess(&corrected, text), Some(Label::Plan));
        let like = corrected.like(std::iter::once(words(&plain(text)))).unwrap();
        assert!(!like.strongest().is_empty());
    }
}
