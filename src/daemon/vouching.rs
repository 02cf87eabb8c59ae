//! Who vouches for a mail: the keys of its DKIM signatures are asked before it is read, and where the DNS did not
//! answer, again for a day. Meanwhile the mail counts as any stranger's. What was found is kept with the mail.

use super::house::House;
use super::intake::parse_attached;
use super::writer::Writer;
use crate::dunning::ids::{DebtorId, EvidenceId};
use crate::dunning::input::Input;
use crate::mail::authenticity::keys_to_ask;
use crate::mail::dkim::{Answer, Look, Seal};
use crate::mail::message::Message;
use crate::ports::Signatures;
use crate::store::{InputKind, InputRow};
use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where the store keeps which mails wait for a key.
const WAITING: &str = "waiting_for_keys";
/// Mails that may wait; more of them are somebody's flood, and stay strangers'.
const MOST_WAITING: usize = 500;
/// New mails looked at in one go; what is beyond waits for a key like after a DNS that was down.
const AT_ONCE: usize = 400;
/// A key that could not be had for so long is asked no more.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(24);

/// A mail whose key could not be had.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Waiting {
    input: EvidenceId,
    since: DateTime<Utc>,
    next: DateTime<Utc>,
    tries: u32,
}

/// A mail, and the names of the keys that it is judged by.
pub struct Wanted {
    input: EvidenceId,
    names: Vec<String>,
}

/// Looks at the signatures of mails that are stored and not read yet.
pub async fn look_at_new(writer: &Writer) -> Result<()> {
    let wanted = writer.call(|house| house.wanted_for_new()).await?;
    look(writer, wanted).await.map(drop)
}

/// Looks once more at those whose keys could not be had, and reads them again.
pub async fn look_again(writer: &Writer) -> Result<()> {
    let wanted = writer.call(|house| house.wanted_again()).await?;
    let looked = look(writer, wanted).await?;
    parse_attached(writer, looked.clone()).await?;
    for input in looked {
        writer.call(move |house| house.read_again(&input)).await?;
    }
    Ok(())
}

/// Asks for all the keys together, and keeps what each mail's signatures come to. Returns the mails that were looked at.
async fn look(writer: &Writer, wanted: Vec<Wanted>) -> Result<Vec<EvidenceId>> {
    let Some(signatures) = writer.call(|house| Ok(house.signatures.clone())).await? else { return Ok(Vec::new()) };
    let mut names: Vec<String> = wanted.iter().flat_map(|one| one.names.clone()).collect();
    names.sort();
    names.dedup();
    let answers = if names.is_empty() { Vec::new() } else { signatures.ask(&names).await };
    let keys: BTreeMap<String, Answer> = names.into_iter().zip(answers).collect();
    let mut looked = Vec::new();
    for Wanted { input, names } in wanted {
        let keys = names.iter().filter_map(|name| keys.get(name).map(|key| (name.clone(), key.clone()))).collect();
        look_at_one(writer, signatures.as_ref(), &input, keys).await?;
        looked.push(input);
    }
    Ok(looked)
}

async fn look_at_one(
    writer: &Writer,
    signatures: &dyn Signatures,
    input: &EvidenceId,
    keys: BTreeMap<String, Answer>,
) -> Result<()> {
    let id = input.clone();
    let mail = writer.call(move |house| Ok(house.store.input_bytes(&id)?.unwrap_or_default())).await?;
    let computed = signatures.compute(&mail, &keys).await;
    let id = input.clone();
    writer.call(move |house| house.keep_look(&id, &Look { at: house.now(), keys, computed })).await
}

