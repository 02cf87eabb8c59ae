//! Mails come into the outbox and move along their path.

use super::MemoryStore;
use super::tables::next;
use crate::adapters::store::alike::*;
use crate::store::*;
use chrono::{DateTime, Utc};

impl MemoryStore {
    pub(super) fn add_mail(&mut self, mail: &NewOutbox) -> Stored<()> {
        self.demand_transaction();
        self.refuse_mail_twice(mail)?;
        let n = next(&self.tables.outbox);
        let row = new_row(mail);
        for pair in &mail.covers {
            self.set(|t| &mut t.covered, pair.clone(), Some(n));
        }
        if let Some(token) = &mail.token {
            self.set(|t| &mut t.tokens, token.clone(), Some(n));
        }
        self.set(|t| &mut t.outbox_ids, mail.id.clone(), Some(n));
        self.set(|t| &mut t.message_ids, mail.message_id.clone(), Some(n));
        self.set(|t| &mut t.states, (row.state, n), Some(()));
        self.set(|t| &mut t.outbox, n, Some((row, mail.bytes.as_slice().into())));
        Ok(())
    }

    fn live(&self, n: Option<&u64>) -> bool {
        let row = n.and_then(|n| self.tables.outbox.get(n));
        row.is_some_and(|(row, _)| row.state != OutboxState::Withdrawn)
    }

    fn refuse_mail_twice(&self, mail: &NewOutbox) -> Stored<()> {
        refuse_steps_named_twice(&mail.covers)?;
        if self.live(self.tables.outbox_ids.get(&mail.id)) {
            return Err(mail_twice(&mail.id));
        }
        if self.live(self.tables.message_ids.get(&mail.message_id)) {
            return Err(message_id_twice(&mail.message_id));
        }
        match mail.covers.iter().find(|pair| self.tables.covered.contains_key(pair)) {
            Some((case, step)) => Err(step_twice(case, step)),
            None => Ok(()),
        }
    }

    pub(super) fn step_mail(
        &mut self,
        id: &str,
        (from, to): (OutboxState, OutboxState),
        note: &str,
        at: DateTime<Utc>,
        next_try: Option<DateTime<Utc>>,
    ) -> Stored<bool> {
        self.demand_transaction();
        demand_move(from, to);
        let found = self.tables.outbox_ids.get(id).and_then(|n| Some((*n, self.tables.outbox.get(n)?.clone())));
        let Some((n, (mut row, bytes))) = found.filter(|(_, (row, _))| row.state == from) else { return Ok(false) };
        row.state = to;
        row.attempts += u32::from(to == OutboxState::Sending);
        row.note = note.to_owned();
        row.changed_at = kept(at);
        row.next_try = next_try.map(kept);
        if matches!(to, OutboxState::Sent | OutboxState::Bounced) && row.sent_at.is_none() {
            row.sent_at = Some(kept(at));
            let counts = (row.purpose == Purpose::Letter).then_some(());
            self.set(|t| &mut t.accepted, (kept(at), n), counts);
        }
        if to == OutboxState::Withdrawn {
            row.covers.iter().for_each(|pair| self.set(|t| &mut t.covered, pair.clone(), None));
        }
        self.set(|t| &mut t.states, (from, n), None);
        self.set(|t| &mut t.states, (to, n), Some(()));
        self.set(|t| &mut t.outbox, n, Some((row, bytes)));
        Ok(true)
    }
}

fn new_row(mail: &NewOutbox) -> OutboxRow {
    OutboxRow {
        id: mail.id.clone(),
        account: mail.account.clone(),
        purpose: mail.purpose,
        state: OutboxState::Ready,
        message_id: mail.message_id.clone(),
        token: mail.token.clone(),
        sender: mail.sender.clone(),
        recipient: mail.recipient.clone(),
        own_copy: mail.own_copy.clone(),
        subject: mail.subject.clone(),
        sha256: evidence_of(&mail.bytes).as_str().to_owned(),
        attempts: 0,
        next_try: None,
        note: String::new(),
        created_at: kept(mail.at),
        changed_at: kept(mail.at),
        sent_at: None,
        covers: mail.covers.clone(),
    }
}
