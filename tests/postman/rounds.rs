//! One by one, overlapping, over several connections; stopping and being cut.

use super::office::{Office, Script, lane, later, runtime};
use aanmaand::daemon::rounds::deliver_all;
use aanmaand::dunning::hold::Scope;
use aanmaand::dunning::ids::DebtorId;
use aanmaand::dunning::input::{Act, Input};
use aanmaand::ports::{Delivery, OutgoingMail};
use aanmaand::store::OutboxState::{DotIntent, Ready, Sending, Sent, Unknown, Withdrawn};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The owner holds the debtor to whom this mail is going.
fn hold(office: &Office, mail: &OutgoingMail) {
    let debtor = mail.recipient.replace("administratie@klant", "").replace(".example", "");
    let debtor = DebtorId::new(format!("K{:03}", debtor.parse::<u32>().unwrap()));
    office.on_the_house_now(move |house| {
        let act = Act::Hold { scope: Scope::Debtor, reason: "called".into(), until: None };
        house.step(&debtor, &Input::Owner { act, by: "owner".into() }, "owner").unwrap();
    });
}

#[test]
fn one_by_one_nothing_is_intended_before_the_dot_and_nothing_claimed_before_the_last_is_written_down() {
    let office = Office::with_letters(4, "");
    let server = Script::accepting(&office);
    assert_eq!(office.round(&server), 4);
    for seen in server.seen() {
        assert_eq!((seen.at_first, seen.at_the_dot, seen.intents), (Sending, Some(DotIntent), 1), "{seen:?}");
    }
    assert_eq!(office.rows(Sent).len(), 4);
}

#[test]
fn a_swift_server_is_told_one_after_another_and_every_intent_is_durable_before_its_dot() {
    let office = Office::with_letters(12, "");
    let server = Script::accepting(&office).swift();
    assert_eq!(office.round(&server), 12);
    let seen = server.seen();
    assert_eq!(seen.iter().map(|seen| &seen.message_id).collect::<BTreeSet<_>>().len(), 12, "each once");
    for seen in &seen {
        assert_eq!((seen.at_the_dot, seen.intents), (Some(DotIntent), 1), "{seen:?}");
    }
    assert_eq!(office.rows(Sent).len(), 12);
}

#[test]
fn with_a_pace_nothing_overlaps_even_with_a_swift_server() {
    let office = Office::with_letters(3, "");
    let server = Script { connections: 4, ..Script::accepting(&office).swift() };
    assert_eq!(office.round_while(&server, Duration::from_millis(1), &|| true), 3);
    for seen in server.seen() {
        assert_eq!((seen.at_first, seen.at_the_dot, seen.intents), (Sending, Some(DotIntent), 1), "{seen:?}");
    }
}

#[test]
fn four_connections_send_each_letter_once_and_no_more_than_a_day_allows() {
    let office = Office::with_letters(30, "per_day = 21\n");
    let server = Script { connections: 4, ..Script::accepting(&office).swift() };
    assert_eq!(office.round(&server), 21);
    let seen = server.seen();
    assert_eq!(seen.iter().map(|seen| &seen.message_id).collect::<BTreeSet<_>>().len(), 21, "each once");
    assert!(seen.iter().all(|seen| seen.at_the_dot == Some(DotIntent) && seen.intents <= 4), "{seen:?}");
    assert_eq!((office.rows(Sent).len(), office.rows(Ready).len(), office.rows(Sending).len()), (21, 9, 0));
}

#[test]
fn what_came_in_after_an_early_intent_still_stops_the_letter() {
    let office = std::sync::Arc::new(Office::with_letters(5, ""));
    let (outer, mails) = (office.clone(), AtomicUsize::new(0));
    let mut server = Script::accepting(&office).swift();
    server.before_the_dot = Box::new(move |disk, mail| {
        if mails.fetch_add(1, Ordering::SeqCst) == 2 {
            while disk.state(&mail.message_id) != DotIntent {
                std::thread::sleep(Duration::from_millis(1));
            }
            hold(&outer, mail);
        }
    });
    assert_eq!(office.round(&server), 4, "the others leave");
    let stopped = &server.seen()[2];
    assert_eq!(stopped.at_the_dot, None);
    office.round(&server);
    assert_eq!(office.on_disk().state(&stopped.message_id), Withdrawn);
    assert_eq!(server.seen().len(), 5, "it was not begun again");
}

#[test]
fn a_hold_just_before_the_dot_stops_a_letter_that_goes_alone() {
    let office = std::sync::Arc::new(Office::with_letters(2, ""));
    let outer = office.clone();
    let mut server = Script::accepting(&office);
    server.before_the_dot = Box::new(move |_, mail| hold(&outer, mail));
    assert_eq!(office.round(&server), 0);
    assert_eq!((server.dots(), server.seen().len()), (0, 2), "the second is tried: nothing is wrong with the server");
    office.round(&server);
    assert_eq!((office.rows(Withdrawn).len(), server.seen().len()), (2, 2));
}

#[test]
fn a_refusal_of_every_mail_ends_the_round_and_what_was_claimed_ahead_waits_again() {
    for swift in [false, true] {
        let office = Office::with_letters(6, "");
        let accepted = || Delivery::Accepted { reply: "250 ok".into() };
        let answers = [accepted(), accepted(), lane("535 5.7.8 login")];
        let server = Script { swift, ..Script::answering(&office, answers) };
        assert_eq!(office.round(&server), 2);
        assert_eq!((server.seen().len(), office.rows(Ready).len(), office.rows(Sending).len()), (3, 4, 0));
        assert_eq!(office.round(&server), 0, "the lane rests");
        assert_eq!(server.seen().len(), 3);
    }
}

#[test]
fn three_failures_in_a_row_are_the_servers() {
    for connections in [1, 2] {
        let office = Office::with_letters(9, "");
        let answers = std::iter::repeat_n(later("connecting: refused"), 9);
        let server = Script { connections, ..Script::answering(&office, answers) };
        assert_eq!(office.round(&server), 0);
        assert!((3..=2 + connections).contains(&server.seen().len()), "{}", server.seen().len());
        assert_eq!(office.rows(Ready).len(), 9);
    }
}

#[test]
fn asked_to_stop_it_finishes_the_letter_and_claims_no_other() {
    for swift in [false, true] {
        let office = Office::with_letters(6, "");
        let server = Script { swift, ..Script::accepting(&office) };
        let go_on = || server.seen().len() < 3;
        assert_eq!(office.round_while(&server, Duration::ZERO, &go_on), 3);
        assert_eq!((office.rows(Sent).len(), office.rows(Ready).len()), (3, 3), "swift: {swift}");
    }
}

#[test]
fn cut_after_the_dot_it_stays_an_intent_and_the_next_start_asks() {
    let mut office = Office::with_letters(2, "");
    let server = Script { hangs: true, ..Script::accepting(&office) };
    let (writer, runtime) = (office.writer(), runtime());
    runtime.block_on(async {
        let round = deliver_all(&writer, &server, Duration::ZERO, &|| true);
        assert!(tokio::time::timeout(Duration::from_millis(500), round).await.is_err(), "it waits for the answer");
    });
    drop(writer);
    assert_eq!((office.rows(DotIntent).len(), office.rows(Ready).len()), (1, 1));
    office.close();
    office.open();
    assert_eq!((office.rows(Unknown).len(), office.asked("unknown_send")), (1, 1));
    let server = Script::accepting(&office);
    assert_eq!(office.round(&server), 1, "only the other one");
}
