//! The pack format from the outside: packs are compiled from memory and evaluated over columns in memory.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking"
)]

mod damage;
mod language;
mod problems;
mod reference;
mod rulebook;
mod support;
