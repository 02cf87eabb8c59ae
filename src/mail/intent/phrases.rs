//! The phrase tables: what customers write, per language, as data. Compiles and matches them; never weighs.
//!
//! A phrase is a few words. `pay*` is any ending, `a|b` either, `[a]` may be absent, `..` up to four words
//! between, `...` up to nine, `a_b|c` two words or one, `#` a number, `^` the begin and `$` the end of a sentence, `@name` one of a
//! set. Case, diacritics and punctuation do not count.

use std::collections::HashMap;

use serde::Deserialize;
use toml::Spanned;

use super::Label;
use super::likeness::{Learned, Like};
use super::sentences::{Word, plain, words};

/// The phrase tables of all languages, compiled.
pub struct Phrases {
    rules: Vec<Rule>,
    /// Rules by the word they start with.
    by_word: HashMap<String, Vec<usize>>,
    /// The same for the beginnings of words; of those that only stand further on, none.
    by_prefix: HashMap<String, Vec<usize>>,
    /// Rules that start with a number.
    by_number: Vec<usize>,
    longest_prefix: usize,
    /// What the owner corrected.
    corrected: Learned,
}

/// A fault in a phrase table, with its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {reason}")]
pub struct PhraseFault {
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    pub reason: String,
}

/// What a phrase says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Meaning {
    Label(Label),
    /// Payment waits for something outside the sender's hands: no date counts.
    Condition,
    /// A day set for us ("graag antwoord voor vrijdag").
    Deadline,
    /// The sender is away or closed; the day of return is no promise.
    Absence,
    /// The amount beside it is the contested one.
    Contested,
    /// A reading machine text, not a person: newsletters.
    Newsletter,
    /// Says that something is not so; unexplained it may be a dispute.
    Negation,
}

/// How far a phrase takes back what others of the same meaning said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Annuls {
    /// Phrases that share a word with it.
    Words,
    Sentence,
    Mail,
}

/// A phrase found in a sentence: words `from..to`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    pub rule: usize,
    pub meaning: Meaning,
    pub weight: u8,
    pub annuls: Option<Annuls>,
    pub from: usize,
    pub to: usize,
}

struct Rule {
    meaning: Meaning,
    weight: u8,
    annuls: Option<Annuls>,
    steps: Vec<Step>,
    /// Of each word that may not be absent.
    needs: Vec<Bits>,
}

/// Words in few bits: where a phrase's word and those of a sentence share none, the word is not there.
type Bits = u128;

fn bit(word: &str) -> Bits {
    // FNV-1a
    let hash = word
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    1 << (hash >> 57)
}

/// A sentence's words with their bits.
struct Text<'w> {
    words: &'w [Word],
    bits: Vec<Bits>,
    over_commas: bool,
}

#[derive(Clone, Debug)]
enum Step {
    Word { any: Vec<Match>, bits: Bits, optional: bool },
    Gap(usize),
    Begin,
    End,
}

#[derive(Clone, Debug)]
enum Match {
    Exact(String),
    Prefix(String),
    Number,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    sets: HashMap<String, Vec<String>>,
    #[serde(default)]
    phrase: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    means: Spanned<String>,
    #[serde(default = "three")]
    weight: u8,
    annuls: Option<Annuls>,
    any: Vec<Spanned<String>>,
}

fn three() -> u8 {
    3
}

const BUILT_IN: [(&str, &str, &str); 4] = [
    ("nl", "config/phrases/nl.toml", include_str!("../../../config/phrases/nl.toml")),
    ("en", "config/phrases/en.toml", include_str!("../../../config/phrases/en.toml")),
    ("de", "config/phrases/de.toml", include_str!("../../../config/phrases/de.toml")),
    ("fr", "config/phrases/fr.toml", include_str!("../../../config/phrases/fr.toml")),
];

impl Phrases {
    /// The tables built into the binary.
    pub fn built_in() -> Phrases {
        match Phrases::parse(&BUILT_IN) {
            Ok(phrases) => phrases,
            Err(faults) => panic!("BUG: built-in phrase table: {faults:?}"),
        }
    }

