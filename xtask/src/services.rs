//! Throwaway PostgreSQL and Redis for the tests: own folder, free port, loopback only, gone at the end.

use anyhow::{Context, Result, bail};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::tools::{find, is_root, need, run, say};

/// The environment variable that names a PostgreSQL to use instead of a throwaway one.
pub(crate) const POSTGRES_URL: &str = "RORO_TEST_POSTGRES_URL";
/// The environment variable that names a Redis to use instead of a throwaway one.
pub(crate) const REDIS_URL: &str = "RORO_TEST_REDIS_URL";
/// How long a server may take to answer.
const START_SECONDS_MAX: u64 = 60;

/// A server that we started; it is stopped, and its folder removed, when this is dropped.
pub(crate) struct Service {
    child: Child,
    folder: PathBuf,
    /// Where it answers.
    pub(crate) url: String,
}

impl Drop for Service {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's fast shutdown and Redis's ordinary one.
        let stopped = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        if stopped.is_err() {
            self.child.kill().ok();
        }
        self.child.wait().ok();
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

/// A Redis without persistence.
pub(crate) fn redis() -> Result<Service> {
    let program = need("redis-server", "redis-server", Vec::new)?;
    let (folder, port) = (folder("redis")?, free_port()?);
    say(&format!("starting a throwaway Redis on port {port}"));
    let child = Command::new(program)
        .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--appendonly", "no", "--dir"])
        .arg(&folder)
        .stdout(Stdio::null())
        .spawn()
        .context("redis-server")?;
    let service = Service { child, folder, url: format!("redis://127.0.0.1:{port}") };
    wait_for(port)?;
    Ok(service)
}

/// A PostgreSQL cluster of its own, with a superuser `roro` that needs no password.
pub(crate) fn postgres() -> Result<Service> {
    let further = || {
        let mut folders: Vec<PathBuf> =
            std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|e| e.path().join("bin")).collect();
        folders.sort();
        folders.reverse();
        folders
    };
    let initdb = need("initdb", "postgresql", further)?;
    let server = initdb.with_file_name("postgres");
    let (folder, port) = (folder("postgres")?, free_port()?);
    // PostgreSQL refuses to run as root.
    let user = is_root().then_some("postgres");
    if let Some(user) = user {
        run(Command::new("chown").arg("-R").arg(user).arg(&folder))?;
    }
    let data = folder.join("data");
    say(&format!("starting a throwaway PostgreSQL on port {port}"));
    let mut make = as_user(user, &initdb);
    make.arg("--pgdata").arg(&data).args(["--username=roro", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
    run(make.stdout(Stdio::null()))?;
    let child = as_user(user, &server)
        .arg("-D")
        .arg(&data)
        .args([
            "-p",
            &port.to_string(),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "max_connections=200",
            "-c",
            "shared_buffers=128MB",
            "-k",
        ])
        .arg(&folder)
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(folder.join("server.log")).context("the server's log")?)
        .spawn()
        .context("postgres")?;
    let service = Service { child, folder, url: format!("postgres://roro@127.0.0.1:{port}/postgres") };
    wait_for(port)?;
    Ok(service)
}

fn as_user(user: Option<&str>, program: &Path) -> Command {
    let Some(user) = user else { return Command::new(program) };
    // `setpriv` replaces itself by the server, so that the process that we stop is the server.
    if let Some(setpriv) = find("setpriv", &[]) {
        let mut command = Command::new(setpriv);
        command.args(["--reuid", user, "--regid", user, "--init-groups"]).arg(program);
        return command;
    }
    let mut command = Command::new("runuser");
    command.args(["-u", user, "--"]).arg(program);
    command
}

fn folder(name: &str) -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("roro-test-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755))?;
    Ok(folder)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("a free port")?.local_addr()?.port())
}

fn wait_for(port: u16) -> Result<()> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(START_SECONDS_MAX) {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!("the server on port {port} did not answer within {START_SECONDS_MAX} s")
}
