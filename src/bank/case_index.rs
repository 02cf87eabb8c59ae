//! Which cases a payment may be for, found by key among very many: by what the payer named, the amount, the account and
//! the name. It finds too many rather than too few; whether something fits is for [`super::matching`] to say, which
//! answers the same on what is found here as on all cases.

use super::case_rows::{ByAmount, CaseRow, Cases, order};
use super::matching::{AMOUNT_HINT, IBAN_HINT, MAX_CANDIDATES, NAME_HINT, Remittance, is_worth_listing, plain};
use super::names::Name;
use super::namesakes::{Bearers, Namesakes};
use super::numbers::{Stretches, spellings};
use super::reference::{self, Reference};
use crate::dunning::ids::{CaseId, DebtorId};
use crate::dunning::money::Money;
use crate::dunning::postings::{Keyed, Slots};
use std::collections::BTreeSet;

/// Of no more cases than this that are open by one amount the debtors are compared with the payer, instead of looking for all
/// who are called like the payer. Fewer in tests, so that they meet both.
const FEW: usize = if cfg!(test) { 3 } else { 64 };

/// A debtor as the index needs it.
#[derive(Clone, Debug)]
pub struct IndexedDebtor {
    pub id: DebtorId,
    pub name: String,
    /// Accounts that this debtor paid from before.
    pub ibans: Vec<String>,
    pub cases: Vec<IndexedCase>,
}

/// A case as the index needs it.
#[derive(Clone, Debug)]
pub struct IndexedCase {
    pub case: CaseId,
    pub number: String,
    pub payment_reference: Option<String>,
    /// `None` when the case is closed.
    pub open: Option<Money>,
}

/// Cases in the order of their accounts.
pub type Found = BTreeSet<(DebtorId, CaseId)>;

/// All cases of an administration by what a payer may write of them.
#[derive(Default)]
pub struct CaseIndex {
    debtors: Slots<DebtorRow>,
    by_id: Keyed,
    cases: Cases,
    /// Cases by the spellings of their numbers and payment references.
    by_word: Keyed,
    by_amount: ByAmount,
    /// Debtors by the accounts they paid from, and by their names.
    by_iban: Keyed,
    names: Namesakes,
    /// Letters and digits of the longest spelling.
    longest: usize,
}

struct DebtorRow {
    id: DebtorId,
    /// The row of the name.
    name: u32,
    /// The accounts, each with a space behind it.
    ibans: Box<str>,
    /// Rows of the cases, in order of case.
    cases: Box<[u32]>,
}

impl DebtorRow {
    fn ibans(&self) -> impl Iterator<Item = &str> {
        self.ibans.split_terminator(' ')
    }

    fn paid_from(&self, iban: &str) -> bool {
        self.ibans().any(|known| known == iban)
    }
}

impl CaseIndex {
    /// Takes a debtor in, instead of what was known of this debtor before.
    pub fn put(&mut self, debtor: IndexedDebtor) {
        let at = self.debtor_row(&debtor);
        let before = self.debtors.get_mut(at).map(|row| std::mem::take(&mut row.cases)).unwrap_or_default();
        let known: Vec<Option<u32>> = debtor.cases.iter().map(|case| self.row_among(&before, &case.case)).collect();
        let kept: BTreeSet<u32> = known.iter().copied().flatten().collect();
        before.iter().filter(|at| !kept.contains(at)).for_each(|at| self.forget_case(*at));
        let cases = debtor.cases.iter().zip(known);
        let mut rows: Vec<u32> = cases.map(|(case, known)| self.put_case(at, known, case)).collect();
        rows.sort_unstable_by(|one, other| order(&self.cases, *one, *other));
        if let Some(row) = self.debtors.get_mut(at) {
            row.cases = rows.into();
        }
    }

    fn debtor_row(&mut self, debtor: &IndexedDebtor) -> u32 {
        let name = Name::of(&debtor.name);
        let ibans: String = debtor.ibans.iter().map(|iban| plain(iban) + " ").collect();
        let is_same = |at: &u32| self.debtors.get(*at).is_some_and(|row| row.id == debtor.id);
        let known = self.by_id.at(debtor.id.as_str()).find(is_same);
        let Some(at) = known else { return self.new_debtor(debtor.id.clone(), name, ibans) };
        self.rename(at, name);
        if let Some(row) = self.debtors.get_mut(at) {
            let before = std::mem::replace(&mut row.ibans, ibans.into());
            let gone = before.split_terminator(' ').filter(|iban| !row.paid_from(iban));
            gone.for_each(|iban| self.by_iban.remove(iban, at));
            let is_known = |iban: &&str| before.split_terminator(' ').any(|known| known == *iban);
            row.ibans().filter(|iban| !is_known(iban)).for_each(|iban| self.by_iban.add(iban, at));
        }
        at
    }

