//! The release program as a process: its data folder, its start, its memory, and requests to it.

use crate::cases::{components, folder, root};
use crate::store::fresh_folder;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to be ready.
const START_MAX: Duration = Duration::from_secs(180);

/// A running server; it ends with us.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: String,
    /// From the start of the process until `/readyz` answered 200.
    pub ready_after: Duration,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The shipped program on a data folder.
#[must_use]
pub fn roro(data: &Path) -> Command {
    let mut command = Command::new(program());
    command.env("RORO_DATA_DIR", data).env("RORO_PACKS_DIR", root().join("plugins/packs"));
    command.env("RORO_PLUGIN_DIR", components()).env("RORO_FONTS_DIR", root().join("data/fonts"));
    command.stderr(File::create(data.join("log")).expect("a log"));
    command
}

fn program() -> PathBuf {
    let program = root().join("target/release/roro");
    assert!(program.is_file(), "run `cargo xtask bench`: it builds the program");
    program
}

/// A new data folder, with the compiled plugins of earlier runs behind it.
#[must_use]
pub fn data_folder(name: &str) -> PathBuf {
    let data = fresh_folder(name);
    share_artifacts(&data);
    data
}

/// Lets a data folder share the compiled plugins of earlier runs.
pub fn share_artifacts(data: &Path) {
    let artifacts = folder().join("server-artifacts");
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&artifacts).expect("a folder");
    symlink(artifacts, data.join("artifacts")).expect("a link");
    let mut key = fs::OpenOptions::new();
    let mut key = key.write(true).create_new(true).mode(0o600).open(data.join("engine.key")).expect("the key");
    std::io::Write::write_all(&mut key, b"one fixed key of benches, public").expect("the key");
}

/// A client that takes every status as an answer.
#[must_use]
pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

impl Server {
    /// Starts it with further settings and waits until it is ready.
    pub fn start(data: &Path, agent: &ureq::Agent, settings: &[(&str, String)]) -> Self {
        let started = Instant::now();
        let mut command = roro(data);
        command.envs(settings.iter().map(|(name, value)| (*name, value)));
        let mut child =
            command.args(["serve", "--listen", "127.0.0.1:0", "--json"]).stdout(Stdio::piped()).spawn().expect("the server");
        let mut line = String::new();
        let output = child.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let printed: Value = serde_json::from_str(&line).unwrap_or_default();
        let Some(address) = printed.pointer("/address").and_then(Value::as_str).map(str::to_owned) else {
            panic!("the server did not start: {}", fs::read_to_string(data.join("log")).unwrap_or_default());
        };
        let mut server = Self { child, address, ready_after: Duration::ZERO };
        while !agent.get(server.url("/readyz")).call().is_ok_and(|answer| answer.status() == 200) {
            assert!(started.elapsed() < START_MAX, "the server is never ready");
            std::thread::sleep(Duration::from_millis(1));
        }
        server.ready_after = started.elapsed();
        server
    }

    /// The address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// Asks for a path; status and answer.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn get(&self, agent: &ureq::Agent, path: &str, token: &str) -> Result<(u16, Value), ureq::Error> {
        let request = agent.get(self.url(path)).header("authorization", format!("Bearer {token}"));
        read(request.call()?)
    }

    /// Sends a body to a path under a key; status and answer.
    pub fn post(&self, agent: &ureq::Agent, path: &str, token: &str, key: &str, body: &[u8]) -> (u16, Value) {
        let request = agent.post(self.url(path)).header("authorization", format!("Bearer {token}"));
        let request = request.header("idempotency-key", key).header("content-type", "application/json");
        request.send(body).and_then(read).expect("an answer")
    }

    /// A line of the process's status, in kB.
    #[must_use]
    pub fn memory_kb(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line of the status");
        line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Resident memory as people read it: what is its own, and what is mapped from files that other processes may share.
    #[must_use]
    pub fn resident(&self) -> String {
        let mb = |name| self.memory_kb(name) / 1000;
        format!("{} MB ({} MB own, {} MB mapped files; peak {} MB)", mb("VmRSS"), mb("RssAnon"), mb("RssFile"), mb("VmHWM"))
    }
}

fn read(mut answer: ureq::http::Response<ureq::Body>) -> Result<(u16, Value), ureq::Error> {
    let text = answer.body_mut().read_to_string()?;
    Ok((answer.status().as_u16(), serde_json::from_str(&text).unwrap_or_default()))
}
