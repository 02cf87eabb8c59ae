//! Folder names as IMAP writes them. Names of our own configuration only; nothing is decoded.

/// The name as a quoted string; None if it holds a control character (it could carry a second command).
pub(super) fn quoted(folder: &str) -> Option<String> {
    let name = modified_utf7(folder).replace('\\', "\\\\").replace('"', "\\\"");
    (!folder.chars().any(char::is_control)).then(|| format!("\"{name}\""))
}

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
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
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
        }
        assert_eq!(quoted("a\"b\\c").as_deref(), Some("\"a\\\"b\\\\c\""));
        assert_eq!(quoted("a\r\nA1 LOGOUT"), None);
    }
}
