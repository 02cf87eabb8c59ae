//! Copies of our own mails in the mailbox: those of unknown fate are looked for, and those that were sent are put into
//! Sent where the provider does not do it. A copy is kept only after `sent` is on the disk, so that it never proves
//! anything false; nothing that fails here disturbs the sending.

use super::evidence::{Missing, Seen, is_due};
use super::house::House;
use super::writer::Writer;
use crate::config::{KeepCopy, Mailbox, Outgoing};
use crate::mail::own::head_of;
use crate::ports::{Copies, MailboxFault, Places};
use crate::store::OutboxRow;
use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};

/// Minutes after a letter was sent at which its copy is looked for in Sent, and put there. The provider has two minutes
/// to do it itself; after the last one it is given up.
const TRIES: [i64; 5] = [2, 10, 60, 360, 1440];

/// A letter that was sent, whose copy is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ToKeep {
    id: String,
    message_id: String,
    sent_at: DateTime<Utc>,
}

/// What became of a copy.
enum Kept {
    /// It was there: the provider, or an earlier try of ours, put it there.
    Found(String),
    Put,
    /// It cannot be kept, today or tomorrow.
    Never(&'static str),
    Failed(String),
}

/// Everything that is due now. The inner fault is the mailbox's: what was not done is due again.
pub async fn tend(writer: &Writer, copies: &mut dyn Copies) -> Result<Result<(), MailboxFault>> {
    let missing = writer.call(|house| house.missing()).await?;
    let to_keep = writer.call(|house| house.copies_to_keep()).await?;
    if missing.is_empty() && to_keep.is_empty() {
        return Ok(Ok(()));
    }
    let done = work(writer, copies, missing, to_keep).await?;
    copies.rest().await;
    if let Err(fault) = &done {
        let why = format!("copies of letters: {fault}");
        writer.call(move |house| house.places_failed(&why)).await?;
    }
    Ok(done)
}

async fn work(
    writer: &Writer,
    copies: &mut dyn Copies,
    missing: Vec<Missing>,
    to_keep: Vec<ToKeep>,
) -> Result<Result<(), MailboxFault>> {
    let places = match copies.places().await {
        Ok(places) => places,
        Err(fault) => return Ok(Err(fault)),
    };
    for Missing { id, message_id } in missing {
        match copies.find(&message_id).await {
            Ok(Some(copy)) => {
                let seen = Seen::in_folder(&copy);
                tracing::info!(mail = %id, place = %seen.place, "a copy was found: it was sent");
                writer.call(move |house| house.was_seen(&id, &seen)).await?;
            }
            Ok(None) => {
                let places = places.clone();
                writer.call(move |house| house.was_not_seen(&id, &places)).await?;
            }
            Err(fault) => return Ok(Err(fault)),
        }
    }
    for letter in to_keep {
        let (kept, fault) = match keep(writer, copies, &letter, &places).await? {
            Ok(kept) => (kept, None),
            Err(fault) => (Kept::Failed(fault.to_string()), Some(fault)),
        };
        writer.call(move |house| house.copy_was_kept(&letter, &kept)).await?;
        if let Some(fault) = fault {
            return Ok(Err(fault));
        }
    }
    writer.call(move |house| house.remember_places(&places)).await?;
    Ok(Ok(()))
}

/// Looks first, always: a try that broke off may have put it there. An own copy that came in is not the one that
/// belongs in Sent.
async fn keep(
    writer: &Writer,
    copies: &mut dyn Copies,
    letter: &ToKeep,
    places: &Places,
) -> Result<Result<Kept, MailboxFault>> {
    if places.sent.is_none() {
        return Ok(Ok(Kept::Never("there is none in the mailbox")));
    }
    let belongs = |folder: &String| places.sent.iter().chain(&places.everything).any(|place| place == folder);
    match copies.find(&letter.message_id).await {
        Ok(Some(copy)) if belongs(&copy.key.folder) => return Ok(Ok(Kept::Found(Seen::in_folder(&copy).place))),
        Ok(Some(_) | None) => {}
        Err(fault) => return Ok(Err(fault)),
    }
    let id = letter.id.clone();
    let bytes = writer.call(move |house| Ok(house.store.outbox_bytes(&id)?)).await?;
    let bytes = bytes.context("the bytes of a mail are gone")?;
    if head_of(&bytes).len() == bytes.len() {
        return Ok(Ok(Kept::Never("after a restore only its header is known")));
    }
    Ok(copies.keep(&bytes, letter.sent_at).await.map(|()| Kept::Put))
}

impl House {
    /// Letters that were sent, whose copy is not where it belongs yet and may be put there now.
    fn copies_to_keep(&mut self) -> Result<Vec<ToKeep>> {
        if !self.keeps_copies() {
            // Switched on again, it begins with the letters of that day.
            if self.memo("copies_from")?.is_some() {
                self.transact(|house| house.set_memo("copies_from", ""))?;
            }
            return Ok(Vec::new());
        }
        let now = self.now();
        let Some(from) = self.moment("copies_from")? else {
            self.transact(|house| house.set_memo("copies_from", &now.to_rfc3339()))?;
            return Ok(Vec::new());
        };
        let first = now - TimeDelta::minutes(TRIES.into_iter().min().unwrap_or(0));
        let mut open = Vec::new();
        let mut settled_until = from;
        for row in self.store.letters_sent_since(from)?.into_iter().filter(|row| row.sent_at <= Some(first)) {
            let Some(letter) = to_keep(row) else { continue };
            if !self.copy_state(&letter.id)?.is_some_and(|state| is_final(&state)) {
                open.push(letter);
            } else if open.is_empty() {
                settled_until = letter.sent_at;
            }
        }
        if settled_until > from {
            self.transact(|house| house.set_memo("copies_from", &settled_until.to_rfc3339()))?;
        }
        let mut due = Vec::new();
        for letter in open {
            let last = self.moment(&format!("copy_tried/{}", letter.id))?;
            if is_due(&TRIES, letter.sent_at, last, now) {
                due.push(letter);
            }
        }
        Ok(due)
    }

