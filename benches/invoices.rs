//! A year's invoices: how fast they come in, and what they cost from then on. Baselines in the same run:
//!
//! 1. cold start: files of a folder into the durable store, with the workers that the daemon uses, against reading the same
//!    files and parsing them in this process; processor time tells more than the clock where others use the machine too;
//! 2. the folder scanned again, unchanged: time, and memory after 20, 40 and 80 scans: what leaks goes on growing;
//! 3. memory of an idle daemon over so many stored cases;
//! 4. a turn of the calendar with nothing due, with few and with many open cases.
//!
//! `cargo bench --bench invoices`. `AANMAAND_FILES` (100,000), `AANMAAND_CASES` (1,000,000); `AANMAAND_ONLY=start,stored`.

mod measure;

use aanmaand::adapters::clock::SetClock;
use aanmaand::adapters::folder::Folder;
use aanmaand::adapters::parser::Workers;
use aanmaand::daemon::folders::{FolderReader, Folders};
use aanmaand::daemon::house::House;
use aanmaand::daemon::intake::Haste;
use aanmaand::daemon::writer::Writer;
use aanmaand::dunning::invoice::Invoice;
use aanmaand::einvoice;
use aanmaand::ports::FileSource;
use measure::customers::OF_ONE_DEBTOR;
use measure::office::{self, Ubl, administration, moment, open_account};
use measure::{is_wanted, median, peak, resident, size, timed, timed_and_busy};
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

/// The small administration that a turn is compared with.
const FEW: usize = 10_000;
const TURNS: usize = 20;
/// After so many scans the memory is looked at.
const SCANS: [usize; 3] = [20, 40, 80];

fn main() {
    if is_wanted("start") {
        cold_start(size("AANMAAND_FILES", 100_000));
    }
    if is_wanted("stored") {
        stored(size("AANMAAND_CASES", 1_000_000));
    }
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
    let runtime = office::runtime();
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
    let mut house = open_house(here.path());
    for group in (0..cases).step_by(1000) {
        let firsts = (group..(group + 1000).min(cases)).step_by(OF_ONE_DEBTOR);
        house
            .transact(|house| firsts.into_iter().try_for_each(|first| open_account(house, invoices_from(first))))
            .expect("cases");
    }
    drop(house);
    let mut house = open_house(here.path());
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

/// Those of one debtor, from this one on.
fn invoices_from(first: usize) -> impl Iterator<Item = Invoice> {
    (first..first + OF_ONE_DEBTOR).map(|n| einvoice::read("a.xml", ubl(n).as_bytes()).expect("an invoice").invoice)
}

fn open_house(here: &Path) -> House {
    let before_due = Arc::new(SetClock::new(moment(3, 9)));
    office::open_house(here, office::database(here), before_due)
}

/// An invoice of five lines, as large as they often are.
fn ubl(n: usize) -> String {
    let debtor = n / OF_ONE_DEBTOR;
    let email = format!("administratie@klant{debtor}.example");
    Ubl { number: format!("2026-{n:07}"), debtor, email, about: "Schilderwerk oktober".into(), lines: 5 }.text()
}
