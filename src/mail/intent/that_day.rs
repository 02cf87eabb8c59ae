//! Days named by another day: the day after it, that same day, "then". Never decides what the day is for.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use regex::Regex;

use super::dates::Named;
use super::reckoning::of_week_ahead;

/// "De dag erna betalen we": behind the last day that was named, here or before.
pub(super) fn with_day_after(plain: &str, mut found: Vec<Named>, before: Option<NaiveDate>) -> Vec<Named> {
    static DAY_AFTER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"\b(?:de dag (?:(?:er|daar)(?:na|op)|nadien)|de volgende dag|een dag (?:later|nadien|erna|daarna)|(?:a|one) day later|einen tag spater|un jour (?:plus tard|apres)|the (?:day after|next day|following day)|am tag (?:darauf|danach)|am folgenden tag|tags darauf",
            r"|le lendemain|le jour (?:d'apres|suivant))(?:$|[.,;!?)]| (?:i|we|you|it|betaal|betalen|maak|maken|doe|doen|stort|gaat|is|staat|heeft|hebt|heb|have|geht|haben|hast|ist|est|aurez|zahle|zahlen|uberweise|uberweisen|je|nous|on|vous)\b)",
        ))
        .expect("BUG: pattern")
    });
    static DAY_AFTER_EVENT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"\b(?:de dag na (?:de|het|die|dat|deze|dit|onze|mijn|zijn|haar|hun)|the day after (?:the|that|this|our|my|his|her|their)",
            r"|(?:am )?tag nach (?:der|dem|unserer|unserem|meiner|meinem|seiner|seinem|ihrer|ihrem)|le lendemain (?:de (?:la|l'|cette|notre|ma|leur) ?|du|de ce|de mon|de son)) ?[a-z]{4,}\b",
        ))
        .expect("BUG: pattern")
    });
    // "De dag na het weekend" is read by itself; "the 30th, the day after my holiday" names its day.
    let is_a_day = |said: &regex::Match<'_>| found.iter().any(|one| one.from < said.end() && said.start() < one.to);
    let is_of_another = |said: &regex::Match<'_>| {
        let before = plain.get(..said.start()).unwrap_or_default();
        found.iter().any(|one| !one.past) && !noun(said.as_str()).is_some_and(|noun| tells_of(before, noun))
    };
    let Some(said) = DAY_AFTER.find(plain).or_else(|| {
        DAY_AFTER_EVENT.find(plain).filter(|said| !waits(said.as_str()) && !is_a_day(said) && !is_of_another(said))
    }) else {
        return found;
    };
    let here = found.iter().rposition(|one| one.to <= said.start());
    let that = here.and_then(|at| found.get(at)).map(|one| one.day).or(before);
    if let Some(day) = that.and_then(|day| day.succ_opt()) {
        here.map(|at| found.remove(at));
        found.push(Named { day, from: said.start(), to: said.end(), past: false, every: false });
    }
    found
}

/// Whether the event of a noun was told before it: "revient le 23 … le lendemain de son retour".
fn tells_of(before: &str, noun: &str) -> bool {
    const RETURN: [&str; 8] =
        ["retour", "terugkeer", "terugkomst", "thuiskomst", "return", "ruckkehr", "heimkehr", "wiederkehr"];
    const RETURNS: [&str; 9] =
        ["revien", "rentre", "retourne", "terug", "thuis", " back", "return", "zuruck", "wieder da"];
    before.contains(noun) || RETURN.contains(&noun) && RETURNS.iter().any(|verb| before.contains(verb))
}

