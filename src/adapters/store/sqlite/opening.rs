//! Opening the file: is it ours, is it safe where it lies, is its form the newest? A file of a newer version or of
//! somebody else is left as it is.

use super::SqliteStore;
use super::asking::whole;
use super::backup::{BackupFault, beside, copy};
use super::write_back::{LOG, WriteBack};
use crate::store::{StoreFault, Stored};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fs::{OpenOptions, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

/// How the form of the file grew: number N is applied to a file at N-1. A published one is never changed.
const MIGRATIONS: &[&str] = &[
    include_str!("../sql/0001_first.sql"),
    include_str!("../sql/0002_questions.sql"),
    include_str!("../sql/0003_checks.sql"),
];

/// `AANM`, set by the first migration.
const APPLICATION_ID: i64 = 0x4141_4e4d;

/// Before it, two connections that write at once could corrupt the file (the WAL-reset bug of 3.7.0 to 3.51.2).
const OLDEST_SQLITE: i32 = 3_051_003;

const NEWER: &str = "it was written by a newer version of this program";

/// Owner only: the file holds other people's letters.
pub(super) const PRIVATE: u32 = 0o600;

/// What a daemon that starts may take to bring the file to its form while a command already asks.
const STARTING: Duration = Duration::from_secs(2);

impl SqliteStore {
    /// Opens the file for writing, makes it if it is missing (readable by its owner only) and brings it to the newest
    /// form; before that an older one is copied to `<path>.before-v<N>`.
    pub fn open(path: &Path) -> Stored<SqliteStore> {
        open_with(path, MIGRATIONS)
    }

    /// Opens an existing file for reading only, while another process may write it or, for a moment, still makes it.
    pub fn open_read_only(path: &Path) -> Stored<SqliteStore> {
        demand_library(rusqlite::version_number())?;
        let db = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        await_newest_form(&db, path)?;
        settle_in(&db)?;
        db.pragma_update(None, "query_only", true)?;
        Ok(SqliteStore::over(db, None))
    }

    fn over(db: Connection, write_back: Option<WriteBack>) -> SqliteStore {
        SqliteStore { write_back, db, transaction: None, remembered: Default::default() }
    }
}

fn open_with(path: &Path, migrations: &[&str]) -> Stored<SqliteStore> {
    demand_library(rusqlite::version_number())?;
    demand_local(path)?;
    create_private(path).map_err(|error| unfit(path, &error.to_string()))?;
    let mut db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    if version_of_ours(&db, path)? > whole(migrations.len()) {
        return Err(unfit(path, NEWER));
    }
    make_private(path).map_err(|error| unfit(path, &error.to_string()))?;
    settle_in(&db)?;
    keep_safe(&db, path)?;
    migrate(&db, path, migrations)?;
    let write_back = WriteBack::of(&mut db, path, LOG)?;
    Ok(SqliteStore::over(db, Some(write_back)))
}

/// The library this program was linked with.
pub(super) fn demand_library(version: i32) -> Stored<()> {
    if version < OLDEST_SQLITE {
        return Err(StoreFault::Unfit(format!("SQLite {} is too old, 3.51.3 is needed", rusqlite::version())));
    }
    Ok(())
}

/// Locks over a network are a known cause of corrupt databases.
fn demand_local(path: &Path) -> Stored<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let found = rustix::fs::statfs(parent).map_err(|error| unfit(parent, &error.to_string()))?;
    match network_file_system(found.f_type as u32) {
        Some(name) => Err(unfit(path, &format!("it lies on a network file system ({name}); it must be a local one"))),
        None => Ok(()),
    }
}

/// The magic numbers of `statfs(2)`.
fn network_file_system(magic: u32) -> Option<&'static str> {
    match magic {
        0x0000_6969 => Some("NFS"),
        0x0000_517b | 0xff53_4d42 | 0xfe53_4d42 => Some("SMB"),
        0x00c3_6400 => Some("Ceph"),
        0x5346_414f | 0x6b41_4653 => Some("AFS"),
        _ => None,
    }
}

