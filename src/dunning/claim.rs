//! The claim on one invoice on one day: principal, interest and costs. What of it the debtor has been asked, what a
//! letter may ask, and what a payment settles. The figures are the law's (`law`); which letters ask them is the ladder's.
//!
//! Interest and costs live only from the letter that asks them (or that announced them and whose term ran out). A debtor
//! who pays the invoice before that owes nothing more, whatever the law would grant.

use super::account::{Account, Case, Letter, LetterState};
use super::calendar::{Calendar, Country};
use super::debtor::DebtorKind;
use super::ids::{CaseId, StepId};
use super::invoice::TermSource;
use super::law::allocation::Owed;
use super::law::costs::{self, Fixed, Scale};
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
fn term_of(letter: &Letter, account: &Account, policy: &Policy) -> Option<Term> {
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
fn principal(case: &Case) -> Money {
    let asked = case.invoice.payable.checked_sub(case.credited).unwrap_or(case.invoice.payable);
    let undisputed = case.disputed.and_then(|disputed| asked.checked_sub(disputed));
    undisputed.map_or(asked, |undisputed| larger(undisputed, smaller(case.paid, asked)))
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
    let extras =
        if is_interest_claimed(account, &case.id, on) { open_interest(account, case, policy, on) } else { nothing() };
    Owed { principal: case.open(), interest: extras, costs: open_costs(account, case, policy, on) }
}

/// The most that the debtor was asked to pay for this case: by a letter, or as it stands on that day.
pub fn most_asked(account: &Account, case: &Case, policy: &Policy, on: NaiveDate) -> Money {
    let now = claimed(account, case, policy, on);
    let letters = asked_before(account, &case.id).map(|(_, extras)| extras.total());
    let extras = letters.fold(plus(now.interest, now.costs), larger);
    if extras.is_zero() { now.principal } else { plus(now.principal, extras) }
}

fn nothing() -> Money {
    Money::zero(Currency::EUR)
}

fn open_interest(account: &Account, case: &Case, policy: &Policy, on: NaiveDate) -> Money {
    interest(account, case, policy, on).and_then(Result::ok).map_or(nothing(), |reckoned| reckoned.left.interest)
}

/// Costs that were charged and not paid yet.
fn open_costs(account: &Account, case: &Case, policy: &Policy, on: NaiveDate) -> Money {
    let charged = charged(account, case, policy, on);
    charged.checked_sub(case.extras_paid.costs).filter(Money::is_positive).unwrap_or(nothing())
}

fn is_interest_claimed(account: &Account, case: &CaseId, on: NaiveDate) -> bool {
    asked_before(account, case).any(|(day, extras)| day < on && extras.interest.is_positive())
}

/// What letters that arrived asked beside the principal, with the day of each.
fn asked_before<'a>(account: &'a Account, case: &'a CaseId) -> impl Iterator<Item = (NaiveDate, Extras)> + 'a {
    account.letters.iter().filter_map(move |letter| match letter.state {
        LetterState::Sent(on) => Some((on, letter.extras.iter().find(|(id, _)| id == case)?.1)),
        LetterState::Requested
        | LetterState::Unknown(_)
        | LetterState::Withdrawn
        | LetterState::Rejected(_)
        | LetterState::Bounced(_) => None,
    })
}

/// All costs of this case that the debtor came to owe up to that day, paid or not: asked by a letter, or announced by one
/// whose term has run out. Of a consumer only the latter are ever owed, whatever a letter may have said.
fn charged(account: &Account, case: &Case, policy: &Policy, on: NaiveDate) -> Money {
    let announced = announced_and_due(account, case, policy, on);
    if policy.kind(account) == DebtorKind::Consumer {
        return announced;
    }
    let earlier = asked_before(account, &case.id).filter(|(day, _)| *day < on);
    let asked = earlier.map(|(day, extras)| plus(extras.costs, costs_paid(account, &case.id, day)));
    asked.fold(announced, larger)
}

/// Costs that payments before that day covered.
fn costs_paid(account: &Account, case: &CaseId, before: NaiveDate) -> Money {
    let earlier = account.payments.iter().filter(|payment| payment.booked < before);
    let of_case = earlier.flat_map(|payment| &payment.extras).filter(|(id, _)| id == case);
    of_case.map(|(_, extras)| extras.costs).fold(nothing(), plus)
}

/// The part of the announced costs that falls on this case, once the term of the letter has run out (art. 6:96(6) BW; Book
/// XIX WER): over what was not paid in time, and never more than was announced.
fn announced_and_due(account: &Account, case: &Case, policy: &Policy, on: NaiveDate) -> Money {
    let of_case = |letter: &&Letter| letter.has_effect() && letter.announced_costs.iter().any(|(id, _)| *id == case.id);
    let Some(letter) = account.letters.iter().rfind(of_case) else { return nothing() };
    let Some(term) = term_of(letter, account, policy) else { return nothing() };
    let waited = waited_until(&term, account, policy);
    if on < term.costs_from || on <= waited {
        return nothing();
    }
    let late: Vec<(CaseId, Money)> = letter
        .announced_costs
        .iter()
        .filter_map(|(id, _)| Some((id.clone(), unpaid_in_time(account, account.cases.get(id)?, waited))))
        .collect();
    let announced = letter.announced_costs.iter().map(|(_, amount)| *amount).fold(nothing(), plus);
    let fee = smaller(announced, scale(account, policy, &late));
    share(fee, &late).into_iter().find(|(id, _)| *id == case.id).map_or(nothing(), |(_, part)| part)
}

/// Costs may be asked of this case on that day: of a consumer only when a letter that announced them has reached the
/// debtor and the law's term has run out; of others when they are in default.
pub fn may_ask_costs(account: &Account, case: &Case, policy: &Policy, on: NaiveDate) -> bool {
    match policy.kind(account) {
        DebtorKind::Business | DebtorKind::Government => in_default(account, case, policy, on),
        DebtorKind::Consumer => {
            let announced =
                |letter: &&Letter| letter.has_effect() && letter.announced_costs.iter().any(|(id, _)| *id == case.id);
            let terms = account.letters.iter().filter(announced).filter_map(|letter| term_of(letter, account, policy));
            terms.into_iter().any(|term| term.costs_from <= on)
        }
    }
}

/// The principal that no payment credited by that day had covered.
fn unpaid_in_time(account: &Account, case: &Case, waited: NaiveDate) -> Money {
    let in_time = account.payments.iter().filter(|payment| payment.booked <= waited);
    let parts = in_time.flat_map(|payment| payment.by_case()).filter(|(id, ..)| *id == case.id);
    let paid = parts.map(|(_, principal, _)| principal).fold(nothing(), plus);
    principal(case).checked_sub(paid).filter(Money::is_positive).unwrap_or(nothing())
}

/// The costs that the law grants over these principals together (art. 6:96(7) BW), with VAT where that is claimed.
fn scale(account: &Account, policy: &Policy, principals: &[(CaseId, Money)]) -> Money {
    let sum = principals.iter().map(|(_, amount)| *amount).fold(nothing(), plus);
    let granted = match (policy.country(account), policy.kind(account)) {
        (Country::Nl, kind) => {
            let business = kind != DebtorKind::Consumer;
            let vat_not_deductible = policy.claims.vat_on_costs;
            costs::dutch_scale(&[sum], Scale { business, vat_not_deductible, periodic: false }).ok()
        }
        (Country::Be, DebtorKind::Consumer) => costs::belgian_consumer(sum).ok(),
        (Country::Be, DebtorKind::Business | DebtorKind::Government) => Some(costs::fixed(sum, Fixed::BelgianBusiness)),
    };
    granted.map_or(nothing(), |costs| costs.total)
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
    let step =
        |case: &CaseId| covers.iter().find(|(id, _)| id == case).and_then(|(_, step)| policy.step(account, step));
    let cases: Vec<&Case> = listed.iter().filter_map(|(id, _)| account.cases.get(id)).collect();
    let new_costs = new_costs(account, &cases, covers, policy, on);
    let asks_announced = policy.kind(account) == DebtorKind::Consumer
        && covers.iter().any(|(_, id)| policy.step(account, id).is_some_and(|step| step.costs != CostsAsked::None));
    let extras = cases.into_iter().map(|case| {
        let wants_interest =
            step(&case.id).is_some_and(|step| step.interest) || is_interest_claimed(account, &case.id, on);
        let interest = if wants_interest { open_interest(account, case, policy, on) } else { nothing() };
        // What was announced in one letter is asked in one: of every case in it, when its term ran out.
        let wants_costs = step(&case.id).is_some_and(|step| step.costs != CostsAsked::None)
            || asks_announced
            || asked_before(account, &case.id).any(|(_, extras)| extras.costs.is_positive());
        let known = if wants_costs { open_costs(account, case, policy, on) } else { nothing() };
        let new = new_costs.iter().find(|(id, _)| *id == case.id).map_or(nothing(), |(_, costs)| *costs);
        let costs = plus(known, new);
        (case.id.clone(), Extras { interest, costs })
    });
    extras.filter(|(_, extras)| !extras.is_zero()).collect()
}

/// Costs that a business or a government comes to owe by this letter. A consumer owes only what was announced before.
fn new_costs(
    account: &Account,
    listed: &[&Case],
    covers: &[(CaseId, StepId)],
    policy: &Policy,
    on: NaiveDate,
) -> Vec<(CaseId, Money)> {
    if !asks_costs(account, policy) || policy.kind(account) == DebtorKind::Consumer {
        return Vec::new();
    }
    let asked_of =
        |case: &&Case| covers.iter().find(|(id, _)| *id == case.id).and_then(|(_, step)| policy.step(account, step));
    let group = |wanted: CostsAsked| -> Vec<&Case> {
        let asks = |case: &&Case| asked_of(case).is_some_and(|step| step.costs == wanted);
        let late = |case: &&Case| in_default(account, case, policy, on) && case.open().currency() == Currency::EUR;
        listed.iter().copied().filter(|case| asks(case) && late(case)).collect()
    };
    let mut new = additional(account, &group(CostsAsked::Fixed), policy, on, |principals| {
        let owed_by = match policy.country(account) {
            Country::Nl => Fixed::DutchBusiness,
            Country::Be => Fixed::BelgianBusiness,
        };
        costs::fixed(principals.iter().map(|(_, amount)| *amount).fold(nothing(), plus), owed_by).total
    });
    new.extend(additional(account, &group(CostsAsked::Scale), policy, on, |principals| {
        scale(account, policy, principals)
    }));
    new
}

fn asks_costs(account: &Account, policy: &Policy) -> bool {
    policy.claims.costs && policy.asks_extras(account)
}

/// What `fee` over these cases together is more than what they were charged before, spread over them.
fn additional(
    account: &Account,
    cases: &[&Case],
    policy: &Policy,
    on: NaiveDate,
    fee: impl Fn(&[(CaseId, Money)]) -> Money,
) -> Vec<(CaseId, Money)> {
    let principals: Vec<(CaseId, Money)> = cases.iter().map(|case| (case.id.clone(), case.open())).collect();
    let before = cases.iter().map(|case| charged(account, case, policy, on)).fold(nothing(), plus);
    match fee(&principals).checked_sub(before).filter(Money::is_positive) {
        Some(more) => share(more, &principals),
        None => Vec::new(),
    }
}

/// The costs that a legal letter about these cases announces: of all of them together, spread over them.
pub fn announced(
    account: &Account,
    listed: &[(CaseId, Money)],
    law: LegalStep,
    policy: &Policy,
) -> Vec<(CaseId, Money)> {
    let granted = match law {
        LegalStep::NoticeOfDefault => false,
        LegalStep::FourteenDayLetter => true,
        LegalStep::BeFirstReminder => policy.claims.be_clause,
    };
    if !granted || !asks_costs(account, policy) || listed.iter().any(|(_, open)| open.currency() != Currency::EUR) {
        return Vec::new();
    }
    share(scale(account, policy, listed), listed)
}

/// Spreads an amount in proportion to the weights; left-over cents go to the largest remainders, the first ones first.
fn share(amount: Money, weights: &[(CaseId, Money)]) -> Vec<(CaseId, Money)> {
    let total: i128 = weights.iter().map(|(_, weight)| i128::from(weight.minor().max(0))).sum();
    if total == 0 {
        return weights.iter().map(|(id, _)| (id.clone(), nothing())).collect();
    }
    let exact = |weight: &Money| i128::from(amount.minor()) * i128::from(weight.minor().max(0));
    let mut parts: Vec<(usize, i128, i128)> = weights
        .iter()
        .enumerate()
        .map(|(at, (_, weight))| (at, exact(weight) / total, exact(weight) % total))
        .collect();
    let mut left = i128::from(amount.minor()) - parts.iter().map(|(_, whole, _)| whole).sum::<i128>();
    parts.sort_by_key(|(at, _, remainder)| (std::cmp::Reverse(*remainder), *at));
    for (_, whole, _) in &mut parts {
        if left > 0 {
            *whole += 1;
            left -= 1;
        }
    }
    parts.sort_by_key(|(at, ..)| *at);
    let cents = parts.into_iter().map(|(_, whole, _)| i64::try_from(whole).unwrap_or(0));
    weights.iter().zip(cents).map(|((id, _), cents)| (id.clone(), Money::eur_cents(cents))).collect()
}

fn plus(a: Money, b: Money) -> Money {
    a.checked_add(b).unwrap_or(a)
}

fn larger(a: Money, b: Money) -> Money {
    if b.minor() > a.minor() { b } else { a }
}

fn smaller(a: Money, b: Money) -> Money {
    a.min(b)
}
