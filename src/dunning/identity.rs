//! Which debtor an invoice is of: by customer number, then registration number (VAT, KvK, KBO), then mail address, then
//! name. What contradicts itself is a doubt, with its reason, and never a guess.

mod compare;
mod known;

use self::compare::{bare, chamber, registered};
use self::known::{Key, Kind, Known};
use super::account::Account;
use super::debtor::Debtor;
use super::ids::DebtorId;
use super::postings::{Keyed, Slots};
use std::collections::BTreeSet;
use std::fmt;

/// Everybody's keys, to find a debtor by each.
#[derive(Default)]
pub struct Book {
    by_key: Keyed,
    rows: Slots<(DebtorId, Known)>,
}

/// Whose an invoice is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Nobody who is known.
    New,
    One(DebtorId),
    /// It may be one of these, or somebody new: only the owner can say.
    Doubt {
        debtors: Vec<DebtorId>,
        why: Doubt,
    },
}

/// What speaks against taking two for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    OtherRegistration,
    OtherEmail,
    OtherName,
    OtherPlace,
    OtherNumber,
    /// Two of its keys are two debtors', or one key is several debtors'.
    Several,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Doubt::OtherRegistration => "another VAT or chamber number than",
            Doubt::OtherEmail => "another mail address than",
            Doubt::OtherName => "another name than",
            Doubt::OtherPlace => "another address than",
            Doubt::OtherNumber => "another customer number than",
            Doubt::Several => "it fits",
        })
    }
}

impl Book {
    /// Takes the debtor in anew.
    pub fn put(&mut self, account: &Account) {
        if account.id.is_administration() || account.is_merged() || account.debtor.is_none() {
            return self.forget(&account.id);
        }
        self.put_known(&account.id, Known::of(account));
    }

    fn put_known(&mut self, id: &DebtorId, known: Known) {
        if self.known(id) == Some(&known) {
            return;
        }
        self.forget(id);
        known.keys().for_each(|key| self.by_key.add(&key.text(), self.rows.next()));
        self.rows.put((id.clone(), known));
    }

    fn forget(&mut self, id: &DebtorId) {
        let Some(at) = self.row_of(id) else { return };
        if let Some((_, known)) = self.rows.take(at) {
            known.keys().for_each(|key| self.by_key.remove(&key.text(), at));
        }
    }

    /// Everybody's own id is among the numbers.
    fn row_of(&self, id: &DebtorId) -> Option<u32> {
        let mut rows = self.by_key.at(&Key::Number(id.as_str()).text());
        rows.find(|at| self.rows.get(*at).is_some_and(|(known, _)| known == id))
    }

    fn known(&self, id: &DebtorId) -> Option<&Known> {
        self.rows.get(self.row_of(id)?).map(|(_, known)| known)
    }

    /// Whether the customer number was ever seen.
    pub fn knows_number(&self, number: &DebtorId) -> bool {
        self.having_one(Key::Number(number.as_str())).next().is_some()
    }

    /// Whose an invoice is that describes its debtor so. `is_public` says whether anybody can have an address in a domain.
    pub fn whose(&self, debtor: &Debtor, is_public: impl Fn(&str) -> bool + Copy) -> Whose {
        let mut told = Known::default();
        told.learn(debtor);
        let asked = Asked { book: self, told, number: debtor.id.clone() };
        asked
            .by_number(is_public)
            .or_else(|| asked.by_registration())
            .or_else(|| asked.by_email())
            .or_else(|| asked.by_name(is_public))
            .unwrap_or(Whose::New)
    }

    fn having<'k>(&self, keys: impl Iterator<Item = Key<'k>>) -> BTreeSet<DebtorId> {
        keys.flat_map(|key| self.having_one(key)).cloned().collect()
    }

    fn having_one(&self, key: Key<'_>) -> impl Iterator<Item = &DebtorId> {
        let rows = self.by_key.at(&key.text()).filter_map(|at| self.rows.get(at));
        rows.filter(move |(_, known)| known.has(key)).map(|(id, _)| id)
    }
}

/// One invoice's debtor, to be found.
struct Asked<'a> {
    book: &'a Book,
    told: Known,
    number: DebtorId,
}

