//! An invoice file becomes a case of its debtor.

use super::super::house::House;
use super::papers::base_name;
use crate::dunning::debtor::Debtor;
use crate::dunning::ids::{DebtorId, EvidenceId};
use crate::dunning::input::Input;
use crate::dunning::invoice::{Invoice, InvoiceKind};
use crate::einvoice::{InvoiceFault, open_items};
use crate::store::{Disposition, InputRow};
use anyhow::Result;
use std::path::Path;

impl House {
    pub(super) fn apply_invoice(&mut self, row: &InputRow, replace: bool) -> Result<Disposition> {
        if let Some(list) = self.list_of(&base_name(&row.name)) {
            return self.apply_open_items(row, &list);
        }
        let read = match self.invoice_in(row)? {
            Ok(read) => read,
            Err(fault) => return Ok(Disposition::Quarantined { reason: with_place(&fault) }),
        };
        let mut invoice = read.invoice;
        if let Some(reason) = self.not_our_claim(&invoice) {
            return Ok(Disposition::Quarantined { reason });
        }
        self.override_debtor(&mut invoice.debtor);
        if invoice.kind == InvoiceKind::CreditNote {
            return self.apply_credit_note(row, invoice);
        }
        let note = format!("{} {}", read.format, invoice.number);
        self.file_where_it_belongs(invoice, row, replace)?;
        Ok(Disposition::Applied { note: with_warnings(&note, &read.warnings) })
    }

    pub(super) fn file(&mut self, debtor: &DebtorId, invoice: Invoice, row: &InputRow, replace: bool) -> Result<()> {
        let input =
            Input::InvoiceFiled { invoice: Box::new(invoice), file: row.name.clone(), source: row.id.clone(), replace };
        self.step(debtor, &input, &row.name)?;
        Ok(())
    }

    /// A credit note goes to the account of the invoice that it corrects, and counts once.
    fn apply_credit_note(&mut self, row: &InputRow, note: Invoice) -> Result<Disposition> {
        let what = format!("credit note {}", note.number);
        let content = format!("{}|{}|{:?}", note.number, note.payable, note.corrects);
        if !self.store.once("credit_note", note.number.as_str())? {
            if self.store.once("credit_note_content", &content)? {
                return Ok(Disposition::Quarantined { reason: format!("{what} is known with other content") });
            }
            return Ok(Disposition::Ignored { rule: format!("{what} is known already") });
        }
        self.store.once("credit_note_content", &content)?;
        self.file_credit_note(note, row)?;
        Ok(Disposition::Applied { note: what })
    }

    /// The owner's own words about a debtor win from the file's.
    pub(super) fn override_debtor(&self, debtor: &mut Debtor) {
        let Some(own) = self.config.policy.overrides.get(self.config.policy.number_of(&debtor.id)) else { return };
        if let Some(name) = &own.name {
            debtor.name.clone_from(name);
        }
        debtor.kind = own.kind.unwrap_or(debtor.kind);
        debtor.language = own.language.or(debtor.language);
        debtor.email = own.email.clone().or(debtor.email.take());
        debtor.contact = own.contact.clone().or(debtor.contact.take());
    }

    /// The bytes and name of the copy that letters about this case attach: the PDF that
    /// the invoice was in, one beside the file, else the XML itself.
    pub(in crate::daemon) fn invoice_copy(&self, file: &str, source: &EvidenceId) -> Result<Option<(String, Vec<u8>)>> {
        let path = Path::new(file);
        // A list is about other debtors too, and so is a print of it.
        if open_items::is_list(file) {
            return Ok(None);
        }
        let kept = || self.store.input_bytes(source);
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("pdf")) {
            return Ok(kept()?.map(|bytes| (base_name(path), bytes)));
        }
        for extension in ["pdf", "PDF"] {
            let beside = path.with_extension(extension);
            if let Ok(bytes) = std::fs::read(&beside) {
                return Ok(Some((base_name(&beside), bytes)));
            }
        }
        if !path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xml")) {
            return Ok(None);
        }
        Ok(kept()?.map(|bytes| (base_name(path), bytes)))
    }
}

fn with_place(fault: &InvoiceFault) -> String {
    match (fault.line, fault.column) {
        (Some(line), Some(column)) => format!("line {line}, column {column}: {fault}"),
        (Some(line), None) => format!("line {line}: {fault}"),
        (None, _) => fault.to_string(),
    }
}

fn with_warnings(note: &str, warnings: &[String]) -> String {
    if warnings.is_empty() { note.to_owned() } else { format!("{note}; {}", warnings.join("; ")) }
}
