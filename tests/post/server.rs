//! An SMTP server that does as a script says: refuses, is silent, hangs up, resets, talks nonsense, keeps a mail and
//! says nothing. It counts what it truly took: a complete mail, dot included, for which it took responsibility.

use socket2::SockRef;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

/// Nobody says anything for so long: the test is over or broken.
const LONGEST_SILENCE: Duration = Duration::from_secs(120);
/// What it offers.
const HELLO: &str = "250-mx.elders.example\r\n250-SIZE 52428800\r\n250-DSN\r\n250-AUTH PLAIN\r\n250 8BITMIME";

/// What the client just did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    Connect,
    Ehlo,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// The first bytes of the mail are there. Nothing is answered, but the script may cut the line.
    Body,
    Dot,
    /// The mail was answered; the script may only look.
    Answered,
    Rset,
    Quit,
    Other,
}

/// The question to the script.
pub struct At<'a> {
    pub verb: Verb,
    /// The recipient of the mail, once it is known.
    pub to: &'a str,
}

/// What the server does.
#[derive(Clone, Debug)]
pub enum Act {
    /// What a good server does.
    Usual,
    /// This reply in place of the usual one; `\r\n` between its lines. A mail is kept when this begins with a 2.
    Say(&'static str),
    /// These bytes as they stand. The mail is not kept.
    Bytes(&'static [u8]),
    /// A byte at a time, with so much between them.
    Trickle(Duration, &'static str),
    /// Nothing more is said; the line stays open.
    Silence,
    /// The end of the line.
    Hangup,
    /// The same, rudely.
    Reset,
    Wait(Duration),
    Each(Vec<Act>),
    /// The mail is kept, whatever is said about it.
    Kept(Box<Act>),
}

impl Act {
    /// For people who read what failed.
    pub fn told(&self) -> String {
        match self {
            Act::Bytes(bytes) => format!("bytes {}", bytes.escape_ascii()),
            Act::Each(acts) => acts.iter().map(Act::told).collect::<Vec<_>>().join(", "),
            Act::Kept(act) => format!("kept, {}", act.told()),
            other => format!("{other:?}"),
        }
    }
}

type Script = dyn Fn(&At) -> Act + Send + Sync;

/// A mail that the server is responsible for.
#[derive(Clone, Debug)]
pub struct Taken {
    pub message_id: String,
    pub sender: String,
    pub recipients: Vec<String>,
    /// As it was composed: without the transport's dots.
    pub bytes: Vec<u8>,
}

impl Taken {
    /// The value of a header, unfolded.
    pub fn header(&self, name: &str) -> String {
        header(&String::from_utf8_lossy(&self.bytes), name)
    }
}

pub struct Server {
    pub port: u16,
    ours: Arc<Ours>,
}

struct Ours {
    script: Mutex<Arc<Script>>,
    taken: Mutex<Vec<Taken>>,
    connections: AtomicUsize,
    talking: AtomicUsize,
    seen: Mutex<BTreeSet<Verb>>,
    ended: AtomicBool,
}

impl Server {
    /// One that takes everything.
    pub fn start() -> Server {
        Server::with(|_| Act::Usual)
    }

    pub fn with(script: impl Fn(&At) -> Act + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let ours = Arc::new(Ours {
            script: Mutex::new(Arc::new(script)),
            taken: Mutex::default(),
            connections: AtomicUsize::new(0),
            talking: AtomicUsize::new(0),
            seen: Mutex::default(),
            ended: AtomicBool::new(false),
        });
        let shared = ours.clone();
        spawn(move || accept(&listener, &shared));
        Server { port, ours }
    }

    /// From now on.
    pub fn script(&self, script: impl Fn(&At) -> Act + Send + Sync + 'static) {
        *self.ours.script.lock().unwrap() = Arc::new(script);
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.ours.taken.lock().unwrap().clone()
    }

    /// What went to this address.
    pub fn taken_for(&self, address: &str) -> Vec<Taken> {
        let mut taken = self.taken();
        taken.retain(|mail| mail.recipients.iter().any(|to| to == address));
        taken
    }

    /// How often each mail was taken, by its Message-ID.
    pub fn copies(&self) -> BTreeMap<String, usize> {
        let mut copies = BTreeMap::new();
        for mail in self.ours.taken.lock().unwrap().iter() {
            *copies.entry(mail.message_id.clone()).or_default() += 1;
        }
        copies
    }

    pub fn connections(&self) -> usize {
        self.ours.connections.load(Ordering::SeqCst)
    }

    /// Some client came so far.
    pub fn has_seen(&self, verb: Verb) -> bool {
        self.ours.seen.lock().unwrap().contains(&verb)
    }

    pub fn forget_what_was_seen(&self) {
        self.ours.seen.lock().unwrap().clear();
    }

    /// Waits until nobody talks to it any more: what a client that was killed had written is counted then.
    pub fn settle(&self) {
        let longest = Instant::now() + Duration::from_secs(20);
        while self.ours.talking.load(Ordering::SeqCst) > 0 {
            assert!(Instant::now() < longest, "somebody still talks to the server");
            sleep(Duration::from_micros(200));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ours.ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn accept(listener: &TcpListener, ours: &Arc<Ours>) {
    for line in listener.incoming() {
        if ours.ended.load(Ordering::SeqCst) {
            return;
        }
        let Ok(line) = line else { continue };
        ours.connections.fetch_add(1, Ordering::SeqCst);
        ours.talking.fetch_add(1, Ordering::SeqCst);
        let shared = ours.clone();
        spawn(move || {
            let _ = Talk::new(line, &shared).and_then(Talk::go_on);
            shared.talking.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

/// One connection. An error ends it.
struct Talk<'a> {
    ours: &'a Ours,
    reader: BufReader<TcpStream>,
    line: TcpStream,
    sender: String,
    recipients: Vec<String>,
}

impl<'a> Talk<'a> {
    fn new(line: TcpStream, ours: &'a Ours) -> std::io::Result<Talk<'a>> {
        line.set_nodelay(true)?;
        line.set_read_timeout(Some(LONGEST_SILENCE))?;
        let reader = BufReader::new(line.try_clone()?);
        Ok(Talk { ours, reader, line, sender: String::new(), recipients: Vec::new() })
    }

    fn go_on(mut self) -> std::io::Result<()> {
        let act = self.ask(Verb::Connect);
        self.act(&act, "220 mx.elders.example ESMTP")?;
        loop {
            let line = self.command()?;
            let verb = self.note(&line);
            let act = self.ask(verb);
            match verb {
                Verb::Ehlo => self.act(&act, HELLO)?,
                Verb::Data => {
                    self.act(&act, "354 go ahead")?;
                    if begins(&act, '3') {
                        self.body()?;
                    }
                }
                Verb::Quit => {
                    self.act(&act, "221 bye")?;
                    return hang_up(&self.line);
                }
                Verb::Auth => self.act(&act, "235 welcome")?,
                Verb::Other => self.act(&act, "502 not here")?,
                Verb::Connect | Verb::Mail | Verb::Rcpt | Verb::Rset | Verb::Body | Verb::Dot | Verb::Answered => {
                    self.act(&act, "250 ok")?;
                }
            }
        }
    }

    fn ask(&self, verb: Verb) -> Act {
        self.ours.seen.lock().unwrap().insert(verb);
        let script = self.ours.script.lock().unwrap().clone();
        let to = self.recipients.first().map_or("", String::as_str);
        script(&At { verb, to })
    }

    fn command(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        if self.reader.read_line(&mut line)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }

    /// Which command it is, and what it says of the mail.
    fn note(&mut self, line: &str) -> Verb {
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match word.as_str() {
            "EHLO" => Verb::Ehlo,
            "AUTH" => Verb::Auth,
            "MAIL" => {
                self.sender = address(line);
                self.recipients.clear();
                Verb::Mail
            }
            "RCPT" => {
                self.recipients.push(address(line));
                Verb::Rcpt
            }
            "DATA" => Verb::Data,
            "RSET" => Verb::Rset,
            "QUIT" => Verb::Quit,
            _ => Verb::Other,
        }
    }

    fn body(&mut self) -> std::io::Result<()> {
        let mut bytes = Vec::new();
        let mut line = Vec::new();
        let mut asked = false;
        loop {
            line.clear();
            if self.reader.read_until(b'\n', &mut line)? == 0 || !line.ends_with(b"\r\n") {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if line == b".\r\n" {
                break;
            }
            bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            if !asked {
                asked = true;
                let act = self.ask(Verb::Body);
                self.act(&act, "")?;
            }
        }
        self.dot(bytes)
    }

    /// What is kept is kept before anything is said about it.
    fn dot(&mut self, bytes: Vec<u8>) -> std::io::Result<()> {
        let act = self.ask(Verb::Dot);
        if begins(&act, '2') {
            let message_id = header(&String::from_utf8_lossy(&bytes), "Message-ID");
            let message_id = message_id.trim_matches(['<', '>']).to_owned();
            let (sender, recipients) = (self.sender.clone(), self.recipients.clone());
            let taken = Taken { message_id, sender, recipients, bytes };
            self.ours.taken.lock().unwrap().push(taken);
        }
        self.act(&act, "250 2.0.0 taken")?;
        let _ = self.ask(Verb::Answered);
        Ok(())
    }

    fn act(&mut self, act: &Act, usual: &str) -> std::io::Result<()> {
        match act {
            Act::Usual if usual.is_empty() => Ok(()),
            Act::Usual => self.line.write_all(format!("{usual}\r\n").as_bytes()),
            Act::Say(reply) => self.line.write_all(format!("{reply}\r\n").as_bytes()),
            Act::Bytes(bytes) => self.line.write_all(bytes),
            Act::Trickle(pause, reply) => format!("{reply}\r\n").bytes().try_for_each(|byte| {
                sleep(*pause);
                self.line.write_all(&[byte])
            }),
            Act::Silence => {
                std::io::copy(&mut self.reader, &mut std::io::sink())?;
                Err(ErrorKind::UnexpectedEof.into())
            }
            Act::Hangup => {
                hang_up(&self.line)?;
                Err(ErrorKind::ConnectionAborted.into())
            }
            Act::Reset => {
                SockRef::from(&self.line).set_linger(Some(Duration::ZERO))?;
                Err(ErrorKind::ConnectionReset.into())
            }
            Act::Wait(pause) => {
                sleep(*pause);
                Ok(())
            }
            Act::Each(acts) => acts.iter().try_for_each(|act| self.act(act, usual)),
            Act::Kept(act) => self.act(act, usual),
        }
    }
}

/// Says that nothing more comes, and reads on for a moment, so that no reset overtakes what was said.
fn hang_up(line: &TcpStream) -> std::io::Result<()> {
    line.shutdown(Shutdown::Write)?;
    line.set_read_timeout(Some(Duration::from_millis(500)))?;
    let _ = line.try_clone()?.read(&mut [0; 512]);
    Ok(())
}

/// What is said after all begins so: with a 3 the mail may come, with a 2 it is kept.
fn begins(act: &Act, digit: char) -> bool {
    match act {
        Act::Usual => true,
        Act::Say(reply) | Act::Trickle(_, reply) => reply.starts_with(digit),
        Act::Kept(_) => digit == '2',
        Act::Each(acts) => acts.iter().any(|act| !matches!(act, Act::Wait(_)) && begins(act, digit)),
        Act::Bytes(_) | Act::Silence | Act::Hangup | Act::Reset | Act::Wait(_) => false,
    }
}

fn address(line: &str) -> String {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map(|(address, _)| address.to_owned()).unwrap_or_default()
}

/// The value of a header, unfolded; empty when it is not there.
pub fn header(mail: &str, name: &str) -> String {
    let head = mail.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ").replace("\r\n\t", " ");
    let wanted = format!("{}:", name.to_ascii_lowercase());
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&wanted));
    line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}
