//! A folder of files that somebody else fills: what is in it, and its bytes when they hold still.
//! Follows no symbolic link, opens nothing that is not a regular file, and changes nothing.

mod watcher;

pub use watcher::Watcher;

use crate::ports::{FileSource, Found, ReadFault, Scan};
use chrono::{DateTime, Utc};
use rustix::fs::{Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use std::fs::{DirEntry, File, Metadata};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

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
            let name = entry.file_name();
            if !is_passing(&name.to_string_lossy()) {
                self.take(below.join(name), &entry, depth, scan)?;
            }
        }
        Ok(())
    }

    /// An error is trouble of the disk or the network, not of the file.
    fn take(&self, name: PathBuf, entry: &DirEntry, depth: usize, scan: &mut Scan) -> std::io::Result<()> {
        // Of the entry itself, by its open folder: no path is walked, no link followed.
        let meta = match entry.metadata() {
            Ok(meta) => meta,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
            Err(e) if e.kind() == ErrorKind::PermissionDenied => {
                scan.refused.push((name, e.to_string()));
                return Ok(());
            }
            Err(e) => return Err(e),
        };
        let kind = meta.file_type();
        if kind.is_dir() && depth >= DEEPEST {
            scan.refused.push((name, format!("folders are read {DEEPEST} deep, this one lies deeper")));
        } else if kind.is_dir() {
            match self.list(&name, depth + 1, scan) {
                Err(e) if e.kind() == ErrorKind::PermissionDenied => scan.refused.push((name, e.to_string())),
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
                _ => {}
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
        Ok(())
    }

    /// Something is mounted at the root itself.
    fn is_mounted(&self, root: &Metadata) -> bool {
        std::fs::metadata(self.root.join("..")).is_ok_and(|above| above.dev() != root.dev())
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
            Err(e) if e.kind() == ErrorKind::NotFound => scan.missing = true,
            Err(e) => return Err(format!("{}: {e}", self.root.display())),
            Ok(meta) if !meta.is_dir() => return Err(format!("{} is not a folder", self.root.display())),
            Ok(meta) => {
                scan.mounted = self.is_mounted(&meta);
                self.list(Path::new(""), 0, &mut scan).map_err(|e| format!("{}: {e}", self.root.display()))?;
            }
        }
        // Paths compare part by part, which is slow among very many; their bytes do as well.
        scan.files.sort_unstable_by(|a, b| a.name.as_os_str().cmp(b.name.as_os_str()));
        scan.refused.sort_unstable();
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

/// Endings of copies and downloads that are not finished, of locks, and of what stands for a file that is not here:
/// browsers, office programs, rsync, WinSCP, Nextcloud, ownCloud, OneDrive, Syncthing, Dropbox.
const PASSING_ENDS: [&str; 18] = [
    "~",
    ".part",
    ".partial",
    ".tmp",
    ".temp",
    ".crdownload",
    ".filepart",
    ".download",
    ".opdownload",
    ".swp",
    ".swx",
    ".lock",
    ".lck",
    ".!sync",
    ".nextcloud",
    ".owncloud",
    ".owncloudsync.log",
    ".nextcloudsync.log",
];
/// How such names, and those of office programs that have a file open, begin. A dot hides, as everywhere: `.~lock.…`,
/// `.sync_….db`, `._sync_…`, `.syncthing.….tmp`, `.stversions`, `.dropbox.cache`, `.goutputstream-…`.
const PASSING_STARTS: [&str; 3] = [".", "~$", "~syncthing~"];
/// What systems and network disks leave in folders by themselves.
const OF_THE_SYSTEM: [&str; 9] = [
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "icon\r",
    "lost+found",
    "@eadir",
    "#recycle",
    "$recycle.bin",
    "system volume information",
];

/// Files that are on their way or belong to the system: hidden, or with a name that says so. They are passed by.
pub fn is_passing(name: &str) -> bool {
    let name = name.to_lowercase();
    PASSING_STARTS.iter().any(|start| name.starts_with(start))
        || PASSING_ENDS.iter().any(|end| name.ends_with(end))
        || OF_THE_SYSTEM.contains(&name.as_str())
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

/// What says something of the file is a refusal; all else is the disk's, the network's or the machine's, and passes.
fn read_fault(e: impl Into<std::io::Error>) -> ReadFault {
    let e: std::io::Error = e.into();
    match e.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => ReadFault::Gone,
        ErrorKind::PermissionDenied => ReadFault::Refused(e.to_string()),
        _ if e.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
            ReadFault::Refused("symbolic links are not followed".into())
        }
        // A socket or a device without a driver, put there since the scan.
        _ if e.raw_os_error() == Some(Errno::NXIO.raw_os_error()) => {
            ReadFault::Refused("it is not a regular file".into())
        }
        _ => ReadFault::Away(e.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::time::Duration;

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
        fs::create_dir(at(".stversions")).unwrap();
        fs::write(at(".stversions/old.xml"), "x").unwrap();
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
    fn what_other_programs_leave_is_passed_by_and_nothing_else() {
        for name in [
            ".~lock.2026-0412.ods#",
            ".sync_0123456789ab.db",
            "._sync_0123456789ab.db-wal",
            ".nextcloudsync.log",
            ".owncloudsync.log",
            "2026-0412.pdf.nextcloud",
            ".2026-0412.xml.~1a2b",
            ".syncthing.2026-0412.xml.tmp",
            "~syncthing~2026-0412.xml.tmp",
            ".stfolder",
            ".dropbox.cache",
            ".goutputstream-X4Z1Z2",
            ".2026-0412.toml.swp",
            "~WRL0001.tmp",
            "Thumbs.db",
            "desktop.ini",
            "lost+found",
            "@eaDir",
            "#recycle",
            "$RECYCLE.BIN",
            "Icon\r",
        ] {
            assert!(is_passing(name), "{name}");
        }
        for name in [
            "2026-0412.xml",
            "2026-0412 (conflicted copy 2026-11-03 101500).xml",
            "2026-0412 (Jan's conflicted copy 2026-11-03).pdf",
            "2026-0412.sync-conflict-20261103-101500-ABCDEFG.toml",
            "#2026-0412.toml",
            "~2026.xml",
            "lock.xml",
            "part.pdf",
            "2026",
        ] {
            assert!(!is_passing(name), "{name}");
        }
    }

    #[test]
    fn only_what_says_something_of_the_file_refuses_it() {
        let kernel = |errno: Errno| read_fault(errno);
        assert_eq!(kernel(Errno::NOENT), ReadFault::Gone);
        assert!(matches!(kernel(Errno::ACCESS), ReadFault::Refused(_)));
        for errno in [Errno::IO, Errno::STALE, Errno::TIMEDOUT, Errno::NOTCONN, Errno::MFILE, Errno::NOMEM] {
            assert!(matches!(kernel(errno), ReadFault::Away(_)), "{errno}");
        }
    }

    /// `AANMAAND_FILES=100000`: how long a look takes. A thousand files, unless it says more.
    #[test]
    fn a_look_is_quick() {
        let dir = tempfile::tempdir().unwrap();
        let files = std::env::var("AANMAAND_FILES").map_or(1000, |files| files.parse().unwrap());
        for n in 0..files {
            if n % 10_000 == 0 {
                fs::create_dir(dir.path().join(format!("{}", n / 10_000))).unwrap();
            }
            fs::write(dir.path().join(format!("{}/F-2026-{n:06}.toml", n / 10_000)), "x").unwrap();
        }
        let began = std::time::Instant::now();
        let scan = Folder::new(dir.path()).scan().unwrap();
        println!("{} files seen in {:?}", scan.files.len(), began.elapsed());
        assert!(scan.files.len() == files && began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        assert!(scan.files.is_sorted_by(|a, b| a.name.as_os_str() < b.name.as_os_str()));
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
}
