//! What `decide` and the gate must know of the world around one account: values, taken at one moment.

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct World {
    /// Civil time in the administration's zone.
    pub now: NaiveDateTime,
    /// When the mailbox (all its folders) was last read to its end.
    pub mailbox_read_at: Option<NaiveDateTime>,
    /// Mails stored but not yet understood.
    pub mail_waiting: usize,
    /// Something in quarantine names this debtor: what.
    pub quarantined: Option<String>,
    /// The last day that bank data covers without a gap.
    pub bank_data_until: Option<NaiveDate>,
    /// Letters that left today.
    pub sent_today: u32,
    pub per_day: u32,
    /// Letters that left within the last sixty minutes.
    #[serde(default)]
    pub sent_this_hour: u32,
    /// At most so many within sixty minutes; 0 = no limit.
    #[serde(default)]
    pub per_hour: u32,
    /// When a backup was last restored: what left before that may be forgotten.
    #[serde(default)]
    pub restored_on: Option<NaiveDate>,
    /// Why nothing may leave at all: unknown burst, catch-up, clock trouble, a mail server that refuses us, a backup, a full disk.
    pub stopped: Option<Stop>,
}

/// Why the whole administration sends nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// More letters due at once than the breaker allows.
    Burst { due: usize, limit: usize },
    /// After an interruption, until mail and statements were read and a digest was sent.
    CatchUp { since: NaiveDate },
    /// The clock stands before the last known moment.
    ClockWentBack { last: NaiveDateTime },
    /// The mail server refuses us.
    Lane { reason: String },
    /// The clock stands at a moment that cannot be.
    ClockImplausible { now: NaiveDateTime },
    /// The database was restored from a backup: what was sent since then it does not know by itself.
    Restored { taken: NaiveDateTime },
    /// So little room on the disk that what becomes of a letter might not be written down.
    DiskLow { free_mib: u64 },
    /// The invoices folder cannot be read: a credit note, or an invoice that was corrected, may lie in it.
    InvoicesAway { why: String },
}

impl World {
    pub fn today(&self) -> NaiveDate {
        self.now.date()
    }
}
