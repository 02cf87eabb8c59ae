//! A bank statement, whatever format it came in.
//! Never guesses a format by file name and never returns half a file.

use super::{camt, characters, coda, mt940};
use crate::dunning::money::{Currency, Money};
use chrono::NaiveDate;
use serde_json::{Value, json};

/// One statement of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// `camt.053`, `mt940` and so on.
    pub format: String,
    /// Own account: IBAN without spaces, else the bank's number.
    pub account: String,
    pub id: Option<String>,
    pub sequence: Option<String>,
    pub currency: Currency,
    pub opening: Option<Money>,
    pub closing: Option<Money>,
    /// Opening plus booked entries equals closing, and the bank's own totals agree; `None` where the file gives
    /// nothing to check against.
    pub balanced: Option<bool>,
    /// The last day that the statement covers: closing balance date, else end of its period.
    pub covers_until: Option<NaiveDate>,
    pub covers_from: Option<NaiveDate>,
    pub entries: Vec<Entry>,
    pub warnings: Vec<String>,
}

/// One movement. A batch with details is one entry a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub booked: Option<NaiveDate>,
    pub value: Option<NaiveDate>,
    /// Negative for money out.
    pub amount: Money,
    pub counterparty: Option<String>,
    /// Account of the counterparty, without spaces.
    pub iban: Option<String>,
    /// Structured reference (RF, betalingskenmerk, OGM), bare.
    pub reference: Option<String>,
    /// What the payer wrote, and what else the bank says of it.
    pub description: String,
    pub end_to_end: Option<String>,
    /// The bank's own reference of the entry (AcctSvcrRef), when given; of a transaction in a batch that has none of
    /// its own, the batch's with `/1`, `/2` behind it.
    pub bank_reference: Option<String>,
    pub reversal: bool,
    pub status: Status,
    /// The whole amount of the batch that this is a transaction of.
    pub batch: Option<Money>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Booked,
    Pending,
    Info,
}

impl Status {
    /// The ISO 20022 code, as in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Status::Booked => "BOOK",
            Status::Pending => "PDNG",
            Status::Info => "INFO",
        }
    }
}

/// Why a file holds no usable statement. Says file line where it can.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct StatementFault {
    pub line: Option<u32>,
    pub reason: String,
}

impl StatementFault {
    pub fn new(line: impl Into<Option<u32>>, reason: impl Into<String>) -> StatementFault {
        StatementFault { line: line.into(), reason: reason.into() }
    }
}

/// A larger file is no statement of a small company.
const MAX_BYTES: usize = 20 * 1024 * 1024;

/// Recognises the format and reads every statement in a file. Total: never panics, never half a file.
pub fn read(bytes: &[u8]) -> Result<Vec<Statement>, StatementFault> {
    if bytes.len() > MAX_BYTES {
        let megabytes = bytes.len() / (1024 * 1024);
        return Err(StatementFault::new(None, format!("the file is too large for a statement: {megabytes} MB")));
    }
    match format_of(bytes) {
        Format::Xml => camt::read(bytes),
        Format::Coda => coda::read(&characters::decode(bytes)?),
        Format::Swift => mt940::read(&characters::decode(bytes)?),
        Format::Empty => Err(StatementFault::new(None, "the file is empty")),
        Format::NotYet(name) => Err(StatementFault::new(None, format!("not supported yet: {name}"))),
        Format::Unknown => Err(StatementFault::new(
            None,
            "this is not a bank statement in a format that is known here (CAMT, MT940, CODA)",
        )),
    }
}

impl Statement {
    /// Balances join and nothing is missing: such a statement covers its days. Reports of a day that is not over do not.
    pub fn is_final(&self) -> bool {
        self.balanced == Some(true) && self.format != "mt942"
    }

    /// A report between statements, complete as far as anybody can tell: its money is announced, not shown yet.
    pub fn is_interim(&self) -> bool {
        match self.format.as_str() {
            "camt.052" | "camt.054" => self.balanced.is_none(),
            "mt942" => self.balanced == Some(true),
            _ => false,
        }
    }
}

