//! What is due: the next step of each case, the day it is due since, and the one letter that takes all of it.
//! "Due since", never "due on": a missed day is caught up, one step at a time.
//!
//! A letter that the law gives an effect of its own stands alone: it speaks of the cases that take that very step. The
//! fourteen-day letter takes every case of the debtor that is in default, whatever its step (art. 6:96(7) BW).

use super::account::{Account, Case, Letter, LetterState};
use super::calendar::Country;
use super::charge;
use super::claim;
use super::debtor::DebtorKind;
use super::gate::Intended;
use super::ids::{CaseId, DebtorId, LetterId, StepId};
use super::money::{Currency, Extras, Money};
use super::policy::{LegalStep, Policy, Step, StepKind};
use chrono::{NaiveDate, TimeDelta};

/// A step that a case takes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextStep<'a> {
    pub case: &'a CaseId,
    pub step: &'a Step,
    /// The step with its round: a letter in law that had no effect is written again.
    pub id: StepId,
    /// The first day on which it may be taken, as things stand.
    pub on: NaiveDate,
}

/// The letter that takes all that is due for one debtor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueLetter {
    pub covers: Vec<(CaseId, StepId)>,
    pub amounts: Vec<(CaseId, Money)>,
    /// Interest and costs asked beside the amounts.
    pub extras: Vec<(CaseId, Extras)>,
    pub announced_costs: Vec<(CaseId, Money)>,
    pub law: Option<LegalStep>,
    pub template: String,
    pub formal: bool,
    pub deadline: Option<NaiveDate>,
    pub recipient: String,
}

/// The step that a case takes next; `None` when it is closed or has taken all. A note before the due date is skipped
/// once that date has passed, a letter in law where the law asks for none; no other step ever is. A formal letter that
/// did not arrive, or whose term was voided, is written again.
pub fn next_step<'a>(
    account: &'a Account,
    case: &'a Case,
    policy: &'a Policy,
    today: NaiveDate,
) -> Option<NextStep<'a>> {
    if !case.is_open() {
        return None;
    }
    let steps = &policy.ladder(account)?.steps;
    let taken = steps.iter().rposition(|step| case.has_taken(step));
    let next =
        |step: &'a Step, id: StepId| NextStep { case: &case.id, step, id, on: first_day(account, case, step, policy) };
    if let Some((step, again)) = taken.and_then(|at| steps.get(at)).and_then(|s| Some((s, lost(account, case, s)?))) {
        return Some(next(step, again));
    }
    let mut coming = steps.iter().skip(taken.map_or(0, |at| at + 1));
    let step = coming.find(|step| !is_skipped(account, case, step, policy, today))?;
    Some(next(step, step.id.clone()))
}

fn is_skipped(account: &Account, case: &Case, step: &Step, policy: &Policy, today: NaiveDate) -> bool {
    let debtor = (policy.country(account), policy.kind(account));
    match step.law {
        None => step.is_pre_due() && today > case.due_date,
        Some(LegalStep::NoticeOfDefault) => {
            debtor != (Country::Nl, DebtorKind::Consumer) || claim::has_agreed_term(case, policy)
        }
        Some(LegalStep::FourteenDayLetter) => {
            let announces = policy.claims.costs && policy.asks_extras(account);
            debtor != (Country::Nl, DebtorKind::Consumer)
                || !announces
                || case.open().currency() != Currency::EUR
                || claim::last_day_in_time(account, case, policy).is_none()
        }
        Some(LegalStep::BeFirstReminder) => debtor != (Country::Be, DebtorKind::Consumer),
    }
}

/// The formal letter of this step was lost on its way, or its term was voided: the step's next round, unless the owner
/// skipped that.
fn lost(account: &Account, case: &Case, step: &Step) -> Option<StepId> {
    let round = |letter: &Letter| {
        let mut covered = letter.covers.iter().filter(|(id, _)| *id == case.id).map(|(_, step)| step);
        covered.find(|id| id.of_ladder() == step.id.as_str()).cloned()
    };
    let left = |letter: &&Letter| !matches!(letter.state, LetterState::Withdrawn | LetterState::Rejected(_));
    let (last, id) = account.letters.iter().rev().filter(left).find_map(|letter| Some((letter, round(letter)?)))?;
    let lost = match last.state {
        LetterState::Bounced(_) => true,
        LetterState::Sent(_) => last.void.is_some(),
        LetterState::Requested | LetterState::Unknown(_) | LetterState::Withdrawn | LetterState::Rejected(_) => false,
    };
    Some(id.again()).filter(|again| step.is_formal() && lost && !case.has_done(again))
}

