//! Who is asleep is not asked at each turn, and wakes in time: on the day, when touched, and whenever it is not sure.

use super::office::{Office, invoice};
use aanmaand::dunning::hold::Scope;
use aanmaand::dunning::ids::DebtorId;
use aanmaand::dunning::input::{Act, Input};
use aanmaand::store::OutboxState;

fn told(office: &mut Office, debtor: &str, act: Act) {
    let input = Input::Owner { act, by: "owner".into() };
    office.house.step(&DebtorId::new(debtor), &input, "test").unwrap();
}

fn ready(office: &Office) -> usize {
    office.house.store.outbox_in(&[OutboxState::Ready]).unwrap().len()
}

fn awake(office: &Office) -> Option<usize> {
    office.house.awake_now().unwrap()
}

fn with(debtors: &[&str]) -> Office {
    let mut office = Office::open("");
    debtors.iter().for_each(|debtor| office.file(invoice(debtor, &format!("{debtor}-2026-1"))));
    assert_eq!(awake(&office), None, "after a start everybody is asked");
    office.day("2026-05-20T10:00:00");
    office
}

#[test]
fn accounts_sleep_until_their_day_and_wake_when_touched() {
    let mut office = with(&["K1", "K2", "K3"]);
    assert_eq!(awake(&office), Some(0));
    told(&mut office, "K2", Act::Note { text: "belt morgen".into() });
    assert_eq!(awake(&office), Some(1));
    office.day("2026-05-20T10:01:00");
    assert_eq!((awake(&office), ready(&office)), (Some(0), 0));
    office.day("2026-06-15T10:00:00");
    assert_eq!(ready(&office), 3, "the reminders of Monday the fifteenth");
    assert_eq!(office.house.overslept().unwrap(), []);
    office.clock.set("2026-06-14T10:00:00Z".parse().unwrap());
    assert_eq!(awake(&office), None, "a clock that went back");
}

#[test]
fn a_turn_that_was_rolled_back_puts_nobody_to_sleep() {
    let mut office = with(&["K1"]);
    let scope = Scope::Debtor;
    told(&mut office, "K1", Act::Hold { scope: scope.clone(), reason: "even wachten".into(), until: None });
    office.day("2026-06-15T10:00:00");
    assert_eq!((awake(&office), ready(&office)), (Some(0), 0));
    let failed = office.house.transact(|house| {
        for text in ["een", "twee", "drie", "vier", "vijf"] {
            let note = Input::Owner { act: Act::Note { text: text.into() }, by: "owner".into() };
            house.step(&DebtorId::new("K1"), &note, "test")?;
        }
        house.day()?;
        anyhow::bail!("the disk") as anyhow::Result<()>
    });
    assert!(failed.is_err());
    // Its rows in the journal take the places of some that were rolled back.
    told(&mut office, "K1", Act::Resume { scope, reason: "verder".into() });
    office.day("2026-06-15T10:01:00");
    assert_eq!(ready(&office), 1);
}
