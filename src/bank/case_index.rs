//! Which cases a payment may be for, found by key among very many: by what the payer named, the amount, the account and
//! the name. It finds too many rather than too few; whether something fits is for [`super::matching`] to say, which
//! answers the same on what is found here as on all cases.

use super::matching::{AMOUNT_HINT, IBAN_HINT, MAX_CANDIDATES, NAME_HINT, Remittance, is_worth_listing, plain};
use super::names::Name;
use super::namesakes::{Bearers, ByAmount, Namesakes, OpenCase};
use super::numbers::{Stretches, spellings};
use super::postings::{Keyed, Slots};
use super::reference::{self, Reference};
use crate::dunning::ids::{CaseId, DebtorId};
use crate::dunning::money::Money;
use std::collections::{BTreeMap, BTreeSet, HashMap};

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
    by_id: HashMap<DebtorId, u32>,
    cases: Slots<CaseRow>,
    /// Cases by the spellings of their numbers and payment references.
    by_word: Keyed,
    /// Open cases by what is open, in order of case.
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
    ibans: Vec<String>,
    cases: BTreeMap<CaseId, u32>,
}

struct CaseRow {
    debtor: u32,
    case: CaseId,
    number: Box<str>,
    payment_reference: Option<Box<str>>,
    open: Option<Money>,
}

impl CaseIndex {
    /// Takes a debtor in, instead of what was known of this debtor before.
    pub fn put(&mut self, debtor: IndexedDebtor) {
        let at = self.debtor_row(&debtor);
        self.forget_lost_cases(at, &debtor.cases);
        debtor.cases.into_iter().for_each(|case| self.put_case(at, case));
    }

    fn debtor_row(&mut self, debtor: &IndexedDebtor) -> u32 {
        let name = Name::of(&debtor.name);
        let ibans: Vec<String> = debtor.ibans.iter().map(|iban| plain(iban)).collect();
        let Some(at) = self.by_id.get(&debtor.id).copied() else {
            ibans.iter().for_each(|iban| self.by_iban.add(iban, self.debtors.next()));
            let name = self.add_name(name, self.debtors.next(), Vec::new());
            let at = self.debtors.put(DebtorRow { id: debtor.id.clone(), name, ibans, cases: BTreeMap::new() });
            self.by_id.insert(debtor.id.clone(), at);
            return at;
        };
        self.rename(at, name);
        if let Some(row) = self.debtors.get_mut(at) {
            row.ibans.iter().filter(|iban| !ibans.contains(iban)).for_each(|iban| self.by_iban.remove(iban, at));
            ibans.iter().filter(|iban| !row.ibans.contains(iban)).for_each(|iban| self.by_iban.add(iban, at));
            row.ibans = ibans;
        }
        at
    }

    fn add_name(&mut self, name: Name, debtor: u32, open: Vec<OpenCase>) -> u32 {
        let (debtors, cases) = (&self.debtors, &self.cases);
        self.names.add(name, debtor, open, |other| open_of(debtors.get(other), cases))
    }

    fn rename(&mut self, debtor: u32, name: Name) {
        let Some(before) = self.debtors.get(debtor).map(|row| row.name) else { return };
        if self.names.is_called(before, &name) {
            return;
        }
        let open = open_of(self.debtors.get(debtor), &self.cases);
        self.names.remove(before, debtor, &open);
        let now = self.add_name(name, debtor, open);
        if let Some(row) = self.debtors.get_mut(debtor) {
            row.name = now;
        }
    }

    fn forget_lost_cases(&mut self, debtor: u32, cases: &[IndexedCase]) {
        let there: BTreeSet<&CaseId> = cases.iter().map(|case| &case.case).collect();
        let Some(row) = self.debtors.get_mut(debtor) else { return };
        let lost: Vec<u32> = row.cases.iter().filter(|(case, _)| !there.contains(case)).map(|(_, at)| *at).collect();
        row.cases.retain(|case, _| there.contains(case));
        lost.into_iter().for_each(|at| self.forget_case(at));
    }

