//! What was agreed: promises that are kept, kept in part or broken, and instalments.

use super::day::{TRANSFER_BANKING_DAYS, may_act};
use super::{Draft, Ending};
use crate::dunning::account::{Case, Promise, PromiseState};
use crate::dunning::fact::Fact;
use crate::dunning::hold::{Hold, HoldReason, Scope};
use crate::dunning::ids::{CaseId, StepId};
use crate::dunning::instalments::was_written;
use crate::dunning::money::Money;
use crate::dunning::plan::{Plan, PlanState, Terms};
use crate::dunning::question::{About, Question, QuestionKind};
use crate::dunning::world::World;
use chrono::NaiveDate;

/// What a plan or a promise settles: the debtor's wish for time is answered by it.
fn asks_for_time(reason: HoldReason) -> bool {
    matches!(reason, HoldReason::Answer | HoldReason::Promise | HoldReason::Plan | HoldReason::Question)
}

// ── promises ────────────────────────────────────────────────────────────────────────────────────────────────────────

impl Draft<'_> {
    /// What became of the promise that hung on a hold which ends.
    pub(super) fn settle_promise(&mut self, hold: &Hold, ending: Ending<'_>) {
        let hangs_on_it = |promise: &&Promise| promise.state == PromiseState::Open && promise.cases == hold.cases;
        let Some(promise) = self.account.promises.iter().rfind(hangs_on_it).cloned() else { return };
        let date = promise.date;
        let came_in = self.came_in(&promise);
        self.fact(match ending {
            Ending::Kept => Fact::PromiseKept { date },
            Ending::Lifted(_) => Fact::PromiseLifted { date },
            Ending::Over if self.is_all_that_was_promised(&promise, came_in) => Fact::PromiseKept { date },
            Ending::Over if came_in.is_positive() => Fact::PromisePartlyKept { date, paid: came_in },
            Ending::Over => Fact::PromiseBroken { date },
        });
        if matches!(ending, Ending::Over | Ending::Kept) {
            self.settle_questions("its day has passed", |q| q.kind == QuestionKind::Promise);
        }
    }

    /// A promise of a part is kept as soon as that much came in: its hold ends, and the pause of a part payment is all
    /// that is left of it.
    pub(super) fn keep_promises(&mut self) {
        let open = self.account.promises.iter().filter(|promise| promise.state == PromiseState::Open);
        let kept: Vec<Promise> =
            open.filter(|promise| self.is_all_that_was_promised(promise, self.came_in(promise))).cloned().collect();
        for promise in kept {
            self.end_holds(Ending::Kept, |hold| hold.reason == HoldReason::Promise && hold.cases == promise.cases);
        }
    }

    /// An amount that was named and came in. Without one everything was promised: that is kept when the cases close.
    fn is_all_that_was_promised(&self, promise: &Promise, came_in: Money) -> bool {
        let named = promise.amount.as_deref().and_then(|text| Money::parse(text, came_in.currency()).ok());
        named.is_some_and(|named| named.is_positive() && came_in.minor() >= named.minor())
    }

    /// Money for what the promise was about, booked on the day it was made or later.
    fn came_in(&self, promise: &Promise) -> Money {
        let about = |case: &&Case| promise.cases.is_empty() || promise.cases.contains(&case.id);
        let currency = self.account.cases.values().find(about).map(|case| case.invoice.payable.currency());
        let currency = currency.unwrap_or(crate::dunning::money::Currency::EUR);
        self.account.money_since(promise.made_on, &promise.cases, currency)
    }

    /// Who did not keep a promise is not simply waited for again: the owner is asked.
    pub(super) fn broke_a_promise(&self) -> bool {
        self.account.promises.iter().any(|promise| promise.state.is_breach())
    }

    /// The debtor's wish for time is answered, for these cases: questions about it are settled, its holds end. Other
    /// cases that the same holds cover stay held.
    pub(super) fn answer_wish_for_time(&mut self, cases: &[CaseId], why: &str) {
        self.narrow(cases, &asks_for_time);
        let covered = |hold: &Hold| matches!(&hold.scope, Scope::Case(case) if cases.contains(case));
        self.end_holds(Ending::Lifted(why), |hold| {
            covered(hold) && asks_for_time(hold.reason) && hold.plan().is_none()
        });
        let about = |q: &Question| q.case.as_ref().is_none_or(|case| cases.contains(case));
        let asks = |kind| matches!(kind, QuestionKind::Promise | QuestionKind::Plan | QuestionKind::Answer);
        self.settle_questions(why, |q| asks(q.kind) && about(q) && !matches!(q.about, About::Plan(_)));
    }
}

// ── instalments ─────────────────────────────────────────────────────────────────────────────────────────────────────