fn create_private(path: &Path) -> std::io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn make_private(path: &Path) -> std::io::Result<()> {
    let mode = std::fs::metadata(path)?.permissions().mode();
    if mode & 0o077 == 0 { Ok(()) } else { std::fs::set_permissions(path, Permissions::from_mode(PRIVATE)) }
}

pub(super) fn connect(path: &Path, flags: OpenFlags) -> Stored<Connection> {
    let db = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| unfit(path, &error.to_string()))?;
    db.busy_timeout(Duration::from_secs(5))?;
    db.set_prepared_statement_cache_capacity(128);
    Ok(db)
}

fn await_newest_form(db: &Connection, path: &Path) -> Stored<()> {
    let (asked, newest) = (Instant::now(), whole(MIGRATIONS.len()));
    loop {
        match version_of_ours(db, path)? {
            version if version > newest => return Err(unfit(path, NEWER)),
            version if version == newest => return Ok(()),
            _ if asked.elapsed() < STARTING => std::thread::sleep(Duration::from_millis(20)),
            _ => return Err(unfit(path, "it was not yet brought to the form of this version: start the daemon once")),
        }
    }
}

/// The form of a file of ours: 0 for an empty one.
pub(super) fn version_of_ours(db: &Connection, path: &Path) -> Stored<i64> {
    // One view of the file: a daemon may be making it.
    let _view = db.unchecked_transaction()?;
    let application_id: i64 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let objects: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application_id != APPLICATION_ID && (application_id != 0 || objects != 0) {
        return Err(unfit(path, "it is another program's database"));
    }
    version(db)
}

fn version(db: &Connection) -> Stored<i64> {
    Ok(db.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// What each connection must set for itself.
pub(super) fn settle_in(db: &Connection) -> Stored<()> {
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Else a kept statement is planned anew at each use, where a partial index might fit the values given this time.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "mmap_size", 0)?;
    db.pragma_update(None, "cell_size_check", true)?;
    Ok(db.pragma_update(None, "temp_store", "MEMORY")?)
}

/// What a writing connection sets: nothing committed is lost, nothing deleted is left readable.
fn keep_safe(db: &Connection, path: &Path) -> Stored<()> {
    // Heard by a new file only. Larger pages are fewer: each costs its own way through the log.
    db.pragma_update(None, "page_size", 8_192)?;
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(unfit(path, &format!("the file system allows no write-ahead log (journal mode {mode})")));
    }
    db.pragma_update(None, "synchronous", "FULL")?;
    // In KiB: a portion of files stays in memory until it is committed, whatever the cache keeps from then on.
    db.pragma_update(None, "cache_spill", -16_000)?;
    // In KiB; the default of 2,000 reads what a portion of files has just written, and frees what it takes again.
    db.pragma_update(None, "cache_size", -10_000)?;
    Ok(db.pragma_update(None, "secure_delete", true)?)
}

fn migrate(db: &Connection, path: &Path, migrations: &[&str]) -> Stored<()> {
    let found = version(db)?;
    if found > 0 && found < whole(migrations.len()) {
        let kept = beside(path, &format!("before-v{}", found + 1));
        copy(db, &kept).map_err(BackupFault::into_store)?;
    }
    // A table that others refer to may be made anew; SQLite listens to this only outside a transaction.
    db.pragma_update(None, "foreign_keys", false)?;
    for (number, sql) in (1..).zip(migrations) {
        db.execute_batch("BEGIN IMMEDIATE")?;
        let done = apply(db, number, sql).and_then(|()| Ok(db.execute_batch("COMMIT")?));
        if !db.is_autocommit() {
            db.execute_batch("ROLLBACK")?;
        }
        done?;
    }
    Ok(db.pragma_update(None, "foreign_keys", true)?)
}

