//! What the owner decided beforehand: ladders, days, modes, limits. Checked by `config`, read by `decide`.

use super::account::Account;
use super::calendar::SendingDays;
use super::debtor::{DebtorKind, Language};
use super::ids::{DebtorId, StepId};
use super::money::Money;
use std::collections::BTreeMap;

/// The policy of one administration.
#[derive(Clone, Debug)]
pub struct Policy {
    pub mode: Mode,
    /// For letters from the formal notice on.
    pub formal_mode: FormalMode,
    pub ladders: BTreeMap<DebtorKind, Ladder>,
    pub sending: SendingDays,
    /// Least number of days between two letters to one debtor.
    pub min_gap_days: i64,
    pub overdue_at_first_sight: FirstSight,
    pub freshness: Freshness,
    /// Banking days after a promised date before the promise counts as broken.
    pub promise_grace_days: u32,
    /// Days that a part payment pauses its case.
    pub part_payment_pause_days: i64,
    /// Largest amount that one authenticated notice may close; zero = never.
    pub notice_close_max: Money,
    /// Days from the invoice date to the due date when the invoice names none.
    pub default_term_days: i64,
    /// Language of letters when the debtor's is not known.
    pub language: Language,
    pub overrides: BTreeMap<DebtorId, Override>,
}

/// What the owner decided for one debtor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Override {
    pub never_dun: bool,
    pub language: Option<Language>,
    pub kind: Option<DebtorKind>,
    pub email: Option<String>,
    pub contact: Option<String>,
    pub name: Option<String>,
    pub ladder: Option<Ladder>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Observe,
    Approve,
    Auto,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormalMode {
    Approve,
    Auto,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstSight {
    Ask,
    Open,
    Ignore,
}

/// What must be recent before a formal letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    Statements,
    Notices,
    None,
}

/// The ordered steps of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    pub name: String,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub id: StepId,
    pub kind: StepKind,
    /// Days from the due date on which the step becomes due; negative = before.
    pub days: i64,
    /// Least number of days after the previous letter was really sent.
    pub after: i64,
    /// Days that the letter gives to pay.
    pub deadline_days: Option<i64>,
    /// Template of a letter; the step's id unless said otherwise.
    pub template: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    Letter,
    /// A task for the owner; unanswered it does not stop the ladder.
    Call,
    /// A letter with its own switch: approval, announcement, fresh bank data.
    Formal,
    /// The end: a human decides about an agency or a lawyer.
    Human,
}

impl StepKind {
    pub fn is_letter(self) -> bool {
        matches!(self, StepKind::Letter | StepKind::Formal)
    }
}

impl Step {
    pub fn is_formal(&self) -> bool {
        self.kind == StepKind::Formal
    }

    /// A friendly note before the due date.
    pub fn is_pre_due(&self) -> bool {
        self.kind == StepKind::Letter && self.days < 0
    }
}

impl Policy {
    /// The debtor's kind, with the owner's override; unknown counts as consumer.
    pub fn kind(&self, account: &Account) -> DebtorKind {
        let own = self.overrides.get(&account.id).and_then(|o| o.kind);
        own.or_else(|| account.debtor.as_ref().map(|debtor| debtor.kind)).unwrap_or(DebtorKind::Consumer)
    }

    pub fn ladder(&self, account: &Account) -> Option<&Ladder> {
        let own = self.overrides.get(&account.id).and_then(|o| o.ladder.as_ref());
        own.or_else(|| self.ladders.get(&self.kind(account)))
    }

    pub fn step(&self, account: &Account, id: &StepId) -> Option<&Step> {
        self.ladder(account)?.steps.iter().find(|step| step.id == *id)
    }

    /// Where letters go: exactly one address.
    pub fn address(&self, account: &Account) -> Option<String> {
        let own = self.overrides.get(&account.id).and_then(|o| o.email.clone());
        own.or_else(|| account.debtor.as_ref()?.email.clone()).filter(|address| address.contains('@'))
    }

    pub fn language(&self, account: &Account) -> Language {
        let own = self.overrides.get(&account.id).and_then(|o| o.language);
        own.or_else(|| account.debtor.as_ref()?.language).unwrap_or(self.language)
    }
}
