//! What became of a letter.

use super::Draft;
use crate::dunning::account::{Announcement, LetterState};
use crate::dunning::fact::Fact;
use crate::dunning::hold::{HoldReason, Scope};
use crate::dunning::ids::{CaseId, LetterId, StepId};
use crate::dunning::input::Outcome;
use crate::dunning::question::{About, QuestionKind};

impl Draft<'_> {
    pub(super) fn letter(&mut self, id: &LetterId, outcome: &Outcome) {
        let Some(letter) = self.account.letter(id) else { return };
        if !matches!(letter.state, LetterState::Requested | LetterState::Unknown(_)) {
            return;
        }
        let recipient = letter.recipient.clone();
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
                let reason = if *address { HoldReason::Bounce } else { HoldReason::Manual };
                let hold = self.hold_because(Scope::Debtor, reason, why);
                self.hold(hold);
                let kind = if *address { QuestionKind::Bounce } else { QuestionKind::Refused };
                self.ask(kind, None, &format!("{recipient} ({why})"), About::Sending(id.clone()));
            }
        }
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
