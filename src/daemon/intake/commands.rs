//! The owner's answer to a digest: lines `answer QUESTION CHOICE` above the quote. The digest's Message-ID is a keyed
//! hash that only its reader knows, and the owner's address must be authenticated; else nothing happens.
//! Who else answers a digest (it was forwarded) commands nothing, and is read like anybody who writes to us.

use super::super::house::House;
use super::is_store_trouble;
use super::reading::grounds;
use crate::dunning::evidence::OWNER_BY_MAIL;
use crate::dunning::ids::{DebtorId, QuestionId};
use crate::dunning::input::Input;
use crate::mail::authenticity::{Authenticity, Role, authenticate};
use crate::mail::reading::{Meaning, Reading};
use crate::store::{Disposition, InputRow, Purpose};
use anyhow::Result;
use chrono::TimeDelta;

/// A digest may be answered this long.
const VALID_DAYS: i64 = 7;
/// Choices that end a claim or give it away: only on the host itself.
const NEVER_BY_MAIL: [&str; 2] = ["write-off", "handed-over"];

impl House {
    /// What became of a mail with which the owner answers a digest; `None` for every other mail.
    pub(super) fn apply_answer_to_digest(
        &mut self,
        row: &InputRow,
        bytes: &[u8],
        reading: &Reading,
    ) -> Result<Option<Disposition>> {
        let Some(valid) = self.answered_digest(reading)? else { return Ok(None) };
        if matches!(reading.meaning, Meaning::Bounce(_)) {
            return Ok(Some(Disposition::Ignored { rule: "a digest came back".to_owned() }));
        }
        if reading.message.from != self.config.owner_email.to_lowercase() {
            return Ok(None);
        }
        if let Err(why) = valid.and_then(|()| self.is_from_owner(row, bytes, reading)) {
            if self.wait_for_key(row, bytes)? {
                let note = format!("an answer to a digest, not obeyed yet, and looked at again: {why}");
                return Ok(Some(Disposition::Applied { note }));
            }
            return Ok(Some(Disposition::Ignored { rule: format!("an answer to a digest, not obeyed: {why}") }));
        }
        let mut done = Vec::new();
        for (question, choice) in commands(&reading.own_words) {
            done.push(format!("{question} {choice}: {}", self.obey(&question, &choice)?));
        }
        let done = if done.is_empty() { "no line like `answer Q1 CHOICE`".to_owned() } else { done.join("; ") };
        let from = reading.message.from.clone();
        let input = Input::Commanded { source: row.id.clone(), from, done: done.clone() };
        self.step(&DebtorId::administration(), &input, &row.name)?;
        Ok(Some(Disposition::Applied { note: format!("owner's command: {done}") }))
    }

    /// Whether the mail answers or returns one of our digests, and that one is not too old.
    fn answered_digest(&self, reading: &Reading) -> Result<Option<Result<(), String>>> {
        let returned = match &reading.meaning {
            Meaning::Bounce(bounce) => bounce.original_message_id.as_ref(),
            Meaning::Reply(_) | Meaning::AutoReply { .. } | Meaning::Notice { .. } | Meaning::Unrelated { .. } => None,
        };
        for id in reading.message.references.iter().chain(returned) {
            let Some(digest) = self.store.outbox_by_message_id(id)?.filter(|row| row.purpose == Purpose::Digest) else {
                continue;
            };
            let fresh = self.now() - digest.created_at <= TimeDelta::days(VALID_DAYS);
            return Ok(Some(if fresh { Ok(()) } else { Err(format!("it is older than {VALID_DAYS} days")) }));
        }
        Ok(None)
    }

    /// Whether its signature or our mail server vouches for it; the address is the owner's.
    fn is_from_owner(&self, row: &InputRow, bytes: &[u8], reading: &Reading) -> Result<(), String> {
        let owner = self.config.owner_email.to_lowercase();
        if !matches!(reading.meaning, Meaning::Reply(_)) {
            return Err("no person wrote it".to_owned());
        }
        let domain = owner.rsplit('@').next().unwrap_or_default().to_owned();
        let look = self.look_at(&row.id).map_err(|error| format!("{error:#}"))?;
        let grounds = grounds(&self.config, row, look.as_ref());
        match authenticate(bytes, &reading.message, &grounds, &[domain], Role::OwnerCommand) {
            Authenticity::E1 { .. } => Ok(()),
            Authenticity::E0 { why } => Err(why),
        }
    }

    /// One line; what is wrong with it is its answer, and the next line is still read.
    fn obey(&mut self, question: &str, choice: &str) -> Result<String> {
        if NEVER_BY_MAIL.contains(&choice) {
            return Ok("only on the command line".to_owned());
        }
        match self.attempt(|house| house.answer(&QuestionId::new(question), choice, OWNER_BY_MAIL)) {
            Ok(()) => Ok("done".to_owned()),
            Err(error) if is_store_trouble(&error) => Err(error),
            Err(error) => Ok(format!("{error:#}")),
        }
    }
}

/// Lines `[aanmaand] answer QUESTION CHOICE`, and nothing else on them.
fn commands(own_words: &str) -> Vec<(String, String)> {
    let read = |line: &str| {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        if words.first().is_some_and(|word| word.eq_ignore_ascii_case("aanmaand")) {
            words.remove(0);
        }
        match words.as_slice() {
            [verb, question, choice] if verb.eq_ignore_ascii_case("answer") => {
                Some(((*question).to_owned(), (*choice).to_owned()))
            }
            _ => None,
        }
    };
    own_words.lines().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_are_commands() {
        let words = "Hoi,\n\nanswer Q1-K1 resolved\n  Aanmaand Answer Q2 ignore  \nplease answer Q3 keep\nanswer Q4\n- answer Q5 keep";
        let pair = |question: &str, choice: &str| (question.to_owned(), choice.to_owned());
        assert_eq!(commands(words), vec![pair("Q1-K1", "resolved"), pair("Q2", "ignore")]);
    }
}
