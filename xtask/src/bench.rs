//! The benches, with the machine and the commit that they were taken on, and every figure once more at the end.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools::{cargo, need, need_venv, say};
use crate::{extism, fonts, plugins, services};

/// The benches of the workspace, in the order in which they run.
const BENCHES: [&str; 9] = ["hook", "attack", "documents", "order", "trial", "server", "tenants", "activation", LANGUAGES];
/// Those that start the release program.
const WITH_PROGRAM: [&str; 3] = ["server", "tenants", "activation"];
/// One rule in several languages. Without a name it does not run by itself, because the comparison with the `extism` crate has all of its rows.
const LANGUAGES: &str = "languages";
/// The comparison with the `extism` crate: a workspace of its own, because it brings another wasmtime.
const EXTISM: &str = "extism";
const EXTISM_TARGET: &str = "wasm32-unknown-unknown";
/// The guests that only benches call.
const GUESTS: [&str; 2] = ["roro-bench-rule", "roro-bench-told"];
/// The rule in other languages: the folder in `benches/guests`, and what `roro plugin new` calls the language.
const PROJECTS: [(&str, &str); 2] = [("typescript", "ts"), ("python", "python")];
/// What an author's tools have put into a project, which takes minutes to get again.
const INSTALLED: [&str; 3] = ["node_modules", "package-lock.json", ".venv"];

pub(crate) fn run(root: &Path, name: Option<&str>) -> Result<()> {
    if let Some(unknown) = name.filter(|name| *name != EXTISM && !BENCHES.contains(name)) {
        bail!("there is no bench `{unknown}`: name one of {}, {EXTISM}", BENCHES.join(", "));
    }
    let chosen = |bench: &str| name.is_none_or(|name| name == bench);
    let compares_languages = chosen(LANGUAGES) || chosen(EXTISM);
    fonts::fetch(&root.join("data"))?;
    plugins::build(root)?;
    plugins::build_packages(root, &GUESTS)?;
    if compares_languages || WITH_PROGRAM.into_iter().any(chosen) {
        say("building the program that benches start");
        crate::tools::run(cargo(root).args(["build", "--release", "--package", "roro"]))?;
    }
    if compares_languages {
        build_projects(root)?;
        build_extism_guest(root)?;
    }
    say("building the benches");
    let languages = build(root)?;
    if chosen(EXTISM) {
        build_extism(root)?;
    }
    let figures = root.join("target/bench-figures.tsv");
    std::fs::remove_file(&figures).ok();
    let database = services::postgres()?;
    say(&format!("machine: {}, commit {}", machine(), commit(root)));
    let runs = |bench: &&str| chosen(bench) && (name.is_some() || *bench != LANGUAGES);
    for bench in BENCHES.into_iter().filter(runs) {
        let mut command = cargo(root);
        command.args(["bench", "--quiet", "--package", "roro-benches", "--bench", bench]);
        crate::tools::run(command.env(services::POSTGRES_URL, &database.url).env("RORO_BENCH_FIGURES", &figures))?;
    }
    if chosen(EXTISM) {
        let mut command = Command::new(root.join("target/extism/release/roro-bench-extism"));
        command.current_dir(root).arg(&languages).env("RORO_BENCH_FIGURES", &figures);
        crate::tools::run(
            command.arg(root.join("target/extism").join(EXTISM_TARGET).join("plugin/roro_bench_extism_guest.wasm")),
        )?;
    }
    drop(database);
    print_figures(root, &figures)
}

/// Builds the benches; gives the program of the bench `languages`, which the comparison with extism starts.
fn build(root: &Path) -> Result<PathBuf> {
    let mut command = cargo(root);
    command.args(["bench", "--no-run", "--package", "roro-benches", "--benches", "--message-format", "json-render-diagnostics"]);
    let output = command.stderr(std::process::Stdio::inherit()).output().context("cargo bench")?;
    if !output.status.success() {
        bail!("the benches do not build");
    }
    let programs = String::from_utf8_lossy(&output.stdout);
    let languages =
        programs.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()).find_map(|message| {
            let is_it = message.pointer("/target/name")?.as_str()? == LANGUAGES;
            message.pointer("/executable")?.as_str().filter(|_| is_it).map(PathBuf::from)
        });
    languages.with_context(|| format!("cargo names no program of the bench `{LANGUAGES}`"))
}

/// Builds the guest of the other workspace, which both sides call.
fn build_extism_guest(root: &Path) -> Result<()> {
    plugins::add_target(root, EXTISM_TARGET)?;
    let guest = ["--profile", "plugin", "--target", EXTISM_TARGET];
    crate::tools::run(extism::build(root, "roro-bench-extism-guest").args(guest))
}

/// Builds the program of the other workspace.
fn build_extism(root: &Path) -> Result<()> {
    say("building the comparison with extism (some minutes the first time: it has a wasmtime of its own)");
    crate::tools::run(extism::build(root, "roro-bench-extism").args(["--release", "--bin", "roro-bench-extism"]))
}

/// Builds the rule in other languages as an author would: a project of `roro plugin new` with our sources in it, and `roro plugin build`.
fn build_projects(root: &Path) -> Result<()> {
    need("node", "nodejs", Vec::new)?;
    need("npm", "npm", Vec::new)?;
    need_venv(need("python3", "python3", Vec::new)?)?;
    let made = root.join("target/bench-guests");
    for (folder, language) in PROJECTS {
        say(&format!("building the rule in {folder} (the first time its tools are fetched: some minutes)"));
        let project = made.join(folder);
        let roro = |arguments: &[&str]| {
            let mut command = Command::new(root.join("target/release/roro"));
            command.current_dir(root).env("RORO_DATA_DIR", made.join("data")).args(["plugin"]).args(arguments);
            command
        };
        clear(&project)?;
        // Beside it, because `plugin new` wants an empty folder and the tools are to stay where they are.
        let (fresh, name) = (made.join(format!("{folder}-new")), project.display().to_string());
        std::fs::remove_dir_all(&fresh).ok();
        let out = fresh.display().to_string();
        crate::tools::run(&mut roro(&["new", "bench", "--lang", language, "--hook", "documents", "--out", &out]))?;
        copy(&fresh, &project)?;
        std::fs::remove_dir_all(&fresh).context(out)?;
        copy(&root.join("benches/guests").join(folder), &project)?;
        crate::tools::run(&mut roro(&["build", &name]))?;
    }
    Ok(())
}

/// Removes from a project everything but what its tools are.
fn clear(project: &Path) -> Result<()> {
    if !project.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(project).with_context(|| project.display().to_string())? {
        let path = entry?.path();
        if INSTALLED.iter().any(|kept| path.ends_with(kept)) {
            continue;
        }
        let removed = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        removed.with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// Copies a folder's files into another, over those that are there.
fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| to.display().to_string())?;
    for entry in std::fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let (path, place) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &place)?;
        } else {
            std::fs::copy(&path, &place).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
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
