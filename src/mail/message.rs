//! A received mail as the rest of the house sees it: decoded, bounded, never a panic.
//! Never judges: what the mail means, and who may be believed, is for others.

use super::{calendar, charset, clear_signed, html, tnef};
use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use mail_parser::{
    Address, Encoding, HeaderName, HeaderValue, Message as Mime, MessageParser, MessagePart, MimeHeaders, PartType,
};
use regex::{Regex, bytes};
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock};

/// A decoded mail. Everything is best effort: a part that cannot be decoded is left out with a warning.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// Every header in order: name in lower case, value unfolded and decoded (RFC 2047).
    pub headers: Arc<[(String, String)]>,
    /// Every header in order: name in lower case, value unfolded but not decoded.
    pub raw_headers: Arc<[(String, String)]>,
    /// Address of the first mailbox in the (last) From; lower case; empty when there is none.
    pub from: String,
    pub from_name: String,
    pub reply_to: Option<String>,
    /// Addresses in To, Cc, Delivered-To, X-Original-To, Envelope-To; lower case.
    pub recipients: Vec<String>,
    pub subject: String,
    /// The mail's own Date, in its own zone.
    pub date: Option<DateTime<FixedOffset>>,
    /// Without angle brackets.
    pub message_id: Option<String>,
    /// In-Reply-To and References, without angle brackets, nearest first.
    pub references: Vec<String>,
    /// The readable text: text/plain part(s), else the HTML as text. Line ends are `\n`.
    pub text: String,
    /// The HTML part when there is one.
    pub html: Option<String>,
    /// `text` is what the HTML says: the mail has no other.
    pub text_is_html: bool,
    pub attachments: Vec<Attachment>,
    /// Text of the machine-readable part of a report (message/delivery-status, disposition-notification).
    pub report: Option<Report>,
    /// Headers (or the whole) of the mail returned inside a report.
    pub returned: Option<String>,
    pub warnings: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Attachment {
    pub name: String,
    pub mime: String,
    pub bytes: Vec<u8>,
}

#[derive(Clone, Debug)]
pub struct Report {
    /// `delivery-status`, `disposition-notification`, `feedback-report`.
    pub kind: String,
    pub text: String,
}

/// Why a mail was not read: the caller quarantines it with this reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("this is not a mail: it has no headers")]
    NoHeaders,
    #[error("the mail is larger than the reader takes ({0} bytes)")]
    TooLarge(usize),
    #[error("the mail has too many parts or nests too deeply ({0})")]
    TooComplex(String),
    #[error("the reader broke on this mail")]
    Panicked,
}

const MAX_BYTES: usize = 25 * 1024 * 1024;
const MAX_PARTS: usize = 500;
const MAX_DEPTH: usize = 20;
const MAX_HEADERS: usize = 2_000;
/// Text beyond this is cut off with a warning: nobody writes so much by hand.
const MAX_TEXT: usize = 1024 * 1024;

impl Message {
    /// Reads a mail as it came from the wire or from a file. Caps: 25 MiB, 500 parts, depth 20, 2,000 headers.
    pub fn parse(raw: &[u8]) -> Result<Message, Unreadable> {
        if raw.len() > MAX_BYTES {
            return Err(Unreadable::TooLarge(raw.len()));
        }
        let raw = without_envelope_line(raw);
        let raw_headers = raw_headers(raw);
        if raw_headers.is_empty() {
            return Err(Unreadable::NoHeaders);
        }
        if raw_headers.len() > MAX_HEADERS {
            return Err(Unreadable::TooComplex(format!("{} headers", raw_headers.len())));
        }
        // Nested mails are dropped recursively: too many of them must not even be built.
        let nested = mails_inside(raw);
        if nested > MAX_PARTS {
            return Err(Unreadable::TooComplex(format!("{nested} mails inside")));
        }
        catch_unwind(AssertUnwindSafe(|| read(raw, raw_headers))).unwrap_or(Err(Unreadable::Panicked))
    }

    /// When the topmost server took the mail in, by its Received header.
    pub fn arrived(&self) -> Option<DateTime<Utc>> {
        let (_, received) = self.raw_headers.iter().find(|(name, _)| name == "received")?;
        DateTime::parse_from_rfc2822(received.rsplit(';').next()?.trim()).ok().map(|at| at.with_timezone(&Utc))
    }

