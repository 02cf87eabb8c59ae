//! Reading a mailbox over IMAP. Only reads: folders are opened with EXAMINE, bodies with PEEK; `\Seen` means nothing to
//! us, and nothing is flagged, moved or deleted; only a copy of a letter that was sent is put into Sent (`copies`). "There is
//! nothing new" is said only when the server's own numbers agree.

mod copies;
mod fetching;
#[cfg(test)]
mod fuzz;
mod login;
mod name;
mod pace;
mod reading;
mod session;
#[cfg(test)]
mod tests;
mod todo;

use crate::adapters::tls::{Login, Server};
use crate::ports::{Clock, Glance, KnownMail, MailKey, Mailbox, MailboxFault};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use fetching::Haul;
use futures_util::FutureExt;
use pace::Pace;
use reading::SentFolder;
use session::{Examined, Fault, Session};
use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use todo::Todo;
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
    /// The mails that are being fetched: to be blamed when the session dies over them.
    in_hand: Vec<MailKey>,
    /// How often the session died over a mail alone; 0 = over several, this one among them.
    failures: HashMap<MailKey, u8>,
    todo: HashMap<String, Todo>,
    /// The owner's word for the folder of sent mail.
    sent_name: Option<String>,
    sent: SentFolder,
    /// Headers are being asked to put mails in order.
    ordering: bool,
    /// A session ended over that: it is not tried again.
    order_broke: bool,
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
            in_hand: Vec::new(),
            failures: HashMap::new(),
            todo: HashMap::new(),
            sent_name: None,
            sent: SentFolder::default(),
            ordering: false,
            order_broke: false,
            swept: HashMap::new(),
            inbox: None,
            missing: HashSet::new(),
        }
    }

    pub fn with_patience(self, patience: Patience) -> Imap {
        Imap { patience, ..self }
    }

    /// With the owner's name for the folder of sent mail, which is read too.
    pub fn with_sent(self, sent_name: Option<String>) -> Imap {
        Imap { sent_name, ..self }
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
        self.todo.clear();
        self.pace.failed(Instant::now());
        let alone = self.in_hand.len() == 1;
        for key in std::mem::take(&mut self.in_hand) {
            let failures = self.failures.entry(key).or_insert(0);
            *failures = failures.saturating_add(u8::from(alone));
        }
        self.order_broke |= std::mem::take(&mut self.ordering);
        self.sent.failed = self.sent.failed.saturating_add(u8::from(std::mem::take(&mut self.sent.asking)));
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
        let mut haul = Haul::of(limit);
        // imap-proto panics on some server bytes: that is one more way for a session to end.
        let read = AssertUnwindSafe(self.read_all(known, &mut haul)).catch_unwind().await;
        let mails = haul.mails;
        let fault = match read {
            Ok(Ok(complete)) => {
                self.pace.went_well();
                let waiting = self.todo.values().map(Todo::len).sum();
                return Ok(Glance { mails, complete, waiting });
            }
            Ok(Err(fault)) => fault,
            Err(_) => Fault::Broken("the server's answer cannot be read".into()),
        };
        let waiting = self.session.is_none() && self.in_hand.is_empty() && self.pace.rest(Instant::now()).is_some();
        if !waiting {
            self.drop_session();
        }
        if mails.is_empty() { Err(mailbox_fault(fault)) } else { Ok(Glance { mails, ..Glance::default() }) }
    }

    fn start_over(&mut self) {
        self.todo.clear();
        self.inbox = None;
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
