//! Whose an invoice is; two debtors that are one, and one that is two.

use super::sandbox::{Debtor, Invoice, Sandbox, paid};
use serde_json::Value;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// A customer that the books have twice: K1001 and K1002.
fn twice() -> Sandbox {
    let company = Sandbox::jansen();
    let debtor = Debtor { id: "K1002".into(), email: "kas@jansenbouw.example".into(), ..Debtor::jansen() };
    company.invoice(&Invoice { number: "2026-0500".into(), total: "60.00".into(), debtor, ..Invoice::jansen() });
    company
}

fn invoice_of(number: &str, debtor: Debtor) -> Invoice {
    Invoice { number: number.into(), debtor, ..Invoice::jansen() }
}

fn owner_of(company: &Sandbox, number: &str) -> String {
    company.case(number)["debtor"].as_str().unwrap().to_owned()
}

fn store_is_sound(company: &Sandbox) {
    assert!(company.must(&["check", "--store"]).contains("every case follows from the journal"));
}

#[test]
fn two_debtors_become_one() {
    let company = twice();
    company.pass("2026-10-25");
    company.pass("2026-10-26");
    assert_eq!(company.letters().len(), 2, "one each");
    let to_second = company.last_letter_to("kas@jansenbouw.example");
    let printed = company.must(&["debtor", "K1001", "merge", "k1002"]);
    assert!(printed.starts_with("before K1001") && printed.contains("after  K1001"), "{printed}");
    assert!(printed.contains("C-2026-0500") && printed.contains("2 case(s)"), "{printed}");
    assert_eq!((owner_of(&company, "2026-0412"), owner_of(&company, "2026-0500")), ("K1001".into(), "K1001".into()));
    assert!(company.must(&["debtor", "K1001", "merge", "K1002"]).contains("one debtor already"));
    assert!(company.must(&["debtor", "K1002", "show"]).contains("formerly"));
    store_is_sound(&company);
    // What happened before is still told, also as it stood before.
    let shown = company.must(&["case", "show", "2026-0500"]);
    assert!(shown.contains("invoice 2026-0500 of 60.00") && shown.contains("came from debtor K1002"), "{shown}");
    assert!(company.must(&["case", "show", "2026-0500", "--at", "2026-10-25"]).contains("K1002"));
    // A later invoice of the other is this one's.
    let debtor = Debtor { id: "K1002".into(), ..Debtor::jansen() };
    company.invoice(&invoice_of("2026-0600", debtor));
    // An answer to the letter that the other got holds the one.
    company.answer_letter(&to_second, "kas@jansenbouw.example", "Wij betwisten deze factuur.");
    company.statement("a", "2026-10-27", &[paid(60_00, "2026-0500")]);
    company.pass("2026-10-28");
    assert_eq!(owner_of(&company, "2026-0600"), "K1001");
    assert_eq!(company.state("2026-0412"), "held:dispute");
    assert_eq!(company.state("2026-0500"), "closed:paid");
    store_is_sound(&company);
}

#[test]
fn one_debtor_becomes_two_and_one_again() {
    let company = Sandbox::jansen();
    company.invoice(&Invoice { number: "2026-0500".into(), total: "60.00".into(), ..Invoice::jansen() });
    company.pass("2026-10-26");
    let letter = company.last_letter();
    let printed = company.must(&["debtor", "K1001", "split", "--case", "2026-0500"]);
    assert!(printed.contains("K1001-2"), "{printed}");
    assert_eq!((owner_of(&company, "2026-0412"), owner_of(&company, "2026-0500")), ("K1001".into(), "K1001-2".into()));
    store_is_sound(&company);
    // The letter was about both: the answer may be either's, and both wait.
    company.answer_letter(&letter, "administratie@jansenbouw.example", "Hier klopt niets van.");
    company.pass("2026-10-28");
    assert_eq!((company.state("2026-0412"), company.state("2026-0500")), ("held:answer".into(), "held:answer".into()));
    company.answer("correlation", "K1001-2");
    assert!(company.state("2026-0500").starts_with("held:"), "{}", company.state("2026-0500"));
    assert_eq!(company.state("2026-0412"), "open");
    company.must(&["debtor", "K1001", "merge", "K1001-2"]);
    assert_eq!(owner_of(&company, "2026-0500"), "K1001");
    assert!(company.state("2026-0412").starts_with("held:"), "the most careful of both");
    // What was merged is itself again under its own id.
    company.must(&["debtor", "K1001", "split", "--case", "C-2026-0500", "--as", "K1001-2"]);
    assert_eq!(owner_of(&company, "2026-0500"), "K1001-2");
    store_is_sound(&company);
}

