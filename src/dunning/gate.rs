//! "May we write to this debtor now?" One function, asked when a letter is planned, again in the transaction that
//! claims it, and again just before its final dot. "No" has a name.

use super::account::{Account, Case, Letter, LetterState};
use super::charge;
use super::claim;
use super::hold::HoldReason;
use super::ids::{CaseId, LetterId, StepId};
use super::instalments::{is_still_missed, strongest_hold};
use super::money::{Extras, Money};
use super::policy::{FormalMode, Freshness, LegalStep, Mode, Policy};
use super::thanks;
use super::world::{Stop, World};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use serde::Serialize;
use std::fmt;

/// The mailbox must have been read to its end within this time (reliability rule R3).
pub const MAILBOX_FRESH_MINUTES: i64 = 15;

/// A letter as the gate sees it: planned, or already in the outbox.
#[derive(Clone, Debug)]
pub struct Intended<'a> {
    /// `None` while it is only planned.
    pub letter: Option<&'a LetterId>,
    pub covers: &'a [(CaseId, StepId)],
    /// What it asks, case by case.
    pub amounts: &'a [(CaseId, Money)],
    /// Interest and costs that it asks, and costs that it announces.
    pub extras: &'a [(CaseId, Extras)],
    pub announced_costs: &'a [(CaseId, Money)],
    pub law: Option<LegalStep>,
    pub formal: bool,
    pub recipient: &'a str,
    /// The day its text was made for.
    pub made_on: NaiveDate,
}

impl Intended<'_> {
    pub fn is_thanks(&self) -> bool {
        thanks::is_thanks(self.covers)
    }

    /// The one sum that it asks: what is open with interest and costs; of instalments only the one that is missed.
    /// `None` when it asks nothing.
    pub fn asked(&self, account: &Account) -> Option<Money> {
        if self.is_thanks() {
            return None;
        }
        let instalment = self.covers.iter().find_map(|(_, step)| step.instalment());
        if let Some((number, place)) = instalment {
            return account.plans.iter().find(|plan| plan.number == number)?.asked_for(account, place);
        }
        let currency = self.amounts.first()?.1.currency();
        let extras = self.extras.iter().map(|(_, extras)| extras.total()).filter(|extras| !extras.is_zero());
        Money::sum(self.amounts.iter().map(|(_, amount)| *amount).chain(extras), currency)
    }
}

/// Why a letter may not leave now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "gate")]
pub enum GateClosed {
    /// `mode = "observe"`: nothing leaves.
    Observing,
    NeverDun,
    NoAddress,
    /// Letters to this address came back.
    DeadAddress {
        address: String,
    },
    CaseClosed {
        case: CaseId,
    },
    /// A letter of thanks, and the case is open, was closed otherwise, or its money is not certain yet.
    NotPaid {
        case: CaseId,
    },
    /// A letter of thanks, and of another case a formal letter was sent: thanks would cross it.
    FormalSteps {
        case: CaseId,
    },
    Held {
        case: CaseId,
        reason: HoldReason,
        until: Option<NaiveDate>,
    },
    /// The step was taken meanwhile, or a letter covers it already.
    AlreadyCovered {
        case: CaseId,
        step: StepId,
    },
    /// An amount, an address or the day changed since the letter was made.
    Superseded,
    /// Credit notes or money that is not placed yet cover the debt.
    CoveredByCredit,
    /// It asks less in total than the owner writes a letter for.
    BelowMinimum {
        minimum: Money,
    },
    /// The letter presupposes default, and the debtor is not in default with this case.
    NotInDefault {
        case: CaseId,
    },
    /// A consumer owes no costs before the term of a letter that announced them has run out (art. 6:96(6) BW; Book XIX WER).
    CostsTooEarly {
        case: CaseId,
    },
    LetterUnderway {
        letter: LetterId,
    },
    MinGap {
        until: NaiveDate,
    },
    /// The owner wrote to this debtor by hand: no letter of ours comes between for as long as between two of ours.
    OwnerWrote {
        on: NaiveDate,
        until: NaiveDate,
    },
    /// A letter left for this debtor today: no debtor gets two on one day, whatever else is allowed (reliability rule R8).
    OneADay {
        sent_on: NaiveDate,
    },
    DeadlineRunning {
        until: NaiveDate,
    },
    OutsideWindow,
    MailboxNotRead {
        since: Option<NaiveDateTime>,
    },
    MailWaiting {
        count: usize,
    },
    Quarantined {
        what: String,
    },
    StaleBankData {
        since: Option<NaiveDate>,
    },
    NotAnnounced,
    NotApproved,
    PerDay {
        limit: u32,
    },
    PerHour {
        limit: u32,
    },
    Stopped(Stop),
    /// The letter would have named another debtor, or gone to somebody else: it was not fixed.
    Leak {
        why: String,
    },
    /// The letter could not be made.
    NotMade {
        why: String,
    },
}

