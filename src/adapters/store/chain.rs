//! The hash chain of the journal: each row vouches for all before it, so a changed, lost or inserted row shows. It
//! keeps honest people honest and finds damage; who can write the file can also write a new chain.

use crate::store::{JournalRow, NewRow};
use sha2::{Digest, Sha256};

/// What the first row is chained to.
pub const START: [u8; 32] = [0; 32];

/// The row at `seq`, chained to the hash of the one before.
pub fn link(before: &[u8; 32], seq: i64, row: &NewRow) -> JournalRow {
    let at = super::alike::kept(row.at);
    let mut linked = JournalRow {
        seq,
        account: row.account.clone(),
        on: row.on,
        at,
        cause: row.cause.clone(),
        fact: row.fact.clone(),
        hash: START,
    };
    linked.hash = hash(before, &linked);
    linked
}

/// sha256 over the hash before, the sequence number, and the fields, each with its length before it.
fn hash(before: &[u8; 32], row: &JournalRow) -> [u8; 32] {
    let (on, at) = (row.on.to_string(), row.at.timestamp_micros().to_string());
    let mut sha = Sha256::new();
    sha.update(before);
    sha.update(row.seq.to_be_bytes());
    for field in [row.account.as_str(), &on, &at, &row.cause, &row.fact] {
        sha.update((field.len() as u64).to_be_bytes());
        sha.update(field.as_bytes());
    }
    sha.finalize().into()
}

/// Walks the rows in order and collects what is wrong.
pub struct Walk {
    before: [u8; 32],
    last: i64,
    findings: Vec<String>,
}

impl Walk {
    pub fn new() -> Walk {
        Walk { before: START, last: 0, findings: Vec::new() }
    }

    /// The next row.
    pub fn step(&mut self, row: &JournalRow) {
        if row.seq != self.last + 1 {
            self.findings.push(missing(self.last + 1, row.seq - 1));
        } else if hash(&self.before, row) != row.hash {
            self.findings.push(format!("journal row {} is not what was written", row.seq));
        }
        self.before = row.hash;
        self.last = row.seq;
    }

    /// All rows are seen; `highest` is the last number that was ever given out.
    pub fn end(mut self, highest: i64) -> Vec<String> {
        if self.last < highest {
            self.findings.push(missing(self.last + 1, highest));
        }
        self.findings
    }
}

fn missing(from: i64, to: i64) -> String {
    if from == to {
        format!("journal row {from} is missing")
    } else {
        format!("journal rows {from} to {to} are missing")
    }
}
