//! TypeScript: Node.js, and what package.json names, in `node_modules`. The steps stand in the project's `roro-sdk/build.mjs`.

use anyhow::{Context as _, Result};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::super::ended;
use super::super::project::Project;
use super::tool::{self, Tool};
use super::{MADE, world};

const NODE: Tool =
    Tool { program: "node", name: "Node.js", at_least: (20, 0), install: "apt-get install nodejs npm (or https://nodejs.org)" };
const NPM: Tool = Tool { program: "npm", name: "npm", at_least: (9, 0), install: "apt-get install npm (or https://nodejs.org)" };

/// What names the tools.
const PACKAGE: &str = "package.json";
/// What names every package that they need, once npm has written it.
const LOCK: &str = "package-lock.json";
const INSTALLED: &str = "node_modules";
/// In `node_modules`: what was asked for when they were installed, and the lock as it was then.
const STAMPS: [&str; 2] = ["node_modules/.roro-asked", "node_modules/.roro-lock"];

/// Makes the component.
pub(super) fn compile(project: &Project) -> Result<PathBuf> {
    NODE.must_be_there()?;
    install(project)?;
    let (wit, types, component) = (world::write(project)?, format!("{MADE}/types"), format!("{MADE}/plugin.wasm"));
    let arguments = ["roro-sdk/build.mjs", &wit, world::WORLD, &types, &component];
    if !tool::run(Command::new("node").args(arguments), &project.folder)?.success() {
        return Err(ended::check_failed("the project does not compile\nMend what is named above"));
    }
    Ok(project.path(&component))
}

/// Installs the tools when they are not there, or others are asked for.
fn install(project: &Project) -> Result<()> {
    let asked = asked(project)?;
    let [asked_stamp, lock_stamp] = STAMPS.map(|stamp| project.path(stamp));
    let lock = || fs::read_to_string(project.path(LOCK)).ok();
    let before = lock();
    let is_locked = before.is_some();
    if tool::is_stamped(&asked_stamp, &asked) && before.is_none_or(|lock| tool::is_stamped(&lock_stamp, &lock)) {
        return Ok(());
    }
    NPM.must_be_there()?;
    tool::say(&format!("installing the tools that {PACKAGE} names into {INSTALLED}: about 230 MB, once"));
    // What is locked is installed as it is. No package may run a script of its own on this machine.
    let mut npm = Command::new("npm");
    npm.arg(if is_locked { "ci" } else { "install" }).args(["--ignore-scripts", "--no-audit", "--no-fund"]);
    if !tool::run(&mut npm, &project.folder)?.success() {
        anyhow::bail!("npm could not install the tools\nMend what it names above: the network, {PACKAGE} or {LOCK}");
    }
    tool::stamp(&lock_stamp, &lock().unwrap_or_default())?;
    tool::stamp(&asked_stamp, &asked)
}

/// What package.json asks for, in one text.
fn asked(project: &Project) -> Result<String> {
    let path = project.path(PACKAGE);
    let text = fs::read_to_string(&path).map_err(|error| {
        let fix = "Make an empty project with `roro plugin new --lang ts` and take its package.json";
        ended::wrong_input(format!("cannot read {}: {error}\n{fix}", path.display()))
    })?;
    let package: Value =
        serde_json::from_str(&text).map_err(|error| ended::wrong_input(format!("{}: {error}\nMend the JSON", path.display())))?;
    let parts = ["dependencies", "devDependencies", "overrides"].map(|part| package.get(part).unwrap_or(&Value::Null));
    serde_json::to_string_pretty(&parts).context("package.json as JSON")
}
