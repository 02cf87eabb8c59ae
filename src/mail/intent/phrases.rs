//! The phrase tables: what customers write, per language, as data. Compiles and matches them; never weighs.
//!
//! A phrase is a few words. `pay*` is any ending, `a|b` either, `[a]` may be absent, `..` up to four words
//! between, `...` up to nine, `a_b|c` two words or one, `#` a number, `^` the begin and `$` the end of a sentence, `@name` one of a
//! set. Case, diacritics and punctuation do not count.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;
use toml::Spanned;

use super::Label;
use super::lexicon::{Lexicon, Token};
use super::likeness::{self, Learned, Like};
use super::lists::Lists;
use super::sentences::Word;
use super::written::{Item, compile, spread};

/// The phrase tables of all languages, compiled.
#[derive(Default)]
pub struct Phrases {
    rules: Vec<Rule>,
    /// Of each rule what it is made of.
    steps: Lists<Step>,
    /// Of each rule what may not be absent: the rarest first, and without the first word of the phrase.
    needs: Lists<Class>,
    lexicon: Lexicon,
    /// Of each match the rules that can start with it, by one of the further classes that they need: the number of
    /// their list in `started`.
    starting: Lists<(Option<Class>, usize)>,
    started: Lists<u32>,
    /// Matches of which a phrase takes any at one place, ascending.
    classes: Lists<Token>,
    known_classes: HashMap<Vec<Token>, Class>,
    /// Of each match the classes that it is in, of those that a phrase needs further on.
    classes_of: Lists<Class>,
    /// With what the owner corrected.
    corrected: Option<Box<Learned>>,
}

/// The number of a list in [`Phrases::classes`].
type Class = u16;

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
    /// Somebody acts for the debtor: that contests, unless he pays.
    Agent,
    /// "Ik betwist de rekening niet": nothing is contested but what another phrase contests.
    Uncontested,
    /// "Wil je dat ik de bon stuur?": a question that asks for nothing.
    Offer,
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
}

