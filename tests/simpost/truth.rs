//! The world's own books about sending: who owes, who must be left alone, what the mail server was handed. A letter is
//! judged at its final dot; nothing here comes from the rules that it judges.

use super::digests::{Ahead, ahead};
use crate::sim::days::{banking_days, no_letter_leaves};
use crate::sim::letters::{Letter, Stage, letter};
use aanmaand::mail::message::Message;
use aanmaand::ports::OutgoingMail;
use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, Weekday};
use std::collections::BTreeMap;

/// Least number of days between two letters to one debtor.
const GAP_DAYS: i64 = 5;
/// The mailbox must have been read within this time.
const FRESH_MINUTES: i64 = 15;

#[derive(Clone, Debug)]
pub struct Person {
    pub id: String,
    /// Stands in letters to this debtor and nowhere else.
    pub name: String,
    pub email: String,
}

#[derive(Clone, Debug)]
pub struct Claim {
    pub number: String,
    pub debtor: usize,
    pub cents: i64,
    pub due: NaiveDate,
    /// Paid, and the daemon has been shown the bank's file; or closed by the owner.
    pub closed: bool,
    /// The owner said so, at this true moment.
    pub closed_by_owner: Option<NaiveDateTime>,
}

/// A reason to leave a debtor, or one claim, alone.
#[derive(Clone, Debug)]
pub struct Shield {
    pub debtor: usize,
    pub claim: Option<usize>,
    pub why: &'static str,
    /// When it came to be, on the true clock.
    pub since: NaiveDateTime,
    /// The daemon was told: the owner's command is committed, or the mail was given to it.
    pub known: bool,
    /// It was given the mail at least once, and may have kept it.
    pub shown: bool,
    /// The mail's sha256; empty for the owner's commands.
    pub source: String,
    pub ended: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The dot was sent; the server has not decided, or told nobody.
    Open,
    /// The server took it, whatever it told.
    Taken,
    /// Surely not taken, and that was told, or the owner has settled it.
    Gone,
}

/// A final dot.
#[derive(Clone, Debug)]
pub struct Dot {
    pub message_id: String,
    pub debtor: usize,
    pub letter: Letter,
    /// On the daemon's clock.
    pub at: NaiveDateTime,
    pub fate: Fate,
    /// The server's answer reached us.
    pub told: bool,
    /// When the daemon was sure of it.
    pub sure_on: NaiveDate,
}

impl Dot {
    /// It may lie in the debtor's mailbox.
    fn may_have_arrived(&self) -> bool {
        self.fate != Fate::Gone
    }
}

#[derive(Default)]
pub struct Truth {
    pub people: Vec<Person>,
    pub claims: Vec<Claim>,
    pub shields: Vec<Shield>,
    pub dots: Vec<Dot>,
    /// What digests that the server took said goes out next, and the day on which it took them.
    pub digests: Vec<(NaiveDate, Ahead)>,
    /// True time, and what the daemon's clock shows.
    pub now: NaiveDateTime,
    pub clock: NaiveDateTime,
    /// When the daemon last saw all that was in the mailbox, on the true clock; and how far its clock was set back since.
    pub mailbox_read: Option<NaiveDateTime>,
    pub set_back: Duration,
    /// The last day that the bank's files cover, as far as the daemon was shown.
    pub bank_until: Option<NaiveDate>,
    /// The latest moment that the daemon's clock has shown it, unless the owner said that the clock is right now.
    pub latest: Option<NaiveDateTime>,
    /// Mails that the server refused for good, and when each mail was first begun.
    pub refused: Vec<String>,
    pub begun: BTreeMap<String, NaiveDateTime>,
    /// A mail is stored and not understood yet.
    pub waiting: bool,
    pub per_day: usize,
    /// Steps of the ladder before the first formal one.
    pub informal: usize,
    /// Debtors of whom a step was skipped: how far they are on the ladder only the daemon knows.
    pub skipped: Vec<usize>,
    pub breaches: Vec<String>,
    pub seen: BTreeMap<&'static str, usize>,
}

