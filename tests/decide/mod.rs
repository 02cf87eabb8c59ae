//! What is decided: tables of scenes and facts, laws that always hold, and journals that must still be read.
//! See tests/README.md.

mod mails;
mod scene;
