//! Bank statements: balanced and complete, of our own account, or refused. Each movement counts once, whatever tells it.

use super::super::house::House;
use super::movements::Fate;
use crate::bank::account_number::is_iban_of;
use crate::bank::statement::{Entry, Statement, StatementFault, Status};
use crate::dunning::account::{Payment, PaymentSource};
use crate::dunning::evidence::Evidence;
use crate::dunning::ids::EvidenceId;
use crate::store::{Disposition, InputKind, InputRow};
use anyhow::Result;

impl House {
    pub(super) fn apply_statement_file(&mut self, row: &InputRow) -> Result<Disposition> {
        let read = self.statements_in(row)?;
        self.apply_statements(row, read)
    }

    /// All the statements of an input, or none.
    pub(super) fn apply_statements(
        &mut self,
        row: &InputRow,
        read: Result<Vec<Statement>, StatementFault>,
    ) -> Result<Disposition> {
        let mut statements = match read {
            Ok(statements) => statements,
            Err(fault) => {
                let place = fault.line.map(|line| format!("line {line}: ")).unwrap_or_default();
                return Ok(Disposition::Quarantined { reason: format!("{place}{fault}") });
            }
        };
        for statement in &mut statements {
            if let Some(iban) = self.own_iban(&statement.account) {
                statement.account = iban;
            }
        }
        if let Some(reason) = statements.iter().find_map(|statement| self.refusal(statement)) {
            return Ok(Disposition::Quarantined { reason });
        }
        let mut new = 0;
        let mut notes = Vec::new();
        for statement in &statements {
            new += self.apply_statement(statement, row)?;
            notes.extend(self.join_statement(statement, row)?);
        }
        let note = format!("{} statement(s), {new} new entries", statements.len());
        notes.insert(0, note);
        Ok(Disposition::Applied { note: notes.join("; ") })
    }

    /// Our own IBAN that a bank writes as this number, when it can be one only.
    fn own_iban(&self, written: &str) -> Option<String> {
        let mut fitting = self.config.company.ibans.iter().filter(|iban| is_iban_of(iban, written));
        let first = fitting.next()?;
        fitting.next().is_none().then(|| first.clone())
    }

    /// Why a statement may not be believed.
    fn refusal(&self, statement: &Statement) -> Option<String> {
        let account = &statement.account;
        if !self.config.company.ibans.contains(account) {
            return Some(format!(
                "it is of account {account}, which is not in company.iban; add it there if it is yours"
            ));
        }
        if statement.is_final() || statement.is_interim() {
            return None;
        }
        Some(match statement.balanced {
            Some(false) => format!("statement of {account} does not balance: {}", statement.warnings.join("; ")),
            Some(true) | None => format!(
                "{} of {account} has no opening and closing balance: ask the bank for one that has",
                statement.format
            ),
        })
    }

    /// The number of movements that nothing told before.
    fn apply_statement(&mut self, statement: &Statement, row: &InputRow) -> Result<usize> {
        let file = &row.name;
        let booked: Vec<&Entry> = statement.entries.iter().filter(|entry| entry.status == Status::Booked).collect();
        let fates = self.fates(statement, &booked)?;
        let mut new = 0;
        for (entry, fate) in booked.into_iter().zip(fates) {
            match fate {
                Fate::Known => {}
                Fate::Confirms(id) => self.confirm_announced(&id, entry, statement, row)?,
                Fate::New(id) => {
                    new += 1;
                    self.apply_entry(entry, self.payment_of(entry, statement, id, row.kind), file)?;
                }
                Fate::PartOfShown(id) => {
                    new += 1;
                    let payment = self.payment_of(entry, statement, id, row.kind);
                    let evidence = Some(evidence(true, row.kind));
                    let shown = Payment { source: PaymentSource::Statement, confirmed: true, evidence, ..payment };
                    self.apply_entry(entry, shown, file)?;
                }
            }
        }
        Ok(new)
    }

    fn apply_entry(&mut self, entry: &Entry, payment: Payment, file: &str) -> Result<()> {
        let cause = cause(file, &payment, entry);
        let taken_back = entry.amount.is_negative();
        match (taken_back, entry.reversal || (taken_back && entry.returned)) {
            (false, false) => {
                self.money_came_in(payment, entry.reference.as_deref(), entry.end_to_end.as_deref(), &cause)
            }
            (true, true) => self.money_went_back(&payment, entry.reference.as_deref(), &cause),
            (true, false) => self.money_given_back(&payment, &cause),
            // Our own payments coming back are no business of a debtor.
            (false, true) => Ok(()),
        }
    }

    /// A statement shows what an interim report announced.
    fn confirm_announced(
        &mut self,
        announced: &EvidenceId,
        entry: &Entry,
        statement: &Statement,
        row: &InputRow,
    ) -> Result<()> {
        let Some(debtor) = self.register()?.awaiting(announced).cloned() else { return Ok(()) };
        let payment = self.payment_of(entry, statement, announced.clone(), row.kind);
        let cause = cause(&row.name, &payment, entry);
        self.shown_by_statement(&debtor, payment, &cause)
    }

    /// A report that is no statement only announces: the statement must still show it.
    fn payment_of(&self, entry: &Entry, statement: &Statement, id: EvidenceId, kind: InputKind) -> Payment {
        let is_final = statement.is_final();
        Payment {
            id,
            amount: entry.amount.abs(),
            booked: entry.booked.or(entry.value).or(statement.covers_until).unwrap_or(self.today()),
            source: if is_final { PaymentSource::Statement } else { PaymentSource::Notice },
            payer: entry.counterparty.clone(),
            iban: entry.iban.clone(),
            text: entry.description.clone(),
            allocations: Vec::new(),
            extras: Vec::new(),
            refunded: None,
            elsewhere: None,
            confirmed: is_final,
            why: String::new(),
            evidence: Some(evidence(is_final, kind)),
        }
    }
}

/// By where the file came from; one that came with a mail came with a bank's that was believed.
fn evidence(is_final: bool, kind: InputKind) -> Evidence {
    match kind {
        _ if !is_final => Evidence::Report,
        InputKind::Mail => Evidence::MailedStatement,
        InputKind::Statement | InputKind::Invoice => Evidence::FiledStatement,
    }
}

fn cause(file: &str, payment: &Payment, entry: &Entry) -> String {
    format!("{file} ({} {})", payment.booked, entry.amount)
}
