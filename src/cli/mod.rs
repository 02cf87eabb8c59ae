//! The command line: one file a command. Each reads or decides through [`crate::daemon::house::House`]; none has a
//! second way to send.

pub mod authorize;
pub mod backup;
pub mod backups;
pub mod case;
pub mod cases;
pub mod check;
pub mod costs;
pub mod damage;
pub mod debtor;
pub mod demo;
pub mod digest;
pub mod history;
pub mod import;
pub mod init;
pub mod inspect;
pub mod instalments;
pub mod interest;
pub mod learn;
#[cfg(feature = "pdf")]
pub mod letter;
pub mod merging;
pub mod open;
pub mod owner;
pub mod plan;
pub mod questions;
pub mod reference;
pub mod restore;
pub mod run;
pub mod screen;
pub mod status;
pub mod subject;
pub mod term;
pub mod timeline;
pub mod typed;

use crate::adapters::parser;
use crate::store::InputKind;
use clap::{Parser, Subcommand};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

/// Chases unpaid invoices by mail, as a careful bookkeeper would.
#[derive(Parser)]
#[command(name = "aanmaand", version, about, max_term_width = 100)]
pub struct Cli {
    /// Configuration file, or a folder with one file an administration
    #[arg(long, global = true, value_name = "FILE|DIR")]
    pub config: Option<PathBuf>,

    /// Print JSON Lines instead of text
    #[arg(long, global = true)]
    pub json: bool,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// The daemon: watch, read, decide, send
    Run(run::Args),
    /// A few invoices in simulated months: no server, no account, nothing leaves
    Demo(demo::Args),
    /// List the cases
    Cases(cases::Args),
    /// One case with everything that happened to it
    Case(case::Args),
    /// Who a debtor is and how it is treated; decide that anew
    Debtor(debtor::Args),
    /// How each administration stands, on one screen
    Status,
    /// What would be sent when, to whom, and why not now
    Plan(plan::Args),
    /// What waits for a human
    Questions,
    /// Answer a question
    Answer(questions::AnswerArgs),
    /// Pause a case or debtor
    Hold(owner::HoldArgs),
    /// End every pause of a case or debtor
    Resume(owner::Args),
    /// Pause because the customer disputes the claim, or go on about the part that is not disputed
    Dispute(owner::DisputeArgs),
    /// End a dispute: in our favour, or in the debtor's
    Resolve(owner::ResolveArgs),
    /// Wait until the day on which the customer will pay
    Promise(owner::PromiseArgs),
    /// Agree instalments for cases, or end them
    Instalments(instalments::Args),
    /// Book a payment that the bank data does not show
    Paid(owner::PaidArgs),
    /// Close a case without payment
    WriteOff(owner::Args),
    /// Remember something in the journal
    Note(owner::NoteArgs),
    /// Let a letter leave that waits for your yes
    Approve(owner::ApproveArgs),
    /// Stop what is planned, and pause
    Veto(owner::Args),
    /// Take in invoices once, by hand
    Import(import::ImportArgs),
    /// Take in bank statements once, by hand
    Statements(import::Args),
    /// Today's digest as it stands; nothing is sent
    Digest(digest::Args),
    /// Everything that is wrong with the configuration, the folders, the connections or the database
    Check(check::Args),
    /// Log in with a browser once, where the mail servers want OAuth 2.0
    Authorize(authorize::Args),
    /// Copy the database, also while the daemon runs; the copy is read back before it gets its name
    Backup(backup::Args),
    /// Put a copy in the place of the database; nothing leaves until you said so
    Restore(restore::Args),
    /// Write a first configuration and make its folders
    Init(Box<init::Args>),
    /// What a mail, invoice or statement says; needs no configuration
    Inspect(inspect::Args),
    /// Mails that you decided otherwise than they were read, as lines for your own examples.txt
    Learn,
    /// Check or make a payment reference
    Reference(reference::Args),
    /// The interest on a claim, by the built-in tables
    Interest(interest::Args),
    /// The collection costs that the law allows
    Costs(costs::Args),
    /// When the term of a consumer's last letter before costs ends
    Term(term::Args),
    /// A case's letter as a PDF for the post
    #[cfg(feature = "pdf")]
    Letter(letter::Args),
}

