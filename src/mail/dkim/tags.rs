//! Lists of tags, as signatures and keys are written (RFC 6376, section 3.2).

use std::collections::BTreeMap;

/// Name (lower case) and value of each tag, trimmed. `None` for what breaks the grammar, and for a name that stands
/// there twice: which one counts is read differently by different programs.
pub(super) fn tags(text: &str) -> Option<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut parts: Vec<&str> = text.split(';').collect();
    if parts.last().is_some_and(|last| last.trim().is_empty()) {
        parts.pop();
    }
    for part in parts {
        let (name, value) = part.split_once('=')?;
        let name = name.trim().to_ascii_lowercase();
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let value = value.trim();
        let printable = value.chars().all(|c| c.is_ascii_graphic() || matches!(c, ' ' | '\t'));
        if !is_name || !printable || found.insert(name, value.to_owned()).is_some() {
            return None;
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values() {
        let read = tags("v=1; a = rsa-sha256 ;bh=ab c=;").unwrap();
        let pairs: Vec<(&str, &str)> = read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("a", "rsa-sha256"), ("bh", "ab c="), ("v", "1")]);
        assert_eq!(tags("p="), Some(BTreeMap::from([("p".to_owned(), String::new())])));
        for refused in ["v=1; v=1", "d=a; D=b", "v", "=1", "v=1;;d=a", "1v=1", "d=\u{e9}", "v=1\u{7};"] {
            assert_eq!(tags(refused), None, "{refused}");
        }
    }
}
