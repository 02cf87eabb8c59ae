//! One complete pass: folders, mailbox, decisions, digest, letters. `run --once`, the demo and the loops of the
//! daemon are made of these same pieces.

use super::copies;
use super::folders::{FolderReader, Folders};
use super::house::House;
use super::intake::{FolderReport, Haste, parse_attached_to_new};
use super::restored::rebuild_if_restored;
use super::rounds::deliver_all;
use super::serve::Course;
use super::vouching::{look_again, look_at_new};
use super::writer::{Receipt, Writer};
use crate::ports::{Copies, Glance, KnownMail, MailKey, Mailbox, MailboxFault, Outgoing};
use anyhow::Result;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Mails fetched and stored in one go.
const MAILS_AT_ONCE: usize = 200;

/// The world of one administration.
pub struct Surroundings {
    pub folders: Folders,
    pub mailbox: Box<dyn Mailbox>,
    /// Where copies of our own mails are looked for and kept; `None` = nowhere.
    pub copies: Option<Box<dyn Copies>>,
    pub outgoing: Arc<dyn Outgoing>,
    /// Between two mails.
    pub pause: Duration,
}

/// What a pass came to, for the log.
#[derive(Clone, Debug, Default)]
pub struct PassReport {
    pub invoices: FolderReport,
    pub statements: FolderReport,
    pub mailbox: Option<MailboxFault>,
    pub copies: Option<MailboxFault>,
    pub accepted: usize,
}

/// Everything once, in the order that makes a letter least likely to be wrong: first what came in, then what goes out.
pub async fn pass(writer: &Writer, world: &mut Surroundings) -> Result<PassReport> {
    let (_stop, stopped) = watch::channel(false);
    pass_until(writer, world, &Course::new(stopped)).await
}

/// The same; told to stop, it breaks off reading, and ends between two letters.
pub async fn pass_until(writer: &Writer, world: &mut Surroundings, course: &Course) -> Result<PassReport> {
    let report = tokio::select! {
        report = look(writer, world) => report?,
        () = course.stopped() => return Ok(PassReport::default()),
    };
    let accepted = deliver_all(writer, world.outgoing.as_ref(), world.pause, &|| course.goes_on()).await?;
    Ok(PassReport { accepted, ..report })
}

/// What came in, and what is to be done about it.
async fn look(writer: &Writer, world: &mut Surroundings) -> Result<PassReport> {
    writer.call(|house| house.tick()).await?;
    let (invoices, statements) = FolderReader::of(&world.folders).read(writer, Haste::Now).await?;
    let mailbox = read_mailbox(writer, world.mailbox.as_mut()).await?.err();
    look_again(writer).await?;
    rebuild_if_restored(writer, world.copies.as_deref_mut()).await?;
    let copies = match &mut world.copies {
        Some(copies) => copies::tend(writer, copies.as_mut()).await?.err(),
        None => None,
    };
    writer.call(|house| house.day()).await?;
    writer.call(|house| house.digest_if_due()).await?;
    // The digest may have ended a catch-up or announced a step.
    writer.call(|house| house.day()).await?;
    Ok(PassReport { invoices, statements, mailbox, copies, accepted: 0 })
}

/// Reads the mailbox to its end and understands what was in it. Only then it counts as read.
pub async fn read_mailbox(writer: &Writer, mailbox: &mut dyn Mailbox) -> Result<Result<(), MailboxFault>> {
    let read = read_to_its_end(writer, mailbox).await;
    if read.is_err() {
        mailbox.start_over();
    }
    read
}

/// While mails are being understood the next ones are fetched.
async fn read_to_its_end(writer: &Writer, mailbox: &mut dyn Mailbox) -> Result<Result<(), MailboxFault>> {
    let known = KnownByWriter(writer.clone());
    let mut understood: Option<Receipt<usize>> = None;
    loop {
        let looked = mailbox.look(&known, MAILS_AT_ONCE).await;
        if let Some(receipt) = understood.take() {
            receipt.done().await?;
        }
        let Glance { mails, complete, waiting } = match looked {
            Ok(glance) => glance,
            // Nobody has made it yet, so nobody can have written: empty. Later it is a disk that is gone.
            Err(MailboxFault::Absent(_)) if !writer.call(|house| house.mailbox_existed()).await? => {
                writer.call(|house| house.mailbox_is_empty()).await?;
                return Ok(Ok(()));
            }
            Err(fault) => {
                let text = fault.to_string();
                writer.call(move |house| house.mailbox_failed(&text)).await?;
                return Ok(Err(fault));
            }
        };
        let nothing_new = mails.is_empty();
        let waiting = if complete { 0 } else { waiting.max(1) };
        writer.call(move |house| house.store_some(mails, waiting)).await?;
        look_at_new(writer).await?;
        parse_attached_to_new(writer).await?;
        let receipt = writer.submit(|house| {
            let settled = house.settle_inputs();
            house.attached.clear();
            settled
        });
        if !complete && !nothing_new {
            understood = Some(receipt);
            continue;
        }
        receipt.done().await?;
        if complete {
            writer.call(|house| house.mailbox_was_read()).await?;
        }
        return Ok(Ok(()));
    }
}

/// What the store has of a mailbox, asked through the writer.
struct KnownByWriter(Writer);

impl KnownMail for KnownByWriter {
    fn cursor(&self, folder: &str, uidvalidity: u32) -> Option<u32> {
        let folder = folder.to_owned();
        self.0.call_now(move |house| house.mail_cursor(&folder, uidvalidity)).ok().flatten()
    }

    fn knows(&self, folder: &str) -> bool {
        let folder = folder.to_owned();
        self.0.call_now(move |house| Ok(house.store.cursor(&folder)?.is_some())).unwrap_or(true)
    }

    fn has(&self, key: &MailKey) -> bool {
        let key = key.clone();
        self.0.call_now(move |house| Ok(house.store.has_mail(&key)?)).unwrap_or(false)
    }

    fn unknown(&self, keys: Vec<MailKey>) -> Vec<MailKey> {
        let all = keys.clone();
        let unknown = move |house: &mut House| {
            let is_new = |key: &MailKey| house.store.has_mail(key).map(|has| !has);
            let mut new = Vec::new();
            for key in keys {
                if is_new(&key)? {
                    new.push(key);
                }
            }
            Ok(new)
        };
        // What may be stored is fetched once more, which does no harm.
        self.0.call_now(unknown).unwrap_or(all)
    }

    fn awaited(&self, heads: Vec<Vec<u8>>) -> Vec<bool> {
        let none = vec![false; heads.len()];
        self.0.call_now(move |house| Ok(house.are_awaited(&heads))).unwrap_or(none)
    }
}
