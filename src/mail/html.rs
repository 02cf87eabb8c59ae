//! HTML mail as lines of text that still know what was quoted, what is a signature and what was written in red.
//! A tolerant scanner, linear and without recursion; it never fetches, runs or believes anything.

use mail_parser::decoders::html::add_html_token;

/// One line as a reader sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub text: String,
    /// How many quotations it stands in.
    pub depth: usize,
    /// It stands in what the mail program marked as signature.
    pub signature: bool,
    /// The mail program starts the earlier mail here (Outlook, which does not enclose it).
    pub quote_starts: bool,
    /// Every letter of it is in a loud colour: how people answer between the lines in Outlook.
    pub loud: bool,
}

/// HTML beyond this is not looked at.
const MAX_HTML: usize = 4 * 1024 * 1024;

/// The visible lines of an HTML text.
pub fn lines(html: &str) -> Vec<Line> {
    let html = &html[..html.floor_char_boundary(MAX_HTML)];
    let mut page = Page::default();
    let mut scanner = Scanner { rest: html, quotes_close: true };
    while let Some(token) = scanner.next_token() {
        match token {
            Token::Text(text) => page.text(text),
            Token::Open { name, attributes, closed } => page.open(&name, attributes, closed),
            Token::Close(name) => page.close(&name),
        }
    }
    page.end_line();
    page.lines
}

/// The same as plain text, quotations marked with `>` as mail programs do.
pub fn text(html: &str) -> String {
    let mut out = String::new();
    for line in lines(html) {
        for _ in 0..line.depth.min(20) {
            out.push('>');
        }
        if line.depth > 0 && !line.text.is_empty() {
            out.push(' ');
        }
        out.push_str(&line.text);
        out.push('\n');
    }
    out
}

enum Token<'h> {
    Text(&'h str),
    Open { name: String, attributes: &'h str, closed: bool },
    Close(String),
}

struct Scanner<'h> {
    rest: &'h str,
    /// False once a tag with an unclosed quotation mark was met: from there on `>` always ends a tag.
    quotes_close: bool,
}

impl<'h> Scanner<'h> {
    fn next_token(&mut self) -> Option<Token<'h>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let Some(at) = self.rest.find('<') else { return Some(Token::Text(self.take(self.rest.len()))) };
            if at > 0 {
                return Some(Token::Text(self.take(at)));
            }
            if let Some(comment) = self.rest.strip_prefix("<!--") {
                let end = comment.find("-->").map_or(self.rest.len(), |end| 4 + end + 3);
                self.take(end);
                continue;
            }
            if self.rest.starts_with("<!") || self.rest.starts_with("<?") {
                let end = self.rest.find('>').map_or(self.rest.len(), |end| end + 1);
                self.take(end);
                continue;
            }
            let names = self.rest[1..].strip_prefix('/').unwrap_or(&self.rest[1..]);
            if !names.starts_with(|c: char| c.is_ascii_alphabetic()) {
                return Some(Token::Text(self.take(1)));
            }
            return Some(self.tag());
        }
    }

    fn take(&mut self, bytes: usize) -> &'h str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }

    fn tag(&mut self) -> Token<'h> {
        let end = self.tag_end();
        let tag = self.take(end);
        let tag = tag[1..].strip_suffix('>').unwrap_or(&tag[1..]);
        let (closing, tag) = match tag.strip_prefix('/') {
            Some(tag) => (true, tag),
            None => (false, tag),
        };
        let name_end = tag.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(tag.len());
        let name = tag[..name_end].to_ascii_lowercase();
        if closing {
            return Token::Close(name);
        }
        if matches!(name.as_str(), "script" | "style" | "title" | "textarea") {
            self.skip_to_end_of(&name);
            return Token::Close(name);
        }
        Token::Open { name, attributes: &tag[name_end..], closed: tag.ends_with('/') }
    }

    /// Where the tag at the start ends: its `>` outside of quotation marks.
    fn tag_end(&mut self) -> usize {
        if self.quotes_close {
            let mut quote = None;
            for (at, byte) in self.rest.bytes().enumerate() {
                match (quote, byte) {
                    (None, b'>') => return at + 1,
                    (None, b'"' | b'\'') => quote = Some(byte),
                    (Some(open), _) if open == byte => quote = None,
                    _ => {}
                }
            }
            self.quotes_close = false;
        }
        self.rest.find('>').map_or(self.rest.len(), |at| at + 1)
    }

    fn skip_to_end_of(&mut self, name: &str) {
        let bytes = self.rest.as_bytes();
        let end = (0..bytes.len()).find(|&at| {
            bytes[at] == b'<'
                && bytes.get(at + 1) == Some(&b'/')
                && bytes
                    .get(at + 2..at + 2 + name.len())
                    .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
        });
        let end = end.unwrap_or(bytes.len());
        self.take(end);
    }
}

