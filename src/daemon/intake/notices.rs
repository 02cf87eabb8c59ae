//! A bank's mail: believed and booked, or worth a pause of one case at most.

use super::super::house::House;
use crate::bank::notice::{Notice, NoticeKind};
use crate::dunning::account::{Payment, PaymentSource};
use crate::dunning::evidence::Evidence;
use crate::dunning::money::Money;
use crate::mail::authenticity::{Authenticity, Proof};
use crate::mail::reading::Reading;
use crate::store::{Disposition, InputRow};
use anyhow::Result;
use chrono::NaiveDate;

impl House {
    pub(super) fn apply_notice(
        &mut self,
        row: &InputRow,
        bytes: &[u8],
        reading: &Reading,
        notice: &Notice,
        authenticity: &Authenticity,
    ) -> Result<Disposition> {
        let trusted = self.is_trusted(notice, authenticity);
        if let (Ok(Proof::Seal(seal)), NoticeKind::Credit | NoticeKind::Storno) = (&trusted, notice.kind)
            && !self.is_first_use(seal, row)?
        {
            return Ok(Disposition::Ignored { rule: "its signature came before, in another mail (replay)".to_owned() });
        }
        if trusted.as_ref().is_ok_and(|proof| proof.covers_attachments())
            && let Some(disposition) = self.apply_attached(row, reading)?
        {
            return Ok(disposition);
        }
        match (notice.kind, notice.amount, trusted) {
            (NoticeKind::Credit, Some(amount), Ok(proof)) => self.believed_credit(row, reading, notice, amount, proof),
            (NoticeKind::Storno, Some(amount), Ok(proof)) => self.believed_reversal(row, notice, amount, proof),
            (kind, _, Err(why)) if matters(kind, reading) && self.wait_for_key(row, bytes)? => {
                if kind == NoticeKind::Credit {
                    self.unbelieved(row, reading, notice, &why)?;
                }
                Ok(Disposition::Applied { note: format!("not believed yet, and looked at again: {why}") })
            }
            (NoticeKind::Credit, _, Err(why)) => self.unbelieved(row, reading, notice, &why),
            (_, _, Ok(_)) => self.no_money(row, reading, notice),
            (_, _, Err(_)) => Ok(moves_no_case(notice)),
        }
    }

    fn believed_credit(
        &mut self,
        row: &InputRow,
        reading: &Reading,
        notice: &Notice,
        amount: Money,
        proof: &Proof,
    ) -> Result<Disposition> {
        let booked = notice.booked.unwrap_or_else(|| self.mail_date(row, &reading.message)).min(self.today());
        let payment = Payment {
            payer: notice.counterparty.clone(),
            // An account of ours is nobody else's, whatever the mail seems to say.
            iban: notice.iban.clone().filter(|iban| !self.config.company.ibans.contains(iban)),
            ..announced(row, notice, amount, booked)
        };
        if !self.store.once("notice", &notice_key(&payment, reading))? {
            return Ok(Disposition::Ignored { rule: "this notice came before (replay)".to_owned() });
        }
        if let Some(why) = self.of_another_account(notice) {
            return self.credit_elsewhere(&payment, &why, &cause(row, proof));
        }
        self.money_came_in(payment, None, None, &cause(row, proof))?;
        Ok(Disposition::Applied { note: format!("{} {amount}, authenticated {}", notice.bank, proof.told()) })
    }

    fn believed_reversal(
        &mut self,
        row: &InputRow,
        notice: &Notice,
        amount: Money,
        proof: &Proof,
    ) -> Result<Disposition> {
        let payment = announced(row, notice, amount, self.today());
        if let Some(rule) = self.of_another_account(notice) {
            return Ok(Disposition::Ignored { rule });
        }
        self.money_went_back(&payment, None, &cause(row, proof))?;
        Ok(Disposition::Applied { note: format!("{} reversal {amount}, authenticated {}", notice.bank, proof.told()) })
    }

    /// Why the bank does not speak of an account of ours; `None` when it does, or prints none.
    fn of_another_account(&self, notice: &Notice) -> Option<String> {
        let ours = &self.config.company.ibans;
        let other = notice.accounts.iter().find(|account| !account.is_among(ours))?;
        let told = other.told();
        Some(format!("it is of account {told}, which is not in company.iban; add it there if it is yours"))
    }

