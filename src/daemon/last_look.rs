//! The last look at a letter before its bytes are fixed: the mail is read back as its recipient will read it. It goes to
//! one address; it names nothing of another debtor, in its head, its words, its files and their names; each amount in
//! it is its own. What is found keeps the letter back with a named reason; nothing of it was written.

use super::house::House;
use super::journal::RowMark;
use crate::dunning::account::Account;
use crate::dunning::debtor::Language;
use crate::dunning::ids::DebtorId;
use crate::letter::LetterData;
use crate::letter::leak::{Found, Mark, MarkKind, Marks, Own, Place};
use crate::mail::correlate::is_public_provider;
use crate::mail::html;
use crate::mail::message::{Attachment, Message};
use anyhow::Result;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// Headers that name further recipients.
const FURTHER_RECIPIENTS: [&str; 6] = ["cc", "bcc", "resent-to", "resent-cc", "resent-bcc", "apparently-to"];

/// Why a letter is kept back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Leak {
    #[error("the mail cannot be read back: {0}")]
    Unreadable(String),
    #[error("the mail is addressed to {0}, not to the customer alone")]
    Recipients(String),
    #[error("{place} has {what} {:?}, which is customer {}'s: correct the invoice or the template, or allow it with may_name = [{:?}] in [[debtor]] id = {of:?}", found.text, found.of, found.text, place = place.english(), what = english(found.kind))]
    Stranger { place: Where, found: Found, of: DebtorId },
    #[error("{} has the amount {amount}, which is none of this letter's: take it out of the template", place.english())]
    Amount { place: Where, amount: String },
}

/// Where in the mail something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    Head(String),
    Text,
    Html,
    FileName(String),
    File(String),
}

/// The marks of all debtors, kept up to date from the journal.
#[derive(Default)]
pub(super) struct Strangers {
    marks: Marks,
    common: Arc<HashSet<String>>,
    /// The last row of the journal that they know of.
    until: Option<RowMark>,
}

impl House {
    /// Nothing, or why this letter may not be fixed. `data` is what its words were made of. The strangers are known as
    /// [`House::update_strangers`] left them.
    pub fn look_through(
        &self,
        account: &Account,
        data: &LetterData,
        bytes: &[u8],
        recipient: &str,
    ) -> Result<(), Leak> {
        let read = Message::parse(bytes).map_err(|reason| Leak::Unreadable(reason.to_string()))?;
        one_recipient(&read, recipient)?;
        self.own_amounts(data, &read)?;
        let own = self.own(account);
        for (place, text) in pieces(&read) {
            self.no_stranger(account, &own, place, &text)?;
        }
        Ok(())
    }

    fn no_stranger(&self, account: &Account, own: &Own, place: Where, text: &str) -> Result<(), Leak> {
        let kind = if matches!(place, Where::FileName(_)) { Place::FileName } else { Place::Text };
        match self.strangers.marks.stranger(&account.id, own, text, kind) {
            Some(found) => Err(Leak::Stranger { place, found, of: account.id.clone() }),
            None => Ok(()),
        }
    }

    /// Something of another debtor in a text that is to go to this one, as far as the last letter knew the others.
    pub(super) fn stranger_in(&self, account: &Account, text: &str) -> Option<Found> {
        self.strangers.marks.stranger(&account.id, &self.own(account), text, Place::Text)
    }

    fn own_amounts(&self, data: &LetterData, read: &Message) -> Result<(), Leak> {
        let templates = &self.rules.templates;
        let strange = |place: Where, amount: Option<String>| match amount {
            Some(amount) => Err(Leak::Amount { place, amount }),
            None => Ok(()),
        };
        strange(Where::Head("Subject".to_owned()), templates.strange_amount(data, &read.subject))?;
        strange(Where::Text, templates.strange_amount(data, &read.text))?;
        strange(Where::Html, templates.strange_amount_in_html(data, read.html.as_deref().unwrap_or_default()))
    }

    /// Takes in what the journal tells since the last time. The debtor's own rows may yet be rolled back with this very
    /// letter, and are not needed for it.
    pub(super) fn update_strangers(&mut self, debtor: &DebtorId) -> Result<()> {
        let Some(mut until) = self.strangers.until else { return self.gather_strangers() };
        if !self.is_in_journal(until)? {
            return self.gather_strangers();
        }
        let mut changed = BTreeSet::new();
        for row in self.journal_after(None, until.0) {
            let row = row?;
            if row.account != *debtor {
                until = (row.seq, row.hash);
            }
            changed.insert(row.account);
        }
        for id in changed {
            self.gather_stranger(&*self.stored_account(&id)?);
        }
        self.strangers.until = Some(until);
        Ok(())
    }

