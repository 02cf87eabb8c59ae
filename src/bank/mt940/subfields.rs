//! The marks inside field 86: `?20`, `/NAME/`, `EREF+`, `NAAM:`. Cuts a text at them; never judges what stands between.

use std::ops::RangeInclusive;

/// A mark and what follows it, up to the next one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Coded {
    /// Empty for what stands before the first mark.
    pub code: &'static str,
    pub value: String,
}

/// `166?00GUTSCHRIFT?20…`: codes of two digits behind one sign. `None` when the text is not written so.
pub(super) fn numbered(text: &str) -> Option<Vec<(u8, &str)>> {
    let text = text.trim_start();
    let head = text.bytes().take_while(u8::is_ascii_digit).count();
    let sign = text.get(head..)?.chars().next().filter(|c| is_sign(*c, head))?;
    let is_rare = RARE_SIGNS.contains(&sign);
    let mut fields = Vec::with_capacity(12);
    for part in text.get(head + sign.len_utf8()..)?.split(sign) {
        let field = part.split_at_checked(2).and_then(|(code, rest)| Some((two_digits(code)?, rest)));
        match field.filter(|field| !is_rare || is_a_banks(*field, &fields)) {
            Some(field) => fields.push(field),
            // A sign that the payer wrote belongs to the text around it.
            None => {
                let (_, last) = fields.last_mut()?;
                *last = joined_in(text, last, part)?;
            }
        }
    }
    let has = |codes: RangeInclusive<u8>| fields.iter().any(|(code, _)| codes.contains(code));
    let is_a_banks = !is_rare || has(0..=0) || has(20..=29) && fields.len() > 1;
    is_a_banks.then_some(fields)
}

/// A code that banks use, for the first time, and no telephone number: what stands behind a sign that people write too.
fn is_a_banks((code, rest): (u8, &str), before: &[(u8, &str)]) -> bool {
    let is_new = before.iter().all(|(seen, _)| *seen != code);
    matches!(code, 0..=10 | 20..=39 | 60..=65) && is_new && !rest.starts_with(' ')
}

/// The bank chooses its sign.
const SIGNS: [char; 4] = ['?', '>', '~', '^'];
/// Those that also stand in ordinary text count only behind a code of three digits.
const RARE_SIGNS: [char; 5] = ['<', '+', '|', '\u{a7}', '\u{a4}'];

fn is_sign(c: char, digits_before: usize) -> bool {
    SIGNS.contains(&c) && digits_before <= 3 || RARE_SIGNS.contains(&c) && digits_before == 3
}

fn two_digits(code: &str) -> Option<u8> {
    code.bytes().all(|byte| byte.is_ascii_digit()).then(|| code.parse().ok()).flatten()
}

/// The stretch of `whole` from the beginning of `first` to the end of `second`.
fn joined_in<'t>(whole: &'t str, first: &str, second: &str) -> Option<&'t str> {
    let start = (first.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
    let end = (second.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)? + second.len();
    whole.get(start..end)
}

/// Pieces of fixed width as one text: a full piece goes on in the next, a shorter one ended a word.
pub(super) fn rewrapped(pieces: &[&str], width: usize) -> String {
    let mut text = String::with_capacity(pieces.iter().map(|piece| piece.len() + 1).sum());
    for piece in pieces {
        if mark_at(piece).is_some() {
            text.push(' ');
        }
        text.push_str(piece);
        if piece.chars().count() < width {
            text.push(' ');
        }
    }
    text
}

/// Codes of the form `/CODE/` that Dutch banks use (and some others).
const SLASHED: [&str; 40] = [
    "TRTP",
    "IBAN",
    "BIC",
    "NAME",
    "REMI",
    "EREF",
    "ORDP",
    "BENM",
    "ADDR",
    "ISDT",
    "MARF",
    "CSID",
    "CNTP",
    "PURP",
    "ULTD",
    "ULTC",
    "ULTB",
    "PREF",
    "SVCL",
    "KREF",
    "RTRN",
    "CDTRREFTP",
    "CDTRREF",
    "CD",
    "SCOR",
    "ISSR",
    "USTD",
    "STRD",
    "BBAN",
    "TRCD",
    "ACCW",
    "IREF",
    "OCMT",
    "CHGS",
    "EXCH",
    "BUSP",
    "NRTX",
    "PY",
    "PT",
    "INIT",
];

/// Cuts at `/CODE/`; `None` when there is no such code. With what stands before the first.
pub(super) fn slashed(text: &str) -> Option<(String, Vec<Coded>)> {
    let mut before = None;
    let mut found: Vec<Coded> = Vec::new();
    let (mut start, mut from) = (0, 0);
    while let Some(at) = text.get(from..).and_then(|rest| rest.find('/')).map(|at| at + from) {
        let rest = text.get(at + 1..).unwrap_or_default();
        let known = |written: &str| SLASHED.iter().find(|code| **code == written).copied();
        let Some(code) = rest.split_once('/').and_then(|(written, _)| known(written)) else {
            from = at + 1;
            continue;
        };
        let value = text.get(start..at).unwrap_or_default();
        match found.last_mut() {
            Some(last) => last.value = value.trim_end_matches('/').to_owned(),
            None => before = Some(value.to_owned()),
        }
        found.push(Coded { code, value: String::new() });
        start = at + code.len() + 2;
        // The closing slash may open the next code: `/REMI/EREF/`.
        from = start - 1;
    }
    found.last_mut()?.value = text.get(start..).unwrap_or_default().trim().trim_end_matches('/').to_owned();
    Some((before.unwrap_or_default(), found))
}

