//! kill -9 at random moments, thousands of times: every letter is taken once by the server, or its fate is asked
//! about; never twice, never lost. No invoice and no answer is lost either.

use super::audit::audit;
use super::chance::Chance;
use super::server::{Act, Server, Verb};
use super::yard::{Yard, is_open};
use aanmaand::store::{OutboxRow, OutboxState, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Without AANMAAND_KILLS.
const FEW_KILLS: usize = 120;
/// Kills that one administration lives through: with more its debtors would make each start slow.
const KILLS_A_YARD: usize = 40;
/// Administrations that are killed at the same time.
const ADMINISTRATIONS: usize = 4;
/// How long a life takes that nobody ends, until one was seen.
const WHOLE_LIFE: Duration = Duration::from_millis(300);
/// A pass that does not end is killed after this.
const LONGEST_LIFE: Duration = Duration::from_secs(20);

#[test]
fn killed_at_any_moment() {
    if !is_open("killed_at_any_moment") {
        return;
    }
    let wanted = std::env::var("AANMAAND_KILLS").ok().map_or(FEW_KILLS, |text| text.parse().unwrap());
    let (seed, began, left) = (Chance::seed(), Instant::now(), AtomicUsize::new(wanted));
    let total = std::thread::scope(|scope| {
        let worker = |number: u64| {
            let left = &left;
            scope.spawn(move || work(&mut Chance::new(seed ^ number), left))
        };
        let workers: Vec<_> = (1..=ADMINISTRATIONS as u64).map(worker).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).fold(Tally::default(), Tally::and)
    });
    total.tell(began.elapsed());
    assert!(total.kills() >= wanted);
    if wanted >= 1_000 {
        let rare: Vec<Found> = Found::ALL.into_iter().filter(|found| total.found(*found) < wanted / 100).collect();
        assert!(rare.is_empty(), "too few kills hit {rare:?}");
        assert!(total.crowded >= wanted / 100, "too few kills hit several mails at once: {}", total.crowded);
    }
}

/// How a kill left an administration: the furthest that any of its mails had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    /// Files or mails were stored and not understood, or not stored yet.
    Reading,
    /// Letters were decided, none was claimed.
    Ready,
    Sending,
    /// The dot was never seen by the server.
    DotIntentNotTaken,
    /// The server took it, and we never wrote down its answer.
    DotIntentTaken,
    /// Nothing was under way.
    Nothing,
}

impl Found {
    const ALL: [Found; 6] =
        [Found::Reading, Found::Ready, Found::Sending, Found::DotIntentNotTaken, Found::DotIntentTaken, Found::Nothing];
}

/// What some administrations lived through.
#[derive(Default)]
struct Tally {
    found: BTreeMap<Found, usize>,
    /// Kills that left more than one mail under way.
    crowded: usize,
    /// Processes that ended by themselves before their kill.
    ended: usize,
    letters: usize,
    answers: usize,
    /// Letters whose fate is asked about, and how many of them had been taken.
    unknown: usize,
    unknown_taken: usize,
}

impl Tally {
    fn kills(&self) -> usize {
        self.found.values().sum()
    }

    fn found(&self, what: Found) -> usize {
        self.found.get(&what).copied().unwrap_or_default()
    }

    fn and(mut self, other: Tally) -> Tally {
        for (found, count) in other.found {
            *self.found.entry(found).or_default() += count;
        }
        self.crowded += other.crowded;
        self.ended += other.ended;
        self.letters += other.letters;
        self.answers += other.answers;
        self.unknown += other.unknown;
        self.unknown_taken += other.unknown_taken;
        self
    }

    fn tell(&self, took: Duration) {
        println!(
            "{} kills in {:.0} s ({} more lives ended by themselves): {} letters, {} answers; 0 lost, 0 doubled",
            self.kills(),
            took.as_secs_f64(),
            self.ended,
            self.letters,
            self.answers
        );
        for found in Found::ALL {
            println!("  {:>6}  {found:?}", self.found(found));
        }
        println!("  {:>6}  left more than one mail under way", self.crowded);
        println!("  {} letters asked about, {} of them had been taken", self.unknown, self.unknown_taken);
    }
}

