//! Scores on a collection of real and test invoices beside the project, where it is present; skipped, and said so,
//! where it is not. The oracle is what plain XPath reading found in the same files.

use super::{InvoiceFault, ReadInvoice, hybrid, read};
use crate::dunning::invoice::{DueSource, InvoiceKind};
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// One file with what the collection says about it.
struct Sample {
    set: String,
    name: String,
    path: PathBuf,
    /// `null` for a file that nobody described.
    derived: Value,
    /// The collection says that the file breaks a rule.
    broken: bool,
}

fn samples() -> Vec<Sample> {
    let folder = std::env::var_os("AANMAAND_CORPORA")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"))
        .join("invoices");
    let Ok(sets) = fs::read_dir(&folder) else {
        println!("SKIPPED: no invoices in {}", folder.display());
        return Vec::new();
    };
    let mut samples: Vec<Sample> =
        sets.flatten().filter(|set| set.path().is_dir()).flat_map(|set| of_set(&set.path())).collect();
    samples.sort_by(|a, b| a.path.cmp(&b.path));
    samples
}

fn of_set(set: &Path) -> Vec<Sample> {
    let text = |name: &str| fs::read_to_string(set.join(name)).unwrap_or_default();
    let derived: BTreeMap<String, Value> = text("derived.jsonl")
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|value| Some((value["file"].as_str()?.to_owned(), value)))
        .collect();
    let verdicts = text("expected.tsv");
    let broken = |name: &str| {
        let verdict = verdicts.lines().filter_map(|line| line.split_once('\t')).find(|(file, _)| *file == name);
        name.contains("ERR-")
            || verdict.is_some_and(|(_, rest)| matches!(rest.split('\t').next(), Some("error" | "bad" | "fail")))
    };
    files_below(set)
        .into_iter()
        .filter(|path| !matches!(path.extension().and_then(|e| e.to_str()), Some("jsonl" | "tsv")))
        .map(|path| {
            let name = path.strip_prefix(set).unwrap().to_string_lossy().into_owned();
            Sample {
                set: set.file_name().unwrap().to_string_lossy().into_owned(),
                derived: derived.get(&name).cloned().unwrap_or(Value::Null),
                broken: broken(&name),
                path,
                name,
            }
        })
        .collect()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// As the daemon reads it, but without a process of its own for PDFs.
fn opened(name: &str, bytes: &[u8]) -> Result<ReadInvoice, InvoiceFault> {
    hybrid::read_or_open(name, bytes, crate::adapters::parser::embedded)
}

