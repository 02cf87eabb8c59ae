//! Mails that say they are the bank's. A proven one closes; a forged one pauses one case for a week at most, once.

use super::sandbox::{Sandbox, US, paid};
use serde_json::Value;

const PASS: &str = "Authentication-Results: mx.voorbeeldbedrijf.example; dkim=pass header.d=rabobank.nl; dmarc=pass header.from=rabobank.nl\n";
const FROM: &str = "From: Rabobank <alert@rabobank.nl>\n";

fn reminded() -> Sandbox {
    reminded_with(&[])
}

fn reminded_with(changes: &[(&str, &str)]) -> Sandbox {
    let company = Sandbox::jansen_with(changes);
    for date in ["2026-10-26", "2026-11-03"] {
        company.pass(date);
    }
    company
}

/// A notice of a credit, as this bank writes them, with these headers above its own.
fn notice(company: &Sandbox, results: &str, from: &str, amount: &str) -> String {
    format!(
        "{results}Received: from mail.rabobank.nl (mail.rabobank.nl [192.0.2.7]) by mx.voorbeeldbedrijf.example with ESMTPS; {date}\n\
         {from}To: {US}\nSubject: Bijschrijving\nDate: {date}\nMessage-ID: <bij-{amount}@rabobank.nl>\n\
         Content-Type: text/plain; charset=utf-8\n\nEr is geld op uw rekening NL91 ABNA 0417 1643 00 bijgeschreven.\n\n\
         Rekening: NL91ABNA0417164300\nTegenrekening: NL69 INGB 0123 4567 89\nNaam: Jansen Bouw B.V.\nBedrag: € {amount}\n\
         Omschrijving: 2026-0412\nBoekdatum: 03-11-2026\n",
        date = company.mail_date()
    )
}

#[test]
fn a_proven_notice_closes() {
    let company = reminded();
    company.mail(notice(&company, PASS, FROM, "1.210,00"));
    company.pass("2026-11-04");
    assert_eq!(company.state("2026-0412"), "closed:paid");
    let told = company.must(&["case", "show", "2026-0412"]);
    assert!(told.contains("(E1): "), "{told}");
    company.pass_until("2026-11-12");
    assert_eq!(company.letters().len(), 2);
}

#[test]
fn a_proven_notice_that_is_not_understood_pauses() {
    for (line, held) in [("Omschrijving: 2026-0412", true), ("Omschrijving: huur", false)] {
        let company = reminded();
        let unclear = notice(&company, PASS, FROM, "1.210,00").replace("Bedrag: €", "Bedrag: € 9,00\nBedrag: €");
        company.mail(unclear.replace("Omschrijving: 2026-0412", line));
        company.pass("2026-11-04");
        let case = company.case("2026-0412");
        assert_eq!(case["hold"] == "untrusted_notice", held, "{line}: {case}");
        assert_eq!(case["open"], "1210.00", "{line}");
    }
}

#[test]
fn a_proven_notice_and_the_statement_after_it_count_once() {
    let company = reminded();
    company.mail(notice(&company, PASS, FROM, "500,00"));
    company.pass("2026-11-04");
    assert_eq!(company.case("2026-0412")["open"], "710.00");
    company.statement("a", "2026-11-04", &[paid(50_000, "2026-0412")]);
    company.pass("2026-11-05");
    assert_eq!(company.case("2026-0412")["open"], "710.00");
    assert!(company.questions().is_empty(), "{:?}", company.questions());
}

#[test]
fn a_notice_after_its_statement_counts_once() {
    let company = reminded();
    company.statement("a", "2026-11-03", &[paid(50_000, "2026-0412")]);
    company.pass("2026-11-04");
    company.mail(notice(&company, PASS, FROM, "500,00"));
    company.pass("2026-11-05");
    assert_eq!(company.case("2026-0412")["open"], "710.00");
}

