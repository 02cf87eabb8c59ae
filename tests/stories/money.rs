//! What statements do. Exact closes, part reduces, all else is asked.

use super::sandbox::{Invoice, Line, Sandbox, camt, paid};

/// Jansen at 4 November, with the reminder of the day before.
fn reminded() -> Sandbox {
    let company = Sandbox::jansen();
    for date in ["2026-10-26", "2026-11-03"] {
        company.pass(date);
    }
    company
}

#[test]
fn the_exact_amount_closes() {
    let company = reminded();
    company.statement("a", "2026-11-03", &[paid(121_000, "Betaling factuur 2026-0412")]);
    company.pass("2026-11-10");
    company.pass("2026-11-24");
    assert_eq!(company.state("2026-0412"), "closed:paid");
    assert_eq!(company.letters().len(), 2);
    assert!(company.questions().is_empty());
    let told = company.digests().into_iter().find(|digest| digest.day == "2026-11-10").unwrap();
    assert!(told.text.contains("2026-0412") && told.text.contains("1.210,00"), "{}", told.text);
}

#[test]
fn a_part_reduces_and_pauses_three_days() {
    let company = reminded();
    company.statement("a", "2026-11-09", &[paid(50_000, "2026-0412 deel")]);
    company.pass("2026-11-10");
    let case = company.case("2026-0412");
    assert_eq!((case["open"].as_str(), case["hold"].as_str()), (Some("710.00"), Some("part_payment")));
    assert_eq!(case["hold_until"], "2026-11-13");
    company.pass("2026-11-13");
    assert_eq!(company.letters().len(), 2);
    company.pass("2026-11-16");
    assert_eq!(company.letters().len(), 3);
    assert!(company.last_letter().text.contains("€ 710,00"), "{}", company.last_letter().text);
}

#[test]
fn too_much_is_asked() {
    let company = reminded();
    company.statement("a", "2026-11-03", &[paid(130_000, "2026-0412")]);
    company.pass("2026-11-04");
    company.question("unmatched_payment");
    company.pass("2026-11-10");
    company.pass("2026-11-24");
    assert_eq!(company.letters().len(), 2, "nobody who paid too much is dunned");
}

#[test]
fn a_strangers_money_is_asked_and_pauses_nobody() {
    let company = reminded();
    company.statement("a", "2026-11-03", &[Line { cents: 4_321, name: "Q. Onbekend", text: "voor de taart".into() }]);
    company.pass("2026-11-04");
    company.question("unmatched_payment");
    assert_eq!(company.state("2026-0412"), "open");
    company.pass("2026-11-10");
    assert_eq!(company.letters().len(), 3);
}

#[test]
fn our_own_payments_are_no_business_of_a_debtor() {
    let company = reminded();
    company.statement("a", "2026-11-03", &[paid(-121_000, "2026-0412")]);
    company.pass("2026-11-04");
    assert_eq!(company.state("2026-0412"), "open");
    assert!(company.questions().is_empty());
}

#[test]
fn a_statement_that_does_not_balance_is_refused() {
    let company = reminded();
    company.put("statements/a.xml", camt("a", "2026-11-03", &[paid(121_000, "2026-0412")], Some(5)));
    company.pass("2026-11-04");
    assert!(company.question("quarantine")["text"].as_str().unwrap().contains("a.xml"));
    assert_eq!(company.state("2026-0412"), "open");
}

#[test]
fn a_statement_of_another_account_is_refused() {
    let company = reminded();
    let whole = camt("a", "2026-11-03", &[paid(121_000, "2026-0412")], None);
    company.put("statements/a.xml", whole.replace(super::sandbox::OUR_IBAN, "NL20INGB0001234567"));
    company.pass("2026-11-04");
    assert!(company.question("quarantine")["text"].as_str().unwrap().contains("company.iban"));
    assert_eq!(company.state("2026-0412"), "open");
}

#[test]
fn a_truncated_statement_waits_a_day_and_is_then_asked_about() {
    let company = reminded();
    let whole = camt("a", "2026-11-03", &[paid(121_000, "2026-0412")], None);
    company.put("statements/a.xml", &whole[..whole.len() / 2]);
    company.pass("2026-11-04");
    assert!(company.questions().is_empty());
    company.pass_at("2026-11-05T11:00");
    company.question("quarantine");
    assert_eq!(company.state("2026-0412"), "open");
    // The rest arrives after all.
    company.put("statements/a.xml", &whole);
    company.pass_at("2026-11-05T12:00");
    assert_eq!(company.state("2026-0412"), "closed:paid");
}

