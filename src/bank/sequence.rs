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
    /// In minor units.
    pub opening: i64,
    pub closing: i64,
    #[serde(default)]
    pub number: Option<String>,
    /// The owner said that nothing is missing before it.
    #[serde(default)]
    pub joins: bool,
    /// The code of its currency; unknown for links that were kept before it was.
    #[serde(default)]
    pub currency: Option<String>,
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
    /// The code of the currency of both.
    pub currency: Option<String>,
    /// The numbers around it.
    pub numbers: Option<(String, String)>,
}

/// Older statements than this many are forgotten, if nothing is missing among them.
const KEPT: usize = 400;
/// After this many statements in a row, each with the next number, a bank numbers every one: a day of the year jumps over
/// weekends.
const NUMBERED: usize = 10;

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
            currency: Some(statement.currency.code().to_owned()),
        })
    }

    fn is_in_one_currency_with(&self, other: &Link) -> bool {
        self.currency.is_none() || other.currency.is_none() || self.currency == other.currency
    }

    fn counted(&self) -> Option<u32> {
        self.number.as_ref().and_then(|number| number.parse().ok()).filter(|number| *number > 0)
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
        let before: Vec<&Link> = links[..at].iter().filter(|known| known.is_in_one_currency_with(link)).collect();
        let follows = before.iter().any(|known| link.follows(known));
        if link.joins || (follows && !leaves_numbers_out(&before, link)) {
            continue;
        }
        let Some(last) = before.last() else { continue };
        let numbers = last.number.clone().zip(link.number.clone());
        let after = before.iter().map(|known| known.until).max().unwrap_or(last.until);
        let currency = link.currency.clone();
        found.push(Gap { after, until: link.until, closing: last.closing, opening: link.opening, currency, numbers });
    }
    found
}

/// Its number is not the next one, of a bank that numbers every statement: one whose movements come to nothing is missing.
fn leaves_numbers_out(before: &[&Link], link: &Link) -> bool {
    let last: Vec<Option<u32>> = before.iter().rev().take(NUMBERED).map(|known| known.counted()).collect();
    let each_is_next = last.windows(2).all(|two| two[0].is_some() && two[0] == two[1].and_then(|n| n.checked_add(1)));
    let jumps = last.first().copied().flatten().zip(link.counted()).is_some_and(|(last, this)| this > last + 1);
    last.len() == NUMBERED && each_is_next && jumps
}

/// The last day that is covered without a gap before it.
pub fn covered_until(links: &[Link]) -> Option<NaiveDate> {
    let first_gap = gaps(links).into_iter().next().map(|gap| gap.after);
    first_gap.or_else(|| links.iter().map(|link| link.until).max())
}

/// Numbers that did not come although the balances join: days without a movement, for most banks.
pub fn skipped(links: &[Link], link: &Link) -> Option<(u32, u32)> {
    let before = links.iter().filter(|known| known.until <= link.until && !known.is_same(link));
    let last = before.max_by_key(|known| (known.until, known.counted())).and_then(Link::counted)?;
    let this = link.counted()?;
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
        Link {
            from: Some(day(d - 1)),
            until: day(d),
            opening,
            closing,
            number: Some(d.to_string()),
            joins: false,
            currency: None,
        }
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
    fn a_bank_that_numbers_every_statement_leaves_none_out() {
        let numbered = |n: u32, d: u32| Link { number: Some(n.to_string()), ..link(d, 100, 100) };
        let all: Vec<Link> = (1..=12).map(|n| numbered(n, n + 1)).collect();
        let without = |gone: usize| chain(&[&all[..gone], &all[gone + 1..]].concat());
        let found = gaps(&without(10));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].numbers, Some(("10".into(), "12".into())));
        assert_eq!((found[0].closing, found[0].opening, covered_until(&without(10))), (100, 100, Some(day(11))));
        assert!(gaps(&chain(&[without(10), vec![all[10].clone()]].concat())).is_empty(), "it came after all");
        assert!(gaps(&without(5)).is_empty(), "five in a row prove nothing");
        let of_days: Vec<Link> = (1..=20).filter(|n| n % 7 < 5).map(|n| numbered(n, n + 1)).collect();
        assert!(gaps(&chain(&of_days)).is_empty(), "numbers that are days");
        let mut accepted = without(10);
        accepted[10].joins = true;
        assert!(gaps(&accepted).is_empty());
    }

    #[test]
    fn currencies_stand_apart() {
        let of = |code: &str, link: Link| Link { currency: Some(code.to_owned()), ..link };
        let links = chain(&[
            of("EUR", link(2, 0, 100)),
            of("USD", link(3, 7, 8)),
            of("EUR", link(4, 100, 90)),
            of("USD", link(5, 8, 9)),
        ]);
        assert!(gaps(&links).is_empty(), "{:?}", gaps(&links));
        let links = chain(&[links, vec![of("USD", link(6, 10, 11))]].concat());
        assert_eq!(gaps(&links)[0].currency.as_deref(), Some("USD"));
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
