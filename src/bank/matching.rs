//! Which open case a payment is for. Exact acts, anything unsure is a question: never a guess.

use super::names::Name;
use super::reference::{self, Reference};
use crate::dunning::ids::{CaseId, DebtorId};
use crate::dunning::money::Money;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub use super::numbers::numbers_in;

/// A case as a candidate for a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub case: CaseId,
    pub debtor: DebtorId,
    pub debtor_name: String,
    pub number: String,
    pub payment_reference: Option<String>,
    pub open: Money,
    /// With the interest and costs that it was asked; `open` when there are none.
    pub asked: Money,
    /// IBANs that this debtor paid from before.
    pub known_ibans: Vec<String>,
}

/// What a payer sent, from a statement entry or a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remittance<'a> {
    pub amount: Money,
    /// Structured reference, bare.
    pub reference: Option<&'a str>,
    /// Free text.
    pub text: &'a str,
    pub end_to_end: Option<&'a str>,
    pub payer: Option<&'a str>,
    pub iban: Option<&'a str>,
}

/// How a payment fits. Reasons are for the owner's eyes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Match {
    /// References name exactly these cases of one debtor, and the amount is their sum, or no more than was asked with
    /// interest and costs.
    Exact { debtor: DebtorId, cases: Vec<CaseId>, why: String },
    /// A reference names exactly one case, and the amount is less than what is open.
    Part { debtor: DebtorId, case: CaseId, why: String },
    /// Something fits, but not enough to act: ranked, best first, each with why.
    Unclear { candidates: Vec<(DebtorId, CaseId, String)> },
    /// Nothing fits.
    Stranger,
}

/// More than this many doubtful candidates help nobody.
pub(super) const MAX_CANDIDATES: usize = 20;

/// What a hint weighs. A case that the payer named goes before all others, but for one of which amount and payer fit while
/// of the named one neither does: people mistype.
const NAMED_HINT: u32 = 55;
pub(super) const AMOUNT_HINT: u32 = 40;
pub(super) const IBAN_HINT: u32 = 30;
pub(super) const NAME_HINT: u32 = 20;

/// Matches one payment against the open cases: all of them, or those that a [`super::case_index::CaseIndex`] finds.
pub fn match_payment(remittance: &Remittance<'_>, open: &[Candidate]) -> Match {
    let naming = Naming::of(remittance, open).or_doubt(remittance, open);
    if let Some(found) = naming.decides(remittance.amount) {
        return found;
    }
    let ranked = ranked(remittance, open, &naming);
    if ranked.is_empty() { Match::Stranger } else { Match::Unclear { candidates: ranked } }
}

/// What the payer's words decide by themselves: an exact match or a part. Of the cases that no word may name only those
/// need be there that are open by just this amount and whose debtor the payer may be.
pub fn match_by_name(remittance: &Remittance<'_>, open: &[Candidate]) -> Option<Match> {
    Naming::of(remittance, open).or_doubt(remittance, open).decides(remittance.amount)
}

/// As [`match_by_name`], among cases as they stood before this very money was told: who paid is no question then.
pub fn match_told(remittance: &Remittance<'_>, told: &[Candidate]) -> Option<Match> {
    Naming::of(remittance, told).decides(remittance.amount)
}

fn exact_or_part(amount: Money, named: &[&Candidate], by: &str) -> Option<Match> {
    let first = named.first()?;
    let payable =
        |c: &&Candidate| c.debtor == first.debtor && c.open.is_positive() && c.open.currency() == amount.currency();
    if !amount.is_positive() || !named.iter().all(payable) {
        return None;
    }
    let sum = Money::sum(named.iter().map(|c| c.open), amount.currency())?;
    let numbers = named.iter().map(|c| c.number.as_str()).collect::<Vec<_>>().join(", ");
    let asked = Money::sum(named.iter().map(|c| c.asked), amount.currency())?;
    if sum == amount || (sum.minor() < amount.minor() && amount.minor() <= asked.minor()) {
        let cases = named.iter().map(|c| c.case.clone()).collect();
        let fits =
            if sum == amount { "is exactly what is open" } else { "is within what was asked with interest and costs" };
        let why = format!("{by} names {numbers}, and {amount} {fits}");
        return Some(Match::Exact { debtor: first.debtor.clone(), cases, why });
    }
    let part = named.len() == 1 && amount.minor() < first.open.minor();
    part.then(|| Match::Part {
        debtor: first.debtor.clone(),
        case: first.case.clone(),
        why: format!("{by} names {numbers}, and {amount} is part of the {} that is open", first.open),
    })
}

