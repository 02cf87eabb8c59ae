//! A file that only takes up room, so that there is some to give back when the disk is full: what became of a letter
//! must be written down even then.

use crate::ports::Room;
use rustix::fs::{FallocateFlags, fallocate, statvfs};
use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Result, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Bytes kept in reserve: room for thousands of outcomes.
const RESERVE: u64 = 16 * 1024 * 1024;
/// The reserve is only taken when this much stays free beside it.
const LEAVE: u64 = 64 * 1024 * 1024;

/// `ballast` in the folder of the database.
pub struct Ballast {
    folder: PathBuf,
    reserve: u64,
}

impl Ballast {
    pub fn of(folder: &Path) -> Ballast {
        Ballast { folder: folder.to_owned(), reserve: RESERVE }
    }

    fn path(&self) -> PathBuf {
        self.folder.join("ballast")
    }
}

impl Room for Ballast {
    fn free(&self) -> Result<u64> {
        let room = statvfs(&self.folder)?;
        Ok(room.f_bavail.saturating_mul(room.f_frsize))
    }

    fn keep_reserve(&self) -> Result<()> {
        let path = self.path();
        if path.metadata().is_ok_and(|file| file.len() == self.reserve) || self.free()? < self.reserve + LEAVE {
            return Ok(());
        }
        let taken = take(&path, self.reserve);
        if taken.is_err() {
            // Whatever of it is there would only look like a reserve.
            let _ = std::fs::remove_file(&path);
        }
        taken
    }

    fn give_reserve(&self) -> Result<()> {
        match std::fs::remove_file(self.path()) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => File::open(&self.folder)?.sync_all(),
        }
    }
}

/// Real blocks, not a hole.
fn take(path: &Path, bytes: u64) -> Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    match fallocate(&file, FallocateFlags::empty(), 0, bytes) {
        Ok(()) => {}
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => write_out(&mut file, bytes)?,
        Err(error) => return Err(Error::from(error)),
    }
    file.sync_all()
}

/// For file systems that cannot set blocks aside. Ones, since zeros may be kept as a hole.
fn write_out(file: &mut File, bytes: u64) -> Result<()> {
    let block = [1u8; 64 * 1024];
    for _ in 0..bytes / block.len() as u64 {
        file.write_all(&block)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn it_takes_real_room_and_gives_it_back() {
        let folder = tempfile::tempdir().unwrap();
        let ballast = Ballast { reserve: 1024 * 1024, ..Ballast::of(folder.path()) };
        if ballast.free().unwrap() < 2 * LEAVE {
            eprintln!("SKIPPED: there is too little room here");
            return;
        }
        ballast.keep_reserve().unwrap();
        let file = ballast.path().metadata().unwrap();
        assert!(file.blocks() * 512 >= 1024 * 1024, "{} blocks", file.blocks());
        ballast.keep_reserve().unwrap();
        ballast.give_reserve().unwrap();
        assert!(!ballast.path().exists());
        ballast.give_reserve().unwrap();
    }

    #[test]
    fn it_takes_nothing_where_little_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let ballast = Ballast { reserve: u64::MAX / 2, ..Ballast::of(folder.path()) };
        ballast.keep_reserve().unwrap();
        assert!(!ballast.path().exists());
    }

    #[test]
    fn blocks_written_by_hand_are_real_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ballast");
        write_out(&mut File::create(&path).unwrap(), 256 * 1024).unwrap();
        assert_eq!(path.metadata().unwrap().len(), 256 * 1024);
    }
}
