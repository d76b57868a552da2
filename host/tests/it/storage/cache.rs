//! The cache: the same promises in memory and on a real Redis.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;

use super::server;
use roro::kernel::cache::{Cache, Key, Settings};
use roro::kernel::id::Mint;
use roro::kernel::rng::Rng;
use roro::kernel::time::Clock;

const KEEP: Duration = Duration::from_secs(60);

struct Bench {
    clock: Clock,
    settings: Settings,
    cache: Cache,
    key: Key,
}

async fn bench(redis_url: &str) -> Bench {
    let clock = Clock::fixed("2026-03-01T09:00:00Z".parse().unwrap());
    let settings = Settings::for_testing(redis_url);
    let cache = Cache::open(&settings, clock.clone()).await.unwrap();
    // A tenant that no other test has: Redis is shared.
    let key = Key::new(Mint::new(Clock::system(), Rng::system().unwrap()).next(), "thing", "one");
    Bench { clock, settings, cache, key }
}

async fn fill(cache: &Cache, key: &Key, text: &'static str) -> Bytes {
    cache.fill(key, KEEP, || async { Ok::<_, ()>(Bytes::from_static(text.as_bytes())) }).await.unwrap()
}

async fn keeps_until_its_time(bench: Bench) {
    let Bench { clock, cache, key, .. } = bench;
    assert_eq!(cache.get(&key).await, None);
    assert_eq!(fill(&cache, &key, "first").await, "first");
    assert_eq!(fill(&cache, &key, "second").await, "first");
    clock.advance(KEEP);
    assert_eq!(cache.get(&key).await, None);
    assert_eq!(fill(&cache, &key, "third").await, "third");
}

async fn forgets_when_told(bench: Bench) {
    let Bench { cache, key, .. } = bench;
    fill(&cache, &key, "old").await;
    cache.forget(&key).await;
    assert_eq!(cache.get(&key).await, None);
    assert_eq!(fill(&cache, &key, "new").await, "new");
}

async fn makes_an_answer_once_for_all_who_wait(bench: Bench) {
    let Bench { cache, key, .. } = bench;
    let made = Arc::new(AtomicU32::new(0));
    let all = (0..32).map(|_| {
        let (cache, key, made) = (cache.clone(), key.clone(), made.clone());
        tokio::spawn(async move {
            let make = || async {
                made.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                Ok::<_, ()>(Bytes::from_static(b"answer"))
            };
            cache.fill(&key, KEEP, make).await.unwrap()
        })
    });
    for one in futures::future::join_all(all).await {
        assert_eq!(one.unwrap(), "answer");
    }
    assert_eq!(made.load(Ordering::SeqCst), 1);
}

async fn does_not_keep_what_was_made_from_the_past(bench: Bench) {
    let Bench { cache, key, .. } = bench;
    let (other, name) = (cache.clone(), key.clone());
    let stale = cache
        .fill(&key, KEEP, || async move {
            // The change happens while the answer is being made from what was read before it.
            other.forget(&name).await;
            Ok::<_, ()>(Bytes::from_static(b"stale"))
        })
        .await;
    assert_eq!(stale.unwrap(), "stale");
    assert_eq!(fill(&cache, &key, "fresh").await, "fresh");
}

async fn keeps_nothing_of_a_failure(bench: Bench) {
    let Bench { cache, key, .. } = bench;
    let failed = cache.fill(&key, KEEP, || async { Err::<Bytes, _>("no") }).await;
    assert_eq!(failed, Err("no"));
    assert_eq!(fill(&cache, &key, "yes").await, "yes");
}

macro_rules! conforms {
    ($($name:ident),+ $(,)?) => {
        mod in_memory {
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name(super::bench("").await).await;
                }
            )+
        }

        mod on_redis {
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name(super::bench(&super::server("RORO_TEST_REDIS_URL")).await).await;
                }
            )+
        }
    };
}

conforms!(
    keeps_until_its_time,
    forgets_when_told,
    makes_an_answer_once_for_all_who_wait,
    does_not_keep_what_was_made_from_the_past,
    keeps_nothing_of_a_failure,
);

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_forgets_the_others_forget_too() {
    let one = bench(&server("RORO_TEST_REDIS_URL")).await;
    let two = Cache::open(&one.settings, one.clock.clone()).await.unwrap();
    fill(&one.cache, &one.key, "old").await;
    assert_eq!(two.get(&one.key).await.unwrap(), "old", "the second node reads what the first made");
    one.cache.forget(&one.key).await;
    // The message is on its way: ask until it has come, for as long as the copy could live at most.
    let gone = async {
        while two.get(&one.key).await.is_some() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect("the second node never forgot");
    assert_eq!(fill(&two, &one.key, "new").await, "new");
}

#[tokio::test]
async fn a_redis_that_is_not_there_is_told_at_the_start() {
    let settings = Settings::for_testing("redis://127.0.0.1:1");
    let error = Cache::open(&settings, Clock::system()).await.unwrap_err().to_string();
    assert!(error.contains("cache.redis_url"), "{error}");
}
