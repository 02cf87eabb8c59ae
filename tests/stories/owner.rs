//! Modes, first sight, and what the owner decides.

use super::sandbox::{Debtor, Invoice, Sandbox, paid};

#[test]
fn observe_sends_nothing_to_customers_and_the_digest_tells_what_it_would() {
    let company = Sandbox::jansen_with(&[("mode = \"auto\"\nstate", "mode = \"observe\"\nstate")]);
    for date in ["2026-10-26", "2026-11-03", "2026-11-10"] {
        company.pass(date);
    }
    assert!(company.letters().is_empty());
    assert_eq!(company.digests().len(), 4);
    let digest = company.last_digest();
    assert!(digest.text.contains("2026-0412") && digest.text.contains("Jansen Bouw"), "{}", digest.text);
}

#[test]
fn approve_asks_for_each_letter_and_sends_it_after_the_yes() {
    let company = Sandbox::jansen_with(&[("mode = \"auto\"\nstate", "mode = \"approve\"\nstate")]);
    company.pass_until("2026-10-28");
    assert!(company.letters().is_empty());
    assert!(company.question("approval")["text"].as_str().unwrap().contains("2026-0412"));
    company.answer("approval", "approve");
    company.pass("2026-10-29");
    assert_eq!(company.days_sent(), ["2026-10-29"]);
    company.pass_until("2026-11-04");
    assert_eq!(company.letters().len(), 1, "one yes is for one letter");
    company.answer("approval", "skip");
    company.pass_until("2026-11-06");
    assert_eq!(company.letters().len(), 1);
    assert!(company.case("2026-0412")["next_step"] == "second-reminder");
}

#[test]
fn an_approved_letter_does_not_leave_when_the_customer_answered_meanwhile() {
    let company = Sandbox::jansen_with(&[("mode = \"auto\"\nstate", "mode = \"approve\"\nstate")]);
    company.pass("2026-10-26");
    company.answer("approval", "approve");
    company.write_to_us("administratie@jansenbouw.example", "Factuur 2026-0412", "Wij zijn het hier niet mee eens.");
    company.pass_until("2026-11-03");
    assert!(company.letters().is_empty());
    assert_eq!(company.state("2026-0412"), "held:dispute");
}

fn overdue(choice: &str) -> Sandbox {
    let company =
        Sandbox::with(&[("overdue_at_first_sight = \"ask\"", &format!("overdue_at_first_sight = \"{choice}\""))]);
    company.invoice(&Invoice { date: "2026-07-01".into(), due: "2026-07-31".into(), ..Invoice::jansen() });
    company.pass("2026-10-20");
    company
}

#[test]
fn what_is_overdue_at_first_sight_waits_for_the_owner() {
    let company = overdue("ask");
    company.pass_until("2026-10-27");
    assert!(company.letters().is_empty());
    assert_eq!(company.state("2026-0412"), "held:overdue_at_first_sight");
    company.answer("overdue_at_first_sight", "open");
    company.pass_until("2026-11-12");
    // It starts at the first reminder and never rushes: after two letters the call (10 November), then the notice.
    assert_eq!(
        company.sent().iter().map(|(day, _)| day.as_str()).collect::<Vec<_>>(),
        ["2026-10-28", "2026-11-03", "2026-11-11"]
    );
    assert!(company.letters()[0].subject.starts_with("Betalingsherinnering"));
}

#[test]
fn an_old_archive_is_answered_at_once() {
    let company = Sandbox::with(&[("overdue_at_first_sight = \"ask\"", "overdue_at_first_sight = \"ask\"")]);
    for number in 1..=30u32 {
        let month = 1 + number % 9;
        company.invoice(&Invoice {
            due: format!("2026-{month:02}-15"),
            date: format!("2026-{month:02}-01"),
            ..Invoice::numbered(number)
        });
    }
    company.pass("2026-10-20");
    assert_eq!(company.questions().len(), 30);
    let answer = |arguments: &[&str]| company.command(&[&["answer"], arguments].concat()).output().unwrap();
    assert_eq!(answer(&["dispute", "resume", "--all"]).status.code(), Some(2));
    assert_eq!(answer(&["overdue_at_first_sight", "perhaps", "--all"]).status.code(), Some(2));
    let answered = answer(&["overdue_at_first_sight", "paid", "--all", "--due-before", "2026-09-01"]);
    let told = String::from_utf8(answered.stdout).unwrap();
    // Of every nine invoices one fell due in September.
    assert_eq!((told.trim(), company.questions().len()), ("27 answered: paid", 3));
    assert_eq!(
        (company.state("F-1"), company.state("F-8")),
        ("closed:paid".into(), "held:overdue_at_first_sight".into())
    );
    company.pass_until("2026-10-30");
    assert!(company.letters().is_empty());
}

