//! What a letter asks beside the open amounts, as the text of the letter shows it.

use crate::dunning::account::{Account, Letter};
use crate::dunning::calendar::Country;
use crate::dunning::charge;
use crate::dunning::claim;
use crate::dunning::debtor::DebtorKind;
use crate::dunning::law;
use crate::dunning::law::interest::Rate;
use crate::dunning::law::rates::RateKind;
use crate::dunning::money::{Currency, Extras, Money};
use crate::dunning::policy::Policy;
use crate::letter::{Claimed, Interest, Segment};
use chrono::NaiveDate;

/// Interest and costs that the letter asks, with how they were computed.
pub(super) fn claimed(account: &Account, letter: &Letter, policy: &Policy, today: NaiveDate) -> Option<Claimed> {
    let sum = |part: fn(&Extras) -> Money| {
        let parts = letter.extras.iter().map(|(_, extras)| part(extras));
        Money::sum(parts, Currency::EUR).filter(Money::is_positive)
    };
    let costs = sum(|extras| extras.costs);
    let interest = sum(|extras| extras.interest).map(|total| interest(account, letter, policy, today, total));
    let costs_basis = costs_basis(policy, account, letter);
    (interest.is_some() || costs.is_some()).then_some(Claimed { interest, costs, costs_basis })
}

fn interest(account: &Account, letter: &Letter, policy: &Policy, today: NaiveDate, total: Money) -> Interest {
    let asked = letter.extras.iter().filter(|(_, extras)| extras.interest.is_positive());
    let segments = asked.filter_map(|(id, _)| {
        let case = account.cases.get(id)?;
        let reckoned = claim::interest(account, case, policy, today)?.ok()?;
        let number = case.number().to_string();
        Some(reckoned.segments.into_iter().map(move |segment| letter_segment(&number, &segment)))
    });
    let segments: Vec<Segment> = segments.flatten().collect();
    // Where part of the interest was paid before, the lines of all that ran would not add up to what is asked.
    let adds_up = Money::sum(segments.iter().map(|s| s.interest), Currency::EUR) == Some(total);
    let segments = if adds_up { segments } else { Vec::new() };
    Interest { total, basis: interest_basis(policy, account), segments }
}

fn letter_segment(number: &str, segment: &law::interest::Segment) -> Segment {
    Segment {
        number: number.to_owned(),
        from: segment.from,
        to: segment.to,
        rate: segment.rate,
        principal: segment.amount,
        interest: segment.interest,
    }
}

/// Costs that become due when the letter's term passes.
pub(super) fn announced(letter: &Letter) -> Option<Money> {
    Money::sum(letter.announced_costs.iter().map(|(_, costs)| *costs), Currency::EUR).filter(Money::is_positive)
}

fn interest_basis(policy: &Policy, account: &Account) -> &'static str {
    match (claim::rate(account, policy), policy.kind(account)) {
        (Some(Rate::Fixed(_)), _) => "contract",
        (Some(Rate::Table(RateKind::NlStatutory)), _) => "6:119",
        (Some(Rate::Table(RateKind::NlCommercial)), _) => "6:119a",
        (Some(Rate::Table(RateKind::NlGovernment)), _) => "6:119b",
        (Some(Rate::Table(RateKind::BeCommercial)), DebtorKind::Consumer) => "be-book-xix",
        (Some(Rate::Table(RateKind::BeCommercial)), DebtorKind::Business | DebtorKind::Government) => "be-2002",
        (None, _) => "",
    }
}

fn costs_basis(policy: &Policy, account: &Account, letter: &Letter) -> &'static str {
    let scale = charge::asks_scale(account, letter, policy);
    match (policy.country(account), policy.kind(account)) {
        (Country::Nl, DebtorKind::Consumer) => "after-fourteen-days",
        (Country::Be, DebtorKind::Consumer) => "be-book-xix",
        (Country::Nl, DebtorKind::Business | DebtorKind::Government) if scale => "scale",
        (Country::Nl, DebtorKind::Business | DebtorKind::Government) => "fixed-40",
        (Country::Be, DebtorKind::Business | DebtorKind::Government) => "be-2002",
    }
}
