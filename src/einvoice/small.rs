//! The small TOML form of an invoice. Every key is known by name; a key that is not gets a suggestion, and a value of
//! the wrong shape is shown as it should be written.

use super::{InvoiceFault, ReadInvoice, is_address, iso_date, position};
use crate::dunning::debtor::{Debtor, DebtorKind, Language};
use crate::dunning::ids::{DebtorId, InvoiceNumber};
use crate::dunning::invoice::{DueSource, Invoice, InvoiceKind, Seller, TermSource};
use crate::dunning::money::{Currency, Money};
use chrono::NaiveDate;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

const INVOICE_KEYS: [&str; 12] = [
    "number",
    "date",
    "due",
    "currency",
    "total",
    "paid",
    "kind",
    "corrects",
    "description",
    "payment_reference",
    "term_source",
    "debtor",
];
const DEBTOR_KEYS: [&str; 11] =
    ["id", "name", "address", "contact", "email", "kind", "country", "language", "phone", "vat", "kvk"];
const REQUIRED: [&str; 4] = ["number", "date", "total", "debtor"];

/// The largest form that is read, in bytes.
const LARGEST_FORM: usize = 1024 * 1024;

/// Whether a text without a telling file name is this form.
pub fn looks_like(text: &str) -> bool {
    text.lines().any(|line| line.trim() == "[debtor]")
}

/// Reads one invoice from its text.
pub fn read(text: &str) -> Result<ReadInvoice, InvoiceFault> {
    if text.len() > LARGEST_FORM {
        return Err(InvoiceFault::new("the file is larger than 1 MB: expected the small form of one invoice"));
    }
    let table = DeTable::parse(text).map_err(|fault| syntax_fault(text, &fault))?;
    let form = Form { text, table: table.get_ref(), known: &INVOICE_KEYS, place: None };
    form.refuse_unknown_keys()?;
    form.refuse_missing()?;
    let person = form.debtor()?;
    person.refuse_unknown_keys()?;
    let mut warnings = Vec::new();
    let kind = form.invoice_kind()?;
    let (issue_date, due_date) = (form.date("date")?, form.date("due")?);
    let issue_date = issue_date.ok_or_else(|| form.missing("date"))?;
    if due_date.is_some_and(|due| due < issue_date) {
        warnings.push("the due date lies before the invoice date".to_owned());
    }
    let (total, prepaid, payable) = form.amounts()?;
    let debtor = person.person(&mut warnings)?;
    let invoice = Invoice {
        number: InvoiceNumber::new(form.required("number")?),
        kind,
        issue_date,
        due_date,
        due_source: DueSource::default(),
        total,
        prepaid,
        payable,
        debtor,
        description: form.string("description")?,
        payment_reference: form.string("payment_reference")?,
        order_reference: None,
        corrects: form.corrects(kind)?,
        term_source: form.term_source()?,
        seller: Seller::default(),
        iban: None,
    };
    Ok(ReadInvoice { format: "toml".into(), invoice, buyer_id: person.string("id")?, buyer_reference: None, warnings })
}

/// A fault of TOML itself. One that touches the end of the file may be a file that is still being written.
fn syntax_fault(text: &str, fault: &toml::de::Error) -> InvoiceFault {
    let message = fault.message().lines().collect::<Vec<_>>().join(", ");
    let reason = format!("this is not valid TOML ({message}): expected lines like total = \"1210.00\"");
    match fault.span() {
        Some(span) if span.end >= text.trim_end().len() => {
            InvoiceFault::new(reason).at(position(text, span.start)).incomplete()
        }
        Some(span) => InvoiceFault::new(reason).at(position(text, span.start)),
        None => InvoiceFault::new(reason),
    }
}

/// One table of the form: the invoice itself, or its `[debtor]`.
struct Form<'t> {
    text: &'t str,
    table: &'t DeTable<'t>,
    known: &'static [&'static str],
    /// Where `[debtor]` stands.
    place: Option<(u32, u32)>,
}

impl<'t> Form<'t> {
    fn refuse_unknown_keys(&self) -> Result<(), InvoiceFault> {
        let unknown = self.table.keys().filter(|key| !self.known.contains(&key.get_ref().as_ref()));
        match unknown.min_by_key(|key| key.span().start) {
            None => Ok(()),
            Some(key) => Err(self.fault(key.span(), self.unknown(key.get_ref()))),
        }
    }

