//! How much our own work costs, as a ratio to a named baseline measured in the same run: so the numbers mean
//! something on any machine. Prints a table; judges nothing. `cargo bench`.

mod measure;

use aanmaand::adapters::clock::SetClock;
use aanmaand::adapters::folder::Folder;
use aanmaand::adapters::store::memory::MemoryStore;
use aanmaand::adapters::store::sqlite::SqliteStore;
use aanmaand::bank::notice::Profiles;
use aanmaand::daemon::house::House;
use aanmaand::daemon::intake::Haste;
use aanmaand::dunning::decide::decide;
use aanmaand::dunning::input::Input;
use aanmaand::einvoice;
use aanmaand::letter::Templates;
use aanmaand::mail::intent::{KnownNumbers, Phrases};
use aanmaand::mail::reading::{Reader, read};
use aanmaand::store::InputKind;
use mail_parser::MessageParser;
use measure::office::{self, moment, open_house};
use measure::timed;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

const ROUNDS: usize = 7;
const MAILS: usize = 400;
const INVOICES: usize = 300;
/// Invoices of one debtor.
const OF_ONE_DEBTOR: usize = 5;

fn main() {
    println!("medians of {ROUNDS} rounds\n");
    println!("{:<34} {:>12}   {:<34} {:>12} {:>8}", "what", "each", "baseline", "each", "ratio");
    mails();
    invoices();
    days();
}

/// A customer's mail understood, against the MIME parser below it alone.
fn mails() {
    let mails: Vec<Vec<u8>> = (0..MAILS).map(|n| mail(n).into_bytes()).collect();
    let (phrases, profiles) = (Phrases::built_in(), Profiles::built_in());
    let known = KnownNumbers::new((0..1000).map(number));
    let templates = Templates::built_in();
    let wording = templates.wording();
    let reader = Reader {
        phrases: &phrases,
        profiles: &profiles,
        grounds: aanmaand::mail::authenticity::Grounds::default(),
        known_numbers: &known,
        wording,
    };
    let parsed = median(MAILS, || {
        for raw in &mails {
            black_box(MessageParser::default().parse(raw).expect("a mail").body_text(0));
        }
    });
    let ours = median(MAILS, || {
        for raw in &mails {
            black_box(read(raw, &reader).expect("a mail"));
        }
    });
    row("mail read and understood", ours, "mail-parser alone", parsed);
}

/// Files of a folder stored, read, decided on and committed, against parsing the same bytes alone.
fn invoices() {
    let here = administration();
    let files: Vec<String> = (0..INVOICES).map(invoice).collect();
    let parsed = median(INVOICES, || {
        for text in &files {
            black_box(einvoice::read("a.toml", text.as_bytes()).expect("an invoice"));
        }
    });
    let mut round = 0;
    let new_file = || {
        round += 1;
        let store = SqliteStore::open(&here.path().join(format!("{round}.sqlite"))).expect("a database");
        open_house(here.path(), store, before_due())
    };
    let ours = median_after(INVOICES, new_file, |house| take_invoices(house, here.path()));
    row("invoice file to committed case", ours, "einvoice::read alone", parsed);
    let in_memory = || open_house(here.path(), MemoryStore::new(), before_due());
    let memory = median_after(INVOICES, in_memory, |house| take_invoices(house, here.path()));
    row("invoice file to committed case", ours, "the same, store in memory", memory);
}

/// One account hears that it is a day on which a letter is due, against the copy of the account that a decision works on.
fn days() {
    let here = administration();
    let clock = before_due();
    let mut house = open_house(here.path(), MemoryStore::new(), clock.clone());
    take_invoices(&mut house, here.path());
    clock.set(moment(24, 10));
    house.mailbox_was_read().expect("a mailbox");
    let accounts = house.accounts().expect("accounts");
    let surroundings = house.surroundings().expect("the world");
    let days: Vec<Input> = accounts.iter().map(|account| Input::Day(surroundings.of(account))).collect();
    let copied = median(accounts.len(), || {
        for account in &accounts {
            black_box(account.clone());
        }
    });
    let decided = median(accounts.len(), || {
        for (account, day) in accounts.iter().zip(&days) {
            let facts = black_box(decide(account, day, &house.config.policy, house.today()));
            assert!(facts.iter().any(|fact| fact.effect().is_some()), "a letter is due");
        }
    });
    row(&format!("decide(Day), {OF_ONE_DEBTOR} cases, a letter due"), decided, "a copy of the account", copied);
}

