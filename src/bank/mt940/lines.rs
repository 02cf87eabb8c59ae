//! The lines of a SWIFT file and the fields that they make; envelopes and what stands around statements fall away.
//! Knows nothing of what a field means.

use std::borrow::Cow;

/// A field: its tag ("61", "60F"), the line it begins on, and its text line by line.
#[derive(Debug)]
pub(super) struct Field<'t> {
    pub tag: &'t str,
    pub line: u32,
    pub text: Vec<&'t str>,
}

impl<'t> Field<'t> {
    /// The first line, trimmed.
    pub fn first(&self) -> &'t str {
        self.text.first().map_or("", |line| line.trim())
    }

    /// All of it without line ends.
    pub fn joined(&self) -> Cow<'t, str> {
        match self.text.as_slice() {
            [only] => Cow::Borrowed(only.trim()),
            several => Cow::Owned(several.concat().trim().to_owned()),
        }
    }
}

/// What the file is made of, in order.
#[derive(Debug)]
pub(super) enum Piece<'t> {
    Field(Field<'t>),
    /// The end of a message: `-`, `-}`.
    End,
}

/// Tags of MT940, MT942 and what banks add to them.
const TAGS: [&str; 31] = [
    "13", "13C", "13D", "20", "21", "21C", "21D", "21M", "23", "23E", "25", "25P", "28", "28C", "28D", "34F", "60F",
    "60M", "61", "62F", "62M", "64", "65", "65F", "86", "90C", "90D", "NS", "940", "942", "9999",
];

/// Takes a text apart into fields and ends of messages.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut in_message = false;
    let mut lines = Lines::of(text).peekable();
    while let Some((number, line)) = lines.next() {
        if line == ":"
            && let Some((tag, rest)) = lines.peek().and_then(|(_, next)| tag_of(next))
        {
            // The colon got a line of its own.
            pieces.push(Piece::Field(Field { tag, line: number, text: vec![rest] }));
            in_message = true;
            lines.next();
        } else if let Some((tag, rest)) = line.strip_prefix(':').and_then(tag_of) {
            pieces.push(Piece::Field(Field { tag, line: number, text: vec![rest] }));
            in_message = true;
        } else if let Some((tag, rest)) = after_envelope(line) {
            pieces.push(Piece::End);
            pieces.push(Piece::Field(Field { tag, line: number, text: vec![rest] }));
            in_message = true;
        } else if in_message && ends_message(line, pieces.last()) {
            pieces.push(Piece::End);
            in_message = false;
        } else if in_message && let Some(Piece::Field(field)) = pieces.last_mut() {
            field.text.push(line);
        }
    }
    pieces
}

/// "61:1405…" without its first colon.
fn tag_of(text: &str) -> Option<(&str, &str)> {
    let (tag, rest) = text.split_at_checked(text.find(':').filter(|at| (2..=4).contains(at))?)?;
    (matches!(tag, "61" | "86") || TAGS.contains(&tag)).then(|| (tag, rest.strip_prefix(':').unwrap_or(rest)))
}

/// `{1:…}{2:…}{4::20:…`: the first field on the line of the envelope.
fn after_envelope(line: &str) -> Option<(&str, &str)> {
    if !line.as_bytes().contains(&b'{') {
        return None;
    }
    let at = line.find("{4:")?;
    let rest = line.get(at + 3..)?;
    tag_of(rest.strip_prefix(':')?)
}

/// A line that is the end of a message, or the envelope of the next one.
fn ends_message(line: &str, last: Option<&Piece<'_>>) -> bool {
    let line = line.trim();
    // `-` or, from a terminal with a national alphabet, `-å`; ING writes `-XXX`.
    let is_dash = line.strip_prefix('-').is_some_and(|rest| rest.is_empty() || rest.starts_with(['}', 'å', '\u{5}']));
    let closed = match last {
        Some(Piece::Field(field)) => !matches!(field.tag, "61" | "NS"),
        Some(Piece::End) | None => true,
    };
    is_dash || (line == "-XXX" && closed) || line.starts_with("{1:") || (line.starts_with("{5:") && closed)
}

/// Lines with their numbers; any of the three line ends. Control characters of the wire are taken off.
struct Lines<'t> {
    rest: Option<&'t str>,
    number: u32,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Lines<'t> {
        Lines { rest: Some(text), number: 0 }
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = (u32, &'t str);

    fn next(&mut self) -> Option<(u32, &'t str)> {
        let rest = self.rest.take()?;
        self.number = self.number.saturating_add(1);
        let end = rest.bytes().position(|byte| matches!(byte, b'\r' | b'\n'));
        let line = match end.and_then(|at| Some((rest.get(..at)?, rest.get(at + 1..)?))) {
            Some((line, after)) => {
                let is_pair = rest.as_bytes().get(line.len()) == Some(&b'\r');
                self.rest = Some(if is_pair { after.strip_prefix('\n').unwrap_or(after) } else { after });
                line
            }
            None => rest,
        };
        Some((self.number, without_control(line)))
    }
}

fn without_control(line: &str) -> &str {
    let is_plain = |byte: Option<&u8>| byte.is_some_and(|byte| (b' '..0x7f).contains(byte));
    match is_plain(line.as_bytes().first()) && is_plain(line.as_bytes().last()) {
        true => line,
        false => line.trim_matches(|c: char| c.is_control() && c != '\t'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(text: &str) -> Vec<String> {
        let shown = |piece: &Piece| match piece {
            Piece::Field(field) => format!("{} {} {}", field.line, field.tag, field.text.join("|")),
            Piece::End => "end".to_owned(),
        };
        pieces(text).iter().map(shown).collect()
    }

    #[test]
    fn fields_whatever_ends_a_line() {
        for end in ["\r\n", "\n", "\r"] {
            let text = ["ABNANL2A", "940", ":20:A", ":86:one", "two", ":08 three", "-", "noise", ":20:B"].join(end);
            assert_eq!(tags(&text), ["3 20 A", "4 86 one|two|:08 three", "end", "9 20 B"], "{end:?}");
        }
    }

    #[test]
    fn envelopes() {
        assert_eq!(
            tags("{1:F01X}{2:O940}{3:}{4:\n:20:A\n-}{5:}\n{1:F01X}{4::20:B\n-}"),
            ["2 20 A", "end", "end", "4 20 B", "end"]
        );
        assert_eq!(tags(":20:A\n:62F:X\n{1:F01X}{2:I940}{4:\n:20:B"), ["1 20 A", "2 62F X", "end", "4 20 B"]);
        assert_eq!(tags(":61:X\n:\n86:Y\n- Z"), ["1 61 X", "2 86 Y|- Z"]);
    }
}
