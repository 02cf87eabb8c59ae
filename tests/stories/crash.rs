//! Killed at any moment, started again: no letter twice, none missing, or else the owner is asked.

use super::sandbox::{Invoice, Sandbox};
use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::{Duration, Instant};

const DEBTORS: u32 = 12;

fn due_tomorrow() -> Sandbox {
    let company = Sandbox::new();
    for number in 1..=DEBTORS {
        company.invoice(&Invoice::numbered(number));
    }
    company.pass("2026-10-25");
    company
}

/// How long an undisturbed pass with all these letters takes here.
fn whole_pass() -> Duration {
    let company = due_tomorrow();
    let started = Instant::now();
    company.pass("2026-10-26");
    assert_eq!(company.letters().len(), DEBTORS as usize);
    started.elapsed()
}

#[test]
fn killed_at_any_moment_no_letter_is_sent_twice_and_none_is_lost() {
    let whole = whole_pass();
    let (rounds, kills) = (8, 4);
    let mut unknown = 0;
    for round in 0..rounds {
        let company = due_tomorrow();
        for kill in 0..kills {
            // Spread over the pass, most in its second half, where the letters leave.
            let part = 0.15 + 0.8 * f64::from((round * kills + kill) * 7 % 32) / 32.0;
            let mut pass = company.command(&["run", "--once", "--now", "2026-10-26T10:00"]);
            let mut child = pass.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(whole.mul_f64(part));
            child.kill().ok();
            child.wait().unwrap();
        }
        company.pass_at("2026-10-26T11:00");
        company.pass_at("2026-10-26T12:00");
        unknown += check(&company);
    }
    eprintln!("{} kills, {unknown} letters of unknown fate", rounds * kills);
}

/// Every debtor got exactly one letter, or none and the owner is asked about it.
fn check(company: &Sandbox) -> usize {
    let letters = company.letters();
    let ids: BTreeSet<&str> = letters.iter().map(|letter| letter.message_id.as_str()).collect();
    let to: BTreeSet<&str> = letters.iter().map(|letter| letter.to.as_str()).collect();
    assert_eq!((ids.len(), to.len()), (letters.len(), letters.len()), "twice");
    let asked: Vec<String> = company
        .questions()
        .into_iter()
        .filter(|question| question["kind"] == "unknown_send")
        .map(|question| question["text"].as_str().unwrap().to_owned())
        .collect();
    for number in 1..=DEBTORS {
        let address = format!("kas@klant{number}.example");
        let known = to.contains(address.as_str()) || asked.iter().any(|text| text.contains(&address));
        assert!(known, "{address} got nothing and nobody is asked: {asked:?}");
    }
    let digests = company.digests();
    let days: BTreeSet<&str> = digests.iter().map(|digest| digest.day.as_str()).collect();
    assert_eq!(days.len(), digests.len(), "a digest twice");
    asked.len()
}
