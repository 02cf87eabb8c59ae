//! How one debtor is treated: ladder, grace, smallest sum; and what the owner is told before a claim lapses.

use super::scene::*;
use aanmaand::dunning::account::PaymentSource;
use aanmaand::dunning::debtor::{DebtorKind, Language};
use aanmaand::dunning::fact::Fact;
use aanmaand::dunning::gate::{GateClosed, Intended, below_minimum, gate};
use aanmaand::dunning::hold::Scope;
use aanmaand::dunning::ids::StepId;
use aanmaand::dunning::input::{Act, Input, Outcome};
use aanmaand::dunning::instructions::Instructions;
use aanmaand::dunning::ladder_choice::{ChosenBy, LadderRefused};
use aanmaand::dunning::legal::{Interruption, lapse};
use aanmaand::dunning::money::Extras;
use aanmaand::dunning::plan::{Plan, PlanState};
use aanmaand::dunning::policy::{CostsAsked, FormalMode, Ladder, Policy};
use aanmaand::dunning::question::QuestionKind;
use aanmaand::dunning::schedule::due_letter;
use aanmaand::dunning::world::World;
use chrono::Duration;

fn instruct(instructions: Instructions) -> Input {
    owner(Act::Instruct { instructions: Box::new(instructions), reason: String::new() })
}

/// The first day on which a letter is requested.
fn first_letter(scene: &mut Scene) -> Option<String> {
    for _ in 0..90 {
        scene.today += Duration::days(1);
        let facts = scene.told(Input::Day(world(scene.today)));
        if facts.iter().any(|fact| matches!(fact, Fact::LetterRequested { .. })) {
            return Some(scene.today.to_string());
        }
    }
    None
}

#[test]
fn grace_moves_every_step_of_this_debtor() {
    let first = |grace| {
        let mut scene = Scene::owing();
        // The reminder, three days after Wednesday 10 June, falls on a Saturday.
        scene.on("2026-06-11");
        scene.told(instruct(Instructions { grace_days: grace, ..Instructions::default() }));
        first_letter(&mut scene)
    };
    assert_eq!(first(None).as_deref(), Some("2026-06-15"));
    assert_eq!(first(Some(0)).as_deref(), Some("2026-06-15"));
    assert_eq!(first(Some(7)).as_deref(), Some("2026-06-22"));
    assert_eq!(first(Some(-7)).as_deref(), Some("2026-06-15"), "a negative grace is no grace");
    assert_eq!(first(Some(100_000_000)).as_deref(), Some("2026-06-15"), "nor is one beyond all time");
}

#[test]
fn small_sums_wait_until_they_are_worth_a_letter() {
    let mut scene = Scene::owing();
    scene.told(scene.filed("F2", 1, "2026-06-11"));
    scene.told(owner(Act::Hold { scope: Scope::Case(case("F2")), reason: String::new(), until: None }));
    scene.on("2026-06-15");
    scene.told(instruct(Instructions { minimum: Some(eur(100_01)), ..Instructions::default() }));
    let closed = |scene: &Scene| {
        let due = due_letter(&scene.account, &scene.policy, scene.today).expect("a letter is due");
        gate(&scene.account, &due.intended(scene.today), &scene.policy, &world(scene.today))
    };
    assert_eq!(closed(&scene), [GateClosed::BelowMinimum { minimum: eur(100_01) }]);
    assert!(!closed(&scene)[0].is_about_the_letter(), "it waits, it is not wrong");
    assert!(scene.told(Input::Day(world(scene.today))).is_empty());
    // Together with another invoice it is enough.
    scene.told(owner(Act::Resume { scope: Scope::Case(case("F2")), reason: String::new() }));
    assert_eq!(closed(&scene), []);
    scene.told(instruct(Instructions { minimum: Some(eur(100_00)), ..Instructions::default() }));
    assert_eq!(closed(&scene), []);
    // A letter about an agreed instalment is written whatever its size; one about nothing has its own reason.
    let covers = [(case("F1"), StepId::missed_instalment(1, 0))];
    let about = |cents: i64, of_plan: bool| {
        let (covers, amounts) = (if of_plan { &covers[..] } else { &[] }, [(case("F1"), eur(cents))]);
        let due = due_letter(&scene.account, &scene.policy, scene.today).expect("a letter is due");
        let intended = Intended { covers, amounts: &amounts, extras: &[], ..due.intended(scene.today) };
        below_minimum(&scene.account, &intended, &scene.policy).is_some()
    };
    assert_eq!(
        [about(99_99, false), about(99_99, true), about(100_00, false), about(0, false)],
        [true, false, false, false]
    );
    let words: Vec<String> =
        Language::ALL.map(|language| GateClosed::BelowMinimum { minimum: eur(5_00) }.wording(language)).into();
    assert!(words.iter().all(|text| text.contains("5.00")) && words[0] != words[1], "{words:?}");
}

