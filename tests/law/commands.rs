//! `interest`, `costs` and `term` as a person or a script calls them, strange input included.

use serde_json::{Value, json};
use std::process::{Command, Output};

fn aanmaand(line: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aanmaand"));
    command.args(line.split_whitespace()).current_dir(env!("CARGO_TARGET_TMPDIR"));
    command.output().unwrap()
}

/// The object that a command prints with `--json`, and its exit code.
fn told(line: &str) -> (Value, i32) {
    let output = aanmaand(&format!("{line} --json"));
    let text = String::from_utf8(output.stdout).unwrap();
    let value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{line}: {e}: {text:?}"));
    (value, output.status.code().unwrap())
}

/// Every key of `expected` has its value in `seen`.
fn holds(line: &str, seen: &Value, expected: &Value) {
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&seen[key], value, "{line}: {key} in {seen}");
    }
}

#[test]
fn interest_is_told_with_its_lines() {
    let cases = [
        (
            "interest --kind nl_handel --principal 1000 --due 2025-12-31 --until 2026-06-30",
            json!({
                "interest": "50.33", "days": 181, "allocations": [], "credit": "0.00",
                "segments": [{"from": "2026-01-01", "to": "2026-06-30", "days": 181, "rate": "10.15",
                    "principal": "1000.00", "interest": "50.33"}],
                "left": {"costs": "0.00", "interest": "50.33", "principal": "1000.00"},
            }),
        ),
        (
            "interest --kind nl_wettelijk --principal 3000.00 --due 2014-05-28 --until 2014-12-31 --costs 100 \
             --payment 1500@2014-12-11",
            json!({
                "allocations": [{"date": "2014-12-11", "costs": "100.00", "interest": "48.58",
                    "principal": "1351.42", "rest": "0.00"}],
                "left": {"costs": "0.00", "interest": "2.71", "principal": "1648.58"},
            }),
        ),
        (
            "interest --kind nl_wettelijk --principal 1000 --due 2023-12-31 --until 2025-12-31 --day-count A",
            json!({"interest": "134.40", "days": 731}),
        ),
        // The year of a first day on 29 February.
        (
            "interest --kind fixed:36.6 --principal 100 --due 2024-02-28 --until 2024-02-29",
            json!({"interest": "0.10", "days": 1}),
        ),
        // Nothing runs before or on the last day to pay, and on nothing.
        (
            "interest --kind nl_handel --principal 1000 --due 2026-06-30 --until 2026-06-30",
            json!({"interest": "0.00", "days": 0, "segments": []}),
        ),
        (
            "interest --kind nl_handel --principal 1000 --due 2026-06-30 --until 2026-01-01",
            json!({"interest": "0.00", "days": 0}),
        ),
        ("interest --kind nl_handel --principal 0 --due 2026-06-30 --until 2031-01-01", json!({"interest": "0.00"})),
        // Payments in any order, one of them before the claim was due, the last too large.
        (
            "interest --kind fixed:36.5 --principal 1000 --due 2026-03-01 --until 2026-12-31 \
             --payment 9000@2026-03-21 --payment 500@2026-02-01 --payment 255@2026-03-11",
            json!({
                "interest": "7.50", "days": 20, "credit": "8747.50",
                "left": {"costs": "0.00", "interest": "0.00", "principal": "0.00"},
            }),
        ),
    ];
    for (line, expected) in cases {
        let (seen, exit) = told(line);
        assert_eq!(exit, 0, "{line}: {seen}");
        holds(line, &seen, &expected);
    }
}

