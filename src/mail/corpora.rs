//! Scores of the mail room on `shared/corpora`: tables to read, floors that must not be fallen through.
//! Skipped, and said so, where the corpora are not there.

use super::intent::KnownNumbers;
use super::message::Message;
use super::own_words::own_words;
use crate::letter::wording::Wording;
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
pub fn token_f1(found: &str, wanted: &str) -> f64 {
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
        let (found, wanted) = (own_words(&message, &Wording::default()), label["new_text"].as_str().unwrap());
        count += 1;
        sum += token_f1(&found, wanted);
        if words(&found) == words(wanted) {
            exact += 1;
        } else {
            println!("--- {file}\nfound  {found:?}\nwanted {wanted:?}");
        }
    }
    println!("own words, replies: {exact} of {count} exact, mean token F1 {:.4}", sum / f64::from(count));
    assert!(exact * 100 >= count * 99 && sum / f64::from(count) > 0.99, "own words of replies got worse");
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
        let found = own_words(&Message { text: text.replace('\r', ""), ..Message::default() }, &Wording::default());
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
    assert!(sum / f64::from(count) > 0.84 && leaks <= 1, "own words of the trimmer collection got worse");
}

/// Machines and people of real collections: what is taken for what, and how well bounces are read.
#[test]
fn classes_of_real_mails() {
    let Some(root) = corpora("bounces") else { return };
    let root = root.parent().unwrap();
    let table = std::fs::read_to_string(root.join("mail-classes.tsv")).unwrap();
    let mut tally: std::collections::BTreeMap<(String, &str), usize> = Default::default();
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [area, source, file, class] = fields[..] else { continue };
        let path = root.join(area).join(source).join(file);
        let Ok(raw) = std::fs::read(&path) else { continue };
        let found = match Message::parse(&raw) {
            Err(_) => "unreadable",
            Ok(message) if super::bounce::bounce(&message).is_some() => "bounce",
            Ok(message) => {
                match super::automatic::automatic(&message, &own_words(&message, &Wording::default()), &|| false) {
                    Some((super::automatic::Automatic::AutoReply, _)) => "auto_reply",
                    Some((super::automatic::Automatic::ReadReceipt, _)) => "read_receipt",
                    Some((super::automatic::Automatic::Bulk, _)) => "bulk",
                    None => "person",
                }
            }
        };
        let wanted = if class.starts_with("bounce") { "bounce" } else { class };
        if found != wanted {
            println!("    {class:20} taken for {found:12} {area}/{source}/{file}");
        }
        *tally.entry((wanted.to_owned(), found)).or_default() += 1;
    }
    let count = |wanted: &str, found: &str| tally.get(&(wanted.to_owned(), found)).copied().unwrap_or(0);
    let bounces: usize = tally.iter().filter(|((wanted, _), _)| wanted == "bounce").map(|(_, count)| count).sum();
    let people: usize = tally.iter().filter(|((wanted, _), _)| wanted == "person").map(|(_, count)| count).sum();
    assert!(count("bounce", "bounce") * 100 >= bounces * 99, "bounces are missed");
    assert_eq!(count("person", "person"), people, "a person was taken for a machine");
    for ((wanted, found), count) in &tally {
        println!("classes: {wanted:20} read as {found:12} {count}");
    }
}

/// Status and recipient of bounces against the report fields read by other programs.
#[test]
fn fields_of_real_bounces() {
    let Some(root) = corpora("bounces") else { return };
    for source in ["sisimai", "flufl", "bounceparser", "baunsu", "enmime-dsn", "deltachat-reports", "mail-rb-reports"] {
        let mut hits = [[0usize; 2]; 3];
        for record in json_lines(&root.join(source).join("derived.jsonl")) {
            let path = root.join(source).join(record["file"].as_str().unwrap());
            let Ok(message) = Message::parse(&std::fs::read(path).unwrap()) else { continue };
            let Some(recipients) = record["recipients"].as_array().filter(|list| !list.is_empty()) else { continue };
            let bounce = super::bounce::bounce(&message);
            for (at, field) in ["Action", "Status", "Final-Recipient"].into_iter().enumerate() {
                let wanted: Vec<String> = recipients
                    .iter()
                    .filter_map(|recipient| recipient[field].as_str())
                    .map(|value| {
                        value
                            .rsplit(';')
                            .next()
                            .unwrap()
                            .split('(')
                            .next()
                            .unwrap()
                            .trim()
                            .trim_matches(['<', '>'])
                            .to_lowercase()
                    })
                    .filter(|value| !value.is_empty())
                    .collect();
                if wanted.is_empty() {
                    continue;
                }
                let found = bounce.as_ref().and_then(|bounce| match at {
                    0 => Some(bounce.action.clone()),
                    1 => bounce.status.clone(),
                    _ => bounce.recipient.clone(),
                });
                let hit = found.as_ref().is_some_and(|found| wanted.contains(found));
                hits[at][usize::from(hit)] += 1;
                if !hit {
                    println!("    {source}/{} {field}: {found:?}, wanted {wanted:?}", record["file"]);
                }
            }
        }
        for [misses, hits] in hits {
            assert!(hits * 100 >= (hits + misses) * if source == "flufl" { 75 } else { 98 }, "{source} got worse");
        }
        let [action, status, recipient] = hits.map(|[misses, hits]| format!("{hits}/{}", hits + misses));
        println!("bounce fields: {source:18} action {action}, status {status}, recipient {recipient}");
    }
}