    /// First value of a header (name in lower case), decoded.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

fn read(raw: &[u8], raw_headers: Vec<(String, String)>) -> Result<Message, Unreadable> {
    let mime = MessageParser::default().parse(raw).ok_or(Unreadable::NoHeaders)?;
    measure(&mime)?;
    let raw_headers: Arc<[(String, String)]> = raw_headers.into();
    let from = mime.from().and_then(first_mailbox);
    let reply_to = mime.reply_to().and_then(first_mailbox).map(|(_, address)| address);
    let mut message = Message {
        headers: if needs_decoding(&raw_headers) { decoded_headers(raw).into() } else { raw_headers.clone() },
        from: from.as_ref().map(|(_, address)| address.clone()).unwrap_or_default(),
        from_name: from.map(|(name, _)| name).unwrap_or_default(),
        reply_to,
        recipients: recipients(&mime, &raw_headers),
        subject: mime.subject().unwrap_or_default().trim().to_owned(),
        date: mime.date().and_then(date),
        message_id: ids(&raw_headers, "message-id").into_iter().next(),
        references: references(&raw_headers),
        raw_headers,
        ..Message::default()
    };
    Bodies { message: &mut message, reporting: is_report(&mime) }.collect(&mime);
    Ok(message)
}

/// Counts parts and depth without recursion.
fn measure(mime: &Mime<'_>) -> Result<(), Unreadable> {
    let mut parts = 0;
    let mut todo: Vec<(&Mime<'_>, u32, usize)> = vec![(mime, 0, 1)];
    while let Some((mail, id, depth)) = todo.pop() {
        parts += 1;
        if parts > MAX_PARTS || mail.parts.len() > MAX_PARTS {
            return Err(Unreadable::TooComplex(format!("more than {MAX_PARTS} parts")));
        }
        if depth > MAX_DEPTH {
            return Err(Unreadable::TooComplex(format!("deeper than {MAX_DEPTH}")));
        }
        match mail.part(id).map(|part| &part.body) {
            Some(PartType::Multipart(children)) => {
                // A child is always written after its parent; anything else would be a circle.
                todo.extend(children.iter().filter(|&&child| child > id).map(|&child| (mail, child, depth + 1)));
            }
            Some(PartType::Message(inner)) => todo.push((inner, 0, depth + 1)),
            Some(PartType::Text(_) | PartType::Html(_) | PartType::Binary(_) | PartType::InlineBinary(_)) | None => {}
        }
    }
    Ok(())
}

/// Files exported from an mbox begin with a "From " line, some with empty lines.
pub(crate) fn without_envelope_line(raw: &[u8]) -> &[u8] {
    let start = raw.iter().position(|b| !matches!(b, b'\r' | b'\n')).unwrap_or(raw.len());
    let raw = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&raw[start..]);
    if raw.starts_with(b"From ") || raw.starts_with(b">From ") {
        let end = raw.iter().position(|&b| b == b'\n').map_or(raw.len(), |at| at + 1);
        return &raw[end..];
    }
    raw
}

/// The header block as it stands, topmost first. A line that is no header is passed over.
fn raw_headers(raw: &[u8]) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in raw.split(|&b| b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        // Most are sound, and that is seen quickly.
        let line = str::from_utf8(line).map_or_else(|_| String::from_utf8_lossy(line), Cow::Borrowed);
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = headers.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            let name = name.trim_end();
            if !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic()) {
                headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        if headers.len() > MAX_HEADERS {
            break;
        }
    }
    headers
}

/// Most headers say what they say.
fn needs_decoding(raw_headers: &[(String, String)]) -> bool {
    raw_headers.iter().any(|(_, value)| !value.is_ascii() || value.contains("=?"))
}

fn decoded_headers(raw: &[u8]) -> Vec<(String, String)> {
    let Some(mime) = MessageParser::new().default_header_text().parse_headers(raw) else {
        return Vec::new();
    };
    mime.headers()
        .iter()
        .map(|header| {
            let value = match header.value() {
                HeaderValue::Text(text) => text.trim().to_owned(),
                HeaderValue::TextList(texts) => texts.join(" "),
                HeaderValue::Address(_)
                | HeaderValue::DateTime(_)
                | HeaderValue::ContentType(_)
                | HeaderValue::Received(_)
                | HeaderValue::Empty => String::new(),
            };
            (header.name().to_ascii_lowercase(), value)
        })
        .collect()
}

