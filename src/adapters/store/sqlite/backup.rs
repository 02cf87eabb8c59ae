//! A consistent copy of the file while others write it, and the way back. Who reads a copy may trust it: it got its
//! name only after it was on the disk and had been read to its last byte.

use super::asking::{all, natural, one};
use super::opening::{PRIVATE, connect, demand_library, settle_in, version_of_ours};
use super::{SqliteStore, checking};
use crate::store::{Depth, StoreFault, Stored};
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Why there is no copy now. What was there before is untouched.
#[derive(Debug, thiserror::Error)]
pub enum BackupFault {
    #[error("{0}")]
    Store(#[from] StoreFault),
    /// Where the copy should lie.
    #[error("{} cannot be written: {error}", path.display())]
    Place { path: PathBuf, error: Error },
    #[error("the copy would not be sound: {0}")]
    Unsound(String),
}

impl BackupFault {
    /// As a fault of the store, for what cannot go on without the copy.
    pub fn into_store(self) -> StoreFault {
        match self {
            BackupFault::Store(fault) => fault,
            BackupFault::Place { error, .. } if error.kind() == ErrorKind::StorageFull => StoreFault::Full,
            fault @ (BackupFault::Place { .. } | BackupFault::Unsound(_)) => StoreFault::Broken(fault.to_string()),
        }
    }
}

/// How many rows of what only grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    pub journal: u64,
    pub inputs: u64,
    pub outbox: u64,
}

impl SqliteStore {
    /// Copies the database, which another process may be writing, to `to`: checked, readable by its owner only, on the
    /// disk when this returns. What was under that name is replaced.
    ///
    /// # Errors
    /// The source cannot be read, the copy cannot be written, or what was written is not what is there.
    pub fn back_up(database: &Path, to: &Path) -> Result<Counts, BackupFault> {
        demand_library(rusqlite::version_number())?;
        // Not `query_only`: that would forbid the copy too.
        let db = connect(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        version_of_ours(&db, database)?;
        settle_in(&db)?;
        let before = counts(&db)?;
        let part = beside(to, "part");
        let counted = write(&db, &part).and_then(|()| sound_copy(&part, before, counts(&db)?));
        match counted {
            Ok(counted) => place(&part, to).map(|()| counted),
            Err(fault) => {
                let _ = std::fs::remove_file(&part);
                Err(fault)
            }
        }
    }

    /// Looks for damage in a file of ours that nobody writes, such as a backup; of this or an older form.
    pub fn look_through(path: &Path) -> Stored<(Counts, Vec<String>)> {
        demand_library(rusqlite::version_number())?;
        let db = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        version_of_ours(&db, path)?;
        settle_in(&db)?;
        Ok((counts(&db)?, checking::check(&db, Depth::Thorough)?))
    }
}

/// The copy of a file that is about to get another form.
pub(super) fn copy(db: &Connection, to: &Path) -> Result<(), BackupFault> {
    let part = beside(to, "part");
    write(db, &part)?;
    place(&part, to)
}

/// SQLite does not sync what `VACUUM INTO` writes, so it is done here.
fn write(db: &Connection, part: &Path) -> Result<(), BackupFault> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(PRIVATE).open(part);
    let file = file.map_err(at(part))?;
    db.execute("VACUUM INTO ?1", [part.to_string_lossy()]).map_err(StoreFault::from)?;
    file.sync_all().map_err(at(part))
}

/// The source may have grown meanwhile, but it never shrinks.
fn sound_copy(part: &Path, before: Counts, after: Counts) -> Result<Counts, BackupFault> {
    let (copied, findings) = SqliteStore::look_through(part)?;
    if !findings.is_empty() {
        return Err(BackupFault::Unsound(findings.join("; ")));
    }
    let within = |part: fn(&Counts) -> u64| (part(&before)..=part(&after)).contains(&part(&copied));
    if !(within(|c| c.journal) && within(|c| c.inputs) && within(|c| c.outbox)) {
        return Err(BackupFault::Unsound(format!("it has {copied:?}, and there were {before:?}")));
    }
    Ok(copied)
}