/// Due date plus the step's days and the debtor's grace; not before the interval after this case's last letter, the minimum
/// gap after the last letter to this debtor, the day after that letter's deadline; never two steps of a case on one
/// day; moved to the next sending day.
fn first_day(account: &Account, case: &Case, step: &Step, policy: &Policy) -> NaiveDate {
    let mut day = case.due_date + TimeDelta::days(step.days + policy.grace_days(account));
    if let Some(sent_on) = last_letter_about(account, &case.id) {
        day = day.max(sent_on + TimeDelta::days(step.after));
    }
    day = after_last_letter(account, policy, day, step.kind.is_letter());
    if let Some(until) = legal_deadline(account, &case.id) {
        day = day.max(until + TimeDelta::days(1));
    }
    if step.law == Some(LegalStep::FourteenDayLetter)
        && let Some(last) = claim::last_day_in_time(account, case, policy)
    {
        day = day.max(last + TimeDelta::days(1));
    }
    if let Some((_, taken_on)) = case.last_step() {
        day = day.max(*taken_on + TimeDelta::days(1));
    }
    policy.sending.next_sending_day(day, step.is_formal())
}

/// That day, or later: nothing before the deadline of the last letter to this debtor is over, and no letter within the
/// minimum gap after it.
pub(super) fn after_last_letter(account: &Account, policy: &Policy, day: NaiveDate, is_letter: bool) -> NaiveDate {
    let Some((letter, sent_on)) = account.last_sent() else { return day };
    let after_deadline = letter.deadline.map_or(day, |deadline| deadline + TimeDelta::days(1));
    let after_gap = if is_letter { sent_on + TimeDelta::days(policy.min_gap_days) } else { day };
    day.max(after_deadline).max(after_gap)
}

/// When the last letter left that took a step of this case. One that only lists it, for the sake of another invoice, does
/// not put its steps off: else a debtor with an invoice a week would never come to the next step.
fn last_letter_about(account: &Account, case: &CaseId) -> Option<NaiveDate> {
    let took_a_step = |letter: &&Letter| letter.covers.iter().any(|(covered, s)| covered == case && !s.is_thanks());
    account.letters.iter().filter(took_a_step).filter_map(Letter::left_on).max()
}

/// The last day that a letter in law gave this case.
fn legal_deadline(account: &Account, case: &CaseId) -> Option<NaiveDate> {
    let legal = account.letters.iter().filter(|letter| letter.law.is_some() && letter.has_effect());
    legal.filter(|letter| letter.lists(case)).filter_map(|letter| letter.deadline).max()
}

/// Every step of this debtor that is due today and not held, letters and tasks alike.
pub fn due_steps<'a>(account: &'a Account, policy: &'a Policy, today: NaiveDate) -> Vec<NextStep<'a>> {
    account
        .open_cases()
        .filter(|case| account.hold_on(&case.id).is_none() && !case.only_disputed_is_left())
        .filter_map(|case| next_step(account, case, policy, today))
        .filter(|next| next.on <= today)
        .collect()
}

/// The one letter for all that is due: the template of the most advanced step; other overdue cases are listed with
/// their amounts; cases that are not yet due appear only in a note before the due date.
pub fn due_letter(account: &Account, policy: &Policy, today: NaiveDate) -> Option<DueLetter> {
    let due: Vec<NextStep<'_>> =
        due_steps(account, policy, today).into_iter().filter(|n| n.step.kind.is_letter()).collect();
    let leading = due.iter().max_by_key(|next| (next.step.days, next.step.law))?;
    let currency = account.cases.get(leading.case)?.open().currency();
    let overdue_letter = !leading.step.is_pre_due();
    let mut covers: Vec<(CaseId, StepId)> = due
        .iter()
        .filter(|n| n.step.law == leading.step.law && n.step.is_pre_due() != overdue_letter)
        .filter(|n| in_currency(account, n.case, currency))
        .map(|n| (n.case.clone(), n.id.clone()))
        .collect();
    let others_too = overdue_letter && leading.step.law.is_none();
    if leading.step.law == Some(LegalStep::FourteenDayLetter) {
        join_in_default(account, leading.step, &mut covers, policy, today);
    }
    covers.sort();
    let formal = covers.iter().any(|(_, step)| policy.step(account, step).is_some_and(Step::is_formal));
    // A friendly letter never asks interest or costs, so it is silent on cases of which a formal one has.
    let others = |case: &Case| others_too && (formal || !claim::is_claimed(account, &case.id));
    let amounts = listed(account, &covers, others, policy, today, currency);
    let law = leading.step.law;
    Some(DueLetter {
        extras: claim::asked(account, &amounts, &covers, policy, today),
        announced_costs: law.map(|law| charge::announced(account, &amounts, law, policy)).unwrap_or_default(),
        law,
        formal,
        covers,
        amounts,
        template: leading.step.template.clone(),
        deadline: deadline(account, leading.step, policy, today),
        recipient: policy.address(account)?,
    })
}

/// The last day that the letter gives: the step's, or for a letter in law the end of the law's term with the days that a
/// transfer takes.
fn deadline(account: &Account, step: &Step, policy: &Policy, today: NaiveDate) -> Option<NaiveDate> {
    let of_law = step.law.and_then(|law| claim::legal_term(law, account, policy, today));
    let of_step = step.deadline_days.map(|days| today + TimeDelta::days(days));
    of_law.map(|term| claim::waited_until(&term, account, policy)).or(of_step)
}

