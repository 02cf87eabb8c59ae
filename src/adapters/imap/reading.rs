//! What is new in the folders. Oldest first, those whom a debtor may have written before all others where much waits, and
//! with no mail left out silently.

use super::copies::sent_of;
use super::fetching::Haul;
use super::session::{Examined, Fault, Folder};
use super::todo::Todo;
use super::{Imap, MailKey};
use crate::ports::KnownMail;
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;
use tokio::time::Instant;

/// How far back a folder is read that is new to us or has been renumbered.
const BACK: TimeDelta = TimeDelta::days(90);
/// How often everything of the last 90 days is compared with what is stored.
pub(super) const SWEEP: TimeDelta = TimeDelta::hours(24);
/// More than so many new mails in a folder are put in order first.
const MANY: usize = 200;
/// Headers are asked of so many mails at once.
const HEADS_AT_ONCE: usize = 500;
/// The fields that tell whose mail it may be.
const TRACES: &str = "FROM REPLY-TO TO CC SUBJECT MESSAGE-ID IN-REPLY-TO REFERENCES";
/// How often the server is asked which folder is the one for sent mail: many programs make it with the first mail.
const LIST_ANEW: Duration = Duration::from_secs(3600);
/// After so many sessions that ended over this question it is not asked any more.
const LISTINGS: u8 = 3;

/// The folder for sent mail, as far as that is known.
#[derive(Debug, Default)]
pub(super) struct SentFolder {
    told: Option<(Instant, Option<Folder>)>,
    /// The question is being asked.
    pub asking: bool,
    /// Sessions that ended over it.
    pub failed: u8,
}

/// A folder that is read.
pub(super) struct Place<'a> {
    /// For people.
    pub name: &'a str,
    pub sent: bool,
}

impl Imap {
    /// Adds what is new to `haul`; true if that was all.
    pub(super) async fn read_all(&mut self, known: &dyn KnownMail, haul: &mut Haul) -> Result<bool, Fault> {
        self.session().await?;
        let sent = self.sent_folder().await?;
        let mut complete = true;
        for name in self.folders.clone() {
            if sent.as_ref().is_none_or(|sent| sent.name != name) {
                let opened = self.session().await?.examine(&name).await;
                complete &= self.read_opened(&Place { name: &name, sent: false }, opened, known, haul).await?;
            }
        }
        if let Some(folder) = sent {
            let opened = self.session().await?.examine_listed(&folder).await;
            complete &= self.read_opened(&Place { name: &folder.name, sent: true }, opened, known, haul).await?;
        }
        Ok(complete)
    }

    /// A server that cannot tell it, or tells it in a way that breaks the session, must not make us deaf.
    async fn sent_folder(&mut self) -> Result<Option<Folder>, Fault> {
        match &self.sent.told {
            Some((at, folder)) if at.elapsed() < LIST_ANEW => return Ok(folder.clone()),
            _ if self.sent.failed >= LISTINGS => return Ok(None),
            _ => {}
        }
        self.sent.asking = true;
        let listed = match self.session().await?.list().await {
            Ok(listed) => listed,
            Err(Fault::No(why)) => {
                tracing::warn!(why, "the server does not list its folders: sent mail is not read");
                Vec::new()
            }
            Err(fault) => return Err(fault),
        };
        (self.sent.asking, self.sent.failed) = (false, 0);
        // Where the named one is missing, who looks for copies says so; what came in is read all the same.
        let found = sent_of(&listed, self.sent_name.as_deref()).ok().flatten();
        let found = found.filter(|folder| !folder.name.eq_ignore_ascii_case("INBOX")).cloned();
        self.sent.told = Some((Instant::now(), found.clone()));
        Ok(found)
    }

    async fn read_opened(
        &mut self,
        place: &Place<'_>,
        opened: Result<Examined, Fault>,
        known: &dyn KnownMail,
        haul: &mut Haul,
    ) -> Result<bool, Fault> {
        let is_inbox = place.name.eq_ignore_ascii_case("INBOX");
        match opened {
            Ok(examined) => {
                self.missing.remove(place.name);
                let all = self.read_folder(place, examined, known, haul).await?;
                if is_inbox {
                    self.inbox = all.then_some(examined);
                }
                Ok(all)
            }
            Err(Fault::No(why)) if is_inbox => Err(Fault::Login(format!("INBOX cannot be opened: {why}"))),
            // Answers may lie in it.
            Err(Fault::No(why)) if !place.sent && (known.knows(place.name) || self.is_listed(place.name).await?) => {
                Err(Fault::Broken(format!("the folder {} cannot be opened: {why}", place.name)))
            }
            Err(Fault::No(why)) => {
                self.miss(place.name, &why);
                Ok(true)
            }
            Err(fault) => Err(fault),
        }
    }

    /// The server has a folder of this name. One that does not list its folders may have it.
    async fn is_listed(&mut self, name: &str) -> Result<bool, Fault> {
        match self.session().await?.list().await {
            Ok(folders) => Ok(folders.iter().any(|folder| folder.name == name)),
            Err(Fault::No(_)) => Ok(true),
            Err(fault) => Err(fault),
        }
    }

