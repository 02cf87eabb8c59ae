//! Mail: stored as it was fetched, read, and handed to `answers` or `notices`, or ignored by a named rule. Nothing in
//! a mail can stop the reader.

use super::super::evidence::Seen;
use super::super::house::House;
use super::answers::{Known, said};
use crate::dunning::account::Account;
use crate::dunning::ids::DebtorId;
use crate::dunning::input::{Input, Meaning as Meant};
use crate::failpoints::reach;
use crate::mail::authenticity::{Authenticity, Grounds};
use crate::mail::correlate::{Correlation, correlate, is_public_provider};
use crate::mail::intent::{KnownNumbers, invoice_numbers};
use crate::mail::message::{Message, Unreadable};
use crate::mail::reading::{Meaning, Reader, Reading, read};
use crate::ports::{Fetched, MailKey, Unfetched};
use crate::store::{Disposition, InputKind, InputRow, NewInput, Put, evidence_of};
use anyhow::Result;
use chrono::TimeDelta;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Where the store keeps how many mails wait in the mailbox.
const BACKLOG: &str = "mailbox_backlog";
/// Mail that is older than this when aanmaand is installed is not read for meaning.
const OLDEST_MAIL_DAYS: i64 = 30;

impl House {
    /// Stores what was fetched, byte for byte, and moves the cursor in the same commit.
    pub fn store_mails(&mut self, mails: Vec<Fetched>) -> Result<usize> {
        let count = mails.len();
        reach("mails.fetched")?;
        self.transact(|house| mails.into_iter().try_for_each(|mail| house.store_mail(mail)))?;
        Ok(count)
    }

    /// The same while so many more wait in the mailbox: until they are here too, no letter leaves.
    pub fn store_some(&mut self, mails: Vec<Fetched>, waiting: usize) -> Result<usize> {
        self.transact(|house| {
            if house.mails_in_mailbox()? != waiting {
                house.set_memo(BACKLOG, &waiting.to_string())?;
            }
            house.store_mails(mails)
        })
    }

