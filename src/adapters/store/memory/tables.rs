//! The tables of the memory store, and the way back.

use crate::dunning::ids::{CaseId, DebtorId, EvidenceId, InvoiceNumber, QuestionId, StepId};
use crate::ports::MailKey;
use crate::store::{CaseRow, InputKind, InputRow, JournalRow, OutboxRow, OutboxState, QuestionRow};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Each map is a table or an index over one.
#[derive(Clone, Default)]
pub struct Tables {
    pub accounts: BTreeMap<DebtorId, Account>,
    pub cases: BTreeMap<CaseId, (CaseRow, DebtorId)>,
    pub numbers: BTreeMap<InvoiceNumber, CaseId>,
    pub open: BTreeMap<(DebtorId, CaseId), ()>,
    pub addresses: BTreeMap<(String, DebtorId), ()>,
    pub domains: BTreeMap<(String, DebtorId, String), ()>,
    pub questions: BTreeMap<(DebtorId, QuestionId), QuestionRow>,
    pub asked_about: BTreeMap<(DebtorId, String, QuestionId), ()>,
    pub journal: BTreeMap<i64, JournalRow>,
    pub by_account: BTreeMap<(DebtorId, i64), ()>,
    pub inputs: BTreeMap<u64, (InputRow, Arc<[u8]>)>,
    pub input_ids: BTreeMap<EvidenceId, u64>,
    pub input_names: BTreeMap<(InputKind, String), u64>,
    pub unsettled: BTreeMap<u64, EvidenceId>,
    pub quarantined: BTreeMap<u64, ()>,
    pub cursors: BTreeMap<String, (u32, u32)>,
    pub mails: BTreeMap<MailKey, ()>,
    pub outbox: BTreeMap<u64, (OutboxRow, Arc<[u8]>)>,
    pub outbox_ids: BTreeMap<String, u64>,
    pub message_ids: BTreeMap<String, u64>,
    pub tokens: BTreeMap<String, u64>,
    pub states: BTreeMap<(OutboxState, u64), ()>,
    pub covered: BTreeMap<(CaseId, StepId), u64>,
    pub accepted: BTreeMap<(DateTime<Utc>, u64), ()>,
    pub seen: BTreeMap<(String, String), ()>,
    pub meta: BTreeMap<String, String>,
}

#[derive(Clone)]
pub struct Account {
    pub version: u64,
    pub state: String,
    pub cases: Vec<CaseId>,
    pub addresses: BTreeSet<String>,
}

pub type Undo = Box<dyn FnOnce(&mut Tables) + Send>;
pub type Table<K, V> = fn(&mut Tables) -> &mut BTreeMap<K, V>;

/// Sets or removes a row; what was there.
pub fn replace<K: Ord, V>(table: &mut BTreeMap<K, V>, key: K, value: Option<V>) -> Option<V> {
    match value {
        Some(value) => table.insert(key, value),
        None => table.remove(&key),
    }
}

/// The number after the last.
pub fn next<V>(table: &BTreeMap<u64, V>) -> u64 {
    table.last_key_value().map_or(1, |(last, _)| last + 1)
}
