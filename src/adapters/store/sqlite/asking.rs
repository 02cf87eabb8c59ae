//! How SQL is asked and what its faults mean. Statements are prepared once and kept.

use crate::adapters::store::alike::micros;
use crate::store::{StoreFault, Stored};
use chrono::{DateTime, Utc};
use rusqlite::types::Type;
use rusqlite::{Connection, Error, ErrorCode, OptionalExtension, Params, Row};

/// The first row, if there is one.
pub fn one<T, P: Params>(
    db: &Connection,
    sql: &str,
    params: P,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Stored<Option<T>> {
    Ok(db.prepare_cached(sql)?.query_row(params, read).optional()?)
}

/// All rows.
pub fn all<T, P: Params>(
    db: &Connection,
    sql: &str,
    params: P,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Stored<Vec<T>> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(params, read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Changes rows; how many.
pub fn run<P: Params>(db: &Connection, sql: &str, params: P) -> Stored<usize> {
    Ok(db.prepare_cached(sql)?.execute(params)?)
}

/// A word of one of our enums.
pub fn word<T>(row: &Row<'_>, column: usize, read: impl Fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    let word: String = row.get(column)?;
    read(&word).ok_or_else(|| unreadable(column, Type::Text, format!("unknown word {word:?}")))
}

pub fn instant(row: &Row<'_>, column: usize) -> rusqlite::Result<DateTime<Utc>> {
    read_instant(column, row.get(column)?)
}

pub fn maybe_instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<DateTime<Utc>>> {
    row.get::<_, Option<i64>>(column)?.map(|micros| read_instant(column, micros)).transpose()
}

fn read_instant(column: usize, micros: i64) -> rusqlite::Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| unreadable(column, Type::Integer, format!("no instant: {micros}")))
}

/// A number that is never negative.
pub fn natural(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| unreadable(column, Type::Integer, format!("negative: {number}")))
}

/// For writing an instant that may be missing.
pub fn maybe_micros(at: Option<DateTime<Utc>>) -> Option<i64> {
    at.map(micros)
}

/// For LIMIT and the like.
pub fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub fn unreadable(column: usize, kind: Type, reason: String) -> Error {
    Error::FromSqlConversionFailure(column, kind, reason.into())
}

impl From<Error> for StoreFault {
    /// What the caller must do about it. A violated uniqueness that nobody foresaw is still `Twice`; anything
    /// unknown is `Broken`, because going on could do harm.
    fn from(error: Error) -> StoreFault {
        let text = error.to_string();
        match &error {
            Error::SqliteFailure(code, _) => match (code.code, code.extended_code) {
                (ErrorCode::DiskFull, _) => StoreFault::Full,
                (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => StoreFault::Busy,
                (_, rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => {
                    StoreFault::Twice { what: text }
                }
                _ => StoreFault::Broken(text),
            },
            _ => StoreFault::Broken(text),
        }
    }
}
