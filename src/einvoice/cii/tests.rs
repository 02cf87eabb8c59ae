use super::super::read_xml;
use super::*;
use crate::dunning::debtor::DebtorKind;
use crate::dunning::invoice::DueSource;
use serde_json::json;

/// A whole invoice of our own, the shortest that has every field.
pub(crate) const DOCUMENT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<r:CrossIndustryInvoice xmlns:r="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:u="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<r:ExchangedDocument><ID> 2026/0412 </ID><TypeCode>380</TypeCode>
 <IssueDateTime><u:DateTimeString format="102">20261001</u:DateTimeString></IssueDateTime>
 <IncludedNote><Content>Schilderwerk oktober</Content></IncludedNote></r:ExchangedDocument>
<r:SupplyChainTradeTransaction>
 <IncludedSupplyChainTradeLineItem><SpecifiedTradeProduct><Name>Kozijnen</Name></SpecifiedTradeProduct>
  <SpecifiedLineTradeSettlement><SpecifiedTradeSettlementLineMonetarySummation><LineTotalAmount>1000.00</LineTotalAmount></SpecifiedTradeSettlementLineMonetarySummation></SpecifiedLineTradeSettlement>
 </IncludedSupplyChainTradeLineItem>
 <ApplicableHeaderTradeAgreement><BuyerReference>project 7</BuyerReference>
  <SellerTradeParty><Name>Verf &amp; Co</Name>
   <SpecifiedLegalOrganization><ID schemeID="0106">12345678</ID></SpecifiedLegalOrganization>
   <SpecifiedTaxRegistration><ID schemeID="VA">NL001234567B01</ID></SpecifiedTaxRegistration></SellerTradeParty>
  <BuyerTradeParty><ID>K 1001</ID><GlobalID schemeID="0088">8712345678906</GlobalID><Name>Jansen Bouw B.V.</Name>
   <SpecifiedLegalOrganization><ID schemeID="0106">87654321</ID></SpecifiedLegalOrganization>
   <DefinedTradeContact><PersonName>mevrouw De Vries</PersonName>
    <TelephoneUniversalCommunication><CompleteNumber>020-7654321</CompleteNumber></TelephoneUniversalCommunication>
    <EmailURIUniversalCommunication><URIID>administratie@jansenbouw.example</URIID></EmailURIUniversalCommunication></DefinedTradeContact>
   <PostalTradeAddress><PostcodeCode>1234 AB</PostcodeCode><LineOne>Dorpsstraat 1</LineOne><LineTwo>Hal 3</LineTwo>
    <CityName>Voorbeeld</CityName><CountryID>nl</CountryID></PostalTradeAddress></BuyerTradeParty>
  <BuyerOrderReferencedDocument><IssuerAssignedID>PO-1</IssuerAssignedID></BuyerOrderReferencedDocument>
 </ApplicableHeaderTradeAgreement>
 <ApplicableHeaderTradeSettlement><PaymentReference>RF18539007547034</PaymentReference>
  <InvoiceCurrencyCode>EUR</InvoiceCurrencyCode>
  <SpecifiedTradeSettlementPaymentMeans><TypeCode>58</TypeCode>
   <PayeePartyCreditorFinancialAccount><IBANID>NL91 ABNA 0417 1643 00</IBANID></PayeePartyCreditorFinancialAccount></SpecifiedTradeSettlementPaymentMeans>
  <SpecifiedTradePaymentTerms><DueDateDateTime><u:DateTimeString format="102">20261031</u:DateTimeString></DueDateDateTime></SpecifiedTradePaymentTerms>
  <SpecifiedTradeSettlementHeaderMonetarySummation><LineTotalAmount>1000.00</LineTotalAmount>
   <TaxBasisTotalAmount>1000.00</TaxBasisTotalAmount><TaxTotalAmount currencyID="EUR">210.00</TaxTotalAmount>
   <GrandTotalAmount>1210.00</GrandTotalAmount><TotalPrepaidAmount>10.00</TotalPrepaidAmount>
   <DuePayableAmount>1200.00</DuePayableAmount></SpecifiedTradeSettlementHeaderMonetarySummation>
  <InvoiceReferencedDocument><IssuerAssignedID>2026/0400</IssuerAssignedID></InvoiceReferencedDocument>
 </ApplicableHeaderTradeSettlement>
</r:SupplyChainTradeTransaction>
</r:CrossIndustryInvoice>
"#;

