//! Events: told at least once, in the order of their line, and not at all when their change did not happen.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;

use super::{Store, on_both};
use roro::access::Actor;
use roro::kernel::db;
use roro::kernel::queue::{Memory, Message, Queue, Refused, Subscriber};
use roro::outbox::{self, Event, Forgetful, Journal, Relay};

/// Remembers what it was told and refuses what it is asked to.
#[derive(Default)]
struct Listener {
    told: Mutex<Vec<String>>,
    refuses: Mutex<Option<String>>,
}

#[async_trait]
impl Subscriber for Listener {
    fn name(&self) -> &'static str {
        "listener"
    }

    fn wants(&self, kind: &str) -> bool {
        kind.starts_with("order.")
    }

    async fn take(&self, message: &Message) -> Result<(), Refused> {
        if self.refuses.lock().unwrap().as_ref() == Some(&message.line) {
            return Err(Refused { subscriber: "listener", reason: "asked to".to_owned() });
        }
        self.told.lock().unwrap().push(format!("{}{}", message.line, message.payload));
        Ok(())
    }
}

async fn tell(store: &Store, actor: &Actor, line: &str, n: u32) -> Result<(), db::Error> {
    let (line, mint, now) = (line.to_owned(), store.ctx.mint.clone(), store.ctx.now());
    store
        .ctx
        .db
        .write(actor, move |tx| {
            let (line, mint) = (line.clone(), mint.clone());
            async move {
                let event = Event { line, kind: "order.imported", payload: serde_json::json!(n) };
                outbox::write(&tx, &mint, now, event).await.map(|_| ())
            }
        })
        .await
}

fn relay(store: &Store, listener: &Arc<Listener>) -> Relay {
    let subscribers: Vec<Arc<dyn Subscriber>> =
        vec![Arc::new(Journal::new(store.ctx.clone())), Arc::new(Forgetful::new(store.ctx.clone())), listener.clone()];
    let queue: Arc<dyn Queue> = Arc::new(Memory::new(subscribers));
    Relay::new(store.ctx.clone(), queue)
}

