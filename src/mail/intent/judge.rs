//! From phrases found to a verdict: which labels hold, and the sentences that prove them.
//!
//! The most careful label wins; a missed dispute is the worst error, so hints of one add up.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::amounts::amounts;
use super::paid_on::past_day;
use super::phrases::{Annuls, Hit, Meaning, Phrases};
use super::sentences::{Cut, Sentence, plain};
use super::{Evidence, Label, arrivals, balance, dates, taken_back, that_day};

/// A label holds from this weight on: one plain phrase, or two hints.
const HOLDS: u32 = 2;
/// From here on a phrase says it outright.
pub(super) const PLAIN: u32 = 3;

/// A sentence with what was found in it.
pub(super) struct Read<'a> {
    pub sentence: Sentence<'a>,
    pub hits: Vec<Hit>,
    pub days: Vec<dates::Named>,
}

impl Read<'_> {
    pub fn says(&self, meaning: Meaning) -> bool {
        self.hits.iter().any(|hit| hit.meaning == meaning)
    }

    pub fn says_label(&self, label: Label) -> bool {
        self.says(Meaning::Label(label))
    }

    /// Where a hit stands in the plain sentence, in bytes.
    pub fn place(&self, hit: &Hit) -> (usize, usize) {
        let words = &self.sentence.words;
        let from = words.get(hit.from).map_or(0, |word| word.at);
        let to = words.get(hit.to.saturating_sub(1)).map_or(from, |word| word.at + word.text.len());
        (from, to)
    }

    fn asks(&self) -> bool {
        self.sentence.words.last().is_some_and(|word| word.text == "?") && !self.says(Meaning::Offer)
    }
}

/// What the mail says, most careful first.
pub(super) struct Verdict {
    pub label: Label,
    pub also: Vec<Label>,
    pub evidence: Vec<Evidence>,
    pub like: Vec<String>,
    pub sure: bool,
}

/// Reads every sentence, with what was taken back left out.
pub(super) fn read<'a>(text: &'a Cut<'a>, mail: NaiveDate, phrases: &Phrases) -> Vec<Read<'a>> {
    let mut last_day = None;
    let mut read: Vec<Read<'a>> = text
        .sentences()
        .map(|sentence| {
            let hits = phrases.hits(&sentence.words);
            let days = dates::named(sentence.plain, &sentence.words, mail, last_day.filter(|day| *day >= mail));
            let days = taken_back::without_given_up(&sentence.words, days);
            let days = that_day::with_week_before(sentence.plain, days, mail);
            let says = |meaning: Meaning| hits.iter().any(|hit| hit.meaning == meaning && hit.annuls.is_none());
            let promises = says(Meaning::Label(Label::Promise));
            let days = that_day::with_day_after(sentence.plain, days, last_day);
            let days = that_day::with_that_day(sentence.plain, days, last_day.filter(|_| promises));
            let days = if last_day.is_none() { that_day::with_this_day(sentence.plain, days, mail) } else { days };
            let for_us = says(Meaning::Deadline) || sentence.words.last().is_some_and(|word| word.text == "?");
            last_day = days.last().map(|named| named.day).filter(|_| !for_us).or(last_day);
            Read { sentence, hits, days }
        })
        .collect();
    let taken_back: Vec<Meaning> = read
        .iter()
        .flat_map(|one| &one.hits)
        .filter(|hit| hit.annuls == Some(Annuls::Mail))
        .map(|hit| hit.meaning)
        .collect();
    for one in &mut read {
        let standing = standing(&one.hits);
        one.hits = standing.into_iter().filter(|hit| !taken_back.contains(&hit.meaning)).collect();
    }
    correct_days(&mut read);
    hear_agents(&mut read, mail);
    read
}

