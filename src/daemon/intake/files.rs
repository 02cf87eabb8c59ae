//! Folders: a full scan is the truth, whatever hints there were. Files are never moved or changed.

use super::super::house::House;
use crate::dunning::question::{About, QuestionKind};
use crate::ports::{FileSource, Found, ReadFault};
use crate::store::{InputKind, NewInput, evidence_of};
use anyhow::Result;
use chrono::TimeDelta;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// An incomplete file may take this long to become whole.
const INCOMPLETE_HOURS: i64 = 24;

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

/// Files that were seen and stored, so that an unchanged folder costs no reading. Lost at a restart, on purpose.
#[derive(Default)]
pub struct Seen(HashMap<PathBuf, Found>);

impl House {
    /// Stores every new file of a folder. Parsing comes later, from the store.
    pub fn scan_folder(&mut self, source: &dyn FileSource, kind: InputKind) -> Result<FolderReport> {
        let mut seen = self.seen.remove(&kind).unwrap_or_default();
        let report = self.scan_with(source, kind, &mut seen);
        self.seen.insert(kind, seen);
        report
    }

    fn scan_with(&mut self, source: &dyn FileSource, kind: InputKind, seen: &mut Seen) -> Result<FolderReport> {
        let mut report = FolderReport::default();
        let scan = match source.scan() {
            Ok(scan) => scan,
            Err(trouble) => return Ok(FolderReport { trouble: Some(trouble), ..report }),
        };
        for (path, reason) in &scan.refused {
            self.refuse_file(&source.root().join(path), reason)?;
        }
        let data = data_files(&scan.files);
        for found in &scan.files {
            let belongs = kind == InputKind::Invoice && is_copy_of_an_invoice(&found.name, &data);
            if !belongs && seen.0.get(&found.name) != Some(found) {
                self.take_file(source, found, kind, seen, &mut report)?;
            }
        }
        let there: HashSet<&Path> = scan.files.iter().map(|found| found.name.as_path()).collect();
        seen.0.retain(|name, _| there.contains(name.as_path()));
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
        if is_incomplete(kind, &path, &bytes) && self.may_still_grow(&path)? {
            report.waiting.push(path);
            return Ok(());
        }
        seen.0.insert(found.name.clone(), found.clone());
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
            Ok(())
        })
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

/// The bytes end before the format does.
fn is_incomplete(kind: InputKind, path: &Path, bytes: &[u8]) -> bool {
    match kind {
        InputKind::Invoice => {
            let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            crate::einvoice::read(&name, bytes).is_err_and(|fault| fault.incomplete)
        }
        InputKind::Statement => is_unfinished_xml(bytes),
        InputKind::Mail => false,
    }
}

/// Begins as XML and does not end with a closing tag, or is empty.
fn is_unfinished_xml(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    if text.is_empty() {
        return true;
    }
    let tail = text.iter().rposition(|byte| *byte == b'<').and_then(|at| text.get(at..)).unwrap_or_default();
    text.starts_with(b"<") && !is_document_end(tail)
}

/// `</Document>`, whatever its prefix.
fn is_document_end(tail: &[u8]) -> bool {
    let name = tail.strip_prefix(b"</").and_then(|rest| rest.strip_suffix(b">")).unwrap_or_default();
    name.trim_ascii().rsplit(|byte| *byte == b':').next() == Some(b"Document")
}
