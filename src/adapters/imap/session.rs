//! A session that can be believed. async-imap takes a tagged NO for an empty answer, a lost connection for the end of
//! a listing, and answers Ok for ever after a parse error; here each command needs its own tagged OK, in time, and any
//! fault means that the session must be dropped.

use super::login::log_in;
use super::name::{quoted, quoted_as_listed, readable};
use crate::adapters::tls::{Line, Login, NoLine, Security, Server};
use async_imap::imap_proto::{AttributeValue, MailboxDatum, NameAttribute, RequestId, Response, ResponseCode, Status};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};

/// A mail on its way to a folder may take so many times longer than a command.
const APPEND_PATIENCE: u32 = 5;

#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Each address, and the TLS handshake.
    pub connect: Duration,
    /// Each command with its whole answer.
    pub command: Duration,
    /// The server's "go ahead" to IDLE.
    pub idle: Duration,
    /// The answer to the end of an IDLE.
    pub done: Duration,
    /// No mail is fetched in pieces larger than this, in bytes.
    pub slice: u32,
}

impl Default for Patience {
    fn default() -> Patience {
        let seconds = Duration::from_secs;
        Patience {
            connect: seconds(30),
            command: seconds(60),
            idle: seconds(30),
            done: seconds(15),
            slice: 1024 * 1024,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The server understood and refused this command.
    No(String),
    /// The server does not let us in, or is not to be trusted: somebody must look.
    Login(String),
    /// Anything else: nothing that this session says can be believed any more.
    Broken(String),
}

/// What EXAMINE told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Examined {
    pub uidvalidity: u32,
    /// Some servers do not tell it.
    pub uidnext: Option<u32>,
    pub exists: u32,
}

/// Size in bytes and time of arrival of a mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub size: Option<u32>,
    pub received_at: Option<DateTime<Utc>>,
}

/// What a folder is for (RFC 6154).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Sent,
    All,
    Junk,
}

/// A folder as the server lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Folder {
    /// The name as the server writes it.
    pub listed: String,
    /// The name for people.
    pub name: String,
    /// Between the levels of a name.
    pub delimiter: Option<String>,
    pub uses: Vec<Use>,
}

/// The header of a mail, and when the server got the mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub bytes: Vec<u8>,
    pub received_at: Option<DateTime<Utc>>,
}

#[derive(Debug)]
pub(super) struct Session {
    inner: async_imap::Session<Line>,
    patience: Patience,
    /// The server has not refused IDLE.
    pub can_idle: bool,
}

impl Session {
    pub async fn open(server: &Server, login: &Login, patience: Patience) -> Result<Session, Fault> {
        let mut line = server.connect(patience.connect).await.map_err(no_line)?;
        in_time(patience.command, greeting(&mut line)).await?;
        if server.security == Security::StartTls {
            line = in_time(patience.command, start_tls(server, line, patience.connect)).await?;
        }
        let inner = log_in(line, server, login, patience.command).await?;
        Ok(Session { inner, patience, can_idle: true })
    }

    /// Opens a folder for reading only; no flag changes by what we do there.
    pub async fn examine(&mut self, folder: &str) -> Result<Examined, Fault> {
        self.examine_quoted(&named(quoted(folder))?).await
    }

    /// The same for a folder of [`Session::list`].
    pub async fn examine_listed(&mut self, folder: &Folder) -> Result<Examined, Fault> {
        self.examine_quoted(&named(quoted_as_listed(&folder.listed))?).await
    }

    async fn examine_quoted(&mut self, folder: &str) -> Result<Examined, Fault> {
        let command = format!("EXAMINE {folder}");
        let (mut uidvalidity, mut uidnext, mut exists) = (None, None, None);
        self.command(&command, |response| match response {
            Response::MailboxData(MailboxDatum::Exists(n)) => exists = Some(*n),
            Response::Data { outcome, .. } => match outcome.code {
                Some(ResponseCode::UidValidity(n)) => uidvalidity = Some(n),
                Some(ResponseCode::UidNext(n)) => uidnext = Some(n),
                _ => {}
            },
            _ => {}
        })
        .await?;
        let uidvalidity = uidvalidity.ok_or_else(|| Fault::Broken("the server tells no UIDVALIDITY".into()))?;
        let exists = exists.ok_or_else(|| Fault::Broken("the server does not count its mails".into()))?;
        Ok(Examined { uidvalidity, uidnext, exists })
    }

