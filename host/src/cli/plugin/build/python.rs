//! Python: python3 with venv, and what requirements.txt names, in `.venv`.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::super::ended;
use super::super::project::Project;
use super::tool::{self, Tool};
use super::{MADE, world};

const PYTHON: Tool = Tool {
    program: "python3",
    name: "Python",
    at_least: (3, 10),
    install: "apt-get install python3 python3-venv (or https://www.python.org)",
};

/// What names the tools.
const REQUIREMENTS: &str = "requirements.txt";
const INSTALLED: &str = ".venv";
/// In `.venv`: what was asked for when they were installed, and where.
const STAMP: &str = ".venv/.roro-asked";
const COMPONENTIZE: &str = ".venv/bin/componentize-py";

/// Makes the component.
pub(super) fn compile(project: &Project) -> Result<PathBuf> {
    PYTHON.must_be_there()?;
    install(project)?;
    let (wit, types, component) = (world::write(project)?, format!("{MADE}/types"), format!("{MADE}/plugin.wasm"));
    let folder = project.path(&types);
    if folder.is_dir() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    let run = |step: &str, arguments: &[&str]| {
        tool::say(step);
        let mut command = Command::new(own(project, COMPONENTIZE)?);
        command.args(["--quiet", "--wit-path", &wit, "--world", world::WORLD]).args(arguments);
        // Packages of the project's own, never those that happen to be on this machine; of what goes wrong, Python's own trace is enough.
        tool::run(command.env("VIRTUAL_ENV", INSTALLED).env("RUST_BACKTRACE", "0").env_remove("PYTHONPATH"), &project.folder)
    };
    if !run("making the types of the contract", &["bindings", &types])?.success() {
        anyhow::bail!("componentize-py cannot read the contract\nTake roro-sdk from a new project of this roro");
    }
    // Without WASI: what a plugin may know comes through the contract.
    let make = ["componentize", "--stub-wasi", "-p", "src", "-p", "roro-sdk", "plugin", "--output", &component];
    if !run("making the component", &make)?.success() {
        return Err(ended::check_failed("the project does not compile\nMend what is named above"));
    }
    Ok(project.path(&component))
}

/// Installs the tools when they are not there, or others are asked for.
fn install(project: &Project) -> Result<()> {
    let asked = asked(project)?;
    // Its programs name the folder that they were installed in: one that was moved is made anew.
    let place = || fs::canonicalize(project.path(INSTALLED)).map(|path| path.display().to_string()).unwrap_or_default();
    let wanted = |place: String| format!("# {place}\n{asked}");
    let stamp = project.path(STAMP);
    if tool::is_stamped(&stamp, &wanted(place())) {
        return Ok(());
    }
    tool::say(&format!("installing the tools that {REQUIREMENTS} names into {INSTALLED}: about 75 MB, once"));
    let made = tool::run(Command::new("python3").args(["-m", "venv", "--clear", INSTALLED]), &project.folder)?;
    if !made.success() {
        anyhow::bail!("python3 cannot make {INSTALLED}\nInstall venv: apt-get install python3-venv");
    }
    let mut pip = Command::new(own(project, ".venv/bin/python")?);
    pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--requirement", REQUIREMENTS]);
    if !tool::run(&mut pip, &project.folder)?.success() {
        anyhow::bail!("pip could not install the tools\nMend what it names above: the network or {REQUIREMENTS}");
    }
    tool::stamp(&stamp, &wanted(place()))
}

/// A program of the project. Not where its links lead to: what is found from there is another Python's.
fn own(project: &Project, program: &str) -> Result<PathBuf> {
    std::path::absolute(project.path(program)).context("the current folder is not there")
}

/// What requirements.txt asks for.
fn asked(project: &Project) -> Result<String> {
    let path = project.path(REQUIREMENTS);
    fs::read_to_string(&path).map_err(|error| {
        let fix = "Make an empty project with `roro plugin new --lang python` and take its requirements.txt";
        ended::wrong_input(format!("cannot read {}: {error}\n{fix}", path.display()))
    })
}
