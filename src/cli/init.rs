//! `init`: asks what has no default, or takes it from flags, and writes a small commented configuration with its
//! folders. Never overwrites anything.

use super::{Cli, ConfigFaults, Exit, screen};
use crate::bank::reference;
use crate::config::{Answers, Company, Config, MailboxAnswer, OutgoingAnswer, write_init};
use crate::dunning::calendar::Country;
use crate::dunning::debtor::Language;
use anyhow::{Context, Result, bail, ensure};
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    /// Name of your company
    #[arg(long)]
    company: Option<String>,
    /// Address lines, one flag each
    #[arg(long)]
    address: Vec<String>,
    /// Mail address that letters come from
    #[arg(long)]
    email: Option<String>,
    #[arg(long)]
    phone: Option<String>,
    /// Chamber of commerce number
    #[arg(long)]
    kvk: Option<String>,
    /// VAT number
    #[arg(long)]
    vat: Option<String>,
    /// Account to pay to; more of your accounts with more flags
    #[arg(long)]
    iban: Vec<String>,
    /// NL or BE
    #[arg(long, default_value = "NL")]
    country: String,
    /// nl or en
    #[arg(long, default_value = "nl")]
    language: String,
    /// Mail address of who gets the digest
    #[arg(long)]
    owner: Option<String>,
    #[arg(long, value_name = "FOLDER", default_value = "invoices")]
    invoices: String,
    #[arg(long, value_name = "FOLDER", default_value = "statements")]
    statements: String,
    /// Read answers from this Maildir
    #[arg(long, value_name = "FOLDER", conflicts_with = "imap")]
    maildir: Option<String>,
    /// Read answers from this IMAP server
    #[arg(long, value_name = "HOST")]
    imap: Option<String>,
    /// Hand letters to this SMTP server
    #[arg(long, value_name = "HOST", conflicts_with_all = ["sendmail", "outbox"])]
    smtp: Option<String>,
    /// Hand letters to the sendmail program of this machine
    #[arg(long, conflicts_with = "outbox")]
    sendmail: bool,
    /// Write letters to this folder instead of sending them
    #[arg(long, value_name = "FOLDER")]
    outbox: Option<String>,
    /// User name at the IMAP and SMTP server; the mail address unless said otherwise
    #[arg(long)]
    user: Option<String>,
    /// File with the password, for IMAP and SMTP
    #[arg(long, value_name = "FILE", default_value = "password")]
    password_file: String,
}

pub fn init(cli: &Cli, args: &Args) -> Result<Exit> {
    let target = cli.config.clone().unwrap_or_else(|| PathBuf::from("aanmaand.toml"));
    let target = if target.is_dir() { target.join("aanmaand.toml") } else { target };
    ensure!(!target.exists(), "{} is there already; remove it, or name another file with --config", target.display());
    let answers = answers(args, &mut Terminal)?;
    let base = target.parent().unwrap_or(Path::new(""));
    std::fs::create_dir_all(base).with_context(|| base.display().to_string())?;
    write_new(&target, &write_init(&answers), 0o644)?;
    screen::line(format!("wrote {}", target.display()))?;
    if let Some(password) = password_file(&answers).map(|file| base.join(file)).filter(|file| !file.exists()) {
        write_new(&password, "", 0o600)?;
        screen::line(format!("wrote {}, still empty: put the password in it", password.display()))?;
    }
    for folder in folders(&answers) {
        let folder = base.join(folder);
        std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        screen::line(format!("folder {}", folder.display()))?;
    }
    what_is_left(&target)
}

/// Fails when somebody made the file meanwhile.
fn write_new(target: &Path, text: &str, mode: u32) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    let options = options.write(true).create_new(true).mode(mode);
    let mut file = options.open(target).with_context(|| target.display().to_string())?;
    file.write_all(text.as_bytes()).with_context(|| target.display().to_string())
}

