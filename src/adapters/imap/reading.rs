//! What is new in the folders, and its bytes. Oldest first, with no mail left out silently: one that cannot be fetched
//! stops its folder until it is given up, and is then told.

use super::session::{Examined, Facts, Fault};
use super::{Imap, LARGEST};
use crate::ports::{Fetched, KnownMail, MailKey};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, HashSet};

/// Bytes of mail in one look; the rest waits for the next.
const LOOK: usize = 64 * 1024 * 1024;
/// Facts are asked for so many mails at once.
const CHUNK: usize = 20;
/// After so many failures a mail is given up and told as unreadable.
const TRIES: u8 = 5;
/// How far back a folder is read that is new to us or has been renumbered.
const BACK: TimeDelta = TimeDelta::days(90);
/// How often everything of the last 90 days is compared with what is stored.
pub(super) const SWEEP: TimeDelta = TimeDelta::hours(24);

impl Imap {
    /// Adds what is new to `mails`; true if that was all.
    pub(super) async fn read_all(
        &mut self,
        known: &dyn KnownMail,
        limit: usize,
        mails: &mut Vec<Fetched>,
    ) -> Result<bool, Fault> {
        self.session().await?;
        let mut complete = true;
        for folder in self.folders.clone() {
            match self.session().await?.examine(&folder).await {
                Ok(examined) => {
                    self.missing.remove(&folder);
                    let all = self.read_folder(&folder, examined, known, limit, mails).await?;
                    self.remember(&folder, examined, all);
                    complete &= all;
                }
                Err(Fault::No(why)) if folder.eq_ignore_ascii_case("INBOX") => {
                    return Err(Fault::Login(format!("INBOX cannot be opened: {why}")));
                }
                // Answers may lie in it.
                Err(Fault::No(why)) if known.knows(&folder) || self.is_listed(&folder).await? => {
                    return Err(Fault::Broken(format!("the folder {folder} cannot be opened: {why}")));
                }
                Err(Fault::No(why)) => self.miss(&folder, &why),
                Err(fault) => return Err(fault),
            }
        }
        Ok(complete)
    }

