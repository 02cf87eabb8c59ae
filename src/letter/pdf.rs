//! A letter on paper: the same words as the mail's text, laid out by `templates/post/letter.typ` into a PDF. Never reads
//! a file, the net or a clock: the same letter gives the same bytes. Texts reach the layout as data, so that nothing
//! from outside is read as code.

mod desk;
mod parts;

use super::plain::one_line;
use super::{Company, LetterData, TemplateFault, Templates, epc, format};
use crate::dunning::debtor::DebtorKind;
use chrono::{Datelike, NaiveDate};
use desk::Desk;
use parts::Part;
use serde::Serialize;
use std::collections::BTreeMap;
use typst::foundations::{Bytes, Dict, Value};
use typst_layout::PagedDocument;

/// The layout's file in the owner's templates folder.
pub(super) const LAYOUT: &str = "post/letter.typ";
/// The layout as it was when the binary was built.
const BUILT_IN: &str = include_str!("../../templates/post/letter.typ");

/// Longest line of an address, in characters, and how many lines fit the window beside the name.
const LONGEST_LINE: usize = 60;
const ADDRESS_LINES: usize = 6;

/// Sizes of the letter's text, in points: the largest with which it is one sheet; when it never is, the first.
const SIZES: [f64; 4] = [10.5, 10.0, 9.5, 9.0];

/// A finished letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    pub pdf: Vec<u8>,
    pub pages: usize,
}

/// What the layout gets, as JSON.
#[derive(Serialize)]
struct Sheet {
    language: &'static str,
    subject: String,
    sender: Sender,
    /// Lines for the window of the envelope.
    recipient: Vec<String>,
    /// The letter's day in words.
    day: String,
    date: Date,
    parts: Vec<Part>,
    /// What the QR code says; empty when there is none.
    payload: String,
    /// Of the text, in points.
    size: f64,
}

#[derive(Serialize)]
struct Sender {
    name: String,
    address: Vec<String>,
}

#[derive(Serialize)]
struct Date {
    year: i32,
    month: u32,
    day: u32,
}

/// Lays a letter out for the post. `address` is the recipient's, below the name; `code` = with a payment QR code where
/// one fits.
///
/// # Errors
/// A template that cannot be used, with file and line; the owner's `post/letter.typ` is one.
pub fn letter(
    templates: &Templates,
    data: &LetterData,
    address: &[String],
    code: bool,
) -> Result<Paper, TemplateFault> {
    let document = document(templates, data, address, code)?;
    let pdf = typst_pdf::pdf(&document, &typst_pdf::PdfOptions::default())
        .map_err(|errors| unplaced(errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; ")))?;
    Ok(Paper { pdf, pages: document.pages().len() })
}

fn document(
    templates: &Templates,
    data: &LetterData,
    address: &[String],
    code: bool,
) -> Result<PagedDocument, TemplateFault> {
    let payload = Some(data).filter(|_| code).and_then(epc::for_letter);
    let picture = payload.as_deref().and_then(epc::png);
    let qr_cid = picture.as_ref().map(|_| "post".to_owned());
    let data = &LetterData { by_post: true, qr_cid, ..data.clone() };
    let (subject, text) = templates.on_paper(data)?;
    let mut sheet = Sheet {
        language: data.language.code(),
        subject,
        sender: sender(&data.company),
        recipient: recipient(data, address),
        day: format::date(data.today, data.language),
        date: date(data.today),
        parts: parts::parts(&text, &format::iban(&data.company.iban), picture.is_some()),
        payload: payload.filter(|_| picture.is_some()).unwrap_or_default(),
        size: 0.0,
    };
    let picture = picture.map_or(Value::None, |picture| Value::Bytes(Bytes::new(picture)));
    let mut largest = None;
    for size in SIZES {
        sheet.size = size;
        let document = laid_out(templates, &sheet, &picture)?;
        if document.pages().len() == 1 {
            return Ok(document);
        }
        largest.get_or_insert(document);
    }
    largest.ok_or_else(|| unplaced("it has no sheet".to_owned()))
}

fn laid_out(templates: &Templates, sheet: &Sheet, picture: &Value) -> Result<PagedDocument, TemplateFault> {
    let json = serde_json::to_vec(sheet).map_err(|error| unplaced(error.to_string()))?;
    let inputs = [("letter".into(), Value::Bytes(Bytes::new(json))), ("qr".into(), picture.clone())];
    let mut files = BTreeMap::from([(LAYOUT.to_owned(), BUILT_IN.to_owned())]);
    files.extend(templates.post.iter().cloned());
    Desk::new(files, inputs.into_iter().collect::<Dict>())?.document()
}

fn sender(company: &Company) -> Sender {
    Sender { name: one_line(&company.name, LONGEST_LINE), address: clean(&company.address) }
}

/// The name, for a company the person, street and town. Without an address the name stands alone.
fn recipient(data: &LetterData, address: &[String]) -> Vec<String> {
    let name = one_line(&data.debtor_name, LONGEST_LINE);
    let contact = data.contact.as_deref().map(|contact| one_line(contact, LONGEST_LINE));
    let is_company = data.debtor_kind != DebtorKind::Consumer;
    let contact = contact.filter(|contact| is_company && !contact.is_empty() && *contact != name);
    [name].into_iter().chain(contact).chain(clean(address)).collect()
}

fn clean(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| one_line(line, LONGEST_LINE)).filter(|line| !line.is_empty()).take(ADDRESS_LINES).collect()
}

fn date(day: NaiveDate) -> Date {
    Date { year: day.year(), month: day.month(), day: day.day() }
}

fn unplaced(reason: String) -> TemplateFault {
    TemplateFault { file: LAYOUT.to_owned(), line: None, reason }
}

#[cfg(test)]
mod tests;