fn password_file(answers: &Answers) -> Option<&str> {
    match (&answers.mailbox, &answers.outgoing) {
        (MailboxAnswer::Imap { password_file, .. }, _) | (_, OutgoingAnswer::Smtp { password_file, .. }) => {
            Some(password_file)
        }
        (MailboxAnswer::Maildir { .. }, OutgoingAnswer::Sendmail | OutgoingAnswer::File { .. }) => None,
    }
}

fn folders(answers: &Answers) -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::from(&answers.invoices)];
    folders.extend(answers.statements.iter().map(PathBuf::from));
    if let MailboxAnswer::Maildir { folder } = &answers.mailbox {
        folders.extend(["cur", "new", "tmp"].map(|part| Path::new(folder).join(part)));
    }
    if let OutgoingAnswer::File { folder } = &answers.outgoing {
        folders.push(PathBuf::from(folder));
    }
    folders
}

/// Wet kwaliteit incassodienstverlening, in force since 2024-04-01.
const COLLECTING_FOR_OTHERS: &str = "If you collect for others, as a bookkeeper does for clients, the Dutch act on collection services (Wki) asks you to be \
     registered before you write to natural persons. For your own invoices it does not.";

/// The new file is checked like any other.
fn what_is_left(target: &Path) -> Result<Exit> {
    if let Err(faults) = Config::load(target) {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        bail!(ConfigFaults(format!("still to be corrected:\n{}", faults.join("\n"))));
    }
    screen::line(COLLECTING_FOR_OTHERS)?;
    screen::line("next: `aanmaand check --online`, then `aanmaand run`. It only observes: nothing is sent yet")?;
    Ok(Exit::Done)
}

/// Who answers what no flag says.
trait Asked {
    /// The answer, or an error that names the flag.
    fn ask(&mut self, question: &str, flag: &str) -> Result<String>;
}

/// The person at the terminal; without one, only flags count.
struct Terminal;

impl Asked for Terminal {
    fn ask(&mut self, question: &str, flag: &str) -> Result<String> {
        let input = std::io::stdin();
        ensure!(input.is_terminal(), "{question} is not said: give {flag}");
        eprint!("{question}: ");
        let mut line = String::new();
        ensure!(input.lock().read_line(&mut line)? > 0, "{question} is not said: give {flag}");
        Ok(line.trim().to_owned())
    }
}

fn answers(args: &Args, person: &mut dyn Asked) -> Result<Answers> {
    let mut said = |given: &Option<String>, question: &str, flag: &str| match given {
        Some(text) => Ok(text.clone()),
        None => person.ask(question, flag).and_then(|text| not_empty(text, flag)),
    };
    let name = said(&args.company, "Name of your company", "--company NAME")?;
    let email = said(&args.email, "Mail address that letters come from", "--email ADDRESS")?;
    let iban = said(&args.iban.first().cloned(), "Account to pay to (IBAN)", "--iban IBAN")?;
    let owner_email = said(&args.owner, "Mail address for the daily digest", "--owner ADDRESS")?;
    let mailbox_host = match (&args.imap, &args.maildir) {
        (None, None) => Some(said(&None, "IMAP server of that mail address", "--imap HOST or --maildir FOLDER")?),
        (imap, _) => imap.clone(),
    };
    let says_how = args.sendmail || args.outbox.is_some();
    let smtp_host = match &args.smtp {
        None if !says_how => Some(said(&None, "SMTP server", "--smtp HOST, --sendmail or --outbox FOLDER")?),
        smtp => smtp.clone(),
    };
    let user = args.user.clone().unwrap_or_else(|| email.clone());
    let ibans =
        std::iter::once(&iban).chain(args.iban.iter().skip(1)).map(|iban| valid_iban(iban)).collect::<Result<_>>()?;
    Ok(Answers {
        company: Company {
            name,
            address: args.address.clone(),
            email,
            phone: args.phone.clone(),
            kvk: args.kvk.clone(),
            vat: args.vat.clone(),
            ibans,
        },
        country: country(&args.country)?,
        language: owner_language(&args.language)?,
        owner_email,
        invoices: args.invoices.clone(),
        statements: Some(args.statements.clone()).filter(|folder| !folder.is_empty()),
        mailbox: mailbox(args, mailbox_host, &user),
        outgoing: outgoing(args, smtp_host, user),
    })
}

