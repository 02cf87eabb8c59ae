//! What customers write back, and what it stops.

use super::sandbox::{Debtor, Invoice, Letter, Line, Sandbox, paid};

const JANSEN: &str = "administratie@jansenbouw.example";

/// Jansen got the note before the due date and the reminder of Tuesday 3 November.
fn reminded() -> (Sandbox, Letter) {
    reminded_with(&[])
}

fn reminded_with(changes: &[(&str, &str)]) -> (Sandbox, Letter) {
    let company = Sandbox::jansen_with(changes);
    company.pass("2026-10-26");
    company.pass("2026-11-03");
    let letter = company.last_letter();
    assert_eq!(letter.subject, "Betalingsherinnering: factuur 2026-0412");
    (company, letter)
}

/// Nothing but what was sent already leaves in the next two months.
fn stays_silent(company: &Sandbox) {
    let before = company.sent();
    for date in ["2026-11-10", "2026-11-23", "2026-11-24", "2026-12-07"] {
        company.pass(date);
    }
    company.pass("2027-01-05");
    assert_eq!(company.sent(), before);
}

/// One debtor for each of these words, who answers the reminder with them; then the state of each case.
fn states_after(words: &[&str]) -> (Sandbox, Vec<String>) {
    let company = Sandbox::reminded(words.len() as u32);
    for (number, words) in (1..).zip(words) {
        let from = Debtor::numbered(number).email;
        company.answer_letter(&company.last_letter_to(&from), &from, words);
    }
    company.pass("2026-11-04");
    let states = (1..=words.len()).map(|number| company.state(&format!("F-{number}"))).collect();
    (company, states)
}

#[test]
fn a_dispute_in_plain_words_is_held_until_the_owner_says_so() {
    let words = [
        "Goedemorgen,\n\nHet dak lekt nog steeds, eerst maar eens netjes afmaken.\n\nGroet, Piet Jansen",
        "Hallo, dit bedrag klopt niet, we hadden 900 afgesproken.",
        "Wij hebben deze spullen nooit ontvangen.",
    ];
    let (company, states) = states_after(&words);
    assert_eq!(states, ["held:dispute"; 3]);
    assert_eq!(company.kinds_asked(), ["dispute"; 3]);
    stays_silent(&company);
    for (number, question) in (1..).zip(company.questions()) {
        assert_eq!(company.state(&format!("F-{number}")), "held:dispute");
        assert_eq!(question["debtor"], format!("K{number}"));
        assert!(company.last_digest().text.contains(question["question"].as_str().unwrap()));
    }
}

#[test]
fn after_the_owner_resolved_a_dispute_the_ladder_goes_on_where_it_was() {
    let (company, letter) = reminded();
    company.answer_letter(&letter, JANSEN, "Het dak lekt nog steeds, eerst maar eens netjes afmaken.");
    company.pass("2026-11-04");
    company.pass_until("2026-11-16");
    company.answer("dispute", "resolved");
    company.pass_until("2026-11-18");
    assert_eq!(company.sent()[2..], [("2026-11-17".to_owned(), "Tweede herinnering: factuur 2026-0412".to_owned())]);
}

#[test]
fn a_single_ok_or_a_thumbs_up_holds() {
    let (company, states) = states_after(&["ok", "👍", "Ontvangen, dank.", "?"]);
    assert!(states.iter().all(|state| state.starts_with("held:")), "{states:?}");
    stays_silent(&company);
}

#[test]
fn a_colleague_without_references_is_recognised_by_domain_or_number() {
    let company = Sandbox::reminded(3);
    company.write_to_us("piet@klant1.example", "Uw brief", "Hier zijn wij het niet mee eens.");
    company.write_to_us("kantoor@boekhouder.example", "Factuur F-2", "Namens de klant: dit wordt door ons betwist.");
    company.write_to_us("kantoor@boekhouder.example", "Vraag", "Waarover gaat factuur F-3 precies?");
    company.pass("2026-11-04");
    for number in 1..=3 {
        let state = company.state(&format!("F-{number}"));
        assert!(state.starts_with("held:"), "F-{number} {state}");
    }
    stays_silent(&company);
}

#[test]
fn a_mail_of_somebody_else_stops_nobody() {
    let (company, _) = reminded();
    company.write_to_us("nieuws@vreemd.example", "Aanbieding", "Koop nu onze pennen.");
    company.pass("2026-11-04");
    assert_eq!(company.state("2026-0412"), "open");
    company.pass("2026-11-10");
    assert_eq!(company.days_sent(), ["2026-10-26", "2026-11-03", "2026-11-10"]);
}

