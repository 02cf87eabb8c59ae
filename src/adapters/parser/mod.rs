//! Reads the files of strangers in processes of their own, with little memory and time and nothing else of ours in them:
//! a library that is led astray by a file takes that process with it and no more. The parent's half; the child's is in
//! `worker.rs`, what they say to each other in `wire.rs`. Never reads a file in this process, whatever happens.

mod pdf;
mod wire;
mod worker;

pub use pdf::embedded;
pub use worker::work;

use crate::paper::{Paper, Unread};
use crate::ports::{NoParser, Parser};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The word by which our own program is asked to be a worker; no help text tells of it.
pub const WORD: &str = "read-files";
/// Workers at once.
const MOST: usize = 2;
/// What one file may take in all, whatever the worker waits for.
const LONGEST: Duration = Duration::from_secs(30);
/// A worker that read so many files, or bytes, is replaced: what a library leaves behind does not add up.
const MOST_FILES: usize = 1000;
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// A worker that has closed its end may need so long to be gone.
const FAREWELL: Duration = Duration::from_millis(500);

/// Starts the program that runs now once more for each worker, when there is something to read.
pub struct Workers {
    program: PathBuf,
    words: Vec<String>,
    patience: Duration,
    idle: Mutex<Vec<Worker>>,
}

impl Workers {
    /// The file that runs, also after a newer one was installed over it.
    pub fn new() -> Workers {
        Workers::of("/proc/self/exe")
    }

    /// Workers that are this program.
    pub fn of(program: impl Into<PathBuf>) -> Workers {
        Workers { program: program.into(), words: vec![WORD.to_owned()], patience: LONGEST, idle: Mutex::default() }
    }

    /// One lane: takes the next file until there is none.
    fn lane(&self, files: &[Unread<'_>], next: &AtomicUsize) -> Result<Vec<(usize, Paper)>, NoParser> {
        let mut worker = self.idle().pop();
        let mut papers = Vec::new();
        while let Some((at, file)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, files.get(at)?)))
        {
            papers.push((at, self.read(&mut worker, file)?));
        }
        self.idle().extend(worker);
        Ok(papers)
    }

    /// A worker may fall for the sake of what it read before: the file is tried once more, alone, and then named.
    fn read(&self, worker: &mut Option<Worker>, file: &Unread<'_>) -> Result<Paper, NoParser> {
        if let Ok(paper) = self.try_once(worker, file)? {
            return Ok(paper);
        }
        let alone = self.try_once(worker, file)?;
        Ok(alone.unwrap_or_else(|fell| Paper::refused(file.kind, fell.to_string())))
    }

    /// Leaves the worker behind if it is good for another file.
    fn try_once(&self, worker: &mut Option<Worker>, file: &Unread<'_>) -> Result<Result<Paper, Fell>, NoParser> {
        let mut asked = match worker.take() {
            Some(worker) => worker,
            None => Worker::start(self.command(), self.patience)?,
        };
        let answer = asked.ask(file);
        match answer {
            Ok(paper) => {
                *worker = Some(asked).filter(|asked| !asked.is_worn());
                Ok(Ok(paper))
            }
            Err(what @ wire::Fault::Gone(_)) => Ok(Err(Fell { what, status: asked.end() })),
            // It is not gone, and will not be asked again: dropping it ends it.
            Err(what) => Ok(Err(Fell { what, status: None })),
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.words).env_clear().current_dir("/");
        command
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Worker>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Workers {
    fn default() -> Workers {
        Workers::new()
    }
}

impl Parser for Workers {
    fn parse(&self, files: &[Unread<'_>]) -> Result<Vec<Paper>, NoParser> {
        let next = AtomicUsize::new(0);
        let lanes = MOST.min(files.len());
        let mut papers = std::thread::scope(|scope| {
            let lanes: Vec<_> = (0..lanes).map(|_| scope.spawn(|| self.lane(files, &next))).collect();
            let broken = |_| Err(NoParser("BUG: a lane broke".to_owned()));
            let read: Result<Vec<_>, _> = lanes.into_iter().map(|lane| lane.join().unwrap_or_else(broken)).collect();
            read.map(|papers| papers.into_iter().flatten().collect::<Vec<_>>())
        })?;
        papers.sort_by_key(|(at, _)| *at);
        Ok(papers.into_iter().map(|(_, paper)| paper).collect())
    }

    fn rest(&self) {
        self.idle().clear();
    }
}

/// A worker did not answer a file.
struct Fell {
    what: wire::Fault,
    status: Option<ExitStatus>,
}

impl std::fmt::Display for Fell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const REMEDY: &str = "write it anew, or smaller; the other files are not concerned";
        match (&self.what, self.status) {
            (wire::Fault::Late, _) => write!(f, "reading this file took longer than 30 seconds: {REMEDY}"),
            (wire::Fault::Senseless(why), _) => write!(f, "what reads this file went astray ({why}): {REMEDY}"),
            (wire::Fault::Gone(_), Some(status)) => {
                write!(f, "this file cannot be read within the limits of its reader ({status}): {REMEDY}")
            }
            (wire::Fault::Gone(why), None) => write!(f, "what reads this file fell silent ({why}): {REMEDY}"),
        }
    }
}

/// One process, and the line to it.
struct Worker {
    child: Child,
    line: UnixStream,
    patience: Duration,
    files: usize,
    bytes: usize,
}

impl Worker {
    /// Starts a worker and waits until it has limited itself.
    fn start(mut command: Command, patience: Duration) -> Result<Worker, NoParser> {
        let failed = |error: std::io::Error| NoParser(format!("no process could be started to read it: {error}"));
        let (line, theirs) = UnixStream::pair().map_err(failed)?;
        line.set_read_timeout(Some(patience)).map_err(failed)?;
        line.set_write_timeout(Some(patience)).map_err(failed)?;
        let out = OwnedFd::from(theirs.try_clone().map_err(failed)?);
        command.stdin(OwnedFd::from(theirs)).stdout(out).stderr(Stdio::null());
        let child = command.spawn().map_err(failed)?;
        // The command holds the other end of the line: with it gone, the line ends when the child does.
        drop(command);
        let mut worker = Worker { child, line, patience, files: 0, bytes: 0 };
        match wire::hear_ready(&mut worker.line, patience) {
            Ok(Ok(())) => Ok(worker),
            Ok(Err(why)) => Err(NoParser(why)),
            Err(fault) => {
                let status = worker.end().map_or_else(String::new, |status| format!(" ({status})"));
                Err(NoParser(format!("the process that reads it did not begin: {fault}{status}")))
            }
        }
    }

    fn ask(&mut self, file: &Unread<'_>) -> Result<Paper, wire::Fault> {
        self.files += 1;
        self.bytes += file.bytes.len();
        wire::ask(&mut self.line, file, self.patience)
    }

    fn is_worn(&self) -> bool {
        self.files >= MOST_FILES || self.bytes >= MOST_BYTES
    }

    /// How it ended, if it did so by itself.
    fn end(mut self) -> Option<ExitStatus> {
        let step = Duration::from_millis(5);
        for _ in 0..FAREWELL.as_millis() / step.as_millis() {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            std::thread::sleep(step);
        }
        None
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may be gone already; it is waited for in any case, so that nothing is left of it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests;
