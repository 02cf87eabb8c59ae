//! The letter of thanks: once for a case that the bank shows as paid, and never where anything speaks against it, nor instead of a letter
//! that asks something.

use super::scene::*;
use aanmaand::dunning::account::PaymentSource::{self, Notice, Statement};
use aanmaand::dunning::account::{ClosedAs, LetterState};
use aanmaand::dunning::debtor::DebtorKind;
use aanmaand::dunning::fact::Fact;
use aanmaand::dunning::gate::{GateClosed, gate};
use aanmaand::dunning::hold::Scope;
use aanmaand::dunning::input::{Act, DisputedPart, Input, Outcome, Saying};
use aanmaand::dunning::instalments::due_letters;
use aanmaand::dunning::instructions::Instructions;
use aanmaand::dunning::outlook::{Coming, Start, outlook};
use aanmaand::dunning::policy::{Freshness, Mode};
use aanmaand::dunning::question::QuestionKind;
use aanmaand::dunning::thanks;
use chrono::Duration;

/// What happens to a scene.
type Change = fn(&mut Scene);

/// F1 was reminded of on 15 June, and it is the day after.
fn reminded() -> Scene {
    let mut scene = Scene::reminded();
    scene.policy.thanks = true;
    scene
}

fn pays(scene: &mut Scene, id: &str, cents: i64, source: PaymentSource) -> Vec<Fact> {
    let payment = money(id, cents, source, scene.today);
    scene.told(Input::Payment { payment, cases: vec![case("F1")] })
}

fn paid() -> Scene {
    let mut scene = reminded();
    pays(&mut scene, "p1", 100_00, Statement);
    scene
}

/// Lives until that day, every letter that is made leaves; the days on which thanks were said, and all letters.
fn lives(scene: &mut Scene, until: &str) -> (Vec<String>, Vec<String>) {
    let (mut thanked, mut all) = (Vec::new(), Vec::new());
    while scene.today < day(until) {
        let today = scene.today + Duration::days(1);
        scene.on(&today.to_string());
        for fact in scene.told(Input::Day(world(today))) {
            let Fact::LetterRequested { letter } = fact else { continue };
            all.push(format!("{today} {}", letter.template));
            if letter.is_thanks() {
                thanked.push(today.to_string());
            }
            scene.told(Input::Letter { letter: letter.id, outcome: Outcome::Sent { on: today, reply: String::new() } });
        }
    }
    (thanked, all)
}

fn again(scene: &Scene) -> Scene {
    let (account, policy) = (scene.account.clone(), scene.policy.clone());
    Scene { account, policy, today: scene.today, kind: scene.kind, text: String::new() }
}

fn formal_step_done(scene: &mut Scene, id: &str) {
    let formal = scene.policy.ladder(&scene.account).unwrap().steps.iter().find(|step| step.is_formal()).unwrap();
    let (step, on, why) = (formal.id.clone(), scene.today, String::new());
    scene.account.apply(&Fact::StepDone { case: case(id), step, on, why });
}

fn taken_back(cents: i64) -> Input {
    Input::Reversal { case: case("F1"), amount: eur(cents), source: "r1".into(), text: "taken back".into() }
}

#[test]
fn thanks_are_said_once() {
    let mut scene = reminded();
    let payment = money("p1", 100_00, Statement, scene.today);
    scene.tell("the bank shows it", Input::Payment { payment, cases: vec![case("F1")] });
    scene.days("too soon after the reminder", "2026-06-19");
    scene.days("thanks", "2026-06-22");
    let letter = scene.account.letters.last().unwrap().clone();
    assert!(letter.is_thanks() && letter.intended().asked(&scene.account).is_none());
    scene.tell(
        "it left",
        Input::Letter { letter: letter.id, outcome: Outcome::Sent { on: scene.today, reply: String::new() } },
    );
    scene.days("nothing more", "2026-06-23");
    scene.tell("the bank takes it back", taken_back(100_00));
    scene.answers(QuestionKind::Reversal, "resumed");
    let payment = money("p2", 100_00, Statement, scene.today);
    scene.tell("paid again", Input::Payment { payment, cases: vec![case("F1")] });
    scene.days("thanks were said", "2026-06-29");
    insta::assert_snapshot!(scene.text);
}

