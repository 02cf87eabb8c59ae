//! What the daemon needs from the world. Small traits; each fault is split by what the caller does about it.

use crate::mail::dkim::{Answer, Computed};
use crate::paper::{Paper, Unread};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The one clock.
pub trait Clock: Send + Sync {
    fn now(&self) -> DateTime<Utc>;

    /// Somebody chose the moment, as a sandbox does: it is believed whatever it says.
    fn is_set(&self) -> bool {
        false
    }
}

/// The room on the disk of the database, some of it kept in reserve.
pub trait Room: Send {
    /// Bytes that we may still write there, the reserve not counted.
    fn free(&self) -> std::io::Result<u64>;

    /// Takes the reserve, unless it is there or would leave too little room.
    fn keep_reserve(&self) -> std::io::Result<()>;

    /// Gives the reserve up, for what must be written even on a full disk.
    fn give_reserve(&self) -> std::io::Result<()>;
}

/// Reads files that strangers made, where they can do no harm. May take half a minute for each: never ask it while the store is locked
/// if that can be helped.
pub trait Parser: Send + Sync {
    /// What each of these files says, in their order. A file that breaks its reader is a paper with that as its reason.
    ///
    /// # Errors
    /// Nothing can be read now, whatever the file.
    fn parse(&self, files: &[Unread<'_>]) -> Result<Vec<Paper>, NoParser>;

    /// What one file says.
    ///
    /// # Errors
    /// As [`Parser::parse`].
    fn parse_one(&self, file: &Unread<'_>) -> Result<Paper, NoParser> {
        self.parse(std::slice::from_ref(file))?
            .pop()
            .ok_or_else(|| NoParser("BUG: a file without an answer".to_owned()))
    }

    /// Nothing more is asked for a while: what was kept for it is given up.
    fn rest(&self) {}
}

/// No file can be read now: why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no file can be read: {0}")]
pub struct NoParser(pub String);

/// A regular file as it was seen. Equal in two scans = it holds still.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Found {
    /// Below the folder that was scanned.
    pub name: PathBuf,
    /// Bytes.
    pub size: u64,
    pub modified: DateTime<Utc>,
    pub inode: u64,
}

/// What one look into a folder gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Sorted by name.
    pub files: Vec<Found>,
    /// What is there and may not be read (a link, a pipe, too large, too deep, no permission), with the reason.
    pub refused: Vec<(PathBuf, String)>,
    /// The folder itself is not there (yet).
    pub missing: bool,
    /// The folder is the root of a disk or a network share.
    pub mounted: bool,
}

/// Why the bytes of a file could not be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadFault {
    #[error("it is no longer there")]
    Gone,
    /// Somebody is writing it, or replaced it since the scan: look again later.
    #[error("it is still changing")]
    Changing,
    #[error("{0}")]
    Refused(String),
    /// The disk or the network does not give it now, whatever file it is: look again later.
    #[error("{0}")]
    Away(String),
}

/// A folder that somebody else fills; nothing in it is ever changed.
pub trait FileSource: Send + Sync {
    fn root(&self) -> &Path;
    /// Everything in the folder. An error means that the folder itself cannot be listed.
    fn scan(&self) -> Result<Scan, String>;
    /// The bytes of `found`, if the file is still the one that was seen.
    fn read(&self, found: &Found) -> Result<Vec<u8>, ReadFault>;
}

/// Says that something may have happened in some folders.
#[async_trait]
pub trait Hint: Send {
    /// Waits until something may have changed, at most `longest`. Only a hint: the caller scans in full anyway.
    async fn changed(&mut self, longest: Duration) -> bool;
}

/// A mail whose final bytes are fixed.
#[derive(Clone, Debug)]
pub struct OutgoingMail {
    /// Envelope sender.
    pub sender: String,
    /// The customer (or the owner, for a digest). Exactly one.
    pub recipient: String,
    /// Envelope-only recipient of the own copy.
    pub own_copy: Option<String>,
    /// Without angle brackets.
    pub message_id: String,
    pub bytes: Vec<u8>,
}

