//! Days named in a sentence, counted from the mail's own date. Never decides what the day is for.
//!
//! A day without a year is the first such day after the mail. Weekdays are strictly after it. Months without
//! a day, "shortly" and "next week" name no day.

use std::sync::LazyLock;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use regex::{Captures, Regex, RegexSet};

use super::day_names::{COUNT, MONTHS, ORDINALS, WEEKDAYS, counted, day_of_week, month, ordinal};
use super::spans;

/// A day named in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub day: NaiveDate,
    /// Where it stands in the plain text.
    pub from: usize,
    pub to: usize,
    /// It is said to lie in the past, or is the date of a document.
    pub past: bool,
}

/// How a form of words is read: `None` when it names no day after all.
pub(super) type Read = fn(&Captures<'_>, NaiveDate) -> Option<NaiveDate>;

struct Form {
    words: Regex,
    read: Read,
}

struct Forms {
    /// All of them at once: which are there at all?
    any: RegexSet,
    each: Vec<Form>,
}

/// From the most particular form to the plainest: the first form to claim a stretch of text keeps it.
static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    let next_week = "(?:volgende|komende|toekomende|aanstaande) (?:week|wk)|next week|nachste[rn]? woche|kommende[rn]? woche|la semaine prochaine|semaine prochaine";
    let forms: Vec<(String, Read)> = vec![
        (r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b".into(), year_first),
        (r"\b(\d{1,2})\s?[./-]\s?(\d{1,2})\s?[./-]\s?(20\d{2}|\d{2})\b".into(), numeric),
        (format!(r"\b(\d{{1,2}})(?:\.|de|ste|e|er|st|nd|rd|th)?\s?(?:of |van )?({MONTHS})\b\.?(?:,? ?(20\d{{2}}|'\d{{2}}\b))?"), day_month),
        (format!(r"\b({MONTHS})\.? (?:the )?(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (20\d{{2}}))?"), month_day),
        (format!(r"\b(?:de |the |le )?(1e|eerste|first|1st|premier|1er|ersten) (?:van |of |de |d')?({MONTHS})\b"), first_of_month),
        (r"\b(?:(?:op|de|den|le|am) )?(\d{1,2})(?:\.|e|de|ste|th|st|nd|rd)? ?(?:van |of |de |du |des )?(?:de |the )?(?:volgende maand|next month|mois prochain|nachsten monats|kommenden monats)".into(), day_of_next_month),
        (r"(?:volgende maand|next month|le mois prochain|nachsten monat) (?:op )?(?:de |the |le |am |den )?(\d{1,2})(?:\.|e|de|ste|th|st|nd|rd)?\b".into(), day_of_next_month),
        (format!(r"\b({ORDINALS}) ({WEEKDAYS}) (?:van |of |in |im |de |du |d')?(?:de |deze |elke |iedere |the |every |each |chaque |jeden )?(?:(?:volgende |next )?(?:maand|month|monats?|mois)|({MONTHS}))\b"), nth_weekday),
        (r"\b(?:na het weekend|na 't weekend|na de weekend|after the weekend|nach dem wochenende|apres le week-end)\b".into(), monday),
        (format!(r"\b({WEEKDAYS})[a-z]* (?:in |van |of |de |la |in der |der )?(?:week|kw|semaine|wk|kalenderwoche) ?(\d{{1,2}})\b"), weekday_of_week),
        (format!(r"\b(?:week|kw|semaine|wk|kalenderwoche) ?(\d{{1,2}})(?: op)? ({WEEKDAYS})\b"), week_weekday),
        (r"\b(?:in|van|tijdens|during|of|der|en|la) (?:week|kw|semaine|wk|kalenderwoche) ?(\d{1,2})\b".into(), friday_of_week),
        (format!(r"\b(?:{next_week}),? (?:op |on |am |le )?({WEEKDAYS})"), next_week_weekday),
        (format!(r"\b({WEEKDAYS})[a-z]* (?:van |of |de |in |der )?(?:de )?(?:{next_week})"), next_week_weekday),
        (format!(r"\b({WEEKDAYS})[a-z]* (?:over een week|in een week|a week from now|week|en huit|in einer woche)\b"), next_week_weekday),
        (r"\b(?:eind|einde|end|ende|fin|laatste dag)(?: van| of| de)? (?:de |the |der |la )?(?:volgende|komende|next|nachste[rn]?|semaine prochaine|kommende[rn]?) ?(?:week|woche)?\b(?:maand|month)?".into(), end_of_next),
        (r"\b(?:eind|einde|end|ende|fin|laatste dag)(?: van| of| de| des)? ?(?:volgende|komende|next|nachste[nsm]|kommenden|du mois prochain|mois prochain) ?(?:maand|month|monats?)?\b".into(), end_of_next_month),
        (r"\b(?:eind|einde|tegen het einde|end|fin|ende) (?:v/d |v\.d\. |vd |van |of |de |der )?(?:de |deze |the |this |la |cette |dieser )?(?:week|semaine|woche)\b|\bweek's end\b|\b(?:voor|before|vor|avant) (?:het |'t |the |dem |das |le )?(?:weekend|wochenende|week-end)\b".into(), end_of_week),
        (r"\b(?:weekend|wochenende|week-end)\b".into(), sunday),
        (r"\b(?:eind|einde|end|fin|ende|ultimo|laatste (?:werk)?dag|last (?:working |business )?day|dernier jour(?: ouvrable)?|letzte[rnm]? (?:werk|arbeits)?tag)(?: v/d| v\.d\.| vd| van| of| du| de ce| de| des| dieses)?(?: de| deze| the| this| dieses| ce| lopende)? ?(?:maand|month|mois|monats?|courant)\b|\b(?:monatsende|maandeinde|month'?s? end|month-end|ultimo)\b".into(), end_of_month),
        (format!(r"\b(?:eind|einde|end|fin|ende|ultimo)(?: van| of| de| du mois de| d')? ?({MONTHS})\b"), end_of_named_month),
        (format!(r"\b(?:half|halverwege|midden|medio|mid|mi|mitte|halfweg|the middle of|mi-mois)[ -]({MONTHS})\b"), middle_of_named_month),
        (r"\b(?:half|halverwege|medio|midden)(?: van)? (?:de |deze |volgende )?maand\b|\bmitte (?:des |dieses |nachsten )?monats?\b|\bmid[- ]month\b|\bmi-mois\b".into(), middle_of_month),
        (format!(r"\b(?:over|binnen(?: de)?|in|within|dans(?: les)?|sous|d'ici|innerhalb(?: von)?|endeans) ({COUNT}) ?(werkdagen|werkdag|bankdagen|working days?|business days?|arbeitstagen?|werktagen?|bankarbeitstagen?|jours ouvrables|jours ouvres|jour ouvrable|dagen|dag|days?|tagen?|jours?|weken|week(?:jes?|skes?)?|weeks?|wochen?|semaines?|maanden|maand(?:jes?)?|months?|monaten?|mois|uur|uren|hours|hrs|stunden|heures)\b"), after_count),
        (format!(r"\b({COUNT}) (werkdagen|working days|business days|days|weeks) (?:from now|from today)\b"), after_count),
        (r"\b(?:binnen|within) (?:the|de) (\d{1,2}) (dagen|days|uur|hours)\b".into(), after_count),
        (r"\b(?:over|binnen) (?:een )?(veertien) (dagen)\b|\b(?:in|within) a (fortnight)\b".into(), after_count),
        (r"\b(?:dans|sous|d'ici) (?:une )?(huitaine|quinzaine)\b".into(), french_span),
        (r"\b(?:(?:op|voor|tegen|per|tot|am|bis|zum|bis zum|by|on|until|before|le|au|pour le|avant le|d'ici le|de|den|dem|the|ma|di|wo|do|vr|za|zo|dd|d\.d\.)|(?:maan|dins|woens|donder|vrij|zater|zon)dag|friday|monday|tuesday|wednesday|thursday),? ?(\d{1,2})[/-](\d{1,2})\b".into(), day_slash_month),
        (r"\b(\d{1,2})[/-](\d{1,2})\b".into(), day_slash_month),
        (r"\b(\d{1,2})\.\s?(\d{1,2})\.?(?:\s|,|$|\))".into(), day_slash_month),
        (r"\b(?:de|den|op|rond de|voor de|tegen de|le|du|au|am|zum|bis zum|the) (\d{1,2})(?:e|de|ste|sten|en|th|st|nd|rd|er)\b".into(), day_of_month),
        (r"\b(\d{1,2})(?:e|de|ste|th|st|nd|rd|er)\b (?:van |of |du |des )?(?:de |the |elke |iedere |deze |this |ce )?(?:maand|month|mois|monats)".into(), day_of_month),
        (r"\b(?:am|zum|bis zum|bis|vor dem|spatestens am) (\d{1,2})\.(?:\s|,|$|!)".into(), day_of_month),
        (r"\b(?:le|au|pour le|avant le|d'ici le) (\d{1,2})(?: courant| prochain| de ce mois| du mois| du mois courant)?(?:\s*[.,;!)]|\s*$| courant| prochain| au plus tard| du mois)".into(), day_of_month),
        (r"\b(?:op|uiterlijk|de|voor|tegen) (?:de )?(\d{1,2}) (?:dezer|a\.s\.|aanstaande|van (?:de|deze|elke) maand)".into(), day_of_month),
        (r"\b(?:monatsersten|eerste van de maand|eerste v/d maand|1e van de maand|first of the month|1er du mois|premier du mois|ersten des monats|1\. des monats|first of next month|eerste van volgende maand)\b".into(), first_of_next_month),
        (format!(r"\b({WEEKDAYS})(?:ochtend|middag|avond|s|abend|morgen|nachmittag|vormittag|fruh)?\b"), weekday),
        (r"\b(?:overmorgen|ubermorgen|uebermorgen|day after tomorrow|apres[- ]demain)\b".into(), in_two_days),
        (r"\b(?:morgen|mrgn|morgenochtend|morgenvroeg|morgenmiddag|morgenavond|tomorrow|tmrw|tomorow|demain)\b".into(), tomorrow),
        (r"\b(?:vandaag|vanmiddag|vanavond|straks|today|tonight|this afternoon|this evening|heute|heute abend|aujourd'hui|ce soir|cet apres-midi|this week's run today)\b".into(), today),
    ];
    let forms = spans::forms().into_iter().chain(forms);
    let forms: Vec<(String, Read)> = forms.map(|(words, read)| (in_plain_letters(&words), read)).collect();
    let any = RegexSet::new(forms.iter().map(|(words, _)| words)).expect("BUG: date forms");
    let form = |(words, read): (String, Read)| Form { words: Regex::new(&words).expect("BUG: date form"), read };
    Forms { any, each: forms.into_iter().map(form).collect() }
});

