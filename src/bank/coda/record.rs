//! The records of a CODA file: lines of 128 characters, fields at fixed places.

use crate::bank::statement::StatementFault;
use crate::dunning::money::{Currency, Money};
use chrono::NaiveDate;
use rust_decimal::Decimal;

const WIDTH: usize = 128;

/// One record. Places count from 0.
pub(super) struct Record {
    line: u32,
    characters: Vec<char>,
}

/// Every record of a file. Editors take blanks from the end of lines; more than a record's width is refused.
pub(super) fn records(text: &str) -> Result<Vec<Record>, StatementFault> {
    let mut records = Vec::new();
    for (line, number) in text.lines().zip(1u32..) {
        let line = line.trim_matches(|c: char| c.is_control()).trim_end();
        if line.is_empty() {
            continue;
        }
        let record = Record { line: number, characters: line.chars().collect() };
        if record.characters.len() > WIDTH {
            return Err(record.fault(format!("the record is longer than {WIDTH} characters")));
        }
        records.push(record);
    }
    Ok(records)
}

impl Record {
    pub fn kind(&self) -> char {
        self.characters.first().copied().unwrap_or(' ')
    }

    /// The characters at a place, blanks where the line is shorter.
    pub fn at(&self, from: usize, length: usize) -> String {
        (from..from + length).map(|place| self.characters.get(place).copied().unwrap_or(' ')).collect()
    }

    pub fn trimmed(&self, from: usize, length: usize) -> String {
        self.at(from, length).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// DDMMYY.
    pub fn date(&self, from: usize) -> Option<NaiveDate> {
        let written = self.at(from, 6);
        let part = |from: usize| written.get(from..from + 2)?.parse::<u32>().ok();
        let year = i32::try_from(part(4)?).ok()?;
        NaiveDate::from_ymd_opt(if year < 70 { 2000 + year } else { 1900 + year }, part(2)?, part(0)?)
    }

    /// Twelve digits and three decimals.
    pub fn amount(&self, from: usize, currency: Currency) -> Result<Money, StatementFault> {
        let written = self.at(from, 15);
        let fault = || self.fault(format!("{written:?} is not an amount in {}", currency.code()));
        if !written.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(fault());
        }
        let thousandths: i64 = written.parse().map_err(|_| fault())?;
        Money::from_decimal(Decimal::new(thousandths, 3), currency).ok_or_else(fault)
    }

    /// A sign, 0 for credit and 1 for debit, and the amount behind it.
    pub fn signed_amount(&self, from: usize, currency: Currency) -> Result<Money, StatementFault> {
        let amount = self.amount(from + 1, currency)?;
        match self.at(from, 1).as_str() {
            "0" => Ok(amount),
            "1" => Ok(Money::from_minor(amount.minor().saturating_neg(), currency)),
            other => Err(self.fault(format!("{other:?} is neither 0 (credit) nor 1 (debit)"))),
        }
    }

    pub fn fault(&self, reason: impl Into<String>) -> StatementFault {
        StatementFault::new(self.line, reason)
    }
}
