//! The format of a country pack: rules, documents and code tables as data.
//!
//! A pack is a folder of TOML (its reference is this crate's `README.md`). With the feature `compile`, [`compile::compile`] reads and
//! checks the whole folder and writes one compact table; it lives at install. Without it only decoding and evaluating remain, which is
//! what the rulebook runs in the sandbox. Evaluation is a pure function of tables, columns and the as-of date: it never reads a clock, a
//! file or a float, and never panics on a damaged table.

mod call;
mod code;
#[cfg(feature = "compile")]
pub mod compile;
mod date;
mod decimal;
pub mod function;
mod identifier;
mod machine;
#[cfg(feature = "compile")]
pub mod reader;
mod rulebook;
mod sentence;
mod table;
mod value;

pub use date::Date;
pub use decimal::{Decimal, Rounding, SCALE_MAX};
pub use rulebook::{Error, Filled, Finding, Input, Missing, PrepareError, Prepared, Reading, Requirement, Step, Tables};
pub use sentence::{Locale, Texts, fill, sentence};
pub use table::{Clock, Kind, Scope, Severity, Subject};
pub use value::{Column, Money};