impl GateClosed {
    /// The one word for it in JSON; never changes.
    pub fn code(&self) -> &'static str {
        match self {
            GateClosed::Observing => "observing",
            GateClosed::NeverDun => "never_dun",
            GateClosed::NoAddress => "no_address",
            GateClosed::DeadAddress { .. } => "dead_address",
            GateClosed::CaseClosed { .. } => "case_closed",
            GateClosed::NotPaid { .. } => "not_paid",
            GateClosed::FormalSteps { .. } => "formal_steps",
            GateClosed::Held { .. } => "held",
            GateClosed::AlreadyCovered { .. } => "already_covered",
            GateClosed::Superseded => "superseded",
            GateClosed::CoveredByCredit => "covered_by_credit",
            GateClosed::BelowMinimum { .. } => "below_minimum",
            GateClosed::NotInDefault { .. } => "not_in_default",
            GateClosed::CostsTooEarly { .. } => "costs_too_early",
            GateClosed::LetterUnderway { .. } => "letter_underway",
            GateClosed::MinGap { .. } => "min_gap",
            GateClosed::OwnerWrote { .. } => "owner_wrote",
            GateClosed::OneADay { .. } => "one_a_day",
            GateClosed::DeadlineRunning { .. } => "deadline_running",
            GateClosed::OutsideWindow => "outside_window",
            GateClosed::MailboxNotRead { .. } => "mailbox_not_read",
            GateClosed::MailWaiting { .. } => "mail_waiting",
            GateClosed::Quarantined { .. } => "quarantined",
            GateClosed::StaleBankData { .. } => "stale_bank_data",
            GateClosed::NotAnnounced => "not_announced",
            GateClosed::NotApproved => "not_approved",
            GateClosed::PerDay { .. } => "per_day",
            GateClosed::PerHour { .. } => "per_hour",
            GateClosed::Stopped(stop) => stop.code(),
            GateClosed::Leak { .. } => "leak",
            GateClosed::NotMade { .. } => "not_made",
        }
    }

    /// The letter itself has become wrong: it must be withdrawn, waiting does not help.
    pub fn is_about_the_letter(&self) -> bool {
        match self {
            GateClosed::NeverDun
            | GateClosed::NoAddress
            | GateClosed::DeadAddress { .. }
            | GateClosed::CaseClosed { .. }
            | GateClosed::NotPaid { .. }
            | GateClosed::FormalSteps { .. }
            | GateClosed::Held { .. }
            | GateClosed::AlreadyCovered { .. }
            | GateClosed::Superseded
            | GateClosed::CoveredByCredit
            | GateClosed::NotInDefault { .. }
            | GateClosed::CostsTooEarly { .. }
            | GateClosed::Quarantined { .. } => true,
            GateClosed::Observing
            | GateClosed::BelowMinimum { .. }
            | GateClosed::LetterUnderway { .. }
            | GateClosed::MinGap { .. }
            | GateClosed::OwnerWrote { .. }
            | GateClosed::OneADay { .. }
            | GateClosed::DeadlineRunning { .. }
            | GateClosed::OutsideWindow
            | GateClosed::MailboxNotRead { .. }
            | GateClosed::MailWaiting { .. }
            | GateClosed::StaleBankData { .. }
            | GateClosed::NotAnnounced
            | GateClosed::NotApproved
            | GateClosed::PerDay { .. }
            | GateClosed::PerHour { .. }
            | GateClosed::Stopped(_)
            | GateClosed::Leak { .. }
            | GateClosed::NotMade { .. } => false,
        }
    }
}

