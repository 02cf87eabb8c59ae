//! Words of the calendar as they are spoken: "KW48" is two words, "twenty-seventh" is one. Never knows what they mean.

use super::day_names::{HIGHER, is_known, month};
use super::sentences::Word;

/// The words with "KW48", "1dec" and "48u" taken apart and "twenty-first" put together; `None` where none is written so.
pub(super) fn as_spoken<'a>(plain: &'a str, words: &[Word<'a>]) -> Option<Vec<Word<'a>>> {
    let unlike = |word: &Word<'a>| apart(word.text).is_some() || HIGHER.iter().any(|(tens, _)| *tens == word.text);
    words.iter().any(unlike).then(|| {
        let mut spoken = Vec::with_capacity(words.len() + 1);
        let mut at = 0;
        while let Some(word) = words.get(at) {
            if let Some((first, second)) = apart(word.text) {
                spoken.push(Word { text: first, ..*word });
                spoken.push(Word { text: second, at: word.at + first.len(), after_comma: false });
            } else if let Some((number, more)) = put_together(plain, words, at) {
                spoken.push(number);
                at += more;
            } else {
                spoken.push(*word);
            }
            at += 1;
        }
        spoken
    })
}

/// "Twenty-seventh", "vingt et un": one number, and how many further words it is written in.
fn put_together<'a>(plain: &'a str, words: &[Word<'a>], at: usize) -> Option<(Word<'a>, usize)> {
    let word = words.get(at).filter(|word| HIGHER.iter().any(|(tens, _)| *tens == word.text))?;
    [2, 1].into_iter().find_map(|more| {
        let last = words.get(at + more)?;
        let text = plain.get(word.at..last.at + last.text.len())?;
        is_known(text).then_some((Word { text, ..*word }, more))
    })
}

/// A number of at most two digits behind a week, or before a month or hours.
fn apart(word: &str) -> Option<(&str, &str)> {
    let (first, last) = (word.bytes().next()?, word.bytes().last()?);
    let last_is_digit = last.is_ascii_digit();
    if first.is_ascii_digit() == last_is_digit {
        return None;
    }
    let changes = |c: char| c.is_ascii_digit() != word.starts_with(|first: char| first.is_ascii_digit());
    let (first, second) = word.split_at_checked(word.find(changes)?)?;
    let short = |digits: &str| digits.len() < 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if last_is_digit {
        return (short(second) && ["week", "wk", "kw", "sem", "semaine"].contains(&first)).then_some((first, second));
    }
    match second {
        _ if !short(first) => None,
        "u" => Some((first, "h")),
        "h" | "hrs" | "uur" | "hours" => Some((first, second)),
        _ => (second.len() > 2 && month(second).is_some()).then_some((first, second)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sentences::{plain, words};
    use super::*;

    #[test]
    fn taken_apart_and_put_together() {
        for (text, wanted) in [
            ("on the twenty-seventh", vec!["on", "the", "twenty-seventh"]),
            ("le vingt et un decembre", vec!["le", "vingt et un", "decembre"]),
            ("le trente-et-un", vec!["le", "trente-et-un"]),
            ("in KW48 am 5dez", vec!["in", "kw", "48", "am", "5", "dez"]),
            ("twenty chairs, 1dec", vec!["twenty", "chairs", "1", "dec"]),
        ] {
            let plain = plain(text);
            let words = words(&plain);
            let spoken = as_spoken(&plain, &words).unwrap();
            let spoken: Vec<&str> = spoken.iter().map(|word| word.text).filter(|word| *word != ",").collect();
            assert_eq!(spoken, wanted);
        }
        let text = plain("wij betalen vrijdag");
        assert!(as_spoken(&text, &words(&text)).is_none());
    }
}
