//! Whose an invoice is, where that is not certain: held and asked; and credit notes that find their invoice elsewhere.

use super::{Draft, Ending};
use crate::dunning::account::Credit;
use crate::dunning::fact::Fact;
use crate::dunning::hold::{Hold, HoldReason, Scope};
use crate::dunning::ids::{CaseId, DebtorId, EvidenceId, InvoiceNumber};
use crate::dunning::question::{About, QuestionKind};

impl Draft<'_> {
    /// Nobody is written to before the owner said who it is.
    pub(super) fn who_is_it(&mut self, source: &EvidenceId, debtors: &[DebtorId], detail: &str) {
        self.address_doubted(source, detail);
        let choices: Vec<String> = debtors.iter().map(DebtorId::to_string).collect();
        self.ask_with(QuestionKind::Identity, None, detail, About::Input(source.clone()), &choices);
    }

    pub(super) fn address_doubted(&mut self, source: &EvidenceId, why: &str) {
        let hold = Hold { source: Some(source.clone()), ..self.hold_because(Scope::Debtor, HoldReason::Question, why) };
        self.hold(hold);
    }

    pub(super) fn doubt_ended(&mut self, source: &EvidenceId) {
        self.end_holds(Ending::Lifted("the owner said whose the invoice is"), |hold| {
            hold.reason == HoldReason::Question && hold.source.as_ref() == Some(source)
        });
    }

    pub(super) fn credit_goes(&mut self, number: &InvoiceNumber, to: &DebtorId) {
        let Some(credit) = self.account.credits.iter().find(|credit| credit.number == *number).cloned() else { return };
        self.fact(Fact::CreditSetAside { credit: number.clone(), by: format!("its invoice, which is of {to}") });
        let about = About::CreditNote(Box::new(credit.clone()));
        self.settle_questions("its invoice came", |question| question.about == about);
        self.payment_placed(&credit.source);
    }

    pub(super) fn credit_comes(&mut self, credit: &Credit) {
        self.fact(Fact::CreditNoted { credit: credit.clone() });
        if let Some(case) = credit.corrects.as_ref().map(CaseId::of) {
            self.credit(&case, credit);
        }
    }
}
