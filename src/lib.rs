//! `aanmaand` chases a small company's unpaid invoices by mail, as a careful bookkeeper would.
//!
//! The rooms and the allowed arrows (ARCHITECTURE.md tells why):
//!
//! ```text
//! main, cli → daemon → ports → pure rooms        adapters/x → ports, pure rooms, its own library
//! pure rooms: dunning einvoice bank mail letter report; each may name dunning, dunning names none
//! paper: what einvoice and bank read, as one value
//! ```

pub mod bank;
pub mod dunning;
pub mod einvoice;
pub mod letter;
pub mod mail;
pub mod paper;
pub mod report;

#[cfg(all(test, feature = "daemon"))]
#[path = "../tests/fuzz/engine.rs"]
mod fuzz_engine;

#[cfg(feature = "daemon")]
pub mod adapters;
#[cfg(feature = "daemon")]
pub mod cli;
pub mod config;
#[cfg(feature = "daemon")]
pub mod daemon;
#[cfg(feature = "daemon")]
pub mod failpoints;
#[cfg(feature = "daemon")]
pub mod ports;
#[cfg(feature = "daemon")]
pub mod store;
