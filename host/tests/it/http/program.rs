//! The `roro` program as a process: what it prints, how it ends, what it refuses to start on.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use super::Client;
use super::orders::order;
use crate::support::root;

/// A data folder of one test, gone at the end. Compiled plugins are shared by all of them.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let folder =
            std::env::temp_dir().join(format!("roro-program-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst)));
        std::fs::create_dir_all(&folder).unwrap();
        let compiled = root().join("target/test-server-artifacts");
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&compiled).unwrap();
        std::os::unix::fs::symlink(&compiled, folder.join("artifacts")).unwrap();
        // The key that seals the shared artifacts: the same in all folders.
        std::fs::write(folder.join("engine.key"), [7; 32]).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The program on this folder, from the root of the workspace.
    pub(super) fn roro(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roro"));
        command.args(arguments).arg("--data").arg(&self.0).current_dir(root());
        command.env("RORO__LOG__FILTER", "warn").env_remove("RORO__DATABASE__URL");
        command
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// A running `roro serve`, killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    address: String,
}

impl Process {
    /// Starts it and waits until it listens.
    pub(crate) fn start(folder: &Folder, arguments: &[&str]) -> Self {
        let mut command = folder.roro(&["serve", "--listen", "127.0.0.1:0", "--json"]);
        let fonts = std::env::var_os("RORO_FONTS_DIR").map_or_else(|| root().join("data/fonts"), PathBuf::from);
        let mut child = command.args(arguments).arg("--fonts").arg(fonts).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("roro serve did not start: `{line}`"));
        Self { child, address: said["address"].as_str().unwrap().to_owned() }
    }

    pub(crate) fn client(&self, token: &str) -> Client {
        Client::new(&self.address).with_token(token)
    }

    /// Host and port.
    fn host(&self) -> &str {
        self.address.trim_start_matches("http://")
    }

    /// SIGTERM.
    fn tell(&self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
    }

    /// SIGKILL, as a crash would end it.
    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; the code with which it ended.
    pub(crate) fn end(mut self) -> Option<i32> {
        self.tell();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Ended already, unless a test failed on the way.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A new tenant's token.
pub(super) fn tenant(folder: &Folder, arguments: &[&str]) -> String {
    let made = json(&folder.roro(&["tenant", "create", "acme", "--json"]).args(arguments).output().unwrap());
    assert_eq!((made["tenant"].as_str(), made["email"].as_str()), (Some("acme"), Some("admin@acme.example")));
    assert!(made["password"].as_str().unwrap().len() >= 12);
    made["token"].as_str().unwrap().to_owned()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_folder_becomes_a_server_that_ends_when_it_is_told() {
    let folder = Folder::new();
    let token = tenant(&folder, &[]);
    let listed = json(&folder.roro(&["tenant", "list", "--json"]).output().unwrap());
    assert_eq!(listed[0]["handle"], "acme");
    let server = Process::start(&folder, &[]);
    server.client(&token).get("/readyz").await.expect(200);
    server.client(&token).post("/v1/orders/import", &order(1)).await.expect(201);

    // The folder has its one server, and says so to another.
    let second = folder.roro(&["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(second.status.code() == Some(3) && said.contains("served by another process"), "{said}");
    assert_eq!(server.end(), Some(0));

    let server = Process::start(&folder, &[]);
    let orders = server.client(&token).get("/v1/orders").await.expect(200).json();
    assert_eq!(orders["items"].as_array().unwrap().len(), 1);
    assert_eq!(server.end(), Some(0));
}

#[test]
fn a_request_that_runs_when_the_process_is_told_to_end_is_answered() {
    let folder = Folder::new();
    let token = tenant(&folder, &[]);
    let mut server = Process::start(&folder, &[]);
    let body = serde_json::to_vec(&order(1)).unwrap();
    let mut stream = TcpStream::connect(server.host()).unwrap();
    let head = format!(
        "POST /v1/orders/import HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
        body.len()
    );
    write!(stream, "{head}Expect: 100-continue\r\nAuthorization: Bearer {token}\r\n\r\n").unwrap();
    // The server asks for the body when the request is being worked on.
    let mut said = [0; 25];
    stream.read_exact(&mut said).unwrap();
    assert_eq!(&said, b"HTTP/1.1 100 Continue\r\n\r\n");
    server.tell();
    // From when it takes no new connection, it drains.
    while TcpStream::connect(server.host()).is_ok() {
        std::thread::yield_now();
    }
    stream.write_all(&body).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 201"), "{reply}");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_tenant_that_cannot_be_made_is_a_fault_of_the_usage() {
    let folder = Folder::new();
    tenant(&folder, &[]);
    for name in ["acme", "Acme", "x"] {
        let refused = folder.roro(&["tenant", "create", name]).output().unwrap();
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(2) && said.contains(&format!("`{name}`")), "{said}");
    }
    let again = folder.roro(&["tenant", "admin", "acme", "--email", "second@acme.example", "--json"]).output().unwrap();
    assert!(json(&again)["token"].as_str().unwrap().starts_with("roro_ten_"));
}

#[test]
fn migrate_says_what_is_missing_and_does_it() {
    let folder = Folder::new();
    let check = folder.roro(&["migrate", "--check", "--json"]).output().unwrap();
    assert_eq!(check.status.code(), Some(1), "{}", String::from_utf8_lossy(&check.stderr));
    let missing: Value = serde_json::from_slice(&check.stdout).unwrap();
    assert!(missing["steps"].as_array().unwrap().len() >= 7 && missing["done"] == false, "{missing}");
    assert_eq!(json(&folder.roro(&["migrate", "--json"]).output().unwrap())["steps"], missing["steps"]);
    assert_eq!(json(&folder.roro(&["migrate", "--json"]).output().unwrap())["steps"], Value::Array(vec![]));
    assert!(folder.path().join("roro.db").exists());
}
