//! What is sent to many and answers nothing: newsletters, advertising, mail from lists.

use super::news::{claims, speaks_of_money};
use super::pattern;
use crate::mail::message::Message;
use crate::mail::pattern::Pattern;
use std::sync::LazyLock;

pub(super) fn bulk(message: &Message, own_words: &str) -> Option<String> {
    static NEWSLETTER: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"nieuwsbrief|newsletter|unsubscribe|niet (?:meer|langer) (?:wilt |willen )?ontvangen|no longer (?:wish|want) to receive|nicht mehr (?:erhalten|bekommen)|ne plus recevoir|nodigen (?:wij|we) (?:u|je) (?:graag )?uit|graag nodigen|laden (?:wir )?sie (?:herzlich )?ein|you are invited|vous invit|uitschrijven|afmelden|meld (?:je|u) (?:\w+ )?(?:af|uit)|schrijf (?:je|u) (?:\w+ )?uit|aangemeld|voorkeuren (?:wijzigen|aanpassen)|abmelden|abbestellen|désabonner|désinscrire|désinscription|view (?:this )?(?:e-?mail )?in (?:your )?browser|bekijk (?:de )?(?:web|online ?)versie|webversie|im browser (?:ansehen|anzeigen)|version en ligne",
        )
    });
    // An answer in a thread is no newsletter, whatever its headers.
    if !message.references.is_empty() {
        return None;
    }
    let list = message.raw_headers.iter().find(|(name, value)| match name.as_str() {
        "list-unsubscribe" | "list-id" | "list-unsubscribe-post" => true,
        "precedence" => matches!(value.to_lowercase().as_str(), "bulk" | "list" | "junk"),
        _ => false,
    });
    let wording = NEWSLETTER.find(&message.subject).or_else(|| NEWSLETTER.find(&message.text));
    match (list, wording) {
        (Some((name, _)), Some(wording)) => Some(format!("the header {name}, and the text says {:?}", wording)),
        (Some(_) | None, _) => calendar(message, own_words)
            .or_else(|| mailing(message, own_words))
            .or_else(|| footers(message))
            .or_else(|| marketing(&message.subject, own_words)),
    }
}

pub(super) static ANSWER: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^\s*(?:re|aw|antw|antwoord|sv|rép)\s*:"));

/// Two headers that only mailers of many set, on a mail that answers nothing and names no money.
fn mailing(message: &Message, own_words: &str) -> Option<String> {
    let sets: Vec<&str> = message
        .raw_headers
        .iter()
        .filter(|(name, value)| match name.as_str() {
            "list-unsubscribe" | "list-id" | "list-unsubscribe-post" | "feedback-id" | "x-csa-complaints" => true,
            "precedence" => matches!(value.to_lowercase().as_str(), "bulk" | "list" | "junk"),
            name => name.starts_with("x-mailchimp") || name.starts_with("x-campaign") || name.starts_with("x-mc-"),
        })
        .map(|(name, _)| name.as_str())
        .collect();
    let answers = || ANSWER.is_match(&message.subject) || claims(own_words) || speaks_of_money(own_words);
    match sets.as_slice() {
        [first, second, ..] if !answers() && !own_words.contains("> ") => {
            Some(format!("a mail to many: it has the headers {first} and {second}"))
        }
        _ => None,
    }
}

/// The answer of a calendar to an invitation (RFC 5546 REPLY), or an invitation that is changed. One that speaks of money
/// is a person's.
fn calendar(message: &Message, own_words: &str) -> Option<String> {
    static SUBJECT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"^(?:geaccepteerd|aanvaard|voorlopig(?: geaccepteerd)?|misschien|afgewezen|geweigerd|geannuleerd|accepted|tentative(?:ly accepted)?|maybe|declined|cancell?ed|(?:updated )?invitation|uitnodiging|zugesagt|zusage|angenommen|vorläufig|mit vorbehalt|abgesagt|absage|abgelehnt|einladung|accepté|acceptation|provisoire|refusé|annulé)\s*:",
        )
    });
    static EVENT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"uitnodiging|invitation|einladung|google (?:calendar|agenda)|microsoft teams|\b(?:wanneer|when|wann|quand|waar|where|wo|où)\s*:|\b(?:agenda|calendar|kalender|calendrier)\b",
        )
    });
    let subject = SUBJECT.find(&message.subject)?;
    let replies = message.attachments.iter().any(|part| {
        part.mime.starts_with("text/calendar") && String::from_utf8_lossy(&part.bytes).contains("METHOD:REPLY")
    });
    let money = claims(own_words) || speaks_of_money(own_words) || speaks_of_money(&message.subject);
    let answer = !money && (replies || own_words.trim().is_empty() || EVENT.is_match(own_words));
    answer.then(|| format!("the answer of a calendar: the subject begins with {:?}", subject))
}