/// What is known after trying to hand a mail over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The server took responsibility (250-259 after the final dot).
    Accepted { reply: String },
    /// Not accepted, surely; may be tried again. `lane` = nothing will get through until somebody looks (login, policy).
    Later { reason: String, lane: bool },
    /// Refused for good. `address` = the recipient's address is the reason.
    Never { reason: String, address: bool },
    /// Refused in words that some servers also use when something of theirs fails (550 5.5.0): surely not accepted, and
    /// tried a few times more before it counts as refused for good.
    Doubtful { reason: String },
    /// The final dot was sent and no clear answer came: both sides may own the mail. Never resend.
    Unknown { reason: String },
}

/// Asked once, when everything but the final dot has been handed over. The caller commits `dot_intent` here and answers
/// when that is durable; an error stops the mail before its final dot. Every closure that gives such a future is one.
#[async_trait]
pub trait LastQuestion: Send {
    async fn ask(&mut self) -> Result<(), String>;
}

#[async_trait]
impl<F, A> LastQuestion for F
where
    F: FnMut() -> A + Send,
    A: Future<Output = Result<(), String>> + Send,
{
    async fn ask(&mut self) -> Result<(), String> {
        self().await
    }
}

pub type BeforeDot<'a> = &'a mut dyn LastQuestion;

/// Hands mails over: SMTP, local sendmail, or a folder.
#[async_trait]
pub trait Outgoing: Send + Sync {
    async fn deliver(&self, mail: &OutgoingMail, before_dot: BeforeDot<'_>) -> Delivery;

    /// How many mails may be handed over at once.
    fn connections(&self) -> usize {
        1
    }

    /// The last mail took the server next to no time, and the next one finds it ready: so the intent of its final dot may
    /// be committed while it is being handed over (`docs/crash.md`).
    fn is_swift(&self) -> bool {
        false
    }

    /// No mail follows for a while: what was kept open for it is closed.
    async fn rest(&self) {}

    /// Logs in and out again, for `check --online`.
    async fn probe(&self) -> Result<String, String>;
}

/// Where a mail was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailKey {
    pub folder: String,
    /// IMAP UIDVALIDITY; 0 for a Maildir.
    pub uidvalidity: u32,
    /// IMAP UID; 0 for a Maildir.
    pub uid: u32,
    /// Unique name in a Maildir (before `:2,`); empty for IMAP.
    pub name: String,
}

/// A mail as it was found, byte for byte; or why it could not be fetched (after retries).
#[derive(Clone, Debug)]
pub struct Fetched {
    pub key: MailKey,
    pub body: Result<Vec<u8>, Unfetched>,
    /// When the server received it.
    pub received_at: Option<DateTime<Utc>>,
    /// It lies in the folder for sent mail: a copy of ours, or what the owner wrote by hand.
    pub sent: bool,
    /// It comes before older ones: what lies below it in the folder is not all stored yet.
    pub ahead: bool,
}

/// Why a mail could not be had, and what there is of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfetched {
    pub why: String,
    /// Its first bytes; none when there is nothing.
    pub beginning: Vec<u8>,
}

impl From<String> for Unfetched {
    fn from(why: String) -> Unfetched {
        Unfetched { why, beginning: Vec::new() }
    }
}

/// What the store already has of a mailbox.
pub trait KnownMail: Send + Sync {
    /// Highest UID below which everything of this folder and UIDVALIDITY is stored.
    fn cursor(&self, folder: &str, uidvalidity: u32) -> Option<u32>;
    /// Something of this folder was read once, as far as that can be told.
    fn knows(&self, _folder: &str) -> bool {
        false
    }
    fn has(&self, key: &MailKey) -> bool;

    /// Those of these mails that are not stored, in their order.
    fn unknown(&self, keys: Vec<MailKey>) -> Vec<MailKey> {
        keys.into_iter().filter(|key| !self.has(key)).collect()
    }

    /// Of each header, whether it may be of a debtor's mail or of the owner's: such mail is read first where much waits.
    fn awaited(&self, heads: Vec<Vec<u8>>) -> Vec<bool> {
        vec![false; heads.len()]
    }
}

