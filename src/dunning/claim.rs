//! The claim on one invoice on one day: principal, interest and costs. What of it the debtor has been asked, what a
//! letter may ask, and what a payment settles. The figures are the law's (`law`); which letters ask them is the ladder's.
//!
//! Interest and costs live only from the letter that asks them (or that announced them and whose term ran out). A debtor
//! who pays the invoice before that owes nothing more, whatever the law would grant.

use super::account::{Account, Case, Letter, LetterState};
use super::calendar::{Calendar, Country};
use super::charge;
use super::debtor::DebtorKind;
use super::ids::{CaseId, StepId};
use super::invoice::TermSource;
use super::law::allocation::Owed;
use super::law::interest::{Event, Rate, Reckoned, Reckoning, reckon};
use super::law::rates::{OutOfRange, RateKind};
use super::law::term::{self, Term};
use super::money::{Currency, Extras, Money};
use super::policy::{CostsAsked, InterestAsked, LegalStep, Policy};
use chrono::{NaiveDate, TimeDelta};

/// An invoice sent by mail is taken to be received the day after its date; where no term was agreed a business owes
/// interest from the 31st day after that (art. 6:119a(2)(a) BW; Belgian Act of 2 August 2002 art. 4).
const DAYS_WITHOUT_AGREED_TERM: i64 = 31;
/// A payment counts when it is credited (art. 6:114(2) BW): these banking days are waited for it after a term in law.
const CREDIT_BANKING_DAYS: u32 = 2;

impl Letter {
    /// It reached the debtor, as far as is known, and nothing took its effect in law away.
    pub fn has_effect(&self) -> bool {
        matches!(self.state, LetterState::Sent(_)) && self.void.is_none()
    }

    fn is_effective(&self, law: LegalStep, case: &CaseId) -> bool {
        self.law == Some(law) && self.has_effect() && self.covers.iter().any(|(covered, _)| covered == case)
    }
}

/// The last day on which the case could be paid without interest; `None` while the debtor is not in default and no day is
/// known on which default begins.
pub fn last_day_in_time(account: &Account, case: &Case, policy: &Policy) -> Option<NaiveDate> {
    let agreed = has_agreed_term(case, policy).then_some(case.due_date);
    match (policy.country(account), policy.kind(account)) {
        (_, DebtorKind::Business | DebtorKind::Government) => {
            let unagreed = case.invoice.issue_date + TimeDelta::days(DAYS_WITHOUT_AGREED_TERM);
            Some(agreed.unwrap_or(case.due_date.max(unagreed)))
        }
        // Art. 6:83(a) BW: an agreed term; else art. 6:82 BW: the term of a notice of default.
        (Country::Nl, DebtorKind::Consumer) => agreed.or_else(|| end_of(account, case, LegalStep::NoticeOfDefault)),
        // Book XIX WER, art. XIX.4: nothing without the clause, and not before the term of the free reminder is over.
        (Country::Be, DebtorKind::Consumer) if policy.claims.be_clause => {
            let reminder = effective(account, case, LegalStep::BeFirstReminder)?;
            Some(term_of(reminder, account, policy)?.last_day)
        }
        (Country::Be, DebtorKind::Consumer) => None,
    }
}

/// The due date is a fatal term: default begins without a notice (art. 6:83(a) BW).
pub fn has_agreed_term(case: &Case, policy: &Policy) -> bool {
    match case.invoice.term_source {
        TermSource::Contract | TermSource::GeneralTerms => true,
        TermSource::Invoice => policy.claims.agreed_terms,
    }
}

/// In default on that day: the last day in time has passed.
pub fn in_default(account: &Account, case: &Case, policy: &Policy, on: NaiveDate) -> bool {
    last_day_in_time(account, case, policy).is_some_and(|last| last < on)
}

fn effective<'a>(account: &'a Account, case: &Case, law: LegalStep) -> Option<&'a Letter> {
    account.letters.iter().rfind(|letter| letter.is_effective(law, &case.id))
}

fn end_of(account: &Account, case: &Case, law: LegalStep) -> Option<NaiveDate> {
    effective(account, case, law)?.deadline
}

/// The term that the law gives a letter which was sent.
pub(super) fn term_of(letter: &Letter, account: &Account, policy: &Policy) -> Option<Term> {
    letter.left_on().and_then(|sent| legal_term(letter.law?, account, policy, sent))
}

