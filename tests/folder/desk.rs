//! The daemon, running, with its folders; what is done to them, and what the command line then tells. Asserts nothing but
//! that it goes on running.

use crate::e2e::today;
use crate::stories::files::UBL;
use chrono::TimeDelta;
use rustix::process::{Pid, Signal};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Nothing that is waited for takes longer.
const LONGEST: Duration = Duration::from_secs(60);

pub struct Desk {
    folder: tempfile::TempDir,
    daemon: Option<Child>,
}

impl Desk {
    /// Folders and configuration; nothing runs yet.
    pub fn new() -> Desk {
        let folder = tempfile::Builder::new().prefix("aanmaand-folder-").tempdir().unwrap();
        for name in ["invoices", "statements", "mailbox/cur", "mailbox/new", "mailbox/tmp", "elsewhere"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("aanmaand.toml"), CONFIG).unwrap();
        Desk { folder, daemon: None }
    }

    /// Starts the daemon. Root may read everything: what that adds is taken from it, where we can.
    pub fn start(&mut self) {
        let mut command = self.command(&["run"]);
        if is_root() && has_setpriv() {
            let plain = command;
            command = Command::new("setpriv");
            command.args(["--bounding-set", "-dac_override,-dac_read_search"]).arg(plain.get_program());
            command.args(plain.get_args()).stdin(Stdio::null());
        }
        let log = fs::File::options().create(true).append(true).open(self.path("log")).unwrap();
        self.daemon = Some(command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap());
        self.until("the first look", |desk| desk.path("state/aanmaand.sqlite").exists().then_some(()));
    }

    /// Resident memory of the daemon, in KiB.
    pub fn memory(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.daemon.as_ref().unwrap().id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Processor time that the daemon has used.
    pub fn worked(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.daemon.as_ref().unwrap().id())).unwrap();
        let ticks = stat.rsplit_once(") ").unwrap().1.split(' ').skip(11).take(2);
        Duration::from_millis(ticks.map(|ticks| 10 * ticks.parse::<u64>().unwrap()).sum())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A path in the invoices folder.
    pub fn invoices(&self, name: &str) -> PathBuf {
        self.path("invoices").join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aanmaand"));
        command.arg("--config").arg(self.path("aanmaand.toml")).args(words).stdin(Stdio::null());
        command
    }

    fn lines(&self, words: &[&str]) -> Vec<Value> {
        let output = self.command(words).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The invoices that became cases, each with the reason why it is held.
    pub fn cases(&self) -> BTreeMap<String, Option<String>> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let row = |row: &Value| (text(&row["invoice"]).unwrap(), text(&row["hold"]));
        self.lines(&["cases", "--json"]).iter().map(row).collect()
    }

    /// How many there are, without the work that telling them costs.
    pub fn known(&self) -> usize {
        let db = rusqlite::Connection::open(self.path("state/aanmaand.sqlite")).unwrap();
        db.busy_timeout(LONGEST).unwrap();
        let count: i64 = db.query_row("SELECT count(*) FROM cases", [], |row| row.get(0)).unwrap();
        usize::try_from(count).unwrap()
    }

    /// What the owner is asked.
    pub fn questions(&self) -> Vec<String> {
        let text = |row: &Value| row["text"].as_str().unwrap().to_owned();
        self.lines(&["questions", "--json"]).iter().map(text).collect()
    }

    /// The invoices folder keeps every letter back, and why; `None` = it does not.
    pub fn away(&self) -> Option<String> {
        let status = self.lines(&["status", "--json"]).remove(0);
        let gates = status["gate"].as_array().cloned().unwrap_or_default();
        let away = gates.iter().find(|gate| gate["gate"] == "invoices_away");
        away.map(|gate| gate["text"].as_str().unwrap().to_owned())
    }

    /// Waits until these are the cases, or fails with what there is.
    pub fn until_cases(&self, expected: &[&str]) {
        let expected: BTreeSet<String> = expected.iter().map(|&number| number.to_owned()).collect();
        let there = || self.cases().into_keys().collect::<BTreeSet<String>>();
        self.until(&format!("{expected:?}"), |_| (there() == expected).then_some(()));
    }

    /// Asks again and again until there is an answer.
    pub fn until<T>(&self, what: &str, mut ask: impl FnMut(&Desk) -> Option<T>) -> T {
        let end = Instant::now() + LONGEST;
        loop {
            if let Some(answer) = ask(self) {
                return answer;
            }
            assert!(
                Instant::now() < end,
                "{what} never came: {:?}, {:?}\n{}",
                self.cases(),
                self.questions(),
                fs::read_to_string(self.path("log")).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(150));
        }
    }

    /// Something happens in another folder, so that all are looked at.
    pub fn nudge(&self) {
        fs::write(self.path("statements/.nudge"), "x").unwrap();
    }

    /// Stops the daemon where it stands, as a machine that sleeps does, or lets it go on.
    pub fn signal(&self, signal: Signal) {
        rustix::process::kill_process(Pid::from_child(self.daemon.as_ref().unwrap()), signal).unwrap();
    }

    pub fn runs(&mut self) -> bool {
        self.daemon.as_mut().is_some_and(|daemon| daemon.try_wait().unwrap().is_none())
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some(daemon) = &mut self.daemon {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The daemon that we start is refused what nobody else may read.
pub fn is_held_to_permissions() -> bool {
    !is_root() || has_setpriv()
}

fn has_setpriv() -> bool {
    Command::new("setpriv").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// An invoice that is due in a month, in the small form.
pub fn toml(number: &str) -> String {
    let (issued, due) = (today() - TimeDelta::days(1), today() + TimeDelta::days(30));
    format!(
        "number = \"{number}\"\ndate = {issued}\ndue = {due}\ncurrency = \"EUR\"\ntotal = \"1210.00\"\n\
         description = \"Schilderwerk\"\n[debtor]\nid = \"K{number}\"\nname = \"Klant {number} B.V.\"\n\
         email = \"kas@klant-{number}.example\"\nkind = \"business\"\ncountry = \"NL\"\nlanguage = \"nl\"\n"
    )
}

/// The same as UBL.
pub fn ubl(number: &str) -> String {
    let (issued, due) = (today() - TimeDelta::days(1), today() + TimeDelta::days(30));
    UBL.replace("2026-0500", number)
        .replace("2026-10-01", &issued.to_string())
        .replace("2026-10-31", &due.to_string())
        .replace("87654321", &format!("8765{:04}", number.bytes().map(u32::from).sum::<u32>() % 10_000))
}

/// A folder of another place that lies over this one while this value lives.
pub struct Mounted(PathBuf);

impl Mounted {
    /// `None` where we may not mount.
    pub fn with(arguments: &[&str], at: &Path) -> Option<Mounted> {
        let done = Command::new("mount").args(arguments).arg(at).stderr(Stdio::null()).status();
        done.is_ok_and(|status| status.success()).then(|| Mounted(at.to_owned()))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazily: somebody may just be reading in it.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

const CONFIG: &str = r#"
mode = "auto"
state = "state"
[company]
name = "Voorbeeldbedrijf B.V."
email = "debiteuren@voorbeeldbedrijf.example"
iban = ["NL91ABNA0417164300"]
kvk = "12345678"
[owner]
email = "eigenaar@voorbeeldbedrijf.example"
[invoices]
folder = "invoices"
[statements]
folder = "statements"
[mailbox]
kind = "maildir"
folder = "mailbox"
[outgoing]
kind = "file"
folder = "outbox"
"#;