fn work(chance: &mut Chance, left: &AtomicUsize) -> Tally {
    let mut total = Tally::default();
    let mut whole = WHOLE_LIFE;
    while left.load(Ordering::SeqCst) > 0 {
        total = total.and(one_yard(chance, &mut whole, left));
    }
    total
}

/// An administration from its first start to its last letter.
fn one_yard(chance: &mut Chance, whole: &mut Duration, left: &AtomicUsize) -> Tally {
    let (server, events) = watched_server(chance.next());
    // Every second one without a pace, so that neighbouring letters overlap.
    let connections = if chance.one_in(2) { Some(1 + chance.below(4) as usize) } else { None };
    let yard = connections.map_or_else(|| Yard::open(server.port), |count| Yard::in_a_hurry(server.port, count));
    let mut scene = Scene::new(yard, server, *whole, connections);
    let mut tally = Tally::default();
    while tally.kills() < KILLS_A_YARD && left.load(Ordering::SeqCst) > 0 {
        scene.more_work(chance);
        match scene.live_and_die(chance, &events) {
            Some((found, underway)) => {
                tally.crowded += usize::from(underway > 1);
                *tally.found.entry(found).or_default() += 1;
                let _ = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| Some(left.saturating_sub(1)));
            }
            None => tally.ended += 1,
        }
    }
    *whole = scene.whole;
    // The pass reads what was not read yet; the daemon also tries what a mail that came in at the last moment had stopped.
    scene.yard.pass();
    scene.yard.until_quiet();
    let audited = audit(&scene.yard, &scene.server, scene.invoices, &scene.answers);
    Tally {
        letters: scene.invoices,
        answers: scene.answers.len(),
        unknown: audited.unknown,
        unknown_taken: audited.unknown_taken,
        ..tally
    }
}

/// Takes everything, at its own pace, and tells of each step.
fn watched_server(seed: u64) -> (Server, Receiver<Verb>) {
    let (sender, events) = channel();
    let sender = std::sync::Mutex::new(sender);
    let draws = AtomicU64::new(0);
    let server = Server::with(move |at| {
        let _ = sender.lock().unwrap().send(at.verb);
        let draw = Chance::new(seed ^ draws.fetch_add(1, Ordering::SeqCst)).next();
        match at.verb {
            // It thinks about the mail that it was given.
            Verb::Dot => Act::Each(vec![Act::Wait(Duration::from_micros(draw % 8_000)), Act::Usual]),
            Verb::Connect | Verb::Data | Verb::Body if draw.is_multiple_of(4) => {
                Act::Each(vec![Act::Wait(Duration::from_micros(draw % 2_000)), Act::Usual])
            }
            _ => Act::Usual,
        }
    });
    (server, events)
}

struct Scene {
    yard: Yard,
    server: Server,
    /// Invoices 1 to this were put into the folder.
    invoices: usize,
    /// Names of the mails that were put into the Maildir.
    answers: Vec<String>,
    answered: BTreeSet<String>,
    /// How long the last lives took that nobody ended.
    whole: Duration,
    /// Without a pace: how many letters may be handed over at once.
    connections: Option<usize>,
}

/// When a life is to end.
enum Plan {
    After(Duration),
    /// By itself: to know how long that takes on this machine now.
    Never,
    /// So long after this was seen at the server for the n-th time.
    Then {
        verb: Verb,
        times: u64,
        later: Duration,
    },
}

impl Scene {
    fn new(yard: Yard, server: Server, whole: Duration, connections: Option<usize>) -> Scene {
        Scene { yard, server, invoices: 0, answers: Vec::new(), answered: BTreeSet::new(), whole, connections }
    }

