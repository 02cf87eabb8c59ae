//! Accounts, their cases and addresses in SQL. Rows that did not change are not written again.

use super::asking::*;
use crate::adapters::store::alike::*;
use crate::dunning::ids::{CaseId, DebtorId, InvoiceNumber, QuestionId};
use crate::store::*;
use rusqlite::{Connection, Row, params};
use std::collections::{BTreeMap, BTreeSet};

macro_rules! cases {
    ($rest:literal) => {
        concat!("SELECT id, number, state, open_minor, currency, payment_reference, account FROM cases ", $rest)
    };
}

macro_rules! questions {
    ($rest:literal) => {
        concat!("SELECT id, kind, about, state FROM questions ", $rest, " ORDER BY id")
    };
}

/// The indexes are named, for SQLite would rather walk all questions of the account: it believes that these are few.
const OF_KIND: &str = questions!("INDEXED BY questions_by_kind WHERE account = ?1 AND kind = ?2");
const ABOUT: &str = questions!("INDEXED BY questions_by_about WHERE account = ?1 AND about = ?2");

pub fn account(db: &Connection, id: &DebtorId) -> Stored<Option<StoredAccount>> {
    one(db, "SELECT version, state FROM accounts WHERE id = ?1", [id.as_str()], |row| {
        Ok(StoredAccount { version: natural(row, 0)?, state: row.get(1)? })
    })
}

pub fn questions(db: &Connection, account: &DebtorId, asked: Asked<'_>) -> Stored<Vec<QuestionRow>> {
    let account = account.as_str();
    match asked {
        Asked::None => Ok(Vec::new()),
        Asked::All => all(db, questions!("WHERE account = ?1"), [account], read_question),
        Asked::Of(kind) => all(db, OF_KIND, [account, kind], read_question),
        Asked::About(about) => all(db, ABOUT, [account, about], read_question),
        Asked::With(id) => {
            let about = "SELECT about FROM questions WHERE account = ?1 AND id = ?2";
            let about: Option<String> = one(db, about, [account, id.as_str()], |row| row.get(0))?;
            about.map_or(Ok(Vec::new()), |about| questions(db, &DebtorId::new(account), Asked::About(&about)))
        }
    }
}

fn read_question(row: &Row<'_>) -> rusqlite::Result<QuestionRow> {
    let id = QuestionId::new(row.get::<_, String>(0)?);
    Ok(QuestionRow { id, kind: row.get(1)?, about: row.get(2)?, state: row.get(3)? })
}

/// 0 for an account that is not there.
fn version(db: &Connection, id: &DebtorId) -> Stored<u64> {
    let sql = "SELECT version FROM accounts WHERE id = ?1";
    Ok(one(db, sql, [id.as_str()], |row| natural(row, 0))?.unwrap_or(0))
}

pub fn ids(db: &Connection) -> Stored<Vec<DebtorId>> {
    all(db, "SELECT id FROM accounts ORDER BY id", [], debtor)
}

pub fn ids_with_open_cases(db: &Connection) -> Stored<Vec<DebtorId>> {
    all(db, "SELECT DISTINCT account FROM cases WHERE state <> 'closed' ORDER BY account", [], debtor)
}

pub fn case(db: &Connection, id: &CaseId) -> Stored<Option<(CaseRow, DebtorId)>> {
    one(db, cases!("WHERE id = ?1"), [id.as_str()], read_case)
}

pub fn case_by_number(db: &Connection, number: &InvoiceNumber) -> Stored<Option<(CaseRow, DebtorId)>> {
    one(db, cases!("WHERE number = ?1"), [number.as_str()], read_case)
}

pub fn case_numbers(db: &Connection) -> Stored<Vec<InvoiceNumber>> {
    all(db, "SELECT number FROM cases ORDER BY number", [], |row| Ok(InvoiceNumber::new(row.get::<_, String>(0)?)))
}

pub fn by_address(db: &Connection, address: &str) -> Stored<Vec<DebtorId>> {
    let sql = "SELECT account FROM addresses WHERE address = ?1 ORDER BY account";
    all(db, sql, [address_key(address)], debtor)
}

