//! Whose an invoice is: a debtor that is known, somebody new, or a question; and whether it is ours at all.

use super::super::house::House;
use crate::dunning::account::Credit;
use crate::dunning::debtor::Debtor;
use crate::dunning::identity::{Doubt, Whose, is_same_company};
use crate::dunning::ids::{CaseId, DebtorId, EvidenceId};
use crate::dunning::input::Input;
use crate::dunning::invoice::Invoice;
use crate::dunning::question::{NEW_DEBTOR, Question};
use crate::mail::correlate::is_public_provider;
use crate::store::InputRow;
use anyhow::Result;

impl House {
    /// Why nobody owes us for this invoice: it is to us, or of another seller. Only numbers prove that, not names.
    pub(super) fn not_our_claim(&self, invoice: &Invoice) -> Option<String> {
        let company = &self.config.company;
        let (ours, buyer, seller) =
            ((company.vat.as_deref(), company.kvk.as_deref()), &invoice.debtor, &invoice.seller);
        if is_same_company(ours, (buyer.vat.as_deref(), buyer.kvk.as_deref())) == Some(true) {
            return Some("this invoice is to us, not from us".to_owned());
        }
        if is_same_company(ours, (seller.vat.as_deref(), seller.kvk.as_deref())) == Some(false) {
            let name = seller.name.as_deref().unwrap_or("another company");
            let numbers: Vec<&str> = [&seller.vat, &seller.kvk].into_iter().flatten().map(String::as_str).collect();
            return Some(format!(
                "this invoice is of {name} ({}), not of us: expected the vat or kvk of [company]; take the file away, or \
                 correct [company] and answer retry",
                numbers.join(", ")
            ));
        }
        None
    }

    pub(super) fn file_where_it_belongs(&mut self, invoice: Invoice, row: &InputRow, replace: bool) -> Result<()> {
        let case = CaseId::of(&invoice.number);
        if let Some(debtor) = self.belongs_to(&invoice, row)? {
            self.file(&debtor, invoice, row, replace)?;
        }
        self.fetch_credits(&case, &row.name)
    }

    /// The account that this invoice goes to; `None` when that is in doubt: then it was filed as somebody of its own. A number
    /// that is known belongs to the account that has it, whatever is said of the debtor now.
    pub(super) fn belongs_to(&mut self, invoice: &Invoice, row: &InputRow) -> Result<Option<DebtorId>> {
        if let Some((_, debtor)) = self.store.case(&CaseId::of(&invoice.number))? {
            return Ok(Some(debtor));
        }
        Ok(match self.whose(&invoice.debtor)? {
            Whose::New => Some(self.config.policy.number_of(&invoice.debtor.id).clone()),
            Whose::One(debtor) => Some(debtor),
            Whose::Doubt { debtors, why } => {
                self.file_in_doubt(invoice.clone(), row, &debtors, why)?;
                None
            }
        })
    }

    /// As somebody of its own, held until the owner said who it is. Where the mail address is in doubt, so is the one that
    /// is known.
    fn file_in_doubt(&mut self, invoice: Invoice, row: &InputRow, debtors: &[DebtorId], why: Doubt) -> Result<()> {
        let id = self.free_id(&invoice.debtor)?;
        let told = &invoice.debtor;
        let known: Vec<String> = debtors.iter().map(|id| self.described(id)).collect::<Result<_>>()?;
        let detail = format!("{} {}: {why} {}", invoice.number, shown(told), known.join("; "));
        let input = Input::WhoIsIt { source: row.id.clone(), debtors: debtors.to_vec(), detail: detail.clone() };
        self.file(&id, invoice, row, false)?;
        self.step(&id, &input, &row.name)?;
        if why == Doubt::OtherEmail {
            for debtor in debtors {
                let input = Input::AddressDoubted { source: row.id.clone(), why: detail.clone() };
                self.step(debtor, &input, &row.name)?;
            }
        }
        Ok(())
    }

    /// The id that the invoice gives, where nobody has it; else one beside it, by what the invoice tells.
    fn free_id(&self, debtor: &Debtor) -> Result<DebtorId> {
        if self.store.account(&debtor.id)?.is_none() {
            return Ok(debtor.id.clone());
        }
        let told = [&debtor.vat, &debtor.kvk, &debtor.email].map(|text| text.as_deref().unwrap_or_default());
        Ok(debtor.id.beside(&format!("{}|{}", told.join("|"), debtor.name)))
    }

