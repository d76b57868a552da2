//! Orders imported and committed, through the verb that every door calls: SQLite in a folder, PostgreSQL when `RORO_TEST_POSTGRES_URL` names one.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench prints its table and stops when it cannot start")]

use roro::access::Actor;
use roro::command::Request;
use roro::kernel::Ctx;
use roro::kernel::cache::Cache;
use roro::kernel::db::{Db, Settings};
use roro::kernel::objects::Objects;
use roro::kernel::rng::Rng;
use roro::kernel::secret::Passwords;
use roro::kernel::time::Clock;
use roro::migration::Migrator;
use roro::tenant;
use roro_benches::{Times, root};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

const ORDERS: usize = 2_000;
const CALLERS: usize = 16;

async fn open(url: &str) -> (Ctx, Actor) {
    let (clock, rng) = (Clock::system(), Rng::system().expect("randomness"));
    let db = Db::open(&Settings::for_testing(url)).await.expect("a database");
    let cache = Cache::memory(1_048_576, clock.clone());
    let ctx = Ctx::new(db, clock, rng.clone(), cache, Objects::memory(), Passwords::for_testing(rng));
    ctx.db.migrate::<Migrator>().await.expect("migrations");
    let handle = format!("bench{}", std::process::id());
    tenant::create(&ctx, tenant::New { handle: handle.clone(), name: "Bench".to_owned(), development: false })
        .await
        .expect("a tenant");
    let actor = roro::access::operator(&ctx, &handle).await.expect("an actor");
    (ctx, actor)
}

fn body(template: &Value, number: usize) -> Vec<u8> {
    let mut order = template.clone();
    for (place, text) in [("/external_id", format!("BENCH-{number}")), ("/order/reference", format!("B-{number}"))] {
        if let Some(slot) = order.pointer_mut(place) {
            *slot = Value::from(text);
        }
    }
    serde_json::to_vec(&order).expect("JSON")
}

async fn measure(name: &str, url: &str) {
    let (ctx, actor) = open(url).await;
    let bytes = std::fs::read(root().join("examples/orders/yokohama-mombasa.json")).expect("the example order");
    let template: Value = serde_json::from_slice(&bytes).expect("JSON");
    let bodies: Arc<Vec<Vec<u8>>> = Arc::new((0..ORDERS).map(|number| body(&template, number)).collect());
    let next = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..CALLERS {
        let (ctx, actor, bodies, next) = (ctx.clone(), actor.clone(), Arc::clone(&bodies), Arc::clone(&next));
        callers.spawn(async move {
            let mut times = Vec::new();
            while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                let started = Instant::now();
                let request = Request::new("POST /v1/orders/import", None, &[body]);
                roro::order::import(&ctx, &actor, request, body).await.expect("imported");
                times.push(started.elapsed());
            }
            times
        });
    }
    let times = callers.join_all().await.into_iter().flatten().collect();
    let elapsed = started.elapsed();
    Times::new(times).print(&format!("{name}: import and commit, {CALLERS} callers"));
    println!("  {} orders/s", (ORDERS as u128 * 1_000_000) / elapsed.as_micros().max(1));
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    println!("order: three-vehicle order read, checked for shape, stored with parties, vehicles, event and command");
    let folder = std::env::temp_dir().join(format!("roro-bench-{}", std::process::id()));
    runtime.block_on(measure("SQLite (synchronous=FULL)", &format!("sqlite:{}", folder.join("roro.db").display())));
    std::fs::remove_dir_all(&folder).ok();
    match roro_benches::postgres_url() {
        Some(url) => runtime.block_on(measure("PostgreSQL", &url)),
        None => println!("PostgreSQL: not measured, RORO_TEST_POSTGRES_URL is not set (`cargo xtask bench` sets it)"),
    }
}
