//! What the bank itself says in a notice, by which its kind is told: without the names and descriptions that a payer chose, and
//! without the lines that may be his.

use super::clause::Clause;
use super::fields::{Field, Fields};
use super::numbers::seeming_numbers;
use super::party::{names_beside_accounts, split_iban};
use super::profiles::{Label, Profile};
use crate::mail::message::Message;
use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

/// "Terugboeking" above an account is nobody's name.
pub(super) fn is_heading(name: &str, bank: &Profile) -> bool {
    [&bank.credit, &bank.debit, &bank.storno, &bank.info].iter().any(|words| words.is_match(name))
}

/// Subject, prose and names of amounts above the description, without what the payer could have chosen.
pub(super) struct BankWords {
    pub all: String,
    /// Without what is said of money that would come.
    pub outright: String,
}

pub(super) fn bank_words(message: &Message, fields: &Fields, told: &Clause, bank: &Profile) -> BankWords {
    let prose =
        fields.prose.iter().enumerate().filter(|(at, _)| !fields.loose.contains(at)).map(|(_, line)| line.as_str());
    let labels = labels_of_amounts(fields);
    let said =
        std::iter::once(bank_subject(message, fields, told)).chain(prose).chain(labels.iter().map(String::as_str));
    let words = said.map(toward_us).collect::<Vec<_>>().join("\n");
    let words = without_others(&words);
    let all = chosen(fields, told, bank).iter().fold(words, |words, name| words.replace(name.as_str(), " "));
    let outright = without_conditions(&all);
    BankWords { all, outright }
}

/// Names and descriptions.
fn chosen(fields: &Fields, told: &Clause, bank: &Profile) -> Vec<String> {
    let parties = [Label::Payer, Label::Payee, Label::Party];
    let named = fields.labelled.iter().filter(|field| parties.contains(&field.label));
    let named = named.map(|field| split_iban(&field.value).0);
    let said = [&told.counterparty, &told.reference, &fields.reference].into_iter().flatten().cloned();
    let beside = names_beside_accounts(fields).into_iter().filter(|name| !is_heading(name, bank));
    named.chain(said).chain(beside).filter(|name| name.len() > 1).collect()
}

/// With the bank's remark: "€ 500,00 (gereserveerd)".
fn labels_of_amounts(fields: &Fields) -> Vec<String> {
    let stated = fields.labelled.iter().filter(|field| field.label == Label::Amount && !field.below);
    let remark = |field: &Field| field.value.split_once('(').map_or_else(String::new, |(_, remark)| remark.to_owned());
    stated.flat_map(|field| [field.name.clone(), remark(field)]).collect()
}

/// Up to the description: behind it the bank says nothing more.
fn bank_subject<'m>(message: &'m Message, fields: &Fields, told: &Clause) -> &'m str {
    let loose = fields.loose.iter().filter_map(|at| fields.prose.get(*at));
    let descriptions = [&told.reference, &fields.reference].into_iter().flatten().chain(loose);
    let ends = descriptions.filter(|text| text.len() > 2).filter_map(|text| message.subject.find(text.as_str()));
    ends.min().and_then(|end| message.subject.get(..end)).unwrap_or(&message.subject)
}

/// Without quotations, and without what tells of no money: "U heeft deze e-mail ontvangen omdat".
fn without_others(words: &str) -> String {
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        let mail = r"e-?mails?|mails?|bericht(?:en)?|melding(?:en)?|message|courriel|nachricht|punten|points";
        let got = format!(
            r"\b(?:{mail})\b.{{0,40}}\b(?:ontvangen|received|reçu|erhalten)\b|\b(?:ontvangen|received) (?:{mail})\b"
        );
        let never = r"\bniet (?:meer )?(?:worden )?(?:teruggedraaid|teruggeboekt)\b";
        Regex::new(&format!("(?i){got}|{never}")).expect("BUG: pattern of what else is received")
    });
    static QUOTED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("[\"“„][^\"”“\n]{3,}(?:[\"”“]|$)").expect("BUG: pattern of quotations"));
    QUOTED.replace_all(&OTHERS.replace_all(words, " "), " ").into_owned()
}

/// Without "als Kok heeft betaald", "until the amount is received".
fn without_conditions(words: &str) -> String {
    static CONDITIONS: LazyLock<Regex> = LazyLock::new(|| {
        let begins = concat!(
            r"(?:^|[.,;:!?(]\s*)(?:als|wanneer|indien|mocht|if|when|si|lorsque|quand|wenn|falls|sollte)",
            r"|\b(?:zodra|totdat|once|until|as soon as|unless|dès que|dès qu['’]|jusqu['’]à ce que|sobald)"
        );
        let moved = r"betaal[dt]|voldaan|ontvangen|bijgeschreven|gestort|binnen|paid|received|credited|payé|reçu|crédité|versé|bezahlt|gezahlt|erhalten|gutgeschrieben|eingegangen";
        Regex::new(&format!(r"(?im)(?:{begins})\b[^.,;!?\n]{{0,80}}?\b(?:{moved})\b"))
            .expect("BUG: pattern of conditions")
    });
    CONDITIONS.replace_all(words, " ").into_owned()
}

/// "Kok heeft … overgemaakt naar uw rekening" is money in, "overgemaakt naar Kok" money out, and what the reader moved himself too.
fn toward_us(line: &str) -> Cow<'_, str> {
    static TO_US: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\bover(?:gemaakt|geboekt|geschreven) (?:naar|op) (?:uw|je|jouw) (?:[\p{L}-]+ )?(?:betaal|zicht)?rekening\b")
            .expect("BUG: pattern of money in")
    });
    static BY_US: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:u|je|jij|wij|we) (?:heeft|hebt|hebben)\b|\b(?:heeft|hebt|hebben) (?:u|jij|wij|we)\b")
            .expect("BUG: pattern of the reader")
    });
    if BY_US.is_match(line) { Cow::Borrowed(line) } else { TO_US.replace_all(line, "bijgeschreven op uw rekening") }
}

/// Lines behind an amount that are no sentences, without the description: "Unsubscribe", "In behandeling".
pub(super) fn loose_lines<'f>(fields: &'f Fields, described: Option<&str>) -> Vec<&'f str> {
    let lines = fields.loose.iter().filter_map(|at| fields.prose.get(*at));
    lines.map(String::as_str).filter(|line| described.is_none_or(|text| !line.contains(text))).collect()
}

pub(super) fn is_in_one(lines: &[&str], words: &Regex) -> bool {
    lines.iter().any(|line| words.is_match(line))
}

/// A description that stands on its line without a label: the only one that seems to name an invoice.
pub(super) fn unlabelled_description(fields: &Fields) -> Option<String> {
    static ACCOUNT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)[•*·x]{2,}|\b(?:rekening|rek\.|account|compte|konto)\b|^(?:op|naar|into|to|van|from)\b")
            .expect("BUG: pattern of lines about an account")
    });
    static STRUCTURED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?:RF\d{2} ?[A-Z0-9 ]{1,26}|[+*]{3}\d{3}/\d{4}/\d{5}[+*]{3})$")
            .expect("BUG: pattern of references")
    });
    let names_one =
        |line: &&String| STRUCTURED.is_match(line) || (!seeming_numbers(line).is_empty() && !ACCOUNT.is_match(line));
    let mut lines = fields.prose.iter().filter(names_one);
    let only = lines.next().filter(|_| lines.next().is_none())?;
    let text = only.strip_prefix("voor ").or_else(|| only.strip_prefix("for ")).unwrap_or(only);
    Some(text.trim_matches(['"', '“', '”', '„', '‘', '’', ' ']).to_owned())
}
