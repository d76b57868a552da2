//! Releases that change under load: two server processes on one PostgreSQL answer a steady load of hook calls while releases are activated and
//! rolled back through the first. No call may fail, none may be answered by two releases of one plugin, and the second process must answer with
//! the new release within a second.
//!
//! A request asks for the findings of an order, and with it four plugins of the firm through two hooks each; both hooks must answer as the release
//! that the report names. The calls of the host's own rulebook, two a request, are not counted. Ends with an error when a call failed or was mixed.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench prints its table and stops when it cannot start")]

mod load;

use load::{Asked, Ending, Load, Seen, release_of};
use roro::access::{self, NewToken, Role};
use roro::command::Request;
use roro::config::Config;
use roro::guest::Runner;
use roro::plugin::Shelf;
use roro_benches::cases::{example, numbered};
use roro_benches::server::{Server, agent, data_folder, share_artifacts};
use roro_benches::store::Store;
use roro_benches::times::{Table, Times, figure, show};
use roro_benches::told;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::time::{Duration, Instant};

const PLUGINS: usize = 4;
const RELEASES: [&str; 2] = ["one", "two"];
/// Hook calls a second of the firm's plugins that are aimed at.
const HOOK_CALLS: u32 = 2_000;
const CALLERS: usize = 8;
const TURNS: usize = 20;
/// Between two turns.
const PAUSE: Duration = Duration::from_millis(400);
/// When the other process is taken to never follow.
const FOLLOW_MAX: Duration = Duration::from_secs(10);

/// A firm with its plugins, an order and a token, by the verbs of the product; and the releases of each plugin.
async fn prepare(store: &Store) -> (Asked, Vec<Vec<String>>) {
    share_artifacts(&store.folder);
    let (ctx, actor) = (&store.ctx, &store.actor);
    let mut config = Config::from_layers(None, []).expect("settings");
    config.plugins.trusted_keys = vec![told::key().public().to_string()];
    let runner = Runner::open(&store.folder).expect("an engine");
    let shelf = Shelf::new(Arc::new(runner), &config.plugins).expect("a shelf");
    let (mut releases, mut names) = (Vec::new(), BTreeMap::new());
    for number in 1..=PLUGINS {
        let made = told::install(ctx, actor, &shelf, number, &RELEASES).await;
        let made: Vec<String> = made.iter().map(ToString::to_string).collect();
        names.extend(made.iter().cloned().zip(RELEASES.map(str::to_owned)));
        releases.push(made);
    }
    let token = NewToken { name: "bench".to_owned(), role: Role::Admin, expires_at: None };
    let (_, credential) = access::create_token(ctx, actor, token).await.expect("a token");
    let body = numbered(&example("yokohama-mombasa"), 1);
    let request = Request::new("bench", None, &[]);
    let answer = Box::pin(roro::order::import(ctx, actor, request, &body)).await.expect("imported");
    let order: Value = serde_json::from_str(&answer.body).expect("JSON");
    let id = order.get("id").and_then(Value::as_str).expect("an id");
    let path = format!("/v1/orders/{id}/findings");
    (Asked { token: credential.reveal(), path, plugins: PLUGINS, releases: names }, releases)
}

/// A second data folder of the same installation: its own lock, the same objects and keys.
fn neighbour(first: &Path) -> PathBuf {
    let data = data_folder("neighbour");
    symlink(first.join("objects"), data.join("objects")).expect("a link");
    symlink(first.join("vault.key"), data.join("vault.key")).expect("a link");
    data
}

/// One change through the first process: activates the other release, or goes back to it. Answers how long that took, and how long until the
/// second process answered with it.
fn turn(load: &Load<'_>, releases: &[Vec<String>], number: usize, seen: &mut Seen) -> (Duration, Duration) {
    let [first, second] = load.servers;
    let (plugin, round) = (number % PLUGINS, number / PLUGINS);
    let (id, wanted) = (told::id(plugin + 1), releases.get(plugin).and_then(|two| two.get((round + 1) % 2)).expect("a release"));
    // Every second time it is the way back.
    let (what, body) =
        if round % 2 == 1 { ("roll-back", Vec::new()) } else { ("activate", json!({ "release": wanted }).to_string().into()) };
    let started = Instant::now();
    let path = format!("/v1/plugins/{id}/{what}");
    let (status, card) = first.post(load.agent, &path, &load.asked.token, &format!("turn-{number}"), &body);
    let changed = started.elapsed();
    assert!(status == 200, "{what} of {id}: {status}: {card}");
    let answered = Instant::now();
    loop {
        let (report, took, judged) = load.asked.ask(second, load.agent);
        seen.times.push(took);
        seen.count(judged);
        if release_of(&report, &id) == wanted {
            return (changed, answered.elapsed());
        }
        assert!(answered.elapsed() < FOLLOW_MAX, "the second process does not follow: {report}");
    }
}

