//! The loops of a running administration. None sleeps until a date: they wake at least every half minute and ask
//! what is due, so that suspend, clock changes and downtime need no code of their own.

use super::copies;
use super::folders::{FolderReader, Folders};
use super::intake::{FolderReport, Haste, is_store_trouble};
use super::pass::{Surroundings, read_mailbox};
use super::restored::rebuild_if_restored;
use super::rounds::deliver_all;
use super::vouching::look_again;
use super::writer::Writer;
use crate::ports::{Copies, Hint, Mailbox, Outgoing};
use anyhow::Result;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

/// Between two looks at the calendar.
const TICK: Duration = Duration::from_secs(30);
/// A full scan of the folders, hints or not: with the time that a file must hold still, a file whose hint got lost is
/// taken within a minute.
const RESCAN: Duration = Duration::from_secs(45);
/// Between two looks at a folder that is away.
const WHILE_AWAY: Duration = Duration::from_secs(2);
/// What a look waits longer than it must, so that it does not come a moment too early.
const MARGIN: Duration = Duration::from_millis(50);
/// A full look into the mailbox, hints or not; the gate closes after fifteen minutes without one.
const POLL: Duration = Duration::from_secs(600);
/// Between two looks at what is to be done about copies of letters.
const COPIES: Duration = Duration::from_secs(60);
/// After a failed look, before the next; the mailbox adapter has its own, longer patience with servers.
const AFTER_FAULT: Duration = Duration::from_secs(5);

/// Tells the loops to stop, and counts their turns for the watchdog.
#[derive(Clone)]
pub struct Course {
    stop: watch::Receiver<bool>,
    /// Turns of the calendar loop, and mails that it went on to.
    pub ticks: Arc<AtomicU64>,
    /// Something came in: look at the calendar at once.
    news: Arc<Notify>,
}

impl Course {
    pub fn new(stop: watch::Receiver<bool>) -> Course {
        Course { stop, ticks: Arc::new(AtomicU64::new(0)), news: Arc::new(Notify::new()) }
    }

    pub fn goes_on(&self) -> bool {
        !*self.stop.borrow()
    }

    pub async fn stopped(&self) {
        let mut stop = self.stop.clone();
        // An error means that the sender is gone, which is the end too.
        let _ = stop.wait_for(|stop| *stop).await;
    }
}

/// Runs until stopped, or until the store fails: then nothing may be sent any more.
pub async fn serve(writer: Writer, world: Surroundings, hint: Box<dyn Hint>, course: Course) -> Result<()> {
    let mut loops = JoinSet::new();
    loops.spawn(watch_folders(writer.clone(), world.folders, hint, course.clone()));
    loops.spawn(watch_mailbox(writer.clone(), world.mailbox, course.clone()));
    loops.spawn(tend_copies(writer.clone(), world.copies, course.clone()));
    loops.spawn(keep_calendar(writer, world.outgoing, world.pause, course));
    while let Some(ended) = loops.join_next().await {
        ended??;
    }
    Ok(())
}

async fn watch_folders(writer: Writer, folders: Folders, mut hint: Box<dyn Hint>, course: Course) -> Result<()> {
    let mut reader = FolderReader::of(&folders);
    let mut told = Vec::new();
    while course.goes_on() {
        let turn = async {
            let read = reader.read(&writer, Haste::Patient).await;
            let longest = match tolerate("folders", read)? {
                None => AFTER_FAULT,
                Some((invoices, statements)) => {
                    if invoices.new + statements.new > 0 {
                        course.news.notify_one();
                    }
                    tell_troubles(&mut told, [&invoices.trouble, &statements.trouble]);
                    look_again_in(&[invoices, statements])
                }
            };
            if hint.changed(longest).await {
                tokio::time::sleep(reader.rest()).await;
            }
            Ok::<(), anyhow::Error>(())
        };
        tokio::select! {
            done = turn => done?,
            () = course.stopped() => {}
        }
    }
    Ok(())
}

