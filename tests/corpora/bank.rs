//! CAMT files that nobody here wrote, against a second reading of them. Skipped, loudly, where they are absent.

use aanmaand::bank::statement::{self, Statement};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn corpora() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpora");
    let found = std::env::var_os("AANMAAND_CORPORA").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    if !found.join("bank").is_dir() {
        println!("SKIPPED: no corpora at {}", found.display());
        return None;
    }
    Some(found)
}

fn xml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            xml_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "xml") {
            found.push(path);
        }
    }
}

#[derive(Default)]
struct Score {
    right: usize,
    all: usize,
}

impl Score {
    fn count(&mut self, right: bool, what: impl FnOnce() -> String) {
        self.all += 1;
        self.right += usize::from(right);
        if !right {
            println!("  differs: {}", what());
        }
    }
}

/// Amounts as numbers, so that 5, 5.0 and 5.00 are one.
fn number(text: &str) -> Option<rust_decimal::Decimal> {
    text.parse::<rust_decimal::Decimal>().ok().map(|d| d.normalize())
}

fn signed(amount: &Value, sign: &Value) -> Option<rust_decimal::Decimal> {
    let plain = number(amount.as_str()?)?;
    Some(if sign == "DBIT" { -plain } else { plain })
}

fn day(value: &Value) -> Option<String> {
    value.as_str().and_then(|text| text.get(..10)).map(str::to_owned)
}

fn compare(name: &str, expected: &Value, read: &Statement, score: &mut [Score; 6]) {
    let [account, balances, entries, parties, texts, days] = score;
    account.count(expected["iban"].as_str().unwrap_or_default() == read.account || expected["iban"].is_null(), || {
        format!("{name}: account {} {}", expected["iban"], read.account)
    });
    for balance in expected["balances"].as_array().into_iter().flatten() {
        let ours = match balance["code"].as_str() {
            Some("OPBD") => read.opening,
            Some("CLBD") => read.closing,
            _ => continue,
        };
        let theirs = signed(&balance["amount"], &balance["sign"]);
        balances.count(ours.map(|m| m.to_decimal().normalize()) == theirs, || format!("{name}: {balance}"));
    }
    let mut ours = read.entries.iter();
    for entry in expected["entries"].as_array().into_iter().flatten() {
        let details = entry["tx"].as_array().cloned().unwrap_or_default();
        let total = signed(&entry["amount"], &entry["sign"]);
        // Either the whole amount in one entry, or one entry a transaction that together make it.
        let (mut sum, mut taken) = (rust_decimal::Decimal::ZERO, Vec::new());
        while taken.len() < details.len().max(1) && (taken.is_empty() || Some(sum) != total) {
            let Some(next) = ours.next() else { break };
            sum += next.amount.to_decimal();
            taken.push(next);
        }
        entries.count(Some(sum.normalize()) == total, || format!("{name}: entry {} read as {sum}", entry["amount"]));
        days.count(taken.iter().all(|e| e.booked.map(|d| d.to_string()) == day(&entry["booked"])), || {
            format!("{name}: booked {} read as {:?}", entry["booked"], taken.first().map(|e| e.booked))
        });
        if taken.len() != details.len() {
            continue;
        }
        for (detail, entry) in details.iter().zip(taken) {
            let same = entry.counterparty.as_deref() == detail["counterparty"].as_str()
                && entry.iban.as_deref() == detail["counterparty_iban"].as_str();
            parties.count(same, || {
                format!(
                    "{name}: {} {} read as {:?} {:?}",
                    detail["counterparty"], detail["counterparty_iban"], entry.counterparty, entry.iban
                )
            });
            let words: Vec<&str> =
                detail["remittance"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let said =
                words.iter().all(|w| entry.description.contains(&w.split_whitespace().collect::<Vec<_>>().join(" ")));
            let reference = detail["structured_ref"][0].as_str().is_none_or(|r| entry.reference.as_deref() == Some(r));
            texts.count(said && reference, || {
                format!("{name}: {detail} read as {:?} {:?}", entry.reference, entry.description)
            });
        }
    }
    entries.count(ours.next().is_none(), || format!("{name}: more entries than expected"));
}

#[test]
fn camt_against_a_second_reading() {
    let Some(corpora) = corpora() else { return };
    let mut score: [Score; 6] = Default::default();
    let mut files = Score::default();
    for source in ["genkgo-camt", "oca-camt", "camt-parser", "camt-to-coda", "camt-to-coda-be", "bankstatementparser"] {
        let folder = corpora.join("bank").join(source);
        let derived = std::fs::read_to_string(folder.join("derived.jsonl")).unwrap_or_default();
        for line in derived.lines() {
            let expected: Value = serde_json::from_str(line).unwrap();
            let name = expected["file"].as_str().unwrap();
            let Ok(bytes) = std::fs::read(folder.join(name)) else { continue };
            let statements = expected["statements"].as_array().cloned().unwrap_or_default();
            match statement::read(&bytes) {
                Ok(read) => {
                    files.count(read.len() == statements.len(), || format!("{name}: {} statements", read.len()));
                    for (expected, read) in statements.iter().zip(&read) {
                        compare(name, expected, read, &mut score);
                        if source.starts_with("camt-to-coda") && read.balanced == Some(false) {
                            println!("  out of balance: {name}: {:?}", read.warnings);
                        }
                    }
                }
                Err(fault) => files.count(statements.is_empty(), || format!("{name}: {fault:?}")),
            }
        }
    }
    println!("{:10} {}/{}", "files", files.right, files.all);
    assert!(files.all - files.right <= files.all / 50, "files refused or cut differently");
    // The second reading does not follow reversals and takes only IBANs for accounts of the other party.
    let floors = [1.0, 1.0, 1.0, 0.99, 1.0, 1.0];
    let names = ["account", "balances", "entries", "parties", "texts", "days"];
    for ((name, score), floor) in names.iter().zip(&score).zip(floors) {
        println!("{name:10} {}/{}", score.right, score.all);
        assert!(score.right as f64 >= floor * score.all as f64, "{name}");
    }
}

#[test]
fn no_truncation_of_any_file_is_taken() {
    let Some(corpora) = corpora() else { return };
    let mut files = Vec::new();
    xml_files(&corpora.join("bank"), &mut files);
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        let whole = bytes.iter().rposition(|b| *b == b'>').unwrap_or(0);
        for cut in (0..40).map(|n| whole * n / 40).chain([whole]) {
            assert!(statement::read(&bytes[..cut]).is_err(), "{} cut at {cut}", path.display());
        }
    }
}
