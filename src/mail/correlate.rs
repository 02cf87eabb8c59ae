//! Whose account a mail is about: token, thread, own id in the quote, invoice number with a known address. Two candidates are a question.

use super::message::Message;
use crate::dunning::ids::{CaseId, DebtorId};

/// What the administration knows, as lookups; the shell implements it over the store.
pub trait Directory {
    /// Debtor of a reply token (the part after `+` in the local part).
    fn by_token(&self, token: &str) -> Option<DebtorId>;
    /// Debtor of one of our letters by Message-ID (without angle brackets).
    fn by_message_id(&self, message_id: &str) -> Option<DebtorId>;
    /// Debtors whose letters go to this address, or that wrote from it before.
    fn by_address(&self, address: &str) -> Vec<DebtorId>;
    /// Debtors with an address at this domain; empty for public mail providers.
    fn by_domain(&self, domain: &str) -> Vec<DebtorId>;
    /// Case and debtor of an invoice number.
    fn by_invoice_number(&self, number: &str) -> Option<(CaseId, DebtorId)>;
}

/// Whose mail it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Correlation {
    One {
        debtor: DebtorId,
        cases: Vec<CaseId>,
        why: String,
    },
    /// More than one debtor fits: a question, never a guess.
    Several {
        debtors: Vec<DebtorId>,
        why: String,
    },
    None,
}

/// `numbers` are the invoice numbers found in subject, own words and quote, `quoted_ids` our Message-IDs or tokens found anywhere.
pub fn correlate(message: &Message, own_address: &str, numbers: &[String], directory: &dyn Directory) -> Correlation {
    let _ = (message, own_address, numbers, directory);
    todo!()
}