#[test]
fn an_old_archive_is_one_question_in_the_digest() {
    let company = Sandbox::with(&[("overdue_at_first_sight = \"ask\"", "overdue_at_first_sight = \"ask\"")]);
    for number in 1..=12u32 {
        let due = format!("2026-0{}-15", 1 + number % 9);
        company.invoice(&Invoice { due, date: "2026-01-01".into(), ..Invoice::numbered(number) });
    }
    company.pass("2026-10-20");
    let digest = company.last_digest().text;
    assert!(digest.contains("12 facturen waren al vervallen") && digest.contains("2026-01-15"), "{digest}");
    assert!(digest.contains("aanmaand answer overdue_at_first_sight paid --all --due-before 2026-10-20"), "{digest}");
    assert_eq!(digest.matches("aanmaand answer").count(), 4, "{digest}");
    let command = ["answer", "overdue_at_first_sight", "paid", "--all", "--due-before", "2026-10-20"];
    assert_eq!(company.must(&command).trim(), "12 answered: paid");
    assert!(company.questions().is_empty() && company.letters().is_empty());
}

/// Two invoices of the program used until 31 October, of which one was reminded on the 27th.
fn taken_over() -> Sandbox {
    let company = Sandbox::new();
    let old = |number: &str| Invoice {
        number: number.into(),
        date: "2026-09-01".into(),
        due: "2026-10-01".into(),
        ..Invoice::jansen()
    };
    company.put("A-1.toml", old("A-1").toml());
    company.put("A-2.toml", Invoice { debtor: Debtor::numbered(7), ..old("A-2") }.toml());
    company.pass("2026-11-01");
    company
}

fn import(company: &Sandbox, file: &str, more: &[&str]) -> (Option<i32>, String) {
    let path = company.path(file).display().to_string();
    let words = [&["import"], more, &[path.as_str()]].concat();
    let output = company.command(&words).output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(told).unwrap())
}

#[test]
fn what_another_program_followed_goes_on_where_it_was() {
    let company = taken_over();
    let (code, told) = import(&company, "A-1.toml", &["--as-of", "2026-10-31", "--sent", "reminder=2026-10-27"]);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(import(&company, "A-2.toml", &["--as-of", "2026-10-31"]).0, Some(0));
    // Nobody is asked about it, though both are overdue; a second time changes nothing.
    let (code, told) = import(&company, "A-1.toml", &["--as-of", "2026-10-31", "--sent", "reminder=2026-10-27"]);
    assert_eq!((code, company.questions().len()), (Some(0), 0), "{told}");
    assert_eq!((company.state("A-1"), company.state("A-2")), ("open".into(), "open".into()));
    let shown = company.must(&["case", "show", "A-1"]);
    assert_eq!(shown.matches("by the program used before").count(), 1, "{shown}");
    company.pass_until("2026-11-20");
    // The one goes on with its second letter, as long after the reminder as after one of ours; the other starts with the first.
    let first = |number: &str| {
        let letters = company.letters();
        letters
            .iter()
            .find(|letter| letter.text.contains(number))
            .map(|letter| (letter.day.clone(), letter.subject.clone()))
    };
    let (gone_on, begun) = (first("A-1").unwrap(), first("A-2").unwrap());
    assert_eq!(gone_on, ("2026-11-02".into(), "Tweede herinnering: factuur A-1".into()));
    assert!(begun.1.starts_with("Betalingsherinnering"), "{begun:?}");
}

