//! Cases that move to another account: what goes with them and what stays. Two accounts are one debtor, or one account
//! holds what are two debtors. Moves nothing by itself: the facts [`Fact::CasesLeft`](super::fact::Fact::CasesLeft) and
//! [`Fact::CasesCame`](super::fact::Fact::CasesCame) do, which are written in one commit.

mod payments;

use super::account::{Account, Case, Credit, Letter, LetterState, Payment, Promise, PromiseState};
use super::hold::{Hold, HoldReason, Scope};
use super::ids::{CaseId, DebtorId, EvidenceId, LetterId, QuestionId};
use super::reach::AddressFailure;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Cases with all that hangs on them, as the account that gives them knew it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Moved {
    pub cases: Vec<Case>,
    /// Letters that list one of them; of the others' cases nothing is told.
    pub letters: Vec<Letter>,
    /// What was paid on them; `elsewhere` says what of a payment stays behind.
    pub payments: Vec<Payment>,
    pub promises: Vec<Promise>,
    pub holds: Vec<Hold>,
    pub credits: Vec<Credit>,
    pub addresses: BTreeSet<String>,
    pub limitation_warnings: Vec<(CaseId, NaiveDate)>,
    pub failures: Vec<AddressFailure>,
    pub owner_wrote: Option<NaiveDate>,
    /// The debtors that are one with the taker from now on; none when only some cases go.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub formerly: BTreeSet<DebtorId>,
}

/// Why cases stay where they are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotMove {
    #[error("the administration itself is no debtor")]
    Administration,
    #[error("no case is named")]
    Nothing,
    #[error("{0} has no case {1}")]
    NoSuchCase(DebtorId, CaseId),
    #[error("{0} is nobody: no invoice of it was ever filed")]
    Nobody(DebtorId),
    #[error("it is not known whether the letter {0} of {1} left: answer its question first")]
    Unknown(LetterId, DebtorId),
    #[error("instalments run for {0} (plan {1}): end them first with `instalments {0} --end`")]
    Plan(DebtorId, u32),
    #[error("the question {0} may be answered with one of these cases: answer it first")]
    Asked(QuestionId),
    #[error("the payment {0} was only announced by the bank, and is for other cases too: wait for the statement")]
    Announced(EvidenceId),
}

impl Account {
    /// It was made one with another debtor: what comes for it is that one's.
    pub fn is_merged(&self) -> bool {
        self.merged_into.is_some()
    }

    /// Whether all it has may go to another account.
    ///
    /// # Errors
    /// The first thing that is under way and would be lost or done twice.
    pub fn may_merge(&self) -> Result<(), CannotMove> {
        if self.id.is_administration() {
            return Err(CannotMove::Administration);
        }
        if self.debtor.is_none() && self.cases.is_empty() {
            return Err(CannotMove::Nobody(self.id.clone()));
        }
        self.knows_its_letters()?;
        match self.living_plan() {
            Some(plan) => Err(CannotMove::Plan(self.id.clone(), plan.number)),
            None => Ok(()),
        }
    }

    /// Whether cases may come here.
    ///
    /// # Errors
    /// When nobody could owe them here.
    pub fn may_receive(&self) -> Result<(), CannotMove> {
        if self.id.is_administration() { Err(CannotMove::Administration) } else { Ok(()) }
    }

    /// Whether these cases may go to another account.
    ///
    /// # Errors
    /// The first thing that is under way and would be lost or done twice.
    pub fn may_split(&self, cases: &[CaseId]) -> Result<(), CannotMove> {
        if self.id.is_administration() {
            return Err(CannotMove::Administration);
        }
        if cases.is_empty() {
            return Err(CannotMove::Nothing);
        }
        if let Some(unknown) = cases.iter().find(|case| !self.cases.contains_key(case)) {
            return Err(CannotMove::NoSuchCase(self.id.clone(), unknown.clone()));
        }
        self.knows_its_letters()?;
        let goes = |case: &CaseId| cases.contains(case);
        if let Some(plan) = self.living_plan().filter(|plan| plan.cases.iter().any(goes)) {
            return Err(CannotMove::Plan(self.id.clone(), plan.number));
        }
        let mut asked = self.questions.values();
        // A choice that is a case must stay one of this account's, else the money would count as a stranger's.
        let chooses = |choice: &String| goes(&CaseId::new(choice.as_str()));
        if let Some(question) = asked.find(|question| question.choices.iter().any(chooses)) {
            return Err(CannotMove::Asked(question.id.clone()));
        }
        let is_shared = |payment: &&Payment| {
            let mut to = self.payments.iter().filter(|p| p.id == payment.id).flat_map(|p| &p.allocations);
            let gone = to.clone().any(|(case, _)| goes(case));
            gone && to.any(|(case, _)| !goes(case))
        };
        match self.payments.iter().filter(|payment| !payment.confirmed).find(is_shared) {
            Some(payment) => Err(CannotMove::Announced(payment.id.clone())),
            None => Ok(()),
        }
    }