impl Truth {
    pub fn breach(&mut self, fault: String) {
        self.breaches.push(fault);
    }

    pub fn saw(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    pub fn claim(&self, number: &str) -> Option<usize> {
        self.claims.iter().position(|claim| claim.number == number)
    }

    /// The final dot of a letter.
    pub fn dot(&mut self, mail: &OutgoingMail) {
        let letter = letter(&mail.bytes);
        let Some(debtor) = self.people.iter().position(|person| person.email == mail.recipient) else {
            return self.breach(format!("a letter to {}, who is nobody", mail.recipient));
        };
        let mut found = self.moment(&letter);
        found.extend(self.about_claims(debtor, &letter));
        found.extend(self.spacing(debtor, &mail.message_id, &letter));
        found.extend(self.leaks(debtor, mail));
        if letter.stage.is_formal() {
            found.extend(self.formal(debtor, &letter));
            self.saw("formal letter");
        }
        let who = format!("{} to {} \"{}\"", self.clock, self.people[debtor].id, letter.subject);
        found.into_iter().for_each(|fault| self.breach(format!("{who}: {fault}")));
        let (message_id, at) = (mail.message_id.clone(), self.clock);
        let sure_on = at.date();
        self.dots.push(Dot { message_id, debtor, letter, at, fate: Fate::Open, told: false, sure_on });
    }

    /// What became of the last dot of this mail.
    pub fn fate(&mut self, message_id: &str, fate: Fate, told: bool) {
        if let Some(dot) = self.dots.iter_mut().rfind(|dot| dot.message_id == message_id) {
            (dot.fate, dot.told) = (fate, told);
        }
    }

    /// The owner looked, and said what the world knows.
    pub fn settled_by_owner(&mut self, message_id: &str) {
        let today = self.clock.date();
        for dot in self.dots.iter_mut().filter(|dot| dot.message_id == message_id) {
            if dot.fate == Fate::Open {
                dot.fate = Fate::Gone;
            }
            dot.sure_on = today;
        }
    }

    /// A copy was found: from now on the daemon knows that it went.
    pub fn proven(&mut self, message_id: &str) {
        if !self.was_taken(message_id) {
            return;
        }
        let today = self.clock.date();
        let of = |dot: &&mut Dot| dot.message_id == message_id && !dot.told;
        self.dots.iter_mut().filter(of).for_each(|dot| dot.sure_on = today);
        self.saw("copy found");
    }

    /// We put a copy into the folder for sent mail; its Message-ID.
    pub fn kept(&mut self, mail: &[u8]) -> String {
        let message_id = Message::parse(mail).ok().and_then(|message| message.message_id).unwrap_or_default();
        if !self.was_taken(&message_id) {
            self.breach(format!("a copy of {message_id}, which the server never took, was put into Sent"));
        }
        self.saw("copy kept");
        message_id
    }

    /// The server took a letter of this kind about this invoice.
    pub fn took_step(&self, number: &str, stage: Stage) -> bool {
        let lists = |dot: &Dot| dot.letter.lines.iter().any(|(other, _)| other == number);
        self.dots.iter().any(|dot| dot.fate == Fate::Taken && dot.letter.stage == stage && lists(dot))
    }

    /// The owner lets the step of a letter to this debtor be. It may never have had a dot.
    pub fn skip(&mut self, account: &str) {
        self.skipped.extend(self.people.iter().position(|person| person.id == account));
    }

    /// The store is again what it was at that true moment: what was told since must be told anew.
    pub fn forget_since(&mut self, backup: NaiveDateTime) {
        for shield in &mut self.shields {
            let commanded = shield.source.is_empty();
            shield.ended |= commanded && shield.since > backup;
            shield.known &= commanded;
        }
        for claim in self.claims.iter_mut().filter(|claim| claim.closed_by_owner.is_some_and(|at| at > backup)) {
            (claim.closed, claim.closed_by_owner) = (false, None);
        }
        for dot in &mut self.dots {
            dot.told = false;
            if dot.fate == Fate::Open {
                dot.fate = Fate::Gone;
            }
        }
        self.latest = None;
        self.mailbox_read = None;
        self.skipped.extend(0..self.people.len());
        self.saw("restored");
    }

    /// The pass died: the answers to its last dots may be written nowhere.
    pub fn pass_failed(&mut self, dots_before: usize) {
        self.dots.iter_mut().skip(dots_before).for_each(|dot| dot.told = false);
    }

    /// All that was in the mailbox at this moment was handed over.
    pub fn has_just_read(&self) -> bool {
        self.mailbox_read == Some(self.now)
    }

    pub fn was_taken(&self, message_id: &str) -> bool {
        self.dots.iter().any(|dot| dot.message_id == message_id && dot.fate == Fate::Taken)
    }

    /// A digest that the server took.
    pub fn digest(&mut self, bytes: &[u8]) {
        self.saw("digest");
        match ahead(bytes) {
            Ok(ahead) => {
                let day = self.clock.date();
                self.digests.extend(ahead.into_iter().map(|letter| (day, letter)));
            }
            Err(fault) => self.breach(fault),
        }
    }

    /// A mail may be given up when the server refused it, or after two days of trying.
    pub fn may_be_given_up(&self, message_id: &str) -> bool {
        // One hour less than two days where the clock changes.
        let tried_long = self.begun.get(message_id).is_some_and(|first| self.clock - *first >= Duration::hours(47));
        tried_long || self.refused.iter().any(|refused| refused == message_id)
    }

    fn moment(&self, letter: &Letter) -> Vec<String> {
        let (mut found, day) = (Vec::new(), self.clock.date());
        let friday = letter.stage.is_formal() && day.weekday() == Weekday::Fri;
        if friday || no_letter_leaves(false, day) {
            found.push(format!("P8 on a {}", day.weekday()));
        }
        if !(9..17).contains(&chrono::Timelike::hour(&self.clock)) {
            found.push(format!("P8 at {}", self.clock));
        }
        let fresh = Duration::minutes(FRESH_MINUTES + 1) + self.set_back;
        if self.mailbox_read.is_none_or(|read| self.now - read > fresh) {
            found.push(format!("the mailbox was last read {:?}, now is {}", self.mailbox_read, self.now));
        }
        if self.latest.is_some_and(|latest| self.clock + Duration::minutes(2) < latest) {
            found.push(format!("the clock stands before {:?}", self.latest));
        }
        if self.waiting {
            found.push("a mail waits to be understood".to_owned());
        }
        if self.is_full(day) {
            found.push(format!("{} letters left today already", self.per_day));
        }
        found
    }

    /// As many letters left on this day as may.
    pub fn is_full(&self, day: NaiveDate) -> bool {
        let left = |dot: &&Dot| dot.at.date() == day && dot.fate == Fate::Taken && dot.told;
        self.dots.iter().filter(left).count() >= self.per_day
    }

    fn about_claims(&self, debtor: usize, letter: &Letter) -> Vec<String> {
        let mut found = Vec::new();
        if letter.lines.is_empty() {
            found.push("no invoice in it".to_owned());
        }
        for (number, asked) in &letter.lines {
            let Some(at) = self.claim(number) else {
                found.push(format!("invoice {number} does not exist"));
                continue;
            };
            let claim = &self.claims[at];
            if claim.debtor != debtor {
                found.push(format!("P5 {number} is another's"));
            }
            if claim.closed {
                found.push(format!("P2 {number} is closed"));
            }
            if claim.cents != *asked {
                found.push(format!("{number}: asks {asked}, owed is {}", claim.cents));
            }
            let shields = self.shields.iter().filter(|shield| self.stands(shield, debtor, at));
            found.extend(shields.map(|shield| format!("P2 {number}: {} since {}", shield.why, shield.since)));
        }
        found
    }

    /// The daemon knows of it, or should: what lay in the mailbox for longer than it may go unread.
    fn stands(&self, shield: &Shield, debtor: usize, claim: usize) -> bool {
        let about = shield.debtor == debtor && shield.claim.is_none_or(|own| own == claim);
        about && !shield.ended && shield.known
    }

    fn spacing(&self, debtor: usize, message_id: &str, letter: &Letter) -> Vec<String> {
        let mut found = Vec::new();
        let day = self.clock.date();
        for other in self.dots.iter().filter(|dot| dot.debtor == debtor && dot.may_have_arrived()) {
            if other.message_id == message_id {
                found.push(format!("P1 the same mail got its dot on {} ({:?})", other.at, other.fate));
            } else if other.fate == Fate::Open {
                found.push(format!("P1 the fate of the letter of {} is open", other.at));
            }
            if (day - other.at.date()).num_days() < GAP_DAYS {
                found.push(format!("P8 too soon after the letter of {}", other.at));
            }
            if other.letter.deadline.is_some_and(|last| day <= last) {
                found.push(format!("P8 within the term of the letter of {}", other.at));
            }
            let alone = |letter: &Letter| letter.lines.len() == 1;
            let same = letter.stage == other.letter.stage && letter.lines[..1] == other.letter.lines[..1];
            if alone(letter) && alone(&other.letter) && same {
                found.push(format!("P1 the same step was taken on {}", other.at));
            }
        }
        found
    }

    /// Nothing of another debtor stands in it.
    fn leaks(&self, debtor: usize, mail: &OutgoingMail) -> Vec<String> {
        let Ok(message) = Message::parse(&mail.bytes) else { return vec!["it is no mail".to_owned()] };
        let head: String = message.raw_headers.iter().map(|(_, value)| value.as_str()).collect();
        let attached: String =
            message.attachments.iter().map(|file| String::from_utf8_lossy(&file.bytes).into_owned()).collect();
        let html = message.html.as_deref().unwrap_or_default();
        let all = [&head, &message.subject, &message.text, html, &attached].map(|text| text.to_owned()).join("\n");
        let others = self.people.iter().enumerate().filter(|(n, _)| *n != debtor);
        let names = others.flat_map(|(_, person)| [&person.name, &person.email, &person.id]);
        let numbers = self.claims.iter().filter(|claim| claim.debtor != debtor).map(|claim| &claim.number);
        let leaks = names.chain(numbers).filter(|word| all.contains(word.as_str()));
        let mut found: Vec<String> = leaks.map(|word| format!("P5 {word} stands in it")).collect();
        if message.recipients != [mail.recipient.clone()] {
            found.push(format!("P5 it names {:?} as its recipients", message.recipients));
        }
        found
    }

    fn formal(&self, debtor: usize, letter: &Letter) -> Vec<String> {
        let (mut found, today) = (Vec::new(), self.clock.date());
        if self.bank_until.is_none_or(|until| banking_days(until, today) > 1) {
            found.push(format!("formal, on bank data until {:?}", self.bank_until));
        }
        let before = || self.digests.iter().filter(|(day, _)| *day < today).map(|(_, ahead)| ahead);
        let numbers: Vec<&String> = letter.lines.iter().map(|(number, _)| number).collect();
        if !before()
            .any(|ahead| ahead.stage == letter.stage && numbers.iter().any(|number| ahead.numbers.contains(number)))
        {
            found.push(format!("formal, and no digest of an earlier day announced this step of {numbers:?}"));
        }
        // What is asked for the first time goes along with what was announced.
        for number in numbers.iter().filter(|number| self.was_asked(debtor, number)) {
            if !before().any(|ahead| ahead.stage.is_formal() && ahead.numbers.contains(number)) {
                found.push(format!("formal, and no digest of an earlier day announced {number}"));
            }
        }
        found
    }

    /// Often enough for its next letter to be a formal one.
    fn was_asked(&self, debtor: usize, number: &str) -> bool {
        let lists = |dot: &&Dot| dot.may_have_arrived() && dot.letter.lines.iter().any(|(other, _)| other == number);
        self.dots.iter().filter(|dot| dot.debtor == debtor).filter(lists).count() >= self.informal
    }
}
