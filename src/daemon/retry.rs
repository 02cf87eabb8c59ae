//! When a mail that was not accepted is tried again, and when that was often enough. Pure arithmetic over what is
//! remembered of its tries, so that a restart changes nothing.

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

/// Minutes until the next try, by number of tries so far; the last one repeats (reliability rule 2.3).
const MINUTES: [i64; 5] = [5, 15, 30, 60, 120];
/// Up to so many percent are added, so that not every mail that one outage stopped comes back in the same second.
const JITTER_PERCENT: i64 = 20;
/// So long after the first try, a failing one was the last.
const GIVE_UP_HOURS: i64 = 48;
/// Tries after which a refusal in doubtful words counts as one: the first and three more.
pub const DOUBTFUL_TRIES: u32 = 4;
/// Tries further apart than this belong to different times: then it was withdrawn, and is sent anew for another reason.
const FORGET_DAYS: i64 = 7;

/// What is remembered of a mail that was tried and not accepted: in the store as `FIRST LAST COUNT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tries {
    first: DateTime<Utc>,
    last: DateTime<Utc>,
    /// At least 1.
    pub count: u32,
}

impl Tries {
    /// One more failed try at this moment, after those that are remembered.
    pub fn one_more(remembered: Option<&str>, now: DateTime<Utc>) -> Tries {
        match remembered.and_then(Tries::read).filter(|tries| now - tries.last <= TimeDelta::days(FORGET_DAYS)) {
            Some(tries) => Tries { last: now, count: tries.count.saturating_add(1), ..tries },
            None => Tries { first: now, last: now, count: 1 },
        }
    }

    fn read(text: &str) -> Option<Tries> {
        let mut words = text.split(' ');
        let (first, last, count) = (words.next()?, words.next()?, words.next()?);
        let moment = |word| Some(DateTime::parse_from_rfc3339(word).ok()?.with_timezone(&Utc));
        Some(Tries { first: moment(first)?, last: moment(last)?, count: count.parse().ok()? })
    }

    pub fn write(&self) -> String {
        format!("{} {} {}", self.first.to_rfc3339(), self.last.to_rfc3339(), self.count)
    }

    pub fn first(&self) -> DateTime<Utc> {
        self.first
    }

    /// Whether it has been tried for long enough.
    pub fn are_enough(&self) -> bool {
        self.last - self.first >= TimeDelta::hours(GIVE_UP_HOURS)
    }

    /// When the mail with this id is tried again. The same tries give the same moment.
    pub fn next(&self, id: &str) -> DateTime<Utc> {
        let place = (self.count as usize).saturating_sub(1).min(MINUTES.len() - 1);
        let seconds = MINUTES.get(place).copied().unwrap_or_default() * 60;
        self.last + TimeDelta::seconds(seconds + seconds * self.jitter(id) / 100)
    }

    /// Percent, from 0 to [`JITTER_PERCENT`].
    fn jitter(&self, id: &str) -> i64 {
        let hash = Sha256::digest(format!("{id} {}", self.count));
        let number = hash.iter().take(4).fold(0, |number, byte| number * 256 + i64::from(*byte));
        number % (JITTER_PERCENT + 1)
    }
}

/// The shortest time between two tries, whatever the reason to try anew.
pub fn shortest() -> TimeDelta {
    TimeDelta::minutes(MINUTES[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    #[test]
    fn tries_come_further_apart_and_never_sooner_than_said() {
        let mut tries = Tries::one_more(None, at(0));
        for minutes in [5, 15, 30, 60, 120, 120, 120] {
            let wait = tries.next("letter") - tries.last;
            assert!(wait >= TimeDelta::minutes(minutes), "{tries:?}: {wait}");
            assert!(wait <= TimeDelta::seconds(minutes * 72), "{tries:?}: {wait}");
            assert_eq!(tries.next("letter"), Tries::read(&tries.write()).unwrap().next("letter"), "after a restart");
            tries = Tries::one_more(Some(&tries.write()), tries.next("letter"));
        }
        assert_eq!(tries.count, 8);
    }

    #[test]
    fn letters_that_one_outage_stopped_come_back_apart() {
        let tries = Tries::one_more(None, at(0));
        let moments: std::collections::BTreeSet<_> = (0..50).map(|n| tries.next(&format!("L{n}"))).collect();
        assert!(moments.len() > 10, "{} moments", moments.len());
    }

    #[test]
    fn two_days_are_enough() {
        let first = Tries::one_more(None, at(0)).write();
        assert!(!Tries::one_more(Some(&first), at(48 * 60 - 1)).are_enough());
        assert!(Tries::one_more(Some(&first), at(48 * 60)).are_enough());
        assert!(!Tries::one_more(Some(&first), at(8 * 24 * 60)).are_enough(), "another time");
        assert!(!Tries::one_more(Some("damaged"), at(48 * 60)).are_enough());
    }
}
