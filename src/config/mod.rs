//! The configuration: a TOML file (unknown keys refused) becomes a checked [`Config`], or all its faults at
//! once with line, column and remedy. Only [`Disk`] touches the file system; everything else is pure over
//! texts. Never opens a mailbox, never reads a password: a [`Secret`] says only where it is.

mod check;
mod claims;
mod debtors;
mod fault;
mod init;
mod ladder;
mod letters;
mod oauth;
mod open_items;
mod places;
mod policy;
mod same_debtor;
mod secret;
mod section;
mod transport;

pub use fault::Fault;
pub use init::{Answers, MailboxAnswer, OutgoingAnswer, write_init};
pub use ladder::{BUILT_IN as BUILT_IN_LADDERS, built_in as built_in_ladder};
pub use letters::Letters;
pub use open_items::{BUILT_IN as BUILT_IN_LISTS, OpenItems, built_in as built_in_list, mapping_of};
pub use places::{calendar, equated_days};
pub use secret::{Secret, SecretFault};

use crate::dunning::debtor::Language;
use crate::dunning::money::Money;
use crate::dunning::policy::Policy;
use crate::letter;
use chrono::NaiveTime;
use chrono_tz::Tz;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// One administration, checked. All paths are resolved against the folder of the file.
#[derive(Clone, Debug)]
pub struct Config {
    pub file: PathBuf,
    /// The file's name without `.toml`: tells administrations apart on a screen.
    pub name: String,
    /// Folder of the database.
    pub state: PathBuf,
    pub company: Company,
    /// Who gets the digest and the questions.
    pub owner_email: String,
    pub timezone: Tz,
    /// Of the digest, and of letters to debtors whose language is not known.
    pub language: Language,
    /// Folder of the invoices.
    pub invoices: PathBuf,
    /// Which of these files are lists of open items.
    pub open_items: Vec<OpenItems>,
    /// Folder of the bank statements.
    pub statements: Option<PathBuf>,
    pub mailbox: Mailbox,
    /// Whose Authentication-Results may be believed (RFC 8601 2.2); `None` = nobody's.
    pub authserv_id: Option<String>,
    /// Who is asked for the keys of DKIM signatures.
    pub resolver: Resolver,
    /// The owner's name for the folder of sent mail; `None` = the mailbox tells it.
    pub sent_folder: Option<String>,
    pub outgoing: Outgoing,
    pub keep_copy: KeepCopy,
    pub pace: Pace,
    pub notices: Notices,
    pub digest: Digest,
    pub backup: Backup,
    pub letters: Letters,
    pub folders: Folders,
    pub policy: Policy,
    /// What does not stop the daemon but should be known.
    pub warnings: Vec<Fault>,
    /// What `aanmaand check` refuses, but the daemon runs with.
    pub objections: Vec<Fault>,
    /// Other files that were read: ladders, debtors, holidays.
    pub also_read: Vec<PathBuf>,
    /// Where `notices.banks` names each bank.
    banks_at: Vec<Fault>,
}

/// Who is owed, as letters name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    pub name: String,
    pub address: Vec<String>,
    /// From, and base of the Reply-To address (`local+TOKEN@domain`).
    pub email: String,
    pub phone: Option<String>,
    pub kvk: Option<String>,
    pub vat: Option<String>,
    /// Our own accounts, without spaces; never empty. Letters ask to pay to the first.
    pub ibans: Vec<String>,
}

impl Company {
    /// The company as a letter shows it.
    pub fn on_letters(&self) -> letter::Company {
        letter::Company {
            name: self.name.clone(),
            address: self.address.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            kvk: self.kvk.clone(),
            vat: self.vat.clone(),
            iban: self.ibans.first().cloned().unwrap_or_default(),
        }
    }
}

/// Where mail is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mailbox {
    Imap {
        server: Server,
        login: Login,
        folders: Vec<String>,
    },
    /// A folder with `cur`, `new` and `tmp`.
    Maildir {
        folder: PathBuf,
    },
}

/// Who is asked for the keys of DKIM signatures. Its answers are believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resolver {
    /// Those of this machine (/etc/resolv.conf).
    #[default]
    System,
    At(SocketAddr),
    /// Nobody: no signature is looked at.
    Off,
}

/// How mail leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    Smtp {
        server: Server,
        /// `None` for a server that asks for none, such as one on this machine.
        login: Option<Login>,
        /// Gets every letter too, in the envelope only.
        own_copy: Option<String>,
    },
    Sendmail {
        program: PathBuf,
    },
    /// One `.eml` a mail.
    File {
        folder: PathBuf,
    },
}

/// Whether a copy of each letter is put into the folder for sent mail, when the provider does not do it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeepCopy {
    /// Over IMAP, where there is such a folder.
    #[default]
    Auto,
    /// Also in a Maildir; that there is no such folder is told.
    Always,
    Never,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// PEM file of the authority to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
}

/// How a connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// In the clear until the server is ready for TLS; nothing is said before that, and a server without it is refused.
    StartTls,
    /// None at all: only to this machine.
    Plain,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    pub user: String,
    pub proof: Proof,
}

/// What shows the server that it is us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    Password(Secret),
    OAuth(Box<OAuth>),
}