    fn unknown(&self, key: &str) -> String {
        let remedy = match nearest(key, self.known) {
            Some(near) => format!("did you mean {near}?"),
            None if self.place.is_some() && INVOICE_KEYS.contains(&key) => {
                "it belongs to the invoice: put it above [debtor]".to_owned()
            }
            None if self.place.is_none() && DEBTOR_KEYS.contains(&key) => "it belongs below [debtor]".to_owned(),
            None => format!("known are {}", self.known.join(", ")),
        };
        format!("the key {:?} is not known here; {remedy}", shortened(key))
    }

    /// Keys stand above `[debtor]`, so only without it can the file still be on its way.
    fn refuse_missing(&self) -> Result<(), InvoiceFault> {
        let missing: Vec<&str> = REQUIRED.into_iter().filter(|key| !self.table.contains_key(*key)).collect();
        let (Some(first), Some(last)) = (missing.first(), missing.last()) else { return Ok(()) };
        let fault = InvoiceFault::new(format!("missing: {}; add {}", missing.join(", "), example(first)));
        if *last == "debtor" { Err(fault.at(position(self.text, self.text.len())).incomplete()) } else { Err(fault) }
    }

    fn missing(&self, key: &str) -> InvoiceFault {
        let fault = InvoiceFault::new(format!("{key} is missing or empty: add {}", example(key)));
        match self.place {
            Some(place) => fault.at(place),
            None => {
                self.table.get(key).map_or(fault.clone(), |value| fault.at(position(self.text, value.span().start)))
            }
        }
    }

    fn fault(&self, span: Range<usize>, reason: impl Into<String>) -> InvoiceFault {
        InvoiceFault::new(reason).at(position(self.text, span.start))
    }

