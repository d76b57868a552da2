//! Rust: cargo, and the target for components.

use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::super::ended;
use super::super::language::Language;
use super::super::project::join;

/// What components are compiled for.
const TARGET: &str = "wasm32-wasip2";
/// What guests of the Extism PDK are compiled for: a core module.
const EXTISM_TARGET: &str = "wasm32-wasip1";
/// The PDK, as a project's Cargo.toml names it.
const EXTISM_PDK: &str = "extism-pdk";

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
pub(super) fn compile(folder: &Path) -> Result<PathBuf> {
    let manifest = join(folder, Language::Rust.source());
    let target = target(&manifest);
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--target", target, "--message-format", "json-render-diagnostics"]);
    cargo.args(["--config", &without_paths(folder, target)]);
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

/// Keeps the author's folders out of the component: a panic's message would name them, and bytes would differ from machine to machine. Flags of
/// the environment (`RUSTFLAGS`) go first, as everywhere in cargo.
fn without_paths(folder: &Path, target: &str) -> String {
    let home = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let cargo = home("CARGO_HOME").or_else(|| home("HOME").map(|home| home.join(".cargo")));
    let pairs = [(cargo, "cargo"), (fs::canonicalize(folder).ok(), "project")];
    let flags: Vec<toml::Value> = pairs
        .into_iter()
        .filter_map(|(path, name)| Some(format!("--remap-path-prefix={}={name}", path?.display()).into()))
        .collect();
    format!("target.{target}.rustflags = {}", toml::Value::Array(flags))
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
