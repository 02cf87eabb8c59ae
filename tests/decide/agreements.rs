//! Promises and instalments: what is kept, kept in part, missed, and what stops all of it.

use super::scene::*;
use aanmaand::dunning::account::PaymentSource::Statement;
use aanmaand::dunning::account::PromiseState;
use aanmaand::dunning::debtor::DebtorKind;
use aanmaand::dunning::fact::Fact;
use aanmaand::dunning::gate::{GateClosed, gate};
use aanmaand::dunning::hold::{HoldReason, Scope};
use aanmaand::dunning::input::{Act, CameBack, Input, Meaning, Outcome, Said, Saying};
use aanmaand::dunning::outlook::{Coming, Start, outlook};
use aanmaand::dunning::plan::{Every, Instalment, Terms, equal};
use aanmaand::dunning::policy::FormalMode;
use aanmaand::dunning::question::QuestionKind;
use aanmaand::dunning::wake::wakes_on;
use aanmaand::dunning::world::World;
use chrono::Duration;

fn promises(scene: &Scene, id: &str, date: &str, amount: Option<&str>) -> Input {
    let said = Said { promise_date: Some(day(date)), amount: amount.map(str::to_owned), ..said(Saying::Promise) };
    scene.mail(id, Meaning::Human(said))
}

fn pays(scene: &Scene, id: &str, cents: i64, cases: &[&str]) -> Input {
    let cases = cases.iter().map(|number| case(number)).collect();
    Input::Payment { payment: money(id, cents, Statement, scene.today), cases }
}

#[test]
fn promises_are_kept_in_part_or_broken() {
    let mut all = Vec::new();
    for (name, amount, paid) in [
        ("all was promised, nothing came", None, 0),
        ("all was promised, a part came", None, 40_00),
        ("all was promised, all came", None, 100_00),
        ("a part was promised, nothing came", Some("60.00"), 0),
        ("a part was promised, less came", Some("60.00"), 59_99),
        ("a part was promised, just that came", Some("60.00"), 60_00),
        ("an amount that cannot be read counts as all", Some("60,00"), 60_00),
    ] {
        let mut scene = Scene::reminded();
        let promise = promises(&scene, "m1", "2026-06-19", amount);
        scene.tell(name, promise).on("2026-06-18");
        if paid > 0 {
            let payment = pays(&scene, "p1", paid, &["F1"]);
            scene.tell("paid", payment);
        }
        scene.days("the last day", "2026-06-24").days("the day after", "2026-06-25").days("a week on", "2026-06-29");
        all.push(scene.text);
    }
    insta::assert_snapshot!(all.join("---\n"));
}

#[test]
fn after_a_broken_promise_the_owner_is_asked() {
    let mut scene = Scene::reminded();
    let first = promises(&scene, "m1", "2026-06-19", None);
    scene.told(first);
    assert!(scene.account.questions.is_empty(), "the first is simply awaited");
    scene.on("2026-06-25").told(Input::Day(world(day("2026-06-25"))));
    assert_eq!(scene.account.promises[0].state, PromiseState::Broken);
    let second = promises(&scene, "m2", "2026-07-03", None);
    scene.tell("and again", second);
    assert!(scene.account.hold_on(&case("F1")).is_some(), "it holds all the same");
    scene.days("its day passed", "2026-07-09");
    assert!(scene.account.questions.is_empty(), "there is nothing to decide any more");
    insta::assert_snapshot!(scene.text);
}

#[test]
fn a_promise_about_one_case_is_not_judged_by_the_hold_of_another() {
    let mut scene = Scene::reminded();
    scene.told(scene.filed("F2", 50_00, "2026-06-30"));
    let promise = |number: &str, date: &str| {
        let scope = Scope::Case(case(number));
        owner(Act::Promise { scope, date: day(date), amount: None, reason: String::new() })
    };
    scene.told(promise("F1", "2026-06-17"));
    scene.told(promise("F2", "2026-07-10"));
    scene.days("the first ran out", "2026-06-25");
    assert_eq!(scene.account.promises.last().unwrap().state, PromiseState::Open);
    assert!(scene.account.hold_on(&case("F2")).is_some());
}

