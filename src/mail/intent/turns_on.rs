//! The day and the amount a mail turns on, among all that it names.

use chrono::{Datelike, NaiveDate};

use super::Label;
use super::amounts::{Amount, amounts};
use super::judge::{PLAIN, Read};
use super::paid_on::past_day;
use super::phrases::{Hit, Meaning};
use super::sentences::Word;
use super::taken_back::{begins_a_reason, denies};
use super::{arrivals, dates, day_names};

const COMING: [Label; 2] = [Label::Promise, Label::Plan];

/// The first day promised or asked for: in a sentence that promises, else in one that says nothing else. A day that is only
/// denied ("niet voor kerst") counts where no other is named, and one on which something else comes ("mijn loon komt de 23e")
/// where none is on which they pay.
pub(super) fn promise_date(read: &[Read<'_>], mail: NaiveDate) -> Option<NaiveDate> {
    let (one, named) = first_promised(read, mail)?;
    let comes_to_them = arrivals::is_of_an_arrival(one, named);
    let paid_with_it = comes_to_them.then(|| first_paid_from(read, named.day)).flatten();
    let (one, named) = paid_with_it.unwrap_or((one, named));
    Some(in_named_month(one, named, mail))
}

/// A day and the sentence that names it.
type Told<'r, 't> = (&'r Read<'t>, &'r dates::Named);

/// The first day, not before this one, on which they say themselves to pay.
fn first_paid_from<'r, 't>(read: &'r [Read<'t>], day: NaiveDate) -> Option<Told<'r, 't>> {
    let days = read
        .iter()
        .filter(|one| !one.says(Meaning::Condition))
        .flat_map(|one| one.days.iter().map(move |day| (one, day)));
    let mut to_come = days.filter(|(one, named)| is_to_come(named, day) && is_meant(one, named));
    to_come.find(|(one, named)| arrivals::is_of_an_own_payment(one, named))
}

fn first_promised<'r, 't>(read: &'r [Read<'t>], mail: NaiveDate) -> Option<Told<'r, 't>> {
    let usable = || {
        // A hint ("alles komt nu tegelijk") is only heard where nothing promises outright.
        let outright = read.iter().filter(|one| is_coming(one) && promises_outright(one));
        let hinting = read.iter().filter(|one| is_coming(one) && !promises_outright(one));
        let promising = outright.chain(hinting);
        let others = read.iter().filter(|one| !is_coming(one) && (is_free(one) || is_paid_by(one)));
        promising.chain(others).filter(|one| !one.says(Meaning::Condition) || has_a_latest_day(one))
    };
    let meant = usable().filter(|one| one.days.iter().any(|day| is_to_come(day, mail) && is_meant(one, day)));
    // "We pay on Thursdays" is no day where another sentence names one.
    let once =
        usable().filter(|one| one.days.iter().any(|day| is_to_come(day, mail) && is_meant(one, day) && !day.every));
    once.chain(meant).chain(usable()).find_map(|one| Some((one, first_day(one, mail)?)))
}

fn is_coming(read: &Read<'_>) -> bool {
    COMING.iter().any(|label| read.says_label(*label))
}

fn promises_outright(read: &Read<'_>) -> bool {
    let outright = |hit: &Hit| u32::from(hit.weight) >= PLAIN && COMING.map(Meaning::Label).contains(&hit.meaning);
    read.hits.iter().any(outright)
}

fn is_free(read: &Read<'_>) -> bool {
    let elsewhere =
        [Meaning::Absence, Meaning::Deadline, Meaning::Label(Label::Dispute), Meaning::Label(Label::Insolvency)];
    // A hint of paying is no day of payment: "wird am Montag in einer Woche überwiesen".
    let paid = read.hits.iter().any(|hit| hit.meaning == Meaning::Label(Label::Paid) && hit.weight > 1);
    !paid && !elsewhere.iter().any(|meaning| read.says(*meaning))
}