/// The policy with more named ladders: each a copy of that one, changed.
fn with_ladders(policy: &Policy, of: &str, names: &[&str], change: impl Fn(&mut Ladder)) -> Policy {
    let known = policy.ladders.values().find(|ladder| ladder.name == of).expect("it is built in");
    let mut policy = policy.clone();
    for name in names {
        let mut ladder = Ladder { name: (*name).to_owned(), ..known.clone() };
        change(&mut ladder);
        policy.named_ladders.insert((*name).to_owned(), ladder);
    }
    policy
}

#[test]
fn a_ladder_is_chosen_by_the_owner_and_else_by_the_kind() {
    let mut scene = Scene::owing();
    scene.policy =
        with_ladders(&scene.policy, "nl-business", &["nl-business-slow"], |ladder| ladder.steps[1].days = 20);
    let chosen = |scene: &Scene| {
        let (ladder, by) = scene.policy.ladder_choice(&scene.account).expect("a ladder");
        (ladder.name.clone(), by)
    };
    assert_eq!(chosen(&scene), ("nl-business".to_owned(), ChosenBy::Kind));
    let slow = Instructions { ladder: Some("nl-business-slow".into()), ..Instructions::default() };
    assert_eq!(scene.told(instruct(slow.clone())).len(), 1);
    assert!(scene.told(instruct(slow)).is_empty(), "the same again changes nothing");
    assert_eq!(chosen(&scene), ("nl-business-slow".to_owned(), ChosenBy::CommandLine));
    assert_eq!(first_letter(&mut scene).as_deref(), Some("2026-06-05"), "the note");
    scene.policy.named_ladders.clear();
    assert_eq!(chosen(&scene), ("nl-business".to_owned(), ChosenBy::Kind), "it is not configured any more");
    let refused = scene.policy.lost_ladder(&scene.account).expect("it is lost");
    assert!(matches!(&refused, LadderRefused::Unknown { choose, .. } if !choose.is_empty()), "{refused}");
}

#[test]
fn a_consumer_never_gets_a_ladder_without_protection() {
    let mut scene = Scene::new(DebtorKind::Consumer, "2026-05-20");
    scene.told(scene.filed("F1", 100_00, "2026-06-10"));
    let asks_costs = |ladder: &mut Ladder| ladder.steps.iter_mut().for_each(|step| step.costs = CostsAsked::Fixed);
    scene.policy = with_ladders(&scene.policy, "nl-consumer", &["nl-consumer-costs"], asks_costs);
    let same = ["nl-consumer-letter", "be-consumer-letter", "gentle"];
    scene.policy = with_ladders(&scene.policy, "nl-consumer", &same, |_| ());
    let too_early = |ladder: &mut Ladder| {
        let first = ladder.steps.iter_mut().find(|step| step.is_formal()).expect("a formal step");
        (first.costs, first.law) = (CostsAsked::Scale, None);
    };
    scene.policy = with_ladders(&scene.policy, "nl-consumer", &["nl-consumer-early"], too_early);
    for (name, allowed) in [
        ("nl-consumer", true),
        ("nl-consumer-letter", true),
        ("nl-business", false),
        ("nl-consumer-costs", false),
        ("nl-consumer-early", false),
        ("be-consumer-letter", false),
        ("gentle", false),
        ("nl-consumer-unknown", false),
    ] {
        let facts = scene.told(instruct(Instructions { ladder: Some(name.into()), ..Instructions::default() }));
        assert_eq!(facts.len(), usize::from(allowed), "{name}: {facts:?}");
    }
    // What was lawful for a business is not any more when it turns out to be a consumer.
    let mut scene = Scene::owing();
    scene.policy = with_ladders(&scene.policy, "nl-business", &["nl-business-slow"], |_| ());
    scene.told(instruct(Instructions { ladder: Some("nl-business-slow".into()), ..Instructions::default() }));
    scene.policy.overrides.entry("K1".into()).or_default().kind = Some(DebtorKind::Consumer);
    let (ladder, by) = scene.policy.ladder_choice(&scene.account).expect("a ladder");
    assert_eq!((ladder.name.as_str(), by), ("nl-consumer", ChosenBy::Kind));
}