/// What an open element does to the text inside it.
#[derive(Clone, Debug, Default)]
struct Element {
    name: String,
    hidden: bool,
    quoted: bool,
    signature: bool,
    ink: Option<Ink>,
    block: bool,
    /// An empty line stands before and after it.
    paragraph: bool,
    preformatted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ink {
    Loud,
    Quiet,
}

const DEEPEST: usize = 512;

#[derive(Default)]
struct Page {
    lines: Vec<Line>,
    open: Vec<Element>,
    line: Line,
    quiet_letters: bool,
    loud_letters: bool,
    space_due: bool,
    quote_starts: bool,
    in_phone_signature: bool,
}

impl Page {
    fn text(&mut self, text: &str) {
        if self.open.iter().any(|element| element.hidden) {
            return;
        }
        let text = decode_entities(text);
        let preformatted = self.open.iter().any(|element| element.preformatted);
        let loud = self.open.iter().rev().find_map(|element| element.ink) == Some(Ink::Loud);
        for c in text.chars() {
            if preformatted && c == '\n' {
                self.end_line();
            } else if c.is_whitespace() {
                self.space_due = true;
            } else if !is_invisible(c) {
                self.letter(c, loud);
            }
        }
    }

    fn letter(&mut self, c: char, loud: bool) {
        if self.line.text.is_empty() {
            self.line.depth = self.open.iter().filter(|element| element.quoted).count();
            self.line.signature = self.in_phone_signature || self.open.iter().any(|element| element.signature);
            self.line.quote_starts = std::mem::take(&mut self.quote_starts);
        } else if self.space_due {
            self.line.text.push(' ');
        }
        self.space_due = false;
        if loud {
            self.loud_letters = true;
        } else {
            self.quiet_letters = true;
        }
        self.line.text.push(c);
    }

    fn end_line(&mut self) {
        self.space_due = false;
        if self.line.text.is_empty() {
            return;
        }
        self.line.loud = self.loud_letters && !self.quiet_letters;
        (self.loud_letters, self.quiet_letters) = (false, false);
        self.lines.push(std::mem::take(&mut self.line));
    }

    /// An empty line, once, at the depth of what stands around it.
    fn gap(&mut self) {
        self.end_line();
        if self.lines.last().is_some_and(|line| !line.text.is_empty()) {
            let depth = self.open.iter().filter(|element| element.quoted).count();
            self.lines.push(Line { depth, ..Line::default() });
        }
    }

    fn open(&mut self, name: &str, attributes: &str, closed: bool) {
        let attributes = attributes.to_lowercase();
        if attributes.contains("linebreakatbeginningofsignature") {
            // The iPhone marks only where its signature begins; it ends where the quotation begins.
            self.end_line();
            self.in_phone_signature = true;
        }
        match name {
            "br" if self.line.text.is_empty() => self.gap(),
            "br" => self.end_line(),
            "hr" => self.gap(),
            "td" | "th" => self.space_due = true,
            _ => {}
        }
        if starts_earlier_mail(&attributes) {
            self.quote_starts = true;
        }
        if closed || is_void(name) {
            return;
        }
        let element = element(name, &attributes);
        self.in_phone_signature &= !element.quoted;
        if element.block {
            self.end_line();
        }
        if element.paragraph {
            self.gap();
        }
        if matches!(name, "p" | "li" | "tr" | "td" | "th" | "option") {
            self.close_open(name);
        }
        if name == "li" && !element.hidden {
            self.text("- ");
            self.space_due = true;
        }
        if self.open.len() < DEEPEST {
            self.open.push(element);
        }
    }

    /// `<li>` ends an open `<li>` of the same list, and so on.
    fn close_open(&mut self, name: &str) {
        let limit: &[&str] = match name {
            "p" => &["div", "td", "li", "blockquote", "body"],
            "li" => &["ul", "ol"],
            _ => &["table"],
        };
        for at in (0..self.open.len()).rev() {
            let open = self.open[at].name.as_str();
            if open == name {
                self.open.truncate(at);
                return;
            }
            if limit.contains(&open) {
                return;
            }
        }
    }

    fn close(&mut self, name: &str) {
        let found = self.open.iter().rposition(|element| element.name == name);
        if let Some(at) = found {
            if self.open[at..].iter().any(|element| element.block) {
                self.end_line();
            }
            if self.open[at].paragraph {
                self.gap();
            }
            self.open.truncate(at);
        }
        if matches!(name, "td" | "th") {
            self.space_due = true;
        }
    }
}

fn element(name: &str, attributes: &str) -> Element {
    let style = attribute(attributes, "style").replace(' ', "");
    Element {
        name: name.to_owned(),
        hidden: name == "head" || is_hidden(&style) || attributes.split_whitespace().any(|word| word == "hidden"),
        quoted: name == "blockquote" || encloses_earlier_mail(attributes) || style.contains("border-left:solidblue"),
        signature: is_signature(attributes),
        ink: ink(name, attributes, &style),
        block: is_block(name),
        paragraph: name == "p" && !attributes.contains("msonormal"),
        preformatted: name == "pre" || style.contains("white-space:pre"),
    }
}

/// Value of an attribute; `attributes` is in lower case. Empty when it is not there.
fn attribute<'a>(attributes: &'a str, name: &str) -> &'a str {
    let mut rest = attributes;
    while let Some(at) = rest.find(name) {
        let after = rest[at + name.len()..].trim_start();
        let starts = rest[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || c == '"' || c == '\'');
        if let (true, Some(value)) = (starts, after.strip_prefix('=')) {
            let value = value.trim_start();
            return match value.chars().next() {
                Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or_default(),
                _ => value.split_whitespace().next().unwrap_or_default(),
            };
        }
        rest = &rest[at + name.len()..];
    }
    ""
}

