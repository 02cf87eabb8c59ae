//! An administration whose letters are ready, and a server that does as it is told.

use aanmaand::adapters::clock::SetClock;
use aanmaand::adapters::folder::Folder;
use aanmaand::adapters::store::sqlite::SqliteStore;
use aanmaand::config::Config;
use aanmaand::daemon::house::{House, Rules};
use aanmaand::daemon::intake::Haste;
use aanmaand::daemon::rounds::deliver_all;
use aanmaand::daemon::writer::Writer;
use aanmaand::ports::{BeforeDot, Clock, Delivery, Outgoing, OutgoingMail};
use aanmaand::store::{InputKind, OutboxRow, OutboxState, Store};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

pub struct Office {
    folder: tempfile::TempDir,
    pub clock: Arc<SetClock>,
    /// `None` after [`Office::close`].
    writer: Option<(Writer, JoinHandle<House>)>,
}

impl Office {
    /// So many letters are ready, each for a debtor of its own, on a Tuesday morning. `sending` is more of that section.
    pub fn with_letters(letters: usize, sending: &str) -> Office {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("invoices")).unwrap();
        std::fs::write(folder.path().join("aanmaand.toml"), format!("{CONFIG}{sending}")).unwrap();
        for n in 0..letters {
            std::fs::write(folder.path().join(format!("invoices/{n}.toml")), invoice(n)).unwrap();
        }
        let clock = Arc::new(SetClock::new(Utc.with_ymd_and_hms(2026, 11, 3, 9, 0, 0).unwrap()));
        let mut office = Office { folder, clock, writer: None };
        office.open();
        let invoices = Folder::new(office.path("invoices"));
        office.on_the_house(move |house| {
            house.take_folder(&invoices, InputKind::Invoice, Haste::Now).unwrap();
        });
        office.it_is(Utc.with_ymd_and_hms(2026, 11, 24, 9, 0, 0).unwrap());
        assert_eq!(office.rows(OutboxState::Ready).len(), letters);
        office
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The mailbox is read, and the calendar looked at.
    pub fn it_is(&self, at: DateTime<Utc>) {
        self.clock.set(at);
        self.on_the_house(|house| {
            house.mailbox_was_read().unwrap();
            house.day().unwrap();
        });
    }

    pub fn later(&self, by: TimeDelta) {
        self.it_is(self.clock.now() + by);
    }

    /// As after a start of the process.
    pub fn open(&mut self) {
        let config = Config::load(&self.path("aanmaand.toml")).unwrap();
        let store = SqliteStore::open(&self.path("a.sqlite")).unwrap();
        let mut house = House::open(Box::new(store), config, Rules::built_in(), self.clock.clone()).unwrap();
        house.recover_outbox().unwrap();
        house.try_anew_after_start().unwrap();
        self.writer = Some(Writer::start(house));
    }

    pub fn close(&mut self) {
        let (writer, thread) = self.writer.take().unwrap();
        drop(writer);
        drop(thread.join().unwrap());
    }

    pub fn writer(&self) -> Writer {
        self.writer.as_ref().unwrap().0.clone()
    }

    pub fn on_the_house<T: Send + 'static>(&self, work: impl FnOnce(&mut House) -> T + Send + 'static) -> T {
        let writer = self.writer();
        runtime().block_on(writer.call(move |house| Ok(work(house)))).unwrap()
    }

    /// The same from within a server's script.
    pub fn on_the_house_now<T: Send + 'static>(&self, work: impl FnOnce(&mut House) -> T + Send + 'static) -> T {
        self.writer().call_now(move |house| Ok(work(house))).unwrap()
    }

    /// What the disk says, read by another connection.
    pub fn rows(&self, state: OutboxState) -> Vec<OutboxRow> {
        self.on_disk().rows(state)
    }

    pub fn on_disk(&self) -> OnDisk {
        OnDisk(self.path("a.sqlite"))
    }

    /// A round without pace. How many were accepted.
    pub fn round(&self, server: &Script) -> usize {
        self.round_while(server, Duration::ZERO, &|| true)
    }

    pub fn round_while(&self, server: &Script, pause: Duration, go_on: &(dyn Fn() -> bool + Sync)) -> usize {
        runtime().block_on(deliver_all(&self.writer(), server, pause, go_on)).unwrap()
    }

    /// Questions of this kind that wait for the owner.
    pub fn asked(&self, kind: &'static str) -> usize {
        self.on_the_house(move |house| {
            let accounts = house.accounts().unwrap();
            accounts.iter().flat_map(|account| account.questions.values()).filter(|q| q.kind.code() == kind).count()
        })
    }
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}

/// What is durable at this moment.
#[derive(Clone)]
pub struct OnDisk(PathBuf);

impl OnDisk {
    pub fn rows(&self, state: OutboxState) -> Vec<OutboxRow> {
        SqliteStore::open_read_only(&self.0).unwrap().outbox_in(&[state]).unwrap()
    }

