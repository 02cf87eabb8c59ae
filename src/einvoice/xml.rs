//! XML to elements, guarded: a cheap look at the bytes refuses what a hostile or half-written file may hold (no
//! document type, depth, attributes, an open root) before a tree is built. Knows nothing of invoices.

use super::{InvoiceFault, position};
use roxmltree::{Document, Node, ParsingOptions};

const DEEPEST: usize = 64;
const MOST_ATTRIBUTES: usize = 128;
const MOST_NODES: u32 = 1_000_000;
/// Namespaces declared on an element and those around it; a tree keeps a list of them for each element.
const MOST_NAMESPACES: usize = 100;

const BASIC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";
const AGGREGATE: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
/// What UN/CEFACT's namespaces begin with, and those of ZUGFeRD 1 for its root.
const CEFACT: [&str; 2] = ["urn:un:unece:uncefact:data:", "urn:ferd:CrossIndustryDocument:"];

/// Builds the tree of a well-formed text; a fault says whether the text merely ends too early.
pub(super) fn parse(text: &str) -> Result<Document<'_>, InvoiceFault> {
    Scan { text, at: 0, open: Vec::new(), namespaces: 0, root_seen: false }.run()?;
    let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|fault| {
        if matches!(fault, roxmltree::Error::NodesLimitReached) {
            return InvoiceFault::new("more than a million elements, which no invoice needs: split the file");
        }
        let place = fault.pos();
        let reason = format!("this is not well-formed XML ({}): write the invoice again", without_place(&fault));
        InvoiceFault::new(reason).at((place.row, place.col))
    })
}

/// The parser's message without the position that it ends with.
fn without_place(fault: &roxmltree::Error) -> String {
    let text = fault.to_string();
    text.rsplit_once(" at ").map(|(message, _)| message.to_owned()).unwrap_or(text)
}

/// One pass over the text: tags only, no tree, no recursion.
struct Scan<'t> {
    text: &'t str,
    at: usize,
    /// Names of the open elements, with the number of namespaces that each declares.
    open: Vec<(&'t str, usize)>,
    namespaces: usize,
    root_seen: bool,
}

