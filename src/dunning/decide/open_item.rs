//! Lists of open items: what the owner's books say is open. A new invoice opens its case; of a known one a list only
//! raises doubt. It books no payment, closes no case and never asks more than was asked.

use super::{Draft, Ending};
use crate::dunning::account::Case;
use crate::dunning::hold::{HoldReason, Scope};
use crate::dunning::ids::{CaseId, EvidenceId};
use crate::dunning::invoice::Invoice;
use crate::dunning::money::Money;
use crate::dunning::question::{About, Question, QuestionKind};

impl Draft<'_> {
    /// An invoice stands in a list; its payable amount is what is open of it there.
    pub(super) fn listed(&mut self, invoice: &Invoice, file: &str, source: &EvidenceId) {
        let id = CaseId::of(&invoice.number);
        let Some(case) = self.case(&id) else {
            if invoice.payable.is_positive() {
                self.open_invoice(invoice, file, source);
            }
            return;
        };
        let (ours, listed, overruled) = (case.open(), invoice.payable, case.overruled);
        if !case.is_open() {
            return;
        }
        let no_less = ours.currency() == listed.currency() && listed.minor() >= ours.minor();
        if no_less || overruled == Some(listed) {
            self.list_agrees(&id, "a later list agrees");
        } else {
            self.doubt(QuestionKind::OpenItemLess, &id, listed, file);
        }
    }

    /// An invoice that stood in the list before is not in this one, which has all that is open.
    pub(super) fn no_longer_listed(&mut self, id: &CaseId, file: &str) {
        if let Some(ours) = self.case(id).filter(|case| case.is_open()).map(Case::open) {
            self.doubt(QuestionKind::OpenItemGone, id, Money::zero(ours.currency()), file);
        }
    }

    /// Money may have come that we do not know of: the case waits for the owner.
    fn doubt(&mut self, kind: QuestionKind, id: &CaseId, listed: Money, file: &str) {
        let Some(case) = self.case(id) else { return };
        let (number, ours) = (case.number().clone(), case.open());
        let about = About::OpenItem(listed);
        let other = |q: &Question| is_of(q, id) && (q.kind, &q.about) != (kind, &about);
        self.settle_questions("a later list says otherwise", other);
        let (theirs, own) = (listed.currency(), ours.currency());
        let detail = format!("{number} {}: {listed} {theirs} < {ours} {own} ({file})", self.name());
        let hold = self.hold_because(Scope::Case(id.clone()), HoldReason::OpenItem, &detail);
        self.hold(hold);
        self.ask(kind, Some(id.clone()), &detail, about);
    }

    /// The books and we say the same again.
    fn list_agrees(&mut self, id: &CaseId, why: &str) {
        let scope = Scope::Case(id.clone());
        self.end_holds(Ending::Lifted(why), |hold| hold.reason == HoldReason::OpenItem && hold.scope == scope);
        self.settle_questions(why, |q| is_of(q, id));
    }

    /// Money was booked: it may be what the list had shown.
    pub(super) fn list_may_agree(&mut self, id: &CaseId) {
        let Some(open) = self.case(id).map(Case::open) else { return };
        let shown = |q: &&Question| {
            let About::OpenItem(listed) = q.about else { return false };
            is_of(q, id)
                && q.kind == QuestionKind::OpenItemLess
                && listed.currency() == open.currency()
                && listed.minor() >= open.minor()
        };
        if self.account.questions.values().any(|q| shown(&q)) {
            self.list_agrees(id, "the payment came");
        }
    }

    /// The owner says what a list meant. `listed`: what is open there.
    pub(super) fn answer_open_item(&mut self, question: &Question, listed: Money, choice: &str, by: &str) {
        let Some(id) = question.case.clone() else { return };
        let rest = self.case(&id).and_then(|case| case.open().checked_sub(listed)).filter(Money::is_positive);
        match choice {
            "paid" => {
                self.list_agrees(&id, &format!("{by} answered {}", question.id));
                if let Some(rest) = rest {
                    self.owner_paid(&id, Some(rest), self.today, "", by);
                }
            }
            "keep" => {
                self.owner_hold(&Scope::Case(id.clone()), HoldReason::Manual, "", None);
                self.list_agrees(&id, &format!("{by} holds it"));
            }
            _ => self.answer_hold(question, choice, by),
        }
    }
}

/// Whether a list asks this about the case.
fn is_of(question: &Question, id: &CaseId) -> bool {
    matches!(question.about, About::OpenItem(_)) && question.case.as_ref() == Some(id)
}
