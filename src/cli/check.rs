//! `check`: everything that is wrong, at once and with what to do about it: configuration, templates, phrases,
//! folders; with --online the servers, with --store the database and its journal. Changes nothing.

use super::{Cli, Exit, debtor, merging, open, screen};
use crate::adapters::clock::SystemClock;
use crate::adapters::folder::Folder;
use crate::adapters::imap::Imap;
use crate::adapters::store::sqlite::SqliteStore;
use crate::config::{Config, Mailbox, Outgoing};
use crate::daemon::house::{House, Rules};
use crate::dunning::calendar::Country;
use crate::dunning::debtor::Language;
use crate::dunning::law::rates::RateKind;
use crate::dunning::legal::rates_ending;
use crate::dunning::policy::InterestAsked;
use crate::mail::dkim::Answer;
use crate::ports::{Clock, Signatures};
use crate::store::{Depth, Store};
use anyhow::Result;
use serde_json::json;
use std::collections::BTreeSet;
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
        verdicts.extend(objections(&config));
        verdicts.push(rates(&config));
        verdicts.extend(merging::same_debtors(&config).into_iter().map(|line| Verdict::of("debtors", Ok(line))));
        verdicts.extend(folders(&config));
        if args.online {
            verdicts.extend(online(&config)?);
        }
        warnings(cli, &config)?;
        rates_near_their_end(cli, &config)?;
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
    config.warnings.iter().try_for_each(|warning| warn(cli, config, &warning.to_string()))
}

fn warn(cli: &Cli, config: &Config, text: &str) -> Result<()> {
    if cli.json {
        return screen::line(json!({ "administration": config.name, "check": "warning", "ok": true, "text": text }));
    }
    eprintln!("{text} (warning)");
    Ok(())
}

/// The rates by which the debtors of the administration's own country owe interest; of others `status` and the digest
/// speak once there are any.
fn rates_of(config: &Config) -> BTreeSet<RateKind> {
    match (config.policy.sending.calendar.country, config.policy.claims.interest) {
        (_, InterestAsked::None) => BTreeSet::new(),
        (Country::Nl, InterestAsked::Statutory) => {
            BTreeSet::from([RateKind::NlStatutory, RateKind::NlCommercial, RateKind::NlGovernment])
        }
        // Businesses owe the agreed rate, which needs no table.
        (Country::Nl, InterestAsked::Contract(_)) => BTreeSet::from([RateKind::NlStatutory, RateKind::NlGovernment]),
        (Country::Be, InterestAsked::Statutory | InterestAsked::Contract(_)) => {
            BTreeSet::from([RateKind::BeCommercial])
        }
    }
}

/// What the configuration should not say, though the daemon would run with it.
fn objections(config: &Config) -> Vec<Verdict> {
    let verdict = |text: String| Verdict { what: "configuration".to_owned(), result: Err(text), config: true };
    config.objections.iter().map(|fault| verdict(fault.to_string())).collect()
}

/// Until when interest can be reckoned.
fn rates(config: &Config) -> Verdict {
    let table = &config.policy.claims.rates;
    let known = |kind: RateKind| match table.verified(kind) {
        Some((_, until)) => format!("{kind} up to and including {until}"),
        None => format!("{kind} not at all"),
    };
    let known: Vec<String> = rates_of(config).into_iter().map(known).collect();
    let text = if known.is_empty() { "no interest is asked".to_owned() } else { known.join(", ") };
    Verdict::of("rates", Ok(text))
}

fn rates_near_their_end(cli: &Cli, config: &Config) -> Result<()> {
    let today = SystemClock.now().with_timezone(&config.timezone).date_naive();
    let ends = rates_ending(&config.policy.claims.rates, &rates_of(config), today);
    ends.iter().try_for_each(|end| warn(cli, config, &end.wording(today, Language::En)))
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
    let banks = match open::profiles(config.folders.banks.as_deref()) {
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
    let phrases =
        open::phrases(config.folders.phrases.as_deref()).err().map(|error| format!("{error:#}")).into_iter().collect();
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
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
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
        let copies = runtime.block_on(copies(config));
        verdicts.push(Verdict::of("copies", copies.map_err(|why| format!("copies of letters: {why}"))));
    }
    if let Some(signatures) = open::signatures(config)?.filter(|_| !config.notices.banks.is_empty()) {
        let domains = open::profiles(config.folders.banks.as_deref())?.domains(&config.notices.banks);
        verdicts.push(Verdict::of("resolver", runtime.block_on(resolver(signatures.as_ref(), &domains))));
    }
    Ok(verdicts)
}

/// Whether the DNS answers about a bank; what it says is no matter here.
async fn resolver(signatures: &dyn Signatures, domains: &[String]) -> Result<String, String> {
    let names: Vec<String> = domains.iter().take(1).map(|domain| format!("_domainkey.{domain}")).collect();
    match signatures.ask(&names).await.first() {
        Some(Answer::Trouble(why)) => {
            Err(format!("resolver: {why}; correct mailbox.resolver, or no bank's mail can be proven"))
        }
        Some(Answer::Records(_) | Answer::Absent) | None => Ok("the keys of banks can be asked".to_owned()),
    }
}

/// In which folders copies of letters are looked for, and where they are kept.
async fn copies(config: &Config) -> Result<String, String> {
    let mut copies = open::copies(config).map_err(|error| format!("{error:#}"))?;
    let places = copies.places().await;
    copies.rest().await;
    let places = places.map_err(|fault| fault.to_string())?;
    let sent = places.sent.as_ref().map_or_else(
        || "there is no folder for sent mail; if there should be, name it with mailbox.sent".to_owned(),
        |sent| format!("{sent} is the folder for sent mail"),
    );
    Ok(format!("{sent}; letters of unknown fate are looked for in {}", places.all().join(", ")))
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
    let clock = Arc::new(SystemClock);
    if let Some(house) = House::look(Box::new(store), config.clone(), Rules::built_in(), clock)? {
        verdicts.push(found("replay", house.self_check()?, "every case follows from the journal"));
    }
    Ok(verdicts)
}

fn found(what: &str, findings: Vec<String>, well: &str) -> Verdict {
    let result = if findings.is_empty() { Ok(well.to_owned()) } else { Err(findings.join("\n")) };
    Verdict::of(what, result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(more: &str) -> Config {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("aanmaand.toml");
        let least = "[owner]\nemail = \"o@verf.example\"\n[invoices]\nfolder = \"in\"\n[mailbox]\nkind = \"maildir\"\nfolder = \"mail\"\n\
                     [outgoing]\nkind = \"file\"\nfolder = \"out\"\n[company]\nname = \"Verf\"\nemail = \"d@verf.example\"\niban = [\"NL91ABNA0417164300\"]\n";
        std::fs::write(&file, format!("{least}{more}")).unwrap();
        Config::load(&file).unwrap_or_else(|faults| panic!("{faults:?}"))
    }

    #[test]
    fn the_end_of_the_rates_that_are_needed_is_told() {
        let said = |more: &str| rates(&config(more)).result.unwrap();
        assert_eq!(
            said(""),
            "nl_wettelijk up to and including 2026-12-31, nl_handel up to and including 2026-12-31, \
             nl_overheid up to and including 2026-12-31"
        );
        assert_eq!(said("country = \"BE\"\n"), "be_handel up to and including 2026-12-31");
        assert!(!said("[claims]\ninterest = \"8\"\n").contains("nl_handel"), "businesses owe the agreed rate");
        assert_eq!(said("[claims]\ninterest = \"none\"\n"), "no interest is asked");
    }
}
