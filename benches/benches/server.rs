//! The server as it is shipped: from the start of its process to ready, its resident memory, and one click over HTTP on the loopback. SQLite,
//! default settings; the compiled plugins are there before the first start that counts.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench prints its table and stops when it cannot start"
)]

use roro_benches::cases::{LATIN, components, example, folder, numbered, root};
use roro_benches::store::fresh_folder;
use roro_benches::times::{Table, Times, figure, show};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const STARTS: usize = 9;
const ORDERS: usize = 100;
const PAPERS: usize = 8;

/// A running server; it ends with us.
struct Server {
    child: Child,
    address: String,
    ready_after: Duration,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The shipped program on a data folder.
fn roro(data: &Path) -> Command {
    let mut command = Command::new(program());
    command.env("RORO_DATA_DIR", data).env("RORO_PACKS_DIR", root().join("plugins/packs"));
    command.env("RORO_PLUGIN_DIR", components()).env("RORO_FONTS_DIR", root().join("data/fonts"));
    command.stderr(File::create(data.join("log")).expect("a log"));
    command
}

fn program() -> PathBuf {
    let program = root().join("target/release/roro");
    assert!(program.is_file(), "run `cargo xtask bench server`: it builds the program");
    program
}

impl Server {
    fn start(data: &Path, agent: &ureq::Agent) -> Self {
        let started = Instant::now();
        let mut child =
            roro(data).args(["serve", "--listen", "127.0.0.1:0", "--json"]).stdout(Stdio::piped()).spawn().expect("the server");
        let mut line = String::new();
        let output = child.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let printed: Value = serde_json::from_str(&line).unwrap_or_default();
        let Some(address) = printed.pointer("/address").and_then(Value::as_str).map(str::to_owned) else {
            panic!("the server did not start: {}", fs::read_to_string(data.join("log")).unwrap_or_default());
        };
        let mut server = Self { child, address, ready_after: Duration::ZERO };
        while !agent.get(format!("{}/readyz", server.address)).call().is_ok_and(|answer| answer.status() == 200) {
            assert!(started.elapsed() < Duration::from_secs(180), "the server is never ready");
            std::thread::sleep(Duration::from_millis(1));
        }
        server.ready_after = started.elapsed();
        server
    }

    /// A line of the process's status, in kB.
    fn memory_kb(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line of the status");
        line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Resident memory as people read it: what is its own, and what is mapped from files that other processes may share.
    fn resident(&self) -> String {
        let mb = |name| self.memory_kb(name) / 1000;
        format!("{} MB ({} MB own, {} MB mapped files; peak {} MB)", mb("VmRSS"), mb("RssAnon"), mb("RssFile"), mb("VmHWM"))
    }
}

/// A data folder with the compiled plugins of earlier runs behind it.
fn data_folder() -> PathBuf {
    let data = fresh_folder("server");
    let artifacts = folder().join("server-artifacts");
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&artifacts).expect("a folder");
    symlink(artifacts, data.join("artifacts")).expect("a link");
    let mut key = fs::OpenOptions::new();
    let mut key = key.write(true).create_new(true).mode(0o600).open(data.join("engine.key")).expect("the key");
    std::io::Write::write_all(&mut key, b"one fixed key of benches, public").expect("the key");
    data
}

/// Makes the bench's tenant with all packs; gives its token.
fn tenant(data: &Path) -> String {
    let output = roro(data).args(["tenant", "create", "bench", "--json"]).output().expect("a tenant");
    let installed = roro(data).args(["pack", "install", "--all", "--tenant", "bench"]).stdout(Stdio::null()).status();
    assert!(installed.is_ok_and(|status| status.success()), "{}", fs::read_to_string(data.join("log")).unwrap_or_default());
    let printed: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    printed.pointer("/token").and_then(Value::as_str).expect("a token").to_owned()
}

/// A request with a body; its status and answer.
fn post(agent: &ureq::Agent, url: &str, token: &str, key: &str, body: &[u8]) -> (u16, Value) {
    let request = agent.post(url).header("authorization", format!("Bearer {token}")).header("idempotency-key", key);
    let mut answer = request.header("content-type", "application/json").send(body).expect("an answer");
    let text = answer.body_mut().read_to_string().expect("a text");
    (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or_default())
}

/// Orders over HTTP: imported, then one click each.
fn clicks(server: &Server, agent: &ureq::Agent, token: &str) -> (Times, Times) {
    let template = example(LATIN);
    let (mut imports, mut clicks) = (Vec::new(), Vec::new());
    for number in 0..ORDERS {
        let body = numbered(&template, number);
        let started = Instant::now();
        let url = format!("{}/v1/orders/import", server.address);
        let (status, order) = post(agent, &url, token, &format!("import-{number}"), &body);
        imports.push(started.elapsed());
        assert_eq!(status, 201, "{order}");
        let id = order.pointer("/id").and_then(Value::as_str).expect("an id");
        let url = format!("{}/v1/orders/{id}/documents", server.address);
        let started = Instant::now();
        let (status, report) = post(agent, &url, token, &format!("issue-{number}"), b"");
        clicks.push(started.elapsed());
        let papers = report.pointer("/documents").and_then(Value::as_array).map_or(0, Vec::len);
        assert!(status == 201 && papers == PAPERS, "{status}: {report}");
    }
    (Times::new(imports), Times::new(clicks))
}

fn main() {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let data = data_folder();
    let token = tenant(&data);
    // Compiles the plugins if no earlier run has.
    drop(Server::start(&data, &agent));
    let starts = Times::new((0..STARTS).map(|_| Server::start(&data, &agent).ready_after).collect());
    println!("server: the release program, SQLite, default settings");
    let table = Table::new("over HTTP on the loopback, one client", None);
    table.row("start of the process to /readyz 200", &starts);
    figure("start to ready: p50 / slowest", &format!("{} / {}", show(starts.p50()), show(starts.percentile(100))), "≤ 500 ms");
    let server = Server::start(&data, &agent);
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
