//! Field 86, what the bank and the payer say of an entry: one of four manners of writing, told apart by their marks.
//! Never fails: what is not understood stays description.

use super::subfields::{self, Coded};
use crate::bank::reference;
use crate::bank::xml::is_squeezed;
use std::borrow::Cow;

/// What was understood.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Narrative {
    pub counterparty: Option<String>,
    /// Account of the other party, without spaces.
    pub account: Option<String>,
    /// A structured reference that has a field of its own.
    pub reference: Option<String>,
    pub description: String,
    pub end_to_end: Option<String>,
    /// The bank gives a reason of return.
    pub returned: bool,
}

/// Reads the lines of one or more fields 86.
pub(super) fn read(lines: &[&str]) -> Narrative {
    let concatenated = lines.concat();
    let mut found = if let Some(numbered) = subfields::numbered(&concatenated) {
        of_numbered(&numbered)
    } else {
        let text = unwrapped(lines);
        match subfields::slashed(&text) {
            Some((before, coded)) => of_slashed(&before, &coded, lines),
            None => of_prose(lines, &text),
        }
    };
    found.description = squeezed(&found.description);
    found
}

/// Lines as one text: a line that was cut because it was full goes on without a space.
pub(super) fn unwrapped(lines: &[&str]) -> String {
    const FULL: usize = 65;
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        text.push_str(line);
        let next_is_code = lines.get(index + 1).is_some_and(|next| next.starts_with('/'));
        if line.chars().count() < FULL && !next_is_code && !line.ends_with(' ') {
            text.push(' ');
        }
    }
    text
}