/// The first file that has to hold still, or a folder that is away, wants the next look soon.
fn look_again_in(reports: &[FolderReport]) -> Duration {
    let of_one = |report: &FolderReport| {
        let is_away = report.trouble.is_some() && report.no_parser.is_none();
        let trouble = is_away.then_some(WHILE_AWAY);
        trouble.into_iter().chain(report.again_in).min()
    };
    reports.iter().filter_map(of_one).min().map_or(RESCAN, |soon| (soon + MARGIN).min(RESCAN))
}

/// Once, when it is new: a share that is away for a night is not told at every look.
fn tell_troubles(told: &mut Vec<String>, troubles: [&Option<String>; 2]) {
    let now: Vec<String> = troubles.into_iter().flatten().cloned().collect();
    for trouble in now.iter().filter(|trouble| !told.contains(trouble)) {
        tracing::error!("{trouble}");
    }
    *told = now;
}

async fn watch_mailbox(writer: Writer, mut mailbox: Box<dyn Mailbox>, course: Course) -> Result<()> {
    while course.goes_on() {
        let turn = async {
            match tolerate("mailbox", read_mailbox(&writer, mailbox.as_mut()).await)? {
                Some(Ok(())) => course.news.notify_one(),
                Some(Err(fault)) => tracing::warn!("{fault}"),
                None => {}
            }
            if let Err(fault) = mailbox.wait(POLL).await {
                tracing::warn!("{fault}");
                tokio::time::sleep(AFTER_FAULT).await;
            }
            Ok::<(), anyhow::Error>(())
        };
        tokio::select! {
            done = turn => done?,
            () = course.stopped() => {}
        }
    }
    Ok(())
}

/// A slow server keeps nothing else waiting: this has a loop and a connection of its own.
async fn tend_copies(writer: Writer, mut copies: Option<Box<dyn Copies>>, course: Course) -> Result<()> {
    while course.goes_on() {
        let turn = async {
            tolerate("signatures", look_again(&writer).await)?;
            tolerate("restored backup", rebuild_if_restored(&writer, copies.as_deref_mut()).await)?;
            if let Some(copies) = &mut copies
                && let Some(Err(fault)) = tolerate("copies", copies::tend(&writer, copies.as_mut()).await)?
            {
                tracing::warn!("copies of letters: {fault}");
            }
            tokio::time::sleep(COPIES).await;
            Ok::<(), anyhow::Error>(())
        };
        tokio::select! {
            done = turn => done?,
            () = course.stopped() => {}
        }
    }
    Ok(())
}

/// What is due, the digest, and the postman. A letter being handed over is finished before the loop ends.
async fn keep_calendar(writer: Writer, outgoing: Arc<dyn Outgoing>, pause: Duration, course: Course) -> Result<()> {
    while course.goes_on() {
        tolerate("calendar", turn(&writer, outgoing.as_ref(), pause, &course).await)?;
        course.ticks.fetch_add(1, Ordering::Relaxed);
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            () = course.news.notified() => {}
            () = course.stopped() => {}
        }
    }
    Ok(())
}

async fn turn(writer: &Writer, outgoing: &dyn Outgoing, pause: Duration, course: &Course) -> Result<()> {
    writer.call(|house| house.tick()).await?;
    writer.call(|house| house.day()).await?;
    if writer.call(|house| house.digest_if_due()).await? {
        writer.call(|house| house.day()).await?;
    }
    // Many letters at a slow pace take longer than the watchdog's patience: each one is a turn.
    let go_on = || {
        course.ticks.fetch_add(1, Ordering::Relaxed);
        course.goes_on()
    };
    let accepted = deliver_all(writer, outgoing, pause, &go_on).await?;
    if accepted > 0 {
        tracing::info!(accepted, "mails handed over");
    }
    Ok(())
}

/// A fault of one turn is logged and the loop goes on; a fault of the store ends everything.
fn tolerate<T>(what: &str, result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_store_trouble(&error) && !is_passing(&error) => Err(error),
        Err(error) => {
            tracing::error!("{what}: {error:#}");
            Ok(None)
        }
    }
}

/// Another process had the lock, or was faster: the next turn decides anew. A full disk closes the gate by itself.
fn is_passing(error: &anyhow::Error) -> bool {
    use crate::store::StoreFault::{Busy, Conflict, Full};
    error.chain().any(|cause| matches!(cause.downcast_ref(), Some(Busy | Conflict | Full)))
}
