//! Disputes: of a case or a part of it, what they undo, and how they end.

use super::Draft;
use crate::dunning::account::{Case, ClosedAs, Letter, LetterState};
use crate::dunning::fact::Fact;
use crate::dunning::hold::{HoldReason, Scope};
use crate::dunning::ids::{CaseId, InvoiceNumber, LetterId};
use crate::dunning::input::{DisputedPart, InTheRight};
use crate::dunning::money::Money;
use crate::dunning::question::{About, QuestionKind};
use chrono::NaiveDate;

/// Why a dispute voids a term.
pub(super) const DISPUTED: &str = "the debtor disputes";
/// In the place of a credit note's number, when the debtor was right.
const BY_DISPUTE: &str = "dispute";

impl Draft<'_> {
    /// The owner notes a dispute. With a part of one case, and the word to go on, the rest of it is asked; the disputed
    /// part is not, until the dispute is resolved.
    pub(super) fn owner_disputes(&mut self, scope: &Scope, part: Option<DisputedPart>, reason: &str, by: &str) {
        let before = self.facts.len();
        if let (Some(part), Scope::Case(case)) = (part, scope) {
            if !self.may_be_disputed(case, part) {
                return;
            }
            self.set_disputed(case, Some(part.amount), by);
        }
        self.void_terms(scope, self.today, DISPUTED);
        match part {
            Some(part) if part.go_on && matches!(scope, Scope::Case(_)) => {
                self.resume(scope, reason, by, |held| held == HoldReason::Dispute);
            }
            Some(_) | None => self.owner_hold(scope, HoldReason::Dispute, reason, None),
        }
        if self.facts.len() == before {
            self.note(reason, by);
        }
    }

    /// More than nothing and not more than is open; who goes on must have something left to ask.
    fn may_be_disputed(&self, case: &CaseId, part: DisputedPart) -> bool {
        let rest = |case: &Case| case.open().checked_sub(part.amount).filter(|rest| !rest.is_negative());
        let rest = self.case(case).filter(|case| case.is_open()).and_then(rest);
        part.amount.is_positive() && rest.is_some_and(|rest| rest.is_positive() || !part.go_on)
    }

    fn set_disputed(&mut self, case: &CaseId, amount: Option<Money>, by: &str) {
        if self.case(case).is_some_and(|known| known.disputed != amount) {
            self.fact(Fact::DisputedPart { case: case.clone(), amount, by: by.to_owned() });
        }
    }

    /// A dispute within the term of a letter in law takes its effect from it, and so does an agreement to pay later: if
    /// the debtor turns out to be wrong, or does not keep it, a new letter gives a new term. What a term that had run out
    /// before that day has brought about stays.
    pub(super) fn void_terms(&mut self, scope: &Scope, on: NaiveDate, why: &str) {
        let is_held = |case: &CaseId| {
            self.case(case).is_some_and(Case::is_open)
                && match scope {
                    Scope::Debtor => true,
                    Scope::Case(own) => own == case,
                }
        };
        let lives = |letter: &&Letter| {
            letter.law.is_some()
                && letter.void.is_none()
                && letter.deadline.is_none_or(|last| on <= last)
                && matches!(letter.state, LetterState::Requested | LetterState::Sent(_) | LetterState::Unknown(_))
        };
        let letters = self.account.letters.iter().filter(lives);
        let ids: Vec<LetterId> = letters
            .filter(|letter| letter.amounts.iter().any(|(case, _)| is_held(case)))
            .map(|letter| letter.id.clone())
            .collect();
        for letter in ids {
            self.fact(Fact::TermVoided { letter, why: why.to_owned() });
        }
    }

    /// A dispute ends. When we are right the ladder goes on about all that is open; when the debtor is, what was disputed
    /// is taken off the claim first.
    pub(super) fn resolve(&mut self, scope: &Scope, who: InTheRight, reason: &str, by: &str) {
        let cases: Vec<CaseId> = match scope {
            Scope::Debtor => self.account.open_cases().map(|case| case.id.clone()).collect(),
            Scope::Case(case) => vec![case.clone()],
        };
        match (who, cases.as_slice()) {
            (InTheRight::We, _) => {}
            (InTheRight::Debtor(amount), [case]) => {
                if !self.take_off(case, amount) {
                    return;
                }
            }
            // Which claim becomes less must be named.
            (InTheRight::Debtor(_), _) => return,
        }
        cases.iter().for_each(|case| self.set_disputed(case, None, by));
        self.resume(scope, reason, by, |held| held == HoldReason::Dispute);
        for case in &cases {
            if self.case(case).is_some_and(|case| case.is_open() && case.open().is_zero()) {
                self.close(case, ClosedAs::Credited);
            }
        }
    }

    /// What the debtor is right about is no longer owed; false when that is more than is open.
    fn take_off(&mut self, id: &CaseId, amount: Option<Money>) -> bool {
        let Some(case) = self.case(id).filter(|case| case.is_open()) else { return false };
        let open = case.open();
        let amount = amount.unwrap_or(case.disputed.unwrap_or(open).min(open));
        let fits = open.checked_sub(amount).is_some_and(|rest| !rest.is_negative());
        if !(amount.is_positive() && fits) {
            return false;
        }
        let by = InvoiceNumber::new(BY_DISPUTE);
        self.fact(Fact::Credited { case: id.clone(), by, amount });
        true
    }

    /// A credit note for a case that is disputed in part: for exactly that part it settles the dispute, else the owner
    /// says what it is for.
    pub(super) fn credited_in_dispute(&mut self, id: &CaseId, amount: Money, number: &InvoiceNumber) {
        let Some(disputed) = self.case(id).filter(|case| case.is_open()).and_then(|case| case.disputed) else { return };
        if disputed == amount {
            self.set_disputed(id, None, &format!("credit note {number}"));
            return;
        }
        let detail = format!("{id} {number} {amount}, {disputed}");
        self.hold_disputed(id, &detail);
    }

    /// All but the disputed part was paid: what becomes of that part is the owner's to say.
    pub(super) fn disputed_rests(&mut self) {
        let left: Vec<(CaseId, Money)> = self
            .account
            .open_cases()
            .filter(|case| case.only_disputed_is_left())
            .map(|case| (case.id.clone(), case.open()))
            .collect();
        for (case, open) in left {
            if !self.account.holds.iter().any(|hold| hold.reason == HoldReason::Dispute && hold.covers(&case)) {
                self.hold_disputed(&case, &format!("{case} {open} {}", open.currency()));
            }
        }
    }

    fn hold_disputed(&mut self, case: &CaseId, detail: &str) {
        let hold = self.hold_because(Scope::Case(case.clone()), HoldReason::Dispute, detail);
        self.hold(hold);
        self.ask(QuestionKind::Dispute, Some(case.clone()), detail, About::Nothing);
    }

    /// The owner says that a dispute which was put to him as such is resolved: all of the case is asked again.
    pub(super) fn dispute_answered(&mut self, case: Option<&CaseId>, about: &About, choice: &str, by: &str) {
        if let (Some(case), About::Nothing, "resolved") = (case, about, choice) {
            self.set_disputed(case, None, by);
        }
    }
}
