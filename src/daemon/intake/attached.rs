//! Statements that a bank's mail brings along: believed as far as its sender is, and parsed before the store is locked, as
//! files of the statements folder are.

use super::super::house::House;
use super::super::writer::Writer;
use crate::bank::statement;
use crate::dunning::ids::EvidenceId;
use crate::mail::reading::{Meaning, Reading};
use crate::paper::{Paper, PaperKind, Unread};
use crate::ports::{NoParser, Parser};
use crate::store::{Disposition, InputKind, InputRow, evidence_of};
use anyhow::{Context, Result};
use tokio::task::spawn_blocking;

/// New mails looked through in one go; what is beyond is parsed when it is applied.
const AT_ONCE: usize = 400;

/// Has the statements parsed that are attached to authenticated mails which are stored and not read yet.
pub async fn parse_attached_to_new(writer: &Writer) -> Result<()> {
    let new = writer.call(|house| Ok(house.store.inputs_to_settle(AT_ONCE)?)).await?;
    parse_attached(writer, new).await
}

/// The same for these mails. Where nobody can parse, applying them says so.
pub async fn parse_attached(writer: &Writer, mails: Vec<EvidenceId>) -> Result<()> {
    let (files, parser) = writer.call(move |house| Ok((house.attached_to(&mails)?, house.parser.clone()))).await?;
    if files.is_empty() {
        return Ok(());
    }
    let parsed = spawn_blocking(move || with_papers(parser.as_ref(), files)).await;
    if let Ok(papers) = parsed.context("BUG: parsing attached statements broke")? {
        let keep = move |house: &mut House| {
            house.attached.extend(papers);
            Ok(())
        };
        writer.call(keep).await?;
    }
    Ok(())
}

/// What these files say, each under the hash of its bytes.
fn with_papers(parser: &dyn Parser, files: Vec<Vec<u8>>) -> Result<Vec<(EvidenceId, Paper)>, NoParser> {
    let papers = parser.parse(&files.iter().map(|bytes| unread(bytes)).collect::<Vec<_>>())?;
    Ok(files.iter().map(|bytes| evidence_of(bytes)).zip(papers).collect())
}

/// The name that a sender chose does not matter.
fn unread(bytes: &[u8]) -> Unread<'_> {
    Unread { kind: PaperKind::Statement, name: "", bytes }
}

/// The attachments that look like a statement.
fn statements(reading: &Reading) -> impl Iterator<Item = &[u8]> {
    reading
        .message
        .attachments
        .iter()
        .map(|file| file.bytes.as_slice())
        .filter(|bytes| statement::looks_like_one(bytes))
}

impl House {
    /// The statements attached to those of these mails that a bank is proven to have sent; nobody else's is parsed.
    fn attached_to(&mut self, mails: &[EvidenceId]) -> Result<Vec<Vec<u8>>> {
        let mut files = Vec::new();
        for id in mails {
            let Some(row) = self.store.input(id)?.filter(|row| row.kind == InputKind::Mail) else { continue };
            let bytes = self.store.input_bytes(id)?.unwrap_or_default();
            if !self.is_sent_by_a_bank(&bytes) {
                continue;
            }
            if let Ok(reading) = self.read_contained(&row, &bytes)?
                && let Meaning::Notice { notice, authenticity } = &reading.meaning
                && self.is_trusted(notice, authenticity).is_ok_and(|proof| proof.covers_attachments())
            {
                files.extend(statements(&reading).map(<[u8]>::to_vec));
            }
        }
        Ok(files)
    }

    /// Has what is attached to a stored mail parsed, so that it is there when the store is locked.
    pub(super) fn read_attached_ahead(&mut self, id: &EvidenceId) -> Result<()> {
        let files = self.attached_to(std::slice::from_ref(id))?;
        self.attached.extend(with_papers(self.parser.as_ref(), files)?);
        Ok(())
    }

    /// Applies all the statements attached to an authenticated mail, or none; `None` when it carries none.
    pub(super) fn apply_attached(&mut self, row: &InputRow, reading: &Reading) -> Result<Option<Disposition>> {
        let mut all = Vec::new();
        for bytes in statements(reading) {
            let paper = match self.attached.remove(&evidence_of(bytes)) {
                Some(paper) => paper,
                // A crash, or a parser that was not there, left it.
                None => self.parser.parse_one(&unread(bytes))?,
            };
            all.push(paper.into_statements());
        }
        if all.is_empty() {
            return Ok(None);
        }
        let all = all.into_iter().collect::<Result<Vec<_>, _>>();
        self.apply_statements(row, all.map(|statements| statements.into_iter().flatten().collect())).map(Some)
    }
}
