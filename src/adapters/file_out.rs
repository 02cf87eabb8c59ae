//! Letters into a folder instead of into the world: one `.eml` a mail, for sandboxes and for owners who send by hand.
//! Never overwrites, never leaves half a mail under its final name.

use crate::ports::{BeforeDot, Clock, Delivery, Outgoing, OutgoingMail};
use async_trait::async_trait;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Writes `<folder>/<time>-<count>-<id>.eml`. Sorted by name the mails stand in sending order: the time is that of the
/// clock, the count tells mails of the same second apart. The id (the Message-ID before its `@`) makes a second
/// delivery of the same mail find the first.
pub struct FileOut {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
}

impl FileOut {
    /// The folder is made at the first mail.
    pub fn new(folder: impl Into<PathBuf>, clock: Arc<dyn Clock>) -> FileOut {
        FileOut { folder: folder.into(), clock }
    }
}

#[async_trait]
impl Outgoing for FileOut {
    async fn deliver(&self, mail: &OutgoingMail, before_dot: BeforeDot<'_>) -> Delivery {
        let (folder, id, bytes) = (self.folder.clone(), safe_id(&mail.message_id), mail.bytes.clone());
        let time = self.clock.now().format("%Y-%m-%dT%H%M%SZ").to_string();
        let prepared = match tokio::task::spawn_blocking(move || Prepared::new(&folder, &time, &id, &bytes)).await {
            Ok(prepared) => prepared,
            Err(_) => Err("the thread that writes the file died".into()),
        };
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(reason) => return Delivery::Later { reason, lane: true },
        };
        if let Err(reason) = before_dot.ask().await {
            prepared.withdraw();
            return Delivery::Later { reason, lane: false };
        }
        let finished = tokio::task::spawn_blocking(move || prepared.finish()).await;
        finished.unwrap_or_else(|_| Delivery::Unknown { reason: "the thread that writes the file died".into() })
    }

    async fn probe(&self) -> Result<String, String> {
        let folder = self.folder.clone();
        let tried = tokio::task::spawn_blocking(move || try_folder(&folder)).await;
        tried.map_err(|e| e.to_string())?
    }
}

/// Everything up to the rename: the point of no return.
enum Prepared {
    Written {
        folder: PathBuf,
        temporary: PathBuf,
        name: PathBuf,
    },
    /// The same mail lies there already.
    Before(PathBuf),
    /// Another mail has its id.
    Taken(PathBuf),
}

impl Prepared {
    fn new(folder: &Path, time: &str, id: &str, bytes: &[u8]) -> Result<Prepared, String> {
        std::fs::create_dir_all(folder).map_err(|e| in_folder(folder, &e))?;
        let names = names(folder).map_err(|e| in_folder(folder, &e))?;
        if let Some(name) = names.iter().find(|name| id_of(name) == Some(id)) {
            let path = folder.join(name);
            let same = std::fs::read(&path).map_err(|e| in_folder(&path, &e))? == bytes;
            return Ok(if same { Prepared::Before(path) } else { Prepared::Taken(path) });
        }
        let count = 1 + names.iter().filter_map(|name| count_at(name, time)).max().unwrap_or(0);
        let temporary = folder.join(format!(".{id}.tmp"));
        write_through(&temporary, bytes).map_err(|e| in_folder(&temporary, &e))?;
        Ok(Prepared::Written {
            folder: folder.into(),
            temporary,
            name: folder.join(format!("{time}-{count:04}-{id}.eml")),
        })
    }

    fn withdraw(self) {
        if let Prepared::Written { temporary, .. } = self {
            let _ = std::fs::remove_file(temporary);
        }
    }

    fn finish(self) -> Delivery {
        let (folder, temporary, name) = match self {
            Prepared::Before(path) => {
                return Delivery::Accepted { reply: format!("was already in {}", path.display()) };
            }
            Prepared::Taken(path) => {
                let reason = format!("another mail with this Message-ID is already in {}", path.display());
                return Delivery::Never { reason, address: false };
            }
            Prepared::Written { folder, temporary, name } => (folder, temporary, name),
        };
        if let Err(e) = std::fs::rename(&temporary, &name) {
            return Delivery::Later { reason: in_folder(&name, &e), lane: true };
        }
        match File::open(&folder).and_then(|folder| folder.sync_all()) {
            Ok(()) => Delivery::Accepted { reply: format!("written to {}", name.display()) },
            Err(e) => Delivery::Unknown { reason: in_folder(&folder, &e) },
        }
    }
}

fn in_folder(path: &Path, e: &std::io::Error) -> String {
    format!("{}: {e}", path.display())
}

/// The part of the Message-ID before `@`, with only characters that mean nothing to a file system.
fn safe_id(message_id: &str) -> String {
    let local = message_id.split('@').next().unwrap_or_default();
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '.' || c == '_' { c } else { '_' };
    let id: String = local.chars().map(safe).take(120).collect();
    if id.is_empty() { "no_id".into() } else { id }
}

