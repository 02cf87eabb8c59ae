//! Days that are named and taken back: corrected in the same breath, or given up. Never decides what a day is for.

use std::sync::LazyLock;

use regex::Regex;

use super::dates::Named;
use super::sentences::Word;

/// Where a sentence corrects a day: "nee sorry, de 28e", "scratch that, Wednesday", "ach nein, am Mittwoch".
pub(super) fn corrects_at(plain: &str, days: &[Named]) -> Option<usize> {
    static CORRECTS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"\b(?:(?:nee|neen|no|nein|non),? (?:nee|wacht|sorry|pardon|excuus|wait|moment|quatsch|halt|attendez|plutot)|",
            r"(?:of|or|oder|ach|ou|ah|oh|oeps|sorry),? (?:nee|neen|no|nein|non|doch|wacht|wait)|",
            r"ik bedoel(?:de)?|i mean(?:t)?|ich meint?e?|je veux dire|scratch that|make that|or rather|pardon|",
            r"correctie|rectificatie|correction|korrektur|erratum|of beter|or better|oder besser|ou plutot|",
            r"maar (?:het|dat) (?:wordt|zal|werd)|but (?:it|that)(?:'ll| will| is going to)(?: now)? be|but make it|but rather|",
            r"es wird aber|aber es wird|wird es aber|sondern(?: erst)?|ce sera (?:finalement|plutot|donc)|mais ce sera|mais plutot|",
            r"doe (?:dan )?maar|let'?s make it|",
            r"(?:dat|het) moe(?:t|st) zijn|(?:that|it) should (?:read|have been|have read)|(?:muss|soll|sollte) (?:heissen|lauten)|il faut lire)\b",
        ))
        .expect("BUG: pattern")
    });
    // "Am Montag, äh, am Dienstag": such sounds are words elsewhere.
    static HESITATES: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[,.-] ?(?:(?:a|ae|e)hm?|euh|uhm?|um|erm?)(?:[,.-]|$)").expect("BUG: pattern"));
    if days.is_empty() {
        return None;
    }
    let leads_to_a_day = |end: usize| {
        let next = days.iter().find(|day| day.from >= end && !day.past);
        next.and_then(|day| plain.get(end..day.from)).is_some_and(|between| only_links(without_reason(between)))
    };
    let corrections = CORRECTS.find_iter(plain).chain(HESITATES.find_iter(plain));
    corrections.filter(|found| leads_to_a_day(found.end())).map(|found| found.start()).min()
}

/// What stands between a correction and its day, without the reason of it: "ach nein, da bin ich auf der Messe, also am …".
fn without_reason(between: &str) -> &str {
    static REASON: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"^,? ?(?:(?:da|dan|dann|la|then) (?:bin|ben|zit|sind|zijn|is|ist|haben|habe|heb|hebben) (?:ich|ik|wir|wij|we)|(?:dan|then|la),? (?:i'?m|we'?re|i am|we are|je suis|nous sommes))",
            r"\b[^.;!?]{0,60}[,;–—-]+ ?(?:(?:also|dus|so|donc|alors) )?",
        ))
        .expect("BUG: pattern")
    });
    REASON.find(between).map_or(between, |reason| &between[reason.end()..])
}

/// What may stand between a correction and its day.
fn only_links(between: &str) -> bool {
    const LINKS: [&str; 22] = [
        "de", "den", "dem", "der", "the", "le", "op", "on", "am", "zum", "tegen", "by", "doe", "maar", "het", "it",
        "wordt", "toch", "doch", "gezegd", "that", "au",
    ];
    between.split(|c: char| !c.is_alphanumeric()).all(|word| word.is_empty() || LINKS.contains(&word))
}

