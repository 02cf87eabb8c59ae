//! Letters that are not what a mail says they are: its parts name a charset, and some name the wrong one.

use mail_parser::decoders::{
    base64::base64_decode, charsets::map::charset_decoder, quoted_printable::quoted_printable_decode,
};
use mail_parser::{Encoding, MessagePart, MimeHeaders};

/// The text of a part as it must have been meant, when that is not the `text` that its charset makes of it.
pub fn other_than_said(raw: &[u8], part: &MessagePart<'_>, text: &str) -> Option<String> {
    let is_broken = text.contains('\u{fffd}');
    in_unicode(raw, part, text).or_else(|| is_broken.then(|| in_western_letters(raw, part)).flatten())
}

/// A part in windows-1252 that says nothing, or the wrong thing, about its letters.
fn in_western_letters(raw: &[u8], part: &MessagePart<'_>) -> Option<String> {
    let bytes = undecoded(raw, part)?;
    if bytes.is_empty() || is_nearly_unicode(&bytes) {
        return None;
    }
    let declared = declared_charset(part);
    let guess = matches!(declared.as_str(), "us-ascii" | "ascii" | "utf-8" | "utf8")
        || charset_decoder(declared.as_bytes()).is_none();
    guess.then(|| charset_decoder(b"windows-1252").map(|decode| decode(&bytes))).flatten()
}

/// UTF-8 but for a broken letter here and there, as where a text was cut.
fn is_nearly_unicode(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let broken = text.chars().filter(|c| *c == '\u{fffd}').count();
    text.chars().filter(|c| !c.is_ascii()).count() > 2 * broken || broken == 0
}

/// A part in UTF-8 that says it has an older charset of one byte a letter: hardly any text is both.
fn in_unicode(raw: &[u8], part: &MessagePart<'_>, text: &str) -> Option<String> {
    const OF_ONE_BYTE: [&str; 5] = ["iso-8859-", "iso8859", "windows-125", "cp125", "latin"];
    let declared = declared_charset(part);
    if text.is_ascii() || !OF_ONE_BYTE.iter().any(|name| declared.starts_with(name)) {
        return None;
    }
    String::from_utf8(undecoded(raw, part)?).ok()
}

fn declared_charset(part: &MessagePart<'_>) -> String {
    part.content_type().and_then(|kind| kind.attribute("charset")).unwrap_or("us-ascii").to_lowercase()
}

/// The bytes of a part before its charset was looked at.
fn undecoded(raw: &[u8], part: &MessagePart<'_>) -> Option<Vec<u8>> {
    match part.encoding {
        Encoding::None => Some(raw.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
        Encoding::Base64 => base64_decode(raw),
    }
}
