//! Mail about a debtor: a person's answer, a machine's, a returned letter. Whose it is, and what that account hears of it.

use super::super::house::House;
use crate::dunning::ids::{CaseId, DebtorId, EvidenceId, InvoiceNumber, LetterId};
use crate::dunning::input::{CameBack, Input, Mail, Meaning as Meant, Said, Saying};
use crate::dunning::question::{About, QuestionKind};
use crate::mail::bounce::{Bounce, Kind};
use crate::mail::correlate::{Correlation, Directory, correlate, is_public_provider};
use crate::mail::intent::{Intent, KnownNumbers, Label, invoice_numbers};
use crate::mail::message::Message;
use crate::mail::reading::{Meaning, Reader, Reading, attached, read};
use crate::store::{Disposition, InputRow, OutboxRow};
use anyhow::Result;
use chrono::{NaiveDate, TimeDelta};

impl House {
    pub(super) fn apply_about_debtor(
        &mut self,
        row: &InputRow,
        reading: &Reading,
        meaning: Meant,
    ) -> Result<Disposition> {
        let named = numbers_of(reading, &*self.known_numbers()?);
        match correlate(&reading.message, self.own_address(), &named, &Known(self)) {
            Correlation::One { debtor, cases, why } => {
                let cases = self.cases_of(&debtor, &reading.invoice_numbers, cases)?;
                let mail = self.mail_input(row, reading, meaning, cases, &why);
                self.step(&debtor, &Input::Mail(mail), &row.name)?;
                Ok(Disposition::Applied { note: format!("{debtor}: {why}") })
            }
            Correlation::Several { debtors, why } => self.several(row, reading, &meaning, &debtors, &why),
            Correlation::None => self.nobody(row, reading, &meaning),
        }
    }

    /// The cases that the sender's own words name; else those that the correlation found.
    fn cases_of(&self, debtor: &DebtorId, numbers: &[String], correlated: Vec<CaseId>) -> Result<Vec<CaseId>> {
        let account = self.account(debtor)?;
        let named: Vec<CaseId> = numbers
            .iter()
            .map(|number| CaseId::of(&InvoiceNumber::new(number.as_str())))
            .filter(|id| account.cases.contains_key(id))
            .collect();
        Ok(if named.is_empty() { correlated } else { named })
    }

    fn mail_input(&self, row: &InputRow, reading: &Reading, meaning: Meant, cases: Vec<CaseId>, why: &str) -> Mail {
        Mail {
            source: row.id.clone(),
            from: reading.message.from.clone(),
            date: self.mail_date(row, &reading.message),
            cases,
            why: why.to_owned(),
            attachments: attached(&reading.message),
            meaning,
        }
    }

    /// The mail's own day; one that lies in the future by more than a day is not believed.
    pub(super) fn mail_date(&self, row: &InputRow, message: &Message) -> NaiveDate {
        let arrived = self.local(row.received_at.unwrap_or(row.at)).date();
        message.date.map(|date| date.date_naive()).filter(|day| *day <= arrived + TimeDelta::days(1)).unwrap_or(arrived)
    }

    /// Two candidates are a question, and both wait for the answer. A machine's mail is not worth one.
    fn several(
        &mut self,
        row: &InputRow,
        reading: &Reading,
        meaning: &Meant,
        debtors: &[DebtorId],
        why: &str,
    ) -> Result<Disposition> {
        if matches!(meaning, Meant::Automatic { content: None, .. }) {
            return Ok(Disposition::Ignored { rule: format!("automatic, and it fits several debtors ({why})") });
        }
        for debtor in debtors {
            self.step(debtor, &Input::PossibleMail { source: row.id.clone(), why: why.to_owned() }, &row.name)?;
        }
        let choices = debtors.iter().map(DebtorId::to_string).chain(["none".to_owned()]).collect();
        let detail = format!("{} \"{}\" ({why})", reading.message.from, reading.message.subject);
        self.ask_owner(QuestionKind::Correlation, &detail, About::Input(row.id.clone()), choices, &row.name)?;
        Ok(Disposition::Applied { note: format!("fits several debtors: {why}") })
    }

