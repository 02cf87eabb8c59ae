//! One year of a small company: debtors with natures, a bank, mail, an owner, a server with moods, and a daemon that
//! dies now and then. The daemon is only touched through its doors.

use super::bank::Booking;
use super::books::{Accepted, Books, Share, Shield, Why};
use super::chance::Chance;
use super::customers::Nature;
use super::days::{DAYS, hour, start, utc};
use super::law::Regime;
use super::letters;
use super::paper::OWNER;
use super::policy;
use super::ports::{Folder, Handed, Inbox, Server, SharedInbox};
use super::shaky::Shaky;
use aanmaand::adapters::clock::SetClock;
use aanmaand::config::Config;
use aanmaand::daemon::folders::Folders;
use aanmaand::daemon::house::{House, Rules};
use aanmaand::daemon::pass::{Surroundings, pass};
use aanmaand::daemon::writer::Writer;
use aanmaand::dunning::ids::EvidenceId;
use aanmaand::store::{OutboxState, evidence_of};
use chrono::{Duration, NaiveDate, NaiveDateTime};
use std::sync::{Arc, Mutex};
use tokio::runtime::Runtime;

#[derive(Clone, Debug)]
pub enum Event {
    File(usize),
    /// The same claim in other bytes; with another amount it is a conflict.
    FileAgain {
        claim: usize,
        cents: i64,
    },
    Credit {
        claim: usize,
        cents: i64,
    },
    Pay {
        parts: Vec<(usize, i64)>,
        named: bool,
    },
    TakeBack(usize),
    /// The bank's file of a day.
    Statement {
        number: u32,
        bytes: Vec<u8>,
        lines: Vec<usize>,
        until: NaiveDate,
    },
    Whole {
        name: String,
        bytes: Vec<u8>,
    },
    Mail {
        bytes: Vec<u8>,
        /// The letter that it says did not arrive.
        bounced: Option<String>,
        shield: Option<(usize, Why)>,
    },
}

pub struct World {
    pub seed: u64,
    /// The law of a debtor without its kind: what this administration claims.
    pub policy: Regime,
    pub chance: Chance,
    pub books: Books,
    pub natures: Vec<Nature>,
    pub bookings: Vec<Booking>,
    pub fed: Vec<EvidenceId>,
    /// Lines in files that may not have been taken in yet: which, in what, since when.
    pub fresh_lines: Vec<(usize, EvidenceId, NaiveDateTime)>,
    pub house: Option<House>,
    pub store: Shaky,
    pub last_pass: Option<NaiveDateTime>,
    pub crashes: usize,
    pub passes: usize,
    pub mails: u64,
    pub events: Vec<(NaiveDateTime, Event)>,
    config: Config,
    pub invoices: Arc<Folder>,
    pub statements: Arc<Folder>,
    pub inbox: SharedInbox,
    server: Arc<Server>,
    clock: Arc<SetClock>,
    pub balance: i64,
    pub statement_number: u32,
    pub bank_ready: NaiveDateTime,
}

impl World {
    pub fn new(seed: u64, config: Config, rules: Rules) -> World {
        let mut chance = Chance::new(seed);
        let store = Shaky::default();
        let per_day = config.pace.per_day as usize;
        let clock = Arc::new(SetClock::new(utc(hour(start(), 0))));
        let server = Arc::new(Server {
            owner: OWNER.to_owned(),
            chance: Mutex::new(Chance::new(chance.next())),
            handed: Mutex::default(),
            store: store.clone(),
            calm: Mutex::new(false),
        });
        let house = House::open(Box::new(store.clone()), config.clone(), rules, clock.clone()).unwrap();
        let mut world = World {
            seed,
            policy: policy(seed),
            books: Books { per_day, belgian_office: policy(seed).belgian, ..Books::default() },
            natures: Vec::new(),
            bookings: Vec::new(),
            fed: Vec::new(),
            fresh_lines: Vec::new(),
            house: Some(house),
            last_pass: None,
            crashes: 0,
            passes: 0,
            mails: 0,
            events: Vec::new(),
            config,
            invoices: Folder::new("/sim/invoices"),
            statements: Folder::new("/sim/statements"),
            inbox: SharedInbox(Arc::new(Mutex::new(Inbox { uidvalidity: 1, ..Inbox::default() }))),
            server,
            clock,
            store,
            balance: 100_000,
            statement_number: 0,
            bank_ready: hour(start(), 0),
            chance,
        };
        world.people();
        world
    }

    pub fn at(&mut self, when: NaiveDateTime, event: Event) {
        self.events.push((when, event));
    }

