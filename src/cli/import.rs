//! `import` and `statements`: files taken in once, by hand, on the same path as those of the folders.

use super::{Cli, Exit, WrongUse, open, screen};
use crate::adapters::folder::LARGEST;
use crate::daemon::house::House;
use crate::daemon::intake::{TakeOver, is_store_trouble};
use crate::dunning::ids::StepId;
use crate::store::{Disposition, InputKind};
use anyhow::{Context, Result, bail, ensure};
use chrono::NaiveDate;
use serde_json::json;
use std::io::Read;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(clap::Args)]
pub struct ImportArgs {
    #[command(flatten)]
    files: Args,
    /// Another program followed these invoices until the end of this day: they are open, also when they are overdue
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<NaiveDate>,
    /// With --as-of: a letter that it sent about each of them, as the step of our ladder that it was; as often as needed
    #[arg(long, requires = "as_of", value_name = "STEP=YYYY-MM-DD", value_parser = step_and_day)]
    sent: Vec<(StepId, NaiveDate)>,
}

fn step_and_day(text: &str) -> Result<(StepId, NaiveDate), String> {
    let parts = text.split_once('=').map(|(step, day)| (step.trim(), day.trim().parse()));
    match parts {
        Some((step, Ok(day))) if !step.is_empty() => Ok((StepId::new(step), day)),
        _ => Err("write a step and its day, as reminder=2026-10-20".to_owned()),
    }
}

/// Invoices; with `--as-of` those that another program followed until now.
pub fn invoices(cli: &Cli, args: &ImportArgs) -> Result<Exit> {
    let Some(as_of) = args.as_of else { return import(cli, &args.files, InputKind::Invoice) };
    let over = TakeOver { as_of, sent: args.sent.clone() };
    take_all(cli, &args.files, |house, path, bytes| {
        if as_of > house.today() {
            bail!(WrongUse(format!("--as-of {as_of} is still to come: name the last day of the program used before")));
        }
        house.take_over(path, bytes, &over, "owner")
    })
}

pub fn import(cli: &Cli, args: &Args, kind: InputKind) -> Result<Exit> {
    take_all(cli, args, |house, path, bytes| house.take_one(kind, path, bytes))
}

type Take<'a> = &'a dyn Fn(&mut House, &Path, Vec<u8>) -> Result<Disposition>;

fn take_all(cli: &Cli, args: &Args, into: impl Fn(&mut House, &Path, Vec<u8>) -> Result<Disposition>) -> Result<Exit> {
    let mut house = open::open_for_owner(open::load_one(cli)?)?;
    let mut exit = Exit::Done;
    for file in &args.files {
        let (word, text) = match take(&mut house, file, &into) {
            Ok(disposition) => (disposition.word(), disposition.text().to_owned()),
            Err(error) if is_store_trouble(&error) || error.is::<WrongUse>() => return Err(error),
            Err(error) => ("refused", format!("{error:#}")),
        };
        if matches!(word, "quarantined" | "refused") {
            exit = Exit::Finding;
        }
        let name = file.display().to_string();
        match cli.json {
            true => screen::line(json!({ "file": name, "disposition": word, "text": text }))?,
            false => screen::line(format!("{name}: {word}: {text}"))?,
        }
    }
    Ok(exit)
}

fn take(house: &mut House, file: &Path, into: Take<'_>) -> Result<Disposition> {
    let path = std::path::absolute(file)?;
    let bytes = bytes_of(&path).context("the file cannot be read")?;
    into(house, &path, bytes)
}

fn bytes_of(path: &Path) -> Result<Vec<u8>> {
    let meta = std::fs::metadata(path)?;
    ensure!(meta.is_file(), "it is not a regular file: name the files themselves");
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    ensure!(bytes.len() as u64 <= LARGEST, "it is larger than {} MB", LARGEST / (1024 * 1024));
    Ok(bytes)
}
