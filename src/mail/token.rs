//! The token in a letter's Reply-To: a signed routing hint to a debtor's account, no authority.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Key of one administration, 32 random bytes made at first start.
#[derive(Clone)]
pub struct Key(pub [u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(secret)")
    }
}

impl Key {
    /// HMAC-SHA256 over length-prefixed fields.
    pub fn sign(&self, purpose: &str, fields: &[&str]) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&self.0).expect("BUG: HMAC takes keys of any length");
        for field in std::iter::once(&purpose).chain(fields) {
            mac.update(&(field.len() as u64).to_be_bytes());
            mac.update(field.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }

    /// The reply token of a letter: twelve characters a-z2-7 (60 bits).
    pub fn reply_token(&self, letter: &str) -> String {
        base32(&self.sign("reply", &[letter]))[..12].to_owned()
    }

    /// The Message-ID of a letter, without angle brackets: the same letter always has the same one, so it can be
    /// recomputed after a restore.
    pub fn message_id(&self, letter: &str, domain: &str) -> String {
        let tag = base32(&self.sign("message-id", &[letter]));
        format!("{}.{}@{domain}", &tag[..26], self.reply_token(letter))
    }
}

/// RFC 4648 alphabet in lower case, no padding.
pub fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut out = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut buffer, mut bits) = (0u32, 0u32);
    for &byte in bytes {
        buffer = (buffer << 8) | u32::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(ALPHABET[((buffer >> bits) & 31) as usize]));
        }
    }
    if bits > 0 {
        out.push(char::from(ALPHABET[((buffer << (5 - bits)) & 31) as usize]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_as_in_rfc_4648() {
        assert_eq!(base32(b"foobar"), "mzxw6ytboi");
        assert_eq!(base32(b"fo"), "mzxq");
    }

    #[test]
    fn tokens_differ_by_letter_and_key() {
        let (a, b) = (Key([1; 32]), Key([2; 32]));
        assert_ne!(a.reply_token("L1"), a.reply_token("L2"));
        assert_ne!(a.reply_token("L1"), b.reply_token("L1"));
        assert!(a.message_id("L1", "x.example").ends_with(&format!(".{}@x.example", a.reply_token("L1"))));
        assert_ne!(a.sign("p", &["ab", "c"]), a.sign("p", &["a", "bc"]));
    }
}
