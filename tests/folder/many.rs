//! Very many files, and very many that stay as they are.

use super::desk::{Desk, toml};
use std::fs;
use std::time::{Duration, Instant};

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
