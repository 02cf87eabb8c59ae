//! Our own letter in an answer that quotes it without any mark: known again by its wording, and marked as quoted.
//! What stands between its sentences and is none of ours stays the customer's.

use super::html::Line;
use super::signature::{is_card_line, is_closing};
use crate::letter::wording::{Wording, hashed, split};
use regex::{Regex, RegexBuilder};
use std::sync::LazyLock;

/// So many words of ours in one line are no chance.
const STRONG: usize = 6;
/// So many words of ours in all its lines make a letter; less is a sentence that people write too.
const LETTER: usize = 12;

/// The lines, those of our letter as deep as a quotation.
pub fn marked(mut lines: Vec<Line>, wording: &Wording) -> Vec<Line> {
    let ours = words_of_ours(&lines, wording);
    let strong = |at: &usize| ours.get(*at).is_some_and(Ours::is_strong);
    let of_letter: usize = ours.iter().filter(|ours| ours.is_strong()).map(|ours| ours.held).sum();
    let (Some(first), Some(last)) = ((0..lines.len()).find(strong), (0..lines.len()).rfind(strong)) else {
        return lines;
    };
    if of_letter < LETTER {
        return lines;
    }
    let (start, end) = (head(&lines, first), foot(&lines, &ours, last));
    let mut after_a_persons = false;
    for (from, to) in paragraphs(&lines, start, end) {
        let paragraph = lines.get(from..=to).unwrap_or_default();
        let of_paragraph = ours.get(from..=to).unwrap_or_default();
        let signs = after_a_persons && paragraph.iter().all(|line| is_closing(&line.text));
        after_a_persons = from >= first && to <= last && (signs || is_a_persons(paragraph, of_paragraph));
        if !after_a_persons {
            lines.iter_mut().take(to + 1).skip(from).for_each(|line| line.depth = line.depth.max(1));
        }
    }
    lines
}

/// Of one line: its words, and how many of them stand in our letters.
#[derive(Clone, Copy, Default)]
struct Ours {
    all: usize,
    held: usize,
}

impl Ours {
    /// People do write one of our sentences, with words of their own around it.
    fn is_strong(&self) -> bool {
        self.held >= STRONG && (self.held == self.all || self.held >= STRONG + 3 && 10 * self.held >= 7 * self.all)
    }
}

/// Counted over line ends, for mail programs wrap; not over quotations.
fn words_of_ours(lines: &[Line], wording: &Wording) -> Vec<Ours> {
    let mut of_line: Vec<usize> = Vec::new();
    let mut all: Vec<u64> = Vec::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.depth == 0) {
        for word in split(&line.text) {
            all.push(hashed(word));
            of_line.push(at);
        }
    }
    let mut ours = vec![Ours::default(); lines.len()];
    for (held, at) in wording.holds(&all).into_iter().zip(of_line) {
        if let Some(ours) = ours.get_mut(at) {
            ours.all += 1;
            ours.held += usize::from(held);
        }
    }
    ours
}

/// Where the letter begins: at its salutation and date, above its first sentence.
fn head(lines: &[Line], first: usize) -> usize {
    static HEAD: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:aan|datum|to|date|an|à|a l'attention de)\s*:\s"));
    let mut start = first;
    for at in (0..first).rev() {
        let Some(line) = lines.get(at) else { break };
        if HEAD.is_match(&line.text) || is_salutation(&line.text) {
            start = at;
        } else if !line.text.is_empty() {
            break;
        }
    }
    start
}

/// Where the letter ends: below its closing, with the name and addresses of the company.
fn foot(lines: &[Line], ours: &[Ours], last: usize) -> usize {
    let mut end = last;
    let (mut closed, mut gap_after_name) = (false, false);
    for at in last + 1..lines.len() {
        let (Some(line), Some(ours)) = (lines.get(at), ours.get(at)) else { break };
        let text = line.text.as_str();
        if text.is_empty() {
            gap_after_name |= closed && end + 1 == at && lines.get(end).is_some_and(|line| !is_closing(&line.text));
            continue;
        }
        let of_paragraph = lines.get(at - 1).is_some_and(|before| !before.text.is_empty()) && end + 1 == at;
        let name = closed && !gap_after_name;
        let rest_of_sentence = !closed && of_paragraph;
        if is_closing(text) {
            closed = true;
        } else if is_salutation(text)
            || !(name || rest_of_sentence || 2 * ours.held > ours.all || is_label(text) || is_card_line(text))
        {
            break;
        }
        end = at;
    }
    end
}

