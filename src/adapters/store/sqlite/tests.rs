//! What only the file can get wrong: crashes, other processes, other people's SQL, other versions, a full disk.

use super::*;
use crate::adapters::store::contract::{account, at, committed, fact, file, is_bug, letter};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

struct Place {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    Place { _folder: folder, path }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Somebody with a SQL shell.
fn shell(path: &Path) -> Connection {
    Connection::open(path).unwrap()
}

fn refused(db: &Connection, sql: &str) -> bool {
    match db.execute_batch(sql) {
        Ok(()) => false,
        Err(error) => {
            let text = error.to_string();
            assert!(!text.contains("syntax") && !text.contains("no such"), "{sql}: {text}");
            true
        }
    }
}

/// One input applied: a journal row, an account version, an input and a mail, all or nothing.
fn one_transaction(store: &mut SqliteStore, n: u64) {
    store.append(&[fact("K1", &n.to_string())]).unwrap();
    store.write_account(&account("K1", n, &[&format!("2026-{n}")], &[])).unwrap();
    store.put_input(&file(&format!("f{n}"), &n.to_be_bytes())).unwrap();
    store.put_outbox(&letter(&format!("L{n}"), &[("C-1", &format!("step-{n}"))])).unwrap();
}

/// How many of [`one_transaction`] are there; each must be there wholly.
fn transactions_in(store: &SqliteStore) -> usize {
    let found = store.journal(None, 0, 999).unwrap().len();
    assert_eq!(store.account(&"K1".into()).unwrap().map_or(0, |account| account.version), found as u64);
    assert_eq!(store.inputs_unsettled().unwrap(), found as u64);
    assert_eq!(store.outbox_in(&OutboxState::ALL).unwrap().len(), found);
    assert_eq!(store.check(Depth::Thorough).unwrap(), Vec::<String>::new());
    found
}

// ── crashes ─────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_crash_inside_a_transaction_leaves_what_was_committed() {
    let place = place();
    let mut store = SqliteStore::open(&place.path).unwrap();
    committed(&mut store, |_| ());
    store.begin().unwrap();
    one_transaction(&mut store, 0);
    store.commit().unwrap();
    store.db.execute_batch("PRAGMA cache_size = 5; PRAGMA cache_spill = 5").unwrap();
    let before = std::fs::metadata(beside(&place.path, "-wal")).unwrap().len();
    store.begin().unwrap();
    one_transaction(&mut store, 1);
    store.put_input(&file("big", &vec![7; 4 << 20])).unwrap();
    let spilled = std::fs::metadata(beside(&place.path, "-wal")).unwrap().len();
    assert!(spilled > before + (1 << 20), "the uncommitted pages must be in the file for this test to mean anything");
    let copy = place.path.with_file_name("copy.db");
    std::fs::copy(&place.path, &copy).unwrap();
    std::fs::copy(beside(&place.path, "-wal"), beside(&copy, "-wal")).unwrap();
    let mut copy = SqliteStore::open(&copy).unwrap();
    assert_eq!(transactions_in(&copy), 1);
    copy.begin().unwrap();
    one_transaction(&mut copy, 1);
    copy.commit().unwrap();
    assert_eq!(transactions_in(&copy), 2, "and work goes on");
}

#[test]
fn a_log_torn_at_any_place_holds_whole_transactions() {
    let place = place();
    drop(SqliteStore::open(&place.path).unwrap());
    let base = std::fs::read(&place.path).unwrap();
    let mut store = SqliteStore::open(&place.path).unwrap();
    let wal_path = beside(&place.path, "-wal");
    let mut ends = Vec::new();
    for n in 0..4 {
        store.begin().unwrap();
        one_transaction(&mut store, n);
        store.commit().unwrap();
        ends.push(std::fs::metadata(&wal_path).unwrap().len() as usize);
    }
    let wal = std::fs::read(&wal_path).unwrap();
    let copy = place.path.with_file_name("copy.db");
    for cut in (0..=wal.len()).step_by(1031).chain(ends.iter().copied()) {
        std::fs::write(&copy, &base).unwrap();
        std::fs::write(beside(&copy, "-wal"), &wal[..cut]).unwrap();
        let found = transactions_in(&SqliteStore::open(&copy).unwrap());
        assert_eq!(found, ends.iter().filter(|end| **end <= cut).count(), "cut at {cut}");
    }
}

