//! The last look: when the year is over, is everything where it belongs?

use super::customers::Nature;
use super::days::{DAYS, start};
use super::world::World;
use aanmaand::dunning::account::Account;
use aanmaand::dunning::ids::DebtorId;
use aanmaand::store::{Depth, OutboxState};
use chrono::Duration;

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
        let booked: i64 = accounts.iter().flat_map(|a| &a.payments).map(|p| p.amount.minor()).sum();
        if booked > came_in {
            found.push(format!("P4 {booked} was booked, {came_in} came in"));
        }
        accounts.iter().for_each(|account| overspent(account, &mut found));
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

fn overspent(account: &Account, found: &mut Vec<String>) {
    for payment in &account.payments {
        let spent: i64 = payment.allocations.iter().map(|(_, amount)| amount.minor()).sum();
        if spent > payment.amount.minor() {
            found.push(format!("P4 payment {} was spent twice", payment.id));
        }
    }
    for case in account.cases.values() {
        if case.paid.minor() + case.credited.minor() > case.invoice.payable.minor() {
            found.push(format!("P4 {} is paid more than it is", case.id));
        }
    }
}
