//! `roro plugin dev`: build and test again each time a file of the project is saved.

use anyhow::{Context as _, Result};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};

use super::bench::{Bench, Engine};
use super::difference::differences;
use super::fixture::Verdict;
use super::project::{Project, Which};
use super::watch::{self, Seen};
use super::{build, ended, say, test};
use crate::document::hook::Reply;
use crate::guest::Runner;

/// How often the files are looked at.
const PERIOD: Duration = Duration::from_millis(500);

/// Build and test a plugin each time a file of it is saved.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Looks at src, roro-sdk, plugin.toml, locales, fixtures and what names the tools (Cargo.toml, package.json, requirements.txt) twice a second. Exit codes: 0 ended by Ctrl-C, or with \
--once all is as expected; 1 with --once, something is not; 2 the usage, plugin.toml or a fixture is wrong; 3 the machine failed."
)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    project: Which,
    /// Do one round and end.
    #[arg(long)]
    once: bool,
    /// Also show what the plugin logged.
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    engine: Engine,
}

/// What a fixture gave: whether it passed, the code with which the call failed, and what was said.
struct Gave {
    passed: bool,
    failure: Option<&'static str>,
    reply: Reply,
}

pub(super) async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let folder = arguments.project.folder();
    // A folder without plugin.toml would be watched for ever; a plugin.toml that is wrong is mended while we look.
    if arguments.once || !folder.join(super::project::MANIFEST).is_file() {
        Project::open(folder)?;
    }
    let runner = arguments.engine.start()?;
    let mut interrupt = signal(SignalKind::interrupt()).context("signals cannot be received")?;
    let mut before: Option<BTreeMap<String, Gave>> = None;
    let mut seen = Seen::of(folder);
    let mut builds = true;
    loop {
        let round = round(arguments, &runner, builds, before.as_ref()).await;
        if arguments.once {
            let passed = round?.values().all(|gave| gave.passed);
            return Ok(ExitCode::from(if passed { 0 } else { ended::EXIT_CHECK }));
        }
        match round {
            Ok(gave) => (before, builds) = (Some(gave), false),
            Err(error) => {
                // What does not build now is built again with the next change, whatever that is.
                builds = true;
                ended::settle(Err(error))?;
            }
        }
        eprintln!("watching {}; Ctrl-C ends", folder.display());
        let changed = loop {
            tokio::select! {
                _ = interrupt.recv() => return Ok(ExitCode::SUCCESS),
                () = tokio::time::sleep(PERIOD) => {}
            }
            let now = Seen::of(folder);
            let changed = now.changed_since(&seen);
            if !changed.is_empty() {
                seen = now;
                break changed;
            }
        };
        builds |= changed.iter().any(|path| watch::is_code(path));
        println!("\nchanged: {}", changed.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "));
    }
}

/// Builds if it must, runs the fixtures, and says what has changed since the round before.
async fn round(
    arguments: &Arguments,
    runner: &Runner,
    builds: bool,
    before: Option<&BTreeMap<String, Gave>>,
) -> Result<BTreeMap<String, Gave>> {
    let began = Instant::now();
    let project = Project::open(arguments.project.folder())?;
    if builds {
        build::build(&project, runner)?.say();
    }
    let bench = Bench::open(project, runner.clone())?;
    let verdicts = test::verdicts(&bench, None, false).await?;
    test::tell(&verdicts, arguments.verbose);
    let gave: BTreeMap<String, Gave> = verdicts.iter().map(|verdict| (verdict.fixture.clone(), Gave::of(verdict))).collect();
    if let Some(before) = before {
        let news = news(before, &gave);
        println!("{}", if news.is_empty() { "Since the last round nothing is different." } else { "Since the last round:" });
        for line in news {
            println!("{}{line}", say::INDENT);
        }
    }
    println!("The round took {}.", say::seconds(began.elapsed()));
    Ok(gave)
}

impl Gave {
    fn of(verdict: &Verdict) -> Self {
        let failure = verdict.called.failure.as_ref().map(|failure| failure.code);
        Self { passed: verdict.passed, failure, reply: verdict.called.bare() }
    }

    fn word(&self) -> &'static str {
        if self.passed { "ok" } else { "FAILED" }
    }
}

/// What is different, fixture by fixture.
fn news(before: &BTreeMap<String, Gave>, now: &BTreeMap<String, Gave>) -> Vec<String> {
    let mut lines: Vec<String> =
        before.keys().filter(|name| !now.contains_key(*name)).map(|name| format!("{name}: is gone")).collect();
    for (name, gave) in now {
        let Some(old) = before.get(name) else {
            lines.push(format!("{name}: is new, {}", gave.word()));
            continue;
        };
        if old.passed != gave.passed {
            lines.push(format!("{name}: was {}, is {}", old.word(), gave.word()));
        }
        if old.failure != gave.failure {
            let ended =
                |failure: Option<&str>| failure.map_or_else(|| "ended well".to_owned(), |code| format!("failed with {code}"));
            lines.push(format!("{name}: {} before, {} now", ended(old.failure), ended(gave.failure)));
        }
        lines.extend(differences(&old.reply, &gave.reply).into_iter().map(|line| format!("{name}: {line}")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Finding, Severity};

    #[test]
    fn only_what_is_different_is_news() {
        let gave = |passed, failure, rules: &[&str]| Gave {
            passed,
            failure,
            reply: Reply {
                findings: rules.iter().map(|rule| Finding::of_host(rule, Severity::Warn, "/x", &[])).collect(),
                lines: Vec::new(),
            },
        };
        let of =
            |list: Vec<(&str, Gave)>| list.into_iter().map(|(name, gave)| (name.to_owned(), gave)).collect::<BTreeMap<_, _>>();
        let before = of(vec![("a", gave(true, None, &["R-1"])), ("b", gave(true, None, &[])), ("c", gave(true, None, &[]))]);
        let now =
            of(vec![("a", gave(false, None, &["R-2"])), ("b", gave(false, Some("denied"), &[])), ("d", gave(true, None, &[]))]);
        let expected = [
            "c: is gone",
            "a: was ok, is FAILED",
            "a: - WARN R-1 /x",
            "a: + WARN R-2 /x",
            "b: was ok, is FAILED",
            "b: ended well before, failed with denied now",
            "d: is new, ok",
        ];
        assert_eq!(news(&before, &now), expected);
        assert_eq!(news(&now, &now), [] as [String; 0]);
    }
}
