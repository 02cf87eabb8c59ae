//! Copies of our own mails: found in Sent, in All, or where mail comes in; and put into Sent where the provider does
//! not. A session of its own, opened when something is asked and let go afterwards, beside the one that reads.

use super::mailbox_fault;
use super::pace::Pace;
use super::session::{Fault, Folder, Head, Patience, Session, Use};
use crate::adapters::tls::{Login, Server};
use crate::mail::own::{self, ID_HEADER};
use crate::ports::{Copies, MailKey, MailboxFault, OwnCopy, Places};
use async_trait::async_trait;
use chrono::{DateTime, Days, NaiveDate, Utc};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::time::Instant;

/// What the folder for sent mail is called where the server does not say which it is; the first that is there.
const SENT_NAMES: [&str; 14] = [
    "Sent",
    "Sent Items",
    "Sent Messages",
    "Sent Mail",
    "Verzonden",
    "Verzonden items",
    "Verzonden berichten",
    "Gesendet",
    "Gesendete Elemente",
    "Gesendete Objekte",
    "Éléments envoyés",
    "Messages envoyés",
    "Envoyés",
    "Objets envoyés",
];
const JUNK_NAMES: [&str; 6] = ["Junk", "Junk E-mail", "Spam", "Ongewenst", "Ongewenste e-mail", "Courrier indésirable"];
/// More mails than this with one Message-ID are not looked at.
const CANDIDATES: usize = 50;
/// Headers are fetched of so many mails at once.
const FIELDS_AT_ONCE: usize = 200;
const HEADS_AT_ONCE: usize = 20;
/// After so long without a command a session is renewed.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// The folders of a mailbox on a server in which copies may lie.
pub struct ImapCopies {
    server: Server,
    login: Login,
    /// The folders that are read anyway.
    read: Vec<String>,
    /// The owner's word for the folder of sent mail.
    sent: Option<String>,
    patience: Patience,
    pub(super) session: Option<Session>,
    pub(super) pace: Pace,
    found: Option<FoundPlaces>,
    pub(super) used: Option<Instant>,
}

/// Sent, all mail, and the others.
#[derive(Clone, Debug, Default)]
struct FoundPlaces {
    sent: Option<Folder>,
    everything: Option<Folder>,
    others: Vec<Folder>,
}

impl ImapCopies {
    /// `read` are the folders that are read anyway, `sent` the owner's name for the folder of sent mail.
    pub fn new(server: Server, login: Login, read: Vec<String>, sent: Option<String>) -> ImapCopies {
        let (patience, pace) = (Patience::default(), Pace::default());
        ImapCopies { server, login, read, sent, patience, session: None, pace, found: None, used: None }
    }

    pub fn with_patience(self, patience: Patience) -> ImapCopies {
        ImapCopies { patience, ..self }
    }

    /// A session that was left alone may be dead without a word, and what it knew of the folders is old.
    async fn session(&mut self) -> Result<&mut Session, Fault> {
        let now = Instant::now();
        if self.used.is_some_and(|used| now - used > LONGEST_REST) {
            (self.session, self.found) = (None, None);
        }
        self.used = Some(now);
        if self.session.is_none() {
            self.session = Some(self.pace.open(&self.server, &self.login, self.patience).await?);
        }
        self.session.as_mut().ok_or_else(|| Fault::Broken("no session".into()))
    }

    /// After any fault nothing that the session says can be believed.
    fn conclude<T>(&mut self, done: std::thread::Result<Result<T, Fault>>) -> Result<T, MailboxFault> {
        let fault = match done {
            Ok(Ok(value)) => {
                self.pace.went_well();
                return Ok(value);
            }
            Ok(Err(fault)) => fault,
            // imap-proto panics on some server bytes: that is one more way for a session to end.
            Err(_) => Fault::Broken("the server's answer cannot be read".into()),
        };
        let waiting = self.session.is_none() && self.pace.rest(Instant::now()).is_some();
        if !waiting {
            self.pace.failed(Instant::now());
        }
        (self.session, self.found) = (None, None);
        Err(mailbox_fault(fault))
    }

