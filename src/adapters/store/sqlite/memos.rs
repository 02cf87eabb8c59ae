//! The small memory of an administration, remembered: the gate asks the same dozen values for each letter.

use crate::store::Stored;
use std::collections::BTreeMap;

/// Values that are remembered; the gate asks for far fewer.
const MOST: usize = 64;

#[derive(Default)]
pub struct Memos {
    /// SQLite's number for what other connections have written.
    others: i64,
    values: BTreeMap<String, Option<String>>,
}

impl Memos {
    /// Nothing is remembered: something was undone.
    pub fn forget(&mut self) {
        self.values.clear();
    }

    /// This value was written, or was to be.
    pub fn changed(&mut self, key: &str) {
        self.values.remove(key);
    }

    /// What is remembered, unless another connection has written since; else what `read` gives.
    pub fn of(
        &mut self,
        key: &str,
        others: i64,
        read: impl FnOnce() -> Stored<Option<String>>,
    ) -> Stored<Option<String>> {
        if self.others != others || self.values.len() > MOST {
            self.forget();
            self.others = others;
        }
        if let Some(known) = self.values.get(key) {
            return Ok(known.clone());
        }
        let value = read()?;
        self.values.insert(key.to_owned(), value.clone());
        Ok(value)
    }
}