/// A sentence as the lexicon sees it.
struct Text<'w> {
    words: &'w [Word<'w>],
    /// What the words are, one word behind the other, and where each begins.
    tokens: Vec<Token>,
    from: Vec<usize>,
    /// One bit for each class that a phrase needs, set where a word is in it.
    there: Vec<u64>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Word {
        any: Class,
        optional: bool,
    },
    /// At most so many words between.
    Gap(u8),
    Begin,
    End,
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
        let corrected = self.corrected.get_or_insert_with(|| Box::new(likeness::BUILT_IN.clone()));
        let not_learned = corrected.learn_lines(lines);
        let fault = |(at, line): (usize, &str)| PhraseFault {
            file: file.to_owned(),
            line: at + 1,
            reason: format!("{line:?} is not \"label: text\" with a label of people or auto_reply"),
        };
        if not_learned.is_empty() { Ok(()) } else { Err(not_learned.into_iter().map(fault).collect()) }
    }

    /// What words are like, by the built-in examples and the owner's corrections.
    pub(super) fn like<'w, W: AsRef<[Word<'w>]>>(&self, texts: impl Iterator<Item = W>) -> Option<Like<'_>> {
        self.corrected.as_deref().unwrap_or(&likeness::BUILT_IN).like(texts)
    }

    /// Compiles tables given as (language, file name, TOML text).
    ///
    /// # Errors
    /// Every fault of every table, with file and line.
    pub fn parse(tables: &[(&str, &str, &str)]) -> Result<Phrases, Vec<PhraseFault>> {
        let mut phrases = Phrases::default();
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
        phrases.settle();
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
                    match compile(&written, &table.sets).and_then(|items| self.numbered(items)) {
                        Ok(steps) => {
                            self.rules.push(Rule { meaning, weight: entry.weight, annuls: entry.annuls });
                            self.steps.add(steps);
                        }
                        Err(reason) => fault(phrase.span().start, format!("{:?}: {reason}", phrase.get_ref())),
                    }
                }
            }
        }
    }

    /// The steps of a phrase with the numbers of their classes.
    fn numbered(&mut self, items: Vec<Item>) -> Result<Vec<Step>, String> {
        let too_many = || "there are too many different words".to_owned();
        let mut steps = Vec::with_capacity(items.len());
        for item in items {
            steps.push(match item {
                Item::Gap(most) => Step::Gap(u8::try_from(most).map_err(|_| "the gap is too wide".to_owned())?),
                Item::Begin => Step::Begin,
                Item::End => Step::End,
                Item::Word { any, optional } => {
                    let tokens: Option<Vec<Token>> = any.iter().map(|one| self.lexicon.number(one)).collect();
                    let any = self.class(tokens.ok_or_else(too_many)?).ok_or_else(too_many)?;
                    Step::Word { any, optional }
                }
            });
        }
        Ok(steps)
    }

    fn class(&mut self, mut tokens: Vec<Token>) -> Option<Class> {
        tokens.sort_unstable();
        tokens.dedup();
        if let Some(known) = self.known_classes.get(&tokens) {
            return Some(*known);
        }
        let class = Class::try_from(self.classes.len()).ok()?;
        self.classes.add(tokens.iter().copied());
        self.known_classes.insert(tokens, class);
        Some(class)
    }

    /// Makes ready for [`Phrases::hits`], after the last rule.
    fn settle(&mut self) {
        self.lexicon.settle();
        let mut starting = vec![BTreeMap::new(); self.lexicon.len()];
        for id in 0..self.rules.len() {
            self.index(id, &mut starting);
        }
        for by_need in starting {
            let numbered = (self.started.len()..).zip(by_need.keys()).map(|(list, need)| (*need, list));
            self.starting.add(numbered);
            by_need.into_values().for_each(|rules: Vec<u32>| self.started.add(rules));
        }
        let needed: BTreeSet<Class> = (0..self.rules.len()).flat_map(|id| self.needs.get(id)).copied().collect();
        let mut classes_of = vec![Vec::new(); self.lexicon.len()];
        for class in needed {
            for token in self.classes.get(usize::from(class)) {
                classes_of[usize::from(*token)].push(class);
            }
        }
        self.classes_of = classes_of.into_iter().collect();
    }

    /// Files a rule under every match that it can start with.
    fn index(&mut self, id: usize, starting: &mut [BTreeMap<Option<Class>, Vec<u32>>]) {
        let steps = self.steps.get(id);
        let first = starts(steps);
        // What it starts with is there already, when it can start with nothing else.
        let sure = first.first().copied().filter(|_| first.len() == 1);
        let mut needs: Vec<Class> = steps.iter().filter_map(Step::needs).collect();
        if let Some(at) = needs.iter().position(|need| Some(*need) == sure) {
            needs.remove(at);
        }
        needs.sort_by_key(|need| self.classes.get(usize::from(*need)).len());
        let (rule, rarest) = (u32::try_from(id).unwrap_or(u32::MAX), needs.first().copied());
        for class in first {
            for token in self.classes.get(usize::from(class)) {
                starting[usize::from(*token)].entry(rarest).or_default().push(rule);
            }
        }
        self.needs.add(needs);
    }

    /// Every phrase found in these words; one hit per rule and place.
    pub(super) fn hits(&self, words: &[Word<'_>]) -> Vec<Hit> {
        let text = self.seen(words);
        let mut hits = Vec::new();
        let mut rules: Vec<u32> = Vec::new();
        for at in 0..words.len() {
            for token in text.tokens_at(at) {
                let starting = self.starting.get(usize::from(*token)).iter();
                let there = starting.filter(|(need, _)| need.is_none_or(|need| text.has(need)));
                rules.clear();
                there.for_each(|(_, list)| rules.extend(self.started.get(*list)));
                rules.sort_unstable();
                rules.iter().for_each(|rule| self.try_rule(*rule as usize, &text, at, &mut hits));
            }
        }
        hits
    }

    fn seen<'w>(&self, words: &'w [Word<'w>]) -> Text<'w> {
        let there = vec![0; self.classes.len().div_ceil(64)];
        let (tokens, from) = (Vec::with_capacity(2 * words.len()), Vec::with_capacity(words.len() + 1));
        let mut text = Text { words, tokens, from, there };
        for word in words {
            text.from.push(text.tokens.len());
            self.lexicon.find(word.text, &mut text.tokens);
        }
        text.from.push(text.tokens.len());
        for token in &text.tokens {
            for class in self.classes_of.get(usize::from(*token)) {
                text.there[usize::from(*class / 64)] |= 1 << (class % 64);
            }
        }
        text
    }

    fn try_rule(&self, id: usize, text: &Text<'_>, at: usize, hits: &mut Vec<Hit>) {
        if !self.needs.get(id).iter().all(|needed| text.has(*needed)) {
            return;
        }
        let Some(&Rule { meaning, weight, annuls }) = self.rules.get(id) else { return };
        if let Some(to) = self.walk(self.steps.get(id), text, at, annuls.is_none()) {
            hits.push(Hit { rule: id, meaning, weight, annuls, from: at, to });
        }
    }

    /// Where the steps end when they hold from word `at`; gaps are bounded, so is the search. What takes back
    /// does not reach over a comma.
    fn walk(&self, steps: &[Step], text: &Text<'_>, at: usize, over_commas: bool) -> Option<usize> {
        let Some((step, rest)) = steps.split_first() else { return Some(at) };
        let words = text.words;
        let go_on = |next: usize| self.walk(rest, text, next, over_commas);
        match step {
            Step::Begin => (at == 0).then(|| go_on(at)).flatten(),
            Step::End => (at == words.len()).then(|| go_on(at)).flatten(),
            Step::Gap(most) => (at..=at + usize::from(*most))
                .take_while(|&next| {
                    next <= words.len() && (over_commas || !words.get(next).is_some_and(|word| word.after_comma))
                })
                .find_map(go_on),
            Step::Word { any, optional } => {
                let taken = if self.is_in(*any, text, at) { go_on(at + 1) } else { None };
                if taken.is_none() && *optional { go_on(at) } else { taken }
            }
        }
    }

    /// Whether the word is in the class.
    fn is_in(&self, class: Class, text: &Text<'_>, at: usize) -> bool {
        let tokens = self.classes.get(usize::from(class));
        let class_has = |token: &Token| tokens.binary_search(token).is_ok();
        text.tokens_at(at).iter().any(class_has)
    }
}

impl Text<'_> {
    fn tokens_at(&self, at: usize) -> &[Token] {
        let (Some(from), Some(to)) = (self.from.get(at), self.from.get(at + 1)) else { return &[] };
        self.tokens.get(*from..*to).unwrap_or_default()
    }

    /// Whether a word is in the class, of those that a phrase needs.
    fn has(&self, class: Class) -> bool {
        self.there.get(usize::from(class / 64)).is_some_and(|bits| bits >> (class % 64) & 1 == 1)
    }
}