impl Stop {
    pub fn code(&self) -> &'static str {
        match self {
            Stop::Burst { .. } => "burst",
            Stop::CatchUp { .. } => "catch_up",
            Stop::ClockWentBack { .. } => "clock_went_back",
            Stop::ClockImplausible { .. } => "clock_implausible",
            Stop::Restored { .. } => "restored",
            Stop::DiskLow { .. } => "disk_low",
            Stop::InvoicesAway { .. } => "invoices_away",
            Stop::Lane { .. } => "lane",
        }
    }
}

impl World {
    /// The mailbox was read to its end just now.
    pub fn mailbox_is_fresh(&self) -> bool {
        self.mailbox_read_at.is_some_and(|at| (self.now - at).num_minutes().abs() <= MAILBOX_FRESH_MINUTES)
    }
}

/// All reasons why the letter may not leave now; none = it may.
pub fn gate(account: &Account, intended: &Intended<'_>, policy: &Policy, world: &World) -> Vec<GateClosed> {
    let mut closed = debtor_gate(account, intended, policy);
    if intended.is_thanks() {
        closed.extend(thanks::gate(account, intended, policy, world));
    } else {
        closed.extend(case_gate(account, intended));
        closed.extend(below_minimum(account, intended, policy));
        closed.extend(claim_gate(account, intended, policy, world.today()));
    }
    closed.extend(spacing_gate(account, intended, policy, world.today()));
    closed.extend(world_gate(intended, policy, world));
    if intended.formal {
        closed.extend(announcement_gate(account, intended, policy, world));
    }
    closed
}

fn debtor_gate(account: &Account, intended: &Intended<'_>, policy: &Policy) -> Vec<GateClosed> {
    let mut closed = Vec::new();
    if policy.mode == Mode::Observe {
        closed.push(GateClosed::Observing);
    }
    if policy.never_dun(account) {
        closed.push(GateClosed::NeverDun);
    }
    match policy.address(account) {
        None => closed.push(GateClosed::NoAddress),
        Some(address) if address != intended.recipient => closed.push(GateClosed::Superseded),
        Some(address) if account.is_unreachable(&address) => closed.push(GateClosed::DeadAddress { address }),
        Some(_) => {}
    }
    closed
}

/// The cases: open, not held, amounts as asked, steps not taken.
fn case_gate(account: &Account, intended: &Intended<'_>) -> Vec<GateClosed> {
    let mut closed = Vec::new();
    for (id, amount) in intended.amounts {
        match account.cases.get(id) {
            Some(case) if case.is_open() => closed.extend(open_case_gate(account, case, *amount, intended)),
            _ => closed.push(GateClosed::CaseClosed { case: id.clone() }),
        }
    }
    for (case, step) in intended.covers {
        if account.cases.get(case).is_some_and(|c| c.has_done(step)) || covered_elsewhere(account, intended, case, step)
        {
            closed.push(GateClosed::AlreadyCovered { case: case.clone(), step: step.clone() });
        }
        if !is_still_missed(account, step) {
            closed.push(GateClosed::Superseded);
        }
    }
    if !intended.amounts.iter().any(|(_, amount)| amount.is_positive()) || covered_by_credit(account, intended) {
        closed.push(GateClosed::CoveredByCredit);
    }
    closed
}

/// Interest and costs: as the law gives them on this day, to the cent, and never too early.
fn claim_gate(account: &Account, intended: &Intended<'_>, policy: &Policy, today: NaiveDate) -> Vec<GateClosed> {
    // A letter about an instalment asks that, and nothing beside it.
    if intended.covers.iter().any(|(_, step)| step.instalment().is_some()) {
        return Vec::new();
    }
    let mut closed = Vec::new();
    let asked = claim::asked(account, intended.amounts, intended.covers, policy, today);
    let announced =
        intended.law.map(|law| charge::announced(account, intended.amounts, law, policy)).unwrap_or_default();
    if asked != intended.extras || announced != intended.announced_costs {
        closed.push(GateClosed::Superseded);
    }
    for (id, _) in intended.extras.iter().filter(|(_, extras)| extras.costs.is_positive()) {
        if !account.cases.get(id).is_some_and(|case| charge::may_ask_costs(account, case, policy, today)) {
            closed.push(GateClosed::CostsTooEarly { case: id.clone() });
        }
    }
    if intended.law == Some(LegalStep::FourteenDayLetter) {
        let is_late =
            |id: &CaseId| account.cases.get(id).is_some_and(|case| claim::in_default(account, case, policy, today));
        let early = intended.amounts.iter().filter(|(id, _)| !is_late(id));
        closed.extend(early.map(|(id, _)| GateClosed::NotInDefault { case: id.clone() }));
    }
    closed
}

