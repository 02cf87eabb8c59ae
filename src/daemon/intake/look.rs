//! One look into a folder: what a scan tells is compared with what is known, and says which files are to be read. A full
//! scan is the truth, whatever hints there were; what is no longer there changes nothing.

use super::super::house::House;
use super::beside::Beside;
use super::portions::{Taken, Wanted, next_portion, parse_files, read_files};
use crate::dunning::question::{About, QuestionKind};
use crate::failpoints::reach;
use crate::ports::{FileSource, Found, NoParser, ReadFault, Scan};
use crate::store::{Asked, InputKind, evidence_of};
use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::BuildHasher;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A file must have held still for this long before the running daemon takes it; a sandbox pass does not wait.
const STILL: TimeDelta = TimeDelta::seconds(5);
/// So many files refused for one reason are asked about one by one; more are one question.
const ASKED_APART: usize = 10;

/// Whether a file is taken as soon as it is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Haste {
    /// One pass and no more: what is complete is taken.
    Now,
    /// The daemon: also what is complete must have held still, for some formats cannot tell that they were cut.
    Patient,
}

/// What a look came to.
#[derive(Clone, Debug, Default)]
pub struct FolderReport {
    /// Files stored for the first time.
    pub new: usize,
    /// Files that are still being written.
    pub waiting: Vec<PathBuf>,
    /// The folder could not be read, or not to its end, or nothing in it be parsed: nothing sure is known of it now.
    pub trouble: Option<String>,
    /// Nothing could be parsed.
    pub no_parser: Option<NoParser>,
    /// When the first file will have held still, if any has to.
    pub again_in: Option<Duration>,
    /// Files that may not be read, with the reason.
    pub refused: BTreeMap<PathBuf, String>,
}

impl FolderReport {
    fn wait_for(&mut self, path: PathBuf, longest: TimeDelta) {
        let until = longest.to_std().unwrap_or_default();
        self.again_in = Some(self.again_in.map_or(until, |known| known.min(until)));
        self.waiting.push(path);
    }
}

/// What is remembered of a folder between two looks: one number for each file as it was, so that a hundred thousand cost
/// little. Lost at a restart, on purpose.
#[derive(Default)]
pub struct Seen {
    numbers: RandomState,
    /// Files that need no reading any more: an unchanged folder costs none.
    done: HashSet<u64>,
    /// Files that were seen in this form, and when first.
    sighted: HashMap<u64, DateTime<Utc>>,
    /// Files that end too early in this form.
    short: HashSet<u64>,
}

impl Seen {
    /// Another number when it is another file, or the same one changed.
    fn number(&self, Found { name, size, modified, inode }: &Found) -> u64 {
        // A path is hashed part by part; its bytes do as well.
        self.numbers.hash_one((name.as_os_str(), size, modified, inode))
    }

    pub(super) fn is_done(&self, found: &Found) -> bool {
        self.done.contains(&self.number(found))
    }

    pub(super) fn done(&mut self, found: &Found) {
        let number = self.number(found);
        self.sighted.remove(&number);
        self.short.remove(&number);
        self.done.insert(number);
    }

    pub(super) fn is_short(&self, found: &Found) -> bool {
        self.short.contains(&self.number(found))
    }

    pub(super) fn ends_too_early(&mut self, found: &Found) {
        let number = self.number(found);
        self.short.insert(number);
    }

    /// How long the file must still look just as it does; zero = long enough.
    fn must_hold(&mut self, found: &Found, now: DateTime<Utc>) -> TimeDelta {
        let number = self.number(found);
        let since = *self.sighted.entry(number).or_insert(now);
        (since + STILL - now).clamp(TimeDelta::zero(), STILL)
    }

    /// What is gone is forgotten when it has become much. That a file is remembered which is not there does no harm: if
    /// the very same comes back, it is known.
    fn forget_what_is_gone(&mut self, files: &[Found]) {
        let enough = 2 * files.len() + 1000;
        if self.done.len() + self.sighted.len() + self.short.len() <= enough {
            return;
        }
        let there: HashSet<u64> = files.iter().map(|found| self.number(found)).collect();
        self.done.retain(|number| there.contains(number));
        self.sighted.retain(|number, _| there.contains(number));
        self.short.retain(|number| there.contains(number));
        self.done.shrink_to_fit();
    }
}

/// A look under way: which files are still to be read.
pub struct Look {
    pub(super) kind: InputKind,
    pub(super) root: PathBuf,
    /// The next one last.
    wanted: Vec<Wanted>,
    pub(super) report: FolderReport,
}

impl Look {
    /// The files to read next; empty = the look is over.
    pub fn next_files(&mut self) -> Vec<Wanted> {
        next_portion(&mut self.wanted)
    }