#[test]
fn what_cannot_be_merged_or_split_is_refused() {
    let company = twice();
    company.pass("2026-10-21");
    company.must(&["instalments", "K1002", "--of", "30.00", "--every", "month", "--from", "2026-11-15"]);
    for (arguments, why) in [
        (&["K1001", "merge", "K1002"][..], "end them first"),
        (&["K1002", "split", "--case", "2026-0500"], "end them first"),
        (&["K1001", "split", "--case", "2026-0500"], "has no case C-2026-0500"),
        (&["K1001", "split", "--case", "K1001"], "is a debtor"),
        (&["K1001", "split", "--case", "2026-0412", "--as", "@administration"], "no debtor id"),
        (&["K1001", "split", "--case", "2026-0412", "--as", "K1001"], "already"),
        (&["2026-0412", "merge", "K1002"], "is a case"),
        (&["K1001", "merge", "K9"], "no case, invoice or debtor"),
    ] {
        let all: Vec<&str> = ["debtor"].iter().chain(arguments).copied().collect();
        let output = company.run(&all);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(why), "{arguments:?}: {said}");
    }
    assert_eq!((owner_of(&company, "2026-0412"), owner_of(&company, "2026-0500")), ("K1001".into(), "K1002".into()));
}

const KILLS: u32 = 8;

/// Killed at any moment, a case is in exactly one account.
#[test]
fn killed_while_merging() {
    let company = twice();
    company.pass("2026-10-26");
    let started = Instant::now();
    company.must(&["debtor", "K1001", "show"]);
    let whole = started.elapsed().max(Duration::from_millis(4)) * 2;
    let mut merged = 0;
    for kill in 0..KILLS {
        let split = ["debtor", "K1001", "split", "--case", "2026-0500", "--as", "K1002"];
        let arguments = if kill.is_multiple_of(2) { &["debtor", "K1001", "merge", "K1002"][..] } else { &split };
        let mut child = company.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole * kill / KILLS);
        child.kill().ok();
        child.wait().unwrap();
        let cases = company.cases();
        assert_eq!(cases.len(), 2, "{cases:?}");
        let of_the_other = |case: &&Value| case["case"] == "C-2026-0500";
        merged += usize::from(cases.iter().find(of_the_other).unwrap()["debtor"] == "K1001");
    }
    store_is_sound(&company);
    eprintln!("one debtor after {merged} of {KILLS} kills");
}

fn without_number(number: &str, more: &str) -> String {
    format!(
        "number = \"{number}\"\ndate = 2026-10-01\ndue = 2026-10-31\ncurrency = \"EUR\"\ntotal = \"50.00\"\n[debtor]\n{more}\n"
    )
}

#[test]
fn an_invoice_without_a_customer_number_finds_its_debtor() {
    let company = Sandbox::new();
    let known = "id = \"K1\"\nname = \"Bakkerij Smit B.V.\"\nvat = \"NL001234568B01\"\nkind = \"business\"\n";
    company.put("invoices/a.toml", without_number("F1", &format!("{known}email = \"kas@smit.example\"")));
    company.pass("2026-10-20");
    company.put("invoices/b.toml", without_number("F2", "name = \"Smit\"\nvat = \"NL 0012.34.568.B01\""));
    company.put("invoices/c.toml", without_number("F3", "name = \"Bakkerij Smit BV\"\nemail = \"Kas@smit.example\""));
    company.put("invoices/d.toml", without_number("F4", "name = \"BAKKERIJ  SMIT\""));
    company.put("invoices/e.toml", without_number("F5", "name = \"Puck\"\nemail = \"bo@puck.example\""));
    company.pass("2026-10-21");
    for number in ["F2", "F3", "F4"] {
        assert_eq!(owner_of(&company, number), "K1", "{number}: {:?}", company.questions());
    }
    assert_ne!(owner_of(&company, "F5"), "K1");
    company.pass("2026-10-26");
    assert_eq!(company.letters().len(), 2, "one letter for all four, and one to Puck");
    assert!(company.questions().is_empty(), "{:?}", company.questions());
}

#[test]
fn conflicting_data_is_a_question_and_nobody_is_written_to() {
    let company = Sandbox::jansen();
    company.pass("2026-10-20");
    let moved = Debtor { email: "jansen@elders.example".into(), ..Debtor::jansen() };
    company.invoice(&invoice_of("2026-0500", moved.clone()));
    company.pass("2026-10-26");
    let question = company.question("identity");
    let text = question["text"].as_str().unwrap();
    assert!(text.contains("jansen@elders.example") && text.contains("administratie@jansenbouw.example"), "{text}");
    assert_ne!(owner_of(&company, "2026-0500"), "K1001");
    company.pass("2026-10-27");
    assert!(company.letters().is_empty(), "neither address is certain");
    // A later one with the same contradiction is not asked about again.
    company.invoice(&invoice_of("2026-0501", moved));
    company.pass("2026-10-28");
    assert_eq!(owner_of(&company, "2026-0501"), owner_of(&company, "2026-0500"));
    assert_eq!(company.kinds_asked(), ["identity"]);
    company.answer("identity", "K1001");
    assert_eq!((owner_of(&company, "2026-0500"), owner_of(&company, "2026-0501")), ("K1001".into(), "K1001".into()));
    company.pass("2026-10-29");
    assert_eq!(
        company.last_letter().to,
        "administratie@jansenbouw.example",
        "one letter, to the address that was known"
    );
    assert_eq!(company.letters().len(), 1);
    store_is_sound(&company);
}

