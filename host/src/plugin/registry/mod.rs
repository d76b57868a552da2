//! Registries: where packages lie for many, spoken to as the OCI distribution specification (1.1) has it.
//!
//! A package is pushed as it is packed: its blobs by digest, its manifest under the version as tag, its signatures as referrers beside it
//! (with the tag that older registries need). It is pulled by tag or digest, and every byte is counted before it is kept and hashed before it
//! is believed: what a registry says is a stranger's word. A [`Client`] talks with one repository and lives as long as a push or a pull.
//!
//! Nothing here trusts a signature, writes a file, reads a password from anywhere, or says a password to anybody but the registry and the
//! service that it names for signing in.

mod challenge;
mod client;
mod error;
mod http;
mod publish;
mod pull;
mod reference;
#[cfg(test)]
mod tests;

pub use client::{Access, Client, Login, Options};
pub use error::Error;
pub use publish::{Published, publish};
pub use pull::{Glance, glance, pull, signatures};
pub use reference::{Reference, Repository, Target};

/// What happens on the way, for whoever watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A blob is sent.
    Sends {
        /// What it is.
        what: String,
        /// How many bytes it has.
        bytes: u64,
    },
    /// A blob is there already.
    Has {
        /// What it is.
        what: String,
    },
    /// A blob is fetched.
    Fetches {
        /// What it is.
        what: String,
        /// How many bytes it has.
        bytes: u64,
    },
}

/// Who watches.
pub type Watch<'a> = &'a (dyn Fn(Step) + Send + Sync);
