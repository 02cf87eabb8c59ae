//! Which invoice numbers a payer's text names: whole numbers only, however they were typed.
//! Never decides what a payment is for; a number left out is only a question more.

mod seeming;
mod spellings;
mod words;

pub(super) use seeming::{is_a_customers, seeming_numbers};
pub(super) use spellings::{Stretches, spellings};

use std::collections::HashMap;
use words::{INVOICE_WORDS, OTHER_WORDS};

/// Which of `numbers` a text names: whole numbers only, tolerant of spaces, dots, slashes and case
/// ("factuur 2026 0412"), in the order of `numbers`. A prefix of letters may be missing when that leaves no doubt
/// ("2026-118" for F2026-118), and a list may shorten what follows ("F2026-101, 109 en 112"). Numbers of customers,
/// orders and credit notes are not taken for invoices, nor are dates.
pub fn numbers_in<'a>(text: &str, numbers: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let line = Line::of(text);
    if !line.glyphs.iter().any(|glyph| glyph.letter.is_ascii_digit()) {
        return Vec::new();
    }
    let numbers: Vec<&str> = numbers.collect();
    let shapes = shapes(&numbers);
    let mut hits: Vec<Hit> = Vec::new();
    for shape in &shapes {
        hits.extend(line.find(shape).map(|(first, last)| Hit { number: shape.number, first, last }));
    }
    let hits = without_doubles(hits, &numbers, &line);
    let listed = hits.iter().flat_map(|hit| line.listed_after(hit, &numbers)).collect::<Vec<_>>();
    let named = |index: &usize| hits.iter().any(|hit| hit.number == *index) || listed.contains(index);
    (0..numbers.len()).filter(named).map(|index| numbers[index]).collect()
}

/// Letters and digits beyond these are not looked at: no payer has so much room.
const MAX_GLYPHS: usize = 8_000;

/// How one number may be written: its letters and digits, and where a gap may stand.
struct Shape {
    number: usize,
    glyphs: Vec<char>,
    /// A gap may stand before this glyph.
    gaps: Vec<bool>,
    /// Written without the letters that the number begins with.
    bare: bool,
    /// A gap must stand before this glyph.
    must_break: Option<usize>,
    literal: String,
}

fn shapes(numbers: &[&str]) -> Vec<Shape> {
    let full: Vec<Shape> = numbers.iter().enumerate().filter_map(|(index, number)| Shape::of(index, number)).collect();
    let mut uses: HashMap<Vec<char>, usize> = HashMap::new();
    for shape in &full {
        let stripped = shape.without_prefix().map(|bare| bare.glyphs);
        for glyphs in stripped.into_iter().chain([shape.glyphs.clone()]) {
            *uses.entry(glyphs).or_default() += 1;
        }
    }
    let bare = full.iter().filter_map(Shape::without_prefix).filter(|bare| uses.get(&bare.glyphs) == Some(&1));
    let bare: Vec<Shape> = bare.collect();
    let shorter = without_zeros(&full, &uses);
    full.into_iter().chain(bare).chain(shorter).collect()
}

/// "2026-412" for 2026-0412, where no other number is, or may be, written so.
fn without_zeros(full: &[Shape], uses: &HashMap<Vec<char>, usize>) -> Vec<Shape> {
    let shorter: Vec<Shape> = full.iter().filter_map(Shape::without_zeros).collect();
    let mut times: HashMap<Vec<char>, usize> = HashMap::new();
    shorter.iter().for_each(|shape| *times.entry(shape.glyphs.clone()).or_default() += 1);
    let only_one = |shape: &Shape| !uses.contains_key(&shape.glyphs) && times.get(&shape.glyphs) == Some(&1);
    shorter.into_iter().filter(only_one).collect()
}

