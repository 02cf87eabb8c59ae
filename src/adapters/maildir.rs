//! A mailbox in the form of a Maildir (or simply a folder of `.eml` files). Only reads: no file is moved, renamed,
//! flagged or deleted, so another mail program may use the same folder. The one thing that is written, where the owner
//! wants it, is a copy of a letter that was sent, in `.Sent`.

use crate::mail::own;
use crate::ports::{Copies, Fetched, Glance, KnownMail, MailKey, Mailbox, MailboxFault, OwnCopy, Places, Unfetched};
use crate::store::evidence_of;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use rustix::fs::{Mode, OFlags};
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

const LARGEST: u64 = 25 * 1024 * 1024;
/// Bytes of mail in one look; the rest waits for the next.
const LOOK: usize = 64 * 1024 * 1024;
/// Of a mail that is too large so many bytes are kept: its head and, mostly, its text.
const BEGINNING: usize = 1024 * 1024;
const POLL: Duration = Duration::from_secs(2);

/// `new/` and `cur/` and loose `*.eml` files are the folder `INBOX`; `.Junk/` is the folder `Junk`. A Maildir that is
/// not there is told apart from an empty one. Arrival times are not told: a file's time says when it was copied, not when the mail came.
/// `.Sent/` (Maildir++) is read as the folder for sent mail, and copies of our own mails are looked for in all of them.
pub struct Maildir {
    root: PathBuf,
    /// The owner's word for the folder of sent mail.
    sent: Option<String>,
    /// What the folders looked like at the last look; another look of them ends `wait`.
    last_seen: Vec<Trace>,
}

impl Maildir {
    pub fn new(root: impl Into<PathBuf>) -> Maildir {
        Maildir { root: root.into(), sent: None, last_seen: Vec::new() }
    }

    /// With the owner's name for the folder of sent mail.
    pub fn with_sent(self, sent: Option<String>) -> Maildir {
        Maildir { sent, ..self }
    }
}

/// What the folder for sent mail is called, when the owner does not say it.
const SENT_NAMES: [&str; 5] = ["Sent", "Sent Items", "Sent Messages", "Verzonden", "Verzonden items"];

/// The folder for sent mail, when it is there.
fn sent_folder(root: &Path, named: Option<&str>) -> Result<Option<(String, PathBuf)>, MailboxFault> {
    if !root.is_dir() {
        return Err(MailboxFault::Absent(root.display().to_string()));
    }
    let below = |name: &str| (name.to_owned(), root.join(format!(".{name}")));
    let found = match named {
        Some(name) => Some(below(name)).filter(|(_, path)| path.is_dir()),
        None => SENT_NAMES.iter().map(|name| below(name)).find(|(_, path)| path.is_dir()),
    };
    match (found, named) {
        (None, Some(name)) => {
            Err(MailboxFault::Refused(format!("mailbox.sent = {name:?}: there is no .{name} in {}", root.display())))
        }
        (found, _) => Ok(found),
    }
}

#[async_trait]
impl Copies for Maildir {
    async fn places(&mut self) -> Result<Places, MailboxFault> {
        let sent = sent_folder(&self.root, self.sent.as_deref())?.map(|(name, _)| name);
        let junk = self.root.join(".Junk").is_dir().then(|| "Junk".to_owned());
        Ok(Places { sent, everything: None, others: std::iter::once("INBOX".to_owned()).chain(junk).collect() })
    }

    async fn find(&mut self, message_id: &str) -> Result<Option<OwnCopy>, MailboxFault> {
        let (root, sent, id) = (self.root.clone(), self.sent.clone(), message_id.to_owned());
        let found = blocking(move || copies(&root, sent.as_deref(), &|head| own::carries(head, &id))).await??;
        Ok(found.into_iter().next())
    }

    async fn since(&mut self, day: NaiveDate) -> Result<Vec<OwnCopy>, MailboxFault> {
        let (root, sent) = (self.root.clone(), self.sent.clone());
        let mut found = blocking(move || copies(&root, sent.as_deref(), &|head| own::own_id(head).is_some())).await??;
        found.retain(|copy| copy.received_at.is_none_or(|at| at.date_naive() >= day));
        found.sort_by_key(|copy| copy.received_at);
        Ok(found)
    }

    async fn keep(&mut self, mail: &[u8], sent_at: DateTime<Utc>) -> Result<(), MailboxFault> {
        let (root, sent, mail) = (self.root.clone(), self.sent.clone(), mail.to_vec());
        blocking(move || put(&root, sent.as_deref(), &mail, sent_at)).await?
    }
}

