//! A store whose process can die: at a chosen commit, before or after it became durable, or when told. From then on
//! everything fails until it is revived; what was committed is still there. It can also be struck by what disks do, and
//! a second process may open it.

use aanmaand::adapters::store::memory::MemoryStore;
use aanmaand::daemon::restored::mark;
use aanmaand::dunning::ids::{CaseId, DebtorId, EvidenceId, InvoiceNumber};
use aanmaand::ports::MailKey;
use aanmaand::store::*;
use chrono::{DateTime, Utc};
use std::sync::{Arc, Mutex, MutexGuard};

/// A handle; clones share the store.
#[derive(Clone, Default)]
pub struct Shaky {
    inner: Arc<Mutex<Inner>>,
    /// Another process than the one that dies and is struck.
    second: bool,
}

#[derive(Default)]
struct Inner {
    store: MemoryStore,
    dead: bool,
    /// Commits until death, and whether the last one still becomes durable.
    fuse: Option<(u32, bool)>,
    strike: Option<Strike>,
    /// The disk was full: nothing but a rollback works.
    full: bool,
    backup: Option<MemoryStore>,
    /// The open transaction is the second process's.
    second_writes: bool,
    /// Every step that a mail took, also when it was rolled back later.
    moves: Vec<(String, OutboxState, OutboxState)>,
    /// How much was read and written, in characters, where that is counted.
    passed: Option<usize>,
}