    fn put_case(&mut self, debtor: u32, case: IndexedCase) {
        let known = self.debtors.get(debtor).and_then(|row| row.cases.get(&case.case)).copied();
        if let Some(at) = known {
            let is_same = |row: &&CaseRow| {
                *row.number == *case.number && row.payment_reference.as_deref() == case.payment_reference.as_deref()
            };
            if self.cases.get(at).filter(is_same).is_some() {
                return self.set_open(at, case.open);
            }
            self.forget_case(at);
        }
        let at = self.cases.next();
        for key in words_of(&case.number, case.payment_reference.as_deref()) {
            self.longest = self.longest.max(key.chars().count());
            self.by_word.add(&key, at);
        }
        self.cases.put(CaseRow {
            debtor,
            case: case.case.clone(),
            number: case.number.into(),
            payment_reference: case.payment_reference.map(Into::into),
            open: None,
        });
        if let Some(row) = self.debtors.get_mut(debtor) {
            row.cases.insert(case.case, at);
        }
        self.set_open(at, case.open);
    }

    fn set_open(&mut self, at: u32, open: Option<Money>) {
        let Some(row) = self.cases.get_mut(at) else { return };
        if row.open == open {
            return;
        }
        let before = std::mem::replace(&mut row.open, open);
        if let Some(before) = before {
            self.by_amount.remove(before, &row.case);
        }
        if let Some(now) = open {
            self.by_amount.add(now, &row.case, at);
        }
        if let Some(debtor) = self.debtors.get(row.debtor) {
            self.names.reopen(debtor.name, &row.case, at, before, open);
        }
    }

