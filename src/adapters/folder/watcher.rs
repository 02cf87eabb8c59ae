//! Hints that something happened in a folder. Only hints: events get lost, network file systems send none, a disk that is
//! mounted over a folder tells nobody. So the caller looks in full from time to time all the same.

use crate::ports::Hint;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;

/// Says that something may have happened in some folders.
pub struct Watcher {
    folders: Vec<Watched>,
    events: mpsc::Receiver<()>,
    /// None where the system has no watches left; then only the waiting time counts.
    source: Option<notify::RecommendedWatcher>,
}

struct Watched {
    path: PathBuf,
    hung: Option<Hung>,
}

/// What a watch hangs on: another device or inode at the same path means that it must be hung anew.
#[derive(Clone, PartialEq, Eq)]
struct Hung {
    device: u64,
    inode: u64,
    /// The path without links; the watch is taken down by it.
    at: PathBuf,
}

impl Hung {
    fn on(path: &Path) -> Option<Hung> {
        // Our own folder may be reached by a link; what is below it is never followed.
        let at = std::fs::canonicalize(path).ok()?;
        let meta = std::fs::metadata(&at).ok()?;
        Some(Hung { device: meta.dev(), inode: meta.ino(), at })
    }
}

#[async_trait::async_trait]
impl Hint for Watcher {
    async fn changed(&mut self, longest: Duration) -> bool {
        if self.hang() {
            return true;
        }
        match tokio::time::timeout(longest, self.events.recv()).await {
            Ok(Some(())) => true,
            Ok(None) => {
                // The watch could not be set up: nothing will ever come, so wait the time out.
                tokio::time::sleep(longest).await;
                false
            }
            Err(_) => {
                self.doubt();
                false
            }
        }
    }
}

impl Watcher {
    /// Folders that are not there yet are watched from when they come.
    pub fn new(folders: impl IntoIterator<Item = PathBuf>) -> Watcher {
        let (sender, events) = mpsc::channel(1);
        let tell = move |event: notify::Result<notify::Event>| {
            if event.map_or(true, |event| tells_of_change(&event)) {
                // Full means that a hint is waiting already.
                let _ = sender.try_send(());
            }
        };
        // Following links, one to / would hang watches on every folder of the machine.
        let config = notify::Config::default().with_follow_symlinks(false);
        let source = <notify::RecommendedWatcher as notify::Watcher>::new(tell, config).ok();
        let folders = folders.into_iter().map(|path| Watched { path, hung: None }).collect();
        let mut watcher = Watcher { folders, events, source };
        watcher.hang();
        watcher
    }

    /// Hangs the watches on what is at the paths now. True if a folder came or was replaced after it was looked at before.
    fn hang(&mut self) -> bool {
        let Some(source) = &mut self.source else { return false };
        let mut moved = false;
        for folder in &mut self.folders {
            let now = Hung::on(&folder.path);
            if now == folder.hung {
                continue;
            }
            use notify::Watcher as _;
            if let Some(before) = folder.hung.take() {
                let _ = source.unwatch(&before.at);
            }
            folder.hung = now.filter(|now| source.watch(&now.at, notify::RecursiveMode::Recursive).is_ok());
            moved |= folder.hung.is_some();
        }
        moved
    }

    /// It was quiet for long. A disk that was taken off and put back looks the same and has lost its watches, so they
    /// are hung anew; the full look that follows sees what came in between.
    fn doubt(&mut self) {
        use notify::Watcher as _;
        let Some(source) = &mut self.source else { return };
        for hung in self.folders.iter_mut().filter_map(|folder| folder.hung.as_ref()) {
            let _ = source.unwatch(&hung.at);
            let _ = source.watch(&hung.at, notify::RecursiveMode::Recursive);
        }
    }
}

/// Reading a file is an event too; without this the daemon would wake itself for ever.
fn tells_of_change(event: &notify::Event) -> bool {
    use notify::event::{AccessKind, AccessMode, EventKind};
    event.need_rescan()
        || !matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[tokio::test]
    async fn a_link_to_elsewhere_is_not_watched_and_our_own_folder_may_be_one() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir_all(other.path().join("deep")).unwrap();
        fs::create_dir(dir.path().join("in")).unwrap();
        symlink(other.path(), dir.path().join("in/elsewhere")).unwrap();
        symlink("in", dir.path().join("ours")).unwrap();
        let mut watcher = Watcher::new([dir.path().join("ours")]);
        let (soon, late) = (Duration::from_millis(150), Duration::from_secs(5));
        fs::write(other.path().join("deep/a"), "x").unwrap();
        assert!(!watcher.changed(soon).await, "nobody waits for what lies elsewhere");
        fs::write(dir.path().join("in/b"), "x").unwrap();
        assert!(watcher.changed(late).await);
    }

    /// As a disk that was taken off and put back does.
    #[tokio::test]
    async fn watches_that_fell_off_unnoticed_are_hung_anew_after_a_quiet_time() {
        use notify::Watcher as _;
        let dir = tempfile::tempdir().unwrap();
        let mut watcher = Watcher::new([dir.path().to_owned()]);
        let (soon, late) = (Duration::from_millis(100), Duration::from_secs(5));
        watcher.source.as_mut().unwrap().unwatch(&dir.path().canonicalize().unwrap()).unwrap();
        fs::write(dir.path().join("a"), "x").unwrap();
        assert!(!watcher.changed(soon).await);
        fs::write(dir.path().join("b"), "x").unwrap();
        assert!(watcher.changed(late).await);
    }

    #[tokio::test]
    async fn the_watcher_hints_even_when_the_folder_comes_late_or_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("in");
        let mut watcher = Watcher::new([path.clone()]);
        let (soon, late) = (Duration::from_millis(150), Duration::from_secs(5));
        assert!(!watcher.changed(soon).await);
        fs::create_dir(&path).unwrap();
        assert!(watcher.changed(late).await, "the folder came");
        fs::write(path.join("a"), "x").unwrap();
        assert!(watcher.changed(late).await, "a file came");
        while watcher.changed(soon).await {}
        fs::read(path.join("a")).unwrap();
        assert!(!watcher.changed(soon).await, "reading is no change");
        fs::rename(&path, dir.path().join("away")).unwrap();
        fs::create_dir(&path).unwrap();
        while watcher.changed(soon).await {}
        fs::write(path.join("b"), "x").unwrap();
        assert!(watcher.changed(late).await, "the new folder at the old path is watched");
    }
}