/// Asked inside the transaction, since another process may have been faster.
fn apply(db: &Connection, number: i64, sql: &str) -> Stored<()> {
    if version(db)? >= number {
        return Ok(());
    }
    db.execute_batch(sql)?;
    if db.prepare("PRAGMA foreign_key_check")?.exists([])? {
        return Err(StoreFault::Broken(format!("form {number} of the file would leave a row that refers to none")));
    }
    Ok(db.pragma_update(None, "user_version", number)?)
}

pub(super) fn unfit(path: &Path, reason: &str) -> StoreFault {
    StoreFault::Unfit(format!("{}: {reason}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::store::contract::{committed, fact};
    use crate::store::Store;

    const FIRST: &str = MIGRATIONS[0];

    #[test]
    fn a_kept_statement_is_planned_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        drop(SqliteStore::open(&path).unwrap());
        let db = connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        settle_in(&db).unwrap();
        let mut asked = db.prepare("SELECT n FROM outbox WHERE id = ?1 AND state <> ?2").unwrap();
        for id in ["a", "b", "c"] {
            assert!(!asked.exists([id, "sent"]).unwrap());
        }
        assert_eq!(asked.get_status(rusqlite::StatementStatus::RePrepare), 0);
    }

    #[test]
    fn an_older_file_is_copied_and_brought_forward_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let mut old = open_with(&path, &[FIRST]).unwrap();
        committed(&mut old, |store| store.append(&[fact("K1", "1")])).unwrap();
        drop(old);
        let newer = [FIRST, "CREATE TABLE more (a TEXT) STRICT; INSERT INTO more VALUES ('x')"];
        for _ in 0..2 {
            let store = open_with(&path, &newer).unwrap();
            let rows: i64 = store.db.query_row("SELECT count(*) FROM more", [], |row| row.get(0)).unwrap();
            assert_eq!((version(&store.db).unwrap(), rows), (2, 1));
        }
        let before = connect(&folder.path().join("a.db.before-v2"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        assert_eq!(version(&before).unwrap(), 1);
        let rows: i64 = before.query_row("SELECT count(*) FROM journal", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1);
        assert!(matches!(open_with(&path, &[FIRST]), Err(StoreFault::Unfit(_))));
    }

    /// What the administration was asked before lies beside its account from then on; a debtor's stays.
    #[test]
    fn questions_of_older_files_come_beside_their_account() {
        use crate::store::Asked;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let old = open_with(&path, &[FIRST]).unwrap();
        let state = r#"{"id":"@administration","questions":{"Q1":{"kind":"unmatched_payment","about":{"payment":{"id":"p1"}}},
            "Q2":{"kind":"quarantine","about":{"input":"f1"}},"Q3":{"kind":"clock","about":"nothing"}},"questions_asked":3}"#;
        let debtors = r#"{"id":"K1","questions":{"Q1-K1":{"kind":"call","about":"nothing"}}}"#;
        for (id, state) in [("@administration", state), ("K1", debtors), ("@odd", "{\"v\":1}")] {
            old.db.execute("INSERT INTO accounts VALUES (?1, 7, ?2)", [id, state]).unwrap();
        }
        drop(old);
        let store = SqliteStore::open(&path).unwrap();
        let rows = store.questions(&"@administration".into(), Asked::All).unwrap();
        let told: Vec<_> = rows.iter().map(|row| (row.id.as_str(), row.kind.as_str(), row.about.as_str())).collect();
        assert_eq!(told, [("Q1", "unmatched_payment", "p1"), ("Q2", "quarantine", "f1"), ("Q3", "clock", "")]);
        assert_eq!(rows[1].state, r#"{"kind":"quarantine","about":{"input":"f1"}}"#);
        let left = store.account(&"@administration".into()).unwrap().unwrap();
        assert_eq!(left.version, 7);
        assert_eq!(left.state, r#"{"id":"@administration","questions":{},"questions_asked":3}"#);
        assert_eq!(store.account(&"K1".into()).unwrap().unwrap().state, debtors);
        assert_eq!(store.account(&"@odd".into()).unwrap().unwrap().state, "{\"v\":1}");
        assert!(store.questions(&"K1".into(), Asked::All).unwrap().is_empty());
    }

    /// The tables whose CHECKs were written anew hold what they held, and refuse what they refused.
    #[test]
    fn rows_of_older_files_stay_when_their_table_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let old = open_with(&path, &MIGRATIONS[..2]).unwrap();
        let hash = "a".repeat(64);
        old.db
            .execute_batch(&format!(
                "INSERT INTO accounts VALUES ('K1', 1, '{{}}');
             INSERT INTO cases VALUES ('c', 'K1', '2026-1', 'held', 100, 'EUR', NULL);
             INSERT INTO inputs VALUES (7, '{hash}', 'mail', 'm', 3, 1, 2, 'quarantined', 'odd', 4);
             INSERT INTO input_bytes VALUES (7, x'616263');
             INSERT INTO input_names VALUES ('mail', 'm', 7);
             INSERT INTO mails VALUES ('INBOX', 1, 2, 'm', 7)"
            ))
            .unwrap();
        let all = |db: &Connection| -> Vec<String> {
            let told = |sql| db.query_row(sql, [], |row| row.get(0)).unwrap();
            [
                "SELECT id || account || number || state || open_minor || currency || ifnull(payment_reference, '-') FROM cases",
                "SELECT n || id || kind || name || size || at || received_at || disposition || note || settled_at FROM inputs",
                "SELECT kind || name || n FROM input_names",
                "SELECT seq || '' FROM sqlite_sequence WHERE name = 'inputs'",
                "SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema WHERE type <> 'table' ORDER BY name)",
            ]
            .map(told)
            .into()
        };
        let before = all(&old.db);
        drop(old);
        let new = SqliteStore::open(&path).unwrap();
        assert_eq!(all(&new.db), before);
        for (refused, why) in [
            ("UPDATE cases SET state = 'gone'", "CHECK"),
            ("UPDATE inputs SET kind = 'letter'", "CHECK"),
            ("UPDATE inputs SET disposition = 'lost'", "settled"),
            ("INSERT INTO input_names VALUES ('letter', 'x', 7)", "CHECK"),
            ("INSERT INTO input_names VALUES ('mail', 'x', 8)", "FOREIGN KEY"),
            ("DELETE FROM inputs", "FOREIGN KEY"),
        ] {
            let told = new.db.execute_batch(refused).unwrap_err().to_string();
            assert!(told.contains(why), "{refused}: {told}");
        }
    }

    #[test]
    fn a_migration_that_leaves_a_row_referring_to_none_is_undone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let told = open_with(&path, &[FIRST, "INSERT INTO input_bytes VALUES (5, x'00')"]).map(|_| ()).unwrap_err();
        assert!(told.to_string().contains("refers to none"), "{told}");
        assert!(open_with(&path, &[FIRST]).is_ok());
    }

    #[test]
    fn a_migration_that_fails_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        drop(open_with(&path, &[FIRST]).unwrap());
        assert!(open_with(&path, &[FIRST, "CREATE TABLE half (a TEXT) STRICT; INSERT INTO none VALUES (1)"]).is_err());
        let store = SqliteStore::open(&path).unwrap();
        assert!(store.db.query_row("SELECT 1 FROM sqlite_schema WHERE name = 'half'", [], |_| Ok(())).is_err());
    }

    #[test]
    fn an_old_library_and_a_network_are_refused() {
        assert!(demand_library(3_040_001).is_err() && demand_library(3_051_002).is_err());
        assert!(demand_library(3_051_003).is_ok() && demand_library(rusqlite::version_number()).is_ok());
        assert_eq!(network_file_system(0x6969), Some("NFS"));
        assert_eq!(network_file_system(0xff53_4d42), Some("SMB"));
        assert_eq!(network_file_system(0xef53), None, "ext4");
    }
}