    fn new_debtor(&mut self, id: DebtorId, name: Name, ibans: String) -> u32 {
        let at = self.debtors.next();
        self.by_id.add(id.as_str(), at);
        ibans.split_terminator(' ').for_each(|iban| self.by_iban.add(iban, at));
        let name = self.add_name(name, at);
        self.debtors.put(DebtorRow { id, name, ibans: ibans.into(), cases: Box::default() })
    }

    fn add_name(&mut self, name: Name, debtor: u32) -> u32 {
        let cases_of = |debtor: u32| self.debtors.get(debtor).map_or(&[][..], |row| &row.cases);
        self.names.add(name, debtor, &self.cases, cases_of)
    }

    fn rename(&mut self, debtor: u32, name: Name) {
        let Some(row) = self.debtors.get(debtor) else { return };
        if self.names.is_called(row.name, &name) {
            return;
        }
        self.names.remove(row.name, debtor, &self.cases, &row.cases);
        let now = self.add_name(name, debtor);
        if let Some(row) = self.debtors.get_mut(debtor) {
            row.name = now;
        }
    }

    /// Of these rows, in order of case, the one of a case.
    fn row_among(&self, rows: &[u32], case: &CaseId) -> Option<u32> {
        let id = |at: u32| self.cases.get(at).map_or("", CaseRow::id);
        rows.binary_search_by(|at| id(*at).cmp(case.as_str())).ok().map(|place| rows[place])
    }

    fn put_case(&mut self, debtor: u32, known: Option<u32>, case: &IndexedCase) -> u32 {
        let reference = case.payment_reference.as_deref();
        let is_same =
            |row: &CaseRow| row.number() == case.number && row.payment_reference() == reference.unwrap_or_default();
        let same = known.filter(|at| self.cases.get(*at).is_some_and(is_same));
        let at = same.unwrap_or_else(|| {
            known.into_iter().for_each(|at| self.forget_case(at));
            self.new_case(CaseRow::closed(debtor, &case.case, &case.number, reference))
        });
        self.set_open(at, case.open);
        at
    }

    fn new_case(&mut self, row: CaseRow) -> u32 {
        let at = self.cases.next();
        for key in words_of(&row) {
            self.longest = self.longest.max(key.chars().count());
            self.by_word.add(&key, at);
        }
        self.cases.put(row)
    }

    fn set_open(&mut self, at: u32, open: Option<Money>) {
        let Some(row) = self.cases.get_mut(at).filter(|row| row.open != open) else { return };
        let before = std::mem::replace(&mut row.open, open);
        let debtor = row.debtor;
        if let Some(before) = before {
            self.by_amount.remove(before, at, &self.cases);
        }
        if let Some(now) = open {
            self.by_amount.add(now, at, &self.cases);
        }
        if let Some(debtor) = self.debtors.get(debtor) {
            self.names.reopen(debtor.name, at, before, open, &self.cases);
        }
    }

    fn forget_case(&mut self, at: u32) {
        self.set_open(at, None);
        let Some(row) = self.cases.take(at) else { return };
        words_of(&row).iter().for_each(|key| self.by_word.remove(key, at));
    }

    /// The open cases that the payer may have named, and those of the payer's own, as far as it can be told, that are open
    /// by just this amount.
    pub fn named(&self, remittance: &Remittance<'_>) -> Found {
        let mut found = self.in_words(remittance);
        if found.is_empty() {
            return found;
        }
        let payers = self.payers_of_amount(remittance).unwrap_or_else(|| self.payers(remittance));
        let fits = |at: &u32| self.cases.get(*at).is_some_and(|row| row.open == Some(remittance.amount));
        found.extend(self.found(self.of_payers(remittance, &payers).into_iter().filter(fits)));
        found
    }

