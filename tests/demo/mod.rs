//! The demo, run as a user runs it: what it tells, what it leaves behind, and that the other commands work on it.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

fn aanmaand(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_aanmaand")).args(args).output().unwrap()
}

fn json_lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

fn texts(events: &[Value], debtor: &str, kind: &str) -> Vec<String> {
    let of = |event: &&Value| event["debtor"] == debtor && event["event"] == kind;
    events.iter().filter(of).map(|event| event["text"].as_str().unwrap_or_default().to_owned()).collect()
}

fn files(folder: &Path, extension: &str) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|e| e == extension)).count()
}

#[test]
fn the_demo_tells_its_story_and_leaves_it_to_look_at() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("story");
    let dir = folder.to_str().unwrap();
    let played = aanmaand(&["demo", "--json", "--keep", dir]);
    assert!(played.status.success(), "{}", String::from_utf8_lossy(&played.stderr));
    let events = json_lines(&played);
    how_it_went(&events);
    what_it_leaves(&folder, events.last().unwrap());
    where_the_cases_stand(&folder);

    let again = aanmaand(&["demo", "--keep", dir]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("has something in it"));
}

fn how_it_went(events: &[Value]) {
    let letters = |debtor: &str| texts(events, debtor, "letter");
    assert_eq!(letters("K1001").len(), 4, "a note, a reminder, a second one; and a note of the next invoice");
    assert_eq!(letters("K1003").len(), 2, "nothing after the dispute");
    assert_eq!(letters("K1006").len(), 1, "nothing after the bounce");
    assert!(letters("K1004")[2].contains("the promise of 2026-10-09 was not kept"));
    assert!(letters("K1010").iter().all(|text| text.contains("nvoice 2026-0321")), "in English");
    assert!(letters("K1011").iter().all(|text| text.contains("2 facturen")), "one letter for two invoices");
    assert!(texts(events, "K1005", "held").is_empty(), "an automatic reply pauses nobody");
    let forged = texts(events, "K1007", "held");
    assert!(forged.len() == 1 && forged[0].contains("until 2026-10-07"), "{forged:?}");
    let dispute = events.iter().find(|event| event["debtor"] == "K1003" && event["event"] == "mail").unwrap();
    assert_eq!(dispute["evidence"], "Wij zijn het niet eens met deze factuur.");
    let dates: Vec<&str> = events.iter().filter_map(|event| event["date"].as_str()).collect();
    assert!(dates.is_sorted() && dates.first() >= Some(&"2026-09-01"));
}

fn what_it_leaves(folder: &Path, summary: &Value) {
    assert_eq!((&summary["event"], &summary["wrong"]), (&"summary".into(), &Value::Array(Vec::new())));
    let mails = summary["letters"].as_u64().unwrap() + summary["digests"].as_u64().unwrap();
    assert_eq!(files(&folder.join("outbox"), "eml") as u64, mails);
    assert!(std::fs::read_to_string(folder.join("digest.html")).unwrap().contains("<html"));
    assert_eq!(files(&folder.join("statements"), "xml"), 88, "one each weekday");
    assert!(folder.join("state/aanmaand.sqlite").exists());
}

/// As the commands show it that the demo names at its end.
fn where_the_cases_stand(folder: &Path) {
    let config = folder.join("aanmaand.toml");
    let ask = |command: &str| json_lines(&aanmaand(&["--config", config.to_str().unwrap(), "--json", command]));
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let stands = |row: &Value| [&row["state"], &row["hold"], &row["closed_as"]].map(word).join(" ");
    let cases: BTreeMap<String, String> = ask("cases").iter().map(|row| (word(&row["invoice"]), stands(row))).collect();
    let expected = [
        ("2026-0301", "closed - paid"),
        ("2026-0302", "closed - paid"),
        ("2026-0303", "held dispute -"),
        ("2026-0304", "closed - paid"),
        ("2026-0305", "closed - paid"),
        ("2026-0306", "held bounce -"),
        ("2026-0307", "closed - paid"),
        ("2026-0308", "open - -"),
        ("2026-0309", "open - -"),
        ("2026-0321", "closed - paid"),
        ("2026-0322", "held plan -"),
        ("2026-0324", "closed - credited"),
        ("2026-0330", "closed - paid"),
    ];
    let expected = expected.map(|(number, stands)| (number.to_owned(), stands.to_owned()));
    assert_eq!(cases, BTreeMap::from(expected));
    let mut kinds: Vec<String> = ask("questions").iter().map(|question| word(&question["kind"])).collect();
    kinds.sort();
    let wanted =
        ["bounce", "call", "call", "dispute", "hand_over", "hand_over", "plan", "quarantine", "unmatched_payment"];
    assert_eq!(kinds, wanted);
}
