//! `roro plugin build`: from sources to a component that is what plugin.toml says.
//!
//! Each language has its own tools. Those of Rust belong to the machine; those of TypeScript and Python are installed into the project's folder,
//! in the versions that the project names. Nothing is ever installed outside of it.

mod python;
mod rust;
mod tool;
mod typescript;
mod world;

use anyhow::{Context as _, Result};
use serde::Serialize;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use super::bench::{self, Engine};
use super::language::Language;
use super::project::{Project, Which};
use super::{say, store};
use crate::guest::Runner;
use crate::plugin::component::Facts;

/// Below a project: what `build` makes beside the component. It can be deleted at any time.
const MADE: &str = ".roro";

/// Compile a plugin's project and check the component against plugin.toml.
#[derive(Debug, clap::Args)]
#[command(after_help = "The component lies where plugin.toml says. What the project holds says how it is made:\n\n  \
Cargo.toml     Rust: cargo build --release --target wasm32-wasip2 (wasm32-wasip1 when it depends on extism-pdk)\n  \
src/plugin.ts  TypeScript: the tools of package.json, installed by npm into node_modules\n  \
src/plugin.py  Python: the tools of requirements.txt, installed by pip into .venv\n\n\
Tools are installed when they are not there or package.json or requirements.txt name others. Exit codes: 0 the component is built and \
fits; 1 it does not compile or does not fit; 2 the usage or plugin.toml is wrong; 3 the machine failed, or a tool is missing.")]
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
    let made = tokio::task::block_in_place(|| compile(project))?;
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

/// Runs the tools of the project's language; the component that they made. What they say goes to standard error.
fn compile(project: &Project) -> Result<PathBuf> {
    match Language::of(&project.folder)? {
        Language::Rust | Language::ExtismRust => rust::compile(&project.folder),
        Language::TypeScript => typescript::compile(project),
        Language::Python => python::compile(project),
    }
}
