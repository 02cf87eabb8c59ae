//! Which open case a payment is for. Exact acts, anything unsure is a question: never a guess.

use crate::dunning::ids::{CaseId, DebtorId};
use crate::dunning::money::Money;
use serde::{Deserialize, Serialize};

/// A case as a candidate for a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub case: CaseId,
    pub debtor: DebtorId,
    pub debtor_name: String,
    pub number: String,
    pub payment_reference: Option<String>,
    pub open: Money,
    /// IBANs that this debtor paid from before.
    pub known_ibans: Vec<String>,
}

/// What a payer sent, from a statement entry or a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remittance<'a> {
    pub amount: Money,
    /// Structured reference, bare.
    pub reference: Option<&'a str>,
    /// Free text.
    pub text: &'a str,
    pub end_to_end: Option<&'a str>,
    pub payer: Option<&'a str>,
    pub iban: Option<&'a str>,
}

/// How a payment fits. Reasons are for the owner's eyes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Match {
    /// References name exactly these cases of one debtor, and the amount is their sum.
    Exact { debtor: DebtorId, cases: Vec<CaseId>, why: String },
    /// A reference names exactly one case, and the amount is less than what is open.
    Part { debtor: DebtorId, case: CaseId, why: String },
    /// Something fits, but not enough to act: ranked, best first, each with why.
    Unclear { candidates: Vec<(DebtorId, CaseId, String)> },
    /// Nothing fits.
    Stranger,
}

/// Matches one payment against the open cases.
pub fn match_payment(remittance: &Remittance<'_>, open: &[Candidate]) -> Match {
    let _ = (remittance, open);
    todo!()
}

/// Which of `numbers` a text names: whole numbers only, tolerant of spaces, dots, slashes and case
/// ("factuur 2026 0412"), in the order of `numbers`.
pub fn numbers_in<'a>(text: &str, numbers: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let _ = text;
    numbers.collect()
}
