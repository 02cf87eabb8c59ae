//! Text from outside as one harmless line: no control characters, no line breaks, no reordering of what is read.
//! Used for every text that enters a letter, a digest or a mail header. Never interprets or escapes.

/// The text on one line: control characters and runs of white space become one space, characters that hide or
/// reorder text (bidirectional controls, zero-width spaces, tags) vanish, and what is longer than `limit`
/// characters ends in `…`.
pub fn one_line(text: &str, limit: usize) -> String {
    let spaced: String =
        text.chars().filter(|c| !is_invisible(*c)).map(|c| if is_break(c) { ' ' } else { c }).collect();
    let joined = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    shorten(joined, limit)
}

fn shorten(text: String, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text,
        Some(_) => {
            let kept: String = text.chars().take(limit.saturating_sub(1)).collect();
            format!("{}…", kept.trim_end())
        }
    }
}

/// C0, DEL, C1 and the Unicode line and paragraph separators.
fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Bidirectional controls (UAX #9), zero-width characters that no language needs, annotations, tags.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_on_one_line() {
        let cases = [
            ("Jansen\r\nBcc: x@y.example", "Jansen Bcc: x@y.example"),
            ("a\0b\u{7f}c\u{85}d\u{2028}e\u{2029}f\tg", "a b c d e f g"),
            ("\u{202E}fdp.exe\u{2066}", "fdp.exe"),
            ("  Café  Ümlaut ✓ ", "Café Ümlaut ✓"),
            ("\r\n", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(one_line(text, 100), expected);
        }
        assert_eq!(one_line("abcdef", 4), "abc…");
        assert_eq!(one_line("abcd", 4), "abcd");
        assert_eq!(one_line("abcd", 0), "…");
    }
}
