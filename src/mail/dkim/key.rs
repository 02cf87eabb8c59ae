//! The record of a public key (RFC 6376, section 3.6.1): whether its owner lets it vouch for mail.

use super::tags::tags;

/// Why a signature of this kind (`rsa-sha256`, `ed25519-sha256`) is not believed by this key, if it is not.
pub(super) fn key_refusal(record: &str, algorithm: &str) -> Option<String> {
    let Some(tags) = tags(record) else { return Some("the key's record cannot be read".into()) };
    let tag = |name: &str| tags.get(name).map(String::as_str);
    let listed = |name: &str, word: &str| {
        tag(name).is_none_or(|list| list.split(':').any(|one| one.trim().eq_ignore_ascii_case(word)))
    };
    let flagged = |flag: &str| tag("t").is_some() && listed("t", flag);
    let (kind, hash) = algorithm.split_once('-').unwrap_or((algorithm, ""));
    if tag("v").is_some_and(|version| version != "DKIM1") {
        Some("the key's record is of another version".into())
    } else if !tag("k").unwrap_or("rsa").eq_ignore_ascii_case(kind) {
        Some("the key is of another kind than the signature".into())
    } else if tag("p").is_none_or(|key| key.replace(char::is_whitespace, "").is_empty()) {
        Some("the key was revoked (p=)".into())
    } else if flagged("y") {
        Some("the key is only for testing (t=y)".into())
    } else if !listed("h", hash) {
        Some(format!("the key does not allow {hash}"))
    } else if !listed("s", "*") && !listed("s", "email") {
        Some("the key is not for mail (s=)".into())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_key_allows() {
        for good in [
            "v=DKIM1; k=rsa; p=AAAA",
            "p=AAAA",
            "v=DKIM1; h=sha1:sha256; s=*; t=s; p=AA AA;",
            "v=DKIM1; s=email; p=AAAA; n=a note",
        ] {
            assert_eq!(key_refusal(good, "rsa-sha256"), None, "{good}");
        }
        assert_eq!(key_refusal("k=ed25519; p=AAAA", "ed25519-sha256"), None);
    }

    #[test]
    fn what_a_key_refuses() {
        for (record, word) in [
            ("v=DKIM2; p=AAAA", "version"),
            ("k=ed25519; p=AAAA", "kind"),
            ("v=DKIM1; p=", "revoked"),
            ("v=DKIM1", "revoked"),
            ("v=DKIM1; t=y; p=AAAA", "testing"),
            ("v=DKIM1; t=s:y; p=AAAA", "testing"),
            ("h=sha1; p=AAAA", "sha256"),
            ("s=tlsrpt; p=AAAA", "not for mail"),
            ("p=AAAA; p=BBBB", "cannot be read"),
            ("v=spf1 -all", "version"),
            ("nonsense", "cannot be read"),
        ] {
            let why = key_refusal(record, "rsa-sha256").unwrap_or_default();
            assert!(why.contains(word), "{record}: {why:?}");
        }
    }
}
