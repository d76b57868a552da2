//! `roro plugin test`: every fixture through the real engine.

use anyhow::Result;
use serde_json::json;
use std::process::ExitCode;

use super::bench::{Bench, Engine};
use super::called::Called;
use super::fixture::{self, Verdict};
use super::project::{Project, Which};
use super::{ended, say};

/// Run the fixtures of a plugin in the sandbox, under the limits of production.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A fixture is a folder below fixtures/ with order.json, fixture.toml and expected.json. fixture.toml has `hook`, and \
where they are needed `as_of`, [settings], `grants`, [faults] with `no_fuel` or `deny`, and `expect` with the code of a failure. \
A fixture of the hook `app` has [app] with `ask` (act, event, schedule, task), `name`, `target`, `inputs` and `payload`, and may have records.json, \
fetches.json and effects.json.\n\nExit \
codes: 0 all are as expected; 1 one is not; 2 the usage, plugin.toml or a fixture is wrong; 3 the machine failed."
)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    project: Which,
    /// Only this one.
    #[arg(long, value_name = "NAME")]
    fixture: Option<String>,
    /// Write what was found as what is expected.
    #[arg(long)]
    bless: bool,
    /// Also show what the plugin logged.
    #[arg(short, long)]
    verbose: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    engine: Engine,
}

pub(super) async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::open(arguments.project.folder())?;
    let bench = Bench::open(project, arguments.engine.start()?)?;
    let verdicts = verdicts(&bench, arguments.fixture.as_deref(), arguments.bless).await?;
    let failed = verdicts.iter().filter(|verdict| !verdict.passed).count();
    if arguments.json {
        let manifest = &bench.project.manifest;
        let report = json!({ "format": "roro.plugin-test/1", "plugin": manifest.id, "version": manifest.version, "component": bench.facts.digest,
            "passed": failed == 0, "fixtures": verdicts });
        println!("{}", serde_json::to_string_pretty(&report)?);
        return Ok(ExitCode::from(if failed == 0 { 0 } else { ended::EXIT_CHECK }));
    }
    tell(&verdicts, arguments.verbose);
    if failed == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    let (failed, bless) = (say::counted(failed, "fixture"), bench.project.command("test --bless"));
    Err(ended::check_failed(format!("{failed} failed\nMend the plugin or the fixture; if what came is right: {bless}")))
}

/// Runs the fixtures, once all of them could be read.
pub(super) async fn verdicts(bench: &Bench, only: Option<&str>, blesses: bool) -> Result<Vec<Verdict>> {
    let (mut fixtures, mut problems) = (Vec::new(), Vec::new());
    for name in fixture::names(&bench.project, only)? {
        match fixture::read(&bench.project, &name, blesses) {
            Ok(fixture) => fixtures.push(fixture),
            Err(found) => problems.extend(found),
        }
    }
    if !problems.is_empty() {
        return Err(ended::problems("the folder fixtures", &problems));
    }
    let mut verdicts = Vec::with_capacity(fixtures.len());
    for fixture in fixtures {
        verdicts.push(fixture::judge(bench, fixture, blesses).await?);
    }
    Ok(verdicts)
}

/// Says what came of the fixtures: a line each, the findings below it, and how many have failed.
pub(super) fn tell(verdicts: &[Verdict], verbose: bool) {
    let width = verdicts.iter().map(|verdict| verdict.fixture.chars().count()).max().unwrap_or_default();
    for verdict in verdicts {
        let word = if verdict.passed { "ok" } else { "FAILED" };
        println!("{word:7} {:width$}  {}", verdict.fixture, say::cost(&verdict.called));
        outcome(&verdict.called, verbose);
        for line in &verdict.wrong {
            println!("{}{}", say::INDENT, say::plain(line));
        }
        if verdict.blessed {
            println!("{}expected.json is written", say::INDENT);
        }
    }
    let failed = verdicts.iter().filter(|verdict| !verdict.passed).count();
    let fixtures = say::counted(verdicts.len(), "fixture");
    if failed == 0 {
        println!("{fixtures}: all as expected.");
    } else {
        println!("{fixtures}: {failed} FAILED.");
    }
}

/// The findings in words, or the failure; with `verbose` also the log.
pub(super) fn outcome(called: &Called, verbose: bool) {
    if let Some(failure) = &called.failure {
        println!("{}stopped: {} ({})", say::INDENT, say::plain(&failure.message), failure.code);
    }
    for told in &called.lines {
        say::line(told);
    }
    for told in &called.findings {
        say::finding(told);
    }
    for effect in called.effects.iter().flatten() {
        println!("{}proposes {}", say::INDENT, say::plain(&effect.to_string()));
    }
    if verbose {
        say::log(called);
    }
}
