//! `roro plugin run`: one hook, one order.

use anyhow::{Context as _, Result};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use super::bench::{Bench, Engine};
use super::project::{Project, Which};
use super::{ended, say, test};
use crate::cli::EXIT_USAGE;
use crate::order;
use crate::plugin::manifest::HookName;

/// Ask a plugin about an order, in the sandbox, under the limits of production.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The plugin has every grant that it asks for. Exit codes: 0 it has answered, whatever it found; 1 it was stopped; \
2 the usage, plugin.toml or the order file is wrong; 3 the machine failed."
)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    project: Which,
    /// The order file (`roro order schema` prints its JSON Schema).
    #[arg(long, value_name = "ORDER.json")]
    order: PathBuf,
    /// The hook: one of those in plugin.toml.
    #[arg(long, value_name = "HOOK")]
    hook: HookName,
    /// The date whose rules apply; without it, the order's contract date.
    #[arg(long, value_name = "DATE")]
    as_of: Option<Date>,
    /// A setting, as an administrator would fill it in. May be given several times.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,
    /// Also show what the plugin logged.
    #[arg(short, long)]
    verbose: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    engine: Engine,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
    pair.ok_or_else(|| "write it as KEY=VALUE".to_owned())
}

pub(super) async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::open(arguments.project.folder())?;
    let (path, hook) = (&arguments.order, arguments.hook);
    let bytes = fs::read(path).map_err(|error| {
        ended::wrong_input(format!("cannot read {}: {error}\nName an order file with --order", path.display()))
    })?;
    let snapshot = match order::read(&bytes) {
        Ok(snapshot) => snapshot,
        Err(problems) => {
            crate::cli::order::say_problems(path, &problems, arguments.json)?;
            return Ok(ExitCode::from(EXIT_USAGE));
        }
    };
    if !project.manifest.hooks.iter().any(|own| own.name == hook) {
        let own: Vec<&str> = project.manifest.hooks.iter().map(|own| own.name.as_str()).collect();
        return Err(ended::wrong_input(format!("plugin.toml declares no hook `{hook}`\nAsk through one of: {}", own.join(", "))));
    }
    if hook == HookName::App {
        let test = project.command("test --fixture NAME");
        return Err(ended::wrong_input(format!(
            "an app is asked over records and more than one file\nMake a fixture of it: {test}"
        )));
    }
    let settings = settings(&project, &arguments.settings)?;
    let bench = Bench::open(project, arguments.engine.start()?)?;
    let as_of = arguments.as_of.unwrap_or_else(|| snapshot.legal_date());
    let plugin = bench.plugin(settings, &bench.asked());
    let called = bench.ask(plugin, Arc::new(snapshot), as_of, hook).await;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&called).context("the answer as JSON")?);
    } else {
        println!("{:7} {hook}  {}", if called.failure.is_none() { "done" } else { "STOPPED" }, say::cost(&called));
        test::outcome(&called, arguments.verbose);
    }
    if let Some(failure) = called.failure.as_ref().filter(|_| !arguments.json) {
        eprintln!("error: the plugin was stopped ({0})\nWhat that means: roro plugin explain {0}", failure.code);
    }
    Ok(ExitCode::from(if called.failure.is_none() { 0 } else { ended::EXIT_CHECK }))
}

/// The settings, checked as an administrator's are.
fn settings(project: &Project, given: &[(String, String)]) -> Result<BTreeMap<String, String>> {
    let given: BTreeMap<String, String> = given.iter().cloned().collect();
    project.manifest.check_settings(&given).map_err(|wrong| {
        let key = |pointer: &str| pointer.trim_start_matches("/settings/").to_owned();
        let lines: String =
            wrong.iter().map(|one| format!("\n--set {}=…: {}\n    fix: {}", key(&one.pointer), one.message, one.fix)).collect();
        ended::wrong_input(format!("the settings do not fit plugin.toml{lines}"))
    })
}