// ── instalments ─────────────────────────────────────────────────────────────────────────────────────────────────────

fn plan_of(scene: &Scene, numbers: &[&str], cents: i64, from: &str, whole_becomes_due: bool) -> Input {
    let mut terms = Terms {
        cases: numbers.iter().map(|number| case(number)).collect(),
        instalments: Vec::new(),
        grace_days: 3,
        whole_becomes_due,
    };
    let open = terms.open(&scene.account).unwrap();
    terms.instalments = equal(open, eur(cents), Every::Days(28), day(from), None).unwrap();
    owner(Act::Plan { terms, reason: "agreed by telephone".into() })
}

/// F1 (100, reminded) and F2 (50) in three instalments of 50 from 1 July; F3 (70) is not in it.
fn with_plan(whole_becomes_due: bool) -> Scene {
    let mut scene = Scene::reminded();
    scene.told(scene.filed("F2", 50_00, "2026-06-30"));
    scene.told(scene.filed("F3", 70_00, "2026-06-30"));
    let plan = plan_of(&scene, &["F1", "F2"], 50_00, "2026-07-01", whole_becomes_due);
    scene.tell("a plan", plan);
    scene
}

/// Each day up to this one; what is sent arrives. Days without anything are left out.
fn live_until(scene: &mut Scene, last: &str) {
    while scene.today < day(last) {
        scene.today += Duration::days(1);
        let (today, length) = (scene.today, scene.text.len());
        scene.tell(&today.format("%a %Y-%m-%d").to_string(), Input::Day(world(today)));
        if scene.text.ends_with("  -\n") {
            scene.text.truncate(length);
        }
        if let Some(letter) = scene.account.letter_underway().map(|letter| letter.id.clone()) {
            scene.told(Input::Letter { letter, outcome: Outcome::Sent { on: today, reply: "250".into() } });
        }
        announce(scene);
    }
}

/// What the digest of the day lists.
fn announce(scene: &mut Scene) {
    let due = aanmaand::dunning::instalments::due_letters(
        &scene.account,
        &scene.policy,
        scene.policy.sending.next_sending_day(scene.today + Duration::days(1), true),
    );
    let steps = due.into_iter().filter(|due| due.formal).flat_map(|due| due.covers).collect();
    scene.told(Input::Announced { steps });
}

#[test]
fn a_plan_that_is_kept() {
    let mut scene = with_plan(true);
    for (at, on) in ["2026-06-30", "2026-07-28", "2026-08-26"].into_iter().enumerate() {
        live_until(&mut scene, on);
        let payment = pays(&scene, &format!("p{at}"), 50_00, &["F1", "F2"]);
        scene.tell("an instalment", payment);
    }
    live_until(&mut scene, "2026-09-07");
    insta::assert_snapshot!(scene.text);
}

#[test]
fn an_instalment_that_is_missed() {
    let mut all = Vec::new();
    for (name, whole, paid_on) in [
        ("the whole becomes due", true, None),
        ("the owner is asked", false, None),
        ("paid after the letter", true, Some("2026-07-14")),
    ] {
        let mut scene = with_plan(whole);
        scene.text = format!("{name}\n");
        if let Some(on) = paid_on {
            live_until(&mut scene, on);
            let payment = pays(&scene, "p1", 50_00, &["F1", "F2"]);
            scene.tell("paid after all", payment);
        }
        live_until(&mut scene, "2026-08-03");
        all.push(scene.text);
    }
    insta::assert_snapshot!(all.join("---\n"));
}

