//! The servers of all stories: those that AANMAAND_SERVERS names, else a site of this test process, started once and
//! stopped when the process ends. Also says whether letters may leave on the real day that it is.

use aanmaand::adapters::clock::SystemClock;
use aanmaand::dunning::calendar::{Calendar, Country, SendingDays};
use aanmaand::ports::Clock;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers.sh");

pub struct Site {
    facts: HashMap<String, String>,
    /// NL, or BE on a Dutch holiday that is none in Belgium.
    pub country: &'static str,
}

/// The servers, on a day when letters may leave; `None` was said aloud.
pub fn site(story: &str) -> Option<&'static Site> {
    static SITE: OnceLock<Result<Site, String>> = OnceLock::new();
    match SITE.get_or_init(Site::find) {
        Ok(site) => Some(site),
        Err(why) => {
            println!("SKIPPED: {story}: {why}");
            None
        }
    }
}

pub fn today() -> NaiveDate {
    local_now().date()
}

fn local_now() -> NaiveDateTime {
    now().with_timezone(&chrono_tz::Europe::Amsterdam).naive_local()
}

pub fn now() -> DateTime<Utc> {
    SystemClock.now()
}

impl Site {
    fn find() -> Result<Site, String> {
        let country = open_country()?;
        let env = match std::env::var("AANMAAND_SERVERS") {
            Ok(path) => std::fs::read_to_string(&path).map_err(|e| format!("{path}: {e}"))?,
            Err(_) => own_site()?,
        };
        Ok(Site::of(&env, country))
    }

    fn fact(&self, name: &str) -> &str {
        self.facts.get(name).unwrap_or_else(|| panic!("the env file of tests/servers.sh does not tell {name}"))
    }

    pub fn port(&self, name: &str) -> u16 {
        self.fact(&format!("SERVERS_{name}_PORT")).parse().unwrap()
    }

    pub fn authority(&self) -> &str {
        self.fact("SERVERS_CA")
    }

    /// Servers for one story alone, which may do with them as it likes; its name is part of their folder's. `None` was said aloud.
    pub fn alone(story: &str) -> Option<&'static Site> {
        let found = open_country().and_then(|country| can_start().map(|()| country));
        let country = found.map_err(|why| println!("SKIPPED: {story}: {why}")).ok()?;
        let env = servers_in(&format!("/tmp/aanmaand-{story}-{}", std::process::id()));
        Some(Box::leak(Box::new(Site::of(&env, country))))
    }

    fn of(env: &str, country: &'static str) -> Site {
        let facts = env.lines().filter_map(|line| line.split_once('=')).map(|(k, v)| (k.into(), v.into())).collect();
        Site { facts, country }
    }

    /// Where the servers keep everything.
    pub fn folder(&self) -> &Path {
        Path::new(self.fact("SERVERS_DIR"))
    }

    pub fn maildir(&self, user: &str) -> PathBuf {
        Path::new(self.fact("SERVERS_DIR")).join("mail").join(user).join("Maildir")
    }

    /// Dovecot's own tool, on our Dovecot.
    pub fn doveadm(&self) -> Command {
        let mut command = Command::new("doveadm");
        command.arg("-c").arg(Path::new(self.fact("SERVERS_DIR")).join("etc/dovecot.conf"));
        command.env("PATH", path());
        command
    }
}

pub fn path() -> String {
    format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default())
}

/// A country where today is a day for letters. Letters are made for one day: where it ends soon, the next one is waited for.
pub fn open_country() -> Result<&'static str, String> {
    let now = std::iter::repeat_with(local_now).find(|now| !ends_soon(*now)).unwrap();
    let opens = |country| {
        let calendar = Calendar { country, closed: [].into() };
        let window = (NaiveTime::MIN, NaiveTime::MIN);
        SendingDays { days: (1..=7).collect(), window, calendar }.is_sending_day(now.date(), false)
    };
    if opens(Country::Nl) {
        Ok("NL")
    } else if opens(Country::Be) {
        Ok("BE")
    } else {
        Err(format!("no letter leaves on {}, in the Netherlands or in Belgium", now.date()))
    }
}

/// Waits a moment where it does.
fn ends_soon(now: NaiveDateTime) -> bool {
    let left = now.date().succ_opt().unwrap().and_time(NaiveTime::MIN) - now;
    let soon = left < TimeDelta::minutes(6);
    if soon {
        std::thread::sleep(std::time::Duration::from_secs(1));
    }
    soon
}

fn own_site() -> Result<String, String> {
    can_start()?;
    Ok(servers_in(&format!("/tmp/aanmaand-e2e-{}", std::process::id())))
}

fn can_start() -> Result<(), String> {
    if !rustix::process::geteuid().is_root() {
        return Err("AANMAAND_SERVERS is not set, and only root can start Postfix (tests/run does both)".into());
    }
    let has = |program: &str| path().split(':').any(|folder| Path::new(folder).join(program).exists());
    if let Some(missing) = ["postfix", "dovecot", "openssl"].into_iter().find(|program| !has(program)) {
        return Err(format!("{missing} is missing: run tests/servers.sh install"));
    }
    Ok(())
}

/// Starts servers of our own; gives their env file.
fn servers_in(folder: &str) -> String {
    // Else two stories could find the same ports free.
    static STARTING: Mutex<()> = Mutex::new(());
    let _alone = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    stop_at_the_end(folder);
    let mut told = String::new();
    for ports in free_ports().take(5) {
        let mut start = Command::new(SCRIPT);
        start.args(["start", folder]).env("PORTS", ports.to_string()).stdin(Stdio::null());
        let started = start.output().unwrap();
        if started.status.success() {
            return String::from_utf8(started.stdout).unwrap();
        }
        // Somebody else was faster with one of the ports.
        told = String::from_utf8_lossy(&started.stderr).into_owned();
        let _ = Command::new(SCRIPT).args(["stop", folder]).stdin(Stdio::null()).output();
    }
    panic!("{told}");
}

/// The watcher's input ends with this process, however that ends: then it stops what was started.
fn stop_at_the_end(folder: &str) {
    let script = format!("cat >/dev/null; {SCRIPT} stop {folder}; rm -rf {folder}");
    let watcher = Command::new("setsid")
        .args(["sh", "-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::mem::forget(watcher);
}

/// Blocks of ports that nobody uses, below those that the kernel gives to whoever asks for any (32768 and up).
fn free_ports() -> impl Iterator<Item = u16> {
    let is_free =
        |base: &u16| [25, 143, 465, 587, 993].iter().all(|port| TcpListener::bind(("127.0.0.1", base + port)).is_ok());
    (10_000..31_000).step_by(1_000).rev().filter(is_free)
}
