//! UBL 2.1 Invoice and CreditNote (Peppol BIS 3, NLCIUS/SI-UBL, Belgian e-FFF). Reads what dunning needs and does not
//! validate the rest: a file with a wrong tax category is still owed.

use super::party::{self, Buyer};
use super::totals::{self, Totals};
use super::xml::{self, Element};
use super::{InvoiceFault, ReadInvoice, iso_date};
use crate::dunning::ids::InvoiceNumber;
use crate::dunning::invoice::{Invoice, InvoiceKind, TermSource};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// Longest number and description that are kept, in characters.
const LONGEST_NUMBER: usize = 100;
const SHORT_NOTE: usize = 80;

/// Reads one UBL document from its text.
pub fn read(text: &str) -> Result<ReadInvoice, InvoiceFault> {
    let document = xml::parse(text)?;
    let root = Element::root(&document);
    let mut warnings = Vec::new();
    let kind = kind(root, &mut warnings)?;
    let number = number(root)?;
    let issue_date = date(root.only("IssueDate")?, &mut warnings)?;
    let due_date = due_date(root, issue_date, &mut warnings)?;
    let Totals { total, prepaid, payable } = totals::totals(root, kind, &mut warnings)?;
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
        total,
        prepaid,
        payable,
        debtor,
    };
    if let Some(payee) = party::payee(root).filter(|payee| Some(payee) != invoice.seller.name.as_ref()) {
        warnings.push(format!("to be paid to {payee}, not to the seller"));
    }
    let buyer_reference = root.text("BuyerReference");
    Ok(ReadInvoice { format: "ubl", invoice, buyer_id: printed_id, buyer_reference, warnings })
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
    if let Some(reason) = refused_type(&code) {
        return Err(element.fault(format!("type {code} {reason}")));
    }
    let is_credit = matches!(code.as_str(), "81" | "83" | "296" | "308" | "381" | "420" | "458" | "532");
    let known = code.len() <= 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    match by_root {
        InvoiceKind::Invoice if is_credit => return Ok(InvoiceKind::CreditNote),
        InvoiceKind::CreditNote if !is_credit => {
            warnings.push(format!("{field} {code:?} is not that of a credit note; the document is read as one"));
        }
        InvoiceKind::Invoice if !known => warnings.push(format!("{field} {code:?} is not known; read as an invoice")),
        InvoiceKind::Invoice | InvoiceKind::CreditNote => {}
    }
    Ok(by_root)
}

/// Documents that are no claim of the seller, or not one that a machine should pursue.
fn refused_type(code: &str) -> Option<&'static str> {
    match code {
        "384" => Some(
            "is a corrected invoice, which does not say whether it replaces the old one or adds to it: send a credit \
             note (381) and a new invoice (380) instead",
        ),
        "389" | "261" | "527" => Some(
            "is self-billed: the buyer wrote it for the seller, so there is nothing to remind the buyer of; keep it \
             out of this folder",
        ),
        "325" => Some("is a pro forma invoice, which nobody has to pay: put the invoice itself into the folder"),
        "751" => Some("is information for the accounts and no request to pay: put the invoice itself into the folder"),
        "393" | "396" => {
            Some("is factored: the claim belongs to a factor, who collects it; keep it out of this folder")
        }
        _ => None,
    }
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
        (None, name) => Err(root.fault(foreign(name, root.namespace()))),
    }
}

fn foreign(name: &str, namespace: &str) -> String {
    let name: String = name.chars().take(60).collect();
    let what = match name.as_str() {
        "CrossIndustryInvoice" | "CrossIndustryDocument" => {
            "this is a CII invoice (Factur-X, ZUGFeRD, XRechnung), a format that is not read"
        }
        "StandardBusinessDocument" => {
            "this is a Peppol envelope (StandardBusinessDocument): take the invoice out of it"
        }
        "Document" if namespace.contains("camt") => {
            return "this is a bank statement (CAMT): put it into the statements folder".to_owned();
        }
        "FatturaElettronica" => "this is an Italian FatturaPA invoice, a format that is not read",
        "Facturae" => "this is a Spanish Facturae invoice, a format that is not read",
        "Finvoice" => "this is a Finnish Finvoice, a format that is not read",
        "Invoice" | "CreditNote" => {
            return format!(
                "the element {name} is not in the namespace of UBL 2 (found {namespace:?}): write the invoice as UBL 2.1"
            );
        }
        _ => return format!("the root element is {name:?}: expected a UBL 2.1 Invoice or CreditNote"),
    };
    format!("{what}: write it as UBL 2.1 (Peppol BIS 3) or as a small TOML file")
}

