//! A letter that was decided becomes a mail with its final bytes, in the same commit.

use super::house::House;
use crate::dunning::account::{Account, Case, Letter, LetterState};
use crate::dunning::ids::LetterId;
use crate::dunning::money::Money;
use crate::letter::{Earlier, LetterData, Line, Missed, Rendered};
use crate::mail::compose::{Draft, compose};
use crate::mail::message::Attachment;
use crate::store::{NewOutbox, OutboxState, Purpose};
use anyhow::{Context, Result};
use chrono::{DateTime, FixedOffset, NaiveDate};

/// A thread does not name more letters than this.
const LONGEST_THREAD: usize = 10;

impl House {
    pub(super) fn put_letter(&mut self, account: &Account, id: &LetterId) -> Result<()> {
        let letter = account.letter(id).context("BUG: the letter is not in its account")?;
        let attachments = self.copies(account, letter)?;
        // "Copies are attached" must be true of every invoice in the table.
        let all_attached = attachments.len() == letter.amounts.len();
        let rendered = self.render(account, letter, self.today(), all_attached)?;
        let message_id = self.message_id(id.as_str());
        let token = self.key().reply_token(id.as_str());
        let company = &self.config.company;
        let name = account.debtor.as_ref().map(|debtor| debtor.name.clone()).unwrap_or_default();
        let draft = Draft {
            from: (company.name.clone(), company.email.clone()),
            to: (name, letter.recipient.clone()),
            reply_to: Some(with_token(&company.email, &token)),
            subject: rendered.subject.clone(),
            message_id: message_id.clone(),
            references: self.thread(account, letter),
            date: self.mail_moment(),
            text: rendered.text,
            html: rendered.html,
            attachments,
        };
        let bytes = compose(&draft).with_context(|| format!("letter {id}"))?;
        let mail = NewOutbox {
            id: id.to_string(),
            account: Some(account.id.clone()),
            purpose: Purpose::Letter,
            message_id,
            token: Some(token),
            sender: company.email.clone(),
            recipient: letter.recipient.clone(),
            own_copy: self.own_copy(),
            subject: rendered.subject,
            bytes,
            covers: letter.covers.clone(),
            at: self.now(),
        };
        Ok(self.store.put_outbox(&mail)?)
    }

    /// The text of a letter, as of today's amounts.
    fn render(&self, account: &Account, letter: &Letter, today: NaiveDate, copies_attached: bool) -> Result<Rendered> {
        let data = LetterData { copies_attached, ..self.letter_data(account, letter, today)? };
        let rendered = self.rules.templates.render(&data)?;
        self.no_strangers(account, &rendered)?;
        Ok(rendered)
    }

    fn letter_data(&self, account: &Account, letter: &Letter, today: NaiveDate) -> Result<LetterData> {
        let policy = &self.config.policy;
        let debtor = account.debtor.as_ref().context("the debtor of this letter is not described")?;
        let cases: Vec<&Case> = letter.amounts.iter().filter_map(|(id, _)| account.cases.get(id)).collect();
        let first = letter.amounts.first().context("the letter asks nothing")?.1;
        let total = Money::sum(letter.amounts.iter().map(|(_, amount)| *amount), first.currency())
            .context("the amounts do not add up")?;
        Ok(LetterData {
            language: policy.language(account),
            template: letter.template.clone(),
            company: self.config.company.on_letters(),
            debtor_name: debtor.name.clone(),
            contact: policy.contact(account),
            debtor_kind: policy.kind(account),
            today,
            deadline: letter.deadline,
            lines: cases.into_iter().map(|case| line(case, today)).collect(),
            total,
            earlier: earlier(account, letter),
            broken_promise: letter.broken_promise,
            promise_paid: promise_paid(account, letter),
            copies_attached: false,
            claim: None,
            announced_costs: None,
            missed: missed(account, letter),
            earlier_attached: false,
            payment_link: None,
            qr_cid: None,
        })
    }

    /// The last look before a letter is fixed: it names no invoice of another debtor (promise 1, leak check).
    fn no_strangers(&self, account: &Account, rendered: &Rendered) -> Result<()> {
        for number in self.store.case_numbers()? {
            let ours = account.cases.values().any(|case| *case.number() == number);
            let is_telling = number.as_str().chars().filter(char::is_ascii_alphanumeric).count() >= 6;
            let inside_ours = || account.cases.values().any(|case| case.number().as_str().contains(number.as_str()));
            anyhow::ensure!(
                ours || !is_telling || inside_ours() || !names(&rendered.text, number.as_str()),
                "the letter would name invoice {number} of another debtor"
            );
        }
        Ok(())
    }

    /// The letters before this one, so that mail programs show them as one conversation.
    fn thread(&self, account: &Account, letter: &Letter) -> Vec<String> {
        let mut left: Vec<(NaiveDate, &Letter)> = account
            .letters
            .iter()
            .filter(|other| other.id != letter.id)
            .filter_map(|other| Some((other.left_on()?, other)))
            .collect();
        left.sort_by_key(|(on, _)| *on);
        let skip = left.len().saturating_sub(LONGEST_THREAD);
        left.into_iter().skip(skip).map(|(_, other)| self.message_id(other.id.as_str())).collect()
    }

