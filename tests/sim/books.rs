//! The world's own books: who owes, who paid, who answered. The judge looks only here; nothing in it comes from the
//! rules it judges.

use super::paper::Letter;
use chrono::{NaiveDate, NaiveDateTime};

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
}
