//! What the daemon asks of its memory: accounts, the journal of facts, inputs and the outbox, kept together under
//! one transaction. The store knows nothing of the rules: facts and account states are JSON texts to it, and it
//! never sends, reads a clock or decides.
//!
//! One thread writes; another process (a command of the owner) may open the same file. Work goes like this:
//!
//! ```text
//! begin
//!   savepoint  account → decide → append, write_account, put_outbox, settle  release     one input, or some files
//!   savepoint  …                                         (refused)          rollback_to  the next one
//! commit
//! ```
//!
//! Promises that hold for every store (the contract suite in `adapters/store` proves them on each):
//! - A write that returns a fault has written nothing.
//! - Reads work inside and outside a transaction, and inside they see what was written before them.
//! - A write, a savepoint or a commit without a transaction is a broken invariant and panics (`BUG:`).
//! - Instants are kept to the microsecond.
//! - After [`StoreFault::Full`], [`StoreFault::Busy`] or [`StoreFault::Broken`] inside a transaction only
//!   [`Store::rollback`] makes sense; whatever else is tried fails too.

mod rows;

pub use rows::*;

use crate::dunning::ids::{CaseId, DebtorId, EvidenceId, InvoiceNumber};
use crate::ports::MailKey;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The memory of one administration.
pub trait Store: Send {
    // ── transactions ────────────────────────────────────────────────────────────────────────────────────────────

    /// Opens the one write transaction and takes the write lock at once. `Busy` when another process holds it for
    /// longer than we wait (5 s).
    fn begin(&mut self) -> Stored<()>;
    /// Makes everything since [`Store::begin`] durable. The transaction is over afterwards, also on a fault: then
    /// nothing of it was kept (after `Broken` that is known only when the store is opened again).
    fn commit(&mut self) -> Stored<()>;
    /// Undoes everything since [`Store::begin`].
    fn rollback(&mut self) -> Stored<()>;
    /// Is a transaction open?
    fn in_transaction(&self) -> bool;
    /// Marks the place to which [`Store::rollback_to`] returns. Marks nest: release and return concern the last one.
    fn savepoint(&mut self) -> Stored<()>;
    /// Forgets the mark and keeps what was written since.
    fn release(&mut self) -> Stored<()>;
    /// Undoes what was written since the mark and forgets the mark. Nobody else can write in between.
    fn rollback_to(&mut self) -> Stored<()>;

    // ── accounts and cases: a projection of the journal ─────────────────────────────────────────────────────────