/// Addresses against what the tests of other bounce parsers expect.
#[test]
fn recipients_of_real_bounces() {
    let Some(root) = corpora("bounces") else { return };
    for (source, column) in [("flufl", 3), ("bounceparser", 4)] {
        let (mut hits, mut count) = (0, 0);
        let table = std::fs::read_to_string(root.join(source).join("expected.tsv")).unwrap();
        for line in table.lines().skip(1) {
            let fields: Vec<&str> = line.split('\t').collect();
            let (Some(file), Some(wanted)) = (fields.first(), fields.get(column).filter(|text| text.contains('@')))
            else {
                continue;
            };
            let Ok(raw) = std::fs::read(root.join(source).join(file)) else { continue };
            let Ok(message) = Message::parse(&raw) else { continue };
            let found = super::bounce::bounce(&message).map(|bounce| bounce.recipients);
            let hit = found.iter().flatten().any(|found| wanted.to_lowercase().contains(found.as_str()));
            count += 1;
            hits += i32::from(hit);
            if !hit {
                println!("    {source}/{file} recipient {found:?}, wanted {wanted:?}");
            }
        }
        println!("bounce recipients: {source:18} {hits}/{count}");
        assert!(hits * 100 >= count * 97, "recipients of {source} got worse");
    }
}

/// Well formed, malformed and hostile MIME of a dozen libraries: read or refused, never a panic.
#[test]
fn mime_of_other_libraries() {
    let (mut read, mut refused) = (0, 0);
    let mut sources: std::collections::BTreeMap<String, [usize; 2]> = Default::default();
    for area in ["mime", "bounces", "reply-quoting", "auth", "replies", "bank-mails", "bank-alerts"] {
        let Some(folder) = corpora(area) else { continue };
        for path in files(&folder) {
            let below = path.strip_prefix(&folder).unwrap().iter().next().unwrap().to_string_lossy().into_owned();
            let source = if path.parent() == Some(&folder) { area.to_owned() } else { format!("{area}/{below}") };
            let of_source = sources.entry(source).or_default();
            match Message::parse(&std::fs::read(&path).unwrap()) {
                Ok(message) => {
                    read += 1;
                    of_source[0] += 1;
                    let words = own_words(&message, &Wording::default());
                    let _ = (super::bounce::bounce(&message), super::automatic::automatic(&message, &words, &|| true));
                }
                Err(super::message::Unreadable::Panicked) => panic!("{} broke the reader", path.display()),
                Err(fault) => {
                    refused += 1;
                    of_source[1] += 1;
                    if path.extension().is_some_and(|e| e == "eml") {
                        println!("    {}: {fault}", path.display());
                    }
                }
            }
        }
    }
    for (source, [read, refused]) in sources {
        println!("mime: {source:40} {read:4} read, {refused:4} refused with a reason");
    }
    println!("mime: {read} read, {refused} refused, 0 panics");
    assert!(read + refused == 0 || read > 1_000);
}

/// What a reader has that knows nobody.
struct BuiltIn {
    phrases: super::intent::Phrases,
    profiles: crate::bank::notice::Profiles,
    templates: crate::letter::Templates,
}

impl Default for BuiltIn {
    fn default() -> BuiltIn {
        BuiltIn {
            phrases: super::intent::Phrases::built_in(),
            profiles: crate::bank::notice::Profiles::built_in(),
            templates: crate::letter::Templates::built_in(),
        }
    }
}

impl BuiltIn {
    fn reader(&self) -> super::reading::Reader<'_> {
        super::reading::Reader {
            phrases: &self.phrases,
            profiles: &self.profiles,
            grounds: crate::mail::authenticity::Grounds::default(),
            known_numbers: KnownNumbers::none(),
            wording: self.templates.wording(),
        }
    }
}

