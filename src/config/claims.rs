//! `[claims]`: what may be asked beside the principal. Which letters ask it stands in the ladders.

use super::fault::Found;
use super::places::amount_of;
use super::section::Section;
use crate::dunning::money::Money;
use crate::dunning::policy::{Claims, InterestAsked};
use rust_decimal::Decimal;

/// A letter about less than this is not worth its reader's time.
const MINIMUM: Money = Money::eur_cents(100);

/// The claims, and the least that a letter asks in total.
pub(super) fn read_claims(section: &Section<'_>) -> (Claims, Money) {
    let default = Claims::default();
    let amount = |key: &'static str, default| {
        let amount = section.text(key).and_then(|text| amount_of(section.document, &section.path(key), &text));
        amount.unwrap_or(default)
    };
    let claims = Claims {
        interest: section.text("interest").and_then(|text| interest(section, &text)).unwrap_or(default.interest),
        costs: section.choice("costs", &[("statutory", true), ("none", false)]).unwrap_or(default.costs),
        vat_on_costs: section.flag("vat_on_costs").unwrap_or(default.vat_on_costs),
        be_clause: section.flag("be_clause").unwrap_or(default.be_clause),
        waive_rest_below: amount("waive_rest_below", default.waive_rest_below),
    };
    let minimum = amount("minimum", MINIMUM);
    if claims.vat_on_costs {
        section.document.warn(
            section.at_of("vat_on_costs"),
            "claims.vat_on_costs is only lawful when a collector charges you VAT that you cannot deduct, and each letter declares both (art. 2(3) Besluit vergoeding voor buitengerechtelijke incassokosten)",
            "leave it out when you send the letters yourself",
        );
    }
    section.finish();
    (claims, minimum)
}

/// `"statutory"`, `"none"`, or the yearly percentage that was agreed, like `"8.5"`.
fn interest(section: &Section<'_>, text: &Found<String>) -> Option<InterestAsked> {
    match text.value.as_str() {
        "statutory" => return Some(InterestAsked::Statutory),
        "none" => return Some(InterestAsked::None),
        _ => {}
    }
    let plain = text.value.chars().all(|c| c.is_ascii_digit() || c == '.');
    let percent = text.value.parse::<Decimal>().ok().filter(|_| plain);
    let lawful = percent.filter(|percent| *percent > Decimal::ZERO && *percent <= Decimal::ONE_HUNDRED);
    if lawful.is_none() {
        let message =
            format!("{} = {:?} is not a yearly percentage above 0, up to 100", section.path("interest"), text.value);
        let remedy = "write \"statutory\", \"none\", or the rate that was agreed with businesses, like \"8.5\"";
        section.document.fault(text.at, message, remedy);
    }
    lawful.map(InterestAsked::Contract)
}
