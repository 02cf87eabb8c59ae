//! The postman: claims a mail, hands it over, and writes down what became of it. Never decides what to send.
//!
//! Three commits a letter: (1) requested, with its final bytes; (2) claimed, the gate asked again; the intent to send
//! the final dot, the gate asked once more; (3) what the server said. `docs/crash.md` walks through every crash point.

use super::house::House;
use super::writer::Writer;
use crate::dunning::account::Letter;
use crate::dunning::gate::{GateClosed, gate};
use crate::dunning::ids::{DebtorId, LetterId};
use crate::dunning::input::{Input, Outcome};
use crate::ports::{Delivery, Outgoing, OutgoingMail};
use crate::store::{OutboxRow, OutboxState, Purpose};
use anyhow::{Context, Result};
use chrono::TimeDelta;
use std::time::Duration;

/// Minutes until the next try, by number of tries so far; the last one repeats.
const RETRY_MINUTES: [i64; 5] = [5, 15, 30, 60, 120];
/// After a refusal that concerns every mail, this long nothing is tried.
const LANE_REST_HOURS: i64 = 4;
/// So many failures in a row are the server's: the rest is not tried now, or a dead server would keep us for hours.
const FAILURES_IN_A_ROW: usize = 3;
/// How soon a pause between two mails notices that we should stop.
const NAP: Duration = Duration::from_millis(200);

/// Hands over everything that is ready, one by one, until `go_on` says no. Returns how many were accepted.
pub async fn deliver_all(
    writer: &Writer,
    outgoing: &dyn Outgoing,
    pause: Duration,
    go_on: &(dyn Fn() -> bool + Sync),
) -> Result<usize> {
    let (mut accepted, mut failures) = (0, 0);
    for id in writer.call(|house| house.ready()).await? {
        if !go_on() {
            break;
        }
        let claimed = id.clone();
        let Some(mail) = writer.call(move |house| house.claim(&claimed)).await? else { continue };
        let delivery = hand_over(writer, outgoing, &id, &mail).await;
        let is_accepted = matches!(delivery, Delivery::Accepted { .. });
        let stopped = matches!(delivery, Delivery::Later { lane: true, .. });
        failures = if matches!(delivery, Delivery::Later { .. }) { failures + 1 } else { 0 };
        writer.call(move |house| house.conclude_delivery(&id, &delivery)).await?;
        accepted += usize::from(is_accepted);
        if stopped || failures >= FAILURES_IN_A_ROW {
            break;
        }
        rest(pause, go_on).await;
    }
    Ok(accepted)
}

async fn rest(pause: Duration, go_on: &(dyn Fn() -> bool + Sync)) {
    let end = tokio::time::Instant::now() + pause;
    while go_on() && tokio::time::Instant::now() < end {
        tokio::time::sleep_until(end.min(tokio::time::Instant::now() + NAP)).await;
    }
}

async fn hand_over(writer: &Writer, outgoing: &dyn Outgoing, id: &str, mail: &OutgoingMail) -> Delivery {
    let mut before_dot = || {
        let (writer, id) = (writer.clone(), id.to_owned());
        async move { writer.call(move |house| house.dot_intent(&id)).await.map_err(|error| format!("{error:#}")) }
    };
    outgoing.deliver(mail, &mut before_dot).await
}

