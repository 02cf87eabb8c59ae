//! Lists of open items: they open cases and raise doubt. They book nothing, close nothing and never raise a claim.

use super::scene::{Scene, case, day, eur, money, world};
use aanmaand::dunning::account::PaymentSource;
use aanmaand::dunning::fact::Fact;
use aanmaand::dunning::hold::HoldReason;
use aanmaand::dunning::ids::CaseId;
use aanmaand::dunning::input::{Act, Input};
use aanmaand::dunning::money::{Currency, Money};
use aanmaand::dunning::question::{About, QuestionKind};

/// A list says that so much is open of F1.
fn lists(scene: &Scene, open: Money) -> Input {
    let mut invoice = scene.invoice("F1", 100_00, "2026-06-10");
    invoice.payable = open;
    Input::Listed { invoice: Box::new(invoice), file: "open.csv".into(), source: "list".into() }
}

fn gone() -> Input {
    Input::NoLongerListed { case: case("F1"), file: "open.csv".into() }
}

fn open(scene: &Scene) -> Money {
    scene.account.cases[&case("F1")].open()
}

fn is_held(scene: &Scene) -> bool {
    scene.account.holds.iter().any(|hold| hold.reason == HoldReason::OpenItem)
}

fn asks(scene: &Scene) -> Vec<(QuestionKind, About)> {
    scene.account.questions.values().map(|q| (q.kind, q.about.clone())).collect()
}

#[test]
fn a_new_invoice_opens_its_case_with_what_is_open() {
    let mut scene = Scene::new(aanmaand::dunning::debtor::DebtorKind::Business, "2026-05-20");
    scene.told(lists(&scene, eur(0)));
    assert!(scene.account.cases.is_empty(), "what is paid is none");
    scene.told(lists(&scene, eur(40_00)));
    assert_eq!(open(&scene), eur(40_00));
    assert_eq!(scene.told(lists(&scene, eur(40_00))), [], "the same again is nothing");
}

#[test]
fn less_in_the_list_holds_and_asks_and_books_nothing() {
    let mut scene = Scene::owing();
    let facts = scene.told(lists(&scene, eur(30_00)));
    assert!(!facts.iter().any(|fact| matches!(fact, Fact::PaymentBooked { .. } | Fact::CaseClosed { .. })));
    assert_eq!((open(&scene), is_held(&scene)), (eur(100_00), true));
    assert_eq!(asks(&scene), [(QuestionKind::OpenItemLess, About::OpenItem(eur(30_00)))]);
    assert_eq!(scene.told(lists(&scene, eur(30_00))), [], "the same list asks once");
    // Nothing leaves meanwhile.
    scene.on("2026-06-15");
    scene.told(Input::Day(world(day("2026-06-15"))));
    assert!(scene.account.letter_underway().is_none());
    // A later list that says even less is one question, not two.
    scene.told(lists(&scene, eur(0)));
    assert_eq!(asks(&scene), [(QuestionKind::OpenItemLess, About::OpenItem(eur(0)))]);
}

#[test]
fn more_in_the_list_raises_no_claim() {
    let mut scene = Scene::owing();
    assert_eq!(scene.told(lists(&scene, eur(150_00))), []);
    assert_eq!(open(&scene), eur(100_00));
    let dollars = Money::from_minor(150_00, Currency::parse("USD").unwrap());
    scene.told(lists(&scene, dollars));
    assert!(is_held(&scene), "another currency cannot be compared");
}

#[test]
fn what_is_gone_from_the_list_holds_and_is_never_closed_by_guess() {
    let mut scene = Scene::owing();
    scene.told(gone());
    assert_eq!((is_held(&scene), asks(&scene)), (true, vec![(QuestionKind::OpenItemGone, About::OpenItem(eur(0)))]));
    assert!(scene.account.cases[&case("F1")].is_open());
    assert_eq!(scene.told(gone()), []);
    // It is there again: nothing is in doubt.
    scene.told(lists(&scene, eur(100_00)));
    assert_eq!((is_held(&scene), asks(&scene)), (false, vec![]));
    assert_eq!(scene.told(Input::NoLongerListed { case: CaseId::new("C-X"), file: String::new() }), []);
}

