//! The outbox in SQL: one row per mail and life. Triggers and partial unique indexes hold the same line below.

use super::asking::*;
use crate::adapters::store::alike::*;
use crate::dunning::ids::{CaseId, DebtorId, StepId};
use crate::store::*;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, Params, Row, params};

macro_rules! mails {
    ($rest:literal) => {
        concat!(
            "SELECT n, id, account, purpose, state, message_id, token, sender, recipient, own_copy, subject, sha256, ",
            "attempts, next_try, note, created_at, changed_at, sent_at FROM outbox ",
            $rest
        )
    };
}

/// All refusals come before the first change.
pub fn put(db: &Connection, mail: &NewOutbox) -> Stored<()> {
    refuse_twice(db, mail)?;
    let n = add(db, mail)?;
    run(db, "INSERT INTO outbox_bytes (n, bytes) VALUES (?1, ?2)", params![n, mail.bytes])?;
    for (place, (case, step)) in (1i64..).zip(&mail.covers) {
        let sql = "INSERT INTO covers (n, place, case_id, step) VALUES (?1, ?2, ?3, ?4)";
        run(db, sql, params![n, place, case.as_str(), step.as_str()])?;
    }
    Ok(())
}

fn refuse_twice(db: &Connection, mail: &NewOutbox) -> Stored<()> {
    refuse_steps_named_twice(&mail.covers)?;
    if exists(db, "SELECT 1 FROM outbox WHERE id = ?1 AND live = 1", [&mail.id])? {
        return Err(mail_twice(&mail.id));
    }
    if exists(db, "SELECT 1 FROM outbox WHERE message_id = ?1 AND live = 1", [&mail.message_id])? {
        return Err(message_id_twice(&mail.message_id));
    }
    for (case, step) in &mail.covers {
        let sql = "SELECT 1 FROM covers WHERE case_id = ?1 AND step = ?2 AND live = 1";
        if exists(db, sql, [case.as_str(), step.as_str()])? {
            return Err(step_twice(case, step));
        }
    }
    Ok(())
}

fn exists<P: Params>(db: &Connection, sql: &str, params: P) -> Stored<bool> {
    Ok(one(db, sql, params, |_| Ok(()))?.is_some())
}

fn add(db: &Connection, mail: &NewOutbox) -> Stored<i64> {
    let sql = "INSERT INTO outbox (id, account, purpose, state, message_id, token, sender, recipient, own_copy,
                   subject, sha256, created_at, changed_at)
               VALUES (?1, ?2, ?3, 'ready', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)";
    let sha256 = evidence_of(&mail.bytes);
    let values = params![
        mail.id,
        mail.account.as_ref().map(DebtorId::as_str),
        mail.purpose.word(),
        mail.message_id,
        mail.token,
        mail.sender,
        mail.recipient,
        mail.own_copy,
        mail.subject,
        sha256.as_str(),
        micros(mail.at),
    ];
    run(db, sql, values)?;
    Ok(db.last_insert_rowid())
}

pub fn by_id(db: &Connection, id: &str) -> Stored<Option<OutboxRow>> {
    find(db, mails!("WHERE id = ?1 ORDER BY n DESC LIMIT 1"), id)
}

pub fn by_message_id(db: &Connection, message_id: &str) -> Stored<Option<OutboxRow>> {
    find(db, mails!("WHERE message_id = ?1 ORDER BY n DESC LIMIT 1"), message_id)
}

pub fn by_token(db: &Connection, token: &str) -> Stored<Option<OutboxRow>> {
    find(db, mails!("WHERE token = ?1 ORDER BY n DESC LIMIT 1"), token)
}

fn find(db: &Connection, sql: &str, key: &str) -> Stored<Option<OutboxRow>> {
    one(db, sql, [key], read)?.map(|found| with_covers(db, found)).transpose()
}

pub fn in_states(db: &Connection, states: &[OutboxState]) -> Stored<Vec<OutboxRow>> {
    let mut found = Vec::new();
    for state in states {
        found.extend(all(db, mails!("WHERE state = ?1"), [state.word()], read)?);
    }
    found.sort_by_key(|(n, _)| *n);
    found.dedup_by_key(|(n, _)| *n);
    found.into_iter().map(|row| with_covers(db, row)).collect()
}

pub fn under_way(db: &Connection) -> Stored<Vec<UnderWay>> {
    let sql = "SELECT account, purpose FROM outbox WHERE state = 'sending'
               UNION ALL SELECT account, purpose FROM outbox WHERE state = 'dot_intent'";
    all(db, sql, [], |row| {
        let account = row.get::<_, Option<String>>(0)?.map(DebtorId::new);
        Ok(UnderWay { account, purpose: word(row, 1, Purpose::from_word)? })
    })
}

