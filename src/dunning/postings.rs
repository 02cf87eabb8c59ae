//! The plain parts of an index: rows by number, numbers of rows by key, and rows in an order. Never knows what a row is.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

/// Rows, each with a number that is used again when the row is gone.
pub struct Slots<T> {
    rows: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slots<T> {
    fn default() -> Slots<T> {
        Slots { rows: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slots<T> {
    /// The number that the next row gets.
    pub fn next(&self) -> u32 {
        let after_last = || u32::try_from(self.rows.len()).expect("BUG: more than four thousand million rows");
        self.free.last().copied().unwrap_or_else(after_last)
    }

    pub fn put(&mut self, row: T) -> u32 {
        let at = self.next();
        match self.free.pop() {
            Some(free) => self.rows[free as usize] = Some(row),
            None => self.rows.push(Some(row)),
        }
        at
    }

    pub fn get(&self, at: u32) -> Option<&T> {
        self.rows.get(at as usize)?.as_ref()
    }

    pub fn get_mut(&mut self, at: u32) -> Option<&mut T> {
        self.rows.get_mut(at as usize)?.as_mut()
    }

    pub fn take(&mut self, at: u32) -> Option<T> {
        let row = self.rows.get_mut(at as usize)?.take()?;
        self.free.push(at);
        Some(row)
    }
}

/// Numbers of rows by a key, of which only a hash of 32 bits is kept, since there are millions: one in some thousand times a
/// row is found under a key that is not its own. Who asks compares the rest.
#[derive(Default)]
pub struct Keyed {
    places: HashMap<u32, Place, BuildHasherDefault<Spread>>,
    /// Rows of keys that have several, or had.
    shared: Slots<Vec<u32>>,
}

/// The only row of a key, or with [`SHARED`] where its rows are.
#[derive(Clone, Copy)]
struct Place(u32);

const SHARED: u32 = 1 << 31;

impl Place {
    fn of_row(row: u32) -> Place {
        assert!(row < SHARED, "BUG: more than two thousand million rows");
        Place(row)
    }

    fn shared(self) -> Option<u32> {
        (self.0 >= SHARED).then_some(self.0 ^ SHARED)
    }
}

impl Keyed {
    pub fn add(&mut self, key: &str, row: u32) {
        let place = self.places.entry(hash(key)).or_insert(Place::of_row(row));
        match place.shared().and_then(|at| self.shared.get_mut(at)) {
            Some(rows) if rows.last() == Some(&row) => {}
            Some(rows) => rows.push(row),
            None if place.0 == row => {}
            None => *place = Place(self.shared.put(vec![place.0, row]) | SHARED),
        }
    }

    pub fn remove(&mut self, key: &str, row: u32) {
        let key = hash(key);
        let Some(place) = self.places.get(&key).copied() else { return };
        let is_empty = match place.shared() {
            None => place.0 == row,
            Some(at) => self.shared.get_mut(at).is_some_and(|rows| {
                rows.retain(|other| *other != row);
                rows.is_empty()
            }),
        };
        if is_empty {
            self.places.remove(&key);
            place.shared().and_then(|at| self.shared.take(at));
        }
    }

    pub fn at<'a>(&'a self, key: &str) -> impl Iterator<Item = u32> + use<'a> {
        let found: &[u32] = match self.places.get(&hash(key)) {
            None => &[],
            Some(place) => match place.shared() {
                None => std::slice::from_ref(&place.0),
                Some(at) => self.shared.get(at).map_or(&[], Vec::as_slice),
            },
        };
        found.iter().copied()
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

fn hash(key: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
    let half = hasher.finish() as u32;
    half
}

/// Two of these keys that have one hash.
#[cfg(test)]
pub fn of_one_hash(key: impl Fn(usize) -> String) -> (String, String) {
    let mut seen = HashMap::new();
    let again = |n: usize| Some((seen.insert(hash(&key(n)), key(n))?, key(n)));
    (0..).find_map(again).expect("two of some hundred thousand")
}

/// Spreads what is a hash already over 64 bits.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0 ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Values in an order that the caller tells, in blocks, so that one more or less moves only a few others.
pub struct Ordered<T> {
    /// None is empty.
    blocks: Vec<Vec<T>>,
}

/// A longer block is cut in two. Shorter in tests, so that they meet it.
const BLOCK: usize = if cfg!(test) { 4 } else { 256 };

impl<T> Default for Ordered<T> {
    fn default() -> Ordered<T> {
        Ordered { blocks: Vec::new() }
    }
}

impl<T: Copy> Ordered<T> {
    /// `compare` tells how a value stands to this one.
    pub fn add(&mut self, value: T, compare: impl Fn(&T) -> Ordering) {
        let at = self.block(&compare);
        let Some(block) = self.blocks.get_mut(at) else { return self.blocks.push(vec![value]) };
        if let Err(place) = block.binary_search_by(&compare) {
            block.insert(place, value);
        }
        if block.len() > BLOCK {
            let rest = block.split_off(BLOCK / 2);
            block.shrink_to_fit();
            self.blocks.insert(at + 1, rest);
        }
    }

    pub fn remove(&mut self, compare: impl Fn(&T) -> Ordering) {
        let at = self.block(&compare);
        let Some(block) = self.blocks.get_mut(at) else { return };
        if let Ok(place) = block.binary_search_by(&compare) {
            block.remove(place);
        }
        if block.is_empty() {
            self.blocks.remove(at);
        }
    }

    /// The block where a value stands, or would.
    fn block(&self, compare: impl Fn(&T) -> Ordering) -> usize {
        let begins_before = |block: &Vec<T>| block.first().is_some_and(|first| compare(first).is_le());
        self.blocks.partition_point(begins_before).saturating_sub(1)
    }

    /// All from the first that does not stand `before`.
    pub fn from(&self, before: impl Fn(&T) -> bool) -> impl Iterator<Item = T> + '_ {
        let at = self.blocks.partition_point(|block| block.last().is_some_and(&before));
        let within = self.blocks.get(at).map_or(0, |block| block.partition_point(&before));
        self.blocks[at..].iter().flatten().copied().skip(within)
    }

    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        self.blocks.iter().flatten().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn ordered_values_are_a_set(changes in proptest::collection::vec((any::<bool>(), 0u32..40), 0..200), from in 0u32..40) {
            let (mut ordered, mut set) = (Ordered::default(), BTreeSet::new());
            for (is_new, value) in changes {
                if is_new {
                    ordered.add(value, |other| other.cmp(&value));
                    set.insert(value);
                } else {
                    ordered.remove(|other| other.cmp(&value));
                    set.remove(&value);
                }
            }
            prop_assert!(ordered.iter().eq(set.iter().copied()));
            prop_assert!(ordered.from(|value| *value < from).eq(set.range(from..).copied()));
        }

        #[test]
        fn rows_are_found_by_key(changes in proptest::collection::vec((any::<bool>(), 0u32..4, 0u32..6), 0..60)) {
            let (mut keyed, mut pairs) = (Keyed::default(), BTreeSet::new());
            for (is_new, key, row) in changes {
                if is_new && pairs.insert((key, row)) {
                    keyed.add(&key.to_string(), row);
                } else if !is_new && pairs.remove(&(key, row)) {
                    keyed.remove(&key.to_string(), row);
                }
            }
            for key in 0..4 {
                let rows: BTreeSet<u32> = keyed.at(&key.to_string()).collect();
                prop_assert_eq!(rows, pairs.range((key, 0)..(key + 1, 0)).map(|(_, row)| *row).collect::<BTreeSet<u32>>());
            }
            prop_assert_eq!(keyed.is_empty(), pairs.is_empty());
        }
    }
}
