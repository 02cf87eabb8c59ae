//! Seller and buyer of a UBL document: who they are and by which number the buyer is known.

use super::super::InvoiceFault;
use super::super::buyer::{Buyer, Told, is_government, is_location, is_register, is_vat, says_something};
use super::super::xml::Element;
use crate::dunning::invoice::Seller;

pub(super) fn seller(root: Element) -> Seller {
    let Some(party) = root.first("AccountingSupplierParty/Party") else { return Seller::default() };
    Seller { name: name(party), vat: vat(party), kvk: company_number(party) }
}

/// Who gets the money when it is not the seller, as with factoring.
pub(super) fn payee(root: Element) -> Option<String> {
    root.first("PayeeParty").and_then(name)
}

pub(super) fn buyer(root: Element, warnings: &mut Vec<String>) -> Result<Buyer, InvoiceFault> {
    let missing = || root.fault("no buyer: expected AccountingCustomerParty with a Party; add the customer");
    let account = root.at_most_one("AccountingCustomerParty")?.ok_or_else(missing)?;
    let party = account.at_most_one("Party")?.ok_or_else(missing)?;
    let endpoint = || party.first("EndpointID").filter(|id| id.attribute("schemeID") == Some("EM"))?.own_text();
    let told = Told {
        number: customer_number(account, party),
        name: name(party),
        vat: vat(party),
        kvk: company_number(party),
        is_government: is_government_body(party),
        contact: contact(account, party, "Name"),
        phone: contact(account, party, "Telephone"),
        email: contact(account, party, "ElectronicMail").or_else(endpoint),
        country: country(party),
        address: address(party),
    };
    Buyer::of(told, party, "PartyName/Name or PartyLegalEntity/RegistrationName", warnings)
}

fn name(party: Element) -> Option<String> {
    let person = || {
        let person = party.first("Person")?;
        let names: Vec<String> =
            ["FirstName", "MiddleName", "FamilyName"].iter().filter_map(|part| person.text(part)).collect();
        (!names.is_empty()).then(|| names.join(" "))
    };
    party
        .text("PartyName/Name")
        .or_else(|| party.text("PartyLegalEntity/RegistrationName"))
        .or_else(person)
        .or_else(|| party.text("Contact/Name"))
}

/// The customer number in the seller's books comes first, then what the customer calls itself.
fn customer_number(account: Element, party: Element) -> Option<String> {
    let identifications = party.all("PartyIdentification/ID");
    let without_scheme = identifications.iter().filter(|id| id.attribute("schemeID").is_none());
    account
        .text("SupplierAssignedAccountID")
        .or_else(|| account.text("CustomerAssignedAccountID"))
        .or_else(|| without_scheme.chain(&identifications).find_map(|id| id.own_text()))
}

fn contact(account: Element, party: Element, field: &str) -> Option<String> {
    party.text(&format!("Contact/{field}")).or_else(|| account.text(&format!("AccountingContact/{field}")))
}

/// Street, house number and what stands beside them; postcode and town; else the lines as they are written.
fn address(party: Element) -> Vec<String> {
    let Some(address) = party.first("PostalAddress") else { return Vec::new() };
    let joined = |keys: &[&str], between: &str| {
        let parts: Vec<String> = keys.iter().filter_map(|key| address.text(key)).collect();
        (!parts.is_empty()).then(|| parts.join(between))
    };
    let written: Vec<String> = address.all("AddressLine/Line").iter().filter_map(|line| line.own_text()).collect();
    let lines = [
        joined(&["Postbox"], ""),
        joined(&["StreetName", "BuildingNumber"], " "),
        joined(&["AdditionalStreetName"], ""),
        joined(&["PostalZone", "CityName"], "  "),
    ];
    lines.into_iter().flatten().chain(written).collect()
}

fn country(party: Element) -> Option<String> {
    party
        .text("PostalAddress/Country/IdentificationCode")
        .or_else(|| party.text("PartyLegalEntity/RegistrationAddress/Country/IdentificationCode"))
}

/// The VAT number: of the VAT scheme, else of one that names no other tax; else an identification in a VAT scheme.
fn vat(party: Element) -> Option<String> {
    let of_scheme = |wanted: fn(&str) -> bool| {
        party
            .all("PartyTaxScheme")
            .into_iter()
            .filter(|scheme| wanted(&scheme.text("TaxScheme/ID").unwrap_or_default().to_ascii_uppercase()))
            .find_map(|scheme| scheme.text("CompanyID").filter(|id| says_something(id)))
    };
    of_scheme(|tax| tax == "VAT")
        .or_else(|| of_scheme(|tax| !matches!(tax, "TAX" | "FC" | "LOC")))
        .or_else(|| identification(party, is_vat))
}

