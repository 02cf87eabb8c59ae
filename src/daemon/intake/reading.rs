//! Reading mails: those of a group on all cores, before they are settled one after another. What a mail says depends on its
//! bytes, the look at its signatures, the configuration and the invoice numbers; where these changed in between, it is read
//! again.

use super::super::house::{House, Rules};
use super::sent_mails::is_ours;
use crate::config::Config;
use crate::dunning::ids::EvidenceId;
use crate::mail::authenticity::Grounds;
use crate::mail::dkim::Look;
use crate::mail::intent::KnownNumbers;
use crate::mail::message::Unreadable;
use crate::mail::reading::{Reader, Reading, read};
use crate::store::{InputKind, InputRow};
use anyhow::Result;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{available_parallelism, scope};

/// Fewer are not worth a thread.
const WORTH_A_THREAD: usize = 8;
/// Larger ones are read when their turn comes, so that a group needs little memory.
const LARGEST: usize = 256 * 1024;

/// What a mail says, or why it could not be read.
type Said = std::result::Result<Reading, String>;

/// Mails of the group that is about to be settled.
#[derive(Default)]
pub(in super::super) struct ReadAhead {
    known: Option<Arc<KnownNumbers>>,
    said: BTreeMap<EvidenceId, (Option<Look>, Said)>,
}

impl House {
    /// Reads the mails among these inputs on all cores.
    pub(super) fn read_mails_ahead(&mut self, ids: &[EvidenceId]) -> Result<()> {
        self.read_ahead_mails = ReadAhead::default();
        let cores = available_parallelism().map_or(1, NonZeroUsize::get);
        if cores == 1 {
            return Ok(());
        }
        let mut mails = Vec::new();
        for id in ids.iter().filter(|id| !self.papers.contains_key(*id)) {
            let Some(row) = self.store.input(id)?.filter(|row| row.kind == InputKind::Mail) else { continue };
            let Some(bytes) = self.store.input_bytes(id)?.filter(|bytes| bytes.len() <= LARGEST) else { continue };
            mails.push(Unread { look: self.look_at(id)?, row, bytes });
        }
        if mails.len() < WORTH_A_THREAD {
            return Ok(());
        }
        // Only now: it is made anew after each invoice.
        let known = self.known_numbers()?;
        let (rules, config) = (&self.rules, &self.config);
        let reader = |mail: &Unread| said(mail, rules, config, &known);
        let share = mails.len().div_ceil(cores).max(WORTH_A_THREAD / 2);
        let all: Vec<Said> = scope(|scope| {
            let threads: Vec<_> = mails
                .chunks(share)
                .map(|mails| scope.spawn(|| mails.iter().map(reader).collect::<Vec<Said>>()))
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
        });
        if all.len() == mails.len() {
            let said = mails.into_iter().zip(all).map(|(mail, said)| (mail.row.id, (mail.look, said))).collect();
            self.read_ahead_mails = ReadAhead { known: Some(known), said };
        }
        Ok(())
    }

    /// Reads a mail; one that breaks its reader costs this mail, not the daemon.
    pub(super) fn read_contained(&mut self, row: &InputRow, bytes: &[u8]) -> Result<Said> {
        let (look, known) = (self.look_at(&row.id)?, self.known_numbers()?);
        let ahead = &mut self.read_ahead_mails;
        let still_known = ahead.known.as_ref().is_some_and(|then| Arc::ptr_eq(then, &known));
        match ahead.said.remove(&row.id) {
            Some((then, said)) if still_known && then == look => Ok(said),
            Some(_) | None => {
                let mail = Unread { row: row.clone(), look, bytes: bytes.to_owned() };
                Ok(said(&mail, &self.rules, &self.config, &known))
            }
        }
    }
}

struct Unread {
    row: InputRow,
    look: Option<Look>,
    bytes: Vec<u8>,
}

fn said(mail: &Unread, rules: &Rules, config: &Config, known_numbers: &KnownNumbers) -> Said {
    let ours = |address: &str| is_written_to(config, address);
    let grounds = Grounds {
        look: mail.look.as_ref(),
        authserv_id: config.authserv_id.as_deref(),
        ours: Some(&ours),
        arrived: mail.row.received_at,
    };
    let reading = catch_unwind(AssertUnwindSafe(|| {
        let reader = Reader {
            phrases: &rules.phrases,
            profiles: &rules.profiles,
            grounds,
            known_numbers,
            wording: rules.templates.wording(),
        };
        read(&mail.bytes, &reader)
    }));
    match reading {
        Ok(said) => said.map_err(|reason| reason.to_string()),
        Err(_) => Err(Unreadable::Panicked.to_string()),
    }
}

/// An address that a bank may write to when it means us.
fn is_written_to(config: &Config, address: &str) -> bool {
    is_ours(config, address) || config.notices.sent_to.iter().any(|one| one.eq_ignore_ascii_case(address))
}
