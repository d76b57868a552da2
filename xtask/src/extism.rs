//! The workspace that brings the `extism` crate: its builds, and the comparison of what guests get there with what is expected of our engine.

use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::plugins;
use crate::tools::{cargo, run, say};

/// What plugins on an Extism PDK are compiled for.
const GUEST_TARGET: &str = "wasm32-wasip1";
const GUEST: &str = "roro-extism-conformance-guest";

/// Where everything of that workspace is built: it has a lock file of its own, so it shares nothing.
pub(crate) fn target(root: &Path) -> PathBuf {
    root.join("target/extism")
}

/// `cargo build` of one of its packages.
pub(crate) fn build(root: &Path, package: &str) -> Command {
    let mut command = cargo(&root.join("benches/extism"));
    command.args(["build", "--locked", "--package", package]).env("CARGO_TARGET_DIR", target(root));
    command
}

/// Where the tests of the engine find the guest.
pub(crate) fn guest_folder(root: &Path) -> PathBuf {
    target(root).join(GUEST_TARGET).join("plugin")
}

/// Builds the guest of the comparison, without the `extism` crate.
pub(crate) fn build_guest(root: &Path) -> Result<()> {
    plugins::add_target(root, GUEST_TARGET)?;
    run(build(root, GUEST).args(["--profile", "plugin", "--target", GUEST_TARGET]))
}

/// Asks the `extism` crate every case, and compares or blesses.
pub(crate) fn compare(root: &Path, write: bool) -> Result<()> {
    build_guest(root)?;
    say("building the extism crate (some minutes the first time: it has a wasmtime of its own)");
    run(build(root, "roro-bench-extism").args(["--release", "--bin", "conformance"]))?;
    let guest = guest_folder(root).join(format!("{}.wasm", GUEST.replace('-', "_")));
    run(Command::new(target(root).join("release/conformance")).arg(guest).args(write.then_some("--write")))
}
