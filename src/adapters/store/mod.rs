//! The stores: one in memory for tests and simulations, one in SQLite for the world. Both keep the promises of
//! [`crate::store`]; the contract suite is the definition of "supported".

mod alike;
mod chain;
pub mod memory;
pub mod sqlite;

#[cfg(test)]
pub(crate) mod contract;
#[cfg(test)]
mod random;

pub use memory::MemoryStore;
pub use sqlite::SqliteStore;
