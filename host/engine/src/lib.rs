//! The sandbox: runs components of Roro's contract, and guests of Extism PDKs, under limits. The only place that names wasmtime.
//!
//! Make one [`Engine`], [`Engine::load`] each plugin once, then call its hooks. Every call gets a fresh sandbox, limits that grow with its
//! order, and an outcome with its cost. The host gives a value of its own type that answers the contract's imports ([`Answers`]); the
//! engine meters it and knows no noun of the business, no SQL and no HTTP.

mod artifacts;
pub mod bindings;
mod calls;
mod config;
mod engine;
mod extism;
mod failure;
mod guest;
mod kept;
pub mod limits;
mod meter;
mod plugin;
mod settings;
mod threads;
mod ticker;
mod wasi;

/// What an import returns: an answer, or an error that stops the guest. Make errors with [`HostFault`].
pub use wasmtime::Result as ImportResult;
/// A handle of the contract, as imports receive and return it: a number with a type.
pub use wasmtime::component::Resource;

/// How wasmtime is set, for the bench that calls it directly and compares. The server never needs it.
#[doc(hidden)]
pub use config::config as wasmtime_config;

pub use artifacts::ArtifactError;
pub use engine::{Call, Engine, EngineError, Outcome};
pub use failure::{Denied, Failure, FailureKind, HostFault};
pub use guest::{Answers, LogSource, ORDER};
pub use kept::WarmKey;
pub use limits::{Class, Limits};
pub use meter::Cost;
pub use plugin::{Hook, LoadError, Plugin, PluginId};
pub use settings::{EngineSettings, MacKey, PoolSettings};
pub use ticker::Heartbeat;
