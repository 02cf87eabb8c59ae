//! Laws that hold for every sequence of inputs.

use super::scene::*;
use aanmaand::dunning::account::{Account, LetterState, PaymentSource};
use aanmaand::dunning::debtor::DebtorKind;
use aanmaand::dunning::fact::Fact;
use aanmaand::dunning::hold::Scope;
use aanmaand::dunning::input::{Act, CameBack, DisputedPart, InTheRight, Input, Meaning, Outcome, Said, Saying};
use aanmaand::dunning::instalments::due_letters;
use aanmaand::dunning::instructions::Instructions;
use aanmaand::dunning::plan::{Every, Terms, equal};
use chrono::{Duration, NaiveDate};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// What is told, in small numbers; the numbers choose amounts, days and answers.
fn input(scene: &Scene, kind: u8, a: u8, b: u8) -> Input {
    let number = format!("F{}", a % 4);
    let cents = 10_00 * i64::from(b % 12) + 5_00;
    let source = if a.is_multiple_of(2) { PaymentSource::Statement } else { PaymentSource::Notice };
    let scope = if b.is_multiple_of(2) { Scope::Debtor } else { Scope::Case(case(&number)) };
    let (reason, id) = (String::new(), format!("e{kind}-{a}-{b}"));
    let payment = money(&id, cents, source, scene.today);
    let saying = [
        Saying::Insolvency,
        Saying::Dispute,
        Saying::Plan,
        Saying::Promise,
        Saying::Paid,
        Saying::Question,
        Saying::WrongContact,
        Saying::Acknowledge,
        Saying::Other,
    ][usize::from(a) % 9];
    let later = |days: u8| scene.today + Duration::days(i64::from(days % 30));
    match kind % 25 {
        0 => scene.filed(&number, 50_00 + cents, &later(b).to_string()),
        1 => scene.credit_note(&format!("CN{b}"), cents, (!b.is_multiple_of(3)).then_some(number.as_str())),
        2 => scene
            .mail(&id, Meaning::Human(Said { promise_date: (!b.is_multiple_of(3)).then(|| later(b)), ..said(saying) })),
        3 => scene.mail(
            &id,
            Meaning::Bounce {
                letter: scene.account.letters.last().map(|l| l.id.clone()),
                came_back: if b > 100 { CameBack::Lasting } else { CameBack::Not },
                status: "5".into(),
            },
        ),
        4 => Input::PossibleMail { source: id.as_str().into(), why: "two".into() },
        5 => Input::NotTheirs { source: format!("e4-{a}-{b}").as_str().into() },
        6 => Input::Payment { payment, cases: vec![case(&number)] },
        7 => Input::UnclearPayment { payment, cases: vec![case(&number)], why: "?".into(), ask: b.is_multiple_of(2) },
        8 => {
            Input::Reversal { case: case(&number), amount: eur(cents), source: id.as_str().into(), text: "back".into() }
        }
        9 => Input::UntrustedNotice { case: case(&number), source: id.as_str().into(), why: "?".into() },
        10 => owner(Act::Resume { scope, reason }),
        11 => owner(Act::Hold { scope, reason, until: (!a.is_multiple_of(2)).then(|| later(b)) }),
        12 => owner(Act::Promise { scope, date: later(b), amount: (b % 3 == 1).then(|| eur(cents)), reason }),
        13 => owner(Act::WriteOff { case: case(&number), reason }),
        14 => match scene.account.questions.values().nth(usize::from(a) % scene.account.questions.len().max(1)) {
            Some(q) => Input::Answer {
                question: q.id.clone(),
                choice: q.choices[usize::from(b) % q.choices.len()].clone(),
                by: "owner".into(),
            },
            None => owner(Act::Note { text: "nothing is asked".into() }),
        },
        15 => match scene.account.letter_underway() {
            Some(letter) => Input::Letter { letter: letter.id.clone(), outcome: outcome(scene.today, a) },
            None => Input::Day(world(scene.today)),
        },
        16 => Input::Announced {
            steps: vec![(case(&number), "formal-notice".into()), (case(&number), "last-demand".into())],
        },
        17 => {
            let part = (!b.is_multiple_of(3)).then(|| DisputedPart { amount: eur(cents), go_on: b % 3 == 1 });
            owner(Act::Dispute { scope: Scope::Case(case(&number)), part, reason })
        }
        18 => {
            owner(Act::Resolve { scope, who: [InTheRight::We, InTheRight::Debtor(None)][usize::from(a % 2)], reason })
        }
        19 => owner(Act::Plan { terms: terms(scene, a, b), reason }),
        20 if b.is_multiple_of(3) => owner(Act::EndPlan { plan: u32::from(a % 4), reason }),
        20 => missed(scene),
        21 => owner(Act::Instruct {
            instructions: Box::new(Instructions {
                never_dun: Some(a.is_multiple_of(8)),
                ladder: Some(["nl-consumer", "nl-business", "gone"][usize::from(b) % 3].into()),
                grace_days: Some(i64::from(a % 9)),
                minimum: Some(eur(i64::from(b) * 50)),
                ..Instructions::default()
            }),
            reason,
        }),
        _ => Input::Day(world(scene.today)),
    }
}

