//! The hostile world: the real binary with a real SQLite file against an SMTP server that refuses, lies, hangs up and
//! says nothing, a line that is cut and slow, and kill -9 at any moment. Loopback only, needs no other program.
#![cfg(feature = "daemon")]

mod audit;
mod chance;
mod faults;
mod kills;
mod outcomes;
#[cfg(feature = "failpoints")]
mod points;
mod proxy;
mod server;
mod yard;
