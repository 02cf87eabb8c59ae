//! A few weeks of an administration with two to five debtors, and everything that goes wrong in them. The daemon is only
//! touched through its doors: passes, the store under it, and the owner's commands beside it.

use super::audit::Steps;
use super::copies::{Sent, SharedSent};
use super::inbox::{Arrived, Inbox, SharedInbox};
use super::owner::{Act, Owner};
use super::rates::{Rates, some_strike};
use super::server::{Ambush, Server};
use super::truth::{Claim, Person, Truth};
use crate::sim::Chance;
use crate::sim::days::{hour, is_banking_day, no_letter_leaves, utc};
use crate::sim::paper::{self, Answer, Bill, Line, US};
use crate::sim::ports::Folder;
use crate::sim::shaky::{How, Shaky, Strike};
use aanmaand::adapters::clock::SetClock;
use aanmaand::config::Config;
use aanmaand::daemon::folders::Folders;
use aanmaand::daemon::house::{House, Rules};
use aanmaand::daemon::pass::{Surroundings, pass};
use aanmaand::daemon::writer::Writer;
use aanmaand::dunning::ids::EvidenceId;
use aanmaand::store::{StoreFault, evidence_of};
use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, Weekday};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use tokio::runtime::Runtime;

/// Names are canaries: each stands in the letters of one debtor and nowhere else.
const NAMES: [&str; 5] = ["Zilverkwast B.V.", "Oeverpluvier", "Marjoleinhof", "Tondeldoos V.O.F.", "Vuurdoorn"];
const WORDS: [&str; 3] = [
    "Beste,\n\nWij betwisten deze factuur: de goederen zijn nooit geleverd.\n\nGroet,\nInkoop",
    "Hallo,\n\nKunt u mij een kopie van de factuur sturen? Dan kijk ik ernaar.\n\nGroet,\nInkoop",
    "Goedemorgen,\n\nHier moet mijn collega eerst iets van vinden.\n\nGroet,\nInkoop",
];
/// First days of worlds: an ordinary month, both changes of the clock, Ascension, Christmas.
const STARTS: [(i32, u32, u32); 6] =
    [(2026, 2, 2), (2026, 3, 16), (2026, 10, 12), (2026, 5, 4), (2026, 6, 8), (2026, 12, 7)];

/// The running daemon.
struct Process {
    writer: Writer,
    thread: JoinHandle<House>,
}

pub struct World {
    pub truth: Arc<Mutex<Truth>>,
    pub rates: Rates,
    pub chance: Chance,
    pub config: Config,
    pub steps: Steps,
    pub passes: usize,
    pub restarts: usize,
    /// Files and mails that the daemon was shown, and is not yet known to have settled.
    pub fed: Vec<EvidenceId>,
    pub delivered: usize,
    process: Option<Process>,
    spare: Option<Rules>,
    pub store: Shaky,
    clock: Arc<SetClock>,
    pub inbox: SharedInbox,
    copies: SharedSent,
    invoices: Arc<Folder>,
    statements: Arc<Folder>,
    pub server: Arc<Server>,
    owner: Arc<Mutex<Owner>>,
    start: NaiveDate,
    days: i64,
    /// Banking days whose file is not made yet, and from when files come again.
    bank_day: NaiveDate,
    bank_ready: NaiveDateTime,
    balance: i64,
    statement: u32,
    lines: Vec<(usize, Line)>,
    /// What happens at a true moment.
    agenda: Vec<(NaiveDateTime, Event)>,
    calm: bool,
    /// When the copy of the store was made, on the true clock.
    backup: Option<NaiveDateTime>,
    /// The last pass came to its end.
    pub passed: bool,
    /// After each pass it is asked whether an account overslept. In some worlds only: that decides on every account.
    watches_sleep: bool,
}

enum Event {
    Pay(usize),
    Mail { debtor: usize, words: usize },
}

