//! `roro order …`.

use anyhow::Result;
use clap::Subcommand;
use std::process::ExitCode;

/// What can be done with order files.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print the JSON Schema of the order file.
    Schema,
    /// Print every field path that packs can read, as a page.
    Fields,
}

pub(super) fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::Schema => println!("{}", serde_json::to_string_pretty(crate::order::reader::schema())?),
        Command::Fields => print!("{}", crate::order::fields::page()),
    }
    Ok(ExitCode::SUCCESS)
}