impl Shape {
    fn of(number: usize, literal: &str) -> Option<Shape> {
        let line = Line::of(literal);
        let glyphs: Vec<char> = line.glyphs.iter().map(|glyph| glyph.letter).collect();
        if !glyphs.iter().any(char::is_ascii_digit) {
            return None;
        }
        let digits = glyphs.iter().filter(|c| c.is_ascii_digit()).count();
        let may_break = |at: usize| {
            at > 0
                && (digits >= 6 || !line.gap(at).is_empty() || glyphs[at].is_numeric() != glyphs[at - 1].is_numeric())
        };
        let gaps = (0..glyphs.len()).map(may_break).collect();
        Some(Shape { number, gaps, glyphs, bare: false, must_break: None, literal: literal.to_owned() })
    }

    /// Without the zeros that the last group begins with; three digits must stay, behind a gap.
    fn without_zeros(&self) -> Option<Shape> {
        let line = Line::of(&self.literal);
        let last = (1..self.glyphs.len()).rev().find(|at| !line.gap(*at).is_empty())?;
        let group = self.glyphs.get(last..)?;
        let zeros = group.iter().take_while(|c| **c == '0').count();
        let stays = group.iter().skip(zeros).filter(|c| c.is_ascii_digit()).count();
        if zeros == 0 || stays < 3 || stays + zeros != group.len() || last < 4 {
            return None;
        }
        let kept = |at: &usize| *at < last || *at >= last + zeros;
        let places: Vec<usize> = (0..self.glyphs.len()).filter(kept).collect();
        Some(Shape {
            number: self.number,
            glyphs: places.iter().map(|at| self.glyphs[*at]).collect(),
            gaps: places.iter().map(|at| self.gaps[*at]).collect(),
            bare: false,
            must_break: Some(last),
            literal: self.literal.clone(),
        })
    }

    fn without_prefix(&self) -> Option<Shape> {
        let prefix = self.glyphs.iter().take_while(|c| c.is_alphabetic()).count();
        let glyphs = self.glyphs.get(prefix..)?.to_vec();
        let long_enough = glyphs.len() >= 5 && glyphs.iter().all(|c| c.is_ascii_digit());
        (prefix > 0 && long_enough).then(|| Shape {
            number: self.number,
            gaps: self.gaps[prefix..].to_vec(),
            glyphs,
            bare: true,
            must_break: None,
            literal: self.literal.clone(),
        })
    }

    /// "118" alone could be anything.
    fn is_short(&self) -> bool {
        self.glyphs.len() < 5 && self.glyphs.iter().all(|c| c.is_ascii_digit())
    }
}

/// A number found, from its first to its last glyph.
struct Hit {
    number: usize,
    first: usize,
    last: usize,
}

/// The longer of two overlapping numbers wins; on the same place the one that is written just so.
fn without_doubles(hits: Vec<Hit>, numbers: &[&str], line: &Line) -> Vec<Hit> {
    let length = |hit: &Hit| hit.last - hit.first;
    let literal = |hit: &Hit| line.span(hit.first, hit.last).eq_ignore_ascii_case(numbers[hit.number].trim());
    let beaten = |hit: &Hit| {
        hits.iter().any(|other| {
            let overlap = other.number != hit.number && other.first <= hit.last && hit.first <= other.last;
            overlap && (length(other) > length(hit) || length(other) == length(hit) && literal(other) && !literal(hit))
        })
    };
    let kept: Vec<bool> = hits.iter().map(|hit| !beaten(hit)).collect();
    hits.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(hit, _)| hit).collect()
}

/// A letter or digit of a text, in upper case, with its place in it.
struct Glyph {
    letter: char,
    start: usize,
    end: usize,
}

/// A text as its letters and digits, with what stands between them.
struct Line<'t> {
    text: &'t str,
    glyphs: Vec<Glyph>,
}

