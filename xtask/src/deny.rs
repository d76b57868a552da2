//! What comes into the tree: licences, sources and second copies, checked by cargo-deny; known vulnerabilities where their database can be had.

use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools::{cargo, run as run_command, say};

/// The version that reads `deny.toml`.
const VERSION: &str = "0.20.2";

pub(crate) fn run(root: &Path) -> Result<()> {
    let program = program(root)?;
    let deny = |checks: &[&str]| {
        let mut command = Command::new(&program);
        command.current_dir(root).args(["--log-level", "error", "check"]).args(checks);
        command
    };
    run_command(&mut deny(&["bans", "licenses", "sources"]))?;
    let output = deny(&["advisories"]).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        say("no known vulnerability in the tree");
    } else if said.contains("failed to fetch advisory database") {
        say("known vulnerabilities were NOT checked: their database cannot be fetched from here");
    } else {
        bail!("cargo-deny: {said}");
    }
    Ok(())
}

/// cargo-deny as the user has it, else our own copy, built once.
fn program(root: &Path) -> Result<PathBuf> {
    let ours = root.join("target/tools");
    if let Some(found) = crate::tools::find("cargo-deny", &[ours.join("bin")]) {
        return Ok(found);
    }
    say("building cargo-deny, which checks licences and sources of all dependencies (two minutes, once)");
    run_command(
        cargo(root).args(["install", "cargo-deny", "--version", VERSION, "--locked", "--debug", "--quiet", "--root"]).arg(&ours),
    )?;
    Ok(ours.join("bin/cargo-deny"))
}
