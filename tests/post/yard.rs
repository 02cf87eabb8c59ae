//! An administration between a Maildir and the scripted server, on the real clock: its files, the binary that is
//! played against it, and what its database holds.

use super::server::Taken;
use crate::e2e::{open_country, today};
#[cfg(feature = "failpoints")]
use crate::stories::sandbox::{camt, paid};
use aanmaand::adapters::store::SqliteStore;
use aanmaand::store::{OutboxRow, OutboxState, Store};
use chrono::TimeDelta;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

pub const OWNER: &str = "eigenaar@voorbeeldbedrijf.example";
const US: &str = "debiteuren@voorbeeldbedrijf.example";

/// A pace so quick that it costs no time, and yet a pace.
const ONE_BY_ONE: &str = "per_minute = 60000\n";

pub struct Yard {
    folder: tempfile::TempDir,
    /// More for the environment of the binary.
    pub environment: Vec<(String, String)>,
}

/// Today is a day for letters; else that was said aloud.
pub fn is_open(story: &str) -> bool {
    match open_country() {
        Ok(_) => true,
        Err(why) => {
            println!("SKIPPED: {story}: {why}");
            false
        }
    }
}

impl Yard {
    /// Sends to this port, in the clear, one mail after another; the digest is the first.
    pub fn open(port: u16) -> Yard {
        Yard::with(port, "00:00", ONE_BY_ONE)
    }

    /// The same without a pace, over so many connections: neighbouring letters overlap.
    pub fn in_a_hurry(port: u16, connections: usize) -> Yard {
        Yard::with(port, "00:00", &format!("per_minute = 0\nconnections = {connections}\n"))
    }

    /// The same; today's digest comes too late for the test, so that the letters are the only mails.
    pub fn without_digest(port: u16) -> Yard {
        Yard::with(port, "23:59", ONE_BY_ONE)
    }

