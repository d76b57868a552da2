//! Building the components that run in the sandbox.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools::{cargo, find, run, say};

const TARGET: &str = "wasm32-wasip2";
/// The packages: shipped ones, examples, then the guests of the tests.
const PACKAGES: [&str; 7] = [
    "roro-rulebook",
    "roro-renderer",
    "roro-example-price-guard",
    "roro-example-follow-ups",
    "roro-example-freight-tariff",
    "roro-attackers",
    "roro-attacking-app",
];

/// Where the components lie after a build.
pub(crate) fn folder(root: &Path) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    target.join(TARGET).join("plugin")
}

/// Adds the target if it is missing and builds every plugin.
pub(crate) fn build(root: &Path) -> Result<()> {
    say("building the plugins for wasm32-wasip2 (the renderer takes some minutes the first time)");
    build_packages(root, &PACKAGES)
}

/// The same for these packages.
pub(crate) fn build_packages(root: &Path, packages: &[&str]) -> Result<()> {
    add_target(root, TARGET)?;
    let mut command = cargo(root);
    command.args(["build", "--profile", "plugin", "--target", TARGET]);
    for package in packages {
        command.args(["--package", package]);
    }
    run(&mut command)?;
    for package in packages {
        let file = folder(root).join(format!("{}.wasm", package.replace('-', "_")));
        let bytes = std::fs::metadata(&file).with_context(|| format!("{} was not built", file.display()))?.len();
        println!("    {package}: {} kB", bytes / 1000);
    }
    Ok(())
}

/// Adds a target to the toolchain if it is missing.
pub(crate) fn add_target(root: &Path, target: &str) -> Result<()> {
    let Some(rustup) = find("rustup", &[]) else {
        bail!("`rustup` is missing. Install it from https://rustup.rs, or add the target {target} to your toolchain by hand")
    };
    let installed =
        Command::new(&rustup).args(["target", "list", "--installed"]).current_dir(root).output().context("rustup target list")?;
    if !String::from_utf8_lossy(&installed.stdout).lines().any(|line| line == target) {
        say(&format!("adding the target {target}"));
        run(Command::new(&rustup).args(["target", "add", target]).current_dir(root))?;
    }
    Ok(())
}
