//! A folder of files that somebody else fills: what is in it, and its bytes when they hold still.
//! Follows no symbolic link, opens nothing that is not a regular file, and changes nothing.

use crate::ports::{FileSource, Found, Hint, ReadFault, Scan};
use chrono::{DateTime, Utc};
use rustix::fs::{Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use std::fs::{File, Metadata};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;

/// Larger files are refused.
pub const LARGEST: u64 = 25 * 1024 * 1024;
/// Folders inside folders that are still read; the root is 0.
pub const DEEPEST: usize = 3;

/// A folder by its path. The path is opened anew each time, so a folder that was moved away and made again is read again.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    pub fn new(root: impl Into<PathBuf>) -> Folder {
        Folder { root: root.into() }
    }

    /// Anybody on this machine may put files into it: for a warning by `check`.
    pub fn is_open_to_all(&self) -> bool {
        std::fs::metadata(&self.root).is_ok_and(|meta| meta.mode() & 0o002 != 0)
    }

    fn list(&self, below: &Path, depth: usize, scan: &mut Scan) -> std::io::Result<()> {
        for entry in std::fs::read_dir(self.root.join(below))? {
            let entry = entry?;
            let name = below.join(entry.file_name());
            if !is_passing(&entry.file_name().to_string_lossy()) {
                self.take(name, depth, scan);
            }
        }
        Ok(())
    }

    fn take(&self, name: PathBuf, depth: usize, scan: &mut Scan) {
        let meta = match std::fs::symlink_metadata(self.root.join(&name)) {
            Ok(meta) => meta,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return,
            Err(e) => return scan.refused.push((name, e.to_string())),
        };
        let kind = meta.file_type();
        if kind.is_dir() && depth >= DEEPEST {
            scan.refused.push((name, format!("folders are read {DEEPEST} deep, this one lies deeper")));
        } else if kind.is_dir() {
            if let Err(e) = self.list(&name, depth + 1, scan) {
                scan.refused.push((name, e.to_string()));
            }
        } else if kind.is_symlink() {
            scan.refused.push((name, "symbolic links are not followed".into()));
        } else if !kind.is_file() {
            scan.refused.push((name, "it is not a regular file".into()));
        } else if meta.len() > LARGEST {
            scan.refused.push((name, too_large(meta.len())));
        } else {
            scan.files.push(found(name, &meta));
        }
    }

    /// Opens without following a link anywhere below the root and without waiting for the other end of a pipe.
    fn open(&self, name: &Path) -> Result<File, Errno> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let root = rustix::fs::open(&self.root, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        let opened = match rustix::fs::openat2(&root, name, flags, Mode::empty(), resolve) {
            // Kernels before 5.6 and some sandboxes do not know openat2; the last component is still guarded.
            Err(Errno::NOSYS | Errno::PERM) => rustix::fs::openat(&root, name, flags, Mode::empty()),
            other => other,
        };
        opened.map(File::from)
    }
}

impl FileSource for Folder {
    fn root(&self) -> &Path {
        &self.root
    }

    /// Everything in the folder. An error means that the folder itself cannot be listed; a missing folder is not an error.
    fn scan(&self) -> Result<Scan, String> {
        let mut scan = Scan::default();
        match std::fs::metadata(&self.root) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => scan.missing = true,
            Err(e) => return Err(format!("{}: {e}", self.root.display())),
            Ok(meta) if !meta.is_dir() => return Err(format!("{} is not a folder", self.root.display())),
            Ok(_) => self.list(Path::new(""), 0, &mut scan).map_err(|e| format!("{}: {e}", self.root.display()))?,
        }
        scan.files.sort();
        scan.refused.sort();
        Ok(scan)
    }

    /// The bytes of `found`, if the file is still the one that was seen and did not change while it was read.
    fn read(&self, found: &Found) -> Result<Vec<u8>, ReadFault> {
        let mut file = self.open(&found.name).map_err(read_fault)?;
        let before = file.metadata().map_err(read_fault)?;
        if !before.is_file() {
            return Err(ReadFault::Refused("it is not a regular file".into()));
        }
        if before.len() > LARGEST {
            return Err(ReadFault::Refused(too_large(before.len())));
        }
        let mut bytes = Vec::new();
        Read::by_ref(&mut file).take(LARGEST + 1).read_to_end(&mut bytes).map_err(read_fault)?;
        let after = file.metadata().map_err(read_fault)?;
        let same = [&before, &after].iter().all(|meta| same_file(found, meta));
        if same && bytes.len() as u64 == found.size { Ok(bytes) } else { Err(ReadFault::Changing) }
    }
}