#[test]
fn a_dropped_store_forgets_its_open_transaction() {
    let place = place();
    let mut store = SqliteStore::open(&place.path).unwrap();
    store.begin().unwrap();
    one_transaction(&mut store, 0);
    store.commit().unwrap();
    store.begin().unwrap();
    one_transaction(&mut store, 1);
    drop(store);
    assert_eq!(transactions_in(&SqliteStore::open(&place.path).unwrap()), 1);
}

// ── other processes ─────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn of_two_processes_that_decided_on_one_version_one_must_decide_again() {
    let place = place();
    let mut daemon = SqliteStore::open(&place.path).unwrap();
    let mut command = SqliteStore::open(&place.path).unwrap();
    committed(&mut daemon, |store| store.write_account(&account("K1", 0, &[], &[]))).unwrap();
    let (one, two) = (daemon.account(&"K1".into()).unwrap().unwrap(), command.account(&"K1".into()).unwrap().unwrap());
    assert_eq!(one, two);
    assert_eq!(
        committed(&mut command, |store| store.write_account(&account("K1", two.version, &["2026-1"], &[]))),
        Ok(2)
    );
    let late = account("K1", one.version, &[], &[]);
    assert_eq!(committed(&mut daemon, |store| store.write_account(&late)), Err(StoreFault::Conflict));
    assert_eq!(*daemon.case_numbers().unwrap(), ["2026-1".into()]);
}

#[test]
fn a_second_writer_is_told_that_the_file_is_busy() {
    let place = place();
    let mut daemon = SqliteStore::open(&place.path).unwrap();
    let mut command = SqliteStore::open(&place.path).unwrap();
    command.db.busy_timeout(std::time::Duration::ZERO).unwrap();
    daemon.begin().unwrap();
    one_transaction(&mut daemon, 0);
    assert_eq!(command.begin(), Err(StoreFault::Busy));
    assert!(!command.in_transaction());
    assert_eq!(transactions_in(&command), 0, "reading goes on, of what was committed");
    daemon.commit().unwrap();
    assert_eq!(transactions_in(&command), 1);
    command.begin().unwrap();
}

#[test]
fn a_reader_reads_beside_the_writer_and_never_writes() {
    let place = place();
    assert!(matches!(SqliteStore::open_read_only(&place.path), Err(StoreFault::Unfit(_))), "no file");
    let mut writer = SqliteStore::open(&place.path).unwrap();
    let mut reader = SqliteStore::open_read_only(&place.path).unwrap();
    writer.begin().unwrap();
    one_transaction(&mut writer, 0);
    assert_eq!(transactions_in(&reader), 0);
    writer.commit().unwrap();
    assert_eq!(transactions_in(&reader), 1);
    assert!(is_bug(|| drop(reader.begin())));
    assert!(refused(&reader.db, "DELETE FROM meta"));
    drop((writer, reader));
    assert_eq!(transactions_in(&SqliteStore::open_read_only(&place.path).unwrap()), 1, "also with no writer alive");
}

// ── other people's SQL ──────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn the_journal_cannot_be_changed_by_plain_sql() {
    let place = place();
    let mut store = SqliteStore::open(&place.path).unwrap();
    committed(&mut store, |store| store.append(&[fact("K1", "1"), fact("K1", "2"), fact("K1", "3")])).unwrap();
    let db = shell(&place.path);
    let row = "'K1', '2026-11-22', 0, 'c', 'f', zeroblob(32))";
    assert!(refused(&db, "UPDATE journal SET fact = 'x' WHERE seq = 2"));
    assert!(refused(&db, "UPDATE OR REPLACE journal SET seq = 9 WHERE seq = 2"));
    assert!(refused(&db, "DELETE FROM journal WHERE seq = 3"));
    assert!(refused(&db, &format!("INSERT OR REPLACE INTO journal VALUES (2, {row}")));
    assert!(refused(&db, &format!("INSERT OR REPLACE INTO journal VALUES (3, {row}")), "nor the last");
    assert!(refused(&db, &format!("INSERT INTO journal VALUES (-5, {row}")));
    assert_eq!(store.verify_journal().unwrap(), Vec::<String>::new());
}

