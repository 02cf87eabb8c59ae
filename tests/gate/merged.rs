//! What is still addressed to a debtor that was merged is the other's: whoever holds an old id in its hand pauses, asks and
//! books in the right place.

use super::office::{Office, invoice};
use aanmaand::dunning::hold::{HoldReason, Scope};
use aanmaand::dunning::ids::DebtorId;
use aanmaand::dunning::input::{Act, Input};
use aanmaand::store::OutboxState;

#[test]
fn a_hold_told_to_a_merged_debtor_holds_the_one_it_was_made_one_with() {
    let mut office = Office::open("");
    ["K1", "K2", "K3"].iter().for_each(|debtor| office.file(invoice(debtor, &format!("{debtor}-2026-1"))));
    let id = |text: &str| DebtorId::new(text);
    // In two steps: the way leads on.
    assert!(office.house.merge(&id("K2"), &id("K3"), "owner").unwrap());
    assert!(office.house.merge(&id("K1"), &id("K2"), "owner").unwrap());
    let act = Act::Hold { scope: Scope::Debtor, reason: "even wachten".into(), until: None };
    office.house.step(&id("K3"), &Input::Owner { act, by: "owner".into() }, "test").unwrap();
    let account = office.house.account(&id("K1")).unwrap();
    assert!(account.has_hold(&Scope::Debtor, HoldReason::Manual));
    assert_eq!(office.house.account(&id("K3")).unwrap().id, id("K1"));
    office.day("2026-06-15T10:00:00");
    assert_eq!(office.house.store.outbox_in(&[OutboxState::Ready]).unwrap().len(), 0, "nobody is written to");
    assert_eq!(office.house.self_check().unwrap(), Vec::<String>::new());
}
