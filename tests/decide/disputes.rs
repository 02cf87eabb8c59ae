//! Disputes: of a part or all, what goes on meanwhile, what they undo, and how they end.

use super::scene::*;
use aanmaand::dunning::account::{ClosedAs, Letter, LetterState, PaymentSource};
use aanmaand::dunning::fact::Fact;
use aanmaand::dunning::hold::{HoldReason, Scope};
use aanmaand::dunning::input::{Act, DisputedPart, InTheRight, Input, Saying};
use aanmaand::dunning::policy::LegalStep;
use aanmaand::dunning::question::QuestionKind;

fn of(number: &str) -> Scope {
    Scope::Case(case(number))
}

fn disputes(number: &str, cents: i64, go_on: bool) -> Input {
    let part = Some(DisputedPart { amount: eur(cents), go_on });
    owner(Act::Dispute { scope: of(number), part, reason: "half of it was not delivered".into() })
}

fn resolves(number: &str, who: InTheRight) -> Input {
    owner(Act::Resolve { scope: of(number), who, reason: "looked at it".into() })
}

fn pays(scene: &Scene, id: &str, cents: i64) -> Input {
    Input::Payment { payment: money(id, cents, PaymentSource::Statement, scene.today), cases: vec![case("F1")] }
}

/// F1 of 100 is disputed by mail, F2 of 50 is open too; a reminder about F1 went out on 15 June.
fn disputed() -> Scene {
    let mut scene = Scene::reminded();
    scene.told(scene.filed("F2", 50_00, "2026-06-30"));
    let mail = scene.says("m1", Saying::Dispute);
    scene.told(mail);
    scene
}

#[test]
fn a_part_is_disputed() {
    let mut scene = disputed();
    scene.would("noted, and all stays held", disputes("F1", 40_00, false));
    scene.tell("the rest goes on", disputes("F1", 40_00, true));
    assert_eq!(scene.account.hold_on(&case("F1")), None);
    assert_eq!(scene.account.hold_on(&case("F2")).map(|hold| hold.reason), Some(HoldReason::Dispute));
    scene.days("only what is not disputed is asked", "2026-06-22");
    insta::assert_snapshot!(scene.text);
}

#[test]
fn what_cannot_be_disputed_changes_nothing() {
    for (cents, go_on) in [(0, false), (-10_00, true), (100_01, false), (100_00, true)] {
        let mut scene = Scene::reminded();
        assert_eq!(scene.told(disputes("F1", cents, go_on)), vec![], "{cents} {go_on}");
    }
    assert!(!Scene::reminded().told(disputes("F1", 100_00, false)).is_empty(), "all of it, and it stays held");
}

#[test]
fn paying_the_undisputed_part_never_closes_the_case() {
    let mut scene = disputed();
    scene.told(disputes("F1", 40_00, true));
    let payment = pays(&scene, "p1", 60_00);
    scene.tell("the undisputed part is paid", payment);
    assert!(scene.account.cases[&case("F1")].is_open());
    scene.days("the rest is the owner's", "2026-06-22").days("asked once", "2026-06-29");
    scene.question(QuestionKind::Dispute);
    for choice in ["keep", "write-off"] {
        let question = scene.question(QuestionKind::Dispute);
        scene.would(choice, Input::Answer { question, choice: choice.into(), by: "owner".into() });
    }
    scene.answers(QuestionKind::Dispute, "resolved").days("now it is asked", "2026-06-30");
    insta::assert_snapshot!(scene.text);
}

#[test]
fn how_a_dispute_ends() {
    let mut all = Vec::new();
    for (name, part, who) in [
        ("all was disputed, we are right", None, InTheRight::We),
        ("all was disputed, the debtor is right", None, InTheRight::Debtor(None)),
        ("all was disputed, the debtor is right about 30", None, InTheRight::Debtor(Some(eur(30_00)))),
        ("40 was disputed, we are right", Some(40_00), InTheRight::We),
        ("40 was disputed, the debtor is right", Some(40_00), InTheRight::Debtor(None)),
        ("40 was disputed, the debtor is right about 30", Some(40_00), InTheRight::Debtor(Some(eur(30_00)))),
        ("more than is open changes nothing", Some(40_00), InTheRight::Debtor(Some(eur(100_01)))),
    ] {
        let mut scene = disputed();
        if let Some(cents) = part {
            scene.told(disputes("F1", cents, true));
        }
        scene.tell(name, resolves("F1", who)).days("", "2026-06-22");
        all.push(scene.text);
    }
    insta::assert_snapshot!(all.join("---\n"));
}

