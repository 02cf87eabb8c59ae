//! Load, decide, commit: the only way in which an account changes. The outbox mirrors the facts in the same commit.

use super::asked::changed_rows;
use super::house::{House, case_state};
use crate::dunning::account::Account;
use crate::dunning::decide::decide;
use crate::dunning::fact::{Effect, Fact};
use crate::dunning::ids::{CaseId, DebtorId, LetterId, QuestionId, StepId};
use crate::dunning::input::Input;
use crate::dunning::question::Question;
use crate::failpoints::reach;
use crate::store::{AccountWrite, CaseRow, JournalRow, NewRow, OutboxState};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The shape of facts in the journal; raised when a fact's meaning changes.
const FACT_VERSION: u64 = 1;

impl House {
    /// Decides on one input and commits what follows. `cause` names the file, mail, statement line or person.
    pub fn step(&mut self, id: &DebtorId, input: &Input, cause: &str) -> Result<Vec<Fact>> {
        let (account, version) = self.load_for(id, input)?;
        let facts = decide(&account, input, &self.config.policy, self.today());
        self.commit(account, version, &facts, cause)?;
        Ok(facts)
    }

    /// Writes facts that were decided on `account` at `version`.
    pub(super) fn commit(&mut self, mut account: Account, version: u64, facts: &[Fact], cause: &str) -> Result<()> {
        if facts.is_empty() {
            return Ok(());
        }
        let asked = account.questions.clone();
        facts.iter().for_each(|fact| account.apply(fact));
        let (on, at) = (self.today(), self.now());
        let rows: Vec<NewRow> = facts
            .iter()
            .map(|fact| {
                Ok(NewRow { account: account.id.clone(), on, at, cause: cause.to_owned(), fact: to_journal(fact)? })
            })
            .collect::<Result<_>>()?;
        reach("step.decided")?;
        self.transact(|house| {
            house.store.append(&rows)?;
            reach("step.journaled")?;
            let written = account_write(&account, version, &asked)?;
            house.store.write_account(&written)?;
            reach("step.written")?;
            facts.iter().try_for_each(|fact| house.mirror(&account, fact))?;
            if house.config.policy.thanks {
                house.note_thanks(&account)?;
            }
            house.has_read(written.state, Arc::new(without_what_lies_beside(account)));
            reach("step.mirrored")
        })
    }

    /// The outbox follows the facts.
    fn mirror(&mut self, account: &Account, fact: &Fact) -> Result<()> {
        match fact.effect() {
            Some(Effect::Send(letter)) => {
                let covers = account.letter(&letter).map(|letter| letter.covers.clone()).unwrap_or_default();
                self.free_what_was_rejected(&covers, "the owner let it go again")?;
                return self.put_letter(account, &letter);
            }
            None => {}
        }
        use OutboxState::{Bounced, DotIntent, Ready, Rejected, Sending, Sent, Unknown, Withdrawn};
        match fact {
            Fact::LetterSent { letter, reply, .. } => self.note_sent(letter, reply),
            Fact::LetterUnknown { letter, why, .. } => self.move_letter(letter, &[DotIntent], Unknown, why),
            Fact::LetterRejected { letter, why, .. } => self.move_letter(letter, &[Sending, DotIntent], Rejected, why),
            Fact::LetterWithdrawn { letter, why } => {
                self.move_letter(letter, &[Ready, Sending, Unknown], Withdrawn, why)
            }
            Fact::LetterBounced { letter, why, .. } => self.move_letter(letter, &[Sent, Unknown], Bounced, why),
            _ => Ok(()),
        }
    }

    /// Letters that a server refused, and that cover one of these steps, are let go: the steps become free.
    pub(super) fn free_what_was_rejected(&mut self, covers: &[(CaseId, StepId)], why: &str) -> Result<()> {
        for row in self.store.outbox_in(&[OutboxState::Rejected])? {
            // Its case may have been another debtor's when it was made.
            if row.covers.iter().any(|cover| covers.contains(cover)) {
                let at = self.now();
                self.store.move_outbox(&row.id, OutboxState::Rejected, OutboxState::Withdrawn, why, at, None)?;
            }
        }
        Ok(())
    }

