//! `restore`: puts a copy in the place of the database. What was there is kept under another name. The copy does not
//! know what was sent since it was made, so it is marked, and nothing leaves until that was looked into.

use super::{Cli, Exit, WrongUse, damage, open, screen};
use crate::adapters::clock::SystemClock;
use crate::adapters::lock::Lock;
use crate::adapters::store::sqlite::{SqliteStore, beside, sync_parent};
use crate::config::Config;
use crate::daemon::restored;
use crate::ports::Clock;
use crate::store::{Store, StoreFault};
use anyhow::{Context, Result, anyhow, ensure};
use chrono::{DateTime, Utc};
use serde_json::json;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    /// A file that `backup` or the daemon made
    file: PathBuf,
}

pub fn restore(cli: &Cli, args: &Args) -> Result<Exit> {
    let config = open::load_one(cli)?;
    let file = &args.file;
    open::make_private_folder(&config.state)?;
    let _lock = Lock::take(&config.state).map_err(|why| anyhow::Error::from(StoreFault::Busy).context(why))?;
    must_be_whole(file)?;
    let taken = prepare(&config, file)?;
    let aside = swap(&config)?;
    damage::is_sound(&config.state)?;
    tell(cli, &config, taken, aside.as_deref())
}

/// Refuses what is no copy of ours, and what is damaged, before anything is touched.
fn must_be_whole(file: &Path) -> Result<()> {
    ensure!(file.is_file(), WrongUse(format!("{}: there is no such file", file.display())));
    let log = PathBuf::from(format!("{}-wal", file.display()));
    ensure!(
        !log.exists(),
        "{} is a database in use (there is a {} beside it): make a copy with `aanmaand backup`",
        file.display(),
        log.display()
    );
    // Not a fault of our own database: a finding.
    let looked = SqliteStore::look_through(file).map_err(|fault| anyhow!("{}: {fault}", file.display()))?;
    ensure!(looked.1.is_empty(), "{} is damaged: {}", file.display(), looked.1.join("; "));
    Ok(())
}

/// A marked copy in the state folder, whole and on the disk, ready to take its place. Returns the last moment that it
/// knows of.
fn prepare(config: &Config, file: &Path) -> Result<DateTime<Utc>> {
    let part = beside(&open::database(config), "incoming");
    for old in with_logs(&part) {
        remove(&old)?;
    }
    fs::copy(file, &part).with_context(|| part.display().to_string())?;
    let mut store = SqliteStore::open(&part)?;
    store.begin()?;
    let taken = restored::mark(&mut store, SystemClock.now())?;
    store.commit()?;
    // The last connection takes its log into the file.
    drop(store);
    let [_, log, _] = with_logs(&part);
    ensure!(!log.exists(), "{} could not be finished", part.display());
    File::open(&part)?.sync_all()?;
    fs::rename(&part, open::restoring(config))?;
    sync_parent(&part)?;
    Ok(taken)
}

/// From here on nobody else opens the database until this is done; when it is interrupted it is done again.
fn swap(config: &Config) -> Result<Option<PathBuf>> {
    let database = open::database(config);
    let stamp = SystemClock.now().format("%Y%m%dT%H%M%SZ");
    let aside = beside(&database, &format!("before-restore-{stamp}"));
    // Log and file belong together, and neither may meet the other copy.
    for (old, new) in with_logs(&database).iter().zip(with_logs(&aside)) {
        if old.exists() {
            fs::rename(old, new)?;
        }
    }
    fs::rename(open::restoring(config), &database)?;
    sync_parent(&database)?;
    Ok(aside.exists().then_some(aside))
}

/// A database with its write-ahead log and the index of that.
fn with_logs(database: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|suffix| PathBuf::from(format!("{}{suffix}", database.display())))
}

fn remove(file: &Path) -> Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error).with_context(|| file.display().to_string()),
        _ => Ok(()),
    }
}

fn tell(cli: &Cli, config: &Config, taken: DateTime<Utc>, aside: Option<&Path>) -> Result<Exit> {
    let known = taken.with_timezone(&config.timezone).format("%Y-%m-%dT%H:%M:%S").to_string();
    if cli.json {
        screen::line(json!({ "administration": config.name, "taken": known, "kept": aside }))?;
        return Ok(Exit::Done);
    }
    screen::line(format!("restored as of {}", known.replace('T', " ")))?;
    if let Some(aside) = aside {
        screen::line(format!("the database of before is kept as {}", aside.display()))?;
    }
    screen::line(
        "Nothing is sent until the mailbox and the folders were read, copies of letters were looked for, and you",
    )?;
    screen::line(
        "answered the question that follows: start the daemon (or `aanmaand run --once`), then `aanmaand questions`.",
    )?;
    Ok(Exit::Done)
}
