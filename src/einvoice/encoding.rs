//! Bytes to text: UTF-8, UTF-16, and the Western code pages that an XML declaration may name. Never guesses a
//! code page: a name that is wrong by one letter looks careless in a letter.

use super::{InvoiceFault, position};
use std::borrow::Cow;

/// The text without its byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, InvoiceFault> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [b'<', 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0, b'<', ..] => utf16(bytes, u16::from_be_bytes),
        _ => declared(bytes),
    }
}

/// A table that says nothing of its encoding: UTF-8 when it is that, else Windows-1252, which programs on Windows write.
/// The two are not mistaken for each other: letters with accents in Windows-1252 are hardly ever valid UTF-8.
pub(super) fn decode_table(bytes: &[u8]) -> Result<String, InvoiceFault> {
    let text = match bytes {
        [0xEF, 0xBB, 0xBF, ..] | [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => decode(bytes)?.into_owned(),
        _ => match utf8(bytes) {
            Ok(text) => text.into_owned(),
            Err(cut) if cut.incomplete => return Err(cut),
            Err(_) => western(bytes, windows_1252).into_owned(),
        },
    };
    let odd = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n');
    match text.find(odd) {
        None => Ok(text),
        Some(offset) => {
            let reason = "this is no text: it has control characters; export the list as CSV in UTF-8";
            Err(InvoiceFault::new(reason).at(position(&text, offset)))
        }
    }
}

fn declared(bytes: &[u8]) -> Result<Cow<'_, str>, InvoiceFault> {
    let Some(name) = declared_name(bytes) else { return utf8(bytes) };
    match name.as_str() {
        // Declared UTF-16 although the declaration itself reads as bytes: written by software that forgot to change it.
        "utf-8" | "utf8" | "us-ascii" | "ascii" | "utf-16" | "unicode" => utf8(bytes),
        // As browsers do: the control characters of ISO-8859-1 mean nothing in a text, those of windows-1252 do.
        "iso-8859-1" | "latin1" | "latin-1" | "windows-1252" | "cp1252" => Ok(western(bytes, windows_1252)),
        "iso-8859-15" | "latin9" | "latin-9" => Ok(western(bytes, iso_8859_15)),
        other => Err(InvoiceFault::new(format!(
            "the file says that it is in the encoding {other:?}, which is not read: save it as UTF-8"
        ))
        .at((1, 1))),
    }
}

/// The encoding in an XML declaration, in lower case.
fn declared_name(bytes: &[u8]) -> Option<String> {
    let start = bytes.get(..256).unwrap_or(bytes);
    let start = String::from_utf8_lossy(start);
    let (declaration, _) = start.trim_start().strip_prefix("<?xml")?.split_once("?>")?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value.get(1..)?.split(quote).next().map(|name| name.trim().to_ascii_lowercase())
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, InvoiceFault> {
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|fault| {
        let good = bytes.get(..fault.valid_up_to()).map(String::from_utf8_lossy).unwrap_or_default();
        let place = position(&good, good.len());
        match fault.error_len() {
            None => InvoiceFault::new("the file ends within a character: it is not complete").at(place).incomplete(),
            Some(_) => InvoiceFault::new("this is not UTF-8 text: save the file as UTF-8").at(place),
        }
    })
}

fn utf16(bytes: &[u8], join: fn([u8; 2]) -> u16) -> Result<Cow<'static, str>, InvoiceFault> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(InvoiceFault::new("the UTF-16 text ends within a character: it is not complete").incomplete());
    }
    char::decode_utf16(pairs.iter().map(|pair| join(*pair)))
        .collect::<Result<String, _>>()
        .map(Cow::Owned)
        .map_err(|_| InvoiceFault::new("this is not valid UTF-16 text: save the file as UTF-8"))
}

fn western(bytes: &[u8], high: fn(u8) -> char) -> Cow<'static, str> {
    Cow::Owned(bytes.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { high(*byte) }).collect())
}

fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
    ];
    let at = usize::from(byte.wrapping_sub(0x80));
    HIGH.get(at).copied().unwrap_or(char::from(byte))
}

fn iso_8859_15(byte: u8) -> char {
    match byte {
        0xA4 => '€',
        0xA6 => 'Š',
        0xA8 => 'š',
        0xB4 => 'Ž',
        0xB8 => 'ž',
        0xBC => 'Œ',
        0xBD => 'œ',
        0xBE => 'Ÿ',
        other => char::from(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "<?xml version='1.0' encoding='utf-16'?><a>Café €</a>";

    #[test]
    fn reads_what_the_file_says_it_is() {
        let little: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&little).unwrap(), TEXT);
        assert_eq!(decode(&big).unwrap(), TEXT);
        assert_eq!(decode(&[&[0xFF, 0xFE], &little[..]].concat()).unwrap(), TEXT);
        assert_eq!(decode(&[&[0xFE, 0xFF], &big[..]].concat()).unwrap(), TEXT);
        assert_eq!(decode(&[b"\xEF\xBB\xBF", TEXT.as_bytes()].concat()).unwrap(), TEXT);
        assert_eq!(decode(TEXT.as_bytes()).unwrap(), TEXT);
        let latin = b"<?xml version=\"1.0\" encoding = \"ISO-8859-1\"?><a>Caf\xE9 \x80</a>";
        assert!(decode(latin).unwrap().ends_with("<a>Café €</a>"));
        let latin9 = b"<?xml version='1.0' encoding='iso-8859-15'?><a>Caf\xE9 \xA4</a>";
        assert!(decode(latin9).unwrap().ends_with("<a>Café €</a>"));
    }

    #[test]
    fn refuses_what_is_no_text() {
        let fault = decode(b"<a>\nCaf\xE9 x</a>").unwrap_err();
        assert_eq!((fault.line, fault.column, fault.incomplete), (Some(2), Some(4), false));
        assert!(decode(b"<a>Caf\xC3").unwrap_err().incomplete);
        assert!(decode(b"\xFF\xFE<\0a").unwrap_err().incomplete);
        assert!(decode(b"\xFF\xFE\x00\xD8a\0").unwrap_err().reason.contains("UTF-16"));
        assert!(decode(b"<?xml version='1.0' encoding='EBCDIC-NL'?><a/>").unwrap_err().reason.contains("ebcdic-nl"));
    }
}
