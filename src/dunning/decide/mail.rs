//! What a customer's mail does. Any human answer holds the whole debtor at once; nothing in a mail ever closes a case.

use super::{Draft, Ending};
use crate::dunning::account::{LetterState, Promise, PromiseState};
use crate::dunning::fact::Fact;
use crate::dunning::hold::{Hold, HoldReason, Scope};
use crate::dunning::ids::{CaseId, EvidenceId, LetterId};
use crate::dunning::input::{Mail, Meaning, Said, Saying};
use crate::dunning::policy::Freshness;
use crate::dunning::question::{About, QuestionKind};
use chrono::{NaiveDate, TimeDelta};

/// A promise further away than this is a question too.
const LONGEST_PROMISE_DAYS: i64 = 60;

impl Draft<'_> {
    pub(super) fn mail(&mut self, mail: &Mail) {
        self.fact(Fact::MailRead {
            source: mail.source.clone(),
            from: mail.from.clone(),
            meaning: mail.meaning.name().to_owned(),
            sentence: mail.meaning.sentence(),
            human: matches!(mail.meaning, Meaning::Human(_)),
            why: mail.why.clone(),
        });
        match &mail.meaning {
            Meaning::Human(said) => self.said(mail, said),
            Meaning::Automatic { content: Some(said), .. } => self.said(mail, said),
            Meaning::Automatic { content: None, .. } => {}
            Meaning::Bounce { letter, permanent, status } => self.bounced(mail, letter.as_ref(), *permanent, status),
        }
    }

    /// A mail that fits several debtors holds each of them until the owner says whose it is.
    pub(super) fn possible_mail(&mut self, source: &EvidenceId, why: &str) {
        let hold = Hold { source: Some(source.clone()), ..self.hold_because(Scope::Debtor, HoldReason::Answer, why) };
        self.hold(hold);
    }

    /// Nothing is lost: a mail that changes nothing is still on record, with the rule.
    pub(super) fn ignored(&mut self, source: &EvidenceId, from: &str, rule: &str) {
        self.fact(Fact::MailRead {
            source: source.clone(),
            from: from.to_owned(),
            meaning: "ignored".to_owned(),
            sentence: None,
            human: false,
            why: rule.to_owned(),
        });
    }

    pub(super) fn not_theirs(&mut self, source: &EvidenceId) {
        self.end_holds(Ending::Lifted("the mail was another's"), |hold| {
            hold.reason == HoldReason::Answer && hold.source.as_ref() == Some(source)
        });
    }

    /// Each thing that was said holds in its own right; the strongest is shown and asked about. Where nothing is open only
    /// a dispute or an insolvency matters for later invoices.
    fn said(&mut self, mail: &Mail, said: &Said) {
        if self.account.open_cases().next().is_none() && !matches!(said.what, Saying::Insolvency | Saying::Dispute) {
            return;
        }
        for what in std::iter::once(said.what).chain(said.also.iter().copied()) {
            if what == Saying::Promise {
                let timed = |hold: &Hold| hold.reason == HoldReason::Promise && hold.until.is_some();
                self.end_holds(Ending::Lifted("a newer promise"), timed);
            }
            let hold = self.hold_for(mail, said, what);
            self.hold(hold);
        }
        if let Some(date) = self.promised(mail, said) {
            self.promise(mail, said, date);
        }
        self.ask_about(mail, said);
    }

    fn hold_for(&self, mail: &Mail, said: &Said, what: Saying) -> Hold {
        Hold {
            scope: Scope::Debtor,
            reason: what.hold_reason(),
            since: self.today,
            until: self.hold_until(mail, said, what),
            cases: mail.cases.clone(),
            evidence: said.sentence.clone(),
            source: Some(mail.source.clone()),
            claimed_day: (what == Saying::Paid).then(|| said.paid_on.unwrap_or(mail.date)),
        }
    }

    /// Only a promise with a usable date ends by itself.
    fn hold_until(&self, mail: &Mail, said: &Said, what: Saying) -> Option<NaiveDate> {
        let date = self.promised(mail, said).filter(|_| what == Saying::Promise)?;
        Some(self.policy.sending.calendar.banking_days_after(date, self.policy.promise_grace_days))
    }

    fn promised(&self, mail: &Mail, said: &Said) -> Option<NaiveDate> {
        let promises = said.what == Saying::Promise || said.also.contains(&Saying::Promise);
        said.promise_date.filter(|date| promises && *date >= mail.date)
    }

    fn promise(&mut self, mail: &Mail, said: &Said, date: NaiveDate) {
        self.fact(Fact::PromiseMade {
            promise: Promise {
                date,
                made_on: mail.date,
                amount: said.amount.clone(),
                cases: mail.cases.clone(),
                state: PromiseState::Open,
            },
        });
    }

    /// A promise with a near date and a claim that the bank can check need no human. Of all else the most careful is
    /// asked; its answer is about the whole mail.
    fn ask_about(&mut self, mail: &Mail, said: &Said) {
        let mut all = std::iter::once(said.what).chain(said.also.iter().copied());
        let Some(what) = all.find(|what| !self.data_answers(mail, said, *what)) else { return };
        let detail = format!("{}: {}", mail.from, said.sentence.as_deref().unwrap_or("-"));
        self.ask_about_hold(what.question_kind(), &mail.cases, &detail, &mail.source);
    }

    fn data_answers(&self, mail: &Mail, said: &Said, what: Saying) -> bool {
        let near = |date: NaiveDate| date <= self.today + TimeDelta::days(LONGEST_PROMISE_DAYS);
        match what {
            Saying::Promise => self.promised(mail, said).is_some_and(near),
            Saying::Paid => self.policy.freshness != Freshness::None,
            Saying::Insolvency
            | Saying::Dispute
            | Saying::Plan
            | Saying::Question
            | Saying::WrongContact
            | Saying::Acknowledge
            | Saying::Other => false,
        }
    }

    /// Where the owner may answer "paid" and several cases are open, the cases are the choices.
    pub(super) fn ask_about_hold(&mut self, kind: QuestionKind, cases: &[CaseId], detail: &str, source: &EvidenceId) {
        let case = cases.first().cloned();
        let open: Vec<String> = self.account.open_cases().map(|case| case.id.to_string()).collect();
        let several = kind == QuestionKind::PaidClaim && case.is_none() && open.len() > 1;
        let which = if several { open } else { Vec::new() };
        self.ask_with(kind, case, detail, About::Input(source.clone()), &which);
    }

    /// A letter that did not arrive was not received: the debtor is held and the owner looks at the address.
    fn bounced(&mut self, mail: &Mail, letter: Option<&LetterId>, permanent: bool, status: &str) {
        if !permanent {
            return;
        }
        let known =
            letter.filter(|id| self.account.letter(id).is_some_and(|letter| letter.state != LetterState::Withdrawn));
        if let Some(id) = known.cloned() {
            self.fact(Fact::LetterBounced { letter: id, on: self.today, why: status.to_owned() });
        }
        let hold =
            Hold { source: Some(mail.source.clone()), ..self.hold_because(Scope::Debtor, HoldReason::Bounce, status) };
        self.hold(hold);
        let address = self.policy.address(&self.account).unwrap_or_default();
        self.ask(QuestionKind::Bounce, None, &format!("{address} ({status})"), About::Input(mail.source.clone()));
    }
}

