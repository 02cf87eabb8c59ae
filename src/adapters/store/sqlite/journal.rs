//! The journal in SQL. It is only appended to; triggers refuse the rest.

use super::asking::*;
use crate::adapters::store::chain::{self, Walk};
use crate::dunning::ids::DebtorId;
use crate::store::{JournalRow, NewRow, Stored};
use chrono::NaiveDate;
use rusqlite::types::Type;
use rusqlite::{Connection, Row, params};

macro_rules! rows {
    ($rest:literal) => {
        concat!("SELECT seq, account, \"on\", at, cause, fact, hash FROM journal ", $rest)
    };
}

pub fn append(db: &Connection, rows: &[NewRow]) -> Stored<Vec<i64>> {
    let (mut seq, mut before) = end(db)?;
    let mut seqs = Vec::with_capacity(rows.len());
    for row in rows {
        seq += 1;
        let linked = chain::link(&before, seq, row);
        insert(db, &linked)?;
        seqs.push(seq);
        before = linked.hash;
    }
    Ok(seqs)
}

/// The last number that was given out, even if its row was taken away since, and the hash of the last row.
fn end(db: &Connection) -> Stored<(i64, [u8; 32])> {
    let sql = "SELECT (SELECT seq FROM sqlite_sequence WHERE name = 'journal'),
                      (SELECT hash FROM journal ORDER BY seq DESC LIMIT 1)";
    let (seq, hash): (Option<i64>, Option<[u8; 32]>) =
        one(db, sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?.unwrap_or_default();
    Ok((seq.unwrap_or(0), hash.unwrap_or(chain::START)))
}

fn insert(db: &Connection, row: &JournalRow) -> Stored<()> {
    let sql = "INSERT INTO journal (seq, account, \"on\", at, cause, fact, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let (on, at) = (row.on.to_string(), row.at.timestamp_micros());
    run(db, sql, params![row.seq, row.account.as_str(), on, at, row.cause, row.fact, row.hash])?;
    Ok(())
}

pub fn rows(db: &Connection, account: Option<&DebtorId>, after: i64, limit: usize) -> Stored<Vec<JournalRow>> {
    match account {
        None => all(db, rows!("WHERE seq > ?1 ORDER BY seq LIMIT ?2"), params![after, whole(limit)], read),
        Some(id) => {
            let sql = rows!("WHERE account = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3");
            all(db, sql, params![id.as_str(), after, whole(limit)], read)
        }
    }
}

pub fn verify(db: &Connection) -> Stored<Vec<String>> {
    let mut walk = Walk::new();
    let mut statement = db.prepare_cached(rows!("ORDER BY seq"))?;
    for row in statement.query_map([], read)? {
        walk.step(&row?);
    }
    Ok(walk.end(end(db)?.0))
}

fn read(row: &Row<'_>) -> rusqlite::Result<JournalRow> {
    let on: String = row.get(2)?;
    let on: NaiveDate = on.parse().map_err(|_| unreadable(2, Type::Text, format!("no date: {on:?}")))?;
    Ok(JournalRow {
        seq: row.get(0)?,
        account: DebtorId::new(row.get::<_, String>(1)?),
        on,
        at: instant(row, 3)?,
        cause: row.get(4)?,
        fact: row.get(5)?,
        hash: row.get(6)?,
    })
}