    fn in_words(&self, remittance: &Remittance<'_>) -> Found {
        let texts = [Some(remittance.text), remittance.end_to_end, remittance.reference];
        let mut rows = self.mentioned(texts.into_iter().flatten());
        let stated = remittance.reference;
        rows.extend(stated.into_iter().flat_map(|stated| self.by_word.at(&plain(stated))));
        if let Some(Reference::Rf(rf)) = stated.and_then(reference::parse) {
            rows.extend(self.by_word.at(rf.get(4..).unwrap_or_default()));
        }
        self.found(rows.into_iter().filter(|at| self.cases.get(*at).is_some_and(|row| row.open.is_some())))
    }

    /// The open cases that the payer may have named, and those with the most hints otherwise.
    pub fn hinted(&self, remittance: &Remittance<'_>) -> Found {
        let mut found = self.in_words(remittance);
        let mut scores: Vec<(u32, &str, u32, u32)> = Vec::new();
        let mut fitting: BTreeSet<u32> = BTreeSet::new();
        let payers = self.fitting_payers(remittance).unwrap_or_else(|| self.payers(remittance));
        for at in self.with_a_hint(remittance, &payers) {
            let Some(row) = self.cases.get(at) else { continue };
            let (Some(open), Some(debtor)) = (row.open, self.debtors.get(row.debtor)) else { continue };
            let fits = remittance.amount.is_positive() && open == remittance.amount;
            let (pays_from, is_alike) = (payers.pay_from(row.debtor), payers.are_called(debtor));
            let hints = [(fits, AMOUNT_HINT), (pays_from, IBAN_HINT), (is_alike, NAME_HINT)];
            let score = hints.iter().filter(|(holds, _)| *holds).map(|(_, weight)| weight).sum();
            scores.push((score, row.id(), at, row.debtor));
            if fits && (pays_from || is_alike) {
                fitting.insert(row.debtor);
            }
        }
        scores.retain(|(score, _, _, debtor)| is_worth_listing(*score, fitting.is_empty(), fitting.contains(debtor)));
        scores.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        found.extend(self.found(scores.into_iter().take(MAX_CANDIDATES).map(|(_, _, at, _)| at)));
        found
    }

    /// Cases of those who may have paid. Of a crowd of one name the first, and the first that are open by just this amount:
    /// who is named is one of them, or none is.
    fn of_payers(&self, remittance: &Remittance<'_>, payers: &Payers) -> Vec<u32> {
        let mut rows: Vec<u32> = self.cases_of(payers.by_iban.iter()).collect();
        for bearers in payers.alike.iter().filter_map(|name| self.names.bearers(*name)) {
            match bearers {
                Bearers::Crowd(crowd) => rows.extend(crowd.open.first(remittance.amount, MAX_CANDIDATES)),
                few => rows.extend(self.cases_of(few.few().iter())),
            }
        }
        rows
    }

    /// Cases with a hint, each once, and of very many with the same hints at least the first.
    fn with_a_hint(&self, remittance: &Remittance<'_>, payers: &Payers) -> Vec<u32> {
        let mut rows = self.of_payers(remittance, payers);
        if remittance.amount.is_positive() {
            rows.extend(self.by_amount.of(remittance.amount).take(MAX_CANDIDATES));
        }
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    fn cases_of<'d>(&self, debtors: impl Iterator<Item = &'d u32>) -> impl Iterator<Item = u32> {
        debtors.filter_map(|at| self.debtors.get(*at)).flat_map(|row| row.cases.iter().copied())
    }

    fn payers(&self, remittance: &Remittance<'_>) -> Payers {
        let alike = remittance.payer.map(|payer| self.names.alike(payer)).unwrap_or_default();
        Payers { by_iban: self.paying_from(remittance), alike }
    }

    /// The same, of names only those of debtors who owe just this amount or paid from this account; `None` where very many owe
    /// it.
    fn payers_of_amount(&self, remittance: &Remittance<'_>) -> Option<Payers> {
        let Some(payer) = remittance.payer else { return Some(self.payers(remittance)) };
        if self.by_amount.of(remittance.amount).nth(FEW).is_some() {
            return None;
        }
        let by_iban = self.paying_from(remittance);
        let debtors = self.owing(remittance.amount).chain(by_iban.iter().copied());
        let names = debtors.filter_map(|at| Some(self.debtors.get(at)?.name)).collect();
        Some(Payers { by_iban, alike: self.names.like(&Name::of(payer), names) })
    }