impl World {
    pub fn new(seed: u64, mut config: Config, steps: Steps, rules: Rules, owner_rules: Rules) -> World {
        let mut chance = Chance::new(seed ^ 0x51_4D_90_57);
        let rates = Rates::draw(&mut chance);
        let (year, month, day) = chance.one_of(&STARTS);
        let start = NaiveDate::from_ymd_opt(year, month, day).unwrap() + Duration::days(chance.within(0, 4));
        config.pace.per_day = chance.one_of(&[2, 3, 5]);
        let truth = Arc::new(Mutex::new(Truth {
            per_day: config.pace.per_day as usize,
            informal: steps.iter().take_while(|(_, _, formal)| !formal).count(),
            ..Truth::default()
        }));
        let clock = Arc::new(SetClock::new(utc(hour(start, 360))));
        let store = Shaky::default();
        let house = House::open(Box::new(store.clone()), config.clone(), rules, clock.clone()).unwrap();
        let owner_chance = Chance::new(chance.next());
        let owner = Owner::new(&store, config.clone(), owner_rules, clock.clone(), owner_chance);
        let owner = Arc::new(Mutex::new(owner));
        let inbox = Arc::new(Mutex::new(Inbox::default()));
        let delay = if chance.in_100(50) { Some(chance.one_of(&[0, 1, 5, 30, 600])) } else { None };
        let copies = Arc::new(Mutex::new(Sent::new(delay)));
        let server = Server {
            truth: truth.clone(),
            rates,
            chance: Mutex::new(Chance::new(chance.next())),
            store: store.clone(),
            clock: clock.clone(),
            owner: owner.clone(),
            ambush: Mutex::default(),
            writer: Mutex::default(),
            inbox: inbox.clone(),
            calm: Mutex::new(false),
            swift: chance.in_100(50),
            copies: copies.clone(),
        };
        let mut world = World {
            inbox: SharedInbox { inbox, truth: truth.clone() },
            copies: SharedSent { sent: copies, truth: truth.clone() },
            truth,
            rates,
            config,
            steps,
            passes: 0,
            restarts: 0,
            fed: Vec::new(),
            delivered: 0,
            process: None,
            spare: None,
            store,
            clock,
            invoices: Folder::new("/sim/invoices"),
            statements: Folder::new("/sim/statements"),
            server: Arc::new(server),
            owner,
            start,
            days: chance.within(7, 16),
            bank_day: start - Duration::days(3),
            bank_ready: hour(start, 0),
            balance: 100_000,
            statement: 0,
            lines: Vec::new(),
            agenda: Vec::new(),
            calm: false,
            backup: None,
            passed: false,
            watches_sleep: seed.is_multiple_of(8),
            chance,
        };
        world.started(house);
        world.set_clock(hour(start, 360));
        world.people();
        world
    }

    /// Everything the world was given, for the next one; `None` where something broke.
    pub fn end(mut self) -> (Option<Rules>, Option<Rules>) {
        let rules = self.stopped().or(self.spare.take());
        drop(self.server);
        let owner = Arc::into_inner(self.owner).and_then(|owner| owner.into_inner().ok()).and_then(Owner::rules);
        (rules, owner)
    }

    fn people(&mut self) {
        let debtors = self.chance.one_of(&[2, 2, 3, 3, 5]);
        let first = self.chance.within(0, 9);
        for (n, name) in NAMES.iter().enumerate().take(debtors) {
            let id = format!("KL{}", 71 + n as i64 * 7 + first * 100);
            let person = Person { id, name: (*name).to_owned(), email: format!("kas@klant{n}.example") };
            self.truth.lock().unwrap().people.push(person);
            for _ in 0..if self.chance.in_100(70) { 1 } else { 2 } {
                self.invoice(n);
            }
        }
    }

