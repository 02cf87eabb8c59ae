//! What it costs to read a mailbox so that nothing is lost: fetched from a real Dovecot, each mail stored with a sync, read
//! to the end and decided on; beside mbsync, which syncs each mail into a Maildir, and a plain fetch that keeps nothing.
//! And how soon a customer's mail holds its case. Prints tables; judges nothing.
//!
//! ```sh
//! benches/imap.sh cargo bench --bench imap                 # ingest (5000 mails, 3 rounds) and IDLE (200 mails)
//! benches/imap.sh cargo bench --bench imap -- compare      # the first of them alone; idle: the second
//! benches/imap.sh cargo bench --bench imap -- flood        # one mailbox of 100,000 mails
//! ```
//!
//! `AANMAAND_MAILS` and `AANMAAND_ROUNDS` change the numbers. Every measured run is a process of its own, so that its peak
//! of memory is its own too; the databases and mbsync's Maildir lie in the build folder, on the disk.

mod measure;

use aanmaand::adapters::clock::SystemClock;
use aanmaand::adapters::folder::Folder;
use aanmaand::adapters::imap::Imap;
use aanmaand::adapters::smtp::Smtp;
use aanmaand::adapters::tls::{Login, Security, Server};
use aanmaand::daemon::house::House;
use aanmaand::daemon::intake::Haste;
use aanmaand::daemon::pass::read_mailbox;
use aanmaand::daemon::writer::Writer;
use aanmaand::ports::{Clock, Delivery, Mailbox, Outgoing, OutgoingMail};
use aanmaand::store::InputKind;
use futures_util::StreamExt;
use measure::office::{administration_on_disk, database, open_house, runtime};
use measure::{Run, median, size};
use std::collections::HashMap;
use std::future::ready;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

const USER: &str = "office1";
/// One mail in so many is a customer's.
const OF_A_CUSTOMER: usize = 10;
const CUSTOMERS: usize = 200;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["ingest", folder] => ingest(Path::new(folder)),
        ["bare"] => bare(),
        ["flood"] => flood(),
        ["compare"] => compare(),
        ["idle"] => idle(),
        [] => {
            compare();
            idle();
        }
        other => panic!("{other:?}: give no arguments, or one of compare, idle, flood"),
    }
}

/// What the servers' script told.
fn fact(name: &str) -> String {
    let path = std::env::var("AANMAAND_SERVERS").expect("run it by benches/imap.sh");
    let text = std::fs::read_to_string(path).expect("the env file");
    let facts: HashMap<&str, &str> = text.lines().filter_map(|line| line.split_once('=')).collect();
    facts[name].to_owned()
}

fn port(name: &str) -> u16 {
    fact(name).parse().expect("a port")
}

fn compare() {
    let (mails, rounds) = (size("AANMAAND_MAILS", 5_000), size("AANMAAND_ROUNDS", 3));
    fill(mails);
    // Dovecot makes its index at the first visit.
    run(&["bare"], mails);
    let runs: Vec<[Run; 3]> = (0..rounds).map(|_| [ours(mails), mbsync(mails), run(&["bare"], mails)]).collect();
    let row = |what: &str, at: usize| {
        let seconds = median(runs.iter().map(|run| run[at].seconds));
        let ratio = median(runs.iter().map(|run| run[at].seconds / run[0].seconds));
        let peak = runs.iter().map(|run| run[at].peak).fold(0.0, f64::max);
        println!("{what:<44} {seconds:>8.2} s {:>9.0}/s {ratio:>7.2} {peak:>6.0} MB", mails as f64 / seconds);
    };
    println!("{mails} mails, medians of {rounds} rounds; ratio: its time by ours\n");
    row("fetched, stored durably, read and decided on", 0);
    row("mbsync, FSync yes", 1);
    row("async-imap, one FETCH, nothing kept", 2);
}

fn flood() {
    let mails = size("AANMAAND_MAILS", 100_000);
    fill(mails);
    let run = ours(mails);
    let rate = mails as f64 / run.seconds;
    println!("{mails} mails in {:.1} s: {rate:.0}/s, peak {:.0} MB", run.seconds, run.peak);
}

fn ours(mails: usize) -> Run {
    let office = office();
    run(&["ingest", office.path().to_str().expect("a path")], mails)
}

