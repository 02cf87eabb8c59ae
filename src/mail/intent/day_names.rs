//! The names of weekdays, months and small numbers in the four languages, in plain letters. Never a date.

use chrono::Weekday;

pub(super) const WEEKDAYS: &str = "maandag|mandag|maandg|dinsdag|disdag|woensdag|woendag|donderdag|dondedag|donderag|vrijdag|vrydag|vrijdg|zaterdag|zondag|\
    monday|tuesday|tues|wednesday|wensday|thursday|thurs|friday|saturday|sunday|\
    montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|\
    lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche";

pub(super) const MONTHS: &str = "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|\
    january|february|march|may|june|july|august|october|\
    januar|janner|februar|marz|maerz|mai|dezember|\
    janvier|fevrier|mars|avril|juin|juillet|aout|septembre|octobre|novembre|decembre|\
    jan|feb|febr|mrt|apr|jun|jul|aug|sept|sep|okt|oct|nov|dec|dez|fev|janv|fevr|avr|juil";

pub(super) const COUNT: &str = "\\d{1,3}|een|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf|veertien|vijftien|twintig|dertig|\
    one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen|a|an|\
    eine[rmn]?|ein|zwei|drei|funf|fuenf|sechs|sieben|neun|zehn|zwolf|vierzehn|\
    une?|deux|trois|quatre|cinq|sept|huit|neuf|dix|quinze|vingt|trente";

pub(super) const ORDINALS: &str = "eerste|1e|tweede|2e|derde|3e|vierde|4e|laatste|first|1st|second|2nd|third|3rd|fourth|4th|last|\
    erste[nrm]?|zweite[nrm]?|dritte[nrm]?|vierte[nrm]?|letzte[nrm]?|premiere?|deuxieme|troisieme|quatrieme|derniere?";

/// Days of the month as words; the first to the fourth are left out, which count other things.
pub(super) const SPELLED: &str = "vijfde|zesde|zevende|achtste|negende|tiende|elfde|twaalfde|dertiende|veertiende|vijftiende|zestiende|zeventiende|achttiende|negentiende|twintigste|vijfentwintigste|dertigste|\
    fifth|tenth|fifteenth|twentieth|twenty-fifth|thirtieth|\
    funften|zehnten|funfzehnten|zwanzigsten|funfundzwanzigsten|dreissigsten";

/// The day of the month of one of [`SPELLED`].
pub(super) fn spelled(word: &str) -> Option<u32> {
    const DAYS: [(&[&str], u32); 18] = [
        (&["vijfde", "fifth", "funften"], 5),
        (&["zesde"], 6),
        (&["zevende"], 7),
        (&["achtste"], 8),
        (&["negende"], 9),
        (&["tiende", "tenth", "zehnten"], 10),
        (&["elfde"], 11),
        (&["twaalfde"], 12),
        (&["dertiende"], 13),
        (&["veertiende"], 14),
        (&["vijftiende", "fifteenth", "funfzehnten"], 15),
        (&["zestiende"], 16),
        (&["zeventiende"], 17),
        (&["achttiende"], 18),
        (&["negentiende"], 19),
        (&["twintigste", "twentieth", "zwanzigsten"], 20),
        (&["vijfentwintigste", "twenty-fifth", "funfundzwanzigsten"], 25),
        (&["dertigste", "thirtieth", "dreissigsten"], 30),
    ];
    DAYS.iter().find(|(words, _)| words.contains(&word)).map(|(_, day)| *day)
}

/// First to fourth as a number; the last of its kind is `Some(None)`.
pub(super) fn ordinal(word: &str) -> Option<Option<u8>> {
    const STARTS: [(&[&str], Option<u8>); 5] = [
        (&["eerste", "1", "first", "erste", "premier"], Some(1)),
        (&["tweede", "2", "second", "zweite", "deuxieme"], Some(2)),
        (&["derde", "3", "third", "dritte", "troisieme"], Some(3)),
        (&["vierde", "4", "fourth", "vierte", "quatrieme"], Some(4)),
        (&["laatste", "last", "letzte", "dernier"], None),
    ];
    let starts =
        |(starts, nth): &(&[&str], Option<u8>)| starts.iter().any(|start| word.starts_with(start)).then_some(*nth);
    STARTS.iter().find_map(starts)
}

/// One, twee, drei, or digits.
pub(super) fn counted(word: &str) -> Option<u32> {
    const WORDS: [(&[&str], u32); 18] = [
        (&["een", "one", "a", "an", "ein", "eine", "einer", "einem", "einen", "un", "une"], 1),
        (&["twee", "two", "zwei", "deux"], 2),
        (&["drie", "three", "drei", "trois"], 3),
        (&["vier", "four", "quatre"], 4),
        (&["vijf", "five", "funf", "fuenf", "cinq"], 5),
        (&["zes", "six", "sechs"], 6),
        (&["zeven", "seven", "sieben", "sept"], 7),
        (&["acht", "eight", "huit"], 8),
        (&["negen", "nine", "neun", "neuf"], 9),
        (&["tien", "ten", "zehn", "dix"], 10),
        (&["elf"], 11),
        (&["twaalf", "twelve", "zwolf"], 12),
        (&["veertien", "fourteen", "vierzehn"], 14),
        (&["vijftien", "quinze"], 15),
        (&["twintig", "vingt"], 20),
        (&["dertig", "trente"], 30),
        (&["fortnight"], 14),
        (&["eenentwintig"], 21),
    ];
    word.parse().ok().or_else(|| WORDS.iter().find(|(words, _)| words.contains(&word)).map(|(_, count)| *count))
}

/// The weekday of a full name.
pub(super) fn day_of_week(word: &str) -> Option<Weekday> {
    const DAYS: [(&[&str], Weekday); 7] = [
        (&["maandag", "mandag", "maandg", "monday", "montag", "lundi"], Weekday::Mon),
        (&["dinsdag", "disdag", "tues", "tuesday", "dienstag", "mardi"], Weekday::Tue),
        (&["woensdag", "woendag", "wensday", "wednesday", "mittwoch", "mercredi"], Weekday::Wed),
        (&["donderdag", "dondedag", "donderag", "thurs", "thursday", "donnerstag", "jeudi"], Weekday::Thu),
        (&["vrijdag", "vrydag", "vrijdg", "friday", "freitag", "vendredi"], Weekday::Fri),
        (&["zaterdag", "saturday", "samstag", "sonnabend", "samedi"], Weekday::Sat),
        (&["zondag", "sunday", "sonntag", "dimanche"], Weekday::Sun),
    ];
    DAYS.iter().find(|(words, _)| words.contains(&word)).map(|(_, day)| *day)
}

/// 1 to 12 from a month's name, or its first letters, in any of the languages.
pub(super) fn month(word: &str) -> Option<u32> {
    const STARTS: [(&str, u32); 21] = [
        ("jan", 1),
        ("feb", 2),
        ("fev", 2),
        ("mrt", 3),
        ("mar", 3),
        ("maa", 3),
        ("mae", 3),
        ("apr", 4),
        ("avr", 4),
        ("mei", 5),
        ("may", 5),
        ("mai", 5),
        ("juin", 6),
        ("jun", 6),
        ("jul", 7),
        ("juil", 7),
        ("au", 8),
        ("ao", 8),
        ("sep", 9),
        ("nov", 11),
        ("de", 12),
    ];
    let found = STARTS.iter().find(|(start, _)| word.starts_with(start)).map(|(_, month)| *month);
    found.or_else(|| (word.starts_with("okt") || word.starts_with("oct")).then_some(10))
}
