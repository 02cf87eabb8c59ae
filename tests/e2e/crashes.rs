//! kill -9 while letters leave: each arrives once, or its fate is asked about. Never twice, never silently lost.

use super::line::{Line, Slowness};
use super::mailbox::wait_for;
use super::office::Office;
use super::site::site;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

const LETTERS: usize = 12;
const KILLS: usize = 9;

fn customer(n: usize) -> String {
    format!("customer3+{n}-{}@klant.test", std::process::id())
}

#[test]
fn killed_while_sending() {
    let Some(site) = site("killed_while_sending") else { return };
    let mut office = Office::open(site, "office5");
    // So slow that a kill finds a letter under way, and as often as not between its final dot and the answer.
    let slowness = Slowness { always: Duration::from_millis(20), after_mail: Duration::from_millis(500) };
    let line = Line::to(site.port("SMTPS"), slowness);
    office.settings.smtp_port = line.port;
    office.configure();
    (0..LETTERS).for_each(|n| office.drop_invoice(&format!("C-2026-{}", 500 + n), &customer(n)));
    for kill in 0..KILLS {
        let before = line.mails.load(Ordering::SeqCst);
        let daemon = office.run();
        // Every other one anywhere in a letter; the rest while the server thinks about the mail that it was given.
        let began = wait_for(20, || (line.mails.load(Ordering::SeqCst) > before).then_some(()));
        assert!(began.is_some(), "no letter under way: {}", office.log());
        let more = if kill % 2 == 0 { 300 } else { 1_500 };
        std::thread::sleep(Duration::from_millis(u64::from(getrandom::u32().unwrap() % more)));
        daemon.kill();
    }
    let daemon = office.run();
    let done = wait_for(60, || {
        let cases = office.lines(&["cases", "--json"]);
        (cases.len() == LETTERS && cases.iter().all(|case| case["step"] == "reminder" || case["state"] == "held"))
            .then_some(cases)
    });
    // What Postfix took just before a kill may still be on its way to the mailbox.
    std::thread::sleep(Duration::from_secs(2));
    daemon.stop();
    let asked = office.questions();
    let unknown =
        |n: usize| asked.iter().any(|q| q["kind"] == "unknown_send" && q["debtor"] == format!("K-C-2026-{}", 500 + n));
    let mut outcomes: BTreeMap<(usize, bool), usize> = BTreeMap::new();
    for n in 0..LETTERS {
        let arrived = site.mails_to("customer3", &customer(n)).len();
        *outcomes.entry((arrived, unknown(n))).or_default() += 1;
        assert!(arrived <= 1, "letter {n} came {arrived} times");
        assert!(arrived == 1 || unknown(n), "letter {n} is missing and nobody was asked");
    }
    println!("{KILLS} kills, {LETTERS} letters; (arrived, asked about) -> letters: {outcomes:?}");
    assert!(done.is_some(), "letters were left behind: {:?}", office.lines(&["cases", "--json"]));
}
