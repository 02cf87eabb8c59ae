//! Bank statements: balanced and complete, of our own account, or refused. Each line counts once.

use super::super::house::House;
use crate::bank::statement::{self, Entry, Statement, Status};
use crate::dunning::account::{Payment, PaymentSource};
use crate::dunning::ids::EvidenceId;
use crate::store::{Disposition, InputRow};
use anyhow::Result;
use chrono::NaiveDate;
use std::collections::BTreeMap;

impl House {
    pub(super) fn apply_statement_file(&mut self, row: &InputRow, bytes: &[u8]) -> Result<Disposition> {
        let statements = match statement::read(bytes) {
            Ok(statements) => statements,
            Err(fault) => {
                let place = fault.line.map(|line| format!("line {line}: ")).unwrap_or_default();
                return Ok(Disposition::Quarantined { reason: format!("{place}{fault}") });
            }
        };
        if let Some(reason) = statements.iter().find_map(|statement| self.refusal(statement)) {
            return Ok(Disposition::Quarantined { reason });
        }
        let mut booked = 0;
        for statement in &statements {
            booked += self.apply_statement(statement, &row.name)?;
        }
        Ok(Disposition::Applied { note: format!("{} statement(s), {booked} new entries", statements.len()) })
    }

    /// Why a statement may not be believed.
    fn refusal(&self, statement: &Statement) -> Option<String> {
        let account = &statement.account;
        if !self.config.company.ibans.contains(account) {
            return Some(format!(
                "it is of account {account}, which is not in company.iban; add it there if it is yours"
            ));
        }
        match statement.balanced {
            Some(true) => None,
            Some(false) => Some(format!("statement of {account} does not balance: {}", statement.warnings.join("; "))),
            None => Some(format!(
                "{} of {account} has no opening and closing balance: ask the bank for camt.053",
                statement.format
            )),
        }
    }

    fn apply_statement(&mut self, statement: &Statement, file: &str) -> Result<usize> {
        let mut same: BTreeMap<String, usize> = BTreeMap::new();
        let mut booked = 0;
        for entry in statement.entries.iter().filter(|entry| entry.status == Status::Booked) {
            let content = entry_content(&statement.account, entry);
            let nth = same.entry(content.clone()).or_insert(0);
            *nth += 1;
            let key = format!("{content}|{nth}");
            if self.store.once("statement_entry", &key)? {
                booked += 1;
                let id = crate::store::evidence_of(key.as_bytes());
                self.apply_entry(entry, statement, id, file)?;
            }
        }
        self.extend_coverage(statement)?;
        Ok(booked)
    }

    fn apply_entry(&mut self, entry: &Entry, statement: &Statement, id: EvidenceId, file: &str) -> Result<()> {
        let booked = entry.booked.or(entry.value).or(statement.covers_until).unwrap_or(self.today());
        let payment = Payment {
            id,
            amount: entry.amount.abs(),
            booked,
            source: PaymentSource::Statement,
            payer: entry.counterparty.clone(),
            iban: entry.iban.clone(),
            text: entry.description.clone(),
            allocations: Vec::new(),
            extras: Vec::new(),
            refunded: None,
            confirmed: true,
            why: String::new(),
        };
        let cause = format!("{file} ({booked} {})", entry.amount);
        let taken_back = entry.amount.is_negative();
        match (taken_back, entry.reversal) {
            (false, false) => {
                self.money_came_in(payment, entry.reference.as_deref(), entry.end_to_end.as_deref(), &cause)
            }
            (true, true) => self.money_went_back(&payment, entry.reference.as_deref(), &cause),
            (true, false) => self.money_given_back(&payment, &cause),
            // Our own payments coming back are no business of a debtor.
            (false, true) => Ok(()),
        }
    }

    /// The last day that statements of this account cover.
    fn extend_coverage(&mut self, statement: &Statement) -> Result<()> {
        let key = format!("statements_until/{}", statement.account);
        let known: Option<NaiveDate> = self.memo(&key)?.and_then(|text| text.parse().ok());
        let today = self.today();
        match statement.covers_until.map(|day| day.min(today)) {
            Some(day) if known.is_none_or(|known| day > known) => self.set_memo(&key, &day.to_string()),
            _ => Ok(()),
        }
    }
}

/// What makes a line the same line in another file.
fn entry_content(account: &str, entry: &Entry) -> String {
    let date = entry.booked.map(|day| day.to_string()).unwrap_or_default();
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let own = match &entry.bank_reference {
        Some(reference) if !reference.is_empty() => reference.clone(),
        _ => [text(&entry.iban), text(&entry.end_to_end), text(&entry.reference), entry.description.clone()].join("|"),
    };
    format!("{account}|{date}|{}|{}|{own}", entry.amount, entry.amount.currency())
}
