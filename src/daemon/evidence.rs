//! Letters whose fate nobody knows: when they are looked for, and what a copy of one proves. A copy proves that the letter
//! went; that none is found proves nothing, so nothing is ever sent again because of it.

use super::house::House;
use crate::config::{Mailbox, Outgoing};
use crate::dunning::ids::{DebtorId, LetterId};
use crate::dunning::input::{Input, Outcome};
use crate::mail::message::Message;
use crate::mail::own::{own_id, own_letter};
use crate::ports::{MailKey, OwnCopy, Places};
use crate::store::{OutboxRow, OutboxState, Purpose};
use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Minutes after a letter became of unknown fate at which it is looked for: 15, and 1, 6 and 24 hours.
pub(super) const LOOKS: [i64; 4] = [15, 60, 360, 1440];

/// Whether something that is to be done so many minutes after `since` is due. What was passed over while nobody was
/// there is done once.
pub(super) fn is_due(minutes: &[i64], since: DateTime<Utc>, last: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    let last = last.filter(|last| *last >= since);
    let passed = minutes.iter().map(|minutes| since + TimeDelta::minutes(*minutes)).filter(|point| *point <= now);
    passed.max().is_some_and(|point| last.is_none_or(|last| last < point))
}

/// A mail that is to be looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub id: String,
    pub message_id: String,
}

/// Where one of our mails was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Folder, and what the mail is called there.
    pub place: String,
    /// When the server got it.
    pub received_at: Option<DateTime<Utc>>,
}

/// A mail of ours that came in.
pub(super) struct OwnMail {
    /// Not there when the store was restored from before it was written.
    row: Option<OutboxRow>,
}

impl Seen {
    pub fn in_folder(copy: &OwnCopy) -> Seen {
        let MailKey { folder, uidvalidity, uid, name } = &copy.key;
        let place = match name.is_empty() {
            true => format!("{folder} (UIDVALIDITY {uidvalidity}, UID {uid})"),
            false => format!("{folder} ({name})"),
        };
        Seen { place, received_at: copy.received_at }
    }
}

impl House {
    /// Mails of unknown fate whose time to be looked for has come; all of them after a start or a reload: somebody looked.
    /// Those of which a copy came in already are settled.
    pub(super) fn missing(&mut self) -> Result<Vec<Missing>> {
        self.transact(House::settle_seen_on_their_way)?;
        let (now, anew) = (self.now(), self.moment("tried_anew_at")?);
        let mut missing = Vec::new();
        for row in self.store.outbox_in(&[OutboxState::Unknown])? {
            let last = self.moment(&looked_key(&row.id))?.filter(|last| *last >= row.changed_at);
            let asked = anew.is_some_and(|anew| anew >= row.changed_at && last.is_none_or(|last| last < anew));
            if asked || is_due(&LOOKS, row.changed_at, last, now) {
                missing.push(Missing { id: row.id, message_id: row.message_id });
            }
        }
        Ok(missing)
    }

    /// A copy of this mail was found: it was sent. False when its fate is known by now.
    pub(super) fn was_seen(&mut self, id: &str, seen: &Seen) -> Result<bool> {
        let Some(row) = self.store.outbox(id)? else { return Ok(false) };
        self.transact(|house| house.sent_as_seen(&row, seen))
    }

    fn settle_seen_on_their_way(&mut self) -> Result<()> {
        for row in self.store.outbox_in(&[OutboxState::Unknown])? {
            let Some(told) = self.memo(&on_its_way_key(&row.id))? else { continue };
            let (seen_at, seen): (DateTime<Utc>, Seen) = serde_json::from_str(&told)?;
            // Else it was an earlier life of this letter.
            if seen_at >= row.created_at {
                self.sent_as_seen(&row, &seen)?;
            }
        }
        Ok(())
    }

    /// Also one that is to be sent, or sent no more: it went in an earlier life, before the owner decided about it or a
    /// backup was restored.
    fn sent_as_seen(&mut self, row: &OutboxRow, seen: &Seen) -> Result<bool> {
        let note = self.evidence(seen);
        match (row.state, row.purpose) {
            (OutboxState::Unknown | OutboxState::Ready | OutboxState::Withdrawn, Purpose::Letter) => {
                let debtor: DebtorId = row.account.clone().context("BUG: a letter without an account")?;
                let outcome = Outcome::Sent { on: self.day_it_went(row, seen), reply: note };
                let facts =
                    self.step(&debtor, &Input::Letter { letter: LetterId::new(row.id.as_str()), outcome }, "a copy")?;
                Ok(!facts.is_empty())
            }
            (OutboxState::Unknown, Purpose::Digest) => {
                let at = self.now();
                let moved = self.store.move_outbox(&row.id, row.state, OutboxState::Sent, &note, at, None)?;
                self.announce_formal_steps(&row.id)?;
                Ok(moved)
            }
            // A copy may come in before the answer to the dot, which may never come.
            (OutboxState::DotIntent, _) => {
                let told = serde_json::to_string(&(self.now(), seen))?;
                self.set_memo(&on_its_way_key(&row.id), &told)?;
                Ok(false)
            }
            (OutboxState::Ready | OutboxState::Withdrawn, Purpose::Digest)
            | (OutboxState::Sending | OutboxState::Sent | OutboxState::Rejected | OutboxState::Bounced, _) => Ok(false),
        }
    }

