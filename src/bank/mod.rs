//! PURE. Money that came in: bytes to statements and notices, references, and which case a payment is for.
//! Never decides about a case: an exact match is a fact about numbers, closing is `dunning`'s.

pub mod account_number;
mod archive;
mod bank_words;
pub mod camt;
pub mod case_index;
mod case_rows;
mod characters;
mod clause;
mod coda;
#[cfg(test)]
mod corpora;
#[cfg(test)]
mod denials;
mod doubts;
#[cfg(test)]
mod each_bank;
mod fields;
mod layout;
pub mod matching;
mod mt940;
mod names;
mod namesakes;
pub mod notice;
mod numbers;
#[cfg(test)]
mod other_tongues;
pub mod own_account;
mod party;
mod profiles;
pub mod reference;
mod sender;
pub mod sequence;
pub mod statement;
pub mod told;
mod totals;
mod written;
mod xml;
