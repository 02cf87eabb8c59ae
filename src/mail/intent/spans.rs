//! Days named by a stretch of time: a week from Friday, the first week of December, the next ten days, ten days' patience,
//! begin and middle of a week or month, holidays, ordinals in words. A stretch ends with its last working day; its beginning is
//! its first day. Never decides what the day is for.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use regex::Captures;

use super::dates::{Read, after_count, last_of, next_such, part, week_day};
use super::day_names::{COUNT, MONTHS, ORDINALS, SPELLED, WEEKDAYS, counted, day_of_week, month, ordinal, spelled};

const NEXT: &str = "volgende|komende|aanstaande|eerstkomende|next|nachste[rnsm]?|kommende[rnsm]?|prochaine?";
const UNIT: &str = "werkdagen|werkdag|bankdagen|working days?|business days?|arbeitstagen?|werktagen?|bankarbeitstagen?|jours ouvrables|jours ouvres|dagen|dag|days?|tagen?|tage|jours?|weken|week(?:jes?|skes?)?|weeks?|wochen?|semaines?|maanden|maand(?:jes?)?|months?|monaten?|monate|mois";

/// From the most particular to the plainest, as [`super::dates`] reads them.
pub(super) fn forms() -> Vec<(String, Read)> {
    vec![
        // "vrijdag over een week", "Freitag in vierzehn Tagen", "vendredi en quinze", "Friday week"
        (format!(r"\b({WEEKDAYS}) (?:over|in|binnen|dans|en) (?:de )?({COUNT}) ?({UNIT})?\b"), weekday_and_span),
        (format!(r"\b({WEEKDAYS}) (week|fortnight)(?:$| ?[.,;!)]| [a-z])"), weekday_and_span),
        (format!(r"\b(?:({COUNT}) weeks?|a fortnight) (?:from|on|after|this coming) (?:this |next |coming )?({WEEKDAYS})\b"), span_and_weekday),
        (r"\b(?:vandaag over een week|vandaag over (?:8|acht) dagen|today week|a week (?:from )?today|heute in einer woche|heute in acht tagen|aujourd'hui en huit)\b".into(), in_a_week),
        // weeks of a month
        (format!(r"\b({ORDINALS}) (?:volle |hele |full |werk)?(?:week|woche|semaine) (?:van |of |in |im |der |du mois )?(?:de |d')?({MONTHS}|(?:{NEXT}) ?(?:maand|month|monats?|mois)|maand|month|monats?)\b"), week_of_month),
        (format!(r"\b({ORDINALS}) ({MONTHS})woche\b"), week_of_month),
        (format!(r"\b(?:week|woche|semaine) (?:van|of|vom|du|beginning|commencing|starting) (?:the |de |maandag |monday |montag |lundi |dem )*(\d{{1,2}})(?:\.|e|de|ste|er|st|nd|rd|th)? ?(?:of )?({MONTHS})\b"), week_of_a_day),
        (format!(r"\b(?:(eerste|first|erste[nr]?|premiere)|tweede|second|laatste|zweite[nr]?|seconde|deuxieme) (?:helft|half|halfte|moitie|quinzaine) (?:van |of |des |de |d'|von |im )?({MONTHS})\b"), half_of_month),
        // begin and middle
        (format!(r"\b(?:begin|vroeg in|early(?: in)?|start of|beginning of|anfang|debut|the start of|au debut de)(?: van| de| d')? ?({MONTHS})\b"), first_of_named_month),
        (format!(r"\b(?:begin|vroeg|early|start of|beginning of|anfang|debut)(?: van| de| du| of| der)? ?(?:de |the |la |der )?(?:(?:{NEXT}) ?(?:week|woche)|semaine prochaine)\b"), monday_of_next_week),
        (format!(r"\b(?:midden|halverwege|medio|half|mid|middle of|mitte|milieu)[ -](?:van |of |de |in )?(?:de |the |la |der )?(?:(?:{NEXT}) ?(?:week|woche)|semaine prochaine)\b"), wednesday_of_next_week),
        (format!(r"\b(?:begin|start of|beginning of|early|anfang|debut)(?: van| de| du| of)? ?(?:de |the |le )?(?:(?:{NEXT}) ?(?:maand|mnd|month|monats?)|(?:du )?mois prochain)\b"), first_of_next_month),
        (r"\b(?:nog|later|ergens|in de loop van|somewhere|sometime|still|noch|im laufe|dans le courant de|encore)(?: van)? (?:deze|de|this|diese[rn]?|der|cette|la) (?:week|wk|woche|semaine)\b|\b(?:deze week|dees week|this week|diese woche|cette semaine) (?:nog|noch|encore)\b".into(), friday_of_this_week),
        (r"\b(?:eind(?:e)?|end|ende|fin) (?:v/d|v\.d\.|vd|van de) (?:mnd|mnd\.)".into(), end_of_this_month),
        (format!(r"\b(?:{NEXT}) (?:week|wk) (?:op )?(ma|di|wo|do|vr|za)\b"), short_weekday_of_next_week),
        // counted from the mail
        (format!(r"\b(?:over|binnen(?: de)?|in|within|dans(?: les)?|sous|innerhalb von|tussen nu en|en) (?:{COUNT}) ?(?:-|a|of|to|or|tot|bis|ou|oder) ?({COUNT}) ({UNIT})\b"), after_count),
        (format!(r"\b(?:binnen|within|in|innerhalb|dans) (?:de |the |den |der |les )?(?:{NEXT}|following|eerstvolgende|prochains|prochaines) ({COUNT}) ({UNIT})\b"), after_count),
        (format!(r"\b(?:dans|sous|d'ici) les ({COUNT}) (?:prochaines?|prochains?) ({UNIT})\b"), after_count),
        (format!(r"\b(?:een |a )?(dag|week|maand)(?:je|ske)? of ({COUNT})\b"), unit_or_so),
        (format!(r"\b(?:binnen nu en|tussen nu en|between now and) ({COUNT}) ({UNIT})\b"), after_count),
        (r"\b(?:over|binnen|in|nog) (?:een |zo'n )?(anderhalve) (week|maand)\b|\b(?:in|within) (?:a )?(week and a half)\b|\b(?:in|innerhalb von) (anderthalb|eineinhalb) (wochen|monaten)\b".into(), one_and_a_half),
        (r"\b(?:over|binnen|in|dans|sous|d'ici)(?: een| une)? (?:dizaine de jours|tiental dagen|dag of tien)\b".into(), in_ten_days),
        (format!(r"\b(?:geef|gun|geven|give|grant|geben|donnez|accordez|laissez)[a-z' -]{{1,24}}? ({COUNT}) ({UNIT})\b"), after_count),
        (format!(r"\b({COUNT}) ({UNIT}) (?:extra |de |more |langer |longer |weitere |supplementaires? )?(?:geduld|uitstel|respijt|de tijd|time|extension|grace|more|longer|aufschub|geduld|zeit|delai|patience|supplementaires?)\b"), after_count),
        // holidays and the year's end
        (r"\b(?:voor|tegen|met|before|by|vor|zu|bis|avant)(?: de| het)? (?:kerst(?:mis|dagen|avond)?|xmas|christmas|weihnachten|den feiertagen|noel|feestdagen|les fetes|the holidays)\b".into(), christmas_eve),
        (r"\b(?:(?:eind(?:e)?|end|ende|fin)(?: van| of| de)? ?(?:het |dit |'t |the |this |des |dieses |l'|cette )?(?:jaar|year|jahres|annee)|jaareinde|jahresende|year[- ]end|year's end|(?:nog|noch|still|encore) (?:dit|this|dieses|in diesem|cette) (?:jaar|year|jahr|annee)|(?:voor|before|vor|avant) (?:oud en nieuw|nieuwjaar|new year|neujahr|nouvel an|silvester|le nouvel an))\b".into(), end_of_year),
        // "op de vijftiende", "on the twentieth", "am fünfzehnten"
        (format!(r"\b(?:op de|de|rond de|voor de|tegen de|uiterlijk de|the|am|zum|bis zum|dem) ({SPELLED})(?: van de maand| of the month| des monats)?\b(?:$| ?[.,;!)]| (?:van|krijg|komt|wordt|betaal|maak|heb|zal|is|en|dan|we|i|you|ist|wird|und|haben)\b)"), spelled_day),
        // "op vr", "by Fri"
        (r"\b(fri|thu|thurs|tue)\b".into(), short_weekday),
        (r"\b(?:op|uiterlijk|a\.s\.|aanstaande|komende|tegen|by|on|next|this) (maa|din|woe|dond|vrij|vr|zat|mon|tue|wed|thu|thur|fri)\b".into(), short_weekday),
    ]
}

