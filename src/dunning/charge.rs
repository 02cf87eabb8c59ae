//! Collection costs of a case: announced to consumers, charged to businesses, and what of it is owed. The amounts are the
//! law's (`law::costs`); never more than it grants over what is known today.

use super::account::{Account, Case, Letter, LetterState};
use super::calendar::Country;
use super::claim::{in_default, larger, nothing, plus, principal, term_of, waited_until};
use super::debtor::DebtorKind;
use super::ids::{CaseId, StepId};
use super::law::costs::{self, Fixed, Scale};
use super::law::term::Term;
use super::money::{Currency, Money};
use super::policy::{CostsAsked, LegalStep, Policy};
use chrono::NaiveDate;

/// Costs that were charged and not paid yet.
pub(super) fn open_costs(account: &Account, case: &Case, policy: &Policy, on: NaiveDate) -> Money {
    let charged = charged(account, case, policy, on);
    charged.checked_sub(case.extras_paid.costs).filter(Money::is_positive).unwrap_or(nothing())
}

/// All costs of this case that the debtor came to owe up to that day, paid or not: asked by a letter, or announced by one
/// whose term has run out. Of a consumer only the latter are ever owed, whatever a letter may have said; of one whom the
/// owner asks none (any more) nothing is.
fn charged(account: &Account, case: &Case, policy: &Policy, on: NaiveDate) -> Money {
    if !asks_costs(account, policy) {
        return nothing();
    }
    let announced = announced_and_due(account, case, policy, on);
    if policy.kind(account) == DebtorKind::Consumer {
        return announced;
    }
    let charges = account.letters.iter().filter_map(|letter| match letter.state {
        LetterState::Sent(day) if day < on => charged_by(letter, day, account, case, policy),
        LetterState::Sent(_)
        | LetterState::Requested
        | LetterState::Unknown(_)
        | LetterState::Withdrawn
        | LetterState::Rejected(_)
        | LetterState::Bounced(_) => None,
    });
    charges.fold(announced, larger)
}

/// The costs of this case that a letter to a business asked, with those that had been paid before it. Where less was open
/// on its day than it asked, as is known since (a credit note, a dispute, money that was told late), never more than the
/// law grants over that; nor of a Belgian business, which never owes more than the fixed sum.
fn charged_by(letter: &Letter, sent: NaiveDate, account: &Account, case: &Case, policy: &Policy) -> Option<Money> {
    let (_, extras) = letter.extras.iter().find(|(id, _)| *id == case.id)?;
    let of_case = |parts: &[(CaseId, Money)]| parts.iter().find(|(id, _)| *id == case.id).map(|(_, money)| *money);
    let charged = plus(extras.costs, of_case(&letter.costs_paid).unwrap_or(nothing()));
    let open = unpaid_by(account, case, sent.pred_opt()?);
    let is_less = open.minor() < of_case(&letter.amounts)?.minor();
    match policy.country(account) {
        Country::Nl if !is_less => Some(charged),
        Country::Nl | Country::Be => Some(charged.min(scale(account, policy, &[(case.id.clone(), open)]))),
    }
}

/// The part of the announced costs that falls on this case, once the term of the letter has run out (art. 6:96(6) BW; Book
/// XIX WER): over what was not paid in time, and never more than was announced.
fn announced_and_due(account: &Account, case: &Case, policy: &Policy, on: NaiveDate) -> Money {
    let Some((letter, term)) = announcement(account, case, policy) else { return nothing() };
    let waited = waited_until(&term, account, policy);
    if on < term.costs_from || on <= waited {
        return nothing();
    }
    let late: Vec<(CaseId, Money)> = letter
        .announced_costs
        .iter()
        .filter_map(|(id, _)| Some((id.clone(), unpaid_by(account, account.cases.get(id)?, waited))))
        .collect();
    let announced = letter.announced_costs.iter().map(|(_, amount)| *amount).fold(nothing(), plus);
    let fee = announced.min(scale(account, policy, &late));
    share(fee, &late).into_iter().find(|(id, _)| *id == case.id).map_or(nothing(), |(_, part)| part)
}

