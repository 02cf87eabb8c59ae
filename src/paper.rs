//! PURE. A file of strangers and what it says: an invoice or bank statements, or why there are none. What crosses the border between the
//! process that reads such files and the daemon, and so nothing that could not be checked again on arrival.

use crate::bank::statement::{self, Statement, StatementFault};
use crate::einvoice::hybrid::{self, Embedded};
use crate::einvoice::{InvoiceFault, ReadInvoice};
use serde::{Deserialize, Serialize};

/// What a file is taken for: the folder that it lies in says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperKind {
    Invoice,
    Statement,
}

/// A file that nobody has looked into.
#[derive(Clone, Copy, Debug)]
pub struct Unread<'a> {
    pub kind: PaperKind,
    /// Without folders; its ending helps to recognise the format.
    pub name: &'a str,
    pub bytes: &'a [u8],
}

/// What a file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Paper {
    Invoice(Result<Box<ReadInvoice>, InvoiceFault>),
    Statements {
        /// In what way the bytes end before their format does.
        incomplete: Option<String>,
        read: Result<Vec<Statement>, StatementFault>,
    },
}

impl Paper {
    /// Reads a file. `open` takes the attached XML files out of a PDF, or says why it cannot.
    pub fn read(unread: &Unread<'_>, open: impl FnOnce(&[u8]) -> Result<Vec<Embedded>, String>) -> Paper {
        match unread.kind {
            PaperKind::Invoice => Paper::Invoice(hybrid::read_or_open(unread.name, unread.bytes, open).map(Box::new)),
            PaperKind::Statement => Paper::Statements {
                incomplete: statement::why_incomplete(unread.bytes).map(str::to_owned),
                read: statement::read(unread.bytes),
            },
        }
    }

    /// A file that cannot be read at all, for this reason.
    pub fn refused(kind: PaperKind, reason: String) -> Paper {
        match kind {
            PaperKind::Invoice => Paper::Invoice(Err(InvoiceFault::plain(reason))),
            PaperKind::Statement => {
                Paper::Statements { incomplete: None, read: Err(StatementFault::new(None, reason)) }
            }
        }
    }

    pub fn kind(&self) -> PaperKind {
        match self {
            Paper::Invoice(_) => PaperKind::Invoice,
            Paper::Statements { .. } => PaperKind::Statement,
        }
    }

    /// In what way the file ends too early: it may still be being written.
    pub fn why_incomplete(&self) -> Option<String> {
        match self {
            Paper::Invoice(Err(fault)) => fault.incomplete.then(|| fault.located()),
            Paper::Invoice(Ok(_)) => None,
            Paper::Statements { incomplete, .. } => incomplete.clone(),
        }
    }

    /// The invoice that it is, if it was taken for one.
    pub fn into_invoice(self) -> Result<ReadInvoice, InvoiceFault> {
        match self {
            Paper::Invoice(read) => read.map(|read| *read),
            Paper::Statements { .. } => {
                Err(InvoiceFault::plain("BUG: a statement where an invoice is read".to_owned()))
            }
        }
    }

    /// The statements in it, if it was taken for them.
    pub fn into_statements(self) -> Result<Vec<Statement>, StatementFault> {
        match self {
            Paper::Statements { read, .. } => read,
            Paper::Invoice(_) => Err(StatementFault::new(None, "BUG: an invoice where a statement is read")),
        }
    }
}
