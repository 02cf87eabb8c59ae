//! The same gate at planning, at the claim and just before the final dot: whatever comes in between, no letter leaves
//! that is wrong by then.

use super::office::{Office, day, invoice, payment};
use aanmaand::daemon::house::House;
use aanmaand::daemon::rounds::deliver_all;
use aanmaand::daemon::writer::Writer;
use aanmaand::dunning::hold::Scope;
use aanmaand::dunning::ids::{CaseId, DebtorId};
use aanmaand::dunning::input::{Act, Input, Mail, Meaning, Said, Saying};
use aanmaand::dunning::instructions::Instructions;
use aanmaand::ports::{BeforeDot, Delivery, Fetched, MailKey, Outgoing, OutgoingMail, Unfetched};
use aanmaand::store::OutboxState;
use anyhow::Result;
use async_trait::async_trait;
use std::sync::Mutex;
use std::time::Duration;

type Event = fn(&mut House) -> Result<()>;

/// What may come in, and what becomes of the letter when it comes before the claim.
const EVENTS: [(&str, Event, OutboxState); 11] = [
    ("nothing", |_| Ok(()), OutboxState::Sent),
    ("a mail that nobody has read", |house| house.store_mails(vec![fetched(ANSWER)]).map(drop), OutboxState::Ready),
    ("mails that wait in the mailbox", |house| house.store_some(Vec::new(), 3).map(drop), OutboxState::Ready),
    ("a mail by the owner's hand", by_hand, OutboxState::Ready),
    ("a mail that is too large and names the debtor", too_large, OutboxState::Withdrawn),
    ("an answer", |house| told(house, answer()), OutboxState::Withdrawn),
    ("an unreadable mail that names the debtor", unreadable, OutboxState::Withdrawn),
    (
        "a payment",
        |house| told(house, Input::Payment { payment: payment(5_000, "2026-06-15", None), cases: vec![case()] }),
        OutboxState::Withdrawn,
    ),
    (
        "a hold",
        |house| owner(house, Act::Hold { scope: Scope::Debtor, reason: String::new(), until: None }),
        OutboxState::Withdrawn,
    ),
    (
        "another address",
        |house| instruct(house, Instructions { email: Some("nieuw@k2.example".into()), ..Instructions::default() }),
        OutboxState::Withdrawn,
    ),
    (
        "never again",
        |house| instruct(house, Instructions { never_dun: Some(true), ..Instructions::default() }),
        OutboxState::Withdrawn,
    ),
];

const ANSWER: &str = "From: kas@k2.example\r\nTo: debiteuren@voorbeeldbedrijf.example\r\nSubject: x\r\nMessage-ID: <a@k2.example>\r\n\r\nDit klopt niet.\r\n";

fn case() -> CaseId {
    CaseId::of(&"K2-2026-1".into())
}

fn told(house: &mut House, input: Input) -> Result<()> {
    house.step(&DebtorId::new("K2"), &input, "test").map(drop)
}

fn owner(house: &mut House, act: Act) -> Result<()> {
    told(house, Input::Owner { act, by: "owner".into() })
}

fn instruct(house: &mut House, instructions: Instructions) -> Result<()> {
    owner(house, Act::Instruct { instructions: Box::new(instructions), reason: String::new() })
}

fn fetched(text: &str) -> Fetched {
    let key = MailKey { folder: "mailbox".into(), uidvalidity: 0, uid: 0, name: "1.test".into() };
    Fetched { key, body: Ok(text.as_bytes().to_vec()), received_at: None, sent: false, ahead: false }
}

fn unreadable(house: &mut House) -> Result<()> {
    house.store_mails(vec![fetched("dit is geen mail, maar kas@k2.example staat erin")])?;
    house.settle_inputs().map(drop)
}

fn by_hand(house: &mut House) -> Result<()> {
    let text = "From: jan@voorbeeldbedrijf.example\r\nTo: kas@k2.example\r\nSubject: x\r\nMessage-ID: <h@x.example>\r\n\r\nDag.\r\n";
    house.store_mails(vec![Fetched { sent: true, ..fetched(text) }])?;
    house.settle_inputs().map(drop)
}

fn too_large(house: &mut House) -> Result<()> {
    let body = Err(Unfetched { why: "it is too large".into(), beginning: ANSWER.as_bytes().to_vec() });
    house.store_mails(vec![Fetched { body, ..fetched("") }])?;
    house.settle_inputs().map(drop)
}