#[test]
fn somebody_new_stays_somebody_new() {
    let company = Sandbox::jansen();
    company.pass("2026-10-20");
    let other = Debtor { name: "Visser Zeilen".into(), email: "an@visser.example".into(), ..Debtor::jansen() };
    company.invoice(&invoice_of("2026-0500", other.clone()));
    company.pass("2026-10-21");
    company.answer("identity", "new");
    company.invoice(&invoice_of("2026-0501", other));
    company.invoice(&invoice_of("2026-0413", Debtor::jansen()));
    company.pass("2026-10-26");
    assert_eq!(owner_of(&company, "2026-0501"), owner_of(&company, "2026-0500"));
    assert_eq!(owner_of(&company, "2026-0413"), "K1001");
    let mut to: Vec<String> = company.letters().into_iter().map(|letter| letter.to).collect();
    to.sort();
    assert_eq!(to, ["administratie@jansenbouw.example", "an@visser.example"]);
    assert!(company.questions().is_empty(), "{:?}", company.questions());
}

#[test]
fn the_debtors_section_goes_before_what_an_invoice_says() {
    let own = "[[debtor]]\nid = \"K1001\"\nemail = \"vast@jansen.example\"\n[formal]\n";
    let company = Sandbox::jansen_with(&[("[formal]\n", own)]);
    company.pass("2026-10-20");
    let moved = Debtor { email: "jansen@elders.example".into(), ..Debtor::jansen() };
    company.invoice(&invoice_of("2026-0500", moved));
    company.pass("2026-10-26");
    assert_eq!(owner_of(&company, "2026-0500"), "K1001");
    assert_eq!(company.last_letter().to, "vast@jansen.example");
    assert!(company.questions().is_empty(), "{:?}", company.questions());
}

/// A company whose list of debtors says that K1002 is K1001.
const SAME: (&str, &str) = ("[formal]\n", "[[debtor]]\nid = \"K1002\"\nsame_as = \"K1001\"\n[formal]\n");

fn second(number: &str, more: Debtor) -> Invoice {
    invoice_of(number, Debtor { id: "K1002".into(), ..more })
}

#[test]
fn a_number_that_is_another_debtors_too() {
    let company = Sandbox::jansen_with(&[SAME]);
    let renamed = Debtor { name: "Jansen Noord".into(), email: "noord@jansen.example".into(), ..Debtor::jansen() };
    company.invoice(&second("2026-0500", renamed));
    company.pass("2026-10-21");
    assert_eq!(owner_of(&company, "2026-0500"), "K1001", "the owner's word goes before name and address");
    company.pass("2026-10-26");
    assert_eq!(company.letters().len(), 1, "one letter for both");
    assert_eq!(company.last_letter().to, "administratie@jansenbouw.example");
    assert!(company.questions().is_empty(), "{:?}", company.questions());
    let checked = company.must(&["check"]);
    assert!(checked.contains("K1002 is K1001\n"), "{checked}");
    store_is_sound(&company);
}

/// Also where the one that is named has no invoice yet.
#[test]
fn a_number_comes_before_the_debtor_that_it_is() {
    let company = Sandbox::with(&[SAME]);
    company.invoice(&second("2026-0500", Debtor::jansen()));
    company.pass("2026-10-20");
    assert_eq!(owner_of(&company, "2026-0500"), "K1001");
    company.invoice(&Invoice::jansen());
    company.pass("2026-10-21");
    assert_eq!(owner_of(&company, "2026-0412"), "K1001");
    assert!(company.questions().is_empty(), "{:?}", company.questions());
}

/// The registration of another company speaks louder than a line in the configuration.
#[test]
fn a_number_of_another_company_is_a_question() {
    let company = Sandbox::with(&[SAME]);
    let of = |id: &str, vat: &str| format!("id = \"{id}\"\nname = \"Smit B.V.\"\nvat = \"{vat}\"\nkind = \"business\"");
    company.put("invoices/a.toml", without_number("F1", &of("K1001", "NL001234568B01")));
    company.pass("2026-10-20");
    company.put("invoices/b.toml", without_number("F2", &of("K1002", "NL009876543B01")));
    company.put("invoices/c.toml", without_number("F3", &of("K1002", "NL001234568B01")));
    company.pass("2026-10-21");
    assert_eq!(owner_of(&company, "F3"), "K1001");
    assert_ne!(owner_of(&company, "F2"), "K1001");
    assert!(company.kinds_asked().contains(&"identity".to_owned()), "{:?}", company.questions());
}

