//! A day, or a later moment of it: holds that end, promises that were not kept, and what is due.

use super::payment::payment_detail;
use super::{Draft, Ending};
use crate::dunning::account::{Payment, PaymentSource};
use crate::dunning::fact::Fact;
use crate::dunning::gate::{GateClosed, bank_data_gate, gate, needs_approval};
use crate::dunning::hold::{Hold, HoldReason, Scope};
use crate::dunning::ids::{CaseId, StepId};
use crate::dunning::instalments::due_letters;
use crate::dunning::policy::{Freshness, StepKind};
use crate::dunning::question::{About, QuestionKind};
use crate::dunning::schedule::{DueLetter, due_steps};
use crate::dunning::thanks::asks_for_thanks;
use crate::dunning::world::World;

/// Banking days that a payment may take from the payer's bank to our statement.
pub const TRANSFER_BANKING_DAYS: u32 = 3;

impl Draft<'_> {
    pub(super) fn day(&mut self, world: &World) {
        self.end_timed_holds(world);
        self.check_claims(world);
        self.check_notices(world);
        self.judge_plan(world);
        self.disputed_rests();
        self.warn_of_limitation();
        if may_act(world) {
            self.tasks(world);
            self.letters(world);
        }
    }

    /// Holds with an end, after it. A promise that ran out was broken; it ends only when the mailbox was read.
    fn end_timed_holds(&mut self, world: &World) {
        if world.mail_waiting > 0 {
            return;
        }
        let today = self.today;
        self.end_holds(Ending::Over, |hold| hold.is_over(today));
    }

    /// "I have paid" waits until bank data covers the claimed day and three banking days more; then it is asked.
    fn check_claims(&mut self, world: &World) {
        let calendar = self.policy.sending.calendar.clone();
        let disproved = |hold: &&Hold| {
            let shown_by = hold.claimed_day.map(|day| calendar.banking_days_after(day, TRANSFER_BANKING_DAYS));
            hold.reason == HoldReason::PaidClaim && shown_by.is_some_and(|day| world.bank_data_until >= Some(day))
        };
        let claims: Vec<Hold> = self.account.holds.iter().filter(disproved).cloned().collect();
        for claim in claims {
            let Some(source) = claim.source.clone() else { continue };
            let detail = format!("{} {}", self.name(), claim.evidence.as_deref().unwrap_or(""));
            let case = claim.cases.first().cloned();
            self.ask(QuestionKind::PaidClaim, case, detail.trim(), About::Input(source));
        }
    }

    /// Money that a bank's mail announced must be on the next statement that covers its day.
    fn check_notices(&mut self, world: &World) {
        if self.policy.freshness != Freshness::Statements {
            return;
        }
        let calendar = self.policy.sending.calendar.clone();
        let missing = |payment: &&Payment| {
            let shown_by = calendar.banking_days_after(payment.booked, TRANSFER_BANKING_DAYS);
            payment.source == PaymentSource::Notice && !payment.confirmed && world.bank_data_until >= Some(shown_by)
        };
        let payments: Vec<Payment> = self.account.payments.iter().filter(missing).cloned().collect();
        for payment in payments {
            self.reopen_unconfirmed(&payment);
        }
    }

    fn reopen_unconfirmed(&mut self, payment: &Payment) {
        let about = About::Payment(Box::new(payment.clone()));
        if self.account.questions.values().any(|q| q.about == about) {
            return;
        }
        for (case, _) in &payment.allocations {
            if self.case(case).is_some_and(|case| !case.is_open()) {
                self.fact(Fact::CaseReopened { case: case.clone(), why: "not on the statement".to_owned() });
            }
            let hold = Hold {
                source: Some(payment.id.clone()),
                ..self.hold_because(Scope::Case(case.clone()), HoldReason::UnclearPayment, "not on the statement")
            };
            self.hold(hold);
        }
        let case = payment.allocations.first().map(|(case, _)| case.clone());
        self.ask(QuestionKind::UnconfirmedPayment, case, &payment_detail(payment, "?"), about);
    }

    /// Steps that are no letters: a call is a task for the owner, the end of the ladder a question, for which bank data must
    /// be fresh.
    fn tasks(&mut self, world: &World) {
        if self.policy.never_dun(&self.account) {
            return;
        }
        let due: Vec<(CaseId, StepId, StepKind)> = due_steps(&self.account, self.policy, self.today)
            .into_iter()
            .map(|next| (next.case.clone(), next.step.id.clone(), next.step.kind))
            .collect();
        for (case, step, kind) in due {
            let asked = match kind {
                StepKind::Call => QuestionKind::Call,
                StepKind::Human if bank_data_gate(self.policy, world).is_some() => continue,
                StepKind::Human => QuestionKind::HandOver,
                StepKind::Letter | StepKind::Formal => continue,
            };
            let detail = self.task_detail(&case);
            self.ask(asked, Some(case.clone()), &detail, About::Nothing);
            self.fact(Fact::StepDone { case, step, on: self.today, why: "asked the owner".to_owned() });
        }
    }

    fn task_detail(&self, case: &CaseId) -> String {
        let phone = self.account.debtor.as_ref().and_then(|debtor| debtor.phone.clone()).unwrap_or_default();
        let about = self.case(case).map(|case| format!("{} {} {}", case.number(), case.open(), case.open().currency()));
        format!("{} {phone} {}", self.name(), about.unwrap_or_default())
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn letters(&mut self, world: &World) {
        let due = due_letters(&self.account, self.policy, self.today);
        let wanted: Vec<About> = due.iter().map(|due| About::Letter(due.covers.clone())).collect();
        self.settle_questions("no longer due", |q| asks_for_thanks(q) && !wanted.contains(&q.about));
        due.into_iter().for_each(|due| self.due(due, &wanted, world));
    }

    /// A letter that is due leaves, or waits for the owner's yes. `wanted`: what else the owner may be asked about.
    fn due(&mut self, due: DueLetter, wanted: &[About], world: &World) {
        let closed = gate(&self.account, &due.intended(self.today), self.policy, world);
        if closed.iter().any(|reason| !only_waits(reason)) {
            return;
        }
        if needs_approval(due.formal, self.policy) && !self.account.approved.contains(&due.covers) {
            self.ask_approval(&due, wanted);
            return;
        }
        if !closed.is_empty() {
            return;
        }
        let broken = self.account.unmentioned_broken_promise().map(|promise| promise.date);
        let broken = broken.filter(|_| due.amounts.iter().any(|(case, _)| self.was_promised(case)));
        let letter = due.into_letter(&self.account, broken, self.today);
        self.fact(Fact::LetterRequested { letter });
    }

    fn was_promised(&self, case: &CaseId) -> bool {
        let promise = self.account.unmentioned_broken_promise();
        promise.is_some_and(|promise| promise.cases.is_empty() || promise.cases.contains(case))
    }

    fn ask_approval(&mut self, due: &DueLetter, wanted: &[About]) {
        let about = About::Letter(due.covers.clone());
        self.settle_questions("superseded", |q| q.kind == QuestionKind::Approval && !wanted.contains(&q.about));
        let numbers: Vec<&str> =
            due.amounts.iter().filter_map(|(id, _)| Some(self.case(id)?.number().as_str())).collect();
        let asked = due.intended(self.today).asked(&self.account);
        let asked = asked.map(|asked| format!(", {asked} {}", asked.currency())).unwrap_or_default();
        let numbers = numbers.join(", ");
        let detail = format!("{} <{}>: {} ({numbers}){asked}", self.name(), due.recipient, due.template);
        let case = due.covers.first().map(|(case, _)| case.clone());
        self.ask(QuestionKind::Approval, case, &detail, about);
    }
}

/// Tasks and letters wait until everything that came in is understood and nothing stops the whole house.
pub(super) fn may_act(world: &World) -> bool {
    world.mailbox_is_fresh() && world.mail_waiting == 0 && world.stopped.is_none() && world.quarantined.is_none()
}

/// The owner may be asked for approval while the letter only waits for its hour, its digest or bank data.
fn only_waits(reason: &GateClosed) -> bool {
    matches!(reason, GateClosed::NotAnnounced | GateClosed::OutsideWindow | GateClosed::StaleBankData { .. })
}
