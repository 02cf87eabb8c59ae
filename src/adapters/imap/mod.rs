//! Reading a mailbox over IMAP. Only reads: folders are opened with EXAMINE, bodies with PEEK; `\Seen` means nothing to
//! us, and nothing is flagged, moved or deleted; only a copy of a letter that was sent is put into Sent (`copies`). "There is
//! nothing new" is said only when the server's own numbers agree.

mod copies;
#[cfg(test)]
mod fuzz;
mod login;
mod name;
mod pace;
mod reading;
mod session;
#[cfg(test)]
mod tests;

use crate::adapters::tls::{Login, Server};
use crate::ports::{Clock, Glance, KnownMail, MailKey, Mailbox, MailboxFault};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use pace::Pace;
use session::{Examined, Fault, Session};
use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

pub use copies::ImapCopies;
pub use session::Patience;

/// Larger mails are told of, not fetched.
const LARGEST: u64 = 25 * 1024 * 1024;
const LONGEST_IDLE: Duration = Duration::from_secs(300);
const POLL: Duration = Duration::from_secs(120);

/// A mailbox on a server.
pub struct Imap {
    server: Server,
    login: Login,
    folders: Vec<String>,
    clock: Arc<dyn Clock>,
    patience: Patience,
    session: Option<Session>,
    pace: Pace,
    /// The mail that is being fetched: to be blamed when the session dies over it.
    in_hand: Option<MailKey>,
    failures: HashMap<MailKey, u8>,
    swept: HashMap<(String, u32), DateTime<Utc>>,
    /// What INBOX looked like at the last complete look.
    inbox: Option<Examined>,
    missing: HashSet<String>,
}

impl Imap {
    /// `folders` are read in this order; all but `INBOX` may be absent on the server.
    pub fn new(server: Server, login: Login, folders: Vec<String>, clock: Arc<dyn Clock>) -> Imap {
        Imap {
            server,
            login,
            folders,
            clock,
            patience: Patience::default(),
            session: None,
            pace: Pace::default(),
            in_hand: None,
            failures: HashMap::new(),
            swept: HashMap::new(),
            inbox: None,
            missing: HashSet::new(),
        }
    }

    pub fn with_patience(self, patience: Patience) -> Imap {
        Imap { patience, ..self }
    }

    /// Logs in, opens each folder and logs out, for `check --online`.
    pub async fn probe(&mut self) -> Result<String, String> {
        let opened = Session::open(&self.server, &self.login, self.patience).await;
        let mut session = opened.map_err(|fault| mailbox_fault(fault).to_string())?;
        let mut said = Vec::new();
        for folder in &self.folders {
            said.push(match session.examine(folder).await {
                Ok(examined) => format!("{folder}: {} mails", examined.exists),
                Err(Fault::No(why)) => format!("{folder}: not there ({why})"),
                Err(fault) => return Err(mailbox_fault(fault).to_string()),
            });
        }
        session.close().await;
        Ok(format!("{} answers, logged in; {}", self.server, said.join(", ")))
    }

    async fn session(&mut self) -> Result<&mut Session, Fault> {
        if self.session.is_none() {
            self.session = Some(self.pace.open(&self.server, &self.login, self.patience).await?);
        }
        self.session.as_mut().ok_or_else(|| Fault::Broken("no session".into()))
    }

    /// After any fault nothing that the session says can be believed.
    fn drop_session(&mut self) {
        self.session = None;
        self.inbox = None;
        self.pace.failed(Instant::now());
        if let Some(key) = self.in_hand.take() {
            let failures = self.failures.entry(key).or_insert(0);
            *failures = failures.saturating_add(1);
        }
    }

    /// True when INBOX no longer looks as at the last look: then there is no need to wait.
    async fn inbox_changed(&mut self) -> Result<bool, Fault> {
        let before = self.inbox;
        let now = self.session().await?.examine("INBOX").await?;
        Ok(before != Some(now))
    }

    async fn wait_for_news(&mut self, longest: Duration) -> Result<(), Fault> {
        if self.inbox_changed().await? {
            return Ok(());
        }
        let session = self.session().await?;
        if session.can_idle && session.idle(longest.min(LONGEST_IDLE)).await? {
            return Ok(());
        }
        tokio::time::sleep(longest.min(POLL)).await;
        Ok(())
    }
}

#[async_trait]
impl Mailbox for Imap {
    async fn look(&mut self, known: &dyn KnownMail, limit: usize) -> Result<Glance, MailboxFault> {
        let mut mails = Vec::new();
        // imap-proto panics on some server bytes: that is one more way for a session to end.
        let read = AssertUnwindSafe(self.read_all(known, limit, &mut mails)).catch_unwind().await;
        let fault = match read {
            Ok(Ok(complete)) => {
                self.pace.went_well();
                return Ok(Glance { mails, complete });
            }
            Ok(Err(fault)) => fault,
            Err(_) => Fault::Broken("the server's answer cannot be read".into()),
        };
        let waiting = self.session.is_none() && self.in_hand.is_none() && self.pace.rest(Instant::now()).is_some();
        if !waiting {
            self.drop_session();
        }
        if mails.is_empty() { Err(mailbox_fault(fault)) } else { Ok(Glance { mails, complete: false }) }
    }

    async fn wait(&mut self, longest: Duration) -> Result<(), MailboxFault> {
        if self.session.is_none() {
            tokio::time::sleep(self.pace.rest(Instant::now()).unwrap_or_default().min(longest)).await;
            return Ok(());
        }
        match AssertUnwindSafe(self.wait_for_news(longest)).catch_unwind().await {
            Ok(Ok(())) => Ok(()),
            ended => {
                self.drop_session();
                Err(mailbox_fault(match ended {
                    Ok(Err(fault)) => fault,
                    _ => Fault::Broken("the server's answer cannot be read".into()),
                }))
            }
        }
    }
}

fn mailbox_fault(fault: Fault) -> MailboxFault {
    match fault {
        Fault::Login(reason) => MailboxFault::Refused(reason),
        Fault::No(reason) | Fault::Broken(reason) => MailboxFault::Later(reason),
    }
}
