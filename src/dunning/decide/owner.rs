//! What the owner decides: commands, and answers to questions.

use super::{Draft, Ending};
use crate::dunning::account::{Case, ClosedAs, Credit, LetterState, Payment, PaymentSource, Promise, PromiseState};
use crate::dunning::claim;
use crate::dunning::evidence::Evidence;
use crate::dunning::fact::Fact;
use crate::dunning::hold::{Hold, HoldReason, Scope};
use crate::dunning::ids::{CaseId, EvidenceId, QuestionId, StepId};
use crate::dunning::input::{Act, Outcome};
use crate::dunning::money::Money;
use crate::dunning::question::{About, Question, QuestionKind};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// The answer that spreads a payment over all cases it may be for, in the order of art. 6:43 BW.
pub(super) const SPREAD: &str = "spread";

impl Draft<'_> {
    pub(super) fn owner(&mut self, act: &Act, by: &str) {
        match act {
            Act::Hold { scope, reason, until } => self.owner_hold(scope, HoldReason::Manual, reason, *until),
            Act::Dispute { scope, part, reason } => self.owner_disputes(scope, *part, reason, by),
            // What was sent before a backup was restored is a question of its own: "go on" does not answer it.
            Act::Resume { scope, reason } => self.resume(scope, reason, by, |held| held != HoldReason::Restored),
            Act::Resolve { scope, who, reason } => self.resolve(scope, *who, reason, by),
            Act::Promise { scope, date, amount, reason } => self.owner_promise(scope, *date, *amount, reason, by),
            Act::Plan { terms, reason } => self.agree_plan(terms, reason, by),
            Act::EndPlan { plan, reason } => self.owner_ends_plan(*plan, reason, by),
            Act::Paid { case, amount, on, reason } => self.owner_paid(case, *amount, *on, reason, by),
            Act::WriteOff { case, reason } => {
                self.note(reason, by);
                self.close(case, ClosedAs::WrittenOff);
            }
            Act::Note { text } => self.note(text, by),
            Act::Instruct { instructions, reason } => self.instruct(instructions, reason, by),
            Act::Approve { scope } => self.approve_scope(scope, by),
            Act::Veto { scope, reason } => {
                self.settle_questions("vetoed", |q| q.kind == QuestionKind::Approval && concerns(q, scope));
                self.withdraw_approvals(scope, by);
                self.owner_hold(scope, HoldReason::Manual, reason, None);
            }
        }
    }

    pub(super) fn note(&mut self, text: &str, by: &str) {
        if !text.is_empty() {
            self.fact(Fact::Noted { text: text.to_owned(), by: by.to_owned() });
        }
    }

    pub(super) fn owner_hold(&mut self, scope: &Scope, reason: HoldReason, evidence: &str, until: Option<NaiveDate>) {
        let hold = Hold { until, ..self.hold_because(scope.clone(), reason, evidence) };
        self.hold(hold);
    }

    /// Ends holds of the scope. For one case of a debtor who is held as a whole, the other open cases stay held. A plan
    /// that was agreed stays: it has an end of its own.
    pub(super) fn resume(&mut self, scope: &Scope, reason: &str, by: &str, which: impl Fn(HoldReason) -> bool) {
        self.note(reason, by);
        if let Scope::Case(case) = scope {
            self.narrow(std::slice::from_ref(case), &which);
        }
        self.end_holds(Ending::Lifted("the owner resumed"), |hold| {
            (*scope == Scope::Debtor || hold.scope == *scope) && which(hold.reason) && hold.plan().is_none()
        });
        let about_plan = |q: &Question| matches!(q.about, About::Plan(_));
        let answered = |q: &Question| q.kind.hold_reason().is_some_and(&which) && concerns(q, scope) && !about_plan(q);
        self.settle_questions("resumed", answered);
    }

    /// A hold on the debtor becomes one on each other open case.
    pub(super) fn narrow(&mut self, freed: &[CaseId], which: &impl Fn(HoldReason) -> bool) {
        let wide: Vec<Hold> = self
            .account
            .holds
            .iter()
            .filter(|hold| hold.scope == Scope::Debtor && which(hold.reason))
            .cloned()
            .collect();
        let others: Vec<CaseId> =
            self.account.open_cases().map(|case| case.id.clone()).filter(|id| !freed.contains(id)).collect();
        for hold in wide {
            for other in &others {
                self.hold(Hold { scope: Scope::Case(other.clone()), ..hold.clone() });
            }
            self.end_hold(&hold, Ending::Lifted("narrowed by the owner"));
        }
    }

    fn owner_promise(&mut self, scope: &Scope, date: NaiveDate, amount: Option<Money>, reason: &str, by: &str) {
        self.note(reason, by);
        let cases: Vec<CaseId> = match scope {
            Scope::Debtor => Vec::new(),
            Scope::Case(case) => vec![case.clone()],
        };
        let until = self.policy.sending.calendar.banking_days_after(date, self.policy.promise_grace_days);
        let waiting = |q: &Question| {
            matches!(q.kind, QuestionKind::Promise | QuestionKind::Plan | QuestionKind::Answer)
                && concerns(q, scope)
                && !matches!(q.about, About::Plan(_))
        };
        self.settle_questions("promised", waiting);
        let answered = |hold: &Hold| {
            matches!(hold.reason, HoldReason::Answer | HoldReason::Promise | HoldReason::Plan | HoldReason::Question)
        };
        self.end_holds(Ending::Lifted("the owner noted a promise"), |hold| {
            hold.scope == *scope && answered(hold) && hold.plan().is_none()
        });
        self.fact(Fact::PromiseMade {
            promise: Promise {
                date,
                made_on: self.today,
                amount: amount.map(|amount| amount.to_string()),
                cases: cases.clone(),
                by: Some(by.to_owned()),
                evidence: Some(reason.to_owned()).filter(|r| !r.is_empty()),
                paid: None,
                state: PromiseState::Open,
            },
        });
        let hold = Hold { until: Some(until), cases, ..self.hold_because(scope.clone(), HoldReason::Promise, reason) };
        self.hold(hold);
    }

    pub(super) fn owner_paid(&mut self, id: &CaseId, amount: Option<Money>, on: NaiveDate, reason: &str, by: &str) {
        self.note(reason, by);
        let Some(case) = self.case(id).filter(|case| case.is_open()) else { return };
        let claim = claim::claimed(&self.account, case, self.policy, on);
        let owed = claim.total().unwrap_or(claim.principal);
        let payment = Payment {
            id: EvidenceId::new(format!("owner:{id}:{}:{}", self.account.payments.len() + 1, self.today)),
            amount: amount.unwrap_or(owed),
            booked: on,
            source: PaymentSource::Owner,
            payer: None,
            iban: None,
            text: reason.to_owned(),
            allocations: Vec::new(),
            extras: Vec::new(),
            refunded: None,
            confirmed: true,
            why: format!("said by {by}"),
            evidence: Some(Evidence::of_owner(by)),
        };
        self.payment(&payment, std::slice::from_ref(id));
    }

    fn let_rest_go(&mut self, id: &CaseId, by: &str) {
        let Some(case) = self.case(id).filter(|case| case.is_open()) else { return };
        let left = claim::claimed(&self.account, case, self.policy, self.today);
        self.waive_rest(id, left.total().unwrap_or(left.principal), format!("said by {by}"));
    }

    pub(super) fn withdraw_approvals(&mut self, scope: &Scope, by: &str) {
        let is_in = |covers: &&Vec<(CaseId, StepId)>| match scope {
            Scope::Debtor => true,
            Scope::Case(case) => covers.iter().any(|(covered, _)| covered == case),
        };
        let taken_back: Vec<_> = self.account.approved.iter().filter(is_in).cloned().collect();
        for covers in taken_back {
            self.fact(Fact::ApprovalWithdrawn { covers, by: by.to_owned() });
        }
    }

    fn approve_scope(&mut self, scope: &Scope, by: &str) {
        let waiting: Vec<QuestionId> = self
            .account
            .questions
            .values()
            .filter(|q| q.kind == QuestionKind::Approval && concerns(q, scope))
            .map(|q| q.id.clone())
            .collect();
        for question in waiting {
            self.answer(&question, "approve", by);
        }
    }

    pub(super) fn answer(&mut self, id: &QuestionId, choice: &str, by: &str) {
        let Some(question) = self.account.questions.get(id).cloned() else { return };
        if !question.choices.iter().any(|known| known == choice) {
            return;
        }
        self.fact(Fact::QuestionAnswered { question: id.clone(), choice: choice.to_owned(), by: by.to_owned() });
        match &question.about {
            About::Letter(covers) => self.answer_approval(covers, choice, by),
            About::Sending(letter) if question.kind == QuestionKind::UnknownSend => {
                let outcome = match choice {
                    "was-sent" => Outcome::Sent { on: self.unknown_since(letter), reply: format!("said by {by}") },
                    _ => Outcome::Withdrawn { why: format!("{by} answered {choice}") },
                };
                let covers = self.account.letter(letter).map(|l| l.covers.clone()).unwrap_or_default();
                self.letter(letter, &outcome);
                if choice == "skip" {
                    self.skip(&covers, by);
                }
            }
            About::Payment(payment) => self.answer_payment(&question, payment, choice, by),
            About::CreditNote(credit) => self.answer_credit(credit, choice, by),
            About::Plan(plan) => self.answer_plan(*plan, choice, by),
            About::LostLetters(lost) => self.answer_lost(lost, choice, by),
            About::OpenItem(listed) => self.answer_open_item(&question, *listed, choice, by),
            About::Nothing | About::Input(_) | About::Sending(_) | About::Day(_) => {
                self.answer_hold(&question, choice, by);
                if question.kind == QuestionKind::Dispute {
                    self.dispute_answered(question.case.as_ref(), &question.about, choice, by);
                }
            }
        }
    }

    fn unknown_since(&self, letter: &crate::dunning::ids::LetterId) -> NaiveDate {
        match self.account.letter(letter).map(|l| &l.state) {
            Some(LetterState::Unknown(on)) => *on,
            _ => self.today,
        }
    }

    fn answer_approval(&mut self, covers: &[(CaseId, StepId)], choice: &str, by: &str) {
        match choice {
            "approve" => self.fact(Fact::LetterApproved { covers: covers.to_vec(), by: by.to_owned() }),
            "skip" => self.skip(covers, by),
            _ => {
                for (case, _) in covers {
                    self.owner_hold(&Scope::Case(case.clone()), HoldReason::Manual, "", None);
                }
            }
        }
    }

    fn skip(&mut self, covers: &[(CaseId, StepId)], by: &str) {
        for (case, step) in covers {
            let why = format!("skipped by {by}");
            self.fact(Fact::StepDone { case: case.clone(), step: step.clone(), on: self.today, why });
        }
    }

    /// Money that waited for a human: it is for the chosen case, or it is nothing of ours.
    fn answer_payment(&mut self, question: &Question, payment: &Payment, choice: &str, by: &str) {
        let source = payment.id.clone();
        self.payment_placed(&source);
        if question.kind == QuestionKind::UnconfirmedPayment {
            if choice == "not-paid" {
                self.did_not_come(&source, &format!("not on the statement, said by {by}"));
            } else {
                self.confirm(&source, &source);
            }
            return;
        }
        let case = CaseId::new(choice);
        if choice == SPREAD {
            let named = question.choices.iter().map(|choice| CaseId::new(choice.as_str()));
            let cases: Vec<CaseId> = named.filter(|id| self.case(id).is_some_and(Case::is_open)).collect();
            self.book(&Payment { why: format!("spread by {by}"), ..payment.clone() }, &cases);
        } else if self.case(&case).is_some() {
            // A notice stays a notice: the statement that shows it later is the same money.
            self.book(&Payment { why: format!("placed by {by}"), ..payment.clone() }, &[case]);
        } else {
            // The owner settles it elsewhere: it no longer counts against what is asked.
            self.refund(self.account.unallocated_of(&source, payment.amount.currency()), &source, choice);
        }
    }

    /// A payment that was only told: what it had settled is open again.
    fn did_not_come(&mut self, payment: &EvidenceId, why: &str) {
        let parts = self.account.payments.iter().filter(|part| part.id == *payment);
        let cases: BTreeSet<CaseId> = parts.flat_map(|part| &part.allocations).map(|(case, _)| case.clone()).collect();
        self.fact(Fact::PaymentReversed { payment: payment.clone(), why: why.to_owned() });
        let settled = |case: &Case| case.closed.as_ref().is_some_and(|closing| closing.how.is_settled());
        for id in cases {
            if self.case(&id).is_some_and(|case| settled(case) && case.open().is_positive()) {
                self.fact(Fact::CaseReopened { case: id, why: why.to_owned() });
            }
        }
    }

    fn answer_credit(&mut self, credit: &Credit, choice: &str, by: &str) {
        let case = CaseId::new(choice);
        if self.case(&case).is_some_and(Case::is_open) {
            self.credit(&case, credit);
        } else {
            self.fact(Fact::CreditSetAside { credit: credit.number.clone(), by: by.to_owned() });
        }
        self.payment_placed(&credit.source);
    }

    /// Questions that stand for a hold: going on lifts it, keeping leaves it, the rest closes the case.
    pub(super) fn answer_hold(&mut self, question: &Question, choice: &str, by: &str) {
        let scope = self.scope_of(question);
        match choice {
            "resume" | "resolved" | "open" | "not-paid" | "keep-old" | "take-new" => {
                self.resume_for(question, &scope, by)
            }
            "waive" => self.for_cases(&scope, |draft, case| draft.let_rest_go(case, by)),
            "keep" if question.kind == QuestionKind::Rest => self.resume_for(question, &scope, by),
            "paid" => self.claimed_paid(question, &scope, by),
            "write-off" => self.for_cases(&scope, |draft, case| draft.close(case, ClosedAs::WrittenOff)),
            "handed-over" => self.for_cases(&scope, |draft, case| draft.close(case, ClosedAs::HandedOver)),
            "ignore" if question.kind == QuestionKind::OverdueAtFirstSight => {
                self.for_cases(&scope, |draft, case| draft.close(case, ClosedAs::Ignored));
            }
            "keep" if question.kind == QuestionKind::HandOver => {
                self.owner_hold(&scope, HoldReason::Manual, "", None);
            }
            "keep" if question.kind == QuestionKind::PaidClaim => self.keep_claim(question),
            "keep" => {
                let reason = question.kind.hold_reason().unwrap_or(HoldReason::Manual);
                if self.account.holds.iter().all(|hold| hold.reason != reason) {
                    self.owner_hold(&scope, HoldReason::Manual, "", None);
                }
            }
            _ => {}
        }
    }

    /// Lifts what the question stands for, and what else its mail said that waits for a human. Causes that count each
    /// on their own and are still asked about elsewhere stay.
    fn resume_for(&mut self, question: &Question, scope: &Scope, by: &str) {
        let Some(reason) = question.kind.hold_reason() else { return };
        let source = match &question.about {
            About::Input(source) => Some(source.clone()),
            About::Nothing
            | About::Letter(_)
            | About::Sending(_)
            | About::Payment(_)
            | About::CreditNote(_)
            | About::Day(_)
            | About::Plan(_)
            | About::LostLetters(_)
            | About::OpenItem(_) => None,
        };
        let same_cause = |hold: &Hold| source.is_some() && hold.source == source;
        let also_said = |hold: &Hold| same_cause(hold) && hold.until.is_none() && hold.claimed_day.is_none();
        let meant = |hold: &Hold| {
            hold.reason == reason && (!reason.counts_each_cause() || source.is_none() || same_cause(hold))
        };
        // A mail is answered as a whole; money is asked about case by case.
        let everywhere = |hold: &Hold| same_cause(hold) && hold.reason != HoldReason::UnclearPayment;
        let why = format!("{by} answered {}", question.id);
        self.end_holds(Ending::Lifted(&why), |hold| {
            let in_scope = hold.scope == Scope::Debtor || *scope == Scope::Debtor || hold.scope == *scope;
            (in_scope || everywhere(hold)) && (meant(hold) || also_said(hold))
        });
        self.settle_questions("resumed", |q| {
            q.kind.hold_reason() == Some(reason) && concerns(q, scope) && !reason.counts_each_cause()
        });
    }

    /// The owner saw the money: for the cases that the claim named, else those that the last letter listed.
    fn claimed_paid(&mut self, question: &Question, scope: &Scope, by: &str) {
        let claim = self.account.holds.iter().find(|hold| hold.source.is_some() && question.about == hold.about());
        let named = claim.map(|hold| hold.cases.clone()).unwrap_or_default();
        let listed = self.account.last_sent().map(|(letter, _)| letter.clone());
        let meant = |case: &Case| match &listed {
            _ if !named.is_empty() => named.contains(&case.id),
            Some(letter) if *scope == Scope::Debtor => letter.lists(&case.id),
            _ => *scope == Scope::Debtor || *scope == Scope::Case(case.id.clone()),
        };
        let cases: Vec<CaseId> =
            self.account.open_cases().filter(|case| meant(case)).map(|case| case.id.clone()).collect();
        for case in &cases {
            self.owner_paid(case, None, self.today, "", by);
        }
        self.resume_for(question, scope, by);
    }

    /// It stays held, and is not asked again: the owner knows.
    fn keep_claim(&mut self, question: &Question) {
        let claims =
            self.account.holds.iter().filter(|hold| hold.claimed_day.is_some() && question.about == hold.about());
        for claim in claims.cloned().collect::<Vec<_>>() {
            self.fact(Fact::Held { hold: Hold { claimed_day: None, ..claim } });
        }
    }

    fn for_cases(&mut self, scope: &Scope, act: impl Fn(&mut Self, &CaseId)) {
        let cases: Vec<CaseId> = match scope {
            Scope::Case(case) => vec![case.clone()],
            Scope::Debtor => self.account.open_cases().map(|case| case.id.clone()).collect(),
        };
        for case in &cases {
            act(self, case);
        }
    }

    fn scope_of(&self, question: &Question) -> Scope {
        question.case.clone().map_or(Scope::Debtor, Scope::Case)
    }
}

