//! `roro:host/random`: bytes that follow from the call's seed alone.

use roro_engine::bindings::contract::roro::host::random::Host;
use sha2::{Digest as _, Sha256};

use super::answers::Answers;
use crate::plugin::manifest::GrantName;

/// The most bytes of one call.
const BYTES_MAX: usize = 4_096;

/// A stream of bytes: SHA-256 over the seed and a counter. The same on every machine and in every version of the host, which a generator
/// of a library does not promise.
pub(super) struct Random {
    seed: [u8; 32],
    block: u64,
}

impl Random {
    pub(super) fn seeded(seed: &str) -> Self {
        Self { seed: Sha256::digest(seed.as_bytes()).into(), block: 0 }
    }

    fn fill(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(count.next_multiple_of(32));
        while bytes.len() < count {
            let mut hash = Sha256::new();
            hash.update(self.seed);
            hash.update(self.block.to_be_bytes());
            bytes.extend_from_slice(&hash.finalize());
            self.block = self.block.wrapping_add(1);
        }
        bytes.truncate(count);
        bytes
    }
}

impl Host for Answers {
    fn bytes(&mut self, count: u32) -> roro_engine::ImportResult<Vec<u8>> {
        self.must_have(GrantName::Random, "roro:host/random")?;
        let count = usize::try_from(count).unwrap_or(BYTES_MAX).min(BYTES_MAX);
        self.moved(count);
        Ok(self.random.fill(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_its_bytes_again_and_no_other_seed_does() {
        let mut one = Random::seeded("snapshot");
        let (first, second) = (one.fill(40), one.fill(40));
        assert_ne!(first, second);
        let mut again = Random::seeded("snapshot");
        assert_eq!((again.fill(40), again.fill(40)), (first.clone(), second));
        assert_ne!(Random::seeded("another").fill(40), first);
    }
}
