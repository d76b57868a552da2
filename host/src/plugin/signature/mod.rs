//! Who vouches for a plugin package.
//!
//! A signature is a DSSE envelope (v1) over an in-toto statement (v1) that names the package, its version, its digests, until when it counts
//! and for whom. The key is Ed25519 and nothing else: no field of an envelope chooses an algorithm. Whoever packs or reviews a plugin signs;
//! an installation names the keys it trusts; a package takes part when one envelope of a trusted key says everything that is asked.
//!
//! Nothing of a statement is read before its signature holds. Nothing here reads a file, asks the time, fetches a key or makes random bytes:
//! the caller brings them.

mod envelope;
mod key;
mod refused;
mod statement;
#[cfg(test)]
mod tests;
mod verify;

pub use envelope::{ENVELOPE_BYTES_MAX, ENVELOPES_MAX, MEDIA_TYPE, SIGNATURES_MAX};
pub use key::{KeyError, KeyPair, PublicKey};
pub use refused::{Part, Refused};
pub use statement::{EVERYONE, Statement, Subject};
pub use verify::{Trusted, Verified, not_a_downgrade, verify};

/// The envelope in which a key says a statement. Equal statements and keys give equal bytes.
#[must_use]
pub fn sign(statement: &Statement, key: &KeyPair) -> Vec<u8> {
    envelope::seal(statement::PAYLOAD_TYPE, statement.to_json().as_bytes(), key)
}
