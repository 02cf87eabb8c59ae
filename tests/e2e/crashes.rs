//! kill -9 while letters leave: each arrives once, or its fate is asked about. Never twice, never silently lost.

use super::line::{Line, Slowness};
use super::mailbox::wait_for;
use super::office::Office;
use super::site::site;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

const LETTERS: usize = 12;
const KILLS: usize = 9;
const KILLS_AT_LEAST: usize = 6;

fn customer(n: usize) -> String {
    format!("customer3+{n}-{}@klant.test", std::process::id())
}

#[test]
fn killed_while_sending() {
    let Some(site) = site("killed_while_sending") else { return };
    let mut office = Office::open(site, "office5");
    // So slow that a kill finds a letter under way, and as often as not between its final dot and the answer.
    let milliseconds = Duration::from_millis;
    let slowness = Slowness { always: milliseconds(10), with_mail: milliseconds(400), after_mail: milliseconds(400) };
    let line = Line::to(site.port("SMTPS"), slowness);
    office.settings.smtp_port = line.port;
    office.configure();
    (0..LETTERS).for_each(|n| office.drop_invoice(&format!("C-2026-{}", 500 + n), &customer(n)));
    let mut kills = 0;
    while kills < KILLS {
        let before = line.mails.load(Ordering::SeqCst);
        let daemon = office.run();
        let began = wait_for(20, || (line.mails.load(Ordering::SeqCst) > before).then_some(()));
        if began.is_none() {
            break;
        }
        match kills % 3 {
            // The mail never reaches the server, and perhaps its dot was already written.
            0 => line.cut(),
            // About the final dot.
            1 => sleep_up_to(800),
            // Anywhere in this letter or the next.
            _ => sleep_up_to(2_000),
        }
        daemon.kill();
        line.mend();
        kills += 1;
    }
    assert!(kills >= KILLS_AT_LEAST, "only {kills} kills found a letter under way");
    let daemon = office.run();
    let done = wait_for(60, || {
        let (cases, asked) = (office.lines(&["cases", "--json"]), office.questions());
        let is_settled = |case: &&Value| case["step"] == "reminder" || asks_about(&asked, &case["debtor"]);
        (cases.iter().filter(is_settled).count() == LETTERS).then_some(())
    });
    // What Postfix took just before a kill may still be on its way to the mailbox.
    std::thread::sleep(Duration::from_secs(2));
    daemon.stop();
    let asked = office.questions();
    let unknown = |n: usize| asks_about(&asked, &format!("K-C-2026-{}", 500 + n).into());
    let mut outcomes: BTreeMap<(usize, bool), usize> = BTreeMap::new();
    for n in 0..LETTERS {
        let arrived = site.mails_to("customer3", &customer(n)).len();
        *outcomes.entry((arrived, unknown(n))).or_default() += 1;
        assert!(arrived <= 1, "letter {n} came {arrived} times");
        assert!(arrived == 1 || unknown(n), "letter {n} is missing and nobody was asked");
    }
    println!("{kills} kills, {LETTERS} letters; (arrived, asked about) -> letters: {outcomes:?}");
    assert!(done.is_some(), "letters were left behind: {:?}", office.lines(&["cases", "--json"]));
}

fn asks_about(questions: &[Value], debtor: &Value) -> bool {
    questions.iter().any(|question| question["kind"] == "unknown_send" && question["debtor"] == *debtor)
}

fn sleep_up_to(milliseconds: u32) {
    std::thread::sleep(Duration::from_millis(u64::from(getrandom::u32().unwrap() % milliseconds)));
}
