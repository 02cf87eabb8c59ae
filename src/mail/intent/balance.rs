//! Phrases and likeness on one balance: which label a mail turns on when they disagree.
//!
//! What a phrase says outright of a dispute or an insolvency is never lost: where likeness outweighs it, it stays beside.

use std::collections::HashMap;

use super::judge::{PLAIN, Read, Verdict, proof_of};
use super::likeness::{Like, labels};
use super::phrases::{Meaning, Phrases};
use super::{Evidence, Label};

/// What one step below the likeliest label takes away, against a phrase of weight 3 that adds 1.
const LIKENESS: f64 = 1.5;
/// More phrases of one label than this add nothing.
const MOST: u32 = 9;
/// What the verdict of the phrases is worth beside their bare weights: it knows what outranks what.
const VERDICT: f64 = 1.0;
/// The same of a dispute or an insolvency: to miss one is the worst mistake.
const CAREFUL_VERDICT: f64 = 2.0;
/// In doubt rather a dispute too many.
const LEAN_TO_DISPUTE: f64 = 0.5;

/// A day to come speaks for a promise or a plan, against words of paying that stand in any tense.
const DAY_TO_COME: f64 = 0.7;

/// The verdict, or another where likeness outweighs the phrases; such a one is not sure.
pub(super) fn weighed(
    verdict: Verdict,
    weights: &HashMap<Label, u32>,
    loudest: &HashMap<Label, u32>,
    read: &[Read<'_>],
    phrases: &Phrases,
) -> Verdict {
    let said = read.iter().filter(|one| !one.says(Meaning::Offer));
    let Some(like) = phrases.like(said.map(|one| &one.sentence.words)) else { return verdict };
    let weight =
        |of: &HashMap<Label, u32>, label: Label| f64::from(of.get(&label).copied().unwrap_or(0).min(MOST)) / 3.0;
    let coming = read.iter().any(names_a_day_to_come);
    let score = |label: Label| {
        let verdict = match label {
            Label::Dispute | Label::Insolvency if label == verdict.label && verdict.sure => CAREFUL_VERDICT,
            _ if label == verdict.label => VERDICT,
            _ => 0.0,
        };
        let lean = match label {
            Label::Dispute => LEAN_TO_DISPUTE,
            Label::Promise | Label::Plan if coming => DAY_TO_COME,
            _ => 0.0,
        };
        LIKENESS * like.below(label) + weight(weights, label) + weight(loudest, label) + verdict + lean
    };
    let uncontested = !weights.contains_key(&Label::Dispute) && contests_nothing(read);
    let likely = labels().filter(|label| !(uncontested && *label == Label::Dispute));
    let scores = likely.map(|label| (label, score(label)));
    let best = scores.max_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(verdict.label, |(label, _)| label);
    // Whose goods are under administration is told first, whatever else is contested.
    let best = if best == Label::Dispute && verdict.label == Label::Insolvency { verdict.label } else { best };
    let strongest = if like.below(best) == 0.0 { like.strongest() } else { Vec::new() };
    if best == verdict.label {
        return Verdict { like: strongest, ..verdict };
    }
    let outright = |label: Label| loudest.get(&label).is_some_and(|most| *most >= PLAIN);
    let before: Vec<Label> = std::iter::once(verdict.label).chain(verdict.also).collect();
    let also: Vec<Label> =
        before.into_iter().filter(|label| *label != best && outright(*label) && stays_beside(*label, best)).collect();
    let proof = proof_of(best, read).or_else(|| likest(best, read, phrases));
    let evidence = proof.into_iter().chain(also.iter().filter_map(|label| proof_of(*label, read))).collect();
    Verdict { label: best, also, evidence, like: strongest, sure: false }
}

/// "Ik betwist de rekening niet", and no "maar" anywhere behind which something else may be.
pub(super) fn contests_nothing(read: &[Read<'_>]) -> bool {
    const BUT: [&str; 14] = [
        "maar",
        "echter",
        "toch",
        "wel",
        "but",
        "however",
        "though",
        "only",
        "aber",
        "jedoch",
        "allerdings",
        "mais",
        "cependant",
        "toutefois",
    ];
    let but = || read.iter().flat_map(|one| &one.sentence.words).any(|word| BUT.contains(&word.text));
    read.iter().any(|one| one.says(Meaning::Uncontested)) && !but()
}

/// A day on which something may be paid: none of an absence, nor one set for us.
fn names_a_day_to_come(read: &Read<'_>) -> bool {
    let another = [
        Meaning::Absence,
        Meaning::Deadline,
        Meaning::Label(Label::Dispute),
        Meaning::Label(Label::Insolvency),
        Meaning::Label(Label::Unrelated),
    ];
    read.days.iter().any(|day| !day.past && !day.every) && !another.iter().any(|meaning| read.says(*meaning))
}

/// Whether an outright label that was outweighed is still told. A day of payment beside a question is mostly none.
fn stays_beside(label: Label, best: Label) -> bool {
    match label {
        Label::Dispute | Label::Insolvency => true,
        Label::Promise | Label::Plan | Label::Paid => {
            matches!(best, Label::Dispute | Label::Insolvency | Label::Promise | Label::Plan | Label::Paid)
        }
        Label::Question
        | Label::WrongContact
        | Label::Acknowledge
        | Label::AutoReply
        | Label::Bounce
        | Label::Unrelated => false,
    }
}

/// The sentence that is most like the label; of equals the longest.
fn likest(label: Label, read: &[Read<'_>], phrases: &Phrases) -> Option<Evidence> {
    let below = |one: &Read<'_>| {
        let like: Option<Like<'_>> = phrases.like(std::iter::once(&one.sentence.words));
        like.map_or(f64::NEG_INFINITY, |like| like.below(label))
    };
    let by_likeness = |a: &&Read<'_>, b: &&Read<'_>| {
        below(a).total_cmp(&below(b)).then(a.sentence.words.len().cmp(&b.sentence.words.len()))
    };
    let sentence = read.iter().max_by(by_likeness)?;
    Some(Evidence { label, text: sentence.sentence.literal.to_owned() })
}
