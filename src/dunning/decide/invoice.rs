//! Invoices and credit notes coming in.

use super::Draft;
use crate::dunning::account::{Case, ClosedAs, Credit};
use crate::dunning::debtor::Debtor;
use crate::dunning::fact::Fact;
use crate::dunning::hold::{Hold, HoldReason, Scope};
use crate::dunning::ids::{CaseId, EvidenceId};
use crate::dunning::invoice::{DueSource, Invoice, InvoiceKind};
use crate::dunning::money::Money;
use crate::dunning::policy::FirstSight;
use crate::dunning::question::{About, QuestionKind};
use chrono::{NaiveDate, TimeDelta};

impl Draft<'_> {
    pub(super) fn invoice_filed(&mut self, invoice: &Invoice, file: &str, source: &EvidenceId, replace: bool) {
        match invoice.kind {
            InvoiceKind::Invoice if replace => self.replace_invoice(invoice, file, source),
            InvoiceKind::Invoice => self.open_invoice(invoice, file, source),
            InvoiceKind::CreditNote => self.note_credit(invoice, source),
        }
    }

    pub(super) fn open_invoice(&mut self, invoice: &Invoice, file: &str, source: &EvidenceId) {
        let id = CaseId::of(&invoice.number);
        if let Some(known) = self.case(&id) {
            if !known.invoice.says_the_same(invoice) {
                self.conflict(&id, invoice, file, source);
            }
            return;
        }
        self.describe_debtor(&invoice.debtor);
        let due_date = self.due_date(invoice);
        self.fact(Fact::InvoiceOpened {
            case: id.clone(),
            invoice: Box::new(invoice.clone()),
            due_date,
            file: file.to_owned(),
            source: source.clone(),
            on: self.today,
        });
        self.apply_waiting_credits(&id);
        if !invoice.payable.is_positive() {
            self.close(&id, ClosedAs::Paid);
        }
        self.first_sight(&id);
        if self.case(&id).is_some_and(Case::is_open) {
            self.must_have_address();
        }
    }

    /// Who owes and cannot be written to is asked about.
    pub(super) fn must_have_address(&mut self) {
        if self.policy.address(&self.account).is_none() && self.account.open_cases().next().is_some() {
            let name = self.name();
            self.ask(QuestionKind::NoAddress, None, &name, About::Nothing);
        }
    }

    fn due_date(&self, invoice: &Invoice) -> NaiveDate {
        invoice.due_date.unwrap_or(invoice.issue_date + TimeDelta::days(self.policy.default_term_days))
    }

    /// The same number with other content: nobody is dunned on it until the owner chose.
    fn conflict(&mut self, id: &CaseId, invoice: &Invoice, file: &str, source: &EvidenceId) {
        let detail = format!("{} ({file})", invoice.number);
        if self.case(id).is_some_and(Case::is_open) {
            let hold = Hold {
                source: Some(source.clone()),
                ..self.hold_because(Scope::Case(id.clone()), HoldReason::Question, &detail)
            };
            self.hold(hold);
        }
        self.ask(QuestionKind::Conflict, Some(id.clone()), &detail, About::Input(source.clone()));
    }

    fn replace_invoice(&mut self, invoice: &Invoice, file: &str, source: &EvidenceId) {
        let case = CaseId::of(&invoice.number);
        let is_anothers = |known: &Case| known.invoice.debtor.id != invoice.debtor.id;
        if invoice.debtor.id != self.account.id && self.case(&case).is_none_or(is_anothers) {
            let detail = format!("{} ({file}): {}", invoice.number, invoice.debtor.name);
            let hold = self.hold_because(Scope::Case(case), HoldReason::Manual, &detail);
            self.hold(hold);
            return;
        }
        let due_date = self.due_date(invoice);
        let (invoice, file, source) = (Box::new(invoice.clone()), file.to_owned(), source.clone());
        self.fact(Fact::InvoiceReplaced { case: case.clone(), invoice, due_date, file, source });
        if self.case(&case).is_some_and(|case| case.is_open() && case.open().is_zero()) {
            self.close(&case, ClosedAs::Paid);
        }
        let paid_less =
            |case: &Case| case.open().is_positive() && case.closed.as_ref().is_some_and(|c| c.how.is_settled());
        if self.case(&case).is_some_and(paid_less) {
            self.fact(Fact::CaseReopened { case, why: "the owner took a changed invoice".to_owned() });
        }
    }

    /// The first invoice describes the debtor; later ones fill in what was missing.
    pub(super) fn describe_debtor(&mut self, newer: &Debtor) {
        let mut debtor = self.account.debtor.clone().unwrap_or_else(|| newer.clone());
        debtor.id.clone_from(&self.account.id);
        for (own, new) in [
            (&mut debtor.email, &newer.email),
            (&mut debtor.contact, &newer.contact),
            (&mut debtor.phone, &newer.phone),
            (&mut debtor.vat, &newer.vat),
            (&mut debtor.kvk, &newer.kvk),
            (&mut debtor.country, &newer.country),
        ] {
            if own.is_none() {
                own.clone_from(new);
            }
        }
        debtor.language = debtor.language.or(newer.language);
        if self.account.debtor.as_ref() != Some(&debtor) {
            self.fact(Fact::DebtorDescribed { debtor });
        }
    }

    /// What is already overdue does not rush: it waits for the owner's go and then starts at the first step.
    fn first_sight(&mut self, id: &CaseId) {
        let Some(case) = self.case(id).filter(|case| case.is_open() && case.due_date < self.today) else { return };
        match self.policy.overdue_at_first_sight {
            FirstSight::Open => {}
            FirstSight::Ignore => self.close(id, ClosedAs::Ignored),
            FirstSight::Ask => {
                let detail = format!("{}, {} {}", case.number(), case.due_date, self.name());
                let hold = self.hold_because(Scope::Case(id.clone()), HoldReason::OverdueAtFirstSight, &detail);
                self.hold(hold);
                self.ask(QuestionKind::OverdueAtFirstSight, Some(id.clone()), &detail, About::Nothing);
            }
        }
    }

    pub(super) fn name(&self) -> String {
        self.account.debtor.as_ref().map_or_else(String::new, |debtor| debtor.name.clone())
    }

    /// A credit note nets against the invoice it names; one that names none of ours waits, and is asked about.
    fn note_credit(&mut self, note: &Invoice, source: &EvidenceId) {
        let credit = Credit {
            number: note.number.clone(),
            corrects: note.corrects.clone(),
            amount: note.payable.abs(),
            source: source.clone(),
        };
        let case = note.corrects.as_ref().map(CaseId::of).filter(|id| self.account.cases.contains_key(id));
        self.fact(Fact::CreditNoted { credit: credit.clone() });
        match case {
            Some(case) => self.credit(&case, &credit),
            // It may come before its invoice; but with something open it may be meant for that.
            None if note.corrects.is_some() && self.account.open_cases().next().is_none() => {}
            None => self.ask_whose_credit(credit),
        }
    }

    fn ask_whose_credit(&mut self, credit: Credit) {
        let cases: Vec<String> = self.account.open_cases().map(|case| case.id.to_string()).collect();
        let detail = format!("{} ({})", credit.number, credit.amount);
        let hold = Hold {
            source: Some(credit.source.clone()),
            ..self.hold_because(Scope::Debtor, HoldReason::UnclearPayment, &detail)
        };
        self.hold(hold);
        self.ask_with(QuestionKind::CreditNote, None, &detail, About::CreditNote(Box::new(credit)), &cases);
    }

    /// Nets a credit note against a case; what is left over is a question, never forgotten.
    pub(super) fn credit(&mut self, id: &CaseId, credit: &Credit) {
        let Some(case) = self.case(id) else { return };
        let open = case.open();
        let used = credit.amount.min(open);
        if used.currency() != open.currency() {
            self.ask(
                QuestionKind::CreditNote,
                Some(id.clone()),
                credit.number.as_str(),
                About::CreditNote(Box::new(credit.clone())),
            );
            return;
        }
        self.fact(Fact::Credited { case: id.clone(), by: credit.number.clone(), amount: used });
        self.credited_in_dispute(id, used, &credit.number);
        let unused = credit.amount.checked_sub(used).unwrap_or(credit.amount);
        let rest = Some(self.with_undue_extras(id, unused)).filter(Money::is_positive);
        if self.case(id).is_some_and(|case| case.is_open() && case.open().is_zero()) {
            self.close(id, ClosedAs::Credited);
        }
        if let Some(rest) = rest {
            self.keep_rest(id, credit, rest);
        }
    }

    /// Of an invoice that is credited as a whole no interest and costs were ever owed: what was paid of them is the
    /// debtor's too.
    fn with_undue_extras(&self, id: &CaseId, unused: Money) -> Money {
        let Some(case) = self.case(id).filter(|case| case.is_open()) else { return unused };
        let credited = case.credited.checked_add(unused);
        let is_whole = credited.is_some_and(|credited| credited.minor() >= case.invoice.payable.minor());
        Some(case.extras_paid.total()).filter(|_| is_whole).and_then(|paid| unused.checked_add(paid)).unwrap_or(unused)
    }

    fn keep_rest(&mut self, id: &CaseId, credit: &Credit, rest: Money) {
        let left = Credit { amount: rest, corrects: None, ..credit.clone() };
        self.fact(Fact::CreditNoted { credit: left.clone() });
        let others: Vec<String> = self.account.open_cases().map(|case| case.id.to_string()).collect();
        let detail = format!("{}: {rest} ({id})", credit.number);
        self.ask_with(QuestionKind::CreditNote, None, &detail, About::CreditNote(Box::new(left)), &others);
    }

    /// Credit notes that came before their invoice.
    pub(super) fn apply_waiting_credits(&mut self, id: &CaseId) {
        let names_it = |credit: &&Credit| credit.corrects.as_ref().is_some_and(|number| CaseId::of(number) == *id);
        let waiting: Vec<Credit> = self.account.credits.iter().filter(names_it).cloned().collect();
        for credit in waiting {
            let about = About::CreditNote(Box::new(credit.clone()));
            self.settle_questions("its invoice came", |q| q.about == about);
            self.payment_placed(&credit.source);
            self.credit(id, &credit);
        }
    }
}

impl Invoice {
    /// The same claim: amounts, dates, debtor. Descriptions may differ between two exports of one invoice.
    pub fn says_the_same(&self, other: &Invoice) -> bool {
        self.kind == other.kind
            && self.payable == other.payable
            && self.total == other.total
            && self.issue_date == other.issue_date
            && self.says_as_due(other)
            && self.debtor.id == other.debtor.id
    }

    /// The same due date. One that only stands in the text of the terms may have been passed over by an older reader.
    fn says_as_due(&self, other: &Invoice) -> bool {
        let passed_over = |one: &Invoice, two: &Invoice| one.due_date.is_none() && two.due_source == DueSource::Terms;
        self.due_date == other.due_date || passed_over(self, other) || passed_over(other, self)
    }
}
