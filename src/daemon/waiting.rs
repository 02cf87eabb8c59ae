//! Letters that wait in the outbox, and why: the reasons of the gate as things stand, what the mail server said, the
//! next try. For `plan`, `status` and the digest; changes nothing.

use super::house::House;
use super::world::Surroundings;
use crate::dunning::account::{Account, Letter};
use crate::dunning::gate::GateClosed;
use crate::dunning::ids::LetterId;
use crate::store::{OutboxRow, OutboxState, Purpose};
use anyhow::Result;
use chrono::NaiveDateTime;

/// A mail in the outbox that has not left.
pub struct Waiting {
    pub row: OutboxRow,
    /// To whom; `None` for a digest.
    pub letter: Option<(Account, Letter)>,
    /// What keeps it back; none = it leaves with the next turn, or at `next_try`.
    pub why: Vec<GateClosed>,
    /// In the administration's time zone.
    pub next_try: Option<NaiveDateTime>,
}

impl Waiting {
    /// What came of the last try: mostly the words of the server.
    pub fn last_reply(&self) -> Option<&str> {
        Some(self.row.note.as_str()).filter(|note| self.row.attempts > 0 && !note.is_empty())
    }

    /// It was tried in vain, or something keeps it back: not just on its way out.
    pub fn is_kept(&self) -> bool {
        self.row.attempts > 0 || !self.why.is_empty()
    }
}

impl House {
    /// Every mail that is to be sent, oldest first.
    pub fn waiting(&self, surroundings: &Surroundings) -> Result<Vec<Waiting>> {
        let rows = self.store.outbox_in(&[OutboxState::Ready])?;
        rows.into_iter().map(|row| self.waiting_row(row, surroundings)).collect()
    }

    fn waiting_row(&self, row: OutboxRow, surroundings: &Surroundings) -> Result<Waiting> {
        let mut letter = None;
        if let Some(debtor) = row.account.as_ref().filter(|_| row.purpose == Purpose::Letter) {
            let account = self.account(debtor)?;
            letter = account.letter(&LetterId::new(row.id.as_str())).cloned().map(|letter| (account, letter));
        }
        let reasons = |(account, letter): &(Account, Letter)| {
            surroundings.why_not(account, &letter.intended(), &self.config.policy)
        };
        let why = letter.as_ref().map(reasons).unwrap_or_default();
        let next_try = row.next_try.filter(|at| *at > self.now()).map(|at| self.local(at));
        Ok(Waiting { row, letter, why, next_try })
    }
}