/// The days of a sentence without those that will not do: "vrijdag ga ik niet halen", "Freitag schaffe ich nicht". What is
/// said of another day or of a reason ("maandag, omdat het eerder niet lukt") is not said of this one.
pub(super) fn without_given_up(words: &[Word<'_>], mut days: Vec<Named>) -> Vec<Named> {
    const MANAGE: [&str; 16] = [
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
        "arriverai",
        "arriverons",
    ];
    const OTHERWISE: [&str; 21] = [
        "als",
        "indien",
        "daar",
        "as",
        "since",
        "if",
        "da",
        "wenn",
        "falls",
        "si",
        "eerder",
        "earlier",
        "vorher",
        "avant",
        "nu",
        "momenteel",
        "now",
        "jetzt",
        "momentan",
        "derzeit",
        "maintenant",
    ];
    let begins: Vec<usize> = days.iter().map(|day| day.from).collect();
    days.retain(|day| {
        // Days and words stand in their order.
        let next = begins.get(begins.partition_point(|from| *from < day.to)).copied().unwrap_or(usize::MAX);
        let from = words.partition_point(|word| word.at < day.to);
        // "Jeudi, c'est impossible" still speaks of Thursday.
        let points_back = |at: usize| at == from && matches!(words[at].text, "c" | "dat" | "das" | "that");
        let goes_on = |at: &usize| (!words[*at].after_comma || points_back(*at)) && words[*at].at < next;
        let behind = || (from..words.len()).take_while(goes_on).take(7);
        let says = |any: &[&str]| behind().any(|at| any.contains(&words[at].text));
        let denied = behind().any(|at| denies(words, at)) || says(&["pas"]) && says(&["n"]);
        let otherwise = || says(&OTHERWISE) || behind().any(|at| begins_a_reason(words, at));
        let is_over = || behind().any(|at| is_too_late(words, at));
        let pointed_at = words.get(from).is_some_and(|word| word.after_comma);
        let ends = |at: usize| words.get(at).is_none_or(|word| word.after_comma);
        let out = |at| ruled_out(words, at).is_some_and(|end| !pointed_at || ends(end));
        let is_out = || behind().any(out) || follows_neither(words, day.from);
        !((denied && says(&MANAGE) || is_over() || is_out()) && !otherwise())
    });
    days
}

/// "Für heute war es schon zu spät", "celui de demain est déjà bouclé".
fn is_too_late(words: &[Word<'_>], at: usize) -> bool {
    let pair = (words[at].text, words.get(at + 1).map_or("", |word| word.text));
    matches!(
        pair,
        ("te", "laat")
            | ("too", "late")
            | ("zu", "spat")
            | ("trop", "tard")
            | ("deja", "boucle" | "bouclee" | "parti" | "partie")
    )
}

/// Where "impossible" ends, in "Jeudi, c'est impossible"; "no good" in "Friday's no good".
fn ruled_out(words: &[Word<'_>], at: usize) -> Option<usize> {
    let positive = || at.checked_sub(1).is_none_or(|before| !denies(words, before));
    match (words[at].text, words.get(at + 1).map_or("", |word| word.text)) {
        ("impossible" | "onmogelijk" | "unmoglich" | "uitgesloten" | "ausgeschlossen", _) => {
            positive().then_some(at + 1)
        }
        ("no", "good") | ("geen", "optie") | ("keine", "option") | ("not", "possible") => Some(at + 2),
        _ => None,
    }
}

/// "Neither is Monday".
fn follows_neither(words: &[Word<'_>], day: usize) -> bool {
    let end = words.partition_point(|word| word.at < day);
    (end.saturating_sub(3)..end).any(|at| matches!(words[at].text, "neither" | "evenmin"))
}

/// Whether the word at this place denies: "niet", "not", the "t" of "won't" and not that of "doe 't". The "pas" of French does
/// so only behind "ne", that of Dutch never.
pub(super) fn denies(words: &[Word<'_>], at: usize) -> bool {
    const NOT: [&str; 5] = ["niet", "nicht", "not", "nie", "cannot"];
    const SHORT: [&str; 18] = [
        "don", "won", "can", "isn", "aren", "wasn", "weren", "doesn", "didn", "haven", "hasn", "hadn", "couldn",
        "wouldn", "shouldn", "mustn", "needn", "ain",
    ];
    let text = |at: usize| words.get(at).map_or("", |word| word.text);
    let is_short = || at.checked_sub(1).is_some_and(|before| SHORT.contains(&text(before)));
    NOT.contains(&text(at)) || text(at) == "t" && is_short()
}

/// "Omdat", "because"; the "want" of English, the "car" that drives and "because of" begin none.
pub(super) fn begins_a_reason(words: &[Word<'_>], at: usize) -> bool {
    let before = at.checked_sub(1).map_or("", |before| words[before].text);
    match words[at].text {
        "omdat" | "aangezien" | "doordat" | "weil" | "puisque" => true,
        "because" => words.get(at + 1).is_none_or(|next| next.text != "of"),
        "want" => !matches!(before, "i" | "we" | "you" | "they" | "would" | "really" | "just" | "also" | "still" | "t"),
        "car" => !matches!(before, "the" | "my" | "our" | "your" | "a" | "his" | "her" | "company"),
        "denn" => words[at].after_comma,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::dates;
    use super::super::sentences::{plain, words};
    use super::*;

    fn left(text: &str) -> Vec<String> {
        let plain = plain(text);
        let words = words(&plain);
        let days = dates::named(&plain, &words, "2026-11-17".parse().unwrap(), None);
        let days = without_given_up(&words, days);
        let corrected = corrects_at(&plain, &days);
        let stands = |day: &&Named| corrected.is_none_or(|at| day.from >= at);
        days.iter().filter(stands).map(|day| day.day.to_string()).collect()
    }

    #[test]
    fn corrected_and_given_up() {
        for text in [
            "Vrijdag ga ik niet halen",
            "Freitag schaffe ich nicht",
            "vendredi je n'y arriverai pas",
            "Friday won't work for us",
            "Für heute war es schon zu spät",
            "Celui de demain est déjà bouclé",
            "Mardi, c'est hélas impossible",
            "Vrijdag is voor ons onmogelijk",
            "Thursday's no good",
            "Neither is Monday",
        ] {
            assert!(left(text).is_empty(), "{text}");
        }
        for text in [
            "Ik betaal maandag, of nee, doe maar vrijdag de 27e",
            "By Monday - scratch that, on 27 November",
            "am Montag, ach nein, am 27. November",
            "J'avais dit le 20, ce sera finalement le 27 novembre",
            "Ik zei dinsdag, maar het wordt vrijdag 27 november",
            "I said Tuesday but it will be 27 November",
            "Nicht am 20., sondern am 27. November",
            "am Montag, ach nein, da bin ich verreist, also am 27. November",
            "maandag, of nee, dan ben ik er niet, dus op 27 november",
            "I'll pay on 27 November as it is too late for this week's run",
        ] {
            assert_eq!(left(text), ["2026-11-27"], "{text}");
        }
    }

    #[test]
    fn what_holds_stays() {
        for text in [
            "Wij betalen op 27 november omdat het eerder niet lukt",
            "Wij betalen op 27 november omdat het nu niet lukt",
            "Je paierai le 27 novembre puisque je n'y arriverai pas plus vite",
            "We will pay on 27 November because it will not work earlier",
            "Wir zahlen am 27. November weil es vorher nicht klappt",
            "Op 27 november lukt 't ons te betalen",
            "Je paierai le 27 novembre, c'est impossible maintenant",
            "Ik betaal op 27 november, dat lukt nu niet",
            "Je paierai le 27 novembre, c'est impossible pour cette semaine",
            "Op 27 november is het niet onmogelijk te betalen",
            "De betaling zal 27 november pas lukken",
            "Nous paierons le 27 novembre car ce n'est pas faisable avant",
        ] {
            assert_eq!(left(text), ["2026-11-27"], "{text}");
        }
        assert_eq!(left("Ik betaal maandag omdat het vrijdag niet lukt"), ["2026-11-23"]);
        assert_eq!(left("We pay on 27 November rather than 30 November"), ["2026-11-27", "2026-11-30"]);
        assert_eq!(left("Pardon, uw brief van 27 november was zoek"), ["2026-11-27"]);
    }
}
