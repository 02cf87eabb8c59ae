//! Every failpoint: the process is killed there, or fails there, is started again, and keeps its promises. A point that is
//! never passed is a failure of this test.

use super::audit::{audit, sound};
use super::server::{Act, At, Server, Verb};
use super::yard::{Life, Yard, customer, invoice_number, is_open};
use aanmaand::dunning::account::{Account, ClosedAs};
use aanmaand::dunning::ids::{CaseId, DebtorId};
use aanmaand::failpoints::ALL;
use aanmaand::store::Store;
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::sync::Mutex;
use std::time::{Duration, Instant};

const AT_ONCE: usize = 4;
/// So much longer than any life of these takes.
const LONGEST: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    Kill,
    Error,
}

#[test]
fn killed_at_every_point() {
    every_point("killed_at_every_point", How::Kill);
}

#[test]
fn failing_at_every_point() {
    every_point("failing_at_every_point", How::Error);
}

fn every_point(story: &str, how: How) {
    if !is_open(story) {
        return;
    }
    let began = Instant::now();
    let left: Mutex<Vec<(&str, u32)>> = Mutex::new(ALL.iter().flat_map(|point| [(*point, 1), (*point, 2)]).collect());
    let hits: Mutex<BTreeMap<&str, usize>> = Mutex::new(ALL.iter().map(|point| (*point, 0)).collect());
    let (unknown, taken) = (Mutex::new(0), Mutex::new(0));
    let work = || {
        loop {
            let Some((point, time)) = left.lock().unwrap().pop() else { return };
            println!("{point} {how:?} at passing {time}");
            let (hit, audited) = Story::new(point, time, how).play();
            *hits.lock().unwrap().entry(point).or_default() += hit;
            *unknown.lock().unwrap() += audited.unknown;
            *taken.lock().unwrap() += audited.unknown_taken;
        }
    };
    std::thread::scope(|scope| (0..AT_ONCE).for_each(|_| drop(scope.spawn(work))));
    let hits = hits.into_inner().unwrap();
    let never: Vec<_> = hits.iter().filter(|(_, hits)| **hits == 0).map(|(point, _)| *point).collect();
    println!(
        "{story}: {} points, {} hits in {:.0} s; {} letters asked about, {} of them had been taken",
        hits.len(),
        hits.values().sum::<usize>(),
        began.elapsed().as_secs_f64(),
        unknown.into_inner().unwrap(),
        taken.into_inner().unwrap()
    );
    assert!(never.is_empty(), "never passed: {never:?}");
}

/// One administration, and one point that strikes in each part of its story.
struct Story {
    server: Server,
    yard: Yard,
    orders: String,
    how: How,
    hits: usize,
}

impl Story {
    fn new(point: &str, time: u32, how: How) -> Story {
        let server = Server::start();
        let yard = Yard::open(server.port);
        let act = if how == How::Kill { "kill" } else { "error" };
        Story { server, yard, orders: format!("{point}={act}@{time}"), how, hits: 0 }
    }

    fn play(mut self) -> (usize, super::audit::Audited) {
        // The first start, the first invoices, the first digest.
        self.yard.invoice(1);
        self.yard.invoice(2);
        self.strike();
        self.pass();
        // An answer, a server that is full, and one letter that it takes.
        let answers: Vec<String> =
            self.server.taken_for(&customer(1)).iter().map(|letter| self.yard.dispute(letter)).collect();
        let full = customer(3);
        self.server.script(move |at: &At| match at.verb {
            Verb::Rcpt if at.to == full => Act::Say("452 4.3.1 full"),
            _ => Act::Usual,
        });
        self.yard.invoice(3);
        self.yard.invoice(4);
        self.strike();
        self.pass();
        self.server.script(|_| Act::Usual);
        // What a crash left behind is put right.
        for (number, leave) in [(5, "smtp.begin=kill"), (6, "smtp.dot.allowed=kill")] {
            self.yard.invoice(number);
            self.with(leave);
        }
        self.strike();
        self.pass();
        self.yard.until_quiet();
        let audited = audit(&self.yard, &self.server, 6, &answers);
        self.move_cases();
        // Points on the way of a letter are not passed where none leaves.
        if !["smtp.", "claim.", "dot.", "later."].iter().any(|way| self.orders.starts_with(way)) {
            self.money_comes_in();
        }
        (self.hits, audited)
    }