#[test]
fn a_changed_or_lost_journal_row_shows() {
    let place = place();
    let mut store = SqliteStore::open(&place.path).unwrap();
    let rows: Vec<NewRow> = (0..6).map(|n| fact("K1", &n.to_string())).collect();
    committed(&mut store, |store| store.append(&rows)).unwrap();
    let findings = |sql: &str| -> Vec<String> {
        let copy = place.path.with_file_name("changed.db");
        SqliteStore::back_up(&place.path, &copy).unwrap();
        let db = shell(&copy);
        db.execute_batch("DROP TRIGGER journal_rows_are_not_changed; DROP TRIGGER journal_rows_are_not_deleted")
            .unwrap();
        db.execute_batch(sql).unwrap();
        drop(db);
        let mut changed = SqliteStore::open(&copy).unwrap();
        let found = changed.verify_journal().unwrap();
        committed(&mut changed, |store| store.append(&[fact("K1", "later")])).unwrap();
        assert!(changed.check(Depth::Quick).unwrap().starts_with(&found), "it stays visible");
        found
    };
    assert_eq!(findings("UPDATE journal SET fact = '9' WHERE seq = 2"), ["journal row 2 is not what was written"]);
    assert_eq!(findings("UPDATE journal SET at = at + 1 WHERE seq = 6"), ["journal row 6 is not what was written"]);
    assert_eq!(findings("DELETE FROM journal WHERE seq = 3"), ["journal row 3 is missing"]);
    assert_eq!(findings("DELETE FROM journal WHERE seq < 3"), ["journal rows 1 to 2 are missing"]);
    assert_eq!(findings("DELETE FROM journal WHERE seq > 4"), ["journal rows 5 to 6 are missing"]);
    assert_eq!(findings("DELETE FROM journal"), ["journal rows 1 to 6 are missing"]);
}

#[test]
fn the_database_itself_refuses_to_cover_a_step_twice() {
    let place = place();
    let mut store = SqliteStore::open(&place.path).unwrap();
    committed(&mut store, |store| {
        store.put_outbox(&letter("L1", &[("C-1", "reminder")])).unwrap();
        store.put_outbox(&letter("L2", &[("C-2", "reminder")])).unwrap();
    });
    let db = shell(&place.path);
    db.execute_batch("DROP TRIGGER covers_are_not_replaced; DROP TRIGGER outbox_mails_are_not_replaced").unwrap();
    let columns = "(id, purpose, state, message_id, sender, recipient, subject, sha256, created_at, changed_at)";
    let mail = |id: &str, message_id: &str| {
        format!(
            "INSERT INTO outbox {columns} SELECT '{id}', 'letter', 'ready', '{message_id}', '', '', '', sha256, 0, 0
                 FROM outbox WHERE n = 1"
        )
    };
    assert!(refused(&db, "INSERT INTO covers (n, place, case_id, step) VALUES (2, 9, 'C-1', 'reminder')"));
    assert!(refused(&db, &mail("L1", "new")), "the id");
    assert!(refused(&db, &mail("L3", "L1@books.example")), "the Message-ID");
    assert!(!refused(&db, &mail("L3", "new")), "the statement itself is right");
    db.execute_batch("UPDATE outbox SET state = 'withdrawn' WHERE n = 1").unwrap();
    assert!(!refused(&db, "INSERT INTO covers (n, place, case_id, step) VALUES (2, 9, 'C-1', 'reminder')"));
    assert!(!refused(&db, &mail("L1", "L1@books.example")));
}

#[test]
fn the_database_itself_holds_a_mail_to_its_path() {
    let place = place();
    let mut store = SqliteStore::open(&place.path).unwrap();
    for from in OutboxState::ALL {
        for to in OutboxState::ALL {
            let id = format!("{}-{}", from.word(), to.word());
            committed(&mut store, |store| store.put_outbox(&letter(&id, &[(&id, "reminder")]))).unwrap();
            let db = shell(&place.path);
            // The trigger is put aside to bring the mail into its first state, and then comes back.
            let sql = "SELECT sql FROM sqlite_schema WHERE name = 'outbox_moves_along_its_path'";
            let trigger: String = db.query_row(sql, [], |row| row.get(0)).unwrap();
            db.execute_batch(&format!(
                "BEGIN; DROP TRIGGER outbox_moves_along_its_path;
                 UPDATE outbox SET state = '{}' WHERE id = '{id}'; {trigger}; COMMIT",
                from.word()
            ))
            .unwrap();
            let sql = format!("UPDATE outbox SET state = '{}' WHERE id = '{id}'", to.word());
            assert_eq!(refused(&db, &sql), !from.may_become(to), "{id}");
        }
    }
}