/// The number in the trade register (KvK, KBO, or another country's).
fn company_number(party: Element) -> Option<String> {
    let legal = party
        .all("PartyLegalEntity/CompanyID")
        .into_iter()
        .filter(|id| !id.attribute("schemeID").is_some_and(|s| is_government(s) || is_vat(s) || is_location(s)))
        .find_map(|id| id.own_text().filter(|text| says_something(text)));
    legal.or_else(|| identification(party, is_register))
}

fn identification(party: Element, wanted: fn(&str) -> bool) -> Option<String> {
    party
        .all("PartyIdentification/ID")
        .into_iter()
        .chain(party.all("EndpointID"))
        .filter(|id| id.attribute("schemeID").is_some_and(wanted))
        .find_map(|id| id.own_text().filter(|text| says_something(text)))
}

fn is_government_body(party: Element) -> bool {
    ["EndpointID", "PartyIdentification/ID", "PartyLegalEntity/CompanyID"]
        .iter()
        .flat_map(|path| party.all(path))
        .any(|id| id.attribute("schemeID").is_some_and(is_government) && id.own_text().is_some())
}

#[cfg(test)]
mod tests {
    use super::super::super::xml;
    use super::*;
    use crate::dunning::debtor::DebtorKind;
    use crate::dunning::ids::DebtorId;

    fn read(party: &str, before: &str) -> (Buyer, Vec<String>) {
        let text = format!(
            "<Invoice xmlns:b='urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2' \
             xmlns='urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2'>\
             <AccountingCustomerParty>{before}<Party>{party}</Party></AccountingCustomerParty></Invoice>"
        );
        let document = xml::parse(&text).unwrap();
        let mut warnings = Vec::new();
        (buyer(Element::root(&document), &mut warnings).unwrap(), warnings)
    }

    const NAME: &str = "<PartyName><b:Name>De Wit</b:Name></PartyName>";

    #[test]
    fn a_debtor_is_known_by_its_best_number() {
        let vat = "<PartyTaxScheme><b:CompanyID>NL 0012.34567.B01</b:CompanyID><TaxScheme><b:ID>VAT</b:ID></TaxScheme></PartyTaxScheme>";
        let kvk = "<PartyLegalEntity><b:CompanyID schemeID='0106'>12345678</b:CompanyID></PartyLegalEntity>";
        let mail = "<Contact><b:ElectronicMail>wit@klant.example</b:ElectronicMail></Contact>";
        let own = "<PartyIdentification><b:ID schemeID='0088'>871</b:ID></PartyIdentification><PartyIdentification><b:ID>K7</b:ID></PartyIdentification>";
        let accounts = "<b:CustomerAssignedAccountID>C1</b:CustomerAssignedAccountID><b:SupplierAssignedAccountID>D1</b:SupplierAssignedAccountID>";
        let id = |party: &str, before: &str| read(&format!("{NAME}{party}"), before).0;
        assert_eq!(id(&format!("{own}{vat}{kvk}{mail}"), accounts).debtor.id.as_str(), "D1");
        let printed = id(&format!("{own}{vat}{kvk}{mail}"), "");
        assert_eq!((printed.debtor.id.as_str(), printed.printed_id.as_deref()), ("K7", Some("K7")));
        let by_vat = id(&format!("{vat}{kvk}{mail}"), "");
        assert_eq!((by_vat.debtor.id.as_str(), by_vat.printed_id), ("NL001234567B01", None));
        assert_eq!(by_vat.debtor.vat.as_deref(), Some("NL 0012.34567.B01"));
        assert_eq!(id(&format!("{kvk}{mail}"), "").debtor.id.as_str(), "12345678");
        assert_eq!(id(mail, "").debtor.id, DebtorId::from_text("wit@klant.example"));
        assert_eq!(id("", "").debtor.id, DebtorId::from_text("De Wit"));
    }

