//! What changes after a letter has left: money that came earlier or goes back, credit notes, disputes, agreements, letters
//! that prove without effect, and what is known of the debtor.

use super::claims::*;
use super::scene::*;
use aanmaand::dunning::account::{ClosedAs, Letter, LetterState, PaymentSource};
use aanmaand::dunning::calendar::Country;
use aanmaand::dunning::charge;
use aanmaand::dunning::claim;
use aanmaand::dunning::debtor::DebtorKind;
use aanmaand::dunning::hold::Scope;
use aanmaand::dunning::ids::LetterId;
use aanmaand::dunning::input::{Act, CameBack, DisputedPart, InTheRight, Input, Meaning, Outcome, Saying};
use aanmaand::dunning::instructions::Instructions;
use aanmaand::dunning::invoice::TermSource;
use aanmaand::dunning::law::allocation::Owed;
use aanmaand::dunning::plan::{Instalment, Terms};
use aanmaand::dunning::policy::{FormalMode, Override};
use aanmaand::dunning::question::QuestionKind;
use chrono::Duration;

fn consumer(term: TermSource) -> Scene {
    scene("NL", DebtorKind::Consumer, term, &[("F1", 1000_00)])
}

fn business() -> Scene {
    scene("NL", DebtorKind::Business, TermSource::Contract, &[("F1", 1000_00)])
}

/// Lives on until a letter of this template has left.
fn until_letter(scene: &mut Scene, template: &str) -> Letter {
    let start = scene.today;
    let is_new =
        |letter: &&Letter| letter.template == template && matches!(letter.state, LetterState::Sent(on) if on > start);
    loop {
        if let Some(letter) = scene.account.letters.iter().find(is_new) {
            return letter.clone();
        }
        let next = scene.today + Duration::days(1);
        live(scene, next);
        assert!(scene.today < day("2026-12-20"), "no {template}: {}", scene.text);
    }
}

fn owed(scene: &Scene) -> Owed {
    claim::claimed(&scene.account, &scene.account.cases[&case("F1")], &scene.policy, scene.today)
}

fn bounce(scene: &Scene, letter: &LetterId) -> Input {
    scene.mail(
        "b1",
        Meaning::Bounce { letter: Some(letter.clone()), came_back: CameBack::Lasting, status: "5.1.1".into() },
    )
}

/// No letter that comes until the ladder's end asks costs.
fn no_costs_until_the_end(scene: &mut Scene) {
    let before = scene.account.letters.len();
    until(scene, "2026-11-01");
    let later = scene.account.letters.iter().skip(before);
    let costs: Vec<i64> = later.flat_map(|letter| &letter.extras).map(|(_, extras)| extras.costs.minor()).collect();
    assert!(costs.iter().all(|cents| *cents == 0), "{costs:?} {}", scene.text);
    assert_eq!(owed(scene).costs, eur(0));
}

/// The costs that a business owes, when that much came in between its two formal letters and is told after the second.
fn costs_with_money_between(cents: i64, told_at_once: bool) -> i64 {
    let mut scene = business();
    until_letter(&mut scene, "formal-notice");
    let booked = scene.today + Duration::days(1);
    let payment =
        Input::Payment { payment: money("p", cents, PaymentSource::Statement, booked), cases: vec![case("F1")] };
    if told_at_once {
        scene.on(&booked.to_string());
        scene.told(payment);
        until_letter(&mut scene, "last-demand");
    } else {
        until_letter(&mut scene, "last-demand");
        scene.told(payment);
    }
    scene.today += Duration::days(1);
    scene.account.cases[&case("F1")].extras_paid.costs.minor() + owed(&scene).costs.minor()
}

#[test]
fn money_that_is_told_late_makes_no_costs() {
    // Of 500 euros 40 are costs and 6.13 interest: 15 percent of the 546.13 that are left.
    for (cents, costs) in [(30_00, 150_00), (500_00, 81_92)] {
        assert_eq!(costs_with_money_between(cents, true), costs, "told at once");
        assert_eq!(costs_with_money_between(cents, false), costs, "told after the letter");
    }
}

