//! What was told of each movement on our accounts, by which file and format: so that each counts once.

use super::super::house::House;
use crate::bank::statement::{Entry, Statement};
use crate::bank::told::{Line, Told, Wordings, recognise};
use crate::dunning::ids::EvidenceId;
use crate::dunning::money::Money;
use crate::store::evidence_of;
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of a line of a statement.
pub(super) enum Fate {
    New(EvidenceId),
    Known,
    /// So far only a report without balances told it, under this id.
    Confirms(EvidenceId),
    /// A part of an amount that a statement has shown, and that nobody could place as a whole.
    PartOfShown(EvidenceId),
}

/// What was told of a batch of transactions before.
enum Before {
    Nothing,
    /// As one amount.
    Whole,
    /// As one amount, of which the owner is still asked what it is for.
    WholeAsked,
}

impl House {
    /// The fate of each line, in their order. Remembers them as told.
    pub(super) fn fates(&mut self, statement: &Statement, booked: &[&Entry]) -> Result<Vec<Fate>> {
        let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut fates: Vec<Option<Fate>> = booked.iter().map(|_| None).collect();
        let mut shown: BTreeSet<usize> = BTreeSet::new();
        for batch in batches(booked) {
            match self.told_before_as_one(statement, booked, &batch)? {
                Before::Nothing => {}
                Before::Whole => batch.for_each(|at| fates[at] = Some(Fate::Known)),
                Before::WholeAsked => shown.extend(batch),
            }
        }
        for (at, entry) in booked.iter().enumerate().filter(|(at, _)| fates[*at].is_none()) {
            groups.entry(key(&statement.account, entry)).or_default().push(at);
        }
        for (key, members) in groups {
            let mut known = self.told_of(&key)?;
            let mut said = Wordings::of(&known);
            let contents: Vec<String> = members.iter().map(|at| content(&statement.account, booked[*at])).collect();
            let lines: Vec<Line> =
                members.iter().zip(&contents).map(|(at, content)| Line { entry: booked[*at], content }).collect();
            let places = recognise(&lines, &known, &statement.format, balances(statement));
            for ((at, line), place) in members.iter().zip(&lines).zip(places) {
                fates[*at] = Some(match place.and_then(|place| known.get_mut(place)) {
                    Some(told) => again(told, line, statement, &mut said),
                    None if shown.contains(at) => self.part_of_shown(&mut known, &mut said, line, statement)?,
                    None => self.first_time(&mut known, &mut said, line, statement)?,
                });
            }
            self.set_memo(&key, &serde_json::to_string(&known)?)?;
        }
        Ok(fates.into_iter().map(|fate| fate.unwrap_or(Fate::Known)).collect())
    }

    fn first_time(
        &mut self,
        known: &mut Vec<Told>,
        said: &mut Wordings,
        line: &Line<'_>,
        statement: &Statement,
    ) -> Result<Fate> {
        said.add(line.content);
        let key = format!("{}|{}", line.content, said.count(line.content));
        let id = evidence_of(key.as_bytes());
        let told = Told::new(id.to_string(), line, &statement.format, balances(statement));
        known.push(Told { is_interim: !statement.is_final(), ..told });
        Ok(if self.store.once("statement_entry", &key)? { Fate::New(id) } else { Fate::Known })
    }

    /// A statement has shown the sum that it is part of: it need not show it once more.
    fn part_of_shown(
        &mut self,
        known: &mut Vec<Told>,
        said: &mut Wordings,
        line: &Line<'_>,
        statement: &Statement,
    ) -> Result<Fate> {
        let fate = self.first_time(known, said, line, statement)?;
        if let Some(told) = known.last_mut() {
            told.is_interim = false;
        }
        Ok(match fate {
            Fate::New(id) => Fate::PartOfShown(id),
            other => other,
        })
    }