/// The weekday strictly after the mail, and so much later.
fn later_than_weekday(mail: NaiveDate, weekday: Weekday, days: u32) -> Option<NaiveDate> {
    let first = mail.iter_days().skip(1).take(7).find(|day| day.weekday() == weekday)?;
    first.checked_add_days(Days::new(u64::from(days)))
}

/// Days of a count and its unit; "en huit" is a week by the French count of days, and "acht dagen" is one in Flanders.
fn span(count: &str, unit: Option<&str>) -> Option<u32> {
    let fortnight = ["fortnight", "quinze", "quinzaine", "14", "15"].contains(&count);
    if count == "week" || count == "huit" && unit.is_none() {
        return Some(7);
    }
    if fortnight {
        return Some(14);
    }
    let count = counted(count)?;
    match unit? {
        unit if unit.starts_with("we") || unit.starts_with("wo") || unit.starts_with("sem") => count.checked_mul(7),
        unit if unit.starts_with("da") || unit.starts_with("ta") || unit.starts_with("jour") => {
            Some(if count == 8 { 7 } else { count })
        }
        _ => None,
    }
}

fn weekday_and_span(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    later_than_weekday(mail, day_of_week(part(c, 1)?)?, span(part(c, 2)?, part(c, 3))?)
}

fn span_and_weekday(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    let weeks = part(c, 1).map_or(Some(2), counted)?;
    later_than_weekday(mail, day_of_week(part(c, 2)?)?, weeks.checked_mul(7)?)
}

