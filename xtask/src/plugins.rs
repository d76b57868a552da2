//! Building the components that run in the sandbox.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools::{cargo, find, run, say};

const TARGET: &str = "wasm32-wasip2";
/// The packages, shipped ones first, then the guests of the tests.
const PACKAGES: [&str; 3] = ["roro-rulebook", "roro-renderer", "roro-attackers"];

/// Where the components lie after a build.
pub(crate) fn folder(root: &Path) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    target.join(TARGET).join("plugin")
}

/// Adds the target if it is missing and builds every plugin.
pub(crate) fn build(root: &Path) -> Result<()> {
    add_target(root)?;
    say("building the plugins for wasm32-wasip2 (the renderer takes some minutes the first time)");
    let mut command = cargo(root);
    command.args(["build", "--profile", "plugin", "--target", TARGET]);
    for package in PACKAGES {
        command.args(["--package", package]);
    }
    run(&mut command)?;
    for package in PACKAGES {
        let file = folder(root).join(format!("{}.wasm", package.replace('-', "_")));
        let bytes = std::fs::metadata(&file).with_context(|| format!("{} was not built", file.display()))?.len();
        println!("    {package}: {} kB", bytes / 1000);
    }
    Ok(())
}

fn add_target(root: &Path) -> Result<()> {
    let Some(rustup) = find("rustup", &[]) else {
        bail!("`rustup` is missing. Install it from https://rustup.rs, or add the target {TARGET} to your toolchain by hand")
    };
    let installed =
        Command::new(&rustup).args(["target", "list", "--installed"]).current_dir(root).output().context("rustup target list")?;
    if !String::from_utf8_lossy(&installed.stdout).lines().any(|line| line == TARGET) {
        say("adding the target wasm32-wasip2");
        run(Command::new(&rustup).args(["target", "add", TARGET]).current_dir(root))?;
    }
    Ok(())
}
