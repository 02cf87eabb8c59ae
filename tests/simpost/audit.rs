//! What must hold after every pass, and at the end.

use super::truth::{Dot, Fate};
use super::world::World;
use crate::sim::days::no_letter_leaves;
use aanmaand::daemon::house::House;
use aanmaand::dunning::ids::DebtorId;
use aanmaand::store::{Depth, OutboxState};
use chrono::{Datelike, Duration, NaiveDate, Weekday};
use tokio::runtime::Runtime;

/// The steps of a world's ladder: days after the due date, and whether it is formal.
pub type Steps = &'static [(&'static str, i64, bool)];
pub const LONG: [(&str, i64, bool); 4] =
    [("reminder", 1, false), ("second-reminder", 7, false), ("formal-notice", 13, true), ("last-demand", 19, true)];
/// Of who is formal after one reminder.
pub const HASTY: [(&str, i64, bool); 3] =
    [("reminder", 1, false), ("formal-notice", 7, true), ("last-demand", 13, true)];
/// Days between two letters, and those that a letter gives.
pub const AFTER: i64 = 6;
pub const DEADLINE: i64 = 5;

/// The only steps that a mail may take (reliability 2.1).
fn is_legal(from: OutboxState, to: OutboxState) -> bool {
    use OutboxState::*;
    matches!(
        (from, to),
        (Ready, Sending | Withdrawn)
            | (Sending, Ready | DotIntent | Rejected | Withdrawn)
            | (DotIntent, Sent | Rejected | Unknown | Ready)
            | (Unknown, Sent | Withdrawn | Bounced)
            | (Sent, Bounced)
            | (Rejected, Withdrawn)
    )
}

impl World {
    pub fn audit(&mut self, runtime: &Runtime) {
        self.audit_moves(runtime);
        self.audit_inputs(runtime);
        self.audit_underway(runtime);
    }

    fn audit_moves(&mut self, runtime: &Runtime) {
        for (id, from, to) in self.store.take_moves() {
            if !is_legal(from, to) {
                self.truth.lock().unwrap().breach(format!("P6 {id} went from {from:?} to {to:?}"));
            }
            if to == OutboxState::Rejected {
                let named = id.clone();
                let row = self.ask(runtime, move |house| house.store.outbox(&named).unwrap()).flatten();
                let mut truth = self.truth.lock().unwrap();
                if row.is_some_and(|row| !truth.may_be_given_up(&row.message_id)) {
                    truth.breach(format!("{id} was given up, though nobody refused it"));
                }
            }
        }
    }

    /// After a pass that ended well no mail is half-way.
    fn audit_underway(&mut self, runtime: &Runtime) {
        if !self.passed {
            return;
        }
        let underway = |house: &mut House| house.store.outbox_in(&[OutboxState::Sending, OutboxState::DotIntent]);
        let rows = self.ask(runtime, move |house| underway(house).unwrap()).unwrap_or_default();
        let mut truth = self.truth.lock().unwrap();
        rows.iter().for_each(|row| truth.breach(format!("P9 {} is still {:?} after the pass", row.id, row.state)));
    }

    /// Whatever was shown to a pass that ended well has a disposition.
    fn audit_inputs(&mut self, runtime: &Runtime) {
        if self.fed.is_empty() || !self.passed || !self.truth.lock().unwrap().has_just_read() {
            return;
        }
        let fed = self.fed.clone();
        let settled = self.ask(runtime, move |house| {
            let settled = |id| house.store.input(id).unwrap().is_some_and(|row| row.disposition.is_some());
            fed.iter().map(settled).collect::<Vec<bool>>()
        });
        let Some(settled) = settled else { return };
        let mut truth = self.truth.lock().unwrap();
        for (id, _) in self.fed.iter().zip(&settled).filter(|(_, settled)| !**settled) {
            truth.breach(format!("P3 input {id} was shown and has no disposition"));
        }
        self.fed.clear();
    }

