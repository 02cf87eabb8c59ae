//! A disk that fills up. Needs root for a small file system of its own, and faketime for a Tuesday.

use super::sandbox::{Invoice, Sandbox};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

const MIB: u64 = 1024 * 1024;

/// A file system in memory, gone with this.
struct Small(PathBuf);

impl Small {
    /// `None` where we may not mount.
    fn at(place: &Path, mib: u64) -> Option<Small> {
        fs::create_dir_all(place).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={mib}m,mode=700"), "tmpfs"]).arg(place);
        let done = mount.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        done.then(|| Small(place.to_owned()))
    }

    fn free(&self) -> u64 {
        let room = rustix::fs::statvfs(&self.0).unwrap();
        room.f_bavail * room.f_frsize
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }

    /// Fills it up but for this many MiB.
    fn leave(&self, mib: u64) {
        let _ = fs::remove_file(self.filler());
        let size = self.free() - mib * MIB;
        fs::write(self.filler(), vec![1; usize::try_from(size).unwrap()]).unwrap();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

fn skipped(why: &str) {
    eprintln!("SKIPPED: a disk that fills up ({why})");
}

#[test]
fn sending_rests_while_there_is_little_room() {
    let company = Sandbox::new();
    let Some(disk) = Small::at(&company.path("state"), 400) else { return skipped("we may not mount here") };
    company.invoice(&Invoice::jansen());
    company.pass("2026-10-20");
    assert_eq!(fs::metadata(company.path("state/ballast")).unwrap().len(), 16 * MIB);
    disk.leave(200);
    company.pass("2026-10-23");
    assert!(company.last_digest().text.contains("MiB vrij"), "{}", company.last_digest().text);
    disk.leave(63);
    company.pass("2026-10-26");
    assert!(company.letters().is_empty());
    let status = company.must(&["status"]);
    assert!(status.contains("nog maar") && status.contains("MiB vrij"), "{status}");
    disk.leave(65);
    company.pass_at("2026-10-26T11:00");
    assert_eq!(company.letters().len(), 1);
    // Already at work on a disk that is full to the brim: nothing is written, nothing leaves, nothing breaks.
    disk.leave(0);
    let full = company.run(&["run", "--once", "--now", "2026-11-03T10:00"]);
    assert!(!full.status.success());
    assert_eq!(company.letters().len(), 1);
    fs::remove_file(disk.filler()).unwrap();
    company.pass_at("2026-11-03T11:00");
    assert_eq!(company.days_sent(), ["2026-10-26", "2026-11-03"]);
    company.must(&["check", "--store"]);
}

/// Accepts every mail, but fills the disk to the brim before it says so. Returns its port and the mails.
fn server_that_fills(filler: PathBuf) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mails = Arc::new(Mutex::new(Vec::new()));
    let kept = mails.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            talk(&stream, &filler, &kept);
        }
    });
    (port, mails)
}

fn talk(mut stream: &TcpStream, filler: &Path, mails: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    stream.write_all(b"220 mail.example\r\n").unwrap();
    while let Some(line) = lines.next() {
        let answer = match line.split(' ').next().unwrap_or_default().to_uppercase().as_str() {
            "DATA" => {
                stream.write_all(b"354 go on\r\n").unwrap();
                let mail: Vec<String> = lines.by_ref().take_while(|line| line != ".").collect();
                let to = mail.iter().find(|line| line.starts_with("To:")).unwrap().clone();
                fill(filler);
                mails.lock().unwrap().push(to);
                "250 accepted"
            }
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        if stream.write_all(format!("{answer}\r\n").as_bytes()).is_err() {
            return;
        }
    }
}

fn fill(filler: &Path) {
    let mut file = fs::File::options().create(true).append(true).open(filler).unwrap();
    for size in [MIB, 4096, 1] {
        while file.write_all(&vec![1; usize::try_from(size).unwrap()]).is_ok() {}
    }
}

fn at(company: &Sandbox, moment: &str) -> std::io::Result<Output> {
    let command = company.command(&["run", "--once"]);
    let mut faked = Command::new("faketime");
    faked.arg(moment).arg(command.get_program()).args(command.get_args());
    faked.env("TZ", "Europe/Amsterdam").env("FAKETIME_DONT_FAKE_MONOTONIC", "1").output()
}

#[test]
fn the_answer_of_a_letter_just_handed_over_is_written_on_a_full_disk() {
    let company = Sandbox::new();
    let Some(disk) = Small::at(&company.path("state"), 120) else { return skipped("we may not mount here") };
    let (port, mails) = server_that_fills(disk.filler());
    let config = fs::read_to_string(company.path("aanmaand.toml")).unwrap();
    let smtp = format!("kind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"plain\"\n");
    company.put("aanmaand.toml", config.replace("kind = \"file\"\nfolder = \"outbox\"\n", &smtp));
    // The digest goes first, and fills the disk; the next time it is the letter.
    company.invoice(&Invoice { date: "2026-11-20".into(), due: "2026-11-29".into(), ..Invoice::jansen() });
    let Ok(output) = at(&company, "2026-11-24 10:00:00") else { return skipped("no faketime here") };
    let said = String::from_utf8_lossy(&output.stderr);
    let sent = mails.lock().unwrap().clone();
    assert_eq!(sent.len(), 1, "after that there was no room for more: {sent:?} {said}");
    assert!(!company.path("state/ballast").exists(), "the reserve was given up");
    assert!(disk.free() < 64 * MIB);
    let outbox = company.must(&["status", "--json"]);
    assert!(!outbox.contains("dot_intent") && !outbox.contains("unknown\""), "{outbox}");

    fs::remove_file(disk.filler()).unwrap();
    at(&company, "2026-11-24 11:00:00").unwrap();
    let sent = mails.lock().unwrap().clone();
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert_ne!(sent[0], sent[1], "nothing twice");
    assert!(company.kinds_asked().is_empty(), "{:?}", company.questions());
    fs::remove_file(disk.filler()).unwrap();
    assert!(at(&company, "2026-11-24 12:00:00").unwrap().status.success());
    assert_eq!(mails.lock().unwrap().len(), 2);
    assert!(company.path("state/ballast").exists(), "there is room again");
    company.must(&["check", "--store"]);
}