#[test]
fn what_the_owner_answers_about_a_plan_that_is_not_kept() {
    for (choice, open, held) in [("resume", 3, false), ("keep", 3, true), ("write-off", 1, false)] {
        let mut scene = with_plan(false);
        live_until(&mut scene, "2026-07-23");
        scene.answers(QuestionKind::Plan, choice);
        assert_eq!(scene.account.open_cases().count(), open, "{choice}");
        assert_eq!(scene.account.hold_on(&case("F1")).is_some(), held, "{choice}");
        live_until(&mut scene, "2026-08-20");
        let asked = scene.account.questions.values().filter(|q| q.kind == QuestionKind::Plan).count();
        assert_eq!(asked, 0, "{choice}: asked once");
        if choice == "keep" {
            let payment = pays(&scene, "p1", 50_00, &["F1", "F2"]);
            scene.told(payment);
            let facts = scene.told(Input::Day(world(scene.today)));
            assert!(facts.contains(&Fact::PlanResumed { plan: 1 }), "{facts:?}");
        }
    }
}

#[test]
fn nothing_is_missed_before_the_bank_could_show_it() {
    let missed = |world: World| {
        let mut scene = with_plan(true);
        scene.today = world.today();
        let facts = scene.told(Input::Day(world));
        facts.iter().any(|fact| matches!(fact, Fact::InstalmentMissed { .. }))
    };
    let seventh = world(day("2026-07-07"));
    assert!(missed(seventh.clone()), "due on Wednesday the 1st, three banking days more");
    assert!(!missed(world(day("2026-07-06"))), "its grace has not passed");
    for (name, world) in [
        ("bank data ends before", World { bank_data_until: Some(day("2026-07-05")), ..seventh.clone() }),
        ("no bank data", World { bank_data_until: None, ..seventh.clone() }),
        ("the mailbox was not read", World { mailbox_read_at: None, ..seventh.clone() }),
        ("mail waits", World { mail_waiting: 1, ..seventh.clone() }),
        ("something is in quarantine", World { quarantined: Some("mail".into()), ..seventh }),
    ] {
        assert!(!missed(world), "{name}");
    }
}

#[test]
fn the_letter_passes_the_hold_of_its_plan_and_no_other() {
    let mut scene = with_plan(true);
    live_until(&mut scene, "2026-07-08");
    scene.days("the letter leaves", "2026-07-09");
    let letter = scene.account.letter_underway().expect("it is under way").clone();
    assert_eq!(letter.template, "missed-instalment");
    let closed = |scene: &Scene| gate(&scene.account, &letter.intended(), &scene.policy, &world(scene.today));
    assert_eq!(closed(&scene), vec![]);
    for what in [Saying::Dispute, Saying::Insolvency, Saying::Plan, Saying::Promise, Saying::Paid, Saying::Other] {
        let mut held = Scene { account: scene.account.clone(), ..Scene::new(DebtorKind::Business, "2026-07-09") };
        let mail = held.says("m9", what);
        held.told(mail);
        assert!(closed(&held).iter().any(|why| matches!(why, GateClosed::Held { .. })), "{what:?}");
    }
    let mut ended = Scene { account: scene.account.clone(), ..Scene::new(DebtorKind::Business, "2026-07-09") };
    ended.told(owner(Act::EndPlan { plan: 1, reason: String::new() }));
    assert!(closed(&ended).contains(&GateClosed::Superseded));
    let mut paid = Scene { account: scene.account.clone(), ..Scene::new(DebtorKind::Business, "2026-07-09") };
    let payment = pays(&paid, "p1", 50_00, &["F1"]);
    paid.told(payment);
    assert!(closed(&paid).contains(&GateClosed::Superseded));
    assert!(letter.covers.iter().all(|(_, step)| step.as_str() == "missed-instalment-1-1"));
}

#[test]
fn two_letters_wait_for_a_yes_side_by_side() {
    let mut scene = with_plan(true);
    scene.policy.formal_mode = FormalMode::Approve;
    scene.policy.mode = aanmaand::dunning::policy::Mode::Approve;
    for on in ["2026-07-07", "2026-07-08", "2026-07-09"] {
        scene.days("", on);
        announce(&mut scene);
    }
    let asked = scene.account.questions.values().filter(|q| q.kind == QuestionKind::Approval).count();
    assert_eq!((asked, scene.account.questions_asked), (2, 2), "each once: {}", scene.text);
}

