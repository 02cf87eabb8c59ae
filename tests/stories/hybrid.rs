//! Invoices inside a PDF, with the real binary: each PDF is opened in a process of its own.

use super::sandbox::{Invoice, Sandbox};
use lopdf::{Document, Object, Stream, dictionary};

pub const INVOICE: &str = r#"<?xml version="1.0"?>
<r:CrossIndustryInvoice xmlns:r="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:u="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<r:ExchangedDocument><ID>2026-0555</ID><TypeCode>380</TypeCode>
 <IssueDateTime><u:DateTimeString format="102">20261001</u:DateTimeString></IssueDateTime></r:ExchangedDocument>
<r:SupplyChainTradeTransaction>
 <ApplicableHeaderTradeAgreement><SellerTradeParty><Name>Verf en Co</Name></SellerTradeParty>
  <BuyerTradeParty><ID>K1001</ID><Name>Jansen Bouw B.V.</Name>
   <SpecifiedLegalOrganization><ID schemeID="0106">87654321</ID></SpecifiedLegalOrganization>
   <DefinedTradeContact><EmailURIUniversalCommunication><URIID>administratie@jansenbouw.example</URIID></EmailURIUniversalCommunication></DefinedTradeContact>
   <PostalTradeAddress><CountryID>NL</CountryID></PostalTradeAddress></BuyerTradeParty></ApplicableHeaderTradeAgreement>
 <ApplicableHeaderTradeSettlement><InvoiceCurrencyCode>EUR</InvoiceCurrencyCode>
  <SpecifiedTradePaymentTerms><DueDateDateTime><u:DateTimeString format="102">20261031</u:DateTimeString></DueDateDateTime></SpecifiedTradePaymentTerms>
  <SpecifiedTradeSettlementHeaderMonetarySummation><GrandTotalAmount>605.00</GrandTotalAmount>
   <DuePayableAmount>605.00</DuePayableAmount></SpecifiedTradeSettlementHeaderMonetarySummation></ApplicableHeaderTradeSettlement>
</r:SupplyChainTradeTransaction></r:CrossIndustryInvoice>"#;

pub fn pdf_with(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let pages = document.add_object(dictionary! { "Type" => "Pages", "Kids" => Vec::<Object>::new(), "Count" => 0 });
    let mut stream = Stream::new(dictionary! { "Type" => "EmbeddedFile" }, bytes.to_vec());
    stream.compress().unwrap();
    let stream = document.add_object(stream);
    let file = dictionary! {
        "Type" => "Filespec", "F" => Object::string_literal(name), "EF" => dictionary! { "F" => stream },
    };
    let file = document.add_object(file);
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages, "AF" => vec![file.into()] });
    document.trailer.set("Root", catalog);
    let mut pdf = Vec::new();
    document.save_to(&mut pdf).unwrap();
    pdf
}

#[test]
fn an_invoice_inside_a_pdf_is_a_case_and_its_pdf_the_copy() {
    let company = Sandbox::new();
    company.put("invoices/factuur.pdf", pdf_with("factur-x.xml", INVOICE.as_bytes()));
    company.pass_until("2026-10-26");
    assert_eq!(company.case("2026-0555")["open"], "605.00");
    assert_eq!(company.last_letter().attachments, ["factuur.pdf"]);
    assert!(company.questions().is_empty());
    // The same invoice as XML under another name is no second one.
    company.put("invoices/export-555.xml", INVOICE);
    company.pass("2026-10-27");
    assert_eq!((company.cases().len(), company.questions().len()), (1, 0));
}

#[test]
fn a_pdf_that_is_still_being_written_waits() {
    let company = Sandbox::new();
    let pdf = pdf_with("factur-x.xml", INVOICE.as_bytes());
    company.put("invoices/factuur.pdf", &pdf[..pdf.len() - 8]);
    company.pass("2026-10-20");
    assert_eq!((company.cases().len(), company.questions().len()), (0, 0));
    company.put("invoices/factuur.pdf", pdf);
    company.pass_at("2026-10-20T12:00");
    assert_eq!(company.state("2026-0555"), "open");
}

#[test]
fn a_hostile_pdf_is_asked_about_and_the_others_go_on() {
    let company = Sandbox::new();
    let bomb = vec![b'<'; 200 * 1024 * 1024];
    company.put("invoices/bom.pdf", pdf_with("factur-x.xml", &bomb));
    // Arrays in arrays: what a reader that calls itself for each of them does not survive.
    let deep = format!("%PDF-1.7\n1 0 obj\n{}\nendobj\ntrailer <</Root 1 0 R>>\n%%EOF\n", "[".repeat(2_000_000));
    company.put("invoices/diep.pdf", deep);
    company.invoice(&Invoice::jansen());
    company.pass_until("2026-10-26");
    assert_eq!(company.kinds_asked(), ["quarantine", "quarantine"], "{:#?}", company.questions());
    assert_eq!(company.letters().len(), 1);
}

#[test]
fn inspect_opens_a_pdf_too() {
    let company = Sandbox::new();
    company.put("factuur.pdf", pdf_with("zugferd.xml", INVOICE.as_bytes()));
    let path = company.path("factuur.pdf");
    let output = company.command(&["--json", "inspect", "invoice", path.to_str().unwrap()]).output().unwrap();
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((told["format"].as_str(), told["payable"].as_str()), (Some("facturx"), Some("605.00")), "{told}");
}