impl Asked<'_> {
    /// The seller's own number says who it is, unless the rest says somebody else.
    fn by_number(&self, is_public: impl Fn(&str) -> bool + Copy) -> Option<Whose> {
        if !self.told.numbered {
            return None;
        }
        let having = self.book.having(std::iter::once(Key::Number(self.number.as_str())));
        let first = having.first()?;
        let registered = self.registered();
        // Where cases were given to another debtor both have the number: the rest tells them apart.
        let of_them: BTreeSet<DebtorId> = registered.intersection(&having).cloned().collect();
        if !registered.is_empty() && of_them.is_empty() {
            return Some(self.doubt(having.union(&registered).cloned().collect(), Doubt::Several));
        }
        let candidates = if of_them.is_empty() { having.clone() } else { of_them };
        let fitting: Vec<&DebtorId> = candidates.iter().filter(|id| self.against(id, is_public).is_none()).collect();
        Some(match fitting.as_slice() {
            [one] => Whose::One((*one).clone()),
            [] => self.doubt(candidates.clone(), self.against(first, is_public).unwrap_or(Doubt::Several)),
            [..] => self.narrowed(&fitting),
        })
    }

    /// A legal person has its numbers alone. Two customer numbers for it are taken for one only where all else is the same.
    fn by_registration(&self) -> Option<Whose> {
        let registered = self.registered();
        let first = registered.first()?;
        let why = |id: &DebtorId| {
            let known = self.known(id)?;
            let renumbered = self.told.numbered && known.numbered;
            if self.told.is_registered_otherwise(known) {
                Some(Doubt::OtherRegistration)
            } else if renumbered && (self.told.is_called_otherwise(known) || self.told.differs(known, Kind::Email)) {
                Some(Doubt::OtherNumber)
            } else if self.told.differs(known, Kind::Email) && self.told.is_called_otherwise(known) {
                Some(Doubt::OtherName)
            } else {
                None
            }
        };
        let fitting: Vec<&DebtorId> = registered.iter().filter(|id| why(id).is_none()).collect();
        Some(match fitting.as_slice() {
            [one] => Whose::One((*one).clone()),
            [] => self.doubt(registered.clone(), why(first).unwrap_or(Doubt::Several)),
            [..] => self.narrowed(&fitting),
        })
    }

    /// A bookkeeper's office may receive for several: a shared address makes nobody the same.
    fn by_email(&self) -> Option<Whose> {
        let having = self.having(|key| matches!(key, Key::Email(_)));
        let possible = self.possible(having);
        possible.first()?;
        let alike = |id: &&DebtorId| self.known(id).is_some_and(|known| !self.told.is_called_otherwise(known));
        let fitting: Vec<&DebtorId> = possible.iter().filter(alike).collect();
        Some(match fitting.as_slice() {
            [one] => Whose::One((*one).clone()),
            [] => self.doubt(possible.clone(), Doubt::OtherName),
            [..] => self.narrowed(&fitting),
        })
    }

    /// The weakest key: nothing else may differ.
    fn by_name(&self, is_public: impl Fn(&str) -> bool + Copy) -> Option<Whose> {
        let having = self.having(|key| matches!(key, Key::Name(_)));
        let possible = self.possible(having);
        let first = possible.first()?;
        let why = |id: &DebtorId| {
            let known = self.known(id)?;
            if self.told.writes_from_elsewhere(known, is_public) {
                Some(Doubt::OtherEmail)
            } else {
                self.told.differs(known, Kind::Place).then_some(Doubt::OtherPlace)
            }
        };
        let fitting: Vec<&DebtorId> = possible.iter().filter(|id| why(id).is_none()).collect();
        Some(match fitting.as_slice() {
            [one] => Whose::One((*one).clone()),
            [] => self.doubt(possible.clone(), why(first).unwrap_or(Doubt::Several)),
            [..] => self.doubt(possible.clone(), Doubt::Several),
        })
    }

    /// What speaks against a debtor who has this customer number. Where a registration number is the same, a new name or
    /// address within the firm is no other firm.
    fn against(&self, id: &DebtorId, is_public: impl Fn(&str) -> bool) -> Option<Doubt> {
        let known = self.known(id)?;
        if self.told.is_registered_otherwise(known) {
            Some(Doubt::OtherRegistration)
        } else if self.told.writes_from_elsewhere(known, is_public) {
            Some(Doubt::OtherEmail)
        } else if self.told.is_called_otherwise(known) && !self.told.shares_registration(known) {
            Some(Doubt::OtherName)
        } else {
            None
        }
    }

    /// Of several that fit, the one that also has the mail address, else the name.
    fn narrowed(&self, fitting: &[&DebtorId]) -> Whose {
        let all: BTreeSet<DebtorId> = fitting.iter().map(|id| (*id).clone()).collect();
        let emails = self.having(|key| matches!(key, Key::Email(_)));
        let names = self.having(|key| matches!(key, Key::Name(_)));
        for having in [emails, names] {
            let both: Vec<&DebtorId> = all.intersection(&having).collect();
            if let [one] = both.as_slice() {
                return Whose::One((*one).clone());
            }
        }
        self.doubt(all, Doubt::Several)
    }

    /// Whom neither the registration numbers nor the customer numbers say to be somebody else.
    fn possible(&self, having: BTreeSet<DebtorId>) -> BTreeSet<DebtorId> {
        let may_be = |id: &DebtorId| {
            let is_other =
                |known: &Known| self.told.is_registered_otherwise(known) || (self.told.numbered && known.numbered);
            self.known(id).is_some_and(|known| !is_other(known))
        };
        having.into_iter().filter(may_be).collect()
    }

    fn registered(&self) -> BTreeSet<DebtorId> {
        self.having(|key| matches!(key, Key::Registered(_)))
    }

    /// Whoever has one of the keys of a kind that were told.
    fn having(&self, is_of_kind: impl Fn(&Key<'_>) -> bool) -> BTreeSet<DebtorId> {
        self.book.having(self.told.keys().filter(|key| is_of_kind(key)))
    }

    fn known(&self, id: &DebtorId) -> Option<&Known> {
        self.book.known(id)
    }

    fn doubt(&self, debtors: BTreeSet<DebtorId>, why: Doubt) -> Whose {
        Whose::Doubt { debtors: debtors.into_iter().collect(), why }
    }
}