    fn more_work(&mut self, chance: &mut Chance) {
        let waiting = self.yard.states().get(&OutboxState::Ready).copied().unwrap_or_default();
        let most = if self.connections.is_some() { 7 } else { 3 };
        let more = if waiting > 2 { 0 } else { 1 + chance.below(most) as usize };
        (0..more).for_each(|_| {
            self.invoices += 1;
            self.yard.invoice(self.invoices);
        });
        let unanswered = |id: &str| !self.answered.contains(id);
        let letters = self.server.taken();
        let letter =
            letters.iter().find(|letter| unanswered(&letter.message_id) && letter.recipients[0].starts_with("kas@"));
        if let Some(letter) = letter.filter(|_| chance.one_in(3)) {
            self.answered.insert(letter.message_id.clone());
            self.answers.push(self.yard.dispute(letter));
        }
    }

    /// One life of the binary. What its kill left behind, and how many mails under way; `None` when it ended before that.
    fn live_and_die(&mut self, chance: &mut Chance, events: &Receiver<Verb>) -> Option<(Found, usize)> {
        let plan = self.plan(chance);
        let once = matches!(plan, Plan::Never) || !chance.one_in(4);
        while events.try_recv().is_ok() {}
        let mut life = self.yard.start(if once { &["run", "--once"] } else { &["run"] });
        // A pass ends by itself; a daemon that nothing happens to does not.
        let deadline = life.began + if once { LONGEST_LIFE } else { self.whole };
        match plan {
            Plan::Never => drop(life.ended(LONGEST_LIFE)),
            Plan::After(pause) => std::thread::sleep(pause),
            Plan::Then { verb, times, later } => {
                let mut seen = 0;
                while seen < times && Instant::now() < deadline && !life.has_ended() {
                    seen += u64::from(events.recv_timeout(Duration::from_millis(5)) == Ok(verb));
                }
                std::thread::sleep(later);
            }
        }
        if life.has_ended() {
            self.ended_well(life, once);
            return None;
        }
        let killed = life.kill();
        self.server.settle();
        killed.then(|| self.found())
    }

    fn ended_well(&mut self, mut life: super::yard::Life, once: bool) {
        self.whole = (self.whole + life.began.elapsed()) / 2;
        let status = life.ended(Duration::ZERO);
        assert!(once && status.success(), "{status}: {}", self.yard.log());
        self.server.settle();
    }

    fn plan(&self, chance: &mut Chance) -> Plan {
        if chance.one_in(30) {
            return Plan::Never;
        }
        const STEPS: [Verb; 8] =
            [Verb::Connect, Verb::Mail, Verb::Data, Verb::Body, Verb::Body, Verb::Dot, Verb::Dot, Verb::Answered];
        if chance.one_in(3) {
            return Plan::After(chance.upto(self.whole));
        }
        let verb = STEPS[chance.below(STEPS.len() as u64) as usize];
        let most = if self.connections.is_some() { 8 } else { 3 };
        Plan::Then { verb, times: 1 + chance.below(most), later: chance.upto(Duration::from_millis(6)) }
    }

    fn found(&self) -> (Found, usize) {
        let rows = self.yard.outbox();
        let under_way = rows.iter().filter(|row| matches!(row.state, OutboxState::Sending | OutboxState::DotIntent));
        (self.furthest(&rows), under_way.count())
    }

    fn furthest(&self, rows: &[OutboxRow]) -> Found {
        let copies = self.server.copies();
        let any = |state| rows.iter().any(|row| row.state == state);
        let in_doubt = rows.iter().filter(|row| row.state == OutboxState::DotIntent);
        let taken: Vec<bool> = in_doubt.map(|row| copies.contains_key(&row.message_id)).collect();
        assert!(taken.len() <= self.connections.unwrap_or(1), "more doubts than connections: {rows:?}");
        if taken.contains(&true) {
            Found::DotIntentTaken
        } else if !taken.is_empty() {
            Found::DotIntentNotTaken
        } else if any(OutboxState::Sending) {
            Found::Sending
        } else if any(OutboxState::Ready) {
            Found::Ready
        } else if self.is_unread() {
            Found::Reading
        } else {
            Found::Nothing
        }
    }

    fn is_unread(&self) -> bool {
        let Some(store) = self.yard.store() else { return true };
        store.inputs_unsettled().unwrap() > 0 || store.case_numbers().unwrap().len() < self.invoices
    }
}
