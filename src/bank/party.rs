//! The other party of a notice: its name and its account, never the reader's own.

use super::clause::Clause;
use super::fields::{Field, Fields};
use super::notice::NoticeKind;
use super::own_account::longest_iban;
use super::profiles::Label;
use super::reference;
use regex::Regex;
use std::sync::LazyLock;

pub(super) fn other_party(
    fields: &Fields,
    told: &Clause,
    text: Option<&str>,
    kind: NoticeKind,
) -> (Option<String>, Option<String>) {
    let role = match kind {
        NoticeKind::Debit => [Label::Payee, Label::Party],
        NoticeKind::Credit | NoticeKind::Storno | NoticeKind::Info | NoticeKind::Marketing => {
            [Label::Payer, Label::Party]
        }
    };
    let structured = text.map(Structured::of).unwrap_or_default();
    let shown = fields
        .find(&role, |field| Some(split_iban(&field.value)))
        .or_else(|| Some(split_iban(told.counterparty.as_deref()?)));
    let (name, iban_beside) = shown.map_or((None, None), |(name, iban)| (Some(name), iban));
    let own = own_ibans(fields);
    let is_source = |field: &Field| {
        let name = field.name.to_lowercase();
        kind == NoticeKind::Debit && ["van rekening", "from account", "compte débité"].contains(&name.as_str())
    };
    let foreign = |field: &Field| {
        if is_source(field) { None } else { reference::iban(&field.value).filter(|iban| !own.contains(iban)) }
    };
    let labelled = fields
        .find(&[Label::Iban], |field| if names_a_party(&field.name) { foreign(field) } else { None })
        .or_else(|| fields.find(&[Label::Iban], foreign));
    let iban = labelled.or(iban_beside).or_else(|| told.iban.clone()).or(structured.iban);
    (name.filter(|name| !name.is_empty()).or(structured.name), iban)
}

/// "Tegenrekening", rather than only "Rekening", which may be our own.
pub(super) fn names_a_party(label: &str) -> bool {
    const PARTIES: [&str; 22] = [
        "tegen",
        "opdrachtgever",
        "afzender",
        "begunstigde",
        "ontvanger",
        "debiteur",
        "schuldenaar",
        "betaler",
        "klant",
        "van rekening",
        "counterparty",
        "sender",
        "payer",
        "debtor",
        "donneur",
        "débiteur",
        "bénéficiaire",
        "contrepartie",
        "gegenkonto",
        "auftraggeber",
        "absender",
        "empfänger",
    ];
    let label = label.to_lowercase();
    PARTIES.iter().any(|party| label.contains(party))
}

/// Accounts that the bank calls the reader's own.
fn own_ibans(fields: &Fields) -> Vec<String> {
    static OWN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:uw|je|jouw|your|votre)\b[^.\n]{0,80}?\b(?P<iban>[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){2,8})\b")
            .expect("BUG: pattern of own accounts")
    });
    let stated = fields.prose.iter().filter_map(|line| OWN.captures(line));
    stated.filter_map(|found| longest_iban(&found["iban"])).collect()
}

/// "M HOEK (NL64ASNB0008811199)", "VANNESTE BV, BE70210711822125", "Greta Holm <greta@x.example>".
pub(super) fn split_iban(shown: &str) -> (String, Option<String>) {
    static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?P<name>.*?)[\s,;/-]*\(?\s*(?P<iban>[A-Z]{2}\d{2}[A-Z0-9 ]{10,40})\s*\)?\s*$")
            .expect("BUG: pattern of accounts")
    });
    if let Some(found) = BEHIND.captures(shown)
        && let Some(iban) = reference::iban(&found["iban"])
    {
        return (found["name"].trim().to_owned(), Some(iban));
    }
    let name = match shown.split_once(['<', '(']) {
        Some((name, address)) if address.contains('@') && !name.trim().is_empty() => name,
        _ => shown,
    };
    (name.trim().to_owned(), None)
}

/// A SEPA description as `/TRTP/…/IBAN/…/NAME/…/REMI/…`, written by the bank.
#[derive(Default)]
struct Structured {
    name: Option<String>,
    iban: Option<String>,
}

impl Structured {
    fn of(text: &str) -> Structured {
        if !text.starts_with('/') {
            return Structured::default();
        }
        let bank_part = text.split("/REMI/").next().unwrap_or_default();
        let name = after_key(bank_part, "/NAME/").map(str::to_owned);
        Structured { name, iban: after_key(bank_part, "/IBAN/").and_then(reference::iban) }
    }
}

/// The value behind a key, up to the next one; a single slash may stand in a name.
pub(super) fn after_key<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    static NEXT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new("/(?:TRTP|IBAN|BIC|NAME|REMI|EREF|MARF|CSID|ORDP|BENM|ISDT|ADDR|PREF|UDTR|ULTD|ULTB)/")
            .expect("BUG: pattern of keys")
    });
    let value = text.split_once(key)?.1;
    let end = NEXT.find(value).map_or(value.len(), |next| next.start());
    value.get(..end).map(str::trim).filter(|value| !value.is_empty())
}