    pub fn state(&self, message_id: &str) -> OutboxState {
        SqliteStore::open_read_only(&self.0).unwrap().outbox_by_message_id(message_id).unwrap().unwrap().state
    }
}

/// What became of one mail at the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub message_id: String,
    /// On the disk when the server was first asked, and just before the final dot.
    pub at_first: OutboxState,
    pub at_the_dot: Option<OutboxState>,
    /// All mails on the disk with an intent, just before the final dot.
    pub intents: usize,
}

type Before = Box<dyn Fn(&OnDisk, &OutgoingMail) + Send + Sync>;

/// Gives these answers, one a mail, then accepts.
pub struct Script {
    pub answers: Mutex<VecDeque<Delivery>>,
    /// This mail gets this answer, always.
    pub refused: Option<(String, Delivery)>,
    pub swift: bool,
    pub connections: usize,
    pub disk: OnDisk,
    pub seen: Mutex<Vec<Seen>>,
    /// Happens after the mail was handed over, before the last question.
    pub before_the_dot: Before,
    /// The answer to the dot never comes.
    pub hangs: bool,
}

impl Script {
    pub fn accepting(office: &Office) -> Script {
        Script::answering(office, [])
    }

    pub fn answering(office: &Office, answers: impl IntoIterator<Item = Delivery>) -> Script {
        Script {
            answers: Mutex::new(answers.into_iter().collect()),
            refused: None,
            swift: false,
            connections: 1,
            disk: office.on_disk(),
            seen: Mutex::default(),
            before_the_dot: Box::new(|_, _| {}),
            hangs: false,
        }
    }

    pub fn refusing(office: &Office, message_id: &str, answer: Delivery) -> Script {
        Script { refused: Some((message_id.to_owned(), answer)), ..Script::accepting(office) }
    }

    pub fn swift(self) -> Script {
        Script { swift: true, ..self }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn dots(&self) -> usize {
        self.seen().iter().filter(|seen| seen.at_the_dot.is_some()).count()
    }

    fn note(&self, seen: Seen) -> usize {
        let mut all = self.seen.lock().unwrap();
        all.push(seen);
        all.len() - 1
    }
}

#[async_trait]
impl Outgoing for Script {
    async fn deliver(&self, mail: &OutgoingMail, before_dot: BeforeDot<'_>) -> Delivery {
        let id = &mail.message_id;
        let at_first = self.disk.state(id);
        let place = self.note(Seen { message_id: id.clone(), at_first, at_the_dot: None, intents: 0 });
        let refused = self.refused.as_ref().filter(|(refused, _)| refused == id).map(|(_, answer)| answer.clone());
        let answer = refused.or_else(|| self.answers.lock().unwrap().pop_front());
        if let Some(Delivery::Later { reason, .. }) = &answer
            && reason.starts_with("connecting")
        {
            return answer.unwrap();
        }
        (self.before_the_dot)(&self.disk, mail);
        if let Err(reason) = before_dot.ask().await {
            return Delivery::Later { reason, lane: false };
        }
        let (state, intents) = (self.disk.state(id), self.disk.rows(OutboxState::DotIntent).len());
        if let Some(seen) = self.seen.lock().unwrap().get_mut(place) {
            (seen.at_the_dot, seen.intents) = (Some(state), intents);
        }
        if self.hangs {
            std::future::pending::<()>().await;
        }
        tokio::task::yield_now().await;
        answer.unwrap_or(Delivery::Accepted { reply: "250 2.0.0 Ok".into() })
    }

    async fn probe(&self) -> Result<String, String> {
        Ok("ready".into())
    }

    fn connections(&self) -> usize {
        self.connections
    }

    fn is_swift(&self) -> bool {
        self.swift
    }
}

pub fn later(reason: &str) -> Delivery {
    Delivery::Later { reason: reason.into(), lane: false }
}

pub fn lane(reason: &str) -> Delivery {
    Delivery::Later { reason: reason.into(), lane: true }
}

pub fn invoice(n: usize) -> String {
    format!(
        "number = \"2026-{n:04}\"\ndate = 2026-10-01\ndue = 2026-11-20\ncurrency = \"EUR\"\ntotal = \"{}.50\"\n\
         description = \"Schilderwerk oktober\"\n[debtor]\nid = \"K{n:03}\"\nname = \"Klant {n} B.V.\"\n\
         email = \"administratie@klant{n}.example\"\nkind = \"business\"\ncountry = \"NL\"\nlanguage = \"nl\"\n",
        100 + n
    )
}

const CONFIG: &str = concat!(
    "mode = \"auto\"\n",
    include_str!("../company.toml"),
    r#"authserv_id = "mx.voorbeeldbedrijf.example"
[outgoing]
kind = "file"
folder = "outbox"
[sending]
window = ["00:00", "23:59"]
burst = 0
"#
);