impl House {
    fn wanted_for_new(&self) -> Result<Vec<Wanted>> {
        let mut wanted = Vec::new();
        if self.signatures.is_none() {
            return Ok(wanted);
        }
        for input in self.store.inputs_to_settle(AT_ONCE)? {
            let is_mail = self.store.input(&input)?.is_some_and(|row| row.kind == InputKind::Mail);
            if !is_mail || self.look_at(&input)?.is_some() {
                continue;
            }
            let names = self.keys_of(&self.store.input_bytes(&input)?.unwrap_or_default());
            if !names.is_empty() {
                wanted.push(Wanted { input, names });
            }
        }
        Ok(wanted)
    }

    fn wanted_again(&self) -> Result<Vec<Wanted>> {
        let now = self.now();
        let due = self.waiting_for_keys()?.into_iter().filter(|one| one.next <= now);
        due.map(|one| {
            let names = self.keys_of(&self.store.input_bytes(&one.input)?.unwrap_or_default());
            Ok(Wanted { input: one.input, names })
        })
        .collect()
    }

    /// The keys by which a mail is judged; none for a mail that nobody would believe anyway, as nearly all are.
    fn keys_of(&self, bytes: &[u8]) -> Vec<String> {
        let head = head_of(bytes);
        if !head.windows(SIGNATURE.len()).any(|part| part.eq_ignore_ascii_case(SIGNATURE)) {
            return Vec::new();
        }
        match Message::parse(head) {
            Ok(message) => keys_to_ask(head, &message, &self.domains_to_believe(&message.from)),
            Err(_) => Vec::new(),
        }
    }

    /// Whether a mail says that a bank which the owner named sent it.
    pub(super) fn is_sent_by_a_bank(&self, bytes: &[u8]) -> bool {
        let banks = &self.config.notices.banks;
        if banks.is_empty() {
            return false;
        }
        let domains = self.rules.profiles.domains(banks);
        let is_of = |from: &str| {
            let (_, domain) = from.rsplit_once('@').unwrap_or_default();
            domains.iter().any(|own| domain == own || domain.strip_suffix(own).is_some_and(|sub| sub.ends_with('.')))
        };
        Message::parse(head_of(bytes)).is_ok_and(|message| is_of(&message.from.to_lowercase()))
    }

    /// The domains that a mail from this address may be believed of: those of the banks that the owner named, or his own.
    fn domains_to_believe(&self, from: &str) -> Vec<String> {
        let owner = self.config.owner_email.to_lowercase();
        let mut domains = match self.config.notices.banks.as_slice() {
            [] => Vec::new(),
            banks => self.rules.profiles.domains(banks),
        };
        if from == owner {
            domains.extend(owner.rsplit('@').next().map(str::to_owned));
        }
        domains
    }

    fn keep_look(&mut self, input: &EvidenceId, look: &Look) -> Result<()> {
        self.set_memo(&look_key(input), &serde_json::to_string(look)?)
    }

    /// What was found about the signatures of a mail.
    pub fn look_at(&self, input: &EvidenceId) -> Result<Option<Look>> {
        let Some(text) = self.memo(&look_key(input))? else { return Ok(None) };
        serde_json::from_str(&text).with_context(|| format!("the look at mail {input} cannot be read")).map(Some)
    }

    /// Puts a mail that was not believed on the list of those that are looked at again, if a later look may find more.
    pub(super) fn wait_for_key(&mut self, row: &InputRow, bytes: &[u8]) -> Result<bool> {
        let now = self.now();
        let mut waiting = self.waiting_for_keys()?;
        let known = waiting.iter().any(|one| one.input == row.id);
        if self.signatures.is_none() || known || waiting.len() >= MOST_WAITING || !self.may_find_more(row, bytes)? {
            return Ok(known);
        }
        let next = if self.look_at(&row.id)?.is_none() { now } else { now + pause(1) };
        waiting.push(Waiting { input: row.id.clone(), since: now, next, tries: 1 });
        self.keep_waiting(&waiting)?;
        Ok(true)
    }