fn open_case_gate(account: &Account, case: &Case, asked: Money, intended: &Intended<'_>) -> Vec<GateClosed> {
    let mut closed = Vec::new();
    if let Some(hold) = strongest_hold(account, &case.id, intended.covers) {
        closed.push(GateClosed::Held { case: case.id.clone(), reason: hold.reason, until: hold.until });
    }
    if case.asked() != asked {
        closed.push(GateClosed::Superseded);
    }
    closed
}

fn covered_elsewhere(account: &Account, intended: &Intended<'_>, case: &CaseId, step: &StepId) -> bool {
    account
        .letters
        .iter()
        .filter(|letter| Some(&letter.id) != intended.letter)
        .filter(|letter| !matches!(letter.state, LetterState::Withdrawn | LetterState::Rejected(_)))
        .any(|letter| letter.covers.iter().any(|(c, s)| c == case && s == step))
}

/// What it asks in total, interest and costs included. A letter about nothing has a reason of its own, and an instalment
/// was agreed whatever its size. The minimum is in euros and says nothing of other currencies.
pub fn below_minimum(account: &Account, intended: &Intended<'_>, policy: &Policy) -> Option<GateClosed> {
    if intended.covers.iter().any(|(_, step)| step.instalment().is_some()) {
        return None;
    }
    let minimum = policy.minimum(account);
    let extras = intended.extras.iter().map(|(_, extras)| extras.total());
    let asked = Money::sum(intended.amounts.iter().map(|(_, amount)| *amount).chain(extras), minimum.currency())?;
    (asked.is_positive() && asked.minor() < minimum.minor()).then_some(GateClosed::BelowMinimum { minimum })
}

fn covered_by_credit(account: &Account, intended: &Intended<'_>) -> bool {
    let Some((_, first)) = intended.amounts.first() else { return true };
    let asked = Money::sum(intended.amounts.iter().map(|(_, amount)| *amount), first.currency());
    let credit = account.credits.iter().map(|credit| credit.amount).filter(|a| a.currency() == first.currency());
    let credit = Money::sum(credit, first.currency());
    let credit = credit.and_then(|credit| credit.checked_add(account.unallocated(first.currency())));
    match (asked, credit) {
        (Some(asked), Some(credit)) => credit.is_positive() && credit.minor() >= asked.minor(),
        _ => false,
    }
}

/// One letter at a time, gaps from the last one that really left, never before the deadline it named. Thanks keep their distance
/// from every letter, but no letter that asks something waits for thanks; only never two on one day.
fn spacing_gate(account: &Account, intended: &Intended<'_>, policy: &Policy, today: NaiveDate) -> Vec<GateClosed> {
    let mut closed = Vec::new();
    let counts = |letter: &&Letter| intended.is_thanks() || !letter.is_thanks();
    let mut others = account.letters.iter().filter(|letter| Some(&letter.id) != intended.letter);
    if let Some(underway) = others.find(|letter| letter.is_underway() && counts(letter)) {
        closed.push(GateClosed::LetterUnderway { letter: underway.id.clone() });
    }
    closed.extend(owner_gate(account, policy, today));
    if let Some(sent_on) = account.last_left().filter(|sent_on| today <= *sent_on) {
        closed.push(GateClosed::OneADay { sent_on });
    }
    let last = account.last_sent();
    let gap_from = if intended.is_thanks() { account.last_left() } else { last.map(|(_, sent_on)| sent_on) };
    let gap_until = gap_from.map(|sent_on| sent_on + TimeDelta::days(policy.min_gap_days));
    closed.extend(gap_until.filter(|until| today < *until).map(|until| GateClosed::MinGap { until }));
    // Thanks ask nothing, so they disturb no term.
    let deadline = last.and_then(|(letter, _)| letter.deadline).filter(|_| !intended.is_thanks());
    closed.extend(deadline.filter(|last| today <= *last).map(|until| GateClosed::DeadlineRunning { until }));
    closed
}

