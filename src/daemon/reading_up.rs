//! Whether everything that comes in was read to its end just now. After an interruption or a restored backup nothing goes on
//! before that.

use super::house::House;
use super::intake::FolderReport;
use crate::dunning::gate::MAILBOX_FRESH_MINUTES;
use crate::store::InputKind;
use anyhow::Result;
use chrono::TimeDelta;

/// Where the store keeps the moment at which an interruption ended.
pub const WOKE_AT: &str = "woke_at";
/// So long the digest waits for what came in meanwhile.
const READING_UP_MINUTES: i64 = 30;

impl House {
    /// A folder was looked at, and nothing in it is still being written.
    pub(super) fn folder_was_read(&mut self, kind: InputKind, report: &FolderReport) -> Result<()> {
        if report.trouble.is_some() || !report.waiting.is_empty() {
            return Ok(());
        }
        let now = self.now().to_rfc3339();
        self.set_memo(&format!("folder_read/{kind:?}"), &now)
    }

    /// Every folder was read to its end just now.
    pub(super) fn folders_are_read(&self) -> Result<bool> {
        let statements = self.config.statements.as_ref().map(|_| InputKind::Statement);
        for kind in std::iter::once(InputKind::Invoice).chain(statements) {
            let trouble = self.memo(&format!("folder_trouble/{kind:?}"))?.is_some();
            if trouble || !self.is_just_now(&format!("folder_read/{kind:?}"))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// After an interruption the digest waits for what came in meanwhile, which ends the catch-up; but not for long: a
    /// mailbox that is away is news too.
    pub(super) fn still_reads_up(&self) -> Result<bool> {
        if self.memo("catch_up_since")?.is_none() || self.everything_is_read()? {
            return Ok(false);
        }
        let patience = TimeDelta::minutes(READING_UP_MINUTES);
        Ok(self.moment(WOKE_AT)?.is_some_and(|at| self.now() < at + patience))
    }

    /// The mailbox and every folder were read to their end just now.
    pub(super) fn everything_is_read(&self) -> Result<bool> {
        Ok(self.is_just_now("mailbox_read_at")? && self.mails_in_mailbox()? == 0 && self.folders_are_read()?)
    }

    /// The moment kept under this key is as recent as the gate asks of the mailbox.
    fn is_just_now(&self, key: &str) -> Result<bool> {
        Ok(self.moment(key)?.is_some_and(|at| (self.now() - at).num_minutes().abs() <= MAILBOX_FRESH_MINUTES))
    }
}