/// Text nobody can see is not what the sender wrote to us.
fn is_hidden(style: &str) -> bool {
    ["display:none", "visibility:hidden", "mso-hide:all", "font-size:0", "max-height:0", "opacity:0"].iter().any(
        |mark| {
            style.match_indices(mark).any(|(at, _)| {
                // font-size:0.9em is small, not invisible
                let rest = &style[at + mark.len()..];
                !mark.ends_with('0') || !rest.starts_with(|c: char| c == '.' || c.is_ascii_digit())
            })
        },
    )
}

/// Containers that hold the earlier mail and nothing else.
fn encloses_earlier_mail(attributes: &str) -> bool {
    [
        "yahoo_quoted",
        "protonmail_quote",
        "olk_src_body_section",
        "ms-outlook-mobile-reference-message",
        "mail-editor-reference-message-container",
        "zmail_extra",
        "moz-forward-container",
        "moz-cite-prefix",
        "gmail_attr",
    ]
    .iter()
    .any(|mark| attributes.contains(mark))
}

/// Elements after which the earlier mail follows.
fn starts_earlier_mail(attributes: &str) -> bool {
    attributes.contains("divrplyfwdmsg") || attributes.contains("id=\"zwchr\"") || attributes.contains("stopspelling")
}

fn is_signature(attributes: &str) -> bool {
    [
        "gmail_signature",
        "moz-signature",
        "ms-outlook-mobile-signature",
        "composer_signature",
        "protonmail_signature_block",
    ]
    .iter()
    .any(|mark| attributes.contains(mark))
        || attribute(attributes, "id") == "signature"
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "tr"
            | "li"
            | "ul"
            | "ol"
            | "dl"
            | "dt"
            | "dd"
            | "table"
            | "tbody"
            | "thead"
            | "blockquote"
            | "pre"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "center"
            | "address"
            | "form"
            | "fieldset"
            | "body"
            | "html"
            | "head"
            | "hr"
            | "caption"
    )
}

fn is_void(name: &str) -> bool {
    matches!(
        name,
        "br" | "hr"
            | "img"
            | "meta"
            | "link"
            | "input"
            | "col"
            | "area"
            | "base"
            | "source"
            | "wbr"
            | "embed"
            | "param"
    )
}

/// The colour an element sets, when it sets one.
fn ink(name: &str, attributes: &str, style: &str) -> Option<Ink> {
    if name == "a" {
        return Some(Ink::Quiet);
    }
    let of_style = style.split(';').find_map(|rule| rule.strip_prefix("color:"));
    let of_font = Some(attribute(attributes, "color")).filter(|colour| name == "font" && !colour.is_empty());
    of_style.or(of_font).map(|colour| if is_red(colour) { Ink::Loud } else { Ink::Quiet })
}

/// Red, in the ways mail programs write it: `red`, `#f00`, `#c00000`, `rgb(192,0,0)`.
fn is_red(colour: &str) -> bool {
    let colour = colour.trim_end_matches("!important").trim();
    if matches!(colour, "red" | "crimson" | "darkred" | "firebrick" | "maroon") {
        return true;
    }
    let parts: Option<Vec<u32>> = if let Some(hex) = colour.strip_prefix('#') {
        let hex: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
        match hex[..] {
            [r, g, b] => Some(vec![r * 17, g * 17, b * 17]),
            [r1, r2, g1, g2, b1, b2] => Some(vec![r1 * 16 + r2, g1 * 16 + g2, b1 * 16 + b2]),
            _ => None,
        }
    } else {
        colour
            .strip_prefix("rgb(")
            .and_then(|list| list.strip_suffix(')'))
            .map(|list| list.split(',').filter_map(|n| n.trim().parse().ok()).collect())
    };
    matches!(parts.as_deref(), Some([r, g, b]) if *r >= 128 && *g * 2 <= *r && *b * 2 <= *r)
}

/// Zero-width characters that newsletters fill their previews with.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}' | '\u{34f}' | '\u{2060}') || c.is_control()
}

fn decode_entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(32).position(|b| b == b';');
        match end.map(|end| rest.split_at(end + 1)) {
            Some((entity, after))
                if entity[1..entity.len() - 1].bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#') =>
            {
                add_html_token(&mut out, entity.as_bytes(), false);
                rest = after;
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}