    fn debtor(&self) -> Result<Form<'t>, InvoiceFault> {
        let value = self.table.get("debtor").ok_or_else(|| self.missing("debtor"))?;
        let place = Some(position(self.text, value.span().start));
        match value.get_ref() {
            DeValue::Table(table) => Ok(Form { text: self.text, table, known: &DEBTOR_KEYS, place }),
            _ => Err(self.fault(value.span(), "debtor is not a table: write [debtor] on a line and its keys below it")),
        }
    }

    /// The text of a key; `None` when it is absent or empty.
    fn string(&self, key: &str) -> Result<Option<String>, InvoiceFault> {
        Ok(self.value(key)?.map(|(text, _)| text))
    }

    fn value(&self, key: &str) -> Result<Option<(String, Range<usize>)>, InvoiceFault> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let DeValue::String(text) = value.get_ref() else { return Err(self.not_a_string(key, value)) };
        let clean = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
        let clean = clean.collect::<Vec<_>>().join(" ");
        Ok((!clean.is_empty()).then(|| (clean, value.span())))
    }

    fn not_a_string(&self, key: &str, value: &Spanned<DeValue>) -> InvoiceFault {
        let written = self.text.get(value.span()).unwrap_or_default();
        let shown = match value.get_ref() {
            DeValue::Integer(_) | DeValue::Float(_) if matches!(key, "total" | "paid") => {
                format!("amounts are written in quotes: {key} = \"{}\"", two_decimals(written))
            }
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
                format!("it is written in quotes: {key} = \"{}\"", shortened(written))
            }
            DeValue::String(_) | DeValue::Array(_) | DeValue::Table(_) => format!("write {}", example(key)),
        };
        self.fault(value.span(), format!("{key} is not a text; {shown}"))
    }

    /// The texts of a list; empty when it is absent.
    fn lines(&self, key: &str) -> Result<Vec<String>, InvoiceFault> {
        let Some(value) = self.table.get(key) else { return Ok(Vec::new()) };
        let line = |item: &Spanned<DeValue>| item.get_ref().as_str().map(str::trim).map(str::to_owned);
        let lines = value.get_ref().as_array().and_then(|list| list.iter().map(line).collect::<Option<Vec<String>>>());
        let wrong = || self.fault(value.span(), format!("{key} is not a list of texts: write {}", example(key)));
        Ok(lines.ok_or_else(wrong)?.into_iter().filter(|line| !line.is_empty()).collect())
    }

    fn required(&self, key: &str) -> Result<String, InvoiceFault> {
        let text = self.string(key)?.ok_or_else(|| self.missing(key))?;
        if text.chars().count() > 200 {
            return Err(self
                .missing(key)
                .because(format!("{key} is longer than 200 characters: expected a short text")));
        }
        Ok(text)
    }

    fn date(&self, key: &str) -> Result<Option<NaiveDate>, InvoiceFault> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let text = match value.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => return Ok(None),
            DeValue::String(text) => text.trim().to_owned(),
            DeValue::Datetime(datetime) => datetime.to_string(),
            _ => self.text.get(value.span()).unwrap_or_default().to_owned(),
        };
        iso_date(&text).map(Some).ok_or_else(|| {
            let right = turned_date(&text).unwrap_or_else(|| "2026-10-31".to_owned());
            self.fault(value.span(), format!("{key} {:?} is not a date: write {key} = {right}", shortened(&text)))
        })
    }

    /// Total, paid and payable.
    fn amounts(&self) -> Result<(Money, Money, Money), InvoiceFault> {
        let currency = match self.value("currency")? {
            None => Currency::EUR,
            Some((code, span)) => Currency::parse(&code).ok_or_else(|| {
                self.fault(
                    span,
                    format!("currency {:?} is not an ISO 4217 code: write currency = \"EUR\"", shortened(&code)),
                )
            })?,
        };
        let total = self.amount("total", currency)?.ok_or_else(|| self.missing("total"))?;
        let paid = self.amount("paid", currency)?.unwrap_or(Money::zero(currency));
        let payable = total.checked_sub(paid).filter(|payable| !payable.is_negative());
        let payable = payable.ok_or_else(|| {
            self.at_key("paid", format!("paid {paid} is more than the total {total}: correct one of them"))
        })?;
        Ok((total, paid, payable))
    }

    fn amount(&self, key: &str, currency: Currency) -> Result<Option<Money>, InvoiceFault> {
        let Some((text, span)) = self.value(key)? else { return Ok(None) };
        let money =
            Money::parse(&text, currency).map_err(|fault| self.fault(span.clone(), format!("{key}: {fault}")))?;
        if money.is_negative() {
            let remedy = "amounts are positive; for a credit write kind = \"credit_note\"";
            return Err(self.fault(span, format!("{key} is negative ({money}): {remedy}")));
        }
        Ok(Some(money))
    }

    fn at_key(&self, key: &str, reason: String) -> InvoiceFault {
        match self.table.get(key) {
            Some(value) => self.fault(value.span(), reason),
            None => InvoiceFault::new(reason),
        }
    }

    /// One of a few words.
    fn choice<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Result<Option<T>, InvoiceFault> {
        let Some((text, span)) = self.value(key)? else { return Ok(None) };
        if let Some((_, chosen)) = choices.iter().find(|(word, _)| *word == text) {
            return Ok(Some(*chosen));
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let near = nearest(&text, &words).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        Err(self.fault(span, format!("{key} {:?} is not one of {}{near}", shortened(&text), words.join(", "))))
    }

    fn invoice_kind(&self) -> Result<InvoiceKind, InvoiceFault> {
        let kinds = [("invoice", InvoiceKind::Invoice), ("credit_note", InvoiceKind::CreditNote)];
        Ok(self.choice("kind", &kinds)?.unwrap_or(InvoiceKind::Invoice))
    }

    /// Unless the file says more, the due date is only what the invoice says, not an agreed term.
    fn term_source(&self) -> Result<TermSource, InvoiceFault> {
        let sources = [
            ("contract", TermSource::Contract),
            ("general_terms", TermSource::GeneralTerms),
            ("invoice", TermSource::Invoice),
        ];
        Ok(self.choice("term_source", &sources)?.unwrap_or(TermSource::Invoice))
    }

    fn corrects(&self, kind: InvoiceKind) -> Result<Option<InvoiceNumber>, InvoiceFault> {
        match (kind, self.string("corrects")?) {
            (_, None) => Ok(None),
            (InvoiceKind::CreditNote, Some(number)) => Ok(Some(InvoiceNumber::new(number))),
            (InvoiceKind::Invoice, Some(_)) => {
                let reason = "only a credit note corrects an invoice: write kind = \"credit_note\", or remove corrects";
                Err(self.at_key("corrects", reason.to_owned()))
            }
        }
    }

    fn person(&self, warnings: &mut Vec<String>) -> Result<Debtor, InvoiceFault> {
        let name = match self.table.contains_key("name") {
            true => self.required("name")?,
            false => return Err(self.missing("name").incomplete()),
        };
        let kinds = [
            ("business", DebtorKind::Business),
            ("consumer", DebtorKind::Consumer),
            ("government", DebtorKind::Government),
        ];
        let languages = Language::ALL.map(|language| (language.code(), language));
        let email = self.email()?;
        if email.is_none() {
            warnings.push("the debtor has no e-mail address here: letters need one".to_owned());
        }
        let known_as = self.string("id")?.or_else(|| email.as_ref().map(|address| address.to_lowercase()));
        Ok(Debtor {
            id: DebtorId::from_text(known_as.as_deref().unwrap_or(&name)),
            contact: self.string("contact")?,
            kind: self.choice("kind", &kinds)?.unwrap_or(DebtorKind::Consumer),
            country: self.country()?,
            address: self.lines("address")?,
            language: self.choice("language", &languages)?,
            phone: self.string("phone")?,
            vat: self.string("vat")?,
            kvk: self.string("kvk")?,
            name,
            email,
        })
    }

    fn email(&self) -> Result<Option<String>, InvoiceFault> {
        match self.value("email")? {
            Some((text, span)) if !is_address(&text) => {
                let reason =
                    format!("email {:?} is not one address: write email = \"name@company.example\"", shortened(&text));
                Err(self.fault(span, reason))
            }
            found => Ok(found.map(|(text, _)| text)),
        }
    }

    fn country(&self) -> Result<Option<String>, InvoiceFault> {
        match self.value("country")? {
            Some((text, span)) if text.len() != 2 || !text.bytes().all(|b| b.is_ascii_alphabetic()) => {
                let reason = format!("country {:?} is not a two-letter code: write country = \"NL\"", shortened(&text));
                Err(self.fault(span, reason))
            }
            found => Ok(found.map(|(text, _)| text.to_ascii_uppercase())),
        }
    }
}

