//! Mail: stored as it was fetched, read, and taken to the account it is about. Nothing in a mail can stop the reader.

use super::super::house::House;
use crate::bank::notice::{Notice, NoticeKind};
use crate::dunning::account::{Payment, PaymentSource};
use crate::dunning::ids::{CaseId, DebtorId, EvidenceId, InvoiceNumber, LetterId};
use crate::dunning::input::{Input, Mail, Meaning as Meant, Said, Saying};
use crate::dunning::question::{About, QuestionKind};
use crate::mail::authenticity::Authenticity;
use crate::mail::bounce::Bounce;
use crate::mail::correlate::{Correlation, Directory, correlate};
use crate::mail::intent::{Intent, Label, invoice_numbers};
use crate::mail::message::Message;
use crate::mail::reading::{Meaning, Reader, Reading, read};
use crate::ports::{Fetched, MailKey};
use crate::store::{Disposition, InputKind, InputRow, NewInput, Purpose, evidence_of};
use anyhow::Result;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// Mail that is older than this when aanmaand is installed is not read for meaning.
const OLDEST_MAIL_DAYS: i64 = 30;

impl House {
    /// Stores what was fetched, byte for byte, and moves the cursor in the same commit.
    pub fn store_mails(&mut self, mails: Vec<Fetched>) -> Result<usize> {
        let count = mails.len();
        self.transact(|house| mails.into_iter().try_for_each(|mail| house.store_mail(mail)))?;
        Ok(count)
    }

    fn store_mail(&mut self, mail: Fetched) -> Result<()> {
        let name = key_text(&mail.key);
        let at = self.now();
        let (bytes, unreadable) = match mail.body {
            Ok(bytes) => (bytes, None),
            Err(reason) => (format!("unreadable mail {name}: {reason}").into_bytes(), Some(reason)),
        };
        let id = evidence_of(&bytes);
        let key = mail.key.clone();
        let input = NewInput {
            id: id.clone(),
            kind: InputKind::Mail,
            name,
            bytes,
            at,
            received_at: mail.received_at,
            key: Some(key),
        };
        self.store.put_input(&input)?;
        if mail.key.uid > 0 {
            self.store.set_cursor(&mail.key.folder, mail.key.uidvalidity, mail.key.uid)?;
        }
        let unsettled = self.store.input(&id)?.filter(|row| row.disposition.is_none());
        if let (Some(reason), Some(row)) = (unreadable, unsettled) {
            self.conclude(&row, Disposition::Quarantined { reason })?;
        }
        Ok(())
    }

    /// The mailbox was read to its end just now, and everything in it is stored.
    pub fn mailbox_was_read(&mut self) -> Result<()> {
        let now = self.now().to_rfc3339();
        self.transact(|house| {
            house.set_memo("mailbox_trouble", "")?;
            house.set_memo("mailbox_read_at", &now)
        })
    }

    /// The mailbox could not be read: the gate closes by itself, and the owner sees why.
    pub fn mailbox_failed(&mut self, why: &str) -> Result<()> {
        self.transact(|house| house.set_memo("mailbox_trouble", why))
    }

    /// Up to which UID everything of this folder is stored, while its UIDVALIDITY is still the same.
    pub fn mail_cursor(&self, folder: &str, uidvalidity: u32) -> Result<Option<u32>> {
        let known = self.store.cursor(folder)?;
        Ok(known.filter(|(validity, _)| *validity == uidvalidity).map(|(_, uid)| uid))
    }

    pub(super) fn apply_mail(&mut self, row: &InputRow, bytes: &[u8]) -> Result<Disposition> {
        let numbers: Vec<String> = self.store.case_numbers()?.iter().map(InvoiceNumber::to_string).collect();
        let authserv_id = self.config.authserv_id.clone();
        let reader = Reader {
            phrases: &self.rules.phrases,
            profiles: &self.rules.profiles,
            authserv_id: authserv_id.as_deref(),
            known_numbers: &numbers,
        };
        match read(bytes, &reader) {
            Err(reason) => {
                self.remember_names(&row.id, &self.named_in_bytes(bytes, &numbers)?)?;
                Ok(Disposition::Quarantined { reason: reason.to_string() })
            }
            Ok(reading) => {
                let disposition = self.apply_reading(row, bytes, &reading, &numbers)?;
                if let Disposition::Ignored { rule } = &disposition {
                    let from = reading.message.from.clone();
                    let input = Input::Ignored { source: row.id.clone(), from, rule: rule.clone() };
                    self.step(&DebtorId::administration(), &input, &row.name)?;
                }
                Ok(disposition)
            }
        }
    }

