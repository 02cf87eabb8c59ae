//! Two debtors become one, and one becomes two: both accounts are decided on and written in one commit, so that a case is
//! never in both or in none. What comes later for a debtor that was merged is the other's.

use super::house::House;
use crate::dunning::account::Account;
use crate::dunning::decide::decide;
use crate::dunning::ids::{CaseId, DebtorId, LetterId};
use crate::dunning::input::{Input, Share};
use crate::failpoints::reach;
use crate::store::OutboxRow;
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;

/// Merged debtors lead to one another at most so often.
const MOST_MERGES: usize = 1000;

impl House {
    /// Who this debtor is by now: the one that it was made one with, else itself.
    pub fn living(&self, id: &DebtorId) -> Result<DebtorId> {
        let mut id = id.clone();
        for _ in 0..MOST_MERGES {
            match self.load_as_stored(&id)?.0.merged_into {
                Some(next) => id = next,
                None => return Ok(id),
            }
        }
        anyhow::bail!("BUG: the debtor {id} was merged in a circle")
    }

    /// Whose letter this is by now: of its debtor, and of those to whom cases of it went since.
    pub(super) fn whose_letter(&self, row: Option<OutboxRow>) -> Result<Vec<DebtorId>> {
        let Some((row, first)) = row.and_then(|row| Some((row.clone(), row.account?))) else { return Ok(Vec::new()) };
        let first = self.living(&first)?;
        let mut debtors = BTreeSet::from([first.clone()]);
        for (case, _) in &row.covers {
            debtors.extend(self.store.case(case)?.map(|(_, debtor)| debtor));
        }
        if debtors.len() > 1 && !self.has_of_letter(&first, &row.id)? {
            debtors.remove(&first);
        }
        Ok(debtors.into_iter().collect())
    }

    /// A case that the letter asks is still this debtor's.
    fn has_of_letter(&self, debtor: &DebtorId, letter: &str) -> Result<bool> {
        let account = self.account(debtor)?;
        let letter = account.letter(&LetterId::new(letter));
        Ok(letter.is_some_and(|letter| letter.amounts.iter().any(|(case, _)| account.cases.contains_key(case))))
    }

    /// All that `other` has is `debtor`'s from now on, and what comes for it later too. False when they are one already.
    ///
    /// # Errors
    /// When something is under way that must end first; nothing has changed then.
    pub fn merge(&mut self, debtor: &DebtorId, other: &DebtorId, by: &str) -> Result<bool> {
        self.transact(|house| {
            let (debtor, other) = (house.living(debtor)?, house.living(other)?);
            if debtor == other {
                return Ok(false);
            }
            house.account_as_stored(&debtor)?.may_receive()?;
            house.account_as_stored(&other)?.may_merge()?;
            house.carry(&other, &debtor, &Share::All, by)?;
            Ok(true)
        })
    }

    /// These cases of `debtor` are `to`'s from now on, who may be new, or may once have been merged.
    ///
    /// # Errors
    /// When something is under way that must end first; nothing has changed then.
    pub fn split(&mut self, debtor: &DebtorId, cases: &[CaseId], to: &DebtorId, by: &str) -> Result<()> {
        self.transact(|house| {
            let debtor = house.living(debtor)?;
            ensure!(debtor != *to, "the cases are of {to} already");
            let account = house.account_as_stored(&debtor)?;
            account.may_split(cases)?;
            house.account_as_stored(to)?.may_receive()?;
            house.carry(&debtor, to, &Share::Cases(cases.to_vec()), by)
        })
    }

    /// A debtor id under which nobody is known yet: the one that the invoices of these cases name, else this one counted on.
    pub fn id_for_split(&self, account: &Account, cases: &[CaseId]) -> Result<DebtorId> {
        let named = cases.iter().filter_map(|case| account.cases.get(case)).map(|case| &case.invoice.debtor.id);
        let mut named: Vec<&DebtorId> = named.collect();
        named.dedup();
        let is_nobody = |id: &DebtorId| Ok::<_, anyhow::Error>(self.account_as_stored(id)?.debtor.is_none());
        if let [one] = named.as_slice()
            && **one != account.id
            && is_nobody(one)?
        {
            return Ok((*one).clone());
        }
        for number in 2..=u32::MAX {
            let id = DebtorId::new(format!("{}-{number}", account.id));
            if self.store.account(&id)?.is_none() {
                return Ok(id);
            }
        }
        anyhow::bail!("BUG: no debtor id is free")
    }

    fn carry(&mut self, from: &DebtorId, to: &DebtorId, share: &Share, by: &str) -> Result<()> {
        self.nothing_is_being_sent(&[from, to])?;
        let (giver, giver_version) = self.load_as_stored(from)?;
        let (taker, taker_version) = self.load_as_stored(to)?;
        let (policy, today) = (&self.config.policy, self.today());
        let go = Input::CasesGo { share: share.clone(), to: to.clone(), by: by.to_owned() };
        let come = Input::CasesCome { from: Box::new(giver.clone()), share: share.clone(), by: by.to_owned() };
        let (went, came) = (decide(&giver, &go, policy, today), decide(&taker, &come, policy, today));
        self.commit(giver, giver_version, &went, by)?;
        reach("cases.left")?;
        self.commit(taker, taker_version, &came, by)?;
        reach("cases.came")
    }

    /// A letter that a server may accept at any moment is waited for.
    fn nothing_is_being_sent(&self, debtors: &[&DebtorId]) -> Result<()> {
        for account in self.store.outbox_under_way()?.into_iter().filter_map(|mail| mail.account) {
            let living = self.living(&account).context("whose letter is being sent")?;
            ensure!(!debtors.contains(&&living), "a letter to {living} is being sent: try again in a minute");
        }
        Ok(())
    }
}
