//! Inputs and the places of the mailbox in SQL.

use super::asking::*;
use crate::adapters::store::alike::*;
use crate::dunning::ids::EvidenceId;
use crate::ports::MailKey;
use crate::store::*;
use chrono::{DateTime, Utc};
use rusqlite::types::Type;
use rusqlite::{Connection, Row, params};

macro_rules! inputs {
    ($rest:literal) => {
        concat!("SELECT id, kind, name, size, at, received_at, disposition, note, settled_at FROM inputs ", $rest)
    };
}

pub fn put(db: &Connection, input: &NewInput) -> Stored<Put> {
    demand_evidence(input);
    let (n, put) = match number(db, &input.id)? {
        Some(n) => (n, Put::Known),
        None => (add(db, input)?, Put::New),
    };
    put_name(db, input, n)?;
    if let Some(key) = &input.key {
        let sql = "INSERT INTO mails (folder, uidvalidity, uid, name, n) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT DO UPDATE SET n = excluded.n";
        run(db, sql, params![key.folder, key.uidvalidity, key.uid, key.name, n])?;
    }
    Ok(put)
}

/// Most names are new: only for others there is a statement that SQLite makes ready to be taken back.
fn put_name(db: &Connection, input: &NewInput, n: i64) -> Stored<()> {
    let named = params![input.kind.word(), input.name, n];
    if run(db, "INSERT INTO input_names (kind, name, n) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", named)? == 0 {
        run(db, "UPDATE input_names SET n = ?3 WHERE kind = ?1 AND name = ?2", named)?;
    }
    Ok(())
}

fn number(db: &Connection, id: &EvidenceId) -> Stored<Option<i64>> {
    one(db, "SELECT n FROM inputs WHERE id = ?1", [id.as_str()], |row| row.get(0))
}

fn add(db: &Connection, input: &NewInput) -> Stored<i64> {
    let sql = "INSERT INTO inputs (id, kind, name, size, at, received_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let (kind, size) = (input.kind.word(), whole(input.bytes.len()));
    let (at, received_at) = (micros(input.at), maybe_micros(input.received_at));
    run(db, sql, params![input.id.as_str(), kind, input.name, size, at, received_at])?;
    let n = db.last_insert_rowid();
    run(db, "INSERT INTO input_bytes (n, bytes) VALUES (?1, ?2)", params![n, input.bytes])?;
    Ok(n)
}

pub fn input(db: &Connection, id: &EvidenceId) -> Stored<Option<InputRow>> {
    one(db, inputs!("WHERE id = ?1"), [id.as_str()], read)
}

pub fn bytes(db: &Connection, id: &EvidenceId) -> Stored<Option<Vec<u8>>> {
    let sql = "SELECT bytes FROM input_bytes WHERE n = (SELECT n FROM inputs WHERE id = ?1)";
    let found = one(db, sql, [id.as_str()], |row| row.get(0))?;
    found.map(|bytes| demand_sound(&format!("input {id}"), id.as_str(), bytes)).transpose()
}

pub fn to_settle(db: &Connection, limit: usize) -> Stored<Vec<EvidenceId>> {
    let sql = "SELECT id FROM inputs WHERE disposition IS NULL ORDER BY n LIMIT ?1";
    all(db, sql, [whole(limit)], |row| Ok(EvidenceId::new(row.get::<_, String>(0)?)))
}

pub fn unsettled(db: &Connection) -> Stored<u64> {
    let sql = "SELECT count(*) FROM inputs WHERE disposition IS NULL";
    Ok(one(db, sql, [], |row| natural(row, 0))?.unwrap_or(0))
}

pub fn quarantined(db: &Connection) -> Stored<Vec<InputRow>> {
    all(db, inputs!("WHERE disposition = 'quarantined' ORDER BY n"), [], read)
}

pub fn settle(db: &Connection, id: &EvidenceId, disposition: &Disposition, at: DateTime<Utc>) -> Stored<()> {
    let known: Option<Option<String>> =
        one(db, "SELECT disposition FROM inputs WHERE id = ?1", [id.as_str()], |row| row.get(0))?;
    let Some(known) = known else { panic!("BUG: no input {id} to settle") };
    demand_settlement(known.as_deref(), disposition);
    let sql = "UPDATE inputs SET disposition = ?2, note = ?3, settled_at = ?4 WHERE id = ?1";
    run(db, sql, params![id.as_str(), disposition.word(), disposition.text(), micros(at)])?;
    Ok(())
}

pub fn by_name(db: &Connection, kind: InputKind, name: &str) -> Stored<Option<InputRow>> {
    let sql = inputs!("WHERE n = (SELECT n FROM input_names WHERE kind = ?1 AND name = ?2)");
    one(db, sql, [kind.word(), name], read)
}

pub fn cursor(db: &Connection, folder: &str) -> Stored<Option<(u32, u32)>> {
    let sql = "SELECT uidvalidity, uid FROM cursors WHERE folder = ?1";
    one(db, sql, [folder], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub fn set_cursor(db: &Connection, folder: &str, uidvalidity: u32, uid: u32) -> Stored<()> {
    let sql = "INSERT INTO cursors (folder, uidvalidity, uid) VALUES (?1, ?2, ?3)
               ON CONFLICT DO UPDATE SET uidvalidity = excluded.uidvalidity, uid = excluded.uid";
    run(db, sql, params![folder, uidvalidity, uid]).map(|_| ())
}

pub fn has_mail(db: &Connection, key: &MailKey) -> Stored<bool> {
    let sql = "SELECT 1 FROM mails WHERE folder = ?1 AND uidvalidity = ?2 AND uid = ?3 AND name = ?4";
    Ok(one(db, sql, params![key.folder, key.uidvalidity, key.uid, key.name], |_| Ok(()))?.is_some())
}

fn read(row: &Row<'_>) -> rusqlite::Result<InputRow> {
    Ok(InputRow {
        id: EvidenceId::new(row.get::<_, String>(0)?),
        kind: word(row, 1, InputKind::from_word)?,
        name: row.get(2)?,
        size: natural(row, 3)?,
        at: instant(row, 4)?,
        received_at: maybe_instant(row, 5)?,
        disposition: read_disposition(row)?,
        settled_at: maybe_instant(row, 8)?,
    })
}

fn read_disposition(row: &Row<'_>) -> rusqlite::Result<Option<Disposition>> {
    let Some(word) = row.get::<_, Option<String>>(6)? else { return Ok(None) };
    match Disposition::from_word(&word, row.get(7)?) {
        Some(disposition) => Ok(Some(disposition)),
        None => Err(unreadable(6, Type::Text, format!("unknown disposition {word:?}"))),
    }
}