    fn invoice(&mut self, debtor: usize) {
        let due = self.start + Duration::days(self.chance.within(-15, 4));
        let cents = self.chance.within(2_000, 240_000);
        let mut truth = self.truth.lock().unwrap();
        let number = format!("F26-{:04}", 1000 + truth.claims.len() * 137);
        let person = truth.people[debtor].clone();
        let bytes = paper::invoice(&Bill {
            number: &number,
            cents,
            issued: due - Duration::days(14),
            due,
            corrects: None,
            debtor: (&person.id, &person.name, &person.email, "business"),
            country: None,
            term_source: "contract",
            description: "Levering",
        });
        truth.claims.push(Claim { number: number.clone(), debtor, cents, due, closed: false, closed_by_owner: None });
        let claim = truth.claims.len() - 1;
        drop(truth);
        self.feed(&bytes);
        self.invoices.put(&format!("{number}.toml"), bytes, utc(hour(self.start, 300)));
        if self.chance.in_100(25) {
            let when = hour(self.start, 0) + Duration::minutes(self.chance.within(600, self.days * 1440));
            self.agenda.push((when, Event::Pay(claim)));
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        let id = evidence_of(bytes);
        self.fed.push(id);
        self.delivered += 1;
    }

    // ── the process ─────────────────────────────────────────────────────────────────────────────────────────────

    fn started(&mut self, house: House) {
        let (writer, thread) = Writer::start(house);
        *self.server.writer.lock().unwrap() = Some(writer.clone());
        self.process = Some(Process { writer, thread });
    }

    /// Ends the process; what it gives back is its rules.
    fn stopped(&mut self) -> Option<Rules> {
        *self.server.writer.lock().unwrap() = None;
        let Process { writer, thread } = self.process.take()?;
        drop(writer);
        match thread.join() {
            Ok(House { rules, .. }) => Some(rules),
            Err(_) => {
                self.truth.lock().unwrap().breach("the writer broke".to_owned());
                None
            }
        }
    }

    /// The process dies and starts again over what was committed, sometimes twice, sometimes dying on the way.
    pub fn restart(&mut self) {
        let mut rules = self.stopped().or(self.spare.take()).unwrap_or_else(Rules::built_in);
        loop {
            self.restarts += 1;
            self.store.revive();
            let store = Box::new(self.store.clone());
            let mut house = House::open(store, self.config.clone(), rules, self.clock.clone()).unwrap();
            if !self.calm && self.chance.in_100(self.rates.killed) {
                let how = How::Broken { kept: self.chance.in_100(50) };
                self.store.strike(Strike { after: self.chance.within(0, 6) as u32, how });
            }
            let recovered = house.recover_outbox().and_then(|()| house.try_anew_after_start());
            if self.store.is_dead() {
                House { rules, .. } = house;
                continue;
            }
            self.store.revive();
            if let Err(error) = recovered {
                self.truth.lock().unwrap().breach(format!("the restart failed: {error:#}"));
            }
            if self.chance.in_100(50) {
                let before = self.picture(&house);
                House { rules, .. } = house;
                let store = Box::new(self.store.clone());
                house = House::open(store, self.config.clone(), rules, self.clock.clone()).unwrap();
                let recovered = house.recover_outbox().and_then(|()| house.try_anew_after_start());
                if recovered.is_err() || self.picture(&house) != before {
                    self.truth.lock().unwrap().breach(format!("P10 a second restart changed something: {recovered:?}"));
                }
            }
            self.started(house);
            return;
        }
    }

    /// One day a copy of the store is made, on a later one it takes the place of what the disk lost.
    fn back_up_or_restore(&mut self) {
        let now = self.truth.lock().unwrap().now;
        let Some(backup) = self.backup.take() else {
            self.store.back_up();
            self.backup = Some(now);
            return;
        };
        let rules = self.stopped().unwrap_or_else(Rules::built_in);
        self.spare = Some(rules);
        self.store.revive();
        self.store.restore(utc(self.clock()));
        self.truth.lock().unwrap().forget_since(backup);
        self.restart();
    }

    /// All that a restart may have changed.
    fn picture(&self, house: &House) -> (usize, Vec<(String, &'static str, u32)>) {
        use aanmaand::store::OutboxState;
        let rows = house.store.outbox_in(&OutboxState::ALL).unwrap();
        let facts = house.store.journal(None, 0, usize::MAX).unwrap().len();
        (facts, rows.into_iter().map(|row| (row.id, row.state.word(), row.attempts)).collect())
    }

    /// Asks the running daemon something.
    pub fn ask<T: Send + 'static>(
        &self,
        runtime: &Runtime,
        question: impl FnOnce(&mut House) -> T + Send + 'static,
    ) -> Option<T> {
        let writer = self.process.as_ref()?.writer.clone();
        runtime.block_on(writer.call(|house| Ok(question(house)))).ok()
    }

    // ── time ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// The daemon's clock goes on to this moment, and true time with it.
    fn set_clock(&mut self, to: NaiveDateTime) {
        let mut truth = self.truth.lock().unwrap();
        if truth.clock == NaiveDateTime::default() {
            truth.now = to;
        } else {
            let by = to - truth.clock;
            truth.now += by;
        }
        truth.clock = to;
        drop(truth);
        self.clock.set(utc(to));
    }

    pub fn clock(&self) -> NaiveDateTime {
        self.truth.lock().unwrap().clock
    }

    /// The daemon's clock is set to another time; true time stands still.
    fn misset(&mut self, by: Duration) {
        let mut truth = self.truth.lock().unwrap();
        truth.clock += by;
        if by < Duration::zero() {
            truth.set_back -= by;
        }
        truth.saw(if by < Duration::zero() { "clock set back" } else { "clock set forward" });
        let to = truth.clock;
        drop(truth);
        self.clock.set(utc(to));
    }

    // ── the story ───────────────────────────────────────────────────────────────────────────────────────────────

    pub fn live(&mut self, runtime: &Runtime) {
        let mut day = self.start;
        let mut left = self.days;
        while left > 0 {
            left -= 1;
            let minutes = self.minutes_of(day);
            for minute in minutes {
                let at = hour(day, minute).max(self.clock() + Duration::minutes(1));
                self.set_clock(at);
                self.turn(runtime);
                if self.chance.in_100(self.rates.clock) {
                    let by = self.chance.within(3, 180);
                    self.misset(-Duration::minutes(by));
                    // A minute of true time, or the mailbox would count as just read by the turn before.
                    self.set_clock(self.clock() + Duration::minutes(1));
                    self.turn(runtime);
                }
            }
            day = self.clock().date().max(day) + Duration::days(1);
            if self.chance.in_100(self.rates.clock) {
                let by = self.chance.one_of(&[60, -10, -1440, -60]);
                self.misset(Duration::minutes(by));
                day = if by == -1440 { day - Duration::days(1) } else { day };
            }
            if self.chance.in_100(self.rates.restored) {
                self.back_up_or_restore();
            }
            if self.chance.in_100(self.rates.asleep) {
                day += Duration::days(self.chance.one_of(&[2, 3, 40]));
                self.truth.lock().unwrap().saw("asleep");
            }
        }
        self.calm_down(runtime);
    }

    /// When the daemon looks on a day.
    fn minutes_of(&mut self, day: NaiveDate) -> Vec<i64> {
        if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            return vec![self.chance.within(485, 1000)];
        }
        let mut minutes = vec![self.chance.within(485, 550)];
        for _ in 0..self.chance.within(0, 2) {
            let at = self.chance.within(530, 1050);
            minutes.push(at);
            if self.chance.in_100(40) {
                minutes.push(at + self.chance.within(2, 40));
            }
        }
        minutes.sort_unstable();
        minutes
    }

