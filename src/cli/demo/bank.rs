//! The bank of the story: one account, its bookings, and the statement (CAMT.053) of each banking morning.

use super::cast::Transfer;
use super::sandbox::{amount, is_weekday};
use chrono::{NaiveDate, TimeDelta};

const OPENING_CENTS: i64 = 1_250_000;

pub struct Bank {
    balance: i64,
    /// The first day that no statement has covered.
    from: NaiveDate,
    statements: usize,
    bookings: Vec<Booking>,
}

struct Booking {
    on: NaiveDate,
    transfer: Transfer,
    reference: String,
}

impl Bank {
    pub fn new(first_day: NaiveDate) -> Bank {
        Bank { balance: OPENING_CENTS, from: first_day - TimeDelta::days(1), statements: 0, bookings: Vec::new() }
    }

    /// Takes a transfer in: booked on that day, or on the next one on which banks work.
    pub fn book(&mut self, transfer: Transfer, on: NaiveDate) {
        let mut on = on;
        while !is_weekday(on) {
            on += TimeDelta::days(1);
        }
        let reference = format!("RB{on}-{}", transfer.cents);
        self.bookings.push(Booking { on, transfer, reference });
    }

    /// The statement made in the morning of `today`: everything up to and including yesterday. None in a weekend.
    pub fn statement(&mut self, today: NaiveDate) -> Option<(NaiveDate, String)> {
        let until = today - TimeDelta::days(1);
        if !is_weekday(today) {
            return None;
        }
        let (covered, later) = std::mem::take(&mut self.bookings).into_iter().partition(|booking| booking.on <= until);
        self.bookings = later;
        let opening = self.balance;
        self.balance += covered.iter().map(|booking: &Booking| booking.transfer.cents).sum::<i64>();
        self.statements += 1;
        let text = self.camt(opening, self.from, until, &covered);
        self.from = today;
        Some((until, text))
    }

    fn camt(&self, opening: i64, from: NaiveDate, until: NaiveDate, bookings: &[Booking]) -> String {
        let number = self.statements;
        let entries: String = bookings.iter().map(entry).collect();
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
<GrpHdr><MsgId>CAMT{number:04}</MsgId><CreDtTm>{until}T23:30:00</CreDtTm></GrpHdr>
<Stmt><Id>STMT{number:04}</Id><ElctrncSeqNb>{number}</ElctrncSeqNb><CreDtTm>{until}T23:30:00</CreDtTm>
<Acct><Id><IBAN>NL44RABO0123456789</IBAN></Id><Ccy>EUR</Ccy></Acct>
{}{}{entries}</Stmt></BkToCstmrStmt></Document>
"#,
            balance("OPBD", opening, from),
            balance("CLBD", self.balance, until),
        )
    }
}

fn balance(code: &str, cents: i64, on: NaiveDate) -> String {
    format!(
        r#"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{on}</Dt></Dt></Bal>
"#,
        amount(cents)
    )
}

fn entry(booking: &Booking) -> String {
    let Booking { on, transfer, reference } = booking;
    format!(
        r#"<Ntry><Amt Ccy="EUR">{}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>{on}</Dt></BookgDt><ValDt><Dt>{on}</Dt></ValDt><AcctSvcrRef>{reference}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties><Dbtr><Nm>{}</Nm></Dbtr><DbtrAcct><Id><IBAN>{}</IBAN></Id></DbtrAcct></RltdPties><RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
"#,
        amount(transfer.cents),
        transfer.from.name.replace('&', "&amp;"),
        transfer.from.iban,
        transfer.text
    )
}
