//! Folders: a full scan is the truth, whatever hints there were. Files are never moved or changed.

use super::super::house::House;
use super::papers::{base_name, paper_kind};
use super::portions::{Bytes, Sifted, Taken, Wanted, portions, take};
use crate::dunning::ids::{DebtorId, EvidenceId};
use crate::dunning::question::{About, QuestionKind};
use crate::failpoints::reach;
use crate::paper::{Paper, Unread};
use crate::ports::{FileSource, Found, NoParser, ReadFault, Scan};
use crate::store::{Disposition, InputKind, InputRow, NewInput, evidence_of};
use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// An incomplete file may take this long to become whole.
const INCOMPLETE_HOURS: i64 = 24;

/// Whether a file is taken as soon as it is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Haste {
    /// One pass and no more: what is complete is taken.
    Now,
    /// The daemon: also what is complete must have held still, for some formats cannot tell that they were cut.
    Patient,
}

/// What a scan came to.
#[derive(Clone, Debug, Default)]
pub struct FolderReport {
    /// Files stored for the first time.
    pub new: usize,
    /// Files that are still being written.
    pub waiting: Vec<PathBuf>,
    /// The folder could not be listed, or nothing in it be parsed: it is not known what is in it now.
    pub trouble: Option<String>,
    /// Nothing could be parsed.
    pub no_parser: Option<NoParser>,
}

impl FolderReport {
    /// With what became of a portion.
    pub fn add(&mut self, portion: FolderReport) {
        self.new += portion.new;
        self.waiting.extend(portion.waiting);
    }

    /// What was not read yet stays where it is.
    pub fn none_parsed(&mut self, why: &NoParser) {
        self.trouble = Some(why.to_string());
        self.no_parser = Some(why.clone());
    }
}

/// A file must have held still for this long before the running daemon takes it; a sandbox pass does not wait.
const STILL: TimeDelta = TimeDelta::seconds(5);

/// What is remembered of a folder between two scans. Lost at a restart, on purpose.
#[derive(Default)]
pub struct Seen {
    /// Files that were stored, by name: an unchanged folder costs no reading.
    taken: HashMap<OsString, Stamp>,
    /// Files that were seen for the first time in this form, and when.
    sighted: HashMap<OsString, (Stamp, DateTime<Utc>)>,
}

/// What of a file changes when its bytes do.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified: DateTime<Utc>,
    inode: u64,
}

impl Stamp {
    fn of(found: &Found) -> Stamp {
        Stamp { size: found.size, modified: found.modified, inode: found.inode }
    }
}

impl Seen {
    /// The file looks just as it did a while ago.
    fn holds_still(&mut self, found: &Found, now: DateTime<Utc>) -> bool {
        let stamp = Stamp::of(found);
        match self.sighted.get(found.name.as_os_str()) {
            Some((before, at)) if *before == stamp => now - *at >= STILL,
            _ => {
                self.sighted.insert(found.name.clone().into_os_string(), (stamp, now));
                false
            }
        }
    }

    /// The file was stored as it is there now.
    fn has(&self, found: &Found) -> bool {
        self.taken.get(found.name.as_os_str()) == Some(&Stamp::of(found))
    }

    fn take(&mut self, found: &Found) {
        self.sighted.remove(found.name.as_os_str());
        self.taken.insert(found.name.clone().into_os_string(), Stamp::of(found));
    }

    fn forget_all_but(&mut self, files: &[Found]) {
        let there: HashSet<&OsStr> = files.iter().map(|found| found.name.as_os_str()).collect();
        self.taken.retain(|name, _| there.contains(name.as_os_str()));
        self.sighted.retain(|name, _| there.contains(name.as_os_str()));
    }
}

impl House {
    /// Scans a folder and applies what is new in it, all in this thread.
    pub fn take_folder(&mut self, source: &dyn FileSource, kind: InputKind, haste: Haste) -> Result<FolderReport> {
        let Sifted { mut report, to_read } = self.sift_folder(source.root(), source.scan(), kind, haste)?;
        let parser = self.parser.clone();
        for portion in portions(to_read) {
            match take(source, parser.as_ref(), kind, portion) {
                Ok(taken) => report.add(self.take_portion(source.root(), kind, taken)?),
                Err(none) => {
                    report.none_parsed(&none);
                    break;
                }
            }
        }
        self.folder_is_taken(kind, &report)?;
        Ok(report)
    }

