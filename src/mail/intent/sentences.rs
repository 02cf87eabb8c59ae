//! Cuts a text into sentences and words. Keeps the literal sentence as proof; never reads meaning.

use crate::dunning::spelling::without_accent;

/// Longest sentence kept whole, in bytes; longer runs without punctuation are cut.
const LONGEST: usize = 1_200;

/// A text cut into sentences, with all of them in plain letters.
pub(super) struct Cut<'a> {
    /// Each as written, with where it ends in `plain`; it begins where the one before ends.
    sentences: Vec<(&'a str, usize)>,
    plain: String,
}

/// One sentence: as written, in plain letters, and as words.
#[derive(Clone, Debug)]
pub(super) struct Sentence<'a> {
    /// Literally as written, trimmed.
    pub literal: &'a str,
    /// Lower case, without diacritics, whitespace made single.
    pub plain: &'a str,
    pub words: Vec<Word<'a>>,
}

/// A word of `Sentence::plain`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'a> {
    pub text: &'a str,
    /// Where it starts in `plain`.
    pub at: usize,
    /// A comma, colon or semicolon stands before it.
    pub after_comma: bool,
}

impl<'a> Cut<'a> {
    /// Cuts at full stops, question and exclamation marks, blank lines and lines that end early.
    pub fn of(text: &'a str) -> Cut<'a> {
        let mut cut = Cut { sentences: Vec::new(), plain: String::with_capacity(text.len()) };
        let mut start = 0;
        for (at, c) in text.char_indices() {
            let end = at + c.len_utf8();
            let long = end - start;
            if long < LONGEST && !matches!(c, '!' | '?' | '…' | '.' | '\n') {
                continue;
            }
            if long >= 2 * LONGEST
                || long >= LONGEST && c.is_whitespace()
                || ends_sentence(&text[start..end], c, &text[end..])
            {
                cut.push(&text[start..end]);
                start = end;
            }
        }
        cut.push(&text[start..]);
        cut
    }

    fn push(&mut self, literal: &'a str) {
        let literal = literal.trim();
        if !literal.is_empty() {
            add_plain(literal, &mut self.plain);
            self.sentences.push((literal, self.plain.len()));
        }
    }

    pub fn sentences(&'a self) -> impl Iterator<Item = Sentence<'a>> {
        let mut start = 0;
        self.sentences.iter().map(move |&(literal, end)| {
            let plain = self.plain.get(start..end).unwrap_or_default();
            start = end;
            Sentence { literal, plain, words: words(plain) }
        })
    }
}

fn ends_sentence(so_far: &str, c: char, rest: &str) -> bool {
    match c {
        '!' | '?' | '…' => !rest.starts_with(['!', '?', '.', ')', '…']),
        '.' => ends_at_stop(so_far, rest),
        '\n' => ends_at_line(so_far, rest),
        _ => false,
    }
}

/// A full stop ends a sentence unless it belongs to an abbreviation, a number or an ellipsis that goes on.
fn ends_at_stop(so_far: &str, rest: &str) -> bool {
    let Some(next) = rest.chars().next() else { return true };
    if !next.is_whitespace() {
        return false;
    }
    let follower = rest.trim_start().chars().next();
    if follower.is_some_and(char::is_lowercase) {
        // "jullie.. dat klopt niet" still ends; "19.10. unter" and "jl. betaald" do not.
        return so_far.ends_with("..");
    }
    let before = so_far.strip_suffix('.').unwrap_or(so_far);
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("");
    let number = !word.is_empty() && word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit());
    let numbers_a_line = before.trim_start().len() == word.len();
    let goes_on = || follower.is_some_and(char::is_alphabetic) && (numbers_a_line || !begins_a_sentence(rest));
    !(number && goes_on() || is_abbreviation(word))
}

/// "Jusqu'au 27. Mon épouse …": no month and nothing that is counted begins like this.
fn begins_a_sentence(rest: &str) -> bool {
    const BEGINS: &str = concat!(
        "Je Nous Vous On Il Elle Mon Ma Mes Notre Nos Merci Ensuite Encore Ik Wij We U Jullie Mijn Onze Dan Daarna Dat Het ",
        "Sorry Excuses Dank Bedankt Graag I My Our You They Then That Thanks Thank Please It Ich Wir Danach Dann Danke Vielen Bitte Mit Entschuldigung"
    );
    let word = rest.trim_start().split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    BEGINS.split(' ').any(|begins| begins == word)
}

fn is_abbreviation(word: &str) -> bool {
    const KNOWN: &[&str] = &[
        "dd", "d.d", "nr", "nrs", "mr", "mrs", "ms", "dhr", "mevr", "mw", "dr", "ir", "ing", "drs", "prof", "st", "ca",
        "bijv", "o.a", "art", "mme", "mlle", "ref", "fact", "incl", "excl", "abs", "z.b", "bzw", "evtl", "ggf", "inkl",
        "i.v.m", "t.n.v", "t.a.v", "m.b.t", "b.v", "n.v", "tel", "resp", "hr", "jl", "a.s", "e.g", "i.e", "inc",
        "rech", "vgl", "d", "n",
    ];
    let initial = word.len() == 1 && word.bytes().all(|b| b.is_ascii_uppercase());
    initial || KNOWN.contains(&word.to_lowercase().as_str())
}

/// A line end ends a sentence at a blank line, before a list item and after a short line; a long line
/// was wrapped by the mail program.
fn ends_at_line(so_far: &str, rest: &str) -> bool {
    let line = so_far.trim_end_matches(['\n', '\r']).rsplit('\n').next().unwrap_or("");
    let next = rest.split('\n').next().unwrap_or("").trim_start();
    if next.trim().is_empty() || next.starts_with(['-', '*', '•', '–', '>']) {
        return true;
    }
    let wrapped = line.chars().count() > 52 || next.chars().next().is_some_and(char::is_lowercase);
    !wrapped
}

/// Lower case, without diacritics, typographic quotes and dashes made plain, whitespace made single.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    add_plain(text, &mut plain);
    plain
}

