//! `roro compile-component`: what the server starts to compile a component that somebody has sent. Not for people.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use super::{EXIT_FAILURE, EXIT_USAGE};
use crate::guest::Runner;
use crate::guest::compiler::{Bounds, REFUSED};
use crate::plugin::component::Components as _;
use crate::plugin::package::limits::COMPONENT_BYTES_MAX;

/// Compile the component on standard input within bounds, and leave its artifact in the data folder.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Processor time, seconds.
    #[arg(long, value_name = "SECONDS")]
    cpu_seconds: u64,
    /// Memory, bytes.
    #[arg(long, value_name = "BYTES")]
    memory_bytes: u64,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    // Before a byte of the component is read.
    Bounds { cpu_s_max: arguments.cpu_seconds, memory_bytes_max: arguments.memory_bytes }.apply()?;
    let mut bytes = Vec::new();
    std::io::stdin().take(COMPONENT_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    let runner = match Runner::open(&arguments.data) {
        Ok(runner) => runner,
        Err(error) => {
            eprintln!("{error}");
            return Ok(ExitCode::from(EXIT_FAILURE));
        }
    };
    // Name and version belong to the package, which the server has read.
    match runner.load("the component", &semver::Version::new(0, 0, 0), &bytes) {
        Ok(_) => Ok(ExitCode::SUCCESS),
        Err(unfit) => {
            eprintln!("{unfit}");
            debug_assert_eq!(REFUSED, EXIT_USAGE);
            Ok(ExitCode::from(REFUSED))
        }
    }
}