/// Runs of lines that are not empty, first and last, between two places.
fn paragraphs(lines: &[Line], start: usize, end: usize) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for at in start..=end {
        if lines.get(at).is_none_or(|line| line.text.is_empty()) {
            continue;
        }
        match found.last_mut() {
            Some((_, to)) if *to + 1 == at => *to = at,
            _ => found.push((at, at)),
        }
    }
    found
}

/// Mostly none of our words, and none of our tables, labels and lists: what somebody wrote between our sentences.
fn is_a_persons(paragraph: &[Line], ours: &[Ours]) -> bool {
    static LISTED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"\S {2,}\S|\t|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,}|^(?:factuur|invoice|rechnung|facture)\s+\S*\d\S*\s*:|",
            r"\b(?:kvk|ondernemingsnummer|btw|enterprise number|company number|vat|unternehmensnummer|ust-?id\S*|numéro d['’]entreprise|tva)\b(?:.{0,16}\d|$)",
        ))
    });
    let (all, held) = ours.iter().fold((0, 0), |(all, held), ours| (all + ours.all, held + ours.held));
    let figures: usize = paragraph.iter().map(|line| split(&line.text).filter(|word| has_digit(word)).count()).sum();
    let is_table = 4 * figures >= all && !paragraph.last().is_some_and(|line| line.text.ends_with(['.', '!', '?']));
    let is_listed = paragraph.iter().any(|line| LISTED.is_match(&line.text) || is_label(&line.text));
    all >= 2 && 3 * held <= all && !is_table && !is_listed
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

/// "Geachte mevrouw Bakker,"
fn is_salutation(text: &str) -> bool {
    static SALUTATION: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^(?:geachte|beste|dear|sehr geehrte[rs]?|guten tag|bonjour|madame|monsieur|chère?)\b.{0,80},$")
    });
    SALUTATION.is_match(text)
}

/// "Onder vermelding van:  2026-0412". What ends as a sentence is one.
fn is_label(text: &str) -> bool {
    static LABEL: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\p{L}[\p{L}’'() .-]{1,30}:(?:\s|$)"));
    LABEL.is_match(text) && split(text).count() <= 12 && !text.ends_with(['.', '!', '?'])
}

fn pattern(text: &str) -> Regex {
    RegexBuilder::new(text).case_insensitive(true).build().expect("BUG: pattern")
}

#[cfg(test)]
mod tests {
    use super::super::message::Message;
    use super::super::own_words::own_words;
    use crate::dunning::debtor::Language;
    use crate::letter::{Templates, tests::data};

    fn left(text: &str) -> String {
        own_words(&Message { text: text.into(), ..Message::default() }, Templates::built_in().wording())
    }

    #[test]
    fn a_letter_without_a_mark_is_cut_away() {
        let letter = Templates::built_in().render(&data::one(Language::Nl, "reminder")).unwrap().text;
        assert_eq!(left(&letter), "");
        assert_eq!(
            left(&format!("Wij betwisten dit.\n\n{letter}\n\nEn we betalen niet.")),
            "Wij betwisten dit.\n\nEn we betalen niet."
        );
        let answered = letter.replacen("\n\n", "\n\nIk heb gisteren betaald.\n\n", 3);
        assert!(left(&answered).contains("Ik heb gisteren betaald."), "{}", left(&answered));
    }

    #[test]
    fn a_sentence_of_ours_in_their_mouth_is_theirs() {
        for text in [
            "We do not agree with this invoice. The hours are wrong.",
            "Wij verzoeken u vriendelijk het bedrag van € 50,00 terug te storten.",
        ] {
            assert_eq!(left(text), text);
        }
    }
}
