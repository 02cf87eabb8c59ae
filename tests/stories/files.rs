//! Invoice files as they come: broken, double, half-written, hostile.

use super::sandbox::{Debtor, Invoice, Sandbox};

fn other(number: &str) -> Invoice {
    Invoice { number: number.into(), more: String::new(), debtor: Debtor::numbered(7), ..Invoice::jansen() }
}

#[test]
fn a_broken_file_is_asked_about_with_its_line_and_the_others_go_on() {
    let company = Sandbox::new();
    company.put("invoices/kapot.toml", Invoice::jansen().toml().replace("total = \"1210.00\"", "total = \"veel\""));
    company.put("invoices/vreemd.toml", other("2026-0900").toml().replace("currency =", "curency ="));
    company.invoice(&other("2026-0777"));
    company.pass("2026-10-20");
    let asked = company.questions();
    assert_eq!(company.kinds_asked(), ["quarantine", "quarantine"], "{asked:#?}");
    let texts: Vec<&str> = asked.iter().map(|question| question["text"].as_str().unwrap()).collect();
    let about = |name: &str| *texts.iter().find(|text| text.contains(name)).unwrap();
    assert!(about("kapot.toml").contains("line 5") && about("kapot.toml").contains("total"), "{texts:?}");
    assert!(about("vreemd.toml").contains("line 4") && about("vreemd.toml").contains("currency"), "{texts:?}");
    company.pass_until("2026-10-26");
    assert_eq!(company.sent().len(), 1);
    assert!(company.last_digest().text.contains("kapot.toml"), "{}", company.last_digest().text);
    // A file that is mended is a new file.
    company.put("invoices/kapot.toml", Invoice::jansen().toml());
    company.pass("2026-10-27");
    assert_eq!(company.state("2026-0412"), "open");
}

#[test]
fn the_same_number_with_other_content_is_asked_and_nobody_is_dunned_meanwhile() {
    let company = Sandbox::jansen();
    company.put("invoices/nieuw.toml", Invoice { total: "999.00".into(), ..Invoice::jansen() }.toml());
    company.pass_until("2026-11-06");
    company.question("conflict");
    assert_eq!((company.letters().len(), company.case("2026-0412")["open"].as_str()), (0, Some("1210.00")));
    company.answer("conflict", "take-new");
    company.pass("2026-11-09");
    assert_eq!(company.case("2026-0412")["open"], "999.00");
    assert!(company.last_letter().text.contains("€ 999,00"), "{}", company.last_letter().text);
}

#[test]
fn the_same_bytes_under_two_names_are_one_invoice() {
    let company = Sandbox::jansen();
    company.put("invoices/kopie.toml", Invoice::jansen().toml());
    company.put("invoices/zelfde inhoud.toml", format!("# later opgeslagen\n{}", Invoice::jansen().toml()));
    company.pass_until("2026-10-26");
    assert_eq!((company.cases().len(), company.questions().len(), company.letters().len()), (1, 0, 1));
}

#[test]
fn a_half_written_file_waits() {
    let company = Sandbox::new();
    let whole = Invoice::jansen().toml();
    let open_string = whole.find("Jansen Bouw").unwrap();
    for half in [0, 12, open_string] {
        company.put("invoices/a.toml", &whole[..half]);
        company.pass("2026-10-20");
        assert_eq!((company.cases().len(), company.questions().len()), (0, 0), "{half}");
    }
    company.put("invoices/a.toml", &whole);
    company.pass_at("2026-10-20T12:00");
    assert_eq!(company.state("2026-0412"), "open");
}

#[test]
fn a_plain_pdf_alone_is_asked_about_with_the_remedy() {
    let company = Sandbox::new();
    company.put("invoices/2026-0412.pdf", "%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n");
    company.pass("2026-10-20");
    let question = company.question("quarantine");
    let text = question["text"].as_str().unwrap();
    assert!(text.contains("2026-0412.pdf") && text.contains("TOML"), "{text}");
    // The remedy settles the question by itself.
    company.invoice(&Invoice::jansen());
    company.pass_until("2026-10-26");
    assert!(company.questions().is_empty());
    assert_eq!(company.last_letter().attachments, ["2026-0412.pdf"]);
}