    /// The same where one of them fits by amount and payer: then who is only called like the payer is not listed, and need
    /// not be found.
    fn fitting_payers(&self, remittance: &Remittance<'_>) -> Option<Payers> {
        let payers = self.payers_of_amount(remittance).filter(|_| remittance.amount.is_positive())?;
        let mut owing = self.owing(remittance.amount);
        let fits =
            |debtor: u32| self.debtors.get(debtor).is_some_and(|row| payers.pay_from(debtor) || payers.are_called(row));
        let somebody_fits = owing.any(fits);
        somebody_fits.then_some(payers)
    }

    /// Debtors of whom a case is open by just this amount.
    fn owing(&self, amount: Money) -> impl Iterator<Item = u32> + '_ {
        self.by_amount.of(amount).filter_map(|at| Some(self.cases.get(at)?.debtor))
    }

    /// Debtors that paid from this account before.
    fn paying_from(&self, remittance: &Remittance<'_>) -> BTreeSet<u32> {
        remittance.iban.map(|iban| self.having_paid_from(&plain(iban)).collect()).unwrap_or_default()
    }

    fn having_paid_from(&self, iban: &str) -> impl Iterator<Item = u32> {
        self.by_iban.at(iban).filter(move |at| self.debtors.get(*at).is_some_and(|row| row.paid_from(iban)))
    }

    /// Whose cases, open or closed, a text may name, in order.
    pub fn debtors_named(&self, text: &str) -> BTreeSet<DebtorId> {
        self.found(self.mentioned(std::iter::once(text))).into_iter().map(|(debtor, _)| debtor).collect()
    }

    /// Who may have paid from this account before, in order.
    pub fn debtors_paying_from(&self, iban: &str) -> BTreeSet<DebtorId> {
        self.having_paid_from(&plain(iban)).filter_map(|at| Some(self.debtors.get(at)?.id.clone())).collect()
    }

    fn mentioned<'t>(&self, texts: impl Iterator<Item = &'t str>) -> BTreeSet<u32> {
        let mut rows = BTreeSet::new();
        for text in texts {
            let stretches = Stretches::of(text);
            let named: BTreeSet<u32> = stretches.each(self.longest).flat_map(|word| self.by_word.at(word)).collect();
            for number in named.iter().filter_map(|at| Some(self.cases.get(*at)?.number())) {
                rows.extend(stretches.listed(number).flat_map(|word| self.by_word.at(&word)));
            }
            rows.extend(named);
        }
        rows
    }

    fn found(&self, rows: impl IntoIterator<Item = u32>) -> Found {
        let owner = |row: &CaseRow| Some((self.debtors.get(row.debtor)?.id.clone(), row.case()));
        rows.into_iter().filter_map(|at| owner(self.cases.get(at)?)).collect()
    }
}

/// Under which words a case is found.
fn words_of(row: &CaseRow) -> BTreeSet<String> {
    let texts = [row.number(), row.payment_reference()];
    let bare = texts.into_iter().map(plain).filter(|word| !word.is_empty());
    bare.chain(texts.into_iter().flat_map(spellings)).collect()
}

/// Who may have paid.
struct Payers {
    /// Debtors that paid from this account before.
    by_iban: BTreeSet<u32>,
    /// Rows of names that are like the payer's, in order.
    alike: Vec<u32>,
}

impl Payers {
    fn pay_from(&self, debtor: u32) -> bool {
        self.by_iban.contains(&debtor)
    }

