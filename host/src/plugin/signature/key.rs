//! Ed25519 keys and their text.
//!
//! A key is one line: a prefix that says what it is and of which version, then base64. A private key is shown only as a `Secret`; the crate
//! wipes its own copy when it is dropped.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::kernel::secret::Secret;

const PRIVATE_PREFIX: &str = "roro-private-key-1:";
const PUBLIC_PREFIX: &str = "roro-public-key-1:";
/// How many bytes of the key's SHA-256 are its id: 16 hexadecimal digits.
const ID_BYTES: usize = 8;

/// Why a text is not a key. The text itself is never repeated: it may be the private one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Something else stands where a private key should.
    #[error(
        "this is no private key: give the file that `roro plugin keygen` wrote, one line that begins with `{PRIVATE_PREFIX}`"
    )]
    NotPrivate,
    /// Something else stands where a public key should.
    #[error("this is no public key: give the line that `roro plugin keygen` printed, which begins with `{PUBLIC_PREFIX}`")]
    NotPublic,
    /// A private key stands where a public one should.
    #[error("this is a private key where a public key belongs: remove it from here, and make a new pair if others could read it")]
    PrivateForPublic,
    /// The rest of the line is not 32 bytes in base64.
    #[error("the key is not whole: after the prefix come 44 characters of base64; copy the line again")]
    NotWhole,
    /// 32 bytes that are no key, or one under which anything would verify.
    #[error("the key is no point of Ed25519 that could be trusted: ask its owner for the right one")]
    Weak,
}

/// A private key with its public one.
pub struct KeyPair(SigningKey);

impl KeyPair {
    /// The pair that follows from 32 random bytes. They are the private key: use them for nothing else.
    #[must_use]
    pub fn generate(random: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&random))
    }

    /// Reads the text of a private key file; spaces and line ends around it do not count.
    ///
    /// # Errors
    /// [`KeyError::NotPrivate`], [`KeyError::NotWhole`].
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        let encoded = text.trim().strip_prefix(PRIVATE_PREFIX).ok_or(KeyError::NotPrivate)?;
        Ok(Self(SigningKey::from_bytes(&key_bytes(encoded)?)))
    }

    /// The text of the private key file.
    #[must_use]
    pub fn to_text(&self) -> Secret {
        Secret::new(format!("{PRIVATE_PREFIX}{}", STANDARD.encode(self.0.as_bytes())))
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({})", self.public().id())
    }
}

/// A public key. Written as its one line of text everywhere.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// A short name of the key: the first 16 hexadecimal digits of its SHA-256. Good for showing and finding, no proof of anything.
    #[must_use]
    pub fn id(&self) -> String {
        let digest = Sha256::digest(self.0.as_bytes());
        hex::encode(digest.iter().take(ID_BYTES).copied().collect::<Vec<u8>>())
    }

    /// Whether the signature is this key's over the message. Strict: one message has one signature of a key, and weak keys sign nothing.
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC_PREFIX}{}", STANDARD.encode(self.0.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id())
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.starts_with(PRIVATE_PREFIX) {
            return Err(KeyError::PrivateForPublic);
        }
        let bytes = key_bytes(text.strip_prefix(PUBLIC_PREFIX).ok_or(KeyError::NotPublic)?)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| KeyError::Weak)?;
        if key.is_weak() { Err(KeyError::Weak) } else { Ok(Self(key)) }
    }
}

impl TryFrom<String> for PublicKey {
    type Error = KeyError;

    fn try_from(text: String) -> Result<Self, KeyError> {
        text.parse()
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.to_string()
    }
}

fn key_bytes(encoded: &str) -> Result<[u8; 32], KeyError> {
    STANDARD.decode(encoded).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(KeyError::NotWhole)
}