/// The mails whose header is wanted, those in Sent first.
fn copies(root: &Path, sent: Option<&str>, wanted: &dyn Fn(&[u8]) -> bool) -> Result<Vec<OwnCopy>, MailboxFault> {
    let sent = sent_folder(root, sent)?;
    let (mut listed, others): (Vec<_>, Vec<_>) = list(root, sent.as_ref())?.into_iter().partition(|mail| mail.sent);
    listed.extend(others);
    let mut found = Vec::new();
    for Listed { key, path, .. } in listed {
        // What another program moves or deletes while we look is seen at the next look.
        let body = read(&path).map_err(|e| MailboxFault::Later(format!("{}: {e}", path.display())))?;
        let head = body.as_deref().map(own::head_of).unwrap_or_default();
        if wanted(head) {
            let received_at = arrival(&key.name);
            found.push(OwnCopy { head: head.to_vec(), key, received_at });
        }
    }
    Ok(found)
}

/// By the second with which a Maildir name begins; `None` for any other name.
fn arrival(name: &str) -> Option<DateTime<Utc>> {
    let second = i64::try_from(leading_number(name)).ok().filter(|second| *second > 1_000_000_000)?;
    DateTime::from_timestamp(second, 0)
}

/// Written aside and then renamed, under a name that the same mail always has.
fn put(root: &Path, sent: Option<&str>, mail: &[u8], sent_at: DateTime<Utc>) -> Result<(), MailboxFault> {
    let none = || MailboxFault::Refused("there is no folder for sent mail".to_owned());
    let (_, folder) = sent_folder(root, sent)?.ok_or_else(none)?;
    let hash = evidence_of(mail).as_str().chars().take(16).collect::<String>();
    let name = format!("{}.{hash}.aanmaand", sent_at.timestamp());
    let (aside, there) = (folder.join("tmp").join(&name), folder.join("cur").join(format!("{name}:2,S")));
    let written = || -> std::io::Result<()> {
        for place in ["tmp", "new", "cur"] {
            std::fs::create_dir_all(folder.join(place))?;
        }
        let mut file = File::create(&aside)?;
        file.write_all(mail)?;
        file.sync_all()?;
        std::fs::rename(&aside, &there)
    };
    written().map_err(|e| MailboxFault::Later(format!("{}: {e}", there.display())))
}

#[async_trait]
impl Mailbox for Maildir {
    async fn look(&mut self, known: &dyn KnownMail, limit: usize) -> Result<Glance, MailboxFault> {
        // Where the named folder for sent mail is missing, who looks for copies says so; what came in is read all the same.
        let (root, sent) = (self.root.clone(), sent_folder(&self.root, self.sent.as_deref()).unwrap_or_default());
        self.last_seen = traces(&root, sent.as_ref());
        let listed = blocking(move || list(&root, sent.as_ref())).await??;
        let new: HashSet<MailKey> =
            known.unknown(listed.iter().map(|mail| mail.key.clone()).collect()).into_iter().collect();
        let fresh: Vec<_> = listed.into_iter().filter(|mail| new.contains(&mail.key)).collect();
        let waiting = fresh.len();
        let (mails, complete) = blocking(move || fetch(fresh, limit)).await??;
        let waiting = if complete { 0 } else { waiting.saturating_sub(mails.len()) };
        Ok(Glance { mails, complete, waiting })
    }

