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
use std::sync::OnceLock;

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
        let facts = env.lines().filter_map(|line| line.split_once('=')).map(|(k, v)| (k.into(), v.into())).collect();
        Ok(Site { facts, country })
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

fn path() -> String {
    format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default())
}

/// A country where today is a day for letters, and the day does not end while a story runs.
pub fn open_country() -> Result<&'static str, String> {
    let now = local_now();
    let left = now.date().succ_opt().unwrap().and_time(NaiveTime::MIN) - now;
    if left < TimeDelta::minutes(6) {
        return Err("the day ends in a few minutes, and letters are made for one day".into());
    }
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

fn own_site() -> Result<String, String> {
    if !rustix::process::geteuid().is_root() {
        return Err("AANMAAND_SERVERS is not set, and only root can start Postfix (tests/run does both)".into());
    }
    let has = |program: &str| path().split(':').any(|folder| Path::new(folder).join(program).exists());
    if let Some(missing) = ["postfix", "dovecot", "openssl"].into_iter().find(|program| !has(program)) {
        return Err(format!("{missing} is missing: run tests/servers.sh install"));
    }
    let folder = format!("/tmp/aanmaand-e2e-{}", std::process::id());
    let started = Command::new(SCRIPT)
        .args(["start", &folder])
        .env("PORTS", free_ports().to_string())
        .stdin(Stdio::null())
        .output()
        .map_err(|e| e.to_string())?;
    stop_at_the_end(&folder);
    assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
    Ok(String::from_utf8(started.stdout).unwrap())
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

fn free_ports() -> u16 {
    let is_free =
        |base: &u16| [25, 143, 465, 587, 993].iter().all(|port| TcpListener::bind(("127.0.0.1", base + port)).is_ok());
    (20_000..60_000).step_by(1_000).rev().find(is_free).expect("a block of free ports")
}
