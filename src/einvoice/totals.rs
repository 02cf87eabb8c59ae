//! The amounts of an XML invoice. The payable amount decides what must be paid; everything else is checked against it
//! and only warned about. Never corrects an amount.

use super::InvoiceFault;
use super::xml::Element;
use crate::dunning::invoice::InvoiceKind;
use crate::dunning::money::{Currency, Money};
use rust_decimal::Decimal;
use std::str::FromStr;

/// Lines may be written with more decimals than the sum.
const CENT: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// What the elements are called.
pub(super) struct Names {
    pub currency: &'static str,
    pub payable: &'static str,
    pub total: &'static str,
    pub prepaid: &'static str,
    pub rounding: &'static str,
    pub without_vat: &'static str,
    pub lines: &'static str,
    /// Each amount must say its currency.
    pub tells_currency: bool,
}

/// What the document says must be paid, in one currency.
pub(super) struct Totals {
    pub total: Money,
    pub prepaid: Money,
    pub payable: Money,
    pub rounding: Money,
}

/// Reads the totals in `sums`; the currency is told in `header`.
pub(super) fn read(
    header: Element,
    sums: Element,
    names: &Names,
    warnings: &mut Vec<String>,
) -> Result<Totals, InvoiceFault> {
    let payable_element = sums.only(names.payable)?;
    let currency = currency(header, payable_element, names, warnings)?;
    let mut read = |element: Element| amount(element, currency, names, warnings);
    let payable = read(payable_element)?;
    let mut optional = |name: &str| match sums.at_most_one(name)? {
        Some(element) if element.own_text().is_some() => read(element).map(Some),
        Some(_) | None => Ok(None),
    };
    let total = optional(names.total)?;
    let prepaid = optional(names.prepaid)?.unwrap_or(Money::zero(currency));
    let rounding = optional(names.rounding)?.unwrap_or(Money::zero(currency));
    let implied = payable.checked_add(prepaid).and_then(|sum| sum.checked_sub(rounding));
    if total.is_none() {
        warnings.push(format!("no {}: the total is taken from {}", names.total, names.payable));
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
    Ok(Totals { total, prepaid, payable, rounding })
}

impl Totals {
    /// Amounts are kept positive for both kinds; what would be owed the other way round is refused. Where a type code
    /// alone makes a credit note, `turns` lets its amounts be negative.
    pub(super) fn signed(
        self,
        kind: InvoiceKind,
        turns: bool,
        payable: Element,
        warnings: &mut Vec<String>,
    ) -> Result<Totals, InvoiceFault> {
        let owes_the_buyer = self.payable.is_negative() || (self.payable.is_zero() && self.total.is_negative());
        match (owes_the_buyer, kind) {
            (false, InvoiceKind::Invoice | InvoiceKind::CreditNote) => Ok(self),
            (true, InvoiceKind::Invoice) => Err(payable.fault(format!(
                "the amount is negative ({} payable of {}): with this invoice the seller owes the buyer, so nothing \
                 can be asked for; if it is a credit, write a credit note (type 381)",
                self.payable, self.total
            ))),
            (true, InvoiceKind::CreditNote) if turns => {
                warnings.push("a credit note (type 381) with negative amounts: they are read as positive".to_owned());
                self.turned().ok_or_else(|| payable.fault("the totals are too large"))
            }
            (true, InvoiceKind::CreditNote) => Err(payable.fault(format!(
                "the payable amount of this credit note is negative ({}), which would be a claim: write an invoice, or \
                 the credit with a positive amount",
                self.payable
            ))),
        }
    }

    fn turned(self) -> Option<Totals> {
        let turned = |money: Money| Money::zero(money.currency()).checked_sub(money);
        Some(Totals {
            total: turned(self.total)?,
            prepaid: turned(self.prepaid)?,
            payable: turned(self.payable)?,
            rounding: turned(self.rounding)?,
        })
    }
}

fn currency(
    header: Element,
    payable: Element,
    names: &Names,
    warnings: &mut Vec<String>,
) -> Result<Currency, InvoiceFault> {
    let known = |code: &str, element: Element| {
        Currency::parse(code)
            .ok_or_else(|| element.fault(format!("{code:?} is not a currency: expected an ISO 4217 code like EUR")))
    };
    let name = names.currency;
    match header.at_most_one(name)?.and_then(|e| Some((e, e.own_text()?))) {
        Some((element, code)) => known(&code, element),
        None => {
            let code = payable.attribute("currencyID").ok_or_else(|| {
                payable.fault(format!("no currency: expected {name} and the attribute currencyID, like EUR; add them"))
            })?;
            warnings.push(format!("no {name}: the currency {code} of {} is taken", names.payable));
            known(code, payable)
        }
    }
}

/// An amount in the currency of the document.
fn amount(
    element: Element,
    currency: Currency,
    names: &Names,
    warnings: &mut Vec<String>,
) -> Result<Money, InvoiceFault> {
    let name = element.name();
    match element.attribute("currencyID") {
        None if !names.tells_currency => {}
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

/// The simple sums of EN 16931 (BR-CO-10, BR-CO-13 to 15), for a warning only: older profiles count otherwise. `lines`
/// are the amounts of the lines, `vat` the totals of VAT.
pub(super) fn check(
    sums: Element,
    names: &Names,
    lines: &[Element],
    vat: &[Element],
    rounding: Money,
    warnings: &mut Vec<String>,
) {
    let of = |name: &str| sums.text(name).and_then(|text| decimal(&text));
    if let (Some(said), Some(sum)) = (of(names.lines), total_of(lines))
        && said.checked_sub(sum).is_none_or(|difference| difference.abs() >= CENT)
    {
        warnings.push(format!("the lines add up to {sum}, but {} says {said}", names.lines));
    }
    let [vat] = vat else { return };
    let vat = vat.own_text().and_then(|text| decimal(&text));
    if let (Some(without), Some(with), Some(vat)) = (of(names.without_vat), of(names.total), vat) {
        let sum = without.checked_add(vat);
        let rounded = sum.and_then(|sum| sum.checked_add(rounding.to_decimal()));
        if sum != Some(with) && rounded != Some(with) {
            warnings.push(format!("{without} without VAT and {vat} VAT do not make {with} with VAT"));
        }
    }
}

/// The sum of the lines' amounts; `None` when there are none or one of them is no number.
fn total_of(lines: &[Element]) -> Option<Decimal> {
    if lines.is_empty() {
        return None;
    }
    lines.iter().try_fold(Decimal::ZERO, |sum, line| sum.checked_add(decimal(&line.own_text()?)?))
}

fn decimal(text: &str) -> Option<Decimal> {
    Decimal::from_str(text).ok().filter(|_| text.len() <= 40).map(|value| value.normalize())
}