/// Which cases the payer named.
enum Naming<'a> {
    Nobody,
    Cases {
        named: Vec<&'a Candidate>,
        by: &'static str,
    },
    /// The structured reference says one thing and the text another.
    Conflict {
        named: Vec<&'a Candidate>,
    },
    /// Another debtor seems to pay, who owes exactly this amount: a number that was mistyped may be anybody's.
    OfAnother {
        named: Vec<&'a Candidate>,
    },
}

impl<'a> Naming<'a> {
    fn of(remittance: &Remittance<'_>, open: &'a [Candidate]) -> Naming<'a> {
        let by_reference: Vec<&Candidate> = open.iter().filter(|c| has_reference(c, remittance.reference)).collect();
        let by_text = named_in_texts(remittance, open);
        let contains = |set: &[&Candidate], one: &Candidate| set.iter().any(|c| c.case == one.case);
        match (by_reference.is_empty(), by_text.is_empty()) {
            (true, true) => Naming::Nobody,
            (false, true) => Naming::Cases { named: by_reference, by: "the payment reference" },
            (true, false) if refers_elsewhere(remittance, &by_text) => Naming::Conflict { named: by_text },
            (true, false) => Naming::Cases { named: by_text, by: "the payer's text" },
            (false, false) if by_text.iter().all(|c| contains(&by_reference, c)) => {
                Naming::Cases { named: by_text, by: "the payment reference, as the text," }
            }
            (false, false) => {
                let more = by_text.into_iter().filter(|c| !contains(&by_reference, c)).collect::<Vec<_>>();
                Naming::Conflict { named: by_reference.into_iter().chain(more).collect() }
            }
        }
    }

    fn or_doubt(self, remittance: &Remittance<'_>, open: &'a [Candidate]) -> Naming<'a> {
        match self {
            Naming::Cases { named, .. }
                if !is_proven(remittance, &named) && is_paid_by_another(remittance, &named, open) =>
            {
                Naming::OfAnother { named }
            }
            other => other,
        }
    }

    fn decides(&self, amount: Money) -> Option<Match> {
        match self {
            Naming::Cases { named, by } => exact_or_part(amount, named, by),
            Naming::Nobody | Naming::Conflict { .. } | Naming::OfAnother { .. } => None,
        }
    }

    fn names(&self, candidate: &Candidate) -> bool {
        match self {
            Naming::Nobody => false,
            Naming::Cases { named, .. } | Naming::Conflict { named } | Naming::OfAnother { named } => {
                named.iter().any(|c| c.case == candidate.case)
            }
        }
    }
}

/// A structured reference of its own names each: its check digits tell a slip of the finger.
fn is_proven(remittance: &Remittance<'_>, named: &[&Candidate]) -> bool {
    named.iter().all(|candidate| has_reference(candidate, remittance.reference) || in_rf(remittance, candidate))
}

/// The payer is like a debtor of whom exactly this amount is open, and not like the one whose cases are named.
fn is_paid_by_another(remittance: &Remittance<'_>, named: &[&Candidate], open: &[Candidate]) -> bool {
    let is_named = |candidate: &Candidate| named.iter().any(|c| c.debtor == candidate.debtor);
    let others: Vec<&Candidate> = open.iter().filter(|c| c.open == remittance.amount && !is_named(c)).collect();
    if others.is_empty() {
        return false;
    }
    let called = called_like(remittance, others.iter().chain(named).copied());
    let is_like =
        |candidate: &&Candidate| pays_from(remittance, candidate) || called.contains(candidate.debtor_name.as_str());
    others.iter().any(is_like) && !named.iter().any(is_like)
}

/// This debtor paid from the payer's account before.
fn pays_from(remittance: &Remittance<'_>, candidate: &Candidate) -> bool {
    let is_payers = |iban: &str| candidate.known_ibans.iter().any(|known| plain_letters(known).eq(plain_letters(iban)));
    remittance.iban.is_some_and(is_payers)
}