    fn turn(&mut self, runtime: &Runtime) {
        self.happen();
        self.prepare_faults();
        self.pass(runtime);
        self.audit(runtime);
        if !self.calm && self.chance.in_100(self.rates.owner) {
            self.owner_acts(Act::Answers);
        }
        if !self.calm && self.chance.in_100(self.rates.killed) {
            self.store.die();
            self.restart();
        }
    }

    pub fn owner_acts(&mut self, act: Act) {
        self.owner.lock().unwrap().act(&act, &mut self.truth.lock().unwrap());
    }

    fn prepare_faults(&mut self) {
        if self.calm {
            return;
        }
        let rates = self.rates;
        let mut inbox = self.inbox.inbox.lock().unwrap();
        inbox.down = self.chance.in_100(rates.mailbox_down);
        inbox.partial = if self.chance.in_100(rates.partial) { 2 } else { 0 };
        inbox.uidvalidity += u32::from(self.chance.in_100(rates.renumbered));
        self.copies.sent.lock().unwrap().down = inbox.down || self.chance.in_100(rates.mailbox_down);
        drop(inbox);
        if self.chance.in_100(rates.disk) {
            let strike = some_strike(&mut self.chance, 90);
            self.store.strike(strike);
        }
        if self.chance.in_100(rates.ambush) {
            let ambush = self.plot();
            *self.server.ambush.lock().unwrap() = ambush;
        }
        if self.chance.in_100(rates.owner) {
            let act = self.some_act();
            self.owner_acts(act);
        }
        if self.chance.in_100(rates.answers) {
            let debtor = self.some_debtor();
            let words = self.chance.within(0, WORDS.len() as i64 - 1) as usize;
            let late = if self.chance.in_100(rates.late) { self.chance.within(30, 3000) } else { 0 };
            let when = self.truth.lock().unwrap().now + Duration::minutes(late);
            self.agenda.push((when, Event::Mail { debtor, words }));
            self.happen();
        }
    }

