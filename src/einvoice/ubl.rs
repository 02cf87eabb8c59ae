//! UBL 2.1 Invoice and CreditNote (Peppol BIS 3, NLCIUS/SI-UBL, Belgian e-FFF). Reads what dunning needs and does not
//! validate the rest: a file with a wrong tax category is still owed.

use super::party::{self, Buyer};
use super::totals::{self, Totals, only};
use super::xml::{self, Element};
use super::{InvoiceFault, ReadInvoice, iso_date};
use crate::dunning::ids::InvoiceNumber;
use crate::dunning::invoice::{Invoice, InvoiceKind, TermSource};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// Longest number and description that are kept, in characters.
const LONGEST_NUMBER: usize = 100;
const SHORT_NOTE: usize = 80;

/// Reads one UBL document from its text.
pub fn read(text: &str) -> Result<ReadInvoice, InvoiceFault> {
    let document = xml::parse(text)?;
    let root = Element::root(&document);
    let mut warnings = Vec::new();
    let kind = kind(root, &mut warnings)?;
    let number = number(root)?;
    let issue_date = date(only(root, "IssueDate")?, &mut warnings)?;
    let due_date = due_date(root, issue_date, &mut warnings)?;
    let Totals { total, prepaid, payable } = totals::totals(root, kind, &mut warnings)?;
    let Buyer { debtor, printed_id } = party::buyer(root, &mut warnings)?;
    let invoice = Invoice {
        corrects: corrects(root, kind, &mut warnings),
        iban: iban(root, &mut warnings),
        payment_reference: root.text("PaymentMeans/PaymentID").or_else(|| root.text("PaymentMeans/InstructionID")),
        // "NA" is Peppol's word for no order number (BIS Billing 3, OrderReference).
        order_reference: root.text("OrderReference/ID").filter(|id| id != "NA"),
        description: description(root),
        seller: party::seller(root),
        term_source: TermSource::Invoice,
        number,
        kind,
        issue_date,
        due_date,
        total,
        prepaid,
        payable,
        debtor,
    };
    let buyer_reference = root.text("BuyerReference");
    Ok(ReadInvoice { format: "ubl", invoice, buyer_id: printed_id, buyer_reference, warnings })
}

/// What the root element and the type code (UNTDID 1001) say the document is.
fn kind(root: Element, warnings: &mut Vec<String>) -> Result<InvoiceKind, InvoiceFault> {
    let by_root = kind_of_root(root)?;
    let field = match by_root {
        InvoiceKind::Invoice => "InvoiceTypeCode",
        InvoiceKind::CreditNote => "CreditNoteTypeCode",
    };
    let Some((element, code)) = root.first(field).and_then(|e| Some((e, e.own_text()?))) else { return Ok(by_root) };
    if let Some(reason) = refused_type(&code) {
        return Err(element.fault(format!("type {code} {reason}")));
    }
    let is_credit = matches!(code.as_str(), "81" | "83" | "296" | "308" | "381" | "420" | "458" | "532");
    let known = code.len() <= 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    match by_root {
        InvoiceKind::Invoice if is_credit => return Ok(InvoiceKind::CreditNote),
        InvoiceKind::CreditNote if !is_credit => {
            warnings.push(format!("{field} {code:?} is not that of a credit note; the document is read as one"));
        }
        InvoiceKind::Invoice if !known => warnings.push(format!("{field} {code:?} is not known; read as an invoice")),
        InvoiceKind::Invoice | InvoiceKind::CreditNote => {}
    }
    Ok(by_root)
}

/// Documents that are no claim of the seller, or not one that a machine should pursue.
fn refused_type(code: &str) -> Option<&'static str> {
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

fn kind_of_root(root: Element) -> Result<InvoiceKind, InvoiceFault> {
    let schema = root.namespace().strip_prefix("urn:oasis:names:specification:ubl:schema:xsd:");
    match (schema, root.name()) {
        (Some("Invoice-2"), "Invoice") => Ok(InvoiceKind::Invoice),
        (Some("CreditNote-2"), "CreditNote") => Ok(InvoiceKind::CreditNote),
        (Some(_), "SelfBilledInvoice" | "SelfBilledCreditNote") => Err(root.fault(
            "a self-billed UBL document: the buyer wrote it for the seller, so there is nothing to remind the buyer of",
        )),
        (Some(_), name) => Err(root.fault(format!(
            "a UBL {name}, which is not an invoice: only Invoice and CreditNote belong in this folder"
        ))),
        (None, name) => Err(root.fault(foreign(name, root.namespace()))),
    }
}