    /// What of a folder is to be read. Until that is done the gate is closed.
    pub fn sift_folder(
        &mut self,
        root: &Path,
        scan: Result<Scan, String>,
        kind: InputKind,
        haste: Haste,
    ) -> Result<Sifted> {
        let mut seen = self.seen.remove(&kind).unwrap_or_default();
        let sifted = self.sift_with(root, scan, kind, haste, &mut seen);
        self.seen.insert(kind, seen);
        let sifted = sifted?;
        if !sifted.to_read.is_empty() {
            self.note_unread(kind, sifted.to_read.len())?;
        }
        Ok(sifted)
    }

    fn sift_with(
        &mut self,
        root: &Path,
        scan: Result<Scan, String>,
        kind: InputKind,
        haste: Haste,
        seen: &mut Seen,
    ) -> Result<Sifted> {
        let Sifted { mut report, mut to_read } = Sifted::default();
        let scan = match scan {
            Ok(scan) => scan,
            Err(trouble) => {
                report.trouble = Some(trouble);
                return Ok(Sifted { report, to_read });
            }
        };
        if scan.missing {
            report.trouble = Some(format!("the folder {} is not there", root.display()));
        }
        for (path, reason) in &scan.refused {
            self.refuse_file(&root.join(path), reason)?;
        }
        reach("folder.listed")?;
        let new: Vec<Found> = scan.files.iter().filter(|found| !seen.has(found)).cloned().collect();
        // As many as were taken are as they were: none is gone, and none is new.
        if !new.is_empty() || scan.files.len() != seen.taken.len() || !seen.sighted.is_empty() {
            seen.forget_all_but(&scan.files);
        }
        let data = if new.is_empty() { HashSet::new() } else { data_files(&scan.files) };
        for found in new {
            let path = root.join(&found.name);
            if kind == InputKind::Invoice && is_copy_of_an_invoice(&found.name, &data) {
                self.is_a_copy(&path)?;
                seen.take(&found);
            } else if haste == Haste::Patient && !seen.holds_still(&found, self.now()) {
                report.waiting.push(path);
            } else {
                let known = self.store.find_input_by_name(kind, &path.display().to_string())?;
                to_read.push(Wanted { found, known: known.map(|row| row.id) });
            }
        }
        Ok(Sifted { report, to_read })
    }

    /// Stores a portion of a folder and settles it.
    pub fn take_portion(&mut self, root: &Path, kind: InputKind, taken: Vec<Taken>) -> Result<FolderReport> {
        let mut report = FolderReport::default();
        let mut seen = self.seen.remove(&kind).unwrap_or_default();
        let stored = taken.into_iter().try_for_each(|file| self.take_file(root, kind, file, &mut seen, &mut report));
        self.seen.insert(kind, seen);
        let settled = stored.and_then(|()| self.settle_inputs());
        self.papers.clear();
        settled?;
        Ok(report)
    }

    /// A folder was read to its end, or as far as that could be done.
    pub fn folder_is_taken(&mut self, kind: InputKind, report: &FolderReport) -> Result<()> {
        let (key, trouble) = (format!("folder_trouble/{kind:?}"), report.trouble.as_deref().unwrap_or_default());
        self.transact(|house| {
            house.set_memo(&key, trouble)?;
            house.folder_was_read(kind, report)?;
            match &report.no_parser {
                None => house.note_unread(kind, 0)?,
                none => house.note_parser(none.as_ref())?,
            }
            if house.files_waiting()? == 0 {
                house.note_parser(None)?;
            }
            // What a crash left behind.
            house.settle_inputs().map(drop)
        })
    }