    /// A whole year, then two quiet weeks.
    pub fn live(&mut self, runtime: &Runtime) {
        let mut away = 0;
        for n in 0..DAYS {
            let day = start() + Duration::days(n);
            self.bank(day);
            if away > 0 {
                away -= 1;
                continue;
            }
            if self.chance.in_100(1) {
                away = self.chance.within(2, 24);
            }
            let passes = match self.chance.within(0, 99) {
                0..=14 => 0,
                15..=69 => 1,
                70..=93 => 2,
                _ => 5,
            };
            let mut minutes: Vec<i64> = (0..passes).map(|_| self.chance.within(420, 1200)).collect();
            minutes.sort_unstable();
            for minute in minutes {
                self.one_pass(hour(day, minute), runtime);
            }
        }
        *self.server.calm.lock().unwrap() = true;
        for n in DAYS..DAYS + 14 {
            let day = start() + Duration::days(n);
            self.bank(day);
            self.run_pass(hour(day, 600), runtime);
            self.owner();
        }
    }

    fn one_pass(&mut self, at: NaiveDateTime, runtime: &Runtime) {
        self.inbox.0.lock().unwrap().down = self.chance.in_100(4);
        if self.chance.in_100(1) {
            self.inbox.0.lock().unwrap().uidvalidity += 1;
        }
        if self.chance.in_100(10) {
            let (commits, durable) = (self.chance.within(0, 24) as u32, self.chance.in_100(50));
            self.store.die_at_commit(commits, durable);
        }
        self.run_pass(at, runtime);
        if self.chance.in_100(10) {
            let soon = at + Duration::minutes(self.chance.within(1, 40));
            self.run_pass(soon, runtime);
        }
        self.inbox.0.lock().unwrap().down = false;
        if self.chance.in_100(45) {
            self.owner();
        }
        if self.chance.in_100(6) {
            self.store.die();
            self.restart();
        }
    }

    fn run_pass(&mut self, at: NaiveDateTime, runtime: &Runtime) {
        self.passes += 1;
        self.clock.set(utc(at));
        self.happen(at);
        self.books.settle();
        let down = self.inbox.0.lock().unwrap().down;
        if !down {
            self.books.mailbox_read = Some(at);
        }
        let mut surroundings = Surroundings {
            folders: Folders { invoices: self.invoices.clone(), statements: Some(self.statements.clone()) },
            mailbox: Box::new(self.inbox.clone()),
            copies: None,
            outgoing: self.server.clone(),
            pause: std::time::Duration::ZERO,
        };
        let (writer, thread) = Writer::start(self.house.take().expect("the house is free"));
        let result = runtime.block_on(pass(&writer, &mut surroundings));
        drop(writer);
        self.house = Some(thread.join().expect("the writer broke"));
        if let Err(error) = &result
            && !self.store.is_dead()
        {
            self.books.breach(format!("{at}: the pass failed: {error:#}"));
        }
        self.last_pass = Some(at);
        self.nobody_overslept(at);
        if self.store.is_dead() {
            self.restart();
        } else {
            self.store.revive();
        }
        self.audit(at);
        self.settle_post(at);
    }

    /// Of no account that the calendar takes to be asleep anything would be decided.
    fn nobody_overslept(&mut self, at: NaiveDateTime) {
        let overslept = self.house.as_ref().and_then(|house| house.overslept().ok()).unwrap_or_default();
        if !overslept.is_empty() && !self.store.is_dead() {
            self.books.breach(format!("{at}: overslept: {overslept:?}"));
        }
    }

    /// The process starts again over what was committed.
    pub fn restart(&mut self) {
        self.crashes += 1;
        let House { rules, .. } = self.house.take().expect("the house is free");
        self.store.revive();
        let mut house =
            House::open(Box::new(self.store.clone()), self.config.clone(), rules, self.clock.clone()).unwrap();
        if let Err(error) = house.recover_outbox() {
            self.books.breach(format!("the restart failed: {error:#}"));
        }
        self.house = Some(house);
    }

    fn settle_post(&mut self, at: NaiveDateTime) {
        let handed: Vec<Handed> = std::mem::take(&mut *self.server.handed.lock().unwrap());
        for mail in handed.into_iter().filter(|mail| mail.recipient != OWNER) {
            if !mail.accepted {
                self.books.lost.push(mail.message_id);
                continue;
            }
            match self.accepted(at, &mail) {
                Some(sent) => self.books.judge(sent),
                None => self.books.breach(format!("{at}: a letter to {}, who is nobody", mail.recipient)),
            }
            if let Some(last) = self.books.accepted.last().filter(|last| last.message_id == mail.message_id).cloned() {
                self.react(at, last.debtor, &last.letter, &last.message_id);
            }
        }
    }

