//! A file outbox is a record of what was sent: each mail lies there as it left.

use crate::ports::{Copies, MailKey, MailboxFault, OwnCopy, Places};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// No header of ours is longer, in bytes.
const LONGEST_HEAD: u64 = 64 * 1024;

/// The `.eml` files of a folder, named by when they left.
pub struct FileCopies {
    folder: PathBuf,
}

impl FileCopies {
    pub fn new(folder: impl Into<PathBuf>) -> FileCopies {
        FileCopies { folder: folder.into() }
    }

    async fn all(&self) -> Result<Vec<OwnCopy>, MailboxFault> {
        let folder = self.folder.clone();
        let listed = tokio::task::spawn_blocking(move || list(&folder)).await;
        listed.map_err(|error| MailboxFault::Later(error.to_string()))?
    }
}

#[async_trait]
impl Copies for FileCopies {
    async fn places(&mut self) -> Result<Places, MailboxFault> {
        Ok(Places { sent: Some(self.folder.display().to_string()), ..Places::default() })
    }

    async fn find(&mut self, message_id: &str) -> Result<Option<OwnCopy>, MailboxFault> {
        Ok(self.all().await?.into_iter().find(|copy| crate::mail::own::carries(&copy.head, message_id)))
    }

    async fn since(&mut self, day: NaiveDate) -> Result<Vec<OwnCopy>, MailboxFault> {
        let mut all = self.all().await?;
        all.retain(|copy| copy.received_at.is_none_or(|at| at.date_naive() >= day));
        Ok(all)
    }

    /// The file that left is the copy.
    async fn keep(&mut self, _mail: &[u8], _sent_at: DateTime<Utc>) -> Result<(), MailboxFault> {
        Ok(())
    }
}

/// Oldest first, by their names.
fn list(folder: &Path) -> Result<Vec<OwnCopy>, MailboxFault> {
    let later = |path: &Path, error: std::io::Error| MailboxFault::Later(format!("{}: {error}", path.display()));
    let listing = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(MailboxFault::Absent(folder.display().to_string()));
        }
        listing => listing.map_err(|error| later(folder, error))?,
    };
    let mut names = Vec::new();
    for entry in listing {
        let name = entry.map_err(|error| later(folder, error))?.file_name().to_string_lossy().into_owned();
        names.extend(Some(name).filter(|name| name.ends_with(".eml")));
    }
    names.sort();
    names.into_iter().map(|name| copy(folder, name)).collect()
}

fn copy(folder: &Path, name: String) -> Result<OwnCopy, MailboxFault> {
    let path = folder.join(&name);
    let mut bytes = Vec::new();
    let read = std::fs::File::open(&path).and_then(|file| file.take(LONGEST_HEAD).read_to_end(&mut bytes));
    read.map_err(|error| MailboxFault::Later(format!("{}: {error}", path.display())))?;
    let head = crate::mail::own::head_of(&bytes).to_vec();
    let received_at = left_at(&name);
    let key = MailKey { folder: folder.display().to_string(), uidvalidity: 0, uid: 0, name };
    Ok(OwnCopy { key, head, received_at })
}

/// `2026-11-03T090000Z-0001-ID.eml`
fn left_at(name: &str) -> Option<DateTime<Utc>> {
    let (time, _) = name.split_once('Z')?;
    Some(NaiveDateTime::parse_from_str(time, "%Y-%m-%dT%H%M%S").ok()?.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_lies_there_is_found_by_day_and_by_id() {
        let folder = tempfile::tempdir().unwrap();
        let mut copies = FileCopies::new(folder.path().join("outbox"));
        assert!(matches!(copies.since(NaiveDate::MIN).await, Err(MailboxFault::Absent(_))));
        std::fs::create_dir(folder.path().join("outbox")).unwrap();
        for (name, id) in [("2026-11-03T090000Z-0001-b.eml", "b@x"), ("2026-10-03T090000Z-0001-a.eml", "a@x")] {
            let mail = format!("X-Aanmaand-Id: {id}\r\nSubject: s\r\n\r\nbody");
            std::fs::write(folder.path().join("outbox").join(name), mail).unwrap();
        }
        std::fs::write(folder.path().join("outbox/.half.tmp"), "").unwrap();
        let since = |day: &str| day.parse::<NaiveDate>().unwrap();
        let all = copies.since(since("2026-10-03")).await.unwrap();
        assert_eq!(all.len(), 2);
        assert!(all[0].head.starts_with(b"X-Aanmaand-Id: a@x") && all[0].head.ends_with(b"\r\n\r\n"));
        assert_eq!(copies.since(since("2026-10-04")).await.unwrap().len(), 1);
        assert_eq!(copies.find("b@x").await.unwrap(), all.get(1).cloned());
        assert_eq!(copies.find("c@x").await.unwrap(), None);
    }
}
