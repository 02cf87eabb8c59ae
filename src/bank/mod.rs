//! PURE. Money that came in: bytes to statements and notices, references, and which case a payment is for.
//! Never decides about a case: an exact match is a fact about numbers, closing is `dunning`'s.

pub mod camt;
mod fields;
pub mod matching;
pub mod notice;
mod numbers;
mod profiles;
pub mod reference;
pub mod statement;
mod totals;
mod written;
mod xml;
