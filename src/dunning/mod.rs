//! PURE. The rules: what may be asked of whom, when, and why not. No clock, no IO, no randomness.

pub mod calendar;
pub mod debtor;
pub mod ids;
pub mod invoice;
pub mod money;
pub mod policy;
