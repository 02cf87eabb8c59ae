//! What every store must judge alike: which write is refused and in what words, how instants and addresses are
//! kept. Keeps nothing itself.

use crate::dunning::ids::{CaseId, InvoiceNumber, StepId};
use crate::store::*;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// Microseconds since 1970: the precision of every store.
pub fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

/// The instant as it will be read back.
pub fn kept(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros(at)).unwrap_or(at)
}

/// An address as it is kept and compared.
pub fn address_key(address: &str) -> String {
    address.trim().to_lowercase()
}

/// What follows the last `@` of an address key; empty without one.
pub fn domain_of(address_key: &str) -> &str {
    address_key.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// A case or number that is named twice in one write.
pub fn refuse_cases_named_twice(cases: &[CaseRow]) -> Stored<()> {
    let (mut ids, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    match cases.iter().find(|row| !ids.insert(&row.case) || !numbers.insert(&row.number)) {
        Some(row) => Err(invoice_twice(&row.number)),
        None => Ok(()),
    }
}

/// A step that a mail names twice.
pub fn refuse_steps_named_twice(covers: &[(CaseId, StepId)]) -> Stored<()> {
    let mut pairs = BTreeSet::new();
    match covers.iter().find(|pair| !pairs.insert(*pair)) {
        Some((case, step)) => Err(step_twice(case, step)),
        None => Ok(()),
    }
}

pub fn invoice_twice(number: &InvoiceNumber) -> StoreFault {
    StoreFault::Twice { what: format!("a case of invoice {number}") }
}

pub fn mail_twice(id: &str) -> StoreFault {
    StoreFault::Twice { what: format!("a mail {id}") }
}

pub fn message_id_twice(message_id: &str) -> StoreFault {
    StoreFault::Twice { what: format!("a mail with Message-ID {message_id}") }
}

pub fn step_twice(case: &CaseId, step: &StepId) -> StoreFault {
    StoreFault::Twice { what: format!("a mail for step {step} of case {case}") }
}

/// Panics when an input's name is not the checksum of its bytes; where tests run, for who names it has just reckoned it, and
/// every reading reckons it again.
pub fn demand_evidence(input: &NewInput) {
    debug_assert!(input.id == evidence_of(&input.bytes), "BUG: an input is named {}", input.id);
}

/// Panics on a move that is never allowed.
pub fn demand_move(from: OutboxState, to: OutboxState) {
    assert!(from.may_become(to), "BUG: a mail never goes from {} to {}", from.word(), to.word());
}

/// Panics on a second settlement, but for leaving quarantine.
pub fn demand_settlement(old: Option<&str>, new: &Disposition) {
    let leaves_quarantine = old == Some("quarantined") && new.word() != "quarantined";
    assert!(old.is_none() || leaves_quarantine, "BUG: an input that is {old:?} cannot become {}", new.word());
}

/// The bytes, if they still have their checksum.
pub fn demand_sound(what: &str, sha256: &str, bytes: Vec<u8>) -> Stored<Vec<u8>> {
    if evidence_of(&bytes).as_str() == sha256 { Ok(bytes) } else { Err(StoreFault::Broken(changed(what))) }
}

/// The finding about bytes without their checksum.
pub fn changed(what: &str) -> String {
    format!("the bytes of {what} are not what was stored")
}