/// "Uiterlijk vrijdag is het gestort": paid by then, and not yet.
fn is_paid_by(read: &Read<'_>) -> bool {
    const BY: [&str; 8] = ["bis", "bis zum", "tegen", "by", "d'ici", "d'ici au", "vor", "avant"];
    let by = |named: &dates::Named| {
        let before = read.sentence.plain.get(..named.from).unwrap_or_default().trim_end();
        BY.iter().any(|word| before.ends_with(word)) || is_the_latest(read, named)
    };
    read.says_label(Label::Paid) && read.days.iter().any(|named| !named.past && by(named))
}

fn first_day<'r>(read: &'r Read<'_>, mail: NaiveDate) -> Option<&'r dates::Named> {
    let coming = |named: &&dates::Named| is_to_come(named, mail);
    let another = |other: &dates::Named| read.days.iter().filter(coming).any(|named| named.day != other.day);
    let usable = |named: &&dates::Named| coming(named) && (is_meant(read, named) || !another(named));
    let reasons = |named: &&dates::Named| is_a_reason(read, named);
    let beside_reasons = read.days.iter().filter(usable).any(|named| !reasons(&named));
    let usable = |named: &&dates::Named| usable(named) && !(beside_reasons && reasons(named));
    // "Wij betalen altijd op woensdag, dus de 2e": of all Wednesdays that one.
    let once = read.days.iter().filter(usable).any(|named| !named.every);
    let usable = |named: &&dates::Named| usable(named) && !(once && named.every);
    let mixed = read.says_label(Label::Paid);
    if mixed {
        read.days
            .iter()
            .filter(usable)
            .min_by_key(|named| nearest(read, named.from, named.to, &COMING.map(Meaning::Label)))
    } else {
        let latest = read.days.iter().filter(usable).find(|named| is_the_latest(read, named));
        let first = || read.days.iter().find(usable).filter(|first| arrivals::may_be_of_a_payment(read, first));
        let promised = || read.days.iter().filter(usable).find(|named| arrivals::is_of_an_own_payment(read, named));
        latest.or_else(first).or_else(promised).or_else(|| read.days.iter().find(usable))
    }
}

/// "11/25, because the office is closed on the 26th": a day that only says why. A reason in front ("omdat het feest is betalen
/// wij de 28e") has the day of payment in its own clause.
fn is_a_reason(read: &Read<'_>, named: &dates::Named) -> bool {
    let words = &read.sentence.words;
    let at = words.partition_point(|word| word.at < named.from);
    let begin = (0..=at.min(words.len().saturating_sub(1))).rev().find(|at| words[*at].after_comma).unwrap_or(0);
    let Some(reason) = (begin..at).find(|at| begins_a_reason(words, *at)) else { return false };
    let stands_before = read.days.iter().any(|day| !day.past && day.from < words[reason].at);
    stands_before || !arrivals::says_to_pay(read, named, PLAIN)
}

/// "Zodra het kan, maar uiterlijk 4 december": on that day at the latest, whatever the rest of the sentence waits for.
fn has_a_latest_day(read: &Read<'_>) -> bool {
    let conditions = || read.hits.iter().filter(|hit| hit.meaning == Meaning::Condition);
    let beyond =
        |named: &dates::Named| conditions().all(|hit| clause(read, read.place(hit).1) < clause(read, named.from));
    read.days.iter().any(|named| is_the_latest(read, named) && beyond(named))
}

/// How many commas, or words that begin a reason, stand before a place.
fn clause(read: &Read<'_>, at: usize) -> usize {
    let words = &read.sentence.words;
    let before = words.partition_point(|word| word.at <= at);
    (0..before).filter(|at| words[*at].after_comma || begins_a_reason(words, *at)).count()
}

