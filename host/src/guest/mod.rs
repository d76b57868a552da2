//! The plugin door: what the host answers to a sandboxed guest, and how hooks are called.
//!
//! One file an import of the contract, `dispatch` for the hooks that the shipped plugins answer, `runner` for those of tenants, `apps` for apps. A call gets an immutable snapshot, the packs that take part and a
//! date; it leaves an answer, a cost and a log. This folder holds no rule, no SQL, and never opens a transaction.

mod answers;
mod app;
mod apps;
mod cache;
pub mod compiler;
pub mod dispatch;
mod fetch;
mod fields;
mod later;
mod order;
mod orders;
mod quote;
mod random;
mod records;
mod runner;
mod sources;

pub use answers::{Answers, LogLine};
pub use dispatch::Dispatch;
pub use runner::Runner;
