//! The owner, in a process of its own beside the daemon: commands at any time, and answers with the truth.

use super::truth::{Shield, Truth};
use crate::sim::Chance;
use crate::sim::letters::Stage;
use crate::sim::shaky::Shaky;
use aanmaand::adapters::clock::SetClock;
use aanmaand::config::Config;
use aanmaand::daemon::house::{House, Rules};
use aanmaand::dunning::hold::Scope;
use aanmaand::dunning::ids::{CaseId, DebtorId};
use aanmaand::dunning::input::{self, Input};
use aanmaand::dunning::question::{About, Question, QuestionKind};
use aanmaand::store::StoreFault;
use std::sync::Arc;

/// What the owner does at some moment.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    Hold(usize),
    Resume(usize),
    Dispute(usize),
    Paid(usize),
    WriteOff(usize),
    /// Answers everything that is asked.
    Answers,
}

pub struct Owner {
    house: Option<House>,
    chance: Chance,
}

impl Owner {
    /// Opens the store that the daemon has made.
    pub fn new(store: &Shaky, config: Config, rules: Rules, clock: Arc<SetClock>, chance: Chance) -> Owner {
        let house = House::look(Box::new(store.second()), config, rules, clock).unwrap();
        Owner { house, chance }
    }

    pub fn rules(self) -> Option<Rules> {
        let House { rules, .. } = self.house?;
        Some(rules)
    }

    pub fn act(&mut self, act: &Act, truth: &mut Truth) {
        let of_case = |truth: &Truth, claim: usize| CaseId::new(format!("C-{}", truth.claims[claim].number));
        let (scope, reason) = (Scope::Debtor, "zo besloten".to_owned());
        match *act {
            Act::Answers => self.answer_all(truth),
            Act::Hold(debtor) => {
                if self.decide(truth, debtor, input::Act::Hold { scope, reason, until: None }) {
                    shield(truth, debtor, None, "held by the owner");
                }
            }
            Act::Resume(debtor) => {
                if self.decide(truth, debtor, input::Act::Resume { scope, reason }) {
                    let of = |shield: &&mut Shield| shield.debtor == debtor && (shield.known || shield.shown);
                    truth.shields.iter_mut().filter(of).for_each(|shield| shield.ended = true);
                }
            }
            Act::Dispute(debtor) => {
                if self.decide(truth, debtor, input::Act::Dispute { scope, part: None, reason }) {
                    shield(truth, debtor, None, "disputed, says the owner");
                }
            }
            Act::Paid(claim) => {
                let (case, on) = (of_case(truth, claim), truth.clock.date());
                let paid = input::Act::Paid { case, amount: None, on, reason };
                if self.decide(truth, truth.claims[claim].debtor, paid) {
                    close(truth, claim);
                }
            }
            Act::WriteOff(claim) => {
                let case = of_case(truth, claim);
                if self.decide(truth, truth.claims[claim].debtor, input::Act::WriteOff { case, reason }) {
                    close(truth, claim);
                }
            }
        }
    }

    /// Whether something came of it.
    fn decide(&mut self, truth: &mut Truth, debtor: usize, act: input::Act) -> bool {
        let Some(house) = &mut self.house else { return false };
        let id = DebtorId::new(truth.people[debtor].id.as_str());
        if house.account(&id).unwrap().cases.is_empty() {
            return false;
        }
        truth.saw("owner's command");
        let said = format!("{act:?}");
        match house.step(&id, &Input::Owner { act, by: "de eigenaar".to_owned() }, "owner") {
            Ok(facts) => !facts.is_empty(),
            Err(error) => {
                complain(truth, &said, &error);
                false
            }
        }
    }

    fn answer_all(&mut self, truth: &mut Truth) {
        let Some(house) = &mut self.house else { return };
        let asked = |house: &House| -> Vec<(DebtorId, Question)> {
            let accounts = house.accounts().unwrap().into_iter();
            accounts.flat_map(|account| account.questions.into_values().map(move |q| (account.id.clone(), q))).collect()
        };
        for (account, question) in asked(house) {
            if house.find_question(&question.id).unwrap().is_none() {
                continue;
            }
            let letter = letter_of(house, &question);
            let taken = letter.as_deref().is_some_and(|id| truth.was_taken(id));
            let choice = choose(&question, taken, truth, &mut self.chance);
            match house.answer(&question.id, &choice, "de eigenaar") {
                Ok(()) => answered(truth, &account, &question, letter.as_deref(), &choice),
                Err(error) => complain(truth, &format!("answer {choice} to {question:?}"), &error),
            }
        }
    }
}