#[test]
fn outside_the_table_nothing_is_reckoned() {
    let (seen, exit) = told("interest --kind nl_handel --principal 1000 --due 2026-12-01 --until 2027-01-01");
    assert_eq!(exit, 1);
    holds("", &seen, &json!({"asked": "2027-01-01", "from": "2010-01-01", "until": "2026-12-31"}));
    let error = seen["error"].as_str().unwrap();
    assert!(error.contains("2010-01-01") && error.contains("2026-12-31"), "{error}");
    let plain = aanmaand("interest --kind be_handel --principal 1 --due 2016-01-01 --until 2016-01-02");
    assert_eq!((plain.status.code(), plain.stdout.len()), (Some(1), 0));
    assert!(String::from_utf8(plain.stderr).unwrap().contains("2016-07-01"));
    let (contract, exit) = told("interest --kind fixed:6 --principal 1000 --due 2027-12-31 --until 2028-12-31");
    assert_eq!((&contract["interest"], exit), (&json!("60.00"), 0));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let interest = "interest --kind nl_handel --principal 1000 --due 2026-01-31 --until 2026-06-30";
    let cases = [
        "interest --kind nl_handel --principal -5 --due 2026-01-31 --until 2026-06-30".to_owned(),
        "interest --kind nl_handel --principal 1.005 --due 2026-01-31 --until 2026-06-30".to_owned(),
        "interest --kind nl_handel --principal 1.000,00 --due 2026-01-31 --until 2026-06-30".to_owned(),
        "interest --kind handel --principal 1 --due 2026-01-31 --until 2026-06-30".to_owned(),
        "interest --kind fixed:-1 --principal 1 --due 2026-01-31 --until 2026-06-30".to_owned(),
        "interest --kind nl_handel --principal 1 --due 2025-02-29 --until 2026-06-30".to_owned(),
        "interest --kind nl_handel --principal 1 --due 2026-01-31".to_owned(),
        format!("{interest} --day-count D"),
        format!("{interest} --payment 100"),
        format!("{interest} --payment 0@2026-03-01"),
        format!("{interest} --payment -100@2026-03-01"),
        format!("{interest} --payment 100@2026-07-01"),
        format!("{interest} --payment 100@2026-01-31 --costs 40"),
        format!("{interest} --costs -1"),
        "costs --regime nl_consumer".to_owned(),
        "costs --regime de_consumer --principal 5".to_owned(),
        "costs --regime nl_consumer --principal abc".to_owned(),
        "costs --regime nl_business --principal 5 --periodic".to_owned(),
        "costs --regime be_consumer --principal 5 --vat-not-deductible".to_owned(),
        "costs --regime be_business --principal 5 --principal 6".to_owned(),
        "term --regime nl --channel mail".to_owned(),
        "term --regime nl --sent 2026-10-05".to_owned(),
        "term --regime nl --channel mail --sent 2026-10-05 --received 2026-10-06".to_owned(),
        "term --regime nl --channel post --sent 2026-10-05 --time 12:00".to_owned(),
        "term --regime be --channel mail --received 2026-10-05".to_owned(),
        "term --regime nl --channel mail --received 2026-10-05 --time 18:00".to_owned(),
        "term --regime nl --channel post --sent 9999-12-30".to_owned(),
        "interest --kind fixed:5 --principal 1 --due -026-01-31 --until 2026-06-30".to_owned(),
    ];
    for line in cases {
        let output = aanmaand(&format!("{line} --json"));
        let why = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{line}: {why}");
        assert!(why.starts_with("error: "), "{line}: {why}");
    }
}

#[test]
fn costs_are_told_with_their_article() {
    let cases = [
        (
            "nl_consumer --principal 1000",
            json!({"costs": "150.00", "vat": "0.00", "total": "150.00", "minimum": "40.00"}),
        ),
        ("nl_consumer --principal 100 --principal 400", json!({"costs": "75.00"})),
        (
            "nl_consumer --principal 3500 --vat-not-deductible",
            json!({"costs": "475.00", "vat": "99.75", "total": "574.75"}),
        ),
        ("nl_consumer --principal -5", json!({"costs": "0.00", "total": "0.00"})),
        ("nl_consumer --principal 0", json!({"costs": "0.00"})),
        ("nl_business --principal 25", json!({"costs": "40.00", "minimum": "40.00"})),
        ("nl_business --principal 10000", json!({"costs": "875.00"})),
        ("be_consumer --principal 1000", json!({"costs": "90.00", "minimum": "0.00"})),
        ("be_business --principal 1000", json!({"costs": "40.00"})),
    ];
    for (line, expected) in cases {
        let (seen, exit) = told(&format!("costs --regime {line}"));
        assert_eq!(exit, 0, "{line}: {seen}");
        holds(line, &seen, &expected);
        assert!(
            seen["basis"].as_str().unwrap().contains(if line.starts_with("nl") { "6:96" } else { "WER" })
                || line.starts_with("be_business"),
            "{line}: {seen}"
        );
    }
    let (review, exit) = told("costs --regime nl_consumer --principal 20 --periodic");
    assert_eq!((exit, &review["needs_review"], &review["costs"]), (1, &json!(true), &Value::Null));
}

