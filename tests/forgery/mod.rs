//! Bank's mails that are genuine, and those that are not: signed with keys of our own, computed by the adapter, judged by
//! the core. The DNS is a table.

pub mod dns;
mod genuine;
mod signer;
mod variants;

pub use signer::{Key, Signing};

use aanmaand::adapters::dkim::compute;
use aanmaand::mail::authenticity::{Authenticity, Grounds, Role, authenticate, keys_to_ask};
use aanmaand::mail::dkim::{Answer, Look};
use aanmaand::mail::message::Message;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

pub const BANK: &str = "bank.example";
pub const US: &str = "debiteuren@bedrijf.example";
/// When every mail here is looked at, and when it came in.
pub const NOW: &str = "2026-11-20T09:05:00Z";

pub fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

/// A notice without a signature.
pub fn notice() -> String {
    format!(
        "From: Bank <alert@{BANK}>\r\nTo: {US}\r\nSubject: Bijschrijving 1\r\nDate: Fri, 20 Nov 2026 10:00:00 +0100\r\n\
         Message-ID: <1@{BANK}>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         Er is geld bijgeschreven.\r\n\r\nBedrag: EUR 1.210,00\r\nOmschrijving: 2026-0412\r\n"
    )
}

/// What the DNS answers; every other name is absent.
#[derive(Clone, Default)]
pub struct Dns(pub BTreeMap<String, Answer>);

impl Dns {
    pub fn with(mut self, name: &str, records: &[&str]) -> Dns {
        self.0.insert(name.to_owned(), Answer::Records(records.iter().map(|record| (*record).to_owned()).collect()));
        self
    }

    pub fn key(self, domain: &str, key: &Key) -> Dns {
        self.with(&format!("s1._domainkey.{domain}"), &[&key.record()])
    }

    pub fn trouble(mut self, name: &str) -> Dns {
        self.0.insert(name.to_owned(), Answer::Trouble("no answer in time".to_owned()));
        self
    }
}

/// Asks for exactly the keys that the core wants, computes, and keeps what was found.
pub fn look(raw: &[u8], dns: &Dns, at: DateTime<Utc>) -> Look {
    let message = Message::parse(raw).unwrap();
    let names = keys_to_ask(raw, &message, &[BANK.to_owned()]);
    let keys: BTreeMap<String, Answer> =
        names.into_iter().map(|name| (name.clone(), dns.0.get(&name).cloned().unwrap_or(Answer::Absent))).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    Look { at, computed: runtime.block_on(compute(raw, &keys)), keys }
}

pub fn judged(raw: &[u8], dns: &Dns, authserv_id: Option<&str>) -> Authenticity {
    let look = look(raw, dns, now());
    let ours = |address: &str| address == US;
    let grounds = Grounds { look: Some(&look), authserv_id, ours: Some(&ours), arrived: Some(now()) };
    let message = Message::parse(raw).unwrap();
    authenticate(raw, &message, &grounds, &[BANK.to_owned()], Role::BankNotice)
}

/// A mail that was signed with RSA, and its key.
pub fn fixture(name: &str) -> (String, Dns) {
    let read = |end: &str| {
        let path = format!("{}/tests/forgery/signed/{name}.{end}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).unwrap()
    };
    (read("eml"), Dns::default().with("s1._domainkey.bank.example", &[read("key").trim()]))
}
