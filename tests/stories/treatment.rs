//! What the owner sees and decides about one debtor, and what the law makes known: lapsing claims, long terms, the end
//! of the tables.

use super::sandbox::{Debtor, Invoice, Sandbox};
use serde_json::Value;

fn shown(company: &Sandbox, id: &str) -> Value {
    serde_json::from_str(&company.must(&["debtor", id, "show", "--json"])).expect("JSON")
}

/// What a command that must be refused says.
fn refused(company: &Sandbox, arguments: &[&str]) -> String {
    let output = company.run(arguments);
    assert!(!output.status.success(), "{arguments:?} was not refused");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_debtor_is_shown_with_what_was_decided_when_and_by_whom() {
    let company = Sandbox::jansen();
    company.pass("2026-10-21");
    let before = shown(&company, "2026-0412");
    assert_eq!((&before["debtor"], &before["kind"]), (&"K1001".into(), &"business".into()));
    assert_eq!((&before["ladder"], &before["ladder_from"]), (&"nl-business".into(), &"kind".into()));
    assert_eq!((&before["law"], &before["language"], &before["grace"]), (&"NL".into(), &"nl".into(), &0.into()));
    assert_eq!(before["cases"][0]["invoice"], "2026-0412");
    let printed = company.must(&[
        "debtor",
        "K1001",
        "set",
        "--language",
        "en",
        "--email",
        "kas@jansenbouw.example",
        "--contact",
        "P. de Vries",
        "--grace",
        "14",
        "--minimum",
        "25",
        "--never-dun",
        "false",
        "--claims",
        "false",
        "--reason",
        "afgesproken",
    ]);
    let lines: Vec<&str> = printed.lines().collect();
    assert!(lines[0].starts_with("before") && lines[0].contains("grace 0"), "{printed}");
    assert!(lines[1].starts_with("after") && lines[1].contains("kas@jansenbouw.example"), "{printed}");
    let after = shown(&company, "K1001");
    for (key, value) in [
        ("language", Value::from("en")),
        ("email", "kas@jansenbouw.example".into()),
        ("contact", "P. de Vries".into()),
        ("grace", 14.into()),
        ("minimum", "25.00".into()),
        ("never_dun", false.into()),
        ("claims", false.into()),
    ] {
        assert_eq!(after[key], value, "{key}");
    }
    let decided: Vec<&str> =
        after["decided"].as_array().unwrap().iter().filter_map(|row| row["text"].as_str()).collect();
    assert!(decided.iter().any(|text| text.contains("afgesproken")), "{decided:?}");
    assert!(decided.iter().any(|text| text.contains("grace 14")), "{decided:?}");
    assert!(after["decided"].as_array().unwrap().iter().all(|row| row["by"] == "owner" && row["on"] == "2026-10-21"));
    company.must(&["hold", "K1001", "--reason", "wij praten"]);
    let text = company.must(&["debtor", "K1001", "show"]);
    assert!(text.contains("wij praten") && text.contains("C-2026-0412"), "{text}");
    assert!(company.must(&["debtor", "K1001", "set", "--grace", "14"]).contains("nothing changed"));
    company.must(&["debtor", "K1001", "set", "--clear", "email,grace", "--clear", "claims"]);
    let cleared = shown(&company, "K1001");
    assert_eq!(
        (&cleared["email"], &cleared["grace"], &cleared["claims"]),
        (&"administratie@jansenbouw.example".into(), &0.into(), &true.into())
    );
    assert!(company.must(&["check", "--store"]).contains("every case follows from the journal"));
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let company = Sandbox::jansen();
    for (arguments, why) in [
        (&["--ladder", "nl-busines"][..], "choose nl-business"),
        (&["--language", "xx"], "nl, en"),
        (&["--email", "jansen"], "not a mail address"),
        (&["--email", "debiteuren@voorbeeldbedrijf.example"], "our own"),
        (&["--contact", " "], "no name"),
        (&["--grace=-1"], "0 to 365"),
        (&["--grace", "400"], "0 to 365"),
        (&["--minimum=-5"], "zero or more"),
        (&["--minimum", "veel"], "not an amount"),
        (&["--claims", "misschien"], "true"),
        (&["--grace", "3", "--clear", "grace"], "set and cleared"),
        (&["--clear", "holds"], "ladder"),
        (&["--reason", "zomaar"], "nothing is set"),
    ] {
        let all: Vec<&str> = ["debtor", "K1001", "set"].iter().chain(arguments).copied().collect();
        let said = refused(&company, &all);
        assert!(said.contains(why), "{arguments:?}: {said}");
    }
    assert_eq!(shown(&company, "K1001")["decided"], Value::Array(vec![]));
    let consumer =
        Debtor { id: "K7".into(), kind: "consumer".into(), email: "a@visser.example".into(), ..Debtor::jansen() };
    company.invoice(&Invoice { number: "F7".into(), debtor: consumer, ..Invoice::jansen() });
    company.pass("2026-10-21");
    let said = refused(&company, &["debtor", "K7", "set", "--ladder", "nl-business"]);
    assert!(said.contains("not for consumers") && said.contains("choose nl-consumer"), "{said}");
    company.must(&["debtor", "K7", "set", "--ladder", "nl-consumer"]);
    assert_eq!(shown(&company, "K7")["ladder_from"], "command_line");
}

#[test]
fn grace_and_a_new_address_change_what_is_sent() {
    let company = Sandbox::jansen();
    company.pass("2026-10-26");
    company.must(&["debtor", "K1001", "set", "--grace", "7", "--email", "kas@jansenbouw.example", "--language", "en"]);
    company.pass_until("2026-11-09");
    assert_eq!(company.letters().len(), 1, "the reminder waits a week more");
    company.pass("2026-11-10");
    let letter = company.last_letter();
    assert_eq!((company.letters().len(), letter.to.as_str()), (2, "kas@jansenbouw.example"));
    assert!(letter.text.contains("Dear"), "{}", letter.text);
    // Who writes from the new address is known.
    company.write_to_us("kas@jansenbouw.example", "payment", "We do not agree with this invoice.");
    company.pass("2026-11-11");
    assert_eq!(company.state("2026-0412"), "held:dispute");
}

#[test]
fn a_sum_below_the_minimum_is_no_letter_and_no_line_in_the_digest() {
    let company = Sandbox::jansen();
    company.must(&["debtor", "K1001", "set", "--minimum", "5000"]);
    company.pass_until("2026-11-05");
    assert!(company.letters().is_empty());
    assert!(!company.last_digest().text.contains("Jansen"), "{}", company.last_digest().text);
    let plan = company.must(&["plan"]);
    assert!(plan.contains("less is asked than the minimum of 5000.00"), "{plan}");
    company.must(&["debtor", "K1001", "set", "--clear", "minimum"]);
    company.pass("2026-11-06");
    assert_eq!(company.letters().len(), 1);
}

#[test]
fn a_ladder_that_is_gone_is_told_in_status_check_and_digest() {
    let ladder = "name = \"rustig\"\n[[step]]\nid = \"reminder\"\nkind = \"letter\"\ndays = 20\ndeadline_days = 5\n[[step]]\nid = \"human\"\nkind = \"human\"\ndays = 60\nafter = 8\n";
    let own = [("[formal]", "[ladder]\ngovernment = \"rustig.toml\"\n[formal]")];
    let company = Sandbox::with(&own);
    company.put("rustig.toml", ladder);
    company.invoice(&Invoice::jansen());
    company.pass("2026-10-20");
    company.must(&["debtor", "K1001", "set", "--ladder", "rustig"]);
    assert_eq!(company.case("2026-0412")["next_on"], "2026-11-20");
    let config = std::fs::read_to_string(company.path("aanmaand.toml")).unwrap();
    company.put("aanmaand.toml", config.replace("government = \"rustig.toml\"", ""));
    company.pass("2026-10-21");
    let shown = shown(&company, "K1001");
    assert_eq!((&shown["ladder"], &shown["ladder_from"]), (&"nl-business".into(), &"kind".into()));
    assert!(shown["ladder_refused"].as_str().unwrap().contains("rustig"), "{shown}");
    let told = company.must(&["status"]);
    assert!(told.contains("K1001 volgt de ladder nl-business") && told.contains("rustig"), "{told}");
    assert!(company.last_digest().text.contains("rustig"), "{}", company.last_digest().text);
    let check = company.run(&["check"]);
    assert!(String::from_utf8_lossy(&check.stderr).contains("rustig"), "{check:?}");
}

#[test]
fn the_owner_is_warned_before_a_claim_lapses() {
    let consumer = Debtor { id: "K7".into(), kind: "consumer".into(), ..Debtor::jansen() };
    let company = Sandbox::with(&[("overdue_at_first_sight = \"ask\"", "overdue_at_first_sight = \"ignore\"")]);
    // Two years from 30 April 2025: the half year begins on 30 October 2026.
    let old = Invoice {
        number: "F7".into(),
        date: "2025-04-01".into(),
        due: "2025-04-30".into(),
        debtor: consumer,
        ..Invoice::jansen()
    };
    company.invoice(&old);
    company.pass("2026-10-20");
    assert!(company.state("F7").starts_with("closed"));
    company.pass("2026-11-02");
    assert!(company.questions().is_empty(), "a closed claim cannot lapse");

    let company = Sandbox::new();
    company.invoice(&old);
    company.pass("2026-10-20");
    assert_eq!(company.kinds_asked(), ["overdue_at_first_sight"]);
    let shown: Value = serde_json::from_str(&company.must(&["case", "show", "F7", "--json"])).unwrap();
    assert_eq!(shown["limitation"]["last_day"], "2027-04-30");
    assert_eq!(shown["limitation"]["article"], "art. 7:28 BW");
    company.pass("2026-10-30");
    let question = company.question("limitation");
    assert!(question["text"].as_str().unwrap().contains("2027-04-30"), "{question}");
    assert!(company.last_digest().text.contains("(verjaring, sinds"), "{}", company.last_digest().text);
    company.answer("limitation", "seen");
    company.pass("2026-10-31");
    assert_eq!(company.kinds_asked(), ["overdue_at_first_sight"]);
    assert!(company.must(&["case", "show", "F7"]).contains("lapses after 2027-04-30 (art. 7:28 BW)"));
}

#[test]
fn a_term_that_is_too_long_is_told_and_stops_nothing() {
    let company = Sandbox::new();
    let long = Invoice { date: "2026-07-25".into(), due: "2026-10-31".into(), ..Invoice::jansen() };
    company.invoice(&long);
    company.pass("2026-10-26");
    assert!(company.last_digest().text.contains("119a lid 5"), "{}", company.last_digest().text);
    assert_eq!(company.letters().len(), 1, "it stops nothing");
    assert!(company.must(&["case", "show", "2026-0412"]).contains("119a(5)"));
    company.pass("2026-10-27");
    assert!(!company.last_digest().text.contains("119a lid 5"), "told once");
    let inspect = |company: &Sandbox| {
        let file = company.path("invoices/2026-0412.toml");
        company.must(&["inspect", "invoice", file.to_str().unwrap(), "--json"])
    };
    assert!(inspect(&company).contains("119a(5)"));
    company.put("invoices/2026-0412.toml", long.toml().replace("kind = \"business\"\n", ""));
    assert!(!inspect(&company).contains("119a"), "of whom nothing is known nothing is said");
    company.put("invoices/2026-0412.toml", Invoice::jansen().toml());
    assert!(!inspect(&company).contains("119a"));
}

#[test]
fn the_end_of_the_rates_is_told_with_the_rows_that_are_needed() {
    let company = Sandbox::jansen();
    assert!(!company.must(&["status"]).contains("nl_handel"));
    company.pass("2026-11-02");
    let told = company.must(&["status"]);
    assert!(told.contains("2026-12-31") && told.contains("\"nl_handel,2027-01-01,…\""), "{told}");
    assert!(!told.contains("nl_wettelijk") && !told.contains("be_handel"), "only what is needed: {told}");
    assert!(company.last_digest().text.contains("nl_handel"), "{}", company.last_digest().text);
}

#[test]
fn a_dutch_digest_gives_its_reasons_in_dutch() {
    let company = Sandbox::jansen();
    company.pass("2026-11-03");
    company.answer_letter(
        &company.last_letter(),
        "administratie@jansenbouw.example",
        "Wij betalen op 13 november 2026.",
    );
    company.pass("2026-11-04");
    let digest: String = company.last_digest().text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(digest.contains("aangehouden: betaaltoezegging tot en met 18 november 2026"), "{digest}");
    assert!(!digest.contains("it was sent"), "{digest}");
}
