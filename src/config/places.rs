//! What the sections share: paths resolved against the file's folder, addresses, and the calendar of a country.

use super::Files;
use super::fault::{Document, Findings, Found};
use super::section::{Section, parse};
use crate::dunning::calendar::{Calendar, Country};
use crate::dunning::money::{Currency, Money};
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The equated days of the Netherlands, with their source.
const HOLIDAYS_NL: &str = include_str!("../../config/holidays/nl.toml");

/// Where a configuration stands, and how its files are reached.
pub(super) struct Places<'a> {
    pub base: &'a Path,
    pub files: &'a dyn Files,
}

impl Places<'_> {
    pub fn resolve(&self, path: &str) -> PathBuf {
        // Collecting the components drops "." and doubled slashes, so that equal folders compare equal.
        self.base.join(path).components().filter(|part| *part != std::path::Component::CurDir).collect()
    }

    /// The path of a file that is there.
    pub fn readable(&self, section: &Section<'_>, key: &str, path: &Found<String>) -> Option<PathBuf> {
        let resolved = self.resolve(&path.value);
        if self.files.exists(&resolved) {
            return Some(resolved);
        }
        let message = format!("{}: there is no {}", section.path(key), resolved.display());
        section.document.fault(path.at, message, "correct the path");
        None
    }

    /// A bare mail address (RFC 5321 4.1.2), without a name and angle brackets.
    pub fn email(&self, section: &Section<'_>, key: &str, text: Found<String>) -> Option<String> {
        email(section.document, &section.path(key), text)
    }
}

pub(super) fn email(document: &Document<'_>, path: &str, text: Found<String>) -> Option<String> {
    if text.value.parse::<lettre::Address>().is_err() {
        let message = format!("{path} = {:?} is not a mail address", text.value);
        document.fault(text.at, message, "write only the address, like \"name@company.example\"");
        return None;
    }
    Some(text.value)
}

/// An amount in euros that is not negative.
pub(super) fn amount_of(document: &Document<'_>, path: &str, text: &Found<String>) -> Option<Money> {
    let (message, remedy) = match Money::parse(&text.value, Currency::EUR) {
        Ok(amount) if !amount.is_negative() => return Some(amount),
        Ok(_) => ("is negative", "write \"0.00\" or more"),
        Err(_) => ("is not an amount in euros", "write it like \"2500.00\""),
    };
    document.fault(text.at, format!("{path} = {:?} {message}", text.value), remedy);
    None
}

/// The calendar of a country with the equated days that are built in.
pub fn calendar(country: Country) -> Calendar {
    Calendar { country, closed: equated_days(country) }
}

/// Days that a decree equates to a holiday (art. 3(3) Algemene termijnenwet); Belgium has none.
pub fn equated_days(country: Country) -> BTreeSet<NaiveDate> {
    match country {
        Country::Nl => {
            let findings = Findings::default();
            let document = Document { file: Path::new("holidays/nl.toml"), text: HOLIDAYS_NL, findings: &findings };
            read_holidays(&document, country).unwrap_or_default()
        }
        Country::Be => BTreeSet::new(),
    }
}

/// The equated days: the owner's file `nl.toml` or `be.toml` when the folder has one, else the built-in ones.
pub(super) fn closed_days(
    findings: &Findings,
    files: &dyn Files,
    folder: Option<&Path>,
    country: Country,
) -> BTreeSet<NaiveDate> {
    let file = folder.map(|folder| folder.join(file_name(country)));
    let Some(file) = file.filter(|file| files.exists(file)) else { return equated_days(country) };
    findings.also_read.borrow_mut().insert(file.clone());
    match files.read(&file) {
        Ok(text) => {
            let document = Document { file: &file, text: &text, findings };
            read_holidays(&document, country).unwrap_or_default()
        }
        Err(reason) => {
            let document = Document { file: &file, text: "", findings };
            document.fault(0, format!("this cannot be read: {reason}"), "correct the permissions");
            BTreeSet::new()
        }
    }
}

fn file_name(country: Country) -> &'static str {
    match country {
        Country::Nl => "nl.toml",
        Country::Be => "be.toml",
    }
}

fn read_holidays(document: &Document<'_>, country: Country) -> Option<BTreeSet<NaiveDate>> {
    let table = parse(document)?;
    let root = Section::root(document, &table);
    root.must_have("country", "write country = \"NL\" or \"BE\"");
    let named = root.choice("country", &COUNTRIES);
    if named.is_some_and(|named| named != country) {
        document.fault(root.at_of("country"), "these are another country's days", "name the file after its country");
    }
    root.required("source", "say where the days were found");
    root.must_have("equated", "list the days, like equated = [2026-01-02]");
    let days = root.dates("equated");
    root.finish();
    days.map(|days| days.into_iter().collect())
}

pub(super) const COUNTRIES: [(&str, Country); 2] = [("NL", Country::Nl), ("BE", Country::Be)];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Disk;

    #[test]
    fn the_built_in_equated_days() {
        let days = equated_days(Country::Nl);
        assert_eq!(days.len(), 10);
        for day in ["2026-01-02", "2026-05-15", "2027-05-07", "2028-04-28", "2028-05-26", "2023-04-28"] {
            assert!(days.contains(&day.parse().unwrap()), "{day}");
        }
        let friday_after_ascension = "2026-05-15".parse().unwrap();
        assert!(calendar(Country::Nl).is_holiday(friday_after_ascension));
        assert!(!calendar(Country::Be).is_holiday(friday_after_ascension));
    }

    #[test]
    fn equal_folders_compare_equal() {
        let places = Places { base: Path::new("/etc/aanmaand"), files: &Disk };
        assert_eq!(places.resolve("./invoices/"), places.resolve("invoices"));
        assert_eq!(places.resolve("/srv//books"), Path::new("/srv/books"));
    }
}