impl House {
    /// Mails whose time has come, digests first.
    fn ready(&mut self) -> Result<Vec<String>> {
        let now = self.now();
        let anew = self.moment("tried_anew_at")?;
        let waited_before = |row: &OutboxRow| anew.is_some_and(|anew| row.changed_at < anew);
        let mut rows = self.store.outbox_in(&[OutboxState::Ready])?;
        rows.retain(|row| row.next_try.is_none_or(|at| at <= now) || waited_before(row));
        rows.sort_by_key(|row| row.purpose != Purpose::Digest);
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// The second commit: asks the gate again on what is known now, and marks the mail as being sent. `None` = it
    /// may not leave now; when the letter itself has become wrong it is withdrawn with the reason.
    fn claim(&mut self, id: &str) -> Result<Option<OutgoingMail>> {
        let Some(row) = self.store.outbox(id)?.filter(|row| row.state == OutboxState::Ready) else { return Ok(None) };
        let closed = self.closed_gates(&row)?;
        if !closed.is_empty() {
            self.withdraw_if_wrong(&row, &closed)?;
            return Ok(None);
        }
        let bytes = self.store.outbox_bytes(id)?.context("the bytes of a mail are gone")?;
        let at = self.now();
        if !self.store.move_outbox(id, OutboxState::Ready, OutboxState::Sending, "", at, None)? {
            return Ok(None);
        }
        Ok(Some(OutgoingMail {
            sender: row.sender,
            recipient: row.recipient,
            own_copy: row.own_copy,
            message_id: row.message_id,
            bytes,
        }))
    }

    /// Just before the final dot: from here on, only the server's answer tells.
    fn dot_intent(&mut self, id: &str) -> Result<()> {
        let row = self.store.outbox(id)?.context("the mail is gone")?;
        let closed = self.closed_gates(&row)?;
        let wrong: Vec<String> =
            closed.iter().filter(|gate| stops_at_the_dot(gate)).map(GateClosed::to_string).collect();
        anyhow::ensure!(wrong.is_empty(), "{}", wrong.join("; "));
        let at = self.now();
        let moved = self.store.move_outbox(id, OutboxState::Sending, OutboxState::DotIntent, "", at, None)?;
        anyhow::ensure!(moved, "it was withdrawn meanwhile");
        Ok(())
    }

    fn closed_gates(&self, row: &OutboxRow) -> Result<Vec<GateClosed>> {
        let Some((account, letter)) = self.letter_of(row)? else { return Ok(Vec::new()) };
        let world = self.surroundings()?.of(&account);
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
    fn conclude_delivery(&mut self, id: &str, delivery: &Delivery) -> Result<()> {
        let row = self.store.outbox(id)?.context("the mail is gone")?;
        match delivery {
            Delivery::Later { reason, lane } => self.try_later(&row, reason, *lane),
            Delivery::Accepted { reply } => {
                self.set_memo("lane_stopped", "")?;
                self.finish(&row, OutboxState::Sent, reply, |on| Outcome::Sent { on, reply: reply.clone() })
            }
            Delivery::Never { reason, address } => self.finish(&row, OutboxState::Rejected, reason, |on| {
                Outcome::Rejected { on, why: reason.clone(), address: *address }
            }),
            Delivery::Unknown { reason } => {
                self.finish(&row, OutboxState::Unknown, reason, |on| Outcome::Unknown { on, why: reason.clone() })
            }
        }
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
                Ok(())
            }
        }
    }

    fn try_later(&mut self, row: &OutboxRow, reason: &str, lane: bool) -> Result<()> {
        let now = self.now();
        let tries = (row.attempts as usize).saturating_sub(1).min(RETRY_MINUTES.len() - 1);
        let next = now + TimeDelta::minutes(RETRY_MINUTES[tries]);
        tracing::warn!(mail = %row.id, every_mail = lane, "not handed over; it waits and is tried again");
        if lane {
            self.set_memo("lane_stopped", reason)?;
            self.set_memo("lane_rests_until", &(now + TimeDelta::hours(LANE_REST_HOURS)).to_rfc3339())?;
        }
        self.store.move_outbox(&row.id, row.state, OutboxState::Ready, reason, now, Some(next))?;
        Ok(())
    }

    /// The owner started us or changed the configuration: what waited for a server to recover is tried now, and a
    /// login that was refused once more.
    pub fn try_anew(&mut self) -> Result<()> {
        let now = self.now().to_rfc3339();
        self.transact(|house| {
            house.set_memo("lane_rests_until", "")?;
            house.set_memo("tried_anew_at", &now)
        })
    }

    /// After a start: what was being sent without the intent of a dot was surely not sent; with it nobody knows.
    pub fn recover_outbox(&mut self) -> Result<()> {
        self.transact(|house| {
            for row in house.store.outbox_in(&[OutboxState::Sending, OutboxState::DotIntent])? {
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

/// At the last moment only what makes the letter wrong counts, and mail that came in meanwhile.
fn stops_at_the_dot(closed: &GateClosed) -> bool {
    closed.is_about_the_letter() || matches!(closed, GateClosed::MailWaiting { .. })
}