/// Names of these debtors that are like the payer's.
fn called_like<'c>(remittance: &Remittance<'_>, candidates: impl Iterator<Item = &'c Candidate>) -> BTreeSet<&'c str> {
    let Some(payer) = remittance.payer.map(Name::of) else { return BTreeSet::new() };
    let names: BTreeSet<&str> = candidates.map(|candidate| candidate.debtor_name.as_str()).collect();
    names.into_iter().filter(|name| payer.is_like(&Name::of(name))).collect()
}

fn has_reference(candidate: &Candidate, stated: Option<&str>) -> bool {
    match (&candidate.payment_reference, stated) {
        (Some(ours), Some(theirs)) => !plain(ours).is_empty() && plain(ours) == plain(theirs),
        _ => false,
    }
}

/// A structured reference with valid check digits that is not that of the cases which the text names, although they
/// have one: it may belong to an invoice that was paid already.
fn refers_elsewhere(remittance: &Remittance<'_>, named: &[&Candidate]) -> bool {
    let is_structured = remittance.reference.is_some_and(|stated| reference::parse(stated).is_some());
    is_structured && named.iter().any(|c| c.payment_reference.is_some()) && !named.iter().any(|c| in_rf(remittance, c))
}

/// Cases whose number, or payment reference, stands in anything that the payer wrote.
fn named_in_texts<'a>(remittance: &Remittance<'_>, open: &'a [Candidate]) -> Vec<&'a Candidate> {
    let texts = [Some(remittance.text), remittance.end_to_end, remittance.reference];
    let mut found: Vec<&str> = Vec::new();
    for text in texts.into_iter().flatten() {
        found.extend(numbers_in(text, open.iter().map(|c| c.number.as_str())));
    }
    let referred = |c: &&Candidate| c.payment_reference.as_deref().is_some_and(|ours| mentions(remittance.text, ours));
    open.iter().filter(|c| found.contains(&c.number.as_str()) || in_rf(remittance, c) || referred(c)).collect()
}

fn in_rf(remittance: &Remittance<'_>, candidate: &Candidate) -> bool {
    remittance.reference.is_some_and(|stated| names_number(stated, candidate))
}

/// An RF reference holds the whole number after its check digits.
fn names_number(stated: &str, candidate: &Candidate) -> bool {
    match reference::parse(stated) {
        Some(Reference::Rf(rf)) => rf.get(4..).is_some_and(|payload| payload == plain(&candidate.number)),
        Some(Reference::Betalingskenmerk(_) | Reference::Ogm(_) | Reference::Iban(_)) | None => false,
    }
}

/// A payment reference of ours, written into the free text. Only long ones: a short one could be chance.
fn mentions(text: &str, ours: &str) -> bool {
    plain(ours).len() >= 7 && !numbers_in(text, std::iter::once(ours)).is_empty()
}

/// Letters and digits in upper case.
pub(super) fn plain(text: &str) -> String {
    plain_letters(text).collect()
}

fn plain_letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase)
}

/// Every case with a hint, best first. Where amount and payer fit a case, of other debtors who are only called like the
/// payer none is listed: with very many debtors there is always somebody called so.
fn ranked(remittance: &Remittance<'_>, open: &[Candidate], naming: &Naming) -> Vec<(DebtorId, CaseId, String)> {
    let called = called_like(remittance, open.iter());
    let mut hints: Vec<(u32, &Candidate, String)> =
        open.iter().filter_map(|candidate| hint(remittance, candidate, naming, &called)).collect();
    let fitting = hints.iter().filter(|(_, candidate, _)| fits_with_payer(remittance, candidate, &called));
    let fitting: BTreeSet<&DebtorId> = fitting.map(|(_, candidate, _)| &candidate.debtor).collect();
    hints.retain(|(score, candidate, _)| {
        is_worth_listing(*score, fitting.is_empty(), fitting.contains(&candidate.debtor))
    });
    hints.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.case.cmp(&b.1.case)));
    hints.truncate(MAX_CANDIDATES);
    hints.into_iter().map(|(_, c, why)| (c.debtor.clone(), c.case.clone(), why)).collect()
}