    /// A file outbox keeps every mail anyway, and a Maildir is only read unless the owner wants it otherwise.
    fn keeps_copies(&self) -> bool {
        let config = &self.config;
        match (&config.outgoing, config.keep_copy) {
            (Outgoing::File { .. }, _) | (_, KeepCopy::Never) => false,
            (Outgoing::Smtp { .. } | Outgoing::Sendmail { .. }, KeepCopy::Always) => true,
            (Outgoing::Smtp { .. } | Outgoing::Sendmail { .. }, KeepCopy::Auto) => {
                matches!(config.mailbox, Mailbox::Imap { .. })
            }
        }
    }

    /// What became of the copy of a letter: `kept …`, `found …`, `given up: …`, `not yet: …`.
    pub fn copy_state(&self, id: &str) -> Result<Option<String>> {
        self.memo(&format!("copy/{id}"))
    }

    fn copy_was_kept(&mut self, letter: &ToKeep, kept: &Kept) -> Result<()> {
        let now = self.now();
        let is_last = letter.sent_at + TimeDelta::minutes(TRIES.into_iter().max().unwrap_or(0)) <= now;
        let told = |why: &str| format!("no copy of letter {} was put into the folder for sent mail: {why}", letter.id);
        // Where nobody asked for copies, a mailbox without a folder for them is no trouble.
        let is_asked = self.config.keep_copy == KeepCopy::Always;
        let (state, trouble) = match kept {
            Kept::Found(place) => (format!("found in {place}"), Some(String::new())),
            Kept::Put => (format!("kept {}", now.to_rfc3339()), Some(String::new())),
            Kept::Never(why) => (format!("given up: {why}"), is_asked.then(|| told(why))),
            Kept::Failed(why) if is_last => (format!("given up: {why}"), Some(told(why))),
            Kept::Failed(why) => (format!("not yet: {why}"), None),
        };
        self.transact(|house| {
            house.set_memo(&format!("copy/{}", letter.id), &state)?;
            house.set_memo(&format!("copy_tried/{}", letter.id), &now.to_rfc3339())?;
            trouble.into_iter().try_for_each(|trouble| house.set_memo("copy_given_up", &trouble))
        })
    }
}

fn is_final(state: &str) -> bool {
    !state.starts_with("not yet")
}

fn to_keep(row: OutboxRow) -> Option<ToKeep> {
    Some(ToKeep { id: row.id, message_id: row.message_id, sent_at: row.sent_at? })
}
