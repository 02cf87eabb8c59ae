//! How one debtor is treated, as the owner says it on the command line.

use super::Draft;
use crate::dunning::fact::Fact;
use crate::dunning::hold::Scope;
use crate::dunning::instructions::Instructions;
use crate::dunning::question::QuestionKind;

impl Draft<'_> {
    /// Takes the place of all that was said before. What was approved was approved as it would have been then, so it
    /// is asked again. A ladder that this debtor may not be put on changes nothing.
    pub(super) fn instruct(&mut self, instructions: &Instructions, reason: &str, by: &str) {
        let before = &self.account.instructions;
        let chosen = instructions.ladder.as_deref().filter(|name| before.ladder.as_deref() != Some(*name));
        let unlawful = chosen.is_some_and(|name| self.policy.ladder_named(&self.account, name).is_err());
        if unlawful || instructions.fault().is_some() {
            return;
        }
        let is_known = instructions == before;
        self.note(reason, by);
        if is_known {
            return;
        }
        self.fact(Fact::Instructed { instructions: Box::new(instructions.clone()), by: by.to_owned() });
        self.settle_questions("decided anew", |q| q.kind == QuestionKind::Approval);
        self.withdraw_approvals(&Scope::Debtor, by);
        if self.policy.address(&self.account).is_some() {
            self.settle_questions("an address was given", |q| q.kind == QuestionKind::NoAddress);
        }
    }
}