    fn apply_reading(
        &mut self,
        row: &InputRow,
        bytes: &[u8],
        reading: &Reading,
        numbers: &[String],
    ) -> Result<Disposition> {
        if let Some(rule) = self.ignored_by_rule(row, bytes, &reading.message)? {
            return Ok(Disposition::Ignored { rule });
        }
        if self.came_before(&reading.message)? {
            return Ok(Disposition::Ignored { rule: "the same mail came before".to_owned() });
        }
        match &reading.meaning {
            Meaning::Notice { notice, authenticity } => self.apply_notice(row, reading, notice, authenticity),
            Meaning::Bounce(bounce) => self.apply_bounce(row, reading, bounce, numbers),
            Meaning::AutoReply { why, content, .. } => {
                let content = content.as_ref().map(said);
                self.apply_about_debtor(row, reading, Meant::Automatic { why: why.clone(), content }, numbers)
            }
            Meaning::Reply(intent) => self.apply_about_debtor(row, reading, Meant::Human(said(intent)), numbers),
            Meaning::Unrelated { why } => Ok(Disposition::Ignored { rule: why.clone() }),
        }
    }

    /// Mail that is ours, or older than what we were installed for.
    fn ignored_by_rule(&self, row: &InputRow, bytes: &[u8], message: &Message) -> Result<Option<String>> {
        let ours = |id: &str| Ok::<bool, anyhow::Error>(self.store.outbox_by_message_id(id)?.is_some());
        if message.from == self.config.company.email.to_lowercase()
            && message.message_id.as_deref().map(ours).transpose()? == Some(true)
        {
            return Ok(Some("our own letter".to_owned()));
        }
        if self.answers_a_digest(message)? {
            return Ok(Some("an answer to a digest: the owner decides with `aanmaand answer`".to_owned()));
        }
        let arrived = row.received_at.or_else(|| arrival(bytes)).unwrap_or(row.at);
        let oldest = self.moment("installed_at")?.map(|at| at - TimeDelta::days(OLDEST_MAIL_DAYS));
        if oldest.is_some_and(|oldest| arrived < oldest) {
            return Ok(Some(format!("older than {OLDEST_MAIL_DAYS} days before the installation")));
        }
        Ok(None)
    }