#[test]
fn a_notice_above_close_max_is_asked() {
    let company = reminded_with(&[("close_max = \"2500.00\"", "close_max = \"1000.00\"")]);
    company.mail(notice(&company, PASS, FROM, "1.210,00"));
    company.pass("2026-11-04");
    company.question("unmatched_payment");
    assert!(company.state("2026-0412").starts_with("held"), "{}", company.state("2026-0412"));
}

#[test]
fn a_notice_that_never_comes_on_the_statement_opens_the_case_again() {
    let company = reminded_with(&[("freshness = \"none\"", "freshness = \"statements\"")]);
    company.mail(notice(&company, PASS, FROM, "1.210,00"));
    company.pass("2026-11-04");
    assert_eq!(company.state("2026-0412"), "closed:paid");
    company.pass_with_bank_until("2026-11-11");
    company.question("unconfirmed_payment");
    assert!(company.state("2026-0412").starts_with("held"), "{}", company.state("2026-0412"));
}

#[test]
fn a_replayed_notice_counts_once() {
    let company = reminded();
    let raw = notice(&company, PASS, FROM, "500,00");
    company.mail(&raw);
    company.mail(format!("X-Again: 1\n{raw}"));
    company.pass("2026-11-04");
    assert_eq!(company.case("2026-0412")["open"], "710.00");
}

/// Each forgery by its name: what stands above the mail's own headers, and its From.
fn forgeries() -> Vec<(&'static str, String, String)> {
    let own = |results: &str, from: &str| (results.to_owned(), from.to_owned());
    let fail = PASS.replace("dmarc=pass", "dmarc=fail");
    let other_id = PASS.replace("mx.voorbeeldbedrijf.example", "mx.rabobank.nl");
    let below = format!(
        "Received: from boef.example (boef.example [192.0.2.66]) by mx.voorbeeldbedrijf.example; Wed, 4 Nov 2026 07:00:00 +0100\n{PASS}"
    );
    let look_alike = PASS.replace("rabobank.nl", "rab0bank-alerts.example");
    [
        ("no results", own("", FROM)),
        ("results of another server", own(&other_id, FROM)),
        ("results below a hop", own(&below, FROM)),
        ("two results", own(&format!("{fail}{PASS}"), FROM)),
        ("dmarc failed", own(&fail, FROM)),
        ("passed for another domain", own(&PASS.replace("header.from=rabobank.nl", "header.from=boef.example"), FROM)),
        ("a look-alike domain", own(&look_alike, "From: Rabobank <alert@rab0bank-alerts.example>\n")),
        ("a subdomain that is nobody's", own(&PASS.replace("rabobank.nl", "boef.rabobank.nl"), "From: Rabobank <alert@boef.rabobank.nl>\n")),
        ("two From headers", own(PASS, &format!("From: boef@boef.example\n{FROM}"))),
        ("a group as From", own(PASS, "From: Rabobank: alert@rabobank.nl;\n")),
        ("two addresses in From", own(PASS, "From: alert@rabobank.nl, boef@boef.example\n")),
        ("the bank in the display name", own(&PASS.replace("rabobank.nl", "boef.example"), "From: \"Rabobank <alert@rabobank.nl>\" <x@boef.example>\n")),
        ("only dkim", own("Authentication-Results: mx.voorbeeldbedrijf.example; dkim=pass header.d=rabobank.nl\n", FROM)),
        ("pass in a comment", own("Authentication-Results: mx.voorbeeldbedrijf.example; dmarc=none (dmarc=pass) header.from=rabobank.nl\n", FROM)),
    ]
    .into_iter()
    .map(|(name, (results, from))| (name, results, from))
    .collect()
}