/// Whether a case with these hints is listed: nothing fits by amount and payer, or a case of the same debtor does, or there
/// is more about it than a name.
pub(super) fn is_worth_listing(score: u32, nothing_fits: bool, debtor_fits: bool) -> bool {
    nothing_fits || debtor_fits || score > NAME_HINT
}

fn fits_with_payer(remittance: &Remittance<'_>, candidate: &Candidate, called: &BTreeSet<&str>) -> bool {
    let fits = remittance.amount.is_positive() && candidate.open == remittance.amount;
    fits && (pays_from(remittance, candidate) || called.contains(candidate.debtor_name.as_str()))
}

/// How well a case fits and why; `None` when nothing about it does.
fn hint<'c>(
    remittance: &Remittance<'_>,
    candidate: &'c Candidate,
    naming: &Naming,
    called: &BTreeSet<&str>,
) -> Option<(u32, &'c Candidate, String)> {
    let mut score = 0;
    let mut reasons: Vec<String> = Vec::new();
    if naming.names(candidate) {
        score += NAMED_HINT;
        reasons.push(named_reason(remittance, candidate, naming));
    }
    if remittance.amount.is_positive() && candidate.open == remittance.amount {
        score += AMOUNT_HINT;
        reasons.push("the amount is exactly what is open".to_owned());
    }
    if pays_from(remittance, candidate) {
        score += IBAN_HINT;
        reasons.push("this debtor paid from this account before".to_owned());
    }
    if called.contains(candidate.debtor_name.as_str()) {
        score += NAME_HINT;
        reasons.push(format!("the payer's name is like {}", candidate.debtor_name));
    }
    (score > 0).then(|| (score, candidate, reasons.join("; ")))
}

/// Why a case that was named is still a question.
fn named_reason(remittance: &Remittance<'_>, candidate: &Candidate, naming: &Naming) -> String {
    let number = &candidate.number;
    let (amount, open) = (remittance.amount, candidate.open);
    match naming {
        Naming::Conflict { .. } => format!("{number} is named, but payment reference and text do not agree"),
        Naming::OfAnother { .. } => {
            format!("{number} is named, but by somebody who seems to be another debtor, and who owes exactly {amount}")
        }
        Naming::Cases { named, .. } if named.iter().any(|c| c.debtor != candidate.debtor) => {
            format!("{number} is named together with a case of another debtor")
        }
        Naming::Cases { named, .. } if named.len() > 1 => {
            format!("{number} is named with others, and {amount} is not the sum of what is open")
        }
        Naming::Cases { .. } if amount.currency() != open.currency() => {
            format!(
                "{number} is named, but the payment is in {} and the invoice in {}",
                amount.currency(),
                open.currency()
            )
        }
        Naming::Cases { .. } | Naming::Nobody => {
            format!("{number} is named, but {amount} does not fit the {open} that is open")
        }
    }
}

#[cfg(test)]
#[expect(clippy::inconsistent_digit_grouping, reason = "1210_00 is 1210 euros in cents")]
mod tests {
    use super::*;
    use crate::dunning::ids::InvoiceNumber;
    use crate::dunning::money::Currency;
    use proptest::prelude::*;

    fn case(number: &str, debtor: &str, cents: i64) -> Candidate {
        Candidate {
            case: CaseId::of(&InvoiceNumber::from(number)),
            debtor: debtor.into(),
            debtor_name: format!("Firma {debtor} B.V."),
            number: number.into(),
            payment_reference: None,
            open: Money::eur_cents(cents),
            asked: Money::eur_cents(cents),
            known_ibans: vec![],
        }
    }

