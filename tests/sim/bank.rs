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
    /// What it took off, once the daemon could see it.
    pub used: Vec<(usize, i64)>,
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
        if of.used.is_empty() || of.used.iter().any(|(claim, _)| self.books.claims[*claim].given_up) {
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
        self.fed.push(evidence_of(&bytes));
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
        lines.iter().for_each(|n| self.see_line(at, *n));
    }

    /// The daemon can see this line now: what does it do to the claims?
    pub fn see_line(&mut self, at: NaiveDateTime, n: usize) {
        if let Some(of) = self.bookings[n].back {
            return self.see_back(at, of);
        }
        let (parts, named, cents) =
            (self.bookings[n].parts.clone(), self.bookings[n].named, self.bookings[n].line.cents);
        let claims = &self.books.claims;
        let open: Vec<i64> =
            parts.iter().map(|(c, _)| if claims[*c].given_up { 0 } else { claims[*c].open() }).collect();
        let exact = open.iter().all(|open| *open > 0) && open.iter().sum::<i64>() == cents;
        let part = parts.len() == 1 && cents < open[0];
        if named && (exact || part) {
            let used: Vec<(usize, i64)> =
                parts.iter().zip(&open).map(|((claim, _), open)| (*claim, (*open).min(cents))).collect();
            used.iter().for_each(|(claim, cents)| self.books.claims[*claim].seen += cents);
            self.bookings[n].used = used;
            if self.chance.in_100(5) {
                let when = at + Duration::days(self.chance.within(2, 30));
                self.at(when, Event::TakeBack(n));
            }
            return;
        }
        let debtor = claims[parts[0].0].debtor;
        let open: Vec<usize> = (0..claims.len())
            .filter(|c| claims[*c].debtor == debtor && claims[*c].filed.is_some_and(|filed| filed < at))
            .filter(|c| claims[*c].open() > 0 && !claims[*c].given_up)
            .collect();
        for claim in open {
            self.shield(debtor, Some(claim), at, Why::UnclearMoney, &format!("zz{n}zz"));
        }
    }

    pub fn see_back(&mut self, at: NaiveDateTime, of: usize) {
        for (claim, cents) in std::mem::take(&mut self.bookings[of].used) {
            self.books.claims[claim].seen -= cents;
            self.books.claims[claim].paid -= cents;
            // Also what was given up meanwhile comes before the owner again.
            self.books.claims[claim].given_up = false;
            let debtor = self.books.claims[claim].debtor;
            self.shield(debtor, Some(claim), at, Why::TakenBack, &format!("back{of}"));
        }
    }
}
