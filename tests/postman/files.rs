//! Files on their way from the folder: read while nobody holds the store, each once, and no letter leaves before that is done.

use super::office::{Office, Script, invoice, runtime};
use aanmaand::adapters::folder::Folder;
use aanmaand::daemon::intake::{FolderReport, Haste, Here};
use aanmaand::daemon::pass::{Folders, read_folders};
use aanmaand::daemon::writer::Writer;
use aanmaand::paper::{Paper, Unread};
use aanmaand::ports::{NoParser, Parser};
use chrono::TimeDelta;
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
    let folders = Folders { invoices: Arc::new(Folder::new(office.path("invoices"))), statements: None };
    runtime().block_on(read_folders(&office.writer(), &folders, Haste::Now)).unwrap().0
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
    for n in 1..301 {
        std::fs::write(office.path(&format!("invoices/{n}.toml")), invoice(n)).unwrap();
    }
    assert_eq!(read(&office).new, 300);
    assert_eq!((cases(&office), waiting(&office)), (301, 0));
    // 301 were read before nobody remembers what the folder looked like, and none of them is parsed again.
    assert_eq!(*spy.waiting.lock().unwrap(), [300, 300]);
    assert_eq!((read(&office).new, spy.files.load(Ordering::Relaxed)), (0, 300));
    spy.writer.lock().unwrap().take();
    office.close();
    office.open();
    let again = watched(&office);
    assert_eq!((read(&office).new, again.files.load(Ordering::Relaxed)), (0, 0), "after a start");
    // Half a file is looked at again, as it may grow.
    std::fs::write(office.path("invoices/half.toml"), &invoice(400)[..20]).unwrap();
    assert_eq!((read(&office).waiting.len(), read(&office).waiting.len()), (1, 1));
    assert_eq!(again.files.load(Ordering::Relaxed), 2);
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