/// Whether two sets of registration numbers are one company's; `None` where they cannot be compared. A company may have a
/// VAT number in each country.
pub fn is_same_company(one: (Option<&str>, Option<&str>), other: (Option<&str>, Option<&str>)) -> Option<bool> {
    let known = |(vat, kvk): (Option<&str>, Option<&str>)| -> BTreeSet<String> {
        vat.and_then(registered).into_iter().chain(kvk.and_then(|number| chamber(number, None))).collect()
    };
    let (ours, theirs) = (known(one), known(other));
    if !ours.is_disjoint(&theirs) {
        return Some(true);
    }
    let kind = |number: &String| number.chars().take_while(char::is_ascii_alphabetic).collect::<String>();
    let kinds: BTreeSet<String> = ours.iter().map(kind).collect();
    theirs.iter().any(|number| kinds.contains(&kind(number))).then_some(false)
}

/// Whether the books gave it a number: else its id is its VAT or chamber number, mail address or name.
fn is_numbered(debtor: &Debtor) -> bool {
    let ways = |text: &str| [text.to_owned(), text.to_lowercase(), bare(text)];
    let made = |text: &str| ways(text).iter().any(|text| debtor.id.is_of_text(text));
    let texts = [debtor.vat.as_deref(), debtor.kvk.as_deref(), debtor.email.as_deref(), Some(debtor.name.as_str())];
    !texts.into_iter().flatten().any(made)
}

#[cfg(test)]
mod tests {
    use super::super::debtor::DebtorKind;
    use super::super::fact::Fact;
    use super::*;

    /// `id|name|vat|email`, with `-` for what is not said; without an id it is made as the readers of invoices make it.
    fn debtor(text: &str) -> Debtor {
        let [id, name, vat, email] = text.split('|').collect::<Vec<_>>().try_into().unwrap();
        let said = |text: &str| (text != "-").then(|| text.to_owned());
        let made = || said(vat).map(|vat| bare(&vat)).or_else(|| said(email)).unwrap_or(name.to_owned());
        Debtor {
            id: DebtorId::from_text(&said(id).unwrap_or_else(made)),
            name: name.to_owned(),
            contact: None,
            email: said(email),
            kind: DebtorKind::Business,
            country: None,
            language: None,
            phone: None,
            vat: said(vat),
            address: Vec::new(),
            kvk: None,
        }
    }

