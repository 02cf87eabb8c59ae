//! What `--json` prints about money keeps its keys: other programs read them.

use super::sandbox::{Line, Sandbox, camt, paid};
use serde_json::Value;

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn assert_keys(value: &Value, promised: &[&str]) {
    let missing: Vec<&&str> = promised.iter().filter(|key| !keys(value).contains(*key)).collect();
    assert!(missing.is_empty(), "{missing:?} are missing in {value}");
}

fn is_amount(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.split_once('.').is_some_and(|(_, cents)| cents.len() == 2))
}

fn is_day(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() == 10 && text.parse::<chrono::NaiveDate>().is_ok())
}

const STATEMENT: [&str; 11] =
    ["file", "format", "account", "id", "sequence", "currency", "opening", "closing", "balanced", "entries", "error"];
const ENTRY: [&str; 10] = [
    "booked",
    "value",
    "amount",
    "counterparty",
    "iban",
    "reference",
    "description",
    "end_to_end",
    "reversal",
    "status",
];
const QUESTION: [&str; 7] = ["question", "kind", "case", "debtor", "text", "choices", "since"];
const NOTICE: [&str; 12] = [
    "bank",
    "kind",
    "amount",
    "currency",
    "booked",
    "counterparty",
    "iban",
    "account",
    "reference_text",
    "invoices",
    "evidence",
    "why",
];

fn lines(company: &Sandbox, arguments: &[&str]) -> Vec<Value> {
    let output = company.run(arguments);
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn of_statements_read_and_not_read() {
    let company = Sandbox::new();
    let whole = camt("a", "2026-11-03", &[paid(121_000, "2026-0412"), paid(-1_250, "kosten")], None);
    company.put("a.xml", &whole);
    company.put("b.sta", "this is no statement");
    let files = ["a.xml", "b.sta"].map(|name| company.path(name).display().to_string());
    let told = lines(&company, &["inspect", "statement", &files[0], &files[1], "--json"]);
    let [good, bad] = &told[..] else { panic!("{told:?}") };
    [good, bad].into_iter().for_each(|line| {
        assert_keys(line, &STATEMENT);
        assert!(line["warnings"].is_array());
    });
    assert_eq!(keys(good), keys(bad).into_iter().filter(|key| *key != "line").collect::<Vec<_>>());
    assert!(is_amount(&good["opening"]) && is_amount(&good["closing"]), "{good}");
    assert_eq!((&good["format"], &good["balanced"]), (&"camt.053".into(), &true.into()));
    let entries = good["entries"].as_array().unwrap();
    entries.iter().for_each(|entry| assert_keys(entry, &ENTRY));
    assert_eq!((entries[1]["amount"].as_str(), entries[1]["status"].as_str()), (Some("-12.50"), Some("BOOK")));
    assert!(is_day(&entries[0]["booked"]) && entries[0]["reversal"] == false, "{}", entries[0]);
    assert!(good["error"].is_null() && bad["error"].is_string() && bad["format"].is_null(), "{bad}");
    assert_eq!(company.run(&["inspect", "statement", &files[1]]).status.code(), Some(1), "a finding");
}

#[test]
fn of_statements_taken_in_by_hand() {
    let company = Sandbox::jansen();
    company.pass("2026-10-26");
    company.put("a.xml", camt("a", "2026-10-26", &[paid(121_000, "2026-0412")], None));
    company.put("b.xml", camt("b", "2026-10-26", &[paid(121_000, "2026-0412")], Some(5)));
    let files = ["a.xml", "b.xml", "missing.xml"].map(|name| company.path(name).display().to_string());
    let told = lines(&company, &["statements", &files[0], &files[1], &files[2], "--json"]);
    let said: Vec<&str> = told.iter().map(|line| line["disposition"].as_str().unwrap()).collect();
    assert_eq!(said, ["applied", "quarantined", "refused"], "one that is refused does not stop the others");
    told.iter().for_each(|line| assert_keys(line, &["file", "disposition", "text"]));
    assert_eq!(company.state("2026-0412"), "closed:paid");
    let again = company.run(&["statements", &files[0], "--json"]);
    assert!(String::from_utf8_lossy(&again.stdout).contains("2026") || again.status.success(), "{again:?}");
    assert_eq!(company.case("2026-0412")["open"], "0.00", "once");
}

#[test]
fn of_questions_with_and_without_a_debtor() {
    let company = Sandbox::jansen();
    company.pass("2026-10-26");
    let stranger = Line { cents: 4_321, name: "Q. Onbekend", text: "voor de taart".into() };
    company.statement("a", "2026-10-26", &[paid(121_000, "voor het werk"), stranger]);
    company.pass("2026-10-27");
    let asked = company.questions();
    assert_eq!(asked.len(), 2, "{asked:?}");
    asked.iter().for_each(|question| {
        assert_keys(question, &QUESTION);
        assert!(is_day(&question["since"]) && question["text"].is_string(), "{question}");
        assert!(question["choices"].as_array().unwrap().iter().all(Value::is_string), "{question}");
    });
    let of = |cents: &str| asked.iter().find(|question| question["text"].as_str().unwrap().contains(cents)).unwrap();
    assert_eq!(of("1210.00")["debtor"], "K1001");
    assert!(of("1210.00")["case"].is_string());
    assert_eq!((&of("43.21")["debtor"], &of("43.21")["case"]), (&Value::Null, &Value::Null));
    let wrong = company.run(&["answer", of("43.21")["question"].as_str().unwrap(), "paid"]);
    assert_ne!(wrong.status.code(), Some(0));
    company.must(&["answer", of("43.21")["question"].as_str().unwrap(), "ignore"]);
    assert_eq!(company.questions().len(), 1);
}

#[test]
fn of_a_notice() {
    let company = Sandbox::new();
    company.put(
        "a.eml",
        "From: Rabobank <alert@rabobank.nl>\nTo: wij@bedrijf.example\nSubject: Bijschrijving\nDate: Fri, 20 Nov 2026 10:00:00 +0100\n\
         Message-ID: <1@rabobank.nl>\n\nEr is geld bijgeschreven op uw rekening eindigend op 300.\n\nNaam: Jansen Bouw B.V.\n\
         Tegenrekening: NL69 INGB 0123 4567 89\nBedrag: € 1.210,00\nOmschrijving: 2026-0412\nBoekdatum: 19-11-2026\n",
    );
    let told = lines(&company, &["inspect", "mail", &company.path("a.eml").display().to_string(), "--json"]);
    let notice = &told[0]["notice"];
    assert_keys(notice, &NOTICE);
    assert!(is_amount(&notice["amount"]) && is_day(&notice["booked"]), "{notice}");
    assert_eq!((notice["evidence"].as_str(), notice["account"].as_str()), (Some("E0"), Some("…300")));
    assert_eq!(notice["iban"], "NL69INGB0123456789");
}
