//! Whole stories with the real daemon between a real Postfix and a real Dovecot (tests/servers.sh), on the real clock.
//! Never leaves loopback. Without root or without those servers every story says that it was skipped.
#![cfg(feature = "daemon")]

mod bank;
mod copies;
mod crashes;
mod dovecot;
mod faults;
mod letters;
mod line;
mod mailbox;
mod office;
mod restored;
mod running;
mod site;
mod stubborn;

pub use site::{open_country, today};
