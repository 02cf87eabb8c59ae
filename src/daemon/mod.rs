//! The thin shell around the rules: one [`house::House`] an administration, which loads, decides and commits;
//! the loops that feed it; the postman that empties its outbox. Names ports, never an adapter.

pub mod copies;
pub mod digest;
mod enclosures;
mod evidence;
pub mod house;
pub mod intake;
pub mod kept_back;
pub mod last_look;
mod letter_claim;
pub mod money;
pub mod outbox;
mod owed;
pub mod pass;
pub mod postman;
mod reading_up;
mod register;
pub mod restored;
mod retry;
pub mod rounds;
pub mod serve;
pub mod step;
pub mod today;
mod vouching;
pub mod waiting;
pub mod world;
pub mod writer;
