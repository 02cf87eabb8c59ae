//! Which cases a payment may be for, found by key among very many: by what the payer named, the amount, the account and
//! the name. It finds too many rather than too few; whether something fits is for [`super::matching`] to say, which
//! answers the same on what is found here as on all cases.

use super::matching::{AMOUNT_HINT, IBAN_HINT, MAX_CANDIDATES, NAME_HINT, Remittance, plain};
use super::names::Name;
use super::numbers::{Stretches, spellings};
use super::postings::{Keyed, Slots};
use super::reference::{self, Reference};
use crate::dunning::ids::{CaseId, DebtorId};
use crate::dunning::money::{Currency, Money};
use std::collections::{BTreeMap, BTreeSet, HashMap};

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
    by_amount: HashMap<(i64, Currency), BTreeMap<CaseId, u32>>,
    /// Debtors by the accounts they paid from, and by their names' keys.
    by_iban: Keyed,
    by_name: Keyed,
    /// Letters and digits of the longest spelling.
    longest: usize,
}

struct DebtorRow {
    id: DebtorId,
    name: Name,
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
            name.keys().iter().for_each(|key| self.by_name.add(key, self.debtors.next()));
            ibans.iter().for_each(|iban| self.by_iban.add(iban, self.debtors.next()));
            let at = self.debtors.put(DebtorRow { id: debtor.id.clone(), name, ibans, cases: BTreeMap::new() });
            self.by_id.insert(debtor.id.clone(), at);
            return at;
        };
        if let Some(row) = self.debtors.get_mut(at) {
            if row.name != name {
                row.name.keys().iter().for_each(|key| self.by_name.remove(key, at));
                name.keys().iter().for_each(|key| self.by_name.add(key, at));
                row.name = name;
            }
            row.ibans.iter().filter(|iban| !ibans.contains(iban)).for_each(|iban| self.by_iban.remove(iban, at));
            ibans.iter().filter(|iban| !row.ibans.contains(iban)).for_each(|iban| self.by_iban.add(iban, at));
            row.ibans = ibans;
        }
        at
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
        if let Some(before) = row.open.map(amount_key)
            && let Some(same) = self.by_amount.get_mut(&before)
        {
            same.remove(&row.case);
            if same.is_empty() {
                self.by_amount.remove(&before);
            }
        }
        row.open = open;
        if let Some(now) = open.map(amount_key) {
            self.by_amount.entry(now).or_default().insert(row.case.clone(), at);
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
        let payers = self.debtors_by_hint(remittance);
        let cases = payers.keys().filter_map(|at| self.debtors.get(*at)).flat_map(|row| row.cases.values().copied());
        let fits = |at: &u32| self.cases.get(*at).is_some_and(|row| row.open == Some(remittance.amount));
        found.extend(self.found(cases.filter(fits)));
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
        let mut scores: Vec<(u32, &CaseId, u32)> = Vec::new();
        let mut with_hint: BTreeMap<u32, u32> = BTreeMap::new();
        for (debtor, score) in self.debtors_by_hint(remittance) {
            let cases = self.debtors.get(debtor).into_iter().flat_map(|row| row.cases.values());
            cases.for_each(|at| *with_hint.entry(*at).or_default() += score);
        }
        // Of cases with no other hint than the amount, the first are enough.
        let same =
            remittance.amount.is_positive().then(|| self.by_amount.get(&amount_key(remittance.amount))).flatten();
        for at in same.into_iter().flat_map(|same| same.values().take(MAX_CANDIDATES)) {
            with_hint.entry(*at).or_default();
        }
        for (at, score) in with_hint {
            let Some(row) = self.cases.get(at) else { continue };
            let Some(open) = row.open else { continue };
            let fits = remittance.amount.is_positive() && open == remittance.amount;
            scores.push((score + if fits { AMOUNT_HINT } else { 0 }, &row.case, at));
        }
        scores.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        found.extend(self.found(scores.into_iter().take(MAX_CANDIDATES).map(|(_, _, at)| at)));
        found
    }

    /// Debtors that paid from the payer's account before, or are called alike, with what that weighs.
    fn debtors_by_hint(&self, remittance: &Remittance<'_>) -> BTreeMap<u32, u32> {
        let mut debtors: BTreeMap<u32, u32> = BTreeMap::new();
        for at in remittance.iban.into_iter().flat_map(|iban| self.by_iban.at(&plain(iban))) {
            let is_theirs = |row: &DebtorRow| remittance.iban.is_some_and(|iban| row.ibans.contains(&plain(iban)));
            if self.debtors.get(at).is_some_and(is_theirs) {
                debtors.insert(at, IBAN_HINT);
            }
        }
        let payer = remittance.payer.map(Name::of);
        for (payer, key) in payer.iter().flat_map(|payer| payer.asked_keys().into_iter().map(move |key| (payer, key))) {
            for at in self.by_name.at(&key) {
                let score = debtors.get(&at).copied().unwrap_or_default();
                let is_new = score == 0 || score == IBAN_HINT;
                if is_new && self.debtors.get(at).is_some_and(|row| payer.resembles(&row.name)) {
                    debtors.insert(at, score + NAME_HINT);
                }
            }
        }
        debtors
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

fn amount_key(money: Money) -> (i64, Currency) {
    (money.minor(), money.currency())
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
            opens in proptest::collection::vec((0usize..5, proptest::option::weighted(0.9, 1i64..6)), 25),
            references in proptest::collection::vec(proptest::option::weighted(0.2, 0usize..3), 25),
            texts in proptest::collection::vec((text(), proptest::option::of(text()), 0i64..8, 0usize..6, 0usize..4), 8),
        ) {
            const REFERENCES: [&str; 3] = ["RF18539007547034", "+++090/9337/55493+++", "2026 0412 77"];
            const NAMES: [&str; 5] = ["Jansen Bouw", "Janssen Bouw B.V.", "Bouw", "Pieters", "Jansen Bouw Breda"];
            const IBANS: [&str; 4] = ["NL01", "NL02", "nl 01", ""];
            let mut debtors: Vec<IndexedDebtor> =
                NAMES.iter().enumerate().map(|(n, name)| debtor(name, &IBANS[n % 3..n % 3 + 1], vec![])).collect();
            for ((number, (who, open)), reference) in numbers.iter().zip(&opens).zip(&references) {
                debtors[*who].cases.push(case(number, reference.map(|n| REFERENCES[n]), *open));
            }
            let mut index = CaseIndex::default();
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
