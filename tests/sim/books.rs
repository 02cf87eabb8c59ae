//! The world's own books: who owes, who paid, who answered. The judge looks only here; nothing in it comes from the
//! rules it judges.

use super::law::{Entry, Regime};
use super::letters::{Letter, Stage};
use chrono::{NaiveDate, NaiveDateTime};
use std::collections::BTreeMap;

/// A claim as the world knows it.
#[derive(Clone, Debug)]
pub struct Claim {
    pub number: String,
    pub debtor: usize,
    pub cents: i64,
    pub issued: NaiveDate,
    pub due: NaiveDate,
    /// The term was agreed; else it only stands on the invoice.
    pub term_source: &'static str,
    /// When its file was in the folder.
    pub filed: Option<NaiveDateTime>,
    /// Credited, as far as the daemon could see it.
    pub credited: i64,
    /// Payments as they were spread, each of them audited.
    pub entries: Vec<Entry>,
    /// Paid, whether or not the bank has told yet.
    pub paid: i64,
    /// The owner gave it up, handed it over or left it alone, or a small rest was let go.
    pub given_up: bool,
    /// The owner let the rest go.
    pub waived_by_owner: bool,
    /// The owner wants the rest.
    pub rest_wanted: bool,
}

impl Claim {
    /// What is open of the principal.
    pub fn open(&self) -> i64 {
        let paid: i64 = self.entries.iter().map(|entry| entry.principal).sum();
        (self.cents - self.credited - paid).max(0)
    }

    /// The principal from the start: a credit note corrects the invoice.
    pub fn principal(&self) -> i64 {
        self.cents - self.credited
    }

    /// As much came in as the invoice asks, whatever it was spread over.
    pub fn got_its_amount(&self) -> bool {
        let got: i64 = self.entries.iter().map(|entry| entry.principal + entry.interest + entry.costs).sum();
        got + self.credited >= self.cents
    }

    pub fn is_agreed(&self) -> bool {
        self.term_source != "invoice"
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
    /// The invoice was paid and interest or costs were not: the owner decides.
    Rest,
}

#[derive(Clone, Debug)]
pub struct Accepted {
    pub at: NaiveDateTime,
    pub message_id: String,
    pub letter: Letter,
    pub debtor: usize,
    /// The daemon knows that it was accepted.
    pub told: bool,
    pub bounced: bool,
    /// A dispute took its effect away.
    pub void: bool,
    /// What it asks of each claim beside the principal.
    pub shares: Vec<Share>,
}

/// Interest and costs that a letter asks of one claim.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    pub claim: usize,
    pub interest: i64,
    pub costs: i64,
}

#[derive(Default)]
pub struct Books {
    /// Id, name, address, kind.
    pub debtors: Vec<(String, String, String, String)>,
    /// The law of each debtor.
    pub regimes: Vec<Regime>,
    pub belgian_office: bool,
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

/// What must have happened in a hundred years, or they prove little.
pub const MUST_SEE: [&str; 22] = [
    "NL business Thanks",
    "NL consumer Thanks",
    "NL consumer NoticeOfDefault",
    "NL consumer FourteenDays",
    "NL consumer FourteenDays interest",
    "NL consumer Last interest costs",
    "NL business Formal interest costs",
    "NL business Last interest costs",
    "NL government Formal interest costs",
    "BE consumer BelgianFirst announced",
    "BE consumer BelgianFirst",
    "BE consumer Last interest costs",
    "BE business Formal interest costs",
    "BE business Last interest costs",
    "bounced FourteenDays",
    "bounced BelgianFirst",
    "void FourteenDays",
    "void BelgianFirst",
    "paid interest",
    "paid costs",
    "rest let go",
    "rest asked of the owner",
];

impl Books {
    /// How often each thing of the law happened.
    pub fn seen(&self) -> BTreeMap<String, usize> {
        let mut seen = BTreeMap::new();
        let mut count = |what: String| *seen.entry(what).or_default() += 1;
        for sent in &self.accepted {
            let (letter, regime) = (&sent.letter, &self.regimes[sent.debtor]);
            let stage = letter.stage;
            let word = |is: bool, word: &'static str| if is { word } else { "" };
            count(format!(
                "{regime} {stage:?}{}{}{}",
                word(letter.interest > 0, " interest"),
                word(letter.costs > 0, " costs"),
                word(letter.announced > 0 && stage == Stage::BelgianFirst, " announced")
            ));
            if stage.is_legal() && sent.bounced {
                count(format!("bounced {stage:?}"));
            }
            if stage.is_legal() && sent.void {
                count(format!("void {stage:?}"));
            }
        }
        let entries = || self.claims.iter().flat_map(|claim| &claim.entries);
        entries().filter(|entry| entry.interest > 0).for_each(|_| count("paid interest".to_owned()));
        entries().filter(|entry| entry.costs > 0).for_each(|_| count("paid costs".to_owned()));
        let waived = self.claims.iter().filter(|claim| claim.given_up && claim.got_its_amount() && claim.open() > 0);
        waived.for_each(|_| count("rest let go".to_owned()));
        let asked = self.shields.iter().filter(|shield| shield.why == Why::Rest);
        asked.for_each(|_| count("rest asked of the owner".to_owned()));
        seen
    }

    pub fn breach(&mut self, text: String) {
        self.breaches.push(text);
    }

    pub fn claim(&self, number: &str) -> Option<usize> {
        self.claims.iter().position(|claim| claim.number == number)
    }

    /// Who disputes within the term of a letter gets a new letter with a new term, once we turn out to be right.
    pub fn void_terms(&mut self, debtor: usize, on: NaiveDate) {
        let is_open = |number: &str| self.claims.iter().any(|c| c.number == number && c.open() > 0 && !c.given_up);
        let runs = |sent: &Accepted| {
            let last = match sent.letter.stage {
                Stage::FourteenDays | Stage::BelgianFirst => Some(self.regimes[debtor].term(sent.at.date()).waited),
                _ => sent.letter.deadline,
            };
            last.is_some_and(|last| on <= last)
        };
        let is_void = |sent: &Accepted| {
            let legal = sent.debtor == debtor && sent.letter.stage.is_legal();
            legal && runs(sent) && sent.letter.lines.iter().any(|(number, _)| is_open(number))
        };
        let void: Vec<bool> = self.accepted.iter().map(is_void).collect();
        self.accepted.iter_mut().zip(void).for_each(|(sent, void)| sent.void |= void);
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
                // Paid before the owner said what to do with it; if that is taken back, it is asked again.
                Why::Old => shield.claim.is_some_and(|c| !is_open(&claims[c])),
                Why::Bounced | Why::Conflict | Why::UnclearMoney | Why::TakenBack | Why::Rest => false,
            };
        }
    }
}