    fn book(known: &[&str]) -> Book {
        let mut book = Book::default();
        for text in known {
            let debtor = debtor(text);
            let mut account = Account::new(debtor.id.clone());
            account.apply(&Fact::DebtorDescribed { debtor });
            book.put(&account);
        }
        book
    }

    fn whose(known: &[&str], newer: &str) -> String {
        match book(known).whose(&debtor(newer), |domain| domain == "mail.example") {
            Whose::New => "new".to_owned(),
            Whose::One(id) => id.to_string(),
            Whose::Doubt { debtors, why } => format!("{why:?} {debtors:?}"),
        }
    }

    const JANSEN: &str = "K1|Jansen Bouw B.V.|NL001234567B01|kas@jansen.example";

    #[test]
    fn the_strongest_key_finds_the_debtor() {
        for (newer, found) in [
            ("K1|Jansen Bouw BV|NL001234567B01|kas@jansen.example", "K1"),
            ("K1|Jansen Bouw BV|-|-", "K1"),
            // a new name or a colleague's address within the firm
            ("K1|JB Groep|NL 0012.34.567.B01|piet@jansen.example", "K1"),
            // without a customer number
            ("-|Jansen Bouw|001234567B01|-", "K1"),
            ("-|Jansen|-|KAS@jansen.example", "K1"),
            ("-|JANSEN BOUW NV|-|-", "K1"),
            // the books were numbered anew
            ("77|Jansen Bouw B.V.|NL001234567B01|kas@jansen.example", "K1"),
            ("-|Puck|-|bo@puck.example", "new"),
            ("K2|Puck|NL001234568B01|bo@puck.example", "new"),
        ] {
            assert_eq!(whose(&[JANSEN], newer), found, "{newer}");
        }
    }

