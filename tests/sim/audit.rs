//! The auditor: after each pass, what did the daemon do with the money? Each payment is reckoned again before the books
//! take it over: nothing lost, nothing twice, costs before interest before principal, and only what had been asked.

use super::books::Why;
use super::law::Entry;
use super::world::World;
use aanmaand::dunning::account::{Account, Case, ClosedAs, Payment};
use aanmaand::dunning::ids::EvidenceId;
use chrono::{Duration, NaiveDateTime};
use std::collections::BTreeMap;

/// Below this a rest of interest and costs is let go.
const SMALL_REST: i64 = 2_500;

impl World {
    pub fn audit(&mut self, at: NaiveDateTime) {
        let house = self.house.as_ref().expect("the house is free");
        let accounts: Vec<Account> =
            house.accounts().unwrap().into_iter().filter(|account| !account.id.is_administration()).collect();
        for account in &accounts {
            self.audit_gone(account);
            for (key, payment) in keyed(&account.payments) {
                self.audit_payment(at, &key, payment);
            }
            for case in account.cases.values() {
                self.audit_closing(case);
            }
        }
        self.audit_lines(&accounts);
    }

    fn claim_of(&self, case: &str) -> Option<usize> {
        self.books.claim(case.trim_start_matches("C-"))
    }

    /// What was booked before and is not any more must have been taken back by the bank.
    fn audit_gone(&mut self, account: &Account) {
        let Some(debtor) = self.books.debtors.iter().position(|(id, ..)| id == account.id.as_str()) else { return };
        let there: Vec<String> = keyed(&account.payments).into_iter().map(|(key, _)| key).collect();
        let back: Vec<String> = self.bookings.iter().filter_map(|b| Some(format!("zz{}zz", b.back?))).collect();
        let mut found = Vec::new();
        for claim in self.books.claims.iter_mut().filter(|claim| claim.debtor == debtor) {
            claim.entries.retain(|entry| {
                let stays = there.contains(&entry.key);
                if !stays && !back.iter().any(|line| entry.key.contains(line)) {
                    found.push(format!("P4 payment {} on {} is gone", entry.key, claim.number));
                }
                stays
            });
        }
        found.into_iter().for_each(|fault| self.books.breach(fault));
    }

    fn audit_payment(&mut self, at: NaiveDateTime, key: &str, payment: &Payment) {
        let known = |world: &World| world.books.claims.iter().any(|c| c.entries.iter().any(|e| e.key == key));
        if known(self) {
            return;
        }
        let mut entries = Vec::new();
        for (case, amount) in &payment.allocations {
            let Some(claim) = self.claim_of(case.as_str()) else {
                self.books.breach(format!("P4 payment {key} is on {case}, which does not exist"));
                continue;
            };
            let extras = payment.extras.iter().filter(|(id, _)| id == case).map(|(_, extras)| extras);
            let (interest, costs) = extras.fold((0, 0), |sum, e| (sum.0 + e.interest.minor(), sum.1 + e.costs.minor()));
            let principal = amount.minor() - interest - costs;
            entries.push((claim, Entry { key: key.to_owned(), day: payment.booked, principal, interest, costs }));
        }
        // A payment is spread at one moment: each claim as it was before.
        for (claim, entry) in &entries {
            self.audit_order(*claim, entry);
        }
        for (claim, entry) in entries {
            self.books.claims[claim].entries.push(entry);
            self.audit_rest(at, claim);
        }
    }

    /// Art. 6:44 BW, and nothing that was not asked before the day of payment.
    fn audit_order(&mut self, claim: usize, entry: &Entry) {
        let books = &self.books;
        let (open, sure) = (books.claims[claim].open(), !books.is_unsure(claim));
        let interest = books.own_interest(claim, entry.day);
        let (at_least, at_most) = (books.own_costs(claim, entry.day, true), books.own_costs(claim, entry.day, false));
        let asked = books.interest_was_asked(claim, entry.day, false);
        let surely_asked = books.interest_was_asked(claim, entry.day, true);
        let mut found = Vec::new();
        if entry.principal < 0 || entry.interest < 0 || entry.costs < 0 || entry.principal > open {
            found.push(format!("{open} is open"));
        }
        if entry.interest > if asked { interest } else { 0 } {
            found.push(format!("interest is {interest}, asked: {asked}"));
        }
        if entry.costs > at_most {
            found.push(format!("costs are {at_most}"));
        }
        if sure && entry.principal + entry.interest > 0 && entry.costs < at_least {
            found.push(format!("costs of {at_least} come first"));
        }
        if sure && surely_asked && entry.principal > 0 && entry.interest < interest {
            found.push(format!("interest of {interest} comes first"));
        }
        let number = books.claims[claim].number.clone();
        found.into_iter().for_each(|fault| self.books.breach(format!("P6 {number}: {entry:?}, but {fault}")));
    }

    /// What is still owed of a claim after its last payment.
    fn rest(&self, claim: usize) -> i64 {
        let known = &self.books.claims[claim];
        let Some(day) = known.entries.last().map(|entry| entry.day) else { return known.open() };
        let asked = self.books.interest_was_asked(claim, day, true);
        let interest = if asked { self.books.own_interest(claim, day) } else { 0 };
        known.open() + interest + self.books.own_costs(claim, day, true)
    }

    /// The invoice came in and something is left: large enough, it waits for the owner.
    fn audit_rest(&mut self, at: NaiveDateTime, claim: usize) {
        let rest = self.rest(claim);
        let known = &mut self.books.claims[claim];
        known.rest_wanted = false;
        if known.got_its_amount() && rest >= SMALL_REST && !known.given_up {
            let debtor = known.debtor;
            self.shield(debtor, Some(claim), at, Why::Rest, "");
        }
    }

