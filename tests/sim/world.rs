//! One year of a small company: debtors with natures, a bank, mail, an owner, a server with moods, and a daemon that
//! dies now and then. The daemon is only touched through its doors.

use super::books::{Books, Claim, Shield, Why, is_banking_day};
use super::chance::Chance;
use super::paper::{self, Answer, Bill, Letter, Line, OWNER, US};
use super::ports::{Folder, Handed, Inbox, Server, SharedInbox};
use super::shaky::Shaky;
use aanmaand::adapters::clock::SetClock;
use aanmaand::config::Config;
use aanmaand::daemon::house::{House, Rules};
use aanmaand::daemon::pass::{Folders, Surroundings, pass};
use aanmaand::daemon::writer::Writer;
use aanmaand::dunning::ids::EvidenceId;
use aanmaand::store::evidence_of;
use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, TimeZone, Utc};
use std::sync::{Arc, Mutex};
use tokio::runtime::Runtime;

pub const DAYS: i64 = 365;

/// How a debtor is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Nature {
    Silent,
    Prompt,
    PaysWhenAsked,
    PaysInParts,
    KeepsPromises,
    BreaksPromises,
    Disputes,
    Asks,
    SaysPaid,
    Bounces,
    Robot,
    ForgetsReferences,
    Anything,
}

const NATURES: [Nature; 13] = [
    Nature::Silent,
    Nature::Prompt,
    Nature::PaysWhenAsked,
    Nature::PaysInParts,
    Nature::KeepsPromises,
    Nature::BreaksPromises,
    Nature::Disputes,
    Nature::Asks,
    Nature::SaysPaid,
    Nature::Bounces,
    Nature::Robot,
    Nature::ForgetsReferences,
    Nature::Anything,
];

const NAMES: [&str; 10] = [
    "Jansen Bouw B.V.",
    "Kwekerij Tulp",
    "Visser Transport",
    "Slagerij Ottink",
    "Garage Zuidplas",
    "Drukkerij Meerkat",
    "Hotel Waterrijk",
    "Mulder Advies",
    "Fietsenmaker Quist",
    "Apotheek Bremhof",
];

/// What happens at a moment.
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
        shield: Option<(usize, Why)>,
    },
}

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

pub struct World {
    pub chance: Chance,
    pub books: Books,
    pub natures: Vec<Nature>,
    pub bookings: Vec<Booking>,
    pub fed: Vec<EvidenceId>,
    pub house: Option<House>,
    pub store: Shaky,
    pub last_pass: Option<NaiveDateTime>,
    pub crashes: usize,
    pub passes: usize,
    pub mails: u64,
    events: Vec<(NaiveDateTime, Event)>,
    config: Config,
    invoices: Arc<Folder>,
    statements: Arc<Folder>,
    inbox: SharedInbox,
    server: Arc<Server>,
    clock: Arc<SetClock>,
    balance: i64,
    statement_number: u32,
    bank_ready: NaiveDateTime,
}

pub fn start() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 12).unwrap()
}

fn utc(at: NaiveDateTime) -> DateTime<Utc> {
    let zone = chrono_tz::Europe::Amsterdam;
    zone.from_local_datetime(&at).earliest().unwrap_or_else(|| zone.from_utc_datetime(&at)).with_timezone(&Utc)
}