/// The whole reading of the labelled replies.
#[test]
fn readings_of_replies() {
    let Some(folder) = corpora("replies") else { return };
    let rules = BuiltIn::default();
    let reader = rules.reader();
    let keys = ["kind", "label", "hold", "lang", "promise_date", "amount", "invoice_numbers", "new_text"];
    let mut hits = [0; 8];
    let labels = json_lines(&folder.join("labels.jsonl"));
    for label in &labels {
        let file = label["file"].as_str().unwrap();
        let reading = super::reading::read(&std::fs::read(folder.join(file)).unwrap(), &reader);
        let line = super::reading::to_json(file, &reading);
        for (hit, key) in hits.iter_mut().zip(keys) {
            let wanted = match key {
                "hold" => label["must_hold"].clone(),
                "kind" => match label["label"].as_str().unwrap() {
                    machine @ ("auto_reply" | "bounce") => machine.into(),
                    _ if file == "062.eml" => "auto_reply".into(),
                    "unrelated" if label["must_hold"] == false => "unrelated".into(),
                    _ => "reply".into(),
                },
                "new_text" if line["kind"] == "bounce" || line["new_text"] == "" => line["new_text"].clone(),
                "new_text" => words(label[key].as_str().unwrap()).join(" ").into(),
                _ => label[key].clone(),
            };
            let found =
                if key == "new_text" { words(line[key].as_str().unwrap()).join(" ").into() } else { line[key].clone() };
            if found == wanted {
                *hit += 1;
            } else {
                println!("    {file} {key}: {found}, wanted {wanted} ({} {})", line["why"], label["note"]);
            }
        }
    }
    for (hit, key) in hits.iter().zip(keys) {
        println!("readings, replies: {key:16} {hit} of {}", labels.len());
        // What is understood of the words has its own floors; these are this room's.
        if matches!(key, "kind" | "hold" | "new_text") {
            assert!(hit * 100 >= labels.len() * 99, "{key} got worse");
        }
    }
}

/// Replies of a dozen mail programs: the first visible words are found.
#[test]
fn own_words_of_mail_programs() {
    let Some(root) = corpora("reply-quoting") else { return };
    let (mut hits, mut count) = (0, 0);
    let mut judge = |name: &str, found: &str, wanted: &str| {
        count += 1;
        let hit = token_f1(found, wanted) > 0.9;
        hits += i32::from(hit);
        if !hit {
            println!("    {name}\n    found  {:?}\n    wanted {wanted:?}", found.chars().take(300).collect::<String>());
        }
    };
    for line in std::fs::read_to_string(root.join("talon/expected.tsv")).unwrap().lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let raw = std::fs::read(root.join("talon").join(fields[0])).unwrap();
        let wanted =
            fields[2].trim_matches('"').replace("\\\\n", " ").replace("\\n", " ").replace("Sent from my iPhone", "");
        if fields[1].starts_with("html") {
            let html = String::from_utf8_lossy(&raw).into_owned();
            judge(
                fields[0],
                &own_words(
                    &Message {
                        text: super::html::text(&html),
                        html: Some(html),
                        text_is_html: true,
                        ..Message::default()
                    },
                    &Wording::default(),
                ),
                &wanted,
            );
        } else if fields[1].starts_with("text") {
            judge(fields[0], &own_words(&Message::parse(&raw).unwrap(), &Wording::default()), &wanted);
        }
    }
    for line in std::fs::read_to_string(root.join("crisp-reply-parser/expected.tsv")).unwrap().lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let first = fields[1].starts_with("fragments[0].toString()") || fields[1] == "email.getVisibleText()";
        if first && fields[2] == "equals" {
            let text =
                std::fs::read_to_string(root.join("crisp-reply-parser").join(fields[0])).unwrap().replace('\r', "");
            judge(
                fields[0],
                &own_words(&Message { text, ..Message::default() }, &Wording::default()),
                &fields[3].replace("\\n", "\n"),
            );
        }
    }
    // The six HTML samples count "Thanks, Alex" as words; here a closing on its own line is none.
    println!("own words, mail programs: {hits} of {count}");
    assert!(hits >= 31, "own words of mail programs got worse");
}

/// Bank mails are notices, whatever else they look like.
#[test]
fn kinds_of_bank_mails() {
    let Some(folder) = corpora("bank-mails") else { return };
    let rules = BuiltIn::default();
    let reader = rules.reader();
    let labels = json_lines(&folder.join("labels.jsonl"));
    let mut notices = 0;
    for label in &labels {
        let file = label["file"].as_str().unwrap();
        let reading = super::reading::read(&std::fs::read(folder.join(file)).unwrap(), &reader);
        let line = super::reading::to_json(file, &reading);
        if line["kind"] == "notice" {
            notices += 1;
        } else {
            println!("    {file} is {} ({}): {label}", line["kind"], line["why"]);
        }
    }
    println!("bank mails: {notices} of {} read as notices", labels.len());
    assert!(notices * 100 >= labels.len() * 98, "bank mails are taken for something else");
}