fn run(words: &[&str], mails: usize) -> Run {
    let this = std::env::current_exe().expect("a program");
    let output = Command::new(this).args(words).stderr(Stdio::inherit()).output().expect("a process");
    let told = String::from_utf8(output.stdout).expect("text");
    let run = Run::hear(&told);
    assert_eq!(run.done, mails, "every mail was read");
    run
}

/// The mailbox through the daemon's own loop.
fn ingest(folder: &Path) {
    let (writer, thread) = Writer::start(house(folder));
    let mut imap = imap(port("SERVERS_IMAP_PORT"));
    let begun = Instant::now();
    let read = async {
        read_mailbox(&writer, &mut imap).await.expect("a store").expect("a mailbox");
        let count = writer.call(|house| Ok(house.store.inputs_unsettled()?)).await.expect("a count");
        assert_eq!(count, 0, "every mail has a disposition");
        Run::tell(begun, stored(folder));
    };
    runtime().block_on(read);
    drop(writer);
    thread.join().expect("the writer");
}

/// Mails in the database.
fn stored(folder: &Path) -> usize {
    let db = rusqlite::Connection::open(folder.join("aanmaand.sqlite")).expect("a database");
    let count = db.query_row("SELECT count(*) FROM mails", [], |row| row.get::<_, i64>(0)).expect("a count");
    usize::try_from(count).expect("a count")
}

/// The same mails through the library alone, kept nowhere.
#[expect(clippy::disallowed_methods, reason = "this is what it is compared with")]
fn bare() {
    let begun = Instant::now();
    let read = async {
        let line = tokio::net::TcpStream::connect(("127.0.0.1", port("SERVERS_IMAP_PORT"))).await.expect("a line");
        let mut client = async_imap::Client::new(line);
        client.read_response().await.expect("a line").expect("a greeting");
        let mut session = client.login(USER, format!("geheim-{USER}")).await.map_err(|(e, _)| e).expect("a login");
        session.examine("INBOX").await.expect("INBOX");
        let mut bodies = session.uid_fetch("1:*", "(UID BODY.PEEK[])").await.expect("an answer");
        let mut count = 0;
        while let Some(mail) = bodies.next().await {
            count += usize::from(mail.expect("a mail").body().is_some());
        }
        count
    };
    let count = runtime().block_on(read);
    Run::tell(begun, count);
}

fn mbsync(mails: usize) -> Run {
    let here = below("mbsync-");
    let (near, rc) = (here.path().join("near"), here.path().join("rc"));
    let text = format!(
        "FSync yes\nIMAPAccount a\nHost 127.0.0.1\nPort {}\nUser {USER}\nPass geheim-{USER}\nSSLType None\nAuthMechs LOGIN\n\n\
         IMAPStore far\nAccount a\n\nMaildirStore near\nPath {near}/\nInbox {near}/INBOX\n\n\
         Channel c\nFar :far:\nNear :near:\nSync Pull\nCreate Near\nSyncState {}/\nPatterns INBOX\n",
        port("SERVERS_IMAP_PORT"),
        here.path().display(),
        near = near.display(),
    );
    std::fs::create_dir(&near).expect("a folder");
    std::fs::write(&rc, text).expect("a file");
    let begun = Instant::now();
    let done = Command::new("mbsync").arg("-q").arg("-c").arg(&rc).arg("-a").status().expect("mbsync (isync)");
    let seconds = begun.elapsed().as_secs_f64();
    assert!(done.success());
    let count = |place: &str| std::fs::read_dir(near.join("INBOX").join(place)).map_or(0, Iterator::count);
    assert_eq!(count("new") + count("cur"), mails, "every mail was synced");
    Run { seconds, done: mails, peak: 0.0 }
}