impl Step {
    fn needs(&self) -> Option<Class> {
        match self {
            Step::Word { any, optional: false } => Some(*any),
            Step::Word { .. } | Step::Gap(_) | Step::Begin | Step::End => None,
        }
    }
}

/// The classes of the words that a phrase can start with.
fn starts(steps: &[Step]) -> Vec<Class> {
    let mut first = Vec::new();
    for step in steps {
        match step {
            Step::Begin => {}
            Step::Word { any, optional } => {
                first.push(*any);
                if !optional {
                    break;
                }
            }
            Step::Gap(_) | Step::End => break,
        }
    }
    first
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
        "agent" => Meaning::Agent,
        "negation" => Meaning::Negation,
        "uncontested" => Meaning::Uncontested,
        "offer" => Meaning::Offer,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::lexicon::Match;
    use super::super::sentences::{plain, words};
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

    /// What every rule finds that is tried at every place, each word compared with what the tables say.
    fn found_plainly(phrases: &Phrases, words: &[Word<'_>]) -> Vec<(usize, usize, usize)> {
        let mut text = phrases.seen(words);
        text.there.fill(u64::MAX);
        (text.tokens, text.from) = (Vec::new(), vec![0]);
        for word in words {
            let is = |token: &Token| phrases.lexicon.shown(*token).holds(word.text);
            text.tokens.extend((0..).take(phrases.lexicon.len()).filter(is));
            text.from.push(text.tokens.len());
        }
        let mut found = Vec::new();
        for (at, (id, rule)) in
            (0..words.len()).flat_map(|at| phrases.rules.iter().enumerate().map(move |rule| (at, rule)))
        {
            let begins = starts(phrases.steps.get(id)).iter().any(|class| phrases.is_in(*class, &text, at));
            let to = phrases.walk(phrases.steps.get(id), &text, at, rule.annuls.is_none()).filter(|_| begins);
            found.extend(to.map(|to| (id, at, to)));
        }
        found.sort_unstable();
        found
    }

    fn looks_lose_nothing(phrases: &Phrases, text: &str) {
        let text = plain(text);
        let words = words(&text);
        let mut told: Vec<_> = phrases.hits(&words).iter().map(|hit| (hit.rule, hit.from, hit.to)).collect();
        told.sort_unstable();
        told.dedup();
        assert_eq!(told, found_plainly(phrases, &words), "{text}");
    }

    /// Looking words up and at what is needed finds what trying every rule finds.
    #[test]
    fn looking_up_loses_nothing() {
        let phrases = Phrases::built_in();
        for text in include_str!("../../../config/phrases/examples.txt").lines().step_by(17) {
            looks_lose_nothing(&phrases, text);
        }
    }

    static PHRASES: std::sync::LazyLock<Phrases> = std::sync::LazyLock::new(Phrases::built_in);

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(40))]

        /// Words of phrases in any order, whole, cut or with an ending.
        #[test]
        fn looking_up_loses_nothing_in_any_order(picked in proptest::collection::vec((0..u16::MAX, 0..4usize), 0..30)) {
            let word = |(token, how): &(u16, usize)| {
                let shown = match PHRASES.lexicon.shown(token % PHRASES.lexicon.len() as u16) {
                    Match::Exact(word) | Match::Prefix(word) => word.clone(),
                    Match::Number => "12".to_owned(),
                };
                match how {
                    0 => shown + "en",
                    1 => shown + ",",
                    2 => shown.chars().take(4).collect(),
                    _ => shown,
                }
            };
            looks_lose_nothing(&PHRASES, &picked.iter().map(word).collect::<Vec<_>>().join(" "));
        }
    }

    #[test]
    fn built_in_tables_are_sound() {
        assert!(Phrases::built_in().rules.len() > 500);
    }
}
