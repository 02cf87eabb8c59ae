//! Places where a test may kill the process, make it fail or make it slow: at every commit and every step of a
//! conversation on the way of a letter and of an input. Only with the cargo feature `failpoints`; else nothing is left of them.
//!
//! `AANMAAND_FAILPOINT=claim.moved=kill@2` kills the process when it passes that place for the second time; `=error`
//! lets the place fail, `=delay:50` holds it up for so many milliseconds. Several are separated by a semicolon. The file that
//! AANMAAND_FAILPOINT_STRUCK names is made when one strikes.

/// Every place, in the order in which a letter comes by. The test of all of them fails when one is never passed.
pub const ALL: &[&str] = &[
    // every commit
    "store.begin",
    "store.commit",
    "store.committed",
    "writer.answers",
    // a start
    "house.key",
    "recover.row",
    "tick.noted",
    // what comes in
    "folder.listed",
    "file.stored",
    "mails.fetched",
    "mail.stored",
    "mailbox.read",
    "input.taken",
    "input.applied",
    "input.settled",
    // a decision
    "day.decided",
    "step.decided",
    "step.journaled",
    "step.written",
    "letter.composed",
    "step.mirrored",
    "digest.made",
    // two debtors become one, one becomes two
    "cases.left",
    "cases.came",
    // the postman
    "round.listed",
    "claim.gated",
    "claim.moved",
    "dot.gated",
    "dot.moved",
    "answer.noting",
    "later.noted",
    // the conversation
    "smtp.begin",
    "smtp.connected",
    "smtp.greeted",
    "smtp.hello",
    "smtp.login",
    "smtp.sender",
    "smtp.recipient",
    "smtp.data",
    "smtp.body",
    "smtp.dot.allowed",
    "smtp.dot.written",
    "smtp.dot.answered",
    "smtp.quit",
];

/// Passes a place.
///
/// # Errors
/// When a test asked for it.
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
pub const fn pass(_: &str) -> Result<(), String> {
    Ok(())
}

#[cfg(feature = "failpoints")]
pub use armed::pass;

/// The same, where the daemon works: there a failure is one of the store.
///
/// # Errors
/// When a test asked for it.
#[inline(always)]
pub fn reach(point: &str) -> anyhow::Result<()> {
    Ok(pass(point).map_err(crate::store::StoreFault::Broken)?)
}

#[cfg(feature = "failpoints")]
mod armed {
    use std::collections::BTreeMap;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    struct Order {
        act: Act,
        /// At the n-th passing, counted from 1; 0 = each time.
        at: u64,
        passed: AtomicU64,
    }

    #[derive(Clone, Copy)]
    enum Act {
        Kill,
        Error,
        Delay(Duration),
    }

    static ORDERS: LazyLock<BTreeMap<String, Order>> =
        LazyLock::new(|| std::env::var("AANMAAND_FAILPOINT").map(|text| parse(&text)).unwrap_or_default());

    /// Passes a place, and does there what the environment says.
    ///
    /// # Errors
    /// When the environment says `error`.
    pub fn pass(point: &str) -> Result<(), String> {
        assert!(super::ALL.contains(&point), "BUG: {point} is not among the failpoints");
        let Some(order) = ORDERS.get(point) else { return Ok(()) };
        let passed = order.passed.fetch_add(1, Ordering::SeqCst) + 1;
        if order.at != 0 && order.at != passed {
            return Ok(());
        }
        note(point);
        match order.act {
            Act::Kill => kill(),
            Act::Error => Err(format!("failpoint {point}")),
            Act::Delay(pause) => {
                std::thread::sleep(pause);
                Ok(())
            }
        }
    }

    /// Makes the file that AANMAAND_FAILPOINT_STRUCK names: the order was carried out.
    fn note(point: &str) {
        if let Some(path) = std::env::var_os("AANMAAND_FAILPOINT_STRUCK") {
            std::fs::write(path, point).unwrap_or_else(|error| panic!("{error}"));
        }
    }

    /// As kill -9 does: nothing is written, closed or said.
    fn kill() -> ! {
        use rustix::process::{Signal, getpid, kill_process};
        let _ = kill_process(getpid(), Signal::KILL);
        std::process::abort()
    }

    /// What cannot be read is a mistake of the test, and ends it.
    fn parse(text: &str) -> BTreeMap<String, Order> {
        text.split(';')
            .filter(|part| !part.is_empty())
            .map(|part| order(part).unwrap_or_else(|| panic!("{part:?}")))
            .collect()
    }

    fn order(part: &str) -> Option<(String, Order)> {
        let (point, act) = part.split_once('=')?;
        let (act, at) = act.split_once('@').map_or((act, Some(0)), |(act, at)| (act, at.parse().ok()));
        let act = match (act, act.strip_prefix("delay:")) {
            ("kill", _) => Act::Kill,
            ("error", _) => Act::Error,
            (_, Some(pause)) => Act::Delay(Duration::from_millis(pause.parse().ok()?)),
            _ => return None,
        };
        super::ALL.contains(&point).then_some((point.to_owned(), Order { act, at: at?, passed: AtomicU64::new(0) }))
    }
}