/// At least until the next day, whatever the gap is.
fn owner_gate(account: &Account, policy: &Policy, today: NaiveDate) -> Option<GateClosed> {
    let on = account.owner_wrote?;
    let until = on + TimeDelta::days(policy.min_gap_days.max(1));
    (today < until).then_some(GateClosed::OwnerWrote { on, until })
}

fn world_gate(intended: &Intended<'_>, policy: &Policy, world: &World) -> Vec<GateClosed> {
    let mut closed = Vec::new();
    if intended.made_on != world.today() {
        closed.push(GateClosed::Superseded);
    }
    if let Some(what) = &world.quarantined {
        closed.push(GateClosed::Quarantined { what: what.clone() });
    }
    closed.extend(house_gate(intended.formal, policy, world));
    closed
}

/// What keeps back every letter of this kind, whoever it is to.
pub fn house_gate(formal: bool, policy: &Policy, world: &World) -> Vec<GateClosed> {
    let mut closed = Vec::new();
    if !policy.sending.is_open(world.now, formal) {
        closed.push(GateClosed::OutsideWindow);
    }
    if !world.mailbox_is_fresh() {
        closed.push(GateClosed::MailboxNotRead { since: world.mailbox_read_at });
    }
    if world.mail_waiting > 0 {
        closed.push(GateClosed::MailWaiting { count: world.mail_waiting });
    }
    if world.sent_today >= world.per_day {
        closed.push(GateClosed::PerDay { limit: world.per_day });
    }
    if world.per_hour > 0 && world.sent_this_hour >= world.per_hour {
        closed.push(GateClosed::PerHour { limit: world.per_hour });
    }
    closed.extend(world.stopped.clone().map(GateClosed::Stopped));
    if formal {
        closed.extend(bank_data_gate(policy, world));
    }
    closed
}

/// Formal letters: listed in the digest of an earlier day. Approval is asked for apart, and bank data is the house's.
fn announcement_gate(account: &Account, intended: &Intended<'_>, policy: &Policy, world: &World) -> Vec<GateClosed> {
    let mut closed = Vec::new();
    let announced = |case: &CaseId, step: &StepId| {
        account.announced.iter().any(|a| a.case == *case && a.step == *step && a.on < world.today())
    };
    if !intended.covers.iter().all(|(case, step)| !policy.is_formal(account, step) || announced(case, step)) {
        closed.push(GateClosed::NotAnnounced);
    }
    closed
}

/// Bank data covers the last banking day before today, or later.
pub fn is_fresh(world: &World, policy: &Policy) -> bool {
    let calendar = &policy.sending.calendar;
    world.bank_data_until.is_some_and(|until| calendar.banking_days_between(until, world.today()) <= 1)
}

/// Formal letters, and the end of the ladder where a human decides about an agency or a lawyer, ask for fresh bank data:
/// nobody is handed over who paid the day before.
pub fn bank_data_gate(policy: &Policy, world: &World) -> Option<GateClosed> {
    let stale = policy.freshness != Freshness::None && !is_fresh(world, policy);
    stale.then_some(GateClosed::StaleBankData { since: world.bank_data_until })
}

/// Whether a letter of this kind needs the owner's yes first.
pub fn needs_approval(formal: bool, policy: &Policy) -> bool {
    match (policy.mode, formal) {
        (Mode::Approve, _) => true,
        (Mode::Auto, true) => policy.formal_mode == FormalMode::Approve,
        (Mode::Auto, false) | (Mode::Observe, _) => false,
    }
}

