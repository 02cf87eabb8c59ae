//! Claims: what letters ask beside the invoice, of whom and from which day; what a payment settles of it.

use super::scene::*;
use aanmaand::dunning::account::{LetterState, PaymentSource};
use aanmaand::dunning::claim;
use aanmaand::dunning::debtor::DebtorKind;
use aanmaand::dunning::fact::Fact;
use aanmaand::dunning::ids::{CaseId, StepId};
use aanmaand::dunning::input::{Act, CameBack, Input, Meaning, Outcome, Saying};
use aanmaand::dunning::invoice::TermSource;
use aanmaand::dunning::money::Money;
use aanmaand::dunning::policy::{Claims, InterestAsked};
use aanmaand::dunning::question::QuestionKind;
use chrono::{Duration, NaiveDate};
use proptest::prelude::*;

/// A debtor in that country whose invoices are due on 10 June 2026.
pub(super) fn scene(country: &str, kind: DebtorKind, term: TermSource, invoices: &[(&str, i64)]) -> Scene {
    let mut scene = Scene::new(kind, "2026-05-20");
    for (number, cents) in invoices {
        scene.told(filed_in(&scene, country, term, number, *cents, "2026-06-10"));
    }
    scene
}

pub(super) fn filed_in(scene: &Scene, country: &str, term: TermSource, number: &str, cents: i64, due: &str) -> Input {
    let mut invoice = scene.invoice(number, cents, due);
    invoice.debtor.country = Some(country.into());
    invoice.term_source = term;
    let source = format!("file-{number}").as_str().into();
    Input::InvoiceFiled { invoice: Box::new(invoice), file: format!("{number}.toml"), source, replace: false }
}

/// Lives through a day: letters leave and are announced the day before.
pub(super) fn live(scene: &mut Scene, today: NaiveDate) {
    scene.today = today;
    let length = scene.text.len();
    scene.tell(&today.format("%a %Y-%m-%d").to_string(), Input::Day(world(today)));
    if scene.text.ends_with("  -\n") {
        scene.text.truncate(length);
    }
    if let Some(letter) = scene.account.letter_underway().cloned() {
        for (case, extras) in &letter.extras {
            scene.text.push_str(&format!("    {case}: interest {} costs {}\n", extras.interest, extras.costs));
        }
        for (case, costs) in &letter.announced_costs {
            scene.text.push_str(&format!("    {case}: announces {costs}\n"));
        }
        let outcome = Outcome::Sent { on: today, reply: "250".into() };
        scene.told(Input::Letter { letter: letter.id, outcome });
    }
    announce(scene);
}

fn announce(scene: &mut Scene) {
    let ladder = scene.policy.ladder(&scene.account).unwrap().clone();
    let cases: Vec<CaseId> = scene.account.cases.keys().cloned().collect();
    let formal: Vec<StepId> = ladder.steps.iter().filter(|s| s.is_formal()).map(|s| s.id.clone()).collect();
    let rounds = formal.iter().flat_map(|step| [step.clone(), step.again()]);
    let steps = rounds.flat_map(|step| cases.iter().map(move |case| (case.clone(), step.clone()))).collect();
    scene.told(Input::Announced { steps });
}

pub(super) fn until(scene: &mut Scene, last: &str) {
    while scene.today < day(last) {
        let next = scene.today + Duration::days(1);
        live(scene, next);
    }
}

fn silent(country: &str, kind: DebtorKind, term: TermSource) -> String {
    let mut scene = scene(country, kind, term, &[("F1", 1000_00), ("F2", 250_00)]);
    scene.policy.claims.be_clause = true;
    until(&mut scene, "2026-09-15");
    scene.text
}

#[test]
fn a_dutch_consumer_with_an_agreed_term() {
    insta::assert_snapshot!(silent("NL", DebtorKind::Consumer, TermSource::GeneralTerms));
}

#[test]
fn a_dutch_consumer_whose_term_stands_only_on_the_invoice() {
    insta::assert_snapshot!(silent("NL", DebtorKind::Consumer, TermSource::Invoice));
}

#[test]
fn a_dutch_business() {
    insta::assert_snapshot!(silent("NL", DebtorKind::Business, TermSource::Contract));
}

#[test]
fn a_dutch_government() {
    insta::assert_snapshot!(silent("NL", DebtorKind::Government, TermSource::Contract));
}

#[test]
fn a_belgian_consumer() {
    insta::assert_snapshot!(silent("BE", DebtorKind::Consumer, TermSource::GeneralTerms));
}

#[test]
fn a_belgian_business() {
    insta::assert_snapshot!(silent("BE", DebtorKind::Business, TermSource::Contract));
}