    fn note_sent(&mut self, letter: &LetterId, reply: &str) -> Result<()> {
        use OutboxState::{DotIntent, Ready, Sent, Unknown, Withdrawn};
        let Some(row) = self.store.outbox(letter.as_str())? else { return Ok(()) };
        let (to, note) = match row.state {
            DotIntent | Unknown => (Sent, reply.to_owned()),
            // It went in an earlier life, as a copy of it proves.
            Ready => (Withdrawn, format!("it had been sent: {reply}")),
            _ => return Ok(()),
        };
        let at = self.now();
        self.store.move_outbox(&row.id, row.state, to, &note, at, None)?;
        Ok(())
    }

    fn move_letter(&mut self, letter: &LetterId, from: &[OutboxState], to: OutboxState, note: &str) -> Result<()> {
        let Some(row) = self.store.outbox(letter.as_str())? else { return Ok(()) };
        if from.contains(&row.state) {
            let at = self.now();
            self.store.move_outbox(letter.as_str(), row.state, to, note, at, None)?;
        }
        Ok(())
    }

    /// Replays the journal of every account and compares it with what is stored; each difference is a line.
    pub fn self_check(&self) -> Result<Vec<String>> {
        let mut findings = Vec::new();
        // What is stored is read, not remembered.
        self.forget_read();
        for id in self.store.account_ids()? {
            let stored = self.account_as_stored(&id)?;
            if self.replay(&id, |_| true)? != stored {
                findings.push(format!("the account of {id} differs from its journal"));
            }
        }
        Ok(findings)
    }

    /// The account as the journal tells it, up to where `until` says no.
    pub fn replay(&self, id: &DebtorId, until: impl Fn(&JournalRow) -> bool) -> Result<Account> {
        let mut account = Account::new(id.clone());
        for row in self.journal_after(Some(id), 0) {
            let row = row?;
            if !until(&row) {
                break;
            }
            account.apply(&fact_of(&row)?);
        }
        Ok(account)
    }
}

/// `{"v":1,"fact":"case_closed",…}`
fn to_journal(fact: &Fact) -> Result<String> {
    let fact = serde_json::to_string(fact)?;
    let told = fact.strip_prefix('{').expect("BUG: a fact is no object");
    Ok(format!("{{\"v\":{FACT_VERSION},{told}"))
}

/// The fact of a row.
pub fn fact_of(row: &JournalRow) -> Result<Fact> {
    from_journal(&row.fact).with_context(|| format!("journal row {}", row.seq))
}

/// Reads a fact of any released version.
pub fn from_journal(text: &str) -> Result<Fact> {
    let value: serde_json::Value = serde_json::from_str(text)?;
    let version = value.get("v").and_then(serde_json::Value::as_u64).unwrap_or(0);
    anyhow::ensure!(version == FACT_VERSION, "this fact is of version {version}, which this program does not know");
    Ok(serde_json::from_value(value)?)
}

/// The account as its own text tells it: what the administration is asked lies beside it.
fn without_what_lies_beside(mut account: Account) -> Account {
    if account.id.is_administration() {
        account.questions.clear();
    }
    account
}

/// `asked` are the questions that were open before.
fn account_write(account: &Account, version: u64, asked: &BTreeMap<QuestionId, Question>) -> Result<AccountWrite> {
    let (state, (asked, no_longer_asked)) = match account.id.is_administration() {
        true => {
            let state = without_what_lies_beside(account.clone());
            (serde_json::to_string(&state)?, changed_rows(asked, &account.questions)?)
        }
        false => (serde_json::to_string(account)?, Default::default()),
    };
    Ok(AccountWrite {
        id: account.id.clone(),
        expected_version: version,
        state,
        cases: account
            .cases
            .values()
            .map(|case| CaseRow {
                case: case.id.clone(),
                number: case.number().clone(),
                state: case_state(account, case),
                open_minor: case.open().minor(),
                currency: case.open().currency().code().to_owned(),
                payment_reference: case.invoice.payment_reference.clone(),
            })
            .collect(),
        addresses: account.mail_addresses(),
        asked,
        no_longer_asked,
    })
}
