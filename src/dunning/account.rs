//! The account: all cases, payments, promises and holds of one debtor. The unit of decision.
//! A projection: it changes only by [`Account::apply`], so replaying the journal rebuilds it.

use super::debtor::Debtor;
use super::evidence::Evidence;
use super::hold::{Hold, HoldReason, Scope};
use super::ids::{CaseId, DebtorId, EvidenceId, InvoiceNumber, LetterId, QuestionId, StepId};
use super::instructions::Instructions;
use super::invoice::Invoice;
use super::money::{Currency, Extras, Money};
use super::plan::Plan;
use super::policy::{LegalStep, Step};
use super::question::Question;
use super::reach::AddressFailure;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub id: DebtorId,
    /// `None` for the administration's own account, and before the first invoice.
    pub debtor: Option<Debtor>,
    pub cases: BTreeMap<CaseId, Case>,
    pub holds: Vec<Hold>,
    /// Open questions only.
    pub questions: BTreeMap<QuestionId, Question>,
    /// How many were ever asked: the next one's number.
    pub questions_asked: u32,
    pub letters: Vec<Letter>,
    pub payments: Vec<Payment>,
    pub promises: Vec<Promise>,
    /// Credit notes whose invoice is not known (yet).
    pub credits: Vec<Credit>,
    /// Addresses that a human of this debtor wrote from.
    pub addresses: BTreeSet<String>,
    /// Formal steps that a digest listed, with the day of that digest.
    pub announced: Vec<Announcement>,
    /// Letters that the owner approved and that have not been requested yet.
    pub approved: Vec<Vec<(CaseId, StepId)>>,
    /// Agreed instalments, the latest last.
    #[serde(default)]
    pub plans: Vec<Plan>,
    /// What the owner decided for this debtor on the command line.
    #[serde(default)]
    pub instructions: Instructions,
    /// Cases whose limitation the owner was warned of, with the day of the warning.
    #[serde(default)]
    pub limitation_warnings: Vec<(CaseId, NaiveDate)>,
    /// What came back from which address, the latest last.
    #[serde(default)]
    pub failures: Vec<AddressFailure>,
    /// When the owner last wrote by hand.
    #[serde(default)]
    pub owner_wrote: Option<NaiveDate>,
    /// The debtor that it was made one with: all it had is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<DebtorId>,
    /// Debtors that were made one with this.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub formerly: BTreeSet<DebtorId>,
}

/// The chasing of one invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub id: CaseId,
    pub invoice: Invoice,
    /// Where it came from: the file's path, and its bytes.
    pub file: String,
    pub source: EvidenceId,
    /// The invoice's due date, or the policy's when it names none.
    pub due_date: NaiveDate,
    pub opened_on: NaiveDate,
    pub closed: Option<Closing>,
    pub paid: Money,
    pub credited: Money,
    /// Steps done or skipped, with the day.
    pub steps: Vec<(StepId, NaiveDate)>,
    /// An untrusted notice may pause a case once.
    pub untrusted_pause_used: bool,
    /// Interest and costs that payments covered; `paid` is what they covered of the principal.
    #[serde(default)]
    pub extras_paid: Extras,
    /// What was let go when the principal had been paid.
    #[serde(default)]
    pub waived: Option<Money>,
    /// The part that the debtor disputes and that is not asked; `None` = the owner named no part.
    #[serde(default)]
    pub disputed: Option<Money>,
    /// What a list of open items said was open, and the owner said was wrong: it is not asked again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overruled: Option<Money>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    pub how: ClosedAs,
    pub on: NaiveDate,
    /// Thanks may follow: see [`super::thanks`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub thanks: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosedAs {
    Paid,
    Credited,
    WrittenOff,
    HandedOver,
    /// Overdue at first sight, and the owner (or the policy) said to leave it alone.
    Ignored,
}

impl ClosedAs {
    /// Closed because nothing was open any more.
    pub fn is_settled(self) -> bool {
        matches!(self, ClosedAs::Paid | ClosedAs::Credited)
    }

    pub fn code(self) -> &'static str {
        match self {
            ClosedAs::Paid => "paid",
            ClosedAs::Credited => "credited",
            ClosedAs::WrittenOff => "written_off",
            ClosedAs::HandedOver => "handed_over",
            ClosedAs::Ignored => "ignored",
        }
    }
}

