//! Folders: a full scan is the truth, whatever hints there were. Files are never moved or changed.

use super::super::house::House;
use crate::dunning::ids::DebtorId;
use crate::dunning::question::{About, QuestionKind};
use crate::failpoints::reach;
use crate::ports::{FileSource, Found, ReadFault};
use crate::store::{Disposition, InputKind, InputRow, NewInput, evidence_of};
use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{HashMap, HashSet};
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
    /// The folder could not be listed: nothing is known of it now.
    pub trouble: Option<String>,
}

/// A file must have held still for this long before the running daemon takes it; a sandbox pass does not wait.
const STILL: TimeDelta = TimeDelta::seconds(5);

/// What is remembered of a folder between two scans. Lost at a restart, on purpose.
#[derive(Default)]
pub struct Seen {
    /// Files that were stored: an unchanged folder costs no reading.
    taken: HashMap<PathBuf, Found>,
    /// Files that were seen for the first time in this form, and when.
    sighted: HashMap<PathBuf, (Found, DateTime<Utc>)>,
}

impl Seen {
    /// The file looks just as it did a while ago.
    fn holds_still(&mut self, found: &Found, now: DateTime<Utc>) -> bool {
        match self.sighted.get(&found.name) {
            Some((before, at)) if before == found => now - at >= STILL,
            _ => {
                self.sighted.insert(found.name.clone(), (found.clone(), now));
                false
            }
        }
    }

    fn forget_all_but(&mut self, files: &[Found]) {
        let there: HashSet<&PathBuf> = files.iter().map(|found| &found.name).collect();
        self.taken.retain(|name, _| there.contains(name));
        self.sighted.retain(|name, _| there.contains(name));
    }
}

impl House {
    /// Stores every new file of a folder. Parsing comes later, from the store.
    pub fn scan_folder(&mut self, source: &dyn FileSource, kind: InputKind, haste: Haste) -> Result<FolderReport> {
        let mut seen = self.seen.remove(&kind).unwrap_or_default();
        let report = self.scan_with(source, kind, haste, &mut seen);
        self.seen.insert(kind, seen);
        report
    }

    fn scan_with(
        &mut self,
        source: &dyn FileSource,
        kind: InputKind,
        haste: Haste,
        seen: &mut Seen,
    ) -> Result<FolderReport> {
        let mut report = FolderReport::default();
        let scan = match source.scan() {
            Ok(scan) => scan,
            Err(trouble) => return Ok(FolderReport { trouble: Some(trouble), ..report }),
        };
        if scan.missing {
            report.trouble = Some(format!("the folder {} is not there", source.root().display()));
        }
        for (path, reason) in &scan.refused {
            self.refuse_file(&source.root().join(path), reason)?;
        }
        reach("folder.listed")?;
        let data = data_files(&scan.files);
        for found in &scan.files {
            if seen.taken.get(&found.name) == Some(found) {
                continue;
            }
            if kind == InputKind::Invoice && is_copy_of_an_invoice(&found.name, &data) {
                self.is_a_copy(&source.root().join(&found.name))?;
                seen.taken.insert(found.name.clone(), found.clone());
                continue;
            }
            if haste == Haste::Patient && !seen.holds_still(found, self.now()) {
                report.waiting.push(source.root().join(&found.name));
                continue;
            }
            self.take_file(source, found, kind, seen, &mut report)?;
        }
        seen.forget_all_but(&scan.files);
        Ok(report)
    }

    fn take_file(
        &mut self,
        source: &dyn FileSource,
        found: &Found,
        kind: InputKind,
        seen: &mut Seen,
        report: &mut FolderReport,
    ) -> Result<()> {
        let path = source.root().join(&found.name);
        let bytes = match source.read(found) {
            Ok(bytes) => bytes,
            Err(ReadFault::Gone) => return Ok(()),
            Err(ReadFault::Changing) => {
                report.waiting.push(path);
                return Ok(());
            }
            Err(ReadFault::Refused(reason)) => return self.refuse_file(&path, &reason),
        };
        if why_incomplete(kind, &path, &bytes).is_some() && self.may_still_grow(&path)? {
            report.waiting.push(path);
            return Ok(());
        }
        seen.sighted.remove(&found.name);
        seen.taken.insert(found.name.clone(), found.clone());
        self.store_file(kind, &path, bytes, report)
    }

    fn store_file(&mut self, kind: InputKind, path: &Path, bytes: Vec<u8>, report: &mut FolderReport) -> Result<()> {
        let id = evidence_of(&bytes);
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
        if let Some(why) = why_incomplete(kind, path, &bytes) {
            anyhow::bail!("the file is not complete: {why}");
        }
        let id = evidence_of(&bytes);
        self.store_file(kind, path, bytes, &mut FolderReport::default())?;
        self.settle_inputs()?;
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

/// The bytes end before the format does: in what way.
fn why_incomplete(kind: InputKind, path: &Path, bytes: &[u8]) -> Option<String> {
    match kind {
        InputKind::Invoice => {
            let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            crate::einvoice::read(&name, bytes).err().filter(|fault| fault.incomplete).map(|fault| fault.located())
        }
        InputKind::Statement => crate::bank::statement::why_incomplete(bytes).map(str::to_owned),
        InputKind::Mail => None,
    }
}