/// Of a day that is corrected only the other stands, also where it was said a sentence before.
fn correct_days(read: &mut [Read<'_>]) {
    for at in 0..read.len() {
        let one = &mut read[at];
        let Some(place) = taken_back::corrects_at(one.sentence.plain, &one.days) else { continue };
        if let Some(wrong) = one.days.iter().rposition(|day| day.to <= place) {
            one.days.remove(wrong);
            continue;
        }
        let right = one.days.iter().find(|day| day.from >= place && !day.past).map(|day| day.day);
        let wrong = at.checked_sub(1).and_then(|before| read[before].days.last_mut());
        if let (Some(right), Some(wrong)) = (right, wrong) {
            wrong.day = right;
        }
    }
}

/// An accountant or a lawyer who says on what day his client pays, or has paid, or asks until what day he may, contests nothing;
/// whoever else acts for a debtor does.
fn hear_agents(read: &mut [Read<'_>], mail: NaiveDate) {
    let outright = |one: &Read<'_>, label| {
        one.hits.iter().any(|hit| hit.meaning == Meaning::Label(label) && u32::from(hit.weight) >= PLAIN)
    };
    let coming = |one: &Read<'_>| outright(one, Label::Promise) || outright(one, Label::Plan);
    let will_pay = |one: &Read<'_>| coming(one) && one.days.iter().any(|day| !day.past);
    let on_a_day = |one: &Read<'_>| !one.days.is_empty() || past_day(one.sentence.plain, mail).is_some();
    let has_paid = |one: &Read<'_>| outright(one, Label::Paid) && on_a_day(one);
    let pays = |one: &Read<'_>| will_pay(one) || has_paid(one);
    let paying = read.iter().any(pays);
    for hit in read.iter_mut().flat_map(|one| &mut one.hits).filter(|hit| hit.meaning == Meaning::Agent && !paying) {
        hit.meaning = Meaning::Label(Label::Dispute);
    }
}

/// Hits that no other hit of the sentence takes back.
fn standing(hits: &[Hit]) -> Vec<Hit> {
    let annulling: Vec<&Hit> = hits.iter().filter(|hit| hit.annuls.is_some()).collect();
    let taken_back = |hit: &Hit| {
        annulling.iter().any(|by| {
            by.meaning == hit.meaning && (by.annuls == Some(Annuls::Sentence) || (by.from < hit.to && hit.from < by.to))
        })
    };
    hits.iter().filter(|hit| hit.annuls.is_none() && !taken_back(hit)).copied().collect()
}

/// Weighs what was found.
/// A subject of the sender's own only counts when it contests, or reports an insolvency.
pub(super) fn judge(
    read: &[Read<'_>],
    subject: &[Read<'_>],
    attachment_names: &[String],
    phrases: &Phrases,
) -> Verdict {
    let mut weights = weights(read);
    let mut loudest = loudest(read);
    // What a subject, a file's name or a newsletter says, the likeness of the text does not outweigh.
    let mut by_text = true;
    for (label, weight) in self::loudest(subject) {
        if matches!(label, Label::Dispute | Label::Insolvency) && weight >= PLAIN {
            *weights.entry(label).or_default() += weight;
            loudest.insert(label, weight);
            by_text = false;
        }
    }
    let proof = attachment_names.iter().find(|name| is_payment_proof(name));
    if proof.is_some() {
        *weights.entry(Label::Paid).or_default() += PLAIN;
        loudest.insert(Label::Paid, PLAIN);
        by_text = false;
    }
    if read.iter().any(|one| one.says(Meaning::Newsletter)) {
        by_text = false;
        weights = HashMap::from([(Label::Unrelated, PLAIN)]);
        loudest.clone_from(&weights);
    }
    let held = held(&weights, &loudest, read);
    let mut evidence: Vec<Evidence> =
        held.iter().filter_map(|label| proof_of(*label, read).or_else(|| proof_of(*label, subject))).collect();
    if let (Some(name), true) = (proof, held.contains(&Label::Paid) && !evidence.iter().any(|e| e.label == Label::Paid))
    {
        evidence.push(Evidence { label: Label::Paid, text: name.clone() });
    }
    let verdict = match held.split_first() {
        Some((label, also)) => Verdict { label: *label, also: also.to_vec(), evidence, like: Vec::new(), sure: true },
        None => undecided(read),
    };
    if by_text { balance::weighed(verdict, &weights, &loudest, read, phrases) } else { verdict }
}

/// Nothing recognised. Something is not so: rather a dispute too many. A bare day is a likely promise, a question mark is
/// still a question; anything else holds and asks.
fn undecided(read: &[Read<'_>]) -> Verdict {
    let guess = |label: Label, one: &Read<'_>| {
        let evidence = vec![Evidence { label, text: one.sentence.literal.to_owned() }];
        Verdict { label, also: Vec::new(), evidence, like: Vec::new(), sure: false }
    };
    let denies = |one: &&Read<'_>| one.says(Meaning::Negation) && !one.asks();
    if let Some(one) = read.iter().find(denies).filter(|_| !balance::contests_nothing(read)) {
        return guess(Label::Dispute, one);
    }
    if let Some(one) = read.iter().find(|one| only_names_a_day(one)) {
        return guess(Label::Promise, one);
    }
    let asking = read.iter().find(|one| one.asks());
    let evidence = asking.map(|one| Evidence { label: Label::Question, text: one.sentence.literal.to_owned() });
    Verdict {
        label: Label::Question,
        also: Vec::new(),
        like: Vec::new(),
        sure: evidence.is_some(),
        evidence: evidence.into_iter().collect(),
    }
}

/// A day to come and nothing that speaks against it: in an answer to a reminder most likely a promise.
fn only_names_a_day(read: &Read<'_>) -> bool {
    let against = [Meaning::Absence, Meaning::Deadline, Meaning::Condition];
    read.days.iter().any(|day| !day.past) && !read.asks() && !against.iter().any(|meaning| read.says(*meaning))
}

/// Each rule counts once a mail; a hint of a promise beside a day to come is one.
fn weights(read: &[Read<'_>]) -> HashMap<Label, u32> {
    let mut weights: HashMap<Label, u32> = HashMap::new();
    let mut counted: Vec<usize> = Vec::new();
    for one in read {
        for hit in &one.hits {
            let Meaning::Label(label) = hit.meaning else { continue };
            if counted.contains(&hit.rule) {
                continue;
            }
            counted.push(hit.rule);
            let mild = matches!(label, Label::Promise | Label::Plan | Label::Paid) && hit.weight < 2;
            if mild && weights.contains_key(&label) {
                continue;
            }
            let dated =
                matches!(label, Label::Promise | Label::Plan) && hit.weight < 2 && one.days.iter().any(|d| !d.past);
            *weights.entry(label).or_default() += u32::from(hit.weight) + u32::from(dated);
        }
    }
    if read.iter().filter(|one| names_an_instalment(one)).count() > 1 {
        *weights.entry(Label::Plan).or_default() += PLAIN;
    }
    if read.iter().any(Read::asks) {
        *weights.entry(Label::Question).or_default() += 1;
    }
    weights
}

/// A line of a schedule: a day to come with an amount.
fn names_an_instalment(read: &Read<'_>) -> bool {
    read.days.iter().any(|day| !day.past)
        && !read.says_label(Label::Paid)
        && amounts(read.sentence.plain).iter().any(|amount| amount.with_currency)
}

/// A promise with a day to come.
fn names_a_coming_day(read: &Read<'_>) -> bool {
    read.says_label(Label::Promise) && read.days.iter().any(|day| !day.past)
}

/// The weightiest single phrase of each label.
fn loudest(read: &[Read<'_>]) -> HashMap<Label, u32> {
    let mut loudest: HashMap<Label, u32> = HashMap::new();
    for hit in read.iter().flat_map(|one| &one.hits) {
        if let Meaning::Label(label) = hit.meaning {
            let most = loudest.entry(label).or_default();
            *most = (*most).max(u32::from(hit.weight));
        }
    }
    loudest
}

/// The labels that hold, the most careful first.
fn held(weights: &HashMap<Label, u32>, loudest: &HashMap<Label, u32>, read: &[Read<'_>]) -> Vec<Label> {
    let holds = |label: Label| weights.get(&label).is_some_and(|weight| *weight >= HOLDS);
    let loud = |label: Label| loudest.get(&label).copied().unwrap_or(0);
    let outright = |label: Label| loud(label) >= PLAIN;
    let stance = [Label::Insolvency, Label::Dispute, Label::Plan, Label::Promise, Label::Paid];
    let mut held: Vec<Label> = stance.into_iter().filter(|label| holds(*label)).collect();
    // A hint of hardship ("als mijn uitkering binnen is") beside what is promised outright asks for no plan.
    if outright(Label::Promise) && !outright(Label::Plan) && read.iter().any(|one| names_a_coming_day(one)) {
        held.retain(|label| *label != Label::Plan || read.iter().filter(|one| names_an_instalment(one)).count() > 1);
    }
    if held.contains(&Label::Promise) && is_hollow_promise(&held, loud(Label::Promise), outright(Label::Paid), read) {
        held.retain(|label| *label != Label::Promise);
    }
    if held.is_empty() && outright(Label::Unrelated) && !outright(Label::Question) && !outright(Label::WrongContact) {
        return vec![Label::Unrelated];
    }
    if holds(Label::WrongContact) && (held.is_empty() || outright(Label::WrongContact)) {
        held.push(Label::WrongContact);
    }
    let bare = held.is_empty();
    if bare && holds(Label::Question) || outright(Label::Question) && !held.contains(&Label::Plan) {
        held.push(Label::Question);
    }
    let last = [Label::Acknowledge, Label::Unrelated].into_iter().find(|label| holds(*label));
    held.extend(last.filter(|_| bare && held.is_empty()));
    held
}

/// Beside a plan, a dispute or a payment made, only a promise that stands on its own is one.
fn is_hollow_promise(held: &[Label], loudest: u32, paid_outright: bool, read: &[Read<'_>]) -> bool {
    let elsewhere = [Meaning::Condition, Meaning::Label(Label::Paid)];
    let stands_alone = |one: &Read<'_>| {
        one.says_label(Label::Promise)
            && !elsewhere.iter().any(|meaning| one.says(*meaning))
            && one.days.iter().any(|day| !day.past && (!one.says_label(Label::Dispute) || is_undisputed(one, day)))
    };
    let alone = read.iter().any(stands_alone) && loudest >= PLAIN;
    let bound = held.contains(&Label::Dispute) || held.contains(&Label::Insolvency);
    held.contains(&Label::Plan) || bound && !alone || paid_outright && !alone && loudest <= PLAIN
}

/// "Voor de drie die er zijn betaal ik vrijdag, voor de rest wacht ik op een creditnota": that part is promised.
fn is_undisputed(read: &Read<'_>, day: &dates::Named) -> bool {
    let beside = |meaning, weight| arrivals::says_beside(read, day, meaning, weight);
    let against = [Meaning::Label(Label::Dispute), Meaning::Contested, Meaning::Negation, Meaning::Deadline];
    beside(Meaning::Label(Label::Promise), PLAIN) && !against.iter().any(|meaning| beside(*meaning, 1))
}

/// The sentence that says a label the loudest; the first of equals.
pub(super) fn proof_of(label: Label, read: &[Read<'_>]) -> Option<Evidence> {
    let loudness = |one: &Read<'_>| -> u32 {
        one.hits
            .iter()
            .filter(|hit| hit.meaning == Meaning::Label(label))
            .map(|hit| u32::from(hit.weight))
            .max()
            .unwrap_or(0)
    };
    let loudest = read.iter().map(loudness).max().filter(|most| *most > 0);
    let sentence = match loudest {
        Some(most) => read.iter().find(|one| loudness(one) == most),
        None if label == Label::Plan => read.iter().find(|one| names_an_instalment(one)),
        None if label == Label::Question => read.iter().find(|one| one.asks()),
        None => None,
    }?;
    Some(Evidence { label, text: sentence.sentence.literal.to_owned() })
}

/// "Betaalbewijs.pdf", "remittance advice 12.pdf".
fn is_payment_proof(name: &str) -> bool {
    const PROOF: &[&str] = &[
        "betaalbewijs",
        "betalingsbewijs",
        "betaalbevestiging",
        "betalingsbevestiging",
        "bewijs van betaling",
        "bewijs betaling",
        "bewijsbetaling",
        "bewijs_betaling",
        "bewijs-betaling",
        "overschrijving",
        "overboeking",
        "transactie",
        "bankafschrift",
        "rekeningafschrift",
        "rekeninguittreksel",
        "proof of payment",
        "proof-of-payment",
        "proof_of_payment",
        "proofofpayment",
        "payment proof",
        "payment_proof",
        "payment-proof",
        "payment confirmation",
        "payment_confirmation",
        "payment-confirmation",
        "paymentconfirmation",
        "payment receipt",
        "payment_receipt",
        "payment-receipt",
        "remittance",
        "wire transfer",
        "wire_transfer",
        "zahlungsbeleg",
        "zahlungsnachweis",
        "zahlungsbestatigung",
        "zahlungsbestaetigung",
        "uberweisung",
        "ueberweisung",
        "kontoauszug",
        "preuve de paiement",
        "preuve_de_paiement",
        "preuve-de-paiement",
        "preuve paiement",
        "preuve_paiement",
        "preuve-paiement",
        "avis de paiement",
        "ordre de virement",
        "virement",
        "recu de paiement",
        "confirmation de paiement",
        "bank transfer",
        "banktransfer",
        "bank_transfer",
    ];
    const NOT: &[&str] = &["herinnering", "reminder", "aanmaning", "mahnung", "rappel", "verzoek"];
    let name = plain(name);
    PROOF.iter().any(|proof| name.contains(proof)) && !NOT.iter().any(|not| name.contains(not))
}
