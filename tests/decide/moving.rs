//! Two debtors become one, and one becomes two: what goes along, and that nothing is lost, doubled or let go.

use super::scene::*;
use aanmaand::dunning::account::{Account, Case, LetterState, PaymentSource, PromiseState};
use aanmaand::dunning::debtor::DebtorKind;
use aanmaand::dunning::decide::decide;
use aanmaand::dunning::fact::Fact;
use aanmaand::dunning::hold::{Hold, HoldReason, Scope};
use aanmaand::dunning::ids::{CaseId, DebtorId};
use aanmaand::dunning::input::{Act, Input, Mail, Outcome, Saying, Share};
use aanmaand::dunning::instructions::Instructions;
use aanmaand::dunning::money::{Currency, Money};
use aanmaand::dunning::moving::CannotMove;
use aanmaand::dunning::plan::{Every, Terms, equal};
use aanmaand::dunning::question::QuestionKind;
use chrono::Duration;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn owner(act: Act) -> Input {
    Input::Owner { act, by: "owner".into() }
}

/// The two decisions of one move, as the shell takes them.
fn moves(from: &Scene, to: &mut Scene, share: Share) -> (Vec<Fact>, Vec<Fact>) {
    let go = Input::CasesGo { share: share.clone(), to: to.account.id.clone(), by: "owner".into() };
    let come = Input::CasesCome { from: Box::new(from.account.clone()), share, by: "owner".into() };
    let went = decide(&from.account, &go, &from.policy, from.today);
    (went, decide(&to.account, &come, &to.policy, to.today))
}

fn carry(from: &mut Scene, to: &mut Scene, share: Share) {
    let (went, came) = moves(from, to, share);
    went.iter().for_each(|fact| from.account.apply(fact));
    came.iter().for_each(|fact| to.account.apply(fact));
}

fn other(id: &str, number: &str) -> Scene {
    let mut scene = Scene::new(DebtorKind::Business, "2026-05-20");
    scene.account = Account::new(id.into());
    scene.told(scene.filed(number, 60_00, "2026-06-10"));
    scene
}

fn kinds(account: &Account) -> Vec<QuestionKind> {
    account.questions.values().map(|question| question.kind).collect()
}

#[test]
fn all_of_a_debtor_goes_along() {
    let (mut one, mut two) = (Scene::reminded(), other("K2", "G1"));
    two.sends("2026-06-15");
    two.on("2026-06-16");
    two.told(two.says("m1", Saying::Dispute));
    two.told(Input::Payment {
        payment: money("S1", 20_00, PaymentSource::Statement, two.today),
        cases: vec![case("G1")],
    });
    two.told(owner(Act::Instruct {
        instructions: Box::new(Instructions { never_dun: Some(true), grace_days: Some(9), ..Instructions::default() }),
        reason: String::new(),
    }));
    let (case_before, letters) = (two.account.cases[&case("G1")].clone(), two.account.letters.clone());
    carry(&mut two, &mut one, Share::All);
    assert_eq!(one.account.cases[&case("G1")], case_before);
    assert!(letters.iter().all(|letter| one.account.letters.contains(letter)));
    assert_eq!(
        one.account.hold_on(&case("F1")).unwrap().reason,
        HoldReason::Dispute,
        "the dispute holds the one debtor"
    );
    assert!(kinds(&one.account).contains(&QuestionKind::Dispute), "{:?}", one.account.questions);
    assert!(one.account.questions.keys().all(|id| id.as_str().ends_with("-K1")));
    assert!(one.policy.never_dun(&one.account) && one.policy.grace_days(&one.account) == 9);
    assert!(one.account.addresses.contains("piet@jansen.example"));
    assert_eq!(one.account.formerly.iter().map(DebtorId::as_str).collect::<Vec<_>>(), ["K2"]);
    assert_eq!(two.account.merged_into, Some("K1".into()));
    let left = Account { merged_into: None, questions_asked: 0, ..two.account.clone() };
    assert_eq!(left, Account::new("K2".into()), "nothing stays behind");
    // And back: who was merged is itself again.
    carry(&mut one, &mut two, Share::Cases(vec![case("G1")]));
    assert_eq!((two.account.merged_into.clone(), one.account.formerly.len()), (None, 0));
    assert_eq!(two.account.cases[&case("G1")], case_before);
    assert!(
        two.account.has_hold(&Scope::Debtor, HoldReason::Dispute)
            && one.account.has_hold(&Scope::Debtor, HoldReason::Dispute)
    );
    assert_eq!(two.account.debtor.as_ref().unwrap().id.as_str(), "K2");
}

