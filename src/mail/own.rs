//! Our own letters, seen again: in Sent, as an own copy, after a restore. A letter says itself what it covers, signed
//! with the administration's key, so that nobody can make us believe in a letter that we never wrote.

use super::token::{Key, base32};
use crate::dunning::ids::{CaseId, LetterId, StepId};
use chrono::{DateTime, FixedOffset};
use mail_parser::MessageParser;

/// Our Message-ID once more: some servers replace the other one.
pub const ID_HEADER: &str = "X-Aanmaand-Id";
/// What a letter covers; see [`sealed`].
pub const COVERS_HEADER: &str = "X-Aanmaand-Covers";
/// 130 bits.
const TAG: usize = 26;
/// A header longer than this is none of ours, in bytes.
const LONGEST_HEAD: usize = 256 * 1024;

/// What one of our letters says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnLetter {
    /// Ours, without angle brackets, also where a server has put another one in its place.
    pub message_id: String,
    pub letter: LetterId,
    pub covers: Vec<(CaseId, StepId)>,
    pub recipient: String,
    /// When it was written, to the second.
    pub date: DateTime<FixedOffset>,
}

/// The value of the header: `L-4f2a; C-2026-0412/reminder, C-2026-0413/reminder; <tag>`. The tag signs all fields of
/// the letter. One line, to be folded at its spaces.
pub fn sealed(letter: &OwnLetter, key: &Key) -> String {
    format!("{}; {}; {}", escaped(letter.letter.as_str()), listed(&letter.covers), tag(letter, key))
}

/// The letter that a header block is of; `None` for every other mail, and for one that is forged or was changed.
pub fn own_letter(head: &[u8], key: &Key) -> Option<OwnLetter> {
    let head = head_of(head);
    let message_id = the_only(head, ID_HEADER)?;
    let told = the_only(head, COVERS_HEADER)?;
    let mut parts = told.split(';').map(str::trim);
    let (letter, covers, seal) = (parts.next()?, parts.next()?, parts.next()?);
    let message = MessageParser::default().parse(head)?;
    let recipient = message.to()?.first()?.address()?.to_owned();
    let date = DateTime::parse_from_rfc2822(&the_only(head, "Date")?).ok()?;
    let covers: Option<Vec<(CaseId, StepId)>> = covers.split(',').map(|pair| cover(pair.trim())).collect();
    let letter = OwnLetter { message_id, letter: LetterId::new(unescaped(letter)?), covers: covers?, recipient, date };
    let (_, domain) = letter.message_id.split_once('@')?;
    let is_ours = parts.next().is_none()
        && letter.message_id == key.message_id(letter.letter.as_str(), domain)
        && seal == tag(&letter, key);
    is_ours.then_some(letter)
}

/// Whether the mail with this header is the one with this Message-ID (without angle brackets): by that header, or by ours.
/// Exact: a server's search finds parts of it too.
pub fn carries(head: &[u8], message_id: &str) -> bool {
    fields(head_of(head)).iter().any(|(name, value)| {
        let is_id = name.eq_ignore_ascii_case("Message-ID") || name.eq_ignore_ascii_case(ID_HEADER);
        is_id && bare(value) == message_id
    })
}

/// The value of our own id header; `None` when there is none, or more than one.
pub fn own_id(head: &[u8]) -> Option<String> {
    the_only(head_of(head), ID_HEADER)
}

/// The header block of a mail with the empty line that ends it; all of it when there is no such line.
pub fn head_of(mail: &[u8]) -> &[u8] {
    let end = |gap: &[u8]| mail.windows(gap.len()).position(|bytes| bytes == gap).map(|at| at + gap.len());
    let end = match (end(b"\r\n\r\n"), end(b"\n\n")) {
        (Some(one), Some(other)) => one.min(other),
        (one, other) => one.or(other).unwrap_or(mail.len()),
    };
    mail.get(..end.min(LONGEST_HEAD)).unwrap_or(mail)
}

