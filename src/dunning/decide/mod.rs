//! The one door: an input and an account become facts. Pure and total: no clock, no IO, no randomness.
//!
//! A draft of the account takes each fact in as it is decided, so that later rules of the same decision see it.

mod day;
mod invoice;
mod letter;
mod mail;
mod owner;
mod payment;

use super::account::{Account, Case, ClosedAs, PromiseState};
use super::fact::Fact;
use super::hold::{Hold, HoldReason, Scope};
use super::ids::{CaseId, QuestionId};
use super::input::Input;
use super::policy::Policy;
use super::question::{About, Question, QuestionKind};
use chrono::NaiveDate;

/// What follows from `input` for `account` on `today`. Facts only; effects are derived from them.
pub fn decide(account: &Account, input: &Input, policy: &Policy, today: NaiveDate) -> Vec<Fact> {
    let mut draft = Draft { account: account.clone(), facts: Vec::new(), policy, today };
    match input {
        Input::InvoiceFiled { invoice, file, source, replace } => draft.invoice_filed(invoice, file, source, *replace),
        Input::Day(world) => draft.day(world),
        Input::Mail(mail) => draft.mail(mail),
        Input::PossibleMail { source, why } => draft.possible_mail(source, why),
        Input::Ignored { source, from, rule } => draft.ignored(source, from, rule),
        Input::NotTheirs { source } => draft.not_theirs(source),
        Input::Payment { payment, cases } => draft.payment(payment, cases),
        Input::UnclearPayment { payment, cases, why, ask } => draft.unclear_payment(payment, cases, why, *ask),
        Input::PaymentPlaced { payment } => draft.payment_placed(payment),
        Input::Reversal { case, amount, source, text } => draft.reversal(case, *amount, source, text),
        Input::UntrustedNotice { case, source, why } => draft.untrusted_notice(case, source, why),
        Input::Owner { act, by } => draft.owner(act, by),
        Input::Answer { question, choice, by } => draft.answer(question, choice, by),
        Input::Letter { letter, outcome } => draft.letter(letter, outcome),
        Input::Announced { steps } => draft.announced(steps),
        Input::Ask { kind, case, detail, about, extra_choices } => {
            draft.ask_with(*kind, case.clone(), detail, about.clone(), extra_choices);
        }
    }
    draft.facts
}

/// How a hold ends.
#[derive(Clone, Copy)]
enum Ending<'a> {
    /// What it waited for has come.
    Kept,
    /// Its time is over.
    Over,
    /// Somebody or something else ended it.
    Lifted(&'a str),
}

impl Ending<'_> {
    fn why(&self) -> &str {
        match self {
            Ending::Kept => "settled",
            Ending::Over => "its time is over",
            Ending::Lifted(why) => why,
        }
    }
}

/// A decision in the making.
struct Draft<'a> {
    account: Account,
    facts: Vec<Fact>,
    policy: &'a Policy,
    today: NaiveDate,
}

