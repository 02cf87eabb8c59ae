//! Amounts written in words: "zestig euro", "two hundred and fifty pounds", "quatre-vingts euros". Less than ten is none: "een
//! euro" is said of other things.

use super::amounts::Amount;
use super::day_names::{Sense, senses};
use super::sentences::{Word, words};

const CURRENCY: [&str; 5] = ["euro", "euros", "pound", "pounds", "pond"];
const LINKS: [&str; 4] = ["and", "en", "und", "et"];
const LEAST: u32 = 10;
/// More words than this have no number we know.
const MOST_WORDS: usize = 8;

const TENS: [(&str, u32); 8] = [
    ("twintig twenty zwanzig vingt", 20),
    ("dertig thirty dreissig dreizig trente", 30),
    ("veertig forty vierzig quarante", 40),
    ("vijftig fifty funfzig fuenfzig cinquante", 50),
    ("zestig sixty sechzig soixante", 60),
    ("zeventig seventy siebzig septante", 70),
    ("tachtig eighty achtzig octante huitante", 80),
    ("negentig ninety neunzig nonante", 90),
];
const HUNDRED: [&str; 5] = ["honderd", "hundred", "hundert", "cent", "cents"];
const THOUSAND: [&str; 4] = ["duizend", "thousand", "tausend", "mille"];

/// Amounts in words in a plain sentence.
pub(super) fn amounts(plain: &str) -> Vec<Amount> {
    let spells = CURRENCY.iter().any(|currency| plain.contains(currency)) || plain.contains("tientje");
    if !spells {
        return Vec::new();
    }
    let words = words(plain);
    let behind = |at: usize| -> Option<Amount> {
        let currency = words.get(at)?;
        let to = currency.at + currency.text.len();
        if currency.text == "tientje" {
            return Some(amount(10, currency.at, to));
        }
        let before = words.get(..at).filter(|_| CURRENCY.contains(&currency.text))?;
        let of_number = |word: &&Word<'_>| part(word.text).is_some() || LINKS.contains(&word.text);
        let many = before.iter().rev().take(MOST_WORDS).take_while(of_number).count();
        // "En vijftig euro": a link opens no number.
        let number = || before.iter().skip(at - many).skip_while(|word| part(word.text).is_none());
        let value = value(number().filter_map(|word| part(word.text))).filter(|value| *value >= LEAST)?;
        Some(amount(value, number().next()?.at, to))
    };
    (0..words.len()).filter_map(behind).collect()
}

fn amount(value: u32, from: usize, to: usize) -> Amount {
    Amount { value: format!("{value}.00"), from, to, with_currency: true }
}

/// What one word adds to a number, or multiplies it by.
#[derive(Clone, Copy)]
enum Part {
    Plus(u32),
    Hundred,
    Thousand,
}

fn part(word: &str) -> Option<Part> {
    if HUNDRED.contains(&word) {
        return Some(Part::Hundred);
    }
    if THOUSAND.contains(&word) {
        return Some(Part::Thousand);
    }
    compound(word).map(Part::Plus)
}

/// "Two hundred and fifty", word by word; "quatre vingts" is four times twenty.
fn value(parts: impl Iterator<Item = Part>) -> Option<u32> {
    let (mut thousands, mut rest) = (0u32, 0u32);
    for part in parts {
        match part {
            Part::Plus(20) if rest % 100 == 4 => rest = rest.checked_add(76)?,
            Part::Plus(more) => rest = rest.checked_add(more)?,
            Part::Hundred => rest = rest.max(1).checked_mul(100)?,
            Part::Thousand => (thousands, rest) = (thousands.checked_add(rest.max(1).checked_mul(1000)?)?, 0),
        }
    }
    thousands.checked_add(rest)
}

/// As days are counted.
fn below_twenty(word: &str) -> Option<u32> {
    let count = |sense: &Sense| if let Sense::Count(count) = sense { Some(*count) } else { None };
    senses(word).iter().find_map(count).filter(|count| *count < 20)
}

fn tens(word: &str) -> Option<u32> {
    TENS.iter().find(|(names, _)| names.split(' ').any(|name| name == word)).map(|(_, value)| *value)
}

/// "Vijfenzeventig", "zweihundertfunfzig", "tweeduizendvijfhonderd": one word for all of it.
fn compound(word: &str) -> Option<u32> {
    let split = |name: &str, by: u32| {
        let (times, rest) = word.split_once(name)?;
        let times = if times.is_empty() { Some(1) } else { compound(times) }?;
        let rest = rest.strip_prefix("en").or_else(|| rest.strip_prefix("und")).unwrap_or(rest);
        times.checked_mul(by)?.checked_add(if rest.is_empty() { 0 } else { compound(rest)? })
    };
    let ones_and_tens = |link: &str| {
        let linked = word
            .match_indices(link)
            .find_map(|(at, _)| Some((below_twenty(word.get(..at)?)?, tens(word.get(at + link.len()..)?)?)));
        linked.map(|(ones, tens)| ones + tens)
    };
    below_twenty(word)
        .or_else(|| tens(word))
        .or_else(|| if word == "vingts" { Some(20) } else { None })
        .or_else(|| ["duizend", "tausend"].iter().find_map(|name| split(name, 1000)))
        .or_else(|| ["honderd", "hundert"].iter().find_map(|name| split(name, 100)))
        .or_else(|| ones_and_tens("en"))
        .or_else(|| ones_and_tens("und"))
}
