//! Many at once: bursts, caps, floods.

use super::sandbox::{Debtor, Invoice, Sandbox};

fn with_debtors(count: u32, changes: &[(&str, &str)]) -> Sandbox {
    let company = Sandbox::with(changes);
    for number in 1..=count {
        company.invoice(&Invoice::numbered(number));
    }
    company.pass("2026-10-20");
    company
}

#[test]
fn thirty_letters_at_once_are_asked_about_first() {
    let company = with_debtors(30, &[]);
    company.pass("2026-10-26");
    assert!(company.letters().is_empty());
    company.answer("burst", "send");
    company.pass_at("2026-10-26T11:00");
    assert_eq!(company.letters().len(), 30);
    company.pass_at("2026-10-26T12:00");
    assert_eq!(company.letters().len(), 30);
}

#[test]
fn no_more_than_the_cap_leave_on_a_day() {
    let company = with_debtors(12, &[("per_day = 200", "per_day = 5")]);
    for (date, total) in [("2026-10-26", 5), ("2026-10-27", 10), ("2026-10-28", 12)] {
        company.pass(date);
        company.pass_at(&format!("{date}T15:00"));
        assert_eq!(company.letters().len(), total, "{date}");
    }
    let to: std::collections::BTreeSet<String> = company.letters().into_iter().map(|letter| letter.to).collect();
    assert_eq!(to.len(), 12);
}

#[test]
fn two_thousand_unrelated_mails_do_not_break_a_pass() {
    let company = Sandbox::jansen();
    company.pass("2026-10-25");
    for number in 0..2000 {
        company.mail(format!(
            "From: nieuws@lijst{}.example\nTo: iedereen@lijst.example\nSubject: Aanbieding {number}\nMessage-ID: <n{number}@lijst.example>\n\
             List-Unsubscribe: <mailto:weg@lijst.example>\nPrecedence: bulk\nDate: Sun, 25 Oct 2026 12:00:00 +0100\n\nKoop onze pennen.\n",
            number % 50
        ));
    }
    let started = std::time::Instant::now();
    company.pass("2026-10-26");
    eprintln!("2,000 mails in {:?}", started.elapsed());
    assert_eq!(company.days_sent(), ["2026-10-26"]);
    assert!(company.questions().is_empty());
}

#[test]
fn a_flood_of_strangers_is_asked_about_together_and_never_a_debtor_with_them() {
    let company = Sandbox::reminded(7);
    for number in 0..40 {
        let from = format!("iemand@vreemd{number}.example");
        company.write_to_us(&from, "Uw brief", "Dit heb ik vorige week al betaald.");
    }
    for number in 1..=7 {
        let from = Debtor::numbered(number).email;
        company.answer_letter(&company.last_letter_to(&from), &from, "Ik betwist deze factuur, het werk is niet af.");
    }
    company.pass("2026-11-04");
    let kinds = company.kinds_asked();
    let count = |kind: &str| kinds.iter().filter(|asked| *asked == kind).count();
    assert_eq!((count("dispute"), count("correlation"), count("strangers")), (7, 5, 1), "{kinds:?}");
    let told = company.question("strangers")["text"].as_str().unwrap().to_owned();
    assert!(told.contains("35; ") && told.contains("@vreemd"), "{told}");
    assert!(company.last_digest().text.contains("35; "));
    company.answer("strangers", "seen");
    company.write_to_us("iemand@vreemd99.example", "Uw brief", "Dit heb ik vorige week al betaald.");
    company.pass("2026-11-05");
    assert_eq!(company.kinds_asked().iter().filter(|kind| *kind == "correlation").count(), 6);
}
