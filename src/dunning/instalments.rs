//! The letter about a missed instalment, and all letters that are due for a debtor. The cases of a plan are held; this
//! letter passes the hold of its own plan, and no other.

use super::account::{Account, Case, Letter, LetterState};
use super::hold::Hold;
use super::ids::{CaseId, StepId};
use super::money::Money;
use super::plan::{Plan, PlanState};
use super::policy::Policy;
use super::schedule::{DueLetter, after_last_letter, due_letter};
use super::thanks::thanks_letter;
use chrono::{NaiveDate, TimeDelta};

/// Template of the letter about a missed instalment.
pub const MISSED_TEMPLATE: &str = "missed-instalment";
/// Days that it gives to pay after all.
const DEADLINE_DAYS: i64 = 7;

/// Every letter that is due, the most urgent first; each leaves by itself, one at a time. Thanks are said only when nothing is to
/// be asked.
pub fn due_letters(account: &Account, policy: &Policy, today: NaiveDate) -> Vec<DueLetter> {
    let demands = demands(account, policy, today);
    let thanks = if demands.is_empty() { thanks_letter(account, policy, today) } else { None };
    demands.into_iter().chain(thanks).collect()
}

/// Every letter that is due and asks something, the most urgent first.
pub(super) fn demands(account: &Account, policy: &Policy, today: NaiveDate) -> Vec<DueLetter> {
    let missed = missed_letter(account, policy, today);
    missed.into_iter().chain(due_letter(account, policy, today)).collect()
}

/// The letter about the instalment that is missed now; once for each instalment.
fn missed_letter(account: &Account, policy: &Policy, today: NaiveDate) -> Option<DueLetter> {
    let plan = account.living_plan()?;
    let PlanState::Missed { on, .. } = plan.state else { return None };
    let (place, _) = plan.missed()?;
    let step = StepId::missed_instalment(plan.number, place);
    let held = |case: &&Case| strongest_hold(account, &case.id, &[(case.id.clone(), step.clone())]).is_some();
    let mut cases: Vec<&Case> = plan.open_cases(account).filter(|case| case.asked().is_positive()).collect();
    if cases.is_empty() || cases.iter().any(held) || was_written(account, plan, &step) {
        return None;
    }
    // Spaced from the letters before it like every other one.
    if policy.sending.next_sending_day(after_last_letter(account, policy, on, true), true) > today {
        return None;
    }
    cases.sort_by(|a, b| (a.due_date, &a.id).cmp(&(b.due_date, &b.id)));
    let amounts: Vec<(CaseId, Money)> = cases.iter().map(|case| (case.id.clone(), case.asked())).collect();
    let mut covers: Vec<(CaseId, StepId)> = amounts.iter().map(|(case, _)| (case.clone(), step.clone())).collect();
    covers.sort();
    Some(DueLetter {
        covers,
        amounts,
        extras: Vec::new(),
        announced_costs: Vec::new(),
        law: None,
        template: MISSED_TEMPLATE.to_owned(),
        formal: true,
        deadline: Some(today + TimeDelta::days(DEADLINE_DAYS)),
        recipient: policy.address(account)?,
    })
}

/// The letter of this step was taken, for one of the plan's cases at least.
pub(super) fn was_written(account: &Account, plan: &Plan, step: &StepId) -> bool {
    let is_living = |letter: &&Letter| !matches!(letter.state, LetterState::Withdrawn | LetterState::Rejected(_));
    plan.open_cases(account).any(|case| case.has_done(step))
        || account.letters.iter().filter(is_living).any(|letter| letter.covers.iter().any(|(_, taken)| taken == step))
}

/// The strongest hold that keeps a letter with these steps from asking for this case.
pub(super) fn strongest_hold<'a>(account: &'a Account, case: &CaseId, covers: &[(CaseId, StepId)]) -> Option<&'a Hold> {
    let plans = |hold: &Hold| {
        let plan = hold.plan();
        plan.is_some() && covers.iter().any(|(id, step)| id == case && step.instalment().map(|(p, _)| p) == plan)
    };
    account.holds.iter().filter(|hold| hold.covers(case) && !plans(hold)).min_by_key(|hold| hold.reason)
}

/// Whether the instalment of this step is (still) the one that is missed; true for every other step.
pub(super) fn is_still_missed(account: &Account, step: &StepId) -> bool {
    let missed = |(number, place)| {
        account
            .living_plan()
            .is_some_and(|plan| plan.number == number && plan.missed().is_some_and(|(missed, _)| missed == place))
    };
    step.instalment().is_none_or(missed)
}
