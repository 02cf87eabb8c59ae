//! A store that forgets everything when it is dropped, for tests and simulations. It refuses what the real one
//! refuses. Each write leaves its own undo behind, so a transaction costs what it changes and nothing more.

use super::alike::*;
use super::chain::{self, Walk};
use crate::dunning::ids::{CaseId, DebtorId, EvidenceId, InvoiceNumber, StepId};
use crate::ports::MailKey;
use crate::store::*;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// See [`Store`].
#[derive(Default)]
pub struct MemoryStore {
    tables: Tables,
    /// How to undo what the open transaction did, oldest first.
    undo: Option<Vec<Undo>>,
    /// How much of `undo` was there at the savepoint.
    mark: Option<usize>,
}

/// Each map is a table or an index over one.
#[derive(Default)]
struct Tables {
    accounts: BTreeMap<DebtorId, Account>,
    cases: BTreeMap<CaseId, (CaseRow, DebtorId)>,
    numbers: BTreeMap<InvoiceNumber, CaseId>,
    open: BTreeMap<(DebtorId, CaseId), ()>,
    addresses: BTreeMap<(String, DebtorId), ()>,
    domains: BTreeMap<(String, DebtorId, String), ()>,
    journal: BTreeMap<i64, JournalRow>,
    by_account: BTreeMap<(DebtorId, i64), ()>,
    inputs: BTreeMap<u64, (InputRow, Arc<[u8]>)>,
    input_ids: BTreeMap<EvidenceId, u64>,
    input_names: BTreeMap<(InputKind, String), u64>,
    unsettled: BTreeMap<u64, EvidenceId>,
    quarantined: BTreeMap<u64, ()>,
    cursors: BTreeMap<String, (u32, u32)>,
    mails: BTreeMap<MailKey, ()>,
    outbox: BTreeMap<u64, (OutboxRow, Arc<[u8]>)>,
    outbox_ids: BTreeMap<String, u64>,
    message_ids: BTreeMap<String, u64>,
    tokens: BTreeMap<String, u64>,
    states: BTreeMap<(OutboxState, u64), ()>,
    covered: BTreeMap<(CaseId, StepId), u64>,
    accepted: BTreeMap<(DateTime<Utc>, u64), ()>,
    seen: BTreeMap<(String, String), ()>,
    meta: BTreeMap<String, String>,
}

struct Account {
    version: u64,
    state: String,
    cases: Vec<CaseId>,
    addresses: BTreeSet<String>,
}

type Undo = Box<dyn FnOnce(&mut Tables) + Send>;
type Table<K, V> = fn(&mut Tables) -> &mut BTreeMap<K, V>;

