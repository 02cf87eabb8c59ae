//! What the durable way of a letter costs: claim, intent of the final dot, answer, each committed to disk, against a plain
//! loop over the same SMTP code without a store, as ratios measured in one run. Prints a table; judges nothing.
//!
//! ```sh
//! cargo bench --bench post                       # a server that keeps nothing, in a process of its own
//! benches/postfix.sh cargo bench --bench post    # and a real Postfix, which queues and syncs
//! ```
//!
//! `AANMAAND_LETTERS` (10000) and `AANMAAND_ROUNDS` (3) make it shorter. Every measured run is a process of its own, so that
//! its peak of memory is its own too; the database lies in the build folder, on the disk.

mod measure;

use aanmaand::adapters::clock::SetClock;
use aanmaand::adapters::folder::Folder;
use aanmaand::adapters::smtp::Smtp;
use aanmaand::adapters::store::sqlite::SqliteStore;
use aanmaand::adapters::tls::{Security, Server};
use aanmaand::daemon::intake::Haste;
use aanmaand::daemon::rounds::deliver_all;
use aanmaand::daemon::writer::Writer;
use aanmaand::ports::{Delivery, Outgoing, OutgoingMail};
use aanmaand::store::{InputKind, OutboxState, Store};
use measure::office::{Ubl, administration_on_disk, moment, open_house, runtime};
use measure::{Run, median, number, size};
use std::future::ready;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["sink"] => sink(),
        ["durable", folder, port, connections] => durable(Path::new(folder), number(port), number(connections)),
        ["plain", folder, port, connections] => plain(Path::new(folder), number(port), number(connections)),
        [] => compare(),
        other => panic!("{other:?}: give no arguments"),
    }
}

/// All runs, and the table.
fn compare() {
    let (letters, rounds) = (size("AANMAAND_LETTERS", 10_000), size("AANMAAND_ROUNDS", 3));
    let few = letters.div_ceil(10);
    let many = Office::prepare(letters);
    let small = Office::prepare(few);
    println!("{letters} letters of {} bytes in the middle; medians of {rounds} rounds\n", many.size);
    println!("{:<34} {:>14} {:>14} {:>7} {:>9}", "to", "durable", "plain loop", "ratio", "peak");
    let mut sink = Process::start(&["sink"]);
    let port = sink.line();
    for connections in [1, 4] {
        row(&many, &format!("a sink, {connections} connection(s)"), &port, connections, rounds);
    }
    let peak = |office: &Office| run("durable", office, &port, 1).peak;
    println!("\npeak of memory: {:.0} MB with {few} letters, {:.0} MB with {letters}\n", peak(&small), peak(&many));
    match std::env::var("AANMAAND_POSTFIX") {
        Ok(port) => row(&many, "Postfix, 1 connection", &port, 1, rounds),
        Err(_) => println!("Postfix: skipped, AANMAAND_POSTFIX is not set (benches/postfix.sh)"),
    }
}

fn row(office: &Office, to: &str, port: &str, connections: usize, rounds: usize) {
    // Taking turns, so that a disturbance of the machine hits both.
    let runs: Vec<(Run, Run)> = (0..rounds)
        .map(|_| (run("durable", office, port, connections), run("plain", office, port, connections)))
        .collect();
    let a_second = |seconds: f64| format!("{:.0}/s", office.letters as f64 / seconds);
    let (ours, theirs) =
        (median(runs.iter().map(|(ours, _)| ours.seconds)), median(runs.iter().map(|(_, theirs)| theirs.seconds)));
    let ratio = median(runs.iter().map(|(ours, theirs)| theirs.seconds / ours.seconds));
    let peak = runs.iter().map(|(ours, _)| ours.peak).fold(0.0, f64::max);
    println!("{to:<34} {:>14} {:>14} {ratio:>7.2} {peak:>6.0} MB", a_second(ours), a_second(theirs));
}

fn run(what: &str, office: &Office, port: &str, connections: usize) -> Run {
    office.renew();
    let folder = office.folder.path().to_str().expect("a path");
    let told = Process::start(&[what, folder, port, &connections.to_string()]).line();
    let run = Run::hear(&told);
    assert_eq!(run.done, office.letters, "every letter is accepted");
    run
}

/// Everything in the outbox through the postman.
fn durable(folder: &Path, port: usize, connections: usize) {
    let house = open_house(folder, SqliteStore::open(&folder.join(DATABASE)).expect("a database"), due());
    let (writer, thread) = Writer::start(house);
    let smtp = smtp(port, connections);
    let begun = Instant::now();
    let accepted = runtime().block_on(deliver_all(&writer, &smtp, Duration::ZERO, &|| true)).expect("a round");
    Run::tell(begun, accepted);
    drop(writer);
    let house = thread.join().expect("the writer");
    assert_eq!(house.store.outbox_in(&[OutboxState::Sent]).expect("rows").len(), accepted, "and written down");
}

/// The same mails through the same SMTP code, one after another.
fn plain(folder: &Path, port: usize, connections: usize) {
    let store = SqliteStore::open(&folder.join(DATABASE)).expect("a database");
    let rows = store.outbox_in(&[OutboxState::Ready]).expect("rows");
    let mails: Vec<OutgoingMail> = rows
        .into_iter()
        .map(|row| OutgoingMail {
            bytes: store.outbox_bytes(&row.id).expect("a read").expect("bytes"),
            sender: row.sender,
            recipient: row.recipient,
            own_copy: row.own_copy,
            message_id: row.message_id,
        })
        .collect();
    let smtp = Arc::new(smtp(port, connections));
    let share = mails.len().div_ceil(connections);
    let runtime = runtime();
    let begun = Instant::now();
    let loops: Vec<_> = mails
        .chunks(share)
        .map(|mails| {
            let (smtp, mails) = (smtp.clone(), mails.to_vec());
            runtime.spawn(async move {
                let mut accepted = 0;
                for mail in &mails {
                    let delivery = smtp.deliver(mail, &mut || ready(Ok(()))).await;
                    accepted += usize::from(matches!(delivery, Delivery::Accepted { .. }));
                }
                accepted
            })
        })
        .collect();
    let accepted = runtime.block_on(async {
        let mut accepted = 0;
        for one in loops {
            accepted += one.await.expect("a loop");
        }
        smtp.rest().await;
        accepted
    });
    Run::tell(begun, accepted);
}

