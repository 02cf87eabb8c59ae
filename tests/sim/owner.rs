//! The owner: reads every question and answers with the truth. And the last look, when the year is over.

use super::books::Why;
use super::world::{Nature, World, start};
use aanmaand::dunning::account::{Account, Case};
use aanmaand::dunning::ids::{CaseId, DebtorId};
use aanmaand::dunning::question::{About, Question, QuestionKind};
use aanmaand::store::{Depth, OutboxState};
use chrono::Duration;

impl World {
    /// Answers everything that is asked.
    pub fn owner(&mut self) {
        let house = self.house.as_ref().expect("the house is free");
        let accounts = house.accounts().unwrap();
        let asked: Vec<(DebtorId, Question)> = accounts
            .iter()
            .flat_map(|account| account.questions.values().map(|q| (account.id.clone(), q.clone())))
            .collect();
        for (debtor, question) in asked {
            let house = self.house.as_ref().expect("the house is free");
            if house.find_question(&question.id).unwrap().is_none() {
                self.let_go(&debtor, &question, "resume");
                continue;
            }
            let choice = self.choose(&question);
            let before = self.closed();
            let house = self.house.as_mut().expect("the house is free");
            if let Err(error) = house.answer(&question.id, &choice, "de eigenaar") {
                self.books.breach(format!("answer {choice} to {question:?}: {error:#}"));
                continue;
            }
            if matches!(choice.as_str(), "write-off" | "handed-over" | "ignore") {
                self.give_up_what_closed(&before);
            }
            self.let_go(&debtor, &question, &choice);
        }
    }

    fn choose(&mut self, question: &Question) -> String {
        use QuestionKind::*;
        let choice = match question.kind {
            Dispute => self.chance.one_of(&["resolved", "resolved", "write-off"]),
            Insolvency => "write-off",
            Plan | Promise | Question | Answer | WrongContact | Bounce | Refused | Reversal => "resume",
            PaidClaim if self.truly_paid(question) => "keep",
            PaidClaim => "not-paid",
            UnmatchedPayment => return self.place(question),
            CreditNote => "ignore",
            UnconfirmedPayment => "not-paid",
            Rest => self.chance.one_of(&["waive", "keep"]),
            UnknownSend => return self.was_it_sent(question),
            OverdueAtFirstSight => self.chance.one_of(&["open", "open", "open", "ignore"]),
            Conflict => "keep-old",
            Call => "done",
            Approval => self.chance.one_of(&["approve", "approve", "approve", "skip"]),
            HandOver => "handed-over",
            NoAddress | Limitation => "seen",
            Correlation => return question.choices[0].clone(),
            Quarantine => "ignore",
            Burst | CatchUp => "send",
        };
        choice.to_owned()
    }

    fn truly_paid(&self, question: &Question) -> bool {
        let About::Input(source) = &question.about else { return false };
        let shield = self.books.shields.iter().find(|shield| shield.source == source.as_str());
        match shield.map(|shield| &shield.why) {
            Some(Why::SaysPaid(claims)) => {
                claims.iter().all(|c| self.books.claims[*c].paid >= self.books.claims[*c].cents)
            }
            _ => false,
        }
    }

    fn booking(&self, text: &str) -> Option<usize> {
        (0..self.bookings.len()).rfind(|n| text.contains(&format!("zz{n}zz")))
    }

    /// Where the money belongs, if that is offered; what was left over is left alone.
    fn place(&mut self, question: &Question) -> String {
        let About::Payment(payment) = &question.about else { return "ignore".to_owned() };
        let Some(n) = self.booking(&payment.text) else { return "ignore".to_owned() };
        let whole = payment.amount.minor() == self.bookings[n].line.cents;
        for (claim, _) in self.bookings[n].parts.clone() {
            let case = format!("C-{}", self.books.claims[claim].number);
            let open = self.books.claims[claim].open();
            if whole && open > 0 && !self.books.claims[claim].given_up && question.choices.contains(&case) {
                let used = open.min(self.bookings[n].line.cents);
                self.books.claims[claim].seen += used;
                return case;
            }
        }
        "ignore".to_owned()
    }

    fn was_it_sent(&mut self, question: &Question) -> String {
        let About::Sending(letter) = &question.about else { return "skip".to_owned() };
        let house = self.house.as_ref().expect("the house is free");
        let row = house.store.outbox(letter.as_str()).unwrap().expect("the letter is in the outbox");
        let accepted = self.books.accepted.iter().any(|other| other.message_id == row.message_id);
        if accepted { "was-sent".to_owned() } else { self.chance.one_of(&["send-now", "skip"]).to_owned() }
    }

    fn cases(&self) -> Vec<(DebtorId, Case)> {
        let accounts = self.house.as_ref().expect("the house is free").accounts().unwrap();
        accounts.into_iter().flat_map(|a| a.cases.into_values().map(move |case| (a.id.clone(), case))).collect()
    }

    fn closed(&self) -> Vec<CaseId> {
        self.cases().into_iter().filter(|(_, case)| !case.is_open()).map(|(_, case)| case.id).collect()
    }

    fn give_up_what_closed(&mut self, before: &[CaseId]) {
        for (_, case) in self.cases() {
            if !case.is_open() && !before.contains(&case.id) {
                let claim = self.books.claim(case.number().as_str()).expect("a claim of ours");
                self.books.claims[claim].given_up = true;
            }
        }
    }

    /// What the owner's answer sets free.
    fn let_go(&mut self, account: &DebtorId, question: &Question, choice: &str) {
        if choice == "keep" {
            return;
        }
        let debtor = self.books.debtors.iter().position(|(id, ..)| id == account.as_str());
        let claim = question.case.as_ref().and_then(|case| self.books.claim(case.as_str().trim_start_matches("C-")));
        let source = match &question.about {
            About::Input(id) => id.to_string(),
            About::Payment(payment) => self.booking(&payment.text).map(|n| format!("zz{n}zz")).unwrap_or_default(),
            _ => String::new(),
        };
        let asked = self.last_pass;
        for shield in self.books.shields.iter_mut().filter(|shield| asked.is_some_and(|at| shield.from <= at)) {
            let theirs = Some(shield.debtor) == debtor;
            let same = !source.is_empty() && shield.source == source;
            shield.ended |= match &shield.why {
                Why::Answered(_) | Why::Promised(..) | Why::UnclearMoney | Why::Conflict => same,
                // Who says it again later is answered once.
                Why::SaysPaid(_) => theirs && question.kind == QuestionKind::PaidClaim,
                Why::Bounced => theirs && question.kind == QuestionKind::Bounce,
                Why::Old => theirs && question.kind == QuestionKind::OverdueAtFirstSight && shield.claim == claim,
                Why::TakenBack => theirs && question.kind == QuestionKind::Reversal && shield.claim == claim,
            };
        }
    }

    // ── when the year is over ───────────────────────────────────────────────────────────────────────────────────

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
        let end = start() + Duration::days(super::world::DAYS);
        for claim in &self.books.claims {
            let silent = self.natures[claim.debtor] == Nature::Silent;
            let filed = claim.filed.map(|at| at.date()).unwrap_or(end);
            if silent && !claim.given_up && claim.due.max(filed) + Duration::days(150) < end {
                found.push(format!("P9 {} of the silent {} came to no end", claim.number, claim.debtor));
            }
        }
        found.into_iter().for_each(|fault| self.books.breach(fault));
    }
}

impl World {
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
