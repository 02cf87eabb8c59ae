//! The world around one account, as values, at this moment.

use super::house::House;
use crate::dunning::account::Account;
use crate::dunning::ids::EvidenceId;
use crate::dunning::policy::Freshness;
use crate::dunning::world::{Stop, World};
use crate::failpoints::reach;
use crate::store::InputKind;
use anyhow::Result;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// A clock that goes back by more than this stops sending.
const CLOCK_BACK_MINUTES: i64 = 2;
/// Longer than this without a tick (or a clock that jumps as far) is an interruption.
const INTERRUPTION_HOURS: i64 = 36;

/// What is the same for every account at one moment: read once for all of them.
#[derive(Clone, Debug)]
pub struct Surroundings {
    base: World,
    /// Quarantined mails that name debtors: the debtors, and what it is.
    quarantined: Vec<(Vec<String>, String)>,
}

impl House {
    pub fn surroundings(&self) -> Result<Surroundings> {
        let now = self.local_now();
        let mailbox_read_at = self.moment("mailbox_read_at")?;
        let base = World {
            now,
            mailbox_read_at: mailbox_read_at.map(|at| self.local(at)),
            mail_waiting: usize::try_from(self.store.inputs_unsettled()?).unwrap_or(usize::MAX),
            quarantined: None,
            bank_data_until: self.bank_data_until()?,
            sent_today: u32::try_from(self.store.sent_since(self.start_of(now.date()))?).unwrap_or(u32::MAX),
            per_day: self.config.pace.per_day,
            stopped: self.stop()?,
        };
        Ok(Surroundings { base, quarantined: self.quarantined_mails()? })
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
        if let Some(last) =
            self.moment("last_tick")?.filter(|last| now + TimeDelta::minutes(CLOCK_BACK_MINUTES) < *last)
        {
            return Ok(Some(Stop::ClockWentBack { last: self.local(last) }));
        }
        if let Some(since) = self.memo("catch_up_since")?.and_then(|text| text.parse().ok()) {
            return Ok(Some(Stop::CatchUp { since }));
        }
        let resting = self.moment("lane_rests_until")?.is_some_and(|until| now < until);
        Ok(self.memo("lane_stopped")?.filter(|_| resting).map(|reason| Stop::Lane { reason }))
    }

    /// Notes that the daemon is awake; a long silence before now starts the catch-up.
    pub fn tick(&mut self) -> Result<()> {
        let now = self.now();
        let last = self.moment("last_tick")?;
        if let Some(last) = last.filter(|last| now - *last > TimeDelta::hours(INTERRUPTION_HOURS)) {
            let since = self.local(last).date().to_string();
            self.set_memo("catch_up_since", &since)?;
        }
        if last.is_none_or(|last| now > last) {
            self.set_memo("last_tick", &now.to_rfc3339())?;
            reach("tick.noted")?;
        }
        Ok(())
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

    pub(super) fn parse_moment(text: &str) -> Option<DateTime<Utc>> {
        DateTime::parse_from_rfc2822(text.trim()).ok().map(|at| at.with_timezone(&Utc))
    }
}

impl Surroundings {
    pub fn of(&self, account: &Account) -> World {
        let names = |(debtors, _): &&(Vec<String>, String)| debtors.iter().any(|debtor| debtor == account.id.as_str());
        let quarantined = self.quarantined.iter().find(names).map(|(_, what)| what.clone());
        World { quarantined, ..self.base.clone() }
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

fn names_key(input: &EvidenceId) -> String {
    format!("names/{input}")
}
