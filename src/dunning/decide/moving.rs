//! Cases that go to another debtor's account, and come to it: two debtors are one, or one was two. The shell commits both
//! decisions together.

use super::Draft;
use crate::dunning::account::{Account, LetterState};
use crate::dunning::fact::Fact;
use crate::dunning::hold::{HoldReason, Scope};
use crate::dunning::ids::{CaseId, DebtorId, LetterId};
use crate::dunning::input::Share;
use crate::dunning::instructions::Instructions;
use crate::dunning::moving::Moved;
use crate::dunning::question::{About, Question, QuestionKind};

impl Draft<'_> {
    pub(super) fn cases_go(&mut self, share: &Share, to: &DebtorId, by: &str) {
        self.withdraw_requested(&format!("cases went to {to}"));
        let (cases, merged) = match share {
            Share::All => (self.account.cases.keys().cloned().collect(), true),
            Share::Cases(cases) => (cases.clone(), false),
        };
        let scopes = if merged { vec![Scope::Debtor] } else { cases.iter().cloned().map(Scope::Case).collect() };
        scopes.iter().for_each(|scope| self.withdraw_approvals(scope, by));
        let why = format!("it went to {to}");
        self.settle_questions(&why, |question| merged || is_about(question, &cases));
        self.fact(Fact::CasesLeft { cases, to: to.clone(), merged, by: by.to_owned() });
        self.settle_questions_without_claim(&why);
    }

    /// A promise or a claim of payment went along: it is not asked about here any more.
    fn settle_questions_without_claim(&mut self, why: &str) {
        for reason in [HoldReason::PaidClaim, HoldReason::Promise] {
            if !self.account.holds.iter().any(|hold| hold.reason == reason) {
                self.settle_questions(why, |question| question.kind.hold_reason() == Some(reason));
            }
        }
    }

    pub(super) fn cases_come(&mut self, from: &Account, share: &Share, by: &str) {
        self.withdraw_requested(&format!("cases came from {}", from.id));
        let from = &without_requested(from);
        let moved = match share {
            Share::All => from.all_of_it(),
            Share::Cases(cases) => from.divided(cases).1,
        };
        self.describe_from(from, share, &moved);
        let cases: Vec<CaseId> = moved.cases.iter().map(|case| case.id.clone()).collect();
        let questions = questions_with(from, share, &moved);
        let moved = Box::new(moved);
        self.fact(Fact::CasesCame { from: from.id.clone(), moved, by: by.to_owned() });
        if *share == Share::All {
            self.treat_as_carefully_as(from, by);
        }
        for question in questions {
            self.ask_anew(question);
        }
        cases.iter().for_each(|case| self.apply_waiting_credits(case));
        self.must_have_address();
    }

    /// Who is new is described by the invoices that came; who is known gets what was missing.
    fn describe_from(&mut self, from: &Account, share: &Share, moved: &Moved) {
        let of_invoices = moved.cases.first().map(|case| &case.invoice.debtor);
        let newer = if *share == Share::All { from.debtor.as_ref().or(of_invoices) } else { of_invoices };
        if let Some(newer) = newer {
            self.describe_debtor(newer);
        }
    }

    /// What has not left is decided again, of what is here then.
    fn withdraw_requested(&mut self, why: &str) {
        let requested = self.account.letters.iter().filter(|letter| letter.state == LetterState::Requested);
        let ids: Vec<LetterId> = requested.map(|letter| letter.id.clone()).collect();
        for letter in ids {
            self.fact(Fact::LetterWithdrawn { letter, why: why.to_owned() });
        }
    }

    /// What the owner or the configuration spared the other is spared this one too.
    fn treat_as_carefully_as(&mut self, from: &Account, by: &str) {
        let (policy, own) = (self.policy, &self.account);
        let said = own.instructions.clone();
        let never = policy.never_dun(from) && !policy.never_dun(own);
        let grace = Some(policy.grace_days(from)).filter(|days| *days > policy.grace_days(own));
        let minimum = Some(policy.minimum(from)).filter(|least| least.minor() > policy.minimum(own).minor());
        let no_extras = policy.asks_extras(own) && !policy.asks_extras(from);
        let careful = Instructions {
            never_dun: if never { Some(true) } else { said.never_dun },
            grace_days: grace.or(said.grace_days),
            minimum: minimum.or(said.minimum),
            extras: if no_extras { Some(false) } else { said.extras },
            ..said.clone()
        };
        if careful != said {
            self.fact(Fact::Instructed { instructions: Box::new(careful), by: by.to_owned() });
        }
    }

    fn ask_anew(&mut self, question: Question) {
        let same = |q: &Question| q.kind == question.kind && q.case == question.case && q.about == question.about;
        if !self.account.questions.values().any(same) {
            let question = Question { id: self.account.next_question_id(), ..question };
            self.fact(Fact::QuestionAsked { question });
        }
    }
}

/// What the other had not sent is withdrawn there, in the same commit.
fn without_requested(from: &Account) -> Account {
    let mut from = from.clone();
    for letter in from.letters.iter_mut().filter(|letter| letter.state == LetterState::Requested) {
        letter.state = LetterState::Withdrawn;
    }
    from
}

fn is_about(question: &Question, cases: &[CaseId]) -> bool {
    let covers = |about: &About| match about {
        About::Letter(covers) => covers.iter().any(|(case, _)| cases.contains(case)),
        _ => false,
    };
    question.case.as_ref().is_some_and(|case| cases.contains(case)) || covers(&question.about)
}

/// What is asked about the cases that come, and about what holds the whole debtor. A letter that waits for a yes is made
/// anew, and a missing address is seen again.
fn questions_with(from: &Account, share: &Share, moved: &Moved) -> Vec<Question> {
    let made_anew = |question: &&Question| {
        matches!(question.kind, QuestionKind::Approval | QuestionKind::NoAddress | QuestionKind::UnknownSend)
            || matches!(question.about, About::Letter(_) | About::Plan(_))
    };
    let holds_both =
        |reason: HoldReason| moved.holds.iter().any(|hold| hold.scope == Scope::Debtor && hold.reason == reason);
    let goes = |question: &&Question| match share {
        Share::All => true,
        Share::Cases(cases) => match &question.case {
            Some(case) => cases.contains(case),
            None => question.kind.hold_reason().is_some_and(holds_both),
        },
    };
    from.questions.values().filter(|question| !made_anew(question)).filter(goes).cloned().collect()
}
