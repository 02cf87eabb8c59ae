//! PURE. Bytes to [`Invoice`]: UBL 2.1 and CII XML, the small TOML form, and lists of open items. Value plus warnings, never a panic.
//!
//! What is not sure is refused with a reason rather than guessed: a wrong amount or a wrong debtor in a dunning
//! letter costs more than a question to the owner.

mod buyer;
mod cii;
mod common;
#[cfg(test)]
mod corpus;
pub mod delimited;
mod document_type;
mod encoding;
pub mod hybrid;
pub mod open_items;
pub mod small;
mod terms;
mod totals;
mod ubl;
mod xml;

#[cfg(all(test, feature = "daemon"))]
pub(crate) use cii::EXAMPLE as CII_EXAMPLE;

use crate::dunning::calendar::Country;
use crate::dunning::invoice::{DueSource, Invoice, InvoiceKind};
use crate::dunning::legal;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::borrow::Cow;

/// The largest file that is read, in bytes.
pub const LARGEST: usize = 20 * 1024 * 1024;

/// An invoice that was read, with what was odd about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadInvoice {
    pub format: Cow<'static, str>,
    pub invoice: Invoice,
    /// The buyer's number exactly as the file prints it; `None` when the debtor's id was derived from something else.
    pub buyer_id: Option<String>,
    /// What the buyer asked to be quoted (BT-10), where the format has it.
    pub buyer_reference: Option<String>,
    pub warnings: Vec<String>,
}

/// Why a file holds no usable invoice: line and column where known, what was expected and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{reason}")]
pub struct InvoiceFault {
    pub line: Option<u32>,
    pub column: Option<u32>,
    pub reason: String,
    /// The bytes end too early: a half-written file may yet become whole.
    pub incomplete: bool,
}

impl InvoiceFault {
    /// One without a place in the file.
    pub fn plain(reason: String) -> InvoiceFault {
        InvoiceFault::new(reason)
    }

    fn new(reason: impl Into<String>) -> InvoiceFault {
        InvoiceFault { line: None, column: None, reason: reason.into(), incomplete: false }
    }

    fn at(self, (line, column): (u32, u32)) -> InvoiceFault {
        InvoiceFault { line: Some(line), column: Some(column), ..self }
    }

    fn incomplete(self) -> InvoiceFault {
        InvoiceFault { incomplete: true, ..self }
    }

    fn because(self, reason: String) -> InvoiceFault {
        InvoiceFault { reason, ..self }
    }

    /// The reason with its place before it: `line 12, column 5: …`.
    pub fn located(&self) -> String {
        match (self.line, self.column) {
            (Some(line), Some(column)) => format!("line {line}, column {column}: {}", self.reason),
            (Some(line), None) => format!("line {line}: {}", self.reason),
            (None, _) => self.reason.clone(),
        }
    }
}

/// Recognises the format by content (and the file name's extension) and reads it.
pub fn read(file_name: &str, bytes: &[u8]) -> Result<ReadInvoice, InvoiceFault> {
    if bytes.iter().all(|byte| *byte == 0 || byte.is_ascii_whitespace()) {
        return Err(InvoiceFault::new("the file is empty: write the invoice again").incomplete());
    }
    if bytes.len() > LARGEST {
        return Err(InvoiceFault::new("the file is larger than 20 MB: write the invoice without large attachments"));
    }
    refuse_other_files(bytes)?;
    if open_items::is_list(file_name) {
        return Err(unmapped_list(bytes));
    }
    let text = encoding::decode(bytes)?;
    let extension = file_name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        _ if text.trim_start().starts_with('<') => read_xml(&text),
        Some("toml") => small::read(&text),
        Some("xml") => Err(InvoiceFault::new(
            "this is not XML, for it does not begin with \"<\": write the invoice as UBL 2.1 XML again",
        )
        .at((1, 1))),
        _ if small::looks_like(&text) => small::read(&text),
        _ => Err(InvoiceFault::new(
            "no invoice format is recognised: expected an XML invoice (.xml; UBL 2.1 or CII) or the small form (.toml)",
        )),
    }
}