/// One outgoing mail to the debtor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    pub id: LetterId,
    /// The steps that it takes; each (case, step) is covered by at most one letter, for ever.
    pub covers: Vec<(CaseId, StepId)>,
    /// Every case in its table with the amount asked.
    pub amounts: Vec<(CaseId, Money)>,
    pub template: String,
    pub formal: bool,
    pub deadline: Option<NaiveDate>,
    pub recipient: String,
    pub requested_on: NaiveDate,
    /// The broken promise that it mentions.
    #[serde(default)]
    pub broken_promise: Option<NaiveDate>,
    /// Interest up to its day and costs that it asks beside `amounts`.
    #[serde(default)]
    pub extras: Vec<(CaseId, Extras)>,
    /// Costs of the cases in its table that had been paid when it was made: what it asks comes on top of them.
    #[serde(default)]
    pub costs_paid: Vec<(CaseId, Money)>,
    /// Costs that become due when its term passes unpaid.
    #[serde(default)]
    pub announced_costs: Vec<(CaseId, Money)>,
    /// What it is in law.
    #[serde(default)]
    pub law: Option<LegalStep>,
    /// Why it lost its effect in law.
    #[serde(default)]
    pub void: Option<String>,
    pub state: LetterState,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterState {
    /// In the outbox.
    Requested,
    Sent(NaiveDate),
    /// Nobody knows: counts as sent until the owner says otherwise.
    Unknown(NaiveDate),
    /// Surely not sent, and will not be.
    Withdrawn,
    Rejected(NaiveDate),
    /// Sent, but it did not arrive.
    Bounced(NaiveDate),
}

/// Money that came in for this debtor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Key of the statement line or notice.
    pub id: EvidenceId,
    pub amount: Money,
    pub booked: NaiveDate,
    pub source: PaymentSource,
    #[serde(default)]
    pub payer: Option<String>,
    #[serde(default)]
    pub iban: Option<String>,
    #[serde(default)]
    pub text: String,
    /// How it was spread over cases.
    #[serde(default)]
    pub allocations: Vec<(CaseId, Money)>,
    /// What of the allocations went to costs and interest (art. 6:44 BW).
    #[serde(default)]
    pub extras: Vec<(CaseId, Extras)>,
    /// What of it was given back.
    #[serde(default)]
    pub refunded: Option<Money>,
    /// What of it another debtor's account knows, since cases moved there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<Money>,
    /// A notice that a statement has shown since.
    #[serde(default)]
    pub confirmed: bool,
    /// Why it was placed here.
    #[serde(default)]
    pub why: String,
    /// What it rests on; `None` in journals that do not tell: see [`Payment::evidence`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentSource {
    Statement,
    /// An authenticated bank mail (E1).
    Notice,
    Owner,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    pub date: NaiveDate,
    pub made_on: NaiveDate,
    #[serde(default)]
    pub amount: Option<String>,
    /// Named cases; empty = all.
    #[serde(default)]
    pub cases: Vec<CaseId>,
    /// Who promised: an address, or who noted it.
    #[serde(default)]
    pub by: Option<String>,
    /// The sentence that proves it.
    #[serde(default)]
    pub evidence: Option<String>,
    /// What was paid when its day had passed.
    #[serde(default)]
    pub paid: Option<Money>,
    pub state: PromiseState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromiseState {
    Open,
    Kept,
    /// Something was paid, but not all that was promised.
    PartlyKept,
    Broken,
    /// Broken or partly kept, and a letter said so.
    Mentioned,
    /// Replaced by a later promise, or lifted by the owner.
    Replaced,
}

impl PromiseState {
    /// Not (wholly) kept, whether or not a letter said so.
    pub fn is_breach(self) -> bool {
        match self {
            PromiseState::Broken | PromiseState::PartlyKept | PromiseState::Mentioned => true,
            PromiseState::Open | PromiseState::Kept | PromiseState::Replaced => false,
        }
    }