/// Exit codes: 0 done, 1 a finding, 2 usage, 70 internal, 74 damaged store or I/O, 75 temporary, 78 configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    Finding = 1,
    Usage = 2,
    Internal = 70,
    Broken = 74,
    Temporary = 75,
    Config = 78,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// The configuration is wrong: every fault, already worded.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigFaults(pub String);

/// The arguments are wrong: what, and how to write it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WrongUse(pub String);

/// Runs one command; what it returns is the exit code.
pub fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|word| word == parser::WORD) {
        return parser::work();
    }
    let cli = Cli::parse();
    tell_on_stderr();
    // A broken invariant has told its place already.
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| dispatch(&cli))) {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(error)) => {
            eprintln!("aanmaand: {error:#}");
            exit_for(&error).into()
        }
        Err(_) => Exit::Internal.into(),
    }
}

/// What happens, for the service manager's journal: ids only, never names, addresses or texts. `AANMAAND_LOG`
/// chooses how much; libraries that would log secrets stay quiet.
fn tell_on_stderr() {
    use tracing_subscriber::EnvFilter;
    let chosen = std::env::var("AANMAAND_LOG").unwrap_or_else(|_| "info".to_owned());
    let filter =
        EnvFilter::try_new(format!("{chosen},async_imap=warn,rustls=warn")).unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .without_time()
        .with_target(false);
    let _ = subscriber.try_init();
}

fn dispatch(cli: &Cli) -> anyhow::Result<Exit> {
    match &cli.command {
        Command::Run(args) => run::run(cli, args),
        Command::Demo(args) => demo::demo(cli, args),
        Command::Cases(args) => cases::cases(cli, args),
        Command::Case(args) => case::case(cli, args),
        Command::Debtor(args) => debtor::debtor(cli, args),
        Command::Status => status::status(cli),
        Command::Plan(args) => plan::plan(cli, args),
        Command::Questions => questions::questions(cli),
        Command::Learn => learn::learn(cli),
        Command::Answer(args) => questions::answer(cli, args),
        Command::Hold(args) => owner::hold(cli, args),
        Command::Resume(args) => owner::resume(cli, args),
        Command::Dispute(args) => owner::dispute(cli, args),
        Command::Resolve(args) => owner::resolve(cli, args),
        Command::Promise(args) => owner::promise(cli, args),
        Command::Instalments(args) => instalments::instalments(cli, args),
        Command::Paid(args) => owner::paid(cli, args),
        Command::WriteOff(args) => owner::write_off(cli, args),
        Command::Note(args) => owner::note(cli, args),
        Command::Approve(args) => owner::approve(cli, args),
        Command::Veto(args) => owner::veto(cli, args),
        Command::Import(args) => import::invoices(cli, args),
        Command::Statements(args) => import::import(cli, args, InputKind::Statement),
        Command::Digest(args) => digest::digest(cli, args),
        Command::Check(args) => check::check(cli, args),
        Command::Authorize(args) => authorize::authorize(cli, args),
        Command::Backup(args) => backup::backup(cli, args),
        Command::Restore(args) => restore::restore(cli, args),
        Command::Init(args) => init::init(cli, args),
        Command::Inspect(args) => inspect::inspect(cli, args),
        Command::Reference(args) => reference::reference(cli, args),
        Command::Interest(args) => interest::interest(cli, args),
        Command::Costs(args) => costs::costs(cli, args),
        Command::Term(args) => term::term(cli, args),
        #[cfg(feature = "pdf")]
        Command::Letter(args) => letter::letter(cli, args),
    }
}

/// Which exit code an error stands for.
pub fn exit_for(error: &anyhow::Error) -> Exit {
    use crate::store::StoreFault;
    if error.chain().any(|cause| cause.is::<ConfigFaults>()) {
        return Exit::Config;
    }
    if error.chain().any(|cause| cause.is::<WrongUse>()) {
        return Exit::Usage;
    }
    match error.chain().find_map(|cause| cause.downcast_ref::<StoreFault>()) {
        Some(StoreFault::Broken(_) | StoreFault::Full) => Exit::Broken,
        Some(StoreFault::Unfit(_)) => Exit::Config,
        Some(StoreFault::Busy | StoreFault::Conflict) => Exit::Temporary,
        Some(StoreFault::Twice { .. }) => Exit::Internal,
        None if error.chain().any(|cause| cause.is::<std::io::Error>()) => Exit::Broken,
        None => Exit::Finding,
    }
}
