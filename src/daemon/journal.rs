//! Reading the journal: page by page, and only what is new. How far it was read is told by a row with its hash: that row
//! may have been rolled back since, and another one stand in its place.

use super::house::House;
use crate::dunning::ids::DebtorId;
use crate::store::JournalRow;
use anyhow::Result;

/// Rows read in one go.
const PAGE: usize = 1000;

/// A row of the journal, and its hash.
pub(super) type RowMark = (i64, [u8; 32]);

impl House {
    /// The rows after this one in order, of one account or of all. Ends with a fault of the store.
    pub fn journal_after<'a>(
        &'a self,
        account: Option<&'a DebtorId>,
        after: i64,
    ) -> impl Iterator<Item = Result<JournalRow>> + 'a {
        // `None`: nothing follows this page.
        let (mut page, mut next) = (Vec::new().into_iter(), Some(after));
        std::iter::from_fn(move || {
            if page.len() == 0
                && let Some(after) = next.take()
            {
                let rows = match self.store.journal(account, after, PAGE) {
                    Ok(rows) => rows,
                    Err(fault) => return Some(Err(fault.into())),
                };
                next = rows.last().filter(|_| rows.len() == PAGE).map(|row| row.seq);
                page = rows.into_iter();
            }
            page.next().map(Ok)
        })
    }

    /// The rows after this very row; `None` when it is no longer there.
    pub(super) fn journal_since(
        &self,
        (seq, hash): RowMark,
    ) -> Result<Option<impl Iterator<Item = Result<JournalRow>> + '_>> {
        let mut rows = self.journal_after(None, seq - 1);
        let is_there = rows.next().transpose()?.is_some_and(|row| row.seq == seq && row.hash == hash);
        Ok(is_there.then_some(rows))
    }

    /// Whether this very row is still there.
    pub(super) fn is_in_journal(&self, (seq, hash): RowMark) -> Result<bool> {
        Ok(self.store.journal(None, seq - 1, 1)?.first().is_some_and(|row| row.seq == seq && row.hash == hash))
    }

    /// The last row; `None` when nothing was written yet.
    pub(super) fn journal_end(&self) -> Result<Option<JournalRow>> {
        let last = self.last_seq()?;
        Ok(self.store.journal(None, last - 1, 1)?.pop())
    }
}