    fn take_file(
        &mut self,
        root: &Path,
        kind: InputKind,
        Taken { found, bytes }: Taken,
        seen: &mut Seen,
        report: &mut FolderReport,
    ) -> Result<()> {
        let path = root.join(&found.name);
        let Bytes { id, bytes, paper, .. } = match bytes {
            Ok(bytes) => bytes,
            Err(ReadFault::Gone) => return Ok(()),
            Err(ReadFault::Changing) => {
                report.waiting.push(path);
                return Ok(());
            }
            Err(ReadFault::Refused(reason)) => return self.refuse_file(&path, &reason),
        };
        let is_incomplete = paper.as_ref().is_some_and(|paper| paper.why_incomplete().is_some());
        if is_incomplete && self.may_still_grow(&path)? {
            report.waiting.push(path);
            return Ok(());
        }
        seen.take(&found);
        self.papers.extend(paper.map(|paper| (id.clone(), paper)));
        self.store_file(kind, &path, id, bytes, report)
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

    fn store_file(
        &mut self,
        kind: InputKind,
        path: &Path,
        id: EvidenceId,
        bytes: Vec<u8>,
        report: &mut FolderReport,
    ) -> Result<()> {
        if self.store.input(&id)?.is_some() {
            return Ok(());
        }
        report.new += 1;
        let at = self.now();
        let input = NewInput { id, kind, name: path.display().to_string(), bytes, at, received_at: None, key: None };
        self.transact(|house| {
            house.set_memo(&first_seen_key(path), "")?;
            house.store.put_input(&input)?;
            reach("file.stored")
        })
    }

    /// Takes in one file that a person names, and says what became of it; of bytes that are known, what became of them.
    ///
    /// # Errors
    /// When the file ends too early, and when the store fails: then nothing was stored.
    pub fn take_one(&mut self, kind: InputKind, path: &Path, bytes: Vec<u8>) -> Result<Disposition> {
        let name = path.display().to_string();
        let paper = match paper_kind(kind) {
            Some(kind) => Some(self.parse_one(&Unread { kind, name: &base_name(&name), bytes: &bytes })?),
            None => None,
        };
        if let Some(why) = paper.as_ref().and_then(Paper::why_incomplete) {
            anyhow::bail!("the file is not complete: {why}");
        }
        let id = evidence_of(&bytes);
        self.papers.extend(paper.map(|paper| (id.clone(), paper)));
        self.store_file(kind, path, id.clone(), bytes, &mut FolderReport::default())?;
        let settled = self.settle_inputs();
        self.papers.clear();
        settled?;
        let settled = self.store.input(&id)?.and_then(|row| row.disposition);
        settled.context("BUG: a stored file was not settled")
    }

    /// This PDF is a copy for letters. If it was asked about when it lay there alone, that has settled itself.
    fn is_a_copy(&mut self, path: &Path) -> Result<()> {
        let row = self.store.find_input_by_name(InputKind::Invoice, &path.display().to_string())?;
        let quarantined = |row: &InputRow| matches!(row.disposition, Some(Disposition::Quarantined { .. }));
        let Some(row) = row.filter(quarantined) else { return Ok(()) };
        let asked = self.account(&DebtorId::administration())?;
        let about = About::Input(row.id);
        match asked.questions.values().find(|question| question.about == about) {
            Some(question) => self.answer_of(&asked.id, question, "ignore", "the data file beside it"),
            None => Ok(()),
        }
    }

    /// Half-written files wait, from when they were first seen, for a day.
    fn may_still_grow(&mut self, path: &Path) -> Result<bool> {
        let now = self.now();
        match self.moment(&first_seen_key(path))? {
            Some(first) => Ok(now - first < TimeDelta::hours(INCOMPLETE_HOURS)),
            None => {
                self.transact(|house| house.set_memo(&first_seen_key(path), &now.to_rfc3339()))?;
                Ok(true)
            }
        }
    }

    /// What may not even be read is asked about once.
    fn refuse_file(&mut self, path: &Path, reason: &str) -> Result<()> {
        let detail = format!("{}: {reason}", path.display());
        self.transact(|house| {
            if house.store.once("refused_file", &detail)? {
                house.ask_owner(QuestionKind::Quarantine, &detail, About::Nothing, Vec::new(), &detail)?;
            }
            Ok(())
        })
    }
}

fn unread_key(kind: InputKind) -> String {
    format!("files_unread/{kind:?}")
}

fn first_seen_key(path: &Path) -> String {
    format!("first_seen/{}", path.display())
}

/// Names, without their ending, of the files that carry an invoice's data.
fn data_files(files: &[Found]) -> HashSet<PathBuf> {
    let is_data =
        |path: &Path| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml") || e.eq_ignore_ascii_case("xml"));
    files.iter().filter(|found| is_data(&found.name)).map(|found| found.name.with_extension("")).collect()
}

/// A PDF beside a TOML or XML file of the same name is that invoice's copy for letters.
fn is_copy_of_an_invoice(name: &Path, data: &HashSet<PathBuf>) -> bool {
    name.extension().is_some_and(|e| e.eq_ignore_ascii_case("pdf")) && data.contains(&name.with_extension(""))
}