    fn knows_its_letters(&self) -> Result<(), CannotMove> {
        match self.letters.iter().find(|letter| matches!(letter.state, LetterState::Unknown(_))) {
            Some(letter) => Err(CannotMove::Unknown(letter.id.clone(), self.id.clone())),
            None => Ok(()),
        }
    }

    /// All that it has, for another account to take.
    pub fn all_of_it(&self) -> Moved {
        let ids: Vec<CaseId> = self.cases.keys().cloned().collect();
        // "All" means all that this account had.
        let named = |cases: &[CaseId]| if cases.is_empty() { ids.clone() } else { cases.to_vec() };
        let promises = self.promises.iter().map(|p| Promise { cases: named(&p.cases), ..p.clone() });
        let holds = self.holds.iter().map(|hold| match hold.scope {
            Scope::Debtor if says_money(hold.reason) => Hold { cases: named(&hold.cases), ..hold.clone() },
            Scope::Debtor | Scope::Case(_) => hold.clone(),
        });
        Moved {
            cases: self.cases.values().cloned().collect(),
            letters: self.letters.clone(),
            payments: self.payments.clone(),
            promises: promises.collect(),
            holds: holds.collect(),
            credits: self.credits.clone(),
            addresses: self.mail_addresses().into_iter().collect(),
            limitation_warnings: self.limitation_warnings.clone(),
            failures: self.failures.clone(),
            owner_wrote: self.owner_wrote,
            formerly: self.formerly.iter().chain([&self.id]).cloned().collect(),
        }
    }

    /// These cases with what hangs on them, and the account as it is without. What holds the whole debtor holds both.
    pub fn divided(&self, cases: &[CaseId]) -> (Account, Moved) {
        let mut rest = self.clone();
        let goes = |case: &CaseId| cases.contains(case);
        let leaves = |hold: &Hold| matches!(&hold.scope, Scope::Case(case) if goes(case));
        let (promises, promises_left) = divided(&self.promises, cases, |p| &p.cases, |p, cases| Promise { cases, ..p });
        let (wide, wide_left): (Vec<Hold>, Vec<Hold>) = self.holds.iter().map(|hold| for_both(hold, cases)).unzip();
        let of_promise = |hold: &Hold| hold.scope == Scope::Debtor && says_money(hold.reason);
        let others = self.holds.iter().filter(|hold| !of_promise(hold));
        let holds = wide
            .into_iter()
            .filter(of_promise)
            .chain(others.clone().filter(|hold| holds_both(hold) || leaves(hold)).cloned());
        let warned = |(case, _): &&(CaseId, NaiveDate)| goes(case);
        let corrects_one = |credit: &Credit| credit.corrects.as_ref().is_some_and(|number| goes(&CaseId::of(number)));
        let moved = Moved {
            cases: cases.iter().filter_map(|case| self.cases.get(case).cloned()).collect(),
            letters: self.letters.iter().filter_map(|letter| letter.about(cases)).collect(),
            payments: self.paid_on(cases),
            promises,
            holds: holds.collect(),
            credits: self.credits.iter().filter(|credit| corrects_one(credit)).cloned().collect(),
            addresses: BTreeSet::new(),
            limitation_warnings: self.limitation_warnings.iter().filter(warned).cloned().collect(),
            failures: self.failures.clone(),
            owner_wrote: self.owner_wrote,
            formerly: BTreeSet::new(),
        };
        rest.cases.retain(|id, _| !goes(id));
        rest.payments = self.paid_on_others(cases);
        rest.promises = promises_left;
        rest.holds = wide_left.into_iter().filter(of_promise).chain(others.filter(|h| !leaves(h)).cloned()).collect();
        rest.credits.retain(|credit| !corrects_one(credit));
        rest.limitation_warnings.retain(|warned| !goes(&warned.0));
        // A formal step that was announced of the one debtor is announced anew of the other.
        rest.announced.retain(|announced| !goes(&announced.case));
        (rest, moved)
    }

    /// Lets these cases go with what hangs on them; of one that is merged nothing stays but where it went.
    pub(super) fn give(&mut self, cases: &[CaseId], to: &DebtorId, merged: bool) {
        *self = if merged {
            let questions_asked = self.questions_asked;
            Account { questions_asked, merged_into: Some(to.clone()), ..Account::new(self.id.clone()) }
        } else {
            self.divided(cases).0
        };
        // One that was merged is itself again.
        self.formerly.remove(to);
    }

    /// Takes in what another account gave. Of two that contradict each other the more careful counts.
    pub(super) fn absorb(&mut self, moved: &Moved) {
        self.merged_into = None;
        self.cases.extend(moved.cases.iter().map(|case| (case.id.clone(), case.clone())));
        moved.letters.iter().for_each(|letter| self.absorb_letter(letter));
        self.absorb_payments(&moved.payments);
        moved.promises.iter().for_each(|promise| self.absorb_promise(promise));
        moved.holds.iter().for_each(|hold| self.absorb_hold(hold));
        for credit in &moved.credits {
            if !self.credits.contains(credit) {
                self.credits.push(credit.clone());
            }
        }
        self.addresses.extend(moved.addresses.iter().cloned());
        self.limitation_warnings.extend(moved.limitation_warnings.iter().cloned());
        for failure in &moved.failures {
            if !self.failures.contains(failure) {
                self.failures.push(failure.clone());
            }
        }
        self.owner_wrote = self.owner_wrote.max(moved.owner_wrote);
        self.formerly.extend(moved.formerly.iter().filter(|id| **id != self.id).cloned());
    }

