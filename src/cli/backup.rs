//! `backup`: a checked copy of the database, also while the daemon runs.

use super::{Cli, Exit, WrongUse, open, screen};
use crate::adapters::store::sqlite::SqliteStore;
use anyhow::{Result, ensure};
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    /// Where the copy goes; best on another disk
    file: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
}

pub fn backup(cli: &Cli, args: &Args) -> Result<Exit> {
    let config = open::load_one(cli)?;
    let (database, file) = (open::database(&config), &args.file);
    open::refuse_half_restored(&config)?;
    ensure!(database.exists(), "there is no database yet: `aanmaand run --once` makes one");
    let itself = || WrongUse(format!("{} is the database itself: name another file", file.display()));
    ensure!(!is_same(file, &database), itself());
    let there = || WrongUse(format!("{} is there already: name another file, or say --force", file.display()));
    ensure!(args.force || !file.exists(), there());
    let counts = SqliteStore::back_up(&database, file).map_err(|fault| fault.into_store())?;
    let (journal, inputs, outbox) = (counts.journal, counts.inputs, counts.outbox);
    match cli.json {
        true => screen::line(json!({ "file": file, "journal": journal, "inputs": inputs, "outbox": outbox }))?,
        false => screen::line(format!(
            "{}: {journal} facts, {inputs} files and mails, {outbox} letters and digests; read back and sound",
            file.display()
        ))?,
    }
    Ok(Exit::Done)
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