/// The name appears when all is there.
fn place(part: &Path, to: &Path) -> Result<(), BackupFault> {
    std::fs::rename(part, to).map_err(at(to))?;
    sync_parent(to).map_err(at(to))
}

fn counts(db: &Connection) -> Stored<Counts> {
    let count = |sql| Ok::<u64, StoreFault>(one(db, sql, [], |row| natural(row, 0))?.unwrap_or(0));
    // A file whose making was cut short has no tables yet.
    let made: Vec<String> = all(db, "SELECT name FROM sqlite_schema WHERE name = 'journal'", [], |row| row.get(0))?;
    if made.is_empty() {
        return Ok(Counts { journal: 0, inputs: 0, outbox: 0 });
    }
    Ok(Counts {
        journal: count("SELECT count(*) FROM journal")?,
        inputs: count("SELECT count(*) FROM inputs")?,
        outbox: count("SELECT count(*) FROM outbox")?,
    })
}

fn at(path: &Path) -> impl Fn(Error) -> BackupFault {
    let path = path.to_owned();
    move |error| BackupFault::Place { path: path.clone(), error }
}

/// Makes what happened in a file's folder durable.
pub fn sync_parent(path: &Path) -> std::io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}

/// The path with something behind its name.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::store::contract::{committed, fact};
    use crate::store::Store;
    use std::os::unix::fs::PermissionsExt;

    fn busy_store(folder: &Path) -> (PathBuf, SqliteStore) {
        let path = folder.join("a.sqlite");
        let mut store = SqliteStore::open(&path).unwrap();
        committed(&mut store, |store| store.append(&[fact("K1", "1"), fact("K2", "2")])).unwrap();
        (path, store)
    }

    #[test]
    fn a_copy_beside_a_writer_is_whole_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut store) = busy_store(folder.path());
        store.begin().unwrap();
        store.append(&[fact("K1", "not committed")]).unwrap();
        let copy = folder.path().join("copy");
        let counts = SqliteStore::back_up(&path, &copy).unwrap();
        assert_eq!(counts, Counts { journal: 2, inputs: 0, outbox: 0 });
        store.rollback().unwrap();
        assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(SqliteStore::open_read_only(&copy).unwrap().journal(None, 0, 9).unwrap().len(), 2);
        let mut names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert!(!names.iter().any(|name| name.to_string_lossy().contains("part")), "{names:?}");
    }

    #[test]
    fn a_copy_with_a_row_too_few_or_damaged_gets_no_name() {
        let folder = tempfile::tempdir().unwrap();
        let (path, store) = busy_store(folder.path());
        let part = folder.path().join("part");
        write(&store.db, &part).unwrap();
        let two = counts(&store.db).unwrap();
        assert!(sound_copy(&part, two, two).is_ok());
        let three = Counts { journal: 3, ..two };
        assert!(matches!(sound_copy(&part, three, three), Err(BackupFault::Unsound(_))));
        let mut bytes = std::fs::read(&part).unwrap();
        let at = bytes.windows(7).rposition(|bytes| bytes == b"K22026-").expect("the second row of the journal");
        bytes[at] ^= 0xff;
        std::fs::write(&part, bytes).unwrap();
        assert!(sound_copy(&part, two, two).is_err());
        drop(store);
        assert!(path.exists());
    }

    #[test]
    fn a_place_that_cannot_be_written_is_no_damage_of_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let (path, _store) = busy_store(folder.path());
        let fault = SqliteStore::back_up(&path, &folder.path().join("none/copy")).unwrap_err();
        assert!(matches!(&fault, BackupFault::Place { .. }), "{fault}");
        std::fs::write(folder.path().join("other"), "no database").unwrap();
        let fault = SqliteStore::back_up(&folder.path().join("other"), &folder.path().join("copy")).unwrap_err();
        assert!(matches!(fault, BackupFault::Store(_)), "{fault}");
        assert!(!folder.path().join("copy").exists());
    }
}
