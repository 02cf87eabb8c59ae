//! An invoice or credit note as it was read from a file. Amounts are positive for both kinds.

use super::debtor::Debtor;
use super::ids::InvoiceNumber;
use super::money::Money;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    pub number: InvoiceNumber,
    pub kind: InvoiceKind,
    pub issue_date: NaiveDate,
    /// The last agreed day of payment; `None` when the file names none.
    pub due_date: Option<NaiveDate>,
    /// Where that day stands.
    #[serde(default, skip_serializing_if = "DueSource::is_stated")]
    pub due_source: DueSource,
    /// Total with VAT.
    pub total: Money,
    /// What was paid before the invoice was sent.
    pub prepaid: Money,
    /// What must be paid: total less prepaid, rounded as the invoice says.
    pub payable: Money,
    pub debtor: Debtor,
    #[serde(default)]
    pub description: Option<String>,
    /// RF reference, betalingskenmerk or OGM printed on the invoice.
    #[serde(default)]
    pub payment_reference: Option<String>,
    #[serde(default)]
    pub order_reference: Option<String>,
    /// For a credit note: the invoice it corrects.
    #[serde(default)]
    pub corrects: Option<InvoiceNumber>,
    pub term_source: TermSource,
    /// The seller as the file names it, to see whether the invoice is ours.
    #[serde(default)]
    pub seller: Seller,
    /// The account to pay to, as the file names it.
    #[serde(default)]
    pub iban: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seller {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub vat: Option<String>,
    #[serde(default)]
    pub kvk: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceKind {
    Invoice,
    CreditNote,
}

/// Where the file has the due date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueSource {
    /// In a field of its own.
    #[default]
    Stated,
    /// Reckoned from the text of the payment terms.
    Terms,
}

impl DueSource {
    fn is_stated(&self) -> bool {
        *self == DueSource::Stated
    }
}

impl Invoice {
    /// Where its due date comes from; `None` = the file has none, and the default term counts.
    pub fn due_origin(&self) -> Option<DueSource> {
        self.due_date.map(|_| self.due_source)
    }
}

/// Where the term comes from: only an agreed one is a fatal term (art. 6:83(a) BW).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TermSource {
    Contract,
    GeneralTerms,
    Invoice,
}
