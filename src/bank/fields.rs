//! The labelled fields and the prose of a notice, in the order in which they stand.
//! What the payer wrote begins at the description and is kept apart from what the bank wrote.

use super::clause::{self, Clause};
use super::own_account::names_own;
use super::profiles::{Label, Profile};
use super::{layout, reference, written};
use chrono::NaiveDate;
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// In bytes; a longer one is taken in parts.
const LONGEST_PARAGRAPH: usize = 2_000;

/// A mail's text, taken apart.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// In order, without the description.
    pub labelled: Vec<Field>,
    /// The first description, as shown.
    pub reference: Option<String>,
    /// Lines without a label that stand before the description: the bank's own words.
    pub prose: Vec<String>,
    /// What each of them tells.
    pub clauses: Vec<Clause>,
    /// Which of them may be the payer's: behind an amount, and no sentence.
    pub loose: BTreeSet<usize>,
    /// The same, lines of one paragraph joined, where there are several.
    pub paragraphs: Vec<String>,
    /// There is a table that cannot be read.
    pub broken: bool,
    /// An amount was told so far.
    is_behind: bool,
}

#[derive(Debug)]
pub(super) struct Field {
    pub label: Label,
    pub name: String,
    pub value: String,
    /// It stands below the description, where a payer's text could imitate it.
    pub below: bool,
}

impl Fields {
    /// `written_on` is the day of the mail, for "gisteren".
    pub fn of(text: &str, profile: &Profile, written_on: Option<NaiveDate>) -> Fields {
        let describes = |cell: &str| label_of(cell, profile) == Some(Label::Reference);
        let laid_out = layout::lay_out(text, |cell| label_of(cell, profile).is_some(), describes);
        let lines: Vec<&str> = laid_out.lines.iter().map(String::as_str).collect();
        let mut fields = Fields { broken: laid_out.broken, ..Fields::default() };
        let mut paragraph: Vec<&str> = Vec::new();
        // A description is worth more than a number that the bank calls a reference.
        let mut described = false;
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            let found = field_at(&lines, at, profile)
                .or_else(|| typed_field(line))
                .or_else(|| bare_amount(&lines, at, profile));
            let Some((label, name, value, used)) = found else {
                fields.keep_prose(line.trim(), &mut paragraph, profile, written_on);
                at += 1;
                continue;
            };
            fields.end_paragraph(&mut paragraph);
            at += used;
            let (value, more) = with_account_below(label, value, lines.get(at).copied());
            at += more;
            match label {
                // "Betreft: terugboeking" above the letter: nobody's description.
                Label::Reference if heads_a_letter(&name) && fields.labelled.is_empty() && !fields.is_behind => {}
                Label::Reference if fields.reference.is_none() || (always_describes(&name) && !described) => {
                    described = always_describes(&name);
                    fields.reference = Some(value);
                }
                Label::Reference => {}
                _ => {
                    fields.is_behind |= label == Label::Amount;
                    let below = fields.reference.is_some();
                    fields.labelled.push(Field { label, name, value, below });
                }
            }
        }
        fields.end_paragraph(&mut paragraph);
        fields
    }

    fn keep_prose<'t>(
        &mut self,
        line: &'t str,
        paragraph: &mut Vec<&'t str>,
        profile: &Profile,
        written_on: Option<NaiveDate>,
    ) {
        if line.is_empty() || self.reference.is_some() {
            return self.end_paragraph(paragraph);
        }
        if self.is_behind && !line.ends_with(['.', '!', '?', ':']) {
            self.loose.insert(self.prose.len());
        }
        self.prose.push(line.to_owned());
        if paragraph.iter().map(|line| line.len()).sum::<usize>() > LONGEST_PARAGRAPH {
            self.end_paragraph(paragraph);
        }
        paragraph.push(line);
        self.keep_told(line, profile, written_on);
    }

    /// The description inside a sentence of the bank, what follows it is below it; and whether an amount is told there.
    fn keep_told(&mut self, line: &str, profile: &Profile, written_on: Option<NaiveDate>) {
        let clause = clause::read(line, written_on);
        let by_pattern = profile.sentences.iter().find_map(|sentence| sentence.captures(line));
        let (reference, has_amount) = match by_pattern {
            Some(found) => (found.name("reference").map(|text| text.as_str().trim().to_owned()), true),
            None => (clause.reference.clone(), clause.amount.is_some()),
        };
        self.reference = reference;
        self.is_behind |= has_amount;
        self.clauses.push(clause);
    }

    /// A sentence may run over several lines.
    fn end_paragraph(&mut self, paragraph: &mut Vec<&str>) {
        if paragraph.len() > 1 {
            self.paragraphs.push(paragraph.join(" "));
        }
        paragraph.clear();
    }

    /// The value of a field: above the description the first one counts. Below it the last one does, because the
    /// payer's text comes before what the bank writes next.
    pub fn find<T>(&self, wanted: &[Label], read: impl Fn(&Field) -> Option<T>) -> Option<T> {
        let of = |below: bool| self.labelled.iter().filter(move |f| f.below == below && wanted.contains(&f.label));
        of(false).find_map(&read).or_else(|| of(true).rev().find_map(&read))
    }
}