    fn are_called(&self, debtor: &DebtorRow) -> bool {
        self.alike.binary_search(&debtor.name).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::super::matching::{Candidate, match_by_name, match_payment};
    use super::*;
    use crate::dunning::ids::InvoiceNumber;
    use crate::dunning::postings::of_one_hash;
    use proptest::prelude::*;

    fn debtor(name: &str, ibans: &[&str], cases: Vec<IndexedCase>) -> IndexedDebtor {
        let ibans = ibans.iter().map(|iban| (*iban).to_owned()).collect();
        IndexedDebtor { id: name.into(), name: name.to_owned(), ibans, cases }
    }

    fn case(number: &str, reference: Option<&str>, open: Option<i64>) -> IndexedCase {
        IndexedCase {
            case: CaseId::of(&InvoiceNumber::from(number)),
            number: number.to_owned(),
            payment_reference: reference.map(str::to_owned),
            open: open.map(Money::eur_cents),
        }
    }

    fn candidates(debtors: &[IndexedDebtor]) -> Vec<Candidate> {
        let of = |debtor: &IndexedDebtor, case: &IndexedCase| {
            Some(Candidate {
                case: case.case.clone(),
                debtor: debtor.id.clone(),
                debtor_name: debtor.name.clone(),
                number: case.number.clone(),
                payment_reference: case.payment_reference.clone(),
                open: case.open?,
                asked: case.open?.checked_add(Money::eur_cents(500))?,
                known_ibans: debtor.ibans.clone(),
            })
        };
        let mut all: Vec<Candidate> =
            debtors.iter().flat_map(|d| d.cases.iter().filter_map(move |case| of(d, case))).collect();
        all.sort_by(|a, b| (&a.debtor, &a.case).cmp(&(&b.debtor, &b.case)));
        all
    }

    fn only<'a>(all: &'a [Candidate], found: &'a Found) -> Vec<Candidate> {
        all.iter().filter(|c| found.contains(&(c.debtor.clone(), c.case.clone()))).cloned().collect()
    }

    fn judge(index: &CaseIndex, all: &[Candidate], remittance: &Remittance<'_>) {
        let whole = match_payment(remittance, all);
        assert_eq!(match_payment(remittance, &only(all, &index.hinted(remittance))), whole, "{remittance:?}");
        let by_name = match_by_name(remittance, &only(all, &index.named(remittance)));
        assert_eq!(by_name, match_by_name(remittance, all), "{remittance:?}");
    }

    #[test]
    fn what_changed_is_found_and_what_went_is_not() {
        let paid = |text, iban| Remittance {
            amount: Money::eur_cents(100),
            reference: None,
            text,
            end_to_end: None,
            payer: None,
            iban,
        };
        let mut index = CaseIndex::default();
        let first = vec![case("2026-0412", None, Some(100)), case("2026-0413", None, Some(100))];
        index.put(debtor("Jansen", &["NL91ABNA0417164300"], first));
        index.put(debtor("Pieters", &[], vec![case("2026-0500", Some("RF18539007547034"), Some(100))]));
        assert_eq!(index.named(&paid("factuur 2026.0412", None)).len(), 1);
        assert_eq!(index.named(&paid("RF18 5390 0754 7034", None)).len(), 1);
        assert_eq!(index.hinted(&paid("", None)).len(), 3);
        assert_eq!(index.debtors_paying_from("NL91 ABNA 0417 1643 00").len(), 1);
        index.put(debtor("Jansen", &[], vec![case("2026-0412", None, None), case("2026-0499", None, Some(7))]));
        assert!(index.named(&paid("2026-0412 2026-0413", None)).is_empty(), "one is closed, one is gone");
        assert_eq!(index.debtors_named("2026-0412").len(), 1, "closed, but known");
        assert!(index.debtors_named("2026-0413").is_empty());
        assert_eq!(index.hinted(&paid("", None)).len(), 1);
        assert!(index.debtors_paying_from("NL91ABNA0417164300").is_empty());
    }

    #[test]
    fn debtors_and_accounts_of_one_hash_are_two() {
        let (one, other) = of_one_hash(|n| format!("X{n}"));
        let mut index = CaseIndex::default();
        let numbered = |who: &str| vec![case(&format!("2026-{who}"), None, Some(100))];
        index.put(IndexedDebtor { id: one.as_str().into(), ..debtor("Jansen", &[&one], numbered("1")) });
        assert!(index.debtors_paying_from(&other).is_empty());
        index.put(IndexedDebtor { id: other.as_str().into(), ..debtor("Puck", &[&other], numbered("2")) });
        for who in [&one, &other] {
            assert_eq!(index.debtors_paying_from(who), BTreeSet::from([who.as_str().into()]));
        }
        assert_eq!(index.hinted(&Remittance { amount: Money::eur_cents(100), payer: None, ..called("") }).len(), 2);
        assert_eq!(index.hinted(&Remittance { iban: Some(&one), payer: None, ..called("") }).len(), 1);
    }

