//! A plan (betalingsregeling): instalments that were agreed for some cases.

use super::ids::CaseId;
use super::money::Money;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The first plan of a debtor is 1.
    pub number: u32,
    pub cases: Vec<CaseId>,
    /// In the order of their days.
    pub instalments: Vec<Instalment>,
    pub agreed_on: NaiveDate,
    /// Banking days after an instalment's day before it counts as missed.
    pub grace_days: u32,
    /// It was agreed that the whole becomes due when an instalment is missed and not paid after a letter.
    pub whole_becomes_due: bool,
    /// What proves it: the mail or the owner's words.
    #[serde(default)]
    pub evidence: Option<String>,
    pub state: PlanState,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instalment {
    /// The last day on which it may be paid.
    pub due: NaiveDate,
    pub amount: Money,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    Running,
    /// The instalment of that day did not come; `on` is the day on which that was seen.
    Missed {
        due: NaiveDate,
        on: NaiveDate,
    },
    Kept,
    /// Replaced, ended by the owner, or the whole became due.
    Ended,
}

impl Plan {
    pub fn is_living(&self) -> bool {
        matches!(self.state, PlanState::Running | PlanState::Missed { .. })
    }
}