#[test]
fn what_was_not_sent_is_decided_again() {
    let (mut one, mut two) = (Scene::owing(), other("K2", "G1"));
    for scene in [&mut one, &mut two] {
        scene.days("due", "2026-06-15");
        assert!(matches!(scene.account.letters[0].state, LetterState::Requested));
    }
    let (went, came) = moves(&two, &mut one, Share::All);
    for facts in [&went, &came] {
        let withdrawn = facts.iter().filter(|fact| matches!(fact, Fact::LetterWithdrawn { .. })).count();
        assert_eq!(withdrawn, 1, "{facts:?}");
    }
    carry(&mut two, &mut one, Share::All);
    one.days("again", "2026-06-16");
    let letter = one.account.letter(&one.underway()).unwrap();
    assert_eq!(letter.covers.len(), 2, "one letter for both: {letter:?}");
}

#[test]
fn an_approval_and_an_announcement_do_not_go_along() {
    let mut one = Scene::reminded();
    one.told(Input::Announced { steps: vec![(case("F1"), "formal-notice".into())] });
    one.account.approved.push(vec![(case("F1"), "formal-notice".into())]);
    let mut two = other("K2", "G1");
    carry(&mut one, &mut two, Share::All);
    assert!(two.account.approved.is_empty() && two.account.announced.is_empty());
}

/// A payment for cases of both: each account knows its part, and no cent is there twice.
#[test]
fn a_payment_for_both_is_divided() {
    let mut one = Scene::owing();
    one.told(one.filed("F2", 50_00, "2026-06-10"));
    let payment = money("S1", 160_00, PaymentSource::Statement, one.today);
    one.told(Input::Payment { payment, cases: vec![case("F1"), case("F2")] });
    let surplus = |scene: &Scene| scene.account.unallocated(Currency::EUR).minor();
    assert_eq!(surplus(&one), 10_00);
    let mut two = Scene::new(DebtorKind::Business, "2026-05-20");
    two.account = Account::new("K2".into());
    carry(&mut one, &mut two, Share::Cases(vec![case("F2")]));
    assert_eq!((surplus(&one), surplus(&two)), (10_00, 0));
    assert_eq!(two.account.cases[&case("F2")].paid, eur(50_00));
    assert_eq!(two.account.payments[0].amount, eur(160_00), "the bank told it so");
    carry(&mut two, &mut one, Share::Cases(vec![case("F2")]));
    assert_eq!((surplus(&one), surplus(&two)), (10_00, 0));
    carry(&mut one, &mut two, Share::Cases(vec![case("F2"), case("F1")]));
    assert_eq!((surplus(&one), surplus(&two)), (0, 10_00));
}

#[test]
fn a_promise_goes_with_the_cases_it_was_about() {
    let mut one = Scene::owing();
    one.told(one.filed("F2", 50_00, "2026-06-10"));
    let promise =
        |scope, date: &str| owner(Act::Promise { scope, date: day(date), amount: None, reason: String::new() });
    one.told(promise(Scope::Debtor, "2026-06-20"));
    let mut two = other("K2", "G1");
    two.told(promise(Scope::Debtor, "2026-06-25"));
    carry(&mut one, &mut two, Share::Cases(vec![case("F2")]));
    assert!(two.account.hold_on(&case("F2")).unwrap().until >= Some(day("2026-06-25")));
    assert_eq!(one.account.hold_on(&case("F1")).unwrap().reason, HoldReason::Promise, "it was about both");
}