    fn some_debtor(&mut self) -> usize {
        let last = self.truth.lock().unwrap().people.len() as i64 - 1;
        self.chance.within(0, last) as usize
    }

    fn some_act(&mut self) -> Act {
        let last = self.truth.lock().unwrap().claims.len() as i64 - 1;
        let (debtor, claim) = (self.some_debtor(), self.chance.within(0, last) as usize);
        match self.chance.within(0, 9) {
            0..=3 => Act::Hold(debtor),
            4..=6 => Act::Resume(debtor),
            7 => Act::Dispute(debtor),
            8 => Act::Paid(claim),
            _ => Act::WriteOff(claim),
        }
    }

    fn plot(&mut self) -> Option<Ambush> {
        if self.chance.in_100(50) {
            return Some(Ambush::Owner(self.some_act()));
        }
        let debtor = self.some_debtor();
        let bytes = self.words_of(debtor, 0);
        Some(Ambush::Mail { debtor, bytes, understood: self.chance.in_100(50) })
    }

    // ── what happens ────────────────────────────────────────────────────────────────────────────────────────────

    fn happen(&mut self) {
        let now = self.truth.lock().unwrap().now;
        let (due, later) = std::mem::take(&mut self.agenda).into_iter().partition(|(at, _)| *at <= now);
        self.agenda = later;
        let due: Vec<(NaiveDateTime, Event)> = due;
        for (at, event) in due {
            match event {
                Event::Pay(claim) => self.pay(at, claim),
                Event::Mail { debtor, words } => {
                    let bytes = self.words_of(debtor, words);
                    self.feed(&bytes);
                    let twice = self.chance.in_100(self.rates.twice);
                    let mut inbox = self.inbox.inbox.lock().unwrap();
                    inbox.arrives(&mut self.truth.lock().unwrap(), debtor, bytes.clone());
                    if twice {
                        inbox.mails.push(Arrived { bytes, received_at: utc(now), shield: None });
                    }
                }
            }
        }
        self.bank(now);
    }

    fn words_of(&mut self, debtor: usize, words: usize) -> Vec<u8> {
        let id = format!("m{}.{debtor}@klant.example", self.chance.next());
        let truth = self.truth.lock().unwrap();
        let person = &truth.people[debtor];
        let last = truth.dots.iter().rfind(|dot| dot.debtor == debtor);
        paper::answer(&Answer {
            from: (&person.name, &person.email),
            to: last.map_or(US, |dot| dot.letter.reply_to.as_str()),
            subject: last.map_or("Uw factuur", |dot| dot.letter.subject.as_str()),
            id: &id,
            in_reply_to: last.map(|dot| dot.message_id.as_str()),
            at: utc(truth.now),
            extra: "",
            words: WORDS[words],
            quote: None,
        })
    }

    fn pay(&mut self, at: NaiveDateTime, claim: usize) {
        let truth = self.truth.lock().unwrap();
        let (number, cents, debtor) =
            (truth.claims[claim].number.clone(), truth.claims[claim].cents, truth.claims[claim].debtor);
        let day = at.date().iter_days().find(|day| is_banking_day(*day)).unwrap();
        let line = Line {
            day,
            cents,
            payer: truth.people[debtor].name.clone(),
            iban: format!("NL{:02}INGB0001234{debtor:03}", 10 + debtor),
            text: number,
            bank_reference: format!("B{claim}"),
        };
        drop(truth);
        self.lines.push((claim, line));
    }

    /// Each banking day the bank's file of the day before comes, sometimes days later.
    fn bank(&mut self, now: NaiveDateTime) {
        while self.bank_ready <= now && hour(self.bank_day + Duration::days(1), 300) <= now {
            let day = self.bank_day;
            self.bank_day += Duration::days(1);
            if is_banking_day(day) {
                self.statement_of(day, now);
                if !self.calm && self.chance.in_100(self.rates.bank_late) {
                    self.bank_ready = now + Duration::days(self.chance.within(1, 4));
                }
            }
        }
    }

