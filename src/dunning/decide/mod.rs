//! The one door: an input and an account become facts. Pure and total: no clock, no IO, no randomness.
//!
//! A draft of the account takes each fact in as it is decided, so that later rules of the same decision see it.

mod agreement;
mod day;
mod dispute;
mod identity;
mod instruct;
mod invoice;
mod letter;
mod limitation;
mod mail;
mod moving;
mod open_item;
mod owner;
mod payment;
mod restored;
mod taken_over;

use super::account::{Account, Case, ClosedAs};
use super::fact::Fact;
use super::hold::{Hold, HoldReason, Scope};
use super::ids::{CaseId, QuestionId};
use super::input::Input;
use super::policy::Policy;
use super::question::{About, Question, QuestionKind};
use super::thanks;
use chrono::NaiveDate;

/// What follows from `input` for `account` on `today`. Facts only; effects are derived from them.
pub fn decide(account: &Account, input: &Input, policy: &Policy, today: NaiveDate) -> Vec<Fact> {
    let mut draft = Draft { account: account.clone(), facts: Vec::new(), policy, today };
    match input {
        Input::InvoiceFiled { invoice, file, source, replace } => draft.invoice_filed(invoice, file, source, *replace),
        Input::Listed { invoice, file, source } => draft.listed(invoice, file, source),
        Input::NoLongerListed { case, file } => draft.no_longer_listed(case, file),
        Input::Day(world) => draft.day(world),
        Input::Mail(mail) => draft.mail(mail),
        Input::PossibleMail { source, why } => draft.possible_mail(source, why),
        Input::Ignored { source, from, rule } => draft.on_record(source, from, "ignored", rule),
        Input::OwnerWrote(written) => draft.owner_wrote(written),
        Input::Commanded { source, from, done } => draft.on_record(source, from, "owner_command", done),
        Input::NotTheirs { source } => draft.not_theirs(source),
        Input::Payment { payment, cases } => draft.payment(payment, cases),
        Input::UnclearPayment { payment, cases, why, ask } => draft.unclear_payment(payment, cases, why, *ask),
        Input::PaymentGiven { payment, case } => draft.book(payment, std::slice::from_ref(case)),
        Input::PaymentPlaced { payment } => draft.payment_placed(payment),
        Input::Refund { amount, source, text } => draft.refund(*amount, source, text),
        Input::Reversal { case, amount, source, text } => draft.reversal(case, *amount, source, text),
        Input::UntrustedNotice { case, source, why } => draft.untrusted_notice(case, source, why),
        Input::Owner { act, by } => draft.owner(act, by),
        Input::Answer { question, choice, by } => draft.answer(question, choice, by),
        Input::Letter { letter, outcome } => draft.letter(letter, outcome),
        Input::LookedFor { letter, places, at, again } => draft.looked_for(letter, places, *at, *again),
        Input::Announced { steps } => draft.announced(steps),
        Input::Ask { kind, case, detail, about, extra_choices } => {
            draft.ask_with(*kind, case.clone(), detail, about.clone(), extra_choices);
        }
        Input::FoundOut { kind, about, note } => draft.found_out(*kind, about, note),
        Input::NoLongerAsked { kind, why } => draft.settle_questions(why, |q| q.kind == *kind),
        Input::LetterFound(found) => draft.letter_found(found),
        Input::TakenOver { case, sent, by } => draft.taken_over(case, sent, by),
        Input::MaybeSent { since } => draft.maybe_sent(*since),
        Input::WhoIsIt { source, debtors, detail } => draft.who_is_it(source, debtors, detail),
        Input::AddressDoubted { source, why } => draft.address_doubted(source, why),
        Input::DoubtEnded { source } => draft.doubt_ended(source),
        Input::CreditGoes { credit, to } => draft.credit_goes(credit, to),
        Input::CreditComes { credit } => draft.credit_comes(credit),
        Input::CasesGo { share, to, by } => draft.cases_go(share, to, by),
        Input::CasesCome { from, share, by } => draft.cases_come(from, share, by),
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
        let choices = extra.iter().cloned().chain(kind.choices().iter().map(|c| (*c).to_owned())).collect();
        let wording = kind.wording(self.policy.language);
        let text = if detail.is_empty() { wording.to_owned() } else { format!("{wording}: {detail}") };
        let question = Question { id: id.clone(), kind, case, text, choices, since: self.today, about, note: None };
        self.fact(Fact::QuestionAsked { question });
        id
    }

    /// What is known by now about something that is asked; nothing where it is not asked, or was known.
    fn found_out(&mut self, kind: QuestionKind, about: &About, note: &str) {
        let is_meant = |q: &&Question| q.kind == kind && q.about == *about && q.note.as_deref() != Some(note);
        if let Some(question) = self.account.questions.values().find(is_meant).map(|question| question.id.clone()) {
            self.fact(Fact::QuestionNoted { question, note: note.to_owned() });
        }
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
        let same = |held: &Hold| {
            held.scope == hold.scope
                && held.reason == hold.reason
                && held.until == hold.until
                && held.source == hold.source
        };
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

    /// Ends a hold; a promise that hung on it is kept, broken or lifted with it.
    fn end_hold(&mut self, hold: &Hold, ending: Ending<'_>) {
        if !self.account.holds.iter().any(|held| hold.replaces(held)) {
            return;
        }
        let (scope, reason) = (hold.scope.clone(), hold.reason);
        let source = hold.source.clone().filter(|_| reason.counts_each_cause());
        self.fact(Fact::HoldEnded { scope, reason, why: ending.why().to_owned(), source });
        if reason == HoldReason::Promise {
            self.settle_promise(hold, ending);
        }
        if reason == HoldReason::Bounce {
            self.trust_current_address();
        }
    }

    /// Who ends the hold of a letter that came back wants the next one to go where letters go now.
    fn trust_current_address(&mut self) {
        let address = self.policy.address(&self.account).filter(|address| self.account.is_unreachable(address));
        if let Some(address) = address {
            self.fact(Fact::AddressTrusted { address, on: self.today });
        }
    }

    /// Ends every hold that `over` picks, each for the same reason in words.
    fn end_holds(&mut self, ending: Ending<'_>, over: impl Fn(&Hold) -> bool) {
        let ended: Vec<Hold> = self.account.holds.iter().filter(|hold| over(hold)).cloned().collect();
        ended.iter().for_each(|hold| self.end_hold(hold, ending));
    }

    /// Closes a case and what hung on it: its questions, promises that are kept by it, claims that it proves.
    fn close(&mut self, case: &CaseId, how: ClosedAs) {
        let Some(open) = self.case(case).filter(|case| case.is_open()) else { return };
        let thanks = how == ClosedAs::Paid && thanks::deserves(&self.account, open, self.policy, self.today);
        let ending = match how {
            ClosedAs::Paid | ClosedAs::Credited => Ending::Kept,
            ClosedAs::WrittenOff | ClosedAs::HandedOver | ClosedAs::Ignored => Ending::Lifted("the case was closed"),
        };
        self.end_holds(ending, |hold| hold.covers_claim() && hold.scope == Scope::Case(case.clone()));
        self.fact(Fact::CaseClosed { case: case.clone(), how, on: self.today, thanks });
        self.settle_questions("case closed", |q| q.case.as_ref() == Some(case) && q.kind != QuestionKind::Reversal);
        self.settle_what_was_claimed(ending);
        self.settle_closed_plan();
    }

    /// A claim of payment or a promise ends when every case it was about is closed.
    fn settle_what_was_claimed(&mut self, ending: Ending<'_>) {
        let account = &self.account;
        let is_settled = |hold: &Hold| hold.covers_claim() && !account.open_cases().any(|case| hold.is_about(case));
        let settled: Vec<Hold> = account.holds.iter().filter(|hold| is_settled(hold)).cloned().collect();
        for hold in settled {
            self.end_hold(&hold, ending);
            self.settle_questions("settled", |q| q.kind == QuestionKind::PaidClaim || q.kind == QuestionKind::Promise);
        }
    }
}

impl Hold {
    /// Holds that say money will come or came.
    fn covers_claim(&self) -> bool {
        matches!(self.reason, HoldReason::PaidClaim | HoldReason::Promise)
    }

    /// The cases that were meant: those that were named, else all that we knew of by then.
    fn is_about(&self, case: &Case) -> bool {
        let named = self.cases.contains(&case.id);
        let known_by_then = self.cases.is_empty() && case.opened_on <= self.since;
        self.covers(&case.id) && (named || known_by_then)
    }
}