/// "De klant betaalt mij de 20e, u heeft het uiterlijk de 23e".
fn is_the_latest(read: &Read<'_>, named: &dates::Named) -> bool {
    const LATEST: [&str; 9] = [
        "uiterlijk",
        "ten laatste",
        "op zijn laatst",
        "no later than",
        "not later than",
        "niet later dan",
        "at the latest",
        "spatestens",
        "au plus tard",
    ];
    const BEHIND: [&str; 7] = [
        "at the latest",
        "at the very latest",
        "op zijn laatst",
        "op z'n laatst",
        "spatestens",
        "au plus tard",
        "dernier delai",
    ];
    let before = read.sentence.plain.get(..named.from).unwrap_or_default().trim_end();
    let itself = read.sentence.plain.get(named.from..named.to).unwrap_or_default();
    let links = [" op", " de", " on", " am", " den", " le", " the"];
    let bare = links.iter().find_map(|link| before.strip_suffix(link)).unwrap_or(before);
    let after = read.sentence.plain.get(named.to..).unwrap_or_default().trim_start_matches([' ', ',']);
    LATEST.iter().any(|word| bare.ends_with(word) || itself.starts_with(word))
        || BEHIND.iter().any(|word| after.starts_with(word))
}

fn is_to_come(named: &dates::Named, mail: NaiveDate) -> bool {
    !named.past && named.day >= mail
}

fn is_meant(read: &Read<'_>, named: &dates::Named) -> bool {
    !is_denied(read, named) && !is_of_absence(read, named) && !is_only_meant(&read.sentence.words, named.from)
}

