//! Money: exact closes, part reduces, everything else is a question; what is untrusted pauses at most.

use super::owner::SPREAD;
use super::{Draft, Ending};
use crate::dunning::account::{Case, ClosedAs, Payment, PaymentSource};
use crate::dunning::claim;
use crate::dunning::fact::Fact;
use crate::dunning::hold::{Hold, HoldReason, Scope};
use crate::dunning::ids::{CaseId, EvidenceId};
use crate::dunning::law::allocation::{self, ClaimState, Owed};
use crate::dunning::law::interest::Rate;
use crate::dunning::money::{Extras, Money};
use crate::dunning::question::{About, Question, QuestionKind};
use chrono::TimeDelta;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// How long a bank's mail that proves nothing may pause one case.
const UNTRUSTED_PAUSE_DAYS: i64 = 7;
/// A statement line this many days from a notice of the same amount is the same money.
const SAME_MONEY_DAYS: i64 = 6;

/// How a payment goes over cases, and what no case takes of it.
struct Spread {
    allocations: Vec<(CaseId, Money)>,
    extras: Vec<(CaseId, Extras)>,
    rest: Money,
}

impl Draft<'_> {
    /// Money that surely is for these cases.
    pub(super) fn payment(&mut self, payment: &Payment, cases: &[CaseId]) {
        if let Some(notice) = self.seen_as_notice(payment, cases) {
            self.confirm(&notice, &payment.id);
            return;
        }
        let evidence = payment.evidence();
        if !evidence.may_close() {
            self.unclear_payment(payment, cases, "nothing proves it", true);
            return;
        }
        let above_limit = payment.amount.minor() > self.policy.notice_close_max.minor();
        if evidence.only_announces() && above_limit {
            let why = format!("above close_max ({})", self.policy.notice_close_max);
            self.unclear_payment(payment, cases, &why, true);
            return;
        }
        self.book(payment, cases);
    }

    /// Books money that is for these cases; what is left over is a question.
    pub(super) fn book(&mut self, payment: &Payment, cases: &[CaseId]) {
        let Spread { allocations, extras, rest } = self.spread(payment, cases);
        let booked = Payment { allocations: allocations.clone(), extras, ..payment.clone() };
        self.fact(Fact::PaymentBooked { payment: booked });
        for (case, _) in &allocations {
            self.after_payment(case, payment);
        }
        self.keep_promises();
        if rest.is_positive() {
            let detail = format!("{rest} {} {}", payment.amount.currency(), payment.text);
            let left = Payment { amount: rest, allocations: Vec::new(), ..payment.clone() };
            let open: Vec<CaseId> = self.account.open_cases().map(|case| case.id.clone()).collect();
            let others = case_choices(&open);
            let about = About::Payment(Box::new(left));
            self.ask_with(QuestionKind::UnmatchedPayment, None, &detail, about, &others);
        }
    }

    /// What a notice told has been seen, or was said by the owner: what waited for that ends.
    pub(super) fn confirm(&mut self, notice: &EvidenceId, by: &EvidenceId) {
        self.fact(Fact::PaymentConfirmed { payment: notice.clone(), by: by.clone() });
        self.payment_placed(notice);
        let about_it = |q: &Question| matches!(&q.about, About::Payment(payment) if payment.id == *notice);
        self.settle_questions("confirmed", |q| q.kind == QuestionKind::UnconfirmedPayment && about_it(q));
        let told = self.account.payments.iter().filter(|payment| payment.id == *notice);
        let cases: Vec<CaseId> = told.flat_map(|payment| &payment.allocations).map(|(case, _)| case.clone()).collect();
        for case in cases
            .iter()
            .filter(|id| self.case(id).is_some_and(|case| case.is_open() && case.open().is_zero()))
            .cloned()
            .collect::<Vec<_>>()
        {
            self.close(&case, ClosedAs::Paid);
        }
    }

    /// A statement shows what a notice told before: the same money, counted once.
    fn seen_as_notice(&self, payment: &Payment, cases: &[CaseId]) -> Option<EvidenceId> {
        let same = |known: &&Payment| {
            let near = (known.booked - payment.booked).num_days().abs() <= SAME_MONEY_DAYS;
            let told_twice = known.source == PaymentSource::Notice && payment.source == PaymentSource::Statement;
            let sources = told_twice && !known.confirmed;
            let about = cases.is_empty() || known.allocations.iter().any(|(case, _)| cases.contains(case));
            sources && near && known.amount == payment.amount && about
        };
        self.account.payments.iter().find(same).map(|known| known.id.clone())
    }

    /// What each case gets, in order: up to what is owed on the day of payment. Money that is exactly what their invoices
    /// ask is for these invoices one by one; else art. 6:43 BW gives the order. Within a case art. 6:44 BW does: costs,
    /// interest, principal.
    fn settled(&self, payment: &Payment, cases: &[CaseId]) -> Vec<(CaseId, Owed)> {
        let open: Vec<&Case> = cases.iter().filter_map(|id| self.case(id)).filter(|case| case.is_open()).collect();
        let invoices = Money::sum(open.iter().map(|case| case.open()), payment.amount.currency());
        if invoices == Some(payment.amount) {
            return open.iter().map(|case| (case.id.clone(), self.owed(case, payment).settle(case.open()).0)).collect();
        }
        let claims: Vec<ClaimState> = open.iter().map(|case| self.claim_state(case, payment)).collect();
        let (parts, _) = allocation::spread(payment.amount, payment.booked, &claims);
        parts.iter().filter_map(|part| Some((open.get(part.claim)?.id.clone(), part.settled))).collect()
    }

    fn spread(&self, payment: &Payment, cases: &[CaseId]) -> Spread {
        let mut spread = Spread { allocations: Vec::new(), extras: Vec::new(), rest: payment.amount };
        for (case, owed) in self.settled(payment, cases) {
            let extras = Extras { interest: owed.interest, costs: owed.costs };
            let part = if extras.is_zero() { Some(owed.principal) } else { owed.total() };
            let ours = |part: &Money| part.is_positive() && part.currency() == payment.amount.currency();
            let Some(part) = part.filter(ours) else { continue };
            spread.rest = spread.rest.checked_sub(part).unwrap_or(spread.rest);
            if !extras.is_zero() {
                spread.extras.push((case.clone(), extras));
            }
            spread.allocations.push((case, part));
        }
        spread
    }

    /// What the debtor had been asked of this case on the day of the payment.
    fn owed(&self, case: &Case, payment: &Payment) -> Owed {
        claim::claimed(&self.account, case, self.policy, payment.booked)
    }

    fn claim_state(&self, case: &Case, payment: &Payment) -> ClaimState {
        let rate = claim::rate(&self.account, self.policy);
        let burden = match rate {
            None => Decimal::ZERO,
            Some(Rate::Fixed(percent)) => percent,
            Some(Rate::Table(kind)) => {
                let step = self.policy.claims.rates.on(kind, payment.booked);
                step.map_or(Decimal::ZERO, |step| step.percent)
            }
        };
        ClaimState { owed: self.owed(case, payment), due: case.due_date, named: true, burden }
    }

    fn after_payment(&mut self, id: &CaseId, payment: &Payment) {
        self.list_may_agree(id);
        let Some(case) = self.case(id) else { return };
        let left = self.owed(case, payment);
        if case.open().is_zero() && left.costs.is_zero() && left.interest.is_zero() {
            self.close(id, ClosedAs::Paid);
            return;
        }
        if case.has_paid_invoice() {
            self.invoice_is_paid(id, left);
            return;
        }
        let hold = Hold {
            until: Some(self.today + TimeDelta::days(self.policy.part_payment_pause_days)),
            source: Some(payment.id.clone()),
            ..self.hold_because(Scope::Case(id.clone()), HoldReason::PartPayment, &payment.amount.to_string())
        };
        self.hold(hold);
    }

    /// As much was paid as the invoice asks; by art. 6:44 BW a rest is left. A small one is let go, any other is for the
    /// owner to say: never forgotten, never dunned by itself.
    fn invoice_is_paid(&mut self, id: &CaseId, left: Owed) {
        let rest = left.total().unwrap_or(left.principal);
        if rest.minor() < self.policy.claims.waive_rest_below.minor() {
            self.waive_rest(id, rest, format!("below {}", self.policy.claims.waive_rest_below));
            return;
        }
        let detail =
            format!("{} {}: {rest}", self.name(), self.case(id).map(|c| c.number().to_string()).unwrap_or_default());
        let hold = self.hold_because(Scope::Case(id.clone()), HoldReason::Rest, &detail);
        self.hold(hold);
        self.ask(QuestionKind::Rest, Some(id.clone()), &detail, About::Nothing);
    }

    pub(super) fn waive_rest(&mut self, id: &CaseId, amount: Money, why: String) {
        self.fact(Fact::RestWaived { case: id.clone(), amount, why });
        self.close(id, ClosedAs::Paid);
    }

    /// What was overpaid went back to the debtor.
    pub(super) fn refund(&mut self, amount: Money, source: &EvidenceId, text: &str) {
        let mut left = amount;
        let ids: Vec<EvidenceId> = self.account.payments.iter().map(|payment| payment.id.clone()).collect();
        for payment in ids {
            let part = left.min(self.account.unallocated_of(&payment, amount.currency()));
            if part.is_positive() {
                left = left.checked_sub(part).unwrap_or(left);
                self.fact(Fact::Refunded { payment: payment.clone(), amount: part, source: source.clone() });
                let about = |q: &Question| matches!(&q.about, About::Payment(asked) if asked.id == payment);
                self.settle_questions(text, |q| q.kind == QuestionKind::UnmatchedPayment && about(q));
            }
        }
    }

    /// Money that may be for these cases: they wait until the owner says what it is.
    pub(super) fn unclear_payment(&mut self, payment: &Payment, cases: &[CaseId], why: &str, ask: bool) {
        if self.seen_as_notice(payment, cases).is_some() && payment.source == PaymentSource::Notice {
            return;
        }
        let open: Vec<CaseId> = cases.iter().filter(|id| self.case(id).is_some_and(Case::is_open)).cloned().collect();
        for case in &open {
            let hold = Hold {
                source: Some(payment.id.clone()),
                ..self.hold_because(Scope::Case(case.clone()), HoldReason::UnclearPayment, why)
            };
            self.hold(hold);
        }
        if ask {
            let choices = case_choices(&open);
            let detail = payment_detail(payment, why);
            let about = About::Payment(Box::new(payment.clone()));
            self.ask_with(QuestionKind::UnmatchedPayment, open.first().cloned(), &detail, about, &choices);
        }
    }

    /// What waited for a payment to be placed goes on.
    pub(super) fn payment_placed(&mut self, payment: &EvidenceId) {
        self.end_holds(Ending::Lifted("the owner placed the payment"), |hold| {
            hold.reason == HoldReason::UnclearPayment && hold.source.as_ref() == Some(payment)
        });
    }

    /// The bank took money back: every case that it had paid opens again and waits for the owner.
    pub(super) fn reversal(&mut self, id: &CaseId, amount: Money, source: &EvidenceId, text: &str) {
        let reversed = |p: &&Payment| p.amount == amount && p.allocations.iter().any(|(case, _)| case == id);
        let mut cases = vec![id.clone()];
        let same = || self.account.payments.iter().filter(reversed);
        // Of equal payments it is the one that says the same.
        if let Some(payment) = same().rfind(|p| p.text == text).or_else(|| same().next_back()).cloned() {
            let parts = self.account.payments.iter().filter(|part| part.id == payment.id);
            let paid: BTreeSet<&CaseId> = parts.flat_map(|part| &part.allocations).map(|(case, _)| case).collect();
            cases.extend(paid.into_iter().filter(|case| *case != id).cloned());
            let about = |q: &Question| matches!(&q.about, About::Payment(asked) if asked.id == payment.id);
            self.settle_questions(text, |q| q.kind == QuestionKind::UnmatchedPayment && about(q));
            self.fact(Fact::PaymentReversed { payment: payment.id, why: text.to_owned() });
        }
        for case in &cases {
            self.open_again(case, amount, source, text);
        }
    }

    fn open_again(&mut self, id: &CaseId, amount: Money, source: &EvidenceId, text: &str) {
        if self.case(id).is_some_and(|case| !case.is_open() && case.open().is_positive()) {
            self.fact(Fact::CaseReopened { case: id.clone(), why: text.to_owned() });
        }
        let hold = Hold {
            source: Some(source.clone()),
            ..self.hold_because(Scope::Case(id.clone()), HoldReason::UnclearPayment, text)
        };
        self.hold(hold);
        let detail = format!("{id} {amount} {text}");
        self.ask(QuestionKind::Reversal, Some(id.clone()), &detail, About::Input(source.clone()));
    }

    /// A mail that claims to be a bank's and cannot prove it: one case, seven days, once.
    pub(super) fn untrusted_notice(&mut self, id: &CaseId, source: &EvidenceId, why: &str) {
        if !self.case(id).is_some_and(|case| case.is_open() && !case.untrusted_pause_used) {
            return;
        }
        let hold = Hold {
            until: Some(self.today + TimeDelta::days(UNTRUSTED_PAUSE_DAYS)),
            source: Some(source.clone()),
            ..self.hold_because(Scope::Case(id.clone()), HoldReason::UntrustedNotice, why)
        };
        self.hold(hold);
    }
}

/// Each case by itself, and all of them together when they are several.
fn case_choices(open: &[CaseId]) -> Vec<String> {
    let together = (open.len() > 1).then(|| SPREAD.to_owned());
    open.iter().map(CaseId::to_string).chain(together).collect()
}

pub(super) fn payment_detail(payment: &Payment, why: &str) -> String {
    let payer = payment.payer.as_deref().unwrap_or("?");
    format!("{} {} {} {payer} \"{}\" ({why})", payment.booked, payment.amount, payment.amount.currency(), payment.text)
}
