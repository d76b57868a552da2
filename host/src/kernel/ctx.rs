//! What a verb is given: one value with the whole kernel in it.

use std::sync::Arc;

use tokio::sync::Notify;

use super::cache::Cache;
use super::db::Db;
use super::gate::Gates;
use super::id::{Id, Mint};
use super::metrics::Metrics;
use super::objects::Objects;
use super::outbound::{self, Outbound};
use super::rng::Rng;
use super::secret::Passwords;
use super::time::{Clock, Instant};
use super::vault::Vault;

/// The kernel's parts. Clones share them.
#[derive(Debug, Clone)]
pub struct Ctx {
    /// The database.
    pub db: Db,
    /// Where "now" comes from.
    pub clock: Clock,
    /// Where randomness comes from.
    pub rng: Rng,
    /// Where ids come from.
    pub mint: Mint,
    /// Answers that can be made again.
    pub cache: Cache,
    /// Bytes of papers and evidence.
    pub objects: Objects,
    /// Requests to hosts that tenants name.
    pub outbound: Outbound,
    /// Hashing of passwords, a few at a time.
    pub passwords: Passwords,
    /// Secrets that must be readable again.
    pub vault: Vault,
    /// What an operator watches.
    pub metrics: Metrics,
    /// Who comes with the same idempotency key waits here.
    pub gates: Gates,
    /// Rung after a commit that may have left events, so that the relay need not wait for its next round.
    pub bell: Arc<Notify>,
}

impl Ctx {
    /// Puts the parts together.
    #[must_use]
    pub fn new(db: Db, clock: Clock, rng: Rng, cache: Cache, objects: Objects, passwords: Passwords, vault: Vault) -> Self {
        let mint = Mint::new(clock.clone(), rng.clone());
        let outbound = Outbound::new(&outbound::Settings::strict());
        Self {
            db,
            clock,
            rng,
            mint,
            cache,
            objects,
            outbound,
            passwords,
            vault,
            metrics: Metrics::default(),
            gates: Gates::default(),
            bell: Arc::new(Notify::new()),
        }
    }

    /// The same with another way out than the strictest.
    #[must_use]
    pub fn with_outbound(mut self, outbound: Outbound) -> Self {
        self.outbound = outbound;
        self
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// A new id.
    #[must_use]
    pub fn id<I: Id>(&self) -> I {
        self.mint.next()
    }
}