impl<'t> Scan<'t> {
    fn run(mut self) -> Result<(), InvoiceFault> {
        while let Some(tag) = self.rest().find('<') {
            self.at += tag;
            self.markup()?;
        }
        match (self.root_seen, self.open.last()) {
            (true, None) => Ok(()),
            (_, Some((name, _))) => Err(self.cut_off(&format!("<{name}> is not closed"))),
            (false, None) => Err(self.cut_off("no element was found")),
        }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn markup(&mut self) -> Result<(), InvoiceFault> {
        let rest = self.rest();
        if self.at > 0 && rest.starts_with("<?xml ") {
            // Web software likes to print an empty line first.
            Err(self
                .fault("the XML declaration must be the very first thing in the file: remove what stands before it"))
        } else if rest.starts_with("<!--") {
            self.skip_past("-->", 4, "a comment")
        } else if rest.starts_with("<![CDATA[") {
            self.skip_past("]]>", 9, "a CDATA section")
        } else if rest.starts_with("<?") {
            self.skip_past("?>", 2, "a processing instruction")
        } else if ["<!--", "<![CDATA["].iter().any(|whole| whole.starts_with(rest)) {
            Err(self.cut_off("a tag is cut off"))
        } else if rest.starts_with("<!") {
            Err(self
                .fault("a document type or entities (<!DOCTYPE, <!ENTITY) are not allowed in an invoice: remove them"))
        } else if rest.starts_with("</") {
            self.close()
        } else {
            self.open()
        }
    }

    fn skip_past(&mut self, end: &str, from: usize, what: &str) -> Result<(), InvoiceFault> {
        match self.rest().get(from..).and_then(|rest| rest.find(end)) {
            Some(found) => {
                self.at += from + found + end.len();
                Ok(())
            }
            None => Err(self.cut_off(&format!("{what} is not closed"))),
        }
    }

    fn close(&mut self) -> Result<(), InvoiceFault> {
        let rest = self.rest();
        let Some(end) = rest.find('>') else { return Err(self.cut_off("a closing tag is cut off")) };
        let name = rest.get(2..end).unwrap_or_default().trim_end();
        match self.open.pop() {
            Some((open, namespaces)) if open == name => {
                self.namespaces -= namespaces;
                self.at += end + 1;
                Ok(())
            }
            Some((open, _)) => Err(self.fault(&format!("expected </{open}>, found </{}>", shortened(name)))),
            None => Err(self.fault(&format!("</{}> closes nothing", shortened(name)))),
        }
    }

    fn open(&mut self) -> Result<(), InvoiceFault> {
        let rest = self.rest();
        let name =
            rest.get(1..).unwrap_or_default().split([' ', '\t', '\r', '\n', '/', '>', '<']).next().unwrap_or_default();
        let Some(end) = self.tag_end(name.len() + 1)? else { return Err(self.cut_off("a tag is cut off")) };
        if self.open.is_empty() && self.root_seen {
            return Err(self.fault("a second root element: one file holds one invoice, split it"));
        }
        self.root_seen = true;
        let tag = rest.get(..end).unwrap_or_default();
        let namespaces = tag.matches("xmlns").count();
        if self.namespaces + namespaces > MOST_NAMESPACES {
            return Err(self.fault("more than 100 namespaces are declared, which no invoice needs"));
        }
        if !tag.ends_with('/') {
            if self.open.len() >= DEEPEST {
                return Err(self.fault("elements are nested deeper than 64 levels, which no invoice needs"));
            }
            self.open.push((name, namespaces));
            self.namespaces += namespaces;
        }
        self.at += end + 1;
        Ok(())
    }

    /// Where the tag's `>` is, seen from its `<`; `None` when the text ends first.
    fn tag_end(&self, from: usize) -> Result<Option<usize>, InvoiceFault> {
        let rest = self.rest();
        let (mut at, mut values) = (from, 0);
        while let Some(found) = rest.get(at..).and_then(|rest| rest.find(['>', '"', '\'', '<'])) {
            at += found;
            let quote = match rest.as_bytes().get(at) {
                Some(b'>') => return Ok(Some(at)),
                Some(b'<') => return Err(self.fault("a tag is not closed before the next one begins")),
                Some(b'"') => '"',
                _ => '\'',
            };
            values += 1;
            if values > MOST_ATTRIBUTES {
                return Err(self.fault("an element has more than 128 attributes, which no invoice needs"));
            }
            let Some(length) = rest.get(at + 1..).and_then(|rest| rest.find(quote)) else { return Ok(None) };
            at += length + 2;
        }
        Ok(None)
    }

    fn fault(&self, reason: &str) -> InvoiceFault {
        InvoiceFault::new(reason).at(position(self.text, self.at))
    }

    fn cut_off(&self, what: &str) -> InvoiceFault {
        let end = position(self.text, self.text.len());
        InvoiceFault::new(format!("the XML ends too early ({what}): the file is not complete")).at(end).incomplete()
    }
}

fn shortened(name: &str) -> String {
    name.chars().take(60).collect()
}

/// Other namespaces are extensions, which are not read.
fn is_known(namespace: &str) -> bool {
    matches!(namespace, BASIC | AGGREGATE) || CEFACT.iter().any(|start| namespace.starts_with(start))
}

/// An element of an invoice; names are local names in the namespaces of UBL and CII.
#[derive(Clone, Copy)]
pub(super) struct Element<'a, 'i>(Node<'a, 'i>);

impl<'a, 'i> Element<'a, 'i> {
    pub fn root(document: &'a Document<'i>) -> Element<'a, 'i> {
        Element(document.root_element())
    }

    pub fn name(self) -> &'a str {
        self.0.tag_name().name()
    }

