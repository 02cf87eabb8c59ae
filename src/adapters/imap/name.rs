//! Folder names as IMAP writes them: those of our own configuration, and those that a server lists.

/// The name as a quoted string; None if it holds a control character (it could carry a second command).
pub(super) fn quoted(folder: &str) -> Option<String> {
    quoted_as_listed(&modified_utf7(folder))
}

/// A name that a server listed goes back to it as it came, but quoted.
pub(super) fn quoted_as_listed(folder: &str) -> Option<String> {
    let name = folder.replace('\\', "\\\\").replace('"', "\\\"");
    (!folder.chars().any(char::is_control)).then(|| format!("\"{name}\""))
}

/// A listed name for people: `Verzonden &AOk-` → `Verzonden é`. What is not in that alphabet stays as it is.
pub(super) fn readable(listed: &str) -> String {
    let mut pieces = listed.split('&');
    let mut name = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once('-').and_then(|(code, rest)| Some((foreign(code)?, rest))) {
            Some((text, rest)) => {
                name.push_str(&text);
                name.push_str(rest);
            }
            None => return listed.to_owned(),
        }
    }
    name
}

/// The text between `&` and `-`; nothing stands for the `&` itself.
fn foreign(code: &str) -> Option<String> {
    if code.is_empty() {
        return Some("&".to_owned());
    }
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0u32, 0u32);
    for digit in code.bytes() {
        let value = DIGITS.iter().position(|known| *known == digit)?;
        bits = (bits << 6 | u32::try_from(value).ok()?) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    let units = bytes.chunks(2).map(|pair| <[u8; 2]>::try_from(pair).map(u16::from_be_bytes));
    let text = String::from_utf16(&units.collect::<Result<Vec<u16>, _>>().ok()?).ok()?;
    (!text.chars().any(char::is_control)).then_some(text)
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// How folder names travel (RFC 3501 5.1.3): `Courrier indésirable` → `Courrier ind&AOk-sirable`.
fn modified_utf7(name: &str) -> String {
    let (mut out, mut foreign) = (String::new(), Vec::new());
    for c in name.chars() {
        if !c.is_ascii() {
            foreign.extend(c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()));
            continue;
        }
        push_base64(&mut out, &mut foreign);
        out.push(c);
        if c == '&' {
            out.push('-');
        }
    }
    push_base64(&mut out, &mut foreign);
    out
}

fn push_base64(out: &mut String, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    out.push('&');
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - three.len()));
        for place in 0..=three.len() {
            let digit = (bits >> (18 - 6 * place)) & 63;
            out.push(char::from(DIGITS[digit as usize]));
        }
    }
    out.push('-');
    bytes.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_names_travel_in_their_own_alphabet() {
        let rows = [
            ("INBOX", "INBOX"),
            ("Courrier indésirable", "Courrier ind&AOk-sirable"),
            ("Debiteuren & co", "Debiteuren &- co"),
            ("Éé", "&AMkA6Q-"),
            ("台北", "&U,BTFw-"),
            ("a😀b", "a&2D3eAA-b"),
            ("日本語", "&ZeVnLIqe-"),
        ];
        for (name, travels) in rows {
            assert_eq!(modified_utf7(name), travels);
            assert_eq!(readable(travels), name);
        }
        assert_eq!(quoted("a\"b\\c").as_deref(), Some("\"a\\\"b\\\\c\""));
        assert_eq!(quoted("a\r\nA1 LOGOUT"), None);
        assert_eq!(quoted_as_listed("Ind&AOk-").as_deref(), Some("\"Ind&AOk-\""));
        for odd in ["R&D", "a&!!-b", "&AOk", "&AAA-", "Éé"] {
            assert_eq!(readable(odd), odd, "not of that alphabet");
        }
    }
}
