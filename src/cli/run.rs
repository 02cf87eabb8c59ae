//! `run`: one pass with `--once`, else the daemon.

mod service;
mod signals;

use super::{Cli, ConfigFaults, Exit, WrongUse, backups, damage, open};
use crate::adapters::clock::{SetClock, SystemClock};
use crate::config::{Config, Outgoing};
use crate::daemon::pass::{PassReport, Surroundings, pass_until};
use crate::daemon::serve::Course;
use crate::daemon::writer::Writer;
use crate::ports::Clock;
use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use signals::{FAREWELL, Stop};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;
use tokio::sync::watch;

#[derive(clap::Args)]
pub struct Args {
    /// One complete pass, then exit
    #[arg(long)]
    once: bool,
    /// Pretend that it is this moment (2026-11-03T10:00, in the administration's time zone); only with --once and a file outbox
    #[arg(long, value_name = "T", requires = "once")]
    now: Option<String>,
}

/// The loops mostly wait. On a machine of many cores one thread for each would come near the unit's `TasksMax`.
const THREADS: usize = 4;

pub fn run(cli: &Cli, args: &Args) -> Result<Exit> {
    let threads = available_parallelism().map_or(1, NonZeroUsize::get).min(THREADS);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    if !args.once {
        let served = runtime.block_on(service::serve(cli));
        // A folder on a share that is gone may hold a thread for ever; it only reads.
        runtime.shutdown_background();
        return served;
    }
    let done = runtime.block_on(all_once(open::load_all(cli)?, args));
    runtime.shutdown_background();
    done.map(|()| Exit::Done)
}

/// One administration after another. Told to stop, it ends between two letters.
async fn all_once(configs: Vec<Config>, args: &Args) -> Result<()> {
    let mut told = Stop::listen()?;
    let (stop, stopped) = watch::channel(false);
    let course = Course::new(stopped);
    let all = async {
        for config in configs.into_iter().take_while(|_| course.goes_on()) {
            let name = config.name.clone();
            once(config, args, &course).await.with_context(|| name)?;
        }
        Ok(())
    };
    tokio::pin!(all);
    tokio::select! {
        done = &mut all => return done,
        () = told.told() => stop.send_replace(true),
    };
    match tokio::time::timeout(FAREWELL, all).await {
        Ok(done) => done,
        Err(_) => {
            anyhow::bail!("a letter took too long to hand over; what became of it is looked into at the next start")
        }
    }
}

async fn once(config: Config, args: &Args, course: &Course) -> Result<()> {
    let clock = clock(&config, args.now.as_deref())?;
    let mut world = open::surroundings(&config, &clock)?;
    let settings = config.clone();
    let (house, _lock) = open::open_for_run(config, clock)?;
    let (writer, thread) = Writer::start(house);
    let done = pass_and_care(&settings, &writer, &mut world, args, course).await;
    drop((writer, world));
    thread.join().map_err(|_| anyhow::anyhow!("BUG: the writer broke"))?;
    tell(&damage::noting(&settings, done)?);
    Ok(())
}

/// A sandbox that travels in time needs no copies of its database.
async fn pass_and_care(
    config: &Config,
    writer: &Writer,
    world: &mut Surroundings,
    args: &Args,
    course: &Course,
) -> Result<PassReport> {
    let report = pass_until(writer, world, course).await?;
    if args.now.is_none() && course.goes_on() {
        backups::once(config, writer).await?;
    }
    Ok(report)
}

fn tell(report: &PassReport) {
    for (what, folder) in [("invoices", &report.invoices), ("statements", &report.statements)] {
        for path in &folder.waiting {
            eprintln!("aanmaand: {} is not complete yet; it waits", path.display());
        }
        if let Some(trouble) = &folder.trouble {
            eprintln!("aanmaand: {what}: {trouble}");
        }
    }
    if let Some(fault) = &report.copies {
        eprintln!("aanmaand: copies of letters: {fault}");
    }
    if let Some(fault) = &report.mailbox {
        eprintln!("aanmaand: {fault}; no letter leaves before it was read");
    }
}

fn clock(config: &Config, now: Option<&str>) -> Result<Arc<dyn Clock>> {
    let Some(text) = now else { return Ok(Arc::new(SystemClock)) };
    if !matches!(config.outgoing, Outgoing::File { .. }) {
        anyhow::bail!(ConfigFaults(
            "--now is only for outgoing.kind = \"file\": a real mailbox cannot travel in time".to_owned()
        ));
    }
    Ok(Arc::new(SetClock::new(moment(text, config)?)))
}

fn moment(text: &str, config: &Config) -> Result<DateTime<Utc>> {
    let formats = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"];
    let civil = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let civil = civil.ok_or_else(|| WrongUse(format!("--now {text:?}: write it like 2026-11-03T10:00")))?;
    let at = config
        .timezone
        .from_local_datetime(&civil)
        .earliest()
        .ok_or_else(|| WrongUse(format!("--now {text}: there is no such moment in {}", config.timezone)))?;
    Ok(at.with_timezone(&Utc))
}
