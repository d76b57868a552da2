//! The integration tests, one binary, a file a topic. They use real components, real packs and real fonts; `cargo xtask test` gets them.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a helper of a test fails like the test, and says how long tools took"
)]

mod author;
mod book;
mod command_line;
mod console;
mod corpus;
mod documents;
mod fixtures;
mod http;
mod large_orders;
mod order_file;
mod packs;
mod parcel;
mod registry;
mod storage;
mod support;