/// Customers answer one after another; how soon is each one held?
fn idle() {
    let mails = size("AANMAAND_ANSWERS", CUSTOMERS);
    fill(0);
    let office = office();
    let (writer, thread) = Writer::start(house(office.path()));
    let pushes: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let mut imap = imap(watched_line(port("SERVERS_IMAP_PORT"), pushes.clone()));
    let (tell, held) = mpsc::channel();
    let reader = writer.clone();
    let runtime = runtime();
    let reading = runtime.spawn(async move {
        loop {
            read_mailbox(&reader, &mut imap).await.expect("a store").expect("a mailbox");
            let count = reader.call(|house| Ok(house.accounts()?.iter().filter(|a| !a.holds.is_empty()).count())).await;
            if tell.send((Instant::now(), count.expect("a count"))).is_err() {
                return;
            }
            imap.wait(Duration::from_secs(600)).await.expect("a mailbox");
        }
    });
    let mut now = held.recv().expect("the first look").1;
    std::thread::sleep(Duration::from_secs(1));
    let (mut from_push, mut from_reply) = (Vec::new(), Vec::new());
    for n in 0..mails {
        pushes.lock().expect("a lock").clear();
        let taken = post(&runtime, n);
        let at = loop {
            let (at, count) =
                held.recv_timeout(Duration::from_secs(30)).unwrap_or_else(|_| panic!("answer {n} holds nothing"));
            if count > now {
                now = count;
                break at;
            }
        };
        from_reply.push((at - taken).as_secs_f64() * 1e3);
        from_push.extend(pushes.lock().expect("a lock").first().map(|push| (at - *push).as_secs_f64() * 1e3));
        std::thread::sleep(Duration::from_millis(50));
    }
    reading.abort();
    println!("\n{mails} answers one after another; milliseconds until the hold is on the disk\n");
    for (what, mut figures) in [("from Dovecot's push (IDLE)", from_push), ("from the 250 of the delivery", from_reply)]
    {
        figures.sort_by(f64::total_cmp);
        let at = |share: f64| figures[((figures.len() - 1) as f64 * share) as usize];
        println!("{what:<32} median {:>7.1}   p99 {:>7.1}   of {}", at(0.5), at(0.99), figures.len());
    }
    drop(writer);
    runtime.shutdown_timeout(Duration::from_secs(1));
    drop(thread);
}

/// Passes bytes on, and notes when the server tells of a new mail during an IDLE.
fn watched_line(to: u16, pushes: Arc<Mutex<Vec<Instant>>>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(("127.0.0.1", to)).expect("Dovecot");
            client.set_nodelay(true).and_then(|()| server.set_nodelay(true)).expect("sockets");
            let idling = Arc::new(Mutex::new(false));
            let (up, down) = ((client.try_clone(), server.try_clone()), pushes.clone());
            let saw = idling.clone();
            let (Ok(from), Ok(into)) = up else { continue };
            std::thread::spawn(move || {
                pass_on(from, into, |bytes| *saw.lock().expect("a lock") = ends_with_idle(bytes))
            });
            std::thread::spawn(move || {
                pass_on(server, client, |bytes| {
                    if *idling.lock().expect("a lock") && has(bytes, b" EXISTS\r\n") {
                        down.lock().expect("a lock").push(Instant::now());
                    }
                });
            });
        }
    });
    port
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, mut see: impl FnMut(&[u8])) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        see(&bytes[..read]);
        if to.write_all(&bytes[..read]).is_err() {
            return;
        }
    }
}

fn ends_with_idle(bytes: &[u8]) -> bool {
    bytes.ends_with(b" IDLE\r\n")
}

fn has(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// A customer's answer through Postfix; when it has taken it.
fn post(runtime: &tokio::runtime::Runtime, n: usize) -> Instant {
    let server =
        Server { host: "127.0.0.1".into(), port: port("SERVERS_SMTP_PORT"), security: Security::Plain, ca_file: None };
    let mail = OutgoingMail {
        sender: format!("administratie@klant{n}.example"),
        recipient: format!("{USER}@bedrijf.test"),
        own_copy: None,
        message_id: format!("idle{n}@klant{n}.example"),
        bytes: answer(n, &format!("idle{n}")).into_bytes(),
    };
    let taken = runtime.block_on(async { Smtp::new(server, None).deliver(&mail, &mut || ready(Ok(()))).await });
    assert!(matches!(taken, Delivery::Accepted { .. }), "{taken:?}");
    Instant::now()
}

fn imap(port: u16) -> Imap {
    let server = Server { host: "127.0.0.1".into(), port, security: Security::Plain, ca_file: None };
    let login = Login { user: USER.into(), password: format!("geheim-{USER}").into() };
    Imap::new(server, login, vec!["INBOX".into(), "Junk".into()], Arc::new(SystemClock))
}

fn house(folder: &Path) -> House {
    open_house(folder, database(folder), Arc::new(SystemClock))
}

/// An administration with an open invoice of each customer.
fn office() -> tempfile::TempDir {
    let folder = administration_on_disk(CONFIG);
    let here = folder.path();
    for n in 0..CUSTOMERS {
        std::fs::write(here.join(format!("invoices/{n}.toml")), invoice(n)).expect("a file");
    }
    let source = Folder::new(here.join("invoices"));
    let mut house = house(here);
    house.transact(|house| house.take_folder(&source, InputKind::Invoice, Haste::Now)).expect("invoices");
    folder
}

fn below(prefix: &str) -> tempfile::TempDir {
    tempfile::Builder::new().prefix(prefix).tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder")
}

/// Puts so many mails into Dovecot's Maildir, as delivered just now.
fn fill(mails: usize) {
    let maildir = PathBuf::from(fact("SERVERS_DIR")).join("mail").join(USER).join("Maildir");
    let _ = std::fs::remove_dir_all(&maildir);
    for place in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(maildir.join(place)).expect("a folder");
    }
    let now = SystemClock.now().timestamp();
    for n in 0..mails {
        let text = if n % OF_A_CUSTOMER == 0 { answer(n % CUSTOMERS, &format!("m{n}")) } else { other(n) };
        std::fs::write(maildir.join("new").join(format!("{now}.M{n:06}P1.bench")), text).expect("a file");
    }
    let owned = Command::new("chown").args(["-R", "mail:mail"]).arg(&maildir).status().expect("chown");
    assert!(owned.success());
}