/// An account alone on the line below a party is that party's.
fn with_account_below(label: Label, value: String, below: Option<&str>) -> (String, usize) {
    let is_party = matches!(label, Label::Payer | Label::Payee | Label::Party) && reference::iban(&value).is_none();
    match below.map(str::trim).filter(|line| is_party && reference::iban(line).is_some()) {
        Some(account) => (format!("{value} {account}"), 1),
        None => (value, 0),
    }
}

/// A label that nobody knows, before an account or a day: what it is, its value tells.
fn typed_field(line: &str) -> Option<Told> {
    static LABELLED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\s*(?P<label>\p{L}[\p{L}\d '’./()-]{0,40}?)\s*:\s+(?P<value>\S.*)$")
            .expect("BUG: pattern of labels")
    });
    let found = LABELLED.captures(line)?;
    let (name, value) = (&found["label"], found["value"].trim());
    let label = if name.eq_ignore_ascii_case("de") {
        // French; without a colon it begins any Dutch sentence.
        Label::Payer
    } else if reference::iban(value).is_some() {
        if names_own(name) || is_ours(name) { Label::Other } else { Label::Iban }
    } else if written::is_date(value) && names_a_booking(name) {
        Label::Booked
    } else {
        return None;
    };
    Some((label, name.to_owned(), value.to_owned(), 1))
}

/// A label that nobody knows, of the reader's own account.
fn is_ours(name: &str) -> bool {
    static OURS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:uw|je|jouw|eigen|mijn|your|own|votre|ihr|dein)\b|^(?:op|naar|to|(?:af|bij)geschreven (?:van|op)|(?:credit|debit)ed (?:to|from)|tegoed|ten gunste|ten laste|compte (?:concerné|crédité|débité))\b")
            .expect("BUG: words of our own account")
    });
    OURS.is_match(name)
}

/// A day on which money moved, rather than one on which it was due, valued or promised.
fn names_a_booking(name: &str) -> bool {
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        let words = "valuta|value|valeur|wert|rente|interest|oorspr|origin|ursprung|due|verval|échéance|fällig|machtig|\
                     manda|geldig|valid|gültig|factuur|invoice|rechnung|facture|bestel|order|verwacht|expected|estimated|\
                     uiterlijk|until|tot|periode|period|saldo|solde|balance|stand|\
                     inning|deadline|défense|encaissement|einzug|antwort|reply|respond";
        Regex::new(&format!("(?i){words}")).expect("BUG: words of other days")
    });
    !OTHERS.is_match(name)
}

