//! What travels with a letter: copies of its invoices, copies of the letters before it, the payment QR code.

use super::house::House;
use crate::dunning::account::{Account, Letter, LetterState};
use crate::dunning::policy::LegalStep;
use crate::letter::plain::one_line;
use crate::letter::{LetterData, epc};
use crate::mail::compose::Picture;
use crate::mail::message::{Attachment, Message};
use anyhow::Result;
use chrono::NaiveDate;

/// Copies of earlier letters are not larger than this together, in bytes: a mailbox of 10 MB must still take the mail.
const LARGEST_COPIES: usize = 5 * 1024 * 1024;

impl House {
    /// A copy of each invoice in the letter of which there is one.
    pub(super) fn invoice_copies(&self, account: &Account, letter: &Letter) -> Result<Vec<Attachment>> {
        let mut copies = Vec::new();
        for (id, _) in &letter.amounts {
            let Some(case) = account.cases.get(id) else { continue };
            if let Some((name, bytes)) = self.invoice_copy(&case.file, &case.source)? {
                let mime = if bytes.starts_with(b"%PDF") { "application/pdf" } else { "application/xml" };
                copies.push(Attachment { name, mime: mime.to_owned(), bytes });
            }
        }
        Ok(copies)
    }

    /// For a formal letter a copy of each letter that it says was sent before, as a text file; all of them or none.
    pub(super) fn earlier_copies(&self, account: &Account, letter: &Letter) -> Result<Vec<Attachment>> {
        if !letter.formal || !tells_of_earlier(letter) {
            return Ok(Vec::new());
        }
        let mut copies = Vec::new();
        for (on, earlier) in earlier_letters(account, letter) {
            match self.earlier_copy(account, earlier, on)? {
                Some(copy) => copies.push(copy),
                None => return Ok(Vec::new()),
            }
        }
        let size: usize = copies.iter().map(|copy| copy.bytes.len()).sum();
        Ok(if size <= LARGEST_COPIES { copies } else { Vec::new() })
    }

    /// `None` when the mail is not there as it was sent to this debtor, or names what is another's.
    fn earlier_copy(&self, account: &Account, earlier: &Letter, on: NaiveDate) -> Result<Option<Attachment>> {
        let id = earlier.id.as_str();
        let row = self.store.outbox(id)?.filter(|row| row.account.as_ref() == Some(&account.id));
        let bytes = row.map(|_| self.store.outbox_bytes(id)).transpose()?.flatten();
        let Some(mail) = bytes.and_then(|bytes| Message::parse(&bytes).ok()) else { return Ok(None) };
        let text = as_text(&mail, &earlier.recipient);
        if self.stranger_in(account, &text).is_some() {
            return Ok(None);
        }
        let name = format!("{on}-{}.txt", one_line(&earlier.template, 60));
        Ok(Some(Attachment { name, mime: "text/plain; charset=utf-8".to_owned(), bytes: text.into_bytes() }))
    }

    /// The QR code of a letter after the due date, under an id of this mail's; `None` where it is switched off or the
    /// standard has no room for what the letter asks.
    pub(super) fn payment_code(&self, data: &LetterData, message_id: &str) -> Option<Picture> {
        let payload = Some(data).filter(|_| self.config.letters.qr).and_then(epc::for_letter)?;
        Some(Picture { content_id: format!("qr.{message_id}"), png: epc::png(&payload)? })
    }
}

/// The first reminder of Book XIX and a letter about an instalment say nothing of the letters before them.
fn tells_of_earlier(letter: &Letter) -> bool {
    letter.law != Some(LegalStep::BeFirstReminder) && letter.covers.iter().all(|(_, step)| step.instalment().is_none())
}

/// Letters that really went to this debtor about one of the same invoices, oldest first; a bounced one was not
/// received.
pub(super) fn earlier_letters<'a>(account: &'a Account, letter: &Letter) -> Vec<(NaiveDate, &'a Letter)> {
    let about_the_same =
        |other: &&Letter| !other.is_thanks() && other.amounts.iter().any(|(case, _)| letter.lists(case));
    let sent = account.letters.iter().filter(about_the_same).filter_map(|other| match other.state {
        LetterState::Sent(on) => Some((on, other)),
        LetterState::Requested
        | LetterState::Unknown(_)
        | LetterState::Withdrawn
        | LetterState::Rejected(_)
        | LetterState::Bounced(_) => None,
    });
    let mut earlier: Vec<(NaiveDate, &Letter)> = sent.collect();
    earlier.sort_by_key(|(on, _)| *on);
    earlier
}

/// A mail as a text file: head and words, without what was attached to it. A byte order mark and CRLF, since some
/// programs of phones and desktops would else show broken letters or one long line.
fn as_text(mail: &Message, recipient: &str) -> String {
    let sender = match mail.from_name.is_empty() {
        true => mail.from.clone(),
        false => format!("{} <{}>", mail.from_name, mail.from),
    };
    let date = mail.date.map(|date| date.to_rfc2822()).unwrap_or_default();
    let head = format!("From: {sender}\nTo: {recipient}\nDate: {date}\nSubject: {}", mail.subject);
    format!("\u{FEFF}{head}\n\n{}\n", mail.text.trim_end()).replace('\n', "\r\n")
}