/// All turns under the load; what was seen, how long it took, and the durations of the turns.
fn measure(load: &Load<'_>, releases: &[Vec<String>]) -> (Seen, Duration, [Times; 2]) {
    std::thread::scope(|scope| {
        let ending = Ending(&load.stop);
        let callers: Vec<_> = (0..CALLERS).map(|_| scope.spawn(|| load.call())).collect();
        let (mut seen, mut changed, mut followed) = (Seen::default(), Vec::new(), Vec::new());
        for number in 0..TURNS {
            std::thread::sleep(PAUSE);
            let (change, follow) = turn(load, releases, number, &mut seen);
            changed.push(change);
            followed.push(follow);
        }
        std::thread::sleep(PAUSE);
        drop(ending);
        for caller in callers {
            seen.add(caller.join().expect("a caller"));
        }
        (seen, load.started.elapsed(), [Times::new(changed), Times::new(followed)])
    })
}

fn report(seen: Seen, elapsed: Duration, [changed, followed]: &[Times; 2]) -> bool {
    let (requests, hooks_each) = (seen.times.len(), PLUGINS * told::HOOKS);
    let a_second = (requests * hooks_each) as u128 * 1_000 / elapsed.as_millis().max(1);
    let table = Table::new("two processes, one PostgreSQL", None);
    table.row(&format!("a request, {hooks_each} hook calls; {a_second} hook calls/s"), &Times::new(seen.times));
    table.row("activation or roll-back, answered", changed);
    table.row("then seen by the other process after", followed);
    println!("  {requests} requests, {TURNS} turns: {} failed, {} mixed", seen.failed, seen.mixed);
    if let Some(first) = &seen.first {
        println!("  the first of them: {first}");
    }
    figure("activation under load: hook calls/s reached", &a_second.to_string(), &HOOK_CALLS.to_string());
    figure("activation under load: failed / mixed requests", &format!("{} / {}", seen.failed, seen.mixed), "0 / 0");
    let both = format!("{} / {}", show(followed.p50()), show(followed.percentile(100)));
    figure("activation seen by another process: p50 / slowest", &both, "≤ 1 s");
    seen.failed + seen.mixed == 0
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    println!(
        "activation: {TURNS} changes of release under a load of {HOOK_CALLS} hook calls/s, {PLUGINS} plugins, {} hooks each",
        told::HOOKS
    );
    let Some(store) = runtime.block_on(Store::postgres()) else {
        println!("  not measured: RORO_TEST_POSTGRES_URL is not set (`cargo xtask bench` sets it)");
        return ExitCode::SUCCESS;
    };
    let (asked, releases) = runtime.block_on(prepare(&store));
    let (agent, beside) = (agent(), neighbour(&store.folder));
    // All of the load is one firm's, which a server would tell to come back.
    let unbounded = ("RORO__HTTP__TENANT_REQUESTS_PER_SECOND_MAX", "0".to_owned());
    let settings = [("RORO__DATABASE__URL", store.url.clone()), told::trust(), unbounded];
    let servers = [&store.folder, &beside].map(|data| Server::start(data, &agent, &settings));
    for server in &servers {
        let (report, _, judged) = asked.ask(server, &agent);
        assert!(judged.is_ok(), "before the load: {report}");
    }
    let [first, second] = &servers;
    let load = Load {
        servers: [first, second],
        agent: &agent,
        asked: &asked,
        a_second: HOOK_CALLS / u32::try_from(PLUGINS * told::HOOKS).expect("a few hooks"),
        stop: AtomicBool::new(false),
        next: AtomicUsize::new(0),
        started: Instant::now(),
    };
    let (seen, elapsed, turns) = measure(&load, &releases);
    let is_good = report(seen, elapsed, &turns);
    drop(servers);
    std::fs::remove_dir_all(beside).ok();
    runtime.block_on(store.end());
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