pub fn by_domain(db: &Connection, domain: &str) -> Stored<Vec<DebtorId>> {
    let sql = "SELECT DISTINCT account FROM addresses WHERE domain = ?1 ORDER BY account";
    all(db, sql, [address_key(domain)], debtor)
}

/// What became of an account.
pub struct Written {
    pub version: u64,
    /// An invoice number was added, or went.
    pub numbers_changed: bool,
}

/// All refusals come before the first change.
pub fn write(db: &Connection, new: &AccountWrite) -> Stored<Written> {
    let version = version(db, &new.id)?;
    if version != new.expected_version {
        return Err(StoreFault::Conflict);
    }
    refuse_cases_named_twice(&new.cases)?;
    let old = all(db, cases!("WHERE account = ?1"), [new.id.as_str()], |row| Ok(read_case(row)?.0))?;
    let cases = Changed::between(&old, &new.cases);
    cases.added.iter().try_for_each(|row| refuse_foreign_case(db, &new.id, row))?;
    write_row(db, new)?;
    cases.write(db, &new.id)?;
    let numbers_changed = cases.numbers();
    write_addresses(db, new)?;
    write_questions(db, new)?;
    Ok(Written { version: version + 1, numbers_changed })
}

/// One question for the id and one for the number: for both at once SQLite would make a table of what it finds.
fn refuse_foreign_case(db: &Connection, owner: &DebtorId, row: &CaseRow) -> Stored<()> {
    let by_id = "SELECT 1 FROM cases WHERE id = ?1 AND account <> ?2";
    let by_number = "SELECT 1 FROM cases WHERE number = ?1 AND account <> ?2";
    for (sql, key) in [(by_id, row.case.as_str()), (by_number, row.number.as_str())] {
        if one(db, sql, [key, owner.as_str()], |_| Ok(()))?.is_some() {
            return Err(invoice_twice(&row.number));
        }
    }
    Ok(())
}

fn write_row(db: &Connection, new: &AccountWrite) -> Stored<()> {
    let expected = i64::try_from(new.expected_version).unwrap_or(i64::MAX);
    let sql = match expected {
        0 => "INSERT INTO accounts (id, version, state) VALUES (?1, ?2 + 1, ?3) ON CONFLICT DO NOTHING",
        _ => "UPDATE accounts SET version = version + 1, state = ?3 WHERE id = ?1 AND version = ?2",
    };
    match run(db, sql, params![new.id.as_str(), expected, new.state])? {
        1 => Ok(()),
        _ => Err(StoreFault::Conflict),
    }
}

/// Rows of an account's cases that are not as they were.
struct Changed<'a> {
    gone: Vec<&'a CaseRow>,
    added: Vec<&'a CaseRow>,
    /// Still under their numbers, with something else open.
    moved: Vec<&'a CaseRow>,
}

impl<'a> Changed<'a> {
    fn between(old: &'a [CaseRow], now: &'a [CaseRow]) -> Changed<'a> {
        let by_id = |rows: &'a [CaseRow]| rows.iter().map(|row| (&row.case, row)).collect::<BTreeMap<_, _>>();
        let (were, are) = (by_id(old), by_id(now));
        let same = |row: &CaseRow, others: &BTreeMap<&CaseId, &'a CaseRow>| {
            others.get(&row.case).copied().filter(|other| other.number == row.number)
        };
        let without = |rows: &'a [CaseRow], others| rows.iter().filter(|row| same(row, others).is_none()).collect();
        let is_moved = |row: &&CaseRow| same(row, &were).is_some_and(|before| before != *row);
        Changed { gone: without(old, &are), added: without(now, &were), moved: now.iter().filter(is_moved).collect() }
    }

    fn write(&self, db: &Connection, owner: &DebtorId) -> Stored<()> {
        for row in &self.gone {
            run(db, "DELETE FROM cases WHERE id = ?1", [row.case.as_str()])?;
        }
        self.moved.iter().try_for_each(|row| move_case(db, row))?;
        self.added.iter().try_for_each(|row| add_case(db, owner, row))
    }

    /// True when the account's invoice numbers are others now.
    fn numbers(&self) -> bool {
        let of = |rows: &[&'a CaseRow]| rows.iter().map(|row| &row.number).collect::<BTreeSet<_>>();
        of(&self.gone) != of(&self.added)
    }
}

