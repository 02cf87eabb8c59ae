//! Chance that can be repeated: a seed gives the same draws (splitmix64).

use std::time::Duration;

pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    /// The seed that AANMAAND_SEED names, else a new one. Told to the reader either way.
    pub fn seed() -> u64 {
        let named = std::env::var("AANMAAND_SEED").ok().and_then(|text| text.parse().ok());
        let seed = named.unwrap_or_else(|| getrandom::u64().unwrap() >> 32);
        println!("seed {seed} (AANMAAND_SEED repeats the draws)");
        seed
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// 0 to `count` - 1.
    pub fn below(&mut self, count: u64) -> u64 {
        self.next() % count
    }

    /// True once in `times`.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    pub fn upto(&mut self, longest: Duration) -> Duration {
        Duration::from_micros(self.below(longest.as_micros().max(1) as u64))
    }
}