/// Our letter quoted below, which makes it about 4 kB.
fn answer(n: usize, id: &str) -> String {
    let words = [
        "Goedemorgen,\n\nWij betalen factuur {} aanstaande vrijdag.\n\nMet vriendelijke groet,\nJ. de Vries",
        "Hi,\n\nInvoice {} was paid last Tuesday, please check your account.\n\nKind regards,\nA. Smith",
        "Beste,\n\nDe levering op factuur {} klopt niet: er ontbreken drie pallets.\n\nGroet, Karin",
        "ok",
    ][n % 4]
        .replace("{}", &number_of(n));
    let quoted = "> Geachte heer, mevrouw,\n> Onze factuur staat nog open. Wilt u het bedrag overmaken?\n".repeat(30);
    let head = head(&format!("administratie@klant{n}.example"), &format!("Re: Herinnering {}", number_of(n)), id, "");
    crlf(&format!("{head}\n{words}\n\nOp 3 november 2026 schreef Voorbeeldbedrijf B.V.:\n{quoted}"))
}

/// Newsletters, and people whom we know nothing of.
fn other(n: usize) -> String {
    let more = if n.is_multiple_of(2) { "List-Unsubscribe: <https://nieuws.example/weg>\n" } else { "" };
    let head = head(&format!("info@firma{n}.example"), &format!("Aanbieding {n}"), &format!("m{n}"), more);
    crlf(&format!("{head}\nBeste klant,\n\n{}", "Deze week in de winkel: verf, kwasten en rollers.\n".repeat(70)))
}

fn head(from: &str, subject: &str, id: &str, more: &str) -> String {
    let date = SystemClock.now().to_rfc2822();
    format!(
        "From: Iemand <{from}>\nTo: {USER}@bedrijf.test\nSubject: {subject}\nDate: {date}\nMessage-ID: <{id}@afzender.example>\n\
         {more}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
    )
}

fn crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}

fn number_of(n: usize) -> String {
    format!("2026-{n:04}")
}

/// Not due yet: what fell due before it was first seen would wait for the owner.
fn invoice(n: usize) -> String {
    let today = SystemClock.now().date_naive();
    format!(
        "number = \"{}\"\ndate = {today}\ndue = {}\ncurrency = \"EUR\"\ntotal = \"{}.50\"\n[debtor]\nid = \"K{n}\"\n\
         name = \"Klant {n} B.V.\"\nemail = \"administratie@klant{n}.example\"\nkind = \"business\"\ncountry = \"NL\"\nlanguage = \"nl\"\n",
        number_of(n),
        today + chrono::Days::new(30),
        100 + n
    )
}

const CONFIG: &str = r#"
mode = "auto"
[company]
name = "Voorbeeldbedrijf B.V."
email = "office1@bedrijf.test"
iban = ["NL91ABNA0417164300"]
[owner]
email = "eigenaar@bedrijf.test"
[invoices]
folder = "invoices"
[mailbox]
kind = "maildir"
folder = "mailbox"
[outgoing]
kind = "file"
folder = "outbox"
"#;