/// A list of open items alone does not say what its columns mean.
fn unmapped_list(bytes: &[u8]) -> InvoiceFault {
    open_items::why_cut(bytes).unwrap_or_else(|| {
        InvoiceFault::new(
            "CSV lists of open items are read when [[open_items]] in the configuration says which program wrote them \
             (files = \"*.csv\", program = \"moneybird\"); else write one TOML or UBL file an invoice",
        )
    })
}

/// One XML document; its root says of which kind.
fn read_xml(text: &str) -> Result<ReadInvoice, InvoiceFault> {
    let document = xml::parse(text)?;
    let root = xml::Element::root(&document);
    if cii::is_root(root) { cii::read(root) } else { ubl::read(root) }
}

/// The line that `inspect invoice --json` prints.
pub fn to_json(file: &str, read: &Result<ReadInvoice, InvoiceFault>) -> Value {
    match read {
        Ok(read) => read_json(file, read),
        Err(fault) => fault_json(file, fault),
    }
}

fn read_json(file: &str, read: &ReadInvoice) -> Value {
    let invoice = &read.invoice;
    let debtor = &invoice.debtor;
    let kind = match invoice.kind {
        InvoiceKind::Invoice => "invoice",
        InvoiceKind::CreditNote => "credit_note",
    };
    json!({
        "file": file, "format": read.format, "kind": kind, "number": invoice.number,
        "issue_date": invoice.issue_date, "due_date": invoice.due_date,
        "currency": invoice.payable.currency().code(), "total": invoice.total.to_string(),
        "prepaid": invoice.prepaid.to_string(), "payable": invoice.payable.to_string(),
        "seller": {"name": invoice.seller.name, "vat": invoice.seller.vat, "kvk": invoice.seller.kvk},
        "buyer": {
            "name": debtor.name, "email": debtor.email, "vat": debtor.vat, "kvk": debtor.kvk,
            "country": debtor.country, "id": read.buyer_id, "kind": debtor.kind, "contact": debtor.contact,
            "phone": debtor.phone, "language": debtor.language, "debtor": debtor.id,
        },
        "iban": invoice.iban, "payment_reference": invoice.payment_reference,
        "order_reference": invoice.order_reference, "buyer_reference": read.buyer_reference,
        "corrects": invoice.corrects, "description": invoice.description, "term_source": invoice.term_source,
        "due_source": due_source(invoice),
        "warnings": warnings(read), "error": null,
    })
}

/// Where the due date of an invoice comes from; nothing of a credit note, which nobody pays.
fn due_source(invoice: &Invoice) -> Option<&'static str> {
    match (invoice.kind, invoice.due_origin()) {
        (InvoiceKind::CreditNote, _) => None,
        (InvoiceKind::Invoice, Some(DueSource::Stated)) => Some("stated"),
        (InvoiceKind::Invoice, Some(DueSource::Terms)) => Some("terms"),
        (InvoiceKind::Invoice, None) => Some("default"),
    }
}

/// What the reader found odd, and a term that is longer than the law allows, where the file tells whose law that is.
fn warnings(read: &ReadInvoice) -> Vec<String> {
    let (invoice, debtor) = (&read.invoice, &read.invoice.debtor);
    let country = debtor.country.as_deref().and_then(Country::parse);
    let long = country
        .zip(invoice.due_date)
        .and_then(|(country, due)| legal::long_term(country, debtor.kind, invoice.issue_date, due));
    read.warnings.iter().cloned().chain(long.map(|term| term.to_string())).collect()
}

fn fault_json(file: &str, fault: &InvoiceFault) -> Value {
    json!({
        "file": file, "format": null, "kind": null, "number": null, "issue_date": null, "due_date": null,
        "currency": null, "total": null, "prepaid": null, "payable": null, "seller": null, "buyer": null,
        "iban": null, "payment_reference": null, "order_reference": null, "warnings": [],
        "error": fault.located(), "line": fault.line, "column": fault.column, "incomplete": fault.incomplete,
    })
}