    fn copies(&self, account: &Account, letter: &Letter) -> Result<Vec<Attachment>> {
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

    pub(super) fn message_id(&self, id: &str) -> String {
        let domain = self.config.company.email.rsplit('@').next().unwrap_or("localhost");
        self.key().message_id(id, domain)
    }

    pub(super) fn mail_moment(&self) -> DateTime<FixedOffset> {
        self.now().with_timezone(&self.config.timezone).fixed_offset()
    }

    fn own_copy(&self) -> Option<String> {
        match &self.config.outgoing {
            crate::config::Outgoing::Smtp { own_copy, .. } => own_copy.clone(),
            crate::config::Outgoing::Sendmail { .. } | crate::config::Outgoing::File { .. } => None,
        }
    }

    /// Puts the digest of a day in the outbox, once.
    pub(super) fn put_digest(&mut self, day: NaiveDate, rendered: Rendered) -> Result<()> {
        let id = format!("digest-{day}");
        if self.store.outbox(&id)?.is_some_and(|row| row.state != OutboxState::Withdrawn) {
            return Ok(());
        }
        let company = &self.config.company;
        let message_id = self.message_id(&id);
        let draft = Draft {
            from: ("aanmaand".to_owned(), company.email.clone()),
            to: (company.name.clone(), self.config.owner_email.clone()),
            reply_to: None,
            subject: rendered.subject.clone(),
            message_id: message_id.clone(),
            references: Vec::new(),
            date: self.mail_moment(),
            text: rendered.text,
            html: rendered.html,
            attachments: Vec::new(),
        };
        let mail = NewOutbox {
            id,
            account: None,
            purpose: Purpose::Digest,
            message_id,
            token: None,
            sender: company.email.clone(),
            recipient: self.config.owner_email.clone(),
            own_copy: None,
            subject: rendered.subject,
            bytes: compose(&draft)?,
            covers: Vec::new(),
            at: self.now(),
        };
        Ok(self.store.put_outbox(&mail)?)
    }
}

/// `debiteuren@x` with a token: `debiteuren+TOKEN@x`.
fn with_token(address: &str, token: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{local}+{token}@{domain}"),
        None => address.to_owned(),
    }
}

fn line(case: &Case, today: NaiveDate) -> Line {
    let invoice = &case.invoice;
    let settled = invoice.payable.checked_sub(case.open()).unwrap_or(Money::zero(invoice.payable.currency()));
    Line {
        number: invoice.number.to_string(),
        issue_date: invoice.issue_date,
        due_date: case.due_date,
        days_late: (today - case.due_date).num_days().max(0),
        total: invoice.payable,
        paid: settled,
        open: case.asked(),
        disputed: case.open().checked_sub(case.asked()).filter(Money::is_positive),
        description: invoice.description.clone(),
        order_reference: invoice.order_reference.clone(),
        payment_reference: invoice.payment_reference.clone().filter(|reference| !reference.is_empty()),
    }
}

/// What came in of the promise that the letter says was not kept.
fn promise_paid(account: &Account, letter: &Letter) -> Option<Money> {
    let promise = account.promises.iter().rfind(|promise| Some(promise.date) == letter.broken_promise)?;
    promise.paid.filter(Money::is_positive)
}

/// The instalment that the letter is about, and what of it did not come.
fn missed(account: &Account, letter: &Letter) -> Option<Missed> {
    let (number, _) = letter.covers.iter().find_map(|(_, step)| step.instalment())?;
    let plan = account.plans.iter().find(|plan| plan.number == number)?;
    let (_, due) = plan.missed()?;
    Some(Missed {
        amount: plan.short_on(account, due),
        due,
        rest: plan.rest(account),
        whole_becomes_due: plan.whole_becomes_due,
    })
}

/// Letters that really went to this debtor about one of the same invoices; a bounced one was not received.
fn earlier(account: &Account, letter: &Letter) -> Vec<Earlier> {
    let about_the_same = |other: &&Letter| other.amounts.iter().any(|(case, _)| letter.lists(case));
    let mut earlier: Vec<Earlier> = account
        .letters
        .iter()
        .filter(about_the_same)
        .filter_map(|other| match other.state {
            LetterState::Sent(sent_on) => Some(Earlier { sent_on, template: other.template.clone() }),
            LetterState::Requested
            | LetterState::Unknown(_)
            | LetterState::Withdrawn
            | LetterState::Rejected(_)
            | LetterState::Bounced(_) => None,
        })
        .collect();
    earlier.sort_by_key(|letter| letter.sent_on);
    earlier
}

/// The number stands in the text as a word of its own.
fn names(text: &str, number: &str) -> bool {
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(number)) {
        let (start, end) = (from + at, from + at + number.len());
        let before = text.get(..start).and_then(|t| t.chars().next_back());
        let after = text.get(end..).and_then(|t| t.chars().next());
        let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '-' || c == '/');
        if !is_part(before) && !is_part(after) {
            return true;
        }
        from = end;
    }
    false
}