/// The same pattern for a plain sentence, in which letters and digits are those of ASCII: with Unicode's it is many
/// times slower where the sentence holds a euro sign.
fn in_plain_letters(words: &str) -> String {
    words.replace(r"\b", r"(?-u:\b)").replace(r"\d", "[0-9]").replace(r"\s", r"[\t\n\r ]")
}

/// Days named in a plain sentence, in the order they stand in it.
pub(super) fn named(plain: &str, mail: NaiveDate) -> Vec<Named> {
    let mut taken: Vec<(usize, usize)> = Vec::new();
    let mut found: Vec<Named> = Vec::new();
    for form in FORMS.any.matches(plain).iter().filter_map(|at| FORMS.each.get(at)) {
        for captures in form.words.captures_iter(plain) {
            let Some(whole) = captures.get(0) else { continue };
            let (from, to) = (whole.start(), whole.end());
            let Some(day) = (form.read)(&captures, mail) else { continue };
            if taken.iter().any(|&(a, b)| from < b && a < to) || is_no_day(plain, from, to) {
                continue;
            }
            taken.push((from, to));
            found.push(Named { day, from, to, past: is_past(plain, from, to) });
        }
    }
    found.sort_by_key(|named| named.from);
    drop_beginnings_of_ranges(plain, drop_weekdays_of_dates(plain, found))
}

