//! Signs mails (RFC 6376, relaxed/relaxed and simple/simple, Ed25519 of RFC 8463) with keys of its own: written for the
//! tests alone, so that what the program computes is compared with a second reading of the standard.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};

pub struct Key(Ed25519KeyPair);

impl Key {
    pub fn new() -> Key {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Key(Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap())
    }

    /// What stands in the DNS.
    pub fn record(&self) -> String {
        format!("v=DKIM1; k=ed25519; p={}", STANDARD.encode(self.0.public_key()))
    }
}

/// How a mail is signed.
#[derive(Clone)]
pub struct Signing<'k> {
    pub key: &'k Key,
    pub domain: String,
    pub selector: String,
    pub headers: String,
    /// Further tags, each with its semicolon: `x=1; `.
    pub tags: String,
    pub simple: bool,
    /// `l=`: only so much of the body.
    pub length: Option<usize>,
}

impl<'k> Signing<'k> {
    pub fn of(key: &'k Key, domain: &str) -> Signing<'k> {
        Signing {
            key,
            domain: domain.to_owned(),
            selector: "s1".to_owned(),
            headers: "from:to:subject:date:message-id:mime-version:content-type".to_owned(),
            tags: String::new(),
            simple: false,
            length: None,
        }
    }

    pub fn headers(self, headers: &str) -> Signing<'k> {
        Signing { headers: headers.to_owned(), ..self }
    }

    pub fn tags(self, tags: &str) -> Signing<'k> {
        Signing { tags: tags.to_owned(), ..self }
    }

    /// The mail with a signature on top. Its lines must end with CRLF.
    pub fn sign(&self, mail: &str) -> String {
        let (head, body) = mail.split_once("\r\n\r\n").expect("headers and a body");
        let body = if self.simple { simple_body(body) } else { relaxed_body(body) };
        let (body, length) = match self.length {
            Some(length) => (&body[..length], format!("l={length}; ")),
            None => (body.as_str(), String::new()),
        };
        let hash = STANDARD.encode(digest(&SHA256, body.as_bytes()));
        let how = if self.simple { "simple/simple" } else { "relaxed/relaxed" };
        let Signing { domain, selector, headers, tags, .. } = self;
        let unsigned = format!(
            "DKIM-Signature: v=1; a=ed25519-sha256; c={how}; d={domain}; s={selector}; {tags}{length}h={headers}; bh={hash}; b="
        );
        let text = format!("{}{}", signed_headers(head, headers, self.simple), self.canonical(&unsigned));
        let signature = self.key.0.sign(digest(&SHA256, text.as_bytes()).as_ref());
        format!("{unsigned}{}\r\n{mail}", STANDARD.encode(signature))
    }

    fn canonical(&self, header: &str) -> String {
        if self.simple { header.to_owned() } else { relaxed_header(header) }
    }
}

/// The named headers, each name taken from the bottom up (section 5.4.2).
fn signed_headers(head: &str, names: &str, simple: bool) -> String {
    let mut left = unfolded(head);
    let mut text = String::new();
    for name in names.split(':') {
        let is_it = |header: &String| header.split(':').next().is_some_and(|n| n.trim().eq_ignore_ascii_case(name));
        if let Some(at) = left.iter().rposition(is_it) {
            let header = left.remove(at);
            text.push_str(&if simple { header } else { relaxed_header(&header) });
            text.push_str("\r\n");
        }
    }
    text
}

/// Each header with its folds.
fn unfolded(head: &str) -> Vec<String> {
    let mut headers: Vec<String> = Vec::new();
    for line in head.split("\r\n") {
        match headers.last_mut().filter(|_| line.starts_with([' ', '\t'])) {
            Some(last) => last.push_str(&format!("\r\n{line}")),
            None => headers.push(line.to_owned()),
        }
    }
    headers
}

fn relaxed_header(header: &str) -> String {
    let (name, value) = header.split_once(':').expect("a header");
    format!("{}:{}", name.trim().to_lowercase(), value.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
}

fn relaxed_body(body: &str) -> String {
    let squeeze = |line: &str| {
        let mut text = String::new();
        for c in line.trim_end_matches([' ', '\t']).chars() {
            let c = if c == '\t' { ' ' } else { c };
            if c != ' ' || !text.ends_with(' ') {
                text.push(c);
            }
        }
        text
    };
    let mut lines: Vec<String> = body.split("\r\n").map(squeeze).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.iter().map(|line| format!("{line}\r\n")).collect()
}

fn simple_body(body: &str) -> String {
    format!("{}\r\n", body.trim_end_matches("\r\n"))
}