#[test]
fn several_paid_invoices_are_one_letter() {
    let mut scene = reminded();
    scene.told(scene.filed("F2", 50_00, "2026-06-30"));
    let payment = money("p1", 150_00, Statement, scene.today);
    scene.told(Input::Payment { payment, cases: vec![case("F1"), case("F2")] });
    let (thanked, _) = lives(&mut scene, "2026-07-05");
    assert_eq!(thanked.len(), 1);
    assert_eq!(scene.account.letters.last().unwrap().covers.len(), 2);
}

/// What speaks against thanks: told before the payment or after it.
#[test]
fn who_is_not_thanked() {
    let before: [(&str, Change); 12] = [
        ("thanks are off", |s| s.policy.thanks = false),
        ("only observing", |s| s.policy.mode = Mode::Observe),
        ("the owner wants no letters", |s| {
            let instructions = Box::new(Instructions { never_dun: Some(true), ..Instructions::default() });
            s.told(owner(Act::Instruct { instructions, reason: String::new() }));
        }),
        ("a dispute", |s| {
            s.told(s.says("m1", Saying::Dispute));
        }),
        ("a dispute of this case only", |s| {
            s.told(owner(Act::Dispute { scope: Scope::Case(case("F1")), part: None, reason: String::new() }));
        }),
        ("a dispute of a part of it", |s| {
            let part = Some(DisputedPart { amount: eur(20_00), go_on: true });
            s.told(owner(Act::Dispute { scope: Scope::Case(case("F1")), part, reason: String::new() }));
        }),
        ("insolvency", |s| {
            s.told(s.says("m1", Saying::Insolvency));
        }),
        ("an answer that nobody read", |s| {
            s.told(s.says("m1", Saying::Other));
        }),
        ("held by hand", |s| {
            s.told(owner(Act::Hold { scope: Scope::Case(case("F1")), reason: String::new(), until: None }));
        }),
        ("another case in formal steps", |s| {
            s.told(s.filed("F0", 70_00, "2026-06-17"));
            formal_step_done(s, "F0");
        }),
        ("a part of the other invoice is disputed", |s| {
            s.told(s.filed("F2", 50_00, "2026-08-30"));
            let part = Some(DisputedPart { amount: eur(20_00), go_on: true });
            s.told(owner(Act::Dispute { scope: Scope::Case(case("F2")), part, reason: String::new() }));
        }),
        ("an address that is no good", |s| {
            let (address, on, why) = ("kas@jansen.example".to_owned(), s.today, String::new());
            s.account.apply(&Fact::AddressFailed { address, on, lasting: true, why });
        }),
    ];
    for (name, change) in before {
        let mut scene = reminded();
        change(&mut scene);
        pays(&mut scene, "p1", 100_00, Statement);
        assert!(!scene.account.cases[&case("F1")].is_open(), "{name}");
        assert_eq!(lives(&mut scene, "2026-07-10").0, [""; 0], "{name}");
    }
    let after: [(&str, Change); 5] = [
        ("the money went back", |s| {
            s.told(taken_back(100_00));
        }),
        ("it went back and came again, and the owner has not said why", |s| {
            s.told(taken_back(100_00));
            pays(s, "p2", 100_00, Statement);
        }),
        ("a dispute after it", |s| {
            s.told(s.says("m1", Saying::Dispute));
        }),
        ("they wrote, and thanks would look like the answer", |s| {
            s.told(s.says("m1", Saying::Acknowledge));
        }),
        ("nothing was decided for two weeks", |s| {
            s.on("2026-07-01");
        }),
    ];
    for (name, change) in after {
        let mut scene = paid();
        change(&mut scene);
        assert_eq!(lives(&mut scene, "2026-07-14").0, [""; 0], "{name}");
    }
    assert_eq!(lives(&mut paid(), "2026-07-14").0, ["2026-06-22"]);
}