    #[test]
    fn kind_comes_from_numbers_and_is_consumer_in_doubt() {
        let legal = |scheme: &str, id: &str| {
            let attribute = if scheme.is_empty() { String::new() } else { format!(" schemeID='{scheme}'") };
            read(&format!("{NAME}<PartyLegalEntity><b:CompanyID{attribute}>{id}</b:CompanyID></PartyLegalEntity>"), "")
                .0
                .debtor
        };
        assert_eq!(legal("0106", "12345678").kind, DebtorKind::Business);
        assert_eq!(legal("", "12345678").kvk.as_deref(), Some("12345678"));
        assert_eq!(legal("0190", "00000001234567890000").kind, DebtorKind::Government);
        assert_eq!(legal("0190", "00000001234567890000").kvk, None);
        assert_eq!(legal("NL:OIN", "00000001234567890000").kind, DebtorKind::Government);
        assert_eq!(legal("0106", "0").kind, DebtorKind::Consumer);
        assert_eq!(legal("0088", "8712345678906").kind, DebtorKind::Consumer);
        let endpoint = |scheme: &str| {
            read(&format!("<b:EndpointID schemeID='{scheme}'>0123456749</b:EndpointID>{NAME}"), "").0.debtor
        };
        assert_eq!(endpoint("9954").kind, DebtorKind::Government);
        assert_eq!(endpoint("0208").kvk.as_deref(), Some("0123456749"));
        assert_eq!(endpoint("EM").kind, DebtorKind::Consumer);
    }

    #[test]
    fn the_vat_number_is_not_another_tax_number() {
        let scheme = |tax: &str, id: &str| {
            format!(
                "<PartyTaxScheme><b:CompanyID>{id}</b:CompanyID><TaxScheme><b:ID>{tax}</b:ID></TaxScheme></PartyTaxScheme>"
            )
        };
        let (found, _) = read(&format!("{NAME}{}{}", scheme("FC", "201/113"), scheme("VAT", "DE123456789")), "");
        assert_eq!(found.debtor.vat.as_deref(), Some("DE123456789"));
        assert_eq!(read(&format!("{NAME}{}", scheme("FC", "201/113")), "").0.debtor.vat, None);
    }

    #[test]
    fn letters_go_to_one_address() {
        let mail = |text: &str| {
            let (found, warnings) =
                read(&format!("{NAME}<Contact><b:ElectronicMail>{text}</b:ElectronicMail></Contact>"), "");
            (found.debtor.email, warnings.len())
        };
        assert_eq!(mail("a@klant.example"), (Some("a@klant.example".into()), 0));
        assert_eq!(mail("a@klant.example; b@klant.example"), (Some("a@klant.example".into()), 1));
        assert_eq!(mail("onbekend"), (None, 1));
        let (endpoint, _) = read(&format!("<b:EndpointID schemeID='EM'>e@klant.example</b:EndpointID>{NAME}"), "");
        assert_eq!(endpoint.debtor.email.as_deref(), Some("e@klant.example"));
    }

    #[test]
    fn the_address_as_it_stands_on_an_envelope() {
        let lines = |inside: &str| read(&format!("{NAME}<PostalAddress>{inside}</PostalAddress>"), "").0.debtor.address;
        let street = "<b:StreetName>Dorpsstraat</b:StreetName><b:BuildingNumber>1</b:BuildingNumber>";
        let town = "<b:CityName>Voorbeeld</b:CityName><b:PostalZone>1234 AB</b:PostalZone>";
        let more = "<b:AdditionalStreetName>Hal 3</b:AdditionalStreetName>";
        assert_eq!(lines(&format!("{street}{more}{town}")), ["Dorpsstraat 1", "Hal 3", "1234 AB  Voorbeeld"]);
        assert_eq!(lines("<b:CityName>Gent</b:CityName>"), ["Gent"]);
        let written = "<AddressLine><b:Line>Kerkplein 2</b:Line></AddressLine><AddressLine><b:Line>9000 Gent</b:Line></AddressLine>";
        assert_eq!(lines(written), ["Kerkplein 2", "9000 Gent"]);
        assert_eq!(read(NAME, "").0.debtor.address, Vec::<String>::new());
    }

    #[test]
    fn a_person_has_a_name_too() {
        let (found, _) = read("<Person><b:FirstName>Eva</b:FirstName><b:FamilyName>Smit</b:FamilyName></Person>", "");
        assert_eq!((found.debtor.name.as_str(), found.debtor.kind), ("Eva Smit", DebtorKind::Consumer));
    }
}