    fn miss(&mut self, folder: &str, why: &str) {
        if self.missing.insert(folder.to_owned()) {
            tracing::warn!(folder, why, "this folder cannot be opened and is not read");
        }
    }

    /// What was listed at an earlier look is fetched first; then the folder is asked again, if it has changed since.
    async fn read_folder(
        &mut self,
        place: &Place<'_>,
        examined: Examined,
        known: &dyn KnownMail,
        haul: &mut Haul,
    ) -> Result<bool, Fault> {
        loop {
            let earlier = self.todo.remove(place.name).filter(|todo| todo.listed.uidvalidity == examined.uidvalidity);
            let mut todo = match earlier {
                Some(todo) => todo,
                None => self.list_new(place, examined, known).await?,
            };
            while !todo.is_empty() {
                if haul.is_full() {
                    self.todo.insert(place.name.to_owned(), todo);
                    return Ok(false);
                }
                self.fetch_some(place, &mut todo, haul).await?;
            }
            if todo.sweeps {
                self.swept.insert((place.name.to_owned(), examined.uidvalidity), self.clock.now());
            }
            if todo.listed == examined {
                return Ok(true);
            }
            // What is not stored yet would be listed once more.
            if !haul.mails.is_empty() {
                return Ok(false);
            }
        }
    }

    /// The mails of this folder that are not stored.
    async fn list_new(&mut self, place: &Place<'_>, examined: Examined, known: &dyn KnownMail) -> Result<Todo, Fault> {
        let Examined { uidvalidity, uidnext, exists } = examined;
        let now = self.clock.now();
        let swept = self.swept.get(&(place.name.to_owned(), uidvalidity));
        let sweeps = swept.is_none_or(|at| (now - at).abs() >= SWEEP);
        let uids = match (known.cursor(place.name, uidvalidity), uidnext) {
            _ if exists == 0 => Vec::new(),
            // New to us, or time for the nightly comparison.
            (cursor @ None, _) => self.all(now, cursor).await?,
            (cursor, _) if sweeps => self.all(now, cursor).await?,
            // Renumbered without a word.
            (Some(cursor), Some(next)) if next <= cursor => self.all(now, Some(cursor)).await?,
            (Some(cursor), Some(next)) if next == cursor.saturating_add(1) => Vec::new(),
            (Some(cursor), _) => self.beyond(cursor).await?,
        };
        let key = |uid| MailKey { folder: place.name.to_owned(), uidvalidity, uid, name: String::new() };
        let new = known.unknown(uids.into_iter().map(key).collect());
        let todo = Todo::new(examined, sweeps, new.into_iter().map(|key| key.uid));
        if todo.len() <= MANY || place.sent || self.order_broke {
            return Ok(todo);
        }
        self.ordering = true;
        let todo = self.in_order(todo, known).await?;
        self.ordering = false;
        Ok(todo)
    }

    /// Those that a debtor may have written come first: a flood must not keep us from them.
    async fn in_order(&mut self, todo: Todo, known: &dyn KnownMail) -> Result<Todo, Fault> {
        let mut awaited = Vec::new();
        for uids in todo.uids().chunks(HEADS_AT_ONCE) {
            let heads = self.session().await?.heads_of_those_there(uids, Some(TRACES)).await?;
            let (uids, heads): (Vec<u32>, Vec<Vec<u8>>) =
                heads.into_iter().map(|(uid, head)| (uid, head.bytes)).unzip();
            let told = known.awaited(heads);
            awaited.extend(uids.into_iter().zip(told).filter(|(_, is_awaited)| *is_awaited).map(|(uid, _)| uid));
        }
        Ok(todo.with_first(&awaited))
    }

    /// Everything of the last 90 days, and whatever came after the cursor with an older date (moved here, say).
    async fn all(&mut self, now: DateTime<Utc>, cursor: Option<u32>) -> Result<Vec<u32>, Fault> {
        let day = (now - BACK).format("%-d-%b-%Y");
        let beyond = cursor.map(|cursor| format!("{}:", cursor.saturating_add(1))).unwrap_or_default();
        self.search(&format!("OR SINCE {day} UID {beyond}*")).await
    }

    async fn beyond(&mut self, cursor: u32) -> Result<Vec<u32>, Fault> {
        let found = self.search(&format!("UID {}:*", cursor.saturating_add(1))).await?;
        Ok(found.into_iter().filter(|&uid| uid > cursor).collect())
    }

    /// Our searches in a folder with mails all name `*`, the last mail (RFC 3501 6.4.8): an empty answer is no answer.
    async fn search(&mut self, criteria: &str) -> Result<Vec<u32>, Fault> {
        let found = self.session().await?.search(criteria).await?;
        if found.is_empty() {
            return Err(Fault::Broken("the server's search contradicts its count of mails".into()));
        }
        Ok(found)
    }
}
