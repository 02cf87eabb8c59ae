//! The letter of thanks for invoices that were paid, where the owner wants one. It asks nothing, gives way to every other letter, and
//! says thanks for a case once, for ever.
//!
//! Whether a case deserves thanks is decided when it closes, for then it is still known what stood in its way; whether they may be said
//! is asked again each day, and once more by the gate.

use super::account::{Account, Case, ClosedAs, Letter, LetterState, Payment, PaymentSource};
use super::gate::{GateClosed, Intended};
use super::hold::{Hold, HoldReason, Scope};
use super::ids::{CaseId, LetterId, StepId};
use super::instalments::demands;
use super::money::Money;
use super::policy::{Freshness, Policy};
use super::question::{About, Question, QuestionKind};
use super::schedule::DueLetter;
use super::world::World;
use chrono::{NaiveDate, TimeDelta};

/// Template of the letter of thanks.
pub const TEMPLATE: &str = "thanks";
/// The step that it takes of each case; no ladder may use the name.
pub const STEP: &str = "thanks";
/// So many days after the money was booked, thanks come too late and are left out.
const WITHIN_DAYS: i64 = 14;

impl StepId {
    pub fn thanks() -> StepId {
        StepId::new(STEP)
    }

    pub fn is_thanks(&self) -> bool {
        self.as_str() == STEP
    }
}

impl Letter {
    pub fn is_thanks(&self) -> bool {
        is_thanks(&self.covers)
    }
}

/// Whether a letter with these steps is one of thanks.
pub fn is_thanks(covers: &[(CaseId, StepId)]) -> bool {
    covers.iter().any(|(_, step)| step.is_thanks())
}

/// Whether this case, which closes as paid now, deserves thanks: the bank's data shows all of the money, it came lately, nothing of the
/// invoice is disputed, and nothing held the case but the payment itself.
pub(super) fn deserves(account: &Account, case: &Case, policy: &Policy, today: NaiveDate) -> bool {
    let own = |hold: &&Hold| hold.scope == Scope::Case(case.id.clone());
    let stands_in_the_way = |hold: &Hold| !waits_for_money(hold.reason) && hold.reason != HoldReason::Plan;
    let taken_back =
        account.questions.values().any(|q| q.kind == QuestionKind::Reversal && q.case.as_ref() == Some(&case.id));
    policy.thanks
        && is_recent(account, case, today)
        && payments_of(account, case).all(|payment| payment.source != PaymentSource::Owner)
        && case.disputed.is_none()
        && !taken_back
        && !account.holds.iter().filter(own).any(stands_in_the_way)
}

/// Thanks may still follow for a case of this account, or the owner is asked about them: it must be asked each day, also when nothing is
/// open any more.
pub fn are_awaited(account: &Account, policy: &Policy, today: NaiveDate) -> bool {
    unthanked(account, policy, today, None).next().is_some() || account.questions.values().any(asks_for_thanks)
}

/// The owner is asked for a yes to a letter of thanks.
pub(super) fn asks_for_thanks(question: &Question) -> bool {
    matches!(&question.about, About::Letter(covers) if is_thanks(covers))
}

/// The letter that says thanks for all that was paid lately; `None` while another letter is due or comes first.
pub(super) fn thanks_letter(account: &Account, policy: &Policy, today: NaiveDate) -> Option<DueLetter> {
    let mut cases = unthanked(account, policy, today, None).filter(|case| is_certain(account, case, policy));
    let first = cases.next()?;
    let currency = first.open().currency();
    let mut cases: Vec<&Case> =
        std::iter::once(first).chain(cases.filter(|case| case.open().currency() == currency)).collect();
    let gap_over = account.last_left().is_none_or(|on| on + TimeDelta::days(policy.min_gap_days) <= today);
    if !gap_over || !kept_back(account, policy).is_empty() {
        return None;
    }
    cases.sort_by(|a, b| (a.due_date, &a.id).cmp(&(b.due_date, &b.id)));
    let amounts: Vec<(CaseId, Money)> = cases.iter().map(|case| (case.id.clone(), Money::zero(currency))).collect();
    let mut covers: Vec<(CaseId, StepId)> = cases.iter().map(|case| (case.id.clone(), StepId::thanks())).collect();
    covers.sort();
    Some(DueLetter {
        covers,
        amounts,
        extras: Vec::new(),
        announced_costs: Vec::new(),
        law: None,
        template: TEMPLATE.to_owned(),
        formal: false,
        deadline: None,
        recipient: policy.address(account)?,
    })
}