/// Until the last letter that asks interest and costs has left.
pub(super) fn demanded(country: &str, kind: DebtorKind) -> Scene {
    let mut scene = scene(country, kind, TermSource::Contract, &[("F1", 1000_00)]);
    while !scene.account.letters.iter().any(|letter| letter.template == "last-demand") {
        let next = scene.today + Duration::days(1);
        live(&mut scene, next);
        assert!(scene.today < day("2026-12-01"), "the last demand never came");
    }
    scene.text.clear();
    scene.today += Duration::days(3);
    scene
}

pub(super) fn paid(scene: &Scene, id: &str, cents: i64) -> Input {
    Input::Payment { payment: money(id, cents, PaymentSource::Statement, scene.today), cases: vec![case("F1")] }
}

fn asked(scene: &Scene) -> i64 {
    claim::claimed(&scene.account, &scene.account.cases[&case("F1")], &scene.policy, scene.today)
        .total()
        .unwrap()
        .minor()
}

#[test]
fn what_a_payment_settles() {
    let mut text = String::new();
    for (country, kind) in [("NL", DebtorKind::Consumer), ("NL", DebtorKind::Business)] {
        let whole = demanded(country, kind);
        let claim = asked(&whole);
        for (name, cents) in [
            ("the whole claim", claim),
            ("all but twenty euros", claim - 20_00),
            ("the invoice only", 1000_00),
            ("less than the costs", 30_00),
            ("half", 500_00),
            ("too much", claim + 25_00),
        ] {
            let mut scene = demanded(country, kind);
            let input = paid(&scene, name, cents);
            scene.tell(&format!("{country} {kind:?} owes {}: {name}", eur(claim)), input);
            text.push_str(&scene.text);
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_rest_of_interest_and_costs_waits_for_the_owner() {
    for (choice, closed) in [("waive", true), ("keep", false)] {
        let mut scene = demanded("NL", DebtorKind::Business);
        let input = paid(&scene, "p", 1000_00);
        scene.told(input);
        assert_eq!(scene.account.hold_on(&case("F1")).unwrap().reason.code(), "rest");
        scene.answers(QuestionKind::Rest, choice);
        assert_eq!(!scene.account.cases[&case("F1")].is_open(), closed);
        assert_eq!(scene.account.hold_on(&case("F1")), None);
    }
}

#[test]
fn who_pays_the_invoice_before_a_letter_asked_more_owes_nothing() {
    let mut scene = scene("NL", DebtorKind::Business, TermSource::Contract, &[("F1", 1000_00)]);
    until(&mut scene, "2026-06-29");
    let facts = scene.told(paid(&scene, "p", 1000_00));
    assert!(facts.iter().any(|fact| matches!(fact, Fact::CaseClosed { .. })));
    assert!(!facts.iter().any(|fact| matches!(fact, Fact::RestWaived { .. })));
}

#[test]
fn a_payment_within_the_fourteen_days_lowers_the_costs() {
    for (cents, costs) in [(0, 150_00), (400_00, 90_58), (900_00, 40_00)] {
        let mut scene = scene("NL", DebtorKind::Consumer, TermSource::Contract, &[("F1", 1000_00)]);
        until(&mut scene, "2026-07-15");
        assert_eq!(scene.account.letters.last().unwrap().template, "fourteen-day-letter");
        if cents > 0 {
            scene.told(paid(&scene, "p", cents));
        }
        until(&mut scene, "2026-08-25");
        let letter = scene.account.letters.last().unwrap();
        assert_eq!(letter.template, "last-demand");
        // Of the 400.00 the interest of 35 days took 3.84 (art. 6:44 BW): 15 percent of 603.84.
        assert_eq!(letter.extras[0].1.costs, eur(costs), "{cents}");
    }
}

/// The fourteen-day letter left, and then something takes its effect away.
fn fourteen_days(what: impl Fn(&mut Scene)) -> String {
    let mut scene = scene("NL", DebtorKind::Consumer, TermSource::Contract, &[("F1", 1000_00)]);
    until(&mut scene, "2026-07-08");
    assert_eq!(scene.account.letters.last().unwrap().template, "fourteen-day-letter");
    scene.text.clear();
    what(&mut scene);
    until(&mut scene, "2026-10-01");
    scene.text
}

#[test]
fn a_bounce_takes_the_effect_away_and_the_letter_is_written_again() {
    let text = fourteen_days(|scene| {
        let letter = scene.account.letters.last().unwrap().id.clone();
        let bounce = Meaning::Bounce { letter: Some(letter), came_back: CameBack::Lasting, status: "5.1.1".into() };
        let mail = scene.mail("b1", bounce);
        scene.tell("the fourteen-day letter bounces", mail);
        scene.today += Duration::days(4);
        scene.answers(QuestionKind::Bounce, "resume");
    });
    insta::assert_snapshot!(text);
}

#[test]
fn a_dispute_within_the_term_takes_the_effect_away() {
    let text = fourteen_days(|scene| {
        let mail = scene.says("m1", Saying::Dispute);
        scene.tell("the customer disputes", mail);
        scene.today += Duration::days(20);
        scene.answers(QuestionKind::Dispute, "resolved");
    });
    insta::assert_snapshot!(text);
}

#[test]
fn one_fourteen_day_letter_for_all_that_is_in_default() {
    let mut scene = scene("NL", DebtorKind::Consumer, TermSource::Contract, &[("F1", 100_00)]);
    scene.told(filed_in(&scene, "NL", TermSource::Contract, "F2", 150_00, "2026-06-28"));
    scene.told(filed_in(&scene, "NL", TermSource::Invoice, "F3", 300_00, "2026-07-10"));
    scene.told(filed_in(&scene, "NL", TermSource::Contract, "F4", 400_00, "2026-07-20"));
    until(&mut scene, "2026-07-31");
    let fourteen = scene.account.letters.iter().find(|letter| letter.template == "fourteen-day-letter");
    let letter = fourteen.unwrap_or_else(|| panic!("no fourteen-day letter: {}", scene.text));
    let listed: Vec<&CaseId> = letter.amounts.iter().map(|(case, _)| case).collect();
    assert_eq!(listed, [&case("F1"), &case("F2")], "F3 is not in default without a notice, F4 not due");
    let announced: i64 = letter.announced_costs.iter().map(|(_, costs)| costs.minor()).sum();
    assert_eq!(announced, 40_00, "one fee over 250 euros");
}

#[test]
fn costs_announced_in_one_letter_are_asked_in_one() {
    let mut scene = scene("NL", DebtorKind::Consumer, TermSource::Contract, &[("F1", 100_00)]);
    scene.told(filed_in(&scene, "NL", TermSource::Contract, "F2", 200_00, "2026-06-28"));
    until(&mut scene, "2026-08-07");
    let last = scene.account.letters.iter().find(|letter| letter.template == "last-demand");
    let letter = last.unwrap_or_else(|| panic!("no last demand: {}", scene.text));
    assert_eq!(letter.covers.len(), 1, "F2 has not come so far");
    assert_eq!(letter.amounts.len(), 2);
    let costs: i64 = letter.extras.iter().map(|(_, extras)| extras.costs.minor()).sum();
    assert_eq!(costs, 45_00, "15 percent of the 300 euros in its table");
}

#[test]
fn interest_is_not_asked_beyond_the_table() {
    let mut scene = Scene::new(DebtorKind::Business, "2026-11-20");
    scene.told(filed_in(&scene, "NL", TermSource::Contract, "F1", 1000_00, "2026-12-20"));
    until(&mut scene, "2027-02-20");
    let letter = scene.account.letters.iter().find(|letter| letter.template == "formal-notice").unwrap();
    assert!(letter.requested_on > day("2026-12-31"));
    let extras = letter.extras[0].1;
    assert_eq!((extras.interest, extras.costs), (eur(0), eur(40_00)), "the costs need no table");
}

#[test]
fn what_the_owner_does_not_ask() {
    let letters = |change: &dyn Fn(&mut Claims)| -> Vec<(String, i64, i64)> {
        let mut scene = scene("NL", DebtorKind::Business, TermSource::Contract, &[("F1", 1000_00)]);
        change(&mut scene.policy.claims);
        until(&mut scene, "2026-08-15");
        let extras = |letter: &aanmaand::dunning::account::Letter| {
            letter.extras.first().map_or((0, 0), |(_, e)| (e.interest.minor(), e.costs.minor()))
        };
        let formal = scene.account.letters.iter().filter(|letter| letter.formal);
        formal.map(|l| (l.template.clone(), extras(l).0, extras(l).1)).collect()
    };
    insta::assert_debug_snapshot!([
        letters(&|_| ()),
        letters(&|claims| claims.interest = InterestAsked::None),
        letters(&|claims| claims.interest = InterestAsked::Contract("12".parse().unwrap())),
        letters(&|claims| claims.costs = false),
    ]);
}

#[test]
fn money_paid_too_much_is_a_credit_until_it_goes_back() {
    let mut scene = scene("NL", DebtorKind::Business, TermSource::Contract, &[("F1", 100_00)]);
    scene.on("2026-06-12");
    scene.told(paid(&scene, "p", 160_00));
    scene.told(filed_in(&scene, "NL", TermSource::Contract, "F2", 50_00, "2026-06-14"));
    assert_eq!(scene.account.unallocated(Money::eur_cents(0).currency()), eur(60_00));
    until(&mut scene, "2026-07-20");
    assert_eq!(scene.account.letters.len(), 0, "credit covers the debt: {}", scene.text);
    scene.tell("refunded", Input::Refund { amount: eur(60_00), source: "r".into(), text: "terug".into() });
    until(&mut scene, "2026-07-24");
    assert_eq!(scene.account.letters.len(), 1);
}

#[test]
fn the_owner_says_paid() {
    let mut scene = demanded("NL", DebtorKind::Business);
    let act = Act::Paid { case: case("F1"), amount: None, on: scene.today, reason: String::new() };
    scene.told(owner(act));
    assert!(!scene.account.cases[&case("F1")].is_open(), "the owner means all of it");
}

/// Working days of 2026 and 2027 by a list, not by the calendar that is tested.
fn works(day: NaiveDate) -> bool {
    use chrono::Datelike;
    let free = [
        "2026-05-25",
        "2026-12-25",
        "2027-01-01",
        "2027-03-26",
        "2027-03-29",
        "2027-04-27",
        "2027-05-05",
        "2027-05-06",
        "2027-05-07",
        "2027-05-17",
    ];
    day.weekday().number_from_monday() < 6 && !free.iter().any(|text| text.parse() == Ok(day))
}

/// The first day on which costs may be asked after a letter that left on `sent`: received the next working day, fourteen
/// days from the day after that, longer when the last one is no working day, and then the day after.
fn costs_from(sent: NaiveDate) -> NaiveDate {
    let next = |from: NaiveDate| from.iter_days().skip(1).find(|day| works(*day)).unwrap();
    let last = next(sent) + Duration::days(14);
    let last = if works(last) { last } else { next(last) };
    last + Duration::days(1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    /// Whatever a consumer does: no cent of costs before the term of a letter that reached them ran out, and never more
    /// than was announced.
    #[test]
    fn no_costs_before_their_day(agreed in any::<bool>(), events in prop::collection::vec((0u8..12, 0i64..1200), 0..40)) {
        let term = if agreed { TermSource::GeneralTerms } else { TermSource::Invoice };
        let mut scene = scene("NL", DebtorKind::Consumer, term, &[("F1", 1000_00), ("F2", 300_00)]);
        let mut events = events.into_iter();
        for n in 0..150 {
            let (before, asked) = (scene.account.clone(), scene.account.letters.len());
            live(&mut scene, day("2026-06-01") + Duration::days(n));
            for letter in scene.account.letters.iter().skip(asked) {
                let costs: i64 = letter.extras.iter().map(|(_, extras)| extras.costs.minor()).sum();
                prop_assert!(letter.announced_costs.is_empty() || costs == 0, "the letter that announces costs is free");
                let ripe = before.letters.iter().filter(|l| !l.announced_costs.is_empty() && l.void.is_none()).filter(
                    |l| matches!(l.state, LetterState::Sent(on) if costs_from(on) <= scene.today)
                );
                let announced: i64 = ripe.flat_map(|l| &l.announced_costs).map(|(_, costs)| costs.minor()).sum();
                prop_assert!(costs <= announced, "{} asks {costs} of {announced} on {}", letter.template, scene.today);
            }
            if n % 4 == 0 && let Some((kind, euros)) = events.next() {
                disturb(&mut scene, kind, euros);
            }
        }
    }
}

/// Something happens, and the owner answers what is asked.
fn disturb(scene: &mut Scene, kind: u8, euros: i64) {
    let id = format!("e{}-{kind}-{euros}", scene.today);
    let input = match kind {
        0..=2 => Input::Payment {
            payment: money(&id, euros * 100 + 7, PaymentSource::Statement, scene.today),
            cases: vec![case(if kind == 0 { "F2" } else { "F1" })],
        },
        3 | 4 => scene.says(&id, Saying::Dispute),
        5 | 6 => {
            let letter = scene.account.letters.last().map(|letter| letter.id.clone());
            scene.mail(&id, Meaning::Bounce { letter, came_back: CameBack::Lasting, status: "5".into() })
        }
        7 => filed_in(scene, "NL", TermSource::Contract, &format!("N{euros}"), 200_00, &scene.today.to_string()),
        8 => scene.credit_note(&format!("CN{euros}"), euros * 30 + 1, Some("F1")),
        _ => Input::Day(world(scene.today)),
    };
    scene.told(input);
    let asked: Vec<_> = scene.account.questions.values().map(|q| (q.id.clone(), q.choices[0].clone())).collect();
    for (question, choice) in asked {
        scene.told(Input::Answer { question, choice, by: "owner".into() });
    }
}