    /// Every folder that can be opened, with its special use where the server tells it.
    pub async fn list(&mut self) -> Result<Vec<Folder>, Fault> {
        let listed = match self.list_by("LIST \"\" \"*\" RETURN (SPECIAL-USE)").await {
            // Not every server knows RFC 6154; many then tell the uses in a plain list.
            Err(Fault::No(_)) => self.list_by("LIST \"\" \"*\"").await?,
            listed => listed?,
        };
        if listed.iter().any(|folder| folder.name.eq_ignore_ascii_case("INBOX")) {
            return Ok(listed);
        }
        Err(Fault::Broken("the server lists no INBOX".into()))
    }

    async fn list_by(&mut self, command: &str) -> Result<Vec<Folder>, Fault> {
        let mut folders = Vec::new();
        self.command(command, |response| {
            if let Response::MailboxData(MailboxDatum::List(found)) = response
                && !found.name_attributes.contains(&NameAttribute::NoSelect)
            {
                folders.push(Folder {
                    listed: found.name.to_string(),
                    name: readable(&found.name),
                    delimiter: found.delimiter.as_deref().map(str::to_owned),
                    uses: found.name_attributes.iter().filter_map(use_of).collect(),
                });
            }
        })
        .await?;
        Ok(folders)
    }

    /// Header fields, or all of the header, of each of these mails.
    pub async fn heads(&mut self, uids: &[u32], field: Option<&str>) -> Result<BTreeMap<u32, Head>, Fault> {
        let heads = self.heads_of_those_there(uids, field).await?;
        match uids.iter().find(|uid| !heads.contains_key(uid)) {
            Some(uid) => Err(Fault::Broken(format!("the server does not show the header of mail {uid}"))),
            None => Ok(heads),
        }
    }

    /// The same, without those that have gone.
    pub async fn heads_of_those_there(
        &mut self,
        uids: &[u32],
        field: Option<&str>,
    ) -> Result<BTreeMap<u32, Head>, Fault> {
        let set = set_of(uids);
        let part = field.map(|name| format!(".FIELDS ({name})")).unwrap_or_default();
        let mut heads: BTreeMap<u32, Head> = BTreeMap::new();
        self.command(&format!("UID FETCH {set} (UID INTERNALDATE BODY.PEEK[HEADER{part}])"), |response| {
            if let Response::Fetch(_, attributes) = response
                && let Some(uid) = uid_of(attributes)
                && let Some(bytes) = attributes.iter().find_map(head_of)
            {
                let mut facts = Facts::default();
                attributes.iter().for_each(|attribute| note(&mut facts, attribute));
                heads.insert(uid, Head { bytes, received_at: facts.received_at });
            }
        })
        .await?;
        Ok(heads)
    }

    /// Puts a mail into a folder, as seen. After a fault nobody knows whether it is there.
    pub async fn append(&mut self, folder: &Folder, mail: &[u8], at: DateTime<Utc>) -> Result<(), Fault> {
        let text = std::str::from_utf8(mail).map_err(|_| Fault::No("the mail is not plain text".into()))?;
        let (name, at) = (named(quoted_as_listed(&folder.listed))?, at.format("%d-%b-%Y %H:%M:%S +0000"));
        let command = format!("APPEND {name} (\\Seen) \"{at}\" {{{}}}", mail.len());
        let id =
            in_time(self.patience.command, async { self.inner.run_command(&command).await.map_err(broken) }).await?;
        in_time(self.patience.command, async {
            loop {
                match self.next(|response| go_ahead(response, &id)).await? {
                    Some(answer) => break answer,
                    None => continue,
                }
            }
        })
        .await?;
        let patience = self.patience.command.saturating_mul(APPEND_PATIENCE);
        in_time(patience, async { self.inner.run_command_untagged(text).await.map_err(broken) }).await?;
        in_time(patience, async {
            loop {
                if let Some(ended) = self.next(|response| ended(response, &id)).await? {
                    break ended;
                }
            }
        })
        .await
    }

