//! Statements that a bank's mail brings along: believed as far as its sender is.

use super::super::house::House;
use crate::bank::statement;
use crate::mail::reading::Reading;
use crate::paper::{Paper, PaperKind, Unread};
use crate::store::{Disposition, InputRow};
use anyhow::Result;

impl House {
    /// Applies all the statements attached to an authenticated mail, or none; `None` when it carries none.
    pub(super) fn apply_attached(&mut self, row: &InputRow, reading: &Reading) -> Result<Option<Disposition>> {
        let files = reading.message.attachments.iter().filter(|file| statement::looks_like_one(&file.bytes));
        let unread: Vec<Unread<'_>> =
            files.map(|file| Unread { kind: PaperKind::Statement, name: "", bytes: &file.bytes }).collect();
        if unread.is_empty() {
            return Ok(None);
        }
        // Only an authenticated bank comes so far: that the store is locked meanwhile is rare.
        let papers = self.parser.parse(&unread)?;
        let all = papers.into_iter().map(Paper::into_statements).collect::<Result<Vec<_>, _>>();
        self.apply_statements(row, all.map(|statements| statements.into_iter().flatten().collect())).map(Some)
    }
}
