//! What a customer's mail does. Any human answer holds the whole debtor at once; nothing in a mail ever closes a case.

use super::dispute::DISPUTED;
use super::{Draft, Ending};
use crate::dunning::account::{LetterState, Promise, PromiseState};
use crate::dunning::fact::Fact;
use crate::dunning::hold::{Hold, HoldReason, Scope};
use crate::dunning::ids::{CaseId, EvidenceId, LetterId, StepId};
use crate::dunning::input::{CameBack, Mail, Meaning, Said, Saying, Written};
use crate::dunning::policy::Freshness;
use crate::dunning::question::{About, QuestionKind};
use crate::dunning::thanks::is_awaited;
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
            attachments: mail.attachments.clone(),
        });
        match &mail.meaning {
            Meaning::Human(said) => self.said(mail, said),
            Meaning::Automatic { content: Some(said), .. } => self.said(mail, said),
            Meaning::Automatic { content: None, .. } => {}
            Meaning::Bounce { letter, came_back, status } => self.bounced(mail, letter.as_ref(), *came_back, status),
        }
    }

    /// A mail that fits several debtors holds each of them until the owner says whose it is.
    pub(super) fn possible_mail(&mut self, source: &EvidenceId, why: &str) {
        let hold = Hold { source: Some(source.clone()), ..self.hold_because(Scope::Debtor, HoldReason::Answer, why) };
        self.hold(hold);
    }

    /// Nothing is lost: a mail that changes nothing here is still on record, with the rule or with what it did.
    pub(super) fn on_record(&mut self, source: &EvidenceId, from: &str, meaning: &str, rule: &str) {
        self.fact(Fact::MailRead {
            source: source.clone(),
            from: from.to_owned(),
            meaning: meaning.to_owned(),
            sentence: None,
            human: false,
            why: rule.to_owned(),
            attachments: Vec::new(),
        });
    }

    /// What the owner writes to somebody who owes nothing is nobody's business. A day in the future is not believed.
    pub(super) fn owner_wrote(&mut self, written: &Written) {
        if self.account.open_cases().next().is_none() {
            return;
        }
        let Written { source, to, subject, on, cases, why } = written.clone();
        self.fact(Fact::OwnerWrote { source, to, subject, on: on.min(self.today), cases, why });
    }

    pub(super) fn not_theirs(&mut self, source: &EvidenceId) {
        self.end_holds(Ending::Lifted("the mail was another's"), |hold| {
            hold.reason == HoldReason::Answer && hold.source.as_ref() == Some(source)
        });
    }

    /// Each thing that was said holds in its own right; the strongest is shown and asked about. Where nothing is open only
    /// a dispute or an insolvency matters for later invoices.
    fn said(&mut self, mail: &Mail, said: &Said) {
        let lasts = |what: Saying| matches!(what, Saying::Insolvency | Saying::Dispute);
        if self.account.open_cases().next().is_none() && !said.all().any(lasts) {
            self.let_thanks_go("the debtor wrote: thanks are no answer");
            return;
        }
        for what in said.all() {
            let hold = self.hold_for(mail, said, what);
            self.hold(hold);
        }
        if said.all().any(|what| what == Saying::Dispute) {
            // Also when it was read only after the term.
            self.void_terms(&Scope::Debtor, mail.date.min(self.today), DISPUTED);
        }
        if let Some(date) = self.promised(mail, said) {
            self.promise(mail, said, date);
        }
        self.ask_about(mail, said);
    }

    fn let_thanks_go(&mut self, why: &str) {
        let cases: Vec<CaseId> = self.account.cases.values().filter(|c| is_awaited(c)).map(|c| c.id.clone()).collect();
        for case in cases {
            let (step, on, why) = (StepId::thanks(), self.today, why.to_owned());
            self.fact(Fact::StepDone { case, step, on, why });
        }
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
                by: Some(mail.from.clone()),
                evidence: said.sentence.clone(),
                paid: None,
                state: PromiseState::Open,
            },
        });
    }

    /// The strongest of what was said that only a human can answer is asked.
    fn ask_about(&mut self, mail: &Mail, said: &Said) {
        let Some(what) = said.all().find(|what| !self.data_answers(mail, said, *what)) else { return };
        let detail = format!("{}: {}", mail.from, said.sentence.as_deref().unwrap_or("-"));
        let case = mail.cases.first().cloned();
        self.ask(what.question_kind(), case, &detail, About::Input(mail.source.clone()));
    }

    /// A promise with a near date, unless one was broken before, and a claim that the bank can check need no human; all
    /// else does.
    fn data_answers(&self, mail: &Mail, said: &Said, what: Saying) -> bool {
        let promised = self.promised(mail, said);
        let near = |date: NaiveDate| date <= self.today + TimeDelta::days(LONGEST_PROMISE_DAYS);
        match what {
            Saying::Promise => promised.is_some_and(near) && !self.broke_a_promise(),
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

    /// A letter that did not arrive was not received. Where its reason may pass, the next one is tried as planned; else,
    /// or when it happens again and again, the debtor is held and the owner looks at the address.
    fn bounced(&mut self, mail: &Mail, letter: Option<&LetterId>, came_back: CameBack, status: &str) {
        if came_back == CameBack::Not {
            return;
        }
        let address = self.written_to(letter);
        if !self.letter_came_back(letter, status) {
            // The same report once more.
            return;
        }
        if came_back != CameBack::Refused {
            self.address_failed(&address, came_back == CameBack::Lasting, status);
        }
        if came_back == CameBack::Passing && !self.account.is_unreachable(&address) {
            return;
        }
        let hold =
            Hold { source: Some(mail.source.clone()), ..self.hold_because(Scope::Debtor, HoldReason::Bounce, status) };
        self.hold(hold);
        self.ask(QuestionKind::Bounce, None, &format!("{address} ({status})"), About::Input(mail.source.clone()));
    }

    /// Where the letter went; the debtor's address when the report names no letter.
    fn written_to(&self, letter: Option<&LetterId>) -> String {
        let letter = letter.and_then(|id| self.account.letter(id)).map(|letter| letter.recipient.clone());
        letter.or_else(|| self.policy.address(&self.account)).unwrap_or_default()
    }

    /// False when it is known already that this letter came back.
    fn letter_came_back(&mut self, letter: Option<&LetterId>, status: &str) -> bool {
        let state = letter.and_then(|id| self.account.letter(id)).map(|letter| letter.state.clone());
        if let (Some(id), Some(true)) = (letter, state.as_ref().map(LetterState::may_bounce)) {
            self.fact(Fact::LetterBounced { letter: id.clone(), on: self.today, why: status.to_owned() });
            self.settle_questions("it bounced", |q| q.about == About::Sending(id.clone()));
        }
        !matches!(state, Some(LetterState::Bounced(_)))
    }

    pub(super) fn address_failed(&mut self, address: &str, lasting: bool, why: &str) {
        let (address, why) = (address.to_lowercase(), why.to_owned());
        self.fact(Fact::AddressFailed { address, on: self.today, lasting, why });
    }
}

impl LetterState {
    /// Only what left, or may have left, comes back.
    fn may_bounce(&self) -> bool {
        match self {
            LetterState::Requested | LetterState::Sent(_) | LetterState::Unknown(_) => true,
            LetterState::Withdrawn | LetterState::Rejected(_) | LetterState::Bounced(_) => false,
        }
    }
}

impl Said {
    /// All that was said, the strongest first.
    fn all(&self) -> impl Iterator<Item = Saying> {
        std::iter::once(self.what).chain(self.also.iter().copied())
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
