//! Lines that are slow, thin, sliced, cut, reset or dead, a server that falls silent, and a stop in the middle: whatever
//! happens, when it is over every letter is there once, or asked about.

use super::audit::{Audited, audit};
use super::chance::Chance;
use super::proxy::{End, Proxy, Way};
use super::server::{Act, Server, Verb};
use super::yard::{Yard, customer, is_open, time_passes};
use aanmaand::adapters::clock::SystemClock;
use aanmaand::ports::Clock;
use aanmaand::store::OutboxState;
use rustix::process::Signal;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Bytes of the dialogue after the mail's last line: the dot, then QUIT.
const LAST_BYTES: usize = 12;

/// An administration behind a proxy, with this many invoices.
fn behind(server: &Server, up: Way, down: Way, invoices: usize) -> (Proxy, Yard) {
    let proxy = Proxy::to(server.port, up, down);
    let yard = Yard::without_digest(proxy.port);
    (1..=invoices).for_each(|number| yard.invoice(number));
    (proxy, yard)
}

#[test]
fn a_line_that_is_only_slow_changes_nothing() {
    if !is_open("a_line_that_is_only_slow") {
        return;
    }
    let slow = Way { latency: Duration::from_millis(20), ..Way::default() };
    let thin = Way { bandwidth: Some(100_000), ..Way::default() };
    let sliced = Way { slices: Some(1), ..Way::default() };
    let lingering = Way { slow_close: Duration::from_millis(300), ..Way::default() };
    for (up, down) in [(slow, slow), (thin, thin), (sliced, sliced), (lingering, lingering), (thin, sliced)] {
        let server = Server::start();
        let (_proxy, yard) = behind(&server, up, down, 2);
        yard.pass();
        assert_eq!(audit(&yard, &server, 2, &[]), Audited::default(), "{up:?} {down:?}");
    }
}

/// How many bytes a letter's whole conversation has, each way.
fn length() -> (usize, usize) {
    let server = Server::start();
    let (proxy, yard) = behind(&server, Way::default(), Way::default(), 1);
    yard.pass();
    server.settle();
    proxy.carried()
}

#[test]
fn a_line_that_is_cut_anywhere() {
    if !is_open("a_line_that_is_cut_anywhere") {
        return;
    }
    let mut chance = Chance::new(Chance::seed());
    let (up, down) = length();
    assert!(up > 1_000 && down > 100, "{up} {down}");
    let mut cuts = Vec::new();
    for end in [End::Eof, End::Reset] {
        let last = (1..=LAST_BYTES).map(|back| up - back);
        let somewhere = (0..6).map(|_| 1 + chance.below(up as u64) as usize);
        cuts.extend(last.chain(somewhere).map(|at| (Some((at, end)), None)));
        cuts.extend((0..12).map(|_| (None, Some((1 + chance.below(down as u64) as usize, end)))));
    }
    let (count, left, total) = (cuts.len(), Mutex::new(cuts), Mutex::new(Audited::default()));
    let work = || {
        loop {
            let Some((up, down)) = left.lock().unwrap().pop() else { return };
            let one = cut(up, down);
            let mut total = total.lock().unwrap();
            total.unknown += one.unknown;
            total.unknown_taken += one.unknown_taken;
        }
    };
    std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(work))));
    let total = total.into_inner().unwrap();
    println!("{count} cuts: {total:?}");
    assert!(total.unknown > 0, "no cut fell between the dot and its answer");
    assert!(total.unknown < count / 2, "most cuts leave no doubt");
}

/// The line is cut, then it is good again.
fn cut(up: Option<(usize, End)>, down: Option<(usize, End)>) -> Audited {
    let server = Server::start();
    let way = |after| Way { after, ..Way::default() };
    let (proxy, yard) = behind(&server, way(up), way(down), 1);
    yard.pass();
    server.settle();
    let state = yard.letter_to(&customer(1)).state;
    match server.taken().len() {
        0 => assert!(matches!(state, OutboxState::Ready | OutboxState::Unknown), "{up:?} {down:?}: {state:?}"),
        _ => assert!(matches!(state, OutboxState::Sent | OutboxState::Unknown), "{up:?} {down:?}: {state:?}"),
    }
    proxy.set(Way::default(), Way::default());
    yard.until_quiet();
    audit(&yard, &server, 1, &[])
}

