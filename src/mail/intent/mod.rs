//! What a person wants, read from their own words by phrase tables (`config/phrases/<lang>.toml`).
//! Doubt is an answer too: an unclear mail is a `Question` with `sure` false, and holds.
//! Never knows the case, never decides what happens.

mod amount_words;
mod amounts;
mod arrivals;
mod balance;
mod dates;
mod day_grammar;
mod day_names;
mod judge;
mod language;
mod lexicon;
mod likeness;
mod lists;
mod numbers;
mod paid_on;
mod phrases;
mod quick;
mod reckoning;
mod sentences;
mod spans;
mod spoken;
mod stretches;
mod taken_back;
mod that_day;
mod turns_on;
mod written;
mod written_days;

use chrono::NaiveDate;
use sentences::Cut;
use serde::{Deserialize, Serialize};

pub use numbers::{KnownNumbers, invoice_numbers};
pub use phrases::{PhraseFault, Phrases};

/// Labels in `inspect mail` and in facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    Insolvency,
    Dispute,
    Plan,
    Promise,
    Paid,
    Question,
    WrongContact,
    Acknowledge,
    AutoReply,
    Bounce,
    Unrelated,
}

/// The sentence that proves a label, literally as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub label: Label,
    pub text: String,
}

/// What was understood. `label` is the most careful of what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    pub label: Label,
    /// Further labels that also hold.
    pub also: Vec<Label>,
    /// First date promised or asked for.
    pub promise_date: Option<NaiveDate>,
    /// The amount the mail turns on, plain decimal ("250.00").
    pub amount: Option<String>,
    /// The currency-less day on which the sender says to have paid, when named.
    pub paid_on: Option<NaiveDate>,
    pub evidence: Vec<Evidence>,
    /// Detected language: nl, en, de, fr.
    pub lang: &'static str,
    /// By which beginnings of words the text is like examples of this label, the strongest first; empty where phrases decided alone.
    pub like: Vec<String>,
    /// False when nothing was recognised, or only by likeness, and `label` is only the cautious default.
    pub sure: bool,
}

/// What intent is read from.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    pub own_words: &'a str,
    pub subject: &'a str,
    /// The mail's own date in its own zone; relative dates count from it.
    pub date: NaiveDate,
    pub attachment_names: &'a [String],
}

/// Longer texts are read up to here, in bytes.
const LONGEST: usize = 256 * 1024;

/// Understands one mail of a person. Pure, total, linear in the length of the text.
pub fn understand(words: Words<'_>, phrases: &Phrases) -> Intent {
    let text = cut(words.own_words);
    let (sentences, own_subject) = (Cut::of(text), Cut::of(own_subject(words.subject)));
    let read = judge::read(&sentences, words.date, phrases);
    let subject = judge::read(&own_subject, words.date, phrases);
    let verdict = judge::judge(&read, &subject, words.attachment_names, phrases);
    let has = |label: Label| verdict.label == label || verdict.also.contains(&label);
    // Who is insolvent pays on no day: what is named is a meeting's, or a term for claims.
    let coming = (has(Label::Promise) || has(Label::Plan)) && verdict.label != Label::Insolvency;
    Intent {
        promise_date: if coming { turns_on::promise_date(&read, words.date) } else { None },
        amount: turns_on::amount(&read, verdict.label),
        paid_on: if has(Label::Paid) { turns_on::paid_on(&read, words.date) } else { None },
        lang: if read.is_empty() { language::language(words.subject) } else { language::of_read(text, &read) },
        label: verdict.label,
        also: verdict.also,
        evidence: verdict.evidence,
        like: verdict.like,
        sure: verdict.sure,
    }
}

/// The language of a text, of its subject where there is none: nl, en, de, fr. As [`understand`] tells it.
pub fn language_of(own_words: &str, subject: &str) -> &'static str {
    let text = cut(own_words);
    language::language(if text.trim().is_empty() { subject } else { text })
}

/// Whether a text is clearly more like what machines answer than like anything a person writes.
pub fn is_like_a_machine(own_words: &str, phrases: &Phrases) -> bool {
    /// So far any person's label must lie behind.
    const CLEARLY: f64 = 0.25;
    /// In so few words a person says the same.
    const LEAST_WORDS: usize = 8;
    if own_words.split_whitespace().count() < LEAST_WORDS {
        return false;
    }
    let text = Cut::of(cut(own_words));
    let like = phrases.like(text.sentences().map(|one| one.words));
    like.is_some_and(|like| like.lead(Label::AutoReply) >= CLEARLY)
}

/// Which phrases speak, and on what words: for the reader of a failing test.
#[cfg(test)]
pub fn hits_of(text: &str, phrases: &Phrases) -> Vec<String> {
    let text = Cut::of(text);
    let read = judge::read(&text, NaiveDate::default(), phrases);
    let shown = |one: &judge::Read<'_>| -> Vec<String> {
        let words = |hit: &phrases::Hit| -> Vec<&str> {
            one.sentence.words.iter().take(hit.to).skip(hit.from).map(|word| word.text).collect()
        };
        one.hits.iter().map(|hit| format!("{:?} {} {}", hit.meaning, hit.weight, words(hit).join(" "))).collect()
    };
    read.iter().flat_map(shown).collect()
}

/// The subject when the sender wrote it; an answer repeats ours.
fn own_subject(subject: &str) -> &str {
    let start = subject.trim_start().to_lowercase();
    let answers = ["re:", "aw:", "antw:", "antwoord:", "fw:", "fwd:", "tr:", "doorst:", "wg:", "re :", "[", "betr:"];
    if answers.iter().any(|answer| start.starts_with(answer))
        || start.contains("herinnering")
        || start.contains("aanmaning")
    {
        ""
    } else {
        cut(subject)
    }
}

/// The beginning of a text that is too long.
fn cut(text: &str) -> &str {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or("")
}

#[cfg(test)]
mod families;
#[cfg(test)]
mod tests;