    pub(in crate::daemon) fn described(&self, id: &DebtorId) -> Result<String> {
        let account = self.account(id)?;
        Ok(account.debtor.as_ref().map_or_else(|| id.to_string(), |debtor| format!("{id} {}", shown(debtor))))
    }

    /// What the owner wrote of a debtor in the configuration goes before what the invoice says of it; and who stands there
    /// under a number of its own is a debtor of its own. A number that is another debtor's there may come with another name
    /// and address, but not with the registration of another company.
    fn whose(&mut self, debtor: &Debtor) -> Result<Whose> {
        let number = self.config.policy.number_of(&debtor.id).clone();
        let own = self.config.policy.overrides.get(&number).cloned();
        let mut told = debtor.clone();
        let book = &self.register()?.debtors;
        if let Some(own) = own {
            if !book.knows_number(&number) {
                return Ok(Whose::New);
            }
            told.email = told.email.filter(|_| own.email.is_none());
            told.name = if own.name.is_some() { String::new() } else { told.name };
        }
        if number != debtor.id {
            told = Debtor { id: number, name: String::new(), email: None, address: Vec::new(), ..told };
        }
        let found = book.whose(&told, is_public_provider);
        let is_it = |id: &DebtorId| *self.config.policy.number_of(id) == told.id;
        Ok(match found {
            // Both are the one that the owner named.
            Whose::Doubt { debtors, why: Doubt::Several } if told.id != debtor.id && debtors.iter().all(is_it) => {
                Whose::One(told.id)
            }
            found => found,
        })
    }

    /// To the account of the invoice that it corrects; where that has not come, to the debtor's, until it does.
    pub(super) fn file_credit_note(&mut self, note: Invoice, row: &InputRow) -> Result<()> {
        let corrected = note.corrects.as_ref().map(CaseId::of);
        let known = corrected.as_ref().map(|case| self.store.case(case)).transpose()?.flatten();
        let debtor = match known {
            Some((_, debtor)) => debtor,
            None => match self.whose(&note.debtor)? {
                Whose::One(debtor) => debtor,
                Whose::New | Whose::Doubt { .. } => self.config.policy.number_of(&note.debtor.id).clone(),
            },
        };
        if let Some(case) = corrected {
            self.set_memo(&waits_key(&case), debtor.as_str())?;
        }
        self.file(&debtor, note, row, false)
    }

    /// Credit notes that came before this invoice, and wait on another account.
    pub(super) fn fetch_credits(&mut self, case: &CaseId, cause: &str) -> Result<()> {
        let Some(waits) = self.memo(&waits_key(case))? else { return Ok(()) };
        let Some((_, debtor)) = self.store.case(case)? else { return Ok(()) };
        let waits = self.living(&DebtorId::new(waits))?;
        self.set_memo(&waits_key(case), "")?;
        if waits == debtor {
            return Ok(());
        }
        let credits = self.account(&waits)?.credits;
        let corrects_it = |credit: &Credit| credit.corrects.as_ref().is_some_and(|number| CaseId::of(number) == *case);
        for credit in credits.into_iter().filter(corrects_it) {
            let goes = Input::CreditGoes { credit: credit.number.clone(), to: debtor.clone() };
            self.step(&waits, &goes, cause)?;
            self.step(&debtor, &Input::CreditComes { credit }, cause)?;
        }
        Ok(())
    }

    /// The owner said whose an invoice is: it becomes that debtor's, or stays with the new one.
    pub(super) fn said_whose_invoice(
        &mut self,
        asked: &DebtorId,
        source: &EvidenceId,
        question: &Question,
        choice: &str,
        by: &str,
    ) -> Result<()> {
        for debtor in question.choices.iter().filter(|choice| *choice != NEW_DEBTOR) {
            let input = Input::DoubtEnded { source: source.clone() };
            self.step(&DebtorId::new(debtor.as_str()), &input, &format!("answer by {by}"))?;
        }
        if choice != NEW_DEBTOR {
            self.merge(&DebtorId::new(choice), asked, by)?;
        }
        Ok(())
    }
}

fn shown(debtor: &Debtor) -> String {
    let known = [&debtor.vat, &debtor.kvk, &debtor.email].into_iter().flatten().map(String::as_str);
    let known: Vec<&str> = known.collect();
    if known.is_empty() { debtor.name.clone() } else { format!("{} ({})", debtor.name, known.join(", ")) }
}

fn waits_key(case: &CaseId) -> String {
    format!("credit_waits/{case}")
}
