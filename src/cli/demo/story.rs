//! The story: what the journal tells since the last pass, one line an event. It reads what the daemon wrote down and
//! knows nothing of the script.

use crate::daemon::house::House;
use crate::daemon::step::fact_of;
use crate::dunning::account::{Account, Announcement, Credit, Letter, Payment, PaymentSource};
use crate::dunning::debtor::Language;
use crate::dunning::fact::Fact;
use crate::dunning::hold::{Hold, HoldReason, Scope};
use crate::dunning::ids::{CaseId, DebtorId, LetterId};
use crate::dunning::money::Money;
use crate::dunning::question::Question;
use crate::letter::format;
use anyhow::Result;
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;

/// One thing that the daemon wrote down.
#[derive(Clone, Debug)]
pub struct Event {
    pub on: NaiveDate,
    pub kind: &'static str,
    /// The debtor's id; none when it concerns the administration.
    pub debtor: Option<DebtorId>,
    pub name: Option<String>,
    pub invoices: Vec<String>,
    /// In plain English.
    pub text: String,
    /// The sentence or line that proves it.
    pub evidence: Option<String>,
}

impl Event {
    pub fn json(&self) -> Value {
        json!({
            "date": self.on,
            "event": self.kind,
            "debtor": self.debtor,
            "name": self.name,
            "invoices": self.invoices,
            "text": self.text,
            "evidence": self.evidence,
        })
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {:<11}", self.on, self.kind)?;
        match &self.name {
            Some(name) => write!(f, "{name}: {}", self.text)?,
            None => write!(f, "{}", self.text)?,
        }
        match &self.evidence {
            Some(evidence) => write!(f, " \u{201c}{evidence}\u{201d}"),
            None => Ok(()),
        }
    }
}

/// Everything after a row of the journal, with the number of the last row.
pub fn since(house: &House, after: i64) -> Result<(i64, Vec<Event>)> {
    let accounts: BTreeMap<DebtorId, Account> =
        house.accounts()?.into_iter().map(|account| (account.id.clone(), account)).collect();
    let (mut last, mut events) = (after, Vec::new());
    for row in house.journal_after(None, after) {
        let row = row?;
        last = row.seq;
        let Some(account) = accounts.get(&row.account) else { continue };
        let teller = Teller { house, account, on: row.on };
        events.extend(teller.tell(&fact_of(&row)?)?);
    }
    Ok((last, events))
}

struct Teller<'a> {
    house: &'a House,
    account: &'a Account,
    on: NaiveDate,
}

