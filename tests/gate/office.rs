//! A house over a store in memory, with a clock that is told the time and debtors that are made up.

use aanmaand::adapters::clock::SetClock;
use aanmaand::adapters::store::memory::MemoryStore;
use aanmaand::config::Config;
use aanmaand::daemon::house::{House, Rules};
use aanmaand::dunning::account::{Payment, PaymentSource};
use aanmaand::dunning::debtor::{Debtor, DebtorKind};
use aanmaand::dunning::ids::{DebtorId, EvidenceId};
use aanmaand::dunning::input::Input;
use aanmaand::dunning::invoice::{DueSource, Invoice, InvoiceKind, Seller, TermSource};
use aanmaand::dunning::money::Money;
use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use std::sync::Arc;

const CONFIG: &str = r#"mode = "auto"
[company]
name = "Voorbeeldbedrijf B.V."
email = "debiteuren@voorbeeldbedrijf.example"
phone = "010-1234567"
iban = ["NL91ABNA0417164300"]
[owner]
email = "eigenaar@voorbeeldbedrijf.example"
[invoices]
folder = "invoices"
[mailbox]
kind = "maildir"
folder = "mailbox"
[outgoing]
kind = "file"
folder = "outbox"
[sending]
burst = 0
[payments]
freshness = "none"
"#;

pub struct Office {
    pub house: House,
    pub clock: Arc<SetClock>,
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Civil time in Amsterdam.
fn at(text: &str) -> DateTime<Utc> {
    let local: chrono::NaiveDateTime = text.parse().unwrap();
    chrono_tz::Europe::Amsterdam.from_local_datetime(&local).unwrap().to_utc()
}

impl Office {
    /// It is 20 May 2026. `more` is added to the configuration.
    pub fn open(more: &str) -> Office {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("aanmaand.toml");
        std::fs::write(&path, format!("{CONFIG}{more}")).unwrap();
        let config = Config::load(&path).unwrap();
        let clock = Arc::new(SetClock::new(at("2026-05-20T10:00:00")));
        let house = House::open(Box::new(MemoryStore::default()), config, Rules::built_in(), clock.clone()).unwrap();
        Office { house, clock }
    }

    /// The mailbox was read to its end, and everybody hears that it is this day.
    pub fn day(&mut self, now: &str) {
        self.clock.set(at(now));
        self.house.mailbox_was_read().unwrap();
        self.house.day().unwrap();
    }

    pub fn file(&mut self, invoice: Invoice) {
        let source = EvidenceId::new(format!("file-{}", invoice.number));
        let (debtor, file) = (invoice.debtor.id.clone(), format!("{}.toml", invoice.number));
        let input = Input::InvoiceFiled { invoice: Box::new(invoice), file: file.clone(), source, replace: false };
        self.house.step(&debtor, &input, &file).unwrap();
    }
}

/// A business that owes 100 since 10 June 2026: its reminder is due on Monday 15 June.
pub fn invoice(debtor: &str, number: &str) -> Invoice {
    Invoice {
        number: number.into(),
        kind: InvoiceKind::Invoice,
        issue_date: day("2026-05-11"),
        due_date: Some(day("2026-06-10")),
        total: Money::eur_cents(10_000),
        prepaid: Money::eur_cents(0),
        payable: Money::eur_cents(10_000),
        debtor: Debtor {
            id: DebtorId::new(debtor),
            name: format!("Onderneming {debtor}"),
            contact: None,
            email: Some(format!("kas@{}.example", debtor.to_lowercase())),
            kind: DebtorKind::Business,
            country: None,
            address: Vec::new(),
            language: None,
            phone: None,
            vat: None,
            kvk: None,
        },
        description: None,
        payment_reference: None,
        order_reference: None,
        corrects: None,
        term_source: TermSource::Contract,
        due_source: DueSource::default(),
        seller: Seller::default(),
        iban: None,
    }
}

/// A line of a statement that nothing was done with yet.
pub fn payment(cents: i64, booked: &str, iban: Option<&str>) -> Payment {
    Payment {
        id: "line-1".into(),
        amount: Money::eur_cents(cents),
        booked: day(booked),
        source: PaymentSource::Statement,
        payer: None,
        iban: iban.map(str::to_owned),
        text: String::new(),
        allocations: Vec::new(),
        extras: Vec::new(),
        refunded: None,
        elsewhere: None,
        confirmed: true,
        why: String::new(),
        evidence: None,
    }
}
