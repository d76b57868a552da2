//! Ten thousand firms on one server, each with eight plugins active (eight distinct components): its resident memory before and after each firm
//! has had an order checked by all of its plugins, over HTTP. And the start of that server to ready with its artifacts cached, beside a
//! firm that has fifty plugins (fifty distinct components), and to the first answer of all fifty.
//!
//! The release program, SQLite, default settings but for the key that signs the plugins. No packs: what they take is the same for one firm
//! and for all.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench prints its table and stops when it cannot start"
)]

mod fill;

use fill::{Firm, fill};
use roro_benches::server::{Server, agent, data_folder};
use roro_benches::times::{Table, Times, figure, show};
use roro_benches::told;
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const FIRMS: usize = 10_000;
const PLUGINS: usize = 8;
/// The plugins of one firm more.
const MANY: usize = 50;
const STARTS: usize = 5;
/// How many firms ask at the same time.
const CALLERS: usize = 4;

/// Asks for the findings of a firm's order; all of its plugins must answer.
fn check(server: &Server, agent: &ureq::Agent, firm: &Firm, plugins: usize) -> Duration {
    let started = Instant::now();
    let path = format!("/v1/orders/{}/findings", firm.order);
    let (status, report) = server.get(agent, &path, &firm.token).expect("an answer");
    let took = started.elapsed();
    let asked = report.get("plugins").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let done = asked.iter().filter(|one| one.get("outcome").and_then(Value::as_str) == Some("done")).count();
    assert!(status == 200 && done == plugins * told::HOOKS, "{status}, {done} answers: {report}");
    took
}

/// Every firm once.
fn check_all(server: &Server, agent: &ureq::Agent, firms: &[Firm]) -> Times {
    let next = AtomicUsize::new(0);
    let caller = || {
        let mut times = Vec::new();
        while let Some(firm) = firms.get(next.fetch_add(1, Ordering::Relaxed)) {
            times.push(check(server, agent, firm, PLUGINS));
        }
        times
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..CALLERS).map(|_| scope.spawn(caller)).collect();
        Times::new(threads.into_iter().flat_map(|thread| thread.join().expect("a caller")).collect())
    })
}

fn main() {
    let (agent, data) = (agent(), data_folder("tenants"));
    println!(
        "tenants: {FIRMS} firms with {PLUGINS} plugins each, one more with {MANY}; each plugin answers through {} hooks",
        told::HOOKS
    );
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (firms, many) = runtime.block_on(fill(&data, FIRMS, PLUGINS, MANY));
    drop(runtime);
    let settings = [told::trust()];
    // Compiles the shipped plugins if no earlier run has; those of the firms were compiled as they were installed.
    drop(Server::start(&data, &agent, &settings));
    let (mut starts, mut answers) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let server = Server::start(&data, &agent, &settings);
        starts.push(server.ready_after);
        answers.push(server.ready_after + check(&server, &agent, &many, MANY));
    }
    let (starts, answers) = (Times::new(starts), Times::new(answers));
    let table = Table::new("over HTTP on the loopback", None);
    table.row("start of the process to /readyz 200", &starts);
    table.row(&format!("start to the first answer of {MANY} plugins"), &answers);
    let server = Server::start(&data, &agent, &settings);
    std::thread::sleep(Duration::from_secs(1));
    let before = server.resident();
    let times = check_all(&server, &agent, &firms);
    let (after, resident_mib) = (server.resident(), server.memory_kb("VmRSS") / 1024);
    table.row(&format!("a check of each firm, {CALLERS} at a time, all {PLUGINS} plugins"), &times);
    println!("  resident memory before: {before}\n  resident memory after {FIRMS} firms were served: {after}");
    figure(
        &format!("resident memory, {FIRMS} firms × {PLUGINS} plugins, each served once"),
        &format!("{resident_mib} MiB"),
        "≤ 1 GiB",
    );
    let both = |times: &Times| format!("{} / {}", show(times.p50()), show(times.percentile(100)));
    figure(&format!("start to ready, {MANY} components: p50 / slowest"), &both(&starts), "≤ 500 ms");
    figure(&format!("start to the first answer of {MANY} plugins: p50 / slowest"), &both(&answers), "");
    drop(server);
    std::fs::remove_dir_all(data).ok();
}