    fn absorb_letter(&mut self, letter: &Letter) {
        let Some(known) = self.letters.iter_mut().find(|known| known.id == letter.id) else {
            return self.letters.push(letter.clone());
        };
        let of = |covers: &[(CaseId, _)], case: &CaseId| covers.iter().any(|(known, _)| known == case);
        let (before, listed) = (known.clone(), |known: &Letter, case: &CaseId| known.lists(case));
        known.covers.extend(letter.covers.iter().filter(|cover| !before.covers.contains(cover)).cloned());
        known.amounts.extend(letter.amounts.iter().filter(|(case, _)| !listed(&before, case)).cloned());
        known
            .extras
            .extend(letter.extras.iter().filter(|(case, _)| !before.extras.iter().any(|e| e.0 == *case)).cloned());
        known.costs_paid.extend(letter.costs_paid.iter().filter(|(case, _)| !of(&before.costs_paid, case)).cloned());
        let announced = letter.announced_costs.iter().filter(|(case, _)| !of(&before.announced_costs, case));
        known.announced_costs.extend(announced.cloned());
    }

    /// Of two promises that are open the later one is waited for.
    fn absorb_promise(&mut self, promise: &Promise) {
        let is_open = |promise: &Promise| promise.state == PromiseState::Open;
        let mut arriving = promise.clone();
        for known in self.promises.iter_mut().filter(|known| is_open(known) && is_open(promise)) {
            if known.date >= arriving.date {
                arriving.state = PromiseState::Replaced;
            } else {
                known.state = PromiseState::Replaced;
            }
        }
        if !self.promises.contains(&arriving) {
            self.promises.push(arriving);
        }
    }

    fn absorb_hold(&mut self, hold: &Hold) {
        match self.holds.iter_mut().find(|held| hold.replaces(held)) {
            Some(held) if lasts_longer(hold, held) => *held = hold.clone(),
            Some(_) => {}
            None => self.holds.push(hold.clone()),
        }
    }
}

impl Letter {
    /// What it says of these cases; `None` when that is nothing.
    fn about(&self, cases: &[CaseId]) -> Option<Letter> {
        fn of<T: Clone>(pairs: &[(CaseId, T)], cases: &[CaseId]) -> Vec<(CaseId, T)> {
            pairs.iter().filter(|(case, _)| cases.contains(case)).cloned().collect()
        }
        let part = Letter {
            covers: of(&self.covers, cases),
            amounts: of(&self.amounts, cases),
            extras: of(&self.extras, cases),
            costs_paid: of(&self.costs_paid, cases),
            announced_costs: of(&self.announced_costs, cases),
            ..self.clone()
        };
        (!(part.covers.is_empty() && part.amounts.is_empty())).then_some(part)
    }
}

/// Each thing that names these cases, for them and for the others. One that names none is about all: it is there twice.
fn divided<T: Clone>(
    all: &[T],
    cases: &[CaseId],
    named: impl Fn(&T) -> &Vec<CaseId>,
    with: impl Fn(T, Vec<CaseId>) -> T,
) -> (Vec<T>, Vec<T>) {
    let (mut theirs, mut others) = (Vec::new(), Vec::new());
    for one in all {
        if named(one).is_empty() {
            theirs.push(with(one.clone(), cases.to_vec()));
            others.push(one.clone());
            continue;
        }
        let (go, stay): (Vec<CaseId>, Vec<CaseId>) = named(one).iter().cloned().partition(|case| cases.contains(case));
        theirs.extend((!go.is_empty()).then(|| with(one.clone(), go)));
        others.extend((!stay.is_empty()).then(|| with(one.clone(), stay)));
    }
    (theirs, others)
}

/// What holds the whole debtor holds both, each for the cases that it names there; where all of these are on the other side,
/// for all: a split frees nobody.
fn for_both(hold: &Hold, cases: &[CaseId]) -> (Hold, Hold) {
    let (go, stay): (Vec<CaseId>, Vec<CaseId>) = hold.cases.iter().cloned().partition(|case| cases.contains(case));
    let go = if go.is_empty() { cases.to_vec() } else { go };
    (Hold { cases: go, ..hold.clone() }, Hold { cases: stay, ..hold.clone() })
}

/// Holds that hang on a promise or a claim of payment, by the cases that were named.
fn says_money(reason: HoldReason) -> bool {
    matches!(reason, HoldReason::Promise | HoldReason::PaidClaim)
}

/// Holds the whole debtor, and so both; of money that nobody could place the account knows that the question is asked in.
fn holds_both(hold: &Hold) -> bool {
    hold.scope == Scope::Debtor && hold.reason != HoldReason::UnclearPayment
}

fn lasts_longer(one: &Hold, other: &Hold) -> bool {
    match (one.until, other.until) {
        (None, Some(_)) => true,
        (Some(one), Some(other)) => one > other,
        (_, None) => false,
    }
}