/// Instalments that fit what is open, mostly.
fn terms(scene: &Scene, a: u8, b: u8) -> Terms {
    let wanted = |id: &aanmaand::dunning::ids::CaseId| a.is_multiple_of(5) || *id == case(&format!("F{}", a % 4));
    let cases = scene.account.open_cases().map(|case| case.id.clone()).filter(wanted).collect();
    let whole_becomes_due = b.is_multiple_of(2);
    let mut terms = Terms { cases, instalments: Vec::new(), grace_days: u32::from(b % 4), whole_becomes_due };
    if let Ok(open) = terms.open(&scene.account) {
        let part = eur(5_00 + 10_00 * i64::from(b % 8));
        let every = if b.is_multiple_of(7) { Every::Month } else { Every::Days(u32::from(b % 5) + 1) };
        terms.instalments = equal(open, part, every, scene.today, None).unwrap_or_default();
    }
    if b.is_multiple_of(11) {
        terms.instalments.pop();
    }
    terms
}

/// The digest lists the letter about a missed instalment.
fn missed(scene: &Scene) -> Input {
    let due = due_letters(&scene.account, &scene.policy, scene.today + Duration::days(5));
    Input::Announced { steps: due.into_iter().filter(|due| due.formal).flat_map(|due| due.covers).collect() }
}

fn outcome(on: NaiveDate, a: u8) -> Outcome {
    match a % 8 {
        0 => Outcome::Unknown { on, why: "?".into() },
        1 => Outcome::Rejected { on, why: "?".into(), address: a > 100 },
        2 => Outcome::Withdrawn { why: "?".into() },
        _ => Outcome::Sent { on, reply: "250".into() },
    }
}