#[test]
fn what_was_approved_is_asked_again_when_the_owner_decides_anew() {
    let mut scene = Scene::owing();
    scene.policy.mode = aanmaand::dunning::policy::Mode::Approve;
    scene.days("asked", "2026-06-15");
    let question = scene.question(QuestionKind::Approval);
    scene.told(Input::Answer { question, choice: "approve".into(), by: "owner".into() });
    assert_eq!(scene.account.approved.len(), 1);
    scene.told(instruct(Instructions { language: Some(Language::Nl), ..Instructions::default() }));
    assert!(scene.account.approved.is_empty());
    scene.days("asked again", "2026-06-15");
    scene.question(QuestionKind::Approval);
    scene.told(instruct(Instructions { contact: Some("De Vries".into()), ..Instructions::default() }));
    assert!(scene.account.questions.is_empty(), "{:?}", scene.account.questions);
}

// ── limitation ──────────────────────────────────────────────────────────────────────────────────────────────────

fn limitation_asked(scene: &mut Scene, today: &str) -> bool {
    scene.on(today);
    let facts = scene.told(Input::Day(world(scene.today)));
    facts
        .iter()
        .any(|fact| matches!(fact, Fact::QuestionAsked { question } if question.kind == QuestionKind::Limitation))
}

fn held(kind: DebtorKind) -> Scene {
    let mut scene = Scene::new(kind, "2026-05-20");
    scene.told(scene.filed("F1", 100_00, "2026-06-10"));
    scene.told(owner(Act::Hold { scope: Scope::Debtor, reason: "talks".into(), until: None }));
    scene
}

#[test]
fn the_owner_is_told_half_a_year_and_a_month_before_a_claim_lapses() {
    for (kind, days, article) in [
        (DebtorKind::Business, ["2030-12-09", "2030-12-10", "2031-05-09", "2031-05-10"], "art. 3:307 BW"),
        (DebtorKind::Consumer, ["2027-12-09", "2027-12-10", "2028-05-09", "2028-05-10"], "art. 7:28 BW"),
    ] {
        let mut scene = held(kind);
        let asked: Vec<bool> = days.iter().map(|today| limitation_asked(&mut scene, today)).collect();
        assert_eq!(asked, [false, true, false, true], "{kind:?}");
        let question = scene.account.questions.values().find(|q| q.kind == QuestionKind::Limitation).unwrap().clone();
        assert!(question.text.contains(article) && question.text.contains("art. 3:317 BW"), "{}", question.text);
        assert_eq!(question.since.to_string(), days[3]);
        assert_eq!(scene.account.limitation_warnings.len(), 2);
        let seen = Input::Answer { question: question.id, choice: "seen".into(), by: "owner".into() };
        assert_eq!(scene.told(seen).len(), 1, "it is only seen");
        assert!(!limitation_asked(&mut scene, days[3]), "not twice");
        assert!(!limitation_asked(&mut scene, "2032-01-01"), "nor when it has lapsed");
    }
}

#[test]
fn what_is_old_at_first_sight_is_told_once() {
    let mut scene = Scene::new(DebtorKind::Consumer, "2026-06-20");
    scene.told(scene.filed("F1", 100_00, "2024-06-25"));
    assert!(limitation_asked(&mut scene, "2026-06-20"));
    assert!(!limitation_asked(&mut scene, "2026-06-21"));
    assert_eq!(scene.account.limitation_warnings.len(), 1);
}

#[test]
fn what_has_lapsed_before_first_sight_is_told_as_that() {
    let mut scene = Scene::new(DebtorKind::Business, "2026-06-20");
    scene.told(scene.filed("F1", 100_00, "2021-06-10"));
    assert!(limitation_asked(&mut scene, "2026-06-20"));
    let text = scene.account.questions.values().find(|q| q.kind == QuestionKind::Limitation).unwrap().text.clone();
    assert!(text.contains("2026-06-10") && !text.contains("3:317"), "no demand begins a new term: {text}");
    assert!(!limitation_asked(&mut scene, "2026-06-21"));
}