#[test]
fn a_pdf_beside_its_invoice_is_attached() {
    let company = Sandbox::new();
    company.invoice(&Invoice::jansen());
    company.put("invoices/2026-0412.pdf", "%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n");
    company.pass("2026-10-20");
    company.pass("2026-10-26");
    assert_eq!(company.last_letter().attachments, ["2026-0412.pdf"]);
    assert!(company.questions().is_empty());
}

fn credit(number: &str, total: &str, corrects: &str) -> Invoice {
    let corrects = if corrects.is_empty() { String::new() } else { format!("corrects = \"{corrects}\"\n") };
    Invoice {
        number: number.into(),
        total: total.into(),
        more: format!("kind = \"credit_note\"\n{corrects}"),
        ..Invoice::jansen()
    }
}

#[test]
fn a_full_credit_note_closes_and_a_part_reduces() {
    let company = Sandbox::jansen();
    company.invoice(&credit("C-1", "210.00", "2026-0412"));
    company.pass("2026-10-21");
    assert_eq!(company.case("2026-0412")["open"], "1000.00");
    company.pass("2026-10-26");
    assert!(company.last_letter().text.contains("€ 1.000,00"));
    company.invoice(&credit("C-2", "1000.00", "2026-0412"));
    company.pass("2026-10-27");
    assert_eq!(company.state("2026-0412"), "closed:credited");
    company.put("invoices/nog-eens.toml", format!("# kopie\n{}", credit("C-2", "1000.00", "2026-0412").toml()));
    company.pass_until("2026-11-05");
    assert_eq!(company.letters().len(), 1);
}

#[test]
fn a_credit_note_before_its_invoice_waits_for_it() {
    let company = Sandbox::new();
    company.invoice(&credit("C-1", "210.00", "2026-0412"));
    company.pass("2026-10-19");
    assert!(company.cases().is_empty(), "a credit note is never chased");
    company.invoice(&Invoice::jansen());
    company.pass("2026-10-20");
    assert_eq!(company.case("2026-0412")["open"], "1000.00");
}

#[test]
fn a_credit_note_without_an_invoice_is_asked_and_holds() {
    let company = Sandbox::jansen();
    company.invoice(&credit("C-1", "210.00", ""));
    company.pass("2026-10-21");
    company.question("credit_note");
    company.pass_until("2026-11-05");
    assert_eq!(company.letters().len(), 0);
}

#[test]
fn a_hostile_debtor_name_is_only_text() {
    let name = "<b>Jansen</b> & \"Zn\" {{ company.iban }} {% raw %}<script>alert(1)</script>";
    let company = Sandbox::new();
    company.invoice(&Invoice { debtor: Debtor { name: name.into(), ..Debtor::jansen() }, ..Invoice::jansen() });
    company.pass("2026-10-20");
    company.pass("2026-10-26");
    for mail in [company.last_letter(), company.last_digest()] {
        assert!(!mail.html.contains("<script") && !mail.html.contains("<b>Jansen"), "{}", mail.html);
        assert!(!mail.text.contains("NL91ABNA0417164300</b>"));
    }
    let letter = company.last_letter();
    assert_eq!(letter.to, "administratie@jansenbouw.example");
    assert!(letter.text.contains("{{ company.iban }}"), "{}", letter.text);
    assert!(letter.html.contains("&lt;b&gt;Jansen"), "{}", letter.html);
}

