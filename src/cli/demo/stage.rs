//! The stage: day by day what the world does, then one pass of the daemon, then what it left in the outbox.

use super::bank::Bank;
use super::cast::{Act, BILLS, Customer, FIRST_DAY, LAST_DAY, Quiet, SCENES, Scene, When};
use super::mails;
use super::sandbox::Sandbox;
use super::story::{self, Event};
use crate::adapters::clock::SetClock;
use crate::adapters::lock::Lock;
use crate::cli::{ConfigFaults, open};
use crate::config;
use crate::daemon::house::House;
use crate::daemon::pass::{Surroundings, pass};
use crate::daemon::writer::Writer;
use crate::mail::message::Message;
use crate::ports::Clock;
use anyhow::{Context, Result, anyhow, ensure};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use std::sync::Arc;
use std::thread::JoinHandle;

/// The hour of the daily pass, and of what came in before it.
const PASS_AT: (u32, u32) = (10, 0);
const MORNING: (u32, u32) = (8, 31);
/// What a machine answers comes minutes after the letter, so after that day's pass.
const AT_ONCE: (u32, u32) = (10, 4);

pub struct Stage {
    pub sandbox: Sandbox,
    /// Letters found in the outbox.
    pub letters: Vec<Sent>,
    pub last_digest: Option<Message>,
    pub digests: usize,
    /// People's answers that were put in the mailbox.
    pub answers: Vec<Answered>,
    bank: Bank,
    waiting: Vec<&'static Scene>,
    daemon: Daemon,
}

/// A letter in the outbox.
pub struct Sent {
    pub on: NaiveDate,
    pub to: String,
    pub message: Message,
}

pub struct Answered {
    pub who: &'static Customer,
    pub on: NaiveDate,
    pub quiet: Quiet,
}

/// The real daemon, with a clock that is set.
struct Daemon {
    clock: Arc<SetClock>,
    zone: Tz,
    writer: Writer,
    world: Surroundings,
    thread: JoinHandle<House>,
    _lock: Lock,
    /// The last row of the journal that was told.
    told: i64,
}

impl Stage {
    pub fn new(sandbox: Sandbox) -> Result<Stage> {
        let daemon = Daemon::start(&sandbox)?;
        Ok(Stage {
            sandbox,
            letters: Vec::new(),
            last_digest: None,
            digests: 0,
            answers: Vec::new(),
            bank: Bank::new(FIRST_DAY),
            waiting: SCENES.iter().collect(),
            daemon,
        })
    }

    pub fn days() -> impl Iterator<Item = NaiveDate> {
        FIRST_DAY.iter_days().take_while(|day| *day <= LAST_DAY)
    }

    /// One day: the world, the daemon, and what it wrote down.
    pub async fn play(&mut self, today: NaiveDate) -> Result<Vec<Event>> {
        for bill in BILLS.iter().filter(|bill| bill.date == today) {
            self.sandbox.file_bill(bill)?;
        }
        for scene in std::mem::take(&mut self.waiting) {
            match self.due(scene) {
                Some(day) if day <= today => self.act(scene, day, today)?,
                Some(_) | None => self.waiting.push(scene),
            }
        }
        if let Some((until, statement)) = self.bank.statement(today) {
            self.sandbox.place_statement(until, statement.as_bytes())?;
        }
        let events = self.daemon.pass(today).await?;
        self.read_outbox(today)?;
        Ok(events)
    }

    /// Ends the daemon and gives its house back for looking.
    pub fn end(self) -> Result<(House, Played)> {
        let Stage { sandbox, letters, last_digest, digests, answers, waiting, daemon, .. } = self;
        let never: Vec<String> = waiting.iter().map(|scene| format!("{:?}", scene.when)).collect();
        ensure!(never.is_empty(), "the story went another way; never came to: {}", never.join("; "));
        let house = daemon.stop()?;
        Ok((house, Played { sandbox, letters, last_digest, digests, answers }))
    }

    /// The day of a scene, once it is known.
    fn due(&self, scene: &Scene) -> Option<NaiveDate> {
        match scene.when {
            When::On(day) => Some(day),
            When::AfterLetter(who, nth, days) => {
                let letter = self.letters_to(who).nth(nth.saturating_sub(1))?;
                Some(letter.on + TimeDelta::days(days))
            }
        }
    }

    fn letters_to(&self, who: &Customer) -> impl Iterator<Item = &Sent> {
        self.letters.iter().filter(move |letter| letter.to == who.email)
    }