    fn evidence(&self, seen: &Seen) -> String {
        let received = seen.received_at.map(|at| self.local(at).format(", received %Y-%m-%d %H:%M").to_string());
        format!("a copy is in {}{}", seen.place, received.unwrap_or_default())
    }

    /// The day that the server got it, as far as that can be: not before it was written, not after we knew of its fate.
    fn day_it_went(&self, row: &OutboxRow, seen: &Seen) -> NaiveDate {
        let day = |at: DateTime<Utc>| self.local(at).date();
        let latest = day(row.changed_at).max(day(row.created_at));
        seen.received_at.map(day).unwrap_or(latest).clamp(day(row.created_at), latest)
    }

    /// It was looked for everywhere, and is in none of these places. The owner's question tells it.
    pub(super) fn was_not_seen(&mut self, id: &str, places: &Places) -> Result<()> {
        let now = self.now();
        let Some(row) = self.store.outbox(id)?.filter(|row| row.state == OutboxState::Unknown) else { return Ok(()) };
        let again = LOOKS.iter().map(|minutes| row.changed_at + TimeDelta::minutes(*minutes)).find(|at| *at > now);
        self.transact(|house| {
            house.set_memo(&looked_key(id), &now.to_rfc3339())?;
            let Some(debtor) = row.account.clone().filter(|_| row.purpose == Purpose::Letter) else { return Ok(()) };
            let input = Input::LookedFor {
                letter: LetterId::new(id),
                places: places.all(),
                at: house.local(now),
                again: again.map(|at| house.local(at)),
            };
            house.step(&debtor, &input, "looking for a copy")?;
            Ok(())
        })
    }

    /// Where copies are looked for; a command of the owner, in another process, asks no server.
    pub(super) fn remember_places(&mut self, places: &Places) -> Result<()> {
        let told = places.sent.is_some() || places.everything.is_some();
        self.transact(|house| {
            house.set_memo("copies_trouble", "")?;
            house.set_memo("copies_are_in", if told { "a folder" } else { "nowhere" })
        })
    }

    /// They could not be looked through: nothing follows from that, and the owner sees why.
    pub(super) fn places_failed(&mut self, why: &str) -> Result<()> {
        self.transact(|house| house.set_memo("copies_trouble", why))
    }

    /// Why a letter of unknown fate may not be sent again yet; `None` = it may, if the owner wants it so.
    pub(super) fn too_early_to_resend(&self, letter: &LetterId) -> Result<Option<String>> {
        let unknown = self.store.outbox(letter.as_str())?.filter(|row| row.state == OutboxState::Unknown);
        let Some(row) = unknown.filter(|_| self.has_a_place_to_look()) else { return Ok(None) };
        let until = row.changed_at + TimeDelta::minutes(LOOKS.into_iter().min().unwrap_or(0));
        let clock = self.local(until).format("%H:%M");
        let reason = format!(
            "a copy of this letter may still turn up and be found; sent now it could arrive twice: answer send-now after {clock}, \
             or say was-sent or skip"
        );
        Ok((self.now() < until).then_some(reason))
    }

    /// A folder for sent mail, or an own copy that comes in. A server is believed to have one until it was asked.
    fn has_a_place_to_look(&self) -> bool {
        let told = self.memo("copies_are_in").ok().flatten();
        let in_folder = match (told.as_deref(), &self.config.mailbox) {
            (Some(told), _) => told != "nowhere",
            (None, Mailbox::Imap { .. }) => true,
            (None, Mailbox::Maildir { .. }) => false,
        };
        let comes_in = match &self.config.outgoing {
            Outgoing::Smtp { own_copy, .. } => own_copy.is_some(),
            Outgoing::Sendmail { .. } | Outgoing::File { .. } => false,
        };
        in_folder || comes_in
    }

    /// Our own mail that came in; `None` for every other mail.
    pub(super) fn own_mail(&self, message: &Message, bytes: &[u8]) -> Result<Option<OwnMail>> {
        let company = self.config.company.email.to_lowercase();
        for id in message.message_id.iter().cloned().chain(own_id(bytes)) {
            let row = self.store.outbox_by_message_id(&id)?;
            if let Some(row) = row.filter(|row| [&company, &row.sender.to_lowercase()].contains(&&message.from)) {
                return Ok(Some(OwnMail { row: Some(row) }));
            }
        }
        let is_ours = message.from == company && own_letter(bytes, self.key()).is_some();
        Ok(is_ours.then_some(OwnMail { row: None }))
    }

    /// Our own mail came in, as an own copy does: it was sent.
    pub(super) fn own_mail_came_in(&mut self, own: &OwnMail, seen: &Seen) -> Result<()> {
        if let Some(row) = &own.row {
            self.sent_as_seen(row, seen)?;
        }
        Ok(())
    }
}

fn on_its_way_key(id: &str) -> String {
    format!("seen_on_its_way/{id}")
}

fn looked_key(id: &str) -> String {
    format!("looked_for/{id}")
}
