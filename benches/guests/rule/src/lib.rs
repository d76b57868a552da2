//! A usual rule plugin, as the hook bench calls it: reads twelve fields of every vehicle, answers one finding.
//!
//! It reads as a careful author would: a column a call where the contract has one, the other three fields in one call by path. The rule is
//! in `rule`, which the benches also run without a sandbox and, in `benches/extism`, behind JSON. It ships with nothing.
//! For any other target than WebAssembly only the rule is there: a native linker cannot spell the names of a component's exports.

#[cfg(target_family = "wasm")]
mod component;
pub mod rule;
