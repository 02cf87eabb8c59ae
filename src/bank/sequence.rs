//! Do the statements of an account join: each begins with the balance that one before it ended with.
//! Balances join across formats and where banks number nothing; the numbers only help to say what is missing.

use super::statement::Statement;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What is kept of a statement to see whether the next one joins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    #[serde(default)]
    pub from: Option<NaiveDate>,
    pub until: NaiveDate,
    /// In minor units; the currency is the account's.
    pub opening: i64,
    pub closing: i64,
    #[serde(default)]
    pub number: Option<String>,
    /// The owner said that nothing is missing before it.
    #[serde(default)]
    pub joins: bool,
}

/// A statement is missing between two days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The last day that is covered before it.
    pub after: NaiveDate,
    /// The last day of the statement that does not join.
    pub until: NaiveDate,
    pub closing: i64,
    pub opening: i64,
    /// The numbers around it.
    pub numbers: Option<(String, String)>,
}

/// Older statements than this many are forgotten, if nothing is missing among them.
const KEPT: usize = 400;

impl Link {
    /// `None` for what has no balances or covers no day to its end.
    pub fn of(statement: &Statement) -> Option<Link> {
        Some(Link {
            from: statement.covers_from,
            until: statement.covers_until?,
            opening: statement.opening?.minor(),
            closing: statement.closing?.minor(),
            number: statement.sequence.clone(),
            joins: false,
        })
    }

    fn is_same(&self, other: &Link) -> bool {
        (self.until, self.opening, self.closing) == (other.until, other.opening, other.closing)
    }

    /// It goes on where `before` ended, or covers days that `before` covers too.
    fn follows(&self, before: &Link) -> bool {
        let overlaps = self.from.is_some_and(|from| from < before.until);
        before.closing == self.opening || before.opening == self.opening || overlaps
    }
}

/// Adds a statement to those that are known, in the order of their days. False when it was known.
pub fn add(links: &mut Vec<Link>, link: Link) -> bool {
    if links.iter().any(|known| known.is_same(&link)) {
        return false;
    }
    links.push(link);
    links.sort_by_key(|link| (link.until, link.from));
    in_order_of_balances(links);
    if links.len() > KEPT && gaps(&links[..links.len() - KEPT + 1]).is_empty() {
        links.drain(..links.len() - KEPT);
    }
    true
}

/// Several statements of one day stand in the order in which their balances join.
fn in_order_of_balances(links: &mut [Link]) {
    for at in 1..links.len() {
        let (before, rest) = links.split_at_mut(at);
        let Some(last) = before.last() else { continue };
        if let Some(first) = rest.first().map(|first| first.until)
            && let Some(next) =
                rest.iter().take_while(|link| link.until == first).position(|link| link.opening == last.closing)
        {
            rest.swap(0, next);
        }
    }
}

/// What is missing, oldest first.
pub fn gaps(links: &[Link]) -> Vec<Gap> {
    let mut found = Vec::new();
    for (at, link) in links.iter().enumerate().skip(1) {
        let before = &links[..at];
        if link.joins || before.iter().any(|known| link.follows(known)) {
            continue;
        }
        let Some(last) = before.last() else { continue };
        let numbers = last.number.clone().zip(link.number.clone());
        let after = before.iter().map(|known| known.until).max().unwrap_or(last.until);
        found.push(Gap { after, until: link.until, closing: last.closing, opening: link.opening, numbers });
    }
    found
}

/// The last day that is covered without a gap before it.
pub fn covered_until(links: &[Link]) -> Option<NaiveDate> {
    let first_gap = gaps(links).into_iter().next().map(|gap| gap.after);
    first_gap.or_else(|| links.iter().map(|link| link.until).max())
}