/// The known word that was probably meant.
fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let word = shortened(word).to_lowercase().replace('-', "_");
    let scored = known.iter().map(|candidate| (strsim::jaro_winkler(&word, candidate), *candidate));
    scored.filter(|(score, _)| *score > 0.83).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, candidate)| candidate)
}

fn example(key: &str) -> &'static str {
    match key {
        "number" => "number = \"2026-0412\"",
        "date" => "date = 2026-10-01",
        "due" => "due = 2026-10-31",
        "total" => "total = \"1210.00\"",
        "paid" => "paid = \"0.00\"",
        "debtor" => "[debtor] with at least name = \"…\"",
        "address" => "address = [\"Dorpsstraat 1\", \"1234 AB Voorbeeld\"]",
        "name" => "name = \"Name of the debtor\"",
        _ => "it as a text in quotes",
    }
}

fn two_decimals(number: &str) -> String {
    let plain = number.replace('_', "");
    match plain.split_once('.') {
        Some((whole, decimals)) if decimals.len() < 2 => format!("{whole}.{decimals:0<2}"),
        Some(_) => plain,
        None => format!("{plain}.00"),
    }
}

/// A date as the Dutch write it (31-10-2026), the way the form wants it.
fn turned_date(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let [day, month, year] = parts.as_slice() else { return None };
    let date = NaiveDate::from_ymd_opt(
        year.parse().ok().filter(|_| year.len() == 4)?,
        month.parse().ok()?,
        day.parse().ok()?,
    )?;
    Some(date.to_string())
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const WHOLE: &str = r#"number = "2026-0412"
date = 2026-10-01
due = "2026-10-31"
currency = "EUR"
total = "1210.00"
paid = "10.00"
kind = "invoice"
description = "Schilderwerk oktober"
payment_reference = ""
term_source = "contract"
[debtor]
id = "K1001"
name = "Jansen Bouw B.V."
contact = "mevrouw De Vries"
email = "administratie@jansenbouw.example"
kind = "business"
country = "nl"
language = "nl"
phone = "020-7654321"
vat = "NL001234567B01"
kvk = "12345678"
"#;

    fn refused(from: &str, to: &str, word: &str, line: u32) {
        assert!(WHOLE.contains(from), "{from}");
        let fault = read(&WHOLE.replacen(from, to, 1)).unwrap_err();
        assert!(fault.reason.contains(word), "{fault:?}");
        assert_eq!((fault.line, fault.incomplete), (Some(line), false), "{fault:?}");
    }

    #[test]
    fn a_postal_address_is_a_list_of_lines() {
        let with = |line: &str| format!("{WHOLE}{line}\n");
        let read_lines = |line: &str| read(&with(line)).unwrap().invoice.debtor.address;
        assert_eq!(
            read_lines("address = [\"Dorpsstraat 1 \", \"\", \"1234 AB Voorbeeld\"]"),
            ["Dorpsstraat 1", "1234 AB Voorbeeld"]
        );
        assert_eq!(read_lines(""), Vec::<String>::new());
        for bad in ["address = \"Dorpsstraat 1\"", "address = [1]"] {
            let fault = read(&with(bad)).unwrap_err();
            assert!(fault.reason.contains("write address = ["), "{fault:?}");
            assert_eq!(fault.line, Some(22));
        }
    }

    #[test]
    fn the_whole_form() {
        let read = read(WHOLE).unwrap();
        assert_eq!(read.warnings, Vec::<String>::new());
        let expected = json!({
            "file": "a.toml", "format": "toml", "kind": "invoice", "number": "2026-0412",
            "issue_date": "2026-10-01", "due_date": "2026-10-31",
            "currency": "EUR", "total": "1210.00", "prepaid": "10.00", "payable": "1200.00",
            "seller": {"name": null, "vat": null, "kvk": null},
            "buyer": {
                "name": "Jansen Bouw B.V.", "email": "administratie@jansenbouw.example", "vat": "NL001234567B01",
                "kvk": "12345678", "country": "NL", "id": "K1001", "kind": "business",
                "contact": "mevrouw De Vries", "phone": "020-7654321", "language": "nl", "debtor": "K1001",
            },
            "iban": null, "payment_reference": null, "order_reference": null, "buyer_reference": null,
            "corrects": null, "description": "Schilderwerk oktober", "term_source": "contract", "due_source": "stated",
            "warnings": [], "error": null,
        });
        assert_eq!(super::super::to_json("a.toml", &Ok(read)), expected);
    }

    #[test]
    fn letters_in_every_language_can_be_asked_for() {
        for language in Language::ALL {
            let read =
                read(&WHOLE.replace("language = \"nl\"", &format!("language = \"{}\"", language.code()))).unwrap();
            assert_eq!(read.invoice.debtor.language, Some(language));
        }
    }

    #[test]
    fn the_shortest_form_is_cautious() {
        let read = read("number = \"7\"\ndate = 2026-10-01\ntotal = \"12\"\n[debtor]\nname = \"Eva Smit\"").unwrap();
        let invoice = read.invoice;
        assert_eq!((invoice.payable.to_string().as_str(), invoice.due_date), ("12.00", None));
        assert_eq!((invoice.term_source, invoice.kind), (TermSource::Invoice, InvoiceKind::Invoice));
        assert_eq!((invoice.debtor.kind, invoice.debtor.language), (DebtorKind::Consumer, None));
        assert_eq!(invoice.debtor.id, DebtorId::from_text("Eva Smit"));
        assert_eq!((read.buyer_id, read.warnings.len()), (None, 1));
    }

    #[test]
    fn a_debtor_without_id_is_known_by_its_address() {
        let read = read(&WHOLE.replace("id = \"K1001\"\n", "").replace("administratie@", "Administratie@")).unwrap();
        assert_eq!(read.invoice.debtor.id, DebtorId::from_text("administratie@jansenbouw.example"));
    }

    #[test]
    fn unknown_keys_get_a_suggestion() {
        refused("total =", "totaal =", "did you mean total?", 5);
        refused("due =", "due_date =", "did you mean due?", 3);
        refused("payment_reference =", "payment-reference =", "did you mean payment_reference?", 9);
        refused("language =", "langauge =", "did you mean language?", 18);
        refused("vat =", "total =", "above [debtor]", 20);
        refused("currency =", "email =", "below [debtor]", 4);
        refused("currency =", "zzz =", "known are number", 4);
    }

    #[test]
    fn wrong_values_are_shown_as_they_should_be() {
        refused("\"1210.00\"", "1210", "total = \"1210.00\"", 5);
        refused("\"1210.00\"", "1210.5", "total = \"1210.50\"", 5);
        refused("\"1210.00\"", "\"1.210,00\"", "write it like 1210.00", 5);
        refused("\"1210.00\"", "\"-5\"", "credit_note", 5);
        refused("\"1210.00\"", "\"5\"", "more than the total", 6);
        refused("\"2026-0412\"", "412", "number = \"412\"", 1);
        refused("\"2026-0412\"", "\" \"", "number is missing or empty", 1);
        refused("2026-10-01", "\"01-10-2026\"", "write date = 2026-10-01", 2);
        refused("2026-10-01", "2026-10-01T09:00:00", "is not a date", 2);
        refused("2026-10-01", "20261001", "is not a date", 2);
        refused("\"EUR\"", "\"euro\"", "currency = \"EUR\"", 4);
        refused("\"invoice\"", "\"creditnote\"", "did you mean credit_note?", 7);
        refused("\"contract\"", "\"contact\"", "did you mean contract?", 10);
        refused("\"business\"", "\"busines\"", "did you mean business?", 16);
        refused("\"nl\"\nlanguage", "\"Nederland\"\nlanguage", "country = \"NL\"", 17);
        refused("language = \"nl\"", "language = \"es\"", "not one of nl, en, de, fr", 18);
        refused("administratie@", "", "not one address", 15);
        refused("kind = \"invoice\"", "corrects = \"2026-0400\"", "only a credit note", 7);
    }

    #[test]
    fn a_credit_note_may_name_what_it_corrects() {
        let text = WHOLE.replace("kind = \"invoice\"", "kind = \"credit_note\"\ncorrects = \"2026-0400\"");
        let invoice = read(&text).unwrap().invoice;
        assert_eq!((invoice.kind, invoice.corrects), (InvoiceKind::CreditNote, Some("2026-0400".into())));
    }

    #[test]
    fn a_file_that_is_cut_off_waits() {
        let named = WHOLE.find("contact =").unwrap();
        for end in 1..named - 1 {
            let fault = read(&WHOLE[..end]).unwrap_err();
            assert!(fault.incomplete, "{:?} {fault:?}", &WHOLE[..end]);
        }
        for end in named..WHOLE.len() {
            if let Err(fault) = read(&WHOLE[..end]) {
                assert!(fault.incomplete, "{:?} {fault:?}", &WHOLE[..end]);
            }
        }
    }

    #[test]
    fn a_broken_middle_does_not_wait() {
        refused("total = \"1210.00\"", "total = \"1210.00", "not valid TOML", 5);
        refused("[debtor]", "[debtor", "not valid TOML", 11);
        let fault = read(&WHOLE.replace("total = \"1210.00\"\n", "")).unwrap_err();
        assert!(fault.reason.contains("missing: total; add total = \"1210.00\"") && !fault.incomplete, "{fault:?}");
        assert!(!read(&WHOLE.replace("[debtor]", "debtor = 5\n[x]")).unwrap_err().incomplete);
    }

    #[test]
    fn hostile_forms_are_refused() {
        let start = std::time::Instant::now();
        for text in [
            "a = ".to_owned() + &"[".repeat(200_000),
            "[a.".to_owned() + &"b.".repeat(200_000),
            "x".repeat(LARGEST_FORM + 1),
        ] {
            assert!(read(&text).is_err());
        }
        let keys: String = (0..20_000).map(|n| format!("k{n} = 1\n")).collect();
        assert!(read(&keys).unwrap_err().reason.contains("not known"));
        assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
    }

    proptest! {
        #[test]
        fn damage_never_panics(at in 0usize..500, length in 0usize..20, put in "[\\[\\]=\"'0-9a-z:.\\n é-]{0,12}") {
            let mut text: Vec<char> = WHOLE.chars().collect();
            let at = at.min(text.len());
            text.splice(at..(at + length).min(text.len()), put.chars());
            let text: String = text.into_iter().collect();
            let _ = read(&text);
        }
    }
}
