//! Thanks for a payment, from the statement to the mail, where the owner wants them.

use super::sandbox::{Invoice, Line, Sandbox, camt, paid};
use serde_json::Value;

/// Jansen paid on 4 November, the day after the reminder; it is 5 November.
fn paid_with(changes: &[(&str, &str)]) -> Sandbox {
    let wanted = ("freshness = \"none\"", "freshness = \"none\"\nthanks = true");
    let company = Sandbox::jansen_with(&[&[wanted], changes].concat());
    for date in ["2026-10-26", "2026-11-03"] {
        company.pass(date);
    }
    company.statement("a", "2026-11-04", &[paid(121_000, "Betaling factuur 2026-0412")]);
    company.pass("2026-11-05");
    assert_eq!(company.state("2026-0412"), "closed:paid");
    company
}

/// The bank takes the money back.
fn goes_back(company: &Sandbox, name: &str, on: &str) {
    let back = camt(name, on, &[paid(-121_000, "STORNO Betaling factuur 2026-0412")], None);
    let back = back.replace("</CdtDbtInd><Sts>", "</CdtDbtInd><RvslInd>true</RvslInd><Sts>");
    company.put(&format!("statements/{name}.xml"), back);
}

fn plan(company: &Sandbox) -> Vec<Value> {
    company.must(&["plan", "--json"]).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn thanks_for_a_payment() {
    let company = paid_with(&[]);
    let before = company.letters().len();
    let plan = plan(&company);
    let [row] = plan.as_slice() else { panic!("{plan:?}") };
    assert_eq!((row["template"].as_str(), row["on"].as_str()), (Some("thanks"), Some("2026-11-09")));
    assert!(row["amount"].is_null() && company.must(&["plan"]).contains("for 2026-0412"), "{row}");
    company.pass("2026-11-06");
    assert_eq!(company.letters().len(), before, "five days after the reminder");
    let digest = company.last_digest().text;
    assert!(digest.contains("bedankje, factuur 2026-0412") && !digest.contains("€ 0,00"), "{digest}");
    company.pass("2026-11-09");
    let letter = company.last_letter();
    assert_eq!(letter.subject, "Bedankt voor uw betaling van factuur 2026-0412");
    assert!(letter.text.contains("factuur 2026-0412 van") && letter.text.contains("Hartelijk dank"), "{}", letter.text);
    for asks in ["IBAN", "Te betalen", "€", "NL91"] {
        assert!(!letter.text.contains(asks) && !letter.html.contains(asks), "{asks}: {}", letter.text);
    }
    assert!(letter.attachments.is_empty() && letter.pictures == 0);
    let reminder = &company.letters()[before - 1];
    assert!(letter.references.contains(&reminder.message_id), "it belongs to the same conversation");
    company.pass_until("2026-11-24");
    assert_eq!(company.letters().len(), before + 1);
    let told = company.digests().into_iter().find(|digest| digest.day == "2026-11-10").unwrap().text;
    assert!(told.contains("bedankje, factuur 2026-0412"), "{told}");
    assert!(company.must(&["case", "show", "2026-0412"]).contains("thanks"));
    company.must(&["check", "--store"]);
}

/// Thanks that are more than is usual wait for the owner; what is asked does not.
#[test]
fn many_thanks_stop_no_reminder() {
    let company =
        Sandbox::with(&[("freshness = \"none\"", "freshness = \"none\"\nthanks = true"), ("burst = 20", "burst = 3")]);
    for number in 1..=4 {
        let (no, total) = (format!("2026-050{number}"), format!("{number}00.00"));
        company.invoice(&Invoice { number: no, total, ..Invoice::numbered(number) });
    }
    company.pass("2026-10-20");
    let payments: Vec<Line> =
        (1..=4).map(|number| paid(i64::from(number) * 10_000, &format!("2026-050{number}"))).collect();
    company.statement("a", "2026-10-20", &payments);
    company.invoice(&Invoice { due: "2026-10-26".into(), ..Invoice::jansen() });
    company.pass("2026-10-21");
    assert_eq!(company.sent().len(), 1, "the note about what is not due yet: {:?}", company.sent());
    company.answer("burst", "send");
    company.pass_at("2026-10-21T12:00");
    assert_eq!(company.letters().iter().filter(|letter| letter.subject.starts_with("Bedankt")).count(), 4);
}

/// An answer to the thanks, and money that goes back: nobody is thanked twice, and nothing else stands still for it.
#[test]
fn after_the_thanks() {
    let company = paid_with(&[]);
    company.pass("2026-11-09");
    let thanks = company.last_letter();
    company.answer_letter(&thanks, "administratie@jansenbouw.example", "Graag gedaan!");
    company.pass("2026-11-10");
    assert!(company.questions().is_empty(), "{:?}", company.questions());
    goes_back(&company, "b", "2026-11-11");
    company.pass("2026-11-12");
    company.answer("reversal", "resume");
    company.statement("c", "2026-11-12", &[paid(121_000, "Betaling factuur 2026-0412")]);
    company.pass_until("2026-12-10");
    let thanked = company.letters().iter().filter(|letter| letter.subject.starts_with("Bedankt")).count();
    assert_eq!(thanked, 1);
}

#[test]
fn thanks_wait_for_a_yes_or_do_not_leave_at_all() {
    let asked = paid_with(&[("mode = \"auto\"\nstate", "mode = \"approve\"\nstate")]);
    asked.pass("2026-11-09");
    assert!(asked.letters().iter().all(|letter| !letter.subject.starts_with("Bedankt")));
    assert!(asked.question("approval")["text"].as_str().unwrap().contains("thanks (2026-0412)"));
    asked.answer("approval", "approve");
    asked.pass("2026-11-10");
    assert!(asked.last_letter().subject.starts_with("Bedankt"));
    let observed = paid_with(&[("mode = \"auto\"\nstate", "mode = \"observe\"\nstate")]);
    observed.pass_until("2026-11-10");
    assert!(observed.letters().is_empty());
    assert!(observed.digests().iter().any(|digest| digest.text.contains("bedankje, factuur 2026-0412")));
}

/// Thanks are no letter that asked: when the money goes back after all, a formal letter encloses the others only.
#[test]
fn thanks_are_not_enclosed() {
    let company = paid_with(&[]);
    company.pass("2026-11-09");
    assert!(company.last_letter().subject.starts_with("Bedankt"));
    goes_back(&company, "b", "2026-11-10");
    company.pass("2026-11-11");
    company.answer("reversal", "resume");
    company.pass_until("2026-12-31");
    let enclosed: Vec<String> = company.letters().into_iter().flat_map(|letter| letter.attachments).collect();
    assert!(enclosed.iter().any(|name| name == "2026-11-03-reminder.txt"), "{enclosed:?}");
    assert!(!enclosed.iter().any(|name| name.contains("thanks")), "{enclosed:?}");
}
