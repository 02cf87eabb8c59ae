//! Statements in all formats, twice, late, missing and by mail: each movement counts once, and what is missing is seen.

use super::sandbox::{Line, OUR_IBAN, Sandbox, US, camt, paid};
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

/// The same movements as a report of another kind, without balances.
fn report(statement: &str, message: &str, name: &str, number: &str) -> String {
    let (head, rest) = statement.split_once("<Bal>").unwrap();
    let rest = &rest[rest.rfind("</Bal>").unwrap() + 6..];
    let text = format!("{head}{rest}").replace("BkToCstmrStmt", message).replace("camt.053", number);
    text.replace("<Stmt>", &format!("<{name}>")).replace("</Stmt>", &format!("</{name}>"))
}

#[test]
fn reports_of_the_day_and_its_statement_count_once() {
    for (report_first, with_payer) in [(true, true), (true, false), (false, true)] {
        let company = reminded();
        let statement = camt("a", "2026-11-03", &[paid(50_000, "2026-0412")], None);
        let mut of_day = report(&statement, "BkToCstmrAcctRpt", "Rpt", "camt.052");
        if !with_payer {
            of_day = of_day.replace("NL69INGB0123456789", "");
        }
        let files = if report_first { [of_day, statement] } else { [statement, of_day] };
        for (file, on) in files.into_iter().zip(["2026-11-04", "2026-11-05"]) {
            company.put(&format!("statements/{on}.xml"), file);
            company.pass(on);
            assert_eq!(company.case("2026-0412")["open"], "710.00", "{:?}", company.questions());
        }
        company.pass_with_bank_until("2026-11-20");
        assert_eq!(company.case("2026-0412")["open"], "710.00", "the statement showed it");
        assert!(!company.kinds_asked().iter().any(|kind| kind == "unconfirmed_payment"), "{:?}", company.questions());
    }
}

#[test]
fn an_mt942_and_its_mt940_count_once() {
    let company = reminded();
    let statement = mt940("2026-11-03", 10_000_000, 50_000, "2026-0412");
    let entry = statement.split_once(":61:").unwrap().1.split_once(":62F:").unwrap().0;
    let interim = format!(
        ":20:X\r\n:25:{OUR_IBAN}\r\n:28C:1/1\r\n:34F:EURC0,\r\n:13D:2611031200+0100\r\n:61:{entry}:90C:1EUR500,00\r\n-\r\n"
    );
    company.put("statements/a.sta", interim);
    company.pass("2026-11-03");
    assert_eq!(company.case("2026-0412")["open"], "710.00", "{:?}", company.questions());
    company.put("statements/b.sta", statement);
    company.pass("2026-11-04");
    company.pass_with_bank_until("2026-11-20");
    assert_eq!(company.case("2026-0412")["open"], "710.00");
    assert!(!company.kinds_asked().iter().any(|kind| kind == "unconfirmed_payment"), "{:?}", company.questions());
}

/// A statement that tells a collection as one amount, and what the bank tells of it afterwards.
fn total_and_details() -> (String, String) {
    let total = camt("a", "2026-11-03", &[Line { name: "", text: String::new(), ..paid(126_000, "") }], None);
    let (before, after) = total.split_once("<NtryDtls>").unwrap();
    let after = after.split_once("</NtryDtls>").unwrap().1.to_owned();
    let transaction = |cents: i64, who: &str, text: &str| {
        format!(
            "<TxDtls><AmtDtls><TxAmt><Amt Ccy=\"EUR\">{}.{:02}</Amt></TxAmt></AmtDtls><RltdPties><Dbtr><Nm>{who}</Nm></Dbtr></RltdPties>\
             <RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>",
            cents / 100,
            cents % 100
        )
    };
    let parts = transaction(121_000, "Jansen Bouw B.V.", "2026-0412") + &transaction(5_000, "Q. Onbekend", "taart");
    let detailed = format!("{before}<NtryDtls>{parts}</NtryDtls>{after}");
    (format!("{before}{after}"), report(&detailed, "BkToCstmrDbtCdtNtfctn", "Ntfctn", "camt.054"))
}

#[test]
fn details_that_come_after_the_total_place_it() {
    let company = reminded();
    let (total, details) = total_and_details();
    company.put("statements/a.xml", &total);
    company.pass("2026-11-04");
    assert!(company.question("unmatched_payment")["text"].as_str().unwrap().contains("1260.00"));
    company.put("statements/b.xml", &details);
    company.pass("2026-11-05");
    assert_eq!(company.state("2026-0412"), "closed:paid");
    let left = company.question("unmatched_payment");
    assert!(left["text"].as_str().unwrap().contains("50.00"), "only the stranger's part is asked now: {left}");
    // Once more, and the statement once more: nothing is new, and what a statement showed stays closed.
    company.put("statements/c.xml", details.replace("<Id>a</Id>", "<Id>c</Id>"));
    company.put("statements/d.xml", total.replace("<MsgId>a</MsgId>", "<MsgId>d</MsgId>"));
    company.pass("2026-11-06");
    company.pass_with_bank_until("2026-11-20");
    assert_eq!(company.state("2026-0412"), "closed:paid");
    company.question("unmatched_payment");
}