fn the_only(head: &[u8], name: &str) -> Option<String> {
    let mut values = fields(head).into_iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    let value = values.next()?.1;
    values.next().is_none().then(|| bare(&value).to_owned())
}

/// Names and unfolded values (RFC 5322 2.2.3).
fn fields(head: &[u8]) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in String::from_utf8_lossy(head).lines() {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim_end().to_owned(), value.trim().to_owned()));
        }
    }
    fields
}

fn bare(id: &str) -> &str {
    id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or(id)
}

fn tag(letter: &OwnLetter, key: &Key) -> String {
    let OwnLetter { message_id, letter, covers, recipient, date } = letter;
    let (recipient, second) = (recipient.to_lowercase(), date.timestamp().to_string());
    let signed = key.sign("covers", &[message_id, letter.as_str(), &recipient, &second, &listed(covers)]);
    base32(&signed).chars().take(TAG).collect()
}

fn listed(covers: &[(CaseId, StepId)]) -> String {
    let pair = |(case, step): &(CaseId, StepId)| format!("{}/{}", escaped(case.as_str()), escaped(step.as_str()));
    covers.iter().map(pair).collect::<Vec<_>>().join(", ")
}

fn cover(pair: &str) -> Option<(CaseId, StepId)> {
    let (case, step) = pair.split_once('/')?;
    Some((CaseId::new(unescaped(case)?), StepId::new(unescaped(step)?)))
}

/// What could be taken for our own punctuation, or for more than ASCII, as `%XX` (RFC 3986 2.1).
fn escaped(name: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-~".contains(&byte);
    let byte = |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    name.bytes().map(byte).collect()
}

