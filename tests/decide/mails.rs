//! What a customer's mail does: any answer holds the debtor at once, nothing in a mail closes a case.

use super::scene::*;
use aanmaand::dunning::account::{Letter, LetterState};
use aanmaand::dunning::decide::decide;
use aanmaand::dunning::fact::Fact;
use aanmaand::dunning::ids::LetterId;
use aanmaand::dunning::input::{CameBack, Input, Meaning, Said, Saying};
use aanmaand::dunning::question::QuestionKind;

const ALL: [Saying; 9] = [
    Saying::Insolvency,
    Saying::Dispute,
    Saying::Plan,
    Saying::Promise,
    Saying::Paid,
    Saying::Question,
    Saying::WrongContact,
    Saying::Acknowledge,
    Saying::Other,
];

#[test]
fn every_saying() {
    let mut scene = Scene::reminded();
    for what in ALL {
        let input = scene.says("m1", what);
        scene.would(&format!("{what:?}"), input);
    }
    let dated = |what, date: &str| Said { promise_date: Some(day(date)), ..said(what) };
    for (name, meaning) in [
        ("promise for Friday", Meaning::Human(dated(Saying::Promise, "2026-06-19"))),
        ("promise for the far future", Meaning::Human(dated(Saying::Promise, "2026-12-01"))),
        ("promise for a day gone by", Meaning::Human(dated(Saying::Promise, "2026-06-01"))),
        (
            "promise and a question",
            Meaning::Human(Said { also: vec![Saying::Question], ..dated(Saying::Promise, "2026-06-19") }),
        ),
        (
            "dispute and a promise",
            Meaning::Human(Said { also: vec![Saying::Promise], ..dated(Saying::Dispute, "2026-06-19") }),
        ),
        ("paid on a day", Meaning::Human(Said { paid_on: Some(day("2026-06-12")), ..said(Saying::Paid) })),
        ("auto-reply", Meaning::Automatic { why: "Auto-Submitted".into(), content: None }),
        (
            "auto-reply with content",
            Meaning::Automatic { why: "Auto-Submitted".into(), content: Some(said(Saying::WrongContact)) },
        ),
        (
            "bounce of nothing we know",
            Meaning::Bounce { letter: None, came_back: CameBack::Lasting, status: "5.1.1".into() },
        ),
        ("delay report", Meaning::Bounce { letter: None, came_back: CameBack::Not, status: "4.4.7".into() }),
    ] {
        let input = scene.mail("m1", meaning);
        scene.would(name, input);
    }
    let letter = scene.account.letters[0].id.clone();
    let bounce = scene
        .mail("m1", Meaning::Bounce { letter: Some(letter), came_back: CameBack::Lasting, status: "5.1.1".into() });
    scene.would("bounce of our letter", bounce);
    insta::assert_snapshot!(scene.text);
}

#[test]
fn nothing_open() {
    let mut scene = Scene::owing();
    scene.told(owner(aanmaand::dunning::input::Act::WriteOff { case: case("F1"), reason: String::new() }));
    for what in ALL {
        let input = scene.says("m1", what);
        scene.would(&format!("{what:?}"), input);
    }
    let also = scene.mail("m1", Meaning::Human(Said { also: vec![Saying::Dispute], ..said(Saying::Question) }));
    scene.would("a question that is also a dispute", also);
    insta::assert_snapshot!(scene.text);
}

#[test]
fn promise_kept_broken_and_moved() {
    let promise = |scene: &Scene, id: &str, date: &str| {
        scene.mail(id, Meaning::Human(Said { promise_date: Some(day(date)), ..said(Saying::Promise) }))
    };
    let mut broken = Scene::reminded();
    let input = promise(&broken, "m1", "2026-06-19");
    broken.tell("promises Friday 19 June", input);
    broken.days("the last day of grace", "2026-06-24").days("broken: the next letter says so", "2026-06-25");
    let mut moved = Scene::reminded();
    let input = promise(&moved, "m1", "2026-06-19");
    moved.tell("promises", input);
    moved.on("2026-06-18");
    let input = promise(&moved, "m2", "2026-06-26");
    moved.tell("moves it", input);
    moved.days("the first promise's grace is over", "2026-06-25");
    let mut kept = Scene::reminded();
    let input = promise(&kept, "m1", "2026-06-19");
    kept.tell("promises", input);
    kept.on("2026-06-18");
    kept.tell("a later invoice, not part of the promise", kept.filed("F2", 50_00, "2026-07-10"));
    let payment = money("p1", 100_00, aanmaand::dunning::account::PaymentSource::Statement, kept.today);
    kept.tell("pays F1", Input::Payment { payment, cases: vec![case("F1")] });
    insta::assert_snapshot!(format!("{}\n---\n{}\n---\n{}", broken.text, moved.text, kept.text));
}

