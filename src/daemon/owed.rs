//! What became of mails that were handed over and is not written down yet. It lives outside every transaction: a group
//! that could not be committed, for want of room or since another process had the lock, must not take it along.

use super::house::House;
use super::intake::is_store_trouble;
use super::postman::Handed;
use crate::store::StoreFault;
use anyhow::Result;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Shared by who hands over and the thread that writes.
#[derive(Clone, Default)]
pub(super) struct Owed(Arc<Mutex<Vec<Handed>>>);

impl Owed {
    /// To be written down from now on, whatever becomes of the first try.
    pub fn owe(&self, handed: &Handed) {
        self.all().push(handed.clone());
    }

    fn is_empty(&self) -> bool {
        self.all().is_empty()
    }

    fn all(&self) -> MutexGuard<'_, Vec<Handed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How the last group went.
#[derive(Default)]
pub(super) struct Concluded {
    /// Mails whose outcome is in the open transaction.
    pub ids: Vec<String>,
    /// Something of a group was undone, and with it perhaps an outcome.
    pub undone: bool,
}

impl House {
    /// After each group: what it wrote down is owed no more; where something was undone, the rest is written now.
    pub(super) fn settle_owed(&mut self) {
        let ids = std::mem::take(&mut self.concluded.ids);
        if !self.concluded.undone {
            self.owed.all().retain(|handed| !ids.contains(&handed.id));
            return;
        }
        if self.write_owed().is_ok() {
            self.concluded.undone = false;
        }
    }

    /// Writes down all that is owed. On a full disk the reserve is given up for it.
    fn write_owed(&mut self) -> Result<()> {
        let owed = self.owed.all().clone();
        if owed.is_empty() {
            return Ok(());
        }
        let mut written = self.transact(|house| house.conclude_all(&owed));
        if matches!(written.as_ref().err().and_then(|error| error.downcast_ref()), Some(StoreFault::Full))
            && let Some(room) = &self.room
        {
            tracing::warn!("the disk is full: the reserve is given up for what became of {} mail(s)", owed.len());
            room.give_reserve()?;
            written = self.transact(|house| house.conclude_all(&owed));
        }
        self.concluded.ids.clear();
        written?;
        let done: Vec<&String> = owed.iter().map(|handed| &handed.id).collect();
        self.owed.all().retain(|handed| !done.contains(&&handed.id));
        Ok(())
    }

    fn conclude_all(&mut self, owed: &[Handed]) -> Result<()> {
        for handed in owed {
            match self.attempt(|house| house.conclude_delivery(handed)) {
                Err(error) if is_store_trouble(&error) => return Err(error),
                Err(error) => tracing::error!(mail = %handed.id, "what became of it cannot be written: {error:#}"),
                Ok(()) => {}
            }
        }
        Ok(())
    }

    /// Before a round nothing is in flight: what a group that was undone left in between is judged as after a start.
    /// False = something is still owed, and nothing may be handed over.
    pub(super) fn nothing_is_owed(&mut self) -> Result<bool> {
        if !self.owed.is_empty() {
            return Ok(false);
        }
        self.recover_outbox()?;
        Ok(true)
    }
}
