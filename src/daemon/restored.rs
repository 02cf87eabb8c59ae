//! After a restored backup. It knows nothing of what was sent since it was taken, so nothing leaves until the mailbox
//! and the folders were read, every copy of our own letters was looked at, and the owner said go on. Where copies are
//! no sure record, each debtor who may have been written to is held and asked about.

use super::house::House;
use super::writer::Writer;
use crate::config::Outgoing;
use crate::dunning::ids::{DebtorId, LetterId};
use crate::dunning::input::{FoundLetter, Input, Outcome};
use crate::dunning::question::QuestionKind;
use crate::dunning::schedule::letter_id;
use crate::mail::message::Message;
use crate::mail::own::{OwnLetter, own_letter};
use crate::ports::{Copies, MailboxFault, OwnCopy};
use crate::store::{NewOutbox, OutboxRow, OutboxState, Purpose, Store};
use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::collections::BTreeSet;

/// Where the store keeps the last moment that a restored backup knows of; empty when none was restored.
pub const RESTORED: &str = "restored_backup_of";
/// When that was; stays when all is done.
pub(super) const RESTORED_AT: &str = "restored_at";
/// What the copies told; empty until they were looked at.
const REBUILT: &str = "restored_and_rebuilt";
/// Why they could not be looked at.
pub const COPIES_TROUBLE: &str = "copies_trouble";

/// Letters of so many days before the backup, which it does know, show whether a file outbox is whole.
const PROVING_DAYS: i64 = 30;

/// Marks a database that is about to take the place of another. Returns the last moment that it knows of.
///
/// # Errors
/// When the store fails, or the database was never used.
pub fn mark(store: &mut dyn Store, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let moment = |text: Option<String>| text.and_then(|text| DateTime::parse_from_rfc3339(&text).ok());
    let tick = moment(store.meta("last_tick")?).or(moment(store.meta("installed_at")?));
    let tick = tick.context("this database was never at work")?.with_timezone(&Utc);
    // A backup taken while the one before was not settled yet knows no more than that one.
    let taken = moment(store.meta(RESTORED)?).map_or(tick, |before| before.with_timezone(&Utc).min(tick));
    store.set_meta(RESTORED, &taken.to_rfc3339())?;
    store.set_meta(RESTORED_AT, &now.to_rfc3339())?;
    let forgotten = [
        REBUILT,
        COPIES_TROUBLE,
        "mailbox_read_at",
        "folder_read/Invoice",
        "folder_read/Statement",
        "lane_stopped",
        "lane_rests_until",
        "burst_allowed_on",
        "asked/restored",
    ];
    forgotten.iter().try_for_each(|key| store.set_meta(key, ""))?;
    withdraw_digests(store, now)?;
    Ok(taken)
}

/// A digest of those days would only puzzle.
fn withdraw_digests(store: &mut dyn Store, now: DateTime<Utc>) -> Result<()> {
    for row in store.outbox_in(&[OutboxState::Ready, OutboxState::Sending])? {
        if row.purpose == Purpose::Digest {
            store.move_outbox(&row.id, row.state, OutboxState::Withdrawn, "restored from a backup", now, None)?;
        }
    }
    Ok(())
}

