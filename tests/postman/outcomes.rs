//! What he does with each answer: when he tries again, when he gives up, when he asks.

use super::office::{Office, Script, lane, later};
use aanmaand::daemon::postman::Anew;
use aanmaand::ports::{Clock, Delivery};
use aanmaand::store::OutboxState::{Ready, Rejected, Sent};
use chrono::{DateTime, TimeDelta, Utc};

fn next_try(office: &Office) -> DateTime<Utc> {
    let ready = office.rows(Ready);
    assert_eq!(ready.len(), 1);
    ready[0].next_try.unwrap()
}

#[test]
fn a_letter_is_tried_again_at_growing_distances_also_after_a_restart() {
    let mut office = Office::with_letters(1, "");
    for minutes in [5, 15, 30, 60, 120, 120] {
        let server = Script::answering(&office, [later("451 4.3.0 later")]);
        office.round(&server);
        let (next, now) = (next_try(&office), office.clock.now());
        let wait = next - now;
        assert!(wait >= TimeDelta::minutes(minutes) && wait <= TimeDelta::seconds(minutes * 72), "{minutes}: {wait}");
        office.close();
        office.open();
        let server = Script::accepting(&office);
        assert_eq!((office.round(&server), server.seen().len()), (0, 0), "not sooner, though it was started anew");
        office.it_is(next);
    }
    office.round(&Script::answering(&office, [later("451 4.3.0 later")]));
    office.later(TimeDelta::seconds(1));
    office.on_the_house(|house| house.try_anew(Anew::Asked).unwrap());
    assert_eq!(office.round(&Script::accepting(&office)), 1, "the owner asked for it");
}

#[test]
fn after_two_days_the_owner_is_asked_and_nothing_goes_by_itself() {
    let office = Office::with_letters(1, "");
    let begun = office.clock.now();
    let mut tries = 0;
    while office.rows(Rejected).is_empty() {
        let server = Script::answering(&office, [later("connecting: refused")]);
        office.round(&server);
        tries += server.seen().len();
        office.later(TimeDelta::hours(1));
        assert!(office.clock.now() - begun < TimeDelta::hours(51));
    }
    assert!(office.clock.now() - begun >= TimeDelta::hours(48) && tries > 15, "{tries}");
    assert!(office.rows(Rejected)[0].note.starts_with("not accepted in two days"));
    assert_eq!(office.asked("refused"), 1);
    let server = Script::accepting(&office);
    office.round(&server);
    assert!(server.seen().is_empty());
}

#[test]
fn a_refusal_in_doubtful_words_is_tried_three_times_more() {
    let office = Office::with_letters(1, "");
    for again in 0..4 {
        assert!(office.rows(Rejected).is_empty(), "{again}");
        let doubtful = Delivery::Doubtful { reason: "after the mail: 550 5.5.0 no".into() };
        let server = Script::answering(&office, [doubtful]);
        office.round(&server);
        assert_eq!(server.dots(), 1, "{again}");
        office.later(TimeDelta::hours(2));
    }
    assert_eq!((office.rows(Rejected).len(), office.asked("refused")), (1, 1));
}

#[test]
fn a_refusal_of_every_mail_holds_no_debtor_and_is_not_tried_more_than_six_times_a_day() {
    let mut office = Office::with_letters(2, "");
    let begun = office.clock.now();
    let mut tries = Vec::new();
    for _ in 0..30 {
        // Somebody starts it again and again.
        office.close();
        office.open();
        let server = Script::answering(&office, [lane("535 5.7.8 login")]);
        office.round(&server);
        tries.extend(server.seen().iter().map(|_| office.clock.now() - begun));
        office.later(TimeDelta::minutes(30));
    }
    assert_eq!(tries.len(), 6, "{tries:?}");
    assert!(office.rows(Rejected).is_empty());
    office.it_is(begun + TimeDelta::hours(24) + TimeDelta::minutes(1));
    assert_eq!(office.round(&Script::accepting(&office)), 2, "a day later it is tried again");
}

#[test]
fn without_a_restart_a_refusing_server_is_asked_every_four_hours() {
    let office = Office::with_letters(1, "");
    let mut tries = 0;
    for _ in 0..24 {
        let server = Script::answering(&office, [lane("535 5.7.8 login")]);
        office.round(&server);
        tries += server.seen().len();
        office.later(TimeDelta::hours(1));
    }
    assert_eq!(tries, 6);
}

#[test]
fn one_letter_that_a_policy_refuses_does_not_stop_the_others_for_ever() {
    let office = Office::with_letters(3, "");
    let poisoned = office.rows(Ready)[0].message_id.clone();
    let begun = office.clock.now();
    while office.rows(Rejected).is_empty() {
        assert!(office.clock.now() - begun < TimeDelta::hours(60));
        let server = Script::refusing(&office, &poisoned, lane("after the mail: 554 5.7.1 looks like spam"));
        office.round(&server);
        office.later(TimeDelta::hours(1));
    }
    assert_eq!((office.rows(Sent).len(), office.rows(Rejected)[0].message_id.clone()), (2, poisoned));
    assert!(office.clock.now() - begun >= TimeDelta::hours(48));
}

#[test]
fn a_digest_that_cannot_be_sent_is_let_go_without_a_question() {
    let office = Office::with_letters(0, "");
    office.on_the_house(|house| house.digest_if_due().unwrap());
    assert_eq!(office.rows(Ready).len(), 1, "the digest");
    for _ in 0..52 {
        office.round(&Script::answering(&office, [later("connecting: refused")]));
        office.later(TimeDelta::hours(1));
    }
    assert_eq!((office.rows(Rejected).len(), office.asked("refused")), (1, 0));
}