#[test]
fn says_to_have_paid() {
    let mut scene = Scene::reminded();
    let input = scene.says("m1", Saying::Paid);
    scene.tell("says to have paid today", input);
    scene.days("the bank may still show it", "2026-06-19").days("the bank should have shown it", "2026-06-22");
    let mut kept = Scene { account: scene.account.clone(), text: String::new(), ..Scene::reminded() };
    kept.on("2026-06-22").answers(QuestionKind::PaidClaim, "keep").days("not asked again", "2026-06-23");
    let mut paid = Scene { account: scene.account.clone(), text: String::new(), ..Scene::reminded() };
    paid.on("2026-06-22");
    paid.told(paid.filed("F2", 70_00, "2026-07-20"));
    paid.answers(QuestionKind::PaidClaim, "paid");
    let mut unpaid = Scene { account: scene.account.clone(), text: String::new(), ..Scene::reminded() };
    unpaid.on("2026-06-22").answers(QuestionKind::PaidClaim, "not-paid").days("goes on", "2026-06-23");
    insta::assert_snapshot!([scene.text, kept.text, paid.text, unpaid.text].join("\n---\n"));
}

#[test]
fn mails_that_may_be_another_debtors() {
    let possible = |id: &str| Input::PossibleMail { source: id.into(), why: "the domain fits two".into() };
    let mut scene = Scene::reminded();
    let own = scene.says("m1", Saying::Other);
    scene.tell("a mail of their own", own);
    scene.tell("one that may be theirs", possible("m2"));
    scene.tell("it was not", Input::NotTheirs { source: "m2".into() });
    assert!(!scene.account.holds.is_empty(), "their own mail still holds");
    scene.answers(QuestionKind::Answer, "resume");
    assert!(scene.account.holds.is_empty());
    let mut doubt = Scene::reminded();
    let own = doubt.says("m1", Saying::Other);
    doubt.told(possible("m2"));
    doubt.told(own);
    doubt.answers(QuestionKind::Answer, "resume");
    assert!(!doubt.account.holds.is_empty(), "the doubtful mail still holds");
    scene.tell(
        "ignored by rule",
        Input::Ignored { source: "m3".into(), from: "x@x.example".into(), rule: "news".into() },
    );
    insta::assert_snapshot!([scene.text, doubt.text].join("\n---\n"));
}

/// The reminder once more, sent today.
fn one_more_letter(scene: &mut Scene, n: u32) -> LetterId {
    let id = LetterId::new(format!("L{n}"));
    let letter = Letter { id: id.clone(), state: LetterState::Requested, ..scene.account.letters[0].clone() };
    scene.account.apply(&Fact::LetterRequested { letter });
    scene.account.apply(&Fact::LetterSent { letter: id.clone(), on: scene.today, reply: "250".into() });
    id
}

/// A full mailbox stops nobody at once; the third time in a row it is as good as gone, and an arrival starts the count anew.
#[test]
fn soft_bounces_add_up_to_a_hard_one() {
    for (arrives, held) in [(false, true), (true, false)] {
        let mut scene = Scene::reminded();
        for n in 1..=3 {
            let letter = one_more_letter(&mut scene, n);
            if arrives && n == 2 {
                continue;
            }
            let came_back =
                Meaning::Bounce { letter: Some(letter), came_back: CameBack::Passing, status: "5.2.2".into() };
            scene.told(scene.mail(&format!("m{n}"), came_back));
            assert_eq!(scene.account.holds.is_empty(), n < 3 || !held, "after {n}");
            scene.today += chrono::Duration::days(10);
        }
        assert_eq!(scene.account.is_unreachable("KAS@jansen.example"), held);
    }
}