    /// The text of the built-in tables, as (language, file, text), for an owner who adds to them.
    pub fn built_in_tables() -> &'static [(&'static str, &'static str, &'static str)] {
        &BUILT_IN
    }

    /// Learns the owner's own examples: lines "label: text", remarks after `#`.
    ///
    /// # Errors
    /// Every line that is neither.
    pub fn learn(&mut self, file: &str, text: &str) -> Result<(), Vec<PhraseFault>> {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
        let not_learned: Vec<(usize, &str)> = lines.filter(|(_, line)| !self.corrected.learn_line(line)).collect();
        let fault = |(at, line): (usize, &str)| PhraseFault {
            file: file.to_owned(),
            line: at + 1,
            reason: format!("{line:?} is not \"label: text\" with a label of people or auto_reply"),
        };
        if not_learned.is_empty() { Ok(()) } else { Err(not_learned.into_iter().map(fault).collect()) }
    }

    /// What words are like, by the built-in examples and the owner's corrections.
    pub(super) fn like<'w>(&self, texts: impl Iterator<Item = &'w [Word]>) -> Option<Like> {
        self.corrected.like(texts)
    }

    /// Compiles tables given as (language, file name, TOML text).
    ///
    /// # Errors
    /// Every fault of every table, with file and line.
    pub fn parse(tables: &[(&str, &str, &str)]) -> Result<Phrases, Vec<PhraseFault>> {
        let mut phrases = Phrases {
            rules: Vec::new(),
            by_word: HashMap::new(),
            by_prefix: HashMap::new(),
            by_number: Vec::new(),
            longest_prefix: 0,
            corrected: Learned::default(),
        };
        let mut faults = Vec::new();
        for (lang, file, text) in tables {
            let mut fault = |at: usize, reason: String| {
                let line = 1 + text.bytes().take(at).filter(|b| *b == b'\n').count();
                faults.push(PhraseFault { file: (*file).to_owned(), line, reason });
            };
            if !super::language::LANGUAGES.contains(lang) {
                fault(0, format!("language {lang:?} is not one of nl, en, de, fr"));
            }
            match toml::from_str::<Table>(text) {
                Ok(table) => phrases.add(table, &mut fault),
                Err(error) => {
                    fault(error.span().map_or(0, |span| span.start), error.message().to_owned());
                }
            }
        }
        if faults.is_empty() { Ok(phrases) } else { Err(faults) }
    }

    fn add(&mut self, table: Table, fault: &mut impl FnMut(usize, String)) {
        for entry in table.phrase {
            let Some(meaning) = meaning(entry.means.get_ref()) else {
                fault(entry.means.span().start, format!("{:?} is not a meaning", entry.means.get_ref()));
                continue;
            };
            if !(1..=9).contains(&entry.weight) {
                fault(entry.means.span().start, format!("weight {} is not between 1 and 9", entry.weight));
            }
            for phrase in &entry.any {
                for written in spread(phrase.get_ref()) {
                    match compile(&written, &table.sets) {
                        Ok(steps) => {
                            let needs = steps.iter().filter_map(Step::needs).collect();
                            self.index(Rule { meaning, weight: entry.weight, annuls: entry.annuls, steps, needs });
                        }
                        Err(reason) => fault(phrase.span().start, format!("{:?}: {reason}", phrase.get_ref())),
                    }
                }
            }
        }
    }

    /// Files a rule under every word it can start with.
    fn index(&mut self, rule: Rule) {
        let id = self.rules.len();
        for step in &rule.steps {
            self.know_prefixes(step);
        }
        for step in &rule.steps {
            match step {
                Step::Begin => {}
                Step::Word { any, optional, .. } => {
                    any.iter().for_each(|first| self.file(first, id));
                    if !optional {
                        break;
                    }
                }
                Step::Gap(_) | Step::End => break,
            }
        }
        self.rules.push(rule);
    }

    fn file(&mut self, first: &Match, id: usize) {
        match first {
            Match::Exact(word) => self.by_word.entry(word.clone()).or_default().push(id),
            Match::Prefix(prefix) => {
                self.longest_prefix = self.longest_prefix.max(prefix.len());
                self.by_prefix.entry(prefix.clone()).or_default().push(id);
            }
            Match::Number => self.by_number.push(id),
        }
    }

    fn know_prefixes(&mut self, step: &Step) {
        let Step::Word { any, .. } = step else { return };
        for one in any {
            if let Match::Prefix(prefix) = one {
                self.longest_prefix = self.longest_prefix.max(prefix.len());
                self.by_prefix.entry(prefix.clone()).or_default();
            }
        }
    }

    /// Every phrase found in these words; one hit per rule and place.
    pub(super) fn hits(&self, words: &[Word]) -> Vec<Hit> {
        let mut starts: Vec<(usize, &[usize])> = Vec::new();
        let mut bits = Vec::with_capacity(words.len());
        for (at, word) in words.iter().enumerate() {
            bits.push(self.look_up(&word.text, |rules| starts.push((at, rules))));
        }
        let all = bits.iter().fold(0, |all, bits| all | bits);
        let mut text = Text { words, bits, over_commas: true };
        let mut hits = Vec::new();
        for (at, ids) in starts {
            for &id in ids {
                self.try_rule(id, &mut text, all, at, &mut hits);
            }
        }
        hits
    }

    /// The bits of a word; `found` hears of the rules that start with it.
    fn look_up<'p>(&'p self, word: &str, mut found: impl FnMut(&'p [usize])) -> Bits {
        let mut bits = bit(word);
        found(self.by_word.get(word).map_or(&[], Vec::as_slice));
        for end in 1..=word.len().min(self.longest_prefix) {
            let Some(prefix) = word.get(..end) else { continue };
            if let Some(rules) = self.by_prefix.get(prefix) {
                bits |= bit(prefix).rotate_left(PREFIX);
                found(rules);
            }
        }
        if is_number(word) {
            bits |= bit(NUMBER);
            found(&self.by_number);
        }
        bits
    }

    fn try_rule(&self, id: usize, text: &mut Text<'_>, all: Bits, at: usize, hits: &mut Vec<Hit>) {
        let Some(rule) = self.rules.get(id) else { return };
        if rule.needs.iter().any(|needed| needed & all == 0) {
            return;
        }
        text.over_commas = rule.annuls.is_none();
        if let Some(to) = walk(&rule.steps, text, at) {
            let Rule { meaning, weight, annuls, .. } = *rule;
            hits.push(Hit { rule: id, meaning, weight, annuls, from: at, to });
        }
    }
}