/// The same, behind what is there.
fn add_plain(text: &str, plain: &mut String) {
    let start = plain.len();
    for c in text.chars() {
        match c {
            'a'..='z' | '0'..='9' => plain.push(c),
            'A'..='Z' => plain.push(c.to_ascii_lowercase()),
            '`' => plain.push('\''),
            c if c.is_whitespace() => add_space(plain, start),
            c if c.is_ascii() => plain.push(c),
            c => c.to_lowercase().for_each(|c| add_plain_letter(c, plain, start)),
        }
    }
}

fn add_space(plain: &mut String, start: usize) {
    if plain.len() == start || !plain.ends_with(' ') {
        plain.push(' ');
    }
}

/// One small letter, or a sign, that is not of ASCII; few are when they are made small.
fn add_plain_letter(c: char, plain: &mut String, start: usize) {
    match c {
        'ß' => plain.push_str("ss"),
        'œ' => plain.push_str("oe"),
        'æ' => plain.push_str("ae"),
        'ĳ' => plain.push_str("ij"),
        '’' | '‘' | '´' | 'ʼ' => plain.push('\''),
        '–' | '—' | '‐' | '‑' | '−' => plain.push('-'),
        // Combining marks of decomposed letters, soft hyphen, zero-width characters.
        '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{fe0f}' => {}
        c if c.is_whitespace() => add_space(plain, start),
        c => plain.push(without_accent(c)),
    }
}

/// Runs of letters and digits; a question mark and a pictogram are words of their own.
pub(super) fn words(plain: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::with_capacity(plain.len() / 5);
    let mut open: Option<(usize, bool)> = None;
    let mut comma = false;
    for (at, c) in plain.char_indices() {
        if c.is_ascii_alphanumeric() || !c.is_ascii() && c.is_alphanumeric() {
            open = open.or_else(|| Some((at, std::mem::take(&mut comma))));
            continue;
        }
        words.extend(open.take().map(|open| word(plain, open, at)));
        comma |= matches!(c, ',' | ';' | ':');
        if c == '?' || is_pictogram(c) {
            words.push(word(plain, (at, false), at + c.len_utf8()));
        }
    }
    words.extend(open.map(|open| word(plain, open, plain.len())));
    words
}

fn word(plain: &str, (at, after_comma): (usize, bool), end: usize) -> Word<'_> {
    Word { text: plain.get(at..end).unwrap_or_default(), at, after_comma }
}

fn is_pictogram(c: char) -> bool {
    matches!(c, '\u{1f300}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        Cut::of(text).sentences.iter().map(|(literal, _)| *literal).collect()
    }

    #[test]
    fn cuts_where_a_sentence_ends() {
        assert_eq!(cut("Absent jusqu'au 27. Mon frère paiera."), ["Absent jusqu'au 27.", "Mon frère paiera."]);
        assert_eq!(cut("2. Wij betalen vrijdag."), ["2. Wij betalen vrijdag."]);
        assert_eq!(cut("Wir zahlen am 27. November."), ["Wir zahlen am 27. November."]);
        assert_eq!(cut("Dag Karin,\n\nIs betaald. Groet!\nJan"), ["Dag Karin,", "Is betaald.", "Groet!", "Jan"]);
        assert_eq!(
            cut("wij hebben op 19.10. unter Abzug von 2 % bezahlt."),
            ["wij hebben op 19.10. unter Abzug von 2 % bezahlt."]
        );
        assert_eq!(cut("zum 1. Oktober. Danke"), ["zum 1. Oktober.", "Danke"]);
        assert_eq!(cut("Wat?? Nee!"), ["Wat??", "Nee!"]);
        let wrapped = "Deze regel is door het mailprogramma afgebroken omdat hij te\nlang was.";
        assert_eq!(cut(wrapped), [wrapped]);
        assert!(cut("").is_empty());
    }

    #[test]
    fn plain_letters() {
        assert_eq!(plain("Één  café\u{a0}für ‘t STRASSE"), "een cafe fur 't strasse");
        let words: Vec<&str> = words("d'accord? 2.187,45 👍").iter().map(|w| w.text).collect();
        assert_eq!(words, ["d", "accord", "?", "2", "187", "45", "👍"]);
    }
}
