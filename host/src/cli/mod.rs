//! The command line: `roro …`. Thin: it reads arguments, calls the same verbs as every other door, and prints.
//!
//! Results go to standard output, errors and progress to standard error; the last line of an error is what to do. Exit codes stand in
//! each command's help.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line")]

mod compile;
mod completions;
mod config;
mod documents;
mod log;
mod migrate;
mod order;
mod pack;
mod place;
mod plugin;
mod serve;
mod setup;
mod tenant;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Runs an export firm's business around its orders; country logic runs as sandboxed plugins.
#[derive(Debug, Parser)]
#[command(name = "roro", version, max_term_width = 110)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(hide = true)]
    CompileComponent(compile::Arguments),
    Completions(completions::Arguments),
    /// The settings: what counts, and where it came from.
    #[command(subcommand)]
    Config(config::Command),
    /// Check an order file and write its documents, without a server.
    Documents(documents::Arguments),
    Migrate(migrate::Arguments),
    /// Print the description of the HTTP door, OpenAPI 3.1.
    Openapi,
    /// Order files and orders: import, list, show; the schema of the file.
    #[command(subcommand)]
    Order(order::Command),
    /// Country packs: what they check, where their rules come from, which a tenant has installed.
    #[command(subcommand)]
    Pack(pack::Command),
    /// Plugins: make, test, pack and sign one; install, release and activate one for a tenant.
    #[command(subcommand)]
    Plugin(plugin::Command),
    Serve(serve::Arguments),
    /// The firms that this installation serves.
    #[command(subcommand)]
    Tenant(tenant::Command),
}

/// Wrong usage or input of a wrong shape.
pub(crate) const EXIT_USAGE: u8 = 2;
/// The machine's fault: a file that cannot be written, a plugin that was stopped.
pub(crate) const EXIT_FAILURE: u8 = 3;

/// Parses the process's arguments and runs the command.
pub async fn run() -> ExitCode {
    let arguments = Arguments::parse();
    if !matches!(arguments.command, Command::Serve(_)) {
        log::quiet();
    }
    let result = match arguments.command {
        Command::CompileComponent(arguments) => compile::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Config(command) => config::run(command),
        Command::Documents(arguments) => documents::run(arguments).await,
        Command::Order(command) => order::run(command).await,
        Command::Migrate(arguments) => migrate::run(arguments).await,
        Command::Openapi => openapi(),
        Command::Pack(command) => pack::run(command).await,
        Command::Plugin(command) => plugin::run(command).await,
        Command::Serve(arguments) => serve::run(arguments).await,
        Command::Tenant(command) => tenant::run(command).await,
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(EXIT_FAILURE)
    })
}

fn openapi() -> anyhow::Result<ExitCode> {
    println!("{}", serde_json::to_string_pretty(&crate::http::description())?);
    Ok(ExitCode::SUCCESS)
}
