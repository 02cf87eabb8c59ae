//! The other party of a notice: its name and its account, never the reader's own.

use super::clause::Clause;
use super::fields::{Field, Fields};
use super::notice::NoticeKind;
use super::own_account::longest_iban;
use super::profiles::Label;
use super::{reference, written};
use regex::Regex;
use std::sync::LazyLock;

pub(super) fn other_party(
    fields: &Fields,
    told: &Clause,
    text: Option<&str>,
    kind: NoticeKind,
    is_heading: impl Fn(&str) -> bool,
) -> (Option<String>, Option<String>) {
    let role = match kind {
        NoticeKind::Debit => [Label::Payee, Label::Party],
        NoticeKind::Credit | NoticeKind::Storno | NoticeKind::Info | NoticeKind::Marketing => {
            [Label::Payer, Label::Party]
        }
    };
    let structured = text.map(Structured::of).unwrap_or_default();
    let shown = fields.find(&role, |field| {
        Some(split_iban(&field.value)).filter(|(name, iban)| !names_ours(name) && (!name.is_empty() || iban.is_some()))
    });
    let said = told.counterparty.as_deref().map(split_iban);
    let (shown_name, shown_iban) =
        shown.map_or((None, None), |(name, iban)| (Some(name).filter(|name| !name.is_empty()), iban));
    let (said_name, said_iban) = said.map_or((None, None), |(name, iban)| (Some(name), iban));
    let name = shown_name.or(said_name).map(|name| without_greeting(&name).to_owned());
    let iban_beside = shown_iban.or(said_iban);
    let own = own_ibans(fields, kind);
    let foreign = |field: &Field| {
        if is_our_side(&field.name, kind) {
            None
        } else {
            reference::iban(&field.value).filter(|iban| !own.contains(iban))
        }
    };
    let iban = fields
        .find(&[Label::Iban], |field| if names_a_party(&field.name) { foreign(field) } else { None })
        .or(iban_beside)
        .or_else(|| fields.find(&[Label::Iban], foreign))
        .or_else(|| {
            fields.find(&[Label::Other], |field| if is_theirs(&field.name, kind) { foreign(field) } else { None })
        })
        .or_else(|| told.iban.clone())
        .or(structured.iban)
        .or_else(|| only_other(fields, &own));
    let name = name.filter(|name| !name.is_empty()).or(structured.name);
    let name = name.or_else(|| name_beside(fields, iban.as_deref()?).filter(|name| !is_heading(name)));
    (name, iban)
}

/// "Bonne nouvelle : Kok".
fn without_greeting(name: &str) -> &str {
    static GREETING: LazyLock<Regex> = LazyLock::new(|| {
        let words = "bonne nouvelle|goed nieuws|good news|gute nachricht|gelukt|hoera|hoi|hallo|hello|hey|hi|jeej|yes|joepie|ka-?ching|lekker|mooi";
        Regex::new(&format!(r"(?i)^(?:{words})\s?[:!,]\s*")).expect("BUG: pattern of greetings")
    });
    let end = GREETING.find(name).map_or(0, |found| found.end());
    &name[end..]
}

/// "Naar rekening" of money that came in, "Van rekening" of money that went out.
fn is_our_side(label: &str, kind: NoticeKind) -> bool {
    const PAYERS: [&str; 6] =
        ["van rekening", "from account", "compte débité", "afzender", "opdrachtgever", "belastetes"];
    const PAYEES: [&str; 7] =
        ["naar", "to ", "begunstigde", "beneficiary", "bénéficiaire", "compte crédité", "empfänger"];
    let (label, ours) = (label.to_lowercase(), if kind == NoticeKind::Debit { &PAYERS[..] } else { &PAYEES[..] });
    ours.iter().any(|words| label.starts_with(words) || (words.len() > 5 && label.ends_with(words)))
}

