//! A store that forgets everything when it is dropped, for tests and simulations. It refuses what the real one
//! refuses. Each write leaves its own undo behind, so a transaction costs what it changes and nothing more.

mod accounts;
mod inputs;
mod outbox;
mod tables;

use super::alike::*;
use super::chain::{self, Walk};
use crate::dunning::ids::{CaseId, DebtorId, EvidenceId, InvoiceNumber};
use crate::ports::MailKey;
use crate::store::*;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use std::sync::Arc;
use tables::{Table, Tables, Undo, replace};

/// See [`Store`].
#[derive(Default)]
pub struct MemoryStore {
    tables: Tables,
    /// How to undo what the open transaction did, oldest first.
    undo: Option<Vec<Undo>>,
    /// How much of `undo` was there at each open savepoint, outermost first.
    marks: Vec<usize>,
}

impl MemoryStore {
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    /// A store with all that is committed in this one.
    ///
    /// # Panics
    /// `BUG:` while a transaction is open.
    pub fn backup(&self) -> MemoryStore {
        assert!(self.undo.is_none(), "BUG: a backup within a transaction");
        MemoryStore { tables: self.tables.clone(), ..MemoryStore::default() }
    }

    /// What the end of the process does: an open transaction is gone, the rest stays.
    pub fn crash(&mut self) {
        self.undo_from(0);
        self.undo = None;
        self.marks.clear();
    }

    /// The one way to change a table: sets or removes a row and remembers how to undo it.
    fn set<K, V>(&mut self, table: Table<K, V>, key: K, value: Option<V>)
    where
        K: Ord + Clone + Send + 'static,
        V: Send + 'static,
    {
        let Some(undo) = &mut self.undo else { panic!("BUG: a write outside a transaction") };
        let old = replace(table(&mut self.tables), key.clone(), value);
        undo.push(Box::new(move |tables| {
            replace(table(tables), key, old);
        }));
    }

    fn undo_from(&mut self, length: usize) {
        let Some(undo) = &mut self.undo else { return };
        for step in undo.drain(length..).rev() {
            step(&mut self.tables);
        }
    }

    fn demand_transaction(&self) {
        assert!(self.undo.is_some(), "BUG: a write outside a transaction");
    }

    fn outbox_row(&self, n: Option<&u64>) -> Option<OutboxRow> {
        Some(self.tables.outbox.get(n?)?.0.clone())
    }

    fn input_row(&self, n: Option<&u64>) -> Option<InputRow> {
        Some(self.tables.inputs.get(n?)?.0.clone())
    }

    fn changed_bytes(&self) -> Vec<String> {
        let inputs = self.tables.inputs.values().filter(|(row, bytes)| evidence_of(bytes) != row.id);
        let mails = self.tables.outbox.values().filter(|(row, bytes)| evidence_of(bytes).as_str() != row.sha256);
        let inputs = inputs.map(|(row, _)| changed(&format!("input {}", row.id)));
        inputs.chain(mails.map(|(row, _)| changed(&format!("mail {}", row.id)))).collect()
    }
}

impl Store for MemoryStore {
    fn begin(&mut self) -> Stored<()> {
        assert!(self.undo.is_none(), "BUG: a transaction within a transaction");
        self.undo = Some(Vec::new());
        Ok(())
    }

    fn commit(&mut self) -> Stored<()> {
        self.demand_transaction();
        assert!(self.marks.is_empty(), "BUG: a commit with an open savepoint");
        self.undo = None;
        Ok(())
    }

    fn rollback(&mut self) -> Stored<()> {
        self.demand_transaction();
        self.crash();
        Ok(())
    }

    fn in_transaction(&self) -> bool {
        self.undo.is_some()
    }

    fn savepoint(&mut self) -> Stored<()> {
        self.demand_transaction();
        self.marks.extend(self.undo.as_ref().map(Vec::len));
        Ok(())
    }

    fn release(&mut self) -> Stored<()> {
        assert!(self.marks.pop().is_some(), "BUG: no savepoint to release");
        Ok(())
    }

    fn rollback_to(&mut self) -> Stored<()> {
        let Some(mark) = self.marks.pop() else { panic!("BUG: no savepoint to return to") };
        self.undo_from(mark);
        Ok(())
    }

    fn account(&self, id: &DebtorId) -> Stored<Option<StoredAccount>> {
        let account = self.tables.accounts.get(id);
        Ok(account.map(|account| StoredAccount { version: account.version, state: account.state.clone() }))
    }

    fn account_ids(&self) -> Stored<Vec<DebtorId>> {
        Ok(self.tables.accounts.keys().cloned().collect())
    }

