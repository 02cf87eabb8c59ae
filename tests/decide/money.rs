//! Money: exact closes, part reduces, unclear asks, taken back opens again, untrusted pauses once.

use super::scene::*;
use aanmaand::dunning::account::Payment;
use aanmaand::dunning::account::PaymentSource::{Notice, Statement};
use aanmaand::dunning::decide::decide;
use aanmaand::dunning::evidence::Evidence;
use aanmaand::dunning::fact::Fact;
use aanmaand::dunning::input::{Act, InTheRight, Input};
use aanmaand::dunning::invoice::DueSource;
use aanmaand::dunning::question::QuestionKind;

fn two() -> Scene {
    let mut scene = Scene::reminded();
    scene.told(scene.filed("F2", 50_00, "2026-06-20"));
    scene
}

fn pays(
    scene: &Scene,
    id: &str,
    cents: i64,
    source: aanmaand::dunning::account::PaymentSource,
    cases: &[&str],
) -> Input {
    Input::Payment { payment: money(id, cents, source, scene.today), cases: cases.iter().map(|c| case(c)).collect() }
}

#[test]
fn exact_part_over_and_two() {
    let mut scene = two();
    for (name, cents, cases) in [
        ("exact", 100_00, &["F1"][..]),
        ("part", 40_00, &["F1"]),
        ("over", 130_00, &["F1"]),
        ("two cases at once", 150_00, &["F1", "F2"]),
        ("a case that is not there", 10_00, &["F9"]),
    ] {
        let input = pays(&scene, "p1", cents, Statement, cases);
        scene.would(name, input);
    }
    let input = pays(&scene, "n1", 100_00, Notice, &["F1"]);
    scene.would("a notice of the bank", input);
    scene.policy.notice_close_max = eur(50_00);
    let input = pays(&scene, "n1", 100_00, Notice, &["F1"]);
    scene.would("a notice above the limit", input);
    insta::assert_snapshot!(scene.text);
}

#[test]
fn the_same_money_counts_once() {
    let mut scene = two();
    let input = pays(&scene, "n1", 100_00, Notice, &["F1"]);
    scene.tell("notice", input);
    let input = pays(&scene, "p1", 100_00, Statement, &["F1"]);
    scene.tell("the statement shows it", input);
    assert_eq!(scene.account.payments.len(), 1);
    let mut large = two();
    large.policy.notice_close_max = eur(50_00);
    let input = pays(&large, "n1", 100_00, Notice, &["F1"]);
    large.tell("a notice above the limit", input);
    large.answers(QuestionKind::UnmatchedPayment, "C-F1");
    let input = pays(&large, "p1", 100_00, Statement, &[]);
    large.tell("the statement shows what the owner placed", input);
    assert_eq!(large.account.payments.len(), 1);
    let mut missing = two();
    let input = pays(&missing, "n1", 100_00, Notice, &["F1"]);
    missing.told(input);
    missing.days("the statement should have shown it", "2026-06-22");
    let input = pays(&missing, "p1", 100_00, Statement, &["F1"]);
    missing.tell("it comes after all", input);
    insta::assert_snapshot!([scene.text, large.text, missing.text].join("\n---\n"));
}

#[test]
fn unclear_money_waits_for_the_owner() {
    let unclear = |scene: &Scene, id: &str| Input::UnclearPayment {
        payment: money(id, 70_00, Statement, scene.today),
        cases: vec![case("F1"), case("F2")],
        why: "no reference".into(),
        ask: true,
    };
    let mut scene = two();
    let input = unclear(&scene, "p1");
    scene.tell("unclear", input);
    let input = unclear(&scene, "p2");
    scene.tell("and another", input);
    let first = scene.question(QuestionKind::UnmatchedPayment);
    scene.tell("the first is for F1", Input::Answer { question: first, choice: "C-F1".into(), by: "owner".into() });
    assert!(scene.account.hold_on(&case("F1")).is_some(), "the second is still unclear");
    scene.answers(QuestionKind::UnmatchedPayment, "ignore");
    scene.tell("placed elsewhere", Input::PaymentPlaced { payment: "p3".into() });
    insta::assert_snapshot!(scene.text);
}

