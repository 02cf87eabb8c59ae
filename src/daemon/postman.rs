//! The postman: claims a mail, says when its final dot may be sent, and writes down what became of it. Never decides what
//! to send. The rounds in which he goes are in `rounds.rs`.
//!
//! Three commits a letter: (1) requested, with its final bytes; (2) claimed, the gate asked again; the intent to send
//! the final dot, the gate asked once more; (3) what the server said. `docs/crash.md` walks through every crash point.

use super::house::House;
use super::retry::{DOUBTFUL_TRIES, Tries, shortest};
use super::world::Surroundings;
use crate::dunning::account::Letter;
use crate::dunning::gate::{GateClosed, gate};
use crate::dunning::ids::{DebtorId, LetterId};
use crate::dunning::input::{Input, Outcome};
use crate::failpoints::reach;
use crate::ports::{Delivery, OutgoingMail};
use crate::store::{OutboxRow, OutboxState, Purpose};
use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};

/// After a refusal that concerns every mail, this long nothing is tried.
const LANE_REST_HOURS: i64 = 4;
/// Refusals of that kind within a day, restarts included: providers lock an account that fails more often.
const LANE_TRIES_A_DAY: usize = 6;

/// What became of a mail that was claimed.
#[derive(Clone)]
pub(super) struct Handed {
    pub id: String,
    pub delivery: Delivery,
    /// We said no at the final dot: nothing is known about the server.
    pub stopped: bool,
}

impl House {
    /// Mails whose time has come, digests first, then those that were tried least.
    pub(super) fn ready(&mut self) -> Result<Vec<String>> {
        if !self.nothing_is_owed()? {
            return Ok(Vec::new());
        }
        let now = self.now();
        let anew = self.moment("tried_anew_before")?;
        Ok(self.store.outbox_to_try(now, anew)?)
    }

    /// The second commit: asks the gate again on what is known now, and marks the mail as being sent. `None` = it
    /// may not leave now; when the letter itself has become wrong it is withdrawn with the reason.
    pub(super) fn claim(&mut self, id: &str, around: &Surroundings) -> Result<Option<OutgoingMail>> {
        let Some(row) = self.store.outbox(id)?.filter(|row| row.state == OutboxState::Ready) else { return Ok(None) };
        let in_flight = self.store.outbox_under_way()?;
        if row.account.is_some() && in_flight.iter().any(|other| other.account == row.account) {
            return Ok(None);
        }
        let letters = in_flight.iter().filter(|other| other.purpose == Purpose::Letter).count();
        let closed = self.closed_gates(&row, around, letters)?;
        if !closed.is_empty() {
            self.withdraw_if_wrong(&row, &closed)?;
            return Ok(None);
        }
        reach("claim.gated")?;
        let bytes = self.store.outbox_bytes(id)?.context("the bytes of a mail are gone")?;
        let at = self.now();
        if !self.store.move_outbox(id, OutboxState::Ready, OutboxState::Sending, "", at, None)? {
            return Ok(None);
        }
        reach("claim.moved")?;
        Ok(Some(OutgoingMail {
            sender: row.sender,
            recipient: row.recipient,
            own_copy: row.own_copy,
            message_id: row.message_id,
            bytes,
        }))
    }

    /// A claimed mail was not begun: it waits again.
    pub(super) fn put_back(&mut self, id: &str) -> Result<()> {
        let at = self.now();
        self.store.move_outbox(id, OutboxState::Sending, OutboxState::Ready, "not begun", at, None)?;
        Ok(())
    }

    /// Before the final dot: from here on, only the server's answer tells.
    pub(super) fn dot_intent(&mut self, id: &str, around: &Surroundings) -> Result<()> {
        self.look_again(id, around)?;
        reach("dot.gated")?;
        let at = self.now();
        let moved = self.store.move_outbox(id, OutboxState::Sending, OutboxState::DotIntent, "", at, None)?;
        anyhow::ensure!(moved, "it was withdrawn meanwhile");
        reach("dot.moved")
    }

    /// Just before the final dot: fails when the gate has closed since the mail was claimed. A machine may have been
    /// suspended for hours in between, and know of no mail of that time.
    pub(super) fn look_again(&mut self, id: &str, around: &Surroundings) -> Result<()> {
        let row = self.store.outbox(id)?.context("the mail is gone")?;
        let closed: Vec<String> = self.closed_gates(&row, around, 0)?.iter().map(GateClosed::to_string).collect();
        anyhow::ensure!(closed.is_empty(), "{}", closed.join("; "));
        Ok(())
    }