impl Meaning {
    fn name(&self) -> &'static str {
        match self {
            Meaning::Human(said) => said.what.name(),
            Meaning::Automatic { .. } => "auto_reply",
            Meaning::Bounce { .. } => "bounce",
        }
    }

    fn sentence(&self) -> Option<String> {
        match self {
            Meaning::Human(said) => said.sentence.clone(),
            Meaning::Automatic { why, content } => {
                content.as_ref().and_then(|said| said.sentence.clone()).or_else(|| Some(why.clone()))
            }
            Meaning::Bounce { status, .. } => Some(status.clone()),
        }
    }
}

impl Saying {
    pub fn name(self) -> &'static str {
        match self {
            Saying::Insolvency => "insolvency",
            Saying::Dispute => "dispute",
            Saying::Plan => "plan",
            Saying::Promise => "promise",
            Saying::Paid => "paid",
            Saying::Question => "question",
            Saying::WrongContact => "wrong_contact",
            Saying::Acknowledge => "acknowledge",
            Saying::Other => "other",
        }
    }

    fn hold_reason(self) -> HoldReason {
        match self {
            Saying::Insolvency => HoldReason::Insolvency,
            Saying::Dispute => HoldReason::Dispute,
            Saying::Plan => HoldReason::Plan,
            Saying::Promise => HoldReason::Promise,
            Saying::Paid => HoldReason::PaidClaim,
            Saying::Question => HoldReason::Question,
            Saying::WrongContact | Saying::Acknowledge | Saying::Other => HoldReason::Answer,
        }
    }

    fn question_kind(self) -> QuestionKind {
        match self {
            Saying::Insolvency => QuestionKind::Insolvency,
            Saying::Dispute => QuestionKind::Dispute,
            Saying::Plan => QuestionKind::Plan,
            Saying::Promise => QuestionKind::Promise,
            Saying::Paid => QuestionKind::PaidClaim,
            Saying::Question => QuestionKind::Question,
            Saying::WrongContact => QuestionKind::WrongContact,
            Saying::Acknowledge | Saying::Other => QuestionKind::Answer,
        }
    }
}
