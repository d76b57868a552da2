//! The cache: answers that can be made again. It is in this process alone, or in this process in front of Redis.
//!
//! Losing it costs time, never data: whatever goes wrong reads as a miss. `fill` lets one caller make a missing answer while the others
//! wait for it, and an answer whose key was dropped meanwhile is handed out but not kept. Keys name their tenant.

mod memory;
mod redis;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use serde::Deserialize;

use super::gate::Gates;
use super::id::TenantId;
use super::time::{Clock, Instant};

/// Section `[cache]` of the settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `redis://…` to share the cache between nodes; empty for this process alone.
    pub redis_url: String,
    /// How many bytes of answers this process keeps.
    pub memory_bytes_max: u64,
    /// How long this process trusts its copy before it asks Redis again, in milliseconds: the longest that a node which missed a
    /// message about a change can answer from the past.
    pub local_ms_max: u64,
}

impl Settings {
    /// In memory, or with a Redis in front of which copies live for a second.
    #[must_use]
    pub fn for_testing(redis_url: &str) -> Self {
        Self { redis_url: redis_url.to_owned(), memory_bytes_max: 1_048_576, local_ms_max: 1_000 }
    }
}

/// The cache cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("Redis cannot be reached; check cache.redis_url, or leave it empty to do without")]
pub struct Error(#[source] ::redis::RedisError);

/// Where an answer lies: a tenant's, of a kind, by a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key(String);

impl Key {
    /// A key.
    #[must_use]
    pub fn new(tenant: TenantId, kind: &'static str, name: &str) -> Self {
        Self(format!("{tenant}:{kind}:{name}"))
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

/// An answer with the moment from which it no longer counts, by the house's clock.
#[derive(Debug, Clone)]
struct Entry {
    until: Instant,
    bytes: Bytes,
}

/// Which state of a key an answer was made from: it counts only while nobody has dropped the key since.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Generation(String);

/// A back end.
#[async_trait]
trait Store: Send + Sync {
    async fn get(&self, key: &Key) -> Option<Entry>;
    async fn generation(&self, key: &Key) -> Option<Generation>;
    async fn put(&self, key: &Key, entry: Entry, made_from: Generation, keep: Duration);
    async fn remove(&self, key: &Key);
}

/// The cache. Clones share it.
#[derive(Clone)]
pub struct Cache {
    store: Arc<dyn Store>,
    clock: Clock,
    gates: Gates,
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cache(..)")
    }
}

impl Cache {
    /// As the settings say.
    ///
    /// # Errors
    /// When the settings name a Redis that does not answer at the start. One that is lost later only costs time.
    pub async fn open(settings: &Settings, clock: Clock) -> Result<Self, Error> {
        let store: Arc<dyn Store> = if settings.redis_url.is_empty() {
            Arc::new(memory::Memory::new(settings.memory_bytes_max))
        } else {
            Arc::new(redis::Redis::connect(settings, clock.clone()).await.map_err(Error)?)
        };
        Ok(Self { store, clock, gates: Gates::default() })
    }

    /// In this process alone.
    #[must_use]
    pub fn memory(bytes_max: u64, clock: Clock) -> Self {
        Self { store: Arc::new(memory::Memory::new(bytes_max)), clock, gates: Gates::default() }
    }

    /// The answer, if there is one.
    pub async fn get(&self, key: &Key) -> Option<Bytes> {
        let entry = self.store.get(key).await?;
        (self.clock.now() < entry.until).then_some(entry.bytes)
    }

    /// The answer, made by `make` when there is none: by one caller of this process, for all who ask meanwhile.
    ///
    /// # Errors
    /// What `make` answers; nothing is kept then.
    pub async fn fill<E, F>(&self, key: &Key, keep: Duration, make: impl FnOnce() -> F + Send) -> Result<Bytes, E>
    where
        F: Future<Output = Result<Bytes, E>> + Send,
        E: Send,
    {
        if let Some(bytes) = self.get(key).await {
            return Ok(bytes);
        }
        let _pass = self.gates.pass(key.as_str()).await;
        if let Some(bytes) = self.get(key).await {
            return Ok(bytes);
        }
        let generation = self.store.generation(key).await;
        let bytes = make().await?;
        if let Some(generation) = generation {
            let until = self.clock.now().after(keep);
            self.store.put(key, Entry { until, bytes: bytes.clone() }, generation, keep).await;
        }
        Ok(bytes)
    }

    /// Forgets an answer here and tells the other nodes. Call it after the commit that made it old.
    pub async fn forget(&self, key: &Key) {
        self.store.remove(key).await;
    }
}