/// The term of a legal letter that is mailed on that day; `None` for one whose term is its own deadline.
pub fn legal_term(law: LegalStep, account: &Account, policy: &Policy, sent: NaiveDate) -> Option<Term> {
    let calendar = term_calendar(account, policy);
    // Which minute the server took it is not kept: it counts as the last one at which letters may leave.
    let last_minute = sent.and_time(policy.sending.window.1 - TimeDelta::minutes(1));
    match law {
        LegalStep::NoticeOfDefault => None,
        LegalStep::FourteenDayLetter => {
            Some(term::fourteen_days(term::received(term::Channel::Mail, last_minute, &calendar), &calendar))
        }
        LegalStep::BeFirstReminder => Some(term::belgian_term(term::Channel::Mail, sent, &calendar)),
    }
}

/// The holidays of the country whose law protects the debtor, and the owner's closing days: those only make terms longer.
fn term_calendar(account: &Account, policy: &Policy) -> Calendar {
    let country = policy.country(account);
    let mut calendar =
        policy.term_calendars.get(&country).cloned().unwrap_or(Calendar { country, ..Calendar::default() });
    calendar.closed.extend(policy.sending.calendar.closed.iter());
    calendar
}

/// The last day on which a payment must be credited to escape what a legal letter announces, with the days that a transfer takes.
pub fn waited_until(term: &Term, account: &Account, policy: &Policy) -> NaiveDate {
    term_calendar(account, policy).banking_days_after(term.last_day, CREDIT_BANKING_DAYS)
}

/// Interest on the case up to and including that day, with what was paid of it. `None` when none may be asked of this
/// debtor: not in default yet, another currency, switched off, or no clause.
///
/// # Errors
/// A day for which the table has no rate: then no interest is asked at all.
pub fn interest(
    account: &Account,
    case: &Case,
    policy: &Policy,
    on: NaiveDate,
) -> Option<Result<Reckoned, OutOfRange>> {
    let rate = rate(account, policy).filter(|_| case.invoice.payable.currency() == Currency::EUR)?;
    let due = last_day_in_time(account, case, policy).filter(|last| *last < on)?;
    let events = ledger(account, &case.id);
    Some(reckon(&Reckoning {
        table: &policy.claims.rates,
        rate,
        day_count: policy.claims.day_count,
        principal: principal(case),
        costs: Money::zero(Currency::EUR),
        due,
        until: on,
        events: &events,
    }))
}

/// The rate that the debtor owes; `None` when no interest is asked of this debtor.
pub fn rate(account: &Account, policy: &Policy) -> Option<Rate> {
    if !policy.asks_extras(account) {
        return None;
    }
    let kind = policy.kind(account);
    let statutory = match (policy.country(account), kind) {
        (Country::Nl, DebtorKind::Consumer) => RateKind::NlStatutory,
        (Country::Nl, DebtorKind::Business) => RateKind::NlCommercial,
        (Country::Nl, DebtorKind::Government) => RateKind::NlGovernment,
        (Country::Be, DebtorKind::Business | DebtorKind::Consumer | DebtorKind::Government) => RateKind::BeCommercial,
    };
    match policy.claims.interest {
        InterestAsked::None => None,
        InterestAsked::Contract(percent) if kind == DebtorKind::Business => Some(Rate::Fixed(percent)),
        InterestAsked::Statutory | InterestAsked::Contract(_) => Some(Rate::Table(statutory)),
    }
}

/// What the invoice asks: its amount less what was credited, since a credit note corrects it from the start, and less the
/// unpaid part that is disputed, as long as it is: interest and costs over that are asked when the dispute is resolved.
pub(super) fn principal(case: &Case) -> Money {
    let asked = case.invoice.payable.checked_sub(case.credited).unwrap_or(case.invoice.payable);
    let undisputed = case.disputed.and_then(|disputed| asked.checked_sub(disputed));
    undisputed.map_or(asked, |undisputed| larger(undisputed, case.paid.min(asked)))
}

/// What was paid, as it was allocated then.
fn ledger(account: &Account, case: &CaseId) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for payment in &account.payments {
        let parts = payment.by_case().into_iter().filter(|(id, ..)| id == case);
        events.extend(parts.map(|(_, principal, extras)| Event::Settled {
            date: payment.booked,
            interest: extras.interest,
            principal,
        }));
    }
    events
}

