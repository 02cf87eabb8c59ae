//! What a person wants, read from their own words by phrase tables (`config/phrases/<lang>.toml`).
//! Doubt is an answer too: an unclear mail is `Unclear` and holds.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

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
    /// False when nothing was recognised and `label` is only the cautious default.
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

/// The phrase tables of all languages, compiled.
pub struct Phrases {}

impl Phrases {
    /// The tables built into the binary.
    pub fn built_in() -> Phrases {
        todo!()
    }
}

/// Understands one mail of a person. Pure, total, linear in the length of the text.
pub fn understand(words: Words<'_>, phrases: &Phrases) -> Intent {
    let _ = (words, phrases);
    todo!()
}

/// Invoice numbers named in a text, in the order of appearance, normalised to the known form. With
/// `known` empty (no store at hand) anything that looks like an invoice number (`F2026-118`, `2026-0412`) counts.
pub fn invoice_numbers(text: &str, known: &[String]) -> Vec<String> {
    let _ = (text, known);
    todo!()
}
