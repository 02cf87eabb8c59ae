//! UBL 2.1 Invoice and CreditNote (Peppol BIS 3, NLCIUS/SI-UBL, Belgian e-FFF). Reads what dunning needs and does not
//! validate the rest: a file with a wrong tax category is still owed.

mod party;

use super::buyer::Buyer;
use super::totals::{self, Names, Totals};
use super::xml::Element;
use super::{InvoiceFault, ReadInvoice, common, document_type, iso_date};
use crate::dunning::ids::InvoiceNumber;
use crate::dunning::invoice::{DueSource, Invoice, InvoiceKind, TermSource};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// Reads one UBL document.
pub(super) fn read(root: Element) -> Result<ReadInvoice, InvoiceFault> {
    let mut warnings = Vec::new();
    let kind = kind(root, &mut warnings)?;
    let number = common::number(root)?;
    let issue_date = date(root.only("IssueDate")?, &mut warnings)?;
    let (due_date, due_source) = due_date(root, kind, issue_date, &mut warnings)?;
    let Totals { total, prepaid, payable, .. } = totals(root, kind, &mut warnings)?;
    let Buyer { debtor, printed_id } = party::buyer(root, &mut warnings)?;
    let invoice = Invoice {
        corrects: corrects(root, kind, &mut warnings),
        iban: iban(root, &mut warnings),
        payment_reference: root.text("PaymentMeans/PaymentID").or_else(|| root.text("PaymentMeans/InstructionID")),
        // "NA" is Peppol's word for no order number (BIS Billing 3, OrderReference).
        order_reference: root.text("OrderReference/ID").filter(|id| id != "NA"),
        description: description(root),
        seller: party::seller(root),
        term_source: TermSource::Invoice,
        number,
        kind,
        issue_date,
        due_date,
        due_source,
        total,
        prepaid,
        payable,
        debtor,
    };
    if let Some(payee) = party::payee(root).filter(|payee| Some(payee) != invoice.seller.name.as_ref()) {
        warnings.push(format!("to be paid to {payee}, not to the seller"));
    }
    let buyer_reference = root.text("BuyerReference");
    Ok(ReadInvoice { format: "ubl".into(), invoice, buyer_id: printed_id, buyer_reference, warnings })
}

/// What the root element and the type code (UNTDID 1001) say the document is.
fn kind(root: Element, warnings: &mut Vec<String>) -> Result<InvoiceKind, InvoiceFault> {
    let by_root = kind_of_root(root)?;
    let field = match by_root {
        InvoiceKind::Invoice => "InvoiceTypeCode",
        InvoiceKind::CreditNote => "CreditNoteTypeCode",
    };
    let Some((element, code)) = root.at_most_one(field)?.and_then(|e| Some((e, e.own_text()?))) else {
        return Ok(by_root);
    };
    if let Some(reason) = document_type::refused(&code) {
        return Err(element.fault(format!("type {code} {reason}")));
    }
    let by_code = document_type::kind(&code);
    match (by_root, by_code) {
        (InvoiceKind::Invoice, Some(kind)) => return Ok(kind),
        (InvoiceKind::CreditNote, Some(InvoiceKind::CreditNote)) => {}
        (InvoiceKind::CreditNote, _) => {
            warnings.push(format!("{field} {code:?} is not that of a credit note; the document is read as one"));
        }
        (InvoiceKind::Invoice, None) => warnings.push(format!("{field} {code:?} is not known; read as an invoice")),
    }
    Ok(by_root)
}

fn kind_of_root(root: Element) -> Result<InvoiceKind, InvoiceFault> {
    let schema = root.namespace().strip_prefix("urn:oasis:names:specification:ubl:schema:xsd:");
    match (schema, root.name()) {
        (Some("Invoice-2"), "Invoice") => Ok(InvoiceKind::Invoice),
        (Some("CreditNote-2"), "CreditNote") => Ok(InvoiceKind::CreditNote),
        (Some(_), "SelfBilledInvoice" | "SelfBilledCreditNote") => Err(root.fault(
            "a self-billed UBL document: the buyer wrote it for the seller, so there is nothing to remind the buyer of",
        )),
        (Some(_), name) => Err(root.fault(format!(
            "a UBL {name}, which is not an invoice: only Invoice and CreditNote belong in this folder"
        ))),
        (None, name) => Err(root.fault(common::foreign(name, root.namespace()))),
    }
}