/// Display name and address of the first mailbox that has an address.
fn first_mailbox(address: &Address<'_>) -> Option<(String, String)> {
    address.iter().find_map(|mailbox| {
        let address = mailbox.address()?.trim().to_lowercase();
        let name = mailbox.name().unwrap_or_default().trim().to_owned();
        (!address.is_empty()).then_some((name, address))
    })
}

fn recipients(mime: &Mime<'_>, raw_headers: &[(String, String)]) -> Vec<String> {
    static ADDRESS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"[^\s<>,;:"()]+@[^\s<>,;:"()]+"#).expect("BUG: pattern"));
    let mut found: Vec<String> = Vec::new();
    let listed = mime.all_to().chain(mime.header_values(HeaderName::Cc).filter_map(HeaderValue::as_address));
    found.extend(listed.flat_map(|list| list.iter()).filter_map(|mailbox| mailbox.address()).map(str::to_lowercase));
    for (_, value) in raw_headers
        .iter()
        .filter(|(name, _)| matches!(name.as_str(), "delivered-to" | "x-original-to" | "envelope-to" | "x-envelope-to"))
    {
        found.extend(ADDRESS.find_iter(value).map(|address| address.as_str().to_lowercase()));
    }
    unique(found)
}

fn unique(values: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    values.into_iter().filter(|value| seen.insert(value.clone())).collect()
}

fn date(date: &mail_parser::DateTime) -> Option<DateTime<FixedOffset>> {
    let offset = (i32::from(date.tz_hour) * 60 + i32::from(date.tz_minute)) * 60;
    let zone = FixedOffset::east_opt(if date.tz_before_gmt { -offset } else { offset })?;
    // A leap second is read as the second before it.
    NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())?
        .and_hms_opt(date.hour.into(), date.minute.into(), u32::from(date.second).min(59))?
        .and_local_timezone(zone)
        .single()
}

/// Message-IDs in the headers of one name; without brackets only when there are none at all.
fn ids(raw_headers: &[(String, String)], name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (_, value) in raw_headers.iter().filter(|(n, _)| n == name) {
        let before = found.len();
        found.extend(in_brackets(value));
        if found.len() == before {
            found.extend(value.split_whitespace().filter(|word| word.contains('@')).map(str::to_owned));
        }
    }
    found
}

/// What stands between angle brackets, without whitespace around or in it.
fn in_brackets(value: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = value;
    while let Some((_, behind)) = rest.split_once('<') {
        rest = behind;
        let inside = behind.trim_start();
        let end = inside.find(|c: char| matches!(c, '<' | '>') || c.is_whitespace()).unwrap_or(inside.len());
        let (id, after) = inside.split_at(end);
        if let (false, Some(after)) = (id.is_empty(), after.trim_start().strip_prefix('>')) {
            found.push(id.to_owned());
            rest = after;
        }
    }
    found
}

fn references(raw_headers: &[(String, String)]) -> Vec<String> {
    let mut all = ids(raw_headers, "in-reply-to");
    all.extend(ids(raw_headers, "references").into_iter().rev());
    unique(all)
}

fn is_report(mime: &Mime<'_>) -> bool {
    mime.content_type().is_some_and(|kind| {
        kind.ctype().eq_ignore_ascii_case("multipart")
            && kind.subtype().is_some_and(|s| s.eq_ignore_ascii_case("report"))
    })
}

/// Sorts the parts of a mail into text, report, returned mail and attachments.
struct Bodies<'m> {
    message: &'m mut Message,
    reporting: bool,
}

