//! PURE. An account and a step become a letter: subject, text and HTML, by templates in `templates/<lang>/`.
//! An unknown variable is an error, never an empty mail.

use crate::dunning::debtor::{DebtorKind, Language};
use crate::dunning::money::Money;
use chrono::NaiveDate;

/// Everything a template may name.
#[derive(Clone, Debug)]
pub struct LetterData {
    pub language: Language,
    /// Template of the most advanced step due: `notice`, `reminder`, `second-reminder`, `formal-notice`, `last-demand`.
    pub template: String,
    pub company: Company,
    pub debtor_name: String,
    pub contact: Option<String>,
    pub debtor_kind: DebtorKind,
    pub today: NaiveDate,
    /// The day before which we ask to be paid; `None` for a note before the due date.
    pub deadline: Option<NaiveDate>,
    pub lines: Vec<Line>,
    pub total: Money,
    /// Letters sent before to this debtor about these invoices, oldest first.
    pub earlier: Vec<Earlier>,
    /// The day on which the debtor had promised to pay and did not.
    pub broken_promise: Option<NaiveDate>,
}

#[derive(Clone, Debug)]
pub struct Company {
    pub name: String,
    pub address: Vec<String>,
    pub email: String,
    pub phone: Option<String>,
    pub kvk: Option<String>,
    pub vat: Option<String>,
    pub iban: String,
}

/// One invoice in the letter's table.
#[derive(Clone, Debug)]
pub struct Line {
    pub number: String,
    pub issue_date: NaiveDate,
    pub due_date: NaiveDate,
    /// Days past the due date; 0 when not yet due.
    pub days_late: i64,
    pub total: Money,
    /// What was paid or credited already.
    pub paid: Money,
    pub open: Money,
    pub description: Option<String>,
    pub order_reference: Option<String>,
    pub payment_reference: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Earlier {
    pub sent_on: NaiveDate,
    pub template: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// A template that cannot be used: file, line, what is wrong and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {reason}", line.map(|l| format!(":{l}")).unwrap_or_default())]
pub struct TemplateFault {
    pub file: String,
    pub line: Option<usize>,
    pub reason: String,
}

/// The letter templates, compiled: those built into the binary, each replaceable by a file in the owner's folder.
pub struct Templates {}

impl Templates {
    pub fn built_in() -> Templates {
        todo!()
    }

    /// `files`: relative path (`nl/reminder.txt`) and content of the owner's own templates. All faults at once.
    pub fn with_overrides(files: &[(String, String)]) -> Result<Templates, Vec<TemplateFault>> {
        let _ = files;
        todo!()
    }

    /// Renders every template in every language over made-up data of every shape; all faults at once. For `check`.
    pub fn check(&self) -> Vec<TemplateFault> {
        todo!()
    }

    pub fn render(&self, data: &LetterData) -> Result<Rendered, TemplateFault> {
        let _ = data;
        todo!()
    }
}
