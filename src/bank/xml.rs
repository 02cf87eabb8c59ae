//! XML files of strangers, opened with care: no DOCTYPE, bounded in depth and size, every fault with its line.

use super::statement::StatementFault;
use roxmltree::{Document, Node, ParsingOptions};
use std::borrow::Cow;

const MAX_DEPTH: usize = 64;
const MAX_NODES: u32 = 3_000_000;

/// Parses a decoded file.
pub(super) fn open(text: &str) -> Result<Document<'_>, StatementFault> {
    refuse_depth(text)?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(xml_fault)
}

/// UTF-8, UTF-16 with a byte order mark, or the Latin-1 that the XML declaration names.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, StatementFault> {
    let utf16 = |unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).skip(1).map(|pair| unit([pair[0], pair[1]]));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        text.map(Cow::Owned).map_err(|_| StatementFault::new(None, "the file is not valid UTF-16"))
    };
    match bytes {
        [0xff, 0xfe, ..] => return utf16(u16::from_le_bytes),
        [0xfe, 0xff, ..] => return utf16(u16::from_be_bytes),
        _ => {}
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text.trim_start_matches('\u{feff}').trim_start())),
        Err(_) if declares_latin(bytes) => Ok(Cow::Owned(bytes.iter().copied().map(char::from).collect())),
        Err(error) => {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
            Err(StatementFault::new(u32::try_from(line).ok(), "the file is not valid UTF-8"))
        }
    }
}

fn declares_latin(bytes: &[u8]) -> bool {
    let head: String = bytes.iter().take(200).map(|byte| char::from(byte.to_ascii_lowercase())).collect();
    let declaration = head.split("?>").next().unwrap_or_default();
    ["iso-8859-1", "latin1", "windows-1252"].iter().any(|name| declaration.contains(name))
}

/// Child elements by local name.
pub(super) fn children<'a>(node: Node<'a, 'a>, name: &str) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children().filter(move |child| child.is_element() && child.tag_name().name() == name)
}

pub(super) fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    children(node, name).next()
}

pub(super) fn path<'a>(node: Node<'a, 'a>, names: &[&str]) -> Option<Node<'a, 'a>> {
    names.iter().try_fold(node, |node, name| child(node, name))
}

/// Trimmed text at a path; `None` when it is absent or empty.
pub(super) fn text(node: Node, names: &[&str]) -> Option<String> {
    path(node, names).and_then(trimmed)
}

/// The whole text of an element, runs of white space as one space; `None` when there is none.
pub(super) fn trimmed(node: Node) -> Option<String> {
    let mut pieces = node.children().filter(Node::is_text).filter_map(|piece| piece.text());
    let first = pieces.next()?;
    let whole = match pieces.next() {
        None if is_squeezed(first) => return Some(first.to_owned()),
        None => Cow::Borrowed(first),
        Some(second) => Cow::Owned([first, second].into_iter().chain(pieces).collect::<String>()),
    };
    let words: Vec<&str> = whole.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Nothing but single spaces between words, as most text is.
fn is_squeezed(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_plain = |byte: &u8| (b' '..0x7f).contains(byte);
    !text.is_empty()
        && bytes.iter().all(is_plain)
        && !text.starts_with(' ')
        && !text.ends_with(' ')
        && !bytes.windows(2).any(|pair| pair == b"  ")
}

/// A fault at the line of a node.
pub(super) fn fault(node: Node, reason: impl Into<String>) -> StatementFault {
    let line = node.document().text_pos_at(node.range().start).row;
    StatementFault::new(line, reason)
}

fn xml_fault(error: roxmltree::Error) -> StatementFault {
    let line = error.pos().row;
    match error {
        roxmltree::Error::DtdDetected => StatementFault::new(None, "the file has a DOCTYPE: refused for safety"),
        roxmltree::Error::NodesLimitReached => StatementFault::new(None, "the file has too many elements"),
        other => StatementFault::new(line, format!("the file is damaged or cut off: {other}")),
    }
}

/// Counts open elements before the real parser builds a tree of them.
fn refuse_depth(text: &str) -> Result<(), StatementFault> {
    let mut depth = 0usize;
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        rest = &rest[start..];
        let end = if rest.starts_with("<!--") {
            rest.find("-->")
        } else if rest.starts_with("<![CDATA[") {
            rest.find("]]>")
        } else {
            end_of_tag(rest)
        };
        let Some(end) = end else { return Ok(()) };
        match rest.as_bytes().get(1) {
            Some(b'/') => depth = depth.saturating_sub(1),
            Some(b'!' | b'?') => {}
            _ if rest[..end].ends_with('/') => {}
            _ => depth += 1,
        }
        if depth > MAX_DEPTH {
            let line = 1 + text[..text.len() - rest.len()].matches('\n').count();
            return Err(StatementFault::new(
                u32::try_from(line).ok(),
                format!("elements nest deeper than {MAX_DEPTH}"),
            ));
        }
        rest = &rest[end..];
    }
    Ok(())
}

/// Where the `>` of a tag stands; one inside a quoted attribute does not count.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (index, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(index),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    None
}
