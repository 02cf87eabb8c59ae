//! What became of a letter.

use super::Draft;
use crate::dunning::account::{Announcement, LetterState};
use crate::dunning::debtor::Language;
use crate::dunning::fact::Fact;
use crate::dunning::hold::{HoldReason, Scope};
use crate::dunning::ids::{CaseId, LetterId, StepId};
use crate::dunning::input::Outcome;
use crate::dunning::question::{About, QuestionKind};
use chrono::NaiveDateTime;

impl Draft<'_> {
    pub(super) fn letter(&mut self, id: &LetterId, outcome: &Outcome) {
        let Some(letter) = self.account.letter(id) else { return };
        let is_open = matches!(letter.state, LetterState::Requested | LetterState::Unknown(_));
        // Withdrawn to be sent again, or skipped; and then a copy of it was found.
        let went_after_all = letter.state == LetterState::Withdrawn && matches!(outcome, Outcome::Sent { .. });
        if !is_open && !went_after_all {
            return;
        }
        let (recipient, is_thanks) = (letter.recipient.clone(), letter.is_thanks());
        let letter = id.clone();
        match outcome {
            Outcome::Sent { on, reply } => {
                self.fact(Fact::LetterSent { letter, on: *on, reply: reply.clone() });
                self.settle_questions("was sent", |q| q.about == About::Sending(id.clone()));
            }
            Outcome::Withdrawn { why } => self.fact(Fact::LetterWithdrawn { letter, why: why.clone() }),
            Outcome::Unknown { on, why } => {
                self.fact(Fact::LetterUnknown { letter, on: *on, why: why.clone() });
                let detail = format!("{recipient} ({why})");
                self.ask(QuestionKind::UnknownSend, None, &detail, About::Sending(id.clone()));
            }
            Outcome::Rejected { on, why, address } => {
                self.fact(Fact::LetterRejected { letter, on: *on, why: why.clone() });
                // Thanks that were refused are let go: nothing that is asked may wait for them.
                if is_thanks && !*address {
                    return;
                }
                if *address {
                    self.address_failed(&recipient, true, why);
                }
                let reason = if *address { HoldReason::Bounce } else { HoldReason::Refused };
                let hold = self.hold_because(Scope::Debtor, reason, why);
                self.hold(hold);
                let kind = if *address { QuestionKind::Bounce } else { QuestionKind::Refused };
                self.ask(kind, None, &format!("{recipient} ({why})"), About::Sending(id.clone()));
            }
        }
    }

    /// That no copy was found proves nothing: only the question about the letter tells it.
    pub(super) fn looked_for(
        &mut self,
        letter: &LetterId,
        places: &[String],
        at: NaiveDateTime,
        again: Option<NaiveDateTime>,
    ) {
        let note = not_found(self.policy.language, places, at, again);
        self.found_out(QuestionKind::UnknownSend, &About::Sending(letter.clone()), &note);
    }

    pub(super) fn announced(&mut self, steps: &[(CaseId, StepId)]) {
        // One of a later day was made by a clock that was wrong.
        let today = self.today;
        let known = |case: &CaseId, step: &StepId| {
            self.account.announced.iter().any(|a| a.case == *case && a.step == *step && a.on <= today)
        };
        let steps: Vec<Announcement> = steps
            .iter()
            .filter(|(case, step)| !known(case, step))
            .map(|(case, step)| Announcement { case: case.clone(), step: step.clone(), on: self.today })
            .collect();
        if !steps.is_empty() {
            self.fact(Fact::Announced { steps });
        }
    }
}

/// In the owner's language, in English when it is none of the owner's.
fn not_found(language: Language, places: &[String], at: NaiveDateTime, again: Option<NaiveDateTime>) -> String {
    let places = if places.is_empty() { "-".to_owned() } else { places.join(", ") };
    match language {
        Language::Nl => {
            let clock = |at: NaiveDateTime| at.format("%d-%m-%Y %H:%M");
            let next = again.map(|again| format!("er wordt weer gezocht op {}", clock(again)));
            let next = next.unwrap_or_else(|| "er wordt niet meer vanzelf gezocht: u beslist".to_owned());
            format!("Gezocht in {places} op {}: geen kopie gevonden; {next}", clock(at))
        }
        Language::En | Language::De | Language::Fr => {
            let clock = |at: NaiveDateTime| at.format("%Y-%m-%d %H:%M");
            let next = again.map(|again| format!("it is looked for again at {}", clock(again)));
            let next = next.unwrap_or_else(|| "it is not looked for any more by itself: you decide".to_owned());
            format!("Looked in {places} at {}: no copy was found; {next}", clock(at))
        }
    }
}
