//! The law engine against oracles that know nothing of it, and what must hold for any claim. See tests/README.md.

mod allocation;
mod chance;
mod commands;
mod holds;
mod interest;
mod oracle;
mod wide;
