//! Which debtor an invoice is of: by customer number, then registration number (VAT, KvK, KBO), then mail address, then
//! name. What contradicts itself is a doubt, with its reason, and never a guess.

mod compare;

use self::compare::{are_alike, bare, chamber, email, place, registered, words};
use super::account::Account;
use super::debtor::Debtor;
use super::ids::DebtorId;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What one debtor is known by: as the account describes it, and as each of its invoices does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    numbers: BTreeSet<DebtorId>,
    vat: BTreeSet<String>,
    register: BTreeSet<String>,
    emails: BTreeSet<String>,
    names: BTreeSet<Vec<String>>,
    places: BTreeSet<String>,
    /// The books gave it a customer number.
    numbered: bool,
    /// The owner said where its letters go: what invoices say of that does not matter.
    address_said: bool,
}

/// Everybody's keys, to find a debtor by each.
#[derive(Default)]
pub struct Book {
    by_key: BTreeMap<Key, BTreeSet<DebtorId>>,
    known: BTreeMap<DebtorId, Known>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Number(DebtorId),
    /// VAT and chamber numbers; a Belgian one is both.
    Registered(String),
    Email(String),
    Name(Vec<String>),
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

impl Known {
    pub fn of(account: &Account) -> Known {
        let mut known = Known { numbers: account.formerly.clone(), ..Known::default() };
        known.numbers.insert(account.id.clone());
        let invoiced = account.cases.values().map(|case| &case.invoice.debtor);
        let mut told: Vec<&Debtor> = account.debtor.iter().chain(invoiced).collect();
        // Most invoices describe their debtor alike.
        told.dedup();
        told.into_iter().for_each(|debtor| known.learn(debtor));
        // What the owner said, and who answered from there, is this debtor's too.
        known.emails.extend(account.addresses.iter().map(|address| email(address)));
        known.emails.extend(account.instructions.email.iter().map(|address| email(address)));
        known.address_said = account.instructions.email.is_some();
        known
    }

    fn learn(&mut self, debtor: &Debtor) {
        self.numbers.insert(debtor.id.clone());
        self.numbered |= is_numbered(debtor);
        self.vat.extend(debtor.vat.as_deref().and_then(registered));
        self.register.extend(debtor.kvk.as_deref().and_then(|number| chamber(number, debtor.country.as_deref())));
        self.emails.extend(debtor.email.as_deref().map(email));
        self.names.extend(Some(words(&debtor.name)).filter(|words| !words.is_empty()));
        self.places.extend(place(&debtor.address));
    }

    fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        let numbers = self.numbers.iter().cloned().map(Key::Number);
        let registered = self.vat.union(&self.register).cloned().map(Key::Registered);
        let emails = self.emails.iter().cloned().map(Key::Email);
        numbers.chain(registered).chain(emails).chain(self.names.iter().cloned().map(Key::Name))
    }

    fn registered(&self) -> BTreeSet<&String> {
        self.vat.union(&self.register).collect()
    }

    fn shares_registration(&self, other: &Known) -> bool {
        !self.registered().is_disjoint(&other.registered())
    }

    /// Both have a number of one kind, and not the same.
    fn is_registered_otherwise(&self, other: &Known) -> bool {
        differ(&self.vat, &other.vat) || differ(&self.register, &other.register)
    }

    /// A mail address in a domain that the other has no address in, or in one that anybody can have one in.
    fn writes_from_elsewhere(&self, other: &Known, is_public: impl Fn(&str) -> bool) -> bool {
        let domain = |address: &String| address.rsplit_once('@').map(|(_, domain)| domain.to_owned());
        let own = |known: &Known| known.emails.iter().filter_map(domain).filter(|d| !is_public(d)).collect();
        let (ours, theirs): (BTreeSet<String>, BTreeSet<String>) = (own(self), own(other));
        !other.address_said && differ(&self.emails, &other.emails) && ours.is_disjoint(&theirs)
    }

    fn is_called_otherwise(&self, other: &Known) -> bool {
        let alike = |name: &Vec<String>| other.names.iter().any(|known| are_alike(name, known));
        !self.names.is_empty() && !other.names.is_empty() && !self.names.iter().any(alike)
    }
}