fn smtp(port: usize, connections: usize) -> Smtp {
    let port = u16::try_from(port).expect("a port");
    let server = Server { host: "127.0.0.1".into(), port, security: Security::Plain, ca_file: None };
    Smtp::new(server, None).with_connections(connections)
}

/// An SMTP server that says yes to everything and keeps nothing. Prints its port.
fn sink() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
    println!("{}", listener.local_addr().expect("an address").port());
    for line in listener.incoming().flatten() {
        std::thread::spawn(move || drop(swallow(line)));
    }
}

fn swallow(mut line: TcpStream) -> std::io::Result<()> {
    line.set_nodelay(true)?;
    let mut heard = BufReader::with_capacity(64 * 1024, line.try_clone()?);
    line.write_all(b"220 sink\r\n")?;
    let (mut text, mut in_mail) = (Vec::new(), false);
    loop {
        text.clear();
        if heard.read_until(b'\n', &mut text)? == 0 {
            return Ok(());
        }
        let answer: &[u8] = match (in_mail, text.as_slice()) {
            (true, b".\r\n") => b"250 2.0.0 swallowed\r\n",
            (true, _) => continue,
            (false, command) if command.starts_with(b"DATA") => b"354 go\r\n",
            (false, command) if command.starts_with(b"EHLO") => b"250-sink\r\n250-SIZE 1000000\r\n250 8BITMIME\r\n",
            (false, command) if command.starts_with(b"QUIT") => b"221 bye\r\n",
            (false, _) => b"250 ok\r\n",
        };
        in_mail = answer.starts_with(b"354");
        line.write_all(answer)?;
    }
}

/// This program again, in another part; ended when dropped.
struct Process {
    child: Child,
    said: BufReader<std::process::ChildStdout>,
}

impl Process {
    fn start(words: &[&str]) -> Process {
        let this = std::env::current_exe().expect("a program");
        let mut child = Command::new(this).args(words).stdout(Stdio::piped()).spawn().expect("a process");
        let said = BufReader::new(child.stdout.take().expect("its output"));
        Process { child, said }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).expect("a line");
        line.trim().to_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const DATABASE: &str = "aanmaand.sqlite";
const FRESH: &str = "fresh.sqlite";

/// An administration with so many letters in its outbox, each for a debtor of its own.
struct Office {
    folder: tempfile::TempDir,
    letters: usize,
    /// Bytes of a letter.
    size: usize,
}

impl Office {
    fn prepare(letters: usize) -> Office {
        let folder = administration_on_disk(CONFIG);
        let here = folder.path();
        for n in 0..letters {
            std::fs::write(here.join(format!("invoices/{n}.xml")), invoice(n)).expect("a file");
        }
        let store = SqliteStore::open(&here.join(FRESH)).expect("a database");
        let clock = Arc::new(SetClock::new(moment(3, 9)));
        let mut house = open_house(here, store, clock.clone());
        let source = Folder::new(here.join("invoices"));
        house.transact(|house| house.take_folder(&source, InputKind::Invoice, Haste::Now)).expect("invoices");
        clock.set(due_moment());
        house.transact(|house| house.mailbox_was_read()).expect("a mailbox");
        house.transact(|house| house.day()).expect("a day");
        let rows = house.store.outbox_in(&[OutboxState::Ready]).expect("rows");
        assert_eq!(rows.len(), letters, "one letter a debtor");
        let middle = &rows[letters / 2].id;
        let size = house.store.outbox_bytes(middle).expect("a read").expect("bytes").len();
        Office { letters, size, folder }
    }

    /// The database as it was before any letter left.
    fn renew(&self) {
        let at = |name: &str| -> PathBuf { self.folder.path().join(name) };
        for side in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(at(&format!("{DATABASE}{side}")));
        }
        std::fs::copy(at(FRESH), at(DATABASE)).expect("a copy");
        std::fs::File::open(at(DATABASE)).and_then(|file| file.sync_all()).expect("on the disk");
    }
}

fn due() -> Arc<SetClock> {
    Arc::new(SetClock::new(due_moment()))
}

fn due_moment() -> chrono::DateTime<chrono::Utc> {
    moment(24, 10)
}

/// Addressed to one mailbox under many names, so that a real server knows it. Its copy makes the letter about 20 kB.
fn invoice(n: usize) -> String {
    let rows: String = (0..85)
        .map(|row| format!("Regel {row}: schilderwerk in oktober, kozijnen en deuren, verdieping {n}. "))
        .collect();
    let (number, email) = (format!("2026-{n:05}"), format!("customer1+{n:05}@klant.test"));
    Ubl { number, debtor: n, email, about: rows, lines: 1 }.text()
}

/// No pace and no breaker.
const CONFIG: &str = concat!(
    "mode = \"auto\"\n",
    include_str!("../tests/company.toml"),
    r#"[outgoing]
kind = "smtp"
host = "localhost"
security = "plain"
[sending]
per_day = 100000
per_minute = 0
burst = 0
"#
);