fn answer() -> Input {
    Input::Mail(Mail {
        source: "mail-1".into(),
        from: "kas@k2.example".into(),
        date: day("2026-06-15"),
        cases: Vec::new(),
        why: "address".into(),
        attachments: Vec::new(),
        meaning: Meaning::Human(Said {
            what: Saying::Dispute,
            also: Vec::new(),
            sentence: None,
            promise_date: None,
            amount: None,
            paid_on: None,
        }),
    })
}

/// A way out that accepts everything; before the first dot something happens.
struct Line {
    writer: Writer,
    before_dot: Mutex<Option<Event>>,
    accepted: Mutex<Vec<String>>,
}

#[async_trait]
impl Outgoing for Line {
    async fn deliver(&self, mail: &OutgoingMail, before_dot: BeforeDot<'_>) -> Delivery {
        let event = self.before_dot.lock().unwrap().take();
        if let Some(event) = event {
            self.writer.call(event).await.unwrap();
        }
        if let Err(reason) = before_dot.ask().await {
            return Delivery::Later { reason, lane: false };
        }
        self.accepted.lock().unwrap().push(mail.recipient.clone());
        Delivery::Accepted { reply: "250 Ok".into() }
    }

    async fn probe(&self) -> std::result::Result<String, String> {
        Ok(String::new())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Planning,
    Claim,
    Dot,
}

/// What left, and the states of the letters, when this happens at that moment.
fn played(event: Event, moment: Moment) -> (Vec<String>, Vec<OutboxState>) {
    let mut office = Office::open("");
    office.file(invoice("K2", "K2-2026-1"));
    office.clock.set("2026-06-15T08:00:00Z".parse().unwrap());
    office.house.mailbox_was_read().unwrap();
    if moment == Moment::Planning {
        event(&mut office.house).unwrap();
    }
    office.house.day().unwrap();
    if moment == Moment::Claim {
        event(&mut office.house).unwrap();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (writer, thread) = Writer::start(office.house);
    let before_dot = Mutex::new((moment == Moment::Dot).then_some(event));
    let line = Line { writer: writer.clone(), before_dot, accepted: Mutex::default() };
    runtime
        .block_on(runtime.spawn(async move {
            let line = line;
            deliver_all(&writer, &line, Duration::ZERO, &|| true).await.unwrap();
            let accepted = line.accepted.lock().unwrap().clone();
            drop((writer, line));
            accepted
        }))
        .map(|accepted| {
            let house = thread.join().unwrap();
            let states = house.store.outbox_in(&OutboxState::ALL).unwrap().into_iter().map(|row| row.state).collect();
            (accepted, states)
        })
        .unwrap()
}

#[test]
fn what_comes_in_before_planning_makes_no_letter() {
    for (what, event, becomes) in EVENTS {
        let (accepted, states) = played(event, Moment::Planning);
        match (what, becomes) {
            ("nothing", _) => assert_eq!((accepted.len(), states), (1, vec![OutboxState::Sent])),
            // Then the letter is made for the new address.
            ("another address", _) => assert_eq!(accepted, ["nieuw@k2.example"]),
            _ => assert_eq!((accepted, states), (vec![], vec![]), "{what}"),
        }
    }
}

#[test]
fn what_comes_in_before_the_claim_takes_the_letter_back() {
    for (what, event, becomes) in EVENTS {
        let (accepted, states) = played(event, Moment::Claim);
        assert_eq!(states, [becomes], "{what}");
        assert_eq!(accepted.len(), usize::from(becomes == OutboxState::Sent), "{what}");
    }
}

#[test]
fn what_comes_in_before_the_final_dot_still_stops_the_letter() {
    for (what, event, becomes) in EVENTS {
        let (accepted, states) = played(event, Moment::Dot);
        assert_eq!(accepted.len(), usize::from(becomes == OutboxState::Sent), "{what}");
        // What made it wrong may have withdrawn it at once; else the next claim does.
        assert!(states != [OutboxState::Unknown] && states != [OutboxState::DotIntent], "{what}: {states:?}");
    }
}

/// A letter that a server put off is told with its words and the next try, to the owner in the digest too.
#[test]
fn what_was_put_off_is_told_with_its_next_try() {
    let mut office = Office::open("");
    office.file(invoice("K2", "K2-2026-1"));
    office.day("2026-06-15T10:00:00");
    let (id, at) = (office.house.store.outbox_in(&[OutboxState::Ready]).unwrap()[0].id.clone(), office.house.now());
    let told = |office: &Office| -> Vec<(u32, Option<String>, Option<String>)> {
        let digest = office.house.digest(office.house.today()).unwrap();
        let moment = |at: chrono::NaiveDateTime| at.format("%H:%M").to_string();
        digest.waiting.into_iter().map(|w| (w.attempts, w.reply, w.next_try.map(moment))).collect()
    };
    assert_eq!(told(&office), [], "it is just on its way");
    let next = at + chrono::TimeDelta::minutes(5);
    office
        .house
        .transact(|house| {
            house.store.move_outbox(&id, OutboxState::Ready, OutboxState::Sending, "", at, None)?;
            Ok(house.store.move_outbox(&id, OutboxState::Sending, OutboxState::Ready, "451 later", at, Some(next))?)
        })
        .unwrap();
    let expected = (1, Some("451 later".to_owned()), Some("10:05".to_owned()));
    assert_eq!(told(&office), [expected]);
    office.clock.set(next);
    assert_eq!(told(&office)[0].2, None, "with the next turn");
}

/// The caps count what may have left, not only what a server confirmed.
#[test]
fn caps_count_what_may_have_left() {
    for (caps, key) in [("per_day = 2", "per_day"), ("per_hour = 2", "per_hour")] {
        let mut office = Office::open("");
        office.house.config.pace.per_day = if key == "per_day" { 2 } else { 200 };
        office.house.config.pace.per_hour = if key == "per_hour" { 2 } else { 0 };
        for number in 0..3 {
            office.file(invoice(&format!("K{number}"), &format!("K{number}-2026-1")));
        }
        office.day("2026-06-15T10:00:00");
        let rows = office.house.store.outbox_in(&[OutboxState::Ready]).unwrap();
        assert_eq!(rows.len(), 3);
        let codes = |office: &Office| -> Vec<&str> {
            let surroundings = office.house.surroundings().unwrap();
            let waiting = office.house.waiting(&surroundings).unwrap();
            waiting.iter().flat_map(|waiting| waiting.why.iter().map(|closed| closed.code())).collect()
        };
        assert_eq!(codes(&office), [""; 0], "{caps}");
        let at = office.house.now();
        let moved = |office: &mut Office, id: &str, from, to| {
            office.house.transact(|house| Ok(house.store.move_outbox(id, from, to, "", at, None)?)).unwrap()
        };
        for (at, expected) in [(0, vec![]), (1, vec![key])] {
            let id = &rows[at].id;
            assert!(moved(&mut office, id, OutboxState::Ready, OutboxState::Sending));
            assert!(moved(&mut office, id, OutboxState::Sending, OutboxState::DotIntent));
            assert!(moved(&mut office, id, OutboxState::DotIntent, OutboxState::Unknown));
            assert_eq!(codes(&office), expected, "{caps}");
        }
        // An hour later the cap of the hour is open again, that of the day is not.
        office.clock.set(at + chrono::TimeDelta::minutes(61));
        office.house.mailbox_was_read().unwrap();
        assert_eq!(codes(&office), if key == "per_day" { vec![key] } else { vec![] });
    }
}

/// A reader that panics costs the mail that it reads, and keeps the gate closed of whom it names; nothing else stops.
#[test]
fn a_panic_over_one_mail_is_contained() {
    let mut office = Office::open("");
    office.file(invoice("K2", "K2-2026-1"));
    office.file(invoice("K3", "K3-2026-1"));
    office.house.rules.phrases = std::sync::LazyLock::new(Box::new(|| panic!("a reader that breaks")));
    let key = |name: &str| MailKey { name: name.into(), ..fetched("").key };
    let other = ANSWER.replace("k2", "elders");
    office.house.store_mails(vec![fetched(ANSWER), Fetched { key: key("2.test"), ..fetched(&other) }]).unwrap();
    assert_eq!(office.house.settle_inputs().unwrap(), 2);
    assert_eq!(office.house.store.inputs_quarantined().unwrap().len(), 2);
    office.day("2026-06-15T10:00:00");
    let ready = office.house.store.outbox_in(&[OutboxState::Ready]).unwrap();
    let to: Vec<&str> = ready.iter().map(|row| row.recipient.as_str()).collect();
    assert_eq!(to, ["kas@k3.example"], "the one whom no broken mail names");
}