    /// The account that it goes to is written, and taken in, before the one that it leaves.
    #[test]
    fn a_case_that_moves_is_found_where_it_is() {
        let mut index = CaseIndex::default();
        let moving = || vec![case("2026-0412", None, Some(100))];
        for (id, cases) in [("Jansen", moving()), ("Bouw", vec![]), ("Pieters", vec![])] {
            index.put(IndexedDebtor { id: id.into(), ..debtor("Jansen", &[], cases) });
        }
        index.put(IndexedDebtor { id: "Pieters".into(), ..debtor("Jansen", &[], moving()) });
        index.put(debtor("Jansen", &[], vec![]));
        let found = Found::from([("Pieters".into(), CaseId::of(&"2026-0412".into()))]);
        let amount = Money::eur_cents(100);
        assert_eq!(index.hinted(&Remittance { amount, payer: None, ..called("") }), found, "by amount");
        assert_eq!(index.hinted(&called("Jansen")), found, "of a crowd of one name");
    }

    /// More of one name than anybody would list: those of the amount, then the first.
    #[test]
    fn of_a_crowd_of_one_name_the_first_are_found() {
        let mut index = CaseIndex::default();
        let cents = |n: usize| if n.is_multiple_of(5) { 100 } else { 7 };
        let of = |who: usize| (0..9).map(|n| case(&format!("{n}-{who:03}"), None, Some(cents(who + n)))).collect();
        let crowd = |who: usize| IndexedDebtor {
            id: DebtorId::new(format!("K{who:03}")),
            ..debtor(["Jansen Bouw", "Janssen Bouw"][who % 2], &[["X1", "X2"][who % 2]], of(who))
        };
        let mut debtors: Vec<IndexedDebtor> = (0..40).map(crowd).collect();
        debtors.iter().for_each(|debtor| index.put(debtor.clone()));
        for round in 0..3 {
            let all = candidates(&debtors);
            for (text, cents, payer, iban) in [
                ("", 100, "Jansen Bouw", None),
                ("", 3, "Jansen Bouw", Some("X1")),
                ("3-004", 100, "Bouw Jansen", None),
            ] {
                let amount = Money::eur_cents(cents);
                let payer = Some(payer);
                judge(&index, &all, &Remittance { amount, reference: None, text, end_to_end: None, payer, iban });
            }
            // Some pay, some are called otherwise from now on, some get a new case.
            for (n, debtor) in debtors.iter_mut().enumerate().filter(|(n, _)| n % 3 == round) {
                debtor.cases[n % 9].open = None;
                debtor.cases.push(case(&format!("9{round}-{n:03}"), None, Some(100)));
                if n.is_multiple_of(4) {
                    debtor.name = "Pieters".to_owned();
                }
                index.put(debtor.clone());
            }
        }
        debtors.iter_mut().for_each(|debtor| debtor.name = "Pieters".to_owned());
        debtors.iter().for_each(|debtor| index.put(debtor.clone()));
        assert!(index.hinted(&called("Jansen Bouw")).is_empty(), "nobody is called so any more");
        assert_eq!(index.hinted(&called("Pieters")).len(), MAX_CANDIDATES);
    }