/// A beginning of a word has another bit than the word that is spelled so.
const PREFIX: u32 = 41;
const NUMBER: &str = "#";

impl Step {
    fn word(any: Vec<Match>, optional: bool) -> Step {
        let bits = any.iter().fold(0, |bits, one| bits | one.bit());
        Step::Word { any, bits, optional }
    }

    fn needs(&self) -> Option<Bits> {
        match self {
            Step::Word { bits, optional: false, .. } => Some(*bits),
            Step::Word { .. } | Step::Gap(_) | Step::Begin | Step::End => None,
        }
    }
}

/// Where the steps end when they hold from word `at`; gaps are bounded, so is the search. What takes back
/// does not reach over a comma.
fn walk(steps: &[Step], text: &Text<'_>, at: usize) -> Option<usize> {
    let Some((step, rest)) = steps.split_first() else { return Some(at) };
    let words = text.words;
    match step {
        Step::Begin => (at == 0).then(|| walk(rest, text, at)).flatten(),
        Step::End => (at == words.len()).then(|| walk(rest, text, at)).flatten(),
        Step::Gap(most) => (at..=at + most)
            .take_while(|&next| {
                next <= words.len() && (text.over_commas || !words.get(next).is_some_and(|word| word.after_comma))
            })
            .find_map(|n| walk(rest, text, n)),
        Step::Word { any, bits, optional } => {
            let may_hold = text.bits.get(at).is_some_and(|of_word| of_word & bits != 0);
            let holds = may_hold && words.get(at).is_some_and(|word| any.iter().any(|one| one.holds(&word.text)));
            let taken = if holds { walk(rest, text, at + 1) } else { None };
            if taken.is_none() && *optional { walk(rest, text, at) } else { taken }
        }
    }
}

