//! Outgoing mail: header hygiene, MIME, final bytes. Never reads a clock, never draws a random number: the same draft
//! gives the same bytes, so a retry sends what was stored.

use super::message::Attachment;
use super::own::{COVERS_HEADER, ID_HEADER};
use crate::letter::plain::one_line;
use chrono::{DateTime, Datelike, FixedOffset};
use lettre::Address;
use lettre::message::header::{
    ContentDisposition, ContentId, ContentTransferEncoding, ContentType, HeaderName, HeaderValue,
};
use lettre::message::{Mailbox, Message, MessageBuilder, MultiPart, SinglePart};
use sha2::{Digest, Sha256};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, SystemTime};

/// Longest display name, subject and file name, in characters: none can fill a header line (RFC 5322 2.1.1: 998 bytes).
const LONGEST_NAME: usize = 100;
const LONGEST_SUBJECT: usize = 200;
/// Longest identifier in Message-ID and References, in bytes; they cannot be folded.
const LONGEST_ID: usize = 250;
/// Characters of a line that is folded, without its CRLF.
const LONGEST_LINE: usize = 76;
/// The References kept: the first one, that names the thread, and this many of the last (RFC 5537 3.4.4 cuts alike).
const REFERENCES_KEPT: usize = 20;

/// A mail to be built. Every text is cleaned of control and direction characters before it enters a header.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Display name and address of the sender.
    pub from: (String, String),
    /// Display name and address of the one recipient.
    pub to: (String, String),
    pub reply_to: Option<String>,
    pub subject: String,
    /// Without angle brackets.
    pub message_id: String,
    /// What a letter covers, as [`super::own::sealed`] writes it; no mail to the owner has it.
    pub covers: Option<String>,
    /// Without angle brackets, oldest first; the last one is the In-Reply-To. What is no identifier is left out.
    pub references: Vec<String>,
    pub date: DateTime<FixedOffset>,
    pub text: String,
    pub html: String,
    /// Pictures that the HTML shows, each as `cid:` and its id.
    pub pictures: Vec<Picture>,
    pub attachments: Vec<Attachment>,
}

/// A picture inside the HTML (RFC 2387, RFC 2392).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// `left@right` without angle brackets; new in the world, like a Message-ID.
    pub content_id: String,
    pub png: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeFault {
    #[error("{0:?} is not a mail address that can be written to")]
    Address(String),
    #[error("the letter would be empty")]
    Empty,
    #[error("the mail could not be built: {0}")]
    Build(String),
}

/// The final bytes, CRLF line ends, quoted-printable or base64 bodies, `Auto-Submitted: auto-generated`,
/// deterministic for the same draft.
///
/// Addresses are one plain `local@domain` in ASCII (RFC 5321 4.1.2 without quoting); a domain in another script must
/// be given in its `xn--` form.
pub fn compose(draft: &Draft) -> Result<Vec<u8>, ComposeFault> {
    if [&draft.subject, &draft.text, &draft.html].iter().any(|part| one_line(part, 10).is_empty()) {
        return Err(ComposeFault::Empty);
    }
    let from = mailbox(&draft.from.0, &draft.from.1)?;
    let to = mailbox(&draft.to.0, &draft.to.1)?;
    let reply_to = draft.reply_to.as_deref().map(|address| mailbox("", address)).transpose()?;
    if !is_id(&draft.message_id) {
        return Err(ComposeFault::Build(format!("{:?} is not a message id", draft.message_id)));
    }
    if let Some(picture) = draft.pictures.iter().find(|picture| !is_id(&picture.content_id)) {
        return Err(ComposeFault::Build(format!("{:?} is not the id of a picture", picture.content_id)));
    }
    // lettre panics on some inputs; whatever is left of that after cleaning must not take the daemon down.
    let built = catch_unwind(AssertUnwindSafe(|| built(draft, from, to, reply_to)));
    let bytes = built.unwrap_or_else(|_| Err(ComposeFault::Build("the mail library broke on it".to_owned())))?;
    if has_bare_line_end(&bytes) {
        return Err(ComposeFault::Build("a line does not end in CRLF".to_owned()));
    }
    Ok(bytes)
}