#[test]
fn a_letter_that_came_back_is_the_owners() {
    let mut scene = with_plan(true);
    live_until(&mut scene, "2026-07-09");
    let letter = scene.account.letters.last().unwrap().id.clone();
    let bounce = Meaning::Bounce { letter: Some(letter), came_back: CameBack::Lasting, status: "5.1.1".into() };
    let mail = scene.mail("m1", bounce);
    scene.told(mail);
    scene.text.clear();
    live_until(&mut scene, "2026-08-03");
    assert_eq!(scene.text, "", "the bounce is a human's first");
    scene.answers(QuestionKind::Bounce, "resume");
    live_until(&mut scene, "2026-08-06");
    assert!(scene.account.plans[0].is_living());
    insta::assert_snapshot!(scene.text);
}

#[test]
fn what_the_owner_agrees_and_ends() {
    let mut scene = Scene::reminded();
    scene.told(scene.filed("F2", 50_00, "2026-06-30"));
    let wish = scene.says("m1", Saying::Plan);
    scene.told(wish);
    let plan = plan_of(&scene, &["F1"], 50_00, "2026-07-01", false);
    scene.tell("a plan for one of two: the wish holds the other", plan);
    scene.would("resume leaves the plan alone", owner(Act::Resume { scope: Scope::Debtor, reason: String::new() }));
    let both = plan_of(&scene, &["F1", "F2"], 75_00, "2026-07-01", false);
    scene.tell("another for both", both);
    let end = |plan| owner(Act::EndPlan { plan, reason: "too late".into() });
    scene.would("end the first, which ended already", end(1)).tell("end", end(2));
    insta::assert_snapshot!(scene.text);
}

#[test]
fn terms_that_do_not_fit_change_nothing() {
    let scene = with_plan(false);
    let terms = |numbers: &[&str], parts: &[(&str, i64)]| Terms {
        cases: numbers.iter().map(|number| case(number)).collect(),
        instalments: parts.iter().map(|(due, cents)| Instalment { due: day(due), amount: eur(*cents) }).collect(),
        grace_days: 3,
        whole_becomes_due: false,
    };
    for (terms, why) in [
        (terms(&["F9"], &[("2026-07-01", 70_00)]), "case C-F9 is not open"),
        (terms(&[], &[("2026-07-01", 70_00)]), "no instalment is named"),
        (terms(&["F3"], &[]), "no instalment is named"),
        (terms(&["F3"], &[("2026-07-01", 30_00)]), "come to 30.00, but 70.00 is open (40.00 is missing)"),
        (terms(&["F3"], &[("2026-07-01", 80_00)]), "(10.00 too much)"),
        (terms(&["F3"], &[("2026-07-01", 80_00), ("2026-08-01", -10_00)]), "more than zero"),
        (terms(&["F3"], &[("2026-08-01", 35_00), ("2026-08-01", 35_00)]), "order of their days"),
        (terms(&["F3"], &[("2026-08-01", 70_00)]), "plan 1 also runs for case C-F1"),
    ] {
        let fault = terms.check(&scene.account).unwrap_err().to_string();
        assert!(fault.contains(why), "{fault}");
        let mut tried = Scene { account: scene.account.clone(), ..Scene::new(DebtorKind::Business, "2026-06-16") };
        assert_eq!(tried.told(owner(Act::Plan { terms, reason: "x".into() })), vec![], "{why}");
    }
}

#[test]
fn a_case_that_opens_again_is_held_by_its_plan() {
    let mut scene = with_plan(false);
    let payment = pays(&scene, "p1", 50_00, &["F2"]);
    scene.told(payment);
    let text = "storno F2".to_owned();
    scene.told(Input::Reversal { case: case("F2"), amount: eur(50_00), source: "s1".into(), text });
    scene.told(Input::Day(world(scene.today)));
    scene.answers(QuestionKind::Reversal, "resume");
    assert_eq!(scene.account.hold_on(&case("F2")).map(|hold| hold.reason), Some(HoldReason::Plan));
}