#[test]
fn a_forged_notice_never_closes() {
    let forgeries = forgeries();
    let company = Sandbox::reminded(forgeries.len() as u32);
    for (number, (_, results, from)) in (1..).zip(&forgeries) {
        let raw = notice(&company, results, from, "1.210,00");
        company.mail(raw.replace("2026-0412", &format!("F-{number}")).replace("<bij-", &format!("<bij-{number}-")));
    }
    company.pass("2026-11-04");
    for (number, (name, ..)) in (1..).zip(&forgeries) {
        let case = company.case(&format!("F-{number}"));
        assert_ne!(case["state"], "closed", "{name}");
        assert_eq!(case["open"], "1210.00", "{name}");
        if case["state"] == "held" && case["hold"] == "untrusted_notice" {
            assert!(case["hold_until"].as_str().is_some_and(|until| until <= "2026-11-11"), "{name}: {case}");
        }
    }
}

#[test]
fn forged_notices_pause_one_case_for_a_week_once() {
    let company = reminded();
    for (at, date) in ["2026-11-04", "2026-11-06", "2026-11-09", "2026-11-11", "2026-11-12"].iter().enumerate() {
        company.mail(notice(&company, "", FROM, &format!("1.210,0{at}")));
        company.pass(date);
    }
    // The second reminder was due on 10 November.
    assert_eq!(company.days_sent()[2..], ["2026-11-12"]);
    assert_eq!(company.case("2026-0412")["open"], "1210.00");
}

#[test]
fn a_bank_that_the_owner_did_not_name_is_not_believed() {
    let company = reminded_with(&[("banks = [\"rabobank\"]", "banks = [\"ing\"]")]);
    company.mail(notice(&company, PASS, FROM, "1.210,00"));
    company.pass("2026-11-04");
    assert_ne!(company.case("2026-0412")["state"], "closed");
}

/// The account that the bank prints, as another one: whole, or its last digits.
fn of_account(notice: &str, written: &str) -> String {
    notice
        .replace(
            "op uw rekening NL91 ABNA 0417 1643 00 bijgeschreven",
            &format!("op uw rekening {written} bijgeschreven"),
        )
        .replace("Rekening: NL91ABNA0417164300\n", "")
}

#[test]
fn a_notice_of_an_account_that_is_not_ours_closes_nothing() {
    for written in ["NL20INGB0001234567", "eindigend op 567", "***4567"] {
        let company = reminded();
        company.mail(of_account(&notice(&company, PASS, FROM, "1.210,00"), written));
        company.pass("2026-11-04");
        assert_eq!(company.state("2026-0412"), "held:unclear_payment", "{written}");
        let asked = company.question("unmatched_payment");
        assert!(asked["text"].as_str().unwrap().contains("company.iban"), "{asked}");
        company.answer("unmatched_payment", "ignore");
        assert_eq!(company.state("2026-0412"), "open");
    }
}

#[test]
fn a_notice_that_prints_the_end_of_our_account_closes() {
    let company = reminded();
    company.mail(of_account(&notice(&company, PASS, FROM, "1.210,00"), "eindigend op 300"));
    company.pass("2026-11-04");
    assert_eq!(company.state("2026-0412"), "closed:paid");
}

/// A mail may be misread; our own account is learned as nobody's.
#[test]
fn our_own_account_is_nobody_elses() {
    let company = reminded();
    let ours = "Rekening tegenpartij: NL91ABNA0417164300\n";
    let notice = notice(&company, PASS, FROM, "1.210,00").replace(" op uw rekening NL91 ABNA 0417 1643 00", "");
    company.mail(notice.replace("Rekening: NL91ABNA0417164300\nTegenrekening: NL69 INGB 0123 4567 89\n", ours));
    company.pass("2026-11-04");
    assert_eq!(company.state("2026-0412"), "closed:paid");
    let told: Value = serde_json::from_str(&company.must(&["case", "show", "2026-0412", "--json"])).unwrap();
    let payment = &told["payments"][0];
    assert_eq!((&payment["amount"], &payment["iban"]), (&"1210.00".into(), &Value::Null), "{told}");
}