/// One look into the mailbox.
#[derive(Clone, Debug, Default)]
pub struct Glance {
    pub mails: Vec<Fetched>,
    /// Everything there was has been seen: with `mails` stored, the mailbox is completely read.
    pub complete: bool,
    /// Mails that are known to be there and were not fetched yet.
    pub waiting: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailboxFault {
    /// The connection or the server failed: drop the session, try again later.
    #[error("the mailbox cannot be read now: {0}")]
    Later(String),
    /// Login refused, folder missing: somebody must look.
    #[error("the mailbox refuses us: {0}")]
    Refused(String),
    /// There is no such mailbox. One that never was is empty; one that was there before is lost.
    #[error("the mailbox is not there: {0}")]
    Absent(String),
}

/// A mailbox that is only read: no flag is set, nothing is moved, nothing is deleted.
#[async_trait]
pub trait Mailbox: Send {
    /// Up to `limit` mails that are not known yet, oldest first.
    async fn look(&mut self, known: &dyn KnownMail, limit: usize) -> Result<Glance, MailboxFault>;

    /// What was handed over last could not be stored: it is to be handed over again.
    fn start_over(&mut self) {}

    /// Waits until something may have arrived, at most `longest`. Only a hint.
    async fn wait(&mut self, longest: Duration) -> Result<(), MailboxFault>;
}

/// Asks for the keys of DKIM signatures (RFC 6376), and computes with them.
#[async_trait]
pub trait Signatures: Send + Sync {
    /// What the DNS says about each of these names, in their order. Takes seconds at most, whatever the DNS does.
    async fn ask(&self, names: &[String]) -> Vec<Answer>;

    /// What the signatures of a mail come to with these keys, by name. Asks nobody.
    async fn compute(&self, mail: &[u8], keys: &BTreeMap<String, Answer>) -> Vec<Computed>;
}

/// A mail of our own, found in the mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnCopy {
    pub key: MailKey,
    /// Its header, byte for byte, up to and with the empty line.
    pub head: Vec<u8>,
    /// When the server put it there.
    pub received_at: Option<DateTime<Utc>>,
}

/// Where copies of our own mails are looked for, by the names that people see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The folder for sent mail.
    pub sent: Option<String>,
    /// The folder that shows all mail.
    pub everything: Option<String>,
    /// Where mail comes in, and junk.
    pub others: Vec<String>,
}

impl Places {
    /// Every folder, in the order of looking.
    pub fn all(&self) -> Vec<String> {
        self.sent.iter().chain(&self.everything).chain(&self.others).cloned().collect()
    }
}

/// The folders of the mailbox in which copies of our own mails may lie: Sent, All, Junk, where own copies arrive. An
/// error never means "not there".
#[async_trait]
pub trait Copies: Send {
    /// Which folders these are now.
    async fn places(&mut self) -> Result<Places, MailboxFault>;

    /// The copy of the mail with this Message-ID (without angle brackets), by that header or by our own `X-Aanmaand-Id`.
    async fn find(&mut self, message_id: &str) -> Result<Option<OwnCopy>, MailboxFault>;

    /// Every mail with an `X-Aanmaand-Id` that came into these folders on or after this day (UTC), oldest first; one whose
    /// day is not known is among them.
    async fn since(&mut self, day: NaiveDate) -> Result<Vec<OwnCopy>, MailboxFault>;

    /// Puts a mail that was sent at this moment into Sent, as seen.
    async fn keep(&mut self, mail: &[u8], sent_at: DateTime<Utc>) -> Result<(), MailboxFault>;

    /// Nothing more is asked for a while: a connection is let go.
    async fn rest(&mut self) {}
}

/// Whoever started us and wants to know how we are.
pub trait ServiceManager: Send + Sync {
    fn ready(&self);
    fn status(&self, text: &str);
    /// The watchdog's sign of life.
    fn alive(&self);
    fn reloading(&self);
    fn stopping(&self);
}
