//! What an order costs beside its vehicles: freight by volume, insurance by value, handling by vehicle, as the firm has set them.
//!
//! `tariff` is the arithmetic, exact and without the contract; `component` reads the order and speaks the contract.

#[cfg(target_family = "wasm")]
mod component;
pub mod tariff;
