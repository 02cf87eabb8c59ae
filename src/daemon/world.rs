//! The world around one account, as values, at this moment.

use super::house::House;
use super::kept_back::KeptBack;
use super::reading_up::WOKE_AT;
use super::restored::{RESTORED, RESTORED_AT};
use crate::dunning::account::Account;
use crate::dunning::gate::{GateClosed, Intended, gate, needs_approval};
use crate::dunning::ids::{DebtorId, EvidenceId};
use crate::dunning::input::Input;
use crate::dunning::policy::{Freshness, Policy};
use crate::dunning::question::{About, QuestionKind};
use crate::dunning::world::{Stop, World};
use crate::failpoints::reach;
use crate::store::{InputKind, OutboxRow, OutboxState, Purpose};
use anyhow::Result;
use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};
use std::collections::BTreeMap;

/// A clock that goes back by more than this stops sending.
const CLOCK_BACK_MINUTES: i64 = 2;
/// Longer than this without a tick (or a clock that jumps as far) is an interruption.
const INTERRUPTION_HOURS: i64 = 36;

/// No clock that is right stands before this day, year, month and day: it is about that of this version.
const RELEASED: (i32, u32, u32) = (2026, 11, 1);
/// So long after it a clock is not believed any more.
const YEARS_OF_USE: u32 = 10;

/// With less free on the disk of the database nothing is sent, and with less than the other the owner is warned.
const STOP_BELOW_MIB: u64 = 64;
const WARN_BELOW_MIB: u64 = 256;

/// Where the store keeps the moment at which the clock was last seen to be behind, or to be impossible.
pub const WENT_BACK: &str = "clock_went_back";
const IMPLAUSIBLE: &str = "clock_implausible";

/// What is the same for every account at one moment: read once for all of them.
#[derive(Clone, Debug)]
pub struct Surroundings {
    base: World,
    /// Quarantined mails that name debtors: the debtors, and what it is.
    quarantined: Vec<(Vec<String>, String)>,
    kept_back: BTreeMap<DebtorId, KeptBack>,
}

impl House {
    pub fn surroundings(&self) -> Result<Surroundings> {
        let now = self.local_now();
        let mailbox_read_at = self.moment("mailbox_read_at")?;
        let unknown = self.store.outbox_in(&[OutboxState::Unknown])?;
        let base = World {
            now,
            mailbox_read_at: mailbox_read_at.map(|at| self.local(at)),
            mail_waiting: self.mail_waiting()?,
            quarantined: None,
            bank_data_until: self.bank_data_until()?,
            sent_today: self.left_since(self.start_of(now.date()), &unknown)?,
            per_day: self.config.pace.per_day,
            sent_this_hour: match self.config.pace.per_hour {
                0 => 0,
                _ => self.left_since(self.now() - TimeDelta::hours(1), &unknown)?,
            },
            per_hour: self.config.pace.per_hour,
            restored_on: self.moment(RESTORED_AT)?.map(|at| self.local(at).date()),
            stopped: self.stop()?,
        };
        Ok(Surroundings { base, quarantined: self.quarantined_mails()?, kept_back: self.kept_back()? })
    }

    /// Stored and not understood, or known to be in the mailbox or a folder and not stored.
    pub(super) fn mail_waiting(&self) -> Result<usize> {
        let unsettled = usize::try_from(self.store.inputs_unsettled()?).unwrap_or(usize::MAX);
        Ok(unsettled.saturating_add(self.mails_in_mailbox()?).saturating_add(self.files_waiting()?))
    }

    /// Letters that left since then, and those that may have: of these nobody knows. What is just leaving the postman
    /// counts himself.
    fn left_since(&self, since: DateTime<Utc>, unknown: &[OutboxRow]) -> Result<u32> {
        let may_have = |row: &&OutboxRow| row.purpose == Purpose::Letter && row.changed_at >= since;
        let unknown = unknown.iter().filter(may_have).count() as u64;
        Ok(u32::try_from(self.store.sent_since(since)? + unknown).unwrap_or(u32::MAX))
    }

    /// The last day that bank data covers, by the source that the policy asks for.
    pub fn bank_data_until(&self) -> Result<Option<NaiveDate>> {
        match self.config.policy.freshness {
            Freshness::Statements => self.statements_until(),
            // A bank tells by mail at once: what was read this morning covers yesterday.
            Freshness::Notices => {
                Ok(self.moment("mailbox_read_at")?.map(|at| self.local(at).date() - TimeDelta::days(1)))
            }
            Freshness::None => Ok(Some(self.today())),
        }
    }

