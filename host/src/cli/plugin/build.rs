//! `roro plugin build`: from sources to a component that is what plugin.toml says.

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use super::bench::{self, Engine};
use super::project::{MANIFEST, Project, Which};
use super::{ended, say, store};
use crate::guest::Runner;
use crate::plugin::component::Facts;

/// What components are compiled for.
const TARGET: &str = "wasm32-wasip2";
/// What guests of the Extism PDK are compiled for: a core module.
const EXTISM_TARGET: &str = "wasm32-wasip1";
/// The PDK, as a project's Cargo.toml names it.
const EXTISM_PDK: &str = "extism-pdk";

/// Compile a plugin's project and check the component against plugin.toml.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Runs `cargo build --release --target wasm32-wasip2` in the project (wasm32-wasip1 when it depends on extism-pdk) and puts \
the component where plugin.toml says. \
Exit codes: 0 the component is built and fits; 1 it does not compile or does not fit; 2 the usage or plugin.toml is wrong; 3 the machine \
failed."
)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    project: Which,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    engine: Engine,
}

/// A component that was built.
#[derive(Debug, Serialize)]
pub(super) struct Built {
    plugin: String,
    version: String,
    component: PathBuf,
    bytes: u64,
    sha256: String,
    hooks: Vec<String>,
    imports: Vec<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::open(arguments.project.folder())?;
    let built = build(&project, &arguments.engine.start()?)?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&built)?);
    } else {
        built.say();
    }
    Ok(ExitCode::SUCCESS)
}

/// Compiles a project, puts its component in its place and loads it.
pub(super) fn build(project: &Project, runner: &Runner) -> Result<Built> {
    let place = project.component_path()?;
    let made = tokio::task::block_in_place(|| compile(&project.folder))?;
    let bytes = fs::read(&made).with_context(|| format!("cannot read {}", made.display()))?;
    store::replace(&place, &bytes)?;
    let manifest = &project.manifest;
    let facts = bench::load(runner, &manifest.id, &manifest.version, &bytes)?;
    bench::fits(project, &facts)?;
    let Facts { digest, imports, hooks, .. } = facts;
    Ok(Built {
        plugin: manifest.id.clone(),
        version: manifest.version.to_string(),
        component: place,
        bytes: bytes.len() as u64,
        sha256: digest,
        hooks: hooks.iter().map(ToString::to_string).collect(),
        imports,
    })
}

impl Built {
    pub(super) fn say(&self) {
        let (component, size) = (self.component.display(), say::size(self.bytes));
        println!("built {} {}: {component}, {size}, sha256 {}", self.plugin, self.version, self.sha256);
        println!("exports    {}", self.hooks.join(", "));
        say::imports(&self.imports);
    }
}

/// A line of cargo's machine-readable output, as far as it matters here.
#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    manifest_path: PathBuf,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

/// Runs cargo; the component that it made. What cargo says goes to standard error.
fn compile(folder: &Path) -> Result<PathBuf> {
    let manifest = super::project::join(folder, "Cargo.toml");
    if !manifest.is_file() {
        let fix = format!("Build the component with the tools of its language, and put it where {MANIFEST} says");
        return Err(ended::wrong_input(format!(
            "there is no {}: only projects in Rust are built here\n{fix}",
            manifest.display()
        )));
    }
    let target = target(&manifest);
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--target", target, "--message-format", "json-render-diagnostics"]);
    let output = match cargo.current_dir(folder).stderr(Stdio::inherit()).output() {
        Err(error) if error.kind() == ErrorKind::NotFound => anyhow::bail!("cargo is not there\nInstall Rust: https://rustup.rs"),
        output => output.context("cargo cannot be run")?,
    };
    if !output.status.success() {
        let fix = if target_is_missing(folder, target) {
            format!("rustup target add {target}")
        } else {
            "Mend what cargo names above".to_owned()
        };
        return Err(ended::check_failed(format!("the project does not compile\n{fix}")));
    }
    let manifest = fs::canonicalize(&manifest)?;
    // Lines that are no JSON come from build scripts.
    let messages = output.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Message>(line).ok());
    let is_own = |message: &Message| {
        message.reason == "compiler-artifact" && fs::canonicalize(&message.manifest_path).is_ok_and(|path| path == manifest)
    };
    let made = messages
        .filter(is_own)
        .flat_map(|message| message.filenames)
        .find(|file| file.extension().is_some_and(|end| end == "wasm"));
    made.ok_or_else(|| {
        let fix = "Add to Cargo.toml: [lib] crate-type = [\"cdylib\"]";
        ended::check_failed(format!("the project compiles to no component\n{fix}"))
    })
}

/// What a project is compiled for. A Cargo.toml that cannot be read is cargo's to complain about.
fn target(manifest: &Path) -> &'static str {
    let table = fs::read_to_string(manifest).ok().and_then(|text| text.parse::<toml::Table>().ok()).unwrap_or_default();
    let uses_pdk = table.get("dependencies").is_some_and(|dependencies| dependencies.get(EXTISM_PDK).is_some());
    if uses_pdk { EXTISM_TARGET } else { TARGET }
}

/// Whether the toolchain of a folder has no standard library for a target.
fn target_is_missing(folder: &Path, target: &str) -> bool {
    let asked = Command::new("rustc").args(["--print", "target-libdir", "--target", target]).current_dir(folder).output();
    let Ok(answer) = asked else { return false };
    answer.status.success() && !Path::new(String::from_utf8_lossy(&answer.stdout).trim()).is_dir()
}
