//! The fields of a delivery report (RFC 3464), one block a recipient.

use super::code::status_in;
use super::notice::address_in;
use super::returned::header_in;

/// What a report says of one recipient (RFC 3464 section 2.3).
#[derive(Clone, Debug, Default)]
pub struct Fields {
    pub action: Option<String>,
    pub status: Option<String>,
    pub recipient: Option<String>,
    /// The recipient under all names: as it was sent to, and as it was tried.
    pub addresses: Vec<String>,
    pub diagnostic: Option<String>,
}

/// Every block that says something of a recipient.
pub fn fields(report: &str) -> Vec<Fields> {
    let blocks = report.replace("\r\n", "\n");
    blocks
        .split("\n\n")
        .map(recipient_fields)
        .filter(|f| f.recipient.is_some() || f.action.is_some() || f.status.is_some())
        .collect()
}

/// The envelope's name, its xtext undone (RFC 3461 section 4): `+2B` is a plus.
pub fn envelope_id(report: &str) -> Option<String> {
    let value = header_in(report, "original-envelope-id").filter(|value| !value.is_empty())?;
    let mut pieces = value.split('+');
    let mut id = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                id.push(char::from(byte));
                id.push_str(&piece[2..]);
            }
            None => {
                id.push('+');
                id.push_str(piece);
            }
        }
    }
    Some(id)
}

/// The recipient who matters most: failed before delayed before delivered.
pub fn most_important(all: &[Fields]) -> Option<&Fields> {
    all.iter().min_by_key(|fields| match fields.action.as_deref() {
        Some("failed") => 0,
        Some("delayed") => 1,
        Some(_) => 3,
        None => 2,
    })
}

fn recipient_fields(block: &str) -> Fields {
    let field = |name: &str| header_in(block, name).filter(|value| !value.is_empty());
    let named = |name: &str| field(name).and_then(|value| typed_address(&value));
    let mut addresses: Vec<String> = ["final-recipient", "original-recipient"].into_iter().filter_map(named).collect();
    if addresses.is_empty() {
        addresses.extend(named("x-actual-recipient"));
    }
    // An address without a dot is a name inside the reporting system.
    let outside =
        addresses.iter().find(|address| address.rsplit('@').next().is_some_and(|domain| domain.contains('.')));
    Fields {
        action: field("action").and_then(|action| known_action(&action)),
        status: field("status").and_then(|status| status_in(&status)),
        recipient: outside.or(addresses.first()).cloned(),
        addresses,
        diagnostic: whole_field(block, "diagnostic-code"),
    }
}

/// `rfc822; an@klant.example`, with or without the type; an encoded word in it is kept as it stands.
fn typed_address(value: &str) -> Option<String> {
    let value = value.split_once(';').map_or(value, |(_, address)| address);
    let bare = value.trim().trim_matches(['<', '>', ' ']);
    let whole = bare.starts_with("=?") && bare.contains('@') && !bare.contains(char::is_whitespace);
    if whole { Some(bare.to_lowercase()) } else { address_in(value) }
}

/// A field with its folded lines.
fn whole_field(block: &str, name: &str) -> Option<String> {
    let mut value: Option<String> = None;
    for line in block.lines() {
        match &mut value {
            Some(value) if line.starts_with([' ', '\t']) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            Some(_) => break,
            None => {
                let found = line.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name));
                value = found.and_then(|_| line[name.len()..].trim_start().strip_prefix(':')).map(str::to_owned);
            }
        }
    }
    value
}

fn known_action(action: &str) -> Option<String> {
    let action = action.trim().to_lowercase();
    // What some write instead of the five words of the standard.
    match action.as_str() {
        "expired" | "error" | "failure" | "undeliverable" => return Some("failed".into()),
        "deliverable" => return Some("delivered".into()),
        _ => {}
    }
    ["failed", "delayed", "delivered", "relayed", "expanded"]
        .into_iter()
        .find(|known| action.starts_with(&known[..known.len() - 2]))
        .map(str::to_owned)
}