#[test]
fn taken_back() {
    let mut scene = two();
    let input = pays(&scene, "p1", 150_00, Statement, &["F1", "F2"]);
    scene.tell("paid both", input);
    let back =
        |cents| Input::Reversal { case: case("F1"), amount: eur(cents), source: "s1".into(), text: "storno F1".into() };
    scene.would("another amount", back(99_00));
    scene.tell("taken back", back(150_00));
    assert!(scene.account.cases.values().all(|case| case.is_open()), "both are open again");
    scene.answers(QuestionKind::Reversal, "resume");
    insta::assert_snapshot!(scene.text);
}

#[test]
fn untrusted_mail_pauses_one_case_once() {
    let forged = |id: &str| Input::UntrustedNotice { case: case("F1"), source: id.into(), why: "no DKIM".into() };
    let mut scene = two();
    scene.tell("first", forged("m1")).tell("again", forged("m2"));
    scene.days("a week later", "2026-06-23").days("over", "2026-06-24").tell("and again", forged("m3"));
    insta::assert_snapshot!(scene.text);
}

/// An older reader passed over the text of the terms: the file written anew is no other invoice for that.
#[test]
fn a_due_date_that_was_passed_over_is_no_conflict() {
    let mut scene = Scene::reminded();
    let with = |due_date, due_source| {
        let Input::InvoiceFiled { mut invoice, file, source, replace } = scene.filed("F9", 100_00, "2026-07-10") else {
            unreachable!()
        };
        (invoice.due_date, invoice.due_source) = (due_date, due_source);
        Input::InvoiceFiled { invoice, file, source, replace }
    };
    let due = Some(day("2026-07-25"));
    let (silent, terms) = (with(None, DueSource::Stated), with(due, DueSource::Terms));
    let (stated, other) = (with(due, DueSource::Stated), with(Some(day("2026-07-26")), DueSource::Terms));
    let conflicts = |scene: &Scene, input: &Input| {
        let facts = decide(&scene.account, input, &scene.policy, scene.today);
        facts
            .iter()
            .any(|fact| matches!(fact, Fact::QuestionAsked { question } if question.kind == QuestionKind::Conflict))
    };
    scene.told(silent);
    assert!(!conflicts(&scene, &terms));
    assert!(conflicts(&scene, &stated));
    let mut scene = Scene::reminded();
    scene.told(terms);
    assert!(!conflicts(&scene, &stated));
    assert!(conflicts(&scene, &other));
}

#[test]
fn invoices_and_credit_notes() {
    let mut scene = Scene::reminded();
    let same = scene.filed("F1", 100_00, "2026-06-10");
    scene.would("the same invoice again", same);
    let other = scene.filed("F1", 120_00, "2026-06-10");
    scene.tell("the same number, another amount", other.clone()).answers(QuestionKind::Conflict, "take-new");
    let Input::InvoiceFiled { invoice, file, source, .. } = other else { unreachable!() };
    let new =
        |invoice: Box<_>| Input::InvoiceFiled { invoice, file: file.clone(), source: source.clone(), replace: true };
    scene.tell("taken in its place", new(invoice.clone()));
    let mut stranger = invoice.clone();
    stranger.debtor.id = "K2".into();
    scene.would("but it names another debtor", new(stranger));
    let input = pays(&scene, "p1", 120_00, Statement, &["F1"]);
    scene.told(input);
    let mut dearer = invoice;
    dearer.payable = eur(150_00);
    scene.would("replaced after it was paid, by a larger one", new(dearer));
    let overdue = scene.filed("F3", 30_00, "2026-06-01");
    scene.tell("overdue at first sight", overdue);
    scene
        .days("it waits", "2026-06-30")
        .answers(QuestionKind::OverdueAtFirstSight, "open")
        .days("from the start", "2026-07-01");
    let free = scene.filed("F4", 0, "2026-08-01");
    scene.tell("nothing to pay", free);
    insta::assert_snapshot!(scene.text);

    let mut credits = two();
    for (name, cents, of) in [
        ("in part", 30_00, Some("F1")),
        ("in full", 100_00, Some("F1")),
        ("more than it is", 120_00, Some("F1")),
        ("of an invoice that we do not know", 30_00, Some("F8")),
        ("of none", 30_00, None),
    ] {
        let note = credits.credit_note("CN1", cents, of);
        credits.would(name, note);
    }
    let note = credits.credit_note("CN1", 30_00, Some("F8"));
    credits.tell("before its invoice", note);
    let late = credits.filed("F8", 80_00, "2026-07-20");
    credits.tell("the invoice comes", late);
    let note = credits.credit_note("CN2", 30_00, None);
    credits.tell("of none", note).answers(QuestionKind::CreditNote, "C-F2");
    let note = credits.credit_note("CN3", 500_00, None);
    credits.tell("a large one", note).answers(QuestionKind::CreditNote, "ignore");
    credits.days("set aside, it stops nothing", "2026-06-24");
    insta::assert_snapshot!("credit_notes", credits.text);
}