    fn act(&mut self, scene: &'static Scene, day: NaiveDate, today: NaiveDate) -> Result<()> {
        match &scene.act {
            Act::BrokenFile => self.sandbox.file_broken_bill()?,
            Act::Pay(transfer) => self.bank.book(*transfer, today),
            Act::PayWithNotice(transfer) => {
                self.bank.book(*transfer, today);
                let at = self.daemon.moment(today, MORNING)?;
                self.sandbox.receive(&mails::notice(transfer, true, at), at.to_utc())?;
            }
            Act::ForgedNotice(transfer) => {
                let at = self.daemon.moment(today, MORNING)?;
                self.sandbox.receive(&mails::notice(transfer, false, at), at.to_utc())?;
            }
            Act::Answer { .. } | Act::OutOfOffice { .. } | Act::Bounce => self.answer_letter(scene, day)?,
        }
        Ok(())
    }

    fn answer_letter(&mut self, scene: &'static Scene, day: NaiveDate) -> Result<()> {
        let When::AfterLetter(who, nth, days) = scene.when else { return Err(anyhow!("BUG: an answer to no letter")) };
        let at = self.daemon.moment(day, if days == 0 { AT_ONCE } else { MORNING })?;
        let letter = self.letters_to(who).nth(nth.saturating_sub(1)).context("BUG: the letter is gone")?;
        let mail = match &scene.act {
            Act::OutOfOffice { words } => mails::out_of_office(who, &letter.message, words, at),
            Act::Bounce => mails::bounce(who, &letter.message, at),
            Act::Answer { words, quiet } => {
                let mail = mails::answer(who, &letter.message, words, at);
                self.answers.push(Answered { who, on: day, quiet: *quiet });
                mail
            }
            Act::BrokenFile | Act::Pay(_) | Act::PayWithNotice(_) | Act::ForgedNotice(_) => {
                return Err(anyhow!("BUG: no answer"));
            }
        };
        self.sandbox.receive(&mail, at.to_utc())
    }

    fn read_outbox(&mut self, today: NaiveDate) -> Result<()> {
        for bytes in self.sandbox.new_mails()? {
            let message = Message::parse(&bytes).context("a mail in the outbox")?;
            let to = message.recipients.first().cloned().unwrap_or_default();
            if to.starts_with("eigenaar@") {
                self.digests += 1;
                self.last_digest = Some(message);
            } else {
                self.letters.push(Sent { on: today, to, message });
            }
        }
        Ok(())
    }
}

/// What is left when the curtain falls.
pub struct Played {
    pub sandbox: Sandbox,
    pub letters: Vec<Sent>,
    pub last_digest: Option<Message>,
    pub digests: usize,
    pub answers: Vec<Answered>,
}

impl Daemon {
    fn start(sandbox: &Sandbox) -> Result<Daemon> {
        let loaded = config::load_all(&sandbox.config());
        let mut configs = loaded.map_err(|faults| ConfigFaults(open::faults_text(&faults)))?;
        let config = configs.pop().context("no configuration")?;
        let zone = config.timezone;
        let clock = Arc::new(SetClock::new(moment(zone, FIRST_DAY, PASS_AT)?.to_utc()));
        let shared: Arc<dyn Clock> = clock.clone();
        let world = open::surroundings(&config, &shared)?;
        let (house, lock) = open::open_for_run(config, shared)?;
        let (writer, thread) = Writer::start(house);
        Ok(Daemon { clock, zone, writer, world, thread, _lock: lock, told: 0 })
    }

    fn moment(&self, day: NaiveDate, time: (u32, u32)) -> Result<DateTime<FixedOffset>> {
        moment(self.zone, day, time)
    }

    /// The same pass that `run --once` makes.
    async fn pass(&mut self, today: NaiveDate) -> Result<Vec<Event>> {
        let now: DateTime<Utc> = self.moment(today, PASS_AT)?.to_utc();
        self.clock.set(now);
        let report = pass(&self.writer, &mut self.world).await?;
        if let Some(fault) = report.mailbox {
            return Err(anyhow!("{today}: the mailbox could not be read: {fault}"));
        }
        let after = self.told;
        let (last, events) = self.writer.call(move |house| story::since(house, after)).await?;
        self.told = last;
        Ok(events)
    }

    fn stop(self) -> Result<House> {
        let Daemon { writer, world, thread, .. } = self;
        drop((writer, world));
        thread.join().map_err(|_| anyhow!("BUG: the writer broke"))
    }
}

fn moment(zone: Tz, day: NaiveDate, (hour, minute): (u32, u32)) -> Result<DateTime<FixedOffset>> {
    let time = NaiveTime::from_hms_opt(hour, minute, 0).context("BUG: no such time")?;
    let at = zone.from_local_datetime(&day.and_time(time)).earliest().context("no such moment")?;
    Ok(at.fixed_offset())
}
