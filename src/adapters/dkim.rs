//! DKIM (RFC 6376) with mail-auth: keys from the DNS, and the computation over a mail's bytes. Never judges: which
//! signature is worth something is for `mail/dkim`. The computation asks nobody, it takes the keys that it is given.

use crate::mail::dkim::{Answer, Computed};
use crate::mail::message::without_envelope_line;
use crate::ports::Signatures;
use async_trait::async_trait;
use futures_util::FutureExt;
use futures_util::future::join_all;
use mail_auth::common::crypto::Algorithm;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dkim::Signature;
use mail_auth::hickory_resolver::config::{NameServerConfig, ResolverConfig, ResolverOpts};
use mail_auth::hickory_resolver::net::{DnsError, NetError};
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::hickory_resolver::proto::rr::{Name, RData};
use mail_auth::hickory_resolver::system_conf::read_system_conf;
use mail_auth::{AuthenticatedMessage, DkimOutput, DkimResult, Error, MessageAuthenticator, Parameters};
use mail_auth::{ResolverCache, Txt};
use sha2::{Digest, Sha256};
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::hash::Hash;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

/// For one question to one server, and how often it is asked.
const PATIENCE: Duration = Duration::from_secs(2);
const TRIES: usize = 2;
/// For one name, whatever the servers do.
const LONGEST: Duration = Duration::from_secs(6);
/// A TXT record that is longer is no key.
const LONGEST_RECORD: usize = 8 * 1024;

/// Asks a resolver, and computes.
pub struct Dkim {
    asked: Asked,
}

enum Asked {
    /// What /etc/resolv.conf names, read anew each time: a laptop moves.
    System,
    Server(Box<MessageAuthenticator>),
}

impl Dkim {
    /// Asks the resolvers of this machine.
    pub fn system() -> Dkim {
        Dkim { asked: Asked::System }
    }

    /// Asks this resolver.
    pub fn at(server: SocketAddr) -> Result<Dkim, String> {
        let mut config = NameServerConfig::udp_and_tcp(server.ip());
        config.connections.iter_mut().for_each(|connection| connection.port = server.port());
        let config = ResolverConfig::from_name_servers(vec![config]);
        Ok(Dkim { asked: Asked::Server(Box::new(resolver(config, ResolverOpts::default())?)) })
    }

    async fn ask_one(&self, name: &str) -> Answer {
        let asked = async {
            match &self.asked {
                Asked::Server(server) => records(server, name).await,
                Asked::System => {
                    match read_system_conf().map_err(|e| e.to_string()).and_then(|(c, o)| resolver(c, o)) {
                        Ok(resolver) => records(&resolver, name).await,
                        Err(why) => Answer::Trouble(why),
                    }
                }
            }
        };
        tokio::time::timeout(LONGEST, asked).await.unwrap_or_else(|_| Answer::Trouble("no answer in time".to_owned()))
    }
}

#[async_trait]
impl Signatures for Dkim {
    async fn ask(&self, names: &[String]) -> Vec<Answer> {
        join_all(names.iter().map(|name| self.ask_one(name))).await
    }

    /// A library that panics costs this one mail, not the daemon.
    async fn compute(&self, mail: &[u8], keys: &BTreeMap<String, Answer>) -> Vec<Computed> {
        AssertUnwindSafe(compute(mail, keys)).catch_unwind().await.unwrap_or_default()
    }
}

fn resolver(config: ResolverConfig, mut options: ResolverOpts) -> Result<MessageAuthenticator, String> {
    options.timeout = PATIENCE;
    options.attempts = TRIES;
    MessageAuthenticator::new(config, options).map_err(|error| error.to_string())
}

async fn records(resolver: &MessageAuthenticator, name: &str) -> Answer {
    // The point at the end keeps the search list of this machine out of it.
    let Ok(name) = Name::from_ascii(format!("{name}.")) else { return Answer::Absent };
    match resolver.resolver().txt_lookup(name).await {
        Ok(found) => {
            let texts = found.answers().iter().filter_map(|record| match &record.data {
                RData::TXT(text) => Some(text.txt_data.concat()),
                _ => None,
            });
            let texts: Vec<Vec<u8>> = texts.collect();
            if texts.iter().any(|text| text.len() > LONGEST_RECORD) {
                return Answer::Absent;
            }
            Answer::Records(texts.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect())
        }
        Err(error) => unanswered(&error),
    }
}

