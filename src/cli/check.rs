//! `check`: everything that is wrong, at once and with what to do about it: configuration, templates, phrases,
//! folders; with --online the servers, with --store the database and its journal. Changes nothing.

use super::{Cli, Exit, debtor, open, screen};
use crate::adapters::folder::Folder;
use crate::adapters::imap::Imap;
use crate::adapters::store::sqlite::SqliteStore;
use crate::config::{Config, Mailbox, Outgoing};
use crate::daemon::house::{House, Rules};
use crate::ports::Clock;
use crate::store::{Depth, Store};
use anyhow::Result;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

#[derive(clap::Args)]
pub struct Args {
    /// Log in to the mail servers and out again
    #[arg(long)]
    online: bool,
    /// Read the whole database: its structure, the chain of its journal, and whether the cases follow from the journal
    #[arg(long)]
    store: bool,
}

/// What one check came to.
struct Verdict {
    what: String,
    result: Result<String, String>,
    /// A fault of the configuration itself.
    config: bool,
}

impl Verdict {
    fn of(what: impl Into<String>, result: Result<String, String>) -> Verdict {
        Verdict { what: what.into(), result, config: false }
    }
}

pub fn check(cli: &Cli, args: &Args) -> Result<Exit> {
    let configs = open::load_all(cli)?;
    let mut worst = Exit::Done;
    for config in configs {
        let mut verdicts = texts(&config);
        verdicts.extend(folders(&config));
        if args.online {
            verdicts.extend(online(&config)?);
        }
        warnings(cli, &config)?;
        lost_ladders(cli, &config)?;
        if args.store {
            verdicts.extend(store(&config)?);
        }
        for verdict in &verdicts {
            print(cli, &config.name, verdict)?;
            worst = match (&verdict.result, verdict.config) {
                (Err(_), true) => Exit::Config,
                (Err(_), false) if worst == Exit::Done => Exit::Finding,
                _ => worst,
            };
        }
    }
    Ok(worst)
}

fn print(cli: &Cli, name: &str, verdict: &Verdict) -> Result<()> {
    let (ok, text) = match &verdict.result {
        Ok(text) => (true, text),
        Err(text) => (false, text),
    };
    if cli.json {
        return screen::line(json!({ "administration": name, "check": verdict.what, "ok": ok, "text": text }));
    }
    if ok {
        screen::line(format!("{name}: {}: {text}", verdict.what))
    } else {
        eprintln!("{text}");
        Ok(())
    }
}

fn warnings(cli: &Cli, config: &Config) -> Result<()> {
    for warning in &config.warnings {
        if cli.json {
            let text = warning.to_string();
            screen::line(json!({ "administration": config.name, "check": "warning", "ok": true, "text": text }))?;
        } else {
            eprintln!("{warning} (warning)");
        }
    }
    Ok(())
}

/// Ladders that were chosen for single debtors and are not used (any more): their kind's is.
fn lost_ladders(cli: &Cli, config: &Config) -> Result<()> {
    for text in debtor::lost_ladders(config) {
        if cli.json {
            screen::line(json!({ "administration": config.name, "check": "warning", "ok": true, "text": text }))?;
        } else {
            eprintln!("{}: {text} (warning)", config.name);
        }
    }
    Ok(())
}

/// The owner's own texts and tables, and the names of banks.
fn texts(config: &Config) -> Vec<Verdict> {
    let banks = match open::profiles(config) {
        Ok(profiles) => {
            let known: Vec<String> = profiles.ids().map(str::to_owned).collect();
            config.unknown_banks(&known).iter().map(ToString::to_string).collect()
        }
        Err(error) => vec![format!("{error:#}")],
    };
    let templates = match open::templates(config) {
        Ok(templates) => templates.check().iter().map(ToString::to_string).collect(),
        Err(error) => vec![format!("{error:#}")],
    };
    let phrases = open::phrases(config).err().map(|error| format!("{error:#}")).into_iter().collect();
    let all = [
        ("banks", banks, "every bank is known"),
        ("templates", templates, "every template makes a letter in every language"),
        ("phrases", phrases, "every phrase can be read"),
    ];
    let mut verdicts = vec![Verdict::of("configuration", Ok(format!("{} has no faults", config.file.display())))];
    for (what, faults, well) in all {
        let faulty = faults.iter().map(|fault| Verdict { config: true, ..Verdict::of(what, Err(fault.clone())) });
        verdicts.extend(faulty);
        if faults.is_empty() {
            verdicts.push(Verdict::of(what, Ok(well.to_owned())));
        }
    }
    verdicts
}

