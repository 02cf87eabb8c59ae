//! A bank statement, whatever format it came in.
//! Never guesses a format by file name and never returns half a file.

use super::{archive, camt, characters, coda, mt940};
use crate::dunning::money::{Currency, Money};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One statement of one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The bank gives a reason of return: of a debit, money that had come in goes back.
    pub returned: bool,
    /// What the payer ordered, where that was in another currency.
    pub instructed: Option<Money>,
    pub status: Status,
    /// The whole amount of the batch that this is a transaction of.
    pub batch: Option<Money>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
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
        Format::Zip => of_archive(bytes),
        other => of_file(bytes, other),
    }
}

/// The statements of every file in an archive, or the first fault. What is no statement (a PDF beside it) is left out.
fn of_archive(bytes: &[u8]) -> Result<Vec<Statement>, StatementFault> {
    let mut statements = Vec::new();
    for file in archive::unpack(bytes)? {
        let format = format_of(&file.bytes);
        if matches!(format, Format::Unknown | Format::Empty) {
            continue;
        }
        let in_file =
            |fault: StatementFault| StatementFault { reason: format!("{}: {}", file.name, fault.reason), ..fault };
        statements.extend(of_file(&file.bytes, format).map_err(in_file)?);
    }
    if statements.is_empty() {
        return Err(StatementFault::new(None, "the archive holds no bank statement"));
    }
    Ok(statements)
}

/// The bytes begin as a statement does, or as an archive.
pub fn looks_like_one(bytes: &[u8]) -> bool {
    match format_of(bytes) {
        Format::Zip | Format::Swift | Format::Coda => true,
        Format::Xml => camt::looks_like_one(bytes),
        Format::Empty | Format::Unknown => false,
    }
}

/// In what way the bytes end before their format does; `None` when they are whole or damaged otherwise.
pub fn why_incomplete(bytes: &[u8]) -> Option<&'static str> {
    match format_of(bytes) {
        Format::Empty => Some("it is empty"),
        Format::Xml => camt::is_unfinished(bytes).then_some("it does not end with </Document>"),
        Format::Swift => {
            let text = characters::decode(bytes).ok()?;
            mt940::is_unfinished(&text).then_some("its last statement has no closing balance")
        }
        Format::Coda => {
            coda::is_unfinished(&characters::decode(bytes).ok()?).then_some("its last record (9) is missing")
        }
        Format::Zip => archive::is_unfinished(bytes).then_some("the archive has no end"),
        Format::Unknown => None,
    }
}

fn of_file(bytes: &[u8], format: Format) -> Result<Vec<Statement>, StatementFault> {
    match format {
        Format::Xml => camt::read(bytes),
        Format::Coda => coda::read(&characters::decode(bytes)?),
        Format::Swift => mt940::read(&characters::decode(bytes)?),
        Format::Empty => Err(StatementFault::new(None, "the file is empty")),
        Format::Zip => Err(StatementFault::new(None, "an archive within an archive")),
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
    Zip,
    Unknown,
}

/// Looks at the beginning of the file only.
fn format_of(bytes: &[u8]) -> Format {
    let head = &bytes[..bytes.len().min(4096)];
    if head.starts_with(b"PK\x03\x04") {
        return Format::Zip;
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
        "returned": entry.returned,
        "instructed": entry.instructed.map(|m| json!({ "amount": m.to_string(), "currency": m.currency().code() })),
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
        "opening": null, "closing": null, "balanced": null, "covers_from": null, "covers_until": null,
        "entries": [], "warnings": [],
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
            (b"PK\x03\x04rest", "archive"),
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
    fn statements_in_an_archive() {
        let statement = b":20:X\n:25:NL91ABNA0417164300\n:60F:C261119EUR1,\n:61:261120C1,NTRFX\n:62F:C261120EUR2,\n";
        let pdf: (&str, &[u8], u16) = ("a.pdf", b"%PDF-1.4", 0);
        let packed = archive::tests::zip(&[("a.sta", statement, 8), pdf]);
        let found = read(&packed).unwrap();
        assert_eq!((found.len(), found[0].entries.len(), found[0].balanced), (1, 1, Some(true)));
        assert!(looks_like_one(&packed) && looks_like_one(statement) && !looks_like_one(b"%PDF-1.4"));
        let damaged = archive::tests::zip(&[("a.sta", statement, 8), ("b.sta", b":20:X\n:61:261120Q", 0)]);
        assert!(read(&damaged).unwrap_err().reason.starts_with("b.sta: "), "none of it is taken");
        let within = archive::tests::zip(&[("in.zip", &packed, 0)]);
        assert!(read(&within).unwrap_err().reason.contains("archive within"));
        assert!(read(&archive::tests::zip(&[pdf])).unwrap_err().reason.contains("no bank statement"));
        let whole = std::str::from_utf8(statement).unwrap();
        assert_eq!(why_incomplete(statement), None);
        assert!(why_incomplete(whole.split(":62F").next().unwrap().as_bytes()).is_some());
        assert!(why_incomplete(&packed[..packed.len() - 30]).is_some() && why_incomplete(&packed).is_none());
    }

    #[test]
    fn a_fault_is_one_line() {
        let lines = to_json("x.xml", &Err(StatementFault::new(7, "it broke")));
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["error"], "line 7: it broke");
        assert_eq!(lines[0]["file"], "x.xml");
    }
}
