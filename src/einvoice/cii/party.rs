//! Seller and buyer of a CII document: who they are and by which number the buyer is known.

use super::super::InvoiceFault;
use super::super::buyer::{Buyer, Told, is_government, is_location, is_register, is_vat, says_something};
use super::super::xml::Element;
use crate::dunning::invoice::Seller;

pub(super) fn seller(agreement: Element) -> Seller {
    let Some(party) = agreement.first("SellerTradeParty") else { return Seller::default() };
    Seller { name: name(party), vat: vat(party), kvk: company_number(party) }
}

pub(super) fn buyer(agreement: Element, warnings: &mut Vec<String>) -> Result<Buyer, InvoiceFault> {
    let party = agreement
        .at_most_one("BuyerTradeParty")?
        .ok_or_else(|| agreement.fault("no buyer: expected BuyerTradeParty; add the customer"))?;
    let contact = |path: &str| party.text(&format!("DefinedTradeContact/{path}"));
    let endpoint = || {
        let by_mail = party
            .all("URIUniversalCommunication/URIID")
            .into_iter()
            .find(|id| id.attribute("schemeID").is_none_or(|scheme| matches!(scheme, "EM" | "SMTP")));
        by_mail?.own_text().filter(|text| text.contains('@'))
    };
    let told = Told {
        number: customer_number(party),
        name: name(party),
        vat: vat(party),
        kvk: company_number(party),
        is_government: identifications(party)
            .iter()
            .any(|id| id.attribute("schemeID").is_some_and(is_government) && id.own_text().is_some()),
        contact: contact("PersonName").or_else(|| contact("DepartmentName")),
        phone: contact("TelephoneUniversalCommunication/CompleteNumber"),
        email: contact("EmailURIUniversalCommunication/URIID")
            .or_else(|| contact("EmailURIUniversalCommunication/CompleteNumber"))
            .or_else(endpoint),
        country: party.text("PostalTradeAddress/CountryID"),
        address: address(party),
    };
    Buyer::of(told, party, "BuyerTradeParty/Name", warnings)
}

/// The name, else the one it trades under.
fn name(party: Element) -> Option<String> {
    party.text("Name").or_else(|| party.text("SpecifiedLegalOrganization/TradingBusinessName"))
}

/// Every identification: of the party, of the organisation in a register, of the electronic address.
fn identifications<'a, 'i>(party: Element<'a, 'i>) -> Vec<Element<'a, 'i>> {
    ["ID", "GlobalID", "SpecifiedLegalOrganization/ID", "URIUniversalCommunication/URIID"]
        .iter()
        .flat_map(|path| party.all(path))
        .collect()
}

/// The customer number in the seller's books (BT-46 without a scheme) comes first, then what the customer calls itself.
fn customer_number(party: Element) -> Option<String> {
    let known = |scheme: &str| is_register(scheme) || is_vat(scheme) || is_government(scheme);
    let plain = party.all("ID").into_iter().filter(|id| !id.attribute("schemeID").is_some_and(known));
    plain.chain(party.all("GlobalID")).find_map(Element::own_text)
}

/// The VAT number: scheme VA, or VAT; FC is another tax number.
fn vat(party: Element) -> Option<String> {
    let of_scheme = |wanted: fn(Option<&str>) -> bool| {
        party
            .all("SpecifiedTaxRegistration/ID")
            .into_iter()
            .filter(|id| wanted(id.attribute("schemeID")))
            .find_map(|id| id.own_text().filter(|text| says_something(text)))
    };
    of_scheme(|scheme| scheme.is_some_and(is_vat)).or_else(|| of_scheme(|scheme| scheme.is_none()))
}

/// The number in the trade register (KvK, KBO, or another country's).
fn company_number(party: Element) -> Option<String> {
    let is_other = |scheme: &str| is_government(scheme) || is_vat(scheme) || is_location(scheme);
    let legal = party
        .all("SpecifiedLegalOrganization/ID")
        .into_iter()
        .filter(|id| !id.attribute("schemeID").is_some_and(is_other))
        .find_map(|id| id.own_text().filter(|text| says_something(text)));
    let of_register = || {
        identifications(party)
            .into_iter()
            .filter(|id| id.attribute("schemeID").is_some_and(is_register))
            .find_map(|id| id.own_text().filter(|text| says_something(text)))
    };
    legal.or_else(of_register)
}

/// The lines as they are written, then postcode and town.
fn address(party: Element) -> Vec<String> {
    let Some(address) = party.first("PostalTradeAddress") else { return Vec::new() };
    let lines = ["LineOne", "LineTwo", "LineThree", "StreetName"].iter().filter_map(|key| address.text(key));
    let town: Vec<String> = ["PostcodeCode", "CityName"].iter().filter_map(|key| address.text(key)).collect();
    lines.chain((!town.is_empty()).then(|| town.join("  "))).collect()
}
