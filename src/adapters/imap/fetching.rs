//! The bytes of mails: many small ones at once, large ones in slices, and of huge ones the beginning. One that cannot be
//! fetched stops its folder until it is given up, and is then told.

use super::reading::Place;
use super::session::{Facts, Fault, set_of};
use super::todo::Todo;
use super::{Imap, LARGEST};
use crate::ports::{Fetched, MailKey, Unfetched};
use chrono::{DateTime, Utc};

/// Bytes of mail in one look; the rest waits for the next.
const LOOK: usize = 64 * 1024 * 1024;
/// Facts are asked for so many mails at once.
const FACTS_AT_ONCE: usize = 200;
/// Small mails come together, so many and with so many bytes at most.
const MAILS_AT_ONCE: usize = 100;
const BYTES_AT_ONCE: u32 = 1024 * 1024;
/// After so many failures a mail is given up and told as unreadable.
const TRIES: u8 = 5;
/// Of a mail that is too large so many bytes are kept: its head and, mostly, its text.
const BEGINNING: u32 = 1024 * 1024;

/// What one look brings home.
#[derive(Debug, Default)]
pub(super) struct Haul {
    pub mails: Vec<Fetched>,
    limit: usize,
    bytes: usize,
}

impl Haul {
    pub fn of(limit: usize) -> Haul {
        Haul { limit, ..Haul::default() }
    }

    pub fn is_full(&self) -> bool {
        self.mails.len() >= self.limit || self.bytes >= LOOK
    }

    fn room(&self) -> usize {
        self.limit.saturating_sub(self.mails.len())
    }

    fn put(&mut self, mail: Fetched) {
        self.bytes += match &mail.body {
            Ok(bytes) => bytes.len(),
            Err(unfetched) => unfetched.beginning.len(),
        };
        self.mails.push(mail);
    }
}

impl Imap {
    /// The next mails of the list, one at least unless it has gone.
    pub(super) async fn fetch_some(
        &mut self,
        place: &Place<'_>,
        todo: &mut Todo,
        haul: &mut Haul,
    ) -> Result<(), Fault> {
        let Some(&uid) = todo.next(1).first() else { return Ok(()) };
        let key = self.key(place, todo, uid);
        if self.is_given_up(&key) {
            let why = format!("mail {uid} could not be fetched in {TRIES} tries");
            self.put(place, todo, haul, uid, Err(why.into()), None);
            return Ok(());
        }
        if !todo.facts.contains_key(&uid) {
            let chunk = self.chunk(place, todo);
            self.fetch_facts(place, todo, &chunk).await?;
        }
        // Not there any more.
        let Some(&facts) = todo.facts.get(&uid) else {
            todo.take_next();
            return Ok(());
        };
        match facts.size.unwrap_or_default() {
            size if u64::from(size) > LARGEST => self.fetch_beginning(place, todo, haul, uid, size, facts).await,
            size if size > self.patience.slice => self.fetch_large(place, todo, haul, uid, facts).await,
            _ => self.fetch_small(place, todo, haul).await,
        }
    }

    fn key(&self, place: &Place<'_>, todo: &Todo, uid: u32) -> MailKey {
        let (folder, uidvalidity) = (place.name.to_owned(), todo.listed.uidvalidity);
        MailKey { folder, uidvalidity, uid, name: String::new() }
    }

    fn put(
        &mut self,
        place: &Place<'_>,
        todo: &mut Todo,
        haul: &mut Haul,
        uid: u32,
        body: Result<Vec<u8>, Unfetched>,
        received_at: Option<DateTime<Utc>>,
    ) {
        let key = self.key(place, todo, uid);
        if body.is_ok() {
            self.failures.remove(&key);
        }
        let ahead = todo.take_next();
        haul.put(Fetched { key, body, received_at, sent: place.sent, ahead });
    }

    fn is_given_up(&self, key: &MailKey) -> bool {
        self.failures.get(key).is_some_and(|&failures| failures >= TRIES)
    }

    /// One that was part of what failed is asked alone, so that only it is to blame.
    fn is_troubled(&self, place: &Place<'_>, todo: &Todo, uid: u32) -> bool {
        !self.failures.is_empty() && self.failures.contains_key(&self.key(place, todo, uid))
    }

    /// Mails to ask facts of together.
    fn chunk(&self, place: &Place<'_>, todo: &Todo) -> Vec<u32> {
        let next = todo.next(FACTS_AT_ONCE);
        let alone = next.first().is_some_and(|&uid| self.is_troubled(place, todo, uid));
        let together = next.iter().copied().take_while(|&uid| !self.is_troubled(place, todo, uid));
        if alone { next.into_iter().take(1).collect() } else { together.collect() }
    }

