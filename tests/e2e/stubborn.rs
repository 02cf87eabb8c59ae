//! A real Postfix that does not want: full, greylisting, refusing, restarted in the middle of a mail. It is one of this
//! file's own, since the other stories could not live with it.

use super::mailbox::wait_for;
use super::office::Office;
use super::site::Site;
use crate::post::{Proxy, Way, time_passes};
use aanmaand::adapters::store::SqliteStore;
use aanmaand::store::{OutboxState, Purpose, Store};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

fn customer(name: &str) -> String {
    format!("customer1+{name}-{}@klant.test", std::process::id())
}

/// An office at a Postfix of its own.
struct Stubborn {
    site: &'static Site,
    office: Office,
}

impl Stubborn {
    fn open(story: &str, user: &'static str) -> Option<Stubborn> {
        let site = Site::alone(story)?;
        Some(Stubborn { site, office: Office::open(site, user) })
    }

    fn postfix(&self, words: &[&str]) {
        let mut command = Command::new(words[0]);
        command.arg("-c").arg(self.site.folder().join("etc")).args(&words[1..]).env("PATH", super::site::path());
        let done = command.stdin(Stdio::null()).output().unwrap();
        assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// Postfix as it should be from now on.
    fn set(&self, settings: &[&str]) {
        for setting in settings {
            self.postfix(&["postconf", "-e", setting]);
        }
        self.postfix(&["postfix", "reload"]);
        // Servers that are at work keep their old settings.
        std::thread::sleep(Duration::from_secs(1));
    }

    fn pass(&self) {
        let output = self.office.command(&["run", "--once"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn later(&self) {
        time_passes(&self.office.path("state"));
        self.pass();
    }

    /// What `case` tells: the letter's state, the hold, and its text for people.
    fn case(&self, number: &str) -> (String, Value, String) {
        let all = self.office.lines(&["case", "show", number, "--json"]).pop().unwrap();
        let told = self.office.command(&["case", "show", number]);
        let letter = all["letters"][0]["state"].as_str().unwrap_or("none").to_owned();
        (letter, all["hold"].clone(), String::from_utf8(told.stdout).unwrap())
    }

    /// A letter is in this state.
    fn has(&self, state: OutboxState) -> bool {
        let store = SqliteStore::open_read_only(&self.office.path("state/aanmaand.sqlite")).unwrap();
        store.outbox_in(&[state]).unwrap().iter().any(|row| row.purpose == Purpose::Letter)
    }

    fn kinds_asked(&self) -> Vec<String> {
        self.office.questions().iter().map(|question| question["kind"].as_str().unwrap().to_owned()).collect()
    }

    fn arrived(&self, name: &str) -> usize {
        self.site.mails_to("customer1", &customer(name)).len()
    }
}

/// A policy service as Postfix asks it at each recipient (SMTPD_POLICY_README): this action for an address the first
/// time, "no objection" afterwards. Counts what it was asked.
fn greylist() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, known) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
    let count = asked.clone();
    std::thread::spawn(move || {
        for line in listener.incoming().flatten() {
            let (count, known) = (count.clone(), known.clone());
            std::thread::spawn(move || {
                let mut answers = line.try_clone().unwrap();
                let mut recipient = String::new();
                for line in BufReader::new(line).lines().map_while(Result::ok) {
                    if let Some(address) = line.strip_prefix("recipient=") {
                        recipient = address.to_owned();
                    }
                    if line.is_empty() {
                        count.fetch_add(1, Ordering::SeqCst);
                        let mut known = known.lock().unwrap();
                        let action =
                            if known.contains(&recipient) { "dunno" } else { "451 4.7.1 greylisted, come back" };
                        known.push(recipient.clone());
                        let _ = write!(answers, "action={action}\n\n");
                    }
                }
            });
        }
    });
    (port, asked)
}

#[test]
fn refused_for_now_and_for_good() {
    let Some(it) = Stubborn::open("refusals", "office1") else { return };
    let access = it.site.folder().join("etc/access");
    let table = [("vol", "452 4.2.2 mailbox full"), ("weg", "550 5.1.1 nobody here"), ("nee", "554 5.6.0 not this")];
    fs::write(&access, table.map(|(name, reply)| format!("{} {reply}\n", customer(name))).concat()).unwrap();
    it.set(&[&format!("smtpd_recipient_restrictions=check_recipient_access texthash:{}", access.display())]);
    for name in ["vol", "weg", "nee", "goed"] {
        it.office.drop_invoice(&format!("T-2026-{name}"), &customer(name));
    }
    it.pass();
    let mut asked = it.kinds_asked();
    asked.sort();
    assert_eq!(asked, ["bounce", "refused"]);
    let (letter, hold, told) = it.case("T-2026-vol");
    assert_eq!((letter.as_str(), hold), ("requested", Value::Null), "{told}");
    let (letter, hold, told) = it.case("T-2026-weg");
    assert_eq!((letter.as_str(), &hold), ("rejected", &"bounce".into()), "{told}");
    assert!(told.contains("550 5.1.1") && told.contains("nobody here"), "{told}");
    let (letter, hold, told) = it.case("T-2026-nee");
    assert_eq!(letter, "rejected", "{told}");
    assert!(!hold.is_null() && told.contains("554 5.6.0"), "{told}");
    assert_eq!(it.case("T-2026-goed").0, "sent");

    fs::write(&access, "").unwrap();
    it.set(&[]);
    it.later();
    assert_eq!(it.case("T-2026-vol").0, "sent");
    it.site.await_mail("customer1", &customer("vol"), 20);
    it.site.await_mail("customer1", &customer("goed"), 20);
    it.later();
    assert_eq!(["vol", "weg", "nee", "goed"].map(|name| it.arrived(name)), [1, 0, 0, 1]);
}

#[test]
fn greylisted() {
    let Some(it) = Stubborn::open("greylist", "office2") else { return };
    let (port, asked) = greylist();
    it.set(&[&format!("smtpd_recipient_restrictions=check_policy_service inet:127.0.0.1:{port}")]);
    it.office.drop_invoice("G-2026-1", &customer("grijs"));
    it.pass();
    assert!(asked.load(Ordering::SeqCst) > 0, "Postfix asked nobody");
    assert_eq!(it.case("G-2026-1").0, "requested");
    assert!(it.office.questions().is_empty());
    it.later();
    assert_eq!(it.case("G-2026-1").0, "sent");
    it.site.await_mail("customer1", &customer("grijs"), 20);
    it.later();
    assert_eq!(it.arrived("grijs"), 1);
}

#[test]
fn a_full_queue_and_a_small_one() {
    let Some(it) = Stubborn::open("full", "office3") else { return };
    it.set(&["queue_minfree=1000000000000000"]);
    it.office.drop_invoice("V-2026-1", &customer("ruimte"));
    it.pass();
    let (letter, hold, told) = it.case("V-2026-1");
    assert_eq!((letter.as_str(), hold), ("requested", Value::Null), "{told}");
    assert!(it.office.questions().is_empty());
    it.set(&["queue_minfree=0"]);
    it.later();
    it.site.await_mail("customer1", &customer("ruimte"), 20);

    it.set(&["message_size_limit=3000"]);
    it.office.drop_invoice("V-2026-2", &customer("groot"));
    it.pass();
    let (letter, hold, told) = it.case("V-2026-2");
    assert_eq!(letter, "rejected", "{told}");
    assert!(!hold.is_null() && told.contains("552 5.3.4"), "{told}");
    assert_eq!(it.kinds_asked(), ["refused"]);
    it.set(&["message_size_limit=40000000"]);
    it.later();
    assert_eq!((it.arrived("ruimte"), it.arrived("groot")), (1, 0));
}

/// A letter that fits into the buffers between us and the server was written to its end: it may have been taken. Of a large one
/// the dot was never written: it goes later.
#[test]
fn restarted_in_the_middle_of_a_mail() {
    let Some(mut it) = Stubborn::open("restart", "office4") else { return };
    let line = Proxy::to(it.site.port("SMTPS"), Way::default(), Way::default());
    it.office.settings.smtp_port = line.port;
    it.office.configure();
    // The digest, and the names of the folder.
    it.pass();
    for (number, name, bandwidth, carried, under_way, becomes) in [
        ("H-2026-1", "klein", 1_000, 2_500, OutboxState::DotIntent, "unknown"),
        ("H-2026-2", "groot", 2_000_000, 3_000_000, OutboxState::Sending, "requested"),
    ] {
        if under_way == OutboxState::Sending {
            let copy = [b"%PDF-1.7\n".as_slice(), &vec![b'%'; 12 * 1024 * 1024]].concat();
            fs::write(it.office.path(&format!("invoices/{number}.pdf")), copy).unwrap();
        }
        let slices = Some(bandwidth as usize / 10);
        line.set(Way { bandwidth: Some(bandwidth), slices, ..Way::default() }, Way::default());
        it.office.drop_invoice(number, &customer(name));
        let before = line.carried().0;
        let daemon = it.office.run();
        let middle = || it.has(under_way) && line.carried().0 > before + carried;
        wait_for(90, || middle().then_some(())).expect("the letter is under way");
        // "stop" would let it finish what it is at.
        it.postfix(&["postfix", "abort"]);
        it.postfix(&["postfix", "start"]);
        // A line that takes nothing more without saying so is given up after the three minutes that a block may take.
        let since = Instant::now();
        let over = wait_for(240, || (!it.has(under_way)).then_some(()));
        println!("{name}: known to be over after {:.1} s", since.elapsed().as_secs_f64());
        assert!(over.is_some(), "the letter is still under way; {} bytes went", line.carried().0 - before);
        daemon.stop();
        let (letter, hold, told) = it.case(number);
        assert_eq!((letter.as_str(), hold), (becomes, Value::Null), "{told}");
    }
    assert_eq!(it.kinds_asked(), ["unknown_send"]);
    line.set(Way::default(), Way::default());
    it.later();
    assert_eq!(["H-2026-1", "H-2026-2"].map(|number| it.case(number).0), ["unknown", "sent"]);
    it.site.await_mail("customer1", &customer("groot"), 20);
    it.later();
    assert_eq!(["klein", "groot"].map(|name| it.arrived(name)), [0, 1]);
}
