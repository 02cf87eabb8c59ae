//! A quick hash for tables whose keys are ours: words of phrases, features of examples. Who writes a mail can only look up
//! in them, never add, so that no mail makes them slow.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

pub(super) type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;

/// A short word as a number: its bytes behind a one.
pub(super) type Short = u128;

/// `None` for a word of more than fifteen bytes.
pub(super) fn packed(word: &str) -> Option<Short> {
    (word.len() < 16).then(|| word.bytes().fold(1, |all, byte| all << 8 | Short::from(byte)))
}

/// Eight bytes at a time, each multiplied in.
#[derive(Default)]
pub(super) struct Quick(u64);

/// An odd number without a pattern.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

impl Quick {
    fn add(&mut self, bytes: u64) {
        self.0 = (self.0.rotate_left(5) ^ bytes).wrapping_mul(MIX);
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            self.add(chunk.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)));
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.add(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.add(number);
    }

    fn write_u128(&mut self, number: u128) {
        // Most are short: their upper half is empty.
        let (upper, lower) = ((number >> 64) as u64, number as u64);
        self.add(upper ^ lower.rotate_left(32));
        self.add(lower);
    }

    fn finish(&self) -> u64 {
        (self.0 ^ self.0 >> 32).wrapping_mul(MIX)
    }
}
