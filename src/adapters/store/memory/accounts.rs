//! Accounts, their cases and addresses, with the indexes over them.

use super::MemoryStore;
use super::tables::Account;
use crate::adapters::store::alike::*;
use crate::dunning::ids::{CaseId, DebtorId, QuestionId};
use crate::store::*;
use std::collections::{BTreeMap, BTreeSet};

impl MemoryStore {
    pub(super) fn write_whole_account(&mut self, account: &AccountWrite) -> Stored<u64> {
        self.demand_transaction();
        let (version, old_cases, old_addresses) = match self.tables.accounts.get(&account.id) {
            Some(old) => (old.version, old.cases.clone(), old.addresses.clone()),
            None => (0, Vec::new(), BTreeSet::new()),
        };
        if version != account.expected_version {
            return Err(StoreFault::Conflict);
        }
        refuse_cases_named_twice(&account.cases)?;
        account.cases.iter().try_for_each(|row| self.refuse_foreign_case(&account.id, row))?;
        let addresses: BTreeSet<String> = account.addresses.iter().map(|address| address_key(address)).collect();
        self.write_cases(&account.id, &old_cases, &account.cases);
        self.write_addresses(&account.id, &old_addresses, &addresses);
        account.no_longer_asked.iter().for_each(|id| self.set_question(&account.id, id, None));
        account.asked.iter().for_each(|row| self.set_question(&account.id, &row.id, Some(row)));
        let cases = account.cases.iter().map(|row| row.case.clone()).collect();
        let new = Account { version: version + 1, state: account.state.clone(), cases, addresses };
        self.set(|t| &mut t.accounts, account.id.clone(), Some(new));
        Ok(version + 1)
    }

    /// A case of this account goes, with its places in the indexes.
    fn drop_case(&mut self, owner: &DebtorId, row: &CaseRow) {
        self.set(|t| &mut t.cases, row.case.clone(), None);
        self.set(|t| &mut t.numbers, row.number.clone(), None);
        self.set(|t| &mut t.open, (owner.clone(), row.case.clone()), None);
    }

    fn add_case(&mut self, owner: &DebtorId, row: &CaseRow) {
        self.set(|t| &mut t.cases, row.case.clone(), Some((row.clone(), owner.clone())));
        self.set(|t| &mut t.numbers, row.number.clone(), Some(row.case.clone()));
        if row.state != CaseState::Closed {
            self.set(|t| &mut t.open, (owner.clone(), row.case.clone()), Some(()));
        }
    }

    fn write_cases(&mut self, owner: &DebtorId, old: &[CaseId], new: &[CaseRow]) {
        let old: BTreeMap<_, _> =
            old.iter().filter_map(|id| Some((id.clone(), self.tables.cases.get(id)?.0.clone()))).collect();
        let new: BTreeMap<_, _> = new.iter().map(|row| (row.case.clone(), row)).collect();
        for (_, row) in old.iter().filter(|(id, row)| new.get(*id) != Some(row)) {
            self.drop_case(owner, row);
        }
        for (_, row) in new.into_iter().filter(|(id, row)| old.get(id) != Some(*row)) {
            self.add_case(owner, row);
        }
    }

    fn write_addresses(&mut self, owner: &DebtorId, old: &BTreeSet<String>, new: &BTreeSet<String>) {
        for (address, there) in old.difference(new).map(|a| (a, None)).chain(new.difference(old).map(|a| (a, Some(()))))
        {
            self.set(|t| &mut t.addresses, (address.clone(), owner.clone()), there);
            let domain = domain_of(address).to_owned();
            self.set(|t| &mut t.domains, (domain, owner.clone(), address.clone()), there);
        }
    }

    /// A question beside this account is asked, changes, or goes.
    fn set_question(&mut self, owner: &DebtorId, id: &QuestionId, row: Option<&QuestionRow>) {
        let key = (owner.clone(), id.clone());
        if let Some(old) = self.tables.questions.get(&key) {
            let about = old.about.clone();
            self.set(|t| &mut t.asked_about, (owner.clone(), about, id.clone()), None);
        }
        if let Some(row) = row {
            self.set(|t| &mut t.asked_about, (owner.clone(), row.about.clone(), id.clone()), Some(()));
        }
        self.set(|t| &mut t.questions, key, row.cloned());
    }

    pub(super) fn questions_of(&self, owner: &DebtorId, asked: Asked<'_>) -> Vec<QuestionRow> {
        let first = QuestionId::new("");
        let all = || {
            let from = self.tables.questions.range((owner.clone(), first.clone())..);
            from.take_while(|((of, _), _)| of == owner).map(|(_, row)| row.clone())
        };
        match asked {
            Asked::None => Vec::new(),
            Asked::All => all().collect(),
            Asked::Of(kind) => all().filter(|row| row.kind == kind).collect(),
            Asked::About(about) => {
                let from = self.tables.asked_about.range((owner.clone(), about.to_owned(), first.clone())..);
                let same = from.take_while(|((of, other, _), ())| of == owner && other == about);
                let rows = same.filter_map(|((of, _, id), ())| self.tables.questions.get(&(of.clone(), id.clone())));
                rows.cloned().collect()
            }
            Asked::With(id) => {
                let about = self.tables.questions.get(&(owner.clone(), id.clone())).map(|row| row.about.clone());
                about.map_or(Vec::new(), |about| self.questions_of(owner, Asked::About(&about)))
            }
        }
    }

    fn refuse_foreign_case(&self, owner: &DebtorId, row: &CaseRow) -> Stored<()> {
        let is_foreign = |id: &CaseId| self.tables.cases.get(id).is_some_and(|(_, other)| other != owner);
        let by_number = self.tables.numbers.get(&row.number);
        if is_foreign(&row.case) || by_number.is_some_and(is_foreign) {
            return Err(invoice_twice(&row.number));
        }
        Ok(())
    }
}
