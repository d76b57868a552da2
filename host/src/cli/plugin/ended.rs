//! How a command ends before its end when the machine is not to blame: what it says, and its exit code.
//!
//! Whatever else goes wrong is the machine's fault and ends as in every command, with code 3.

use anyhow::{Error, Result};
use roro_pack::reader::Problem;
use std::fmt::Display;
use std::process::ExitCode;

use super::say;
use crate::cli::EXIT_USAGE;

/// A test or a check has failed.
pub(super) const EXIT_CHECK: u8 = 1;

/// Carried as an error to the command's end. The last line says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{said}")]
struct Ended {
    code: u8,
    said: String,
}

/// The input or the usage is wrong.
pub(super) fn wrong_input(said: impl Display) -> Error {
    Ended { code: EXIT_USAGE, said: said.to_string() }.into()
}

/// A test or a check has failed.
pub(super) fn check_failed(said: impl Display) -> Error {
    Ended { code: EXIT_CHECK, said: said.to_string() }.into()
}

/// A file is wrong: every problem with its place and its fix.
pub(super) fn problems(what: impl Display, problems: &[Problem]) -> Error {
    let count = say::counted(problems.len(), "problem");
    let lines: String = problems.iter().map(|problem| format!("\n{}", line(problem))).collect();
    wrong_input(format!("{what} has {count}{lines}"))
}

/// A problem on two lines: where and what, then the fix.
fn line(problem: &Problem) -> String {
    let Problem { file, line, column, item, message, fix } = problem;
    let place = if *line > 0 { format!("{file}:{line}:{column}") } else { file.clone() };
    let item = if item.is_empty() { String::new() } else { format!("{item}: ") };
    format!("{place}: {item}{message}\n    fix: {fix}")
}

/// Says why a command ended and turns it into its exit code.
pub(super) fn settle(result: Result<ExitCode>) -> Result<ExitCode> {
    match result {
        Err(error) => match error.downcast_ref::<Ended>() {
            Some(ended) => {
                // What it says may quote a file that a stranger wrote.
                for line in format!("error: {error:#}").lines() {
                    eprintln!("{}", say::plain(line));
                }
                Ok(ExitCode::from(ended.code))
            }
            None => Err(error),
        },
        Ok(code) => Ok(code),
    }
}