/// In either order: who holds longer, and whose promise is the later one.
#[test]
fn of_two_the_longer_hold_and_the_later_promise_count() {
    let hold =
        |until: Option<&str>| owner(Act::Hold { scope: Scope::Debtor, reason: String::new(), until: until.map(day) });
    let promise =
        |date: &str| owner(Act::Promise { scope: Scope::Debtor, date: day(date), amount: None, reason: String::new() });
    let merged = |first: Input, second: Input| {
        let (mut one, mut two) = (Scene::owing(), other("K2", "G1"));
        one.told(first);
        two.told(second);
        carry(&mut two, &mut one, Share::All);
        one.account
    };
    let until = |account: &Account| account.hold_on(&case("F1")).unwrap().until;
    let (soon, late) = ("2026-06-20", "2026-06-25");
    for (first, second) in [(soon, late), (late, soon)] {
        assert_eq!(until(&merged(hold(Some(first)), hold(Some(second)))), Some(day(late)));
        let account = merged(promise(first), promise(second));
        let open: Vec<_> = account.promises.iter().filter(|p| p.state == PromiseState::Open).map(|p| p.date).collect();
        assert_eq!((open, account.promises.len()), (vec![day(late)], 2));
        assert!(until(&account) >= Some(day(late)));
    }
    for (first, second) in [(None, Some(late)), (Some(late), None)] {
        assert_eq!(until(&merged(hold(first), hold(second))), None, "one without an end is the longest");
    }
}

/// A claim of payment about what stays holds what goes too, until that is paid, but nothing of the new debtor's own for longer.
#[test]
fn a_claim_about_what_stays_ends_with_what_went() {
    let mut one = Scene::owing();
    one.told(one.filed("F2", 50_00, "2026-06-10"));
    let Input::Mail(mail) = one.says("m1", Saying::Paid) else { panic!("a mail") };
    one.told(Input::Mail(Mail { cases: vec![case("F1")], ..mail }));
    let mut two = other("K2", "G1");
    carry(&mut one, &mut two, Share::Cases(vec![case("F2")]));
    assert!(one.account.hold_on(&case("F1")).is_some());
    assert!(two.account.hold_on(&case("F2")).is_some() && two.account.hold_on(&case("G1")).is_some());
    let payment = money("S1", 50_00, PaymentSource::Statement, two.today);
    two.told(Input::Payment { payment, cases: vec![case("F2")] });
    assert!(two.account.holds.is_empty(), "{:?}", two.account.holds);
    assert!(one.account.hold_on(&case("F1")).is_some(), "nothing was paid here");
}

/// Where all that was claimed goes, who stays is held all the same.
#[test]
fn a_claim_about_what_goes_frees_nobody_who_stays() {
    let mut one = Scene::owing();
    one.told(one.filed("F2", 50_00, "2026-06-10"));
    let Input::Mail(mail) = one.says("m1", Saying::Paid) else { panic!("a mail") };
    one.told(Input::Mail(Mail { cases: vec![case("F2")], ..mail }));
    let mut two = other("K2", "G1");
    carry(&mut one, &mut two, Share::Cases(vec![case("F2")]));
    assert!(one.account.hold_on(&case("F1")).is_some(), "{:?}", one.account.holds);
}

/// What the owner was told of the one debtor, and said yes to, he is told and asked anew: also when the case comes back.
#[test]
fn who_was_away_is_announced_and_approved_anew() {
    let mut one = Scene::reminded();
    one.told(one.filed("F2", 50_00, "2026-06-10"));
    let formal = |number| (case(number), "formal-notice".into());
    one.told(Input::Announced { steps: vec![formal("F1"), formal("F2")] });
    one.account.approved = vec![vec![formal("F1"), formal("F2")], vec![formal("F1")]];
    let mut two = other("K2", "G1");
    carry(&mut one, &mut two, Share::Cases(vec![case("F2")]));
    carry(&mut two, &mut one, Share::Cases(vec![case("F2")]));
    let announced: Vec<_> = one.account.announced.iter().map(|announced| announced.case.clone()).collect();
    assert_eq!((announced, one.account.approved), (vec![case("F1")], vec![vec![formal("F1")]]));
}

#[test]
fn a_credit_note_that_waited_finds_the_case_that_comes() {
    let (mut one, mut two) = (Scene::owing(), other("K2", "G1"));
    two.told(two.credit_note("CN1", 30_00, Some("F1")));
    assert_eq!(two.account.credits.len(), 1, "it waits");
    carry(&mut one, &mut two, Share::All);
    assert_eq!((two.account.cases[&case("F1")].open(), two.account.credits.len()), (eur(70_00), 0));
}

