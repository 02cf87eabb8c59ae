//! Scores of the mail room on `shared/corpora`: tables to read, floors that must not be fallen through.
//! Skipped, and said so, where the corpora are not there.

use super::message::Message;
use super::own_words::own_words;
use std::path::{Path, PathBuf};

/// The folder of the corpora, or `None` with a word about it.
pub fn corpora(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("AANMAAND_CORPORA")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"));
    let folder = root.join(folder);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SKIPPED: {} is not there, nothing was measured", folder.display());
    None
}

/// Every file below a folder, in a stable order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(folder) = todo.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn json_lines(path: &Path) -> Vec<serde_json::Value> {
    std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Harmonic mean of precision and recall over words, as a multiset.
fn token_f1(found: &str, wanted: &str) -> f64 {
    let (found, mut wanted) = (words(found), words(wanted));
    if found.is_empty() && wanted.is_empty() {
        return 1.0;
    }
    let (of_found, of_wanted) = (found.len() as f64, wanted.len() as f64);
    let mut common = 0.0;
    for word in &found {
        if let Some(at) = wanted.iter().position(|other| other == word) {
            wanted.swap_remove(at);
            common += 1.0;
        }
    }
    if common == 0.0 { 0.0 } else { 2.0 * common / (of_found + of_wanted) }
}

#[test]
fn own_words_of_replies() {
    let Some(folder) = corpora("replies") else { return };
    let (mut count, mut exact, mut sum) = (0, 0, 0.0);
    for label in json_lines(&folder.join("labels.jsonl")) {
        if label["label"] == "bounce" {
            continue;
        }
        let file = label["file"].as_str().unwrap();
        let message = Message::parse(&std::fs::read(folder.join(file)).unwrap()).unwrap();
        let (found, wanted) = (own_words(&message), label["new_text"].as_str().unwrap());
        count += 1;
        sum += token_f1(&found, wanted);
        if words(&found) == words(wanted) {
            exact += 1;
        } else {
            println!("--- {file}\nfound  {found:?}\nwanted {wanted:?}");
        }
    }
    println!("own words, replies: {exact} of {count} exact, mean token F1 {:.4}", sum / f64::from(count));
}

/// Mails and bare texts of other reply parsers, with the new text their tests expect.
#[test]
fn own_words_of_quoting_collections() {
    let Some(folder) = corpora("reply-quoting") else { return };
    let (mut count, mut sum, mut leaks) = (0, 0.0, 0);
    for path in files(&folder.join("email-reply-trimmer/emails")) {
        let name = path.file_name().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let wanted = std::fs::read_to_string(folder.join("email-reply-trimmer/trimmed").join(name)).unwrap_or_default();
        let elided = std::fs::read_to_string(folder.join("email-reply-trimmer/elided").join(name)).unwrap_or_default();
        let found = own_words(&Message { text: text.replace('\r', ""), ..Message::default() });
        let leaked =
            elided.lines().any(|line| words(line).len() > 4 && !wanted.contains(line) && found.contains(line.trim()));
        let f1 = token_f1(&found, &wanted);
        count += 1;
        sum += f1;
        leaks += i32::from(leaked);
        if f1 < 0.95 || leaked {
            println!("--- {name:?} {f1:.2} {}\nfound  {found:?}\nwanted {wanted:?}", if leaked { "LEAK" } else { "" });
        }
    }
    println!(
        "own words, trimmer collection: mean token F1 {:.4} over {count}, {leaks} with quoted lines let through",
        sum / f64::from(count)
    );
}
