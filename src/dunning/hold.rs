//! Holds: why a case or a whole debtor is paused, since when, until when.

use super::ids::{CaseId, EvidenceId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A pause. A hold without an end waits for the owner or for data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub scope: Scope,
    pub reason: HoldReason,
    pub since: NaiveDate,
    /// The last day of the hold, included.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// The cases that the cause named; empty = it named none.
    #[serde(default)]
    pub cases: Vec<CaseId>,
    /// The sentence, line or rule that proves it.
    #[serde(default)]
    pub evidence: Option<String>,
    /// The mail, file or statement line it comes from.
    #[serde(default)]
    pub source: Option<EvidenceId>,
    /// For a claim of payment: the day on which the debtor says to have paid.
    #[serde(default)]
    pub claimed_day: Option<NaiveDate>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    Debtor,
    Case(CaseId),
}

/// In order of strength: with several reasons the first is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    Insolvency,
    Dispute,
    Bounce,
    Plan,
    PaidClaim,
    UnclearPayment,
    Promise,
    /// A list of open items says that less is open, or has the invoice no more.
    OpenItem,
    /// The invoice was paid, interest or costs were not: the owner says whether they are let go.
    Rest,
    Question,
    Answer,
    /// A server refused a letter. Not the owner's own hold: the answer to the one does not lift the other.
    Refused,
    Manual,
    PartPayment,
    /// A bank's mail that could not be authenticated: at most seven days, once per case.
    UntrustedNotice,
    OverdueAtFirstSight,
    /// The database was restored from a backup, and nobody knows whether a letter left since it was taken.
    Restored,
}

impl HoldReason {
    /// Each cause holds in its own right: an unclear payment is not settled by placing another one, nor a dispute by
    /// answering an older one. Holds of the other reasons replace each other.
    pub fn counts_each_cause(self) -> bool {
        match self {
            HoldReason::Insolvency
            | HoldReason::Dispute
            | HoldReason::Plan
            | HoldReason::PaidClaim
            | HoldReason::UnclearPayment
            | HoldReason::Question
            | HoldReason::Answer => true,
            HoldReason::Bounce
            | HoldReason::Promise
            | HoldReason::OpenItem
            | HoldReason::Rest
            | HoldReason::Refused
            | HoldReason::Manual
            | HoldReason::PartPayment
            | HoldReason::UntrustedNotice
            | HoldReason::OverdueAtFirstSight
            | HoldReason::Restored => false,
        }
    }

    pub fn code(self) -> &'static str {
        match self {
            HoldReason::Insolvency => "insolvency",
            HoldReason::Dispute => "dispute",
            HoldReason::Bounce => "bounce",
            HoldReason::Plan => "plan",
            HoldReason::PaidClaim => "paid_claim",
            HoldReason::UnclearPayment => "unclear_payment",
            HoldReason::Promise => "promise",
            HoldReason::OpenItem => "open_item",
            HoldReason::Rest => "rest",
            HoldReason::Question => "question",
            HoldReason::Answer => "answer",
            HoldReason::Refused => "refused",
            HoldReason::Manual => "manual",
            HoldReason::PartPayment => "part_payment",
            HoldReason::UntrustedNotice => "untrusted_notice",
            HoldReason::OverdueAtFirstSight => "overdue_at_first_sight",
            HoldReason::Restored => "restored",
        }
    }
}

impl Hold {
    pub fn covers(&self, case: &CaseId) -> bool {
        match &self.scope {
            Scope::Debtor => true,
            Scope::Case(own) => own == case,
        }
    }

    /// Whether this hold takes the place of the other.
    pub fn replaces(&self, other: &Hold) -> bool {
        let same_cause = !self.reason.counts_each_cause() || self.source == other.source;
        self.scope == other.scope && self.reason == other.reason && same_cause
    }

    pub fn is_over(&self, today: NaiveDate) -> bool {
        self.until.is_some_and(|until| today > until)
    }
}
