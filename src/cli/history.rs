//! The rows of the journal that tell of one case, also of when it was another debtor's; and whose it was on a day.

use super::case::journal;
use crate::daemon::house::House;
use crate::daemon::step::from_journal;
use crate::dunning::fact::Fact;
use crate::dunning::ids::{CaseId, DebtorId};
use crate::store::JournalRow;
use anyhow::{Context, Result};
use chrono::NaiveDate;

/// A case came from another debtor with this row.
struct Arrival {
    seq: i64,
    on: NaiveDate,
    from: DebtorId,
}

/// What was written while the case was this debtor's, and before that of those it came from, up to the end of a day.
pub fn history(house: &House, debtor: &DebtorId, case: &CaseId, at: Option<NaiveDate>) -> Result<Vec<JournalRow>> {
    let (mut debtor, mut before, mut told) = (debtor.clone(), i64::MAX, Vec::new());
    loop {
        let mut rows = journal(house, &debtor, at)?;
        rows.retain(|row| row.seq < before);
        let arrival = arrival(&rows, case)?;
        let since = arrival.as_ref().map_or(0, |arrival| arrival.seq);
        told.extend(rows.into_iter().filter(|row| row.seq >= since));
        let Some(arrival) = arrival else { break };
        (debtor, before) = (arrival.from, arrival.seq);
    }
    told.sort_by_key(|row| row.seq);
    Ok(told)
}

/// Whose the case was at the end of that day.
pub fn owner_on(house: &House, debtor: &DebtorId, case: &CaseId, day: NaiveDate) -> Result<DebtorId> {
    let (mut debtor, mut before) = (debtor.clone(), i64::MAX);
    loop {
        let mut rows = journal(house, &debtor, None)?;
        rows.retain(|row| row.seq < before);
        match arrival(&rows, case)? {
            Some(arrival) if arrival.on > day => (debtor, before) = (arrival.from, arrival.seq),
            Some(_) | None => return Ok(debtor),
        }
    }
}

fn arrival(rows: &[JournalRow], case: &CaseId) -> Result<Option<Arrival>> {
    for row in rows.iter().rev().filter(|row| row.fact.contains("cases_came")) {
        let fact = from_journal(&row.fact).with_context(|| format!("journal row {}", row.seq))?;
        if let Fact::CasesCame { from, moved, .. } = fact
            && moved.cases.iter().any(|moved| moved.id == *case)
        {
            return Ok(Some(Arrival { seq: row.seq, on: row.on, from }));
        }
    }
    Ok(None)
}