    pub fn namespace(self) -> &'a str {
        self.0.tag_name().namespace().unwrap_or_default()
    }

    /// All elements on a path like `PaymentMeans/PaymentID`.
    pub fn all(self, path: &str) -> Vec<Element<'a, 'i>> {
        path.split('/')
            .fold(vec![self], |found, name| found.into_iter().flat_map(|element| element.children(name)).collect())
    }

    fn children(self, name: &str) -> impl Iterator<Item = Element<'a, 'i>> + use<'a, 'i, '_> {
        self.0
            .children()
            .filter(move |node| {
                node.is_element() && node.tag_name().name() == name && node.tag_name().namespace().is_some_and(is_known)
            })
            .map(Element)
    }

    /// The first element on the path.
    pub fn first(self, path: &str) -> Option<Element<'a, 'i>> {
        self.all(path).into_iter().next()
    }

    /// A child that must be there exactly once.
    pub fn only(self, name: &str) -> Result<Element<'a, 'i>, InvoiceFault> {
        self.at_most_one(name)?
            .ok_or_else(|| self.fault(format!("{name} is missing: expected it once in {}; add it", self.name())))
    }

    /// A child that may be left out, but whose repetition would make the document say two things.
    pub fn at_most_one(self, name: &str) -> Result<Option<Element<'a, 'i>>, InvoiceFault> {
        let mut found = self.children(name);
        match (found.next(), found.next()) {
            (first, None) => Ok(first),
            (_, Some(second)) => {
                Err(second.fault(format!("{name} is there more than once in {}: keep the right one", self.name())))
            }
        }
    }

    /// The texts on the path, empty ones left out.
    pub fn texts(self, path: &str) -> Vec<String> {
        self.all(path).into_iter().filter_map(Element::own_text).collect()
    }

    /// The first text on the path that is not empty.
    pub fn text(self, path: &str) -> Option<String> {
        self.texts(path).into_iter().next()
    }

    /// The element's text with white space collapsed; `None` when nothing is left.
    pub fn own_text(self) -> Option<String> {
        let pieces: String = self.0.children().filter(Node::is_text).filter_map(|node| node.text()).collect();
        let words: Vec<&str> =
            pieces.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// The element's text with its lines kept.
    pub fn lines(self) -> String {
        self.0.children().filter(Node::is_text).filter_map(|node| node.text()).collect()
    }

    pub fn attribute(self, name: &str) -> Option<&'a str> {
        self.0.attribute(name).map(str::trim).filter(|value| !value.is_empty())
    }

    pub fn fault(self, reason: impl Into<String>) -> InvoiceFault {
        let place = self.0.document().text_pos_at(self.0.range().start);
        InvoiceFault::new(reason).at((place.row, place.col))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn fault(text: &str) -> InvoiceFault {
        parse(text).err().unwrap_or_else(|| panic!("accepted: {text}"))
    }

    #[test]
    fn an_early_end_is_incomplete_wherever_it_is() {
        let whole = "<?xml version=\"1.0\"?>\n<!-- x --><a b='>\"'><![CDATA[</a>]]><c/>x</a>";
        assert!(parse(whole).is_ok());
        for end in 0..whole.len() {
            assert!(fault(&whole[..end]).incomplete, "{}", &whole[..end]);
        }
    }

    #[test]
    fn a_broken_middle_is_not_incomplete() {
        for (text, word, line) in [
            ("<a>\n<b></c></a>", "expected </b>", 2),
            ("<a>\n</a></a>", "closes nothing", 2),
            ("<a/>\n<b/>", "second root", 2),
            ("<a>\n&nbsp;</a>", "not well-formed", 2),
            ("<a>\n<b <c/></a>", "not closed before", 2),
            ("<a>\n<b x='1' x='2'/></a>", "not well-formed", 2),
            ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<!DOCTYPE", 1),
            ("\n<?xml version='1.0'?><a/>", "very first", 2),
            ("<a/>\ntext", "not well-formed", 2),
        ] {
            let fault = fault(text);
            assert!(fault.reason.contains(word) && !fault.incomplete, "{fault:?}");
            assert_eq!(fault.line, Some(line), "{fault:?}");
        }
    }

    #[test]
    fn hostile_sizes_cost_nothing() {
        let start = Instant::now();
        let deep = "<a>".repeat(200_000) + &"</a>".repeat(200_000);
        assert!(fault(&deep).reason.contains("64 levels"));
        let unclosed = "<a>".repeat(200_000);
        assert!(fault(&unclosed).reason.contains("64 levels"));
        let attributes: String = (0..200_000).map(|n| format!(" a{n}='1'")).collect();
        assert!(fault(&format!("<a{attributes}/>")).reason.contains("128 attributes"));
        let nested: String = (0..60).map(|n| format!("<a xmlns:a{n}='u' xmlns:b{n}='u'>")).collect();
        assert!(fault(&nested).reason.contains("100 namespaces"));
        let spaces: String = (0..200_000).map(|n| format!(" xmlns:a{n}='u:{n}'")).collect();
        assert!(fault(&format!("<a{spaces}/>")).reason.contains("128 attributes"));
        assert!(fault(&format!("<a>{}", "<".repeat(200_000))).reason.contains("not closed"));
        assert!(fault(&format!("<{}", "a".repeat(2_000_000))).incomplete);
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    }

    #[test]
    fn texts_are_joined_and_collapsed() {
        let text =
            format!("<r xmlns='{BASIC}'><n> a<!-- x -->b \n\t c<![CDATA[ d]]></n><n/><m xmlns='urn:other'>no</m></r>");
        let document = parse(&text).unwrap();
        let root = Element::root(&document);
        assert_eq!(root.texts("n"), ["ab c d"]);
        assert_eq!(root.text("m"), None);
    }
}
