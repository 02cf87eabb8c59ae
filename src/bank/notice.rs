//! Notices: a bank's or payment provider's mail about one payment, read by profiles in `config/banks/*.toml`.
//! The amount comes from the bank's own field, never from the payer's text.

use crate::dunning::money::Money;
use crate::mail::message::Message;
use chrono::NaiveDate;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The profile's id: `rabobank`.
    pub bank: String,
    pub kind: NoticeKind,
    /// Always positive; the direction is in `kind`. `None` for information and marketing.
    pub amount: Option<Money>,
    pub booked: Option<NaiveDate>,
    pub counterparty: Option<String>,
    /// Account of the counterparty, without spaces; never our own.
    pub iban: Option<String>,
    /// Description or payment reference exactly as shown.
    pub reference_text: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    Credit,
    Debit,
    Storno,
    Info,
    Marketing,
}

/// The bank profiles, compiled.
pub struct Profiles {}

impl Profiles {
    /// The profiles built into the binary.
    pub fn built_in() -> Profiles {
        todo!()
    }

    /// Allowed sender domains of the named banks (profile ids); of all profiles when `banks` is empty.
    pub fn domains(&self, banks: &[String]) -> Vec<String> {
        let _ = banks;
        todo!()
    }
}

/// Reads a mail that is, or claims to be, a bank's; `None` when no profile recognises it.
pub fn read(message: &Message, profiles: &Profiles) -> Option<Notice> {
    let _ = (message, profiles);
    todo!()
}
