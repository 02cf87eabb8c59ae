//! Letters that were decided on and could not be made: a template that fails, a name of somebody else in the text. What
//! it was is kept by debtor until a letter to that debtor is made, or none is due any more; every round tries anew.

use super::house::House;
use super::last_look::Leak;
use crate::dunning::gate::GateClosed;
use crate::dunning::ids::DebtorId;
use crate::dunning::instalments::due_letters;
use anyhow::Result;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Where the store keeps it.
const MEMO: &str = "kept_back";

/// Why no letter to this debtor can be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptBack {
    /// The first day on which it was tried in vain.
    pub since: NaiveDate,
    /// It would have named somebody else, or gone to somebody else.
    pub leak: bool,
    /// In the owner's language.
    pub why: String,
}

impl KeptBack {
    /// The reason as the gate names it.
    pub fn gate(&self) -> GateClosed {
        let why = self.why.clone();
        if self.leak { GateClosed::Leak { why } } else { GateClosed::NotMade { why } }
    }
}

/// What one round came to.
#[derive(Default)]
pub(super) struct Round {
    made: BTreeSet<DebtorId>,
    failed: BTreeMap<DebtorId, KeptBack>,
}

impl Round {
    pub fn made(&mut self, debtor: DebtorId) {
        self.made.insert(debtor);
    }
}

impl House {
    pub fn kept_back(&self) -> Result<BTreeMap<DebtorId, KeptBack>> {
        let Some(text) = self.memo(MEMO)? else { return Ok(BTreeMap::new()) };
        Ok(serde_json::from_str(&text)?)
    }

    /// One account's letter could not be made: nothing of it was written, and the rest goes on. The log has no names.
    pub(super) fn keep_back(&self, round: &mut Round, debtor: &DebtorId, error: &anyhow::Error) {
        let leak = error.downcast_ref::<Leak>();
        match leak {
            Some(_) => tracing::error!(account = %debtor, "a letter is kept back: status and digest tell why"),
            None => tracing::error!(account = %debtor, "{error:#}"),
        }
        let why = leak.map_or_else(|| format!("{error:#}"), |leak| leak.wording(self.config.language));
        round.failed.insert(debtor.clone(), KeptBack { since: self.today(), leak: leak.is_some(), why });
    }

    /// Remembers what still keeps letters back after this round.
    pub(super) fn end_round(&mut self, round: Round) -> Result<()> {
        let before = self.kept_back()?;
        let mut after = BTreeMap::new();
        for (debtor, kept) in &before {
            if !round.made.contains(debtor) && self.something_is_due(debtor)? {
                after.insert(debtor.clone(), kept.clone());
            }
        }
        for (debtor, failed) in round.failed {
            let since = before.get(&debtor).map_or(failed.since, |known| known.since);
            after.insert(debtor, KeptBack { since, ..failed });
        }
        if after != before {
            let text = if after.is_empty() { String::new() } else { serde_json::to_string(&after)? };
            self.set_memo(MEMO, &text)?;
        }
        Ok(())
    }

    fn something_is_due(&self, debtor: &DebtorId) -> Result<bool> {
        Ok(!due_letters(&self.account(debtor)?, &self.config.policy, self.today()).is_empty())
    }
}