#[test]
fn what_is_under_way_must_end_first() {
    let split = |scene: &Scene| scene.account.may_split(&[case("F1")]);
    let mut unknown = Scene::owing();
    unknown.days("due", "2026-06-15");
    let letter = unknown.underway();
    let outcome = Outcome::Unknown { on: unknown.today, why: "the line broke".into() };
    unknown.told(Input::Letter { letter, outcome });
    assert!(matches!(split(&unknown), Err(CannotMove::Unknown(..))) && unknown.account.may_merge().is_err());

    let mut plan = Scene::owing();
    let instalments = equal(eur(100_00), eur(50_00), Every::Month, day("2026-06-01"), None).unwrap();
    let terms = Terms { cases: vec![case("F1")], instalments, grace_days: 3, whole_becomes_due: false };
    plan.told(owner(Act::Plan { terms, reason: String::new() }));
    assert!(plan.account.living_plan().is_some());
    assert!(matches!(split(&plan), Err(CannotMove::Plan(_, 1))));
    assert!(matches!(plan.account.may_merge(), Err(CannotMove::Plan(_, 1))));

    let mut asked = Scene::owing();
    let payment = money("N1", 99_00, PaymentSource::Statement, asked.today);
    asked.told(Input::UnclearPayment { payment, cases: vec![case("F1")], why: "?".into(), ask: true });
    assert!(matches!(split(&asked), Err(CannotMove::Asked(_))));
    assert_eq!(asked.account.may_merge(), Ok(()), "the question goes along");

    let mut announced = Scene::owing();
    announced.told(announced.filed("F2", 50_00, "2026-06-10"));
    let mut payment = money("N2", 150_00, PaymentSource::Notice, announced.today);
    payment.confirmed = false;
    announced.told(Input::Payment { payment, cases: vec![case("F1"), case("F2")] });
    assert!(announced.account.payments.iter().any(|payment| !payment.confirmed), "{:?}", announced.account.payments);
    assert!(matches!(split(&announced), Err(CannotMove::Announced(_))));

    let scene = Scene::owing();
    assert!(matches!(scene.account.may_split(&[case("G9")]), Err(CannotMove::NoSuchCase(..))));
    assert_eq!(scene.account.may_split(&[]), Err(CannotMove::Nothing));
    assert!(matches!(Account::new("K9".into()).may_merge(), Err(CannotMove::Nobody(_))));
    let house = Account::new(DebtorId::administration());
    assert_eq!(
        (house.may_merge(), house.may_receive()),
        (Err(CannotMove::Administration), Err(CannotMove::Administration))
    );
}

#[test]
fn a_credit_note_that_waited_elsewhere_comes_to_its_invoice() {
    let mut waits = other("K2", "G1");
    waits.told(owner(Act::WriteOff { case: case("G1"), reason: String::new() }));
    waits.told(waits.credit_note("CN1", 100_00, Some("F1")));
    let credit = waits.account.credits[0].clone();
    waits.told(Input::CreditGoes { credit: credit.number.clone(), to: "K1".into() });
    assert!(waits.account.credits.is_empty());
    let mut one = Scene::owing();
    one.told(Input::CreditComes { credit });
    assert!(!one.account.cases[&case("F1")].is_open(), "{:?}", one.account.cases);
}

#[test]
fn who_it_is_is_asked_and_held() {
    let mut scene = Scene::owing();
    let asks = Input::WhoIsIt { source: "f1".into(), debtors: vec!["K7".into()], detail: "Jansen".into() };
    scene.told(asks.clone());
    assert!(scene.told(asks).is_empty(), "it is asked once");
    assert_eq!(scene.account.hold_on(&case("F1")).unwrap().reason, HoldReason::Question);
    let question = scene.question(QuestionKind::Identity);
    assert_eq!(scene.account.questions[&question].choices, ["K7", "new"]);
    // A doubt about the address of somebody else is lifted by its own cause alone.
    scene.told(Input::AddressDoubted { source: "f2".into(), why: "Jansen".into() });
    scene.told(Input::Answer { question, choice: "new".into(), by: "owner".into() });
    assert!(scene.account.has_hold(&Scope::Debtor, HoldReason::Question));
    scene.told(Input::DoubtEnded { source: "f3".into() });
    assert!(scene.account.has_hold(&Scope::Debtor, HoldReason::Question));
    scene.told(Input::DoubtEnded { source: "f2".into() });
    assert!(scene.account.holds.is_empty(), "{:?}", scene.account.holds);
}

// ── for every order of invoices, money, letters, merges and splits ──────────────────────────────────────────────────────────

const IDS: [&str; 3] = ["K1", "K2", "K3"];

