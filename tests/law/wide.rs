//! A natural number of 512 bits: all that the oracle needs to be exact, written with nothing of the engine's arithmetic.

use std::cmp::Ordering;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wide([u64; 8]);

impl Wide {
    pub const ZERO: Wide = Wide([0; 8]);

    pub fn of(number: u64) -> Wide {
        let mut limbs = [0; 8];
        limbs[0] = number;
        Wide(limbs)
    }

    pub fn plus(mut self, other: &Wide) -> Wide {
        let mut carry = 0u128;
        for (mine, its) in self.0.iter_mut().zip(&other.0) {
            let sum = u128::from(*mine) + u128::from(*its) + carry;
            *mine = sum as u64;
            carry = sum >> 64;
        }
        assert_eq!(carry, 0, "too large");
        self
    }

    /// Zero where `other` is larger.
    pub fn minus(mut self, other: &Wide) -> Wide {
        if self.compare(other) == Ordering::Less {
            return Wide::ZERO;
        }
        let mut borrow = false;
        for (mine, its) in self.0.iter_mut().zip(&other.0) {
            let (once, under) = mine.overflowing_sub(*its);
            let (twice, under_again) = once.overflowing_sub(borrow.into());
            *mine = twice;
            borrow = under || under_again;
        }
        self
    }

    pub fn times(mut self, factor: u64) -> Wide {
        let mut carry = 0u128;
        for mine in &mut self.0 {
            let product = u128::from(*mine) * u128::from(factor) + carry;
            *mine = product as u64;
            carry = product >> 64;
        }
        assert_eq!(carry, 0, "too large");
        self
    }

    /// Rounded down, with what remains.
    pub fn divided_by(mut self, divisor: u64) -> (Wide, u64) {
        let mut remainder = 0u128;
        for mine in self.0.iter_mut().rev() {
            let dividend = (remainder << 64) | u128::from(*mine);
            *mine = (dividend / u128::from(divisor)) as u64;
            remainder = dividend % u128::from(divisor);
        }
        (self, remainder as u64)
    }

    pub fn compare(&self, other: &Wide) -> Ordering {
        self.0.iter().rev().cmp(other.0.iter().rev())
    }

    pub fn is_zero(&self) -> bool {
        *self == Wide::ZERO
    }

    pub fn to_i64(self) -> i64 {
        assert!(self.0.iter().skip(1).all(|limb| *limb == 0), "too large");
        self.0[0].try_into().unwrap()
    }
}

#[test]
fn the_oracles_own_arithmetic() {
    let big = Wide::of(u64::MAX).times(u64::MAX).times(1_000_000_007).plus(&Wide::of(5));
    let (back, five) = big.divided_by(1_000_000_007);
    assert_eq!((back, five), (Wide::of(u64::MAX).times(u64::MAX), 5));
    assert_eq!(big.minus(&big), Wide::ZERO);
    assert_eq!(Wide::of(3).minus(&big), Wide::ZERO);
    assert_eq!(big.minus(&Wide::of(6)).plus(&Wide::of(6)), big);
    assert_eq!(big.compare(&Wide::of(7)), Ordering::Greater);
    assert_eq!(Wide::of(100).divided_by(7).0.to_i64(), 14);
}