fn names(folder: &Path) -> std::io::Result<Vec<String>> {
    std::fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

/// `2026-11-03T090000Z-0001-ID.eml` → `ID`; an id has no hyphen.
fn id_of(name: &str) -> Option<&str> {
    name.strip_suffix(".eml")?.rsplit('-').next()
}

fn count_at(name: &str, time: &str) -> Option<u32> {
    name.strip_prefix(time)?.strip_prefix('-')?.split('-').next()?.parse().ok()
}

fn write_through(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let _ = std::fs::remove_file(path);
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn try_folder(folder: &Path) -> Result<String, String> {
    std::fs::create_dir_all(folder).map_err(|e| in_folder(folder, &e))?;
    let probe = folder.join(".probe.tmp");
    write_through(&probe, b"").and_then(|()| std::fs::remove_file(&probe)).map_err(|e| in_folder(folder, &e))?;
    Ok(format!("mails are written to {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::clock::SetClock;
    use chrono::{DateTime, TimeDelta};
    use std::future::ready;

    fn clock() -> Arc<SetClock> {
        Arc::new(SetClock::new(DateTime::from_timestamp(1_793_696_400, 0).unwrap()))
    }

    fn mail(id: &str, bytes: &str) -> OutgoingMail {
        OutgoingMail {
            sender: "debiteuren@bedrijf.example".into(),
            recipient: "klant@elders.example".into(),
            own_copy: None,
            message_id: id.into(),
            bytes: bytes.into(),
        }
    }

    fn listed(dir: &Path) -> Vec<String> {
        let mut names = names(dir).unwrap();
        names.sort();
        names
    }

    #[tokio::test]
    async fn mails_sort_in_sending_order_and_a_second_delivery_finds_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let (clock, folder) = (clock(), dir.path().join("out"));
        let out = FileOut::new(&folder, clock.clone());
        for id in ["zz.1@x.example", "aa.2@x.example"] {
            assert!(matches!(
                out.deliver(&mail(id, "Subject: a\r\n\r\n"), &mut || ready(Ok(()))).await,
                Delivery::Accepted { .. }
            ));
        }
        clock.set(clock.now() + TimeDelta::seconds(1));
        out.deliver(&mail("mm.3@x.example", "c"), &mut || ready(Ok(()))).await;
        let all = [
            "2026-11-03T090000Z-0001-zz.1.eml",
            "2026-11-03T090000Z-0002-aa.2.eml",
            "2026-11-03T090001Z-0001-mm.3.eml",
        ];
        assert_eq!(listed(&folder), all);

        let again = out.deliver(&mail("zz.1@x.example", "Subject: a\r\n\r\n"), &mut || ready(Ok(()))).await;
        assert!(matches!(again, Delivery::Accepted { reply } if reply.starts_with("was already in")));
        let other = out.deliver(&mail("zz.1@x.example", "Subject: b\r\n\r\n"), &mut || ready(Ok(()))).await;
        assert!(matches!(other, Delivery::Never { address: false, .. }));
        assert_eq!(listed(&folder), all);
        assert_eq!(std::fs::read(folder.join(all[0])).unwrap(), b"Subject: a\r\n\r\n");
    }

    #[tokio::test]
    async fn a_refusal_before_the_dot_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let out = FileOut::new(dir.path(), clock());
        let mut seen = Vec::new();
        let delivery = out
            .deliver(&mail("a@x", "text"), &mut || {
                seen = listed(dir.path());
                ready(Err("paid a moment ago".into()))
            })
            .await;
        assert_eq!(delivery, Delivery::Later { reason: "paid a moment ago".into(), lane: false });
        assert_eq!(seen, [".a.tmp"], "all is written when the last question is asked, under no final name");
        assert!(listed(dir.path()).is_empty());
    }

    #[tokio::test]
    async fn a_dangerous_id_stays_inside_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("out");
        let out = FileOut::new(&folder, clock());
        out.deliver(&mail("../../etc/pass-wd\0é@x", "text"), &mut || ready(Ok(()))).await;
        out.deliver(&mail("", "text"), &mut || ready(Ok(()))).await;
        assert_eq!(
            listed(&folder),
            ["2026-11-03T090000Z-0001-.._.._etc_pass_wd__.eml", "2026-11-03T090000Z-0002-no_id.eml"]
        );
        assert_eq!(listed(dir.path()), ["out"]);
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_stops_the_lane() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("file"), "").unwrap();
        let out = FileOut::new(dir.path().join("file"), clock());
        assert!(matches!(
            out.deliver(&mail("a@x", "text"), &mut || ready(Ok(()))).await,
            Delivery::Later { lane: true, .. }
        ));
        assert!(out.probe().await.is_err());
        assert!(FileOut::new(dir.path(), clock()).probe().await.is_ok());
    }
}
