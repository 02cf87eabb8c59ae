//! Amounts of a notice that cannot all be true: one of them may be the payer's, under a label that is not known here. Then none is
//! taken, and a human looks.

use super::clause::Clause;
use super::fields::{Field, Fields, direction, last_word};
use super::profiles::Label;
use super::written;
use crate::dunning::money::Money;

pub(super) fn contradicts_itself(fields: &Fields, told: &Clause) -> bool {
    let stated = Stated::of(fields);
    let told = told.amount.map(|told| told.amount);
    // "Betaald 242,00, terugbetaald 60,50": the bank's sentence says which of them it was, else nobody does.
    let back = stated.given_back();
    let is_back = back.is_some() && told == back;
    let moved = told.filter(|_| !is_back);
    stated.differs_from_itself()
        || stated.has_both_ways()
        || (!is_back && back.is_some_and(|back| stated.first().is_some_and(|first| first != back)))
        || stated.first_is_denied(moved)
        || stated.bare.iter().any(|bare| told.is_some_and(|told| told != *bare))
        || moved.is_some_and(|told| stated.only_below_differ(told))
}

/// The amounts of the bank's fields.
struct Stated {
    /// Above the description, with the label in small letters. The first one counts.
    named: Vec<(String, Money)>,
    /// Above it, alone on a line: what the bank's sentence tells.
    bare: Vec<Money>,
    /// Below it, with a label.
    below: Vec<Money>,
}

impl Stated {
    fn of(fields: &Fields) -> Stated {
        let amounts = |below: bool, named: bool| {
            let fits = move |field: &&Field| {
                field.label == Label::Amount && field.below == below && field.name.is_empty() != named
            };
            let read = |field: &Field| Some((field.name.to_lowercase(), written::amount(&field.value)?.amount));
            fields.labelled.iter().filter(fits).filter_map(read)
        };
        Stated {
            named: amounts(false, true).collect(),
            bare: amounts(false, false).map(|(_, amount)| amount).collect(),
            below: amounts(true, true).map(|(_, amount)| amount).collect(),
        }
    }

    fn first(&self) -> Option<Money> {
        self.named.first().map(|(_, amount)| *amount)
    }

    fn given_back(&self) -> Option<Money> {
        let goes_back = |name: &str| ["terug", "refund", "rembours"].iter().any(|word| name.starts_with(word));
        self.named.iter().find(|(name, _)| goes_back(name)).map(|(_, amount)| *amount)
    }

    /// Two amounts under one label, or two without any.
    fn differs_from_itself(&self) -> bool {
        let differs = |(name, amount): &(String, Money)| self.named.iter().any(|(n, a)| n == name && a != amount);
        self.named.iter().any(differs) || self.bare.iter().any(|bare| *bare != self.bare[0])
    }

    /// What came in and what went out that day.
    fn has_both_ways(&self) -> bool {
        let ways: Vec<bool> = self.named.iter().filter_map(|(name, _)| direction(last_word(name))).collect();
        ways.contains(&true) && ways.contains(&false)
    }

    fn first_is_denied(&self, told: Option<Money>) -> bool {
        self.first().is_some_and(|first| told.iter().chain(&self.bare).any(|other| *other != first))
    }

    /// Whoever is called like an amount may stand in the sentence: then the bank's fields below tell another.
    fn only_below_differ(&self, told: Money) -> bool {
        !self.below.is_empty() && !self.below.contains(&told)
    }
}