#[test]
fn a_half_written_statement_that_is_completed_in_time_is_never_asked_about() {
    let company = reminded();
    let whole = camt("a", "2026-11-03", &[paid(121_000, "2026-0412")], None);
    for end in [0, 300, whole.len() - 8] {
        company.put("statements/a.xml", &whole[..end]);
        company.pass_at("2026-11-04T10:00");
        assert_eq!(company.state("2026-0412"), "open");
    }
    company.put("statements/a.xml", &whole);
    company.pass_at("2026-11-04T12:00");
    assert_eq!(company.state("2026-0412"), "closed:paid");
    assert!(company.questions().is_empty());
}

#[test]
fn the_same_money_in_two_files_counts_once() {
    let company = reminded();
    let part = [paid(50_000, "2026-0412")];
    company.statement("a", "2026-11-03", &part);
    company.put("statements/kopie.xml", camt("a", "2026-11-03", &part, None));
    company.pass("2026-11-04");
    company.statement("b", "2026-11-03", &part);
    company.pass("2026-11-05");
    assert_eq!(company.case("2026-0412")["open"], "710.00");
}

#[test]
fn two_equal_payments_on_one_day_are_two() {
    let company = reminded();
    company.statement("a", "2026-11-03", &[paid(50_000, "2026-0412"), paid(50_000, "2026-0412")]);
    company.pass("2026-11-04");
    assert_eq!(company.case("2026-0412")["open"], "210.00");
}

#[test]
fn one_payment_for_two_invoices_closes_both() {
    let company = Sandbox::jansen();
    company.invoice(&Invoice {
        number: "2026-0413".into(),
        total: "90.00".into(),
        more: String::new(),
        ..Invoice::jansen()
    });
    company.pass("2026-10-26");
    company.statement("a", "2026-10-26", &[paid(130_000, "facturen 2026-0412 en 2026-0413")]);
    company.pass("2026-10-27");
    assert_eq!(company.state("2026-0412"), "closed:paid");
    assert_eq!(company.state("2026-0413"), "closed:paid");
}

#[test]
fn money_that_the_bank_took_back_opens_the_case_again() {
    let company = reminded();
    company.statement("a", "2026-11-03", &[paid(121_000, "2026-0412")]);
    company.pass("2026-11-04");
    let back = camt("b", "2026-11-04", &[paid(-121_000, "storno 2026-0412")], None);
    company.put("statements/b.xml", back.replace("</CdtDbtInd><Sts>", "</CdtDbtInd><RvslInd>true</RvslInd><Sts>"));
    company.pass("2026-11-05");
    company.question("reversal");
    assert!(company.state("2026-0412").starts_with("held"), "{}", company.state("2026-0412"));
}

#[test]
fn a_payment_by_reference_before_its_invoice_is_known_is_asked() {
    let company = Sandbox::new();
    company.statement("a", "2026-10-19", &[paid(121_000, "2026-0412")]);
    company.pass("2026-10-20");
    company.question("unmatched_payment");
}

#[test]
fn money_that_is_left_over_is_told_with_its_age_until_it_is_given_back() {
    let company = reminded();
    company.statement("a", "2026-11-03", &[paid(130_000, "2026-0412")]);
    company.pass("2026-11-04");
    let case = company.case("2026-0412")["case"].as_str().unwrap().to_owned();
    company.answer("unmatched_payment", &case);
    assert_eq!(company.state("2026-0412"), "closed:paid");
    for (on, days) in [("2026-11-05", 2), ("2026-11-10", 7)] {
        company.pass(on);
        let told = company.last_digest();
        assert_eq!(told.day, on);
        // Its age is that of the money, not of the question.
        let text = told.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let age = format!("geboekt op 3 november 2026, {days} dagen geleden): ");
        assert!(text.contains(&age) && text.contains("90.00 EUR"), "{text}");
        let status = &company.json("status")[0]["left_over"];
        assert_eq!(status[0]["sum"], "90.00", "{status}");
        assert_eq!(status[0]["days"], days, "{status}");
    }
    company.statement("b", "2026-11-11", &[paid(-9_000, "terug te veel betaald")]);
    company.pass("2026-11-12");
    assert!(company.questions().is_empty(), "{:?}", company.questions());
    assert!(!company.last_digest().text.contains("90.00"), "{}", company.last_digest().text);
}

#[test]
fn the_owner_can_place_a_payment() {
    let company = reminded();
    company.statement("a", "2026-11-03", &[paid(121_000, "voor het schilderwerk")]);
    company.pass("2026-11-04");
    let question = company.question("unmatched_payment");
    let case = company.case("2026-0412")["case"].as_str().unwrap().to_owned();
    assert!(question["choices"].as_array().unwrap().iter().any(|choice| *choice == *case), "{question}");
    company.answer("unmatched_payment", &case);
    assert_eq!(company.state("2026-0412"), "closed:paid");
    assert!(company.questions().is_empty());
}