/// Median seconds an item.
fn median(items: usize, mut work: impl FnMut()) -> f64 {
    median_after(items, || (), |()| work())
}

/// The same, with something made anew before each round that is not counted.
fn median_after<T>(items: usize, mut make: impl FnMut() -> T, mut work: impl FnMut(&mut T)) -> f64 {
    let rounds = (0..=ROUNDS).map(|_| {
        let mut made = make();
        timed(|| work(&mut made)) / items as f64
    });
    measure::median(rounds.skip(1))
}

fn row(what: &str, ours: f64, baseline: &str, theirs: f64) {
    let micros = |seconds: f64| format!("{:.1} µs", seconds * 1e6);
    println!("{what:<34} {:>12}   {baseline:<34} {:>12} {:>7.1}x", micros(ours), micros(theirs), ours / theirs);
}

/// A folder with a configuration and invoices.
fn administration() -> tempfile::TempDir {
    let here = office::administration();
    for n in 0..INVOICES {
        std::fs::write(here.path().join(format!("invoices/{n}.toml")), invoice(n)).expect("a file");
    }
    here
}

fn before_due() -> Arc<SetClock> {
    Arc::new(SetClock::new(moment(3, 9)))
}

fn take_invoices(house: &mut House, here: &Path) {
    let folder = Folder::new(here.join("invoices"));
    let report = house.transact(|house| house.take_folder(&folder, InputKind::Invoice, Haste::Now)).expect("a folder");
    assert_eq!(report.new, INVOICES, "every file is new");
    let cases: usize = house.accounts().expect("accounts").iter().map(|account| account.cases.len()).sum();
    assert_eq!(cases, INVOICES, "every file became a case");
}

fn number(n: usize) -> String {
    format!("2026-{n:04}")
}

fn invoice(n: usize) -> String {
    let debtor = n / OF_ONE_DEBTOR;
    format!(
        "number = \"{}\"\ndate = 2026-10-01\ndue = 2026-11-20\ncurrency = \"EUR\"\ntotal = \"{}.50\"\n\
         description = \"Schilderwerk oktober\"\n[debtor]\nid = \"K{debtor}\"\nname = \"Klant {debtor} B.V.\"\n\
         email = \"administratie@klant{debtor}.example\"\nkind = \"business\"\ncountry = \"NL\"\nlanguage = \"nl\"\n",
        number(n),
        100 + n
    )
}

/// Answers as they come: short and long, plain and with HTML, with our letter quoted below.
fn mail(n: usize) -> String {
    let words = [
        "Goedemorgen,\n\nWij betalen factuur {} aanstaande vrijdag.\n\nMet vriendelijke groet,\nJ. de Vries",
        "Hi,\n\nInvoice {} was paid last Tuesday, please check your account.\n\nKind regards,\nA. Smith",
        "Beste,\n\nDe levering op factuur {} klopt niet: er ontbreken drie pallets.\n\nGroet, Karin",
        "ok",
    ][n % 4]
        .replace("{}", &number(n));
    let quoted =
        "\n\nOp 3 november 2026 schreef Voorbeeldbedrijf B.V.:\n> Geachte heer,\n> Onze factuur staat nog open.\n"
            .repeat(1 + n % 3);
    let head = format!(
        "From: Klant <administratie@klant{n}.example>\r\nTo: debiteuren@voorbeeldbedrijf.example\r\n\
         Subject: Re: Herinnering {}\r\nDate: Tue, 3 Nov 2026 10:00:00 +0100\r\nMessage-ID: <m{n}@klant{n}.example>\r\n\
         MIME-Version: 1.0\r\n",
        number(n)
    );
    let text = format!("{words}{quoted}").replace('\n', "\r\n");
    let plain = format!("Content-Type: text/plain; charset=utf-8\r\n\r\n{text}");
    if n.is_multiple_of(2) {
        return head + &plain;
    }
    let html = format!("<html><body><p>{words}</p><blockquote>{quoted}</blockquote></body></html>");
    format!(
        "{head}Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n{plain}\r\n--b\r\n\
         Content-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--b--\r\n"
    )
}