/// Folders that are read must be there; folders that are written may still be made.
fn folders(config: &Config) -> Vec<Verdict> {
    let mut verdicts = vec![Verdict::of("invoices", readable(&config.invoices))];
    verdicts.extend(config.statements.iter().map(|folder| Verdict::of("statements", readable(folder))));
    if let Mailbox::Maildir { folder } = &config.mailbox {
        verdicts.push(Verdict::of("mailbox", readable(folder)));
    }
    if let Outgoing::File { folder } = &config.outgoing {
        verdicts.push(Verdict::of("outbox", writable(folder)));
    }
    verdicts.push(Verdict::of("state", writable(&config.state)));
    verdicts
}

fn readable(folder: &Path) -> Result<String, String> {
    let shown = folder.display();
    match std::fs::read_dir(folder) {
        Ok(_) if Folder::new(folder).is_open_to_all() => {
            Ok(format!("{shown} can be read, but anybody on this machine may put files there: chmod o-w it"))
        }
        Ok(_) => Ok(format!("{shown} can be read")),
        Err(error) => Err(format!("{shown} cannot be read: {error}; make the folder, or correct its permissions")),
    }
}

/// The folder, or the nearest one above it that is there, lets us write.
fn writable(folder: &Path) -> Result<String, String> {
    let shown = folder.display();
    let Some(there) = folder.ancestors().find(|above| above.exists()) else {
        return Err(format!("{shown}: there is no such place; correct the path"));
    };
    if !there.is_dir() {
        return Err(format!("{} is not a folder; correct the path", there.display()));
    }
    match rustix::fs::access(there, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK) {
        Ok(()) if there == folder => Ok(format!("{shown} can be written")),
        Ok(()) => Ok(format!("{shown} can be made")),
        Err(error) => Err(format!("{} cannot be written: {error}; correct its permissions", there.display())),
    }
}

/// Logs in where letters leave and where answers arrive.
fn online(config: &Config) -> Result<Vec<Verdict>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let clock: Arc<dyn Clock> = Arc::new(crate::adapters::clock::SystemClock);
    let outgoing = match open::outgoing(config, &clock) {
        Ok(outgoing) => runtime.block_on(outgoing.probe()),
        Err(error) => Err(format!("{error:#}")),
    };
    let mut verdicts = vec![Verdict::of("outgoing", outgoing.map_err(|why| format!("outgoing mail: {why}")))];
    if let Mailbox::Imap { server, login, folders } = &config.mailbox {
        let mailbox = match open::login(login) {
            Ok(login) => {
                let mut imap = Imap::new(open::tls_server(server), login, folders.clone(), clock);
                runtime.block_on(imap.probe())
            }
            Err(error) => Err(format!("{error:#}")),
        };
        verdicts.push(Verdict::of("mailbox", mailbox.map_err(|why| format!("mailbox: {why}"))));
    }
    Ok(verdicts)
}

/// Reads the database to its last byte and lives the journal through again.
fn store(config: &Config) -> Result<Vec<Verdict>> {
    let path = open::database(config);
    if !path.exists() {
        return Ok(vec![Verdict::of("store", Ok(format!("{} is not there yet", path.display())))]);
    }
    let store = SqliteStore::open_read_only(&path)?;
    let mut verdicts = vec![
        found("store", store.check(Depth::Thorough)?, "the database is sound"),
        found("journal", store.verify_journal()?, "no row of the journal was changed or lost"),
    ];
    let clock = Arc::new(crate::adapters::clock::SystemClock);
    if let Some(house) = House::look(Box::new(store), config.clone(), Rules::built_in(), clock)? {
        verdicts.push(found("replay", house.self_check()?, "every case follows from the journal"));
    }
    Ok(verdicts)
}

fn found(what: &str, findings: Vec<String>, well: &str) -> Verdict {
    let result = if findings.is_empty() { Ok(well.to_owned()) } else { Err(findings.join("\n")) };
    Verdict::of(what, result)
}
