//! A year's invoices: how fast they come in, and what they cost from then on. Baselines in the same run:
//!
//! 1. cold start: files of a folder into the durable store, with the workers that the daemon uses, against reading the same
//!    files and parsing them in this process; processor time tells more than the clock where others use the machine too;
//! 2. the folder scanned again, unchanged: time, and memory after 20, 40 and 80 scans: what leaks goes on growing;
//! 3. memory of an idle daemon over so many stored cases;
//! 4. a turn of the calendar with nothing due, with few and with many open cases.
//!
//! `cargo bench --bench invoices`. `AANMAAND_FILES` (100,000), `AANMAAND_CASES` (1,000,000); `AANMAAND_ONLY=start,stored`.

use aanmaand::adapters::clock::SetClock;
use aanmaand::adapters::folder::Folder;
use aanmaand::adapters::parser::Workers;
use aanmaand::adapters::store::sqlite::SqliteStore;
use aanmaand::cli::open;
use aanmaand::config::Config;
use aanmaand::daemon::folders::{FolderReader, Folders};
use aanmaand::daemon::house::{House, case_state};
use aanmaand::daemon::intake::Haste;
use aanmaand::daemon::writer::Writer;
use aanmaand::dunning::account::{Account, Case};
use aanmaand::dunning::decide::decide;
use aanmaand::dunning::input::Input;
use aanmaand::einvoice;
use aanmaand::ports::FileSource;
use aanmaand::store::{AccountWrite, CaseRow, NewRow, evidence_of};
use chrono::{TimeZone, Utc};
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Invoices of one debtor.
const OF_ONE_DEBTOR: usize = 4;
/// The small administration that a turn is compared with.
const FEW: usize = 10_000;
const TURNS: usize = 20;
/// After so many scans the memory is looked at.
const SCANS: [usize; 3] = [20, 40, 80];

fn main() {
    let only = std::env::var("AANMAAND_ONLY").unwrap_or_default();
    let wanted = |name: &str| only.is_empty() || only.split(',').any(|part| part == name);
    if wanted("start") {
        cold_start(size("AANMAAND_FILES", 100_000));
    }
    if wanted("stored") {
        stored(size("AANMAAND_CASES", 1_000_000));
    }
}