struct Town {
    scenes: BTreeMap<DebtorId, Scene>,
    journal: BTreeMap<DebtorId, Vec<Fact>>,
}

impl Town {
    fn new() -> Town {
        let scene = |id: &str| {
            let mut scene = Scene::new(DebtorKind::Business, "2026-05-20");
            scene.account = Account::new(id.into());
            (DebtorId::new(id), scene)
        };
        Town { scenes: IDS.map(scene).into(), journal: IDS.map(|id| (id.into(), Vec::new())).into() }
    }

    fn living(&self, at: u8) -> DebtorId {
        let mut id = DebtorId::new(IDS[usize::from(at) % IDS.len()]);
        while let Some(next) = self.scenes[&id].account.merged_into.clone() {
            id = next;
        }
        id
    }

    fn tell(&mut self, id: &DebtorId, input: impl Fn(&Scene) -> Input) {
        let scene = self.scenes.get_mut(id).unwrap();
        let facts = scene.told(input(scene));
        self.journal.get_mut(id).unwrap().extend(facts);
    }

    fn carry(&mut self, from: &DebtorId, to: &DebtorId, share: Share) {
        let mut taker = self.scenes.remove(to).unwrap();
        let (went, came) = moves(&self.scenes[from], &mut taker, share);
        self.scenes.insert(to.clone(), taker);
        for (id, facts) in [(from, went), (to, came)] {
            let scene = self.scenes.get_mut(id).unwrap();
            facts.iter().for_each(|fact| scene.account.apply(fact));
            self.journal.get_mut(id).unwrap().extend(facts);
        }
    }

    fn holder(&self, case: &CaseId) -> Option<DebtorId> {
        let mut holders = self.scenes.iter().filter(|(_, scene)| scene.account.cases.contains_key(case));
        let first = holders.next().map(|(id, _)| id.clone());
        assert!(holders.next().is_none(), "{case} is in two accounts");
        first
    }

    fn do_one(&mut self, kind: u8, a: u8, b: u8) {
        let id = self.living(a);
        let number = format!("F{}", b % 6);
        let cents = 10_00 + 5_00 * i64::from(b % 9);
        match kind % 12 {
            0..=2 => {
                // A number that is known belongs to the account that has it.
                let owner = self.holder(&case(&number)).unwrap_or(id);
                self.tell(&owner, |scene| scene.filed(&number, cents, "2026-06-10"));
            }
            3 => self.tell(&id, |scene| {
                let cases = scene.account.open_cases().take(2).map(|case| case.id.clone()).collect();
                Input::Payment {
                    payment: money(&format!("S{a}-{b}"), cents * 3, PaymentSource::Statement, scene.today),
                    cases,
                }
            }),
            4 => self.tell(&id, |scene| scene.says(&format!("m{a}-{b}"), Saying::Dispute)),
            5 => self.tell(&id, |scene| {
                let (date, scope) = (scene.today + Duration::days(5), Scope::Debtor);
                owner(Act::Promise { scope, date, amount: None, reason: String::new() })
            }),
            6 => self.tell(&id, |scene| scene.credit_note(&format!("CN{a}-{b}"), cents, Some(&number))),
            7 => {
                let scenes = self.scenes.values_mut();
                scenes.for_each(|scene| scene.today += Duration::days(i64::from(b % 9)));
                self.tell(&id, |scene| Input::Day(world(scene.today)));
            }
            8 => {
                let underway = self.scenes[&id].account.letter_underway().map(|letter| letter.id.clone());
                let Some(letter) = underway else { return };
                let on = self.scenes[&id].today;
                let outcome = Outcome::Sent { on, reply: "250".into() };
                self.tell(&id, |_| Input::Letter { letter: letter.clone(), outcome: outcome.clone() });
            }
            9 => {
                let reason = String::new();
                self.tell(&id, |_| owner(Act::Hold { scope: Scope::Debtor, reason: reason.clone(), until: None }));
            }
            10 => {
                let to = self.living(b);
                if to != id && self.scenes[&id].account.may_merge().is_ok() {
                    self.moved([&id, &to], |town| town.carry(&id, &to, Share::All));
                }
            }
            _ => {
                let to = DebtorId::new(IDS[usize::from(b) % IDS.len()]);
                let account = &self.scenes[&id].account;
                let wanted = |at: &usize| (usize::from(b) >> at).is_multiple_of(2);
                let cases = account.cases.keys().enumerate().filter(|(at, _)| wanted(at)).map(|(_, case)| case.clone());
                let cases: Vec<CaseId> = cases.collect();
                if to != id && account.may_split(&cases).is_ok() {
                    self.moved([&id, &to], |town| town.carry(&id, &to, Share::Cases(cases.clone())));
                }
            }
        }
    }