/// An amount with its currency or sign, alone on its line: the headline of many a notice. A short line just above it is a label
/// that nobody knows, of a fee perhaps.
fn bare_amount(lines: &[&str], at: usize, profile: &Profile) -> Option<Told> {
    let line = lines.get(at)?.trim();
    let above = lines[..at].iter().rev().map(|line| line.trim()).find(|line| !line.is_empty()).unwrap_or_default();
    let is_label = |text: &str| {
        let (words, end) = (text.split_whitespace().count(), text.chars().next_back());
        if [&profile.credit, &profile.debit, &profile.storno].iter().any(|words| words.is_match(text)) {
            return false;
        }
        let is_short = (1..=3).contains(&words) && end.is_some_and(char::is_alphabetic);
        is_short || end == Some(':')
    };
    let has_currency = ["€", "£", "$", "EUR", "GBP", "USD", "CHF"].iter().any(|currency| line.contains(currency));
    let has_sign = line.starts_with(['+', '-', '−']) && line.contains([',', '.']);
    let amount = line.trim_matches(['*', ' ']);
    let is_headline = amount.starts_with('+') || !is_label(above);
    let stands = (has_currency || has_sign) && is_headline && written::amount(amount).is_some();
    stands.then(|| (Label::Amount, String::new(), amount.to_owned(), 1))
}

/// What the label is, where a cell is a label and nothing else.
fn label_of(cell: &str, profile: &Profile) -> Option<Label> {
    let alone = |pattern: &Regex| {
        cell.split(" / ").any(|part| pattern.captures(part).is_some_and(|found| found["value"].trim().is_empty()))
    };
    profile.labels.iter().find(|(_, pattern)| alone(pattern)).map(|(label, _)| *label)
}

/// What a field is, its name, its value and how many lines it takes.
type Told = (Label, String, String, usize);

/// The field that begins at a line, and how many lines it takes.
fn field_at(lines: &[&str], at: usize, profile: &Profile) -> Option<Told> {
    let line = lines.get(at)?;
    let below = (at + 1..lines.len()).find(|next| lines.get(*next).is_some_and(|line| !line.trim().is_empty()));
    let mut best: Option<((bool, usize), Told)> = None;
    for (label, pattern) in &profile.labels {
        let Some(found) = pattern.captures(line) else { continue };
        let (name, mark, value) = (&found["label"], &found["mark"], found["value"].trim());
        let has_colon = mark.contains(':');
        let next = below.and_then(|next| Some((lines.get(next)?.trim(), next - at + 1)));
        let read = match (value.is_empty(), next) {
            (true, Some((next, used))) if !is_label(next, profile) && (has_colon || fits_below(*label, next)) => {
                Some((next, used))
            }
            (true, _) if has_colon => Some(("", 1)),
            (true, _) => None,
            (false, _) if fits_beside(*label, name, value) || (has_colon && !is_typed(*label)) => Some((value, 1)),
            (false, _) => None,
        };
        let Some((value, used)) = read else { continue };
        // One word may be the label of several things: "Ontvangen" of an amount or of a day.
        let rank = (fits_beside(*label, name, value), name.chars().count());
        if best.as_ref().is_none_or(|(highest, _)| rank > *highest) {
            best = Some((rank, (*label, name.to_owned(), value.to_owned(), used)));
        }
    }
    let (label, name, value, used) = best?.1;
    Some(with_continuation(lines, at, profile, label, name, value, used))
}

/// A long description goes on in lines that are set in below it.
fn with_continuation(
    lines: &[&str],
    at: usize,
    profile: &Profile,
    label: Label,
    name: String,
    mut value: String,
    mut used: usize,
) -> Told {
    let is_set_in = |line: &&&str| line.starts_with("    ") && !line.trim().is_empty();
    while label == Label::Reference
        && let Some(line) = lines.get(at + used).filter(is_set_in)
        && !profile.labels.iter().any(|(_, pattern)| pattern.is_match(line))
    {
        value.push(' ');
        value.push_str(line.trim());
        used += 1;
    }
    (label, name, value, used)
}