#[test]
fn what_a_number_has_already_is_asked_about() {
    let company = twice();
    company.pass("2026-10-20");
    let config = std::fs::read_to_string(company.path("aanmaand.toml")).unwrap();
    company.put("aanmaand.toml", config.replace(SAME.0, SAME.1));
    assert!(company.must(&["check"]).contains("1 open invoice(s) are still of K1002"));
    company.invoice(&second("2026-0600", Debtor::jansen()));
    company.pass("2026-10-26");
    assert_eq!((owner_of(&company, "2026-0500"), owner_of(&company, "2026-0600")), ("K1002".into(), "K1001".into()));
    assert!(company.state("2026-0500").starts_with("held:"), "not written to until it is said");
    assert_eq!(company.kinds_asked(), ["identity"]);
    company.pass("2026-10-27");
    assert_eq!(company.kinds_asked(), ["identity"], "once");
    let letters = company.letters();
    assert!(letters.iter().all(|letter| letter.to == "administratie@jansenbouw.example"), "{letters:?}");
    company.answer("identity", "K1001");
    assert_eq!((owner_of(&company, "2026-0500"), company.state("2026-0500")), ("K1001".into(), "open".into()));
    company.pass("2026-10-28");
    assert!(company.questions().is_empty(), "{:?}", company.questions());
    store_is_sound(&company);
}

/// The owner took the word back: they stay two, and it is not asked again.
#[test]
fn what_a_number_has_already_may_stay_its_own() {
    let company = twice();
    company.pass("2026-10-20");
    let config = std::fs::read_to_string(company.path("aanmaand.toml")).unwrap();
    company.put("aanmaand.toml", config.replace(SAME.0, SAME.1));
    company.pass("2026-10-21");
    company.answer("identity", "new");
    company.pass("2026-10-22");
    assert!(company.questions().is_empty(), "{:?}", company.questions());
    assert_eq!((owner_of(&company, "2026-0500"), company.state("2026-0500")), ("K1002".into(), "open".into()));
}

#[test]
fn an_invoice_of_another_seller_is_refused() {
    let company = Sandbox::new();
    let ubl = super::files::UBL;
    company.put("invoices/vreemd.xml", ubl.replace("12345678", "11223344"));
    company.put("invoices/ook-vreemd.xml", ubl.replace("12345678", "11223344").replace("2026-0500", "2026-0501"));
    company.put("invoices/eigen.xml", ubl.replace("2026-0500", "2026-0502"));
    company.pass("2026-10-20");
    let questions = company.questions();
    let refused: Vec<&Value> = questions.iter().filter(|question| question["kind"] == "quarantine").collect();
    assert_eq!(refused.len(), 2, "{questions:?}");
    assert!(refused[0]["text"].as_str().unwrap().contains("not of us"), "{refused:?}");
    assert_eq!(company.cases().len(), 1);
}

/// The note has no customer number, the invoice has: they meet all the same.
#[test]
fn a_credit_note_before_its_invoice_finds_it_on_another_account() {
    let company = Sandbox::new();
    let note = "number = \"C1\"\nkind = \"credit_note\"\ncorrects = \"2026-0412\"\ndate = 2026-10-02\ncurrency = \"EUR\"\n\
                total = \"1210.00\"\n[debtor]\nname = \"Jansen\"\n";
    company.put("invoices/c1.toml", note);
    company.pass("2026-10-20");
    company.invoice(&Invoice::jansen());
    company.pass("2026-10-21");
    assert_eq!(company.state("2026-0412"), "closed:credited");
    company.pass("2026-11-10");
    assert!(company.letters().is_empty() && company.questions().is_empty(), "{:?}", company.questions());
    store_is_sound(&company);
}

/// The same claim told again, in whatever form and under whatever name, is one claim.
#[test]
fn the_same_invoice_again_is_one_case() {
    let company = Sandbox::new();
    company.put("invoices/a.xml", super::files::UBL);
    company.put("invoices/kopie van a.xml", format!("{}\n", super::files::UBL));
    company.pass("2026-10-20");
    assert_eq!(company.cases().len(), 1);
    assert!(company.questions().is_empty(), "{:?}", company.questions());
    // The number is used again a year later: never silently.
    company.put(
        "invoices/b.xml",
        super::files::UBL.replace("2026-10-01", "2027-10-01").replace("2026-10-31", "2027-10-31"),
    );
    company.pass("2026-10-21");
    assert_eq!(company.kinds_asked(), ["conflict"]);
    assert!(company.state("2026-0500").starts_with("held:"));
}
