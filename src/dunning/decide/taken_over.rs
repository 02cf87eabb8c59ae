//! Invoices that another program followed until now: what is overdue among them needs no question, and the letters that it
//! sent count as ours would, but for any effect in law.

use super::Draft;
use crate::dunning::account::Letter;
use crate::dunning::fact::Fact;
use crate::dunning::ids::{CaseId, StepId};
use crate::dunning::input::FoundLetter;
use crate::dunning::question::QuestionKind;
use crate::dunning::schedule::letter_id;
use chrono::NaiveDate;

impl Draft<'_> {
    pub(super) fn taken_over(&mut self, case: &CaseId, sent: &[(StepId, NaiveDate)], by: &str) {
        if !self.case(case).is_some_and(|case| case.is_open()) {
            return;
        }
        for (step, on) in sent {
            self.was_sent_before(case, step, *on);
        }
        let asked = self.account.questions.values();
        let is_meant =
            |kind, of: &Option<CaseId>| kind == QuestionKind::OverdueAtFirstSight && of.as_ref() == Some(case);
        let question = asked.filter(|question| is_meant(question.kind, &question.case)).map(|q| q.id.clone()).next();
        if let Some(question) = question {
            self.answer(&question, "open", by);
        }
    }

    /// Told twice, or sent by us already, it is the same letter.
    fn was_sent_before(&mut self, case: &CaseId, step: &StepId, on: NaiveDate) {
        let covers = vec![(case.clone(), step.clone())];
        let is_taken = self.case(case).is_some_and(|case| case.has_done(step));
        let covered = |letter: &Letter| letter.covers.contains(&covers[0]);
        if is_taken || self.account.letters.iter().any(covered) {
            return;
        }
        let recipient = self.policy.address(&self.account).unwrap_or_default();
        let place = "told at the import".to_owned();
        let found = FoundLetter { covers, recipient, on, place: place.clone() };
        let letter = self.without_effect(&letter_id(&self.account.id, &found.covers), &found);
        self.fact(Fact::LetterFound { letter, on, place, told: true });
    }
}
