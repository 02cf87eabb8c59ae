//! Copies of the database, and life after an old one was put back: nobody gets a letter twice.

use super::sandbox::{Invoice, Sandbox, a_page_of};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn copy_of(company: &Sandbox) -> String {
    company.path("copy.sqlite").display().to_string()
}

#[test]
fn a_copy_is_whole_private_and_never_overwrites() {
    let company = Sandbox::jansen();
    let copy = copy_of(&company);
    let told: Value = serde_json::from_str(&company.must(&["backup", &copy, "--json"])).unwrap();
    assert!(told["journal"].as_u64().is_some_and(|rows| rows > 1) && told["inputs"] == 1, "{told}");
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    let again = company.run(&["backup", &copy]);
    assert_eq!(again.status.code(), Some(2), "{}", said(&again));
    company.must(&["backup", &copy, "--force"]);
    let itself = company.path("state/aanmaand.sqlite").display().to_string();
    assert_eq!(company.run(&["backup", &itself, "--force"]).status.code(), Some(2));
    let nowhere = company.run(&["backup", "/proc/copy.sqlite"]);
    assert_eq!(nowhere.status.code(), Some(74), "{}", said(&nowhere));
    assert!(company.must(&["check", "--store"]).contains("sound"));
}

#[test]
fn what_is_no_sound_copy_of_ours_is_not_restored() {
    let company = Sandbox::jansen();
    let copy = copy_of(&company);
    company.must(&["backup", &copy]);
    let database = company.path("state/aanmaand.sqlite");
    let before = company.must(&["cases", "--json"]);
    let refused = |file: &str, code: i32, word: &str| {
        let output = company.run(&["restore", file]);
        assert_eq!(output.status.code(), Some(code), "{file}: {}", said(&output));
        assert!(said(&output).contains(word), "{file}: {}", said(&output));
        assert_eq!(company.must(&["cases", "--json"]), before);
    };
    refused("/nowhere/copy.sqlite", 2, "no such file");
    company.put("other.sqlite", "this is a letter, not a database, and long enough to look like one to nobody");
    refused(&company.path("other.sqlite").display().to_string(), 1, "other.sqlite");
    let mut bytes = fs::read(&copy).unwrap();
    let page = a_page_of(&bytes);
    bytes[page].fill(0xa5);
    company.put("damaged.sqlite", bytes);
    refused(&company.path("damaged.sqlite").display().to_string(), 1, "damaged");
    company.put("live.sqlite", fs::read(&copy).unwrap());
    company.put("live.sqlite-wal", "");
    refused(&company.path("live.sqlite").display().to_string(), 1, "in use");
    let lock = fs::File::options().write(true).open(company.path("state/lock")).unwrap();
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    refused(&copy, 75, "another aanmaand");
    drop(lock);

    // Killed between taking the old one away and putting the new one in its place.
    fs::rename(&database, company.path("state/aanmaand.sqlite.restoring")).unwrap();
    for command in [&["run", "--once", "--now", "2026-10-21T10:00"][..], &["status"], &["backup", "x.sqlite"]] {
        let output = company.run(command);
        assert_eq!(output.status.code(), Some(78), "{command:?} {}", said(&output));
        assert!(said(&output).contains("a restore was interrupted"), "{}", said(&output));
    }
    assert!(!database.exists(), "no empty database in its place");
    company.must(&["restore", &copy]);
    company.pass("2026-10-21");
}

/// A company with three debtors; a copy of 27 October, and life until 16 November.
fn twenty_days_on() -> Sandbox {
    let company = Sandbox::new();
    (1..=3).for_each(|number| company.invoice(&Invoice::numbered(number)));
    company.pass("2026-10-20");
    company.pass_until("2026-10-27");
    assert_eq!(company.letters().len(), 3, "the friendly notes");
    company.must(&["backup", &copy_of(&company)]);
    // One more debtor, of whom the copy knows nothing.
    company.invoice(&Invoice::numbered(4));
    company.pass_until("2026-11-16");
    company
}

/// To whom, and about what.
fn letters(company: &Sandbox) -> Vec<(String, String)> {
    company.letters().into_iter().map(|letter| (letter.to, letter.subject)).collect()
}

fn assert_each_once(letters: &[(String, String)]) {
    let once: BTreeSet<&(String, String)> = letters.iter().collect();
    assert_eq!(once.len(), letters.len(), "{letters:#?}");
}

