//! Programs of the machine that make components, and what stands in a project's folder of theirs.

use anyhow::{Context as _, Result};
use std::fs;
use std::io::{ErrorKind, stderr};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

/// A program that must be there.
pub(super) struct Tool {
    /// As it is called.
    pub(super) program: &'static str,
    /// As people call it.
    pub(super) name: &'static str,
    /// The oldest version that will do: major and minor.
    pub(super) at_least: (u32, u32),
    /// The line that installs it.
    pub(super) install: &'static str,
}

impl Tool {
    /// Fails, with the line that installs it, when it is not there or is too old.
    pub(super) fn must_be_there(&self) -> Result<()> {
        let Self { program, name, at_least: (major, minor), install } = self;
        let answer = match Command::new(program).arg("--version").output() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                anyhow::bail!("{program} is not there\nInstall {name}: {install}")
            }
            answer => answer.with_context(|| format!("{program} cannot be run"))?,
        };
        let said = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
        match version(&said) {
            Some(found) if found >= (*major, *minor) => Ok(()),
            _ => anyhow::bail!("{program} says `{said}`, and {major}.{minor} or newer is needed\nInstall {name}: {install}"),
        }
    }
}

/// Major and minor of what a program says of itself: `v20.20.2`, `Python 3.11.7`.
fn version(said: &str) -> Option<(u32, u32)> {
    let (_, from) = said.char_indices().find(|(_, one)| one.is_ascii_digit()).and_then(|(at, _)| said.split_at_checked(at))?;
    let mut numbers = from.split(|one: char| !one.is_ascii_digit()).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Says on standard error how far the build is.
pub(super) fn say(step: &str) {
    eprintln!("    {step}");
}

/// Runs a command in a folder. All that it says goes to standard error: standard output is for what `build` itself says.
pub(super) fn run(command: &mut Command, folder: &Path) -> Result<ExitStatus> {
    let name = command.get_program().to_owned();
    let status = command.current_dir(folder).stdin(Stdio::null()).stdout(stderr()).stderr(Stdio::inherit()).status();
    status.with_context(|| format!("{} cannot be run", name.display()))
}

/// Whether this is what was written at the end of the last installation.
pub(super) fn is_stamped(stamp: &Path, wanted: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|found| found == wanted)
}

/// Writes that an installation is whole.
pub(super) fn stamp(stamp: &Path, wanted: &str) -> Result<()> {
    fs::write(stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_say_their_version_in_many_ways() {
        let said = ["v20.20.2", "Python 3.11.7", "10.9", "none", "v20", ""];
        assert_eq!(said.map(version), [Some((20, 20)), Some((3, 11)), Some((10, 9)), None, None, None]);
    }

    #[test]
    fn a_tool_that_is_missing_or_old_is_named_with_the_line_that_installs_it() {
        let tool = |program, at_least| Tool { program, name: "a tool", at_least, install: "apt-get install a-tool" };
        let missing = tool("no-such-program", (1, 0)).must_be_there().unwrap_err().to_string();
        assert_eq!(missing, "no-such-program is not there\nInstall a tool: apt-get install a-tool");
        let old = tool("cargo", (99, 0)).must_be_there().unwrap_err().to_string();
        assert!(old.contains("99.0 or newer is needed") && old.ends_with("Install a tool: apt-get install a-tool"), "{old}");
        tool("cargo", (1, 50)).must_be_there().unwrap();
    }
}
