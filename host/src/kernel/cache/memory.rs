//! The cache of one process.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use moka::future::{Cache as Moka, CacheBuilder};

use super::{Entry, Generation, Key, Store};

/// Entries by key, the least wanted thrown out when the bytes are used up.
pub(super) struct Memory {
    entries: Moka<String, Entry>,
    /// Counts drops of any key: coarse, but a fill that races with a drop only loses its entry.
    drops: AtomicU64,
}

impl Memory {
    pub(super) fn new(bytes_max: u64) -> Self {
        let entries = CacheBuilder::new(bytes_max)
            .weigher(|key: &String, entry: &Entry| u32::try_from(key.len() + entry.bytes.len() + 64).unwrap_or(u32::MAX))
            .build();
        Self { entries, drops: AtomicU64::new(0) }
    }

    pub(super) fn now(&self) -> Generation {
        Generation(self.drops.load(Ordering::SeqCst).to_string())
    }

    pub(super) async fn keep(&self, key: &str, entry: Entry) {
        self.entries.insert(key.to_owned(), entry).await;
    }

    pub(super) async fn forget(&self, key: &str) {
        self.drops.fetch_add(1, Ordering::SeqCst);
        self.entries.invalidate(key).await;
    }

    pub(super) fn forget_all(&self) {
        self.drops.fetch_add(1, Ordering::SeqCst);
        self.entries.invalidate_all();
    }
}

#[async_trait]
impl Store for Memory {
    async fn get(&self, key: &Key) -> Option<Entry> {
        self.entries.get(key.as_str()).await
    }

    async fn generation(&self, _: &Key) -> Option<Generation> {
        Some(self.now())
    }

    async fn put(&self, key: &Key, entry: Entry, made_from: Generation, _: Duration) {
        if made_from == self.now() {
            self.keep(key.as_str(), entry).await;
            // A drop between the check and the insert would leave an old answer: look again.
            if made_from != self.now() {
                self.entries.invalidate(key.as_str()).await;
            }
        }
    }

    async fn remove(&self, key: &Key) {
        self.forget(key.as_str()).await;
    }
}
