//! Files in every state that others leave them in.

use super::desk::{Desk, is_held_to_permissions, is_root, toml, ubl};
use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};
use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::Duration;

/// Names of sync programs, browsers, editors and systems; whole invoices are in them, and none may be taken.
const PASSING: [&str; 17] = [
    ".~lock.2026-0412.toml#",
    ".sync_0a1b2c.db",
    "._sync_0a1b2c.db",
    ".nextcloudsync.log",
    "n.toml.part",
    "n.pdf.nextcloud",
    ".n.toml.~1a2b3c",
    ".syncthing.n.toml.tmp",
    "~syncthing~n.toml.tmp",
    ".n.toml.swp",
    "n.toml~",
    "n.xml.crdownload",
    "n.xml.filepart",
    "~$n.xml",
    "Thumbs.db",
    "desktop.ini",
    ".goutputstream-X4Z1Z2",
];

pub fn every_kind_of_file() {
    let mut desk = Desk::new();
    let put = |desk: &Desk, name: &str, bytes: &[u8]| {
        fs::create_dir_all(desk.invoices(name).parent().unwrap()).unwrap();
        fs::write(desk.invoices(name), bytes).unwrap();
    };
    // By year, as people keep them, and with a name that is not text.
    put(&desk, "2025/12/R-1.toml", toml("R-1").as_bytes());
    put(&desk, "2026/11/R-2.xml", ubl("R-2").as_bytes());
    fs::write(desk.path("invoices").join(OsStr::from_bytes(b"factuur \xe9\xe9n.toml")), toml("R-3")).unwrap();
    put(&desk, "a/b/c/d/deep.toml", toml("DEEP").as_bytes());
    // On their way.
    put(&desk, "empty.toml", b"");
    put(&desk, "half.xml", &ubl("R-4").as_bytes()[..900]);
    put(&desk, "half.pdf", b"%PDF-1.7\n1 0 obj <<>> endobj\n");
    let whole = ubl("R-5");
    put(&desk, "reserved.xml", &[&whole.as_bytes()[..1200], &vec![0; whole.len() - 1200]].concat());
    let zeroed = toml("R-6");
    put(&desk, "reserved.toml", &[&zeroed.as_bytes()[..60], &vec![0; zeroed.len() - 60]].concat());
    let mut growing = fs::File::create(desk.invoices("growing.toml")).unwrap();
    growing.write_all(toml("R-7").replace("1210.00", "1.00").as_bytes()).unwrap();
    for name in PASSING {
        put(&desk, name, toml("PASSING").as_bytes());
    }
    put(&desk, ".stversions/R-1.toml", toml("OLD").as_bytes());
    // The second versions of sync programs: the same invoice, and one that says something else.
    put(&desk, "R-1 (conflicted copy 2026-11-03 101500).toml", format!("# later\n{}", toml("R-1")).as_bytes());
    put(&desk, "R-8.toml", toml("R-8").as_bytes());
    put(&desk, "R-8.pdf", b"%PDF-1.7\n%%EOF\n");
    put(&desk, "R-8.sync-conflict-20261103-101500-ABCDEFG.pdf", b"%PDF-1.7\n% other\n%%EOF\n");
    // Nothing that may be opened.
    put(&desk, "../elsewhere/secret.toml", toml("SECRET").as_bytes());
    symlink(desk.path("elsewhere/secret.toml"), desk.invoices("link.toml")).unwrap();
    symlink("/", desk.invoices("all")).unwrap();
    mknodat(CWD, desk.invoices("pipe.toml"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    mknodat(CWD, desk.invoices("socket.toml"), FileType::Socket, Mode::RWXU, 0).unwrap();
    let device = is_root()
        && mknodat(CWD, desk.invoices("zero.toml"), FileType::CharacterDevice, Mode::RWXU, makedev(1, 5)).is_ok();
    fs::File::create(desk.invoices("sparse.xml")).unwrap().set_len(1 << 30).unwrap();
    put(&desk, "closed.toml", toml("R-9").as_bytes());
    fs::set_permissions(desk.invoices("closed.toml"), Permissions::from_mode(0o000)).unwrap();

    desk.start();
    put(&desk, "gone.toml", toml("GONE").as_bytes());
    let first = ["R-1", "R-2", "R-3", "R-8"];
    // Held by its permissions is only who may not read everything.
    let closed = is_held_to_permissions();
    let known = if closed { first.to_vec() } else { [first.as_slice(), &["R-9"]].concat() };
    fs::remove_file(desk.invoices("gone.toml")).unwrap();
    desk.until("the first files", |desk| {
        writeln!(growing, "# more").unwrap();
        (desk.cases().len() >= known.len()).then_some(())
    });
    desk.until_cases(&known);
    assert!(desk.cases().values().all(Option::is_none), "{:?}", desk.cases());
    let mut refused = vec!["link.toml", "/all:", "pipe.toml", "socket.toml", "sparse.xml", "a/b/c/d"];
    refused.extend(Some("zero.toml").filter(|_| device));
    refused.extend(Some("closed.toml").filter(|_| closed));
    let asked = desk.questions();
    for name in &refused {
        assert_eq!(asked.iter().filter(|text| text.contains(name)).count(), 1, "{name}: {asked:#?}");
    }
    assert_eq!(asked.len(), refused.len(), "{asked:#?}");

    // What was on its way comes whole; what was known is moved, taken away, replaced.
    put(&desk, "half.xml", ubl("R-4").as_bytes());
    put(&desk, "reserved.xml", whole.as_bytes());
    put(&desk, "reserved.toml", zeroed.as_bytes());
    growing.set_len(0).unwrap();
    put(&desk, "growing.toml", toml("R-7").as_bytes());
    fs::rename(desk.invoices("2025/12/R-1.toml"), desk.invoices("2025/12/betaald R-1.toml")).unwrap();
    fs::remove_file(desk.invoices("2026/11/R-2.xml")).unwrap();
    put(&desk, "R-8.toml.part", toml("R-8").replace("1210.00", "99.00").as_bytes());
    fs::rename(desk.invoices("R-8.toml.part"), desk.invoices("R-8.toml")).unwrap();
    put(&desk, "../elsewhere/2024/R-10.toml", toml("R-10").as_bytes());
    fs::rename(desk.path("elsewhere/2024"), desk.invoices("2024")).unwrap();
    fs::set_permissions(desk.invoices("closed.toml"), Permissions::from_mode(0o644)).unwrap();
    for name in ["link.toml", "pipe.toml"] {
        fs::remove_file(desk.invoices(name)).unwrap();
    }
    desk.until_cases(&["R-1", "R-2", "R-3", "R-4", "R-5", "R-6", "R-7", "R-8", "R-9", "R-10"]);
    let held: Vec<String> = desk.cases().into_iter().filter_map(|(number, hold)| hold.map(|_| number)).collect();
    assert_eq!(held, ["R-8"], "the same number with another amount");
    // Its permission came, its link and its pipe went: nobody is asked any more.
    refused.retain(|name| !["link.toml", "pipe.toml", "closed.toml"].contains(name));
    let asked = desk.questions();
    assert!(refused.iter().all(|name| asked.iter().any(|text| text.contains(name))), "{asked:#?}");
    assert!(asked.len() == refused.len() + 1 && asked.iter().any(|text| text.contains("R-8")), "{asked:#?}");
    std::thread::sleep(Duration::from_millis(300));
    assert!(desk.runs());
}
