//! Wiring: a checked configuration becomes a house with its store, rules, clock and surroundings.

use super::{Cli, ConfigFaults, damage};
use crate::adapters::ballast::Ballast;
use crate::adapters::clock::{SetClock, SystemClock};
use crate::adapters::dkim::Dkim;
use crate::adapters::file_copies::FileCopies;
use crate::adapters::file_out::FileOut;
use crate::adapters::folder::Folder;
use crate::adapters::imap::{Imap, ImapCopies};
use crate::adapters::lock::Lock;
use crate::adapters::login::Password;
use crate::adapters::maildir::Maildir;
use crate::adapters::oauth::{Account, Tokens};
use crate::adapters::parser::Workers;
use crate::adapters::sendmail::Sendmail;
use crate::adapters::smtp::Smtp;
use crate::adapters::store::sqlite::{SqliteStore, beside};
use crate::adapters::tls;
use crate::bank::notice::Profiles;
use crate::config::{self, Config, Fault, Login, Mailbox, OAuth, Outgoing, Proof, Resolver, Secret, Security, Server};
use crate::daemon::folders::Folders;
use crate::daemon::house::{House, Rules, ready};
use crate::daemon::intake::Here;
use crate::daemon::pass::Surroundings;
use crate::daemon::world::WENT_BACK;
use crate::letter::Templates;
use crate::mail::intent::{PhraseFault, Phrases};
use crate::ports::{Clock, FileSource, Signatures};
use crate::store::{Depth, Store, StoreFault};
use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const ETC: &str = "/etc/aanmaand";
const HERE: &str = "aanmaand.toml";

/// Where the configuration is: as said, else /etc/aanmaand, else ./aanmaand.toml.
pub fn config_path(cli: &Cli) -> PathBuf {
    match &cli.config {
        Some(path) => path.clone(),
        None if Path::new(ETC).exists() => PathBuf::from(ETC),
        None => PathBuf::from(HERE),
    }
}

pub fn load_all(cli: &Cli) -> Result<Vec<Config>> {
    config::load_all(&config_path(cli)).map_err(|faults| ConfigFaults(faults_text(&faults)).into())
}

/// For commands that are about one administration.
pub fn load_one(cli: &Cli) -> Result<Config> {
    let mut all = load_all(cli)?;
    anyhow::ensure!(
        all.len() == 1,
        ConfigFaults("there are several administrations here: name one with --config FILE".to_owned())
    );
    all.pop().context("no configuration")
}

pub fn faults_text(faults: &[Fault]) -> String {
    let mut text = format!("the configuration has {} fault(s):", faults.len());
    for fault in faults {
        text.push_str(&format!("\n{fault}"));
    }
    text
}

/// The rules in force: built in, or replaced by the owner's files. The owner's are compiled now, so that a fault in
/// them stops at once; the built-in ones when they are needed.
pub fn rules(config: &Config) -> Result<Rules> {
    let mut rules = Rules::built_in();
    if config.folders.templates.is_some() {
        rules.templates = ready(templates(config)?);
    }
    if config.folders.phrases.is_some() {
        rules.phrases = ready(phrases(config.folders.phrases.as_deref())?);
    }
    if config.folders.banks.is_some() {
        rules.profiles = ready(profiles(config.folders.banks.as_deref())?);
    }
    Ok(rules)
}

pub fn templates(config: &Config) -> Result<Templates> {
    let Some(folder) = &config.folders.templates else { return Ok(Templates::built_in()) };
    let files = texts_below(folder)?;
    Templates::with_overrides(&files).map_err(|faults| config_faults(faults.iter().map(ToString::to_string)))
}

