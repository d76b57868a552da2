//! The benches, with the machine and the commit that they were taken on.

use anyhow::Result;
use std::path::Path;
use std::process::Command;

use crate::tools::{cargo, say};
use crate::{fonts, plugins, services};

pub(crate) fn run(root: &Path, name: Option<&str>) -> Result<()> {
    fonts::fetch(&root.join("data"))?;
    plugins::build(root)?;
    let database = services::postgres()?;
    let mut bench = cargo(root);
    bench.args(["bench", "--package", "roro-benches"]).env(services::POSTGRES_URL, &database.url);
    if let Some(name) = name {
        bench.args(["--bench", name]);
    }
    say(&format!("machine: {}, commit {}", machine(), commit(root)));
    let result = crate::tools::run(&mut bench);
    drop(database);
    result
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")).and_then(|line| line.split_once(':'));
    format!("{cores} cores, {}", model.map_or("unknown processor", |(_, name)| name.trim()))
}

fn commit(root: &Path) -> String {
    let output = Command::new("git").args(["describe", "--always", "--dirty"]).current_dir(root).output();
    output.map_or_else(|_| "unknown".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
