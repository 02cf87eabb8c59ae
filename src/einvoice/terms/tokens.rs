//! The text of payment terms in pieces: words in small letters without accents, numbers, dates, the ends of sentences.

use super::words;
use crate::dunning::spelling::without_accent;
use crate::einvoice::open_items::cells::{DateOrder, date};
use chrono::NaiveDate;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    /// A whole number that may count days.
    Number(u32),
    /// Any other number: an amount, an account, "the 9th".
    Figure,
    /// `either` = month first it would be another day.
    Date {
        day: NaiveDate,
        either: bool,
    },
    Percent,
    Comma,
}

/// The sentences of a text, each in its pieces; a line is a sentence too.
pub(super) fn sentences(text: &str) -> Vec<Vec<Token>> {
    let mut all = Vec::new();
    for line in text.lines() {
        let plain: String = line.chars().flat_map(char::to_lowercase).map(without_accent).collect();
        let mut sentence = Vec::new();
        let mut rest = plain.as_str();
        while let Some(first) = rest.chars().next() {
            let (length, token) = piece(rest, first);
            if ends_sentence(rest, first, &sentence) {
                all.push(std::mem::take(&mut sentence));
            }
            sentence.extend(token);
            rest = rest.get(length..).unwrap_or_default();
        }
        all.push(sentence);
    }
    all.into_iter().map(with_written_dates).filter(|sentence| !sentence.is_empty()).collect()
}

/// The piece at the beginning, and how many bytes it takes.
fn piece(rest: &str, first: char) -> (usize, Option<Token>) {
    let run = |belongs: fn(char) -> bool| rest.find(|c: char| !belongs(c)).unwrap_or(rest.len());
    if first.is_ascii_digit() {
        return number(rest);
    }
    if first.is_alphabetic() {
        let length = run(char::is_alphabetic);
        return (length, rest.get(..length).map(|word| Token::Word(word.to_owned())));
    }
    let token = match first {
        '%' => Some(Token::Percent),
        '€' => Some(Token::Word("eur".to_owned())),
        ',' => Some(Token::Comma),
        _ => None,
    };
    (first.len_utf8(), token)
}

/// Digits with what stands between digits.
fn number(rest: &str) -> (usize, Option<Token>) {
    let is_between = |c: char| matches!(c, '.' | ',' | '-' | '/' | ':' | '\'');
    let length = rest.find(|c: char| !c.is_ascii_digit() && !is_between(c)).unwrap_or(rest.len());
    let text = rest.get(..length).unwrap_or_default().trim_end_matches(is_between);
    let after = rest.get(text.len()..).unwrap_or_default();
    let ending = ["e ", "er ", "de ", "ste ", "th", "st ", "nd ", "rd "].iter().any(|end| after.starts_with(end));
    let ordinal = ending || after.strip_prefix('.').is_some_and(|rest| words::unit(next_word(rest)).is_some());
    let token = match (whole(text), day(text)) {
        (_, Some((day, either))) => Token::Date { day, either },
        // "Ab dem 9. Tag" counts no days.
        (Some(number), None) if !ordinal => Token::Number(number),
        (_, None) => Token::Figure,
    };
    (text.len(), Some(token))
}

/// The word that follows.
fn next_word(text: &str) -> &str {
    text.trim_start().split(|c: char| !c.is_alphabetic()).next().unwrap_or_default()
}

fn whole(text: &str) -> Option<u32> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= 4)
}

/// A date in figures; the year may have two digits.
fn day(text: &str) -> Option<(NaiveDate, bool)> {
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let [first, second, last] = parts.as_slice() else { return None };
    let long = if last.len() == 2 && first.len() <= 2 { format!("{first}-{second}-20{last}") } else { text.to_owned() };
    let day = date(&long, DateOrder::DayFirst).ok()?;
    let other = date(&long, DateOrder::MonthFirst).ok();
    Some((day, text.contains('/') && other.is_some_and(|other| other != day)))
}

/// A full stop ends a sentence unless it belongs to a number or a shortened word.
fn ends_sentence(rest: &str, first: char, before: &[Token]) -> bool {
    match first {
        ';' | '!' | '?' | '|' | '•' => true,
        '.' => {
            let followed = rest.chars().nth(1).is_none_or(char::is_whitespace);
            let shortened = match before.last() {
                Some(Token::Word(word)) => words::is_shortened(word),
                Some(Token::Number(_)) => words::month(next_word(rest.trim_start_matches('.'))).is_some(),
                _ => false,
            };
            followed && !shortened
        }
        _ => false,
    }
}

/// "15 december 2026", "15. Dezember 2026", "December 15, 2026" become dates.
fn with_written_dates(sentence: Vec<Token>) -> Vec<Token> {
    let mut made = Vec::with_capacity(sentence.len());
    let mut rest = sentence.as_slice();
    while let Some((first, others)) = rest.split_first() {
        match written_date(rest) {
            Some((day, length)) => {
                made.push(Token::Date { day, either: false });
                rest = rest.get(length..).unwrap_or_default();
            }
            None => {
                made.push(first.clone());
                rest = others;
            }
        }
    }
    made
}

fn written_date(tokens: &[Token]) -> Option<(NaiveDate, usize)> {
    use Token::{Comma, Number, Word};
    let (day, month, year, length) = match tokens {
        [Number(day), Word(month), Number(year), ..] => (*day, month, *year, 3),
        [Number(day), Word(month), Comma, Number(year), ..] => (*day, month, *year, 4),
        [Word(month), Number(day), Comma, Number(year), ..] => (*day, month, *year, 4),
        [Word(month), Number(day), Number(year), ..] => (*day, month, *year, 3),
        _ => return None,
    };
    let year = i32::try_from(year).ok().filter(|year| (1990..=2100).contains(year))?;
    Some((NaiveDate::from_ymd_opt(year, words::month(month)?, day)?, length))
}