    /// Nothing has gone wrong since `first`: what was due by then has left by now, or somebody is asked, or
    /// today's letters are used up.
    pub fn must_have_left(&mut self, runtime: &Runtime, first: NaiveDate) {
        let people = self.truth.lock().unwrap().people.clone();
        let last_day = self.clock().date();
        for (debtor, person) in people.iter().enumerate() {
            let id = DebtorId::new(person.id.as_str());
            let asked = self.ask(runtime, move |house| {
                let account = house.account(&id).unwrap();
                // On a broken disk an answer is written down days after it came, and the wait begins then.
                let noted = account.letters.iter().filter_map(|letter| letter.left_on()).max();
                (!account.questions.is_empty() || !account.holds.is_empty(), noted)
            });
            let Some((held, noted)) = asked else { continue };
            let mut truth = self.truth.lock().unwrap();
            let own: Vec<_> = truth.claims.iter().filter(|claim| claim.debtor == debtor).cloned().collect();
            let shielded = truth.shields.iter().any(|shield| shield.debtor == debtor && !shield.ended);
            let [claim] = own.as_slice() else { continue };
            if held || shielded || claim.closed || truth.skipped.contains(&debtor) {
                continue;
            }
            let went: Vec<&Dot> =
                truth.dots.iter().filter(|dot| dot.debtor == debtor && dot.fate == Fate::Taken).collect();
            let Some((step, days, formal)) = self.steps.get(went.len()) else { continue };
            let last = went.last().map(|dot| noted.unwrap_or(dot.sure_on).max(dot.sure_on) + Duration::days(AFTER));
            let due = (claim.due + Duration::days(*days)).max(last.unwrap_or(NaiveDate::MIN));
            if sending_day(due, *formal) <= first && !truth.is_full(last_day) {
                truth.breach(format!("P9 {step} of {} was due on {due} and has not left", claim.number));
            }
            truth.saw("looked for what is due");
        }
    }

    /// The journal of an account, for looking into a breach (`AANMAAND_TELL=KL71`), and how its mails stand.
    fn tell(&self, runtime: &Runtime, account: String) {
        self.ask(runtime, move |house| {
            for row in house.store.journal(Some(&DebtorId::new(account)), 0, 10_000).unwrap() {
                println!("{} {} {} {}", row.seq, house.local(row.at), row.cause, row.fact);
            }
            for row in house.store.outbox_in(&OutboxState::ALL).unwrap() {
                println!("{} {:?} {} {:?}", row.id, row.state, house.local(row.changed_at), row.note);
            }
        });
        let truth = self.truth.lock().unwrap();
        truth.dots.iter().for_each(|dot| println!("{} {} {:?}", dot.at, dot.letter.subject, dot.fate));
    }

    pub fn last_look(&mut self, runtime: &Runtime) {
        if let Ok(account) = std::env::var("AANMAAND_TELL") {
            self.tell(runtime, account);
        }
        let delivered = self.delivered;
        let found = self.ask(runtime, move |house| {
            let mut found = house.store.check(Depth::Quick).unwrap();
            found.extend(house.self_check().unwrap());
            let underway = house.store.outbox_in(&[OutboxState::Sending, OutboxState::DotIntent]).unwrap();
            found.extend(underway.iter().map(|row| format!("P9 {} is still in {:?}", row.id, row.state)));
            let open = house.store.inputs_unsettled().unwrap();
            if open > 0 {
                found.push(format!("P3 {open} of {delivered} inputs have no disposition"));
            }
            found
        });
        let found = found.unwrap_or_else(|| vec!["the daemon does not answer".to_owned()]);
        found.into_iter().for_each(|fault| self.truth.lock().unwrap().breach(fault));
    }
}

fn sending_day(from: NaiveDate, formal: bool) -> NaiveDate {
    let open = |day: &NaiveDate| !(no_letter_leaves(false, *day) || formal && day.weekday() == Weekday::Fri);
    from.iter_days().find(open).unwrap()
}
