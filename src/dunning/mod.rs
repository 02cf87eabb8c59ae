//! PURE. The rules: what may be asked of whom, when, and why not. No clock, no IO, no randomness.
//!
//! [`decide::decide`] is the one door: an input and an [`account::Account`] become [`fact::Fact`]s.

pub mod account;
pub mod calendar;
pub mod charge;
pub mod claim;
pub mod corrected;
pub mod debtor;
pub mod decide;
pub mod evidence;
pub mod fact;
pub mod gate;
pub mod hold;
pub mod identity;
pub mod ids;
pub mod input;
pub mod instalments;
pub mod instructions;
pub mod invoice;
pub mod ladder_choice;
pub mod law;
pub mod lawful;
pub mod legal;
pub mod money;
pub mod moving;
pub mod outlook;
pub mod plan;
pub mod policy;
pub mod postings;
pub mod question;
pub mod reach;
pub mod schedule;
pub mod spelling;
pub mod thanks;
pub mod wake;
mod wording;
pub mod world;
