//! The only place that asks the machine what time it is. Never interprets it: civil dates belong to the pure rooms.

use crate::ports::Clock;
use chrono::{DateTime, Utc};
use std::sync::{Mutex, PoisonError};

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the one clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// A clock that stands still until it is told another time: for `run --once --now` and `demo`.
#[derive(Debug)]
pub struct SetClock(Mutex<DateTime<Utc>>);

impl SetClock {
    pub fn new(now: DateTime<Utc>) -> SetClock {
        SetClock(Mutex::new(now))
    }

    /// From here on it is `now`; going back is allowed, judging that is the daemon's.
    pub fn set(&self, now: DateTime<Utc>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

impl Clock for SetClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_set(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_set_clock_stands_still_until_told() {
        let nine = DateTime::from_timestamp(1_793_696_400, 0).unwrap();
        let clock = SetClock::new(nine);
        assert_eq!((clock.now(), clock.now()), (nine, nine));
        clock.set(nine + TimeDelta::days(3));
        assert_eq!(clock.now(), nine + TimeDelta::days(3));
    }

    #[test]
    fn the_system_clock_goes_forward() {
        let before = SystemClock.now();
        assert!(SystemClock.now() >= before);
    }
}
