//! A password or the like that is named in the configuration and read only when it is needed. Never printed, never kept.

use std::ffi::OsString;
use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Where a secret is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// A file that only its owner may read.
    File(PathBuf),
    /// A file of this name in `$CREDENTIALS_DIRECTORY` (systemd's `LoadCredential=`).
    Credential(String),
}

/// Why a secret could not be read. Names the place, never the content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretFault {
    #[error("{} cannot be read: {reason}", path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("{} may be read by others than its owner (mode {mode:03o}); run chmod 600 on it", path.display())]
    Exposed { path: PathBuf, mode: u32 },
    #[error("{} is empty", path.display())]
    Empty { path: PathBuf },
    #[error(
        "the credential {0:?} is not there: CREDENTIALS_DIRECTORY is not set; start under systemd with LoadCredential="
    )]
    NoCredentials(String),
}

impl Secret {
    /// Reads the secret now: the file's content without the line break at its end.
    ///
    /// A credential's mode is not judged: systemd guards it with an access list, which shows as group bits.
    pub fn read(&self) -> Result<String, SecretFault> {
        match self {
            Secret::File(path) => {
                refuse_exposed(path, mode_of(path)?)?;
                content(path)
            }
            Secret::Credential(name) => credential(std::env::var_os("CREDENTIALS_DIRECTORY"), name),
        }
    }
}

/// Shows where the secret is kept, not the secret.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Secret::File(path) => write!(f, "file {}", path.display()),
            Secret::Credential(name) => write!(f, "credential {name}"),
        }
    }
}

/// A secret file that its group or others may touch is refused.
pub(super) fn refuse_exposed(path: &Path, mode: u32) -> Result<(), SecretFault> {
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(SecretFault::Exposed { path: path.to_owned(), mode: mode & 0o777 })
}

fn credential(folder: Option<OsString>, name: &str) -> Result<String, SecretFault> {
    let folder = folder.ok_or_else(|| SecretFault::NoCredentials(name.to_owned()))?;
    content(&Path::new(&folder).join(name))
}

fn mode_of(path: &Path) -> Result<u32, SecretFault> {
    let metadata = std::fs::metadata(path).map_err(|fault| unreadable(path, &fault))?;
    Ok(metadata.permissions().mode())
}

fn content(path: &Path) -> Result<String, SecretFault> {
    let text = std::fs::read_to_string(path).map_err(|fault| unreadable(path, &fault))?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(SecretFault::Empty { path: path.to_owned() });
    }
    Ok(password.to_owned())
}

fn unreadable(path: &Path, fault: &std::io::Error) -> SecretFault {
    SecretFault::Unreadable { path: path.to_owned(), reason: fault.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn secret(content: &str, mode: u32) -> (tempfile::TempDir, Secret) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let secret = Secret::File(path);
        (folder, secret)
    }

    #[test]
    fn reads_a_private_file_and_only_that() {
        let (_folder, private) = secret("s3cret with blanks \r\n", 0o600);
        assert_eq!(private.read().unwrap(), "s3cret with blanks ");
        for mode in [0o640, 0o604, 0o644, 0o620] {
            let (_folder, exposed) = secret("s3cret", mode);
            let fault = exposed.read().unwrap_err();
            assert!(matches!(fault, SecretFault::Exposed { .. }), "{mode:o}");
            assert!(!fault.to_string().contains("s3cret"));
        }
        let (_folder, empty) = secret("\n", 0o600);
        assert!(matches!(empty.read(), Err(SecretFault::Empty { .. })));
        assert!(matches!(Secret::File("/nowhere/x".into()).read(), Err(SecretFault::Unreadable { .. })));
    }

    #[test]
    fn a_credential_comes_from_the_folder_of_the_service() {
        let (folder, _) = secret("s3cret\n", 0o440);
        assert_eq!(credential(Some(folder.path().into()), "password").unwrap(), "s3cret");
        assert!(matches!(credential(None, "password"), Err(SecretFault::NoCredentials(_))));
        assert!(matches!(credential(Some(folder.path().into()), "other"), Err(SecretFault::Unreadable { .. })));
    }

    #[test]
    fn debug_shows_the_place_only() {
        let (_folder, private) = secret("s3cret", 0o600);
        assert!(format!("{private:?}").ends_with("/password"));
        assert_eq!(format!("{:?}", Secret::Credential("imap".into())), "credential imap");
    }
}