    fn paid(cents: i64, text: &str) -> Remittance<'_> {
        Remittance { amount: Money::eur_cents(cents), reference: None, text, end_to_end: None, payer: None, iban: None }
    }

    fn book() -> Vec<Candidate> {
        vec![
            case("2026-0412", "Jansen", 1210_00),
            case("2026-0413", "Jansen", 50_00),
            case("2026-0500", "Pieters", 1210_00),
        ]
    }

    fn cases_of(found: &Match) -> Vec<&str> {
        match found {
            Match::Exact { cases, .. } => cases.iter().map(CaseId::as_str).collect(),
            Match::Part { case, .. } => vec![case.as_str()],
            Match::Unclear { candidates } => candidates.iter().map(|(_, case, _)| case.as_str()).collect(),
            Match::Stranger => vec![],
        }
    }

    #[test]
    fn exact() {
        let one = match_payment(&paid(1210_00, "factuur 2026 0412"), &book());
        assert!(matches!(one, Match::Exact { .. }), "{one:?}");
        assert_eq!(cases_of(&one), ["C-2026-0412"]);
        let both = match_payment(&paid(1260_00, "2026-0412 en 2026-0413"), &book());
        assert!(matches!(&both, Match::Exact { cases, .. } if cases.len() == 2), "{both:?}");
        let end_to_end = Remittance { end_to_end: Some("2026-0412"), ..paid(1210_00, "dank") };
        assert!(matches!(match_payment(&end_to_end, &book()), Match::Exact { .. }));
    }

    #[test]
    fn by_payment_reference() {
        let mut book = book();
        book[2].payment_reference = Some("+++090/9337/55493+++".into());
        let structured = Remittance { reference: Some("090933755493"), ..paid(1210_00, "") };
        assert_eq!(cases_of(&match_payment(&structured, &book)), ["C-2026-0500"]);
        let in_text = match_payment(&paid(1210_00, "+++090/9337/55493+++"), &book);
        assert!(matches!(in_text, Match::Exact { .. }), "{in_text:?}");
        let conflict = Remittance { reference: Some("090933755493"), ..paid(1210_00, "2026-0412") };
        let found = match_payment(&conflict, &book);
        assert!(matches!(found, Match::Unclear { .. }), "{found:?}");
        let elsewhere = Remittance { reference: Some("+++312/4013/98067+++"), ..paid(1210_00, "2026-0500") };
        assert!(matches!(match_payment(&elsewhere, &book), Match::Unclear { .. }));
        let rf = reference::rf("20260413").unwrap();
        let named = Remittance { reference: Some(&rf), ..paid(50_00, "") };
        assert!(matches!(match_payment(&named, &book), Match::Exact { .. }));
    }

    #[test]
    fn part_and_questions() {
        assert!(matches!(match_payment(&paid(500_00, "2026-0412 deel"), &book()), Match::Part { .. }));
        let questions = [(1300_00, "2026-0412"), (100_00, "2026-0412 2026-0413"), (2420_00, "2026-0412 2026-0500")];
        for (cents, text) in questions {
            let found = match_payment(&paid(cents, text), &book());
            assert!(matches!(found, Match::Unclear { .. }), "{text}: {found:?}");
        }
        let dollars =
            Remittance { amount: Money::from_minor(1210_00, Currency::parse("USD").unwrap()), ..paid(0, "2026-0412") };
        assert!(matches!(match_payment(&dollars, &book()), Match::Unclear { .. }));
        assert!(matches!(match_payment(&paid(-1210_00, "2026-0412"), &book()), Match::Unclear { .. }));
    }

    #[test]
    fn a_number_that_another_debtor_may_have_mistyped_is_asked() {
        let mut book = book();
        book[2].known_ibans = vec!["NL91ABNA0417164300".into()];
        let pieters = [(Some("Firma Pieters"), None), (None, Some("NL91ABNA0417164300"))];
        for (payer, iban) in pieters {
            for text in ["2026-0412", "2026-0413"] {
                let found = match_payment(&Remittance { payer, iban, ..paid(1210_00, text) }, &book);
                assert!(matches!(found, Match::Unclear { .. }), "{text}: {found:?}");
                assert_eq!(match_by_name(&Remittance { payer, iban, ..paid(1210_00, text) }, &book), None);
            }
            let first = match_payment(&Remittance { payer, iban, ..paid(1210_00, "2026-0413") }, &book);
            assert_eq!(cases_of(&first)[0], "C-2026-0500", "amount and payer fit: {first:?}");
            let own = Remittance { payer, iban, ..paid(1210_00, "2026-0500") };
            assert!(matches!(match_payment(&own, &book), Match::Exact { .. }));
            let other_amount = Remittance { payer, iban, ..paid(500_00, "2026-0412") };
            assert!(matches!(match_payment(&other_amount, &book), Match::Part { .. }), "somebody pays for another");
        }
    }

    #[test]
    fn hints_are_ranked_and_strangers_are_strangers() {
        let mut book = book();
        book[0].known_ibans = vec!["NL91 ABNA 0417 1643 00".into()];
        let known = Remittance { iban: Some("NL91ABNA0417164300"), ..paid(1210_00, "bedankt") };
        assert_eq!(cases_of(&match_payment(&known, &book)), ["C-2026-0412", "C-2026-0500"]);
        let name = Remittance { payer: Some("PIETERS BV"), ..paid(7_00, "") };
        assert_eq!(cases_of(&match_payment(&name, &book)), ["C-2026-0500"]);
        assert_eq!(match_payment(&paid(7_00, "bedankt"), &book), Match::Stranger);
        assert_eq!(match_payment(&paid(7_00, "2026-0412"), &[]), Match::Stranger);
    }

    /// Of very many debtors some are always called like the payer; where one owes just this, the others are left in peace.
    #[test]
    fn where_amount_and_payer_fit_a_name_alone_is_no_hint() {
        let called = |name: &str, mut of: Candidate| {
            of.debtor_name = name.into();
            of
        };
        let mut book = vec![
            called("Jansen Bouw", case("2026-0412", "K1", 1210_00)),
            called("Jansen Bouw", case("2026-0413", "K1", 50_00)),
            called("Janssen Bouw", case("2026-0500", "K2", 70_00)),
            called("Pieters", case("2026-0501", "K3", 1210_00)),
            called("Vos", case("2026-0502", "K4", 80_00)),
        ];
        book[4].known_ibans = vec!["NL91ABNA0417164300".into()];
        let paying = |cents| Remittance {
            payer: Some("Jansen Bouw B.V."),
            iban: Some("NL91ABNA0417164300"),
            ..paid(cents, "dank")
        };
        let fitting = match_payment(&paying(1210_00), &book);
        assert_eq!(cases_of(&fitting), ["C-2026-0412", "C-2026-0501", "C-2026-0502", "C-2026-0413"]);
        let other_amount = match_payment(&paying(3_00), &book);
        assert_eq!(cases_of(&other_amount), ["C-2026-0502", "C-2026-0412", "C-2026-0413", "C-2026-0500"]);
    }

    proptest! {
        #[test]
        fn exact_is_the_sum_of_one_debtor(
            opens in proptest::collection::vec((-100i64..100_000, 0usize..3), 1..6),
            picked in proptest::collection::vec(0usize..6, 0..4),
            amount in -10i64..200_000, exact in any::<bool>(), words in "[ .,!?a-z]{0,3}",
        ) {
            let book: Vec<Candidate> = opens.iter().enumerate()
                .map(|(n, (cents, debtor))| case(&format!("2026-{n:04}"), &format!("D{debtor}"), *cents)).collect();
            let mut text = words;
            let mut chosen: Vec<&Candidate> = Vec::new();
            for candidate in picked.iter().filter_map(|n| book.get(*n)) {
                text = format!("{text} {}", candidate.number);
                if !chosen.contains(&candidate) { chosen.push(candidate) }
            }
            let cents = if exact { chosen.iter().map(|c| c.open.minor()).sum() } else { amount };
            match match_payment(&paid(cents, &text), &book) {
                Match::Exact { debtor, cases, .. } => {
                    let named: Vec<&Candidate> = book.iter().filter(|c| cases.contains(&c.case)).collect();
                    prop_assert_eq!(named.iter().map(|c| c.open.minor()).sum::<i64>(), cents);
                    prop_assert!(named.iter().all(|c| c.debtor == debtor && c.open.is_positive()));
                    prop_assert!(!named.is_empty() && cents > 0);
                }
                Match::Part { case, .. } => {
                    let named = book.iter().find(|c| c.case == case).unwrap();
                    prop_assert!(0 < cents && cents < named.open.minor());
                }
                Match::Unclear { candidates } => prop_assert!(!candidates.is_empty()),
                // "cn 2026-0001" is a credit note.
                Match::Stranger => prop_assert!(chosen.is_empty() || text.starts_with(char::is_alphabetic) || text.contains('c')),
            }
        }
    }
}