/// Whether a question is about something in this scope.
fn concerns(question: &Question, scope: &Scope) -> bool {
    match scope {
        Scope::Debtor => true,
        Scope::Case(case) => question.case.is_none() || question.case.as_ref() == Some(case),
    }
}

impl Hold {
    /// What a question about its cause is about.
    fn about(&self) -> About {
        self.source.clone().map_or(About::Nothing, About::Input)
    }
}

impl QuestionKind {
    /// The hold that a question of this kind stands for.
    pub fn hold_reason(self) -> Option<HoldReason> {
        match self {
            QuestionKind::Insolvency => Some(HoldReason::Insolvency),
            QuestionKind::Dispute => Some(HoldReason::Dispute),
            QuestionKind::Plan => Some(HoldReason::Plan),
            QuestionKind::PaidClaim => Some(HoldReason::PaidClaim),
            QuestionKind::Promise => Some(HoldReason::Promise),
            QuestionKind::Question | QuestionKind::Conflict => Some(HoldReason::Question),
            QuestionKind::Answer | QuestionKind::WrongContact => Some(HoldReason::Answer),
            QuestionKind::Bounce => Some(HoldReason::Bounce),
            QuestionKind::Refused => Some(HoldReason::Refused),
            QuestionKind::OverdueAtFirstSight => Some(HoldReason::OverdueAtFirstSight),
            QuestionKind::Rest => Some(HoldReason::Rest),
            QuestionKind::LostLetter => Some(HoldReason::Restored),
            QuestionKind::OpenItemLess | QuestionKind::OpenItemGone => Some(HoldReason::OpenItem),
            QuestionKind::UnmatchedPayment
            | QuestionKind::UnconfirmedPayment
            | QuestionKind::Reversal
            | QuestionKind::CreditNote => Some(HoldReason::UnclearPayment),
            QuestionKind::UnknownSend
            | QuestionKind::StatementGap
            | QuestionKind::Call
            | QuestionKind::Approval
            | QuestionKind::HandOver
            | QuestionKind::NoAddress
            | QuestionKind::Limitation
            | QuestionKind::Quarantine
            | QuestionKind::Correlation
            | QuestionKind::Strangers
            | QuestionKind::Burst
            | QuestionKind::CatchUp
            | QuestionKind::Clock
            | QuestionKind::Restored => None,
        }
    }
}
