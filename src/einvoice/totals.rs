//! The amounts of a UBL document. PayableAmount decides what must be paid; everything else is checked against it and
//! only warned about. Never corrects an amount.

use super::InvoiceFault;
use super::xml::Element;
use crate::dunning::invoice::InvoiceKind;
use crate::dunning::money::{Currency, Money};
use rust_decimal::Decimal;
use std::str::FromStr;

/// Lines may be written with more decimals than the sum.
const CENT: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// What the document says must be paid, in one currency.
pub(super) struct Totals {
    pub total: Money,
    pub prepaid: Money,
    pub payable: Money,
}

/// Reads and judges the totals.
pub(super) fn totals(root: Element, kind: InvoiceKind, warnings: &mut Vec<String>) -> Result<Totals, InvoiceFault> {
    let sums = root.only("LegalMonetaryTotal")?;
    let payable_element = sums.only("PayableAmount")?;
    let currency = currency(root, payable_element, warnings)?;
    let payable = amount(payable_element, currency, warnings)?;
    let mut optional = |name: &str| match sums.at_most_one(name)? {
        Some(element) if element.own_text().is_some() => amount(element, currency, warnings).map(Some),
        Some(_) | None => Ok(None),
    };
    let total = optional("TaxInclusiveAmount")?;
    let prepaid = optional("PrepaidAmount")?.unwrap_or(Money::zero(currency));
    let rounding = optional("PayableRoundingAmount")?.unwrap_or(Money::zero(currency));
    let implied = payable.checked_add(prepaid).and_then(|sum| sum.checked_sub(rounding));
    if total.is_none() {
        warnings.push("no TaxInclusiveAmount: the total is taken from PayableAmount".to_owned());
    }
    let total = total.or(implied).ok_or_else(|| sums.fault("the totals are too large"))?;
    // EN 16931 adds the rounding to the payable amount; BII and SI-UBL 1 had it in the total with VAT already.
    let before_rounding = payable.checked_add(prepaid);
    if implied != Some(total) && before_rounding != Some(total) {
        warnings.push(format!(
            "the totals do not add up: {total} with VAT less {prepaid} prepaid plus {rounding} rounding is not \
             {payable} payable; {payable} counts"
        ));
    }
    check_sums(root, sums, rounding.to_decimal(), warnings);
    signed(Totals { total, prepaid, payable }, kind, root, payable_element, warnings)
}

/// Amounts are kept positive for both kinds; what would be owed the other way round is refused.
fn signed(
    totals: Totals,
    kind: InvoiceKind,
    root: Element,
    payable: Element,
    warnings: &mut Vec<String>,
) -> Result<Totals, InvoiceFault> {
    match (totals.payable.is_negative(), kind, root.name()) {
        (false, InvoiceKind::Invoice | InvoiceKind::CreditNote, _) => Ok(totals),
        (true, InvoiceKind::Invoice, _) => Err(payable.fault(format!(
            "the payable amount is negative ({}): with this invoice the seller owes the buyer, so nothing can be \
             asked for; if it is a credit, write a credit note (type 381)",
            totals.payable
        ))),
        (true, InvoiceKind::CreditNote, "Invoice") => {
            warnings.push("a credit note (type 381) with negative amounts: they are read as positive".to_owned());
            let turned = |money: Money| Money::zero(money.currency()).checked_sub(money);
            let parts = (turned(totals.total), turned(totals.prepaid), turned(totals.payable));
            let (Some(total), Some(prepaid), Some(payable_amount)) = parts else {
                return Err(payable.fault("the totals are too large"));
            };
            Ok(Totals { total, prepaid, payable: payable_amount })
        }
        (true, InvoiceKind::CreditNote, _) => Err(payable.fault(format!(
            "the payable amount of this credit note is negative ({}), which would be a claim: write an invoice, or \
             the credit with a positive amount",
            totals.payable
        ))),
    }
}

fn currency(root: Element, payable: Element, warnings: &mut Vec<String>) -> Result<Currency, InvoiceFault> {
    let known = |code: &str, element: Element| {
        Currency::parse(code)
            .ok_or_else(|| element.fault(format!("{code:?} is not a currency: expected an ISO 4217 code like EUR")))
    };
    match root.at_most_one("DocumentCurrencyCode")?.and_then(|e| Some((e, e.own_text()?))) {
        Some((element, code)) => known(&code, element),
        None => {
            let code = payable.attribute("currencyID").ok_or_else(|| {
                payable.fault(
                    "no currency: expected DocumentCurrencyCode and the attribute currencyID, like EUR; add them",
                )
            })?;
            warnings.push(format!("no DocumentCurrencyCode: the currency {code} of PayableAmount is taken"));
            known(code, payable)
        }
    }
}

/// An amount in the currency of the document.
fn amount(element: Element, currency: Currency, warnings: &mut Vec<String>) -> Result<Money, InvoiceFault> {
    let name = element.name();
    match element.attribute("currencyID") {
        None => warnings.push(format!("{name} has no currencyID; {currency} is taken")),
        Some(code) if Currency::parse(code) == Some(currency) => {}
        Some(code) => {
            return Err(element.fault(format!(
                "{name} is in {code}, but the document is in {currency}: all totals must be in one currency"
            )));
        }
    }
    let text =
        element.own_text().ok_or_else(|| element.fault(format!("{name} is empty: expected an amount like 1210.00")))?;
    // xs:decimal allows a plus sign.
    Money::parse(text.strip_prefix('+').unwrap_or(&text), currency)
        .map_err(|fault| element.fault(format!("{name}: {fault}")))
}

/// The simple sums of EN 16931 (BR-CO-10, BR-CO-13 to 15), for a warning only: older profiles count otherwise.
fn check_sums(root: Element, sums: Element, rounding: Decimal, warnings: &mut Vec<String>) {
    let of = |name: &str| sums.text(name).and_then(|text| decimal(&text));
    let lines = total_of(root, "InvoiceLine/LineExtensionAmount", "CreditNoteLine/LineExtensionAmount");
    if let (Some(said), Some(sum)) = (of("LineExtensionAmount"), lines)
        && said.checked_sub(sum).is_none_or(|difference| difference.abs() >= CENT)
    {
        warnings.push(format!("the lines add up to {sum}, but LineExtensionAmount says {said}"));
    }
    let taxes = root.all("TaxTotal");
    let [tax] = taxes.as_slice() else { return };
    let tax = tax.text("TaxAmount").and_then(|text| decimal(&text));
    if let (Some(exclusive), Some(inclusive), Some(tax)) = (of("TaxExclusiveAmount"), of("TaxInclusiveAmount"), tax) {
        let sum = exclusive.checked_add(tax);
        let rounded = sum.and_then(|sum| sum.checked_add(rounding));
        if sum != Some(inclusive) && rounded != Some(inclusive) {
            warnings.push(format!("{exclusive} without VAT and {tax} VAT do not make {inclusive} with VAT"));
        }
    }
}

/// The sum of the lines' amounts; `None` when there are none or one of them is no number.
fn total_of(root: Element, invoice: &str, credit: &str) -> Option<Decimal> {
    let mut found = root.all(invoice);
    found.extend(root.all(credit));
    if found.is_empty() {
        return None;
    }
    found.into_iter().try_fold(Decimal::ZERO, |sum, line| sum.checked_add(decimal(&line.own_text()?)?))
}

fn decimal(text: &str) -> Option<Decimal> {
    Decimal::from_str(text).ok().filter(|_| text.len() <= 40).map(|value| value.normalize())
}
