//! Type codes of documents (UNTDID 1001), which UBL and CII share.

use crate::dunning::invoice::InvoiceKind;

/// Documents that are no claim of the seller, or not one that a machine should pursue: why.
pub(super) fn refused(code: &str) -> Option<&'static str> {
    match code {
        "384" => Some(
            "is a corrected invoice, which does not say whether it replaces the old one or adds to it: send a credit \
             note (381) and a new invoice (380) instead",
        ),
        "389" | "261" | "527" => Some(
            "is self-billed: the buyer wrote it for the seller, so there is nothing to remind the buyer of; keep it \
             out of this folder",
        ),
        "325" => Some("is a pro forma invoice, which nobody has to pay: put the invoice itself into the folder"),
        "751" => Some("is information for the accounts and no request to pay: put the invoice itself into the folder"),
        "393" | "396" => {
            Some("is factored: the claim belongs to a factor, who collects it; keep it out of this folder")
        }
        _ => None,
    }
}

/// What the code says; `None` for one that is no code at all.
pub(super) fn kind(code: &str) -> Option<InvoiceKind> {
    let is_credit = matches!(code, "81" | "83" | "296" | "308" | "381" | "420" | "458" | "532");
    let is_code = code.len() <= 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    is_code.then_some(if is_credit { InvoiceKind::CreditNote } else { InvoiceKind::Invoice })
}