impl<'t> Line<'t> {
    fn of(text: &'t str) -> Line<'t> {
        let alphanumeric = text.char_indices().filter(|(_, c)| c.is_alphanumeric());
        let upper = |c: char| c.to_uppercase().next().unwrap_or(c);
        let glyphs = alphanumeric.map(|(at, c)| Glyph { letter: upper(c), start: at, end: at + c.len_utf8() });
        Line { text, glyphs: glyphs.take(MAX_GLYPHS).collect() }
    }

    /// What stands before a glyph.
    fn gap(&self, at: usize) -> &'t str {
        let from = at.checked_sub(1).and_then(|before| self.glyphs.get(before)).map_or(0, |glyph| glyph.end);
        let to = self.glyphs.get(at).map_or(self.text.len(), |glyph| glyph.start);
        self.text.get(from..to).unwrap_or_default()
    }

    fn span(&self, first: usize, last: usize) -> &'t str {
        let (Some(first), Some(last)) = (self.glyphs.get(first), self.glyphs.get(last)) else { return "" };
        self.text.get(first.start..last.end).unwrap_or_default()
    }

    fn letter(&self, at: usize) -> Option<char> {
        self.glyphs.get(at).map(|glyph| glyph.letter)
    }

    fn find<'s>(&'s self, shape: &'s Shape) -> impl Iterator<Item = (usize, usize)> + 's {
        let length = shape.glyphs.len();
        let starts = 0..(self.glyphs.len() + 1).saturating_sub(length);
        starts.filter(move |start| self.stands_at(shape, *start)).map(move |start| (start, start + length - 1)).filter(
            move |(first, last)| {
                self.begins_cleanly(shape, *first)
                    && self.ends_cleanly(shape, *last)
                    && !self.is_group_of_longer(*first, *last)
                    && !self.is_other_date(shape, *first, *last)
            },
        )
    }

    fn stands_at(&self, shape: &Shape, start: usize) -> bool {
        shape.glyphs.iter().zip(&shape.gaps).enumerate().all(|(offset, (letter, may_break))| {
            let gap = if offset == 0 { "" } else { self.gap(start + offset) };
            let is_cut = if shape.must_break == Some(offset) { !gap.is_empty() && joins(gap) } else { gap.is_empty() };
            self.letter(start + offset) == Some(*letter)
                && (is_cut || shape.must_break != Some(offset) && *may_break && joins(gap))
        })
    }

    /// Nothing before it that makes it part of something longer or the number of something else.
    fn begins_cleanly(&self, shape: &Shape, first: usize) -> bool {
        let Some(before) = first.checked_sub(1).and_then(|at| self.letter(at)) else {
            return !shape.is_short() || self.glyphs.len() == shape.glyphs.len();
        };
        let word = self.word_before(first);
        let announced = INVOICE_WORDS.contains(&word.as_str());
        let gap = self.gap(first);
        if gap.is_empty() || matches!(gap, "-" | "." | "_") {
            let starts_with_digit = shape.glyphs.first().is_some_and(char::is_ascii_digit);
            let known_word = starts_with_digit && announced && (!shape.bare || word.len() > 2);
            return before.is_alphabetic() && (known_word || matches!(gap, "." | "-") && announced);
        }
        let word = if matches!(word.as_str(), "NR" | "NO" | "NUMMER") {
            self.word_before(first.saturating_sub(word.chars().count())) + &word
        } else {
            word
        };
        let bare = ["NUMMER", "NUMBER", "NR"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(&word);
        let foreign = OTHER_WORDS.iter().any(|other| word == *other || bare == *other);
        !foreign && (announced || !shape.is_short())
    }

    fn ends_cleanly(&self, shape: &Shape, last: usize) -> bool {
        let Some(after) = self.letter(last + 1) else { return true };
        match self.gap(last + 1) {
            "" => false,
            "-" | "." | "_" => after.is_alphabetic() && self.letters_from(last + 1) >= 3,
            "," => !(shape.is_short() && after.is_ascii_digit()),
            _ => true,
        }
    }

    /// The letters that end just before a glyph, over spaces and punctuation; empty when a digit stands there.
    fn word_before(&self, at: usize) -> String {
        let mut word: Vec<char> = Vec::new();
        for index in (0..at.min(self.glyphs.len())).rev() {
            let joined = word.is_empty() || self.gap(index + 1).is_empty();
            match self.letter(index) {
                Some(letter) if letter.is_alphabetic() && joined => word.push(letter),
                _ => break,
            }
        }
        word.iter().rev().collect()
    }

    fn letters_from(&self, at: usize) -> usize {
        let run = |index: &usize| {
            self.letter(*index).is_some_and(char::is_alphabetic) && (*index == at || self.gap(*index).is_empty())
        };
        (at..self.glyphs.len()).take_while(run).count()
    }

    /// Part of a long row of digits in groups, like a betalingskenmerk or a card number. What has letters or marks of its
    /// own in it is no such group.
    fn is_group_of_longer(&self, first: usize, last: usize) -> bool {
        let digit = |at: usize| self.letter(at).is_some_and(|c| c.is_ascii_digit());
        let is_plain = |at: usize| digit(at) && (at == first || matches!(self.gap(at), "" | " "));
        if !(first..=last).all(is_plain) {
            return false;
        }
        let before = (0..first)
            .rev()
            .take_while(|at| {
                digit(*at)
                    && self.gap(at + 1) == self.gap(at + 1).trim_matches(|c| c != ' ')
                    && self.gap(at + 1).len() <= 1
            })
            .count();
        let after =
            (last + 1..self.glyphs.len()).take_while(|at| digit(*at) && matches!(self.gap(*at), "" | " ")).count();
        before + after > 0 && before + after + (last - first + 1) >= 15
    }

    /// A date is only a number when the number is printed just so.
    fn is_other_date(&self, shape: &Shape, first: usize, last: usize) -> bool {
        let written = self.span(first, last);
        let groups: Vec<usize> = written.split(['-', '/', '.']).map(str::len).collect();
        let digits_only = written.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '/' | '.'));
        let is_date =
            digits_only && matches!(groups.as_slice(), [4, 1..=2, 1..=2] | [1..=2, 1..=2, 4] | [1..=2, 1..=2, 2]);
        is_date && written != shape.literal
    }

    /// "F2026-101, 109 en 112": what follows has the last group's length and the same beginning.
    fn listed_after(&self, hit: &Hit, numbers: &[&str]) -> Vec<usize> {
        let number = numbers[hit.number];
        let stem = number.trim_end_matches(|c: char| c.is_ascii_digit());
        let group = number.len() - stem.len();
        let mut found = Vec::new();
        let mut at = hit.last + 1;
        if stem.is_empty() || group == 0 {
            return found;
        }
        loop {
            at += self.conjunction_at(at);
            let digits: String =
                (at..at + group).filter_map(|index| self.letter(index)).filter(char::is_ascii_digit).collect();
            let is_one = digits.len() == group
                && lists(self.gap(at))
                && (at + 1..at + group).all(|index| self.gap(index).is_empty());
            if !is_one || matches!(self.gap(at + group), "" | "-" | ".") && self.letter(at + group).is_some() {
                return found;
            }
            found.extend(numbers.iter().position(|other| *other == format!("{stem}{digits}")));
            at += group;
        }
    }

    /// Length of "en", "and", "et" or "und" at a place, else 0.
    fn conjunction_at(&self, at: usize) -> usize {
        let length = self.letters_from(at);
        let word: String = (at..at + length).filter_map(|index| self.letter(index)).collect();
        if matches!(word.as_str(), "EN" | "AND" | "ET" | "UND" | "E") { length } else { 0 }
    }
}

