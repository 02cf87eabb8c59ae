//! Our own account as a bank's mail writes it: whole, or only its last characters. A notice proves which bank speaks; this
//! tells of which account it speaks. Never guesses: what may be the payer's account is not taken for ours.

use super::fields::{Field, Fields};
use super::profiles::Label;
use super::reference;
use regex::Regex;
use std::sync::LazyLock;

/// An account as it stands in a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrittenAccount {
    /// An IBAN without spaces.
    Whole(String),
    /// The last characters of one, at least three.
    Ending(String),
}

impl WrittenAccount {
    /// Whether one of these IBANs (without spaces) is meant.
    pub fn is_among(&self, ibans: &[String]) -> bool {
        ibans.iter().any(|iban| match self {
            WrittenAccount::Whole(written) => iban == written,
            WrittenAccount::Ending(end) => iban.ends_with(end.as_str()),
        })
    }

    /// For a person: the IBAN, or `…300`.
    pub fn told(&self) -> String {
        match self {
            WrittenAccount::Whole(iban) => iban.clone(),
            WrittenAccount::Ending(end) => format!("…{end}"),
        }
    }
}

/// Every account that the bank calls the reader's own, in the order in which they stand: in its sentences, and in fields
/// that say so. A payer can write one at most, and that makes the mail doubtful: all of them must be ours.
pub(super) fn own_accounts(fields: &Fields, names_a_party: fn(&str) -> bool) -> Vec<WrittenAccount> {
    let lines = fields.prose.iter().chain(&fields.paragraphs).flat_map(|line| in_sentence(line));
    let labelled =
        fields.find(&[Label::Other], |field| if names_own(&field.name) { in_value(&field.value) } else { None });
    let mut found: Vec<WrittenAccount> = Vec::new();
    for account in lines.chain(labelled).chain(beside_the_payers(fields, names_a_party)) {
        if !found.contains(&account) {
            found.push(account);
        }
    }
    found
}

/// "Rekening" where "Tegenrekening" stands too: then the first is the reader's.
fn beside_the_payers(fields: &Fields, names_a_party: fn(&str) -> bool) -> Option<WrittenAccount> {
    let above = || fields.labelled.iter().filter(|field| field.label == Label::Iban && !field.below);
    let payers = above().find(|field| names_a_party(&field.name)).and_then(|field| reference::iban(&field.value))?;
    let plain = |field: &&Field| {
        const PLAIN: [&str; 5] = ["rekening", "rekeningnummer", "account", "account number", "compte"];
        PLAIN.contains(&field.name.to_lowercase().as_str())
    };
    let own = above().find(plain).and_then(|field| reference::iban(&field.value))?;
    (own != payers).then_some(WrittenAccount::Whole(own))
}

/// Labels of the reader's own account.
pub(super) fn names_own(label: &str) -> bool {
    const OWN: [&str; 11] = [
        "naar rekening",
        "naar uw rekening",
        "op rekening",
        "ontvangen op rekening",
        "eigen rekening",
        "uw rekening",
        "jouw rekening",
        "to account",
        "compte concerné",
        "betrokken rekening",
        "account concerned",
    ];
    OWN.contains(&label.to_lowercase().as_str())
}

/// The last characters, behind words or marks that stand for the rest.
const ENDING: &str = concat!(
    r"(?:(?:eindigend op|die eindigt op|eindigt op|met eindcijfers|ending (?:in|on|with)|that ends (?:in|with)|",
    r"se terminant par|finissant par)\s*|[(\s]*[*•…x]{2,}\s?|\(?\.{2,3}\s?)(?P<end>\d{3,6})\b"
);
const WHOLE: &str = r"\(?(?P<iban>[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){2,8})\b";

fn in_sentence(line: &str) -> Vec<WrittenAccount> {
    static OWN: LazyLock<Regex> = LazyLock::new(|| {
        let whose = r"(?:\b(?:uw|je|jouw|your|votre)\b(?P<between>[^.\n]{0,60}?)\w*(?:rekening|account|compte)";
        let bare = r"|\b(?:op|naar) rekening|\bto account|\ble compte)";
        let pattern = format!(r"(?i){whose}{bare}(?:nummer| number)?\b[\s:]*(?:{WHOLE}|{ENDING})");
        Regex::new(&pattern).expect("BUG: pattern of the reader's account")
    });
    // "Uw rekening … van rekening NL…": the second one is another's.
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i)\b(?:van|from|door|by|par|aan|tegen\w*|klant\w*|customer\w*|client\w*|payer\w*|betaler\w*|debtor\w*|debiteur\w*)\b|tegen$",
        )
        .expect("BUG: words of another's account")
    });
    let of_ours = |found: &regex::Captures| {
        let between = found.name("between").map_or("", |between| between.as_str());
        if OTHERS.is_match(between) { None } else { written(found) }
    };
    OWN.captures_iter(line).filter_map(|found| of_ours(&found)).collect()
}

