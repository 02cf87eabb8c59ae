//! PURE. Until when a day can bring nothing new for an account that nobody touches, whatever the world around it does. So the daemon need
//! not ask about every debtor at every turn.
//!
//! What the world tells (mailbox, bank data, caps, stops, the hour) only keeps things from being decided. So what is not decided in a world
//! that keeps nothing back, and of a debtor for whom no step is due, is decided in no world. A rule of the day that is otherwise must be told
//! here, as instalments are.

use super::account::Account;
use super::decide::decide;
use super::ids::DebtorId;
use super::input::Input;
use super::policy::Policy;
use super::schedule::due_steps;
use super::world::World;
use chrono::{Days, NaiveDate, NaiveTime};

/// An account is looked at again after so many days at the latest, and up to [`SPREAD`] more, so that not all wake on one day.
const SOONEST: u64 = 3;
const SPREAD: u64 = 5;

/// The first day, today or later, on which a day may bring a fact for this account as it is now; a few days ahead at most.
pub fn wakes_on(account: &Account, policy: &Policy, today: NaiveDate) -> NaiveDate {
    let ahead = SOONEST + spread(&account.id);
    let days = (0..ahead).filter_map(|ahead| today.checked_add_days(Days::new(ahead)));
    let mut days = days.skip_while(|day| is_quiet(account, policy, *day));
    days.next().or_else(|| today.checked_add_days(Days::new(ahead))).unwrap_or(today)
}

/// Nothing is due, whatever the gate says to it, and nothing else comes with the day when nothing keeps it from coming. What
/// becomes of instalments when bank data is late has too many ways to say so of them.
fn is_quiet(account: &Account, policy: &Policy, day: NaiveDate) -> bool {
    account.living_plan().is_none()
        && due_steps(account, policy, day).is_empty()
        && decide(account, &Input::Day(open_world(day)), policy, day).is_empty()
}

/// A world that keeps nothing back.
fn open_world(day: NaiveDate) -> World {
    let now = day.and_time(NaiveTime::MIN);
    World {
        now,
        mailbox_read_at: Some(now),
        mail_waiting: 0,
        quarantined: None,
        bank_data_until: Some(NaiveDate::MAX),
        sent_today: 0,
        per_day: u32::MAX,
        sent_this_hour: 0,
        per_hour: 0,
        restored_on: None,
        stopped: None,
    }
}

/// The same for the same account, each time.
fn spread(id: &DebtorId) -> u64 {
    id.as_str().bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte))) % SPREAD
}