#[test]
fn terms_are_told_by_their_days() {
    let cases = [
        ("nl --channel mail --received 2026-10-05", "2026-10-05", "2026-10-19", "2026-10-20"),
        ("nl --channel mail --received 2026-10-03", "2026-10-03", "2026-10-19", "2026-10-20"),
        ("nl --received 2027-04-22", "2027-04-22", "2027-05-10", "2027-05-11"),
        ("nl --channel post --sent 2026-10-02", "2026-10-06", "2026-10-20", "2026-10-21"),
        ("nl --channel mail --sent 2026-10-05", "2026-10-06", "2026-10-20", "2026-10-21"),
        ("nl --channel mail --sent 2026-10-05 --time 17:00", "2026-10-07", "2026-10-21", "2026-10-22"),
        // The equated day after Ascension 2026.
        ("nl --channel mail --received 2026-04-30", "2026-04-30", "2026-05-18", "2026-05-19"),
        ("be --channel mail --sent 2026-10-05", "", "2026-10-19", "2026-10-20"),
        ("be --channel post --sent 2026-10-05", "", "2026-10-21", "2026-10-22"),
    ];
    for (line, received, last_day, costs_from) in cases {
        let (seen, exit) = told(&format!("term --regime {line}"));
        let received = if received.is_empty() { Value::Null } else { json!(received) };
        assert_eq!(exit, 0, "{line}");
        holds(line, &seen, &json!({"received": received, "last_day": last_day, "costs_from": costs_from}));
    }
}

#[test]
fn an_owners_table_extends_the_built_in_one() {
    let folder = tempfile::tempdir().unwrap();
    let ask = |until: &str| {
        let rates = folder.path().display();
        aanmaand(&format!(
            "interest --kind nl_handel --principal 1000 --due 2026-12-31 --until {until} --rates {rates}"
        ))
    };
    assert_eq!(ask("2027-01-31").status.code(), Some(78), "an empty folder");
    let header = "kind,valid_from,annual_percent,source";
    let rows = "nl_handel,2027-01-01,36.50,a decree\nnl_handel,2027-07-01,unknown,not yet published";
    std::fs::write(folder.path().join("2027.csv"), format!("{header}\n{rows}\n")).unwrap();
    let told = String::from_utf8(ask("2027-01-10").stdout).unwrap();
    assert!(told.contains("2027-01-01  2027-01-10     10     36.50") && told.contains("10.00"), "{told}");
    assert_eq!(ask("2027-07-01").status.code(), Some(1));
    std::fs::write(folder.path().join("2028.csv"), format!("{header}\nnl_handel,2028-01-01,-1,a decree\n")).unwrap();
    let wrong = ask("2027-01-10");
    assert_eq!(wrong.status.code(), Some(78));
    assert!(String::from_utf8(wrong.stderr).unwrap().contains("2028.csv:2: \"-1\" is no annual percentage"));
    std::fs::write(folder.path().join("2028.csv"), b"kind,valid_from,annual_percent,source\n# d\xe9cret\n").unwrap();
    let foreign = ask("2027-01-10");
    assert_eq!(foreign.status.code(), Some(78));
    assert!(String::from_utf8(foreign.stderr).unwrap().contains("2028.csv is not UTF-8"));
}

#[test]
fn a_person_reads_tables() {
    let interest =
        "interest --kind nl_wettelijk --principal 10000 --due 2025-12-16 --until 2026-01-15 --payment 50@2026-01-10";
    let cases = [
        (
            interest,
            &["2025-12-17  2025-12-31     15      6.00", "24.66", "art. 6:119 BW", "art. 6:44 BW", "still open"][..],
        ),
        ("costs --regime nl_consumer --principal 1000", &["150.00", "art. 6:96(5)-(7) BW", "fourteen-day letter"]),
        ("term --regime nl --channel mail --sent 2026-10-05", &["costs from  2026-10-21", "art. 6:96(6) BW"]),
    ];
    for (line, parts) in cases {
        let output = aanmaand(line);
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0));
        for part in parts {
            assert!(text.contains(part), "{line}: no {part:?} in\n{text}");
        }
    }
    let belgian =
        "interest --kind be_handel --principal 1000 --due 2025-12-16 --until 2026-01-15 --payment 50@2026-01-10";
    let text = String::from_utf8(aanmaand(belgian).stdout).unwrap();
    assert!(text.contains("then the principal.") && !text.contains("BW"), "a Dutch article for Belgium:\n{text}");
}
