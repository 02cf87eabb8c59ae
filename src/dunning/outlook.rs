//! What lies ahead for one debtor when nothing more comes in: the days are lived through one by one with the very
//! decision that the daemon takes, in a world where everything is well, and every letter is approved and arrives.
//! Pure: nothing of it happens.

use super::account::{Account, Letter};
use super::decide::decide;
use super::fact::Fact;
use super::ids::{CaseId, StepId};
use super::input::{Input, Outcome};
use super::instalments::due_letters;
use super::money::Money;
use super::policy::{FormalMode, Mode, Policy};
use super::question::{Question, QuestionKind};
use super::world::World;
use chrono::{Days, NaiveDate, NaiveDateTime};

/// From where to look ahead.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    pub now: NaiveDateTime,
    /// Today's digest was made: what it did not announce is announced tomorrow.
    pub digest_made: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ahead {
    pub on: NaiveDate,
    pub what: Coming,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coming {
    Letter(Box<Letter>),
    /// Money that was agreed to come on that day at the latest; what follows supposes that it does not.
    Instalment {
        plan: u32,
        amount: Money,
        cases: Vec<CaseId>,
    },
    /// Something that only a human can do: a call, the end of the ladder, instalments that are not kept.
    Task {
        kind: QuestionKind,
        case: Option<CaseId>,
        text: String,
    },
}

/// What the days up to `until` (included) bring, in order. The mode of the policy does not count: it tells what would
/// be sent when sending were on and nobody said no.
pub fn outlook(account: &Account, policy: &Policy, start: Start, until: NaiveDate) -> Vec<Ahead> {
    ahead(account, policy, start, until).collect()
}

/// The first thing that comes, with its day.
pub fn next_ahead(account: &Account, policy: &Policy, start: Start, until: NaiveDate) -> Option<Ahead> {
    ahead(account, policy, start, until).next()
}

/// Lazily, so that who wants the first thing does not live through a year.
fn ahead(account: &Account, policy: &Policy, start: Start, until: NaiveDate) -> impl Iterator<Item = Ahead> {
    let mut account = account.clone();
    let policy = Policy { mode: Mode::Auto, formal_mode: FormalMode::Auto, ..policy.clone() };
    let first = start.now.date();
    let days = first.iter_days().take_while(move |day| *day <= until);
    days.flat_map(move |day| {
        if day > first || !start.digest_made {
            announce(&mut account, &policy, day);
        }
        live_through(&mut account, &policy, moment(start, &policy, day))
    })
}

/// The first moment of the day at which a letter may leave.
fn moment(start: Start, policy: &Policy, day: NaiveDate) -> NaiveDateTime {
    start.now.max(day.and_time(policy.sending.window.0))
}

/// What the digest of that day lists of this debtor's formal steps.
fn announce(account: &mut Account, policy: &Policy, day: NaiveDate) {
    let Some(tomorrow) = day.checked_add_days(Days::new(1)) else { return };
    let due_on = |formal| due_letters(account, policy, policy.sending.next_sending_day(tomorrow, formal));
    let due = due_on(false).into_iter().chain(due_on(true)).filter(|due| due.formal);
    let mut steps: Vec<(CaseId, StepId)> = due.flat_map(|due| due.covers).collect();
    steps.retain(|(_, step)| policy.is_formal(account, step));
    steps.sort();
    steps.dedup();
    if !steps.is_empty() {
        take(account, &Input::Announced { steps }, policy, day);
    }
}

fn live_through(account: &mut Account, policy: &Policy, now: NaiveDateTime) -> Vec<Ahead> {
    let on = now.date();
    let instalment = instalment_on(account, on);
    let facts = take(account, &Input::Day(well(now)), policy, on);
    let coming = instalment.into_iter().chain(facts.into_iter().filter_map(coming));
    let coming: Vec<Ahead> = coming.map(|what| Ahead { on, what }).collect();
    for ahead in &coming {
        if let Coming::Letter(letter) = &ahead.what {
            let outcome = Outcome::Sent { on, reply: String::new() };
            take(account, &Input::Letter { letter: letter.id.clone(), outcome }, policy, on);
        }
    }
    coming
}

/// What a plan expects on that day, as far as it was not paid before.
fn instalment_on(account: &Account, on: NaiveDate) -> Option<Coming> {
    let plan = account.living_plan()?;
    let place = plan.place(on)?;
    let (first_unpaid, _) = plan.first_unpaid(account)?;
    let amount =
        plan.instalments.iter().find(|instalment| instalment.due == on)?.amount.min(plan.short_on(account, on));
    let cases = plan.open_cases(account).map(|case| case.id.clone()).collect();
    (place >= first_unpaid).then_some(Coming::Instalment { plan: plan.number, amount, cases })
}

fn take(account: &mut Account, input: &Input, policy: &Policy, on: NaiveDate) -> Vec<Fact> {
    let facts = decide(account, input, policy, on);
    facts.iter().for_each(|fact| account.apply(fact));
    facts
}

fn coming(fact: Fact) -> Option<Coming> {
    match fact {
        Fact::LetterRequested { letter } => Some(Coming::Letter(Box::new(letter))),
        Fact::QuestionAsked { question: Question { kind, case, text, .. } }
            if matches!(kind, QuestionKind::Call | QuestionKind::HandOver | QuestionKind::Plan) =>
        {
            Some(Coming::Task { kind, case, text })
        }
        _ => None,
    }
}

/// The mailbox was read just now, bank data is complete, nothing waits.
fn well(now: NaiveDateTime) -> World {
    World {
        now,
        mailbox_read_at: Some(now),
        mail_waiting: 0,
        quarantined: None,
        bank_data_until: Some(now.date()),
        sent_today: 0,
        per_day: u32::MAX,
        sent_this_hour: 0,
        per_hour: 0,
        restored_on: None,
        stopped: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dunning::account::LetterState;
    use crate::dunning::calendar::{Calendar, Country, SendingDays};
    use crate::dunning::debtor::{Debtor, DebtorKind, Language};
    use crate::dunning::hold::{Hold, HoldReason, Scope};
    use crate::dunning::ids::{DebtorId, EvidenceId};
    use crate::dunning::invoice::{DueSource, Invoice, InvoiceKind, Seller, TermSource};
    use crate::dunning::money::Money;
    use crate::dunning::policy::{Claims, CostsAsked, FirstSight, Freshness, Ladder, Step, StepKind};
    use chrono::NaiveTime;
    use std::collections::{BTreeMap, BTreeSet};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn step(id: &str, kind: StepKind, days: i64, deadline_days: Option<i64>) -> Step {
        Step {
            id: id.into(),
            kind,
            days,
            after: 7,
            deadline_days,
            template: id.to_owned(),
            interest: false,
            costs: CostsAsked::None,
            law: None,
        }
    }

    /// Reminder after 3 days, a call after 14, a formal notice after 21, the end after 50.
    fn policy() -> Policy {
        let steps = vec![
            step("reminder", StepKind::Letter, 3, None),
            step("call", StepKind::Call, 14, None),
            step("notice", StepKind::Formal, 21, Some(14)),
            step("end", StepKind::Human, 50, None),
        ];
        let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        Policy {
            mode: Mode::Observe,
            formal_mode: FormalMode::Approve,
            ladders: BTreeMap::from([((Country::Nl, DebtorKind::Business), Ladder { name: "test".into(), steps })]),
            named_ladders: BTreeMap::new(),
            term_calendars: BTreeMap::new(),
            claims: Claims::default(),
            minimum: Money::eur_cents(0),
            sending: SendingDays {
                days: (1..=5).collect(),
                window: (hour(9), hour(17)),
                calendar: Calendar { country: Country::Nl, closed: BTreeSet::new() },
            },
            min_gap_days: 5,
            overdue_at_first_sight: FirstSight::Open,
            freshness: Freshness::Statements,
            promise_grace_days: 3,
            part_payment_pause_days: 3,
            notice_close_max: Money::eur_cents(0),
            default_term_days: 30,
            language: Language::En,
            thanks: false,
            overrides: BTreeMap::new(),
        }
    }

    /// One invoice, due on Thursday 1 October 2026.
    fn account() -> Account {
        let debtor = Debtor {
            id: "K1".into(),
            name: "Jansen".into(),
            contact: None,
            email: Some("a@jansen.example".into()),
            kind: DebtorKind::Business,
            country: None,
            address: Vec::new(),
            language: None,
            phone: None,
            vat: None,
            kvk: None,
        };
        let invoice = Invoice {
            number: "2026-1".into(),
            kind: InvoiceKind::Invoice,
            issue_date: day("2026-09-01"),
            due_date: Some(day("2026-10-01")),
            total: Money::eur_cents(10_000),
            prepaid: Money::eur_cents(0),
            payable: Money::eur_cents(10_000),
            debtor: debtor.clone(),
            description: None,
            payment_reference: None,
            order_reference: None,
            corrects: None,
            term_source: TermSource::Invoice,
            due_source: DueSource::default(),
            seller: Seller::default(),
            iban: None,
        };
        let mut account = Account::new(DebtorId::new("K1"));
        account.apply(&Fact::DebtorDescribed { debtor });
        account.apply(&Fact::InvoiceOpened {
            case: "C-2026-1".into(),
            invoice: Box::new(invoice),
            due_date: day("2026-10-01"),
            file: "a.toml".into(),
            source: EvidenceId::new("x"),
            on: day("2026-09-01"),
        });
        account
    }

    fn start(text: &str) -> Start {
        Start { now: text.parse().unwrap(), digest_made: false }
    }

    fn told(ahead: &[Ahead]) -> Vec<(String, &str)> {
        let what = |ahead: &Ahead| match &ahead.what {
            Coming::Letter(letter) if letter.template == "reminder" => "reminder",
            Coming::Letter(_) => "notice",
            Coming::Instalment { .. } => "instalment",
            Coming::Task { kind, .. } => kind.code(),
        };
        ahead.iter().map(|ahead| (ahead.on.to_string(), what(ahead))).collect()
    }

    #[test]
    fn the_whole_ladder_is_lived_through_on_its_days() {
        let ahead = outlook(&account(), &policy(), start("2026-09-20T08:00:00"), day("2026-12-31"));
        let expected =
            [("2026-10-05", "reminder"), ("2026-10-15", "call"), ("2026-10-22", "notice"), ("2026-11-20", "hand_over")];
        assert_eq!(told(&ahead), expected.map(|(on, what)| (on.to_owned(), what)));
        let Coming::Letter(notice) = &ahead[2].what else { panic!("{ahead:?}") };
        assert!(notice.formal && notice.state == LetterState::Requested);
        assert_eq!(notice.deadline, Some(day("2026-11-05")));
    }

    #[test]
    fn the_first_thing_is_the_first_of_all() {
        let (account, policy, until) = (account(), policy(), day("2026-12-31"));
        let from = start("2026-10-06T18:00:00");
        let all = outlook(&account, &policy, from, until);
        assert_eq!(next_ahead(&account, &policy, from, until).as_ref(), all.first());
        assert_eq!(all[0].on, day("2026-10-07"), "the hours of the 6th are over");
        assert!(outlook(&account, &policy, from, day("2026-10-06")).is_empty());
    }

    #[test]
    fn a_hold_with_an_end_delays_and_one_without_stops() {
        let (mut held, policy) = (account(), policy());
        let mut hold = Hold {
            scope: Scope::Debtor,
            reason: HoldReason::Manual,
            since: day("2026-09-20"),
            until: Some(day("2026-10-12")),
            cases: Vec::new(),
            evidence: None,
            source: None,
            claimed_day: None,
        };
        held.apply(&Fact::Held { hold: hold.clone() });
        let from = start("2026-09-20T08:00:00");
        assert_eq!(outlook(&held, &policy, from, day("2026-12-31"))[0].on, day("2026-10-13"));
        hold.until = None;
        held.apply(&Fact::Held { hold });
        assert!(outlook(&held, &policy, from, day("2026-12-31")).is_empty());
    }

    #[test]
    fn a_formal_step_that_todays_digest_did_not_list_waits_for_tomorrows() {
        let (mut late, policy) = (account(), policy());
        for step in ["reminder", "call"] {
            let (case, on) = ("C-2026-1".into(), day("2026-10-05"));
            late.apply(&Fact::StepDone { case, step: step.into(), on, why: String::new() });
        }
        let until = day("2026-12-31");
        let from = |digest_made| Start { digest_made, ..start("2026-11-02T08:00:00") };
        assert_eq!(outlook(&late, &policy, from(false), until)[0].on, day("2026-11-03"));
        assert_eq!(outlook(&late, &policy, from(true), until)[0].on, day("2026-11-04"));
    }

    #[test]
    fn nothing_really_happens() {
        let account = account();
        let copy = account.clone();
        outlook(&account, &policy(), start("2026-09-20T08:00:00"), day("2027-12-31"));
        assert_eq!(account, copy);
    }
}