impl Bodies<'_> {
    fn collect(mut self, mime: &Mime<'_>) {
        let plain = self.bodies(mime, &mime.text_body, false);
        let html = self.bodies(mime, &mime.html_body, true);
        // Phones and Outlook send an empty text/plain beside the real HTML.
        self.message.text_is_html = html.is_some() && plain.as_deref().is_none_or(|text| text.trim().is_empty());
        self.message.text = match &html {
            Some(html) if self.message.text_is_html => html::text(html),
            _ => plain.unwrap_or_default(),
        };
        self.message.html = html;
        if self.message.text.trim().is_empty() && self.message.html.is_none() {
            self.message.text = unnamed_text(mime).unwrap_or_default();
        }
        if self.message.text.trim().is_empty() && self.message.html.is_none() {
            self.message.text = unmarked_text(mime);
            if !self.message.text.is_empty() {
                self.message
                    .warnings
                    .push("the parts of the mail cannot be told apart: its body is read as it stands".into());
            }
        }
        if let Some(words) = calendar::words(&self.message.text).or_else(|| clear_signed::unframed(&self.message.text))
        {
            self.message.text = words;
        }
        if self.message.text.len() > MAX_TEXT {
            self.message.warnings.push("the text is very long and was cut off".into());
            self.message.text.truncate(self.message.text.floor_char_boundary(MAX_TEXT));
        }
        for part in mime.attachments() {
            self.attachment(mime, part);
        }
    }

    /// The texts of one kind among `ids`, one after the other.
    fn bodies(&mut self, mime: &Mime<'_>, ids: &[u32], html: bool) -> Option<String> {
        let texts: Vec<String> = ids
            .iter()
            .filter_map(|&id| mime.part(id))
            .filter(|part| part.is_text_html() == html)
            .filter_map(|part| self.text_of(mime, part))
            .collect();
        (!texts.is_empty()).then(|| texts.join("\n"))
    }

    fn text_of(&mut self, mime: &Mime<'_>, part: &MessagePart<'_>) -> Option<String> {
        let text = match &part.body {
            PartType::Text(text) | PartType::Html(text) => text.as_ref(),
            PartType::Binary(_) | PartType::InlineBinary(_) | PartType::Message(_) | PartType::Multipart(_) => {
                return None;
            }
        };
        if part.is_encoding_problem {
            self.message.warnings.push("a part is not encoded as it says".into());
        }
        let other = charset::other_than_said(raw_body(mime, part), part, text);
        let text = other.as_deref().unwrap_or(text);
        let text = with_plain_line_ends(text);
        let flow = part
            .content_type()
            .filter(|kind| kind.attribute("format").is_some_and(|f| f.eq_ignore_ascii_case("flowed")));
        Some(match flow {
            Some(kind) if part.is_text() && !part.is_text_html() => {
                unflow(&text, kind.attribute("delsp").is_some_and(|d| d.eq_ignore_ascii_case("yes")))
            }
            _ => text,
        })
    }

    fn attachment(&mut self, mime: &Mime<'_>, part: &MessagePart<'_>) {
        let mime_type = part
            .content_type()
            .map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("octet-stream")).to_lowercase())
            .unwrap_or_else(|| "text/plain".into());
        let bytes = contents(mime, part);
        let machine = ["delivery-status", "disposition-notification", "feedback-report"]
            .into_iter()
            .find(|kind| mime_type.strip_prefix("message/").is_some_and(|m| m.trim_start_matches("global-") == *kind));
        if let Some(kind) = machine {
            let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
            match &mut self.message.report {
                // Some put each recipient, or a word to people, into a part of its own.
                Some(report) if report.kind == kind => report.text += &format!("\n\n{text}"),
                Some(_) => {}
                None => self.message.report = Some(Report { kind: kind.into(), text }),
            }
            return;
        }
        let is_mail =
            ["message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers", "text/rfc822"]
                .contains(&mime_type.as_str());
        if is_mail && (self.reporting || self.message.report.is_some()) && self.message.returned.is_none() {
            self.message.returned = Some(String::from_utf8_lossy(&bytes).replace("\r\n", "\n"));
            return;
        }
        let attachment = Attachment { name: name_of(part), mime: mime_type, bytes };
        if is_winmail(&attachment)
            && let Some(wrapped) = tnef::unwrap(&attachment.bytes)
        {
            return self.unwrapped(wrapped);
        }
        self.message.attachments.push(attachment);
    }

    /// What Outlook wrapped for another Outlook: its files are the mail's, and its words where the mail has no others.
    fn unwrapped(&mut self, wrapped: tnef::Wrapped) {
        if self.message.text.trim().is_empty() && self.message.html.is_none() {
            let text = wrapped.text.filter(|text| !text.trim().is_empty());
            self.message.text_is_html = text.is_none() && wrapped.html.is_some();
            self.message.text = text.or_else(|| wrapped.html.as_deref().map(html::text)).unwrap_or_default();
            self.message.text = self.message.text.replace("\r\n", "\n");
            self.message.html = wrapped.html;
        }
        let mime = |file: &tnef::File| file.mime.clone().unwrap_or_else(|| "application/octet-stream".into());
        let files = wrapped.files.into_iter();
        let files = files.map(|file| Attachment { mime: mime(&file), name: plain_name(&file.name), bytes: file.bytes });
        self.message.attachments.extend(files);
    }
}

