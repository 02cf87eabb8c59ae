//! Silence: what leaves, when, to whom and with which words, when the customer says nothing at all.

use super::sandbox::{Debtor, Invoice, Sandbox, day};

const LADDER: [(&str, &str); 5] = [
    ("2026-10-26", "Factuur 2026-0412 vervalt op 31 oktober 2026"),
    ("2026-11-03", "Betalingsherinnering: factuur 2026-0412"),
    ("2026-11-10", "Tweede herinnering: factuur 2026-0412"),
    ("2026-11-23", "Aanmaning: factuur 2026-0412"),
    ("2026-12-07", "Sommatie: factuur 2026-0412"),
];

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(day, subject)| ((*day).to_owned(), (*subject).to_owned())).collect()
}

#[test]
fn a_business_that_stays_silent_hears_every_step_and_then_a_human_decides() {
    let company = Sandbox::jansen_with(&[("freshness = \"none\"", "freshness = \"statements\"")]);
    company.pass_with_bank_until("2026-11-17");
    let call = company.question("call");
    assert!(call["text"].as_str().unwrap().contains("020-7654321"), "{call}");
    company.pass_with_bank_until("2026-12-23");
    assert_eq!(company.sent(), pairs(&LADDER));
    assert_eq!(company.question("hand_over")["case"], company.case("2026-0412")["case"]);
    let letters = company.letters();
    for letter in &letters {
        assert_eq!(letter.to, "administratie@jansenbouw.example");
        for part in [&letter.text, &letter.html] {
            assert!(part.contains("2026-0412") && part.contains("1.210,00"), "{part}");
            assert!(part.contains("NL91 ABNA 0417 1643 00"), "{part}");
        }
        assert!(letter.reply_to.starts_with("debiteuren+"), "{}", letter.reply_to);
    }
    for (earlier, later) in letters.iter().zip(&letters[1..]) {
        assert!(day(&later.day) - day(&earlier.day) >= chrono::TimeDelta::days(5));
        assert_eq!(later.in_reply_to, earlier.message_id);
        assert!(later.references.contains(&earlier.message_id));
    }
}

#[test]
fn formal_letters_wait_for_the_owners_yes_by_default() {
    let company = Sandbox::jansen_with(&[("[formal]\nmode = \"auto\"", "")]);
    company.pass_until("2026-11-30");
    assert_eq!(company.sent(), pairs(&LADDER[..3]));
    company.answer("approval", "approve");
    company.pass_until("2026-12-20");
    let sent = company.sent();
    assert_eq!(sent.len(), 4, "{sent:?}");
    assert_eq!(sent[3], ("2026-12-01".to_owned(), LADDER[3].1.to_owned()));
    // The last demand is a letter of its own, with its own question, not before the term of the notice ran out.
    let asked = company.question("approval");
    assert!(asked["since"].as_str().unwrap() >= "2026-12-12", "{asked}");
}

#[test]
fn formal_letters_wait_for_bank_data_of_the_last_banking_day() {
    let company = Sandbox::jansen_with(&[("freshness = \"none\"", "freshness = \"statements\"")]);
    company.pass_until("2026-12-01");
    assert_eq!(company.sent(), pairs(&LADDER[..3]));
    company.statement("laatste", "2026-12-01", &[]);
    company.pass_until("2026-12-03");
    assert_eq!(company.days_sent()[3..], ["2026-12-02"]);
}

#[test]
fn over_easter_nothing_leaves_on_a_holiday() {
    let company = Sandbox::with(&[]);
    company.invoice(&Invoice { date: "2026-03-01".into(), due: "2026-03-31".into(), ..Invoice::jansen() });
    company.pass("2026-03-20");
    company.pass_until("2026-05-18");
    // Good Friday is 3 April, Easter Monday 6 April, Liberation Day 5 May; 15 May is equated to Ascension Day before it.
    assert_eq!(company.days_sent(), ["2026-03-26", "2026-04-07", "2026-04-13", "2026-04-21", "2026-05-06"]);
    assert_eq!(company.question("hand_over")["since"], "2026-05-18");
}

#[test]
fn between_christmas_and_new_year_letters_wait_for_working_days() {
    let company = Sandbox::with(&[]);
    company.invoice(&Invoice { date: "2026-11-21".into(), due: "2026-12-21".into(), ..Invoice::jansen() });
    company.pass("2026-12-10");
    company.pass_until("2027-01-06");
    assert_eq!(company.days_sent(), ["2026-12-16", "2026-12-28", "2027-01-04"]);
}

