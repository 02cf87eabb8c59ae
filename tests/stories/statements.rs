//! Statements in all formats, twice, late, missing and by mail: each movement counts once, and what is missing is seen.

use super::sandbox::{OUR_IBAN, Sandbox, US, camt, paid};
use serde_json::Value;

fn reminded() -> Sandbox {
    reminded_with(&[])
}

/// With formal letters that wait for statements.
fn asking_bank_data() -> Sandbox {
    reminded_with(&[("freshness = \"none\"", "freshness = \"statements\"")])
}

fn reminded_with(changes: &[(&str, &str)]) -> Sandbox {
    let company = Sandbox::jansen_with(changes);
    for date in ["2026-10-26", "2026-11-03"] {
        company.pass(date);
    }
    company
}

fn cents(amount: i64) -> String {
    format!("{},{:02}", amount / 100, amount % 100)
}

/// A day's MT940 with one payment in.
fn mt940(on: &str, opening: i64, paid: i64, text: &str) -> String {
    let day = on[2..].replace('-', "");
    format!(
        "{{1:F01ABNANL2AXXX0000000000}}{{2:I940ABNANL2AXXXN}}{{4:\r\n:20:ABN AMRO BANK NV\r\n:25:{OUR_IBAN}\r\n:28C:{}/1\r\n\
         :60F:C{day}EUR{}\r\n:61:{day}{}C{}N654NONREF\r\n:86:/TRTP/SEPA OVERBOEKING/IBAN/NL69INGB0123456789/BIC/INGBNL2A\
         /NAME/JANSEN BOUW B.V.\r\n/REMI/{text}/EREF/NOTPROVIDED\r\n:62F:C{day}EUR{}\r\n-}}\r\n",
        &on[8..],
        cents(opening),
        &day[2..],
        cents(paid),
        cents(opening + paid)
    )
}

fn status(company: &Sandbox) -> Value {
    serde_json::from_str(&company.must(&["status", "--json"])).unwrap()
}

#[test]
fn an_mt940_statement_closes() {
    let company = reminded();
    company.put("statements/a.sta", mt940("2026-11-03", 10_000_000, 121_000, "FACTUUR 2026-0412"));
    company.pass("2026-11-04");
    assert_eq!(company.state("2026-0412"), "closed:paid");
    assert!(company.questions().is_empty(), "{:?}", company.questions());
}

#[test]
fn camt_and_mt940_of_one_day_count_once() {
    for camt_first in [true, false] {
        let company = reminded();
        let swift = mt940("2026-11-03", 10_000_000, 50_000, "2026-0412");
        let files = [("a.xml", camt("a", "2026-11-03", &[paid(50_000, "2026-0412")], None)), ("b.sta", swift)];
        let order = if camt_first { [0, 1] } else { [1, 0] };
        for (at, date) in order.into_iter().zip(["2026-11-04", "2026-11-05"]) {
            company.put(&format!("statements/{}", files[at].0), &files[at].1);
            company.pass(date);
        }
        assert_eq!(company.case("2026-0412")["open"], "710.00");
        assert!(company.questions().is_empty(), "{:?}", company.questions());
    }
}

#[test]
fn a_notification_announces_and_the_statement_confirms() {
    let company = reminded();
    let lines = [paid(50_000, "2026-0412")];
    let statement = camt("a", "2026-11-03", &lines, None);
    let without_balances: String = {
        let (head, rest) = statement.split_once("<Bal>").unwrap();
        format!("{head}{}", &rest[rest.rfind("</Bal>").unwrap() + 6..])
    };
    let notification = without_balances
        .replace("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn")
        .replace("Stmt>", "Ntfctn>")
        .replace("053", "054");
    company.put("statements/n.xml", notification);
    company.pass("2026-11-04");
    assert_eq!(company.case("2026-0412")["open"], "710.00", "{:?}", company.questions());
    company.put("statements/s.xml", &statement);
    company.pass("2026-11-05");
    assert_eq!(company.case("2026-0412")["open"], "710.00");
    company.pass_with_bank_until("2026-11-20");
    assert_eq!(company.case("2026-0412")["open"], "710.00", "it was confirmed: nothing opens again");
    assert!(!company.kinds_asked().iter().any(|kind| kind == "unconfirmed_payment"), "{:?}", company.questions());
}