    /// `in_flight` letters may be accepted at any moment, and count for the limits as if they were.
    fn closed_gates(&self, row: &OutboxRow, around: &Surroundings, in_flight: usize) -> Result<Vec<GateClosed>> {
        let Some((account, letter)) = self.letter_of(row)? else { return Ok(Vec::new()) };
        let mut world = around.of(&account);
        let in_flight = u32::try_from(in_flight).unwrap_or(u32::MAX);
        world.sent_today = world.sent_today.saturating_add(in_flight);
        world.sent_this_hour = world.sent_this_hour.saturating_add(in_flight);
        Ok(gate(&account, &letter.intended(), &self.config.policy, &world))
    }

    fn letter_of(&self, row: &OutboxRow) -> Result<Option<(crate::dunning::account::Account, Letter)>> {
        let Some(debtor) = &row.account else { return Ok(None) };
        let account = self.account(debtor)?;
        let letter = account.letter(&LetterId::new(row.id.as_str())).cloned();
        Ok(letter.map(|letter| (account, letter)))
    }

    fn withdraw_if_wrong(&mut self, row: &OutboxRow, closed: &[GateClosed]) -> Result<()> {
        let wrong: Vec<String> =
            closed.iter().filter(|gate| gate.is_about_the_letter()).map(GateClosed::to_string).collect();
        if wrong.is_empty() {
            return Ok(());
        }
        self.letter_outcome(row, Outcome::Withdrawn { why: wrong.join("; ") })
    }

    fn letter_outcome(&mut self, row: &OutboxRow, outcome: Outcome) -> Result<()> {
        let debtor: DebtorId = row.account.clone().context("BUG: a letter without an account")?;
        let input = Input::Letter { letter: LetterId::new(row.id.as_str()), outcome };
        self.step(&debtor, &input, "postman")?;
        Ok(())
    }

    /// The third commit: what the server said.
    pub(super) fn conclude_delivery(&mut self, handed: &Handed) -> Result<()> {
        let row = self.store.outbox(&handed.id)?.context("the mail is gone")?;
        self.concluded.ids.push(handed.id.clone());
        if !matches!(row.state, OutboxState::Sending | OutboxState::DotIntent) {
            return Ok(()); // Written down already, after a group that was undone.
        }
        reach("answer.noting")?;
        match &handed.delivery {
            Delivery::Later { reason, .. } if handed.stopped => {
                let at = self.now();
                self.store.move_outbox(&row.id, row.state, OutboxState::Ready, reason, at, None)?;
                Ok(())
            }
            Delivery::Later { reason, lane } => self.try_later(&row, reason, *lane),
            Delivery::Doubtful { reason } => self.try_doubtful(&row, reason),
            Delivery::Accepted { reply } => {
                self.forget(&["lane_stopped", "lane_refused_at", &tries_key(&row)])?;
                self.finish(&row, OutboxState::Sent, reply, |on| Outcome::Sent { on, reply: reply.clone() })
            }
            Delivery::Never { reason, address } => self.reject(&row, reason, *address),
            Delivery::Unknown { reason } => {
                self.finish(&row, OutboxState::Unknown, reason, |on| Outcome::Unknown { on, why: reason.clone() })
            }
        }
    }

    fn reject(&mut self, row: &OutboxRow, reason: &str, address: bool) -> Result<()> {
        self.forget(&[&tries_key(row)])?;
        let why = reason.to_owned();
        self.finish(row, OutboxState::Rejected, reason, |on| Outcome::Rejected { on, why, address })
    }

    fn finish(
        &mut self,
        row: &OutboxRow,
        to: OutboxState,
        note: &str,
        outcome: impl FnOnce(chrono::NaiveDate) -> Outcome,
    ) -> Result<()> {
        match row.purpose {
            Purpose::Letter => self.letter_outcome(row, outcome(self.today())),
            Purpose::Digest => {
                let at = self.now();
                self.store.move_outbox(&row.id, row.state, to, note, at, None)?;
                if to == OutboxState::Sent { self.announce_formal_steps(&row.id) } else { Ok(()) }
            }
        }
    }

    /// Not accepted, surely. After two days of it a letter counts as refused: nothing went, its debtor is held, and the
    /// owner is asked; a digest is let go. A refusal of every mail is not held against one of them, unless others passed.
    fn try_later(&mut self, row: &OutboxRow, reason: &str, lane: bool) -> Result<()> {
        tracing::warn!(mail = %row.id, every_mail = lane, "not handed over; it waits and is tried again");
        let tries = self.one_more_try(row)?;
        if lane {
            self.rest_lane(reason)?;
        }
        if tries.are_enough() && (!lane || self.store.sent_since(tries.first())? > 0) {
            return self.reject(row, &format!("not accepted in two days, {} tries: {reason}", tries.count), false);
        }
        self.wait_for(row, reason, &tries)
    }