    #[test]
    fn what_contradicts_itself_is_a_question() {
        for (newer, doubt) in [
            ("K1|Jansen Bouw B.V.|NL009999999B01|kas@jansen.example", "OtherRegistration"),
            ("K1|Jansen Bouw B.V.|NL001234567B01|kas@elders.example", "OtherEmail"),
            ("K1|Jansen Bouw B.V.|-|jansen@mail.example", "OtherEmail"),
            ("K1|Bakkerij Smit|-|-", "OtherName"),
            ("-|Bakkerij Smit|-|kas@jansen.example", "OtherName"),
            ("-|Bakkerij Smit|NL001234567B01|bo@smit.example", "OtherName"),
            ("-|Jansen Bouw|-|jansen@mail.example", "OtherEmail"),
            ("77|Bakkerij Smit|NL001234567B01|-", "OtherNumber"),
            ("77|Jansen Bouw|NL001234567B01|utrecht@jansen.example", "OtherNumber"),
        ] {
            assert_eq!(whose(&[JANSEN], newer), format!("{doubt} [\"K1\"]"), "{newer}");
        }
        let two = [JANSEN, "K2|Puck|NL001234568B01|bo@puck.example"];
        assert_eq!(whose(&two, "K1|Jansen Bouw|NL001234568B01|-"), r#"Several ["K1", "K2"]"#);
    }

    /// An office that receives the invoices of its clients.
    #[test]
    fn a_shared_address_makes_nobody_the_same() {
        let clients =
            ["K1|Bakkerij Smit|NL001234567B01|in@kantoor.example", "K2|Puck|NL001234568B01|in@kantoor.example"];
        assert_eq!(whose(&clients, "-|Verf en Co|NL001234569B01|in@kantoor.example"), "new");
        assert_eq!(whose(&clients, "K3|Verf en Co|-|in@kantoor.example"), "new");
        assert_eq!(whose(&clients, "-|Bakkerij Smit|-|in@kantoor.example"), "K1");
        assert_eq!(whose(&clients, "-|Verf en Co|-|in@kantoor.example"), r#"OtherName ["K1", "K2"]"#);
    }

    #[test]
    fn one_name_two_people() {
        let jan = ["-|Jan Jansen|-|jan@mail.example"];
        assert_eq!(whose(&jan, "-|Jan Jansen|-|-"), "jan-mail.example~".to_owned() + &hash(&jan));
        assert!(whose(&jan, "-|Jan Jansen|-|jansen@mail.example").starts_with("OtherEmail"));
        assert_eq!(whose(&["K1|Jan Jansen|-|a@mail.example"], "K2|Jan Jansen|-|b@mail.example"), "new");
        let mut elsewhere = debtor("-|Jan Jansen|-|-");
        elsewhere.address = vec!["Dorpsstraat 1".into(), "1234 AB Voorbeeld".into()];
        let mut account = Account::new("J1".into());
        let known = Debtor { address: vec!["Kerkstraat 2".into()], id: "J1".into(), ..elsewhere.clone() };
        account.apply(&Fact::DebtorDescribed { debtor: known });
        let mut book = Book::default();
        book.put(&account);
        let doubt = Whose::Doubt { debtors: vec!["J1".into()], why: Doubt::OtherPlace };
        assert_eq!(book.whose(&elsewhere, |_| false), doubt);
    }

    fn hash(known: &[&str]) -> String {
        debtor(known[0]).id.as_str().rsplit('~').next().unwrap().to_owned()
    }

    /// Under one customer number, since the owner said that they are two.
    #[test]
    fn the_rest_tells_two_with_one_number_apart() {
        let mut two = book(&[JANSEN]);
        let mut other = Account::new("K1-2".into());
        let same_number = debtor("K1|Bakkerij Smit|NL001234568B01|bo@smit.example");
        other.apply(&Fact::DebtorDescribed { debtor: Debtor { id: "K1-2".into(), ..same_number.clone() } });
        other.apply(&Fact::CasesCame { from: "K1".into(), moved: Box::default(), by: "owner".into() });
        let mut known = Known::of(&other);
        known.learn(&same_number);
        two.put_known(&other.id, known);
        let found = |text: &str| two.whose(&debtor(text), |_| false);
        assert_eq!(found("K1|Bakkerij Smit|NL001234568B01|bo@smit.example"), Whose::One("K1-2".into()));
        assert_eq!(found("K1|Jansen Bouw|NL001234567B01|-"), Whose::One("K1".into()));
        assert_eq!(found("K1|Bakkerij Smit|-|-"), Whose::One("K1-2".into()));
        assert!(matches!(found("K1||-|-"), Whose::Doubt { why: Doubt::Several, .. }));
    }

    #[test]
    fn keys_of_one_hash_are_two() {
        let (one, other) = super::super::postings::of_one_hash(|n| Key::Number(&format!("K{n}")).text());
        let told = [format!("{}|Jansen|-|-", &one[1..]), format!("{}|Puck|-|-", &other[1..])];
        let first = book(&[&told[0]]);
        assert!(!first.knows_number(&debtor(&told[1]).id));
        assert_eq!(whose(&[&told[0]], &told[1]), "new");
        assert_eq!(whose(&[&told[0], &told[1]], &told[0]), one[1..]);
        assert_eq!(whose(&[&told[0], &told[1]], &told[1]), other[1..]);
    }

    #[test]
    fn who_is_gone_is_not_found() {
        let mut book = book(&[JANSEN]);
        let mut merged = Account::new("K1".into());
        merged.apply(&Fact::CasesLeft { cases: vec![], to: "K2".into(), merged: true, by: "owner".into() });
        book.put(&merged);
        assert_eq!(book.whose(&debtor(JANSEN), |_| false), Whose::New);
        assert!(book.by_key.is_empty() && book.known(&"K1".into()).is_none());
    }

    #[test]
    fn one_company_by_its_numbers() {
        let same = |ours: (&str, &str), theirs: (&str, &str)| {
            let said = |text| Some(text).filter(|text: &&str| !text.is_empty());
            is_same_company((said(ours.0), said(ours.1)), (said(theirs.0), said(theirs.1)))
        };
        assert_eq!(same(("NL001234567B01", "12345678"), ("", "12345678")), Some(true));
        assert_eq!(same(("BE0123456749", ""), ("", "0123.456.749")), Some(true));
        assert_eq!(same(("NL001234567B01", "12345678"), ("NL001234568B01", "12345678")), Some(true));
        assert_eq!(same(("NL001234567B01", ""), ("NL001234568B01", "")), Some(false));
        assert_eq!(
            same(("NL001234567B01", ""), ("DE123456788", "")),
            None,
            "a company may have a number in each country"
        );
        assert_eq!(same(("NL001234567B01", "12345678"), ("", "")), None);
    }
}