    fn account_ids_with_open_cases(&self) -> Stored<Vec<DebtorId>> {
        let mut ids: Vec<DebtorId> = self.tables.open.keys().map(|(id, _)| id.clone()).collect();
        ids.dedup();
        Ok(ids)
    }

    fn write_account(&mut self, account: &AccountWrite) -> Stored<u64> {
        self.write_whole_account(account)
    }

    fn questions(&self, account: &DebtorId, asked: Asked<'_>) -> Stored<Vec<QuestionRow>> {
        Ok(self.questions_of(account, asked))
    }

    fn case(&self, id: &CaseId) -> Stored<Option<(CaseRow, DebtorId)>> {
        Ok(self.tables.cases.get(id).cloned())
    }

    fn case_by_number(&self, number: &InvoiceNumber) -> Stored<Option<(CaseRow, DebtorId)>> {
        Ok(self.tables.numbers.get(number).and_then(|id| self.tables.cases.get(id)).cloned())
    }

    fn case_numbers(&self) -> Stored<Arc<[InvoiceNumber]>> {
        Ok(self.tables.numbers.keys().cloned().collect())
    }

    fn debtors_by_address(&self, address: &str) -> Stored<Vec<DebtorId>> {
        let address = address_key(address);
        let from = (address.clone(), DebtorId::from(""));
        let found = self.tables.addresses.range(from..).take_while(|((other, _), ())| *other == address);
        Ok(found.map(|((_, id), ())| id.clone()).collect())
    }

    fn debtors_by_domain(&self, domain: &str) -> Stored<Vec<DebtorId>> {
        let domain = address_key(domain);
        let from = (domain.clone(), DebtorId::from(""), String::new());
        let found = self.tables.domains.range(from..).take_while(|((other, ..), ())| *other == domain);
        let mut ids: Vec<DebtorId> = found.map(|((_, id, _), ())| id.clone()).collect();
        ids.dedup();
        Ok(ids)
    }

    fn append(&mut self, rows: &[NewRow]) -> Stored<Vec<i64>> {
        self.demand_transaction();
        let mut seqs = Vec::with_capacity(rows.len());
        for row in rows {
            let (last, before) =
                self.tables.journal.last_key_value().map_or((0, chain::START), |(seq, row)| (*seq, row.hash));
            let row = chain::link(&before, last + 1, row);
            seqs.push(row.seq);
            self.set(|t| &mut t.by_account, (row.account.clone(), row.seq), Some(()));
            self.set(|t| &mut t.journal, row.seq, Some(row));
        }
        Ok(seqs)
    }

    fn journal(&self, account: Option<&DebtorId>, after_seq: i64, limit: usize) -> Stored<Vec<JournalRow>> {
        let from = after_seq.saturating_add(1);
        Ok(match account {
            None => self.tables.journal.range(from..).take(limit).map(|(_, row)| row.clone()).collect(),
            Some(id) => {
                let seqs =
                    self.tables.by_account.range((id.clone(), from)..).take_while(|((other, _), ())| other == id);
                let rows = seqs.filter_map(|((_, seq), ())| self.tables.journal.get(seq));
                rows.take(limit).cloned().collect()
            }
        })
    }

    fn verify_journal(&self) -> Stored<Vec<String>> {
        let mut walk = Walk::new();
        self.tables.journal.values().for_each(|row| walk.step(row));
        Ok(walk.end(0))
    }

    fn put_input(&mut self, input: &NewInput) -> Stored<Put> {
        self.keep_input(input)
    }

    fn input(&self, id: &EvidenceId) -> Stored<Option<InputRow>> {
        Ok(self.input_row(self.tables.input_ids.get(id)))
    }

    fn input_bytes(&self, id: &EvidenceId) -> Stored<Option<Vec<u8>>> {
        let found = self.tables.input_ids.get(id).and_then(|n| self.tables.inputs.get(n));
        found.map(|(_, bytes)| demand_sound(&format!("input {id}"), id.as_str(), bytes.to_vec())).transpose()
    }

    fn inputs_to_settle(&self, limit: usize) -> Stored<Vec<EvidenceId>> {
        Ok(self.tables.unsettled.values().take(limit).cloned().collect())
    }

    fn inputs_unsettled(&self) -> Stored<u64> {
        Ok(self.tables.unsettled.len() as u64)
    }

    fn inputs_quarantined(&self) -> Stored<Vec<InputRow>> {
        Ok(self.tables.quarantined.keys().filter_map(|n| self.input_row(Some(n))).collect())
    }

    fn settle(&mut self, id: &EvidenceId, disposition: &Disposition, at: DateTime<Utc>) -> Stored<()> {
        self.settle_input(id, disposition, at)
    }