/// Of the digest and the questions; letters go out in each customer's own language.
fn owner_language(code: &str) -> Result<Language> {
    let known = Language::parse(code).filter(|language| Language::OF_OWNERS.contains(language));
    known.context("--language: choose nl or en")
}

fn mailbox(args: &Args, host: Option<String>, user: &str) -> MailboxAnswer {
    let password_file = args.password_file.clone();
    match host {
        Some(host) => MailboxAnswer::Imap { host, user: user.to_owned(), password_file },
        None => MailboxAnswer::Maildir { folder: args.maildir.clone().unwrap_or_else(|| "mailbox".to_owned()) },
    }
}

fn outgoing(args: &Args, host: Option<String>, user: String) -> OutgoingAnswer {
    match (host, &args.outbox) {
        (Some(host), _) => OutgoingAnswer::Smtp { host, user, password_file: args.password_file.clone() },
        (None, Some(folder)) => OutgoingAnswer::File { folder: folder.clone() },
        (None, None) => OutgoingAnswer::Sendmail,
    }
}

fn not_empty(text: String, flag: &str) -> Result<String> {
    ensure!(!text.is_empty(), "an answer is needed here ({flag})");
    Ok(text)
}

fn valid_iban(text: &str) -> Result<String> {
    reference::iban(text).with_context(|| format!("{text:?} is no valid IBAN: look at its check digits and its length"))
}

fn country(text: &str) -> Result<Country> {
    match text.to_ascii_uppercase().as_str() {
        "NL" => Ok(Country::Nl),
        "BE" => Ok(Country::Be),
        _ => bail!("--country {text}: choose NL or BE"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    struct Person(Vec<&'static str>);

    impl Asked for Person {
        fn ask(&mut self, question: &str, flag: &str) -> Result<String> {
            ensure!(!self.0.is_empty(), "{question}: give {flag}");
            Ok(self.0.remove(0).to_owned())
        }
    }

    fn args(flags: &[&str]) -> Args {
        Line::parse_from(std::iter::once(&"init").chain(flags)).args
    }

    #[test]
    fn what_no_flag_says_is_asked() {
        let mut person = Person(vec!["Verf B.V.", "nl91 abna 0417 1643 00", "imap.verf.example", "smtp.verf.example"]);
        let flags = args(&["--email", "deb@verf.example", "--owner", "ik@verf.example"]);
        let answers = answers(&flags, &mut person).unwrap();
        assert_eq!(answers.company.ibans, ["NL91ABNA0417164300"]);
        let MailboxAnswer::Imap { host, user, .. } = &answers.mailbox else { panic!("{answers:?}") };
        assert_eq!((host.as_str(), user.as_str()), ("imap.verf.example", "deb@verf.example"));
        assert!(matches!(&answers.outgoing, OutgoingAnswer::Smtp { host, .. } if host == "smtp.verf.example"));
    }

    #[test]
    fn without_a_person_the_flag_is_named() {
        let error = answers(&args(&["--company", "X"]), &mut Person(Vec::new())).unwrap_err().to_string();
        assert!(error.contains("--email ADDRESS"), "{error}");
        let flags =
            ["--company", "X", "--email", "a@x.example", "--owner", "a@x.example", "--iban", "NL91ABNA0417164301"];
        let error =
            answers(&args(&[&flags[..], &["--maildir", "m", "--outbox", "o"]].concat()), &mut Person(Vec::new()));
        assert!(error.unwrap_err().to_string().contains("no valid IBAN"));
    }
}