#[test]
fn costs_that_were_paid_are_owed_again_when_the_bank_takes_the_money_back() {
    let mut scene = business();
    until_letter(&mut scene, "formal-notice");
    scene.today += Duration::days(1);
    scene.told(paid(&scene, "p", 30_00));
    let letter = until_letter(&mut scene, "last-demand");
    assert_eq!(letter.extras[0].1.costs, eur(120_00));
    let back = Input::Reversal { case: case("F1"), amount: eur(30_00), source: "r".into(), text: "back".into() };
    scene.told(back);
    scene.today += Duration::days(1);
    assert_eq!(owed(&scene).costs, eur(150_00));
}

#[test]
fn a_claim_that_becomes_less_bears_less_costs() {
    let mut scene = demanded("NL", DebtorKind::Business);
    assert_eq!(owed(&scene).costs, eur(150_00));
    scene.told(scene.credit_note("CN1", 600_00, Some("F1")));
    assert_eq!(owed(&scene).costs, eur(60_00), "15 percent of 400");
    let part = Some(DisputedPart { amount: eur(390_00), go_on: true });
    scene.told(owner(Act::Dispute { scope: scope("F1"), part, reason: String::new() }));
    assert_eq!(owed(&scene).costs, eur(40_00), "of 10, but never less than 40");
}

#[test]
fn no_costs_over_what_is_disputed() {
    let mut scene = business();
    until_letter(&mut scene, "formal-notice");
    let part = Some(DisputedPart { amount: eur(600_00), go_on: true });
    scene.told(owner(Act::Dispute { scope: scope("F1"), part, reason: String::new() }));
    assert_eq!(until_letter(&mut scene, "last-demand").extras[0].1.costs, eur(60_00), "15 percent of 400");
}

#[test]
fn what_was_paid_of_costs_is_the_debtors_when_the_whole_invoice_is_credited() {
    let mut scene = demanded("NL", DebtorKind::Business);
    scene.told(paid(&scene, "p", 200_00));
    scene.told(scene.credit_note("CN1", 1000_00, Some("F1")));
    assert_eq!(scene.account.cases[&case("F1")].closed.as_ref().unwrap().how, ClosedAs::Credited);
    let credit: i64 = scene.account.credits.iter().map(|credit| credit.amount.minor()).sum();
    assert_eq!(credit, 200_00, "all that was paid");
    scene.question(QuestionKind::CreditNote);
}

#[test]
fn a_fourteen_day_letter_before_default_opens_no_costs() {
    let mut scene = consumer(TermSource::Invoice);
    let notice = until_letter(&mut scene, "notice-of-default");
    until_letter(&mut scene, "fourteen-day-letter");
    scene.today += Duration::days(1);
    scene.told(bounce(&scene, &notice.id));
    scene.answers(QuestionKind::Bounce, "resume");
    no_costs_until_the_end(&mut scene);
}

#[test]
fn a_letter_of_another_countrys_law_opens_no_costs() {
    for (from, to, letter) in [("NL", "BE", "fourteen-day-letter"), ("BE", "NL", "be-first-reminder")] {
        let mut scene = scene(from, DebtorKind::Consumer, TermSource::Contract, &[("F1", 1000_00)]);
        scene.policy.claims.be_clause = from == "BE";
        until_letter(&mut scene, letter);
        until(&mut scene, "2026-08-10");
        assert!(owed(&scene).costs.is_positive());
        scene.account.debtor.as_mut().unwrap().country = Some(to.into());
        assert_eq!(Some(scene.policy.country(&scene.account)), Country::parse(to));
        assert_eq!(owed(&scene).costs, eur(0), "{from} to {to}");
    }
}

