//! Files on their way from the folder: read while nobody holds the store, each once, and no letter leaves before that is done.

use super::office::{Office, Script, invoice, runtime};
use crate::stories::sandbox::{camt, paid};
use aanmaand::adapters::folder::Folder;
use aanmaand::adapters::maildir::Maildir;
use aanmaand::daemon::folders::{FolderReader, Folders};
use aanmaand::daemon::intake::{FolderReport, Haste, Here};
use aanmaand::daemon::pass::read_mailbox;
use aanmaand::daemon::writer::Writer;
use aanmaand::paper::{Paper, Unread};
use aanmaand::ports::{FileSource, Found, NoParser, Parser, ReadFault, Scan};
use chrono::TimeDelta;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Reads, counts, and looks at what the house knows meanwhile.
#[derive(Default)]
struct Spy {
    writer: Mutex<Option<Writer>>,
    files: AtomicUsize,
    is_gone: AtomicBool,
    waiting: Mutex<Vec<usize>>,
}

impl Parser for Spy {
    fn parse(&self, files: &[Unread<'_>]) -> Result<Vec<Paper>, NoParser> {
        // On the writer's own thread this would wait for ever.
        if let Some(writer) = &*self.writer.lock().unwrap() {
            let waiting = writer.call_now(|house| Ok(house.surroundings()?.world().mail_waiting)).unwrap();
            self.waiting.lock().unwrap().push(waiting);
        }
        if self.is_gone.load(Ordering::Relaxed) {
            return Err(NoParser("no worker".into()));
        }
        self.files.fetch_add(files.len(), Ordering::Relaxed);
        Here.parse(files)
    }
}

fn watched(office: &Office) -> Arc<Spy> {
    let spy = Arc::new(Spy { writer: Mutex::new(Some(office.writer())), ..Spy::default() });
    let parser = spy.clone();
    office.on_the_house(move |house| house.parser = parser);
    spy
}

fn read(office: &Office) -> FolderReport {
    read_from(office, Arc::new(Folder::new(office.path("invoices"))))
}

fn read_from(office: &Office, invoices: Arc<dyn FileSource>) -> FolderReport {
    let folders = Folders { invoices, statements: None };
    runtime().block_on(FolderReader::of(&folders).read(&office.writer(), Haste::Now)).unwrap().0
}

/// A folder whose disk fails at this file.
struct Failing(Folder, &'static str);

impl FileSource for Failing {
    fn root(&self) -> &Path {
        self.0.root()
    }

    fn scan(&self) -> Result<Scan, String> {
        self.0.scan()
    }

    fn read(&self, found: &Found) -> Result<Vec<u8>, ReadFault> {
        if found.name == Path::new(self.1) { Err(ReadFault::Away("the disk".into())) } else { self.0.read(found) }
    }
}

fn waiting(office: &Office) -> usize {
    office.on_the_house(|house| house.surroundings().unwrap().world().mail_waiting)
}

fn cases(office: &Office) -> usize {
    office.on_the_house(|house| house.accounts().unwrap().iter().map(|account| account.cases.len()).sum())
}

#[test]
fn files_are_read_once_while_nobody_holds_the_store_and_the_gate_is_closed() {
    let mut office = Office::with_letters(1, "");
    let spy = watched(&office);
    for n in 1..601 {
        std::fs::write(office.path(&format!("invoices/{n}.toml")), invoice(n)).unwrap();
    }
    assert_eq!(read(&office).new, 600);
    assert_eq!((cases(&office), waiting(&office)), (601, 0));
    // 601 were read before nobody remembers what the folder looked like, and none of them is parsed again.
    assert_eq!(*spy.waiting.lock().unwrap(), [600, 600]);
    assert_eq!((read(&office).new, spy.files.load(Ordering::Relaxed)), (0, 600));
    spy.writer.lock().unwrap().take();
    office.close();
    office.open();
    let again = watched(&office);
    assert_eq!((read(&office).new, again.files.load(Ordering::Relaxed)), (0, 0), "after a start");
    // Half a file is parsed once until it grows.
    std::fs::write(office.path("invoices/half.toml"), &invoice(400)[..20]).unwrap();
    assert_eq!((read(&office).waiting.len(), read(&office).waiting.len()), (1, 1));
    assert_eq!(again.files.load(Ordering::Relaxed), 1);
    again.writer.lock().unwrap().take();
}

#[test]
fn without_a_parser_nothing_is_taken_and_nothing_leaves() {
    let office = Office::with_letters(2, "");
    let spy = watched(&office);
    spy.is_gone.store(true, Ordering::Relaxed);
    std::fs::write(office.path("invoices/7.toml"), invoice(7)).unwrap();
    let report = read(&office);
    assert!(report.trouble.is_some_and(|trouble| trouble.contains("no worker")));
    office.later(TimeDelta::minutes(1));
    let server = Script::accepting(&office);
    assert_eq!((cases(&office), waiting(&office), office.round(&server)), (2, 1, 0));
    let told = office.on_the_house(|house| house.digest(house.today()).unwrap().health.warnings.join("\n"));
    assert!(told.contains("no worker"), "{told}");
    assert_eq!(office.asked("quarantine"), 0, "nothing is wrong with the file");
    spy.is_gone.store(false, Ordering::Relaxed);
    assert_eq!(read(&office).trouble, None);
    office.later(TimeDelta::minutes(1));
    assert_eq!((cases(&office), waiting(&office), office.round(&server)), (3, 0, 2));
    spy.writer.lock().unwrap().take();
}

#[test]
fn what_a_failing_disk_kept_back_is_unread_until_it_was_read() {
    let office = Office::with_letters(1, "");
    for n in 7..9 {
        std::fs::write(office.path(&format!("invoices/{n}.toml")), invoice(n)).unwrap();
    }
    let report = read_from(&office, Arc::new(Failing(Folder::new(office.path("invoices")), "8.toml")));
    assert!(report.trouble.is_some_and(|trouble| trouble.contains("the disk")));
    assert_eq!((cases(&office), waiting(&office)), (2, 2));
    assert_eq!(read(&office).trouble, None);
    assert_eq!((cases(&office), waiting(&office)), (3, 0));
}

/// A mail of this bank, proven by our own server, with a statement that pays the first invoice.
fn mail_with_statement(from: &str) -> Vec<u8> {
    let statement = camt("S1", "2026-11-23", &[paid(10_050, "2026-0000")], None);
    format!(
        "Authentication-Results: mx.voorbeeldbedrijf.example; dkim=pass header.d=rabobank.nl; dmarc=pass header.from=rabobank.nl\n\
         From: {from}\nTo: debiteuren@voorbeeldbedrijf.example\nSubject: Uw afschrift\nDate: Mon, 23 Nov 2026 10:00:00 +0100\n\
         Message-ID: <afschrift@rabobank.nl>\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\n\
         Hierbij uw afschrift.\n\n--x\nContent-Type: application/xml; name=a.xml\nContent-Disposition: attachment; filename=a.xml\n\n\
         {statement}\n--x--\n"
    )
    .into_bytes()
}

fn read_mail(office: &Office, name: &str, bytes: Vec<u8>) {
    std::fs::create_dir_all(office.path("mailbox/new")).unwrap();
    std::fs::create_dir_all(office.path("mailbox/cur")).unwrap();
    std::fs::write(office.path("mailbox/new").join(name), bytes).unwrap();
    let mut mailbox = Maildir::new(office.path("mailbox"));
    runtime().block_on(read_mailbox(&office.writer(), &mut mailbox)).unwrap().unwrap();
}

#[test]
fn a_statement_in_a_banks_mail_is_parsed_once_while_nobody_holds_the_store() {
    let office = Office::with_letters(1, "[notices]\nbanks = [\"rabobank\"]\n");
    let spy = watched(&office);
    read_mail(&office, "1.mx", mail_with_statement("Rabobank <alert@rabobank.nl>"));
    assert_eq!(
        spy.files.load(Ordering::Relaxed),
        1,
        "not again on the writer's thread, where the spy would wait for ever"
    );
    let closed = office.on_the_house(|house| {
        house.accounts().unwrap().iter().flat_map(|account| account.cases.values()).all(|case| !case.is_open())
    });
    assert!(closed);
    spy.writer.lock().unwrap().take();
}

/// What a stranger attaches reaches no parser.
#[test]
fn a_statement_in_a_strangers_mail_is_not_parsed() {
    let office = Office::with_letters(1, "[notices]\nbanks = [\"rabobank\"]\n");
    let spy = watched(&office);
    read_mail(&office, "1.mx", mail_with_statement("Rabobank <alert@rabobank.example>"));
    let forged = String::from_utf8(mail_with_statement("Rabobank <alert@rabobank.nl>")).unwrap();
    read_mail(
        &office,
        "2.mx",
        forged.replace("mx.voorbeeldbedrijf", "mx.elders").replace("<afschrift", "<nog-een").into_bytes(),
    );
    assert_eq!(spy.files.load(Ordering::Relaxed), 0);
    spy.writer.lock().unwrap().take();
}

#[test]
fn lists_of_open_items_need_no_parser() {
    let office = Office::with_letters(0, "");
    let spy = watched(&office);
    spy.is_gone.store(true, Ordering::Relaxed);
    std::fs::write(office.path("invoices/open.csv"), "Factuur;Bedrag\n1;2,00\n").unwrap();
    let report = read(&office);
    assert_eq!((report.new, report.trouble, waiting(&office)), (1, None, 0));
    assert_eq!(office.asked("quarantine"), 1, "nobody said what its columns mean");
    spy.writer.lock().unwrap().take();
}

/// An account that nobody can read breaks what is told to it, and nothing of what comes in together with that.
#[test]
fn who_fails_among_files_undoes_its_own() {
    let office = Office::with_letters(1, "");
    // Whose an invoice is is known from here on.
    std::fs::write(office.path("invoices/9.toml"), invoice(9)).unwrap();
    assert_eq!(read(&office).new, 1);
    let spoil = rusqlite::Connection::open(office.path("a.sqlite")).unwrap();
    assert_eq!(spoil.execute("UPDATE accounts SET state = '{' WHERE id = 'K000'", []).unwrap(), 1);
    for (name, n) in [("a", 1), ("b", 0), ("c", 2)] {
        std::fs::write(office.path(&format!("invoices/{name}.toml")), format!("# anew\n{}", invoice(n))).unwrap();
    }
    assert_eq!(read(&office).new, 3);
    office.on_the_house(|house| {
        let refused = house.store.inputs_quarantined().unwrap();
        assert_eq!(refused.len(), 1, "{refused:?}");
        assert!(refused[0].name.ends_with("/b.toml"));
        assert_eq!((house.store.case_numbers().unwrap().len(), house.store.inputs_unsettled().unwrap()), (4, 0));
        assert_eq!(house.account(&"K001".into()).unwrap().cases.len(), 1);
    });
}
