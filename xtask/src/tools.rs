//! Finding and running the programs that a machine has.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The workspace's root folder.
pub(crate) fn root() -> Result<PathBuf> {
    // As cargo says now, not as it was built: two checkouts may share one target folder, and with it this program.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent().map(Path::to_path_buf).context("xtask lies in a folder of the workspace")
}

/// Says what happens next.
pub(crate) fn say(text: &str) {
    println!("==> {text}");
}

/// A program on the PATH, or in one of the further folders.
pub(crate) fn find(name: &str, further: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).chain(further.iter().cloned()).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Runs a command in the open and fails with its name when it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let name = format!(
        "{} {}",
        command.get_program().display(),
        command.get_args().map(|a| a.display().to_string()).collect::<Vec<_>>().join(" ")
    );
    let status = command.status().with_context(|| format!("cannot start `{name}`"))?;
    if !status.success() {
        bail!("`{name}` ended with {status}");
    }
    Ok(())
}

/// The cargo that runs us, in the workspace, with the environment that a user's own `cargo build` has: `cargo run` adds variables of *our* package,
/// and a build script that watches one of them (ring's does) would make everything above it build again.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "OUT_DIR" {
            command.env_remove(name);
        }
    }
    command
}

/// Whether we may install packages without asking.
pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Makes sure that a Python can make environments: Debian ships what that takes apart from Python itself.
pub(crate) fn need_venv(python: PathBuf) -> Result<()> {
    let works = || {
        let asked = Command::new(&python).args(["-c", "import ensurepip, venv"]).output();
        asked.is_ok_and(|answer| answer.status.success())
    };
    if works() {
        return Ok(());
    }
    if is_root() && find("apt-get", &[]).is_some() {
        install("python3-venv")?;
        if works() {
            return Ok(());
        }
    }
    bail!("`python3 -m venv` does not work. On Debian or Ubuntu run: sudo apt-get install python3-venv")
}

fn install(package: &str) -> Result<()> {
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    run(Command::new("apt-get")
        .args(["install", "-y", "-qq", "--no-install-recommends", package])
        .env("DEBIAN_FRONTEND", "noninteractive"))
}

/// Makes sure that a program is there: installs its Debian package where it may, else says the line to run.
pub(crate) fn need(program: &str, package: &str, further: impl Fn() -> Vec<PathBuf>) -> Result<PathBuf> {
    if let Some(found) = find(program, &further()) {
        return Ok(found);
    }
    if is_root() && find("apt-get", &[]).is_some() {
        say(&format!("`{program}` is missing: installing the Debian package `{package}`"));
        install(package)?;
        if let Some(found) = find(program, &further()) {
            return Ok(found);
        }
    }
    bail!("`{program}` is missing. On Debian or Ubuntu run: sudo apt-get install {package}")
}
