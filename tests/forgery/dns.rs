//! A DNS server on loopback that knows a few TXT records, and can be told to be silent or to fail.

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How it answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Answers,
    Silent,
    /// SERVFAIL to everything.
    Fails,
}

struct State {
    mood: Mood,
    records: BTreeMap<String, String>,
    asked: Vec<String>,
    over: bool,
}

pub struct DnsServer {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl DnsServer {
    pub fn start() -> DnsServer {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let state = State { mood: Mood::Answers, records: BTreeMap::new(), asked: Vec::new(), over: false };
        let state = Arc::new(Mutex::new(state));
        let server = DnsServer { address: socket.local_addr().unwrap(), state: state.clone() };
        std::thread::spawn(move || serve(&socket, &state));
        server
    }

    pub fn record(&self, name: &str, text: &str) {
        self.state.lock().unwrap().records.insert(name.to_owned(), text.to_owned());
    }

    pub fn forget(&self, name: &str) {
        self.state.lock().unwrap().records.remove(name);
    }

    pub fn set(&self, mood: Mood) {
        self.state.lock().unwrap().mood = mood;
    }

    /// The names that were asked, each as often as it was.
    pub fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        self.state.lock().unwrap().over = true;
    }
}

fn serve(socket: &UdpSocket, state: &Mutex<State>) {
    let mut bytes = [0; 1500];
    loop {
        let received = socket.recv_from(&mut bytes);
        let mut state = state.lock().unwrap();
        if state.over {
            return;
        }
        let Ok((length, from)) = received else { continue };
        let Some((name, end)) = question(&bytes[..length]) else { continue };
        state.asked.push(name.clone());
        let reply = match state.mood {
            Mood::Silent => continue,
            Mood::Fails => header(&bytes[..end], 2, 0),
            Mood::Answers => match state.records.get(&name) {
                Some(text) => [header(&bytes[..end], 0, 1), txt(text)].concat(),
                None => header(&bytes[..end], 3, 0),
            },
        };
        let _ = socket.send_to(&reply, from);
    }
}

/// The name that is asked, in lower case, and where the question ends (RFC 1035, section 4.1.2).
fn question(bytes: &[u8]) -> Option<(String, usize)> {
    let (mut at, mut labels) = (12, Vec::new());
    loop {
        let length = usize::from(*bytes.get(at)?);
        if length == 0 {
            return Some((labels.join("."), at + 5));
        }
        labels.push(String::from_utf8_lossy(bytes.get(at + 1..at + 1 + length)?).to_lowercase());
        at += 1 + length;
    }
}

/// Id and question of what was asked, with this outcome (section 4.1.1) and so many answers.
fn header(asked: &[u8], outcome: u8, answers: u8) -> Vec<u8> {
    let mut reply = asked.to_vec();
    reply[2] = 0x81;
    reply[3] = 0x80 | outcome;
    reply[4..12].copy_from_slice(&[0, 1, 0, answers, 0, 0, 0, 0]);
    reply
}

/// One TXT record of the name in the question, in strings of at most 255 bytes; good for no second.
fn txt(text: &str) -> Vec<u8> {
    let parts = text.as_bytes().chunks(255);
    let data: Vec<u8> = parts.flat_map(|part| [&[part.len() as u8], part].concat()).collect();
    let length = (data.len() as u16).to_be_bytes();
    [&[0xc0, 0x0c, 0, 16, 0, 1, 0, 0, 0, 0][..], &length, &data].concat()
}
