//! Which accounts a turn of the calendar has to ask: those whose day has come, and those that something touched, as the
//! journal tells. The rest is asleep (`dunning/wake.rs`). Kept in memory only: after a start, a clock that goes back or a
//! journal that is not the one that was read, everybody is asked once. The policy never changes in the life of a house.

use super::house::House;
use super::journal::RowMark;
use crate::dunning::account::Account;
use crate::dunning::decide::decide;
use crate::dunning::ids::DebtorId;
use crate::dunning::input::Input;
use crate::dunning::wake::wakes_on;
use anyhow::Result;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// Who wakes when. An account may stand here more than once; the earliest day counts.
#[derive(Default)]
pub(super) struct Asleep {
    calendar: BTreeSet<(NaiveDate, DebtorId)>,
    known: Option<Known>,
}

/// How far the journal was read, and on which day.
struct Known {
    day: NaiveDate,
    /// `None` = it was empty.
    last: Option<RowMark>,
}

impl Asleep {
    /// What is known of this account as it is now: when it wakes.
    pub fn put(&mut self, id: DebtorId, wakes_on: NaiveDate) {
        self.calendar.insert((wakes_on, id));
    }

    fn due(&self, today: NaiveDate) -> impl Iterator<Item = &DebtorId> {
        self.calendar.iter().take_while(move |(day, _)| *day <= today).map(|(_, id)| id)
    }

    fn drop_due(&mut self, today: NaiveDate) {
        while self.calendar.first().is_some_and(|(day, _)| *day <= today) {
            self.calendar.pop_first();
        }
    }
}

impl House {
    /// The accounts to ask on this turn, with what is remembered of the others. Where the turn fails the memory is lost, and the
    /// next one asks everybody.
    pub(super) fn accounts_to_wake(&mut self) -> Result<(BTreeSet<DebtorId>, Asleep)> {
        let mut asleep = std::mem::take(&mut self.asleep);
        let (mut ids, last) = match self.awake(&asleep)? {
            Some(awake) => awake,
            None => {
                asleep = Asleep::default();
                let end = self.journal_end()?.map(|row| (row.seq, row.hash));
                (self.store.account_ids_with_open_cases()?.into_iter().collect(), end)
            }
        };
        ids.extend(self.notices_to_confirm()?);
        ids.extend(self.thanks_awaited()?);
        asleep.drop_due(self.today());
        asleep.known = Some(Known { day: self.today(), last });
        Ok((ids, asleep))
    }

    /// Accounts with something open that are not asleep, and where the journal ends; `None` when that is not known.
    fn awake(&self, asleep: &Asleep) -> Result<Option<(BTreeSet<DebtorId>, Option<RowMark>)>> {
        let Some(known) = &asleep.known else { return Ok(None) };
        let is_there = known.last.map_or(Ok(true), |last| self.is_in_journal(last))?;
        if self.today() < known.day || !is_there {
            return Ok(None);
        }
        let mut ids: BTreeSet<DebtorId> = asleep.due(self.today()).cloned().collect();
        let mut end = known.last;
        for row in self.journal_after(None, end.map_or(0, |(seq, _)| seq)) {
            let row = row?;
            end = Some((row.seq, row.hash));
            ids.insert(row.account);
        }
        let mut open = BTreeSet::new();
        for id in ids {
            if !id.is_administration() && self.account(&id)?.open_cases().next().is_some() {
                open.insert(id);
            }
        }
        Ok(Some((open, end)))
    }

    /// When this account is to be asked again, of which nothing was decided now.
    pub(super) fn wakes_on(&self, account: &Account) -> NaiveDate {
        wakes_on(account, &self.config.policy, self.today())
    }

    /// For tests: accounts that are taken to be asleep, and of which something would be decided now. There is none.
    pub fn overslept(&self) -> Result<Vec<DebtorId>> {
        let Some((awake, _)) = self.awake(&self.asleep)? else { return Ok(Vec::new()) };
        let (surroundings, mut notices) = (self.surroundings()?, self.notices_to_confirm()?);
        notices.extend(self.thanks_awaited()?);
        let is_asked = |id: &DebtorId| awake.contains(id) || notices.contains(id);
        let mut overslept = Vec::new();
        for id in self.store.account_ids_with_open_cases()?.into_iter().filter(|id| !is_asked(id)) {
            let account = self.account(&id)?;
            let input = Input::Day(surroundings.of(&account));
            if !decide(&account, &input, &self.config.policy, self.today()).is_empty() {
                overslept.push(id);
            }
        }
        Ok(overslept)
    }

    /// How many accounts the next turn asks; `None` when all of them.
    pub fn awake_now(&self) -> Result<Option<usize>> {
        Ok(self.awake(&self.asleep)?.map(|(ids, _)| ids.len()))
    }
}
