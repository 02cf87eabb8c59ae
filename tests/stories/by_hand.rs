//! What the owner writes by hand, from a mail program of his own: found in the folder for sent mail, told in the case and the
//! digest, and no letter comes between. It is never an answer of the customer.

use super::sandbox::{OWNER, Sandbox, US};
use std::fs;

const JANSEN: &str = "administratie@jansenbouw.example";

/// A mail in the folder for sent mail, as a mail program files it.
fn sent(company: &Sandbox, name: &str, from: &str, to: &str, more: &str, words: &str) {
    let folder = company.path("mailbox/.Sent/cur");
    fs::create_dir_all(&folder).unwrap();
    let text = format!(
        "From: Jan <{from}>\nTo: <{to}>\nSubject: Re: factuur\nMessage-ID: <{name}@voorbeeldbedrijf.example>\nDate: {}\n{more}\
         MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{words}\n",
        company.mail_date()
    );
    fs::write(folder.join(format!("{name}:2,S")), text).unwrap();
}

fn told(company: &Sandbox) -> String {
    company.must(&["case", "show", "2026-0412", "--json"])
}

/// The reminder of 3 November is followed by a second one on the 10th.
fn reminded() -> Sandbox {
    let company = Sandbox::jansen();
    company.pass("2026-10-26");
    company.pass("2026-11-03");
    company.pass_until("2026-11-08");
    company
}

#[test]
fn a_mail_by_hand_is_told_and_keeps_our_letters_at_a_distance() {
    let company = reminded();
    let letter = company.last_letter();
    let thread = format!("In-Reply-To: <{}>\n", letter.message_id);
    // To an address that nobody knows: the thread tells whose it is.
    sent(
        &company,
        "1",
        US,
        "prive@jansen-thuis.example",
        &thread,
        "Beste Piet, wij hebben dit net besproken. Ik betaal niets terug.",
    );
    company.pass("2026-11-09");
    assert!(told(&company).contains("you wrote to prive@jansen-thuis.example: Re: factuur"), "{}", told(&company));
    assert_eq!(company.state("2026-0412"), "open", "no answer of the customer");
    assert_eq!(company.kinds_asked(), [""; 0]);
    let digest = company.last_digest().text;
    assert!(digest.contains("Door u zelf geschreven:\n- Jansen Bouw B.V. (prive@jansen-thuis.example)"), "{digest}");
    let plan = company.must(&["plan", "--json"]);
    company.pass("2026-11-10");
    assert_eq!(company.sent().len(), 2, "{plan}");
    let plan = company.must(&["plan", "--json"]);
    assert!(plan.contains("owner_wrote") && plan.contains("2026-11-09"), "{plan}");
    company.pass_until("2026-11-17");
    let days = company.days_sent();
    assert!(days.len() == 3 && days[2].as_str() > "2026-11-13", "it goes on after that: {days:?}");
}

#[test]
fn by_recipient_by_number_and_in_bcc() {
    for (name, to, more, words, is_told) in [
        ("recipient", "Administratie@JansenBouw.example", "", "Dag Piet.", true),
        ("colleague", "piet@jansenbouw.example", "", "Dag Piet.", true),
        ("number", "piet@elders.example", "", "Over factuur 2026-0412: ik bel u morgen.", true),
        ("bcc", OWNER, "Bcc: Piet <administratie@jansenbouw.example>\n", "Dag.", true),
        ("stranger", "piet@elders.example", "", "Dag Piet.", false),
        ("machine", JANSEN, "Auto-Submitted: auto-replied\n", "Ik ben met vakantie.", false),
        ("to us", US, "", "Factuur 2026-0412", false),
    ] {
        let company = reminded();
        sent(&company, "1", "jan@voorbeeldbedrijf.example", to, more, words);
        company.pass("2026-11-09");
        assert_eq!(told(&company).contains("you wrote to"), is_told, "{name}");
        company.pass("2026-11-10");
        assert_eq!(company.sent().len(), if is_told { 2 } else { 3 }, "{name}");
        assert_eq!(company.state("2026-0412"), "open", "{name}");
    }
}

#[test]
fn our_own_letters_and_digests_there_are_not_by_hand() {
    let company = reminded();
    let folder = company.path("mailbox/.Sent/cur");
    fs::create_dir_all(&folder).unwrap();
    for entry in fs::read_dir(company.path("outbox")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "eml") {
            fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
        }
    }
    company.pass("2026-11-09");
    company.pass("2026-11-10");
    assert!(!told(&company).contains("you wrote to"), "{}", told(&company));
    assert_eq!(company.sent().len(), 3, "the ladder goes on");
}

#[test]
fn a_customers_mail_that_was_moved_there_still_counts() {
    for (from, to) in [(JANSEN, US), ("piet@thuis.example", US)] {
        let company = reminded();
        sent(&company, "1", from, to, "", "Factuur 2026-0412 klopt niet, het dak lekt nog steeds.");
        company.pass("2026-11-09");
        assert!(!told(&company).contains("you wrote to"));
        assert_eq!(company.state("2026-0412"), "held:dispute", "{from}");
    }
}

#[test]
fn a_command_that_lies_in_both_folders_counts() {
    let company = Sandbox::jansen();
    company.pass("2026-10-26");
    let words = "Factuur 2026-0412: ik bel u.";
    sent(&company, "1", OWNER, US, "", words);
    company.pass("2026-10-27");
    // The same mail comes in: what lies in Sent must not hide it.
    let text = fs::read_to_string(company.path("mailbox/.Sent/cur/1:2,S")).unwrap();
    company.mail(format!("Received: from x by y; {}\n{text}", company.mail_date()));
    company.pass("2026-10-28");
    let both = company.must(&["case", "show", "2026-0412", "--json"]);
    assert!(!both.contains("the same mail"), "{both}");
}
