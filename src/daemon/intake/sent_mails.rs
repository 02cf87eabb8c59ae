//! The folder for sent mail: copies of our own letters, and what the owner wrote by hand. The latter appears in the debtor's
//! account and keeps our letters at a distance; it is never taken for an answer of the customer.

use super::super::house::House;
use super::answers::Known;
use crate::config::Config;
use crate::dunning::ids::{DebtorId, EvidenceId};
use crate::dunning::input::{Input, Written};
use crate::mail::correlate::{Correlation, Directory, correlate_written, is_public_provider};
use crate::mail::intent::invoice_numbers;
use crate::mail::message::Message;
use crate::store::{Disposition, InputRow};
use anyhow::Result;

impl House {
    /// Where a mail lay decides how it is read, so that is kept with its bytes.
    pub(super) fn note_lay_in_sent(&mut self, id: &EvidenceId) -> Result<()> {
        self.set_memo(&sent_key(id), "yes")
    }

    pub(super) fn lay_in_sent(&self, id: &EvidenceId) -> Result<bool> {
        Ok(self.memo(&sent_key(id))?.is_some())
    }

    pub(super) fn apply_sent_mail(&mut self, row: &InputRow, bytes: &[u8]) -> Result<Disposition> {
        let message = match Message::parse(bytes) {
            Ok(message) => message,
            Err(reason) => {
                self.remember_names(&row.id, &self.named_in_bytes(bytes)?)?;
                return Ok(Disposition::Quarantined { reason: reason.to_string() });
            }
        };
        let ignored = |rule: &str| Ok(Disposition::Ignored { rule: rule.to_owned() });
        if self.is_own_letter(row, bytes, &message)? {
            return ignored("our own letter");
        }
        if self.came_in(&message) {
            return self.apply_mail(row, bytes);
        }
        if let Some(rule) = self.ignored_by_rule(row, &message)? {
            return ignored(&rule);
        }
        if message.header("auto-submitted").is_some_and(|value| !value.trim().eq_ignore_ascii_case("no")) {
            return ignored("an automatic answer of our own mailbox");
        }
        // Apart from what comes in: a mail of the owner to this mailbox lies in both folders, and its command counts.
        if self.is_seen_again("sent mail", &message)? {
            return ignored("the same mail was seen before");
        }
        self.owner_wrote(row, &message)
    }

    /// Somebody moved a customer's mail here, or it is the owner's to this mailbox as a server brought it, which some show in
    /// both folders: it counts as in any other folder.
    fn came_in(&self, message: &Message) -> bool {
        let to_us = || written_to(message).iter().all(|address| self.is_ours(address));
        if self.is_ours(&message.from) {
            return message.header("received").is_some() && to_us();
        }
        let known = Known(self);
        let domain = message.from.rsplit_once('@').map(|(_, domain)| domain).unwrap_or_default();
        let from_debtor = !known.by_address(&message.from).is_empty() || !known.by_domain(domain).is_empty();
        from_debtor || to_us()
    }

    pub(in super::super) fn is_ours(&self, address: &str) -> bool {
        is_ours(&self.config, address)
    }

    /// Whom it fits, all of them: a pause too many costs nothing.
    fn owner_wrote(&mut self, row: &InputRow, message: &Message) -> Result<Disposition> {
        let known = self.known_numbers()?;
        let mut numbers = invoice_numbers(&format!("{}\n{}", message.subject, message.text), &known);
        numbers.retain(|number| known.contains(number));
        let to: Vec<String> = written_to(message).into_iter().filter(|address| !self.is_ours(address)).collect();
        if to.is_empty() {
            return Ok(Disposition::Ignored { rule: "your own mail to this mailbox".to_owned() });
        }
        let found = correlate_written(message, &to, self.own_address(), &numbers, &Known(self));
        let (debtors, cases, why) = match found {
            Correlation::One { debtor, cases, why } => (vec![debtor], cases, why),
            Correlation::Several { debtors, why } => (debtors, Vec::new(), why),
            Correlation::None => {
                let rule = "your own mail, about no debtor".to_owned();
                return Ok(Disposition::Ignored { rule });
            }
        };
        let written = Written {
            source: row.id.clone(),
            to: to.first().cloned().unwrap_or_default(),
            subject: message.subject.clone(),
            on: self.mail_date(row, message),
            cases,
            why,
        };
        for debtor in &debtors {
            self.step(debtor, &Input::OwnerWrote(written.clone()), &row.name)?;
        }
        let names: Vec<&str> = debtors.iter().map(DebtorId::as_str).collect();
        Ok(Disposition::Applied { note: format!("you wrote to {}: {}", names.join(", "), written.why) })
    }
}

fn sent_key(id: &EvidenceId) -> String {
    format!("sent_mail/{id}")
}

/// To, Cc and, as only the writer's own copy tells, Bcc.
fn written_to(message: &Message) -> Vec<String> {
    let mut to = message.recipients.clone();
    let listed = message.raw_headers.iter().filter(|(name, _)| name == "bcc").map(|(_, value)| value.as_str());
    let addresses =
        listed.flat_map(|value| value.split([',', ' ', '<', '>', ';', '"'])).filter(|word| word.contains('@'));
    to.extend(addresses.map(str::to_lowercase));
    to
}

/// An address of the company or the owner, or of a colleague.
pub(super) fn is_ours(config: &Config, address: &str) -> bool {
    let split = |address: &str| {
        let (local, domain) = address.rsplit_once('@')?;
        Some((local.split('+').next().unwrap_or(local).to_lowercase(), domain.to_lowercase()))
    };
    let Some(asked) = split(address) else { return false };
    [&config.company.email, &config.owner_email].into_iter().filter_map(|own| split(own)).any(|own| {
        let same_company = own.1 == asked.1 && !is_public_provider(&own.1);
        own == asked || same_company
    })
}
