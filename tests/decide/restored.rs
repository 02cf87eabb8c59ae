//! After a restored backup: a letter that a copy proves is taken as sent, one that may have left is asked about.

use super::scene::*;
use aanmaand::dunning::debtor::DebtorKind;
use aanmaand::dunning::gate::gate;
use aanmaand::dunning::hold::{HoldReason, Scope};
use aanmaand::dunning::input::{Act, FoundLetter, Input};
use aanmaand::dunning::question::QuestionKind;
use aanmaand::dunning::schedule::due_letter;

fn found(covers: &[(&str, &str)], on: &str) -> Input {
    Input::LetterFound(FoundLetter {
        covers: covers.iter().map(|(number, step)| (case(number), (*step).into())).collect(),
        recipient: "kas@jansen.example".into(),
        on: day(on),
        place: "Sent 12".into(),
    })
}

#[test]
fn a_letter_that_is_found_is_not_sent_again_and_the_ladder_goes_on_from_it() {
    let mut scene = Scene::owing();
    scene.on("2026-07-01");
    scene.would("without a copy the reminder leaves", Input::Day(world(scene.today)));
    scene.tell("the reminder is found", found(&[("F1", "reminder")], "2026-06-15"));
    scene.tell("it is found once more", found(&[("F1", "reminder")], "2026-06-15"));
    scene.days("the second reminder, and no first", "2026-07-01");
    let letter = scene.underway();
    scene.tell("of which a copy is found too", found(&[("F1", "second-reminder")], "2026-06-22"));
    assert!(scene.account.letter(&letter).is_some_and(|letter| letter.left_on() == Some(day("2026-06-22"))));
    let mut consumer = Scene::new(DebtorKind::Consumer, "2026-05-20");
    consumer.told(consumer.filed("F1", 100_00, "2026-06-10"));
    consumer.on("2026-08-01");
    consumer
        .tell("a letter in law that would not be made so today", found(&[("F1", "fourteen-day-letter")], "2026-07-20"));
    insta::assert_snapshot!(format!("{}\n---\n{}", scene.text, consumer.text));
}

#[test]
fn who_may_have_been_written_to_is_held_and_asked_about() {
    let mut scene = Scene::owing();
    scene.on("2026-06-12");
    scene.tell("nothing can have left by then", Input::MaybeSent { since: day("2026-06-12") });
    scene.on("2026-07-02");
    scene.tell("a reminder and a second one may have left", Input::MaybeSent { since: day("2026-06-12") });
    assert!(scene.account.hold_on(&case("F1")).is_some_and(|hold| hold.reason == HoldReason::Restored));
    scene.days("it is held", "2026-07-03");
    let due = due_letter(&scene.account, &scene.policy, scene.today);
    assert!(due.is_none_or(|due| {
        !gate(&scene.account, &due.intended(scene.today), &scene.policy, &world(scene.today)).is_empty()
    }));
    let mut other = Scene {
        account: scene.account.clone(),
        policy: policy(),
        today: scene.today,
        kind: scene.kind,
        text: String::new(),
    };
    scene.answers(QuestionKind::LostLetter, "was-sent");
    scene.days("it is still held", "2026-07-03");
    scene.answers(QuestionKind::LostLetter, "not-sent");
    scene.days("the second reminder leaves", "2026-07-13");
    other.answers(QuestionKind::LostLetter, "not-sent");
    other.days("the reminder leaves", "2026-07-03");
    insta::assert_snapshot!(format!("{}\n---\n{}", scene.text, other.text));
}

#[test]
fn to_go_on_does_not_say_what_was_sent() {
    let mut scene = Scene::owing();
    scene.on("2026-07-02");
    scene.told(Input::MaybeSent { since: day("2026-06-12") });
    for scope in [Scope::Debtor, Scope::Case(case("F1"))] {
        scene.told(owner(Act::Resume { scope, reason: "verder".into() }));
        assert!(scene.account.hold_on(&case("F1")).is_some_and(|hold| hold.reason == HoldReason::Restored));
        scene.question(QuestionKind::LostLetter);
    }
}