/// Every line ends in `\n`; what stands for nothing is gone.
fn with_plain_line_ends(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\r') {
        plain.push_str(before);
        rest = after;
        if !rest.starts_with('\n') {
            plain.push('\n');
        }
    }
    plain.push_str(rest);
    if plain.contains('\0') { plain.replace('\0', "") } else { plain }
}

/// The text of a mail whose parts are so badly marked that none of them is a body; of a mail of one part even a named one.
fn unnamed_text(mime: &Mime<'_>) -> Option<String> {
    let is_all = mime.parts.len() == 1;
    mime.attachments().filter(|part| is_all || part.attachment_name().is_none()).find_map(|part| match &part.body {
        PartType::Text(text) if !text.trim().is_empty() => Some(text.replace("\r\n", "\n")),
        PartType::Text(_)
        | PartType::Html(_)
        | PartType::Binary(_)
        | PartType::InlineBinary(_)
        | PartType::Message(_)
        | PartType::Multipart(_) => None,
    })
}

/// The body as it stands, where a boundary is missing or wrong: what was written must not be lost.
fn unmarked_text(mime: &Mime<'_>) -> String {
    let bodies = |part: &&MessagePart<'_>| {
        let kind = part.content_type();
        part.attachment_name().is_none() && kind.is_some_and(|kind| kind.ctype().eq_ignore_ascii_case("multipart"))
    };
    let inner = mime.attachments().find(bodies).map(|part| contents(mime, part));
    let whole = || mime.parts.first().map(|part| raw_body(mime, part).to_vec()).unwrap_or_default();
    let body = inner.or_else(|| mime.attachments().next().is_none().then(whole)).unwrap_or_default();
    let text = String::from_utf8_lossy(&body[..body.len().min(MAX_TEXT)]).replace("\r\n", "\n");
    let kept = text.lines().filter(|line| !line.starts_with("--") && !line.to_lowercase().starts_with("content-"));
    kept.collect::<Vec<_>>().join("\n").trim().to_owned()
}

fn is_winmail(attachment: &Attachment) -> bool {
    matches!(attachment.mime.as_str(), "application/ms-tnef" | "application/vnd.ms-tnef")
        || attachment.name.eq_ignore_ascii_case("winmail.dat")
}

/// File name of an attachment; empty when it has none. Never a path.
fn name_of(part: &MessagePart<'_>) -> String {
    plain_name(part.attachment_name().unwrap_or_default())
}

fn plain_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    name.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// Decoded bytes of a part; a nested mail as it was written.
fn contents(mime: &Mime<'_>, part: &MessagePart<'_>) -> Vec<u8> {
    match &part.body {
        PartType::Text(text) | PartType::Html(text) => text.as_bytes().to_vec(),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => bytes.to_vec(),
        PartType::Message(inner) if part.encoding != Encoding::None => inner.raw_message.to_vec(),
        PartType::Message(_) => raw_body(mime, part).to_vec(),
        PartType::Multipart(_) => Vec::new(),
    }
}

fn raw_body<'m>(mime: &'m Mime<'_>, part: &MessagePart<'_>) -> &'m [u8] {
    let (start, end) = (part.offset_body as usize, part.offset_end as usize);
    mime.raw_message.get(start..end.max(start)).unwrap_or_default()
}

/// Joins the soft line breaks of `format=flowed` (RFC 3676), at equal quote depth only.
fn unflow(text: &str, delete_space: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for line in text.split('\n') {
        let content = line.trim_start_matches('>');
        let depth = line.len() - content.len();
        // A stuffed space is taken away, but not where it keeps a line from looking quoted.
        let content = content.strip_prefix(' ').filter(|rest| !rest.starts_with('>')).unwrap_or(content);
        let signature = content == "-- ";
        match open {
            Some(before) if before == depth && !signature => {}
            _ => {
                if !out.is_empty() {
                    out.push('\n');
                }
                if depth > 0 {
                    out.push_str(&">".repeat(depth));
                    out.push(' ');
                }
            }
        }
        let soft = content.ends_with(' ') && !signature;
        out.push_str(if soft && delete_space { &content[..content.len() - 1] } else { content });
        open = soft.then_some(depth);
    }
    out
}

