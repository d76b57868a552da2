//! Reading TOML that people write: every problem at once, each with its file, line, column and fix.
//!
//! A [`Report`] takes the texts of the files and collects what is wrong with them. [`parse`] reads a file as far as it can be read; an
//! [`Entry`] answers for one of its tables, key by key, and reports every key that nobody asked for. Packs are read with it, and the
//! manifests of plugins. It knows no format: what a key means is its caller's business. It never opens a file.

mod entry;
mod problem;

pub use entry::{Entry, Found, parse};
pub use problem::{Place, Problem, Report, suggest};