/// All claims that can be demanded go into one fourteen-day letter (art. 6:96(7) BW), else their costs would be counted
/// twice: every case in default that has not come past this step.
fn join_in_default(
    account: &Account,
    step: &Step,
    covers: &mut Vec<(CaseId, StepId)>,
    policy: &Policy,
    today: NaiveDate,
) {
    let joins = |case: &&Case| {
        let is_before = next_step(account, case, policy, today).is_some_and(|next| next.step.days <= step.days);
        is_before
            && !covers.iter().any(|(id, _)| *id == case.id)
            && account.hold_on(&case.id).is_none()
            && case.asked().is_positive()
            && !is_skipped(account, case, step, policy, today)
            && claim::in_default(account, case, policy, today)
    };
    let joined: Vec<(CaseId, StepId)> = account
        .open_cases()
        .filter(joins)
        .map(|case| (case.id.clone(), lost(account, case, step).unwrap_or_else(|| step.id.clone())))
        .collect();
    covers.extend(joined);
}

/// A letter asks amounts of one currency; cases in another get a letter of their own.
fn in_currency(account: &Account, case: &CaseId, currency: super::money::Currency) -> bool {
    account.cases.get(case).is_some_and(|case| case.open().currency() == currency)
}

/// All steps are taken: what becomes of this case is a human's to say, so no letter speaks of it any more.
fn is_with_a_human(account: &Account, case: &Case, policy: &Policy) -> bool {
    let steps = policy.ladder(account).map(|ladder| ladder.steps.as_slice()).unwrap_or_default();
    steps.iter().any(|step| step.kind == StepKind::Human && case.has_done(&step.id))
}

/// The cases in the letter's table, oldest due date first.
fn listed(
    account: &Account,
    covers: &[(CaseId, StepId)],
    others: impl Fn(&Case) -> bool,
    policy: &Policy,
    today: NaiveDate,
    currency: super::money::Currency,
) -> Vec<(CaseId, Money)> {
    let covered = |case: &Case| covers.iter().any(|(id, _)| *id == case.id);
    let also = |case: &Case| {
        others(case)
            && case.due_date < today
            && account.hold_on(&case.id).is_none()
            && !case.only_disputed_is_left()
            && !is_with_a_human(account, case, policy)
    };
    let mut cases: Vec<&Case> = account
        .open_cases()
        .filter(|case| case.open().currency() == currency && case.open().is_positive())
        .filter(|case| covered(case) || also(case))
        .collect();
    cases.sort_by(|a, b| (a.due_date, &a.id).cmp(&(b.due_date, &b.id)));
    cases.into_iter().map(|case| (case.id.clone(), case.asked())).collect()
}

impl DueLetter {
    pub fn intended(&self, made_on: NaiveDate) -> Intended<'_> {
        Intended {
            letter: None,
            covers: &self.covers,
            amounts: &self.amounts,
            extras: &self.extras,
            announced_costs: &self.announced_costs,
            law: self.law,
            formal: self.formal,
            recipient: &self.recipient,
            made_on,
        }
    }

    /// The letter as it will enter the journal.
    pub fn into_letter(self, account: &Account, broken_promise: Option<NaiveDate>, today: NaiveDate) -> Letter {
        Letter {
            id: letter_id(&account.id, &self.covers),
            costs_paid: costs_paid(account, &self.amounts),
            covers: self.covers,
            amounts: self.amounts,
            template: self.template,
            formal: self.formal,
            deadline: self.deadline,
            recipient: self.recipient,
            requested_on: today,
            broken_promise,
            extras: self.extras,
            announced_costs: self.announced_costs,
            law: self.law,
            void: None,
            state: LetterState::Requested,
        }
    }
}

fn costs_paid(account: &Account, listed: &[(CaseId, Money)]) -> Vec<(CaseId, Money)> {
    let cases = listed.iter().filter_map(|(id, _)| account.cases.get(id));
    let paid = cases.map(|case| (case.id.clone(), case.extras_paid.costs));
    paid.filter(|(_, costs)| costs.is_positive()).collect()
}

impl Letter {
    pub fn intended(&self) -> Intended<'_> {
        Intended {
            letter: Some(&self.id),
            covers: &self.covers,
            amounts: &self.amounts,
            extras: &self.extras,
            announced_costs: &self.announced_costs,
            law: self.law,
            formal: self.formal,
            recipient: &self.recipient,
            made_on: self.requested_on,
        }
    }
}

/// A letter is named by whom it is to and what it covers, so the same letter always has the same id.
pub fn letter_id(debtor: &DebtorId, covers: &[(CaseId, StepId)]) -> LetterId {
    use sha2::{Digest, Sha256};
    let mut sorted = covers.to_vec();
    sorted.sort();
    let mut hash = Sha256::new();
    let mut field = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    field(debtor.as_str());
    for (case, step) in &sorted {
        field(case.as_str());
        field(step.as_str());
    }
    let hex: String = hash.finalize().iter().take(10).map(|byte| format!("{byte:02x}")).collect();
    LetterId::new(format!("L-{hex}"))
}