pub fn to_try(db: &Connection, now: DateTime<Utc>, anew: Option<DateTime<Utc>>) -> Stored<Vec<String>> {
    let sql = "SELECT id FROM outbox
               WHERE state = 'ready' AND (next_try IS NULL OR next_try <= ?1 OR changed_at < ?2)
               ORDER BY purpose <> 'digest', attempts, n";
    all(db, sql, params![micros(now), maybe_micros(anew)], |row| row.get(0))
}

pub fn bytes(db: &Connection, id: &str) -> Stored<Option<Vec<u8>>> {
    let sql = "SELECT sha256, bytes FROM outbox JOIN outbox_bytes USING (n) WHERE id = ?1 ORDER BY n DESC LIMIT 1";
    let found = one(db, sql, [id], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
    found.map(|(sha256, bytes)| demand_sound(&format!("mail {id}"), &sha256, bytes)).transpose()
}

/// Only the last life of a mail can move; those before it were withdrawn. `false` when it was not in `from`.
pub fn step(
    db: &Connection,
    id: &str,
    (from, to): (OutboxState, OutboxState),
    note: &str,
    at: DateTime<Utc>,
    next_try: Option<DateTime<Utc>>,
) -> Stored<bool> {
    demand_move(from, to);
    let sql = "UPDATE outbox SET state = ?3, note = ?4, changed_at = ?5, next_try = ?6,
                   attempts = attempts + (?3 = 'sending'),
                   sent_at = CASE WHEN ?3 IN ('sent', 'bounced') THEN coalesce(sent_at, ?5) END
               WHERE n = (SELECT max(n) FROM outbox WHERE id = ?1) AND state = ?2";
    let values = params![id, from.word(), to.word(), note, micros(at), maybe_micros(next_try)];
    Ok(run(db, sql, values)? == 1)
}

/// When this letter was accepted; `None` for a digest, and for one that was not.
pub fn letter_sent_at(db: &Connection, id: &str) -> Stored<Option<DateTime<Utc>>> {
    let sql = "SELECT sent_at FROM outbox WHERE id = ?1 AND purpose = 'letter' ORDER BY n DESC LIMIT 1";
    Ok(one(db, sql, [id], |row| maybe_instant(row, 0))?.flatten())
}

pub fn sent_since(db: &Connection, at: DateTime<Utc>) -> Stored<u64> {
    let sql = "SELECT count(*) FROM outbox WHERE purpose = 'letter' AND sent_at >= ?1";
    Ok(one(db, sql, [micros(at)], |row| natural(row, 0))?.unwrap_or(0))
}

pub fn letters_sent_since(db: &Connection, at: DateTime<Utc>) -> Stored<Vec<OutboxRow>> {
    let sql = mails!("WHERE purpose = 'letter' AND sent_at >= ?1 ORDER BY sent_at, n");
    let found = all(db, sql, [micros(at)], read)?;
    found.into_iter().map(|row| with_covers(db, row)).collect()
}

fn with_covers(db: &Connection, (n, mut row): (i64, OutboxRow)) -> Stored<OutboxRow> {
    row.covers = all(db, "SELECT case_id, step FROM covers WHERE n = ?1 ORDER BY place", [n], |row| {
        Ok((CaseId::new(row.get::<_, String>(0)?), StepId::new(row.get::<_, String>(1)?)))
    })?;
    Ok(row)
}

/// The row with its number, still without what it covers.
fn read(row: &Row<'_>) -> rusqlite::Result<(i64, OutboxRow)> {
    let mail = OutboxRow {
        id: row.get(1)?,
        account: row.get::<_, Option<String>>(2)?.map(DebtorId::new),
        purpose: word(row, 3, Purpose::from_word)?,
        state: word(row, 4, OutboxState::from_word)?,
        message_id: row.get(5)?,
        token: row.get(6)?,
        sender: row.get(7)?,
        recipient: row.get(8)?,
        own_copy: row.get(9)?,
        subject: row.get(10)?,
        sha256: row.get(11)?,
        attempts: row.get(12)?,
        next_try: maybe_instant(row, 13)?,
        note: row.get(14)?,
        created_at: instant(row, 15)?,
        changed_at: instant(row, 16)?,
        sent_at: maybe_instant(row, 17)?,
        covers: Vec::new(),
    };
    Ok((row.get(0)?, mail))
}