fn hour(day: NaiveDate, minutes: i64) -> NaiveDateTime {
    day.and_hms_opt(0, 0, 0).unwrap() + Duration::minutes(minutes)
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
            books: Books { per_day, ..Books::default() },
            natures: Vec::new(),
            bookings: Vec::new(),
            fed: Vec::new(),
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

    fn people(&mut self) {
        for (n, name) in NAMES.iter().enumerate() {
            let nature = if n == 0 { Nature::Silent } else { self.chance.one_of(&NATURES) };
            self.natures.push(nature);
            let kind = if self.chance.in_100(70) { "business" } else { "consumer" };
            let id = format!("K{}", 1001 + n);
            self.books.debtors.push((id, (*name).to_owned(), format!("kas@klant{n}.example"), kind.to_owned()));
            for _ in 0..self.chance.within(2, 5) {
                self.plan_claim(n);
            }
        }
    }

    fn plan_claim(&mut self, debtor: usize) {
        let issued = start() + Duration::days(self.chance.within(-20, DAYS - 70));
        let due = issued + Duration::days(self.chance.within(8, 30));
        let late = self.chance.in_100(8);
        let filed = (if late { due + Duration::days(self.chance.within(2, 20)) } else { issued }).max(start());
        let n = self.books.claims.len();
        let cents = self.chance.within(2_000, 240_000);
        self.books.claims.push(Claim {
            number: format!("F26-{:04}", n + 1),
            debtor,
            cents,
            due,
            filed: None,
            seen: 0,
            paid: 0,
            given_up: false,
        });
        let minute = self.chance.within(400, 1100);
        self.at(hour(filed, minute), Event::File(n));
        if self.natures[debtor] == Nature::Prompt {
            let day = due - Duration::days(self.chance.within(0, 6));
            self.at(hour(day.max(filed), 1200), Event::Pay { parts: vec![(n, cents)], named: true });
        }
        if self.natures[debtor] != Nature::Silent && self.chance.in_100(8) {
            let cents = if self.chance.in_100(50) { cents } else { cents + 100 };
            let day = filed + Duration::days(self.chance.within(1, 40));
            self.at(hour(day, minute), Event::FileAgain { claim: n, cents });
        }
        if self.natures[debtor] == Nature::Anything && self.chance.in_100(30) {
            let cents = if self.chance.in_100(50) { cents } else { cents / 3 };
            let day = filed + Duration::days(self.chance.within(1, 60));
            self.at(hour(day, minute), Event::Credit { claim: n, cents });
        }
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

    /// Each banking day the bank makes a file of the day before; sometimes it is late, and so are the next ones.
    fn bank(&mut self, today: NaiveDate) {
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
        self.settle_post(at);
        if self.store.is_dead() {
            self.restart();
        } else {
            self.store.revive();
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
            self.books.judge(at, &mail.message_id, &mail.recipient, &mail.bytes);
            if let Some(last) = self.books.accepted.last().filter(|last| last.message_id == mail.message_id).cloned() {
                self.react(at, last.debtor, &last.letter, &last.message_id);
            }
        }
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
            Event::Mail { bytes, shield } => self.deliver_mail(at, bytes, shield),
        }
    }

    fn file(&mut self, at: NaiveDateTime, claim: usize, cents: i64, description: &str) -> EvidenceId {
        let claim = &self.books.claims[claim];
        let (id, name, email, kind) = &self.books.debtors[claim.debtor];
        let bytes = paper::invoice(&Bill {
            number: &claim.number,
            cents,
            issued: claim.due - Duration::days(8),
            due: claim.due,
            corrects: None,
            debtor: (id, name, email, kind),
            description,
        });
        let name = format!("{}{description}{cents}.toml", claim.number);
        self.put_invoice(at, &name, bytes)
    }

    fn put_invoice(&mut self, at: NaiveDateTime, name: &str, bytes: Vec<u8>) -> EvidenceId {
        let id = evidence_of(&bytes);
        self.fed.push(id.clone());
        if self.chance.in_100(10) {
            self.invoices.put(&format!("kopie-{name}"), bytes.clone(), utc(at));
        }
        self.invoices.put(name, bytes, utc(at));
        id
    }

    fn credit(&mut self, at: NaiveDateTime, claim: usize, cents: i64) {
        let known = self.books.claims[claim].clone();
        if known.filed.is_none() || known.given_up || known.open() < cents {
            return;
        }
        let (id, name, email, kind) = self.books.debtors[known.debtor].clone();
        let bytes = paper::invoice(&Bill {
            number: &format!("CN-{}", known.number),
            cents,
            issued: at.date(),
            due: at.date(),
            corrects: Some(&known.number),
            debtor: (&id, &name, &email, &kind),
            description: "",
        });
        self.put_invoice(at, &format!("CN-{}.toml", known.number), bytes);
        self.books.claims[claim].seen += cents;
        self.books.claims[claim].paid += cents;
    }

    fn pay(&mut self, at: NaiveDateTime, parts: Vec<(usize, i64)>, named: bool) {
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

    fn take_back(&mut self, at: NaiveDateTime, booking: usize) {
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

    fn deliver_statement(&mut self, at: NaiveDateTime, number: u32, bytes: Vec<u8>, lines: &[usize], until: NaiveDate) {
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
    fn see_line(&mut self, at: NaiveDateTime, n: usize) {
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

    fn see_back(&mut self, at: NaiveDateTime, of: usize) {
        for (claim, cents) in std::mem::take(&mut self.bookings[of].used) {
            self.books.claims[claim].seen -= cents;
            self.books.claims[claim].paid -= cents;
            // Also what was given up meanwhile comes before the owner again.
            self.books.claims[claim].given_up = false;
            let debtor = self.books.claims[claim].debtor;
            self.shield(debtor, Some(claim), at, Why::TakenBack, &format!("back{of}"));
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
        if let Some((debtor, why)) = shield {
            self.shield(debtor, None, at, why, source.as_str());
        }
    }

    // ── how debtors react ───────────────────────────────────────────────────────────────────────────────────────

    fn react(&mut self, at: NaiveDateTime, debtor: usize, letter: &Letter, message_id: &str) {
        use Nature::*;
        const MOODS: [Nature; 10] = [
            Silent,
            PaysWhenAsked,
            PaysInParts,
            KeepsPromises,
            BreaksPromises,
            Disputes,
            Asks,
            SaysPaid,
            Bounces,
            ForgetsReferences,
        ];
        let nature = self.natures[debtor];
        let nature = if nature == Anything { self.chance.one_of(&MOODS) } else { nature };
        let claims: Vec<usize> = letter.lines.iter().filter_map(|(number, _)| self.books.claim(number)).collect();
        let parts: Vec<(usize, i64)> =
            letter.lines.iter().filter_map(|(number, cents)| Some((self.books.claim(number)?, *cents))).collect();
        if parts.is_empty() || (nature != Robot && self.chance.in_100(35)) {
            return;
        }
        let soon = at + Duration::minutes(self.chance.within(5, 60 * 24 * 9));
        let write =
            |world: &mut World, words: &str, why: Why| world.write(soon, debtor, letter, message_id, words, Some(why));
        match nature {
            Silent | Prompt | Anything => {}
            PaysWhenAsked => self.at(soon, Event::Pay { parts, named: true }),
            ForgetsReferences => {
                let surplus = if self.chance.in_100(20) { 200 } else { 0 };
                let parts = vec![(parts[0].0, parts[0].1 + surplus)];
                self.at(soon, Event::Pay { parts, named: surplus > 0 });
            }
            PaysInParts => {
                let (claim, open) = parts[0];
                let cents = if self.chance.in_100(50) { open } else { (open / 2).max(1) };
                self.at(soon, Event::Pay { parts: vec![(claim, cents)], named: true });
            }
            KeepsPromises | BreaksPromises => {
                let day = soon.date() + Duration::days(self.chance.within(2, 20));
                let words = format!(
                    "Geachte heer, mevrouw,\n\nWij betalen op {}.\n\nMet vriendelijke groet,\nInkoop",
                    dutch(day)
                );
                write(self, &words, Why::Promised(day, claims));
                if nature == KeepsPromises {
                    self.at(hour(day, 600), Event::Pay { parts, named: true });
                }
            }
            Disputes => write(
                self,
                "Beste,\n\nWij betwisten deze factuur: de goederen zijn nooit geleverd.\n\nGroet,\nInkoop",
                Why::Answered("dispute"),
            ),
            Asks => {
                let words = self.chance.one_of(&[
                    "Kunt u mij een kopie van de factuur sturen?",
                    "Ik neem dit op met mijn collega van de administratie.",
                    "Kunnen wij dit in drie termijnen betalen?",
                    "Is het mogelijk dat u het adres op de factuur aanpast?",
                    "Onze directeur is op reis, daarna hoort u van ons.",
                ]);
                write(
                    self,
                    &format!("Goedendag,\n\n{words}\n\nMet vriendelijke groet,\nInkoop"),
                    Why::Answered("answer"),
                );
            }
            SaysPaid => {
                let day = soon.date() - Duration::days(self.chance.within(0, 2));
                let words = format!("Goedendag,\n\nDeze factuur is al betaald op {}.\n\nGroet,\nInkoop", dutch(day));
                if self.chance.in_100(60) {
                    self.at(soon, Event::Pay { parts, named: true });
                }
                write(self, &words, Why::SaysPaid(claims));
            }
            Bounces => {
                self.mails += 1;
                let email = self.books.debtors[debtor].2.clone();
                let bytes = paper::bounce(&format!("b{}@mx.klant.example", self.mails), &email, message_id, utc(soon));
                self.at(soon, Event::Mail { bytes, shield: Some((debtor, Why::Bounced)) });
            }
            Robot => self.write(
                at + Duration::minutes(3),
                debtor,
                letter,
                message_id,
                "Ik ben met vakantie en lees mijn mail niet.",
                None,
            ),
        }
    }

    fn write(&mut self, at: NaiveDateTime, debtor: usize, letter: &Letter, to: &str, words: &str, why: Option<Why>) {
        self.mails += 1;
        let (_, name, email, _) = self.books.debtors[debtor].clone();
        let human = why.is_some();
        let way = self.chance.within(0, 3);
        let other = format!("prive{debtor}@elders.example");
        let subject =
            if human { format!("Re: {}", letter.subject) } else { format!("Automatisch antwoord: {}", letter.subject) };
        let bytes = paper::answer(&Answer {
            from: (&name, if way == 0 { &other } else { &email }),
            to: if way == 1 { US } else { &letter.reply_to },
            subject: &subject,
            id: &format!("m{}@klant.example", self.mails),
            in_reply_to: (way != 2).then_some(to),
            at: utc(at),
            extra: if human { "" } else { "Auto-Submitted: auto-replied\r\n" },
            words,
            quote: (way == 3).then_some(letter.text.as_str()),
        });
        self.at(at, Event::Mail { bytes, shield: why.map(|why| (debtor, why)) });
    }
}

fn dutch(day: NaiveDate) -> String {
    use chrono::Datelike;
    const MONTHS: [&str; 12] = [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ];
    format!("{} {} {}", day.day(), MONTHS[day.month0() as usize], day.year())
}
