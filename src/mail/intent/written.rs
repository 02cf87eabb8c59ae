//! How phrases are written: from the text of one to its steps. What the signs mean stands in `phrases`.

use std::collections::HashMap;

use super::lexicon::Match;
use super::sentences::{plain, words};

/// "is a_b|c|d" is "is a b" and "is c|d".
pub(super) fn spread(phrase: &str) -> Vec<String> {
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

/// A step of a phrase as it is written.
pub(super) enum Item {
    Word { any: Vec<Match>, optional: bool },
    Gap(usize),
    Begin,
    End,
}

pub(super) fn compile(phrase: &str, sets: &HashMap<String, Vec<String>>) -> Result<Vec<Item>, String> {
    let mut steps = Vec::new();
    for item in phrase.split_whitespace() {
        match item {
            ".." => steps.push(Item::Gap(4)),
            "..." => steps.push(Item::Gap(9)),
            "^" => steps.push(Item::Begin),
            "$" => steps.push(Item::End),
            item => compile_word(item, sets, &mut steps)?,
        }
    }
    let starts = steps.iter().find(|step| !matches!(step, Item::Begin));
    if !matches!(starts, Some(Item::Word { .. })) || !steps.iter().any(is_firm) {
        return Err("must start with a word and hold one that may not be absent".to_owned());
    }
    Ok(steps)
}

fn is_firm(step: &Item) -> bool {
    matches!(step, Item::Word { optional: false, .. })
}

fn compile_word(item: &str, sets: &HashMap<String, Vec<String>>, steps: &mut Vec<Item>) -> Result<(), String> {
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
                    steps.push(Item::Word { any: vec![Match::Exact(word.text.to_owned())], optional: false });
                }
                return Ok(());
            }
            None => add_choice(choice, &mut any)?,
        }
    }
    steps.push(Item::Word { any, optional });
    Ok(())
}

fn add_choice(choice: &str, any: &mut Vec<Match>) -> Result<(), String> {
    if choice == "#" {
        any.push(Match::Number);
        return Ok(());
    }
    let (stem, prefix) = choice.strip_suffix('*').map_or((choice, false), |stem| (stem, true));
    for spelling in [stem.to_owned(), spelled_out(stem)] {
        let spelled = plain(&spelling);
        let [word] = words(&spelled).try_into().map_err(|_| format!("{choice:?} is not one word"))?;
        let word = word.text.to_owned();
        any.push(if prefix { Match::Prefix(word) } else { Match::Exact(word) });
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