    /// A letter as it left, with what the daemon's own record says of it.
    fn accepted(&self, at: NaiveDateTime, mail: &Handed) -> Option<Accepted> {
        let debtor = self.books.debtors.iter().position(|(_, _, email, _)| *email == mail.recipient)?;
        let house = self.house.as_ref().expect("the house is free");
        let row = house.store.outbox_by_message_id(&mail.message_id).unwrap()?;
        let letters = house.accounts().unwrap().into_iter().flat_map(|account| account.letters);
        let extras = letters.filter(|letter| letter.id.as_str() == row.id).flat_map(|letter| letter.extras);
        let shares = extras.filter_map(|(case, extras)| {
            let claim = self.books.claim(case.as_str().trim_start_matches("C-"))?;
            Some(Share { claim, interest: extras.interest.minor(), costs: extras.costs.minor() })
        });
        Some(Accepted {
            at,
            message_id: mail.message_id.clone(),
            letter: letters::letter(&mail.bytes),
            debtor,
            told: row.state == OutboxState::Sent,
            bounced: false,
            void: false,
            shares: shares.collect(),
        })
    }

    // ── what happens ────────────────────────────────────────────────────────────────────────────────────────────

    fn happen(&mut self, now: NaiveDateTime) {
        loop {
            let next =
                (0..self.events.len()).filter(|n| self.events[*n].0 <= now).min_by_key(|n| (self.events[*n].0, *n));
            let Some(next) = next else { return };
            let (at, event) = self.events.remove(next);
            self.take_place(at, event);
        }
    }

    fn take_place(&mut self, at: NaiveDateTime, event: Event) {
        match event {
            Event::File(claim) => {
                self.file(at, claim, self.books.claims[claim].cents, "");
                self.books.claims[claim].filed = Some(at);
                let (debtor, due) = (self.books.claims[claim].debtor, self.books.claims[claim].due);
                if due < at.date() {
                    self.shield(debtor, Some(claim), at, Why::Old, "");
                }
            }
            Event::FileAgain { claim, cents } if self.books.claims[claim].filed.is_some() => {
                let source = self.file(at, claim, cents, "nogmaals");
                let known = &self.books.claims[claim];
                if cents != known.cents && known.open() > 0 && !known.given_up {
                    self.shield(known.debtor, Some(claim), at, Why::Conflict, source.as_str());
                }
            }
            Event::FileAgain { .. } => {}
            Event::Credit { claim, cents } => self.credit(at, claim, cents),
            Event::Pay { parts, named } => self.pay(at, parts, named),
            Event::TakeBack(booking) => self.take_back(at, booking),
            Event::Statement { number, bytes, lines, until } => {
                self.deliver_statement(at, number, bytes, &lines, until)
            }
            Event::Whole { name, bytes } => self.statements.put(&name, bytes, utc(at)),
            Event::Mail { bytes, bounced, shield } => {
                self.books
                    .accepted
                    .iter_mut()
                    .filter(|s| Some(&s.message_id) == bounced.as_ref())
                    .for_each(|s| s.bounced = true);
                self.deliver_mail(at, bytes, shield);
            }
        }
    }

    pub fn shield(&mut self, debtor: usize, claim: Option<usize>, from: NaiveDateTime, why: Why, source: &str) {
        self.books.shields.push(Shield { debtor, claim, from, why, source: source.to_owned(), ended: false });
    }

    fn deliver_mail(&mut self, at: NaiveDateTime, bytes: Vec<u8>, shield: Option<(usize, Why)>) {
        let source = evidence_of(&bytes);
        self.fed.push(source.clone());
        let mut inbox = self.inbox.0.lock().unwrap();
        if self.chance.in_100(8) {
            inbox.mails.push((bytes.clone(), utc(at)));
        }
        inbox.mails.push((bytes, utc(at)));
        drop(inbox);
        if let Some((debtor, Why::Promised(..))) = &shield {
            // The last word counts, also when it names an earlier day.
            let earlier = self.books.shields.iter_mut().filter(|known| known.debtor == *debtor);
            earlier.filter(|known| matches!(known.why, Why::Promised(..))).for_each(|known| known.ended = true);
        }
        if let Some((debtor, Why::Answered("dispute"))) = shield {
            self.books.void_terms(debtor, at.date());
        }
        if let Some((debtor, why)) = shield {
            self.shield(debtor, None, at, why, source.as_str());
        }
    }
}
