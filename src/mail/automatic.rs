//! Machines that answer: out-of-office, ticket receipts, read receipts, newsletters (RFC 3834 and what is really sent).
//! When in doubt a mail is human.

use super::message::Message;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Automatic {
    /// Out of office, "we received your mail", ticket receipt: no person looked.
    AutoReply,
    /// A read receipt (RFC 8098).
    ReadReceipt,
    /// Newsletter, advertising, mailing list traffic that answers nothing.
    Bulk,
}

/// What kind of machine wrote it, with the reason in words; `None` when a person (perhaps) did.
/// `own_words` is [`super::own_words::own_words`] of the same mail.
pub fn automatic(message: &Message, own_words: &str) -> Option<(Automatic, String)> {
    let _ = (message, own_words);
    todo!()
}