/// "tussen de 25e en de 28e": by its end the promise is over.
fn drop_beginnings_of_ranges(plain: &str, found: Vec<Named>) -> Vec<Named> {
    const BETWEEN: [&str; 4] = ["tussen", "between", "zwischen", "entre"];
    const AND: [&str; 4] = ["en", "and", "und", "et"];
    let begins = |i: usize| {
        let (Some(this), Some(next)) = (found.get(i), found.get(i + 1)) else { return false };
        let before = plain.get(..this.from).unwrap_or_default();
        let joint = plain.get(this.to..next.from).unwrap_or_default().split_whitespace().next();
        let named = plain.get(this.from..this.to).unwrap_or_default();
        let opens = tail(before).split_whitespace().chain(named.split_whitespace()).rev();
        this.day < next.day
            && joint.is_some_and(|word| AND.contains(&word))
            && opens.take(4).any(|word| BETWEEN.contains(&word))
    };
    (0..found.len()).filter(|&i| !begins(i)).filter_map(|i| found.get(i).copied()).collect()
}

/// "vrijdag 27 november": the date says which Friday.
fn drop_weekdays_of_dates(plain: &str, found: Vec<Named>) -> Vec<Named> {
    let is_label = |i: usize| {
        let (Some(this), Some(next)) = (found.get(i), found.get(i + 1)) else { return false };
        let between = plain.get(this.to..next.from).unwrap_or("...");
        let weekday = plain.get(this.from..this.to).is_some_and(|text| !text.bytes().any(|b| b.is_ascii_digit()));
        let dated = plain.get(next.from..next.to).is_some_and(|text| text.bytes().any(|b| b.is_ascii_digit()));
        weekday
            && dated
            && matches!(between.trim_matches([' ', ',', '(']), "" | "de" | "den" | "the" | "le" | "dem" | "op" | "dus")
    };
    (0..found.len()).filter(|&i| !is_label(i)).filter_map(|i| found.get(i).copied()).collect()
}

