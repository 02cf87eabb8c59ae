//! The world at the daemon's doors: folders that are filled, a mailbox that grows, a mail server with moods.

use super::chance::Chance;
use super::shaky::Shaky;
use aanmaand::ports::*;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A folder in memory.
#[derive(Default)]
pub struct Folder {
    root: PathBuf,
    files: Mutex<BTreeMap<PathBuf, (Found, Vec<u8>)>>,
}

impl Folder {
    pub fn new(root: &str) -> Arc<Folder> {
        Arc::new(Folder { root: PathBuf::from(root), files: Mutex::default() })
    }

    pub fn put(&self, name: &str, bytes: Vec<u8>, modified: DateTime<Utc>) {
        let mut files = self.files.lock().unwrap();
        let inode = files.len() as u64 + 1;
        let found = Found { name: PathBuf::from(name), size: bytes.len() as u64, modified, inode };
        files.insert(PathBuf::from(name), (found, bytes));
    }
}

impl FileSource for Folder {
    fn root(&self) -> &Path {
        &self.root
    }

    fn scan(&self) -> Result<Scan, String> {
        let files = self.files.lock().unwrap().values().map(|(found, _)| found.clone()).collect();
        Ok(Scan { files, ..Scan::default() })
    }

    fn read(&self, found: &Found) -> Result<Vec<u8>, ReadFault> {
        match self.files.lock().unwrap().get(&found.name) {
            None => Err(ReadFault::Gone),
            Some((now, _)) if now != found => Err(ReadFault::Changing),
            Some((_, bytes)) => Ok(bytes.clone()),
        }
    }
}

/// An IMAP folder in memory.
#[derive(Default)]
pub struct Inbox {
    pub mails: Vec<(Vec<u8>, DateTime<Utc>)>,
    pub uidvalidity: u32,
    /// The next looks fail.
    pub down: bool,
}

#[derive(Clone, Default)]
pub struct SharedInbox(pub Arc<Mutex<Inbox>>);

#[async_trait]
impl Mailbox for SharedInbox {
    async fn look(&mut self, known: &dyn KnownMail, limit: usize) -> Result<Glance, MailboxFault> {
        let (mails, validity) = {
            let inbox = self.0.lock().unwrap();
            if inbox.down {
                return Err(MailboxFault::Later("no route".to_owned()));
            }
            (inbox.mails.clone(), inbox.uidvalidity)
        };
        let from = known.cursor("INBOX", validity).unwrap_or(0) as usize;
        let new = mails.iter().enumerate().skip(from);
        let fetched: Vec<Fetched> = new
            .take(limit.min(7))
            .map(|(at, (bytes, received_at))| Fetched {
                key: MailKey {
                    folder: "INBOX".to_owned(),
                    uidvalidity: validity,
                    uid: at as u32 + 1,
                    name: String::new(),
                },
                body: Ok(bytes.clone()),
                received_at: Some(*received_at),
                sent: false,
                ahead: false,
            })
            .collect();
        let complete = from + fetched.len() >= mails.len();
        let waiting = mails.len().saturating_sub(from + fetched.len());
        Ok(Glance { mails: fetched, complete, waiting })
    }

    async fn wait(&mut self, _: Duration) -> Result<(), MailboxFault> {
        Ok(())
    }
}

/// What the server did with a mail, whatever it told.
#[derive(Clone)]
pub struct Handed {
    pub accepted: bool,
    pub message_id: String,
    pub recipient: String,
    pub bytes: Vec<u8>,
}

/// The mail server.
pub struct Server {
    pub owner: String,
    pub chance: Mutex<Chance>,
    pub handed: Mutex<Vec<Handed>>,
    pub store: Shaky,
    /// No more moods: everything is accepted.
    pub calm: Mutex<bool>,
}

impl Server {
    fn note(&self, mail: &OutgoingMail, accepted: bool) {
        self.handed.lock().unwrap().push(Handed {
            accepted,
            message_id: mail.message_id.clone(),
            recipient: mail.recipient.clone(),
            bytes: mail.bytes.clone(),
        });
    }

    fn accept(&self, mail: &OutgoingMail) -> Delivery {
        self.note(mail, true);
        Delivery::Accepted { reply: "250 2.0.0 Ok".to_owned() }
    }
}

#[async_trait]
impl Outgoing for Server {
    async fn deliver(&self, mail: &OutgoingMail, before_dot: BeforeDot<'_>) -> Delivery {
        let later = |reason: &str, lane| Delivery::Later { reason: reason.to_owned(), lane };
        let calm = *self.calm.lock().unwrap() || mail.recipient == self.owner;
        let mood = if calm { 0 } else { self.chance.lock().unwrap().within(0, 199) };
        match mood {
            180..=185 => return later("421 try later", false),
            186 => return later("535 5.7.8 login", true),
            187 => {
                self.store.die();
                return later("dead", false);
            }
            _ => {}
        }
        if let Err(reason) = before_dot.ask().await {
            return later(&reason, false);
        }
        match mood {
            188..=189 => later("451 after the dot", false),
            190..=191 => Delivery::Never { reason: "550 5.1.1 unknown".to_owned(), address: true },
            192 => Delivery::Never { reason: "554 no".to_owned(), address: false },
            193..=194 => {
                self.note(mail, true);
                Delivery::Unknown { reason: "no answer".to_owned() }
            }
            195..=196 => {
                self.note(mail, false);
                Delivery::Unknown { reason: "no answer".to_owned() }
            }
            197..=198 => {
                self.store.die();
                self.accept(mail)
            }
            199 => {
                self.store.die();
                self.note(mail, false);
                later("dead", false)
            }
            _ => self.accept(mail),
        }
    }

    async fn probe(&self) -> Result<String, String> {
        Ok("ready".to_owned())
    }
}
