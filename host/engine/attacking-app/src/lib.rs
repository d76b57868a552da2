//! An app that does what its actions' names say, good or bad: for tests of what an app may. It answers with what came of it.

#[cfg(target_family = "wasm")]
mod component;