    /// Another format told this batch as one amount: its transactions are that money. Where nobody could place the whole,
    /// they say what it is for, and the question about it ends. Else it is remembered as told in parts, so that another
    /// format's one amount is known.
    fn told_before_as_one(
        &mut self,
        statement: &Statement,
        booked: &[&Entry],
        batch: &std::ops::Range<usize>,
    ) -> Result<Before> {
        let Some(whole) = booked.get(batch.start).and_then(|first| as_one(first)) else { return Ok(Before::Nothing) };
        let (key, content) = (key(&statement.account, &whole), content(&statement.account, &whole));
        let line = Line { entry: &whole, content: &content };
        let mut known = self.told_of(&key)?;
        let place = recognise(&[line], &known, &statement.format, balances(statement)).into_iter().next().flatten();
        let mut before = Before::Nothing;
        match place.and_then(|place| known.get_mut(place)) {
            Some(told) => {
                told.learn(&line, &statement.format, balances(statement));
                if !told.in_parts {
                    let is_shown = !told.is_interim || statement.is_final();
                    let is_asked = is_shown && self.ask_no_more_of_payment(&EvidenceId::new(&told.id))?;
                    told.in_parts = is_asked;
                    before = if is_asked { Before::WholeAsked } else { Before::Whole };
                }
            }
            None => {
                let id = evidence_of(format!("{content}|batch").as_bytes());
                let told = Told::new(id.to_string(), &line, &statement.format, balances(statement));
                known.push(Told { in_parts: true, ..told });
            }
        }
        self.set_memo(&key, &serde_json::to_string(&known)?)?;
        Ok(before)
    }

    fn told_of(&self, key: &str) -> Result<Vec<Told>> {
        Ok(self.memo(key)?.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default())
    }
}

fn again(told: &mut Told, line: &Line<'_>, statement: &Statement, said: &mut Wordings) -> Fate {
    let said_before = told.says(line.content);
    told.learn(line, &statement.format, balances(statement));
    if !said_before && told.says(line.content) {
        said.add(line.content);
    }
    if told.is_interim && statement.is_final() {
        told.is_interim = false;
        return Fate::Confirms(EvidenceId::new(&told.id));
    }
    Fate::Known
}

/// Transactions that together make a batch, as ranges of lines.
fn batches(booked: &[&Entry]) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(first) = booked.get(start) {
        let Some(whole) = first.batch else {
            start += 1;
            continue;
        };
        let mut sum = Money::zero(whole.currency());
        let mut end = start;
        while let Some(part) = booked.get(end).filter(|part| part.batch == Some(whole)) {
            sum = sum.checked_add(part.amount).unwrap_or(sum);
            end += 1;
            if sum == whole {
                found.push(start..end);
                break;
            }
        }
        start = end.max(start + 1);
    }
    found
}

/// A batch as another format tells it: one amount.
fn as_one(first: &Entry) -> Option<Entry> {
    let reference = first.bank_reference.as_deref();
    let of_batch = reference.map(|found| found.rsplit_once('/').map_or(found, |(of_batch, _)| of_batch).to_owned());
    Some(Entry {
        amount: first.batch?,
        counterparty: None,
        iban: None,
        reference: None,
        description: String::new(),
        end_to_end: None,
        bank_reference: of_batch,
        batch: None,
        ..first.clone()
    })
}

fn balances(statement: &Statement) -> Option<(i64, i64)> {
    Some((statement.opening?.minor(), statement.closing?.minor()))
}

/// Movements of one account, day and amount are kept together.
fn key(account: &str, entry: &Entry) -> String {
    let day = entry.booked.or(entry.value).map(|day| day.to_string()).unwrap_or_default();
    format!("told/{account}/{day}/{}{}", entry.amount, entry.amount.currency().code())
}

/// What makes a line the same line in another file.
fn content(account: &str, entry: &Entry) -> String {
    let date = entry.booked.map(|day| day.to_string()).unwrap_or_default();
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let own = match &entry.bank_reference {
        Some(reference) if !reference.is_empty() => reference.clone(),
        _ => [text(&entry.iban), text(&entry.end_to_end), text(&entry.reference), entry.description.clone()].join("|"),
    };
    format!("{account}|{date}|{}|{}|{own}", entry.amount, entry.amount.currency().code())
}
