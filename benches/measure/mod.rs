//! What the benchmarks share: sizes from the environment, clocks, memory, figures; where there is a daemon also an
//! administration and its invoices (`office.rs`).
#![allow(dead_code, reason = "each benchmark uses a part")]

pub mod customers;
#[cfg(feature = "daemon")]
pub mod office;

use std::str::FromStr;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// A number that the environment may set.
pub fn size(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |text| number(&text))
}

pub fn number<T: FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text:?} is not a number"))
}

/// Whether this part is to be measured: `AANMAAND_ONLY` names some of them, or none is left out.
pub fn is_wanted(part: &str) -> bool {
    let only = std::env::var("AANMAAND_ONLY").unwrap_or_default();
    only.is_empty() || only.split(',').any(|wanted| wanted == part)
}

pub fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Seconds by the wall's clock.
pub fn timed(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// Seconds that this thread was on the processor, so that what else the machine does counts little; the wall's where
/// nobody says.
pub fn clock() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let stated = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = stated.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| START.elapsed().as_secs_f64(), |spent| spent / 1e9)
}

/// Seconds by the wall's clock, and of the processors: of this process and of its children that have ended.
pub fn timed_and_busy(work: impl FnOnce()) -> (f64, f64) {
    let before = processor_time();
    let took = timed(work);
    (took, processor_time() - before)
}

/// Fields 14 to 17 of proc_pid_stat(5), in hundredths of a second.
fn processor_time() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let fields = after_name.split_whitespace().skip(11).take(4);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Megabytes of this process in memory now.
pub fn resident() -> f64 {
    // What was freed a moment ago may still be given back.
    std::thread::sleep(Duration::from_millis(50));
    megabytes("VmRSS:")
}

/// The most that this process has used, in megabytes; 0 where nobody says.
pub fn peak() -> f64 {
    megabytes("VmHWM:")
}

fn megabytes(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or_default() / 1024.0
}

/// What a measured process of its own tells in one line at its end.
pub struct Run {
    pub seconds: f64,
    pub done: usize,
    /// The most that it used, in megabytes.
    pub peak: f64,
}

impl Run {
    pub fn tell(begun: Instant, done: usize) {
        println!("{} {done} {}", begun.elapsed().as_secs_f64(), peak());
    }

    pub fn hear(told: &str) -> Run {
        let words: Vec<&str> = told.split_whitespace().collect();
        let [seconds, done, peak] = words.as_slice() else { panic!("it said {told:?}") };
        Run { seconds: number(seconds), done: number(done), peak: number(peak) }
    }
}
