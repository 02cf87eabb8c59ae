//! The plain parts of an index: rows by number, and numbers of rows by key.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Rows, each with a number that is used again when the row is gone.
pub(super) struct Slots<T> {
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

/// Numbers of rows by a key, of which only a hash is kept: a row may be found under a key that is not its own.
#[derive(Default)]
pub(super) struct Keyed(HashMap<u64, Few>);

/// Most keys have one row.
enum Few {
    One(u32),
    #[expect(clippy::box_collection, reason = "half the size of a vector, and there are millions")]
    Many(Box<Vec<u32>>),
}

impl Keyed {
    pub fn add(&mut self, key: &str, row: u32) {
        let few = self.0.entry(hash(key)).or_insert(Few::One(row));
        match few {
            Few::One(known) if *known == row => {}
            Few::One(known) => *few = Few::Many(Box::new(vec![*known, row])),
            Few::Many(known) if known.last() == Some(&row) => {}
            Few::Many(known) => known.push(row),
        }
    }

    pub fn remove(&mut self, key: &str, row: u32) {
        let key = hash(key);
        let is_empty = match self.0.get_mut(&key) {
            None => return,
            Some(Few::One(known)) => *known == row,
            Some(Few::Many(known)) => {
                known.retain(|other| *other != row);
                known.is_empty()
            }
        };
        if is_empty {
            self.0.remove(&key);
        }
    }

    pub fn at<'a>(&'a self, key: &str) -> impl Iterator<Item = u32> + use<'a> {
        let found: &[u32] = match self.0.get(&hash(key)) {
            None => &[],
            Some(Few::One(row)) => std::slice::from_ref(row),
            Some(Few::Many(rows)) => rows,
        };
        found.iter().copied()
    }
}

fn hash(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}