/// What must hold of the facts of one decision.
fn lawful(before: &Account, after: &Account, facts: &[Fact], today: NaiveDate) {
    for fact in facts {
        let json = serde_json::to_string(fact).unwrap();
        assert_eq!(serde_json::from_str::<Fact>(&json).unwrap(), *fact, "a fact survives the journal");
        let Fact::LetterRequested { letter } = fact else { continue };
        for (id, asked) in &letter.amounts {
            let case = &after.cases[id];
            let plan = letter.covers.iter().find_map(|(_, step)| step.instalment()).map(|(plan, _)| plan);
            let other = after.holds.iter().any(|hold| hold.covers(id) && (plan.is_none() || hold.plan() != plan));
            assert!(case.is_open() && !other, "{id} is held or closed");
            assert_eq!(case.asked(), *asked);
            let disputed = case.disputed.map_or(0, |disputed| disputed.minor());
            assert!(asked.minor() <= (case.open().minor() - disputed).max(0), "{id}: a disputed part is asked");
            assert!(
                plan.is_none() || after.living_plan().is_some_and(|p| Some(p.number) == plan && p.missed().is_some()),
                "no instalment is missed"
            );
        }
        let live = |state: &LetterState| !matches!(state, LetterState::Withdrawn | LetterState::Rejected(_));
        let covered: BTreeSet<_> = before.letters.iter().filter(|l| live(&l.state)).flat_map(|l| &l.covers).collect();
        assert!(letter.covers.iter().all(|pair| !covered.contains(pair)), "covered before");
        assert!(before.letter_underway().is_none(), "one letter at a time");
        for other in &before.letters {
            let Some(left) = other.left_on() else { continue };
            assert!(today >= left + Duration::days(5), "the gap");
            assert!(
                other.deadline.is_none_or(|day| !live(&other.state)
                    || today > day
                    || Some(left) < before.last_sent().map(|l| l.1)),
                "the deadline"
            );
        }
    }
    for case in after.cases.values() {
        assert!(!case.open().is_negative() && !case.paid.is_negative(), "{}", case.id);
        assert!(
            case.is_open()
                || case.closed.as_ref().is_some_and(|c| !c.how.is_settled())
                || case.open().is_zero()
                || case.waived.is_some(),
            "{} is closed as paid and is not",
            case.id
        );
    }
    assert!(after.plans.iter().filter(|plan| plan.is_living()).count() <= 1, "one plan at a time");
    for plan in after.plans.iter().filter(|plan| plan.is_living()) {
        assert!(plan.open_cases(after).next().is_some(), "a plan of nothing lives");
        assert!(plan.received(after).minor() >= 0 && plan.rest(after).minor() >= 0);
    }
    for hold in &after.holds {
        let of_plan = hold.plan().map(|number| after.living_plan().is_some_and(|plan| plan.number == number));
        assert!(of_plan != Some(false), "a plan that is over holds {:?}", hold.scope);
    }
    let underway = after.letters.iter().filter(|l| matches!(l.state, LetterState::Requested | LetterState::Unknown(_)));
    assert!(underway.count() <= 1, "one letter at a time");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn every_sequence(kind in any::<bool>(), told in prop::collection::vec((any::<u8>(), any::<u8>(), any::<u8>(), 0u8..6), 1..80)) {
        let mut scene = Scene::new(if kind { DebtorKind::Business } else { DebtorKind::Consumer }, "2026-05-20");
        let mut journal: Vec<Fact> = Vec::new();
        for (kind, a, b, days) in told {
            scene.today += Duration::days(i64::from(days));
            let (before, input) = (scene.account.clone(), input(&scene, kind, a, b));
            let facts = scene.told(input);
            lawful(&before, &scene.account, &facts, scene.today);
            journal.extend(facts);
        }
        let mut again = Account::new("K1".into());
        journal.iter().for_each(|fact| again.apply(fact));
        prop_assert_eq!(&again, &scene.account);
        let json = serde_json::to_string(&again).unwrap();
        prop_assert_eq!(serde_json::from_str::<Account>(&json).unwrap(), again);
    }

    #[test]
    fn a_human_hold_stands_until_somebody_lifts_it(what in 0usize..9, days in prop::collection::vec(1i64..9, 1..30)) {
        let mut scene = Scene::reminded();
        let words = [Saying::Insolvency, Saying::Dispute, Saying::Plan, Saying::Promise, Saying::Paid, Saying::Question,
            Saying::WrongContact, Saying::Acknowledge, Saying::Other][what];
        let mail = scene.says("m1", words);
        scene.told(mail);
        for n in days {
            scene.today += Duration::days(n);
            let facts = scene.told(Input::Day(world(scene.today)));
            let letter = facts.iter().any(|fact| matches!(fact, Fact::LetterRequested { .. }));
            prop_assert!(!letter, "a letter after {:?}", words);
        }
    }
}