fn size(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The folder is filled, read and parsed alone, then taken in by the daemon's own path, then scanned again.
fn cold_start(files: usize) {
    let here = administration();
    for n in 0..files {
        std::fs::write(here.path().join(format!("invoices/{n:07}.xml")), ubl(n)).expect("a file");
    }
    let source: Arc<dyn FileSource> = Arc::new(Folder::new(here.path().join("invoices")));
    let (alone, alone_busy) = timed_and_busy(|| {
        for found in source.scan().expect("a folder").files {
            let bytes = source.read(&found).expect("a file");
            black_box(einvoice::read("a.xml", &bytes).expect("an invoice"));
        }
    });
    let mut house = open_house(here.path());
    house.parser = Arc::new(Workers::of(env!("CARGO_BIN_EXE_aanmaand")));
    let (writer, thread) = Writer::start(house);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let folders = Folders { invoices: source, statements: None };
    let mut reader = FolderReader::of(&folders);
    let mut scan = || runtime.block_on(reader.read(&writer, Haste::Now)).expect("the folder is read").0.new;
    let mut new = 0;
    let (start, start_busy) = timed_and_busy(|| new = scan());
    assert_eq!(new, files, "every file is new");
    let each = |seconds: f64| seconds / files as f64 * 1e6;
    let told = |what: &str, took: f64, busy: f64| {
        println!(
            "  {what:<28} {:8.0} invoices/s, {:6.1} µs each, {:6.1} of the processors",
            1e6 / each(took),
            each(took),
            each(busy)
        );
    };
    println!("cold start, {files} UBL files of {} bytes", ubl(0).len());
    told("read and parsed alone", alone, alone_busy);
    told("into the store, by workers", start, start_busy);
    println!("  ratio {:.2} (≥ 0.4), of processor time {:.2}", alone / start, alone_busy / start_busy);
    scan();
    let before = resident();
    let mut again = Vec::new();
    for scans in SCANS {
        while again.len() < scans {
            again.push(timed(|| assert_eq!(scan(), 0, "nothing is new")));
        }
        println!("  after {scans} scans, unchanged    memory {:+.1} MB to {before:.1}", resident() - before);
    }
    println!("  scanned again, unchanged     {:8.3} s (< 1)", median(again));
    let listed: Vec<f64> = (0..TURNS).map(|_| timed(|| drop(black_box(folders.invoices.scan())))).collect();
    println!("  of which listing it          {:8.3} s", median(listed));
    drop(writer);
    thread.join().expect("the writer");
}

/// Turns with nothing due over few and many open cases, and what the idle process holds.
fn stored(cases: usize) {
    println!("a turn of the calendar with nothing due; {OF_ONE_DEBTOR} cases a debtor");
    let few = turns(FEW.min(cases));
    let many = turns(cases);
    println!("  ratio {:.2} (≤ 1.5)", many / few);
}

fn turns(cases: usize) -> f64 {
    let here = administration();
    let clock = before_due();
    let mut house = open_house(here.path());
    for group in (0..cases).step_by(1000) {
        let firsts = (group..(group + 1000).min(cases)).step_by(OF_ONE_DEBTOR);
        house
            .transact(|house| firsts.into_iter().try_for_each(|first| open_account(house, first, OF_ONE_DEBTOR)))
            .expect("cases");
    }
    drop(house);
    let mut house = open_house_at(here.path(), clock);
    house.mailbox_was_read().expect("a mailbox");
    let first = timed(|| assert_eq!(house.day().expect("a day"), 0, "nothing is due"));
    let turns: Vec<f64> = (0..TURNS).map(|_| timed(|| assert_eq!(house.day().expect("a day"), 0))).collect();
    let turn = median(turns);
    println!(
        "  {cases:>8} open cases: first turn {first:7.3} s, every other {:8.3} ms, resident {:6.1} MB (peak {:.1}), asked {:?}",
        turn * 1e3,
        resident(),
        peak(),
        house.awake_now().expect("the journal"),
    );
    turn
}

/// An account with its cases, as their files would have made it, written once instead of once a case.
fn open_account(house: &mut House, first: usize, cases: usize) -> anyhow::Result<()> {
    let mut account: Option<Account> = None;
    let mut rows = Vec::new();
    for n in first..first + cases {
        let bytes = ubl(n);
        let invoice = einvoice::read("a.xml", bytes.as_bytes()).expect("an invoice").invoice;
        let account = account.get_or_insert_with(|| Account::new(invoice.debtor.id.clone()));
        let (source, file) = (evidence_of(bytes.as_bytes()), format!("invoices/{n:07}.xml"));
        let input = Input::InvoiceFiled { invoice: Box::new(invoice), file: file.clone(), source, replace: false };
        for fact in decide(account, &input, &house.config.policy, house.today()) {
            account.apply(&fact);
            let mut told = serde_json::to_value(&fact)?;
            told["v"] = 1.into();
            let (on, at) = (house.today(), house.now());
            rows.push(NewRow { account: account.id.clone(), on, at, cause: file.clone(), fact: told.to_string() });
        }
    }
    let account = account.expect("a case");
    house.store.append(&rows)?;
    house.store.write_account(&AccountWrite {
        id: account.id.clone(),
        expected_version: 0,
        state: serde_json::to_string(&account)?,
        cases: account.cases.values().map(|case| case_row(&account, case)).collect(),
        addresses: account.mail_addresses(),
        asked: Vec::new(),
        no_longer_asked: Vec::new(),
    })?;
    Ok(())
}

fn case_row(account: &Account, case: &Case) -> CaseRow {
    CaseRow {
        case: case.id.clone(),
        number: case.number().clone(),
        state: case_state(account, case),
        open_minor: case.open().minor(),
        currency: case.open().currency().code().to_owned(),
        payment_reference: None,
    }
}

fn timed(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// Seconds by the clock, and of the processors: of this process and of its workers that have ended.
fn timed_and_busy(work: impl FnOnce()) -> (f64, f64) {
    let before = processor_time();
    let took = timed(work);
    (took, processor_time() - before)
}

/// Fields 14 to 17 of proc_pid_stat(5), in hundredths of a second.
fn processor_time() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let fields = after_name.split_whitespace().skip(11).take(4);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn median(mut rounds: Vec<f64>) -> f64 {
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

/// Megabytes of this process in memory now.
fn resident() -> f64 {
    // What was freed a moment ago may still be given back.
    std::thread::sleep(Duration::from_millis(50));
    told("VmRSS:")
}

fn peak() -> f64 {
    told("VmHWM:")
}

fn told(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or_default() / 1024.0
}

fn administration() -> tempfile::TempDir {
    let here = tempfile::tempdir().expect("a folder");
    for name in ["invoices", "mailbox/new", "mailbox/cur", "mailbox/tmp"] {
        std::fs::create_dir_all(here.path().join(name)).expect("a folder");
    }
    std::fs::write(here.path().join("aanmaand.toml"), CONFIG).expect("a file");
    here
}

fn open_house(here: &Path) -> House {
    open_house_at(here, before_due())
}

fn open_house_at(here: &Path, clock: Arc<SetClock>) -> House {
    let config = Config::load(&here.join("aanmaand.toml")).expect("a configuration");
    let rules = open::rules(&config).expect("built-in rules");
    let store = SqliteStore::open(&here.join("a.sqlite")).expect("a database");
    House::open(Box::new(store), config, rules, clock).expect("a house")
}

fn before_due() -> Arc<SetClock> {
    Arc::new(SetClock::new(Utc.with_ymd_and_hms(2026, 11, 3, 9, 0, 0).single().expect("a moment")))
}

/// An invoice of five lines, as large as they often are.
fn ubl(n: usize) -> String {
    let debtor = n / OF_ONE_DEBTOR;
    let template = include_str!("../src/cli/demo/invoice.xml");
    let (head, line) = template.split_once("  <cac:InvoiceLine>").expect("a line");
    let line = format!("  <cac:InvoiceLine>{}", line.trim_end().trim_end_matches("</Invoice>"));
    let lines: String = (1..=5).map(|at| line.replace(">1<", &format!(">{at}<")).replace("{net}", "100.00")).collect();
    let values = [
        ("{number}", format!("2026-{n:07}")),
        ("{date}", "2026-10-01".into()),
        ("{due}", "<cbc:DueDate>2026-11-20</cbc:DueDate>".into()),
        ("{about}", "Schilderwerk oktober".into()),
        ("{id}", format!("K{debtor}")),
        ("{country}", "NL".into()),
        ("{name}", format!("Klant {debtor} B.V.")),
        ("87654321", format!("{:08}", 20_000_000 + debtor)),
        ("{contact}", "A. de Vries".into()),
        ("{phone}", "030 1234567".into()),
        ("{email}", format!("administratie@klant{debtor}.example")),
        ("{vat}", "105.00".into()),
        ("{net}", "500.00".into()),
        ("{total}", "605.00".into()),
    ];
    let whole = format!("{head}{lines}</Invoice>\n");
    values.into_iter().fold(whole, |text, (name, value)| text.replace(name, &value))
}

const CONFIG: &str = concat!(
    "mode = \"auto\"\n",
    include_str!("../tests/company.toml"),
    r#"[outgoing]
kind = "file"
folder = "outbox"
"#
);
