//! The daemon: every administration's loops, signals, and the service manager.
//!
//! SIGTERM and SIGINT stop cleanly; SIGHUP reads the whole configuration anew and keeps the old one when the new one is wrong.

use super::super::{Cli, Exit, backups, damage, open};
use super::signals::{FAREWELL, Stop};
use crate::adapters::clock::SystemClock;
use crate::adapters::folder::Watcher;
use crate::adapters::lock::Lock;
use crate::adapters::service::Systemd;
use crate::config::Config;
use crate::daemon::house::House;
use crate::daemon::serve::{Course, serve as serve_one};
use crate::daemon::writer::Writer;
use crate::ports::{Clock, ServiceManager};
use anyhow::{Context, Result};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Between two signs of life; the unit's watchdog waits two minutes.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);
/// A calendar loop that has not turned for so many signs of life hangs; a long letter may take a few.
const PATIENCE_SIGNS: u32 = 40;

pub async fn serve(cli: &Cli) -> Result<Exit> {
    let mut configs = open::load_all(cli)?;
    let mut signals = Signals::listen()?;
    let mut asked = false;
    loop {
        let running = Running::start(configs, asked)?;
        Systemd.ready();
        match running.until(&mut signals, cli).await? {
            Next::Stop => {
                tracing::info!("stopped");
                return Ok(Exit::Done);
            }
            Next::Reload(new) => {
                tracing::info!("the configuration is read anew");
                (configs, asked) = (new, true);
            }
        }
    }
}

struct Signals {
    stop: Stop,
    hup: Signal,
}

enum Next {
    Stop,
    Reload(Vec<Config>),
}

impl Signals {
    fn listen() -> Result<Signals> {
        Ok(Signals { stop: Stop::listen()?, hup: signal(SignalKind::hangup())? })
    }
}

/// All administrations at work.
struct Running {
    stop: watch::Sender<bool>,
    courses: Vec<Course>,
    loops: JoinSet<Result<()>>,
    writers: Vec<JoinHandle<House>>,
    _locks: Vec<Lock>,
}

impl Running {
    /// `asked`: the owner told us to read everything again.
    fn start(configs: Vec<Config>, asked: bool) -> Result<Running> {
        let (stop, stopped) = watch::channel(false);
        let mut running =
            Running { stop, courses: Vec::new(), loops: JoinSet::new(), writers: Vec::new(), _locks: Vec::new() };
        for config in configs {
            let name = config.name.clone();
            running.start_one(config, asked, Course::new(stopped.clone())).with_context(|| name)?;
        }
        Ok(running)
    }

    fn start_one(&mut self, config: Config, asked: bool, course: Course) -> Result<()> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let world = open::surroundings(&config, &clock)?;
        let hint =
            Box::new(Watcher::new([Some(config.invoices.clone()), config.statements.clone()].into_iter().flatten()));
        for warning in &config.warnings {
            tracing::warn!("{warning}");
        }
        let own = config.clone();
        let (mut house, lock) = open::open_for_run(config, clock)?;
        if asked {
            house.try_anew()?
        } else {
            house.try_anew_after_start()?
        }
        tracing::info!(mode = ?own.policy.mode, version = env!("CARGO_PKG_VERSION"), "{} is looked after", own.name);
        let (writer, thread) = Writer::start(house);
        self._locks.push(lock);
        self.writers.push(thread);
        self.courses.push(course.clone());
        let (settings, keeper) = (own.clone(), backups::keep(own, writer.clone(), course.clone()));
        let noted = settings.clone();
        self.loops.spawn(async move { damage::noting(&noted, keeper.await) });
        self.loops.spawn(async move { damage::noting(&settings, serve_one(writer, world, hint, course).await) });
        Ok(())
    }

    async fn until(mut self, signals: &mut Signals, cli: &Cli) -> Result<Next> {
        let mut pulse = Pulse::default();
        let next = loop {
            tokio::select! {
                ended = self.loops.join_next() => {
                    if let Some(ended) = ended {
                        let result = ended.context("BUG: a loop broke").and_then(|result| result);
                        self.stop().await;
                        result?;
                        anyhow::bail!("a loop ended by itself");
                    }
                }
                () = signals.stop.told() => break Next::Stop,
                _ = signals.hup.recv() => {
                    if let Some(configs) = reread(cli) {
                        break Next::Reload(configs);
                    }
                }
                () = tokio::time::sleep(SIGN_OF_LIFE) => pulse.beat(&self.courses),
            }
        };
        if matches!(next, Next::Stop) {
            Systemd.stopping();
        }
        self.stop().await;
        Ok(next)
    }

    /// No new letter is begun; one that is being handed over is finished.
    async fn stop(&mut self) {
        let _ = self.stop.send(true);
        let all = async { while self.loops.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, all).await.is_err() {
            tracing::warn!("a letter took too long to hand over; what became of it is looked into at the next start");
            self.loops.abort_all();
            while self.loops.join_next().await.is_some() {}
        }
        for thread in self.writers.drain(..) {
            if thread.join().is_err() {
                tracing::error!("BUG: the writer broke");
            }
        }
    }
}

/// The new configuration; `None` when it is wrong, and then the old one stays.
fn reread(cli: &Cli) -> Option<Vec<Config>> {
    Systemd.reloading();
    match open::load_all(cli).and_then(could_start) {
        Ok(configs) => Some(configs),
        Err(faults) => {
            tracing::error!("the new configuration is not taken: {faults:#}");
            Systemd.ready();
            None
        }
    }
}

/// Texts, tables and passwords lie in files of their own: they too must be right before the old ones are given up.
fn could_start(configs: Vec<Config>) -> Result<Vec<Config>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    for config in &configs {
        open::rules(config)?;
        open::surroundings(config, &clock)?;
    }
    Ok(configs)
}

/// Says that we are alive while every calendar loop turns.
#[derive(Default)]
struct Pulse {
    last: Vec<u64>,
    signs_without_a_turn: u32,
}

impl Pulse {
    fn beat(&mut self, courses: &[Course]) {
        let now: Vec<u64> = courses.iter().map(|course| course.ticks.load(Ordering::Relaxed)).collect();
        let turned = now.len() != self.last.len() || now.iter().zip(&self.last).all(|(now, last)| now > last);
        self.signs_without_a_turn = if turned { 0 } else { self.signs_without_a_turn + 1 };
        self.last = now;
        if self.signs_without_a_turn < PATIENCE_SIGNS {
            Systemd.alive();
        }
    }
}