#[test]
fn a_missing_statement_is_seen_and_bank_data_ends_before_it() {
    let company = asking_bank_data();
    company.put("statements/3.sta", mt940("2026-11-03", 10_000_000, 100, "X"));
    company.put("statements/5.sta", mt940("2026-11-05", 10_050_100, 100, "Y"));
    company.pass("2026-11-06");
    let asked = company.question("statement_gap");
    assert!(asked["text"].as_str().is_some_and(|text| text.contains("nr. 03 → 05")), "{asked}");
    assert_eq!(status(&company)["bank_data_until"], "2026-11-03");
    assert!(status(&company)["warnings"].to_string().contains("ontbreekt een bankafschrift"));
    assert!(company.last_digest().text.contains("ontbreekt een bankafschrift"), "{}", company.last_digest().text);
    // It comes after all, with the payment in it.
    company.put("statements/4.sta", mt940("2026-11-04", 10_000_100, 50_000, "2026-0412"));
    company.pass("2026-11-07");
    assert!(!company.kinds_asked().iter().any(|kind| kind == "statement_gap"), "{:?}", company.questions());
    assert_eq!(status(&company)["bank_data_until"], "2026-11-05");
    assert_eq!(company.case("2026-0412")["open"], "710.00");
}

#[test]
fn the_owner_may_say_that_nothing_is_missing() {
    let company = asking_bank_data();
    company.put("statements/3.sta", mt940("2026-11-03", 10_000_000, 100, "X"));
    company.put("statements/5.sta", mt940("2026-11-05", 20_000_000, 100, "Y"));
    company.pass("2026-11-06");
    company.answer("statement_gap", "nothing-missing");
    company.pass("2026-11-07");
    assert_eq!(status(&company)["bank_data_until"], "2026-11-05");
    assert!(!company.kinds_asked().iter().any(|kind| kind == "statement_gap"));
}

#[test]
fn a_truncated_mt940_applies_nothing() {
    let company = reminded();
    let whole = mt940("2026-11-03", 10_000_000, 121_000, "FACTUUR 2026-0412");
    let amount = whole.find("C1210,00N").unwrap();
    for end in [amount + 4, whole.find("/REMI").unwrap(), whole.rfind("EUR").unwrap() + 6] {
        company.put("cut.sta", &whole[..end]);
        let out = company.run(&["statements", company.path("cut.sta").to_str().unwrap()]);
        assert_eq!(out.status.code(), Some(1), "cut at {end}: {out:?}");
        assert_eq!(company.state("2026-0412"), "open");
        assert_eq!(company.case("2026-0412")["open"], "1210.00");
    }
}

/// A bank's mail with a statement attached.
pub(super) fn with_statement(company: &Sandbox, result: &str) -> String {
    let statement = mt940("2026-11-03", 10_000_000, 121_000, "FACTUUR 2026-0412");
    format!(
        "Authentication-Results: mx.voorbeeldbedrijf.example; dkim={result} header.d=rabobank.nl; dmarc={result} header.from=rabobank.nl\n\
         Received: from mail.rabobank.nl (mail.rabobank.nl [192.0.2.7]) by mx.voorbeeldbedrijf.example with ESMTPS; {date}\n\
         From: Rabobank <alert@rabobank.nl>\nTo: {US}\nSubject: Uw afschrift\nDate: {date}\nMessage-ID: <afschrift@rabobank.nl>\n\
         MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n\
         Bijgaand uw rekeningafschrift.\n\n--b\nContent-Type: application/octet-stream\n\
         Content-Disposition: attachment; filename=\"afschrift.sta\"\n\n{statement}\n--b--\n",
        date = company.mail_date()
    )
}

#[test]
fn a_statement_attached_to_a_mail_counts_when_the_bank_sent_it() {
    let company = reminded();
    company.mail(with_statement(&company, "pass"));
    company.pass("2026-11-04");
    assert_eq!(company.state("2026-0412"), "closed:paid");
    let company = reminded();
    company.mail(with_statement(&company, "fail"));
    company.pass("2026-11-04");
    assert_ne!(company.state("2026-0412"), "closed:paid");
    assert_eq!(company.case("2026-0412")["open"], "1210.00");
}