    fn called(payer: &str) -> Remittance<'_> {
        Remittance {
            amount: Money::eur_cents(1),
            reference: None,
            text: "",
            end_to_end: None,
            payer: Some(payer),
            iban: None,
        }
    }

    #[test]
    fn of_very_many_equal_amounts_the_first_are_found() {
        let mut index = CaseIndex::default();
        let many = |who: usize| (0..30).map(|n| case(&format!("{who}-{n:03}"), None, Some(100))).collect();
        let debtors = [
            debtor("Jansen Bouw", &["X1"], many(1)),
            debtor("Bouw Jansen", &["X2"], many(2)),
            debtor("Piet", &["X1"], many(3)),
        ];
        debtors.iter().for_each(|debtor| index.put(debtor.clone()));
        let all = candidates(&debtors);
        for (payer, iban, cents) in [
            (None, None, 100),
            (Some("Jansen Bouw"), None, 100),
            (None, Some("X2"), 100),
            (Some("Piet"), Some("X1"), 5),
        ] {
            let amount = Money::eur_cents(cents);
            judge(&index, &all, &Remittance { amount, reference: None, text: "", end_to_end: None, payer, iban });
        }
    }

    /// Somebody fits by amount and account; of all others who paid from it those go first who are called like the payer.
    #[test]
    fn of_very_many_of_one_account_the_namesakes_are_found() {
        let mut index = CaseIndex::default();
        let many = |who: usize| (0..30).map(|n| case(&format!("{who}-{n:03}"), None, Some(5))).collect();
        let debtors = [
            debtor("Jansen Bouw", &["X1"], many(1)),
            debtor("Piet", &["X1"], many(2)),
            debtor("Klaas", &["X1"], vec![case("3-000", None, Some(100))]),
        ];
        debtors.iter().for_each(|debtor| index.put(debtor.clone()));
        judge(
            &index,
            &candidates(&debtors),
            &Remittance { amount: Money::eur_cents(100), iban: Some("X1"), ..called("Piet") },
        );
    }

    fn number() -> impl Strategy<Value = String> {
        prop_oneof!["[FG]?2026-?0?[0-3]{2,3}", "[12]{1,3}", "VF-26/00[0-2]{2}", "[é]?[0-2]{3}[-/ .]?[0-2]{2,4}"]
    }

    fn text() -> impl Strategy<Value = String> {
        let word = prop_oneof![
            number(),
            number(),
            "[0-3]{2,4}",
            Just("en".to_owned()),
            Just("factuur".to_owned()),
            Just("klant nr".to_owned()),
            Just("2026 0".to_owned()),
            Just("RF18 5390 0754 7034".to_owned()),
        ];
        let gap = prop_oneof![Just(" "), Just(""), Just(", "), Just("/"), Just("-"), Just(".")];
        proptest::collection::vec((word, gap), 0..6).prop_map(|words| words.into_iter().map(|(w, g)| w + g).collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        /// The rules answer the same on what the index finds as on all cases.
        #[test]
        fn no_candidate_is_missed(
            numbers in proptest::collection::btree_set(number(), 1..25),
            names in proptest::collection::vec(0usize..5, 12),
            before in proptest::collection::vec(0usize..5, 12),
            opens in proptest::collection::vec((0usize..12, proptest::option::weighted(0.9, 1i64..6)), 25),
            references in proptest::collection::vec(proptest::option::weighted(0.2, 0usize..3), 25),
            texts in proptest::collection::vec((text(), proptest::option::of(text()), 0i64..8, 0usize..6, 0usize..4), 8),
        ) {
            const REFERENCES: [&str; 3] = ["RF18539007547034", "+++090/9337/55493+++", "2026 0412 77"];
            const NAMES: [&str; 5] = ["Jansen Bouw", "Janssen Bouw B.V.", "Bouw", "Pieters", "Jansen Bouw Breda"];
            const IBANS: [&str; 4] = ["NL01", "NL02", "nl 01", ""];
            let mut debtors: Vec<IndexedDebtor> = (0..12)
                .map(|n| {
                    let id = DebtorId::new(format!("K{n}"));
                    IndexedDebtor { id, ..debtor(NAMES[names[n]], &IBANS[n % 3..n % 3 + 1], vec![]) }
                })
                .collect();
            for ((number, (who, open)), reference) in numbers.iter().zip(&opens).zip(&references) {
                debtors[*who].cases.push(case(number, reference.map(|n| REFERENCES[n]), *open));
            }
            let mut index = CaseIndex::default();
            // Known before by other names and with other cases open.
            for (n, now) in debtors.iter().enumerate() {
                let mut before = IndexedDebtor { name: NAMES[before[n]].to_owned(), ..now.clone() };
                before.cases.iter_mut().for_each(|case| case.open = Some(Money::eur_cents(3)));
                index.put(before);
            }
            debtors.iter().for_each(|debtor| index.put(debtor.clone()));
            let all = candidates(&debtors);
            for (text, other, cents, payer, iban) in &texts {
                let stated = [None, Some(REFERENCES[0]), Some("090933755493"), other.as_deref()];
                judge(&index, &all, &Remittance {
                    amount: Money::eur_cents(*cents),
                    reference: stated[*iban],
                    text,
                    end_to_end: other.as_deref(),
                    payer: NAMES.get(*payer).copied(),
                    iban: Some(IBANS[*iban]),
                });
            }
        }
    }
}
