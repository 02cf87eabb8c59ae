//! Which column of a list means what: the heads that a program writes, and how it writes numbers and dates.

use super::cells::{DateOrder, DecimalSign};
use crate::dunning::money::Currency;
use std::collections::BTreeMap;

/// What a column can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    Number,
    IssueDate,
    DueDate,
    /// Of the invoice, with VAT.
    Total,
    /// Of the total, before the day of the list.
    Paid,
    /// Of the total, on the day of the list.
    Open,
    /// What is open, in two columns.
    Debit,
    Credit,
    DebtorId,
    DebtorName,
    Email,
    Vat,
    /// What the payer is asked to quote.
    Reference,
    Currency,
    /// Invoice or credit note.
    Kind,
}

impl Field {
    pub const ALL: [Field; 15] = [
        Field::Number,
        Field::IssueDate,
        Field::DueDate,
        Field::Total,
        Field::Paid,
        Field::Open,
        Field::Debit,
        Field::Credit,
        Field::DebtorId,
        Field::DebtorName,
        Field::Email,
        Field::Vat,
        Field::Reference,
        Field::Currency,
        Field::Kind,
    ];

    /// Its key in a mapping.
    pub fn key(self) -> &'static str {
        match self {
            Field::Number => "number",
            Field::IssueDate => "issue_date",
            Field::DueDate => "due_date",
            Field::Total => "total",
            Field::Paid => "paid",
            Field::Open => "open",
            Field::Debit => "debit",
            Field::Credit => "credit",
            Field::DebtorId => "debtor_id",
            Field::DebtorName => "debtor_name",
            Field::Email => "email",
            Field::Vat => "vat",
            Field::Reference => "reference",
            Field::Currency => "currency",
            Field::Kind => "kind",
        }
    }
}

/// How one program writes its lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The program's name, as the configuration has it.
    pub program: String,
    /// For each field the heads that it may stand under; the first that is there counts.
    pub columns: BTreeMap<Field, Vec<String>>,
    /// `None` = what the file itself makes sure.
    pub decimal: Option<DecimalSign>,
    pub dates: DateOrder,
    /// Of rows that name none.
    pub currency: Currency,
}

impl Mapping {
    pub fn new(program: impl Into<String>) -> Mapping {
        Mapping {
            program: program.into(),
            columns: BTreeMap::new(),
            decimal: None,
            dates: DateOrder::default(),
            currency: Currency::EUR,
        }
    }

    /// The heads of a field, for a human.
    pub fn heads(&self, field: Field) -> String {
        let heads = self.columns.get(&field).map(Vec::as_slice).unwrap_or_default();
        heads.iter().map(|head| format!("{head:?}")).collect::<Vec<_>>().join(" or ")
    }

    fn has(&self, field: Field) -> bool {
        self.columns.get(&field).is_some_and(|heads| !heads.is_empty())
    }

    /// What a list cannot be read without and this mapping does not name; empty = it will do.
    pub fn lacks(&self) -> Vec<&'static str> {
        lacking(|field| self.has(field))
    }
}

/// What a list cannot be read without, where `has` says which fields are there.
pub(super) fn lacking(has: impl Fn(Field) -> bool) -> Vec<&'static str> {
    let amounts = has(Field::Open) || has(Field::Debit) && has(Field::Credit) || has(Field::Total) && has(Field::Paid);
    [
        (has(Field::Number), "number"),
        (has(Field::IssueDate), "issue_date"),
        (amounts, "open (or debit and credit, or total and paid)"),
        (has(Field::DebtorId) || has(Field::DebtorName), "debtor_name (or debtor_id)"),
    ]
    .into_iter()
    .filter_map(|(there, name)| (!there).then_some(name))
    .collect()
}