on_both! {
    async fn events_of_a_line_are_told_in_order_and_once_when_all_goes_well(store: &Store) {
        let (acme, bolt) = (store.tenant("acme").await, store.tenant("bolt").await);
        for n in 0..5 {
            tell(store, &acme, "a", n).await.unwrap();
            tell(store, &bolt, "b", n).await.unwrap();
        }
        let listener = Arc::new(Listener::default());
        assert_eq!(relay(store, &listener).drain().await.unwrap(), 10);
        let told = listener.told.lock().unwrap().clone();
        for line in ["a", "b"] {
            let of_line: Vec<_> = told.iter().filter(|one| one.starts_with(line)).cloned().collect();
            assert_eq!(of_line, (0..5).map(|n| format!("{line}{n}")).collect::<Vec<_>>());
        }
        assert_eq!(outbox::waiting(&store.ctx).await.unwrap(), 0);
        assert_eq!(outbox::deliveries(&store.ctx, &acme, Journal::NAME, 100).await.unwrap().len(), 5);
    }

    async fn what_cannot_be_taken_holds_up_its_own_line_and_comes_again(store: &Store) {
        let acme = store.tenant("acme").await;
        for (line, n) in [("a", 0), ("b", 0), ("a", 1), ("b", 1)] {
            tell(store, &acme, line, n).await.unwrap();
        }
        let listener = Arc::new(Listener::default());
        *listener.refuses.lock().unwrap() = Some("a".to_owned());
        let relay = relay(store, &listener);
        assert_eq!(relay.drain().await.unwrap(), 2);
        assert_eq!(*listener.told.lock().unwrap(), ["b0", "b1"]);
        *listener.refuses.lock().unwrap() = None;
        tell(store, &acme, "a", 2).await.unwrap();
        assert_eq!(relay.drain().await.unwrap(), 0, "nothing of the line overtakes the event that waits");
        store.clock.advance(Duration::from_secs(1));
        assert_eq!(relay.drain().await.unwrap(), 3);
        assert_eq!(*listener.told.lock().unwrap(), ["b0", "b1", "a0", "a1", "a2"]);
        let journal = outbox::deliveries(&store.ctx, &acme, Journal::NAME, 100).await.unwrap();
        assert_eq!(journal.len(), 5, "the journal took the refused event twice and wrote it down once");
    }

    async fn a_change_that_is_undone_tells_nothing(store: &Store) {
        let acme = store.tenant("acme").await;
        let (mint, now) = (store.ctx.mint.clone(), store.ctx.now());
        let undone: Result<(), db::Error> = store.ctx.db.write(&acme, move |tx| {
            let mint = mint.clone();
            async move {
                let event = Event { line: "a".to_owned(), kind: "order.imported", payload: serde_json::json!(1) };
                outbox::write(&tx, &mint, now, event).await?;
                Err(db::Error::Busy)
            }
        }).await;
        undone.unwrap_err();
        assert_eq!(outbox::waiting(&store.ctx).await.unwrap(), 0);
    }

    async fn two_relays_at_once_tell_each_event_once(store: &Store) {
        let acme = store.tenant("acme").await;
        for n in 0..40 {
            tell(store, &acme, &format!("line{}", n % 8), n).await.unwrap();
        }
        let listener = Arc::new(Listener::default());
        let (one, two) = (relay(store, &listener), relay(store, &listener));
        let (first, second) = tokio::join!(one.drain(), two.drain());
        // A relay may leave while the other still holds the head of a line: look once more.
        let third = one.drain().await.unwrap();
        assert_eq!(first.unwrap() + second.unwrap() + third, 40);
        let mut told = listener.told.lock().unwrap().clone();
        told.sort();
        told.dedup();
        assert_eq!(told.len(), 40);
    }

    async fn an_event_held_by_a_relay_that_died_comes_again(store: &Store) {
        let acme = store.tenant("acme").await;
        tell(store, &acme, "a", 0).await.unwrap();
        /// Dies while it takes an event.
        struct Dying;
        #[async_trait]
        impl Queue for Dying {
            async fn publish(&self, _: &Message) -> Result<(), Refused> {
                std::future::pending().await
            }
        }
        let dying = Relay::new(store.ctx.clone(), Arc::new(Dying));
        let died = tokio::time::timeout(Duration::from_millis(300), dying.drain()).await;
        assert!(died.is_err());
        let listener = Arc::new(Listener::default());
        let relay = relay(store, &listener);
        assert_eq!(relay.drain().await.unwrap(), 0, "still held");
        store.clock.advance(Duration::from_secs(61));
        assert_eq!(relay.drain().await.unwrap(), 1);
    }

    async fn a_change_makes_the_cache_forget_its_line(store: &Store) {
        let acme = store.tenant("acme").await;
        let key = Forgetful::key(&acme, "a");
        let made = |bytes: &'static str| move || async move { Ok::<_, ()>(bytes::Bytes::from_static(bytes.as_bytes())) };
        let keep = Duration::from_secs(60);
        assert_eq!(store.ctx.cache.fill(&key, keep, made("old")).await.unwrap(), "old");
        assert_eq!(store.ctx.cache.fill(&key, keep, made("new")).await.unwrap(), "old");
        tell(store, &acme, "a", 0).await.unwrap();
        relay(store, &Arc::default()).drain().await.unwrap();
        assert_eq!(store.ctx.cache.fill(&key, keep, made("new")).await.unwrap(), "new");
    }

    async fn delivered_events_are_swept_after_a_week(store: &Store) {
        let acme = store.tenant("acme").await;
        tell(store, &acme, "a", 0).await.unwrap();
        let relay = relay(store, &Arc::default());
        relay.drain().await.unwrap();
        assert_eq!(relay.sweep().await.unwrap(), 0);
        store.clock.advance(Duration::from_secs(8 * 86_400));
        assert_eq!(relay.sweep().await.unwrap(), 1);
    }
}