    /// Not (wholly) kept, and no letter has said so yet.
    pub fn is_unmentioned_breach(self) -> bool {
        matches!(self, PromiseState::Broken | PromiseState::PartlyKept)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    pub number: InvoiceNumber,
    pub corrects: Option<InvoiceNumber>,
    pub amount: Money,
    pub source: EvidenceId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    pub case: CaseId,
    pub step: StepId,
    pub on: NaiveDate,
}

impl Account {
    pub fn new(id: DebtorId) -> Account {
        Account {
            id,
            debtor: None,
            cases: BTreeMap::new(),
            holds: Vec::new(),
            questions: BTreeMap::new(),
            questions_asked: 0,
            letters: Vec::new(),
            payments: Vec::new(),
            promises: Vec::new(),
            credits: Vec::new(),
            addresses: BTreeSet::new(),
            announced: Vec::new(),
            approved: Vec::new(),
            plans: Vec::new(),
            instructions: Instructions::default(),
            limitation_warnings: Vec::new(),
            failures: Vec::new(),
            owner_wrote: None,
            merged_into: None,
            formerly: BTreeSet::new(),
        }
    }

    pub fn open_cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.values().filter(|case| case.is_open())
    }

    /// The strongest hold on a case.
    pub fn hold_on(&self, case: &CaseId) -> Option<&Hold> {
        self.holds.iter().filter(|hold| hold.covers(case)).min_by_key(|hold| hold.reason)
    }

    pub fn has_hold(&self, scope: &Scope, reason: HoldReason) -> bool {
        self.holds.iter().any(|hold| hold.scope == *scope && hold.reason == reason)
    }

    pub fn letter(&self, id: &LetterId) -> Option<&Letter> {
        self.letters.iter().find(|letter| letter.id == *id)
    }

    /// The letter that is on its way or of unknown fate: no other may be requested meanwhile. One of thanks keeps none back.
    pub fn letter_underway(&self) -> Option<&Letter> {
        self.demanding().find(|letter| letter.is_underway())
    }

    /// The last letter that left (or may have left), with its day. A bounced one left too: gaps count from it. One of thanks
    /// puts no other off.
    pub fn last_sent(&self) -> Option<(&Letter, NaiveDate)> {
        self.demanding().filter_map(|letter| Some((letter, letter.left_on()?))).max_by_key(|(_, on)| *on)
    }

    /// The day on which a letter last left (or may have left), of whatever kind.
    pub fn last_left(&self) -> Option<NaiveDate> {
        self.letters.iter().filter_map(Letter::left_on).max()
    }

    fn demanding(&self) -> impl Iterator<Item = &Letter> {
        self.letters.iter().filter(|letter| !letter.is_thanks())
    }

    /// The id that the next question gets.
    pub fn next_question_id(&self) -> QuestionId {
        let number = self.questions_asked + 1;
        if self.id.is_administration() {
            QuestionId::new(format!("Q{number}"))
        } else {
            QuestionId::new(format!("Q{number}-{}", self.id))
        }
    }

    /// IBANs that this debtor paid from before: a hint for matching, never proof.
    pub fn known_ibans(&self) -> Vec<String> {
        let ibans: BTreeSet<String> = self.payments.iter().filter_map(|payment| payment.iban.clone()).collect();
        ibans.into_iter().collect()
    }

    /// Mail addresses that belong to this debtor.
    pub fn mail_addresses(&self) -> Vec<String> {
        let written_to = self.letters.iter().map(|letter| letter.recipient.to_lowercase());
        let own = self.debtor.iter().filter_map(|debtor| debtor.email.as_ref()).map(|email| email.to_lowercase());
        let said = self.instructions.email.iter().map(|email| email.to_lowercase());
        let all: BTreeSet<String> = self.addresses.iter().cloned().chain(written_to).chain(own).chain(said).collect();
        all.into_iter().collect()
    }

    /// The latest broken promise that no letter has mentioned.
    pub fn unmentioned_broken_promise(&self) -> Option<&Promise> {
        self.promises.iter().rfind(|promise| promise.state.is_unmentioned_breach())
    }

    /// Money of this debtor that nothing was open for, and that was not given back.
    pub fn unallocated(&self, currency: Currency) -> Money {
        let ids: BTreeSet<&EvidenceId> = self.payments.iter().map(|payment| &payment.id).collect();
        let left = ids.into_iter().map(|id| self.unallocated_of(id, currency));
        Money::sum(left, currency).unwrap_or(Money::zero(currency))
    }

    /// What is left of one payment, which may have been booked in parts.
    pub fn unallocated_of(&self, id: &EvidenceId, currency: Currency) -> Money {
        let booked =
            || self.payments.iter().filter(|payment| payment.id == *id && payment.amount.currency() == currency);
        let used = booked().flat_map(|payment| payment.allocations.iter().map(|(_, part)| *part));
        let gone = used.chain(booked().flat_map(|payment| [payment.refunded, payment.elsewhere]).flatten());
        let came = booked().map(|payment| payment.amount).max_by_key(Money::minor);
        let left = came.and_then(|came| gone.into_iter().try_fold(came, Money::checked_sub));
        left.filter(Money::is_positive).unwrap_or(Money::zero(currency))
    }

