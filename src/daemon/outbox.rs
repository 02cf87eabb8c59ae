//! A letter that was decided becomes a mail with its final bytes, in the same commit.

use super::enclosures::earlier_letters;
use super::house::House;
use super::letter_claim;
use crate::dunning::account::{Account, Case, Letter};
use crate::dunning::ids::LetterId;
use crate::dunning::money::Money;
use crate::dunning::thanks::is_provisional;
use crate::failpoints::reach;
use crate::letter::{Earlier, LetterData, Line, Missed, Rendered, Thanks};
use crate::mail::compose::{Draft, Picture, compose};
use crate::mail::message::Attachment;
use crate::mail::own::{OwnLetter, sealed};
use crate::store::{NewOutbox, OutboxState, Purpose};
use anyhow::{Context, Result};
use chrono::{DateTime, FixedOffset, NaiveDate};

/// A thread does not name more letters than this.
const LONGEST_THREAD: usize = 10;

/// The words of a letter, what they were made of, and what goes with them.
struct Made {
    data: LetterData,
    rendered: Rendered,
    enclosed: Enclosed,
}

/// What goes with a letter.
struct Enclosed {
    files: Vec<Attachment>,
    pictures: Vec<Picture>,
}

impl House {
    pub(super) fn put_letter(&mut self, account: &Account, id: &LetterId) -> Result<()> {
        let letter = account.letter(id).context("BUG: the letter is not in its account")?;
        let message_id = self.message_id(id.as_str());
        self.update_strangers(&account.id)?;
        let Made { data, rendered, enclosed } = self.render(account, letter, &message_id)?;
        let token = self.key().reply_token(id.as_str());
        let company = &self.config.company;
        let name = account.debtor.as_ref().map(|debtor| debtor.name.clone()).unwrap_or_default();
        let date = self.mail_moment();
        let own = OwnLetter {
            message_id: message_id.clone(),
            letter: id.clone(),
            covers: letter.covers.clone(),
            recipient: letter.recipient.clone(),
            date,
        };
        let draft = Draft {
            from: (company.name.clone(), company.email.clone()),
            to: (name, letter.recipient.clone()),
            reply_to: Some(with_token(&company.email, &token)),
            subject: rendered.subject.clone(),
            message_id: message_id.clone(),
            covers: Some(sealed(&own, self.key())),
            references: self.thread(account, letter),
            date,
            text: rendered.text,
            html: rendered.html,
            pictures: enclosed.pictures,
            attachments: enclosed.files,
        };
        let bytes = compose(&draft).with_context(|| format!("letter {id}"))?;
        reach("letter.composed")?;
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
        self.look_through(account, &data, &mail.bytes, &mail.recipient)?;
        Ok(self.store.put_outbox(&mail)?)
    }

    /// The words of a letter, as of today's amounts, and what goes with it.
    fn render(&self, account: &Account, letter: &Letter, message_id: &str) -> Result<Made> {
        let data = self.letter_data(account, letter, self.today())?;
        let mut files = self.invoice_copies(account, letter)?;
        // "Copies are attached" must be true of every invoice in the table, and of every letter that is named.
        let copies_attached = files.len() == letter.amounts.len();
        let earlier = self.earlier_copies(account, letter)?;
        let earlier_attached = !earlier.is_empty();
        files.extend(earlier);
        let code = self.payment_code(&data, message_id).filter(|_| data.thanks.is_none());
        let qr_cid = code.as_ref().map(|code| code.content_id.clone());
        let data = LetterData { copies_attached, earlier_attached, qr_cid, ..data };
        let rendered = self.rules.templates.render(&data)?;
        // An owner's template need not show the code; then it would only puzzle as an attachment.
        let shown = |code: &Picture| rendered.html.contains(&format!("cid:{}", code.content_id));
        let pictures = code.into_iter().filter(shown).collect();
        Ok(Made { data, rendered, enclosed: Enclosed { files, pictures } })
    }

    /// What a letter says; without what only a mail carries.
    pub fn letter_data(&self, account: &Account, letter: &Letter, today: NaiveDate) -> Result<LetterData> {
        let policy = &self.config.policy;
        let debtor = account.debtor.as_ref().context("the debtor of this letter is not described")?;
        let cases: Vec<&Case> = letter.amounts.iter().filter_map(|(id, _)| account.cases.get(id)).collect();
        let first = letter.amounts.first().context("the letter asks nothing")?.1;
        let total = Money::sum(letter.amounts.iter().map(|(_, amount)| *amount), first.currency())
            .context("the amounts do not add up")?;
        let earlier = earlier_letters(account, letter).into_iter();
        let mut data = LetterData {
            language: policy.language(account),
            template: letter.template.clone(),
            company: self.config.company.on_letters(),
            debtor_name: debtor.name.clone(),
            contact: policy.contact(account),
            debtor_kind: policy.kind(account),
            country: policy.country(account),
            today,
            deadline: letter.deadline,
            lines: cases.into_iter().map(|case| line(case, today)).collect(),
            total,
            earlier: earlier.map(|(sent_on, other)| Earlier { sent_on, template: other.template.clone() }).collect(),
            broken_promise: letter.broken_promise,
            promise_paid: promise_paid(account, letter),
            copies_attached: false,
            claim: letter_claim::claimed(account, letter, policy, today),
            announced_costs: letter_claim::announced(letter),
            missed: missed(account, letter),
            earlier_attached: false,
            payment_link: None,
            qr_cid: None,
            by_post: false,
            thanks: letter.is_thanks().then(|| Thanks {
                provisional: is_provisional(account, letter),
                others_open: account.open_cases().next().is_some(),
            }),
        };
        if data.thanks.is_none() {
            data.payment_link = self.config.letters.payment_link.as_ref().and_then(|link| link.for_letter(&data));
        }
        Ok(data)
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
            covers: None,
            references: Vec::new(),
            date: self.mail_moment(),
            text: rendered.text,
            html: rendered.html,
            pictures: Vec::new(),
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
        paid_extras: Some(case.extras_paid.total()).filter(Money::is_positive),
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
