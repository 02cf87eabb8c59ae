//! XML files of strangers, opened with care: no DOCTYPE, bounded in depth and size, every fault with its line. A small
//! tree of elements and their texts, built from the events of a reader: what statements need, and no more.

use super::statement::StatementFault;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::borrow::Cow;

const MAX_DEPTH: usize = 64;
const MAX_NODES: usize = 3_000_000;

/// The elements of a file, in their order.
pub(super) struct Document<'t> {
    text: &'t str,
    elements: Vec<Element<'t>>,
    /// Currencies of amounts, by element: nothing else in an attribute is looked at.
    currencies: Vec<(usize, Cow<'t, str>)>,
}

struct Element<'t> {
    /// Without its prefix.
    name: &'t str,
    /// Its own text; white space alone is none.
    text: Cow<'t, str>,
    /// Where its tag stands in the file.
    start: usize,
    /// The first element behind it that is not inside it.
    next: usize,
}

/// One element of a document.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    document: &'a Document<'a>,
    at: usize,
}

impl<'t> Document<'t> {
    pub fn root(&'t self) -> Node<'t> {
        Node { document: self, at: 0 }
    }

    /// Every element, in the order of the file.
    pub fn descendants(&'t self) -> impl Iterator<Item = Node<'t>> {
        (0..self.elements.len()).map(|at| Node { document: self, at })
    }
}

impl<'a> Node<'a> {
    /// Without its prefix.
    pub fn name(self) -> &'a str {
        self.document.elements.get(self.at).map_or("", |element| element.name)
    }

    /// Its own text; empty when it has none.
    pub fn text(self) -> &'a str {
        self.document.elements.get(self.at).map_or("", |element| element.text.as_ref())
    }

    /// The attribute `Ccy`.
    pub fn currency(self) -> Option<&'a str> {
        let currencies = &self.document.currencies;
        let found = currencies.binary_search_by_key(&self.at, |(at, _)| *at).ok()?;
        currencies.get(found).map(|(_, code)| code.as_ref())
    }

    fn children(self) -> impl Iterator<Item = Node<'a>> {
        let elements = &self.document.elements;
        let end = elements.get(self.at).map_or(0, |element| element.next);
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            let child = Node { at, ..self };
            at = elements.get(at).filter(|_| at < end)?.next;
            Some(child)
        })
    }
}

/// Parses a decoded file.
pub(super) fn open(text: &str) -> Result<Document<'_>, StatementFault> {
    Builder::new(text).build()
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
pub(super) fn children<'a>(node: Node<'a>, name: &str) -> impl Iterator<Item = Node<'a>> {
    node.children().filter(move |child| child.name() == name)
}

pub(super) fn child<'a>(node: Node<'a>, name: &str) -> Option<Node<'a>> {
    children(node, name).next()
}

pub(super) fn path<'a>(node: Node<'a>, names: &[&str]) -> Option<Node<'a>> {
    names.iter().try_fold(node, |node, name| child(node, name))
}

/// Trimmed text at a path; `None` when it is absent or empty.
pub(super) fn text(node: Node, names: &[&str]) -> Option<String> {
    path(node, names).and_then(trimmed)
}

