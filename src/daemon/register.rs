//! Which accounts a payment may concern, and whose an invoice is, kept in memory and brought up to date from the journal, so
//! that placing one of a hundred thousand does not read them all. It only finds accounts: what they hold is read from the
//! store.

use super::house::House;
use super::journal::RowMark;
use crate::bank::case_index::{CaseIndex, IndexedCase, IndexedDebtor};
use crate::dunning::account::{Account, Payment, PaymentSource};
use crate::dunning::identity::Book;
use crate::dunning::ids::{DebtorId, EvidenceId};
use crate::dunning::money::Currency;
use crate::store::JournalRow;
use anyhow::Result;
use chrono::{NaiveDate, TimeDelta};
use std::collections::{BTreeSet, HashMap, VecDeque};

/// Rows remembered with their hash, to go back to when the last ones were rolled back.
const REMEMBERED: usize = 5000;

/// What finds accounts by the money that comes in.
#[derive(Default)]
pub(super) struct Register {
    pub cases: CaseIndex,
    /// Whose an invoice is.
    pub debtors: Book,
    /// Money that another source may tell again, by who told it, amount and day.
    told: BTreeSet<(TellingKey, DebtorId)>,
    /// Payments that no statement has shown yet.
    announced: BTreeSet<(EvidenceId, DebtorId)>,
    /// Money that holds wait for an answer about.
    waiting: BTreeSet<(EvidenceId, DebtorId)>,
    /// Accounts with money that belongs to no case.
    overpaid: BTreeSet<DebtorId>,
    kept: HashMap<DebtorId, Kept>,
    /// The last rows of the journal that are known.
    rows: VecDeque<(RowMark, DebtorId)>,
}

type TellingKey = (bool, Currency, i64, NaiveDate);

/// What was noted of one account, to be taken out when it changes.
#[derive(Default)]
struct Kept {
    told: Vec<TellingKey>,
    announced: Vec<EvidenceId>,
    waiting: Vec<EvidenceId>,
}

impl Register {
    fn put(&mut self, account: &Account) {
        self.forget(&account.id);
        let told = account.payments.iter().filter(|payment| may_be_told_again(payment)).map(telling_key).collect();
        let unconfirmed = account.payments.iter().filter(|payment| !payment.confirmed);
        let kept = Kept {
            told,
            announced: unconfirmed.map(|payment| payment.id.clone()).collect(),
            waiting: account.holds.iter().filter_map(|hold| hold.source.clone()).collect(),
        };
        let id = &account.id;
        self.told.extend(kept.told.iter().map(|key| (*key, id.clone())));
        self.announced.extend(kept.announced.iter().map(|payment| (payment.clone(), id.clone())));
        self.waiting.extend(kept.waiting.iter().map(|source| (source.clone(), id.clone())));
        if has_unallocated(account) {
            self.overpaid.insert(id.clone());
        }
        if !(kept.told.is_empty() && kept.announced.is_empty() && kept.waiting.is_empty()) {
            self.kept.insert(id.clone(), kept);
        }
        self.cases.put(indexed(account));
        self.debtors.put(account);
    }

    fn forget(&mut self, id: &DebtorId) {
        self.overpaid.remove(id);
        let Some(kept) = self.kept.remove(id) else { return };
        for key in kept.told {
            self.told.remove(&(key, id.clone()));
        }
        for payment in kept.announced {
            self.announced.remove(&(payment, id.clone()));
        }
        for source in kept.waiting {
            self.waiting.remove(&(source, id.clone()));
        }
    }

    /// Accounts with money of this amount that another source told within so many days.
    pub fn telling(&self, payment: &Payment, days: i64) -> BTreeSet<DebtorId> {
        let (currency, minor) = (payment.amount.currency(), payment.amount.minor());
        let first = payment.booked.checked_sub_signed(TimeDelta::days(days)).unwrap_or(NaiveDate::MIN);
        let last = payment.booked.checked_add_signed(TimeDelta::days(days)).unwrap_or(NaiveDate::MAX);
        let others = [PaymentSource::Statement, PaymentSource::Notice].into_iter().filter(|s| *s != payment.source);
        let of_source = |source: PaymentSource| {
            let by = source == PaymentSource::Statement;
            let from = ((by, currency, minor, first), DebtorId::new(""));
            self.told
                .range(from..)
                .take_while(move |((told, c, m, day), _)| (*told, *c, *m) == (by, currency, minor) && *day <= last)
        };
        others.flat_map(of_source).map(|(_, debtor)| debtor.clone()).collect()
    }

