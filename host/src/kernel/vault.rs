//! The vault: secrets that must be readable again, sealed under the installation's key before they are stored.
//!
//! ChaCha20-Poly1305 (RFC 8439) with a random nonce a secret. What is sealed is bound to whose it is and what for: moved to another row, it
//! does not open. A database without the key file gives nothing away. The key is read once at the start and never leaves this type.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;

use super::id::TenantId;
use super::key_file;
use super::rng::Rng;
use super::secret::Secret;

/// What a sealed text begins with: another way to seal will have another number.
const PREFIX: &str = "sealed-1:";

/// What can go wrong with sealed secrets.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key cannot be had.
    #[error(transparent)]
    Key(#[from] key_file::Error),
    /// It was sealed under another key, for another place, or is damaged.
    #[error(
        "a secret does not open with this installation's key; restore vault.key of the data folder from the backup, or enter the secret again"
    )]
    Closed,
    /// The machine refuses to seal, which a healthy one does not.
    #[error("a secret could not be sealed")]
    Sealing,
}

/// The vault. Clones share the key.
#[derive(Clone)]
pub struct Vault {
    key: Arc<LessSafeKey>,
    marks: Arc<hmac::Key>,
    rng: Rng,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(..)")
    }
}

impl Vault {
    /// The vault whose key lies in a file, which is made when it is not there. Processes of one installation must have the same file.
    ///
    /// # Errors
    /// [`Error::Key`].
    pub fn open(key: &Path, rng: Rng) -> Result<Self, Error> {
        Self::with_key(&key_file::read_or_make(key)?, rng)
    }

    /// A vault with this key, for tests: every process of a test has the same.
    ///
    /// # Errors
    /// [`Error::Sealing`].
    pub fn with_key(key: &[u8; 32], rng: Rng) -> Result<Self, Error> {
        // A key of its own for each of both uses.
        let marks = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), b"roro vault marks 1");
        let marks = Arc::new(hmac::Key::new(hmac::HMAC_SHA256, marks.as_ref()));
        let key = UnboundKey::new(&CHACHA20_POLY1305, key).map_err(|_| Error::Sealing)?;
        Ok(Self { key: Arc::new(LessSafeKey::new(key)), marks, rng })
    }

    /// What bytes are known again by (HMAC-SHA-256): the same bytes give the same mark, and who has no key cannot try what gives it. For what is
    /// stored of a request that holds a secret.
    #[must_use]
    pub fn mark(&self, bytes: &[u8]) -> Vec<u8> {
        hmac::sign(&self.marks, bytes).as_ref().to_vec()
    }

    /// Seals a secret of a tenant for one place, as text. `place` says what for, for example `plugin/crm/api_key`.
    ///
    /// # Errors
    /// [`Error::Sealing`].
    pub fn seal(&self, tenant: TenantId, place: &str, secret: &Secret) -> Result<String, Error> {
        let nonce = self.rng.bytes::<NONCE_LEN>();
        // It leaves this function sealed.
        let mut bytes = secret.reveal().as_bytes().to_vec();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound(tenant, place), &mut bytes)
            .map_err(|_| Error::Sealing)?;
        Ok(format!("{PREFIX}{}", STANDARD.encode([nonce.as_slice(), &bytes].concat())))
    }

    /// Opens what was sealed for this tenant and place.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub fn unseal(&self, tenant: TenantId, place: &str, sealed: &str) -> Result<Secret, Error> {
        let bytes = sealed.strip_prefix(PREFIX).and_then(|text| STANDARD.decode(text).ok()).ok_or(Error::Closed)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(Error::Closed)?;
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let open = self.key.open_in_place(nonce, bound(tenant, place), &mut sealed).map_err(|_| Error::Closed)?;
        Ok(Secret::new(std::str::from_utf8(open).map_err(|_| Error::Closed)?))
    }
}

fn bound(tenant: TenantId, place: &str) -> Aad<Vec<u8>> {
    Aad::from(format!("{tenant} {place}").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::Id as _;

    fn vault(key: u8) -> Vault {
        Vault::with_key(&[key; 32], Rng::seeded(u64::from(key))).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_only_where_it_belongs() {
        let (a, b) = (TenantId::from_bits(1), TenantId::from_bits(2));
        let sealed = vault(1).seal(a, "plugin/crm/key", &Secret::new("päss")).unwrap();
        assert!(sealed.starts_with(PREFIX) && !sealed.contains("päss"));
        assert!(vault(1).unseal(a, "plugin/crm/key", &sealed).unwrap().is("päss"));
        for (vault, tenant, place) in
            [(vault(2), a, "plugin/crm/key"), (vault(1), b, "plugin/crm/key"), (vault(1), a, "plugin/crm/kez")]
        {
            assert!(matches!(vault.unseal(tenant, place, &sealed), Err(Error::Closed)));
        }
        for damaged in ["", "sealed-1:", "sealed-1:AAAA", "sealed-2:AAAA", &sealed[..sealed.len() - 4], &format!("{sealed}AAAA")]
        {
            assert!(matches!(vault(1).unseal(a, "plugin/crm/key", damaged), Err(Error::Closed)), "{damaged}");
        }
    }

    #[test]
    fn a_mark_knows_bytes_again_and_takes_the_key() {
        assert_eq!(vault(1).mark(b"pin 1234"), vault(1).mark(b"pin 1234"));
        assert_ne!(vault(1).mark(b"pin 1234"), vault(1).mark(b"pin 1235"));
        assert_ne!(vault(1).mark(b"pin 1234"), vault(2).mark(b"pin 1234"));
    }

    #[test]
    fn equal_secrets_are_sealed_differently() {
        let vault = vault(1);
        let seal = || vault.seal(TenantId::from_bits(1), "x", &Secret::new("same")).unwrap();
        assert_ne!(seal(), seal());
    }
}
