//! The judge: was a letter right that the server accepted? It looks only into the books.

use super::books::{Accepted, Books, Shield, Why};
use super::days::{banking_days, no_letter_leaves};
use super::letters::{Letter, Stage};
use chrono::{Datelike, Duration, NaiveDateTime, Weekday};

impl Books {
    /// A letter that the server accepted: was it right?
    pub fn judge(&mut self, sent: Accepted) {
        let (at, letter, debtor) = (sent.at, &sent.letter, sent.debtor);
        let who = format!("{at} to {} \"{}\"", self.debtors[debtor].0, letter.subject);
        if let Some(fault) = wrong_moment(self.belgian_office, at, letter.stage) {
            self.breach(format!("P2 {who}: {fault}"));
        }
        self.judge_world(at, &who, letter.stage);
        if letter.stage == Stage::Thanks {
            self.judge_thanks(at, &who, debtor, letter);
            self.accepted.push(sent);
            return;
        }
        self.judge_claims(at, &who, debtor, letter);
        self.judge_spacing(at, &who, debtor, &sent.message_id, letter);
        for fault in self.judge_law(&sent) {
            self.breach(format!("P6 {who}: {fault}"));
        }
        self.accepted.push(sent);
    }

    fn judge_world(&mut self, at: NaiveDateTime, who: &str, stage: Stage) {
        if self.mailbox_read.is_none_or(|read| at - read > Duration::minutes(15)) {
            self.breach(format!("P3 {who}: the mailbox was last read {:?}", self.mailbox_read));
        }
        let covers = self.statements_until;
        if stage.is_formal() && covers.is_none_or(|until| banking_days(until, at.date()) > 1) {
            self.breach(format!("P3 {who}: a formal letter on bank data until {covers:?}"));
        }
        let today = self.accepted.iter().filter(|other| other.at.date() == at.date()).count();
        if today >= self.per_day {
            self.breach(format!("P7 {who}: {today} letters left today already"));
        }
    }

    fn judge_claims(&mut self, at: NaiveDateTime, who: &str, debtor: usize, letter: &Letter) {
        let mut found = Vec::new();
        if letter.lines.is_empty() {
            found.push("no invoice in it".to_owned());
        }
        for (number, asked) in &letter.lines {
            let Some(at_claim) = self.claim(number) else {
                found.push(format!("invoice {number} does not exist"));
                continue;
            };
            let claim = &self.claims[at_claim];
            if claim.debtor != debtor {
                found.push(format!("{number} is another's"));
            }
            if claim.given_up || claim.open() == 0 {
                found.push(format!("P1 {number} is closed"));
            }
            if claim.open() != *asked {
                found.push(format!("P1 {number}: asks {asked}, open is {}", claim.open()));
            }
            if letter.stage > Stage::Note && claim.due >= at.date() {
                found.push(format!("{number} is due only on {}", claim.due));
            }
            let shields = self.shields.iter().filter(|shield| self.stands(shield, at, debtor, at_claim));
            found.extend(shields.map(|shield| format!("P1 {number}: {:?} since {}", shield.why, shield.from)));
        }
        let sum = letter.principal() + letter.interest + letter.costs;
        if sum != letter.total {
            found.push(format!("the parts are {sum}, the total {}", letter.total));
        }
        for fault in found {
            self.breach(format!("{who}: {fault}"));
        }
    }

    fn stands(&self, shield: &Shield, at: NaiveDateTime, debtor: usize, claim: usize) -> bool {
        let about = shield.debtor == debtor && shield.claim.is_none_or(|own| own == claim);
        if shield.ended || !about || shield.from > at {
            return false;
        }
        let still_open =
            |claims: &[usize]| claims.iter().any(|&c| self.claims[c].open() > 0 && !self.claims[c].given_up);
        match &shield.why {
            Why::Promised(day, claims) => at.date() <= *day && still_open(claims),
            Why::SaysPaid(claims) => still_open(claims),
            Why::Answered(_)
            | Why::Bounced
            | Why::Old
            | Why::Conflict
            | Why::UnclearMoney
            | Why::TakenBack
            | Why::Rest => true,
        }
    }