/// The latest letter that announced costs of this case with effect, and its term.
fn announcement<'a>(account: &'a Account, case: &Case, policy: &Policy) -> Option<(&'a Letter, Term)> {
    let announces = |letter: &&Letter| letter.announced_costs.iter().any(|(id, _)| *id == case.id);
    let mut announcing = account.letters.iter().filter(announces);
    let letter = announcing.rfind(|letter| letter.has_effect() && opens_costs(letter, account, case, policy))?;
    Some((letter, term_of(letter, account, policy)?))
}

/// What the law of the debtor's country asks of a letter that announces costs: in the Netherlands that the debtor was in
/// default when it left (art. 6:96(6) BW), as is known now; in Belgium the clause (Book XIX WER).
fn opens_costs(letter: &Letter, account: &Account, case: &Case, policy: &Policy) -> bool {
    match (letter.law, policy.country(account)) {
        (Some(LegalStep::FourteenDayLetter), Country::Nl) => {
            letter.left_on().is_some_and(|sent| in_default(account, case, policy, sent))
        }
        (Some(LegalStep::BeFirstReminder), Country::Be) => policy.claims.be_clause,
        (Some(LegalStep::FourteenDayLetter), Country::Be)
        | (Some(LegalStep::BeFirstReminder), Country::Nl)
        | (Some(LegalStep::NoticeOfDefault) | None, _) => false,
    }
}

/// Costs may be asked of this case on that day: of a consumer only when a letter that announced them has reached the
/// debtor and the law's term has run out; of others when they are in default.
pub fn may_ask_costs(account: &Account, case: &Case, policy: &Policy, on: NaiveDate) -> bool {
    match policy.kind(account) {
        DebtorKind::Business | DebtorKind::Government => in_default(account, case, policy, on),
        DebtorKind::Consumer => announcement(account, case, policy).is_some_and(|(_, term)| term.costs_from <= on),
    }
}

/// The principal that no payment credited by that day had covered.
fn unpaid_by(account: &Account, case: &Case, day: NaiveDate) -> Money {
    let in_time = account.payments.iter().filter(|payment| payment.booked <= day);
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

/// Costs that a business or a government comes to owe by this letter. A consumer owes only what was announced before.
pub(super) fn new_costs(
    account: &Account,
    listed: &[&Case],
    covers: &[(CaseId, StepId)],
    policy: &Policy,
    on: NaiveDate,
) -> Vec<(CaseId, Money)> {
    if !asks_costs(account, policy) || policy.kind(account) == DebtorKind::Consumer {
        return Vec::new();
    }
    let group = |wanted: CostsAsked| -> Vec<&Case> {
        let asks = |case: &&Case| policy.step_in(account, covers, &case.id).is_some_and(|step| step.costs == wanted);
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

/// Costs by the scale are among those that the letter asks: one of its own steps asks them, or one that its cases took
/// before.
pub fn asks_scale(account: &Account, letter: &Letter, policy: &Policy) -> bool {
    let bearing = letter.extras.iter().filter(|(_, extras)| extras.costs.is_positive());
    let cases = bearing.filter_map(|(id, _)| account.cases.get(id));
    let before = cases.flat_map(|case| &case.steps).map(|(step, _)| step);
    let mut steps = letter.covers.iter().map(|(_, step)| step).chain(before).filter_map(|id| policy.step(account, id));
    steps.any(|step| step.costs == CostsAsked::Scale)
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
    let principals: Vec<(CaseId, Money)> = cases.iter().map(|case| (case.id.clone(), case.asked())).collect();
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
    let parts = amount.in_proportion(&weights.iter().map(|(_, weight)| weight.minor()).collect::<Vec<_>>());
    weights.iter().zip(parts).map(|((id, _), part)| (id.clone(), part)).collect()
}
