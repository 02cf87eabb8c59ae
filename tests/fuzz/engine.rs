//! A mutation fuzzer for the stable toolchain: seeds and a dictionary of the format in, damaged inputs out, each made
//! from one number, so that it can be made again. A panic, a complaint of the target and a slow input are findings.
//!
//! `AANMAAND_FUZZ_SECONDS` is the time for each target (1 by default), `AANMAAND_FUZZ_SEED` where the numbers begin;
//! `AANMAAND_FUZZ_ONE` runs the one input of that number.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// An input of this many bytes is the largest.
const LARGEST: usize = 64 * 1024;
/// More time on a processor than this is a finding, even in a debug build.
const SLOW: Duration = Duration::from_secs(5);

pub struct Target<'t> {
    pub name: &'t str,
    pub seeds: Vec<Vec<u8>>,
    /// What the format is made of.
    pub words: &'t [&'t str],
    /// The format around itself: what is put before and after an input.
    pub nests: &'t [(&'t str, &'t str)],
}

impl Target<'_> {
    /// Feeds the target until the time is up; fails with the number of the input that it found.
    pub fn run(&self, mut feed: impl FnMut(&[u8]) -> Result<(), String>) {
        if let Some(one) = number("AANMAAND_FUZZ_ONE") {
            return self.one(one, &mut feed);
        }
        let seconds = number("AANMAAND_FUZZ_SECONDS").unwrap_or(1);
        let first = number("AANMAAND_FUZZ_SEED").unwrap_or(1);
        let end = Instant::now() + Duration::from_secs(seconds);
        let (mut count, mut slowest, mut bytes) = (0, Duration::ZERO, 0);
        while Instant::now() < end {
            let began = worked();
            bytes += self.feed_one(first + count, &mut feed);
            slowest = slowest.max(worked().saturating_sub(began));
            count += 1;
        }
        println!(
            "fuzz {:10} {count} inputs, {} kB, from number {first} in {seconds} s; slowest {} ms",
            self.name,
            bytes / 1024,
            slowest.as_millis()
        );
    }

    fn one(&self, one: u64, feed: &mut impl FnMut(&[u8]) -> Result<(), String>) {
        let input = self.input(one);
        let path = std::env::temp_dir().join(format!("fuzz-{}-{one}", self.name));
        std::fs::write(&path, input).unwrap();
        println!("fuzz {}: input {one} is {}", self.name, path.display());
        self.feed_one(one, feed);
    }

    /// Gives back how many bytes were fed.
    fn feed_one(&self, one: u64, feed: &mut impl FnMut(&[u8]) -> Result<(), String>) -> usize {
        let input = self.input(one);
        let began = worked();
        let fed = catch_unwind(AssertUnwindSafe(|| feed(&input)));
        let took = worked().saturating_sub(began);
        let found = match fed {
            Err(_) => "a panic".to_owned(),
            Ok(Err(why)) => why,
            Ok(Ok(())) if took > SLOW => format!("{} ms", took.as_millis()),
            Ok(Ok(())) => return input.len(),
        };
        panic!("fuzz {}: {found}; again with AANMAAND_FUZZ_ONE={one}: {} bytes", self.name, input.len());
    }

    /// The input of a number: a seed, changed a few times.
    fn input(&self, one: u64) -> Vec<u8> {
        let mut dice = Dice(one.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut input = dice.one_of(&self.seeds).clone();
        for _ in 0..1 + dice.below(6) {
            self.change(&mut input, &mut dice);
            input.truncate(LARGEST);
        }
        input
    }

    fn change(&self, input: &mut Vec<u8>, dice: &mut Dice) {
        let (at, end) = dice.span(input.len());
        match dice.below(10) {
            0 => input.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << dice.below(8)),
            1 => input.iter_mut().skip(at).take(1).for_each(|byte| *byte = dice.below(256) as u8),
            2 => input.truncate(at),
            3 => drop(input.drain(at..end)),
            4 => {
                let piece = input[at..end].to_vec();
                let times = [1, 2, 20, 500][dice.below(4)];
                let room = LARGEST.saturating_sub(input.len()) / piece.len().max(1);
                input.splice(end..end, piece.repeat(times.min(room)));
            }
            5 => {
                let other = dice.one_of(&self.seeds);
                let (from, to) = dice.span(other.len());
                input.splice(at..end, other[from..to].iter().copied());
            }
            6 | 7 if !self.words.is_empty() => {
                let word = dice.one_of(self.words);
                let gone = if dice.below(2) == 0 { at..at } else { at..end.min(at + word.len()) };
                input.splice(gone, word.bytes());
            }
            8 if !self.nests.is_empty() => {
                let (before, after) = *dice.one_of(self.nests);
                let times = [1, 1, 3, 60][dice.below(4)];
                *input = [before.repeat(times).as_bytes(), input, after.repeat(times).as_bytes()].concat();
            }
            _ => number_in(input, at, dice),
        }
    }
}

/// Replaces the number behind a place by one at the edge.
fn number_in(input: &mut Vec<u8>, at: usize, dice: &mut Dice) {
    let Some(start) = input[at..].iter().position(u8::is_ascii_digit).map(|found| at + found) else { return };
    let length = input[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let edges =
        ["0", "-1", "1", "4294967295", "4294967296", "99999999999999999999", "18446744073709551616", "0000", "31"];
    input.splice(start..start + length, dice.one_of(&edges).bytes());
}

/// How long this thread was on a processor: a busy machine makes no input slow.
fn worked() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = told.split_whitespace().next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Pseudo-random numbers (xorshift64*).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 33) as usize % end.max(1)
    }

    fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// A stretch of something that long; most are short.
    fn span(&mut self, length: usize) -> (usize, usize) {
        let at = self.below(length + 1);
        let longest = [4, 40, 400, usize::MAX][self.below(4)];
        (at, at + self.below((length - at).min(longest) + 1))
    }
}
