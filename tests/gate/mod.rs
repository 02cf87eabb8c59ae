//! The gate as the house asks it: at planning, at the claim and at the final dot; and the last look at a letter's bytes.
#![cfg(feature = "daemon")]

mod ahead;
mod asleep;
mod leaks;
mod looks;
mod merged;
mod office;
