//! The folder itself: not there, replaced, closed, on a disk that comes and goes.

use super::desk::{Desk, Mounted, is_held_to_permissions, toml};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::time::Instant;

pub fn the_folder_is_away_and_comes_back() {
    let mut desk = Desk::new();
    fs::write(desk.invoices("R-1.toml"), toml("R-1")).unwrap();
    fs::rename(desk.path("invoices"), desk.path("away")).unwrap();
    let is_back = |desk: &Desk| desk.away().is_none().then_some(());
    desk.start();
    let why = desk.until("the missing folder", Desk::away);
    assert!(why.contains("is not there"), "{why}");
    fs::rename(desk.path("away"), desk.path("invoices")).unwrap();
    desk.until("the folder", is_back);
    desk.until_cases(&["R-1"]);

    fs::rename(desk.path("invoices"), desk.path("away")).unwrap();
    desk.until("the folder that was renamed", Desk::away);
    assert_eq!(desk.cases().len(), 1, "an invoice is not gone because its file is");
    fs::write(desk.path("invoices"), "x").unwrap();
    desk.until("a file in its place", |desk| desk.away().filter(|why| why.contains("is not a folder")));
    fs::remove_file(desk.path("invoices")).unwrap();
    fs::rename(desk.path("away"), desk.path("invoices")).unwrap();
    desk.until("the folder again", is_back);
    if is_held_to_permissions() {
        fs::set_permissions(desk.path("invoices"), Permissions::from_mode(0o000)).unwrap();
        desk.until("the closed folder", |desk| desk.away().filter(|why| why.contains("ermission denied")));
        fs::set_permissions(desk.path("invoices"), Permissions::from_mode(0o755)).unwrap();
        desk.until("the opened folder", is_back);
    }
    assert!(desk.questions().is_empty() && desk.cases().len() == 1, "{:?}", desk.questions());
    assert!(desk.runs());
}

pub fn disks_that_are_mounted_and_taken_off() {
    let mut desk = Desk::new();
    fs::create_dir(desk.path("disk")).unwrap();
    let Some(_disk) = Mounted::with(&["-t", "tmpfs", "-o", "size=8m,mode=755", "tmpfs"], &desk.path("disk")) else {
        eprintln!("SKIPPED: disks that are mounted and taken off (we may not mount here)");
        return;
    };
    let (disk, invoices) = (desk.path("disk"), desk.path("invoices"));
    fs::write(disk.join("R-1.toml"), toml("R-1")).unwrap();
    let mount = || Mounted::with(&["--bind", "-o", "ro", disk.to_str().unwrap()], &invoices).unwrap();
    let mounted = mount();
    assert!(fs::write(invoices.join("x"), "x").is_err(), "it is read-only");
    // Something to ask about tells when it was looked at first.
    std::os::unix::fs::symlink("nowhere", disk.join("link")).unwrap();
    desk.start();
    desk.until("the first look", |desk| (!desk.questions().is_empty()).then_some(()));
    drop(mounted);
    desk.nudge();
    let why = desk.until("the disk that was taken off", Desk::away);
    assert!(why.contains("no longer mounted"), "{why}");
    let mounted = mount();
    fs::write(disk.join("R-2.toml"), toml("R-2")).unwrap();
    desk.until("the disk", |desk| desk.away().is_none().then_some(()));
    desk.until_cases(&["R-1", "R-2"]);
    assert_eq!(desk.questions().len(), 1, "{:?}", desk.questions());
    if std::env::var_os("AANMAAND_FOLDERS").is_some_and(|value| value == "full") {
        a_file_of_which_nobody_tells(&desk);
    }
    assert!(desk.runs());
    drop(mounted);
}

/// Another folder lies over the one that is watched: no event comes of what is put into it, as on a network share.
fn a_file_of_which_nobody_tells(desk: &Desk) {
    fs::write(desk.path("elsewhere/R-3.toml"), toml("R-3")).unwrap();
    let over = Mounted::with(&["--bind", desk.path("elsewhere").to_str().unwrap()], &desk.path("invoices")).unwrap();
    let began = Instant::now();
    desk.until_cases(&["R-1", "R-2", "R-3"]);
    println!("a file of which no event told was found in {:?}", began.elapsed());
    drop(over);
}
