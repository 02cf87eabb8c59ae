//! Facts: what happened, in the past tense. The journal is a list of them and the only truth; they bind us
//! for years, so they only ever gain fields.

use super::account::{
    Account, Announcement, Case, ClosedAs, Closing, Credit, Letter, LetterState, Payment, Promise, PromiseState,
};
use super::debtor::Debtor;
use super::hold::{Hold, HoldReason, Scope};
use super::ids::{CaseId, DebtorId, EvidenceId, InvoiceNumber, LetterId, QuestionId, StepId};
use super::instructions::Instructions;
use super::invoice::Invoice;
use super::money::{Extras, Money};
use super::moving::Moved;
use super::plan::{Plan, PlanState};
use super::question::{About, Question, QuestionKind};
use super::reach::AddressFailure;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A file that came with a mail; the mail itself is kept as evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    pub name: String,
    pub mime: String,
    pub size: u64,
    pub sha256: String,
}

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
    /// The owner settles this credit note elsewhere: it no longer counts against what is asked.
    CreditSetAside {
        credit: InvoiceNumber,
        by: String,
    },
    Held {
        hold: Hold,
    },
    HoldEnded {
        scope: Scope,
        reason: HoldReason,
        why: String,
        /// Only the hold of this cause; `None` = every one of this reason.
        #[serde(default)]
        source: Option<EvidenceId>,
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
    /// Its day passed, and less was paid than promised.
    PromisePartlyKept {
        date: NaiveDate,
        paid: Money,
    },
    PlanAgreed {
        plan: Plan,
    },
    InstalmentMissed {
        plan: u32,
        due: NaiveDate,
        on: NaiveDate,
    },
    /// A missed instalment was paid after all.
    PlanResumed {
        plan: u32,
    },
    PlanKept {
        plan: u32,
    },
    PlanEnded {
        plan: u32,
        why: String,
    },
    /// The debtor disputes this much of the case, and the owner goes on about the rest; `None` = nothing any more.
    DisputedPart {
        case: CaseId,
        amount: Option<Money>,
        by: String,
    },
    /// The owner decided how this debtor is treated.
    Instructed {
        instructions: Box<Instructions>,
        by: String,
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
    /// Part of a payment that nothing was open for went back to the debtor.
    Refunded {
        payment: EvidenceId,
        amount: Money,
        source: EvidenceId,
    },
    /// The principal was paid; this rest of interest and costs is let go.
    RestWaived {
        case: CaseId,
        amount: Money,
        why: String,
    },
    CaseClosed {
        case: CaseId,
        how: ClosedAs,
        on: NaiveDate,
        /// The owner wants thanks to be said, and nothing stands in the way by now.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        thanks: bool,
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
    /// A letter did not reach this address: for a reason that lasts, or for one that may pass.
    AddressFailed {
        address: String,
        on: NaiveDate,
        lasting: bool,
        why: String,
    },
    /// The owner says that this address may be written to again.
    AddressTrusted {
        address: String,
        on: NaiveDate,
    },
    /// A letter that the journal did not know had left on that day: a copy of it was found after a backup was restored, or
    /// the owner told of it.
    LetterFound {
        letter: Letter,
        on: NaiveDate,
        place: String,
        /// The owner told of it: the program that was used before had sent it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        told: bool,
    },
    /// A letter lost its effect in law: its term counts for nothing.
    TermVoided {
        letter: LetterId,
        why: String,
    },
    /// The owner was told that the claim will lapse on that day (verjaring).
    LimitationWarned {
        case: CaseId,
        last_day: NaiveDate,
        on: NaiveDate,
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
    /// Something more is known about what is asked; takes the place of an earlier note.
    QuestionNoted {
        question: QuestionId,
        note: String,
    },
    /// A mail was read; what it meant is in the facts beside this one.
    MailRead {
        source: EvidenceId,
        from: String,
        meaning: String,
        sentence: Option<String>,
        human: bool,
        why: String,
        /// What came with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<Attached>,
    },
    /// The owner wrote to this debtor by hand: our letters keep their distance from it as from each other.
    OwnerWrote {
        source: EvidenceId,
        to: String,
        subject: String,
        on: NaiveDate,
        cases: Vec<CaseId>,
        why: String,
    },
    Noted {
        text: String,
        by: String,
    },
    /// These cases are another debtor's from now on, with all that hangs on them.
    CasesLeft {
        cases: Vec<CaseId>,
        to: DebtorId,
        /// The two debtors are one: nothing stays here.
        merged: bool,
        by: String,
    },
    /// Cases that were another debtor's until now. The same commit has its `CasesLeft`.
    CasesCame {
        from: DebtorId,
        moved: Box<Moved>,
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
            Fact::CreditSetAside { credit, .. } => self.credits.retain(|known| known.number != *credit),
            Fact::Held { hold } => {
                self.holds.retain(|held| !hold.replaces(held));
                if hold.reason == HoldReason::UntrustedNotice
                    && let Scope::Case(case) = &hold.scope
                {
                    self.with_case(case, |case| case.untrusted_pause_used = true);
                }
                self.holds.push(hold.clone());
            }
            Fact::HoldEnded { scope, reason, source, .. } => {
                let is_meant = |held: &Hold| source.is_none() || held.source == *source;
                self.holds.retain(|held| (&held.scope, held.reason) != (scope, *reason) || !is_meant(held));
            }
            Fact::PromiseMade { promise } => {
                self.settle_promises(PromiseState::Replaced);
                self.promises.push(promise.clone());
            }
            Fact::PromiseKept { .. } => self.settle_promises(PromiseState::Kept),
            Fact::PromiseLifted { .. } => self.settle_promises(PromiseState::Replaced),
            Fact::PromiseBroken { .. } => self.settle_promises(PromiseState::Broken),
            Fact::PromisePartlyKept { paid, .. } => {
                let open = self.promises.iter_mut().filter(|promise| promise.state == PromiseState::Open);
                open.for_each(|promise| promise.paid = Some(*paid));
                self.settle_promises(PromiseState::PartlyKept);
            }
            Fact::PlanAgreed { plan } => {
                self.plans.iter_mut().filter(|p| p.is_living()).for_each(|p| p.state = PlanState::Ended);
                self.plans.push(plan.clone());
            }
            Fact::InstalmentMissed { plan, due, on } => self.set_plan(*plan, PlanState::Missed { due: *due, on: *on }),
            Fact::PlanResumed { plan } => self.set_plan(*plan, PlanState::Running),
            Fact::PlanKept { plan } => self.set_plan(*plan, PlanState::Kept),
            Fact::PlanEnded { plan, .. } => self.set_plan(*plan, PlanState::Ended),
            Fact::DisputedPart { case, amount, .. } => self.with_case(case, |case| case.disputed = *amount),
            Fact::Instructed { instructions, .. } => self.instructions = (**instructions).clone(),
            Fact::PaymentBooked { payment } => {
                for (case, principal, extras) in payment.by_case() {
                    self.with_case(&case, |case| {
                        case.paid = case.paid.checked_add(principal).unwrap_or(case.paid);
                        case.extras_paid = case.extras_paid.plus(extras);
                    });
                }
                self.payments.push(payment.clone());
            }
            Fact::Refunded { payment, amount, .. } => {
                self.payments.iter_mut().filter(|p| p.id == *payment).for_each(|p| {
                    p.refunded = p.refunded.map_or(Some(*amount), |before| before.checked_add(*amount));
                });
            }
            Fact::RestWaived { case, amount, .. } => self.with_case(case, |case| case.waived = Some(*amount)),
            Fact::PaymentConfirmed { payment, .. } => {
                self.payments.iter_mut().filter(|p| p.id == *payment).for_each(|p| p.confirmed = true);
            }
            Fact::PaymentReversed { payment, .. } => self.reverse(payment),
            Fact::CaseClosed { case, how, on, thanks } => {
                self.with_case(case, |case| case.closed = Some(Closing { how: *how, on: *on, thanks: *thanks }));
                self.holds.retain(|hold| hold.scope != Scope::Case(case.clone()));
            }
            Fact::CaseReopened { case, .. } => self.with_case(case, |case| {
                case.closed = None;
                case.waived = None;
            }),
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
                self.mark_covered(letter, left_on);
            }
            Fact::AddressFailed { address, on, lasting, .. } => {
                self.failures.push(AddressFailure { address: address.clone(), on: *on, lasting: *lasting });
            }
            Fact::AddressTrusted { address, .. } => self.trust_address(address),
            Fact::LetterFound { letter, on, .. } => {
                self.letters.retain(|other| other.id != letter.id);
                self.letters.push(Letter { state: LetterState::Sent(*on), ..letter.clone() });
                self.mark_covered(&letter.id, *on);
            }
            Fact::TermVoided { letter, why } => {
                self.letters.iter_mut().filter(|l| l.id == *letter).for_each(|l| l.void = Some(why.clone()));
            }
            Fact::LimitationWarned { case, on, .. } => self.limitation_warnings.push((case.clone(), *on)),
            Fact::Announced { steps } => self.announced.extend(steps.iter().cloned()),
            Fact::QuestionAsked { question } => {
                self.questions_asked += 1;
                self.questions.insert(question.id.clone(), question.clone());
            }
            Fact::QuestionAnswered { question, choice, .. } => {
                let answered = self.questions.remove(question);
                self.overrule_list(answered.as_ref(), choice);
            }
            Fact::QuestionNoted { question, note } => {
                if let Some(question) = self.questions.get_mut(question) {
                    question.note = Some(note.clone());
                }
            }
            Fact::MailRead { from, human, .. } => {
                if *human && !from.is_empty() {
                    self.addresses.insert(from.to_lowercase());
                }
            }
            Fact::OwnerWrote { on, .. } => self.owner_wrote = self.owner_wrote.max(Some(*on)),
            Fact::Noted { .. } => {}
            Fact::CasesLeft { cases, to, merged, .. } => self.give(cases, to, *merged),
            Fact::CasesCame { moved, .. } => self.absorb(moved),
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
            extras_paid: Extras::default(),
            waived: None,
            disputed: None,
            overruled: None,
        };
        self.cases.insert(id.clone(), case);
    }

    /// The owner goes on although a list says otherwise.
    fn overrule_list(&mut self, answered: Option<&Question>, choice: &str) {
        let Some(Question { about: About::OpenItem(listed), case: Some(case), kind, .. }) = answered else { return };
        if *kind == QuestionKind::OpenItemLess && matches!(choice, "not-paid" | "resumed") {
            self.with_case(case, |case| case.overruled = Some(*listed));
        }
    }

    fn with_case(&mut self, id: &CaseId, change: impl FnOnce(&mut Case)) {
        if let Some(case) = self.cases.get_mut(id) {
            change(case);
        }
    }

    fn settle_promises(&mut self, state: PromiseState) {
        self.promises.iter_mut().filter(|promise| promise.state == PromiseState::Open).for_each(|p| p.state = state);
    }

    /// All of it, also where it was booked in parts.
    fn reverse(&mut self, id: &EvidenceId) {
        let (gone, left) = std::mem::take(&mut self.payments).into_iter().partition(|payment| payment.id == *id);
        let gone: Vec<Payment> = gone;
        self.payments = left;
        for (case, principal, extras) in gone.iter().flat_map(Payment::by_case) {
            self.with_case(&case, |case| {
                case.paid = case.paid.checked_sub(principal).unwrap_or(case.paid);
                case.extras_paid = case.extras_paid.minus(extras);
            });
        }
    }

    fn set_plan(&mut self, number: u32, state: PlanState) {
        self.plans.iter_mut().filter(|plan| plan.number == number).for_each(|plan| plan.state = state.clone());
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
            let broken = self.promises.iter_mut().filter(|promise| promise.state.is_unmentioned_breach());
            broken.for_each(|promise| promise.state = PromiseState::Mentioned);
        }
    }
}