/// "The week after next, our run is on the Wednesday": that of the week named before it.
pub(super) fn with_week_before(plain: &str, mut found: Vec<Named>, mail: NaiveDate) -> Vec<Named> {
    static WEEK: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b(?:(?P<second>week after next|week na volgende week|over twee weken)|next week|volgende week|komende week)\b")
            .expect("BUG: pattern")
    });
    let mut behind = 0;
    for one in &mut found {
        let before = plain.get(behind..one.from).unwrap_or_default();
        let of_a_week = [" on the ", " op de "].iter().any(|link| before.ends_with(link));
        let alone = plain.get(one.from..one.to).is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_lowercase()));
        behind = one.to;
        if !of_a_week || !alone {
            continue;
        }
        let Some(week) = WEEK.captures_iter(before).last() else { continue };
        let ahead = if week.name("second").is_some() { 2 } else { 1 };
        one.day = of_week_ahead(ahead, one.day.weekday(), mail).unwrap_or(one.day);
    }
    found
}

/// "La moitié part ce jour": today, where a verb of paying stands before it; "à ce jour" and "ce jour-là" are others.
pub(super) fn with_this_day(plain: &str, mut found: Vec<Named>, mail: NaiveDate) -> Vec<Named> {
    static THIS_DAY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b(?:part|partent|partira|paie|paye|payons|regle|reglons|vire|virons|verse|versons|fais|faisons)(?: (?:[b-z]|[a-z'][a-z']+)){0,3} (ce jour)(?:$|[,.;:!?] ?| (?:et|puis|encore|meme|par|pour)\b)")
            .expect("BUG: pattern")
    });
    // Asked of every sentence: few of them need the pattern.
    let said = plain.contains("ce jour").then(|| THIS_DAY.captures(plain)).flatten();
    let Some(said) = said.and_then(|said| said.get(1)) else { return found };
    let at = found.partition_point(|one| one.from < said.start());
    found.insert(at, Named { day: mail, from: said.start(), to: said.end(), past: false, every: false });
    found
}

/// What follows a delivery or a payment waits for it, whatever day was named.
fn waits(said: &str) -> bool {
    const COMES: [&str; 22] = [
        "levering",
        "ontvangst",
        "betaling",
        "reparatie",
        "herstelling",
        "controle",
        "keuring",
        "oplevering",
        "goedkeuring",
        "delivery",
        "receipt",
        "payment",
        "repair",
        "approval",
        "lieferung",
        "erhalt",
        "zahlung",
        "eingang",
        "abnahme",
        "livraison",
        "reception",
        "paiement",
    ];
    noun(said).is_some_and(|noun| COMES.iter().any(|one| noun.ends_with(one)))
}

fn noun(said: &str) -> Option<&str> {
    said.rsplit([' ', '\'']).next()
}

