//! Randomness for ids and credentials, from one place, so that a test can fix it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::rngs::{StdRng, SysRng};
use rand::{Rng as _, SeedableRng as _};

/// The operating system gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no randomness; check that the process may read /dev/urandom or call getrandom")]
pub struct Error(#[source] rand::rngs::SysError);

/// A cryptographic generator (`ChaCha12`), seeded once from the operating system. Clones share its state.
#[derive(Clone)]
pub struct Rng(Arc<Mutex<StdRng>>);

impl std::fmt::Debug for Rng {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rng(..)")
    }
}

impl Rng {
    /// A generator seeded by the operating system.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn system() -> Result<Self, Error> {
        Ok(Self(Arc::new(Mutex::new(StdRng::try_from_rng(&mut SysRng).map_err(Error)?))))
    }

    /// A generator that always gives the same bytes: for tests and replays, never for credentials.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// Random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.lock().fill_bytes(&mut bytes);
        bytes
    }

    /// A random number of 64 bits.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.lock().next_u64()
    }

    fn lock(&self) -> MutexGuard<'_, StdRng> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seeded_generator_repeats_itself_and_the_systems_does_not() {
        assert_eq!(Rng::seeded(7).bytes::<32>(), Rng::seeded(7).bytes::<32>());
        assert_ne!(Rng::system().unwrap().bytes::<32>(), Rng::system().unwrap().bytes::<32>());
    }
}
