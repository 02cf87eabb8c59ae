//! The small TOML form of an invoice.
