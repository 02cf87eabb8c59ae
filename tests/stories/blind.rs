//! Never blind: no letter when something of the debtor may be unread.

use super::sandbox::{Debtor, Invoice, Sandbox};
use std::fs;

#[test]
fn an_unreadable_mailbox_stops_every_letter_and_the_digest_says_so() {
    let company = Sandbox::jansen();
    company.pass("2026-10-25");
    fs::rename(company.path("mailbox"), company.path("weg")).unwrap();
    fs::write(company.path("mailbox"), "geen map").unwrap();
    company.pass("2026-10-26");
    assert!(company.letters().is_empty());
    let digest = company.last_digest();
    assert_eq!(digest.day, "2026-10-26");
    assert!(digest.text.contains("mailbox"), "{}", digest.text);
    fs::remove_file(company.path("mailbox")).unwrap();
    fs::rename(company.path("weg"), company.path("mailbox")).unwrap();
    company.pass_at("2026-10-26T11:00");
    assert_eq!(company.letters().len(), 1);
}

#[test]
fn a_mailbox_that_disappeared_stops_every_letter() {
    let company = Sandbox::jansen();
    company.pass("2026-10-25");
    fs::remove_dir_all(company.path("mailbox")).unwrap();
    company.pass("2026-10-26");
    assert!(company.letters().is_empty());
}

#[test]
fn a_mail_that_cannot_be_read_closes_the_gate_of_whom_it_names() {
    let company = Sandbox::jansen();
    let other = Debtor::numbered(9);
    company.invoice(&Invoice { number: "2026-0777".into(), more: String::new(), debtor: other, ..Invoice::jansen() });
    company.pass("2026-10-25");
    company.mail("dit is geen mail, maar administratie@jansenbouw.example staat erin");
    company.pass("2026-10-26");
    let question = company.question("quarantine");
    assert_eq!(company.letters().iter().map(|letter| letter.to.as_str()).collect::<Vec<_>>(), ["kas@klant9.example"]);
    company.must(&["answer", question["question"].as_str().unwrap(), "ignore"]);
    company.pass("2026-10-27");
    assert_eq!(company.letters().len(), 2);
}

#[test]
fn a_folder_of_invoices_that_cannot_be_read_is_told() {
    let company = Sandbox::jansen();
    fs::rename(company.path("invoices"), company.path("weg")).unwrap();
    fs::write(company.path("invoices"), "geen map").unwrap();
    company.pass("2026-10-21");
    assert!(company.last_digest().text.contains("invoices"), "{}", company.last_digest().text);
}

#[test]
fn a_clock_that_went_back_stops_every_letter() {
    let company = Sandbox::jansen();
    company.pass("2027-10-26");
    let before = company.letters().len();
    company.pass("2026-10-26");
    company.pass("2026-10-27");
    assert_eq!(company.letters().len(), before);
}
