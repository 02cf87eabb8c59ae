//! Days that are named and taken back: corrected in the same breath, or given up. Never decides what a day is for.

use std::sync::LazyLock;

use regex::Regex;

use super::dates::Named;
use super::sentences::Word;

/// A correction stands so close before the day that holds, in bytes.
const CLOSE: usize = 16;

/// Where a sentence corrects a day: "nee sorry, de 28e", "scratch that, Wednesday", "ach nein, am Mittwoch".
pub(super) fn corrects_at(plain: &str, days: &[Named]) -> Option<usize> {
    static CORRECTS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"\b(?:(?:nee|neen|no|nein|non),? (?:nee|wacht|sorry|pardon|excuus|wait|moment|quatsch|halt|attendez|plutot)|",
            r"(?:of|or|oder|ach|ou|ah|oh|oeps|sorry),? (?:nee|neen|no|nein|non|doch|wacht|wait)|",
            r"ik bedoel(?:de)?|i mean(?:t)?|ich meint?e?|je veux dire|scratch that|make that|rather|pardon|",
            r"correctie|rectificatie|correction|korrektur|erratum|of beter|or better|oder besser|ou plutot)\b",
        ))
        .expect("BUG: pattern")
    });
    if days.is_empty() {
        return None;
    }
    let close = |end: usize| days.iter().any(|day| (end..end + CLOSE).contains(&day.from));
    CORRECTS.find_iter(plain).find(|found| close(found.end())).map(|found| found.start())
}

/// The days of a sentence without those that will not do: "vrijdag ga ik niet halen", "Freitag schaffe ich nicht".
pub(super) fn without_given_up(words: &[Word<'_>], mut days: Vec<Named>) -> Vec<Named> {
    const NOT: [&str; 6] = ["niet", "nicht", "not", "pas", "nie", "t"];
    const MANAGE: [&str; 18] = [
        "halen",
        "haal",
        "redden",
        "red",
        "lukken",
        "lukt",
        "gelukt",
        "schaffe",
        "schaffen",
        "klappt",
        "klappen",
        "work",
        "happen",
        "manage",
        "arrive",
        "arriverai",
        "arriverons",
        "faisable",
    ];
    days.retain(|day| {
        let behind = words.iter().filter(|word| word.at >= day.to).take_while(|word| !word.after_comma).take(7);
        let (mut denied, mut manages) = (false, false);
        for word in behind {
            denied |= NOT.contains(&word.text);
            manages |= MANAGE.contains(&word.text);
        }
        !(denied && manages)
    });
    days
}
