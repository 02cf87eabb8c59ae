//! Days on which something else comes: the sender's wages, a grant, a customer's money. The day on which they pay us with it
//! is another. Never decides which label holds.

use std::sync::LazyLock;

use regex::Regex;

use super::Label;
use super::dates::Named;
use super::judge::{PLAIN, Read};
use super::phrases::Meaning;
use super::sentences::Word;

/// "Geld vom Kunden kommt am 20.", "wij wachten op de subsidie, die wordt op 24 november gestort": it comes to the sender.
pub(super) fn is_of_an_arrival(read: &Read<'_>, named: &Named) -> bool {
    static SOURCE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"\b(?:loon|salaris|uitkering|subsidie|toelage|vakantiegeld|pensioen|aow|toeslag|verzekering|klant|opdrachtgever|afnemer|huurder|",
            r"wages?|salary|grant|subsidy|pension|insurance|client|customer|gehalt|lohn|rente|zuschuss|fordergeld|versicherung|kunden?|auftraggeber|mieter|",
            r"salaire|paie|subvention|allocations?|assurance|cliente?|locataire)\b",
        ))
        .expect("BUG: pattern")
    });
    static COMES: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"\b(?:komt|krijg|krijgen|ontvang|ontvangen|gestort|uitgekeerd|uitbetaald|keert|rekent|betaalt|maakt|binnen|",
            r"comes?|arrives?|arriving|get|receive|lands|landing|pays?|paid|kommt|kommen|bekomme|bekommen|kriege|zahlt|bezahlt|uberweist|ausgezahlt|",
            r"tombe|arrive|rentre|touche|touchons|recois|recevons|paie|paye|paiera|verse|versee?)\b",
        ))
        .expect("BUG: pattern")
    });
    static TO_US: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b(?:u|uw|jullie|you|your|ihnen|ihr|ihre|ihrem|euch|vous|votre|vos)\b").expect("BUG: pattern")
    });
    let text = clause_with_its_noun(read, named);
    SOURCE.is_match(text) && COMES.is_match(text) && !TO_US.is_match(text)
}

/// "Ich überweise euch das dann am 23. November": the clause of the day says so outright, and of no rest.
pub(super) fn is_of_an_own_payment(read: &Read<'_>, named: &Named) -> bool {
    static REST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b(?:rest|restant|restbedrag|andere helft|remainder|balance|other half|ubrige|andere halfte|solde|reste|autre moitie)\b")
            .expect("BUG: pattern")
    });
    let (from, to) = clause(read, named);
    let text = read.sentence.plain.get(from..to).unwrap_or_default();
    says_to_pay(read, named, PLAIN) && !is_of_an_arrival(read, named) && !REST.is_match(text)
}

/// Whether a phrase of at least this weight promises, or asks for a plan, in the clause of a day.
pub(super) fn says_to_pay(read: &Read<'_>, named: &Named, weight: u32) -> bool {
    [Label::Promise, Label::Plan].iter().any(|label| says_beside(read, named, Meaning::Label(*label), weight))
}

/// Whether the clause of a day speaks of paying, or says nothing but the day and a sum: that of "Woensdag krijg ik zelf
/// betaald, dus donderdag hebben jullie het" does not.
pub(super) fn may_be_of_a_payment(read: &Read<'_>, named: &Named) -> bool {
    let (from, to) = clause(read, named);
    let tells = |word: &&str| {
        word.len() > 2 && !word.contains(|c: char| c.is_ascii_digit()) && !matches!(*word, "eur" | "euro" | "euros")
    };
    let said = |part: Option<&str>| part.unwrap_or_default().split(' ').filter(tells).count();
    let beside = said(read.sentence.plain.get(from..named.from)) + said(read.sentence.plain.get(named.to..to));
    beside < 2 || says_to_pay(read, named, 1)
}

/// Whether a phrase of at least this weight speaks in the clause of a day.
pub(super) fn says_beside(read: &Read<'_>, named: &Named, meaning: Meaning, weight: u32) -> bool {
    let (from, to) = clause(read, named);
    read.hits.iter().filter(|hit| hit.meaning == meaning && u32::from(hit.weight) >= weight).any(|hit| {
        let (begin, end) = read.place(hit);
        begin < to && from < end
    })
}

/// The clause, with the one before where it only points back ("die …", "which …").
fn clause_with_its_noun<'a>(read: &Read<'a>, named: &Named) -> &'a str {
    let (from, to) = clause(read, named);
    let text = read.sentence.plain.get(from..to).unwrap_or_default();
    let first = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    if !["die", "which", "that", "der", "welche", "welcher", "qui"].contains(&first) || from == 0 {
        return text;
    }
    let words = &read.sentence.words;
    let before = words.iter().take_while(|word| word.at < from).filter(|word| begins_clause(words, word)).last();
    read.sentence.plain.get(before.map_or(0, |word| word.at)..to).unwrap_or_default()
}

/// Where the clause of a day stands in the plain sentence: up to the next comma, or another who does something.
fn clause(read: &Read<'_>, named: &Named) -> (usize, usize) {
    let words = &read.sentence.words;
    let begins = || words.iter().filter(|word| begins_clause(words, word)).map(|word| word.at);
    let from = begins().take_while(|at| *at <= named.from).last().unwrap_or(0);
    let to = begins().find(|at| *at > named.from && *at >= named.to).unwrap_or(read.sentence.plain.len());
    (from, to)
}

fn begins_clause(words: &[Word<'_>], word: &Word<'_>) -> bool {
    const WE: [&str; 10] = ["ik", "wij", "we", "i", "ich", "wir", "je", "nous", "on", "k"];
    let next = words.partition_point(|other| other.at <= word.at);
    let is_and = ["en", "and", "und", "et"].contains(&word.text);
    word.after_comma || is_and && words.get(next).is_some_and(|next| WE.contains(&next.text))
}