/// Takes up what copies tell, once everything else was read; does nothing unless a backup was restored. Called each turn.
///
/// # Errors
/// When the store fails. Copies that cannot be read now are looked for at the next turn.
pub async fn rebuild_if_restored(writer: &Writer, copies: Option<&mut (dyn Copies + 'static)>) -> Result<()> {
    let Some(since) = writer.call(|house| house.copies_wanted_since()).await? else { return Ok(()) };
    let mut found = Vec::new();
    if let Some(copies) = copies {
        match copies.since(since).await {
            Ok(copies) => found.extend(copies),
            Err(fault @ MailboxFault::Later(_)) => {
                let text = fault.to_string();
                return writer.call(move |house| house.set_memo(COPIES_TROUBLE, &text)).await;
            }
            // There is nothing to be read there, today or tomorrow: no proof, so the owner is asked.
            Err(fault @ (MailboxFault::Refused(_) | MailboxFault::Absent(_))) => {
                tracing::warn!("no copies of our own letters: {fault}");
            }
        }
    }
    writer.call(move |house| house.rebuild(&found)).await
}

/// What became of one copy.
enum Taken {
    Known,
    New,
    /// It names invoices that are not known (any more).
    Stranger,
}

impl House {
    /// The day from which copies are to be read; `None` when nothing is to be rebuilt, or not yet.
    fn copies_wanted_since(&mut self) -> Result<Option<NaiveDate>> {
        let Some(taken) = self.moment(RESTORED)? else { return Ok(None) };
        if let Some(told) = self.memo(REBUILT)? {
            self.ask_daily(QuestionKind::Restored, &told)?;
            return Ok(None);
        }
        let is_understood = self.mail_waiting()? == 0;
        Ok((self.everything_is_read()? && is_understood).then(|| (taken - TimeDelta::days(PROVING_DAYS)).date_naive()))
    }

    /// Takes up every letter that a copy proves, holds where absence proves nothing, and asks the owner.
    fn rebuild(&mut self, copies: &[OwnCopy]) -> Result<()> {
        let Some(taken) = self.moment(RESTORED)? else { return Ok(()) };
        let mut letters: Vec<(OwnLetter, &OwnCopy)> =
            copies.iter().filter_map(|copy| Some((own_letter(&copy.head, self.key())?, copy))).collect();
        letters.sort_by_key(|(letter, copy)| (letter.date, copy.received_at));
        let proven = self.are_proof(&letters, taken)?;
        let (mut new, mut strangers) = (0, 0);
        for (letter, copy) in &letters {
            match self.take_copy(letter, copy)? {
                Taken::Known => {}
                Taken::New => new += 1,
                Taken::Stranger => strangers += 1,
            }
        }
        let held = if proven { 0 } else { self.hold_who_may_have_been_written_to(taken)? };
        let told = self.told(taken, new, strangers, held);
        self.set_memo(REBUILT, &told)?;
        self.set_memo(COPIES_TROUBLE, "")?;
        // The copy may be of days on which an earlier one was not settled: that question told of other letters.
        self.no_longer_asked(QuestionKind::Restored, "restored again")?;
        self.ask_daily(QuestionKind::Restored, &told)
    }

    /// A file outbox is the way out itself: when it has all letters of the weeks before the backup, one that is not there did
    /// not leave. That a mailbox has no copy proves nothing: it may never have been filed.
    fn are_proof(&self, letters: &[(OwnLetter, &OwnCopy)], taken: DateTime<Utc>) -> Result<bool> {
        if !matches!(self.config.outgoing, Outgoing::File { .. }) {
            return Ok(false);
        }
        let there: BTreeSet<&str> = letters.iter().map(|(letter, _)| letter.message_id.as_str()).collect();
        // A day less than was asked for: copies are counted by days of UTC.
        let from = taken - TimeDelta::days(PROVING_DAYS - 1);
        let left = self.store.outbox_in(&[OutboxState::Sent, OutboxState::Bounced])?;
        let recent = |row: &&OutboxRow| row.purpose == Purpose::Letter && row.sent_at.is_some_and(|at| at >= from);
        let known: Vec<&OutboxRow> = left.iter().filter(recent).collect();
        Ok(!known.is_empty() && known.iter().all(|row| there.contains(row.message_id.as_str())))
    }

    fn take_copy(&mut self, own: &OwnLetter, copy: &OwnCopy) -> Result<Taken> {
        let Some(debtor) = self.debtor_of(own)? else { return Ok(Taken::Stranger) };
        let id = letter_id(&debtor, &own.covers);
        if self.message_id(id.as_str()) != own.message_id {
            return Ok(Taken::Stranger);
        }
        self.claim_what_left(&id)?;
        let found = FoundLetter {
            covers: own.covers.clone(),
            recipient: own.recipient.clone(),
            on: self.local(own.date.to_utc()).date(),
            place: format!("{} {}{}", copy.key.folder, copy.key.uid, copy.key.name),
        };
        let facts = self.step(&debtor, &Input::LetterFound(found), "restored from a backup")?;
        if facts.is_empty() {
            return Ok(Taken::Known);
        }
        self.keep_in_outbox(&debtor, &id, own, copy)?;
        Ok(Taken::New)
    }

    /// The one debtor of all cases that the letter took a step of.
    fn debtor_of(&self, own: &OwnLetter) -> Result<Option<DebtorId>> {
        let mut debtors = BTreeSet::new();
        for (case, _) in &own.covers {
            let Some((_, debtor)) = self.store.case(case)? else { return Ok(None) };
            debtors.insert(debtor);
        }
        Ok(debtors.pop_first().filter(|_| debtors.is_empty()))
    }

    /// A mail that waits in the restored outbox, and left meanwhile, goes the way of all that left.
    fn claim_what_left(&mut self, id: &LetterId) -> Result<()> {
        use OutboxState::{DotIntent, Ready, Rejected, Sending, Withdrawn};
        let (at, why) = (self.now(), "a copy was found");
        let Some(row) = self.store.outbox(id.as_str())? else { return Ok(()) };
        let moves: &[(OutboxState, OutboxState)] = match row.state {
            Ready => &[(Ready, Sending), (Sending, DotIntent)],
            Sending => &[(Sending, DotIntent)],
            Rejected => &[(Rejected, Withdrawn)],
            DotIntent | Withdrawn | OutboxState::Sent | OutboxState::Unknown | OutboxState::Bounced => &[],
        };
        for (from, to) in moves {
            self.store.move_outbox(id.as_str(), *from, *to, why, at, None)?;
        }
        Ok(())
    }

    /// Another letter of the restored outbox may cover a step that this one took: what did not leave is withdrawn. False when
    /// such a one may have left too.
    fn free_what_it_took(&mut self, debtor: &DebtorId, own: &OwnLetter) -> Result<bool> {
        use OutboxState::{Bounced, DotIntent, Ready, Rejected, Sending, Sent, Unknown, Withdrawn};
        let why = "a copy shows that its step was taken by another letter";
        for row in self.store.outbox_in(&[Ready, Sending, DotIntent, Sent, Unknown, Bounced])? {
            if !row.covers.iter().any(|cover| own.covers.contains(cover)) {
                continue;
            }
            match row.state {
                Ready => {
                    let outcome = Outcome::Withdrawn { why: why.to_owned() };
                    let input = Input::Letter { letter: LetterId::new(row.id.as_str()), outcome };
                    self.step(debtor, &input, "restored from a backup")?;
                }
                Sending | DotIntent | Sent | Unknown | Bounced => return Ok(false),
                Rejected | Withdrawn => {}
            }
        }
        self.free_what_was_rejected(&own.covers, why)?;
        Ok(true)
    }

    /// So that answers to it find their way, and no other mail can take its steps.
    fn keep_in_outbox(&mut self, debtor: &DebtorId, id: &LetterId, own: &OwnLetter, copy: &OwnCopy) -> Result<()> {
        use OutboxState::{DotIntent, Ready, Sending, Sent, Withdrawn};
        if self.store.outbox(id.as_str())?.is_some_and(|row| row.state != Withdrawn)
            || !self.free_what_it_took(debtor, own)?
        {
            return Ok(());
        }
        let mail = NewOutbox {
            id: id.to_string(),
            account: Some(debtor.clone()),
            purpose: Purpose::Letter,
            message_id: own.message_id.clone(),
            token: Some(self.key().reply_token(id.as_str())),
            sender: self.config.company.email.clone(),
            recipient: own.recipient.clone(),
            own_copy: None,
            subject: Message::parse(&copy.head).map(|message| message.subject).unwrap_or_default(),
            bytes: copy.head.clone(),
            covers: own.covers.clone(),
            at: own.date.to_utc(),
        };
        self.store.put_outbox(&mail)?;
        for (from, to) in [(Ready, Sending), (Sending, DotIntent), (DotIntent, Sent)] {
            self.store.move_outbox(id.as_str(), from, to, "a copy was found", own.date.to_utc(), None)?;
        }
        // Only its head is here: it is not to be put anywhere as a mail.
        self.set_memo(&format!("copy/{id}"), &format!("found in {}", copy.key.folder))
    }

    /// How many debtors are held.
    fn hold_who_may_have_been_written_to(&mut self, taken: DateTime<Utc>) -> Result<usize> {
        let since = self.local(taken).date();
        let mut held = 0;
        for debtor in self.store.account_ids_with_open_cases()? {
            let facts = self.step(&debtor, &Input::MaybeSent { since }, "restored from a backup")?;
            held += usize::from(!facts.is_empty());
        }
        Ok(held)
    }

    fn told(&self, taken: DateTime<Utc>, new: usize, strangers: usize, held: usize) -> String {
        let taken = self.local(taken).format("%Y-%m-%d %H:%M");
        let nl = self.config.language == crate::dunning::debtor::Language::Nl;
        let mut parts = vec![match nl {
            true => format!("kopie van {taken}; {new} brieven van daarna teruggevonden"),
            false => format!("copy of {taken}; {new} letters sent since were found"),
        }];
        if strangers > 0 {
            parts.push(match nl {
                true => format!("{strangers} brieven over facturen die er niet meer zijn"),
                false => format!("{strangers} letters about invoices that are not there any more"),
            });
        }
        if held > 0 {
            parts.push(match nl {
                true => format!("{held} klanten aangehouden omdat niet zeker is of zij een brief kregen"),
                false => format!("{held} debtors held, since it is not certain whether they got a letter"),
            });
        }
        parts.join("; ")
    }

    /// Copies were looked at since the last restore, and what they told is asked about.
    pub(super) fn is_rebuilt(&self) -> Result<bool> {
        Ok(self.memo(REBUILT)?.is_some())
    }

    /// The owner saw what was found.
    pub(super) fn go_on_after_restore(&mut self) -> Result<()> {
        self.set_memo(RESTORED, "")?;
        self.set_memo(REBUILT, "")
    }
}
