//! An order guard in one page: no vehicle leaves above the price that the firm has set.
//!
//! The rule (`limit`) is plain Rust with tests of its own; `component` ties it to the contract and exists in the sandbox only.

#[cfg(target_family = "wasm")]
mod component;
pub mod limit;