    async fn wait(&mut self, longest: Duration) -> Result<(), MailboxFault> {
        let end = tokio::time::Instant::now() + longest;
        loop {
            let now = tokio::time::Instant::now();
            let sent = sent_folder(&self.root, self.sent.as_deref()).unwrap_or_default();
            if traces(&self.root, sent.as_ref()) != self.last_seen || now >= end {
                return Ok(());
            }
            tokio::time::sleep(POLL.min(end - now)).await;
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, MailboxFault> {
    tokio::task::spawn_blocking(work).await.map_err(|e| MailboxFault::Later(e.to_string()))
}

/// A folder's inode and time of change: differs when a file came or went.
type Trace = Option<(u64, i64, i64)>;

/// A folder on the disk that is read.
struct Place {
    folder: String,
    path: PathBuf,
    sent: bool,
}

fn places(root: &Path, sent: Option<&(String, PathBuf)>) -> Vec<Place> {
    let junk = ("Junk".to_owned(), root.join(".Junk"));
    let inbox = Place { folder: "INBOX".to_owned(), path: root.to_path_buf(), sent: false };
    let folders = [(inbox.folder.clone(), root.to_path_buf()), junk];
    let read = folders.iter().map(|folder| (folder, false)).chain(sent.map(|folder| (folder, true)));
    let below = read.flat_map(|((folder, path), sent)| {
        ["new", "cur"].map(|place| Place { folder: folder.clone(), path: path.join(place), sent })
    });
    std::iter::once(inbox).chain(below).collect()
}

fn traces(root: &Path, sent: Option<&(String, PathBuf)>) -> Vec<Trace> {
    let trace = |path: &Path| std::fs::metadata(path).ok().map(|meta| (meta.ino(), meta.mtime(), meta.mtime_nsec()));
    places(root, sent).iter().map(|place| trace(&place.path)).collect()
}

struct Listed {
    key: MailKey,
    path: PathBuf,
    sent: bool,
}

/// Every mail once, oldest first: Maildir names begin with the second of arrival.
fn list(root: &Path, sent: Option<&(String, PathBuf)>) -> Result<Vec<Listed>, MailboxFault> {
    if std::fs::metadata(root).is_err_and(|e| e.kind() == ErrorKind::NotFound) {
        return Err(MailboxFault::Absent(root.display().to_string()));
    }
    let mut mails = BTreeMap::new();
    for Place { folder, path: place, sent } in places(root, sent) {
        for (name, path) in entries(&place, place == root)? {
            let key = MailKey { folder: folder.clone(), uidvalidity: 0, uid: 0, name };
            mails.insert((leading_number(&key.name), key.name.clone(), folder.clone()), Listed { key, path, sent });
        }
    }
    Ok(mails.into_values().collect())
}

fn entries(place: &Path, loose: bool) -> Result<Vec<(String, PathBuf)>, MailboxFault> {
    let refused = |e: std::io::Error| MailboxFault::Refused(format!("{}: {e}", place.display()));
    let listing = match std::fs::read_dir(place) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        listing => listing.map_err(refused)?,
    };
    let mut found = Vec::new();
    for entry in listing {
        let entry = entry.map_err(refused)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let wanted = !loose || name.to_ascii_lowercase().ends_with(".eml");
        if !folder && !name.starts_with('.') && wanted {
            found.push((unique(&name).to_owned(), entry.path()));
        }
    }
    Ok(found)
}

/// The name without the flags that a mail program adds (`:2,S`).
fn unique(name: &str) -> &str {
    name.split(":2,").next().unwrap_or(name)
}

fn leading_number(name: &str) -> u64 {
    let digits = name.len() - name.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    name.get(..digits).and_then(|digits| digits.parse().ok()).unwrap_or(u64::MAX)
}

/// Up to `limit` mails, and whether these were all. One that is gone when its turn comes was moved from `new` to `cur`,
/// most likely: the next look finds it.
fn fetch(fresh: Vec<Listed>, limit: usize) -> Result<(Vec<Fetched>, bool), MailboxFault> {
    let (mut mails, mut vanished, mut bytes) = (Vec::new(), false, 0);
    for Listed { key, path, sent } in fresh {
        if mails.len() >= limit || bytes >= LOOK {
            return Ok((mails, false));
        }
        match read(&path) {
            Ok(body) => {
                bytes += body.as_ref().map_or(0, Vec::len);
                mails.push(Fetched { key, body, received_at: None, sent, ahead: false });
            }
            Err(e) if e.kind() == ErrorKind::NotFound => vanished = true,
            Err(e) => return Err(MailboxFault::Later(format!("{}: {e}", path.display()))),
        }
    }
    Ok((mails, !vanished))
}

/// The inner error is about this mail, the outer one about the machine (or a file that has gone).
fn read(path: &Path) -> std::io::Result<Result<Vec<u8>, Unfetched>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match rustix::fs::open(path, flags, Mode::empty()).map_err(std::io::Error::from) {
        Ok(file) => File::from(file),
        Err(e) if of_the_machine(&e) => return Err(e),
        Err(e) if e.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            return Ok(Err("it is a symbolic link, which is not followed".to_owned().into()));
        }
        Err(e) => return Ok(Err(e.to_string().into())),
    };
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Ok(Err("it is not a regular file".to_owned().into()));
    }
    let mut bytes = Vec::new();
    if let Err(e) = file.take(LARGEST + 1).read_to_end(&mut bytes) {
        return Ok(Err(e.to_string().into()));
    }
    if bytes.len() as u64 > LARGEST {
        let why = format!("it is too large ({} MiB; at most 25 MiB is read)", meta.len().div_ceil(1024 * 1024));
        bytes.truncate(BEGINNING);
        return Ok(Err(Unfetched { why, beginning: bytes }));
    }
    Ok(Ok(bytes))
}

