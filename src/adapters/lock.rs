//! One daemon an administration: an exclusive lock on a file beside the database, free again when the process ends.

use rustix::fs::{FlockOperation, flock};
use std::fs::File;
use std::path::Path;

/// Held as long as it lives.
#[derive(Debug)]
pub struct Lock(#[allow(dead_code, reason = "the lock lives as long as the open file")] File);

impl Lock {
    /// Takes the lock of a state folder; an error says that another process has it.
    pub fn take(state: &Path) -> Result<Lock, String> {
        let path = state.join("lock");
        let open = File::options().create(true).truncate(false).write(true).open(&path);
        let file = open.map_err(|error| format!("{}: {error}", path.display()))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Lock(file)),
            Err(_) => Err(format!("another aanmaand is at work on {}; stop it first", state.display())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take(folder.path()).unwrap();
        assert!(Lock::take(folder.path()).unwrap_err().contains("another aanmaand"));
        drop(first);
        assert!(Lock::take(folder.path()).is_ok());
    }
}
