//! What an HTML element means for the reader of a mail: hidden, quoted, signature, red. The marks of mail programs live here.

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
    pub ink: Option<Ink>,
}

impl Around {
    pub fn and(self, element: &Element) -> Around {
        Around {
            hidden: self.hidden || element.hidden,
            depth: self.depth + usize::from(element.quoted),
            signature: self.signature || element.signature,
            preformatted: self.preformatted || element.preformatted,
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
    if attributes.trim().is_empty() {
        return bare(name);
    }
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
        inside: Around::default(),
    }
}

/// The same of a tag without attributes.
fn bare(name: &str) -> Element {
    Element {
        name: name.to_owned(),
        hidden: name == "head",
        quoted: name == "blockquote",
        ink: ink(name, "", ""),
        block: is_block(name),
        paragraph: name == "p",
        preformatted: name == "pre",
        ..Element::default()
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
pub fn starts_earlier_mail(attributes: &str) -> bool {
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
