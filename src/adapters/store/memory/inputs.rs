//! Inputs come in and are settled.

use super::MemoryStore;
use super::tables::next;
use crate::adapters::store::alike::*;
use crate::dunning::ids::EvidenceId;
use crate::store::*;
use chrono::{DateTime, Utc};

impl MemoryStore {
    pub(super) fn keep_input(&mut self, input: &NewInput) -> Stored<Put> {
        self.demand_transaction();
        demand_evidence(input);
        let (n, put) = match self.tables.input_ids.get(&input.id) {
            Some(n) => (*n, Put::Known),
            None => (next(&self.tables.inputs), Put::New),
        };
        if put == Put::New {
            let row = InputRow {
                id: input.id.clone(),
                kind: input.kind,
                name: input.name.clone(),
                size: input.bytes.len() as u64,
                at: kept(input.at),
                received_at: input.received_at.map(kept),
                disposition: None,
                settled_at: None,
            };
            self.set(|t| &mut t.inputs, n, Some((row, input.bytes.as_slice().into())));
            self.set(|t| &mut t.input_ids, input.id.clone(), Some(n));
            self.set(|t| &mut t.unsettled, n, Some(input.id.clone()));
        }
        self.set(|t| &mut t.input_names, (input.kind, input.name.clone()), Some(n));
        if let Some(key) = &input.key {
            self.set(|t| &mut t.mails, key.clone(), Some(()));
        }
        Ok(put)
    }

    pub(super) fn settle_input(&mut self, id: &EvidenceId, disposition: &Disposition, at: DateTime<Utc>) -> Stored<()> {
        self.demand_transaction();
        let found = self.tables.input_ids.get(id).and_then(|n| Some((*n, self.tables.inputs.get(n)?.clone())));
        let Some((n, (mut row, bytes))) = found else { panic!("BUG: no input {id} to settle") };
        demand_settlement(row.disposition.as_ref().map(Disposition::word), disposition);
        row.disposition = Some(disposition.clone());
        row.settled_at = Some(kept(at));
        let in_quarantine = matches!(disposition, Disposition::Quarantined { .. }).then_some(());
        self.set(|t| &mut t.inputs, n, Some((row, bytes)));
        self.set(|t| &mut t.unsettled, n, None);
        self.set(|t| &mut t.quarantined, n, in_quarantine);
        Ok(())
    }
}