/// An xs:date: the civil date counts, a time zone behind it means nothing.
fn date(element: Element, warnings: &mut Vec<String>) -> Result<NaiveDate, InvoiceFault> {
    let text = element.own_text().unwrap_or_default();
    let (day, rest) = text.split_at_checked(10).unwrap_or((&text, ""));
    let with_time = rest.starts_with(['T', ' ']);
    if with_time {
        warnings.push(format!("{} {text:?} has a time; only the date counts", element.name()));
    }
    iso_date(day).filter(|_| with_time || is_zone(rest)).ok_or_else(|| {
        element.fault(format!("{} {text:?} is not a date: expected one like 2026-10-31", element.name()))
    })
}

fn is_zone(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    matches!(shape.as_str(), "" | "Z" | "+00:00" | "-00:00")
}

/// The due date, wherever the profile puts it, else what the text of the payment terms says.
fn due_date(
    root: Element,
    kind: InvoiceKind,
    issued: NaiveDate,
    warnings: &mut Vec<String>,
) -> Result<(Option<NaiveDate>, DueSource), InvoiceFault> {
    let mut found = BTreeSet::new();
    for path in ["DueDate", "PaymentMeans/PaymentDueDate", "PaymentTerms/PaymentDueDate"] {
        for element in root.all(path).into_iter().filter(|element| element.own_text().is_some()) {
            found.insert(date(element, warnings)?);
        }
        if !found.is_empty() {
            break;
        }
    }
    if found.is_empty() {
        found = ends_of_settlement(root, warnings)?;
    }
    let terms = || root.all("PaymentTerms/Note").into_iter().map(Element::lines).collect();
    Ok(common::due_date(&found, terms, kind, issued, warnings))
}

/// The last day of the period in which payment is expected, where it is not the period of a discount.
fn ends_of_settlement(root: Element, warnings: &mut Vec<String>) -> Result<BTreeSet<NaiveDate>, InvoiceFault> {
    let is_discount = |terms: &Element| {
        ["SettlementDiscountPercent", "SettlementDiscountAmount"].iter().any(|name| terms.first(name).is_some())
    };
    let terms = root.all("PaymentTerms").into_iter().filter(|terms| !is_discount(terms));
    let ends = terms.flat_map(|terms| terms.all("SettlementPeriod/EndDate")).filter(|end| end.own_text().is_some());
    ends.map(|end| date(end, warnings)).collect()
}

fn corrects(root: Element, kind: InvoiceKind, warnings: &mut Vec<String>) -> Option<InvoiceNumber> {
    common::corrects(kind, root.texts("BillingReference/InvoiceDocumentReference/ID"), warnings)
}

fn iban(root: Element, warnings: &mut Vec<String>) -> Option<String> {
    let codes = root.texts("PaymentMeans/PaymentMeansCode");
    common::account(&codes, root.texts("PaymentMeans/PayeeFinancialAccount/ID"), warnings)
}

/// What the invoice is for.
fn description(root: Element) -> Option<String> {
    let item = ["InvoiceLine/Item/Name", "CreditNoteLine/Item/Name", "InvoiceLine/Item/Description"];
    common::description(root.text("Note"), || item.iter().find_map(|path| root.text(path)))
}

/// PayableAmount decides what must be paid.
fn totals(root: Element, kind: InvoiceKind, warnings: &mut Vec<String>) -> Result<Totals, InvoiceFault> {
    const NAMES: Names = Names {
        currency: "DocumentCurrencyCode",
        payable: "PayableAmount",
        total: "TaxInclusiveAmount",
        prepaid: "PrepaidAmount",
        rounding: "PayableRoundingAmount",
        without_vat: "TaxExclusiveAmount",
        lines: "LineExtensionAmount",
        tells_currency: true,
    };
    let sums = root.only("LegalMonetaryTotal")?;
    let mut lines = root.all("InvoiceLine/LineExtensionAmount");
    lines.extend(root.all("CreditNoteLine/LineExtensionAmount"));
    let vat: Vec<Element> = root.all("TaxTotal").iter().filter_map(|tax| tax.first("TaxAmount")).collect();
    let read = totals::read(root, sums, &NAMES, warnings)?;
    totals::check(sums, &NAMES, &lines, &vat, read.rounding, warnings);
    let turns = root.name() == "Invoice";
    read.signed(kind, turns, sums.only(NAMES.payable)?, warnings)
}

#[cfg(test)]
mod tests {
    use super::super::read_xml as read;
    use super::*;
    use crate::dunning::debtor::DebtorKind;
    use crate::dunning::ids::DebtorId;
    use proptest::prelude::*;
    use serde_json::json;