    /// The UIDs that fit, ascending and each once.
    pub async fn search(&mut self, criteria: &str) -> Result<Vec<u32>, Fault> {
        let mut uids = Vec::new();
        self.command(&format!("UID SEARCH {criteria}"), |response| {
            if let Response::MailboxData(MailboxDatum::Search(found)) = response {
                uids.extend(found);
            }
        })
        .await?;
        uids.sort_unstable();
        uids.dedup();
        Ok(uids)
    }

    /// Sizes and, if `with_date`, arrival times. A UID that is not in the answer has gone or is kept from us.
    pub async fn facts(&mut self, uids: &[u32], with_date: bool) -> Result<BTreeMap<u32, Facts>, Fault> {
        let date = if with_date { " INTERNALDATE" } else { "" };
        let set = set_of(uids);
        let mut all: BTreeMap<u32, Facts> = BTreeMap::new();
        self.command(&format!("UID FETCH {set} (UID RFC822.SIZE{date})"), |response| {
            if let Response::Fetch(_, attributes) = response
                && let Some(uid) = uid_of(attributes)
            {
                let facts = all.entry(uid).or_default();
                for attribute in attributes {
                    note(facts, attribute);
                }
            }
        })
        .await?;
        let asked: HashSet<u32> = uids.iter().copied().collect();
        all.retain(|uid, facts| facts.size.is_some() && asked.contains(uid));
        Ok(all)
    }

    /// The bytes of these mails without marking them as read; without those that are not in the answer.
    pub async fn bodies(&mut self, uids: &[u32]) -> Result<BTreeMap<u32, Vec<u8>>, Fault> {
        let mut bodies = BTreeMap::new();
        self.command(&format!("UID FETCH {} (UID BODY.PEEK[])", set_of(uids)), |response| {
            if let Response::Fetch(_, attributes) = response
                && let Some(uid) = uid_of(attributes)
                && let Some(body) = attributes.iter().find_map(body_of)
            {
                bodies.insert(uid, body);
            }
        })
        .await?;
        Ok(bodies)
    }

    /// The first bytes of one mail. None = not in the answer.
    pub async fn beginning(&mut self, uid: u32, bytes: u32) -> Result<Option<Vec<u8>>, Fault> {
        self.section(uid, &format!("BODY.PEEK[]<0.{bytes}>")).await
    }

    /// The bytes of one large mail in slices. None = not in the answer.
    pub async fn body(&mut self, uid: u32) -> Result<Option<Vec<u8>>, Fault> {
        let mut whole = Vec::new();
        loop {
            let part = format!("BODY.PEEK[]<{}.{}>", whole.len(), self.patience.slice);
            let Some(part) = self.section(uid, &part).await? else { return Ok(None) };
            let end = part.len() < self.patience.slice as usize;
            whole.extend(part);
            // The size is only what the server says; a short slice is the end.
            if end {
                return Ok(Some(whole));
            }
            if whole.len() as u64 > super::LARGEST {
                return Err(Fault::No("the mail is larger than the server said".into()));
            }
        }
    }

    async fn section(&mut self, uid: u32, section: &str) -> Result<Option<Vec<u8>>, Fault> {
        let mut body = None;
        self.command(&format!("UID FETCH {uid} (UID {section})"), |response| {
            if let Response::Fetch(_, attributes) = response
                && uid_of(attributes) == Some(uid)
            {
                body = attributes.iter().find_map(body_of).or(body.take());
            }
        })
        .await?;
        Ok(body)
    }