/// Files that people put into an invoices folder and that hold no text.
fn refuse_other_files(bytes: &[u8]) -> Result<(), InvoiceFault> {
    if hybrid::is_pdf(bytes) {
        let fault = InvoiceFault::new(
            "this is a PDF: only a program that opens it can say whether an invoice is inside; put the XML file, or a \
             small TOML file of the same name, beside it",
        );
        return Err(if hybrid::is_whole(bytes) {
            fault
        } else {
            fault.because("the PDF ends too early (%%EOF is missing): the file is not complete".to_owned()).incomplete()
        });
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(InvoiceFault::new(
            "this is a ZIP archive (or an office document): unpack it and put the invoices themselves into the folder",
        ));
    }
    Ok(())
}

/// A calendar date as `2026-10-31`; nothing else.
fn iso_date(text: &str) -> Option<NaiveDate> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
    shape.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}

/// One address to write to: the first of several, lower risk than guessing which is meant.
fn one_address(text: &str) -> Option<&str> {
    text.split([';', ',', ' ']).map(|part| part.trim_matches(['<', '>'])).find(|part| is_address(part))
}

fn is_address(text: &str) -> bool {
    text.len() <= 254
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '(' | ')'))
        && text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && !domain.contains('@')
                && domain.split('.').count() > 1
                && domain.split('.').all(|label| !label.is_empty())
        })
}

/// Line and column, both from 1, of a byte offset.
fn position(text: &str, offset: usize) -> (u32, u32) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_and_foreign_files_are_told_apart() {
        for blank in [&b""[..], b" \n\t", &[0; 64]] {
            assert!(read("a.xml", blank).unwrap_err().incomplete);
        }
        for (name, bytes, word) in [
            ("a.pdf", &b"%PDF-1.7\n1 0 obj\n%%EOF"[..], "PDF"),
            ("a.xml", b"PK\x03\x04\x14\0", "ZIP"),
            ("a.xml", b"number = 1", "not XML"),
            ("a.csv", b"number;total\n", "CSV"),
            ("a.doc", b"Dear sir", "no invoice format"),
        ] {
            let fault = read(name, bytes).unwrap_err();
            assert!(fault.reason.contains(word) && !fault.incomplete, "{fault:?}");
        }
        assert!(read("a.pdf", b"%PDF-1.7\n1 0 obj").unwrap_err().incomplete);
        let large = vec![b'a'; LARGEST + 1];
        assert!(read("a.xml", &large).unwrap_err().reason.contains("20 MB"));
    }

    #[test]
    fn a_fault_is_printed_with_its_line() {
        let fault = read("a.toml", b"number = \"1\"\ntotal 5\n[debtor]\nname = \"A\"\n").unwrap_err();
        let json = to_json("a.toml", &Err(fault));
        assert!(json["error"].as_str().unwrap().starts_with("line 2, column "), "{json}");
        for key in
            ["format", "kind", "number", "issue_date", "due_date", "currency", "total", "payable", "seller", "buyer"]
        {
            assert!(json[key].is_null() && json.get(key).is_some(), "{key}");
        }
    }

    #[test]
    fn addresses() {
        assert_eq!(one_address("a@x.example; b@y.example"), Some("a@x.example"));
        assert_eq!(one_address("<a@x.example>"), Some("a@x.example"));
        for bad in ["", "x", "a@b", "@x.example", "a@@x.example", "a@x..example"] {
            assert_eq!(one_address(bad), None, "{bad}");
        }
    }

    #[test]
    fn dates_are_iso_only() {
        assert!(iso_date("2024-02-29").is_some());
        for bad in ["2023-02-29", "2024-2-29", "20240229", "31-10-2026", "2026-10-31Z", "+026-10-31", ""] {
            assert_eq!(iso_date(bad), None, "{bad}");
        }
    }
}
