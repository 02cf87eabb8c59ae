//! After a restored backup: letters that a copy proves, and letters that may have left without a trace here.

use super::{Draft, Ending};
use crate::dunning::account::{Account, Letter, LetterState};
use crate::dunning::fact::Fact;
use crate::dunning::hold::{Hold, HoldReason, Scope};
use crate::dunning::ids::{CaseId, LetterId, StepId};
use crate::dunning::input::{FoundLetter, Outcome};
use crate::dunning::instalments::due_letters;
use crate::dunning::money::Money;
use crate::dunning::outlook::{Coming, Start, outlook};
use crate::dunning::question::{About, LostLetter, Question, QuestionKind};
use crate::dunning::schedule::letter_id;
use chrono::{NaiveDate, NaiveTime, TimeDelta};

impl Draft<'_> {
    /// A letter that a copy proves was sent on its day, whatever the journal says of it.
    pub(super) fn letter_found(&mut self, found: &FoundLetter) {
        let id = letter_id(&self.account.id, &found.covers);
        match self.account.letter(&id).map(|letter| letter.state.clone()) {
            Some(LetterState::Sent(_) | LetterState::Bounced(_)) => {}
            Some(LetterState::Requested | LetterState::Unknown(_)) => {
                let outcome = Outcome::Sent { on: found.on, reply: format!("a copy was found: {}", found.place) };
                self.letter(&id, &outcome);
            }
            Some(LetterState::Withdrawn | LetterState::Rejected(_)) | None => {
                let letter = self.as_it_was(&id, found);
                self.fact(Fact::LetterFound { letter, on: found.on, place: found.place.clone(), told: false });
            }
        }
    }

    /// The same account made the same letter on that day. Where it would not today (something was paid, held, or is
    /// not known any more), only what it took and its deadline are certain, and no effect in law is built on it.
    fn as_it_was(&self, id: &LetterId, found: &FoundLetter) -> Letter {
        let then = free(self.account.clone());
        let same = due_letters(&then, self.policy, found.on).into_iter().find(|due| due.covers == found.covers);
        if let Some(due) = same {
            return Letter { recipient: found.recipient.clone(), ..due.into_letter(&then, None, found.on) };
        }
        self.without_effect(id, found)
    }

    /// Only what it took, its day and its deadline: interest, costs and terms in law are not built on it.
    pub(super) fn without_effect(&self, id: &LetterId, found: &FoundLetter) -> Letter {
        let steps: Vec<_> = found.covers.iter().filter_map(|(_, step)| self.policy.step(&self.account, step)).collect();
        let days = steps.iter().filter_map(|step| step.deadline_days).max();
        let template = steps.last().map(|step| step.template.clone());
        let first = found.covers.first().map(|(_, step)| step.of_ladder().to_owned());
        Letter {
            id: id.clone(),
            covers: found.covers.clone(),
            amounts: self.asked_now(&found.covers),
            template: template.or(first).unwrap_or_default(),
            formal: found.covers.iter().any(|(_, step)| self.policy.is_formal(&self.account, step)),
            deadline: days.map(|days| found.on + TimeDelta::days(days)),
            recipient: found.recipient.clone(),
            requested_on: found.on,
            broken_promise: None,
            extras: Vec::new(),
            costs_paid: Vec::new(),
            announced_costs: Vec::new(),
            law: None,
            void: None,
            state: LetterState::Sent(found.on),
        }
    }

    fn asked_now(&self, covers: &[(CaseId, StepId)]) -> Vec<(CaseId, Money)> {
        covers.iter().filter_map(|(id, _)| self.case(id)).map(|case| (case.id.clone(), case.asked())).collect()
    }

    /// Holds the debtor when a letter may have left from that day on, and asks about the first such.
    pub(super) fn maybe_sent(&mut self, since: NaiveDate) {
        let lost = self.possible_letters(since);
        if lost.is_empty() {
            return;
        }
        let hold = self.hold_because(Scope::Debtor, HoldReason::Restored, "");
        self.hold(hold);
        self.ask_about_lost(lost);
    }

    /// All that could have left at the most: nobody answered, nothing was held, every letter was approved.
    fn possible_letters(&self, since: NaiveDate) -> Vec<LostLetter> {
        let mut then = free(self.account.clone());
        let underway = then.letters.iter_mut().filter(|letter| letter.state == LetterState::Requested);
        let mut lost = Vec::new();
        for letter in underway {
            letter.state = LetterState::Sent(letter.requested_on);
            lost.push(LostLetter { on: letter.requested_on, covers: letter.covers.clone() });
        }
        for one in &lost {
            let marks = one.covers.iter().map(|(case, step)| (case.clone(), step.clone()));
            for (case, step) in marks {
                then.apply(&Fact::StepDone { case, step, on: one.on, why: String::new() });
            }
        }
        let start = Start { now: since.and_time(NaiveTime::MIN), digest_made: false };
        let ahead = outlook(&then, self.policy, start, self.today).into_iter();
        lost.extend(ahead.filter_map(|ahead| match ahead.what {
            Coming::Letter(letter) => Some(LostLetter { on: ahead.on, covers: letter.covers }),
            Coming::Instalment { .. } | Coming::Task { .. } => None,
        }));
        lost
    }

    fn ask_about_lost(&mut self, lost: Vec<LostLetter>) {
        let Some(first) = lost.first() else { return };
        let numbers: Vec<String> =
            first.covers.iter().filter_map(|(id, _)| Some(self.case(id)?.number().to_string())).collect();
        let step = first.covers.iter().map(|(_, step)| step.of_ladder()).next_back().unwrap_or_default();
        let detail = format!("{}: {step} ({}), {}", self.name(), numbers.join(", "), first.on);
        let case = first.covers.first().map(|(case, _)| case.clone());
        self.ask(QuestionKind::LostLetter, case, &detail, About::LostLetters(lost));
    }

    /// It was sent: its steps are taken, and the next is asked about. It was not: neither were those after it.
    pub(super) fn answer_lost(&mut self, lost: &[LostLetter], choice: &str, by: &str) {
        let Some((first, rest)) = lost.split_first() else { return };
        if choice == "was-sent" {
            // The day is not known: counted from today, no gap and no term is too short.
            let recipient = self.policy.address(&self.account).unwrap_or_default();
            let place = format!("was sent before a backup was restored, said by {by}");
            self.letter_found(&FoundLetter { covers: first.covers.clone(), recipient, on: self.today, place });
            if !rest.is_empty() {
                self.ask_about_lost(rest.to_vec());
                return;
            }
        }
        let why = format!("{by} answered");
        self.end_holds(Ending::Lifted(&why), |hold: &Hold| hold.reason == HoldReason::Restored);
        self.settle_questions("answered", |q: &Question| q.kind == QuestionKind::LostLetter);
    }
}

/// The account as if nothing had ever stood in a letter's way.
fn free(mut account: Account) -> Account {
    account.holds.clear();
    account.questions.clear();
    account
}
