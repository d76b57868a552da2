//! Trying a release on history: the newest snapshots of many orders through the candidate and the release that is active, beside its floor,
//! the same order files read and checked for shape on one thread and asked nothing.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench prints its table and stops when it cannot start")]

use roro::command::Request;
use roro::config::Config;
use roro::document::{self, Means};
use roro::hook_run::table::{Row, insert, keep_snapshot};
use roro::kernel::db;
use roro::kernel::id::{OrderId, ReleaseId};
use roro::kernel::time::Day;
use roro::plugin::manifest::GrantName;
use roro::plugin::package::Package;
use roro::plugin::signature::{KeyPair, Statement, sign};
use roro::plugin::{self, New, Shelf};
use roro_benches::cases::{component, dispatch, example, fonts, numbered, packs, root};
use roro_benches::store::Store;
use roro_benches::times::figure;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many orders have a history.
const ORDERS: usize = 10_000;

/// An answer's field.
fn field(body: &str, name: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(body).expect("JSON");
    value.get(name).and_then(serde_json::Value::as_str).expect("the field").to_owned()
}

fn request() -> Request {
    Request::new("bench", None, &[])
}

/// Stores orders, each with the check that a click would have left; answers the files.
async fn history(store: &Store) -> Vec<Vec<u8>> {
    let template = example("yokohama-mombasa");
    let files: Vec<Vec<u8>> = (0..ORDERS).map(|number| numbered(&template, number)).collect();
    for some in files.chunks(100) {
        let imports = some.iter().map(|file| async {
            let answer = Box::pin(roro::order::import(&store.ctx, &store.actor, request(), file)).await.expect("imported");
            let id: OrderId = field(&answer.body, "id").parse().expect("an id");
            (id, roro::order::read(file).expect("an order"))
        });
        let made = futures::future::join_all(imports).await;
        let (ctx, now) = (store.ctx.clone(), store.ctx.now());
        let rows: Arc<Vec<_>> = Arc::new(made);
        let kernel = ctx.clone();
        let written: Result<(), db::Error> = ctx
            .db
            .write(&store.actor, move |tx| {
                let (rows, kernel) = (Arc::clone(&rows), kernel.clone());
                async move {
                    let mut runs = Vec::new();
                    for (order, snapshot) in rows.iter() {
                        let text = serde_json::to_string(&snapshot.value).expect("JSON");
                        runs.push(Row {
                            tenant: tx.tenant_id(),
                            id: kernel.id(),
                            order_id: *order,
                            order_version: 1,
                            hook: "documents.check".to_owned(),
                            plugin: "rulebook".to_owned(),
                            release: "{}".to_owned(),
                            snapshot: keep_snapshot(&tx, &text, now).await?,
                            as_of: Day(snapshot.legal_date()),
                            outcome: "done".to_owned(),
                            outcome_digest: String::new(),
                            findings: "[]".to_owned(),
                            fuel: 0,
                            memory_bytes: 0,
                            host_calls: 0,
                            duration_us: 0,
                            created_at: now,
                        });
                    }
                    insert(&tx, runs).await
                }
            })
            .await;
        written.expect("written");
    }
    files
}

/// The example plugin, signed and installed, with two releases: one that lets all pass, one that stops every order.
async fn releases(store: &Store, shelf: &Shelf) -> [ReleaseId; 2] {
    let key = KeyPair::generate([1; 32]);
    let folder = root().join("examples/price-guard");
    let read = |file: &str| std::fs::read(folder.join(file)).expect("the example plugin");
    let package = Package {
        manifest_text: String::from_utf8(read("plugin.toml")).expect("text"),
        component: Some(component("roro_example_price_guard.wasm").into()),
        assets: BTreeMap::from([("locales/en.toml".to_owned(), read("locales/en.toml").into())]),
        ..Package::default()
    };
    let version = "1.0.0".parse().expect("a version");
    let image = package.image("price-guard", &version).expect("a package");
    let not_after = store.ctx.now().after(Duration::from_secs(86_400));
    let statement = Statement { subject: image.subject("price-guard", &version), not_after, audience: vec!["*".to_owned()] };
    let mut archive = Vec::new();
    image.write_archive(&[sign(&statement, &key).into()], &mut archive).expect("an archive");
    let (ctx, actor) = (&store.ctx, &store.actor);
    plugin::trust(ctx, actor, request(), key.public(), "Bench").await.expect("trusted");
    Box::pin(plugin::install(ctx, actor, shelf, request(), archive.into())).await.expect("installed");
    let make = async |limit: &str| {
        let settings = BTreeMap::from([("price_limit".to_owned(), limit.to_owned())]);
        let new = New { settings, grants: [GrantName::Config].into(), ..New::default() };
        let answer = plugin::release(ctx, actor, request(), "price-guard", new).await.expect("a release");
        field(&answer.body, "id").parse().expect("an id")
    };
    [make("99000000").await, make("1").await]
}

async fn measure(store: &Store) {
    let dispatch = dispatch();
    let settings = Config::from_layers(None, []).expect("settings").plugins;
    let shelf = Shelf::new(Arc::new(dispatch.runner().clone()), &settings).expect("a shelf");
    let [wide, tight] = releases(store, &shelf).await;
    let (ctx, actor) = (&store.ctx, &store.actor);
    Box::pin(plugin::activate(ctx, actor, &shelf, request(), "price-guard", wide)).await.expect("active");
    let files = history(store).await;
    let plugins = plugin::active(ctx, actor, &shelf).await.expect("plugins").into();
    let means = Means { hooks: Arc::new(dispatch), packs: packs(), plugins, fonts: fonts() };
    let candidate = plugin::candidate(ctx, actor, &shelf, "price-guard", tight).await.expect("a candidate");

    let started = Instant::now();
    for file in &files {
        drop(roro::order::read(file).expect("an order"));
    }
    let floor = started.elapsed();
    let started = Instant::now();
    let trial = Box::pin(document::trial(ctx, actor, &means, candidate, ORDERS)).await.expect("a trial");
    let took = started.elapsed();
    assert_eq!((trial.orders, trial.left_out, trial.stopped), (ORDERS, 0, ORDERS), "the difference is exact");
    println!("  {}: {ORDERS} orders tried in {} ms, read alone in {} ms", store.name, took.as_millis(), floor.as_millis());
    let name = format!("try on history, {ORDERS} orders, {}", store.name);
    figure(&name, &format!("{} ms", took.as_millis()), "≤ 10 s");
    let percent = took.as_micros() * 100 / floor.as_micros().max(1);
    figure(&format!("{name}: to reading the orders on one thread"), &format!("{}.{:02}", percent / 100, percent % 100), "");
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    println!("trial: a candidate and the active release on the newest snapshot of every order, nothing written");
    runtime.block_on(async {
        for store in Store::all().await {
            measure(&store).await;
            store.end().await;
        }
    });
}
