//! The one thread that owns an administration. Loops hand it closures over a bounded queue; what has queued up is
//! committed together (group commit), each with a savepoint of its own, and answered only when it is durable.

use super::house::House;
use super::intake::is_store_trouble;
use super::owed::Owed;
use super::postman::Handed;
use crate::failpoints::pass;
use crate::store::{StoreFault, Stored};
use anyhow::{Context, Result, anyhow};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// Closures that may wait; beyond that the loops wait.
const QUEUE: usize = 256;
/// Closures committed together.
const GROUP: usize = 64;
/// Times that another process's lock is waited for, five seconds each.
const BUSY_TRIES: usize = 6;

/// Runs inside the group's transaction (or hears why there is none), and leaves behind what to do once the group is
/// durable, or is not.
type Job = Box<dyn FnOnce(Stored<&mut House>) -> Answer + Send>;
type Answer = Box<dyn FnOnce(Stored<()>) + Send>;

/// A handle on the thread; clones share it. The thread ends when the last one is dropped.
#[derive(Clone)]
pub struct Writer {
    queue: SyncSender<Job>,
    owed: Owed,
}

impl Writer {
    /// Moves the house to its own thread. Joining the handle after all writers are dropped gives the house back.
    pub fn start(house: House) -> (Writer, JoinHandle<House>) {
        let (queue, jobs) = sync_channel(QUEUE);
        let owed = house.owed.clone();
        let thread = std::thread::spawn(move || work(house, &jobs));
        (Writer { queue, owed }, thread)
    }

    /// What became of a mail is written down, also when the group fails in which that is tried first.
    pub(super) fn owe(&self, handed: &Handed) {
        self.owed.owe(handed);
    }

    /// Runs `work` on the house; returns when what it wrote is durable.
    pub async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut House) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.submit(work).done().await
    }

    /// The same, queued at once; the caller does something else meanwhile and asks the receipt when it needs to know.
    pub fn submit<T: Send + 'static>(&self, work: impl FnOnce(&mut House) -> Result<T> + Send + 'static) -> Receipt<T> {
        let (sender, receiver) = oneshot::channel();
        let job = job(work, move |result| drop(sender.send(result)));
        match self.queue.try_send(job) {
            // A writer that has stopped drops the job and so its sender: the receipt says so.
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(job)) => {
                let queue = self.queue.clone();
                tokio::task::spawn_blocking(move || queue.send(job));
            }
        }
        Receipt(receiver)
    }

    /// The same for a caller that cannot wait asynchronously.
    pub fn call_now<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut House) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (sender, receiver) = sync_channel(1);
        let job = job(work, move |result| drop(sender.send(result)));
        self.queue.send(job).map_err(|_| anyhow!("the writer has stopped"))?;
        tokio::task::block_in_place(|| receiver.recv()).context("the writer has stopped")?
    }
}

/// For work that was queued.
pub struct Receipt<T>(oneshot::Receiver<Result<T>>);

impl<T> Receipt<T> {
    /// Waits until what the work wrote is durable.
    pub async fn done(self) -> Result<T> {
        self.0.await.context("the writer has stopped")?
    }

    /// Whether the answer is there already.
    pub fn is_done(&self) -> bool {
        !self.0.is_empty() || self.0.is_terminated()
    }
}

fn job<T: Send + 'static>(
    work: impl FnOnce(&mut House) -> Result<T> + Send + 'static,
    reply: impl FnOnce(Result<T>) + Send + 'static,
) -> Job {
    Box::new(move |begun| {
        let result = match begun {
            Ok(house) => {
                let result = house.attempt(work);
                house.concluded.undone |= result.is_err();
                if result.as_ref().err().is_some_and(is_store_trouble) {
                    house.forget_folders();
                }
                result
            }
            Err(fault) => Err(fault.into()),
        };
        Box::new(move |committed| reply(result.and_then(|value| committed.map(|()| value).map_err(Into::into))))
    })
}

fn work(mut house: House, jobs: &Receiver<Job>) -> House {
    while let Ok(first) = jobs.recv() {
        // What comes in while the group runs still joins it.
        let group = std::iter::once(first).chain(jobs.try_iter()).take(GROUP);
        let (answers, committed) = run_group(&mut house, group);
        let committed = committed.and_then(|()| pass("writer.answers").map_err(StoreFault::Broken));
        house.concluded.undone |= committed.is_err();
        house.settle_owed();
        for answer in answers {
            answer(committed.clone());
        }
    }
    // Nobody waits any more; once more, since the next start could only ask.
    house.settle_owed();
    house
}

fn run_group(house: &mut House, group: impl Iterator<Item = Job>) -> (Vec<Answer>, Stored<()>) {
    let begun = begin(house);
    let run = |job: Job| match &begun {
        Ok(()) => job(Ok(&mut *house)),
        Err(fault) => job(Err(fault.clone())),
    };
    let answers: Vec<Answer> = group.map(run).collect();
    let committed = begun.and_then(|()| house.store.commit());
    if committed.is_err() {
        house.forget_folders();
    }
    (answers, committed)
}

/// A command of the owner may hold the write lock for a moment.
fn begin(house: &mut House) -> Stored<()> {
    let mut tries = 0;
    loop {
        match house.store.begin() {
            Err(StoreFault::Busy) if tries < BUSY_TRIES => tries += 1,
            other => return other,
        }
    }
}
