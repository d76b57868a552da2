//! A guest of benches: through the documents hook and as an order guard it answers one finding, whose rule and release its settings name. So
//! a bench sees of which release an answer is, and whether both hooks were asked of the same one. It ships with nothing.

#[cfg(target_family = "wasm")]
mod component;