fn in_a_week(_: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    mail.checked_add_days(Days::new(7))
}

/// A week belongs to the month of its Thursday, as in ISO 8601; it ends with its Friday.
fn week_of_month(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    let (nth, words) = (ordinal(part(c, 1)?)?, part(c, 2)?);
    let this = mail.with_day(1)?;
    let first = match month(words).filter(|_| !is_the_word_month(words)) {
        Some(month) => {
            (0..13).filter_map(|ahead| this.checked_add_months(Months::new(ahead))).find(|at| at.month() == month)?
        }
        None if words.contains(' ') => this.checked_add_months(Months::new(1))?,
        None => this,
    };
    let thursday = match nth {
        Some(nth) => NaiveDate::from_weekday_of_month_opt(first.year(), first.month(), Weekday::Thu, nth)?,
        None => last_of(first)?.iter_days().rev().take(7).find(|day| day.weekday() == Weekday::Thu)?,
    };
    thursday.succ_opt().filter(|friday| *friday >= mail)
}

/// "Maand" begins like "maart" to who looks at three letters only.
fn is_the_word_month(words: &str) -> bool {
    ["maand", "month", "monat"].iter().any(|word| words.contains(word)) || words.contains("mois")
}

fn week_of_a_day(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    let day = next_such(part(c, 1)?.parse().ok()?, month(part(c, 2)?)?, mail)?;
    week_day(day, Weekday::Fri)
}

fn half_of_month(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    let middle = next_such(15, month(part(c, 2)?)?, mail)?;
    if part(c, 1).is_some() { Some(middle) } else { last_of(middle) }
}

fn first_of_named_month(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    next_such(1, month(part(c, 1)?)?, mail)
}

fn of_next_week(mail: NaiveDate, weekday: Weekday) -> Option<NaiveDate> {
    week_day(mail.checked_add_days(Days::new(7))?, weekday)
}

fn monday_of_next_week(_: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    of_next_week(mail, Weekday::Mon)
}

fn wednesday_of_next_week(_: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    of_next_week(mail, Weekday::Wed)
}

fn first_of_next_month(_: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    mail.with_day(1)?.checked_add_months(Months::new(1))
}

fn friday_of_this_week(_: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    week_day(mail, Weekday::Fri).filter(|friday| *friday >= mail).or_else(|| week_day(mail, Weekday::Sun))
}

fn end_of_this_month(_: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    last_of(mail)
}

/// "Een dag of tien", "een week of drie".
fn unit_or_so(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    let count = counted(part(c, 2)?)?;
    match part(c, 1)? {
        "dag" => mail.checked_add_days(Days::new(u64::from(count))),
        "week" => mail.checked_add_days(Days::new(u64::from(count) * 7)),
        _ => mail.checked_add_months(Months::new(count)),
    }
}

fn one_and_a_half(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    let of_months = part(c, 0)?.contains("ma") || part(c, 0)?.contains("mon");
    mail.checked_add_days(Days::new(if of_months { 45 } else { 11 }))
}

fn in_ten_days(_: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    mail.checked_add_days(Days::new(10))
}

fn christmas_eve(_: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    next_such(24, 12, mail)
}

fn end_of_year(_: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(mail.year(), 12, 31)
}

fn spelled_day(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    let day = spelled(part(c, 1)?)?;
    (0..4).filter_map(|ahead| (mail.with_day(1)? + Months::new(ahead)).with_day(day)).find(|found| *found >= mail)
}