/// The built-in phrases with the owner's `<language>.toml` beside them, and the owner's `examples.txt`.
pub fn phrases(folder: Option<&Path>) -> Result<Phrases> {
    let Some(folder) = folder else { return Ok(Phrases::built_in()) };
    let own = texts_below(folder)?;
    let mut tables: Vec<(&str, &str, &str)> = Phrases::built_in_tables().to_vec();
    tables.extend(
        own.iter().filter_map(|(name, text)| Some((name.strip_suffix(".toml")?, name.as_str(), text.as_str()))),
    );
    let faulty = |faults: Vec<PhraseFault>| config_faults(faults.iter().map(ToString::to_string));
    let mut phrases = Phrases::parse(&tables).map_err(faulty)?;
    if let Some((name, text)) = own.iter().find(|(name, _)| name == "examples.txt") {
        phrases.learn(name, text).map_err(faulty)?;
    }
    Ok(phrases)
}

/// The built-in bank profiles with the owner's beside them, or in place of those of the same file name.
pub fn profiles(folder: Option<&Path>) -> Result<Profiles> {
    let Some(folder) = folder else { return Ok(Profiles::built_in()) };
    let own = texts_below(folder)?;
    let mut files: Vec<(&str, &str)> = Profiles::built_in_files().to_vec();
    for (name, text) in own.iter().filter(|(name, _)| name.ends_with(".toml")) {
        files.retain(|(known, _)| known != name);
        files.push((name, text));
    }
    Profiles::parse(&files).map_err(|faults| config_faults(faults.iter().map(ToString::to_string)))
}

fn config_faults(faults: impl Iterator<Item = String>) -> anyhow::Error {
    ConfigFaults(faults.collect::<Vec<_>>().join("\n")).into()
}

/// Every text file below a folder: path within it, and content.
fn texts_below(folder: &Path) -> Result<Vec<(String, String)>> {
    let source = Folder::new(folder);
    let scan = source.scan().map_err(anyhow::Error::msg)?;
    if scan.missing {
        return Err(config_faults(std::iter::once(format!("{}: there is no such folder", folder.display()))));
    }
    let mut texts = Vec::new();
    for found in &scan.files {
        let bytes = source.read(found).with_context(|| found.name.display().to_string())?;
        let text = String::from_utf8(bytes).with_context(|| format!("{} is not UTF-8", found.name.display()))?;
        texts.push((found.name.display().to_string(), text));
    }
    Ok(texts)
}

pub fn database(config: &Config) -> PathBuf {
    config.state.join("aanmaand.sqlite")
}

/// Opens the administration for work, making its folder and database when they are missing.
pub fn open(config: Config, clock: Arc<dyn Clock>) -> Result<House> {
    make_private_folder(&config.state)?;
    refuse_half_restored(&config)?;
    let store = SqliteStore::open(&database(&config)).with_context(|| database(&config).display().to_string())?;
    let rules = rules(&config)?;
    let room = Ballast::of(&config.state);
    let mut house = House::open(Box::new(store), config, rules, clock)?;
    house.room = Some(Box::new(room));
    // Unit tests are another program, which has no word for a worker.
    house.parser = if cfg!(test) { Arc::new(Here) } else { Arc::new(Workers::new()) };
    house.signatures = signatures(&house.config)?;
    Ok(house)
}

/// Who looks at the signatures of mails, if anybody does.
pub fn signatures(config: &Config) -> Result<Option<Arc<dyn Signatures>>> {
    Ok(match config.resolver {
        Resolver::Off => None,
        Resolver::System => Some(Arc::new(Dkim::system())),
        Resolver::At(server) => Some(Arc::new(Dkim::at(server).map_err(anyhow::Error::msg)?)),
    })
}

/// Where a restored database waits until that of before is out of its way. While it is there nobody works.
pub fn restoring(config: &Config) -> PathBuf {
    beside(&database(config), "restoring")
}

/// A new, empty database in the place of the one that was being restored would begin everything anew.
pub fn refuse_half_restored(config: &Config) -> Result<()> {
    let waiting = restoring(config);
    anyhow::ensure!(
        !waiting.exists(),
        StoreFault::Unfit(format!("{}: a restore was interrupted; run `aanmaand restore` again", waiting.display()))
    );
    Ok(())
}

