//! Debtors by how they are called, so that a payer's name finds those who are called alike. Of a name that very many share
//! the open cases are kept in order, so that the few that can matter are found without looking at all of them.

use super::names::Name;
use super::postings::{Keyed, Slots};
use crate::dunning::ids::CaseId;
use crate::dunning::money::{Currency, Money};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// More debtors of one name than this are a crowd: their open cases are kept in order. Fewer in tests, so that they meet it.
const CROWD: usize = if cfg!(test) { 2 } else { 32 };

/// Rows of open cases by what is open, in order of case.
#[derive(Default)]
pub(super) struct ByAmount(HashMap<(i64, Currency), BTreeMap<CaseId, u32>>);

impl ByAmount {
    pub fn add(&mut self, open: Money, case: &CaseId, row: u32) {
        self.0.entry(key(open)).or_default().insert(case.clone(), row);
    }

    pub fn remove(&mut self, open: Money, case: &CaseId) {
        if let Some(same) = self.0.get_mut(&key(open)) {
            same.remove(case);
            if same.is_empty() {
                self.0.remove(&key(open));
            }
        }
    }

    /// Of how many rows just this amount is open.
    pub fn count(&self, amount: Money) -> usize {
        self.0.get(&key(amount)).map_or(0, BTreeMap::len)
    }

    /// Rows of which just this amount is open, in order of case.
    pub fn of(&self, amount: Money) -> impl Iterator<Item = u32> + '_ {
        self.0.get(&key(amount)).into_iter().flat_map(|same| same.values().copied())
    }
}

fn key(money: Money) -> (i64, Currency) {
    (money.minor(), money.currency())
}

/// Open cases, in order and by amount.
#[derive(Default)]
pub(super) struct OpenCases {
    in_order: BTreeMap<CaseId, u32>,
    by_amount: ByAmount,
}

impl OpenCases {
    fn add(&mut self, open: Money, case: &CaseId, row: u32) {
        self.in_order.insert(case.clone(), row);
        self.by_amount.add(open, case, row);
    }

    fn remove(&mut self, open: Money, case: &CaseId) {
        self.in_order.remove(case);
        self.by_amount.remove(open, case);
    }

    /// The first in order, and the first of which just this amount is open.
    pub fn first(&self, amount: Money, count: usize) -> impl Iterator<Item = u32> + '_ {
        self.in_order.values().copied().take(count).chain(self.by_amount.of(amount).take(count))
    }
}

/// Who bears a name.
pub(super) enum Bearers {
    Few(Vec<u32>),
    /// How many, and what is open of them.
    Crowd(usize, OpenCases),
}

/// Names, each once, and who bears it.
#[derive(Default)]
pub(super) struct Namesakes {
    rows: Slots<NameRow>,
    by_key: Keyed,
}

struct NameRow {
    name: Name,
    bearers: Bearers,
}

/// One open case of a debtor, with its row.
pub(super) type OpenCase = (Money, CaseId, u32);

impl Namesakes {
    /// Adds a debtor with what is open of him; `open_of` tells it of the others when a name becomes a crowd's. Returns the
    /// row of the name.
    pub fn add(&mut self, name: Name, debtor: u32, open: Vec<OpenCase>, open_of: impl Fn(u32) -> Vec<OpenCase>) -> u32 {
        let at = self.row_of(name);
        let Some(row) = self.rows.get_mut(at) else { return at };
        match &mut row.bearers {
            Bearers::Few(few) if few.len() < CROWD => few.push(debtor),
            Bearers::Few(few) => {
                let mut cases = OpenCases::default();
                let others = few.iter().flat_map(|other| open_of(*other));
                others.chain(open).for_each(|(open, case, row)| cases.add(open, &case, row));
                row.bearers = Bearers::Crowd(few.len() + 1, cases);
            }
            Bearers::Crowd(count, cases) => {
                *count += 1;
                open.into_iter().for_each(|(open, case, row)| cases.add(open, &case, row));
            }
        }
        at
    }

    fn row_of(&mut self, name: Name) -> u32 {
        let known = self.by_key.at(&name.whole()).find(|at| self.rows.get(*at).is_some_and(|row| row.name == name));
        known.unwrap_or_else(|| {
            let at = self.rows.next();
            name.keys().iter().for_each(|key| self.by_key.add(key, at));
            self.rows.put(NameRow { name, bearers: Bearers::Few(Vec::new()) })
        })
    }

    /// Takes a debtor out, with what is open of him.
    pub fn remove(&mut self, at: u32, debtor: u32, open: &[OpenCase]) {
        let Some(row) = self.rows.get_mut(at) else { return };
        let is_nobodys = match &mut row.bearers {
            Bearers::Few(few) => {
                few.retain(|other| *other != debtor);
                few.is_empty()
            }
            Bearers::Crowd(count, cases) => {
                *count -= 1;
                open.iter().for_each(|(open, case, _)| cases.remove(*open, case));
                *count == 0
            }
        };
        if is_nobodys && let Some(row) = self.rows.take(at) {
            row.name.keys().iter().for_each(|key| self.by_key.remove(key, at));
        }
    }

    /// Of these rows of names those that are like the payer's, in order.
    pub fn like(&self, payer: &str, among: BTreeSet<u32>) -> Vec<u32> {
        let payer = Name::of(payer);
        among.into_iter().filter(|at| self.rows.get(*at).is_some_and(|row| payer.is_like(&row.name))).collect()
    }

    pub fn is_called(&self, at: u32, name: &Name) -> bool {
        self.rows.get(at).is_some_and(|row| row.name == *name)
    }

    /// What is open of one case of somebody of this name was something else before.
    pub fn reopen(&mut self, at: u32, case: &CaseId, row: u32, before: Option<Money>, now: Option<Money>) {
        let Some(NameRow { bearers: Bearers::Crowd(_, cases), .. }) = self.rows.get_mut(at) else { return };
        if let Some(before) = before {
            cases.remove(before, case);
        }
        if let Some(now) = now {
            cases.add(now, case, row);
        }
    }

    /// Rows of names that are like the payer's, in order.
    pub fn alike(&self, payer: &str) -> Vec<u32> {
        let payer = Name::of(payer);
        let mut rows: Vec<u32> = payer.asked_keys().iter().flat_map(|key| self.by_key.at(key)).collect();
        rows.sort_unstable();
        rows.dedup();
        rows.retain(|at| self.rows.get(*at).is_some_and(|row| payer.resembles(&row.name)));
        rows
    }

    pub fn bearers(&self, at: u32) -> Option<&Bearers> {
        Some(&self.rows.get(at)?.bearers)
    }
}