/// What the payer told, of the codes between `/REMI/` and the next that is none of its own.
#[derive(Debug, Default)]
pub(super) struct Remittance {
    pub text: String,
    pub reference: Option<String>,
}

pub(super) fn remittance(coded: &[Coded]) -> Remittance {
    let mut read = Remittance::default();
    let mut parts: Vec<&str> = Vec::new();
    let mut inside = false;
    for Coded { code, value } in coded {
        let value = value.trim();
        match *code {
            "REMI" | "USTD" | "PY" => {
                inside = true;
                parts.push(value.trim_matches('/'));
            }
            // /REMI/STRD/CUR/9876…: who gives it out, and the reference.
            "STRD" => read.reference = value.rsplit('/').find(|part| !part.is_empty()).map(str::to_owned),
            "CDTRREF" => read.reference = (!value.is_empty()).then(|| value.to_owned()),
            "CDTRREFTP" | "CD" | "SCOR" | "ISSR" | "ADDR" if inside => {}
            _ => inside = false,
        }
    }
    read.text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    read
}

/// SEPA marks inside the purpose of German banks: `EREF+`, `SVWZ+`.
pub(super) fn marked(text: &str) -> Vec<Coded> {
    cut(text, mark_at)
}

fn mark_at(rest: &str) -> Option<(&'static str, usize)> {
    const MARKS: [&str; 15] = [
        "EREF", "KREF", "MREF", "CRED", "DEBT", "COAM", "OAMT", "SVWZ", "ABWA", "ABWE", "IBAN", "BIC", "PURP", "RTRN",
        "BREF",
    ];
    // Every mark has three or four letters before its sign.
    if !rest.as_bytes().get(3..5).is_some_and(|two| two.contains(&b'+')) {
        return None;
    }
    let mark = MARKS.iter().find(|mark| rest.strip_prefix(**mark).is_some_and(|rest| rest.starts_with('+')))?;
    Some((*mark, mark.len() + 1))
}

/// Labels of Dutch prose: `IBAN: `, `NAAM: `, `OMSCHRIJVING: `. Empty when there are none.
pub(super) fn labelled(text: &str) -> Vec<Coded> {
    const LABELS: [&str; 14] = [
        "IBAN",
        "BIC",
        "NAAM",
        "NAME",
        "OMSCHRIJVING",
        "DESCRIPTION",
        "KENMERK",
        "MACHTIGING",
        "INCASSANT",
        "BETALINGSKENM",
        "BETALINGSKENMERK",
        "REKENING",
        "REK",
        "DATUM/TIJD",
    ];
    let found = cut(text, |rest| {
        let label = LABELS.iter().filter(|label| starts_with_label(rest, label)).max_by_key(|label| label.len())?;
        Some((*label, label.len() + 1))
    });
    if found.iter().any(|found| !found.code.is_empty()) { found } else { Vec::new() }
}

fn starts_with_label(rest: &str, label: &str) -> bool {
    let head = rest.get(..label.len()).is_some_and(|head| head.eq_ignore_ascii_case(label));
    // "BETALINGSKENM.  0189827218201120" has a point for the colon.
    let mark = rest.as_bytes().get(label.len());
    head && (mark == Some(&b':') || mark == Some(&b'.') && label == "BETALINGSKENM")
}

/// Cuts a text where `mark` finds a code, at the beginning of words only; the code's length includes its sign.
fn cut(text: &str, mark: impl Fn(&str) -> Option<(&'static str, usize)>) -> Vec<Coded> {
    let mut found = vec![Coded { code: "", value: String::new() }];
    let (mut start, mut begins_word, mut skip_to) = (0, true, 0);
    for (at, c) in text.char_indices() {
        if at < skip_to {
            continue;
        }
        let may_begin = begins_word && c.is_ascii_alphabetic();
        if may_begin && let Some((code, length)) = text.get(at..).and_then(&mark) {
            if let Some(last) = found.last_mut() {
                last.value = text.get(start..at).unwrap_or_default().trim().trim_end_matches('/').to_owned();
            }
            found.push(Coded { code, value: String::new() });
            start = at + length;
            skip_to = start;
            begins_word = true;
            continue;
        }
        begins_word = !c.is_alphanumeric();
    }
    if let Some(last) = found.last_mut() {
        last.value = text.get(start..).unwrap_or_default().trim().to_owned();
    }
    found.retain(|part| !part.code.is_empty() || !part.value.is_empty());
    found
}
