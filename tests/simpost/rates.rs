//! How often things go wrong in the world of one seed.

use crate::sim::Chance;
use crate::sim::shaky::{How, Strike};

/// Each in percent of the occasions, 0 to 30; about half of them are 0 in any one world.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// The mail server: no connection, slow, temporary and final refusals, a refusal of the login or of our address.
    pub no_connection: i64,
    pub slow: i64,
    pub temporary: i64,
    pub refused: i64,
    pub lane: i64,
    /// The final dot was sent and no clear answer came: the server took the mail, or did not.
    pub taken_in_silence: i64,
    pub dropped_in_silence: i64,
    /// We die while a mail is handed over.
    pub killed_before_dot: i64,
    pub killed_after_dot: i64,
    /// We die between two passes, or the disk fails within one or while a mail is handed over.
    pub killed: i64,
    pub disk: i64,
    /// The mailbox: not there, numbered anew, mail late or twice, read in part.
    pub mailbox_down: i64,
    pub renumbered: i64,
    pub late: i64,
    pub twice: i64,
    pub partial: i64,
    /// The bank's file comes late.
    pub bank_late: i64,
    /// The clock is set, or the machine sleeps.
    pub clock: i64,
    pub asleep: i64,
    /// The disk is lost and an older copy of the store is put in its place.
    pub restored: i64,
    /// The owner does something, also while a letter is on its way; a debtor writes.
    pub owner: i64,
    pub ambush: i64,
    pub answers: i64,
}

impl Rates {
    pub fn draw(chance: &mut Chance) -> Rates {
        let mut rate = || if chance.in_100(50) { 0 } else { chance.within(1, 30) };
        Rates {
            no_connection: rate(),
            slow: rate(),
            temporary: rate(),
            refused: rate() / 2,
            lane: rate() / 3,
            taken_in_silence: rate(),
            dropped_in_silence: rate(),
            killed_before_dot: rate() / 2,
            killed_after_dot: rate() / 2,
            killed: rate(),
            disk: rate(),
            mailbox_down: rate(),
            renumbered: rate() / 3,
            late: rate(),
            twice: rate(),
            partial: rate(),
            bank_late: rate(),
            clock: rate() / 3,
            asleep: rate() / 5,
            restored: rate() / 2,
            owner: rate(),
            ambush: rate(),
            answers: rate(),
        }
    }
}

/// What a disk does at one of the next writes.
pub fn some_strike(chance: &mut Chance, latest: i64) -> Strike {
    let how = match chance.within(0, 3) {
        0 | 1 => How::Full,
        2 => How::Busy(chance.within(3, 12) as u32),
        _ => How::Broken { kept: chance.in_100(50) },
    };
    Strike { after: chance.within(0, latest) as u32, how }
}