/// The same report twice is one failure.
#[test]
fn a_report_that_comes_twice_counts_once() {
    let mut scene = Scene::reminded();
    let letter = one_more_letter(&mut scene, 1);
    for n in 1..=4 {
        let letter = Some(letter.clone());
        let came_back = Meaning::Bounce { letter, came_back: CameBack::Passing, status: "4.4.7".into() };
        scene.told(scene.mail(&format!("m{n}"), came_back));
    }
    assert_eq!((scene.account.failures.len(), scene.account.holds.len()), (1, 0));
}

#[test]
fn the_owner_who_goes_on_trusts_the_address_again() {
    let mut scene = Scene::reminded();
    let letter = Some(one_more_letter(&mut scene, 1));
    scene.told(scene.mail("m1", Meaning::Bounce { letter, came_back: CameBack::Lasting, status: "5.1.1".into() }));
    assert!(scene.account.is_unreachable("kas@jansen.example"));
    scene.answers(QuestionKind::Bounce, "resume");
    assert!(!scene.account.is_unreachable("kas@jansen.example"));
}

#[test]
fn a_bounce_of_an_unknown_letter_settles_it() {
    let mut scene = Scene::owing();
    scene.days("reminder", "2026-06-15");
    let letter = scene.underway();
    scene.tell(
        "no answer after the dot",
        Input::Letter {
            letter: letter.clone(),
            outcome: aanmaand::dunning::input::Outcome::Unknown { on: scene.today, why: "EOF".into() },
        },
    );
    let bounce = scene.mail(
        "m1",
        Meaning::Bounce { letter: Some(letter.clone()), came_back: CameBack::Lasting, status: "5.1.1".into() },
    );
    scene.tell("it comes back", bounce);
    assert_eq!(scene.account.letter(&letter).unwrap().state, LetterState::Bounced(scene.today));
    scene.answers(QuestionKind::Bounce, "resume").days("the ladder goes on with the next step", "2026-06-22");
    insta::assert_snapshot!(scene.text);
}

#[test]
fn what_was_also_said_is_lifted_with_the_answer() {
    let mut scene = Scene::reminded();
    let meaning = Meaning::Human(Said { also: vec![Saying::Plan, Saying::Question], ..said(Saying::Insolvency) });
    let input = scene.mail("m1", meaning);
    scene.tell("bankrupt, wants time, asks", input).answers(QuestionKind::Insolvency, "resume");
    assert!(scene.account.holds.is_empty(), "nothing is held that nobody asks about");
    insta::assert_snapshot!(scene.text);
}

#[test]
fn no_saying_lets_a_letter_through() {
    for what in ALL {
        let mut scene = Scene::reminded();
        let input = scene.says("m1", what);
        scene.told(input);
        let today = day("2026-06-29");
        let facts = decide(&scene.account, &Input::Day(world(today)), &scene.policy, today);
        assert!(!facts.iter().any(|fact| matches!(fact, Fact::LetterRequested { .. })), "{what:?}");
    }
}

#[test]
fn the_owner_wrote_by_hand() {
    use aanmaand::dunning::input::Written;
    let written = |on: &str| {
        let (to, subject, why) = ("kas@jansen.example".into(), "Re: F1".into(), "it answers our letter".into());
        Input::OwnerWrote(Written { source: "m1".into(), to, subject, on: day(on), cases: vec![case("F1")], why })
    };
    let mut scene = Scene::reminded();
    let facts = scene.told(written("2026-06-16"));
    assert_eq!(facts.len(), 1, "no hold, no question, no answer: {facts:?}");
    assert_eq!(scene.account.owner_wrote, Some(day("2026-06-16")));
    scene.told(written("2026-06-01"));
    assert_eq!(scene.account.owner_wrote, Some(day("2026-06-16")), "an older mail that is found later");
    scene.told(written("2027-01-01"));
    assert_eq!(scene.account.owner_wrote, Some(scene.today), "a day to come is not believed");
    let mut settled = Scene::owing();
    settled.told(owner(aanmaand::dunning::input::Act::WriteOff { case: case("F1"), reason: String::new() }));
    assert_eq!(settled.told(written("2026-05-20")), [], "nothing is open");
}
