//! A received mail as the rest of the house sees it: decoded, bounded, never a panic.

use chrono::{DateTime, FixedOffset};

/// A decoded mail. Everything is best effort: a part that cannot be decoded is left out with a warning.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// Every header in order: name in lower case, value unfolded and decoded (RFC 2047).
    pub headers: Vec<(String, String)>,
    /// Every header in order: name in lower case, value unfolded but not decoded.
    pub raw_headers: Vec<(String, String)>,
    /// Address of the first mailbox in the (last) From; lower case; empty when there is none.
    pub from: String,
    pub from_name: String,
    pub reply_to: Option<String>,
    /// Addresses in To, Cc, Delivered-To, X-Original-To, Envelope-To; lower case.
    pub recipients: Vec<String>,
    pub subject: String,
    /// The mail's own Date, in its own zone.
    pub date: Option<DateTime<FixedOffset>>,
    /// Without angle brackets.
    pub message_id: Option<String>,
    /// In-Reply-To and References, without angle brackets, nearest first.
    pub references: Vec<String>,
    /// The readable text: text/plain part(s), else the HTML as text. Line ends are `\n`.
    pub text: String,
    /// The HTML part when there is one.
    pub html: Option<String>,
    pub attachments: Vec<Attachment>,
    /// Text of the machine-readable part of a report (message/delivery-status, disposition-notification).
    pub report: Option<Report>,
    /// Headers (or the whole) of the mail returned inside a report.
    pub returned: Option<String>,
    pub warnings: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Attachment {
    pub name: String,
    pub mime: String,
    pub bytes: Vec<u8>,
}

#[derive(Clone, Debug)]
pub struct Report {
    /// `delivery-status`, `disposition-notification`, `feedback-report`.
    pub kind: String,
    pub text: String,
}

/// Why a mail was not read: the caller quarantines it with this reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("this is not a mail: it has no headers")]
    NoHeaders,
    #[error("the mail is larger than the reader takes ({0} bytes)")]
    TooLarge(usize),
    #[error("the mail has too many parts or nests too deeply ({0})")]
    TooComplex(String),
    #[error("the reader broke on this mail")]
    Panicked,
}

impl Message {
    /// Reads a mail as it came from the wire or from a file. Caps: 25 MiB, 500 parts, depth 20, 2,000 headers.
    pub fn parse(raw: &[u8]) -> Result<Message, Unreadable> {
        let _ = raw;
        todo!()
    }

    /// First value of a header (name in lower case), decoded.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}
