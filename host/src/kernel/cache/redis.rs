//! The cache of many nodes: this process's copy, then Redis. A drop raises the key's generation in Redis and tells every node.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands as _, Client, RedisError, Script};

use super::memory::Memory;
use super::{Entry, Generation, Key, Settings, Store};
use crate::kernel::time::{Clock, Instant};

const CHANNEL: &str = "roro:cache:drop";
/// Longer than any answer takes to make, so that a generation never falls back to none during a fill.
const GENERATION_SECONDS: i64 = 3_600;

/// Puts an answer only when the key's generation is still the one it was made from.
const PUT: &str = "if (redis.call('GET', KEYS[2]) or '0') == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1 end return 0";
/// Drops an answer, raises its generation and tells the nodes, as one step.
const DROP: &str = "redis.call('DEL', KEYS[1]) redis.call('INCR', KEYS[2]) redis.call('EXPIRE', KEYS[2], ARGV[1]) redis.call('PUBLISH', ARGV[2], ARGV[3]) return 1";

pub(super) struct Redis {
    local: Arc<Memory>,
    local_max: Duration,
    clock: Clock,
    connection: ConnectionManager,
    put: Script,
    drop: Script,
    /// Ends the listener with the cache.
    _listener: Listener,
}

struct Listener(tokio::task::JoinHandle<()>);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Redis {
    pub(super) async fn connect(settings: &Settings, clock: Clock) -> Result<Self, RedisError> {
        let client = Client::open(settings.redis_url.as_str())?;
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(Duration::from_millis(500)))
            .set_connection_timeout(Some(Duration::from_secs(2)))
            .set_number_of_retries(1);
        let connection = ConnectionManager::new_with_config(client.clone(), config).await?;
        let local = Arc::new(Memory::new(settings.memory_bytes_max));
        let mut drops = client.get_async_pubsub().await?;
        drops.subscribe(CHANNEL).await?;
        let listener = Listener(tokio::spawn(listen(client, drops, local.clone())));
        let local_max = Duration::from_millis(settings.local_ms_max);
        Ok(Self { local, local_max, clock, connection, put: Script::new(PUT), drop: Script::new(DROP), _listener: listener })
    }
}

/// Forgets what others drop. While nobody tells us, nothing that we hold can be trusted: all of it goes.
async fn listen(client: Client, first: redis::aio::PubSub, local: Arc<Memory>) {
    let mut drops = Some(first);
    loop {
        let subscribed = match drops.take() {
            Some(subscribed) => Ok(subscribed),
            None => subscribe(&client).await,
        };
        match subscribed {
            Ok(mut subscribed) => {
                let mut messages = subscribed.on_message();
                while let Some(message) = messages.next().await {
                    match message.get_payload::<String>() {
                        Ok(key) => local.forget(&key).await,
                        Err(_) => local.forget_all(),
                    }
                }
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "redis does not answer; the cache does without it for now"
                );
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
        local.forget_all();
    }
}

async fn subscribe(client: &Client) -> Result<redis::aio::PubSub, RedisError> {
    let mut drops = client.get_async_pubsub().await?;
    drops.subscribe(CHANNEL).await?;
    Ok(drops)
}

fn entry_name(key: &str) -> String {
    format!("roro:cache:{{{key}}}")
}

fn generation_name(key: &str) -> String {
    format!("roro:cache:{{{key}}}:generation")
}

/// Eight bytes of expiry before the answer: the house's clock decides, Redis's own expiry only cleans up.
fn pack(entry: &Entry) -> Vec<u8> {
    [&entry.until.micros().to_be_bytes(), entry.bytes.as_ref()].concat()
}

fn unpack(bytes: Vec<u8>) -> Option<Entry> {
    let mut bytes = Bytes::from(bytes);
    let until = bytes.get(..8).and_then(|head| <[u8; 8]>::try_from(head).ok()).map(i64::from_be_bytes)?;
    let until = Instant::from_micros(until)?;
    Some(Entry { until, bytes: bytes.split_off(8) })
}

fn missed(what: &'static str, error: &RedisError) {
    tracing::warn!(error = error as &dyn std::error::Error, "redis did not {what} an answer of the cache; going on without");
}

#[async_trait]
impl Store for Redis {
    async fn get(&self, key: &Key) -> Option<Entry> {
        let now = self.clock.now();
        if let Some(copy) = self.local.get(key).await.filter(|copy| now < copy.until) {
            return Some(copy);
        }
        let made_from = self.local.now();
        let found: Result<Option<Vec<u8>>, _> = self.connection.clone().get(entry_name(key.as_str())).await;
        let entry = found.inspect_err(|error| missed("give", error)).ok().flatten().and_then(unpack)?;
        let copy = Entry { until: entry.until.min(now.after(self.local_max)), bytes: entry.bytes.clone() };
        self.local.put(key, copy, made_from, self.local_max).await;
        Some(entry)
    }

    async fn generation(&self, key: &Key) -> Option<Generation> {
        let found: Result<Option<String>, _> = self.connection.clone().get(generation_name(key.as_str())).await;
        let found = found.inspect_err(|error| missed("give", error)).ok()?;
        Some(Generation(found.unwrap_or_else(|| "0".to_owned())))
    }

    async fn put(&self, key: &Key, entry: Entry, made_from: Generation, keep: Duration) {
        // Not kept here: the next read brings it from Redis, in step with drops by others.
        let keys = (entry_name(key.as_str()), generation_name(key.as_str()));
        let mut put = self.put.prepare_invoke();
        put.key(keys.0).key(keys.1).arg(made_from.0).arg(pack(&entry)).arg(keep.as_millis().max(1).to_string());
        if let Err(error) = put.invoke_async::<i64>(&mut self.connection.clone()).await {
            missed("take", &error);
        }
    }

    async fn remove(&self, key: &Key) {
        self.local.forget(key.as_str()).await;
        let mut drop = self.drop.prepare_invoke();
        drop.key(entry_name(key.as_str())).key(generation_name(key.as_str()));
        drop.arg(GENERATION_SECONDS).arg(CHANNEL).arg(key.as_str());
        if let Err(error) = drop.invoke_async::<i64>(&mut self.connection.clone()).await {
            missed("drop", &error);
        }
    }
}