impl Book {
    /// Takes the debtor in anew.
    pub fn put(&mut self, account: &Account) {
        if account.id.is_administration() || account.is_merged() || account.debtor.is_none() {
            return self.forget(&account.id);
        }
        let known = Known::of(account);
        if self.known.get(&account.id) == Some(&known) {
            return;
        }
        self.forget(&account.id);
        for key in known.keys() {
            self.by_key.entry(key).or_default().insert(account.id.clone());
        }
        self.known.insert(account.id.clone(), known);
    }

    fn forget(&mut self, id: &DebtorId) {
        let Some(known) = self.known.remove(id) else { return };
        for key in known.keys() {
            if let Some(debtors) = self.by_key.get_mut(&key) {
                debtors.remove(id);
                if debtors.is_empty() {
                    self.by_key.remove(&key);
                }
            }
        }
    }

    /// Whether the customer number was ever seen.
    pub fn knows_number(&self, number: &DebtorId) -> bool {
        self.by_key.contains_key(&Key::Number(number.clone()))
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

    fn having(&self, keys: impl IntoIterator<Item = Key>) -> BTreeSet<DebtorId> {
        keys.into_iter().filter_map(|key| self.by_key.get(&key)).flatten().cloned().collect()
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
        let having = self.book.having([Key::Number(self.number.clone())]);
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
            } else if renumbered && (self.told.is_called_otherwise(known) || differ(&self.told.emails, &known.emails)) {
                Some(Doubt::OtherNumber)
            } else if differ(&self.told.emails, &known.emails) && self.told.is_called_otherwise(known) {
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
        let having = self.book.having(self.told.emails.iter().cloned().map(Key::Email));
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
        let having = self.book.having(self.told.names.iter().cloned().map(Key::Name));
        let possible = self.possible(having);
        let first = possible.first()?;
        let why = |id: &DebtorId| {
            let known = self.known(id)?;
            if self.told.writes_from_elsewhere(known, is_public) {
                Some(Doubt::OtherEmail)
            } else {
                differ(&self.told.places, &known.places).then_some(Doubt::OtherPlace)
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
        let emails = self.book.having(self.told.emails.iter().cloned().map(Key::Email));
        let names = self.book.having(self.told.names.iter().cloned().map(Key::Name));
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
        self.book.having(self.told.registered().into_iter().cloned().map(Key::Registered))
    }

    fn known(&self, id: &DebtorId) -> Option<&Known> {
        self.book.known.get(id)
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

fn differ<T: Ord>(one: &BTreeSet<T>, other: &BTreeSet<T>) -> bool {
    !one.is_empty() && !other.is_empty() && one.is_disjoint(other)
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
        two.by_key.entry(Key::Number("K1".into())).or_default().insert("K1-2".into());
        two.known.insert("K1-2".into(), known.clone());
        for key in known.keys() {
            two.by_key.entry(key).or_default().insert("K1-2".into());
        }
        let found = |text: &str| two.whose(&debtor(text), |_| false);
        assert_eq!(found("K1|Bakkerij Smit|NL001234568B01|bo@smit.example"), Whose::One("K1-2".into()));
        assert_eq!(found("K1|Jansen Bouw|NL001234567B01|-"), Whose::One("K1".into()));
        assert_eq!(found("K1|Bakkerij Smit|-|-"), Whose::One("K1-2".into()));
        assert!(matches!(found("K1||-|-"), Whose::Doubt { why: Doubt::Several, .. }));
    }

    #[test]
    fn who_is_gone_is_not_found() {
        let mut book = book(&[JANSEN]);
        let mut merged = Account::new("K1".into());
        merged.apply(&Fact::CasesLeft { cases: vec![], to: "K2".into(), merged: true, by: "owner".into() });
        book.put(&merged);
        assert_eq!(book.whose(&debtor(JANSEN), |_| false), Whose::New);
        assert!(book.by_key.is_empty() && book.known.is_empty());
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
