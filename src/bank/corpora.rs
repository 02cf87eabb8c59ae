//! MT940 and CODA files that nobody here wrote, against second readings of them. Skipped, and said so, where they are
//! absent.

use super::statement::{self, Entry, Statement};
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let found = std::env::var_os("AANMAAND_CORPORA").map_or(beside, PathBuf::from).join("bank");
    if !found.is_dir() {
        println!("SKIPPED: no statements in {}", found.display());
        return None;
    }
    Some(found)
}

const SOURCES: [&str; 8] = [
    "mt940-wolph",
    "mt940-zilverline",
    "mt940-kingsquare",
    "mt940-jejik",
    "mt940-rs",
    "mt940-cmxl",
    "mt940js",
    "coda-oca",
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let ending = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            files(&path, found);
        } else if !matches!(ending.as_str(), "json" | "jsonl" | "tsv") {
            found.push(path);
        }
    }
}

fn all(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    SOURCES
        .iter()
        .filter(|source| folder.join(source).is_dir())
        .for_each(|source| files(&folder.join(source), &mut found));
    found.sort();
    found
}

#[derive(Default)]
struct Score(BTreeMap<&'static str, (usize, usize)>);

impl Score {
    fn count(&mut self, what: &'static str, right: bool, tell: impl FnOnce() -> String) {
        let (good, all) = self.0.entry(what).or_default();
        *all += 1;
        *good += usize::from(right);
        if !right {
            println!("  {what}: {}", tell());
        }
    }

    fn expect(&self, floors: &[(&str, f64)]) {
        for (what, (good, all)) in &self.0 {
            println!("{what:14} {good}/{all}");
        }
        for (what, floor) in floors {
            let (good, all) = self.0.get(what).copied().unwrap_or_default();
            assert!(good as f64 >= floor * all as f64, "{what}: {good} of {all}");
        }
    }
}

#[test]
fn every_file_is_read_or_refused_and_no_cut_is_taken() {
    let Some(folder) = folder() else { return };
    let mut score = Score::default();
    for path in all(&folder) {
        let bytes = fs::read(&path).unwrap();
        let read = statement::read(&bytes);
        score.count("read", read.is_ok(), || format!("{}: {read:?}", path.display()));
        let whole = read.unwrap_or_default();
        // What is taken of a cut file is what stands in front of the cut, whole statements only.
        for end in (0..bytes.len()).step_by(1 + bytes.len() / 300) {
            for part in statement::read(&bytes[..end]).unwrap_or_default() {
                let accepted = part.balanced == Some(true) && !part.entries.is_empty();
                let same = whole.iter().any(|statement| is_prefix(&part, statement));
                assert!(!accepted || same, "{} cut at {end}: {part:?}", path.display());
            }
        }
    }
    score.expect(&[("read", 1.0)]);
}

/// The same account and balances, and no entry that the whole file does not have.
fn is_prefix(part: &Statement, whole: &Statement) -> bool {
    let amounts = |statement: &Statement| statement.entries.iter().map(|entry| entry.amount).collect::<Vec<_>>();
    part.opening == whole.opening && amounts(whole).starts_with(&amounts(part))
}

#[test]
fn mt940_against_a_second_reading() {
    let Some(folder) = folder() else { return };
    let mut score = Score::default();
    for source in SOURCES {
        let derived = fs::read_to_string(folder.join(source).join("derived.jsonl")).unwrap_or_default();
        for line in derived.lines() {
            let expected: Value = serde_json::from_str(line).unwrap();
            let name = expected["file"].as_str().unwrap_or_default();
            let Ok(bytes) = fs::read(folder.join(source).join(name)) else { continue };
            let Ok(read) = statement::read(&bytes) else { continue };
            compare(name, &expected, &read, &mut score);
        }
    }
    // The other reading takes a reversed credit for a credit, and joins what follows an entry to its text.
    score.expect(&[("amounts", 0.98), ("days", 0.98), ("entries", 1.0), ("end-to-end", 0.95), ("accounts", 0.97)]);
}

fn compare(name: &str, expected: &Value, read: &[Statement], score: &mut Score) {
    let theirs: Vec<&Value> = expected["transactions"].as_array().into_iter().flatten().collect();
    let theirs: Vec<&Value> = theirs.into_iter().filter(|row| row["amount"]["amount"].is_string()).collect();
    let ours: Vec<&Entry> = read.iter().flat_map(|statement| &statement.entries).collect();
    score.count("entries", ours.len() >= theirs.len(), || format!("{name}: {} for {}", ours.len(), theirs.len()));
    if ours.len() != theirs.len() {
        return;
    }
    for (ours, theirs) in ours.iter().zip(theirs) {
        let text = |key: &str| theirs[key].as_str().filter(|text| !text.is_empty());
        let amount = theirs["amount"]["amount"].as_str().and_then(|text| text.parse::<Decimal>().ok());
        score.count("amounts", amount.map(|a| a.normalize()) == Some(ours.amount.to_decimal().normalize()), || {
            format!("{name}: {} for {amount:?}", ours.amount)
        });
        let day = text("entry_date").or(text("date"));
        score.count("days", ours.booked.map(|day| day.to_string()).as_deref() == day, || {
            format!("{name}: {:?} for {day:?}", ours.booked)
        });
        if let Some(id) = text("end_to_end_reference").filter(|id| !id.contains("NOTPROVIDED")) {
            let compact = |text: &str| text.split_whitespace().collect::<String>();
            score.count("end-to-end", ours.end_to_end.as_deref().map(compact) == Some(compact(id)), || {
                format!("{name}: {:?} for {id:?}", ours.end_to_end)
            });
        }
        if let Some(iban) = text("applicant_iban") {
            score.count("accounts", ours.iban.as_deref() == Some(iban), || {
                format!("{name}: {:?} for {iban:?}", ours.iban)
            });
        }
    }
}