impl Draft<'_> {
    /// The owner agrees instalments: a plan that ran for the same cases is replaced, and the cases are held by the new one.
    /// Terms that do not fit what is open change nothing.
    pub(super) fn agree_plan(&mut self, terms: &Terms, reason: &str, by: &str) {
        if terms.check(&self.account).is_err() {
            return;
        }
        self.note(reason, by);
        if let Some(before) = self.account.living_plan().cloned() {
            self.end_plan(&before, &format!("replaced by {by}"));
        }
        self.answer_wish_for_time(&terms.cases, "instalments were agreed");
        self.withdraw_letters_of(&terms.cases, by);
        for case in &terms.cases {
            self.void_terms(&Scope::Case(case.clone()), self.today, "instalments were agreed");
        }
        let plan = Plan {
            number: u32::try_from(self.account.plans.len()).unwrap_or(u32::MAX).saturating_add(1),
            cases: terms.cases.clone(),
            instalments: terms.instalments.clone(),
            agreed_on: self.today,
            grace_days: terms.grace_days,
            whole_becomes_due: terms.whole_becomes_due,
            evidence: Some(reason.to_owned()).filter(|reason| !reason.is_empty()),
            paid_before: self.account.extras_paid(&terms.cases),
            state: PlanState::Running,
        };
        self.fact(Fact::PlanAgreed { plan: plan.clone() });
        self.hold_plan(&plan);
    }

    /// Letters that wait for the owner's yes, or have it, are not about these cases any more.
    fn withdraw_letters_of(&mut self, cases: &[CaseId], by: &str) {
        let about_them = |covers: &[(CaseId, StepId)]| covers.iter().any(|(case, _)| cases.contains(case));
        self.settle_questions("instalments were agreed", |q| matches!(&q.about, About::Letter(c) if about_them(c)));
        let approved: Vec<_> = self.account.approved.iter().filter(|covers| about_them(covers)).cloned().collect();
        for covers in approved {
            self.fact(Fact::ApprovalWithdrawn { covers, by: by.to_owned() });
        }
    }

    pub(super) fn owner_ends_plan(&mut self, number: u32, reason: &str, by: &str) {
        let Some(plan) = self.account.living_plan().filter(|plan| plan.number == number).cloned() else { return };
        self.note(reason, by);
        self.end_plan(&plan, &format!("ended by {by}"));
    }

    /// Each open case of it is held for its sake: also one that was opened again.
    fn hold_plan(&mut self, plan: &Plan) {
        let cases: Vec<CaseId> = plan.open_cases(&self.account).map(|case| case.id.clone()).collect();
        for case in cases {
            let evidence = plan.evidence.clone().unwrap_or_default();
            let hold = Hold {
                source: Some(plan.source()),
                ..self.hold_because(Scope::Case(case), HoldReason::Plan, &evidence)
            };
            self.hold(hold);
        }
    }

    fn end_plan(&mut self, plan: &Plan, why: &str) {
        self.fact(Fact::PlanEnded { plan: plan.number, why: why.to_owned() });
        self.let_go(plan, why);
    }

    /// What hung on a plan that lives no more: its holds, the question about it, a letter that waits for approval.
    fn let_go(&mut self, plan: &Plan, why: &str) {
        self.end_holds(Ending::Lifted(why), |hold| hold.plan() == Some(plan.number));
        let of_it = |covers: &[(CaseId, StepId)]| {
            covers.iter().any(|(_, step)| step.instalment().is_some_and(|(number, _)| number == plan.number))
        };
        self.settle_questions(why, |q| match &q.about {
            About::Plan(number) => *number == plan.number,
            About::Letter(covers) => of_it(covers),
            About::Nothing
            | About::Input(_)
            | About::Sending(_)
            | About::Payment(_)
            | About::CreditNote(_)
            | About::Day(_)
            | About::LostLetters(_)
            | About::OpenItem(_) => false,
        });
    }

    /// After a case closed: a plan of which nothing is open any more is over.
    pub(super) fn settle_closed_plan(&mut self) {
        let Some(plan) = self.account.living_plan().cloned() else { return };
        if plan.open_cases(&self.account).next().is_some() {
            return;
        }
        let how = |id: &CaseId| self.case(id).and_then(|case| case.closed.as_ref()).map(|closing| closing.how);
        if plan.cases.iter().filter_map(how).all(|how| how.is_settled()) {
            self.fact(Fact::PlanKept { plan: plan.number });
            self.let_go(&plan, "all instalments were paid");
        } else {
            self.end_plan(&plan, "its cases were closed");
        }
    }

    /// A day in the life of a plan: kept, caught up, missed, or not kept after a letter. Only when everything that came
    /// in is understood, and only while nothing else (a dispute, an insolvency, a question) holds its cases: then a
    /// human goes first.
    pub(super) fn judge_plan(&mut self, world: &World) {
        let Some(plan) = self.account.living_plan().cloned() else { return };
        self.hold_plan(&plan);
        if !may_act(world) {
            return;
        }
        if plan.is_paid(&self.account) {
            self.fact(Fact::PlanKept { plan: plan.number });
            self.let_go(&plan, "all instalments were paid");
            return;
        }
        self.resume_plan(&plan);
        self.miss_instalment(world);
        self.after_the_letter(world);
    }

    /// A missed instalment was paid after all.
    fn resume_plan(&mut self, plan: &Plan) {
        let (Some((missed, _)), Some((unpaid, _))) = (plan.missed(), plan.first_unpaid(&self.account)) else { return };
        if unpaid > missed {
            self.fact(Fact::PlanResumed { plan: plan.number });
            self.settle_questions("paid after all", |q| {
                q.about == About::Plan(plan.number)
                    || matches!(&q.about, About::Letter(c) if c.iter().any(|(_, step)| step.instalment().is_some()))
            });
        }
    }

    fn miss_instalment(&mut self, world: &World) {
        let Some(plan) = self.account.living_plan().filter(|plan| plan.state == PlanState::Running).cloned() else {
            return;
        };
        let Some((_, unpaid)) = plan.first_unpaid(&self.account) else { return };
        let due = unpaid.due;
        if self.other_hold_on(&plan).is_none() && self.bank_would_show(due, plan.grace_days, world) {
            self.fact(Fact::InstalmentMissed { plan: plan.number, due, on: self.today });
        }
    }

    /// Money of that day would be in the bank data that we have: it covers the day and the grace after it.
    fn bank_would_show(&self, day: NaiveDate, grace_days: u32, world: &World) -> bool {
        let grace = grace_days.max(TRANSFER_BANKING_DAYS);
        let shown_by = self.policy.sending.calendar.banking_days_after(day, grace);
        self.today > shown_by && world.bank_data_until >= Some(shown_by)
    }

    /// What else holds a case of the plan.
    fn other_hold_on(&self, plan: &Plan) -> Option<&Hold> {
        let account = &self.account;
        let covers = |hold: &&Hold| plan.open_cases(account).any(|case| hold.covers(&case.id));
        account.holds.iter().filter(covers).filter(|hold| hold.plan() != Some(plan.number)).min_by_key(|h| h.reason)
    }

    /// The letter's term is over and nothing came, or no letter can go: the whole becomes due when that was agreed, else
    /// the owner is asked, once.
    fn after_the_letter(&mut self, world: &World) {
        let Some(plan) = self.account.living_plan().cloned() else { return };
        let Some((place, due)) = plan.missed() else { return };
        let other = self.other_hold_on(&plan);
        if other.is_some_and(ends_by_itself) {
            return;
        }
        let held = other.is_some();
        let letter = plan.letter_about_miss(&self.account).map(|(letter, sent)| letter.deadline.unwrap_or(sent));
        let asked = StepId::asked_about_instalment(plan.number, place);
        let is_asked = was_written(&self.account, &plan, &asked);
        match letter {
            Some(deadline) if !self.bank_would_show(deadline, plan.grace_days, world) => {}
            Some(_) if plan.whole_becomes_due && !held && !is_asked => {
                self.end_plan(&plan, &format!("the instalment of {due} was not paid: the whole is due"));
            }
            Some(_) if !is_asked => self.ask_about_plan(&plan, asked, due),
            None if !is_asked && !held && !self.can_write(&plan, place) => self.ask_about_plan(&plan, asked, due),
            Some(_) | None => {}
        }
    }

    /// A letter about this miss can still leave.
    fn can_write(&self, plan: &Plan, place: u32) -> bool {
        let step = StepId::missed_instalment(plan.number, place);
        let underway = self.account.letter_underway().is_some();
        underway
            || !self.policy.never_dun(&self.account)
                && self.policy.address(&self.account).is_some()
                && !was_written(&self.account, plan, &step)
    }

    fn ask_about_plan(&mut self, plan: &Plan, asked: StepId, due: NaiveDate) {
        let short = plan.short_on(&self.account, due);
        let detail = format!("{} {due}: {short} {}", self.name(), short.currency());
        self.ask(QuestionKind::Plan, None, &detail, About::Plan(plan.number));
        let cases: Vec<CaseId> = plan.open_cases(&self.account).map(|case| case.id.clone()).collect();
        for case in cases {
            let why = "asked the owner".to_owned();
            self.fact(Fact::StepDone { case, step: asked.clone(), on: self.today, why });
        }
    }

    /// The owner's answer about a plan that was not kept: the ladder goes on, or all stays held, or it is given up.
    pub(super) fn answer_plan(&mut self, number: u32, choice: &str, by: &str) {
        let Some(plan) = self.account.living_plan().filter(|plan| plan.number == number).cloned() else { return };
        match choice {
            "resume" => self.end_plan(&plan, &format!("ended by {by}")),
            "write-off" => {
                for case in &plan.cases {
                    self.close(case, crate::dunning::account::ClosedAs::WrittenOff);
                }
            }
            _ => {}
        }
    }
}

/// Waits for a day or for money, not for a human.
fn ends_by_itself(hold: &Hold) -> bool {
    hold.until.is_some() || hold.claimed_day.is_some() || hold.reason == HoldReason::UnclearPayment
}