    fn try_doubtful(&mut self, row: &OutboxRow, reason: &str) -> Result<()> {
        let tries = self.one_more_try(row)?;
        if tries.count >= DOUBTFUL_TRIES { self.reject(row, reason, false) } else { self.wait_for(row, reason, &tries) }
    }

    fn wait_for(&mut self, row: &OutboxRow, reason: &str, tries: &Tries) -> Result<()> {
        self.set_memo(&tries_key(row), &tries.write())?;
        reach("later.noted")?;
        let at = self.now();
        self.store.move_outbox(&row.id, row.state, OutboxState::Ready, reason, at, Some(tries.next(&row.id)))?;
        Ok(())
    }

    fn one_more_try(&self, row: &OutboxRow) -> Result<Tries> {
        Ok(Tries::one_more(self.memo(&tries_key(row))?.as_deref(), self.now()))
    }

    fn rest_lane(&mut self, reason: &str) -> Result<()> {
        let now = self.now();
        let mut refused = self.lane_refusals()?;
        refused.push(now);
        let words: Vec<String> = refused.iter().map(DateTime::to_rfc3339).collect();
        self.set_memo("lane_stopped", reason)?;
        self.set_memo("lane_refused_at", &words.join(" "))?;
        let until = (now + TimeDelta::hours(LANE_REST_HOURS)).max(rests_at_least_until(&refused).unwrap_or(now));
        self.set_memo("lane_rests_until", &until.to_rfc3339())
    }

    /// Refusals of every mail within the last day, oldest first.
    fn lane_refusals(&self) -> Result<Vec<DateTime<Utc>>> {
        let day_ago = self.now() - TimeDelta::days(1);
        let words = self.memo("lane_refused_at")?.unwrap_or_default();
        let moments = words.split(' ').filter_map(|word| DateTime::parse_from_rfc3339(word).ok());
        Ok(moments.map(|at| at.with_timezone(&Utc)).filter(|at| *at > day_ago).collect())
    }

    /// Empties what is kept under these keys; writes nothing where nothing is.
    fn forget(&mut self, keys: &[&str]) -> Result<()> {
        for key in keys {
            if self.memo(key)?.is_some() {
                self.set_memo(key, "")?;
            }
        }
        Ok(())
    }

    /// The owner changed something and told us (SIGHUP): what waited for a server to recover is tried now, and a login that
    /// was refused once more, unless that has been often enough for a day.
    pub fn try_anew(&mut self) -> Result<()> {
        self.try_anew_before(self.now())
    }

    /// The same after a start, which may be one of many: not what was tried within the last minutes.
    pub fn try_anew_after_start(&mut self) -> Result<()> {
        self.try_anew_before(self.now() - shortest())
    }

    /// What was last changed before this moment is tried anew.
    fn try_anew_before(&mut self, moment: DateTime<Utc>) -> Result<()> {
        let (now, before) = (self.now().to_rfc3339(), moment.to_rfc3339());
        self.transact(|house| {
            let until = rests_at_least_until(&house.lane_refusals()?).map(|until| until.to_rfc3339());
            house.set_memo("lane_rests_until", &until.unwrap_or_default())?;
            house.set_memo("tried_anew_at", &now)?;
            house.set_memo("tried_anew_before", &before)
        })
    }

    /// After a start: what was being sent without the intent of a dot was surely not sent; with it nobody knows.
    pub fn recover_outbox(&mut self) -> Result<()> {
        self.transact(|house| {
            for row in house.store.outbox_in(&[OutboxState::Sending, OutboxState::DotIntent])? {
                reach("recover.row")?;
                let at = house.now();
                if row.state == OutboxState::Sending {
                    house.store.move_outbox(
                        &row.id,
                        OutboxState::Sending,
                        OutboxState::Ready,
                        "restarted before the final dot",
                        at,
                        None,
                    )?;
                } else {
                    let why = "stopped between the final dot and its answer";
                    house.finish(&row, OutboxState::Unknown, why, |on| Outcome::Unknown { on, why: why.to_owned() })?;
                }
            }
            Ok(())
        })
    }
}

/// After so many refusals of every mail that the next one would be too many for a day.
fn rests_at_least_until(refused: &[DateTime<Utc>]) -> Option<DateTime<Utc>> {
    let oldest = refused.len().checked_sub(LANE_TRIES_A_DAY)?;
    refused.get(oldest).map(|at| *at + TimeDelta::days(1))
}

fn tries_key(row: &OutboxRow) -> String {
    format!("tries/{}", row.id)
}
