//! Webhooks: who wants an event gets it, signed, and again until it has it; who must not be reached is not.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use roro::access::Actor;
use roro::command::{self, Request};
use roro::config;
use roro::kernel::Ctx;
use roro::kernel::db;
use roro::kernel::id::WebhookId;
use roro::kernel::outbound::{Outbound, Settings};
use roro::kernel::queue::{Memory, Subscriber};
use roro::outbox::{self, Event, Relay};
use roro::webhook::{self, Courier, Delivery, DeliveryState, Herald, Input, Webhook};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

use super::{Store, on_both};

/// A request as a receiver saw it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// Whether one of the signatures is right, worked out from the specification and not from the code that signs.
    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let content = format!("{}.{}.{}", self.header("webhook-id"), self.header("webhook-timestamp"), self.body);
        self.header("webhook-signature").split(' ').any(|signature| {
            let (version, code) = signature.split_once(',').unwrap();
            let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
            mac.update(content.as_bytes());
            version == "v1" && mac.verify_slice(&STANDARD.decode(code).unwrap()).is_ok()
        })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A server that listens on this machine and answers as it is told, 204 when nobody told it.
#[derive(Clone)]
pub(crate) struct Receiver {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    answers: Arc<Mutex<VecDeque<StatusCode>>>,
    delay: Duration,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        Self::slow(Duration::ZERO).await
    }

    async fn slow(delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self { address: listener.local_addr().unwrap(), seen: Arc::default(), answers: Arc::default(), delay };
        let taking = receiver.clone();
        let take = move |headers: HeaderMap, body: String| {
            let taking = taking.clone();
            async move {
                taking.seen.lock().unwrap().push(Seen { headers, body });
                tokio::time::sleep(taking.delay).await;
                let answer = taking.answers.lock().unwrap().pop_front().unwrap_or(StatusCode::NO_CONTENT);
                (answer, [("location", "/elsewhere"), ("retry-after", "7")])
            }
        };
        let router = axum::Router::new().fallback(take);
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    fn answer(&self, status: u16) {
        self.answers.lock().unwrap().push_back(StatusCode::from_u16(status).unwrap());
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

/// Lets this machine be reached, which a server that ships does not.
pub(crate) fn open(settings: &mut Settings) {
    settings.networks_allowed = vec!["127.0.0.0/8".parse().unwrap()];
    settings.plain_http_allowed = true;
    settings.request_ms_max = 2_000;
}

/// A firm, its way out, and the workers between.
struct Post {
    ctx: Ctx,
    actor: Actor,
    couriers: Courier,
}

impl Post {
    async fn new(store: &Store, handle: &str, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::strict();
        open(&mut settings);
        change(&mut settings);
        let ctx = store.ctx.clone().with_outbound(Outbound::new(&settings));
        let couriers = Courier::new(ctx.clone(), Arc::default(), config::Webhooks { couriers_max: 4, tenant_couriers_max: 2 });
        Self { actor: store.tenant(handle).await, ctx, couriers }
    }

    async fn add(&self, url: &str, kinds: &[&str]) -> WebhookId {
        let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        let input = Input { url: url.to_owned(), description: "the books".to_owned(), kinds, enabled: true };
        let request = Request::new("test", None, &[]);
        let answer = Box::pin(webhook::create(&self.ctx, &self.actor, request, input)).await.unwrap();
        let id = serde_json::from_str::<Value>(&answer.body).unwrap()["id"].as_str().unwrap().to_owned();
        id.parse().unwrap()
    }

    /// Something happens, and the relay tells of it.
    async fn happens(&self, kind: &'static str) {
        let (mint, now) = (self.ctx.mint.clone(), self.ctx.now());
        let written: Result<(), db::Error> = self
            .ctx
            .db
            .write(&self.actor, move |tx| {
                let mint = mint.clone();
                async move {
                    let event = Event { line: "a".to_owned(), kind, payload: serde_json::json!({ "order": "ord_1" }) };
                    outbox::write(&tx, &mint, now, event).await.map(drop)
                }
            })
            .await;
        written.unwrap();
        self.relay().drain().await.unwrap();
    }

    fn relay(&self) -> Relay {
        let herald: Arc<dyn Subscriber> = Arc::new(Herald::new(self.ctx.clone(), Arc::default()));
        Relay::new(self.ctx.clone(), Arc::new(Memory::new(vec![herald])))
    }

    async fn secret(&self, id: WebhookId) -> String {
        webhook::secret(&self.ctx, &self.actor, id).await.unwrap().reveal().to_owned()
    }

    async fn deliveries(&self, id: WebhookId) -> Vec<Delivery> {
        webhook::deliveries(&self.ctx, &self.actor, id, None, 100).await.unwrap()
    }

    async fn get(&self, id: WebhookId) -> Webhook {
        webhook::get(&self.ctx, &self.actor, id).await.unwrap()
    }
}

on_both! {
    async fn an_event_goes_signed_to_who_wants_it_and_to_nobody_else(store: &Store) {
        let (acme, bolt) = (Post::new(store, "acme", |_| ()).await, Post::new(store, "bolt", |_| ()).await);
        let [all, some, other, foreign] =
            [Receiver::start().await, Receiver::start().await, Receiver::start().await, Receiver::start().await];
        let id = acme.add(&all.url(), &[]).await;
        acme.add(&some.url(), &["order.imported"]).await;
        acme.add(&other.url(), &["document.issued"]).await;
        bolt.add(&foreign.url(), &[]).await;
        acme.happens("order.imported").await;
        assert_eq!(acme.couriers.drain().await.unwrap(), 2);
        assert_eq!([all.seen().len(), some.seen().len(), other.seen().len(), foreign.seen().len()], [1, 1, 0, 0]);

        let seen = all.seen().remove(0);
        let secret = acme.secret(id).await;
        assert!(seen.is_signed_with(&secret) && !some.seen()[0].is_signed_with(&secret));
        assert_eq!(seen.header("content-type"), "application/json");
        assert_eq!(seen.header("webhook-timestamp"), (store.ctx.now().micros() / 1_000_000).to_string());
        let json = seen.json();
        assert_eq!((&json["type"], &json["data"]["order"]), (&"order.imported".into(), &"ord_1".into()));
        assert_eq!(json["timestamp"], store.ctx.now().to_string());
        let [delivery] = acme.deliveries(id).await.try_into().unwrap();
        assert_eq!((delivery.state, delivery.attempts, delivery.last_status), (DeliveryState::Delivered, 1, Some(204)));
        assert_eq!(seen.header("webhook-id"), delivery.event.to_string());

        // The relay tells an event at least once; what was put in line once is not put there again.
        assert_eq!(acme.relay().drain().await.unwrap(), 0);
        assert_eq!(acme.couriers.drain().await.unwrap(), 0);
    }

    async fn what_fails_comes_again_later_with_the_same_id(store: &Store) {
        let acme = Post::new(store, "acme", |_| ()).await;
        let receiver = Receiver::start().await;
        let id = acme.add(&receiver.url(), &[]).await;
        for status in [500, 301, 429] {
            receiver.answer(status);
        }
        acme.happens("order.imported").await;
        // 5 s, or the 7 s that the receiver asks for, which is longer; then 5 and 30 min, which are longer. A redirect is not followed.
        for (wait, status) in [(7, 500), (300, 301), (1_800, 429)] {
            assert_eq!(acme.couriers.drain().await.unwrap(), 1);
            let [delivery] = acme.deliveries(id).await.try_into().unwrap();
            assert_eq!((delivery.state, delivery.last_status), (DeliveryState::Waiting, Some(status)));
            assert_eq!(delivery.due_at, Some(store.ctx.now().after(Duration::from_secs(wait))));
            store.clock.advance(Duration::from_secs(wait - 1));
            assert_eq!(acme.couriers.drain().await.unwrap(), 0);
            store.clock.advance(Duration::from_secs(1));
        }
        assert_eq!(acme.couriers.drain().await.unwrap(), 1);
        assert_eq!(acme.deliveries(id).await[0].state, DeliveryState::Delivered);
        let seen = receiver.seen();
        assert!(seen.iter().all(|one| one.header("webhook-id") == seen[0].header("webhook-id") && one.body == seen[0].body));
        assert_eq!(seen.len(), 4, "the redirect was followed");
    }

    async fn one_that_is_gone_is_suspended_until_a_person_replaces_it(store: &Store) {
        let acme = Post::new(store, "acme", |_| ()).await;
        let receiver = Receiver::start().await;
        let id = acme.add(&receiver.url(), &["order.imported"]).await;
        receiver.answer(410);
        acme.happens("order.imported").await;
        assert_eq!(acme.couriers.drain().await.unwrap(), 1);
        let webhook = acme.get(id).await;
        assert_eq!((webhook.suspended_at, webhook.suspended_for.as_deref()), (Some(store.ctx.now()), Some("status 410")));
        assert_eq!(acme.deliveries(id).await[0].state, DeliveryState::Failed);
        let trail = command::of_subject(&store.ctx.db.read(&acme.actor).await.unwrap(), &id.to_string(), 10).await.unwrap();
        assert!(trail.iter().any(|row| row.verb == "webhook.suspend" && row.actor == "worker"), "{trail:?}");
        assert_eq!(outbox::waiting(&store.ctx).await.unwrap(), 1, "an event tells of the suspension");

        acme.happens("order.imported").await;
        assert_eq!((acme.couriers.drain().await.unwrap(), acme.deliveries(id).await.len()), (0, 1));
        let request = Request::new("test", None, &[]);
        Box::pin(webhook::replace(&acme.ctx, &acme.actor, request, id, 1, webhook.input)).await.unwrap();
        store.clock.advance(Duration::from_secs(2));
        acme.happens("order.imported").await;
        assert_eq!(acme.couriers.drain().await.unwrap(), 1);
        assert_eq!(acme.get(id).await.suspended_at, None);
    }

    async fn one_that_is_replaced_while_it_is_served_begins_anew(store: &Store) {
        let acme = Post::new(store, "acme", |_| ()).await;
        let (old, new) = (Receiver::slow(Duration::from_millis(500)).await, Receiver::start().await);
        let id = acme.add(&old.url(), &[]).await;
        acme.happens("order.imported").await;
        acme.happens("order.imported").await;
        old.answer(410);
        let replaced = async {
            while old.seen().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let input = Input { url: new.url(), ..acme.get(id).await.input };
            Box::pin(webhook::replace(&acme.ctx, &acme.actor, Request::new("test", None, &[]), id, 1, input)).await.unwrap();
        };
        let (made, ()) = tokio::join!(acme.couriers.drain(), replaced);
        made.unwrap();
        assert_eq!([old.seen().len(), new.seen().len()], [1, 1], "what waited goes to the new address, and nothing more to the old one");
        assert_eq!(acme.get(id).await.suspended_at, None, "the old address is gone, the new one is not");
    }

    async fn what_waits_for_one_that_ends_ends_with_it(store: &Store) {
        let acme = Post::new(store, "acme", |_| ()).await;
        let receiver = Receiver::start().await;
        let id = acme.add(&receiver.url(), &[]).await;
        receiver.answer(500);
        acme.happens("order.imported").await;
        assert_eq!(acme.couriers.drain().await.unwrap(), 1);
        Box::pin(webhook::archive(&acme.ctx, &acme.actor, Request::new("test", None, &[]), id)).await.unwrap();
        store.clock.advance(Duration::from_secs(32 * 86_400));
        assert_eq!(acme.couriers.drain().await.unwrap(), 0);
        assert_eq!(webhook::sweep(&acme.ctx).await.unwrap(), 1, "it is kept for a month, as what ended otherwise");
    }

    async fn ten_failed_attempts_are_the_end(store: &Store) {
        let acme = Post::new(store, "acme", |_| ()).await;
        let receiver = Receiver::start().await;
        let id = acme.add(&receiver.url(), &[]).await;
        acme.happens("order.imported").await;
        for attempt in 1..=10 {
            receiver.answer(503);
            store.clock.advance(Duration::from_secs(86_400));
            assert_eq!(acme.couriers.drain().await.unwrap(), 1, "attempt {attempt}");
        }
        store.clock.advance(Duration::from_secs(86_400));
        assert_eq!((acme.couriers.drain().await.unwrap(), receiver.seen().len()), (0, 10));
        let [delivery] = acme.deliveries(id).await.try_into().unwrap();
        assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Failed, 10));
        assert!(acme.get(id).await.suspended_at.is_some());
        // A month later nobody needs it any more.
        assert_eq!(webhook::sweep(&acme.ctx).await.unwrap(), 0);
        store.clock.advance(Duration::from_secs(31 * 86_400));
        assert_eq!(webhook::sweep(&acme.ctx).await.unwrap(), 1);
    }

    async fn a_network_that_is_closed_is_never_reached(store: &Store) {
        // Stored while the network was open, tried after the operator closed it: each attempt is judged anew.
        let acme = Post::new(store, "acme", |_| ()).await;
        let receiver = Receiver::start().await;
        let by_number = acme.add(&receiver.url(), &[]).await;
        let by_name = acme.add(&receiver.url().replace("127.0.0.1", "localhost"), &[]).await;
        let closed = Settings { plain_http_allowed: true, ..Settings::strict() };
        let ctx = store.ctx.clone().with_outbound(Outbound::new(&closed));
        acme.happens("order.imported").await;
        let couriers = Courier::new(ctx, Arc::default(), config::Webhooks { couriers_max: 1, tenant_couriers_max: 1 });
        assert_eq!(couriers.drain().await.unwrap(), 2);
        for id in [by_number, by_name] {
            let [delivery] = acme.deliveries(id).await.try_into().unwrap();
            assert_eq!((delivery.last_status, delivery.last_error.as_deref()), (None, Some("address-refused")));
        }
        assert_eq!(receiver.seen().len(), 0);
    }

    async fn an_older_secret_signs_for_a_day_beside_the_new_one(store: &Store) {
        let acme = Post::new(store, "acme", |_| ()).await;
        let receiver = Receiver::start().await;
        let id = acme.add(&receiver.url(), &[]).await;
        let first = acme.secret(id).await;
        Box::pin(webhook::rotate_secret(&acme.ctx, &acme.actor, Request::new("test", None, &[]), id)).await.unwrap();
        let second = acme.secret(id).await;
        assert_ne!(first, second);
        acme.happens("order.imported").await;
        acme.couriers.drain().await.unwrap();
        store.clock.advance(Duration::from_secs(86_401));
        acme.happens("order.imported").await;
        acme.couriers.drain().await.unwrap();
        let signed: Vec<_> = receiver.seen().iter().map(|one| [&first, &second].map(|secret| one.is_signed_with(secret))).collect();
        assert_eq!(signed, [[true, true], [false, true]]);
        let trail = command::of_subject(&store.ctx.db.read(&acme.actor).await.unwrap(), &id.to_string(), 10).await.unwrap();
        assert_eq!(trail.iter().filter(|row| row.verb == "webhook.read_secret").count(), 2, "{trail:?}");
        assert!(!format!("{trail:?}").contains("whsec_") && !format!("{trail:?}").contains(&receiver.url()));
    }

    async fn a_slow_receiver_holds_up_itself_only(store: &Store) {
        let acme = Post::new(store, "acme", |settings| settings.request_ms_max = 20_000).await;
        let bolt = Post::new(store, "bolt", |_| ()).await;
        let (slow, fast) = (Receiver::slow(Duration::from_secs(3_600)).await, Receiver::start().await);
        for _ in 0..4 {
            acme.add(&slow.url(), &[]).await;
        }
        bolt.add(&fast.url(), &[]).await;
        acme.happens("order.imported").await;
        let (tell, told) = watch::channel(false);
        let settings = config::Webhooks { couriers_max: 3, tenant_couriers_max: 2 };
        let bell = Arc::new(Notify::new());
        let working = tokio::spawn(Courier::new(acme.ctx.clone(), Arc::clone(&bell), settings).run(told));
        while slow.seen().len() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        bolt.happens("order.imported").await;
        bell.notify_one();
        while fast.seen().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(slow.seen().len(), 2, "a firm has two couriers here, and both wait");
        working.abort();
        drop(tell);
    }

    async fn what_a_courier_that_died_had_taken_comes_again(store: &Store) {
        let acme = Post::new(store, "acme", |settings| settings.request_ms_max = 20_000).await;
        let receiver = Receiver::slow(Duration::from_millis(400)).await;
        let id = acme.add(&receiver.url(), &[]).await;
        acme.happens("order.imported").await;
        let died = tokio::time::timeout(Duration::from_millis(200), acme.couriers.drain()).await;
        assert!(died.is_err());
        assert_eq!(acme.couriers.drain().await.unwrap(), 0, "still held");
        store.clock.advance(Duration::from_secs(61));
        assert_eq!(acme.couriers.drain().await.unwrap(), 1);
        assert_eq!(acme.deliveries(id).await[0].state, DeliveryState::Delivered);
    }
}
