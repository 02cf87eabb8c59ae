//! The file of a refresh token: private, replaced as a whole, and locked while it is renewed.

use super::Account;
use crate::adapters::login::NoToken;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

/// What is in the file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub user: String,
    pub client_id: String,
    pub token_url: String,
    pub refresh_token: String,
}

impl Kept {
    pub(super) fn of(account: &Account, refresh_token: &str) -> Kept {
        Kept {
            user: account.user.clone(),
            client_id: account.client_id.clone(),
            token_url: account.token_url.clone(),
            refresh_token: refresh_token.to_owned(),
        }
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept(…)")
    }
}

/// The file, while nobody else renews it. The lock is on the folder, since the file itself is replaced.
pub(super) struct Place {
    path: PathBuf,
    folder: File,
}

impl Place {
    pub fn lock(path: &Path) -> Result<Place, String> {
        let above = path.parent().unwrap_or(Path::new("."));
        let told = |e: io::Error| format!("{}: {e}", above.display());
        let folder = File::open(above).map_err(told)?;
        flock(&folder, FlockOperation::LockExclusive).map_err(|e| told(e.into()))?;
        Ok(Place { path: path.to_owned(), folder })
    }

    /// `None` when there is no such file.
    pub fn read(&self) -> Result<Option<Kept>, NoToken> {
        let shown = self.path.display();
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(NoToken::lasting(format!("{shown} cannot be read: {e}; correct its permissions"))),
        };
        let mode = file.metadata().map_err(|e| NoToken::now(format!("{shown}: {e}")))?.mode();
        if mode & 0o077 != 0 {
            let why = format!("{shown} may be read by others than its owner (mode {:03o})", mode & 0o777);
            return Err(NoToken::lasting(format!("{why}; run chmod 600 on it")));
        }
        let text = io::read_to_string(file).map_err(|e| NoToken::now(format!("{shown}: {}", e.kind())))?;
        let damaged = |_| NoToken::lasting(format!("{shown} is damaged: run `aanmaand authorize`"));
        serde_json::from_str(&text).map(Some).map_err(damaged)
    }

    /// A file beside it that takes its place with [`Draft::keep`]; filled now, so that there is room for it then.
    pub fn draft(&self, like: &Kept) -> Result<Draft<'_>, String> {
        let mut name = self.path.clone().into_os_string();
        name.push(".new");
        let path = PathBuf::from(name);
        let open = || OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let file = match open() {
            // What a crash left behind: nobody else is here.
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => std::fs::remove_file(&path).and_then(|()| open()),
            other => other,
        };
        let file = file.map_err(|e| format!("{}: {e}; the refresh token could not be kept", path.display()))?;
        let mut draft = Draft { place: self, path, file, kept: false };
        draft.give_to_the_owner().and_then(|()| draft.write(like)).map_err(|e| draft.told(&e))?;
        Ok(draft)
    }
}

/// Not yet in its place; removed when it does not get there.
pub(super) struct Draft<'a> {
    place: &'a Place,
    path: PathBuf,
    file: File,
    kept: bool,
}

impl Draft<'_> {
    /// On disk in place of the old one when this returns.
    pub fn keep(mut self, kept: &Kept) -> Result<(), String> {
        let replaced = self.write(kept).and_then(|()| {
            std::fs::rename(&self.path, &self.place.path)?;
            self.kept = true;
            self.place.folder.sync_all()
        });
        replaced.map_err(|e| self.told(&e))
    }

    fn write(&mut self, kept: &Kept) -> io::Result<()> {
        use std::io::Seek;
        let text = serde_json::to_string_pretty(kept)? + "\n";
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())?;
        self.file.set_len(text.len() as u64)?;
        self.file.sync_all()
    }

    /// Made by root, it is still for the one whose folder it is.
    fn give_to_the_owner(&self) -> io::Result<()> {
        let (folder, file) = (self.place.folder.metadata()?, self.file.metadata()?);
        if folder.uid() == file.uid() {
            return Ok(());
        }
        fchown(&self.file, Some(folder.uid()), Some(folder.gid()))
    }

    fn told(&self, e: &io::Error) -> String {
        format!("{}: {e}; the refresh token could not be kept", self.path.display())
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
