//! The owner: reads every question and answers with the truth.

use super::books::Why;
use super::world::World;
use aanmaand::dunning::account::Case;
use aanmaand::dunning::ids::{CaseId, DebtorId};
use aanmaand::dunning::question::{About, Question, QuestionKind};

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
            if question.kind == QuestionKind::Rest
                && let Some(claim) = question.case.as_ref().and_then(|case| self.rest_of(case))
            {
                self.books.claims[claim].waived_by_owner |= choice == "waive";
                self.books.claims[claim].rest_wanted = choice == "keep";
            }
            if matches!(choice.as_str(), "write-off" | "handed-over" | "ignore" | "waive") {
                self.give_up_what_closed(&before);
            }
            self.let_go(&debtor, &question, &choice);
        }
    }

    fn rest_of(&self, case: &CaseId) -> Option<usize> {
        self.books.claim(case.as_str().trim_start_matches("C-"))
    }

    fn choose(&mut self, question: &Question) -> String {
        use QuestionKind::*;
        let choice = match question.kind {
            Dispute => self.chance.one_of(&["resolved", "resolved", "write-off"]),
            Insolvency => "write-off",
            Plan | Promise | Question | Answer | WrongContact | Bounce | Refused | Reversal => "resume",
            PaidClaim if self.truly_paid(question) => "keep",
            PaidClaim | OpenItemLess | OpenItemGone => "not-paid",
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
            Correlation | Strangers => return question.choices[0].clone(),
            Quarantine => "ignore",
            Burst | CatchUp => "send",
            Clock => "confirm",
            StatementGap => "wait",
            Restored => "go-on",
            LostLetter => "was-sent",
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

    pub fn cases(&self) -> Vec<(DebtorId, Case)> {
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
        if choice == "keep" && question.kind != QuestionKind::Rest {
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
                Why::Rest => theirs && question.kind == QuestionKind::Rest && shield.claim == claim,
                Why::TakenBack => theirs && question.kind == QuestionKind::Reversal && shield.claim == claim,
            };
        }
    }
}
