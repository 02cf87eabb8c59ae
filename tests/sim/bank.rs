//! The bank: payments, what it takes back, and its file of each banking day.

use super::books::Why;
use super::days::{hour, is_banking_day, utc};
use super::paper::{self, Line};
use super::world::{Event, World};
use aanmaand::store::evidence_of;
use chrono::{Duration, NaiveDate, NaiveDateTime};

/// A line at the bank, with what it was meant for.
pub struct Booking {
    pub line: Line,
    pub parts: Vec<(usize, i64)>,
    pub named: bool,
    pub back: Option<usize>,
    pub told: bool,
    /// The claims that it was booked on.
    pub used: Vec<usize>,
}

impl World {
    /// Each banking day the bank makes a file of the day before; sometimes it is late, and so are the next ones.
    pub fn bank(&mut self, today: NaiveDate) {
        let day = today - Duration::days(1);
        if !is_banking_day(day) {
            return;
        }
        let lines: Vec<usize> =
            (0..self.bookings.len()).filter(|n| !self.bookings[*n].told && self.bookings[*n].line.day <= day).collect();
        let paper: Vec<Line> = lines.iter().map(|n| self.bookings[*n].line.clone()).collect();
        lines.iter().for_each(|n| self.bookings[*n].told = true);
        self.statement_number += 1;
        let bytes = paper::statement(self.statement_number, self.balance, day, &paper);
        self.balance += paper.iter().map(|line| line.cents).sum::<i64>();
        if self.chance.in_100(5) {
            self.bank_ready = hour(today + Duration::days(self.chance.within(1, 5)), 300);
        }
        let when = hour(today, 300).max(self.bank_ready);
        let event = Event::Statement { number: self.statement_number, bytes, lines, until: day };
        self.at(when, event);
    }

    pub fn pay(&mut self, at: NaiveDateTime, parts: Vec<(usize, i64)>, named: bool) {
        let debtor = self.books.claims[parts[0].0].debtor;
        let n = self.bookings.len();
        let numbers: Vec<&str> = parts.iter().map(|(claim, _)| self.books.claims[*claim].number.as_str()).collect();
        let words = if named { numbers.join(" en ") } else { "betaling".to_owned() };
        let day = at.date().iter_days().find(|day| is_banking_day(*day)).unwrap();
        let line = Line {
            day,
            cents: parts.iter().map(|(_, cents)| cents).sum(),
            payer: self.books.debtors[debtor].1.clone(),
            iban: format!("NL{:02}INGB0001234{:03}", 10 + debtor, debtor),
            text: format!("{words} zz{n}zz"),
            bank_reference: format!("B{n}"),
        };
        parts.iter().for_each(|(claim, cents)| self.books.claims[*claim].paid += cents);
        self.bookings.push(Booking { line, parts, named, back: None, told: false, used: Vec::new() });
    }

    pub fn take_back(&mut self, at: NaiveDateTime, booking: usize) {
        let day = at.date().iter_days().find(|day| is_banking_day(*day)).unwrap();
        let of = &self.bookings[booking];
        if of.used.is_empty() || of.used.iter().any(|claim| self.books.claims[*claim].given_up) {
            return;
        }
        let n = self.bookings.len();
        let line = Line { day, cents: -of.line.cents, bank_reference: format!("B{n}"), ..of.line.clone() };
        self.bookings.push(Booking {
            line,
            parts: Vec::new(),
            named: true,
            back: Some(booking),
            told: false,
            used: Vec::new(),
        });
    }

    pub fn deliver_statement(
        &mut self,
        at: NaiveDateTime,
        number: u32,
        bytes: Vec<u8>,
        lines: &[usize],
        until: NaiveDate,
    ) {
        let name = format!("camt-{number:04}.xml");
        if self.chance.in_100(4) && at.time() < chrono::NaiveTime::from_hms_opt(20, 0, 0).unwrap() {
            // Half written now, whole two hours later: until then nothing of it can be seen.
            self.statements.put(&name, bytes[..bytes.len() * 2 / 3].to_vec(), utc(at));
            let late = Event::Statement { number, bytes, lines: lines.to_vec(), until };
            let when = at + Duration::minutes(self.chance.within(200, 400));
            self.bank_ready = self.bank_ready.max(when);
            return self.at(when, late);
        }
        let source = evidence_of(&bytes);
        self.fed.push(source.clone());
        if self.chance.in_100(6) {
            self.statements.put(&format!("again-{name}"), bytes.clone(), utc(at));
        }
        if self.chance.in_100(4) {
            let spaced = String::from_utf8_lossy(&bytes).replace("</Ntry>", "</Ntry>\n").into_bytes();
            self.fed.push(evidence_of(&spaced));
            self.at(at + Duration::days(1), Event::Whole { name: format!("export-{name}"), bytes: spaced });
        }
        self.statements.put(&name, bytes, utc(at));
        self.books.statements_until = self.books.statements_until.max(Some(until));
        for line in lines {
            self.fresh_lines.push((*line, source.clone(), at));
            if let Some(of) = self.bookings[*line].back {
                self.see_back(at, of);
            }
        }
    }

    /// What it had paid opens again, also what was given up meanwhile, and waits for the owner.
    pub fn see_back(&mut self, at: NaiveDateTime, of: usize) {
        let cents = self.bookings[of].line.cents;
        let used = std::mem::take(&mut self.bookings[of].used);
        self.books.claims[used[0]].paid -= cents;
        for claim in used {
            self.books.claims[claim].given_up = false;
            let debtor = self.books.claims[claim].debtor;
            self.shield(debtor, Some(claim), at, Why::TakenBack, &format!("back{of}"));
        }
    }
}