    /// Mails that are known to be in the mailbox and are not here yet.
    pub(crate) fn mails_in_mailbox(&self) -> Result<usize> {
        Ok(self.memo(BACKLOG)?.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// Of each of these headers, whether its mail may be a debtor's, or the owner's.
    pub(crate) fn are_awaited(&self, heads: &[Vec<u8>]) -> Vec<bool> {
        let numbers = self.known_numbers().unwrap_or_default();
        heads.iter().map(|head| self.is_awaited(head, &numbers)).collect()
    }

    fn is_awaited(&self, head: &[u8], numbers: &KnownNumbers) -> bool {
        let Ok(message) = Message::parse(head) else { return true };
        if self.is_ours(&message.from) {
            return true;
        }
        let named = invoice_numbers(&message.subject, numbers);
        correlate(&message, self.own_address(), &named, &Known(self)) != Correlation::None
    }

    fn store_mail(&mut self, mail: Fetched) -> Result<()> {
        let name = key_text(&mail.key);
        let at = self.now();
        let (bytes, unreadable) = match mail.body {
            Ok(bytes) => (bytes, None),
            Err(Unfetched { why, beginning }) if beginning.is_empty() => {
                (format!("unreadable mail {name}: {why}").into_bytes(), Some(why))
            }
            Err(Unfetched { why, beginning }) => (beginning, Some(why)),
        };
        let id = evidence_of(&bytes);
        let key = mail.key.clone();
        let input = NewInput {
            id: id.clone(),
            kind: InputKind::Mail,
            name,
            bytes,
            at,
            received_at: mail.received_at,
            key: Some(key),
        };
        if self.store.put_input(&input)? == Put::New && mail.sent {
            self.note_lay_in_sent(&id)?;
        }
        reach("mail.stored")?;
        if mail.key.uid > 0 && !mail.ahead {
            self.store.set_cursor(&mail.key.folder, mail.key.uidvalidity, mail.key.uid)?;
        }
        let unsettled = self.store.input(&id)?.filter(|row| row.disposition.is_none());
        if let (Some(reason), Some(row)) = (unreadable, unsettled) {
            self.remember_names(&id, &self.named_in_bytes(&input.bytes)?)?;
            self.conclude(&row, Disposition::Quarantined { reason })?;
        }
        Ok(())
    }

    /// The mailbox was read to its end just now, and everything in it is stored.
    pub fn mailbox_was_read(&mut self) -> Result<()> {
        self.transact(|house| {
            house.set_memo("mailbox_existed", "yes")?;
            reach("mailbox.read")?;
            house.mailbox_is_empty()
        })
    }

    /// There is nothing in the mailbox that is not stored.
    pub fn mailbox_is_empty(&mut self) -> Result<()> {
        let now = self.now().to_rfc3339();
        self.transact(|house| {
            house.set_memo("mailbox_trouble", "")?;
            house.set_memo("mailbox_read_at", &now)
        })
    }

    /// Whether the mailbox was ever there.
    pub fn mailbox_existed(&self) -> Result<bool> {
        Ok(self.memo("mailbox_existed")?.is_some())
    }

    /// The mailbox could not be read: the gate closes by itself, and the owner sees why.
    pub fn mailbox_failed(&mut self, why: &str) -> Result<()> {
        self.transact(|house| house.set_memo("mailbox_trouble", why))
    }

    /// Up to which UID everything of this folder is stored, while its UIDVALIDITY is still the same.
    pub fn mail_cursor(&self, folder: &str, uidvalidity: u32) -> Result<Option<u32>> {
        let known = self.store.cursor(folder)?;
        Ok(known.filter(|(validity, _)| *validity == uidvalidity).map(|(_, uid)| uid))
    }

    pub(super) fn apply_mail(&mut self, row: &InputRow, bytes: &[u8]) -> Result<Disposition> {
        match self.read_contained(row, bytes, &*self.known_numbers()?)? {
            Err(reason) => {
                self.remember_names(&row.id, &self.named_in_bytes(bytes)?)?;
                Ok(Disposition::Quarantined { reason })
            }
            Ok(reading) => {
                let disposition = self.apply_reading(row, bytes, &reading)?;
                if let Disposition::Ignored { rule } = &disposition {
                    let from = reading.message.from.clone();
                    let input = Input::Ignored { source: row.id.clone(), from, rule: rule.clone() };
                    self.step(&DebtorId::administration(), &input, &row.name)?;
                }
                Ok(disposition)
            }
        }
    }

    /// A reader that panics costs this one mail, not the daemon.
    pub(super) fn read_contained(
        &self,
        row: &InputRow,
        bytes: &[u8],
        known_numbers: &KnownNumbers,
    ) -> Result<std::result::Result<Reading, String>> {
        let look = self.look_at(&row.id)?;
        let ours = |address: &str| self.is_written_to(address);
        let grounds = Grounds { ours: Some(&ours), ..self.grounds(row, look.as_ref()) };
        let reading = catch_unwind(AssertUnwindSafe(|| {
            let reader = Reader {
                phrases: &self.rules.phrases,
                profiles: &self.rules.profiles,
                grounds,
                known_numbers,
                wording: self.rules.templates.wording(),
            };
            read(bytes, &reader)
        }));
        Ok(match reading {
            Ok(Ok(reading)) => Ok(reading),
            Ok(Err(reason)) => Err(reason.to_string()),
            Err(_) => Err(Unreadable::Panicked.to_string()),
        })
    }

    /// A mail whose signature was looked at once more does what it could not do before. Returns why it does not, if so.
    pub(in super::super) fn apply_with_keys(&mut self, row: &InputRow, bytes: &[u8]) -> Result<Option<String>> {
        let Ok(reading) = self.read_contained(row, bytes, &*self.known_numbers()?)? else { return Ok(None) };
        let done = match (self.apply_answer_to_digest(row, bytes, &reading)?, &reading.meaning) {
            (Some(done), _) => done,
            (None, Meaning::Notice { authenticity: Authenticity::E0 { why }, .. }) => return Ok(Some(why.clone())),
            (None, Meaning::Notice { notice, authenticity }) => {
                self.apply_notice(row, bytes, &reading, notice, authenticity)?
            }
            (None, _) => return Ok(None),
        };
        Ok(match done {
            Disposition::Applied { .. } => None,
            Disposition::Ignored { rule: why } | Disposition::Quarantined { reason: why } => Some(why),
        })
    }

    fn apply_reading(&mut self, row: &InputRow, bytes: &[u8], reading: &Reading) -> Result<Disposition> {
        if self.is_own_letter(row, bytes, &reading.message)? {
            return Ok(Disposition::Ignored { rule: "our own letter".to_owned() });
        }
        if let Some(rule) = self.ignored_by_rule(row, &reading.message)? {
            return Ok(Disposition::Ignored { rule });
        }
        if self.came_before(&reading.message)? {
            return Ok(Disposition::Ignored { rule: "the same mail came before".to_owned() });
        }
        if let Some(disposition) = self.apply_answer_to_digest(row, bytes, reading)? {
            return Ok(disposition);
        }
        match &reading.meaning {
            Meaning::Notice { notice, authenticity } => self.apply_notice(row, bytes, reading, notice, authenticity),
            Meaning::Bounce(bounce) => self.apply_bounce(row, reading, bounce),
            Meaning::AutoReply { why, content, .. } => {
                let content = content.as_ref().map(said);
                self.apply_about_debtor(row, reading, Meant::Automatic { why: why.clone(), content })
            }
            Meaning::Reply(intent) => self.apply_about_debtor(row, reading, Meant::Human(said(intent))),
            Meaning::Unrelated { why } => Ok(Disposition::Ignored { rule: why.clone() }),
        }
    }

    /// A copy of a letter or digest of ours, which proves that it was sent.
    pub(super) fn is_own_letter(&mut self, row: &InputRow, bytes: &[u8], message: &Message) -> Result<bool> {
        let Some(own) = self.own_mail(message, bytes)? else { return Ok(false) };
        let received_at = row.received_at.or_else(|| message.arrived());
        self.own_mail_came_in(&own, &Seen { place: row.name.clone(), received_at })?;
        Ok(true)
    }

    /// Mail that is older than what we were installed for.
    pub(super) fn ignored_by_rule(&self, row: &InputRow, message: &Message) -> Result<Option<String>> {
        let arrived = row.received_at.or_else(|| message.arrived()).unwrap_or(row.at);
        let oldest = self.moment("installed_at")?.map(|at| at - TimeDelta::days(OLDEST_MAIL_DAYS));
        if oldest.is_some_and(|oldest| arrived < oldest) {
            return Ok(Some(format!("older than {OLDEST_MAIL_DAYS} days before the installation")));
        }
        Ok(None)
    }

    /// The same mail by another way (a list, a forward, another folder) differs only in its trace headers.
    fn came_before(&mut self, message: &Message) -> Result<bool> {
        self.is_seen_again("mail", message)
    }

    /// The first time is remembered; a mail without an id is never known again.
    pub(super) fn is_seen_again(&mut self, kind: &str, message: &Message) -> Result<bool> {
        let Some(id) = &message.message_id else { return Ok(false) };
        let date = message.date.map(|date| date.to_rfc3339()).unwrap_or_default();
        let html = message.html.as_deref().unwrap_or_default();
        let content =
            [id, &message.from, &date, &message.subject, &message.text, html].map(|part| part.to_string()).join("\n");
        Ok(!self.store.once(kind, evidence_of(content.as_bytes()).as_str())?)
    }

    /// Debtors that the bytes of a mail name which was not understood: by address, company domain, reply token or invoice
    /// number. Also those who owe nothing now.
    pub(super) fn named_in_bytes(&self, bytes: &[u8]) -> Result<Vec<String>> {
        let text = String::from_utf8_lossy(bytes.get(..bytes.len().min(256 * 1024)).unwrap_or_default()).to_lowercase();
        let named = |account: &Account| {
            let addresses = account.mail_addresses();
            let domains = addresses.iter().filter_map(|address| address.rsplit_once('@')).map(|(_, domain)| domain);
            let mut domains = domains.filter(|domain| !is_public_provider(domain));
            let mut tokens = account.letters.iter().map(|letter| self.key().reply_token(letter.id.as_str()));
            let mut numbers = account.cases.values().map(|case| case.number().as_str().to_lowercase());
            addresses.iter().any(|address| text.contains(address.as_str()))
                || domains.any(|domain| text.contains(&format!("@{domain}")))
                || tokens.any(|token| text.contains(&token))
                || numbers.any(|number| text.contains(&number))
        };
        Ok(self.accounts()?.iter().filter(|account| named(account)).map(|account| account.id.to_string()).collect())
    }
}

fn key_text(key: &MailKey) -> String {
    if key.name.is_empty() {
        format!("{}/{}/{}", key.folder, key.uidvalidity, key.uid)
    } else {
        format!("{}/{}", key.folder, key.name)
    }
}
