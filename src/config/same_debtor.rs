//! `same_as`: a customer number that is another debtor's too. Checked when all debtors are read: each leads to a debtor of
//! its own, in one step.

use super::fault::{Document, Fault, Findings, Found};
use crate::dunning::ids::DebtorId;
use std::collections::{BTreeMap, BTreeSet};

/// What the files say of numbers that are one debtor, gathered.
#[derive(Default)]
pub(super) struct SameDebtors(BTreeMap<DebtorId, Same>);

struct Same {
    /// As it is written.
    id: String,
    to: String,
    /// Where, without a message yet.
    place: Fault,
}

impl SameDebtors {
    /// Notes that `id` is the debtor `to`; `decides_more` = its section says something else as well.
    pub fn note(&mut self, document: &Document<'_>, id: &str, to: &Found<String>, decides_more: bool) -> DebtorId {
        let target = DebtorId::from_text(&to.value);
        if decides_more {
            let message = format!("debtor.same_as = {:?}: what else stands here of {id:?} would not count", to.value);
            document.fault(to.at, message, format!("write it with the debtor {:?}, or remove same_as", to.value));
        }
        let place = document.locate(to.at, String::new(), String::new());
        self.0.insert(DebtorId::from_text(id), Same { id: id.to_owned(), to: to.value.clone(), place });
        target
    }

    /// A number leads to a debtor, not to a further number.
    pub fn check(&self, findings: &Findings) {
        for (id, same) in &self.0 {
            if let Some((why, remedy)) = self.wrong(id, same) {
                let message = format!("debtor.same_as = {:?} {why}", same.to);
                findings.fault(Fault { message, remedy, ..same.place.clone() });
            }
        }
    }

    fn wrong(&self, id: &DebtorId, same: &Same) -> Option<(String, String)> {
        let target = DebtorId::from_text(&same.to);
        if target == *id {
            let remedy = "write the number of the other one, or remove same_as".to_owned();
            return Some(("is the debtor itself".to_owned(), remedy));
        }
        if target.is_administration() {
            return Some(("is no debtor".to_owned(), "write a customer number".to_owned()));
        }
        let next = self.0.get(&target)?;
        Some(match self.end_of(next, id) {
            Some(end) => (
                format!("is itself the same as {:?}", next.to),
                format!("write same_as = {end:?}, the debtor that is left"),
            ),
            None => {
                (format!("leads back to {:?}", same.id), "remove same_as from the one that is to be left".to_owned())
            }
        })
    }

    /// The last one of a chain; `None` = it goes round.
    fn end_of<'s>(&'s self, first: &'s Same, begun: &DebtorId) -> Option<&'s str> {
        let (mut seen, mut at) = (BTreeSet::from([begun.clone()]), first);
        loop {
            let target = DebtorId::from_text(&at.to);
            match self.0.get(&target) {
                None => return Some(&at.to),
                Some(_) if !seen.insert(target.clone()) => return None,
                Some(next) => at = next,
            }
        }
    }
}
