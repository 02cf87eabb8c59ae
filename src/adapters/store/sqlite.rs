//! The store in one SQLite file. Here are its transactions; what is written and read is in the files below, one per
//! subject. Every commit is on the disk before it returns (`synchronous=FULL`).

mod accounts;
mod asking;
mod backup;
mod checking;
mod inputs;
mod journal;
mod memos;
mod numbers;
mod opening;
mod outbox;
mod sent;
#[cfg(test)]
mod tests;
mod write_back;

pub use backup::{BackupFault, Counts, beside, sync_parent};

use crate::dunning::ids::{CaseId, DebtorId, EvidenceId, InvoiceNumber};
use crate::failpoints::pass;
use crate::ports::MailKey;
use crate::store::*;
use chrono::{DateTime, Utc};
use memos::Memos;
use numbers::Numbers;
use rusqlite::Connection;
use sent::Sent;
use std::cell::{RefCell, RefMut};
use std::sync::Arc;
use write_back::WriteBack;

/// See [`Store`]; [`SqliteStore::open`] and its siblings make one.
pub struct SqliteStore {
    /// Where the file was opened for writing. Above the connection, so that this one is the last to close the file.
    write_back: Option<WriteBack>,
    db: Connection,
    /// The transaction, if one is open.
    transaction: Option<Transaction>,
    remembered: RefCell<Remembered>,
}

/// What was answered and is still so: kept up to date by our own writes, forgotten when something was undone or another
/// connection has written.
#[derive(Default)]
struct Remembered {
    /// SQLite's number for what other connections have written.
    others: i64,
    /// [`Store::sent_since`].
    sent: Sent,
    /// [`Store::meta`].
    memos: Memos,
    /// [`Store::case_numbers`].
    numbers: Numbers,
}

impl Remembered {
    /// Forgets everything when another connection has written since the last look.
    fn look(&mut self, db: &Connection) -> Stored<()> {
        let others = asking::one(db, "PRAGMA data_version", [], |row| row.get(0))?.unwrap_or_default();
        if self.others != others {
            self.forget();
            self.others = others;
        }
        Ok(())
    }

    fn forget(&mut self) {
        self.sent.forget();
        self.memos.forget();
        self.numbers.forget();
    }
}

#[derive(Default)]
struct Transaction {
    /// Savepoints within savepoints: how deep.
    depth: usize,
    /// How many of them, the outermost ones, begin where the transaction begins: they need none of SQLite's, which keeps
    /// the old form of every page that a savepoint covers and walks through all of it at each inner statement.
    at_the_beginning: usize,
    /// Something was written, or tried.
    has_written: bool,
    /// A fault of the disk or the file: SQLite may already have rolled back, so nothing more may be written, else
    /// half a transaction would be kept.
    fallen: Option<StoreFault>,
}

impl Transaction {
    /// Leaves the last savepoint; whether it began where the transaction began.
    fn leave(&mut self) -> bool {
        self.depth -= 1;
        let at_the_beginning = self.depth < self.at_the_beginning;
        self.at_the_beginning = self.at_the_beginning.min(self.depth);
        at_the_beginning
    }
}

impl SqliteStore {
    fn transaction(&mut self) -> &mut Transaction {
        self.transaction.as_mut().expect("BUG: a write outside a transaction")
    }

    /// Every write goes through here.
    fn write<T>(&mut self, work: impl FnOnce(&Connection) -> Stored<T>) -> Stored<T> {
        if let Some(fault) = &self.transaction().fallen {
            return Err(fault.clone());
        }
        self.transaction().has_written = true;
        let done = work(&self.db);
        if let Err(fault @ (StoreFault::Full | StoreFault::Busy | StoreFault::Broken(_))) = &done {
            self.transaction().fallen = Some(fault.clone());
        }
        done
    }

    fn run(&mut self, sql: &str) -> Stored<()> {
        self.write(|db| asking::run(db, sql, []).map(|_| ()))
    }

    /// What is remembered and still so: while we hold the write lock, nobody else has written.
    fn remembered(&self) -> Stored<RefMut<'_, Remembered>> {
        let mut remembered = self.remembered.borrow_mut();
        if self.transaction.is_none() {
            remembered.look(&self.db)?;
        }
        Ok(remembered)
    }

    /// A savepoint that begins a transaction can be returned to without giving the write lock back, which `BEGIN` does not
    /// allow; but the lock is taken only by a statement that writes, be it nothing.
    fn begin_with_lock(&mut self) -> Stored<()> {
        asking::run(&self.db, "SAVEPOINT whole", [])?;
        asking::run(&self.db, "DELETE FROM meta WHERE 0", [])?;
        self.remembered.get_mut().look(&self.db)
    }

    /// Rolls back unless SQLite has done so itself.
    fn end(&mut self) -> Stored<()> {
        self.transaction = None;
        if !self.db.is_autocommit() {
            self.db.execute_batch("ROLLBACK")?;
        }
        Ok(())
    }
}

