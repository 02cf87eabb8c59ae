//! Cases as the index keeps them: few bytes each, since there are millions.

use crate::dunning::ids::CaseId;
use crate::dunning::money::{Currency, Money};
use crate::dunning::postings::{Ordered, Slots};
use std::cmp::Ordering;

pub(super) struct CaseRow {
    /// The row of its debtor.
    pub debtor: u32,
    /// `None` when it is closed.
    pub open: Option<Money>,
    /// Its id and its payment reference, and its number where that is not the end of the id, in one piece.
    texts: Box<str>,
    id_ends: u32,
    number_begins: u32,
    number_ends: u32,
}

impl CaseRow {
    pub fn closed(debtor: u32, case: &CaseId, number: &str, payment_reference: Option<&str>) -> CaseRow {
        let id = case.as_str();
        let begins = if id.ends_with(number) { id.len() - number.len() } else { id.len() };
        let more = number.get(id.len() - begins..).unwrap_or_default();
        let texts = [id, more, payment_reference.unwrap_or_default()].concat();
        let short = |length: usize| u32::try_from(length).expect("BUG: an id of gigabytes");
        CaseRow {
            debtor,
            open: None,
            texts: texts.into(),
            id_ends: short(id.len()),
            number_begins: short(begins),
            number_ends: short(begins + number.len()),
        }
    }

    pub fn case(&self) -> CaseId {
        CaseId::new(self.id())
    }

    pub fn id(&self) -> &str {
        self.piece(0, self.id_ends)
    }

    pub fn number(&self) -> &str {
        self.piece(self.number_begins, self.number_ends)
    }

    /// Empty where there is none.
    pub fn payment_reference(&self) -> &str {
        self.texts.get(self.number_ends.max(self.id_ends) as usize..).unwrap_or_default()
    }

    fn piece(&self, from: u32, to: u32) -> &str {
        self.texts.get(from as usize..to as usize).unwrap_or_default()
    }
}

pub(super) type Cases = Slots<CaseRow>;

/// How two rows stand: in order of case.
pub(super) fn order(cases: &Cases, one: u32, other: u32) -> Ordering {
    let id = |at: u32| cases.get(at).map(CaseRow::id);
    id(one).cmp(&id(other)).then(one.cmp(&other))
}

/// Open cases by what is open, of one amount in order of case.
#[derive(Default)]
pub(super) struct ByAmount(Ordered<Owed>);

#[derive(Clone, Copy)]
struct Owed {
    minor: i64,
    row: u32,
    currency: Currency,
}

impl Owed {
    fn amount(&self) -> (i64, Currency) {
        (self.minor, self.currency)
    }
}

impl ByAmount {
    pub fn add(&mut self, open: Money, row: u32, cases: &Cases) {
        let owed = Owed { minor: open.minor(), row, currency: open.currency() };
        self.0.add(owed, |other| stands(other, owed, cases));
    }

    pub fn remove(&mut self, open: Money, row: u32, cases: &Cases) {
        let owed = Owed { minor: open.minor(), row, currency: open.currency() };
        self.0.remove(|other| stands(other, owed, cases));
    }

    /// Rows of which just this amount is open, in order of case.
    pub fn of(&self, amount: Money) -> impl Iterator<Item = u32> + '_ {
        let amount = (amount.minor(), amount.currency());
        let from = self.0.from(move |owed| owed.amount() < amount);
        from.take_while(move |owed| owed.amount() == amount).map(|owed| owed.row)
    }
}

fn stands(other: &Owed, owed: Owed, cases: &Cases) -> Ordering {
    other.amount().cmp(&owed.amount()).then_with(|| order(cases, other.row, owed.row))
}

/// Open cases, in order and by amount.
#[derive(Default)]
pub(super) struct OpenCases {
    in_order: Ordered<u32>,
    by_amount: ByAmount,
}

impl OpenCases {
    pub fn add(&mut self, open: Money, row: u32, cases: &Cases) {
        self.in_order.add(row, |other| order(cases, *other, row));
        self.by_amount.add(open, row, cases);
    }

    pub fn remove(&mut self, open: Money, row: u32, cases: &Cases) {
        self.in_order.remove(|other| order(cases, *other, row));
        self.by_amount.remove(open, row, cases);
    }

    /// The first in order, and the first of which just this amount is open.
    pub fn first(&self, amount: Money, count: usize) -> impl Iterator<Item = u32> + '_ {
        self.in_order.iter().take(count).chain(self.by_amount.of(amount).take(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_as_they_were() {
        for (id, number, reference) in [
            ("C-2026-0412", "2026-0412", None),
            ("C-2026-0412", "2026-0412", Some("RF18539007547034")),
            ("C-2026-1~0123abcd", "2026/1", None),
            ("C-2026-1~0123abcd", "2026/1", Some("+++090/9337/55493+++")),
            ("C-", "", Some("é")),
            ("", "é", None),
        ] {
            let row = CaseRow::closed(7, &CaseId::new(id), number, reference);
            let told = (row.case(), row.number(), row.payment_reference());
            assert_eq!(told, (CaseId::new(id), number, reference.unwrap_or_default()));
        }
    }
}