    fn remember(&mut self, folder: &str, examined: Examined, all: bool) {
        if folder.eq_ignore_ascii_case("INBOX") {
            self.inbox = all.then_some(examined);
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

    async fn read_folder(
        &mut self,
        folder: &str,
        examined: Examined,
        known: &dyn KnownMail,
        limit: usize,
        mails: &mut Vec<Fetched>,
    ) -> Result<bool, Fault> {
        let (wanted, sweep) = self.wanted(folder, examined, known).await?;
        let mut facts: BTreeMap<u32, Facts> = BTreeMap::new();
        let mut vanished: HashSet<u32> = HashSet::new();
        for (i, key) in wanted.iter().enumerate() {
            if mails.len() >= limit || mails.iter().map(size_of).sum::<usize>() >= LOOK {
                return Ok(false);
            }
            if !facts.contains_key(&key.uid) && !vanished.contains(&key.uid) && !self.is_given_up(key) {
                let chunk = self.chunk(wanted.get(i..).unwrap_or_default());
                vanished.extend(self.fetch_facts(&chunk, &mut facts).await?);
            }
            if let Some(mail) = self.fetch(key, facts.get(&key.uid).copied()).await? {
                mails.push(mail);
            }
        }
        if sweep {
            self.swept.insert((folder.to_owned(), examined.uidvalidity), self.clock.now());
        }
        Ok(true)
    }

    /// The mails of this folder that are not stored, oldest first; and whether all of the last 90 days was compared.
    async fn wanted(
        &mut self,
        folder: &str,
        examined: Examined,
        known: &dyn KnownMail,
    ) -> Result<(Vec<MailKey>, bool), Fault> {
        let Examined { uidvalidity, uidnext, exists } = examined;
        let now = self.clock.now();
        let swept = self.swept.get(&(folder.to_owned(), uidvalidity));
        let sweep = swept.is_none_or(|at| (now - at).abs() >= SWEEP);
        let uids = match (known.cursor(folder, uidvalidity), uidnext) {
            _ if exists == 0 => Vec::new(),
            // New to us, or time for the nightly comparison.
            (cursor @ None, _) => self.all(now, cursor).await?,
            (cursor, _) if sweep => self.all(now, cursor).await?,
            // Renumbered without a word.
            (Some(cursor), Some(next)) if next <= cursor => self.all(now, Some(cursor)).await?,
            (Some(cursor), Some(next)) if next == cursor.saturating_add(1) => Vec::new(),
            (Some(cursor), _) => self.beyond(cursor).await?,
        };
        let key = |uid| MailKey { folder: folder.into(), uidvalidity, uid, name: String::new() };
        Ok((uids.into_iter().map(key).filter(|key| !known.has(key)).collect(), sweep))
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

    /// Mails to ask facts of together. One that failed before is asked alone, so that only it is to blame.
    fn chunk(&self, wanted: &[MailKey]) -> Vec<MailKey> {
        let troubled = |key: &MailKey| self.failures.contains_key(key);
        match wanted.first() {
            Some(first) if troubled(first) => vec![first.clone()],
            _ => wanted.iter().take(CHUNK).take_while(|key| !troubled(key)).cloned().collect(),
        }
    }

    /// Returns the UIDs that are no longer there.
    async fn fetch_facts(&mut self, chunk: &[MailKey], facts: &mut BTreeMap<u32, Facts>) -> Result<Vec<u32>, Fault> {
        self.in_hand = chunk.first().cloned();
        // A date that the library cannot read must not cost us the mail.
        let with_date = self.in_hand.as_ref().is_none_or(|key| self.failures.get(key).copied().unwrap_or(0) < 2);
        let uids: Vec<u32> = chunk.iter().map(|key| key.uid).collect();
        let session = self.session().await?;
        let answer = session.facts(&uids, with_date).await?;
        let absent: Vec<u32> = uids.iter().copied().filter(|uid| !answer.contains_key(uid)).collect();
        facts.extend(answer);
        if absent.is_empty() {
            self.in_hand = None;
            return Ok(absent);
        }
        let set = absent.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let still_there = session.search(&format!("UID {set}")).await?;
        match still_there.first() {
            None => {
                self.in_hand = None;
                Ok(absent)
            }
            Some(uid) => {
                self.in_hand = chunk.iter().find(|key| key.uid == *uid).cloned();
                Err(Fault::Broken(format!("the server keeps mail {uid} from us")))
            }
        }
    }

    fn is_given_up(&self, key: &MailKey) -> bool {
        self.failures.get(key).is_some_and(|&failures| failures >= TRIES)
    }

    /// None = it has gone since the search.
    async fn fetch(&mut self, key: &MailKey, facts: Option<Facts>) -> Result<Option<Fetched>, Fault> {
        let told = |body, received_at| Some(Fetched { key: key.clone(), body, received_at });
        if self.is_given_up(key) {
            return Ok(told(Err(format!("mail {} could not be fetched in {TRIES} tries", key.uid)), None));
        }
        let Some(Facts { size: Some(size), received_at }) = facts else { return Ok(None) };
        if u64::from(size) > LARGEST {
            let reason = format!("it is too large ({} MiB; at most 25 MiB is read)", size.div_ceil(1024 * 1024));
            return Ok(told(Err(reason), received_at));
        }
        self.in_hand = Some(key.clone());
        let session = self.session().await?;
        let body = session.body(key.uid, size).await?;
        if body.is_none() && !session.search(&format!("UID {}", key.uid)).await?.is_empty() {
            return Err(Fault::Broken(format!("the server keeps mail {} from us", key.uid)));
        }
        self.in_hand = None;
        self.failures.remove(key);
        Ok(body.and_then(|body| told(Ok(body), received_at)))
    }
}

fn size_of(mail: &Fetched) -> usize {
    mail.body.as_ref().map_or(0, Vec::len)
}
