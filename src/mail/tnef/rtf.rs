//! The words of a mail that Outlook wrote as rich text: unpacked (MS-OXRTFCP), and read without its looks.

use super::{Bytes, narrow};

/// With this the packer's dictionary begins.
const PRELOADED: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const DICTIONARY: usize = 4096;
const PACKED: u32 = 0x7546_5a4c;
const PLAIN: u32 = 0x414c_454d;
/// Nobody writes so much by hand.
const MAX_RTF: usize = 4 * 1024 * 1024;

/// The readable text; `None` when it cannot be unpacked or says nothing.
pub fn text(packed: &[u8], codepage: u32) -> Option<String> {
    let rtf = unpacked(packed)?;
    Some(words(&rtf, codepage)).filter(|text| !text.trim().is_empty())
}

fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Bytes(packed);
    let (_, size, kind, _) = (bytes.u32()?, bytes.u32()?, bytes.u32()?, bytes.u32()?);
    match kind {
        PLAIN => Some(bytes.0.to_vec()),
        PACKED => Some(unpack(&mut bytes, usize::try_from(size).ok()?.min(MAX_RTF))),
        _ => None,
    }
}

/// Eight tokens follow a byte that tells which of them point back into the dictionary.
fn unpack(bytes: &mut Bytes<'_>, size: usize) -> Vec<u8> {
    let mut dictionary = [b' '; DICTIONARY];
    dictionary[..PRELOADED.len()].copy_from_slice(PRELOADED);
    let mut at = PRELOADED.len();
    let mut out = Vec::new();
    while let Some(flags) = bytes.take(1) {
        for bit in 0..8 {
            if out.len() >= size {
                return out;
            }
            let mut put = |byte: u8, dictionary: &mut [u8; DICTIONARY]| {
                out.push(byte);
                dictionary[at] = byte;
                at = (at + 1) % DICTIONARY;
                at
            };
            if flags[0] & (1 << bit) == 0 {
                let Some(literal) = bytes.take(1) else { return out };
                put(literal[0], &mut dictionary);
                continue;
            }
            let Some(pair) = bytes.take(2) else { return out };
            let reference = usize::from(u16::from_be_bytes([pair[0], pair[1]]));
            let (start, length) = (reference >> 4, (reference & 0xf) + 2);
            for step in 0..length {
                let byte = dictionary[(start + step) % DICTIONARY];
                if put(byte, &mut dictionary) == start && step + 1 == length {
                    return out;
                }
            }
        }
    }
    out
}

/// What stands outside the groups of fonts, colours and other looks.
fn words(rtf: &[u8], codepage: u32) -> String {
    let mut out = Vec::new();
    let mut text = String::new();
    let mut hidden: Option<usize> = None;
    let (mut depth, mut at, mut skip) = (0usize, 0usize, 0usize);
    while let Some(&byte) = rtf.get(at) {
        at += 1;
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                hidden = hidden.filter(|level| *level <= depth);
            }
            b'\\' => {
                let control = Control::read(rtf, &mut at);
                match control {
                    Control::Hex(byte) if skip == 0 => out.push(byte),
                    Control::Hex(_) => skip -= 1,
                    Control::Char(c) if hidden.is_none() => {
                        text.push_str(&narrow(&out, codepage));
                        out.clear();
                        text.push(c);
                        skip = 1;
                    }
                    Control::Char(_) => skip = 1,
                    Control::Hides if hidden.is_none() => {
                        text.push_str(&narrow(&out, codepage));
                        hidden = Some(depth);
                    }
                    Control::Line => out.push(b'\n'),
                    Control::Tab => out.push(b'\t'),
                    Control::Literal(byte) => out.push(byte),
                    Control::Hides | Control::Other => {}
                }
            }
            b'\r' | b'\n' => {}
            _ if skip > 0 => skip -= 1,
            byte => out.push(byte),
        }
        if hidden.is_some() {
            out.clear();
        }
    }
    text + &narrow(&out, codepage)
}

enum Control {
    Hex(u8),
    Char(char),
    /// What follows in this group is no text.
    Hides,
    Line,
    Tab,
    Literal(u8),
    Other,
}

impl Control {
    /// What stands behind a backslash.
    fn read(rtf: &[u8], at: &mut usize) -> Control {
        let rest = rtf.get(*at..).unwrap_or_default();
        let word = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        if word == 0 {
            *at += 1;
            return match rest {
                [b'\'', high, low, ..] => {
                    *at += 2;
                    let hex = std::str::from_utf8(&[*high, *low]).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
                    hex.map_or(Control::Other, Control::Hex)
                }
                [b'*', ..] => Control::Hides,
                [b'~', ..] => Control::Literal(b' '),
                [byte @ (b'\\' | b'{' | b'}'), ..] => Control::Literal(*byte),
                _ => Control::Other,
            };
        }
        let number = rest[word..].iter().take_while(|byte| **byte == b'-' || byte.is_ascii_digit()).take(8).count();
        let value = std::str::from_utf8(&rest[word..word + number]).ok().and_then(|n| n.parse::<i32>().ok());
        let space = usize::from(rest.get(word + number) == Some(&b' '));
        *at += word + number + space;
        match &rest[..word] {
            b"par" | b"line" | b"row" => Control::Line,
            b"tab" | b"cell" => Control::Tab,
            b"fonttbl" | b"colortbl" | b"stylesheet" | b"info" | b"pict" | b"object" | b"listtable" => Control::Hides,
            b"u" => match value.map(|n| if n < 0 { n + 0x1_0000 } else { n }).and_then(|n| u32::try_from(n).ok()) {
                Some(code) => Control::Char(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)),
                None => Control::Other,
            },
            _ => Control::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_rich_text_by_the_book() {
        // The example of MS-OXRTFCP 3.1.
        let packed = [
            0x2d, 0x00, 0x00, 0x00, 0x2b, 0x00, 0x00, 0x00, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0x00,
            0x0a, 0x00, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09,
            0x00, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
        ];
        assert_eq!(unpacked(&packed).unwrap(), b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        assert_eq!(text(&packed, 1252).as_deref(), Some("hello world"));
    }

    #[test]
    fn looks_are_left_out() {
        let rtf =
            br"{\rtf1{\fonttbl{\f0 Arial;}}{\*\generator x;}\pard Betaald: \u8364?\~5, \'e9\'e9n keer\par Groet\{An\}}";
        assert_eq!(words(rtf, 1252), "Betaald: € 5, één keer\nGroet{An}");
    }
}