#[test]
fn what_a_stranger_pays_on_another_account_is_not_asked() {
    let company = reminded();
    let notice = of_account(&notice(&company, PASS, FROM, "17,00"), "NL20INGB0001234567");
    company.mail(
        notice.replace("Naam: Jansen Bouw B.V.", "Naam: Oma").replace("Omschrijving: 2026-0412", "Omschrijving: taart"),
    );
    company.pass("2026-11-04");
    assert!(company.questions().is_empty(), "{:?}", company.questions());
    assert_eq!(company.state("2026-0412"), "open");
}

#[test]
fn a_reversal_on_another_account_opens_no_case() {
    let company = reminded();
    company.statement("a", "2026-11-03", &[paid(121_000, "2026-0412")]);
    company.pass("2026-11-04");
    let credit = of_account(&notice(&company, PASS, FROM, "1.210,00"), "NL20INGB0001234567");
    company.mail(
        credit
            .replace("Subject: Bijschrijving", "Subject: Storno")
            .replace("Er is geld", "Gestorneerd: er is geld")
            .replace("bijgeschreven", "afgeschreven"),
    );
    company.pass("2026-11-05");
    assert_eq!(company.state("2026-0412"), "closed:paid");
}

/// The profile that the README shows, tried with `inspect` and then at work: no line of code.
#[test]
fn an_owners_own_bank_profile() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let blocks = readme.split("```toml\n").skip(1).filter_map(|rest| rest.split_once("```"));
    let profile = blocks.map(|(block, _)| block).find(|block| block.contains("voorbeeldbank")).unwrap();
    let company = reminded();
    std::fs::create_dir(company.path("banks")).unwrap();
    company.put("banks/voorbeeldbank.toml", profile);
    let config = std::fs::read_to_string(company.path("aanmaand.toml")).unwrap();
    let config = config.replace("banks = [\"rabobank\"]", "banks = [\"voorbeeldbank\"]");
    company.put("aanmaand.toml", format!("{config}\n[folders]\nbanks = \"banks\"\n"));
    let mail = format!(
        "Authentication-Results: mx.voorbeeldbedrijf.example; dmarc=pass header.from=meldingen.voorbeeldbank.example\n\
         Received: from mx.voorbeeldbank.example by mx.voorbeeldbedrijf.example with ESMTPS; {date}\n\
         From: Voorbeeldbank <alert@meldingen.voorbeeldbank.example>\nTo: {US}\nSubject: Uw rekening\nDate: {date}\n\
         Message-ID: <1@voorbeeldbank.example>\nContent-Type: text/plain; charset=utf-8\n\n\
         Wij schreven € 1.210,00 bij voor Jansen Bouw.\n\nTekst van de betaler: 2026-0412 € 9.999,00\n",
        date = company.mail_date()
    );
    company.put("mail.eml", &mail);
    let [file, banks] = ["mail.eml", "banks"].map(|name| company.path(name).display().to_string());
    let told = |arguments: &[&str]| -> serde_json::Value {
        serde_json::from_str(&company.must(&[&["inspect", "mail", &file, "--json"], arguments].concat())).unwrap()
    };
    assert!(told(&[])["notice"].is_null(), "nobody knows this bank");
    let notice = &told(&["--banks", &banks])["notice"];
    assert_eq!((notice["kind"].as_str(), notice["amount"].as_str()), (Some("credit"), Some("1210.00")), "{notice}");
    assert_eq!(
        (notice["bank"].as_str(), notice["counterparty"].as_str()),
        (Some("voorbeeldbank"), Some("Jansen Bouw"))
    );
    assert_eq!(notice["reference_text"], "2026-0412 € 9.999,00");
    company.mail(mail);
    company.pass("2026-11-04");
    assert_eq!(company.state("2026-0412"), "closed:paid");
    company.put("banks/voorbeeldbank.toml", profile.replace("id =", "naam ="));
    let wrong = company.run(&["inspect", "mail", &file, "--banks", &banks]);
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(wrong.status.code() == Some(78) && said.contains("voorbeeldbank.toml:1"), "{said}");
}