/// What differs between the oracle and what was read.
fn differences(derived: &Value, read: &ReadInvoice) -> Vec<String> {
    let invoice = &read.invoice;
    let credit = derived["root"] == "CreditNote" || derived["type_code"] == "381";
    let kind = if credit { InvoiceKind::CreditNote } else { InvoiceKind::Invoice };
    let decimal = |value: &Value| value.as_str().and_then(|text| Decimal::from_str(text).ok()).map(|d| d.abs());
    let mut found = Vec::new();
    let mut check = |key: &str, ours: Option<String>| {
        let theirs = derived[key].as_str().filter(|text| !text.is_empty());
        // CII writes dates without dashes.
        let ours = if key.ends_with("_date") && !theirs.is_some_and(|date| date.contains('-')) {
            ours.map(|date| date.replace('-', ""))
        } else {
            ours
        };
        if theirs.is_some() && theirs != ours.as_deref() {
            found.push(format!("{key}: {theirs:?} read as {ours:?}"));
        }
    };
    check("id", Some(invoice.number.to_string()));
    check("issue_date", Some(invoice.issue_date.to_string()));
    // Of several the oracle has the first, and we the last, with a warning.
    if !read.warnings.iter().any(|warning| warning.contains("several due dates")) {
        let stated = invoice.due_date.filter(|_| invoice.due_source == DueSource::Stated);
        check("due_date", stated.map(|date| date.to_string()));
    }
    check("currency", Some(invoice.payable.currency().to_string()));
    check("order_reference", invoice.order_reference.clone().or(Some("NA".to_owned())));
    if derived["customer_email"].as_str().is_some_and(|text| text.contains('@')) {
        check("customer_email", invoice.debtor.email.clone());
    }
    for (key, ours) in [("payable", invoice.payable), ("tax_inclusive", invoice.total), ("prepaid", invoice.prepaid)] {
        let theirs = decimal(&derived[key]);
        if theirs.is_some() && theirs != Some(ours.to_decimal()) {
            found.push(format!("{key}: {} read as {ours}", derived[key]));
        }
    }
    for (party, ours) in [("customer", Some(&invoice.debtor.name)), ("supplier", invoice.seller.name.as_ref())] {
        let theirs = [&derived[format!("{party}_name")], &derived[format!("{party}_legal_name")]];
        let names: Vec<String> = theirs.iter().filter_map(|name| name.as_str()).map(one_line).collect();
        if !names.is_empty() && !ours.is_some_and(|name| names.contains(name)) {
            found.push(format!("{party}: {names:?} read as {ours:?}"));
        }
    }
    if invoice.kind != kind {
        found.push(format!("kind: {kind:?} read as {:?}", invoice.kind));
    }
    let first_account = derived["ibans"][0].as_str().map(|text| text.split_whitespace().collect::<String>());
    if first_account.is_some() && first_account != invoice.iban {
        found.push(format!("iban: {first_account:?} read as {:?}", invoice.iban));
    }
    let payment_id = derived["payment_ids"][0].as_str().map(str::to_owned);
    if payment_id.is_some() && payment_id != invoice.payment_reference {
        found.push(format!("payment reference: {payment_id:?} read as {:?}", invoice.payment_reference));
    }
    found
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Reasons to refuse that the oracle shows without our rules: no claim, money the other way, or an essential missing.
fn may_be_refused(derived: &Value, broken: bool) -> bool {
    let missing = ["id", "issue_date", "payable"].iter().any(|key| derived[key].as_str().is_none_or(str::is_empty));
    let no_buyer = derived["customer_name"].is_null() && derived["customer_legal_name"].is_null();
    let negative =
        ["payable", "tax_inclusive"].iter().any(|key| derived[key].as_str().is_some_and(|text| text.starts_with('-')));
    let no_claim = matches!(derived["type_code"].as_str(), Some("384" | "389" | "751"));
    broken || missing || no_buyer || negative || no_claim
}

#[derive(Default)]
struct Score {
    files: u32,
    read: u32,
    equal: u32,
    refused_rightly: u32,
    warned: u32,
    /// Due by the text of its payment terms; the oracle found no date in any of these.
    by_terms: u32,
}

#[test]
fn every_invoice_reads_as_xpath_reads_it() {
    let mut scores: BTreeMap<(String, &str), Score> = BTreeMap::new();
    let mut wrong = Vec::new();
    for sample in samples() {
        let bytes = fs::read(&sample.path).unwrap();
        let syntax = match sample.derived["syntax"].as_str() {
            Some("UBL") => "UBL",
            Some("CII") => "CII",
            _ if hybrid::is_pdf(&bytes) => "PDF",
            _ => "other",
        };
        let score = scores.entry((sample.set.clone(), syntax)).or_default();
        score.files += 1;
        let place = format!("{}/{}", sample.set, sample.name);
        // What a PDF holds is described like a file of its own.
        let derived = if syntax == "PDF" { &sample.derived["invoice"] } else { &sample.derived };
        match (opened(&sample.name, &bytes), syntax) {
            (Ok(read), "UBL" | "CII" | "PDF") => {
                score.read += 1;
                read.warnings.iter().for_each(|warning| println!("warned {place}: {warning}"));
                score.warned += u32::from(!read.warnings.is_empty());
                if read.invoice.due_source == DueSource::Terms {
                    score.by_terms += 1;
                    let (issued, due) = (read.invoice.issue_date, read.invoice.due_date);
                    println!("terms {place}: {issued} to {due:?}");
                    assert!(derived["due_date"].as_str().is_none_or(str::is_empty), "{place}");
                }
                let found = differences(derived, &read);
                score.equal += u32::from(found.is_empty());
                if !found.is_empty() {
                    wrong.push(format!("{place}: {}", found.join("; ")));
                }
            }
            (Ok(_), _) => wrong.push(format!("{place}: read as an invoice although it is {syntax}")),
            (Err(fault), "UBL" | "CII" | "PDF") if may_be_refused(derived, sample.broken) => {
                score.refused_rightly += 1;
                println!("refused {place}: {}", fault.located());
            }
            (Err(fault), "UBL" | "CII" | "PDF") => wrong.push(format!("{place}: refused: {}", fault.located())),
            (Err(fault), _) => {
                score.refused_rightly += 1;
                if syntax == "other" {
                    println!("refused {place}: {}", fault.located());
                }
            }
        }
    }
    print_scores(&scores);
    assert!(wrong.is_empty(), "{} surprises:\n{}", wrong.len(), wrong.join("\n"));
}

fn print_scores(scores: &BTreeMap<(String, &str), Score>) {
    println!(
        "{:<20} {:<6} {:>5} {:>5} {:>5} {:>7} {:>6} {:>8}",
        "set", "syntax", "files", "read", "equal", "refused", "warned", "by terms"
    );
    let mut all = Score::default();
    for ((set, syntax), score) in scores {
        print_score(set, syntax, score);
        all.files += score.files;
        all.read += score.read;
        all.equal += score.equal;
        all.refused_rightly += score.refused_rightly;
        all.warned += score.warned;
        all.by_terms += score.by_terms;
    }
    print_score("all", "", &all);
}

fn print_score(set: &str, syntax: &str, score: &Score) {
    let Score { files, read, equal, refused_rightly, warned, by_terms } = score;
    println!("{set:<20} {syntax:<6} {files:>5} {read:>5} {equal:>5} {refused_rightly:>7} {warned:>6} {by_terms:>8}");
}

#[test]
fn no_part_of_a_file_is_taken_for_the_whole() {
    let (mut cuts, mut incomplete) = (0u32, 0u32);
    for sample in samples() {
        let bytes = fs::read(&sample.path).unwrap();
        // Every 97th byte of an ordinary file, some hundreds of places in one with large attachments.
        let step = 97.max(bytes.len() / 400);
        for end in (0..bytes.len()).step_by(step) {
            let cut = &bytes[..end];
            let only_space_lost = bytes[end..].iter().all(u8::is_ascii_whitespace);
            match read(&sample.name, cut) {
                Ok(_) => assert!(only_space_lost, "{} cut at {end} was read", sample.path.display()),
                Err(fault) => incomplete += u32::from(fault.incomplete),
            }
            cuts += 1;
        }
    }
    println!("{cuts} cut files refused, {incomplete} of them as incomplete");
}