    /// Waits in IDLE until the server tells of something, at most `longest`. False = the server refuses IDLE.
    pub async fn idle(&mut self, longest: Duration) -> Result<bool, Fault> {
        let id = in_time(self.patience.command, async { self.inner.run_command("IDLE").await.map_err(broken) }).await?;
        loop {
            let answer = in_time(self.patience.idle, self.next(|response| idle_answer(response, &id))).await?;
            match answer {
                Some(true) => break,
                Some(false) => {
                    self.can_idle = false;
                    return Ok(false);
                }
                None => {}
            }
        }
        let end = Instant::now() + longest;
        while let Ok(sign_of_life) = timeout_at(end, self.next(is_sign_of_life)).await {
            if !sign_of_life? {
                break;
            }
        }
        let done = async { self.inner.run_command_untagged("DONE").await.map_err(broken) };
        in_time(self.patience.done, done).await?;
        in_time(self.patience.done, async {
            loop {
                if let Some(ended) = self.next(|response| ended(response, &id)).await? {
                    return ended.map(|()| true);
                }
            }
        })
        .await
    }

    /// Says goodbye; the answer does not matter.
    pub async fn close(mut self) {
        let _ = timeout(self.patience.done, self.inner.run_command("LOGOUT")).await;
    }

    /// Runs a command, shows each response, and returns only on its own tagged OK.
    async fn command(&mut self, command: &str, mut each: impl FnMut(&Response<'_>)) -> Result<(), Fault> {
        let id =
            in_time(self.patience.command, async { self.inner.run_command(command).await.map_err(broken) }).await?;
        in_time(self.patience.command, async {
            loop {
                let seen = self.next(|response| {
                    each(response);
                    ended(response, &id)
                });
                if let Some(ended) = seen.await? {
                    return ended;
                }
            }
        })
        .await
    }

    async fn next<T>(&mut self, see: impl FnOnce(&Response<'_>) -> T) -> Result<T, Fault> {
        let response = self.inner.read_response().await.map_err(broken)?;
        let response = response.ok_or_else(|| Fault::Broken("the server closed the connection".into()))?;
        match response.parsed() {
            Response::Data { status: Status::Bye, .. } => Err(Fault::Broken("the server says goodbye".into())),
            response => Ok(see(response)),
        }
    }
}

/// `1:3,7`: as short as it can be, since servers take lines of 8,000 bytes only (RFC 7162 4).
pub(super) fn set_of(uids: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &uid in uids {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(uid) => *last = uid,
            _ => runs.push((uid, uid)),
        }
    }
    let run = |(first, last): &(u32, u32)| if first == last { first.to_string() } else { format!("{first}:{last}") };
    runs.iter().map(run).collect::<Vec<_>>().join(",")
}

pub(super) async fn in_time<T>(patience: Duration, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    timeout(patience, work).await.unwrap_or_else(|_| Err(Fault::Broken(format!("no answer within {patience:?}"))))
}

/// The library's texts hold what the server sent (mail, perhaps): only the kind of fault is told.
pub(super) fn broken(e: impl Into<async_imap::error::Error>) -> Fault {
    use async_imap::error::Error;
    Fault::Broken(match e.into() {
        Error::Io(e) if e.kind() == std::io::ErrorKind::Other => "the server's answer cannot be read".into(),
        Error::Io(e) => format!("the connection broke ({})", e.kind()),
        Error::ConnectionLost => "the server closed the connection".into(),
        _ => "the server's answer cannot be read".into(),
    })
}

fn no_line(fault: NoLine) -> Fault {
    if fault.lasting { Fault::Login(fault.reason) } else { Fault::Broken(fault.reason) }
}

/// Read to the byte. PREAUTH would mean that we read somebody's mailbox without having said who we are; before STARTTLS
/// it is also how an attacker keeps us from TLS.
async fn greeting(line: &mut Line) -> Result<(), Fault> {
    let greeting = read_line(line).await?.to_ascii_uppercase();
    if greeting.starts_with(b"* PREAUTH") {
        return Err(Fault::Login("the server logs us in without a password, which is refused".into()));
    }
    if greeting.starts_with(b"* OK") { Ok(()) } else { Err(Fault::Broken("the server does not greet".into())) }
}

fn named(quoted: Option<String>) -> Result<String, Fault> {
    quoted.ok_or_else(|| Fault::No("the folder's name holds a control character".into()))
}

fn use_of(attribute: &NameAttribute<'_>) -> Option<Use> {
    match attribute {
        NameAttribute::Sent => Some(Use::Sent),
        NameAttribute::All => Some(Use::All),
        NameAttribute::Junk => Some(Use::Junk),
        _ => None,
    }
}

/// The server waits for the mail, or ends the command.
fn go_ahead(response: &Response<'_>, id: &RequestId) -> Option<Result<(), Fault>> {
    match response {
        Response::Continue(_) => Some(Ok(())),
        response => ended(response, id).map(|ended| match ended {
            Ok(()) => Err(Fault::Broken("the server ends the command before it had the mail".into())),
            refused => refused,
        }),
    }
}

fn ended(response: &Response<'_>, id: &RequestId) -> Option<Result<(), Fault>> {
    match response {
        Response::Done { tag, status, outcome } if tag == id => Some(match status {
            Status::Ok => Ok(()),
            _ => Err(Fault::No(outcome.information.as_deref().unwrap_or("refused").chars().take(200).collect())),
        }),
        _ => None,
    }
}

/// Some(true) = the server waits with us, Some(false) = it will not.
fn idle_answer(response: &Response<'_>, id: &RequestId) -> Option<bool> {
    match response {
        Response::Continue(_) => Some(true),
        Response::Done { tag, .. } if tag == id => Some(false),
        _ => None,
    }
}

/// `* OK Still here`: no news.
fn is_sign_of_life(response: &Response<'_>) -> bool {
    matches!(response, Response::Data { status: Status::Ok, .. })
}

fn uid_of(attributes: &[AttributeValue<'_>]) -> Option<u32> {
    attributes.iter().find_map(|attribute| if let AttributeValue::Uid(uid) = attribute { Some(*uid) } else { None })
}

fn note(facts: &mut Facts, attribute: &AttributeValue<'_>) {
    match attribute {
        AttributeValue::Rfc822Size(size) => facts.size = Some(*size),
        AttributeValue::InternalDate(date) => {
            let date = DateTime::parse_from_str(date.trim(), "%d-%b-%Y %H:%M:%S %z");
            facts.received_at = date.ok().map(|date| date.to_utc());
        }
        _ => {}
    }
}

fn body_of(attribute: &AttributeValue<'_>) -> Option<Vec<u8>> {
    match attribute {
        AttributeValue::BodySection { section: None, data, .. } => data.as_ref().map(|data| data.to_vec()),
        _ => None,
    }
}

fn head_of(attribute: &AttributeValue<'_>) -> Option<Vec<u8>> {
    match attribute {
        // NIL stands for nothing there.
        AttributeValue::BodySection { section: Some(_), data, .. } => Some(data.as_deref().unwrap_or(b"").to_vec()),
        _ => None,
    }
}

/// The words between the greeting and TLS, read to the byte: whatever comes after the server's "ready" and before the handshake
/// would be believed as if it had been secured.
async fn start_tls(server: &Server, line: Line, patience: Duration) -> Result<Line, Fault> {
    let Line::Clear(mut line) = line else { return Err(Fault::Broken("the line is secured already".into())) };
    line.write_all(b"S1 STARTTLS\r\n").await.map_err(broken)?;
    loop {
        let answer = read_line(&mut line).await?;
        match answer.strip_prefix(b"S1 ") {
            Some(answer) if answer.starts_with(b"OK") => break,
            Some(_) => {
                let why = "the server does not offer STARTTLS, so nothing is said to it in the clear";
                return Err(Fault::Login(why.into()));
            }
            None if answer.starts_with(b"* ") => {}
            None => return Err(Fault::Broken("the server's answer cannot be read".into())),
        }
    }
    server.secure(line, patience).await.map_err(no_line)
}

/// One byte at a time, so that nothing beyond the line is taken from the socket.
pub(super) async fn read_line(line: &mut (impl AsyncRead + Unpin)) -> Result<Vec<u8>, Fault> {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n") {
        let closed = |_| Fault::Broken("the server closed the connection".into());
        text.push(line.read_u8().await.map_err(closed)?);
        if text.len() > 4096 {
            return Err(Fault::Broken("the server's answer cannot be read".into()));
        }
    }
    Ok(text)
}
