//! Very many files, and very many that stay as they are.

use super::desk::{Desk, toml};
use rustix::process::Signal;
use std::fs;
use std::time::{Duration, Instant};

/// More events than any machine is set to keep by itself.
const MANY_EVENTS: usize = 200_000;

/// While the daemon stands still more happens than the system keeps events for (inotify(7), `IN_Q_OVERFLOW`): of the file that
/// comes last none tells.
pub fn events_that_were_lost_lose_no_file() {
    let kept = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events");
    let kept = kept.ok().and_then(|kept| kept.trim().parse().ok()).unwrap_or(MANY_EVENTS);
    if kept >= MANY_EVENTS {
        eprintln!("SKIPPED: events that were lost (this system keeps {kept} of them)");
        return;
    }
    let mut desk = Desk::new();
    fs::write(desk.invoices("R-1.toml"), toml("R-1")).unwrap();
    desk.start();
    desk.until_cases(&["R-1"]);
    desk.signal(Signal::STOP);
    // Each that comes and goes is three events at least.
    for _ in 0..kept / 2 {
        fs::write(desk.invoices("passing"), "x").unwrap();
        fs::remove_file(desk.invoices("passing")).unwrap();
    }
    fs::write(desk.invoices("R-2.toml"), toml("R-2")).unwrap();
    desk.signal(Signal::CONT);
    desk.until_cases(&["R-1", "R-2"]);
    assert!(desk.questions().is_empty() && desk.runs());
}

/// From the last file of a burst until the last one is a case.
const NONE_LATER: Duration = Duration::from_secs(60);

/// `AANMAAND_BURST` files, one after another as fast as the disk takes them.
pub fn a_burst_is_missed_by_nobody() {
    let count: usize = std::env::var("AANMAAND_BURST").map_or(300, |count| count.parse().unwrap());
    let mut desk = Desk::new();
    desk.start();
    let began = Instant::now();
    for n in 0..count {
        if n % 1000 == 0 {
            fs::create_dir(desk.invoices(&format!("{}", n / 1000))).unwrap();
        }
        let name = format!("{}/F-{n:05}.toml", n / 1000);
        fs::write(desk.invoices(&name), toml(&format!("F-{n:05}"))).unwrap();
    }
    let (written, last) = (began.elapsed(), Instant::now());
    while desk.known() < count {
        assert!(last.elapsed() < NONE_LATER, "{} of {count} with {:?} of work", desk.known(), desk.worked());
        std::thread::sleep(Duration::from_millis(200));
    }
    let (later, worked, memory) = (last.elapsed(), desk.worked(), desk.memory());
    println!(
        "{count} files written in {written:?}, known {later:?} after the last, with {worked:?} of work, {memory} KiB"
    );
    assert!(desk.questions().is_empty() && desk.runs());
}