#[test]
fn what_cannot_have_been_is_not_taken_over() {
    let company = taken_over();
    for (more, why) in [
        (["--as-of", "2026-10-31", "--sent", "aanmaning=2026-10-27"], "has no step aanmaning: its letters are"),
        (["--as-of", "2026-10-31", "--sent", "formal-notice=2026-10-27"], "formal letter"),
        (["--as-of", "2026-10-31", "--sent", "reminder=2026-08-27"], "lies outside 2026-09-01"),
        (["--as-of", "2026-10-31", "--sent", "reminder=2026-11-01"], "lies outside"),
        (["--as-of", "2026-08-31", "--sent", "reminder=2026-08-27"], "is after 2026-08-31"),
        (["--as-of", "2026-12-31", "--sent", "reminder=2026-10-27"], "is still to come"),
        (["--as-of", "2026-10-31", "--sent", "reminder"], "write a step and its day"),
    ] {
        let (code, told) = import(&company, "A-1.toml", &more);
        assert!(code != Some(0) && told.contains(why), "{more:?}: {code:?} {told}");
        assert!(company.cases().is_empty() && company.questions().is_empty(), "{more:?}");
    }
    let (code, told) = import(&company, "A-1.toml", &["--sent", "reminder=2026-10-27"]);
    assert!(code == Some(2) && told.contains("--as-of"), "{told}");
    let company = Sandbox::with(&[("overdue_at_first_sight = \"ask\"", "overdue_at_first_sight = \"ignore\"")]);
    company
        .put("A-1.toml", Invoice { date: "2026-09-01".into(), due: "2026-10-01".into(), ..Invoice::jansen() }.toml());
    company.pass("2026-11-01");
    let (code, told) = import(&company, "A-1.toml", &["--as-of", "2026-10-31"]);
    assert!(code == Some(1) && told.contains("set that to \"ask\""), "{told}");
}

#[test]
fn what_is_overdue_at_first_sight_may_start_or_be_ignored() {
    let company = overdue("open");
    assert_eq!(company.days_sent(), ["2026-10-20"]);
    let company = overdue("ignore");
    company.pass_until("2026-10-23");
    assert!(company.letters().is_empty());
    assert!(company.state("2026-0412").starts_with("closed"));
    let company = overdue("ask");
    company.answer("overdue_at_first_sight", "ignore");
    company.pass_until("2026-10-23");
    assert!(company.letters().is_empty() && company.state("2026-0412").starts_with("closed"));
}

#[test]
fn never_dun_means_never() {
    let company = Sandbox::jansen_with(&[("[formal]", "[[debtor]]\nid = \"K1001\"\nnever_dun = true\n[formal]")]);
    for date in ["2026-10-26", "2026-11-03", "2026-11-10", "2026-11-23"] {
        company.pass(date);
    }
    assert!(company.letters().is_empty());
}

#[test]
fn an_answer_that_is_no_choice_changes_nothing() {
    let company = overdue("ask");
    let id = company.question("overdue_at_first_sight")["question"].as_str().unwrap().to_owned();
    for arguments in [["answer", id.as_str(), "misschien"], ["answer", "Q999", "open"]] {
        assert!(!company.run(&arguments).status.success());
    }
    company.question("overdue_at_first_sight");
}

/// Jansen after the note of 26 October.
fn noted() -> Sandbox {
    let company = Sandbox::jansen();
    company.pass("2026-10-26");
    company
}

#[test]
fn hold_stops_and_resume_goes_on() {
    let company = noted();
    company.must(&["hold", "2026-0412", "--reason", "we praten met hen"]);
    company.pass("2026-11-03");
    company.pass("2026-11-17");
    assert_eq!((company.state("2026-0412").as_str(), company.letters().len()), ("held:manual", 1));
    company.must(&["resume", "2026-0412"]);
    company.pass("2026-11-18");
    assert_eq!(company.letters().len(), 2);
    assert!(company.last_letter().subject.starts_with("Betalingsherinnering"));
}

#[test]
fn hold_until_a_day_ends_after_that_day() {
    let company = noted();
    company.must(&["hold", "K1001", "--until", "2026-11-10"]);
    for (date, letters) in [("2026-11-03", 1), ("2026-11-10", 1), ("2026-11-11", 2)] {
        company.pass(date);
        assert_eq!(company.letters().len(), letters, "{date}");
    }
}

#[test]
fn a_veto_stops_what_the_digest_announced() {
    let company = noted();
    company.pass("2026-11-02");
    assert!(company.last_digest().text.contains("2026-0412"), "{}", company.last_digest().text);
    company.must(&["veto", "2026-0412"]);
    company.pass("2026-11-03");
    company.pass("2026-11-10");
    assert_eq!(company.letters().len(), 1);
}

