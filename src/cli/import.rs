//! `import` and `statements`: files taken in once, by hand, on the same path as those of the folders.

use super::{Cli, Exit, open, screen};
use crate::adapters::folder::LARGEST;
use crate::daemon::house::House;
use crate::daemon::intake::is_store_trouble;
use crate::store::{Disposition, InputKind};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::io::Read;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub fn import(cli: &Cli, args: &Args, kind: InputKind) -> Result<Exit> {
    let mut house = open::open_for_owner(open::load_one(cli)?)?;
    let mut exit = Exit::Done;
    for file in &args.files {
        let (word, text) = match take(&mut house, file, kind) {
            Ok(disposition) => (disposition.word(), disposition.text().to_owned()),
            Err(error) if is_store_trouble(&error) => return Err(error),
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

fn take(house: &mut House, file: &Path, kind: InputKind) -> Result<Disposition> {
    let path = std::path::absolute(file)?;
    let bytes = bytes_of(&path).context("the file cannot be read")?;
    house.take_one(kind, &path, bytes)
}

fn bytes_of(path: &Path) -> Result<Vec<u8>> {
    let meta = std::fs::metadata(path)?;
    ensure!(meta.is_file(), "it is not a regular file: name the files themselves");
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    ensure!(bytes.len() as u64 <= LARGEST, "it is larger than {} MB", LARGEST / (1024 * 1024));
    Ok(bytes)
}