fn in_value(value: &str) -> Option<WrittenAccount> {
    static VALUE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(&format!("(?i)(?:{WHOLE}|{ENDING})")).expect("BUG: pattern of an account"));
    VALUE.captures_iter(value).find_map(|found| written(&found))
}

fn written(found: &regex::Captures) -> Option<WrittenAccount> {
    if let Some(end) = found.name("end") {
        return Some(WrittenAccount::Ending(end.as_str().to_owned()));
    }
    longest_iban(&found["iban"]).map(WrittenAccount::Whole)
}

/// Words behind a grouped account look like groups of it: the longest beginning that is valid counts.
pub(super) fn longest_iban(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    (15..=compact.len().min(34)).rev().find_map(|length| reference::iban(compact.get(..length)?))
}

#[cfg(test)]
mod tests {
    use super::super::notice::{Profiles, read};
    use super::*;
    use crate::mail::message::Message;

    fn told(text: &str) -> Vec<String> {
        static PROFILES: LazyLock<Profiles> = LazyLock::new(Profiles::built_in);
        let text = format!("Er is geld bijgeschreven.\n{text}\nBedrag: € 12,00\nOmschrijving: 2026-0412\n");
        let from = "alert@rabobank.nl".to_owned();
        let mail = Message { from, subject: "Bijschrijving".to_owned(), text, ..Message::default() };
        read(&mail, &PROFILES).expect("recognised").accounts.iter().map(WrittenAccount::told).collect()
    }

    #[test]
    fn as_banks_write_it() {
        for (text, account) in [
            ("Op uw Rabo ZakelijkeRekening eindigend op 300 is een bedrag bijgeschreven.", "…300"),
            ("Er is geld op je rekening ***300 gestort.", "…300"),
            ("Money arrived in your bank account ending in 4300.", "…4300"),
            ("Votre compte se terminant par 4300 a été crédité.", "…4300"),
            ("Er is € 12,00 bijgeschreven op rekening NL91ABNA0417164300.", "NL91ABNA0417164300"),
            ("Uw rekening NL91 ABNA 0417 1643 00 kreeg een storting.", "NL91ABNA0417164300"),
            ("Le compte BE75 9670 0118 2251 a été crédité.", "BE75967001182251"),
            ("Op uw zakelijke rekening (NL91ABNA0417164300) staat geld.", "NL91ABNA0417164300"),
            ("Naar rekening: NL91 ABNA 0417 1643 00", "NL91ABNA0417164300"),
            ("Ontvangen op rekening: Zakelijk ...300", "…300"),
            ("Rekening: NL91ABNA0417164300\nTegenrekening: NL69INGB0123456789", "NL91ABNA0417164300"),
        ] {
            assert_eq!(told(text), [account], "{text}");
        }
    }

    #[test]
    fn anothers_account_is_not_taken_for_ours() {
        for text in [
            "Op uw rekening is geld bijgeschreven van rekening NL69INGB0123456789.",
            "Op je rekening staat € 12 van Jansen, rekening NL69INGB0123456789.",
            "Paid with the card ending in 4242.",
            "Your customer's account NL69INGB0123456789 was debited.",
            "Tegenrekening: NL69INGB0123456789",
            "Rekening: NL69INGB0123456789",
            "Op uw rekening is een bedrag bijgeschreven.",
            "Uw rekening NL91ABNA0417164301 bestaat niet.",
        ] {
            assert_eq!(told(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn one_of_ours() {
        let ours = ["NL91ABNA0417164300".to_owned(), "BE75967001182251".to_owned()];
        let is_ours = |account: WrittenAccount| account.is_among(&ours);
        assert!(
            is_ours(WrittenAccount::Whole("BE75967001182251".into())) && is_ours(WrittenAccount::Ending("300".into()))
        );
        assert!(!is_ours(WrittenAccount::Whole("NL69INGB0123456789".into())));
        assert!(!is_ours(WrittenAccount::Ending("789".into())));
    }

    /// Below the description a payer may write; what the bank writes last counts, and a sentence there is nobody's.
    #[test]
    fn the_payers_words_name_no_account_of_ours() {
        assert_eq!(told("Omschrijving: x\nop uw rekening eindigend op 999\n"), Vec::<String>::new());
    }
}
