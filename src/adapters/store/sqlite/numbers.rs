//! Every invoice number, read once and kept until one is added or goes: a mailbox asks for them with each mail.

use crate::dunning::ids::InvoiceNumber;
use crate::store::Stored;
use std::sync::Arc;

#[derive(Default)]
pub struct Numbers {
    kept: Option<Arc<[InvoiceNumber]>>,
}

impl Numbers {
    /// Nothing is kept: they have changed, something was undone, or others have written.
    pub fn forget(&mut self) {
        self.kept = None;
    }

    /// What is kept, else what `read` gives.
    pub fn all(&mut self, read: impl FnOnce() -> Stored<Vec<InvoiceNumber>>) -> Stored<Arc<[InvoiceNumber]>> {
        if let Some(kept) = &self.kept {
            return Ok(kept.clone());
        }
        let all: Arc<[InvoiceNumber]> = read()?.into();
        self.kept = Some(all.clone());
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::super::SqliteStore;
    use crate::adapters::store::contract::{account, case_row, committed};
    use crate::store::{CaseState, Store};
    use std::sync::Arc;

    #[test]
    fn kept_until_one_is_added_goes_or_is_undone() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(&folder.path().join("a.db")).unwrap();
        committed(&mut store, |store| store.write_account(&account("K1", 0, &["2026-1"], &[]))).unwrap();
        let first = store.case_numbers().unwrap();
        let mut held = account("K1", 1, &[], &[]);
        held.cases = vec![case_row("2026-1", CaseState::Held)];
        committed(&mut store, |store| store.write_account(&held)).unwrap();
        assert!(Arc::ptr_eq(&first, &store.case_numbers().unwrap()), "a state is no number");
        let more = account("K1", 2, &["2026-1", "2026-2"], &[]);
        store.begin().unwrap();
        store.savepoint().unwrap();
        store.write_account(&more).unwrap();
        assert_eq!(*store.case_numbers().unwrap(), ["2026-1".into(), "2026-2".into()]);
        store.rollback_to().unwrap();
        assert_eq!(*store.case_numbers().unwrap(), ["2026-1".into()]);
        store.write_account(&more).unwrap();
        assert_eq!(store.case_numbers().unwrap().len(), 2);
        store.rollback().unwrap();
        assert_eq!(*store.case_numbers().unwrap(), ["2026-1".into()]);
        committed(&mut store, |store| store.write_account(&account("K1", 2, &["2026-3"], &[]))).unwrap();
        assert_eq!(*store.case_numbers().unwrap(), ["2026-3".into()]);
    }

    #[test]
    fn another_process_files_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let (mut daemon, mut command) = (SqliteStore::open(&path).unwrap(), SqliteStore::open(&path).unwrap());
        committed(&mut daemon, |store| store.write_account(&account("K1", 0, &["2026-1"], &[]))).unwrap();
        assert_eq!(daemon.case_numbers().unwrap().len(), 1);
        committed(&mut command, |store| store.write_account(&account("K2", 0, &["2026-2"], &[]))).unwrap();
        assert_eq!(*daemon.case_numbers().unwrap(), ["2026-1".into(), "2026-2".into()]);
    }
}