/// A server or a line that falls silent would keep us for minutes; the process is killed meanwhile.
#[test]
fn killed_while_the_server_is_silent() {
    if !is_open("killed_while_the_server_is_silent") {
        return;
    }
    use Verb::{Connect, Data, Dot, Ehlo, Mail, Rcpt};
    for at in [Connect, Ehlo, Mail, Rcpt, Data, Dot] {
        for kept in [false, true] {
            let silent = if kept { Act::Kept(Box::new(Act::Silence)) } else { Act::Silence };
            let server = Server::with(move |now| if now.verb == at { silent.clone() } else { Act::Usual });
            let yard = Yard::without_digest(server.port);
            yard.invoice(1);
            let mut life = yard.start(&["run", "--once"]);
            let longest = Instant::now() + Duration::from_secs(20);
            while !server.has_seen(at) {
                assert!(Instant::now() < longest && !life.has_ended(), "{at:?} was never reached: {}", yard.log());
                std::thread::sleep(Duration::from_millis(2));
            }
            std::thread::sleep(Duration::from_millis(20));
            let state = yard.letter_to(&customer(1)).state;
            assert_eq!(state, if at == Dot { OutboxState::DotIntent } else { OutboxState::Sending }, "{at:?}");
            assert!(life.kill());
            server.script(|_| Act::Usual);
            yard.until_quiet();
            let unknown = usize::from(at == Dot);
            let unknown_taken = if kept { unknown } else { 0 };
            assert_eq!(audit(&yard, &server, 1, &[]), Audited { unknown, unknown_taken }, "{at:?}");
        }
    }
}

/// The line goes dead without a word, in the middle of the letter or before its answer.
#[test]
fn killed_while_the_line_is_dead() {
    if !is_open("killed_while_the_line_is_dead") {
        return;
    }
    let (up, down) = length();
    let way = |at| Way { after: Some((at, End::Hold)), ..Way::default() };
    let before_the_dot = [(way(30), Way::default()), (Way::default(), way(60))];
    // A letter that got stuck half-way was written to its dot all the same: it fits into the buffers between us and the
    // server. (QUIT and its answer are the last of the conversation; the answer to the dot is before them.)
    let after_it = [up / 2, up - LAST_BYTES].map(|at| (way(at), Way::default())).into_iter();
    let after_it = after_it.chain([(Way::default(), way(down - 20))]);
    for (unknown, (up, down)) in before_the_dot.map(|ways| (0, ways)).into_iter().chain(after_it.map(|ways| (1, ways)))
    {
        let server = Server::start();
        let (proxy, yard) = behind(&server, up, down, 1);
        let life = yard.start(&["run", "--once"]);
        let longest = Instant::now() + Duration::from_secs(20);
        let wanted = if unknown == 0 { OutboxState::Sending } else { OutboxState::DotIntent };
        while !yard.states().contains_key(&wanted) {
            assert!(Instant::now() < longest, "{up:?} {down:?}: {:?}", yard.states());
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(50));
        assert!(life.kill());
        proxy.set(Way::default(), Way::default());
        yard.until_quiet();
        let audited = audit(&yard, &server, 1, &[]);
        assert_eq!(audited.unknown, unknown, "{up:?} {down:?}");
    }
}

/// SIGTERM or SIGINT in each phase: the letter under way is finished, no other is begun, and the daemon and the single pass
/// end well.
#[test]
fn stopped_in_the_middle_of_a_letter() {
    if !is_open("stopped_in_the_middle_of_a_letter") {
        return;
    }
    for (nth, at) in [Verb::Connect, Verb::Mail, Verb::Data, Verb::Body, Verb::Dot].into_iter().enumerate() {
        for words in [&["run"][..], &["run", "--once"]] {
            stopped(at, words, if nth % 2 == 0 { Signal::TERM } else { Signal::INT });
        }
    }
    stopped(Verb::Dot, &["run"], Signal::INT);
    stopped(Verb::Dot, &["run", "--once"], Signal::INT);
}

fn stopped(at: Verb, words: &[&str], signal: Signal) {
    let what = format!("{words:?} {signal:?} {at:?}");
    let server = Server::with(|_| Act::Each(vec![Act::Say("451 later"), Act::Hangup]));
    let yard = Yard::without_digest(server.port);
    (1..=4).for_each(|number| yard.invoice(number));
    yard.pass();
    let before = server.connections();
    let slow = Act::Each(vec![Act::Wait(Duration::from_millis(400)), Act::Usual]);
    server.script(move |now| if now.verb == at { slow.clone() } else { Act::Usual });
    server.forget_what_was_seen();
    time_passes(&yard.path("state"));
    let mut life = yard.start(words);
    let longest = Instant::now() + Duration::from_secs(20);
    while !server.has_seen(at) {
        assert!(Instant::now() < longest && !life.has_ended(), "{what} was never reached: {}", yard.log());
        std::thread::sleep(Duration::from_millis(2));
    }
    life.signal(signal);
    let status = life.ended(Duration::from_secs(20));
    assert_eq!(status.code(), Some(0), "{what}: {}", yard.log());
    server.settle();
    let states = yard.states();
    let sent = states.get(&OutboxState::Sent).copied().unwrap_or_default();
    assert!((1..4).contains(&sent), "{what}: {states:?} after {} connections", server.connections() - before);
    assert_eq!(server.taken().len(), sent, "{what}");
    assert_eq!(states.get(&OutboxState::Ready).copied().unwrap_or_default(), 4 - sent, "{what}: {states:?}");
    server.script(|_| Act::Usual);
    yard.until_quiet();
    assert_eq!(audit(&yard, &server, 4, &[]), Audited::default(), "{what}");
}

