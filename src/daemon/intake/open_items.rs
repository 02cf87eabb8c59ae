//! A list of open items: each row goes to the account of its debtor, and what is gone from the list is asked about.

use super::super::house::House;
use super::papers::base_name;
use crate::config::OpenItems;
use crate::dunning::ids::{CaseId, EvidenceId, InvoiceNumber};
use crate::dunning::input::Input;
use crate::dunning::invoice::{Invoice, InvoiceKind};
use crate::einvoice::open_items::{self, OpenItem, OpenItemList, RowFault};
use crate::store::{Disposition, InputRow};
use anyhow::Result;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// So many broken rows are told in full.
const TOLD: usize = 10;

/// What is remembered of the last list of a kind.
#[derive(Serialize, Deserialize)]
struct LastList {
    day: NaiveDate,
    source: EvidenceId,
    numbers: BTreeSet<InvoiceNumber>,
}

impl House {
    /// The lists that a file is one of, by its name.
    pub(super) fn list_of(&self, file_name: &str) -> Option<OpenItems> {
        self.config.open_items.iter().find(|list| list.is_meant(file_name)).cloned()
    }

    /// Good rows are taken, broken ones quarantine the file with their lines: reading it again later takes nothing twice.
    pub(super) fn apply_open_items(&mut self, row: &InputRow, kind: &OpenItems) -> Result<Disposition> {
        let list = match open_items::read(&self.kept_bytes(&row.id)?, &kind.mapping) {
            Ok(list) => list,
            Err(fault) => return Ok(Disposition::Quarantined { reason: fault.located() }),
        };
        let (day, last) = (self.day_of(row, &list), self.last_list(kind)?);
        if let Some(newer) = last.as_ref().filter(|last| last.day > day && last.source != row.id) {
            let rule = format!("a list of {day}: a newer one, of {}, was read before", newer.day);
            return Ok(Disposition::Ignored { rule });
        }
        let mut not_ours = 0;
        for item in &list.items {
            not_ours += usize::from(!self.take_item(row, item)?);
        }
        let gone = if kind.complete { self.ask_about_gone(row, last.as_ref(), &list)? } else { 0 };
        self.remember(kind, LastList { day, source: row.id.clone(), numbers: open_numbers(&list) })?;
        let note = format!("{}: {} rows, {gone} gone since the list before", kind.mapping.program, list.items.len());
        Ok(match told(&list.faults, list.items.len(), not_ours) {
            Some(reason) => Disposition::Quarantined { reason },
            None => Disposition::Applied { note },
        })
    }

    /// The day that its titles or its name tell, else today; never one that is yet to come.
    fn day_of(&self, row: &InputRow, list: &OpenItemList) -> NaiveDate {
        let told = list.day.or_else(|| open_items::day_in(&base_name(&row.name)));
        told.map_or(self.today(), |day| day.min(self.today()))
    }

    /// False when nobody owes us for it.
    fn take_item(&mut self, row: &InputRow, item: &OpenItem) -> Result<bool> {
        let mut invoice = item.read.invoice.clone();
        if self.not_our_claim(&invoice).is_some() {
            return Ok(false);
        }
        self.override_debtor(&mut invoice.debtor);
        match invoice.kind {
            InvoiceKind::Invoice => self.take_listed(row, invoice, &format!("{}, line {}", row.name, item.line))?,
            InvoiceKind::CreditNote => self.take_credit(row, invoice)?,
        }
        Ok(true)
    }

    fn take_listed(&mut self, row: &InputRow, invoice: Invoice, cause: &str) -> Result<()> {
        let case = CaseId::of(&invoice.number);
        if !invoice.payable.is_positive() && self.store.case(&case)?.is_none() {
            return Ok(());
        }
        if let Some(debtor) = self.belongs_to(&invoice, &alone(row, &invoice))? {
            let (file, source) = (row.name.clone(), row.id.clone());
            self.step(&debtor, &Input::Listed { invoice: Box::new(invoice), file, source }, cause)?;
        }
        self.fetch_credits(&case, cause)
    }

    /// What the debtor has coming counts once, whatever list or file tells it; whose it is, is for the owner to say.
    fn take_credit(&mut self, row: &InputRow, note: Invoice) -> Result<()> {
        if !self.store.once("credit_note", note.number.as_str())? {
            return Ok(());
        }
        self.file_credit_note(note.clone(), &alone(row, &note))
    }

    fn ask_about_gone(&mut self, row: &InputRow, last: Option<&LastList>, list: &OpenItemList) -> Result<usize> {
        let mut gone = 0;
        let before = last.map(|last| last.numbers.iter()).into_iter().flatten();
        for number in before.filter(|number| !list.numbers.contains(number)) {
            let case = CaseId::of(number);
            let Some((_, debtor)) = self.store.case(&case)? else { continue };
            self.step(&debtor, &Input::NoLongerListed { case, file: row.name.clone() }, &row.name)?;
            gone += 1;
        }
        Ok(gone)
    }

    fn last_list(&self, kind: &OpenItems) -> Result<Option<LastList>> {
        Ok(self.memo(&memo_key(kind))?.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    fn remember(&mut self, kind: &OpenItems, list: LastList) -> Result<()> {
        self.set_memo(&memo_key(kind), &serde_json::to_string(&list)?)
    }
}

/// One list has many invoices; what is asked or credited because of one has a cause of its own.
fn alone(row: &InputRow, invoice: &Invoice) -> InputRow {
    InputRow { id: EvidenceId::new(format!("{}:{}", row.id, invoice.number)), ..row.clone() }
}

fn memo_key(kind: &OpenItems) -> String {
    format!("open_items/{}/{}", kind.mapping.program, kind.files)
}

/// What may be gone from the next list: not what this one says is paid, or what is no invoice.
fn open_numbers(list: &OpenItemList) -> BTreeSet<InvoiceNumber> {
    let settled = list.items.iter().map(|item| &item.read.invoice);
    let settled = settled.filter(|invoice| invoice.kind == InvoiceKind::CreditNote || !invoice.payable.is_positive());
    let settled: BTreeSet<&InvoiceNumber> = settled.map(|invoice| &invoice.number).collect();
    list.numbers.iter().filter(|number| !settled.contains(number)).cloned().collect()
}

/// Why the file as a whole is not done with.
fn told(faults: &[RowFault], read: usize, not_ours: usize) -> Option<String> {
    let mut reasons: Vec<String> = faults.iter().take(TOLD).map(RowFault::located).collect();
    reasons.extend(faults.len().checked_sub(TOLD + 1).map(|more| format!("and {} more", more + 1)));
    reasons.extend((not_ours > 0).then(|| format!("invoices to us, or of another seller: {not_ours}")));
    let bad = faults.len() + not_ours;
    let rows = faults.len() + read;
    (bad > 0).then(|| format!("rows that are not taken: {bad} of {rows}; {}", reasons.join("; ")))
}
