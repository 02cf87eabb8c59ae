//! The mail server: takes, refuses, keeps silent, and asks the truth at each final dot. While a letter is on its way the
//! owner may decide, a debtor may write, and we may die.

use super::copies::Sent;
use super::inbox::Inbox;
use super::owner::{Act, Owner};
use super::rates::{Rates, some_strike};
use super::truth::{Fate, Truth};
use crate::sim::Chance;
use crate::sim::paper::OWNER;
use crate::sim::shaky::Shaky;
use aanmaand::adapters::clock::SetClock;
use aanmaand::daemon::writer::Writer;
use aanmaand::ports::*;
use async_trait::async_trait;
use chrono::Duration;
use std::sync::{Arc, Mutex};

/// What happens while the next letter is on its way.
pub enum Ambush {
    /// The owner's command, in another process.
    Owner(Act),
    /// A mail is stored by the mailbox loop; it is understood at once, or not yet.
    Mail { debtor: usize, bytes: Vec<u8>, understood: bool },
}

pub struct Server {
    pub truth: Arc<Mutex<Truth>>,
    pub rates: Rates,
    pub chance: Mutex<Chance>,
    pub store: Shaky,
    pub clock: Arc<SetClock>,
    pub owner: Arc<Mutex<Owner>>,
    pub ambush: Mutex<Option<Ambush>>,
    /// The running process, by which the mailbox loop stores a mail.
    pub writer: Mutex<Option<Writer>>,
    pub inbox: Arc<Mutex<Inbox>>,
    /// Nothing goes wrong any more.
    pub calm: Mutex<bool>,
    /// Neighbouring letters overlap.
    pub swift: bool,
    pub copies: Arc<Mutex<Sent>>,
}

enum Mood {
    Take,
    Early(Delivery),
    KilledBefore,
    KilledAfter { taken: bool },
    After(Delivery),
    Silent { taken: bool },
}

impl Server {
    fn mood(&self) -> Mood {
        if *self.calm.lock().unwrap() {
            return Mood::Take;
        }
        let (mut chance, rates) = (self.chance.lock().unwrap(), self.rates);
        let later = |reason: &str, lane| Delivery::Later { reason: reason.to_owned(), lane };
        let never = |reason: &str, address| Delivery::Never { reason: reason.to_owned(), address };
        if chance.in_100(rates.no_connection) {
            return Mood::Early(later("no route to the server", false));
        }
        if chance.in_100(rates.lane) {
            let reason = chance.one_of(&["535 5.7.8 login", "550 5.7.1 policy"]);
            return Mood::Early(later(reason, true));
        }
        if chance.in_100(rates.killed_before_dot) {
            return Mood::KilledBefore;
        }
        if chance.in_100(rates.temporary) {
            let early = later(chance.one_of(&["421 greeting", "451 sender", "450 greylisted", "452 data"]), false);
            return if chance.in_100(50) { Mood::Early(early) } else { Mood::After(later("451 after the dot", false)) };
        }
        if chance.in_100(rates.refused) {
            let refusal = if chance.in_100(50) { never("550 5.1.1 nobody", true) } else { never("554 no", false) };
            return if chance.in_100(50) { Mood::Early(refusal) } else { Mood::After(refusal) };
        }
        if chance.in_100(rates.killed_after_dot) {
            return Mood::KilledAfter { taken: chance.in_100(50) };
        }
        if chance.in_100(rates.taken_in_silence) {
            return Mood::Silent { taken: true };
        }
        if chance.in_100(rates.dropped_in_silence) {
            return Mood::Silent { taken: false };
        }
        Mood::Take
    }

    /// The server takes its time, or the machine is suspended in the middle of a letter.
    fn dawdle(&self) {
        let slow = !self.swift && !*self.calm.lock().unwrap() && self.chance.lock().unwrap().in_100(self.rates.slow);
        if slow {
            let mut chance = self.chance.lock().unwrap();
            let asleep = chance.in_100(30);
            let minutes = Duration::minutes(if asleep { chance.within(30, 900) } else { chance.within(1, 14) });
            let mut truth = self.truth.lock().unwrap();
            (truth.now, truth.clock) = (truth.now + minutes, truth.clock + minutes);
            self.clock.set(crate::sim::days::utc(truth.clock));
            truth.saw(if asleep { "asleep while sending" } else { "slow server" });
        }
    }

    /// What was queued when the hand-over began is written first: so the same seed gives the same story.
    fn let_it_write(&self) {
        let writer = self.writer.lock().unwrap().clone();
        if let Some(writer) = writer {
            let _ = writer.call_now(|_| Ok(()));
        }
    }

    /// What disks do, at one of the writes around this mail.
    fn strike_the_disk(&self) {
        let mut chance = self.chance.lock().unwrap();
        if !*self.calm.lock().unwrap() && chance.in_100(2 * self.rates.disk) {
            self.store.strike(some_strike(&mut chance, 9));
            self.truth.lock().unwrap().saw("disk while sending");
        }
    }