    /// The oldest of the last covered days of our own accounts that statements come in for.
    fn statements_until(&self) -> Result<Option<NaiveDate>> {
        let mut until = None;
        for iban in &self.config.company.ibans {
            let day: Option<NaiveDate> =
                self.memo(&format!("statements_until/{iban}"))?.and_then(|text| text.parse().ok());
            until = match (until, day) {
                (Some(known), Some(day)) => Some(day.min(known)),
                (known, day) => known.or(day),
            };
        }
        Ok(until)
    }

    fn stop(&self) -> Result<Option<Stop>> {
        let now = self.now();
        if let Some(stop) = self.clock_stop(now)? {
            return Ok(Some(stop));
        }
        if let Some(free_mib) = self.free_mib().filter(|free| *free < STOP_BELOW_MIB) {
            return Ok(Some(Stop::DiskLow { free_mib }));
        }
        if let Some(taken) = self.moment(RESTORED)? {
            return Ok(Some(Stop::Restored { taken: self.local(taken) }));
        }
        if let Some(why) = self.memo("folder_trouble/Invoice")? {
            return Ok(Some(Stop::InvoicesAway { why }));
        }
        if let Some(since) = self.memo("catch_up_since")?.and_then(|text| text.parse().ok()) {
            return Ok(Some(Stop::CatchUp { since }));
        }
        let resting = self.moment("lane_rests_until")?.is_some_and(|until| now < until);
        Ok(self.memo("lane_stopped")?.filter(|_| resting).map(|reason| Stop::Lane { reason }))
    }

    fn clock_stop(&self, now: DateTime<Utc>) -> Result<Option<Stop>> {
        // Who only looks does so at the last known moment, and sees what the daemon noted.
        let noted = self.moment(IMPLAUSIBLE)?.filter(|_| self.clock.is_set());
        if let Some(moment) = noted.or(Some(now).filter(|now| self.cannot_be(*now))) {
            return Ok(Some(Stop::ClockImplausible { now: self.local(moment) }));
        }
        let last = self.moment("last_tick")?.filter(|last| is_behind(now, *last));
        Ok(last.map(|last| Stop::ClockWentBack { last: self.local(last) }))
    }

    /// Before this version was made, or long after it: a clock without a battery, or a slip of the hand.
    fn cannot_be(&self, now: DateTime<Utc>) -> bool {
        let (year, month, day) = RELEASED;
        let Some(released) = NaiveDate::from_ymd_opt(year, month, day) else { return false };
        let too_late = released.checked_add_months(Months::new(12 * YEARS_OF_USE));
        let today = now.date_naive();
        !self.clock.is_set() && (today < released || too_late.is_some_and(|day| today > day))
    }

    /// The clock says what cannot be: nothing is decided, and no digest is made of such a day.
    pub(super) fn clock_cannot_be(&self) -> bool {
        self.cannot_be(self.now())
    }

    /// MiB free for the database; `None` when it cannot be known.
    pub fn free_mib(&self) -> Option<u64> {
        Some(self.room.as_ref()?.free().ok()? / (1024 * 1024))
    }

    /// The disk fills up, and sending will stop: MiB left. Below that the stop itself says so.
    pub fn is_filling_up(&self) -> Option<u64> {
        self.free_mib().filter(|free| (STOP_BELOW_MIB..WARN_BELOW_MIB).contains(free))
    }

    /// Notes that the daemon is awake; a long silence before now starts the catch-up.
    pub fn tick(&mut self) -> Result<()> {
        let now = self.now();
        if let Some(room) = &self.room
            && let Err(error) = room.keep_reserve()
        {
            tracing::warn!("no room is kept in reserve: {error}");
        }
        let implausible = self.cannot_be(now);
        self.note_moment(IMPLAUSIBLE, Some(now).filter(|_| implausible))?;
        if implausible {
            return Ok(());
        }
        let last = self.moment("last_tick")?;
        self.judge_going_back(now, last)?;
        if let Some(last) = last.filter(|last| now - *last > TimeDelta::hours(INTERRUPTION_HOURS)) {
            let since = self.local(last).date().to_string();
            self.set_memo("catch_up_since", &since)?;
            self.set_memo(WOKE_AT, &now.to_rfc3339())?;
        }
        if last.is_none_or(|last| now > last) {
            self.set_memo("last_tick", &now.to_rfc3339())?;
            reach("tick.noted")?;
        }
        Ok(())
    }

