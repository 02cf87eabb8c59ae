//! What people see of a closed gate: `plan`, `status` and the digest name the same reasons.

use super::sandbox::{Debtor, Invoice, Sandbox};
use serde_json::{Value, json};
use std::fs;

fn rows(company: &Sandbox, arguments: &[&str]) -> Vec<Value> {
    company.must(arguments).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn plan_of(company: &Sandbox, debtor: &str) -> Value {
    let rows = rows(company, &["plan", "--json"]);
    rows.into_iter().find(|row| row["debtor"] == debtor).unwrap_or_else(|| panic!("{debtor} is not in the plan"))
}

fn status(company: &Sandbox) -> Value {
    rows(company, &["status", "--json"]).remove(0)
}

#[test]
fn a_stopped_lane_is_told_with_the_words_of_the_other_side() {
    let company = Sandbox::jansen();
    company.pass("2026-10-25");
    fs::rename(company.path("outbox"), company.path("weg")).unwrap();
    fs::write(company.path("outbox"), "geen map").unwrap();
    company.pass("2026-10-26");
    let row = plan_of(&company, "K1001");
    assert_eq!(
        (&row["what"], &row["state"], &row["gate"]),
        (&json!("letter"), &json!("ready"), &json!(["lane"])),
        "{row}"
    );
    assert!(row["why_not_now"][0].as_str().unwrap().contains("outbox"), "{row}");
    assert_eq!(rows(&company, &["plan", "--json"]).len(), 1, "nothing comes before it");
    assert!(company.must(&["plan"]).contains("(in the outbox)"), "{}", company.must(&["plan"]));
    let status = status(&company);
    assert_eq!((&status["gate"][0]["gate"], &status["waiting"][0]["letter"]), (&json!("lane"), &row["letter"]));
    let digest = company.must(&["digest", "--preview", "text"]);
    assert!(digest.contains("LIGT KLAAR EN WACHT") && digest.contains("wacht: de mailserver weigert ons"), "{digest}");
    // The next day it is written anew, and leaves.
    fs::remove_file(company.path("outbox")).unwrap();
    fs::rename(company.path("weg"), company.path("outbox")).unwrap();
    company.pass("2026-10-27");
    assert_eq!(company.letters().len(), 1);
    assert_eq!(self::status(&company)["waiting"], json!([]));
}

#[test]
fn a_letter_that_would_name_somebody_else_is_kept_back_and_told_everywhere() {
    let company = Sandbox::jansen();
    let more = "description = \"Meerwerk bij Jansen Bouw, zie 2026-0412\"\n".into();
    company.invoice(&Invoice { more, debtor: Debtor::numbered(9), number: "2026-0777".into(), ..Invoice::jansen() });
    company.pass("2026-10-25");
    company.pass("2026-10-26");
    assert_eq!(
        company.letters().iter().map(|letter| letter.to.as_str()).collect::<Vec<_>>(),
        ["administratie@jansenbouw.example"]
    );
    let row = plan_of(&company, "K9");
    assert_eq!(row["gate"], json!(["leak"]), "{row}");
    assert!(row["why_not_now"][0].as_str().unwrap().contains("may_name"), "{row}");
    let warnings = status(&company)["warnings"].to_string();
    assert!(warnings.contains("K9") && warnings.contains("Jansen Bouw"), "{warnings}");
    company.pass("2026-10-27");
    let digest = company.last_digest().text;
    assert!(digest.contains("tegengehouden") && digest.contains("may_name"), "{digest}");
    let config = fs::read_to_string(company.path("aanmaand.toml")).unwrap();
    let allowed = "[[debtor]]\nid = \"K9\"\nmay_name = [\"Jansen Bouw\", \"2026-0412\"]\n";
    fs::write(company.path("aanmaand.toml"), format!("{config}{allowed}")).unwrap();
    company.pass_at("2026-10-27T11:00");
    assert_eq!(company.letters().len(), 2);
    assert!(!status(&company)["warnings"].to_string().contains("K9"));
}

#[test]
fn no_more_than_the_cap_leave_within_an_hour() {
    let company = Sandbox::with(&[("per_day = 200", "per_day = 200\nper_hour = 2")]);
    (1..=5).for_each(|number| company.invoice(&Invoice::numbered(number)));
    company.pass("2026-10-20");
    for (time, total) in [("10:00", 2), ("10:30", 2), ("11:00", 2), ("11:01", 4), ("12:02", 5)] {
        company.pass_at(&format!("2026-10-26T{time}"));
        assert_eq!(company.letters().len(), total, "{time}");
        let status = status(&company);
        let closed = status["gate"].as_array().unwrap().iter().any(|reason| reason["gate"] == "per_hour");
        assert_eq!(closed, time != "12:02", "{time}: {status}");
        let waits = status["waiting"].as_array().unwrap();
        assert_eq!(waits.len(), 5 - total, "{status}");
        assert!(waits.iter().all(|row| row["gate"] == json!(["per_hour"])), "{status}");
    }
}

#[test]
fn what_stops_the_house_is_told_by_its_name() {
    let company = Sandbox::jansen();
    company.pass("2026-10-25");
    assert_eq!(status(&company)["gate"][0]["gate"], "outside_window", "a Sunday");
    fs::rename(company.path("mailbox"), company.path("weg")).unwrap();
    fs::write(company.path("mailbox"), "geen map").unwrap();
    company.pass("2026-10-26");
    assert_eq!(status(&company)["gate"][0]["gate"], "mailbox_not_read");
    assert_eq!(plan_of(&company, "K1001")["gate"], json!(["mailbox_not_read"]));
    let digest = company.last_digest().text;
    assert!(digest.contains("de postbus is voor het laatst helemaal gelezen op"), "{digest}");
}
