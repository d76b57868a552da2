//! `roro config …`: the settings as they count, and everything that is wrong with them.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;
use tracing_subscriber::EnvFilter;

use super::EXIT_USAGE;
use super::place::Place;
use super::setup::DataFolder;
use crate::config::{Config, Problem, Setting};
use crate::plugin::signature::PublicKey;

/// What can be asked about the settings.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Show(Show),
}

/// Show every setting with its value, its unit and where it came from: what ships, the file, the environment, the command line.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "It reads settings only: no database is opened. What may hold a password is shown as `set` or `not set`. Everything that is \
wrong is listed at the end, each with its place and its fix. Exit codes: 0 the settings are good; 2 they are not, or the usage is wrong."
)]
pub(super) struct Show {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    data: DataFolder,
    /// Print JSON, with what each setting does.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: Command) -> Result<ExitCode> {
    let Command::Show(arguments) = command;
    let layers = arguments.place.layers(&arguments.data);
    let (config, mut problems) = layers.judged();
    if let Some(config) = &config {
        judge(config, &mut problems);
    }
    let settings = layers.settings();
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&json!({ "settings": settings, "problems": problems }))?);
    } else {
        print(&settings);
        for problem in &problems {
            eprintln!("error: {}: {}\n    fix: {}", problem.place, problem.message, problem.fix);
        }
    }
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_USAGE) })
}

/// What the parts that take these settings would refuse at the start.
fn judge(config: &Config, problems: &mut Vec<Problem>) {
    let mut wrong = |place: &str, message: String, fix: &str| problems.push(Problem::new(place, message, fix));
    if let Err(error) = EnvFilter::try_new(&config.log.filter) {
        wrong("log.filter", error.to_string(), "write for example: info,roro=debug");
    }
    for key in &config.plugins.trusted_keys {
        if let Err(error) = key.parse::<PublicKey>() {
            wrong("plugins.trusted_keys", error.to_string(), "write keys as `roro plugin keygen` prints them");
        }
    }
    let url = config.database().url;
    if !["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
        let message = "it is the address of no database that roro knows".to_owned();
        wrong("database.url", message, "write sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME");
    }
    for (place, address, may_be_empty) in
        [("http.listen", &config.http.listen, false), ("metrics.listen", &config.metrics.listen, true)]
    {
        let port = address.rsplit_once(':').and_then(|(host, port)| port.parse::<u16>().ok().filter(|_| !host.is_empty()));
        if port.is_none() && !(may_be_empty && address.is_empty()) {
            wrong(place, format!("`{address}` is no address with a port"), "write for example 127.0.0.1:8080");
        }
    }
}

fn print(settings: &[Setting]) {
    let rows: Vec<[String; 4]> = settings.iter().map(row).collect();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let [key, value, unit] = [0, 1, 2].map(|column| width(column).unwrap_or_default().min(60));
    println!("{:key$}  {:value$}  {:unit$}  FROM", "SETTING", "VALUE", "UNIT");
    for [name, shown, counted, from] in &rows {
        println!("{name:key$}  {shown:value$}  {counted:unit$}  {from}");
    }
}

fn row(setting: &Setting) -> [String; 4] {
    let value = match (&setting.value, setting.set) {
        (Some(value), _) => value.to_string(),
        (None, Some(true)) => "set".to_owned(),
        (None, _) => "not set".to_owned(),
    };
    let from = match &setting.place {
        Some(place) => format!("{} {place}", setting.from.as_str()),
        None => setting.from.as_str().to_owned(),
    };
    [setting.key.clone(), value, setting.unit.unwrap_or_default().to_owned(), from]
}