    /// A bank's true word about money on an account that is not ours, as far as we know: it closes nothing. Where it fits
    /// what is open the owner is asked; what else comes in there is no business of ours.
    fn credit_elsewhere(&mut self, payment: &Payment, why: &str, cause: &str) -> Result<Disposition> {
        Ok(match self.ask_about_money_elsewhere(payment, why, cause)? {
            true => Disposition::Applied { note: format!("asked, for {why}") },
            false => Disposition::Ignored { rule: why.to_owned() },
        })
    }

    /// A bank's true mail that tells of no money. One that we could not read may tell of a payment of the one case that it names.
    fn no_money(&mut self, row: &InputRow, reading: &Reading, notice: &Notice) -> Result<Disposition> {
        let Some(unread) = notice.unread.filter(|unread| unread.leaves_doubt()) else {
            return Ok(moves_no_case(notice));
        };
        let why = format!("a mail of {} that was not understood: {}", notice.bank, unread.told());
        let text = format!("{} {}", reading.message.subject, reading.message.text);
        Ok(match self.untrusted_notice(&text, &row.id, &why, &row.name)? {
            Some(case) => Disposition::Applied { note: format!("{why}; may pause {case}, no more") },
            None => moves_no_case(notice),
        })
    }

    fn unbelieved(&mut self, row: &InputRow, reading: &Reading, notice: &Notice, why: &str) -> Result<Disposition> {
        let text = format!("{} {}", notice.reference_text.as_deref().unwrap_or_default(), reading.message.subject);
        Ok(match self.untrusted_notice(&text, &row.id, why, &row.name)? {
            Some(case) => Disposition::Applied { note: format!("untrusted ({why}): may pause {case}, no more") },
            None => Disposition::Ignored { rule: format!("untrusted bank mail ({why}) that names no open case") },
        })
    }

    /// A notice is believed when its sender was authenticated and the owner named this bank.
    pub(super) fn is_trusted<'a>(&self, notice: &Notice, authenticity: &'a Authenticity) -> Result<&'a Proof, String> {
        match authenticity {
            Authenticity::E0 { why } => Err(why.clone()),
            Authenticity::E1 { domain, by } => {
                let banks = &self.config.notices.banks;
                let allowed = self.rules.profiles.domains(std::slice::from_ref(&notice.bank));
                if !banks.contains(&notice.bank) {
                    Err(format!("{} is not among notices.banks", notice.bank))
                } else if !allowed.iter().any(|known| known.eq_ignore_ascii_case(domain)) {
                    Err(format!("{domain} is not a domain of {}", notice.bank))
                } else {
                    Ok(by)
                }
            }
        }
    }
}

fn moves_no_case(notice: &Notice) -> Disposition {
    Disposition::Ignored { rule: format!("{} notice of kind {} moves no case", notice.bank, notice.kind.name()) }
}

/// The mail, and why it was believed: this stays in the journal.
fn cause(row: &InputRow, proof: &Proof) -> String {
    format!("{}, authenticated {}", row.name, proof.told())
}

/// Whether it would do anything if it were believed.
fn matters(kind: NoticeKind, reading: &Reading) -> bool {
    matches!(kind, NoticeKind::Credit | NoticeKind::Storno) || !reading.message.attachments.is_empty()
}

fn announced(row: &InputRow, notice: &Notice, amount: Money, booked: NaiveDate) -> Payment {
    Payment {
        id: row.id.clone(),
        amount,
        booked,
        source: PaymentSource::Notice,
        payer: None,
        iban: None,
        text: notice.reference_text.clone().unwrap_or_default(),
        allocations: Vec::new(),
        extras: Vec::new(),
        refunded: None,
        elsewhere: None,
        confirmed: false,
        why: String::new(),
        evidence: Some(Evidence::Notice),
    }
}

/// The same notice sent twice, or replayed by somebody.
fn notice_key(payment: &Payment, reading: &Reading) -> String {
    let id = reading.message.message_id.clone().unwrap_or_default();
    format!("{id}|{}|{}|{}", payment.amount, payment.booked, payment.text)
}