    /// A move changes nobody's debt, and frees nobody.
    fn moved(&mut self, two: [&DebtorId; 2], work: impl FnOnce(&mut Town)) {
        let (sums, held, cases) = (self.sums(), self.held(), self.cases());
        let before: Vec<_> = self.scenes.values().map(|scene| scene.account.holds.clone()).collect();
        work(self);
        assert_eq!(self.cases(), cases, "no case is lost");
        for id in two {
            let letters = &self.scenes[id].account.letters;
            assert!(
                letters.iter().all(|letter| letter.state != LetterState::Requested),
                "{id} has one that had not left"
            );
        }
        let credited = self.sums();
        // A credit note that waited may find its invoice: then less is open, and as much less waits.
        assert!(credited.0 == sums.0 || sums.2 - credited.2 == sums.0 - credited.0, "{sums:?} {credited:?}");
        assert_eq!(credited.1, sums.1, "money that belongs to no case");
        let open = |case: &CaseId, town: &Town| {
            let holder = town.holder(case).unwrap();
            town.scenes[&holder].account.cases[case].is_open()
        };
        let now = self.held();
        for case in held.iter().filter(|case| open(case, self)) {
            assert!(now.contains(case), "{case} was held and is not any more: {before:?}");
        }
    }

    fn cases(&self) -> Vec<CaseId> {
        let mut cases: Vec<CaseId> =
            self.scenes.values().flat_map(|scene| scene.account.cases.keys().cloned()).collect();
        cases.sort();
        cases
    }

    /// Open, paid for no case, and credit notes that wait.
    fn sums(&self) -> (i64, i64, i64) {
        let accounts = || self.scenes.values().map(|scene| &scene.account);
        let open = accounts().map(|account| account.open_total(Currency::EUR).minor()).sum();
        let left = accounts().map(|account| account.unallocated(Currency::EUR).minor()).sum();
        let waits = accounts().flat_map(|account| &account.credits).map(|credit| Money::minor(&credit.amount)).sum();
        (open, left, waits)
    }

    /// Cases that something other than a waiting credit note holds, which may find its invoice when accounts meet; or than a promise
    /// that was made before the case came, which ends with what it was about.
    fn held(&self) -> Vec<CaseId> {
        let accounts = self.scenes.values().map(|scene| &scene.account);
        let is_held = |account: &Account, case: &Case| {
            let of_a_credit = |hold: &Hold| account.credits.iter().any(|c| hold.source.as_ref() == Some(&c.source));
            let of_others = |hold: &Hold| {
                hold.reason == HoldReason::Promise && hold.cases.is_empty() && case.opened_on > hold.since
            };
            account.holds.iter().any(|hold| hold.covers(&case.id) && !of_a_credit(hold) && !of_others(hold))
        };
        accounts
            .flat_map(|account| account.open_cases().filter(|case| is_held(account, case)))
            .map(|case| case.id.clone())
            .collect()
    }

    fn check(&self) {
        self.cases().iter().for_each(|case| assert!(self.holder(case).is_some()));
        for (id, scene) in &self.scenes {
            let mut replayed = Account::new(id.clone());
            self.journal[id].iter().for_each(|fact| replayed.apply(fact));
            assert_eq!(replayed, scene.account, "the journal tells another story of {id}");
            for account_case in scene.account.cases.values() {
                let parts = || scene.account.payments.iter().flat_map(|payment| payment.by_case());
                let paid: i64 = parts().filter(|(case, ..)| *case == account_case.id).map(|(_, p, _)| p.minor()).sum();
                assert_eq!(account_case.paid.minor(), paid, "{}: its payments are where it is", account_case.id);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn each_case_is_in_one_account_whatever_is_merged_and_split(
        done in prop::collection::vec((any::<u8>(), any::<u8>(), any::<u8>()), 1..60)
    ) {
        let mut town = Town::new();
        for (kind, a, b) in done {
            town.do_one(kind, a, b);
        }
        town.check();
    }
}
