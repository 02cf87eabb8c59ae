//! The road of a letter and of its answers: folder, mailbox of the customer, back, and then two months of silence.

use super::mailbox::{Mail, wait_for};
use super::office::Office;
use super::site::{site, today};
use chrono::TimeDelta;
use std::time::Instant;

/// What customers answer, and the hold that it must give. The seconds until then are the promise.
const ANSWERS: [(&str, &str, &str); 5] = [
    ("A-2026-101", "dispute", "Wij betwisten deze factuur: het werk is niet goed uitgevoerd."),
    ("A-2026-102", "promise", "Wij betalen het volledige bedrag volgende week vrijdag."),
    ("A-2026-103", "question", "Kunt u mij uitleggen waar deze factuur over gaat?"),
    ("A-2026-104", "paid_claim", "Deze factuur hebben wij gisteren al betaald."),
    ("A-2026-105", "dispute", "Wij gaan niet akkoord met deze factuur, het bedrag klopt niet."),
];
const SILENT: &str = "A-2026-106";
const HELD_WITHIN_SECONDS: f64 = 5.0;

fn address(number: &str) -> String {
    format!("customer1+{}@klant.test", number.to_lowercase())
}

#[test]
fn from_the_folder_to_the_customer_and_back() {
    let Some(site) = site("from_the_folder_to_the_customer_and_back") else { return };
    let office = Office::open(site, "office1");
    let daemon = office.run();
    let numbers: Vec<&str> = ANSWERS.iter().map(|(number, _, _)| *number).chain([SILENT]).collect();
    let dropped = Instant::now();
    numbers.iter().for_each(|number| office.drop_invoice(number, &unique(number)));
    let letters: Vec<Mail> = numbers.iter().map(|number| site.await_mail("customer1", &unique(number), 30)).collect();
    println!(
        "{} invoices in the folder to all letters in the mailbox: {:.1} s",
        numbers.len(),
        dropped.elapsed().as_secs_f64()
    );
    for (number, letter) in numbers.iter().zip(&letters) {
        is_a_good_reminder(&office, number, letter);
    }
    let mut seconds: Vec<f64> = ANSWERS
        .iter()
        .zip(&letters)
        .map(|((number, hold, words), letter)| {
            let taken =
                site.answer(letter, &format!("Geachte heer, mevrouw,\n\n{words}\n\nMet vriendelijke groet,\nKlant"));
            let case = office.await_case(number, 20, |case| case["state"] == "held");
            assert_eq!(case["hold"], *hold, "{words}");
            taken.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    println!(
        "answer taken by Postfix to case held, sorted: {seconds:.2?} s; median {:.2} s",
        seconds[seconds.len() / 2]
    );
    assert!(seconds.iter().all(|seconds| *seconds < HELD_WITHIN_SECONDS), "{seconds:?}");
    let digest = wait_for(10, || site.mails_to("office1", &office.owner()).into_iter().next()).expect("a digest");
    assert_eq!(digest.address("From"), office.email());
    daemon.stop();
    for number in &numbers {
        assert_eq!(site.mails_to("customer1", &unique(number)).len(), 1, "{number}: one letter, no second");
    }
    two_months_later(office, &numbers);
}

/// Other runs may have written to the same customer.
fn unique(number: &str) -> String {
    address(&format!("{number}-{}", std::process::id()))
}

fn is_a_good_reminder(office: &Office, number: &str, letter: &Mail) {
    assert_eq!(letter.address("From"), office.email());
    let (reply_to, [login, domain]) = (letter.address("Reply-To"), ["office1+", "@bedrijf.test"]);
    assert!(reply_to.starts_with(login) && reply_to.ends_with(domain) && reply_to.len() > 30, "{reply_to}");
    assert!(letter.0.contains("with ESMTPSA"), "over TLS, with a login:\n{}", letter.0);
    assert!(letter.text().contains(number) && letter.text().contains("1.210,00"), "{}", letter.text());
}

/// The same state goes on in the sandbox: who disputes hears nothing for sixty days; who is silent hears more.
fn two_months_later(mut office: Office, numbers: &[&str]) {
    office.settings.sandbox = true;
    office.configure();
    std::fs::create_dir_all(office.path("mailbox/new")).unwrap();
    for day in 1..=60 {
        let now = format!("{}T10:00", today() + TimeDelta::days(day));
        let pass = office.command(&["run", "--once", "--now", &now]);
        assert!(pass.status.success(), "{now}: {}", String::from_utf8_lossy(&pass.stderr));
    }
    let sent: Vec<Mail> = std::fs::read_dir(office.path("outbox"))
        .unwrap()
        .map(|file| Mail(String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap()).into_owned()))
        .collect();
    let to = |number: &str| sent.iter().filter(|mail| mail.address("To") == unique(number)).count();
    println!("letters in sixty more days: {:?}", numbers.iter().map(|n| (*n, to(n))).collect::<Vec<_>>());
    for (number, hold, _) in ANSWERS.iter().filter(|(_, hold, _)| *hold == "dispute" || *hold == "question") {
        assert_eq!(to(number), 0, "{number}");
        let case = office.case(number).unwrap();
        assert_eq!((&case["state"], &case["hold"]), (&"held".into(), &(*hold).into()), "{case}");
    }
    assert!(to(SILENT) >= 1, "the ladder goes on for who does not answer");
}