static NOT_A_DAY_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^ ?(?:keer|weken|wk|dagen|dag|uur|jaar|maanden|deel|%|x|stuks|procent|weeks|days|hours|wochen|tage|jours|semaines|mois|fois|euro|eur|€|[.,]\d|h\b|m2|mm|cm|kg)")
        .expect("BUG: pattern")
});
static NOT_A_DAY_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?:goede?n?|guten|goeie|heute|gestern|'s|fris|\d[.,/-]|nr\.?|nummer|art\.?|artikel|€|eur) ?$|[a-z0-9-]$",
    )
    .expect("BUG: pattern")
});

/// "5 juni € 300": the sign belongs to the sum behind it.
fn sum_follows(after: &str) -> bool {
    let sum = ["€", "eur "].iter().find_map(|sign| after.trim_start().strip_prefix(sign));
    sum.is_some_and(|sum| sum.trim_start().starts_with(|c: char| c.is_ascii_digit()))
}

/// "2-3 weken", "24/7", "goede morgen", "nr. 12-11": look like days and are none.
fn is_no_day(plain: &str, from: usize, to: usize) -> bool {
    let (before, itself, after) =
        (plain.get(..from).unwrap_or(""), plain.get(from..to).unwrap_or(""), plain.get(to..).unwrap_or(""));
    let digits = itself.starts_with(|c: char| c.is_ascii_digit());
    // "vanaf januari 30 euro"
    let sum_behind = itself.ends_with(|c: char| c.is_ascii_digit()) && NOT_A_DAY_AFTER.is_match(after);
    let fraction = ["24/7", "1/2", "1/3", "1/4", "2/3", "3/4", "50/50"].contains(&itself.trim());
    let morning = ["morgen", "mrgn"].contains(&itself);
    let done_today = ["vandaag", "today", "heute"].contains(&itself)
        && [" ge", " fruh", " approved", " al "].iter().any(|next| after.starts_with(next));
    done_today
        || (!digits && sum_behind && !sum_follows(after))
        || (digits && (fraction || NOT_A_DAY_AFTER.is_match(after) && !sum_follows(after)))
        || ((digits || morning) && NOT_A_DAY_BEFORE.is_match(tail(before)) && !itself.contains("-") | morning)
        || (digits && before.ends_with(|c: char| c.is_alphanumeric() || c == '-' || c == '/'))
}

