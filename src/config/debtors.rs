//! What the owner decided for single debtors: `[[debtor]]` sections and the file that `debtors` names
//! (TOML with the same sections, or CSV with the same words in its first line).

use super::fault::{Document, Findings, Found, either, nearest};
use super::ladder::{Audience, Shelf};
use super::places::{amount_of, email};
use super::same_debtor::SameDebtors;
use super::section::{Section, choose, parse};
use crate::dunning::debtor::{DebtorKind, Language};
use crate::dunning::ids::DebtorId;
use crate::dunning::instructions::MOST_GRACE_DAYS;
use crate::dunning::money::Money;
use crate::dunning::policy::{Ladder, Override};
use crate::einvoice::delimited::{self, Damage, Record};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

pub(super) const KINDS: [(&str, DebtorKind); 3] =
    [("business", DebtorKind::Business), ("consumer", DebtorKind::Consumer), ("government", DebtorKind::Government)];
const FLAGS: [(&str, bool); 6] =
    [("true", true), ("false", false), ("yes", true), ("no", false), ("ja", true), ("nee", false)];
const COLUMNS: [&str; 13] = [
    "id",
    "same_as",
    "name",
    "contact",
    "email",
    "kind",
    "language",
    "never_dun",
    "ladder",
    "grace_days",
    "minimum",
    "claims",
    "may_name",
];
/// Between several names in one cell.
const BETWEEN_NAMES: char = '|';
/// Days that the steps of one debtor may come later.
const GRACE_DAYS: RangeInclusive<i64> = 0..=MOST_GRACE_DAYS;

/// Of letters.
fn languages() -> [(&'static str, Language); 4] {
    Language::ALL.map(|language| (language.code(), language))
}

/// One debtor as a section or a row describes it.
struct Row {
    at: usize,
    id: Option<Found<String>>,
    /// The debtor that this number is too.
    same_as: Option<Found<String>>,
    name: Option<String>,
    contact: Option<String>,
    email: Option<Found<String>>,
    kind: Option<DebtorKind>,
    language: Option<Language>,
    never_dun: bool,
    ladder: Option<Found<String>>,
    grace_days: Option<i64>,
    minimum: Option<Money>,
    claims: Option<bool>,
    may_name: Vec<String>,
}

/// The overrides of all debtors, gathered from several files.
pub(super) struct Overrides<'a> {
    shelf: &'a Shelf<'a>,
    by_debtor: BTreeMap<DebtorId, Override>,
    same: SameDebtors,
}

impl<'a> Overrides<'a> {
    pub fn new(shelf: &'a Shelf<'a>) -> Overrides<'a> {
        Overrides { shelf, by_debtor: BTreeMap::new(), same: SameDebtors::default() }
    }

    /// All `[[debtor]]` of a document.
    pub fn read_sections(&mut self, root: &Section<'_>) {
        for section in root.sections("debtor") {
            let row = row_of_section(&section);
            section.finish();
            self.add(section.document, row);
        }
    }

    /// The file that `debtors` names.
    pub fn read_file(&mut self, findings: &Findings, file: &Path, text: &str) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document = Document { file, text, findings };
        if file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
            for row in rows_of_csv(&document) {
                self.add(&document, row);
            }
        } else if let Some(table) = parse(&document) {
            let root = Section::root(&document, &table);
            self.read_sections(&root);
            root.finish();
        }
    }

    /// All of them, once everything is read.
    pub fn checked(self, findings: &Findings) -> BTreeMap<DebtorId, Override> {
        self.same.check(findings);
        self.by_debtor
    }

    fn add(&mut self, document: &Document<'_>, row: Row) {
        let ladder = row.ladder.as_ref().and_then(|name| self.ladder(document, name, row.kind));
        let Some(id) = row.id else {
            document.fault(row.at, "debtor.id is missing", "write the customer number as the invoices name it");
            return;
        };
        let decided = Override {
            never_dun: row.never_dun,
            language: row.language,
            kind: row.kind,
            email: row.email.and_then(|address| email(document, "debtor.email", address)),
            contact: row.contact,
            name: row.name,
            ladder,
            grace_days: row.grace_days.unwrap_or(0),
            minimum: row.minimum,
            extras: row.claims,
            may_name: row.may_name,
            same_as: None,
        };
        let decides_more = decided != Override::default();
        let same_as = row.same_as.map(|to| self.same.note(document, &id.value, &to, decides_more));
        let decided = Override { same_as, ..decided };
        let debtor = DebtorId::from_text(&id.value);
        if self.by_debtor.insert(debtor, decided).is_some() {
            let message = format!("the debtor {:?} is there twice", id.value);
            document.fault(id.at, message, "keep one of the two");
        }
    }

    /// A ladder that the law allows for this debtor; a kind that is not said counts as consumer.
    fn ladder(&self, document: &Document<'_>, name: &Found<String>, kind: Option<DebtorKind>) -> Option<Ladder> {
        self.shelf.ladder(document, "debtor.ladder", name, Audience { country: None, kind })
    }
}

