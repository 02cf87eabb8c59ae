//! A list of open items: each row goes to the account of its debtor, and what is gone from the list is asked about.

use super::super::house::House;
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
use std::path::Path;

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
    pub(super) fn apply_open_items(&mut self, row: &InputRow, bytes: &[u8], kind: &OpenItems) -> Result<Disposition> {
        let list = match open_items::read(bytes, &kind.mapping) {
            Ok(list) => list,
            Err(fault) => return Ok(Disposition::Quarantined { reason: fault.located() }),
        };
        let (day, last) = (self.day_of(row, &list), self.last_list(kind)?);
        if let Some(newer) = last.as_ref().filter(|last| last.day > day && last.source != row.id) {
            let rule = format!("a list of {day}: a newer one, of {}, was read before", newer.day);
            return Ok(Disposition::Ignored { rule });
        }
        let mut to_us = 0;
        for item in &list.items {
            to_us += usize::from(!self.take_item(row, item)?);
        }
        let gone = if kind.complete { self.ask_about_gone(row, last.as_ref(), &list)? } else { 0 };
        self.remember(kind, LastList { day, source: row.id.clone(), numbers: open_numbers(&list) })?;
        let note = format!("{}: {} rows, {gone} gone since the list before", kind.mapping.program, list.items.len());
        Ok(match told(&list.faults, list.items.len(), to_us) {
            Some(reason) => Disposition::Quarantined { reason },
            None => Disposition::Applied { note },
        })
    }

    /// The day that its titles or its name tell, else today; never one that is yet to come.
    fn day_of(&self, row: &InputRow, list: &OpenItemList) -> NaiveDate {
        let name = Path::new(&row.name).file_name().map(|name| name.to_string_lossy().into_owned());
        let told = list.day.or_else(|| open_items::day_in(&name.unwrap_or_default()));
        told.map_or(self.today(), |day| day.min(self.today()))
    }

    /// False when it is an invoice to us.
    fn take_item(&mut self, row: &InputRow, item: &OpenItem) -> Result<bool> {
        let mut invoice = item.read.invoice.clone();
        if self.is_to_us(&invoice) {
            return Ok(false);
        }
        self.override_debtor(&mut invoice.debtor);
        let cause = format!("{}, line {}", row.name, item.line);
        match invoice.kind {
            InvoiceKind::Invoice => {
                let debtor = self.owner_of(&invoice)?;
                let (file, source) = (row.name.clone(), row.id.clone());
                self.step(&debtor, &Input::Listed { invoice: Box::new(invoice), file, source }, &cause)?;
            }
            InvoiceKind::CreditNote => self.take_credit(row, invoice, &cause)?,
        }
        Ok(true)
    }

    /// What the debtor has coming counts once, whatever list or file tells it; whose it is, is for the owner to say.
    fn take_credit(&mut self, row: &InputRow, note: Invoice, cause: &str) -> Result<()> {
        if !self.store.once("credit_note", note.number.as_str())? {
            return Ok(());
        }
        let debtor = note.debtor.id.clone();
        // A credit note is a cause of its own: one list has several.
        let source = EvidenceId::new(format!("{}:{}", row.id, note.number));
        let input = Input::InvoiceFiled { invoice: Box::new(note), file: row.name.clone(), source, replace: false };
        self.step(&debtor, &input, cause)?;
        Ok(())
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
fn told(faults: &[RowFault], read: usize, to_us: usize) -> Option<String> {
    let mut reasons: Vec<String> = faults.iter().take(TOLD).map(RowFault::located).collect();
    reasons.extend(faults.len().checked_sub(TOLD + 1).map(|more| format!("and {} more", more + 1)));
    reasons.extend((to_us > 0).then(|| format!("invoices to us, not from us: {to_us}")));
    let bad = faults.len() + to_us;
    let rows = faults.len() + read;
    (bad > 0).then(|| format!("rows that are not taken: {bad} of {rows}; {}", reasons.join("; ")))
}
