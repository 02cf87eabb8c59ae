//! Mails of the bank. A payment closes a case when the receiving server vouches for the sender, and only then.
//!
//! No server of a real bank writes to loopback, and nothing here checks DKIM or DMARC. A client on loopback stands in for
//! the receiving server's own filter: it hands the mail over as such a filter does after its checks, with the outcome in
//! an Authentication-Results header above the Received line of the foreign host. Postfix and Dovecot add the hops of
//! their own that a filter's mail has. So this proves the road and the rule, not the verification.

use super::office::Office;
use super::site::{Site, site, today};

const RECEIVED: &str =
    "Received: from mta.rabobank.nl (mta.rabobank.nl [192.0.2.10]) by mail.bedrijf.test (Postfix) with ESMTPS id 4XyZ";
const RESULTS: &str = "Authentication-Results: mail.bedrijf.test; dkim=pass header.d=rabobank.nl; dmarc=pass (p=reject) header.from=rabobank.nl";

fn post_notice(site: &Site, office: &Office, trace: [&str; 2], id: u32, number: &str) {
    let (date, booked) = (super::site::now().to_rfc2822(), today().format("%d-%m-%Y"));
    let headers = format!(
        "{}\n{}\nFrom: Rabobank <alert@rabobank.nl>\nTo: <{}>\nDate: {date}\nSubject: Bijschrijving\n\
         Message-ID: <{id}.{}@rabobank.nl>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n",
        trace[0],
        trace[1],
        office.email(),
        std::process::id(),
    );
    let text = format!(
        "Er is geld op uw rekening NL91 ABNA 0417 1643 00 gestort.\n\nRekening: NL91ABNA0417164300\n\
         Tegenrekening: NL69 INGB 0123 4567 89\nNaam: Klant {number} B.V.\nBedrag: € 1.210,00\nOmschrijving: {number}\nBoekdatum: {booked}\n"
    );
    site.post("alert@rabobank.nl", &office.email(), &headers, &text);
}

#[test]
fn a_mail_that_our_server_vouches_for_closes_a_case_and_a_forged_one_does_not() {
    let Some(site) = site("a_mail_that_our_server_vouches_for_closes_a_case") else { return };
    let office = Office::open(site, "office2");
    let customer = format!("customer2+bank-{}@klant.test", std::process::id());
    office.drop_invoice("B-2026-201", &customer);
    let daemon = office.run();
    site.await_mail("customer2", &customer, 30);
    office.await_case("B-2026-201", 5, |case| case["state"] == "open" && case["step"] == "reminder");
    post_notice(site, &office, [RECEIVED, RESULTS], 1, "B-2026-201");
    let paused = office.await_case("B-2026-201", 20, |case| case["state"] != "open");
    assert_eq!((&paused["state"], &paused["open"]), (&"held".into(), &"1210.00".into()), "{paused}");
    assert!(paused["hold_until"].is_string(), "a forged mail pauses for a few days at most: {paused}");
    post_notice(site, &office, [RESULTS, RECEIVED], 2, "B-2026-201");
    let closed = office.await_case("B-2026-201", 20, |case| case["state"] == "closed");
    assert_eq!((&closed["closed_as"], &closed["open"]), (&"paid".into(), &"0.00".into()), "{closed}");
    daemon.stop();
}