fn built(draft: &Draft, from: Mailbox, to: Mailbox, reply_to: Option<Mailbox>) -> Result<Vec<u8>, ComposeFault> {
    let fault = |reason: &dyn ToString| ComposeFault::Build(reason.to_string());
    let (instant, date) = dates(draft.date)?;
    let id = format!("<{}>", draft.message_id);
    let mut builder: MessageBuilder = Message::builder().from(from).to(to).date(instant);
    if let Some(address) = reply_to {
        builder = builder.reply_to(address);
    }
    builder = builder.subject(header_text(&draft.subject, LONGEST_SUBJECT)).message_id(Some(id));
    let references = references(&draft.references);
    if let Some(last) = references.last() {
        builder = builder.in_reply_to(last.clone()).references(references.join(" "));
    }
    builder =
        builder.raw_header(header("Auto-Submitted", "auto-generated")).raw_header(header(ID_HEADER, &draft.message_id));
    if let Some(covers) = &draft.covers {
        builder = builder.raw_header(folded(COVERS_HEADER, covers)?);
    }
    let mut message = builder.multipart(content(draft)?).map_err(|e| fault(&e))?;
    // lettre writes every Date in UTC; people read it in the sender's zone.
    message.headers_mut().insert_raw(date);
    Ok(message.formatted())
}

/// multipart/mixed(multipart/alternative(text, multipart/related(html, pictures)), attachments); what is not needed of
/// it is left out.
fn content(draft: &Draft) -> Result<MultiPart, ComposeFault> {
    let alternative = MultiPart::alternative()
        .boundary(boundary("alternative", &draft.message_id))
        .singlepart(readable_part(ContentType::TEXT_PLAIN, &draft.text));
    let html = readable_part(ContentType::TEXT_HTML, &draft.html);
    let readable = match draft.pictures.is_empty() {
        true => alternative.singlepart(html),
        false => alternative.multipart(with_pictures(html, draft)?),
    };
    if draft.attachments.is_empty() {
        return Ok(readable);
    }
    let mut mixed = MultiPart::mixed().boundary(boundary("mixed", &draft.message_id)).multipart(readable);
    for attachment in &draft.attachments {
        mixed = mixed.singlepart(attached(attachment)?);
    }
    Ok(mixed)
}

/// RFC 2387 3.1 wants the type of the first part named, which the library's own builder leaves out.
fn with_pictures(html: SinglePart, draft: &Draft) -> Result<MultiPart, ComposeFault> {
    let boundary = boundary("related", &draft.message_id);
    let mut related = MultiPart::builder()
        .header(content_type(&format!("multipart/related; type=\"text/html\"; boundary=\"{boundary}\""))?)
        .singlepart(html);
    let kind = content_type("image/png")?;
    for Picture { content_id, png } in &draft.pictures {
        related = related.singlepart(
            SinglePart::builder()
                .header(kind.clone())
                .header(ContentDisposition::inline())
                .header(ContentId::from(format!("<{content_id}>")))
                .header(ContentTransferEncoding::Base64)
                .body(png.clone()),
        );
    }
    Ok(related)
}

fn content_type(text: &str) -> Result<ContentType, ComposeFault> {
    ContentType::parse(text).map_err(|e| ComposeFault::Build(e.to_string()))
}

fn readable_part(kind: ContentType, text: &str) -> SinglePart {
    SinglePart::builder().header(kind).header(ContentTransferEncoding::QuotedPrintable).body(body_text(text))
}

