//! What files say, as the parser reads them: before the store is locked where that can be, and each file once. What was read
//! is kept until its input is settled.

use super::super::house::House;
use crate::bank::statement::{Statement, StatementFault};
use crate::dunning::ids::EvidenceId;
use crate::einvoice::{self, InvoiceFault, ReadInvoice, open_items};
use crate::paper::{Paper, PaperKind, Unread};
use crate::ports::{NoParser, Parser};
use crate::store::{InputKind, InputRow};
use anyhow::Result;
use std::path::Path;

/// Where the store keeps why no file can be read.
pub(in crate::daemon) const TROUBLE: &str = "parser_trouble";

/// Reads in this very process, and opens no PDF: for houses in tests. The program never does.
pub struct Here;

impl Parser for Here {
    fn parse(&self, files: &[Unread<'_>]) -> Result<Vec<Paper>, NoParser> {
        let closed = |_: &[u8]| Err("this is a PDF, and none is opened here".to_owned());
        Ok(files.iter().map(|file| Paper::read(file, closed)).collect())
    }
}

/// What an input is taken for; `None` = a mail, which is read in this process.
pub(super) fn paper_kind(kind: InputKind) -> Option<PaperKind> {
    match kind {
        InputKind::Invoice => Some(PaperKind::Invoice),
        InputKind::Statement => Some(PaperKind::Statement),
        InputKind::Mail => None,
    }
}

/// The last part of a path.
pub(super) fn base_name(path: impl AsRef<Path>) -> String {
    path.as_ref().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// What these files say, in their order: from the parser, but for lists of open items. What their columns mean stands in the
/// configuration, so these are read when they are applied; here it is only told whether they are whole.
pub(super) fn parse(parser: &dyn Parser, files: &[Unread<'_>]) -> Result<Vec<Paper>, NoParser> {
    let others: Vec<Unread<'_>> = files.iter().filter(|file| !is_list(file)).copied().collect();
    let mut papers = if others.is_empty() { Vec::new() } else { parser.parse(&others)? }.into_iter();
    let of = |file: &Unread<'_>| match is_list(file) {
        true => Ok(list(file)),
        false => papers.next().ok_or_else(|| NoParser("BUG: a file without an answer".to_owned())),
    };
    files.iter().map(of).collect()
}

fn is_list(file: &Unread<'_>) -> bool {
    file.kind == PaperKind::Invoice && open_items::is_list(file.name)
}

fn list(file: &Unread<'_>) -> Paper {
    Paper::Invoice(einvoice::read(file.name, file.bytes).map(Box::new))
}

impl House {
    pub(super) fn invoice_in(&mut self, row: &InputRow) -> Result<Result<ReadInvoice, InvoiceFault>> {
        Ok(self.paper(row, PaperKind::Invoice)?.into_invoice())
    }

    pub(super) fn statements_in(&mut self, row: &InputRow) -> Result<Result<Vec<Statement>, StatementFault>> {
        Ok(self.paper(row, PaperKind::Statement)?.into_statements())
    }

    /// What was read of it before, else what the parser says now of the bytes that were stored.
    fn paper(&mut self, row: &InputRow, kind: PaperKind) -> Result<Paper> {
        match self.papers.remove(&row.id).filter(|paper| paper.kind() == kind) {
            Some(paper) => Ok(paper),
            None => {
                let bytes = self.kept_bytes(&row.id)?;
                Ok(self.parse_one(&Unread { kind, name: &base_name(&row.name), bytes: &bytes })?)
            }
        }
    }

    /// Has a stored input read, so that it is there when the store is locked; of mails, what is attached.
    pub(super) fn read_ahead(&mut self, id: &EvidenceId) -> Result<()> {
        let Some(row) = self.store.input(id)? else { return Ok(()) };
        let Some(kind) = paper_kind(row.kind) else { return self.read_attached_ahead(id) };
        let bytes = self.kept_bytes(id)?;
        let paper = self.parse_one(&Unread { kind, name: &base_name(&row.name), bytes: &bytes })?;
        self.papers.insert(id.clone(), paper);
        Ok(())
    }

    pub(super) fn parse_one(&self, file: &Unread<'_>) -> Result<Paper, NoParser> {
        if is_list(file) { Ok(list(file)) } else { self.parser.parse_one(file) }
    }

    /// Notes that no file can be read, or that it can again.
    pub(in crate::daemon) fn note_parser(&mut self, trouble: Option<&NoParser>) -> Result<()> {
        let text = trouble.map(NoParser::to_string).unwrap_or_default();
        if self.memo(TROUBLE)?.unwrap_or_default() == text { Ok(()) } else { self.set_memo(TROUBLE, &text) }
    }
}