    fn note(&self, mail: &OutgoingMail, mood: &Mood, begun: chrono::NaiveDateTime) {
        let mut truth = self.truth.lock().unwrap();
        truth.begun.entry(mail.message_id.clone()).or_insert(begun);
        if matches!(mood, Mood::Early(Delivery::Never { .. }) | Mood::After(Delivery::Never { .. })) {
            truth.refused.push(mail.message_id.clone());
        }
    }

    /// Not always at the first letter.
    fn spring(&self) {
        let mut ambush = self.ambush.lock().unwrap();
        let waits = ambush.is_some() && self.chance.lock().unwrap().in_100(30);
        match ambush.take_if(|_| !waits) {
            None => {}
            Some(Ambush::Owner(act)) => {
                let mut truth = self.truth.lock().unwrap();
                truth.saw("owner while sending");
                self.owner.lock().unwrap().act(&act, &mut truth);
            }
            Some(Ambush::Mail { debtor, bytes, understood }) => self.store_mail(debtor, bytes, understood),
        }
    }

    fn store_mail(&self, debtor: usize, bytes: Vec<u8>, understood: bool) {
        let Some(writer) = self.writer.lock().unwrap().clone() else { return };
        let (mut inbox, mut truth) = (self.inbox.lock().unwrap(), self.truth.lock().unwrap());
        // What lies in the mailbox before it was not fetched yet: the loop would come to that first.
        let in_turn = inbox.is_read();
        let shield = inbox.arrives(&mut truth, debtor, bytes);
        if !in_turn {
            return;
        }
        let mail = inbox.fetch(inbox.mails.len() - 1);
        if writer.call_now(move |house| house.store_mails(vec![mail])).is_err() {
            return;
        }
        let settled = understood && writer.call_now(|house| house.settle_inputs()).is_ok();
        truth.saw("mail while sending");
        (truth.shields[shield].known, truth.shields[shield].shown) = (true, true);
        truth.waiting = !settled;
    }

    fn dot(&self, mail: &OutgoingMail) {
        if mail.recipient != OWNER {
            self.truth.lock().unwrap().dot(mail);
        }
    }

    fn take(&self, mail: &OutgoingMail, told: bool) {
        let mut truth = self.truth.lock().unwrap();
        self.copies.lock().unwrap().server_took(mail, truth.now);
        if mail.recipient == OWNER {
            truth.digest(&mail.bytes);
        } else {
            truth.fate(&mail.message_id, Fate::Taken, told);
            truth.saw(if told { "letter taken" } else { "letter taken in silence" });
        }
    }

    fn drop_it(&self, mail: &OutgoingMail, told: bool) {
        if mail.recipient == OWNER {
            return;
        }
        let fate = if told { Fate::Gone } else { Fate::Open };
        let mut truth = self.truth.lock().unwrap();
        truth.fate(&mail.message_id, fate, told);
        truth.saw(if told { "letter refused after the dot" } else { "letter lost in silence" });
    }
}

#[async_trait]
impl Outgoing for Server {
    async fn deliver(&self, mail: &OutgoingMail, before_dot: BeforeDot<'_>) -> Delivery {
        if self.swift {
            self.let_it_write();
        }
        let begun = self.truth.lock().unwrap().clock;
        let mood = self.mood();
        self.note(mail, &mood, begun);
        self.strike_the_disk();
        if let Mood::Early(delivery) = mood {
            return delivery;
        }
        if mail.recipient != OWNER {
            self.dawdle();
            self.spring();
        }
        let died = || Delivery::Later { reason: "the process is gone".to_owned(), lane: false };
        if let Mood::KilledBefore = mood {
            self.store.die();
            return died();
        }
        if let Err(reason) = before_dot.ask().await {
            self.truth.lock().unwrap().saw("stopped at the dot");
            return Delivery::Later { reason, lane: false };
        }
        self.dot(mail);
        match mood {
            Mood::Take => {
                self.take(mail, true);
                Delivery::Accepted { reply: "250 2.0.0 Ok".to_owned() }
            }
            Mood::After(delivery) => {
                self.drop_it(mail, true);
                delivery
            }
            Mood::Silent { taken } => {
                if taken {
                    self.take(mail, false)
                } else {
                    self.drop_it(mail, false)
                }
                Delivery::Unknown { reason: "no answer".to_owned() }
            }
            Mood::KilledAfter { taken } => {
                if taken {
                    self.take(mail, false)
                } else {
                    self.drop_it(mail, false)
                }
                self.store.die();
                died()
            }
            Mood::Early(_) | Mood::KilledBefore => died(),
        }
    }

    fn is_swift(&self) -> bool {
        self.swift
    }

    async fn probe(&self) -> Result<String, String> {
        Ok("ready".to_owned())
    }
}