/// "De eerste zou ik vandaag doen, maar …", "I was going to pay today but": it did not come to that. What is asked,
/// proposed or told ("zou ik vrijdag mogen betalen, maar dan in delen", "wilde laten weten dat ik vrijdag betaal") is meant.
fn is_only_meant(words: &[Word<'_>], place: usize) -> bool {
    const WOULD: [&str; 12] = [
        "zou", "zouden", "wilde", "wilden", "wou", "wollte", "wollten", "voulais", "voulions", "devais", "going",
        "meant",
    ];
    const SAID: [&str; 28] = [
        "mogen",
        "kunnen",
        "willen",
        "graag",
        "voorstellen",
        "vragen",
        "gern",
        "gerne",
        "fragen",
        "vorschlagen",
        "proposer",
        "demander",
        "weten",
        "melden",
        "zeggen",
        "doorgeven",
        "bevestigen",
        "tell",
        "let",
        "say",
        "confirm",
        "inform",
        "mitteilen",
        "sagen",
        "bestatigen",
        "informer",
        "dire",
        "confirmer",
    ];
    let at = words.partition_point(|word| word.at < place);
    let begin = (0..at).rev().find(|at| words[*at].after_comma).unwrap_or(0);
    let but = |at: usize| match words[at].text {
        "but" | "mais" | "echter" => true,
        // They say other things too: "maar 50 euro", "doch noch".
        "maar" | "aber" | "doch" | "alleen" => words[at].after_comma,
        _ => false,
    };
    let end = (at..words.len()).find(|at| but(*at) || words[*at].after_comma).filter(|end| but(*end));
    let Some(clause) = end.and_then(|end| words.get(begin..end)) else { return false };
    let says = |any: &[&str]| clause.iter().any(|word| any.contains(&word.text));
    let going = clause.windows(2).any(|pair| matches!(pair[0].text, "was" | "were") && pair[1].text == "going");
    says(&WOULD) && (going || !says(&["going"])) && !says(&SAID)
}

/// "Ik ga het morgen niet redden, maar zaterdag": the first day is just not meant.
fn is_denied(read: &Read<'_>, named: &dates::Named) -> bool {
    const BETWEEN: [&str; 20] = [
        "voor", "op", "de", "het", "vor", "before", "by", "until", "avant", "le", "the", "on", "am", "dem", "den",
        "tot", "tegen", "per", "in", "over",
    ];
    let words = &read.sentence.words;
    let first = words.iter().position(|word| word.at >= named.from);
    let Some(first) = first else { return false };
    let before = (0..first).rev().take(3).find(|at| !BETWEEN.contains(&words[*at].text));
    let within = (first + 1..words.len()).take_while(|at| !words[*at].after_comma).take(3);
    let later = within.filter(|at| words[*at].at >= named.to);
    before.into_iter().chain(later).any(|at| denies(words, at) || words[at].text == "pas")
}

/// "Ik ben weg tot zondag, maandag regel ik het".
fn is_of_absence(read: &Read<'_>, named: &dates::Named) -> bool {
    let before = read.sentence.plain.get(..named.from).unwrap_or_default().trim_end();
    let until = ["tot", "tot en met", "t/m", "until", "till", "bis", "jusqu'a", "jusqu'au"];
    let absent =
        |hit: &Hit| hit.meaning == Meaning::Absence && clause(read, read.place(hit).0) == clause(read, named.from);
    read.says(Meaning::Absence) && until.iter().any(|word| before.ends_with(word)) || read.hits.iter().any(absent)
}

/// "telkens op de 15de, te beginnen in december": the day takes the month named beside it.
fn in_named_month(read: &Read<'_>, named: &dates::Named, mail: NaiveDate) -> NaiveDate {
    let day = named.day;
    let itself = read.sentence.plain.get(named.from..named.to).unwrap_or_default();
    let is_month = |word: &str| day_names::month(word.trim_end_matches('.')).is_some();
    if itself.contains(|c: char| c.is_ascii_digit()) && itself.split(' ').any(is_month) {
        return day;
    }
    let by_week = itself.split(' ').any(|word| day_names::day_of_week(word).is_some());
    let month = dates::bare_month(read.sentence.plain).filter(|_| read.days.len() == 1 && !by_week);
    let Some(month) = month else { return day };
    let year = if month < mail.month() { mail.year() + 1 } else { mail.year() };
    NaiveDate::from_ymd_opt(year, month, day.day()).filter(|moved| *moved >= mail).unwrap_or(day)
}

/// The day on which the sender says to have paid.
pub(super) fn paid_on(read: &[Read<'_>], mail: NaiveDate) -> Option<NaiveDate> {
    read.iter().filter(|one| one.says_label(Label::Paid)).find_map(|one| past_day(one.sentence.plain, mail))
}

/// The amount the mail turns on: what is contested, was paid, will be paid, or one instalment.
pub(super) fn amount(read: &[Read<'_>], label: Label) -> Option<String> {
    if !matches!(label, Label::Dispute | Label::Paid | Label::Promise | Label::Plan) {
        return None;
    }
    let all: Vec<(&Read<'_>, Amount)> =
        read.iter().flat_map(|one| amounts(one.sentence.plain).into_iter().map(move |amount| (one, amount))).collect();
    let near = |meanings: &[Meaning]| -> Vec<&(&Read<'_>, Amount)> {
        all.iter().filter(|(one, amount)| belongs(one, amount, meanings)).collect()
    };
    let found = match label {
        Label::Dispute => {
            let contested = near(&[Meaning::Contested]);
            let mut found = if contested.is_empty() { near(&[Meaning::Label(label)]) } else { contested };
            found.retain(|(one, _)| one.says(Meaning::Contested) || !speaks_of_an_offer(one.sentence.plain));
            found.sort_by_key(|(one, amount)| {
                nearest(one, amount.from, amount.to, &[Meaning::Contested, Meaning::Label(Label::Dispute)])
            });
            found
        }
        Label::Paid | Label::Promise | Label::Plan => {
            let own = near(&[Meaning::Label(label)]);
            if own.is_empty() {
                all.iter().filter(|(one, _)| one.hits.iter().all(|hit| is_mild(hit, label))).collect()
            } else {
                own
            }
        }
        Label::Insolvency | Label::Question | Label::WrongContact | Label::Acknowledge => Vec::new(),
        Label::AutoReply | Label::Bounce | Label::Unrelated => Vec::new(),
    };
    chosen(found, label).or_else(|| the_only(&all))
}

/// Where no phrase stands by an amount: the only sum of the mail.
fn the_only(all: &[(&Read<'_>, Amount)]) -> Option<String> {
    let ((one, first), rest) = all.split_first()?;
    let alone = first.with_currency && rest.iter().all(|(_, other)| other.value == first.value);
    (alone && !speaks_of_an_offer(one.sentence.plain)).then(|| first.value.clone())
}

/// The sum offered is not the sum contested.
fn speaks_of_an_offer(plain: &str) -> bool {
    ["offerte", "vaste prijs", "afgesproken", "quote", "quotation", "agreed", "angebot", "devis"]
        .iter()
        .any(|word| plain.contains(word))
}

/// An instalment is the smallest of the first sentence that names one; of the others the first that stands with a currency.
fn chosen(found: Vec<&(&Read<'_>, Amount)>, label: Label) -> Option<String> {
    let with_currency = found.iter().any(|(_, amount)| amount.with_currency);
    let mut worth: Vec<&Amount> =
        found.iter().map(|(_, amount)| amount).filter(|amount| amount.with_currency || !with_currency).collect();
    if label == Label::Plan {
        let first = found.first().map(|(one, _)| one.sentence.literal);
        worth = found.iter().filter(|(one, _)| Some(one.sentence.literal) == first).map(|(_, amount)| amount).collect();
        worth.sort_by_key(|amount| (!amount.with_currency && with_currency, amount.value.len(), amount.value.clone()));
    }
    worth.first().map(|amount| amount.value.clone())
}

fn is_mild(hit: &Hit, label: Label) -> bool {
    match hit.meaning {
        Meaning::Label(other) => other == label || matches!(other, Label::Question | Label::Acknowledge),
        Meaning::Contested | Meaning::Agent => false,
        Meaning::Condition | Meaning::Deadline | Meaning::Absence | Meaning::Newsletter => true,
        Meaning::Negation | Meaning::Uncontested | Meaning::Offer => true,
    }
}

/// The nearest stance in the sentence is one of `meanings`.
fn belongs(read: &Read<'_>, amount: &Amount, meanings: &[Meaning]) -> bool {
    let stances = [Label::Dispute, Label::Plan, Label::Promise, Label::Paid].map(Meaning::Label);
    let own = nearest(read, amount.from, amount.to, meanings);
    let undated = !read.days.iter().any(|day| !day.past);
    // A promise is no rival of a plan, nor one without a day of a payment made ("you will receive EUR 20").
    let soft = |stance: &Meaning| {
        *stance == Meaning::Label(Label::Promise)
            && (meanings.contains(&Meaning::Label(Label::Plan))
                || undated && meanings.contains(&Meaning::Label(Label::Paid)))
    };
    let other = stances.iter().filter(|stance| !meanings.contains(stance) && !soft(stance)).copied();
    let rival = nearest_of(read, amount.from, amount.to, &other.collect::<Vec<_>>(), 2);
    let same = meanings.contains(&Meaning::Contested) || meanings.contains(&Meaning::Label(Label::Plan));
    own.is_some_and(|own| rival.is_none_or(|rival| own <= rival || (same && own < 20)))
}

/// Bytes between a place and the nearest hit of these meanings; none is worst.
fn nearest(read: &Read<'_>, from: usize, to: usize, meanings: &[Meaning]) -> Option<usize> {
    nearest_of(read, from, to, meanings, 1)
}

/// The same among hits of at least some weight.
fn nearest_of(read: &Read<'_>, from: usize, to: usize, meanings: &[Meaning], weight: u8) -> Option<usize> {
    let hits = read.hits.iter().filter(|hit| hit.weight >= weight && meanings.contains(&hit.meaning));
    hits.map(|hit| {
        let (a, b) = read.place(hit);
        if b <= from { from - b } else { a.saturating_sub(to) }
    })
    .min()
}