/// What may stand inside a number.
fn joins(gap: &str) -> bool {
    gap.chars().count() <= 3 && gap.chars().all(|c| c.is_whitespace() || matches!(c, '.' | '/' | '-' | '_' | '–'))
}

/// What may stand between the numbers of a list.
fn lists(gap: &str) -> bool {
    !gap.is_empty()
        && gap.chars().count() <= 3
        && gap.chars().all(|c| c.is_whitespace() || matches!(c, ',' | ';' | '+' | '&' | '/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn however_it_is_typed() {
        let named = [
            "2026-0412",
            "factuur 2026 0412",
            "FACT.2026.0412",
            "fact2026-0412",
            "2026/0412",
            "betreft: 20260412.",
            "f 2026 - 0412",
            "2026-0412/klant 33",
            "2026-0412/2026-11-30",
            "inv#2026-0412 dank",
            "20 260412",
        ];
        for text in named {
            assert_eq!(numbers_in(text, ["2026-0412"].into_iter()), ["2026-0412"], "{text}");
        }
        let not_named = [
            "12026-04123",
            "2026-04123",
            "12026-0412",
            "2026-0412-1",
            "700-2026-0412",
            "C2026-0412",
            "order 2026-0412",
            "creditnota 2026-0412",
            "klant nummer 2026-0412",
            "klant nr 2026-0412",
            "5555 2026 0412 7777 8888",
            "2026-04 en 12",
            "202604",
            "",
        ];
        for text in not_named {
            assert_eq!(numbers_in(text, ["2026-0412"].into_iter()), [""; 0], "{text}");
        }
    }

    #[test]
    fn as_payers_write_to_their_bank() {
        let open = ["2026-0412", "2026-0413", "F2026-118", "VF-26/0099", "700123", "20261001"];
        let rows: &[(&str, &[&str])] = &[
            ("FACTUURNUMMER2026-0412", &["2026-0412"]),
            ("fact.nr: 2026-0412", &["2026-0412"]),
            ("fnr 2026.0412", &["2026-0412"]),
            ("inv.no 2026/0412", &["2026-0412"]),
            ("klantnr 10023 factuur 2026-0412", &["2026-0412"]),
            ("factuur:2026-0412,klant 10023", &["2026-0412"]),
            ("KLANT 2026-0412 FACTUUR 2026-0413", &["2026-0413"]),
            ("2026-0412;2026-0413", &["2026-0412", "2026-0413"]),
            ("2026-0412+2026-0413", &["2026-0412", "2026-0413"]),
            ("2026-0412 / 0413", &["2026-0412", "2026-0413"]),
            ("facturen 2026-0412 t/m 2026-0413", &["2026-0412", "2026-0413"]),
            ("Uw factuur dd 01-11-2026 nr 2026-0412", &["2026-0412"]),
            ("2026-412", &["2026-0412"]),
            ("factuur 2026 / 412", &["2026-0412"]),
            ("2026412", &[]),
            ("2026118 en VF260099", &["F2026-118", "VF-26/0099"]),
            ("vf 26 0099", &["VF-26/0099"]),
            ("26/0099", &["VF-26/0099"]),
            ("order 700123", &[]),
            ("ons kenmerk 700123", &["700123"]),
            ("pasnr 700123456", &[]),
            ("tel. 0700123", &[]),
            ("transactie 8700123", &[]),
            ("NL69INGB0700123000", &[]),
            ("betaald op 2026-10-01", &[]),
            ("betaald op 01-10-2026", &[]),
            ("nr 20261001", &["20261001"]),
            ("6000 0000 2026 0412", &[]),
            ("+++202/6041/20000+++", &[]),
            ("EUR 2026,04 12 stuks", &[]),
            ("offerte 2026-0412", &[]),
            ("polisnummer 700123", &[]),
            ("lidnr. 700123", &[]),
            ("contractnummer: 700123", &[]),
            ("creditnota 2026-0412 verrekend met 2026-0413", &["2026-0413"]),
            ("klantnr 7007355 F2026-118", &["F2026-118"]),
            ("klantnr 7007355 2026-0412", &["2026-0412"]),
            ("2026-0412 VF-26/0099 20261001", &["2026-0412", "VF-26/0099", "20261001"]),
        ];
        let mut wrong = Vec::new();
        for (text, expected) in rows {
            let found = numbers_in(text, open.into_iter());
            if found != *expected {
                wrong.push(format!("{text}: {found:?}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn prefixes() {
        let one = |text| numbers_in(text, ["F2026-118", "F2026-119"].into_iter());
        assert_eq!(one("2026-118"), ["F2026-118"]);
        assert_eq!(one("f2026118 en F2026-119"), ["F2026-118", "F2026-119"]);
        assert_eq!(one("C2026-118"), [""; 0]);
        assert_eq!(numbers_in("2026-118", ["F2026-118", "G2026-118"].into_iter()), [""; 0], "two could be meant");
        assert_eq!(numbers_in("2026-118", ["F2026-118", "2026-118"].into_iter()), ["2026-118"]);
    }

    #[test]
    fn short_numbers_need_an_announcement() {
        let one = |text| numbers_in(text, ["118"].into_iter());
        for named in ["118", "factuur 118", "invoice no. 118", "nr 118 bedankt"] {
            assert_eq!(one(named), ["118"], "{named}");
        }
        for not in ["klant 118", "118,50 euro en 3", "F2026-118", "huisnummer 12 118 ok", "1 18"] {
            assert_eq!(one(not), [""; 0], "{not}");
        }
    }

    #[test]
    fn lists_and_overlaps() {
        let numbers = ["F2026-101", "F2026-109", "F2026-112", "F2026-1121"];
        assert_eq!(numbers_in("F2026-101, 109 en 112", numbers.into_iter()), &numbers[..3]);
        assert_eq!(numbers_in("F2026-101/109", numbers.into_iter()), &numbers[..2]);
        assert_eq!(numbers_in("F2026-1121", numbers.into_iter()), ["F2026-1121"]);
        assert_eq!(numbers_in("2026-11-30", ["2026-1130"].into_iter()), [""; 0], "a date");
        assert_eq!(numbers_in("2026 04", ["2026-04", "2026-0412"].into_iter()), ["2026-04"]);
    }

    proptest! {
        #[test]
        fn total(text in ".{0,60}", numbers in proptest::collection::vec("[A-Z]{0,2}[0-9]{0,4}[-/ .]?[0-9é]{0,4}", 0..5)) {
            let found = numbers_in(&text, numbers.iter().map(String::as_str));
            prop_assert!(found.iter().all(|n| numbers.iter().any(|m| m == n)));
        }

        /// However it is grouped, in whatever words, and never as part of longer digits.
        #[test]
        fn a_number_among_words(
            year in 2020u32..2030, serial in 1u32..10_000,
            join in prop_oneof![Just(""), Just(" "), Just("."), Just("/"), Just(" - "), Just("_")],
            before in prop_oneof![Just(""), Just("factuur "), Just("Betaling fact.nr. "), Just("INV "), Just("dank u, ")],
            after in prop_oneof![Just(""), Just(" dank"), Just(", klant 77"), Just("."), Just(" d.d. 1 mei")],
            digit in 0u32..10,
        ) {
            let number = format!("{year}-{serial:04}");
            let text = format!("{before}{year}{join}{serial:04}{after}");
            prop_assert_eq!(numbers_in(&text, [number.as_str()].into_iter()), [number.as_str()], "{}", text);
            for longer in [format!("{before}{digit}{year}{join}{serial:04}{after}"), format!("{before}{year}{join}{serial:04}{digit}{after}")] {
                prop_assert!(numbers_in(&longer, [number.as_str()].into_iter()).is_empty(), "{}", longer);
            }
        }

        #[test]
        fn a_number_alone_names_itself(number in "[A-Z]{0,2}2[0-9]{3}-[0-9]{3,4}") {
            prop_assert_eq!(numbers_in(&number, [number.as_str()].into_iter()), vec![number.as_str()]);
        }
    }
}
