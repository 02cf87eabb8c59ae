//! PURE. Mail: bytes to meaning and back. Never sends, never reads a mailbox, never decides about a case.
//!
//! `message` reads MIME, `own_words` takes what the sender wrote this time, `automatic` and `bounce` tell
//! machines from people, `intent` says what a person wants, `authenticity` who may be believed
//! (`dkim`: by which signature), `correlate` whose case it is about, `reading` puts it together, `compose` builds outgoing mail.

#[cfg(test)]
mod answers;
pub mod authenticity;
pub mod automatic;
pub mod bounce;
pub mod calendar;
mod charset;
mod clear_signed;
pub mod compose;
#[cfg(test)]
mod corpora;
pub mod correlate;
pub mod dkim;
pub mod html;
pub mod intent;
#[cfg(test)]
mod manners;
pub mod message;
mod our_letter;
pub mod own;
pub mod own_words;
mod pattern;
pub mod quotation;
pub mod reading;
pub mod signature;
pub mod tnef;
pub mod token;
