//! Days begin and end by the administration's clock, also where that clock skips an hour or tells one twice.

use super::sandbox::{Invoice, Sandbox};
use aanmaand::adapters::store::memory::MemoryStore;
use aanmaand::config::Config;
use aanmaand::daemon::house::{House, Rules};
use aanmaand::ports::Clock;
use chrono::{DateTime, Utc};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

#[test]
fn letters_leave_at_nine_when_the_clock_has_gone_back() {
    let company = Sandbox::jansen();
    // 02:30 comes twice on this night.
    company.pass_at("2026-10-25T02:30");
    company.pass_at("2026-10-25T03:30");
    company.pass_at("2026-10-26T08:59");
    assert!(company.letters().is_empty(), "not yet nine");
    company.pass_at("2026-10-26T09:00");
    assert_eq!(company.days_sent(), ["2026-10-26"]);
}

#[test]
fn letters_leave_at_nine_when_the_clock_has_gone_forward() {
    let company = Sandbox::new();
    let due = Invoice { date: "2026-02-25".into(), due: "2026-03-27".into(), ..Invoice::jansen() };
    company.invoice(&due);
    company.pass_at("2026-03-27T23:59");
    company.pass_at("2026-03-28T23:59");
    let skipped = company.run(&["run", "--once", "--now", "2026-03-29T02:30"]);
    assert_eq!(skipped.status.code(), Some(2), "{}", String::from_utf8_lossy(&skipped.stderr));
    assert!(String::from_utf8_lossy(&skipped.stderr).contains("no such moment"));
    company.pass_at("2026-03-29T03:30");
    company.pass_at("2026-03-30T08:59");
    let before = company.letters().len();
    company.pass_at("2026-03-30T09:00");
    assert_eq!(company.letters().len(), before + 1, "the reminder, three days after 27 March");
    assert_eq!(company.days_sent().last().map(String::as_str), Some("2026-03-30"));
}

#[test]
fn a_day_ends_at_midnight_of_the_administration() {
    // 23:30 in Amsterdam is 22:30 in London: a due date is over here when it is over here.
    let company = Sandbox::new();
    let due = Invoice { date: "2026-09-25".into(), due: "2026-10-27".into(), ..Invoice::jansen() };
    company.invoice(&due);
    company.pass_at("2026-10-27T23:59");
    assert_eq!(company.case("2026-0412")["state"], "open");
    let late = Sandbox::new();
    late.invoice(&due);
    late.pass_at("2026-10-28T00:00");
    assert_eq!(late.case("2026-0412")["hold"], "overdue_at_first_sight");
}

/// The house's own clock, but ours to turn.
struct Turned(Mutex<DateTime<Utc>>);

