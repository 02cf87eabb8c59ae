//! What one debtor is known by, few bytes each, since there may be very many debtors.

use super::compare::{are_alike, chamber, email, place, registered, words};
use super::is_numbered;
use crate::dunning::account::Account;
use crate::dunning::debtor::Debtor;
use std::collections::BTreeSet;

/// What one debtor is known by: as the account describes it, and as each of its invoices does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// In order, each once.
    marks: Vec<Mark>,
    /// The books gave it a customer number.
    pub(super) numbered: bool,
    /// The owner said where its letters go: what invoices say of that does not matter.
    address_said: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Mark {
    kind: Kind,
    text: Box<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Number,
    Vat,
    /// A chamber number; a Belgian one is the VAT number too.
    Register,
    Email,
    /// Its words.
    Name,
    Place,
}

/// What finds a debtor, and a mark that may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key<'a> {
    Number(&'a str),
    /// VAT and chamber numbers; a Belgian one is both.
    Registered(&'a str),
    Email(&'a str),
    Name(&'a str),
}

impl Key<'_> {
    /// The key in one text.
    pub fn text(&self) -> String {
        match self {
            Key::Number(text) => format!("n{text}"),
            Key::Registered(text) => format!("r{text}"),
            Key::Email(text) => format!("e{text}"),
            Key::Name(text) => format!("w{text}"),
        }
    }
}

impl Known {
    pub fn of(account: &Account) -> Known {
        let mut known = Known::default();
        account.formerly.iter().chain([&account.id]).for_each(|id| known.note(Kind::Number, id.as_str()));
        let invoiced = account.cases.values().map(|case| &case.invoice.debtor);
        let mut told: Vec<&Debtor> = account.debtor.iter().chain(invoiced).collect();
        // Most invoices describe their debtor alike.
        told.dedup();
        told.into_iter().for_each(|debtor| known.learn(debtor));
        // What the owner said, and who answered from there, is this debtor's too.
        let said = account.addresses.iter().chain(&account.instructions.email);
        said.for_each(|address| known.note(Kind::Email, &email(address)));
        known.address_said = account.instructions.email.is_some();
        known.marks.shrink_to_fit();
        known
    }

    pub(super) fn learn(&mut self, debtor: &Debtor) {
        self.note(Kind::Number, debtor.id.as_str());
        self.numbered |= is_numbered(debtor);
        let number = debtor.kvk.as_deref().and_then(|number| chamber(number, debtor.country.as_deref()));
        let name = Some(words(&debtor.name).join(" ")).filter(|name| !name.is_empty());
        let told = [
            (Kind::Vat, debtor.vat.as_deref().and_then(registered)),
            (Kind::Register, number),
            (Kind::Email, debtor.email.as_deref().map(email)),
            (Kind::Name, name),
            (Kind::Place, place(&debtor.address)),
        ];
        told.into_iter().for_each(|(kind, text)| text.iter().for_each(|text| self.note(kind, text)));
    }

    fn note(&mut self, kind: Kind, text: &str) {
        if let Err(place) = self.find(kind, text) {
            self.marks.insert(place, Mark { kind, text: text.into() });
        }
    }

    fn find(&self, kind: Kind, text: &str) -> Result<usize, usize> {
        self.marks.binary_search_by(|mark| (mark.kind, &*mark.text).cmp(&(kind, text)))
    }

    fn all(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.marks.iter().filter(move |mark| mark.kind == kind).map(|mark| &*mark.text)
    }

    pub(super) fn has(&self, key: Key<'_>) -> bool {
        let is = |kind, text| self.find(kind, text).is_ok();
        match key {
            Key::Number(text) => is(Kind::Number, text),
            Key::Registered(text) => is(Kind::Vat, text) || is(Kind::Register, text),
            Key::Email(text) => is(Kind::Email, text),
            Key::Name(text) => is(Kind::Name, text),
        }
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = Key<'_>> {
        self.marks.iter().filter_map(|Mark { kind, text }| match kind {
            Kind::Number => Some(Key::Number(text)),
            Kind::Vat | Kind::Register => Some(Key::Registered(text)),
            Kind::Email => Some(Key::Email(text)),
            Kind::Name => Some(Key::Name(text)),
            Kind::Place => None,
        })
    }

    fn registered(&self) -> BTreeSet<&str> {
        self.all(Kind::Vat).chain(self.all(Kind::Register)).collect()
    }

    pub(super) fn shares_registration(&self, other: &Known) -> bool {
        !self.registered().is_disjoint(&other.registered())
    }

    /// Both have one of this kind, and none the same.
    pub(super) fn differs(&self, other: &Known, kind: Kind) -> bool {
        let has_any = |known: &Known| known.all(kind).next().is_some();
        has_any(self) && has_any(other) && !self.all(kind).any(|text| other.find(kind, text).is_ok())
    }

    /// Both have a number of one kind, and not the same.
    pub(super) fn is_registered_otherwise(&self, other: &Known) -> bool {
        self.differs(other, Kind::Vat) || self.differs(other, Kind::Register)
    }

    /// A mail address in a domain that the other has no address in, or in one that anybody can have one in.
    pub(super) fn writes_from_elsewhere(&self, other: &Known, is_public: impl Fn(&str) -> bool) -> bool {
        let own = |known: &Known| -> BTreeSet<String> {
            let domains = known.all(Kind::Email).filter_map(|address| Some(address.rsplit_once('@')?.1));
            domains.filter(|domain| !is_public(domain)).map(str::to_owned).collect()
        };
        !other.address_said && self.differs(other, Kind::Email) && own(self).is_disjoint(&own(other))
    }

    pub(super) fn is_called_otherwise(&self, other: &Known) -> bool {
        let names = |known: &Known| -> Vec<Vec<String>> {
            known.all(Kind::Name).map(|name| name.split(' ').map(str::to_owned).collect()).collect()
        };
        let (ours, theirs) = (names(self), names(other));
        let are_called_alike = ours.iter().any(|our| theirs.iter().any(|their| are_alike(our, their)));
        !ours.is_empty() && !theirs.is_empty() && !are_called_alike
    }
}
