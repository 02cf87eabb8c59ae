//! What a failing disk leaves for the next start: a note in the state folder that the database must be read to its last
//! byte before anything is sent.

use super::backups;
use crate::config::Config;
use crate::store::StoreFault;
use anyhow::{Context, Result};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

fn note(state: &Path) -> PathBuf {
    state.join("damaged")
}

/// Something failed the last time that only a damaged disk or file explains.
pub fn suspected(state: &Path) -> bool {
    note(state).exists()
}

/// The database was read to its last byte, or nothing was wrong.
pub fn is_sound(state: &Path) -> Result<()> {
    match std::fs::remove_file(note(state)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error).context("the note about damage"),
        _ => Ok(()),
    }
}

/// Passes a result on; damage is noted for the next start, and the error says what to do.
pub fn noting<T>(config: &Config, result: Result<T>) -> Result<T> {
    let Err(error) = result else { return result };
    if !is_damage(&error) {
        return Err(error);
    }
    // On a disk that fails this may fail too; the start looks for damage in any case.
    let _ = std::fs::write(note(&config.state), format!("{error:#}\n"));
    let newest = match backups::newest(config) {
        Some(copy) => format!("`aanmaand restore {}` puts the newest copy in its place", copy.display()),
        None => format!("there is no copy in {}", config.backup.folder.display()),
    };
    Err(error.context(format!(
        "nothing is sent from a database that may be damaged: `aanmaand check --store` tells what is wrong; {newest}"
    )))
}

fn is_damage(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| matches!(cause.downcast_ref(), Some(StoreFault::Broken(_))))
}
