//! A backup of before some letters is put back, beside a real mailbox: what its Sent folder proves is known again, what
//! it cannot prove is asked, and nobody gets a letter twice.

use super::mailbox::{Mail, wait_for};
use super::office::Office;
use super::site::site;
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;

fn customer(name: &str) -> String {
    format!("customer3+{name}-{}@klant.test", std::process::id())
}

/// The provider files what it sent.
fn file_in_sent(office: &Office, letter: &Mail) {
    let mut save = office.site.doveadm();
    let save = save.args(["save", "-u", office.user(), "-m", "Sent"]).stdin(Stdio::piped()).spawn();
    let mut save = save.unwrap();
    save.stdin.take().unwrap().write_all(letter.0.as_bytes()).unwrap();
    assert!(save.wait().unwrap().success());
}

fn asked(office: &Office, kind: &str) -> Vec<Value> {
    office.questions().into_iter().filter(|question| question["kind"] == kind).collect()
}

fn must(office: &Office, words: &[&str]) {
    let output = office.command(words);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_the_sent_folder_has_is_known_again_and_the_rest_is_asked() {
    let Some(site) = site("what_the_sent_folder_has_is_known_again_and_the_rest_is_asked") else { return };
    let office = Office::open(site, "office14");
    let [known, filed, nowhere] = ["r1", "r2", "r3"].map(customer);
    let daemon = office.run();
    office.drop_invoice("R-2026-1", &known);
    let letter = site.await_mail("customer3", &known, 60);
    office.await_case("R-2026-1", 30, |case| case["step"] == "reminder");
    file_in_sent(&office, &letter);
    let copy = office.path("copy.sqlite").display().to_string();
    must(&office, &["backup", &copy]);

    office.drop_invoice("R-2026-2", &filed);
    office.drop_invoice("R-2026-3", &nowhere);
    file_in_sent(&office, &site.await_mail("customer3", &filed, 60));
    site.await_mail("customer3", &nowhere, 60);
    for number in ["R-2026-2", "R-2026-3"] {
        office.await_case(number, 30, |case| case["step"] == "reminder");
    }
    daemon.stop();
    must(&office, &["restore", &copy]);
    assert!(office.case("R-2026-2").is_none(), "the copy knows nothing of it");

    let daemon = office.run();
    let question = wait_for(150, || asked(&office, "restored").pop()).expect("a question");
    assert!(question["text"].to_string().contains("1 brieven van daarna teruggevonden"), "{question}");
    office.await_case("R-2026-2", 10, |case| case["step"] == "reminder");
    let lost = asked(&office, "lost_letter");
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert!(lost[0]["text"].to_string().contains("R-2026-3"), "{lost:?}");
    must(&office, &["answer", question["question"].as_str().unwrap(), "go-on"]);
    office.await_status("sending goes on", 30, |status| !status["gate"].to_string().contains("restored"));
    must(&office, &["answer", lost[0]["question"].as_str().unwrap(), "was-sent"]);
    office.await_case("R-2026-3", 30, |case| case["step"] == "reminder");
    // A letter that is new proves that letters leave again.
    let new = customer("r4");
    office.drop_invoice("R-2026-4", &new);
    site.await_mail("customer3", &new, 90);
    daemon.stop();
    for to in [&known, &filed, &nowhere, &new] {
        assert_eq!(site.mails_to("customer3", to).len(), 1, "never twice: {to}");
    }
}