#[test]
fn what_the_owner_books_or_writes_off_is_closed() {
    let company = noted();
    company.must(&["paid", "2026-0412", "--amount", "210.00"]);
    assert_eq!(company.case("2026-0412")["open"], "1000.00");
    company.must(&["write-off", "2026-0412", "--reason", "coulance"]);
    assert_eq!(company.state("2026-0412"), "closed:written_off");
    company.pass("2026-11-03");
    assert_eq!(company.letters().len(), 1);
}

#[test]
fn a_promise_by_telephone_waits_for_its_day() {
    let company = noted();
    company.must(&["promise", "2026-0412", "--date", "2026-11-13", "--reason", "gebeld met mevrouw De Vries"]);
    company.pass("2026-11-03");
    company.pass("2026-11-18");
    assert_eq!(company.letters().len(), 1);
    company.pass("2026-11-19");
    assert!(company.last_letter().text.contains("13 november"), "{}", company.last_letter().text);
}

/// The formal notice of 23 November asks 1210.00, 22 days of 10.40 percent (thirty days after receipt) and 40 euros.
#[test]
fn the_owner_reads_everywhere_what_a_letter_asks_in_total() {
    let company = Sandbox::jansen();
    company.pass_until("2026-11-22");
    let ahead = company.last_digest();
    assert!(ahead.text.contains("aanmaning, factuur 2026-0412, € 1.257,58"), "{}", ahead.text);
    assert!(company.must(&["plan", "--until", "2026-11-23"]).contains("1257.58 EUR for 2026-0412"));
    company.pass_until("2026-11-24");
    let letter = company.last_letter();
    assert_eq!(letter.day, "2026-11-23");
    assert!(letter.text.contains("€ 1.257,58"), "{}", letter.text);
    let gone = company.last_digest();
    assert!(gone.text.contains("aanmaning, factuur 2026-0412, € 1.257,58"), "{}", gone.text);
    let shown = company.must(&["case", "show", "2026-0412"]);
    assert!(shown.contains("asks 1257.58 (of it interest 7.58, costs 40.00)"), "{shown}");
    let shown: serde_json::Value =
        serde_json::from_str(&company.must(&["case", "show", "2026-0412", "--json"])).unwrap();
    let told = shown["letters"].as_array().unwrap().last().unwrap();
    assert_eq!((told["asked"].as_str(), told["extras"][0]["costs"].as_str()), (Some("1257.58"), Some("40.00")));
}

#[test]
fn who_approves_a_letter_knows_what_it_asks() {
    let company = Sandbox::jansen_with(&[("[formal]\nmode = \"auto\"", "[formal]\nmode = \"approve\"")]);
    company.pass_until("2026-11-23");
    let asked = company.question("approval")["text"].as_str().unwrap().to_owned();
    assert!(asked.contains("formal-notice (2026-0412), 1257.58 EUR"), "{asked}");
}

#[test]
fn a_rest_that_is_let_go_is_no_longer_open() {
    let company = Sandbox::jansen();
    company.pass_until("2026-11-24");
    company.statement("a", "2026-11-24", &[paid(121_000, "2026-0412")]);
    company.pass("2026-11-25");
    assert_eq!(company.case("2026-0412")["open"], "47.93", "art. 6:44 BW: 40.00 and 23 days of interest went first");
    let shown = company.must(&["case", "show", "2026-0412"]);
    assert!(shown.contains("(of it interest 7.93, costs 40.00)"), "{shown}");
    company.answer("rest", "waive");
    assert_eq!(company.state("2026-0412"), "closed:paid");
    assert_eq!(company.case("2026-0412")["open"], "0.00");
}

#[test]
fn who_paid_the_invoice_and_is_asked_the_rest_reads_where_the_money_went() {
    let company = Sandbox::jansen();
    company.pass_until("2026-11-24");
    company.statement("a", "2026-11-24", &[paid(121_000, "2026-0412")]);
    company.pass("2026-11-25");
    company.answer("rest", "keep");
    company.pass_until("2026-12-07");
    let letter = company.last_letter();
    assert!(letter.day.as_str() > "2026-12-03", "{:?}", company.sent());
    let words = letter.text.split_whitespace().collect::<Vec<_>>().join(" ").replace('\u{a0}', " ");
    assert!(words.contains("Van uw betaling is € 47,93 eerst met rente en kosten verrekend."), "{words}");
}