    /// What is open in one currency, not counting credit notes without an invoice.
    pub fn open_total(&self, currency: Currency) -> Money {
        let amounts = self.open_cases().map(Case::open).filter(|money| money.currency() == currency);
        Money::sum(amounts, currency).unwrap_or(Money::zero(currency))
    }
}

impl Case {
    pub fn is_open(&self) -> bool {
        self.closed.is_none()
    }

    /// As much came in as the invoice asks, whatever part of it went to interest and costs.
    pub fn has_paid_invoice(&self) -> bool {
        let settled = self.paid.checked_add(self.credited);
        let all = settled.map(|settled| {
            if self.extras_paid.is_zero() { Some(settled) } else { settled.checked_add(self.extras_paid.total()) }
        });
        all.flatten().is_some_and(|all| all.minor() >= self.invoice.payable.minor())
    }

    /// What is still to be paid of the principal; never negative.
    pub fn open(&self) -> Money {
        let payable = self.invoice.payable;
        let settled = self.paid.checked_add(self.credited);
        let open = settled.and_then(|settled| payable.checked_sub(settled)).unwrap_or(payable);
        if open.is_negative() { Money::zero(payable.currency()) } else { open }
    }

    /// What letters ask of the principal: what is open, less the part that is disputed. What is paid counts first
    /// toward the part that is not.
    pub fn asked(&self) -> Money {
        let open = self.open();
        let asked = self.disputed.and_then(|disputed| open.checked_sub(disputed)).unwrap_or(open);
        if asked.is_negative() { Money::zero(open.currency()) } else { asked }
    }

    /// All that is open is disputed: there is nothing to ask until the owner says who is right.
    pub fn only_disputed_is_left(&self) -> bool {
        self.is_open() && self.disputed.is_some() && self.open().is_positive() && !self.asked().is_positive()
    }

    pub fn number(&self) -> &InvoiceNumber {
        &self.invoice.number
    }

    /// The last step taken.
    pub fn last_step(&self) -> Option<&(StepId, NaiveDate)> {
        self.steps.last()
    }

    /// The step was taken, in whichever round.
    pub fn has_taken(&self, step: &Step) -> bool {
        self.steps.iter().any(|(done, _)| done.of_ladder() == step.id.as_str())
    }

    pub fn has_done(&self, step: &StepId) -> bool {
        self.steps.iter().any(|(done, _)| done == step)
    }
}

impl Payment {
    /// What it rests on; where the journal does not tell, what its source tells.
    pub fn evidence(&self) -> Evidence {
        self.evidence.unwrap_or(match self.source {
            PaymentSource::Statement => Evidence::FiledStatement,
            PaymentSource::Notice => Evidence::Notice,
            PaymentSource::Owner => Evidence::OwnerHost,
        })
    }

    /// What each case got of it: principal, and interest and costs apart.
    pub fn by_case(&self) -> Vec<(CaseId, Money, Extras)> {
        let extras_of =
            |id: &CaseId| self.extras.iter().find(|(case, _)| case == id).map(|(_, e)| *e).unwrap_or_default();
        self.allocations
            .iter()
            .map(|(case, amount)| {
                let extras = extras_of(case);
                let principal =
                    if extras.is_zero() { *amount } else { amount.checked_sub(extras.total()).unwrap_or(*amount) };
                (case.clone(), principal, extras)
            })
            .collect()
    }
}

impl Letter {
    /// The day on which it left, or may have left.
    pub fn left_on(&self) -> Option<NaiveDate> {
        match self.state {
            LetterState::Sent(on) | LetterState::Unknown(on) | LetterState::Bounced(on) => Some(on),
            LetterState::Requested | LetterState::Withdrawn | LetterState::Rejected(_) => None,
        }
    }

    /// On its way, or of unknown fate.
    pub fn is_underway(&self) -> bool {
        matches!(self.state, LetterState::Requested | LetterState::Unknown(_))
    }

    pub fn lists(&self, case: &CaseId) -> bool {
        self.amounts.iter().any(|(listed, _)| listed == case)
    }
}
