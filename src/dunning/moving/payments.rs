//! The payments of cases that move: what was paid on them goes along, and no cent is in two accounts or in none.

use crate::dunning::account::{Account, Payment};
use crate::dunning::ids::{CaseId, EvidenceId};
use crate::dunning::money::Money;
use std::collections::{BTreeMap, BTreeSet};

impl Account {
    /// What was paid on these cases. A payment that was for them alone goes as a whole, with what is left of it.
    pub(super) fn paid_on(&self, cases: &[CaseId]) -> Vec<Payment> {
        let shares = self.shares(cases);
        let mut seen = BTreeSet::new();
        let mut paid = Vec::new();
        for payment in &self.payments {
            match shares.get(&payment.id) {
                None => {}
                Some(None) => paid.push(payment.clone()),
                Some(Some((share, came))) => {
                    let part = payment.for_cases(|case| cases.contains(case));
                    if !part.allocations.is_empty() {
                        let first = seen.insert(&payment.id);
                        let elsewhere = came.checked_sub(*share).filter(|_| first);
                        paid.push(Payment { elsewhere, refunded: None, ..part });
                    }
                }
            }
        }
        paid
    }

    pub(super) fn paid_on_others(&self, cases: &[CaseId]) -> Vec<Payment> {
        let shares = self.shares(cases);
        let mut seen = BTreeSet::new();
        let mut paid = Vec::new();
        for payment in &self.payments {
            match shares.get(&payment.id) {
                None => paid.push(payment.clone()),
                Some(None) => {}
                Some(Some((gone, _))) => {
                    let before = payment.elsewhere;
                    let more = || before.map_or(Some(*gone), |before| before.checked_add(*gone));
                    let elsewhere = if seen.insert(&payment.id) { more() } else { before };
                    paid.push(Payment { elsewhere, ..payment.for_cases(|case| !cases.contains(case)) });
                }
            }
        }
        paid
    }

    /// Payments of which these cases got something: how much, and of how much; `None` = they were for these cases alone.
    fn shares(&self, cases: &[CaseId]) -> BTreeMap<EvidenceId, Option<(Money, Money)>> {
        let mut shares = BTreeMap::new();
        for payment in &self.payments {
            let parts = || self.payments.iter().filter(|part| part.id == payment.id);
            let (theirs, others): (Vec<_>, Vec<_>) =
                parts().flat_map(|part| &part.allocations).partition(|(case, _)| cases.contains(case));
            if theirs.is_empty() {
                continue;
            }
            let share = Money::sum(theirs.into_iter().map(|(_, amount)| *amount), payment.amount.currency());
            let came = parts().map(|part| part.amount).max_by_key(Money::minor);
            shares.insert(payment.id.clone(), share.zip(came).filter(|_| !others.is_empty()));
        }
        shares
    }

    /// A payment of which a part is here already is one again, as far as that goes.
    pub(super) fn absorb_payments(&mut self, payments: &[Payment]) {
        let arriving: BTreeSet<&EvidenceId> = payments.iter().map(|payment| &payment.id).collect();
        for id in arriving {
            let known = self.payments.iter().any(|payment| payment.id == *id);
            self.payments.extend(payments.iter().filter(|payment| payment.id == *id).cloned());
            if known {
                self.join_elsewhere(id);
            }
        }
    }

    /// Both accounts knew how much of it was not theirs: what is elsewhere now is neither's.
    fn join_elsewhere(&mut self, id: &EvidenceId) {
        let parts = || self.payments.iter().filter(|payment| payment.id == *id);
        let came = parts().map(|payment| payment.amount).max_by_key(Money::minor);
        let told = parts()
            .filter_map(|payment| payment.elsewhere)
            .try_fold(None, |sum: Option<Money>, part| sum.map_or(Some(part), |sum| sum.checked_add(part)).map(Some));
        let left = told.flatten().zip(came).and_then(|(told, came)| told.checked_sub(came)).filter(Money::is_positive);
        let mut left = Some(left);
        for part in self.payments.iter_mut().filter(|payment| payment.id == *id) {
            part.elsewhere = left.take().flatten();
        }
    }
}

impl Payment {
    fn for_cases(&self, which: impl Fn(&CaseId) -> bool) -> Payment {
        let allocations = self.allocations.iter().filter(|(case, _)| which(case)).cloned().collect();
        let extras = self.extras.iter().filter(|(case, _)| which(case)).cloned().collect();
        Payment { allocations, extras, ..self.clone() }
    }
}