/// Always base64. A mail or multipart attached may not be base64 (RFC 2046 5.2.1), so it goes as a plain file.
fn attached(attachment: &Attachment) -> Result<SinglePart, ComposeFault> {
    let mime = attachment.mime.trim().to_ascii_lowercase();
    let container = mime.starts_with("message/") || mime.starts_with("multipart/");
    let clean = !container && mime.is_ascii() && mime.len() <= LONGEST_NAME;
    let kind = Some(mime).filter(|_| clean).and_then(|mime| ContentType::parse(&mime).ok());
    let plain = || content_type("application/octet-stream");
    let name = Some(file_name(&attachment.name)).filter(|name| !name.is_empty());
    Ok(SinglePart::builder()
        .header(kind.map_or_else(plain, Ok)?)
        .header(ContentDisposition::attachment(&name.unwrap_or_else(|| "attachment".to_owned())))
        .header(ContentTransferEncoding::Base64)
        .body(attachment.bytes.clone()))
}

fn mailbox(name: &str, address: &str) -> Result<Mailbox, ComposeFault> {
    let name = Some(header_text(name, LONGEST_NAME)).filter(|name| !name.is_empty());
    let refused = || ComposeFault::Address(one_line(address, LONGEST_NAME));
    let plain = Some(address).filter(|a| is_plain_address(a)).ok_or_else(refused)?;
    Ok(Mailbox::new(name, plain.parse::<Address>().map_err(|_| refused())?))
}

/// One dot-atom, one `@`, one domain of letters, digits and hyphens; nothing that any reader could take for two
/// addresses, a group, a comment or a route.
fn is_plain_address(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else { return false };
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    local.len() <= 64
        && domain.len() <= 255
        && local.split('.').all(|part| !part.is_empty() && part.chars().all(atom))
        && domain.split('.').all(label)
}

/// One line for a header; `=?` would be read as an encoded word (RFC 2047) of the writer's making.
fn header_text(text: &str, limit: usize) -> String {
    one_line(&one_line(text, limit).replace("=?", "= ?"), limit)
}

/// A name without folders and without characters that a file system or a header parameter trips over.
fn file_name(name: &str) -> String {
    let odd = |c: char| matches!(c, '/' | '\\' | '"' | ':' | '*' | '?' | '<' | '>' | '|' | ';');
    header_text(name, LONGEST_NAME).replace(odd, "_").trim_start_matches('.').trim().to_owned()
}

