//! Whether mail reaches an address: what came back from it, and when that is enough to write there no more.

use super::account::{Account, LetterState};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// This many failures for a passing reason, with no letter between them that arrived, are as good as one for a lasting
/// reason.
pub const PASSING_FAILURES: usize = 3;

/// A letter did not reach this address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressFailure {
    pub address: String,
    pub on: NaiveDate,
    /// The address is no good; else the mailbox was full, or could not be reached for a time.
    pub lasting: bool,
}

impl Account {
    /// Nothing is written to this address until the owner says that it may be tried again.
    pub fn is_unreachable(&self, address: &str) -> bool {
        let arrived = self.last_arrival(address);
        let failures: Vec<&AddressFailure> = self.failures.iter().filter(|f| same(&f.address, address)).collect();
        let in_a_row = failures.iter().filter(|failure| arrived.is_none_or(|day| failure.on > day)).count();
        failures.iter().any(|failure| failure.lasting) || in_a_row >= PASSING_FAILURES
    }

    /// The day on which the last letter left for this address that did not come back.
    fn last_arrival(&self, address: &str) -> Option<NaiveDate> {
        let arrived = self.letters.iter().filter(|letter| same(&letter.recipient, address));
        let days = arrived.filter_map(|letter| match letter.state {
            LetterState::Sent(on) => Some(on),
            LetterState::Requested
            | LetterState::Unknown(_)
            | LetterState::Withdrawn
            | LetterState::Rejected(_)
            | LetterState::Bounced(_) => None,
        });
        days.max()
    }

    pub(super) fn trust_address(&mut self, address: &str) {
        self.failures.retain(|failure| !same(&failure.address, address));
    }
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}