/// Opens it as the one process that sends: under the lock, looked through, with what a crash left behind settled.
pub fn open_for_run(config: Config, clock: Arc<dyn Clock>) -> Result<(House, Lock)> {
    make_private_folder(&config.state)?;
    refuse_unknown_banks(&config)?;
    // Somebody else's turn: temporary, like a store that is busy.
    let lock = Lock::take(&config.state).map_err(|why| anyhow::Error::from(StoreFault::Busy).context(why))?;
    let house = open_sound(config.clone(), clock);
    damage::noting(&config, house).map(|house| (house, lock))
}

/// Looks for damage before anything is done: to the last byte when some was suspected.
fn open_sound(config: Config, clock: Arc<dyn Clock>) -> Result<House> {
    let suspected = damage::suspected(&config.state);
    let mut house = open(config, clock)?;
    let mut findings = house.store.check(if suspected { Depth::Thorough } else { Depth::Quick })?;
    if suspected && findings.is_empty() {
        findings = house.self_check()?;
    }
    anyhow::ensure!(findings.is_empty(), StoreFault::Broken(findings.join("; ")));
    damage::is_sound(&house.config.state)?;
    house.recover_outbox()?;
    Ok(house)
}

/// Every bank in `notices.banks` has a profile. Compiling the profiles takes a moment, so only where a bank is named.
fn refuse_unknown_banks(config: &Config) -> Result<()> {
    if config.notices.banks.is_empty() {
        return Ok(());
    }
    let known: Vec<String> = profiles(config.folders.banks.as_deref())?.ids().map(str::to_owned).collect();
    let unknown = config.unknown_banks(&known);
    anyhow::ensure!(unknown.is_empty(), ConfigFaults(faults_text(&unknown)));
    Ok(())
}

/// Opens it for looking, as of the last pass; `None` when there was none yet.
pub fn look(config: Config) -> Result<Option<House>> {
    refuse_half_restored(&config)?;
    if !database(&config).exists() {
        return Ok(None);
    }
    let store =
        SqliteStore::open_read_only(&database(&config)).with_context(|| database(&config).display().to_string())?;
    let clock = last_tick(&store)?;
    let room = Ballast::of(&config.state);
    // Nothing is written or read while looking, so the owner's own texts are not needed; `check` tells their faults.
    let mut house = House::look(Box::new(store), config, Rules::built_in(), clock)?;
    if let Some(house) = &mut house {
        house.room = Some(Box::new(room));
    }
    Ok(house)
}

/// Opens it for a decision of the owner. A sandbox (file outbox) stands still between its passes, and so does its clock.
pub fn open_for_owner(config: Config) -> Result<House> {
    let sandbox = matches!(config.outgoing, Outgoing::File { .. });
    let clock: Arc<dyn Clock> = match sandbox && database(&config).exists() {
        true => last_tick(&SqliteStore::open(&database(&config))?)?,
        false => Arc::new(SystemClock),
    };
    open(config, clock)
}

fn last_tick(store: &dyn Store) -> Result<Arc<dyn Clock>> {
    // A pass whose clock had gone back was the last one all the same.
    let moment = |key| Ok::<_, StoreFault>(store.meta(key)?.and_then(|text| DateTime::parse_from_rfc3339(&text).ok()));
    let tick = moment(WENT_BACK)?.or(moment("last_tick")?);
    let now = tick.map_or_else(|| SystemClock.now(), |at| at.with_timezone(&Utc));
    Ok(Arc::new(SetClock::new(now)))
}

pub fn make_private_folder(folder: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if folder.is_dir() {
        return Ok(());
    }
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(|| folder.display().to_string())
}

