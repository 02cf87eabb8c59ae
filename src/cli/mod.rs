//! The command line: one file a command. Each reads or decides through [`crate::daemon::house::House`]; none has a
//! second way to send.

pub mod cases;
pub mod open;
pub mod questions;
pub mod run;

use clap::{Parser, Subcommand};
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
    /// List the cases
    Cases(cases::Args),
    /// What waits for a human
    Questions,
    /// Answer a question
    Answer(questions::AnswerArgs),
}

/// Exit codes: 0 done, 1 a finding, 2 usage, 70 internal, 74 damaged store or I/O, 75 temporary, 78 configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    Finding = 1,
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

/// Runs one command; what it returns is the exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    tell_on_stderr();
    match dispatch(&cli) {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("aanmaand: {error:#}");
            exit_for(&error).into()
        }
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
        .without_time()
        .with_target(false);
    let _ = subscriber.try_init();
}

fn dispatch(cli: &Cli) -> anyhow::Result<Exit> {
    match &cli.command {
        Command::Run(args) => run::run(cli, args),
        Command::Cases(args) => cases::cases(cli, args),
        Command::Questions => questions::questions(cli),
        Command::Answer(args) => questions::answer(cli, args),
    }
}

/// Which exit code an error stands for.
pub fn exit_for(error: &anyhow::Error) -> Exit {
    use crate::store::StoreFault;
    if error.chain().any(|cause| cause.is::<ConfigFaults>()) {
        return Exit::Config;
    }
    match error.chain().find_map(|cause| cause.downcast_ref::<StoreFault>()) {
        Some(StoreFault::Broken(_) | StoreFault::Full) => Exit::Broken,
        Some(StoreFault::Unfit(_)) => Exit::Config,
        Some(StoreFault::Busy | StoreFault::Conflict) => Exit::Temporary,
        Some(StoreFault::Twice { .. }) => Exit::Internal,
        None => Exit::Finding,
    }
}
