//! Every row of the table of outcomes, through the binary: what the server got, what we believe of it, what the owner is
//! asked, and that nothing goes a second time by itself.

use super::server::{Act, At, Server, Verb};
use super::yard::{Yard, customer, is_open};
use aanmaand::adapters::clock::SystemClock;
use aanmaand::ports::Clock;
use aanmaand::store::OutboxState;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Rows that are played at the same time.
const AT_ONCE: usize = 4;
/// The first retry comes after so many minutes, jitter and the test's own slowness included.
const FIRST_RETRY: std::ops::RangeInclusive<i64> = 3..=6;

/// What must become of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    Sent,
    /// Surely not accepted: tried later, nobody is asked.
    Later,
    /// Every mail would fare so: the same, and the owner reads of it.
    Lane,
    /// Refused for good: the debtor is held and the owner asked.
    Refused,
    /// The same, and it is the address.
    BadAddress,
    /// Nobody knows: the owner is asked, and nothing is sent.
    Unknown,
}

struct Row {
    name: String,
    at: Verb,
    act: Act,
    ends: Ends,
    /// What the server took.
    copies: usize,
}

fn row(at: Verb, act: Act, ends: Ends) -> Row {
    let copies = usize::from(ends == Ends::Sent || matches!(act, Act::Kept(_)));
    Row { name: format!("{at:?}: {}", act.told()), at, act, ends, copies }
}

/// Said, then the end of the line.
fn last(bytes: &'static [u8]) -> Act {
    Act::Each(vec![Act::Bytes(bytes), Act::Hangup])
}

fn kept(act: Act) -> Act {
    Act::Kept(Box::new(act))
}

/// Every place before the final dot where the server may answer or end the line.
const BEFORE_THE_DOT: [Verb; 6] = [Verb::Connect, Verb::Ehlo, Verb::Auth, Verb::Mail, Verb::Rcpt, Verb::Data];

fn broken_before_the_dot() -> Vec<Row> {
    let ends = [
        Act::Hangup,
        Act::Reset,
        last(b"250 half a li"),
        last(b"This is not SMTP\r\n"),
        last(b"\xff\xfe\x00\r\n"),
        last(b"250-first\r\n354 another\r\n"),
        last(b"250 bare\n"),
        Act::Say("399 neither yes nor no"),
    ];
    let at = |verb: &Verb| ends.clone().map(|act| row(*verb, act, Ends::Later));
    let mut rows: Vec<Row> = BEFORE_THE_DOT.iter().flat_map(at).collect();
    rows.extend([Act::Hangup, Act::Reset, Act::Bytes(b"250 taken\r\n")].map(|act| row(Verb::Body, act, Ends::Later)));
    // What is said too early could be taken for the answer to the next command.
    rows.push(row(Verb::Mail, Act::Bytes(b"250 ok\r\n250 ok\r\n"), Ends::Later));
    rows.push(row(Verb::Rcpt, Act::Bytes(b"250 ok\r\n354 go ahead\r\n"), Ends::Later));
    rows.push(row(Verb::Data, Act::Say("250 no need"), Ends::Later));
    rows
}

fn refusals() -> Vec<Row> {
    let mut rows = Vec::new();
    for verb in [Verb::Connect, Verb::Ehlo, Verb::Mail, Verb::Rcpt, Verb::Data, Verb::Dot] {
        rows.push(row(verb, Act::Say("421 4.3.2 shutting down"), Ends::Later));
        rows.push(row(verb, Act::Say("451-4.7.1 greylisted,\r\n451 4.7.1 come back in five minutes"), Ends::Later));
        rows.push(row(verb, Act::Each(vec![Act::Say("452 4.3.1 full"), Act::Hangup]), Ends::Later));
    }
    rows.push(row(Verb::Auth, Act::Say("454 4.7.0 temporary authentication failure"), Ends::Later));
    for verb in [Verb::Connect, Verb::Ehlo] {
        rows.push(row(verb, Act::Say("554 5.0.0 nothing from you"), Ends::Lane));
    }
    for reply in ["530 5.7.0 first log in", "534 5.7.9 too weak", "535 5.7.8 wrong password", "538 encrypt first"] {
        rows.extend(
            [Verb::Auth, Verb::Mail, Verb::Rcpt, Verb::Data, Verb::Dot]
                .map(|verb| row(verb, Act::Say(reply), Ends::Lane)),
        );
    }
    for reply in ["550 5.7.1 policy", "554 5.7.26 not authenticated"] {
        rows.extend([Verb::Mail, Verb::Rcpt, Verb::Data, Verb::Dot].map(|verb| row(verb, Act::Say(reply), Ends::Lane)));
    }
    rows.push(row(Verb::Mail, Act::Say("553 5.1.8 bad sender"), Ends::Lane));
    for reply in ["550 5.1.1 nobody of that name", "550 5.1.2 no such domain", "551 5.1.6 moved"] {
        rows.extend([Verb::Rcpt, Verb::Dot].map(|verb| row(verb, Act::Say(reply), Ends::BadAddress)));
    }
    rows.push(row(Verb::Rcpt, Act::Say("550 nobody of that name"), Ends::BadAddress));
    rows.push(row(Verb::Dot, Act::Say("550 5.5.0 something is wrong"), Ends::Later));
    for verb in [Verb::Mail, Verb::Data, Verb::Dot] {
        rows.push(row(verb, Act::Say("552 5.3.4 too large"), Ends::Refused));
        rows.push(row(verb, Act::Say("554 5.6.0 not this content"), Ends::Refused));
    }
    rows
}