#[test]
fn for_the_debtor_needs_to_know_which_claim_becomes_less() {
    let mut scene = disputed();
    let all = owner(Act::Resolve { scope: Scope::Debtor, who: InTheRight::Debtor(None), reason: "x".into() });
    assert_eq!(scene.told(all), vec![]);
    scene.told(resolves("F1", InTheRight::Debtor(None)));
    assert_eq!(scene.account.cases[&case("F1")].closed.as_ref().map(|c| c.how), Some(ClosedAs::Credited));
}

#[test]
fn a_credit_note_in_a_dispute() {
    let credited = |cents| {
        let mut scene = Scene::reminded();
        scene.told(disputes("F1", 40_00, true));
        let note = scene.credit_note("CN1", cents, Some("F1"));
        scene.tell("credited", note);
        scene
    };
    let same = credited(40_00);
    assert_eq!((same.account.cases[&case("F1")].disputed, same.account.holds.len()), (None, 0));
    let other = credited(25_00);
    other.question(QuestionKind::Dispute);
    assert_eq!(other.account.hold_on(&case("F1")).map(|hold| hold.reason), Some(HoldReason::Dispute));
    assert_eq!(credited(100_00).account.open_cases().count(), 0);
    insta::assert_snapshot!([same.text, other.text].join("---\n"));
}

// ── terms in law ────────────────────────────────────────────────────────────────────────────────────────────────────

/// A letter with a term in law about F1, in this state.
fn legal(scene: &mut Scene, state: LetterState, law: Option<LegalStep>) {
    let before = scene.account.letters.last().unwrap().clone();
    let covers = vec![(case("F1"), "fourteen-day-letter".into())];
    let letter = Letter { id: "L-law".into(), covers, formal: true, law, state, ..before };
    scene.told(Input::Day(world(scene.today)));
    scene.account.letters.push(letter);
}

fn voided(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| matches!(fact, Fact::TermVoided { letter, .. } if letter.as_str() == "L-law"))
}

#[test]
fn a_dispute_voids_a_term_in_law() {
    let on = day("2026-06-15");
    let law = Some(LegalStep::FourteenDayLetter);
    for (state, law, is_voided) in [
        (LetterState::Sent(on), law, true),
        (LetterState::Unknown(on), law, true),
        (LetterState::Bounced(on), law, false),
        (LetterState::Withdrawn, law, false),
        (LetterState::Rejected(on), law, false),
        (LetterState::Sent(on), None, false),
    ] {
        let told = |input: Box<dyn Fn(&Scene) -> Input>| {
            let mut scene = Scene::reminded();
            scene.told(scene.filed("F2", 50_00, "2026-07-10"));
            legal(&mut scene, state.clone(), law);
            let input = input(&scene);
            voided(&scene.told(input))
        };
        let part = |go_on| disputes("F1", 40_00, go_on);
        let whole = |scope| owner(Act::Dispute { scope, part: None, reason: String::new() });
        assert_eq!(told(Box::new(|scene| scene.says("m1", Saying::Dispute))), is_voided, "mail, {state:?}");
        assert_eq!(told(Box::new(move |_| whole(of("F1")))), is_voided, "owner, {state:?}");
        assert_eq!(told(Box::new(move |_| whole(Scope::Debtor))), is_voided, "owner, all, {state:?}");
        assert_eq!(told(Box::new(move |_| part(true))), is_voided, "a part, {state:?}");
        assert!(!told(Box::new(move |_| whole(of("F2")))), "another case, {state:?}");
        assert!(!told(Box::new(|scene| scene.says("m1", Saying::Question))), "a question, {state:?}");
    }
}

#[test]
fn a_term_is_voided_once_and_not_of_what_is_closed() {
    let mut scene = Scene::reminded();
    scene.told(scene.filed("F2", 50_00, "2026-07-10"));
    legal(&mut scene, LetterState::Sent(day("2026-06-15")), Some(LegalStep::NoticeOfDefault));
    let first = scene.says("m1", Saying::Dispute);
    assert!(voided(&scene.told(first)));
    let second = scene.says("m2", Saying::Dispute);
    assert!(!voided(&scene.told(second)));

    let mut paid = Scene::reminded();
    paid.told(paid.filed("F2", 50_00, "2026-07-10"));
    legal(&mut paid, LetterState::Sent(day("2026-06-15")), Some(LegalStep::NoticeOfDefault));
    let payment = pays(&paid, "p1", 100_00);
    paid.told(payment);
    let mail = paid.says("m1", Saying::Dispute);
    assert!(!voided(&paid.told(mail)), "it listed only what is paid");
}