    fn judge_spacing(&mut self, at: NaiveDateTime, who: &str, debtor: usize, message_id: &str, letter: &Letter) {
        let mut found = Vec::new();
        for other in self.accepted.iter().filter(|other| other.debtor == debtor) {
            if other.message_id == message_id {
                found.push(format!("P2 accepted before, on {}", other.at));
            }
            let days = (at.date() - other.at.date()).num_days();
            // Thanks put nothing off, but two letters on one day are one too many.
            if days < if other.letter.stage == Stage::Thanks { 1 } else { 5 } {
                found.push(format!("P2 {days} days after the letter of {}", other.at));
            }
            if self.last_day_given(other).is_some_and(|last| at.date() <= last) {
                found.push(format!("within the term of the letter of {}", other.at));
            }
            let alone = |letter: &Letter| letter.lines.len() == 1;
            let without_effect = letter.stage.is_formal() && (other.bounced || other.void);
            if !without_effect
                && alone(letter)
                && alone(&other.letter)
                && letter.stage == other.letter.stage
                && letter.lines[0].0 == other.letter.lines[0].0
            {
                found.push(format!("P2 the same step was sent on {}", other.at));
            }
        }
        for fault in found {
            self.breach(format!("{who}: {fault}"));
        }
    }
}

/// Thanks come within so many days of the money.
const SOON: i64 = 14;

impl Books {
    /// Thanks: for what the bank shows as paid and not taken back, once, and only where nothing is between us.
    fn judge_thanks(&mut self, at: NaiveDateTime, who: &str, debtor: usize, letter: &Letter) {
        let mut found = Vec::new();
        if letter.lines.is_empty() || letter.total != 0 || letter.text.contains("IBAN") {
            found.push("thanks for nothing, or that ask something".to_owned());
        }
        for (number, _) in &letter.lines {
            let claim = self.claim(number).map(|claim| &self.claims[claim]);
            let Some(claim) = claim.filter(|claim| claim.debtor == debtor) else {
                found.push(format!("{number} is another's"));
                continue;
            };
            let paid_on = claim.entries.iter().map(|entry| entry.day).max();
            if (claim.open() > 0 && !claim.got_its_amount()) || claim.waived_by_owner || paid_on.is_none() {
                found.push(format!("P1 thanks for {number}, of which {} is open", claim.open()));
            }
            if paid_on.is_some_and(|on| (at.date() - on).num_days() > SOON) {
                found.push(format!("thanks for {number}, paid on {paid_on:?}"));
            }
        }
        let before =
            |other: &&Accepted| other.debtor == debtor && other.letter.lines.iter().any(|(n, _)| names(letter, n));
        let twice = self.accepted.iter().filter(|other| other.letter.stage == Stage::Thanks).find(before);
        found.extend(twice.map(|other| format!("P2 thanked before, on {}", other.at)));
        let near = |other: &&Accepted| other.debtor == debtor && (at.date() - other.at.date()).num_days() < 5;
        found
            .extend(self.accepted.iter().filter(near).map(|other| format!("P2 soon after the letter of {}", other.at)));
        let formal =
            self.accepted.iter().filter(|other| other.letter.stage.is_formal() && other.letter.lines.len() == 1);
        let is_open = |number: &str| self.claims.iter().any(|c| c.number == number && c.open() > 0 && !c.given_up);
        let crossed = formal.filter(|other| other.debtor == debtor && is_open(&other.letter.lines[0].0));
        found.extend(crossed.map(|other| format!("thanks cross the formal letter of {}", other.at)));
        let money = |why: &Why| matches!(why, Why::Promised(..) | Why::SaysPaid(_));
        let all = 0..self.claims.len();
        let stands = |shield: &Shield| all.clone().any(|claim| self.stands(shield, at, debtor, claim));
        let shields = self.shields.iter().filter(|shield| !money(&shield.why) && stands(shield));
        found.extend(shields.map(|shield| format!("P1 thanks while {:?} since {}", shield.why, shield.from)));
        found.into_iter().for_each(|fault| self.breach(format!("{who}: {fault}")));
    }
}

fn names(letter: &Letter, number: &str) -> bool {
    letter.lines.iter().any(|(named, _)| named == number)
}

fn wrong_moment(belgian_office: bool, at: NaiveDateTime, stage: Stage) -> Option<String> {
    let day = at.date();
    let seconds = (at - day.and_hms_opt(0, 0, 0)?).num_seconds();
    let friday = day.weekday() == Weekday::Fri && stage.is_formal();
    if friday || no_letter_leaves(belgian_office, day) {
        return Some(format!("on a {}", day.weekday()));
    }
    (!(9 * 3600..17 * 3600).contains(&seconds)).then(|| "outside 09:00-17:00".to_owned())
}