impl Store for SqliteStore {
    fn begin(&mut self) -> Stored<()> {
        assert!(self.write_back.is_some(), "BUG: a transaction on a store opened for reading");
        assert!(self.transaction.is_none(), "BUG: a transaction within a transaction");
        pass("store.begin").map_err(StoreFault::Broken)?;
        self.begin_with_lock().or_else(|fault| self.end().and(Err(fault)))?;
        self.transaction = Some(Transaction::default());
        Ok(())
    }

    fn commit(&mut self) -> Stored<()> {
        assert!(self.transaction().depth == 0, "BUG: a commit with an open savepoint");
        let done = pass("store.commit").map_err(StoreFault::Broken).and_then(|()| self.run("COMMIT"));
        let ended = done.and(self.end());
        if ended.is_err() {
            self.remembered.get_mut().forget();
        }
        ended?;
        pass("store.committed").map_err(StoreFault::Broken)
    }

    fn rollback(&mut self) -> Stored<()> {
        self.transaction();
        self.remembered.get_mut().forget();
        self.end()
    }

    fn in_transaction(&self) -> bool {
        self.transaction.is_some()
    }

    fn savepoint(&mut self) -> Stored<()> {
        if self.transaction().has_written {
            self.run("SAVEPOINT input")?;
        } else {
            self.transaction().at_the_beginning += 1;
        }
        self.transaction().depth += 1;
        Ok(())
    }

    fn release(&mut self) -> Stored<()> {
        assert!(self.transaction().depth > 0, "BUG: no savepoint to release");
        if self.transaction().leave() { Ok(()) } else { self.run("RELEASE input") }
    }

    fn rollback_to(&mut self) -> Stored<()> {
        assert!(self.transaction().depth > 0, "BUG: no savepoint to return to");
        self.remembered.get_mut().forget();
        if self.transaction().leave() {
            self.run("ROLLBACK TO whole")?;
            self.transaction().has_written = false;
            return Ok(());
        }
        self.run("ROLLBACK TO input")?;
        self.run("RELEASE input")
    }

    fn account(&self, id: &DebtorId) -> Stored<Option<StoredAccount>> {
        accounts::account(&self.db, id)
    }

    fn account_ids(&self) -> Stored<Vec<DebtorId>> {
        accounts::ids(&self.db)
    }

    fn account_ids_with_open_cases(&self) -> Stored<Vec<DebtorId>> {
        accounts::ids_with_open_cases(&self.db)
    }

    fn write_account(&mut self, account: &AccountWrite) -> Stored<u64> {
        let written = self.write(|db| accounts::write(db, account))?;
        if written.numbers_changed {
            self.remembered.get_mut().numbers.forget();
        }
        Ok(written.version)
    }

    fn questions(&self, account: &DebtorId, asked: Asked<'_>) -> Stored<Vec<QuestionRow>> {
        accounts::questions(&self.db, account, asked)
    }

    fn case(&self, id: &CaseId) -> Stored<Option<(CaseRow, DebtorId)>> {
        accounts::case(&self.db, id)
    }

    fn case_by_number(&self, number: &InvoiceNumber) -> Stored<Option<(CaseRow, DebtorId)>> {
        accounts::case_by_number(&self.db, number)
    }

    fn case_numbers(&self) -> Stored<Arc<[InvoiceNumber]>> {
        self.remembered()?.numbers.all(|| accounts::case_numbers(&self.db))
    }

    fn debtors_by_address(&self, address: &str) -> Stored<Vec<DebtorId>> {
        accounts::by_address(&self.db, address)
    }

    fn debtors_by_domain(&self, domain: &str) -> Stored<Vec<DebtorId>> {
        accounts::by_domain(&self.db, domain)
    }

    fn append(&mut self, rows: &[NewRow]) -> Stored<Vec<i64>> {
        self.write(|db| journal::append(db, rows))
    }

    fn journal(&self, account: Option<&DebtorId>, after_seq: i64, limit: usize) -> Stored<Vec<JournalRow>> {
        journal::rows(&self.db, account, after_seq, limit)
    }

    fn verify_journal(&self) -> Stored<Vec<String>> {
        journal::verify(&self.db)
    }