    /// A clock that went back is asked about once a day, until it is past the last known moment again.
    fn judge_going_back(&mut self, now: DateTime<Utc>, last: Option<DateTime<Utc>>) -> Result<()> {
        let behind = last.filter(|last| is_behind(now, *last));
        if behind.is_some() && (self.moment(WENT_BACK)?.is_none() || self.was_read_in_future(now)?) {
            // How long ago that was, this clock cannot tell.
            self.set_memo("mailbox_read_at", "")?;
        }
        self.note_moment(WENT_BACK, Some(now).filter(|_| behind.is_some()))?;
        match behind {
            None => self.no_longer_asked(QuestionKind::Clock, "the clock goes on"),
            Some(last) => {
                let [from, to] = [last, now].map(|at| self.local(at).format("%Y-%m-%d %H:%M"));
                self.ask_daily(QuestionKind::Clock, &format!("{from} → {to}"))
            }
        }
    }

    fn was_read_in_future(&self, now: DateTime<Utc>) -> Result<bool> {
        Ok(self.moment("mailbox_read_at")?.is_some_and(|read| is_behind(now, read)))
    }

    /// The owner says that the clock is right now: what was noted of later moments counts no more.
    pub(super) fn clock_is_right(&mut self) -> Result<()> {
        let (now, today) = (self.now(), self.today().to_string());
        self.set_memo("last_tick", &now.to_rfc3339())?;
        self.set_memo(WENT_BACK, "")?;
        self.set_memo("lane_rests_until", "")?;
        if self.memo("digest_day")?.is_some_and(|day| day > today) {
            self.set_memo("digest_day", "")?;
        }
        Ok(())
    }

    /// Asks the owner, unless that was asked and answered today.
    pub(super) fn ask_daily(&mut self, kind: QuestionKind, detail: &str) -> Result<()> {
        let (key, today) = (format!("asked/{}", kind.code()), self.today().to_string());
        if self.memo(&key)?.as_deref() == Some(&today) {
            return Ok(());
        }
        self.ask_owner(kind, detail, About::Nothing, Vec::new(), "day")?;
        self.set_memo(&key, &today)
    }

    pub(super) fn no_longer_asked(&mut self, kind: QuestionKind, why: &str) -> Result<()> {
        let input = Input::NoLongerAsked { kind, why: why.to_owned() };
        self.step(&DebtorId::administration(), &input, "day")?;
        Ok(())
    }

    fn note_moment(&mut self, key: &str, at: Option<DateTime<Utc>>) -> Result<()> {
        let text = at.map(|at| at.to_rfc3339()).unwrap_or_default();
        if self.memo(key)?.unwrap_or_default() == text { Ok(()) } else { self.set_memo(key, &text) }
    }

    fn quarantined_mails(&self) -> Result<Vec<(Vec<String>, String)>> {
        let mut named = Vec::new();
        for input in self.store.inputs_quarantined()? {
            if input.kind == InputKind::Mail {
                let debtors = self.memo(&names_key(&input.id))?.unwrap_or_default();
                named.push((debtors.lines().map(str::to_owned).collect(), input.name));
            }
        }
        Ok(named)
    }

    /// Remembers which debtors a quarantined mail names: their gates close.
    pub(super) fn remember_names(&mut self, input: &EvidenceId, debtors: &[String]) -> Result<()> {
        self.set_memo(&names_key(input), &debtors.join("\n"))
    }
}

impl Surroundings {
    pub fn of(&self, account: &Account) -> World {
        let names = |(debtors, _): &&(Vec<String>, String)| debtors.iter().any(|debtor| debtor == account.id.as_str());
        let quarantined = self.quarantined.iter().find(names).map(|(_, what)| what.clone());
        World { quarantined, ..self.base.clone() }
    }

    /// Every reason why a letter does not leave now: those of the gate, and for one that is not made yet the owner's yes
    /// and what went wrong when it was to be made.
    pub fn why_not(&self, account: &Account, intended: &Intended<'_>, policy: &Policy) -> Vec<GateClosed> {
        let mut closed = gate(account, intended, policy, &self.of(account));
        if intended.letter.is_none() {
            let approved = || account.approved.iter().any(|covers| covers == intended.covers);
            if needs_approval(intended.formal, policy) && !approved() {
                closed.push(GateClosed::NotApproved);
            }
            closed.extend(self.kept_back.get(&account.id).map(KeptBack::gate));
        }
        closed.dedup();
        closed
    }

    pub fn world(&self) -> &World {
        &self.base
    }

    /// The same, with everything stopped for this reason.
    pub fn stopped(mut self, stop: Stop) -> Surroundings {
        self.base.stopped = Some(stop);
        self
    }
}

fn is_behind(now: DateTime<Utc>, last: DateTime<Utc>) -> bool {
    now + TimeDelta::minutes(CLOCK_BACK_MINUTES) < last
}

fn names_key(input: &EvidenceId) -> String {
    format!("names/{input}")
}