fn complain(truth: &mut Truth, what: &str, error: &anyhow::Error) {
    let busy = error.chain().any(|cause| matches!(cause.downcast_ref(), Some(StoreFault::Busy)));
    let too_early = error.to_string().contains("cannot be answered");
    if !busy && !too_early {
        truth.breach(format!("the owner's {what}: {error:#}"));
    }
}

fn shield(truth: &mut Truth, debtor: usize, claim: Option<usize>, why: &'static str) {
    let since = truth.now;
    truth.shields.push(Shield {
        debtor,
        claim,
        why,
        since,
        known: true,
        shown: true,
        source: String::new(),
        ended: false,
    });
}

fn close(truth: &mut Truth, claim: usize) {
    let now = truth.now;
    let claim = &mut truth.claims[claim];
    if !claim.closed {
        (claim.closed, claim.closed_by_owner) = (true, Some(now));
    }
}

/// The Message-ID of the letter that a question is about.
fn letter_of(house: &House, question: &Question) -> Option<String> {
    let About::Sending(letter) = &question.about else { return None };
    Some(house.store.outbox(letter.as_str()).unwrap()?.message_id)
}

fn choose(question: &Question, taken: bool, truth: &Truth, chance: &mut Chance) -> String {
    use QuestionKind::*;
    let choice = match question.kind {
        UnknownSend if taken => "was-sent",
        UnknownSend => chance.one_of(&["send-now", "send-now", "skip"]),
        Dispute => "resolved",
        Insolvency | Plan | Promise | Question | Answer | WrongContact | Bounce | Refused | Reversal => "resume",
        PaidClaim | UnconfirmedPayment | OpenItemLess | OpenItemGone => "not-paid",
        Approval => "approve",
        Quarantine | UnmatchedPayment | CreditNote => "ignore",
        Rest => "waive",
        OverdueAtFirstSight => "open",
        Conflict => "keep-old",
        Identity => "new",
        Call => "done",
        HandOver => "keep",
        NoAddress | Limitation => "seen",
        Correlation | Strangers => return question.choices.first().cloned().unwrap_or_default(),
        Burst | CatchUp => "send",
        Clock => chance.one_of(&["confirm", "wait"]),
        StatementGap => "wait",
        Restored => "go-on",
        LostLetter => return if lost_was_taken(question, truth) { "was-sent" } else { "not-sent" }.to_owned(),
    };
    choice.to_owned()
}

/// Whether the first of the letters that may have left before a restore did.
fn lost_was_taken(question: &Question, truth: &Truth) -> bool {
    let About::LostLetters(lost) = &question.about else { return false };
    let Some(first) = lost.first() else { return false };
    first.covers.iter().any(|(case, step)| {
        let number = case.as_str().trim_start_matches("C-");
        let stage = stage_of(step.as_str());
        truth.took_step(number, stage)
    })
}

fn stage_of(step: &str) -> Stage {
    match step {
        "reminder" => Stage::Reminder,
        "second-reminder" => Stage::Second,
        "formal-notice" => Stage::Formal,
        _ => Stage::Last,
    }
}

/// What the owner's answer means in the world.
fn answered(truth: &mut Truth, account: &DebtorId, question: &Question, letter: Option<&str>, choice: &str) {
    if let (QuestionKind::UnknownSend, Some(letter)) = (question.kind, letter) {
        truth.saw("question about an unknown letter");
        truth.settled_by_owner(letter);
        if choice == "skip" {
            truth.skip(account.as_str());
        }
    }
    if question.kind == QuestionKind::Clock && choice == "confirm" {
        truth.latest = Some(truth.clock);
    }
    if let About::Input(source) = &question.about {
        let said = |shield: &&mut Shield| shield.source == source.as_str();
        truth.shields.iter_mut().filter(said).for_each(|shield| shield.ended = true);
    }
}
