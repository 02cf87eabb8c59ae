//! One mail, read to the end: what it is, what it means, and why. This is what `inspect mail` prints.

use super::authenticity::Authenticity;
use super::automatic::Automatic;
use super::bounce::Bounce;
use super::intent::{Evidence, Intent, Label, Phrases};
use super::message::{Message, Unreadable};
use crate::bank::notice::{Notice, Profiles};

/// What is needed to read a mail, besides its bytes.
pub struct Reader<'a> {
    pub phrases: &'a Phrases,
    pub profiles: &'a Profiles,
    /// Whose Authentication-Results may be believed; `None` = nobody's.
    pub authserv_id: Option<&'a str>,
    /// Invoice numbers of the administration; empty when there is no store at hand.
    pub known_numbers: &'a [String],
}

#[derive(Clone, Debug)]
pub struct Reading {
    pub message: Message,
    pub own_words: String,
    pub meaning: Meaning,
    /// The ladder may not go on by itself.
    pub hold: bool,
    pub lang: &'static str,
    /// Invoice numbers in the own words; when they name none, those in the subject.
    pub invoice_numbers: Vec<String>,
}

#[derive(Clone, Debug)]
pub enum Meaning {
    /// A person answered.
    Reply(Intent),
    /// A machine answered; `content` is what it says that a human must see (bankruptcy, moved away, a payment date), if anything.
    AutoReply {
        kind: Automatic,
        why: String,
        content: Option<Intent>,
    },
    Bounce(Bounce),
    /// A bank's or payment provider's mail, with how far it can be believed.
    Notice {
        notice: Notice,
        authenticity: Authenticity,
    },
    /// Newsletter, spam, something that concerns no case.
    Unrelated {
        why: String,
    },
}

/// Reads one mail.
pub fn read(raw: &[u8], reader: &Reader<'_>) -> Result<Reading, Unreadable> {
    let _ = (raw, reader);
    todo!()
}

/// The line that `inspect mail --json` prints (keys are a contract: see docs).
pub fn to_json(file: &str, reading: &Result<Reading, Unreadable>) -> serde_json::Value {
    let _ = (file, reading, Label::Paid, None::<Evidence>);
    todo!()
}