#[test]
fn what_was_written_of_a_mail_stays() {
    let place = place();
    let mut store = SqliteStore::open(&place.path).unwrap();
    committed(&mut store, |store| store.put_outbox(&letter("L1", &[("C-1", "reminder")]))).unwrap();
    let db = shell(&place.path);
    for sql in [
        "UPDATE outbox SET recipient = 'x@y.example'",
        "UPDATE outbox SET message_id = 'x'",
        "UPDATE outbox SET live = 0",
        "UPDATE outbox_bytes SET bytes = x'00'",
        "UPDATE covers SET step = 'formal'",
        "UPDATE covers SET live = 0",
        "DELETE FROM covers",
        "DELETE FROM outbox",
        "INSERT OR REPLACE INTO outbox SELECT * FROM outbox",
        "INSERT OR REPLACE INTO covers (n, place, case_id, step) VALUES (1, 2, 'C-1', 'reminder')",
        "UPDATE outbox SET state = 'posted'",
    ] {
        assert!(refused(&db, sql), "{sql}");
    }
}

// ── damage, a full disk ─────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn changed_bytes_are_not_handed_out() {
    let place = place();
    let mut store = SqliteStore::open(&place.path).unwrap();
    committed(&mut store, |store| {
        store.put_outbox(&letter("L1", &[])).unwrap();
        store.put_input(&file("a", b"a")).unwrap();
        store.put_input(&file("b", b"b")).unwrap();
    });
    let sql = "DROP TRIGGER outbox_bytes_are_final; UPDATE outbox_bytes SET bytes = x'00';
               UPDATE input_bytes SET bytes = x'00' WHERE n = 1; DELETE FROM input_bytes WHERE n = 2";
    shell(&place.path).execute_batch(sql).unwrap();
    assert!(matches!(store.outbox_bytes("L1"), Err(StoreFault::Broken(_))));
    assert!(matches!(store.input_bytes(&evidence_of(b"a")), Err(StoreFault::Broken(_))));
    assert_eq!(store.check(Depth::Quick).unwrap(), Vec::<String>::new());
    assert_eq!(store.check(Depth::Thorough).unwrap().len(), 3);
}

#[test]
fn a_damaged_file_is_found_and_not_mistaken_for_another() {
    let place = place();
    let mut store = SqliteStore::open(&place.path).unwrap();
    committed(&mut store, |store| {
        let rows: Vec<NewRow> = (0..400).map(|n| fact("K1", &format!("{n:0>400}"))).collect();
        store.append(&rows).unwrap();
    });
    drop(store);
    let mut bytes = std::fs::read(&place.path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xa5);
    std::fs::write(&place.path, &bytes).unwrap();
    let found = SqliteStore::open(&place.path).and_then(|store| store.check(Depth::Quick));
    assert!(!found.as_ref().is_ok_and(Vec::is_empty), "{found:?}");
}

#[test]
fn a_full_disk_loses_nothing_and_keeps_no_half() {
    let place = place();
    let mut store = SqliteStore::open(&place.path).unwrap();
    store.begin().unwrap();
    one_transaction(&mut store, 0);
    store.commit().unwrap();
    let pages: i64 = store.db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    store.db.query_row(&format!("PRAGMA max_page_count = {}", pages + 20), [], |_| Ok(())).unwrap();
    store.begin().unwrap();
    one_transaction(&mut store, 1);
    store.savepoint().unwrap();
    assert_eq!(store.put_input(&file("big", &vec![1; 1 << 20])), Err(StoreFault::Full));
    assert_eq!(store.once("a", "b"), Err(StoreFault::Full), "nothing more is written");
    assert_eq!(store.rollback_to(), Err(StoreFault::Full));
    assert_eq!(store.commit(), Err(StoreFault::Full));
    assert!(!store.in_transaction());
    assert_eq!(transactions_in(&store), 1);
    store.db.query_row("PRAGMA max_page_count = 100000", [], |_| Ok(())).unwrap();
    store.begin().unwrap();
    one_transaction(&mut store, 1);
    store.commit().unwrap();
    assert_eq!(transactions_in(&store), 2);
}

#[test]
fn after_a_fault_nothing_of_the_transaction_is_kept() {
    let place = place();
    let mut store = SqliteStore::open(&place.path).unwrap();
    store.begin().unwrap();
    one_transaction(&mut store, 0);
    let fault = StoreFault::Broken("disk I/O error".into());
    assert_eq!(store.write(|_| Err::<(), _>(fault.clone())), Err(fault.clone()));
    assert!(!store.db.is_autocommit(), "this fault leaves SQLite's own transaction open");
    assert_eq!(store.append(&[fact("K1", "more")]), Err(fault.clone()));
    assert_eq!(store.commit(), Err(fault));
    assert_eq!(transactions_in(&store), 0);
    store.begin().unwrap();
    one_transaction(&mut store, 0);
    store.commit().unwrap();
    assert_eq!(transactions_in(&SqliteStore::open(&place.path).unwrap()), 1);
}

