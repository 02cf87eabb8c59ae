//! What the owner decided for one debtor on the command line. It goes before what the configuration says.

use super::debtor::Language;
use super::money::Money;
use serde::{Deserialize, Serialize};

/// `None` = nothing was said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Instructions {
    pub never_dun: Option<bool>,
    /// Name of a ladder.
    pub ladder: Option<String>,
    pub language: Option<Language>,
    pub email: Option<String>,
    pub contact: Option<String>,
    /// Days that every step comes later.
    pub grace_days: Option<i64>,
    /// No letter asks less than this in total.
    pub minimum: Option<Money>,
    /// Interest and costs are asked.
    pub extras: Option<bool>,
}
