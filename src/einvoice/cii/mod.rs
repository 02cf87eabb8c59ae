//! UN/CEFACT Cross Industry Invoice: D16B as in EN 16931, Factur-X, ZUGFeRD 2 and XRechnung, and the older form of
//! ZUGFeRD 1. Reads what dunning needs and does not validate the rest.

mod party;

use super::buyer::Buyer;
use super::totals::{self, Names, Totals};
use super::xml::Element;
use super::{InvoiceFault, ReadInvoice, common, document_type, iso_date};
use crate::dunning::invoice::{DueSource, Invoice, InvoiceKind, TermSource};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// The parts that ZUGFeRD 1 calls by another name.
struct Parts<'a, 'i> {
    document: Element<'a, 'i>,
    transaction: Element<'a, 'i>,
    agreement: Element<'a, 'i>,
    settlement: Element<'a, 'i>,
    sums: Element<'a, 'i>,
}

/// Is this the root of such a document?
pub(super) fn is_root(root: Element) -> bool {
    matches!(root.name(), "CrossIndustryInvoice" | "CrossIndustryDocument")
}

/// Reads one document.
pub(super) fn read(root: Element) -> Result<ReadInvoice, InvoiceFault> {
    let Parts { document, transaction, agreement, settlement, sums } = parts(root)?;
    let mut warnings = Vec::new();
    let kind = kind(document, &mut warnings)?;
    let number = common::number(document)?;
    let issue_date = date(document.only("IssueDateTime")?)?;
    let (due_date, due_source) = due_date(settlement, kind, issue_date, &mut warnings)?;
    let Totals { total, prepaid, payable, .. } = totals(transaction, settlement, sums, kind, &mut warnings)?;
    let Buyer { debtor, printed_id } = party::buyer(agreement, &mut warnings)?;
    let invoice = Invoice {
        corrects: common::corrects(kind, settlement.texts("InvoiceReferencedDocument/IssuerAssignedID"), &mut warnings),
        iban: account(settlement, &mut warnings),
        payment_reference: settlement.text("PaymentReference"),
        order_reference: ["IssuerAssignedID", "ID"]
            .iter()
            .find_map(|id| agreement.text(&format!("BuyerOrderReferencedDocument/{id}"))),
        description: description(document, transaction),
        seller: party::seller(agreement),
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
    if let Some(payee) =
        settlement.text("PayeeTradeParty/Name").filter(|payee| Some(payee) != invoice.seller.name.as_ref())
    {
        warnings.push(format!("to be paid to {payee}, not to the seller"));
    }
    let buyer_reference = agreement.text("BuyerReference");
    Ok(ReadInvoice { format: "cii".into(), invoice, buyer_id: printed_id, buyer_reference, warnings })
}

fn parts<'a, 'i>(root: Element<'a, 'i>) -> Result<Parts<'a, 'i>, InvoiceFault> {
    if root.name() == "CrossIndustryDocument" {
        let transaction = root.only("SpecifiedSupplyChainTradeTransaction")?;
        let settlement = transaction.only("ApplicableSupplyChainTradeSettlement")?;
        return Ok(Parts {
            document: root.only("HeaderExchangedDocument")?,
            agreement: transaction.only("ApplicableSupplyChainTradeAgreement")?,
            sums: settlement.only("SpecifiedTradeSettlementMonetarySummation")?,
            settlement,
            transaction,
        });
    }
    let transaction = root.only("SupplyChainTradeTransaction")?;
    let settlement = transaction.only("ApplicableHeaderTradeSettlement")?;
    Ok(Parts {
        document: root.only("ExchangedDocument")?,
        agreement: transaction.only("ApplicableHeaderTradeAgreement")?,
        sums: settlement.only("SpecifiedTradeSettlementHeaderMonetarySummation")?,
        settlement,
        transaction,
    })
}

/// The type code alone says what the document is.
fn kind(document: Element, warnings: &mut Vec<String>) -> Result<InvoiceKind, InvoiceFault> {
    let element = document.only("TypeCode")?;
    let code = element.own_text().unwrap_or_default();
    if let Some(reason) = document_type::refused(&code) {
        return Err(element.fault(format!("type {code} {reason}")));
    }
    Ok(document_type::kind(&code).unwrap_or_else(|| {
        warnings.push(format!("TypeCode {code:?} is not known; read as an invoice"));
        InvoiceKind::Invoice
    }))
}

/// A date in a `DateTimeString` (UNTDID 2379: format 102 `20261031`, 203 with a time behind it) or a `DateTime` in
/// ISO 8601; the civil date counts.
fn date(parent: Element) -> Result<NaiveDate, InvoiceFault> {
    let element = parent
        .first("DateTimeString")
        .or_else(|| parent.first("DateString"))
        .or_else(|| parent.first("DateTime"))
        .unwrap_or(parent);
    let text = element.own_text().unwrap_or_default();
    day(&text)
        .ok_or_else(|| element.fault(format!("{} {text:?} is not a date: expected one like 20261031", parent.name())))
}

fn day(text: &str) -> Option<NaiveDate> {
    let digits = |length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits(8) || digits(12) {
        return NaiveDate::parse_from_str(text.get(..8)?, "%Y%m%d").ok();
    }
    let (day, rest) = text.split_at_checked(10)?;
    (rest.is_empty() || rest.starts_with('T')).then(|| iso_date(day)).flatten()
}

fn due_date(
    settlement: Element,
    kind: InvoiceKind,
    issued: NaiveDate,
    warnings: &mut Vec<String>,
) -> Result<(Option<NaiveDate>, DueSource), InvoiceFault> {
    let mut found = BTreeSet::new();
    for element in settlement.all("SpecifiedTradePaymentTerms/DueDateDateTime") {
        found.insert(date(element)?);
    }
    let terms = || settlement.all("SpecifiedTradePaymentTerms/Description").into_iter().map(Element::lines).collect();
    Ok(common::due_date(&found, terms, kind, issued, warnings))
}

fn account(settlement: Element, warnings: &mut Vec<String>) -> Option<String> {
    const MEANS: &str = "SpecifiedTradeSettlementPaymentMeans";
    let codes = settlement.texts(&format!("{MEANS}/TypeCode"));
    let mut numbers = settlement.texts(&format!("{MEANS}/PayeePartyCreditorFinancialAccount/IBANID"));
    numbers.extend(settlement.texts(&format!("{MEANS}/PayeePartyCreditorFinancialAccount/ProprietaryID")));
    common::account(&codes, numbers, warnings)
}

fn description(document: Element, transaction: Element) -> Option<String> {
    let item = "IncludedSupplyChainTradeLineItem/SpecifiedTradeProduct/Name";
    common::description(document.text("IncludedNote/Content"), || transaction.text(item))
}

/// DuePayableAmount decides what must be paid.
fn totals(
    transaction: Element,
    settlement: Element,
    sums: Element,
    kind: InvoiceKind,
    warnings: &mut Vec<String>,
) -> Result<Totals, InvoiceFault> {
    const NAMES: Names = Names {
        currency: "InvoiceCurrencyCode",
        payable: "DuePayableAmount",
        total: "GrandTotalAmount",
        prepaid: "TotalPrepaidAmount",
        rounding: "RoundingAmount",
        without_vat: "TaxBasisTotalAmount",
        lines: "LineTotalAmount",
        tells_currency: false,
    };
    let read = totals::read(settlement, sums, &NAMES, warnings)?;
    let lines = lines(transaction);
    totals::check(sums, &NAMES, &lines, &sums.all("TaxTotalAmount"), read.rounding, warnings);
    read.signed(kind, true, sums.only(NAMES.payable)?, warnings)
}

/// The amounts of the lines; none where a line is a subtotal or a text of another.
fn lines<'a, 'i>(transaction: Element<'a, 'i>) -> Vec<Element<'a, 'i>> {
    let items = transaction.all("IncludedSupplyChainTradeLineItem");
    if items.iter().any(|item| item.first("AssociatedDocumentLineDocument/LineStatusReasonCode").is_some()) {
        return Vec::new();
    }
    let sums = [
        "SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount",
        "SpecifiedSupplyChainTradeSettlement/SpecifiedTradeSettlementMonetarySummation/LineTotalAmount",
    ];
    items.iter().flat_map(|item| sums.iter().flat_map(|path| item.all(path))).collect()
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::DOCUMENT as EXAMPLE;