static PAST_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?:afgelopen|vorige|verleden|voorbije|last|past|letzten?|letzter|vergangenen?|sinds|since|seit|depuis|dated|datiert) ?(?:op |de |the |dem |le )?$",
        r"|(?:factuur|facturen|brief|mail|e-mail|mailtje|bericht|schrijven|herinnering|aanmaning|sommatie|nota|rekening|bestelling|order|levering|offerte|dagvaarding|gesprek|telefoontje|bon|creditnota|",
        r"invoice|letter|email|reminder|demand|message|order|delivery|confirmation|call|note|rechnung|schreiben|mahnung|lieferung|bestellung|mangelruge|angebot|facture|courrier|courriel|rappel|commande|livraison|devis|intervention)",
        r"(?: [a-z]*\d[a-z0-9-]*)? (?:van|dd\.?|d\.d\.|of|from|dated|vom|du|de|op|on)(?: afgelopen| vorige| last)? ?(?:de |the |le |den )?$",
        r"|\b(?:posted|approved|booked|received|processed|released|checked|spoke|geboekt|ontvangen|goedgekeurd|gebucht|erhalten|freigegeben|geprufd|dd\.?|d\.d\.|vom|ontvangen op|geleverd op|besteld op|betaald op|overgemaakt op|sinds de) ?$",
    ))
    .expect("BUG: pattern")
});
static PAST_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^,? ?(?:jl\b|j\.l\.|laatstleden|l\.l\.|ll\.|geleden|dernier|derniere|passe\b|ago|last|jongstleden)")
        .expect("BUG: pattern")
});

fn is_past(plain: &str, from: usize, to: usize) -> bool {
    PAST_BEFORE.is_match(tail(plain.get(..from).unwrap_or(""))) || PAST_AFTER.is_match(plain.get(to..).unwrap_or(""))
}

/// The last words before a place, enough for the look back.
fn tail(before: &str) -> &str {
    let mut start = before.len().saturating_sub(60);
    while !before.is_char_boundary(start) {
        start += 1;
    }
    before.get(start..).unwrap_or("")
}

pub(super) fn part<'t>(captures: &Captures<'t>, i: usize) -> Option<&'t str> {
    captures.get(i).map(|found| found.as_str())
}

fn number<T: std::str::FromStr>(captures: &Captures<'_>, i: usize) -> Option<T> {
    part(captures, i)?.trim_start_matches('\'').parse().ok()
}

fn full_year(year: i32) -> i32 {
    if year < 100 { 2000 + year } else { year }
}

/// The first such day after the mail. Far ahead it was rather meant as past: then no day.
pub(super) fn next_such(day: u32, month: u32, mail: NaiveDate) -> Option<NaiveDate> {
    let this_year = NaiveDate::from_ymd_opt(mail.year(), month, day);
    let found = match this_year {
        Some(found) if found >= mail => found,
        _ => NaiveDate::from_ymd_opt(mail.year() + 1, month, day)?,
    };
    ((found - mail).num_days() <= 200).then_some(found)
}

fn year_first(c: &Captures<'_>, _: NaiveDate) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(number(c, 1)?, number(c, 2)?, number(c, 3)?)
}

fn numeric(c: &Captures<'_>, _: NaiveDate) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(full_year(number(c, 3)?), number(c, 2)?, number(c, 1)?)
}