enum Format {
    Xml,
    Swift,
    Coda,
    Empty,
    NotYet(&'static str),
    Unknown,
}

/// Looks at the beginning of the file only.
fn format_of(bytes: &[u8]) -> Format {
    let head = &bytes[..bytes.len().min(4096)];
    if head.starts_with(b"PK\x03\x04") {
        return Format::NotYet("a ZIP file; unpack it first");
    }
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return Format::Xml;
    }
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let first = text.lines().next().unwrap_or_default();
    if text.is_empty() {
        Format::Empty
    } else if text.starts_with('<') {
        Format::Xml
    } else if text.starts_with("{1:") || text.split(['\r', '\n']).any(is_swift_field) {
        Format::Swift
    } else if first.starts_with("00000") && first.len() >= 60 {
        Format::Coda
    } else {
        Format::Unknown
    }
}

/// A field of MT940, or one behind an envelope.
fn is_swift_field(line: &str) -> bool {
    const TAGS: [&str; 11] =
        [":20:", ":25:", ":28:", ":28C:", ":60F:", ":60M:", ":61:", ":62F:", ":86:", ":940:", "{4::20:"];
    TAGS.iter().any(|tag| line.contains(tag) && (line.starts_with(tag) || tag.starts_with('{')))
}

/// The lines that `inspect statement --json` prints for a file.
pub fn to_json(file: &str, read: &Result<Vec<Statement>, StatementFault>) -> Vec<Value> {
    match read {
        Ok(statements) => statements.iter().map(|statement| statement_json(file, statement)).collect(),
        Err(fault) => vec![fault_json(file, fault)],
    }
}

fn statement_json(file: &str, statement: &Statement) -> Value {
    json!({
        "file": file,
        "format": statement.format,
        "account": statement.account,
        "id": statement.id,
        "sequence": statement.sequence,
        "currency": statement.currency.code(),
        "opening": statement.opening.map(|m| m.to_string()),
        "closing": statement.closing.map(|m| m.to_string()),
        "balanced": statement.balanced,
        "covers_from": statement.covers_from.map(|d| d.to_string()),
        "covers_until": statement.covers_until.map(|d| d.to_string()),
        "entries": statement.entries.iter().map(entry_json).collect::<Vec<_>>(),
        "warnings": statement.warnings,
        "error": null,
    })
}

fn entry_json(entry: &Entry) -> Value {
    json!({
        "booked": entry.booked.map(|d| d.to_string()),
        "value": entry.value.map(|d| d.to_string()),
        "amount": entry.amount.to_string(),
        "currency": entry.amount.currency().code(),
        "counterparty": entry.counterparty,
        "iban": entry.iban,
        "reference": entry.reference,
        "description": entry.description,
        "end_to_end": entry.end_to_end,
        "bank_reference": entry.bank_reference,
        "reversal": entry.reversal,
        "status": entry.status.code(),
    })
}

fn fault_json(file: &str, fault: &StatementFault) -> Value {
    let error = match fault.line {
        Some(line) => format!("line {line}: {}", fault.reason),
        None => fault.reason.clone(),
    };
    json!({
        "file": file, "format": null, "account": null, "id": null, "sequence": null, "currency": null,
        "opening": null, "closing": null, "balanced": null, "entries": [], "warnings": [],
        "line": fault.line, "error": error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_it_cannot_read_yet() {
        let reasons = [
            (&b""[..], "the file is empty"),
            (b"PK\x03\x04rest", "ZIP"),
            (b"date;amount\n2026-11-01;5", "not a bank statement"),
        ];
        for (bytes, part) in reasons {
            let fault = read(bytes).unwrap_err();
            assert!(fault.reason.contains(part), "{fault:?}");
        }
        let coda = format!("00000{:122}2\n", "20112672505");
        assert!(read(coda.as_bytes()).unwrap_err().reason.contains("last record"));
        assert!(read(&vec![b' '; MAX_BYTES + 1]).unwrap_err().reason.contains("too large"));
    }

    #[test]
    fn a_fault_is_one_line() {
        let lines = to_json("x.xml", &Err(StatementFault::new(7, "it broke")));
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["error"], "line 7: it broke");
        assert_eq!(lines[0]["file"], "x.xml");
    }
}
