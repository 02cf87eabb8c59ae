use super::*;
use serde_json::Value;

struct Score {
    right: usize,
    of: usize,
    wrong: Vec<String>,
}

impl Score {
    fn new() -> Score {
        Score { right: 0, of: 0, wrong: Vec::new() }
    }

    fn count(&mut self, right: bool, what: impl FnOnce() -> String) {
        self.of += 1;
        if right { self.right += 1 } else { self.wrong.push(what()) }
    }
}

fn corpora() -> Option<std::path::PathBuf> {
    let base = std::env::var_os("AANMAAND_CORPORA")
        .map_or_else(|| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"), Into::into);
    let replies = base.join("replies");
    replies.join("labels.jsonl").exists().then_some(replies)
}

/// Date header, subject and attachment names, as far as this corpus needs them.
fn headers(raw: &[u8]) -> (NaiveDate, String, Vec<String>) {
    let text = String::from_utf8_lossy(raw);
    let unfolded = text.replace("\r\n ", " ").replace("\r\n\t", " ");
    let top = unfolded.split("\r\n\r\n").next().unwrap_or("");
    let header = |name: &str| {
        top.lines().find(|l| l.to_lowercase().starts_with(name)).map_or("", |l| l[name.len()..].trim()).to_owned()
    };
    let date = chrono::DateTime::parse_from_rfc2822(&header("date:")).unwrap().date_naive();
    let names = unfolded
        .lines()
        .filter(|line| line.to_lowercase().starts_with("content-disposition: attachment"))
        .filter_map(|line| {
            line.split_once("filename")?.1.split_once('=').map(|(_, name)| name.trim_matches('"').to_owned())
        })
        .collect();
    (date, header("subject:"), names)
}

fn label(name: &str) -> Label {
    serde_json::from_value(Value::String(name.to_owned())).unwrap()
}

#[test]
fn corpus_scores() {
    let Some(folder) = corpora() else {
        eprintln!("SKIPPED: no replies corpus beside the repository");
        return;
    };
    let verbose = std::env::var_os("AANMAAND_SCORES").is_some_and(|v| v == "all");
    let phrases = Phrases::built_in();
    let labels = std::fs::read_to_string(folder.join("labels.jsonl")).unwrap();
    let known: Vec<String> = (1..=400).flat_map(|n| [format!("F2026-{n:03}"), format!("F2025-{n:03}")]).collect();
    for (part, range) in [("001-100", 1..=100), ("101-160", 101..=160)] {
        let names = ["label", "promise_date", "amount", "invoice_numbers", "invoice_numbers(known)", "lang", "also"];
        let mut scores: Vec<Score> = names.iter().map(|_| Score::new()).collect();
        let mut table: std::collections::BTreeMap<(String, String), usize> = std::collections::BTreeMap::new();
        for line in labels.lines() {
            let want: Value = serde_json::from_str(line).unwrap();
            let file = want["file"].as_str().unwrap();
            if !range.contains(&file[..3].parse::<u32>().unwrap()) {
                continue;
            }
            let wanted = want["label"].as_str().unwrap();
            let (date, subject, attachments) = headers(&std::fs::read(folder.join(file)).unwrap());
            let own = want["new_text"].as_str().unwrap();
            let numbers = |known: &[String]| {
                let own = invoice_numbers(own, known);
                if own.is_empty() { invoice_numbers(&subject, known) } else { own }
            };
            let list = |v: &Value| -> Vec<String> { serde_json::from_value(v.clone()).unwrap() };
            let mut want_numbers = list(&want["invoice_numbers"]);
            want_numbers.sort();
            let sorted = |mut numbers: Vec<String>| {
                numbers.sort();
                numbers
            };
            let machine = ["auto_reply", "bounce"].contains(&wanted);
            if machine {
                continue;
            }
            let got =
                understand(Words { own_words: own, subject: &subject, date, attachment_names: &attachments }, &phrases);
            let got_label = serde_json::to_value(got.label).unwrap().as_str().unwrap().to_owned();
            *table.entry((wanted.to_owned(), got_label.clone())).or_default() += 1;
            scores[0].count(label(wanted) == got.label, || {
                format!("{file} {wanted} -> {got_label} {:?} {}", got.evidence, want["note"])
            });
            let date = got.promise_date.map(|d| d.to_string());
            scores[1].count(want["promise_date"].as_str() == date.as_deref(), || {
                format!("{file} {} -> {date:?}", want["promise_date"])
            });
            scores[2].count(want["amount"].as_str() == got.amount.as_deref(), || {
                format!("{file} {} -> {:?}", want["amount"], got.amount)
            });
            let found = sorted(numbers(&[]));
            scores[3].count(found == want_numbers, || format!("{file} {want_numbers:?} -> {found:?}"));
            let found = sorted(numbers(&known));
            scores[4].count(found == want_numbers, || format!("{file} {want_numbers:?} -> {found:?}"));
            scores[5].count(want["lang"] == got.lang, || format!("{file} {} -> {}", want["lang"], got.lang));
            let also = sorted(list(&want["also"]));
            let got_also = sorted(
                got.also.iter().map(|l| serde_json::to_value(l).unwrap().as_str().unwrap().to_owned()).collect(),
            );
            scores[6].count(also == got_also, || format!("{file} {also:?} -> {got_also:?}"));
            assert!(
                got.evidence.iter().all(|e| own.contains(&e.text) || attachments.contains(&e.text)),
                "{file}: evidence is literal"
            );
        }
        for (name, score) in names.iter().zip(&scores) {
            println!("{part} {name}: {}/{}", score.right, score.of);
            if verbose || part == "001-100" {
                score.wrong.iter().for_each(|wrong| println!("    {wrong}"));
            }
        }
        for ((want, got), n) in &table {
            println!("{part} {want:>14} -> {got:<14} {n}");
        }
    }
}