    /// A person who clearly speaks of a claim, and fits no debtor, is shown to the owner.
    fn nobody(&mut self, row: &InputRow, reading: &Reading, meaning: &Meant) -> Result<Disposition> {
        let Meaning::Reply(intent) = &reading.meaning else {
            return Ok(Disposition::Ignored { rule: "it fits no debtor".to_owned() });
        };
        let claims = |label: &Label| {
            matches!(label, Label::Dispute | Label::Insolvency | Label::Plan | Label::Promise | Label::Paid)
        };
        let speaks_of_a_claim = intent.sure && claims(&intent.label) || intent.also.iter().any(claims);
        if !(speaks_of_a_claim && matches!(meaning, Meant::Human(_))) {
            return Ok(Disposition::Ignored { rule: "it fits no debtor".to_owned() });
        }
        let detail = format!("{} \"{}\"", reading.message.from, reading.message.subject);
        self.ask_about_stranger(row, &detail)?;
        Ok(Disposition::Ignored { rule: "it fits no debtor; the owner was asked".to_owned() })
    }

    /// The owner said whose mail it was: that debtor hears it, the others go on.
    pub(super) fn answer_correlation(&mut self, id: &EvidenceId, choices: &[String], choice: &str) -> Result<()> {
        for other in choices.iter().filter(|other| other.as_str() != choice) {
            let input = Input::NotTheirs { source: id.clone() };
            if self.store.account(&DebtorId::new(other.as_str()))?.is_some() {
                self.step(&DebtorId::new(other.as_str()), &input, "the owner said whose mail it was")?;
            }
        }
        let chosen = DebtorId::new(choice);
        if self.store.account(&chosen)?.is_none() {
            return Ok(());
        }
        let (Some(row), Some(bytes)) = (self.store.input(id)?, self.store.input_bytes(id)?) else { return Ok(()) };
        let reader = Reader {
            phrases: &self.rules.phrases,
            profiles: &self.rules.profiles,
            grounds: crate::mail::authenticity::Grounds::default(),
            known_numbers: KnownNumbers::none(),
            wording: self.rules.templates.wording(),
        };
        let Ok(reading) = read(&bytes, &reader) else { return Ok(()) };
        let Meaning::Reply(intent) = &reading.meaning else { return Ok(()) };
        let mail = self.mail_input(&row, &reading, Meant::Human(said(intent)), Vec::new(), "the owner said so");
        self.step(&chosen, &Input::NotTheirs { source: id.clone() }, &row.name)?;
        self.step(&chosen, &Input::Mail(mail), &row.name)?;
        Ok(())
    }

    pub(super) fn apply_bounce(&mut self, row: &InputRow, reading: &Reading, bounce: &Bounce) -> Result<Disposition> {
        let letter = self.letter_that_came_back(bounce, &reading.message)?;
        let status = format!("{} {}", bounce.action, bounce.status.as_deref().unwrap_or(""));
        let meaning = Meant::Bounce {
            letter: letter.as_ref().map(|row| LetterId::new(row.id.as_str())),
            came_back: came_back(bounce.kind),
            status: status.trim().to_owned(),
        };
        let debtors = self.whose_letter(letter)?;
        if debtors.is_empty() {
            return self.bounce_by_address(row, reading, bounce, meaning);
        }
        for debtor in &debtors {
            let mail = self.mail_input(row, reading, meaning.clone(), Vec::new(), "it returns our letter");
            self.step(debtor, &Input::Mail(mail), &row.name)?;
        }
        let named: Vec<&str> = debtors.iter().map(DebtorId::as_str).collect();
        Ok(Disposition::Applied { note: format!("{}: bounce", named.join(", ")) })
    }

