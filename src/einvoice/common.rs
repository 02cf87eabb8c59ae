//! What is judged alike in every XML invoice, whatever the elements are called.

use super::InvoiceFault;
use super::terms::{self, Reading};
use super::xml::Element;
use crate::dunning::ids::InvoiceNumber;
use crate::dunning::invoice::{DueSource, InvoiceKind};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// Longest number and description that are kept, in characters.
const LONGEST_NUMBER: usize = 100;
const SHORT_NOTE: usize = 80;

/// The invoice's number, from the element that has it as ID.
pub(super) fn number(parent: Element) -> Result<InvoiceNumber, InvoiceFault> {
    let element = parent.only("ID")?;
    let text = element.own_text().ok_or_else(|| element.fault("ID is empty: expected the invoice's number"))?;
    if text.chars().count() > LONGEST_NUMBER {
        return Err(element.fault("the invoice's number is longer than 100 characters: expected a short one"));
    }
    Ok(InvoiceNumber::new(text))
}

/// Of several due dates the last, so that nobody is reminded early; where there is none, what `terms`, the texts of the
/// payment terms, say. A credit note is not asked: nobody pays it.
pub(super) fn due_date(
    found: &BTreeSet<NaiveDate>,
    terms: impl FnOnce() -> Vec<String>,
    kind: InvoiceKind,
    issued: NaiveDate,
    warnings: &mut Vec<String>,
) -> (Option<NaiveDate>, DueSource) {
    let Some(due) = found.last().copied() else {
        return match kind {
            InvoiceKind::Invoice => due_by_terms(&terms(), issued, warnings),
            InvoiceKind::CreditNote => (None, DueSource::Stated),
        };
    };
    if found.len() > 1 {
        warnings.push("the file names several due dates; the last one counts".to_owned());
    }
    if due < issued {
        warnings.push("the due date lies before the invoice date".to_owned());
    }
    (Some(due), DueSource::Stated)
}

fn due_by_terms(terms: &[String], issued: NaiveDate, warnings: &mut Vec<String>) -> (Option<NaiveDate>, DueSource) {
    match terms::read(terms, issued) {
        Reading::Due(due) => (Some(due), DueSource::Terms),
        Reading::Silent => (None, DueSource::Stated),
        Reading::Unclear(warning) => {
            warnings.push(warning);
            (None, DueSource::Stated)
        }
    }
}

/// The one invoice that a credit note corrects.
pub(super) fn corrects(kind: InvoiceKind, numbers: Vec<String>, warnings: &mut Vec<String>) -> Option<InvoiceNumber> {
    if kind == InvoiceKind::Invoice {
        return None;
    }
    let numbers: BTreeSet<String> = numbers.into_iter().collect();
    if numbers.len() > 1 {
        let list: Vec<&str> = numbers.iter().map(String::as_str).collect();
        warnings.push(format!("this credit note corrects several invoices ({}); none is chosen", list.join(", ")));
        return None;
    }
    numbers.into_iter().next().map(InvoiceNumber::new)
}

/// The account to pay to, without spaces. `codes` are those of the payment means (UNCL4461).
pub(super) fn account(codes: &[String], numbers: Vec<String>, warnings: &mut Vec<String>) -> Option<String> {
    // 49 direct debit, 59 SEPA direct debit.
    if codes.iter().any(|code| matches!(code.as_str(), "49" | "59")) {
        warnings.push("to be paid by direct debit, which the seller collects".to_owned());
    }
    let mut accounts: Vec<String> = Vec::new();
    for text in numbers {
        let account: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if !accounts.contains(&account) {
            accounts.push(account);
        }
    }
    if accounts.len() > 1 {
        warnings.push(format!("{} accounts to pay to are named; the first is taken", accounts.len()));
    }
    accounts.into_iter().next()
}

/// What the invoice is for: a short note, else the first line's item, else the beginning of a long note.
pub(super) fn description(note: Option<String>, item: impl FnOnce() -> Option<String>) -> Option<String> {
    let is_short = |text: &String| text.chars().count() <= SHORT_NOTE && !text.starts_with('#');
    let chosen = note.clone().filter(is_short).or_else(item).or(note)?;
    Some(shortened(&chosen))
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= SHORT_NOTE {
        return text.to_owned();
    }
    let cut: String = text.chars().take(SHORT_NOTE - 1).collect();
    let whole_words = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{whole_words}…")
}

/// What a document with an unknown root is, and what to do with it.
pub(super) fn foreign(name: &str, namespace: &str) -> String {
    let name: String = name.chars().take(60).collect();
    let what = match name.as_str() {
        "StandardBusinessDocument" => {
            "this is a Peppol envelope (StandardBusinessDocument): take the invoice out of it"
        }
        "Document" if namespace.contains("camt") => {
            return "this is a bank statement (CAMT): put it into the statements folder".to_owned();
        }
        "FatturaElettronica" => "this is an Italian FatturaPA invoice, a format that is not read",
        "Facturae" => "this is a Spanish Facturae invoice, a format that is not read",
        "Finvoice" => "this is a Finnish Finvoice, a format that is not read",
        "Invoice" | "CreditNote" => {
            return format!(
                "the element {name} is not in the namespace of UBL 2 (found {namespace:?}): write the invoice as UBL 2.1"
            );
        }
        _ => {
            return format!(
                "the root element is {name:?}: expected a UBL 2.1 Invoice or CreditNote, or a CII CrossIndustryInvoice"
            );
        }
    };
    format!("{what}: write it as UBL 2.1 (Peppol BIS 3) or as a small TOML file")
}
