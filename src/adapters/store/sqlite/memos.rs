//! The small memory of an administration, remembered: the gate asks the same dozen values for each letter.

use crate::store::Stored;
use std::collections::BTreeMap;

/// Values that are remembered; the gate asks for far fewer.
const MOST: usize = 64;

#[derive(Default)]
pub struct Memos {
    values: BTreeMap<String, Option<String>>,
}

impl Memos {
    /// Nothing is remembered: something was undone, or others have written.
    pub fn forget(&mut self) {
        self.values.clear();
    }

    /// This value was written, or was to be.
    pub fn changed(&mut self, key: &str) {
        self.values.remove(key);
    }

    /// What is remembered, else what `read` gives.
    pub fn of(&mut self, key: &str, read: impl FnOnce() -> Stored<Option<String>>) -> Stored<Option<String>> {
        if self.values.len() > MOST {
            self.forget();
        }
        if let Some(known) = self.values.get(key) {
            return Ok(known.clone());
        }
        let value = read()?;
        self.values.insert(key.to_owned(), value.clone());
        Ok(value)
    }
}