fn number(root: Element) -> Result<InvoiceNumber, InvoiceFault> {
    let element = root.only("ID")?;
    let text = element.own_text().ok_or_else(|| element.fault("ID is empty: expected the invoice's number"))?;
    if text.chars().count() > LONGEST_NUMBER {
        return Err(element.fault("the invoice's number is longer than 100 characters: expected a short one"));
    }
    Ok(InvoiceNumber::new(text))
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

/// The due date, wherever the profile puts it. Of several the last, so that nobody is reminded early.
fn due_date(root: Element, issued: NaiveDate, warnings: &mut Vec<String>) -> Result<Option<NaiveDate>, InvoiceFault> {
    let mut found = BTreeSet::new();
    for path in ["DueDate", "PaymentMeans/PaymentDueDate", "PaymentTerms/PaymentDueDate"] {
        for element in root.all(path).into_iter().filter(|element| element.own_text().is_some()) {
            found.insert(date(element, warnings)?);
        }
        if !found.is_empty() {
            break;
        }
    }
    let due = found.last().copied();
    if found.len() > 1 {
        warnings.push("the file names several due dates; the last one counts".to_owned());
    }
    if due.is_some_and(|due| due < issued) {
        warnings.push("the due date lies before the invoice date".to_owned());
    }
    Ok(due)
}

/// The one invoice that a credit note corrects.
fn corrects(root: Element, kind: InvoiceKind, warnings: &mut Vec<String>) -> Option<InvoiceNumber> {
    match kind {
        InvoiceKind::Invoice => None,
        InvoiceKind::CreditNote => {
            let numbers: BTreeSet<String> =
                root.texts("BillingReference/InvoiceDocumentReference/ID").into_iter().collect();
            if numbers.len() > 1 {
                let list: Vec<&str> = numbers.iter().map(String::as_str).collect();
                warnings
                    .push(format!("this credit note corrects several invoices ({}); none is chosen", list.join(", ")));
                return None;
            }
            numbers.into_iter().next().map(InvoiceNumber::new)
        }
    }
}

/// The account to pay to, without spaces.
fn iban(root: Element, warnings: &mut Vec<String>) -> Option<String> {
    let codes = root.texts("PaymentMeans/PaymentMeansCode");
    // UNCL4461: 49 direct debit, 59 SEPA direct debit.
    if codes.iter().any(|code| matches!(code.as_str(), "49" | "59")) {
        warnings.push("to be paid by direct debit, which the seller collects".to_owned());
    }
    let mut accounts: Vec<String> = Vec::new();
    for text in root.texts("PaymentMeans/PayeeFinancialAccount/ID") {
        let account: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if !accounts.contains(&account) {
            accounts.push(account);
        }
    }
    if accounts.len() > 1 {
        warnings.push(format!("{} accounts to pay to are named; the first is taken", accounts.len()));
    }
    accounts.into_iter().next()
}

/// What the invoice is for: a short note, else the first line's item, else the beginning of a long note.
fn description(root: Element) -> Option<String> {
    let note = root.text("Note");
    let is_short = |text: &String| text.chars().count() <= SHORT_NOTE && !text.starts_with('#');
    let item = || {
        ["InvoiceLine/Item/Name", "CreditNoteLine/Item/Name", "InvoiceLine/Item/Description"]
            .iter()
            .find_map(|path| root.text(path))
    };
    let chosen = note.clone().filter(is_short).or_else(item).or(note)?;
    Some(shortened(&chosen))
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= SHORT_NOTE {
        return text.to_owned();
    }
    let cut: String = text.chars().take(SHORT_NOTE - 1).collect();
    let whole_words = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{whole_words}…")
}

#[cfg(test)]
mod tests {
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
            "term_source": "invoice", "warnings": [], "error": null,
        });
        assert_eq!(super::super::to_json("a.xml", &Ok(read)), expected);
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
    fn other_documents_are_named() {
        let named = |text: &str, word: &str| {
            let reason = read(text).unwrap_err().reason;
            assert!(reason.contains(word), "{reason}");
        };
        named(
            "<x:CrossIndustryInvoice xmlns:x='urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100'/>",
            "CII",
        );
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
