//! PURE. What the owner reads about the whole: the digest. Never decides, never reads a clock or a store.

pub mod digest;