#[test]
fn who_did_not_pay_is_not_thanked() {
    let how: [(&str, Change); 5] = [
        ("in part", |s| {
            pays(s, "p1", 40_00, Statement);
        }),
        ("as the owner says", |s| {
            let (amount, on, reason) = (None, s.today, String::new());
            s.told(owner(Act::Paid { case: case("F1"), amount, on, reason }));
        }),
        ("half of it as the owner says", |s| {
            pays(s, "p1", 40_00, Statement);
            let (amount, on, reason) = (None, s.today, String::new());
            s.told(owner(Act::Paid { case: case("F1"), amount, on, reason }));
        }),
        ("written off", |s| {
            s.told(owner(Act::WriteOff { case: case("F1"), reason: String::new() }));
        }),
        ("credited", |s| {
            s.told(s.credit_note("C1", 100_00, Some("F1")));
        }),
    ];
    for (name, change) in how {
        let mut scene = reminded();
        change(&mut scene);
        assert_eq!(lives(&mut scene, "2026-07-14").0, [""; 0], "{name}");
    }
    let mut old = reminded();
    let payment = money("p1", 100_00, Statement, day("2026-05-30"));
    old.told(Input::Payment { payment, cases: vec![case("F1")] });
    assert!(!old.account.cases[&case("F1")].closed.as_ref().unwrap().thanks);
    assert_eq!(lives(&mut old, "2026-07-14").0, [""; 0], "told late");
}

/// What a bank's mail told waits for the statement where one comes; else it is said with a reservation.
#[test]
fn what_is_only_announced() {
    let mut scene = reminded();
    pays(&mut scene, "n1", 100_00, Notice);
    scene.on("2026-06-22");
    let mut behind = world(scene.today);
    behind.bank_data_until = Some(day("2026-06-15"));
    let facts = scene.told(Input::Day(behind));
    assert!(facts.is_empty(), "{facts:?}");
    assert_eq!(due_letters(&scene.account, &scene.policy, scene.today), []);
    pays(&mut scene, "p1", 100_00, Statement);
    assert_eq!(lives(&mut scene, "2026-07-01").0, ["2026-06-23"]);
    assert!(!thanks::is_provisional(&scene.account, scene.account.letters.last().unwrap()));
    let mut alone = reminded();
    alone.policy.freshness = Freshness::Notices;
    pays(&mut alone, "n1", 100_00, Notice);
    assert_eq!(lives(&mut alone, "2026-07-01").0, ["2026-06-22"]);
    assert!(thanks::is_provisional(&alone.account, alone.account.letters.last().unwrap()));
}

/// F2 is due on 10 June, so its reminder comes on Monday the 15th; F1 is paid before, on that day.
fn with_another(paid: &str, thanks: bool) -> Scene {
    let mut scene = Scene::new(DebtorKind::Business, "2026-05-20");
    scene.policy.thanks = thanks;
    scene.told(scene.filed("F1", 100_00, "2026-07-10"));
    scene.told(scene.filed("F2", 50_00, "2026-06-10"));
    lives(&mut scene, paid);
    pays(&mut scene, "p1", 100_00, Statement);
    scene
}

#[test]
fn what_is_asked_comes_first() {
    for (paid, said) in [("2026-06-10", &["2026-06-11"][..]), ("2026-06-12", &[])] {
        let asked = lives(&mut with_another(paid, false), "2026-08-30").1;
        let (thanked, mut all) = lives(&mut with_another(paid, true), "2026-08-30");
        assert_eq!(thanked, said, "{paid}: {all:?}");
        all.retain(|letter| !letter.ends_with("thanks"));
        assert!(all.first().is_some_and(|first| first == "2026-06-15 reminder"));
        assert_eq!(all, asked, "no letter was put off");
    }
}

