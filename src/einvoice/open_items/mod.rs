//! Lists of open items, as bookkeeping programs export them (CSV): bytes and a mapping of columns → invoices with what is
//! open of each, and the rows that say nothing usable with their lines. Never guesses a column, an amount or a date, and
//! never takes half a file: one that is cut short, or lacks a needed column, is refused whole.

pub mod cells;
mod header;
pub mod mapping;
mod rows;
#[cfg(test)]
mod tests;

use super::delimited::{self, Damage, Record};
use super::{InvoiceFault, LARGEST, ReadInvoice, encoding, read_json};
use crate::dunning::ids::InvoiceNumber;
use chrono::NaiveDate;
use header::Header;
use mapping::Mapping;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// More rows are not read: a list of that size is none of a small firm.
const MOST_ROWS: usize = 100_000;
/// Nor are more cells, each of which takes far more room than the character that ends it.
const MOST_CELLS: usize = 2_000_000;

/// What a list says.
#[derive(Clone, Debug)]
pub struct OpenItemList {
    /// The day that its titles name; `None` when they name none or several.
    pub day: Option<NaiveDate>,
    /// In the order of their lines.
    pub items: Vec<OpenItem>,
    /// Rows that are not taken.
    pub faults: Vec<RowFault>,
    /// Every number that stands in the list, also in rows that are not taken.
    pub numbers: BTreeSet<InvoiceNumber>,
}

/// One invoice of a list: `payable` is what is open, `prepaid` what was paid before. A negative amount is a credit note.
#[derive(Clone, Debug)]
pub struct OpenItem {
    pub line: u32,
    pub read: ReadInvoice,
}

/// Why a row is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFault {
    pub line: u32,
    pub reason: String,
}

impl RowFault {
    pub fn located(&self) -> String {
        format!("line {}: {}", self.line, self.reason)
    }
}

/// Whether files of this name are read as lists, where the configuration says which program wrote them.
pub fn is_list(file_name: &str) -> bool {
    let extension = file_name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    matches!(extension.as_deref(), Some("csv" | "tsv"))
}

/// Reads a list.
///
/// # Errors
/// When nothing of it is taken: no text, no line of heads with the needed columns, or it ends too early.
pub fn read(bytes: &[u8], mapping: &Mapping) -> Result<OpenItemList, InvoiceFault> {
    let text = text(bytes)?;
    let records = whole_records(&text)?;
    let header = Header::find(&records, mapping)?;
    let (titles, rest) = records.split_at(header.at);
    let rest = rest.get(1..).unwrap_or_default();
    if rest.len() > MOST_ROWS {
        return Err(InvoiceFault::new(format!("the list has more than {MOST_ROWS} rows: export a shorter one")));
    }
    let heads = records.get(header.at);
    let read = rows::read(rest.iter().filter(|record| !is_head_again(record, heads)), &header, mapping)?;
    Ok(OpenItemList { day: the_day(titles), ..read })
}

/// Why a file that may be a list ends too early, by its form alone.
pub(super) fn why_cut(bytes: &[u8]) -> Option<InvoiceFault> {
    text(bytes).and_then(|text| whole_records(&text).map(drop)).err().filter(|fault| fault.incomplete)
}

/// How many fields a mapping finds, to tell which program wrote a list; `None` when it is none of its.
pub fn fit(bytes: &[u8], mapping: &Mapping) -> Option<usize> {
    let text = text(bytes).ok()?;
    Header::find(&whole_records(&text).ok()?, mapping).ok().map(|header| header.fields())
}

fn text(bytes: &[u8]) -> Result<String, InvoiceFault> {
    if bytes.iter().all(|byte| *byte == 0 || byte.is_ascii_whitespace()) {
        return Err(InvoiceFault::new("the file is empty: export the list again").incomplete());
    }
    if bytes.len() > LARGEST {
        return Err(InvoiceFault::new("the file is larger than 20 MB: export a shorter list"));
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(InvoiceFault::new("this is an Excel file, whatever its name says: save it as CSV"));
    }
    if bytes.iter().filter(|byte| matches!(byte, b';' | b',' | b'\t' | b'\n')).count() > MOST_CELLS {
        return Err(InvoiceFault::new(format!("the list has more than {MOST_CELLS} cells: export a shorter one")));
    }
    encoding::decode_table(bytes)
}