/// What stands under mails to many, though their headers do not say so: two kinds of it, and no answer to anything.
fn footers(message: &Message) -> Option<String> {
    static FOOTERS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
        [
            r"\b(?:unsubscribe|opt[- ]?out|uitschrijven|afmelden voor|schrijf (?:je|u) (?:hier )?uit|abmelden|abbestellen|désabonner|désinscrire|désinscription|désabonnement)\b",
            r"\b(?:view (?:this )?(?:e-?mail )?(?:in|on) (?:your |the )?(?:browser|web)|(?:bekijk|lees|open)\b[^.\n]{0,25}\b(?:browser|online|webversie)|webversie|online ?versie|im browser|online ansehen|version en ligne|dans (?:votre|le) navigateur)\b",
            r"\b(?:manage|update|change) (?:your )?(?:e-?mail )?(?:preferences|subscription)|\b(?:voorkeuren|profiel|abonnement) (?:wijzigen|aanpassen|beheren)|\b(?:wijzig|beheer) (?:je|uw) (?:voorkeuren|gegevens|inschrijving)|\beinstellungen (?:ändern|verwalten)|\bgérer (?:mes|vos) préférences",
            r"\b(?:you (?:are receiving|receive|received|got) this|(?:je|u) ontvangt (?:deze|dit)|(?:je|u) krijgt deze|sie erhalten diese|vous recevez (?:ce|cet))\b[^.\n]{0,40}\b(?:because|as|omdat|als|weil|da|car|parce que|en tant que)\b",
        ]
        .into_iter()
        .map(pattern)
        .collect()
    });
    let unquoted: String =
        message.text.lines().filter(|line| !line.trim_start().starts_with('>')).collect::<Vec<_>>().join("\n");
    let found: Vec<&str> = FOOTERS.iter().filter_map(|one| one.find(&unquoted)).collect();
    let quotes = || message.text.lines().any(|line| line.starts_with('>'));
    let answers = || ANSWER.is_match(&message.subject) || quotes() || claims(&unquoted);
    match found.as_slice() {
        [first, second, ..] if !answers() => Some(format!("a mail to many: it says {first:?} and {second:?}")),
        _ => None,
    }
}

/// Advertising without list headers: several selling words and nothing about an invoice.
pub(super) fn marketing(subject: &str, own_words: &str) -> Option<String> {
    static SELLING: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r"\b(?:SEO|backlinks?|google[- ]?(?:ranking|ads|positie)|(?:eerste|première|first|erste[nr]?) (?:pagina|page|seite)|vrijblijvende? (?:offerte|gesprek|demo)|gratis (?:audit|scan|demo|proefperiode|webinar)|free (?:audit|trial|quote|demo|consultation)|audit gratuit|essai gratuit|kostenlose[rsn]? (?:audit|analyse|demo|beratung|webinar)|",
            r"(?:korting|discount|rabatt|remise|promotion|aanbieding|black friday|cashback)\b|webinar|visibilité|référencement|suchmaschinen\w*|zoekmachine\w*|meer (?:klanten|omzet|leads)|more (?:customers|leads|traffic|sales)|plus de (?:clients|trafic)|mehr (?:kunden|umsatz|leads)|",
            r"(?:profitez|profiteer|profitieren sie|take advantage)\b|€\s?/\s?(?:mois|maand|monat|month)|/(?:mois|maand|monat|month)\b|(?:crypto|bitcoin|casino|viagra|lottery|loterij|erfenis|inheritance)\b|cher gérant|dear (?:business )?owner|beste ondernemer|(?:per|a|pro|par) (?:maand|month|monat|mois)\b|(?:firms?|compan(?:y|ies)|businesses|bedrijven|ondernemers|firmen|unternehmen|entreprises) (?:like yours|zoals (?:het|die van)? ?(?:uwe?|jullie|u)|wie ihre[snm]?|comme la vôtre)|(?:10|15|20|30) (?:minutes|minuten|minuutjes)\b|\d+ ?% (?:more|meer|mehr|de plus)|top (?:3|10)\b|interesse\?|interested\?|growing fast|leads\b|book a (?:call|demo)|quick (?:call|question|chat)|your website|uw website|ihre website|votre site|visites)",
        ))
    });
    static OURS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"factu(?:ur|re)\b|\binvoices?\b|\brechnung\b|herinnering|reminder|mahnung|zahlungserinnerung|\brappel\b",
        )
    });
    let text = format!("{subject}\n{own_words}");
    if OURS.is_match(&text) {
        return None;
    }
    let mut found: Vec<String> = SELLING.find_iter(&text).map(|word| word.to_lowercase()).collect();
    found.sort();
    found.dedup();
    (found.len() >= 3).then(|| format!("advertising: {}", found.join(", ")))
}
