//! The last look: when the year is over, is everything where it belongs?

use super::customers::Nature;
use super::days::{DAYS, start};
use super::world::World;
use aanmaand::dunning::account::Account;
use aanmaand::dunning::hold::HoldReason;
use aanmaand::dunning::ids::{DebtorId, EvidenceId};
use aanmaand::dunning::question::About;
use aanmaand::store::{Depth, OutboxState};
use chrono::Duration;
use std::collections::BTreeMap;

impl World {
    pub fn last_look(&mut self) {
        let mut found = Vec::new();
        if let Ok(word) = std::env::var("AANMAAND_TELL") {
            self.tell(&word);
        }
        let house = self.house.as_ref().expect("the house is free");
        found.extend(house.self_check().unwrap());
        found.extend(house.store.check(Depth::Thorough).unwrap());
        for id in &self.fed {
            match house.store.input(id).unwrap() {
                None => found.push(format!("P4 input {id} was never stored")),
                Some(row) if row.disposition.is_none() => found.push(format!("P4 {} has no disposition", row.name)),
                Some(_) => {}
            }
        }
        let underway = house.store.outbox_in(&[OutboxState::Sending, OutboxState::DotIntent]).unwrap();
        found.extend(underway.iter().map(|row| format!("{} is still in {:?}", row.id, row.state)));
        let accounts = house.accounts().unwrap();
        let came_in: i64 = self.bookings.iter().map(|b| b.line.cents.max(0)).sum();
        let booked: i64 = accounts.iter().map(|account| each_once(account).values().sum::<i64>()).sum();
        if booked > came_in {
            found.push(format!("P4 {booked} was booked, {came_in} came in"));
        }
        accounts.iter().for_each(|account| conserved(account, &mut found));
        accounts.iter().for_each(|account| not_forgotten(account, &mut found));
        for (_, case) in self.cases() {
            let claim = &self.books.claims[self.books.claim(case.number().as_str()).expect("a claim of ours")];
            if !claim.given_up && case.open().minor() != claim.open() {
                found.push(format!("P4 {}: {} is open, in truth {}", claim.number, case.open().minor(), claim.open()));
            }
            if case.is_open() == (claim.given_up || claim.open() == 0) {
                found.push(format!("P4 {}: open = {}, in truth {}", claim.number, case.is_open(), claim.open()));
            }
        }
        let end = start() + Duration::days(DAYS);
        for claim in &self.books.claims {
            let silent = self.natures[claim.debtor] == Nature::Silent;
            let filed = claim.filed.map(|at| at.date()).unwrap_or(end);
            if silent && !claim.given_up && claim.due.max(filed) + Duration::days(150) < end {
                found.push(format!("P9 {} of the silent {} came to no end", claim.number, claim.debtor));
            }
        }
        found.into_iter().for_each(|fault| self.books.breach(fault));
    }

    /// The journal of one account, for looking into a breach (`AANMAAND_TELL=K1002`).
    fn tell(&self, account: &str) {
        let house = self.house.as_ref().expect("the house is free");
        for row in house.store.journal(Some(&DebtorId::new(account)), 0, 10_000).unwrap() {
            println!("{} {} {} {}", row.seq, row.at, row.cause, row.fact);
        }
    }
}

/// What came in of each payment; one that was booked in parts counts once.
fn each_once(account: &Account) -> BTreeMap<&EvidenceId, i64> {
    let mut amounts: BTreeMap<&EvidenceId, i64> = BTreeMap::new();
    for payment in &account.payments {
        let amount = amounts.entry(&payment.id).or_default();
        *amount = (*amount).max(payment.amount.minor());
    }
    amounts
}

/// Paid = spread + given back + left over, and for what is left over somebody is asked.
fn conserved(account: &Account, found: &mut Vec<String>) {
    for (id, came) in each_once(account) {
        let booked = || account.payments.iter().filter(|payment| payment.id == *id);
        let spread: i64 = booked().flat_map(|p| &p.allocations).map(|(_, amount)| amount.minor()).sum();
        let back = booked().filter_map(|p| p.refunded).map(|amount| amount.minor()).max().unwrap_or(0);
        let asked = account.questions.values().any(|q| matches!(&q.about, About::Payment(p) if p.id == *id));
        if spread + back > came || (spread + back < came && !asked) {
            found.push(format!("P4 payment {id} of {came}: {spread} was spread, {back} given back"));
        }
    }
    for case in account.cases.values() {
        if case.paid.minor() + case.credited.minor() > case.invoice.payable.minor() {
            found.push(format!("P4 {} is paid more than it is", case.id));
        }
    }
}

/// An invoice that was paid and left a rest is let go, asked of the owner, or dunned because the owner said so.
fn not_forgotten(account: &Account, found: &mut Vec<String>) {
    for case in account.open_cases().filter(|case| case.has_paid_invoice() && case.open().is_positive()) {
        let held = account.hold_on(&case.id).is_some_and(|hold| hold.reason == HoldReason::Rest);
        let asked = account.questions.values().any(|q| q.case.as_ref() == Some(&case.id));
        if held && !asked {
            found.push(format!("P6 the rest of {} waits for nobody", case.id));
        }
    }
}