fn add_case(db: &Connection, owner: &DebtorId, row: &CaseRow) -> Stored<()> {
    let sql = "INSERT INTO cases (id, account, number, state, open_minor, currency, payment_reference)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let (id, number, state) = (row.case.as_str(), row.number.as_str(), row.state.word());
    run(db, sql, params![id, owner.as_str(), number, state, row.open_minor, row.currency, row.payment_reference])?;
    Ok(())
}

/// The indexes of numbers and accounts are left alone.
fn move_case(db: &Connection, row: &CaseRow) -> Stored<()> {
    let sql = "UPDATE cases SET state = ?2, open_minor = ?3, currency = ?4, payment_reference = ?5 WHERE id = ?1";
    let (id, state) = (row.case.as_str(), row.state.word());
    run(db, sql, params![id, state, row.open_minor, row.currency, row.payment_reference])?;
    Ok(())
}

fn write_addresses(db: &Connection, new: &AccountWrite) -> Stored<()> {
    let rows = all(db, "SELECT address FROM addresses WHERE account = ?1", [new.id.as_str()], |row| row.get(0))?;
    let old: BTreeSet<String> = rows.into_iter().collect();
    let now: BTreeSet<String> = new.addresses.iter().map(|address| address_key(address)).collect();
    for gone in old.difference(&now) {
        run(db, "DELETE FROM addresses WHERE address = ?1 AND account = ?2", [gone.as_str(), new.id.as_str()])?;
    }
    for added in now.difference(&old) {
        let sql = "INSERT INTO addresses (address, account, domain) VALUES (?1, ?2, ?3)";
        run(db, sql, [added.as_str(), new.id.as_str(), domain_of(added)])?;
    }
    Ok(())
}

fn write_questions(db: &Connection, new: &AccountWrite) -> Stored<()> {
    for gone in &new.no_longer_asked {
        run(db, "DELETE FROM questions WHERE account = ?1 AND id = ?2", [new.id.as_str(), gone.as_str()])?;
    }
    for row in &new.asked {
        let sql = "INSERT INTO questions (account, id, kind, about, state) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT DO UPDATE SET kind = excluded.kind, about = excluded.about, state = excluded.state";
        run(db, sql, [new.id.as_str(), row.id.as_str(), &row.kind, &row.about, &row.state])?;
    }
    Ok(())
}

fn read_case(row: &Row<'_>) -> rusqlite::Result<(CaseRow, DebtorId)> {
    let case = CaseRow {
        case: CaseId::new(row.get::<_, String>(0)?),
        number: InvoiceNumber::new(row.get::<_, String>(1)?),
        state: word(row, 2, CaseState::from_word)?,
        open_minor: row.get(3)?,
        currency: row.get(4)?,
        payment_reference: row.get(5)?,
    };
    Ok((case, DebtorId::new(row.get::<_, String>(6)?)))
}

fn debtor(row: &Row<'_>) -> rusqlite::Result<DebtorId> {
    Ok(DebtorId::new(row.get::<_, String>(0)?))
}

#[cfg(test)]
mod tests {
    use super::super::SqliteStore;
    use super::*;

    /// Who asks for one question of very many must not walk them all.
    #[test]
    fn questions_are_found_by_their_index() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("a.db")).unwrap();
        for (sql, by) in [(OF_KIND, "(account=? AND kind=?)"), (ABOUT, "(account=? AND about=?)")] {
            let plan: Vec<String> =
                all(&store.db, &format!("EXPLAIN QUERY PLAN {sql}"), ["a", "b"], |row| row.get(3)).unwrap();
            assert_eq!(plan.len(), 1, "{plan:?}");
            assert!(plan[0].contains(by), "{plan:?}");
        }
    }
}
