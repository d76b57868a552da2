//! The server of Roro as a library: nouns of the business, the kernel below them, the doors above them.
//!
//! Source arrows go one way: cli, http, guest, console → nouns → web → kernel → config. `ARCHITECTURE.md` has the map.

pub mod cli;
pub mod document;
pub mod finding;
pub mod guest;
pub mod kernel;
pub mod order;
pub mod pack;