/// Access tokens instead of a password (OAuth 2.0, RFC 6749), by a refresh token that `aanmaand authorize` obtains once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth {
    pub provider: Provider,
    /// The application that the owner registered with the provider.
    pub client_id: String,
    /// Some providers give one to applications like this, which cannot keep it secret from its owner.
    pub client_secret: Option<Secret>,
    pub token_url: String,
    /// Where a code for another screen is had (RFC 8628).
    pub device_url: Option<String>,
    /// Where a browser is sent to.
    pub authorize_url: Option<String>,
    /// What is asked for; never empty.
    pub scopes: Vec<String>,
    /// PEM file of the authority to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// Where the refresh token is kept: in the state folder.
    pub token_file: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    Microsoft,
    Google,
    Other,
}

/// How much mail may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    pub per_day: u32,
    /// Letters within sixty minutes; 0 = no limit beside `per_day`.
    pub per_hour: u32,
    /// 0 = as fast as the server takes them.
    pub per_minute: u32,
    /// Over how many connections mails leave at once where `per_minute` is 0; 1 to 4. Otherwise one by one.
    pub connections: u32,
    /// More letters than this due at once: ask first. 0 = never ask.
    pub burst: u32,
}

/// What payment notices may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notices {
    /// Ids of bank profiles; empty = no bank's mail is read as a notice.
    pub banks: Vec<String>,
    /// Addresses, beside ours, to which the bank writes and whose mail comes in here.
    pub sent_to: Vec<String>,
    /// Largest amount that one authenticated notice may close; zero = never.
    pub close_max: Money,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    pub at: NaiveTime,
    /// Also on days with nothing to tell, so that silence means trouble.
    pub when_empty: bool,
}

/// The copies of the database that the daemon makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// One a day.
    pub daily: bool,
    pub folder: PathBuf,
    /// So many of the last ones are kept,
    pub keep_daily: usize,
    /// and of so many months before them the first.
    pub keep_monthly: usize,
}

/// The owner's own files, which replace the built-in ones of the same name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folders {
    /// `<language>/<name>.subject`, `.txt` and `.html`.
    pub templates: Option<PathBuf>,
    pub phrases: Option<PathBuf>,
    pub banks: Option<PathBuf>,
    /// Mappings of lists of open items.
    pub open_items: Option<PathBuf>,
    pub ladders: Option<PathBuf>,
    /// CSV files with the yearly rates of statutory interest.
    pub rates: Option<PathBuf>,
    pub holidays: Option<PathBuf>,
}

impl Config {
    /// Reads and checks one file with all it names.
    ///
    /// # Errors
    /// All faults, in the order of the files and their lines.
    pub fn load(path: &Path) -> Result<Config, Vec<Fault>> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        match Disk.read(&path) {
            Ok(text) => check::check(&path, &text, &Disk).0,
            Err(reason) => Err(vec![unreadable(&path, &reason)]),
        }
    }

    /// Each bank in `notices.banks` that is not among the known profiles, with where it stands.
    pub fn unknown_banks(&self, known: &[String]) -> Vec<Fault> {
        let named = self.notices.banks.iter().zip(&self.banks_at);
        let unknown = named.filter(|(bank, _)| !known.contains(bank));
        unknown.map(|(bank, at)| unknown_bank(bank, at, known)).collect()
    }
}

/// Reads one file, or every `*.toml` directly in a folder (each its own administration, except files that
/// another one names, such as a debtors list).
///
/// # Errors
/// All faults of all files; two administrations that share their books are one too.
pub fn load_all(path: &Path) -> Result<Vec<Config>, Vec<Fault>> {
    if !path.is_dir() {
        return Config::load(path).map(|config| vec![config]);
    }
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let files = toml_files(&path).map_err(|reason| vec![unreadable(&path, &reason)])?;
    if files.is_empty() {
        let reason = io::Error::new(io::ErrorKind::NotFound, "there is no .toml file in this folder");
        return Err(vec![unreadable(&path, &reason)]);
    }
    check::together(files, &Disk)
}

/// The files that a configuration is made of.
pub trait Files {
    fn read(&self, path: &Path) -> io::Result<String>;
    /// Permission bits of a Unix file.
    fn mode(&self, path: &Path) -> io::Result<u32>;
    fn exists(&self, path: &Path) -> bool;
    /// The files directly in a folder, in order.
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;
}

/// The real file system.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<String> {
        std::fs::read_to_string(path)
    }

    fn mode(&self, path: &Path) -> io::Result<u32> {
        use std::os::unix::fs::PermissionsExt;
        Ok(std::fs::metadata(path)?.permissions().mode())
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_file() {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
}

fn toml_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Disk.list(folder)?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    Ok(files)
}

fn unreadable(path: &Path, reason: &io::Error) -> Fault {
    let remedy = match reason.kind() {
        io::ErrorKind::NotFound => "name the configuration with --config, or make one with `aanmaand init`",
        io::ErrorKind::InvalidData => "save it as UTF-8",
        _ => "correct the path or the permissions",
    };
    let message = format!("this cannot be read: {reason}");
    Fault { file: path.to_owned(), line: 1, column: 1, message, remedy: remedy.to_owned() }
}

fn unknown_bank(bank: &str, at: &Fault, known: &[String]) -> Fault {
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let hint = fault::nearest(bank, names.iter().copied()).map(|name| format!("did you mean {name:?}? "));
    Fault {
        message: format!("notices.banks names {bank:?}, which is not known"),
        remedy: format!("{}choose {}", hint.unwrap_or_default(), fault::either(&names)),
        ..at.clone()
    }
}

#[cfg(test)]
mod golden;