#[test]
fn a_consumer_owes_costs_only_after_the_fourteen_day_letter() {
    let company = Sandbox::new();
    let debtor = Debtor { kind: "consumer".into(), name: "K. de Boer".into(), ..Debtor::jansen() };
    company.invoice(&Invoice { debtor, ..Invoice::jansen() });
    company.pass("2026-10-20");
    company.pass_until("2027-01-15");
    // No due date was agreed, so there is a notice of default; the last demand comes 22 days after the fourteen-day letter.
    let days = ["2026-10-26", "2026-11-03", "2026-11-10", "2026-11-18", "2026-12-03", "2026-12-28"];
    assert_eq!(company.days_sent(), days);
    assert_eq!(company.sent()[..3], pairs(&LADDER[..3])[..]);
    let letters = company.letters();
    for letter in &letters[..4] {
        assert!(!letter.text.to_lowercase().contains("incassokosten"), "{}", letter.text);
    }
    // Besluit vergoeding voor buitengerechtelijke incassokosten: 15 % of 1,210.00.
    let (announced, asked) = (&letters[4].text, &letters[5].text);
    let words = announced.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("binnen veertien dagen vanaf de dag nadat deze brief door u is ontvangen"), "{announced}");
    assert!(announced.contains("€\u{a0}181,50") || announced.contains("€ 181,50"), "{announced}");
    assert!(asked.contains("€\u{a0}181,50") || asked.contains("€ 181,50"), "{asked}");
    assert_eq!(company.kinds_asked(), ["hand_over"]);
}

#[test]
fn five_passes_a_day_change_nothing() {
    let company = Sandbox::jansen();
    for date in ["2026-10-26", "2026-11-03", "2026-11-10"] {
        for hour in ["08:30", "09:30", "11:00", "15:00", "16:59"] {
            company.pass_at(&format!("{date}T{hour}"));
        }
    }
    assert_eq!(company.sent(), pairs(&LADDER[..3]));
    assert_eq!(company.digests().len(), 4);
}

#[test]
fn a_pass_outside_the_sending_hours_sends_nothing() {
    let company = Sandbox::jansen();
    for moment in ["2026-10-26T07:00", "2026-10-26T08:59", "2026-10-26T17:00", "2026-10-31T10:00", "2026-11-01T10:00"] {
        company.pass_at(moment);
    }
    assert_eq!(company.sent(), []);
}

#[test]
fn two_months_of_silence_of_ours_are_caught_up_one_step_at_a_time() {
    let company = Sandbox::jansen();
    company.pass_until("2026-10-27");
    company.pass("2026-12-28");
    company.pass_until("2027-01-25");
    let sent = company.sent();
    let subjects: Vec<&str> = sent.iter().map(|(_, subject)| subject.as_str()).collect();
    assert_eq!(subjects, LADDER.map(|(_, subject)| subject)[..subjects.len()], "every step, in order");
    assert!(subjects.len() >= 4, "{sent:?}");
    for pair in sent[1..].windows(2) {
        assert!(day(&pair[1].0) - day(&pair[0].0) >= chrono::TimeDelta::days(6), "{sent:?}");
    }
}

#[test]
fn five_invoices_of_one_debtor_come_in_one_letter() {
    let company = Sandbox::new();
    for number in 1..=5 {
        let (number, total) = (format!("2026-050{number}"), format!("{number}00.00"));
        company.invoice(&Invoice { number, total, more: String::new(), ..Invoice::jansen() });
    }
    company.pass("2026-10-20");
    company.pass_until("2026-11-04");
    assert_eq!(company.days_sent(), ["2026-10-26", "2026-11-03"]);
    for letter in company.letters() {
        for number in 1..=5 {
            assert!(letter.text.contains(&format!("2026-050{number}")), "{}", letter.text);
            assert!(letter.text.contains(&format!("{number}00,00")), "{}", letter.text);
        }
        assert!(letter.text.contains("1.500,00"), "the total: {}", letter.text);
    }
}

#[test]
fn a_formal_letter_carries_the_letters_before_it() {
    let company = Sandbox::jansen();
    company.pass_until("2026-12-20");
    let letters = company.letters();
    assert!(letters[..3].iter().all(|letter| letter.attachments.is_empty()), "before the formal notice none");
    let earlier = ["2026-10-26-notice.txt", "2026-11-03-reminder.txt", "2026-11-10-second-reminder.txt"];
    assert_eq!(letters[3].attachments, earlier);
    assert_eq!(letters[4].attachments, [&earlier[..], &["2026-11-23-formal-notice.txt"]].concat());
    for (copy, letter) in letters[4].attached_texts.iter().zip(&letters) {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(copy.contains("\r\nTo: administratie@jansenbouw.example\r\n"), "{copy}");
        assert!(copy.contains(&format!("\r\nSubject: {}\r\n\r\n", letter.subject)), "{copy}");
        assert!(words(copy).ends_with(&words(&letter.text)), "{copy}");
    }
}

