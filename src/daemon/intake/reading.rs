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
use std::sync::{Arc, LazyLock};
use std::thread::{available_parallelism, scope};

/// Asked once: the answer stands in files of the system, and a group of inputs is soon settled.
static CORES: LazyLock<usize> = LazyLock::new(|| available_parallelism().map_or(1, NonZeroUsize::get).min(MOST_CORES));
/// Mails that are worth a thread of their own.
const WORTH_A_THREAD: usize = 4;
/// Larger ones are read when their turn comes, so that a group needs little memory.
const LARGEST: usize = 256 * 1024;
/// Used at once; the unit allows the daemon so many threads and processes together (`TasksMax`).
const MOST_CORES: usize = 8;

/// What a mail says, or why it could not be read.
type Said = std::result::Result<Reading, String>;

/// Mails of the group that is about to be settled.
#[derive(Default)]
pub(in super::super) struct ReadAhead {
    known: Option<Arc<KnownNumbers>>,
    said: BTreeMap<EvidenceId, (Option<Look>, Said)>,
}

impl House {
    /// Reads the mails among these inputs on several cores; those of the group before are forgotten.
    pub(super) fn read_mails_ahead(&mut self, ids: &[EvidenceId]) -> Result<()> {
        self.read_ahead_mails = ReadAhead::default();
        let cores = *CORES;
        if cores == 1 {
            return Ok(());
        }
        let mut mails = Vec::new();
        for id in ids.iter().filter(|id| !self.papers.contains_key(*id)) {
            let Some(row) = self.store.input(id)?.filter(|row| row.kind == InputKind::Mail) else { continue };
            let Some(bytes) = self.store.input_bytes(id)?.filter(|bytes| bytes.len() <= LARGEST) else { continue };
            mails.push((row, self.look_at(id)?, bytes));
        }
        if mails.len() < 2 * WORTH_A_THREAD {
            return Ok(());
        }
        // Only now: it is made anew after each invoice.
        let known = self.known_numbers()?;
        let (rules, config) = (&self.rules, &self.config);
        let read = |(row, look, bytes): &(InputRow, Option<Look>, Vec<u8>)| {
            said(bytes, grounds(config, row, look.as_ref()), rules, config, &known)
        };
        let share = mails.len().div_ceil(cores).max(WORTH_A_THREAD);
        let all: Vec<Said> = scope(|scope| {
            let of_thread = |mails| scope.spawn(move || <[_]>::iter(mails).map(read).collect::<Vec<Said>>());
            let threads: Vec<_> = mails.chunks(share).map(of_thread).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
        });
        if all.len() == mails.len() {
            let said = mails.into_iter().zip(all).map(|((row, look, _), said)| (row.id, (look, said))).collect();
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
                let grounds = grounds(&self.config, row, look.as_ref());
                Ok(said(bytes, grounds, &self.rules, &self.config, &known))
            }
        }
    }
}

/// By what this mail may be believed.
pub(super) fn grounds<'a>(config: &'a Config, row: &InputRow, look: Option<&'a Look>) -> Grounds<'a> {
    Grounds { look, authserv_id: config.authserv_id.as_deref(), ours: None, arrived: row.received_at }
}

fn said(bytes: &[u8], grounds: Grounds<'_>, rules: &Rules, config: &Config, known_numbers: &KnownNumbers) -> Said {
    let ours = |address: &str| is_written_to(config, address);
    let grounds = Grounds { ours: Some(&ours), ..grounds };
    let reading = catch_unwind(AssertUnwindSafe(|| {
        let reader = Reader {
            phrases: &rules.phrases,
            profiles: &rules.profiles,
            grounds,
            known_numbers,
            wording: rules.templates.wording(),
        };
        read(bytes, &reader)
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
