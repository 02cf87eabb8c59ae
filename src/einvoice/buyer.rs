//! What an XML invoice tells of its buyer becomes a debtor: under which number it is known, where letters go, what kind
//! it is. Decides nothing more, and in doubt says consumer.

use super::xml::Element;
use super::{InvoiceFault, one_address};
use crate::dunning::debtor::{Debtor, DebtorKind};
use crate::dunning::ids::DebtorId;

/// The buyer as a debtor, and the number that the file prints for it.
pub(super) struct Buyer {
    pub debtor: Debtor,
    pub printed_id: Option<String>,
}

/// What stands in the file, as it stands there.
#[derive(Default)]
pub(super) struct Told {
    /// The customer number in the seller's books, else what the customer calls itself.
    pub number: Option<String>,
    pub name: Option<String>,
    pub vat: Option<String>,
    pub kvk: Option<String>,
    /// It has a number that only government bodies have.
    pub is_government: bool,
    pub contact: Option<String>,
    pub phone: Option<String>,
    /// One address or several.
    pub email: Option<String>,
    pub country: Option<String>,
    pub address: Vec<String>,
}

impl Buyer {
    /// `names` says where a name was expected.
    pub(super) fn of(
        told: Told,
        party: Element,
        names: &str,
        warnings: &mut Vec<String>,
    ) -> Result<Buyer, InvoiceFault> {
        let Told { number, name, vat, kvk, .. } = told;
        let name = match name {
            Some(name) => name,
            // SI-UBL 1 allows a buyer that is only known by a number.
            None => {
                let number = number
                    .as_ref()
                    .or(kvk.as_ref())
                    .or(vat.as_ref())
                    .ok_or_else(|| party.fault(format!("the buyer has no name: expected {names}; add it")))?;
                warnings.push(format!("the buyer has no name; its number {number} stands in for it"));
                number.clone()
            }
        };
        let email = told.email.and_then(|text| email(&text, warnings));
        let kind = match (told.is_government, vat.is_some() || kvk.is_some()) {
            (true, _) => DebtorKind::Government,
            (false, true) => DebtorKind::Business,
            (false, false) => DebtorKind::Consumer,
        };
        let debtor = Debtor {
            id: debtor_id(&[&number, &vat.as_deref().map(bare), &kvk.as_deref().map(bare), &email], &name),
            contact: told.contact,
            phone: told.phone,
            country: told.country.as_deref().and_then(country),
            address: told.address,
            language: None,
            email,
            kind,
            vat,
            kvk,
            name,
        };
        Ok(Buyer { debtor, printed_id: number })
    }
}

fn debtor_id(choices: &[&Option<String>], name: &str) -> DebtorId {
    let chosen = choices.iter().find_map(|choice| choice.as_deref()).unwrap_or(name);
    DebtorId::from_text(chosen)
}

/// A registration number without dots and spaces, so that two ways of writing it are one debtor.
fn bare(number: &str) -> String {
    number.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_uppercase()).collect()
}

fn email(text: &str, warnings: &mut Vec<String>) -> Option<String> {
    let address = one_address(text);
    match address {
        None => warnings.push(format!("the buyer's e-mail address {text:?} is not one address and is left out")),
        Some(one) if one != text => {
            warnings.push(format!("of the buyer's e-mail addresses {text:?} only {one} is used"))
        }
        Some(_) => {}
    }
    address.map(str::to_owned)
}

/// A country by its two letters (ISO 3166-1).
fn country(code: &str) -> Option<String> {
    (code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphabetic())).then(|| code.to_ascii_uppercase())
}

/// Some software writes `0` or `-` where it knows no number.
pub(super) fn says_something(id: &str) -> bool {
    id.chars().any(|c| c.is_numeric() && c != '0')
}

/// OIN, the number of Dutch government bodies (EAS 0190, formerly 9954; NL:OIN in SI-UBL 1).
pub(super) fn is_government(scheme: &str) -> bool {
    ["0190", "9954", "NL:OIN", "OIN"].iter().any(|code| scheme.eq_ignore_ascii_case(code))
}

/// KvK (EAS 0106) and KBO (0208, formerly 9956).
pub(super) fn is_register(scheme: &str) -> bool {
    ["0106", "0208", "9956", "NL:KVK", "KVK", "BE:CBE", "BE:KBO", "BE:BCE", "KBO", "CBE"]
        .iter()
        .any(|code| scheme.eq_ignore_ascii_case(code))
}

/// VAT numbers as identification (EAS 9944 for the Netherlands, 9925 for Belgium, `XX:VAT` before).
pub(super) fn is_vat(scheme: &str) -> bool {
    let upper = scheme.to_ascii_uppercase();
    matches!(upper.as_str(), "9944" | "9925" | "VAT" | "VA" | "NLVAT" | "BEVAT") || upper.ends_with(":VAT")
}

/// GLN names a place, not a company in a register.
pub(super) fn is_location(scheme: &str) -> bool {
    scheme == "0088" || scheme.eq_ignore_ascii_case("GLN")
}