/// The same invoice with the names of ZUGFeRD 1.
fn first_form() -> String {
    [
        ("r:CrossIndustryInvoice", "r:CrossIndustryDocument"),
        ("urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100", "urn:ferd:CrossIndustryDocument:invoice:1p0"),
        ("BusinessInformationEntity:100", "BusinessInformationEntity:12"),
        ("r:ExchangedDocument", "r:HeaderExchangedDocument"),
        ("r:SupplyChainTradeTransaction", "r:SpecifiedSupplyChainTradeTransaction"),
        ("ApplicableHeaderTrade", "ApplicableSupplyChainTrade"),
        ("SpecifiedLineTradeSettlement", "SpecifiedSupplyChainTradeSettlement"),
        ("SpecifiedTradeSettlementLineMonetarySummation", "SpecifiedTradeSettlementMonetarySummation"),
        ("SpecifiedTradeSettlementHeaderMonetarySummation", "SpecifiedTradeSettlementMonetarySummation"),
        ("<IssuerAssignedID>PO-1</IssuerAssignedID>", "<ID>PO-1</ID>"),
        ("Amount>1", "Amount currencyID=\"EUR\">1"),
        ("</LineTotalAmount>", "00</LineTotalAmount>"),
    ]
    .iter()
    .fold(DOCUMENT.to_owned(), |text, (from, to)| {
        text.replace(from, to).replace("/LineTotalAmount currencyID", "/LineTotalAmount")
    })
}

fn changed(from: &str, to: &str) -> Result<ReadInvoice, InvoiceFault> {
    assert!(DOCUMENT.contains(from), "{from}");
    read_xml(&DOCUMENT.replace(from, to))
}

fn warned(from: &str, to: &str, word: &str) -> Invoice {
    let read = changed(from, to).unwrap();
    assert!(read.warnings.iter().any(|warning| warning.contains(word)), "{:?}", read.warnings);
    read.invoice
}

fn refused(from: &str, to: &str, word: &str) {
    let fault = changed(from, to).unwrap_err();
    assert!(fault.reason.contains(word) && fault.line.is_some() && !fault.incomplete, "{fault:?}");
}

#[test]
fn both_forms_are_read_whole() {
    for text in [DOCUMENT.to_owned(), first_form()] {
        let read = read_xml(&text).unwrap();
        assert_eq!(read.warnings, Vec::<String>::new());
        assert_eq!(read.invoice.debtor.address, ["Dorpsstraat 1", "Hal 3", "1234 AB  Voorbeeld"]);
        let expected = json!({
            "file": "a.xml", "format": "cii", "kind": "invoice", "number": "2026/0412",
            "issue_date": "2026-10-01", "due_date": "2026-10-31",
            "currency": "EUR", "total": "1210.00", "prepaid": "10.00", "payable": "1200.00",
            "seller": {"name": "Verf & Co", "vat": "NL001234567B01", "kvk": "12345678"},
            "buyer": {
                "name": "Jansen Bouw B.V.", "email": "administratie@jansenbouw.example", "vat": null,
                "kvk": "87654321", "country": "NL", "id": "K 1001", "kind": "business",
                "contact": "mevrouw De Vries", "phone": "020-7654321", "language": null,
                "debtor": crate::dunning::ids::DebtorId::from_text("K 1001"),
            },
            "iban": "NL91ABNA0417164300", "payment_reference": "RF18539007547034", "order_reference": "PO-1",
            "buyer_reference": "project 7", "corrects": null, "description": "Schilderwerk oktober",
            "term_source": "invoice", "due_source": "stated", "warnings": [], "error": null,
        });
        assert_eq!(crate::einvoice::to_json("a.xml", &Ok(read)), expected);
    }
}

#[test]
fn the_type_code_decides() {
    let with = |code: &str| format!("<TypeCode>{code}</TypeCode>\n <IssueDateTime>");
    let code = with("380");
    let credit = changed(&code, &with("381")).unwrap().invoice;
    assert_eq!((credit.kind, credit.corrects), (InvoiceKind::CreditNote, Some("2026/0400".into())));
    warned(&code, &with("factuur"), "not known");
    for (number, word) in [("384", "corrected"), ("389", "self-billed"), ("751", "information"), ("393", "factor")] {
        refused(&code, &with(number), word);
    }
}

#[test]
fn dates_have_three_forms() {
    let issued = |text: &str| changed(">20261001<", &format!(">{text}<")).map(|read| read.invoice.issue_date);
    let day = NaiveDate::from_ymd_opt(2026, 10, 1).unwrap();
    for good in ["20261001", "202610011430", "2026-10-01", "2026-10-01T00:00:00+02:00"] {
        assert_eq!(issued(good), Ok(day), "{good}");
    }
    for bad in ["", "20261301", "261001", "2026-10-1", "1 oktober 2026", "2026100", "２０２６１００１"] {
        assert!(issued(bad).unwrap_err().reason.contains("is not a date"), "{bad}");
    }
}

#[test]
fn of_several_due_dates_the_last_counts() {
    let terms = "<SpecifiedTradePaymentTerms><DueDateDateTime><u:DateTimeString format=\"102\">20261031";
    let more = format!(
        "{}</u:DateTimeString></DueDateDateTime></SpecifiedTradePaymentTerms>{terms}",
        terms.replace("1031", "1130")
    );
    assert_eq!(warned(terms, &more, "several due dates").due_date, NaiveDate::from_ymd_opt(2026, 11, 30));
    assert_eq!(changed("DueDateDateTime>", "Description>").unwrap().invoice.due_date, None);
}

