//! The server as it is shipped: from the start of its process to ready, its resident memory, and one click over HTTP on the loopback. SQLite,
//! default settings; the compiled plugins are there before the first start that counts.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench prints its table and stops when it cannot start")]

use roro_benches::cases::{LATIN, example, numbered};
use roro_benches::server::{Server, agent, data_folder, roro};
use roro_benches::times::{Table, Times, figure, show};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

const STARTS: usize = 9;
const ORDERS: usize = 100;
const PAPERS: usize = 8;

/// Makes the bench's tenant with all packs; gives its token.
fn tenant(data: &Path) -> String {
    let output = roro(data).args(["tenant", "create", "bench", "--json"]).output().expect("a tenant");
    let installed = roro(data).args(["pack", "install", "--all", "--tenant", "bench"]).stdout(Stdio::null()).status();
    assert!(installed.is_ok_and(|status| status.success()), "{}", fs::read_to_string(data.join("log")).unwrap_or_default());
    let printed: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    printed.pointer("/token").and_then(Value::as_str).expect("a token").to_owned()
}

/// Orders over HTTP: imported, then one click each.
fn clicks(server: &Server, agent: &ureq::Agent, token: &str) -> (Times, Times) {
    let template = example(LATIN);
    let (mut imports, mut clicks) = (Vec::new(), Vec::new());
    for number in 0..ORDERS {
        let body = numbered(&template, number);
        let started = Instant::now();
        let (status, order) = server.post(agent, "/v1/orders/import", token, &format!("import-{number}"), &body);
        imports.push(started.elapsed());
        assert_eq!(status, 201, "{order}");
        let id = order.pointer("/id").and_then(Value::as_str).expect("an id");
        let path = format!("/v1/orders/{id}/documents");
        let started = Instant::now();
        let (status, report) = server.post(agent, &path, token, &format!("issue-{number}"), b"");
        clicks.push(started.elapsed());
        let papers = report.pointer("/documents").and_then(Value::as_array).map_or(0, Vec::len);
        assert!(status == 201 && papers == PAPERS, "{status}: {report}");
    }
    (Times::new(imports), Times::new(clicks))
}

fn main() {
    let agent = agent();
    let data = data_folder("server");
    let token = tenant(&data);
    // Compiles the plugins if no earlier run has.
    drop(Server::start(&data, &agent, &[]));
    let starts = Times::new((0..STARTS).map(|_| Server::start(&data, &agent, &[]).ready_after).collect());
    println!("server: the release program, SQLite, default settings");
    let table = Table::new("over HTTP on the loopback, one client", None);
    table.row("start of the process to /readyz 200", &starts);
    figure("start to ready: p50 / slowest", &format!("{} / {}", show(starts.p50()), show(starts.percentile(100))), "≤ 500 ms");
    let server = Server::start(&data, &agent, &[]);
    std::thread::sleep(Duration::from_secs(1));
    let idle = server.resident();
    let (imports, issued) = clicks(&server, &agent, &token);
    table.row("import of the ten-vehicle order", &imports);
    table.row("one click, 8 papers", &issued);
    let loaded = server.resident();
    println!("  resident memory idle: {idle}\n  resident memory after {ORDERS} issued orders: {loaded}");
    figure("one click over HTTP, SQLite: p50 / p99", &format!("{} / {}", show(issued.p50()), show(issued.p99())), "p50 ≤ 100 ms");
    figure("resident memory, idle", &idle, "");
    figure(&format!("resident memory, after {ORDERS} issued orders"), &loaded, "");
    drop(server);
    fs::remove_dir_all(data).ok();
}
