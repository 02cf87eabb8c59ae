//! An administration of a story: its folder, its configuration, its daemon, and what its owner can ask.

use super::mailbox::wait_for;
use super::site::{Site, today};
use aanmaand::adapters::store::SqliteStore;
use aanmaand::store::{OutboxState, Store};
use chrono::{Datelike, TimeDelta, Weekday};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Instant;

const PROGRAM: &str = env!("CARGO_BIN_EXE_aanmaand");

pub struct Office {
    pub site: &'static Site,
    folder: tempfile::TempDir,
    /// Its login; no two stories share one.
    user: &'static str,
    pub settings: Settings,
}

/// What a story may want otherwise.
#[derive(Clone, Debug)]
pub struct Settings {
    pub company: String,
    pub smtp_port: u16,
    /// Gets each letter too, in the envelope only.
    pub own_copy: Option<String>,
    pub imap_port: u16,
    pub per_minute: u32,
    /// A file outbox and an empty Maildir in place of the servers.
    pub sandbox: bool,
}

fn is_sunday() -> bool {
    today().weekday() == Weekday::Sun
}

impl Office {
    pub fn open(site: &'static Site, user: &'static str) -> Office {
        let folder = tempfile::Builder::new().prefix(&format!("aanmaand-{user}-")).tempdir().unwrap();
        let settings = Settings {
            company: "Schildersbedrijf Voorbeeld B.V.".into(),
            smtp_port: site.port("SMTPS"),
            own_copy: None,
            imap_port: site.port("IMAPS"),
            per_minute: 1_000,
            sandbox: false,
        };
        // Mail of an earlier run would be answers to letters of another administration.
        let _ = fs::remove_dir_all(site.maildir(user));
        let office = Office { site, folder, user, settings };
        fs::create_dir(office.path("invoices")).unwrap();
        office.password("read", &format!("geheim-{user}"));
        office.password("send", &format!("geheim-{user}"));
        office.configure();
        office
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// For `read`ing or `send`ing.
    pub fn password(&self, what: &str, password: &str) {
        use std::os::unix::fs::PermissionsExt;
        fs::write(self.path(what), password).unwrap();
        fs::set_permissions(self.path(what), fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub fn user(&self) -> &'static str {
        self.user
    }

    pub fn email(&self) -> String {
        format!("{}@bedrijf.test", self.user)
    }

    pub fn owner(&self) -> String {
        format!("{}+eigenaar@bedrijf.test", self.user)
    }

    /// Writes the configuration as the settings are now.
    pub fn configure(&self) {
        fs::write(self.path("aanmaand.toml"), self.config()).unwrap();
    }

    fn config(&self) -> String {
        let Settings { company, per_minute, .. } = &self.settings;
        let (email, owner, country) = (self.email(), self.owner(), self.site.country);
        let (mailbox, outgoing) = self.transports();
        // `check` refuses a Sunday, so there is one only when the story cannot wait for Monday.
        let sunday = if is_sunday() { ", \"sun\"" } else { "" };
        format!(
            "mode = \"auto\"\nstate = \"state\"\n\
             [company]\nname = \"{company}\"\nemail = \"{email}\"\niban = [\"NL91ABNA0417164300\"]\ncountry = \"{country}\"\n\
             timezone = \"Europe/Amsterdam\"\n[owner]\nemail = \"{owner}\"\n\
             [invoices]\nfolder = \"invoices\"\noverdue_at_first_sight = \"open\"\n\
             [mailbox]\nauthserv_id = \"mail.bedrijf.test\"\n{mailbox}[outgoing]\n{outgoing}\
             [sending]\ndays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\"{sunday}]\nwindow = [\"00:00\", \"23:59\"]\n\
             per_minute = {per_minute}\n[notices]\nbanks = [\"rabobank\"]\n[digest]\nat = \"00:00\"\n"
        )
    }

    fn transports(&self) -> (String, String) {
        if self.settings.sandbox {
            return (
                "kind = \"maildir\"\nfolder = \"mailbox\"\n".into(),
                "kind = \"file\"\nfolder = \"outbox\"\n".into(),
            );
        }
        let server = |what, port| {
            let (user, authority) = (self.user, self.site.authority());
            format!(
                "host = \"localhost\"\nport = {port}\nuser = \"{user}\"\npassword_file = \"{what}\"\nca_file = \"{authority}\"\n"
            )
        };
        let mailbox =
            format!("kind = \"imap\"\nfolders = [\"INBOX\", \"Junk\"]\n{}", server("read", self.settings.imap_port));
        let own_copy = self.settings.own_copy.as_ref().map(|to| format!("own_copy = \"{to}\"\n")).unwrap_or_default();
        (mailbox, format!("kind = \"smtp\"\n{own_copy}{}", server("send", self.settings.smtp_port)))
    }

    /// The exit code of a `check` that would else give this one: letters on a Sunday, which a story needs on a Sunday, are
    /// refused by it.
    pub fn checked(&self, code: i32) -> i32 {
        if is_sunday() { 78 } else { code }
    }

    /// Drops an invoice that fell due four days ago into the watched folder: a reminder is due now.
    pub fn drop_invoice(&self, number: &str, customer: &str) {
        let (issued, due) = (today() - TimeDelta::days(34), today() - TimeDelta::days(4));
        let text = format!(
            "number = \"{number}\"\ndate = {issued}\ndue = {due}\ncurrency = \"EUR\"\ntotal = \"1210.00\"\n\
             description = \"Schilderwerk\"\n[debtor]\nid = \"K-{number}\"\nname = \"Klant {number} B.V.\"\n\
             email = \"{customer}\"\nkind = \"business\"\ncountry = \"NL\"\nlanguage = \"nl\"\n"
        );
        fs::write(self.path("draft"), text).unwrap();
        fs::rename(self.path("draft"), self.path("invoices").join(format!("{number}.toml"))).unwrap();
    }

    pub fn command(&self, words: &[&str]) -> Output {
        let mut command = Command::new(PROGRAM);
        command.arg("--config").arg(self.path("aanmaand.toml")).args(words).stdin(Stdio::null());
        command.output().unwrap()
    }

    pub fn lines(&self, words: &[&str]) -> Vec<Value> {
        let output = self.command(words);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words:?}: {told}");
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The case of an invoice, once the daemon knows it.
    pub fn case(&self, number: &str) -> Option<Value> {
        self.lines(&["cases", "--json"]).into_iter().find(|case| case["invoice"] == number)
    }

    /// The case, once it is as wanted; fails with the case as it is.
    pub fn await_case(&self, number: &str, longest: u64, wanted: impl Fn(&Value) -> bool) -> Value {
        let found = wait_for(longest, || self.case(number).filter(|case| wanted(case)));
        found.unwrap_or_else(|| panic!("{number} after {longest} s: {:?}", self.case(number)))
    }

    /// Waits until `status` is as wanted; fails with the status as it is.
    pub fn await_status(&self, what: &str, longest: u64, wanted: impl Fn(&Value) -> bool) {
        let status = || self.lines(&["status", "--json"]).pop().unwrap_or_default();
        let found = wait_for(longest, || wanted(&status()).then_some(()));
        assert!(found.is_some(), "not within {longest} s: {what}: {}", status());
    }

    pub fn questions(&self) -> Vec<Value> {
        self.lines(&["questions", "--json"])
    }

    pub fn run(&self) -> Daemon {
        let log = fs::File::options().create(true).append(true).open(self.path("log")).unwrap();
        let mut command = Command::new(PROGRAM);
        command.arg("--config").arg(self.path("aanmaand.toml")).arg("run");
        let child = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        Daemon { child, log: self.path("log"), servers: self.site.folder().join("log/postfix") }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }
}

/// A running `aanmaand run`; killed when the story ends before it does.
pub struct Daemon {
    child: Child,
    log: PathBuf,
    /// Postfix's log.
    servers: PathBuf,
}

impl Daemon {
    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// What became of each mail, with the server's own words: the log has none of them.
    fn tell_outbox(&self) {
        let Ok(store) = SqliteStore::open_read_only(&self.log.with_file_name("state").join("aanmaand.sqlite")) else {
            return;
        };
        let mails = store.outbox_in(&OutboxState::ALL).unwrap_or_default();
        for mail in mails {
            println!("{} {:?}, try {}, next {:?}: {}", mail.id, mail.state, mail.attempts, mail.next_try, mail.note);
        }
        let servers = fs::read_to_string(&self.servers).unwrap_or_default();
        let troubles =
            servers.lines().filter(|line| ["warning:", "fatal:", "reject:", "lost "].iter().any(|w| line.contains(w)));
        troubles.for_each(|line| println!("Postfix: {line}"));
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end.
    pub fn ended(&mut self, longest: u64) -> ExitStatus {
        let ended = wait_for(longest, || self.child.try_wait().unwrap());
        ended.unwrap_or_else(|| panic!("it still runs after {longest} s:\n{}", self.log()))
    }

    /// SIGTERM: it ends by itself, well, and soon.
    pub fn stop(mut self) {
        let asked = Instant::now();
        self.signal(Signal::TERM);
        assert_eq!(self.ended(10).code(), Some(0), "{}", self.log());
        println!("SIGTERM to exit 0: {:.1} s", asked.elapsed().as_secs_f64());
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.signal(Signal::KILL);
        self.child.wait().unwrap();
    }

    /// The log says so, `times` times.
    pub fn await_log(&self, words: &str, times: usize, longest: u64) {
        let found = wait_for(longest, || (self.log().matches(words).count() >= times).then_some(()));
        assert!(found.is_some(), "{words:?} is not in the log {times} times after {longest} s");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            println!("--- the daemon's log\n{}", self.log());
            self.tell_outbox();
        }
    }
}
