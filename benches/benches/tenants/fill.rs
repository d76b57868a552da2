//! Ten thousand firms in a SQLite file, each with the same eight plugins active.
//!
//! Firms, their tokens and their orders are made by the product's verbs. So are the plugins of the first firm, and of one more that has fifty.
//! The plugins of all others would be 240 000 verbs, each of which commits: their rows are copies of the first firm's, with tenant and releases
//! of their own, inserted by SQL.

use roro::access::{self, Actor, NewToken, Role};
use roro::app;
use roro::command::Request;
use roro::config::Config;
use roro::guest::Runner;
use roro::kernel::Ctx;
use roro::kernel::id::{OrderId, ReleaseId, TenantId};
use roro::plugin::Shelf;
use roro::tenant;
use roro_benches::cases::{example, numbered};
use roro_benches::told;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};
use serde_json::Value;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// So many firms at once are made by verbs: writes that wait together share a commit.
const AT_ONCE: usize = 200;
/// So many rows go into one statement.
const ROWS: usize = 500;

/// A firm of the bench, and the order that it asks about.
pub(crate) struct Firm {
    pub(crate) tenant: TenantId,
    pub(crate) token: String,
    pub(crate) order: OrderId,
}

/// The firms: `firms` with `plugins` plugins each, and one with `many`.
pub(crate) async fn fill(data: &Path, firms: usize, plugins: usize, many: usize) -> (Vec<Firm>, Firm) {
    let file = format!("[data]\nfolder = '{}'\n", data.display());
    let mut config = Config::from_layers(Some(("bench".to_owned(), file)), []).expect("settings");
    config.plugins.trusted_keys = vec![told::key().public().to_string()];
    let ctx = app::kernel(&config).await.expect("a kernel");
    // The server finds there what is compiled here.
    let runner = Runner::open(data).expect("an engine");
    let shelf = Shelf::new(Arc::new(runner), &config.plugins).expect("a shelf");
    let template = Arc::new(example("yokohama-mombasa"));
    let started = Instant::now();
    let mut made: Vec<(Firm, Actor)> = Vec::with_capacity(firms);
    while made.len() < firms {
        let numbers = made.len()..(made.len() + AT_ONCE).min(firms);
        made.extend(futures::future::join_all(numbers.map(|number| firm(&ctx, format!("firm-{number}"), &template))).await);
    }
    println!("  {firms} firms with a token and an order each, by verbs: {} s", started.elapsed().as_secs());
    let (rich, actor) = firm(&ctx, "many".to_owned(), &template).await;
    install(&ctx, &actor, &shelf, many).await;
    let started = Instant::now();
    let (first, actor) = made.first().expect("a firm");
    let releases = install(&ctx, actor, &shelf, plugins).await;
    let others: Vec<TenantId> = made.iter().skip(1).map(|(firm, _)| firm.tenant).collect();
    copy(data, &ctx, first.tenant, &releases, &others).await;
    println!("  the plugins of the others, as copies of the first firm's rows: {} s", started.elapsed().as_secs());
    (made.into_iter().map(|(firm, _)| firm).collect(), rich)
}

async fn firm(ctx: &Ctx, handle: String, template: &Value) -> (Firm, Actor) {
    let new = tenant::New { handle: handle.clone(), name: handle.clone(), development: false };
    let card = tenant::create(ctx, new).await.expect("a tenant");
    let actor = access::operator(ctx, &handle).await.expect("an actor");
    let token = NewToken { name: "bench".to_owned(), role: Role::Admin, expires_at: None };
    let (_, credential) = access::create_token(ctx, &actor, token).await.expect("a token");
    let body = numbered(template, 1);
    let request = Request::new("bench", None, &[]);
    let answer = Box::pin(roro::order::import(ctx, &actor, request, &body)).await.expect("imported");
    let order: Value = serde_json::from_str(&answer.body).expect("JSON");
    let order = order.get("id").and_then(Value::as_str).expect("an id").parse().expect("an id");
    (Firm { tenant: card.id, token: credential.reveal(), order }, actor)
}

async fn install(ctx: &Ctx, actor: &Actor, shelf: &Shelf, plugins: usize) -> Vec<ReleaseId> {
    let mut releases = Vec::with_capacity(plugins);
    for number in 1..=plugins {
        releases.extend(told::install(ctx, actor, shelf, number, &["one"]).await);
    }
    releases
}

/// The statements that copy what one firm has, along `bench_copies`: which firm gets which release under which id.
const COPIES: [&str; 4] = [
    "INSERT INTO plugins (tenant, name, state, active, version, created_at, changed_at)
     SELECT c.tenant, p.name, p.state, c.new, p.version, p.created_at, p.changed_at
     FROM bench_copies c JOIN plugins p ON p.tenant = c.source AND p.active = c.old",
    "INSERT INTO plugin_packages (tenant, digest, plugin, version, component, archive, archive_bytes, manifest_digest, manifest,
       locales, envelopes, signer, signer_key, not_after, imported_by, created_at)
     SELECT c.tenant, k.digest, k.plugin, k.version, k.component, k.archive, k.archive_bytes, k.manifest_digest, k.manifest,
       k.locales, k.envelopes, k.signer, k.signer_key, k.not_after, k.imported_by, k.created_at
     FROM bench_copies c JOIN plugin_releases r ON r.tenant = c.source AND r.id = c.old
       JOIN plugin_packages k ON k.tenant = c.source AND k.digest = r.package",
    "INSERT INTO plugin_releases (tenant, id, plugin, number, package, settings, secrets, grants, made_by, created_at)
     SELECT c.tenant, c.new, r.plugin, r.number, r.package, r.settings, r.secrets, r.grants, r.made_by, r.created_at
     FROM bench_copies c JOIN plugin_releases r ON r.tenant = c.source AND r.id = c.old",
    "INSERT INTO plugin_turns (tenant, id, plugin, event, release, who, reason, at)
     SELECT c.tenant, t.id, t.plugin, t.event, c.new, t.who, t.reason, t.at
     FROM bench_copies c JOIN plugin_turns t ON t.tenant = c.source AND t.release = c.old",
];

async fn copy(data: &Path, ctx: &Ctx, from: TenantId, releases: &[ReleaseId], to: &[TenantId]) {
    // One connection: a transaction is one's own.
    let mut options = ConnectOptions::new(format!("sqlite:{}", data.join("roro.db").display()));
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.expect("the database");
    run(&db, "BEGIN IMMEDIATE").await;
    run(&db, "CREATE TABLE bench_copies (source TEXT, tenant TEXT, old TEXT, new TEXT)").await;
    let pairs = to.iter().flat_map(|tenant| releases.iter().map(move |old| (tenant, old)));
    let rows: Vec<String> =
        pairs.map(|(tenant, old)| format!("('{from}','{tenant}','{old}','{}')", ctx.id::<ReleaseId>())).collect();
    for some in rows.chunks(ROWS) {
        run(&db, &format!("INSERT INTO bench_copies VALUES {}", some.join(","))).await;
    }
    for statement in COPIES {
        run(&db, statement).await;
    }
    run(&db, "DROP TABLE bench_copies").await;
    // The server would first tell everybody of what was made here.
    run(&db, "UPDATE outbox SET delivered_at = created_at WHERE delivered_at IS NULL").await;
    run(&db, "COMMIT").await;
    // The archives: a firm that needs one reads the first firm's.
    let objects = data.join("objects");
    for tenant in to {
        symlink(from.to_string(), objects.join(tenant.to_string())).expect("a link");
    }
}

async fn run(db: &DatabaseConnection, statement: &str) {
    db.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{error}: {statement:.200}"));
}