/// Why thanks may not be said for these cases now, beyond what keeps back every letter.
pub(super) fn gate(account: &Account, intended: &Intended<'_>, policy: &Policy, world: &World) -> Vec<GateClosed> {
    let today = world.today();
    let mut closed = kept_back(account, policy);
    for (id, step) in intended.covers {
        let not_paid = GateClosed::NotPaid { case: id.clone() };
        let Some(case) = account.cases.get(id).filter(|case| is_thankworthy(case)) else {
            closed.push(not_paid);
            continue;
        };
        // It may have left before the backup was taken up again, and nobody would know.
        let forgotten = world.restored_on.is_some_and(|on| paid_on(account, case).is_none_or(|paid| paid <= on));
        if forgotten || was_thanked(account, case, intended.letter) {
            closed.push(GateClosed::AlreadyCovered { case: id.clone(), step: step.clone() });
        }
        if !is_certain(account, case, policy) {
            closed.push(not_paid);
        }
        if !policy.thanks || !is_recent(account, case, today) {
            closed.push(GateClosed::Superseded);
        }
    }
    if !demands(account, policy, today).is_empty() {
        closed.push(GateClosed::Superseded);
    }
    // The other half is for letters that ask something.
    if world.sent_today >= world.per_day.div_ceil(2) {
        closed.push(GateClosed::PerDay { limit: world.per_day.div_ceil(2) });
    }
    closed
}

/// The money of one of these cases rests on a bank's mail alone.
pub fn is_provisional(account: &Account, letter: &Letter) -> bool {
    let cases = letter.covers.iter().filter_map(|(id, _)| account.cases.get(id));
    cases.flat_map(|case| payments_of(account, case)).any(is_only_announced)
}

/// What of this debtor speaks against thanks: a hold that is not about money that comes, or a case in formal steps.
fn kept_back(account: &Account, policy: &Policy) -> Vec<GateClosed> {
    let in_the_way = |hold: &&Hold| !waits_for_money(hold.reason) || hold.reason == HoldReason::UnclearPayment;
    let any_case = || account.cases.keys().next().cloned();
    let held = account.holds.iter().filter(in_the_way).filter_map(|hold| {
        let case = match &hold.scope {
            Scope::Case(case) => case.clone(),
            Scope::Debtor => any_case()?,
        };
        Some(GateClosed::Held { case, reason: hold.reason, until: hold.until })
    });
    let formal = |case: &&Case| case.steps.iter().any(|(step, _)| policy.is_formal(account, step));
    let disputed = account.open_cases().filter(|case| case.disputed.is_some()).map(|case| GateClosed::Held {
        case: case.id.clone(),
        reason: HoldReason::Dispute,
        until: None,
    });
    let in_formal_steps =
        account.open_cases().filter(formal).map(|case| GateClosed::FormalSteps { case: case.id.clone() });
    held.chain(disputed).chain(in_formal_steps).collect()
}

/// Holds that say that money comes or came.
fn waits_for_money(reason: HoldReason) -> bool {
    match reason {
        HoldReason::PaidClaim
        | HoldReason::Promise
        | HoldReason::PartPayment
        | HoldReason::UnclearPayment
        | HoldReason::UntrustedNotice => true,
        HoldReason::Insolvency
        | HoldReason::Dispute
        | HoldReason::Bounce
        | HoldReason::Plan
        | HoldReason::OpenItem
        | HoldReason::Rest
        | HoldReason::Question
        | HoldReason::Answer
        | HoldReason::Refused
        | HoldReason::Manual
        | HoldReason::OverdueAtFirstSight
        | HoldReason::Restored => false,
    }
}

/// Cases for which thanks may still be said, `letter` not counted.
fn unthanked<'a>(
    account: &'a Account,
    policy: &Policy,
    today: NaiveDate,
    letter: Option<&'a LetterId>,
) -> impl Iterator<Item = &'a Case> {
    let wanted = policy.thanks;
    account
        .cases
        .values()
        .filter(move |case| wanted && is_thankworthy(case) && is_recent(account, case, today))
        .filter(move |case| !was_thanked(account, case, letter))
}

/// Closed with thanks to follow, which were not said.
pub(super) fn is_awaited(case: &Case) -> bool {
    is_thankworthy(case) && !case.has_done(&StepId::thanks())
}

fn is_thankworthy(case: &Case) -> bool {
    case.closed.as_ref().is_some_and(|closing| closing.thanks && closing.how == ClosedAs::Paid)
}

/// Said, or tried: a letter that was refused is not tried again.
fn was_thanked(account: &Account, case: &Case, letter: Option<&LetterId>) -> bool {
    let covers = |other: &Letter| other.covers.iter().any(|(id, step)| *id == case.id && step.is_thanks());
    let others = account.letters.iter().filter(|other| Some(&other.id) != letter);
    case.has_done(&StepId::thanks()) || others.filter(|o| o.state != LetterState::Withdrawn).any(covers)
}

fn payments_of<'a>(account: &'a Account, case: &'a Case) -> impl Iterator<Item = &'a Payment> {
    account.payments.iter().filter(|payment| payment.allocations.iter().any(|(id, _)| *id == case.id))
}

fn paid_on(account: &Account, case: &Case) -> Option<NaiveDate> {
    payments_of(account, case).map(|payment| payment.booked).max()
}

fn is_recent(account: &Account, case: &Case, today: NaiveDate) -> bool {
    paid_on(account, case).is_some_and(|on| today <= on + TimeDelta::days(WITHIN_DAYS))
}

/// Where statements come in, they must have shown the money: what a mail told may be taken back.
fn is_certain(account: &Account, case: &Case, policy: &Policy) -> bool {
    policy.freshness != Freshness::Statements || !payments_of(account, case).any(is_only_announced)
}

fn is_only_announced(payment: &Payment) -> bool {
    payment.source == PaymentSource::Notice && !payment.confirmed
}
