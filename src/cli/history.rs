//! The rows of the journal that tell of one case, also of when it was another debtor's; and whose it was on a day.

use super::case::journal;
use crate::daemon::house::House;
use crate::daemon::step::fact_of;
use crate::dunning::fact::Fact;
use crate::dunning::ids::{CaseId, DebtorId};
use crate::store::JournalRow;
use anyhow::Result;
use chrono::NaiveDate;

/// A time in which the case was one debtor's, with what was written of that debtor then.
struct Stay {
    debtor: DebtorId,
    /// When it came from another; `None` = it began here.
    since: Option<NaiveDate>,
    rows: Vec<JournalRow>,
}

/// What was written while the case was this debtor's, and before that of those it came from, up to the end of a day. `own`:
/// this debtor's rows up to then.
pub fn history(
    house: &House,
    debtor: &DebtorId,
    own: Vec<JournalRow>,
    case: &CaseId,
    at: Option<NaiveDate>,
) -> Result<Vec<JournalRow>> {
    let stays = stays(house, debtor, own, case, at)?;
    let mut told: Vec<JournalRow> = stays.into_iter().flat_map(|stay| stay.rows).collect();
    told.sort_by_key(|row| row.seq);
    Ok(told)
}

/// Whose the case was at the end of that day.
pub fn owner_on(house: &House, debtor: &DebtorId, case: &CaseId, day: NaiveDate) -> Result<DebtorId> {
    let stays = stays(house, debtor, journal(house, debtor, None)?, case, None)?;
    let there = stays.into_iter().find(|stay| stay.since.is_none_or(|since| since <= day));
    Ok(there.map_or_else(|| debtor.clone(), |stay| stay.debtor))
}

/// The last first.
fn stays(
    house: &House,
    debtor: &DebtorId,
    own: Vec<JournalRow>,
    case: &CaseId,
    at: Option<NaiveDate>,
) -> Result<Vec<Stay>> {
    let (mut stays, mut debtor, mut rows) = (Vec::new(), debtor.clone(), own);
    loop {
        let Some((place, from)) = arrival(&rows, case)? else {
            stays.push(Stay { debtor, since: None, rows });
            return Ok(stays);
        };
        let here = rows.split_off(place);
        let (since, before) = here.first().map(|row| (row.on, row.seq)).unzip();
        stays.push(Stay { debtor, since, rows: here });
        rows = journal(house, &from, at)?;
        rows.retain(|row| before.is_none_or(|before| row.seq < before));
        debtor = from;
    }
}

/// The row with which the case last came from another debtor, and from whom.
fn arrival(rows: &[JournalRow], case: &CaseId) -> Result<Option<(usize, DebtorId)>> {
    for (place, row) in rows.iter().enumerate().rev().filter(|(_, row)| row.fact.contains("cases_came")) {
        if let Fact::CasesCame { from, moved, .. } = fact_of(row)?
            && moved.cases.iter().any(|moved| moved.id == *case)
        {
            return Ok(Some((place, from)));
        }
    }
    Ok(None)
}