/// Line feeds only (the encoder makes them CRLF), and no other control character than a tab.
fn body_text(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    lines.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// `left@right` in visible ASCII without brackets (RFC 5322 3.6.4, without the obsolete forms).
fn is_id(id: &str) -> bool {
    let visible = id.bytes().all(|b| b.is_ascii_graphic() && !b"<>()[],;:\\\"".contains(&b));
    let halves = id.split_once('@').is_some_and(|(l, r)| !l.is_empty() && !r.is_empty() && !r.contains('@'));
    visible && halves && id.len() <= LONGEST_ID
}

fn references(ids: &[String]) -> Vec<String> {
    let sound: Vec<String> = ids.iter().filter(|id| is_id(id)).map(|id| format!("<{id}>")).collect();
    match sound.split_first() {
        Some((first, rest)) if rest.len() > REFERENCES_KEPT => {
            std::iter::once(first).chain(&rest[rest.len() - REFERENCES_KEPT..]).cloned().collect()
        }
        Some(_) | None => sound,
    }
}

/// The date for lettre, and the header in the sender's own zone (RFC 5322 3.3).
fn dates(date: DateTime<FixedOffset>) -> Result<(SystemTime, HeaderValue), ComposeFault> {
    let seconds = u64::try_from(date.timestamp()).ok().filter(|_| date.year() < 9999);
    let seconds = seconds.ok_or_else(|| ComposeFault::Build(format!("no mail is dated {date}")))?;
    let written = date.to_rfc2822();
    let name = HeaderName::new_from_ascii_str("Date");
    let value = HeaderValue::dangerous_new_pre_encoded(name, written.clone(), written);
    Ok((SystemTime::UNIX_EPOCH + Duration::from_secs(seconds), value))
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// Visible ASCII, folded at its spaces so that no line is longer than 76 characters, unless one word is (RFC 5322 2.1.1).
fn folded(name: &'static str, value: &str) -> Result<HeaderValue, ComposeFault> {
    if !value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') || value.split(' ').any(str::is_empty) {
        return Err(ComposeFault::Build(format!("{value:?} is no value for {name}")));
    }
    let (mut lines, mut column) = (String::new(), name.len() + 1);
    for word in value.split(' ') {
        let fits = lines.is_empty() || column + 1 + word.len() <= LONGEST_LINE;
        column = if fits { column + 1 + word.len() } else { 1 + word.len() };
        let before = match (lines.is_empty(), fits) {
            (true, _) => "",
            (false, true) => " ",
            (false, false) => "\r\n ",
        };
        lines.push_str(before);
        lines.push_str(word);
    }
    let name = HeaderName::new_from_ascii_str(name);
    Ok(HeaderValue::dangerous_new_pre_encoded(name, value.to_owned(), lines))
}

/// `=_` can stand in neither quoted-printable nor base64 (RFC 2045 6.7), so the boundary is in no body.
fn boundary(part: &str, message_id: &str) -> String {
    let hash = Sha256::digest(format!("{part}\0{message_id}"));
    let hex: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("=_{hex}")
}

/// SMTP smuggling lives on a CR or LF that is alone.
fn has_bare_line_end(bytes: &[u8]) -> bool {
    let before = |index: usize| index.checked_sub(1).and_then(|i| bytes.get(i));
    bytes.iter().enumerate().any(|(index, byte)| match byte {
        b'\r' => bytes.get(index + 1) != Some(&b'\n'),
        b'\n' => before(index) != Some(&b'\r'),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::{MessageParser, MimeHeaders};
    use proptest::prelude::*;

    fn draft() -> Draft {
        Draft {
            from: ("Voorbeeldbedrijf B.V.".to_owned(), "debiteuren@voorbeeldbedrijf.example".to_owned()),
            to: ("Jansen Bouw B.V.".to_owned(), "administratie@jansenbouw.example".to_owned()),
            reply_to: Some("debiteuren+abcdefgh2345@voorbeeldbedrijf.example".to_owned()),
            subject: "Betalingsherinnering: factuur 2026-0412".to_owned(),
            message_id: "abc.def@voorbeeldbedrijf.example".to_owned(),
            covers: None,
            references: vec!["first@x.example".to_owned(), "last@x.example".to_owned()],
            date: DateTime::parse_from_rfc3339("2026-11-03T10:15:00+01:00").unwrap(),
            text: "Geachte mevrouw,\n\nU bent één keer € 1.210,00 verschuldigd. Dit = teken.\n.\nGroet\n".to_owned(),
            html: "<p>één keer € 1.210,00</p>".to_owned(),
            pictures: vec![],
            attachments: vec![],
        }
    }

    /// Every header line of the head: name and unfolded value.
    fn head(bytes: &[u8]) -> Vec<(String, String)> {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ").replace("\r\n\t", " ");
        head.split("\r\n").map(|l| l.split_once(": ").expect(l)).map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
    }

    fn names(bytes: &[u8]) -> Vec<String> {
        head(bytes).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn a_letter_reads_back_as_it_was_written() {
        let bytes = compose(&draft()).unwrap();
        let mail = MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(mail.subject(), Some("Betalingsherinnering: factuur 2026-0412"));
        assert_eq!(mail.message_id(), Some("abc.def@voorbeeldbedrijf.example"));
        assert_eq!(mail.in_reply_to().as_text(), Some("last@x.example"));
        assert_eq!(mail.references().as_text_list().unwrap(), ["first@x.example", "last@x.example"]);
        assert_eq!(mail.body_text(0).unwrap().replace("\r\n", "\n").trim_end(), draft().text.trim_end());
        assert_eq!(mail.body_html(0).unwrap().trim_end(), draft().html);
        let head = head(&bytes);
        let value = |name: &str| head.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        assert_eq!(value("Date"), Some("Tue, 3 Nov 2026 10:15:00 +0100"));
        assert_eq!(value("Auto-Submitted"), Some("auto-generated"));
        assert_eq!(value("X-Aanmaand-Id"), Some("abc.def@voorbeeldbedrijf.example"));
        assert_eq!(value("Reply-To"), Some("debiteuren+abcdefgh2345@voorbeeldbedrijf.example"));
        assert_eq!(value("MIME-Version"), Some("1.0"));
        assert!(!has_bare_line_end(&bytes) && bytes.is_ascii());
    }

    #[test]
    fn a_picture_stands_beside_its_html() {
        let mut letter = draft();
        letter.html = "<p>x</p><img src=\"cid:qr.abc@x.example\">".to_owned();
        letter.pictures =
            vec![Picture { content_id: "qr.abc@x.example".to_owned(), png: b"\x89PNG\r\n\x1a\n\0".to_vec() }];
        for files in [0, 1] {
            letter.attachments =
                vec![Attachment { name: "a.pdf".into(), mime: "application/pdf".into(), bytes: vec![7; 99] }; files];
            let bytes = compose(&letter).unwrap();
            assert!(!has_bare_line_end(&bytes));
            let mail = MessageParser::default().parse(&bytes).unwrap();
            let part = |kind: &str| {
                mail.parts.iter().position(|p| {
                    p.content_type()
                        .is_some_and(|c| format!("{}/{}", c.ctype(), c.subtype().unwrap_or_default()) == kind)
                })
            };
            let children = |kind: &str| match &mail.parts[part(kind).unwrap()].body {
                mail_parser::PartType::Multipart(parts) => parts.iter().map(|p| *p as usize).collect::<Vec<_>>(),
                other => panic!("{other:?}"),
            };
            let place = |kind: &str| part(kind).unwrap();
            assert_eq!(children("multipart/alternative"), [place("text/plain"), place("multipart/related")]);
            assert_eq!(children("multipart/related"), [place("text/html"), place("image/png")]);
            let picture = &mail.parts[place("image/png")];
            assert_eq!(picture.content_id(), Some("qr.abc@x.example"));
            assert_eq!(picture.contents(), letter.pictures[0].png);
            let related = mail.parts[place("multipart/related")].content_type().unwrap();
            assert_eq!(related.attribute("type"), Some("text/html"), "RFC 2387 3.1");
            assert_eq!(mail.body_html(0).unwrap().trim_end(), letter.html);
            assert_eq!(part("multipart/mixed").is_some(), files > 0);
        }
        letter.pictures[0].content_id = "no id".to_owned();
        assert!(matches!(compose(&letter), Err(ComposeFault::Build(_))));
    }

    #[test]
    fn the_same_draft_gives_the_same_bytes() {
        let mut with_file = draft();
        with_file.attachments =
            vec![Attachment { name: "a.pdf".into(), mime: "application/pdf".into(), bytes: vec![7; 99] }];
        assert_eq!(compose(&with_file).unwrap(), compose(&with_file).unwrap());
        let other = Draft { message_id: "other@x.example".to_owned(), ..with_file.clone() };
        assert_ne!(compose(&with_file).unwrap(), compose(&other).unwrap());
    }

    #[test]
    fn attachments_arrive_whole() {
        let file = |name: &str, mime: &str, bytes: Vec<u8>| Attachment { name: name.into(), mime: mime.into(), bytes };
        let megabyte: Vec<u8> = (0..1_048_576u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let mut letter = draft();
        letter.attachments = vec![
            file("2026-0412.pdf", "application/pdf", megabyte),
            file("../../Überweisung\r\n\"x\".pdf", "nonsense\r\nX: y", b"\r.\r\n.\r\n\n".to_vec()),
            file("\r\n", "message/rfc822", b"From: a@b.example\n\nhello\n".to_vec()),
        ];
        let bytes = compose(&letter).unwrap();
        assert!(!has_bare_line_end(&bytes));
        let mail = MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(mail.attachment_count(), 3);
        for (index, sent) in letter.attachments.iter().enumerate() {
            assert_eq!(mail.attachment(index as u32).unwrap().contents(), sent.bytes, "{index}");
        }
        let name = |index: u32| mail.attachment(index).unwrap().attachment_name().map(str::to_owned);
        assert_eq!(name(0).unwrap(), "2026-0412.pdf");
        assert_eq!(name(1).unwrap(), "_.._Überweisung _x_.pdf");
        assert_eq!(name(2).unwrap(), "attachment");
        assert_eq!(mail.attachment(2).unwrap().content_type().unwrap().ctype(), "application");
    }

    #[test]
    fn addresses_that_are_not_one_plain_address_are_refused() {
        let long = format!("{}@x.example", "a".repeat(65));
        for bad in [
            "",
            "a",
            "@",
            "a@",
            "@b.example",
            "a@b.example, c@d.example",
            "a@b.example,c@d.example",
            "a@b.example;c@d.example",
            "a@b@c.example",
            "group: a@b.example;",
            "A <a@b.example>",
            "a@b.example\r\nBcc: c@d.example",
            "a@b.example\n",
            " a@b.example",
            "a b@c.example",
            "a@bücher.example",
            "ä@b.example",
            "a@[127.0.0.1]",
            "a@-b.example",
            "a@b..example",
            ".a@b.example",
            "a@b.example.",
            "\"a b\"@c.example",
            "a(comment)@b.example",
            "a\0@b.example",
            "a%\u{202E}@b.example",
            &long,
        ] {
            let to = Draft { to: (String::new(), bad.to_owned()), ..draft() };
            assert!(matches!(compose(&to), Err(ComposeFault::Address(_))), "{bad:?}");
            let reply = Draft { reply_to: Some(bad.to_owned()), ..draft() };
            assert!(matches!(compose(&reply), Err(ComposeFault::Address(_))), "{bad:?}");
        }
        for good in ["a@b.example", "o'neill+tag@sub.b-c.example", "a@xn--bcher-kva.example", "x@localhost"] {
            assert!(compose(&Draft { to: ("N".to_owned(), good.to_owned()), ..draft() }).is_ok(), "{good}");
        }
    }

    #[test]
    fn nothing_empty_and_nothing_without_an_identity_leaves() {
        let cases = [
            Draft { subject: "\r\n\u{202E}".to_owned(), ..draft() },
            Draft { text: " \n".to_owned(), ..draft() },
            Draft { html: String::new(), ..draft() },
        ];
        for case in cases {
            assert_eq!(compose(&case), Err(ComposeFault::Empty));
        }
        for id in ["", "no-at", "a@b\r\nX: y", "<a@b>", "a b@c", "a@b@c", "é@b"] {
            assert!(
                matches!(compose(&Draft { message_id: id.to_owned(), ..draft() }), Err(ComposeFault::Build(_))),
                "{id:?}"
            );
        }
        let long_ago = DateTime::parse_from_rfc3339("1900-01-01T00:00:00Z").unwrap();
        assert!(matches!(compose(&Draft { date: long_ago, ..draft() }), Err(ComposeFault::Build(_))));
    }

    #[test]
    fn references_are_cleaned_and_bounded() {
        let mut letter = draft();
        letter.references = (0..100).map(|n| format!("id{n}@x.example")).collect();
        letter.references.insert(50, "bad\r\nBcc: x@y.example".to_owned());
        letter.references.push("<also@bad.example>".to_owned());
        let bytes = compose(&letter).unwrap();
        let mail = MessageParser::default().parse(&bytes).unwrap();
        let kept = mail.references().as_text_list().unwrap();
        assert_eq!((kept.len(), &*kept[0], &*kept[20]), (21, "id0@x.example", "id99@x.example"));
        assert_eq!(mail.in_reply_to().as_text(), Some("id99@x.example"));
        let without = compose(&Draft { references: vec![], ..draft() }).unwrap();
        assert!(!names(&without).iter().any(|name| name == "References" || name == "In-Reply-To"));
    }

    #[test]
    fn long_subjects_fold() {
        for subject in
            ["x".repeat(5_000), "é".repeat(5_000), "woord ".repeat(500), "=?utf-8?q?=0D=0ABcc:_x?=".repeat(9)]
        {
            let bytes = compose(&Draft { subject: subject.clone(), ..draft() }).unwrap();
            let text = String::from_utf8(bytes.clone()).unwrap();
            assert!(text.split("\r\n").all(|line| line.len() <= 998), "{subject}");
            let read = MessageParser::default().parse(&bytes).unwrap().subject().unwrap().to_owned();
            assert_eq!(read, header_text(&subject, LONGEST_SUBJECT));
        }
    }

    #[test]
    fn encoded_words_of_others_are_not_decoded() {
        let trick = "=?utf-8?q?Uw_bank=0D=0ABcc:_x@y.example?=";
        let bytes =
            compose(&Draft { subject: trick.to_owned(), to: (trick.to_owned(), draft().to.1), ..draft() }).unwrap();
        let mail = MessageParser::default().parse(&bytes).unwrap();
        let shown = "= ?utf-8?q?Uw_bank=0D=0ABcc:_x@y.example?=";
        assert_eq!(mail.subject(), Some(shown));
        assert_eq!(mail.to().unwrap().first().unwrap().name(), Some(shown));
    }

    #[test]
    fn lone_carriage_returns_become_line_ends() {
        let bytes = compose(&Draft { text: "een\rtwee\r\ndrie\0\u{1b}[31m".to_owned(), ..draft() }).unwrap();
        let mail = MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(mail.body_text(0).unwrap().lines().collect::<Vec<_>>(), ["een", "twee", "drie[31m"]);
        for (bytes, bare) in [("a\r\nb\r\n", false), ("a\rb", true), ("\n", true), ("a\r\n\n", true), ("a\r", true)] {
            assert_eq!(has_bare_line_end(bytes.as_bytes()), bare, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_names_say_there_is_one_from_and_one_to(name in any::<String>(), subject in any::<String>(), nasty in "[\r\n\0\"<>@,;:=?\\\\() a-z\u{202E}é]{0,80}") {
            let subject = format!("{nasty}x{subject}");
            let letter = Draft {
                from: (nasty.clone(), draft().from.1),
                to: (format!("{name}{nasty}"), draft().to.1),
                subject: subject.clone(),
                text: format!("x{nasty}{name}"),
                ..draft()
            };
            let bytes = compose(&letter).unwrap();
            prop_assert!(!has_bare_line_end(&bytes) && bytes.is_ascii());
            prop_assert_eq!(names(&bytes), names(&compose(&draft()).unwrap()));
            let mail = MessageParser::default().parse(&bytes).unwrap();
            let from = mail.from().unwrap().clone().into_list();
            let to = mail.to().unwrap().clone().into_list();
            prop_assert_eq!((from.len(), to.len()), (1, 1));
            prop_assert_eq!(from[0].address.as_deref().unwrap_or_default(), &letter.from.1);
            prop_assert_eq!(to[0].address.as_deref().unwrap_or_default(), &letter.to.1);
            prop_assert_eq!(mail.subject().unwrap_or_default(), header_text(&subject, LONGEST_SUBJECT));
            prop_assert_eq!(to[0].name.as_deref().unwrap_or_default(), header_text(&letter.to.0, LONGEST_NAME));
        }

        #[test]
        fn any_text_keeps_its_words(text in "[ -~é€\r\n.=]{1,300}") {
            prop_assume!(!text.trim().is_empty());
            let bytes = compose(&Draft { text: text.clone(), ..draft() }).unwrap();
            prop_assert!(!has_bare_line_end(&bytes));
            let mail = MessageParser::default().parse(&bytes).unwrap();
            let read = mail.body_text(0).unwrap().replace("\r\n", "\n").trim_end().to_owned();
            prop_assert_eq!(read, body_text(&text).trim_end().to_owned());
        }
    }
}