#[test]
fn our_own_words_below_an_answer_are_not_the_customers() {
    let (company, letter) = reminded();
    // The quoted letter speaks of payment, of a mistake and of not agreeing.
    assert!(letter.text.contains("niet eens"));
    company.answer_letter(&letter, JANSEN, "Ik betaal op 13 november.");
    company.pass("2026-11-04");
    assert_eq!(company.state("2026-0412"), "held:promise");
    assert_eq!(company.kinds_asked(), Vec::<String>::new());
}

#[test]
fn a_promise_that_is_kept_closes_quietly() {
    let (company, letter) = reminded();
    company.answer_letter(&letter, JANSEN, "We betalen vrijdag 13 november.");
    company.pass("2026-11-04");
    assert_eq!(company.case("2026-0412")["hold_until"], "2026-11-18");
    company.pass_until("2026-11-13");
    company.statement("vrijdag", "2026-11-13", &[paid(121_000, "factuur 2026-0412")]);
    company.pass_until("2026-11-25");
    assert_eq!(company.state("2026-0412"), "closed:paid");
    assert_eq!(company.letters().len(), 2);
}

#[test]
fn a_broken_promise_is_mentioned_after_its_day_and_three_banking_days() {
    let (company, letter) = reminded();
    company.answer_letter(&letter, JANSEN, "We betalen vrijdag 13 november.");
    company.pass("2026-11-04");
    company.pass_until("2026-11-20");
    // Friday 13, three banking days: Wednesday 18 is still his.
    assert_eq!(company.days_sent()[2..], ["2026-11-19"]);
    let letter = company.last_letter();
    assert!(letter.text.contains("13 november"), "{}", letter.text);
    assert_eq!(letter.subject, "Tweede herinnering: factuur 2026-0412");
}

#[test]
fn paid_waits_for_the_bank_and_then_asks() {
    let (company, letter) = reminded_with(&[("freshness = \"none\"", "freshness = \"statements\"")]);
    company.answer_letter(&letter, JANSEN, "Deze factuur is gisteren al betaald.");
    company.pass("2026-11-04");
    assert_eq!(company.state("2026-0412"), "held:paid_claim");
    assert!(company.kinds_asked().is_empty());
    company.pass_with_bank_until("2026-11-12");
    assert_eq!(company.state("2026-0412"), "held:paid_claim");
    company.question("paid_claim");
    assert_eq!(company.letters().len(), 2);
}

#[test]
fn an_out_of_office_does_not_pause() {
    let (company, letter) = reminded();
    let absent =
        company.reply(&letter, JANSEN, "Ik ben afwezig tot en met 20 november. Voor spoed belt u mijn collega's.");
    company.mail(absent.replace("Subject: Re:", "Auto-Submitted: auto-replied\nSubject: Automatisch antwoord:"));
    company.pass("2026-11-04");
    assert_eq!(company.state("2026-0412"), "open");
    company.pass("2026-11-10");
    assert_eq!(company.letters().len(), 3);
}

#[test]
fn a_bounce_holds_the_debtor_and_asks_for_the_address() {
    let (company, letter) = reminded();
    company.mail(format!(
        "Return-Path: <>\nReceived: from mx.jansenbouw.example by mx.voorbeeldbedrijf.example; {date}\n\
         From: Mail Delivery System <MAILER-DAEMON@mx.jansenbouw.example>\nTo: {us}\nSubject: Undelivered Mail Returned to Sender\n\
         Date: {date}\nMessage-ID: <dsn-1@mx.jansenbouw.example>\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=grens\n\n--grens\nContent-Type: text/plain\n\n\
         Your message could not be delivered.\n\n--grens\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mx.jansenbouw.example\n\nFinal-Recipient: rfc822; {JANSEN}\nAction: failed\nStatus: 5.1.1\n\
         Diagnostic-Code: smtp; 550 5.1.1 no such user\n\n--grens\nContent-Type: text/rfc822-headers\n\n\
         From: {us}\nTo: {JANSEN}\nSubject: {subject}\nMessage-ID: <{id}>\n\n--grens--\n",
        date = company.mail_date(),
        us = super::sandbox::US,
        subject = letter.subject,
        id = letter.message_id
    ));
    company.pass("2026-11-04");
    assert_eq!(company.state("2026-0412"), "held:bounce");
    assert!(company.question("bounce")["text"].as_str().unwrap().contains(JANSEN));
    stays_silent(&company);
}