impl Teller<'_> {
    /// The event of a fact; none for what another event tells already.
    fn tell(&self, fact: &Fact) -> Result<Option<Event>> {
        Ok(match fact {
            Fact::InvoiceOpened { case, file, .. } => self.opened(case, file),
            Fact::InvoiceReplaced { case, .. } => self.event("invoice", [case], "replaced by another file"),
            Fact::CreditNoted { credit } => self.credit_noted(credit),
            Fact::Credited { case, by, amount } => {
                self.event("credit", [case], format!("credit note {by} takes off {}", euro(*amount)))
            }
            Fact::Held { hold } => self.held(hold),
            Fact::HoldEnded { scope, reason, why, .. } => {
                self.event("released", scope_cases(scope), format!("the pause ({}) is over: {why}", reason.code()))
            }
            Fact::PromiseMade { promise } => {
                self.event("promise", &promise.cases, format!("promises to pay by {}", promise.date))
            }
            Fact::PromiseKept { date } => self.event("promise", [], format!("kept the promise of {date}")),
            Fact::PromiseBroken { date } => {
                self.event("promise", [], format!("did not keep the promise of {date}: the bank shows no money"))
            }
            Fact::PromiseLifted { date } => self.event("promise", [], format!("the promise of {date} was set aside")),
            Fact::PromisePartlyKept { date, paid } => {
                self.event("promise", [], format!("kept the promise of {date} in part: {}", euro(*paid)))
            }
            Fact::PlanAgreed { plan } => self.event("plan", &plan.cases, "instalments are agreed"),
            Fact::InstalmentMissed { due, .. } => self.event("plan", [], format!("missed the instalment of {due}")),
            Fact::PlanResumed { .. } => self.event("plan", [], "the missed instalment came"),
            Fact::PlanKept { .. } => self.event("plan", [], "all instalments were paid"),
            Fact::PlanEnded { why, .. } => self.event("plan", [], format!("the instalments ended: {why}")),
            Fact::RestWaived { case, amount, why } => {
                self.event("waived", [case], format!("a rest of {} is let go: {why}", euro(*amount)))
            }
            Fact::TermVoided { letter, why } => self.about_letter("void", letter, why),
            Fact::LimitationWarned { case, last_day, .. } => {
                self.event("limitation", [case], format!("the claim lapses on {last_day}"))
            }
            Fact::PaymentBooked { payment } => self.paid(payment),
            Fact::PaymentConfirmed { .. } => {
                self.event("payment", [], "the statement confirms what the bank's mail told".to_owned())
            }
            Fact::PaymentReversed { why, .. } => self.event("payment", [], format!("taken back: {why}")),
            Fact::CaseClosed { case, how, .. } => {
                self.event("closed", [case], format!("{} is closed: {}", self.number(case), how.code()))
            }
            Fact::CaseReopened { case, why } => {
                self.event("reopened", [case], format!("{} is open again: {why}", self.number(case)))
            }
            Fact::LetterSent { letter, .. } => self.sent(letter)?,
            Fact::LetterFound { letter, place, .. } => self.about_letter("found", &letter.id, place),
            Fact::LetterRejected { letter, why, .. } => self.about_letter("refused", letter, why),
            Fact::LetterUnknown { letter, why, .. } => self.about_letter("unknown", letter, why),
            Fact::LetterWithdrawn { letter, why } => self.about_letter("withdrawn", letter, why),
            Fact::LetterBounced { letter, why, .. } => self.about_letter("bounced", letter, why),
            Fact::AddressFailed { .. } | Fact::AddressTrusted { .. } => None,
            Fact::Announced { steps } => self.announced(steps),
            Fact::QuestionAsked { question } => self.asked(question),
            Fact::QuestionAnswered { question, choice, by } => {
                self.event("settled", [], format!("{question} needs no answer any more: {choice} ({by})"))
            }
            Fact::MailRead { from, meaning, sentence, why, .. } => self.mail(from, meaning, sentence.as_ref(), why),
            Fact::OwnerWrote { to, subject, cases, .. } => {
                self.event("written", cases, format!("you wrote to {to}: {subject}"))
            }
            Fact::Noted { text, by } => self.event("note", [], format!("{text} ({by})")),
            Fact::DebtorDescribed { .. }
            | Fact::StepDone { .. }
            | Fact::DisputedPart { .. }
            | Fact::Instructed { .. }
            | Fact::Refunded { .. }
            | Fact::LetterApproved { .. }
            | Fact::ApprovalWithdrawn { .. }
            | Fact::CreditSetAside { .. }
            | Fact::QuestionNoted { .. }
            | Fact::CasesLeft { .. }
            | Fact::CasesCame { .. }
            | Fact::LetterRequested { .. } => None,
        })
    }

    fn event<'c>(
        &self,
        kind: &'static str,
        cases: impl IntoIterator<Item = &'c CaseId>,
        text: impl Into<String>,
    ) -> Option<Event> {
        Some(Event {
            on: self.on,
            kind,
            debtor: Some(self.account.id.clone()).filter(|id| !id.is_administration()),
            name: self.account.debtor.as_ref().map(|debtor| debtor.name.clone()),
            invoices: cases.into_iter().map(|case| self.number(case)).collect(),
            text: text.into(),
            evidence: None,
        })
    }

    fn number(&self, case: &CaseId) -> String {
        self.account.cases.get(case).map_or_else(|| case.to_string(), |case| case.number().to_string())
    }

    fn opened(&self, case: &CaseId, file: &str) -> Option<Event> {
        let known = self.account.cases.get(case)?;
        let file = std::path::Path::new(file).file_name().unwrap_or_default().display();
        let text = format!("{} of {}, due {} ({file})", known.number(), euro(known.invoice.payable), known.due_date);
        self.event("invoice", [case], text)
    }

    fn credit_noted(&self, credit: &Credit) -> Option<Event> {
        let corrects = credit.corrects.as_ref().map_or("no invoice".to_owned(), ToString::to_string);
        self.event("credit", [], format!("credit note {} of {}, for {corrects}", credit.number, euro(credit.amount)))
    }

    fn announced(&self, steps: &[Announcement]) -> Option<Event> {
        let each = |step: &Announcement| format!("{} for {}", step.step, self.number(&step.case));
        let names: Vec<String> = steps.iter().map(each).collect();
        let text = format!("today's digest tells the owner of the {}", names.join(", "));
        self.event("announced", steps.iter().map(|step| &step.case), text)
    }

    fn held(&self, hold: &Hold) -> Option<Event> {
        let what = match hold.reason {
            HoldReason::UntrustedNotice => "a mail in the bank's name that proves nothing".to_owned(),
            HoldReason::PartPayment => "a part was paid".to_owned(),
            reason => reason.code().replace('_', " "),
        };
        let end = match (hold.until, hold.reason) {
            (Some(day), _) => format!("until {day}"),
            (None, HoldReason::PaidClaim) => "until the bank shows it or the owner decides".to_owned(),
            (None, _) => "until the owner decides".to_owned(),
        };
        let event = self.event("held", scope_cases(&hold.scope), format!("no letters {end} ({what})"))?;
        let telling = hold.reason != HoldReason::PartPayment;
        Some(Event { evidence: hold.evidence.clone().filter(|_| telling), ..event })
    }

    fn paid(&self, payment: &Payment) -> Option<Event> {
        let source = match payment.source {
            PaymentSource::Statement => "statement",
            PaymentSource::Notice => "authenticated mail of the bank",
            PaymentSource::Owner => "the owner",
        };
        let text = format!("{} on {} ({source}; {})", euro(payment.amount), payment.booked, payment.why);
        let event = self.event("payment", payment.allocations.iter().map(|(case, _)| case), text)?;
        Some(Event { evidence: Some(payment.text.clone()).filter(|text| !text.is_empty()), ..event })
    }

    fn sent(&self, id: &LetterId) -> Result<Option<Event>> {
        let Some(letter) = self.account.letter(id) else { return Ok(None) };
        let subject = self.house.store.outbox(id.as_str())?.map(|row| row.subject).unwrap_or_default();
        let mut text = format!("{}{}: {subject} ({})", letter.template, formal(letter), amounts(self, letter));
        if let Some(date) = letter.broken_promise {
            text.push_str(&format!("; it says that the promise of {date} was not kept"));
        }
        Ok(self.event("letter", letter.amounts.iter().map(|(case, _)| case), text))
    }

    fn about_letter(&self, kind: &'static str, id: &LetterId, why: &str) -> Option<Event> {
        let letter = self.account.letter(id)?;
        let text = format!("the letter ({}): {why}", letter.template);
        self.event(kind, letter.amounts.iter().map(|(case, _)| case), text)
    }

    /// The question in English, whatever the owner's language is.
    fn asked(&self, question: &Question) -> Option<Event> {
        let own = question.kind.wording(self.house.config.language);
        let detail = question.text.strip_prefix(own).unwrap_or(&question.text);
        let text = format!(
            "{}{} → {}",
            question.kind.wording(Language::En),
            self.shortened(detail),
            question.choices.join(" | ")
        );
        self.event("question", &question.case, format!("{text} ({})", question.id))
    }

    /// Paths of the sandbox say no more than the names of its files.
    fn shortened(&self, text: &str) -> String {
        let folder = self.house.config.invoices.display().to_string();
        text.replace(&format!("{folder}/"), "")
    }

    fn mail(&self, from: &str, meaning: &str, sentence: Option<&String>, why: &str) -> Option<Event> {
        let meaning = meaning.replace('_', " ");
        let event = self.event("mail", [], format!("from {from}, understood as {meaning} ({why})"))?;
        Some(Event { evidence: sentence.cloned(), ..event })
    }
}

fn scope_cases(scope: &Scope) -> Option<&CaseId> {
    match scope {
        Scope::Debtor => None,
        Scope::Case(case) => Some(case),
    }
}

fn formal(letter: &Letter) -> &'static str {
    if letter.formal { " (formal)" } else { "" }
}

fn amounts(teller: &Teller<'_>, letter: &Letter) -> String {
    let each = |(case, amount): &(CaseId, Money)| format!("{} {}", teller.number(case), euro(*amount));
    letter.amounts.iter().map(each).collect::<Vec<_>>().join(", ")
}

fn euro(money: Money) -> String {
    format::amount(money, Language::En)
}
