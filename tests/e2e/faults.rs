//! Servers that are down, refuse us, or give letters back. Letters wait; nothing is lost; the owner hears of it.

use super::line::{Line, Slowness};
use super::mailbox::{answer_headers, wait_for};
use super::office::Office;
use super::site::site;
use rustix::process::Signal;
use std::io::Write;
use std::process::Stdio;
use std::time::Instant;

fn customer(name: &str) -> String {
    format!("customer1+{name}-{}@klant.test", std::process::id())
}

#[test]
fn a_mail_server_that_is_down() {
    let Some(site) = site("a_mail_server_that_is_down") else { return };
    let mut office = Office::open(site, "office6");
    let line = Line::to(site.port("SMTPS"), Slowness::default());
    office.settings.smtp_port = line.port;
    office.configure();
    line.cut();
    let names = ["f1", "f2", "f3", "f4", "f5"];
    names.iter().for_each(|name| office.drop_invoice(&format!("F-2026-{name}"), &customer(name)));
    let daemon = office.run();
    office.await_case("F-2026-f5", 20, |_| true);
    std::thread::sleep(std::time::Duration::from_secs(3));
    for name in names {
        let case = office.case(&format!("F-2026-{name}")).unwrap();
        assert_eq!((&case["state"], &case["step"]), (&"open".into(), &serde_json::Value::Null), "{case}");
    }
    line.mend();
    // Without this they leave at their next try, minutes later.
    daemon.signal(Signal::HUP);
    // A letter for which a mail was just being read has its turn again later.
    names.iter().for_each(|name| drop(site.await_mail("customer1", &customer(name), 90)));
    office.await_case("F-2026-f5", 5, |case| case["step"] == "reminder");
    daemon.stop();
    assert!(office.questions().is_empty(), "{:?}", office.questions());
    names.iter().for_each(|name| assert_eq!(site.mails_to("customer1", &customer(name)).len(), 1));
}

#[test]
fn a_wrong_password_stops_the_lane_and_touches_no_case() {
    let Some(site) = site("a_wrong_password_stops_the_lane") else { return };
    let office = Office::open(site, "office7");
    office.drop_invoice("F-2026-p1", &customer("p1"));
    office.password("send", "verkeerd");
    let check = office.command(&["check", "--online"]);
    assert_eq!(check.status.code(), Some(office.checked(1)), "{}", String::from_utf8_lossy(&check.stdout));

    let daemon = office.run();
    let warned = wait_for(30, || {
        let status = office.lines(&["status", "--json"]).pop()?;
        status["warnings"].to_string().contains("535").then(|| status["warnings"].clone())
    });
    println!("status with a wrong password: {}", warned.expect("a warning in status"));
    let case = office.await_case("F-2026-p1", 10, |_| true);
    assert_eq!((&case["state"], &case["step"]), (&"open".into(), &serde_json::Value::Null), "{case}");
    let digest = office.command(&["digest", "--preview", "text"]);
    assert!(String::from_utf8_lossy(&digest.stdout).contains("535"), "{}", String::from_utf8_lossy(&digest.stdout));
    assert!(site.mails_to("customer1", &customer("p1")).is_empty());

    office.password("send", "geheim-office7");
    daemon.signal(Signal::HUP);
    site.await_mail("customer1", &customer("p1"), 30);
    site.await_mail("office7", &office.owner(), 10);
    let check = office.command(&["check", "--online"]);
    assert_eq!(check.status.code(), Some(office.checked(0)), "{}", String::from_utf8_lossy(&check.stdout));
    daemon.stop();
}

#[test]
fn an_answer_while_the_imap_server_is_away() {
    let Some(site) = site("an_answer_while_the_imap_server_is_away") else { return };
    let mut office = Office::open(site, "office8");
    let line = Line::to(site.port("IMAPS"), Slowness::default());
    office.settings.imap_port = line.port;
    office.configure();
    office.drop_invoice("F-2026-i1", &customer("i1"));
    office.drop_invoice("F-2026-i2", &customer("i2"));
    let daemon = office.run();
    let letters = ["i1", "i2"].map(|name| site.await_mail("customer1", &customer(name), 30));

    let kicked = Instant::now();
    assert!(site.doveadm().args(["kick", "office8"]).stdout(Stdio::null()).status().unwrap().success());
    site.answer(&letters[0], "Wij betwisten deze factuur.");
    office.await_case("F-2026-i1", 60, |case| case["hold"] == "dispute");
    println!("sent away by Dovecot, case held by an answer meanwhile: {:.1} s", kicked.elapsed().as_secs_f64());

    line.cut();
    site.answer(&letters[1], "Wij betwisten deze factuur.");
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert_eq!(office.case("F-2026-i2").unwrap()["state"], "open");
    let back = Instant::now();
    line.mend();
    office.await_case("F-2026-i2", 60, |case| case["hold"] == "dispute");
    println!("server back, case held by an answer meanwhile: {:.1} s", back.elapsed().as_secs_f64());
    daemon.stop();
}

#[test]
fn answers_in_the_junk_folder_and_letters_that_come_back() {
    let Some(site) = site("answers_in_the_junk_folder_and_letters_that_come_back") else { return };
    let office = Office::open(site, "office9");
    office.drop_invoice("F-2026-j1", &customer("j1"));
    let nobody = "niemand@klant.test";
    office.drop_invoice("F-2026-j2", nobody);
    office.drop_invoice("F-2026-j3", "weg@klant.test");
    let daemon = office.run();

    for (number, told) in [("F-2026-j2", "refused at the door"), ("F-2026-j3", "came back")] {
        let case = office.await_case(number, 30, |case| case["state"] == "held");
        assert_eq!(case["hold"], "bounce", "{told}: {case}");
        let asked = office.questions();
        let about = format!("K-{number}");
        assert!(asked.iter().any(|q| q["debtor"] == about && q["kind"] == "bounce"), "{told}: {asked:?}");
    }

    let letter = site.await_mail("customer1", &customer("j1"), 30);
    let mut save = site.doveadm();
    save.args(["save", "-u", "office9", "-m", "Junk"]).stdin(Stdio::piped());
    let mut save = save.spawn().unwrap();
    let answer = format!("{}\nWij betwisten deze factuur.\n", answer_headers(&letter));
    save.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
    assert!(save.wait().unwrap().success());
    // IDLE watches INBOX; any mail there makes us look everywhere. Without one it takes five minutes at most.
    site.post(
        "iemand@elders.test",
        &office.email(),
        "From: <iemand@elders.test>\nSubject: Nieuws\nMessage-ID: <1@elders.test>",
        "Hallo",
    );
    office.await_case("F-2026-j1", 20, |case| case["hold"] == "dispute");
    daemon.stop();
    assert!(wait_for(0, || office.case("F-2026-j1")).is_some());
}