/// What a disk does to the first process, at one of its next calls.
#[derive(Clone, Copy, Debug)]
pub struct Strike {
    /// Calls that write (begin and commit among them) that still go well.
    pub after: u32,
    pub how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The disk is full: this call fails and nothing of the transaction is kept.
    Full,
    /// Another process holds the lock this often; told to who begins.
    Busy(u32),
    /// Reading or writing fails for good: the process can only end. A commit may have been kept all the same.
    Broken { kept: bool },
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
        inner.strike = None;
        inner.full = false;
    }

    /// A handle for another process, which neither dies nor is struck.
    pub fn second(&self) -> Shaky {
        Shaky { inner: self.inner.clone(), second: true }
    }

    pub fn strike(&self, strike: Strike) {
        self.lock().strike = Some(strike);
    }

    /// Keeps a copy of what is there.
    pub fn back_up(&self) {
        let mut inner = self.lock();
        inner.backup = Some(inner.store.backup());
    }

    /// The owner puts the copy in the place of what was lost; false when there is none.
    pub fn restore(&self, now: DateTime<Utc>) -> bool {
        let mut inner = self.lock();
        let Some(mut store) = inner.backup.take() else { return false };
        store.begin().unwrap();
        mark(&mut store, now).unwrap();
        store.commit().unwrap();
        inner.store = store;
        inner.moves.clear();
        true
    }

    /// The disk does well again.
    pub fn calm(&self) {
        self.lock().strike = None;
    }

    /// The steps that mails took since this was last asked.
    pub fn take_moves(&self) -> Vec<(String, OutboxState, OutboxState)> {
        std::mem::take(&mut self.lock().moves)
    }

    /// How much was read and written since this was last asked; counting begins with the first time.
    pub fn take_passed(&self) -> usize {
        self.lock().passed.replace(0).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|broken| broken.into_inner())
    }

    fn alive(&self) -> Stored<MutexGuard<'_, Inner>> {
        let inner = self.lock();
        if inner.dead && !self.second { Err(StoreFault::Broken("the process is gone".to_owned())) } else { Ok(inner) }
    }

    /// For a call that writes: the store, unless the disk strikes now.
    fn writing(&self, call: Call) -> Stored<MutexGuard<'_, Inner>> {
        let mut inner = self.alive()?;
        if self.second {
            return Ok(inner);
        }
        if inner.full {
            return Err(StoreFault::Full);
        }
        match inner.strike.take() {
            None => Ok(inner),
            Some(Strike { after: 0, how }) => inner.struck(how, call).map(|()| inner),
            Some(Strike { after, how }) => {
                inner.strike = Some(Strike { after: after - 1, how });
                Ok(inner)
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    Begin,
    Write,
    Commit,
}

impl Inner {
    fn count(&mut self, passed: &dyn std::fmt::Debug) {
        if let Some(sum) = &mut self.passed {
            *sum += format!("{passed:?}").len();
        }
    }

    fn struck(&mut self, how: How, call: Call) -> Stored<()> {
        match how {
            How::Busy(0) => Ok(()),
            How::Busy(times) if call == Call::Begin => {
                self.strike = Some(Strike { after: 0, how: How::Busy(times - 1) });
                Err(StoreFault::Busy)
            }
            How::Busy(_) => {
                self.strike = Some(Strike { after: 0, how });
                Ok(())
            }
            How::Full => {
                self.full = call != Call::Begin;
                Err(StoreFault::Full)
            }
            How::Broken { kept } => {
                if kept && call == Call::Commit {
                    self.store.commit()?;
                }
                self.dead = true;
                self.store.crash();
                Err(StoreFault::Broken("the disk does not answer".to_owned()))
            }
        }
    }
}

macro_rules! asks {
    ($($name:ident($($arg:ident: $kind:ty),*) -> $answer:ty;)*) => {
        $(fn $name(&self, $($arg: $kind),*) -> Stored<$answer> {
            let mut inner = self.alive()?;
            let answer = inner.store.$name($($arg),*)?;
            inner.count(&answer);
            Ok(answer)
        })*
    };
}

macro_rules! tells {
    ($($name:ident($($arg:ident: $kind:ty),*) -> $answer:ty;)*) => {
        $(fn $name(&mut self, $($arg: $kind),*) -> Stored<$answer> {
            let mut inner = self.writing(Call::Write)?;
            $(inner.count(&$arg);)*
            inner.store.$name($($arg),*)
        })*
    };
}

impl Store for Shaky {
    fn begin(&mut self) -> Stored<()> {
        let mut inner = self.writing(Call::Begin)?;
        if inner.store.in_transaction() && inner.second_writes != self.second {
            return Err(StoreFault::Busy);
        }
        inner.second_writes = self.second;
        inner.store.begin()
    }

    fn commit(&mut self) -> Stored<()> {
        let mut inner = match self.writing(Call::Commit) {
            Err(StoreFault::Full) => {
                let mut inner = self.lock();
                inner.full = false;
                inner.store.rollback()?;
                return Err(StoreFault::Full);
            }
            other => other?,
        };
        if self.second {
            return inner.store.commit();
        }
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
        (self.second || !inner.dead) && inner.store.in_transaction() && inner.second_writes == self.second
    }

    fn rollback(&mut self) -> Stored<()> {
        let mut inner = self.lock();
        if inner.dead && !self.second {
            return Ok(());
        }
        inner.full = false;
        inner.store.rollback()
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
        let mut inner = self.writing(Call::Write)?;
        let moved = inner.store.move_outbox(id, from, to, note, at, next_try)?;
        if moved {
            inner.moves.push((id.to_owned(), from, to));
        }
        Ok(moved)
    }

    tells! {
        savepoint() -> ();
        release() -> ();
        rollback_to() -> ();
        write_account(account: &AccountWrite) -> u64;
        append(rows: &[NewRow]) -> Vec<i64>;
        put_input(input: &NewInput) -> Put;
        settle(id: &EvidenceId, disposition: &Disposition, at: DateTime<Utc>) -> ();
        set_cursor(folder: &str, uidvalidity: u32, uid: u32) -> ();
        put_outbox(mail: &NewOutbox) -> ();
        once(kind: &str, key: &str) -> bool;
        set_meta(key: &str, value: &str) -> ();
    }

    asks! {
        account(id: &DebtorId) -> Option<StoredAccount>;
        questions(account: &DebtorId, asked: Asked<'_>) -> Vec<QuestionRow>;
        account_ids() -> Vec<DebtorId>;
        account_ids_with_open_cases() -> Vec<DebtorId>;
        case(id: &CaseId) -> Option<(CaseRow, DebtorId)>;
        case_by_number(number: &InvoiceNumber) -> Option<(CaseRow, DebtorId)>;
        case_numbers() -> Arc<[InvoiceNumber]>;
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
        outbox_under_way() -> Vec<UnderWay>;
        outbox_to_try(now: DateTime<Utc>, anew: Option<DateTime<Utc>>) -> Vec<String>;
        outbox_by_message_id(message_id: &str) -> Option<OutboxRow>;
        outbox_by_token(token: &str) -> Option<OutboxRow>;
        sent_since(at: DateTime<Utc>) -> u64;
        letters_sent_since(at: DateTime<Utc>) -> Vec<OutboxRow>;
        meta(key: &str) -> Option<String>;
        check(depth: Depth) -> Vec<String>;
    }
}