/// An account that stands in the bank's text without a label, where it is the only one that is not the reader's.
fn only_other(fields: &Fields, own: &[String]) -> Option<String> {
    let mut others: Vec<String> = fields.prose.iter().flat_map(|line| ibans_in(line)).map(|(_, iban)| iban).collect();
    others.retain(|iban| !own.contains(iban));
    others.dedup();
    if others.len() == 1 { others.pop() } else { None }
}

/// The accounts in a line, and where they begin.
fn ibans_in(line: &str) -> Vec<(usize, String)> {
    static IBAN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){2,8}\b").expect("BUG: pattern of accounts"));
    IBAN.find_iter(line).filter_map(|found| Some((found.start(), longest_iban(found.as_str())?))).collect()
}

/// Every name that stands beside an account in the bank's text, of the first few accounts.
pub(super) fn names_beside_accounts(fields: &Fields) -> Vec<String> {
    const MOST: usize = 20;
    let places = fields
        .prose
        .iter()
        .enumerate()
        .flat_map(|(at, line)| ibans_in(line).into_iter().map(move |(start, _)| (at, start)));
    places.take(MOST).filter_map(|(at, start)| name_at(fields, at, start)).collect()
}

/// Whose account it is: "door Kok B.V. (NL16 …)", or the name on the line above it.
fn name_beside(fields: &Fields, iban: &str) -> Option<String> {
    fields.prose.iter().enumerate().find_map(|(at, line)| {
        let (start, _) = ibans_in(line).into_iter().find(|(_, found)| found == iban)?;
        name_at(fields, at, start)
    })
}

/// The name before the account that begins there in that line.
fn name_at(fields: &Fields, at: usize, start: usize) -> Option<String> {
    let before = without_account_words(&fields.prose.get(at)?[..start]);
    let above = || fields.prose.get(at.checked_sub(1)?).map(|line| line.trim());
    name_at_end(if before.is_empty() { above()? } else { before })
}

fn without_account_words(before: &str) -> &str {
    static WORDS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)[\s(,:;/-]*(?:\b(?:met |op |van )?(?:rekening(?:nummer)?|account|compte|konto|iban|rek\.?)\b)?[\s(,:;/-]*$")
            .expect("BUG: pattern of words before an account")
    });
    let end = WORDS.find(before).map_or(before.len(), |found| found.start());
    before[..end].trim()
}

/// The longest end of a text that can be a name: its words begin with a capital or a digit, or are those of names.
fn name_at_end(text: &str) -> Option<String> {
    static BEGINS: LazyLock<Regex> = LazyLock::new(|| {
        let words = "door|van|bij|aan|naar|by|from|to|par|de|à|von|durch|an|ten laste van|schuldenaar|betaler|klant|debiteur|\
                     opdrachtgever|begunstigde|débiteur|client|debtor|customer|payer|schuldner|kunde";
        Regex::new(&format!(r"(?i)(?:^|\b(?:{words}):?\s+)")).expect("BUG: pattern of words before a name")
    });
    const PARTICLES: [&str; 26] = [
        "van", "de", "der", "den", "het", "'t", "’t", "ten", "ter", "te", "op", "von", "zu", "du", "des", "la", "le",
        "en", "et", "und", "and", "of", "el", "al", "bij", "h/o",
    ];
    let belongs = |word: &str| {
        PARTICLES.contains(&word) || word.contains(['.', '/']) || word.starts_with(|c: char| !c.is_lowercase())
    };
    let fits = |name: &str| {
        let first = name.split_whitespace().next().unwrap_or_default();
        (2..=80).contains(&name.len())
            && first.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
            && !name.contains(['€', '£', '$'])
            && !written::is_date(name)
            && name.split_whitespace().all(belongs)
            && !names_ours(name)
    };
    BEGINS.find_iter(text).map(|found| text[found.end()..].trim()).find(|name| fits(name)).map(str::to_owned)
}