impl Match {
    fn bit(&self) -> Bits {
        match self {
            Match::Exact(word) => bit(word),
            Match::Prefix(prefix) => bit(prefix).rotate_left(PREFIX),
            Match::Number => bit(NUMBER),
        }
    }

    fn holds(&self, word: &str) -> bool {
        match self {
            Match::Exact(exact) => word == exact,
            Match::Prefix(prefix) => word.starts_with(prefix.as_str()),
            Match::Number => is_number(word),
        }
    }
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_digit())
}

fn meaning(name: &str) -> Option<Meaning> {
    Some(match name {
        "insolvency" => Meaning::Label(Label::Insolvency),
        "dispute" => Meaning::Label(Label::Dispute),
        "plan" => Meaning::Label(Label::Plan),
        "promise" => Meaning::Label(Label::Promise),
        "paid" => Meaning::Label(Label::Paid),
        "question" => Meaning::Label(Label::Question),
        "wrong_contact" => Meaning::Label(Label::WrongContact),
        "acknowledge" => Meaning::Label(Label::Acknowledge),
        "unrelated" => Meaning::Label(Label::Unrelated),
        "condition" => Meaning::Condition,
        "deadline" => Meaning::Deadline,
        "absence" => Meaning::Absence,
        "contested" => Meaning::Contested,
        "newsletter" => Meaning::Newsletter,
        "negation" => Meaning::Negation,
        _ => return None,
    })
}

/// "is a_b|c|d" is "is a b" and "is c|d".
fn spread(phrase: &str) -> Vec<String> {
    let mut written = vec![String::new()];
    for item in phrase.split_whitespace() {
        let (longer, single): (Vec<&str>, Vec<&str>) = item.split('|').partition(|choice| choice.contains('_'));
        let mut choices: Vec<String> = longer.iter().map(|choice| choice.replace('_', " ")).collect();
        if !single.is_empty() {
            choices.push(single.join("|"));
        }
        let extended = |begin: &String| choices.iter().map(|choice| format!("{begin} {choice}")).collect::<Vec<_>>();
        written = written.iter().flat_map(extended).take(MOST_SPELLINGS).collect();
    }
    written
}

/// A phrase of many choices is cut off here rather than allowed to fill the memory.
const MOST_SPELLINGS: usize = 500;

fn compile(phrase: &str, sets: &HashMap<String, Vec<String>>) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    for item in phrase.split_whitespace() {
        match item {
            ".." => steps.push(Step::Gap(4)),
            "..." => steps.push(Step::Gap(9)),
            "^" => steps.push(Step::Begin),
            "$" => steps.push(Step::End),
            item => compile_word(item, sets, &mut steps)?,
        }
    }
    let starts = steps.iter().find(|step| !matches!(step, Step::Begin));
    if !matches!(starts, Some(Step::Word { .. })) || !steps.iter().any(is_firm) {
        return Err("must start with a word and hold one that may not be absent".to_owned());
    }
    Ok(steps)
}

fn is_firm(step: &Step) -> bool {
    matches!(step, Step::Word { optional: false, .. })
}

fn compile_word(item: &str, sets: &HashMap<String, Vec<String>>, steps: &mut Vec<Step>) -> Result<(), String> {
    let (item, optional) = match item.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        Some(inner) => (inner, true),
        None => (item, false),
    };
    let mut any = Vec::new();
    for choice in item.split('|') {
        match choice.strip_prefix('@') {
            Some(name) => {
                let set = sets.get(name).ok_or_else(|| format!("there is no set {name:?}"))?;
                set.iter().try_for_each(|word| add_choice(word, &mut any))?;
            }
            // A word with an apostrophe or hyphen is several words: only alone in its place.
            None if item == choice && !optional && words(&plain(choice)).len() > 1 => {
                for word in words(&plain(choice)) {
                    steps.push(Step::word(vec![Match::Exact(word.text)], false));
                }
                return Ok(());
            }
            None => add_choice(choice, &mut any)?,
        }
    }
    steps.push(Step::word(any, optional));
    Ok(())
}

