//! Invoices that another program followed until now, imported with what it had done about them.

use super::super::house::House;
use crate::dunning::account::{Account, Case, ClosedAs};
use crate::dunning::ids::{CaseId, StepId};
use crate::dunning::input::Input;
use crate::dunning::invoice::InvoiceKind;
use crate::store::{Disposition, InputKind};
use anyhow::{Context, Result, bail, ensure};
use chrono::NaiveDate;
use std::path::Path;

/// What the program that was used before had done.
#[derive(Clone, Debug)]
pub struct TakeOver {
    /// It followed the invoices until the end of this day.
    pub as_of: NaiveDate,
    /// Letters that it sent about each of them: the step of our ladder that each was, and its day.
    pub sent: Vec<(StepId, NaiveDate)>,
}

impl House {
    /// Takes in an invoice like [`House::take_one`], as one that is open: nobody is asked about it because it is overdue, and the
    /// steps that were taken before are not taken again.
    ///
    /// # Errors
    /// When what was told cannot be so: then nothing of this file was stored. And when the store fails.
    pub fn take_over(&mut self, path: &Path, bytes: Vec<u8>, over: &TakeOver, by: &str) -> Result<Disposition> {
        let paper = self.parse_named(InputKind::Invoice, path, &bytes)?;
        let read = paper.clone().and_then(|paper| paper.into_invoice().ok()).map(|read| read.invoice);
        self.transact(|house| {
            let disposition = house.take_parsed(InputKind::Invoice, path, bytes, paper)?;
            let Some(invoice) = read.filter(|invoice| invoice.kind == InvoiceKind::Invoice) else {
                return Ok(disposition);
            };
            if let Disposition::Applied { .. } = &disposition {
                house.follow_on(&CaseId::of(&invoice.number), over, by)?;
            }
            Ok(disposition)
        })
    }

    fn follow_on(&mut self, id: &CaseId, over: &TakeOver, by: &str) -> Result<()> {
        let (_, debtor) = self.store.case(id)?.context("BUG: an invoice that was applied is no case")?;
        let account = self.account(&debtor)?;
        let case = account.cases.get(id).context("BUG: a case is not in its account")?;
        ensure!(
            case.closed.as_ref().is_none_or(|closing| closing.how != ClosedAs::Ignored),
            "it was overdue and overdue_at_first_sight = \"ignore\" closed it: set that to \"ask\" to take it over"
        );
        could_be(case, over)?;
        over.sent.iter().try_for_each(|(step, _)| self.is_a_letter_before(&account, step))?;
        let input = Input::TakenOver { case: id.clone(), sent: over.sent.clone(), by: by.to_owned() };
        self.step(&debtor, &input, &format!("import as of {}", over.as_of))?;
        Ok(())
    }

    /// A formal letter has effects in law that hang on its words, and of these nothing is known here.
    fn is_a_letter_before(&self, account: &Account, id: &StepId) -> Result<()> {
        let policy = &self.config.policy;
        let steps = policy.ladder(account).map(|ladder| ladder.steps.as_slice()).unwrap_or_default();
        let Some(step) = steps.iter().find(|step| step.id == *id) else {
            let letters = steps.iter().filter(|step| step.kind.is_letter() && !step.is_formal());
            let known: Vec<&str> = letters.map(|step| step.id.as_str()).collect();
            bail!("the ladder of {} has no step {id}: its letters are {}", account.id, known.join(", "));
        };
        ensure!(step.kind.is_letter(), "step {id} is no letter: leave it out");
        ensure!(
            !step.is_formal(),
            "step {id} is a formal letter, and one of another program proves nothing here: leave it out"
        );
        Ok(())
    }
}

fn could_be(case: &Case, over: &TakeOver) -> Result<()> {
    let issued = case.invoice.issue_date;
    ensure!(issued <= over.as_of, "its date, {issued}, is after {}: import it without --as-of", over.as_of);
    match over.sent.iter().find(|(_, on)| *on < issued || *on > over.as_of) {
        Some((step, on)) => bail!("{step} on {on} lies outside {issued} (its date) to {} (--as-of)", over.as_of),
        None => Ok(()),
    }
}
