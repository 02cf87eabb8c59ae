//! A Dovecot that loses its index, numbers a mailbox anew, is killed, or moves an answer into junk: no answer is lost, and
//! none is taken for two.

use super::mailbox::{answer_headers, wait_for};
use super::office::Office;
use super::site::{Site, site};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How many mails were there before, from nobody in particular: 300, or as many as `AANMAAND_OLD_MAILS` says (10,000 before a
/// release).
fn old() -> usize {
    std::env::var("AANMAAND_OLD_MAILS").map_or(300, |text| text.parse().expect("AANMAAND_OLD_MAILS: a number"))
}

fn customer(name: &str) -> String {
    format!("customer1+{name}-{}@klant.test", std::process::id())
}

/// The files of Dovecot's own in a mailbox, whose names begin so.
fn forget(maildir: &Path, begins: &str) {
    let files = fs::read_dir(maildir).unwrap().flatten().map(|entry| entry.path());
    let ours = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(begins));
    let files: Vec<PathBuf> = files.filter(ours).collect();
    assert!(!files.is_empty(), "{}: no {begins}", maildir.display());
    files.iter().for_each(|file| fs::remove_file(file).unwrap());
}

fn fill(site: &Site, user: &str) {
    let maildir = site.maildir(user);
    ["cur", "new", "tmp"].iter().for_each(|place| fs::create_dir_all(maildir.join(place)).unwrap());
    for n in 0..old() {
        let mail = format!("From: n{n}@nieuws.test\nSubject: {n}\nMessage-ID: <n{n}@nieuws.test>\n\nTekst {n}\n");
        fs::write(maildir.join(format!("cur/{}.M{n}.test:2,S", super::site::now().timestamp())), mail).unwrap();
    }
    let owned = std::process::Command::new("chown").args(["-R", "mail:mail"]).arg(&maildir).status().unwrap();
    assert!(owned.success());
}

/// How many mails the journal has heard of.
fn heard(office: &Office) -> u64 {
    let store = aanmaand::adapters::store::SqliteStore::open_read_only(&office.path("state/aanmaand.sqlite")).unwrap();
    let rows = aanmaand::store::Store::journal(&store, None, 0, 100_000).unwrap();
    rows.iter().filter(|row| row.fact.contains("\"mail_read\"")).count() as u64
}

#[test]
fn a_lost_index_and_a_mailbox_that_is_numbered_anew() {
    let Some(site) = site("a_lost_index_and_a_mailbox_that_is_numbered_anew") else { return };
    let office = Office::open(site, "office12");
    fill(site, "office12");
    let (first, second) = (customer("d1"), customer("d2"));
    office.drop_invoice("D-2026-1", &first);
    office.drop_invoice("D-2026-2", &second);
    let daemon = office.run();
    let letters = [&first, &second].map(|to| site.await_mail("customer1", to, 60));
    let patience = 30 + old() as u64 / 50;
    wait_for(patience, || (heard(&office) >= old() as u64).then_some(())).expect("all that was there");
    daemon.stop();
    for (begins, letter, number) in [("dovecot.index", 0, "D-2026-1"), ("dovecot", 1, "D-2026-2")] {
        let before = heard(&office);
        forget(&site.maildir("office12"), begins);
        site.answer(&letters[letter], "Deze factuur klopt niet, wij hebben niets ontvangen.");
        let begun = Instant::now();
        let daemon = office.run();
        office.await_case(number, patience, |case| case["hold"] == "dispute");
        println!("{begins}: {} mails, held after {:.1} s", old(), begun.elapsed().as_secs_f64());
        daemon.stop();
        let more = heard(&office) - before;
        assert!(more <= 3, "{begins}: {more} mails were read, most of them again");
    }
}

#[test]
fn a_server_process_that_is_killed() {
    let Some(site) = site("a_server_process_that_is_killed") else { return };
    let office = Office::open(site, "office13");
    let to = customer("d3");
    office.drop_invoice("D-2026-3", &to);
    let daemon = office.run();
    let letter = site.await_mail("customer1", &to, 60);
    let killed = wait_for(30, || Some(kill_imap(site, "office13")).filter(|killed| *killed > 0));
    println!("killed {} process(es)", killed.expect("a process that serves us"));
    site.answer(&letter, "Deze factuur klopt niet, wij hebben niets ontvangen.");
    office.await_case("D-2026-3", 90, |case| case["hold"] == "dispute");
    daemon.stop();
}

#[test]
fn an_answer_that_was_moved_to_junk() {
    let Some(site) = site("an_answer_that_was_moved_to_junk") else { return };
    let office = Office::open(site, "office15");
    let to = customer("d4");
    office.drop_invoice("D-2026-4", &to);
    let daemon = office.run();
    let letter = site.await_mail("customer1", &to, 60);
    office.await_case("D-2026-4", 30, |case| case["step"] == "reminder");
    daemon.stop();
    let headers = answer_headers(&letter);
    site.post(&to, &letter.address("Reply-To"), &headers, "Deze factuur klopt niet, wij hebben niets ontvangen.");
    let moved = || {
        let mut moving = site.doveadm();
        let done = moving.args(["move", "-u", "office15", "Junk", "mailbox", "INBOX", "all"]).status().unwrap();
        let junk = site.maildir("office15").join(".Junk");
        let there = ["new", "cur"].iter().filter_map(|place| fs::read_dir(junk.join(place)).ok()).flatten().count();
        (done.success() && there > 0).then_some(())
    };
    wait_for(30, moved).expect("it lies in junk");
    let daemon = office.run();
    office.await_case("D-2026-4", 60, |case| case["hold"] == "dispute");
    daemon.stop();
}

/// kill -9 of the processes of our own Dovecot that serve this user.
fn kill_imap(site: &Site, user: &str) -> usize {
    let master = fs::read_to_string(site.folder().join("run/master.pid")).unwrap();
    let parent = format!("PPid:\t{}\n", master.trim());
    let processes = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        let of = |name: &str| fs::read_to_string(entry.path().join(name)).ok();
        let ours = of("status")?.contains(&parent) && of("cmdline")?.contains(&format!("[{user} "));
        ours.then_some(pid)
    });
    let killed = processes.filter(|pid| kill_process(Pid::from_raw(*pid).unwrap(), Signal::KILL).is_ok());
    killed.count()
}