/// Files that are on their way: hidden, or with the ending of a copy or download that is not finished.
pub fn is_passing(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with('.')
        || name.starts_with("~$")
        || name.ends_with('~')
        || [".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", ".download", ".swp", ".lock"]
            .iter()
            .any(|end| name.ends_with(end))
}

fn too_large(size: u64) -> String {
    format!("it is too large ({} MiB; at most {} MiB is read)", size.div_ceil(1024 * 1024), LARGEST / (1024 * 1024))
}

fn found(name: PathBuf, meta: &Metadata) -> Found {
    Found { name, size: meta.len(), modified: modified(meta), inode: meta.ino() }
}

fn modified(meta: &Metadata) -> DateTime<Utc> {
    DateTime::from_timestamp(meta.mtime(), u32::try_from(meta.mtime_nsec()).unwrap_or(0)).unwrap_or_default()
}

fn same_file(found: &Found, meta: &Metadata) -> bool {
    (found.size, found.modified, found.inode) == (meta.len(), modified(meta), meta.ino())
}

fn read_fault(e: impl Into<std::io::Error>) -> ReadFault {
    let e: std::io::Error = e.into();
    match e.kind() {
        std::io::ErrorKind::NotFound => ReadFault::Gone,
        _ if e.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
            ReadFault::Refused("symbolic links are not followed".into())
        }
        _ => ReadFault::Refused(e.to_string()),
    }
}

/// Says that something may have happened in some folders. Only a hint: events get lost, network file systems send
/// none, so the caller scans in full from time to time all the same.
pub struct Watcher {
    folders: Vec<Watched>,
    events: mpsc::Receiver<()>,
    /// None where the system has no watches left; then only the waiting time counts.
    source: Option<notify::RecommendedWatcher>,
}

struct Watched {
    path: PathBuf,
    /// The folder that the watch hangs on; another inode at the same path means that it must be hung anew.
    inode: Option<u64>,
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
            Err(_) => false,
        }
    }
}