    async fn fetch_facts(&mut self, place: &Place<'_>, todo: &mut Todo, uids: &[u32]) -> Result<(), Fault> {
        self.in_hand = uids.iter().map(|&uid| self.key(place, todo, uid)).collect();
        // A date that the library cannot read must not cost us the mail.
        let with_date = !self.in_hand.iter().any(|key| self.failures.get(key).is_some_and(|&failures| failures >= 2));
        let answer = self.session().await?.facts(uids, with_date).await?;
        let absent: Vec<u32> = uids.iter().copied().filter(|uid| !answer.contains_key(uid)).collect();
        self.must_be_gone(place, todo, &absent).await?;
        todo.facts.extend(answer);
        self.in_hand.clear();
        Ok(())
    }

    /// A mail that is not in the answer has gone since the search, or the server keeps it from us.
    async fn must_be_gone(&mut self, place: &Place<'_>, todo: &Todo, uids: &[u32]) -> Result<(), Fault> {
        if uids.is_empty() {
            return Ok(());
        }
        let still_there = self.session().await?.search(&format!("UID {}", set_of(uids))).await?;
        match still_there.first() {
            None => Ok(()),
            Some(&uid) => {
                self.in_hand = vec![self.key(place, todo, uid)];
                Err(Fault::Broken(format!("the server keeps mail {uid} from us")))
            }
        }
    }

    /// As many of the next ones as fit together.
    async fn fetch_small(&mut self, place: &Place<'_>, todo: &mut Todo, haul: &mut Haul) -> Result<(), Fault> {
        let mut uids: Vec<u32> = Vec::new();
        let mut bytes = 0u32;
        for uid in todo.next(haul.room().min(MAILS_AT_ONCE)) {
            let Some(size) = todo.facts.get(&uid).and_then(|facts| facts.size) else { break };
            bytes = bytes.saturating_add(size);
            let fits = bytes <= BYTES_AT_ONCE.min(self.patience.slice) && !self.is_troubled(place, todo, uid);
            if !uids.is_empty() && !fits {
                break;
            }
            uids.push(uid);
            if self.is_troubled(place, todo, uid) {
                break;
            }
        }
        self.in_hand = uids.iter().map(|&uid| self.key(place, todo, uid)).collect();
        let mut bodies = self.session().await?.bodies(&uids).await?;
        let absent: Vec<u32> = uids.iter().copied().filter(|uid| !bodies.contains_key(uid)).collect();
        self.must_be_gone(place, todo, &absent).await?;
        self.in_hand.clear();
        for uid in uids {
            let received_at = todo.facts.get(&uid).and_then(|facts| facts.received_at);
            match bodies.remove(&uid) {
                Some(body) => self.put(place, todo, haul, uid, Ok(body), received_at),
                None => drop(todo.take_next()),
            }
        }
        Ok(())
    }

    async fn fetch_large(
        &mut self,
        place: &Place<'_>,
        todo: &mut Todo,
        haul: &mut Haul,
        uid: u32,
        facts: Facts,
    ) -> Result<(), Fault> {
        self.in_hand = vec![self.key(place, todo, uid)];
        let body = self.session().await?.body(uid).await?;
        self.hand_over(place, todo, haul, uid, body.map(Ok), facts).await
    }

    /// Whom a huge mail names must be known, for their letters wait.
    async fn fetch_beginning(
        &mut self,
        place: &Place<'_>,
        todo: &mut Todo,
        haul: &mut Haul,
        uid: u32,
        size: u32,
        facts: Facts,
    ) -> Result<(), Fault> {
        self.in_hand = vec![self.key(place, todo, uid)];
        let why = format!("it is too large ({} MiB; at most 25 MiB is read)", size.div_ceil(1024 * 1024));
        let beginning = self.session().await?.beginning(uid, BEGINNING).await?;
        let body = beginning.map(|beginning| Err(Unfetched { why, beginning }));
        self.hand_over(place, todo, haul, uid, body, facts).await
    }

    async fn hand_over(
        &mut self,
        place: &Place<'_>,
        todo: &mut Todo,
        haul: &mut Haul,
        uid: u32,
        body: Option<Result<Vec<u8>, Unfetched>>,
        facts: Facts,
    ) -> Result<(), Fault> {
        match body {
            Some(body) => self.put(place, todo, haul, uid, body, facts.received_at),
            None => {
                self.must_be_gone(place, todo, &[uid]).await?;
                todo.take_next();
            }
        }
        self.in_hand.clear();
        Ok(())
    }
}
