//! Postfix took a letter, and its answer to the final dot never reached us. What the mailbox has decides.

use super::line::{Line, Slowness};
use super::mailbox::wait_for;
use super::office::{Daemon, Office};
use super::site::{Site, site};
use rustix::process::Signal;
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;
use std::sync::atomic::Ordering;
use std::time::Duration;

fn customer(name: &str) -> String {
    format!("customer2+{name}-{}@klant.test", std::process::id())
}

/// A line on which the answer to a letter takes so long that it can be cut before.
fn slow_line(site: &Site) -> Line {
    let milliseconds = Duration::from_millis;
    let slowness = Slowness { always: milliseconds(10), with_mail: Duration::ZERO, after_mail: milliseconds(6_000) };
    Line::to(site.port("SMTPS"), slowness)
}

/// The letter about this invoice reaches the customer; we never hear of it.
fn lose_the_answer(office: &Office, line: &Line, number: &str, to: &str) -> Daemon {
    let daemon = office.run();
    // The digest goes first and is left in peace; a busy Postfix may have said "later" to it.
    let digest = wait_for(90, || {
        let arrived = wait_for(15, || office.site.mails_to(office.user(), &office.owner()).pop());
        arrived.or_else(|| {
            daemon.signal(Signal::HUP);
            None
        })
    });
    digest.expect("a digest");
    office.await_status("the digest is handed over", 30, |status| status["outbox"] == serde_json::json!({}));
    let before = line.mails.load(Ordering::SeqCst);
    office.drop_invoice(number, to);
    wait_for(30, || (line.mails.load(Ordering::SeqCst) > before).then_some(())).expect("a letter on the line");
    office.site.await_mail("customer2", to, 20);
    line.cut();
    line.mend();
    daemon
}

fn asked(office: &Office) -> Option<Value> {
    office.questions().into_iter().find(|question| question["kind"] == "unknown_send")
}

/// What the journal tells of the case.
fn told(office: &Office, number: &str) -> String {
    office.lines(&["case", "show", number, "--json"]).into_iter().map(|line| line.to_string()).collect()
}

#[test]
fn an_own_copy_proves_that_a_letter_went() {
    let Some(site) = site("an_own_copy_proves_that_a_letter_went") else { return };
    let mut office = Office::open(site, "office10");
    let line = slow_line(site);
    office.settings.smtp_port = line.port;
    office.settings.own_copy = Some("office10+kopie@bedrijf.test".to_owned());
    office.configure();
    let to = customer("k1");
    let daemon = lose_the_answer(&office, &line, "K-2026-1", &to);
    office.await_case("K-2026-1", 90, |case| case["step"] == "reminder");
    assert_eq!(asked(&office), None, "the owner need not say anything");
    let told = told(&office, "K-2026-1");
    assert!(told.contains("may have been sent") && told.contains("a copy is in INBOX/"), "{told}");
    daemon.stop();
    assert_eq!(site.mails_to("customer2", &to).len(), 1);
}

#[test]
fn a_copy_in_sent_proves_it_and_none_is_a_question() {
    let Some(site) = site("a_copy_in_sent_proves_it_and_none_is_a_question") else { return };
    let mut office = Office::open(site, "office11");
    let line = slow_line(site);
    office.settings.smtp_port = line.port;
    office.configure();
    let to = customer("k2");
    let daemon = lose_the_answer(&office, &line, "K-2026-2", &to);
    wait_for(30, || asked(&office)).expect("a question");
    // Somebody looks: it is looked for at once.
    daemon.signal(Signal::HUP);
    let noted = wait_for(60, || asked(&office).filter(|question| question["text"].to_string().contains("geen kopie")));
    let noted = noted.unwrap_or_else(|| panic!("{:?}", asked(&office)))["text"].to_string();
    assert!(noted.contains("Sent, INBOX, Junk") && noted.contains("er wordt weer gezocht"), "{noted}");
    let refused = office.command(&["answer", asked(&office).unwrap()["question"].as_str().unwrap(), "send-now"]);
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && why.contains("cannot be answered send-now yet"), "{why}");
    // The provider files it after all.
    let letter = site.await_mail("customer2", &to, 5);
    let mut save = site.doveadm();
    let save = save.args(["save", "-u", "office11", "-m", "Sent"]).stdin(Stdio::piped()).spawn();
    let mut save = save.unwrap();
    save.stdin.take().unwrap().write_all(letter.0.as_bytes()).unwrap();
    assert!(save.wait().unwrap().success());
    daemon.signal(Signal::HUP);
    office.await_case("K-2026-2", 60, |case| case["step"] == "reminder");
    assert_eq!(asked(&office), None);
    let told = told(&office, "K-2026-2");
    assert!(told.contains("a copy is in Sent"), "{told}");
    daemon.stop();
    assert_eq!(site.mails_to("customer2", &to).len(), 1, "never twice");
}