impl Clock for Turned {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// The name of the stop at each of these moments, one after another, in a house that was just opened.
fn stops(moments: &[&str]) -> Vec<String> {
    let company = Sandbox::new();
    let config = Config::load(&company.path("aanmaand.toml")).unwrap();
    let clock = Arc::new(Turned(Mutex::new(DateTime::default())));
    let mut house: Option<House> = None;
    let mut seen = Vec::new();
    for moment in moments {
        *clock.0.lock().unwrap() = moment.parse().unwrap();
        let house = house.get_or_insert_with(|| {
            House::open(Box::new(MemoryStore::new()), config.clone(), Rules::built_in(), clock.clone()).unwrap()
        });
        house.transact(House::tick).unwrap();
        let stop = house.surroundings().unwrap().world().stopped.clone();
        seen.push(stop.map_or("-".to_owned(), |stop| format!("{stop:?}").split([' ', '{']).next().unwrap().to_owned()));
    }
    seen
}

#[test]
fn what_a_clock_may_do() {
    let good = "2026-12-01T09:00:00Z";
    for (moments, expected) in [
        (&[good, "2026-12-01T08:58:30Z"][..], "-"),
        (&[good, "2026-12-01T08:57:00Z"], "ClockWentBack"),
        (&[good, "2026-11-30T09:00:00Z"], "ClockWentBack"),
        (&[good, "2026-11-30T09:00:00Z", "2026-12-01T09:01:00Z"], "-"),
        (&[good, "2026-12-02T20:59:00Z"], "-"),
        (&[good, "2026-12-02T21:01:00Z"], "CatchUp"),
        (&[good, "2027-01-10T09:00:00Z"], "CatchUp"),
        (&["2026-10-31T23:00:00Z"], "ClockImplausible"),
        (&["1970-01-01T00:00:00Z"], "ClockImplausible"),
        (&["2036-11-02T00:00:00Z"], "ClockImplausible"),
        (&["2036-10-31T23:00:00Z"], "-"),
        // What could not be does not count as lived.
        (&[good, "2040-01-01T00:00:00Z", "2026-12-01T10:00:00Z"], "-"),
        (&[good, "2035-01-01T00:00:00Z", "2026-12-01T10:00:00Z"], "ClockWentBack"),
    ] {
        assert_eq!(stops(moments).last().unwrap(), expected, "{moments:?}");
    }
}

#[test]
fn a_clock_that_went_back_is_asked_about_until_it_is_past_or_confirmed() {
    let company = Sandbox::jansen();
    company.pass("2026-10-19");
    assert!(company.must(&["status"]).contains("de klok staat voor 2026-10-20 10:00"));
    company.pass("2026-10-21");
    assert!(company.kinds_asked().is_empty(), "it settled itself");

    // A slip of the hand: ten years on, and back.
    company.pass("2036-01-15");
    company.pass("2026-10-26");
    let early = company.days_sent();
    assert!(early.iter().all(|day| day.starts_with("2036")), "{early:?}");
    company.answer("clock", "wait");
    company.pass_at("2026-10-26T11:00");
    assert_eq!(company.days_sent(), early);
    company.pass("2026-10-27");
    company.answer("clock", "confirm");
    company.pass_at("2026-10-27T11:00");
    assert!(company.kinds_asked().iter().all(|kind| kind != "clock"));
    assert_eq!(company.digests().iter().filter(|digest| digest.day == "2026-10-27").count(), 1, "a digest again");
    company.invoice(&Invoice { number: "2026-0500".into(), due: "2026-11-02".into(), ..Invoice::numbered(7) });
    company.pass("2026-10-28");
    assert_eq!(company.last_letter_to("kas@klant7.example").day, "2026-10-28");
}

/// Runs a pass of the real clock at another moment; `None` without faketime.
fn at(company: &Sandbox, moment: &str, arguments: &[&str]) -> Option<String> {
    let command = company.command(arguments);
    let mut faked = Command::new("faketime");
    faked.arg(moment).arg(command.get_program()).args(command.get_args());
    let output = faked.env("TZ", "Europe/Amsterdam").env("FAKETIME_DONT_FAKE_MONOTONIC", "1").output().ok()?;
    assert!(output.status.success(), "{moment}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_machines_clock_jumps() {
    let company = Sandbox::new();
    let pass = |moment: &str| at(&company, moment, &["run", "--once"]);
    let due = |number, due: &str| {
        company.invoice(&Invoice { date: "2026-11-20".into(), due: due.into(), ..Invoice::numbered(number) });
    };
    let to = |number: u32| company.letters().iter().filter(|l| l.to == format!("kas@klant{number}.example")).count();
    due(1, "2026-11-29");
    if pass("2026-11-24 10:00:00").is_none() {
        eprintln!("SKIPPED: the machine's clock jumps (no faketime here)");
        return;
    }
    assert_eq!(to(1), 1, "the friendly note");
    assert!(company.path("state/backups/aanmaand-2026-11-24.sqlite").exists());
    due(2, "2026-11-29");
    pass("2026-11-23 10:00:00");
    assert!(company.must(&["status"]).contains("de klok staat voor"));
    pass("2016-11-24 10:00:00");
    assert!(company.must(&["status"]).contains("dat kan niet"), "{}", company.must(&["status"]));
    pass("2037-11-24 10:00:00");
    assert_eq!(to(2), 0);
    pass("2026-11-24 10:30:00");
    assert_eq!((to(2), company.kinds_asked()), (1, Vec::<String>::new()), "it goes on by itself");

    // Forty days on: first the digest, then at most one step, however many were missed.
    let digests = company.digests().len();
    pass("2027-01-04 10:00:00");
    assert_eq!((to(1), to(2)), (2, 2));
    assert_eq!(company.digests().len(), digests + 1);
    assert!(company.last_digest().text.contains("onderbreking"), "{}", company.last_digest().text);
    pass("2027-01-05 10:00:00");
    assert_eq!((to(1), to(2)), (2, 2), "the next step counts from the last letter that really left");

    pass("2026-11-25 10:00:00");
    due(3, "2026-11-30");
    pass("2026-11-25 10:10:00");
    assert_eq!(to(3), 0);
    let id = company.question("clock")["question"].as_str().unwrap().to_owned();
    at(&company, "2026-11-25 10:15:00", &["answer", &id, "confirm"]);
    pass("2026-11-25 10:20:00");
    assert_eq!((to(1), to(2), to(3)), (2, 2, 1));
}

/// A program that does not outlive its test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The library that `faketime` loads.
fn turning_library() -> Option<String> {
    let output =
        Command::new("faketime").args(["2026-11-24 10:00:00", "sh", "-c", "echo $LD_PRELOAD"]).output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned()).filter(|library| !library.is_empty())
}

#[test]
fn a_daemon_that_was_away_for_a_week_catches_up() {
    let Some(library) = turning_library() else {
        eprintln!("SKIPPED: a daemon that was away (no faketime here)");
        return;
    };
    let company = Sandbox::new();
    company.invoice(&Invoice { date: "2026-11-20".into(), due: "2026-11-29".into(), ..Invoice::numbered(1) });
    at(&company, "2026-11-24 10:00:00", &["run", "--once"]);
    company.put("clock", "@2026-12-02 10:00:00");
    let mut daemon = company.command(&["run"]);
    daemon.env("LD_PRELOAD", library).env("TZ", "Europe/Amsterdam").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    daemon.env("FAKETIME_TIMESTAMP_FILE", company.path("clock")).env("FAKETIME_NO_CACHE", "1");
    let _daemon = Killed(daemon.stderr(Stdio::null()).spawn().unwrap());
    let soon = Instant::now() + Duration::from_secs(90);
    let wait_for = |what: &str, there: &dyn Fn() -> bool| {
        while !there() {
            assert!(Instant::now() < soon, "{what}: {:?}", company.sent());
            std::thread::sleep(Duration::from_millis(200));
        }
    };
    let digest_of = |day: &str| company.digests().into_iter().find(|digest| digest.day == day);
    wait_for("awake after a week: a digest, then the reminder", &|| company.letters().len() == 2);
    let told = digest_of("2026-12-02").expect("a digest").text;
    assert!(told.contains("onderbreking"), "{told}");
}