    /// A whole invoice or credit note of our own, the shortest that has every field.
    fn document(root: &str) -> String {
        let type_code = if root == "Invoice" { "<b:InvoiceTypeCode>380</b:InvoiceTypeCode>" } else { "" };
        let due = if root == "Invoice" { "<b:DueDate>2026-10-31</b:DueDate>" } else { "" };
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
 xmlns:a="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<b:ID> 2026/0412 </b:ID>
<b:IssueDate>2026-10-01</b:IssueDate>
{due}
{type_code}
<b:Note>Schilderwerk oktober</b:Note>
<b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode>
<b:BuyerReference>project 7</b:BuyerReference>
<a:OrderReference><b:ID>PO-1</b:ID></a:OrderReference>
<a:BillingReference><a:InvoiceDocumentReference><b:ID>2026/0400</b:ID></a:InvoiceDocumentReference></a:BillingReference>
<a:AccountingSupplierParty><a:Party>
 <a:PartyName><b:Name>Verf &amp; Co</b:Name></a:PartyName>
 <a:PartyTaxScheme><b:CompanyID>NL001234567B01</b:CompanyID><a:TaxScheme><b:ID>VAT</b:ID></a:TaxScheme></a:PartyTaxScheme>
 <a:PartyLegalEntity><b:RegistrationName>Verf B.V.</b:RegistrationName><b:CompanyID schemeID="0106">12345678</b:CompanyID></a:PartyLegalEntity>
</a:Party></a:AccountingSupplierParty>
<a:AccountingCustomerParty><b:SupplierAssignedAccountID>K 1001</b:SupplierAssignedAccountID><a:Party>
 <a:PostalAddress><a:Country><b:IdentificationCode>nl</b:IdentificationCode></a:Country></a:PostalAddress>
 <a:PartyLegalEntity><b:RegistrationName>Jansen Bouw B.V.</b:RegistrationName><b:CompanyID schemeID="0106">87654321</b:CompanyID></a:PartyLegalEntity>
 <a:Contact><b:Name>mevrouw De Vries</b:Name><b:Telephone>020-7654321</b:Telephone><b:ElectronicMail>administratie@jansenbouw.example</b:ElectronicMail></a:Contact>
</a:Party></a:AccountingCustomerParty>
<a:PaymentMeans><b:PaymentMeansCode>30</b:PaymentMeansCode><b:PaymentID>RF18539007547034</b:PaymentID>
 <a:PayeeFinancialAccount><b:ID>NL91 ABNA 0417 1643 00</b:ID></a:PayeeFinancialAccount></a:PaymentMeans>
<a:TaxTotal><b:TaxAmount currencyID="EUR">210.00</b:TaxAmount></a:TaxTotal>
<a:LegalMonetaryTotal>
 <b:LineExtensionAmount currencyID="EUR">1000.00</b:LineExtensionAmount>
 <b:TaxExclusiveAmount currencyID="EUR">1000.00</b:TaxExclusiveAmount>
 <b:TaxInclusiveAmount currencyID="EUR">1210.00</b:TaxInclusiveAmount>
 <b:PrepaidAmount currencyID="EUR">10.00</b:PrepaidAmount>
 <b:PayableAmount currencyID="EUR">1200.00</b:PayableAmount>
</a:LegalMonetaryTotal>
<a:{root}Line><b:LineExtensionAmount currencyID="EUR">1000.00</b:LineExtensionAmount><a:Item><b:Name>Kozijnen</b:Name></a:Item></a:{root}Line>
</{root}>
"#
        )
    }

    fn changed(from: &str, to: &str) -> Result<ReadInvoice, InvoiceFault> {
        let text = document("Invoice");
        assert!(text.contains(from), "{from}");
        read(&text.replace(from, to))
    }

    fn warned(from: &str, to: &str, word: &str) -> Invoice {
        let read = changed(from, to).unwrap();
        assert!(read.warnings.iter().any(|warning| warning.contains(word)), "{:?}", read.warnings);
        read.invoice
    }

    fn refused(from: &str, to: &str, word: &str) -> InvoiceFault {
        let fault = changed(from, to).unwrap_err();
        assert!(fault.reason.contains(word) && fault.line.is_some() && !fault.incomplete, "{fault:?}");
        fault
    }

    #[test]
    fn an_invoice_is_read_whole() {
        let read = read(&document("Invoice")).unwrap();
        assert_eq!(read.warnings, Vec::<String>::new());
        let expected = json!({
            "file": "a.xml", "format": "ubl", "kind": "invoice", "number": "2026/0412",
            "issue_date": "2026-10-01", "due_date": "2026-10-31",
            "currency": "EUR", "total": "1210.00", "prepaid": "10.00", "payable": "1200.00",
            "seller": {"name": "Verf & Co", "vat": "NL001234567B01", "kvk": "12345678"},
            "buyer": {
                "name": "Jansen Bouw B.V.", "email": "administratie@jansenbouw.example", "vat": null,
                "kvk": "87654321", "country": "NL", "id": "K 1001", "kind": "business",
                "contact": "mevrouw De Vries", "phone": "020-7654321", "language": null,
                "debtor": DebtorId::from_text("K 1001"),
            },
            "iban": "NL91ABNA0417164300", "payment_reference": "RF18539007547034", "order_reference": "PO-1",
            "buyer_reference": "project 7", "corrects": null, "description": "Schilderwerk oktober",
            "term_source": "invoice", "due_source": "stated", "warnings": [], "error": null,
        });
        assert_eq!(crate::einvoice::to_json("a.xml", &Ok(read)), expected);
    }

    #[test]
    fn a_credit_note_is_read_whole() {
        let read = read(&document("CreditNote")).unwrap();
        assert_eq!(read.warnings, Vec::<String>::new());
        assert_eq!(read.invoice.kind, InvoiceKind::CreditNote);
        assert_eq!(read.invoice.corrects, Some("2026/0400".into()));
        assert_eq!((read.invoice.payable.to_string().as_str(), read.invoice.due_date), ("1200.00", None));
    }

    #[test]
    fn the_type_code_decides() {
        let code = "<b:InvoiceTypeCode>380<";
        let with = |code: &str| format!("<b:InvoiceTypeCode>{code}<");
        assert_eq!(changed(code, &with("381")).unwrap().invoice.kind, InvoiceKind::CreditNote);
        assert_eq!(changed(code, &with("388")).unwrap().invoice.kind, InvoiceKind::Invoice);
        warned(code, &with("SalesInvoice"), "not known");
        for (number, word) in [("384", "corrected"), ("389", "self-billed"), ("325", "pro forma"), ("393", "factor")] {
            assert_eq!(refused(code, &with(number), word).line, Some(8));
        }
        let note =
            document("CreditNote").replace("<b:Note>", "<b:CreditNoteTypeCode>380</b:CreditNoteTypeCode><b:Note>");
        assert_eq!(read(&note).unwrap().invoice.kind, InvoiceKind::CreditNote);
        assert!(!read(&note).unwrap().warnings.is_empty());
    }

    #[test]
    fn amounts_that_cannot_be_asked_for_are_refused() {
        let payable = r#""EUR">1200.00"#;
        refused(payable, r#""EUR">-1200.00"#, "seller owes the buyer");
        refused(payable, r#""USD">1200.00"#, "one currency");
        refused(payable, r#""EUR">1200.001"#, "more decimals");
        refused(payable, r#""EUR">1.200,00"#, "not an amount");
        refused(payable, r#""EUR">"#, "is empty");
        refused("<b:DocumentCurrencyCode>EUR", "<b:DocumentCurrencyCode>XYZ", "not a currency");
        refused(
            "<b:PayableAmount",
            "<b:PayableAmount currencyID='EUR'>5</b:PayableAmount><b:PayableAmount",
            "more than once",
        );
        refused(
            "<b:DocumentCurrencyCode>",
            "<b:DocumentCurrencyCode>USD</b:DocumentCurrencyCode><b:DocumentCurrencyCode>",
            "more than once",
        );
        refused("PayableAmount", "Amount", "PayableAmount is missing");
        let negative = document("CreditNote").replace(payable, r#""EUR">-1200.00"#);
        assert!(read(&negative).unwrap_err().reason.contains("would be a claim"));
    }

    #[test]
    fn a_negative_invoice_of_type_381_is_a_credit() {
        let text = document("Invoice").replace(">380<", ">381<").replace(r#""EUR">"#, r#""EUR">-"#);
        let read = read(&text).unwrap();
        let amounts = [read.invoice.total, read.invoice.prepaid, read.invoice.payable].map(|money| money.to_string());
        assert_eq!(
            (read.invoice.kind, amounts),
            (InvoiceKind::CreditNote, ["1210.00", "10.00", "1200.00"].map(String::from))
        );
    }

    #[test]
    fn sums_are_warned_about_and_payable_counts() {
        let invoice = warned(r#""EUR">1200.00"#, r#""EUR">1150.00"#, "do not add up");
        assert_eq!(invoice.payable.to_string(), "1150.00");
        warned(r#"<b:TaxAmount currencyID="EUR">210"#, r#"<b:TaxAmount currencyID="EUR">211"#, "do not make");
        warned(
            "<a:InvoiceLine><b:LineExtensionAmount currencyID=\"EUR\">1",
            "<a:InvoiceLine><b:LineExtensionAmount currencyID=\"EUR\">2",
            "lines add up",
        );
        let total = "<b:TaxInclusiveAmount currencyID=\"EUR\">1210.00</b:TaxInclusiveAmount>";
        assert_eq!(warned(total, "", "taken from PayableAmount").total.to_string(), "1210.00");
        warned("<b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode>", "", "EUR of PayableAmount");
        warned("<b:PayableAmount currencyID=\"EUR\"", "<b:PayableAmount", "no currencyID");
    }

    #[test]
    fn rounding_counts_in_either_of_its_two_places() {
        let rounding = "<b:PayableRoundingAmount currencyID=\"EUR\">0.30</b:PayableRoundingAmount><b:PayableAmount";
        let text = document("Invoice").replace("<b:PayableAmount", rounding);
        let modern = text.replace(r#""EUR">1200.00"#, r#""EUR">1200.30"#);
        let older = modern.replace(r#""EUR">1210.00"#, r#""EUR">1210.30"#);
        for text in [modern, older] {
            let read = read(&text).unwrap();
            assert_eq!((read.warnings, read.invoice.payable.to_string()), (Vec::new(), "1200.30".to_owned()));
        }
    }

    #[test]
    fn dates() {
        let due = "<b:DueDate>2026-10-31</b:DueDate>";
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        assert_eq!(changed("2026-10-31", "2026-10-31+01:00").unwrap().invoice.due_date, day("2026-10-31"));
        assert_eq!(changed("2026-10-31", "2026-10-31Z").unwrap().invoice.due_date, day("2026-10-31"));
        warned("2026-10-31", "2026-10-31T00:00:00", "has a time");
        warned("2026-10-31", "2026-09-30", "before the invoice date");
        refused("2026-10-31", "31-10-2026", "is not a date");
        refused("2026-10-01", "2026-02-30", "is not a date");
        refused("<b:IssueDate>2026-10-01</b:IssueDate>", "", "IssueDate is missing");
        assert_eq!(changed(due, "").unwrap().invoice.due_date, None);
        assert_eq!(changed(due, "<b:DueDate/>").unwrap().invoice.due_date, None);
        let later = document("Invoice").replace(due, "").replace(
            "<b:PaymentMeansCode>30",
            "<b:PaymentDueDate>2026-11-05</b:PaymentDueDate><b:PaymentDueDate>2026-11-15</b:PaymentDueDate><b:PaymentMeansCode>49",
        );
        let read = read(&later).unwrap();
        assert_eq!((read.invoice.due_date, read.warnings.len()), (day("2026-11-15"), 2));
    }

    #[test]
    fn a_due_date_stands_in_its_own_field_else_in_the_terms() {
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        let stated = "<b:DueDate>2026-10-31</b:DueDate>";
        let with = |terms: &str| {
            let terms = format!("{terms}<a:TaxTotal>");
            document("Invoice").replace("<a:TaxTotal>", &terms)
        };
        let due = |text: &str| read(text).map(|read| (read.invoice.due_date, read.invoice.due_source)).unwrap();
        let note = |text: &str| format!("<a:PaymentTerms><b:Note>{text}</b:Note></a:PaymentTerms>");
        assert_eq!(due(&with(&note("14 dagen"))), (day("2026-10-31"), DueSource::Stated));
        let without = |terms: &str| with(terms).replace(stated, "");
        assert_eq!(due(&without(&note("14 dagen"))), (day("2026-10-15"), DueSource::Terms));
        assert_eq!(due(&without(&note("#SKONTO#TAGE=7#PROZENT=2#\nnet 30"))), (day("2026-10-31"), DueSource::Terms));
        assert_eq!(due(&without("")), (None, DueSource::Stated));
        let unclear = read(&without(&note("10 werkdagen"))).unwrap();
        assert_eq!((unclear.invoice.due_date, unclear.warnings.len()), (None, 1));
        let period = |discount: &str| {
            without(&format!(
                "<a:PaymentTerms>{discount}<a:SettlementPeriod><b:EndDate>2026-11-20</b:EndDate></a:SettlementPeriod></a:PaymentTerms>"
            ))
        };
        assert_eq!(due(&period("")), (day("2026-11-20"), DueSource::Stated));
        let discount = "<b:SettlementDiscountPercent>2</b:SettlementDiscountPercent>";
        assert_eq!(due(&period(discount)), (None, DueSource::Stated));
        let credit = document("CreditNote").replace("<a:TaxTotal>", &format!("{}<a:TaxTotal>", note("14 dagen")));
        assert_eq!(due(&credit), (None, DueSource::Stated));
    }

    #[test]
    fn other_documents_are_named() {
        let named = |text: &str, word: &str| {
            let reason = read(text).unwrap_err().reason;
            assert!(reason.contains(word), "{reason}");
        };
        named("<Order xmlns='urn:oasis:names:specification:ubl:schema:xsd:Order-2'/>", "UBL Order");
        named("<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.02'/>", "statements folder");
        named("<Invoice/>", "namespace of UBL");
        named("<StandardBusinessDocument/>", "envelope");
        named("<html/>", "root element is \"html\"");
    }

    #[test]
    fn references_and_descriptions() {
        assert_eq!(changed("PO-1", "NA").unwrap().invoice.order_reference, None);
        assert_eq!(
            changed("b:PaymentID", "b:InstructionID").unwrap().invoice.payment_reference.unwrap(),
            "RF18539007547034"
        );
        let long = "Op al onze leveringen zijn de algemene voorwaarden van toepassing die u op verzoek ontvangt. ";
        assert_eq!(changed("Schilderwerk oktober", long).unwrap().invoice.description.unwrap(), "Kozijnen");
        let only_note = document("Invoice").replace("Schilderwerk oktober", long).replace("Kozijnen", "");
        assert!(
            read(&only_note).unwrap().invoice.description.unwrap().ends_with("voorwaarden van toepassing die u op…")
        );
        let several = document("CreditNote").replace("<b:ID>2026/0400</b:ID>", "<b:ID>1</b:ID><b:ID>2</b:ID>");
        let read = read(&several).unwrap();
        assert_eq!((read.invoice.corrects, read.warnings.len()), (None, 1));
    }

    #[test]
    fn a_buyer_must_be_somebody() {
        refused(
            "<a:AccountingCustomerParty>",
            "<a:AccountingCustomerParty/><a:AccountingCustomerParty>",
            "more than once",
        );
        let payee =
            "<a:PayeeParty><a:PartyName><b:Name>Factor N.V.</b:Name></a:PartyName></a:PayeeParty><a:PaymentMeans>";
        warned("<a:PaymentMeans>", payee, "to be paid to Factor N.V.");
        refused("a:AccountingCustomerParty", "a:BuyerCustomerParty", "no buyer");
        let name = "<b:RegistrationName>Jansen Bouw B.V.</b:RegistrationName>";
        let contact = "<b:Name>mevrouw De Vries</b:Name>";
        assert_eq!(changed(name, "").unwrap().invoice.debtor.name, "mevrouw De Vries");
        let numbered = read(&document("Invoice").replace(name, "").replace(contact, "")).unwrap();
        assert_eq!((numbered.invoice.debtor.name.as_str(), numbered.warnings.len()), ("K 1001", 1));
        let text = document("Invoice").replace("87654321", "").replace("K 1001", "");
        assert_eq!(read(&text).unwrap().invoice.debtor.kind, DebtorKind::Consumer);
        let nobody = text.replace(name, "").replace(contact, "");
        assert!(read(&nobody).unwrap_err().reason.contains("has no name"));
    }

    #[test]
    fn many_lines_take_no_time() {
        let line =
            "<a:InvoiceLine><b:LineExtensionAmount currencyID=\"EUR\">0.00</b:LineExtensionAmount></a:InvoiceLine>";
        let text = document("Invoice").replace("</Invoice>", &format!("{}</Invoice>", line.repeat(20_000)));
        let start = std::time::Instant::now();
        assert!(read(&text).is_ok());
        assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
    }

    proptest! {
        #[test]
        fn damage_never_panics(at in 0usize..4000, length in 0usize..40, put in "[<>&/\"'0-9a-z:. é-]{0,12}") {
            let mut text: Vec<char> = document("Invoice").chars().collect();
            let at = at.min(text.len());
            text.splice(at..(at + length).min(text.len()), put.chars());
            let text: String = text.into_iter().collect();
            let _ = read(&text);
        }
    }
}
