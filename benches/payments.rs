//! Payments through the real store: what a stranger's line costs when thousands came before it, and a statement of 100,000
//! entries against very many open cases, with what it costs an entry and how that grows.
//!
//! `cargo bench --bench payments`. `AANMAAND_ENTRIES` (100,000), `AANMAAND_CASES` (1,000,000; a tenth and a hundredth of it are
//! measured too), `AANMAAND_ONLY=strangers,statement`.

mod measure;

use aanmaand::adapters::clock::SetClock;
use aanmaand::daemon::house::House;
use aanmaand::dunning::debtor::{Debtor, DebtorKind};
use aanmaand::dunning::ids::DebtorId;
use aanmaand::dunning::invoice::{DueSource, Invoice, InvoiceKind, Seller, TermSource};
use aanmaand::dunning::money::Money;
use aanmaand::store::{Disposition, InputKind};
use chrono::NaiveDate;
use measure::customers::{OF_ONE_DEBTOR, case_of, cents, name, number};
use measure::office::{administration, database, moment, open_account};
use measure::{clock, is_wanted, peak, size, timed};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

fn main() {
    if is_wanted("strangers") {
        println!("a statement of strangers' money only, after as many open questions as its lines");
        [2_000, 4_000, 8_000].into_iter().for_each(strangers);
    }
    if is_wanted("statement") {
        let (entries, most) = (size("AANMAAND_ENTRIES", 100_000), size("AANMAAND_CASES", 1_000_000));
        println!("a statement of {entries} entries: 7 of 10 by number, 2 by amount and name, 1 of a stranger");
        [most / 100, most / 10, most].into_iter().for_each(|cases| statement(entries, cases));
    }
}

/// A line of the statement: cents, name, text.
type Line = (i64, String, String);

fn strangers(lines: usize) {
    let here = administration();
    let mut house = open_house(here.path());
    let strange = |n: usize| (1_000 + n as i64, format!("Q. Onbekend {n}"), "iets anders".to_owned());
    take(&mut house, 1, (0..lines).map(strange));
    let spent = take(&mut house, 2, (lines..2 * lines).map(strange));
    println!("  {lines:>6} lines: {:8.1} µs a line", spent * 1e6 / lines as f64);
}

fn statement(entries: usize, cases: usize) {
    let here = administration();
    let mut house = open_house(here.path());
    let filled = timed(|| fill(&mut house, cases));
    drop(house);
    let mut house = open_house(here.path());
    // The first line fills the register.
    let start = take(&mut house, 1, std::iter::once((3, "Q. Onbekend".to_owned(), "iets".to_owned())));
    let mut kinds = [0.0_f64; 3];
    let counts = [entries * 7 / 10, entries * 2 / 10, entries / 10];
    let first = |kind: usize| counts.iter().take(kind).sum::<usize>();
    for (kind, spent) in kinds.iter_mut().enumerate() {
        let of = (first(kind)..first(kind) + counts[kind]).map(|n| line(n, kind, cases));
        *spent = take(&mut house, 2 + kind as u32, of);
    }
    let each = |kind: usize| kinds[kind] * 1e6 / counts[kind] as f64;
    println!(
        "  {cases:>8} cases (made in {filled:.0} s, register filled in {start:.1} s): {:7.1} s, {:6.1} µs an entry; by number \
         {:.1}, by amount and name {:.1}, strangers {:.1}; peak {:.0} MB, database {} MB",
        kinds.iter().sum::<f64>(),
        kinds.iter().sum::<f64>() * 1e6 / entries as f64,
        each(0),
        each(1),
        each(2),
        peak(),
        std::fs::metadata(here.path().join("aanmaand.sqlite")).map_or(0, |file| file.len() >> 20),
    );
}

fn fill(house: &mut House, cases: usize) {
    for group in (0..cases).step_by(1_000) {
        let firsts = (group..(group + 1_000).min(cases)).step_by(OF_ONE_DEBTOR);
        let mut accounts = firsts.map(|first| (first..first + OF_ONE_DEBTOR).map(invoice));
        house.transact(|house| accounts.try_for_each(|invoices| open_account(house, invoices))).expect("cases");
    }
}

fn line(n: usize, kind: usize, cases: usize) -> Line {
    let case = case_of(n, cases);
    match kind {
        0 => (cents(case), name(case / OF_ONE_DEBTOR), format!("factuur {} dank", number(case))),
        1 => (cents(case), name(case / OF_ONE_DEBTOR), "bedankt".to_owned()),
        _ => (1_000_000 + n as i64, format!("Q. Onbekend {n}"), "iets anders".to_owned()),
    }
}

/// One statement of that day of November, in seconds.
fn take(house: &mut House, day: u32, lines: impl Iterator<Item = Line>) -> f64 {
    let mut sum = 0;
    let mut text = String::new();
    for (at, (cents, name, remittance)) in lines.enumerate() {
        sum += cents;
        let _ = write!(
            text,
            ":61:2611{day:02}11{day:02}C{},{:02}NTRFNONREF//B{day}-{at}\r\n:86:/NAME/{name}/REMI/{remittance}\r\n",
            cents / 100,
            cents % 100
        );
    }
    let opening = 100 * i64::from(day);
    let closing = opening + sum;
    let file = format!(
        ":20:X\r\n:25:NL91ABNA0417164300\r\n:28C:{day}/1\r\n:60F:C2611{day:02}EUR{},{:02}\r\n{text}:62F:C2611{day:02}EUR{},{:02}\r\n-\r\n",
        opening / 100,
        opening % 100,
        closing / 100,
        closing % 100
    );
    let start = clock();
    let path = format!("/s/{day}.sta");
    let became = house.take_one(InputKind::Statement, Path::new(&path), file.into_bytes()).expect("a store");
    let spent = clock() - start;
    assert!(matches!(became, Disposition::Applied { .. }), "{became:?}");
    spent
}

fn invoice(n: usize) -> Invoice {
    let debtor = n / OF_ONE_DEBTOR;
    let day = |day| NaiveDate::from_ymd_opt(2026, 10, day);
    Invoice {
        number: number(n).as_str().into(),
        kind: InvoiceKind::Invoice,
        issue_date: day(1).unwrap_or_default(),
        due_date: NaiveDate::from_ymd_opt(2026, 12, 31),
        total: Money::eur_cents(cents(n)),
        prepaid: Money::eur_cents(0),
        payable: Money::eur_cents(cents(n)),
        debtor: Debtor {
            id: debtor_id(debtor),
            name: name(debtor),
            contact: None,
            email: Some(format!("administratie@klant{debtor}.example")),
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
        due_source: DueSource::default(),
        term_source: TermSource::Contract,
        seller: Seller::default(),
        iban: None,
    }
}

fn debtor_id(debtor: usize) -> DebtorId {
    DebtorId::new(format!("K{debtor:06}"))
}

fn open_house(here: &Path) -> House {
    measure::office::open_house(here, database(here), Arc::new(SetClock::new(moment(22, 9))))
}