    /// The disk or the network failed: what was not read yet waits for the next look.
    pub fn breaks_off(&mut self, trouble: String) {
        self.report.trouble = Some(trouble);
        self.wanted.clear();
    }

    /// Nothing can be parsed: the files stay where they are.
    pub fn none_parsed(&mut self, why: NoParser) {
        self.breaks_off(why.to_string());
        self.report.no_parser = Some(why);
    }
}

impl House {
    /// Looks into a folder and applies what is new in it, all in this thread.
    pub fn take_folder(&mut self, source: &dyn FileSource, kind: InputKind, haste: Haste) -> Result<FolderReport> {
        let mut look = self.begin_look(kind, haste, source.root(), source.scan())?;
        let parser = self.parser.clone();
        loop {
            let files = look.next_files();
            if files.is_empty() {
                return self.end_look(look);
            }
            match parse_files(parser.as_ref(), kind, read_files(source, files)) {
                Ok(taken) => self.take_files(&mut look, taken)?,
                Err(none) => look.none_parsed(none),
            }
        }
    }

    /// Compares what a scan told with what is known. While there are files to read the gate is closed.
    pub fn begin_look(
        &mut self,
        kind: InputKind,
        haste: Haste,
        root: &Path,
        scan: Result<Scan, String>,
    ) -> Result<Look> {
        let mut look = Look { kind, root: root.to_owned(), wanted: Vec::new(), report: FolderReport::default() };
        let scan = match scan {
            Ok(scan) => scan,
            Err(trouble) => {
                look.report.trouble = Some(trouble);
                return Ok(look);
            }
        };
        look.report.trouble = self.is_away(kind, root, &scan)?;
        reach("folder.listed")?;
        let mut seen = self.seen.remove(&kind).unwrap_or_default();
        let sorted = self.sort_out(haste, &mut seen, &scan.files, &mut look);
        if look.report.trouble.is_none() {
            seen.forget_what_is_gone(&scan.files);
        }
        self.seen.insert(kind, seen);
        sorted?;
        if !look.wanted.is_empty() {
            self.note_unread(kind, look.wanted.len())?;
        }
        look.report.refused = scan.refused.into_iter().collect();
        Ok(look)
    }

    fn sort_out(&mut self, haste: Haste, seen: &mut Seen, files: &[Found], look: &mut Look) -> Result<()> {
        let now = self.now();
        let beside = Beside::among(files);
        for found in files {
            if seen.is_done(found) {
                continue;
            }
            if look.kind == InputKind::Invoice && beside.is_copy_of_an_invoice(&found.name) {
                self.is_a_copy(&look.root.join(&found.name))?;
                seen.done(found);
                continue;
            }
            let must_hold = seen.must_hold(found, now);
            if haste == Haste::Patient && must_hold > TimeDelta::zero() {
                look.report.wait_for(look.root.join(&found.name), must_hold);
            } else if seen.is_short(found) && self.may_still_grow(&look.root, found)? {
                look.report.waiting.push(look.root.join(&found.name));
            } else {
                let known =
                    self.store.find_input_by_name(look.kind, &look.root.join(&found.name).display().to_string())?;
                look.wanted.push(Wanted { found: found.clone(), known: known.map(|row| row.id) });
            }
        }
        look.wanted.reverse();
        Ok(())
    }

    /// Why what is not in the folder may be somewhere else: it is not there, or it is the empty place of a disk.
    fn is_away(&mut self, kind: InputKind, root: &Path, scan: &Scan) -> Result<Option<String>> {
        if scan.missing {
            return Ok(Some(format!("the folder {} is not there", root.display())));
        }
        let key = format!("folder_mounted/{kind:?}");
        let was_mounted = self.memo(&key)?.is_some();
        if was_mounted && !scan.mounted && scan.files.is_empty() && scan.refused.is_empty() {
            return Ok(Some(format!(
                "the folder {} is empty and its disk is no longer mounted there: mount it, or put the next file in",
                root.display()
            )));
        }
        if was_mounted != scan.mounted {
            self.set_memo(&key, if scan.mounted { "yes" } else { "" })?;
        }
        Ok(None)
    }

    /// Stores these files and applies what is in them.
    pub fn take_files(&mut self, look: &mut Look, taken: Vec<Taken>) -> Result<()> {
        self.store_files(look, taken)?;
        self.settle_files()
    }

    /// Stores these files; what they say is kept until [`House::settle_files`].
    pub fn store_files(&mut self, look: &mut Look, taken: Vec<Taken>) -> Result<()> {
        let stored = taken.into_iter().try_for_each(|file| self.take_or_note(look, file));
        if stored.is_err() {
            self.papers.clear();
        }
        stored
    }

