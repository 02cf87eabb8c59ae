//! Payments through the real store: what a stranger's line costs when thousands came before it, and a statement of 100,000
//! entries against very many open cases, with what it costs an entry and how that grows.
//!
//! `cargo bench --bench payments`. `AANMAAND_ENTRIES` (100,000), `AANMAAND_CASES` (1,000,000; a tenth and a hundredth of it are
//! measured too), `AANMAAND_ONLY=strangers,statement`.

use aanmaand::adapters::clock::SetClock;
use aanmaand::adapters::store::sqlite::SqliteStore;
use aanmaand::cli::open;
use aanmaand::config::Config;
use aanmaand::daemon::house::{House, case_state};
use aanmaand::dunning::account::Account;
use aanmaand::dunning::debtor::{Debtor, DebtorKind};
use aanmaand::dunning::decide::decide;
use aanmaand::dunning::ids::DebtorId;
use aanmaand::dunning::input::Input;
use aanmaand::dunning::invoice::{DueSource, Invoice, InvoiceKind, Seller, TermSource};
use aanmaand::dunning::money::Money;
use aanmaand::store::{AccountWrite, CaseRow, Disposition, InputKind, NewRow, evidence_of};
use chrono::{NaiveDate, TimeZone, Utc};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

const OF_ONE_DEBTOR: usize = 4;

fn main() {
    let only = std::env::var("AANMAAND_ONLY").unwrap_or_default();
    let wanted = |name: &str| only.is_empty() || only.split(',').any(|part| part == name);
    if wanted("strangers") {
        println!("a statement of strangers' money only, after as many open questions as its lines");
        [2_000, 4_000, 8_000].into_iter().for_each(strangers);
    }
    if wanted("statement") {
        let (entries, most) = (size("AANMAAND_ENTRIES", 100_000), size("AANMAAND_CASES", 1_000_000));
        println!("a statement of {entries} entries: 7 of 10 by number, 2 by amount and name, 1 of a stranger");
        [most / 100, most / 10, most].into_iter().for_each(|cases| statement(entries, cases));
    }
}

fn size(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
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
    let filling = Instant::now();
    for group in (0..cases).step_by(1_000) {
        let firsts = (group..(group + 1_000).min(cases)).step_by(OF_ONE_DEBTOR);
        house.transact(|house| firsts.into_iter().try_for_each(|first| open_account(house, first))).expect("cases");
    }
    drop(house);
    let (filled, mut house) = (filling.elapsed().as_secs_f64(), open_house(here.path()));
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
         {:.1}, by amount and name {:.1}, strangers {:.1}; peak {} MB, database {} MB",
        kinds.iter().sum::<f64>(),
        kinds.iter().sum::<f64>() * 1e6 / entries as f64,
        each(0),
        each(1),
        each(2),
        peak(),
        std::fs::metadata(here.path().join("a.sqlite")).map_or(0, |file| file.len() >> 20),
    );
}

fn line(n: usize, kind: usize, cases: usize) -> Line {
    let case = n.wrapping_mul(7_368_787) % cases;
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

/// An account with its cases, as their files would have made it, written once instead of once a case.
fn open_account(house: &mut House, first: usize) -> anyhow::Result<()> {
    let mut account = Account::new(debtor_id(first / OF_ONE_DEBTOR));
    let mut rows = Vec::new();
    for n in first..first + OF_ONE_DEBTOR {
        let (source, file) = (evidence_of(number(n).as_bytes()), format!("invoices/{n:07}.xml"));
        let input = Input::InvoiceFiled { invoice: Box::new(invoice(n)), file: file.clone(), source, replace: false };
        for fact in decide(&account, &input, &house.config.policy, house.today()) {
            account.apply(&fact);
            let mut told = serde_json::to_value(&fact)?;
            told["v"] = 1.into();
            let (on, at) = (house.today(), house.now());
            rows.push(NewRow { account: account.id.clone(), on, at, cause: file.clone(), fact: told.to_string() });
        }
    }
    house.store.append(&rows)?;
    let row = |case: &aanmaand::dunning::account::Case| CaseRow {
        case: case.id.clone(),
        number: case.number().clone(),
        state: case_state(&account, case),
        open_minor: case.open().minor(),
        currency: case.open().currency().code().to_owned(),
        payment_reference: None,
    };
    house.store.write_account(&AccountWrite {
        id: account.id.clone(),
        expected_version: 0,
        state: serde_json::to_string(&account)?,
        cases: account.cases.values().map(row).collect(),
        addresses: account.mail_addresses(),
        asked: Vec::new(),
        no_longer_asked: Vec::new(),
    })?;
    Ok(())
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

fn number(case: usize) -> String {
    format!("{}-{:06}", 2020 + case % 7, case)
}

/// Unlike enough that a few cases in ten thousand ask the same.
fn cents(case: usize) -> i64 {
    1_000 + i64::try_from(case).unwrap_or_default() * 7_919 % 400_009
}

/// Words and endings give some hundred thousand names, a few of them twice.
fn name(debtor: usize) -> String {
    const FIRST: [&str; 10] =
        ["Jansen", "Bakker", "Visser", "Smit", "Meijer", "Mulder", "Bos", "Vos", "Peters", "Hendriks"];
    const TRADES: [&str; 10] =
        ["Bouw", "Schilders", "Advies", "Transport", "Techniek", "Zorg", "Horeca", "Media", "Groen", "Metaal"];
    const SYLLABLES: [&str; 20] = [
        "ba", "de", "fi", "go", "hu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "wu", "za", "el", "or",
        "an", "ik",
    ];
    let syllable = |n: usize| SYLLABLES[n % 20];
    let own: String = [debtor / 100, debtor / 2_000, debtor / 40_000].into_iter().map(syllable).collect();
    format!("{} {}{own} {}", FIRST[debtor % 10], syllable(debtor / 7), TRADES[debtor / 10 % 10])
}

/// Seconds that this thread was on the processor, so that what else the machine does counts little; the wall's where
/// nobody says.
fn clock() -> f64 {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let stated = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = stated.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| START.elapsed().as_secs_f64(), |spent| spent / 1e9)
}

/// The most that this process has used, in megabytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn administration() -> tempfile::TempDir {
    let here = tempfile::tempdir().expect("a folder");
    std::fs::write(here.path().join("aanmaand.toml"), CONFIG).expect("a file");
    here
}

fn open_house(here: &Path) -> House {
    let config = Config::load(&here.join("aanmaand.toml")).expect("a configuration");
    let rules = open::rules(&config).expect("built-in rules");
    let store = SqliteStore::open(&here.join("a.sqlite")).expect("a database");
    let clock = Arc::new(SetClock::new(Utc.with_ymd_and_hms(2026, 11, 22, 9, 0, 0).single().expect("a moment")));
    House::open(Box::new(store), config, rules, clock).expect("a house")
}

const CONFIG: &str = concat!(
    "mode = \"auto\"\n",
    include_str!("../tests/company.toml"),
    r#"[outgoing]
kind = "file"
folder = "outbox"
"#
);