    /// By the Message-ID of what came back, else by what the report says of our envelope, else by the reply address
    /// that the report was sent to, or that stands in the letter.
    fn letter_that_came_back(&self, bounce: &Bounce, message: &Message) -> Result<Option<OutboxRow>> {
        for id in [&bounce.original_message_id, &bounce.envelope_id].into_iter().flatten() {
            if let Some(row) = self.store.outbox_by_message_id(id)? {
                return Ok(Some(row));
            }
        }
        let named = [&bounce.original_message_id, &bounce.envelope_id].into_iter().flatten().map(String::as_str);
        let texts: Vec<&str> = message.recipients.iter().map(String::as_str).chain(named).collect();
        for token in self.own_address().tokens(&texts) {
            if let Some(row) = self.store.outbox_by_token(&token)? {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// A report that does not name our letter counts when its recipient is exactly one debtor's address.
    fn bounce_by_address(
        &mut self,
        row: &InputRow,
        reading: &Reading,
        bounce: &Bounce,
        meaning: Meant,
    ) -> Result<Disposition> {
        let recipient = bounce.recipient.clone().unwrap_or_default();
        let debtors = if recipient.is_empty() { Vec::new() } else { self.store.debtors_by_address(&recipient)? };
        match debtors.as_slice() {
            [debtor] => {
                let mail = self.mail_input(row, reading, meaning, Vec::new(), "it is about this debtor's address");
                self.step(debtor, &Input::Mail(mail), &row.name)?;
                Ok(Disposition::Applied { note: format!("{debtor}: bounce") })
            }
            _ => self.apply_about_debtor(row, reading, meaning),
        }
    }
}

/// Numbers in the own words and subject first, then those in the rest of the text.
fn numbers_of(reading: &Reading, known: &KnownNumbers) -> Vec<String> {
    let own = reading.invoice_numbers.iter().cloned();
    let subject = invoice_numbers(&reading.message.subject, known);
    let mut all: Vec<String> = own.chain(subject).collect();
    if all.is_empty() {
        all = invoice_numbers(&reading.message.text, known);
    }
    all.retain(|number| known.contains(number));
    all.dedup();
    all
}

fn came_back(kind: Kind) -> CameBack {
    match kind {
        Kind::Permanent => CameBack::Lasting,
        Kind::Blocked => CameBack::Refused,
        Kind::MailboxFull | Kind::Temporary => CameBack::Passing,
        Kind::Delayed | Kind::Delivered => CameBack::Not,
    }
}

/// The store as a directory of who is who.
pub(super) struct Known<'a>(pub &'a House);

impl Directory for Known<'_> {
    fn by_token(&self, token: &str) -> Vec<DebtorId> {
        self.0.whose_letter(self.0.store.outbox_by_token(token).ok().flatten()).unwrap_or_default()
    }

    fn by_message_id(&self, message_id: &str) -> Vec<DebtorId> {
        self.0.whose_letter(self.0.store.outbox_by_message_id(message_id).ok().flatten()).unwrap_or_default()
    }

    fn by_address(&self, address: &str) -> Vec<DebtorId> {
        self.0.store.debtors_by_address(address).unwrap_or_default()
    }

    fn by_domain(&self, domain: &str) -> Vec<DebtorId> {
        if is_public_provider(domain) {
            return Vec::new();
        }
        self.0.store.debtors_by_domain(domain).unwrap_or_default()
    }

    fn by_invoice_number(&self, number: &str) -> Option<(CaseId, DebtorId)> {
        let (row, debtor) = self.0.store.case_by_number(&InvoiceNumber::new(number)).ok().flatten()?;
        Some((row.case, debtor))
    }
}

/// What the reader understood, in the words of the rules; a doubtful promise or payment is only an answer.
pub(super) fn said(intent: &Intent) -> Said {
    let proves = intent.evidence.iter().find(|evidence| evidence.label == intent.label).or(intent.evidence.first());
    Said {
        what: saying(intent.label, intent.sure),
        also: intent.also.iter().map(|label| saying(*label, true)).filter(|what| *what != Saying::Other).collect(),
        sentence: proves.map(|evidence| evidence.text.clone()),
        promise_date: intent.promise_date,
        amount: intent.amount.clone(),
        paid_on: intent.paid_on,
    }
}

fn saying(label: Label, sure: bool) -> Saying {
    match label {
        Label::Insolvency => Saying::Insolvency,
        Label::Dispute => Saying::Dispute,
        Label::Plan => Saying::Plan,
        Label::Promise if sure => Saying::Promise,
        Label::Paid if sure => Saying::Paid,
        Label::Question if sure => Saying::Question,
        Label::WrongContact => Saying::WrongContact,
        Label::Acknowledge => Saying::Acknowledge,
        Label::Promise | Label::Paid | Label::Question | Label::AutoReply | Label::Bounce | Label::Unrelated => {
            Saying::Other
        }
    }
}