    fn gather_strangers(&mut self) -> Result<()> {
        self.strangers = Strangers { common: self.rules.templates.vocabulary(), ..Strangers::default() };
        for account in self.accounts()? {
            self.gather_stranger(&account);
        }
        self.strangers.until = self.journal_end()?.map(|row| (row.seq, row.hash));
        Ok(())
    }

    fn gather_stranger(&mut self, account: &Account) {
        if !account.id.is_administration() {
            let marks = if account.is_merged() { Vec::new() } else { self.marks(account) };
            self.strangers.marks.put(&account.id, &marks, &self.strangers.common);
        }
    }

    /// What this debtor is called and known by.
    fn marks(&self, account: &Account) -> Vec<Mark> {
        let (policy, debtor) = (&self.config.policy, account.debtor.as_ref());
        let of = |kind, texts: Vec<String>| texts.into_iter().map(move |text| Mark::new(kind, &text));
        let invoices = account.cases.values().flat_map(|case| [case.number().to_string(), case.id.to_string()]);
        let credits = account.credits.iter().map(|credit| credit.number.to_string());
        let registered = debtor.into_iter().flat_map(|debtor| [debtor.vat.clone(), debtor.kvk.clone()]).flatten();
        let numbers = invoices
            .chain(credits)
            .chain(registered)
            .chain([&account.id].into_iter().chain(&account.formerly).map(DebtorId::to_string));
        let override_of = policy.overrides.get(&account.id);
        let names =
            debtor.map(|debtor| debtor.name.clone()).into_iter().chain(override_of.and_then(|own| own.name.clone()));
        let contacts = debtor.and_then(|debtor| debtor.contact.clone()).into_iter().chain(policy.contact(account));
        let addresses: BTreeSet<String> = account.mail_addresses().into_iter().chain(policy.address(account)).collect();
        let domains: BTreeSet<String> = addresses.iter().filter_map(|address| company_domain(address)).collect();
        let tokens = account.letters.iter().map(|letter| self.key().reply_token(letter.id.as_str()));
        let phones = debtor.and_then(|debtor| debtor.phone.clone());
        let references = account.cases.values().filter_map(|case| case.invoice.payment_reference.clone());
        of(MarkKind::Number, numbers.collect())
            .chain(of(MarkKind::Reference, references.collect()))
            .chain(of(MarkKind::Name, names.collect()))
            .chain(of(MarkKind::Contact, contacts.collect()))
            .chain(of(MarkKind::Address, addresses.into_iter().collect()))
            .chain(of(MarkKind::Domain, domains.into_iter().collect()))
            .chain(of(MarkKind::Token, tokens.collect()))
            .chain(of(MarkKind::Phone, phones.into_iter().collect()))
            .chain(of(MarkKind::Iban, account.known_ibans()))
            .collect()
    }

    /// What this debtor and we are called, and what the owner allows.
    fn own(&self, account: &Account) -> Own {
        let company = &self.config.company;
        let of_company = [&company.name, &company.email].into_iter().chain(&company.address).chain(&company.ibans);
        let registered = [&company.phone, &company.kvk, &company.vat].into_iter().flatten();
        let address = account.debtor.iter().flat_map(|debtor| &debtor.address);
        let written_to = account.letters.iter().map(|letter| &letter.recipient);
        let allowed = self.config.policy.overrides.get(&account.id).into_iter().flat_map(|own| &own.may_name);
        let others = of_company.chain(registered).chain(address).chain(written_to).chain(allowed);
        Own::new(&self.marks(account), others.map(String::as_str).chain([self.config.owner_email.as_str()]))
    }
}

/// What follows the `@`, where not anybody can have an address there.
fn company_domain(address: &str) -> Option<String> {
    let (_, domain) = address.rsplit_once('@')?;
    (domain.contains('.') && !is_public_provider(domain)).then(|| domain.to_lowercase())
}