    fn answers_a_digest(&self, message: &Message) -> Result<bool> {
        for id in &message.references {
            if self.store.outbox_by_message_id(id)?.is_some_and(|row| row.purpose == Purpose::Digest) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The same mail by another way (a list, a forward, another folder) differs only in its trace headers.
    fn came_before(&mut self, message: &Message) -> Result<bool> {
        let Some(id) = &message.message_id else { return Ok(false) };
        let date = message.date.map(|date| date.to_rfc3339()).unwrap_or_default();
        let html = message.html.as_deref().unwrap_or_default();
        let content =
            [id, &message.from, &date, &message.subject, &message.text, html].map(|part| part.to_string()).join("\n");
        Ok(!self.store.once("mail", evidence_of(content.as_bytes()).as_str())?)
    }

    fn apply_about_debtor(
        &mut self,
        row: &InputRow,
        reading: &Reading,
        meaning: Meant,
        numbers: &[String],
    ) -> Result<Disposition> {
        let named = self.numbers_of(reading, numbers);
        match correlate(&reading.message, &self.config.company.email, &named, &Known(self)) {
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

    /// Numbers in the own words and subject first, then those in the rest of the text.
    fn numbers_of(&self, reading: &Reading, known: &[String]) -> Vec<String> {
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
            meaning,
        }
    }

    /// The mail's own day; one that lies in the future by more than a day is not believed.
    fn mail_date(&self, row: &InputRow, message: &Message) -> NaiveDate {
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
        let speaks_of_a_claim =
            matches!(intent.label, Label::Dispute | Label::Insolvency | Label::Plan | Label::Promise | Label::Paid);
        if !(intent.sure && speaks_of_a_claim && matches!(meaning, Meant::Human(_))) {
            return Ok(Disposition::Ignored { rule: "it fits no debtor".to_owned() });
        }
        let detail = format!("{} \"{}\"", reading.message.from, reading.message.subject);
        self.ask_owner(QuestionKind::Correlation, &detail, About::Input(row.id.clone()), Vec::new(), &row.name)?;
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
            authserv_id: None,
            known_numbers: &[],
        };
        let Ok(reading) = read(&bytes, &reader) else { return Ok(()) };
        let Meaning::Reply(intent) = &reading.meaning else { return Ok(()) };
        let mail = self.mail_input(&row, &reading, Meant::Human(said(intent)), Vec::new(), "the owner said so");
        self.step(&chosen, &Input::NotTheirs { source: id.clone() }, &row.name)?;
        self.step(&chosen, &Input::Mail(mail), &row.name)?;
        Ok(())
    }

    fn apply_bounce(
        &mut self,
        row: &InputRow,
        reading: &Reading,
        bounce: &Bounce,
        numbers: &[String],
    ) -> Result<Disposition> {
        let original = bounce.original_message_id.as_deref();
        let letter = original.map(|id| self.store.outbox_by_message_id(id)).transpose()?.flatten();
        let status = format!("{} {}", bounce.action, bounce.status.as_deref().unwrap_or(""));
        let meaning = Meant::Bounce {
            letter: letter.as_ref().map(|row| LetterId::new(row.id.as_str())),
            permanent: bounce.is_permanent(),
            status: status.trim().to_owned(),
        };
        match letter.and_then(|letter| letter.account) {
            Some(debtor) => {
                let mail = self.mail_input(row, reading, meaning, Vec::new(), "it returns our letter");
                self.step(&debtor, &Input::Mail(mail), &row.name)?;
                Ok(Disposition::Applied { note: format!("{debtor}: bounce") })
            }
            None => self.bounce_by_address(row, reading, bounce, meaning, numbers),
        }
    }

    /// A report that does not name our letter counts when its recipient is exactly one debtor's address.
    fn bounce_by_address(
        &mut self,
        row: &InputRow,
        reading: &Reading,
        bounce: &Bounce,
        meaning: Meant,
        numbers: &[String],
    ) -> Result<Disposition> {
        let recipient = bounce.recipient.clone().unwrap_or_default();
        let debtors = if recipient.is_empty() { Vec::new() } else { self.store.debtors_by_address(&recipient)? };
        match debtors.as_slice() {
            [debtor] => {
                let mail = self.mail_input(row, reading, meaning, Vec::new(), "it is about this debtor's address");
                self.step(debtor, &Input::Mail(mail), &row.name)?;
                Ok(Disposition::Applied { note: format!("{debtor}: bounce") })
            }
            _ => self.apply_about_debtor(row, reading, meaning, numbers),
        }
    }

    fn apply_notice(
        &mut self,
        row: &InputRow,
        reading: &Reading,
        notice: &Notice,
        authenticity: &Authenticity,
    ) -> Result<Disposition> {
        let text = notice.reference_text.clone().unwrap_or_default();
        let trusted = self.is_trusted(notice, authenticity);
        match (notice.kind, notice.amount, &trusted) {
            (NoticeKind::Credit, Some(amount), Ok(())) => {
                let booked = notice.booked.unwrap_or_else(|| self.mail_date(row, &reading.message));
                let payment = Payment {
                    id: row.id.clone(),
                    amount,
                    booked: booked.min(self.today()),
                    source: PaymentSource::Notice,
                    payer: notice.counterparty.clone(),
                    iban: notice.iban.clone(),
                    text,
                    allocations: Vec::new(),
                    confirmed: false,
                    why: String::new(),
                };
                if !self.store.once("notice", &notice_key(&payment, reading))? {
                    return Ok(Disposition::Ignored { rule: "this notice came before (replay)".to_owned() });
                }
                self.money_came_in(payment, None, None, &row.name)?;
                Ok(Disposition::Applied { note: format!("{} {amount}", notice.bank) })
            }
            (NoticeKind::Storno, Some(amount), Ok(())) => {
                let payment = Payment {
                    id: row.id.clone(),
                    amount,
                    booked: self.today(),
                    source: PaymentSource::Notice,
                    payer: None,
                    iban: None,
                    text,
                    allocations: Vec::new(),
                    confirmed: false,
                    why: String::new(),
                };
                self.money_went_back(&payment, None, &row.name)?;
                Ok(Disposition::Applied { note: format!("{} reversal {amount}", notice.bank) })
            }
            (NoticeKind::Credit, _, Err(why)) => {
                let whole = format!("{text} {}", reading.message.subject);
                let paused = self.untrusted_notice(&whole, &row.id, why, &row.name)?;
                Ok(match paused {
                    Some(case) => {
                        Disposition::Applied { note: format!("untrusted ({why}): may pause {case}, no more") }
                    }
                    None => {
                        Disposition::Ignored { rule: format!("untrusted bank mail ({why}) that names no open case") }
                    }
                })
            }
            (kind, _, _) => {
                Ok(Disposition::Ignored { rule: format!("{} notice of kind {kind:?} moves no case", notice.bank) })
            }
        }
    }

    /// A notice is believed when its sender was authenticated and the owner named this bank.
    fn is_trusted(&self, notice: &Notice, authenticity: &Authenticity) -> Result<(), String> {
        match authenticity {
            Authenticity::E0 { why } => Err(why.clone()),
            Authenticity::E1 { domain } => {
                let banks = &self.config.notices.banks;
                let allowed = self.rules.profiles.domains(std::slice::from_ref(&notice.bank));
                if !banks.contains(&notice.bank) {
                    Err(format!("{} is not among notices.banks", notice.bank))
                } else if !allowed.iter().any(|known| known.eq_ignore_ascii_case(domain)) {
                    Err(format!("{domain} is not a domain of {}", notice.bank))
                } else {
                    Ok(())
                }
            }
        }
    }

    /// Debtors that bytes name which could not be read as a mail: by address or invoice number.
    fn named_in_bytes(&self, bytes: &[u8], numbers: &[String]) -> Result<Vec<String>> {
        let text = String::from_utf8_lossy(bytes.get(..bytes.len().min(256 * 1024)).unwrap_or_default()).to_lowercase();
        let mut named = Vec::new();
        for account in self.accounts_with_open_cases()? {
            let by_address = account.mail_addresses().iter().any(|address| text.contains(address.as_str()));
            let own: Vec<&String> = numbers
                .iter()
                .filter(|n| account.cases.contains_key(&CaseId::of(&InvoiceNumber::new(n.as_str()))))
                .collect();
            if by_address || own.iter().any(|number| text.contains(&number.to_lowercase())) {
                named.push(account.id.to_string());
            }
        }
        Ok(named)
    }
}

/// The store as a directory of who is who.
struct Known<'a>(&'a House);

impl Directory for Known<'_> {
    fn by_token(&self, token: &str) -> Option<DebtorId> {
        self.0.store.outbox_by_token(token).ok().flatten()?.account
    }