#[test]
fn a_copy_of_twenty_days_ago_sends_nothing_again_and_goes_on_where_it_was() {
    let (company, twin) = (twenty_days_on(), twenty_days_on());
    let before = letters(&company);
    assert!(before.len() > 9, "{before:#?}");
    let told = company.must(&["restore", &copy_of(&company)]);
    assert!(told.contains("2026-10-27 10:00") && told.contains("before-restore"), "{told}");

    company.pass_at("2026-11-16T11:00");
    company.pass("2026-11-17");
    twin.pass("2026-11-17");
    assert_eq!(letters(&company), before, "nothing leaves before the owner has spoken");
    let question = company.question("restored");
    let found = before.len() - 3;
    assert!(question["text"].as_str().unwrap().contains(&format!("{found} brieven")), "{question}");
    assert!(!company.kinds_asked().contains(&"lost_letter".to_owned()), "every copy is there");
    assert!(
        company.must(&["status"]).contains("restored from a backup")
            || company.must(&["status"]).contains("teruggezet")
    );
    assert!(company.last_digest().text.contains("teruggezet"), "{}", company.last_digest().text);

    company.answer("restored", "go-on");
    // Its file was read anew, so it is overdue at first sight.
    company.answer("overdue_at_first_sight", "open");
    company.pass_until("2026-12-16");
    twin.pass_until("2026-12-16");
    let (ours, theirs) = (letters(&company), letters(&twin));
    assert_each_once(&ours);
    assert!(ours.len() > before.len());
    let all = |letters: Vec<(String, String)>| letters.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(all(ours), all(theirs), "as if nothing had happened");
    assert!(company.must(&["check", "--store"]).contains("follows from the journal"));
}

#[test]
fn what_an_earlier_restore_asked_lets_nothing_go_after_the_next_one() {
    let company = twenty_days_on();
    company.must(&["restore", &copy_of(&company)]);
    company.pass("2026-11-17");
    let asked_first = company.question("restored")["question"].as_str().unwrap().to_owned();
    // A copy of the days on which that question was open.
    company.must(&["backup", &copy_of(&company), "--force"]);
    company.answer("restored", "go-on");
    company.answer("overdue_at_first_sight", "open");
    company.pass_until("2026-12-16");
    let before = letters(&company);
    fs::rename(company.path("outbox"), company.path("away")).unwrap();
    fs::create_dir(company.path("outbox")).unwrap();
    company.must(&["restore", &copy_of(&company)]);
    let early = company.run(&["answer", &asked_first, "go-on"]);
    assert!(!early.status.success() && said(&early).contains("asked anew"), "{}", said(&early));
    company.pass("2026-12-17");
    assert!(company.kinds_asked().contains(&"lost_letter".to_owned()), "{:?}", company.kinds_asked());
    company.answer("restored", "go-on");
    company.pass_until("2026-12-21");
    assert!(letters(&company).is_empty(), "{before:#?}");
}

#[test]
fn without_copies_nobody_is_written_to_until_the_owner_says_what_was_sent() {
    let company = twenty_days_on();
    let before = letters(&company);
    fs::rename(company.path("outbox"), company.path("away")).unwrap();
    fs::create_dir(company.path("outbox")).unwrap();
    company.must(&["restore", &copy_of(&company)]);
    company.pass("2026-11-17");
    let lost = |company: &Sandbox| {
        let all = company.questions().into_iter().filter(|question| question["kind"] == "lost_letter");
        all.collect::<Vec<Value>>()
    };
    assert_eq!(lost(&company).len(), 4, "{:#?}", company.questions());
    company.answer("restored", "stay");
    company.pass("2026-11-18");
    company.answer("restored", "go-on");
    company.pass_until("2026-11-20");
    assert_eq!(company.letters().len(), 0, "each debtor waits for an answer");

    // The owner knows: whatever may have been sent was sent.
    for _ in 0..20 {
        for question in lost(&company) {
            company.must(&["answer", question["question"].as_str().unwrap(), "was-sent"]);
        }
    }
    assert!(lost(&company).is_empty());
    company.pass_until("2026-12-16");
    let after = letters(&company);
    assert!(!after.is_empty(), "the ladder goes on");
    assert_each_once(&after);
    let twice: Vec<_> = after.iter().filter(|letter| before.contains(letter)).collect();
    assert!(twice.is_empty(), "{twice:#?}");
}

#[test]
fn a_debtor_who_got_nothing_is_written_to_after_that_answer() {
    let company = twenty_days_on();
    fs::remove_dir_all(company.path("outbox")).unwrap();
    fs::create_dir(company.path("outbox")).unwrap();
    company.must(&["restore", &copy_of(&company)]);
    company.pass("2026-11-17");
    company.answer("restored", "go-on");
    let asked = company.questions().into_iter().find(|question| question["debtor"] == "K1").unwrap();
    company.must(&["answer", asked["question"].as_str().unwrap(), "not-sent"]);
    company.pass("2026-11-18");
    let sent = company.letters();
    assert_eq!(sent.iter().map(|letter| letter.to.as_str()).collect::<Vec<_>>(), ["kas@klant1.example"]);
}
