//! Modes, first sight, and what the owner decides.

use super::sandbox::{Invoice, Sandbox};

#[test]
fn observe_sends_nothing_to_customers_and_the_digest_tells_what_it_would() {
    let company = Sandbox::jansen_with(&[("mode = \"auto\"\nstate", "mode = \"observe\"\nstate")]);
    company.pass_until("2026-11-12");
    assert!(company.letters().is_empty());
    assert_eq!(company.digests().len(), 24);
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
    // It starts at the first reminder, and never rushes.
    assert_eq!(
        company.sent().iter().map(|(day, _)| day.as_str()).collect::<Vec<_>>(),
        ["2026-10-28", "2026-11-03", "2026-11-10"]
    );
    assert!(company.letters()[0].subject.starts_with("Betalingsherinnering"));
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
    company.pass_until("2026-11-25");
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