#[test]
fn a_due_date_may_stand_in_the_text_of_the_terms() {
    let stated = "<DueDateDateTime><u:DateTimeString format=\"102\">20261031</u:DateTimeString></DueDateDateTime>";
    let with = |text: &str| changed(stated, &format!("<Description>{text}</Description>")).unwrap();
    let read = with("10 Tage 3% Skonto,\n30 Tage netto").invoice;
    assert_eq!((read.due_date, read.due_source), (NaiveDate::from_ymd_opt(2026, 10, 31), DueSource::Terms));
    let unclear = with("30 Tage nach Lieferung");
    assert_eq!((unclear.invoice.due_date, unclear.warnings.len()), (None, 1));
    let later = "<SpecifiedTradePaymentTerms><Description>14 Tage</Description></SpecifiedTradePaymentTerms><SpecifiedTradePaymentTerms>";
    let read = changed("<SpecifiedTradePaymentTerms>", later).unwrap().invoice;
    assert_eq!((read.due_date, read.due_source), (NaiveDate::from_ymd_opt(2026, 10, 31), DueSource::Stated));
}

#[test]
fn amounts_that_cannot_be_asked_for_are_refused() {
    let payable = "<DuePayableAmount>1200.00";
    refused(payable, "<DuePayableAmount>-1200.00", "seller owes the buyer");
    let nothing = "<GrandTotalAmount>-1210.00</GrandTotalAmount>\n   <TotalPrepaidAmount>-1210.00";
    let total = DOCUMENT.replace("<GrandTotalAmount>1210.00</GrandTotalAmount><TotalPrepaidAmount>10.00", nothing);
    assert!(read_xml(&total.replace(payable, "<DuePayableAmount>0.00")).unwrap_err().reason.contains("owes the buyer"));
    refused(payable, "<DuePayableAmount currencyID='USD'>1200.00", "one currency");
    refused(payable, "<DuePayableAmount>1.200,00", "not an amount");
    refused(payable, "<DuePayableAmount>1</DuePayableAmount><DuePayableAmount>1200.00", "more than once");
    refused("DuePayableAmount", "Amount", "DuePayableAmount is missing");
    refused("<InvoiceCurrencyCode>EUR", "<InvoiceCurrencyCode>XYZ", "not a currency");
    warned("<GrandTotalAmount>1210", "<GrandTotalAmount>1211", "do not add up");
    warned(">210.00<", ">211.00<", "do not make");
    warned(
        "<LineTotalAmount>1000.00</LineTotalAmount></",
        "<LineTotalAmount>900.00</LineTotalAmount></",
        "lines add up",
    );
    let credit = DOCUMENT.replace(">380<", ">381<").replace("Amount>1", "Amount>-1").replace(">210.00", ">-210.00");
    let read = read_xml(&credit).unwrap();
    assert_eq!(read.invoice.payable.to_string(), "1200.00");
    assert!(read.warnings.iter().any(|warning| warning.contains("negative amounts")));
}

#[test]
fn the_buyer_is_known_by_its_best_number() {
    let without = |parts: &[&str]| {
        parts.iter().fold(DOCUMENT.to_owned(), |text, part| {
            assert!(text.contains(part), "{part}");
            text.replace(part, "")
        })
    };
    let id = |text: &str| {
        let read = read_xml(text).unwrap();
        (read.invoice.debtor.id.as_str().to_owned(), read.buyer_id, read.invoice.debtor.kind)
    };
    let (own, location) = ("<ID>K 1001</ID>", "<GlobalID schemeID=\"0088\">8712345678906</GlobalID>");
    let legal = "<SpecifiedLegalOrganization><ID schemeID=\"0106\">87654321</ID></SpecifiedLegalOrganization>";
    assert_eq!(id(&without(&[own])).1.as_deref(), Some("8712345678906"));
    assert_eq!(id(&without(&[own, location])), ("87654321".into(), None, DebtorKind::Business));
    let nothing = without(&[own, location, legal]);
    assert_eq!(id(&nothing).2, DebtorKind::Consumer);
    let tax = "<SpecifiedTaxRegistration><ID schemeID=\"FC\">201/113</ID></SpecifiedTaxRegistration>\
               <SpecifiedTaxRegistration><ID schemeID=\"VA\">BE0123456749</ID></SpecifiedTaxRegistration></BuyerTradeParty>";
    let by_vat = id(&nothing.replace("</BuyerTradeParty>", tax));
    assert_eq!(by_vat, ("BE0123456749".into(), None, DebtorKind::Business));
    let office = nothing.replace(
        "</BuyerTradeParty>",
        "<SpecifiedLegalOrganization><ID schemeID=\"0190\">00000001234567890000</ID></SpecifiedLegalOrganization></BuyerTradeParty>",
    );
    let read = read_xml(&office).unwrap();
    assert_eq!((read.invoice.debtor.kind, read.invoice.debtor.kvk), (DebtorKind::Government, None));
}