/// "Uw rekening", "Zakelijke rekening": no name.
fn names_ours(name: &str) -> bool {
    static OURS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i)^(?:uw|je|jouw|your|votre|ihr\w*|dein\w*|op|naar|rekening|rek|iban|account|compte|konto)\b|rekening$|account$",
        )
        .expect("BUG: words of our own account")
    });
    OURS.is_match(name)
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

/// Accounts that the bank calls the reader's own, by a word or by the side on which they stand.
fn own_ibans(fields: &Fields, kind: NoticeKind) -> Vec<String> {
    fn own(side: &str) -> Regex {
        let account = r"\b(?P<iban>[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){2,8})\b";
        let whose = r"\b(?:uw|je|jouw|your|votre|ihr\w*|dein\w*)\b[^.\n(]{0,80}?\(?";
        let side = format!(r"\b(?:{side}) (?:(?:de|le|the|das) )?(?:rekening|account|compte|konto)?\s?");
        Regex::new(&format!(r"(?i)(?:{whose}|{side})(?-i:{account})")).expect("BUG: pattern of own accounts")
    }
    static IN: LazyLock<Regex> = LazyLock::new(|| own(r"op|naar|onto|into|to|sur|vers|au|auf|rek\.?"));
    static OUT: LazyLock<Regex> = LazyLock::new(|| own("van|from|du|vom"));
    // "De rekening NL… werd gecrediteerd."
    static ITSELF: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b(?P<iban>[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){2,8}) (?i:(?:a été|werd|is|was|has been|wurde) (?:op \S+ )?(?:(?:cré|dé)dité|(?:ge)?(?:cre|de)dite?e?rd|(?:cred|deb)ited|belastet))")
            .expect("BUG: pattern of an account that is itself credited")
    });
    let own = if kind == NoticeKind::Debit { &*OUT } else { &*IN };
    let stated = fields.prose.iter().flat_map(|line| own.captures_iter(line).chain(ITSELF.captures_iter(line)));
    let stated = stated.filter_map(|found| longest_iban(&found["iban"]));
    let labelled = fields.labelled.iter().filter(|field| is_our_side(&field.name, kind) || field.label == Label::Other);
    stated
        .chain(labelled.filter(|field| !is_theirs(&field.name, kind)).filter_map(|field| reference::iban(&field.value)))
        .collect()
}

/// "Naar rekening" of money that went out.
fn is_theirs(label: &str, kind: NoticeKind) -> bool {
    kind == NoticeKind::Debit && is_our_side(label, NoticeKind::Credit)
}

/// "M HOEK (NL64ASNB0008811199)", "VANNESTE BV, BE70210711822125", "Greta Holm <greta@x.example>".
pub(super) fn split_iban(shown: &str) -> (String, Option<String>) {
    static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?P<name>.*?)[\s,;/–·-]*(?:\b(?i:rekening(?:nummer)?|iban|account|compte|konto))?[\s:]*\(?\s*(?P<iban>[A-Z]{2}\d{2}[A-Z0-9 ]{10,40})\s*\)?\s*$")
            .expect("BUG: pattern of accounts")
    });
    if let Some(found) = BEHIND.captures(shown)
        && let Some(iban) = reference::iban(&found["iban"])
    {
        return (found["name"].trim().to_owned(), Some(iban));
    }
    // An address or the like behind the account.
    if let Some((start, iban)) = ibans_in(shown).into_iter().next().filter(|(start, _)| *start > 0) {
        let name = without_account_words(&shown[..start]);
        if !name.starts_with(char::is_lowercase) {
            return (name.to_owned(), Some(iban));
        }
    }
    static MASKED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^[A-Z]{2}[\d*•x]{2}[^)]*[*•x]{2}").expect("BUG: pattern of hidden accounts"));
    let is_address = |text: &str| text.contains('@') || MASKED.is_match(text);
    let name = match shown.split_once(['<', '(']) {
        Some((name, address)) if is_address(address) && !name.trim().is_empty() => name,
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
