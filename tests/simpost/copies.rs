//! The folder for sent mail: the provider puts copies there, at once or late, or never; sometimes it cannot be read.

use super::truth::Truth;
use crate::sim::days::utc;
use aanmaand::ports::*;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use std::sync::{Arc, Mutex};

/// What the provider keeps.
#[derive(Default)]
pub struct Sent {
    /// The provider puts a copy of each mail there by itself, so many minutes later.
    pub delay: Option<i64>,
    pub down: bool,
    mails: Vec<Copy>,
}

struct Copy {
    message_id: String,
    bytes: Vec<u8>,
    /// On the true clock.
    from: NaiveDateTime,
}

impl Sent {
    pub fn new(delay: Option<i64>) -> Sent {
        Sent { delay, ..Sent::default() }
    }

    pub fn server_took(&mut self, mail: &OutgoingMail, now: NaiveDateTime) {
        if let Some(delay) = self.delay {
            let (message_id, bytes) = (mail.message_id.clone(), mail.bytes.clone());
            self.mails.push(Copy { message_id, bytes, from: now + chrono::Duration::minutes(delay) });
        }
    }

    fn seen(&self, now: NaiveDateTime) -> impl Iterator<Item = OwnCopy> {
        let there = self.mails.iter().enumerate().filter(move |(_, copy)| copy.from <= now);
        there.map(|(at, copy)| {
            let end = copy.bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(copy.bytes.len(), |at| at + 4);
            let (folder, name) = ("Sent".to_owned(), String::new());
            let key = MailKey { folder, uidvalidity: 1, uid: at as u32 + 1, name };
            OwnCopy { key, head: copy.bytes[..end].to_vec(), received_at: Some(utc(copy.from)) }
        })
    }
}

#[derive(Clone)]
pub struct SharedSent {
    pub sent: Arc<Mutex<Sent>>,
    pub truth: Arc<Mutex<Truth>>,
}

impl SharedSent {
    fn up(&self) -> Result<(), MailboxFault> {
        if self.sent.lock().unwrap().down { Err(MailboxFault::Later("no route".to_owned())) } else { Ok(()) }
    }
}

#[async_trait]
impl Copies for SharedSent {
    async fn places(&mut self) -> Result<Places, MailboxFault> {
        self.up()?;
        Ok(Places { sent: Some("Sent".to_owned()), everything: None, others: vec!["INBOX".to_owned()] })
    }

    async fn find(&mut self, message_id: &str) -> Result<Option<OwnCopy>, MailboxFault> {
        self.up()?;
        let (sent, mut truth) = (self.sent.lock().unwrap(), self.truth.lock().unwrap());
        let at = sent.mails.iter().position(|copy| copy.message_id == message_id);
        let found = at.and_then(|at| sent.seen(truth.now).find(|copy| copy.key.uid == at as u32 + 1));
        if found.is_some() {
            truth.proven(message_id);
        }
        Ok(found)
    }

    async fn since(&mut self, day: NaiveDate) -> Result<Vec<OwnCopy>, MailboxFault> {
        self.up()?;
        let (sent, mut truth) = (self.sent.lock().unwrap(), self.truth.lock().unwrap());
        truth.saw("copies read after a restore");
        Ok(sent.seen(truth.now).filter(|copy| copy.received_at.is_none_or(|at| at.date_naive() >= day)).collect())
    }

    async fn keep(&mut self, mail: &[u8], _: DateTime<Utc>) -> Result<(), MailboxFault> {
        self.up()?;
        let (mut sent, mut truth) = (self.sent.lock().unwrap(), self.truth.lock().unwrap());
        let message_id = truth.kept(mail);
        let from = truth.now;
        sent.mails.push(Copy { message_id, bytes: mail.to_vec(), from });
        Ok(())
    }
}
