//! The line with the heads of the columns: it may stand below titles. A list that lacks a needed column is refused whole.

use super::InvoiceFault;
use super::mapping::{Field, Mapping, lacking};
use crate::einvoice::delimited::Record;
use std::collections::BTreeMap;

/// Titles take at most so many lines.
const TITLES: usize = 50;

/// Where each field stands.
pub(super) struct Header {
    /// Index of its record.
    pub at: usize,
    pub width: usize,
    columns: BTreeMap<Field, usize>,
}

impl Header {
    /// The first line that has all needed columns.
    pub fn find(records: &[Record], mapping: &Mapping) -> Result<Header, InvoiceFault> {
        let mut nearest: Option<Header> = None;
        for (at, record) in records.iter().take(TITLES).enumerate() {
            let header = Header { at, width: record.cells.len(), columns: columns(record, mapping)? };
            if header.lacks().is_empty() {
                return Ok(header);
            }
            if nearest.as_ref().is_none_or(|best| header.columns.len() > best.columns.len()) {
                nearest = Some(header);
            }
        }
        Err(not_found(nearest, records, mapping))
    }

    fn lacks(&self) -> Vec<&'static str> {
        lacking(|field| self.columns.contains_key(&field))
    }

    pub fn has(&self, field: Field) -> bool {
        self.columns.contains_key(&field)
    }

    /// What stands under a field's head.
    pub fn cell<'r>(&self, record: &'r Record, field: Field) -> Option<&'r str> {
        let text = record.text(*self.columns.get(&field)?);
        (!text.is_empty()).then_some(text)
    }

    /// The last column that means anything.
    pub fn last_column(&self) -> usize {
        self.columns.values().copied().max().unwrap_or(0)
    }

    /// Which column each field was found in.
    pub fn fields(&self) -> usize {
        self.columns.len()
    }
}

fn columns(record: &Record, mapping: &Mapping) -> Result<BTreeMap<Field, usize>, InvoiceFault> {
    let heads: Vec<String> = record.cells.iter().map(|cell| bare(&cell.text)).collect();
    let mut columns = BTreeMap::new();
    for (field, names) in &mapping.columns {
        let wanted = names.iter().map(|name| bare(name)).filter(|name| !name.is_empty());
        let Some(name) = wanted.into_iter().find(|name| heads.contains(name)) else { continue };
        let places: Vec<usize> = (0..heads.len()).filter(|place| heads.get(*place) == Some(&name)).collect();
        if let ([first, _, ..], true) = (places.as_slice(), record.cells.len() > 2) {
            let head = record.text(*first);
            let reason =
                format!("the column {head:?} stands there twice: expected each once; take one out of the export");
            return Err(InvoiceFault::new(reason).at((record.line, 1)));
        }
        columns.extend(places.first().map(|place| (*field, *place)));
    }
    Ok(columns)
}

fn not_found(nearest: Option<Header>, records: &[Record], mapping: &Mapping) -> InvoiceFault {
    let lacks = nearest.as_ref().map_or_else(|| lacking(|_| false), Header::lacks);
    let wanted: Vec<String> = lacks.iter().map(|name| expected(name, mapping)).collect();
    let program = &mapping.program;
    let remedy =
        format!("export the list with these columns, or name its own heads in [[open_items]] (mapping {program:?})");
    let found = nearest.filter(|header| header.columns.len() > 1);
    let line = found.and_then(|header| records.get(header.at)).map(|record| record.line);
    match line {
        Some(line) => {
            InvoiceFault::new(format!("this line of heads lacks {}: {remedy}", wanted.join(", "))).at((line, 1))
        }
        None => InvoiceFault::new(format!(
            "no line with the heads of the columns was found; expected {}: {remedy}",
            wanted.join(", ")
        )),
    }
}

fn expected(name: &str, mapping: &Mapping) -> String {
    let field = Field::ALL.into_iter().find(|field| name.split(' ').next() == Some(field.key()));
    let heads = field.map(|field| mapping.heads(field)).unwrap_or_default();
    if heads.is_empty() { name.to_owned() } else { format!("{name} ({heads})") }
}

/// A head without what programs write now and then: case, blanks, points, signs.
fn bare(head: &str) -> String {
    head.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