/// Numbers that did not come although the balances join: days without a movement, for most banks.
pub fn skipped(links: &[Link], link: &Link) -> Option<(u32, u32)> {
    let number = |link: &Link| link.number.as_ref().and_then(|number| number.parse::<u32>().ok()).filter(|n| *n > 0);
    let before = links.iter().filter(|known| known.until <= link.until && !known.is_same(link));
    let last = before.max_by_key(|known| (known.until, number(known))).and_then(number)?;
    let this = number(link)?;
    (this > last + 1).then_some((last + 1, this - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, d).unwrap()
    }

    /// Of the day `d`, opening with the balance of the day before.
    fn link(d: u32, opening: i64, closing: i64) -> Link {
        Link { from: Some(day(d - 1)), until: day(d), opening, closing, number: Some(d.to_string()), joins: false }
    }

    fn chain(links: &[Link]) -> Vec<Link> {
        let mut known = Vec::new();
        links.iter().for_each(|link| {
            add(&mut known, link.clone());
        });
        known
    }

    #[test]
    fn a_missing_statement_is_seen_until_it_comes() {
        let links = chain(&[link(2, 0, 100), link(3, 100, 150), link(5, 170, 180), link(6, 180, 190)]);
        assert_eq!(covered_until(&links), Some(day(3)));
        let found = gaps(&links);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].after, found[0].until, found[0].closing, found[0].opening), (day(3), day(5), 150, 170));
        assert_eq!(found[0].numbers, Some(("3".into(), "5".into())));
        let links = chain(&[links, vec![link(4, 150, 170)]].concat());
        assert_eq!((gaps(&links).len(), covered_until(&links)), (0, Some(day(6))));
    }

    #[test]
    fn what_is_no_gap() {
        let days_without_movements = chain(&[link(2, 0, 100), link(9, 100, 120)]);
        assert!(gaps(&days_without_movements).is_empty());
        assert_eq!(skipped(&days_without_movements[..1], &days_without_movements[1]), Some((3, 8)));
        let downloaded_twice =
            chain(&[link(2, 0, 100), Link { from: Some(day(1)), ..link(9, 0, 150) }, link(10, 150, 160)]);
        assert!(gaps(&downloaded_twice).is_empty());
        let overlapping = chain(&[link(9, 0, 100), Link { from: Some(day(5)), ..link(12, 40, 150) }]);
        assert!(gaps(&overlapping).is_empty());
        let mut accepted = chain(&[link(2, 0, 100), link(5, 170, 180)]);
        accepted[1].joins = true;
        assert_eq!(covered_until(&accepted), Some(day(5)));
    }

    #[test]
    fn the_same_statement_twice_is_one() {
        let mut links = chain(&[link(2, 0, 100)]);
        assert!(!add(&mut links, Link { number: None, ..link(2, 0, 100) }));
        assert_eq!(links.len(), 1);
    }

    proptest! {
        #[test]
        fn in_whatever_order_they_come(
            moves in proptest::collection::vec(-500i64..500, 2..20),
            order in any::<u64>(), missing in 0usize..20, twice in any::<bool>(),
        ) {
            let mut balance = 0;
            let mut all: Vec<Link> = moves.iter().zip(2..).map(|(change, d)| {
                let opening = balance;
                balance += change;
                // Two statements on every third day.
                let d = if twice && d % 3 == 0 { d - 1 } else { d };
                link(d, opening, balance)
            }).collect();
            let last = all.len() - 1;
            let mut shuffled = all.clone();
            let mut seed = order;
            for at in (1..shuffled.len()).rev() {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                shuffled.swap(at, usize::try_from(seed >> 33).unwrap() % (at + 1));
            }
            prop_assert!(gaps(&chain(&shuffled)).is_empty());
            // One in the middle is taken away, whose balances nothing else has.
            let gone = all.remove(1 + missing % last.max(1));
            let unique = all.iter().all(|l| l.opening != gone.closing || l.until > gone.until)
                && all.iter().filter(|l| l.until < gone.until).all(|l| l.closing != gone.closing && l.opening != gone.closing);
            if !twice && unique && gone.opening != gone.closing && gone.until < all[all.len() - 1].until {
                shuffled.retain(|l| l != &gone);
                let covered = covered_until(&chain(&shuffled));
                prop_assert!(covered < Some(gone.until), "{covered:?} {gone:?} {all:?}");
            }
        }
    }
}