fn foreign(name: &str, namespace: &str) -> String {
    let name: String = name.chars().take(60).collect();
    let what = match name.as_str() {
        "CrossIndustryInvoice" | "CrossIndustryDocument" => {
            "this is a CII invoice (Factur-X, ZUGFeRD, XRechnung), a format that is not read"
        }
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
        _ => return format!("the root element is {name:?}: expected a UBL 2.1 Invoice or CreditNote"),
    };
    format!("{what}: write it as UBL 2.1 (Peppol BIS 3) or as a small TOML file")
}

fn number(root: Element) -> Result<InvoiceNumber, InvoiceFault> {
    let element = only(root, "ID")?;
    let text = element.own_text().ok_or_else(|| element.fault("ID is empty: expected the invoice's number"))?;
    if text.chars().count() > LONGEST_NUMBER {
        return Err(element.fault("the invoice's number is longer than 100 characters: expected a short one"));
    }
    Ok(InvoiceNumber::new(text))
}

/// An xs:date: the civil date counts, a time zone behind it means nothing.
fn date(element: Element, warnings: &mut Vec<String>) -> Result<NaiveDate, InvoiceFault> {
    let text = element.own_text().unwrap_or_default();
    let (day, rest) = text.split_at_checked(10).unwrap_or((&text, ""));
    let with_time = rest.starts_with(['T', ' ']);
    if with_time {
        warnings.push(format!("{} {text:?} has a time; only the date counts", element.name()));
    }
    iso_date(day).filter(|_| with_time || is_zone(rest)).ok_or_else(|| {
        element.fault(format!("{} {text:?} is not a date: expected one like 2026-10-31", element.name()))
    })
}

fn is_zone(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    matches!(shape.as_str(), "" | "Z" | "+00:00" | "-00:00")
}

/// The due date, wherever the profile puts it. Of several the last, so that nobody is reminded early.
fn due_date(root: Element, issued: NaiveDate, warnings: &mut Vec<String>) -> Result<Option<NaiveDate>, InvoiceFault> {
    let mut found = BTreeSet::new();
    for path in ["DueDate", "PaymentMeans/PaymentDueDate", "PaymentTerms/PaymentDueDate"] {
        for element in root.all(path).into_iter().filter(|element| element.own_text().is_some()) {
            found.insert(date(element, warnings)?);
        }
        if !found.is_empty() {
            break;
        }
    }
    let due = found.last().copied();
    if found.len() > 1 {
        warnings.push("the file names several due dates; the last one counts".to_owned());
    }
    if due.is_some_and(|due| due < issued) {
        warnings.push("the due date lies before the invoice date".to_owned());
    }
    Ok(due)
}

/// The one invoice that a credit note corrects.
fn corrects(root: Element, kind: InvoiceKind, warnings: &mut Vec<String>) -> Option<InvoiceNumber> {
    match kind {
        InvoiceKind::Invoice => None,
        InvoiceKind::CreditNote => {
            let numbers: BTreeSet<String> =
                root.texts("BillingReference/InvoiceDocumentReference/ID").into_iter().collect();
            if numbers.len() > 1 {
                let list: Vec<&str> = numbers.iter().map(String::as_str).collect();
                warnings
                    .push(format!("this credit note corrects several invoices ({}); none is chosen", list.join(", ")));
                return None;
            }
            numbers.into_iter().next().map(InvoiceNumber::new)
        }
    }
}

/// The account to pay to, without spaces.
fn iban(root: Element, warnings: &mut Vec<String>) -> Option<String> {
    let codes = root.texts("PaymentMeans/PaymentMeansCode");
    // UNCL4461: 49 direct debit, 59 SEPA direct debit.
    if codes.iter().any(|code| matches!(code.as_str(), "49" | "59")) {
        warnings.push("to be paid by direct debit, which the seller collects".to_owned());
    }
    let mut accounts: Vec<String> = Vec::new();
    for text in root.texts("PaymentMeans/PayeeFinancialAccount/ID") {
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
fn description(root: Element) -> Option<String> {
    let note = root.text("Note");
    let is_short = |text: &String| text.chars().count() <= SHORT_NOTE && !text.starts_with('#');
    let item = || {
        ["InvoiceLine/Item/Name", "CreditNoteLine/Item/Name", "InvoiceLine/Item/Description"]
            .iter()
            .find_map(|path| root.text(path))
    };
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