#[test]
fn a_late_letter_shows_a_payment_code_unless_it_is_switched_off() {
    let company = Sandbox::jansen();
    company.pass_until("2026-11-04");
    let shows = |letter: &super::sandbox::Letter| (letter.html.contains("src=\"cid:qr."), letter.pictures);
    let letters = company.letters();
    assert_eq!(letters.iter().map(shows).collect::<Vec<_>>(), [(false, 0), (true, 1)]);
    let without = Sandbox::jansen_with(&[("[formal]", "[letters]\nqr = false\n[formal]")]);
    without.pass_until("2026-11-04");
    assert_eq!(without.letters().iter().map(shows).collect::<Vec<_>>(), [(false, 0), (false, 0)]);
}

#[test]
fn two_debtors_never_see_each_other() {
    let company = Sandbox::new();
    let other = Debtor {
        id: "K2002".into(),
        name: "De Vries Dakwerken".into(),
        email: "boek@devries.example".into(),
        ..Debtor::jansen()
    };
    company.invoice(&Invoice::jansen());
    company.invoice(&Invoice {
        number: "2026-0777".into(),
        total: "333.33".into(),
        debtor: other,
        more: String::new(),
        ..Invoice::jansen()
    });
    company.pass("2026-10-20");
    company.pass_until("2026-12-08");
    let letters = company.letters();
    assert_eq!(letters.len(), 10);
    let mut tokens = std::collections::BTreeSet::new();
    for letter in &letters {
        let everything = format!("{letter:?}");
        let (own, others): (&str, [&str; 4]) = if letter.to == "boek@devries.example" {
            ("2026-0777", ["2026-0412", "Jansen", "jansenbouw", "1.210,00"])
        } else {
            ("2026-0412", ["2026-0777", "De Vries", "devries", "333,33"])
        };
        assert!(everything.contains(own));
        others.iter().for_each(|word| assert!(!everything.contains(word), "{word} in {everything}"));
        tokens.insert(letter.reply_to.clone());
    }
    assert_eq!(tokens.len(), 10, "a token is never used twice");
}

/// The owner, a Dutchman, goes on reading Dutch.
#[test]
fn a_debtor_reads_the_own_language() {
    let languages = [("en", "€1,210.00"), ("de", "1.210,00 €"), ("fr", "1\u{202F}210,00 €")];
    for (language, amount) in languages {
        let company = Sandbox::new();
        let debtor = Debtor { language: language.into(), ..Debtor::jansen() };
        company.invoice(&Invoice { debtor, ..Invoice::jansen() });
        company.pass("2026-10-20");
        company.pass_until("2026-12-08");
        let letters = company.letters();
        assert_eq!(letters.len(), 5);
        for letter in letters {
            assert!(letter.text.contains(amount), "{}", letter.text);
            assert!(letter.html.contains(&format!("lang=\"{language}\"")));
            for word in ["Geachte", "factuur", "herinner", "vervaldatum"] {
                assert!(!format!("{} {}", letter.subject, letter.text).contains(word), "{word} in {}", letter.text);
            }
        }
        assert!(company.last_digest().text.contains("€ 1.210,00"), "{}", company.last_digest().text);
    }
}

#[test]
fn a_digest_every_day_once_says_what_happened() {
    let company = Sandbox::jansen();
    company.pass_until("2026-11-11");
    let days: Vec<String> = company.digests().into_iter().map(|digest| digest.day).collect();
    let mut expected = Vec::new();
    let mut date = day("2026-10-20");
    while date <= day("2026-11-11") {
        expected.push(date.to_string());
        date = date.succ_opt().unwrap();
    }
    assert_eq!(days, expected);
    // The reminder leaves after the digest of its own day was made; the next one tells.
    let digest = company.digests().into_iter().find(|digest| digest.day == "2026-11-04").unwrap();
    assert!(digest.text.contains("2026-0412") && digest.text.contains("Jansen Bouw"), "{}", digest.text);
    // Before the hour of the digest there is none.
    company.pass_at("2026-11-12T07:59");
    assert_eq!(company.last_digest().day, "2026-11-11");
}