    fn account(&self, id: &DebtorId) -> Stored<Option<StoredAccount>>;
    /// All accounts, in order of id.
    fn account_ids(&self) -> Stored<Vec<DebtorId>>;
    /// Accounts with at least one case that is not closed, in order of id.
    fn account_ids_with_open_cases(&self) -> Stored<Vec<DebtorId>>;
    /// Writes an account with all its cases and addresses; what was there of them and is not named now is gone. Of the
    /// questions beside it only those that are named change.
    /// Returns the new version. `Conflict` when the stored version is another than `expected_version`; `Twice` when
    /// a case or an invoice number is another account's, or is named twice.
    fn write_account(&mut self, account: &AccountWrite) -> Stored<u64>;
    /// The questions that lie beside an account, in order of id.
    fn questions(&self, account: &DebtorId, asked: Asked<'_>) -> Stored<Vec<QuestionRow>>;
    /// A case with the account that owns it.
    fn case(&self, id: &CaseId) -> Stored<Option<(CaseRow, DebtorId)>>;
    /// Invoice numbers are unique in an administration.
    fn case_by_number(&self, number: &InvoiceNumber) -> Stored<Option<(CaseRow, DebtorId)>>;
    /// Every invoice number known, closed cases too, in order. Where the same is given twice, none was added or went
    /// in between; otherwise nothing is said.
    fn case_numbers(&self) -> Stored<Arc<[InvoiceNumber]>>;
    /// Who writes from or is written to at this address (letter case does not matter), in order of id.
    fn debtors_by_address(&self, address: &str) -> Stored<Vec<DebtorId>>;
    /// Who has an address in exactly this domain (what follows the last `@`), in order of id.
    fn debtors_by_domain(&self, domain: &str) -> Stored<Vec<DebtorId>>;

    // ── journal: append-only, hash-chained ──────────────────────────────────────────────────────────────────────

    /// Appends rows and returns their sequence numbers: 1, 2, 3 … without a gap.
    fn append(&mut self, rows: &[NewRow]) -> Stored<Vec<i64>>;
    /// Up to `limit` rows after `after_seq` in order, of one account or of all.
    fn journal(&self, account: Option<&DebtorId>, after_seq: i64, limit: usize) -> Stored<Vec<JournalRow>>;
    /// Walks the hash chain; each finding is a line for a human, none means that no row was changed or lost.
    fn verify_journal(&self) -> Stored<Vec<String>>;

    // ── inputs ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// Keeps an input, unless the same bytes are known. In either case its name and its mail key are remembered.
    /// Panics (`BUG:`) when `id` is not [`evidence_of`] the bytes.
    fn put_input(&mut self, input: &NewInput) -> Stored<Put>;
    fn input(&self, id: &EvidenceId) -> Stored<Option<InputRow>>;
    /// The bytes, checked against the id: `Broken` when they are no longer what came in.
    fn input_bytes(&self, id: &EvidenceId) -> Stored<Option<Vec<u8>>>;
    /// Inputs without a disposition, in order of arrival.
    fn inputs_to_settle(&self, limit: usize) -> Stored<Vec<EvidenceId>>;
    /// How many inputs have no disposition yet.
    fn inputs_unsettled(&self) -> Stored<u64>;
    /// Inputs in quarantine, in order of arrival.
    fn inputs_quarantined(&self) -> Stored<Vec<InputRow>>;
    /// Says what became of an input. A settled input stays so, except that a quarantined one may be applied or
    /// ignored later; anything else, and an unknown id, panics (`BUG:`).
    fn settle(&mut self, id: &EvidenceId, disposition: &Disposition, at: DateTime<Utc>) -> Stored<()>;
    /// The input last put under this name (to see that a file has changed).
    fn find_input_by_name(&self, kind: InputKind, name: &str) -> Stored<Option<InputRow>>;

    // ── mailbox ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// `(UIDVALIDITY, UID)`: everything of the folder up to this UID is stored.
    fn cursor(&self, folder: &str) -> Stored<Option<(u32, u32)>>;
    fn set_cursor(&mut self, folder: &str, uidvalidity: u32, uid: u32) -> Stored<()>;
    /// Was a mail put under this key?
    fn has_mail(&self, key: &MailKey) -> Stored<bool>;

    // ── outbox ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// Puts a mail with its final bytes in the outbox, as `ready`. Its id, its Message-ID and each (case, step) it
    /// covers must be new among the mails that were not withdrawn, else `Twice`. A withdrawn mail keeps its row; a
    /// later one of the same id is what [`Store::outbox`] shows.
    fn put_outbox(&mut self, mail: &NewOutbox) -> Stored<()>;
    fn outbox(&self, id: &str) -> Stored<Option<OutboxRow>>;
    /// The bytes, checked against their sha256: `Broken` when they are no longer what was put.
    fn outbox_bytes(&self, id: &str) -> Stored<Option<Vec<u8>>>;
    /// Mails in any of these states, oldest first.
    fn outbox_in(&self, states: &[OutboxState]) -> Stored<Vec<OutboxRow>>;
    /// The mails that are `sending` or `dot_intent`, in no order.
    fn outbox_under_way(&self) -> Stored<Vec<UnderWay>>;
    /// Ids of mails to be sent now: `ready`, and to be tried at or before `now`, or last changed before `anew`. Digests
    /// first, then those that were tried least, then the oldest.
    fn outbox_to_try(&self, now: DateTime<Utc>, anew: Option<DateTime<Utc>>) -> Stored<Vec<String>>;
    fn outbox_by_message_id(&self, message_id: &str) -> Stored<Option<OutboxRow>>;
    fn outbox_by_token(&self, token: &str) -> Stored<Option<OutboxRow>>;
    /// Moves a mail on; false when it was not in `from` (somebody else was faster): then nothing has changed.
    /// `next_try` replaces what was there. Claiming (`ready` → `sending`) counts an attempt. A move that
    /// [`OutboxState::may_become`] does not allow panics (`BUG:`).
    fn move_outbox(
        &mut self,
        id: &str,
        from: OutboxState,
        to: OutboxState,
        note: &str,
        at: DateTime<Utc>,
        next_try: Option<DateTime<Utc>>,
    ) -> Stored<bool>;
    /// How many letters (no digests) a server has accepted at or after this instant; bounced ones count.
    fn sent_since(&self, at: DateTime<Utc>) -> Stored<u64>;
    /// These letters, the one that was accepted first first.
    fn letters_sent_since(&self, at: DateTime<Utc>) -> Stored<Vec<OutboxRow>>;

    // ── small things ────────────────────────────────────────────────────────────────────────────────────────────

    /// True the first time a key of this kind is seen, false ever after: payments, statements, digest days.
    fn once(&mut self, kind: &str, key: &str) -> Stored<bool>;
    fn meta(&self, key: &str) -> Stored<Option<String>>;
    fn set_meta(&mut self, key: &str, value: &str) -> Stored<()>;
    /// Looks for damage; each finding is a line for a human, none means sound.
    fn check(&self, depth: Depth) -> Stored<Vec<String>>;
}

/// What a store answers.
pub type Stored<T> = Result<T, StoreFault>;

/// Split by what the caller does about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreFault {
    /// The account was changed by somebody else: load it and decide again.
    #[error("the account was changed meanwhile")]
    Conflict,
    /// This exists already and may exist only once: do not do it again.
    #[error("there is already {what}")]
    Twice { what: String },
    /// No room on the disk: send nothing, tell the owner, try again later.
    #[error("the disk is full")]
    Full,
    /// Another process holds the write lock: try again.
    #[error("the database is in use by another process")]
    Busy,
    /// I/O failed or the file is damaged: stop at once (exit 74), look closely at the next start.
    #[error("the database is damaged or unreadable: {0}")]
    Broken(String),
    /// Only when opening: not a database of ours, or one of a newer version. Nothing was touched.
    #[error("the database cannot be used: {0}")]
    Unfit(String),
}

/// How hard [`Store::check`] looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Structure and hash chain; for each start.
    Quick,
    /// Also indexes, references and the checksum of every stored mail and file; weekly, or after damage.
    Thorough,
}

/// The name of an input: the sha256 of its bytes in lower-case hex.
pub fn evidence_of(bytes: &[u8]) -> EvidenceId {
    EvidenceId::new(hex(&Sha256::digest(bytes)))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_the_sha256() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(evidence_of(b"abc").as_str(), abc);
    }
}
