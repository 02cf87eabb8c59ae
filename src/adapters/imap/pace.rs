//! How soon to log in again: after a failure never more than once in 30 seconds, and ever more slowly; and never more than
//! so often in an hour, so that a server in trouble is not made worse and an account is not locked. Times are of the
//! running process only.

use super::session::{Fault, Patience, Session};
use crate::adapters::tls::{Login, Server};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

const FIRST: Duration = Duration::from_secs(5);
const LAST: Duration = Duration::from_secs(300);
const BETWEEN_LOGINS: Duration = Duration::from_secs(30);
/// A server that lets us in and then breaks off each time sees no more logins than these.
const LOGINS_AN_HOUR: usize = 60;
const HOUR: Duration = Duration::from_secs(3600);

#[derive(Debug, Default)]
pub(super) struct Pace {
    failures: u32,
    /// The logins of the last hour, the latest last.
    tried: VecDeque<Instant>,
    not_before: Option<Instant>,
}

impl Pace {
    /// How long to wait before the next login; None = now is fine.
    pub fn rest(&self, now: Instant) -> Option<Duration> {
        let full = self.tried.len() >= LOGINS_AN_HOUR;
        let hour_over = self.tried.front().filter(|_| full).map(|at| *at + HOUR);
        let rest = self.not_before.max(hour_over).map(|at| at.saturating_duration_since(now));
        rest.filter(|rest| !rest.is_zero())
    }

    /// A session, unless it is too soon to log in again. What comes of it is told by [`Pace::failed`] or [`Pace::went_well`].
    pub async fn open(&mut self, server: &Server, login: &Login, patience: Patience) -> Result<Session, Fault> {
        if let Some(rest) = self.rest(Instant::now()) {
            return Err(Fault::Broken(format!("next login in {} s", rest.as_secs() + 1)));
        }
        self.attempt(Instant::now());
        Session::open(server, login, patience).await
    }

    fn attempt(&mut self, now: Instant) {
        self.tried.push_back(now);
        while self.tried.len() > LOGINS_AN_HOUR {
            self.tried.pop_front();
        }
    }

    pub fn failed(&mut self, now: Instant) {
        let backoff = backoff(self.failures).mul_f64(jitter());
        self.failures = self.failures.saturating_add(1);
        let spaced = self.tried.back().map(|at| *at + BETWEEN_LOGINS);
        self.not_before = Some(now + backoff).max(spaced);
    }

    pub fn went_well(&mut self) {
        self.failures = 0;
        self.not_before = None;
    }
}

/// 5, 10, 20 … at most 300 seconds.
fn backoff(failures: u32) -> Duration {
    FIRST.saturating_mul(2u32.saturating_pow(failures)).min(LAST)
}

/// 0.8 to 1.2, so that many clients do not come back in step.
fn jitter() -> f64 {
    0.8 + 0.4 * f64::from(getrandom::u32().unwrap_or(u32::MAX / 2)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_spaced_and_slow_down() {
        let (mut pace, mut now) = (Pace::default(), Instant::now());
        assert_eq!(pace.rest(now), None);
        for at_most in [30, 30, 30, 48, 96, 192, 360, 360] {
            pace.attempt(now);
            pace.failed(now);
            let rest = pace.rest(now).unwrap();
            assert!(rest >= Duration::from_secs(30) && rest <= Duration::from_secs(at_most), "{rest:?}");
            now += rest;
            assert_eq!(pace.rest(now), None);
        }
        pace.went_well();
        pace.attempt(now);
        now += Duration::from_secs(3600);
        pace.failed(now);
        assert!(pace.rest(now).unwrap() <= Duration::from_secs(6), "a session that lived long is renewed soon");
    }

    #[test]
    fn an_hour_sees_so_many_logins_however_well_each_goes() {
        let (mut pace, begun) = (Pace::default(), Instant::now());
        let mut now = begun;
        for _ in 0..LOGINS_AN_HOUR {
            assert_eq!(pace.rest(now), None);
            pace.attempt(now);
            pace.went_well();
            now += Duration::from_secs(1);
        }
        assert_eq!(pace.rest(now), Some(HOUR - (now - begun)));
        now = begun + HOUR;
        assert_eq!(pace.rest(now), None);
        pace.attempt(now);
        assert!(pace.rest(now).is_some(), "one for each that is an hour old");
    }
}