/// The whole text of an element, runs of white space as one space; `None` when there is none.
pub(super) fn trimmed(node: Node) -> Option<String> {
    let whole = node.text();
    if is_squeezed(whole) {
        return Some(whole.to_owned());
    }
    let words: Vec<&str> = whole.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Nothing but single spaces between words, as most text is.
pub(super) fn is_squeezed(text: &str) -> bool {
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
    let start = node.document.elements.get(node.at).map_or(0, |element| element.start);
    StatementFault::new(line_at(node.document.text, start), reason)
}

fn line_at(text: &str, place: usize) -> Option<u32> {
    let before = text.as_bytes().get(..place.min(text.len())).unwrap_or_default();
    u32::try_from(1 + before.iter().filter(|byte| **byte == b'\n').count()).ok()
}

/// Makes a document of events, or says why it is none.
struct Builder<'t> {
    text: &'t str,
    reader: Reader<&'t [u8]>,
    document: Document<'t>,
    /// The elements that are open, from the outermost.
    open: Vec<usize>,
    /// Where the event that is looked at begins.
    place: usize,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str) -> Builder<'t> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_comments = true;
        let document = Document { text, elements: Vec::new(), currencies: Vec::new() };
        Builder { text, reader, document, open: Vec::new(), place: 0 }
    }

    fn build(mut self) -> Result<Document<'t>, StatementFault> {
        refuse_control_characters(self.text)?;
        loop {
            self.place = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    self.place = usize::try_from(self.reader.error_position()).unwrap_or(self.place);
                    return Err(self.damaged(&error.to_string()));
                }
            };
            match event {
                Event::Start(tag) => self.begin(&tag, true)?,
                Event::Empty(tag) => self.begin(&tag, false)?,
                Event::End(_) => self.end()?,
                Event::Text(piece) => self.say(piece.into_inner(), false)?,
                Event::CData(piece) => self.say(piece.into_inner(), true)?,
                Event::GeneralRef(name) => self.refer(&name)?,
                Event::DocType(_) => {
                    return Err(StatementFault::new(None, "the file has a DOCTYPE: refused for safety"));
                }
                Event::Decl(said) if self.place > 0 || said.version().is_err() => {
                    return Err(self.damaged("an XML declaration that is none"));
                }
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::Eof => break,
            }
        }
        if !self.open.is_empty() || self.document.elements.is_empty() {
            return Err(self.damaged("it ends before its elements do"));
        }
        Ok(self.document)
    }

    fn begin(&mut self, tag: &BytesStart<'_>, stays_open: bool) -> Result<(), StatementFault> {
        let at = self.document.elements.len();
        if self.open.is_empty() && at > 0 {
            return Err(self.damaged("a second root element"));
        }
        if at >= MAX_NODES {
            return Err(StatementFault::new(None, "the file has too many elements"));
        }
        let from = self.place + 1;
        let whole = self.text.get(from..from + tag.name().as_ref().len()).unwrap_or_default();
        let Some(name) = local_name(whole) else {
            return Err(self.damaged(&format!("<{whole}> is no name of an element")));
        };
        if whole.len() < tag.len() {
            self.note_attributes(tag, at)?;
        }
        self.document.elements.push(Element { name, text: Cow::Borrowed(""), start: self.place, next: at + 1 });
        if stays_open {
            self.open.push(at);
        }
        if self.open.len() > MAX_DEPTH {
            let line = line_at(self.text, self.place);
            return Err(StatementFault::new(line, format!("elements nest deeper than {MAX_DEPTH}")));
        }
        Ok(())
    }

    /// All are checked, one is kept.
    fn note_attributes(&mut self, tag: &BytesStart<'_>, at: usize) -> Result<(), StatementFault> {
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|fault| self.damaged(&fault.to_string()))?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|fault| self.damaged(&fault.to_string()))?;
            let is_sound = !attribute.value.contains('<') && value.chars().all(is_allowed);
            if !is_sound || local_name(attribute.key.as_ref()).is_none() {
                return Err(self.damaged("an attribute that is none"));
            }
            if attribute.key.as_ref() == "Ccy" {
                self.document.currencies.push((at, Cow::Owned(value.into_owned())));
            }
        }
        Ok(())
    }

    /// The reader has checked that the right element ends.
    fn end(&mut self) -> Result<(), StatementFault> {
        let Some(at) = self.open.pop() else { return Err(self.damaged("an end without a beginning")) };
        let next = self.document.elements.len();
        if let Some(element) = self.document.elements.get_mut(at) {
            element.next = next;
        }
        Ok(())
    }

    fn say(&mut self, piece: Cow<'t, str>, is_literal: bool) -> Result<(), StatementFault> {
        let is_blank = piece.bytes().all(|byte| byte.is_ascii_whitespace());
        let Some(element) = self.open.last().and_then(|at| self.document.elements.get_mut(*at)) else {
            return if is_blank && !is_literal { Ok(()) } else { Err(self.damaged("text outside all elements")) };
        };
        if !is_literal && piece.as_bytes().contains(&b']') && piece.contains("]]>") {
            return Err(self.damaged("]]> outside a CDATA section"));
        }
        match (element.text.is_empty(), is_blank) {
            (true, true) => {}
            (true, false) => element.text = piece,
            (false, _) => element.text.to_mut().push_str(&piece),
        }
        Ok(())
    }

    /// `&amp;` and its like; no others are known without a DOCTYPE.
    fn refer(&mut self, name: &BytesRef<'t>) -> Result<(), StatementFault> {
        let character = name.resolve_char_ref().map_err(|fault| self.damaged(&fault.to_string()))?;
        let meant = match character {
            Some(character) if is_allowed(character) => character.to_string(),
            Some(_) => return Err(self.damaged("a character that XML does not allow")),
            None => match resolve_xml_entity(name) {
                Some(known) => known.to_owned(),
                None => return Err(self.damaged("an entity that nobody declared")),
            },
        };
        self.say(Cow::Owned(meant), true)
    }

    fn damaged(&self, how: &str) -> StatementFault {
        let how = how.split_whitespace().collect::<Vec<_>>().join(" ");
        StatementFault::new(line_at(self.text, self.place), format!("the file is damaged or cut off: {how}"))
    }
}

