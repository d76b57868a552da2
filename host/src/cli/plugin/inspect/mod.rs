//! `roro plugin inspect`: what a plugin is and asks for, wherever it lies. It runs nothing and trusts nobody.

mod show;
mod signed;

use anyhow::{Context as _, Result};
use semver::Version;
use serde::Serialize;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use signed::Signed;

use super::bench::{self, Engine};
use super::project::{MANIFEST, Project};
use super::{ended, sign};
use crate::plugin::component::{self, Facts};
use crate::plugin::manifest::Manifest;

/// How a component begins, as every module of WebAssembly does.
const WASM: &[u8] = b"\0asm";
/// What a bare component is called: it has no manifest that says.
const NAMELESS: &str = "component";

/// Show what a plugin is, which hooks it answers, what it imports and asks for, and who has signed it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Signatures are shown, not verified: that is `roro plugin verify`. Exit codes: 0 done; 1 the component cannot be run or \
does not fit plugin.toml; 2 the usage, plugin.toml or the package is wrong; 3 the machine failed."
)]
pub(in crate::cli) struct Arguments {
    /// A project's folder, a package (an archive or the folder of an OCI layout), or a component.
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    engine: Engine,
}

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Project,
    Package,
    Component,
}

/// What was found.
#[derive(Debug, Serialize)]
struct Found {
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<Manifest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<Component>,
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<Package>,
    /// Where manifest and component differ.
    unlike: Vec<String>,
}

/// A component that was loaded.
#[derive(Debug, Serialize)]
struct Component {
    bytes: u64,
    sha256: String,
    /// The hooks that it answers.
    hooks: Vec<String>,
    imports: Vec<String>,
}

/// A package, and who says that it is good.
#[derive(Debug, Serialize)]
struct Package {
    bytes: u64,
    /// Of the OCI manifest.
    sha256: String,
    plugin_toml_sha256: String,
    /// How many files it has beside plugin.toml and the component.
    assets: usize,
    fixtures: usize,
    pack: usize,
    signatures: Vec<Signed>,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let (path, engine) = (&arguments.path, &arguments.engine);
    let found = match kind(path)? {
        Kind::Project => project(path, engine)?,
        Kind::Package => package(path, engine)?,
        Kind::Component => {
            let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            let (component, _) = load(engine, NAMELESS, &Version::new(0, 0, 0), &bytes)?;
            Found { kind: Kind::Component, manifest: None, component: Some(component), package: None, unlike: Vec::new() }
        }
    };
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&found)?);
    } else {
        show::show(&found);
    }
    Ok(ExitCode::from(if found.unlike.is_empty() { 0 } else { ended::EXIT_CHECK }))
}

fn kind(path: &Path) -> Result<Kind> {
    if path.is_dir() {
        return Ok(if path.join(MANIFEST).exists() || !path.join("oci-layout").exists() { Kind::Project } else { Kind::Package });
    }
    let mut first = [0; WASM.len()];
    let read = fs::File::open(path).and_then(|mut file| file.read(&mut first));
    let length = read.map_err(|error| {
        let fix = "Name a project, a package or a component";
        ended::wrong_input(format!("cannot read {}: {error}\n{fix}", path.display()))
    })?;
    Ok(if first.get(..length) == Some(WASM) { Kind::Component } else { Kind::Package })
}

fn project(folder: &Path, engine: &Engine) -> Result<Found> {
    let project = Project::open(folder)?;
    let built = project.manifest.component.as_deref().is_some_and(|name| project.path(name).exists());
    let (mut component, mut unlike) = (None, Vec::new());
    if built {
        let (loaded, facts) = load(engine, &project.manifest.id, &project.manifest.version, &project.component()?)?;
        unlike = component::unlike(&project.manifest, &facts);
        component = Some(loaded);
    }
    Ok(Found { kind: Kind::Project, manifest: Some(project.manifest), component, package: None, unlike })
}

fn package(path: &Path, engine: &Engine) -> Result<Found> {
    let (stored, manifest) = sign::open(path)?;
    let (mut component, mut unlike) = (None, Vec::new());
    if let Some(bytes) = &stored.package.component {
        let (loaded, facts) = load(engine, &manifest.id, &manifest.version, bytes)?;
        unlike = component::unlike(&manifest, &facts);
        component = Some(loaded);
    }
    let package = Package {
        bytes: stored.bytes,
        sha256: stored.manifest_digest,
        plugin_toml_sha256: stored.plugin_manifest_digest,
        assets: stored.package.assets.len(),
        fixtures: stored.package.fixtures.len(),
        pack: stored.package.pack.len(),
        signatures: stored.envelopes.iter().map(|envelope| Signed::read(envelope)).collect(),
    };
    Ok(Found { kind: Kind::Package, manifest: Some(manifest), component, package: Some(package), unlike })
}

fn load(engine: &Engine, id: &str, version: &Version, bytes: &[u8]) -> Result<(Component, Facts)> {
    let facts = bench::load(&engine.start_for_strangers()?, id, version, bytes)?;
    let component = Component {
        bytes: bytes.len() as u64,
        sha256: facts.digest.clone(),
        hooks: facts.hooks.iter().map(ToString::to_string).collect(),
        imports: facts.imports.clone(),
    };
    Ok((component, facts))
}
