//! The world's own books: who owes, who paid, who answered. The judge looks only here; nothing in it comes from the
//! rules it judges.

use super::paper::{self, Letter, Stage};
use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, Weekday};

/// A claim as the world knows it.
#[derive(Clone, Debug)]
pub struct Claim {
    pub number: String,
    pub debtor: usize,
    pub cents: i64,
    pub due: NaiveDate,
    /// When its file was in the folder.
    pub filed: Option<NaiveDateTime>,
    /// Paid and credited, as far as the daemon could see it.
    pub seen: i64,
    /// Paid, whether or not the bank has told yet.
    pub paid: i64,
    /// The owner gave it up, handed it over or left it alone.
    pub given_up: bool,
}

impl Claim {
    pub fn open(&self) -> i64 {
        (self.cents - self.seen).max(0)
    }
}

/// Why no letter may go, from the moment that the daemon could know.
#[derive(Clone, Debug)]
pub struct Shield {
    pub debtor: usize,
    /// Only this claim; `None` = all of the debtor.
    pub claim: Option<usize>,
    pub from: NaiveDateTime,
    pub why: Why,
    /// The mail's or file's sha256, by which a question names it.
    pub source: String,
    pub ended: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// A human wrote, and the owner has not let it go.
    Answered(&'static str),
    /// A day was named for these claims.
    Promised(NaiveDate, Vec<usize>),
    /// "I have paid", about these claims.
    SaysPaid(Vec<usize>),
    Bounced,
    /// Overdue when first seen.
    Old,
    /// The same number with other content.
    Conflict,
    /// Money that could not be placed.
    UnclearMoney,
    /// The bank took money back.
    TakenBack,
}

#[derive(Clone, Debug)]
pub struct Accepted {
    pub at: NaiveDateTime,
    pub message_id: String,
    pub letter: Letter,
    pub debtor: usize,
}

#[derive(Default)]
pub struct Books {
    /// Id, name, address, kind.
    pub debtors: Vec<(String, String, String, String)>,
    pub claims: Vec<Claim>,
    pub shields: Vec<Shield>,
    pub accepted: Vec<Accepted>,
    /// Mails that the owner knows were not accepted although nobody told, by Message-ID.
    pub lost: Vec<String>,
    pub statements_until: Option<NaiveDate>,
    pub mailbox_read: Option<NaiveDateTime>,
    pub per_day: usize,
    pub breaches: Vec<String>,
}

impl Books {
    pub fn breach(&mut self, text: String) {
        self.breaches.push(text);
    }

    pub fn claim(&self, number: &str) -> Option<usize> {
        self.claims.iter().position(|claim| claim.number == number)
    }

    /// A letter that the server accepted: was it right?
    pub fn judge(&mut self, at: NaiveDateTime, message_id: &str, recipient: &str, bytes: &[u8]) {
        let letter = paper::letter(bytes);
        let Some(debtor) = self.debtors.iter().position(|(_, _, email, _)| email == recipient) else {
            return self.breach(format!("{at}: a letter to {recipient}, who is nobody"));
        };
        let who = format!("{at} to {} \"{}\"", self.debtors[debtor].0, letter.subject);
        if let Some(fault) = wrong_moment(at, letter.stage) {
            self.breach(format!("P2 {who}: {fault}"));
        }
        self.judge_world(at, &who, letter.stage);
        self.judge_claims(at, &who, debtor, &letter);
        self.judge_spacing(at, &who, debtor, message_id, &letter);
        self.accepted.push(Accepted { at, message_id: message_id.to_owned(), letter, debtor });
    }

    fn judge_world(&mut self, at: NaiveDateTime, who: &str, stage: Stage) {
        if self.mailbox_read.is_none_or(|read| at - read > Duration::minutes(15)) {
            self.breach(format!("P3 {who}: the mailbox was last read {:?}", self.mailbox_read));
        }
        let covers = self.statements_until;
        if stage >= Stage::Formal && covers.is_none_or(|until| banking_days(until, at.date()) > 1) {
            self.breach(format!("P3 {who}: a formal letter on bank data until {covers:?}"));
        }
        let today = self.accepted.iter().filter(|other| other.at.date() == at.date()).count();
        if today >= self.per_day {
            self.breach(format!("P7 {who}: {today} letters left today already"));
        }
    }

    fn judge_claims(&mut self, at: NaiveDateTime, who: &str, debtor: usize, letter: &Letter) {
        let mut found = Vec::new();
        if letter.lines.is_empty() {
            found.push("no invoice in it".to_owned());
        }
        for (number, asked) in &letter.lines {
            let Some(at_claim) = self.claim(number) else {
                found.push(format!("invoice {number} does not exist"));
                continue;
            };
            let claim = &self.claims[at_claim];
            if claim.debtor != debtor {
                found.push(format!("{number} is another's"));
            }
            if claim.given_up || claim.open() == 0 {
                found.push(format!("P1 {number} is closed"));
            }
            if claim.open() != *asked {
                found.push(format!("P1 {number}: asks {asked}, open is {}", claim.open()));
            }
            if letter.stage > Stage::Note && claim.due >= at.date() {
                found.push(format!("{number} is due only on {}", claim.due));
            }
            let shields = self.shields.iter().filter(|shield| self.stands(shield, at, debtor, at_claim));
            found.extend(shields.map(|shield| format!("P1 {number}: {:?} since {}", shield.why, shield.from)));
        }
        let sum: i64 = letter.lines.iter().map(|(_, asked)| asked).sum();
        if sum != letter.total {
            found.push(format!("the lines are {sum}, the total {}", letter.total));
        }
        for fault in found {
            self.breach(format!("{who}: {fault}"));
        }
    }