fn unescaped(text: &str) -> Option<String> {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        let (code, rest) = piece.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(code, 16).ok()?);
        bytes.extend(rest.as_bytes());
    }
    String::from_utf8(bytes).ok().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::compose::{Draft, compose};
    use proptest::prelude::*;

    const KEY: Key = Key([7; 32]);

    fn letter(covers: &[(&str, &str)]) -> OwnLetter {
        let covers = covers.iter().map(|(case, step)| (CaseId::new(*case), StepId::new(*step))).collect();
        OwnLetter {
            message_id: KEY.message_id("L-4f2a", "voorbeeldbedrijf.example"),
            letter: LetterId::new("L-4f2a"),
            covers,
            recipient: "administratie@jansenbouw.example".to_owned(),
            date: DateTime::parse_from_rfc3339("2026-11-03T10:15:00+01:00").unwrap(),
        }
    }

    /// As it leaves, with every other header.
    fn written(letter: &OwnLetter) -> Vec<u8> {
        let draft = Draft {
            from: ("Voorbeeld B.V.".to_owned(), "debiteuren@voorbeeldbedrijf.example".to_owned()),
            to: ("Jansen, de \"Bouwer\" één B.V.".to_owned(), letter.recipient.clone()),
            reply_to: None,
            subject: "Herinnering".to_owned(),
            message_id: letter.message_id.clone(),
            covers: Some(sealed(letter, &KEY)),
            references: vec![],
            date: letter.date,
            text: "Tekst".to_owned(),
            html: "<p>Tekst</p>".to_owned(),
            pictures: vec![],
            attachments: vec![],
        };
        compose(&draft).unwrap()
    }

    #[test]
    fn a_letter_tells_what_it_covers() {
        let letter = letter(&[("C-2026-0412", "reminder"), ("C-2026-0413~ab12", "second-reminder~2")]);
        let bytes = written(&letter);
        assert_eq!(own_letter(&bytes, &KEY), Some(letter.clone()));
        assert_eq!(own_letter(head_of(&bytes), &KEY), Some(letter.clone()), "the head alone is enough");
        let unix = String::from_utf8(bytes.clone()).unwrap().replace("\r\n", "\n");
        assert_eq!(own_letter(unix.as_bytes(), &KEY), Some(letter.clone()), "as a Maildir keeps it");
        let replaced = String::from_utf8(bytes).unwrap();
        let id = format!("Message-ID: <{}>", letter.message_id);
        assert!(replaced.contains(&id));
        let replaced = replaced.replace(&id, "Message-ID: <other@provider.example>");
        assert_eq!(own_letter(replaced.as_bytes(), &KEY), Some(letter.clone()), "a server put another id there");
        assert!(carries(replaced.as_bytes(), &letter.message_id));
        assert!(!carries(replaced.as_bytes(), letter.message_id.get(1..).unwrap()), "a part of it is not it");
    }

    #[test]
    fn a_long_list_is_folded_and_reads_back() {
        let numbers: Vec<String> = (0..300).map(|n| format!("C-2026-{n:05}")).collect();
        let covers: Vec<(&str, &str)> = numbers.iter().map(|number| (number.as_str(), "reminder")).collect();
        let letter = letter(&covers);
        let bytes = written(&letter);
        let text = String::from_utf8(bytes.clone()).unwrap();
        let listing: Vec<&str> = text.split("\r\n").filter(|line| line.contains("/reminder")).collect();
        assert!(listing.len() > 50 && listing.iter().all(|line| line.len() <= 76), "{listing:?}");
        assert_eq!(own_letter(&bytes, &KEY), Some(letter));
    }

    #[test]
    fn what_was_changed_or_made_up_is_refused() {
        let letter = letter(&[("C-1", "reminder"), ("C-2", "reminder")]);
        let good = String::from_utf8(written(&letter)).unwrap();
        assert_eq!(own_letter(good.as_bytes(), &Key([8; 32])), None, "another administration's");
        let seal = tag(&letter, &KEY);
        let changes = [
            ("C-1/reminder", "C-3/reminder"),
            ("C-2/reminder", "C-2/last-demand"),
            ("C-1/reminder, ", ""),
            ("L-4f2a;", "L-4f2b;"),
            ("administratie@jansenbouw.example", "iemand@elders.example"),
            ("Tue, 3 Nov 2026 10:15:00 +0100", "Tue, 3 Nov 2026 10:15:01 +0100"),
            (letter.message_id.as_str(), "a.b@voorbeeldbedrijf.example"),
            (seal.as_str(), "aaaaaaaaaaaaaaaaaaaaaaaaaa"),
            ("X-Aanmaand-Covers:", "X-Covers:"),
            ("X-Aanmaand-Id:", "X-Id:"),
            ("Subject:", "X-Aanmaand-Id: other@voorbeeldbedrijf.example\r\nSubject:"),
            ("Subject:", "X-Aanmaand-Covers: L-1; C-1/reminder; x\r\nSubject:"),
        ];
        for (from, to) in changes {
            assert!(good.contains(from), "{from}");
            assert_eq!(own_letter(good.replace(from, to).as_bytes(), &KEY), None, "{from} -> {to}");
        }
        let zone = good.replace("10:15:00 +0100", "09:15:00 +0000");
        assert!(own_letter(zone.as_bytes(), &KEY).is_some(), "the same second in another zone");
    }

    #[test]
    fn the_body_says_nothing() {
        let letter = letter(&[("C-1", "reminder")]);
        let quoted = [b"Subject: doorgestuurd\r\n\r\n".to_vec(), written(&letter)].concat();
        assert_eq!(own_letter(&quoted, &KEY), None);
        assert!(!carries(&quoted, &letter.message_id));
        assert_eq!(head_of(b"A: b\nC: d\n\nE: f\r\n\r\n"), b"A: b\nC: d\n\n");
    }

    proptest! {
        #[test]
        fn any_name_survives(case in "\\PC{1,40}", step in "[a-z~;,/% ]{1,20}") {
            let letter = letter(&[(&case, &step)]);
            prop_assert_eq!(own_letter(&written(&letter), &KEY), Some(letter));
        }

        #[test]
        fn nothing_makes_it_break(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert_eq!(own_letter(&bytes, &KEY), None);
        }
    }
}