fn after_the_dot() -> Vec<Row> {
    let pause = Duration::from_millis(2);
    let mut rows = vec![
        row(Verb::Dot, Act::Say("250 2.0.0 queued as 4711"), Ends::Sent),
        row(Verb::Dot, Act::Say("259 2.0.0 fine"), Ends::Sent),
        row(Verb::Dot, Act::Say("250-2.0.0 thank\r\n250-2.0.0 you\r\n250 2.0.0 queued"), Ends::Sent),
        row(Verb::Dot, Act::Trickle(pause, "250-2.0.0 thank\r\n250 2.0.0 you"), Ends::Sent),
        row(Verb::Dot, Act::Each(vec![Act::Wait(Duration::from_millis(300)), Act::Usual]), Ends::Sent),
        row(Verb::Dot, Act::Each(vec![Act::Usual, Act::Hangup]), Ends::Sent),
        row(Verb::Dot, Act::Each(vec![Act::Usual, Act::Reset]), Ends::Sent),
    ];
    let unclear = [
        Act::Hangup,
        Act::Reset,
        last(b"250 half a li"),
        last(b"25"),
        last(b"250 bare\n"),
        last(b"250-goes on and ends\r\n"),
        last(b"This is not SMTP\r\n"),
        last(b"250 \xff\xfe\r\n"),
        last(b"\x00\x00\x00\r\n"),
        Act::Bytes(b"354 go on\r\n"),
        Act::Bytes(b"399 neither yes nor no\r\n"),
        Act::Bytes(b"221 bye\r\n"),
        Act::Bytes(b"260 what\r\n"),
        Act::Bytes(b"250-one\r\n550 the other\r\n"),
    ];
    for act in unclear {
        rows.push(row(Verb::Dot, act.clone(), Ends::Unknown));
        rows.push(row(Verb::Dot, kept(act), Ends::Unknown));
    }
    rows
}

#[test]
fn what_breaks_before_the_dot_is_tried_later() {
    play("what_breaks_before_the_dot", broken_before_the_dot());
}

#[test]
fn what_is_refused() {
    play("what_is_refused", refusals());
}

#[test]
fn what_is_said_after_the_dot() {
    play("what_is_said_after_the_dot", after_the_dot());
}

/// `550 5.5.0` is what some servers say when something of theirs fails: four tries, then it counts.
#[test]
fn a_doubtful_refusal_is_tried_three_times_more() {
    if !is_open("a_doubtful_refusal_is_tried_three_times_more") {
        return;
    }
    let dots = Arc::new(AtomicUsize::new(0));
    let seen = dots.clone();
    let server = Server::with(move |at| {
        let is_dot = at.verb == Verb::Dot;
        seen.fetch_add(usize::from(is_dot), Ordering::SeqCst);
        if is_dot { Act::Say("550 5.5.0 something is wrong") } else { Act::Usual }
    });
    let yard = Yard::without_digest(server.port);
    yard.invoice(1);
    yard.pass();
    for tries in 1..=4 {
        let waits = tries < 4;
        let state = if waits { OutboxState::Ready } else { OutboxState::Rejected };
        assert_eq!((yard.letter_to(&customer(1)).state, dots.load(Ordering::SeqCst)), (state, tries));
        assert_eq!(yard.questions().is_empty(), waits);
        yard.later();
    }
    assert_eq!(dots.load(Ordering::SeqCst), 4);
    assert_eq!(asked(&yard, Ends::Refused), Ok(()));
}