#[test]
fn what_the_owner_does() {
    let one = Some(case("F1"));
    let scope = || aanmaand::dunning::hold::Scope::Case(one.clone().unwrap());
    let all = || aanmaand::dunning::hold::Scope::Debtor;
    let why = || "because".to_owned();
    let mut scene = two();
    let question = scene.says("m1", aanmaand::dunning::input::Saying::Question);
    scene.told(question);
    for (name, act) in [
        ("hold", Act::Hold { scope: scope(), reason: why(), until: Some(day("2026-07-01")) }),
        ("resume one case of a held debtor", Act::Resume { scope: scope(), reason: why() }),
        ("resume", Act::Resume { scope: all(), reason: why() }),
        ("dispute", Act::Dispute { scope: all(), part: None, reason: why() }),
        ("resolve without a dispute", Act::Resolve { scope: all(), who: InTheRight::We, reason: why() }),
        ("promise", Act::Promise { scope: all(), date: day("2026-06-26"), amount: None, reason: why() }),
        ("paid", Act::Paid { case: case("F1"), amount: None, on: day("2026-06-15"), reason: why() }),
        (
            "paid in part",
            Act::Paid { case: case("F1"), amount: Some(eur(10_00)), on: day("2026-06-15"), reason: why() },
        ),
        ("write off", Act::WriteOff { case: case("F1"), reason: why() }),
        ("note", Act::Note { text: why() }),
        ("approve nothing", Act::Approve { scope: all() }),
        ("veto", Act::Veto { scope: scope(), reason: why() }),
    ] {
        scene.would(name, owner(act));
    }
    insta::assert_snapshot!(scene.text);
}

/// What nothing proves books nothing, whatever it names: the type says so, not only who calls.
#[test]
fn a_word_alone_books_nothing() {
    let mut scene = two();
    let word = Payment { evidence: Some(Evidence::Word), ..money("w", 100_00, Notice, scene.today) };
    scene.told(Input::Payment { payment: word, cases: vec![case("F1")] });
    assert!(scene.account.payments.is_empty() && scene.account.cases.values().all(|case| case.is_open()));
    assert!(scene.account.questions.values().any(|asked| asked.kind == QuestionKind::UnmatchedPayment));
}

/// A report announces, as a bank's mail does; a statement that came by mail is one.
#[test]
fn what_only_announces_closes_up_to_the_limit() {
    for (evidence, source, closes) in [
        (Evidence::Report, Notice, false),
        (Evidence::Notice, Notice, false),
        (Evidence::MailedStatement, Statement, true),
        (Evidence::FiledStatement, Statement, true),
    ] {
        let mut scene = two();
        scene.policy.notice_close_max = eur(50_00);
        let payment = Payment { evidence: Some(evidence), ..money("p", 100_00, source, scene.today) };
        scene.told(Input::Payment { payment, cases: vec![case("F1")] });
        assert_eq!(!scene.account.cases[&case("F1")].is_open(), closes, "{evidence:?}");
    }
}
