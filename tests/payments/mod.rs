//! A made-up year of payments with a truth of its own: thousands of invoices, paid as people pay. No case may close that
//! was not paid; nearly all that can be placed is; of the rest the right case is proposed first.
//! `AANMAAND_PAYMENTS=10000` makes as many invoices, `AANMAAND_SEED` another world.
#![cfg(feature = "daemon")]

mod cut;
mod hand;
mod papers;
mod strangers;
mod truth;

use aanmaand::adapters::clock::SetClock;
use aanmaand::adapters::store::memory::MemoryStore;
use aanmaand::config::Config;
use aanmaand::daemon::house::{House, Rules};
use aanmaand::dunning::account::{Account, ClosedAs};
use aanmaand::dunning::debtor::{Debtor, DebtorKind};
use aanmaand::dunning::ids::{CaseId, DebtorId, EvidenceId, InvoiceNumber};
use aanmaand::dunning::input::Input;
use aanmaand::dunning::invoice::{DueSource, Invoice, InvoiceKind, Seller, TermSource};
use aanmaand::dunning::money::Money;
use aanmaand::dunning::question::{About, QuestionKind};
use aanmaand::store::{Disposition, InputKind, Store};
use chrono::{NaiveDate, TimeDelta, TimeZone, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use truth::{Bill, Entry, Kind, World};

const CONFIG: &str = concat!(
    "mode = \"observe\"\n",
    include_str!("../company.toml"),
    r#"[outgoing]
kind = "file"
folder = "outbox"
[payments]
freshness = "none"
"#
);

fn number_of(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn payments_of_a_made_up_year() {
    let (seed, invoices) = (number_of("AANMAAND_SEED", 1), number_of("AANMAAND_PAYMENTS", 600));
    let world = World::of(seed as u64, invoices);
    let start = Instant::now();
    let mut house = house();
    file_all(&mut house, &world);
    let mut score = Score::default();
    let mut balance = 100_000_000;
    for day in 1..=world.days {
        let today: Vec<&Entry> = world.entries.iter().filter(|entry| entry.day == day).collect();
        balance = bank_day(&mut house, day, balance, &today);
        score.look(&house, &world, &today, day);
        if day.is_multiple_of(10) {
            score.look_for_false_money(&house, &world, day);
        }
        settle_with_nobody(&mut house);
    }
    score.end(&house, &world);
    println!("seed {seed}, {invoices} invoices, {} lines, {:.0} s", score.lines, start.elapsed().as_secs_f64());
    score.tell();
    score.judge();
}

fn house() -> House {
    house_over(Box::new(MemoryStore::default()))
}

fn house_over(store: Box<dyn Store>) -> House {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aanmaand.toml");
    std::fs::write(&path, CONFIG).unwrap();
    let clock = Arc::new(SetClock::new(Utc.with_ymd_and_hms(2026, 9, 1, 9, 0, 0).unwrap()));
    House::open(store, Config::load(&path).unwrap(), Rules::built_in(), clock).unwrap()
}

fn date(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 30).unwrap() + TimeDelta::days(i64::from(day))
}

fn file_all(house: &mut House, world: &World) {
    for bill in &world.bills {
        file(house, world, bill, bill.number.printed(), bill.cents, None);
        if let Some((number, cents)) = &bill.credit {
            file(house, world, bill, number.clone(), *cents, Some(bill.number.printed()));
        }
    }
}

fn file(house: &mut House, world: &World, bill: &Bill, number: String, cents: i64, corrects: Option<String>) {
    let debtor = Debtor {
        id: debtor_id(bill.debtor),
        name: world.payers[bill.debtor].name.clone(),
        contact: None,
        email: Some(format!("k{}@klant.example", bill.debtor)),
        kind: DebtorKind::Business,
        country: None,
        address: Vec::new(),
        language: None,
        phone: None,
        vat: None,
        kvk: None,
    };
    let invoice = Invoice {
        number: number.as_str().into(),
        kind: if corrects.is_some() { InvoiceKind::CreditNote } else { InvoiceKind::Invoice },
        issue_date: date(0),
        due_date: NaiveDate::from_ymd_opt(2026, 12, 31),
        total: Money::eur_cents(cents),
        prepaid: Money::eur_cents(0),
        payable: Money::eur_cents(cents),
        debtor,
        description: None,
        payment_reference: bill.reference.clone().filter(|_| corrects.is_none()),
        order_reference: None,
        corrects: corrects.map(|number| number.as_str().into()),
        term_source: TermSource::Contract,
        due_source: DueSource::default(),
        seller: Seller::default(),
        iban: None,
    };
    let source = EvidenceId::new(format!("file-{number}"));
    let input = Input::InvoiceFiled { invoice: Box::new(invoice), file: number.clone(), source, replace: false };
    house.step(&debtor_id(bill.debtor), &input, &number).unwrap();
}

fn debtor_id(at: usize) -> DebtorId {
    DebtorId::new(format!("K{at:05}"))
}

fn case_id(bill: &Bill) -> CaseId {
    CaseId::of(&InvoiceNumber::from(bill.number.printed().as_str()))
}

/// The day's statement; on every second day also as MT940, now before and now after. The balance at its end.
fn bank_day(house: &mut House, day: u32, opening: i64, today: &[&Entry]) -> i64 {
    let name = date(day).to_string();
    let (camt, closing) = papers::camt(&name, opening, today);
    let swift = papers::mt940(&name, day, opening, today);
    let mut files = vec![(format!("{name}.xml"), camt)];
    match day % 4 {
        0 => files.push((format!("{name}.sta"), swift)),
        2 => files.insert(0, (format!("{name}.sta"), swift)),
        _ => {}
    }
    for (file, text) in files {
        let became = house.take_one(InputKind::Statement, Path::new(&file), text.into_bytes()).unwrap();
        assert!(matches!(became, Disposition::Applied { .. }), "{file}: {became:?}");
    }
    closing
}

/// What a transaction learned is forgotten with it: a case that was paid there is open.
#[test]
fn what_was_rolled_back_is_not_remembered() {
    let mut world = World::of(7, 9);
    world.bills[0].credit = None;
    let bill = world.bills[0].clone();
    let paying = |on: &str| {
        let entry = Entry {
            kind: Kind::Whole,
            day: 1,
            cents: bill.cents,
            payer: world.payers[bill.debtor].clone(),
            text: bill.number.printed(),
            reference: None,
            end_to_end: None,
            pays: vec![(0, bill.cents)],
        };
        // What comes behind it is looked up when it has been booked.
        let next = Entry { cents: 7, text: "iets anders".to_owned(), ..entry.clone() };
        papers::camt(on, 0, &[&entry, &next]).0.into_bytes()
    };
    let mut house = house();
    let broken: anyhow::Result<()> = house.transact(|house| {
        file(house, &world, &bill, bill.number.printed(), bill.cents, None);
        house.take_one(InputKind::Statement, Path::new("a.xml"), paying("2026-07-01"))?;
        assert!(!house.account(&debtor_id(bill.debtor))?.cases[&case_id(&bill)].is_open());
        anyhow::bail!("the disk is full")
    });
    assert!(broken.is_err());
    file(&mut house, &world, &bill, bill.number.printed(), bill.cents, None);
    house.take_one(InputKind::Statement, Path::new("b.xml"), paying("2026-07-02")).unwrap();
    let account = house.account(&debtor_id(bill.debtor)).unwrap();
    assert_eq!(account.payments.len(), 1);
    assert!(!account.cases[&case_id(&bill)].is_open());
}

/// The owner says of what concerns nobody that it does not.
fn settle_with_nobody(house: &mut House) {
    let asked = house.account(&DebtorId::administration()).unwrap().questions;
    for question in asked.keys() {
        house.answer(question, "ignore", "owner").unwrap();
    }
}

#[derive(Default)]
struct Score {
    lines: usize,
    /// By kind: how many, placed as they were meant, proposed first, proposed at all.
    kinds: BTreeMap<Kind, [usize; 4]>,
    false_closes: Vec<String>,
    false_parts: Vec<String>,
    missed: Vec<String>,
    /// What each invoice truly got so far.
    paid: BTreeMap<usize, i64>,
}

impl Score {
    fn look(&mut self, house: &House, world: &World, today: &[&Entry], day: u32) {
        self.lines += today.len() * (1 + usize::from(day.is_multiple_of(2)));
        for entry in today {
            entry.pays.iter().for_each(|(bill, cents)| *self.paid.entry(*bill).or_default() += cents);
        }
        let administration = house.account(&DebtorId::administration()).unwrap();
        for entry in today {
            let [all, placed, first, any] = self.kinds.entry(entry.kind).or_default();
            *all += 1;
            let found = outcome(house, &administration, world, entry, date(day));
            *placed += usize::from(found == Outcome::Placed);
            *first += usize::from(found == Outcome::First);
            *any += usize::from(matches!(found, Outcome::First | Outcome::Asked));
            let is_missed = match entry.kind {
                kind if kind.can_be_placed() => found != Outcome::Placed,
                kind if kind.is_for_a_person() => !matches!(found, Outcome::Placed | Outcome::First),
                Kind::TakenBack => found != Outcome::Placed,
                _ => false,
            };
            if is_missed {
                self.missed.push(format!(
                    "{:?} {found:?}: {} {:?} for {}",
                    entry.kind,
                    entry.cents,
                    entry.text,
                    meant(world, entry)
                ));
            }
        }
    }

    /// Nothing may be said to be paid that was not.
    fn look_for_false_money(&mut self, house: &House, world: &World, day: u32) {
        let whose: BTreeSet<usize> = world.bills.iter().map(|bill| bill.debtor).collect();
        let accounts: BTreeMap<usize, Account> =
            whose.into_iter().map(|debtor| (debtor, house.account(&debtor_id(debtor)).unwrap())).collect();
        for (at, bill) in world.bills.iter().enumerate() {
            let case = &accounts[&bill.debtor].cases[&case_id(bill)];
            let truly = self.paid.get(&at).copied().unwrap_or(0);
            let credited = bill.credit.as_ref().map_or(0, |(_, cents)| *cents);
            let closed = case.closed.as_ref().is_some_and(|closing| closing.how == ClosedAs::Paid);
            let line = format!("day {day}: {} paid {} of {truly} ({})", bill.number.printed(), case.paid, bill.cents);
            if closed && truly + credited < bill.cents {
                self.false_closes.push(line);
            } else if case.paid.minor() > truly.max(0) {
                self.false_parts.push(line);
            }
        }
    }

    fn end(&mut self, house: &House, world: &World) {
        let booked: usize = (0..world.payers.len())
            .map(|at| house.account(&debtor_id(at)).unwrap())
            .map(|account| account.payments.len())
            .sum();
        let truly = world.entries.iter().filter(|entry| entry.cents > 0).count();
        assert!(booked <= truly, "{booked} payments were booked, {truly} came in: something counted twice");
    }

    fn share(&self, kinds: impl Fn(Kind) -> bool, places: &[usize]) -> (usize, usize) {
        let chosen = self.kinds.iter().filter(|(kind, _)| kinds(**kind)).map(|(_, counts)| counts);
        chosen.fold((0, 0), |(right, all), counts| {
            (right + places.iter().map(|at| counts[*at]).sum::<usize>(), all + counts[0])
        })
    }

    fn tell(&self) {
        println!("{:16} {:>6} {:>7} {:>6} {:>6}", "kind", "all", "placed", "first", "asked");
        for (kind, [all, placed, first, any]) in &self.kinds {
            println!("{:16} {all:>6} {placed:>7} {first:>6} {any:>6}", format!("{kind:?}"));
        }
        let tell = |what: &str, lines: &[String]| {
            println!("{what}: {}", lines.len());
            let some = if std::env::var_os("AANMAAND_SCORES").is_some() { lines.len() } else { 12 };
            lines.iter().take(some).for_each(|line| println!("  {line}"));
        };
        tell("false closes", &self.false_closes);
        tell("false parts", &self.false_parts);
        tell("missed", &self.missed);
    }

    fn judge(&self) {
        assert!(
            self.false_closes.is_empty() && self.false_parts.is_empty(),
            "money was placed where it does not belong"
        );
        let (placed, all) = self.share(Kind::can_be_placed, &[1]);
        println!("placed by itself: {placed} of {all} ({:.2} %)", 100.0 * placed as f64 / all as f64);
        assert!(placed * 100 >= all * 97, "{placed} of {all} were placed");
        let (proposed, rest) = self.share(Kind::is_for_a_person, &[1, 2]);
        println!(
            "proposed, the right one first: {proposed} of {rest} ({:.2} %)",
            100.0 * proposed as f64 / rest as f64
        );
        assert!(proposed * 100 >= rest * 95, "{proposed} of {rest} were proposed first");
        let (touched, _) = self.share(|kind| matches!(kind, Kind::Stranger | Kind::Spent), &[1]);
        assert_eq!(touched, 0, "what is nobody's was booked");
        let (reopened, taken) = self.share(|kind| kind == Kind::TakenBack, &[1]);
        assert_eq!(reopened, taken, "what the bank took back opens the case again, with a question");
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// Booked on just what it is for; taken back: open again and asked.
    Placed,
    /// Asked, with a case that it is for as the first choice.
    First,
    Asked,
    Nothing,
}

fn meant(world: &World, entry: &Entry) -> String {
    let number = |(bill, cents): &(usize, i64)| {
        format!("{} ({cents} of {})", world.bills[*bill].number.printed(), world.bills[*bill].cents)
    };
    entry.pays.iter().map(number).collect::<Vec<_>>().join(", ")
}

fn outcome(house: &House, administration: &Account, world: &World, entry: &Entry, on: NaiveDate) -> Outcome {
    let amount = Money::eur_cents(entry.cents.abs());
    let cases: Vec<CaseId> = entry.pays.iter().map(|(bill, _)| case_id(&world.bills[*bill])).collect();
    let Some((bill, _)) = entry.pays.first() else {
        let is_asked = administration.questions.values().any(|question| {
            matches!(&question.about, About::Payment(payment) if payment.amount == amount && payment.booked == on)
        });
        return if is_asked { Outcome::Asked } else { Outcome::Nothing };
    };
    let account = house.account(&debtor_id(world.bills[*bill].debtor)).unwrap();
    if entry.kind == Kind::TakenBack {
        let case = account.cases.get(&cases[0]);
        let asked =
            account.questions.values().any(|q| q.kind == QuestionKind::Reversal && q.case.as_ref() == cases.first());
        return if asked && case.is_some_and(|case| case.is_open()) { Outcome::Placed } else { Outcome::Nothing };
    }
    let iban = Some(&entry.payer.iban);
    let is_this = |payment: &&aanmaand::dunning::account::Payment| {
        payment.amount == amount && payment.booked == on && payment.iban.as_ref() == iban
    };
    let is_right = |payment: &aanmaand::dunning::account::Payment| {
        let mut allocated: Vec<(CaseId, Money)> = payment.allocations.clone();
        let mut meant: Vec<(CaseId, Money)> =
            entry.pays.iter().zip(&cases).map(|((_, cents), case)| (case.clone(), Money::eur_cents(*cents))).collect();
        allocated.sort_by(|a, b| a.0.cmp(&b.0));
        meant.sort_by(|a, b| a.0.cmp(&b.0));
        allocated == meant
    };
    if account.payments.iter().filter(is_this).any(is_right) {
        return Outcome::Placed;
    }
    let questions = account.questions.values().chain(administration.questions.values());
    let about_it = |question: &&aanmaand::dunning::question::Question| matches!(&question.about, About::Payment(payment) if is_this(&payment.as_ref()));
    let choices: Vec<String> =
        questions.filter(about_it).filter_map(|question| question.choices.first().cloned()).collect();
    if choices.iter().any(|choice| cases.iter().any(|case| case.as_str() == choice)) {
        Outcome::First
    } else if choices.is_empty() {
        Outcome::Nothing
    } else {
        Outcome::Asked
    }
}