    fn audit_closing(&mut self, case: &Case) {
        let Some(claim) = self.claim_of(case.id.as_str()) else { return };
        let rest = self.rest(claim);
        let known = &self.books.claims[claim];
        if known.given_up {
            return;
        }
        let sure = !self.books.is_unsure(claim);
        let paid_day = known.entries.last().map(|entry| entry.day);
        let fault = match (&case.closed, case.waived) {
            (Some(closing), Some(waived)) if closing.how == ClosedAs::Paid => {
                let waived = waived.minor();
                let small = waived < SMALL_REST && (!sure || waived == rest || waived == 0);
                self.books.claims[claim].given_up = true;
                (!small && !self.books.claims[claim].waived_by_owner)
                    .then(|| format!("closed for a rest of {waived}, it is {rest}"))
            }
            (Some(closing), None) if closing.how == ClosedAs::Paid && known.open() > 0 => {
                Some(format!("closed as paid, {} is open", known.open()))
            }
            (None, _)
                if sure && paid_day.is_some() && known.got_its_amount() && rest < SMALL_REST && !known.rest_wanted =>
            {
                Some(format!("a rest of {rest} is not let go"))
            }
            _ => None,
        };
        let number = self.books.claims[claim].number.clone();
        fault.into_iter().for_each(|fault| self.books.breach(format!("P6 {number}: {fault}")));
    }

    /// Lines of statements that were taken in: booked where they are clear, else everything waits that they may be for.
    fn audit_lines(&mut self, accounts: &[Account]) {
        let house = self.house.as_ref().expect("the house is free");
        let is_settled = |id: &EvidenceId| house.store.input(id).unwrap().is_some_and(|row| row.disposition.is_some());
        let (settled, waiting): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.fresh_lines).into_iter().partition(|(_, id, _)| is_settled(id));
        self.fresh_lines = waiting;
        for (line, _, at) in &settled {
            // Of lines that came together nobody says which the daemon saw first.
            let together = settled.iter().chain(&self.fresh_lines);
            let alone = together.filter(|(other, ..)| self.debtor_of(*other) == self.debtor_of(*line)).count() == 1;
            match self.bookings[*line].back {
                Some(of) => self.audit_back(of, accounts),
                None => self.audit_line(*line, alone, *at, accounts),
            }
        }
    }

    fn audit_back(&mut self, of: usize, accounts: &[Account]) {
        let mark = format!("zz{of}zz");
        let payments = || accounts.iter().flat_map(|account| &account.payments);
        if payments().any(|payment| payment.text.contains(&mark)) {
            self.books.breach(format!("P4 payment {mark} was taken back and still counts"));
        }
    }

    fn audit_line(&mut self, line: usize, alone: bool, at: NaiveDateTime, accounts: &[Account]) {
        let mark = format!("zz{line}zz");
        let booked: Vec<&Payment> =
            accounts.iter().flat_map(|a| &a.payments).filter(|p| p.text.contains(&mark)).collect();
        if !booked.is_empty() {
            let parts = booked.iter().flat_map(|payment| &payment.allocations);
            let used: Vec<usize> = parts.filter_map(|(case, _)| self.claim_of(case.as_str())).collect();
            self.bookings[line].used = used;
            if self.chance.in_100(5) {
                let when = at + Duration::days(self.chance.within(2, 30));
                self.at(when, super::world::Event::TakeBack(line));
            }
            return;
        }
        let claims = &self.books.claims;
        let debtor = claims[self.bookings[line].parts[0].0].debtor;
        if alone && self.is_clear(line) {
            let text = &self.bookings[line].line.text;
            self.books.breach(format!("P4 {text:?} of {at} is clear and was not booked"));
            return;
        }
        let open: Vec<usize> = (0..claims.len())
            .filter(|c| claims[*c].debtor == debtor && claims[*c].filed.is_some_and(|filed| filed < at))
            .filter(|c| claims[*c].open() > 0 && !claims[*c].given_up)
            .collect();
        for claim in open {
            self.shield(debtor, Some(claim), at, Why::UnclearMoney, &mark);
        }
    }

    /// Whose payment the line is, or takes back.
    fn debtor_of(&self, line: usize) -> Option<usize> {
        let of = self.bookings[line].back.unwrap_or(line);
        self.bookings[of].parts.first().map(|(claim, _)| self.books.claims[*claim].debtor)
    }

    /// It names invoices of ours, and is their sum, part of one, or within what a letter asked for just these.
    fn is_clear(&self, line: usize) -> bool {
        let booking = &self.bookings[line];
        let claims: Vec<usize> = booking.parts.iter().map(|(claim, _)| *claim).collect();
        let usable = |c: &usize| self.books.claims[*c].open() > 0 && !self.books.claims[*c].given_up;
        if !booking.named || !claims.iter().all(usable) {
            return false;
        }
        let open: i64 = claims.iter().map(|c| self.books.claims[*c].open()).sum();
        let cents = booking.line.cents;
        cents == open || (claims.len() == 1 && cents < open)
    }
}

/// Payments with a name for each: one that came in parts has the same id more than once.
fn keyed(payments: &[Payment]) -> Vec<(String, &Payment)> {
    let mut counts: BTreeMap<&EvidenceId, usize> = BTreeMap::new();
    payments
        .iter()
        .map(|payment| {
            let count = counts.entry(&payment.id).or_default();
            *count += 1;
            (format!("{} {} {count}", payment.id, payment.text), payment)
        })
        .collect()
}