/// SQLite keeps the old form of every page for a savepoint and walks through all of it at each fact.
#[test]
fn what_begins_a_transaction_needs_no_savepoint() {
    let place = place();
    let mut store = SqliteStore::open(&place.path).unwrap();
    let is_open = |store: &SqliteStore| store.db.execute_batch("RELEASE input; SAVEPOINT input").is_ok();
    store.begin().unwrap();
    for _ in 0..2 {
        store.savepoint().unwrap();
        store.savepoint().unwrap();
        assert!(!is_open(&store));
        one_transaction(&mut store, 0);
        store.rollback_to().unwrap();
        assert!(store.once("a", "b").unwrap(), "undone with the inner one, and the outer one goes on");
        store.rollback_to().unwrap();
    }
    assert!(store.once("a", "b").unwrap(), "undone with the outer one");
    store.savepoint().unwrap();
    assert!(is_open(&store), "what was written before must stay");
    store.release().unwrap();
    store.commit().unwrap();
}

#[test]
fn nobody_writes_in_between() {
    let place = place();
    let mut store = SqliteStore::open(&place.path).unwrap();
    let other = Connection::open(&place.path).unwrap();
    other.busy_timeout(Duration::ZERO).unwrap();
    let may_write = || other.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok();
    store.begin().unwrap();
    assert!(!may_write(), "from the beginning, before anything is written");
    store.savepoint().unwrap();
    one_transaction(&mut store, 0);
    store.rollback_to().unwrap();
    assert!(!may_write(), "nor after something was undone");
    one_transaction(&mut store, 0);
    store.commit().unwrap();
    assert!(may_write());
    store.begin().unwrap();
    store.rollback().unwrap();
    assert!(may_write());
}

#[test]
fn what_is_remembered_is_what_the_file_says() {
    let place = place();
    let mut store = SqliteStore::open(&place.path).unwrap();
    let mut other = SqliteStore::open(&place.path).unwrap();
    let words = |store: &SqliteStore| (store.meta("a").unwrap(), store.sent_since(at(0)).unwrap());
    let said = |word: &str| Some(word.to_owned());
    assert_eq!(words(&store), (None, 0));
    committed(&mut store, |store| store.set_meta("a", "ours")).unwrap();
    assert_eq!(words(&store), (said("ours"), 0));
    committed(&mut other, |other| {
        other.put_outbox(&letter("L1", &[("F1", "friendly")])).unwrap();
        let path = [OutboxState::Ready, OutboxState::Sending, OutboxState::DotIntent, OutboxState::Sent];
        path.windows(2).for_each(|way| assert_eq!(other.move_outbox("L1", way[0], way[1], "", at(1), None), Ok(true)));
        other.set_meta("a", "theirs")
    })
    .unwrap();
    assert_eq!(words(&store), (said("theirs"), 1), "another connection wrote");
    store.begin().unwrap();
    assert_eq!(words(&store), (said("theirs"), 1), "and within a transaction");
    store.set_meta("a", "undone").unwrap();
    assert_eq!(words(&store), (said("undone"), 1));
    store.rollback().unwrap();
    assert_eq!(words(&store), (said("theirs"), 1));
    store.begin().unwrap();
    store.savepoint().unwrap();
    store.set_meta("a", "undone").unwrap();
    assert_eq!(words(&store).0, said("undone"));
    store.rollback_to().unwrap();
    store.commit().unwrap();
    assert_eq!(words(&store), (said("theirs"), 1));
}

// ── opening ─────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_reopened_file_has_everything() {
    let place = place();
    for n in 0..3 {
        let mut store = SqliteStore::open(&place.path).unwrap();
        assert_eq!(transactions_in(&store), n as usize);
        store.begin().unwrap();
        one_transaction(&mut store, n);
        store.move_outbox(&format!("L{n}"), OutboxState::Ready, OutboxState::Sending, "", at(1), None).unwrap();
        store.commit().unwrap();
    }
    let store = SqliteStore::open(&place.path).unwrap();
    assert_eq!(store.outbox_in(&[OutboxState::Sending]).unwrap().len(), 3);
}

