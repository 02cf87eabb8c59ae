//! The gate's last look at a letter that was made and has not left: what changed since in the claim takes it back.

use super::claims::*;
use super::scene::*;
use aanmaand::dunning::account::Letter;
use aanmaand::dunning::debtor::DebtorKind;
use aanmaand::dunning::gate::{GateClosed, gate};
use aanmaand::dunning::input::{Act, Input, Meaning};
use aanmaand::dunning::instructions::Instructions;
use aanmaand::dunning::invoice::TermSource;
use aanmaand::dunning::question::QuestionKind;
use chrono::Duration;

/// Lives on until a letter of this template is made, and waits in the outbox.
fn made(scene: &mut Scene, template: &str) -> Letter {
    loop {
        let tomorrow = scene.today + Duration::days(1);
        scene.on(&tomorrow.to_string());
        scene.told(Input::Day(world(tomorrow)));
        match scene.account.letter_underway().cloned() {
            Some(letter) if letter.template == template => return letter,
            _ => live(scene, tomorrow),
        }
        assert!(tomorrow < day("2026-12-01"), "no {template}");
    }
}

/// Why the letter may not leave on the day on which it was made.
fn closed(scene: &Scene, letter: &Letter) -> Vec<GateClosed> {
    gate(&scene.account, &letter.intended(), &scene.policy, &world(letter.requested_on))
}

fn of_a(kind: DebtorKind, term: TermSource) -> Scene {
    scene("NL", kind, term, &[("F1", 1000_00)])
}

#[test]
fn a_letter_that_asks_what_is_not_asked_any_more() {
    for (kind, template) in [(DebtorKind::Business, "formal-notice"), (DebtorKind::Consumer, "fourteen-day-letter")] {
        let mut scene = of_a(kind, TermSource::Contract);
        let letter = made(&mut scene, template);
        assert_eq!(closed(&scene, &letter), []);
        let instructions = Box::new(Instructions { extras: Some(false), ..Instructions::default() });
        scene.told(owner(Act::Instruct { instructions, reason: String::new() }));
        assert_eq!(closed(&scene, &letter), [GateClosed::Superseded], "{template}");
    }
}

#[test]
fn a_letter_that_asks_costs_whose_announcement_did_not_arrive() {
    let mut scene = of_a(DebtorKind::Consumer, TermSource::Contract);
    let letter = made(&mut scene, "last-demand");
    assert_eq!(closed(&scene, &letter), []);
    let announcement = scene.account.letters.iter().find(|letter| !letter.announced_costs.is_empty()).unwrap();
    let letter_id = Some(announcement.id.clone());
    scene.told(scene.mail("b1", Meaning::Bounce { letter: letter_id, permanent: true, status: "5.1.1".into() }));
    scene.answers(QuestionKind::Bounce, "resume");
    let early = GateClosed::CostsTooEarly { case: case("F1") };
    assert_eq!(closed(&scene, &letter), [GateClosed::Superseded, early]);
}

#[test]
fn a_fourteen_day_letter_without_default() {
    let mut scene = of_a(DebtorKind::Consumer, TermSource::Invoice);
    scene.policy.claims.agreed_terms = true;
    let letter = made(&mut scene, "fourteen-day-letter");
    assert_eq!(closed(&scene, &letter), []);
    scene.policy.claims.agreed_terms = false;
    assert!(closed(&scene, &letter).contains(&GateClosed::NotInDefault { case: case("F1") }));
}
