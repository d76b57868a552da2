//! An app in two pages: what is to be done about each order, on a board. It is made when an order comes in, moved on by people and, once a
//! day, by the clock.
//!
//! Dates (`day`) are plain Rust with tests of their own; `component` ties the rest to the contract and exists in the sandbox only.

#[cfg(target_family = "wasm")]
mod component;
pub mod day;
