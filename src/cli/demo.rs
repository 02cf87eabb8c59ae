//! `demo`: the whole life of a few invoices in simulated months. Real files, the real daemon; only the clock, the
//! customers and the bank are played. Nothing leaves the sandbox.

mod bank;
mod cast;
mod ending;
mod mails;
mod sandbox;
mod stage;
mod story;

use super::{Cli, Exit};
use anyhow::{Result, ensure};
use ending::Summary;
use sandbox::Sandbox;
use stage::{Played, Stage};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;
use story::Event;

#[derive(clap::Args)]
pub struct Args {
    /// Play in this folder (new or empty) instead of a temporary one
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Simulated days a second; as fast as it goes when not said
    #[arg(long, value_name = "N", value_parser = days_a_second)]
    speed: Option<f64>,
}

fn days_a_second(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|_| "write a number like 2 or 0.5".to_owned())?;
    let sensible = (0.01..=10_000.0).contains(&speed);
    if sensible { Ok(speed) } else { Err("between 0.01 and 10000".to_owned()) }
}

pub fn demo(cli: &Cli, args: &Args) -> Result<Exit> {
    let sandbox = match &args.keep {
        Some(folder) => Sandbox::new(folder)?,
        None => Sandbox::temporary()?,
    };
    let mut screen = Screen { out: std::io::stdout().lock(), json: cli.json };
    screen.opening(&sandbox)?;
    let mut stage = Stage::new(sandbox)?;
    let events = play(&mut stage, args.speed, &mut screen)?;
    let (house, played) = stage.end()?;
    ending::keep_digest(&played)?;
    let summary = Summary::of(&house, &played, &events)?;
    screen.ending(&summary, &played)?;
    ensure!(summary.wrong.is_empty(), "the story did not go as it must:\n{}", summary.wrong.join("\n"));
    Ok(Exit::Done)
}

fn play(stage: &mut Stage, speed: Option<f64>, screen: &mut Screen) -> Result<Vec<Event>> {
    // The writer is waited for inside a task, which needs a runtime with more than one thread.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut events = Vec::new();
    for today in Stage::days() {
        let told = runtime.block_on(stage.play(today))?;
        told.iter().try_for_each(|event| screen.event(event))?;
        events.extend(told);
        if let Some(speed) = speed {
            std::thread::sleep(Duration::from_secs_f64(1.0 / speed));
        }
    }
    Ok(events)
}

/// Standard output, as lines for people or as JSON Lines.
struct Screen {
    out: std::io::StdoutLock<'static>,
    json: bool,
}

impl Screen {
    fn opening(&mut self, sandbox: &Sandbox) -> Result<()> {
        if !self.json {
            writeln!(
                self.out,
                "Koeltechniek De Waard sends invoices, and aanmaand chases them from {} to {} (simulated).\n\
                 Everything happens in {}; nothing leaves it.\n",
                cast::FIRST_DAY,
                cast::LAST_DAY,
                sandbox.root().display()
            )?;
        }
        Ok(())
    }

    fn event(&mut self, event: &Event) -> Result<()> {
        match self.json {
            true => writeln!(self.out, "{}", event.json())?,
            false => writeln!(self.out, "{event}")?,
        }
        Ok(self.out.flush()?)
    }

    fn ending(&mut self, summary: &Summary, played: &Played) -> Result<()> {
        let root = played.sandbox.root().display().to_string();
        if self.json {
            let mut json = summary.json();
            json["folder"] = root.into();
            writeln!(self.out, "{json}")?;
            return Ok(());
        }
        self.summary(summary)?;
        writeln!(
            self.out,
            "\nTo look at:\n  {root}/outbox         every letter and digest (.eml)\n  \
             {root}/digest.html    the last digest, for a browser\n  \
             {root}/mailbox, invoices, statements    what came in\n  \
             {root}/state/aanmaand.sqlite    journal, accounts, inputs, outbox\n\n\
             To go on:\n  aanmaand --config {root}/aanmaand.toml cases\n  \
             aanmaand --config {root}/aanmaand.toml questions\n  \
             aanmaand --config {root}/aanmaand.toml answer QUESTION CHOICE"
        )?;
        Ok(())
    }

    fn summary(&mut self, summary: &Summary) -> Result<()> {
        let cases: Vec<String> = summary.cases.iter().map(|(state, count)| format!("{count} {state}")).collect();
        let questions: Vec<String> = summary.questions.iter().map(|(id, kind)| format!("{id} {kind}")).collect();
        writeln!(
            self.out,
            "\n{} letters ({} of them formal) and {} digests.\nCases: {}.\nThe owner's questions: {}.",
            summary.letters,
            summary.formal,
            summary.digests,
            cases.join(", "),
            questions.join(", ")
        )?;
        if summary.wrong.is_empty() {
            writeln!(
                self.out,
                "Customers answered {} times, and none of them was dunned while the answer stood. \
                 All {} checks of the end hold.",
                summary.answers, summary.checks
            )?;
        }
        Ok(())
    }
}