    fn with(port: u16, digest: &str, pace: &str) -> Yard {
        let folder = tempfile::Builder::new().prefix("aanmaand-post-").tempdir().unwrap();
        for name in ["invoices", "statements", "mailbox/cur", "mailbox/new", "mailbox/tmp"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        let country = open_country().unwrap();
        let config = format!(
            "mode = \"auto\"\nstate = \"state\"\n[company]\nname = \"Voorbeeldbedrijf B.V.\"\nemail = \"{US}\"\n\
             iban = [\"NL91ABNA0417164300\"]\ncountry = \"{country}\"\nlanguage = \"nl\"\ntimezone = \"Europe/Amsterdam\"\n\
             [owner]\nemail = \"{OWNER}\"\n[invoices]\nfolder = \"invoices\"\noverdue_at_first_sight = \"open\"\n\
             [statements]\nfolder = \"statements\"\n[mailbox]\nkind = \"maildir\"\nfolder = \"mailbox\"\n\
             [outgoing]\nkind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"plain\"\n\
             user = \"wij\"\npassword_file = \"password\"\n\
             [sending]\ndays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]\nwindow = [\"00:00\", \"23:59\"]\n\
             {pace}per_day = 60000\nburst = 0\n[payments]\nfreshness = \"none\"\n[digest]\nat = \"{digest}\"\n"
        );
        fs::write(folder.path().join("aanmaand.toml"), config).unwrap();
        fs::write(folder.path().join("password"), "geheim").unwrap();
        fs::set_permissions(folder.path().join("password"), fs::Permissions::from_mode(0o600)).unwrap();
        Yard { folder, environment: Vec::new() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts an invoice of debtor K*number* into the folder; a reminder is due at once.
    pub fn invoice(&self, number: usize) {
        let (issued, due) = (today() - TimeDelta::days(34), today() - TimeDelta::days(4));
        let text = format!(
            "number = \"{}\"\ndate = {issued}\ndue = {due}\ncurrency = \"EUR\"\ntotal = \"1210.00\"\n\
             [debtor]\nid = \"K{number}\"\nname = \"Klant {number} B.V.\"\nemail = \"{}\"\nkind = \"business\"\n\
             country = \"NL\"\nlanguage = \"nl\"\n",
            invoice_number(number),
            customer(number)
        );
        self.appear("invoices", &format!("{}.toml", invoice_number(number)), &text);
    }

    /// Puts a statement into the folder: this invoice is paid.
    #[cfg(feature = "failpoints")]
    pub fn payment(&self, number: usize) {
        let lines = [paid(121_000, &invoice_number(number))];
        self.appear(
            "statements",
            &format!("{number}.xml"),
            &camt(&number.to_string(), &today().to_string(), &lines, None),
        );
    }

    /// A copy of the invoice so large that its letter does not fit into the buffers between us and the server.
    pub fn large_copy(&self, number: usize) {
        let page = vec![b'%'; 12 * 1024 * 1024];
        let name = format!("{}.pdf", invoice_number(number));
        fs::write(self.path("draft"), [b"%PDF-1.7\n".as_slice(), &page].concat()).unwrap();
        fs::rename(self.path("draft"), self.path("invoices").join(name)).unwrap();
    }

    /// Whole at once, as a careful program writes.
    fn appear(&self, folder: &str, name: &str, text: &str) {
        fs::write(self.path("draft"), text).unwrap();
        fs::rename(self.path("draft"), self.path(folder).join(name)).unwrap();
    }

    /// The customer answers a letter: the claim is wrong. Returns the mail's name in the Maildir.
    pub fn dispute(&self, letter: &Taken) -> String {
        let id = &letter.message_id;
        let name = format!("1790000000.{}.mx", id.replace('@', "_"));
        let text = format!(
            "Return-Path: <{from}>\nFrom: <{from}>\nTo: {to}\nSubject: Re: {subject}\nDate: {date}\n\
             Message-ID: <antwoord.{id}>\nIn-Reply-To: <{id}>\nReferences: <{id}>\n\
             Content-Type: text/plain; charset=utf-8\n\nWij betwisten deze factuur.\n",
            from = letter.recipients[0],
            to = letter.header("Reply-To"),
            subject = letter.header("Subject"),
            date = letter.header("Date"),
        );
        self.appear("mailbox/new", &name, &text);
        name
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aanmaand"));
        command.arg("--config").arg(self.path("aanmaand.toml")).args(words).stdin(Stdio::null());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    pub fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// One pass that ends well.
    pub fn pass(&self) {
        let output = self.run(&["run", "--once"]);
        assert!(output.status.success(), "{:?}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }

    /// Starts it in the background; what it says goes to a file of the yard.
    pub fn start(&self, words: &[&str]) -> Life {
        let log = fs::File::options().create(true).append(true).open(self.path("log")).unwrap();
        let child = self.command(words).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        Life { child, began: Instant::now() }
    }

    /// Nothing waits and nothing is under way.
    fn is_quiet(&self) -> bool {
        let busy = [OutboxState::Ready, OutboxState::Sending, OutboxState::DotIntent];
        !self.states().keys().any(|state| busy.contains(state))
    }

    /// Later: whatever may be tried again is tried again.
    pub fn later(&self) {
        time_passes(&self.path("state"));
        self.pass();
    }

    /// Time goes by until nothing waits and nothing is under way.
    pub fn until_quiet(&self) {
        let tries = 5;
        let quiet = (0..tries).any(|_| {
            let quiet = self.is_quiet();
            if !quiet {
                self.later();
            }
            quiet
        });
        assert!(quiet || self.is_quiet(), "after {tries} passes: {:?}\n{}", self.states(), self.log());
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    pub fn lines(&self, words: &[&str]) -> Vec<Value> {
        let output = self.run(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub fn questions(&self) -> Vec<Value> {
        self.lines(&["questions", "--json"])
    }

    /// Debtors whose letter the owner is asked about, since nobody knows whether it went.
    pub fn asked_about(&self) -> Vec<String> {
        let asked = self.questions();
        let unknown = asked.iter().filter(|question| question["kind"] == "unknown_send");
        unknown.map(|question| question["debtor"].as_str().unwrap().to_owned()).collect()
    }

    /// The database, for looking; `None` before the first start has made it.
    pub fn store(&self) -> Option<SqliteStore> {
        SqliteStore::open_read_only(&self.path("state/aanmaand.sqlite")).ok()
    }

    /// Every mail in the outbox.
    pub fn outbox(&self) -> Vec<OutboxRow> {
        self.store().map(|store| store.outbox_in(&OutboxState::ALL).unwrap()).unwrap_or_default()
    }

    /// The only letter to this address.
    pub fn letter_to(&self, address: &str) -> OutboxRow {
        let mut rows = self.outbox();
        rows.retain(|row| row.recipient == address && row.state != OutboxState::Withdrawn);
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows.remove(0)
    }

    /// How many mails are in each state.
    pub fn states(&self) -> BTreeMap<OutboxState, usize> {
        let mut states = BTreeMap::new();
        for row in self.outbox() {
            *states.entry(row.state).or_default() += 1;
        }
        states
    }
}

/// In this state folder: what waits for a later try, waits no longer; the lane neither.
pub fn time_passes(state: &Path) {
    let db = rusqlite::Connection::open(state.join("aanmaand.sqlite")).unwrap();
    db.busy_timeout(Duration::from_secs(5)).unwrap();
    db.execute("UPDATE outbox SET next_try = NULL WHERE next_try IS NOT NULL", []).unwrap();
    db.execute("UPDATE meta SET value = '' WHERE key = 'lane_rests_until'", []).unwrap();
}

pub fn customer(number: usize) -> String {
    format!("kas@klant{number}.example")
}

pub fn invoice_number(number: usize) -> String {
    format!("F-2026-{number:05}")
}

/// A running `aanmaand`; killed when the test ends before it does.
pub struct Life {
    child: Child,
    pub began: Instant,
}

impl Life {
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// kill -9. True if that ended it: it lived until now.
    pub fn kill(mut self) -> bool {
        let _ = self.child.kill();
        self.child.wait().unwrap().signal() == Some(9)
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for its end.
    pub fn ended(&mut self, longest: Duration) -> ExitStatus {
        let end = Instant::now() + longest;
        loop {
            match self.child.try_wait().unwrap() {
                Some(status) => return status,
                None => assert!(Instant::now() < end, "it still runs after {longest:?}"),
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
