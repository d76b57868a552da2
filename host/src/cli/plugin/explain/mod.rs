//! `roro plugin explain`: what a code or a grant means, and what to do.

mod failures;
mod grants;
mod refusals;
#[cfg(test)]
mod tests;

use anyhow::Result;
use roro_pack::reader::suggest;
use serde::Serialize;
use std::process::ExitCode;

use super::ended;

/// Say what a failure code, a refused signature or a grant means, and what to do.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 done; 2 there is no such code; 3 the machine failed.")]
pub(in crate::cli) struct Arguments {
    /// The code, or the grant's name; without it, all of them are listed.
    #[arg(value_name = "CODE")]
    code: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What a code is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// A call that did not end well.
    Failure,
    /// A package that is not taken.
    Refusal,
    /// Something that a plugin can be given.
    Grant,
}

impl Kind {
    fn about(self) -> &'static str {
        match self {
            Self::Failure => "a call failed",
            Self::Refusal => "a package is refused",
            Self::Grant => "a grant",
        }
    }
}

/// A code in words.
#[derive(Debug, Clone, Copy, Serialize)]
struct Text {
    code: &'static str,
    kind: Kind,
    /// What it means, on one line.
    means: &'static str,
    /// What to do, or the lines of plugin.toml.
    todo: &'static str,
}

fn texts() -> impl Iterator<Item = Text> {
    failures::TEXTS.iter().chain(refusals::TEXTS).chain(grants::TEXTS).copied()
}

/// The codes with which a call can fail.
pub(super) fn failure_codes() -> impl Iterator<Item = &'static str> {
    failures::TEXTS.iter().map(|text| text.code)
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let found: Vec<Text> = texts().filter(|text| arguments.code.as_deref().is_none_or(|code| code == text.code)).collect();
    if let (Some(code), true) = (&arguments.code, found.is_empty()) {
        let fix = suggest(code, texts().map(|text| text.code), "roro plugin explain lists them all");
        return Err(ended::wrong_input(format!("there is no code and no grant `{code}`\n{fix}")));
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&found)?);
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.code.is_none() {
        println!("{:16} {:21} MEANS", "CODE", "WHEN");
        for text in &found {
            println!("{:16} {:21} {}", text.code, text.kind.about(), text.means);
        }
        println!("roro plugin explain CODE says what to do.");
        return Ok(ExitCode::SUCCESS);
    }
    for text in &found {
        println!("{} ({})", text.code, text.kind.about());
        println!("{}", text.means);
        println!("\n{}", text.todo);
    }
    Ok(ExitCode::SUCCESS)
}
