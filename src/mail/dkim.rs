//! DKIM signatures (RFC 6376) as far as they are text: which there are, whose keys are to be asked, and whether one
//! that fits may be believed. Never asks for a key and never computes: both come in as a [`Look`].

mod key;
mod tags;
#[cfg(test)]
mod tests;

use super::authenticity::{are_labels, is_host};
use super::message::Message;
use chrono::{DateTime, Utc};
use key::key_refusal;
use mail_parser::decoders::base64::base64_decode;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use tags::tags;

/// What the DNS said about the name of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The TXT records of the name, each as one text.
    Records(Vec<String>),
    /// There is no such name, or it has no such record.
    Absent,
    /// It could not be asked now.
    Trouble(String),
}

/// What a computation over the bytes of the mail gave for one signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Computed {
    /// `d=`, `s=` and `h=` as the computation understood them.
    pub domain: String,
    pub selector: String,
    pub signed: Vec<String>,
    /// Sha256 of the signature's own bytes, lower-case hex.
    pub digest: String,
    /// Size of the public key; 0 where it could not be told.
    pub key_bits: usize,
    /// Body and signed headers are those that were signed with this key.
    pub fits: bool,
    /// Why not.
    pub why: String,
}

/// One look at the signatures of a mail. It is kept with the mail, so that it can be told later why it was believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    pub at: DateTime<Utc>,
    /// By the name that was asked, like `s1._domainkey.bank.example`.
    pub keys: BTreeMap<String, Answer>,
    pub computed: Vec<Computed>,
}

/// The signature that a mail is believed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// Who signed, lower case.
    pub domain: String,
    pub selector: String,
    /// The headers that it covers, lower case.
    pub signed: Vec<String>,
    /// Of every signature of listed domains that fits: none of them may be seen in another mail.
    pub digests: Vec<String>,
    /// The key as the DNS told it.
    pub key: String,
    pub checked_at: DateTime<Utc>,
}

impl Seal {
    pub fn covers(&self, header: &str) -> bool {
        self.signed.iter().any(|signed| signed == header)
    }
}

/// What our own look says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Sealed(Seal),
    /// The mail has a signature in the name of a listed domain, and it is worth nothing.
    Refused(String),
    /// A key could not be had now; asked again later it may be.
    Waiting(String),
    /// Nobody looked, or there is nothing to look at.
    Nothing(String),
}

impl Verdict {
    /// What may still turn out well outweighs what did not, and that outweighs what says nothing.
    fn weight(&self) -> u8 {
        match self {
            Verdict::Nothing(_) => 0,
            Verdict::Refused(_) => 1,
            Verdict::Waiting(_) => 2,
            Verdict::Sealed(_) => 3,
        }
    }
}

/// Clocks of others are believed this much, seconds.
const CLOCK_SLACK: i64 = 3600;
/// Signatures of one mail that are looked at.
const MOST: usize = 4;
/// A mail with more signatures, or one that is longer (bytes), was made to keep us busy: none of them is looked at.
const MOST_THERE: usize = 20;
const LONGEST: usize = 8 * 1024;
const SHORTEST_KEY: usize = 1024;

/// One `DKIM-Signature` header.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Signature {
    algorithm: String,
    domain: String,
    selector: String,
    signed: Vec<String>,
    /// `l=`: what follows so many bytes may be anything.
    ends_early: bool,
    /// Seconds since 1970.
    made: Option<i64>,
    expires: Option<i64>,
    digest: String,
}

/// The names of the keys that must be asked before this mail can be judged; few, and none for a mail that is refused
/// without them. `from` is the domain of its From.
pub fn keys_to_ask(message: &Message, from: &str, allowed: &[String]) -> Vec<String> {
    let mut names: Vec<String> =
        in_their_name(message, from, allowed).into_iter().flatten().map(|one| one.key_name()).collect();
    names.dedup();
    names
}

/// Judges the signatures of a mail whose From is at `from`; `needed` are the headers that must be signed.
pub fn judge(message: &Message, from: &str, allowed: &[String], needed: &[&str], look: Option<&Look>) -> Verdict {
    let Some(look) = look else { return Verdict::Nothing("its signatures were not looked at".into()) };
    let mut seals: Vec<Seal> = Vec::new();
    let mut worst = Verdict::Nothing(format!("it has no DKIM signature of {from}"));
    for signature in in_their_name(message, from, allowed) {
        match signature.map_or_else(Verdict::Refused, |signature| signature.judged(look, needed)) {
            Verdict::Sealed(seal) => seals.push(seal),
            other if other.weight() >= worst.weight() => worst = other,
            _ => {}
        }
    }
    let digests: Vec<String> = seals.iter().flat_map(|seal| seal.digests.clone()).collect();
    seals.into_iter().next().map_or(worst, |seal| Verdict::Sealed(Seal { digests, ..seal }))
}