    /// What was claimed or promised is settled once its claims are; an answer about nothing that is open holds nothing.
    pub fn settle(&mut self) {
        let claims = &self.claims;
        let is_open = |claim: &Claim| claim.filed.is_some() && claim.open() > 0 && !claim.given_up;
        for shield in &mut self.shields {
            shield.ended |= match &shield.why {
                Why::Promised(_, about) | Why::SaysPaid(about) => !about.iter().any(|c| is_open(&claims[*c])),
                Why::Answered(what) => {
                    *what != "dispute" && !claims.iter().any(|claim| claim.debtor == shield.debtor && is_open(claim))
                }
                Why::Bounced | Why::Old | Why::Conflict | Why::UnclearMoney | Why::TakenBack => false,
            };
        }
    }

    fn stands(&self, shield: &Shield, at: NaiveDateTime, debtor: usize, claim: usize) -> bool {
        let about = shield.debtor == debtor && shield.claim.is_none_or(|own| own == claim);
        if shield.ended || !about || shield.from > at {
            return false;
        }
        let still_open =
            |claims: &[usize]| claims.iter().any(|&c| self.claims[c].open() > 0 && !self.claims[c].given_up);
        match &shield.why {
            Why::Promised(day, claims) => at.date() <= *day && still_open(claims),
            Why::SaysPaid(claims) => still_open(claims),
            Why::Answered(_) | Why::Bounced | Why::Old | Why::Conflict | Why::UnclearMoney | Why::TakenBack => true,
        }
    }

    fn judge_spacing(&mut self, at: NaiveDateTime, who: &str, debtor: usize, message_id: &str, letter: &Letter) {
        let mut found = Vec::new();
        for other in self.accepted.iter().filter(|other| other.debtor == debtor) {
            if other.message_id == message_id {
                found.push(format!("P2 accepted before, on {}", other.at));
            }
            let days = (at.date() - other.at.date()).num_days();
            if days < 5 {
                found.push(format!("P2 {days} days after the letter of {}", other.at));
            }
            if days <= term(other.letter.stage) {
                found.push(format!("within the term of the letter of {}", other.at));
            }
            let alone = |letter: &Letter| letter.lines.len() == 1;
            if alone(letter)
                && alone(&other.letter)
                && letter.stage == other.letter.stage
                && letter.lines[0].0 == other.letter.lines[0].0
            {
                found.push(format!("P2 the same step was sent on {}", other.at));
            }
        }
        for fault in found {
            self.breach(format!("{who}: {fault}"));
        }
    }
}

/// Days that a letter gives to pay.
fn term(stage: Stage) -> i64 {
    match stage {
        Stage::Note => 0,
        Stage::Reminder => 5,
        Stage::Second => 6,
        Stage::Formal => 10,
        Stage::Last => 7,
    }
}

/// Holidays of the Netherlands and the days on which no letter leaves, written out.
const NO_LETTERS: [(i32, u32, u32); 17] = [
    (2026, 1, 1),
    (2026, 1, 2),
    (2026, 4, 3),
    (2026, 4, 6),
    (2026, 4, 27),
    (2026, 5, 5),
    (2026, 5, 14),
    (2026, 5, 15),
    (2026, 5, 25),
    (2026, 12, 24),
    (2026, 12, 25),
    (2026, 12, 26),
    (2026, 12, 31),
    (2027, 1, 1),
    (2027, 3, 26),
    (2027, 3, 29),
    (2027, 4, 27),
];

/// Days on which banks are closed, beside weekends.
const NO_BANKING: [(i32, u32, u32); 6] =
    [(2026, 1, 1), (2026, 4, 3), (2026, 4, 6), (2026, 5, 1), (2026, 12, 25), (2027, 1, 1)];

fn wrong_moment(at: NaiveDateTime, stage: Stage) -> Option<String> {
    let day = at.date();
    let seconds = (at - day.and_hms_opt(0, 0, 0)?).num_seconds();
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let friday = day.weekday() == Weekday::Fri && stage >= Stage::Formal;
    if weekend || friday || NO_LETTERS.contains(&(day.year(), day.month(), day.day())) {
        return Some(format!("on a {}", day.weekday()));
    }
    (!(9 * 3600..17 * 3600).contains(&seconds)).then(|| "outside 09:00-17:00".to_owned())
}

pub fn is_banking_day(day: NaiveDate) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    !weekend && !NO_BANKING.contains(&(day.year(), day.month(), day.day()))
}

/// Banking days after `from` up to and including `to`.
fn banking_days(from: NaiveDate, to: NaiveDate) -> usize {
    from.iter_days().skip(1).take_while(|day| *day <= to).filter(|day| is_banking_day(*day)).count()
}