fn row_of_section(section: &Section<'_>) -> Row {
    let text = |key| section.text(key).map(|text: Found<String>| text.value);
    Row {
        at: section.at,
        id: section.text("id"),
        same_as: section.text("same_as"),
        name: text("name"),
        contact: text("contact"),
        email: section.text("email"),
        kind: section.choice("kind", &KINDS),
        language: section.choice("language", &languages()),
        never_dun: section.flag("never_dun").unwrap_or(false),
        ladder: section.text("ladder"),
        grace_days: section.number("grace_days", GRACE_DAYS).map(|days| days.value),
        minimum: section.text("minimum").and_then(|text| amount_of(section.document, "debtor.minimum", &text)),
        claims: section.flag("claims"),
        may_name: section.texts("may_name").unwrap_or_default().into_iter().map(|text| text.value).collect(),
    }
}

fn rows_of_csv(document: &Document<'_>) -> Vec<Row> {
    let first = document.text.lines().next().unwrap_or_default();
    let mut records = delimited::records(document.text, if first.contains(';') { ';' } else { ',' }).into_iter();
    let Some(header) = records.next() else {
        document.fault(0, "the list of debtors is empty", format!("start it with {}", COLUMNS.join(",")));
        return Vec::new();
    };
    let Some(columns) = columns(document, &cells(document, header)) else { return Vec::new() };
    let rows = records.filter(|record| !record.is_blank());
    rows.map(|record| (record.at, cells(document, record)))
        .map(|(at, cells)| row_of_line(document, at, &columns, &cells))
        .collect()
}

/// The names in the header; `None` when one is not known or `id` is not among them.
fn columns(document: &Document<'_>, header: &[Found<String>]) -> Option<Vec<&'static str>> {
    let mut columns = Vec::new();
    for cell in header {
        match COLUMNS.iter().find(|known| known.eq_ignore_ascii_case(&cell.value)) {
            Some(known) => columns.push(*known),
            None => {
                let hint = nearest(&cell.value, COLUMNS).map(|known| format!("did you mean {known:?}? "));
                let remedy = format!("{}choose {}", hint.unwrap_or_default(), either(&COLUMNS));
                document.fault(cell.at, format!("unknown column {:?}", cell.value), remedy);
            }
        }
    }
    if columns.len() == header.len() && !columns.contains(&"id") {
        document.fault(0, "the list of debtors has no column id", format!("start it with {}", COLUMNS.join(",")));
    }
    (columns.len() == header.len() && columns.contains(&"id")).then_some(columns)
}

fn row_of_line(document: &Document<'_>, at: usize, columns: &[&str], cells: &[Found<String>]) -> Row {
    if cells.len() > columns.len() {
        let message = format!("this line has {} cells, the first line has {}", cells.len(), columns.len());
        document.fault(at, message, "put text that contains the separator between quotes");
    }
    let cell = |name: &str| {
        let found = columns.iter().zip(cells).find(|(column, _)| **column == name).map(|(_, cell)| cell.clone());
        found.filter(|cell| !cell.value.is_empty())
    };
    let text = |name: &str| cell(name).map(|cell| cell.value);
    let flag = |name: &str| cell(name).and_then(|word| choose(document, &format!("debtor.{name}"), &word, &FLAGS));
    Row {
        at,
        id: cell("id"),
        same_as: cell("same_as"),
        name: text("name"),
        contact: text("contact"),
        email: cell("email"),
        kind: cell("kind").and_then(|word| choose(document, "debtor.kind", &word, &KINDS)),
        language: cell("language").and_then(|word| choose(document, "debtor.language", &word, &languages())),
        never_dun: flag("never_dun").unwrap_or(false),
        ladder: cell("ladder"),
        grace_days: cell("grace_days").and_then(|days| grace_of_cell(document, &days)),
        minimum: cell("minimum").and_then(|text| amount_of(document, "debtor.minimum", &text)),
        claims: flag("claims"),
        may_name: text("may_name")
            .iter()
            .flat_map(|names| names.split(BETWEEN_NAMES))
            .map(|name| name.trim().to_owned())
            .collect(),
    }
}

fn grace_of_cell(document: &Document<'_>, cell: &Found<String>) -> Option<i64> {
    let days = cell.value.parse().ok().filter(|days| GRACE_DAYS.contains(days));
    if days.is_none() {
        let message = format!("debtor.grace_days = {:?} is not a number of days", cell.value);
        let remedy = format!("write a number from {} to {}", GRACE_DAYS.start(), GRACE_DAYS.end());
        document.fault(cell.at, message, remedy);
    }
    days
}

/// The cells of one record; each stands on one line.
fn cells(document: &Document<'_>, record: Record) -> Vec<Found<String>> {
    match record.damage {
        Some(Damage::OpenQuote(at)) => {
            document.fault(at, "a quote is opened and not closed", "close it, or double it inside text");
        }
        Some(Damage::TextAfterQuote(at)) => {
            document.fault(at, "text follows a closing quote", "double quotes inside text");
        }
        None => {}
    }
    let broken = record.cells.iter().find(|cell| cell.text.contains(['\n', '\r']));
    if let Some(cell) = broken.filter(|_| record.damage.is_none()) {
        document.fault(cell.at, "a cell has a line break", "write it on one line");
    }
    record.cells.into_iter().map(|cell| Found { value: cell.text, at: cell.at }).collect()
}
