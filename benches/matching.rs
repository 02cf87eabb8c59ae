//! How soon the case of a payment is found among 10,000, 100,000 and 1,000,000 open ones, what that takes of memory, and
//! how it grows: by number, by amount, name and account, and by name alone; of customers who are called and owe otherwise,
//! and of a crowd with a thousand names and a hundred prices.
//! A house would take the same answers; writing them down is not counted.
//! `cargo bench --no-default-features --bench matching -- [MOST CASES]`

mod measure;

use aanmaand::bank::case_index::{CaseIndex, Found, IndexedCase, IndexedDebtor};
use aanmaand::bank::matching::{Candidate, Match, Remittance, match_by_name, match_payment};
use aanmaand::dunning::ids::{CaseId, DebtorId, InvoiceNumber};
use aanmaand::dunning::money::Money;
use measure::customers::{self, OF_ONE_DEBTOR, case_of, number};
use measure::{clock, peak};
use std::hint::black_box;

const ENTRIES: usize = 100_000;

fn main() {
    let most = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    println!("a statement of {ENTRIES} entries; times in microseconds an entry");
    table("customers who are called and owe otherwise", most, World::Unlike);
    table("a thousand names, a hundred prices", most, World::Crowd);
}

/// How much customers have in common.
#[derive(Clone, Copy, PartialEq, Eq)]
enum World {
    Unlike,
    Crowd,
}

fn table(title: &str, most: usize, world: World) {
    println!("\n{title}");
    println!(
        "{:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>10} {:>9}",
        "cases", "named", "by hint", "by name", "stranger", "booked", "filled s", "VmHWM MB", "proposed"
    );
    let mut before: Option<[f64; 5]> = None;
    for cases in [10_000, 100_000, 1_000_000].into_iter().filter(|cases| *cases <= most) {
        let times = round(cases, world);
        if let Some(before) = before {
            let growth = before.iter().zip(times).map(|(before, now)| format!("{:9.2}", now / before));
            println!("{:>9} {}", "growth", growth.collect::<Vec<_>>().join(" "));
        }
        before = Some(times);
    }
}

fn round(cases: usize, world: World) -> [f64; 5] {
    let start = clock();
    let mut index = filled(cases, world);
    let filled = clock() - start;
    let named = timed(ENTRIES, |n| {
        let case = case_of(n, cases);
        let text = format!("klant {:06} betaling fact. {} dank", n % 999_983, messy(case));
        let cents = amount(case, world);
        let found = place(&index, &remittance(cents, &text, None, None), world);
        assert!(matches!(found, Match::Exact { .. }), "{text}: {found:?}");
    });
    let mut asked = 0;
    let by_hint = timed(ENTRIES / 10, |n| {
        let case = case_of(n, cases);
        let (name, iban) = (name(case / OF_ONE_DEBTOR, world), iban(case / OF_ONE_DEBTOR));
        let found = place(&index, &remittance(amount(case, world), "bedankt", Some(&name), Some(&iban)), world);
        let Match::Unclear { candidates } = found else { panic!("{found:?}") };
        asked += candidates.len();
    });
    let by_name = timed(ENTRIES / 10, |n| {
        let name = name(case_of(n, cases) / OF_ONE_DEBTOR, world);
        black_box(place(&index, &remittance(3, "bedankt", Some(&name), None), world));
    });
    let asked = asked as f64 / (ENTRIES / 10) as f64;
    let strangers = timed(ENTRIES / 10, |n| {
        let text = format!("rekening {} voor iets anders", n * 7919 % 100_000);
        black_box(place(&index, &remittance(3, &text, Some("Q. Onbekend"), Some("NL00ONBEKEND")), world));
    });
    let booked = timed(ENTRIES / 10, |n| {
        let debtor = case_of(n, cases) / OF_ONE_DEBTOR;
        index.put(indexed(debtor, n % 2 == 0, world));
    });
    println!(
        "{cases:>9} {named:9.2} {by_hint:9.2} {by_name:9.2} {strangers:9.2} {booked:9.2} {filled:9.2} {:>10.0} {asked:9.1}",
        peak()
    );
    [named, by_hint, by_name, strangers, booked]
}

fn filled(cases: usize, world: World) -> CaseIndex {
    let mut index = CaseIndex::default();
    (0..cases / OF_ONE_DEBTOR).for_each(|debtor| index.put(indexed(debtor, false, world)));
    index
}

/// As a house does it: what the payer named first. The accounts are made up again instead of read.
fn place(index: &CaseIndex, remittance: &Remittance<'_>, world: World) -> Match {
    let candidates =
        |found: &Found| -> Vec<Candidate> { found.iter().filter_map(|(_, case)| candidate(case, world)).collect() };
    match_by_name(remittance, &candidates(&index.named(remittance)))
        .unwrap_or_else(|| match_payment(remittance, &candidates(&index.hinted(remittance))))
}

fn remittance<'a>(cents: i64, text: &'a str, payer: Option<&'a str>, iban: Option<&'a str>) -> Remittance<'a> {
    Remittance { amount: Money::eur_cents(cents), reference: None, text, end_to_end: Some("NOTPROVIDED"), payer, iban }
}

fn indexed(debtor: usize, first_is_paid: bool, world: World) -> IndexedDebtor {
    let cases = (debtor * OF_ONE_DEBTOR..(debtor + 1) * OF_ONE_DEBTOR).map(|case| IndexedCase {
        case: CaseId::of(&InvoiceNumber::from(number(case).as_str())),
        number: number(case),
        payment_reference: None,
        open: (!first_is_paid || case % OF_ONE_DEBTOR > 0).then(|| Money::eur_cents(amount(case, world))),
    });
    IndexedDebtor {
        id: DebtorId::new(format!("K{debtor:06}")),
        name: name(debtor, world),
        ibans: vec![iban(debtor)],
        cases: cases.collect(),
    }
}

fn candidate(id: &CaseId, world: World) -> Option<Candidate> {
    let case: usize = id.as_str().rsplit('-').next()?.parse().ok()?;
    let debtor = indexed(case / OF_ONE_DEBTOR, false, world);
    let found = debtor.cases.into_iter().find(|found| found.case == *id)?;
    Some(Candidate {
        case: found.case,
        debtor: debtor.id,
        debtor_name: debtor.name,
        number: found.number,
        payment_reference: None,
        open: found.open?,
        asked: found.open?,
        known_ibans: debtor.ibans,
    })
}

/// The number as payers write it.
fn messy(case: usize) -> String {
    let (year, serial) = (2020 + case % 7, case);
    match case % 4 {
        0 => format!("{year}.{serial:06}"),
        1 => format!("{year} {serial:06}"),
        2 => format!("nr {year}{serial:06}"),
        _ => number(case),
    }
}

/// As unlike as they are; or one of a hundred prices.
fn amount(case: usize, world: World) -> i64 {
    match world {
        World::Unlike => customers::cents(case),
        World::Crowd => 1_000 + i64::try_from(case).expect("a small number") * 7_919 % 100 * 250,
    }
}

fn name(debtor: usize, world: World) -> String {
    let debtor = if world == World::Crowd { debtor % 1_000 } else { debtor };
    format!("{} B.V.", customers::name(debtor))
}

fn iban(debtor: usize) -> String {
    format!("NL{:02}BANK{debtor:010}", debtor % 97)
}

/// Microseconds each.
fn timed(times: usize, mut work: impl FnMut(usize)) -> f64 {
    let start = clock();
    (0..times).for_each(&mut work);
    (clock() - start) * 1e6 / times as f64
}