impl fmt::Display for GateClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GateClosed::Observing => write!(f, "mode is observe: nothing leaves"),
            GateClosed::NeverDun => write!(f, "this debtor is never dunned (never_dun)"),
            GateClosed::NoAddress => write!(f, "no mail address is known"),
            GateClosed::DeadAddress { address } => write!(f, "letters to {address} came back"),
            GateClosed::CaseClosed { case } => write!(f, "case {case} is closed"),
            GateClosed::NotPaid { case } => write!(f, "case {case} is not surely paid: no thanks"),
            GateClosed::FormalSteps { case } => {
                write!(f, "a formal letter went about case {case}: no thanks meanwhile")
            }
            GateClosed::Held { case, reason, until: None } => write!(f, "case {case} is held: {}", reason.code()),
            GateClosed::Held { case, reason, until: Some(until) } => {
                write!(f, "case {case} is held until {until}: {}", reason.code())
            }
            GateClosed::AlreadyCovered { case, step } => write!(f, "step {step} of case {case} was taken already"),
            GateClosed::Superseded => write!(f, "an amount, the address or the day changed since the letter was made"),
            GateClosed::CoveredByCredit => write!(f, "credit covers the debt"),
            GateClosed::BelowMinimum { minimum } => write!(f, "less is asked than the minimum of {minimum}"),
            GateClosed::NotInDefault { case } => write!(f, "the debtor is not in default with case {case}"),
            GateClosed::CostsTooEarly { case } => {
                write!(f, "costs of case {case} are not owed: no term that announced them has run out")
            }
            GateClosed::LetterUnderway { letter } => write!(f, "letter {letter} is under way or of unknown fate"),
            GateClosed::MinGap { until } => write!(f, "too soon after the last letter: not before {until}"),
            GateClosed::OwnerWrote { on, until } => {
                write!(f, "you wrote to this debtor yourself on {on}: not before {until}")
            }
            GateClosed::DeadlineRunning { until } => write!(f, "the last letter gave time until {until}"),
            GateClosed::OneADay { sent_on } => {
                write!(f, "a letter left for this debtor on {sent_on}: never two on one day")
            }
            GateClosed::OutsideWindow => write!(f, "outside the sending days and hours"),
            GateClosed::MailboxNotRead { since: None } => write!(f, "the mailbox has not been read completely yet"),
            GateClosed::MailboxNotRead { since: Some(since) } => {
                write!(f, "the mailbox was last read completely at {}", since.format("%Y-%m-%d %H:%M"))
            }
            GateClosed::MailWaiting { count } => write!(f, "{count} mail(s) or file(s) wait to be understood"),
            GateClosed::Quarantined { what } => write!(f, "something of this debtor is in quarantine: {what}"),
            GateClosed::StaleBankData { since: None } => write!(f, "there is no bank data"),
            GateClosed::StaleBankData { since: Some(since) } => write!(f, "bank data ends on {since}"),
            GateClosed::NotAnnounced => write!(f, "not listed in the digest of an earlier day yet"),
            GateClosed::NotApproved => write!(f, "waits for approval"),
            GateClosed::PerDay { limit } => write!(f, "{limit} letters left today already"),
            GateClosed::PerHour { limit } => write!(f, "{limit} letters left within the last hour already"),
            GateClosed::Stopped(stop) => write!(f, "{stop}"),
            GateClosed::Leak { why } => write!(f, "the letter was kept back: {why}"),
            GateClosed::NotMade { why } => write!(f, "the letter could not be made: {why}"),
        }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Burst { due, limit } => {
                write!(f, "{due} letters are due at once, more than {limit}: waits for the owner")
            }
            Stop::CatchUp { since } => write!(f, "catching up after an interruption since {since}"),
            Stop::ClockWentBack { last } => write!(f, "the clock stands before {}", last.format("%Y-%m-%d %H:%M")),
            Stop::Lane { reason } => write!(f, "the mail server refuses us: {reason}"),
            Stop::ClockImplausible { now } => {
                write!(f, "the clock says {}, which cannot be: set it right", now.format("%Y-%m-%d %H:%M"))
            }
            Stop::Restored { taken } => write!(
                f,
                "restored from a backup of {}: waits until all mail and statements since then were read, and for you",
                taken.format("%Y-%m-%d %H:%M")
            ),
            Stop::DiskLow { free_mib } => write!(f, "only {free_mib} MiB are free on the disk of the database"),
            Stop::InvoicesAway { why } => write!(f, "the invoices folder cannot be read: {why}"),
        }
    }
}