fn day_month(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    let (day, month) = (number(c, 1)?, month(part(c, 2)?)?);
    match number::<i32>(c, 3) {
        Some(year) => NaiveDate::from_ymd_opt(full_year(year), month, day),
        None => next_such(day, month, mail),
    }
}

fn month_day(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    let (month, day) = (month(part(c, 1)?)?, number(c, 2)?);
    match number(c, 3) {
        Some(year) => NaiveDate::from_ymd_opt(year, month, day),
        None => next_such(day, month, mail),
    }
}

fn first_of_month(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    next_such(1, month(part(c, 2)?)?, mail)
}

fn day_slash_month(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    next_such(number(c, 1)?, number(c, 2)?, mail)
}

fn day_of_next_month(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    (mail.with_day(1)? + Months::new(1)).with_day(number(c, 1)?)
}

pub(super) fn day_of_month(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    let day = number(c, 1)?;
    (0..4).filter_map(|ahead| (mail.with_day(1)? + Months::new(ahead)).with_day(day)).find(|found| *found >= mail)
}

fn first_of_next_month(_: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    let first = mail.with_day(1)?;
    Some(if first >= mail { first } else { first + Months::new(1) })
}

pub(super) fn last_of(first: NaiveDate) -> Option<NaiveDate> {
    (first.with_day(1)? + Months::new(1)).pred_opt()
}

fn end_of_month(_: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    last_of(mail)
}

fn end_of_next_month(_: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    last_of(mail.with_day(1)? + Months::new(1))
}

fn end_of_next(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    let text = part(c, 0)?;
    if text.contains("week") || text.contains("woche") || text.contains("semaine") {
        week_day(mail.checked_add_days(Days::new(7))?, Weekday::Fri)
    } else if text.contains("maand") || text.contains("month") {
        end_of_next_month(c, mail)
    } else {
        None
    }
}

fn end_of_named_month(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    let month = month(part(c, 1)?)?;
    let this = last_of(NaiveDate::from_ymd_opt(mail.year(), month, 1)?)?;
    if this >= mail { Some(this) } else { last_of(NaiveDate::from_ymd_opt(mail.year() + 1, month, 1)?) }
}

fn middle_of_named_month(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    next_such(15, month(part(c, 1)?)?, mail)
}

fn middle_of_month(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    let text = part(c, 0)?;
    let this = mail.with_day(15)?;
    let next = text.contains("volgende") || text.contains("nachsten") || this < mail;
    Some(if next { this + Months::new(1) } else { this })
}

fn end_of_week(_: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    let friday = week_day(mail, Weekday::Fri)?;
    if friday >= mail { Some(friday) } else { friday.checked_add_days(Days::new(7)) }
}

pub(super) fn week_day(within: NaiveDate, weekday: Weekday) -> Option<NaiveDate> {
    NaiveDate::from_isoywd_opt(within.iso_week().year(), within.iso_week().week(), weekday)
}

fn of_week(week: u32, weekday: Weekday, mail: NaiveDate) -> Option<NaiveDate> {
    let year = mail.iso_week().year();
    let this = NaiveDate::from_isoywd_opt(year, week, weekday)?;
    if this >= mail { Some(this) } else { NaiveDate::from_isoywd_opt(year + 1, week, weekday) }
}

fn weekday_of_week(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    of_week(number(c, 2)?, day_of_week(part(c, 1)?)?, mail)
}

fn week_weekday(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    of_week(number(c, 1)?, day_of_week(part(c, 2)?)?, mail)
}

/// "de eerste maandag van de maand", "the last Friday of January": the first such day from the mail on.
fn nth_weekday(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    let (nth, weekday) = (ordinal(part(c, 1)?)?, day_of_week(part(c, 2)?)?);
    let wanted = part(c, 3).and_then(month);
    let later = u32::from(part(c, 0)?.contains("volgende") || part(c, 0)?.contains("next"));
    let first = mail.with_day(1)?;
    let of_month = |first: NaiveDate| match nth {
        Some(nth) => NaiveDate::from_weekday_of_month_opt(first.year(), first.month(), weekday, nth),
        None => last_of(first)?.iter_days().rev().take(7).find(|day| day.weekday() == weekday),
    };
    let months = (later..13).filter_map(|ahead| first.checked_add_months(Months::new(ahead)));
    let named = months.filter(|first| wanted.is_none_or(|wanted| first.month() == wanted));
    named.filter_map(of_month).find(|day| *day >= mail)
}

