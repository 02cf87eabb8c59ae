//! A store whose process can die: at a chosen commit, before or after it became durable, or when told. From then on
//! everything fails until it is revived; what was committed is still there.

use aanmaand::adapters::store::memory::MemoryStore;
use aanmaand::dunning::ids::{CaseId, DebtorId, EvidenceId, InvoiceNumber};
use aanmaand::ports::MailKey;
use aanmaand::store::*;
use chrono::{DateTime, Utc};
use std::sync::{Arc, Mutex, MutexGuard};

/// A handle; clones share the store.
#[derive(Clone, Default)]
pub struct Shaky(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    store: MemoryStore,
    dead: bool,
    /// Commits until death, and whether the last one still becomes durable.
    fuse: Option<(u32, bool)>,
}

impl Shaky {
    pub fn die_at_commit(&self, commits: u32, durable: bool) {
        self.lock().fuse = Some((commits, durable));
    }

    pub fn die(&self) {
        let mut inner = self.lock();
        inner.dead = true;
        inner.store.crash();
    }

    pub fn is_dead(&self) -> bool {
        self.lock().dead
    }

    /// A new process opens the same file.
    pub fn revive(&self) {
        let mut inner = self.lock();
        inner.store.crash();
        inner.dead = false;
        inner.fuse = None;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(|broken| broken.into_inner())
    }

    fn alive(&self) -> Stored<MutexGuard<'_, Inner>> {
        let inner = self.lock();
        if inner.dead { Err(StoreFault::Broken("the process is gone".to_owned())) } else { Ok(inner) }
    }
}

macro_rules! asks {
    ($($name:ident($($arg:ident: $kind:ty),*) -> $answer:ty;)*) => {
        $(fn $name(&self, $($arg: $kind),*) -> Stored<$answer> { self.alive()?.store.$name($($arg),*) })*
    };
}

macro_rules! tells {
    ($($name:ident($($arg:ident: $kind:ty),*) -> $answer:ty;)*) => {
        $(fn $name(&mut self, $($arg: $kind),*) -> Stored<$answer> { self.alive()?.store.$name($($arg),*) })*
    };
}

impl Store for Shaky {
    fn commit(&mut self) -> Stored<()> {
        let mut inner = self.alive()?;
        let Some((left, durable)) = inner.fuse else { return inner.store.commit() };
        if left > 0 {
            inner.fuse = Some((left - 1, durable));
            return inner.store.commit();
        }
        if durable {
            inner.store.commit()?;
        }
        inner.dead = true;
        inner.store.crash();
        Err(StoreFault::Broken("the process died".to_owned()))
    }

    fn in_transaction(&self) -> bool {
        let inner = self.lock();
        !inner.dead && inner.store.in_transaction()
    }

    fn rollback(&mut self) -> Stored<()> {
        let mut inner = self.lock();
        if inner.dead { Ok(()) } else { inner.store.rollback() }
    }

    tells! {
        begin() -> ();
        savepoint() -> ();
        release() -> ();
        rollback_to() -> ();
        write_account(account: &AccountWrite) -> u64;
        append(rows: &[NewRow]) -> Vec<i64>;
        put_input(input: &NewInput) -> Put;
        settle(id: &EvidenceId, disposition: &Disposition, at: DateTime<Utc>) -> ();
        set_cursor(folder: &str, uidvalidity: u32, uid: u32) -> ();
        put_outbox(mail: &NewOutbox) -> ();
        move_outbox(id: &str, from: OutboxState, to: OutboxState, note: &str, at: DateTime<Utc>, next_try: Option<DateTime<Utc>>) -> bool;
        once(kind: &str, key: &str) -> bool;
        set_meta(key: &str, value: &str) -> ();
    }

    asks! {
        account(id: &DebtorId) -> Option<StoredAccount>;
        account_ids() -> Vec<DebtorId>;
        account_ids_with_open_cases() -> Vec<DebtorId>;
        case(id: &CaseId) -> Option<(CaseRow, DebtorId)>;
        case_by_number(number: &InvoiceNumber) -> Option<(CaseRow, DebtorId)>;
        case_numbers() -> Vec<InvoiceNumber>;
        debtors_by_address(address: &str) -> Vec<DebtorId>;
        debtors_by_domain(domain: &str) -> Vec<DebtorId>;
        journal(account: Option<&DebtorId>, after_seq: i64, limit: usize) -> Vec<JournalRow>;
        verify_journal() -> Vec<String>;
        input(id: &EvidenceId) -> Option<InputRow>;
        input_bytes(id: &EvidenceId) -> Option<Vec<u8>>;
        inputs_to_settle(limit: usize) -> Vec<EvidenceId>;
        inputs_unsettled() -> u64;
        inputs_quarantined() -> Vec<InputRow>;
        find_input_by_name(kind: InputKind, name: &str) -> Option<InputRow>;
        cursor(folder: &str) -> Option<(u32, u32)>;
        has_mail(key: &MailKey) -> bool;
        outbox(id: &str) -> Option<OutboxRow>;
        outbox_bytes(id: &str) -> Option<Vec<u8>>;
        outbox_in(states: &[OutboxState]) -> Vec<OutboxRow>;
        outbox_by_message_id(message_id: &str) -> Option<OutboxRow>;
        outbox_by_token(token: &str) -> Option<OutboxRow>;
        sent_since(at: DateTime<Utc>) -> u64;
        letters_sent_since(at: DateTime<Utc>) -> Vec<OutboxRow>;
        meta(key: &str) -> Option<String>;
        check(depth: Depth) -> Vec<String>;
    }
}