fn of_the_machine(e: &std::io::Error) -> bool {
    use rustix::io::Errno;
    e.kind() == ErrorKind::NotFound
        || [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::INTR]
            .iter()
            .any(|errno| e.raw_os_error() == Some(errno.raw_os_error()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::fs;

    #[derive(Default)]
    struct Known(HashSet<String>);

    impl KnownMail for Known {
        fn cursor(&self, _: &str, _: u32) -> Option<u32> {
            None
        }
        fn has(&self, key: &MailKey) -> bool {
            self.0.contains(&key.name)
        }
    }

    fn maildir() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for sub in ["new", "cur", "tmp", ".Junk/new", ".Junk/cur"] {
            fs::create_dir_all(dir.path().join(sub)).unwrap();
        }
        dir
    }

    fn names(glance: &Glance) -> Vec<(&str, &str)> {
        glance.mails.iter().map(|m| (m.key.folder.as_str(), m.key.name.as_str())).collect()
    }

    #[tokio::test]
    async fn all_places_are_read_oldest_first_and_once() {
        let dir = maildir();
        let put = |name: &str| fs::write(dir.path().join(name), format!("Subject: {name}\r\n\r\n")).unwrap();
        put("cur/200.b.host:2,RS");
        put("new/1000.c.host");
        put("new/30.a.host");
        put(".Junk/new/40.j.host");
        put("9.eml");
        put("letter.EML");
        put("tmp/1.half");
        put("dovecot-uidlist");
        put("new/.hidden");
        let mut mailbox = Maildir::new(dir.path());
        let mut known = Known::default();
        let first = mailbox.look(&known, 2).await.unwrap();
        assert_eq!(names(&first), [("INBOX", "9.eml"), ("INBOX", "30.a.host")]);
        assert!(!first.complete);
        known.0.extend(first.mails.iter().map(|m| m.key.name.clone()));
        let rest = mailbox.look(&known, 50).await.unwrap();
        assert_eq!(
            names(&rest),
            [("Junk", "40.j.host"), ("INBOX", "200.b.host"), ("INBOX", "1000.c.host"), ("INBOX", "letter.EML")]
        );
        assert!(rest.complete);
        assert_eq!(rest.mails[1].body, Ok(b"Subject: cur/200.b.host:2,RS\r\n\r\n".to_vec()));
        known.0.extend(rest.mails.iter().map(|m| m.key.name.clone()));
        fs::rename(dir.path().join("new/30.a.host"), dir.path().join("cur/30.a.host:2,S")).unwrap();
        let after = mailbox.look(&known, 50).await.unwrap();
        assert!(after.mails.is_empty() && after.complete, "read by somebody else is not a new mail");
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_told_and_does_not_block_the_rest() {
        let dir = maildir();
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("new/1.link")).unwrap();
        File::create(dir.path().join("new/2.large")).unwrap().set_len(LARGEST + 1).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, dir.path().join("new/3.pipe"), rustix::fs::FileType::Fifo, Mode::RWXU, 0)
            .unwrap();
        fs::write(dir.path().join("new/4.good"), "x").unwrap();
        let glance = Maildir::new(dir.path()).look(&Known::default(), 50).await.unwrap();
        let bodies: Vec<_> =
            glance.mails.iter().map(|m| m.body.as_deref().map_err(|unfetched| unfetched.why.as_str())).collect();
        assert_eq!(
            bodies,
            [
                Err("it is a symbolic link, which is not followed"),
                Err("it is too large (26 MiB; at most 25 MiB is read)"),
                Err("it is not a regular file"),
                Ok(&b"x"[..])
            ]
        );
        assert!(glance.complete);
    }

    #[test]
    fn a_mail_that_moves_while_we_look_leaves_the_look_incomplete() {
        let dir = maildir();
        fs::write(dir.path().join("new/1.a"), "x").unwrap();
        fs::write(dir.path().join("new/2.b"), "y").unwrap();
        let listed = list(dir.path(), None).unwrap();
        fs::rename(dir.path().join("new/1.a"), dir.path().join("cur/1.a:2,S")).unwrap();
        let (mails, complete) = fetch(listed, 50).unwrap();
        assert_eq!((mails.len(), complete), (1, false));
        let (mails, complete) = fetch(list(dir.path(), None).unwrap(), 50).unwrap();
        assert_eq!((mails.len(), complete), (2, true));
    }

    const ID: &str = "abc.def@voorbeeld.example";

    fn mail(id: &str) -> String {
        format!("From: a@voorbeeld.example\nMessage-ID: <x@provider.example>\nX-Aanmaand-Id: {id}\n\nTekst\n")
    }

    #[tokio::test]
    async fn a_copy_is_found_in_sent_and_where_mail_comes_in() {
        let dir = maildir();
        let mut copies = Maildir::new(dir.path());
        assert_eq!(copies.places().await.unwrap().all(), ["INBOX", "Junk"]);
        fs::write(dir.path().join("new/1.a"), mail(&format!("x{ID}"))).unwrap();
        fs::write(dir.path().join("new/2.b"), format!("Subject: re\n\n{}", mail(ID))).unwrap();
        assert_eq!(copies.find(ID).await.unwrap(), None, "neither a longer id nor a quoted one");
        fs::write(dir.path().join(".Junk/cur/1800000000.c:2,S"), mail(ID)).unwrap();
        assert_eq!(copies.find(ID).await.unwrap().unwrap().key.folder, "Junk");
        fs::create_dir_all(dir.path().join(".Verzonden/cur")).unwrap();
        fs::write(dir.path().join(".Verzonden/cur/1700000000.s:2,S"), mail(ID)).unwrap();
        let found = copies.find(ID).await.unwrap().unwrap();
        assert_eq!((found.key.folder.as_str(), found.key.name.as_str()), ("Verzonden", "1700000000.s"));
        assert_eq!(found.received_at, DateTime::from_timestamp(1_700_000_000, 0));
        assert!(own::carries(&found.head, ID) && !String::from_utf8_lossy(&found.head).contains("Tekst"));
        let day = DateTime::from_timestamp(1_799_000_000, 0).unwrap().date_naive();
        let since: Vec<String> = copies.since(day).await.unwrap().into_iter().map(|copy| copy.key.name).collect();
        assert_eq!(since, ["1.a", "1800000000.c"], "one of no known day may be younger");
    }

    #[tokio::test]
    async fn a_copy_is_kept_once_and_only_where_there_is_a_place() {
        let dir = maildir();
        let mut copies = Maildir::new(dir.path());
        let at = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let bytes = mail(ID).into_bytes();
        assert!(matches!(copies.keep(&bytes, at).await, Err(MailboxFault::Refused(_))));
        fs::create_dir(dir.path().join(".Sent")).unwrap();
        for _ in 0..2 {
            copies.keep(&bytes, at).await.unwrap();
        }
        let kept: Vec<_> = fs::read_dir(dir.path().join(".Sent/cur")).unwrap().map(|e| e.unwrap().path()).collect();
        assert_eq!(kept.len(), 1);
        assert_eq!(fs::read(&kept[0]).unwrap(), bytes);
        assert!(kept[0].to_string_lossy().ends_with(":2,S"), "as seen");
        assert_eq!(copies.find(ID).await.unwrap().unwrap().received_at, Some(at));
        let read = Maildir::new(dir.path()).look(&Known::default(), 9).await.unwrap().mails;
        assert!(read.iter().all(|mail| mail.sent), "not as mail that came in");
    }

    #[tokio::test]
    async fn what_cannot_be_looked_through_is_no_answer() {
        let dir = maildir();
        let mut named = Maildir::new(dir.path()).with_sent(Some("Archief".to_owned()));
        assert!(matches!(named.find(ID).await, Err(MailboxFault::Refused(_))));
        assert!(matches!(named.places().await, Err(MailboxFault::Refused(_))));
        let mut gone = Maildir::new(dir.path().join("later"));
        assert!(matches!(gone.find(ID).await, Err(MailboxFault::Absent(_))));
    }

    #[tokio::test]
    async fn a_maildir_that_is_not_there_is_absent_and_a_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let fault = Maildir::new(dir.path().join("later")).look(&Known::default(), 5).await.unwrap_err();
        assert!(matches!(fault, MailboxFault::Absent(_)));
        fs::write(dir.path().join("file"), "").unwrap();
        let fault = Maildir::new(dir.path().join("file")).look(&Known::default(), 5).await.unwrap_err();
        assert!(matches!(fault, MailboxFault::Refused(_)));
    }

    #[tokio::test]
    async fn waiting_ends_when_a_mail_comes() {
        let dir = maildir();
        let mut mailbox = Maildir::new(dir.path());
        mailbox.look(&Known::default(), 5).await.unwrap();
        let begun = std::time::Instant::now();
        mailbox.wait(Duration::from_millis(50)).await.unwrap();
        assert!(begun.elapsed() >= Duration::from_millis(50));
        fs::write(dir.path().join("new/1.x"), "x").unwrap();
        let begun = std::time::Instant::now();
        mailbox.wait(Duration::from_secs(60)).await.unwrap();
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}
