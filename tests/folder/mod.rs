//! What happens to a folder that others fill, done to the folders of a running daemon. Each row of the table of faults is a
//! few lines below; rows that do not disturb each other share a daemon, for a file must hold still for five seconds.

mod desk;
mod files;
mod many;
mod places;

use std::time::Instant;

/// The parties wait most of the time, so they wait side by side.
#[test]
fn a_folder_under_every_fault() {
    let parties: [(&str, fn()); 5] = [
        ("files", files::every_kind_of_file),
        ("away", places::the_folder_is_away_and_comes_back),
        ("mounts", places::disks_that_are_mounted_and_taken_off),
        ("overflow", many::events_that_were_lost_lose_no_file),
        ("burst", many::a_burst_is_missed_by_nobody),
    ];
    let play = |(name, party): (&'static str, fn())| {
        let timed = move || {
            let began = Instant::now();
            party();
            println!("folder, {name}: {:.1?}", began.elapsed());
        };
        (name, std::thread::spawn(timed))
    };
    let begun = parties.map(play);
    let failed: Vec<&str> = begun.into_iter().filter_map(|(name, party)| party.join().err().map(|_| name)).collect();
    assert!(failed.is_empty(), "see above: {failed:?}");
}