impl Draft<'_> {
    fn fact(&mut self, fact: Fact) {
        self.account.apply(&fact);
        self.facts.push(fact);
    }

    fn case(&self, id: &CaseId) -> Option<&Case> {
        self.account.cases.get(id)
    }

    fn ask(&mut self, kind: QuestionKind, case: Option<CaseId>, detail: &str, about: About) -> QuestionId {
        self.ask_with(kind, case, detail, about, &[])
    }

    /// Asks, unless the very same thing is being asked already.
    fn ask_with(
        &mut self,
        kind: QuestionKind,
        case: Option<CaseId>,
        detail: &str,
        about: About,
        extra: &[String],
    ) -> QuestionId {
        let same = |q: &&Question| q.kind == kind && q.case == case && q.about == about;
        if let Some(open) = self.account.questions.values().find(same) {
            return open.id.clone();
        }
        let id = self.account.next_question_id();
        // "paid" must say which case when there are several: then the cases stand in its place.
        let fits = |choice: &&&str| **choice != "paid" || extra.is_empty();
        let choices =
            extra.iter().cloned().chain(kind.choices().iter().filter(fits).map(|c| (*c).to_owned())).collect();
        let wording = kind.wording(self.policy.language);
        let text = if detail.is_empty() { wording.to_owned() } else { format!("{wording}: {detail}") };
        let question = Question { id: id.clone(), kind, case, text, choices, since: self.today, about };
        self.fact(Fact::QuestionAsked { question });
        id
    }

    /// Questions of these kinds are settled by what happened.
    fn settle_questions(&mut self, why: &str, settled: impl Fn(&Question) -> bool) {
        let ids: Vec<QuestionId> =
            self.account.questions.values().filter(|q| settled(q)).map(|q| q.id.clone()).collect();
        for question in ids {
            self.fact(Fact::QuestionAnswered { question, choice: why.to_owned(), by: "aanmaand".to_owned() });
        }
    }

    fn hold(&mut self, hold: Hold) {
        let same = |held: &Hold| held.is_twin_of(&hold) && held.until == hold.until;
        if !self.account.holds.iter().any(same) {
            self.fact(Fact::Held { hold });
        }
    }

    fn hold_because(&mut self, scope: Scope, reason: HoldReason, evidence: &str) -> Hold {
        Hold {
            scope,
            reason,
            since: self.today,
            until: None,
            cases: Vec::new(),
            evidence: Some(evidence.to_owned()).filter(|e| !e.is_empty()),
            source: None,
            claimed_day: None,
        }
    }

    /// Ends every hold that `over` picks; a promise that hung on one is kept, broken or lifted with it.
    fn end_holds(&mut self, ending: Ending<'_>, over: impl Fn(&Hold) -> bool) {
        let ended: Vec<Hold> = self.account.holds.iter().filter(|hold| over(hold)).cloned().collect();
        for hold in ended {
            let why = ending.why().to_owned();
            self.fact(Fact::HoldEnded { scope: hold.scope, reason: hold.reason, source: hold.source, why });
            if hold.reason == HoldReason::Promise {
                self.end_promise(ending);
            }
        }
    }

    fn end_promise(&mut self, ending: Ending<'_>) {
        let open = self.account.promises.iter().rfind(|promise| promise.state == PromiseState::Open);
        let Some(date) = open.map(|promise| promise.date) else { return };
        self.fact(match ending {
            Ending::Kept => Fact::PromiseKept { date },
            Ending::Over => Fact::PromiseBroken { date },
            Ending::Lifted(_) => Fact::PromiseLifted { date },
        });
    }

    /// Closes a case and what hung on it: its questions, promises that are kept by it, claims that it proves.
    fn close(&mut self, case: &CaseId, how: ClosedAs) {
        if !self.case(case).is_some_and(Case::is_open) {
            return;
        }
        self.fact(Fact::CaseClosed { case: case.clone(), how, on: self.today });
        self.settle_questions("case closed", |q| q.case.as_ref() == Some(case) && q.kind != QuestionKind::Reversal);
        self.settle_what_was_claimed();
    }

    /// A claim of payment or a promise ends when every case it was about is closed.
    fn settle_what_was_claimed(&mut self) {
        let account = &self.account;
        let is_settled = |hold: &Hold| {
            let about = |case: &&Case| hold.cases.is_empty() || hold.cases.contains(&case.id);
            hold.covers_claim() && !account.open_cases().filter(|case| hold.covers(&case.id)).any(|case| about(&case))
        };
        let settled: Vec<Hold> = account.holds.iter().filter(|hold| is_settled(hold)).cloned().collect();
        self.end_holds(Ending::Kept, |hold| settled.iter().any(|done| done.is_twin_of(hold)));
        let sources: Vec<About> = settled.into_iter().filter_map(|hold| hold.source).map(About::Input).collect();
        let is_claim = |q: &Question| matches!(q.kind, QuestionKind::PaidClaim | QuestionKind::Promise);
        self.settle_questions("settled", |q| is_claim(q) && sources.contains(&q.about));
    }
}

impl Hold {
    /// Holds that say money will come or came.
    fn covers_claim(&self) -> bool {
        matches!(self.reason, HoldReason::PaidClaim | HoldReason::Promise)
    }
}