impl Watcher {
    /// Folders that are not there yet are watched from when they come.
    pub fn new(folders: impl IntoIterator<Item = PathBuf>) -> Watcher {
        let (sender, events) = mpsc::channel(1);
        let source = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.map_or(true, |event| tells_of_change(&event)) {
                // Full means that a hint is waiting already.
                let _ = sender.try_send(());
            }
        });
        let folders = folders.into_iter().map(|path| Watched { path, inode: None }).collect();
        let mut watcher = Watcher { folders, events, source: source.ok() };
        watcher.hang();
        watcher
    }

    /// Hangs the watches on what is at the paths now. True if a folder came or was replaced after it was looked at before.
    fn hang(&mut self) -> bool {
        let Some(source) = &mut self.source else { return false };
        let mut moved = false;
        for folder in &mut self.folders {
            let now = std::fs::metadata(&folder.path).ok().map(|meta| meta.ino());
            if now == folder.inode {
                continue;
            }
            use notify::Watcher as _;
            if folder.inode.is_some() {
                let _ = source.unwatch(&folder.path);
            }
            let hung = now.is_some() && source.watch(&folder.path, notify::RecursiveMode::Recursive).is_ok();
            folder.inode = if hung { now } else { None };
            moved |= hung;
        }
        moved
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

    fn names(scan: &Scan) -> Vec<String> {
        scan.files.iter().map(|f| f.name.display().to_string()).collect()
    }

    #[test]
    fn only_finished_regular_files_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("b.xml"), "b").unwrap();
        fs::write(at("a.toml"), "a").unwrap();
        for passing in [".hidden", "c.xml.part", "d.tmp", "e.pdf~", "f.crdownload", "g.filepart", "~$h.docx"] {
            fs::write(at(passing), "x").unwrap();
        }
        fs::create_dir_all(at("one/two/three/four")).unwrap();
        fs::write(at("one/two/three/deep.xml"), "x").unwrap();
        fs::write(at("one/two/three/four/deeper.xml"), "x").unwrap();
        symlink("/etc/passwd", at("link.xml")).unwrap();
        symlink(dir.path(), at("loop")).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, at("pipe.xml"), rustix::fs::FileType::Fifo, Mode::RWXU, 0).unwrap();
        File::create(at("sparse.pdf")).unwrap().set_len(LARGEST + 1).unwrap();
        File::create(at("largest.pdf")).unwrap().set_len(LARGEST).unwrap();

        let scan = Folder::new(dir.path()).scan().unwrap();
        assert_eq!(names(&scan), ["a.toml", "b.xml", "largest.pdf", "one/two/three/deep.xml"]);
        let refused: Vec<_> = scan.refused.iter().map(|(n, why)| (n.to_str().unwrap(), why.as_str())).collect();
        assert_eq!(
            refused,
            [
                ("link.xml", "symbolic links are not followed"),
                ("loop", "symbolic links are not followed"),
                ("one/two/three/four", "folders are read 3 deep, this one lies deeper"),
                ("pipe.xml", "it is not a regular file"),
                ("sparse.pdf", "it is too large (26 MiB; at most 25 MiB is read)"),
            ]
        );
    }

    #[test]
    fn a_missing_folder_is_empty_and_a_file_in_its_place_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Folder::new(dir.path().join("later")).scan(), Ok(Scan { missing: true, ..Scan::default() }));
        fs::write(dir.path().join("file"), "x").unwrap();
        assert!(Folder::new(dir.path().join("file")).scan().unwrap_err().contains("is not a folder"));

        assert!(!Folder::new(dir.path()).is_open_to_all());
        fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        assert!(Folder::new(dir.path()).is_open_to_all());
    }

    #[test]
    fn bytes_come_only_from_the_file_that_was_seen() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::new(dir.path());
        let path = dir.path().join("a.xml");
        fs::write(&path, "<a/>").unwrap();
        let seen = folder.scan().unwrap().files.remove(0);
        assert_eq!(folder.read(&seen), Ok(b"<a/>".to_vec()));

        fs::write(&path, "<a>grown</a>").unwrap();
        assert_eq!(folder.read(&seen), Err(ReadFault::Changing));

        fs::write(dir.path().join("new"), "<a/>").unwrap();
        fs::rename(dir.path().join("new"), &path).unwrap();
        assert_eq!(folder.read(&seen), Err(ReadFault::Changing));

        fs::remove_file(&path).unwrap();
        assert_eq!(folder.read(&seen), Err(ReadFault::Gone));
        symlink("/etc/passwd", &path).unwrap();
        assert_eq!(folder.read(&seen), Err(ReadFault::Refused("symbolic links are not followed".into())));
        fs::remove_file(&path).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, Mode::RWXU, 0).unwrap();
        assert_eq!(folder.read(&seen), Err(ReadFault::Refused("it is not a regular file".into())));
    }

    #[test]
    fn a_folder_swapped_for_a_link_is_not_entered() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(dir.path().join("sub")).unwrap();
        fs::write(dir.path().join("sub/a.xml"), "ours").unwrap();
        let folder = Folder::new(dir.path());
        let seen = folder.scan().unwrap().files.remove(0);
        fs::remove_dir_all(dir.path().join("sub")).unwrap();
        fs::write(other.path().join("a.xml"), "evil").unwrap();
        symlink(other.path(), dir.path().join("sub")).unwrap();
        assert!(matches!(folder.read(&seen), Err(ReadFault::Refused(_))));
    }

    #[test]
    fn not_even_a_link_that_stays_inside_is_followed() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("sub")).unwrap();
        fs::write(dir.path().join("sub/a.xml"), "ours").unwrap();
        let folder = Folder::new(dir.path());
        let seen = folder.scan().unwrap().files.remove(0);
        fs::rename(dir.path().join("sub"), dir.path().join("moved")).unwrap();
        symlink("moved", dir.path().join("sub")).unwrap();
        assert!(matches!(folder.read(&seen), Err(ReadFault::Refused(_))));
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