    async fn folders(&mut self) -> Result<FoundPlaces, Fault> {
        self.session().await?;
        if let Some(found) = &self.found {
            return Ok(found.clone());
        }
        let listed = self.session().await?.list().await?;
        let found = choose(&listed, &self.read, self.sent.as_deref())?;
        self.found = Some(found.clone());
        Ok(found)
    }

    async fn find_anywhere(&mut self, message_id: &str) -> Result<Option<OwnCopy>, Fault> {
        for folder in self.folders().await?.all() {
            if let Some(copy) = self.find_in(&folder, message_id).await? {
                return Ok(Some(copy));
            }
        }
        Ok(None)
    }

    async fn find_in(&mut self, folder: &Folder, message_id: &str) -> Result<Option<OwnCopy>, Fault> {
        let is_plain = message_id.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte));
        if !is_plain || message_id.is_empty() {
            return Err(Fault::No("this Message-ID cannot be searched for".into()));
        }
        let session = self.session().await?;
        let examined = session.examine_listed(folder).await?;
        if examined.exists == 0 {
            return Ok(None);
        }
        for header in ["Message-ID", ID_HEADER] {
            let uids = checked_search(session, &format!("HEADER {header} \"{message_id}\"")).await?;
            let newest: Vec<u32> = uids.into_iter().rev().take(CANDIDATES).collect();
            let heads = session.heads(&newest, None).await?;
            if let Some((uid, head)) = heads.into_iter().find(|(_, head)| own::carries(&head.bytes, message_id)) {
                return Ok(Some(copy(folder, examined.uidvalidity, uid, head)));
            }
        }
        Ok(None)
    }

    async fn all_since(&mut self, day: NaiveDate) -> Result<Vec<OwnCopy>, Fault> {
        let mut copies = Vec::new();
        for folder in self.folders().await?.all() {
            copies.extend(self.since_in(&folder, day).await?);
        }
        copies.sort_by_key(|copy: &OwnCopy| copy.received_at);
        Ok(copies)
    }

    /// By looking at each mail: what a search for a header of ours leaves out would be a letter that is sent again.
    async fn since_in(&mut self, folder: &Folder, day: NaiveDate) -> Result<Vec<OwnCopy>, Fault> {
        let session = self.session().await?;
        let examined = session.examine_listed(folder).await?;
        if examined.exists == 0 {
            return Ok(Vec::new());
        }
        // The server's day may have begun before ours.
        let from = day.checked_sub_days(Days::new(1)).unwrap_or(day).format("%-d-%b-%Y");
        let mut ours = Vec::new();
        for uids in checked_search(session, &format!("SINCE {from}")).await?.chunks(FIELDS_AT_ONCE) {
            let fields = session.heads(uids, Some(ID_HEADER)).await?;
            let in_time = |head: &Head| head.received_at.is_none_or(|at| at.date_naive() >= day);
            let has_id = |head: &Head| own::own_id(&head.bytes).is_some();
            ours.extend(fields.into_iter().filter(|(_, head)| in_time(head) && has_id(head)).map(|(uid, _)| uid));
        }
        let mut copies = Vec::new();
        for uids in ours.chunks(HEADS_AT_ONCE) {
            let heads = session.heads(uids, None).await?;
            copies.extend(heads.into_iter().map(|(uid, head)| copy(folder, examined.uidvalidity, uid, head)));
        }
        Ok(copies)
    }

    async fn put(&mut self, mail: &[u8], sent_at: DateTime<Utc>) -> Result<(), Fault> {
        let sent = self.folders().await?.sent;
        let sent = sent.ok_or_else(|| Fault::Login("there is no folder for sent mail".into()))?;
        self.session().await?.append(&sent, mail, sent_at).await
    }
}

impl FoundPlaces {
    fn all(&self) -> Vec<Folder> {
        self.sent.iter().chain(&self.everything).chain(&self.others).cloned().collect()
    }

    fn names(&self) -> Places {
        let name = |folder: &Folder| folder.name.clone();
        Places {
            sent: self.sent.as_ref().map(name),
            everything: self.everything.as_ref().map(name),
            others: self.others.iter().map(name).collect(),
        }
    }
}

#[async_trait]
impl Copies for ImapCopies {
    async fn places(&mut self) -> Result<Places, MailboxFault> {
        let done = AssertUnwindSafe(self.folders()).catch_unwind().await;
        self.conclude(done).map(|found| found.names())
    }

