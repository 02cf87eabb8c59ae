//! Facts: what happened, in the past tense. The journal is a list of them and the only truth; they bind us
//! for years, so they only ever gain fields.

use super::account::{
    Account, Announcement, Case, ClosedAs, Closing, Credit, Letter, LetterState, Payment, Promise, PromiseState,
};
use super::debtor::Debtor;
use super::hold::{Hold, HoldReason, Scope};
use super::ids::{CaseId, EvidenceId, InvoiceNumber, LetterId, QuestionId, StepId};
use super::invoice::Invoice;
use super::money::Money;
use super::question::Question;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    DebtorDescribed {
        debtor: Debtor,
    },
    InvoiceOpened {
        case: CaseId,
        invoice: Box<Invoice>,
        due_date: NaiveDate,
        file: String,
        source: EvidenceId,
        on: NaiveDate,
    },
    /// The owner took a changed file in the place of the first one.
    InvoiceReplaced {
        case: CaseId,
        invoice: Box<Invoice>,
        due_date: NaiveDate,
        file: String,
        source: EvidenceId,
    },
    CreditNoted {
        credit: Credit,
    },
    Credited {
        case: CaseId,
        by: InvoiceNumber,
        amount: Money,
    },
    Held {
        hold: Hold,
    },
    /// `source` = only the hold that this mail, file or line caused; none = every hold of this scope and reason.
    HoldEnded {
        scope: Scope,
        reason: HoldReason,
        #[serde(default)]
        source: Option<EvidenceId>,
        why: String,
    },
    PromiseMade {
        promise: Promise,
    },
    PromiseKept {
        date: NaiveDate,
    },
    PromiseBroken {
        date: NaiveDate,
    },
    PromiseLifted {
        date: NaiveDate,
    },
    PaymentBooked {
        payment: Payment,
    },
    PaymentConfirmed {
        payment: EvidenceId,
        by: EvidenceId,
    },
    PaymentReversed {
        payment: EvidenceId,
        why: String,
    },
    CaseClosed {
        case: CaseId,
        how: ClosedAs,
        on: NaiveDate,
    },
    CaseReopened {
        case: CaseId,
        why: String,
    },
    StepDone {
        case: CaseId,
        step: StepId,
        on: NaiveDate,
        why: String,
    },
    LetterApproved {
        covers: Vec<(CaseId, StepId)>,
        by: String,
    },
    /// An approval that was given is taken back, before its letter was requested.
    ApprovalWithdrawn {
        covers: Vec<(CaseId, StepId)>,
        by: String,
    },
    LetterRequested {
        letter: Letter,
    },
    LetterSent {
        letter: LetterId,
        on: NaiveDate,
        reply: String,
    },
    LetterRejected {
        letter: LetterId,
        on: NaiveDate,
        why: String,
    },
    LetterUnknown {
        letter: LetterId,
        on: NaiveDate,
        why: String,
    },
    LetterWithdrawn {
        letter: LetterId,
        why: String,
    },
    LetterBounced {
        letter: LetterId,
        on: NaiveDate,
        why: String,
    },
    /// Formal steps that the digest of that day listed.
    Announced {
        steps: Vec<Announcement>,
    },
    QuestionAsked {
        question: Question,
    },
    QuestionAnswered {
        question: QuestionId,
        choice: String,
        by: String,
    },
    /// A mail was read; what it meant is in the facts beside this one.
    MailRead {
        source: EvidenceId,
        from: String,
        meaning: String,
        sentence: Option<String>,
        human: bool,
        why: String,
    },
    Noted {
        text: String,
        by: String,
    },
}

/// What a fact makes the shell do. Derived, never stored: a replay does nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    Send(LetterId),
}

impl Fact {
    pub fn effect(&self) -> Option<Effect> {
        match self {
            Fact::LetterRequested { letter } => Some(Effect::Send(letter.id.clone())),
            _ => None,
        }
    }
}

