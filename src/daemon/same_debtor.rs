//! What the configuration says of two customer numbers that are one debtor (`same_as`). Invoices that come in go to the one
//! from then on (`intake/identity.rs`); what the other has already is merged only when the owner says so again, for it
//! cannot be undone by taking the line away.

use super::house::House;
use crate::dunning::ids::DebtorId;
use crate::dunning::input::Input;
use crate::store::evidence_of;
use anyhow::Result;

impl House {
    /// Who has open invoices under a number that is another debtor's is held, and asked about once.
    pub(super) fn ask_about_same_debtors(&mut self) -> Result<()> {
        for (id, debtor) in self.config.policy.same_debtors() {
            let key = format!("same_as/{id}");
            if self.memo(&key)?.as_deref() != Some(debtor.as_str()) && self.is_still_two(&id, &debtor)? {
                self.transact(|house| house.ask_about_same_debtor(&id, &debtor, &key))?;
            }
        }
        Ok(())
    }

    fn is_still_two(&self, id: &DebtorId, debtor: &DebtorId) -> Result<bool> {
        let (own, other) = (self.account(id)?, self.account(debtor)?);
        // One that was merged already leads to the other.
        Ok(own.id == *id && own.id != other.id && own.open_cases().next().is_some() && other.debtor.is_some())
    }

    fn ask_about_same_debtor(&mut self, id: &DebtorId, debtor: &DebtorId, key: &str) -> Result<()> {
        let living = self.living(debtor)?;
        let detail =
            format!("{}: [[debtor]] same_as says that it is {}", self.described(id)?, self.described(&living)?);
        let source = evidence_of(format!("same_as {id} {debtor}").as_bytes());
        self.step(id, &Input::WhoIsIt { source, debtors: vec![living], detail }, "configuration")?;
        self.set_memo(key, debtor.as_str())
    }
}