#[test]
fn line_breaks_in_a_name_make_no_headers() {
    let company = Sandbox::new();
    let name = "Jansen\r\nBcc: boef@boef.example\r\n\r\nBody";
    company.invoice(&Invoice { debtor: Debtor { name: name.into(), ..Debtor::jansen() }, ..Invoice::jansen() });
    company.pass("2026-10-20");
    company.pass("2026-10-26");
    // Either refused with a question, or harmless: reading the outbox checks that nobody else reads along.
    let raw = std::fs::read_dir(company.path("outbox"))
        .unwrap()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    raw.for_each(|raw| assert!(!raw.lines().any(|line| line.to_lowercase().starts_with("bcc:")), "{raw}"));
    assert!(company.letters().len() == 1 || !company.questions().is_empty());
}

#[test]
fn a_debtor_without_an_address_is_asked_about() {
    let company = Sandbox::new();
    company
        .put("invoices/a.toml", Invoice::jansen().toml().replace("email = \"administratie@jansenbouw.example\"\n", ""));
    company.pass("2026-10-20");
    company.question("no_address");
    company.pass_until("2026-10-27");
    assert!(company.letters().is_empty());
}

pub const UBL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
  <cbc:ID>2026-0500</cbc:ID>
  <cbc:IssueDate>2026-10-01</cbc:IssueDate>
  <cbc:DueDate>2026-10-31</cbc:DueDate>
  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cac:AccountingSupplierParty><cac:Party><cac:PartyName><cbc:Name>Voorbeeldbedrijf B.V.</cbc:Name></cac:PartyName>
    <cac:PartyLegalEntity><cbc:RegistrationName>Voorbeeldbedrijf B.V.</cbc:RegistrationName><cbc:CompanyID schemeID="0106">12345678</cbc:CompanyID></cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party><cac:PartyName><cbc:Name>Bakkerij Smit B.V.</cbc:Name></cac:PartyName>
    <cac:PostalAddress><cac:Country><cbc:IdentificationCode>NL</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
    <cac:PartyLegalEntity><cbc:RegistrationName>Bakkerij Smit B.V.</cbc:RegistrationName><cbc:CompanyID schemeID="0106">87654321</cbc:CompanyID></cac:PartyLegalEntity>
    <cac:Contact><cbc:ElectronicMail>kas@bakkerijsmit.example</cbc:ElectronicMail></cac:Contact></cac:Party></cac:AccountingCustomerParty>
  <cac:TaxTotal><cbc:TaxAmount currencyID="EUR">21.00</cbc:TaxAmount></cac:TaxTotal>
  <cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="EUR">100.00</cbc:LineExtensionAmount><cbc:TaxExclusiveAmount currencyID="EUR">100.00</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="EUR">121.00</cbc:TaxInclusiveAmount><cbc:PayableAmount currencyID="EUR">121.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
</Invoice>
"#;

#[test]
fn a_ubl_invoice_is_chased_and_attached() {
    let company = Sandbox::new();
    company.put("invoices/smit.xml", UBL);
    company.pass("2026-10-20");
    company.pass("2026-10-26");
    let letter = company.last_letter();
    assert_eq!(letter.to, "kas@bakkerijsmit.example");
    assert!(letter.text.contains("2026-0500") && letter.text.contains("€ 121,00"), "{}", letter.text);
    assert_eq!(letter.attachments, ["smit.xml"]);
    assert!(company.questions().is_empty(), "{:?}", company.questions());
}

#[test]
fn an_invoice_to_ourselves_is_not_chased() {
    let company = Sandbox::new();
    company.put("invoices/inkoop.xml", UBL.replace("87654321", "12345678"));
    company.pass("2026-10-20");
    company.question("quarantine");
    assert!(company.cases().is_empty());
}

#[test]
fn a_credit_note_for_an_invoice_that_is_nobodys_still_covers_the_debt() {
    let company = Sandbox::jansen();
    company.invoice(&credit("C-1", "1210.00", "2019-0001"));
    company.pass("2026-10-26");
    company.pass("2026-11-03");
    assert!(company.letters().is_empty());
}