#[test]
fn a_plan_of_cases_that_are_given_up_is_over() {
    let mut scene = with_plan(false);
    for number in ["F1", "F2"] {
        scene.told(owner(Act::WriteOff { case: case(number), reason: String::new() }));
    }
    assert!(scene.account.living_plan().is_none() && scene.account.holds.is_empty());
}

#[test]
fn what_lies_ahead_of_a_plan() {
    let scene = with_plan(false);
    let start = Start { now: day("2026-06-16").and_hms_opt(10, 0, 0).unwrap(), digest_made: true };
    let ahead = outlook(&scene.account, &scene.policy, start, day("2026-08-01"));
    let told: Vec<String> = ahead
        .iter()
        .map(|ahead| match &ahead.what {
            Coming::Instalment { amount, cases, .. } => format!("{} instalment {amount} for {cases:?}", ahead.on),
            Coming::Letter(letter) => format!("{} {}", ahead.on, letter.template),
            Coming::Task { kind, .. } => format!("{} {}", ahead.on, kind.code()),
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

// ── what stops everything ───────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn nothing_leaves_while_a_human_must_look() {
    for what in [Saying::Insolvency, Saying::Dispute, Saying::Question, Saying::Other] {
        let mut scene = with_plan(true);
        live_until(&mut scene, "2026-06-25");
        let letters = scene.account.letters.len();
        let mail = scene.says("m1", what);
        scene.told(mail);
        live_until(&mut scene, "2026-09-01");
        assert_eq!(scene.account.letters.len(), letters, "{what:?}");
        assert!(scene.account.plans[0].is_living(), "{what:?}: a human goes first");
    }
}

#[test]
fn an_insolvency_in_the_term_of_the_letter_leaves_the_plan_to_the_owner() {
    let mut scene = with_plan(true);
    live_until(&mut scene, "2026-07-10");
    let mail = scene.says("m1", Saying::Insolvency);
    scene.told(mail);
    scene.text.clear();
    live_until(&mut scene, "2026-08-10");
    assert!(scene.account.plans[0].is_living());
    scene.question(QuestionKind::Plan);
    scene.answers(QuestionKind::Insolvency, "resume");
    live_until(&mut scene, "2026-08-20");
    assert!(scene.account.plans[0].is_living(), "it does not end by itself after that");
}

#[test]
fn a_pause_until_a_day_on_one_case_frees_no_other() {
    let mut scene = Scene::reminded();
    scene.told(scene.filed("F2", 50_00, "2026-06-30"));
    let manual = |scope, until: Option<&str>| owner(Act::Hold { scope, reason: String::new(), until: until.map(day) });
    scene.told(manual(Scope::Debtor, None));
    scene.told(manual(Scope::Case(case("F1")), Some("2026-06-20")));
    let dispute = scene.says("m1", Saying::Dispute);
    scene.told(dispute);
    live_until(&mut scene, "2026-07-10");
    let reasons: Vec<_> = scene.account.holds.iter().map(|hold| (hold.scope.clone(), hold.reason)).collect();
    assert_eq!(reasons, [(Scope::Debtor, HoldReason::Manual), (Scope::Debtor, HoldReason::Dispute)]);
    assert_eq!(scene.account.letters.len(), 1);

    let mut one = Scene::reminded();
    one.told(one.filed("F2", 50_00, "2026-06-30"));
    one.told(manual(Scope::Case(case("F1")), Some("2026-07-01")));
    one.told(manual(Scope::Case(case("F2")), Some("2026-08-01")));
    live_until(&mut one, "2026-07-20");
    assert_eq!(one.account.hold_on(&case("F1")), None);
    assert_eq!(one.account.hold_on(&case("F2")).and_then(|hold| hold.until), Some(day("2026-08-01")));
    assert!(one.account.letters.iter().all(|letter| !letter.lists(&case("F2"))), "{}", one.text);
}

#[test]
fn a_debtor_with_a_plan_is_asked_about_every_day() {
    let mut scene = with_plan(false);
    scene.told(Input::Day(world(scene.today)));
    assert_eq!(wakes_on(&scene.account, &scene.policy, scene.today), scene.today);
}