#[test]
fn only_what_is_asked_is_due() {
    let mut scene = with_another("2026-06-12", true);
    scene.on("2026-06-15");
    let due = due_letters(&scene.account, &scene.policy, scene.today);
    assert_eq!(due.iter().map(|due| due.template.as_str()).collect::<Vec<_>>(), ["reminder"]);
}

#[test]
fn a_reminder_does_not_wait_for_thanks() {
    let mut scene = with_another("2026-06-10", true);
    let letter = lives_until_thanks(&mut scene);
    let asks = |scene: &mut Scene| {
        scene.on("2026-06-15");
        let facts = scene.told(Input::Day(world(scene.today)));
        facts.iter().any(|fact| matches!(fact, Fact::LetterRequested { letter } if !letter.is_thanks()))
    };
    let mut unknown = again(&scene);
    assert!(asks(&mut scene), "while they wait in the outbox");
    let outcome = Outcome::Unknown { on: day("2026-06-11"), why: "no answer".to_owned() };
    unknown.told(Input::Letter { letter, outcome });
    assert!(asks(&mut unknown), "while nobody knows of them");
}

/// Thanks leave room for the day's other letters.
#[test]
fn thanks_take_half_of_the_days_letters() {
    let closed = |sent_today| {
        let mut scene = paid();
        let id = lives_until_thanks(&mut scene);
        let letter = scene.account.letter(&id).unwrap().clone();
        let world = aanmaand::dunning::world::World { sent_today, per_day: 7, ..world(scene.today) };
        gate(&scene.account, &letter.intended(), &scene.policy, &world)
    };
    assert_eq!(closed(3), []);
    assert_eq!(closed(4), [GateClosed::PerDay { limit: 4 }]);
}

/// Never two on one day, whatever they say.
#[test]
fn one_letter_a_day() {
    let mut scene = with_another("2026-06-10", true);
    let letter = lives_until_thanks(&mut scene);
    let outcome = Outcome::Sent { on: day("2026-06-15"), reply: String::new() };
    scene.told(Input::Letter { letter, outcome });
    scene.on("2026-06-15");
    assert_eq!(scene.told(Input::Day(world(scene.today))), []);
    scene.on("2026-06-16");
    assert_eq!(scene.told(Input::Day(world(scene.today))).len(), 1);
}

fn lives_until_thanks(scene: &mut Scene) -> aanmaand::dunning::ids::LetterId {
    loop {
        let today = scene.today + Duration::days(1);
        scene.on(&today.to_string());
        for fact in scene.told(Input::Day(world(today))) {
            let Fact::LetterRequested { letter } = fact else { continue };
            assert!(letter.is_thanks(), "{}", letter.template);
            return letter.id;
        }
        assert!(today < day("2026-08-01"), "no thanks");
    }
}

#[test]
fn a_letter_of_thanks_that_became_wrong_is_taken_back() {
    let changes: [(&str, Change, &str); 8] = [
        ("the money went back", |s| drop(s.told(taken_back(100_00))), "not_paid"),
        ("a dispute", |s| drop(s.told(s.says("m1", Saying::Dispute))), "held"),
        ("thanks are off", |s| s.policy.thanks = false, "superseded"),
        (
            "the money is only announced after all",
            |s| s.account.payments.iter_mut().for_each(|p| (p.source, p.confirmed) = (Notice, false)),
            "not_paid",
        ),
        (
            "another letter is due",
            |s| s.account.cases.get_mut(&case("F2")).unwrap().due_date = day("2026-06-01"),
            "superseded",
        ),
        (
            "the money came long ago",
            |s| s.account.payments.iter_mut().for_each(|p| p.booked = day("2026-05-30")),
            "superseded",
        ),
        ("the other invoice is in formal steps", |s| formal_step_done(s, "F2"), "formal_steps"),
        (
            "written off",
            |s| {
                s.account.cases.get_mut(&case("F1")).unwrap().closed.as_mut().unwrap().how = ClosedAs::WrittenOff;
            },
            "not_paid",
        ),
    ];
    for (name, change, code) in changes {
        let mut scene = reminded();
        scene.told(scene.filed("F2", 50_00, "2026-09-10"));
        pays(&mut scene, "p1", 100_00, Statement);
        let id = lives_until_thanks(&mut scene);
        let letter = scene.account.letter(&id).unwrap().clone();
        let closed = |scene: &Scene| gate(&scene.account, &letter.intended(), &scene.policy, &world(scene.today));
        assert_eq!(closed(&scene), [], "{name}");
        change(&mut scene);
        let closed = closed(&scene);
        assert!(closed.iter().any(|gate| gate.code() == code), "{name}: {closed:?}");
        assert!(closed.iter().any(GateClosed::is_about_the_letter), "{name}");
    }
}