fn monday(_: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    mail.iter_days().skip(1).take(7).find(|day| day.weekday() == Weekday::Mon)
}

/// "Dit weekend": by its end.
fn sunday(_: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    mail.iter_days().take(7).find(|day| day.weekday() == Weekday::Sun)
}

/// A "huitaine" is a week, a "quinzaine" two.
fn french_span(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    let days = if part(c, 1)? == "huitaine" { 8 } else { 15 };
    mail.checked_add_days(Days::new(days))
}

/// A week number without a day: its last working day, when the week is over the promise is.
fn friday_of_week(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    of_week(number(c, 1)?, Weekday::Fri, mail)
}

fn next_week_weekday(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    week_day(mail.checked_add_days(Days::new(7))?, day_of_week(part(c, 1)?)?)
}

fn weekday(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    let wanted = day_of_week(part(c, 1)?)?;
    mail.iter_days().skip(1).take(7).find(|day| day.weekday() == wanted)
}

fn today(_: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    Some(mail)
}

fn tomorrow(_: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    mail.succ_opt()
}

fn in_two_days(_: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    mail.checked_add_days(Days::new(2))
}

pub(super) fn after_count(c: &Captures<'_>, mail: NaiveDate) -> Option<NaiveDate> {
    let captured: Vec<&str> = c.iter().skip(1).flatten().map(|part| part.as_str()).collect();
    let [count, unit] = captured.as_slice() else { return mail.checked_add_days(Days::new(14)) };
    let count = counted(count)?;
    let starts = |stems: &[&str]| stems.iter().any(|stem| unit.starts_with(stem));
    if starts(&["werk", "bank", "working", "business", "arbeits"])
        || unit.starts_with("jours o")
        || *unit == "jour ouvrable"
    {
        working_days(count, mail)
    } else if starts(&["week", "weken", "woche", "semaine"]) {
        mail.checked_add_days(Days::new(u64::from(count) * 7))
    } else if starts(&["maand", "month", "monat", "mois"]) {
        mail.checked_add_months(Months::new(count))
    } else if starts(&["uur", "uren", "hour", "hrs", "stunden", "heures"]) {
        mail.checked_add_days(Days::new(u64::from(count.div_ceil(24))))
    } else {
        mail.checked_add_days(Days::new(u64::from(count)))
    }
}

/// Monday to Friday; public holidays are ignored.
fn working_days(count: u32, mail: NaiveDate) -> Option<NaiveDate> {
    let working = |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    mail.iter_days().skip(1).filter(working).nth(usize::try_from(count).ok()?.checked_sub(1)?)
}

