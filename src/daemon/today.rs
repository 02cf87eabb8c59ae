//! What is due now: every account with something open hears that it is this day, unless it is known that nothing follows.

use super::asleep::Asleep;
use super::house::House;
use super::kept_back::Round;
use crate::dunning::account::Account;
use crate::dunning::decide::decide;
use crate::dunning::fact::Fact;
use crate::dunning::ids::DebtorId;
use crate::dunning::input::Input;
use crate::dunning::question::{About, QuestionKind};
use crate::dunning::thanks::are_awaited;
use crate::dunning::world::Stop;
use crate::failpoints::reach;
use anyhow::Result;
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// The mean of this many days tells what is usual.
const USUAL_DAYS: i64 = 30;

/// Under this key it is kept whom thanks may follow for.
const THANKS_AWAITED: &str = "thanks_awaited";

type Decided = (Account, u64, Vec<Fact>);

impl House {
    /// Decides for every account that has something open and for which a day may bring anything. More letters at once than is
    /// usual stop all of them until the owner says that it is right (reliability rule R12); where it is the thanks that make them
    /// many, only these.
    pub fn day(&mut self) -> Result<usize> {
        // On a day that cannot be no promise is broken either.
        if self.clock_cannot_be() {
            return Ok(0);
        }
        self.ask_about_same_debtors()?;
        self.transact(|house| {
            let surroundings = house.surroundings()?;
            let (ids, mut asleep) = house.accounts_to_wake()?;
            let mut decided = house.decide_all(&ids, &surroundings, Some(&mut asleep))?;
            let due = letters_in(&decided);
            let limit = house.burst_limit()?;
            if limit > 0 && due > limit && house.memo("burst_allowed_on")? != Some(house.today().to_string()) {
                house.ask_burst(due, limit)?;
                if due - thanks_in(&decided) > limit {
                    decided = house.decide_all(&ids, &surroundings.stopped(Stop::Burst { due, limit }), None)?;
                } else {
                    decided.iter_mut().for_each(|(_, _, facts)| facts.retain(|fact| !requests_thanks(fact)));
                }
            }
            reach("day.decided")?;
            let mut round = Round::default();
            for decided in decided {
                house.commit_day(decided, &mut round)?;
            }
            house.end_round(round)?;
            house.forget_late_thanks()?;
            house.asleep = asleep;
            Ok(due)
        })
    }

    /// What was decided of one account. A letter that cannot be made keeps nothing else from being written.
    fn commit_day(&mut self, (account, version, facts): Decided, round: &mut Round) -> Result<()> {
        let id = account.id.clone();
        let is_letter = |fact: &Fact| fact.effect().is_some();
        match self.attempt(|house| house.commit(account.clone(), version, &facts, "day")) {
            Ok(()) if facts.iter().any(is_letter) => round.made(id),
            Ok(()) => {}
            Err(error) if super::intake::is_store_trouble(&error) => return Err(error),
            Err(error) => {
                self.keep_back(round, &id, &error);
                let rest: Vec<Fact> = facts.into_iter().filter(|fact| !is_letter(fact)).collect();
                self.attempt(|house| house.commit(account, version, &rest, "day"))?;
            }
        }
        Ok(())
    }

    /// What there is to decide; `asleep` learns when each of these accounts is to be asked again.
    fn decide_all(
        &self,
        ids: &BTreeSet<DebtorId>,
        surroundings: &super::world::Surroundings,
        mut asleep: Option<&mut Asleep>,
    ) -> Result<Vec<Decided>> {
        let today = self.today();
        let mut decided = Vec::new();
        for id in ids {
            let (account, version) = self.load(id)?;
            let input = Input::Day(surroundings.of(&account));
            let facts = decide(&account, &input, &self.config.policy, today);
            if let Some(asleep) = &mut asleep {
                asleep.put(id.clone(), if facts.is_empty() { self.wakes_on(&account) } else { today });
            }
            if !facts.is_empty() {
                decided.push((account, version, facts));
            }
        }
        Ok(decided)
    }

    /// Accounts whose notices a statement must still confirm, also when all their cases are closed.
    pub(super) fn notices_to_confirm(&self) -> Result<BTreeSet<DebtorId>> {
        Ok(self.memo("notices_to_confirm")?.unwrap_or_default().lines().map(DebtorId::new).collect())
    }

    /// Accounts of which a case was paid and may be thanked for, also when nothing of them is open.
    pub(super) fn thanks_awaited(&self) -> Result<BTreeSet<DebtorId>> {
        Ok(self.memo(THANKS_AWAITED)?.unwrap_or_default().lines().map(DebtorId::new).collect())
    }

    /// Remembers whether thanks may follow for this account, as it was just written.
    pub(super) fn note_thanks(&mut self, account: &Account) -> Result<()> {
        let awaited = are_awaited(account, &self.config.policy, self.today());
        let mut known = self.thanks_awaited()?;
        let changed = if awaited { known.insert(account.id.clone()) } else { known.remove(&account.id) };
        if !changed {
            return Ok(());
        }
        let lines: Vec<&str> = known.iter().map(DebtorId::as_str).collect();
        self.set_memo(THANKS_AWAITED, &lines.join("\n"))
    }

    /// Forgets those for whom it has become too late.
    fn forget_late_thanks(&mut self) -> Result<()> {
        for id in self.thanks_awaited()? {
            let account = self.account(&id)?;
            self.note_thanks(&account)?;
        }
        Ok(())
    }

    fn burst_limit(&self) -> Result<usize> {
        let burst = self.config.pace.burst as usize;
        let month = self.store.sent_since(self.now() - TimeDelta::days(USUAL_DAYS))? as usize;
        Ok(if burst == 0 { 0 } else { burst.max(3 * month / USUAL_DAYS as usize) })
    }

    fn ask_burst(&mut self, due: usize, limit: usize) -> Result<()> {
        let about = About::Day(self.today());
        self.ask_owner(QuestionKind::Burst, &format!("{due} > {limit}"), about, Vec::new(), "day")
    }

    /// Remembers that a statement must still show what a notice told this account.
    pub(super) fn await_confirmation(&mut self, id: &DebtorId) -> Result<()> {
        let known = self.memo("notices_to_confirm")?.unwrap_or_default();
        if known.lines().any(|line| line == id.as_str()) {
            return Ok(());
        }
        self.set_memo("notices_to_confirm", format!("{known}\n{id}").trim())
    }
}

fn thanks_in(decided: &[Decided]) -> usize {
    decided.iter().flat_map(|(_, _, facts)| facts).filter(|fact| requests_thanks(fact)).count()
}

fn requests_thanks(fact: &Fact) -> bool {
    matches!(fact, Fact::LetterRequested { letter } if letter.is_thanks())
}

fn letters_in(decided: &[Decided]) -> usize {
    decided.iter().flat_map(|(_, _, facts)| facts).filter(|fact| fact.effect().is_some()).count()
}
