//! A thread of its own carries what was committed from the write-ahead log into the file (SQLite's checkpoint), so that no
//! commit waits for it.

use super::opening;
use crate::store::Stored;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// How long the log may become, in pages.
#[derive(Clone, Copy)]
pub struct Log {
    /// Worth carrying over.
    many: i32,
    /// Where writing never pauses the log would grow as long as it lasts: from here on a commit carries it over itself.
    too_many: i32,
}

/// SQLite's own 1,000 writes the same pages back every hundred commits.
pub const LOG: Log = Log { many: 2_000, too_many: 16_000 };

enum Ask {
    Now,
    End,
}

/// Dropping it ends the thread.
pub struct WriteBack {
    asks: SyncSender<Ask>,
    thread: Option<JoinHandle<()>>,
}

impl WriteBack {
    /// For the connection that writes to the file at `path`.
    pub fn of(db: &mut Connection, path: &Path, longest: Log) -> Stored<WriteBack> {
        let (asks, asked) = sync_channel(1);
        let of_commits = asks.clone();
        db.wal_hook(Some(move |log: &mut rusqlite::hooks::Wal, pages| {
            // As SQLite itself does: what cannot be carried over now stays in the log, where it is safe.
            if pages >= longest.too_many {
                drop(log.checkpoint());
            } else if pages >= longest.many {
                drop(of_commits.try_send(Ask::Now));
            }
            Ok(())
        }))?;
        let path = path.to_owned();
        let thread = std::thread::spawn(move || carry(&path, &asked));
        Ok(WriteBack { asks, thread: Some(thread) })
    }
}

impl Drop for WriteBack {
    fn drop(&mut self) {
        drop(self.asks.send(Ask::End));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Most processes write little: the connection is made when it is needed.
fn carry(path: &Path, asked: &Receiver<Ask>) {
    let mut db = None;
    while let Ok(Ask::Now) = asked.recv() {
        if db.is_none() {
            db = opening::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).ok();
        }
        if let Some(db) = &db {
            drop(db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    /// Bytes of the file itself, after pages were written to a log for which this much is much.
    fn carried_over(log: Log) -> u64 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let mut db = Connection::open(&path).unwrap();
        db.pragma_update(None, "journal_mode", "WAL").unwrap();
        let kept = WriteBack::of(&mut db, &path, log).unwrap();
        db.execute_batch("CREATE TABLE a (b BLOB); INSERT INTO a VALUES (zeroblob(400000))").unwrap();
        let (asked, size) = (Instant::now(), || std::fs::metadata(&path).unwrap().len());
        while size() < 400_000 && asked.elapsed() < Duration::from_secs(if log.many < i32::MAX { 30 } else { 0 }) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let carried = size();
        drop(kept);
        let bytes: i64 = db.query_row("SELECT length(b) FROM a", [], |row| row.get(0)).unwrap();
        assert_eq!(bytes, 400_000);
        carried
    }

    #[test]
    fn the_log_is_carried_over_beside_the_writer() {
        assert!(carried_over(Log { many: 50, too_many: i32::MAX }) >= 400_000);
    }

    #[test]
    fn a_log_that_is_too_long_is_carried_over_by_the_writer() {
        assert!(carried_over(Log { many: i32::MAX, too_many: 50 }) >= 400_000);
    }

    #[test]
    fn a_short_log_stays() {
        assert!(carried_over(Log { many: i32::MAX, too_many: i32::MAX }) < 400_000);
    }
}
