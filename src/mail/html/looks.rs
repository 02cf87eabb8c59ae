//! What an HTML element means for the reader of a mail: hidden, quoted, signature, red. The marks of mail programs live here.

use regex::Regex;
use std::sync::LazyLock;

/// What an open element does to the text inside it.
#[derive(Clone, Debug, Default)]
pub struct Element {
    pub name: String,
    pub hidden: bool,
    pub quoted: bool,
    pub signature: bool,
    pub ink: Option<Ink>,
    pub block: bool,
    /// An empty line stands before and after it.
    pub paragraph: bool,
    pub preformatted: bool,
    /// Its letters stand higher.
    pub raised: bool,
    /// What holds inside it, its ancestors counted.
    pub inside: Around,
}

/// What the open elements together do to a piece of text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around {
    pub hidden: bool,
    pub depth: usize,
    pub signature: bool,
    pub preformatted: bool,
    pub raised: bool,
    pub ink: Option<Ink>,
}

impl Around {
    pub fn and(self, element: &Element) -> Around {
        Around {
            hidden: self.hidden || element.hidden,
            depth: self.depth + usize::from(element.quoted),
            signature: self.signature || element.signature,
            preformatted: self.preformatted || element.preformatted,
            raised: self.raised || element.raised,
            ink: element.ink.or(self.ink),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    Loud,
    Quiet,
}

/// What one opening tag does; `attributes` is in lower case.
pub fn element(name: &str, attributes: &str) -> Element {
    let mut element = bare(name);
    let (mut of_style, mut of_font) = (None, None);
    for (key, value) in each_attribute(attributes) {
        match key {
            "style" => of_style = element.dress(value),
            "color" if name == "font" => of_font = Some(value),
            "hidden" => element.hidden = true,
            "id" if value == "signature" => element.signature = true,
            _ => {}
        }
    }
    let colour = of_style.or(of_font).map(|colour| if is_red(colour) { Ink::Loud } else { Ink::Quiet });
    element.ink = element.ink.or(colour);
    element.quoted |= encloses_earlier_mail(attributes);
    element.signature |= is_signature(attributes);
    element.paragraph &= !attributes.contains("msonormal");
    element
}

/// The same of a tag without attributes. A link is coloured by itself, and never loud.
fn bare(name: &str) -> Element {
    Element {
        name: name.to_owned(),
        hidden: name == "head",
        quoted: name == "blockquote",
        ink: (name == "a").then_some(Ink::Quiet),
        block: is_block(name),
        paragraph: name == "p",
        preformatted: name == "pre",
        raised: name == "sup",
        ..Element::default()
    }
}

impl Element {
    /// Takes over what a style says, and returns its colour.
    fn dress<'s>(&mut self, style: &'s str) -> Option<&'s str> {
        let mut colour = None;
        for (property, value) in style.split(';').filter_map(|rule| rule.split_once(':')) {
            let value = value.trim();
            match property.trim() {
                "display" => {
                    self.hidden |= value.starts_with("none");
                    self.block |= value.starts_with("block");
                }
                "visibility" => self.hidden |= value.starts_with("hidden"),
                "mso-hide" => self.hidden |= value.starts_with("all"),
                "font-size" | "max-height" | "opacity" => self.hidden |= is_nothing(value),
                "border-left" => self.quoted |= value.starts_with("solid blue"),
                "vertical-align" => self.raised |= value.starts_with("super"),
                "white-space" => self.preformatted |= value.starts_with("pre"),
                "color" => colour = colour.or(Some(value)),
                _ => {}
            }
        }
        colour
    }
}

/// Text of this size nobody can see: `0`, `0px`; `0.9em` is small, not invisible.
fn is_nothing(size: &str) -> bool {
    size.strip_prefix('0').is_some_and(|rest| !rest.starts_with(|c: char| c == '.' || c.is_ascii_digit()))
}

/// Names and values, in order; empty where an attribute has no value.
fn each_attribute(attributes: &str) -> impl Iterator<Item = (&str, &str)> {
    let ends_name = |c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\'' | '/');
    let mut rest = attributes;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(ends_name);
        let (name, behind) = rest.split_at(rest.find(ends_name).unwrap_or(rest.len()));
        let Some(value) = behind.trim_start().strip_prefix('=').map(str::trim_start) else {
            rest = behind;
            return (!name.is_empty()).then_some((name, ""));
        };
        let found = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            _ => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
        };
        rest = found.1;
        Some((name, found.0))
    })
}

/// Containers that hold the earlier mail and nothing else.
fn encloses_earlier_mail(attributes: &str) -> bool {
    static MARKS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            "yahoo_quoted|protonmail_quote|olk_src_body_section|ms-outlook-mobile-reference-message|",
            "mail-editor-reference-message-container|zmail_extra|moz-forward-container|moz-cite-prefix|gmail_attr",
        ))
        .expect("BUG: pattern")
    });
    MARKS.is_match(attributes)
}

/// Elements after which the earlier mail follows.
pub fn starts_earlier_mail(attributes: &str) -> bool {
    attributes.contains("divrplyfwdmsg") || attributes.contains("id=\"zwchr\"") || attributes.contains("stopspelling")
}

fn is_signature(attributes: &str) -> bool {
    const MARKS: [&str; 5] = [
        "gmail_signature",
        "moz-signature",
        "ms-outlook-mobile-signature",
        "composer_signature",
        "protonmail_signature_block",
    ];
    attributes.contains("signature") && MARKS.iter().any(|mark| attributes.contains(mark))
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

pub fn is_void(name: &str) -> bool {
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