#[test]
fn details_after_the_owner_placed_the_total_change_nothing() {
    let company = reminded();
    let (total, details) = total_and_details();
    company.put("statements/a.xml", &total);
    company.pass("2026-11-04");
    company.answer("unmatched_payment", "ignore");
    company.put("statements/b.xml", &details);
    company.pass("2026-11-05");
    assert_eq!(company.case("2026-0412")["open"], "1210.00");
    assert!(company.questions().is_empty(), "{:?}", company.questions());
}

/// A bank's mail with a statement attached.
pub(super) fn with_statement(company: &Sandbox, result: &str) -> String {
    let statement = mt940("2026-11-03", 10_000_000, 121_000, "FACTUUR 2026-0412");
    with_attached(company, result, "afschrift.sta", &format!("\n{statement}"))
}

fn with_attached(company: &Sandbox, result: &str, name: &str, attached: &str) -> String {
    format!(
        "Authentication-Results: mx.voorbeeldbedrijf.example; dkim={result} header.d=rabobank.nl; dmarc={result} header.from=rabobank.nl\n\
         Received: from mail.rabobank.nl (mail.rabobank.nl [192.0.2.7]) by mx.voorbeeldbedrijf.example with ESMTPS; {date}\n\
         From: Rabobank <alert@rabobank.nl>\nTo: {US}\nSubject: Uw afschrift\nDate: {date}\nMessage-ID: <afschrift@rabobank.nl>\n\
         MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n\
         Bijgaand uw rekeningafschrift.\n\n--b\nContent-Type: application/octet-stream\n\
         Content-Disposition: attachment; filename=\"{name}\"\n{attached}\n--b--\n",
        date = company.mail_date()
    )
}

#[test]
fn a_statement_attached_to_a_mail_counts_when_the_bank_sent_it() {
    let company = reminded();
    company.mail(with_statement(&company, "pass"));
    company.pass("2026-11-04");
    assert_eq!(company.state("2026-0412"), "closed:paid");
    let told = company.must(&["case", "show", "2026-0412", "--json"]);
    assert!(told.contains("\"mailed_statement\"") && !told.contains("\"filed_statement\""), "{told}");
    let company = reminded();
    company.mail(with_statement(&company, "fail"));
    company.pass("2026-11-04");
    assert_ne!(company.state("2026-0412"), "closed:paid");
    assert_eq!(company.case("2026-0412")["open"], "1210.00");
}

/// An archive of one file that is stored as it is.
pub fn zip(name: &str, bytes: &[u8]) -> Vec<u8> {
    let crc = !bytes.iter().fold(!0u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ if sum & 1 == 1 { 0xedb8_8320 } else { 0 })
    });
    let size = u32::try_from(bytes.len()).unwrap().to_le_bytes();
    let sizes = [&[0; 8][..], &crc.to_le_bytes(), &size, &size, &(name.len() as u16).to_le_bytes(), &[0, 0]].concat();
    let local = [b"PK\x03\x04\x14\0", &sizes[..], name.as_bytes(), bytes].concat();
    let member = [b"PK\x01\x02\x14\0\x14\0", &sizes[..], &[0; 14], name.as_bytes()].concat();
    let places = [member.len(), local.len()].map(|at| u32::try_from(at).unwrap().to_le_bytes());
    [&local[..], &member, b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &places[0], &places[1], &[0, 0]].concat()
}

#[test]
fn a_zipped_statement_in_a_mail_counts_when_the_bank_sent_it() {
    let statement = mt940("2026-11-03", 10_000_000, 121_000, "FACTUUR 2026-0412");
    let archive = in_base64(&zip("afschrift.sta", statement.as_bytes()));
    let attached = format!("Content-Transfer-Encoding: base64\n\n{archive}");
    for (result, expected) in [("pass", "closed:paid"), ("fail", "open")] {
        let company = reminded();
        company.mail(with_attached(&company, result, "afschriften.zip", &attached));
        company.pass("2026-11-04");
        let state = company.state("2026-0412");
        assert!(state == expected || (result == "fail" && state != "closed:paid"), "{result}: {state}");
    }
    // Half of it, and none of it is taken.
    let company = reminded();
    let half = attached[..attached.len() * 2 / 3].to_owned();
    company.mail(with_attached(&company, "pass", "afschriften.zip", &half));
    company.pass("2026-11-04");
    assert_eq!(company.case("2026-0412")["open"], "1210.00");
}

/// Base64 in lines, as mails have it.
fn in_base64(bytes: &[u8]) -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(bytes);
    text.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line).into_owned()).collect::<Vec<_>>().join("\n")
}
