//! Files: stored byte for byte when they are whole, read from the store later. They are never moved or changed.

use super::super::house::House;
use super::look::Look;
use super::papers::{base_name, paper_kind};
use super::portions::Bytes;
use crate::dunning::ids::EvidenceId;
use crate::dunning::question::About;
use crate::failpoints::reach;
use crate::paper::{Paper, Unread};
use crate::ports::Found;
use crate::store::{Asked, Disposition, InputKind, InputRow, NewInput, evidence_of};
use anyhow::{Context, Result};
use chrono::TimeDelta;
use std::path::Path;

/// An incomplete file may take this long to become whole.
const INCOMPLETE_HOURS: i64 = 24;

impl House {
    /// Stores a file of a folder, unless it ends too early and may yet become whole.
    pub(super) fn take_file(&mut self, look: &mut Look, found: &Found, file: Bytes) -> Result<()> {
        let Bytes { id, bytes, paper, .. } = file;
        let path = look.root.join(&found.name);
        let is_known = self.store.input(&id)?.is_some();
        let is_short = || why_incomplete(look.kind, &bytes, paper.as_ref()).is_some();
        if !is_known && is_short() && self.may_still_grow(&look.root, found)? {
            self.seen.entry(look.kind).or_default().ends_too_early(found);
            look.report.waiting.push(path);
            return Ok(());
        }
        let first_seen = first_seen_key(&look.root, found);
        if self.memo(&first_seen)?.is_some() {
            self.set_memo(&first_seen, "")?;
        }
        self.seen.entry(look.kind).or_default().done(found);
        self.papers.extend(paper.map(|paper| (id.clone(), paper)));
        if is_known {
            return Ok(());
        }
        look.report.new += 1;
        self.store_file(look.kind, &path, id, bytes)
    }

    /// Stores a file that is not known.
    fn store_file(&mut self, kind: InputKind, path: &Path, id: EvidenceId, bytes: Vec<u8>) -> Result<()> {
        let at = self.now();
        let input = NewInput { id, kind, name: path.display().to_string(), bytes, at, received_at: None, key: None };
        self.transact(|house| {
            house.store.put_input(&input)?;
            reach("file.stored")
        })
    }

    /// Takes in one file that a person names, and says what became of it; of bytes that are known, what became of them.
    ///
    /// # Errors
    /// When the file ends too early, and when the store fails: then nothing was stored.
    pub fn take_one(&mut self, kind: InputKind, path: &Path, bytes: Vec<u8>) -> Result<Disposition> {
        let paper = self.parse_named(kind, path, &bytes)?;
        self.take_parsed(kind, path, bytes, paper)
    }

    /// What a file says that a person names; nothing of mails.
    pub(super) fn parse_named(&self, kind: InputKind, path: &Path, bytes: &[u8]) -> Result<Option<Paper>> {
        let Some(kind) = paper_kind(kind) else { return Ok(None) };
        Ok(Some(self.parse_one(&Unread { kind, name: &base_name(path), bytes })?))
    }

    pub(super) fn take_parsed(
        &mut self,
        kind: InputKind,
        path: &Path,
        bytes: Vec<u8>,
        paper: Option<Paper>,
    ) -> Result<Disposition> {
        if let Some(why) = why_incomplete(kind, &bytes, paper.as_ref()) {
            anyhow::bail!("the file is not complete: {why}");
        }
        let id = evidence_of(&bytes);
        let is_known = self.store.input(&id)?.is_some();
        self.papers.extend(paper.map(|paper| (id.clone(), paper)));
        let stored = if is_known { Ok(()) } else { self.store_file(kind, path, id.clone(), bytes) };
        let settled = stored.and_then(|()| self.settle_inputs());
        self.papers.clear();
        settled?;
        let settled = self.store.input(&id)?.and_then(|row| row.disposition);
        settled.context("BUG: a stored file was not settled")
    }

    /// This PDF is a copy for letters. If it was asked about when it lay there alone, that has settled itself.
    pub(super) fn is_a_copy(&mut self, path: &Path) -> Result<()> {
        let row = self.store.find_input_by_name(InputKind::Invoice, &path.display().to_string())?;
        let quarantined = |row: &InputRow| matches!(row.disposition, Some(Disposition::Quarantined { .. }));
        let Some(row) = row.filter(quarantined) else { return Ok(()) };
        let about = About::Input(row.id);
        let asked = self.administration(Asked::About(about.evidence()))?;
        match asked.questions.values().find(|question| question.about == about) {
            Some(question) => self.answer_of(&asked.id, question, "ignore", "the data file beside it"),
            None => Ok(()),
        }
    }

    /// Half-written files wait, from when they were first seen, for a day. Another file of that name has a day of its own.
    pub(super) fn may_still_grow(&mut self, root: &Path, found: &Found) -> Result<bool> {
        let (now, key) = (self.now(), first_seen_key(root, found));
        match self.moment(&key)? {
            Some(first) => Ok(now - first < TimeDelta::hours(INCOMPLETE_HOURS)),
            None => {
                self.set_memo(&key, &now.to_rfc3339())?;
                Ok(true)
            }
        }
    }
}

fn first_seen_key(root: &Path, found: &Found) -> String {
    format!("first_seen/{}/{}", found.inode, root.join(&found.name).display())
}

/// The bytes end before the format does: in what way.
fn why_incomplete(kind: InputKind, bytes: &[u8], paper: Option<&Paper>) -> Option<String> {
    if kind != InputKind::Mail && is_reserved(bytes) {
        return Some("it ends in zeros: its room was taken before its bytes came".to_owned());
    }
    paper.and_then(Paper::why_incomplete)
}

/// Some copiers take the room of the whole file first; until the bytes come they are zeros. Of texts only: a PDF or an
/// archive may end so. One zero is half a character of UTF-16.
fn is_reserved(bytes: &[u8]) -> bool {
    let is_text = ![b"%PDF".as_slice(), b"PK"].iter().any(|head| bytes.starts_with(head));
    is_text && bytes.ends_with(&[0; 4])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_whose_bytes_have_not_come_yet_are_told() {
        let room = [0; 64];
        for (bytes, reserved) in [
            (b"number = 1".as_slice(), true),
            (b"<Invoice>", true),
            (b"", true),
            (b"%PDF-1.7 %%EOF", false),
            (b"PK\x05\x06", false),
        ] {
            assert_eq!(is_reserved(&[bytes, &room].concat()), reserved, "{bytes:?}");
            assert!(!is_reserved(bytes));
        }
        assert!(!is_reserved(b"<\0a\0/\0>\0"));
    }
}
