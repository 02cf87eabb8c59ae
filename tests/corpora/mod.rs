//! Scores on test data that nobody here wrote; see tests/README.md.

mod bank;
mod notices;
mod told;