    fn statement_of(&mut self, day: NaiveDate, now: NaiveDateTime) {
        let (told, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.lines).into_iter().partition(|(_, line)| line.day <= day);
        self.lines = later;
        let paper: Vec<Line> = told.iter().map(|(_, line)| line.clone()).collect();
        self.statement += 1;
        let bytes = paper::statement(self.statement, self.balance, day, &paper);
        self.balance += paper.iter().map(|line| line.cents).sum::<i64>();
        self.feed(&bytes);
        self.statements.put(&format!("camt-{:04}.xml", self.statement), bytes, utc(now));
        // No letter leaves in a pass that has not read the folders.
        let mut truth = self.truth.lock().unwrap();
        truth.bank_until = truth.bank_until.max(Some(day));
        for (claim, _) in &told {
            (truth.claims[*claim].closed, truth.claims[*claim].closed_by_owner) = (true, None);
        }
        if !told.is_empty() {
            truth.saw("payment");
        }
    }

    fn pass(&mut self, runtime: &Runtime) {
        self.passes += 1;
        let Some(process) = &self.process else { return };
        let at = self.clock();
        let dots = {
            let mut truth = self.truth.lock().unwrap();
            truth.waiting = false;
            self.inbox.inbox.lock().unwrap().before_pass();
            truth.dots.len()
        };
        let mut surroundings = Surroundings {
            folders: Folders { invoices: self.invoices.clone(), statements: Some(self.statements.clone()) },
            mailbox: Box::new(self.inbox.clone()),
            copies: Some(Box::new(self.copies.clone())),
            outgoing: self.server.clone(),
            pause: std::time::Duration::ZERO,
        };
        let result = runtime.block_on(pass(&process.writer, &mut surroundings));
        let dead = self.store.is_dead();
        if result.is_err() || dead {
            let mut truth = self.truth.lock().unwrap();
            truth.pass_failed(dots);
            self.inbox.inbox.lock().unwrap().pass_failed(&mut truth);
        }
        self.passed = result.is_ok() && !dead;
        if self.passed && self.watches_sleep {
            let overslept = runtime.block_on(process.writer.call(|house| house.overslept())).unwrap_or_default();
            if !overslept.is_empty() {
                self.truth.lock().unwrap().breach(format!("overslept: {overslept:?}"));
            }
        }
        if self.passed {
            let mut truth = self.truth.lock().unwrap();
            truth.latest = truth.latest.max(Some(at));
            if truth.has_just_read() {
                truth.set_back = Duration::zero();
            }
        }
        match result {
            Ok(_) if !dead => {}
            Err(error) if !dead => self.failed(&error),
            _ => self.restart(),
        }
    }

    /// A pass that failed though the process lives: the lock of another process and a full disk pass.
    fn failed(&mut self, error: &anyhow::Error) {
        let fault = error.chain().find_map(|cause| cause.downcast_ref::<StoreFault>());
        match fault {
            Some(StoreFault::Busy) => self.truth.lock().unwrap().saw("busy"),
            Some(StoreFault::Full) => self.truth.lock().unwrap().saw("disk full"),
            _ => self.truth.lock().unwrap().breach(format!("the pass failed: {error:#}")),
        }
    }

    // ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// Nothing goes wrong any more: two ordinary days, and on the second one by eleven everything due has left.
    fn calm_down(&mut self, runtime: &Runtime) {
        self.calm = true;
        *self.server.calm.lock().unwrap() = true;
        *self.server.ambush.lock().unwrap() = None;
        self.store.calm();
        let mut inbox = self.inbox.inbox.lock().unwrap();
        (inbox.down, inbox.partial) = (false, 0);
        self.copies.sent.lock().unwrap().down = false;
        drop(inbox);
        self.agenda.clear();
        self.owner_acts(Act::Answers);
        let quiet = |day: &NaiveDate| day.weekday() != Weekday::Fri && !no_letter_leaves(false, *day);
        let first = self.clock().date() + Duration::days(2);
        let first = first.iter_days().find(|day| quiet(day) && quiet(&(*day + Duration::days(1)))).unwrap();
        for (days, minutes) in [(0, [490, 545, 600, 700]), (1, [490, 541, 575, 659])] {
            let day = first + Duration::days(days);
            for minute in minutes {
                self.set_clock(hour(day, minute));
                self.bank_ready = hour(self.start, 0);
                let until = self.clock();
                let now = self.truth.lock().unwrap().now.max(until);
                self.happen();
                self.bank(now);
                self.turn(runtime);
            }
        }
        self.must_have_left(runtime, first);
        self.last_look(runtime);
    }
}