    /// Between the two commits in which a statement is stored and settled nobody is written to, and the money counts once.
    fn money_comes_in(&mut self) {
        self.yard.invoice(9);
        self.yard.payment(9);
        self.strike();
        self.pass();
        let account = self.accounts().into_iter().find(|account| account.id.as_str() == "K9").unwrap();
        let closed = account.cases.values().map(|case| case.closed.as_ref().map(|closing| closing.how));
        assert_eq!(closed.collect::<Vec<_>>(), [Some(ClosedAs::Paid)], "{}", self.orders);
        assert_eq!(account.payments.len(), 1, "{}", self.orders);
        assert!(self.server.taken_for(&customer(9)).is_empty(), "{}: a letter about what was paid", self.orders);
        sound(&self.yard);
    }

    /// Two debtors become one and two again; whole or not at all, wherever it strikes.
    fn move_cases(&mut self) {
        self.yard.invoice(7);
        self.yard.invoice(8);
        self.pass();
        let case = invoice_number(8);
        let merge = ["debtor", "K7", "merge", "K8"];
        let split = ["debtor", "K7", "split", "--case", &case, "--as", "K8"];
        for (words, from, to) in [(&merge[..], "K8", "K7"), (&split[..], "K7", "K8")] {
            let orders = self.orders.clone();
            let struck = self.with_command(&orders, words);
            self.hits += usize::from(struck);
            if struck && self.owner_of(8) == from {
                self.is_whole(from);
                sound(&self.yard);
                assert!(self.yard.run(words).status.success(), "{words:?} after {orders}");
            }
            self.is_whole(to);
            if struck {
                sound(&self.yard);
            }
        }
        self.pass();
        self.is_whole("K8");
        sound(&self.yard);
        assert_eq!(self.server.taken_for(&customer(7)).len() + self.server.taken_for(&customer(8)).len(), 2);
    }

    /// The case is that debtor's alone, with all that hangs on it.
    fn is_whole(&self, owner: &str) {
        assert_eq!((self.owner_of(7).as_str(), self.owner_of(8).as_str()), ("K7", owner), "{}", self.orders);
        let accounts = self.accounts();
        let letters = |id: &str| {
            let account = accounts.iter().find(|account| account.id.as_str() == id).unwrap();
            let of_it =
                account.letters.iter().filter(|letter| letter.lists(&CaseId::new(format!("C-{}", invoice_number(8)))));
            (account.cases.len(), of_it.count(), account.merged_into.is_some())
        };
        // What a letter said is known where its case is; whose it was before knows it still, or is empty.
        match owner {
            "K7" => assert_eq!((letters("K7"), letters("K8")), ((2, 1, false), (0, 0, true)), "{}", self.orders),
            _ => assert_eq!((letters("K8"), letters("K7").2), ((1, 1, false), false), "{}", self.orders),
        }
    }

    /// Whose the case of this invoice is; there is one case of it.
    fn owner_of(&self, number: usize) -> String {
        let case = CaseId::new(format!("C-{}", invoice_number(number)));
        let owners: Vec<Account> =
            self.accounts().into_iter().filter(|account| account.cases.contains_key(&case)).collect();
        assert_eq!(owners.len(), 1, "{case} in {owners:?}");
        owners[0].id.to_string()
    }

    fn accounts(&self) -> Vec<Account> {
        let store = self.yard.store().unwrap();
        let stored = |id: DebtorId| store.account(&id).unwrap().unwrap().state;
        store.account_ids().unwrap().into_iter().map(|id| serde_json::from_str(&stored(id)).unwrap()).collect()
    }

    /// A life in which the point strikes, if it is passed.
    fn strike(&mut self) {
        let orders = self.orders.clone();
        self.hits += usize::from(self.with(&orders));
    }

    /// Whether that life did not end as it would have.
    fn with(&mut self, orders: &str) -> bool {
        self.with_command(orders, &["run", "--once"])
    }

    fn with_command(&mut self, orders: &str, words: &[&str]) -> bool {
        let seen = self.yard.path("struck");
        let _ = std::fs::remove_file(&seen);
        self.yard.environment = vec![
            ("AANMAAND_FAILPOINT".into(), orders.into()),
            ("AANMAAND_FAILPOINT_STRUCK".into(), seen.display().to_string()),
        ];
        let mut life: Life = self.yard.start(words);
        let status = life.ended(LONGEST);
        self.yard.environment.clear();
        self.server.settle();
        let struck = seen.exists();
        match self.how {
            How::Kill => assert_eq!(struck, status.signal() == Some(9), "{orders}: {status}: {}", self.yard.log()),
            How::Error => {}
        }
        struck
    }

    /// Undisturbed; a fault of before may have left a letter to be tried later.
    fn pass(&self) {
        self.yard.pass();
        self.server.settle();
    }
}
