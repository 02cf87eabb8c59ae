//! The characters of text files: UTF-8, UTF-16 with a mark, else one of the two code pages that banks still write.

use super::statement::StatementFault;
use std::borrow::Cow;

/// A file as text. Bytes that are no UTF-8 are code page 850 (DOS) or Windows-1252, whichever gives letters.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, StatementFault> {
    match bytes {
        [0xff, 0xfe, ..] => return utf16(bytes, u16::from_le_bytes),
        [0xfe, 0xff, ..] => return utf16(bytes, u16::from_be_bytes),
        _ => {}
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text.trim_start_matches('\u{feff}')));
    }
    let page = if is_dos(bytes) { dos } else { windows };
    Ok(Cow::Owned(bytes.iter().copied().map(|byte| if byte < 0x80 { char::from(byte) } else { page(byte) }).collect()))
}

pub(super) fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, StatementFault> {
    let fault = || StatementFault::new(None, "the file is not valid UTF-16");
    let pairs = bytes.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return Err(fault());
    }
    let units = pairs.skip(1).map(|pair| unit([pair[0], pair[1]]));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    text.map(Cow::Owned).map_err(|_| fault())
}

/// In DOS pages letters stand where Windows has signs, and most of Windows' letters are frames for boxes.
fn is_dos(bytes: &[u8]) -> bool {
    let high = |from: u8, to: u8| bytes.iter().filter(|byte| (from..=to).contains(*byte)).count();
    high(0x80, 0xa5) > high(0xc0, 0xff)
}

fn windows(byte: u8) -> char {
    const SIGNS: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
    match byte {
        0x80..=0x9f => SIGNS.chars().nth(usize::from(byte - 0x80)).unwrap_or(' '),
        _ => char::from(byte),
    }
}

fn dos(byte: u8) -> char {
    const LETTERS: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑ";
    match byte {
        0x80..=0xa5 => LETTERS.chars().nth(usize::from(byte - 0x80)).unwrap_or(' '),
        0xe1 => 'ß',
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_pages() {
        assert_eq!(decode("Gebühr €".as_bytes()).unwrap(), "Gebühr €");
        assert_eq!(decode(b"Geb\xfchr \x80 5, M\xfcller").unwrap(), "Gebühr € 5, Müller");
        assert_eq!(decode(b"Geb\x81hr M\x81ller Stra\xe1e").unwrap(), "Gebühr Müller Straße");
        assert_eq!(decode(b"\xff\xfea\0\xfc\0").unwrap(), "aü");
        assert!(decode(b"\xff\xfea").is_err(), "half a character");
    }
}