/// The signatures that speak for the From of this mail; one that cannot be read may be one of them.
fn in_their_name(message: &Message, from: &str, allowed: &[String]) -> Vec<Result<Signature, String>> {
    let speaks = |signature: &Signature| speaks_for(&signature.domain, from, allowed);
    let there = || message.raw_headers.iter().filter(|(name, _)| name == "dkim-signature");
    if there().count() > MOST_THERE || there().any(|(_, value)| value.len() > LONGEST) {
        return Vec::new();
    }
    there()
        .map(|(_, value)| Signature::parse(value).ok_or("a DKIM signature cannot be read".to_owned()))
        .filter(|signature| signature.as_ref().map_or(true, speaks))
        .take(MOST)
        .collect()
}

/// A listed domain signs for itself and for what lies below it; nobody else does.
fn speaks_for(signer: &str, from: &str, allowed: &[String]) -> bool {
    let listed = allowed.iter().any(|one| one.trim().eq_ignore_ascii_case(signer));
    let above = || from.strip_suffix(signer).is_some_and(|below| below.ends_with('.'));
    listed && (from == signer || above())
}

impl Signature {
    /// RFC 6376, section 3.5. `None` for what breaks its grammar or leaves out what must be there.
    fn parse(value: &str) -> Option<Signature> {
        let tags = tags(value)?;
        let text = |name: &str| tags.get(name).map(|value| value.replace(char::is_whitespace, ""));
        let word = |name: &str| text(name).map(|value| value.to_ascii_lowercase());
        let seconds = |name: &str| text(name).map(|value| value.parse::<i64>().ok());
        let (made, expires) = (seconds("t"), seconds("x"));
        if text("v")? != "1" || made == Some(None) || expires == Some(None) {
            return None;
        }
        let bytes = base64_decode(text("b")?.as_bytes()).filter(|bytes| !bytes.is_empty())?;
        Some(Signature {
            algorithm: word("a")?,
            domain: word("d").filter(|domain| is_host(domain))?,
            selector: word("s").filter(|selector| are_labels(&selector.replace('_', "-")))?,
            signed: word("h")?.split(':').map(str::to_owned).collect(),
            ends_early: tags.contains_key("l"),
            made: made.flatten(),
            expires: expires.flatten(),
            digest: Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
        })
    }

    fn key_name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }

    fn judged(&self, look: &Look, needed: &[&str]) -> Verdict {
        if let Some(why) = self.refusal(look.at, needed) {
            return Verdict::Refused(why);
        }
        let name = self.key_name();
        let key = match look.keys.get(&name) {
            None => return Verdict::Nothing(format!("{name} was not asked")),
            Some(Answer::Trouble(why)) => return Verdict::Waiting(format!("{name} cannot be asked now: {why}")),
            // Gone since the mail came, or never there: that is no check that failed.
            Some(Answer::Absent) => return Verdict::Nothing(format!("there is no key {name}")),
            Some(Answer::Records(records)) => match records.as_slice() {
                [one] => one,
                several => return Verdict::Refused(format!("{name} has {} records", several.len())),
            },
        };
        match key_refusal(key, &self.algorithm).or_else(|| self.does_not_fit(look)) {
            Some(why) => Verdict::Refused(why),
            None => Verdict::Sealed(Seal {
                domain: self.domain.clone(),
                selector: self.selector.clone(),
                signed: self.signed.clone(),
                digests: vec![self.digest.clone()],
                key: key.clone(),
                checked_at: look.at,
            }),
        }
    }

    /// Why it is worth nothing, whatever its key.
    fn refusal(&self, at: DateTime<Utc>, needed: &[&str]) -> Option<String> {
        let now = at.timestamp();
        let unsigned = needed.iter().find(|name| !self.signed.iter().any(|signed| signed == *name));
        match self.algorithm.as_str() {
            "rsa-sha256" | "ed25519-sha256" => {}
            other => return Some(format!("the signature is of the kind {other}, which is not believed")),
        }
        if self.ends_early {
            return Some("the signature covers only the beginning of the body (l=)".into());
        }
        if let Some(name) = unsigned {
            return Some(format!("the signature does not cover {name}"));
        }
        if self.expires.is_some_and(|end| end <= now || self.made.is_some_and(|made| end <= made)) {
            return Some("the signature has expired (x=)".into());
        }
        let ahead = self.made.is_some_and(|made| made > now.saturating_add(CLOCK_SLACK));
        ahead.then(|| "the signature is of a later time (t=)".into())
    }

    /// The computation must be of this very signature, as it was read here.
    fn does_not_fit(&self, look: &Look) -> Option<String> {
        let same = |one: &&Computed| {
            one.digest == self.digest
                && one.domain.eq_ignore_ascii_case(&self.domain)
                && one.selector.eq_ignore_ascii_case(&self.selector)
                && one.signed.iter().map(|name| name.to_ascii_lowercase()).eq(self.signed.iter().cloned())
        };
        let Some(one) = look.computed.iter().find(same) else {
            return Some("the signature can be read in two ways".into());
        };
        if !one.fits {
            return Some(format!("the signature does not fit: {}", one.why));
        }
        let short = self.algorithm.starts_with("rsa") && one.key_bits < SHORTEST_KEY;
        short.then(|| format!("its key has {} bits, at least {SHORTEST_KEY} are asked", one.key_bits))
    }
}
