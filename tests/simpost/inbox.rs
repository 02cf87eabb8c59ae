//! The mailbox: grows, is down, is numbered anew, is read in part. What it hands over, the truth counts as told.

use super::truth::{Shield, Truth};
use crate::sim::days::utc;
use aanmaand::ports::*;
use aanmaand::store::evidence_of;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub struct Arrived {
    pub bytes: Vec<u8>,
    pub received_at: DateTime<Utc>,
    /// Whom it protects, if anybody.
    pub shield: Option<usize>,
}

#[derive(Default)]
pub struct Inbox {
    pub mails: Vec<Arrived>,
    /// How often it was numbered anew.
    pub uidvalidity: u32,
    pub down: bool,
    /// Looks that end before the mailbox does.
    pub partial: u32,
    /// Shields of mails that this pass fetched; forgotten when it fails.
    fetched: Vec<usize>,
    /// Mails that this pass has read, when it came to the end.
    read: Option<usize>,
}

impl Inbox {
    pub fn key(&self, at: usize) -> MailKey {
        MailKey {
            folder: "INBOX".to_owned(),
            uidvalidity: self.uidvalidity + 1,
            uid: at as u32 + 1,
            name: String::new(),
        }
    }

    pub fn fetch(&self, at: usize) -> Fetched {
        let mail = &self.mails[at];
        Fetched {
            key: self.key(at),
            body: Ok(mail.bytes.clone()),
            received_at: Some(mail.received_at),
            sent: false,
            ahead: false,
        }
    }

    pub fn before_pass(&mut self) {
        self.fetched.clear();
        self.read = None;
    }

    /// A person wrote: from when the daemon has it, that debtor is left alone.
    pub fn arrives(&mut self, truth: &mut Truth, debtor: usize, bytes: Vec<u8>) -> usize {
        let (since, source) = (truth.now, evidence_of(&bytes).to_string());
        let why = "the debtor wrote";
        truth.shields.push(Shield {
            debtor,
            claim: None,
            why,
            since,
            known: false,
            shown: false,
            source,
            ended: false,
        });
        truth.saw("mail");
        let shield = truth.shields.len() - 1;
        self.mails.push(Arrived { bytes, received_at: utc(since), shield: Some(shield) });
        shield
    }

    /// The daemon has all that there is.
    pub fn is_read(&self) -> bool {
        self.read == Some(self.mails.len())
    }

    /// The pass failed: whether it had stored what it fetched, only its next look tells.
    pub fn pass_failed(&mut self, truth: &mut Truth) {
        for shield in self.fetched.drain(..) {
            truth.shields[shield].known = false;
        }
    }

    fn knows(&mut self, truth: &mut Truth, at: usize, fetched: bool) {
        let Some(shield) = self.mails[at].shield.filter(|shield| !truth.shields[*shield].known) else { return };
        (truth.shields[shield].known, truth.shields[shield].shown) = (true, true);
        if fetched {
            self.fetched.push(shield);
        }
    }
}

#[derive(Clone)]
pub struct SharedInbox {
    pub inbox: Arc<Mutex<Inbox>>,
    pub truth: Arc<Mutex<Truth>>,
}

#[async_trait]
impl Mailbox for SharedInbox {
    async fn look(&mut self, known: &dyn KnownMail, limit: usize) -> Result<Glance, MailboxFault> {
        let (down, validity) = {
            let inbox = self.inbox.lock().unwrap();
            (inbox.down, inbox.uidvalidity + 1)
        };
        if down {
            return Err(MailboxFault::Later("no route".to_owned()));
        }
        let from = known.cursor("INBOX", validity).unwrap_or(0) as usize;
        let (mut inbox, mut truth) = (self.inbox.lock().unwrap(), self.truth.lock().unwrap());
        let all = inbox.mails.len();
        let partial = inbox.partial > 0;
        inbox.partial = inbox.partial.saturating_sub(1);
        let until = if partial { all.min(from + 1) } else { all.min(from + limit.min(7)) };
        (0..from.min(all)).for_each(|at| inbox.knows(&mut truth, at, false));
        (from..until).for_each(|at| inbox.knows(&mut truth, at, true));
        let complete = until >= all && !partial;
        if complete {
            inbox.read = Some(all);
            truth.mailbox_read = Some(truth.now);
        }
        let mails = (from..until).map(|at| inbox.fetch(at)).collect();
        Ok(Glance { mails, complete, waiting: all.saturating_sub(until) })
    }

    async fn wait(&mut self, _: Duration) -> Result<(), MailboxFault> {
        Ok(())
    }
}