/// The line is a label and nothing else.
fn is_label(line: &str, profile: &Profile) -> bool {
    profile
        .labels
        .iter()
        .any(|(_, pattern)| pattern.captures(line).is_some_and(|found| found["value"].trim().is_empty()))
}

/// Only a value of its kind makes it a field: "Gestorneerd: er is geld op uw rekening …" is a sentence.
fn is_typed(label: Label) -> bool {
    matches!(label, Label::Amount | Label::Direction | Label::Iban | Label::Booked)
}

/// A value on the line below a bare label.
fn fits_below(label: Label, value: &str) -> bool {
    match label {
        Label::Payer | Label::Payee | Label::Party | Label::Reference | Label::Other => true,
        Label::Amount | Label::Direction | Label::Iban | Label::Booked => fits_beside(label, "", value),
    }
}

/// A value beside a label without a colon, as a table row becomes in text: prose must not pass for it.
fn fits_beside(label: Label, name: &str, value: &str) -> bool {
    match label {
        Label::Amount => written::amount(value).is_some(),
        Label::Direction => direction(value).is_some(),
        Label::Iban => reference::iban(value).is_some(),
        Label::Booked => written::is_date(value),
        Label::Payer | Label::Payee | Label::Party => !is_prose(value),
        Label::Reference => always_describes(name) || !(is_prose(value) || is_about(value)),
        Label::Other => written::amount(value).is_some() || written::date(value).is_some() || !is_prose(value),
    }
}

/// "Bericht van creditering", "Message from your bank": a heading.
fn is_about(value: &str) -> bool {
    const STARTS: [&str; 14] =
        ["van", "aan", "over", "voor", "from", "of", "to", "for", "about", "de", "du", "pour", "von", "an"];
    let first = value.split_whitespace().next().unwrap_or_default().to_lowercase();
    STARTS.contains(&first.as_str())
}

/// These words begin no sentence of a bank: what stands beside them is the payer's, whatever it looks like.
fn always_describes(name: &str) -> bool {
    let name = name.to_lowercase();
    const WORDS: [&str; 7] = [
        "omschrijving",
        "mededeling",
        "betalingskenmerk",
        "description",
        "communication",
        "verwendungszweck",
        "beschreibung",
    ];
    WORDS.iter().any(|word| name.contains(word))
}

fn heads_a_letter(name: &str) -> bool {
    const WORDS: [&str; 6] = ["betreft", "onderwerp", "objet", "concerne", "betreff", "subject"];
    WORDS.contains(&name.to_lowercase().as_str())
}

/// Begins like a sentence about the reader's own account.
fn is_prose(value: &str) -> bool {
    const STARTS: [&str; 22] = [
        "uw", "je", "jouw", "u", "de", "het", "een", "er", "is", "was", "heeft", "your", "you", "the", "a", "has",
        "votre", "le", "la", "a", "van", "op",
    ];
    let first = value.split_whitespace().next().unwrap_or_default().to_lowercase();
    let long = value.split_whitespace().count() > 8;
    (STARTS.contains(&first.as_str()) && value.ends_with(['.', '!', '?', ':']))
        || (long && value.ends_with(['.', '!', '?']))
}

/// The "bij" of "Totaalbedrag bij".
pub(super) fn last_word(name: &str) -> &str {
    name.rsplit(' ').next().unwrap_or(name)
}

/// True for money in ("Bij"), false for money out ("Af").
pub(super) fn direction(value: &str) -> Option<bool> {
    match value.trim().to_lowercase().as_str() {
        "bij" | "b" | "credit" | "credited" | "crédit" | "c" => Some(true),
        "af" | "a" | "debit" | "debet" | "debited" | "débit" | "d" => Some(false),
        _ => None,
    }
}
