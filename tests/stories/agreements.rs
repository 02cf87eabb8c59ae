//! Instalments and disputes in part, through the binary: what is agreed, kept, missed, and asked meanwhile.

use super::sandbox::{Sandbox, paid};
use serde_json::Value;

const CUSTOMER: &str = "administratie@jansenbouw.example";

/// Jansen at 3 November, with the note and the reminder.
fn reminded() -> Sandbox {
    let company = Sandbox::jansen();
    for date in ["2026-10-26", "2026-11-03"] {
        company.pass(date);
    }
    company
}

fn agreed(more: &[&str]) -> Sandbox {
    let company = reminded();
    let reason = ["--reason", "gebeld met mevrouw De Vries"];
    company.must(&[&["instalments", "2026-0412"], more, &reason].concat());
    company
}

fn shown(company: &Sandbox) -> Value {
    serde_json::from_str(&company.must(&["case", "show", "2026-0412", "--json"])).expect("JSON")
}

fn refused(company: &Sandbox, arguments: &[&str], words: &str) {
    let output = company.run(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains(words), "{arguments:?}: {said}");
}

#[test]
fn a_plan_is_kept() {
    let company = agreed(&["--of", "605.00", "--every", "month", "--from", "2026-11-20"]);
    assert_eq!(company.state("2026-0412"), "held:plan");
    let ahead = company.must(&["plan", "--until", "2026-12-31"]);
    assert!(ahead.contains("2026-11-20  instalment") && ahead.contains("2026-12-20  instalment"), "{ahead}");
    for (name, on, after) in [("a", "2026-11-19", "2026-11-20"), ("b", "2026-12-18", "2026-12-21")] {
        company.statement(name, on, &[paid(60_500, "2026-0412 termijn")]);
        company.pass(after);
    }
    assert_eq!(company.state("2026-0412"), "closed:paid");
    assert_eq!(company.letters().len(), 2, "nobody is written to during a plan that is kept");
    assert_eq!(shown(&company)["plans"][0]["state"], "kept");
}

#[test]
fn an_instalment_is_missed_and_the_whole_becomes_due() {
    let company =
        agreed(&["--of", "605.00", "--every", "month", "--from", "2026-11-10", "--whole-becomes-due", "--grace", "3"]);
    company.pass_until("2026-11-16");
    let letter = company.last_letter();
    assert_eq!(letter.day, "2026-11-16", "due on Tuesday the 10th, three banking days, announced, a Monday");
    assert!(letter.text.contains("€ 605,00") && letter.text.contains("10 november 2026"), "{}", letter.text);
    assert!(letter.text.contains("hele restant"), "{}", letter.text);
    assert!(letter.text.contains("23 november"), "seven days: {}", letter.text);
    let told = company.digests().into_iter().find(|digest| digest.day == "2026-11-15").unwrap();
    assert!(told.text.contains("factuur 2026-0412, € 605,00"), "the instalment, not the whole: {}", told.text);
    assert!(letter.attached_texts.is_empty(), "it says nothing of letters before it: {:?}", letter.attachments);
    company.pass_until("2026-11-26");
    assert_eq!((company.letters().len(), company.state("2026-0412")), (3, "held:plan".to_owned()));
    company.pass_until("2026-11-27");
    assert_eq!(company.state("2026-0412"), "open");
    assert_eq!(company.letters().len(), 4, "the ladder goes on: {:?}", company.sent());
    assert!(company.last_letter().text.contains("€ 1.210,00"), "{}", company.last_letter().text);
}

#[test]
fn a_missed_instalment_is_paid_after_its_letter() {
    let company = agreed(&["--pay", "605.00@2026-11-10", "--pay", "605.00@2026-12-10"]);
    company.pass_until("2026-11-16");
    assert_eq!(company.letters().len(), 3);
    company.statement("a", "2026-11-18", &[paid(60_500, "2026-0412")]);
    company.pass_until("2026-12-01");
    assert_eq!((company.letters().len(), company.state("2026-0412")), (3, "held:plan".to_owned()));
    assert_eq!(shown(&company)["plans"][0]["state"], "running");
    assert!(company.questions().is_empty());
    company.must(&["instalments", "K1001", "--end", "--reason", "afspraak ingetrokken"]);
    assert_eq!(company.state("2026-0412"), "open");
}

#[test]
fn terms_that_do_not_fit_are_refused_with_the_numbers() {
    let company = reminded();
    let instalments = |more: &[&str], words: &str| {
        refused(&company, &[&["instalments", "2026-0412"], more].concat(), words);
    };
    instalments(&["--pay", "500.00@2026-12-01"], "500.00, but 1210.00 is open (710.00 is missing)");
    instalments(&["--pay", "1300.00@2026-12-01"], "90.00 too much");
    instalments(&["--of", "100.00", "--every", "month", "--from", "2026-12-01", "--count", "3"], "would be 1010.00");
    instalments(&["--of", "100.00", "--every", "month", "--from", "2026-10-01"], "is past");
    instalments(&["--of", "100.00", "--every", "fortnight", "--from", "2026-12-01"], "month, week, or a number");
    instalments(&["--of", "100.00"], "--every");
    instalments(&[], "say how it is paid");
    instalments(&["--pay", "1210.00"], "such as 250.00@2027-01-31");
    instalments(&["--end"], "no plan runs");
    assert_eq!(company.state("2026-0412"), "open");
}

#[test]
fn a_part_is_disputed_and_the_rest_is_asked() {
    let company = reminded();
    company.write_to_us(
        CUSTOMER,
        "Factuur 2026-0412",
        "Wij zijn het niet eens met deze factuur, de plinten ontbreken.",
    );
    company.pass("2026-11-04");
    assert_eq!(company.state("2026-0412"), "held:dispute");
    refused(&company, &["dispute", "2026-0412", "--amount", "1210.01"], "more than the 1210.00 that is open");
    refused(&company, &["dispute", "2026-0412", "--amount", "1210.00", "--continue"], "nothing to go on about");
    company.must(&["dispute", "2026-0412", "--amount", "210.00", "--continue", "--reason", "plinten"]);
    assert_eq!(company.state("2026-0412"), "open");
    company.pass_until("2026-11-12");
    let letter = company.last_letter();
    assert_eq!(company.letters().len(), 3);
    assert!(letter.text.contains("€ 1.000,00") && letter.text.contains("U betwist € 210,00"), "{}", letter.text);
    company.statement("a", "2026-11-12", &[paid(100_000, "2026-0412")]);
    company.pass_until("2026-11-17");
    assert_eq!(company.state("2026-0412"), "held:dispute", "only what is disputed is left");
    company.question("dispute");
    company.must(&["resolve", "2026-0412", "--for", "debtor", "--reason", "de klant heeft gelijk"]);
    assert_eq!(company.state("2026-0412"), "closed:credited");
    assert!(company.questions().is_empty());
}

#[test]
fn a_promise_that_is_kept_in_part_is_mentioned_so() {
    let company = reminded();
    company.must(&["promise", "2026-0412", "--date", "2026-11-13", "--amount", "500.00", "--reason", "gebeld"]);
    company.statement("a", "2026-11-12", &[paid(20_000, "2026-0412")]);
    company.pass_until("2026-11-19");
    let letter = company.last_letter();
    assert_eq!(letter.day, "2026-11-19");
    assert!(letter.text.contains("13 november") && letter.text.contains("€ 200,00 ontvangen"), "{}", letter.text);
    assert_eq!(shown(&company)["promises"][0]["paid"], "200.00 EUR");
}