    fn by_message_id(&self, message_id: &str) -> Option<DebtorId> {
        self.0.store.outbox_by_message_id(message_id).ok().flatten()?.account
    }

    fn by_address(&self, address: &str) -> Vec<DebtorId> {
        self.0.store.debtors_by_address(address).unwrap_or_default()
    }

    fn by_domain(&self, domain: &str) -> Vec<DebtorId> {
        self.0.store.debtors_by_domain(domain).unwrap_or_default()
    }

    fn by_invoice_number(&self, number: &str) -> Option<(CaseId, DebtorId)> {
        let (row, debtor) = self.0.store.case_by_number(&InvoiceNumber::new(number)).ok().flatten()?;
        Some((row.case, debtor))
    }
}

fn said(intent: &Intent) -> Said {
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

fn key_text(key: &MailKey) -> String {
    if key.name.is_empty() {
        format!("{}/{}/{}", key.folder, key.uidvalidity, key.uid)
    } else {
        format!("{}/{}", key.folder, key.name)
    }
}

/// When the topmost server took the mail in, by its Received header.
fn arrival(bytes: &[u8]) -> Option<DateTime<Utc>> {
    let message = Message::parse(bytes).ok()?;
    let (_, received) = message.raw_headers.iter().find(|(name, _)| name == "received")?;
    House::parse_moment(received.rsplit(';').next()?)
}

/// The same notice sent twice, or replayed by somebody.
fn notice_key(payment: &Payment, reading: &Reading) -> String {
    let id = reading.message.message_id.clone().unwrap_or_default();
    format!("{id}|{}|{}|{}", payment.amount, payment.booked, payment.text)
}
