//! The benches, with the machine and the commit that they were taken on, and every figure once more at the end.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools::{cargo, say};
use crate::{extism, fonts, plugins, services};

/// The benches of the workspace, in the order in which they run.
const BENCHES: [&str; 6] = ["hook", "attack", "documents", "order", "trial", "server"];
/// The comparison with the `extism` crate: a workspace of its own, because it brings another wasmtime.
const EXTISM: &str = "extism";
const EXTISM_TARGET: &str = "wasm32-unknown-unknown";
/// The guests that only benches call.
const GUESTS: [&str; 1] = ["roro-bench-rule"];

pub(crate) fn run(root: &Path, name: Option<&str>) -> Result<()> {
    if let Some(unknown) = name.filter(|name| *name != EXTISM && !BENCHES.contains(name)) {
        bail!("there is no bench `{unknown}`: name one of {}, {EXTISM}", BENCHES.join(", "));
    }
    let chosen = |bench: &str| name.is_none_or(|name| name == bench);
    fonts::fetch(&root.join("data"))?;
    plugins::build(root)?;
    plugins::build_packages(root, &GUESTS)?;
    if chosen("server") {
        say("building the program that the server bench starts");
        crate::tools::run(cargo(root).args(["build", "--release", "--package", "roro"]))?;
    }
    say("building the benches");
    let hook = build(root)?;
    if chosen(EXTISM) {
        build_extism(root)?;
    }
    let figures = root.join("target/bench-figures.tsv");
    std::fs::remove_file(&figures).ok();
    let database = services::postgres()?;
    say(&format!("machine: {}, commit {}", machine(), commit(root)));
    for bench in BENCHES.into_iter().filter(|bench| chosen(bench)) {
        let mut command = cargo(root);
        command.args(["bench", "--quiet", "--package", "roro-benches", "--bench", bench]);
        crate::tools::run(command.env(services::POSTGRES_URL, &database.url).env("RORO_BENCH_FIGURES", &figures))?;
    }
    if chosen(EXTISM) {
        let mut command = Command::new(root.join("target/extism/release/roro-bench-extism"));
        command.current_dir(root).arg(&hook).env("RORO_BENCH_FIGURES", &figures);
        crate::tools::run(
            command.arg(root.join("target/extism").join(EXTISM_TARGET).join("plugin/roro_bench_extism_guest.wasm")),
        )?;
    }
    drop(database);
    print_figures(root, &figures)
}

/// Builds the benches; gives the program of the hook bench, which the comparison with extism starts.
fn build(root: &Path) -> Result<PathBuf> {
    let mut command = cargo(root);
    command.args(["bench", "--no-run", "--package", "roro-benches", "--benches", "--message-format", "json-render-diagnostics"]);
    let output = command.stderr(std::process::Stdio::inherit()).output().context("cargo bench")?;
    if !output.status.success() {
        bail!("the benches do not build");
    }
    let programs = String::from_utf8_lossy(&output.stdout);
    let hook = programs.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()).find_map(|message| {
        let is_hook = message.pointer("/target/name")?.as_str()? == "hook";
        message.pointer("/executable")?.as_str().filter(|_| is_hook).map(PathBuf::from)
    });
    hook.context("cargo names no program of the hook bench")
}

/// Builds the other workspace: its guest for WebAssembly, then the program.
fn build_extism(root: &Path) -> Result<()> {
    say("building the comparison with extism (some minutes the first time: it has a wasmtime of its own)");
    plugins::add_target(root, EXTISM_TARGET)?;
    let guest = ["--profile", "plugin", "--target", EXTISM_TARGET];
    crate::tools::run(extism::build(root, "roro-bench-extism-guest").args(guest))?;
    crate::tools::run(extism::build(root, "roro-bench-extism").arg("--release"))
}

/// Every figure of the run, with the goal that stands for it.
fn print_figures(root: &Path, figures: &Path) -> Result<()> {
    let text = std::fs::read_to_string(figures).with_context(|| figures.display().to_string())?;
    say(&format!("figures: {}, commit {}", machine(), commit(root)));
    for line in text.lines() {
        let mut fields = line.split('\t');
        let mut next = || fields.next().unwrap_or_default();
        let (what, value, goal) = (next(), next(), next());
        let goal = if goal.is_empty() { String::new() } else { format!("   goal {goal}") };
        println!("    {what:76} {value}{goal}");
    }
    Ok(())
}

/// Cores, processor and how busy the machine is with other things: figures of a busy machine say little.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")).and_then(|line| line.split_once(':'));
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().filter(|load| !load.is_empty()).unwrap_or("unknown");
    format!("{cores} cores, {}, load {load}", model.map_or("unknown processor", |(_, name)| name.trim()))
}

fn commit(root: &Path) -> String {
    let output = Command::new("git").args(["describe", "--always", "--dirty"]).current_dir(root).output();
    output.map_or_else(|_| "unknown".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