#[test]
fn a_belgian_consumer_owes_nothing_without_the_clause() {
    let mut scene = scene("BE", DebtorKind::Consumer, TermSource::Contract, &[("F1", 1000_00)]);
    scene.policy.claims.be_clause = true;
    until_letter(&mut scene, "be-first-reminder");
    until(&mut scene, "2026-08-10");
    assert_eq!(owed(&scene).costs, eur(90_00));
    scene.policy.claims.be_clause = false;
    assert_eq!(owed(&scene).costs, eur(0));
}

#[test]
fn a_belgian_business_owes_the_fixed_sum_whatever_was_asked() {
    let mut scene = demanded("NL", DebtorKind::Business);
    scene.account.debtor.as_mut().unwrap().country = Some("BE".into());
    assert_eq!(owed(&scene).costs, eur(40_00));
}

#[test]
fn who_is_a_consumer_after_all_owes_no_costs() {
    let mut scene = demanded("NL", DebtorKind::Business);
    assert_eq!(owed(&scene).costs, eur(150_00));
    let own = Override { kind: Some(DebtorKind::Consumer), ..Override::default() };
    scene.policy.overrides.insert("K1".into(), own);
    no_costs_until_the_end(&mut scene);
}

#[test]
fn who_is_asked_no_interest_and_costs_any_more_owes_none() {
    let mut scene = demanded("NL", DebtorKind::Business);
    let instructions = Box::new(Instructions { extras: Some(false), ..Instructions::default() });
    scene.told(owner(Act::Instruct { instructions, reason: String::new() }));
    assert_eq!((owed(&scene).costs, owed(&scene).interest), (eur(0), eur(0)));
    scene.told(paid(&scene, "p", 1000_00));
    assert!(!scene.account.cases[&case("F1")].is_open());
}

/// The fourteen-day letter bounced, and its second round is due.
fn second_round() -> Scene {
    let mut scene = consumer(TermSource::Contract);
    let letter = until_letter(&mut scene, "fourteen-day-letter");
    scene.today += Duration::days(1);
    scene.told(bounce(&scene, &letter.id));
    scene.answers(QuestionKind::Bounce, "resume");
    while scene.account.letter_underway().is_none() {
        scene.today += Duration::days(1);
        scene.told(Input::Announced { steps: vec![(case("F1"), "fourteen-day-letter~2".into())] });
        scene.told(Input::Day(world(scene.today)));
        assert!(scene.today < day("2026-09-01"), "the second round never came");
    }
    scene
}

#[test]
fn a_second_round_that_did_not_leave_is_made_again() {
    for outcome in [
        Outcome::Withdrawn { why: "the day changed".into() },
        Outcome::Rejected { on: day("2026-07-20"), why: "?".into(), address: false },
    ] {
        let mut scene = second_round();
        let letter = scene.underway();
        scene.told(Input::Letter { letter, outcome });
        if scene.account.hold_on(&case("F1")).is_some() {
            scene.answers(QuestionKind::Refused, "resume");
        }
        let made = until_letter(&mut scene, "fourteen-day-letter");
        assert_eq!(made.covers, [(case("F1"), "fourteen-day-letter~2".into())]);
    }
}

#[test]
fn a_second_round_that_the_owner_skips_does_not_stop_the_ladder() {
    let mut scene = second_round();
    let letter = scene.underway();
    scene.told(Input::Letter { letter, outcome: Outcome::Unknown { on: scene.today, why: "?".into() } });
    scene.answers(QuestionKind::UnknownSend, "skip");
    let last = until_letter(&mut scene, "last-demand");
    assert!(last.extras.iter().all(|(_, extras)| extras.costs.is_zero()), "{:?}", last.extras);
}

