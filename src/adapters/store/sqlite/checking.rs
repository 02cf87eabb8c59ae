//! Looks for damage. Finds, never mends.

use super::{asking::all, journal};
use crate::adapters::store::alike::changed;
use crate::store::{Depth, StoreFault, Stored, evidence_of};
use rusqlite::Connection;

type Look = fn(&Connection) -> Stored<Vec<String>>;

/// Findings as lines for a human; damage so bad that SQLite cannot go on reading is a finding too.
pub fn check(db: &Connection, depth: Depth) -> Stored<Vec<String>> {
    let looks: &[Look] = match depth {
        Depth::Quick => &[quick, journal::verify],
        Depth::Thorough => &[thorough, references, journal::verify, inputs, mails],
    };
    let mut findings = Vec::new();
    for look in looks {
        match look(db) {
            Ok(found) => findings.extend(found),
            Err(StoreFault::Broken(reason)) => findings.push(reason),
            Err(other) => return Err(other),
        }
    }
    Ok(findings)
}

fn quick(db: &Connection) -> Stored<Vec<String>> {
    structure(db, "PRAGMA quick_check(20)")
}

fn thorough(db: &Connection) -> Stored<Vec<String>> {
    structure(db, "PRAGMA integrity_check(20)")
}

/// SQLite says `ok` when it finds nothing.
fn structure(db: &Connection, sql: &str) -> Stored<Vec<String>> {
    let mut lines: Vec<String> = all(db, sql, [], |row| row.get(0))?;
    lines.retain(|line| line != "ok");
    Ok(lines)
}

fn references(db: &Connection) -> Stored<Vec<String>> {
    all(db, "PRAGMA foreign_key_check", [], |row| {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        Ok(format!("a row of {table} points to nothing in {parent}"))
    })
}

fn inputs(db: &Connection) -> Stored<Vec<String>> {
    bytes(db, "SELECT 'input ' || id, id, bytes FROM inputs LEFT JOIN input_bytes USING (n) ORDER BY n")
}

fn mails(db: &Connection) -> Stored<Vec<String>> {
    bytes(db, "SELECT 'mail ' || id, sha256, bytes FROM outbox LEFT JOIN outbox_bytes USING (n) ORDER BY n")
}

fn bytes(db: &Connection, sql: &str) -> Stored<Vec<String>> {
    let found = all(db, sql, [], |row| {
        let (what, sha256): (String, String) = (row.get(0)?, row.get(1)?);
        let bytes: Option<Vec<u8>> = row.get(2)?;
        let is_sound = bytes.is_some_and(|bytes| evidence_of(&bytes).as_str() == sha256);
        Ok((!is_sound).then(|| changed(&what)))
    })?;
    Ok(found.into_iter().flatten().collect())
}
