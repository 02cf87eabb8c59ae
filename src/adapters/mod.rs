//! The world: each file speaks with one outside thing and its library, and names no other adapter.

pub mod store;