/// What befalls one letter of three is no reason to keep back, lose or double the others.
#[test]
fn a_letter_in_trouble_leaves_its_neighbours_alone() {
    if !is_open("a_letter_in_trouble_leaves_its_neighbours_alone") {
        return;
    }
    let troubles = [
        (Verb::Rcpt, Act::Say("451 4.2.0 later"), OutboxState::Ready),
        (Verb::Rcpt, Act::Say("550 5.1.1 nobody of that name"), OutboxState::Rejected),
        (Verb::Data, Act::Hangup, OutboxState::Ready),
        (Verb::Dot, Act::Say("452 4.2.2 full"), OutboxState::Ready),
        (Verb::Dot, Act::Say("554 5.6.0 not this content"), OutboxState::Rejected),
        (Verb::Dot, Act::Hangup, OutboxState::Unknown),
    ];
    for (at, act, state) in troubles {
        let (told, unlucky) = (act.told(), customer(2));
        let server =
            Server::with(move |now| if now.verb == at && now.to == unlucky { act.clone() } else { Act::Usual });
        let yard = Yard::without_digest(server.port);
        (1..=3).for_each(|number| yard.invoice(number));
        yard.pass();
        server.settle();
        let states = [1, 2, 3].map(|number| yard.letter_to(&customer(number)).state);
        assert_eq!(states, [OutboxState::Sent, state, OutboxState::Sent], "{at:?}: {told}");
        let copies = [1, 2, 3].map(|number| server.taken_for(&customer(number)).len());
        assert_eq!(copies, [1, 0, 1], "{at:?}: {told}");
    }
}

/// All rows, each in an administration of its own; every one that ends otherwise is told.
fn play(story: &str, rows: Vec<Row>) {
    if !is_open(story) {
        return;
    }
    let (count, began) = (rows.len(), Instant::now());
    let (left, wrong) = (Mutex::new(rows), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let Some(row) = left.lock().unwrap().pop() else { return };
            let name = row.name.clone();
            if let Err(why) = play_one(row) {
                wrong.lock().unwrap().push(format!("{name}\n    {why}"));
            }
        }
    };
    std::thread::scope(|scope| (0..AT_ONCE).for_each(|_| drop(scope.spawn(work))));
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {count} rows:\n{}", wrong.len(), wrong.join("\n"));
    println!("{story}: {count} rows in {:.0} s", began.elapsed().as_secs_f64());
}

fn play_one(row: Row) -> Result<(), String> {
    let (at, act) = (row.at, row.act.clone());
    let script = move |now: &At| if now.verb == at { act.clone() } else { Act::Usual };
    let server = Server::with(script);
    let yard = Yard::without_digest(server.port);
    if at == Verb::Body {
        yard.large_copy(1);
    }
    yard.invoice(1);
    yard.pass();
    believed(&yard, row.ends)?;
    asked(&yard, row.ends)?;
    let copies = |wanted: usize, when: &str| {
        server.settle();
        let copies = server.taken().len();
        if copies == wanted { Ok(()) } else { Err(format!("{when}: {copies} copies, not {wanted}")) }
    };
    copies(row.copies, "after the first pass")?;
    server.script(|_| Act::Usual);
    yard.pass();
    copies(row.copies, "after the next pass")?;
    believed(&yard, row.ends)?;
    // What waits is tried anew in its time, and nothing else.
    yard.later();
    copies(usize::from(waits(row.ends)) + row.copies, "later")
}

fn waits(ends: Ends) -> bool {
    matches!(ends, Ends::Later | Ends::Lane)
}

/// The state of the letter, and when it is tried again.
fn believed(yard: &Yard, ends: Ends) -> Result<(), String> {
    let row = yard.letter_to(&customer(1));
    let minutes = row.next_try.map(|at| (at - SystemClock.now()).num_minutes());
    let right = match ends {
        Ends::Sent => row.state == OutboxState::Sent && row.note.starts_with("25"),
        Ends::Later => row.state == OutboxState::Ready && minutes.is_some_and(|minutes| FIRST_RETRY.contains(&minutes)),
        Ends::Lane => row.state == OutboxState::Ready,
        Ends::Refused | Ends::BadAddress => row.state == OutboxState::Rejected,
        Ends::Unknown => row.state == OutboxState::Unknown,
    };
    if right {
        Ok(())
    } else {
        Err(format!("{} in {minutes:?} minutes, {:?}, not {ends:?}", row.state.word(), row.note))
    }
}

/// What the owner is asked and told, and how the case stands.
fn asked(yard: &Yard, ends: Ends) -> Result<(), String> {
    let (kind, state) = match ends {
        Ends::Sent | Ends::Later | Ends::Lane => (None, "open"),
        Ends::Refused => (Some("refused"), "held"),
        Ends::BadAddress => (Some("bounce"), "held"),
        Ends::Unknown => (Some("unknown_send"), "open"),
    };
    let kinds: Vec<String> =
        yard.questions().iter().map(|question| question["kind"].as_str().unwrap_or_default().to_owned()).collect();
    let case = yard.lines(&["cases", "--json"]).pop().unwrap_or_default();
    let warnings = yard.lines(&["status", "--json"]).pop().unwrap_or_default()["warnings"].to_string();
    let warned = warnings.contains(&yard.letter_to(&customer(1)).note);
    if kinds.iter().map(String::as_str).ne(kind) || case["state"] != state || warned != (ends == Ends::Lane) {
        return Err(format!("asked {kinds:?}, warned {warnings}, the case: {case}"));
    }
    Ok(())
}