/// How often a mail within the mail is announced, at most.
fn mails_inside(raw: &[u8]) -> usize {
    static ANNOUNCED: LazyLock<bytes::Regex> =
        LazyLock::new(|| bytes::Regex::new(r"(?i-u)message/(?:rfc822|global)").expect("BUG: pattern"));
    ANNOUNCED.find_iter(raw).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: &str = "From: \"De Vries, An\" <An@Klant.example>\r\nTo: debiteuren+abc@bedrijf.example\r\nX-Original-To: <Kas@bedrijf.example>\r\n\
        Subject: =?utf-8?q?Re:_herinnering_=E2=82=AC_5?=\r\nDate: Tue, 17 Nov 2026 20:08:28 +0100\r\nMessage-ID: <m1@klant.example>\r\n\
        References: <a@b.example>\r\n <c@b.example>\r\nIn-Reply-To: <c@b.example>\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n \r\n--x\r\n\
        Content-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        <p>Betaald, =E9=E9n keer.</p><blockquote>Wilt u betalen?</blockquote>\r\n--x--\r\n";

    #[test]
    fn reads_a_mail_from_a_phone() {
        let mail = Message::parse(PHONE.as_bytes()).unwrap();
        assert_eq!(mail.from, "an@klant.example");
        assert_eq!(mail.from_name, "De Vries, An");
        assert_eq!(mail.recipients, ["debiteuren+abc@bedrijf.example", "kas@bedrijf.example"]);
        assert_eq!(mail.subject, "Re: herinnering € 5");
        assert_eq!(mail.header("subject"), Some("Re: herinnering € 5"));
        assert_eq!(mail.date.unwrap().to_rfc3339(), "2026-11-17T20:08:28+01:00");
        assert_eq!(mail.message_id.as_deref(), Some("m1@klant.example"));
        assert_eq!(mail.references, ["c@b.example", "a@b.example"]);
        assert_eq!(mail.text, "Betaald, één keer.\n\n> Wilt u betalen?\n");
        assert!(mail.html.unwrap().contains("blockquote"));
    }

    #[test]
    fn keeps_every_raw_header_in_order() {
        let mail = Message::parse(b"From: a@a.example\nX-A: 1\nFrom: b@b.example\nX-A: 2\n\nhi\n").unwrap();
        let names: Vec<&str> = mail.raw_headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["from", "x-a", "from", "x-a"]);
        assert_eq!(mail.from, "b@b.example");
        assert_eq!(mail.text, "hi\n");
    }

    #[test]
    fn says_why_it_does_not_read() {
        assert_eq!(Message::parse(b"").unwrap_err(), Unreadable::NoHeaders);
        assert_eq!(Message::parse(b"just text").unwrap_err(), Unreadable::NoHeaders);
        assert!(matches!(Message::parse(&vec![b'a'; MAX_BYTES + 1]), Err(Unreadable::TooLarge(_))));
        assert!(matches!(Message::parse(&b"A: b\n".repeat(MAX_HEADERS + 1)), Err(Unreadable::TooComplex(_))));
        let mut deep = String::new();
        for level in 0..60 {
            deep += &format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n");
        }
        assert!(matches!(Message::parse(deep.as_bytes()), Err(Unreadable::TooComplex(_))));
        let nested = "Content-Type: message/rfc822\n\n".repeat(10_000);
        assert!(matches!(Message::parse(nested.as_bytes()), Err(Unreadable::TooComplex(_))));
    }

    #[test]
    fn western_letters_without_a_charset() {
        let mail = Message::parse(b"From: a@b.example\n\nBetaald: \x80 5, \xe9\xe9n keer\n").unwrap();
        assert_eq!(mail.text, "Betaald: € 5, één keer\n");
    }

    #[test]
    fn a_mail_that_is_one_named_text() {
        let raw = "From: a@b.example\nContent-Type: text/plain\nContent-Disposition: attachment; filename=\"bericht.txt\"\n\nIk betwist dit.\n";
        assert_eq!(Message::parse(raw.as_bytes()).unwrap().text, "Ik betwist dit.\n");
    }

    #[test]
    fn letters_that_are_not_what_they_say() {
        let mail = |charset: &str, words: &[u8]| {
            let head = format!("From: a@b.example\nContent-Type: text/plain; charset={charset}\n\n");
            Message::parse(&[head.as_bytes(), words].concat()).unwrap().text
        };
        assert_eq!(mail("iso-8859-1", "Wij zijn het niet één".as_bytes()), "Wij zijn het niet één");
        assert_eq!(mail("windows-1252", "“niet één”".as_bytes()), "“niet één”");
        assert_eq!(mail("windows-1252", b"E\xe9n keer"), "Eén keer");
        let cut = ["Één reünie, café, ".as_bytes(), &b"\xc3"[..]].concat();
        assert_eq!(mail("utf-8", &cut), "Één reünie, café, \u{fffd}");
        assert_eq!(mail("utf-8", b"E\xe9n caf\xe9"), "Eén café");
    }

    #[test]
    fn flowed_lines_are_joined_at_equal_depth() {
        assert_eq!(unflow("een \ntwee\n> drie \n> vier\n-- \nvijf", false), "een twee\n> drie vier\n-- \nvijf");
        assert_eq!(unflow(" >niet geciteerd", false), " >niet geciteerd");
        assert_eq!(unflow("aan \neen", true), "aaneen");
    }

    #[test]
    fn reports_and_attachments() {
        let raw = "From: MAILER-DAEMON@x.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\n\n\
            --x\n\nNot delivered.\n--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nAction: failed\n\
            --x\nContent-Type: message/rfc822\n\nMessage-ID: <1@x.example>\nSubject: s\n\nbody\n--x--\n";
        let mail = Message::parse(raw.as_bytes()).unwrap();
        assert_eq!(mail.text.trim(), "Not delivered.");
        assert_eq!(mail.report.as_ref().unwrap().kind, "delivery-status");
        assert!(mail.report.unwrap().text.contains("Action: failed"));
        assert!(mail.returned.unwrap().starts_with("Message-ID: <1@x.example>"));
        assert!(mail.attachments.is_empty());
        let raw = "From: a@x.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nZie bijlage\n--x\n\
            Content-Type: application/pdf; name=\"../Betaalbewijs.pdf\"\nContent-Transfer-Encoding: base64\n\nAAEC\n--x--\n";
        let mail = Message::parse(raw.as_bytes()).unwrap();
        assert_eq!(
            (mail.attachments[0].name.as_str(), &mail.attachments[0].bytes[..]),
            ("Betaalbewijs.pdf", &[0, 1, 2][..])
        );
    }

    #[test]
    fn a_winmail_is_unwrapped() {
        let wrapped = tnef::tests::winmail("Betaald, zie bijlage.", "../Betaalbewijs.pdf", b"%PDF");
        let head = b"From: a@x.example\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: 8bit\n\n";
        let mail = Message::parse(&[&head[..], &wrapped].concat()).unwrap();
        assert_eq!(mail.text, "Betaald, zie bijlage.");
        let file = &mail.attachments[0];
        assert_eq!((file.name.as_str(), &file.bytes[..]), ("Betaalbewijs.pdf", &b"%PDF"[..]));
    }

    #[test]
    fn an_invitation_is_read_as_its_words() {
        let raw = "From: a@x.example\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\nSUMMARY:Bellen over uw rekening\nEND:VCALENDAR\n";
        assert_eq!(Message::parse(raw.as_bytes()).unwrap().text, "Bellen over uw rekening");
    }

    #[test]
    fn words_without_a_boundary_are_not_lost() {
        let raw = "From: a@x.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: multipart/alternative;\nboundary=y\n\n\
            --y\nContent-Type: text/plain\n\nWij betwisten deze factuur.\n--y--\n--x--\n";
        let mail = Message::parse(raw.as_bytes()).unwrap();
        assert_eq!(mail.text, "Wij betwisten deze factuur.");
        assert_eq!(mail.warnings.len(), 1);
    }

    /// Cut and damaged mails: read or refused, never a panic (RFC 5322 says nothing about what arrives).
    #[test]
    fn damaged_mails_do_not_break_the_reader() {
        let mut seed = 7u64;
        let mut next = || {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) as usize
        };
        for cut in 0..PHONE.len() {
            assert_ne!(Message::parse(&PHONE.as_bytes()[..cut]).err(), Some(Unreadable::Panicked));
        }
        for _ in 0..2_000 {
            let mut raw = PHONE.as_bytes().to_vec();
            for _ in 0..1 + next() % 8 {
                let at = next() % raw.len();
                raw[at] = next() as u8;
            }
            assert_ne!(Message::parse(&raw).err(), Some(Unreadable::Panicked));
        }
    }
}