    fn find_input_by_name(&self, kind: InputKind, name: &str) -> Stored<Option<InputRow>> {
        Ok(self.input_row(self.tables.input_names.get(&(kind, name.to_owned()))))
    }

    fn cursor(&self, folder: &str) -> Stored<Option<(u32, u32)>> {
        Ok(self.tables.cursors.get(folder).copied())
    }

    fn set_cursor(&mut self, folder: &str, uidvalidity: u32, uid: u32) -> Stored<()> {
        self.set(|t| &mut t.cursors, folder.to_owned(), Some((uidvalidity, uid)));
        Ok(())
    }

    fn has_mail(&self, key: &MailKey) -> Stored<bool> {
        Ok(self.tables.mails.contains_key(key))
    }

    fn put_outbox(&mut self, mail: &NewOutbox) -> Stored<()> {
        self.add_mail(mail)
    }

    fn outbox(&self, id: &str) -> Stored<Option<OutboxRow>> {
        Ok(self.outbox_row(self.tables.outbox_ids.get(id)))
    }

    fn outbox_bytes(&self, id: &str) -> Stored<Option<Vec<u8>>> {
        let found = self.tables.outbox_ids.get(id).and_then(|n| self.tables.outbox.get(n));
        found.map(|(row, bytes)| demand_sound(&format!("mail {id}"), &row.sha256, bytes.to_vec())).transpose()
    }

    fn outbox_in(&self, states: &[OutboxState]) -> Stored<Vec<OutboxRow>> {
        let of =
            |state: &OutboxState| self.tables.states.range((*state, 0)..=(*state, u64::MAX)).map(|((_, n), ())| *n);
        let numbers: BTreeSet<u64> = states.iter().flat_map(of).collect();
        Ok(numbers.iter().filter_map(|n| self.outbox_row(Some(n))).collect())
    }

    fn outbox_under_way(&self) -> Stored<Vec<UnderWay>> {
        let rows = self.outbox_in(&[OutboxState::Sending, OutboxState::DotIntent])?;
        Ok(rows.into_iter().map(|row| UnderWay { account: row.account, purpose: row.purpose }).collect())
    }

    fn outbox_to_try(&self, now: DateTime<Utc>, anew: Option<DateTime<Utc>>) -> Stored<Vec<String>> {
        let (now, anew) = (kept(now), anew.map(kept));
        let mut rows = self.outbox_in(&[OutboxState::Ready])?;
        rows.retain(|row| row.next_try.is_none_or(|at| at <= now) || anew.is_some_and(|anew| row.changed_at < anew));
        rows.sort_by_key(|row| (row.purpose != Purpose::Digest, row.attempts));
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    fn outbox_by_message_id(&self, message_id: &str) -> Stored<Option<OutboxRow>> {
        Ok(self.outbox_row(self.tables.message_ids.get(message_id)))
    }

    fn outbox_by_token(&self, token: &str) -> Stored<Option<OutboxRow>> {
        Ok(self.outbox_row(self.tables.tokens.get(token)))
    }

    fn move_outbox(
        &mut self,
        id: &str,
        from: OutboxState,
        to: OutboxState,
        note: &str,
        at: DateTime<Utc>,
        next_try: Option<DateTime<Utc>>,
    ) -> Stored<bool> {
        self.step_mail(id, (from, to), note, at, next_try)
    }

    fn sent_since(&self, at: DateTime<Utc>) -> Stored<u64> {
        Ok(self.tables.accepted.range((kept(at), 0)..).count() as u64)
    }

    fn letters_sent_since(&self, at: DateTime<Utc>) -> Stored<Vec<OutboxRow>> {
        let accepted = self.tables.accepted.range((kept(at), 0)..);
        Ok(accepted.filter_map(|((_, n), ())| self.tables.outbox.get(n)).map(|(row, _)| row.clone()).collect())
    }

    fn once(&mut self, kind: &str, key: &str) -> Stored<bool> {
        self.demand_transaction();
        let key = (kind.to_owned(), key.to_owned());
        let is_new = !self.tables.seen.contains_key(&key);
        if is_new {
            self.set(|t| &mut t.seen, key, Some(()));
        }
        Ok(is_new)
    }

    fn meta(&self, key: &str) -> Stored<Option<String>> {
        Ok(self.tables.meta.get(key).cloned())
    }

    fn set_meta(&mut self, key: &str, value: &str) -> Stored<()> {
        self.set(|t| &mut t.meta, key.to_owned(), Some(value.to_owned()));
        Ok(())
    }

    fn check(&self, depth: Depth) -> Stored<Vec<String>> {
        let mut findings = self.verify_journal()?;
        match depth {
            Depth::Quick => {}
            Depth::Thorough => findings.extend(self.changed_bytes()),
        }
        Ok(findings)
    }
}