/// The records of a text that is whole; a last line without a line break must show by itself that nothing is missing.
fn whole_records(text: &str) -> Result<Vec<Record>, InvoiceFault> {
    let (separator, body) = told_separator(text).unwrap_or_else(|| (delimited::separator(text), text));
    let mut records = delimited::records(body, separator);
    let skipped = u32::from(body.len() != text.len());
    records.iter_mut().for_each(|record| record.line += skipped);
    let width = records.iter().map(|record| record.cells.len()).max().unwrap_or(0);
    let Some(last) = records.last() else { return Ok(records) };
    if let Some(Damage::OpenQuote(_)) = last.damage {
        let reason = "a quote is opened and not closed before the file ends: it is not complete, or a quote inside text is \
                      not doubled; export the list again";
        return Err(InvoiceFault::new(reason).at((last.line, 1)).incomplete());
    }
    let closed = last.cells.last().is_some_and(|cell| cell.quoted || cells::is_closed_form(&cell.text));
    if !last.ended && !last.is_blank() && (last.cells.len() < width || !closed) {
        let reason = "the last line has no end, so part of it may be missing: export the list again, or put a line break \
                      behind it";
        return Err(InvoiceFault::new(reason).at((last.line, 1)).incomplete());
    }
    Ok(records)
}

/// `sep=;`, which Excel understands, in the first line.
fn told_separator(text: &str) -> Option<(char, &str)> {
    let (first, rest) = text.split_once('\n')?;
    let told = first.trim_end_matches('\r').trim_matches('"').strip_prefix("sep=")?;
    let mut told = told.chars();
    told.next().filter(|_| told.next().is_none()).map(|separator| (separator, rest))
}

/// Printed lists repeat their heads on each page.
fn is_head_again(record: &Record, heads: Option<&Record>) -> bool {
    heads.is_some_and(|heads| heads.cells.iter().map(|cell| &cell.text).eq(record.cells.iter().map(|cell| &cell.text)))
}

fn the_day(titles: &[Record]) -> Option<NaiveDate> {
    let cells = titles.iter().flat_map(|record| &record.cells);
    only(cells.flat_map(|cell| days_in(&cell.text)))
}

/// The one day that a text names, such as a file's name.
pub fn day_in(text: &str) -> Option<NaiveDate> {
    only(days_in(text).into_iter())
}

fn days_in(text: &str) -> Vec<NaiveDate> {
    let words = text.split(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '/' | '.')));
    let trimmed = words.map(|word| word.trim_matches(['-', '/', '.']));
    trimmed.filter_map(|word| cells::date(word, cells::DateOrder::DayFirst).ok()).collect()
}

fn only(days: impl Iterator<Item = NaiveDate>) -> Option<NaiveDate> {
    let days: BTreeSet<NaiveDate> = days.collect();
    days.first().copied().filter(|_| days.len() == 1)
}

/// The lines that `inspect invoice --json` prints: one a row.
pub fn to_json(file: &str, read: &Result<OpenItemList, InvoiceFault>) -> Vec<Value> {
    let list = match read {
        Ok(list) => list,
        Err(fault) => return vec![super::fault_json(file, fault)],
    };
    let good = list.items.iter().map(|item| {
        let mut value = read_json(file, &item.read);
        value["line"] = json!(item.line);
        (item.line, value)
    });
    let broken = list.faults.iter().map(|fault| {
        let reason = InvoiceFault { line: Some(fault.line), ..InvoiceFault::new(fault.reason.clone()) };
        (fault.line, super::fault_json(file, &reason))
    });
    let mut values: Vec<(u32, Value)> = good.chain(broken).collect();
    values.sort_by_key(|(line, _)| *line);
    values.into_iter().map(|(_, value)| value).collect()
}