    /// Applies what is stored and not settled yet.
    pub fn settle_files(&mut self) -> Result<()> {
        let settled = self.settle_inputs();
        self.papers.clear();
        settled.map(drop)
    }

    fn take_or_note(&mut self, look: &mut Look, Taken { found, bytes }: Taken) -> Result<()> {
        let path = look.root.join(&found.name);
        match bytes {
            Ok(bytes) => self.take_file(look, &found, bytes)?,
            Err(ReadFault::Gone) => {}
            Err(ReadFault::Changing) => look.report.wait_for(path, STILL),
            Err(ReadFault::Refused(reason)) => {
                look.report.refused.insert(found.name, reason);
            }
            Err(ReadFault::Away(reason)) => look.breaks_off(format!("{}: {reason}", path.display())),
        }
        Ok(())
    }

    /// Notes what became of it, also of files that could not be read. After a look that broke off files are still unread.
    pub fn end_look(&mut self, look: Look) -> Result<FolderReport> {
        let Look { kind, root, report, .. } = look;
        self.set_memo(&format!("folder_trouble/{kind:?}"), report.trouble.as_deref().unwrap_or_default())?;
        if report.trouble.is_none() {
            self.ask_about_refused(kind, &root, &report.refused)?;
            self.note_unread(kind, 0)?;
        }
        self.folder_was_read(kind, &report)?;
        if report.no_parser.is_some() || self.files_waiting()? == 0 {
            self.note_parser(report.no_parser.as_ref())?;
        }
        // What a crash left behind.
        self.settle_inputs()?;
        Ok(report)
    }

    /// Files of a folder that are known to be there and were not read yet.
    fn note_unread(&mut self, kind: InputKind, count: usize) -> Result<()> {
        if self.files_unread(kind)? == count {
            return Ok(());
        }
        self.set_memo(&unread_key(kind), &if count == 0 { String::new() } else { count.to_string() })
    }

    /// Files of the folders that are known to be there and were not read yet: one of them may tell of a payment.
    pub(in crate::daemon) fn files_waiting(&self) -> Result<usize> {
        let statements = self.config.statements.as_ref().map_or(Ok(0), |_| self.files_unread(InputKind::Statement))?;
        Ok(statements + self.files_unread(InputKind::Invoice)?)
    }

    fn files_unread(&self, kind: InputKind) -> Result<usize> {
        Ok(self.memo(&unread_key(kind))?.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// What may not even be read is asked about once, and no longer when it is gone or was read.
    fn ask_about_refused(&mut self, kind: InputKind, root: &Path, refused: &BTreeMap<PathBuf, String>) -> Result<()> {
        let key = format!("refused_files/{kind:?}");
        let before: BTreeSet<String> =
            self.memo(&key)?.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default();
        let now = refusals(root, refused);
        if before == now {
            return Ok(());
        }
        self.transact(|house| {
            for detail in now.difference(&before) {
                house.ask_owner(QuestionKind::Quarantine, detail, about(detail), Vec::new(), detail)?;
            }
            for detail in before.difference(&now) {
                house.no_longer_refused(detail)?;
            }
            let text = if now.is_empty() { String::new() } else { serde_json::to_string(&now)? };
            house.set_memo(&key, &text)
        })
    }

    fn no_longer_refused(&mut self, detail: &str) -> Result<()> {
        let about = about(detail);
        let asked = self.administration(Asked::About(about.evidence()))?;
        match asked.questions.values().find(|question| question.about == about) {
            Some(question) => self.answer_of(&asked.id, question, "ignore", "what is in the folder now"),
            None => Ok(()),
        }
    }
}

fn unread_key(kind: InputKind) -> String {
    format!("files_unread/{kind:?}")
}

/// Nothing was stored, so the line itself is what is asked about: each is a question of its own.
fn about(detail: &str) -> About {
    About::Input(evidence_of(detail.as_bytes()))
}

/// One line for each question: a file with its reason, or the many of one reason.
fn refusals(root: &Path, refused: &BTreeMap<PathBuf, String>) -> BTreeSet<String> {
    let mut by_reason: BTreeMap<&str, Vec<&Path>> = BTreeMap::new();
    for (path, reason) in refused {
        by_reason.entry(reason).or_default().push(path);
    }
    let lines = by_reason.into_iter().flat_map(|(reason, paths)| match paths.len() {
        0..=ASKED_APART => paths.iter().map(|path| format!("{}: {reason}", root.join(path).display())).collect(),
        _ => vec![format!("{}: many files in it cannot be read: {reason}", root.display())],
    });
    lines.collect()
}