pub(super) fn squeezed(text: &str) -> String {
    if is_squeezed(text) {
        return text.to_owned();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A value of its own, or nothing.
fn some(text: &str) -> Option<String> {
    let text = squeezed(text);
    (!text.is_empty()).then_some(text)
}

/// `?20…?31…?32…`, or the same with `>`.
fn of_numbered(fields: &[(u8, &str)]) -> Narrative {
    let with = |wanted: &dyn Fn(u8) -> bool| -> Vec<&str> {
        fields.iter().filter(|(code, _)| wanted(*code)).map(|(_, text)| *text).collect()
    };
    let one = |code: u8| fields.iter().find(|(found, _)| *found == code).map(|(_, text)| text.trim());
    // Triodos puts bank and account where others begin the text.
    let leading = [one(20), one(21)];
    let (own_account, skip) = match leading {
        [Some(bank), Some(account)] if is_bic(bank) && is_account(account) => (Some(account), true),
        _ => (None, false),
    };
    let of_purpose = |code: u8| matches!(code, 20..=29 | 60..=63) && !(skip && matches!(code, 20 | 21));
    let purpose = subfields::rewrapped(&with(&of_purpose), 27);
    let marked = subfields::marked(&purpose);
    let of_mark = |name: &str| marked.iter().find(|found| found.code == name).map(|found| found.value.as_str());
    let said = of_mark("SVWZ").or_else(|| of_mark("")).or_else(|| of_mark("ABWA"));
    // Behind the name goes its second half, or at some banks the account.
    let behind_name = one(33).filter(|text| reference::iban(text).is_some());
    let of_name = |code: u8| code == 32 || code == 33 && behind_name.is_none();
    let name = subfields::rewrapped(&with(&of_name), 27);
    let account = own_account.or_else(|| one(31)).or_else(|| one(38)).or(behind_name).or_else(|| of_mark("IBAN"));
    let mut description = said.unwrap_or_default().to_owned();
    if description.trim().is_empty() && marked.is_empty() {
        description = one(0).unwrap_or_default().to_owned();
    }
    Narrative {
        counterparty: some(&name),
        account: account.and_then(as_account),
        reference: None,
        description,
        end_to_end: of_mark("EREF").and_then(provided),
        returned: of_mark("RTRN").is_some(),
    }
}

/// `/TRTP/…/IBAN/…/NAME/…/REMI/…/EREF/…`.
fn of_slashed(before: &str, coded: &[Coded], lines: &[&str]) -> Narrative {
    let first = |name: &str| coded.iter().find(|found| found.code == name).map(|found| found.value.trim());
    let filled = |name: &str| {
        coded.iter().filter(|found| found.code == name).map(|found| found.value.trim()).find(|text| !text.is_empty())
    };
    let counter: Vec<&str> = first("CNTP").unwrap_or_default().split('/').collect();
    let remittance = subfields::remittance(coded);
    let plain = of_prose_head(before, lines);
    // Rabobank puts the payer's number with its own code behind the name.
    let named = first("NAME").map(|name| name.split("/ID/").next().unwrap_or_default());
    let name = named.or_else(|| counter.get(2).copied()).and_then(some).or(plain.counterparty);
    let party = ["ORDP", "BENM"].into_iter().find_map(&filled).map(party_of);
    let account = first("IBAN").or_else(|| first("BBAN")).or_else(|| counter.first().copied()).and_then(as_account);
    let description = match remittance.text.is_empty() {
        false => remittance.text,
        // Some banks write on behind another code; a payment that says nothing at all is described by its kind.
        true => {
            let party_text = ["ORDP", "BENM"].into_iter().find_map(&filled).and_then(text_after_party);
            let others = ["OCMT", "PT", "KREF"].into_iter().filter_map(&filled).chain(party_text);
            let others = others.collect::<Vec<_>>().join(" ");
            let kind = filled("TRTP").filter(|_| remittance.reference.is_none()).unwrap_or_default();
            if others.is_empty() { kind.to_owned() } else { others }
        }
    };
    let description = match before.trim().is_empty() || plain.account.is_some() {
        true => description,
        false => format!("{before} {description}"),
    };
    Narrative {
        counterparty: name.or_else(|| party.as_ref().and_then(|(name, _)| name.clone())),
        account: account.or(plain.account).or_else(|| party.and_then(|(_, account)| account)),
        reference: remittance.reference,
        description,
        end_to_end: filled("EREF").and_then(provided),
        returned: first("RTRN").is_some(),
    }
}

/// `/ORDP/name`, `/BENM/account/name` or `/BENM/account/bank/name`.
fn party_of(written: &str) -> (Option<String>, Option<String>) {
    let mut parts = written.trim_matches('/').split('/').map(str::trim);
    let first = parts.next().unwrap_or_default();
    match is_account(first) {
        true => {
            // A short name in capitals looks like the bank's code.
            let rest: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
            let name = rest.iter().find(|part| !is_bic(part)).or(rest.first());
            (name.and_then(|name| some(name)), as_account(first))
        }
        false => (some(first), None),
    }
}

/// What follows account and name.
fn text_after_party(written: &str) -> Option<&str> {
    let written = written.trim_matches('/');
    let (first, rest) = written.split_once('/')?;
    if is_account(first) { rest.split_once('/').map(|(_, text)| text) } else { Some(rest) }
}

/// Dutch prose: labels with colons, or the account and the name of the other party in front.
fn of_prose(lines: &[&str], text: &str) -> Narrative {
    let labels = subfields::labelled(text);
    if !labels.is_empty() {
        return of_labels(&labels, text);
    }
    let head = of_prose_head(lines.first().copied().unwrap_or_default(), lines);
    match head.account {
        Some(_) => head,
        None => {
            of_debit_prose(text).unwrap_or_else(|| Narrative { description: text.to_owned(), ..Narrative::default() })
        }
    }
}

/// "… doorlopend NL58… INGBNL2A JANSEN BV NL10ZZZ… …": account, bank, name, then an id or `SEPA`.
fn of_debit_prose(text: &str) -> Option<Narrative> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.windows(2).position(|pair| !is_number(pair[0]) && is_account(pair[0]) && is_bic(pair[1]))?;
    let after = words.get(at + 2..)?;
    let is_id = |word: &str| word == "SEPA" || (word.len() >= 8 && !is_number(word) && is_id_shaped(word));
    let end = after.iter().position(|word| is_id(word)).unwrap_or(0);
    let (name, rest) = after.split_at_checked(end)?;
    let told = words.get(..at)?.iter().chain(rest).copied().collect::<Vec<_>>().join(" ");
    Some(Narrative {
        counterparty: some(&name.join(" ")),
        account: as_account(words.get(at)?),
        description: told,
        ..Narrative::default()
    })
}

/// Two letters and two digits, as ids of creditors and accounts begin.
fn is_id_shaped(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.iter().take(2).all(u8::is_ascii_uppercase) && bytes.iter().skip(2).take(2).all(u8::is_ascii_digit)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn of_labels(labels: &[Coded], text: &str) -> Narrative {
    let at = |names: &[&str]| labels.iter().position(|found| names.contains(&found.code));
    let of = |names: &[&str]| at(names).and_then(|at| labels.get(at)).map(|found| found.value.trim());
    let account = of(&["IBAN", "REK", "REKENING"]);
    let told = at(&["OMSCHRIJVING", "DESCRIPTION"]).filter(|_| account.is_some());
    let shown = |found: &Coded| match found.code {
        "" | "OMSCHRIJVING" | "DESCRIPTION" => found.value.clone(),
        code => format!("{code}: {}", found.value),
    };
    let description = match told {
        // Whatever label the payer writes after this one is the payer's text.
        Some(at) => labels.iter().skip(at).map(shown).collect::<Vec<_>>().join(" "),
        None if account.is_some() => {
            let of_party = ["IBAN", "BIC", "REK", "REKENING", "NAAM", "NAME"];
            let others = labels.iter().filter(|found| !of_party.contains(&found.code));
            others.map(shown).collect::<Vec<_>>().join(" ")
        }
        None => text.to_owned(),
    };
    Narrative {
        counterparty: of(&["NAAM", "NAME"]).and_then(some),
        account: account.and_then(as_account),
        reference: of(&["BETALINGSKENM", "BETALINGSKENMERK"]).and_then(leading_reference),
        description,
        end_to_end: of(&["KENMERK"]).filter(|_| told.is_some()).and_then(provided),
        returned: false,
    }
}

/// An account that the text begins with. Where a blank line follows (SNS, ASN), the rest of the first line is a name.
fn of_prose_head(first: &str, lines: &[&str]) -> Narrative {
    let first = first.trim();
    let (token, rest) = first.split_once([' ', '\t']).unwrap_or((first, ""));
    let is_own_line = lines.get(1).is_some_and(|next| next.trim().is_empty() || next.starts_with("/TRTP/"));
    if !is_account(token) || (!is_own_line && reference::iban(token).is_none() && !token.starts_with("00")) {
        let is_old_number = (9..=10).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_digit());
        if !is_old_number || rest.is_empty() {
            return Narrative::default();
        }
    }
    if !is_own_line {
        let text = squeezed(&unwrapped(lines));
        let description = text.split_once(' ').map_or("", |(_, rest)| rest).to_owned();
        return Narrative { account: as_account(token), description, ..Narrative::default() };
    }
    Narrative {
        counterparty: some(rest),
        account: as_account(token),
        description: unwrapped(lines.get(1..).unwrap_or_default()),
        ..Narrative::default()
    }
}

/// Digits that a label announces, as far as they are a reference with right check digits.
fn leading_reference(text: &str) -> Option<String> {
    let mut digits = String::new();
    for word in text.split_whitespace() {
        if !word.bytes().all(|byte| byte.is_ascii_digit()) {
            break;
        }
        digits.push_str(word);
    }
    let known = |digits: &str| reference::parse(digits).is_some() && digits.len() >= 7;
    let bare = digits.trim_start_matches('0');
    [digits.as_str(), bare].into_iter().find(|digits| known(digits)).map(str::to_owned)
}

/// An end-to-end id, unless the bank says that there is none.
pub(super) fn provided(text: &str) -> Option<String> {
    // The next mark, where nothing stands behind this one.
    const MARKS: [&str; 5] = ["EREF", "PREF", "MARF", "KREF", "ACCW"];
    (reference::is_given(text) && !reference::spells_one_of(text, &MARKS)).then(|| squeezed(text))
}

/// Two letters and two digits in front, or a bank's own number.
pub(super) fn is_account(text: &str) -> bool {
    let text = text.trim();
    let bytes = text.as_bytes();
    let all = |from: usize, what: fn(&u8) -> bool| bytes.iter().skip(from).all(what);
    let is_iban = (14..=34).contains(&bytes.len())
        && bytes.iter().take(2).all(u8::is_ascii_uppercase)
        && bytes.iter().skip(2).take(2).all(u8::is_ascii_digit)
        && all(4, u8::is_ascii_alphanumeric);
    let is_number = (5..=20).contains(&bytes.len()) && all(0, u8::is_ascii_digit);
    is_iban || is_number
}

fn as_account(text: &str) -> Option<String> {
    let is_compact = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.');
    let compact = match is_compact {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.chars().filter(|c| !c.is_whitespace() && *c != '.').collect::<String>()),
    };
    let first = text.split([' ', '/', ',']).next().unwrap_or_default();
    [compact.as_ref(), first].into_iter().find(|text| is_account(text)).map(str::to_owned)
}

fn is_bic(text: &str) -> bool {
    matches!(text.len(), 8 | 11)
        && text.bytes().take(6).all(|byte| byte.is_ascii_uppercase())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