    fn forget_case(&mut self, at: u32) {
        self.set_open(at, None);
        let Some(row) = self.cases.take(at) else { return };
        let keys = words_of(&row.number, row.payment_reference.as_deref());
        keys.iter().for_each(|key| self.by_word.remove(key, at));
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
        let mut scores: Vec<(u32, &CaseId, u32, u32)> = Vec::new();
        let mut fitting: BTreeSet<u32> = BTreeSet::new();
        let payers = self.fitting_payers(remittance).unwrap_or_else(|| self.payers(remittance));
        for at in self.with_a_hint(remittance, &payers) {
            let Some(row) = self.cases.get(at) else { continue };
            let (Some(open), Some(debtor)) = (row.open, self.debtors.get(row.debtor)) else { continue };
            let fits = remittance.amount.is_positive() && open == remittance.amount;
            let (pays_from, is_alike) = (payers.pay_from(row.debtor), payers.are_called(debtor));
            let hints = [(fits, AMOUNT_HINT), (pays_from, IBAN_HINT), (is_alike, NAME_HINT)];
            let score = hints.iter().filter(|(holds, _)| *holds).map(|(_, weight)| weight).sum();
            scores.push((score, &row.case, at, row.debtor));
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
    fn of_payers(&self, remittance: &Remittance<'_>, payers: &Payers) -> BTreeSet<u32> {
        let mut rows = self.cases_of(payers.by_iban.iter());
        for name in &payers.alike {
            match self.names.bearers(*name) {
                Some(Bearers::Few(few)) => rows.extend(self.cases_of(few.iter())),
                Some(Bearers::Crowd(_, open)) => rows.extend(open.first(remittance.amount, MAX_CANDIDATES)),
                None => {}
            }
        }
        rows
    }

    /// Cases with a hint, and of very many with the same hints at least the first.
    fn with_a_hint(&self, remittance: &Remittance<'_>, payers: &Payers) -> BTreeSet<u32> {
        let mut rows = self.of_payers(remittance, payers);
        if remittance.amount.is_positive() {
            rows.extend(self.by_amount.of(remittance.amount).take(MAX_CANDIDATES));
        }
        rows
    }

    fn cases_of<'d>(&self, debtors: impl Iterator<Item = &'d u32>) -> BTreeSet<u32> {
        debtors.filter_map(|at| self.debtors.get(*at)).flat_map(|row| row.cases.values().copied()).collect()
    }

    fn payers(&self, remittance: &Remittance<'_>) -> Payers {
        let alike = remittance.payer.map(|payer| self.names.alike(payer)).unwrap_or_default();
        Payers { by_iban: self.paying_from(remittance), alike }
    }

    /// The same, of names only those of debtors who owe just this amount or paid from this account; `None` where very many owe
    /// it.
    fn payers_of_amount(&self, remittance: &Remittance<'_>) -> Option<Payers> {
        let Some(payer) = remittance.payer else { return Some(self.payers(remittance)) };
        if self.by_amount.count(remittance.amount) > FEW {
            return None;
        }
        let by_iban = self.paying_from(remittance);
        let debtors = self.owing(remittance.amount).chain(by_iban.iter().copied());
        let names = debtors.filter_map(|at| Some(self.debtors.get(at)?.name)).collect();
        Some(Payers { by_iban, alike: self.names.like(payer, names) })
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
        let iban = remittance.iban.map(plain);
        let pays_from = |at: &u32| {
            let row = self.debtors.get(*at);
            row.is_some_and(|row| iban.as_ref().is_some_and(|iban| row.ibans.contains(iban)))
        };
        iban.iter().flat_map(|iban| self.by_iban.at(iban)).filter(pays_from).collect()
    }

    /// Whose cases, open or closed, a text may name, in order.
    pub fn debtors_named(&self, text: &str) -> BTreeSet<DebtorId> {
        self.found(self.mentioned(std::iter::once(text))).into_iter().map(|(debtor, _)| debtor).collect()
    }

    /// Who may have paid from this account before, in order.
    pub fn debtors_paying_from(&self, iban: &str) -> BTreeSet<DebtorId> {
        self.by_iban.at(&plain(iban)).filter_map(|at| Some(self.debtors.get(at)?.id.clone())).collect()
    }

    fn mentioned<'t>(&self, texts: impl Iterator<Item = &'t str>) -> BTreeSet<u32> {
        let mut rows = BTreeSet::new();
        for text in texts {
            let stretches = Stretches::of(text);
            let named: BTreeSet<u32> = stretches.each(self.longest).flat_map(|word| self.by_word.at(word)).collect();
            for number in named.iter().filter_map(|at| Some(&self.cases.get(*at)?.number)) {
                rows.extend(stretches.listed(number).flat_map(|word| self.by_word.at(&word)));
            }
            rows.extend(named);
        }
        rows
    }

    fn found(&self, rows: impl IntoIterator<Item = u32>) -> Found {
        let owner = |row: &CaseRow| Some((self.debtors.get(row.debtor)?.id.clone(), row.case.clone()));
        rows.into_iter().filter_map(|at| owner(self.cases.get(at)?)).collect()
    }
}

/// Under which words a case is found.
fn words_of(number: &str, payment_reference: Option<&str>) -> BTreeSet<String> {
    let bare = [Some(number), payment_reference].into_iter().flatten().map(plain).filter(|word| !word.is_empty());
    let spelled = [Some(number), payment_reference].into_iter().flatten().flat_map(spellings);
    bare.chain(spelled).collect()
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

fn open_of(debtor: Option<&DebtorRow>, cases: &Slots<CaseRow>) -> Vec<OpenCase> {
    let rows = debtor.into_iter().flat_map(|row| row.cases.values());
    rows.filter_map(|at| Some((cases.get(*at)?.open?, cases.get(*at)?.case.clone(), *at))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::matching::{Candidate, match_by_name, match_payment};
    use super::*;
    use crate::dunning::ids::InvoiceNumber;
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