/// Only the DNS itself says that there is nothing; whatever else went wrong may be otherwise later.
fn unanswered(error: &NetError) -> Answer {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none))
            if matches!(none.response_code, ResponseCode::NXDomain | ResponseCode::NoError) =>
        {
            Answer::Absent
        }
        other => Answer::Trouble(other.to_string()),
    }
}

/// What each signature of a mail comes to with these keys. A line ends with CRLF on the wire, whatever a Maildir made of it.
pub async fn compute(mail: &[u8], keys: &BTreeMap<String, Answer>) -> Vec<Computed> {
    let wire = with_crlf(without_envelope_line(mail));
    let Some(message) = AuthenticatedMessage::parse(&wire) else { return Vec::new() };
    // Nobody is asked: whatever is not among the keys is absent.
    let Ok(nobody) = resolver(ResolverConfig::default(), ResolverOpts::default()) else { return Vec::new() };
    let known = Known(keys);
    let parameters = Parameters::new(&message).with_txt_cache(&known);
    let outputs = nobody.verify_dkim(parameters).await;
    outputs.iter().filter_map(|output| Some(computed(output, output.signature()?, keys))).collect()
}

fn computed(output: &DkimOutput<'_>, signature: &Signature, keys: &BTreeMap<String, Answer>) -> Computed {
    let (fits, why) = match output.result() {
        DkimResult::Pass => (true, String::new()),
        DkimResult::None => (false, "nothing was computed".to_owned()),
        DkimResult::Neutral(error)
        | DkimResult::Fail(error)
        | DkimResult::PermError(error)
        | DkimResult::TempError(error) => (false, error.to_string()),
    };
    let name = format!("{}._domainkey.{}", signature.s, signature.d);
    let key = one_record(keys, &name).and_then(|record| DomainKey::parse(record.as_bytes()).ok());
    let rsa = signature.a != Algorithm::Ed25519Sha256;
    Computed {
        domain: signature.d.clone(),
        selector: signature.s.clone(),
        signed: signature.h.clone(),
        digest: Sha256::digest(&signature.b).iter().map(|byte| format!("{byte:02x}")).collect(),
        key_bits: key.filter(|_| rsa).map_or(0, |key| key.p.public_key_bits()),
        fits,
        why,
    }
}

fn one_record<'k>(keys: &'k BTreeMap<String, Answer>, name: &str) -> Option<&'k str> {
    match keys.get(&name.to_ascii_lowercase()) {
        Some(Answer::Records(records)) => match records.as_slice() {
            [one] => Some(one),
            _ => None,
        },
        Some(Answer::Absent | Answer::Trouble(_)) | None => None,
    }
}

/// The keys at hand, in the place of the DNS.
struct Known<'k>(&'k BTreeMap<String, Answer>);

impl ResolverCache<Box<str>, Txt> for Known<'_> {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let boxed = |name: &String| Box::<str>::from(format!("{name}."));
        let found = self.0.keys().find(|known| <Box<str> as Borrow<Q>>::borrow(&boxed(known)) == name);
        let record = found.and_then(|name| one_record(self.0, name));
        Some(match record.map(|record| DomainKey::parse(record.as_bytes())) {
            Some(Ok(key)) => Txt::DomainKey(key.into()),
            Some(Err(error)) => Txt::Error(error),
            None => Txt::Error(Error::Dns(mail_auth::DnsError::RecordNotFound(ResponseCode::NXDomain))),
        })
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}

fn with_crlf(mail: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(mail.len() + mail.len() / 32);
    let mut last = 0;
    for &byte in mail {
        if byte == b'\n' && last != b'\r' {
            wire.push(b'\r');
        }
        wire.push(byte);
        last = byte;
    }
    wire
}