#[test]
fn never_dunned_is_told_too_and_closed_or_belgian_is_not() {
    let mut scene = held(DebtorKind::Consumer);
    scene.told(instruct(Instructions { never_dun: Some(true), ..Instructions::default() }));
    assert!(limitation_asked(&mut scene, "2027-12-10"));
    let mut scene = held(DebtorKind::Consumer);
    scene.told(owner(Act::WriteOff { case: case("F1"), reason: String::new() }));
    assert!(!limitation_asked(&mut scene, "2027-12-10"));
    let mut scene = held(DebtorKind::Consumer);
    if let Some(debtor) = &mut scene.account.debtor {
        debtor.country = Some("BE".into());
    }
    assert!(!limitation_asked(&mut scene, "2027-12-10"));
}

#[test]
fn what_interrupts_begins_a_new_term() {
    let last = |scene: &Scene| {
        let lapse = lapse(&scene.account, &scene.account.cases[&case("F1")], &scene.policy).unwrap();
        (lapse.last_day.to_string(), lapse.interrupted.into_iter().map(|(_, how)| how).collect::<Vec<_>>())
    };
    let mut scene = held(DebtorKind::Consumer);
    assert_eq!(last(&scene), ("2028-06-10".into(), vec![]));
    scene.on("2026-07-01").told(owner(Act::Promise {
        scope: Scope::Case(case("F1")),
        date: day("2026-07-10"),
        amount: None,
        reason: String::new(),
    }));
    assert_eq!(last(&scene), ("2028-07-01".into(), vec![Interruption::Promise]));
    let part = money("S1", 10_00, PaymentSource::Statement, day("2026-08-03"));
    scene.on("2026-08-04").told(Input::Payment { payment: part, cases: vec![case("F1")] });
    assert_eq!(last(&scene), ("2028-08-03".into(), vec![Interruption::Promise, Interruption::PartPayment]));
    let plan = Plan {
        number: 1,
        cases: vec![case("F1")],
        instalments: Vec::new(),
        agreed_on: day("2026-09-01"),
        grace_days: 3,
        whole_becomes_due: false,
        evidence: None,
        paid_before: Extras::default(),
        state: PlanState::Ended,
    };
    scene.account.apply(&Fact::PlanAgreed { plan });
    assert_eq!(last(&scene).0, "2028-09-01");
    assert!(limitation_asked(&mut scene, "2028-03-01"));
    // The question is moot when a new term begins.
    let part = money("S2", 10_00, PaymentSource::Statement, day("2028-03-02"));
    scene.on("2028-03-02").told(Input::Payment { payment: part, cases: vec![case("F1")] });
    assert!(!limitation_asked(&mut scene, "2028-03-03"));
    assert!(scene.account.questions.values().all(|q| q.kind != QuestionKind::Limitation));
}

#[test]
fn only_a_formal_letter_that_arrived_is_sure_to_reserve_rights() {
    let mut scene = Scene::reminded();
    scene.policy.formal_mode = FormalMode::Auto;
    let last =
        |scene: &Scene| lapse(&scene.account, &scene.account.cases[&case("F1")], &scene.policy).unwrap().last_day;
    assert_eq!(last(&scene), day("2031-06-10"), "a reminder is not sure to");
    while !scene.account.letters.iter().any(|letter| letter.formal) {
        scene.today += Duration::days(1);
        scene.told(Input::Announced { steps: vec![(case("F1"), "formal-notice".into())] });
        let world = World { bank_data_until: Some(scene.today), ..world(scene.today) };
        scene.told(Input::Day(world));
        if let Some(letter) = scene.account.letter_underway().map(|letter| letter.id.clone()) {
            let outcome = Outcome::Sent { on: scene.today, reply: "250".into() };
            scene.told(Input::Letter { letter, outcome });
        }
        assert!(scene.today < day("2026-12-31"), "the formal notice never left");
    }
    let sent = scene.today;
    assert_eq!(last(&scene).to_string(), format!("2031-{}", sent.format("%m-%d")));
    let letter = scene.account.letters.last().unwrap().id.clone();
    scene.account.apply(&Fact::LetterBounced { letter, on: sent, why: "5.1.1".into() });
    assert_eq!(last(&scene), day("2031-06-10"), "it did not arrive");
}
