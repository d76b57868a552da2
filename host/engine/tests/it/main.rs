//! The engine against guests that attack it and guests that behave.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a helper of a test fails like the test")]

mod attacks;
mod calls;
mod conformance;
mod contract_life;
mod extism;
mod handmade;
mod kept;
mod loading;
mod no_apps;
mod support;
mod world;
