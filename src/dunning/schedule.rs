//! What is due: the next step of each case, the day it is due since, and the one letter that takes all of it.
//! "Due since", never "due on": a missed day is caught up, one step at a time.

use super::account::{Account, Case, Letter, LetterState};
use super::gate::Intended;
use super::ids::{CaseId, DebtorId, LetterId, StepId};
use super::money::Money;
use super::policy::{Policy, Step, StepKind};
use chrono::{NaiveDate, TimeDelta};

/// A step that a case takes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextStep<'a> {
    pub case: &'a CaseId,
    pub step: &'a Step,
    /// The first day on which it may be taken, as things stand.
    pub on: NaiveDate,
}

/// The letter that takes all that is due for one debtor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueLetter {
    pub covers: Vec<(CaseId, StepId)>,
    pub amounts: Vec<(CaseId, Money)>,
    pub template: String,
    pub formal: bool,
    pub deadline: Option<NaiveDate>,
    pub recipient: String,
}

/// The step that a case takes next; `None` when it is closed or has taken all. A note before the due date is skipped
/// once that date has passed, no other step ever is.
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
    let taken = steps.iter().rposition(|step| case.has_done(&step.id)).map_or(0, |at| at + 1);
    let step = steps.iter().skip(taken).find(|step| !(step.is_pre_due() && today > case.due_date))?;
    Some(NextStep { case: &case.id, step, on: first_day(account, case, step, policy) })
}

/// Due date plus the step's days; not before the step's interval after the last letter about this case, the minimum
/// gap after the last letter to this debtor, the day after that letter's deadline; never two steps of a case on one
/// day; moved to the next sending day.
fn first_day(account: &Account, case: &Case, step: &Step, policy: &Policy) -> NaiveDate {
    let mut day = case.due_date + TimeDelta::days(step.days);
    if let Some(sent_on) = last_letter_about(account, &case.id) {
        day = day.max(sent_on + TimeDelta::days(step.after));
    }
    if let Some((letter, sent_on)) = account.last_sent() {
        day = day.max(letter.deadline.map_or(day, |deadline| deadline + TimeDelta::days(1)));
        if step.kind.is_letter() {
            day = day.max(sent_on + TimeDelta::days(policy.min_gap_days));
        }
    }
    if let Some((_, taken_on)) = case.last_step() {
        day = day.max(*taken_on + TimeDelta::days(1));
    }
    policy.sending.next_sending_day(day, step.is_formal())
}

fn last_letter_about(account: &Account, case: &CaseId) -> Option<NaiveDate> {
    account.letters.iter().filter(|letter| letter.lists(case)).filter_map(Letter::left_on).max()
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
    let leading = due.iter().max_by_key(|next| next.step.days)?;
    let currency = account.cases.get(leading.case)?.open().currency();
    let overdue_letter = !leading.step.is_pre_due();
    let taken: Vec<&NextStep<'_>> = due
        .iter()
        .filter(|n| n.step.is_pre_due() != overdue_letter && in_currency(account, n.case, currency))
        .collect();
    let mut covers: Vec<(CaseId, StepId)> = taken.iter().map(|n| (n.case.clone(), n.step.id.clone())).collect();
    covers.sort();
    let amounts = listed(account, &covers, overdue_letter, policy, today, currency);
    let given = leading.step.deadline_days;
    Some(DueLetter {
        covers,
        amounts,
        template: leading.step.template.clone(),
        formal: taken.iter().any(|next| next.step.is_formal()),
        deadline: given.map(|days| today + TimeDelta::days(days)),
        recipient: policy.address(account)?,
    })
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
    overdue_letter: bool,
    policy: &Policy,
    today: NaiveDate,
    currency: super::money::Currency,
) -> Vec<(CaseId, Money)> {
    let covered = |case: &Case| covers.iter().any(|(id, _)| *id == case.id);
    let also = |case: &Case| {
        overdue_letter
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
            formal: self.formal,
            recipient: &self.recipient,
            made_on,
        }
    }

    /// The letter as it will enter the journal.
    pub fn into_letter(self, debtor: &DebtorId, broken_promise: Option<NaiveDate>, today: NaiveDate) -> Letter {
        Letter {
            id: letter_id(debtor, &self.covers),
            covers: self.covers,
            amounts: self.amounts,
            template: self.template,
            formal: self.formal,
            deadline: self.deadline,
            recipient: self.recipient,
            requested_on: today,
            broken_promise,
            extras: Vec::new(),
            announced_costs: Vec::new(),
            law: None,
            void: None,
            state: LetterState::Requested,
        }
    }
}

impl Letter {
    pub fn intended(&self) -> Intended<'_> {
        Intended {
            letter: Some(&self.id),
            covers: &self.covers,
            amounts: &self.amounts,
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
