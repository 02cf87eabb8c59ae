//! What is decided: tables of scenes and facts, laws that always hold, and journals that must still be read.
//! See tests/README.md.
#![expect(clippy::inconsistent_digit_grouping, reason = "100_00 is 100 euros in cents")]

mod agreements;
mod changes;
mod claims;
mod days;
mod disputes;
mod gates;
mod golden;
mod laws;
mod mails;
mod money;
mod moving;
mod open_items;
mod restored;
mod scene;
mod thanks;
mod treatment;