/// The month a sentence names without a day ("te beginnen in december").
pub(super) fn bare_month(plain: &str) -> Option<u32> {
    static BARE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(&format!(r"\b(?:in|en|im|ab|vanaf|from|starting|a partir de|des) ({MONTHS})\b"))
            .expect("BUG: pattern")
    });
    month(BARE.captures(plain)?.get(1)?.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::sentences::plain;
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn days_from_a_wednesday() {
        let mail = day("2026-11-18");
        for (text, wanted) in [
            ("ik betaal vrijdag", "2026-11-20"),
            ("woensdag maak ik het over", "2026-11-25"),
            ("volgende week dinsdag", "2026-11-24"),
            ("dinsdag volgende week", "2026-11-24"),
            ("next week Monday", "2026-11-23"),
            ("Mittwoch nächster Woche", "2026-11-25"),
            ("mardi de la semaine prochaine", "2026-11-24"),
            ("woensdag in week 49", "2026-12-02"),
            ("in week 49", "2026-12-04"),
            ("over tien dagen", "2026-11-28"),
            ("binnen drie werkdagen", "2026-11-23"),
            ("within 48 hours", "2026-11-20"),
            ("in zwei Wochen", "2026-12-02"),
            ("d'ici quinze jours", "2026-12-03"),
            ("eind van de maand", "2026-11-30"),
            ("einde maand", "2026-11-30"),
            ("by the end of the month", "2026-11-30"),
            ("eind volgende maand", "2026-12-31"),
            ("end of next week", "2026-11-27"),
            ("Ende Februar", "2027-02-28"),
            ("fin janvier", "2027-01-31"),
            ("Mitte Dezember", "2026-12-15"),
            ("halverwege december", "2026-12-15"),
            ("tegen het einde van de week", "2026-11-20"),
            ("de 25e komt het loon", "2026-11-25"),
            ("op de 12e", "2026-12-12"),
            ("15 januari", "2027-01-15"),
            ("op 15/1", "2027-01-15"),
            ("15-1-2027", "2027-01-15"),
            ("2026-12-05", "2026-12-05"),
            ("am 5.12. überweisen", "2026-12-05"),
            ("bis zum 1. Dezember", "2026-12-01"),
            ("le 27 courant", "2026-11-27"),
            ("le 3 décembre", "2026-12-03"),
            ("1er décembre", "2026-12-01"),
            ("December 3rd", "2026-12-03"),
            ("on the 3rd of December", "2026-12-03"),
            ("vrijdag 4 december", "2026-12-04"),
            ("morgen", "2026-11-19"),
            ("overmorgen", "2026-11-20"),
            ("après-demain", "2026-11-20"),
            ("vandaag nog", "2026-11-18"),
            ("zum Monatsersten", "2026-12-01"),
            ("de 5e van volgende maand", "2026-12-05"),
            ("de eerste maandag van december", "2026-12-07"),
            ("elke tweede dinsdag van de maand", "2026-12-08"),
            ("the last Friday of the month", "2026-11-27"),
            ("am ersten Montag im Dezember", "2026-12-07"),
            ("le premier lundi du mois", "2026-12-07"),
            ("na het weekend", "2026-11-23"),
            ("voor het weekend", "2026-11-20"),
            ("dit weekend", "2026-11-22"),
            ("over een weekje", "2026-11-25"),
            ("over twee maandjes", "2027-01-18"),
            ("sous huitaine", "2026-11-26"),
            ("within a fortnight", "2026-12-02"),
            ("uiterlijk den 24sten", "2026-11-24"),
            ("vrijdg", "2026-11-20"),
        ] {
            let found = named(&plain(text), mail);
            assert_eq!(found.first().map(|n| n.day), Some(day(wanted)), "{text}: {found:?}");
        }
    }

    #[test]
    fn no_days() {
        let mail = day("2026-11-18");
        for text in [
            "goede morgen",
            "Guten Morgen",
            "in maart",
            "zo snel mogelijk",
            "2-3 weken",
            "24/7 bereikbaar",
            "factuur 2026-0412",
            "€ 12,11",
            "volgende week",
            "32/13",
            "shortly",
            "nr. 12",
            "vanaf januari 30 euro",
        ] {
            assert_eq!(named(&plain(text), mail), [], "{text}");
        }
        for text in
            ["afgelopen vrijdag", "uw brief van 3 december", "vrijdag jl. betaald", "last Monday", "lundi dernier"]
        {
            assert!(named(&plain(text), mail).iter().all(|n| n.past), "{text}");
        }
    }

    #[test]
    fn extreme_dates_are_no_trouble() {
        for mail in [NaiveDate::MAX, NaiveDate::MIN] {
            for text in [
                "morgen",
                "over 999 maanden",
                "eind februari",
                "volgende week vrijdag",
                "29 februari",
                "de 31e",
                "in week 53",
                "binnen 99 werkdagen",
            ] {
                let _ = named(text, mail);
            }
        }
    }
}
