//! Outgoing mail: header hygiene, MIME, final bytes.

/// A mail to be built. Every text is cleaned of control and direction characters before it enters a header.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Display name and address of the sender.
    pub from: (String, String),
    /// Display name and address of the one recipient.
    pub to: (String, String),
    pub reply_to: Option<String>,
    pub subject: String,
    /// Without angle brackets.
    pub message_id: String,
    /// Without angle brackets, oldest first; the last one is the In-Reply-To.
    pub references: Vec<String>,
    pub date: chrono::DateTime<chrono::FixedOffset>,
    pub text: String,
    pub html: String,
    pub attachments: Vec<crate::mail::message::Attachment>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeFault {
    #[error("{0:?} is not a mail address that can be written to")]
    Address(String),
    #[error("the letter would be empty")]
    Empty,
    #[error("the mail could not be built: {0}")]
    Build(String),
}

/// The final bytes, CRLF line ends, quoted-printable or base64 bodies, `Auto-Submitted: auto-generated`,
/// deterministic for the same draft.
pub fn compose(draft: &Draft) -> Result<Vec<u8>, ComposeFault> {
    let _ = draft;
    todo!()
}
