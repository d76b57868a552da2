//! What the benches share: the example orders, the shipped plugins, databases, the server as a process, the floor, percentiles and tables.
//!
//! Each bench compares inside one run (with a floor, or with the same work done natively), because absolute times of a shared machine mean
//! little. Before it measures it asserts that both sides give the right answer. It prints a table and judges nothing.
#![expect(clippy::print_stdout, reason = "a bench prints its table")]
#![expect(clippy::expect_used, clippy::panic, reason = "a bench that cannot start has nothing better to do than to stop")]

pub mod callers;
pub mod cases;
pub mod floor;
pub mod native;
pub mod plain;
pub mod server;
pub mod store;
pub mod times;
pub mod told;