impl MemoryStore {
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    /// What the end of the process does: an open transaction is gone, the rest stays.
    pub fn crash(&mut self) {
        self.undo_from(0);
        (self.undo, self.mark) = (None, None);
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

    /// A case of this account goes, with its places in the indexes.
    fn drop_case(&mut self, owner: &DebtorId, row: &CaseRow) {
        self.set(|t| &mut t.cases, row.case.clone(), None);
        self.set(|t| &mut t.numbers, row.number.clone(), None);
        self.set(|t| &mut t.open, (owner.clone(), row.case.clone()), None);
    }

    fn add_case(&mut self, owner: &DebtorId, row: &CaseRow) {
        self.set(|t| &mut t.cases, row.case.clone(), Some((row.clone(), owner.clone())));
        self.set(|t| &mut t.numbers, row.number.clone(), Some(row.case.clone()));
        if row.state != CaseState::Closed {
            self.set(|t| &mut t.open, (owner.clone(), row.case.clone()), Some(()));
        }
    }

    fn write_cases(&mut self, owner: &DebtorId, old: &[CaseId], new: &[CaseRow]) {
        let old: BTreeMap<_, _> =
            old.iter().filter_map(|id| Some((id.clone(), self.tables.cases.get(id)?.0.clone()))).collect();
        let new: BTreeMap<_, _> = new.iter().map(|row| (row.case.clone(), row)).collect();
        for (_, row) in old.iter().filter(|(id, row)| new.get(*id) != Some(row)) {
            self.drop_case(owner, row);
        }
        for (_, row) in new.into_iter().filter(|(id, row)| old.get(id) != Some(*row)) {
            self.add_case(owner, row);
        }
    }

    fn write_addresses(&mut self, owner: &DebtorId, old: &BTreeSet<String>, new: &BTreeSet<String>) {
        for (address, there) in old.difference(new).map(|a| (a, None)).chain(new.difference(old).map(|a| (a, Some(()))))
        {
            self.set(|t| &mut t.addresses, (address.clone(), owner.clone()), there);
            let domain = domain_of(address).to_owned();
            self.set(|t| &mut t.domains, (domain, owner.clone(), address.clone()), there);
        }
    }

    fn refuse_foreign_case(&self, owner: &DebtorId, row: &CaseRow) -> Stored<()> {
        let is_foreign = |id: &CaseId| self.tables.cases.get(id).is_some_and(|(_, other)| other != owner);
        let by_number = self.tables.numbers.get(&row.number);
        if is_foreign(&row.case) || by_number.is_some_and(is_foreign) {
            return Err(invoice_twice(&row.number));
        }
        Ok(())
    }

    fn live(&self, n: Option<&u64>) -> bool {
        let row = n.and_then(|n| self.tables.outbox.get(n));
        row.is_some_and(|(row, _)| row.state != OutboxState::Withdrawn)
    }

    fn refuse_mail_twice(&self, mail: &NewOutbox) -> Stored<()> {
        refuse_steps_named_twice(&mail.covers)?;
        if self.live(self.tables.outbox_ids.get(&mail.id)) {
            return Err(mail_twice(&mail.id));
        }
        if self.live(self.tables.message_ids.get(&mail.message_id)) {
            return Err(message_id_twice(&mail.message_id));
        }
        match mail.covers.iter().find(|pair| self.tables.covered.contains_key(pair)) {
            Some((case, step)) => Err(step_twice(case, step)),
            None => Ok(()),
        }
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

fn replace<K: Ord, V>(table: &mut BTreeMap<K, V>, key: K, value: Option<V>) -> Option<V> {
    match value {
        Some(value) => table.insert(key, value),
        None => table.remove(&key),
    }
}

fn next<V>(table: &BTreeMap<u64, V>) -> u64 {
    table.last_key_value().map_or(1, |(last, _)| last + 1)
}

impl Store for MemoryStore {
    fn begin(&mut self) -> Stored<()> {
        assert!(self.undo.is_none(), "BUG: a transaction within a transaction");
        self.undo = Some(Vec::new());
        Ok(())
    }

    fn commit(&mut self) -> Stored<()> {
        self.demand_transaction();
        assert!(self.mark.is_none(), "BUG: a commit with an open savepoint");
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
        assert!(self.mark.is_none(), "BUG: a savepoint within a savepoint");
        self.mark = self.undo.as_ref().map(Vec::len);
        Ok(())
    }

    fn release(&mut self) -> Stored<()> {
        assert!(self.mark.take().is_some(), "BUG: no savepoint to release");
        Ok(())
    }

    fn rollback_to(&mut self) -> Stored<()> {
        let Some(mark) = self.mark.take() else { panic!("BUG: no savepoint to return to") };
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
        self.demand_transaction();
        let (version, old_cases, old_addresses) = match self.tables.accounts.get(&account.id) {
            Some(old) => (old.version, old.cases.clone(), old.addresses.clone()),
            None => (0, Vec::new(), BTreeSet::new()),
        };
        if version != account.expected_version {
            return Err(StoreFault::Conflict);
        }
        refuse_cases_named_twice(&account.cases)?;
        account.cases.iter().try_for_each(|row| self.refuse_foreign_case(&account.id, row))?;
        let addresses: BTreeSet<String> = account.addresses.iter().map(|address| address_key(address)).collect();
        self.write_cases(&account.id, &old_cases, &account.cases);
        self.write_addresses(&account.id, &old_addresses, &addresses);
        let cases = account.cases.iter().map(|row| row.case.clone()).collect();
        let new = Account { version: version + 1, state: account.state.clone(), cases, addresses };
        self.set(|t| &mut t.accounts, account.id.clone(), Some(new));
        Ok(version + 1)
    }

    fn case(&self, id: &CaseId) -> Stored<Option<(CaseRow, DebtorId)>> {
        Ok(self.tables.cases.get(id).cloned())
    }

    fn case_by_number(&self, number: &InvoiceNumber) -> Stored<Option<(CaseRow, DebtorId)>> {
        Ok(self.tables.numbers.get(number).and_then(|id| self.tables.cases.get(id)).cloned())
    }

    fn case_numbers(&self) -> Stored<Vec<InvoiceNumber>> {
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
        self.demand_transaction();
        demand_evidence(input);
        let (n, put) = match self.tables.input_ids.get(&input.id) {
            Some(n) => (*n, Put::Known),
            None => (next(&self.tables.inputs), Put::New),
        };
        if put == Put::New {
            let row = InputRow {
                id: input.id.clone(),
                kind: input.kind,
                name: input.name.clone(),
                size: input.bytes.len() as u64,
                at: kept(input.at),
                received_at: input.received_at.map(kept),
                disposition: None,
                settled_at: None,
            };
            self.set(|t| &mut t.inputs, n, Some((row, input.bytes.as_slice().into())));
            self.set(|t| &mut t.input_ids, input.id.clone(), Some(n));
            self.set(|t| &mut t.unsettled, n, Some(input.id.clone()));
        }
        self.set(|t| &mut t.input_names, (input.kind, input.name.clone()), Some(n));
        if let Some(key) = &input.key {
            self.set(|t| &mut t.mails, key.clone(), Some(()));
        }
        Ok(put)
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
        self.demand_transaction();
        let found = self.tables.input_ids.get(id).and_then(|n| Some((*n, self.tables.inputs.get(n)?.clone())));
        let Some((n, (mut row, bytes))) = found else { panic!("BUG: no input {id} to settle") };
        demand_settlement(row.disposition.as_ref().map(Disposition::word), disposition);
        row.disposition = Some(disposition.clone());
        row.settled_at = Some(kept(at));
        let in_quarantine = matches!(disposition, Disposition::Quarantined { .. }).then_some(());
        self.set(|t| &mut t.inputs, n, Some((row, bytes)));
        self.set(|t| &mut t.unsettled, n, None);
        self.set(|t| &mut t.quarantined, n, in_quarantine);
        Ok(())
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
        self.demand_transaction();
        self.refuse_mail_twice(mail)?;
        let n = next(&self.tables.outbox);
        let row = new_row(mail);
        for pair in &mail.covers {
            self.set(|t| &mut t.covered, pair.clone(), Some(n));
        }
        if let Some(token) = &mail.token {
            self.set(|t| &mut t.tokens, token.clone(), Some(n));
        }
        self.set(|t| &mut t.outbox_ids, mail.id.clone(), Some(n));
        self.set(|t| &mut t.message_ids, mail.message_id.clone(), Some(n));
        self.set(|t| &mut t.states, (row.state, n), Some(()));
        self.set(|t| &mut t.outbox, n, Some((row, mail.bytes.as_slice().into())));
        Ok(())
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
        self.demand_transaction();
        demand_move(from, to);
        let found = self.tables.outbox_ids.get(id).and_then(|n| Some((*n, self.tables.outbox.get(n)?.clone())));
        let Some((n, (mut row, bytes))) = found.filter(|(_, (row, _))| row.state == from) else { return Ok(false) };
        row.state = to;
        row.attempts += u32::from(to == OutboxState::Sending);
        row.note = note.to_owned();
        row.changed_at = kept(at);
        row.next_try = next_try.map(kept);
        if matches!(to, OutboxState::Sent | OutboxState::Bounced) && row.sent_at.is_none() {
            row.sent_at = Some(kept(at));
            let counts = (row.purpose == Purpose::Letter).then_some(());
            self.set(|t| &mut t.accepted, (kept(at), n), counts);
        }
        if to == OutboxState::Withdrawn {
            row.covers.iter().for_each(|pair| self.set(|t| &mut t.covered, pair.clone(), None));
        }
        self.set(|t| &mut t.states, (from, n), None);
        self.set(|t| &mut t.states, (to, n), Some(()));
        self.set(|t| &mut t.outbox, n, Some((row, bytes)));
        Ok(true)
    }

    fn sent_since(&self, at: DateTime<Utc>) -> Stored<u64> {
        Ok(self.tables.accepted.range((kept(at), 0)..).count() as u64)
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

fn new_row(mail: &NewOutbox) -> OutboxRow {
    OutboxRow {
        id: mail.id.clone(),
        account: mail.account.clone(),
        purpose: mail.purpose,
        state: OutboxState::Ready,
        message_id: mail.message_id.clone(),
        token: mail.token.clone(),
        sender: mail.sender.clone(),
        recipient: mail.recipient.clone(),
        own_copy: mail.own_copy.clone(),
        subject: mail.subject.clone(),
        sha256: evidence_of(&mail.bytes).as_str().to_owned(),
        attempts: 0,
        next_try: None,
        note: String::new(),
        created_at: kept(mail.at),
        changed_at: kept(mail.at),
        sent_at: None,
        covers: mail.covers.clone(),
    }
}
