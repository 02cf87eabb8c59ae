//! HTML cut into tags and text. Knows no meaning.

use mail_parser::decoders::html::add_html_token;
use std::borrow::Cow;

/// A piece of HTML, in order.
pub enum Token<'h> {
    Text(&'h str),
    Open { name: String, attributes: &'h str, closed: bool },
    Close(String),
}

/// Cuts HTML into tokens: linear, never recursive, never at a loss.
pub struct Scanner<'h> {
    rest: &'h str,
    /// False once a tag with an unclosed quotation mark was met: from there on `>` always ends a tag.
    quotes_close: bool,
}

impl<'h> Scanner<'h> {
    pub fn new(html: &'h str) -> Scanner<'h> {
        Scanner { rest: html, quotes_close: true }
    }

    pub fn next_token(&mut self) -> Option<Token<'h>> {
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

/// Zero-width characters that newsletters fill their previews with.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}' | '\u{34f}' | '\u{2060}') || c.is_control()
}

/// `&amp;`, `&#233;`, `&euro;` as letters; what is no entity stays as it is.
pub fn decode_entities(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
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
    Cow::Owned(out)
}