    /// The account that waits for a statement to show this payment.
    pub fn awaiting(&self, payment: &EvidenceId) -> Option<&DebtorId> {
        of(&self.announced, payment).next()
    }

    /// Accounts with a hold that comes from this.
    pub fn held_for(&self, source: &EvidenceId) -> BTreeSet<DebtorId> {
        of(&self.waiting, source).cloned().collect()
    }

    pub fn is_overpaid(&self, debtor: &DebtorId) -> bool {
        self.overpaid.contains(debtor)
    }

    /// Rows that are no longer in the journal are forgotten: whose they were. `None` when all are.
    fn go_back(&mut self, house: &House) -> Result<Option<BTreeSet<DebtorId>>> {
        let mut changed = BTreeSet::new();
        while let Some((mark, debtor)) = self.rows.pop_back() {
            if house.is_in_journal(mark)? {
                self.rows.push_back((mark, debtor));
                return Ok(Some(changed));
            }
            changed.insert(debtor);
        }
        Ok(None)
    }
}

impl House {
    /// The register, as the journal stands now.
    pub(super) fn register(&mut self) -> Result<&Register> {
        let mut register = std::mem::take(&mut self.register);
        // After a fault it may lack what it believes to know: it is filled anew.
        self.update_register(&mut register)?;
        self.register = register;
        Ok(&self.register)
    }

    fn update_register(&self, register: &mut Register) -> Result<()> {
        let mut changed = BTreeSet::new();
        let mut new = self.rows_new_to(register)?;
        if new.is_none() {
            changed = match register.go_back(self)? {
                Some(changed) => changed,
                None => self.fill_register(register)?,
            };
            new = self.rows_new_to(register)?;
        }
        for row in new.into_iter().flatten() {
            let row = row?;
            changed.insert(row.account.clone());
            register.rows.push_back(((row.seq, row.hash), row.account));
            if register.rows.len() > REMEMBERED {
                register.rows.pop_front();
            }
        }
        for id in changed {
            register.put(&*self.stored_account(&id)?);
        }
        Ok(())
    }

    /// What was written since; `None` when the last row that is known is no longer there, or none is known.
    fn rows_new_to(&self, register: &Register) -> Result<Option<impl Iterator<Item = Result<JournalRow>> + '_>> {
        let Some((mark, _)) = register.rows.back() else { return Ok(None) };
        self.journal_since(*mark)
    }

    /// Takes in every account anew; nothing is left to be taken in.
    fn fill_register(&self, register: &mut Register) -> Result<BTreeSet<DebtorId>> {
        *register = Register::default();
        for id in self.store.account_ids()? {
            register.put(&*self.stored_account(&id)?);
        }
        register.rows.extend(self.journal_end()?.map(|row| ((row.seq, row.hash), row.account)));
        Ok(BTreeSet::new())
    }
}

fn of<'a>(
    pairs: &'a BTreeSet<(EvidenceId, DebtorId)>,
    id: &EvidenceId,
) -> impl Iterator<Item = &'a DebtorId> + use<'a> {
    let (id, first) = (id.clone(), DebtorId::new(""));
    pairs.range((id.clone(), first)..).take_while(move |(of, _)| *of == id).map(|(_, debtor)| debtor)
}

/// A notice after its statement, a statement after its notice: the other may still tell the same money.
pub(super) fn may_be_told_again(known: &Payment) -> bool {
    match known.source {
        PaymentSource::Statement => true,
        PaymentSource::Notice => !known.confirmed,
        PaymentSource::Owner => false,
    }
}

fn telling_key(payment: &Payment) -> TellingKey {
    let by_statement = payment.source == PaymentSource::Statement;
    (by_statement, payment.amount.currency(), payment.amount.minor(), payment.booked)
}

fn has_unallocated(account: &Account) -> bool {
    let currencies: BTreeSet<Currency> = account.payments.iter().map(|payment| payment.amount.currency()).collect();
    currencies.into_iter().any(|currency| account.unallocated(currency).is_positive())
}

fn indexed(account: &Account) -> IndexedDebtor {
    let cases = account.cases.values().map(|case| IndexedCase {
        case: case.id.clone(),
        number: case.number().to_string(),
        payment_reference: case.invoice.payment_reference.clone(),
        open: case.is_open().then(|| case.open()),
    });
    IndexedDebtor {
        id: account.id.clone(),
        name: account.debtor.as_ref().map(|debtor| debtor.name.clone()).unwrap_or_default(),
        ibans: account.known_ibans(),
        cases: cases.collect(),
    }
}
