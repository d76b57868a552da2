//! Orders imported and committed, through the verb that every door calls: on SQLite and on PostgreSQL, with the settings of production.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench prints its table and stops when it cannot start")]

use roro::command::Request;
use roro_benches::cases::{example, numbered};
use roro_benches::store::Store;
use roro_benches::times::{Table, Times, figure, show};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

const ORDERS: usize = 2_000;
/// One caller shows what a commit takes, sixteen what commits share.
const CALLERS: [usize; 2] = [1, 16];

async fn measure(store: &Store, table: &Table, from: usize, orders: usize, callers: usize) {
    let template = example("yokohama-mombasa");
    let bodies: Arc<Vec<Vec<u8>>> = Arc::new((from..from + orders).map(|number| numbered(&template, number)).collect());
    let next = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..callers {
        let (ctx, actor, bodies, next) = (store.ctx.clone(), store.actor.clone(), Arc::clone(&bodies), Arc::clone(&next));
        tasks.spawn(async move {
            let mut times = Vec::new();
            while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                let started = Instant::now();
                let request = Request::new("POST /v1/orders/import", None, &[body]);
                let answer = roro::order::import(&ctx, &actor, request, body).await.expect("imported");
                times.push(started.elapsed());
                assert_eq!(answer.status, 201, "{}", answer.body);
            }
            times
        });
    }
    let times: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    let elapsed = started.elapsed();
    assert_eq!(times.len(), orders, "every order is stored");
    let times = Times::new(times);
    let a_second = (orders as u128 * 1_000_000) / elapsed.as_micros().max(1);
    table.row(&format!("{}, {callers} callers: {a_second} orders/s", store.name), &times);
    let name = format!("order import and commit, {}, {callers} callers", store.name);
    figure(&name, &format!("{a_second} orders/s, p50 {}", show(times.p50())), "");
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    println!("order: a three-vehicle order read, checked for shape, stored with parties, vehicles, event and command");
    let table = Table::new("import and commit", None);
    runtime.block_on(async {
        for store in Store::all().await {
            let mut from = 0;
            for callers in CALLERS {
                let orders = if callers == 1 { ORDERS / 4 } else { ORDERS };
                measure(&store, &table, from, orders, callers).await;
                from += orders;
            }
            store.end().await;
        }
    });
}
