//! Money that nobody knows: a line of it costs the same whatever came before. Counted, not timed.

use super::truth::{Entry, Kind, World};
use super::{house_over, papers};
use crate::sim::shaky::Shaky;
use aanmaand::daemon::house::House;
use aanmaand::dunning::ids::DebtorId;
use aanmaand::dunning::question::QuestionKind;
use aanmaand::report::digest::render;
use aanmaand::store::{Disposition, InputKind};
use std::path::Path;

/// A statement of so many payments of strangers, each of another amount. The balance at its end.
fn strangers(house: &mut House, world: &World, day: u32, opening: i64, amounts: std::ops::Range<i64>) -> i64 {
    let entry = |cents: i64| Entry {
        kind: Kind::Stranger,
        day,
        cents,
        payer: world.payers[0].clone(),
        text: format!("iets anders {cents}"),
        reference: None,
        end_to_end: None,
        pays: Vec::new(),
    };
    let entries: Vec<Entry> = amounts.map(entry).collect();
    let on = super::date(day).to_string();
    let (file, closing) = papers::camt(&on, opening, &entries.iter().collect::<Vec<_>>());
    let became = house.take_one(InputKind::Statement, Path::new(&format!("{on}.xml")), file.into_bytes()).unwrap();
    assert!(matches!(became, Disposition::Applied { .. }), "{became:?}");
    closing
}

#[test]
fn a_line_of_a_stranger_costs_the_same_whatever_came_before() {
    let (store, world) = (Shaky::default(), World::of(7, 9));
    let mut house = house_over(Box::new(store.clone()));
    let closing = strangers(&mut house, &world, 11, 1_000_000, 10_000..10_010);
    store.take_passed();
    let closing = strangers(&mut house, &world, 12, closing, 20_000..20_010);
    let few = store.take_passed();
    let closing = strangers(&mut house, &world, 13, closing, 30_000..30_400);
    store.take_passed();
    strangers(&mut house, &world, 14, closing, 40_000..40_010);
    let many = store.take_passed();
    assert!(many * 100 < few * 105, "ten lines: {few} at first, {many} after four hundred others");

    let administration = DebtorId::administration();
    let asked = house.account(&administration).unwrap().questions;
    assert_eq!(asked.values().filter(|question| question.kind == QuestionKind::UnmatchedPayment).count(), 430);
    assert_eq!(house.self_check().unwrap(), Vec::<String>::new());
    // An answer ends one of them, and the others stay.
    let one = asked.values().nth(200).unwrap();
    store.take_passed();
    house.answer(&one.id, "ignore", "owner").unwrap();
    assert!(store.take_passed() < few, "an answer reads one question");
    assert_eq!(house.account(&administration).unwrap().questions.len(), asked.len() - 1);
    assert_eq!(house.self_check().unwrap(), Vec::<String>::new());
}

/// It is told each day with the age of the money, the oldest first, whenever it was asked about.
#[test]
fn money_that_is_not_placed_is_told_by_its_own_age() {
    let world = World::of(7, 9);
    let mut house = house_over(Box::new(Shaky::default()));
    for (day, amounts) in [(20, 10_000..10_002), (3, 20_000..20_001), (12, 30_000..30_001)] {
        strangers(&mut house, &world, day, 1_000_000, amounts);
    }
    let today = house.today();
    let digest = house.digest(today).unwrap();
    let told: Vec<_> = digest.left_over.iter().map(|left| (left.booked, left.amount.minor())).collect();
    let on = super::date;
    assert_eq!(told, [(on(3), 20_000), (on(12), 30_000), (on(20), 10_000), (on(20), 10_001)]);
    assert!(digest.left_over.iter().all(|left| left.question.since == today), "all were asked about today");
    assert!(digest.questions.iter().all(|question| question.kind != "unmatched_payment"), "it is told once");
    let text = render(&digest).unwrap().text.split_whitespace().collect::<Vec<_>>().join(" ");
    let days = (today - on(3)).num_days();
    assert!(text.contains("4 betalingen") && text.contains(&format!("{days} dagen geleden")), "{text}");
}
