//! Passwords and other secrets: how they are made, kept and compared. Nothing here is ever written to a log.

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;

use super::rng::Rng;

/// Text that must not be shown: `Debug` hides it and there is no `Display`.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// 256 random bits as 64 hexadecimal digits.
    #[must_use]
    pub fn random(rng: &Rng) -> Self {
        Self(hex::encode(rng.bytes::<32>()))
    }

    /// The secret itself. Say at the call why it must be seen.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of a random secret: its SHA-256 in hexadecimal. Only for secrets of full strength, never for passwords.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex::encode(Sha256::digest(self.0.as_bytes()))
    }

    /// Compares in time that does not depend on where the two differ.
    #[must_use]
    pub fn is(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// What hashing a password can fail with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Outside the lengths.
    #[error("a password has 12 to 256 characters")]
    Length,
    /// The hash function refused its parameters or a stored hash cannot be read: a fault of this program or of the data.
    #[error("the password could not be hashed")]
    Hashing,
}

/// The cost of a password. Argon2id with 19 MiB, two passes, one lane is OWASP's first choice (Password Storage Cheat Sheet).
#[derive(Debug, Clone, Copy)]
struct Cost {
    kib: u32,
    passes: u32,
}

/// Hashes and checks passwords, a few at a time: each takes 19 MiB and tens of milliseconds, on threads of their own.
#[derive(Clone)]
pub struct Passwords {
    cost: Cost,
    turns: Arc<Semaphore>,
    rng: Rng,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Passwords({:?})", self.cost)
    }
}

impl Passwords {
    /// At full cost, `at_once` at a time.
    #[must_use]
    pub fn new(rng: Rng, at_once: usize) -> Self {
        Self { cost: Cost { kib: 19 * 1024, passes: 2 }, turns: Arc::new(Semaphore::new(at_once.max(1))), rng }
    }

    /// At the lowest cost that the function takes, for tests that sign in often.
    #[must_use]
    pub fn for_testing(rng: Rng) -> Self {
        Self { cost: Cost { kib: 8, passes: 1 }, turns: Arc::new(Semaphore::new(2)), rng }
    }

    /// The text to store for a password.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::Hashing`].
    pub async fn hash(&self, password: &Secret) -> Result<String, Error> {
        let length = password.0.chars().count();
        if !(12..=256).contains(&length) {
            return Err(Error::Length);
        }
        let salt = self.rng.bytes::<16>();
        let (cost, password) = (self.cost, password.clone());
        self.on_a_thread(move || {
            let hash: PasswordHash =
                argon2(cost)?.hash_password_with_salt(password.0.as_bytes(), &salt).map_err(|_| Error::Hashing)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether a password fits a stored text. Without a stored text (no such user) it takes as long and answers no, so that the time does
    /// not tell who exists.
    ///
    /// # Errors
    /// [`Error::Hashing`].
    pub async fn fits(&self, password: &Secret, stored: Option<&str>) -> Result<bool, Error> {
        let (cost, password) = (self.cost, Secret(password.0.chars().take(256).collect()));
        let stored = stored.map(str::to_owned);
        self.on_a_thread(move || {
            let argon2 = argon2(cost)?;
            let Some(stored) = stored else {
                let _: PasswordHash =
                    argon2.hash_password_with_salt(password.0.as_bytes(), &[0; 16]).map_err(|_| Error::Hashing)?;
                return Ok(false);
            };
            let stored = PasswordHash::new(&stored).map_err(|_| Error::Hashing)?;
            Ok(argon2.verify_password(password.0.as_bytes(), &stored).is_ok())
        })
        .await
    }

    async fn on_a_thread<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| Error::Hashing)?;
        let answer = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        answer.await.map_err(|_| Error::Hashing)?
    }
}

fn argon2(cost: Cost) -> Result<Argon2<'static>, Error> {
    let params = Params::new(cost.kib, cost.passes, 1, None).map_err(|_| Error::Hashing)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let passwords = Passwords::for_testing(Rng::seeded(1));
        let right = Secret::new("correct horse battery");
        let stored = passwords.hash(&right).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$"), "{stored}");
        assert!(passwords.fits(&right, Some(&stored)).await.unwrap());
        assert!(!passwords.fits(&Secret::new("correct horse batterz"), Some(&stored)).await.unwrap());
        assert!(!passwords.fits(&right, None).await.unwrap());
        assert!(matches!(passwords.hash(&Secret::new("short")).await, Err(Error::Length)));
    }

    #[test]
    fn a_secret_does_not_show_itself() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(..)");
        assert!(Secret::new("abc").is("abc") && !Secret::new("abc").is("abd") && !Secret::new("abc").is("ab"));
    }
}