#[test]
fn a_second_round_that_the_owner_does_not_approve_does_not_stop_the_ladder() {
    let mut scene = second_round();
    let letter = scene.underway();
    scene.told(Input::Letter { letter, outcome: Outcome::Withdrawn { why: "the day changed".into() } });
    scene.policy.formal_mode = FormalMode::Approve;
    while scene.account.questions.values().all(|q| q.kind != QuestionKind::Approval) {
        let next = scene.today + Duration::days(1);
        live(&mut scene, next);
        assert!(scene.today < day("2026-09-01"), "it was never asked: {}", scene.text);
    }
    scene.answers(QuestionKind::Approval, "skip");
    scene.policy.formal_mode = FormalMode::Auto;
    until_letter(&mut scene, "last-demand");
}

#[test]
fn a_dispute_while_the_letter_is_on_its_way_takes_its_effect_too() {
    let mut scene = consumer(TermSource::Contract);
    while scene.account.letter_underway().is_none_or(|letter| letter.template != "fourteen-day-letter") {
        if let Some(letter) = scene.account.letter_underway().map(|letter| letter.id.clone()) {
            scene.told(Input::Letter { letter, outcome: Outcome::Sent { on: scene.today, reply: "250".into() } });
        }
        scene.today += Duration::days(1);
        scene.told(Input::Announced { steps: vec![(case("F1"), "fourteen-day-letter".into())] });
        scene.told(Input::Day(world(scene.today)));
        assert!(scene.today < day("2026-09-01"), "it never came");
    }
    let letter = scene.underway();
    scene.told(scene.says("m1", Saying::Dispute));
    scene.told(Input::Letter {
        letter: letter.clone(),
        outcome: Outcome::Sent { on: scene.today, reply: "250".into() },
    });
    assert!(!scene.account.letter(&letter).unwrap().has_effect());
}

#[test]
fn a_dispute_that_is_read_after_the_term_was_written_within_it() {
    for (written, has_effect) in [(3, false), (30, true)] {
        let mut scene = consumer(TermSource::Contract);
        let letter = until_letter(&mut scene, "fourteen-day-letter");
        scene.today += Duration::days(written);
        let mail = scene.says("m1", Saying::Dispute);
        scene.today = letter.deadline.unwrap() + Duration::days(20);
        scene.told(mail);
        assert_eq!(scene.account.letter(&letter.id).unwrap().has_effect(), has_effect);
    }
}

fn scope(number: &str) -> Scope {
    Scope::Case(case(number))
}

fn instalments(scene: &Scene, days: &[i64]) -> Input {
    let open = scene.account.cases[&case("F1")].asked().minor();
    let count = i64::try_from(days.len()).unwrap();
    let instalment = |n: &i64| Instalment { due: scene.today + Duration::days(*n), amount: eur(open / count) };
    let terms = Terms {
        cases: vec![case("F1")],
        instalments: days.iter().map(instalment).collect(),
        grace_days: 0,
        whole_becomes_due: false,
    };
    owner(Act::Plan { terms, reason: "by phone".into() })
}

#[test]
fn instalments_within_the_term_take_its_effect_away() {
    let mut scene = consumer(TermSource::Contract);
    until_letter(&mut scene, "fourteen-day-letter");
    scene.today += Duration::days(3);
    scene.told(instalments(&scene, &[40, 80]));
    assert!(scene.account.living_plan().is_some());
    until(&mut scene, "2026-08-10");
    assert_eq!(owed(&scene).costs, eur(0), "who agreed to pay later is not late");
    let plan = scene.account.living_plan().unwrap().number;
    scene.told(owner(Act::EndPlan { plan, reason: String::new() }));
    let again = until_letter(&mut scene, "fourteen-day-letter");
    assert_eq!(again.covers, [(case("F1"), "fourteen-day-letter~2".into())]);
}

#[test]
fn an_instalment_that_is_paid_on_the_day_of_the_agreement_counts_as_a_whole() {
    let mut scene = demanded("NL", DebtorKind::Business);
    scene.told(instalments(&scene, &[0, 60]));
    scene.told(paid(&scene, "p", 500_00));
    let case = &scene.account.cases[&case("F1")];
    assert!(case.extras_paid.costs.is_positive(), "part of it went to costs");
    assert_eq!(scene.account.living_plan().unwrap().received(&scene.account), eur(500_00));
}