    async fn find(&mut self, message_id: &str) -> Result<Option<OwnCopy>, MailboxFault> {
        let done = AssertUnwindSafe(self.find_anywhere(message_id)).catch_unwind().await;
        self.conclude(done)
    }

    async fn since(&mut self, day: NaiveDate) -> Result<Vec<OwnCopy>, MailboxFault> {
        let done = AssertUnwindSafe(self.all_since(day)).catch_unwind().await;
        self.conclude(done)
    }

    async fn keep(&mut self, mail: &[u8], sent_at: DateTime<Utc>) -> Result<(), MailboxFault> {
        let done = AssertUnwindSafe(self.put(mail, sent_at)).catch_unwind().await;
        self.conclude(done)
    }

    async fn rest(&mut self) {
        self.found = None;
        if let Some(session) = self.session.take() {
            session.close().await;
        }
    }
}

/// Which folders are looked through. The owner's word for Sent wins, and is wrong when there is no such folder.
fn choose(listed: &[Folder], read: &[String], sent: Option<&str>) -> Result<FoundPlaces, Fault> {
    let used = |wanted: Use| listed.iter().find(|folder| folder.uses.contains(&wanted));
    let sent = sent_of(listed, sent)?;
    let everything = used(Use::All);
    let junk = used(Use::Junk).or_else(|| well_known(listed, &JUNK_NAMES));
    let is_read = |folder: &&Folder| read.iter().any(|name| is_named(folder, name));
    let inbox = listed.iter().filter(|folder| folder.name.eq_ignore_ascii_case("INBOX"));
    let mut others: Vec<Folder> = Vec::new();
    for folder in inbox.chain(listed.iter().filter(is_read)).chain(junk) {
        let known = others.contains(folder) || sent == Some(folder) || everything == Some(folder);
        if !known {
            others.push(folder.clone());
        }
    }
    Ok(FoundPlaces { sent: sent.cloned(), everything: everything.cloned(), others })
}

/// The folder for sent mail among these: the owner's word, its special use, or a usual name.
pub(super) fn sent_of<'a>(listed: &'a [Folder], named: Option<&str>) -> Result<Option<&'a Folder>, Fault> {
    let Some(name) = named else {
        let used = listed.iter().find(|folder| folder.uses.contains(&Use::Sent));
        return Ok(used.or_else(|| well_known(listed, &SENT_NAMES)));
    };
    let found = listed.iter().find(|folder| folder.name == name);
    let names: Vec<&str> = listed.iter().map(|folder| folder.name.as_str()).collect();
    let absent = || format!("mailbox.sent = {name:?} is not there; there are {}", names.join(", "));
    found.map(Some).ok_or_else(|| Fault::Login(absent()))
}

fn is_named(folder: &Folder, name: &str) -> bool {
    folder.name == name || (name.eq_ignore_ascii_case("INBOX") && folder.name.eq_ignore_ascii_case("INBOX"))
}

/// The first of these names at the top level or directly below INBOX.
fn well_known<'a>(listed: &'a [Folder], names: &[&str]) -> Option<&'a Folder> {
    let is_it = |folder: &&Folder, name: &str| {
        let below = folder.delimiter.as_ref().map(|delimiter| format!("inbox{delimiter}{}", name.to_lowercase()));
        let has = folder.name.to_lowercase();
        has == name.to_lowercase() || Some(has) == below
    };
    names.iter().find_map(|name| listed.iter().find(|folder| is_it(folder, name)))
}

/// The criteria also name `*`, the last mail (RFC 3501 6.4.8), and there is one: an empty answer is no answer. So the last
/// mail is always among what is found, and each must still be looked at.
async fn checked_search(session: &mut Session, criteria: &str) -> Result<Vec<u32>, Fault> {
    let found = session.search(&format!("OR {criteria} UID *")).await?;
    match found.is_empty() {
        true => Err(Fault::Broken("the server's search contradicts its count of mails".into())),
        false => Ok(found),
    }
}

fn copy(folder: &Folder, uidvalidity: u32, uid: u32, head: Head) -> OwnCopy {
    let key = MailKey { folder: folder.name.clone(), uidvalidity, uid, name: String::new() };
    OwnCopy { key, head: head.bytes, received_at: head.received_at }
}