/// What left after the backup was taken is forgotten: for money of those days no thanks are said.
#[test]
fn after_a_restored_backup() {
    let scene = paid();
    let at = day("2026-06-22");
    let said = |restored_on| {
        let mut scene = again(&scene);
        scene.on("2026-06-22");
        let world = aanmaand::dunning::world::World { restored_on, ..world(at) };
        !scene.told(Input::Day(world)).is_empty()
    };
    assert!(said(None) && said(Some(day("2026-06-15"))));
    assert!(!said(Some(day("2026-06-16"))) && !said(Some(at)));
}

/// The owner is not held up by a letter that asks nothing.
#[test]
fn thanks_that_are_refused_hold_nobody() {
    let mut scene = paid();
    let letter = lives_until_thanks(&mut scene);
    let outcome = |address| Outcome::Rejected { on: day("2026-06-22"), why: "550 5.7.1".into(), address };
    let mut dead = again(&scene);
    scene.told(Input::Letter { letter: letter.clone(), outcome: outcome(false) });
    assert!(scene.account.holds.is_empty() && scene.account.questions.is_empty());
    assert!(matches!(scene.account.letters.last().unwrap().state, LetterState::Rejected(_)));
    assert_eq!(lives(&mut scene, "2026-07-10").0, [""; 0], "nor are they tried again");
    dead.told(Input::Letter { letter, outcome: outcome(true) });
    assert!(!dead.account.holds.is_empty(), "an address that is no good concerns every letter");
}

#[test]
fn thanks_wait_for_a_yes() {
    let asks = || {
        let mut scene = paid();
        scene.policy.mode = Mode::Approve;
        scene.on("2026-06-22");
        scene.told(Input::Day(world(scene.today)));
        assert_eq!(scene.account.questions.len(), 1);
        scene
    };
    let mut yes = asks();
    yes.answers(QuestionKind::Approval, "approve");
    let facts = yes.told(Input::Day(world(yes.today)));
    assert!(matches!(facts.as_slice(), [Fact::LetterRequested { .. }]), "{facts:?}");
    let mut no = asks();
    no.answers(QuestionKind::Approval, "skip");
    assert_eq!(no.told(Input::Day(world(no.today))), []);
    // Nobody answered, and it becomes too late: the question goes.
    let mut late = asks();
    assert!(thanks::are_awaited(&late.account, &late.policy, day("2026-07-20")));
    late.on("2026-07-20");
    late.told(Input::Day(world(late.today)));
    assert!(late.account.questions.is_empty() && !thanks::are_awaited(&late.account, &late.policy, late.today));
}

#[test]
fn what_lies_ahead_tells_of_thanks() {
    let scene = paid();
    let start = Start { now: scene.today.and_hms_opt(10, 0, 0).unwrap(), digest_made: true };
    let ahead = outlook(&scene.account, &scene.policy, start, day("2026-12-31"));
    let [only] = ahead.as_slice() else { panic!("{ahead:?}") };
    assert!(matches!(&only.what, Coming::Letter(letter) if letter.is_thanks()));
    assert_eq!(only.on, day("2026-06-22"));
}