/// The folders, mailbox and way out that the configuration names.
pub fn surroundings(config: &Config, clock: &Arc<dyn Clock>) -> Result<Surroundings> {
    Ok(Surroundings {
        folders: Folders {
            invoices: Arc::new(Folder::new(&config.invoices)),
            statements: config.statements.as_ref().map(|folder| Arc::new(Folder::new(folder)) as Arc<dyn FileSource>),
        },
        mailbox: mailbox(config, clock)?,
        copies: Some(copies(config)?),
        outgoing: outgoing(config, clock)?,
        pause: match config.outgoing {
            Outgoing::File { .. } => Duration::ZERO,
            Outgoing::Smtp { .. } | Outgoing::Sendmail { .. } => {
                Duration::from_secs(60).checked_div(config.pace.per_minute).unwrap_or_default()
            }
        },
    })
}

pub fn mailbox(config: &Config, clock: &Arc<dyn Clock>) -> Result<Box<dyn crate::ports::Mailbox>> {
    Ok(match &config.mailbox {
        Mailbox::Maildir { folder } => Box::new(Maildir::new(folder).with_sent(config.sent_folder.clone())),
        Mailbox::Imap { server, login: who, folders } => {
            let imap = Imap::new(tls_server(server), login(who)?, folders.clone(), clock.clone());
            Box::new(imap.with_sent(config.sent_folder.clone()))
        }
    })
}

/// Where copies of our own mails lie: the file outbox itself, or the mailbox, over a connection of its own.
pub fn copies(config: &Config) -> Result<Box<dyn crate::ports::Copies>> {
    if let Outgoing::File { folder } = &config.outgoing {
        return Ok(Box::new(FileCopies::new(folder)));
    }
    let sent = config.sent_folder.clone();
    Ok(match &config.mailbox {
        Mailbox::Maildir { folder } => Box::new(Maildir::new(folder).with_sent(sent)),
        Mailbox::Imap { server, login: who, folders } => {
            Box::new(ImapCopies::new(tls_server(server), login(who)?, folders.clone(), sent))
        }
    })
}

pub fn outgoing(config: &Config, clock: &Arc<dyn Clock>) -> Result<Arc<dyn crate::ports::Outgoing>> {
    Ok(match &config.outgoing {
        Outgoing::File { folder } => Arc::new(FileOut::new(folder, clock.clone())),
        Outgoing::Sendmail { program } => Arc::new(Sendmail::new(program)),
        Outgoing::Smtp { server, login: who, .. } => {
            let smtp = Smtp::new(tls_server(server), who.as_ref().map(login).transpose()?);
            Arc::new(smtp.with_connections(config.pace.connections as usize))
        }
    })
}

pub fn tls_server(server: &Server) -> tls::Server {
    let security = match server.security {
        Security::Tls => tls::Security::Tls,
        Security::StartTls => tls::Security::StartTls,
        Security::Plain => tls::Security::Plain,
    };
    tls::Server { host: server.host.clone(), port: server.port, security, ca_file: server.ca_file.clone() }
}

/// Reads the secret now, from its file or credential; access tokens are fetched when they are needed.
pub fn login(login: &Login) -> Result<tls::Login> {
    let password = match &login.proof {
        Proof::Password(secret) => Password::Fixed(read(secret)?),
        Proof::OAuth(oauth) => Password::Token(Arc::new(Tokens::new(oauth_account(&login.user, oauth)?))),
    };
    Ok(tls::Login { user: login.user.clone(), password })
}

pub fn oauth_account(user: &str, oauth: &OAuth) -> Result<Account> {
    Ok(Account {
        user: user.to_owned(),
        client_id: oauth.client_id.clone(),
        client_secret: oauth.client_secret.as_ref().map(read).transpose()?,
        token_url: oauth.token_url.clone(),
        scopes: oauth.scopes.clone(),
        ca_file: oauth.ca_file.clone(),
        token_file: oauth.token_file.clone(),
    })
}

fn read(secret: &Secret) -> Result<String> {
    secret.read().map_err(|fault| ConfigFaults(fault.to_string()).into())
}