/// What the debtor owes of this case on that day, as far as it has been asked: the principal, and interest and costs from
/// the letter on that asked them, or that announced them and whose term has run out.
pub fn claimed(account: &Account, case: &Case, policy: &Policy, on: NaiveDate) -> Owed {
    let interest =
        if is_interest_claimed(account, &case.id, on) { open_interest(account, case, policy, on) } else { nothing() };
    Owed { principal: case.open(), interest, costs: charge::open_costs(account, case, policy, on) }
}

/// The most that the debtor was asked to pay for this case: by a letter, or as it stands on that day.
pub fn most_asked(account: &Account, case: &Case, policy: &Policy, on: NaiveDate) -> Money {
    let now = claimed(account, case, policy, on);
    let letters = asked_before(account, &case.id).map(|(_, extras)| extras.total());
    let extras = letters.fold(plus(now.interest, now.costs), larger);
    if extras.is_zero() { now.principal } else { plus(now.principal, extras) }
}

pub(super) fn nothing() -> Money {
    Money::zero(Currency::EUR)
}

fn open_interest(account: &Account, case: &Case, policy: &Policy, on: NaiveDate) -> Money {
    interest(account, case, policy, on).and_then(Result::ok).map_or(nothing(), |reckoned| reckoned.left.interest)
}

fn is_interest_claimed(account: &Account, case: &CaseId, on: NaiveDate) -> bool {
    asked_before(account, case).any(|(day, extras)| day < on && extras.interest.is_positive())
}

/// A letter that arrived asked interest or costs of this case.
pub fn is_claimed(account: &Account, case: &CaseId) -> bool {
    asked_before(account, case).any(|(_, extras)| !extras.is_zero())
}

/// What letters that arrived asked beside the principal, with the day of each.
pub(super) fn asked_before<'a>(
    account: &'a Account,
    case: &'a CaseId,
) -> impl Iterator<Item = (NaiveDate, Extras)> + 'a {
    account.letters.iter().filter_map(move |letter| match letter.state {
        LetterState::Sent(on) => Some((on, letter.extras.iter().find(|(id, _)| id == case)?.1)),
        LetterState::Requested
        | LetterState::Unknown(_)
        | LetterState::Withdrawn
        | LetterState::Rejected(_)
        | LetterState::Bounced(_) => None,
    })
}

/// What a letter that lists these cases and takes these steps asks beside the open amounts: what its steps ask, and what
/// an earlier letter asked of the case.
pub fn asked(
    account: &Account,
    listed: &[(CaseId, Money)],
    covers: &[(CaseId, StepId)],
    policy: &Policy,
    on: NaiveDate,
) -> Vec<(CaseId, Extras)> {
    let cases: Vec<&Case> = listed.iter().filter_map(|(id, _)| account.cases.get(id)).collect();
    let new_costs = charge::new_costs(account, &cases, covers, policy, on);
    let asks_announced = policy.kind(account) == DebtorKind::Consumer
        && covers.iter().any(|(_, id)| policy.step(account, id).is_some_and(|step| step.costs != CostsAsked::None));
    let extras = cases.into_iter().map(|case| {
        let step = policy.step_in(account, covers, &case.id);
        let wants_interest = step.is_some_and(|step| step.interest) || is_interest_claimed(account, &case.id, on);
        let interest = if wants_interest { open_interest(account, case, policy, on) } else { nothing() };
        // What was announced in one letter is asked in one: of every case in it, when its term ran out.
        let wants_costs = step.is_some_and(|step| step.costs != CostsAsked::None)
            || asks_announced
            || asked_before(account, &case.id).any(|(_, extras)| extras.costs.is_positive());
        let known = if wants_costs { charge::open_costs(account, case, policy, on) } else { nothing() };
        let new = new_costs.iter().find(|(id, _)| *id == case.id).map_or(nothing(), |(_, costs)| *costs);
        let costs = plus(known, new);
        (case.id.clone(), Extras { interest, costs })
    });
    extras.filter(|(_, extras)| !extras.is_zero()).collect()
}

pub(super) fn plus(a: Money, b: Money) -> Money {
    a.checked_add(b).unwrap_or(a)
}

pub(super) fn larger(a: Money, b: Money) -> Money {
    if b.minor() > a.minor() { b } else { a }
}