fn short_weekday(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    later_than_weekday(mail, short(part(c, 1)?)?, 0)
}

fn short_weekday_of_next_week(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    of_next_week(mail, short(part(c, 1)?)?)
}

/// The weekday of a name cut short.
fn short(word: &str) -> Option<Weekday> {
    const STARTS: [(&str, Weekday); 10] = [
        ("ma", Weekday::Mon),
        ("mo", Weekday::Mon),
        ("di", Weekday::Tue),
        ("tu", Weekday::Tue),
        ("w", Weekday::Wed),
        ("do", Weekday::Thu),
        ("th", Weekday::Thu),
        ("vr", Weekday::Fri),
        ("fr", Weekday::Fri),
        ("za", Weekday::Sat),
    ];
    STARTS.iter().find(|(start, _)| word.starts_with(start)).map(|(_, day)| *day)
}

#[cfg(test)]
mod tests {
    use super::super::dates::named;
    use super::super::sentences::plain;

    #[test]
    fn stretches_from_a_tuesday() {
        let mail = "2026-11-17".parse().unwrap();
        for (text, wanted) in [
            ("vrijdag over een week", "2026-11-27"),
            ("vrijdag over 14 dagen", "2026-12-04"),
            ("a week from Friday", "2026-11-27"),
            ("two weeks on Monday", "2026-12-07"),
            ("Friday week, I promise", "2026-11-27"),
            ("Freitag in einer Woche", "2026-11-27"),
            ("vendredi en quinze", "2026-12-04"),
            ("maandag week 49", "2026-11-30"),
            ("in de eerste week van december", "2026-12-04"),
            ("first week of January", "2027-01-08"),
            ("in der ersten Dezemberwoche", "2026-12-04"),
            ("la premiere semaine de decembre", "2026-12-04"),
            ("de laatste week van november", "2026-11-27"),
            ("in de tweede week van de volgende maand", "2026-12-11"),
            ("in de week van 30 november", "2026-12-04"),
            ("eerste helft van december", "2026-12-15"),
            ("tweede helft december", "2026-12-31"),
            ("begin december", "2026-12-01"),
            ("Anfang Januar", "2027-01-01"),
            ("debut janvier", "2027-01-01"),
            ("begin volgende week", "2026-11-23"),
            ("Mitte nächster Woche", "2026-11-25"),
            ("early next week", "2026-11-23"),
            ("begin volgende maand", "2026-12-01"),
            ("nog deze week", "2026-11-20"),
            ("over 2 à 3 weken", "2026-12-08"),
            ("binnen 5-10 dagen", "2026-11-27"),
            ("within the next ten days", "2026-11-27"),
            ("in den nächsten zwei Wochen", "2026-12-01"),
            ("dans les dix prochains jours", "2026-11-27"),
            ("over een dag of tien", "2026-11-27"),
            ("een week of twee", "2026-12-01"),
            ("over anderhalve week", "2026-11-28"),
            ("dans une dizaine de jours", "2026-11-27"),
            ("geef me nog drie weken", "2026-12-08"),
            ("twee weken uitstel", "2026-12-01"),
            ("give us another 10 days", "2026-11-27"),
            ("voor de kerst", "2026-12-24"),
            ("avant Noël", "2026-12-24"),
            ("nog dit jaar", "2026-12-31"),
            ("by year end", "2026-12-31"),
            ("op de vijfentwintigste", "2026-11-25"),
            ("on the twentieth", "2026-11-20"),
            ("am fünfzehnten", "2026-12-15"),
            ("volgende wk wo", "2026-11-25"),
            ("uiterlijk vr", "2026-11-20"),
            ("by Fri", "2026-11-20"),
            ("will pay Fri", "2026-11-20"),
            ("tussen de 25e en de 28e", "2026-11-28"),
            ("between Thursday and Friday", "2026-11-20"),
        ] {
            let found = named(&plain(text), mail);
            assert_eq!(found.first().map(|one| one.day.to_string()).as_deref(), Some(wanted), "{text}: {found:?}");
        }
    }

    #[test]
    fn no_stretches() {
        let mail = "2026-11-17".parse().unwrap();
        for text in [
            "na de kerst",
            "gespreid over de komende vier maanden",
            "over the next three months",
            "in the new year",
            "deze week",
            "de eerste keer",
            "het begin",
            "op do",
            "de tiende keer",
        ] {
            let found = named(&plain(text), mail);
            assert!(found.is_empty(), "{text}: {found:?}");
        }
    }
}
