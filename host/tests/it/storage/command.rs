//! Commands: done once a key, told the same answer, written into the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::{Store, on_both};
use roro::access::{Actor, Role};
use roro::command::{self, Answer, Done, Key, Request};
use roro::kernel::{Ctx, db};

const ROUTE: &str = "POST /v1/things";

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("refused by a rule")]
    Rule,
    #[error(transparent)]
    Command(#[from] command::Error),
    #[error(transparent)]
    Db(#[from] db::Error),
}

fn request(route: &'static str, key: &str, body: &str) -> Request {
    Request::new(route, Some(key.parse::<Key>().unwrap()), &[body.as_bytes()])
}

async fn count_up(ctx: &Ctx, actor: &Actor, request: Request, counter: &Arc<AtomicU32>) -> Result<Answer, Error> {
    let counter = counter.clone();
    let done = command::run(ctx, actor, request, move |_, _| {
        let counter = counter.clone();
        async move {
            let n = counter.fetch_add(1, Ordering::SeqCst) + 1;
            Ok(Done {
                answer: Answer { status: 201, body: format!("{{\"n\":{n}}}"), replayed: false },
                verb: "thing.create",
                subject: Some("thing_1".to_owned()),
                before: None,
                after: Some(serde_json::json!({ "n": n })),
            })
        }
    });
    Box::pin(done).await
}

on_both! {
    async fn the_same_request_again_gets_the_stored_answer(store: &Store) {
        let acme = store.tenant("acme").await;
        let counter = Arc::default();
        let first = count_up(&store.ctx, &acme, request(ROUTE, "k1", "a"), &counter).await.unwrap();
        let again = count_up(&store.ctx, &acme, request(ROUTE, "k1", "a"), &counter).await.unwrap();
        assert_eq!((first.status, first.body.as_str(), first.replayed), (201, "{\"n\":1}", false));
        assert_eq!((again.status, again.body.as_str(), again.replayed), (201, "{\"n\":1}", true));
        let keyless = Request::new(ROUTE, None, &[b"a"]);
        assert_eq!(count_up(&store.ctx, &acme, keyless, &counter).await.unwrap().body, "{\"n\":2}");
    }

    async fn the_same_key_with_another_body_is_refused(store: &Store) {
        let acme = store.tenant("acme").await;
        let counter = Arc::default();
        count_up(&store.ctx, &acme, request(ROUTE, "k1", "a"), &counter).await.unwrap();
        let other = count_up(&store.ctx, &acme, request(ROUTE, "k1", "b"), &counter).await;
        assert!(matches!(other, Err(Error::Command(command::Error::KeyReused))), "{other:?}");
    }

    async fn a_key_counts_within_its_tenant_actor_and_route(store: &Store) {
        let (acme, bolt) = (store.tenant("acme").await, store.tenant("bolt").await);
        let (program, _) = store.program(&acme, Role::Clerk).await;
        let counter = Arc::default();
        for (actor, route) in [(&acme, ROUTE), (&bolt, ROUTE), (&program, ROUTE), (&acme, "PUT /v1/things")] {
            assert!(!count_up(&store.ctx, actor, request(route, "k1", route), &counter).await.unwrap().replayed);
        }
        assert_eq!(counter.load(Ordering::SeqCst), 4);
    }

    async fn of_many_at_once_in_two_processes_one_is_done_and_all_get_its_answer(store: &Store) {
        let acme = store.tenant("acme").await;
        let other = store.neighbour().await;
        let counter = Arc::new(AtomicU32::new(0));
        let all = (0..24).map(|n| {
            let ctx = if n % 2 == 0 { &store.ctx } else { &other };
            count_up(ctx, &acme, request(ROUTE, "k1", "a"), &counter)
        });
        let answers: Vec<Answer> = futures::future::join_all(all).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
        assert!(answers.iter().all(|answer| answer.body == answers[0].body));
        let scope = store.ctx.db.read(&acme).await.unwrap();
        assert_eq!(command::of_subject(&scope, "thing_1", 10).await.unwrap().len(), 1);
    }

    async fn a_command_that_fails_leaves_nothing_and_may_be_sent_again(store: &Store) {
        let acme = store.tenant("acme").await;
        let failed: Result<Answer, Error> =
            command::run(&store.ctx, &acme, request(ROUTE, "k1", "a"), |_, _| async { Err(Error::Rule) }).await;
        assert!(matches!(failed, Err(Error::Rule)));
        let counter = Arc::default();
        assert!(!count_up(&store.ctx, &acme, request(ROUTE, "k1", "a"), &counter).await.unwrap().replayed);
    }

    async fn a_key_is_forgotten_after_two_days_and_swept(store: &Store) {
        let acme = store.tenant("acme").await;
        let counter = Arc::default();
        count_up(&store.ctx, &acme, request(ROUTE, "k1", "a"), &counter).await.unwrap();
        store.clock.advance(Duration::from_secs(24 * 3_600));
        assert!(count_up(&store.ctx, &acme, request(ROUTE, "k1", "a"), &counter).await.unwrap().replayed, "kept for a day");
        store.clock.advance(Duration::from_secs(25 * 3_600));
        assert!(!count_up(&store.ctx, &acme, request(ROUTE, "k1", "b"), &counter).await.unwrap().replayed);
        store.clock.advance(Duration::from_secs(49 * 3_600));
        assert_eq!(command::sweep(&store.ctx).await.unwrap(), 1);
    }

    async fn the_log_says_who_did_what_to_what(store: &Store) {
        let acme = store.tenant("acme").await;
        count_up(&store.ctx, &acme, request(ROUTE, "k1", "a"), &Arc::default()).await.unwrap();
        let scope = store.ctx.db.read(&acme).await.unwrap();
        let log = command::of_subject(&scope, "thing_1", 10).await.unwrap();
        let row = log.first().unwrap();
        assert_eq!((row.actor.as_str(), row.door.as_str(), row.verb.as_str()), ("operator", "cli", "thing.create"));
        assert_eq!((row.after_json.as_deref(), row.idempotency_key.as_deref()), (Some("{\"n\":1}"), Some("k1")));
        assert_eq!(row.at, store.ctx.now());
    }
}

#[test]
fn a_key_is_visible_ascii() {
    for bad in ["", "a b", "ключ", &"x".repeat(256)] {
        assert!(bad.parse::<Key>().is_err(), "{bad}");
    }
}

#[test]
fn parts_of_a_request_do_not_run_into_each_other() {
    let hash = |parts: &[&[u8]]| Request::new(ROUTE, None, parts).hash;
    assert_ne!(hash(&[b"ab", b"c"]), hash(&[b"a", b"bc"]));
    assert_eq!(hash(&[b"ab", b"c"]), hash(&[b"ab", b"c"]));
}
