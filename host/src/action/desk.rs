//! The desk of the server: what an app may read is read from its tenant's rows, each time in a transaction of its own.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;

use super::port::{Desk, DeskError};
use crate::access::Actor;
use crate::kernel::Ctx;
use crate::kernel::cache::Key;
use crate::kernel::id::{OrderId, RecordId};
use crate::order::table::Filter;
use crate::order::{self, Snapshot};
use crate::plugin::Active;
use crate::record::{self, Page, Query, Stored};

/// How many values the cache of a plugin holds: each key has one of so many places, and a newer value takes the place of an older one.
const CACHE_PLACES: u16 = 256;

/// A desk for one app of one tenant. Guests run on threads of their own; what waits for a database or a network is done on the server's.
#[derive(Clone)]
pub struct Live {
    ctx: Ctx,
    actor: Actor,
    plugin: Arc<Active>,
    server: Handle,
}

impl Live {
    /// A desk. Call it on the server's runtime.
    #[must_use]
    pub fn new(ctx: &Ctx, actor: &Actor, plugin: &Arc<Active>) -> Self {
        Self { ctx: ctx.clone(), actor: actor.clone(), plugin: Arc::clone(plugin), server: Handle::current() }
    }

    async fn there<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, DeskError>> + Send + 'static,
    ) -> Result<T, DeskError> {
        self.server.spawn(work).await.unwrap_or_else(|error| Err(DeskError::Fault(error.to_string())))
    }

    fn place(&self, key: &str) -> Key {
        let digest = Sha256::digest(key.as_bytes());
        let place = digest.iter().take(2).fold(0_u16, |sum, byte| (sum << 8) | u16::from(*byte)) % CACHE_PLACES;
        Key::new(self.actor.tenant().id(), "app", &format!("{}:{place}", self.plugin.id))
    }
}

impl From<record::Error> for DeskError {
    fn from(error: record::Error) -> Self {
        match error {
            record::Error::Refused(refused) => Self::Refused(refused),
            record::Error::Db(error) => Self::Fault(error.to_string()),
        }
    }
}

/// A value as it lies in its place: the key's length, the key, the value. Another key of the same place reads as nothing.
fn packed(key: &str, value: &[u8]) -> Bytes {
    let length = u16::try_from(key.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&length[..], key.as_bytes(), value].concat().into()
}

fn unpacked(key: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let (length, rest) = bytes.split_at_checked(2)?;
    let length = usize::from(u16::from_be_bytes(length.try_into().ok()?));
    let (stored, value) = rest.split_at_checked(length)?;
    (stored == key.as_bytes()).then(|| value.to_vec())
}

#[async_trait]
impl Desk for Live {
    async fn record(&self, collection: &str, id: RecordId) -> Result<Stored, DeskError> {
        let (own, collection) = (self.clone(), collection.to_owned());
        self.there(async move { Ok(record::get(&own.ctx, &own.actor, &own.plugin, &collection, id).await?) }).await
    }

    async fn records(&self, collection: &str, query: Query) -> Result<Page, DeskError> {
        let (own, collection) = (self.clone(), collection.to_owned());
        self.there(async move { Ok(record::find(&own.ctx, &own.actor, &own.plugin, &collection, &query).await?) }).await
    }

    async fn order(&self, id: OrderId) -> Result<Option<(i64, Arc<Snapshot>)>, DeskError> {
        let own = self.clone();
        self.there(async move {
            match order::snapshot(&own.ctx, &own.actor, id).await {
                Ok((row, snapshot)) => Ok(Some((row.version, Arc::new(snapshot)))),
                Err(order::Error::Unknown) => Ok(None),
                Err(error) => Err(DeskError::Fault(error.to_string())),
            }
        })
        .await
    }

    async fn orders(&self, after: Option<OrderId>, rows: u64) -> Result<Vec<(OrderId, i64, String)>, DeskError> {
        let own = self.clone();
        self.there(async move {
            let cards = order::list(&own.ctx, &own.actor, &Filter::default(), after, rows).await;
            let cards = cards.map_err(|error| DeskError::Fault(error.to_string()))?;
            Ok(cards.into_iter().map(|card| (card.id, card.version, card.reference)).collect())
        })
        .await
    }

    async fn cached(&self, key: &str) -> Option<Vec<u8>> {
        let (cache, place, key) = (self.ctx.cache.clone(), self.place(key), key.to_owned());
        let found = self.server.spawn(async move { cache.get(&place).await }).await.ok().flatten()?;
        unpacked(&key, &found)
    }

    async fn cache(&self, key: &str, value: Vec<u8>, seconds: u32) {
        let (cache, place, bytes) = (self.ctx.cache.clone(), self.place(key), packed(key, &value));
        let kept = self.server.spawn(async move {
            cache.forget(&place).await;
            let made = cache.fill(&place, Duration::from_secs(u64::from(seconds)), || async { Ok::<_, DeskError>(bytes) });
            made.await.map(drop)
        });
        // What is not kept is made again: a cache owes nothing.
        drop(kept.await);
    }

    async fn uncache(&self, key: &str) {
        let (own, key) = (self.clone(), key.to_owned());
        let gone = self.server.spawn(async move {
            let place = own.place(&key);
            if own.ctx.cache.get(&place).await.is_some_and(|bytes| unpacked(&key, &bytes).is_some()) {
                own.ctx.cache.forget(&place).await;
            }
        });
        drop(gone.await);
    }

    fn new_record(&self) -> RecordId {
        self.ctx.id()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_never_answers_for_another_key() {
        let bytes = packed("one", b"value");
        assert_eq!(unpacked("one", &bytes).as_deref(), Some(&b"value"[..]));
        assert_eq!(unpacked("on", &bytes), None);
        assert_eq!(unpacked("one", &bytes[..3]), None);
    }
}