#[test]
fn money_that_went_back_cannot_be_placed_any_more() {
    let mut scene = business();
    scene.on("2026-06-12");
    scene.told(paid(&scene, "p", 1060_00));
    scene.question(QuestionKind::UnmatchedPayment);
    let back = Input::Reversal { case: case("F1"), amount: eur(1060_00), source: "r".into(), text: "back".into() };
    scene.told(back);
    assert!(
        scene.account.questions.values().all(|q| q.kind == QuestionKind::Reversal),
        "{:?}",
        scene.account.questions
    );
}

#[test]
fn money_that_was_placed_in_parts_goes_back_as_a_whole() {
    let mut scene = business();
    scene.told(filed_in(&scene, "NL", TermSource::Contract, "F2", 60_00, "2026-06-10"));
    scene.on("2026-06-12");
    scene.told(paid(&scene, "p", 1060_00));
    scene.answers(QuestionKind::UnmatchedPayment, "C-F2");
    assert_eq!(scene.account.open_cases().count(), 0);
    let back = Input::Reversal { case: case("F1"), amount: eur(1060_00), source: "r".into(), text: "back".into() };
    scene.told(back);
    let open: Vec<i64> = scene.account.open_cases().map(|case| case.open().minor()).collect();
    assert_eq!(open, [1000_00, 60_00]);
    assert!(scene.account.open_cases().all(|case| scene.account.hold_on(&case.id).is_some()));
}

#[test]
fn a_formal_letter_about_another_invoice_says_rightly_what_the_costs_are() {
    let mut scene = business();
    let fixed = until_letter(&mut scene, "formal-notice");
    assert!(!charge::asks_scale(&scene.account, &fixed, &scene.policy));
    let scale = until_letter(&mut scene, "last-demand");
    let other = Letter { covers: vec![(case("F2"), "formal-notice".into())], ..scale };
    assert!(charge::asks_scale(&scene.account, &other, &scene.policy), "not the 40 euros without a demand");
}

#[test]
fn a_friendly_letter_asks_no_interest_and_costs() {
    let mut scene = demanded("NL", DebtorKind::Business);
    let due = scene.today.to_string();
    scene.told(filed_in(&scene, "NL", TermSource::Contract, "F2", 50_00, &due));
    let letter = until_letter(&mut scene, "reminder");
    assert_eq!((letter.amounts, letter.extras), (vec![(case("F2"), eur(50_00))], vec![]));
}

#[test]
fn what_only_a_notice_told_is_open_again_when_the_owner_says_that_it_did_not_come() {
    let mut scene = business();
    scene.told(filed_in(&scene, "NL", TermSource::Contract, "F2", 60_00, "2026-06-10"));
    scene.on("2026-06-12");
    let notice = money("n", 1060_00, PaymentSource::Notice, scene.today);
    scene.told(Input::Payment { payment: notice, cases: vec![case("F1")] });
    scene.answers(QuestionKind::UnmatchedPayment, "C-F2");
    scene.on("2026-06-22");
    scene.told(Input::Day(world(scene.today)));
    let we = Act::Resolve { scope: Scope::Debtor, who: InTheRight::We, reason: String::new() };
    scene.told(owner(we));
    assert_eq!(scene.account.open_cases().count(), 2, "a dispute that ends pays nothing");
    // The same amount in another file: as things are told, that is paid.
    let invoice = Box::new(scene.invoice("F2", 60_00, "2026-06-10"));
    scene.told(Input::InvoiceFiled { invoice, file: "F2b.toml".into(), source: "f".into(), replace: true });
    assert_eq!(scene.account.open_cases().count(), 1);
    scene.answers(QuestionKind::UnconfirmedPayment, "not-paid");
    let open: Vec<i64> = scene.account.open_cases().map(|case| case.open().minor()).collect();
    assert_eq!(open, [1000_00, 60_00]);
}