/// The library that turns the clock of a program (`faketime`); `None` where it is not.
/// Seconds from now to ten o'clock of this day in the yard's zone; negative when that is past.
fn till_ten() -> i64 {
    let now = SystemClock.now().with_timezone(&chrono_tz::Europe::Amsterdam).time();
    chrono::NaiveTime::from_hms_opt(10, 0, 0).unwrap().signed_duration_since(now).num_seconds()
}

fn turning_library() -> Option<String> {
    let output = Command::new("faketime").args(["now", "sh", "-c", "echo $LD_PRELOAD"]).output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned()).filter(|library| !library.is_empty())
}

/// The machine is suspended while the server makes us wait, and wakes up three hours later: what was read before is too
/// old by then, so the letter goes back without its dot, and leaves after the next complete look.
#[test]
fn asleep_in_the_middle_of_a_letter() {
    let Some(library) = turning_library() else {
        println!("SKIPPED: asleep_in_the_middle_of_a_letter (no faketime here)");
        return;
    };
    if !is_open("asleep_in_the_middle_of_a_letter") {
        return;
    }
    for in_a_hurry in [false, true] {
        let awake = Arc::new(AtomicBool::new(false));
        let told = awake.clone();
        let server = Server::with(move |now| {
            while now.verb == Verb::Data && now.to == customer(2) && !told.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(2));
            }
            Act::Usual
        });
        let mut yard = if in_a_hurry { Yard::in_a_hurry(server.port, 1) } else { Yard::open(server.port) };
        (1..=2).for_each(|number| yard.invoice(number));
        // Ten in the morning, whenever the test runs: three hours later must be the same day.
        let morning = till_ten();
        std::fs::write(yard.path("clock"), format!("{morning:+}")).unwrap();
        yard.environment = vec![
            ("LD_PRELOAD".into(), library.clone()),
            ("FAKETIME_TIMESTAMP_FILE".into(), yard.path("clock").display().to_string()),
            ("FAKETIME_NO_CACHE".into(), "1".into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC".into(), "1".into()),
        ];
        let mut life = yard.start(&["run", "--once"]);
        let longest = Instant::now() + Duration::from_secs(30);
        let waits = |yard: &Yard| {
            yard.outbox().iter().any(|row| {
                row.recipient == customer(2) && matches!(row.state, OutboxState::Sending | OutboxState::DotIntent)
            })
        };
        while !waits(&yard) {
            assert!(Instant::now() < longest && !life.has_ended(), "{:?}: {}", yard.states(), yard.log());
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(200));
        life.signal(Signal::STOP);
        std::fs::write(yard.path("clock"), format!("{:+}", morning + 3 * 3600)).unwrap();
        awake.store(true, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(200));
        life.signal(Signal::CONT);
        assert!(life.ended(Duration::from_secs(30)).success(), "{}", yard.log());
        server.settle();
        assert_eq!(server.taken_for(&customer(2)).len(), 0, "in a hurry: {in_a_hurry}");
        let row = yard.letter_to(&customer(2));
        assert!(
            row.state == OutboxState::Ready && row.note.contains("the mailbox was last read"),
            "in a hurry: {in_a_hurry}: {row:?}"
        );
        yard.pass();
        server.settle();
        assert_eq!(server.taken_for(&customer(2)).len(), 1, "in a hurry: {in_a_hurry}: {:?}", yard.states());
    }
}

/// With too little memory it dies somewhere, as after a kill; with enough it does its work.
#[test]
fn out_of_memory() {
    if !is_open("out_of_memory") {
        return;
    }
    let server = Server::start();
    let yard = Yard::without_digest(server.port);
    let mut died = 0;
    let limits = [24, 40, 56, 72, 88, 104, 120, 140, 160, 200, 300, 400];
    for (number, mebibytes) in (1..).zip(limits) {
        yard.invoice(number);
        let command = yard.command(&["run", "--once"]);
        let mut limited = Command::new("sh");
        limited.args(["-c", &format!("ulimit -v {}; exec timeout 30 \"$0\" \"$@\"", mebibytes * 1024)]);
        limited.arg(command.get_program()).args(command.get_args());
        let status = limited.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        died += usize::from(!status.success());
    }
    println!("out of memory: {died} of {} lives died", limits.len());
    assert!((1..limits.len()).contains(&died), "{died}");
    yard.pass();
    yard.until_quiet();
    audit(&yard, &server, limits.len(), &[]);
}

/// Nobody listens at the server's port.
#[test]
fn a_server_that_is_gone_and_comes_back() {
    if !is_open("a_server_that_is_gone_and_comes_back") {
        return;
    }
    let server = Server::start();
    let (proxy, yard) = behind(&server, Way::default(), Way::default(), 3);
    proxy.refuse(true);
    yard.pass();
    assert_eq!(yard.states().get(&OutboxState::Ready), Some(&3));
    assert!(yard.questions().is_empty());
    proxy.refuse(false);
    yard.until_quiet();
    assert_eq!(audit(&yard, &server, 3, &[]), Audited::default());
}
