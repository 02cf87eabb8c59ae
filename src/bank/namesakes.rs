//! Debtors by how they are called, so that a payer's name finds those who are called alike. Of a name that very many share
//! the open cases are kept in order, so that the few that can matter are found without looking at all of them.

use super::case_rows::{Cases, OpenCases};
use super::names::Name;
use crate::dunning::money::Money;
use crate::dunning::postings::{Keyed, Slots};

/// More debtors of one name than this are a crowd: their open cases are kept in order. Fewer in tests, so that they meet it.
const CROWD: usize = if cfg!(test) { 2 } else { 32 };

/// Who bears a name.
pub(super) enum Bearers {
    One(u32),
    Few(Box<[u32]>),
    Crowd(Box<Crowd>),
}

pub(super) struct Crowd {
    count: usize,
    pub open: OpenCases,
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

impl Bearers {
    /// Those of a name that is not a crowd's.
    pub fn few(&self) -> &[u32] {
        match self {
            Bearers::One(one) => std::slice::from_ref(one),
            Bearers::Few(few) => few,
            Bearers::Crowd(_) => &[],
        }
    }

    fn of(few: Vec<u32>) -> Bearers {
        if let [one] = few.as_slice() { Bearers::One(*one) } else { Bearers::Few(few.into()) }
    }
}

impl Crowd {
    fn add(&mut self, rows: impl IntoIterator<Item = u32>, cases: &Cases) {
        let open = rows.into_iter().filter_map(|at| Some((cases.get(at)?.open?, at)));
        open.for_each(|(open, at)| self.open.add(open, at, cases));
    }
}

impl Namesakes {
    /// Adds a debtor with his cases; `cases_of` tells those of the others when a name becomes a crowd's. Returns the row of
    /// the name.
    pub fn add<'d>(&mut self, name: Name, debtor: u32, cases: &Cases, cases_of: impl Fn(u32) -> &'d [u32]) -> u32 {
        let Some(at) = self.row_of(&name) else { return self.add_name(name, debtor) };
        let Some(row) = self.rows.get_mut(at) else { return at };
        match &mut row.bearers {
            Bearers::Crowd(crowd) => {
                crowd.count += 1;
                crowd.add(cases_of(debtor).iter().copied(), cases);
            }
            known => {
                let all = [known.few(), &[debtor]].concat();
                *known = if all.len() <= CROWD {
                    Bearers::of(all)
                } else {
                    let mut crowd = Crowd { count: all.len(), open: OpenCases::default() };
                    crowd.add(all.iter().flat_map(|one| cases_of(*one)).copied(), cases);
                    Bearers::Crowd(Box::new(crowd))
                };
            }
        }
        at
    }

    fn row_of(&self, name: &Name) -> Option<u32> {
        self.by_key.at(&name.whole()).find(|at| self.is_called(*at, name))
    }

    fn add_name(&mut self, name: Name, debtor: u32) -> u32 {
        name.keys().iter().for_each(|key| self.by_key.add(key, self.rows.next()));
        self.rows.put(NameRow { name, bearers: Bearers::One(debtor) })
    }

    /// Takes a debtor out, with his cases.
    pub fn remove(&mut self, at: u32, debtor: u32, cases: &Cases, his: &[u32]) {
        let Some(row) = self.rows.get_mut(at) else { return };
        let is_nobodys = match &mut row.bearers {
            Bearers::Crowd(crowd) => {
                crowd.count -= 1;
                let open = his.iter().filter_map(|case| Some((cases.get(*case)?.open?, *case)));
                open.for_each(|(open, case)| crowd.open.remove(open, case, cases));
                crowd.count == 0
            }
            known => {
                *known = Bearers::of(known.few().iter().copied().filter(|other| *other != debtor).collect());
                known.few().is_empty()
            }
        };
        if is_nobodys && let Some(row) = self.rows.take(at) {
            row.name.keys().iter().for_each(|key| self.by_key.remove(key, at));
        }
    }

    pub fn is_called(&self, at: u32, name: &Name) -> bool {
        self.rows.get(at).is_some_and(|row| row.name == *name)
    }

    /// What is open of one case of somebody of this name was something else before.
    pub fn reopen(&mut self, at: u32, case: u32, before: Option<Money>, now: Option<Money>, cases: &Cases) {
        let Some(NameRow { bearers: Bearers::Crowd(crowd), .. }) = self.rows.get_mut(at) else { return };
        if let Some(before) = before {
            crowd.open.remove(before, case, cases);
        }
        if let Some(now) = now {
            crowd.open.add(now, case, cases);
        }
    }

    /// Rows of names that are like the payer's, in order.
    pub fn alike(&self, payer: &str) -> Vec<u32> {
        let payer = Name::of(payer);
        let found = payer.asked_keys().iter().flat_map(|key| self.by_key.at(key)).collect();
        self.like(&payer, found)
    }

    /// Of these rows of names those that are like the payer's, in order.
    pub fn like(&self, payer: &Name, mut among: Vec<u32>) -> Vec<u32> {
        among.sort_unstable();
        among.dedup();
        among.retain(|at| self.rows.get(*at).is_some_and(|row| payer.is_like(&row.name)));
        among
    }

    pub fn bearers(&self, at: u32) -> Option<&Bearers> {
        Some(&self.rows.get(at)?.bearers)
    }
}