    fn put_input(&mut self, input: &NewInput) -> Stored<Put> {
        self.write(|db| inputs::put(db, input))
    }

    fn input(&self, id: &EvidenceId) -> Stored<Option<InputRow>> {
        inputs::input(&self.db, id)
    }

    fn input_bytes(&self, id: &EvidenceId) -> Stored<Option<Vec<u8>>> {
        inputs::bytes(&self.db, id)
    }

    fn inputs_to_settle(&self, limit: usize) -> Stored<Vec<EvidenceId>> {
        inputs::to_settle(&self.db, limit)
    }

    fn inputs_unsettled(&self) -> Stored<u64> {
        inputs::unsettled(&self.db)
    }

    fn inputs_quarantined(&self) -> Stored<Vec<InputRow>> {
        inputs::quarantined(&self.db)
    }

    fn settle(&mut self, id: &EvidenceId, disposition: &Disposition, at: DateTime<Utc>) -> Stored<()> {
        self.write(|db| inputs::settle(db, id, disposition, at))
    }

    fn find_input_by_name(&self, kind: InputKind, name: &str) -> Stored<Option<InputRow>> {
        inputs::by_name(&self.db, kind, name)
    }

    fn cursor(&self, folder: &str) -> Stored<Option<(u32, u32)>> {
        inputs::cursor(&self.db, folder)
    }

    fn set_cursor(&mut self, folder: &str, uidvalidity: u32, uid: u32) -> Stored<()> {
        self.write(|db| inputs::set_cursor(db, folder, uidvalidity, uid))
    }

    fn has_mail(&self, key: &MailKey) -> Stored<bool> {
        inputs::has_mail(&self.db, key)
    }

    fn put_outbox(&mut self, mail: &NewOutbox) -> Stored<()> {
        self.write(|db| outbox::put(db, mail))
    }

    fn outbox(&self, id: &str) -> Stored<Option<OutboxRow>> {
        outbox::by_id(&self.db, id)
    }

    fn outbox_bytes(&self, id: &str) -> Stored<Option<Vec<u8>>> {
        outbox::bytes(&self.db, id)
    }

    fn outbox_in(&self, states: &[OutboxState]) -> Stored<Vec<OutboxRow>> {
        outbox::in_states(&self.db, states)
    }

    fn outbox_under_way(&self) -> Stored<Vec<UnderWay>> {
        outbox::under_way(&self.db)
    }

    fn outbox_to_try(&self, now: DateTime<Utc>, anew: Option<DateTime<Utc>>) -> Stored<Vec<String>> {
        outbox::to_try(&self.db, now, anew)
    }

    fn outbox_by_message_id(&self, message_id: &str) -> Stored<Option<OutboxRow>> {
        outbox::by_message_id(&self.db, message_id)
    }

    fn outbox_by_token(&self, token: &str) -> Stored<Option<OutboxRow>> {
        outbox::by_token(&self.db, token)
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
        let moved = self.write(|db| outbox::step(db, id, (from, to), note, at, next_try))?;
        if moved
            && from != OutboxState::Sent
            && matches!(to, OutboxState::Sent | OutboxState::Bounced)
            && let Some(sent_at) = outbox::letter_sent_at(&self.db, id)?
        {
            self.remembered.get_mut().sent.one_more(sent_at);
        }
        Ok(moved)
    }

    fn sent_since(&self, at: DateTime<Utc>) -> Stored<u64> {
        self.remembered()?.sent.since(at, || outbox::sent_since(&self.db, at))
    }

    fn letters_sent_since(&self, at: DateTime<Utc>) -> Stored<Vec<OutboxRow>> {
        outbox::letters_sent_since(&self.db, at)
    }

    fn once(&mut self, kind: &str, key: &str) -> Stored<bool> {
        self.write(|db| {
            let added =
                asking::run(db, "INSERT INTO seen (kind, key) VALUES (?1, ?2) ON CONFLICT DO NOTHING", [kind, key])?;
            Ok(added == 1)
        })
    }

    fn meta(&self, key: &str) -> Stored<Option<String>> {
        let read = || asking::one(&self.db, "SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0));
        self.remembered()?.memos.of(key, read)
    }

    fn set_meta(&mut self, key: &str, value: &str) -> Stored<()> {
        let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value";
        let written = self.write(|db| asking::run(db, sql, [key, value]).map(|_| ()));
        self.remembered.get_mut().memos.changed(key);
        written
    }

    fn check(&self, depth: Depth) -> Stored<Vec<String>> {
        checking::check(&self.db, depth)
    }
}
