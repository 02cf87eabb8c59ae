//! What is still to be fetched of a folder, kept from one look to the next: a large mailbox is listed once, not each time.

use super::session::{Examined, Facts};
use std::collections::{BTreeMap, HashSet, VecDeque};

#[derive(Debug)]
pub(super) struct Todo {
    /// What the folder looked like when it was listed.
    pub listed: Examined,
    /// It is the nightly comparison.
    pub sweeps: bool,
    queue: VecDeque<u32>,
    /// So many at the front of the queue come before older ones.
    ahead: usize,
    pub facts: BTreeMap<u32, Facts>,
}

impl Todo {
    /// Oldest first.
    pub fn new(listed: Examined, sweeps: bool, uids: impl Iterator<Item = u32>) -> Todo {
        Todo { listed, sweeps, queue: uids.collect(), ahead: 0, facts: BTreeMap::new() }
    }

    /// The same with these before all others.
    pub fn with_first(self, first: &[u32]) -> Todo {
        let first: HashSet<u32> = first.iter().copied().collect();
        let (mut queue, others): (VecDeque<u32>, VecDeque<u32>) =
            self.queue.iter().partition(|uid| first.contains(uid));
        let ahead = queue.len();
        queue.extend(others);
        Todo { queue, ahead, ..self }
    }

    pub fn uids(&self) -> Vec<u32> {
        self.queue.iter().copied().collect()
    }

    pub fn len(&self) -> usize {
        self.queue.len()
    }

    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub fn next(&self, most: usize) -> Vec<u32> {
        self.queue.iter().take(most).copied().collect()
    }

    /// Takes the next one off; true = it comes before older ones, so that what is below it is not all stored.
    pub fn take_next(&mut self) -> bool {
        let is_ahead = self.ahead > 0;
        self.ahead = self.ahead.saturating_sub(1);
        if let Some(uid) = self.queue.pop_front() {
            self.facts.remove(&uid);
        }
        is_ahead
    }
}
