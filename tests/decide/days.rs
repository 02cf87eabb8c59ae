//! Days: the whole ladder, every reason to wait, approvals, and what becomes of a letter.

use super::scene::*;
use aanmaand::dunning::debtor::DebtorKind;
use aanmaand::dunning::hold::{HoldReason, Scope};
use aanmaand::dunning::input::{Act, Input, Outcome};
use aanmaand::dunning::policy::{FormalMode, Mode};
use aanmaand::dunning::question::QuestionKind;
use aanmaand::dunning::world::{Stop, World};
use chrono::Duration;

/// Every day of a debtor who never reacts, days without anything left out.
fn silent(kind: DebtorKind) -> String {
    let mut scene = Scene::new(kind, "2026-05-20");
    scene.told(scene.filed("F1", 100_00, "2026-06-10"));
    for n in 0..80 {
        scene.today = day("2026-06-01") + Duration::days(n);
        let length = scene.text.len();
        let today = scene.today;
        scene.tell(&today.format("%a %Y-%m-%d").to_string(), Input::Day(world(today)));
        if scene.text.ends_with("  -\n") {
            scene.text.truncate(length);
        }
        if let Some(letter) = scene.account.letter_underway().map(|letter| letter.id.clone()) {
            scene.told(Input::Letter { letter, outcome: Outcome::Sent { on: today, reply: "250".into() } });
        }
        for step in ["formal-notice", "last-demand"] {
            scene.told(Input::Announced { steps: vec![(case("F1"), step.into())] });
        }
    }
    scene.text
}

#[test]
fn the_whole_ladder() {
    insta::assert_snapshot!(format!("{}\n---\n{}", silent(DebtorKind::Business), silent(DebtorKind::Consumer)));
}

#[test]
fn every_reason_to_wait() {
    let today = day("2026-06-15");
    let good = world(today);
    let mut scene = Scene::owing();
    scene.today = today;
    scene.would("nothing stands in the way", Input::Day(good.clone()));
    let stop = |stop| World { stopped: Some(stop), ..world(today) };
    for (name, world) in [
        ("before nine", World { now: today.and_hms_opt(8, 59, 0).unwrap(), ..good.clone() }),
        ("the mailbox was never read", World { mailbox_read_at: None, ..good.clone() }),
        ("the mailbox was read at nine", World { mailbox_read_at: today.and_hms_opt(9, 0, 0), ..good.clone() }),
        ("mail waits", World { mail_waiting: 1, ..good.clone() }),
        ("something is in quarantine", World { quarantined: Some("mail".into()), ..good.clone() }),
        ("enough left today", World { sent_today: 200, ..good.clone() }),
        ("burst", stop(Stop::Burst { due: 30, limit: 20 })),
        ("catch-up", stop(Stop::CatchUp { since: today })),
        ("the clock went back", stop(Stop::ClockWentBack { last: good.now })),
        ("the clock cannot be right", stop(Stop::ClockImplausible { now: good.now })),
        ("a backup was restored", stop(Stop::Restored { taken: good.now })),
        ("the disk is nearly full", stop(Stop::DiskLow { free_mib: 63 })),
        ("the invoices folder is away", stop(Stop::InvoicesAway { why: "the folder /f is not there".into() })),
        ("the server refuses us", stop(Stop::Lane { reason: "535".into() })),
    ] {
        scene.would(name, Input::Day(world));
    }
    scene.policy.mode = Mode::Observe;
    scene.would("observing", Input::Day(good.clone()));
    scene.policy.mode = Mode::Auto;
    scene.policy.overrides.entry("K1".into()).or_default().never_dun = true;
    scene.would("never to be dunned", Input::Day(good.clone()));
    scene.policy.overrides.clear();
    if let Some(debtor) = &mut scene.account.debtor {
        debtor.email = None;
    }
    scene.would("no address", Input::Day(good));
    insta::assert_snapshot!(scene.text);
}

#[test]
fn formal_letters_wait_for_more() {
    let mut scene = Scene::owing();
    scene.sends("2026-06-15");
    scene.sends("2026-06-22");
    scene.days("a task", "2026-06-29");
    let today = day("2026-07-01");
    scene.days("not announced", "2026-07-01");
    scene.tell("listed in the digest", Input::Announced { steps: vec![(case("F1"), "formal-notice".into())] });
    scene.would("listed only today", Input::Day(world(today)));
    let next = day("2026-07-02");
    scene.today = next;
    scene.would("stale bank data", Input::Day(World { bank_data_until: day("2026-06-29").into(), ..world(next) }));
    scene.would("no bank data", Input::Day(World { bank_data_until: None, ..world(next) }));
    scene.policy.formal_mode = FormalMode::Approve;
    scene.days("asks for approval", "2026-07-02");
    let waiting = scene.question(QuestionKind::Approval);
    let answer = |choice: &str| Input::Answer { question: waiting.clone(), choice: choice.into(), by: "owner".into() };
    scene.would("skip", answer("skip")).would("hold", answer("hold"));
    scene.would("veto", owner(Act::Veto { scope: aanmaand::dunning::hold::Scope::Debtor, reason: "no".into() }));
    scene.tell("approve", answer("approve")).days("leaves", "2026-07-02").days("only once", "2026-07-02");
    insta::assert_snapshot!(scene.text);
}

#[test]
fn what_becomes_of_a_letter() {
    let mut scene = Scene::owing();
    scene.days("reminder", "2026-06-15");
    let letter = scene.underway();
    let on = scene.today;
    let becomes = |outcome| Input::Letter { letter: letter.clone(), outcome };
    scene.would("sent", becomes(Outcome::Sent { on, reply: "250".into() }));
    scene.would("the address is wrong", becomes(Outcome::Rejected { on, why: "550".into(), address: true }));
    scene.would("withdrawn", becomes(Outcome::Withdrawn { why: "closed".into() }));
    scene.tell("refused", becomes(Outcome::Rejected { on, why: "554".into(), address: false }));
    scene.would("told twice", becomes(Outcome::Sent { on, reply: "250".into() }));
    scene.answers(QuestionKind::Refused, "resume").days("written again", "2026-06-16");
    let letter = scene.underway();
    let on = scene.today;
    scene.tell("unknown", Input::Letter { letter, outcome: Outcome::Unknown { on, why: "EOF".into() } });
    scene.days("nothing meanwhile", "2026-06-29");
    let question = scene.question(QuestionKind::UnknownSend);
    for choice in ["was-sent", "send-now", "skip"] {
        scene.would(choice, Input::Answer { question: question.clone(), choice: choice.into(), by: "owner".into() });
    }
    insta::assert_snapshot!(scene.text);
}

#[test]
fn going_on_after_a_refusal_does_not_lift_the_owners_own_hold() {
    let mut scene = Scene::owing();
    scene.days("reminder", "2026-06-15");
    let (letter, on) = (scene.underway(), scene.today);
    scene.told(owner(Act::Hold { scope: Scope::Debtor, reason: "op vakantie".into(), until: None }));
    scene.told(Input::Letter { letter, outcome: Outcome::Rejected { on, why: "554".into(), address: false } });
    scene.answers(QuestionKind::Refused, "resume");
    let reasons: Vec<HoldReason> = scene.account.holds.iter().map(|hold| hold.reason).collect();
    assert_eq!(reasons, [HoldReason::Manual]);
}