/// To names the customer's address and no other, and no other header names anybody.
fn one_recipient(mail: &Message, recipient: &str) -> Result<(), Leak> {
    let headers = |name: &str| mail.raw_headers.iter().filter(|(header, _)| header == name).count();
    let further = FURTHER_RECIPIENTS.iter().find(|name| headers(name) > 0);
    let alone = headers("to") == 1 && mail.recipients == [recipient.to_lowercase()];
    match further {
        Some(header) => Err(Leak::Recipients(format!("somebody in {header} too"))),
        None if alone => Ok(()),
        None => Err(Leak::Recipients(mail.recipients.join(", "))),
    }
}

/// The mail piece by piece, as text.
fn pieces(mail: &Message) -> Vec<(Where, String)> {
    let head = mail.headers.iter().map(|(name, value)| (Where::Head(name.clone()), value.clone()));
    let raw = mail.raw_headers.iter().map(|(name, value)| (Where::Head(name.clone()), value.clone()));
    let html = mail.html.as_deref().unwrap_or_default();
    // Its marks and addresses too, and once more as it is seen, where no mark splits a word.
    let bodies = [(Where::Text, mail.text.clone()), (Where::Html, html.to_owned()), (Where::Html, html::text(html))];
    let names = mail.attachments.iter().map(|file| (Where::FileName(file.name.clone()), file.name.clone()));
    let files = mail.attachments.iter().filter(|file| is_text(file));
    let files = files.map(|file| (Where::File(file.name.clone()), String::from_utf8_lossy(&file.bytes).into_owned()));
    head.chain(raw).chain(bodies).chain(names).chain(files).collect()
}

fn is_text(file: &Attachment) -> bool {
    let (mime, name) = (file.mime.to_ascii_lowercase(), file.name.to_ascii_lowercase());
    mime.starts_with("text/")
        || ["xml", "json"].iter().any(|kind| mime.split([';', ' ']).next().is_some_and(|mime| mime.ends_with(kind)))
        || [".txt", ".xml", ".csv", ".json", ".html"].iter().any(|end| name.ends_with(end))
}

impl Leak {
    pub fn wording(&self, language: Language) -> String {
        if language == Language::Nl { self.dutch() } else { self.to_string() }
    }

    fn dutch(&self) -> String {
        match self {
            Leak::Unreadable(reason) => format!("het bericht is niet terug te lezen: {reason}"),
            Leak::Recipients(to) => format!("het bericht is gericht aan {to}, niet aan de klant alleen"),
            Leak::Stranger { place, found: Found { kind, text, of: other }, of } => format!(
                "in {} staat {} {text:?} van klant {other}: verbeter de factuur of de sjabloon, of sta het toe met may_name = [{text:?}] bij [[debtor]] id = {of:?}",
                place.dutch(),
                dutch(*kind)
            ),
            Leak::Amount { place, amount } => {
                format!(
                    "in {} staat het bedrag {amount}, dat niet bij deze brief hoort: haal het uit de sjabloon",
                    place.dutch()
                )
            }
        }
    }
}

impl Where {
    fn english(&self) -> String {
        match self {
            Where::Head(name) => format!("the header {name}"),
            Where::Text => "the text".to_owned(),
            Where::Html => "the HTML".to_owned(),
            Where::FileName(name) => format!("the name of the file {name:?}"),
            Where::File(name) => format!("the file {name:?}"),
        }
    }

    fn dutch(&self) -> String {
        match self {
            Where::Head(name) => format!("de kop {name}"),
            Where::Text => "de tekst".to_owned(),
            Where::Html => "de HTML".to_owned(),
            Where::FileName(name) => format!("de naam van het bestand {name:?}"),
            Where::File(name) => format!("het bestand {name:?}"),
        }
    }
}

fn english(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Number => "the number",
        MarkKind::Reference => "the payment reference",
        MarkKind::Name => "the name",
        MarkKind::Contact => "the contact",
        MarkKind::Address => "the mail address",
        MarkKind::Domain => "the domain",
        MarkKind::Iban => "the account",
        MarkKind::Phone => "the telephone number",
        MarkKind::Token => "the reply token",
    }
}

fn dutch(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Number => "het nummer",
        MarkKind::Reference => "het betalingskenmerk",
        MarkKind::Name => "de naam",
        MarkKind::Contact => "de contactpersoon",
        MarkKind::Address => "het mailadres",
        MarkKind::Domain => "het domein",
        MarkKind::Iban => "de rekening",
        MarkKind::Phone => "het telefoonnummer",
        MarkKind::Token => "het antwoordkenmerk",
    }
}