#[test]
fn each_answer() {
    let answered = |listed: i64, choice: &str| {
        let mut scene = Scene::owing();
        scene.told(lists(&scene, eur(listed)));
        let question = scene.question(QuestionKind::OpenItemLess);
        scene.told(Input::Answer { question, choice: choice.into(), by: "owner".into() });
        assert!(!is_held(&scene) && scene.account.questions.is_empty(), "{choice}");
        scene
    };
    assert_eq!(open(&answered(30_00, "paid")), eur(30_00), "the difference was paid, no more");
    assert!(!answered(0, "paid").account.cases[&case("F1")].is_open());
    assert!(!answered(30_00, "write-off").account.cases[&case("F1")].is_open());
    let kept = answered(30_00, "keep");
    assert!(kept.account.holds.iter().any(|hold| hold.reason == HoldReason::Manual));
    let mut overruled = answered(30_00, "not-paid");
    assert_eq!(open(&overruled), eur(100_00));
    assert_eq!(overruled.told(lists(&overruled, eur(30_00))), [], "what the owner denied is not asked again");
    overruled.told(lists(&overruled, eur(20_00)));
    assert!(is_held(&overruled), "another amount is another doubt");
}

#[test]
fn the_owner_may_also_just_go_on() {
    let mut scene = Scene::owing();
    scene.told(lists(&scene, eur(30_00)));
    let scope = aanmaand::dunning::hold::Scope::Case(case("F1"));
    scene.told(Input::Owner { act: Act::Resume { scope, reason: String::new() }, by: "owner".into() });
    assert!(!is_held(&scene) && scene.account.questions.is_empty());
    assert_eq!(scene.told(lists(&scene, eur(30_00))), []);
    // Gone is asked anew each time: it may have been paid since.
    scene.told(gone());
    let question = scene.question(QuestionKind::OpenItemGone);
    scene.told(Input::Answer { question, choice: "not-paid".into(), by: "owner".into() });
    assert!(!is_held(&scene));
    scene.told(lists(&scene, eur(0)));
    assert!(is_held(&scene));
}

#[test]
fn other_holds_stay_when_the_list_is_answered() {
    let mut scene = Scene::owing();
    scene.told(scene.says("m1", aanmaand::dunning::input::Saying::Question));
    scene.told(lists(&scene, eur(30_00)));
    let question = scene.question(QuestionKind::OpenItemLess);
    scene.told(Input::Answer { question, choice: "not-paid".into(), by: "owner".into() });
    assert!(scene.account.holds.iter().any(|hold| hold.reason == HoldReason::Question), "the customer's question");
}

#[test]
fn the_payment_that_the_list_had_seen_settles_the_doubt() {
    let mut scene = Scene::owing();
    scene.told(lists(&scene, eur(30_00)));
    let part = |id: &str, cents| money(id, cents, PaymentSource::Statement, day("2026-05-20"));
    scene.told(Input::Payment { payment: part("p1", 20_00), cases: vec![case("F1")] });
    assert!(is_held(&scene), "the list has seen more");
    scene.told(Input::Payment { payment: part("p2", 50_00), cases: vec![case("F1")] });
    assert_eq!((is_held(&scene), asks(&scene), open(&scene)), (false, vec![], eur(30_00)));
}

#[test]
fn a_closed_case_is_left_alone() {
    let mut scene = Scene::owing();
    let all = money("p1", 100_00, PaymentSource::Statement, day("2026-05-20"));
    scene.told(Input::Payment { payment: all, cases: vec![case("F1")] });
    assert_eq!(scene.told(lists(&scene, eur(100_00))), [], "the books are behind the bank");
    assert_eq!(scene.told(gone()), []);
    let mut written_off = Scene::owing();
    let act = Act::WriteOff { case: case("F1"), reason: String::new() };
    written_off.told(Input::Owner { act, by: "owner".into() });
    assert_eq!(written_off.told(lists(&written_off, eur(30_00))), []);
}