/// A report that returns nothing of the letter is its own by the envelope's name, or by the address it was sent to; its
/// recipient is nobody's address. A full mailbox holds nobody, but the letter did not arrive.
#[test]
fn a_bounce_is_known_by_its_envelope_or_its_reply_address() {
    for (by_envelope, status, state) in
        [(true, "5.1.1", "held:bounce"), (false, "5.1.1", "held:bounce"), (true, "5.2.2", "open")]
    {
        let (company, letter) = reminded();
        let token = letter.message_id.split('@').next().and_then(|left| left.rsplit('.').next()).unwrap();
        let envelope =
            if by_envelope { format!("Original-Envelope-Id: {}\n", letter.message_id) } else { String::new() };
        let to = super::sandbox::US.replace('@', &format!("+{token}@"));
        company.mail(format!(
            "Return-Path: <>\nFrom: MAILER-DAEMON@intern.example\nTo: {to}\nSubject: Undelivered\nDate: {date}\nMIME-Version: 1.0\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=grens\n\n--grens\n\nNot delivered.\n\n\
             --grens\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n{envelope}\n\
             Final-Recipient: rfc822; postbus7@intern.example\nAction: failed\nStatus: {status}\n\n--grens--\n",
            to = if by_envelope { super::sandbox::US.to_owned() } else { to },
            date = company.mail_date(),
        ));
        company.pass("2026-11-04");
        assert_eq!(company.state("2026-0412"), state, "{by_envelope} {status}");
        let told = company.must(&["case", "show", "2026-0412"]);
        assert!(told.contains(&format!("did not arrive: failed {status}")), "{told}");
    }
}

#[test]
fn an_answer_of_one_debtor_does_not_stop_another() {
    let company = Sandbox::jansen();
    let other = Debtor { id: "K2".into(), name: "Smit".into(), email: "kas@smit.example".into(), ..Debtor::jansen() };
    company.invoice(&Invoice { number: "2026-0777".into(), debtor: other, more: String::new(), ..Invoice::jansen() });
    company.pass_until("2026-11-03");
    let letter = company.letters().into_iter().rfind(|letter| letter.to == JANSEN).unwrap();
    company.answer_letter(&letter, JANSEN, "Het dak lekt nog steeds, eerst maar eens netjes afmaken.");
    company.pass_until("2026-11-11");
    assert_eq!((company.state("2026-0412").as_str(), company.state("2026-0777").as_str()), ("held:dispute", "open"));
    let after: Vec<String> = company.letters()[4..].iter().map(|letter| letter.to.clone()).collect();
    assert_eq!(after, ["kas@smit.example"]);
}

#[test]
fn a_promise_does_not_end_because_a_stranger_paid() {
    let (company, letter) = reminded();
    company.answer_letter(&letter, JANSEN, "We betalen vrijdag 13 november.");
    company.statement("s", "2026-11-03", &[Line { name: "Onbekend", ..paid(5_000, "lidmaatschap") }]);
    company.pass("2026-11-04");
    assert_eq!(company.state("2026-0412"), "held:promise");
}

#[test]
fn a_mail_that_came_twice_is_one_mail() {
    let (company, letter) = reminded();
    let raw = company.reply(&letter, JANSEN, "Hier ben ik het niet mee eens.");
    company.mail(&raw);
    company.mail(&raw);
    company.pass("2026-11-04");
    company.question("dispute");
}

#[test]
fn what_the_owner_read_otherwise_can_be_learned_from() {
    let (company, letter) = reminded();
    company.answer_letter(&letter, JANSEN, "Hallo,\n\nWaar is dit voor?\n\nGroet, Piet");
    company.pass("2026-11-04");
    assert_eq!(company.state("2026-0412"), "held:question");
    assert_eq!(company.must(&["learn"]), "");
    company.must(&["dispute", "2026-0412", "--reason", "hij belde: niet besteld"]);
    let lines = company.must(&["learn"]);
    assert!(lines.contains(": read as question\ndispute: Hallo, Waar is dit voor?"), "{lines}");
    let json: serde_json::Value = serde_json::from_str(company.must(&["--json", "learn"]).trim()).unwrap();
    assert_eq!((json["read_as"].as_str(), json["label"].as_str()), (Some("question"), Some("dispute")));
}