/// "Donderdag is zij terug. Die dag betalen we", "zurück am Montag. Dann überweist sie": the day named before it, where a
/// sentence names none of its own.
pub(super) fn with_that_day(plain: &str, mut found: Vec<Named>, before: Option<NaiveDate>) -> Vec<Named> {
    static THAT_DAY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"\b(?:(?:die|dezelfde|diezelfde) dag|(?:that|the same|that same) (?:very )?day|an (?:dem|diesem|demselben) tag|am (?:selben|gleichen) tag|(?:le|du) meme jour|ce jour(?:[- ]la)?|le jour meme",
            r"|(?:op|at|on) (?:dat moment|that point|that date|die datum)|zu diesem zeitpunkt|a ce moment[- ]la|a cette date)\b",
            r"|^(?:(?:en|and|und|et) )?(?:(?:pas|erst|only) )?(?:dan|then|dann|alors|daarop|darauf)\b",
            r"|\bthen[.!]?$|\b(?:betaalt?|betalen|maakt?|maken|doet?|doen|zet|zetten|regelt?|regelen|tekent|stort|storten|boekt|boeken|schrijft|gaat) (?:[a-z]+ ){0,3}dan\b",
            r"|\b(?:gibt|geben|uberweis[a-z]+|zahl[a-z]+|macht|mache|machen|erledig[a-z]+|geht|unterschreibt) (?:[a-z]+ ){0,3}dann\b|\b(?:fera|ferai|ferons|paiera|paierai|paierons|reglera|reglerons|virera|signera|partira|sera) alors\b",
        ))
        .expect("BUG: pattern")
    });
    if let Some(day) = before
        && found.is_empty()
        && let Some(said) = THAT_DAY.find(plain)
    {
        found.push(Named { day, from: said.start(), to: said.end(), past: false, every: false });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::dates;
    use super::super::sentences::{plain, words};
    use super::*;

    fn named(plain: &str, mail: NaiveDate) -> Vec<Named> {
        dates::named(plain, &words(plain), mail, None)
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// What was read otherwise, in mails of the 18th that named the 20th before.
    fn misread(rows: &[(&str, &str)], with: fn(&str, Vec<Named>, Option<NaiveDate>) -> Vec<Named>) -> Vec<String> {
        let (mail, before) = (day("2026-11-18"), Some(day("2026-11-20")));
        let read = |(text, wanted): &(&str, &str)| {
            let text = plain(text);
            let found = with(&text, named(&text, mail), before);
            let found = found.first().map_or("none".to_owned(), |one| one.day.to_string());
            (found != *wanted).then(|| format!("{text}: {found}, not {wanted}"))
        };
        rows.iter().filter_map(read).collect()
    }

    #[test]
    fn days_after_another() {
        let rows = [
            ("de dag erna betalen we iedereen", "2026-11-21"),
            ("the day after, promised", "2026-11-21"),
            ("am Tag darauf überweisen wir", "2026-11-21"),
            ("le lendemain je paie", "2026-11-21"),
            ("op de 24e komt mijn loon en de dag daarna betaal ik", "2026-11-25"),
            ("een dag later heeft u het", "2026-11-21"),
            ("a day later you have it", "2026-11-21"),
            ("the day after delivery", "none"),
            ("er kommt am 24. zuruck und zahlt am Tag nach seiner Rückkehr", "2026-11-25"),
            ("zij is de 24e terug en de dag na haar terugkeer betaalt zij", "2026-11-25"),
            ("elke dag na het werk kan ik betalen", "none"),
        ];
        assert_eq!(misread(&rows, with_day_after), Vec::<String>::new());
    }

    #[test]
    fn weekdays_of_a_week_named_before() {
        let rows = [
            ("It will be the week after next, the run is on the Wednesday", "2026-12-02"),
            ("volgende week betalen we, op de donderdag", "2026-11-26"),
            ("next week I am away, I pay on Friday", "2026-11-20"),
            ("volgende week is er geen run, we betalen op de eerste maandag van december", "2026-12-07"),
        ];
        let wrong = misread(&rows, |plain, found, _| with_week_before(plain, found, day("2026-11-18")));
        assert_eq!(wrong, Vec::<String>::new());
    }

    #[test]
    fn this_day() {
        let rows = [
            ("la moitié part ce jour", "2026-11-18"),
            ("nous payons la facture ce jour et le reste suivra", "2026-11-18"),
            ("je n'ai rien reçu à ce jour", "none"),
            ("je paie à ce jour par carte", "none"),
            ("nous payons ce jour-là", "none"),
        ];
        assert_eq!(
            misread(&rows, |plain, found, _| with_this_day(plain, found, day("2026-11-18"))),
            Vec::<String>::new()
        );
    }

    #[test]
    fn that_day_and_then() {
        let rows = [
            ("die dag betalen we", "2026-11-20"),
            ("the transfer will be released that day", "2026-11-20"),
            ("We will pay then.", "2026-11-20"),
            ("An dem Tag geht das Geld raus", "2026-11-20"),
            ("Dann überweist er", "2026-11-20"),
            ("ce jour-là nous payons", "2026-11-20"),
            ("il fera alors le nécessaire", "2026-11-20"),
            ("zij zet de betaling dan klaar", "2026-11-20"),
            ("dan betalen we op 24 november", "2026-11-24"),
            ("meer dan dat betalen we niet", "none"),
            ("if you fix it then we pay", "none"),
        ];
        assert_eq!(misread(&rows, with_that_day), Vec::<String>::new());
    }
}
