//! How many letters were accepted since an instant: counted once, then kept up to date, because the gate asks it for each
//! letter and a day may have thousands.

use crate::store::Stored;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// Instants that are remembered: midnight, an hour ago; far fewer than this.
const MOST: usize = 16;

#[derive(Default)]
pub struct Sent {
    since: BTreeMap<DateTime<Utc>, u64>,
}

impl Sent {
    /// Nothing is remembered: something was undone, or others have written.
    pub fn forget(&mut self) {
        self.since.clear();
    }

    /// A letter became one that was accepted at this instant.
    pub fn one_more(&mut self, sent_at: DateTime<Utc>) {
        self.since.range_mut(..=sent_at).for_each(|(_, count)| *count += 1);
    }

    /// What is remembered, else what `count` gives.
    pub fn since(&mut self, at: DateTime<Utc>, count: impl FnOnce() -> Stored<u64>) -> Stored<u64> {
        if self.since.len() > MOST {
            self.forget();
        }
        match self.since.get(&at) {
            Some(known) => Ok(*known),
            None => {
                let counted = count()?;
                self.since.insert(at, counted);
                Ok(counted)
            }
        }
    }
}