fn add_choice(choice: &str, any: &mut Vec<Match>) -> Result<(), String> {
    if choice == "#" {
        any.push(Match::Number);
        return Ok(());
    }
    let (stem, prefix) = choice.strip_suffix('*').map_or((choice, false), |stem| (stem, true));
    for spelling in [stem.to_owned(), spelled_out(stem)] {
        let [word] = words(&plain(&spelling)).try_into().map_err(|_| format!("{choice:?} is not one word"))?;
        any.push(if prefix { Match::Prefix(word.text) } else { Match::Exact(word.text) });
        if spelling == spelled_out(&spelling) && spelled_out(stem) == stem {
            break;
        }
    }
    Ok(())
}

/// German without umlauts: "ueberwiesen".
fn spelled_out(word: &str) -> String {
    word.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(phrase: &str, text: &str) -> bool {
        let table =
            format!("[sets]\nwe = [\"wij\", \"we\", \"ik\"]\n[[phrase]]\nmeans = \"paid\"\nany = [{phrase:?}]\n");
        let phrases = Phrases::parse(&[("nl", "t.toml", &table)]).unwrap();
        !phrases.hits(&words(&plain(text))).is_empty()
    }

    #[test]
    fn the_phrase_language() {
        for (phrase, yes, no) in [
            ("nooit .. besteld", "dit hebben wij nooit iets besteld", "nooit een twee drie vier vijf besteld"),
            ("@we betal*", "Wij betalen", "zij betalen"),
            ("is [al] betaald", "is betaald", "is niet betaald"),
            ("überwiesen", "ueberwiesen", "uberwiesenes"),
            ("d'annuler", "merci d’annuler", "annuler"),
            ("^ ok $", "OK!", "ok dan"),
            ("is in_orde|goed nu", "is in orde nu", "is in nu"),
            ("is in_orde|goed nu", "is goed nu", "is orde nu"),
            ("# keer", "in 3 keer", "in drie keer"),
        ] {
            assert!(found(phrase, yes), "{phrase}: {yes}");
            assert!(!found(phrase, no), "{phrase}: {no}");
        }
    }

    #[test]
    fn faults_name_file_and_line() {
        let table = "[[phrase]]\nmeans = \"paid\"\nany = [\"ok\",\n  \".. x\",\n  \"@nobody pays\"]\n[[phrase]]\nmeans = \"pad\"\nany = []\n";
        let faults = Phrases::parse(&[("nl", "own.toml", table)]).err().unwrap();
        let lines: Vec<usize> = faults.iter().map(|f| f.line).collect();
        assert_eq!(lines, [4, 5, 7]);
        assert!(faults[0].to_string().starts_with("own.toml:4: "));
        assert!(Phrases::parse(&[("nl", "own.toml", "phrase = 1")]).is_err());
        assert!(Phrases::parse(&[("xx", "own.toml", "")]).is_err());
    }

    #[test]
    fn an_owners_examples_are_learned_or_named() {
        let mut phrases = Phrases::parse(&[]).unwrap();
        phrases.learn("examples.txt", "# mine\n\nplan: Zet maar op de pof\n").unwrap();
        let faults = phrases.learn("examples.txt", "plan: ja\nfiets: nee\nzomaar iets\n").unwrap_err();
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [2, 3]);
        assert!(faults[0].to_string().starts_with("examples.txt:2: "));
    }

    /// Looking at bits first finds what walking every rule finds.
    #[test]
    fn bits_lose_nothing() {
        let phrases = Phrases::built_in();
        for text in include_str!("../../../config/phrases/examples.txt").lines().step_by(7) {
            let words = words(&plain(text));
            let mut blind = Text { words: &words, bits: vec![Bits::MAX; words.len()], over_commas: true };
            let mut found = Vec::new();
            for (at, word) in words.iter().enumerate() {
                let mut rules = Vec::new();
                phrases.look_up(&word.text, |starting| rules.extend(starting));
                rules.iter().for_each(|&id| phrases.try_rule(id, &mut blind, Bits::MAX, at, &mut found));
            }
            let told = |hits: &[Hit]| hits.iter().map(|hit| (hit.rule, hit.from, hit.to)).collect::<Vec<_>>();
            assert_eq!(told(&phrases.hits(&words)), told(&found), "{text}");
        }
    }

    #[test]
    fn built_in_tables_are_sound() {
        assert!(Phrases::built_in().rules.len() > 500);
    }
}