impl Account {
    /// Takes a fact in. Total: a fact about a case that is not there changes nothing.
    pub fn apply(&mut self, fact: &Fact) {
        match fact {
            Fact::DebtorDescribed { debtor } => self.debtor = Some(debtor.clone()),
            Fact::InvoiceOpened { case, invoice, due_date, file, source, on } => {
                self.open_case(case, invoice, *due_date, file, source, *on);
            }
            Fact::InvoiceReplaced { case, invoice, due_date, file, source } => {
                self.with_case(case, |case| {
                    case.invoice = (**invoice).clone();
                    case.due_date = *due_date;
                    case.file = file.clone();
                    case.source = source.clone();
                });
            }
            Fact::CreditNoted { credit } => self.credits.push(credit.clone()),
            Fact::Credited { case, by, amount } => {
                self.credits.retain(|credit| credit.number != *by);
                self.with_case(case, |case| {
                    case.credited = case.credited.checked_add(*amount).unwrap_or(case.credited)
                });
            }
            Fact::Held { hold } => {
                self.holds.retain(|held| !held.is_twin_of(hold));
                if hold.reason == HoldReason::UntrustedNotice
                    && let Scope::Case(case) = &hold.scope
                {
                    self.with_case(case, |case| case.untrusted_pause_used = true);
                }
                self.holds.push(hold.clone());
            }
            Fact::HoldEnded { scope, reason, source, .. } => {
                let is_named = |held: &Hold| held.scope == *scope && held.reason == *reason;
                self.holds.retain(|held| !(is_named(held) && (source.is_none() || held.source == *source)));
            }
            Fact::PromiseMade { promise } => {
                self.settle_promises(PromiseState::Replaced);
                self.promises.push(promise.clone());
            }
            Fact::PromiseKept { .. } => self.settle_promises(PromiseState::Kept),
            Fact::PromiseLifted { .. } => self.settle_promises(PromiseState::Replaced),
            Fact::PromiseBroken { .. } => self.settle_promises(PromiseState::Broken),
            Fact::PaymentBooked { payment } => {
                for (case, amount) in &payment.allocations {
                    self.with_case(case, |case| case.paid = case.paid.checked_add(*amount).unwrap_or(case.paid));
                }
                self.payments.push(payment.clone());
            }
            Fact::PaymentConfirmed { payment, .. } => {
                self.payments.iter_mut().filter(|p| p.id == *payment).for_each(|p| p.confirmed = true);
            }
            Fact::PaymentReversed { payment, .. } => self.reverse(payment),
            Fact::CaseClosed { case, how, on } => {
                self.with_case(case, |case| case.closed = Some(Closing { how: *how, on: *on }));
                self.holds.retain(|hold| hold.scope != Scope::Case(case.clone()));
            }
            Fact::CaseReopened { case, .. } => self.with_case(case, |case| case.closed = None),
            Fact::StepDone { case, step, on, .. } => self.mark_step(case, step, *on),
            Fact::LetterApproved { covers, .. } => self.approved.push(covers.clone()),
            Fact::ApprovalWithdrawn { covers, .. } => self.approved.retain(|approved| approved != covers),
            Fact::LetterRequested { letter } => {
                self.approved.retain(|covers| *covers != letter.covers);
                self.letters.retain(|other| other.id != letter.id);
                self.letters.push(letter.clone());
            }
            Fact::LetterSent { letter, on, .. } => {
                self.set_letter(letter, LetterState::Sent(*on));
                self.mark_covered(letter, *on);
            }
            Fact::LetterRejected { letter, on, .. } => self.set_letter(letter, LetterState::Rejected(*on)),
            Fact::LetterUnknown { letter, on, .. } => self.set_letter(letter, LetterState::Unknown(*on)),
            Fact::LetterWithdrawn { letter, .. } => self.set_letter(letter, LetterState::Withdrawn),
            Fact::LetterBounced { letter, on, .. } => {
                let left_on = self.letter(letter).and_then(Letter::left_on).unwrap_or(*on);
                self.set_letter(letter, LetterState::Bounced(left_on));
            }
            Fact::Announced { steps } => self.announced.extend(steps.iter().cloned()),
            Fact::QuestionAsked { question } => {
                self.questions_asked += 1;
                self.questions.insert(question.id.clone(), question.clone());
            }
            Fact::QuestionAnswered { question, .. } => {
                self.questions.remove(question);
            }
            Fact::MailRead { from, human, .. } => {
                if *human && !from.is_empty() {
                    self.addresses.insert(from.to_lowercase());
                }
            }
            Fact::Noted { .. } => {}
        }
    }

    fn open_case(
        &mut self,
        id: &CaseId,
        invoice: &Invoice,
        due_date: NaiveDate,
        file: &str,
        source: &EvidenceId,
        on: NaiveDate,
    ) {
        let nothing = Money::zero(invoice.payable.currency());
        let case = Case {
            id: id.clone(),
            invoice: invoice.clone(),
            file: file.to_owned(),
            source: source.clone(),
            due_date,
            opened_on: on,
            closed: None,
            paid: nothing,
            credited: nothing,
            steps: Vec::new(),
            untrusted_pause_used: false,
        };
        self.cases.insert(id.clone(), case);
    }

    fn with_case(&mut self, id: &CaseId, change: impl FnOnce(&mut Case)) {
        if let Some(case) = self.cases.get_mut(id) {
            change(case);
        }
    }

    fn settle_promises(&mut self, state: PromiseState) {
        self.promises.iter_mut().filter(|promise| promise.state == PromiseState::Open).for_each(|p| p.state = state);
    }

    fn reverse(&mut self, id: &EvidenceId) {
        let Some(at) = self.payments.iter().position(|payment| payment.id == *id) else { return };
        let payment = self.payments.remove(at);
        for (case, amount) in &payment.allocations {
            self.with_case(case, |case| case.paid = case.paid.checked_sub(*amount).unwrap_or(case.paid));
        }
    }

    fn mark_step(&mut self, case: &CaseId, step: &StepId, on: NaiveDate) {
        self.with_case(case, |case| {
            if !case.has_done(step) {
                case.steps.push((step.clone(), on));
            }
        });
    }

    fn set_letter(&mut self, id: &LetterId, state: LetterState) {
        self.letters.iter_mut().filter(|letter| letter.id == *id).for_each(|letter| letter.state = state.clone());
    }

    fn mark_covered(&mut self, id: &LetterId, on: NaiveDate) {
        let Some(letter) = self.letter(id).cloned() else { return };
        for (case, step) in &letter.covers {
            self.mark_step(case, step, on);
        }
        if letter.broken_promise.is_some() {
            let broken = self.promises.iter_mut().filter(|promise| promise.state == PromiseState::Broken);
            broken.for_each(|promise| promise.state = PromiseState::Mentioned);
        }
    }
}
