//! What the owner decided for one debtor on the command line. It goes before what the configuration says.

use super::debtor::Language;
use super::money::{Currency, Money};
use serde::{Deserialize, Serialize};
use std::fmt;

/// More grace than this is a slip of the pen.
pub const MOST_GRACE_DAYS: i64 = 365;

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

impl Instructions {
    /// What cannot be meant.
    pub fn fault(&self) -> Option<String> {
        let grace = self.grace_days.filter(|days| !(0..=MOST_GRACE_DAYS).contains(days));
        if let Some(days) = grace {
            return Some(format!("{days} days of grace: it must be 0 to {MOST_GRACE_DAYS}"));
        }
        let minimum = self.minimum.filter(|minimum| minimum.is_negative() || minimum.currency() != Currency::EUR);
        minimum.map(|minimum| format!("a minimum of {minimum:?}: it must be euros, zero or more"))
    }
}

/// In the words of the command that sets it: `ladder nl-business, grace 5`.
impl fmt::Display for Instructions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = [
            ("ladder", self.ladder.clone()),
            ("language", self.language.map(|language| language.code().to_owned())),
            ("email", self.email.clone()),
            ("contact", self.contact.clone()),
            ("grace", self.grace_days.map(|days| days.to_string())),
            ("minimum", self.minimum.map(|minimum| minimum.to_string())),
            ("never-dun", self.never_dun.map(|never| never.to_string())),
            ("claims", self.extras.map(|asked| asked.to_string())),
        ];
        let said: Vec<String> = said.into_iter().filter_map(|(key, value)| Some(format!("{key} {}", value?))).collect();
        f.write_str(if said.is_empty() { "as everybody" } else { "" })?;
        f.write_str(&said.join(", "))
    }
}