/// A name without its prefix. `None` for what is no name: letters, digits and a little else, not beginning with a digit.
fn local_name(name: &str) -> Option<&str> {
    let mut begins = true;
    let mut local = 0;
    for (at, byte) in name.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => begins = false,
            b'0'..=b'9' | b'-' | b'.' if !begins => {}
            b':' if !begins => (begins, local) = (true, at + 1),
            _ => return None,
        }
    }
    if begins { None } else { name.get(local..) }
}

/// What XML 1.0 allows in a file (section 2.2).
fn is_allowed(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

fn refuse_control_characters(text: &str) -> Result<(), StatementFault> {
    // Nearly no file has one, and bytes are looked at faster than characters, without a branch.
    let is_suspect = |byte: u8| (byte < b' ') & (byte != b'\t') & (byte != b'\n') & (byte != b'\r') | (byte == 0xef);
    let mut chunks = text.as_bytes().chunks(1024);
    if !chunks.any(|chunk| chunk.iter().fold(false, |found, byte| found | is_suspect(*byte))) {
        return Ok(());
    }
    match text.char_indices().find(|(_, character)| !is_allowed(*character)) {
        None => Ok(()),
        Some((at, character)) => {
            let why = format!("the file is damaged or cut off: it has the control character {character:?}");
            Err(StatementFault::new(line_at(text, at), why))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_put_together() {
        let document =
            open("<a>\n <b>R&amp;D <!-- no --> &#x41;<![CDATA[<&>]]></b>\n <x:c xmlns:x='u' Ccy='E&#85;R'/> </a>")
                .unwrap();
        let root = document.root();
        assert_eq!((text(root, &["b"]).as_deref(), trimmed(root)), (Some("R&D A<&>"), None));
        assert_eq!(child(root, "c").and_then(Node::currency), Some("EUR"));
        assert_eq!(document.descendants().map(Node::name).collect::<Vec<_>>(), ["a", "b", "c"]);
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        let faulty = [
            "",
            "a",
            "<a>",
            "<a></b>",
            "</a>",
            "<a/><b/>",
            "<a/>b",
            "<a>&unknown;</a>",
            "<a>&amp</a>",
            "<a>&#1;</a>",
            "<a>\u{1}</a>",
            "<a>]]></a>",
            "<1a/>",
            "<a b/>",
            "<a b='<'/>",
            "<a b='&#1;'/>",
            "<a b='1' b='2'/>",
            "<a><!-- -- --></a>",
            "<a><?xml version='1.0'?></a>",
            "<?xml verzion='1.0'?><a/>",
            "<a><![CDATA[x]]",
        ];
        for text in faulty {
            assert!(open(text).is_err_and(|fault| fault.reason.contains("damaged")), "{text}");
        }
        assert!(open("<!DOCTYPE a><a/>").is_err_and(|fault| fault.reason.contains("DOCTYPE")));
    }
}
