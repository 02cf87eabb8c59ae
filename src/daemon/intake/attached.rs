//! Statements that a bank's mail brings along: believed as far as its sender is.

use super::super::house::House;
use crate::bank::statement;
use crate::mail::reading::Reading;
use crate::store::{Disposition, InputRow};
use anyhow::Result;

impl House {
    /// Applies all the statements attached to an authenticated mail, or none; `None` when it carries none.
    pub(super) fn apply_attached(&mut self, row: &InputRow, reading: &Reading) -> Result<Option<Disposition>> {
        let files = reading.message.attachments.iter().filter(|file| statement::looks_like_one(&file.bytes));
        let read: Vec<_> = files.map(|file| statement::read(&file.bytes)).collect();
        if read.is_empty() {
            return Ok(None);
        }
        let all = read.into_iter().collect::<Result<Vec<_>, _>>();
        self.apply_statements(row, all.map(|statements| statements.into_iter().flatten().collect())).map(Some)
    }
}