#[test]
fn the_file_is_for_its_owner_only() {
    let place = place();
    let mut store = SqliteStore::open(&place.path).unwrap();
    committed(&mut store, |store| store.set_meta("a", "b")).unwrap();
    let all = [place.path.clone(), beside(&place.path, "-wal"), beside(&place.path, "-shm")];
    all.iter().for_each(|path| assert_eq!(mode(path), 0o600, "{}", path.display()));
    drop(store);
    std::fs::set_permissions(&place.path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let _store = SqliteStore::open(&place.path).unwrap();
    assert_eq!(mode(&place.path), 0o600);
    let copy = place.path.with_file_name("copy.db");
    SqliteStore::back_up(&place.path, &copy).unwrap();
    assert_eq!(mode(&copy), 0o600);
}

#[test]
fn the_connection_is_set_for_safety() {
    let place = place();
    let store = SqliteStore::open(&place.path).unwrap();
    let setting = |name: &str| -> String {
        let value: rusqlite::types::Value = store.db.pragma_query_value(None, name, |row| row.get(0)).unwrap();
        format!("{value:?}")
    };
    assert_eq!(setting("journal_mode"), "Text(\"wal\")");
    for (name, value) in [
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("secure_delete", 1),
        ("mmap_size", 0),
        ("page_size", 8_192),
        ("busy_timeout", 5000),
        ("application_id", 0x4141_4e4d),
        ("user_version", 3),
    ] {
        assert_eq!(setting(name), format!("Integer({value})"), "{name}");
    }
}

/// A command of the owner's in the moment in which the daemon starts for the first time.
#[test]
fn a_reader_waits_while_the_file_is_being_made() {
    let place = place();
    std::fs::write(&place.path, "").unwrap();
    let path = place.path.clone();
    let reader = std::thread::spawn(move || SqliteStore::open_read_only(&path).map(|store| transactions_in(&store)));
    std::thread::sleep(std::time::Duration::from_millis(200));
    drop(SqliteStore::open(&place.path).unwrap());
    assert_eq!(reader.join().unwrap().unwrap(), 0);
    let empty = place.path.with_file_name("empty.db");
    std::fs::write(&empty, "").unwrap();
    let told = SqliteStore::open_read_only(&empty);
    assert!(matches!(told, Err(StoreFault::Unfit(reason)) if reason.contains("start the daemon")));
}

#[test]
fn a_newer_file_and_a_strange_one_are_left_alone() {
    let place = place();
    drop(SqliteStore::open(&place.path).unwrap());
    shell(&place.path).execute_batch("PRAGMA user_version = 4").unwrap();
    let before = std::fs::read(&place.path).unwrap();
    assert!(matches!(SqliteStore::open(&place.path), Err(StoreFault::Unfit(reason)) if reason.contains("newer")));
    let read = SqliteStore::open_read_only(&place.path);
    assert!(matches!(read, Err(StoreFault::Unfit(reason)) if reason.contains("newer")));
    assert_eq!(std::fs::read(&place.path).unwrap(), before);

    let other = place.path.with_file_name("other.db");
    shell(&other).execute_batch("CREATE TABLE recipes (name TEXT)").unwrap();
    let before = std::fs::read(&other).unwrap();
    assert!(matches!(SqliteStore::open(&other), Err(StoreFault::Unfit(reason)) if reason.contains("another program")));
    assert_eq!(std::fs::read(&other).unwrap(), before);

    let text = place.path.with_file_name("notes.txt");
    std::fs::write(&text, "not a database, but long enough to look like one? ".repeat(100)).unwrap();
    assert!(SqliteStore::open(&text).is_err());
    assert!(SqliteStore::open(&place.path.with_file_name("missing").join("a.db")).is_err());
}

#[test]
fn a_copy_is_complete() {
    let place = place();
    let mut store = SqliteStore::open(&place.path).unwrap();
    store.begin().unwrap();
    one_transaction(&mut store, 0);
    store.commit().unwrap();
    let copy = place.path.with_file_name("copy.db");
    SqliteStore::back_up(&place.path, &copy).unwrap();
    store.begin().unwrap();
    one_transaction(&mut store, 1);
    store.commit().unwrap();
    assert_eq!(transactions_in(&SqliteStore::open_read_only(&copy).unwrap()), 1);
    SqliteStore::back_up(&place.path, &copy).unwrap();
    assert_eq!(transactions_in(&SqliteStore::open(&copy).unwrap()), 2, "an older copy is replaced");
}