    /// Nobody looked yet, or a key was not to be had.
    fn may_find_more(&self, row: &InputRow, bytes: &[u8]) -> Result<bool> {
        let names = self.keys_of(bytes);
        let look = self.look_at(&row.id)?;
        let missing = |name: &String| {
            let answer = look.as_ref().and_then(|look| look.keys.get(name));
            answer.is_none_or(|answer| matches!(answer, Answer::Trouble(_)))
        };
        Ok(names.iter().any(missing))
    }

    fn waiting_for_keys(&self) -> Result<Vec<Waiting>> {
        let text = self.memo(WAITING)?;
        text.map_or(Ok(Vec::new()), |text| serde_json::from_str(&text).context("the list of mails that wait for a key"))
    }

    fn keep_waiting(&mut self, waiting: &[Waiting]) -> Result<()> {
        let text = if waiting.is_empty() { String::new() } else { serde_json::to_string(waiting)? };
        self.set_memo(WAITING, &text)
    }

    /// Another look was taken: what it shows is done, or the mail waits on, or it stays a stranger's for good.
    fn read_again(&mut self, input: &EvidenceId) -> Result<()> {
        let (Some(row), Some(bytes)) = (self.store.input(input)?, self.store.input_bytes(input)?) else {
            return Ok(());
        };
        let now = self.now();
        let mut waiting = self.waiting_for_keys()?;
        let Some(at) = waiting.iter().position(|one| one.input == *input) else { return Ok(()) };
        let over = now - waiting[at].since >= LONGEST_WAIT;
        if self.may_find_more(&row, &bytes)? && !over {
            waiting[at].tries += 1;
            waiting[at].next = now + pause(waiting[at].tries);
            return self.keep_waiting(&waiting);
        }
        waiting.remove(at);
        self.keep_waiting(&waiting)?;
        if let Some(why) = self.apply_with_keys(&row, &bytes)? {
            let from = Message::parse(&bytes).map(|message| message.from).unwrap_or_default();
            let rule = format!("not believed after another look at its signature: {why}");
            self.step(&DebtorId::administration(), &Input::Ignored { source: row.id.clone(), from, rule }, &row.name)?;
        }
        Ok(())
    }

    /// A signature vouches for one mail: whether none of these was seen in another one.
    pub(super) fn is_first_use(&mut self, seal: &Seal, row: &InputRow) -> Result<bool> {
        for digest in &seal.digests {
            let key = format!("signature/{digest}");
            match self.memo(&key)? {
                Some(first) if first != row.id.as_str() => return Ok(false),
                Some(_) => {}
                None => self.set_memo(&key, row.id.as_str())?,
            }
        }
        Ok(true)
    }
}

const SIGNATURE: &[u8] = b"dkim-signature";

/// The headers of a mail, with the empty line that ends them.
fn head_of(bytes: &[u8]) -> &[u8] {
    let end = |gap: &[u8]| bytes.windows(gap.len()).position(|part| part == gap).map(|at| at + gap.len());
    let end = end(b"\n\n").into_iter().chain(end(b"\r\n\r\n")).min().unwrap_or(bytes.len());
    &bytes[..end]
}

/// 1, 4, 16, 60, 60, … minutes.
fn pause(tries: u32) -> TimeDelta {
    TimeDelta::minutes(4_i64.saturating_pow(tries.saturating_sub(1)).min(60))
}

fn look_key(input: &EvidenceId) -> String {
    format!("look/{input}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour() {
        let minutes: Vec<i64> = (1..7).map(|tries| pause(tries).num_minutes()).collect();
        assert_eq!(minutes, [1, 4, 16, 60, 60, 60]);
    }

    #[test]
    fn the_head_ends_at_the_first_empty_line() {
        assert_eq!(head_of(b"A: b\r\n\r\nc\n\nd"), b"A: b\r\n\r\n");
        assert_eq!(head_of(b"A: b\n\nc"), b"A: b\n\n");
        assert_eq!(head_of(b"A: b"), b"A: b");
    }
}
